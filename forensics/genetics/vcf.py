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
from typing import TYPE_CHECKING, cast

import numpy as np

from forensics.errors import InputError
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.genetics.sources import Source, printable
from forensics.genetics.store import MAX_CELLS, same_ploidy
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from io import TextIOWrapper

    import vcfpy

__all__ = ["read_vcf"]

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


def read_vcf(source: Source, *, filtered: bool = False) -> Genotypes:
    """Read a VCF file, packed or not.

    Parameters
    ----------
    source : Source
    filtered : bool
        Whether sites whose FILTER is neither PASS nor ``.`` are read, too.

    Raises
    ------
    InputError
        If vcfpy is not installed, or with the line, or the animal and the locus.
    """
    try:
        import vcfpy
    except ImportError as error:
        raise InputError(
            _("this is VCF, and vcfpy is not installed. pip install 'wildlife-forensics[vcf]'"),
            source=source.label,
        ) from error
    line = 0

    def counted() -> Iterator[str]:
        nonlocal line
        for text in source.lines():
            line += 1
            yield text

    loci: list[str] = []
    alleles: list[tuple[str, ...]] = []
    columns: list[np.ndarray] = []
    seen: dict[str, int] = {}
    left_out = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # undeclared tags, which are not read here
        try:
            reader = vcfpy.Reader.from_stream(cast("TextIOWrapper", _Lines(counted())))
            animals = tuple(reader.header.samples.names)
            # A name that no animal has: calls come as text, of which only GT and FT are read.
            reader.header.samples.parsed_samples = {"\0"}
        except Exception as error:  # vcfpy raises what its parts raise
            raise _damaged(error, source, line) from error
        _check_animals(animals, source)
        while True:
            try:
                record = next(reader, None)
                if record is None:
                    break
                known = [record.REF.upper(), *(_alt(alt) for alt in record.ALT)]
                calls = [call.unparsed_data for call in record.calls]
                tags = list(record.FORMAT or ())
                passed = set(record.FILTER or ()) <= _PASSED
                name = record.ID[0] if record.ID else f"{record.CHROM}:{record.POS}"
            except InputError:
                raise
            except Exception as error:
                raise _damaged(error, source, line) from error
            if not passed and not filtered:
                left_out += 1
                continue
            if name in seen:
                name = f"{record.CHROM}:{record.POS}:{'/'.join(known)}"
            if name in seen:
                raise InputError(
                    _("site {name} is in the file twice (the first is line {line})").format(
                        name=printable(name), line=seen[name]
                    ),
                    source=source.label,
                    line=line,
                )
            if (len(loci) + 1) * len(animals) > MAX_CELLS:
                raise InputError(
                    _("more than {most} genotypes; divide the file by sites").format(
                        most=MAX_CELLS
                    ),
                    source=source.label,
                )
            seen[name] = line
            columns.append(_codes(calls, tags, len(known), animals, name, source, line))
            loci.append(name)
            alleles.append(tuple(known))
    if not loci:
        raise InputError(
            ngettext(
                "no site is left: {count} site failed its filters. Read it, too, with the option "
                "filtered",
                "no site is left: {count} sites failed their filters. Read them, too, with the "
                "option filtered",
                left_out,
            ).format(count=left_out)
            if left_out
            else _("the file has a header and no site"),
            source=source.label,
        )
    codes = np.stack(columns, axis=1)
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (
            ngettext(
                "{count} site that failed its filters was left out",
                "{count} sites that failed their filters were left out",
                left_out,
            ).format(count=left_out),
        )
    return Genotypes(animals, tuple(loci), tuple(alleles), codes, notes=notes)


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


def _codes(
    calls: Sequence[str],
    tags: Sequence[str],
    known: int,
    animals: Sequence[str],
    locus: str,
    source: Source,
    line: int,
) -> np.ndarray:
    """Return the codes of one site; int16, shape (n, 2)."""
    if "GT" not in tags:
        raise InputError(
            _("site {locus} has no genotypes (GT) in its FORMAT").format(locus=printable(locus)),
            source=source.label,
            line=line,
        )
    place, filter_place = tags.index("GT"), tags.index("FT") if "FT" in tags else None
    read: dict[str, tuple[int, int]] = {}
    codes = np.empty((len(animals), 2), dtype=np.int16)
    for row, call in enumerate(calls):
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
                        "animal {animal}, locus {locus}: {found} is no genotype of one or two of "
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
