"""Looks sampled records of a library up in the rest of it, for a calibration to learn from.

Each is taken out of the library and looked up, once as a *known* (its haplotype is left out of
its species, so that what is left is another), once as a *novel* (its whole species is left out).
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from forensics.barcode.locus import find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.core.parallel import map_in_order

if TYPE_CHECKING:
    from forensics.barcode.reference.relations import NameRelations


# So many records are sampled at most, one of each species first. What is rare, a missing species that is met
# exactly, decides how sure a call may be, and 2,000 samples hold a few dozen of them
# (docs/decisions/calls.md).
SAMPLES = 10_000
# To look a record up takes as long as there are haplotypes to look through. From 20,000 on fewer
# are sampled, 200 of a million, so that it takes a few minutes at most (docs/library.md).
# What they support is claimed, and no more (`forensics.barcode.calling.calibration`).
_MAX_WORK = SAMPLES * 20_000
# This share of the samples is looked up whole, the rest as a piece of a length between
# the shortest that is examined and the whole, so that degraded DNA is calibrated too.
_WHOLE = 0.5
# Of fewer haplotypes the samples are looked up before further processes have started.
_WORTH_PROCESSES = 2000
_LOT = 8  # samples that a process gets at once


@dataclass(frozen=True, slots=True)
class Sample:
    """A record looked up without itself: its truth and what was found."""

    group: int
    species: str
    genus: str
    family: str
    known: bool
    candidates: list[Candidate]


def samples_for(haplotypes: int) -> int:
    """Return how many records of a library are sampled at most.

    Examples
    --------
    >>> samples_for(10_000), samples_for(1_000_000)
    (10000, 200)
    """
    return min(SAMPLES, max(1, _MAX_WORK // max(1, haplotypes)))


def take_samples(
    index: Index,
    *,
    relations: "NameRelations | None" = None,
    samples: int | None = None,
    seed: int = 1,
    processes: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> list[Sample]:
    """Return the samples that a calibration learns from.

    Parameters
    ----------
    index : Index
    relations : NameRelations, optional
        Records whose name it doubts are not sampled, and a species is left out under all its names.
    samples : int, optional
        Records to sample at most; default: `samples_for` the index.
    seed : int
        What is sampled follows from it and the index alone.
    processes : int
        That look the samples up, where the index was opened from a file and is large enough to be
        worth it; they change nothing but the time.
    progress : callable
        Called with the records that are looked up, and how many there are.
    """
    samples = samples_for(index.size) if samples is None else samples
    tasks = _drawn(index, samples, seed, relations)
    if index.path is None or index.size < _WORTH_PROCESSES:
        processes = 1
    taken: list[Sample] = []
    look_up = partial(_looked_up, index)
    for done, some in map_in_order(look_up, enumerate(tasks, 1), processes=processes, lot=_LOT):
        taken += some
        progress(done, len(tasks))
    return taken


def haplotypes_by_species(index: Index) -> dict[int, list[int]]:
    """Return the numbers of the haplotypes of every species."""
    haplotypes: dict[int, list[int]] = {}
    for haplotype in range(index.size):
        for species in index.species(haplotype):
            haplotypes.setdefault(species, []).append(haplotype)
    return haplotypes


def in_turns(
    of_species: Mapping[int, Sequence[int]], generator: random.Random
) -> list[tuple[int, int]]:
    """Return species and haplotypes: one of every species in random order, then a second of each, and so on.

    So whoever takes the first n has as many species as there can be among n.
    """
    turns = []
    for species, haplotypes in sorted(of_species.items()):
        order = generator.sample(haplotypes, len(haplotypes))
        turns += [(turn, generator.random(), species, h) for turn, h in enumerate(order)]
    return [(species, haplotype) for _turn, _random, species, haplotype in sorted(turns)]


@dataclass(frozen=True, slots=True)
class _Task:
    """A haplotype of a species to be looked up, whole or in part: `sequence`; `members` are all records."""

    species: int
    members: tuple[int, ...]
    haplotype: int
    sequence: str
    names: frozenset[int]
    unsound: frozenset[int]
    """Records of its other names, and records whose name is doubted."""


def _drawn(index: Index, samples: int, seed: int, relations: "NameRelations | None") -> list[_Task]:
    everything = haplotypes_by_species(index)
    sound = everything if relations is None else _without_doubts(index, everything, relations)
    generator = random.Random(seed)
    tasks = []
    for species, haplotype in in_turns(sound, generator)[:samples]:
        sequence = _piece(index.sequence(haplotype).decode("ascii"), index.locus, generator)
        names: frozenset[int] = frozenset()
        unsound: frozenset[int] = frozenset()
        if relations is not None:
            names = relations.synonyms.get(species, names)
            others = (_members(index, everything.get(name, ()), name) for name in names)
            unsound = relations.doubts.union(*others)
        members = _members(index, everything[species], species)
        tasks.append(_Task(species, members, haplotype, sequence, names, unsound))
    return tasks


def _members(index: Index, haplotypes: Sequence[int], species: int) -> tuple[int, ...]:
    """Return the records of a species among those of its haplotypes."""
    return tuple(
        position
        for haplotype in haplotypes
        for position in index.positions(haplotype)
        if index.species_at(position) == species
    )


def _without_doubts(
    index: Index, of_species: Mapping[int, Sequence[int]], relations: "NameRelations"
) -> dict[int, list[int]]:
    """Return the haplotypes of every species of which not every record is doubted."""
    sound = {
        species: [
            haplotype
            for haplotype in haplotypes
            if not relations.doubts.issuperset(_members(index, [haplotype], species))
        ]
        for species, haplotypes in of_species.items()
    }
    return {species: haplotypes for species, haplotypes in sound.items() if haplotypes}


def _looked_up(index: Index, task: _Task) -> list[Sample]:
    species, members = task.species, task.members
    own = [p for p in index.positions(task.haplotype) if index.species_at(p) == species]
    record = index.record(own[0])
    if not record.species:
        return []  # its true species is not known
    excluded = task.names | {species}
    hits = search(index, task.sequence, exclude_species=excluded, short=False).hits
    facts: dict[str, Any] = {
        "group": species,
        "species": record.species,
        "genus": record.genus,
        "family": record.family,
    }
    # Copies of one sequence are often of one animal or one collecting, and teach that a
    # known species is always met exactly; so they go together where the species has more.
    without = own if len(own) < len(members) else own[:1]
    samples = []
    if len(without) < len(members):
        candidates = candidates_of(index, hits, without=task.unsound.union(without))
        samples.append(Sample(**facts, known=True, candidates=candidates))
    candidates = candidates_of(index, hits, without=task.unsound.union(members))
    return [*samples, Sample(**facts, known=False, candidates=candidates)]


def _piece(sequence: str, locus: str, generator: random.Random) -> str:
    shortest = find_locus(locus).minimum_length
    if generator.random() < _WHOLE or len(sequence) <= shortest:
        return sequence
    length = round(math.exp(generator.uniform(math.log(shortest), math.log(len(sequence)))))
    start = generator.randrange(len(sequence) - length + 1)
    return sequence[start : start + length]
