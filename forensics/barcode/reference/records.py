"""Reference records: one class, whose fields are the columns of ``records.tsv``, and tables of such."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from forensics.core.stored import names_of_fields
from forensics.taxonomy.names import parse_name

Key: TypeAlias = tuple[str, str]
"""Locus and accession."""


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """One reference record; the fields are the columns of ``records.tsv``.

    Attributes
    ----------
    accession : str
        INSDC accession or BOLD process id; unique within a locus of a library.
    name : str
        The name as deposited.
    species : str
        The binomial; empty where the name does not reach a species.
    genus, family, order, class_, phylum : str
        Higher ranks; empty where unknown.
    locus : str
        Name of the locus (`forensics.barcode.locus`).
    voucher, identifier, institution, country, date : str
        What stands behind the record; empty where unknown.
    source, licence : str
        Where the record was taken from, and under which licence.
    """

    accession: str
    name: str
    species: str = ""
    genus: str = ""
    family: str = ""
    order: str = ""
    class_: str = ""
    phylum: str = ""
    locus: str = ""
    voucher: str = ""
    identifier: str = ""
    institution: str = ""
    country: str = ""
    date: str = ""
    source: str = ""
    licence: str = ""

    @property
    def key(self) -> Key:
        """Locus and accession, by which it is one of its library."""
        return self.locus, self.accession

    @property
    def label(self) -> str:
        """The name under which the record counts in a call."""
        return self.species or self.name

    @property
    def deposited(self) -> str:
        """The deposited name, where it is of another species than the record counts for; else empty."""
        if not self.species or self.name == self.species:
            return ""
        return "" if parse_name(self.name).species == self.species else self.name

    @classmethod
    def named(cls, accession: str, name: str, **other: str) -> "ReferenceRecord":
        """Make a record from a deposited name, which sets name, genus and species."""
        parsed = parse_name(name)
        ranks = {"genus": parsed.genus, "species": parsed.species}
        ranks.update((rank, value) for rank, value in other.items() if value)
        return cls(accession=accession, name=parsed.text, **ranks)

    @classmethod
    def from_row(cls, row: str) -> "ReferenceRecord":
        """Read one line of ``records.tsv``."""
        return cls(*row.split("\t"))

    def to_row(self) -> str:
        """Return the record as a line of ``records.tsv``, tabs and line ends made blanks."""
        return "\t".join(" ".join(value.split()) for value in _values(self))

    def plain(self) -> "ReferenceRecord":
        """Return the record as its line gives it back."""
        row = self.to_row()
        return self if row == self.plain_row else self.from_row(row)

    @property
    def plain_row(self) -> str:
        """The line of a record that is plain already."""
        return "\t".join(_values(self))

    def at_locus(self, locus: str) -> "ReferenceRecord":
        """Return the record with its locus set."""
        return self if locus == self.locus else replace(self, locus=locus)


class LeftOut(NamedTuple):
    """A record that was not taken, with its place and the reason."""

    file: str
    record: int
    accession: str
    name: str
    reason: str


Pair: TypeAlias = tuple[ReferenceRecord, str]
"""A record with its sequence, clean unless something else is said."""
ByLocus: TypeAlias = Mapping[str, Sequence[Pair]]
"""Records of several loci."""
RANK_FIELDS = {"phylum": "phylum", "class": "class_", "order": "order", "family": "family"}
"""Field of each rank above the genus."""

# Not dataclasses.astuple, which copies every value in depth: a quarter of the time of a build. Nor asdict below.
_values = attrgetter(*(field.name for field in fields(ReferenceRecord)))
COLUMNS = tuple(field.name.rstrip("_") for field in fields(ReferenceRecord))


def tsv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as TSV that no spreadsheet program takes for formulas: names and accessions are strangers'.

    Nothing is quoted, since such tables are read by other programs, too: tabs and line ends become blanks.
    """
    from forensics.io.numbers import defused

    lines = ["\t".join(columns)]
    for row in rows:
        cells = {column: " ".join(str(row[column]).split()) for column in columns}
        lines.append("\t".join(map(str, defused(cells).values())))
    return "\n".join(lines) + "\n"


def tsv_of(kind: type, records: Iterable[Any]) -> str:
    """Return dataclasses or named tuples of one kind as TSV under the names of their fields."""
    names = names_of_fields(kind)
    return tsv_text(names, ({name: getattr(record, name) for name in names} for record in records))
