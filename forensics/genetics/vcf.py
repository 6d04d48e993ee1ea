"""VCF, read by vcfpy (extra ``vcf``): sites as loci, bases as alleles.

vcfpy reads the header and the site; of each animal only GT (and FT) is looked at. Phase is ignored:
``0|1`` and ``1/0`` are the same genotype. ``./0`` has one copy that was not typed. A site without
ALT stays, with one allele. A locus is called by its ID, else CHROM:POS.

References
----------
Danecek P. et al. (2011). The variant call format and VCFtools. Bioinformatics 27, 2156-2158.
doi:10.1093/bioinformatics/btr330
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from forensics.errors import InputError, importing
from forensics.genetics.cells import same_ploidy
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.genetics.sources import MAX_CELLS
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from io import TextIOWrapper

    import vcfpy

_PASSED = frozenset(["PASS", "."])


class _Lines:
    """Lines as vcfpy reads them from a file."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def readline(self) -> str:
        # A blank line is not the end of the file, which is how vcfpy would take it.
        for line in self._lines:
            if line.strip():
                return line.rstrip("\r\n") + "\n"
        return ""

    def close(self) -> None:
        """Nothing to close: the source closes itself."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site of a VCF file.

    Attributes
    ----------
    name : str
        As a locus.
    alleles : tuple of str
        REF, then each ALT.
    tags : list of str
        Of FORMAT.
    calls : list of str
        Of each animal, as it stands.
    """

    line: int
    name: str
    alleles: tuple[str, ...]
    tags: list[str]
    calls: list[str]


class SiteReader:
    """The sites of a VCF file, one after the other.

    Parameters
    ----------
    filtered : bool
        Whether sites whose FILTER is neither PASS nor ``.`` are read, too.

    Attributes
    ----------
    animals : tuple of str
    left_out : int
        Sites that failed their filters, so far.

    Raises
    ------
    InputError
        If vcfpy is not installed, or with the line.
    """

    def __init__(self, source: Source, *, filtered: bool = False) -> None:
        with importing("vcf", source=source.label):
            import vcfpy
        self._source, self._filtered, self._line = source, filtered, 0
        self.left_out = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # undeclared tags, which are not read here
            try:
                lines = cast("TextIOWrapper", _Lines(self._counted()))
                self._reader = vcfpy.Reader.from_stream(lines)
                self.animals = tuple(self._reader.header.samples.names)
                # A name that no animal has: calls come as text, of which only some fields are read.
                self._reader.header.samples.parsed_samples = {"\0"}
            except Exception as error:  # vcfpy raises what its parts raise
                raise _damaged(error, source, self._line) from error
        _check_animals(self.animals, source)

    def _counted(self) -> Iterator[str]:
        for text in self._source.lines():
            self._line += 1
            yield text

    def __iter__(self) -> Iterator[Site]:
        seen: dict[str, int] = {}
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    record = next(self._reader, None)
                    if record is None:
                        return
                    known = (record.REF.upper(), *(_alt(alt) for alt in record.ALT))
                    calls = [call.unparsed_data for call in record.calls]
                    tags = list(record.FORMAT or ())
                    passed = set(record.FILTER or ()) <= _PASSED
                    name = record.ID[0] if record.ID else f"{record.CHROM}:{record.POS}"
                except InputError:
                    raise
                except Exception as error:
                    raise _damaged(error, self._source, self._line) from error
            if not passed and not self._filtered:
                self.left_out += 1
                continue
            if name in seen:
                name = f"{record.CHROM}:{record.POS}:{'/'.join(known)}"
            if name in seen:
                raise InputError(
                    _("site {name} is in the file twice (the first is line {line})").format(
                        name=printable(name), line=seen[name]
                    ),
                    source=self._source.label,
                    line=self._line,
                )
            seen[name] = self._line
            yield Site(self._line, name, known, tags, calls)

    def describe_left_out(self) -> tuple[str, ...]:
        """Return a note of the sites that failed their filters."""
        if not self.left_out:
            return ()
        return (
            ngettext(
                "{count} site that failed its filters was left out",
                "{count} sites that failed their filters were left out",
                self.left_out,
            ).format(count=self.left_out),
        )

    def refuse_empty(self) -> InputError:
        """Return the error of a file of which no site is left."""
        return InputError(
            ngettext(
                "no site is left: {count} site failed its filters. Read it, too, with the option "
                "filtered",
                "no site is left: {count} sites failed their filters. Read them, too, with the "
                "option filtered",
                self.left_out,
            ).format(count=self.left_out)
            if self.left_out
            else _("the file has a header and no site"),
            source=self._source.label,
        )


