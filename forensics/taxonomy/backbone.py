"""A backbone of names: accepted names, synonyms, the species known of each genus and family, and the ranks above.

A library says what it holds, a backbone what there is. From both follows how complete a library is for a genus,
which names are of one species, and to which order and class a sequence belongs.

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

A laboratory's own table of synonyms (`read_synonyms`) has the columns ``name``, ``accepted`` and ``source`` (others are passed over), in
TSV or CSV, UTF-8 or Windows-1252. The laboratory chooses the checklist; none is packaged.
"""

import bisect
import functools
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from forensics.errors import InputError, LibraryError
from forensics.io.files import load_json
from forensics.io.tables import TEXT, Column, Table, read_table
from forensics.messages import _
from forensics.taxonomy.names import parse_name

UPPER_RANKS = ("family", "order", "class", "phylum")
"""Ranks above the genus, the lowest first."""
COLUMNS = ("kind", "name", *UPPER_RANKS, "genera", "species", "names")
PACKAGED = Path(__file__).with_name("backbone.tsv.xz")
"""Made by ``reference_sequences/backbone.py``."""
_GENUS, _FAMILY, _SYNONYM = _KINDS = ("genus", "family", "synonym")


@dataclass(frozen=True, slots=True)
class Taxon:
    """A genus or a family, and what is known of it.

    Attributes
    ----------
    ranks : mapping of str to str
        Of `UPPER_RANKS`, as far as they are known; of a family those above it.
    species : tuple of str
        Epithets of the species of a genus, in alphabetical order; empty for a family.
    count : int
        Number of species known.
    genera : int
        Number of genera of a family that have such species; 1 for a genus.
    """

    ranks: Mapping[str, str]
    species: tuple[str, ...]
    count: int
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

        Examples
        --------
        >>> backbone = Backbone({}, synonyms={"Manis tricuspis": "Phataginus tricuspis"})
        >>> backbone.accepted("Manis tricuspis"), backbone.accepted("Manis javanica")
        ('Phataginus tricuspis', 'Manis javanica')
        """
        return self.synonyms.get(name, name)

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
        return entry.count if entry else 0

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
        """Return what is known of some genera, their families, and further families."""
        wanted = sorted(set(genera) & self.genera.keys())
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
                if name.partition(" ")[0] in chosen or accepted.partition(" ")[0] in chosen
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
                    counts = [str(taxon.genera), str(taxon.count)]
                    yield "\t".join([kind, name, *ranks, *counts, " ".join(taxon.species)])
        blank = [""] * (len(UPPER_RANKS) + 2)
        for name, accepted in sorted(self.synonyms.items()):
            yield "\t".join([_SYNONYM, name, *blank, accepted])


def parse_backbone(
    lines: Iterable[str], *, name: str = "backbone", genera: Collection[str] | None = None
) -> Backbone:
    """Read what `Backbone.to_text` wrote.

    Parameters
    ----------
    name : str
        What it is called in errors.
    genera : collection of str, optional
        Genera that are wanted, and the accepted genera of their synonyms; all by default. What `Backbone.subset`
        would keep of the whole is kept, and all families.

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
            genus = called.partition(" ")[0]
            if kind == _SYNONYM:
                accepted = rest.rpartition("\t")[2].rstrip("\n")
                if genera is None or genus in genera or accepted.partition(" ")[0] in genera:
                    synonyms[called] = accepted
            elif kind not in (_GENUS, _FAMILY):
                raise ValueError(_("{kind!r} is not a kind of row").format(kind=kind))
            elif genera is None or kind == _FAMILY or genus in genera:
                (taxa if kind == _GENUS else families)[called].append(_taxon(rest))
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


@functools.cache
def _packaged_lines() -> tuple[str, ...]:
    return tuple(lzma.decompress(PACKAGED.read_bytes()).decode().splitlines())


def _packaged_rows(kind: str, name: str) -> Iterator[str]:
    """Yield what stands behind a name in the rows of its kind: the table is in the order of both."""
    lines = _packaged_lines()
    at = bisect.bisect_left(lines, (_KINDS.index(kind), name), 2, key=_key_of)
    while at < len(lines) and lines[at].startswith(f"{kind}\t{name}\t"):
        yield lines[at].split("\t", 2)[2]
        at += 1


def _key_of(row: str) -> tuple[int, str]:
    kind, name, _rest = row.split("\t", 2)
    return _KINDS.index(kind), name


@functools.lru_cache(maxsize=8192)
def packaged_taxa(name: str) -> tuple[Taxon, ...]:
    """Return what the packaged backbone knows under the name of a genus or a family: nothing, one, or homonyms."""
    rows = (row for kind in (_GENUS, _FAMILY) for row in _packaged_rows(kind, name))
    return tuple(map(_taxon, rows))


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
    wanted = set(genera)
    first = parse_backbone(_packaged_lines(), name=PACKAGED.name, genera=wanted)
    # An accepted name may stand in a genus that no record bears yet.
    more = {accepted.partition(" ")[0] for accepted in first.synonyms.values()}
    if not more <= wanted:
        first = parse_backbone(_packaged_lines(), name=PACKAGED.name, genera=wanted | more)
    return first.subset(wanted | more, families)


