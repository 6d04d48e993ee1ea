"""Panels: the taxa and loci that a laboratory needs; what a library or a fetch holds of them.

A panel is a table with the columns ``taxon`` and ``loci``, and where they are known ``also`` (other
names that count: synonyms, names that older records bear), ``group`` and ``common_name``, also in
other languages (``common_name_fr``; where that is empty, the packaged common names are asked);
further columns are for its readers. Packaged ones lie in ``reference_sequences/panels``.

What is held is called thin where a mistake in one record would go unnoticed: one record only, no
record with a voucher that could be looked at again, or all of one institution.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from forensics.barcode.locus import find_locus
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.grouping import grouped
from forensics.errors import InputError, UsageError
from forensics.io.files import folder
from forensics.io.numbers import printable
from forensics.io.tables import TEXT, Column, Kind, read_table
from forensics.messages import N_, _, language
from forensics.taxonomy.mentions import vernacular_of
from forensics.taxonomy.names import parse_name

TRAFFICKED = "targets"
"""The packaged panel of the taxa that are seized most."""
COLUMNS = (
    "group", "taxon", "common_name", "locus", "status",
    "records", "species", "vouchered", "institutions", "why",
)  # fmt: skip
"""Of `Coverage.rows`."""

_COVERED, _THIN, _MISSING = "found", "thin", "missing"
_SINGLE_RECORD = N_("one record")
_NO_VOUCHER = N_("no voucher")
_SINGLE_INSTITUTION = N_("one institution")

_SEPARATORS = re.compile("[;,]")


def _parts(text: str, _decimal: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in _SEPARATORS.split(text) if part.strip())
    if not parts:
        raise ValueError
    return parts


def _taxon(text: str, _decimal: str) -> str:
    """Return a name as records bear it; what they do not bear would be missing for ever."""
    name = parse_name(text)
    if name.text not in (name.species, name.genus):
        raise ValueError
    return name.text


def _taxa(text: str, decimal: str) -> tuple[str, ...]:
    return tuple(_taxon(part, decimal) for part in _parts(text, decimal))


_NAMES = N_("a species such as Loxodonta africana, or a taxon above it such as Cephalophus")
_PARTS: Kind[tuple[str, ...]] = Kind(N_("names of loci, separated by ; or ,"), _parts, ())
_SYNONYMS: Kind[tuple[str, ...]] = Kind(_NAMES, _taxa, ())
_TAXON = Column("taxon", Kind(_NAMES, _taxon, ""), ("scientific_name",), filled=True)
_LOCI = Column("loci", _PARTS, ("locus",), filled=True)
_ALSO = Column("also", _SYNONYMS, ("synonyms",), required=False)
_GROUP = Column("group", TEXT, required=False)
_COMMON_NAME = Column("common_name", TEXT, required=False)
_NAME = re.compile(r"[^\W_][\w .×'()-]*")


@dataclass(frozen=True)
class PanelTaxon:
    """A taxon that is needed.

    Attributes
    ----------
    taxon : str
        Scientific name, of any rank.
    loci : tuple of str
        The loci that are needed of it.
    also : tuple of str
        Other names that count for it.
    group, common_name : str
        For readers, the name in their language where the table has it; may be empty.
    """

    taxon: str
    loci: tuple[str, ...]
    also: tuple[str, ...] = ()
    group: str = ""
    common_name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that count."""
        return (self.taxon, *self.also)


@dataclass(frozen=True)
class Panel:
    """Taxa and loci that a laboratory needs; `name` is empty where they are of no table."""

    name: str
    taxa: tuple[PanelTaxon, ...]

    @property
    def loci(self) -> tuple[str, ...]:
        """The loci of all taxa, each once."""
        return tuple(dict.fromkeys(locus for taxon in self.taxa for locus in taxon.loci))

    def at(self, loci: Sequence[str]) -> "Panel":
        """Return the part of the panel at these loci.

        Raises
        ------
        UsageError
            If no taxon needs one of them.
        """
        taxa = [
            replace(taxon, loci=tuple(locus for locus in taxon.loci if locus in loci))
            for taxon in self.taxa
        ]
        kept = tuple(taxon for taxon in taxa if taxon.loci)
        if not kept:
            raise UsageError(
                _("The panel {panel} has no taxon at {loci}; it has {known}.").format(
                    panel=self.name, loci=", ".join(loci), known=", ".join(self.loci)
                )
            )
        return replace(self, taxa=kept)


