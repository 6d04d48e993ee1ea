"""Pictures are written whole, the same every time, and hold what they say."""

from xml.etree import ElementTree

import pytest
from indicator_simulation import carcass_table, seizure_table

from forensics.trade import figures
from forensics.trade.choices import PikeOptions
from forensics.trade.counts import counts, network
from forensics.trade.pike import read_carcasses, trend
from forensics.trade.seizures import seizures_of

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def taken():
    return seizures_of(seizure_table(80))


@pytest.fixture(scope="module")
def drawings(taken, tmp_path_factory):
    path = tmp_path_factory.mktemp("carcasses") / "carcasses.csv"
    carcass_table()[0].to_csv(path, index=False)
    trends = [trend(read_carcasses(path), "Africa", PikeOptions(draws=50, warm_up=10, chains=2))]
    legs = network(taken)
    held = [counts(taken, by) for by in (["year"], ["year", "species"], ["route"])]
    return {
        "pike": lambda path: figures.save_pike(trends, path),
        "year": lambda path: figures.save_counts(held[0], path),
        "species": lambda path: figures.save_counts(held[1], path, measure="kg"),
        "route": lambda path: figures.save_counts(held[2], path),
        "routes": lambda path: figures.save_routes(*legs, path),
    }


@pytest.mark.parametrize("name", ["pike", "year", "species", "route", "routes"])
def test_a_picture_is_an_svg_that_is_the_same_twice(drawings, name, tmp_path):
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    drawings[name](first)
    drawings[name](second)
    assert first.read_bytes() == second.read_bytes()
    assert b"</svg>" in first.read_bytes()


def test_a_picture_as_png(drawings, tmp_path):
    drawings["routes"](tmp_path / "routes.png")
    assert (tmp_path / "routes.png").read_bytes().startswith(b"\x89PNG")


def test_a_name_that_looks_like_a_formula_or_steers_a_terminal_is_drawn_as_text(tmp_path):
    table = seizure_table(30).assign(species="$\\frac{1}{0}$ \x1b[2J $", place="<b>&$x_$")
    taken = seizures_of(table)
    figures.save_counts(counts(taken, ["species"]), tmp_path / "counts.svg")
    figures.save_counts(counts(taken, ["place"]), tmp_path / "places.svg")
    for name in ("counts.svg", "places.svg"):
        ElementTree.fromstring((tmp_path / name).read_bytes())  # well-formed
