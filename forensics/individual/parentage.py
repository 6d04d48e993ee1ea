"""A breeder's claim: bred here, from these parents.

For each offspring every declared dam is put beside every declared sire. What a pair of declared
parents must beat is the likeliest of the other explanations: that only one of the two is a parent,
or neither. The result is

- ``accepted``: the likelihood ratio against each other explanation, divided by the number of pairs
  that were tried, reaches `MIN_CLAIM_LOG10`;
- ``excluded``: no declared pair is left: each has at least `MIN_MISMATCHES` loci at which it
  cannot have had the offspring, more than dropout, mistyping and mutation at the stated rates let
  expect at `EXCLUSION_LEVEL`, and its ratio against some other explanation is below 1;
- ``not_excluded``: neither;
- ``not_assessable``: fewer than `MIN_LOCI` loci.

A brother or a sister of the true parent passes far more often than an unrelated animal does. So of
each pair it is said, beside the result and without a part in it, what the genotypes show against
"a full sib of the declared parent is the parent": of the allele that such a sib passes on, half of the
time a copy is in the declared parent, and else it is drawn from the population.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from forensics.core.stored import reported, stored, to_stored
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    HYPOTHESES,
    RELATIONSHIPS,
    TrioLocus,
    exclusion_probabilities,
    log10_ratio,
    ratio_tables,
)
from forensics.individual.matching import MIN_LOCI
from forensics.individual.options import NO_ERRORS, LaboratoryErrors
from forensics.messages import N_, _
from forensics.stats import descending, ranked

# "Strong support" begins at 1,000 on the scale of ENFSI 2015.
MIN_CLAIM_LOG10 = 3.0
# One locus that does not fit may be a mutation or an allele that does not amplify: two are asked
# for, as is the rule of paternity testing (Gjertson et al. 2007, Forensic Sci. Int. Genet. 1:223).
MIN_MISMATCHES = 2
# Of true parents, this share is excluded wrongly if the stated rates are true (a stated choice).
EXCLUSION_LEVEL = 0.001
# Declared animals of each sex that are tried in pairs: the likeliest as single parents, and each
# further one that is not excluded alone. All pairs are counted against the claim nevertheless.
MAX_CANDIDATES = 8
_DAM, _SIRE = HYPOTHESES.index("dam"), HYPOTHESES.index("sire")
# Simulated trios a locus, from which the rate of mismatches of true parents is counted.
_TRIOS = 20_000

STATUSES = {
    "accepted": N_("accepted: the declared parents explain the genotypes best"),
    "not_excluded": N_("not excluded: the genotypes do not settle it"),
    "excluded": N_("excluded: not bred as declared (of a pair, one may still be a parent)"),
    "not_assessable": N_("not assessable: too few loci"),
}


@dataclass(frozen=True)
class Pair:
    """One pair of declared parents beside one offspring.

    Attributes
    ----------
    dam, sire : str or None
        None where none was declared.
    loci : int
        Typed in the offspring and in at least one of them.
    dam_mismatches, sire_mismatches, mismatches : int
        Loci at which the offspring cannot be of the dam, of the sire, of both together (of the one
        there is).
    expected : float
        Mismatches expected of true parents at the stated rates.
    p_value : float
        Probability of so many or more of true parents.
    log10 : dict of str to float
        Of the likelihood ratio of "both" against ``dam`` (the sire is another), ``sire``,
        ``neither``. With one parent declared: against ``neither`` alone.
    log10_sib : dict of str to float
        Of the likelihood ratio of "both" against "a full sib of the ``dam`` is", and of the
        ``sire``; of those declared. The other parent is as declared.
    """

    KEYS: ClassVar = (
        "dam", "sire", "loci", "dam_mismatches", "sire_mismatches", "mismatches", "expected",
        "p_value", "log10", "log10_sib", "impossible", "excluded",
    )  # fmt: skip

    dam: str | None
    sire: str | None
    loci: int
    dam_mismatches: int
    sire_mismatches: int
    mismatches: int
    expected: float
    p_value: float
    log10: dict[str, float] = field(metadata=stored(null=-math.inf))
    log10_sib: dict[str, float] = field(metadata=stored(null=-math.inf))

    @property
    @reported("impossible")
    def is_impossible(self) -> bool:
        """Whether the ratio against some other explanation is 0."""
        return self.least == -math.inf

    @property
    def least(self) -> float:
        """The ratio against the likeliest other explanation."""
        return min(self.log10.values())

    @property
    @reported("excluded")
    def excluded(self) -> bool:
        """Whether the pair is excluded."""
        return (
            self.mismatches >= MIN_MISMATCHES and self.p_value <= EXCLUSION_LEVEL and self.least < 0
        )


@dataclass(frozen=True)
class Claim:
    """What was found of the claim for one offspring.

    Attributes
    ----------
    status : str
        One of `STATUSES`.
    pairs : tuple of Pair
        Likeliest first.
    tried : int
        Pairs that were declared.
    log10 : float or None
        The best pair's ratio against the likeliest other explanation, divided by `tried`.
    """

    KEYS: ClassVar = ("offspring", "status", "tried", "log10", "pairs")

    offspring: str
    status: str
    pairs: tuple[Pair, ...]
    tried: int
    log10: float | None = field(metadata=stored(null=-math.inf))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; a ratio of 0 is null with ``impossible`` set."""
        return to_stored(self)


