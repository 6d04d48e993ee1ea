"""A check of fit: p-values beside known distributions, and what decides that a statement is made."""

import json

import numpy as np
import pytest

from forensics.fit import LEVEL, Fit, FitStatistic, normal_p, predictive_p


def test_right_data_are_refused_as_often_as_the_level_says():
    random = np.random.default_rng(1)
    p_values = [
        predictive_p(float(random.standard_normal()), random.standard_normal(199).tolist())
        for _data in range(4000)
    ]
    for level in (0.01, 0.05, 0.5):
        share = float(np.mean(np.array(p_values) <= level))
        assert share == pytest.approx(level, abs=4 * (level * (1 - level) / 4000) ** 0.5)


def test_a_p_value_of_replicates_is_never_0_and_realised_discrepancies_are_paired():
    assert predictive_p(99.0, [0.0] * 9) == 0.1
    assert predictive_p([1.0, 1.0, 5.0], [2.0, 0.0, 9.0]) == 0.75
    assert predictive_p(1.0, []) == 1.0
    with pytest.raises(ValueError, match="2 observed"):
        predictive_p([1.0, 2.0], [1.0])


def test_several_statistics_are_corrected_for_their_number():
    fit = Fit((FitStatistic("a", 9.0, 1.0, 0.004), FitStatistic("b", 1.0, 1.0, 0.9)))
    assert fit.p == 0.008 and not fit.passed and fit.worst.name == "a"
    assert Fit((*fit.statistics, FitStatistic("c", 1.0, 1.0, 0.5))).passed
    assert Fit(()).passed and Fit(()).p == 1.0 and Fit(()).worst is None
    assert LEVEL == 0.01


def test_what_is_stored_is_read_again_also_as_texts():
    fit = Fit((FitStatistic("fst", 0.05, 0.01, 0.002, 499),), 0.02)
    stored = json.loads(json.dumps(fit.to_dict()))
    assert Fit.from_stored(stored) == fit and stored["passed"] is False
    texts = stored | {"level": "0.02", "statistics": [
        {name: value if isinstance(value, int) else str(value) for name, value in one.items()}
        for one in stored["statistics"]
    ]}  # fmt: skip
    assert Fit.from_stored(texts) == fit


def test_a_tiny_p_value_is_not_shown_as_0():
    assert Fit((FitStatistic("a", 60.0, 0.0, 0.0),)).shown()["p"] == "< 1e-09"
    assert normal_p(-3.0) == normal_p(3.0) == pytest.approx(0.0027, abs=1e-5)
