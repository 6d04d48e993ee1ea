"""NCBI's taxonomy from its dump: lineages, merged numbers, synonyms and the accepted names.

A dump is a folder with ``names.dmp`` and ``nodes.dmp``, and ``merged.dmp`` where numbers were
merged.  Its files are read line by line, and only what is asked for is kept: the parents and
ranks of all taxa take five bytes each, names only those on the way of what was looked for.

References
----------
Schoch et al. 2020, doi:10.1093/database/baaa062 (NCBI Taxonomy).

`backbone_of_taxdump` makes a backbone of names from it. A species counts where its name is a binomial: *Manis
javanica* does, ``Manis sp. 2`` and hybrids do not. Its genus is the first word of the name. A name that is a synonym
of several species, or the accepted name of one, is nobody's synonym. Nor is what a taxon was called in an older dump,
where genus and epithet have both changed since. The names of the CITES Appendices go before NCBI's
(`forensics.taxonomy.synonyms.prefer_cites_names`).
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from forensics.errors import InputError
from forensics.io.files import open_input, sha256
from forensics.messages import _
from forensics.taxonomy.listings.table import homonyms
from forensics.taxonomy.names import UPPER_RANKS, Backbone, Taxon, genus_of, parse_name
from forensics.taxonomy.spelling import epithet_stem
from forensics.taxonomy.synonyms import prefer_cites_names

#: Ranks of a lineage that are kept.
RANKS = ("phylum", "class", "order", "family", "genus", "species")

NAMES, NODES, MERGED = "names.dmp", "nodes.dmp", "merged.dmp"
SCIENTIFIC = "scientific name"
# Classes of names that stand for a taxon as a whole; common names and misspellings do not.
SYNONYM_CLASSES = (
    "synonym",
    "equivalent name",
    "anamorph",
    "teleomorph",
    "genbank synonym",
    "basionym",
)
# NCBI's numbers passed three million in 2022; a file with more than this is not a taxonomy.
_MAX_TAXA = 20_000_000
_MAX_LINE = 100_000
# Deeper than any lineage: the deepest have some forty steps.
_DEEPEST = 200
_EPITHET = re.compile(r"^[A-Z][a-zà-ÿ-]+ [a-zà-ÿ-]+$")


@dataclass(frozen=True)
class DumpTaxon:
    """A taxon with its lineage.

    Attributes
    ----------
    number : int
        NCBI's, after merging.
    species : str
        Accepted binomial; empty where the taxon lies above a species or has none.
    ranks : mapping of str to str
        Accepted names by `RANKS`, ``species`` excluded.
    """

    number: int
    species: str
    ranks: Mapping[str, str]


@dataclass(frozen=True)
class Taxdump:
    """What a dump says of the names that were looked for.

    Attributes
    ----------
    by_name : mapping of str to tuple of Taxon
        Taxa of a name: those that bear it as their own, else those of which it is a synonym.
    by_number : mapping of int to Taxon
        Under the numbers that were asked for, merged ones too.
    sha256 : dict of str to str
        Of the files.
    """

    by_name: Mapping[str, tuple[DumpTaxon, ...]]
    by_number: Mapping[int, DumpTaxon]
    sha256: dict[str, str] = field(default_factory=dict)

    def find(self, name: str, *, number: int = 0, known: Collection[str] = ()) -> DumpTaxon | None:
        """Return the taxon of a name; None where there is none, or where several bear it.

        Parameters
        ----------
        number : int
            NCBI's number where the record has one; decides between homonyms, and stands for a
            name that is not in the dump.
        known : collection of str
            What else is known of its lineage; decides between homonyms.
        """
        taxa = self.by_name.get(name, ())
        numbered = self.by_number.get(number)
        if numbered and (not taxa or numbered in taxa):
            return numbered
        if len(taxa) > 1:
            fitting = [taxon for taxon in taxa if not set(taxon.ranks.values()).isdisjoint(known)]
            taxa = tuple(fitting) if len(fitting) == 1 else ()
        return taxa[0] if taxa else None


def read_taxdump(folder: Path, names: Collection[str], numbers: Collection[int] = ()) -> Taxdump:
    """Read what a dump says of some names and numbers.

    Parameters
    ----------
    folder : pathlib.Path
    names : collection of str
        Names as they are looked for: binomials, genera.
    numbers : collection of int
        NCBI's numbers of taxa.

    Raises
    ------
    InputError
        If a file is missing or no dump; with the line.
    """
    folder = Path(folder)
    merged = dump_merged(folder)
    # Compared as bytes: the file has millions of lines, few of which are wanted.
    by_bytes = {name.encode(): name for name in names}
    own, synonyms = defaultdict(set), defaultdict(set)
    path = folder / NAMES
    for line, cells in dump_rows(path, 4):
        name = by_bytes.get(cells[1].strip())
        if name is not None:
            kind = cells[3].strip().decode("utf-8", "replace")
            if kind == SCIENTIFIC:
                own[name].add(dump_number(cells[0], path, line))
            elif kind in SYNONYM_CLASSES:
                synonyms[name].add(dump_number(cells[0], path, line))
    parents, ranks = dump_nodes(folder)
    current = {number: merged.get(number, number) for number in numbers}
    start = {
        number for table in (own, synonyms) for numbers_ in table.values() for number in numbers_
    }
    start |= set(current.values())
    chains = {number: _chain(number, parents, folder / NODES) for number in start}
    called = {number for chain in chains.values() for number in chain}
    accepted: dict[int, str] = {}
    for line, cells in dump_rows(path, 4):
        if cells[3].strip() == SCIENTIFIC.encode():
            number = dump_number(cells[0], path, line)
            if number in called:
                accepted[number] = cells[1].strip().decode("utf-8", "replace")
    taxa = {number: _taxon(number, chain, ranks, accepted) for number, chain in chains.items()}
    by_name = {}
    for name in by_bytes.values():
        matches = own.get(name) or synonyms.get(name) or ()
        if matches:
            by_name[name] = tuple(taxa[number] for number in sorted(matches))
    by_number = {number: taxa[into] for number, into in current.items() if _known(into, parents)}
    return Taxdump(by_name, by_number, dump_files(folder))


def dump_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of a dump, by their names."""
    files = [folder / name for name in (NAMES, NODES, MERGED)]
    return {file.name: sha256(file) for file in files if file.is_file()}