def require_taxon_name(name: str) -> None:
    """Raise UsageError where a text cannot be the scientific name of a taxon."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            _("{name!r} cannot be the name of a taxon; give a scientific name.").format(name=name)
        )


def packaged_panels() -> dict[str, Path]:
    """Return the tables of the packaged panels by name."""
    paths = sorted((folder("reference_sequences") / "panels").glob("*.tsv"))
    return {path.stem: path for path in paths}


def read_panel(which: str) -> Panel:
    """Read a panel: a packaged one by its name, or a table.

    Parameters
    ----------
    which : str
        Name, or path of a table (see `forensics.io.tables.read_table`). Loci and other names are
        separated by ``;`` or ``,``. Rows of one taxon are put together.

    Raises
    ------
    InputError
        If the table cannot be read, lacks a column, or names an unknown locus or what is no taxon;
        with the file and the line.
    UsageError
        If there is neither such a panel nor such a file.
    """
    packaged = packaged_panels()
    path = packaged.get(which) or Path(which)
    if not path.exists():
        raise UsageError(
            _(
                "No panel is called {name!r}. The packaged ones are {names}; or give a table "
                "(.csv, .tsv, .xlsx) with the columns taxon and loci."
            ).format(name=printable(which), names=", ".join(packaged))
        )
    table = read_table(path, narrow_rows=True)
    taxa: dict[str, PanelTaxon] = {}
    own = Column(f"common_name_{language()}", TEXT, required=False)
    for row in table.records(_TAXON, _LOCI, _ALSO, _GROUP, _COMMON_NAME, own, pass_blank=True):
        taxon, loci, also = row[_TAXON], row[_LOCI], row[_ALSO]
        try:
            loci = tuple(find_locus(name).name for name in loci)
        except UsageError as error:
            raise InputError(str(error), source=table.source, line=row.line) from error
        name = row[own] or (vernacular_of(taxon, language()) if table.has(own) else "")
        name = name or row[_COMMON_NAME]
        before = taxa.get(taxon, PanelTaxon(taxon, (), (), row[_GROUP], name))
        taxa[taxon] = replace(
            before,
            loci=tuple(dict.fromkeys((*before.loci, *loci))),
            also=tuple(dict.fromkeys((*before.also, *also))),
        )
    return Panel(path.stem if which in packaged else which, tuple(taxa.values()))


@dataclass(frozen=True)
class Coverage:
    """What is held of a panel.

    Attributes
    ----------
    panel : Panel
    records : mapping of str to list of ReferenceRecord
        By taxon of the panel; a record may belong to several taxa.
    """

    panel: Panel
    records: Mapping[str, Sequence[ReferenceRecord]]

    @property
    def missing(self) -> tuple[str, ...]:
        """The taxa of which there is no record."""
        return tuple(taxon.taxon for taxon in self.panel.taxa if not self.records[taxon.taxon])

    def rows(self) -> list[dict[str, object]]:
        """Return one row a taxon and locus with `COLUMNS`; `why` says in words why it is thin."""
        rows = []
        for taxon in self.panel.taxa:
            own = self.records[taxon.taxon]
            for locus in dict.fromkeys((*taxon.loci, *(record.locus for record in own))):
                records = [record for record in own if record.locus == locus]
                counts = _counts(records)
                why = []
                if len(records) == 1:
                    why.append(_(_SINGLE_RECORD))
                if records and not counts["vouchered"]:
                    why.append(_(_NO_VOUCHER))
                if len(records) > 1 and counts["institutions"] < 2:
                    why.append(_(_SINGLE_INSTITUTION))
                status = _MISSING if not records else _THIN if why else _COVERED
                row = {
                    "group": taxon.group, "taxon": taxon.taxon, "common_name": taxon.common_name,
                    "locus": locus, "status": status, **counts, "why": ", ".join(why),
                }  # fmt: skip
                rows.append({column: row[column] for column in COLUMNS})
        return rows

    def taxa(self) -> list[dict[str, object]]:
        """Return one row a taxon: records by locus, ``-`` where there should be some."""
        loci = dict.fromkeys(
            (*self.panel.loci, *(r.locus for records in self.records.values() for r in records))
        )
        rows: list[dict[str, object]] = []
        for taxon in self.panel.taxa:
            counts = Counter(record.locus for record in self.records[taxon.taxon])
            cells = {locus: counts[locus] or ("-" if locus in taxon.loci else "") for locus in loci}
            rows.append({"group": taxon.group, "taxon": taxon.taxon, **cells})
        return rows

    def groups(self) -> list[dict]:
        """Return one row a group: taxa, those that are held, records by locus, and what is missing."""
        rows = []
        for group, taxa in grouped(self.panel.taxa, attrgetter("group")).items():
            records = {(r.locus, r.accession) for t in taxa for r in self.records[t.taxon]}
            counts = Counter(locus for locus, _accession in records)
            missing = [taxon.taxon for taxon in taxa if not self.records[taxon.taxon]]
            rows.append(
                {
                    "group": group,
                    "taxa": len(taxa),
                    "held": len(taxa) - len(missing),
                    "records": {
                        locus: counts[locus]
                        for locus in dict.fromkeys((*self.panel.loci, *sorted(counts)))
                        if counts[locus]
                    },
                    "missing": missing,
                }
            )
        return rows


def cover_library(library: Library, panel: Panel) -> Coverage:
    """Return what a library holds of a panel, by the ranks of its records and its accepted names."""
    by_name: dict[str, dict[tuple[str, str], ReferenceRecord]] = defaultdict(dict)
    for locus in library.loci:
        for found, _sequence in library.records(locus):
            record = found.at_locus(locus)
            for name in {
                record.species, record.genus, record.family,
                record.order, record.class_, record.phylum,
            } - {""}:  # fmt: skip
                by_name[name][locus, record.accession] = record
    accepted = library.backbone.accepted if library.backbone else str
    records = {}
    for taxon in panel.taxa:
        own: dict[tuple[str, str], ReferenceRecord] = {}
        for name in (*taxon.names, *map(accepted, taxon.names)):
            own |= by_name.get(name, {})
        records[taxon.taxon] = list(own.values())
    return Coverage(panel, records)


def summary(library: Library) -> list[dict]:
    """Return one row a locus: records, species, vouchered records, institutions, countries."""
    rows = []
    for locus in library.loci:
        library.manifest(locus)  # says so where it is not the one that the library names
        records = [record for record, _sequence in library.records(locus)]
        countries = len({record.country for record in records if record.country})
        rows.append({"locus": locus, **_counts(records), "countries": countries})
    return rows


def _counts(records: Iterable[ReferenceRecord]) -> dict[str, int]:
    records = list(records)
    return {
        "records": len(records),
        "species": len({record.species for record in records if record.species}),
        "vouchered": sum(bool(record.voucher) for record in records),
        "institutions": len({record.institution for record in records if record.institution}),
    }
