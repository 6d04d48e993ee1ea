"""Which countries of a trade chain count as in and out, and with what weight, as ETIS counts.

A seizure is *in* for the country that made it and *out* for others of its chain, in two ways:

- by **law enforcement**, for those that could have seized it: origin, export and transit, before the
  seizure; not the destination, which it never reached;
- by **trade flow**, for all of the known or intended way, the destination with them.

A transit country in whose custody the shipment never was counts in neither. A country that is nothing
but an origin is out with the weight that comes from it; any other with the whole shipment.

References
----------
Underwood FM, Burn RW 2019, ETIS_CITESReporting_RCode, DataDefinitions. doi:10.5281/zenodo.3334771.
Underwood FM, Burn RW, Milliken T 2013, Dissecting the illegal ivory trade.
doi:10.1371/journal.pone.0076539 (raw ivory equivalent).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.stats.intervals import wilson
from forensics.trade.conversion import packaged_factors
from forensics.trade.indicators.equivalents import RAW_IVORY, equivalents
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country
from forensics.trade.vocabulary import term_of

__all__ = ["WORKED", "Chain", "accounts", "chains_of"]

WORKED = frozenset({"IVC", "IJW", "KEY"})
"""Terms of worked ivory: carvings, jewellery, piano keys."""

_RATIO = N_(
    "The law-enforcement ratio is seizures in among seizures in and out (Wilson interval, 95 %). It "
    "is high where a country makes the seizures of its chains itself; it says nothing of trade that "
    "nobody seized."
)
_CUSTODY = N_(
    "Transit countries count as having had the shipment in custody, where no_custody does not name "
    "them."
)


@dataclass(frozen=True)
class Chain:
    """The way of one seizure.

    Attributes
    ----------
    reference : str
    year : int
    discovery : str
        Country that made the seizure.
    weight : float
        Kilograms; NaN where not known.
    origins : dict of str to float
        Kilograms from each country of origin; NaN where not known.
    export, transit : tuple of str
        Transit countries that had the shipment in custody before it was seized.
    beyond : tuple of str
        Countries it was to pass after that of the seizure.
    destination : str
    """

    reference: str
    year: int
    discovery: str
    weight: float
    origins: Mapping[str, float] = field(default_factory=dict)
    export: tuple[str, ...] = ()
    transit: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    destination: str = ""

    def out(self, *, trade_flow: bool) -> dict[str, float]:
        """Return the weight out of each country for which the seizure is out.

        Examples
        --------
        >>> chain = Chain(
        ...     "1", 2024, "SG", 1000.0, {"UG": 200.0, "KE": 800.0}, ("KE",), ("AE",), (), "CN"
        ... )
        >>> chain.out(trade_flow=False)
        {'UG': 200.0, 'KE': 1000.0, 'AE': 1000.0}
        >>> chain.out(trade_flow=True)["CN"]
        1000.0
        """
        passed = [*self.export, *self.transit]
        if trade_flow:
            passed += [*self.beyond, self.destination]
        weights = {**self.origins, **{country: self.weight for country in passed}}
        return {
            country: weight
            for country, weight in weights.items()
            if is_country(country) and country != self.discovery
        }


def chains_of(seizures: Seizures, *, ivory: bool = False) -> list[Chain]:
    """Return the chain of each seizure.

    Parameters
    ----------
    seizures : Seizures
    ivory : bool
        Take ivory alone; raw and worked of one seizure are two, and weights are raw ivory
        equivalents by the packaged factors, as ETIS has it. Rows that no such factor fits are
        not ivory.

    Raises
    ------
    UsageError
        If ivory is asked for and no row is of ivory.
    """
    if ivory:
        raw, _low, _high = equivalents(seizures, RAW_IVORY)
        kept = seizures.rows.assign(kg=raw)[~np.isnan(raw)]
        if not len(kept):
            raise UsageError(
                _("No row is of ivory with a weight; terms of ivory are {terms}.").format(
                    terms=", ".join(_terms())
                )
            )
        seizures = replace(seizures, rows=kept)
    chains = []
    for rows in seizures.each():
        parts: tuple[list[Any], list[Any]] = ([], [])
        for row in rows:
            parts[ivory and term_of(row.term) in WORKED].append(row)
        chains += [_chain(part) for part in parts if part]
    return chains


def _chain(rows: list[Any]) -> Chain:
    """Return the chain of rows of one seizure."""
    first = rows[0]
    origins: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.origin:
            origins[row.origin] += row.kg
    skipped = {*first.no_custody, *first.not_reached}
    return Chain(
        first.reference,
        int(first.year),
        first.country,
        math.fsum(row.kg for row in rows),
        dict(origins),
        first.departure,
        tuple(country for country in first.transit if country not in skipped),
        tuple(country for country in first.not_reached if country not in first.no_custody),
        first.destination,
    )


def _terms() -> list[str]:
    factors = (factor for factor in packaged_factors().factors if factor.measure == RAW_IVORY)
    return sorted({term for factor in factors for term in factor.terms})


def accounts(
    chains: Iterable[Chain],
    *,
    by_year: bool = False,
    files: Iterable[tuple[str, str]] = (),
    notes: Iterable[tuple[str, str]] = (),
) -> Indicator:
    """Add up what is in and out for each country.

    Parameters
    ----------
    chains : iterable of Chain
    by_year : bool
        Whether each year has rows of its own.
    files : iterable of (str, str)
        Name and SHA-256 of what was read.
    notes : iterable of (str, str)
        Of the seizures, carried on.

    Returns
    -------
    Indicator
        Its table has ``country`` (and ``year``), ``seizures_in``, ``seizures_out`` (law
        enforcement), ``seizures_out_flow`` (trade flow), ``kg_in``, ``kg_out``, ``kg_out_flow`` (of
        those whose weight is known), and the law-enforcement ratio ``ratio`` with ``ratio_low`` and
        ``ratio_high``.
    """
    import pandas

    columns = ("seizures_in", "seizures_out", "seizures_out_flow", "kg_in", "kg_out", "kg_out_flow")
    sums: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: dict.fromkeys(columns, 0))
    weightless = total = 0
    for chain in chains:
        total += 1
        weightless += math.isnan(chain.weight)
        year = chain.year if by_year else 0
        entries = [("in", {chain.discovery: chain.weight})] if is_country(chain.discovery) else []
        entries.append(("out", chain.out(trade_flow=False)))
        entries.append(("out_flow", chain.out(trade_flow=True)))
        for way, weights in entries:
            for country, weight in weights.items():
                cell = sums[country, year]
                cell[f"seizures_{way}"] += 1
                cell[f"kg_{way}"] += 0.0 if math.isnan(weight) else weight
    rows: list[dict[str, object]] = []
    for (country, year), cell in sorted(sums.items()):
        made, missed = cell["seizures_in"], cell["seizures_out"]
        head: dict[str, object] = {"country": country}
        if by_year:
            head["year"] = year
        ratio = low = high = math.nan  # of a destination alone there is none
        if made + missed:
            ratio = made / (made + missed)
            low, high = wilson(ratio, made + missed)
        rows.append({**head, **cell, "ratio": ratio, "ratio_low": low, "ratio_high": high})
    keys = ["country", "year"] if by_year else ["country"]
    table = pandas.DataFrame(rows, columns=[*keys, *columns, "ratio", "ratio_low", "ratio_high"])
    notes = [*notes, (_("Ratio"), _(_RATIO)), (_("Custody"), _(_CUSTODY))]
    if weightless:
        notes.append(
            (
                _("Weights"),
                _(
                    "{count} of {all} seizures have a row without a weight; they are counted, and "
                    "add nothing to the kilograms but what single origins are known to have given."
                ).format(count=weightless, all=total),
            )
        )
    return Indicator(
        _("Seizures in and out"),
        table.astype({name: "int64" for name in columns[:3]}),
        tuple(notes),
        provenance_of({"by_year": by_year}, list(files)),
    )
