"""Checklists: which species live in which countries, by a table that a laboratory gives.

A checklist says which of the species that a library lacks live where an item comes from, so that they are named first.
It leaves no species out, and changes neither a name nor a probability.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import fspath
from pathlib import Path
from typing import Any

from forensics import notices
from forensics.core.grouping import grouped
from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.numbers import printable
from forensics.io.tables import Column, Kind, listed, read_table
from forensics.messages import N_, _
from forensics.taxonomy.listings.table import place_of
from forensics.taxonomy.names import (
    Backbone,
    genus_of,
    packaged_accepted,
    packaged_taxa,
    parse_name,
)


def _species(text: str, _decimal: str) -> str:
    """Return the species of a name; a genus alone would never be found among species."""
    if not (species := parse_name(text).species):
        raise ValueError
    return species


def _country(text: str, _decimal: str = "") -> str:
    """Return the code of a country; a part of it, such as AR-Y, is read as the country."""
    try:
        return (place_of(text) or "").partition("-")[0]
    except UsageError as error:
        raise ValueError from error


_A_COUNTRY = N_("one country, by its ISO 3166-1 code such as CM or CMR, or by its name")
_SPECIES = Column(
    "species",
    Kind(N_("a species by genus and epithet, such as Manis javanica"), _species, ""),
    ("taxon", "name", "scientific name", "scientificName", "espèce", "especie"),
    filled=True, several="first",
)  # fmt: skip
_COUNTRY = Column(
    "country", Kind(_A_COUNTRY, _country, ""), ("country code", "countryCode", "pays", "país"),
    filled=True, several="first",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checklist:
    """A table of species and countries, as a run uses it for its region.

    Attributes
    ----------
    file, sha256 : str
        Of the table.
    region : tuple of str
        ISO 3166-1 alpha-2 codes of the countries of the region, in alphabetical order.
    species : mapping of str to sequence of str
        All species of the table under their accepted names, by genus.
    in_region : mapping of str to tuple of str
        The countries of the region where a species lives, of those that live there.
    notices : tuple of Notice
        What is odd about the table, and is no error.
    """

    file: str
    sha256: str
    region: tuple[str, ...]
    species: Mapping[str, Sequence[str]]
    in_region: Mapping[str, tuple[str, ...]]
    notices: tuple[Notice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what the parameters of a result record of it."""
        return {
            "region": list(self.region),
            "checklist": {"file": self.file, "sha256": self.sha256},
        }


def read_checklist(
    path: AnyPath, region: Sequence[str], backbone: Backbone | None = None
) -> Checklist:
    """Read a table of species and countries for a region.

    Parameters
    ----------
    path : path
        A table with the columns ``species`` and ``country``, a row for each species and country; see
        `forensics.io.tables.read_table`.
    region : sequence of str
        Countries, by ISO 3166-1 code or name.
    backbone : Backbone, optional
        Whose names are accepted; of a name that it does not know the packaged one is asked. One that neither knows
        is kept as it is given.

    Raises
    ------
    UsageError
        If a country of the region is not known.
    InputError
        If the table cannot be read, lacks a column, has no row, or none of a country of the region, or a cell is no
        species or country; with file and line.
    """
    countries = sorted({_country_of_region(country) for country in region})
    table = read_table(path, narrow_rows=True)
    accepted: dict[str, str] = {}
    lives: dict[str, set[str]] = {}
    rows: dict[tuple[str, str], int] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for record in table.records(_SPECIES, _COUNTRY, pass_blank=True):
        given, country = record[_SPECIES], record[_COUNTRY]
        if rows.setdefault((given, country), record.line) != record.line:
            repeated.append(str(record.line))
        if given not in accepted:
            known = _accepted(given, backbone)
            accepted[given] = known or given
            if known is None:
                unknown.append(_("{name} (line {line})").format(name=given, line=record.line))
        lives.setdefault(accepted[given], set()).add(country)
    found = {country for places in lives.values() for country in places}
    if lacking := [country for country in countries if country not in found]:
        raise InputError(
            _(
                "no species of the table lives in {lacking}; it has rows of {found}. Add the species that live "
                "there, or give another region"
            ).format(lacking=", ".join(lacking), found=listed(sorted(found))),
            source=table.source,
        )
    by_genus = grouped(lives, genus_of)
    file, odd, said = Path(path).name, notices.calls.CHECKLIST_ROWS, []
    if unknown:
        said.append(odd("unknown", file=file, number=len(unknown), names=listed(unknown)))
    if repeated:
        said.append(odd("repeated", file=file, number=len(repeated), lines=listed(repeated)))
    where = {name: tuple(c for c in countries if c in places) for name, places in lives.items()}
    return Checklist(
        fspath(path), table.sha256, tuple(countries), by_genus,
        {name: places for name, places in where.items() if places}, tuple(said),
    )  # fmt: skip


def _country_of_region(text: str) -> str:
    try:
        if country := _country(text):
            return country
    except ValueError:
        pass
    raise UsageError(
        _("region: found {found!r}; expected {expected}").format(
            found=printable(text), expected=_(_A_COUNTRY)
        )
    )


def _accepted(name: str, backbone: Backbone | None) -> str | None:
    """Return the accepted name of a species; None where no backbone knows it."""
    if backbone is not None and backbone.is_accepted(accepted := backbone.accepted(name)):
        return accepted
    accepted = packaged_accepted(name)
    genus, _space, epithet = accepted.partition(" ")
    is_known = any(epithet in taxon.species for taxon in packaged_taxa(genus))
    return accepted if is_known else None
