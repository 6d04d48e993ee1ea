"""The published figures of assignR for the loggerhead shrike (evaluation data; skipped without).

assignR: Ma et al. (2020), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13426.
"""

import numpy as np
import pandas
import pytest
from keratin_scales import to_vsmow

from forensics.origin.isoscape import read_isoscape
from forensics.origin.isotope_models import leave_one_out
from forensics.origin.isotopes import calibrate


@pytest.fixture(scope="module")
def isoscape(evaluation_data):
    pytest.importorskip("rasterio", reason="the extra geo is not installed")
    path = evaluation_data / "isotopes" / "d2h_lrNA.tif"
    if not path.is_file():
        pytest.skip("no isoscape in the evaluation data")
    return read_isoscape(path, name="d2H")


@pytest.fixture(scope="module")
def shrike(evaluation_data):
    folder = evaluation_data / "isotopes"
    samples = pandas.read_csv(folder / "knownOrig_samples.csv")
    sites = pandas.read_csv(folder / "knownOrig_sites.csv").astype({"Site_ID": int})
    table = samples[samples.Taxon == "Lanius ludovicianus"].merge(sites, on="Site_ID")
    table = table.rename(columns={"x": "longitude", "y": "latitude"})
    table["d2H"], table["d2H.sd"] = to_vsmow(table["d2H"], table["d2H.sd"])
    return table


def test_calibration_is_assignrs(isoscape, shrike):
    line = calibrate(
        isoscape,
        shrike["d2H"],
        shrike["latitude"],
        shrike["longitude"],
        sites=shrike["Site_ID"],
        sd=shrike["d2H.sd"],
        weighting="measurement",
    )
    assert line.samples == 524
    # assignR draws the reference scales 5,000 times; here the variance is in closed form. Its
    # figures (0.933, 10.09, 0.588) vary with the seed by 0.001, 0.05 and 0.001.
    assert line.slope == pytest.approx(0.933, abs=0.0015)
    assert line.intercept == pytest.approx(10.09, abs=0.1)
    assert line.r_squared == pytest.approx(0.588, abs=0.003)


@pytest.mark.slow
def test_held_out_sites_are_found_as_often_as_by_assignr(isoscape, shrike):
    found = leave_one_out(shrike, [isoscape], clusters=shrike["Site_ID"].to_numpy(), site="Site_ID")
    # Published: 59 % and 88 %, of some tens of sites drawn at random.
    assert found.by_site(found.best_cells(0.10)) >= 0.59
    assert found.top(0.20, by_cells=True).high >= 0.88
    # Regions may hold the truth too often (the prior is the whole map), never too seldom.
    for level in (0.5, 0.9, 0.95):
        assert found.coverage(level).high >= level
        assert found.prediction_coverage(level).high >= level
    assert np.median(found.errors) < 1000
