"""Likelihood ratios of relationships, for one pair and for all pairs of many profiles."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.errors import UsageError
from forensics.individual.frequencies import Frequencies
from forensics.individual.pairs import (
    RELATIONSHIPS,
    LaboratoryErrors,
    Relationship,
    joint_table,
    ratio_tables,
)
from forensics.messages import _
from forensics.stats.intervals import wilson

__all__ = [
    "SIMULATED",
    "PairRatios",
    "all_pairs",
    "by_chance",
    "log10_ratio",
    "pairs_above",
    "simulated_ratios",
]

SIMULATED = 100_000
"""Unrelated pairs of which the command counts how many reach a limit: one in 30,000 is seen with a
probability of 0.96. The choice is ours."""

# Rows of pairs worked on at a time: 64 of 10,000 profiles are 5 MB a relationship.
_BLOCK = 64
_LN10 = float(np.log(10.0))


@dataclass(frozen=True, eq=False)
class PairRatios:
    """Pairs whose ratio reaches a limit, for one relationship.

    Attributes
    ----------
    first, second : numpy.ndarray of int64, shape (k,)
        Places of the profiles, first < second.
    log10 : numpy.ndarray of float64, shape (k,)
        Logarithm of the likelihood ratio against unrelated.
    loci : numpy.ndarray of int64, shape (k,)
        Loci that both have.
    """

    first: np.ndarray
    second: np.ndarray
    log10: np.ndarray
    loci: np.ndarray

    def take(self, rows: np.ndarray) -> "PairRatios":
        """Return the pairs at `rows` (places, or bool)."""
        return PairRatios(self.first[rows], self.second[rows], self.log10[rows], self.loci[rows])


def log10_ratio(tables: Sequence[np.ndarray], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return log10 likelihood ratios of pairs of profiles.

    Parameters
    ----------
    tables : sequence of numpy.ndarray, length L
        From `forensics.individual.pairs.ratio_tables`.
    first, second : numpy.ndarray of int32, shape (..., L)
        Genotype numbers, -1 where not typed; such loci say nothing.

    Returns
    -------
    numpy.ndarray of float64, shape (...)
    """
    total = np.zeros(np.broadcast_shapes(first.shape[:-1], second.shape[:-1]))
    for number, table in enumerate(tables):
        if not table.size:  # a locus of the reference at which no sample was typed
            continue
        a, b = np.broadcast_arrays(first[..., number], second[..., number])
        total += np.where((a >= 0) & (b >= 0), table[a, b], 0.0)
    return total / _LN10


def all_pairs(
    frequencies: Frequencies,
    codes: np.ndarray,
    *,
    relationships: Sequence[str] = ("same", "parent", "full_sibs"),
    limit: float = 3.0,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...] = LaboratoryErrors(),  # noqa: B008
    progress: Callable[[int], None] | None = None,
) -> dict[str, PairRatios]:
    """Compare every profile with every other one.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        From `Frequencies.genotypes_of`.
    relationships : sequence of str
        Keys of `RELATIONSHIPS`.
    limit : float
        Pairs are kept from this log10 ratio on.
    theta, mutation, errors
        As in `ratio_tables`.
    progress : callable, optional
        Is given the number of profiles that are done.

    Returns
    -------
    dict of str to PairRatios
        Memory is that of one block of rows and of the pairs that are kept.
    """
    tables = {
        name: ratio_tables(
            frequencies, RELATIONSHIPS[name], theta=theta, mutation=mutation, errors=errors
        )
        for name in relationships
    }
    return pairs_above(tables, codes, limit=limit, progress=progress)


