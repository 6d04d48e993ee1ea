"""The embedded library: it is built from the packed files alone, and every record of them is accounted for."""

import csv
import gzip
import hashlib
import json
import lzma
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from forensics.barcode.reference.library import open_library  # noqa: E402
from forensics.barcode.reference.records import COLUMNS, ReferenceRecord  # noqa: E402
from reference_sequences import build as library_build  # noqa: E402
from reference_sequences.build import Exhibit, hold_out, packed_records, specimen  # noqa: E402

HERE = ROOT / "reference_sequences"
LOCI = sorted(p.parent.name for p in HERE.glob("*/manifest.json"))
_INSDC = re.compile(r"([A-Z]{1,2}\d{5,6}|[A-Z]{2}\d{8}|[A-Z]{2}_\d{6,9})(\.\d+)?(:[\dcjoin,-]+)?")
_BOLD = re.compile(r"[A-Z]{3,5}\d{3,5}-\d{2}")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def sequences(path: Path) -> dict[str, str]:
    lines = gzip.decompress(path.read_bytes()).decode("ascii").split("\n")
    return {
        header[1:]: sequence
        for header, sequence in zip(lines[::2], lines[1::2], strict=False)
        if header
    }


@pytest.fixture(scope="module")
def packed():
    return list(packed_records())


# -- what is packed -----------------------------------------------------------------


def test_every_packed_record_has_an_accession_that_leads_to_a_database(packed):
    for record, _sequence in packed:
        pattern = _BOLD if record.source == "b1" else _INSDC
        assert pattern.fullmatch(record.accession), record


def test_no_accession_is_packed_twice_at_a_locus(packed):
    keys = [(record.locus, specimen(record)) for record, _sequence in packed]
    assert len(set(keys)) == len(keys)


def test_packed_sequences_are_clean(packed):
    for record, sequence in packed:
        assert set(sequence) <= set("ACGTRYKMSWBDHVN") and sequence.strip("N") == sequence, record


def test_doubtful_records_are_not_packed(packed):
    """Nuclear copies at COI, and records of the forest lineage under the name of the savannah elephant."""
    coi = {specimen(record) for record, _sequence in packed if record.locus == "COI"}
    assert not coi & {"KF776494", "KF907306", "KX655614"}
    elephants = {specimen(record) for record, _s in packed if record.name == "Loxodonta africana"}
    assert not elephants & {"AY741080", "AY741081", "AY741327", "AY741328", "AY741329", "AY742799"}


def test_every_source_of_a_packed_record_is_explained(packed):
    explained = set(
        re.findall(r"^\| ([a-z]\d*) \|", (HERE / "SOURCES.md").read_text("utf-8"), re.M)
    )
    assert {record.source for record, _sequence in packed} == explained


# -- what is withheld ---------------------------------------------------------------


def test_nothing_of_a_questioned_specimen_or_an_absent_species_stays(monkeypatch):
    def record(accession, name, locus):
        return ReferenceRecord.named(accession, name, locus=locus, source="a"), "ACGT"

    shown = (Exhibit("tusk", "COI", "Aus bus"), Exhibit("meat", "COI", "Cus dus", absent=True))
    monkeypatch.setattr(library_build, "EXHIBITS", shown)
    pairs = [
        record("A1.1:1-9", "Aus bus", "COI"),
        record("A2.1:1-9", "Aus bus", "COI"),
        record("A2.1:20-29", "Aus bus", "cytb"),
        record("NC_9.1", "Aus bus", "COI"),
        record("C1", "Cus dus", "COI"),
        record("C2", "Cus dus", "12S"),
        record("D1", "Cus eus", "COI"),
    ]
    stays, held = hold_out(pairs)
    assert [pair[0].accession for pair in stays] == ["A1.1:1-9", "NC_9.1", "D1"]
    assert [(exhibit.query, pair[0].accession) for exhibit, pair in held] == [
        ("tusk", "A2.1:1-9"),
        ("meat", "C1"),
    ]


def test_the_demonstration_is_what_the_packed_files_give(packed):
    _stays, shown = hold_out(packed)
    text = (HERE / "demonstration" / "exhibits.fasta").read_text("ascii")
    assert text == "".join(f">{exhibit.query}\n{pair[1]}\n" for exhibit, pair in shown)
    assert (HERE / "demonstration" / "scale.fasta").read_text("ascii") in text


# -- the build ----------------------------------------------------------------------


