"""Places where, for a time, more was seized than their own past and the others' present explain.

The space-time permutation scan needs no measure of effort or traffic: a place that always seizes much
is not a hotspot, and neither is a year in which all seize much. Cylinders of near places and of periods
that follow each other are compared with what margins alone give; the best ones are compared with the
best ones of data whose periods were dealt out anew.

References
----------
Kulldorff M et al. 2005, A space-time permutation scan statistic for disease outbreak detection.
doi:10.1371/journal.pmed.0020059.
"""

from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.stats.choice import descending
from forensics.trade.indicators.defaults import PERMUTATIONS
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures

if TYPE_CHECKING:
    import pandas

__all__ = ["PERMUTATIONS", "SEED", "SIGNIFICANCE", "hotspots"]

SEED = 1
SIGNIFICANCE = 0.05
# Cylinders hold at most half of all seizures and of all periods (Kulldorff et al. 2005), and, for
# speed, so many places.
_MAX_SHARE = 0.5
_MAX_NEIGHBOURS = 20
_MAX_PERIODS = 12  # periods
_MAX_CYLINDERS = 10**7  # some hundred megabytes
_MIN_SEIZURES = 2  # of seizures in a cylinder
_SHOWN = 20
_EARTH = 6371.0088  # km, mean radius (IUGG)

_LIMITS = N_(
    "A hotspot is more than the place's own share in all years and the period's share in all places "
    "give. More controls there and then make one as well as more trade; the data cannot tell which."
)


