"""What is stated of a pair of individuals, and how often a pair of unrelated ones is stated as linked.

**Profiles of several samples.** At each locus an individual has one genotype, unknown; each of its
samples shows what dropout and mistyping have left of it. What the samples show together is a likelihood
of each genotype, and a pair of individuals is compared by these, so that a sample more never counts as
an animal more. Different things that were seen are few at a locus; each has a number, and tables of
ratios have a row and a column a number, as `forensics.individual.kinship.ratio_tables` has them a
genotype.

**False links.** A false link of unrelated animals is rare, and a table of seizures has millions of pairs:
drawing unrelated pairs would hardly ever show it. So pairs are drawn that are partly related (at each
locus with probability w, for several w), and each counts with the weight that makes it an unrelated one:
its probability among unrelated pairs, divided by that among the pairs drawn. On what is stated the
weight is at most ``len(SHARES) / LR``, so that few draws tell small rates well. Loci that were not
typed in both are left out as in the pairs that are compared.

References
----------
Owen & Zhou 2000, doi:10.1080/01621459.2000.10473909 (sampling from a mixture); Kruijver 2015,
Forensic Science International: Genetics 14:116-124 (the same weights for likelihood ratios).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    Relationship,
    draw_cells,
    joint_table,
    typed_given_true,
)
from forensics.individual.options import (
    MIN_MATCH_LOG10,
    NO_ERRORS,
    STATED_RELATIONSHIPS,
    LaboratoryErrors,
)
from forensics.messages import N_
from forensics.stats import descending, greatest


@dataclass(frozen=True, eq=False)
class Pooled:
    """Profiles of individuals, each from one sample or more.

    Attributes
    ----------
    frequencies : Frequencies
        L loci.
    codes : numpy.ndarray of int32, shape (n, L)
        Number of what was seen; -1 where nothing was typed.
    seen : tuple of numpy.ndarray of float64, shape (E, G), length L
        Of each number the likelihood of the genotypes; the greatest is 1.
    """

    frequencies: Frequencies
    codes: np.ndarray
    seen: tuple[np.ndarray, ...]

    def ratio_tables(
        self, relationship: Relationship, *, theta: float = 0.0, mutation: float = 0.0
    ) -> list[np.ndarray]:
        """Return the logarithm (natural) of the likelihood ratio against unrelated, a table a locus.

        Returns
        -------
        list of numpy.ndarray of float64, shape (E, E)
        """
        tables = []
        for p, seen in zip(self.frequencies.values, self.seen):
            with np.errstate(divide="ignore"):
                above, below = (
                    np.log(seen @ joint_table(p, relation, theta=theta, mutation=mutation) @ seen.T)
                    for relation in (relationship, RELATIONSHIPS["unrelated"])
                )
            tables.append(above - below)
        return tables


def pooled(
    frequencies: Frequencies,
    codes: np.ndarray,
    groups: Sequence[Sequence[int]],
    *,
    errors: LaboratoryErrors,
) -> Pooled:
    """Return the profiles of groups of samples.

    Parameters
    ----------
    codes : numpy.ndarray of int32, shape (m, L)
        Of the samples; from `Frequencies.genotypes_of`.
    groups : sequence of sequences of int, length n
        Places of the samples of each individual.
    """
    result = np.full((len(groups), codes.shape[1]), -1, dtype=np.int32)
    everything = []
    for locus, p in enumerate(frequencies.values):
        column = codes[:, locus].tolist()
        numbers: dict[tuple[int, ...], int] = {}
        for place, group in enumerate(groups):
            # Sorted, so that the order of samples makes no difference.
            known = tuple(sorted(column[row] for row in group if column[row] >= 0))
            if known:
                result[place, locus] = numbers.setdefault(known, len(numbers))
        with np.errstate(divide="ignore"):
            single = np.log(typed_given_true(len(p), errors))
        seen = np.empty((len(numbers), single.shape[1]))
        for known, number in numbers.items():
            total = single[list(known)].sum(axis=0)
            seen[number] = np.exp(total - total.max())
        everything.append(seen)
    return Pooled(frequencies, result, tuple(everything))


# What a link can be, the surest first. A pair is of the kind that explains it best; "unresolved" is
# one that "the same" explains best, but not by the ratio against full sibs that a match needs.
KINDS = {
    "match": RELATIONSHIPS["same"].name,
    **{name: RELATIONSHIPS[name].name for name in ("parent", "full_sibs", "half_sibs")},
    "unresolved": N_("one individual or close kin, not distinguished"),
}
_PLACES = {kind: place for place, kind in enumerate(KINDS)}
# The relationship whose ratio a kind is stated by.
RELATIONSHIP_OF = {kind: kind if kind in RELATIONSHIPS else "same" for kind in KINDS}
# Shares of loci that are drawn as related: from hardly so, as false links are, to wholly.
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
# Draws of each relationship and share: rates then differ by a few per cent between seeds.
DRAWS = 4000
_TOTAL = len(SHARES) * DRAWS
# At 95 % confidence at most 3 in n where none of n was seen (Hanley & Lippman-Hand 1983,
# Journal of the American Medical Association 249:1743-1745).
_RULE_OF_THREE = 3.0
# Natural logarithm that stands for a likelihood ratio of 0, so that it can be multiplied by 0.
_IMPOSSIBLE = -1e6
_LN10 = float(np.log(10.0))
_CELLS = 1 << 19  # of an array that is worked on at a time: 4 MB; there are ten at a time


def compared_relationships(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the relationships that a pair is compared for: keys of `RELATIONSHIPS`.

    Half sibs are among them only where they are one of the `kinds` that are asked for: nothing
    tells them from more distant kin.
    """
    return STATED_RELATIONSHIPS + (("half_sibs",) if "half_sibs" in kinds else ())


