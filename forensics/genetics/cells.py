"""What one cell of a genotype table says: alleles, nothing, or something else.

Numbers lose what only a program added: ``138.0`` and ``0138`` are the allele ``138``. Bases are
written in capitals. ``102.3`` is a microvariant and stays; ``138.27`` is a raw length, which must
be binned by the laboratory before it is compared with anything.

Names of columns are known in the languages of the laboratories that write them. Cells of a large table
are kept as numbers, each distinct text once: 100,000 loci of 1,000 animals are 10^8 cells, but hardly more
than a few thousand different texts.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from forensics.genetics.genotypes import ABSENT, MISSING, allele_order
from forensics.genetics.sources import MAX_CELLS, refuse
from forensics.io.numbers import decimal_text, printable
from forensics.io.tables import Source
from forensics.messages import N_, _

# English, French, Spanish, Portuguese; written as `plain_name` gives them.
ROLES = {
    "animal": (
        "animal animalid animalname id ids ind indiv individual individuals individualid indid "
        "indname sample sampleid samplename specimen specimenid iid animale individu echantillon "
        "idechantillon specimene nomanimal individuo individuos muestra idmuestra ejemplar amostra "
        "idamostra especime exemplar"
    ).split(),
    "population": (
        "pop pops population populations popid popname populationid collection poblacion "
        "populacao colecao coleccion breed race raza raca"
    ).split(),
    "unit": (
        "repunit reportingunit reportinggroup unit unite uniterapport unidad unidade "
        "unidadreporte unidaderelato"
    ).split(),
    "site": (
        "site siteid sitename locality localities samplingsite samplinglocation localite lieu "
        "lieuechantillonnage localidad lugar sitio localidade local"
    ).split(),
    "latitude": "lat latitude decimallatitude latdd latitud latitudes ylat".split(),
    "longitude": "lon long lng longitude decimallongitude londd longdd longitud xlong".split(),
}
_ROLE_OF = {name: role for role, names in ROLES.items() for name in names}

# Columns of small whole numbers that a table of genotypes often has and that are no loci.
NEVER_LOCI = frozenset(
    "x y z utmx utmy easting northing este norte year annee ano anio month mois mes day age sex "
    "sexe sexo mass weight poids peso length longueur longitudtotal date fid pat mat phenotype "
    "sampletype popflag locdata elevation altitude count plate well".split()
)

_FIRST_SECOND = (
    ("1", "2"),
    ("a", "b"),
    ("A", "B"),
)
_SECOND = re.compile(r"(?:[._\- ](?:1|2|b|B)|\s?\((?:1|2)\))")


def plain_name(name: str) -> str:
    """Return a name without case, accents and signs.

    Examples
    --------
    >>> plain_name("Échantillon n°"), plain_name("Sample_ID")
    ('echantillonn', 'sampleid')
    """
    bare = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in bare if sign.isalnum() and sign.isascii())


def role_of(name: str) -> str | None:
    """Return what a column is by its name: a key of `ROLES`, or None."""
    return _ROLE_OF.get(plain_name(name))


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of `patterns`, which may hold ``*`` and ``?``."""
    return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def pair_of(first: str, second: str) -> tuple[str, bool] | None:
    """Return the locus that two neighbouring columns name, and whether that is certain.

    Certain are ``L, L``, ``L, L.1`` and ``L,`` with an empty name after it (merged cells);
    ``L_1, L_2`` and ``L.a, L.b`` may be two loci.

    Examples
    --------
    >>> pair_of("Fca8", "Fca8.1"), pair_of("Fca8_1", "Fca8_2"), pair_of("Fca8", "Fca9")
    (('Fca8', True), ('Fca8', False), None)
    """
    if not first:
        return None
    if second in ("", first):
        return first, True
    if second.startswith(first) and _SECOND.fullmatch(second[len(first) :]):
        return first, True
    for first_ending, second_ending in _FIRST_SECOND:
        if (
            first.endswith(first_ending)
            and second.endswith(second_ending)
            and first[:-1] == second[:-1]
        ):
            stem = first[:-1]
            bare = stem.rstrip("._- ")
            if bare and bare != stem:
                return bare, False
    return None


def counted_allele(name: str) -> tuple[str, tuple[str, str]] | None:
    """Return the labels that the name of a dosage column tells: (not counted, counted).

    ``100049687-12-C/T`` (dartR, adegenet: the second is counted) gives C, T; PLINK's ``rs7_T``
    counts T and does not tell the other one, which is then called ``not T``.

    Examples
    --------
    >>> counted_allele("100049687-12-C/T"), counted_allele("rs7_T")
    (('100049687-12-C/T', ('C', 'T')), ('rs7_T', ('not T', 'T')))
    """
    for mark in "/>":
        head, sign, second = name.rpartition(mark)
        if sign and second in ("A", "C", "G", "T"):
            first = head[-1:]
            if first in ("A", "C", "G", "T") and (len(head) == 1 or not head[-2].isalnum()):
                return name, (first, second)
    head, sign, counted = name.rpartition("_")
    if sign and head and counted in ("A", "C", "G", "T"):
        return name, (f"not {counted}", counted)
    return None


# The longest size standard sold for capillary sequencers ends at 1,200 nucleotides (GeneScan 1200
# LIZ): no fragment beyond it can have been measured.
MAX_FRAGMENT = 1200

