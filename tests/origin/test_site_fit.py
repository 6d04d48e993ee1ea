"""Sites of a reference that do not fit the others; simulated sites with isolation by distance."""

import numpy as np
import pytest

from forensics.genetics.genotypes import genotypes_from_labels
from forensics.origin.geography import great_circle
from forensics.origin.places import doubts_of
from forensics.origin.site_fit import describe_doubts, find_doubtful_sites

SITES, ANIMALS, LOCI = 49, 20, 24
PLACES = np.array([(-12.0 + 5 * (n // 7), 14.0 + 5 * (n % 7)) for n in range(SITES)])


def reference(places=PLACES, *, longer=(), foreign=()):
    """Return animals; those of some sites have longer alleles, or are of another species."""
    rng = np.random.default_rng(5)
    apart = great_circle(PLACES[:, :1], PLACES[:, 1:], *PLACES.T)
    root = np.linalg.cholesky(np.exp(-apart / 1500) + 1e-9 * np.eye(SITES))
    site_of = np.repeat(np.arange(SITES), ANIMALS)
    columns = []
    for _locus in range(LOCI):
        logits = rng.normal(0, 1, 8) + 1.2 * root @ rng.normal(size=(SITES, 8))
        other = rng.dirichlet(np.full(12, 0.5))
        column = []
        for site in site_of:
            shares = np.exp(logits[site])
            sizes = rng.choice(8, 2, p=shares / shares.sum()) + (site in longer)
            if site in foreign:
                sizes = rng.choice(12, 2, p=other)
            column.append(tuple(str(100 + 2 * size) for size in sizes))
        columns.append(column)
    return genotypes_from_labels(
        [f"a{row}" for row in range(len(site_of))],
        [f"L{locus}" for locus in range(LOCI)],
        list(zip(*columns)),
        populations=tuple(f"S{site:02d}" for site in site_of),
        latitudes=np.asarray(places)[site_of, 0],
        longitudes=np.asarray(places)[site_of, 1],
    )


def found(genotypes):
    return find_doubtful_sites(genotypes, genotypes.populations)


def moved(**places):
    result = PLACES.copy()
    for name, place in places.items():
        result[int(name[1:])] = place
    return result


def test_no_site_of_a_right_reference_is_in_doubt():
    assert found(reference()) == []


@pytest.mark.slow
def test_exchanged_places_of_two_sites_are_found():
    (doubt,) = found(reference(moved(S00=PLACES[48], S48=PLACES[0])))
    assert doubt == {"variant": "swapped", "first": "S00", "second": "S48"}


@pytest.mark.parametrize(
    ("site", "place", "true"),
    [("S00", (12.0, 14.0), (-12.0, 14.0)), ("S03", (29.0, -12.0), (-12.0, 29.0))],
)
def test_a_lost_sign_and_exchanged_columns_are_found_and_the_place_is_named(site, place, true):
    (doubt,) = found(reference(moved(**{site: place})))
    assert (doubt["variant"], doubt["site"]) == ("place", site)
    assert (doubt["latitude"], doubt["longitude"]) == pytest.approx(true)


@pytest.mark.slow
def test_alleles_of_another_laboratory_are_found_with_the_shift():
    (doubt,) = found(reference(longer=(5,)))
    assert doubt == {"variant": "sizes", "site": "S05", "steps": -1}
    (notice,) = describe_doubts([doubt])
    assert (
        "site S05 fit those of the other sites if all are moved by -1 on the ladder"
        in notice.message
    )


def test_a_site_of_another_species_is_found():
    (doubt,) = found(reference(foreign=(9,)))
    assert (doubt["variant"], doubt["site"]) == ("species", "S09")
    assert doubt["observed"] > 1.75 * doubt["expected"]


def test_a_model_without_doubts_has_no_notice():
    assert doubts_of({}) == ()
    assert [notice.code for notice in doubts_of({"doubts": found(reference(longer=(5,)))})] == [
        "SITE_NO_FIT"
    ]
