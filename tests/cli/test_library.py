import csv
import hashlib
import io
import json

import pytest
from click.testing import CliRunner
from simulation import SPECIES, query

from forensics.barcode.reference.library import open_library
from forensics.cli import main


def forensics(*arguments):
    if arguments[:2] == ("library", "build"):
        # Random sequences have stop codons; screening is tested in test_library_build.py.
        arguments = (*arguments, "--no-screening")
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def references(tmp_path):
    path = tmp_path / "references.fasta"
    text = "".join(f">A{i}|{name}|COI|here\n{query(name)}\n" for i, name in enumerate(SPECIES))
    path.write_text(text + f">B1|sp.|COI|here\n{query()}\n")
    return path


def test_what_was_built_identifies(tmp_path, references):
    forensics("library", "build", references, "--output", tmp_path / "made", "--name", "mine")
    result = forensics("identify", references, "--library", tmp_path / "made", "--format", "json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [x["taxon"] for x in found[:-1]] == list(SPECIES)
    assert found[0]["provenance"]["library"]["name"] == "mine"


def test_building_into_a_folder_of_something_else_leaves_with_1(tmp_path, references):
    result = forensics("library", "build", references, "--output", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not a library; give a new folder" in result.stderr


def test_building_from_nothing_usable_leaves_no_folder(tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(">A1|Fictus albus|COI\nMTNIRKTHPL\n")
    result = forensics("library", "build", path, "--output", tmp_path / "made")
    assert result.exit_code == 1
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "content, code, part",
    [
        (None, 3, "missing"),
        (b"", 3, "is empty"),
        (b"%PDF", 3, "expected '>'"),
        (b">a Fictus albus\nACGT\n", 2, "--locus"),
    ],
)
def test_build_from_bad_files_says_why(tmp_path, content, code, part):
    path = tmp_path / "missing.fasta"
    if content is not None:
        path.write_bytes(content)
    result = forensics("library", "build", path, "--output", tmp_path / "made")
    assert (result.exit_code, result.stdout) == (code, "")
    assert part in result.stderr and "missing.fasta" in result.stderr
    assert not (tmp_path / "made").exists()


@pytest.fixture
def panel(tmp_path):
    path = tmp_path / "my panel.csv"
    path.write_text(
        f"taxon,loci,group\n{SPECIES[0]},COI;cytb,mice\nAbsentia,COI,mice\n"
        "Nihil primum,rbcL,plants\nNihil alterum,rbcL,plants\nNihil tertium,rbcL,plants\n"
        "Nihil quartum,rbcL,plants\nNihil quintum,rbcL,plants\n"
    )
    return path


def test_info_names_the_trafficked_taxa_that_are_missing_and_what_fetches_them(library):
    from forensics.barcode.reference.panels import TRAFFICKED, read_panel

    taxa = [taxon.taxon for taxon in read_panel(TRAFFICKED).taxa]
    text = forensics("library", "info", library.path).stdout
    assert f"Most seized taxa (panel targets): 0 of {len(taxa)} have records" in text
    assert ["elephants", "0", "of", "3", "missing:", "all"] in map(str.split, text.splitlines())
    fetching = "forensics library fetch --panel targets --source ncbi --email ADDRESS"
    assert fetching in text and "central-africa" in text
    found = json.loads(forensics("library", "info", library.path, "--format", "json").stdout)
    assert (found["panel"], found["missing"]) == ("targets", taxa)
    assert found["fetch"].startswith(fetching)
    assert found["groups"][0] == {
        "group": "elephants", "taxa": 3, "held": 0, "records": {}, "missing": taxa[:3],
    }  # fmt: skip


def test_info_of_a_panel_in_every_format(library, panel):
    asked = ("library", "info", library.path, "--panel", panel)
    lines = [line.split() for line in forensics(*asked).stdout.splitlines()]
    head = lines.index(["group", "taxon", "COI", "cytb", "rbcL", "12S"])
    assert lines[head + 1 : head + 4] == [
        ["mice", *SPECIES[0].split(), "3", "-", "3"],
        ["mice", "Absentia", "-"],
        ["plants", "Nihil", "primum", "-"],
    ]
    rows = list(csv.DictReader(io.StringIO(forensics(*asked, "--format", "csv").stdout)))
    assert [(row["taxon"], row["locus"], row["status"], row["records"]) for row in rows[:4]] == [
        (SPECIES[0], "COI", "thin", "3"), (SPECIES[0], "cytb", "missing", "0"),
        (SPECIES[0], "12S", "thin", "3"), ("Absentia", "COI", "missing", "0"),
    ]  # fmt: skip
    found = json.loads(forensics(*asked, "--format", "json").stdout)
    assert [(row["taxon"], row["locus"], row["status"], str(row["records"])) for row in found["taxa"]] == [
        (row["taxon"], row["locus"], row["status"], row["records"]) for row in rows
    ]  # fmt: skip
    assert found["missing"] == ["Absentia", *(f"Nihil {n}" for n in ("primum", "alterum", "tertium", "quartum", "quintum"))]  # fmt: skip
    # A path with a blank is quoted.
    assert f"--panel '{panel}' " in found["fetch"] and "'my panel.fasta'" in found["fetch"]


def test_the_rows_of_info_are_a_panel_again(library, panel, tmp_path):
    """What is missing can be cut out of the table and fetched."""
    from forensics.barcode.reference.panels import read_panel

    text = forensics("library", "info", library.path, "--panel", panel, "--format", "csv").stdout
    head, *rows = text.splitlines()
    again = tmp_path / "missing.csv"
    again.write_text("\n".join([head, *(row for row in rows if ",missing," in row)]) + "\n")
    taxa = read_panel(str(again)).taxa
    assert [(taxon.taxon, taxon.loci) for taxon in taxa[:2]] == [
        (SPECIES[0], ("cytb",)), ("Absentia", ("COI",)),
    ]  # fmt: skip


def test_a_library_with_all_of_a_panel_offers_no_fetch(library, panel):
    panel.write_text(f"taxon,loci\n{SPECIES[0]},COI\n")
    asked = ("library", "info", library.path, "--panel", panel)
    assert "fetch" not in forensics(*asked).stdout
    found = json.loads(forensics(*asked, "--format", "json").stdout)
    assert (found["missing"], found["fetch"]) == ([], "")


def test_info_of_a_panel_that_is_none(library, panel):
    result = forensics("library", "info", library.path, "--panel", "nothing")
    assert result.exit_code == 2 and "No panel is called 'nothing'" in result.stderr
    panel.write_text("taxon,loci\nFictus,XX\n")
    result = forensics("library", "info", library.path, "--panel", panel)
    assert result.exit_code == 3 and f"{panel}, line 2: Unknown locus 'XX'" in result.stderr
    assert result.stdout == ""


def test_a_place_that_cannot_be_written_leaves_with_1(tmp_path, library):
    place = tmp_path / "missing" / "x.zip"
    result = forensics("library", "export", library.path, "--output", place)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {tmp_path / 'missing'}")
    assert len(result.stderr.splitlines()) == 1


def test_a_ledger_that_is_not_there_is_named(library, tmp_path):
    result = forensics(
        "library", "diff", library.path, library.path, "--ledger", tmp_path / "none.db"
    )
    assert result.exit_code not in (0, None)
    assert "none.db" in result.stderr and "Traceback" not in result.stderr


def test_a_reader_that_goes_away_is_no_error(run, tmp_path, library):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n" * 300)
    script = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'forensics', 'identify', *sys.argv[1:]]\n"
        "with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:\n"
        "    process.stdout.readline()\n"
        "    process.stdout.close()\n"
        "    sys.stderr.buffer.write(process.stderr.read())\n"
    )
    found = run("-c", script, path, "--library", library.path)
    assert "Traceback" not in found.stderr


