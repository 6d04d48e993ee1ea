"""Samples of one individual: a profile against a database, and samples sorted into individuals.

Two samples are of one individual where that explains them better than anything else that the
species allows: the likelihood ratio of "the same" against "full sibs", the nearest that two animals
can be, as well as against "unrelated". Missing loci say nothing; dropout and mistyping are in the
ratio at the laboratory's rates, so that a single allele that was lost does not make two animals.

Several samples of one individual as one profile.

At each locus an individual has one genotype, unknown; each of its samples shows what dropout and
mistyping have left of it. What the samples show together is a likelihood of each genotype, and a
pair of individuals is compared by these, so that a sample more never counts as an animal more.
Different things that were seen are few at a locus; each has a number, and tables of ratios have a
row and a column a number, as `forensics.individual.kinship.ratio_tables` has them a genotype.

What is stated of a pair of profiles, and how often a pair of unrelated animals is stated as linked.

A false link of unrelated animals is rare, and a table of seizures has millions of pairs: drawing
unrelated pairs would hardly ever show it. So pairs are drawn that are partly related (at each locus
with probability w, for several w), and each counts with the weight that makes it an unrelated one:
its probability among unrelated pairs, divided by that among the pairs drawn. On what is stated the
weight is at most ``len(SHARES) / LR``, so that few draws tell small rates well. Loci that were not
typed in both are left out as in the pairs that are compared.

References
----------
Owen & Zhou 2000, doi:10.1080/01621459.2000.10473909 (sampling from a mixture); Kruijver 2015,
Forensic Science International: Genetics 14:116-124 (the same weights for likelihood ratios).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from forensics.core.stored import reported, stored, to_stored
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    LaboratoryErrors,
    Relationship,
    joint_table,
    log10_ratio,
    pairs_above,
    ratio_tables,
    typed_given_true,
)
from forensics.individual.options import MIN_MATCH_LOG10
from forensics.messages import N_, _
from forensics.stats.choice import descending, greatest


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
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...],
) -> Pooled:
    """Return the profiles of groups of samples.

    Parameters
    ----------
    codes : numpy.ndarray of int32, shape (m, L)
        Of the samples; from `Frequencies.genotypes_of`.
    groups : sequence of sequences of int, length n
        Places of the samples of each individual.
    errors : LaboratoryErrors, or one a locus
    """
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    result = np.full((len(groups), codes.shape[1]), -1, dtype=np.int32)
    everything = []
    for locus, (p, rate) in enumerate(zip(frequencies.values, rates)):
        column = codes[:, locus].tolist()
        numbers: dict[tuple[int, ...], int] = {}
        for place, group in enumerate(groups):
            # Sorted, so that the order of samples makes no difference.
            known = tuple(sorted(column[row] for row in group if column[row] >= 0))
            if known:
                result[place, locus] = numbers.setdefault(known, len(numbers))
        with np.errstate(divide="ignore"):
            single = np.log(typed_given_true(len(p), rate))
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
    "parent": RELATIONSHIPS["parent"].name,
    "full_sibs": RELATIONSHIPS["full_sibs"].name,
    "half_sibs": RELATIONSHIPS["half_sibs"].name,
    "unresolved": N_("one individual or close kin, not distinguished"),
}
_PLACES = {kind: place for place, kind in enumerate(KINDS)}
# The relationship whose ratio a kind is stated by.
RELATIONSHIP_OF = {
    "match": "same",
    "parent": "parent",
    "full_sibs": "full_sibs",
    "half_sibs": "half_sibs",
    "unresolved": "same",
}
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
    return ("same", "parent", "full_sibs") + (("half_sibs",) if "half_sibs" in kinds else ())


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
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...] = LaboratoryErrors(),  # noqa: B008
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
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    stated_tables = _pair_tables(frequencies.values, rates, theta=theta, mutation=mutation)
    true_tables = stated_tables
    if truth is not None:
        values, true_theta = truth
        true_tables = _pair_tables(values, rates, theta=true_theta, mutation=mutation)
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


def _pair_tables(
    values: Sequence[np.ndarray],
    rates: Sequence[LaboratoryErrors],
    *,
    theta: float,
    mutation: float,
) -> _PairTables:
    joints = {
        name: [
            joint_table(p, relation, theta=theta, mutation=mutation, first=rate, second=rate)
            for p, rate in zip(values, rates)
        ]
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
        cumulative = np.cumsum(table)
        draws = random.random(int(rows.sum())) * cumulative[-1]
        place = np.searchsorted(cumulative, draws, side="right")
        cells[rows] = np.minimum(place, table.size - 1)
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


# Fewer loci in common say too little, whatever the ratio (a stated choice).
MIN_LOCI = 5
STATUSES = ("match", "no_match", "not_assessable")
# Two poor samples of one animal may speak against each other by so much (log10) before a third one
# joins them; sets of samples that nothing above this joins are looked at one by one.
_SLACK = 3.0


@dataclass(frozen=True)
class Match:
    """A profile of a database beside a questioned one.

    Attributes
    ----------
    loci, mismatches : int
        Typed in both, and of these unlike.
    log10_unrelated, log10_sibs : float
        Of the likelihood ratio of "the same" against unrelated animals, and against full sibs.
    unlike : tuple of str
        The loci that are unlike.
    rmp : float
        Probability that an unrelated animal has the questioned profile, at the loci compared.
    """

    KEYS: ClassVar = (
        "sample", "other", "loci", "mismatches", "log10_unrelated", "log10_sibs", "unlike", "rmp",
        "matches", "status",
    )  # fmt: skip

    sample: str
    other: str
    loci: int
    mismatches: int
    log10_unrelated: float = field(metadata=stored(null=-math.inf))
    log10_sibs: float = field(metadata=stored(null=-math.inf))
    unlike: tuple[str, ...]
    rmp: float

    @property
    def assessable(self) -> bool:
        """Whether both have loci enough in common for any statement."""
        return self.loci >= MIN_LOCI

    @property
    def matches(self) -> bool:
        """Whether it is stated as a match."""
        return self.assessable and self.log10_sibs >= MIN_MATCH_LOG10

    @property
    @reported("status")
    def status(self) -> str:
        """One of `STATUSES`."""
        if not self.assessable:
            return "not_assessable"
        return "match" if self.matches else "no_match"

    @reported("matches")
    def stated(self) -> bool | None:
        """Return whether it is stated as a match; None where nothing can be said."""
        return self.matches if self.assessable else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; a likelihood ratio of 0 is null."""
        return to_stored(self)


