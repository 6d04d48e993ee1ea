"""What a person reads of a posterior over the map."""

from forensics.origin.surfaces import surface_lines
from forensics.origin.territories import Territory


def country(number, *, in_region=True):
    return Territory(f"C{number}", "", 0.1, None, 0.1, in_region, 5, 1, 0.0, True)


DETAILS = {"median": {"latitude": 1.0, "longitude": 2.0}, "regions": []}


def told(count):
    return dict(surface_lines(DETAILS, [country(number) for number in range(count)]))["Countries"]


def test_countries_of_the_region_that_are_not_named_are_counted():
    assert told(9).endswith("and 3 more")
    assert "more" not in told(6)
