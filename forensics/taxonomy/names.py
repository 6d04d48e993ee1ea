"""Scientific names: as people deposit them, as a backbone has them, and those that one lineage may stand for.

A record's name says how far its identification goes: *Manis javanica* names a
species, ``Manis sp. 2`` only a genus, ``Manis cf. javanica`` a genus and an
opinion, ``Falco rusticolus x cherrug`` two parents. A record supports a call no
further than its name goes.

A barcode does not tell the lineages of some taxa apart (domestic forms, introgression, hybrids). The table
``lineages.tsv`` has a row a set: its members (``=`` stands between names of one member), the lineages that lead to it,
the nuclear tests that would separate it, and the publications that say so. All members of a set belong to one family.

A backbone has accepted names, synonyms, the species known of each genus and family, and the ranks above. A library
says what it holds, a backbone what there is. From both follows how complete a library is for a genus, which names are
of one species, and to which order and class a sequence belongs.

A backbone is a table, tab separated, with a row a genus, a family or a synonym, in this order and by name
(docs/formats.md)::

    # {"name": "NCBI Taxonomy", "version": "2024-09-09", ...}
    kind     name             family   order      class     phylum    genera  species  names
    genus    Manis            Manidae  Pholidota  Mammalia  Chordata  1       5        crassicaudata culionensis ...
    family   Manidae                   Pholidota  Mammalia  Chordata  3       9
    synonym  Manis tricuspis                                                          Phataginus tricuspis

One genus name may stand in zoology and in botany (*Ficus*), and has a row for each.

The package ships the names of all animals and green plants that NCBI knows, `packaged_backbone`; a library has
those of its genera and their families.

References
----------
Schoch et al. 2020, doi:10.1093/database/baaa062 (NCBI Taxonomy).
"""

import bisect
import functools
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from forensics.errors import LibraryError
from forensics.io.files import load_json
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
_GENUS_WORD = r"^[A-Z][a-zà-ÿ]+(?:-[a-zà-ÿ]+)?$"
_EPITHET_WORD = r"^[a-zà-ÿ]+(?:-[a-zà-ÿ]+)*$"
# Patterns are compiled where they are first needed. Two words in Latin letters, as nearly all names are, need
# none: of what the patterns know, such a word can only be one of these. One sample would wait for them.
_NO_NAMES = frozenset(
    "sp spp ssp cf aff nr gr near gen indet complex group agg like species unidentified environmental "
    "uncultured sensu x hybrid".split()
)


class TaxonName(NamedTuple):
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


def genus_of(species: str) -> str:
    """Return the genus that the name of a species says."""
    return species.partition(" ")[0]


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
    if not words or re.match(_OPEN, words[0]) or not re.match(_GENUS_WORD, words[0]):
        return TaxonName(clean, "", "", bool(re.search(_HYBRID, clean)))
    genus = words[0]
    if re.search(_HYBRID, clean):
        return TaxonName(clean, genus, "", True)
    qualified = any(re.match(_OPEN, word) for word in words[1:3]) or re.search(_ANYWHERE, clean)
    if len(words) < 2 or qualified or not re.match(_EPITHET_WORD, words[1]):
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


class Lineage(NamedTuple):
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
        genus = genus_of(species) + " "
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


UPPER_RANKS = ("family", "order", "class", "phylum")
"""Ranks above the genus, the lowest first."""
COLUMNS = ("kind", "name", *UPPER_RANKS, "genera", "species", "names")
PACKAGED = Path(__file__).with_name("backbone.tsv.xz")
"""Made by ``reference_sequences/backbone.py``."""
_PLANTS = frozenset({"Chlorophyta", "Streptophyta"})
_GENUS, _FAMILY, _SYNONYM = _KINDS = ("genus", "family", "synonym")


class Taxon(NamedTuple):
    """A genus or a family, and what is known of it.

    Attributes
    ----------
    ranks : mapping of str to str
        Of `UPPER_RANKS`, as far as they are known; of a family those above it.
    species : tuple of str
        Epithets of the species of a genus, in alphabetical order; empty for a family.
    known_count : int
        Number of species known.
    genera : int
        Number of genera of a family that have such species; 1 for a genus.
    """

    ranks: Mapping[str, str]
    species: tuple[str, ...]
    known_count: int
    genera: int = 1


