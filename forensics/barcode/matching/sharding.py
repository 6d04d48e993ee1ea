"""An index in parts, and the searches of the parts as the search of the whole.

A part holds every n-th haplotype with all its records. How far down a search tells its hits depends
on the nearest species that it has met; a part has met fewer, and none nearer, than the whole, so
it tells at least what the whole would. What is reported too much is left out when they are put together.
"""

from collections.abc import Sequence
from dataclasses import replace

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import FLOOR, Hit, Search, reporting_cutoff, short_hits

__all__ = ["merged", "numbers_of", "shard"]

# As in `search`: identities are ratios of small whole numbers.
_TOLERANCE = 1e-9


def numbers_of(size: int, part: int, parts: int) -> range:
    """Return the numbers, in the whole, of the haplotypes of a part, in their order."""
    return range(part, size, parts)


def shard(index: Index, part: int, parts: int) -> bytes:
    """Return one part of an index, as the bytes of an index file.

    Parameters
    ----------
    index : Index
    part, parts : int
        Which, from 0, of how many; no more parts than haplotypes.
    """
    records = [
        (record, index.sequence(haplotype).decode("ascii"))
        for haplotype in numbers_of(index.size, part, parts)
        for record in index.records(haplotype)
    ]
    return Index.serialise(records, locus=index.locus)


def merged(
    index: Index, sequence: str, searches: Sequence[Search], *, floor: float = FLOOR
) -> Search:
    """Return the searches of all parts as the one of the whole.

    Parameters
    ----------
    index : Index
        The whole; asked for species, and for what is too short to be compared.
    sequence : str
        The query.
    searches : sequence of Search
        Of each part, in their order.
    floor : float
        As in the searches.
    """
    hits: list[Hit] = []
    species: dict[int, float] = {}
    for part, search in enumerate(searches):
        numbers = numbers_of(index.size, part, len(searches))
        for hit in search.hits:
            whole = replace(hit, haplotype=numbers[hit.haplotype])
            hits.append(whole)
            for number in index.species(whole.haplotype):
                species[number] = max(hit.identity, species.get(number, 0.0))
    needed = reporting_cutoff(species.values(), floor=floor)
    hits = sorted(
        (hit for hit in hits if hit.identity >= needed - _TOLERANCE), key=lambda hit: hit.order
    )
    short: tuple[Hit, ...] = ()
    if any(search.short for search in searches):  # where no part has any, the whole has none
        short = short_hits(index, sequence, hits[0].identity if hits else needed)
    return Search(
        hits=tuple(hits),
        proved_to=needed,
        not_compared=sum(search.not_compared for search in searches),
        aligned=sum(search.aligned for search in searches),
        short=short,
    )
