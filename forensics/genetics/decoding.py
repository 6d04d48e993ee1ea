"""From the cells of loci to alleles: what is missing, what is refused, who is named.

Zero
----
0 is not a length of a microsatellite and means "not typed" (GENEPOP). As a dosage it is a genotype. In
``0/1`` it may be either: with `zero` on ``auto``, it is missing where any number of the table is 10
or more, an allele where all numbers are 0 and 1 and both stand together in a genotype, and missing
where it stands only in ``0/0`` and numbers above 1 occur. Anything else is asked for.
"""

from collections.abc import Callable, Sequence

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.cells import (
    MAX_FRAGMENT,
    allele,
    broken,
    glued,
    is_missing,
    number_of,
    parted,
)
from forensics.genetics.columns import LocusColumns
from forensics.genetics.names import counted_allele
from forensics.genetics.sources import printable
from forensics.genetics.store import Cells, encode, same_ploidy
from forensics.messages import _

__all__ = ["CODES_END", "LONE_CHOICES", "ZERO_CHOICES", "decode"]

LONE_CHOICES = ("half", "homozygote")
ZERO_CHOICES = ("auto", "missing", "allele")
_ALL_ZERO = frozenset(["0", "00", "000", "0000", "000000", "0.0"])
CODES_END = 10  # numbers below are codes of SNP alleles, not lengths


class _Odd(Exception):
    """A cell that is not a genotype; the text says why."""


def decode(
    cells: Cells,
    loci: Sequence[LocusColumns],
    animals: Sequence[str],
    *,
    missing: frozenset[str],
    zero: str,
    lone: str | None,
    any_label: bool,
    source: str | None,
) -> tuple[tuple[tuple[str, ...], ...], np.ndarray]:
    """Return the alleles and the codes of all loci.

    Parameters
    ----------
    cells : Cells
        n rows.
    loci : sequence of LocusColumns, length L
    animals : sequence of str, length n
        For messages.
    missing : frozenset of str
        Further texts, in lower case, that mean "not typed".
    zero : str
        One of `ZERO_CHOICES`.
    lone : str or None
        What one allele alone is in a cell that could hold two: one of `LONE_CHOICES`; None to
        refuse it.
    any_label : bool
        Whether alleles may be other than numbers and bases (the loci were named by the user).

    Returns
    -------
    alleles : tuple of tuples of str, length L
    codes : numpy.ndarray of int16, shape (n, L, 2)

    Raises
    ------
    InputError
        With the animal and the locus.
    """
    if lone is not None and lone not in LONE_CHOICES:
        raise UsageError(
            _("option lone: {found}. Expected one of: {expected}").format(
                found=lone, expected=", ".join(LONE_CHOICES)
            )
        )
    texts = cells.texts
    absent = [is_missing(text) or text.strip().casefold() in missing for text in texts]
    zero_is_allele = _zero_is_allele(cells, loci, absent, zero, animals, source)
    codes = np.empty((len(animals), len(loci), 2), dtype=np.int16)
    alleles = []
    places = [place for locus in loci for place in locus.columns]
    columns = cells.columns(places)
    lookup = {text: gone for text, gone in zip(texts, absent)}

    def gone(text: str) -> bool:
        is_gone = lookup.get(text)
        return (is_missing(text) or text.casefold() in missing) if is_gone is None else is_gone

    readers: dict[str, Callable[[str], tuple[str | None, ...]]] = {}

    for number, locus in enumerate(loci):
        own = [next(columns) for _place in locus.columns]
        key = locus.form
        counted = counted_allele(locus.name) if locus.form == "dosage" else None
        if counted:
            key = f"dosage {counted[1]}"
        if key not in readers:
            readers[key] = _reader(locus.form, counted, gone, zero_is_allele, any_label, lone)
        target = codes[:, number]
        try:
            labels = encode(texts, own, readers[key], target)
        except _Odd:
            _blame(texts, own, readers[key], animals, locus, source)
            raise  # not reached: the same cell is odd again
        except OverflowError as error:
            raise InputError(
                _("locus {locus}: {count} different alleles; is it a locus?").format(
                    locus=printable(locus.name), count=error.args[0]
                ),
                source=source,
            ) from None
        _check_labels(labels, target, animals, locus, source)
        if len(own) == 1:
            same_ploidy(target, animals, printable(locus.name), source)
        alleles.append(labels)
    return tuple(alleles), codes


