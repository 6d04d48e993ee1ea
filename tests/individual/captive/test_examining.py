import json

import numpy as np
import pandas as pd
import pytest
from husbandry_simulation import MEANS, animals, table

from forensics.errors import InputError, UsageError
from forensics.individual.captive import results as captive_results
from forensics.individual.captive.examining import examine
from forensics.individual.captive.measurements import read_measurements
from forensics.individual.captive.results import call_samples
from forensics.individual.options import CaptiveOptions

SCALED = {"d13C": "d13C (VPDB)", "d15N": "d15N (AIR)"}


def reference(frame, **options):
    options = {"classes": "origin", "groups": "farm"} | options
    return read_measurements(frame.rename(columns=SCALED), **options)


def questioned(*rows):
    return read_measurements(
        pd.DataFrame(
            [(f"Q{place}", *row) for place, row in enumerate(rows)],
            columns=["sample", *SCALED.values()],
        )
    )


def codes(result):
    return [warning.code for warning in result.warnings]


@pytest.fixture(scope="module")
def known():
    return reference(table(120))


def test_each_of_the_three_answers_is_reached(known):
    wild, unclear, neither = examine(questioned((-24.5, 5.0), (-21.4, 7.1), (-8.0, 16.0)), known)
    assert (wild.status, wild.supported) == ("supported", "wild")
    assert wild.posteriors["wild"] >= 0.95 and "support" in wild.headline()
    assert (unclear.status, unclear.supported) == ("inconclusive", None)
    assert (neither.status, neither.excluded) == ("neither", ("captive", "wild"))
    # Nothing is said of which of two wrong classes is the nearer one.
    assert neither.log10_lr is None and set(neither.posteriors.values()) == {None}
    assert neither.under_other_priors() == {} and "none is given" in neither.explanation()


def test_no_result_says_that_anything_is_proven_or_certain(known):
    results = examine(questioned((-24.5, 5.0), (-19.5, 8.5), (-8.0, 16.0)), known)
    for result in results:
        text = f"{result.explanation()} {result.headline()}".casefold()
        assert not any(
            word in text for word in ("proven", "proof", "certain", "is wild", "is captive")
        )
        assert "Limits" in dict(result.lines())


def test_the_posterior_is_shown_under_other_priors(known):
    (one,) = examine(questioned((-23.0, 6.0)), known)
    (two,) = examine(questioned((-23.0, 6.0)), known, prior={"wild": 0.1, "captive": 0.9})
    assert one.under_other_priors()[0.1] == pytest.approx(two.posteriors["wild"])
    assert one.under_other_priors()[0.5] == pytest.approx(one.posteriors["wild"])
    assert "(prior 0.1)" in dict(two.lines())["Posterior"]


def test_a_prior_alone_supports_nothing_and_its_weight_is_told(known):
    strong = {"wild": 0.001, "captive": 0.999}
    alone, both = examine(questioned((-21.9, 6.9), (-20.6, 7.6)), known, prior=strong)
    assert alone.posteriors["captive"] > 0.95 and alone.status == "inconclusive"
    assert both.status == "supported" and "PRIOR_SENSITIVE" in codes(both)
    (even,) = examine(questioned((-20.6, 7.6)), known)
    assert even.status == "inconclusive" and "PRIOR_SENSITIVE" not in codes(even)


def test_a_measurement_that_is_missing_is_as_a_column_that_never_was(known):
    whole, part = examine(questioned((-24.5, 5.0), (-24.5, None)), known)
    assert set(codes(part)) - set(codes(whole)) == {"NOT_MEASURED"}
    without = reference(table(120), columns=["d13C"])
    only = read_measurements(pd.DataFrame({"sample": ["Q"], "d13C (VPDB)": [-24.5]}))
    (alone,) = examine(only, without)
    assert part.posteriors == pytest.approx(alone.posteriors)
    assert part.p_values == pytest.approx(alone.p_values)
    assert part.performance == alone.performance != whole.performance
    assert part.values == {"d13C": -24.5} and part.units == {"d13C": "‰ VPDB"}


def test_results_stand_in_the_order_of_the_samples(known):
    rows = [(-24.5, 5.0), (None, 5.0), (-20.0, 8.0), (-24.5, None)]
    assert [one.sample for one in examine(questioned(*rows), known)] == ["Q0", "Q1", "Q2", "Q3"]


def test_reference_samples_with_gaps_are_left_out_and_counted():
    frame = table(40)
    frame.loc[:9, "d15N"] = np.nan
    (whole,) = examine(questioned((-23.0, 6.0)), reference(frame))
    (part,) = examine(questioned((-23.0, None)), reference(frame))
    (fewer,) = examine(questioned((-23.0, 6.0)), reference(frame.iloc[10:]))
    assert "INCOMPLETE_REFERENCE" in codes(whole) and "10 of 80" in whole.explanation()
    assert "INCOMPLETE_REFERENCE" not in codes(part) and part.performance.samples == 80
    assert whole.posteriors == pytest.approx(fewer.posteriors)


