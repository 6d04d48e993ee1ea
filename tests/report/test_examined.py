"""What a finding was made from: records with their vouchers, primers, the sequence, and where it differs."""

from hashlib import sha256
from pathlib import Path

import pytest
from simulation import query
from typed_reports import as_statement, parts

from forensics.barcode.examination import Examination
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.inputs import as_queries
from forensics.report.building import _examined
from forensics.report.layout import lay_out, read_template
from forensics.report.linter import check


@pytest.fixture
def finding(statement):
    return statement["findings"][0]


def part_of(finding, name):
    return next(part for part in parts(finding) if part.name == name)


def printed(statement: dict) -> str:
    """Return the bases that the annex prints."""
    sections = {s.id: s for s in lay_out(as_statement(statement), read_template())}
    table = next(b for b in sections["provenance"].blocks if b.to_dict()["kind"] == "table")
    return "".join(row[1] for row in table.rows).replace(" ", "")


def test_the_sequence_that_was_examined_is_that_of_the_attached_file(
    statement, finding, case: Path
):
    (_name, *lines) = (case / "S1.fasta").read_text().split("\n")
    sequence = "".join(lines)
    assert finding["examined"]["sequence"] == sequence
    part = part_of(finding, "sequence")
    assert sha256(sequence.encode()).hexdigest() in part.paragraphs[0]
    (table,) = part.tables
    assert table.rows[0] == ("1", " ".join(sequence[at : at + 10] for at in range(0, 60, 10)))
    assert [row[0] for row in table.rows] == ["1", "61", "121", "181", "241"]
    assert printed(statement) == sequence


def test_a_short_sequence_stands_whole_in_its_finding(statement, finding):
    finding["examined"]["sequence"] = "ACGTACGTACGT" * 60
    (table,) = part_of(finding, "sequence").tables
    assert len(table.rows) == 12 and "annex" not in part_of(finding, "sequence").paragraphs[0]
    with pytest.raises(StopIteration):
        printed(statement)


def test_records_have_their_vouchers_and_what_is_not_recorded_is_said(finding):
    (table,) = part_of(finding, "records").tables
    assert table.rows[0][2:] == ("no voucher recorded", "–", "–")
    finding["examined"]["records"][0] |= {
        "voucher": "ZMB 12",
        "institution": "ZMB",
        "country": "Ghana",
    }
    (table,) = part_of(finding, "records").tables
    assert table.rows[0][2:] == ("ZMB 12", "ZMB", "Ghana")


def test_differences_are_from_the_best_record_and_from_the_closest_other_species(finding):
    own = finding["examined"]["records"]
    assert part_of(finding, "differences").paragraphs == (
        f"Bases that differ from Manis temminckii ({own[0]['accession']}): none.",
        "No other species of the library is near enough to be compared.",
    )
    for name, differences in (
        ("Manis javanica", ["12 A/G", "40 C/-"]),
        ("Manis gigantea", ["7 A/C"]),
    ):
        own.append({**own[0], "species": name, "accession": "X1", "differences": differences})
    texts = part_of(finding, "differences").paragraphs
    assert texts[1] == "Bases that differ from Manis javanica (X1): 2 (12 A/G, 40 C/-)."
    assert not any("gigantea" in text for text in texts)


def test_primers_that_were_cut_off_are_named_and_else_none_were_recorded(finding):
    assert part_of(finding, "primers").paragraphs == ("No primers were recorded with the finding.",)
    finding["examined"]["primers"] = ["Primers that match LCO1490 and HCO2198 were cut off."]
    assert part_of(finding, "primers").paragraphs == tuple(finding["examined"]["primers"])


def test_a_call_that_was_not_computed_again_has_no_sequence_and_says_why(finding):
    finding.update(examined=None, priors=None, priors_missing="its library was not given")
    assert "its library was not given" in part_of(finding, "sequence").paragraphs[0]


def test_the_form_of_what_was_examined_is_checked(statement, finding):
    finding["examined"]["records"][0]["differences"] = [12]
    assert any(
        problem.code == "FORM" and "examined" in problem.field for problem in check(statement)
    )


def test_vouchers_are_those_of_the_library(library):
    examination = Examination(library, IdentifyOptions(alignments=True))
    (result,) = examination.run(as_queries(f">q\n{query()}\n"))
    examined = _examined(result, library)
    assert examined.sequence == query() and len(examined.records) == min(5, len(result.candidates))
    for record, candidate in zip(examined.records, result.candidates):
        assert record.accession == candidate.accession
        assert record.voucher.startswith("V") and record.country == "Nowhere"
        assert len(record.differences) == candidate.mismatches