def state_kinds(
    log10: Mapping[str, np.ndarray], *, limit: float, match_limit: float = MIN_MATCH_LOG10
) -> np.ndarray:
    """Return what is stated of each pair.

    Parameters
    ----------
    log10 : mapping of str to numpy.ndarray of float64, shape (k,)
        Of each relationship that is compared, its likelihood ratio against unrelated.
    limit : float
        log10 that the best of them must reach.
    match_limit : float
        log10 that a match must reach against full sibs.

    Returns
    -------
    numpy.ndarray of int64, shape (k,)
        Place in `KINDS`; -1 where nothing is stated.

    Examples
    --------
    >>> ratios = {"same": [9.0, 4.0, -2.0], "parent": [4.0, 3.5, 3.1], "full_sibs": [5.0, 3.0, 3.2]}
    >>> state_kinds({name: np.array(values) for name, values in ratios.items()}, limit=3)
    array([0, 4, 2])
    """
    names = list(log10)
    ratios = np.stack([np.asarray(log10[name]) for name in names])
    # The kinds that relationships make come in the order of `KINDS`; the last is "unresolved".
    kind_of_name = np.array([_PLACES["match" if name == "same" else name] for name in names])
    best = kind_of_name[greatest(ratios, axis=0, are_logs=True)]
    unsure = ~(ratios[names.index("same")] >= ratios[names.index("full_sibs")] + match_limit)
    stated = np.where((best == _PLACES["match"]) & unsure, _PLACES["unresolved"], best)
    return np.where(ratios.max(axis=0) >= limit, stated, -1)


@dataclass(frozen=True, eq=False)
class LinkRates:
    """How often pairs of known truth are stated as linked.

    Attributes
    ----------
    kinds : tuple of str
        Keys of `KINDS` that can be stated.
    log10 : dict of str to list of numpy.ndarray, length B
        Of each kind and class of pairs, ratios of the draws of which it was stated, descending.
    summed : dict of str to list of numpy.ndarray, length B
        Probability among unrelated pairs of such a ratio or a greater one.
    stated : dict of str to dict of str to numpy.ndarray of float64, shape (B,)
        Of each truth (key of `RELATIONSHIPS`) and kind, the share of pairs of which it is stated.
    """

    kinds: tuple[str, ...]
    limit: float
    log10: Mapping[str, list[np.ndarray]]
    summed: Mapping[str, list[np.ndarray]]
    stated: Mapping[str, Mapping[str, np.ndarray]]

    def rates(self, kind: str, min_log10: float | None = None) -> np.ndarray:
        """Return the share of unrelated pairs that are stated as `kind`.

        Parameters
        ----------
        min_log10 : float, optional
            log10 of the ratio that they must reach; else the limit.

        Returns
        -------
        numpy.ndarray of float64, shape (B,)
            Never 0: where no draw reached it, an upper bound stands.
        """
        reached_from = self.limit if min_log10 is None else max(min_log10, self.limit)
        rates = np.empty(len(self.log10[kind]))
        for place, (log10, summed) in enumerate(zip(self.log10[kind], self.summed[kind])):
            reached = int(np.searchsorted(-log10, -reached_from, side="right"))
            # A ratio of x comes up at most 1 / x times as often among unrelated pairs.
            bound = _RULE_OF_THREE / DRAWS * 10.0**-reached_from
            rates[place] = summed[reached - 1] if reached else bound
        return np.maximum(rates, np.finfo(float).tiny)