def tail(probabilities: np.ndarray, count: int) -> float:
    """Return the probability of `count` or more events, each with its own probability.

    Examples
    --------
    >>> tail(np.array([0.5, 0.5]), 1)
    0.75
    """
    events = np.ones(
        1
    )  # of 0, 1 ... events; a small tail is summed, since 1 less the rest is noise
    for q in probabilities:
        events = np.convolve(events, (1 - q, q))
    return min(1.0, float(events[count:].sum()))


def exclusion_power(frequencies: Frequencies) -> dict[str, float]:
    """Return the shares of unrelated animals that all loci together exclude by one mismatch.

    Returns
    -------
    dict of str to float
        ``one``, ``second``, ``pair`` as in `forensics.individual.kinship.exclusion_probabilities`.
    """
    left = np.ones(3)
    for p in frequencies.values:
        left *= 1 - np.array(exclusion_probabilities(p))
    return dict(zip(("one", "second", "pair"), (1 - left).tolist()))


def check_claim(
    offspring: Genotypes,
    dams: Genotypes | None,
    sires: Genotypes | None,
    frequencies: Frequencies,
    *,
    theta: float,
    errors: LaboratoryErrors,
    mutation: float = 0.0,
    seed: int = 1,
) -> list[Claim]:
    """Check the claim that offspring were bred from declared parents.

    Parameters
    ----------
    dams, sires : Genotypes or None
        All that the breeder declares; None where one sex was not declared or sampled.
    frequencies : Frequencies
        Of the population that other parents would come from.
    seed : int
        Of the simulated trios that give the rate of mismatches of true parents.

    Returns
    -------
    list of Claim, one an offspring

    Raises
    ------
    UsageError
        If neither dams nor sires are given.
    """
    if not (dams is not None and len(dams)) and not (sires is not None and len(sires)):
        raise UsageError(_("Give the declared dams, the declared sires, or both."))
    loci, expected, duo = _prepared(frequencies, theta, mutation, errors, seed)
    children = frequencies.genotypes_of(offspring)
    declared: list[tuple[list[str | None], np.ndarray]] = []
    for parents in (dams, sires):
        if parents is None or not len(parents):
            declared.append(([None], np.full((1, len(loci)), -1)))
        else:
            declared.append((list(parents.animals), frequencies.genotypes_of(parents)))
    undeclared = [names == [None] for names, _codes in declared]
    tried = len(declared[0][0]) * len(declared[1][0])
    result = []
    for name, child in zip(offspring.animals, children):
        chosen = [
            _candidates(loci, expected[:, 0], child, codes, log10_ratio(duo, child, codes))
            for _names, codes in declared
        ]
        pairs = [
            _pair(
                loci,
                expected,
                child,
                (declared[0][0][dam], declared[0][1][dam]),
                (declared[1][0][sire], declared[1][1][sire]),
                undeclared,
            )
            for dam in chosen[0]
            for sire in chosen[1]
            # An animal is not its own parent, and not both parents.
            if name not in (declared[0][0][dam], declared[1][0][sire])
            and (declared[0][0][dam] is None or declared[0][0][dam] != declared[1][0][sire])
        ]
        pairs.sort(key=lambda pair: pair.mismatches)
        pairs = ranked(ranked(pairs, attrgetter("least")), lambda pair: pair.log10["neither"])
        result.append(_claim(name, pairs, tried))
    return result


