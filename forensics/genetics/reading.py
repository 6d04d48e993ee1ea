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
from dataclasses import replace
from importlib import import_module

from forensics.errors import InputError, UsageError
from forensics.genetics.counts import choose_markers
from forensics.genetics.formats.table import genotypes_of_frame
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.layout import add_places
from forensics.genetics.options import FORMATS, ReadingOptions
from forensics.genetics.sources import READERS, Request, as_names, identity_of, open_source
from forensics.io import files
from forensics.io.tables import Source, is_frame
from forensics.messages import _

for _name in FORMATS:  # each puts its reader into READERS
    import_module(f"forensics.genetics.formats.{_name}")


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
    missing: Sequence[str] | str = (),
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
        ``auto``, or one of `forensics.genetics.options.FORMATS`. ``table`` is CSV with tabulators, semicolons or commas, an .xlsx workbook
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
    missing : sequence of str, or one
        Texts that mean "not typed", besides `forensics.genetics.cells.MISSING_CELLS`.
    zero : str
        Whether 0 is an ``allele`` or ``missing`` in genotypes of two numbers; ``auto`` decides
        where that is certain. See `forensics.genetics.formats.table`.
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
    options = ReadingOptions(
        input_format=format, sheet=sheet, animal=animal, population=population, unit=unit, site=site,
        latitude=latitude, longitude=longitude, loci=as_names(loci), haploid=as_names(haploid),
        fields=as_names(fields), zero=zero, lone=lone, filtered=filtered,
        missing=as_names(missing),
    )  # fmt: skip
    return read_by_options(source, options, places=places, bim=bim, fam=fam, markers=markers)


def read_by_options(
    source: object,
    options: ReadingOptions,
    *,
    places: object = None,
    bim: object = None,
    fam: object = None,
    markers: int | None = None,
) -> Genotypes:
    """Read genotypes as `read_genotypes` does, with its options as one object but for these."""
    if is_frame(source):
        if options.input_format not in ("auto", "table"):
            raise UsageError(_("a DataFrame is a table; leave the option format out"))
        genotypes = genotypes_of_frame(source, options)
    else:
        # A second table says what populations there are.
        reading = options if places is None else replace(options, population=None)
        with open_source(source) as opened:
            kind = _kind_of(opened, options.input_format)
            request = Request(
                opened, source, reading if kind == "plink" else options, bim, fam, markers
            )
            genotypes = READERS[kind].read(request)
            how: Mapping[str, object] = genotypes.read_with or {}
            if markers is not None:
                how = {"markers": markers, **how}
            identity = identity_of(opened)
            genotypes = replace(
                genotypes,
                source=identity["file"],
                sha256=identity["sha256"],
                read_with={**options.read_with(), **how},
            )
    if markers is not None:
        genotypes = choose_markers(genotypes, markers)
    return genotypes if places is None else add_places(genotypes, places, options.named)


def recognise(source: Source) -> str:
    """Return the format of a file by its content, one of `FORMATS`.

    Raises
    ------
    InputError
        If it is a known format of another kind, or binary.
    """
    start = source.start
    known = files.recognise(start)
    if known and known.not_genotypes:
        raise InputError(_(known.not_genotypes), source=source.label)
    if known and known.name in READERS:
        return known.name
    if known and known.name == "xlsx":
        return "table"
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            _("this is not text. Genotypes are read from CSV, .xlsx, GENEPOP, STRUCTURE and VCF"),
            source=source.label,
        )
    readers = ((name, reader.is_format) for name, reader in READERS.items())
    return next((name for name, is_format in readers if is_format and is_format(source)), "table")


def _kind_of(source: Source, format: str) -> str:
    """Return the format by which a file is read: the one that was given, or that of its content."""
    kind = recognise(source) if format in ("auto", "table") else format
    return "table" if format == "table" else kind
