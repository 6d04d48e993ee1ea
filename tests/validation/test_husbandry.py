"""The classifier of husbandry on real isotopes: assignR's knownOrig, with sites as groups.

No public data of wild and captive animals are at hand. The classes here are places: north and south
of a latitude, a country and the rest. What is tested is what does not depend on what classes mean:
that stated probabilities are not too sure, and that exclusion keeps its rate.
"""

import pandas as pd
import pytest

from forensics.individual.captive.examining import examine
from forensics.individual.captive.measurements import read_measurements
from forensics.individual.options import CaptiveOptions

LEVEL = 0.05
NORTH = 40.0  # degrees; cuts the loggerhead shrike's samples in 189 and 367


@pytest.fixture(scope="module")
def samples(evaluation_data):
    folder = evaluation_data / "isotopes"
    if not folder.is_dir():
        pytest.skip("no isotopes in the evaluation data")
    sites = pd.read_csv(folder / "knownOrig_sites.csv").astype({"Site_ID": int})
    return pd.read_csv(folder / "knownOrig_samples.csv").merge(sites, on="Site_ID")


def performance(frame, classes, columns):
    table = frame[["Sample_ID", "Site_ID", *columns]].assign(place=classes).dropna()
    known = read_measurements(
        table, sample="Sample_ID", classes="place", groups="Site_ID", columns=columns
    )
    asked = pd.DataFrame({"sample": ["asked"], **{name: [table[name].mean()] for name in columns}})
    (result,) = examine(
        read_measurements(asked, columns=columns), known, CaptiveOptions(exclusion_level=LEVEL)
    )
    return result.performance


@pytest.fixture(scope="module", params=["shrike", "hair"])
def found(request, samples):
    if request.param == "shrike":
        frame = samples[samples.Taxon == "Lanius ludovicianus"]
        return performance(frame, (frame.y > NORTH).map({True: "north", False: "south"}), ["d2H"])
    frame = samples[samples.Taxon == "Homo sapiens"]
    classes = (frame.Country == "US").map({True: "US", False: "elsewhere"})
    return performance(frame, classes, ["d2H", "d18O"])


def test_stated_probabilities_are_not_too_sure(found):
    assert found.samples > 500 and found.groups > 100
    for one in found.calibration:
        assert one.right.high >= one.stated, one


def test_sites_are_excluded_from_their_own_class_at_no_more_than_the_level(found):
    for one in found.classes.values():
        assert one.neither.low <= LEVEL
        assert one.wrong.low <= 0.05


def test_ratios_cost_less_than_saying_nothing(found):
    assert found.cllr < 0.9
