"""``forensics library build``: screening, own vouchers, NCBI's taxonomy. Sequences are SIMULATED."""

import csv
import gzip
import json
import random

import pytest
from click.testing import CliRunner
from simulation import mutate, random_sequence

from forensics.barcode.curating import checks
from forensics.barcode.reference.library import open_library
from forensics.cli import main

RNG = random.Random("library build")
ALBUS = random_sequence(RNG, 550)
PRIMUM = mutate(RNG, ALBUS, substitutions=120)


@pytest.fixture(autouse=True)
def _small_panels(monkeypatch):
    """Compare suspects with fewer records of other loci: a sixteenth of the comparisons."""
    monkeypatch.setattr(checks, "FOREIGN_PANEL", checks.PANEL)


def forensics(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def fasta(path, *records):
    """16S, which is not read in codons: random letters are not full of stop codons there."""
    lines = (
        f">{accession}|{name}|16S|x\n"
        f"{mutate(random.Random(accession), sequence, substitutions=changes)}\n"
        for accession, name, sequence, changes in records
    )
    path.write_text("".join(lines))
    return path


@pytest.fixture
def deposited(tmp_path):
    return fasta(
        tmp_path / "deposited.fasta",
        *((f"A{n}", "Fictus albus", ALBUS, n) for n in range(3)),
        *((f"B{n}", "Exemplum primum", PRIMUM, n) for n in range(3)),
        ("SWAPPED", "Fictus albus", PRIMUM, 1),
        ("HYBRID", "Fictus albus x niger", ALBUS, 2),
        ("UNCULTURED", "uncultured Fictus", ALBUS, 2),
    )


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_build_screens_and_says_what_became_of_every_record(tmp_path, deposited):
    made = tmp_path / "made"
    result = forensics("library", "build", deposited, "--output", made, "--no-calibration")
    assert result.exit_code == 0, result.stderr
    outcome = {row["accession"]: row["outcome"] for row in rows(made / "screening.tsv")}
    assert outcome["SWAPPED"] == "left_out"
    assert outcome["HYBRID"] == "flagged"
    assert outcome["A0"] == "kept"
    assert "UNCULTURED" not in outcome  # never read as a record: left_out.tsv has it
    reasons = {row["accession"]: row["reason"] for row in rows(made / "left_out.tsv")}
    assert reasons.keys() == {"SWAPPED", "UNCULTURED"}
    assert "MISLABELLED" in reasons["SWAPPED"] and "without a specimen" in reasons["UNCULTURED"]
    held = {record.accession for record, _s in open_library(made).records("16S")}
    assert held == outcome.keys() - {"SWAPPED"}
    said = json.loads((made / "library.json").read_text())["screening"]
    assert said == {"left_out": 1, "flagged": 1, "own": 0}
    assert "1 flagged, 1 left out" in result.stderr


def test_without_screening_nothing_is_left_out_by_it(tmp_path, deposited):
    made = tmp_path / "made"
    forensics("library", "build", deposited, "--output", made, "--no-calibration", "--no-screening")
    held = {record.accession for record, _s in open_library(made).records("16S")}
    assert "SWAPPED" in held
    assert not (made / "screening.tsv").exists()
    assert json.loads((made / "library.json").read_text())["screening"] is None


def test_own_vouchers_stand_above_deposited_records(tmp_path, deposited):
    own = fasta(tmp_path / "own.fasta", ("OWN1", "Fictus niger", PRIMUM, 0))
    made = tmp_path / "made"
    result = forensics(
        "library", "build", deposited, "--own", own, "--output", made, "--no-calibration"
    )
    assert result.exit_code == 0, result.stderr
    held = {record.accession for record, _s in open_library(made).records("16S")}
    assert "OWN1" in held
    assert held.isdisjoint({"B0", "B1", "B2"})
    reasons = {row["accession"]: row["reason"] for row in rows(made / "left_out.tsv")}
    assert "OWN_VOUCHER" in reasons["B0"] and "OWN1, Fictus niger" in reasons["B0"]
    result = forensics(
        "library", "build", deposited, "--own", own, "--no-screening", "--output", tmp_path / "x"
    )
    assert result.exit_code == 2


def test_an_own_record_replaces_a_deposited_one_of_its_accession(tmp_path, deposited):
    own = fasta(tmp_path / "own.fasta", ("A0", "Fictus albus", ALBUS, 5))
    made = tmp_path / "made"
    forensics("library", "build", deposited, "--own", own, "--output", made, "--no-calibration")
    record = next(r for r, _s in open_library(made).records("16S") if r.accession == "A0")
    assert record.source == "x"
    reasons = [r for r in rows(made / "left_out.tsv") if r["accession"] == "A0"]
    assert [r["file"] for r in reasons] == [str(deposited)]


def test_what_screening_said_travels_with_the_library(tmp_path, deposited):
    made, sent = tmp_path / "made", tmp_path / "x.zip"
    forensics("library", "build", deposited, "--output", made, "--no-calibration")
    forensics("library", "export", made, "--output", sent)
    forensics("library", "import", sent, "--output", tmp_path / "arrived")
    arrived = (tmp_path / "arrived" / "screening.tsv").read_bytes()
    assert arrived == (made / "screening.tsv").read_bytes()
    assert forensics("library", "build", deposited, "--output", made).exit_code == 0


def test_screening_that_leaves_nothing_makes_no_library(tmp_path):
    path = fasta(tmp_path / "x.fasta", ("A1", "Fictus albus", ALBUS, 0))
    text = path.read_text().replace("16S", "COI")  # random letters, full of stop codons
    path.write_text(text)
    result = forensics("library", "build", path, "--output", tmp_path / "made")
    assert result.exit_code == 1
    assert "No record can be used for a library" in result.stderr
    assert "STOP_CODON" in result.stderr
    assert not (tmp_path / "made").exists()


@pytest.fixture
def taxdump(tmp_path):
    """A MADE dump: Fictus albus was moved to Novus, and number 8 was merged into 7."""
    folder = tmp_path / "taxdump"
    folder.mkdir()
    ranks = ["no rank", "phylum", "class", "order", "family", "genus", "species"]
    names = ["root", "Chordata", "Aves", "Novales", "Novidae", "Novus", "Novus albus"]

    def lines(rows):
        return "".join("\t|\t".join(map(str, row)) + "\t|\n" for row in rows)

    (folder / "nodes.dmp").write_text(
        lines([(n, max(1, n - 1), rank, "") for n, rank in enumerate(ranks, 1)])
    )
    (folder / "names.dmp").write_text(
        lines([(n, name, "", "scientific name") for n, name in enumerate(names, 1)])
        + lines([(7, "Fictus albus", "", "synonym"), (7, "white novus", "", "common name")])
    )
    (folder / "merged.dmp").write_text(lines([(8, 7)]))
    return folder


def test_ncbis_taxonomy_gives_lineages_and_accepted_names(tmp_path, deposited, taxdump):
    made = tmp_path / "made"
    result = forensics(
        "library", "build", deposited, "--taxdump", taxdump, "--output", made, "--no-calibration"
    )
    assert result.exit_code == 0, result.stderr
    record = next(r for r, _s in open_library(made).records("16S") if r.accession == "A0")
    assert (record.name, record.species, record.genus) == ("Fictus albus", "Novus albus", "Novus")
    assert (record.family, record.order, record.class_) == ("Novidae", "Novales", "Aves")
    other = next(r for r, _s in open_library(made).records("16S") if r.accession == "B0")
    assert (other.species, other.family) == ("Exemplum primum", "")
    renamed = rows(made / "renamed.tsv")
    assert renamed[0]["accepted"] == "Novus albus"
    assert renamed[0]["source"] == "NCBI taxonomy, taxon 7"
    said = json.loads((made / "library.json").read_text())["taxdump"]
    assert set(said["sha256"]) == {"names.dmp", "nodes.dmp", "merged.dmp"}


def test_a_taxonomy_that_is_none_builds_nothing(tmp_path, deposited, taxdump):
    (taxdump / "nodes.dmp").write_text("nothing\n")
    result = forensics(
        "library", "build", deposited, "--taxdump", taxdump, "--output", tmp_path / "made"
    )
    assert result.exit_code == 3
    assert "nodes.dmp, line 1: found 0 cells" in result.stderr
    assert not (tmp_path / "made").exists()


def test_two_wrong_records_do_not_remove_the_one_that_is_right(tmp_path):
    """Two deposits of another animal's sequence under a name, beside one true record of it."""
    file = fasta(
        tmp_path / "wrong.fasta",
        *((f"W{n}", "Fictus albus", PRIMUM, n) for n in range(2)),
        ("TRUE", "Fictus albus", ALBUS, 1),
    )
    made = tmp_path / "made"
    assert forensics("library", "build", file, "--output", made, "--no-calibration").exit_code == 0
    held = {record.accession for record, _s in open_library(made).records("16S")}
    assert "TRUE" in held
    outcome = {row["accession"]: row["outcome"] for row in rows(made / "screening.tsv")}
    assert outcome["TRUE"] == "flagged"


def test_a_record_falsely_called_human_removes_nothing(tmp_path):
    file = fasta(
        tmp_path / "human.fasta",
        *((f"A{n}", "Fictus albus", ALBUS, n) for n in range(4)),
        ("FALSE", "Homo sapiens", ALBUS, 1),
    )
    made = tmp_path / "made"
    assert forensics("library", "build", file, "--output", made, "--no-calibration").exit_code == 0
    held = {record.accession for record, _s in open_library(made).records("16S")}
    assert {"A0", "A1", "A2", "A3"} <= held


HUMAN_12S = slice(648, 1601)  # of the revised Cambridge reference sequence


def human_12s(root):
    packed = root / "reference_sequences" / "contaminants" / "human_mitogenome.fasta.gz"
    lines = gzip.decompress(packed.read_bytes()).decode().splitlines()[1:]
    return "".join(lines)[HUMAN_12S]


@pytest.mark.parametrize("with_human", [True, False])
def test_a_human_sequence_under_another_name_is_left_out(tmp_path, root, with_human):
    """Its piece of 12S is not that of the embedded human record."""
    gene = human_12s(root)
    piece = gene[:300]
    lines = [f">BAD|Oncorhynchus mykiss|12S|x\n{piece}\n"]
    lines += [f">HS|Homo sapiens|12S|x\n{gene}\n"] if with_human else []
    lines += [f">A{n}|Fictus albus|12S|x\n{mutate(random.Random(n), ALBUS)}\n" for n in range(3)]
    (tmp_path / "x.fasta").write_text("".join(lines))
    made = tmp_path / "made"
    result = forensics(
        "library", "build", tmp_path / "x.fasta", "--output", made, "--no-calibration"
    )
    assert result.exit_code == 0, result.stderr
    assert "BAD" not in {record.accession for record, _s in open_library(made).records("12S")}
    (row,) = [row for row in rows(made / "left_out.tsv") if row["accession"] == "BAD"]
    assert "HUMAN" in row["reason"]


def test_nothing_is_kept_that_screening_suggests_to_drop(tmp_path):
    """Two genera share a sequence: one is wrong, and screening cannot tell which."""
    path = fasta(
        tmp_path / "x.fasta",
        ("A0", "Fictus albus", ALBUS, 0),
        ("B0", "Exemplum primum", ALBUS, 0),
        ("C0", "Tertium datum", PRIMUM, 0),
    )
    made = tmp_path / "made"
    result = forensics("library", "build", path, "--output", made, "--no-calibration")
    assert result.exit_code == 0, result.stderr
    told = {row["accession"]: row for row in rows(made / "screening.tsv")}
    assert told["A0"]["code"] == told["B0"]["code"] == "IDENTICAL_OTHER_GENUS"
    for row in told.values():
        assert row["outcome"] == "left_out" or row["suggested_action"] != "drop"
    assert told["A0"]["suggested_action"] == "look" and told["A0"]["outcome"] == "flagged"
