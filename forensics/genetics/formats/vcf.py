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
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import numpy as np

from forensics.errors import InputError, importing
from forensics.genetics.cells import same_ploidy
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.genetics.sources import (
    MAX_CELLS,
    Request,
    genotype_format,
    refuse,
    refuse_repeated,
)
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from io import TextIOWrapper

    import vcfpy

_PASSED = frozenset(["PASS", "."])


class _Lines:
    """Lines as vcfpy reads them from a file; `number` is that of the last one."""

    def __init__(self, source: Source) -> None:
        self._source, self._lines, self.number = source, source.lines(), 0

    def readline(self) -> str:
        # A blank line is not the end of the file, which is how vcfpy would take it.
        for line in self._lines:
            self.number += 1
            if line.strip():
                return line.rstrip("\r\n") + "\n"
        return ""

    def close(self) -> None:
        """Nothing to close: the source closes itself."""

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run what vcfpy does: no warnings of undeclared tags, which are not read; one kind of error."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                yield
            except InputError:
                raise
            except Exception as error:  # vcfpy raises what its parts raise
                raise refuse(
                    self._source,
                    _("this line does not follow the VCF format ({error})"),
                    self.number or None,
                    error=printable(str(error) or type(error).__name__),
                ) from error


@genotype_format("vcf")
def read_vcf(request: Request) -> Genotypes:
    """Read a VCF file, packed or not.

    Raises
    ------
    InputError
        If vcfpy is not installed, or with the line, or the animal and the locus.
    """
    source = request.source
    with importing("vcf", source=source.label):
        import vcfpy
    lines = _Lines(source)
    with lines.guarded():
        reader = vcfpy.Reader.from_stream(cast("TextIOWrapper", lines))
        animals = tuple(reader.header.samples.names)
        # A name that no animal has: calls come as text, of which only some fields are read.
        reader.header.samples.parsed_samples = {"\0"}
    if not animals:
        raise refuse(source, _("the line #CHROM names no animals; a VCF with genotypes is needed"))
    refuse_repeated(
        animals, _("animal {name} is in the line #CHROM twice; each animal has one column"), source
    )
    seen: dict[str, int] = {}
    alleles: list[tuple[str, ...]] = []
    columns: list[np.ndarray] = []
    left_out = 0
    while True:
        with lines.guarded():
            record = next(reader, None)
            if record is None:
                break
            known = (record.REF.upper(), *(_alt(alt) for alt in record.ALT))
            calls = [str(call.unparsed_data) for call in record.calls]
            tags = list(record.FORMAT or ())
            passed = set(record.FILTER or ()) <= _PASSED
            name = record.ID[0] if record.ID else f"{record.CHROM}:{record.POS}"
        if not passed and not request.options.filtered:
            left_out += 1
            continue
        if name in seen:
            name = f"{record.CHROM}:{record.POS}:{'/'.join(known)}"
        if name in seen:
            raise refuse(
                source,
                _("site {name} is in the file twice (the first is line {line})"),
                lines.number,
                name=name,
                line=seen[name],
            )
        if (len(seen) + 1) * len(animals) > MAX_CELLS:
            raise refuse(
                source, _("more than {most} genotypes; divide the file by sites"), most=MAX_CELLS
            )
        seen[name] = lines.number
        alleles.append(known)
        columns.append(_codes(name, len(known), tags, calls, animals, source, lines.number))
    if not seen and not left_out:
        raise refuse(source, _("the file has a header and no site"))
    if not seen:
        raise refuse(
            source,
            ngettext(
                "no site is left: {count} site failed its filters. Read it, too, with the option "
                "filtered",
                "no site is left: {count} sites failed their filters. Read them, too, with the "
                "option filtered",
                left_out,
            ),
            count=left_out,
        )
    note = ngettext(
        "{count} site that failed its filters was left out",
        "{count} sites that failed their filters were left out",
        left_out,
    ).format(count=left_out)
    return Genotypes(
        animals, tuple(seen), tuple(alleles), np.stack(columns, axis=1),
        notes=(note,) if left_out else (),
    )  # fmt: skip


def _alt(alt: "vcfpy.AltRecord") -> str:
    text = str(alt.serialize())
    return text.upper() if text.isalpha() else text


def _codes(
    locus: str,
    known: int,
    tags: Sequence[str],
    calls: Sequence[str],
    animals: Sequence[str],
    source: Source,
    line: int,
) -> np.ndarray:
    """Return the codes of a site of so many alleles; int16, shape (n, 2)."""
    if "GT" not in tags:
        raise refuse(
            source,
            _(
                "site {locus} has no genotypes (GT) in its FORMAT ({tags}); called genotypes are expected, "
                "and likelihoods (GL, PL) are not read"
            ),
            line,
            locus=locus,
            tags=printable(":".join(tags)),
        )
    place, filter_place = tags.index("GT"), tags.index("FT") if "FT" in tags else None
    read: dict[str, tuple[int, int]] = {}
    codes = np.empty((len(animals), 2), dtype=np.int16)
    for row, call in enumerate(calls):
        pair = read.get(call)
        if pair is None:
            parts = call.split(":")
            text = parts[place] if place < len(parts) else "."
            if filter_place is not None and filter_place < len(parts):
                if parts[filter_place] not in ("PASS", ".", ""):
                    text = "."
            pair = _pair(text, known)
            if pair is None:
                raise refuse(
                    source,
                    _(
                        "animal {animal}, locus {locus}: {found} is not a genotype of one or two of "
                        "the {count} alleles of this site"
                    ),
                    line,
                    animal=animals[row],
                    locus=locus,
                    found=repr(printable(text)),
                    count=known,
                )
            if len(read) < 10_000:
                read[call] = pair
        codes[row] = pair
    same_ploidy(codes, animals, locus, source)
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