def pairs_above(
    tables: Mapping[str, Sequence[np.ndarray]],
    codes: np.ndarray,
    *,
    limit: float,
    progress: Callable[[int], None] | None = None,
) -> dict[str, PairRatios]:
    """Compare every profile with every other one by tables that are made already.

    Parameters
    ----------
    tables : mapping of str to sequence of numpy.ndarray of float64, length L
        Of each question its logarithms (natural) of likelihood ratios, a table a locus.
    codes : numpy.ndarray of int32, shape (n, L)
        Rows and columns of the tables, -1 where not typed.
    limit, progress
        As in `all_pairs`.

    Raises
    ------
    UsageError
        If the limit is not a number.
    """
    if math.isnan(limit):  # nothing would reach it
        raise UsageError(_("A limit is a number: log10 of a likelihood ratio."))
    # One more row and column for "not typed": it says nothing.
    padded = {
        name: [np.pad(table, ((0, 1), (0, 1))).astype(np.float32) for table in of_loci]
        for name, of_loci in tables.items()
    }
    pairs_of: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in tables}
    columns = [np.ascontiguousarray(codes[:, number]) for number in range(codes.shape[1])]
    typed = codes >= 0
    for start in range(0, len(codes), _BLOCK):
        stop = min(start + _BLOCK, len(codes))
        for name, of_loci in padded.items():
            total = np.zeros((len(codes) - start, stop - start), dtype=np.float32)
            for table, column in zip(of_loci, columns):
                # Of each other profile one row is copied: what its genotype is beside the block's.
                total += np.ascontiguousarray(table[column[start:stop]].T)[column[start:]]
            rows, others = np.nonzero((total >= limit * _LN10).T)
            keep = others > rows
            pairs_of[name].append((rows[keep] + start, others[keep] + start))
        if progress:
            progress(stop)
    result = {}
    for name, parts in pairs_of.items():
        first = np.concatenate([part[0] for part in parts]).astype(np.int64)
        second = np.concatenate([part[1] for part in parts]).astype(np.int64)
        result[name] = PairRatios(
            first,
            second,
            log10_ratio(tables[name], codes[first], codes[second]),
            (typed[first] & typed[second]).sum(axis=1),
        )
    return result


def simulated_ratios(
    frequencies: Frequencies,
    truth: Relationship,
    *,
    tested: Mapping[str, Relationship],
    pairs: int,
    seed: int,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...] = LaboratoryErrors(),  # noqa: B008
) -> dict[str, np.ndarray]:
    """Return log10 ratios of simulated pairs whose true relationship is known.

    Their share above a limit is the rate of false positives (truth: unrelated) or of recall.

    Parameters
    ----------
    truth : Relationship
        That the pairs have.
    tested : mapping of str to Relationship
        That are asked for, each against unrelated.
    theta, mutation, errors
        As in `ratio_tables`; also of the simulation.

    Returns
    -------
    dict of str to numpy.ndarray of float64, shape (pairs,)
    """
    random = np.random.default_rng(seed)
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    result = {name: np.zeros(pairs) for name in tested}
    for p, rate in zip(frequencies.values, rates):
        options: dict[str, Any] = {
            "theta": theta,
            "mutation": mutation,
            "first": rate,
            "second": rate,
        }
        joint = joint_table(p, truth, **options)
        drawn = np.searchsorted(np.cumsum(joint), random.random(pairs) * joint.sum(), side="right")
        a, b = np.divmod(np.minimum(drawn, joint.size - 1), joint.shape[1])
        unrelated = joint_table(p, RELATIONSHIPS["unrelated"], **options)
        for name, relationship in tested.items():
            with np.errstate(divide="ignore"):
                table = np.log10(joint_table(p, relationship, **options)) - np.log10(unrelated)
            result[name] += table[a, b]
    return result


def by_chance(
    frequencies: Frequencies,
    relationships: Iterable[str],
    *,
    profiles: int,
    limit: float,
    seed: int,
    simulated: int = SIMULATED,
    **rates: Any,
) -> dict[str, dict[str, float]]:
    """Return how many pairs of unrelated animals reach a limit by chance, by simulation.

    Parameters
    ----------
    relationships : iterable of str
        That are asked for, each against unrelated.
    profiles : int
        All of their pairs are compared.
    limit : float
        Least log10 of the likelihood ratio.
    **rates
        ``theta``, ``mutation`` and ``errors`` of `simulated_ratios`.

    Returns
    -------
    dict of str to dict
        ``expected``, ``low`` and ``high`` (pairs; Wilson's 95 % interval) and ``simulated``.
    """
    names, pairs = tuple(relationships), profiles * (profiles - 1) // 2
    ratios = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], tested={name: RELATIONSHIPS[name] for name in names},
        pairs=simulated, seed=seed, **rates,
    )  # fmt: skip
    counts = {}
    for name in names:
        share = float((ratios[name] >= limit).mean())
        low, high = wilson(share, simulated)
        counts[name] = {
            "expected": share * pairs, "low": low * pairs, "high": high * pairs,
            "simulated": simulated,
        }  # fmt: skip
    return counts