@dataclass(frozen=True)
class Backbone:
    """Names and what is known of them.

    Attributes
    ----------
    genera, families : mapping of str to tuple of Taxon
        Several where one name stands for several.
    synonyms : mapping of str to str
        Accepted binomials by name.
    source : mapping of str to object
        What the names were taken from: ``name``, ``version``, ``files`` with their SHA-256.
    """

    genera: Mapping[str, tuple[Taxon, ...]]
    families: Mapping[str, tuple[Taxon, ...]] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)

    def accepted(self, name: str) -> str:
        """Return the accepted name of a species; the name itself where it is accepted, or not known.

        A subspecies is the species that has its epithet where there is one. In zoology no other species of the genus
        may bear it (ICZN, Article 57), in botany one may.

        Examples
        --------
        >>> genera = {"Psittacus": (Taxon({}, ("erithacus", "timneh"), 2),)}
        >>> backbone = Backbone(genera, synonyms={"Puffinus bulleri": "Ardenna bulleri"})
        >>> backbone.accepted("Puffinus bulleri"), backbone.accepted("Manis javanica")
        ('Ardenna bulleri', 'Manis javanica')
        >>> backbone.accepted("Psittacus erithacus timneh"), backbone.accepted("Psittacus erithacus minor")
        ('Psittacus timneh', 'Psittacus erithacus')
        """
        if name in self.synonyms or name.count(" ") != 2:
            return self.synonyms.get(name, name)
        from forensics.taxonomy.spelling import epithet_stem  # few names have three words

        genus, species, subspecies = name.split(" ")
        own = self.accepted(f"{genus} {subspecies}")
        is_plant = any(taxon.ranks.get("phylum") in _PLANTS for taxon in self.genera.get(genus, ()))
        if (
            not is_plant
            and self.is_accepted(own)
            and epithet_stem(own) == epithet_stem(f" {subspecies}")
        ):
            return own
        return self.accepted(f"{genus} {species}")

    def is_accepted(self, species: str) -> bool:
        """Return whether a binomial is the accepted name of a species."""
        genus, _space, epithet = species.partition(" ")
        return epithet in self._epithets.get(genus, ())

    def are_two_species(self, first: str, other: str) -> bool:
        """Return whether both names are accepted, so that they are of two species."""
        return first != other and self.is_accepted(first) and self.is_accepted(other)

    def known_species(self, taxon: str, *, known: Collection[str] = ()) -> int:
        """Return how many species of a genus or family are known; 0 where nothing, or not which of several, is known.

        Parameters
        ----------
        taxon : str
            Name of a genus or a family.
        known : collection of str
            What is known of its ranks above; decides between homonyms.
        """
        entry = self._find(self.genera.get(taxon) or self.families.get(taxon) or (), known)
        return entry.known_count if entry else 0

    def species_of(self, genus: str, *, known: Collection[str] = ()) -> tuple[str, ...]:
        """Return the species of a genus; empty where it is not known."""
        entry = self._find(self.genera.get(genus, ()), known)
        return tuple(f"{genus} {epithet}" for epithet in entry.species) if entry else ()

    def ranks_of(self, taxon: str, *, known: Collection[str] = ()) -> Mapping[str, str]:
        """Return the ranks above a genus or a family; empty where it is not known."""
        entry = self._find(self.genera.get(taxon) or self.families.get(taxon) or (), known)
        return entry.ranks if entry else {}

    @staticmethod
    def _find(taxa: tuple[Taxon, ...], known: Collection[str]) -> Taxon | None:
        """Return the taxon that is meant; None where there is none, or where several may be."""
        if len(taxa) > 1:
            taxa = tuple(t for t in taxa if not set(t.ranks.values()).isdisjoint(known))
        return taxa[0] if len(taxa) == 1 else None

    @cached_property
    def _epithets(self) -> dict[str, frozenset[str]]:
        return {
            genus: frozenset(epithet for taxon in taxa for epithet in taxon.species)
            for genus, taxa in self.genera.items()
        }

    def subset(self, genera: Iterable[str], families: Iterable[str] = ()) -> "Backbone":
        """Return what is known of some genera, those where their species are now, their families, and further families."""
        named = set(genera)
        now = {
            genus_of(accepted)
            for name, accepted in self.synonyms.items()
            if genus_of(name) in named
        }
        wanted = sorted((named | now) & self.genera.keys())
        above = {
            taxon.ranks["family"]
            for genus in wanted
            for taxon in self.genera[genus]
            if "family" in taxon.ranks
        }
        kept = sorted(above.union(families) & self.families.keys())
        chosen = set(wanted)
        return Backbone(
            genera={genus: self.genera[genus] for genus in wanted},
            families={family: self.families[family] for family in kept},
            synonyms={
                name: accepted
                for name, accepted in self.synonyms.items()
                if genus_of(name) in chosen or genus_of(accepted) in chosen
            },
            source=self.source,
        )

    def to_text(self) -> str:
        """Return the backbone as a table, the same text for the same backbone."""
        lines = [f"# {json.dumps(self.source, ensure_ascii=False, sort_keys=True)}"]
        lines += ["\t".join(COLUMNS), *self._rows()]
        return "\n".join(lines) + "\n"

    def _rows(self) -> Iterator[str]:
        for kind, taxa in ((_GENUS, self.genera), (_FAMILY, self.families)):
            for name, entries in sorted(taxa.items()):
                for taxon in entries:
                    ranks = [taxon.ranks.get(rank, "") for rank in UPPER_RANKS]
                    counts = [str(taxon.genera), str(taxon.known_count)]
                    yield "\t".join([kind, name, *ranks, *counts, " ".join(taxon.species)])
        blank = [""] * (len(UPPER_RANKS) + 2)
        for name, accepted in sorted(self.synonyms.items()):
            yield "\t".join([_SYNONYM, name, *blank, accepted])


