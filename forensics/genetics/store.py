"""Cells of a large table as numbers: each distinct text is kept once.

100,000 loci of 1,000 animals are 10^8 cells, but hardly more than a few thousand different texts.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from forensics.errors import InputError
from forensics.genetics.genotypes import ABSENT, MISSING, allele_order
from forensics.genetics.sources import MAX_CELLS
from forensics.messages import _

__all__ = ["Cells", "encode", "same_ploidy"]

_BLOCK = 4096  # columns brought together at a time


class _Index(dict[str, int]):
    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class Cells:
    """Rows of cells, added one by one, read by column.

    Attributes
    ----------
    texts : list of str
        The distinct texts; filled by `close`.
    """

    def __init__(self, width: int, *, source: str | None = None) -> None:
        self.width, self.source = width, source
        self._index = _Index()
        self._rows: list[np.ndarray] = []
        self.texts: list[str] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, cells: Sequence[str]) -> None:
        """Add a row of `width` cells."""
        if (len(self._rows) + 1) * self.width > MAX_CELLS:
            raise InputError(
                _(
                    "more than {most} cells ({columns} columns). Divide the table by loci and "
                    "read the parts"
                ).format(most=MAX_CELLS, columns=self.width),
                source=self.source,
            )
        look = self._index.__getitem__
        self._rows.append(np.fromiter(map(look, cells), dtype=np.int32, count=self.width))

    def close(self) -> None:
        """No more rows will be added."""
        self.texts = list(self._index)

    def columns(self, numbers: Sequence[int]) -> Iterator[np.ndarray]:
        """Yield the columns at `numbers`: int32, shape (n,), places in `texts`."""
        for start in range(0, len(numbers), _BLOCK):
            places = np.asarray(numbers[start : start + _BLOCK], dtype=np.intp)
            block = np.empty((len(places), len(self._rows)), dtype=np.int32)
            for row, cells in enumerate(self._rows):
                block[:, row] = cells[places]
            yield from block

    def column(self, place: int) -> list[str]:
        """Return one column as texts."""
        return [self.texts[row[place]] for row in self._rows]

    def distinct(self, column: np.ndarray) -> list[str]:
        """Return the different texts of a column that `columns` gave, in the order of `texts`."""
        return [self.texts[number] for number in np.unique(column)]

    def row(self, number: int) -> list[str]:
        """Return one row as texts."""
        return [self.texts[cell] for cell in self._rows[number]]


def encode(
    texts: Sequence[str],
    columns: Sequence[np.ndarray],
    read: Callable[[str], tuple[str | None, ...]],
    codes: np.ndarray,
) -> tuple[str, ...]:
    """Write the codes of one locus and return its alleles in order.

    Parameters
    ----------
    columns : one or two arrays of int32, shape (n,)
        Places in `texts`. Two columns hold one copy each.
    read : function
        From a text to the labels of its copies (one or two; None: not typed). Given two columns,
        it returns one label.
    codes : numpy.ndarray of int16, shape (n, 2)
        Filled here.
    """
    copies = []
    for column in columns:
        present, inverse = np.unique(column, return_inverse=True)
        copies.append(([read(texts[place]) for place in present], inverse))
    ordered = allele_order(
        {label for labels, _inverse in copies for pair in labels for label in pair if label}
    )
    if len(ordered) > np.iinfo(np.int16).max:
        raise OverflowError(len(ordered))
    index = {label: code for code, label in enumerate(ordered)}

    def code(label: str | None) -> int:
        return MISSING if label is None else index[label]

    if len(copies) == 2:
        for copy, (labels, inverse) in enumerate(copies):
            table = np.array([code(pair[0]) for pair in labels], dtype=np.int16)
            codes[:, copy] = table[inverse]
    else:
        labels, inverse = copies[0]
        table = np.array(
            [(code(pair[0]), code(pair[1]) if len(pair) == 2 else ABSENT) for pair in labels],
            dtype=np.int16,
        )
        codes[:] = table[inverse]
    # What is missing or absent comes last, the rest in ascending order.
    first, second = codes[:, 0].copy(), codes[:, 1].copy()
    swap = ((second >= 0) & ((first < 0) | (second < first))) | (
        (first == ABSENT) & (second == MISSING)
    )
    codes[swap, 0], codes[swap, 1] = second[swap], first[swap]
    return tuple(ordered)


def same_ploidy(codes: np.ndarray, animals: Sequence[str], locus: str, source: str | None) -> None:
    """Check one locus, shape (n, 2): each animal has one copy, or each has two.

    An animal of which nothing was typed fits both; it is given as many copies as the others.

    Raises
    ------
    InputError
        With the first animal that has another number of copies than the animals before it.
    """
    is_haploid = (codes[:, 1] == ABSENT) & (codes[:, 0] >= 0)
    blank = (codes[:, 0] < 0) & (codes[:, 1] < 0)
    is_diploid = ~is_haploid & ~blank
    if is_haploid.any() and is_diploid.any():
        odd = is_haploid if is_haploid.sum() <= is_diploid.sum() else is_diploid
        row = int(np.flatnonzero(odd)[0])
        raise InputError(
            _(
                "animal {animal}, locus {locus}: {found} where the other animals have {expected}. "
                "A locus has one or two copies in all animals; write a homozygote as two equal "
                "alleles, and what was not typed as ? (in a table, the option lone says what one "
                "allele alone means)"
            ).format(
                animal=animals[row],
                locus=locus,
                found=_("one allele") if odd is is_haploid else _("two alleles"),
                expected=_("two") if odd is is_haploid else _("one"),
            ),
            source=source,
        )
    codes[blank, 1] = ABSENT if is_haploid.any() else MISSING
