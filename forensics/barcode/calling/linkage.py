"""What loci that are inherited together add to each other.

COI and 12S of one animal lie on one molecule. They have one history, and where one is deceived the other often is,
too: a species that the library lacks is near to its sister at both. So of what they say in favour of the library's
species the strongest counts whole and each further locus at a *weight*, from 0 (it says the same again) to 1 (it says
something of its own). The weight of a pair is learnt by leaving species and individuals out of a library that has both
loci (`forensics.barcode.calling.linkage_training`), as scores of two forensic systems are fused by logistic regression
(Morrison 2013, doi:10.1080/00450618.2012.733025).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations

from forensics.errors import LibraryError
from forensics.io.inputs import load_json
from forensics.messages import _

__all__ = ["FORMAT", "Linkage", "LinkedPair", "join_evidence"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LinkedPair:
    """What two linked loci are worth together.

    Attributes
    ----------
    loci : tuple of str
        The two, in alphabetical order.
    weight : float
        Share of the weaker locus's evidence that counts where both speak for the library's species, 0-1: the lower
        end of the interval.
    estimate, upper : float
        The likeliest weight, and the upper end of the interval of 95 %.
    species, samples : int
        Species that were left out, and pairs of sequences that were looked up.
    joined : dict of str to int
        How many of the pairs are of one ``specimen`` (voucher), one ``accession``, or only of one ``species``.
    """

    loci: tuple[str, str]
    weight: float
    estimate: float
    upper: float
    species: int
    samples: int
    joined: dict[str, int]

    @property
    def least_missing(self) -> float:
        """Probability that the library lacks the species below which agreement alone leads nobody.

        What never came up among n species may still happen in 3 of n (rule of three, Hanley & Lippman-Hand 1983,
        doi:10.1001/jama.1983.03330370053031).
        """
        return min(0.5, 3 / max(1, self.species))


@dataclass(frozen=True, slots=True)
class Linkage:
    """The pairs of linked loci of a library.

    Attributes
    ----------
    pairs : tuple of LinkedPair
    """

    pairs: tuple[LinkedPair, ...] = ()

    def pair(self, first: str, second: str) -> LinkedPair | None:
        """Return what is known of two loci; None where nothing is."""
        loci = tuple(sorted((first, second)))
        return next((pair for pair in self.pairs if pair.loci == loci), None)

    def weight(self, first: str, second: str) -> float:
        """Return the weight of two loci; 0 where it is not known."""
        known = self.pair(first, second)
        return known.weight if known else 0.0

    def among(self, loci: "tuple[str, ...]") -> tuple[LinkedPair, ...]:
        """Return what is known of the pairs among loci."""
        known = (self.pair(*two) for two in combinations(sorted(loci), 2))
        return tuple(pair for pair in known if pair is not None)

    def to_json(self) -> str:
        """Return the linkage as JSON, the same text for the same linkage."""
        return json.dumps(
            {"format": FORMAT, "pairs": [asdict(pair) for pair in self.pairs]},
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Linkage":
        """Read what `to_json` wrote.

        Raises
        ------
        LibraryError
            If it was written in another format.
        """
        content = load_json(text)
        if content.get("format") != FORMAT:
            raise LibraryError(
                _(
                    "The weights of linked loci have format {found}; this version reads format {expected}. "
                    "Build the library again: forensics library build."
                ).format(found=content.get("format"), expected=FORMAT)
            )
        return cls(
            tuple(LinkedPair(**{**pair, "loci": tuple(pair["loci"])}) for pair in content["pairs"])
        )


def join_evidence(evidence: Mapping[str, float], linkage: Linkage) -> float:
    """Return the logarithm of the likelihood ratio that linked loci give together.

    Parameters
    ----------
    evidence : mapping of str to float
        By locus: natural logarithm of the likelihood ratio of a species against one that the library lacks.
    linkage : Linkage

    Returns
    -------
    float
        The strongest in favour and the strongest against, each whole, and of every further locus its weight beside
        the stronger ones on its side, the least of them. So a locus that agrees never lowers it, and one that
        contradicts lowers it.

    Examples
    --------
    >>> join_evidence({"COI": 2.0, "12S": 1.0}, Linkage())
    2.0
    >>> join_evidence({"COI": 2.0, "12S": -1.0}, Linkage())
    1.0
    """
    total = 0.0
    for sign in (1, -1):
        side = sorted(
            ((abs(value), locus) for locus, value in evidence.items() if sign * value > 0),
            reverse=True,
        )
        stronger: list[str] = []
        for value, locus in side:
            weight = min((linkage.weight(locus, other) for other in stronger), default=1.0)
            total += sign * weight * value
            stronger.append(locus)
    return total