def read_vcf(source: Source, *, filtered: bool = False) -> Genotypes:
    """Read a VCF file, packed or not.

    Parameters
    ----------
    filtered : bool
        Whether sites whose FILTER is neither PASS nor ``.`` are read, too.

    Raises
    ------
    InputError
        If vcfpy is not installed, or with the line, or the animal and the locus.
    """
    sites = SiteReader(source, filtered=filtered)
    animals = sites.animals
    loci: list[str] = []
    alleles: list[tuple[str, ...]] = []
    columns: list[np.ndarray] = []
    for site in sites:
        if (len(loci) + 1) * len(animals) > MAX_CELLS:
            raise InputError(
                _("more than {most} genotypes; divide the file by sites").format(most=MAX_CELLS),
                source=source.label,
            )
        columns.append(_codes(site, animals, source))
        loci.append(site.name)
        alleles.append(site.alleles)
    if not loci:
        raise sites.refuse_empty()
    codes = np.stack(columns, axis=1)
    return Genotypes(animals, tuple(loci), tuple(alleles), codes, notes=sites.describe_left_out())


def _damaged(error: Exception, source: Source, line: int) -> InputError:
    return InputError(
        _("this line does not follow the VCF format ({error})").format(
            error=printable(str(error) or type(error).__name__)
        ),
        source=source.label,
        line=line or None,
    )


def _check_animals(animals: Sequence[str], source: Source) -> None:
    if not animals:
        raise InputError(
            _("the line #CHROM names no animals; a VCF with genotypes is needed"),
            source=source.label,
        )
    seen = set()
    for name in animals:
        if name in seen:
            raise InputError(
                _("animal {name} is in the line #CHROM twice; each animal has one column").format(
                    name=printable(name)
                ),
                source=source.label,
            )
        seen.add(name)


def _alt(alt: "vcfpy.AltRecord") -> str:
    text = str(alt.serialize())
    return text.upper() if text.isalpha() else text


def _codes(site: Site, animals: Sequence[str], source: Source) -> np.ndarray:
    """Return the codes of one site; int16, shape (n, 2)."""
    tags, known, locus, line = site.tags, len(site.alleles), site.name, site.line
    if "GT" not in tags:
        raise InputError(
            _(
                "site {locus} has no genotypes (GT) in its FORMAT ({tags}); called genotypes are expected, "
                "and likelihoods (GL, PL) are not read"
            ).format(locus=printable(locus), tags=printable(":".join(tags))),
            source=source.label,
            line=line,
        )
    place, filter_place = tags.index("GT"), tags.index("FT") if "FT" in tags else None
    read: dict[str, tuple[int, int]] = {}
    codes = np.empty((len(animals), 2), dtype=np.int16)
    for row, call in enumerate(site.calls):
        pair = read.get(call)
        if pair is None:
            parts = str(call).split(":")
            text = parts[place] if place < len(parts) else "."
            if filter_place is not None and filter_place < len(parts):
                if parts[filter_place] not in ("PASS", ".", ""):
                    text = "."
            pair = _pair(text, known)
            if pair is None:
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: {found} is not a genotype of one or two of "
                        "the {count} alleles of this site"
                    ).format(
                        animal=printable(animals[row]),
                        locus=printable(locus),
                        found=repr(printable(text)),
                        count=known,
                    ),
                    source=source.label,
                    line=line,
                )
            if len(read) < 10_000:
                read[call] = pair
        codes[row] = pair
    same_ploidy(codes, animals, printable(locus), source.label)
    return codes


def _pair(text: str, known: int) -> tuple[int, int] | None:
    """Return the two codes of a GT in ascending order, or None where it is none."""
    codes = []
    for part in text.replace("|", "/").split("/"):
        if part in (".", ""):
            codes.append(MISSING)
        elif part.isascii() and part.isdigit() and len(part) < 6 and int(part) < known:
            codes.append(int(part))
        else:
            return None
    if len(codes) == 1:
        return (codes[0], ABSENT) if codes[0] >= 0 else (MISSING, MISSING)
    if len(codes) != 2:
        return None
    first, second = sorted(codes)
    return (second, first) if first == MISSING else (first, second)
