"""PIKE against MIKE's published figures, 2003-2024 (evaluation data)."""

import numpy as np
import pytest
from benchmark_modules import benchmark

TOLERANCE = 0.2  # of the published standard deviation


@pytest.fixture(scope="module")
def bench(root):
    with benchmark(root, "pike") as module:
        yield module


@pytest.fixture(scope="module")
def folder(evaluation_data):
    path = evaluation_data / "trade"
    if not path.is_dir():
        pytest.skip("no trade in the evaluation data")
    return path


def test_the_observed_series_of_both_continents_is_the_published_one(bench, folder):
    assert all(difference <= 1e-9 for difference in bench.series(folder).values())


def test_a_short_run_on_one_subregion_is_near_the_published_trend(bench, folder):
    (row,) = bench.trends(folder, ["Central Africa"], draws=1000, warm_up=300)
    assert row["largest_deviation"] <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("area", ["Africa", "Asia", "Central Africa", "Eastern Africa",
                                  "Southern Africa", "West Africa"])  # fmt: skip
def test_means_of_the_trend_lie_within_a_fifth_of_the_published_deviation(bench, folder, area):
    (row,) = bench.trends(folder, [area])
    assert row["largest_deviation"] <= TOLERANCE
    # The spread and the limits too: means alone could be right by chance.
    assert 0.9 <= row["sd_ratio"][0] <= row["sd_ratio"][1] <= 1.1
    assert row["largest_limit_deviation"] <= 0.3
    assert row["r_hat"] <= 1.01 and row["effective_draws"] >= 400


def test_seized_pangolins_of_the_trade_database_can_be_counted(folder):
    import pandas as pd

    from forensics.trade.counts import counts, network
    from forensics.trade.seizures import seizures_of, with_animals
    from forensics.trade.vocabulary import countries, term_of

    table = pd.read_csv(folder / "manidae.csv", keep_default_na=False, dtype=str)
    table = table[(table["source"] == "I") & (table["reporter_type"] == "I")]  # confiscated
    known = set(countries())
    seized = pd.DataFrame(
        {
            "reference": table["id"],
            "date": table["year"],
            "species": table["taxon"],
            "term": [term_of(term) or term for term in table["term"]],
            "quantity": table["quantity"],
            "unit": table["unit"],
            "country": table["importer"].where(table["importer"].isin(known), ""),
            "departure": table["exporter"].where(table["exporter"].isin(known), ""),
            "origin": table["origin"].where(table["origin"].isin(known), ""),
        }
    )
    taken = with_animals(seizures_of(seized))
    found = counts(taken, ["year"]).table
    assert found["seizures"].sum() == len(table)
    assert np.isfinite(found["seizures_high"]).all()
    assert found["animals"].sum() > 0
    legs, _countries = network(taken)
    assert len(legs.table) > 20
