"""Animals that fit no reference site, and their place on the map. SIMULATED: `benchmarks/unsampled_sites.py`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmark_modules import benchmark
from hypothesis import given, settings
from hypothesis import strategies as st
from spatial_simulation import simulated_animals

from forensics.genetics.genotypes import Genotypes
from forensics.origin import places
from forensics.origin.models import open_model
from forensics.origin.place_fit import MIN_LEFT_OUT, PLACE_LEVEL, is_surrounded
from forensics.origin.predict import assign_with
from forensics.origin.sample_fit import MIN_SAMPLES
from forensics.origin.spatial import fit_spatial
from forensics.origin.training import train_genotypes

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """Return a trained map, and samples by kind."""
    with benchmark(ROOT, "unsampled_sites") as module:
        reference, samples = module.simulate(2, 300)
    folder = tmp_path_factory.mktemp("map") / "model"
    train_genotypes(reference, folder, name="m", version="1", evaluated=False)
    return open_model(folder), samples


def blind(animals, size=MIN_SAMPLES - 1):
    """Return one animal in five, without what is known of it, in files too small for their check."""
    some = animals.take(np.arange(0, len(animals), 5))
    rows = range(0, len(some), size)
    parts = [some.take(np.arange(len(some))[row : row + size]) for row in rows]
    return [Genotypes(part.animals, part.loci, part.alleles, part.codes) for part in parts]


KNOWN = {}


def assigned(case, kind, *, again=False):
    """Return the results of samples of a kind; what was computed once stays."""
    model, samples = case
    if again or kind not in KNOWN:
        found = [result for some in blind(samples[kind]) for result in assign_with(model, some)]
        if again:
            return found
        KNOWN[kind] = found
    return KNOWN[kind]


def test_an_animal_of_a_new_site_between_others_is_placed_and_said_to_be_of_an_unsampled_site(case):
    results = assigned(case, "new")
    unlike = [result for result in results if result.exclusion.excluded]
    placed = [result for result in unlike if result.surface is not None]
    assert len(unlike) >= 4
    assert len(placed) >= 0.75 * len(unlike)
    for result in placed:
        assert result.status != "none_of_the_reference"
        assert [notice.code for notice in result.notices].count("UNSAMPLED_SITE") == 1
        assert result.exclusion.p_place > PLACE_LEVEL
        assert result.exclusion.label() == "Unsampled site"
        assert "unsampled site at its place (p = " in result.exclusion.in_words(40, sites=True)


def test_animals_of_the_reference_sites_are_not_said_to_be_of_another(case):
    results = assigned(case, "own")
    assert all(result.surface is not None for result in results)
    assert not any(result.exclusion.p_place for result in results)


@pytest.mark.parametrize(
    "kind", ["outside", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("foreign", "F1"))]
)
def test_no_animal_from_elsewhere_and_no_cross_that_fits_no_site_is_placed_as_of_a_new_one(
    case, kind
):
    results = assigned(case, kind)
    unlike = [result for result in results if result.exclusion.excluded]
    assert len(unlike) >= 6
    assert sum(result.surface is not None for result in unlike) <= 0.2 * len(unlike)


@pytest.mark.slow
def test_without_what_left_out_sites_show_a_new_site_is_none_of_the_reference(case, monkeypatch):
    monkeypatch.setattr(
        places, "place_p_values", lambda _model, animals, _places: np.zeros(len(animals))
    )
    results = assigned(case, "new", again=True)
    assert {result.status for result in results if result.exclusion.excluded} == {
        "none_of_the_reference"
    }


@pytest.mark.slow
def test_a_cross_is_placed_where_only_the_place_is_asked(case, monkeypatch):
    before = sum(result.exclusion.p_place is not None for result in assigned(case, "F1"))
    tested = places.exclude

    def without_crosses(*arguments, **more):
        found = tested(*arguments, **more)
        return replace(found, cross_new_p=np.ones_like(found.cross_new_p))

    monkeypatch.setattr(places, "exclude", without_crosses)
    after = sum(result.exclusion.p_place is not None for result in assigned(case, "F1", again=True))
    assert after > before


def test_of_animals_of_left_out_sites_a_share_of_the_level_does_not_fit(case):
    from forensics.origin.exclusion import Statistics

    fit = places.unpack_model(case[0])[0].place
    known = Statistics(fit.typicality, fit.gain)
    for level in (0.05, PLACE_LEVEL, 0.5):
        assert (known.p_values(known, own=True) <= level).mean() <= level


def test_a_place_that_sites_do_not_surround_is_never_said_to_fit(case):
    model, samples = case
    spatial = places.unpack_model(model)[0]
    animals = samples["new"]
    found = places.place_p_values(spatial, animals, [(60.0, 10.0)] * len(animals))
    assert (found == 0).all()


def test_a_reference_with_few_surrounded_sites_makes_no_statement_on_unsampled_ones():
    model = fit_spatial(simulated_animals(seed=1, sites=6, animals=3, loci=4), seed=1, cells=20)
    assert model.place is None


def test_few_left_out_animals_make_no_statement(case):
    animals = simulated_animals(seed=1, sites=12, animals=1, loci=4)
    model = fit_spatial(animals, seed=1, cells=20)
    assert len(animals) < MIN_LEFT_OUT
    assert model.place is None


coordinates = st.tuples(st.floats(-9, 9), st.floats(-9, 9))


@settings(max_examples=60, deadline=None)
@given(st.lists(coordinates, min_size=3, max_size=8, unique=True), st.floats(-180, 180))
def test_the_mean_of_sites_is_surrounded_and_a_place_beyond_all_of_them_is_not(sites, turn):
    latitudes, longitudes = np.array(sites).T
    hull = (
        np.ptp(latitudes) > 1
        and np.ptp(longitudes) > 1
        and abs(np.corrcoef(latitudes, longitudes)[0, 1]) < 0.9
    )
    longitudes = (longitudes + turn + 180) % 360 - 180
    beyond = np.array([latitudes.max() + 10.0]), longitudes[:1]
    assert not is_surrounded(beyond, (latitudes, longitudes)).any()
    if hull:
        from forensics.origin.geography import spherical_mean

        middle = spherical_mean(latitudes, longitudes)
        assert is_surrounded(
            (np.array([middle[0]]), np.array([middle[1]])), (latitudes, longitudes)
        ).all()


def test_a_place_that_is_not_known_is_not_surrounded():
    sites = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    nowhere = np.array([np.nan]), np.array([np.nan])
    assert not is_surrounded(nowhere, sites).any()
