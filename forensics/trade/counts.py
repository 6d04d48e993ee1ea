"""Seizures, quantities and animals by year, taxon, route and so on, and the network of countries, with intervals.

Seizures are taken as independent events of a Poisson process. A count then has the exact Poisson interval [1]_. For
sums (kilograms, animals) there is a lower limit alone. Their sizes are heavy-tailed: one shipment may weigh more than
all others, and seizures that were made cannot show how large the one is that was not. No upper limit holds for all
distributions [2]_, and the usual ones fail for those of seizures: of nominal 95 %, the bootstrap held 23-98 % of the
time for simulated and real sizes (benchmarks/sums.py).

Of the network each seizure gives the legs of its way: origin, export, transit, the country that seized it, what was to
follow, destination. A leg is *made* when the shipment went it before it was seized, and *intended*
when it was to follow. Legs join what is recorded in order: where a country was not recorded, a leg
reaches over it, so that a leg is not a proof of a direct shipment.

References
----------
.. [1] Garwood F (1936) Fiducial limits for the Poisson distribution. doi:10.1093/biomet/28.3-4.437
.. [2] Bahadur RR, Savage LJ (1956) The nonexistence of certain statistical procedures in nonparametric problems.
   doi:10.1214/aoms/1177728077
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.stats import gamma

from forensics.core.grouping import gathered
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.stored import PlainResult
from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.stats import LEVEL, poisson_interval
from forensics.trade.choices import KEYS, MEASURES
from forensics.trade.seizures import Seizures
from forensics.trade.vocabulary import is_country

if TYPE_CHECKING:
    import pandas


_DIGITS = 10  # significant digits of numbers in JSON: more than any of them is known to


@dataclass(frozen=True, eq=False)
class Indicator(PlainResult):
    """A table, and what limits it.

    Attributes
    ----------
    sample : str
        Name of the indicator.
    table : pandas.DataFrame
        A row each; columns are documented where it is made.
    notes : tuple of (str, str)
        Label and text of what must be read beside the table.
    provenance : Provenance
    """

    sample: str
    table: "pandas.DataFrame" = field(repr=False)
    notes: tuple[tuple[str, str], ...]
    provenance: Provenance = field(repr=False)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table; a copy, which may be changed."""
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "indicator": self.sample,
            "rows": plain_rows(self.table),
            "notes": [text for _label, text in self.notes],
            "provenance": self.provenance.to_dict(),
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return what must be read beside the table."""
        return [(_("Rows"), str(len(self.table))), *self.notes]

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{self.table.to_html(index=False, escape=True)}"


def plain_rows(table: "pandas.DataFrame") -> list[dict[str, Any]]:
    """Return rows as plain values; what is missing or infinite is None, lists become texts.

    Examples
    --------
    >>> import pandas
    >>> plain_rows(pandas.DataFrame({"n": [1], "p": [float("nan")], "via": [("AE", "MY")]}))
    [{'n': 1, 'p': None, 'via': 'AE;MY'}]
    """
    return [
        {name: _plain(value) for name, value in zip(table.columns, row)}
        for row in table.itertuples(index=False, name=None)
    ]


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return ";".join(str(part) for part in value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return None if value is None or value != value else str(value)


def provenance_of(parameters: Mapping[str, Any], files: Sequence[tuple[str, str]]) -> Provenance:
    """Return how an indicator was reached.

    Parameters
    ----------
    parameters : mapping
        All that can change it.
    files : sequence of (str, str)
        Name and SHA-256 of what was read.
    """
    from importlib.metadata import version

    return make_provenance(
        dependencies={name: version(name) for name in ("numpy", "pandas", "scipy")},
        library={},
        parameters=dict(parameters),
        input={"files": [{"file": name, "sha256": sha256} for name, sha256 in files]},
    )


INTERVALS = N_(
    "Counts have exact Poisson intervals (95 %). Sums have only a lower limit (97.5 %, gamma): "
    "sizes of seizures are so uneven that no upper limit is valid, because the largest shipment "
    "may be the one that was not seized. Intervals show the effect of chance, not what was never "
    "seized or never reported."
)


def sum_lower_limit(
    seizure: np.ndarray, cell: np.ndarray, values: np.ndarray, cells: int
) -> np.ndarray:
    """Return the lower limit (97.5 %) of the mean of sums over seizures, whatever the sizes are.

    That of a gamma distribution with the mean and the variance of the sum, as of standardised rates [3]_.

    Parameters
    ----------
    seizure, cell : numpy.ndarray of int64, shape (n,)
        Numbers from 0, of each row.
    values : numpy.ndarray of float64, shape (n,)
        0 or more.
    cells : int

    Returns
    -------
    numpy.ndarray of float64, shape (cells,)
        0 where the sum is.

    References
    ----------
    .. [3] Fay MP, Feuer EJ (1997) Confidence intervals for directly standardized rates: a method based on the
       gamma distribution. Statistics in Medicine 16:791-801

    Examples
    --------
    >>> ones = np.zeros(10, dtype=int)
    >>> sum_lower_limit(np.arange(10), ones, np.ones(10), 1).round(2).tolist()  # Garwood's, of 10
    [4.8]
    """
    count = int(seizure.max()) + 1 if len(seizure) else 0
    table = sparse.csr_matrix((values, (seizure, cell)), shape=(count, cells))
    table.sum_duplicates()  # rows of one seizure are one amount
    total = np.asarray(table.sum(axis=0)).ravel()
    variance = np.asarray(table.multiply(table).sum(axis=0)).ravel()
    limits = np.zeros(cells)
    some = total > 0
    shape, scale = total[some] ** 2 / variance[some], variance[some] / total[some]
    limits[some] = gamma.ppf((1.0 - LEVEL) / 2.0, shape, scale=scale)
    return limits


_UNKNOWN = "?"  # what no row says
_STEP = " > "

ANIMALS = N_(
    "The lower limit of animal equivalents takes the lowest factor of the conversion for all rows, since one "
    "factor is wrong for all alike."
)


def route_of(row: Any) -> str:
    """Return the way of a specimen: origin or country of export, country of seizure, destination.

    ``?`` stands for what is not known, or is no one country (XX, XF).

    Parameters
    ----------
    row : namedtuple
        Of `Seizures.rows`.
    """
    start = row.origin or (row.departure[0] if row.departure else "")
    ways = (start, row.country, row.destination)
    return _STEP.join(way if is_country(way) else _UNKNOWN for way in ways)


def keys_of(seizures: Seizures, by: Sequence[str]) -> "pandas.DataFrame":
    """Return the keys of each row as a table; ``?`` where nothing is known.

    Raises
    ------
    UsageError
        If a key is none of `KEYS`, or stands twice.
    """
    strange = [key for key in by if key not in KEYS]
    if strange or len(set(by)) < len(by) or not by:
        raise UsageError(
            _("Counts by {found}; expected one or more, each once, of: {known}.").format(
                found=", ".join(by), known=", ".join(KEYS)
            )
        )
    rows = seizures.rows
    keys = rows[[key for key in by if key != "route"]].copy()
    if "route" in by:
        keys["route"] = [route_of(row) for row in rows.itertuples(index=False)]
    for key in by:
        if key != "year":
            keys[key] = keys[key].replace("", _UNKNOWN)
    return keys[list(by)]


def counts(seizures: Seizures, by: Sequence[str]) -> Indicator:
    """Count seizures and add up quantities.

    Parameters
    ----------
    seizures : Seizures
    by : sequence of str
        Of `KEYS`. By year alone, years without a seizure have a row too.

    Raises
    ------
    UsageError
        If a key is not known.

    Returns
    -------
    Indicator
        Its table has the keys, and ``seizures``, ``kg``, ``pieces`` and, where rows have them,
        ``animals`` (NaN where no row has it), each with ``_low`` and ``_high``, which of sums is NaN: no
        upper limit of them holds;
        ``rows_without_amount``: rows whose quantity
        is missing or in another unit.
    """
    import pandas

    keys = keys_of(seizures, by)
    rows = seizures.rows
    grouped = keys.groupby(list(by), sort=True)
    cell = grouped.ngroup().to_numpy()
    table = grouped.size().index.to_frame(index=False)
    seizure = rows["number"].to_numpy()
    pairs = pandas.DataFrame({"cell": cell, "number": seizure}).drop_duplicates()
    table["seizures"] = np.bincount(pairs["cell"], minlength=len(table))
    table["seizures_low"], table["seizures_high"] = poisson_interval(table["seizures"])
    for name in MEASURES:
        values = rows[name].to_numpy()
        if name == "animals" and not seizures.has_animals:
            continue
        known = ~np.isnan(values)
        total = np.bincount(cell[known], values[known], len(table))
        count = np.bincount(cell[known], minlength=len(table))
        table[name] = np.where(count > 0, total, np.nan)  # nothing known is not nothing seized
        least = values
        if name == "animals":
            low = rows["animals_low"].to_numpy()
            least = np.where(np.isnan(low), values, low)
        limit = sum_lower_limit(seizure[known], cell[known], least[known], len(table))
        table[f"{name}_low"] = np.where(count > 0, limit, np.nan)
        table[f"{name}_high"] = np.nan
    without = rows["kg"].isna() & rows["pieces"].isna()
    table["rows_without_amount"] = np.bincount(cell[without.to_numpy()], minlength=len(table))
    if list(by) == ["year"]:
        table = table.set_index("year").reindex(list(seizures.years)).reset_index()
        empty = table["seizures"].isna()
        for name in ("seizures", *MEASURES, "rows_without_amount", "seizures_low"):
            if name in table:
                table.loc[empty, name] = 0
        table.loc[empty, "seizures_high"] = poisson_interval(0)[1]
        table = table.astype({"seizures": np.int64, "rows_without_amount": np.int64})
    notes = [*seizures.notes, (_("Intervals"), _(INTERVALS))]
    if seizures.has_animals:
        notes.append((_("Animals"), _(ANIMALS)))
    if without.any():
        notes.append(
            (
                _("Amounts"),
                _(
                    "{count} of {all} rows have no quantity in kilograms or pieces; their seizures "
                    "are counted, their amounts are not."
                ).format(count=int(without.sum()), all=len(rows)),
            )
        )
    return Indicator(
        _("Seizures by {keys}").format(keys=", ".join(by)),
        table,
        tuple(notes),
        provenance_of({"by": list(by)}, seizures.files),
    )


_LIMITS = N_(
    "A leg skips countries that were not recorded. Only routes of seized goods are known, best "
    "for those investigated; a route without controls does not appear. Intervals are exact "
    "Poisson (95 %)."
)
_SHOWN_TAXA = 3
ROLES = ("as_origin", "as_export", "as_transit", "as_seizing", "as_destination")
"""What a country may be in a way, in its order."""


class Leg(NamedTuple):
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

    legs: list[tuple[Any, ...]] = []
    nodes: dict[str, Counter[str]] = defaultdict(Counter)
    partners: dict[str, set[str]] = defaultdict(set)
    for part in seizures.each():
        first = part[0]
        origins = {row.origin for row in part if row.origin}
        places = (origins, first.departure, first.transit, [first.country], [first.destination])
        for country, roles in _roles(places).items():
            nodes[country].update(["seizures", *roles])
        way = legs_of(
            origins, first.departure, first.transit, first.not_reached,
            first.country, first.destination,
        )  # fmt: skip
        for country in {leg.end for leg in way} & {leg.start for leg in way}:
            nodes[country]["between"] += 1
        weights = [row.kg for row in part if not math.isnan(row.kg)]
        kilograms = sum(weights) if weights else math.nan
        for leg in way:
            legs.append((*leg, not leg.made, kilograms, first.year, {row.species for row in part}))
            partners[leg.start].add(leg.end)
            partners[leg.end].add(leg.start)
    columns = ["start", "end", "made", "intended", "kg", "year", "taxa"]
    table = pandas.DataFrame(legs, columns=columns).groupby(["start", "end"], as_index=False).agg(
        seizures=("made", "size"), made=("made", "sum"), intended=("intended", "sum"), kg=("kg", lambda weights: weights.sum(min_count=1)),
        first_year=("year", "min"), last_year=("year", "max"), taxa=("taxa", _most_often),
    )  # fmt: skip
    countries = pandas.DataFrame(
        [
            (
                country,
                *(counted[name] for name in ("seizures", *ROLES, "between")),
                len(partners[country]),
            )
            for country, counted in nodes.items()
        ],
        columns=["country", "seizures", *ROLES, "between", "partners"],
    )
    notes = (*seizures.notes, (_("Limits"), _(_LIMITS)))
    provenance = provenance_of({}, seizures.files)
    return (
        Indicator(_("Legs"), _with_intervals(table, ["start", "end"]), notes, provenance),
        Indicator(_("Countries"), _with_intervals(countries, ["country"]), notes, provenance),
    )


def _roles(places: Iterable[Iterable[str]]) -> dict[str, list[str]]:
    """Return what each country of a way was in it, from the places of each of `ROLES`."""
    return gathered(
        (country, role)
        for role, there in zip(ROLES, places)
        for country in filter(is_country, set(there))
    )


def _most_often(taxa: Iterable[set[str]]) -> tuple[str, ...]:
    often = Counter(taxon for each in taxa for taxon in each)
    return tuple(sorted(often, key=lambda taxon: (-often[taxon], taxon))[:_SHOWN_TAXA])


def _with_intervals(table: "pandas.DataFrame", keys: list[str]) -> "pandas.DataFrame":
    """Return a table with the intervals of its counts of seizures, most seizures first."""
    place = table.columns.get_loc("seizures")
    low, high = poisson_interval(table["seizures"])
    table.insert(place + 1, "seizures_low", low)
    table.insert(place + 2, "seizures_high", high)
    return table.sort_values(
        ["seizures", *keys], ascending=[False, *(True for _key in keys)], ignore_index=True
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
