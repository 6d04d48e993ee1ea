"""Samples of one individual: a profile against a database, and samples sorted into individuals.

Two samples are of one individual where that explains them better than anything else that the
species allows: the likelihood ratio of "the same" against "full sibs", the nearest that two animals
can be, as well as against "unrelated". Missing loci say nothing; dropout and mistyping are in the
ratio at the laboratory's rates, so that a single allele that was lost does not make two animals.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from forensics.core.stored import reported, stored, to_stored
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    joint_table,
    log10_ratio,
    pairs_above,
    ratio_tables,
    typed_given_true,
)
from forensics.individual.options import MIN_MATCH_LOG10, LaboratoryErrors
from forensics.messages import _
from forensics.stats import descending, greatest

# Fewer loci in common say too little, whatever the ratio (a stated choice).
MIN_LOCI = 5
STATUSES = ("match", "no_match", "not_assessable")
# Two poor samples of one animal may speak against each other by so much (log10) before a third one
# joins them; sets of samples that nothing above this joins are looked at one by one.
_SLACK = 3.0
# A smaller product of many loci ends as 0, which no probability of a match is.
_LEAST_RMP = 1e-300


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
        Probability that an unrelated animal has the questioned profile, at the loci compared; at least 1e-300.
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
    frequencies: Frequencies, theta: float, errors: LaboratoryErrors
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
    errors: LaboratoryErrors,
    most: int = 10,
) -> list[list[Match]]:
    """Compare questioned profiles with a database.

    Parameters
    ----------
    questioned, database : Genotypes
        n and m profiles.
    errors : LaboratoryErrors
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
                    max(float(np.prod(chance[row, used])), _LEAST_RMP),
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
    errors: LaboratoryErrors,
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
        raise UsageError(_("No samples to group."))
    codes = frequencies.genotypes_of(samples)
    relation = RELATIONSHIPS["full_sibs"]
    same, other, explained = [], [], []
    for p in frequencies.values:
        same.append(np.diagonal(joint_table(p, RELATIONSHIPS["same"], theta=theta)).copy())
        other.append(joint_table(p, relation, theta=theta))
        explained.append(typed_given_true(len(p), errors))
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
