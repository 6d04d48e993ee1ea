"""A backbone of names from a dump of NCBI's taxonomy.

A species counts where its name is a binomial: *Manis javanica* does, ``Manis sp. 2`` and hybrids do not. Its genus
is the first word of the name. A name that is a synonym of several species, or the accepted name of one, is
nobody's synonym. Nor is what a taxon was called in an older dump, where genus and epithet have both changed since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from forensics.taxonomy.backbone import UPPER_RANKS, Backbone, Taxon
from forensics.taxonomy.names import parse_name
from forensics.taxonomy.spelling import epithet_stem
from forensics.taxonomy.taxdump import (
    NAMES,
    RANKS,
    SCIENTIFIC,
    SYNONYM_CLASSES,
    dump_files,
    dump_merged,
    dump_nodes,
    dump_number,
    dump_rows,
)

_SPECIES = RANKS.index("species") + 1
_PLACES = {RANKS.index(rank) + 1: rank for rank in UPPER_RANKS}
_SCIENTIFIC = SCIENTIFIC.encode()
_NAMES_OF_SPECIES = {_SCIENTIFIC, *(kind.encode() for kind in SYNONYM_CLASSES)}


def backbone_of_taxdump(
    folder: Path,
    *,
    genera: Collection[str] | None = None,
    within: Collection[str] = (),
    older: Sequence[Path] = (),
    source: Mapping[str, object] | None = None,
) -> Backbone:
    """Read a backbone from a dump.

    Parameters
    ----------
    folder : pathlib.Path
        With ``names.dmp``, ``nodes.dmp`` and, perhaps, ``merged.dmp``.
    genera : collection of str, optional
        Genera that are wanted, with their families; all by default.
    within : collection of str
        Taxa below which species are taken, such as ``Metazoa``; all by default.
    older : sequence of pathlib.Path
        Dumps of earlier years: a name that the taxon of the same number bore there is a synonym of its name now.
    source : mapping, optional
        What the backbone says of where it comes from; by default that it is NCBI's, with the SHA-256 of the files.

    Raises
    ------
    InputError
        If a file is missing or not a dump; with the line.
    """
    tree = _Tree(folder, within)
    species = list(tree.species())
    if genera is not None:
        species = _wanted(species, genera, tree)
    accepted = {name for _number, name in species}
    grouped: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number, name in species:
        genus, _space, epithet = name.partition(" ")
        grouped[genus, tree.lineage_key(number)].append(epithet)
    taxa: dict[str, list[Taxon]] = defaultdict(list)
    of_family: dict[tuple[str, int], tuple[set[str], int]] = {}
    for (genus, key), epithets in sorted(grouped.items()):
        names = tuple(sorted(set(epithets)))
        if genera is None or genus in genera:
            taxa[genus].append(Taxon(tree.ranks(key), names, len(names)))
        if family := tree.family(key):
            members, count = of_family.get((tree.names[family], family), (set(), 0))
            of_family[tree.names[family], family] = (members | {genus}, count + len(names))
    families: dict[str, list[Taxon]] = defaultdict(list)
    for (name, number), (members, count) in sorted(of_family.items()):
        ranks = {rank: value for rank, value in tree.ranks(number).items() if rank != "family"}
        families[name].append(Taxon(ranks, (), count, len(members)))
    synonyms = _synonyms([folder, *older], tree, accepted)
    kept = set(taxa)
    return Backbone(
        genera={genus: tuple(entries) for genus, entries in sorted(taxa.items())},
        families={family: tuple(entries) for family, entries in sorted(families.items())},
        synonyms={name: into for name, into in synonyms.items() if into.partition(" ")[0] in kept},
        source=source or {"name": "NCBI Taxonomy", "files": dump_files(folder)},
    )


class _Tree:
    """The taxa of a dump with their parents and ranks, and the names above species."""

    def __init__(self, folder: Path, within: Collection[str]) -> None:
        self.folder, self.path = folder, folder / NAMES
        self.parents, self.places = dump_nodes(folder)
        self.merged = dump_merged(folder)
        self.names: dict[int, str] = {}
        wanted, roots = {name.encode() for name in within}, set()
        for line, cells in dump_rows(self.path, 4):
            if cells[3].strip() != _SCIENTIFIC:
                continue
            number = dump_number(cells[0], self.path, line)
            name = cells[1].strip()
            if name in wanted:
                roots.add(number)
            if number < len(self.places) and 0 < self.places[number] < _SPECIES:
                self.names[number] = name.decode("utf-8", "replace")
        self._roots = roots if within else None
        # Of each taxon above species: whether it is wanted, and its genus, else what stands next above.
        self._above: dict[int, tuple[bool, int]] = {}
        self._ranks: dict[int, dict[str, str]] = {}

    def species(self) -> Iterator[tuple[int, str]]:
        """Yield number and binomial of the species that are wanted."""
        for line, cells in dump_rows(self.path, 4):
            if cells[3].strip() != _SCIENTIFIC:
                continue
            number = dump_number(cells[0], self.path, line)
            if number < len(self.places) and self.places[number] == _SPECIES:
                name = cells[1].strip().decode("utf-8", "replace")
                if parse_name(name).species == name and self._known_above(number)[0]:
                    yield number, name

    def species_above(self, number: int) -> int:
        """Return the species that a taxon is, or is part of; 0 where it is none."""
        number = self.merged.get(number, number)
        while 0 < number < len(self.parents) and self.parents[number]:
            if self.places[number] == _SPECIES:
                return number
            if self.places[number] or self.parents[number] == number:
                return 0
            number = self.parents[number]
        return 0

    def lineage_key(self, number: int) -> int:
        """Return the genus of a species, else the next taxon above it that has a rank."""
        return self._known_above(number)[1]

    def family(self, key: int) -> int:
        """Return the family that a taxon is in; 0 where it is in none."""
        return next((n for n in self._chain(key) if _PLACES.get(self.places[n]) == "family"), 0)

    def ranks(self, key: int) -> dict[str, str]:
        """Return the names of the ranks of a taxon and above it, the lowest first."""
        if key not in self._ranks:
            found = {
                _PLACES[self.places[n]]: self.names[n]
                for n in reversed(self._chain(key))
                if self.places[n] in _PLACES and n in self.names
            }
            self._ranks[key] = {rank: found[rank] for rank in UPPER_RANKS if rank in found}
        return self._ranks[key]

    def _chain(self, number: int) -> list[int]:
        chain: list[int] = []
        while 0 < number < len(self.parents) and self.parents[number] and number not in chain[-1:]:
            chain.append(number)
            number = self.parents[number]
        return chain

    def _known_above(self, number: int) -> tuple[bool, int]:
        """Return whether a taxon is wanted, and the lowest taxon above it that has a rank."""
        parent = self.parents[number]
        if parent not in self._above:
            chain = self._chain(parent)
            wanted = self._roots is None or not self._roots.isdisjoint(chain)
            self._above[parent] = wanted, next((n for n in chain if n in self.names), 0)
        return self._above[parent]


def _wanted(
    species: Sequence[tuple[int, str]], genera: Collection[str], tree: _Tree
) -> list[tuple[int, str]]:
    """Return the species of the families of some genera, and of those genera."""
    families = {
        tree.family(tree.lineage_key(number))
        for number, name in species
        if name.partition(" ")[0] in genera
    } - {0}
    return [
        (number, name)
        for number, name in species
        if name.partition(" ")[0] in genera or tree.family(tree.lineage_key(number)) in families
    ]


def _synonyms(folders: Sequence[Path], tree: _Tree, accepted: Collection[str]) -> dict[str, str]:
    """Return the accepted name of each other name; `accepted` are those that are wanted."""
    current: dict[int, str] = {}
    others: dict[str, set[int]] = defaultdict(set)
    called_before: set[str] = set()
    taken = set()  # names that a species bears now, wanted or not
    for place, folder in enumerate(folders):
        path = folder / NAMES
        for line, cells in dump_rows(path, 4):
            kind = cells[3].strip()
            if kind not in _NAMES_OF_SPECIES:
                continue
            text = cells[1].strip()
            if text.count(b" ") != 1:
                continue
            number = tree.species_above(dump_number(cells[0], path, line))
            name = text.decode("utf-8", "replace")
            if not number or parse_name(name).species != name:
                continue
            if not place and kind == _SCIENTIFIC:
                taken.add(name)
                if name in accepted:
                    current[number] = name
            else:
                others[name].add(number)
                if kind == _SCIENTIFIC:
                    called_before.add(name)
    return {
        name: current[number]
        for name, numbers in sorted(others.items())
        if name not in taken and len(numbers) == 1
        for number in numbers
        if number in current
        and (name not in called_before or _is_a_name_change(name, current[number]))
    }


def _is_a_name_change(name: str, accepted: str) -> bool:
    """Return whether a taxon kept its genus or its epithet when it got another name.

    Where both are others the number may have been given to something else, or be in error: *Phalaropus lobatus* is
    ``Tringa tobata`` in a dump of 2024.
    """
    same_genus = name.partition(" ")[0] == accepted.partition(" ")[0]
    return same_genus or epithet_stem(name) == epithet_stem(accepted)