def _known(number: int, parents: "array[int]") -> bool:
    """Return whether a number is that of a taxon of the dump."""
    return 0 <= number < len(parents) and bool(parents[number])


def _taxon(number: int, chain: list[int], ranks: bytearray, names: dict[int, str]) -> DumpTaxon:
    names_by_rank: dict[str, str] = {}
    for member in chain:
        rank = ranks[member] if member < len(ranks) else 0
        if rank and member in names:
            names_by_rank.setdefault(RANKS[rank - 1], names[member])
    species = names_by_rank.pop("species", "")
    return DumpTaxon(number, species if _EPITHET.match(species) else "", names_by_rank)


def _chain(number: int, parents: "array[int]", path: Path) -> list[int]:
    chain = [number]
    while _known(chain[-1], parents) and parents[chain[-1]] != chain[-1]:
        chain.append(parents[chain[-1]])
        if len(chain) > _DEEPEST:
            raise InputError(
                _("taxon {number} has no end to its lineage; the dump is damaged").format(
                    number=number
                ),
                source=str(path),
            )
    return chain


def dump_nodes(folder: Path) -> "tuple[array[int], bytearray]":
    """Return the parent of each taxon, 0 where there is none, and the place of its rank in `RANKS`."""
    parents, ranks = array("I"), bytearray()
    places = {rank.encode(): place for place, rank in enumerate(RANKS, 1)}
    path = folder / NODES
    for line, cells in dump_rows(path, 3):
        number, parent = dump_number(cells[0], path, line), dump_number(cells[1], path, line)
        if number >= len(parents):
            more = number + 1 - len(parents)
            parents.frombytes(bytes(more * parents.itemsize))
            ranks.extend(bytes(more))
        parents[number] = parent
        ranks[number] = places.get(cells[2].strip(), 0)
    return parents, ranks


def dump_merged(folder: Path) -> dict[int, int]:
    """Return what numbers were merged into, by number."""
    path = folder / MERGED
    if not path.is_file():
        return {}
    return {
        dump_number(cells[0], path, line): dump_number(cells[1], path, line)
        for line, cells in dump_rows(path, 2)
    }


