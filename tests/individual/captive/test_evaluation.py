import numpy as np
import pytest
from husbandry_simulation import animals, table

from forensics.individual.captive.classifier import HusbandryClassifier, evaluate
from forensics.individual.captive.results import call_samples
from forensics.individual.options import CaptiveOptions

MARKS = ("right", "wrong", "inconclusive", "neither")


def arrays(frame):
    return frame[["d13C", "d15N"]].to_numpy(), frame["origin"].to_numpy(), frame["farm"].to_numpy()


def evaluated(frame, *, confidence=0.9, level=0.05, prior="equal"):
    X, y, groups = arrays(frame)
    model = HusbandryClassifier(prior).fit(X, y, groups=groups)
    names = frame["sample"].tolist()
    return evaluate(model, names, CaptiveOptions(confidence=confidence, exclusion_level=level))


def calls_of(model, X, *, confidence=0.9, level=0.05):
    return call_samples(
        model.predict_proba(X), model.log_ratios(X), *model.p_values(X),
        CaptiveOptions(confidence=confidence, exclusion_level=level),
    )  # fmt: skip


def test_a_group_that_is_asked_about_had_no_part_in_anything():
    # The slow way: for every farm a classifier that never saw it.
    frame = table(14, 2, seed=7)
    X, y, groups = arrays(frame)
    found = evaluated(frame)
    counts = {name: dict.fromkeys(MARKS, 0) for name in set(y)}
    likeliest = 0
    for farm in np.unique(groups):
        rest = groups != farm
        model = HusbandryClassifier().fit(X[rest], y[rest], groups=groups[rest])
        for own, one in zip(y[~rest], calls_of(model, X[~rest])):
            right = model.classes_[one.best] == own
            likeliest += right
            supported = "right" if right else "wrong"
            counts[own][supported if one.status == "supported" else one.status] += 1
    assert found.accuracy.count == likeliest
    for name, expected in counts.items():
        assert {mark: getattr(found.classes[name], mark).count for mark in MARKS} == expected
    assert sum(one.right.total for one in found.calibration) == len(X)


def test_a_class_taken_for_unknown_is_excluded_as_by_a_reference_without_it():
    frame = table(40, kinds=("wild", "captive", "other"), seed=3)
    found = evaluated(frame)
    X, y, groups = arrays(frame)
    rest = y != "other"
    model = HusbandryClassifier().fit(X[rest], y[rest], groups=groups[rest])
    status = [one.status for one in calls_of(model, X[~rest])]
    assert found.classes["other"].unknown.count == status.count("neither") == 40
    assert 0 < found.classes["wild"].unknown.count < 40  # near captive ones


def test_what_few_groups_exclude_has_a_rate():
    assert evaluated(table(15), level=0.05).classes["wild"].unknown.total == 15


def test_intervals_are_of_farms_not_of_samples():
    one, many = evaluated(table(20, 1)), evaluated(table(20, 6))
    assert many.samples == 6 * one.samples and many.groups == one.groups == 40
    assert many.accuracy.size < many.samples / 2


def test_ratios_that_say_nothing_cost_one_and_good_ones_little():
    frame = table(30)
    nothing = frame.assign(origin=np.random.default_rng(2).permutation(frame["origin"]))
    apart = frame.assign(d13C=frame["d13C"] + 100 * (frame["origin"] == "wild"))
    assert evaluated(nothing).cllr == pytest.approx(1.0, abs=0.05)
    assert evaluated(apart).cllr < 0.1  # no ratio above 31 can be stated
    assert evaluated(frame).cllr < 0.7


@pytest.mark.slow
def test_stated_rates_hold_for_further_farms():
    """Of 200 simulated references: answers about farms that the reference lacks."""
    stated, right, wrong, neither, unknown, out = [], [], 0, 0, 0, 0
    size = 200
    for seed in range(size):
        X, y, groups = arrays(table(30, 2, seed=seed))
        model = HusbandryClassifier().fit(X, y, groups=groups)
        asked = np.vstack([animals(kind, 1, seed=10_000 + seed)[0] for kind in ("wild", "captive")])
        posterior = model.predict_proba(asked)
        stated += posterior[:, 1].tolist()
        right += [False, True]  # classes are captive, wild
        found = calls_of(model, asked[::-1])
        wrong += sum(
            one.status == "supported" and one.best != place for place, one in enumerate(found)
        )
        neither += sum(one.excluded[place] for place, one in enumerate(found))
        (other,) = calls_of(model, animals("other", 1, seed=seed)[0])
        unknown += other.status == "neither"
        out += other.status == "supported"
    stated = np.array(stated)
    right = np.array([place % 2 == 0 for place in range(2 * size)])
    error = abs(stated.mean() - right.mean())
    assert error < 3 * np.sqrt(0.25 / (2 * size))
    sure = np.maximum(stated, 1 - stated) >= 0.9
    correct = ((stated > 0.5) == right)[sure]
    assert correct.mean() >= 0.9 - 3 * np.sqrt(0.09 / sure.sum())
    assert wrong / (2 * size) <= 0.1
    assert neither / (2 * size) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / (2 * size))
    assert unknown / size > 0.95 and out == 0
