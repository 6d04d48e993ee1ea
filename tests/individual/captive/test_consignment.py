"""Consignments of simulated animals: of one class, of two, and of places that the reference lacks."""

import numpy as np
import pandas as pd
import pytest
from husbandry_simulation import MEANS, animals, table

from forensics.errors import UsageError
from forensics.individual.captive.examining import examine, examine_consignments
from forensics.individual.captive.measurements import read_measurements

TOWARDS_CAPTIVE = np.array(MEANS["captive"]) - MEANS["wild"]


@pytest.fixture(scope="module")
def known():
    return read_measurements(table(60, 3), classes="origin", groups="farm")


@pytest.fixture(scope="module")
def apart():
    """Return a reference whose classes hardly overlap: captive animals lie 3 ‰ farther off."""
    frame = table(60, 3)
    frame.loc[frame["origin"] == "captive", ["d13C", "d15N"]] += 3.0
    return read_measurements(frame, classes="origin", groups="farm")


def asked(values):
    names = [f"q{place}" for place in range(len(values))]
    return read_measurements(
        pd.DataFrame({"sample": names, "d13C": values[:, 0], "d15N": values[:, 1]})
    )


def joint_of(values, known, **options):
    rows, (joint,) = examine_consignments(asked(values), ["K"] * len(values), known, **options)
    assert [one.sample for one in rows] == list(joint.samples)
    return rows, joint


def test_a_consignment_of_one_class_gets_one_statement(known):
    rows, joint = joint_of(animals("wild", 40, seed=7)[0], known)
    assert (joint.status, joint.supported) == ("supported", "wild") and joint.fit.passed
    assert joint.headline().startswith("all 40 samples together")
    assert "count as one group" in dict(joint.lines())["Dependence"]
    # No more than a single group can say, however many samples there are.
    assert joint.joint.log10_lr <= joint.joint.log10_bound <= np.log10(61)
    assert {one.supported for one in rows} <= {"wild", None}
    stored = joint.to_dict()
    assert stored["consignment"] == "K" and stored["dependence"] == "one group"
    assert len(stored["samples"]) == 40 and stored["mean"]["sample"] == "K"


def test_animals_of_a_place_half_way_are_not_called_one_by_one(apart):
    values = animals("wild", 40, seed=7)[0] + 0.6 * (TOWARDS_CAPTIVE + 3.0)
    alone = examine(asked(values), apart)
    rows, joint = joint_of(values, apart)
    assert sum(one.supported == "captive" for one in alone) >= 5
    assert joint.supported is None and all(one.supported is None for one in rows)
    downgraded = [one for one in rows if one.warnings and one.warnings[0].code == "CONSIGNMENT"]
    assert len(downgraded) == sum(one.supported is not None for one in alone)


def test_animals_far_from_all_classes_are_not_described(known):
    _rows, joint = joint_of(animals("other", 12, seed=3)[0], known)
    assert joint.status == "neither" and not joint.fit.passed and joint.fit.worst.name == "range"
    assert joint.headline().startswith("this reference does not describe these animals")


def test_a_consignment_of_two_classes_is_told_by_its_scatter_and_its_rows_stand(apart):
    values = np.vstack([animals("captive", 15, seed=4)[0] + 3.0, animals("wild", 15, seed=4)[0]])
    rows, joint = joint_of(values, apart)
    assert joint.status == "scattered" and joint.fit.worst.name == "scatter"
    assert "no joint statement" in joint.headline() and max(joint.scatter.values()) < 0.01
    assert {one.supported for one in rows} >= {"wild", "captive"}


def test_samples_without_a_consignment_stand_alone(known):
    values = animals("wild", 5, seed=7)[0]
    rows, joint = examine_consignments(asked(values), ["", "A", "", "B", "B"], known)
    alone = examine(asked(values), known)
    assert [one.sample for one in joint] == ["B"] and len(joint[0].samples) == 2
    for place in (0, 1, 2):
        assert rows[place].to_dict()["status"] == alone[place].status
    with pytest.raises(UsageError, match="1 consignments of 5"):
        examine_consignments(asked(values), ["A"], known)


@pytest.mark.slow
def test_right_consignments_are_hardly_ever_refused(known):
    """Simulated: 60 consignments of one farm or of many, of either class."""
    parts, names, truth = [], [], {}
    for number in range(30):
        for kind, groups, each in (("wild", 1, 10), ("captive", 10, 1)):
            parts.append(animals(kind, groups, each, seed=500 + number)[0])
            names += [f"{kind} {number}"] * 10
            truth[f"{kind} {number}"] = kind
    _rows, joint = examine_consignments(asked(np.vstack(parts)), names, known)
    assert len(joint) == 60
    assert sum(not one.fit.passed for one in joint) <= 3
    assert all(one.supported in (truth[one.sample], None) for one in joint)