def dump_rows(path: Path, least: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield line and cells of a file of the dump; blanks around the cells are still there."""
    try:
        with open_input(path, str(path)) as handle:
            # A line without end must not fill the memory.
            lines = iter(partial(handle.readline, _MAX_LINE), b"")
            for line, text in enumerate(lines, 1):
                cells = text.split(b"|", least)
                if len(cells) <= least:  # each cell is closed by a stroke
                    raise InputError(
                        _("found {cells} cells, expected {least} or more with | between").format(
                            cells=len(cells) - 1, least=least
                        ),
                        source=str(path),
                        line=line,
                    )
                yield line, cells
    except OSError as error:
        raise InputError(
            _("it cannot be read: {error}; expected a folder with {files}").format(
                error=error.strerror or error, files=f"{NAMES}, {NODES}"
            ),
            source=str(path),
        ) from error


def dump_number(text: bytes, path: Path, line: int) -> int:
    """Return the number of a taxon that a cell holds."""
    text = text.strip()
    if not text.isdigit() or len(text) > 9 or int(text) > _MAX_TAXA:
        raise InputError(
            _("{text!r} is not a number of a taxon").format(
                text=text[:20].decode("utf-8", "replace")
            ),
            source=str(path),
            line=line,
        )
    return int(text)


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
    numbers = {name: number for number, name in species}
    names, synonyms = prefer_cites_names(
        numbers.keys(), _synonyms([folder, *older], tree, numbers.keys())
    )
    grouped: dict[tuple[str, int], set[str]] = defaultdict(set)
    by_genus: dict[str, list[int]] = defaultdict(list)
    for number, name in species:
        genus, _space, epithet = name.partition(" ")
        by_genus[genus].append(number)
        # A genus that has no species any more is still known.
        grouped[genus, tree.lineage_key(number)].update({epithet} if name in names else ())
    # Those that the dump has under another name first: by them a genus may become known.
    for name in sorted(names.keys() - numbers.keys(), key=lambda new: (names[new] == new, new)):
        genus, _space, epithet = name.partition(" ")
        beside = numbers.get(names[name], 0)
        if number := _place(by_genus[genus], beside, genus, tree):
            by_genus[genus].append(number)
            grouped[genus, tree.lineage_key(number)].add(epithet)
    taxa: dict[str, list[Taxon]] = defaultdict(list)
    of_family: dict[tuple[str, int], tuple[set[str], int]] = {}
    for (genus, key), epithets in sorted(grouped.items()):
        taxa[genus].append(Taxon(tree.ranks(key), tuple(sorted(epithets)), len(epithets)))
        if family := tree.family(key):
            members, count = of_family.get((tree.names[family], family), (set(), 0))
            own = {genus} if epithets else set()
            of_family[tree.names[family], family] = (members | own, count + len(epithets))
    families: dict[str, list[Taxon]] = defaultdict(list)
    for (name, number), (members, count) in sorted(of_family.items()):
        ranks = {rank: value for rank, value in tree.ranks(number).items() if rank != "family"}
        families[name].append(Taxon(ranks, (), count, len(members)))
    backbone = Backbone(
        genera={genus: tuple(entries) for genus, entries in sorted(taxa.items())},
        families={family: tuple(entries) for family, entries in sorted(families.items())},
        synonyms=synonyms,
        source=source or {"name": "NCBI Taxonomy", "files": dump_files(folder)},
    )
    return backbone if genera is None else backbone.subset(genera)


def _place(members: Sequence[int], beside: int, genus: str, tree: "_Tree") -> int:
    """Return the species of a genus that another one, of the family of `beside`, stands with; 0 for none."""
    homonym = homonyms().get(genus)
    others = homonym.others if homonym else ()

    def family(number: int) -> str:
        return tree.ranks(tree.lineage_key(number)).get("family", "")

    near = [number for number in members if family(number) not in others]
    same = [number for number in near if beside and family(number) == family(beside)]
    return [*same, *near, beside][0]


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
        if genus_of(name) in genera
    } - {0}
    return [
        (number, name)
        for number, name in species
        if genus_of(name) in genera or tree.family(tree.lineage_key(number)) in families
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
    same_genus = genus_of(name) == genus_of(accepted)
    return same_genus or epithet_stem(name) == epithet_stem(accepted)