def parse_backbone(lines: Iterable[str], *, name: str = "backbone") -> Backbone:
    """Read what `Backbone.to_text` wrote.

    Parameters
    ----------
    name : str
        What it is called in errors.

    Raises
    ------
    LibraryError
        If it is not a backbone; with the line.
    """
    taxa: dict[str, list[Taxon]] = defaultdict(list)
    families: dict[str, list[Taxon]] = defaultdict(list)
    synonyms: dict[str, str] = {}
    number = 1
    try:
        rows = iter(lines)
        source = load_json(next(rows).removeprefix("#"))
        number = 2
        if next(rows).rstrip("\n").split("\t") != list(COLUMNS) or not isinstance(source, dict):
            raise ValueError(_("its columns are others"))
        for row in rows:
            number += 1
            kind, called, rest = row.split("\t", 2)
            if kind == _SYNONYM:
                synonyms[called] = rest.rpartition("\t")[2].rstrip("\n")
            elif kind in (_GENUS, _FAMILY):
                (taxa if kind == _GENUS else families)[called].append(_taxon(rest))
            else:
                raise ValueError(_("{kind!r} is not a kind of row").format(kind=kind))
    except (ValueError, RecursionError, StopIteration) as error:
        raise LibraryError(
            _("{name}, line {line}: it is not a backbone of names: {error}").format(
                name=name, line=number, error=error
            )
        ) from error
    return Backbone(
        genera={genus: tuple(entries) for genus, entries in taxa.items()},
        families={family: tuple(entries) for family, entries in families.items()},
        synonyms=synonyms,
        source=source,
    )


def _taxon(text: str) -> Taxon:
    *ranks, genera, count, names = text.rstrip("\n").split("\t")
    known = {rank: value for rank, value in zip(UPPER_RANKS, ranks, strict=True) if value}
    species = tuple(names.split())
    return Taxon(known, species, int(count), int(genera))


