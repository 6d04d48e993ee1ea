"""PLINK's binary files (.bed, .bim, .fam), read by bed-reader (extra ``plink``).

The .bed has two bits a genotype; the .bim beside it names the loci, the .fam the animals. The genotypes
are read some loci at a time, so that a file larger than the memory can be read.

PLINK's first allele (A1) is the one that is counted. A locus is called by its ID, else
``chromosome:position``.

References
----------
Chang C. C. et al. (2015). Second-generation PLINK: rising to the challenge of larger and richer
datasets. GigaScience 4, 7. doi:10.1186/s13742-015-0047-8

The tables beside a PLINK .bed: the .bim names its loci, the .fam its animals.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from forensics.errors import InputError, importing
from forensics.genetics.cells import matches
from forensics.genetics.counts import choose_places, describe_choice
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.genetics.sources import MAX_CELLS, OptionError, open_source, unknown_locus
from forensics.io.inputs import STDIN
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.messages import _, ngettext

# An allele that the file leaves open, and cells that name no locus or family.
NO_ALLELE = "0"
NO_NAME = frozenset([".", "0", ""])


@dataclass(frozen=True, slots=True)
class PlinkLocus:
    """A line of a .bim."""

    chromosome: str
    name: str
    counted: str
    other: str


def _rows(source: Source, columns: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not blank, and its six cells.

    Raises
    ------
    InputError
        At a line with another number of cells.
    """
    for line, text in enumerate(source.lines(), start=1):
        cells = text.split()
        if cells and len(cells) != 6:
            raise InputError(
                _("{count} columns; six are expected: {columns}").format(
                    count=len(cells), columns=columns
                ),
                source=source.label,
                line=line,
            )
        if cells:
            yield line, cells


def read_bim(path: object) -> tuple[list[PlinkLocus], dict[str, str]]:
    """Return the loci of a .bim, and the name and SHA-256 of the file."""
    loci: list[PlinkLocus] = []
    first: dict[str, int] = {}
    with open_source(path) as source:
        columns = _("chromosome, name, position in morgans, position, two alleles")
        for line, (chromosome, name, _morgans, position, counted, other) in _rows(source, columns):
            if not position.removeprefix("-").isdecimal():
                raise InputError(
                    _("{found} is not a position in base pairs").format(
                        found=repr(printable(position))
                    ),
                    source=source.label,
                    line=line,
                )
            counted, other = _label(counted), _label(other)
            if counted == other != NO_ALLELE:
                raise InputError(
                    _("locus {name} has the same allele twice, {allele}").format(
                        name=printable(name), allele=printable(other)
                    ),
                    source=source.label,
                    line=line,
                )
            if name in NO_NAME:
                name = f"{chromosome}:{position}"
            if name in first:
                name = f"{chromosome}:{position}:{other}/{counted}"
            if name in first:
                raise InputError(
                    _("locus {name} is in the file twice (the first is line {line})").format(
                        name=printable(name), line=first[name]
                    ),
                    source=source.label,
                    line=line,
                )
            first[name] = line
            loci.append(PlinkLocus(chromosome, name, counted, other))
        return loci, _identity(source)


def _label(allele: str) -> str:
    return allele.upper() if allele.isalpha() else allele


