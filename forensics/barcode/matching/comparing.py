"""A query compared with many records in one call of compiled code.

The same placements as those of `forensics.barcode.matching.search`, which makes them one by one where
there is no compiled module, or where that cannot tell. Between sequences that are nearly the same
little has to be computed: their substitutions are a limit for their edits, and pieces that are
unchanged tell where the one can lie in the other.
"""

import struct
from collections.abc import Iterator, Sequence

from forensics.barcode.matching import placing
from forensics.barcode.matching.bounds import LEFT, RIGHT, WHOLE
from forensics.barcode.matching.index import Index, damaged
from forensics.errors import LibraryError

__all__ = ["UNKNOWN", "Comparison"]

#: Edits where the compiled module cannot tell: letters that are no IUPAC codes, nothing in common.
UNKNOWN = -2
_TURNED = {WHOLE: -1, RIGHT: 0, LEFT: 1}


class Comparison:
    """A strand of a query, prepared to be compared.

    Parameters
    ----------
    index : Index
    query : bytes
        Clean.
    least : int
        Bases of the least overlap that is compared.
    """

    def __init__(self, index: Index, query: bytes, least: int) -> None:
        self._index = index
        self._prepared = placing.prepared(query, least)

    def __bool__(self) -> bool:
        """Return whether there is a compiled module."""
        return self._prepared is not None

    def compared(
        self, haplotypes: Sequence[int], needed: Sequence[float], placement: str
    ) -> tuple[Iterator[tuple[int, int]], int]:
        """Return the edits of each haplotype and over how many bases, and the alignments made.

        Parameters
        ----------
        haplotypes : sequence of int
        needed : sequence of float
            The identity that each must reach.
        placement : str

        Returns
        -------
        (iterator of (int, int), int)
            Edits are -1 where an identity is not reached, and may be `UNKNOWN`.

        Raises
        ------
        LibraryError
            If the index contradicts itself.
        """
        *_others, offsets, sequences = self._index.tables
        count = len(haplotypes)
        try:
            edits, lengths, aligned = placing.compared(
                self._prepared, _TURNED[placement], sequences, offsets,
                struct.pack(f"{count}I", *haplotypes), struct.pack(f"{count}d", *needed),
            )  # fmt: skip
        except ValueError as error:  # the file is not what its header says
            raise LibraryError(damaged(self._index.path or self._index.locus)) from error
        return zip(memoryview(edits).cast("i"), memoryview(lengths).cast("i")), aligned
