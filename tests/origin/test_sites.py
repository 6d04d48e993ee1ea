"""The sites of a reference: what they span, and whether latitude and longitude seem to be exchanged."""

import numpy as np
import pytest

from forensics.genetics.genotypes import genotypes_from_labels
from forensics.origin.spatial import exchange_in_words, span_of

# Liberia, Cameroon, the Central African Republic: exchanged, the first is in the Atlantic.
AFRICA = [(5.3, -6.9), (4.6, 11.2), (6.0, 20.5)]


def animals_at(places):
    north, east = np.array(places, dtype=float).T
    names = [f"a{number}" for number in range(len(places))]
    labels = [[("100", "102")] for _name in names]
    return genotypes_from_labels(names, ["L"], labels, latitudes=north, longitudes=east)


def test_columns_that_were_exchanged_are_noticed_where_places_are_at_sea():
    assert exchange_in_words(animals_at(AFRICA)) == ""
    warning = exchange_in_words(animals_at([(east, north) for north, east in AFRICA]))
    assert warning.startswith("1 of 3 places is more than 25 km from land")
    assert "Are the two columns exchanged?" in warning


@pytest.mark.parametrize(
    "places",
    [
        [(0.0, -30.0), (10.0, -40.0)],  # at sea either way: turtles
        [(4.6, 11.2), (11.2, 4.6)],  # on land either way
        [(60.0, 100.0), (0.0, -30.0)],  # a longitude that is no latitude
        [(0.25, 6.6), (1.6, 7.4)],  # islands that the coarse outlines lack
    ],
)
def test_places_that_may_be_right_are_not_called_exchanged(places):
    assert exchange_in_words(animals_at(places)) == ""


def test_animals_without_places_are_passed_over():
    assert exchange_in_words(genotypes_from_labels(["a"], ["L"], [[("1", "2")]])) == ""


def test_sites_on_both_sides_of_the_antimeridian_do_not_span_the_globe():
    assert span_of(np.array([-9.5, 29.0, 3.0])) == (-9.5, 29.0)
    assert span_of(np.array([178.0, -179.0, 179.5])) == (178.0, -179.0)
    assert span_of(np.array([12.0])) == (12.0, 12.0)
