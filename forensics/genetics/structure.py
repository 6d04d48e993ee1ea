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

from forensics.errors import InputError, UsageError
from forensics.genetics.cells import MAX_FRAGMENT, Cells, encode, is_missing, role_of
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.tables import CODES_END as _CODES_END
from forensics.genetics.tables import ZERO_CHOICES
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


def read_structure(
    source: Source,
    *,
    loci: Sequence[str] | None = None,
    missing: frozenset[str] = frozenset(),
    zero: str = "auto",
) -> Genotypes:
    """Read a STRUCTURE file of diploid animals.

    Parameters
    ----------
    loci : sequence of str, optional
        The names of all loci, where the file does not begin with them.
    missing : frozenset of str
        Further values that mean "not typed", besides -9 and -999.
    zero : str
        ``missing``, ``allele`` or ``auto``: missing where an allele is 10 or more, an allele where
        -9 stands for what is missing, missing where it stands in both rows of an animal only
        (PLINK); else it is asked for.

    Raises
    ------
    InputError
        With the line, or the animal and the locus.
    """
    rows = _rows(source)
    number, head = next(rows, (1, []))
    following = next(rows, None)
    if following is None:
        raise InputError(_("one line is not a STRUCTURE file"), source=source.label)
    first_rows = [(number, head), following]
    has_names = len(head) != len(following[1]) or not all(_number(word) for word in head[1:])
    if _distances(following[1], len(head)):
        has_names = True
    names = list(loci) if loci is not None else None
    if has_names:
        first_rows.pop(0)
        header = head
        if len(head) == len(following[1]):
            skip = next(
                (place for place, word in enumerate(head) if role_of(word) is None), len(head)
            )
            header = head[skip:]
        if names is not None and names != header:
            raise InputError(
                _("the option loci names {expected}, and the file {found}").format(
                    expected=", ".join(names[:3]),
                    found=", ".join(printable(name) for name in header[:3]),
                ),
                source=source.label,
            )
        names = header
        if _distances(following[1], len(head)):
            first_rows.pop(0)
    if names is None:
        raise InputError(
            _(
                "the file does not begin with the names of its loci, and nothing else tells where "
                "the genotypes begin. Give all names with the option loci, or write them in the "
                "first line"
            ),
            source=source.label,
        )
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            _("locus {name} is in the table twice; each locus has one name").format(
                name=printable(twice)
            ),
            source=source.label,
        )
    return _body(source, names, chain(first_rows, rows), missing, zero)


