"""What joins seizures: their animals, pairs of them, and the evidence beside what chance makes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.core.stored import reported, stored
from forensics.individual.false_links import KINDS
from forensics.messages import _
from forensics.result import thousands

__all__ = ["SIGNIFICANCE", "Evidence", "Link", "LinkedPair", "Member", "Seizure", "in_words"]

# Chance that one pair of seizures or more, of all that were compared, is joined where nothing joins
# any: the usual convention. The numbers themselves are always given.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Seizure:
    """A node of the network.

    Attributes
    ----------
    individuals : int or None
        None where the reference does not describe the animals, so that they were not sorted.
    """

    name: str
    samples: int
    individuals: int | None


@dataclass(frozen=True)
class Member:
    """An individual, as the samples tell it.

    Attributes
    ----------
    number : int
        From 1.
    seizures : tuple of str
        Those in which it was found.
    weakest : float or None
        As in `forensics.individual.matching.Group`.
    doubtful : tuple of (str, str)
    """

    number: int
    samples: tuple[str, ...]
    seizures: tuple[str, ...]
    weakest: float | None = field(metadata=stored(null=-math.inf))
    doubtful: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LinkedPair:
    """Two individuals, or one found twice, that join two seizures.

    Attributes
    ----------
    kind : str
        Key of `forensics.individual.false_links.KINDS`.
    first, second : int
        Numbers of the individuals in the first and the second seizure; equal for a match.
    first_samples, second_samples : tuple of str
        Their samples in that seizure.
    loci : int
        Loci that both have.
    log10 : dict of str to float
        Of each relationship that was compared, its likelihood ratio against unrelated.
    """

    kind: str
    first: int
    second: int
    first_samples: tuple[str, ...]
    second_samples: tuple[str, ...]
    loci: int
    log10: Mapping[str, float] = field(metadata=stored(null=-math.inf))

    @property
    def best(self) -> float:
        """log10 of the ratio of the relationship that explains the pair best."""
        return max(self.log10.values())


@dataclass(frozen=True)
class Evidence:
    """What joins two seizures by one kind of link, beside what chance makes.

    Attributes
    ----------
    pairs : int
        Pairs of individuals.
    expected : float
        So many would be stated if all animals were unrelated.
    p : float
        Probability of so many pairs or more, if so (Poisson).
    best_log10 : float or None
        Of the best pair.
    expected_best : float or None
        So many pairs would reach the best ratio by chance.
    p_best : float
        Probability of one such pair or more (Poisson).
    """

    pairs: int
    expected: float
    p: float
    best_log10: float | None
    expected_best: float | None
    p_best: float


@dataclass(frozen=True)
class Link:
    """Two seizures that one pair of individuals or more joins.

    Attributes
    ----------
    first, second : str
        Names of the seizures, in order.
    compared : int
        Pairs of individuals that were compared.
    evidence : dict of str to Evidence
        By kind.
    pairs : tuple of LinkedPair
        The surest first.
    p : float
        The least of all `p` and `p_best`.
    p_corrected : float
        `p` times the number of tests of the network (Bonferroni), at most 1.
    """

    KEYS: ClassVar = (
        "first", "second", "compared", "evidence", "p", "p_corrected", "beyond_chance", "pairs",
    )  # fmt: skip

    first: str
    second: str
    compared: int
    evidence: Mapping[str, Evidence]
    pairs: tuple[LinkedPair, ...]
    p: float
    p_corrected: float

    @property
    @reported("beyond_chance")
    def beyond_chance(self) -> bool:
        """Whether chance makes it with a probability below `SIGNIFICANCE`, corrected."""
        return self.p_corrected < SIGNIFICANCE

    def to_row(self) -> dict[str, Any]:
        """Return the link as one row of a table."""
        row: dict[str, Any] = {
            "first_seizure": self.first,
            "second_seizure": self.second,
            "compared": self.compared,
        }
        for kind, evidence in self.evidence.items():
            row |= {
                f"{kind}_pairs": evidence.pairs,
                f"{kind}_expected": float(f"{evidence.expected:.4g}"),
                f"{kind}_p": float(f"{evidence.p:.4g}"),
                f"{kind}_best_log10_lr": None
                if evidence.best_log10 is None
                else round(evidence.best_log10, 3),
                f"{kind}_p_best": float(f"{evidence.p_best:.4g}"),
            }
        return row | {
            "p": float(f"{self.p:.4g}"),
            "p_corrected": float(f"{self.p_corrected:.4g}"),
            "beyond_chance": self.beyond_chance,
        }


def in_words(link: Link) -> str:
    """Return what joins two seizures, and what chance makes."""
    parts = [
        _(
            "{kind}: {pairs} (by chance {expected:.2g}), best log10 LR {best:.1f} (so good by chance: "
            "{best_expected:.2g})"
        ).format(
            kind=_(KINDS[kind]),
            pairs=evidence.pairs,
            expected=evidence.expected,
            best=evidence.best_log10,
            best_expected=evidence.expected_best,
        )
        for kind, evidence in link.evidence.items()
        if evidence.pairs
    ]
    parts.append(
        _(
            "probability by chance {p:.2g}, corrected {corrected:.2g}; {compared} pairs compared"
        ).format(p=link.p, corrected=link.p_corrected, compared=thousands(link.compared))
    )
    return _("; ").join(parts)
