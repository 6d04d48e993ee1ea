"""Scientific names as people deposit them, and taxa that one lineage may stand for.

A record's name says how far its identification goes: *Manis javanica* names a
species, ``Manis sp. 2`` only a genus, ``Manis cf. javanica`` a genus and an
opinion, ``Falco rusticolus x cherrug`` two parents. A record supports a call no
further than its name goes.

A barcode does not tell the lineages of some taxa apart (domestic forms, introgression, hybrids). The table ``lineages.tsv`` has a row a set: its members (``=`` stands between names of
one member), the lineages that lead to it, the nuclear tests that would separate it, and
the publications that say so. All members of a set belong to one family.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forensics.messages import N_, _

# Open nomenclature (Sigovini et al. 2016, doi:10.1111/2041-210X.12594) and the
# words that INSDC and BOLD use where no species is known.
_OPEN = (
    r"(?i)^(sp|spp|ssp|cf|aff|nr|gr|near|gen|indet|complex|group|agg|like|species|"
    r"unidentified|environmental|uncultured)\.?\d*$"
)
# Marks that make a name wider or less sure than its binomial wherever they stand, also
# behind a hyphen (``javanica-like``).
_ANYWHERE = (
    r"(?i)(^|[\s-])((sp|spp|cf|aff|nr|gr|agg|like|group|complex)\.?|s\.\s?l\.|sensu lato)(\s|$)|"
    r"\(misc\)"
)
_HYBRID = r"(?i)(^|\s)[x×](\s|$)|×|\bhybrid\b"
_GENUS = r"^[A-Z][a-zà-ÿ]+(?:-[a-zà-ÿ]+)?$"
_EPITHET = r"^[a-zà-ÿ]+(?:-[a-zà-ÿ]+)*$"
# Patterns are compiled where they are first needed. Two words in Latin letters, as nearly all names are, need
# none: of what the patterns know, such a word can only be one of these. One sample would wait for them.
_NO_NAMES = frozenset(
    "sp spp ssp cf aff nr gr near gen indet complex group agg like species unidentified environmental "
    "uncultured sensu x hybrid".split()
)


@dataclass(frozen=True, slots=True)
class TaxonName:
    """A deposited name and what it says.

    Attributes
    ----------
    text : str
        The name as deposited, white space made single, in NFC.
    genus : str
        The genus, or an empty string where none is named.
    species : str
        The binomial, or an empty string where the name does not reach a species.
    hybrid : bool
        Whether the name is that of a hybrid.
    """

    text: str
    genus: str
    species: str
    hybrid: bool = False

    @property
    def label(self) -> str:
        """The name under which the record counts: the binomial, else the name as it stands."""
        return self.species or self.text


# Many records of a file bear the same name.
@lru_cache(maxsize=2**14)
def parse_name(text: str) -> TaxonName:
    """Read a deposited name.

    Parameters
    ----------
    text : str
        For example ``Manis javanica``, ``Manis_javanica``, ``Panthera tigris
        altaica``, ``Bombus cf. terrestris``, ``Falco rusticolus x F. cherrug``.

    Returns
    -------
    TaxonName
        With empty ``species`` for open nomenclature and hybrids, and with empty
        ``genus`` too where the first word is not a genus.

    Examples
    --------
    >>> parse_name("Panthera tigris altaica").species
    'Panthera tigris'
    >>> parse_name("Bombus cf. terrestris").species
    ''
    """
    clean = " ".join(text.replace("_", " ").split())
    if not clean.isascii():
        import unicodedata

        clean = unicodedata.normalize("NFC", clean)
    genus, _space, epithet = clean.partition(" ")
    if _is_binomial(genus, epithet):
        return TaxonName(clean, genus, clean)
    words = [word for word in clean.split(" ") if not word.startswith("(")]
    if not words or re.match(_OPEN, words[0]) or not re.match(_GENUS, words[0]):
        return TaxonName(clean, "", "", bool(re.search(_HYBRID, clean)))
    genus = words[0]
    if re.search(_HYBRID, clean):
        return TaxonName(clean, genus, "", True)
    qualified = any(re.match(_OPEN, word) for word in words[1:3]) or re.search(_ANYWHERE, clean)
    if len(words) < 2 or qualified or not re.match(_EPITHET, words[1]):
        return TaxonName(clean, genus, "")
    return TaxonName(clean, genus, f"{genus} {words[1]}")


def _is_binomial(genus: str, epithet: str) -> bool:
    """Return whether two words are a species without doubt; False says nothing."""
    return (
        len(genus) > 1
        and f"{genus}{epithet}".isascii()
        and genus.isalpha()
        and genus.istitle()
        and epithet.isalpha()
        and epithet.islower()
        and genus.lower() not in _NO_NAMES
        and epithet not in _NO_NAMES
    )


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
