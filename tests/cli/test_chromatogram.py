"""SIMULATED chromatograms on the command line."""

import sys

import numpy
import pytest
from click.testing import CliRunner
from simulation import SPECIES, query
from trace_simulation import ab1_of, simulate

from forensics.cli import main

BARCODE = query(SPECIES[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a chromatogram."""
    folder = tmp_path_factory.mktemp("traces")
    trace = simulate(numpy.random.default_rng(2), [(BARCODE, 1.0)])
    (folder / "x_F.ab1").write_bytes(ab1_of(trace))
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