def read_fam(
    path: object,
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the animals of a .fam, what it says of them, and the name and SHA-256 of the file."""
    rows: list[list[str]] = []
    first: dict[tuple[str, str], int] = {}
    with open_source(path) as source:
        columns = _("family, name, father, mother, sex, phenotype")
        for line, cells in _rows(source, columns):
            key = (cells[0], cells[1])
            if key in first:
                raise InputError(
                    _(
                        "animal {name} of the family {family} is in the file twice (the first is line "
                        "{line}); each animal has one row"
                    ).format(name=printable(key[1]), family=printable(key[0]), line=first[key]),
                    source=source.label,
                    line=line,
                )
            first[key] = line
            rows.append(cells)
        identity = _identity(source)
    if not rows:
        raise InputError(_("the .fam names no animals"), source=identity["file"] or None)
    names = [row[1] for row in rows]
    if len(set(names)) < len(names):
        names = [f"{row[0]}:{row[1]}" for row in rows]
    if len(set(names)) < len(names):
        raise InputError(
            _("two animals have one name, family and name put together; rename one of them"),
            source=identity["file"] or None,
        )
    fields = {
        name: tuple(row[place] for row in rows)
        for place, name in (
            (0, "family"),
            (2, "father"),
            (3, "mother"),
            (4, "sex"),
            (5, "phenotype"),
        )
    }
    return tuple(names), fields, identity


def _identity(source: Source) -> dict[str, str]:
    """Return name and SHA-256 of a file, as `Genotypes.read_with` has them."""
    return {
        "file": PurePath(source.name).name if source.name else "",
        "sha256": source.sha256,
    }


_SIGNATURE = b"\x6c\x1b"
_LOCUS_BY_LOCUS, _ANIMAL_BY_ANIMAL = 1, 0
_HEADER_BYTES = 3
_GENOTYPES_A_BYTE = 4
# What bed-reader writes for a genotype that was not typed, and what is written here.
_LIBRARY_MISSING = -127
# Genotypes of one block; 64 MB of int8.
_BLOCK_GENOTYPES = 64_000_000
# Names of chromosomes that animals have one copy of, all or some.
_ONE_COPY = frozenset(
    [
        "mt",
        "m",
        "chrm",
        "chrmt",
        "mitochondrion",
        "x",
        "y",
        "z",
        "w",
        "chrx",
        "chry",
        "chrz",
        "chrw",
    ]
)


@dataclass(frozen=True, eq=False)
class PlinkSet:
    """Three files of PLINK, checked against each other; the genotypes are still in the file.

    Attributes
    ----------
    bed : pathlib.Path
    animals : tuple of str, length n
        Names within the family (IID); ``family:name`` where a name is in two families.
    loci : tuple of str, length L
        Those that were chosen, in the order of the file.
    alleles : tuple of tuples of str, length L
        The other allele (A2), then the counted one (A1); without those that the file leaves open
        (``0``).
    counted : numpy.ndarray of int8, shape (L,)
        Place of the counted allele in `alleles`; -1 where the file leaves it open.
    chromosomes : tuple of str, length L
    fields : dict of str to tuple of str, length n
        Columns of the .fam: family, father, mother, sex, phenotype.
    companions : dict of str to dict
        Name and SHA-256 of the .bim and of the .fam.
    sha256 : str
        Of the .bed.
    """

    bed: Path
    animals: tuple[str, ...]
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    counted: np.ndarray
    chromosomes: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    companions: dict[str, dict[str, str]]
    sha256: str
    _columns: np.ndarray
    _loci_in_file: int

    def __len__(self) -> int:
        return len(self.animals)

    @property
    def families(self) -> tuple[str, ...]:
        """Family of each animal; "" where the .fam names none (0)."""
        return tuple("" if name in NO_NAME else name for name in self.fields["family"])

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the genotypes of some loci at a time, as many as fit into 64 MB.

        Yields
        ------
        slice
            The places of these loci in `loci`.
        numpy.ndarray of int8, shape (n, block)
            Copies of the counted allele: 0, 1 or 2; -1 where not typed.

        Raises
        ------
        InputError
            If bed-reader is not installed, or the file has an allele that its .bim leaves open.
        """
        step = max(1, _BLOCK_GENOTYPES // max(1, len(self)))
        with self._open() as reader:
            for start in range(0, len(self.loci), step):
                block = slice(start, min(start + step, len(self.loci)))
                yield block, self._read_block(reader, block)

    def _open(self) -> Any:
        """Return the file as bed-reader opens it; a path, so that no name is taken for an address."""
        with importing("plink", source=str(self.bed)):
            from bed_reader import open_bed
        return open_bed(
            self.bed, iid_count=len(self), sid_count=self._loci_in_file, num_threads=1,
        )  # fmt: skip

    def _read_block(self, reader: Any, block: slice) -> np.ndarray:
        columns = self._columns[block]
        try:
            doses = reader.read(index=(None, columns), dtype="int8", order="F")
        except Exception as error:  # bed-reader raises what its parts raise
            raise InputError(
                _("this is not a PLINK .bed that can be read ({error})").format(
                    error=printable(str(error) or type(error).__name__)
                ),
                source=str(self.bed),
            ) from error
        doses[doses == _LIBRARY_MISSING] = MISSING
        number = np.array([len(names) for names in self.alleles[block]])
        counted = self.counted[block]
        # Of a locus with one named allele, copies of the other one would have no name.
        stray = (number == 1) & np.where(counted >= 0, doses < 2, doses > 0) & (doses >= 0)
        stray |= (number == 0) & (doses >= 0)
        if stray.any():
            row, locus = np.argwhere(stray)[0]
            raise InputError(
                _(
                    "animal {animal}, locus {locus}: the genotype has an allele that the .bim leaves "
                    "open (0)"
                ).format(
                    animal=printable(self.animals[row]),
                    locus=printable(self.loci[block.start + int(locus)]),
                ),
                source=str(self.bed),
            )
        return np.asarray(doses)


def read_plink(
    source: Source,
    path: object,
    *,
    bim: object = None,
    fam: object = None,
    loci: Sequence[str] | None = None,
    haploid: Sequence[str] = (),
    population: str | None = None,
    markers: int | None = None,
) -> tuple[Genotypes, dict[str, dict[str, str]]]:
    """Read a PLINK file as a whole.

    Parameters
    ----------
    source : Source
        The .bed.
    path : path
        Where it lies, with the others beside it.
    bim, fam : path, optional
        By default beside it, with the same name.
    loci : sequence of str, optional
        Names or patterns of the loci that are read; by default all.
    haploid : sequence of str
        Names or patterns of loci of one copy, which PLINK writes as homozygotes; a heterozygote
        counts as not typed.
    population : str, optional
        ``family``: the families are the populations.
    markers : int, optional
        So many loci are chosen, see `choose_plink_markers`.

    Returns
    -------
    genotypes : Genotypes
    companions : dict of str to dict
        Name and SHA-256 of the .bim and of the .fam.

    Raises
    ------
    InputError
        If a file is missing or damaged, or there are too many genotypes.
    OptionError
        If an option does not fit.
    """
    if not isinstance(path, (str, os.PathLike)) or os.fspath(path) == STDIN:
        raise InputError(
            _("PLINK has three files; give the path of the .bed, with .bim and .fam beside it"),
            source=source.label,
        )
    if population not in (None, "family"):
        raise OptionError(
            "population",
            _(
                "option {option}: {name} is not a column of a .fam that names populations; 'family' is. "
                "Or give a second table with the option places"
            ),
            source.label,
            name=printable(str(population)),
        )
    plink_set = _open_set(source, Path(path), bim, fam, loci)
    notes: tuple[str, ...] = ()
    if markers is not None:
        plink_set, notes = choose_plink_markers(plink_set, markers)
    if len(plink_set) * len(plink_set.loci) > MAX_CELLS:
        raise InputError(
            _(
                "more than {most} genotypes ({animals} animals x {loci} loci); choose loci with the "
                "option loci, or so many of them with the option markers"
            ).format(most=MAX_CELLS, animals=len(plink_set), loci=len(plink_set.loci)),
            source=source.label,
        )
    codes = np.empty((len(plink_set), len(plink_set.loci), 2), dtype=np.int16)
    for block, doses in plink_set.blocks():
        # The counted allele is the last one that is named.
        last = np.array([len(names) - 1 for names in plink_set.alleles[block]], dtype=np.int16)
        untyped = doses < 0
        codes[:, block, 0] = np.where(untyped, MISSING, np.where(doses == 2, last, 0))
        codes[:, block, 1] = np.where(untyped, MISSING, np.where(doses >= 1, last, 0))
    notes += _apply_haploid(codes, plink_set, haploid, source)
    genotypes = Genotypes(
        plink_set.animals, plink_set.loci, plink_set.alleles, codes, notes=notes, fields=plink_set.fields,
        populations=plink_set.families if population == "family" else None,
    )  # fmt: skip
    return genotypes, plink_set.companions


def choose_plink_markers(plink_set: PlinkSet, number: int) -> tuple[PlinkSet, tuple[str, ...]]:
    """Return the set with the loci that `forensics.genetics.counts` chooses, and a note.

    The file is read in blocks: memory does not grow with the number of loci.

    Parameters
    ----------
    number : int
        Loci that are wanted.
    """
    scores = np.zeros(len(plink_set.loci))
    if number < len(scores):
        for block, doses in plink_set.blocks():
            typed = doses >= 0
            count = np.maximum(typed.sum(axis=0), 1)
            share = np.where(typed, doses, 0).sum(axis=0, dtype=np.int64) / (2 * count)
            # As the typed share times the expected heterozygosity, 1 - p^2 - (1 - p)^2.
            scores[block] = typed.mean(axis=0) * 2 * share * (1 - share)
    places = choose_places(scores, number)
    if len(places) == len(scores):
        return plink_set, ()
    chosen = replace(
        plink_set,
        loci=tuple(plink_set.loci[place] for place in places),
        alleles=tuple(plink_set.alleles[place] for place in places),
        counted=plink_set.counted[places],
        chromosomes=tuple(plink_set.chromosomes[place] for place in places),
        _columns=plink_set._columns[places],
    )
    return chosen, (describe_choice(len(places), len(scores)),)


def _apply_haploid(
    codes: np.ndarray, plink_set: PlinkSet, haploid: Sequence[str], source: Source
) -> tuple[str, ...]:
    """Give loci of one copy one code, in place; return notes."""
    single = np.zeros(len(plink_set.loci), dtype=bool)
    for pattern in haploid:
        chosen = np.array([matches(name, (pattern,)) for name in plink_set.loci])
        if not chosen.any():
            raise unknown_locus("haploid", pattern, plink_set.loci, source)
        single |= chosen
    notes = []
    both = (codes[:, :, 0] != codes[:, :, 1]) & single
    if both.any():
        codes[both] = MISSING
        count = int(both.sum())
        notes.append(
            ngettext(
                "{count} heterozygote at a locus of one copy counts as not typed",
                "{count} heterozygotes at loci of one copy count as not typed",
                count,
            ).format(count=count)
        )
    codes[:, single, 1] = ABSENT
    doubtful = sorted(
        {
            name
            for name, is_single in zip(plink_set.chromosomes, single)
            if not is_single and name.casefold() in _ONE_COPY
        }
    )
    if doubtful:
        notes.append(
            _(
                "loci of the chromosomes {names} are read with two copies, as PLINK writes them; leave "
                "them out with the option loci, or name those of one copy with the option haploid"
            ).format(names=", ".join(map(printable, doubtful)))
        )
    return tuple(notes)


def _open_set(
    source: Source, bed: Path, bim: object, fam: object, loci: Sequence[str] | None
) -> PlinkSet:
    _check_header(source)
    animals, fields, fam_identity = read_fam(_companion(bed, ".fam", fam))
    table, bim_identity = read_bim(_companion(bed, ".bim", bim))
    _check_size(source, bed, len(animals), len(table))
    columns = np.arange(len(table))
    if loci is not None:
        for pattern in loci:
            if not any(matches(locus.name, (pattern,)) for locus in table):
                raise unknown_locus("loci", pattern, [locus.name for locus in table], source)
        columns = np.array(
            [place for place, locus in enumerate(table) if matches(locus.name, loci)]
        )
    chosen = [table[place] for place in columns]
    return PlinkSet(
        bed=bed,
        animals=animals,
        loci=tuple(locus.name for locus in chosen),
        alleles=tuple(
            tuple(allele for allele in (locus.other, locus.counted) if allele != NO_ALLELE)
            for locus in chosen
        ),
        counted=np.array(
            [
                -1 if locus.counted == NO_ALLELE else int(locus.other != NO_ALLELE)
                for locus in chosen
            ],
            dtype=np.int8,
        ),
        chromosomes=tuple(locus.chromosome for locus in chosen),
        fields=fields,
        companions={"bim": bim_identity, "fam": fam_identity},
        sha256=source.sha256,
        _columns=columns,
        _loci_in_file=len(table),
    )


def _check_header(source: Source) -> None:
    start = source.start
    if start.startswith(_SIGNATURE) and len(start) < _HEADER_BYTES:
        raise InputError(_("this PLINK .bed is cut off"), source=source.label)
    if not start.startswith(_SIGNATURE) or start[2] not in (_LOCUS_BY_LOCUS, _ANIMAL_BY_ANIMAL):
        raise InputError(
            _(
                "this is not a PLINK .bed of version 1 (its first bytes are {found}, expected 6c "
                "1b 01). Write it again: plink --make-bed"
            ).format(found=start[:_HEADER_BYTES].hex(" ")),
            source=source.label,
        )
    if start[2] == _ANIMAL_BY_ANIMAL:
        raise InputError(
            _(
                "this PLINK .bed is sorted by animal, an old form; write it by locus: plink --bfile "
                "NAME --make-bed"
            ),
            source=source.label,
        )


def _check_size(source: Source, bed: Path, animals: int, loci: int) -> None:
    """Check that the .bed has the genotypes of these animals and loci.

    Raises
    ------
    InputError
        If it is packed, cut off, or of another set.
    """
    if source.is_packed:
        raise InputError(_("this PLINK .bed is packed; unpack it with gunzip"), source=source.label)
    size = bed.stat().st_size
    expected = _HEADER_BYTES + -(-animals // _GENOTYPES_A_BYTE) * loci
    if size != expected:
        raise InputError(
            _(
                "the .bed has {found} bytes, and {animals} animals (.fam) x {loci} loci (.bim) have "
                "{expected}; it is cut off, or the three files do not belong together"
            ).format(found=size, animals=animals, loci=loci, expected=expected),
            source=source.label,
        )


def _companion(bed: Path, suffix: str, given: object) -> object:
    """Return the path of the .bim or .fam.

    Raises
    ------
    InputError
        If it was not given and is not beside the .bed.
    """
    if given is not None:
        return given
    path = bed.with_suffix(suffix)
    if not path.is_file():
        raise InputError(
            _("its {suffix} is missing: PLINK has three files, and {path} is not there").format(
                suffix=suffix, path=printable(str(path), most=4096)
            ),
            source=str(bed),
        )
    return path