# Compared without case and blanks. -999 is SCAT's, -9 STRUCTURE's and PLINK's, 0 GENEPOP's (that
# one is not here: it depends on the locus).
MISSING_CELLS = frozenset(
    ["", "na", "n/a", "nan", "none", "null", "nd", ".", "?", "??", "-", "--", "-9", "-99", "-999"]
    + ["nn", "n", "./.", ".|.", "-9.0", "-999.0"]
)

SEPARATORS = "/:|-,"
ZEROS = frozenset(["0", "00", "000", "0000", "000000", "0.0"])

_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?")
_BASES = frozenset("ACGT")
_SHEET_ERRORS = frozenset(
    ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!"]
)
_DATE = re.compile(
    r"\d{1,2}[-/ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[-/ ]\d+)?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]\d+"
    r"|\d{4}-\d\d-\d\d(?:[ T]00:00:00)?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 13)
def is_missing(text: str) -> bool:
    """Whether a cell or a half of it is one of `MISSING_CELLS`."""
    return text.strip().casefold() in MISSING_CELLS


@lru_cache(maxsize=1 << 13)
def number_of(text: str) -> str | None:
    """Return a number as its allele label, or None where it is not a number.

    Examples
    --------
    >>> number_of("138.0"), number_of("098"), number_of("9,3"), number_of("A")
    ('138', '98', '9.3', None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    whole, _point, rest = decimal_text(text).partition(".")
    if "," in whole:  # "138,140" is not a microvariant: two alleles, or thousands
        return None
    rest = rest.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{rest}" if rest else whole


@lru_cache(maxsize=1 << 13)
def allele(text: str) -> str | None:
    """Return the label of a number or a base, or None where it is neither."""
    number = number_of(text)
    if number is not None:
        return number
    base = text.strip().upper()
    return base if base in _BASES else None


@lru_cache(maxsize=1 << 13)
def parted(text: str, mark: str) -> tuple[str, str] | None:
    """Return the two halves of a cell around `mark`, or None where there are not two.

    Examples
    --------
    >>> parted("138/140", "/"), parted("138/140/142", "/")
    (('138', '140'), None)
    """
    if text.count(mark) != 1:
        return None
    first, _mark, second = text.partition(mark)
    first, second = first.strip(), second.strip()
    # "-5" is a number with a sign, "138/" a genotype of which one copy was not written.
    return (first, second) if (first and second) or (mark != "-" and (first or second)) else None


@lru_cache(maxsize=1 << 13)
def glued(text: str) -> tuple[str, str] | None:
    """Return the halves of ``138140`` or ``AG``, or None where a cell is neither."""
    text = text.strip()
    if len(text) == 6 and text.isascii() and text.isdigit():
        return text[:3], text[3:]
    if len(text) == 2 and set(text.upper()) <= _BASES:
        return text[0], text[1]
    return None


def broken(text: str) -> str | None:
    """Return what a spreadsheet did to a cell, in words, or None where it looks whole."""
    text = text.strip()
    if text.upper() in _SHEET_ERRORS:
        return N_("a formula of the spreadsheet failed there; mend it, or leave the cell empty")
    if _DATE.fullmatch(text):
        return N_(
            "the spreadsheet program has turned it into a date; format the column as text and "
            "type the genotype again"
        )
    return None


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
            raise refuse(
                self.source,
                _(
                    "more than {most} cells ({columns} columns). Divide the table by loci and "
                    "read the parts"
                ),
                most=MAX_CELLS,
                columns=self.width,
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


def same_ploidy(
    codes: np.ndarray, animals: Sequence[str], locus: str, source: Source | str | None
) -> None:
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
        raise refuse(
            source,
            _(
                "animal {animal}, locus {locus}: {found} where the other animals have {expected}. "
                "A locus has one or two copies in all animals; write a homozygote as two equal "
                "alleles, and what was not typed as ? (in a table, the option lone says what one "
                "allele alone means)"
            ),
            animal=animals[row],
            locus=locus,
            found=_("one allele") if odd is is_haploid else _("two alleles"),
            expected=_("two") if odd is is_haploid else _("one"),
        )
    codes[blank, 1] = ABSENT if is_haploid.any() else MISSING


CODES_END = 10  # numbers below are codes of SNP alleles, not lengths


def zero_is_allele(
    most: float,
    half_at: tuple[str, str] | None,
    source: Source | str | None,
    *,
    is_code_beside: bool = False,
) -> bool:
    """Return whether 0 is an allele, in loci of two copies that are written as numbers and have zeros.

    It means "not typed" where any number is 10 or more, or where it stands in both copies alone and numbers
    above 1 occur; it is an allele where all numbers are 0 and 1 and both stand together in a genotype.

    Parameters
    ----------
    most : float
        The greatest number; below 0 where there is none.
    half_at : tuple of str, optional
        An animal and a locus where 0 stands beside another number.
    is_code_beside : bool
        Whether -9 and the like stand for what was not typed: then 0 is something else.

    Raises
    ------
    InputError
        Where neither is certain.
    """
    if most >= CODES_END or most < 0:
        return False
    if is_code_beside or (half_at is not None and most == 1):
        return True
    if half_at is None and most != 1:
        return False
    where = (
        _("animal {animal}, locus {locus}: 0 is paired with another number").format(
            animal=printable(half_at[0]), locus=printable(half_at[1])
        )
        if half_at
        else _("all numbers are 0 and 1, and never occur together")
    )
    raise refuse(
        source,
        _(
            "{where}: it may be an allele or mean missing. Say which with the option zero "
            "(zero='missing' or zero='allele')"
        ),
        where=where,
    )
