"""Trials of a library on itself: records looked up as if they were not in it.

The calibration was learnt from the library, so it may not judge itself: the species are
dealt into folds, for each fold a calibration is learnt from the species of the others,
and the trials of a fold are decided with the calibration that never saw its species.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from forensics.barcode.calling.calibration import MINIMUM_SPECIES, Calibration, calibrate_from
from forensics.barcode.calling.coverage import Coverage
from forensics.barcode.calling.decision import Call, decide
from forensics.barcode.calling.sampling import (
    Sample,
    haplotypes_by_species,
    in_turns,
    take_samples,
)
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.relations import relations_of
from forensics.barcode.reference.units import Unit
from forensics.core.parallel import map_in_order

__all__ = [
    "FOLDS",
    "LENGTHS",
    "WAYS",
    "Trial",
    "cross_fit",
    "deal",
    "fold_of",
    "run_trials",
    "take_trials",
]

# Of five folds each calibration learns from four fifths of what the library's own had.
FOLDS = 5
# Base pairs of the pieces; None is the whole sequence. 300 and 150 are usual amplicons of
# degraded DNA, 100 is the shortest that is examined (forensics.barcode.locus).
LENGTHS = (None, 300, 150, 100)
# What is left out of the library.
WAYS = ("known", "species_out", "genus_out")
# Pieces are tried of so large a part of the records that may be drawn: a piece of 100 bp
# takes three times as long to look up as a whole barcode.
_WITH_PIECES = 0.5
# Fewer lookups than this are not worth the start of a second process.
_WORTH_PROCESSES = 200


@dataclass(frozen=True)
class Trial:
    """One record, or a piece of it, looked up in the rest of the library.

    Attributes
    ----------
    way : str
        ``known``: only the record, or its haplotype, is left out. ``species_out``,
        ``genus_out``: its whole species or genus.
    left_out : str
        ``record``, ``haplotype``, ``species`` or ``genus``.
    length : int or None
        Base pairs of the piece; None for the whole sequence.
    group, haplotype : int
        Number of its species, and of its haplotype.
    species, genus, family, order, class_ : str
        Its true names.
    candidates : list of Candidate
    call : Call or None
        None before it was decided.
    """

    way: str
    left_out: str
    length: int | None
    group: int
    haplotype: int
    species: str
    genus: str
    family: str
    order: str
    class_: str
    candidates: list[Candidate]
    call: Call | None = None

    @property
    def decided(self) -> Call:
        """The call; only of a trial that was decided (`cross_fit`)."""
        assert self.call is not None
        return self.call


@dataclass(frozen=True)
class _Task:
    """A haplotype of a species, and where the pieces of each length begin."""

    species: int
    haplotype: int
    starts: tuple[tuple[int | None, int], ...]
    haplotype_out: bool


def take_trials(
    library: Library,
    locus: str,
    *,
    samples: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> tuple[list[Trial], list[Sample]]:
    """Return undecided trials, and the samples from which calibrations are to be learnt.

    One haplotype of every species is drawn first, then a second, and so on.

    Parameters
    ----------
    library : Library
    locus : str
    samples : int
        Records to draw at most for trials.
    seed : int
        What is drawn for trials follows from it and the library alone.
    workers : int
        Processes to use; they change nothing but the time.
    progress : callable
        Is called with the number of records tried, and of all records.

    Returns
    -------
    tuple of (list of Trial, list of Sample)
        Samples are drawn as the library's own calibration drew them; none where the
        library decides by the plain rule.
    """
    index = library.index(locus)
    tasks = deal(index, samples=samples, seed=seed)
    calibrated = library.calibration(locus) is not None
    trials: list[Trial] = []

    if index.path is None or len(tasks) < _WORTH_PROCESSES:
        workers = 1
    look_up = partial(_trials_of, index)
    for done, own in map_in_order(look_up, enumerate(tasks, 1), processes=workers, lot=10):
        trials.extend(own)
        progress(done, len(tasks))
    return trials, _samples_of(library, locus, workers) if calibrated else []


def deal(index: Index, *, samples: int, seed: int) -> list[_Task]:
    """Return what is drawn: species, haplotype, and the place of every piece."""
    generator = random.Random(seed)
    shortest = find_locus(index.locus).minimum_length
    tasks: list[_Task] = []
    for species, haplotype in in_turns(haplotypes_by_species(index), generator):
        own = next(p for p in index.positions(haplotype) if index.species_at(p) == species)
        if not index.record(own).species:
            continue  # its true species is not known
        whole = index.lengths[haplotype]
        starts = tuple(
            (length, generator.randrange(whole - length + 1) if length else 0)
            for length in LENGTHS
            if length is None
            or (shortest <= length < whole and len(tasks) < max(1, _WITH_PIECES * samples))
        )
        tasks.append(_Task(species, haplotype, starts, generator.random() < 0.5))
        if len(tasks) == samples:
            break
    return tasks


def _trials_of(index: Index, task: _Task) -> list[Trial]:
    species, of_genus = _members(index)
    same_haplotype = [
        p for p in index.positions(task.haplotype) if index.species_at(p) == task.species
    ]
    record = index.record(same_haplotype[0])
    everything = species[task.species]
    ways = {"species_out": ("species", everything)}
    possible = []
    if len(same_haplotype) > 1:
        possible.append(("record", same_haplotype[:1]))
    if len(same_haplotype) < len(everything):
        possible.append(("haplotype", same_haplotype))
    if possible:
        ways["known"] = possible[task.haplotype_out and len(possible) > 1]
    relatives = of_genus[record.genus] if record.genus else {task.species}
    if record.genus:
        ways["genus_out"] = ("genus", [p for number in relatives for p in species[number]])
    sequence = index.sequence(task.haplotype).decode("ascii")
    trials = []
    for length, start in task.starts:
        piece = sequence[start : start + length] if length else sequence
        hits = search(index, piece, exclude_species=relatives).hits
        for way in WAYS:
            if way in ways:
                left_out, without = ways[way]
                trials.append(
                    Trial(
                        way=way,
                        left_out=left_out,
                        length=length,
                        group=task.species,
                        haplotype=task.haplotype,
                        species=record.species,
                        genus=record.genus,
                        family=record.family,
                        order=record.order,
                        class_=record.class_,
                        candidates=candidates_of(index, hits, without=frozenset(without)),
                    )
                )
    return trials


_memory: dict[int, tuple[Index, dict, dict]] = {}


def _members(index: Index) -> tuple[dict[int, list[int]], dict[str, set[int]]]:
    """Return the records of every species and the species of every genus, kept in memory."""
    remembered = _memory.get(id(index))
    if remembered is None or remembered[0] is not index:
        species: dict[int, list[int]] = {}
        genera: dict[str, set[int]] = {}
        for position in range(index.record_count):
            number = index.species_at(position)
            species.setdefault(number, []).append(position)
            genera.setdefault(index.record(position).genus, set()).add(number)
        _memory.clear()
        remembered = _memory[id(index)] = (index, species, genera)
    return remembered[1], remembered[2]


def _samples_of(library: Library, locus: str, processes: int) -> list[Sample]:
    """Return samples as the library's own calibration drew them."""
    relations = None
    if library.backbone is not None:
        relations = relations_of(library.index(locus), backbone=library.backbone)
    return take_samples(library.index(locus), relations=relations, processes=processes)


