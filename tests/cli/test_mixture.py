"""``forensics mixture``: what the golden scenes do not show."""

import pytest
from command_line import typed
from read_set_simulation import FORWARD, REVERSE, insert, needs_vsearch, pairs, write_pairs
from simulation import SPECIES


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    place = tmp_path_factory.mktemp("reads")
    ours = {insert(SPECIES[0]): 120, insert(SPECIES[3]): 50}
    return {
        "one": write_pairs(place, "one", pairs(ours, seed=1)),
        "two": write_pairs(place, "two", pairs(ours, seed=2)),
        "blank": write_pairs(place, "blank", pairs({insert(SPECIES[3]): 9}, errors=0, seed=3)),
    }


def mixture(reads, library, *more, sheet=None, **options):
    blank = [part for path in reads["blank"] for part in ("--blank", path)]
    files = ["--sheet", sheet] if sheet else [*reads["one"], *reads["two"], *blank]
    return typed(f"mixture --primers {FORWARD} {REVERSE} --library", library.path, *files, *more,
                 **options)  # fmt: skip


@needs_vsearch
def test_a_sheet_gives_the_same_as_files(reads, library, tmp_path):
    lines = [
        ",".join([*map(str, reads[name]), sample, replicate, role])
        for name, sample, replicate, role in (
            ("one", "one", "1", ""), ("two", "one", "2", ""), ("blank", "blank", "1", "blank"),
        )
    ]  # fmt: skip
    sheet = tmp_path / "run.csv"
    sheet.write_text("file1,file2,sample,replicate,role\n" + "\n".join(lines) + "\n")
    found = [
        mixture(reads, library, "--format", "json", sheet=one, SOURCE_DATE_EPOCH="1700000000")
        for one in (None, sheet)
    ]
    assert found[0].stdout == found[1].stdout != ""


def test_without_the_program_it_says_how_to_get_it(reads, library, tmp_path):
    found = mixture(reads, library, expect=1, PATH=str(tmp_path))
    assert "vsearch was not found" in found.stderr and "apt install vsearch" in found.stderr
    assert "2.22.0" in found.stderr and not found.stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("a.fq --sheet run.csv", "files or a sheet"),
        ("a.fq --blank a.fq", "given twice"),
        ("a.fq --quality-offset 50", "50"),
        ("a.fq --least-reads 0", "0"),
    ],
)
def test_options_that_do_not_fit_leave_with_2(arguments, message):
    assert message in typed(f"mixture {arguments}", expect=2).stderr


def test_a_ledger_takes_one_sample(tmp_path):
    sheet = tmp_path / "run.csv"
    sheet.write_text("file1,sample\na.fq,soup\nb.fq,broth\n")
    found = typed("mixture --ledger x.db --sample S1 --sheet", sheet, expect=2)
    assert "one sample" in found.stderr


@needs_vsearch
def test_a_work_folder_with_other_things_is_refused(reads, library, tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    found = mixture(reads, library, "--work", tmp_path, expect=2)
    assert "is not empty and is not a working folder of this command" in found.stderr
