"""How sure a calibration can be of what it states: intervals from samples that it did not see.

Of the species that were left out, few have another species so near that the two look alike. A probability of 97 %
rests on those few, and their number says between which bounds it may lie.

The samples are put in order of the log-odds that they were given by trees which had seen nothing of their species,
and cut into parts of as many known species. In each part the known and the missing species are counted; the interval of
either share is Wilson's (doi:10.1080/01621459.1927.10502953).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from forensics.stats.intervals import wilson

__all__ = ["PARTS", "Tail", "count_tail"]

#: So many parts, each with as many of the known: those of one part share their interval.
PARTS = 10


@dataclass(frozen=True, slots=True)
class Tail:
    """Shares of known and missing species by the log-odds that they were given.

    Attributes
    ----------
    edges : tuple of float
        Log-odds that the species is missing, ascending: between the parts.
    known, missing : tuple of float
        Share of the known, and of the missing species, in each part, 0-1.
    known_species, missing_species : int
        So many were sampled.
    """

    edges: tuple[float, ...]
    known: tuple[float, ...]
    missing: tuple[float, ...]
    known_species: int
    missing_species: int

    def odds(self, log_odds: float) -> tuple[float, float]:
        """Return between which odds, at even prior, the species is missing where trees give these log-odds."""
        part = bisect_right(self.edges, log_odds)
        known = wilson(self.known[part], self.known_species)
        missing = wilson(self.missing[part], self.missing_species)
        return missing[0] / known[1], missing[1] / max(known[0], 1 / self.known_species)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "edges": list(self.edges),
            "known": list(self.known),
            "missing": list(self.missing),
            "known_species": self.known_species,
            "missing_species": self.missing_species,
        }

    @classmethod
    def from_dict(cls, content: dict) -> "Tail":
        """Read what `to_dict` wrote."""
        return cls(
            edges=tuple(content["edges"]),
            known=tuple(content["known"]),
            missing=tuple(content["missing"]),
            known_species=content["known_species"],
            missing_species=content["missing_species"],
        )


def count_tail(
    log_odds: Sequence[float],
    missing: Sequence[bool],
    weights: Sequence[float],
    species: tuple[int, int],
) -> Tail:
    """Count known and missing species by the log-odds that they were given.

    Parameters
    ----------
    log_odds : sequence of float, length n
        That the species is missing, by trees that did not see it.
    missing : sequence of bool, length n
    weights : sequence of float, length n
        Of the samples; those of the known and of the missing add up to at most 1 each.
    species : tuple of (int, int)
        Number of known and of missing species.
    """
    order = sorted(range(len(log_odds)), key=log_odds.__getitem__)
    whole = math.fsum(weights[place] for place in order if not missing[place])
    edges: list[float] = []
    shares = {False: [0.0], True: [0.0]}
    reached = 0.0
    for place in order:
        value = log_odds[place]
        if (
            reached >= whole * (len(edges) + 1) / PARTS
            and len(edges) < PARTS - 1
            and (not edges or value > edges[-1])
        ):
            edges.append(value)
            for share in shares.values():
                share.append(0.0)
        shares[bool(missing[place])][-1] += weights[place]
        reached += 0.0 if missing[place] else weights[place]
    return Tail(
        edges=tuple(edges),
        known=tuple(min(1.0, share) for share in shares[False]),
        missing=tuple(min(1.0, share) for share in shares[True]),
        known_species=species[0],
        missing_species=species[1],
    )
