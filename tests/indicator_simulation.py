"""SIMULATED seizures and carcasses for the tests of indicators; nothing in them is real."""

import numpy as np
import pandas as pd

__all__ = ["carcass_table", "etis_example", "seizure_table"]


def seizure_table(count=200, seed=0, years=range(2015, 2025)):
    """Return a table of seizures, a specimen each."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        transit = generator.choice(["AE", "MY", "VN"], generator.integers(0, 3), replace=False)
        kilograms = float(np.round(generator.lognormal(2, 1), 2))
        country = str(generator.choice(["SG", "HK", "TH"]))
        rows.append(
            {
                "reference": f"S{number}",
                "date": f"{generator.choice(list(years))}-{generator.integers(1, 13):02d}-01",
                "species": str(generator.choice(["Loxodonta africana", "Manis javanica"])),
                "term": "SCA",
                "quantity": kilograms,
                "unit": "kg",
                "animals": kilograms / 10,
                "animals_low": kilograms / 15,
                "animals_high": kilograms / 5,
                "origin": str(generator.choice(["KE", "UG", "NA"])),
                "departure": "KE",
                "transit": ";".join(transit),
                "country": country,
                "place": f"{country} {generator.integers(1, 4)}",
                "destination": str(generator.choice(["CN", "VN", ""])),
            }
        )
    return pd.DataFrame(rows)


def etis_example(unit="kg"):
    """Return ETIS's hypothetical shipment: a tonne, UG 20 %, KE 80 %, by AE and MY, to CN."""
    factor = {"kg": 1, "t": 1e-3}[unit]
    whole = {
        "reference": "ETIS", "date": "2018-01-01", "species": "Loxodonta africana", "term": "TUS",
        "unit": unit, "country": "SG", "departure": "KE", "transit": "AE;MY", "destination": "CN",
    }  # fmt: skip
    return pd.DataFrame(
        [
            {**whole, "origin": "UG", "quantity": 200 * factor},
            {**whole, "origin": "KE", "quantity": 800 * factor},
        ]
    )


def carcass_table(sites=8, years=5, seed=0, *, most=30, spread=1.0):
    """Return carcasses by the model of the trend, and the true mean over sites of each year."""
    generator = np.random.default_rng(seed)
    logit = generator.normal(0, 0.7, years) + generator.normal(0, spread, (sites, 1))
    logit = logit + generator.normal(0, 0.5, (sites, years))
    share = 1 / (1 + np.exp(-logit))
    found = generator.integers(0, most, (sites, years))
    illegal = generator.binomial(found, share)
    rows = [
        ("Africa", "East" if site % 2 else "West", f"S{site}", 2000 + year,
         found[site, year], illegal[site, year])
        for site in range(sites)
        for year in range(years)
    ]  # fmt: skip
    columns = ["UNRegion", "SubregionName", "MIKEsiteID", "year", "TotalNumberOfCarcasses",
               "NumberOfIllegalCarcasses"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns), share.mean(axis=0)
