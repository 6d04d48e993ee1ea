"""Figures of an evaluation on the screen: names, intervals, and no long tables."""

import io

import pytest

from forensics import messages
from forensics.cli.origin_screen import show_evaluation
from forensics.cli.output import Writer

RATE = {"count": 9, "total": 10, "share": 0.9, "low": 0.596, "high": 0.982, "effective_size": 10.0}
EVALUATION = {
    "leave-one-site-out": {
        "scheme": "site",
        "median_km": 380.523,
        "coverage": {"0.9": RATE},
        "by_site": [{"site": f"S{number}", "median_km": 1.0} for number in range(13)],
    },
    "exclusion": {"groups": 3, "by level": [{"level": 0.05, "noticed": 0.31234, "low": None}]},
    "note": "not a scheme",
}


@pytest.fixture
def shown(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    stream = io.StringIO()
    show_evaluation(EVALUATION, Writer("table", stream))
    yield stream.getvalue()
    messages.speak("en")


def test_figures_have_their_names_and_rates_their_intervals(shown):
    assert "Whole sites left out\n" in shown
    assert "median error, km" in shown and "380.5" in shown
    assert "90.0% (59.6% to 98.2%) of 10" in shown and "effective_size" not in shown


def test_a_long_table_is_left_to_json_and_counted(shown):
    assert "by_site: 13 rows, in --format json" in shown and "S12" not in shown


def test_a_short_table_is_written_with_rounded_numbers(shown):
    assert "0.312" in shown and "0.31234" not in shown
    row = next(line for line in shown.splitlines() if line.startswith("0.05"))
    assert row.split() == ["0.05", "0.312", "-"]


def test_figures_are_named_in_the_language_of_the_reader(monkeypatch):
    messages.speak("fr")
    stream = io.StringIO()
    show_evaluation(EVALUATION, Writer("table", stream))
    messages.speak("en")
    assert "erreur médiane, km" in stream.getvalue() and "90,0" in stream.getvalue()
