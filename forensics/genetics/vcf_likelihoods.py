"""Likelihoods of genotypes in VCF: GL (log10) or PL (phred), of sites with two alleles.

References
----------
Danecek P. et al. (2011). The variant call format and VCFtools. Bioinformatics 27, 2156-2158.
doi:10.1093/bioinformatics/btr330
"""

from collections.abc import Sequence

import numpy as np

from forensics.errors import InputError
from forensics.genetics.likelihoods import GenotypeLikelihoods, relative_logs
from forensics.genetics.names import matches
from forensics.genetics.sources import MAX_CELLS, Source, printable, unknown_locus
from forensics.genetics.vcf import Site, SiteReader
from forensics.messages import _, ngettext

__all__ = ["read_vcf_likelihoods"]

_LN10 = float(np.log(10.0))
# From what a field holds to natural logarithms. GL, with decimals, comes first.
_SCALES = {"GL": _LN10, "PL": -_LN10 / 10}


def read_vcf_likelihoods(
    source: Source, *, filtered: bool = False, loci: Sequence[str] | None = None
) -> GenotypeLikelihoods:
    """Read the likelihoods of a VCF file, packed or not.

    Parameters
    ----------
    source : Source
    filtered : bool
        Whether sites whose FILTER is neither PASS nor ``.`` are read, too.
    loci : sequence of str, optional
        Names or patterns of the loci that are read; by default all.

    Raises
    ------
    InputError
        If vcfpy is not installed, or with the line, or the animal and the locus.
    OptionError
        If no locus has a name that was asked for.
    """
    sites = SiteReader(source, filtered=filtered)
    names: list[str] = []
    alleles: list[tuple[str, ...]] = []
    rows: list[np.ndarray] = []
    unmatched = dict.fromkeys(loci or ())
    others = 0
    for site in sites:
        if loci is not None:
            for pattern in [name for name in unmatched if matches(site.name, (name,))]:
                del unmatched[pattern]
            if not matches(site.name, loci):
                continue
        if len(site.alleles) != 2:
            others += 1
            continue
        if (len(names) + 1) * len(sites.animals) * 3 > MAX_CELLS:
            raise InputError(
                _("more than {most} likelihoods; choose loci with the option loci").format(
                    most=MAX_CELLS
                ),
                source=source.label,
            )
        names.append(site.name)
        alleles.append(site.alleles)
        rows.append(_read_site(site, sites.animals, source))
    for pattern in unmatched:
        raise unknown_locus("loci", pattern, names, source)
    notes = sites.describe_left_out()
    if others:
        notes += (
            ngettext(
                "{count} site without two alleles was left out; likelihoods are read of two",
                "{count} sites without two alleles were left out; likelihoods are read of two",
                others,
            ).format(count=others),
        )
    if not names:
        if others:
            raise InputError(_("no site has two alleles"), source=source.label)
        raise sites.refuse_empty()
    return GenotypeLikelihoods(
        sites.animals, tuple(names), tuple(alleles), np.stack(rows, axis=1), notes=notes
    )


def _read_site(site: Site, animals: Sequence[str], source: Source) -> np.ndarray:
    """Return the logarithms of one site; float32, shape (n, 3)."""
    tag = next((name for name in _SCALES if name in site.tags), None)
    if tag is None:
        raise InputError(
            _("site {locus} has no likelihoods (GL or PL) in its FORMAT").format(
                locus=printable(site.name)
            ),
            source=source.label,
            line=site.line,
        )
    place = site.tags.index(tag)
    filter_place = site.tags.index("FT") if "FT" in site.tags else None
    logs = np.zeros((len(animals), 3))
    read: dict[str, tuple[float, ...]] = {}
    for row, call in enumerate(site.calls):
        parts = str(call).split(":")
        text = parts[place] if place < len(parts) else "."
        if filter_place is not None and filter_place < len(parts):
            if parts[filter_place] not in ("PASS", ".", ""):
                text = "."
        values = read.get(text)
        if values is None:
            values = _parse(text, tag)
            if values is None:
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: {found} are not three likelihoods of genotypes "
                        "({tag})"
                    ).format(
                        animal=printable(animals[row]),
                        locus=printable(site.name),
                        found=printable(text),
                        tag=tag,
                    ),
                    source=source.label,
                    line=site.line,
                )
            if len(read) < 10_000:
                read[text] = values
        logs[row] = values
    return relative_logs(logs)


def _parse(text: str, tag: str) -> tuple[float, ...] | None:
    """Return natural logarithms, three times 0 where nothing was read; None where it is neither."""
    parts = text.split(",")
    if all(part in (".", "") for part in parts):
        return (0.0, 0.0, 0.0)
    try:
        values = [float(part) for part in parts]
    except ValueError:
        return None
    if len(values) != 3:
        return None
    logs = tuple(value * _SCALES[tag] for value in values)
    # Of GL each is a logarithm of a probability; a genotype that is ruled out may be -inf.
    good = all(value <= 0 for value in logs) and max(logs) > -np.inf
    return logs if good and not any(np.isnan(logs)) else None
