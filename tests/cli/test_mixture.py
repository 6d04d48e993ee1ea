import pytest
from click.testing import CliRunner
from read_set_simulation import FORWARD, REVERSE, insert, needs_vsearch, pairs, write_pairs
from simulation import SPECIES

from forensics.cli import main
from forensics.cli.output import Bar


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    place = tmp_path_factory.mktemp("reads")
    ours = {insert(SPECIES[0]): 200, insert(SPECIES[3]): 90}
    return {
        "one": write_pairs(place, "one", pairs(ours, seed=1)),
        "two": write_pairs(place, "two", pairs(ours, seed=2)),
        "blank": write_pairs(place, "blank", pairs({insert(SPECIES[3]): 9}, errors=0, seed=3)),
    }


def invoke(*arguments):
    return CliRunner().invoke(main, ["mixture", *map(str, arguments)])


@pytest.fixture
def given(reads, library):
    return [
        *reads["one"], *reads["two"], "--blank", reads["blank"][0], "--blank", reads["blank"][1],
        "--primers", FORWARD, REVERSE, "--library", library.path,
    ]  # fmt: skip


@needs_vsearch
def test_a_sheet_gives_the_same_as_files(given, reads, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    rows = [("one", "1", ""), ("two", "2", ""), ("blank", "1", "blank")]
    lines = [
        ",".join([*reads[name], "one" if not role else name, replicate, role])
        for name, replicate, role in rows
    ]
    sheet = tmp_path / "run.csv"
    sheet.write_text("file1,file2,sample,replicate,role\n" + "\n".join(lines) + "\n")
    rest = given[given.index("--primers") :]
    found = [
        invoke(*options, "--format", "json").stdout
        for options in (given, ["--sheet", sheet, *rest])
    ]
    assert found[0] == found[1] != ""


def test_without_the_program_it_says_how_to_get_it(given, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = invoke(*given)
    assert found.exit_code == 1 and found.stdout == ""
    assert "vsearch was not found" in found.stderr and "apt install vsearch" in found.stderr
    assert "2.22.0" in found.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "No files"),
        (["a_R1.fq"], "one of two mates"),
        (["a.fq", "--sheet", "run.csv"], "files or a sheet"),
        (["a.fq", "--blank", "a.fq"], "given twice"),
        (["a.fq", "--quality-offset", "50"], "50"),
        (["a.fq", "--least-reads", "0"], "0"),
        (["a.fq", "--maximum-errors", "0"], "0"),
    ],
)
def test_options_that_do_not_fit_leave_with_2(arguments, message):
    found = invoke(*arguments)
    assert found.exit_code == 2 and message in found.stderr


def test_a_ledger_takes_one_sample(tmp_path):
    sheet = tmp_path / "run.csv"
    sheet.write_text("file1,sample\na.fq,soup\nb.fq,broth\n")
    found = invoke("--sheet", sheet, "--ledger", tmp_path / "x.db", "--sample", "S1")
    assert found.exit_code == 2 and "one sample" in found.stderr


@needs_vsearch
def test_a_work_folder_with_other_things_is_refused(given, tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    found = invoke(*given, "--work", tmp_path)
    assert (
        found.exit_code == 2
        and "is not empty and is not a working folder of this command" in found.stderr
    )


def test_the_bar_of_each_thing_that_is_done_begins_anew(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    bar = Bar()
    for told in [("Sorting", 0, 10), ("Sorting", 7, 10), ("Sorting", 2, 5), ("Naming", 1, 2)]:
        bar.show(*told)
    bar.close()
    shown = capsys.readouterr().err
    assert "Sorting" in shown and "Naming" in shown and "7/10" in shown and "2/5" in shown
