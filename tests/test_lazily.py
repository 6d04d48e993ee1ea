"""Names that are imported late, and names that were renamed."""

import importlib

import pytest

from forensics.lazily import renamed

# Old names that still work, for one version (docs/public-api.md).
RENAMED = {
    "forensics.barcode.identification.Identifications": "forensics.barcode.run.Identifications",
    "forensics.trade.indicators.diagnostics.LARGEST_RHAT": "forensics.stats.convergence.MAX_R_HAT",
    "forensics.trade.indicators.diagnostics.r_hat": "forensics.stats.convergence.folded_r_hat",
    "forensics.trade.indicators.resampling.ratio_interval":
        "forensics.stats.intervals.poisson_ratio_interval",
    "forensics.trade.publishing.suppression.FEWEST":
        "forensics.trade.publishing.suppression.MIN_SEIZURES",
    "forensics.report.error_rates.upper_bound": "forensics.stats.intervals.binomial_upper",
}  # fmt: skip


def get(place):
    module, _dot, name = place.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_name_is_the_new_one_and_says_so(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is now {new}"):
        value = get(old)
    assert value is get(new)


def test_a_name_that_never_was_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'never'"):
        renamed("forensics.errors", {})("never")
