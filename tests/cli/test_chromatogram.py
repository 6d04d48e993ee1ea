"""SIMULATED chromatograms on the command line."""

import csv
import io
import json
import random
import sys

import numpy
import pytest
from click.testing import CliRunner
from simulation import SPECIES, ab1, mutate, query
from trace_simulation import ab1_of, simulate

from forensics.cli import main
from forensics.cli.chromatogram import COLUMNS

BARCODE = query(SPECIES[0])
OTHER = mutate(random.Random(5), BARCODE, substitutions=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with both strands of one sample, one strand of a mixture, and a note."""
    folder = tmp_path_factory.mktemp("traces")
    rng = numpy.random.default_rng(2)
    for strand in "FR":
        trace = simulate(rng, [(BARCODE, 1.0)], reverse=strand == "R")
        (folder / f"x_{strand}.ab1").write_bytes(ab1_of(trace))
    mixed = simulate(rng, [(BARCODE, 0.6), (OTHER, 0.4)])
    (folder / "mixed_F.ab1").write_bytes(ab1_of(mixed))
    (folder / "run.txt").write_text("notes")
    return folder


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Both strands of a short product: letters take time to draw."""
    folder = tmp_path_factory.mktemp("short")
    rng = numpy.random.default_rng(3)
    for strand in "FR":
        trace = simulate(rng, [(BARCODE[:130], 1.0)], reverse=strand == "R", bad_ends=10)
        (folder / f"s_{strand}.ab1").write_bytes(ab1_of(trace))
    return folder


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_a_folder_is_identified_sample_by_sample(folder, library):
    result = run("identify", folder, "--library", library.path, "--format", "json")
    assert result.exit_code in (0, 3)
    found = {one["query"]: one for one in map(json.loads, result.stdout.splitlines())}
    assert list(found) == ["mixed_F", "x"]
    assert found["x"]["taxon"] == SPECIES[0]
    assert found["mixed_F"]["taxon"] is None
    assert "run.txt is not a chromatogram" in result.stderr


def test_pairs_are_taken_as_they_are_given(folder, library):
    given = ("--library", library.path, "--format", "csv")
    pair = ("--pair", folder / "x_F.ab1", folder / "x_R.ab1")
    (row,) = csv.DictReader(io.StringIO(run("identify", *pair, *given).stdout))
    assert row["query"] == "x"
    assert " + " in row["input_file"] and " + " in row["input_sha256"]
    alone = run("identify", folder / "x_F.ab1", folder / "x_R.ab1", "--no-pair", *given)
    assert len(list(csv.DictReader(io.StringIO(alone.stdout)))) == 2


def test_without_files_the_usage_is_told():
    result = run("identify")
    assert result.exit_code == 2
    assert "No files were given" in result.stderr


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_figure_of_both_strands(short, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    figures = [tmp_path / f"{n}{suffix}" for n in (1, 2)]
    for figure in figures:
        shown = run(
            "chromatogram", "show", short / "s_F.ab1", short / "s_R.ab1", "--output", figure
        )
        assert shown.exit_code == 0, shown.stderr
    assert figures[0].read_bytes() == figures[1].read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f.name for f in figures]
    if suffix == ".svg":
        assert figures[0].read_text(encoding="utf-8").startswith("<?xml")


def test_a_base_is_drawn_large_with_those_around_it(short, tmp_path):
    pytest.importorskip("matplotlib")
    whole, zoomed = tmp_path / "whole.svg", tmp_path / "zoomed.svg"
    command = ("chromatogram", "show", short / "s_F.ab1", short / "s_R.ab1")
    assert run(*command, "--output", whole).exit_code == 0
    assert run(*command, "--output", zoomed, "--at", 63).exit_code == 0
    # 31 bases of two reads and the consensus instead of all of them.
    letters = [path.read_text(encoding="utf-8").count("<use ") for path in (whole, zoomed)]
    assert 3 * 31 < letters[1] < letters[0]


@pytest.mark.parametrize(("base", "code"), [("9000", 2), ("0", 2), ("x", 2)])
def test_a_base_that_the_sequence_does_not_have_is_refused(short, tmp_path, base, code):
    pytest.importorskip("matplotlib")
    figure = tmp_path / "x.png"
    result = run("chromatogram", "show", short / "s_F.ab1", "--output", figure, "--at", base)
    assert result.exit_code == code and not figure.exists()
    assert base != "9000" or "There is no base 9000: the sequence has" in result.stderr


def test_a_figure_replaces_nothing_and_needs_a_known_ending(folder, tmp_path):
    trace, there = folder / "x_F.ab1", tmp_path / "there.png"
    there.write_text("an exhibit")
    result = run("chromatogram", "show", trace, "--output", there)
    assert (result.exit_code, there.read_text()) == (2, "an exhibit")
    assert "exists; give a new file" in result.stderr
    result = run("chromatogram", "show", trace, "--output", tmp_path / "x.pdf")
    assert result.exit_code == 2
    assert ".png, .svg" in result.stderr


def test_a_figure_without_matplotlib_names_the_extra(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("chromatogram", "show", folder / "x_F.ab1", "--output", tmp_path / "x.png")
    assert result.exit_code == 1
    assert 'pip install "matplotlib>=' in result.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_is_drawn_of_what_cannot_be(folder, tmp_path):
    bare = tmp_path / "bare.ab1"
    bare.write_bytes(ab1(BARCODE, [40] * len(BARCODE)))
    fasta = tmp_path / "x.fasta"
    fasta.write_text(f">x\n{BARCODE}\n")
    for given, told in (
        ([bare], "holds no curves"),
        ([fasta], "only chromatograms"),
        ([tmp_path / "none.ab1"], "no such file"),
    ):
        result = run("chromatogram", "show", *given, "--output", tmp_path / "x.png")
        assert result.exit_code == 3
        assert told in result.stderr
        assert not (tmp_path / "x.png").exists()


def test_info_tells_every_sample(folder):
    result = run("chromatogram", "info", folder)
    assert result.exit_code == 0
    for part in ("x  ", "mixed_F  ", "Consensus of x_F, x_R", "More than one template"):
        assert part in result.stdout
    rows = list(
        csv.DictReader(io.StringIO(run("chromatogram", "info", folder, "--format", "csv").stdout))
    )
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["sample"], row["mixed"]) for row in rows] == [
        ("mixed_F", "True"),
        ("x", "False"),
        ("x", "False"),
    ]
    lines = run("chromatogram", "info", folder, "--format", "json").stdout.splitlines()
    mixed = json.loads(lines[0])
    assert len(mixed["double_peaks"]) > 20
    assert {"place", "code", "ratio", "where", "clear"} == set(mixed["double_peaks"][0])


def test_info_goes_on_after_a_file_that_cannot_be_read(folder, tmp_path):
    damaged = tmp_path / "damaged.ab1"
    damaged.write_bytes(b"ABIF" + bytes(50))
    result = run("chromatogram", "info", damaged, folder / "x_F.ab1")
    assert result.exit_code == 3
    assert "damaged or cut off" in result.stderr
    assert "x_F" in result.stdout
