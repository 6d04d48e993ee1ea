"""The trial of a lesson: what is taken out is out, what is asked for is known, and the counts are those of the answers."""

import pytest

from forensics import training
from forensics.training.trials import FAMILIES, HELD, MISSING


@pytest.fixture(scope="module")
def trial():
    return training.hide_species(seed=3)


def test_what_is_held_has_other_records_and_what_is_missing_has_none(trial):
    left = [record for record, _sequence in trial.library.records("COI")]
    species = {record.species for record in left}
    answers = trial.ask()
    assert answers["held"].sum() == HELD and (~answers["held"]).sum() == MISSING
    assert {*answers["truth"][answers["held"]]} <= species
    assert not {*answers["truth"][~answers["held"]]} & species
    assert {record.family for record in left} <= FAMILIES
    assert "demonstration" in str(trial.library.description).lower()


def test_the_counts_are_those_of_the_answers_for_every_rule(trial):
    answers = trial.ask()
    for threshold in (0.95, 0.98, 1.0):
        named = answers[answers["identity"] >= threshold]
        right = named["truth"] == named["best_species"]
        (row,) = trial.count(thresholds=[threshold]).values.tolist()
        assert row == [right.sum(), (named["held"] & ~right).sum(), (~named["held"]).sum()]
        assert not (right & ~named["held"]).any()
    named = answers[answers["rank"] == "species"]
    right = named["truth"] == named["taxon"]
    (row,) = trial.count(priors=[0.9]).values.tolist()
    assert row == [right.sum(), (named["held"] & ~right).sum(), (~named["held"]).sum()]


def test_what_the_lesson_says_of_the_trial_is_so(trial):
    """No threshold is without error, the program names less at even odds, and two kinds of animals are spoken of."""
    table = trial.count(thresholds=[0.98, 0.99, 1.0], priors=[0.5, 0.9, 0.99]).values
    assert (table[:3, 2] > 0).all() and table[0, 2] > table[2, 2] and table[0, 0] > table[2, 0]
    assert table[3, 0] < table[4, 0] < table[5, 0]
    answers = trial.ask().set_index("truth")
    assert answers.loc["Loxodonta cyclotis", "taxon"] == "Loxodonta"
    assert answers.loc["Chlorocebus sabaeus", "taxon"] == "Chlorocebus pygerythrus"
    assert answers.loc["Chlorocebus sabaeus", "identity"] == 1
    assert not answers.loc[["Loxodonta cyclotis", "Chlorocebus sabaeus"], "held"].any()


def test_the_picture_has_both_groups_and_the_threshold(trial):
    matplotlib = pytest.importorskip("matplotlib")
    with matplotlib.rc_context({"backend": "agg"}):
        axes = trial.plot(threshold=0.98)
    drawn = [sum(bar.get_height() for bar in bars) for bars in axes.containers]
    assert drawn == [HELD, MISSING]
    assert list(axes.lines[0].get_xdata()) == [0.98, 0.98]
