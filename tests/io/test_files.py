"""Names of files that are not UTF-8, as old sticks have them, stop nothing and are told apart."""

import csv
import json
import os
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from simulation import ab1, query

import forensics
from forensics.cli import main
from forensics.core.provenance import Provenance
from forensics.errors import InputError, UsageError
from forensics.io.files import FORMATS, making_folder, recognise, shown_name

ONE, OTHER = query("Fictus albus"), query("Exemplum primum")
# Of Latin-1: é, and an è that is one byte, too.
PIECE, OTHER_PIECE = b"pi\xe9ce", b"pi\xe8ce"


def test_bytes_that_are_no_utf_8_are_written_as_in_a_url():
    assert shown_name("pi\udce9ce.fasta") == "pi%E9ce.fasta"
    assert shown_name("pièce 100%.fasta") == "pièce 100%.fasta"
    assert shown_name("half \ud83d") == "half %uD83D"
    assert shown_name("a\udce9") != shown_name("a\udce8")


def test_a_provenance_has_no_name_that_cannot_be_stored():
    made = Provenance(
        "x", "1", {"files": [{"file": "c\udce9"}]}, {"pcrs": ({"files": ("a\udce9",)},)},
        {"file": "b\udce9", "sha256": ""}, "2026",
    )  # fmt: skip
    assert json.dumps(made.to_dict(), ensure_ascii=False).encode()
    assert made.input["file"] == "b%E9" and made.library["files"] == [{"file": "c%E9"}]
    whole = {"file": "b", "sha256": ""}
    assert Provenance("x", "1", {}, {}, whole, "2026").input is whole


@pytest.fixture
def folder(tmp_path):
    """A folder with files whose names no UTF-8 has; skipped where the system takes none."""
    if sys.platform in ("win32", "darwin"):
        pytest.skip("file names of this system are Unicode")
    for name, content in (
        (PIECE + b".fasta", f">S1\n{ONE}\n".encode()),
        (OTHER_PIECE + b".fasta", f">S2\n{OTHER}\n".encode()),
        (PIECE + b"_F.ab1", ab1(ONE, [40] * len(ONE))),
        (b"z.fasta", f">S3\n{ONE}\n".encode()),
    ):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(content)
    return tmp_path


def files_of(folder):
    return sorted(str(path) for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize("style", ["json", "csv", "table"])
def test_identify_examines_every_file(folder, library_folder, style):
    asked = ["identify", *files_of(folder), "--library", str(library_folder), "--format", style]
    found = CliRunner().invoke(main, asked)
    assert found.exit_code == 0, found.output
    assert "4 identified" in found.stderr or style != "table"
    if style == "json":
        results = [json.loads(line) for line in found.stdout.splitlines()]
        read = [result["provenance"]["input"]["file"] for result in results]
        names = [result["query"] for result in results]
    elif style == "csv":
        results = list(csv.DictReader(found.stdout.splitlines()))
        read, names = ([row[key] for row in results] for key in ("input_file", "query"))
    else:
        return
    assert sorted(map(os.path.basename, read)) == [
        "pi%E8ce.fasta", "pi%E9ce.fasta", "pi%E9ce_F.ab1", "z.fasta",
    ]  # fmt: skip
    assert sorted(names) == ["S1", "S2", "S3", "pi%E9ce_F"]


def test_strands_of_such_names_are_put_together(folder, library):
    reverse = ONE[::-1].translate(str.maketrans("ACGT", "TGCA"))
    with open(os.path.join(os.fsencode(folder), PIECE + b"_R.ab1"), "wb") as file:
        file.write(ab1(reverse, [40] * len(reverse)))
    (result,) = forensics.identify(
        [file for file in files_of(folder) if file.endswith(".ab1")], library=library
    )
    assert result.query == "pi%E9ce" and result.taxon == "Fictus albus"
    assert len(result.provenance.input["files"]) == 2
    assert result.to_json().encode()


def test_library_build_takes_and_leaves_out_records_of_such_files(folder, tmp_path):
    rows = {"a": f">A1 Fictus albus\n{ONE}\n", "b": ">A2 Fictus albus\nACGT\n"}
    paths = []
    for name, text in rows.items():
        path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"r\xe9f_" + name.encode() + b".fa"))
        with open(path, "w") as file:
            file.write(text)
        paths.append(path)
    target = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"biblioth\xe8que"))
    asked = ["library", "build", *paths, "--locus", "COI", "--output", target]
    built = CliRunner().invoke(main, [*asked, "--no-calibration", "--no-screening"])
    assert built.exit_code == 0, built.output
    opened = forensics.open_library(target)
    opened.verify()
    assert opened.name == "biblioth%E8que"
    ((record, _sequence),) = opened.records("COI")
    assert record.source == "r%E9f_a.fa"
    with open(os.path.join(target, "left_out.tsv"), encoding="utf-8") as file:
        assert "r%E9f_b.fa" in file.read()


