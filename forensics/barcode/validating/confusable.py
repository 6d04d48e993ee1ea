"""Species that a locus cannot separate: they share a sequence, or nearly do."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.matching.search import MARGIN
from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["confusable", "linked"]


def confusable(records: Sequence[tuple[ReferenceRecord, str]], locus: str) -> dict:
    """Return the groups of species that share a haplotype, or lie within the margin.

    Every sequence of the locus is compared with every other. Groups are chains: two
    species of a group may be linked only by a third. A group may also come from one
    mislabelled record, so each says how many records stand behind it.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
    locus : str

    Returns
    -------
    dict
        ``identical`` and ``near``: lists of {species, records}; and the number of
        ``species_identical``, ``species_near``, and of ``species`` in all.
    """
    named = [(record, sequence) for record, sequence in records if record.species]
    count: dict[str, int] = {}
    haplotypes: dict[str, set[str]] = {}
    for record, sequence in named:
        count[record.species] = count.get(record.species, 0) + 1
        haplotypes.setdefault(sequence, set()).add(record.species)
    identical = {
        pair for species in haplotypes.values() for pair in combinations(sorted(species), 2)
    }
    near = set(identical)
    neighbours = all_neighbours([s for _r, s in named], locus, floor=1 - MARGIN)
    for sequence, species in haplotypes.items():
        others = {named[position][0].species for position, _identity in neighbours(sequence)}
        near |= {(min(a, b), max(a, b)) for a in species for b in others if a != b}

    def groups(pairs: Iterable[tuple[str, str]]) -> list[dict]:
        return [
            {"species": group, "records": [count[name] for name in group]}
            for group in linked(pairs)
        ]

    return {
        "margin": MARGIN,
        "species": len(count),
        "species_identical": len({name for pair in identical for name in pair}),
        "species_near": len({name for pair in near for name in pair}),
        "identical": groups(identical),
        "near": groups(near),
    }


def linked(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups that pairs chain together, the largest first.

    Examples
    --------
    >>> linked([("a", "b"), ("b", "c"), ("x", "y")])
    [['a', 'b', 'c'], ['x', 'y']]
    """
    group_of: dict[str, set[str]] = {}
    for first, second in pairs:
        merged = group_of.get(first, {first}) | group_of.get(second, {second})
        for name in merged:
            group_of[name] = merged
    unique = {id(group): sorted(group) for group in group_of.values()}
    return sorted(unique.values(), key=lambda group: (-len(group), group))
