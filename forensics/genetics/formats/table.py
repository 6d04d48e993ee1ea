"""Tables of genotypes as people keep them: CSV, workbooks, pandas; a row an animal.

What each column is, `forensics.genetics.layout` finds out; here the cells of loci become alleles.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forensics.genetics.cells import (
    CODES_END,
    MAX_FRAGMENT,
    ZEROS,
    Cells,
    allele,
    broken,
    counted_allele,
    encode,
    glued,
    is_missing,
    number_of,
    parted,
    same_ploidy,
    zero_is_allele,
)
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.layout import (
    LocusColumns,
    Table,
    lay_out,
    name_animals,
    read_facts,
    read_frame,
    read_source,
)
from forensics.genetics.options import ReadingOptions
from forensics.genetics.sources import Request, genotype_format, refuse
from forensics.io.numbers import printable
from forensics.messages import _

if TYPE_CHECKING:
    import pandas


@genotype_format("table")
def read_table(request: Request) -> Genotypes:
    """Read a table: CSV, or a workbook.

    Raises
    ------
    InputError
        With the line, or the animal and the locus.
    OptionError
        If an option does not fit.
    """
    sheet = request.options.sheet
    table = read_source(request.source, sheet=sheet)
    genotypes = _of_table(table, request.options)
    return replace(genotypes, notes=(*genotypes.notes, *table.note_unread_sheets(sheet)))


def genotypes_of_frame(frame: "pandas.DataFrame", options: ReadingOptions) -> Genotypes:
    """Return the genotypes of a DataFrame; raises as `read_table`."""
    return _of_table(read_frame(frame), options)


def _of_table(table: Table, options: ReadingOptions) -> Genotypes:
    layout = lay_out(table, options)
    animals, keep, notes = name_animals(table, layout)
    facts, more = read_facts(table, layout, animals)
    alleles, codes = decode(table, layout.loci, animals, options)
    genotypes = Genotypes(
        tuple(animals), tuple(locus.name for locus in layout.loci), alleles, codes,
        notes=notes + more, **facts,
    )  # fmt: skip
    return genotypes if len(keep) == len(animals) else genotypes.take(keep)


class _Odd(Exception):
    """A cell that is not a genotype; the text says why."""


def decode(
    table: Table,
    loci: Sequence[LocusColumns],
    animals: Sequence[str],
    options: ReadingOptions,
) -> tuple[tuple[tuple[str, ...], ...], np.ndarray]:
    """Return the alleles and the codes of all loci.

    Returns
    -------
    alleles : tuple of tuples of str, length L
    codes : numpy.ndarray of int16, shape (n, L, 2)

    Raises
    ------
    InputError
        With the animal and the locus.
    """
    cells, source = table.cells, table.source
    texts = cells.texts
    absent = [is_missing(text) or text.strip().casefold() in options.absent for text in texts]
    zero = options.zero
    is_allele = zero == "allele" or (
        zero == "auto" and _zero_is_allele(cells, loci, absent, animals, source)
    )
    codes = np.empty((len(animals), len(loci), 2), dtype=np.int16)
    alleles = []
    columns = cells.columns([place for locus in loci for place in locus.columns])
    lookup = dict(zip(texts, absent))

    def gone(text: str) -> bool:
        is_gone = lookup.get(text)
        return (
            (is_missing(text) or text.casefold() in options.absent) if is_gone is None else is_gone
        )

    readers: dict[str, Callable[[str], tuple[str | None, ...]]] = {}

    for number, locus in enumerate(loci):
        own = [next(columns) for _place in locus.columns]
        key = locus.form
        counted = counted_allele(locus.name) if locus.form == "dosage" else None
        if counted:
            key = f"dosage {counted[1]}"
        if key not in readers:
            readers[key] = _reader(locus.form, counted, gone, is_allele, options)
        target = codes[:, number]
        try:
            labels = encode(texts, own, readers[key], target)
        except _Odd:
            _blame(texts, own, readers[key], animals, locus, source)
            raise  # not reached: the same cell is odd again
        except OverflowError as error:
            raise refuse(
                source,
                _("locus {locus}: {count} different alleles; is it a locus?"),
                locus=locus.name,
                count=error.args[0],
            ) from None
        _check_labels(labels, target, animals, locus, source)
        if len(own) == 1:
            same_ploidy(target, animals, locus.name, source)
        alleles.append(labels)
    return tuple(alleles), codes


def _reader(
    form: str,
    alleles: tuple[str, tuple[str, str]] | None,
    gone: Callable[[str], bool],
    is_allele: bool,
    options: ReadingOptions,
) -> Callable[[str], tuple[str | None, ...]]:
    """Return the function that reads a cell of one form; results are remembered by text.

    Alleles may be other than numbers and bases where the user named the loci.
    """
    any_label, lone = bool(options.loci or options.haploid), options.lone

    def label_of(text: str) -> str | None:
        text = text.strip()
        if gone(text) or (not is_allele and text in ZEROS):
            return None
        return _label(text, any_label)

    def single(text: str) -> tuple[str | None, ...]:
        return (label_of(text),)

    def pair(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare) or (bare in ZEROS and not (is_allele and bare == "0")):
            return (None, None)
        why = broken(bare)
        if why:  # 11-Dec would be two halves
            raise _Odd(_(why))
        halves = parted(bare, form)
        if halves:
            return label_of(halves[0]), label_of(halves[1])
        if bare.count(form) > 1:
            raise _Odd(_("{count} alleles").format(count=bare.count(form) + 1))
        label = label_of(bare)
        return (label,) if lone is None else (label, label if lone == "homozygote" else None)

    def joined(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare) or bare in ZEROS:
            return (None, None)
        halves = glued(bare)
        if halves is None:
            raise _Odd(_("not two alleles of three digits, or two bases"))
        return tuple(None if half == "000" else _label(half, any_label) for half in halves)

    def dosage(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare):
            return (None, None)
        count = number_of(bare)
        if count not in ("0", "1", "2"):
            raise _Odd(_("a dosage is 0, 1 or 2"))
        other, counted = alleles[1] if alleles else ("0", "1")
        return tuple([other] * (2 - int(count)) + [counted] * int(count))

    chosen = {"two": single, "single": single, "glued": joined, "dosage": dosage}.get(form, pair)
    known: dict[str, tuple[str | None, ...]] = {}

    def read(text: str) -> tuple[str | None, ...]:
        copies = known.get(text)
        if copies is None:
            copies = known[text] = chosen(text)
        return copies

    return read


def _label(text: str, any_label: bool) -> str:
    """Return the label of one allele.

    Raises
    ------
    _Odd
    """
    why = broken(text)
    if why:
        raise _Odd(_(why))
    number = number_of(text)
    if number is not None:
        if float(number) > MAX_FRAGMENT:
            raise _Odd(
                _(
                    "no fragment is longer than {most}; is the sign between two alleles missing?"
                ).format(most=MAX_FRAGMENT)
            )
        if len(number.partition(".")[2]) > 1:
            raise _Odd(_("a raw length; bin the lengths to whole alleles first"))
        return number
    label = allele(text)
    if label is not None:
        return label
    if any_label and not text.startswith(("-", "+")):
        return text
    if len([part for part in text.replace(":", "/").replace("|", "/").split("/") if part]) > 2:
        raise _Odd(_("more than two alleles"))
    raise _Odd(_("an allele is a number, or A, C, G or T"))


def _blame(
    texts: Sequence[str],
    columns: Sequence[np.ndarray],
    read: Callable[[str], tuple[str | None, ...]],
    animals: Sequence[str],
    locus: LocusColumns,
    source: str | None,
) -> None:
    """Raise for the first animal whose cell cannot be read."""
    why: dict[int, str | None] = {}
    for row, animal in enumerate(animals):
        for column in columns:
            cell = int(column[row])
            if cell not in why:
                try:
                    read(texts[cell])
                    why[cell] = None
                except _Odd as error:
                    why[cell] = str(error)
            if why[cell] is not None:
                raise refuse(
                    source,
                    _("animal {animal}, locus {locus}: {found} ({why})"),
                    animal=animal,
                    locus=locus.name,
                    found=repr(printable(texts[cell])),
                    why=why[cell],
                )


def _check_labels(
    labels: Sequence[str],
    codes: np.ndarray,
    animals: Sequence[str],
    locus: LocusColumns,
    source: str | None,
) -> None:
    """Refuse a locus of which some alleles are numbers and others are not."""
    if locus.form == "dosage":
        return
    numeric = np.array([number_of(label) is not None for label in labels], dtype=bool)
    if not labels or numeric.all() or not numeric.any():
        return
    number_count = np.where(codes >= 0, numeric[np.maximum(codes, 0)], False).sum()
    other_count = (codes >= 0).sum() - number_count
    odd = ~numeric if other_count <= number_count else numeric
    row = int(np.flatnonzero(((codes >= 0) & odd[np.maximum(codes, 0)]).any(axis=1))[0])
    label = next(labels[code] for code in codes[row] if code >= 0 and odd[code])
    raise refuse(
        source,
        _(
            "animal {animal}, locus {locus}: {found} in a locus whose other alleles are {others}. "
            "Correct the cell, or name what means missing with the option missing"
        ),
        animal=animals[row],
        locus=locus.name,
        found=repr(printable(label)),
        others=_("numbers") if other_count <= number_count else _("letters"),
    )


def _zero_is_allele(
    cells: Cells,
    loci: Sequence[LocusColumns],
    absent: Sequence[bool],
    animals: Sequence[str],
    source: str | None,
) -> bool:
    """Decide what 0 means in loci of two copies that are written as numbers."""
    loci = [locus for locus in loci if locus.form not in ("glued", "dosage", "single")]
    if not loci:
        return False
    texts = cells.texts
    greatest_of = np.full(len(texts), -1)
    has_zero = np.zeros(len(texts), dtype=bool)
    is_half = np.zeros(len(texts), dtype=bool)  # 0 beside another number
    marks = {locus.form for locus in loci}
    for place, text in enumerate(texts):
        bare = text.strip()
        halves = next((parts for m in marks if m != "two" and (parts := parted(bare, m))), None)
        numbers = [number_of(part) for part in (halves or (bare,))]
        values = [float(number) for number in numbers if number is not None]
        if values:
            greatest_of[place] = min(max(values), 1e6)
            zeros = sum(value == 0 for value in values)
            has_zero[place] = zeros > 0
            is_half[place] = zeros == 1 and len(values) == 2
    any_zero, greatest, half_at = False, -1, None
    columns = cells.columns([place for locus in loci for place in locus.columns])
    gone = np.asarray(absent, dtype=bool)
    for locus in loci:
        own = [next(columns) for _place in locus.columns]
        greatest = max([greatest, *(int(greatest_of[column].max(initial=-1)) for column in own)])
        if greatest >= CODES_END:
            return False
        if not any(has_zero[column].any() for column in own):
            continue
        any_zero = True
        if half_at is None:
            if len(own) == 2:
                rows = (has_zero[own[0]] != has_zero[own[1]]) & ~gone[own[0]] & ~gone[own[1]]
            else:
                rows = is_half[own[0]]
            if rows.any():
                half_at = animals[int(np.flatnonzero(rows)[0])], locus.name
    return any_zero and zero_is_allele(greatest, half_at, source)