def simulate_link_rates(
    frequencies: Frequencies,
    patterns: Sequence[np.ndarray],
    *,
    kinds: Sequence[str],
    limit: float,
    match_limit: float = MIN_MATCH_LOG10,
    seed: int,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors = NO_ERRORS,
    truth: tuple[Sequence[np.ndarray], float] | None = None,
) -> LinkRates:
    """Return how often simulated pairs are stated as linked.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    patterns : sequence of numpy.ndarray of bool, shape (m, L), length B
        Of each class of pairs, which loci are typed in both; a draw takes one of the rows. Of a
        class without any locus nothing is stated, which holds for limits above 0.
    kinds : sequence of str
        As in `compared_relationships`.
    limit, match_limit : float
        As in `state_kinds`.
    theta, mutation, errors
        As in `forensics.individual.kinship.ratio_tables`; also of the simulation.
    truth : tuple of frequencies and float, optional
        Frequencies, a locus each with the alleles of `frequencies`, and theta of the animals that are
        simulated, where these are others than those of the ratios.
    """
    stated_tables = _pair_tables(frequencies.values, theta=theta, mutation=mutation, errors=errors)
    true_tables = stated_tables
    if truth is not None:
        values, true_theta = truth
        true_tables = _pair_tables(values, theta=true_theta, mutation=mutation, errors=errors)
    relationships = compared_relationships(kinds)
    tally = _Tally(
        tuple(kind for kind in KINDS if RELATIONSHIP_OF[kind] in relationships), len(patterns)
    )
    for number, relationship in enumerate(relationships):
        random = np.random.default_rng([seed, number])
        draws_of = _draw_pairs(
            true_tables, relationship, random, stated=None if truth is None else stated_tables
        )
        for draws in draws_of:
            for place, typed in enumerate(patterns):
                if not typed.any():
                    continue  # without a locus nothing is stated
                mask = typed[random.integers(len(typed), size=draws.size)].astype(float)
                ratios = _sum_loci(draws.true_logs, mask)
                # What a laboratory calculates, with the stated theta.
                calculated = (
                    ratios if draws.stated_logs is None else _sum_loci(draws.stated_logs, mask)
                )
                mixture = np.logaddexp.reduce(
                    [np.einsum("ij,ij->i", mask, part) for part in draws.share_logs], axis=0
                ) - np.log(len(SHARES))
                stated = state_kinds(
                    {name: calculated[name] / _LN10 for name in relationships},
                    limit=limit,
                    match_limit=match_limit,
                )
                tally.add(place, relationship, stated, calculated[relationship], ratios, mixture)
    return tally.link_rates(limit)


@dataclass(frozen=True, slots=True)
class _PairTables:
    """Tables of two genotypes of each relationship, a table a locus.

    Attributes
    ----------
    joints : dict of str to list of numpy.ndarray of float64, shape (G, G)
        Probabilities.
    logs : dict of str to list of numpy.ndarray of float64, shape (G * G,)
        Natural logarithms of the ratio against unrelated, `_IMPOSSIBLE` or more.
    """

    joints: dict[str, list[np.ndarray]]
    logs: dict[str, list[np.ndarray]]


def _pair_tables(values: Sequence[np.ndarray], **rates: Any) -> _PairTables:
    joints = {
        name: [joint_table(p, relation, **rates) for p in values]
        for name, relation in RELATIONSHIPS.items()
    }
    with np.errstate(divide="ignore"):
        logs = {
            name: [
                np.maximum(np.log(table) - np.log(base), _IMPOSSIBLE).ravel()
                for table, base in zip(tables, joints["unrelated"])
            ]
            for name, tables in joints.items()
        }
    return _PairTables(joints, logs)


@dataclass(frozen=True, slots=True)
class _Draws:
    """Pairs that were drawn; of each a natural logarithm a locus, shape (size, L).

    Attributes
    ----------
    true_logs : dict of str to numpy.ndarray of float64
        Ratios of each relationship, by the tables of which the pairs were drawn.
    stated_logs : dict of str to numpy.ndarray of float64, or None
        The same by the tables that are stated, where these are others.
    share_logs : list of numpy.ndarray of float64
        Of each of `SHARES`, ratios of the pairs drawn with it.
    """

    size: int
    true_logs: dict[str, np.ndarray]
    stated_logs: dict[str, np.ndarray] | None
    share_logs: list[np.ndarray]


