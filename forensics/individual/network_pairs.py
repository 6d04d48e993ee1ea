"""Pairs of individuals that join seizures, and how many pairs were compared for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.individual.false_links import KINDS, state_kinds
from forensics.individual.kinship import log10_ratio, pairs_above
from forensics.individual.matching import MIN_LOCI, Group
from forensics.individual.network_links import LinkedPair
from forensics.individual.pooling import Pooled

__all__ = [
    "Individuals",
    "class_by_loci",
    "count_compared",
    "find_near_pairs",
    "link_individuals",
    "sample_patterns",
]

# Pairs differ in the loci that both have; so many classes of them are distinguished,
_CLASSES = 16
# by so many patterns of loci each, of so many pairs that are drawn.
_PATTERNS = 512
_DRAWN = 50_000
_ROWS = 256  # profiles that are compared with all others at a time, when loci are counted


@dataclass(frozen=True)
class Individuals:
    """Individuals and where they are: places of samples, of seizures and of individuals."""

    samples: Genotypes
    names: list[str]  # of the seizures, sorted
    wholes: list[list[int]]  # samples of each individual
    seizures: list[list[int]]  # of each individual, ascending
    parts: list[tuple[int, int, list[int]]]  # seizure, individual, samples; sorted

    @classmethod
    def of(
        cls, samples: Genotypes, seizures: Sequence[str], groups: Sequence[Group]
    ) -> "Individuals":
        """Return the individuals of samples, by the groups that they were joined to."""
        row_of = {name: row for row, name in enumerate(samples.animals)}
        names = sorted(set(seizures))
        place_of = {name: place for place, name in enumerate(names)}
        wholes = [[row_of[name] for name in group.samples] for group in groups]
        rows_of: dict[tuple[int, int], list[int]] = {}
        for number, rows in enumerate(wholes):
            for row in rows:
                rows_of.setdefault((place_of[seizures[row]], number), []).append(row)
        of_individual: list[list[int]] = [[] for _whole in wholes]
        for seizure, number in sorted(rows_of):
            of_individual[number].append(seizure)
        parts = [(*key, rows_of[key]) for key in sorted(rows_of)]
        return cls(samples, names, wholes, of_individual, parts)


def find_near_pairs(
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    individuals: int,
    limit: float,
    progress: Callable[[int], None] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of individuals of which a ratio reaches the limit: their places, intp."""
    reached = pairs_above(tables, pool.codes[:individuals], limit=limit, progress=progress)
    both = {
        pair
        for pairs in reached.values()
        for pair in zip(pairs.first.tolist(), pairs.second.tolist())
    }
    first, second = np.array(sorted(both), dtype=np.intp).reshape(-1, 2).T
    return first, second


def link_individuals(
    individuals: Individuals,
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    kinds: Sequence[str],
    stating: Mapping[str, float],
    near: tuple[np.ndarray, np.ndarray],
) -> dict[tuple[int, int], list[LinkedPair]]:
    """Return the pairs of individuals that join each two seizures."""
    samples_of = {
        (seizure, number): tuple(individuals.samples.animals[row] for row in rows)
        for seizure, number, rows in individuals.parts
    }
    result: dict[tuple[int, int], list[LinkedPair]] = {}

    def add(
        a: int, first: int, b: int, second: int, kind: str, loci: int, ratios: Mapping[str, float]
    ) -> None:
        """Keep a pair: individual `first` of seizure `a`, and `second` of seizure `b`."""
        if kind not in kinds:
            return
        if a > b:
            a, first, b, second = b, second, a, first
        pair = LinkedPair(
            kind, first + 1, second + 1, samples_of[a, first], samples_of[b, second], loci, ratios
        )
        result.setdefault((a, b), []).append(pair)

    # An individual that is in several seizures, with itself.
    places: dict[int, list[int]] = {}
    for place, (_seizure, number, _rows) in enumerate(individuals.parts):
        places.setdefault(number, []).append(place)
    repeated = [pair for parts in places.values() for pair in combinations(parts, 2)]
    first, second = np.array(repeated, dtype=np.intp).reshape(-1, 2).T
    shift = len(individuals.wholes)
    for row, kind, loci, ratios in _stated(pool, tables, first + shift, second + shift, stating):
        (a, number, _rows), (b, _number, _others) = (
            individuals.parts[first[row]],
            individuals.parts[second[row]],
        )
        # They are one individual by all samples together; by these two alone they may look like kin.
        add(a, number, b, number, kind if kind == "match" else "unresolved", loci, ratios)

    # Every two individuals.
    first, second = near
    for row, kind, loci, ratios in _stated(pool, tables, first, second, stating):
        number, other = int(first[row]), int(second[row])
        for a in individuals.seizures[number]:
            for b in individuals.seizures[other]:
                # One that is in both seizures joins them already; its kin adds nothing.
                if (
                    a != b
                    and a not in individuals.seizures[other]
                    and b not in individuals.seizures[number]
                ):
                    add(a, number, b, other, kind, loci, ratios)
    return result


