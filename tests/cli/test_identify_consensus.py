import json
import random

import pytest
from click.testing import CliRunner
from simulation import SPECIES, fastq, nanopore_reads, query

from forensics.cli import main

ONE = query()


@pytest.fixture
def identify(library):
    def identify(*arguments, **options):
        given = ["identify", "--library", str(library.path), *map(str, arguments)]
        return CliRunner().invoke(main, given, **options)

    return identify


def test_reads_too_bad_to_be_examined_alone_name_a_species_together(identify, tmp_path):
    path = tmp_path / "scale.fastq"
    path.write_text(fastq(nanopore_reads(random.Random(7), ONE, 60, errors=0.12)))
    alone = identify(path, "--format", "json")
    assert alone.exit_code == 3
    assert all(json.loads(line)["status"] == "unusable" for line in alone.stdout.splitlines())

    result = identify(path, "--consensus", "--format", "json")
    assert result.exit_code == 0
    (found,) = map(json.loads, result.stdout.splitlines())
    assert found["query"] == "scale_1"
    assert found["candidates"][0]["species"] == SPECIES[0]
    assert found["candidates"][0]["identity"] > 0.98
    assert "CONSENSUS" in [warning["code"] for warning in found["warnings"]]


def test_a_read_whose_errors_are_just_at_the_limit_is_examined_on_every_python(identify, tmp_path):
    """650 times 0.1 is more than 65 by the sum of Python 3.11, and not by that of 3.12."""
    path = tmp_path / "limit.fastq"
    path.write_text(fastq([(ONE, chr(33 + 10) * len(ONE))]))
    result = identify(path, "--format", "json")
    assert json.loads(result.stdout)["status"] != "unusable"


def test_standard_input_is_a_sample_too(identify):
    text = fastq(nanopore_reads(random.Random(7), ONE, 12))
    result = identify("-", "--consensus", "-v", input=text)
    assert result.exit_code == 0
    assert "Consensus of" in result.stdout


def test_a_file_without_a_consensus_is_unusable_and_says_why(identify, tmp_path):
    path = tmp_path / "few.fastq"
    path.write_text(fastq(nanopore_reads(random.Random(7), ONE, 3)))
    result = identify(path, "--consensus", "--format", "json")
    assert result.exit_code == 3
    (found,) = map(json.loads, result.stdout.splitlines())
    assert found["warnings"][0]["code"] == "NO_CONSENSUS"


def test_fasta_has_no_qualities_and_is_refused(identify, tmp_path):
    path = tmp_path / "one.fasta"
    path.write_text(f">a\n{ONE}\n")
    result = identify(path, "--consensus")
    assert result.exit_code == 3
    assert "give FASTQ" in result.stderr


def test_of_a_file_that_was_cut_off_nothing_is_said(identify, tmp_path):
    path = tmp_path / "cut.fastq"
    path.write_text(fastq(nanopore_reads(random.Random(7), ONE, 12))[:-200])
    result = identify(path, "--consensus")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "ends inside this record" in result.stderr
