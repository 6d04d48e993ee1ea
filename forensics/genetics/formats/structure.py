"""STRUCTURE: numbers separated by blanks, two rows an animal or one.

With a row of locus names, the columns before the genotypes are counted: the first is the animal, the
second (PopData) its population; PopFlag, LocData, Phenotype and others are kept as fields. Without
that row nothing tells where the genotypes begin, so the loci must be named by the option `loci`.

References
----------
Pritchard J. K., Stephens M., Donnelly P. (2000). Inference of population structure using multilocus
genotype data. Genetics 155, 945-959. doi:10.1093/genetics/155.2.945
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import numpy as np

from forensics.genetics.cells import (
    MAX_FRAGMENT,
    Cells,
    encode,
    is_missing,
    role_of,
    zero_is_allele,
)
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.options import ReadingOptions
from forensics.genetics.sources import Request, genotype_format, refuse, refuse_repeated_loci
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.messages import _, ngettext

# Label, PopData, PopFlag, LocData, Phenotype and three more.
MAX_EXTRA = 8
_WHOLE = re.compile(r"-?\d{1,9}")
_SAMPLED = 6


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(source.lines(), 1):
        words = line.split()
        if words:
            yield number, words


def is_structure(source: Source) -> bool:
    """Whether the first lines have STRUCTURE's form.

    All rows have the same number of words, whole numbers after at most `MAX_EXTRA` of them; the row
    of names, where there is one, has fewer (or names its first columns, and each animal two rows).
    """
    lines = list(islice((line for line in source.lines() if line.strip()), _SAMPLED))
    rows = [line.split() for line in lines]
    if len(rows) < 2:
        return False
    cells = [line.rstrip("\r\n").split("\t") for line in lines]
    tabulated = len(cells[0]) > 1 and len({len(row) for row in cells}) == 1
    if tabulated and cells[0][0].strip() and cells[0][0] != cells[1][0] != cells[2 % len(cells)][0]:
        return False  # a header and a row an animal
    head, body = rows[0], rows[1:]
    if _distances(body[0], len(head)):
        body = body[1:]
    if not body or len({len(words) for words in body}) != 1:
        return False
    width = len(body[0])
    extra = width - len(head)
    if width < 2 or not all(_number(word) for words in body for word in words[-1:]):
        return False
    if any("," in word or ";" in word for words in body for word in words):
        return False
    paired = len(body) >= 2 and body[0][0] == body[1][0]
    if extra > 0:
        numbers = [words[min(MAX_EXTRA, extra) :] for words in body]
        return all(_number(word) for words in numbers for word in words)
    whole = all(_number(word) for words in [head, *body] for word in words[1:])
    if extra == 0 and whole:  # no row of names
        return head[0] == body[0][0] or (len(rows) > 2 and paired)
    named = extra == 0 and bool(head) and role_of(head[0]) == "animal"
    return named and paired and all(_number(word) for words in body for word in words[2:])


def _number(word: str) -> bool:
    return _WHOLE.fullmatch(word) is not None


def _distances(words: Sequence[str], count: int) -> bool:
    """Whether a row holds distances between markers: as many as loci, the first -1."""
    return len(words) == count and words[0] in ("-1", "-1.0")


@genotype_format("structure", is_structure)
def read_structure(request: Request) -> Genotypes:
    """Read a STRUCTURE file of diploid animals; see `forensics.genetics.cells.zero_is_allele`.

    The option loci has the names of all loci, where the file does not begin with them. -9 and -999 mean
    "not typed", besides what the option missing says.

    Raises
    ------
    InputError
        With the line, or the animal and the locus.
    """
    source = request.source
    rows = _rows(source)
    number, head = next(rows, (1, []))
    following = next(rows, None)
    if following is None:
        raise refuse(source, _("one line is not a STRUCTURE file"))
    first_rows = [(number, head), following]
    has_names = len(head) != len(following[1]) or not all(_number(word) for word in head[1:])
    if _distances(following[1], len(head)):
        has_names = True
    names = list(request.options.loci)
    if has_names:
        first_rows.pop(0)
        header = head
        if len(head) == len(following[1]):
            skip = next(
                (place for place, word in enumerate(head) if role_of(word) is None), len(head)
            )
            header = head[skip:]
        if names and names != header:
            raise refuse(
                source,
                _("the option loci names {expected}, and the file {found}"),
                expected=", ".join(names[:3]),
                found=", ".join(map(printable, header[:3])),
            )
        names = header
        if _distances(following[1], len(head)):
            first_rows.pop(0)
    if not names:
        raise refuse(
            source,
            _(
                "the file does not begin with the names of its loci, so it is not known where "
                "the genotypes begin. Give all names with the option loci, or write them in the "
                "first line"
            ),
        )
    refuse_repeated_loci(names, source)
    return _body(source, names, chain(first_rows, rows), request.options)


def _body(
    source: Source,
    loci: list[str],
    rows: Iterator[tuple[int, list[str]]],
    options: ReadingOptions,
) -> Genotypes:
    cells: Cells | None = None
    labels, lines = [], []
    width = 0
    for number, words in rows:
        if cells is None:
            width = len(words)
            if width <= len(loci):
                raise refuse(
                    source,
                    _(
                        "{found} values for {expected} loci and the name of the animal; the first "
                        "column is the animal"
                    ),
                    number,
                    found=width,
                    expected=len(loci),
                )
            cells = Cells(width, source=source.label)
        if len(words) != width:
            raise refuse(
                source,
                _("{found} values where the first row has {expected}"),
                number,
                found=len(words),
                expected=width,
            )
        cells.add(words)
        labels.append(words[0])
        lines.append(number)
    if cells is None:
        raise refuse(source, _("no animal follows the names of the loci"))
    cells.close()
    two_rows = _two_rows(labels, lines, source)
    step = 2 if two_rows else 1
    extra = width - len(loci) * 2 // step
    if not 1 <= extra <= MAX_EXTRA:
        raise refuse(
            source,
            _(
                "{found} values a row for {loci} loci with {copies} rows an animal: 1 to {most} "
                "columns before the genotypes are expected, and this leaves {extra}. Haploid "
                "STRUCTURE files are not read; write them as a table"
            ),
            lines[0],
            found=width,
            loci=len(loci),
            copies=step,
            most=MAX_EXTRA,
            extra=extra,
        )
    animals = labels[::step]
    codes = np.empty((len(animals), len(loci), 2), dtype=np.int16)
    alleles = []
    copies = list(_copies(cells, range(extra, width), two_rows))
    zero = options.zero
    is_allele = zero == "allele" or (
        zero == "auto" and _zero_is_allele(cells, copies, loci, animals, source)
    )

    def is_absent(text: str) -> bool:
        return is_missing(text) or text.casefold() in options.absent

    def read(text: str) -> tuple[str | None, ...]:
        if is_absent(text):
            return (None,)
        return (text.lstrip("0") or ("0" if is_allele else None),)

    for number, (locus, pair) in enumerate(zip(loci, copies)):
        for column in pair:
            for place in np.unique(column):
                text = cells.texts[place]
                is_number = text.isascii() and text.isdigit() and int(text[:9]) <= MAX_FRAGMENT
                if not is_number and not is_absent(text):
                    raise refuse(
                        source,
                        _(
                            "animal {animal}, locus {locus}: {found} is not an allele. Whole numbers up to "
                            "{most} are expected, and -9 for what was not typed"
                        ),
                        animal=animals[int(np.flatnonzero(column == place)[0])],
                        locus=locus,
                        found=repr(printable(text)),
                        most=MAX_FRAGMENT,
                    )
        alleles.append(encode(cells.texts, pair, read, codes[:, number]))
    fields = {}
    for place in range(2, extra):
        fields[_("column {number}").format(number=place + 1)] = tuple(cells.column(place)[::step])
    populations = None
    if extra >= 2:
        texts = cells.column(1)
        populations = tuple(texts[::step])
        if two_rows and texts[1::2] != texts[0::2]:
            row = next(r for r in range(0, len(texts), 2) if texts[r] != texts[r + 1])
            raise refuse(
                source,
                _("animal {animal}: its two rows name the populations {one} and {two}"),
                lines[row + 1],
                animal=labels[row],
                one=printable(texts[row]),
                two=printable(texts[row + 1]),
            )
    return Genotypes(
        tuple(animals), tuple(loci), tuple(alleles), codes, populations=populations, fields=fields
    )


def _copies(cells: Cells, places: Sequence[int], two_rows: bool) -> Iterator[list[np.ndarray]]:
    """Yield the two copies of each locus, int32, shape (n,)."""
    columns = cells.columns(places)
    for column in columns:
        yield [column[0::2], column[1::2]] if two_rows else [column, next(columns)]


def _zero_is_allele(
    cells: Cells,
    copies: Sequence[list[np.ndarray]],
    loci: Sequence[str],
    animals: Sequence[str],
    source: Source,
) -> bool:
    values = np.array(
        [int(text[:9]) if text.isascii() and text.isdigit() else -1 for text in cells.texts]
    )
    gone = np.array([is_missing(text) for text in cells.texts], dtype=bool)
    most, any_zero, any_gone, half_at = -1, False, False, None
    for locus, pair in zip(loci, copies):
        first, second = values[pair[0]], values[pair[1]]
        most = max(most, int(first.max()), int(second.max()))
        any_gone = any_gone or bool(gone[pair[0]].any() or gone[pair[1]].any())
        any_zero = any_zero or bool((first == 0).any() or (second == 0).any())
        half = (np.minimum(first, second) == 0) & (np.maximum(first, second) > 0)
        if half.any() and half_at is None:
            half_at = animals[int(np.flatnonzero(half)[0])], locus
    return any_zero and zero_is_allele(most, half_at, source, is_code_beside=any_gone)


def _two_rows(labels: Sequence[str], lines: Sequence[int], source: Source) -> bool:
    """Return whether each animal has two rows that follow each other."""
    counts: dict[str, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    if max(counts.values()) == 1:
        return False
    for row in range(0, len(labels), 2):
        label = labels[row]
        paired = row + 1 < len(labels) and labels[row + 1] == label
        if not paired or counts[label] != 2:
            raise refuse(
                source,
                ngettext(
                    "animal {animal} has {count} row; two that follow each other are expected of "
                    "each animal, one a copy",
                    "animal {animal} has {count} rows; two that follow each other are expected of "
                    "each animal, one a copy",
                    counts[label],
                ),
                lines[row],
                animal=label,
                count=counts[label],
            )
    return True
