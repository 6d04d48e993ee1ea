import csv
import io

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from simulation import query

from forensics.barcode.validating.known import read_known
from forensics.cli import main
from forensics.io.numbers import decoded, defused, plain


@pytest.fixture
def forensics_csv(tmp_path, library_folder):
    """Identify one sequence under a header; return the query's cell of the CSV."""

    def run(header, output=None):
        (tmp_path / "q.fasta").write_text(f"{header}\n{query()}\n")
        arguments = ["identify", tmp_path / "q.fasta", "--library", library_folder]
        text = CliRunner().invoke(main, [*map(str, arguments), "--format", "csv"]).stdout
        if output:
            output.write_text(text, encoding="utf-8")
        return next(csv.DictReader(io.StringIO(text)))["query"]

    return run


@given(st.text(max_size=20))
def test_what_is_defused_is_no_formula_and_can_be_had_again(text):
    (cell,) = defused({"name": text}).values()
    assert len(cell) < 2 or cell[0] not in "=+-@\t\r\n"
    if not text.startswith("'"):
        assert plain(cell) == text


def test_numbers_and_strands_stay_as_they_are():
    row = {"identity": -0.5, "strand": "-", "records": 3, "taxon": None, "warnings": ""}
    assert defused(row) == row


def test_a_formula_in_a_header_reaches_no_spreadsheet(forensics_csv):
    assert forensics_csv(">=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert forensics_csv(">@cmd") == "'@cmd"
    assert forensics_csv(">plain") == "plain"


def test_the_laboratorys_specimens_are_matched_with_defused_queries(tmp_path, forensics_csv):
    forensics_csv(">=S1", tmp_path / "calls.csv")
    (tmp_path / "truth.csv").write_text("specimen,true species\n=S1,Fictus albus\n")
    (specimen,) = read_known([tmp_path / "truth.csv", tmp_path / "calls.csv"])
    assert specimen.name == "=S1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_text_is_read_as_people_save_it(encoding):
    assert decoded("espèce;poids".encode(encoding)) == "espèce;poids"