def _body(
    source: Source,
    loci: list[str],
    rows: Iterator[tuple[int, list[str]]],
    missing: frozenset[str],
    zero: str,
) -> Genotypes:
    cells: Cells | None = None
    labels, lines = [], []
    width = 0
    for number, words in rows:
        if cells is None:
            width = len(words)
            if width <= len(loci):
                raise InputError(
                    _(
                        "{found} values for {expected} loci and the name of the animal; the first "
                        "column is the animal"
                    ).format(found=width, expected=len(loci)),
                    source=source.label,
                    line=number,
                )
            cells = Cells(width, source=source.label)
        if len(words) != width:
            raise InputError(
                _("{found} values where the first row has {expected}").format(
                    found=len(words), expected=width
                ),
                source=source.label,
                line=number,
            )
        cells.add(words)
        labels.append(words[0])
        lines.append(number)
    if cells is None:
        raise InputError(_("no animal follows the names of the loci"), source=source.label)
    cells.close()
    two_rows = _two_rows(labels, lines, source)
    per_row = 1 if two_rows else 2
    extra = width - per_row * len(loci)
    if not 1 <= extra <= MAX_EXTRA:
        raise InputError(
            _(
                "{found} values a row for {loci} loci with {copies} rows an animal: 1 to {most} "
                "columns before the genotypes are expected, and this leaves {extra}. Haploid "
                "STRUCTURE files are not read; write them as a table"
            ).format(
                found=width,
                loci=len(loci),
                copies=2 if two_rows else 1,
                most=MAX_EXTRA,
                extra=extra,
            ),
            source=source.label,
            line=lines[0],
        )
    step = 2 if two_rows else 1
    animals = labels[::step]
    codes = np.empty((len(animals), len(loci), 2), dtype=np.int16)
    alleles = []
    zero_is_allele = _zero_is_allele(
        cells, _copies(cells, range(extra, width), two_rows), loci, animals, zero, source
    )

    def read(text: str) -> tuple[str | None, ...]:
        if is_missing(text) or text.casefold() in missing:
            return (None,)
        if not text.strip("0"):
            return ("0" if zero_is_allele else None,)
        return (text.lstrip("0"),)

    copies = _copies(cells, range(extra, width), two_rows)
    for number, (locus, pair) in enumerate(zip(loci, copies)):
        _check(cells, pair, animals, locus, missing, source)
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
            raise InputError(
                _("animal {animal}: its two rows name the populations {one} and {two}").format(
                    animal=printable(labels[row]),
                    one=printable(texts[row]),
                    two=printable(texts[row + 1]),
                ),
                source=source.label,
                line=lines[row + 1],
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
    copies: Iterator[list[np.ndarray]],
    loci: Sequence[str],
    animals: Sequence[str],
    zero: str,
    source: Source,
) -> bool:
    if zero not in ZERO_CHOICES:
        raise UsageError(
            _("option zero: {found}. Expected one of: {expected}").format(
                found=zero, expected=", ".join(ZERO_CHOICES)
            )
        )
    if zero != "auto":
        return zero == "allele"
    values = np.array(
        [int(text[:9]) if text.isascii() and text.isdigit() else -1 for text in cells.texts]
    )
    gone = np.array([is_missing(text) for text in cells.texts], dtype=bool)
    most, any_zero, any_gone, half_at = -1, False, False, None
    for locus, (first, second) in zip(loci, copies):
        first_values, second_values = values[first], values[second]
        most = max(most, int(first_values.max()), int(second_values.max()))
        any_gone = any_gone or bool(gone[first].any() or gone[second].any())
        half = ((first_values == 0) & (second_values > 0)) | (
            (second_values == 0) & (first_values > 0)
        )
        any_zero = any_zero or bool((first_values == 0).any() or (second_values == 0).any())
        if half.any() and half_at is None:
            half_at = animals[int(np.flatnonzero(half)[0])], locus
    if not any_zero or most >= _CODES_END:
        return False
    if any_gone:
        return True
    if half_at is None and most > 1:
        return False
    where = (
        _("animal {animal}, locus {locus}: 0 is paired with another number").format(
            animal=printable(half_at[0]), locus=printable(half_at[1])
        )
        if half_at
        else _("all numbers are 0 and 1, and never occur together")
    )
    raise InputError(
        _(
            "{where}: it may be an allele or mean missing. Say which with the option zero "
            "(zero='missing' or zero='allele')"
        ).format(where=where),
        source=source.label,
    )


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
            raise InputError(
                ngettext(
                    "animal {animal} has {count} row; two that follow each other are expected of "
                    "each animal, one a copy",
                    "animal {animal} has {count} rows; two that follow each other are expected of "
                    "each animal, one a copy",
                    counts[label],
                ).format(animal=printable(label), count=counts[label]),
                source=source.label,
                line=lines[row],
            )
    return True


def _check(
    cells: Cells,
    pair: Sequence[np.ndarray],
    animals: Sequence[str],
    locus: str,
    missing: frozenset[str],
    source: Source,
) -> None:
    for column in pair:
        for place in np.unique(column):
            text = cells.texts[place]
            if is_missing(text) or text.casefold() in missing:
                continue
            if not (text.isascii() and text.isdigit()) or int(text[:9]) > MAX_FRAGMENT:
                row = int(np.flatnonzero(column == place)[0])
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: {found} is not an allele. Whole numbers up to "
                        "{most} are expected, and -9 for what was not typed"
                    ).format(
                        animal=printable(animals[row]),
                        locus=printable(locus),
                        found=repr(printable(text)),
                        most=MAX_FRAGMENT,
                    ),
                    source=source.label,
                )
