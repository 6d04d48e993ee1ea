"""PLINK's binary files (.bed, .bim, .fam), read by bed-reader (extra ``plink``).

The .bed has two bits a genotype; the .bim beside it names the loci, the .fam the animals. The genotypes
are read some loci at a time, so that a file larger than the memory can be read.

PLINK's first allele (A1) is the one that is counted. A locus is called by its ID, else
``chromosome:position``.

References
----------
Chang C. C. et al. (2015). Second-generation PLINK: rising to the challenge of larger and richer
datasets. GigaScience 4, 7. doi:10.1186/s13742-015-0047-8
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import InputError, importing
from forensics.genetics.cells import matches
from forensics.genetics.counts import choose_places, describe_choice
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.genetics.sources import (
    MAX_CELLS,
    OptionError,
    Request,
    genotype_format,
    identity_of,
    open_source,
    refuse,
    unknown_locus,
)
from forensics.io.files import STDIN
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

    @property
    def alleles(self) -> tuple[str, ...]:
        """The other allele (A2), then the counted one (A1); without those that the file leaves open (0)."""
        return tuple(allele for allele in (self.other, self.counted) if allele != NO_ALLELE)


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
            raise refuse(
                source,
                _("{count} columns; six are expected: {columns}"),
                line,
                count=len(cells),
                columns=columns,
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
                raise refuse(
                    source,
                    _("{found} is not a position in base pairs"),
                    line,
                    found=repr(printable(position)),
                )
            counted, other = _label(counted), _label(other)
            if counted == other != NO_ALLELE:
                raise refuse(
                    source,
                    _("locus {name} has the same allele twice, {allele}"),
                    line,
                    name=name,
                    allele=printable(other),
                )
            if name in NO_NAME:
                name = f"{chromosome}:{position}"
            if name in first:
                name = f"{chromosome}:{position}:{other}/{counted}"
            if name in first:
                raise refuse(
                    source,
                    _("locus {name} is in the file twice (the first is line {line})"),
                    line,
                    name=name,
                    line=first[name],
                )
            first[name] = line
            loci.append(PlinkLocus(chromosome, name, counted, other))
        return loci, identity_of(source)


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
                raise refuse(
                    source,
                    _(
                        "animal {name} of the family {family} is in the file twice (the first is line "
                        "{line}); each animal has one row"
                    ),
                    line,
                    name=key[1],
                    family=printable(key[0]),
                    line=first[key],
                )
            first[key] = line
            rows.append(cells)
        identity = identity_of(source)
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
    columns_of_fam = ("family", "", "father", "mother", "sex", "phenotype")
    fields = {name: values for name, values in zip(columns_of_fam, zip(*rows)) if name}
    return tuple(names), fields, identity


_SIGNATURE = b"\x6c\x1b"
_LOCUS_BY_LOCUS, _ANIMAL_BY_ANIMAL = 1, 0
_HEADER_BYTES = 3
_GENOTYPES_A_BYTE = 4
# What bed-reader writes for a genotype that was not typed, and what is written here.
_LIBRARY_MISSING = -127
# Genotypes of one block; 64 MB of int8.
_BLOCK_GENOTYPES = 64_000_000
# Names of chromosomes that animals have one copy of, all or some.
_ONE_COPY = frozenset("mt m chrm chrmt mitochondrion x y z w chrx chry chrz chrw".split())


@dataclass(frozen=True, eq=False)
class PlinkSet:
    """Three files of PLINK, checked against each other; the genotypes are still in the file.

    Attributes
    ----------
    bed : pathlib.Path
    animals : tuple of str, length n
        Names within the family (IID); ``family:name`` where a name is in two families.
    loci : tuple of PlinkLocus, length L
        Those that were chosen, in the order of the file.
    fields : dict of str to tuple of str, length n
        Columns of the .fam: family, father, mother, sex, phenotype.
    companions : dict of str to dict
        Name and SHA-256 of the .bim and of the .fam.
    columns : numpy.ndarray of int64, shape (L,)
        Places of the loci in the file, which has `loci_in_file`.
    """

    bed: Path
    animals: tuple[str, ...]
    loci: tuple[PlinkLocus, ...]
    fields: dict[str, tuple[str, ...]]
    companions: dict[str, dict[str, str]]
    columns: np.ndarray
    loci_in_file: int

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
            self.bed, iid_count=len(self), sid_count=self.loci_in_file, num_threads=1,
        )  # fmt: skip

    def _read_block(self, reader: Any, block: slice) -> np.ndarray:
        columns = self.columns[block]
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
        # Copies of an allele that is left open would have no name.
        no_counted, no_other = (
            np.array([getattr(locus, name) == NO_ALLELE for locus in self.loci[block]], dtype=bool)
            for name in ("counted", "other")
        )
        stray = (doses >= 0) & ((no_counted & (doses > 0)) | (no_other & (doses < 2)))
        if stray.any():
            row, locus = np.argwhere(stray)[0]
            raise InputError(
                _(
                    "animal {animal}, locus {locus}: the genotype has an allele that the .bim leaves "
                    "open (0)"
                ).format(
                    animal=printable(self.animals[row]),
                    locus=printable(self.loci[block.start + int(locus)].name),
                ),
                source=str(self.bed),
            )
        return doses


@genotype_format("plink")
def read_plink(request: Request) -> Genotypes:
    """Read a PLINK file as a whole.

    Of its options ``loci`` are names or patterns of the loci that are read; ``haploid`` those of one copy,
    which PLINK writes as homozygotes (a heterozygote counts as not typed); with ``population`` "family" the
    families are the populations. What was beside the .bed stands in `Genotypes.read_with`.

    Raises
    ------
    InputError
        If a file is missing or damaged, or there are too many genotypes.
    OptionError
        If an option does not fit.
    """
    source, path, options = request.source, request.path, request.options
    if not isinstance(path, (str, os.PathLike)) or os.fspath(path) == STDIN:
        raise refuse(
            source,
            _("PLINK has three files; give the path of the .bed, with .bim and .fam beside it"),
        )
    if options.population not in (None, "family"):
        raise OptionError(
            "population",
            _(
                "option {option}: {name} is not a column of a .fam that names populations; 'family' is. "
                "Or give a second table with the option places"
            ),
            source.label,
            name=printable(options.population),
        )
    plink_set = _open_set(request, Path(path))
    notes: tuple[str, ...] = ()
    if request.markers is not None:
        plink_set, notes = choose_plink_markers(plink_set, request.markers)
    if len(plink_set) * len(plink_set.loci) > MAX_CELLS:
        raise refuse(
            source,
            _(
                "more than {most} genotypes ({animals} animals x {loci} loci); choose loci with "
                "the option loci, or their number with the option markers"
            ),
            most=MAX_CELLS,
            animals=len(plink_set),
            loci=len(plink_set.loci),
        )
    codes = np.empty((len(plink_set), len(plink_set.loci), 2), dtype=np.int16)
    for block, doses in plink_set.blocks():
        # The counted allele is the last one that is named.
        last = np.array([len(locus.alleles) - 1 for locus in plink_set.loci[block]], dtype=np.int16)
        untyped = doses < 0
        codes[:, block, 0] = np.where(untyped, MISSING, np.where(doses == 2, last, 0))
        codes[:, block, 1] = np.where(untyped, MISSING, np.where(doses >= 1, last, 0))
    notes += _apply_haploid(codes, plink_set, options.haploid, source)
    return Genotypes(
        plink_set.animals, tuple(locus.name for locus in plink_set.loci),
        tuple(locus.alleles for locus in plink_set.loci), codes, notes=notes, fields=plink_set.fields,
        populations=plink_set.families if options.population == "family" else None,
        read_with=plink_set.companions,
    )  # fmt: skip


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
        columns=plink_set.columns[places],
    )
    return chosen, (describe_choice(len(places), len(scores)),)


def _named(
    loci: Sequence[PlinkLocus], patterns: Sequence[str], option: str, source: Source
) -> np.ndarray:
    """Return which loci the patterns of an option name, each of which must name one; bool, shape (L,)."""
    names = [locus.name for locus in loci]
    chosen = np.zeros(len(names), dtype=bool)
    for pattern in patterns:
        here = np.array([matches(name, (pattern,)) for name in names], dtype=bool)
        if not here.any():
            raise unknown_locus(option, pattern, names, source)
        chosen |= here
    return chosen


def _apply_haploid(
    codes: np.ndarray, plink_set: PlinkSet, haploid: Sequence[str], source: Source
) -> tuple[str, ...]:
    """Give loci of one copy one code, in place; return notes."""
    single = _named(plink_set.loci, haploid, "haploid", source)
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
            locus.chromosome
            for locus, is_single in zip(plink_set.loci, single)
            if not is_single and locus.chromosome.casefold() in _ONE_COPY
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


def _open_set(request: Request, bed: Path) -> PlinkSet:
    source, loci = request.source, request.options.loci
    _check_header(source)
    animals, fields, fam_identity = read_fam(_companion(bed, ".fam", request.fam))
    table, bim_identity = read_bim(_companion(bed, ".bim", request.bim))
    _check_size(source, bed, len(animals), len(table))
    columns = np.arange(len(table))
    if loci:
        columns = np.flatnonzero(_named(table, loci, "loci", source))
    return PlinkSet(
        bed=bed,
        animals=animals,
        loci=tuple(table[place] for place in columns),
        fields=fields,
        companions={"bim": bim_identity, "fam": fam_identity},
        columns=columns,
        loci_in_file=len(table),
    )


def _check_header(source: Source) -> None:
    start = source.start
    if start.startswith(_SIGNATURE) and len(start) < _HEADER_BYTES:
        raise refuse(source, _("this PLINK .bed is cut off"))
    if not start.startswith(_SIGNATURE) or start[2] not in (_LOCUS_BY_LOCUS, _ANIMAL_BY_ANIMAL):
        raise refuse(
            source,
            _(
                "this is not a PLINK .bed of version 1 (its first bytes are {found}, expected 6c "
                "1b 01). Write it again: plink --make-bed"
            ),
            found=start[:_HEADER_BYTES].hex(" "),
        )
    if start[2] == _ANIMAL_BY_ANIMAL:
        raise refuse(
            source,
            _(
                "this PLINK .bed is sorted by animal, an old form; write it by locus: plink --bfile "
                "NAME --make-bed"
            ),
        )


def _check_size(source: Source, bed: Path, animals: int, loci: int) -> None:
    """Check that the .bed has the genotypes of these animals and loci.

    Raises
    ------
    InputError
        If it is packed, cut off, or of another set.
    """
    if source.is_packed:
        raise refuse(source, _("this PLINK .bed is packed; unpack it with gunzip"))
    size = bed.stat().st_size
    expected = _HEADER_BYTES + -(-animals // _GENOTYPES_A_BYTE) * loci
    if size != expected:
        raise refuse(
            source,
            _(
                "the .bed has {found} bytes, and {animals} animals (.fam) x {loci} loci (.bim) have "
                "{expected}; it is cut off, or the three files do not belong together"
            ),
            found=size,
            animals=animals,
            loci=loci,
            expected=expected,
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