def species_in_table(table: bytes, genus: str, *, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the species of a genus, as `Backbone.species_of`, from the text of a backbone of which no more is read."""
    prefix = f"\n{_GENUS}\t{genus}\t".encode()
    taxa, at = [], table.find(prefix)
    while at >= 0:
        end = table.find(b"\n", at + 1)
        taxa.append(_taxon(table[at + len(prefix) : end].decode("utf-8", "replace")))
        at = end if table.startswith(prefix, end) else -1
    return Backbone({genus: tuple(taxa)}).species_of(genus, known=known)


@functools.cache
def _packaged_lines() -> tuple[str, ...]:
    import lzma  # a library brings its own names

    return tuple(lzma.decompress(PACKAGED.read_bytes()).decode().splitlines())


def _packaged_rows(kind: str, name: str) -> Iterator[str]:
    """Yield the rows of a kind under a name: the table is in the order of both."""
    lines = _packaged_lines()
    at = bisect.bisect_left(lines, (_KINDS.index(kind), name), 2, key=_key_of)
    while at < len(lines) and lines[at].startswith(f"{kind}\t{name}\t"):
        yield lines[at]
        at += 1


@functools.cache
def _packaged_synonyms() -> Mapping[str, list[str]]:
    """Return the rows of synonyms by the genera of both names."""
    lines, rows = _packaged_lines(), defaultdict(list)
    for row in lines[bisect.bisect_left(lines, (_KINDS.index(_SYNONYM), ""), 2, key=_key_of) :]:
        for genus in {genus_of(name) for name in _names_of(row)}:
            rows[genus].append(row)
    return rows


def _names_of(row: str) -> tuple[str, str]:
    """Return the name and the accepted name of a row of synonyms."""
    return row.split("\t", 2)[1], row.rpartition("\t")[2]


def _key_of(row: str) -> tuple[int, str]:
    kind, name, _rest = row.split("\t", 2)
    return _KINDS.index(kind), name


@functools.lru_cache(maxsize=8192)
def packaged_taxa(name: str) -> tuple[Taxon, ...]:
    """Return what the packaged backbone knows under the name of a genus or a family: nothing, one, or homonyms."""
    rows = (row for kind in (_GENUS, _FAMILY) for row in _packaged_rows(kind, name))
    return tuple(_taxon(row.split("\t", 2)[2]) for row in rows)


def packaged_accepted(name: str) -> str:
    """Return the accepted name of a species in the packaged backbone, as `Backbone.accepted`."""
    row = next(_packaged_rows(_SYNONYM, name), "")
    return row.rpartition("\t")[2] or name


@functools.cache
def packaged_higher() -> Mapping[str, frozenset[str]]:
    """Return the taxa above each order, class and phylum of the packaged backbone."""
    higher: dict[str, set[str]] = defaultdict(set)
    lines = _packaged_lines()
    first, last = (
        bisect.bisect_left(lines, (_KINDS.index(kind), ""), 2, key=_key_of)
        for kind in (_FAMILY, _SYNONYM)
    )
    for row in lines[first:last]:
        ranks = [name for name in row.split("\t", 6)[3:6] if name]
        for at, name in enumerate(ranks):
            higher[name].update(ranks[at + 1 :])
    return {name: frozenset(above) for name, above in higher.items()}


def packaged_backbone(genera: Iterable[str], families: Iterable[str] = ()) -> Backbone:
    """Return what the packaged backbone knows of some genera, their accepted genera and families.

    Parameters
    ----------
    genera, families : iterable of str
        Names as records bear them.
    """
    named = set(genera)
    synonyms = [row for genus in sorted(named) for row in _packaged_synonyms().get(genus, ())]
    # An accepted name may stand in a genus that no record bears yet.
    more = {genus_of(name) for row in synonyms for name in _names_of(row)} - named
    synonyms += [row for genus in sorted(more) for row in _packaged_synonyms().get(genus, ())]
    taxa = [row for genus in sorted(named | more) for row in _packaged_rows(_GENUS, genus)]
    above = {row.split("\t", 3)[2] for row in taxa}.union(families)
    taxa += [row for family in sorted(above) for row in _packaged_rows(_FAMILY, family)]
    lines = (*_packaged_lines()[:2], *taxa, *synonyms)
    return parse_backbone(lines, name=PACKAGED.name).subset(named, families)