def _reader(
    form: str,
    alleles: tuple[str, tuple[str, str]] | None,
    gone: Callable[[str], bool],
    zero_is_allele: bool,
    any_label: bool,
    lone: str | None,
) -> Callable[[str], tuple[str | None, ...]]:
    """Return the function that reads a cell of one form; results are remembered by text."""

    def label_of(text: str) -> str | None:
        text = text.strip()
        if gone(text) or (not zero_is_allele and text in _ALL_ZERO):
            return None
        return _label(text, any_label)

    def single(text: str) -> tuple[str | None, ...]:
        return (label_of(text),)

    def pair(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare) or (bare in _ALL_ZERO and not (zero_is_allele and bare == "0")):
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
        if gone(bare) or bare in _ALL_ZERO:
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
                raise InputError(
                    _("animal {animal}, locus {locus}: {found} ({why})").format(
                        animal=printable(animal),
                        locus=printable(locus.name),
                        found=repr(printable(texts[cell])),
                        why=why[cell],
                    ),
                    source=source,
                )


def _check_labels(
    labels: Sequence[str],
    codes: np.ndarray,
    animals: Sequence[str],
    locus: LocusColumns,
    source: str | None,
) -> None:
    """Refuse a locus of which some alleles are numbers and others are not."""
    if locus.form in ("dosage",):
        return
    numeric = np.array([number_of(label) is not None for label in labels], dtype=bool)
    if not labels or numeric.all() or not numeric.any():
        return
    number_count = np.where(codes >= 0, numeric[np.maximum(codes, 0)], False).sum()
    other_count = (codes >= 0).sum() - number_count
    odd = ~numeric if other_count <= number_count else numeric
    row = int(np.flatnonzero(((codes >= 0) & odd[np.maximum(codes, 0)]).any(axis=1))[0])
    label = next(labels[code] for code in codes[row] if code >= 0 and odd[code])
    raise InputError(
        _(
            "animal {animal}, locus {locus}: {found} in a locus whose other alleles are {others}. "
            "Correct the cell, or name what means missing with the option missing"
        ).format(
            animal=printable(animals[row]),
            locus=printable(locus.name),
            found=repr(printable(label)),
            others=_("numbers") if other_count <= number_count else _("letters"),
        ),
        source=source,
    )


def _zero_is_allele(
    cells: Cells,
    loci: Sequence[LocusColumns],
    absent: Sequence[bool],
    zero: str,
    animals: Sequence[str],
    source: str | None,
) -> bool:
    """Decide what 0 means in loci of two copies that are written as numbers."""
    if zero not in ZERO_CHOICES:
        raise UsageError(
            _("option zero: {found}. Expected one of: {expected}").format(
                found=zero, expected=", ".join(ZERO_CHOICES)
            )
        )
    if zero != "auto":
        return zero == "allele"
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
                half_at = (int(np.flatnonzero(rows)[0]), locus.name)
    if not any_zero or greatest < 0:
        return False
    if half_at is None and greatest > 1:
        return False
    if half_at is not None and greatest == 1:
        return True
    if half_at is None and greatest == 0:
        return False
    where = (
        _("animal {animal}, locus {locus}: 0 stands beside another number").format(
            animal=printable(animals[half_at[0]]), locus=printable(half_at[1])
        )
        if half_at
        else _("all numbers are 0 and 1, and never stand together")
    )
    raise InputError(
        _(
            "{where}: it may be an allele or mean missing. Say which with the option zero "
            "(zero='missing' or zero='allele')"
        ).format(where=where),
        source=source,
    )
