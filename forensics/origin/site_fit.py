"""Does each site of a reference fit its neighbours? The check of fit before a map is stated.

A map believes its reference. A site with exchanged coordinates, alleles that another laboratory sized
otherwise, or animals of another species draw every sample that is like them to a wrong place. Each site is
compared with all others by FST between them, which grows with the logarithm of the distance (Rousset 1997)
and with the drift of both sites:

    FST of i and j = drift of i + drift of j + slope x log(distance) + noise

``sizes``
    The alleles of the site match those of the others better when all of them are some repeats shorter or
    longer: the mean over loci of the gain in matching, in standard errors.
``species``
    The least FST of the site is far above that of the other sites, and it has alleles of its own, or that
    FST is one of species.
``swapped``
    Two sites both fit better where the other is said to lie.
``place``
    The site fits better where it lies with another sign of latitude or longitude, or with both exchanged,
    and other sites are near that place.

The last two are log-likelihood ratios of normal noise, whose standard deviation comes from the median of all
residuals; they are asked only where distance explains half of the differences. Limits were chosen on simulated
references (`benchmarks/destructive_origin.py`; seeds and figures stand in `benchmarks/origin.md`).

References
----------
Rousset 1997, doi:10.1093/genetics/145.4.1219. Hudson, Slatkin & Maddison 1992, Genetics 132:583-589 (FST).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.genetics.counts import AlleleCounts, count_alleles, matching_of_copies
from forensics.genetics.genotypes import Genotypes
from forensics.notices import origin as notices
from forensics.origin.geography import centres_of, great_circle

# Sites with fewer animals show too little; with fewer sites there is nothing to compare with.
MIN_ANIMALS, MIN_SITES = 5, 8
# Standard errors, repeats that are tried, and alleles that a ladder has at least.
MIN_SHIFT_Z, SHIFTS, MIN_LADDER, MIN_LADDERS = 2.5, (-2, -1, 1, 2), 4, 5
# Times the FST of other sites (their 90 % quantile), share of private copies, and FST of species.
MIN_RATIO, MIN_PRIVATE, SPECIES_FST = 1.75, 0.05, 0.5
# Log-likelihood ratio of another place, and how much more of the squares it must explain: of a pair that is exchanged,
# and of one site, for which several places are tried (at 2.0 six of 120 right references were refused).
MIN_LOG_RATIO, MIN_SQUARES, MIN_SQUARES_ALONE = 9.0, 2.0, 3.0
# Share of the variance that distance explains: with less, FST hardly tells where a site lies.
MIN_EXPLAINED = 0.5
# Nearer than this, places are not told apart, km.
_LEAST_KM = 25.0


def find_doubtful_sites(genotypes: Genotypes, sites: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what is wrong with sites of a reference: variants and parameters of ``SITE_NO_FIT``.

    Parameters
    ----------
    genotypes : Genotypes
        n animals with places.
    sites : tuple of str, length n
        Site of each animal.
    """
    counts = count_alleles(genotypes, sites)
    large = np.flatnonzero(counts.animals >= MIN_ANIMALS)
    if len(large) < MIN_SITES or genotypes.latitudes is None or genotypes.longitudes is None:
        return []
    place = {name: number for number, name in enumerate(counts.groups)}
    own = np.array([place[name] for name in sites])
    places = np.column_stack(centres_of(genotypes.latitudes, genotypes.longitudes, own))
    compared = _Compared(counts, large)
    doubts, odd = [], []
    for number, found in compared.find_odd():
        doubts.append({"site": counts.groups[large[number]], **found})
        odd.append(number)
    left = np.setdiff1d(np.arange(len(large)), odd)
    if len(left) >= MIN_SITES:
        names = [counts.groups[place] for place in large[left]]
        doubts += _find_misplaced(compared.fst[np.ix_(left, left)], places[large[left]], names)
    return doubts


def describe_doubts(doubts: Sequence[Mapping[str, Any]]) -> tuple[Notice, ...]:
    """Return the notices of what `find_doubtful_sites` found, as a model has it."""
    return tuple(
        notices.SITE_NO_FIT(
            str(doubt["variant"]), **{key: each for key, each in doubt.items() if key != "variant"}
        )
        for doubt in doubts
    )


