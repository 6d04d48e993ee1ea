"""SIMULATED chromatograms on the command line: what is drawn of them."""

import numpy
import pytest
from command_line import typed
from simulation import SPECIES, query
from trace_simulation import ab1_of, simulate


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Both strands of a short product: letters take time to draw."""
    folder = tmp_path_factory.mktemp("short")
    rng = numpy.random.default_rng(3)
    for strand in "FR":
        trace = simulate(rng, [(query(SPECIES[0])[:130], 1.0)], reverse=strand == "R", bad_ends=10)
        (folder / f"s_{strand}.ab1").write_bytes(ab1_of(trace))
    return sorted(folder.iterdir())


def show(short, output, *more, **options):
    return typed("chromatogram show", *short, "--output", output, *more, **options)


def test_a_figure_of_both_strands_is_the_same_each_time_and_replaces_nothing(short, tmp_path):
    pytest.importorskip("matplotlib")
    figures = [tmp_path / f"{n}.png" for n in (1, 2)]
    for figure in figures:
        show(short, figure)
    assert figures[0].read_bytes() == figures[1].read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f.name for f in figures]
    figures[0].write_text("an exhibit")
    assert "not overwritten" in show(short, figures[0], expect=2).stderr
    assert figures[0].read_text() == "an exhibit"


def test_a_base_is_drawn_large_with_those_around_it(short, tmp_path):
    pytest.importorskip("matplotlib")
    whole, zoomed = tmp_path / "whole.svg", tmp_path / "zoomed.svg"
    show(short, whole)
    show(short, zoomed, "--at", 63)
    # 31 bases of two reads and the consensus instead of all of them.
    letters = [path.read_text(encoding="utf-8").count("<use ") for path in (whole, zoomed)]
    assert 3 * 31 < letters[1] < letters[0]
