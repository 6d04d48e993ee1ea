"""Parts of a longer record: where they were cut from it, and how they are called.

A record keeps its name when it is cut into loci; the part stands beside the name.
"""

from dataclasses import dataclass

__all__ = ["Cut", "label_part"]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a piece lies in the record that it was cut from.

    Attributes
    ----------
    part : str
        What the piece is: the locus.
    first, last : int
        Bases of the record, counted from 1 on the strand that was given. A last base before the first:
        the piece lies across the ends of a circle.
    strand : str
        ``+`` or ``-``: the strand of the record that the piece reads like.
    total : int
        Bases of the record.
    """

    part: str
    first: int
    last: int
    strand: str
    total: int

    def place(self, position: int) -> int:
        """Return where a base of the piece stands in the record; both count from 1."""
        if self.strand == "+":
            return (self.first + position - 2) % self.total + 1
        return (self.last - position) % self.total + 1


def label_part(query: str, part: str | None) -> str:
    """Return the name of a query and, of a piece of a longer record, its part."""
    return f"{query} {part}" if part else query