def hotspots(
    seizures: Seizures,
    *,
    period: str = "year",
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> Indicator:
    """Look for clusters in space and time.

    Parameters
    ----------
    seizures : Seizures
        Those with a place (or country); places with coordinates are joined to their neighbours.
    period : {"year", "month"}
        With ``month``, seizures without a month are left out.
    permutations, seed : int

    Returns
    -------
    Indicator
        Its table has ``places``, ``radius_km`` (NaN for one place), ``first`` and ``last`` period,
        ``seizures``, ``expected``, ``ratio``, ``p`` (of the best cylinder of chance alone, so that
        the search is accounted for); best first, none shares a place and a period with a better one.

    Raises
    ------
    UsageError
        If there are fewer than two places or periods, or too many of both.
    """
    import pandas

    whole = seizures.whole()
    whole["site"] = [
        ", ".join(part for part in (row.place, row.country) if part)
        for row in whole.itertuples(index=False)
    ]
    used = whole[whole["site"] != ""]
    if period == "month":
        used = used[used["month"] > 0]
        time = (used["year"] * 12 + used["month"] - 1).to_numpy()
    else:
        time = used["year"].to_numpy()
    site, names = pandas.factorize(used["site"], sort=True)
    if len(names) < 2 or len(np.unique(time)) < 2:
        raise UsageError(
            _(
                "{count} seizures at {places} places in {periods} periods; hotspots need two or more "
                "of each."
            ).format(count=len(used), places=len(names), periods=len(np.unique(time)))
        )
    start = int(time.min())
    moment = time - start
    periods = int(moment.max()) + 1
    order, distance = _neighbours(*_middles(used, site))
    generator = np.random.default_rng(seed)
    shape = (len(names), periods)
    observed = np.zeros(shape)
    np.add.at(observed, (site, moment), 1.0)
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / len(used)
    scan = _Scan(order, np.isfinite(distance), expected)
    statistic = scan.statistic(observed)
    best = np.empty(permutations)
    for turn in range(permutations):
        dealt = np.zeros(shape)
        np.add.at(dealt, (site, generator.permutation(moment)), 1.0)
        best[turn] = scan.statistic(dealt).max()
    rows: list[dict[str, object]] = []
    taken = np.zeros(shape, dtype=bool)
    for flat in descending(statistic.ravel()):
        value = statistic.flat[flat]
        if value <= 0 or len(rows) == _SHOWN:
            break
        centre, size, window = np.unravel_index(flat, statistic.shape)
        members = order[centre, : size + 1]
        first, last = scan.windows[window]
        if taken[members, first : last + 1].any():
            continue
        taken[members, first : last + 1] = True
        count = observed[members, first : last + 1].sum()
        mean = expected[members, first : last + 1].sum()
        rows.append(
            {
                "places": tuple(names[place] for place in sorted(members)),
                "radius_km": float(distance[centre, size]) if size else np.nan,
                "first": _period(start + first, period),
                "last": _period(start + last, period),
                "seizures": int(count),
                "expected": float(mean),
                "ratio": float(count / mean),
                "p": float((1 + (best >= value - 1e-9).sum()) / (1 + permutations)),
            }
        )
    columns = ["places", "radius_km", "first", "last", "seizures", "expected", "ratio", "p"]
    notes = [*seizures.notes, (_("Limits"), _(_LIMITS))]
    if len(used) < len(whole):
        notes.append(
            (
                _("Left out"),
                _(
                    "{count} of {all} seizures have no place, or no month where months are asked for"
                ).format(count=len(whole) - len(used), all=len(whole)),
            )
        )
    parameters = {"period": period, "permutations": permutations, "seed": seed}
    return Indicator(
        _("Hotspots"),
        pandas.DataFrame(rows, columns=columns),
        tuple(notes),
        provenance_of(parameters, seizures.files),
    )


class _Scan:
    """All cylinders: nearest places of each centre (P, K), and windows of periods (W)."""

    def __init__(self, order: np.ndarray, reachable: np.ndarray, expected: np.ndarray) -> None:
        periods = expected.shape[1]
        longest = min(_MAX_PERIODS, max(1, int(periods * _MAX_SHARE)))
        self.windows = [
            (first, last)
            for first in range(periods)
            for last in range(first, min(periods, first + longest))
        ]
        if order.size * len(self.windows) > _MAX_CYLINDERS:
            raise UsageError(
                _(
                    "{places} places in {periods} periods are too many to scan; look at years, or at "
                    "a part of the seizures."
                ).format(places=len(order), periods=periods)
            )
        self.first = np.array([first for first, _last in self.windows])
        self.last = np.array([last for _first, last in self.windows])
        self.order = order
        self.total = expected.sum()
        self.expected = self._sums(expected)
        # A cylinder of all places compares nothing with nothing.
        inside = np.cumsum(expected.sum(axis=1)[order], axis=1)
        allowed = reachable & (inside <= self.total * _MAX_SHARE)
        allowed[:, 0] = True
        self.allowed = allowed[:, :, None]

    def _sums(self, counts: np.ndarray) -> np.ndarray:
        near = np.cumsum(counts[self.order], axis=1)  # (P, K, T)
        run = np.concatenate([np.zeros((*near.shape[:2], 1)), np.cumsum(near, axis=2)], axis=2)
        sums: np.ndarray = run[:, :, self.last + 1] - run[:, :, self.first]
        return sums

    def statistic(self, counts: np.ndarray) -> np.ndarray:
        """Return the log likelihood ratio of each cylinder; 0 where no more than expected."""
        inside, mean, total = self._sums(counts), self.expected, self.total
        more = self.allowed & (inside > mean) & (inside >= _MIN_SEIZURES) & (mean > 0)
        ratio = np.zeros_like(inside)
        many, usual = inside[more], mean[more]
        rest = total - many
        outside = np.where(rest > 0, rest * np.log(np.maximum(rest, 1) / (total - usual)), 0.0)
        ratio[more] = many * np.log(many / usual) + outside
        return ratio


def _middles(used: "pandas.DataFrame", site: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean latitude and longitude of each place, over the antimeridian where it lies there."""
    first = used.groupby(site)["longitude"].transform("first")
    beside = (used["longitude"] - first + 180) % 360 - 180
    places = used.assign(longitude=first + beside).groupby(site)[["latitude", "longitude"]].mean()
    return places["latitude"].to_numpy(), places["longitude"].to_numpy()


def _neighbours(latitude: np.ndarray, longitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest places of each, itself first, and how far they are (inf: not known)."""
    y, x = np.radians(latitude), np.radians(longitude)
    half = np.sin((y[:, None] - y) / 2) ** 2
    half += np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    distance = 2 * _EARTH * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    distance = np.where(np.isnan(distance), np.inf, distance)
    np.fill_diagonal(distance, -1.0)
    order = descending(-distance)[:, :_MAX_NEIGHBOURS]
    return order, np.maximum(np.take_along_axis(distance, order, axis=1), 0.0)


def _period(number: int, period: str) -> str:
    return str(number) if period == "year" else f"{number // 12}-{number % 12 + 1:02d}"
