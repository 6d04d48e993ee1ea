"""Which k-mers of a text may have been seen before: most were not, and need not be looked up."""

from forensics.barcode.matching import kernel

# Bytes to begin with, and bits for each k-mer at least: one in so many is then looked up needlessly.
_MIN_BYTES = 1 << 13
_MIN_BITS = 32


class KmerFilter:
    """K-mers, cut side by side from texts, to be recognised at any place of another.

    Each is a bit among many (Bloom 1970, doi:10.1145/362686.362692), and no text.

    Parameters
    ----------
    length : int
        Letters of a k-mer.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._texts: list[str] = []
        self._count = 0
        self._marks = bytearray(_MIN_BYTES)

    def add(self, text: str) -> None:
        """Cut a text, in ASCII, into k-mers; one that is shorter than a k-mer is one itself."""
        self._texts.append(text)
        self._count += max(1, len(text) // self._length)
        added = [text]
        if self._count * _MIN_BITS > len(self._marks) * 8:
            while self._count * _MIN_BITS > len(self._marks) * 8:
                self._marks = bytearray(4 * len(self._marks))
            added = self._texts
        for new in added:
            kernel.implementation.mark_kmers(self._marks, new, self._length, self._length)

    def places(self, text: str) -> list[int]:
        """Return where in a text a known k-mer may begin, ascending; no place of one is left out."""
        if not text.isascii():
            return list(range(max(1, len(text) - self._length + 1)))
        return kernel.implementation.find_marked(self._marks, text, self._length)