class _Compared:
    """Sites compared with each other by their alleles.

    Attributes
    ----------
    fst : numpy.ndarray of float64, shape (S, S)
    """

    def __init__(self, counts: AlleleCounts, rows: np.ndarray) -> None:
        self.counts, self.starts = counts, counts.offsets[:-1]
        copies = counts.counts[rows]
        sizes = np.add.reduceat(copies, self.starts, axis=1)
        within = matching_of_copies(copies, counts.offsets)
        self.typed = np.isfinite(within)
        self.within = np.where(self.typed, within, 0.0)
        self.shares = copies / np.repeat(np.maximum(sizes, 1.0), np.diff(counts.offsets), axis=1)
        alone = (counts.counts > 0).sum(axis=0) == 1
        self.private = copies[:, alone].sum(axis=1) / np.maximum(copies.sum(axis=1), 1.0)
        self.fst = np.zeros((len(rows), len(rows)))
        for row in range(len(rows)):
            use = self.typed & self.typed[row]
            between = self._matching(self.shares[row])
            inside = np.where(use, 1 - (self.within + self.within[row]) / 2, 0.0).sum(axis=1)
            apart = np.where(use, 1 - between, 0.0).sum(axis=1)
            self.fst[row] = 1 - inside / np.where(apart > 0, apart, np.inf)
        np.fill_diagonal(self.fst, np.inf)

    def _matching(self, shares: np.ndarray) -> np.ndarray:
        """Return the probability that copies match those of each site; shape (S, L)."""
        return np.add.reduceat(self.shares * shares, self.starts, axis=1)

    def find_odd(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield sites whose alleles are sized otherwise, or are of another species."""
        least = self.fst.min(axis=1)
        ladders = [_ladder(labels) for labels in self.counts.alleles]
        for site, value in enumerate(least):
            usual = float(np.quantile(np.delete(least, site), 0.9))
            if value < MIN_RATIO * max(usual, 0.0):
                continue
            z, steps = self._best_shift(site, ladders)
            if z >= MIN_SHIFT_Z:
                yield site, {"variant": "sizes", "steps": steps}
            elif self.private[site] >= MIN_PRIVATE or value >= SPECIES_FST:
                yield site, {"variant": "species", "observed": float(value), "expected": usual}

    def _best_shift(self, site: int, ladders: list[np.ndarray | None]) -> tuple[float, int]:
        """Return by how many standard errors alleles match better when shifted, and by which steps."""
        loci = np.array([ladder is not None for ladder in ladders])
        best = (-np.inf, 0)
        if loci.sum() < MIN_LADDERS:
            return best
        others = np.arange(len(self.fst)) != site
        now = self._matching(self.shares[site])[others]
        for steps in SHIFTS:
            moved = np.zeros_like(self.shares[site])
            for locus, ladder in enumerate(ladders):
                if ladder is None:
                    continue
                start = self.starts[locus]
                rungs = np.arange(len(ladder))
                found = np.searchsorted(ladder, ladder + steps)
                there = (found < len(ladder)) & (
                    ladder[np.minimum(found, len(ladder) - 1)] == ladder + steps
                )
                moved[start + found[there]] = self.shares[site, start + rungs[there]]
            gains = (self._matching(moved)[others] - now).mean(axis=0)[loci]
            error = gains.std(ddof=1) / np.sqrt(len(gains))
            if error > 0:
                best = max(best, (float(gains.mean() / error), steps))
        return best


def _ladder(labels: tuple[str, ...]) -> np.ndarray | None:
    """Return sizes in repeats, ascending as the labels are; None of what is no ladder."""
    if len(labels) < MIN_LADDER or not all(label.isdigit() for label in labels):
        return None
    sizes = np.array([int(label) for label in labels])
    gaps = np.diff(sizes)
    if (gaps <= 0).any():
        return None
    return sizes / np.bincount(gaps).argmax()


def _find_misplaced(
    fst: np.ndarray, places: np.ndarray, names: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield sites that fit at another place; `places` have latitude and longitude, shape (S, 2)."""
    count = len(names)
    off = ~np.eye(count, dtype=bool)
    apart = great_circle(places[:, :1], places[:, 1:], *places.T)
    logs = np.log(np.maximum(apart, _LEAST_KM))
    drift, slope = np.zeros(count), 0.0
    y = np.where(off, fst, 0.0)
    for _round in range(20):  # alternating least squares
        rest = np.where(off, y - drift[:, None] - drift, 0.0)
        x = np.where(off, logs - logs[off].mean(), 0.0)
        slope = float((x * (rest - rest[off].mean())).sum() / (x**2).sum())
        left = np.where(off, y - slope * x - drift, 0.0)
        drift = 0.5 * drift + 0.5 * left.sum(axis=1) / (count - 1)
    residuals = np.where(off, y - drift[:, None] - drift - slope * x, 0.0)
    sd = 1.4826 * float(np.median(np.abs(residuals[off])))
    explained = slope**2 * (x**2).sum()
    if slope <= 0 or sd <= 0 or explained < MIN_EXPLAINED * (explained + (residuals**2).sum()):
        return

    def squares(site: int, place: tuple[float, float], others: np.ndarray) -> float:
        distance = np.maximum(great_circle(*place, *places[others].T), _LEAST_KM)
        rest = y[site, others] - drift[others] - slope * np.log(distance)
        return float(((rest - rest.mean()) ** 2).sum())

    def gain(
        site: int, place: tuple[float, float], others: np.ndarray, least: float = MIN_SQUARES
    ) -> float:
        """Return the log-likelihood ratio of a place; -inf where it explains too little more."""
        before, after = squares(site, tuple(places[site]), others), squares(site, place, others)
        return (before - after) / (2 * sd**2) if before >= least * after else -np.inf

    swapped: set[int] = set()
    pairs = []
    for first in range(count):
        for second in range(first + 1, count):
            others = off[first] & off[second]
            both = min(
                gain(first, tuple(places[second]), others),
                gain(second, tuple(places[first]), others),
            )
            if both >= MIN_LOG_RATIO:
                pairs.append((both, first, second))
    for _both, first, second in sorted(pairs, reverse=True):
        if swapped.isdisjoint((first, second)):
            swapped |= {first, second}
            yield {"variant": "swapped", "first": names[first], "second": names[second]}
    near = np.sort(np.where(off, apart, np.inf), axis=1)[:, 1]
    usual = float(np.quantile(near, 0.9))
    found = []
    for site in range(count):
        north, east = places[site]
        for one, other in product((1, -1), repeat=2):
            for place in ((one * north, other * east), (one * east, other * north)):
                away = great_circle(*place, *places[off[site]].T) if abs(place[0]) <= 90 else None
                if away is None or np.sort(away)[1] > usual:
                    continue
                if (
                    great_circle(north, east, *place) > usual
                ):  # else the site is among the same others
                    found.append((gain(site, place, off[site], MIN_SQUARES_ALONE), site, place))
    misplaced: set[int] = set()
    for log_ratio, site, (north, east) in sorted(found, reverse=True):
        if log_ratio >= MIN_LOG_RATIO and site not in misplaced | swapped:
            misplaced.add(site)
            yield {
                "variant": "place", "site": names[site], "latitude": float(north),
                "longitude": float(east),
            }  # fmt: skip