@dataclass(frozen=True)
class Group:
    """Samples of one individual.

    Attributes
    ----------
    weakest : float or None
        The least log10 ratio against full sibs of any two of its samples that share enough loci;
        None for a sample alone.
    doubtful : tuple of (str, str)
        Two of its samples that speak against each other (a ratio below 1), joined by others.
    loci : int
        Typed in at least one of its samples.
    """

    samples: tuple[str, ...]
    weakest: float | None
    doubtful: tuple[tuple[str, str], ...]
    loci: int

    @property
    def assignable(self) -> bool:
        """Whether it can be distinguished from others; a poor sample alone says of no individual."""
        return self.loci >= MIN_LOCI


def _tables(
    frequencies: Frequencies, theta: float, errors: LaboratoryErrors | tuple[LaboratoryErrors, ...]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return tables of one animal against unrelated ones, and against full sibs."""
    same, sibs = RELATIONSHIPS["same"], RELATIONSHIPS["full_sibs"]
    return (
        ratio_tables(frequencies, same, theta=theta, errors=errors),
        ratio_tables(frequencies, same, against=sibs, theta=theta, errors=errors),
    )


def match_database(
    questioned: Genotypes,
    database: Genotypes,
    frequencies: Frequencies,
    *,
    theta: float,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...],
    most: int = 10,
) -> list[list[Match]]:
    """Compare questioned profiles with a database.

    Parameters
    ----------
    questioned, database : Genotypes
        n and m profiles.
    errors : LaboratoryErrors, or one a locus
        With rates of 0 a single unlike locus excludes.
    most : int
        Profiles to keep for each questioned one; every match is kept.

    Returns
    -------
    list of lists of Match, length n
        Best first; those with too few loci in common come last.
    """
    first, second = frequencies.genotypes_of(questioned), frequencies.genotypes_of(database)
    unrelated, sibs = _tables(frequencies, theta, errors)
    chance = random_match_probability(frequencies, questioned, theta=theta)
    result = []
    for row, name in enumerate(questioned.animals):
        both = (first[row] >= 0) & (second >= 0)
        unlike = both & (first[row] != second)
        against_sibs = log10_ratio(sibs, first[row], second)
        against_unrelated = log10_ratio(unrelated, first[row], second)
        matches = []
        shared = both.sum(axis=1)
        order = descending(against_sibs, are_logs=True)
        for place in order[np.argsort(shared[order] < MIN_LOCI, kind="stable")]:
            used = both[place]
            matches.append(
                Match(
                    name,
                    database.animals[place],
                    int(shared[place]),
                    int(unlike[place].sum()),
                    float(against_unrelated[place]),
                    float(against_sibs[place]),
                    tuple(frequencies.loci[n] for n in np.flatnonzero(unlike[place])),
                    float(np.prod(chance[row, used])),
                )
            )
            if len(matches) > most and not matches[-1].matches:
                matches.pop()
                break
        result.append(matches)
    return result


def count_not_assessable(
    questioned: Genotypes, database: Genotypes, frequencies: Frequencies
) -> np.ndarray:
    """Return how many profiles of a database have too few loci in common with each questioned one.

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
    """
    questioned_typed, database_typed = (
        (frequencies.genotypes_of(genotypes) >= 0).astype(np.float32)  # whole numbers are exact
        for genotypes in (questioned, database)
    )
    return ((questioned_typed @ database_typed.T) < MIN_LOCI).sum(axis=1)


def group_samples(
    samples: Genotypes,
    frequencies: Frequencies,
    *,
    theta: float,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...],
    against: str = "full_sibs",
    limit: float = 0.0,
    least_loci: int = MIN_LOCI,
) -> list[Group]:
    """Sort samples into individuals.

    Groups are joined from single samples, the two that agree best first. What two groups say of
    each other is the likelihood ratio of all their samples at once: each group has one genotype a
    locus, unknown, of which its samples show what dropout and mistyping have left. So several poor
    samples of one animal make one good profile, to which a further poor one is compared.

    Parameters
    ----------
    samples : Genotypes
        n samples.
    errors : LaboratoryErrors, or one a locus
    limit : float
        log10 of the ratio against full sibs from which on two groups are one. At 0 the more
        probable explanation counts; for a match in court see `MIN_MATCH_LOG10`.
    least_loci : int
        Two samples with fewer loci in common are never compared.

    Raises
    ------
    UsageError
        If there are no samples.
    """
    if not len(samples):
        raise UsageError(_("There are no samples to group."))
    codes = frequencies.genotypes_of(samples)
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)
    relation = RELATIONSHIPS[against]
    same, other, explained = [], [], []
    for p, rate in zip(frequencies.values, rates):
        same.append(np.diagonal(joint_table(p, RELATIONSHIPS["same"], theta=theta)).copy())
        other.append(joint_table(p, relation, theta=theta))
        explained.append(typed_given_true(len(p), rate))
    # Most samples have nothing in common: only what a chain of likely pairs joins is looked at.
    tables = ratio_tables(
        frequencies, RELATIONSHIPS["same"], against=relation, theta=theta, errors=errors
    )
    near = pairs_above({"same": tables}, codes, limit=limit - _SLACK)["same"]
    # Two with few loci in common are never joined alone, but by a third one that has more.
    near = near.take((near.loci >= least_loci) | (near.log10 > max(limit, 0.0)))
    groups = []
    for rows in components(len(samples), near.first, near.second):
        if len(rows) == 1:
            groups.append(_group(samples.animals, codes, rows, np.full((1, 1), np.nan)))
            continue
        seen = []
        for number, likelihoods in enumerate(explained):
            column = codes[rows, number]
            likelihood = likelihoods[column]
            likelihood[column < 0] = 1.0  # not typed: any genotype explains it as well
            seen.append(likelihood)
        typed = codes[rows] >= 0
        single = np.stack(
            [_against(same, other, seen, typed, row, least_loci) for row in range(len(rows))]
        )
        for members in _joined(same, other, seen, typed, single.copy(), limit, least_loci):
            inner = single[np.ix_(members, members)]
            groups.append(_group(samples.animals, codes, rows[members], inner))
    return [group for _first, group in sorted(groups, key=lambda numbered: numbered[0])]


def components(count: int, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return the places 0 to `count` - 1 in sets that chains of pairs join, each ascending."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joined = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
    number, label = connected_components(joined, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.searchsorted(label[order], np.arange(1, number)))


def _joined(
    same: Sequence[np.ndarray],
    other: Sequence[np.ndarray],
    seen: list[np.ndarray],
    typed: np.ndarray,
    ratios: np.ndarray,
    limit: float,
    least_loci: int,
) -> list[list[int]]:
    """Join groups, the two that agree best first; `seen`, `typed` and `ratios` are used up."""
    members = {number: [number] for number in range(len(ratios))}
    while True:
        a, b = sorted(divmod(int(greatest(ratios, are_logs=True)), len(ratios)))
        if not ratios[a, b] > limit:
            return [sorted(group) for group in members.values()]
        members[a] += members.pop(b)
        for likelihood in seen:
            likelihood[a] *= likelihood[b]
            # Only proportions count; many samples would else go below the smallest number.
            likelihood[a] /= likelihood[a].max() or 1.0
        typed[a] |= typed[b]
        typed[b] = False
        ratios[b] = ratios[:, b] = -np.inf
        row = _against(same, other, seen, typed, a, least_loci)
        ratios[a] = ratios[:, a] = np.where(
            np.isin(np.arange(len(row)), list(members)), row, -np.inf
        )


def _against(
    same: Sequence[np.ndarray],
    sibs: Sequence[np.ndarray],
    seen: Sequence[np.ndarray],
    typed: np.ndarray,
    row: int,
    least_loci: int,
) -> np.ndarray:
    """Return log10 ratios, same against full sibs, of one group with every group."""
    total = np.zeros(len(typed))
    for prior, joint, likelihood in zip(same, sibs, seen):
        with np.errstate(divide="ignore"):
            total += np.log10(likelihood @ (prior * likelihood[row]))
            total -= np.log10(likelihood @ (joint @ likelihood[row]))
    total[(typed & typed[row]).sum(axis=1) < least_loci] = -np.inf
    total[row] = -np.inf
    return np.nan_to_num(total, nan=-np.inf, neginf=-np.inf)


def _group(
    names: Sequence[str], codes: np.ndarray, rows: np.ndarray, ratios: np.ndarray
) -> tuple[int, Group]:
    """Return the first place of a group, and the group; `ratios` are those of its samples."""
    known = ratios[np.isfinite(ratios)]
    doubtful = [
        (names[a], names[b])
        for place, a in enumerate(rows)
        for other, b in enumerate(rows)
        if other > place and np.isfinite(ratios[place, other]) and ratios[place, other] < 0
    ]
    return int(rows[0]), Group(
        tuple(names[row] for row in rows),
        float(known.min()) if known.size else None,
        tuple(doubtful),
        int((codes[rows] >= 0).any(axis=0).sum()),
    )


def random_match_probability(
    frequencies: Frequencies, genotypes: Genotypes, *, theta: float
) -> np.ndarray:
    """Return the probability that another, unrelated animal has the profile.

    Given that the first animal has it; with ``theta`` for the population that both are of:
    ``2 (theta + (1-theta) p_i) (theta + (1-theta) p_j) / ((1+theta) (1+2 theta))`` and, of a
    homozygote, ``(2 theta + (1-theta) p) (3 theta + (1-theta) p) / ((1+theta) (1+2 theta))``.

    Parameters
    ----------
    genotypes : Genotypes
        n profiles.
    theta : float
        0 to below 1.

    Returns
    -------
    numpy.ndarray of float64, shape (n, L)
        By locus; NaN where nothing was typed. The profile's is the product over what was typed.

    References
    ----------
    Balding & Nichols 1994, doi:10.1016/0379-0738(94)90222-4.
    """
    codes = frequencies.genotypes_of(genotypes)
    result = np.full(codes.shape, np.nan)
    for number, p in enumerate(frequencies.values):
        joint = joint_table(p, RELATIONSHIPS["unrelated"], theta=theta)
        chance = np.diagonal(joint) / joint.sum(axis=1)
        typed = codes[:, number] >= 0
        result[typed, number] = chance[codes[typed, number]]
    return result
