import json

import pytest
from click.testing import CliRunner
from simulation import SPECIES, query

from forensics.cli import main


@pytest.fixture
def files(tmp_path):
    (tmp_path / "x.fasta").write_text(f">exhibit\n{query()}\n")
    (tmp_path / "control.fasta").write_text(f">positive\n{query()}\n")
    (tmp_path / "other.fasta").write_text(f">case_1\n{query(SPECIES[1])}\n")
    return tmp_path


def identify(library, *arguments):
    return CliRunner().invoke(
        main, ["identify", *map(str, arguments), "--library", str(library.path), "--format", "json"]
    )


def test_controls_and_cases_may_be_given_several_times(library, files):
    options = ("--compare-with", files / "other.fasta", "--compare-with", files / "control.fasta")
    found = identify(library, files / "x.fasta", *options)
    assert found.exit_code == 0
    result = json.loads(found.stdout)
    codes = [warning["code"] for warning in result["warnings"]]
    assert codes.count("SAME_HAPLOTYPE_AS") == 1
    assert result["status"] == "identified"
    assert len(result["provenance"]["parameters"]["compared_with"]) == 2


def test_a_match_with_the_elimination_set_is_not_examined(library, files):
    found = identify(library, files / "x.fasta", "--elimination", files / "control.fasta")
    assert found.exit_code == 3
    result = json.loads(found.stdout)
    assert [warning["code"] for warning in result["warnings"]] == ["ELIMINATION_MATCH"]
    assert result["candidates"] == [] and result["taxon"] is None
    assert "positive" not in found.output and "control.fasta" not in found.output


def test_the_table_says_what_to_do_with_what_is_of_a_person(library, files):
    found = CliRunner().invoke(
        main,
        [
            *("identify", str(files / "x.fasta"), "--library", str(library.path)),
            *("--elimination", str(files / "control.fasta")),
        ],
    )
    assert "of a person" in found.stdout and "take another sample" in " ".join(found.stdout.split())


@pytest.mark.parametrize("option", ["--compare-with", "--elimination"])
def test_a_file_that_is_missing_is_an_error_before_any_result(library, files, option):
    found = identify(library, files / "x.fasta", option, files / "none.fasta")
    assert found.exit_code == 3
    assert found.stdout == ""


def test_sequences_of_one_sample_may_be_the_same(library, files):
    (files / "y.fasta").write_text(f">second\n{query()}\n")
    alone = identify(library, files / "x.fasta", files / "y.fasta")
    assert "SAME_HAPLOTYPE_IN_RUN" in alone.stdout
    together = identify(library, files / "x.fasta", files / "y.fasta", "--combine")
    assert "SAME_HAPLOTYPE_IN_RUN" not in together.stdout