# -- deciding ---------------------------------------------------------------------------


def fold_of(groups: set[int], seed: int) -> dict[int, int]:
    """Deal species into `FOLDS` folds."""
    ordered = sorted(groups)
    random.Random(seed).shuffle(ordered)
    return {group: place % FOLDS for place, group in enumerate(ordered)}


def cross_fit(
    samples: list[Sample], folds: dict[int, int], *, coverage: Coverage | None = None
) -> list[Calibration] | None:
    """Return for each fold a calibration that saw none of its species; None if one is too small.

    `coverage` is that of the library's own calibration.
    """
    # A calibration claims no more than its number of samples supports; those of the folds
    # stand for the library's own, so they may claim as much as it may.
    whole = len({(sample.group, sample.known) for sample in samples})
    fitted = []
    for fold in range(FOLDS):
        others = [sample for sample in samples if folds[sample.group] != fold]
        # What the whole library has enough of, four fifths of it have too few of at the limit.
        minimum = MINIMUM_SPECIES * (FOLDS - 2) // FOLDS
        learnt = calibrate_from(others, minimum=minimum, coverage=coverage)
        if learnt is None:
            return None
        fitted.append(replace(learnt, samples=whole))
    return fitted


def run_trials(
    trials: list[Trial],
    samples: list[Sample],
    *,
    confidence: float,
    in_library: float,
    seed: int,
    coverage: Coverage | None = None,
    units: Collection[Unit] = (),
) -> tuple[list[Trial], bool]:
    """Decide the trials, each with a calibration that saw none of its species.

    Parameters
    ----------
    trials : list of Trial
    samples : list of Sample
        Of `take_trials`; without any the plain rule is tried.
    confidence, in_library : float
        As in `forensics.barcode.calling.decision.decide`.
    seed : int
        The folds follow from it.
    coverage : Coverage, optional
        Of the library's own calibration.
    units : collection of Unit
        Species that the locus does not separate.

    Returns
    -------
    tuple of (list of Trial, bool)
        The decided trials, and whether calibrations decided them.
    """
    fitted, folds = None, {}
    if samples:
        folds = fold_of({s.group for s in samples} | {t.group for t in trials}, seed)
        fitted = cross_fit(samples, folds, coverage=coverage)
    decided = []
    for trial in trials:
        calibration = fitted[folds[trial.group]] if fitted else None
        if calibration is not None and coverage is not None:
            whole = trial.left_out == "genus"
            if whole or trial.left_out == "species":
                calibration = replace(
                    calibration, coverage=coverage.without(trial.genus, whole=whole)
                )
        call = decide(
            trial.candidates,
            calibration=calibration,
            confidence=confidence,
            in_library=in_library,
            units=units,
        )
        decided.append(replace(trial, call=call))
    return decided, fitted is not None
