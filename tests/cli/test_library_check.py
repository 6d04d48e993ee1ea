import csv
import io
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from simulation import mutate

from forensics.barcode.curating import checks
from forensics.barcode.curating.screening import CODES, apply_decisions, read_decisions
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reference import names
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.cli import main
from forensics.errors import InputError

COLUMNS = [
    "locus",
    "accession",
    "name",
    "code",
    "score",
    "evidence",
    "suggested_action",
    "decision",
]
FAMILIES = {"Fictus albus": "Fictidae", "Exemplum primum": "Exemplidae", "Casus unus": "Casidae"}


def forensics(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def simulated():
    """Return SIMULATED records: three genera of three families, four records each."""
    rng = random.Random("check")
    records = []
    for name, family in FAMILIES.items():
        ancestor = "".join(rng.choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(219))
        for copy in range(4):
            accession = f"SIM{family[:3].upper()}{copy}"
            record = ReferenceRecord.named(accession, name, locus="COI", family=family)
            records.append((record, mutate(rng, ancestor, substitutions=copy)))
    return records


@pytest.fixture
def clean(tmp_path):
    write_library(tmp_path / "clean", simulated(), name="clean", calibrated=False)
    return tmp_path / "clean"


@pytest.fixture
def swapped(tmp_path):
    """One record of Fictus albus and one of Casus unus have each other's sequence."""
    records = simulated()
    (a, x), (b, y) = records[2], records[9]
    records[2], records[9] = (a, y), (b, x)
    write_library(tmp_path / "swapped", records, name="swapped", calibrated=False)
    return tmp_path / "swapped"


def test_a_clean_library_has_nothing_to_look_at(clean):
    result = forensics("library", "check", clean)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 suggest dropping the record" in result.stderr
    text = forensics("library", "check", clean, "--format", "csv").stdout
    assert text == ",".join(COLUMNS) + "\n"


def test_a_swap_is_found_in_every_format(swapped, tmp_path):
    output = tmp_path / "findings.tsv"
    before = {path: path.read_bytes() for path in swapped.rglob("*") if path.is_file()}
    table = forensics("library", "check", swapped, "--output", output)
    assert table.exit_code == 0
    assert "2 suggest dropping the record" in table.stderr
    assert "drop  MISLABELLED  2" in table.stderr
    for accession in ("SIMFIC2", "SIMCAS1"):
        assert accession in table.stdout
    with open(output, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        rows = list(reader)
    assert reader.fieldnames == COLUMNS
    assert sorted(row["accession"] for row in rows) == ["SIMCAS1", "SIMFIC2"]
    assert {(row["code"], row["suggested_action"]) for row in rows} == {("MISLABELLED", "drop")}
    text = forensics("library", "check", swapped, "--format", "csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == rows
    found = json.loads(forensics("library", "check", swapped, "--format", "json").stdout)
    assert found["name"] == "swapped" and len(found["sha256"]) == 64
    assert [finding["accession"] for finding in found["findings"]] == [
        row["accession"] for row in rows
    ]
    # Nothing is dropped.
    assert before == {path: path.read_bytes() for path in swapped.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["records.tsv", "records.fasta.gz", "manifest.json"])
def test_a_library_that_is_not_what_it_says_leaves_with_4(swapped, name):
    path = swapped / "COI" / name
    path.write_bytes(path.read_bytes() + b"\n")
    result = forensics("library", "check", swapped)
    assert (result.exit_code, result.stdout) == (4, "")
    assert name in result.stderr


def test_a_file_that_is_missing_leaves_with_4(swapped):
    (swapped / "COI" / "records.tsv").unlink()
    result = forensics("library", "check", swapped)
    assert (result.exit_code, result.stdout) == (4, "")


def test_what_is_no_library_leaves_with_1(tmp_path):
    assert forensics("library", "check", tmp_path).exit_code == 1


def test_what_asks_for_a_decision_comes_first(tmp_path):
    records = simulated()
    shared, _sequence = records[0]
    other = ReferenceRecord.named("SIMAAA", "Fictus niger", locus="COI", family="Fictidae")
    short = ReferenceRecord.named("SIMZZZ", "Casus unus", locus="COI", family="Casidae")
    records += [(other, records[0][1]), (short, records[9][1][:90])]
    write_library(tmp_path / "mixed", records, name="mixed", calibrated=False)
    result = forensics("library", "check", tmp_path / "mixed", "--format", "json")
    found = [
        (finding["accession"], finding["code"], finding["suggested_action"])
        for finding in json.loads(result.stdout)["findings"]
    ]
    assert found[0] == ("SIMZZZ", "OUTLYING_LENGTH", "drop")
    assert set(found[1:]) == {
        (shared.accession, "SHARED_HAPLOTYPE", "keep"),
        ("SIMAAA", "SHARED_HAPLOTYPE", "keep"),
    }


def test_the_page_has_every_finding_and_its_meaning_and_no_markup_of_a_stranger(tmp_path):
    records = simulated()
    (a, x), (b, y) = records[2], records[9]
    a = replace(a, name="Fictus albus <script>alert(1)</script>")
    records[2], records[9] = (a, y), (b, x)
    write_library(tmp_path / "swapped", records, name="swapped", calibrated=False)
    page = tmp_path / "page.html"
    result = forensics("library", "check", tmp_path / "swapped", "--page", page)
    assert result.exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;" in text
    for said in ("SIMFIC2", "SIMCAS1", "MISLABELLED", "swapped with", "12</td>"):
        assert said in text
    assert "MISSPELT" not in text
    before = page.read_bytes()
    assert forensics("library", "check", tmp_path / "swapped", "--page", page).exit_code == 2
    assert page.read_bytes() == before


def test_every_code_is_explained_on_the_page():
    sources = [Path(module.__file__).read_text() for module in (checks, names)]
    found = {
        code
        for source in sources
        for code in re.findall(
            r'(?:\.of\(record|\.of\(me|flag\(|_human\(me)[^)]*?"([A-Z_]+)"', source
        )
    }
    assert {"MISLABELLED", "WRONG_LOCUS", "STOP_CODON"} <= found <= set(CODES)


def test_a_table_of_synonyms_names_the_records_under_other_names(clean, tmp_path):
    (tmp_path / "s.tsv").write_text(
        "name\taccepted\tsource\nFictus albus\tNovus albus\tA List\n", encoding="utf-8"
    )
    result = forensics(
        "library", "check", clean, "--synonyms", tmp_path / "s.tsv", "--format", "json"
    )
    found = json.loads(result.stdout)["findings"]
    assert [f["accession"] for f in found] == [f"SIMFIC{n}" for n in range(4)]
    assert {(f["code"], f["suggested_action"]) for f in found} == {("OLD_NAME", "rename")}
    assert found[0]["evidence"] == "Fictus albus is Novus albus according to A List"


# -- decisions -------------------------------------------------------------------------


@pytest.fixture
def decided(swapped, tmp_path):
    """Return a function that builds again with these decisions by accession."""
    fasta = tmp_path / "records.fasta"
    records = open_library(swapped).records("COI")
    fasta.write_text("".join(f">{r.accession}|{r.name}|COI|x\n{s}\n" for r, s in records))
    findings = tmp_path / "findings.tsv"
    assert forensics("library", "check", swapped, "--output", findings).exit_code == 0

    def build(decisions):
        rows = list(csv.DictReader(findings.read_text().splitlines(), delimiter="\t"))
        for row in rows:
            row["decision"] = decisions.get(row["accession"], "")
        with open(tmp_path / "decided.tsv", "w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="\t")
            writer.writeheader()
            writer.writerows(rows)
        made = tmp_path / "made"
        result = forensics(
            "library", "build", fasta, "--decisions", tmp_path / "decided.tsv", "--output", made,
            "--no-calibration",
        )  # fmt: skip
        return result, made

    return build


def test_nothing_is_dropped_that_was_not_decided(decided):
    result, made = decided({})
    assert result.exit_code == 0
    assert len(open_library(made).records("COI")) == 12


def test_what_was_decided_is_carried_out_and_listed(decided):
    result, made = decided({"SIMFIC2": "drop", "SIMCAS1": "Turn"})
    assert result.exit_code == 0
    held = {record.accession: text for record, text in open_library(made).records("COI")}
    assert len(held) == 11 and "SIMFIC2" not in held
    original = {record.accession: text for record, text in simulated()}
    assert held["SIMCAS1"] == reverse_complement(original["SIMFIC2"])
    assert "dropped by decision: MISLABELLED" in (made / "left_out.tsv").read_text()


def test_a_decision_that_cannot_be_carried_out_builds_nothing(decided):
    result, made = decided({"SIMFIC2": "delete"})
    assert result.exit_code == 3 and "line 3" in result.stderr and not made.exists()


def test_a_decision_about_a_record_that_is_not_there_is_told(tmp_path):
    (tmp_path / "d.tsv").write_text("locus\taccession\tdecision\nCOI\tX9\tdrop\n")
    decisions = read_decisions(tmp_path / "d.tsv")
    with pytest.raises(InputError, match="X9"):
        apply_decisions(simulated(), decisions, file="d.tsv")


@pytest.mark.parametrize(
    "text, said",
    [
        ("locus\taccession\nCOI\tA\n", "decision"),
        ("locus\taccession\tdecision\nCOI\tA\tdrop\nCOI\tA\tturn\n", "decide once"),
        ("", "rows of data are expected"),
    ],
)
def test_a_table_of_decisions_that_is_wrong_is_told(tmp_path, text, said):
    (tmp_path / "d.tsv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_decisions(tmp_path / "d.tsv")
