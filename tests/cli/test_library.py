"""``forensics library``: synonyms, panels, checking and what was decided. Sequences are SIMULATED."""

import csv
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import records, typed
from simulation import SPECIES, mutate, query

from forensics.barcode.curating import checks
from forensics.barcode.curating.screening import CODES, apply_decisions, read_decisions
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reference import names
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.panels import packaged_panels, read_panel
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError

FAMILIES = {"Fictus albus": "Fictidae", "Exemplum primum": "Exemplidae", "Casus unus": "Casidae"}


def library(line, *more, **options):
    return typed(f"library {line}", *more, **options)


def simulated():
    """Return three genera of three families, four records each."""
    rng = random.Random("check")
    made = []
    for name, family in FAMILIES.items():
        ancestor = "".join(rng.choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(219))
        for copy in range(4):
            accession = f"SIM{family[:3].upper()}{copy}"
            record = ReferenceRecord.named(accession, name, locus="COI", family=family)
            made.append((record, mutate(rng, ancestor, substitutions=copy)))
    return made


def with_swap(**changes):
    """Return them; one of Fictus albus and one of Casus unus have each other's sequence."""
    made = simulated()
    (a, x), (b, y) = made[2], made[9]
    made[2], made[9] = (replace(a, **changes), y), (b, x)
    return made


def write(folder, made):
    write_library(folder, made, name=folder.name, calibrated=False)
    return folder


# -- names and panels -------------------------------------------------------------------


def test_a_record_that_got_its_accepted_name_is_identified_by_it(tmp_path):
    path, synonyms, made = (tmp_path / name for name in ("x.fasta", "synonyms.csv", "made"))
    path.write_text(
        "".join(f">A{n}|{name}|COI|here\n{query(name)}\n" for n, name in enumerate(SPECIES))
    )
    synonyms.write_text("name;accepted;source\nFictus albus;Novus albus;Müller 1901\n", "utf-8")
    # Random sequences have stop codons.
    library("build --no-screening", path, "--output", made, "--synonyms", synonyms)
    record = next(r for r, _s in open_library(made).records("COI") if r.accession == "A0")
    assert (record.name, record.species, record.genus) == ("Fictus albus", "Novus albus", "Novus")
    found = records(typed("identify --format json", path, "--library", made))
    assert [one["taxon"] for one in found] == ["Novus albus", *SPECIES[1:]]


def test_the_rows_of_info_are_a_panel_again(library_folder, tmp_path):
    """What is missing can be cut out of the table and fetched."""
    panel, again = tmp_path / "panel.csv", tmp_path / "missing.csv"
    panel.write_text(f"taxon,loci,group\n{SPECIES[0]},COI;cytb,mice\nAbsentia,COI,mice\n")
    text = library("info --format csv", library_folder, "--panel", panel).stdout
    head, *lines = text.splitlines()
    again.write_text("\n".join([head, *(line for line in lines if ",missing," in line)]) + "\n")
    taxa = read_panel(str(again)).taxa
    assert [(taxon.taxon, taxon.loci) for taxon in taxa] == [
        (SPECIES[0], ("cytb",)), ("Absentia", ("COI",)),
    ]  # fmt: skip


def test_a_place_that_cannot_be_written_is_told_in_one_line(library_folder, tmp_path):
    place = tmp_path / "missing" / "x.zip"
    taken = tmp_path / "taken.zip"
    taken.write_bytes(b"as it was")
    for path, code, said in (
        (place, 3, "The file cannot be written"),
        (taken, 2, "already exists and is not overwritten"),
    ):
        result = library("export", library_folder, "--output", path, expect=code)
        assert str(path) in result.stderr and said in result.stderr and not result.stdout
        assert len(result.stderr.splitlines()) == 1
    assert not place.parent.exists() and taken.read_bytes() == b"as it was"


@pytest.mark.parametrize("command", ["fetch", "info"])
def test_the_help_names_the_packaged_panels(command):
    text = " ".join(library(f"{command} --help").stdout.split())
    assert all(name in text for name in packaged_panels())


# -- pages --------------------------------------------------------------------------------


