"""Reads genotypes from files as laboratories have them.

What users of other programs complain about, and what happens here:

* radiator#90 (13,361 loci of a GENEPOP file became 2, without an error): the number of genotypes
  of each animal must be the number of loci, else the line is named.
* radiator#96 (alleles that came as floating numbers were refused by rubias): ``138.0`` is ``138``.
* genepopedit#11 (a population column of the wrong type, or absent, in a table for rubias): what
  a column is follows from its name; labels are always text.
* genepopedit#13 (a reader stopped at line 24 because ``pop`` has no tabulators): lines of GENEPOP
  are read by its own rules, whatever blanks, tabulators or commas separate.
* scat#16 (an SNP file of VCF origin, in STRUCTURE's form, failed without a reason in the
  calculation; scat's missing value is -999): values that mean missing are known in all formats,
  and loci without variation are reported by `forensics.genetics.quality`.
* assignPOP#16 (loci without variation doubled the animals of a STRUCTURE file), assignPOP#2 (a dash
  in the name of a population): a locus may have one allele, and names are never taken apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from forensics.errors import InputError, UsageError
from forensics.genetics.counts import choose_markers
from forensics.genetics.genepop import is_genepop, read_genepop
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.plink import read_plink
from forensics.genetics.sources import open_source
from forensics.genetics.structure import is_structure, read_structure
from forensics.genetics.tables import (
    Table,
    add_places,
    decode,
    lay_out,
    name_animals,
    note_unread_sheets,
    read_facts,
    read_frame,
    read_source,
)
from forensics.genetics.vcf import read_vcf
from forensics.io import formats
from forensics.io.tables import Source, is_frame
from forensics.messages import _

FORMATS = ("auto", "table", "genepop", "structure", "vcf", "plink")


def read_genotypes(
    source: object,
    *,
    format: str = "auto",
    animal: str | None = None,
    population: str | None = None,
    unit: str | None = None,
    site: str | None = None,
    latitude: str | None = None,
    longitude: str | None = None,
    loci: Sequence[str] | str | None = None,
    haploid: Sequence[str] | str = (),
    fields: Sequence[str] | str = (),
    missing: Sequence[str] = (),
    zero: str = "auto",
    lone: str | None = None,
    places: object = None,
    filtered: bool = False,
    sheet: str | None = None,
    bim: object = None,
    fam: object = None,
    markers: int | None = None,
) -> Genotypes:
    """Read genotypes from a file of any known format, or a DataFrame.

    The format is recognised by the content, never by the name of the file. gzip is unpacked.

    Parameters
    ----------
    source : path, ``"-"``, open text or binary file, or pandas.DataFrame
    format : str
        One of `FORMATS`. ``table`` is CSV with tabulators, semicolons or commas, an .xlsx workbook
        (extra ``excel``) or a DataFrame; ``vcf`` needs the extra ``vcf``, ``plink`` (a .bed with .bim
        and .fam beside it) the extra ``plink``.
    animal, population, unit, site, latitude, longitude : str, optional
        Columns of a table, where their names do not tell. In GENEPOP, `population` says which
        animal names its population, ``"last"`` (GENEPOP's rule, and the default) or ``"first"``; in
        PLINK, ``"family"`` makes the families populations.
    loci : sequence of str, optional
        The loci, as names or patterns (``"Fca*"``). All other columns of a table are then fields.
        STRUCTURE without a row of names: the names. PLINK: those that are read.
    haploid : sequence of str
        Loci of a table, or of PLINK, that have one copy.
    fields : sequence of str
        Columns of a table that are no loci.
    missing : sequence of str
        Texts that mean "not typed", besides `forensics.genetics.cells.MISSING_CELLS`.
    zero : str
        Whether 0 is an ``allele`` or ``missing`` in genotypes of two numbers; ``auto`` decides
        where that is certain. See `forensics.genetics.tables`.
    lone : str, optional
        What ``138`` alone means in a table whose genotypes are ``138/140``: ``half`` (the other
        copy was not typed) or ``homozygote``. By default it is refused.
    places : path, open file or DataFrame, optional
        A second table, a row an animal: populations, units, sites, coordinates. It must name all
        animals; it replaces what the genotype file says of them.
    filtered : bool
        VCF: whether sites that failed a filter are read, too.
    sheet : str, optional
        Title of the sheet of a workbook; default: the first one that is not empty. Others that are not
        empty are named in the notes of the genotypes.
    bim, fam : path, optional
        PLINK: the tables of loci and animals, where they are not beside the .bed.
    markers : int, optional
        So many loci are chosen (`forensics.genetics.counts`); of PLINK only they are held in memory.

    Returns
    -------
    Genotypes
        Dosages get the alleles that the name of the locus tells (``rs7-C/T``: 0 is C/C, the second
        one is counted; PLINK's ``rs7_T``: T is counted, the other is ``not T``), else ``0`` and
        ``1`` (counted).

    Raises
    ------
    InputError
        If the file cannot be read; the text names the animal and the locus, or the line.
    UsageError
        If an option does not fit.

    Examples
    --------
    >>> import io
    >>> read_genotypes(io.StringIO("id,pop,Fca8,Fca23\\nN1,A,138/140,NA\\n")).label(0, 0)
    '138/140'
    """
    if format not in FORMATS:
        raise UsageError(
            _("option format: {found}. Expected one of: {expected}").format(
                found=format, expected=", ".join(FORMATS)
            )
        )
    options = _Options(
        named={
            "animal": animal,
            "population": population,
            "unit": unit,
            "site": site,
            "latitude": latitude,
            "longitude": longitude,
        },
        loci=(loci,) if isinstance(loci, str) else loci,
        haploid=(haploid,) if isinstance(haploid, str) else tuple(haploid),
        fields=(fields,) if isinstance(fields, str) else tuple(fields),
        missing=frozenset(str(text).strip().casefold() for text in missing),
        zero=zero,
        lone=lone,
    )
    read_with = None
    if is_frame(source):
        if format not in ("auto", "table"):
            raise UsageError(_("a DataFrame is a table; leave the option format out"))
        genotypes = _choose(_of_table(read_frame(source), options), markers)
    else:
        read_with = {
            **({} if format == "auto" else {"format": format}),
            **options.other_than_default(),
            **({"filtered": True} if filtered else {}),
            **({"sheet": sheet} if sheet is not None else {}),
            **({"markers": markers} if markers is not None else {}),
        }
        with open_source(source) as opened:
            kind = _kind_of(opened, format)
            if kind == "plink":
                genotypes, companions = read_plink(
                    opened, source, bim=bim, fam=fam, loci=options.loci, haploid=options.haploid,
                    population=population if places is None else None, markers=markers,
                )  # fmt: skip
                read_with |= companions
            else:
                genotypes = _choose(_of_source(opened, kind, options, filtered, sheet), markers)
            genotypes = replace(
                genotypes,
                source=PurePath(opened.name).name if opened.name else "",
                sha256=opened.sha256,
                read_with=read_with,
            )
    return genotypes if places is None else add_places(genotypes, places, options.named)


def _choose(genotypes: Genotypes, markers: int | None) -> Genotypes:
    return genotypes if markers is None else choose_markers(genotypes, markers)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Options:
    """What `read_genotypes` was given for a table; `named` are columns by role."""

    named: Mapping[str, str | None]
    loci: Sequence[str] | None
    haploid: Sequence[str]
    fields: Sequence[str]
    missing: frozenset[str]
    zero: str
    lone: str | None

    def other_than_default(self) -> dict[str, object]:
        """Return the options other than the defaults, by the names of `read_genotypes`."""
        options = {
            **self.named,
            "loci": None if self.loci is None else list(self.loci),
            "haploid": list(self.haploid),
            "fields": list(self.fields),
            "missing": sorted(self.missing),
            "zero": None if self.zero == "auto" else self.zero,
            "lone": self.lone,
        }
        return {name: value for name, value in options.items() if value not in (None, [])}


def recognise(source: Source) -> str:
    """Return the format of a file by its content: ``table``, ``workbook``, ``genepop``…

    Raises
    ------
    InputError
        If it is a known format of another kind, or binary.
    """
    start = source.start
    known = formats.recognise(start)
    if known and known.not_genotypes:
        raise InputError(_(known.not_genotypes), source=source.label)
    if known and known.name in ("xlsx", "vcf", "plink"):
        return {"xlsx": "workbook"}.get(known.name, known.name)
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            _("this is not text. Genotypes are read from CSV, .xlsx, GENEPOP, STRUCTURE and VCF"),
            source=source.label,
        )
    if is_genepop(source):
        return "genepop"
    return "structure" if is_structure(source) else "table"


def _kind_of(source: Source, format: str) -> str:
    """Return the format by which a file is read: the one that was given, or that of its content."""
    kind = recognise(source) if format in ("auto", "table") else format
    return "table" if format == "table" and kind != "workbook" else kind


def _of_source(
    source: Source, kind: str, options: _Options, filtered: bool, sheet: str | None
) -> Genotypes:
    if kind in ("table", "workbook"):
        table = read_source(source, sheet=sheet)
        genotypes = _of_table(table, options)
        return replace(genotypes, notes=(*genotypes.notes, *note_unread_sheets(table, sheet)))
    if kind == "genepop":
        return read_genepop(source, named_by=options.named["population"] or "last")
    if kind == "structure":
        return read_structure(source, loci=options.loci, missing=options.missing, zero=options.zero)
    return read_vcf(source, filtered=filtered)


def _of_table(table: Table, options: _Options) -> Genotypes:
    layout = lay_out(
        table,
        named=options.named,
        loci=options.loci,
        haploid=options.haploid,
        fields=options.fields,
    )
    animals, keep, notes = name_animals(table, layout)
    facts, more = read_facts(table, layout, animals)
    alleles, codes = decode(
        table.cells,
        layout.loci,
        animals,
        missing=options.missing,
        zero=options.zero,
        lone=options.lone,
        any_label=options.loci is not None or bool(options.haploid),
        source=table.source,
    )
    genotypes = Genotypes(
        tuple(animals),
        tuple(locus.name for locus in layout.loci),
        alleles,
        codes,
        notes=notes + more,
        populations=facts.populations,
        units=facts.units,
        latitudes=facts.latitudes,
        longitudes=facts.longitudes,
        fields=facts.fields,
    )
    return genotypes if len(keep) == len(animals) else genotypes.take(keep)