def _draw_pairs(
    tables: _PairTables,
    relationship: str,
    random: np.random.Generator,
    *,
    stated: _PairTables | None,
) -> Iterator[_Draws]:
    """Yield pairs that are related at a share of their loci, some at a time."""
    unrelated, related = tables.joints["unrelated"], tables.joints[relationship]
    loci = len(unrelated)
    max_size = max(1, min(DRAWS, _CELLS // loci))
    for share in SHARES:
        for start in range(0, DRAWS, max_size):
            size = min(max_size, DRAWS - start)
            true_logs = {name: np.empty((size, loci)) for name in tables.logs}
            stated_logs = None if stated is None else {
                name: np.empty((size, loci)) for name in stated.logs
            }  # fmt: skip
            for locus, by_relation in enumerate(zip(unrelated, related)):
                cells = _draw_cells(by_relation, share, size, random)
                for name, logs in tables.logs.items():
                    true_logs[name][:, locus] = logs[locus][cells]
                if stated is not None and stated_logs is not None:
                    for name, logs in stated.logs.items():
                        stated_logs[name][:, locus] = logs[locus][cells]
            ratio = np.exp(true_logs[relationship])
            with np.errstate(divide="ignore"):
                share_logs = [
                    np.maximum(np.log(1 - part + part * ratio), _IMPOSSIBLE) for part in SHARES
                ]
            yield _Draws(size, true_logs, stated_logs, share_logs)


def _draw_cells(
    by_relation: tuple[np.ndarray, np.ndarray],
    share: float,
    size: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Return cells of the unrelated table and, for a share of the draws, of the related one."""
    unrelated, related = by_relation
    cells = np.empty(size, dtype=np.int64)
    is_related = random.random(size) < share
    for table, rows in ((unrelated, ~is_related), (related, is_related)):
        cells[rows] = draw_cells(random, table, int(rows.sum()))
    return cells


def _sum_loci(logs: Mapping[str, np.ndarray], mask: np.ndarray) -> dict[str, np.ndarray]:
    """Return the sum of each pair over the loci of its mask; float64, shape (size,)."""
    return {name: np.einsum("ij,ij->i", mask, values) for name, values in logs.items()}


class _Tally:
    """Counts the pairs that were stated as linked, each with its weight."""

    def __init__(self, kinds: tuple[str, ...], classes: int) -> None:
        self.kinds = kinds
        self.log10: dict[str, list[list[np.ndarray]]] = {
            kind: [[] for _class in range(classes)] for kind in kinds
        }
        self.weights: dict[str, list[list[np.ndarray]]] = {
            kind: [[] for _class in range(classes)] for kind in kinds
        }
        self.stated = {name: {kind: np.zeros(classes) for kind in kinds} for name in RELATIONSHIPS}

    def add(
        self,
        place: int,
        relationship: str,
        stated: np.ndarray,
        calculated: np.ndarray,
        ratios: Mapping[str, np.ndarray],
        mixture: np.ndarray,
    ) -> None:
        """Count the pairs of one class that were stated as a kind of one relationship."""
        for kind in self.kinds:
            if RELATIONSHIP_OF[kind] != relationship:
                continue
            rows = stated == _PLACES[kind]
            self.log10[kind][place].append(calculated[rows] / _LN10)
            self.weights[kind][place].append(np.exp(-mixture[rows]) / _TOTAL)
            for name, values in ratios.items():
                share = np.exp(values[rows] - mixture[rows]).sum() / _TOTAL
                self.stated[name][kind][place] += share

    def link_rates(self, limit: float) -> LinkRates:
        """Return the rates, with the ratios of each kind and class in descending order."""
        ordered: dict[str, list[np.ndarray]] = {kind: [] for kind in self.kinds}
        summed: dict[str, list[np.ndarray]] = {kind: [] for kind in self.kinds}
        for kind in self.kinds:
            for log10, weights in zip(self.log10[kind], self.weights[kind]):
                ratios = np.concatenate([*log10, []])
                order = descending(ratios, are_logs=True)
                ordered[kind].append(ratios[order])
                summed[kind].append(np.cumsum(np.concatenate([*weights, []])[order]))
        return LinkRates(self.kinds, limit, ordered, summed, self.stated)