_NAME = Column("name", TEXT, ("synonym",), filled=True, several="first")
_ACCEPTED = Column("accepted", TEXT, ("accepted_name", "valid_name"), filled=True, several="first")
_SOURCE = Column("source", TEXT, ("reference",), required=False, several="first")
# A third word that is an epithet: a subspecies may be a synonym of its own.
_EPITHET = re.compile(r"^[a-zà-ÿ]+(-[a-zà-ÿ]+)*$")
# Name changes follow one another; no name has changed so often.
_MAX_CHAIN = 100


@dataclass(frozen=True)
class Synonyms:
    """A synonym table with its chains resolved.

    Attributes
    ----------
    accepted : mapping of str to str
        Accepted binomial by name; names that are accepted themselves are left out.
    sources : mapping of str to str
        What the table gives as the source of each row.
    ignored : tuple of (int, str)
        Line and reason of rows that say nothing of a species.
    file, sha256 : str
        Name and SHA-256 of the file.
    """

    accepted: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[tuple[int, str], ...] = ()
    file: str = ""
    sha256: str = ""

    def find(self, name: str) -> tuple[str, str]:
        """Return the row that fits a deposited name and the accepted name; else two blanks.

        A row for the subspecies goes before one for the species.

        Examples
        --------
        >>> table = Synonyms({"Neovison vison": "Neogale vison"})
        >>> table.find("Neovison vison energumenos")
        ('Neovison vison', 'Neogale vison')
        """
        for key in _keys(name):
            if key in self.accepted:
                return key, self.accepted[key]
        return "", ""


def read_synonyms(path: Path) -> Synonyms:
    """Read a synonym table.

    Parameters
    ----------
    path : pathlib.Path
        CSV, TSV or .xlsx, plain or gzipped; see `forensics.io.tables.read_table`.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, gives one name two accepted names, or
        leads from a name back to itself; with the line.
    """
    path = Path(path)
    table = read_table(path, narrow_rows=True, no_rows=True)
    targets, sources, ignored = _rows(table, str(path))
    return Synonyms(
        accepted=_resolved(targets, str(path)),
        sources=sources,
        ignored=tuple(ignored),
        file=path.name,
        sha256=table.sha256,
    )


_Targets = dict[str, dict[str, int]]


def _rows(table: Table, path: str) -> tuple[_Targets, dict[str, str], list[tuple[int, str]]]:
    """Return accepted names with their lines by name, sources by name, and what is passed over."""
    if not (table.has(_NAME) and table.has(_ACCEPTED)):
        raise InputError(
            _("a synonym table needs the columns 'name' and 'accepted'; found: {columns}").format(
                columns=", ".join(table.header) or "-"
            ),
            source=path,
            line=table.line,
        )
    targets: _Targets = {}
    sources: dict[str, str] = {}
    ignored = []
    for record in table.records(_NAME, _ACCEPTED, _SOURCE, pass_blank=True):
        names = _keys(record[_NAME])
        accepted = parse_name(record[_ACCEPTED]).species
        if not names or not accepted:
            reason = _("{name!r} is not the name of a species").format(
                name=record[_ACCEPTED] if names else record[_NAME]
            )
            ignored.append((record.line, reason))
            continue
        targets.setdefault(names[0], {}).setdefault(accepted, record.line)
        sources.setdefault(names[0], record[_SOURCE])
    return targets, sources, ignored


def _resolved(targets: _Targets, path: str) -> dict[str, str]:
    accepted = {}
    for name in targets:
        final = _final(name, targets, path)
        if final != name:
            accepted[name] = final
    return accepted


def _final(name: str, targets: _Targets, path: str) -> str:
    """Follow a name to the one that is accepted."""
    chain, line = [name], 0
    while True:
        here = targets.get(chain[-1], {})
        further = [other for other in here if other != chain[-1]]
        if not further:
            return chain[-1]
        if len(here) > 1:
            # Two rows may still agree where one of the names is a synonym of the other.
            agreed = [
                other
                for other in further
                if all(name == other or other in targets.get(name, {}) for name in here)
            ]
            if len(agreed) != 1 or chain[-1] in here:
                raise InputError(
                    _("{name} has two accepted names: {names}; keep one row").format(
                        name=chain[-1],
                        names=", ".join(
                            _("{name} (line {line})").format(name=other, line=here[other])
                            for other in here
                        ),
                    ),
                    source=path,
                    line=max(here.values()),
                )
            further = agreed
        line = here[further[0]]
        chain.append(further[0])
        if further[0] in chain[:-1] or len(chain) > _MAX_CHAIN:
            raise InputError(
                _("the table leads in a circle: {chain}; say which name is accepted").format(
                    chain=" > ".join(chain)
                ),
                source=path,
                line=line,
            )


def _keys(name: str) -> list[str]:
    """Return the names under which a deposited name is looked up, the narrowest first."""
    parsed = parse_name(name)
    if not parsed.species:
        return []
    words = [word for word in parsed.text.split(" ") if not word.startswith("(")]
    words = words[2:3] if len(words) > 2 and _EPITHET.match(words[2]) else []
    return [" ".join([parsed.species, *words]), parsed.species] if words else [parsed.species]