def made_of(folder: Path, output: Path) -> Path:
    output.mkdir()
    library_build.build(output, packed=folder, calibration=False)
    return output


@pytest.fixture(scope="module")
def small(tmp_path_factory, packed):
    """A packed folder of some records, of which three are withheld."""
    folder = tmp_path_factory.mktemp("packed")
    wanted = {exhibit.species for exhibit in library_build.EXHIBITS}
    for locus in ("COI", "cytb", "ITS"):
        some = [
            f">{record.accession}|{record.name}|{record.locus}|{record.source}\n{sequence}\n"
            for record, sequence in packed
            if record.locus == locus and record.species in wanted
        ]
        (folder / f"{locus}.fasta.xz").write_bytes(lzma.compress("".join(some).encode()))
    return folder


@pytest.fixture(scope="module")
def made(small, tmp_path_factory):
    return made_of(small, tmp_path_factory.mktemp("made") / "library")


def test_the_library_opens_and_says_that_it_is_a_demonstration(made):
    library = open_library(made)
    library.verify()
    assert (library.name, library.demonstration) == ("embedded", True)
    assert library.loci == ("COI", "ITS", "cytb")


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes(made, small, tmp_path):
    again = made_of(small, tmp_path / "library")
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    for path in files:
        assert (made / path).read_bytes() == (again / path).read_bytes(), path


def test_withheld_records_are_listed_as_left_out(made):
    left_out = {row["accession"]: row["reason"] for row in rows(made / "left_out.tsv")}
    held = rows(made / "demonstration" / "exhibits.tsv")
    assert len(held) == len(library_build.EXHIBITS)
    assert all("demonstration" in left_out[row["accession"]] for row in held)


def test_indexes_are_named_anew_without_a_build(made):
    before = open_library(made).sha256
    path = made / "COI" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    library_build.main(["--indexes", "--output", str(made)])
    assert open_library(made).sha256 == before
    open_library(made).verify()


# -- what is shipped ----------------------------------------------------------------


def test_every_packed_record_is_in_the_library_or_left_out_with_a_reason(packed):
    left_out = {row["accession"] for row in rows(HERE / "left_out.tsv") if row["reason"]}
    shipped = {
        (locus, accession)
        for locus in LOCI
        for accession in sequences(HERE / locus / "records.fasta.gz")
    }
    assert {(r.locus, r.accession) for r, _s in packed if r.accession not in left_out} <= shipped
    assert shipped <= {(record.locus, record.accession) for record, _sequence in packed}


def test_library_json_names_every_locus():
    library = json.loads((HERE / "library.json").read_text("utf-8"))
    assert library["name"] == "embedded" and library["demonstration"] is True
    assert "not for casework" in library["statement"]
    assert sorted(library["loci"]) == LOCI
    for locus, digest in library["loci"].items():
        assert hashlib.sha256((HERE / locus / "manifest.json").read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("locus", LOCI)
def test_records_are_as_the_manifest_of_their_locus_says(locus):
    manifest = json.loads((HERE / locus / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((HERE / locus / name).read_bytes()).hexdigest() == digest
    table, fasta = rows(HERE / locus / "records.tsv"), sequences(HERE / locus / "records.fasta.gz")
    assert tuple(table[0]) == COLUMNS
    assert [r["accession"] for r in table] == list(fasta) and len(fasta) == manifest["records"]
    assert len({r["species"] for r in table} - {""}) == manifest["species"]
    assert {r["licence"] for r in table} <= {"INSDC", "Apache-2.0"}


def test_the_size_is_bounded():
    files = [
        path
        for path in HERE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "index.bin"
    ]
    assert sum(path.stat().st_size for path in files) <= 6_500_000


def test_targets():
    table = rows(HERE / "panels" / "targets.tsv")
    columns = ("group", "taxon", "rank", "loci", "also", "common_name", "why", "source")
    assert tuple(table[0]) == columns
    assert all(r[column] for r in table for column in columns if column != "also")
    names = [name for r in table for name in (r["taxon"], *r["also"].split(";")) if name]
    assert len(set(names)) == len(names)
    # Records have no subfamily; its genera stand in for it.
    assert all(r["also"] for r in table if r["rank"] == "subfamily")
    assert all(len(r["taxon"].split()) == (2 if r["rank"] == "species" else 1) for r in table)
    assert {"elephants", "pangolins", "rhinoceroses", "big cats", "parrots", "timber"} <= {
        r["group"] for r in table
    }
    assert sum(r["group"] == "pangolins" for r in table) == 8