# -- synonyms ---------------------------------------------------------------------------


@pytest.fixture
def synonyms(tmp_path):
    path = tmp_path / "synonyms.csv"
    text = "\ufeffname;accepted;source\r\nFictus albus;Novus albus;Müller 1901\r\nBus;Cus;\r\n"
    path.write_bytes(text.encode())
    return path


def test_synonyms_are_applied_counted_listed_and_named_in_the_library(
    tmp_path, references, synonyms
):
    made = tmp_path / "made"
    result = forensics("library", "build", references, "--output", made, "--synonyms", synonyms)
    assert result.exit_code == 0, result.stderr
    assert f"1 record got the accepted name; see {made / 'renamed.tsv'}" in result.stdout
    assert f"{synonyms}, line 3: passed over: 'Bus'" in result.stderr
    rows = (made / "renamed.tsv").read_text(encoding="utf-8").splitlines()
    assert rows == [
        "accession\tlocus\tname\tsynonym\taccepted\tsource",
        "A0\tCOI\tFictus albus\tFictus albus\tNovus albus\tMüller 1901",
    ]
    said = json.loads((made / "library.json").read_text(encoding="utf-8"))["synonyms"]
    digest = hashlib.sha256(synonyms.read_bytes()).hexdigest()
    assert said == {"file": "synonyms.csv", "sha256": digest, "renamed": 1}
    record = next(r for r, _s in open_library(made).records("COI") if r.accession == "A0")
    assert (record.name, record.species, record.genus) == ("Fictus albus", "Novus albus", "Novus")
    found = forensics("identify", references, "--library", made, "--format", "json")
    assert json.loads(found.stdout.splitlines()[0])["taxon"] == "Novus albus"


def test_a_synonym_table_that_contradicts_itself_builds_nothing(tmp_path, references):
    table = tmp_path / "s.tsv"
    table.write_text("name\taccepted\nAus a\tBus a\nBus a\tAus a\n")
    made = tmp_path / "made"
    result = forensics("library", "build", references, "--output", made, "--synonyms", table)
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{table}, line 3: the table leads in a circle" in result.stderr
    assert not made.exists()


def test_without_synonyms_nothing_is_renamed(tmp_path, references):
    made = tmp_path / "made"
    forensics("library", "build", references, "--output", made)
    assert not (made / "renamed.tsv").exists()
    assert "synonyms" not in json.loads((made / "library.json").read_text(encoding="utf-8"))
