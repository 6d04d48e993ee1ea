"""What a person reads of a posterior over the map, and what is kept of it when it is read back."""

import pytest

from forensics.core.provenance import make_provenance
from forensics.origin.areas import Territory, find_state
from forensics.origin.results import ExclusionTest, PlaceOrigin, Point, Region, SecondPrior


def country(number, *, in_region=True, probability=0.1):
    is_assessable = probability is not None
    return Territory(f"C{number}", "", probability, None, 0.1, in_region, 5, 1, 0.0, is_assessable)


def place(territories):
    point, regions = Point(1.0, 2.0), (Region(0.5, 10.0), Region(0.95, 100.0))
    return PlaceOrigin(
        sample="S1", index=1, status="inconclusive", rank=None, origin=None, probability=None,
        used=9, loci=10, sites=7, prior="area", exclusion=ExclusionTest(0.01, False, 0.4),
        mode=point, mean=point, median=point, regions=regions, cell_km=1.0,
        territories=tuple(territories),
        second=SecondPrior(point, point, Point(3.0, 4.0), regions, 1.0, "sampling"),
        provenance=make_provenance(
            library={"name": "m", "version": "1", "sha256": ""}, parameters={},
            input={"file": "x", "sha256": ""},
        ),
    )  # fmt: skip


def countries_shown(count):
    return dict(place([country(number) for number in range(count)]).lines())["Countries"]


def test_countries_of_the_region_that_are_not_named_are_counted():
    assert countries_shown(9).endswith("and 3 more")
    assert "more" not in countries_shown(6)


def test_a_result_that_was_read_back_shows_no_number_that_was_not_stored():
    result = place([country(1)])
    lines = dict(result.lines())
    assert lines["Loci"] == "9 of 10" and "7 reference sites" in lines["Not excluded"]
    back = PlaceOrigin.from_stored(result.to_dict())
    assert back == result and back.to_dict() == result.to_dict()
    kept = dict(back.lines())
    assert "Loci" not in kept and "Fits" not in kept
    assert {name: kept[name] for name in ("Place", "Regions", "Countries", "Prior")} == {
        name: lines[name] for name in ("Place", "Regions", "Countries", "Prior")
    }


def test_the_row_has_the_median_and_the_region_of_95_percent():
    (row,) = place([country(1)]).rows()
    assert (row["latitude"], row["longitude"], row["region_km2"]) == (1.0, 2.0, 100.0)
    assert row["point_estimate"] == "median"


@pytest.mark.parametrize(
    ("territories", "name"),
    [
        ([country(1, probability=0.96)], "C1"),
        ([country(1, probability=0.94)], None),
        ([country(1, probability=None)], None),
        ([country(1, probability=0.96), country(2, probability=0.01)], None),
        ([country(1, probability=0.96), country(2, probability=None)], None),
        ([country(1, probability=0.96), country(2, in_region=False)], "C1"),
        ([], None),
    ],
)
def test_a_country_is_named_where_it_alone_has_the_region_and_the_confidence(territories, name):
    state = find_state(territories, 0.95)
    assert (state and state.name) == name
