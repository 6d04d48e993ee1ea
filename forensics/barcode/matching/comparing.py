"""A strand of a query compared with many records of an index in one call of the kernel."""

import struct
from collections.abc import Iterator, Sequence

from forensics.barcode.matching import kernel
from forensics.barcode.matching.bounds import NUMBERS
from forensics.barcode.matching.index import Index, damaged
from forensics.errors import LibraryError


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
        self._query = kernel.prepare_query(query, least)

    def compare(
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
            Edits are -1 where an identity is not reached.

        Raises
        ------
        LibraryError
            If the index contradicts itself.
        """
        count = len(haplotypes)
        edits, lengths, aligned = self.compare_arrays(
            struct.pack(f"{count}I", *haplotypes),
            struct.pack(f"{count}d", *needed),
            NUMBERS[placement],
        )
        return zip(memoryview(edits).cast("i"), memoryview(lengths).cast("i")), aligned

    def compare_arrays(
        self, haplotypes: bytes, needed: bytes, placement: int
    ) -> tuple[bytes, bytes, int]:
        """Return the same as arrays: edits (int32), bases (int32), and the alignments made.

        Parameters
        ----------
        haplotypes : bytes of uint32
        needed : bytes of float64
        placement : int
            As the kernel numbers it.
        """
        *_others, offsets, sequences = self._index.tables
        try:
            return kernel.compare_many(
                self._query, placement, sequences, offsets, haplotypes, needed
            )
        except ValueError as error:  # the file is not what its header says
            raise LibraryError(damaged(self._index.path or self._index.locus)) from error