def _candidates(
    loci: Sequence[TrioLocus],
    expected: np.ndarray,
    child: np.ndarray,
    codes: np.ndarray,
    ratios: np.ndarray,
) -> list[int]:
    """Return which declared animals of one sex are tried in pairs, likeliest first."""
    chosen = []
    for rank, place in enumerate(descending(ratios, are_logs=True)):
        if rank >= MAX_CANDIDATES:
            both = [n for n in range(len(loci)) if child[n] >= 0 and codes[place, n] >= 0]
            count = sum(
                loci[n].mismatches(int(child[n]), int(codes[place, n]), -1)[0] for n in both
            )
            if count >= MIN_MISMATCHES and tail(expected[both], count) <= EXCLUSION_LEVEL:
                continue
        chosen.append(int(place))
    return chosen


def _claim(name: str, pairs: Sequence[Pair], tried: int) -> Claim:
    if not pairs or pairs[0].loci < MIN_LOCI:
        return Claim(name, "not_assessable", tuple(pairs), tried, None)
    stated = pairs[0].least - float(np.log10(tried))
    if stated >= MIN_CLAIM_LOG10 and not pairs[0].excluded:
        status = "accepted"
    elif all(pair.excluded for pair in pairs):
        status = "excluded"
    else:
        status = "not_excluded"
    return Claim(name, status, tuple(pairs), tried, stated)


def _pair(
    loci: Sequence[TrioLocus],
    expected: np.ndarray,
    child: np.ndarray,
    dam: tuple[str | None, np.ndarray],
    sire: tuple[str | None, np.ndarray],
    undeclared: Sequence[bool],
) -> Pair:
    """Compare an offspring with a dam and a sire, each a name and its genotypes."""
    likelihoods, of_sibs = np.zeros(len(HYPOTHESES)), np.zeros(2)
    singly = np.zeros(2, dtype=int)
    rates, together = [], 0
    for locus, expected_here, *typed in zip(loci, expected, child, dam[1], sire[1]):
        genotypes = tuple(int(code) for code in typed)
        if genotypes[0] < 0 or max(genotypes[1:]) < 0:
            continue
        with np.errstate(divide="ignore"):
            here = locus.likelihoods(*genotypes)
            likelihoods += np.log10(here)
            # The dam's sib and the sire; the sire's sib and the dam.
            of_sibs += np.log10((here[0] + here[[_SIRE, _DAM]]) / 2)
        of_dam, of_sire, of_both = locus.mismatches(*genotypes)
        singly += (of_dam, of_sire)
        # Where one of the two was typed alone, the pair fails where that one fails.
        complete = min(genotypes) >= 0
        together += of_both if complete else of_dam or of_sire
        rates.append(expected_here[1 if complete else 0])
    ratios = {
        name: float(likelihoods[0] - likelihoods[HYPOTHESES.index(name)])
        if np.isfinite(likelihoods[0])
        else float("-inf")
        for name in (("neither",) if any(undeclared) else HYPOTHESES[1:])
    }
    sibs = {
        name: float(likelihoods[0] - of_sib) if np.isfinite(likelihoods[0]) else float("-inf")
        for name, of_sib, absent in zip(("dam", "sire"), of_sibs, undeclared)
        if not absent
    }
    return Pair(
        dam[0],
        sire[0],
        len(rates),
        int(singly[0]),
        int(singly[1]),
        int(together),
        float(np.sum(rates)),
        tail(np.array(rates), int(together)),
        ratios,
        sibs,
    )


# What depends on no animal is kept for the next call, as in a loop over claims.
@lru_cache(maxsize=1)
def _prepared(
    frequencies: Frequencies,
    theta: float,
    mutation: float,
    errors: LaboratoryErrors,
    seed: int,
) -> tuple[list[TrioLocus], np.ndarray, list[np.ndarray]]:
    """Return the loci, the rates of mismatches of true parents, and tables of one parent."""
    loci = [TrioLocus(p, theta=theta, mutation=mutation, errors=errors) for p in frequencies.values]
    duo = ratio_tables(
        frequencies, RELATIONSHIPS["parent"], theta=theta, mutation=mutation, errors=errors
    )
    return loci, _expected(loci, np.random.default_rng(seed)), duo


def _expected(loci: Sequence[TrioLocus], random: np.random.Generator) -> np.ndarray:
    """Return the rate of mismatches of true parents: of one parent, of both; shape (L, 2)."""
    result = np.zeros((len(loci), 2))
    for place, locus in enumerate(loci):
        if locus.errors == NO_ERRORS and not locus.mutation:
            continue
        child, dam, sire = locus.simulated(random, _TRIOS)
        shares = locus.mismatch_rates(child, dam, sire)
        result[place] = ((shares[0] + shares[1]) / 2, shares[2])
    return result