def _stated(
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    first: np.ndarray,
    second: np.ndarray,
    stating: Mapping[str, float],
) -> Iterator[tuple[int, str, int, dict[str, float]]]:
    """Yield what is stated of pairs of rows of `pool`: place, kind, loci, ratios."""
    a, b = pool.codes[first], pool.codes[second]
    loci = ((a >= 0) & (b >= 0)).sum(axis=1)
    ratios = {name: log10_ratio(of_loci, a, b) for name, of_loci in tables.items()}
    stated = np.where(loci >= MIN_LOCI, state_kinds(ratios, **stating), -1)
    kinds = list(KINDS)
    for row in np.flatnonzero(stated >= 0):
        yield (
            int(row),
            kinds[stated[row]],
            int(loci[row]),
            {name: float(values[row]) for name, values in ratios.items()},
        )


def class_by_loci(loci: int) -> np.ndarray:
    """Return the class of each number of loci in common, 0 to `loci`; -1 for too few."""
    most = loci - MIN_LOCI + 1
    count = min(most, _CLASSES)
    above = np.arange(most) * count // most
    return np.concatenate([np.full(MIN_LOCI, -1), above])


def count_compared(
    typed: np.ndarray,
    place_of: np.ndarray,
    seizures: int,
    classes: np.ndarray,
    linked: set[tuple[int, int]],
) -> tuple[dict[tuple[int, int], np.ndarray], np.ndarray, int]:
    """Count pairs of individuals by the loci that both have.

    Returns
    -------
    numbers : dict of (int, int) to numpy.ndarray of int64, shape (B,)
        Of the pairs of seizures that are `linked`, pairs of each class.
    total : numpy.ndarray of int64, shape (B,)
        Of all pairs of seizures.
    joined : int
        Pairs of seizures of which one pair of individuals or more was compared.
    """
    width = int(classes.max()) + 2  # the first is of too few loci
    known = typed.astype(np.float32)  # whole numbers up to 2 ** 24 are exact
    numbers, total, joined = {}, np.zeros(width - 1, dtype=np.int64), 0
    starts = np.searchsorted(place_of, np.arange(seizures + 1))
    for a in range(seizures - 1):
        counted = np.zeros(seizures * width, dtype=np.int64)
        after = starts[a + 1]
        for start in range(starts[a], after, _ROWS):
            stop = min(start + _ROWS, after)
            common = (known[start:stop] @ known[after:].T).astype(np.intp)
            keys = place_of[after:] * width + classes[common] + 1
            counted += np.bincount(keys.ravel(), minlength=seizures * width)
        in_common = counted.reshape(seizures, width)[:, 1:]
        total += in_common.sum(axis=0)
        joined += int((in_common.sum(axis=1) > 0).sum())
        for b in range(a + 1, seizures):
            if (a, b) in linked:
                numbers[a, b] = in_common[b].copy()
    return numbers, total, joined


def sample_patterns(
    typed: np.ndarray, place_of: np.ndarray, classes: np.ndarray, total: np.ndarray, seed: int
) -> list[np.ndarray]:
    """Return of each class loci that both of a pair have, for some pairs; bool, shape (m, L).

    Of a class that no pair is of, one pattern without any locus: nothing is ever stated of it.
    """
    random = np.random.default_rng([seed, len(typed)])
    first, second = random.integers(len(typed), size=(2, _DRAWN))
    both = (typed[first] & typed[second])[place_of[first] != place_of[second]]
    of = classes[both.sum(axis=1)]
    result = []
    for number, pairs in enumerate(total):
        if not pairs:
            result.append(np.zeros((1, typed.shape[1]), dtype=bool))
            continue
        of_class = both[of == number][:_PATTERNS]
        if not len(of_class):  # too rare to be drawn: any loci, so many of them
            loci = int(np.median(np.flatnonzero(classes == number)))
            order = random.random((_PATTERNS, typed.shape[1])).argsort(axis=1)
            of_class = order < loci
        result.append(of_class)
    return result