def test_the_page_has_every_finding_and_its_meaning_and_no_markup_of_a_stranger(tmp_path):
    made = with_swap(name="Fictus albus <script>alert(1)</script>")
    page = tmp_path / "page.html"
    library("check", write(tmp_path / "swapped", made), "--page", page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;" in text
    for said in ("SIMFIC2", "SIMCAS1", "MISLABELLED", "swapped with", "12</td>"):
        assert said in text
    assert "MISSPELT" not in text


def test_known_specimens_enter_the_page_without_their_markup(library_folder, tmp_path):
    known, out = tmp_path / "known.csv", tmp_path / "out"
    known.write_text("specimen;true species;called taxon\n<b>1</b>;Fictus albus;Fictus niger\n")
    library("validate --samples 3", library_folder, "--known", known, "--output", out)
    text = (out / "validation.html").read_text("utf-8")
    assert "&lt;b&gt;1&lt;/b&gt;" in text and "<b>1</b>" not in text
    found = json.loads((out / "validation.json").read_text("utf-8"))
    assert found["known"]["all"]["wrong"]["count"] == 1


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


# -- decisions -------------------------------------------------------------------------


def test_what_asks_for_a_decision_comes_first(tmp_path):
    made = simulated()
    other = ReferenceRecord.named("SIMAAA", "Fictus niger", locus="COI", family="Fictidae")
    short = ReferenceRecord.named("SIMZZZ", "Casus unus", locus="COI", family="Casidae")
    made += [(other, made[0][1]), (short, made[9][1][:90])]
    (result,) = records(library("check --format json", write(tmp_path / "mixed", made)))
    names = ("accession", "code", "suggested_action")
    found = [tuple(finding[name] for name in names) for finding in result["findings"]]
    assert found[0] == ("SIMZZZ", "OUTLYING_LENGTH", "drop")
    assert set(found[1:]) == {
        (made[0][0].accession, "SHARED_HAPLOTYPE", "keep"),
        ("SIMAAA", "SHARED_HAPLOTYPE", "keep"),
    }


@pytest.fixture
def decided(tmp_path):
    """Return a function that builds again with these decisions by accession."""
    fasta, findings, table, made = (
        tmp_path / name for name in ("x.fasta", "findings.tsv", "decided.tsv", "made")
    )
    swapped = with_swap()
    fasta.write_text("".join(f">{r.accession}|{r.name}|COI|x\n{s}\n" for r, s in swapped))
    library("check", write(tmp_path / "swapped", swapped), "--output", findings)

    def build(decisions, **options):
        rows = list(csv.DictReader(findings.read_text().splitlines(), delimiter="\t"))
        for row in rows:
            row["decision"] = decisions.get(row["accession"], "")
        with open(table, "w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t")
            writer.writeheader()
            writer.writerows(rows)
        asked = (fasta, "--decisions", table, "--output", made)
        return library("build --no-calibration", *asked, **options), made

    return build


def test_nothing_is_dropped_that_was_not_decided(decided):
    _result, made = decided({})
    assert len(open_library(made).records("COI")) == 12


def test_what_was_decided_is_carried_out_and_listed(decided):
    _result, made = decided({"SIMFIC2": "drop", "SIMCAS1": "Turn"})
    held = {record.accession: text for record, text in open_library(made).records("COI")}
    assert len(held) == 11 and "SIMFIC2" not in held
    original = {record.accession: text for record, text in simulated()}
    assert held["SIMCAS1"] == reverse_complement(original["SIMFIC2"])
    assert "dropped by decision: MISLABELLED" in (made / "left_out.tsv").read_text()


def test_a_decision_that_cannot_be_carried_out_builds_nothing(decided):
    result, made = decided({"SIMFIC2": "delete"}, expect=3)
    assert "line 3" in result.stderr and not made.exists()


@pytest.mark.parametrize(
    "text, said",
    [
        ("locus\taccession\nCOI\tA\n", "decision"),
        ("locus\taccession\tdecision\nCOI\tA\tdrop\nCOI\tA\tturn\n", "decide once"),
        ("locus\taccession\tdecision\nCOI\tX9\tdrop\n", "X9"),
        ("", "rows of data are expected"),
    ],
)
def test_a_table_of_decisions_that_is_wrong_is_told(tmp_path, text, said):
    (tmp_path / "d.tsv").write_text(text)
    with pytest.raises(InputError, match=said):
        apply_decisions(simulated(), read_decisions(tmp_path / "d.tsv"), file="d.tsv")
