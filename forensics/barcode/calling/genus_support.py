"""What a genus rests on: how many records and species of it are near, and what that is worth.

A species that the library lacks is placed in a genus by the records of that genus that are
near to it. The trees of a small library may state a high probability for a genus of which
one record is near at 94 %, although they have seen few such genera. What such a genus is
worth was measured on held-out species of a large library, and nothing above that is stated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forensics.barcode.matching.candidates import Candidate


# Records count as near where their species lies within this of the nearest record of the genus.
WINDOW = 0.02
# Fewer of either are few. Further records of one species say little about its genus: of
# held-out species at 92-94 % identity, 65 % belonged to a genus with one record near, 62 % to
# one with three or four of one species, 49 % to one with five or more of one species.
MIN_SPECIES = 2
MIN_RECORDS = 5
# Of held-out species whose nearest genus has few records or species near, the share that
# belongs to that genus, by the identity of its nearest record: lower limit of the Wilson
# interval of 95 %. `benchmarks/genera.py --half 0`: 2,765 species of COI (12,359 records), half
# of the nearest genera; the other half is kept to report on (docs/decision-rule.md).
CEILINGS = (  # from identity, ceiling
    (0.98, 0.915),  # 173 of 181
    (0.96, 0.838),  # 138 of 154
    (0.94, 0.687),  # 166 of 222
    (0.92, 0.511),  # 134 of 233
    (0.0, 0.291),  # 72 of 204, at 90-92 %
)
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Support:
    """Records of a genus near a query.

    Attributes
    ----------
    genus : str
    identity : float
        Of its nearest record, 0-1.
    records, species : int
        Species within `WINDOW` of that record, and their records in the library.
    """

    genus: str
    identity: float
    records: int
    species: int

    @property
    def few(self) -> bool:
        """Whether the genus rests on few records or species."""
        return self.species < MIN_SPECIES or self.records < MIN_RECORDS

    @property
    def ceiling(self) -> float:
        """Highest probability that a species which the library lacks is given for this genus, 0-1."""
        if not self.few:
            return 1.0
        return next(c for least, c in CEILINGS if self.identity >= least - _TOLERANCE)


def genus_support_of(candidates: "Sequence[Candidate]", genus: str) -> Support:
    """Return what a genus rests on.

    Parameters
    ----------
    candidates : sequence of Candidate
        Best first.
    genus : str
        Genus of at least one of them.

    Raises
    ------
    ValueError
        If no candidate is of the genus.
    """
    own = [candidate for candidate in candidates if candidate.genus == genus]
    if not own:
        raise ValueError(f"no candidate is of the genus {genus!r}")
    nearest = max(candidate.identity for candidate in own)
    near = [c for c in own if c.identity >= nearest - WINDOW - _TOLERANCE]
    return Support(genus, nearest, sum(c.records for c in near), len(near))
