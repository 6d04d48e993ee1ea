"""Taxa whose lineages a barcode does not tell apart: domestic forms, introgression, hybrids.

The table ``lineages.tsv`` has a row a set: its members (``=`` stands between names of
one member), the lineages that lead to it, the nuclear tests that would separate it, and
the publications that say so. All members of a set belong to one family.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from forensics.messages import N_, _

DOMESTIC = "domestic"
"""A domesticated form bears the lineage of its wild ancestor."""
INTROGRESSION = "introgression"
"""Animals that count as one species are known to bear the lineage of another."""
HYBRIDS = "hybrids"
"""Hybrids are known; they bear the lineage of one parent only."""
KINDS = (DOMESTIC, INTROGRESSION, HYBRIDS)

TESTS = {
    "microsatellites": N_("nuclear microsatellites against reference samples of every form"),
    "snps": N_("nuclear SNPs against reference samples of every form"),
    "nuclear_genes": N_("sequences of several nuclear genes"),
    "y_markers": N_("markers of the Y chromosome, for males"),
}

_COLUMNS = ("kind", "members", "called", "forms", "tests", "sources")
TABLE = Path(__file__).with_name("lineages.tsv")


@dataclass(frozen=True, slots=True)
class Lineage:
    """A set of taxa that one lineage may stand for.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    members : tuple of tuple of str
        For each member its name, then other names that libraries use for it.
    called : tuple of str
        Members whose lineage leads to the set. Where gene flow is known in one direction only, the
        others do not, unless it is open whether a record of theirs is of their own lineage (`lent_to`).
    forms : str
        What the members are, in English, for the reader of the table.
    tests : tuple of str
        Keys of `TESTS`.
    sources : tuple of str
        DOI or reference.
    """

    kind: str
    members: tuple[tuple[str, ...], ...]
    called: tuple[str, ...]
    forms: str
    tests: tuple[str, ...]
    sources: tuple[str, ...]

    def member(self, species: str) -> tuple[str, ...]:
        """Return the names of the member that is called so; empty where none is."""
        return next((names for names in self.members if species in names), ())

    def leads(self, species: str) -> bool:
        """Return whether a call to that species leads to this set."""
        names = self.member(species)
        return bool(names) and names[0] in self.called

    def lent_to(self, species: str) -> tuple[tuple[str, ...], ...]:
        """Return the names of each member whose lineage that species is known to bear beside its own."""
        if self.kind != INTROGRESSION or not self.member(species) or self.leads(species):
            return ()
        return tuple(names for names in self.members if names[0] in self.called)

    def others(self, species: str) -> tuple[str, ...]:
        """Return the other members, each by the name that shares the genus of `species`, if any."""
        genus = species.partition(" ")[0] + " "
        own = self.member(species)
        return tuple(
            next((name for name in names if name.startswith(genus)), names[0])
            for names in self.members
            if names != own
        )

    def test(self) -> str:
        """Return the nuclear tests in the reader's language."""
        return _("; ").join(_(TESTS[key]) for key in self.tests)


@functools.cache
def _text() -> str:
    return TABLE.read_text(encoding="utf-8")


@functools.cache
def lineages() -> tuple[Lineage, ...]:
    """Return the sets of the packaged table, in its order."""
    header, *rows = (tuple(line.split("\t")) for line in _text().splitlines())
    assert header == _COLUMNS, header
    return tuple(_lineage(*row) for row in rows)


def find_lineages(species: Iterable[str]) -> list[tuple[str, Lineage]]:
    """Return the sets to which any of the species leads, each with the first that does.

    Parameters
    ----------
    species : iterable of str
        Names as libraries have them.

    Examples
    --------
    >>> [(name, lineage.others(name)) for name, lineage in find_lineages(["Canis familiaris"])]
    [('Canis familiaris', ('Canis lupus',))]
    """
    species = tuple(species)
    if not any(name in _text() for name in species):  # of most: the sets need not be read
        return []
    leading = _leading()
    first_names: dict[int, str] = {}
    for name in species:
        for place in leading.get(name, ()):
            first_names.setdefault(place, name)
    return [(first_names[place], lineages()[place]) for place in sorted(first_names)]


def find_borrowed(species: str) -> list[Lineage]:
    """Return the sets in which the species is known to bear the lineage of others beside its own.

    Examples
    --------
    >>> [lineage.lent_to("Ursus arctos") for lineage in find_borrowed("Ursus arctos")]
    [(('Ursus maritimus', 'Thalarctos maritimus'),)]
    """
    if species not in _text():
        return []
    return [lineage for lineage in lineages() if lineage.lent_to(species)]


@functools.cache
def _leading() -> dict[str, list[int]]:
    """Return by name the places of the sets that it leads to, in the order of the table."""
    leading: dict[str, list[int]] = {}
    for place, lineage in enumerate(lineages()):
        for names in lineage.members:
            for name in names:
                # A call leads to the member that bears the name first.
                if lineage.leads(name) and place not in leading.setdefault(name, []):
                    leading[name].append(place)
    return leading


def _lineage(kind: str, members: str, called: str, forms: str, tests: str, sources: str) -> Lineage:
    named = tuple(tuple(member.split("=")) for member in members.split(";"))
    return Lineage(
        kind=kind,
        members=named,
        called=tuple(called.split(";")) if called else tuple(names[0] for names in named),
        forms=forms,
        tests=tuple(tests.split(";")),
        sources=tuple(sources.split(";")),
    )