def test_a_curve_of_such_a_name_is_told(folder):
    path = os.fsdecode(os.path.join(os.fsencode(folder), b"courbe_\xe9.14C"))
    with open(path, "w") as file:
        file.write("\n".join(f"{bp},{bp},10" for bp in range(0, 400, 10)))
    asked = [
        "age",
        "radiocarbon",
        "0.99",
        "--sd",
        "0.01",
        "--curve",
        path,
        "--seized",
        "1949-01-01",
    ]
    found = CliRunner().invoke(main, [*asked, "--format", "json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["provenance"]["library"]["name"] == "courbe_%E9"


def test_such_a_file_is_attached_to_a_finding(folder, tmp_path):
    from forensics.custody.storage import stage

    (staged,) = stage(tmp_path / "files", [files_of(folder)[0]], tmp_path / "laboratory.db")
    assert staged.entry["name"].encode() and "%E" in staged.entry["name"]


# -- A folder is made whole or not at all


def test_a_folder_is_there_when_the_block_ends_and_an_empty_one_is_taken(tmp_path):
    for name in ("new", "empty"):
        if name == "empty":
            (tmp_path / name).mkdir()
        with making_folder(tmp_path / name) as partial:
            (partial / "x.txt").write_text("x")
            assert not (tmp_path / name / "x.txt").exists()
        assert (tmp_path / name / "x.txt").read_text() == "x"
    assert {path.name for path in tmp_path.iterdir()} == {"new", "empty"}


@pytest.mark.parametrize(
    ("raised", "expected"), [(OSError("full"), InputError), (ValueError("x"), ValueError)]
)
def test_an_error_leaves_nothing(tmp_path, raised, expected):
    with pytest.raises(expected), making_folder(tmp_path / "new"):
        raise raised
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(UsageError, match="already exists"), making_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_every_format_is_recognised_by_its_first_bytes(known):
    for start in known.starts:
        assert recognise(start + b" and more") is known


@pytest.mark.parametrize(
    "known", [one for one in FORMATS if not one.strict], ids=lambda one: one.name
)
def test_blanks_and_the_mark_of_utf_8_may_stand_before_text(known):
    assert recognise(b"\xef\xbb\xbf\r\n " + known.starts[0]) is known


def test_no_format_hides_another():
    starts = [(start, known.name) for known in FORMATS for start in known.starts]
    hidden = [
        (name, other)
        for start, name in starts
        for longer, other in starts
        if name != other and longer.startswith(start)
    ]
    assert hidden == []
    assert len({known.name for known in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("start", [b"", b"id,Fca8\n", b"ACGTACGT", b"Title\nFca8\npop\n", b"\0\1"])
def test_what_says_nothing_is_not_guessed(start):
    assert recognise(start) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_recognised_or_not(start):
    found = recognise(start)
    assert found is None or found.matches(start)