def test_a_small_reference_says_what_it_cannot_find():
    (far,) = examine(questioned((-8.0, 16.0)), reference(table(10)))
    assert far.status == "neither" and "FEW_FOR_CONFIDENCE" in codes(far)
    (near,) = examine(questioned((-24.0, 5.0)), reference(table(10)))
    assert near.at_bound and 10**near.log10_lr <= 11 and "capped" in near.explanation()


def test_neither_is_reached_with_few_groups_and_no_count_is_claimed_for_it():
    far, near = examine(questioned((-8.0, 16.0), (-23.0, 6.0)), reference(table(20)))
    assert far.status == "neither" and not far.fit.passed and near.fit.passed
    assert far.beyond == ("captive", "wild") and max(far.p_values.values()) < 1 / 41
    said = dict(far.lines())["As far out"]
    assert "by the density; none of the 40 groups" in said and "2.44%" not in said
    assert "this reference does not describe this sample" in far.headline()
    stored = far.to_dict()
    assert stored["fit"]["passed"] is False and stored["beyond_reference"] == ["captive", "wild"]


def test_wrong_labels_are_named_and_cost_the_reference_its_support():
    """Simulated: ten of 200 animals are of the other class than their label says."""
    frame = table(100)
    frame.loc[frame["origin"] == "captive", ["d13C", "d15N"]] += 3.0
    wrong = frame.index[[3, 17, 40, 66, 90, 105, 120, 150, 170, 199]]
    truth = frame["origin"].copy()
    frame.loc[wrong, "origin"] = truth[wrong].map({"wild": "captive", "captive": "wild"})
    asked = questioned((-24.5, 5.0), (-16.5, 11.5))
    as_labelled = examine(asked, reference(frame))
    named = {one.sample: one for one in as_labelled[0].suspects}
    assert len(named) >= 8 and set(named) <= set(frame.loc[wrong, "sample"])
    for one in named.values():
        assert one.probability >= 0.95 and one.label != one.likelier
    assert "SUSPECT_LABELS" in codes(as_labelled[0])
    (notice,) = (one for one in as_labelled[0].notices if one.code == "SUSPECT_LABELS")
    assert "--without-suspects" in notice.kind.advice
    without = examine(asked, reference(frame), CaptiveOptions(without_suspects=True))
    assert [one.supported for one in without] == ["wild", "captive"]
    assert without[0].log10_lr > as_labelled[0].log10_bound
    assert "holds only if these labels are wrong" in without[0].explanation()
    assert without[0].provenance.parameters["without_suspects"] is True
    assert "without_suspects" not in as_labelled[0].provenance.parameters


@pytest.mark.slow
def test_right_labels_are_hardly_ever_suspect():
    """Simulated: 1,200 samples with overlapping classes; 361 to 1 comes up in fewer than one of 361."""
    suspects = [
        one
        for seed in range(6)
        for one in examine(questioned((-23.0, 6.0)), reference(table(100, seed=seed)))[0].suspects
    ]
    assert len(suspects) <= 3


def test_what_the_tables_do_not_say_is_told():
    frame = table(30)
    (result,) = examine(
        read_measurements(pd.DataFrame({"sample": ["Q"], "d13C": [-23.0], "d15N": [6.0]})),
        read_measurements(frame.drop(columns="farm"), classes="origin"),
    )
    assert {"NO_GROUPS", "NO_SCALE"} <= set(codes(result))


def test_a_result_is_json_a_row_and_a_table_for_notebooks(known):
    for result in examine(questioned((-24.5, 5.0), (-8.0, 16.0)), known):
        held = json.loads(result.to_json())
        assert held["likelihood_ratio"]["log10_bound"] == pytest.approx(result.log10_bound)
        assert held["performance"]["classes"]["wild"]["right"]["total"] == 120
        assert held["provenance"]["parameters"]["columns"] == ["d13C", "d15N"]
        assert result.rows()[0]["posterior wild"] == result.posteriors["wild"]
        assert "<table>" in result._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(origin="wild"), "found 1 classes"),
        (lambda frame: frame.assign(origin=frame["sample"]), "found 60 classes"),
        (lambda frame: frame.assign(d15N=7.0), "same value in all samples"),
        (lambda frame: frame.assign(d15N=frame["d13C"] * 2 + 1), "say the same"),
        (lambda frame: frame[~frame["farm"].isin([f"wild farm {n}" for n in range(4, 30)])],
         "d13C, d15N: class wild: 4 independent groups"),
        (lambda frame: frame.assign(d15N=frame["d15N"].where(frame["origin"] == "wild")),
         "no sample of class captive has all of these"),
        (lambda frame: frame.rename(columns={"d13C": "d13C SMOW"}), "in ‰ VPDB; the reference"),
    ],
)  # fmt: skip
def test_references_that_cannot_be_one_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        examine(questioned((-23.0, 6.0)), reference(change(table(30))))


