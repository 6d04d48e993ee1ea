"""The network of countries that seizures passed, or were to pass.

Each seizure gives the legs of its way: origin, export, transit, the country that seized it, what was to
follow, destination. A leg is *made* when the shipment went it before it was seized, and *intended*
when it was to follow. Legs join what is recorded in order: where a country was not recorded, a leg
reaches over it, so that a leg is not a proof of a direct shipment.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from forensics.messages import N_, _
from forensics.stats.intervals import poisson_interval
from forensics.trade.indicators.results import Indicator, plain_rows, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country

__all__ = ["Leg", "graph_of", "legs_of", "network"]

_LIMITS = N_(
    "A leg reaches over countries that were not recorded. Ways are known of what was seized, and best "
    "of what was investigated: a route that nobody controls does not show. Intervals are exact Poisson "
    "(95 %)."
)
_SHOWN_TAXA = 3


@dataclass(slots=True)
class _LegSums:
    """What passed along a leg, added up over seizures."""

    made: int = 0
    intended: int = 0
    kg: float = 0.0
    years: list[int] = field(default_factory=list)
    taxa: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Leg:
    """A leg of one seizure's way."""

    start: str
    end: str
    made: bool


def legs_of(
    origins: Iterable[str],
    departure: Iterable[str],
    transit: Sequence[str],
    not_reached: Collection[str],
    country: str,
    destination: str,
) -> list[Leg]:
    """Return the legs of a way, each once.

    Parameters
    ----------
    origins, departure, transit, not_reached : iterable of str
        Countries; `transit` in order, with those of `not_reached`.
    country, destination : str
        Country that made the seizure, and where it was to go; "" where not known.

    Examples
    --------
    >>> [(leg.start, leg.end, leg.made) for leg in legs_of(["UG"], ["KE"], ["MY"], [], "SG", "CN")]
    [('UG', 'KE', True), ('KE', 'MY', True), ('MY', 'SG', True), ('SG', 'CN', False)]
    """
    steps = [
        (sorted(set(origins)), True),
        (list(departure), True),
        *(([country], True) for country in transit if country not in not_reached),
        ([country], True),
        *(([country], False) for country in transit if country in not_reached),
        ([destination], False),
    ]
    legs: dict[tuple[str, str], Leg] = {}
    before: list[str] = []
    for places, made in steps:
        ends = [place for place in places if is_country(place)]
        for start in before:
            for end in ends:
                if start != end:
                    legs.setdefault((start, end), Leg(start, end, made))
        before = ends or before
    return list(legs.values())


def network(seizures: Seizures) -> tuple[Indicator, Indicator]:
    """Return the legs and the countries of all ways.

    Returns
    -------
    tuple of Indicator
        Legs: ``start``, ``end``, ``seizures`` with ``_low`` and ``_high``, ``made``, ``intended``,
        ``kg`` (of the whole seizures), ``first_year``, ``last_year``, ``taxa``; most seizures first.
        Countries: ``country``, ``seizures`` (in whose way it is) with ``_low`` and ``_high``,
        ``as_origin``, ``as_export``, ``as_transit``, ``as_seizing``, ``as_destination``, ``between``
        (seizures in whose way it has a country before and after it), ``partners`` (countries it has
        a leg with).
    """
    import pandas

    legs: dict[tuple[str, str], _LegSums] = defaultdict(_LegSums)
    nodes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    partners: dict[str, set[str]] = defaultdict(set)
    for part in seizures.each():
        first = part[0]
        origins = {row.origin for row in part if row.origin}
        places_of = {
            "as_origin": origins,
            "as_export": set(first.departure),
            "as_transit": set(first.transit),
            "as_seizing": {first.country},
            "as_destination": {first.destination},
        }
        for role, countries in places_of.items():
            for country in countries:
                if is_country(country):
                    nodes[country][role] += 1
        for country in {
            place for places in places_of.values() for place in places if is_country(place)
        }:
            nodes[country]["seizures"] += 1
        way = legs_of(
            origins, first.departure, first.transit, first.not_reached,
            first.country, first.destination,
        )  # fmt: skip
        for country in {leg.end for leg in way} & {leg.start for leg in way}:
            nodes[country]["between"] += 1
        kilograms = sum(row.kg for row in part if not math.isnan(row.kg))
        for leg in way:
            sums = legs[leg.start, leg.end]
            sums.made += leg.made
            sums.intended += not leg.made
            sums.kg += kilograms
            sums.years.append(int(first.year))
            sums.taxa.update({row.species for row in part})
            partners[leg.start].add(leg.end)
            partners[leg.end].add(leg.start)
    rows: list[dict[str, Any]] = []
    for (start, end), sums in legs.items():
        count = sums.made + sums.intended
        low, high = poisson_interval(count)
        often = sorted(sums.taxa, key=lambda taxon: (-sums.taxa[taxon], taxon))
        rows.append(
            {
                "start": start,
                "end": end,
                "seizures": count,
                "seizures_low": float(low),
                "seizures_high": float(high),
                "made": sums.made,
                "intended": sums.intended,
                "kg": sums.kg,
                "first_year": min(sums.years),
                "last_year": max(sums.years),
                "taxa": tuple(often[:_SHOWN_TAXA]),
            }
        )
    rows.sort(key=lambda row: (-row["seizures"], row["start"], row["end"]))
    roles = ("as_origin", "as_export", "as_transit", "as_seizing", "as_destination", "between")
    countries_rows: list[dict[str, Any]] = []
    for country, counts in nodes.items():
        low, high = poisson_interval(counts["seizures"])
        countries_rows.append(
            {
                "country": country,
                "seizures": counts["seizures"],
                "seizures_low": float(low),
                "seizures_high": float(high),
                **{role: counts[role] for role in roles},
                "partners": len(partners[country]),
            }
        )
    countries_rows.sort(key=lambda row: (-row["seizures"], row["country"]))
    leg_columns = ["start", "end", "seizures", "seizures_low", "seizures_high", "made", "intended",
                   "kg", "first_year", "last_year", "taxa"]  # fmt: skip
    node_columns = ["country", "seizures", "seizures_low", "seizures_high", *roles, "partners"]
    notes = (*seizures.notes, (_("Limits"), _(_LIMITS)))
    provenance = provenance_of({}, seizures.files, dependencies=["scipy"])
    return (
        Indicator(_("Legs"), pandas.DataFrame(rows, columns=leg_columns), notes, provenance),
        Indicator(
            _("Countries"),
            pandas.DataFrame(countries_rows, columns=node_columns),
            notes,
            provenance,
        ),
    )


def graph_of(legs: Indicator, countries: Indicator) -> dict[str, Any]:
    """Return both as a graph of nodes and links, as programs for networks take it (node-link JSON).

    Returns
    -------
    dict
        ``directed``, ``nodes`` (``id`` and the columns of countries), ``links`` (``source``,
        ``target`` and the columns of legs).
    """
    nodes = [{"id": row.pop("country"), **row} for row in plain_rows(countries.table)]
    links = [
        {"source": row.pop("start"), "target": row.pop("end"), **row}
        for row in plain_rows(legs.table)
    ]
    return {"directed": True, "multigraph": False, "graph": {}, "nodes": nodes, "links": links}
