import gzip
import json

import numpy
import pytest
from click.testing import CliRunner
from simulation import SPECIES, query
from trace_simulation import ab1_of, simulate

from forensics.barcode.locus import BLOCKING
from forensics.cli import main
from forensics.io.files import folder


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
    (line,) = (line for line in found.stdout.splitlines() if line.startswith("!"))
    assert "UNUSABLE" in line and "staff elimination set" in line
    assert "lock the file; find the source" in found.stdout


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


@pytest.fixture(scope="module")
def human_piece():
    path = folder("reference_sequences") / "contaminants" / "human_mitogenome.fasta.gz"
    with gzip.open(path, "rt") as lines:
        return "".join(line.strip() for line in lines if line[0] != ">")[5900:6650]


@pytest.fixture
def human_traces(human_piece, tmp_path):
    """SIMULATED chromatograms of a human sequence."""
    traces = tmp_path / "traces"
    traces.mkdir()
    rng = numpy.random.default_rng(3)
    for strand in "FR":
        trace = simulate(rng, [(human_piece, 1.0)], reverse=strand == "R")
        (traces / f"h_{strand}.ab1").write_bytes(ab1_of(trace))
    return traces


def test_what_is_human_is_told_before_any_other_fault(library, human_piece, tmp_path):
    bad = list(human_piece)
    bad[::15] = "N" * len(bad[::15])  # more than may be examined
    (tmp_path / "h.fasta").write_text(f">h\n{''.join(bad)}\n")
    found = identify(library, tmp_path / "h.fasta")
    assert found.exit_code == 3
    assert [w["code"] for w in json.loads(found.stdout)["warnings"]] == ["HUMAN"]


def test_a_human_read_in_a_pair_that_does_not_fit_is_told_as_human(library, human_traces):
    other = simulate(numpy.random.default_rng(4), [(query(), 1.0)], reverse=True)
    (human_traces / "h_R.ab1").write_bytes(ab1_of(other))
    found = identify(library, human_traces)
    assert [w["code"] for w in json.loads(found.stdout)["warnings"]] == ["HUMAN"]


@pytest.mark.parametrize("command", ["show", "info"])
def test_a_human_chromatogram_is_neither_drawn_nor_listed(human_traces, command):
    figure = human_traces.parent / "figure.png"
    given = [*sorted(human_traces.iterdir()), *(["--output", figure] if command == "show" else [])]
    found = CliRunner().invoke(main, ["chromatogram", command, *map(str, given)])
    assert found.exit_code == 3
    assert "human" in found.stderr and not found.stdout
    assert not figure.exists()


def test_a_sample_with_a_human_member_says_so_when_combined(library, human_piece, tmp_path):
    (tmp_path / "s.fasta").write_text(f">good\n{query()}\n>bad\n{human_piece}\n")
    found = identify(library, tmp_path / "s.fasta", "--combine")
    combined = json.loads(found.stdout.splitlines()[-1])["combined"]
    (warning,) = [w for w in combined["warnings"] if w["code"] == "MEMBER_DOUBTED"]
    assert "bad" in warning["message"] and "HUMAN" in warning["message"]
    assert "MEMBER_DOUBTED" in BLOCKING
