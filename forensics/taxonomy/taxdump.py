"""NCBI's taxonomy from its dump: lineages, merged numbers, synonyms and the accepted names.

A dump is a folder with ``names.dmp`` and ``nodes.dmp``, and ``merged.dmp`` where numbers were
merged.  Its files are read line by line, and only what is asked for is kept: the parents and
ranks of all taxa take five bytes each, names only those on the way of what was looked for.

References
----------
Schoch et al. 2020, doi:10.1093/database/baaa062 (NCBI Taxonomy).
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from forensics.errors import InputError
from forensics.io.inputs import open_input
from forensics.messages import _
from forensics.resources import sha256

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
class Taxon:
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

    by_name: Mapping[str, tuple[Taxon, ...]]
    by_number: Mapping[int, Taxon]
    sha256: dict[str, str] = field(default_factory=dict)

    def find(self, name: str, *, number: int = 0, known: Collection[str] = ()) -> Taxon | None:
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


def _taxon(number: int, chain: list[int], ranks: bytearray, names: dict[int, str]) -> Taxon:
    names_by_rank: dict[str, str] = {}
    for member in chain:
        rank = ranks[member] if member < len(ranks) else 0
        if rank and member in names:
            names_by_rank.setdefault(RANKS[rank - 1], names[member])
    species = names_by_rank.pop("species", "")
    return Taxon(number, species if _EPITHET.match(species) else "", names_by_rank)


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