def test_a_sample_is_not_compared_with_itself(known):
    row = known.values[0].tolist()
    frame = pd.DataFrame(
        {"sample": [known.names[0]], SCALED["d13C"]: row[0], SCALED["d15N"]: row[1]}
    )
    with pytest.raises(InputError, match="compared with itself"):
        examine(read_measurements(frame), known)


def test_a_sample_that_stands_twice_and_wrong_options_are_refused(known):
    twice = pd.DataFrame({"sample": ["Q", "Q"], "d13C": [-23.0, -22.0], "d15N": [6.0, 6.0]})
    with pytest.raises(InputError, match="Q occurs twice"):
        examine(read_measurements(twice), known)
    for name, value in (("confidence", 0.5), ("confidence", 1.0), ("exclusion_level", 0.0),
                        ("exclusion_level", 1.0)):  # fmt: skip
        with pytest.raises(UsageError, match=f"{name}: {value} is not in the range"):
            CaptiveOptions(**{name: value})
    with pytest.raises(UsageError, match="--class-column"):
        examine(questioned((-23.0, 6.0)), questioned((-23.0, 6.0)))
    with pytest.raises(InputError, match="the reference has d13C, d15N"):
        examine(read_measurements(twice.iloc[:1], columns=["d13C"]), known)


def test_a_posterior_that_only_equals_the_confidence_is_told_of_whatever_the_rounding():
    """Simulated, far apart: 19 groups a class bound the ratio at 19, and 19 / 20 is 0.95."""
    asked = questioned((-23.2, 6.1), (-8.2, 16.2))
    found = examine(asked, reference(table(19, kinds=("wild", "other"))))
    for result in found:
        best = max(result.posteriors.values())
        assert best == pytest.approx(0.95, abs=1e-12) and result.status == "supported"
        assert "UNTESTED" in codes(result) and "is not known" in result.explanation()
        assert result.performance.classes[result.supported].right.share == 0
    more = examine(asked, reference(table(20, kinds=("wild", "other"))))
    assert all(one.status == "supported" and "UNTESTED" not in codes(one) for one in more)
    # The two groups of twenty that lie farthest towards the other class are between the classes.
    assert {one.right.share for one in more[0].performance.classes.values()} == {0.9}
    fewer = examine(asked, reference(table(18, kinds=("wild", "other"))))
    assert {one.status for one in fewer} == {"inconclusive"}


@pytest.mark.parametrize("off", [-1e-15, 0.0, 1e-15])
def test_rounding_does_not_decide_what_is_supported(off):
    log = np.log(19) + off
    posterior = np.array([[19 / 20 + off, 1 / 20 - off]])
    (one,) = call_samples(posterior, np.array([[0.0, -log]]), *[np.ones((1, 2))] * 3)
    assert one.status == "supported"
    (one,) = call_samples(posterior - 1e-6, np.array([[0.0, -log]]), *[np.ones((1, 2))] * 3)
    assert one.status == "inconclusive"


def test_few_animals_of_a_place_between_the_classes_are_called_captive(monkeypatch):
    # Simulated: classes that hardly overlap, and 400 wild animals of a place half way.
    frame = table(60, 3)
    frame.loc[frame["origin"] == "captive", ["d13C", "d15N"]] += 3.0
    known = reference(frame)
    way = np.array(MEANS["captive"]) + 3.0 - MEANS["wild"]
    between = questioned(*(animals("wild", 400, seed=11)[0] + 0.5 * way))
    right = questioned(*(animals("captive", 400, seed=11)[0] + 3.0))

    def called(asked):
        return np.array([one.supported == "captive" for one in examine(asked, known)])

    false, kept = called(between), called(right)
    said = [one for one in examine(between, known) if "BETWEEN_CLASSES" in codes(one)]
    assert said and all(one.status == "inconclusive" for one in said)
    assert all(one.log10_lr is not None for one in said)  # the ratio stays
    monkeypatch.setattr(captive_results, "BETWEEN_LEVEL", 0.0)
    before, all_right = called(between), called(right)
    assert not (false & ~before).any() and not (kept & ~all_right).any()
    assert false.sum() < 0.6 * before.sum() and before.sum() > 40
    assert kept.sum() > 0.85 * all_right.sum()
