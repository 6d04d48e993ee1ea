"""The in-silico part of what a laboratory must validate before casework.

Acceptance criteria are stated before the run; trials give
error rates and the reliability of the stated probabilities; every criterion is then met,
not met, or not shown, where too few samples could have shown it. docs/validation.md says
what the figures mean and what none of this can show.

The calibration was learnt from the library, so it may not judge itself: the species are
dealt into folds, for each fold a calibration is learnt from the species of the others,
and the trials of a fold are decided with the calibration that never saw its species.

A laboratory's own blind vouchered specimens are scored likewise (`score`).
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import combinations
from pathlib import Path

from forensics.barcode.calling.calibration import Calibration, Coverage
from forensics.barcode.calling.decision import Call, decide, genera_of
from forensics.barcode.calling.learning import (
    MINIMUM_SPECIES,
    Sample,
    calibrate_from,
    in_turns,
    take_samples,
)
from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import MARGIN, Candidate, candidates_of, search
from forensics.barcode.reference.library import Library, Unit, connected
from forensics.barcode.reference.records import Pair, ReferenceRecord
from forensics.barcode.reference.relations import relations_of
from forensics.barcode.validating.options import ValidationOptions
from forensics.core.parallel import map_in_threads
from forensics.core.progress import Advance, Progress, no_progress
from forensics.core.provenance import made_by
from forensics.core.stored import to_stored, utc_now
from forensics.errors import InputError
from forensics.io.files import MAX_TOML, AnyPath, load_json, load_toml, read_limited, sha256
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import N_, _
from forensics.stats import (
    calibration_error,
    clustered_rate,
    effective_size,
    reliability,
    threshold,
    wilson,
)
from forensics.taxonomy.names import parse_name

METRICS = {
    "wrong_per_species_call": N_("wrong species among all species calls"),
    "wrong_species_known": N_("wrong species, if the library has the species"),
    "species_named_species_out": N_("a species named, if the library lacks the species"),
    "genus_named_genus_out": N_("a genus named, if the library lacks the genus"),
    "excluded_known": N_("'nothing near', if the library has the species"),
    "named_known": N_("right species, if the library has the species"),
    "calibration_error": N_("expected calibration error of the species probabilities"),
    "species_tested": N_("species with a record that could be left out while another remained"),
}
_WITHOUT_INTERVAL = ("calibration_error", "species_tested")
_LENGTHS = ("full", "300", "150", "100")


@dataclass(frozen=True)
class Criterion:
    """One acceptance criterion.

    Attributes
    ----------
    metric : str
        One of `METRICS`.
    limit : float
        What the metric may not exceed; with `at_least`, what it must reach.
    reason : str
        Why this limit.
    at_least : bool
    lengths : tuple of str
        ``full``, ``300``, ``150``, ``100``: where it is asked.
    """

    metric: str
    limit: float
    reason: str
    at_least: bool = False
    lengths: tuple[str, ...] = _LENGTHS


# A laboratory sets its own with --criteria; these are for a library that casework would use.
CRITERIA = (
    Criterion(
        "species_tested",
        60,
        N_(
            "With 59 trials and no error, the upper limit of an error rate is 6 %; with fewer "
            "trials it is higher, and nothing is shown (rule of three, "
            "doi:10.1001/jama.1983.03330370053031)."
        ),
        at_least=True,
        lengths=("full",),
    ),
    Criterion(
        "wrong_per_species_call",
        0.05,
        N_("A call at a confidence of 0.95 promises at most 5 wrong calls in 100."),
    ),
    Criterion(
        "wrong_species_known",
        0.02,
        N_(
            "A wrong name convicts an innocent person or frees a guilty one. At most one in "
            "fifty is accepted before the further criteria of casework are applied."
        ),
    ),
    Criterion(
        "species_named_species_out",
        0.10,
        N_(
            "The default prior expects one query in ten to be of a species that the library "
            "lacks; a name for one in ten of those is a wrong name for one query in a hundred."
        ),
    ),
    Criterion(
        "genus_named_genus_out",
        0.10,
        N_("As for species: whole genera of seized animals and plants have no record."),
    ),
    Criterion(
        "excluded_known",
        0.05,
        N_(
            "'Nothing near' may be read as 'not protected'; it must not be reported for a "
            "species that is in the library."
        ),
    ),
    Criterion(
        "calibration_error",
        0.02,
        N_(
            "A stated probability may be off by two in a hundred on average; with fewer than "
            "some thousand trials, a smaller error cannot be distinguished from chance."
        ),
        lengths=("full",),
    ),
)


def judge(criteria: Sequence[Criterion], lengths: dict) -> list[dict]:
    """Return for each criterion and length whether it is ``met``, ``not met`` or ``not shown``.

    A criterion with an interval is met where the whole interval keeps the limit; where
    only the rate itself does, too few samples were tried to show it.
    """
    rows = []
    for criterion in criteria:
        for length in criterion.lengths:
            measured = lengths[length]["metrics"][criterion.metric]
            rows.append(
                {
                    "metric": criterion.metric,
                    "length": length,
                    "limit": criterion.limit,
                    "at_least": criterion.at_least,
                    **measured,
                    "outcome": _outcome(criterion, measured),
                }
            )
    return rows


def _outcome(criterion: Criterion, measured: dict) -> str:
    value = measured["value"]
    if value is None:
        return "not shown"
    sign = -1 if criterion.at_least else 1
    if sign * value > sign * criterion.limit:
        return "not met"
    edge = measured["low"] if criterion.at_least else measured["high"]
    if criterion.metric in _WITHOUT_INTERVAL or sign * edge <= sign * criterion.limit:
        return "met"
    return "not shown"


def read_criteria(path: AnyPath) -> tuple[Criterion, ...]:
    """Read a laboratory's own criteria from TOML or JSON.

    ``[[criterion]]`` tables with ``metric``, ``limit``, ``reason`` and, where wanted,
    ``at_least`` and ``lengths``; in JSON a list of such objects under ``criterion``.

    Raises
    ------
    InputError
        If the file cannot be read or asks for something unknown.
    """
    path = Path(path)
    try:
        text = read_limited(path, MAX_TOML)
        content = load_json(text) if path.suffix == ".json" else load_toml(text)
        entries = list(content["criterion"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            _("These criteria cannot be read ({error}); give TOML with [[criterion]].").format(
                error=error
            ),
            source=str(path),
        ) from error
    return tuple(_read(entry, str(path), number) for number, entry in enumerate(entries, 1))


def _read(entry: object, source: str, number: int) -> Criterion:
    def fault(message: str) -> InputError:
        return InputError(message, source=source, record=number)

    if not isinstance(entry, dict):
        raise fault(_("A criterion needs metric, limit and reason."))
    if entry.get("metric") not in METRICS:
        raise fault(
            _("Unknown metric {found!r}; known: {known}.").format(
                found=entry.get("metric"), known=", ".join(METRICS)
            )
        )
    limit, reason = entry.get("limit"), entry.get("reason")
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit < 0:
        raise fault(_("The limit is {found!r}; expected a number.").format(found=limit))
    if not isinstance(reason, str) or not reason.strip():
        raise fault(_("A criterion needs its reason."))
    lengths = tuple(map(str, entry.get("lengths", _LENGTHS)))
    if unknown := set(lengths) - set(_LENGTHS):
        raise fault(
            _("Unknown length {found}; known: {known}.").format(
                found=", ".join(sorted(unknown)), known=", ".join(_LENGTHS)
            )
        )
    return Criterion(entry["metric"], limit, reason, entry.get("at_least") is True, lengths)


def confusable(records: Sequence[Pair], locus: str) -> dict:
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
    count = Counter(record.species for record, _sequence in named)
    haplotypes: dict[str, set[str]] = defaultdict(set)
    for record, sequence in named:
        haplotypes[sequence].add(record.species)
    identical = {
        pair for species in haplotypes.values() for pair in combinations(sorted(species), 2)
    }
    near = set(identical)
    neighbours = all_neighbours([s for _r, s in named], locus, floor=1 - MARGIN)
    for sequence, species in haplotypes.items():
        others = {named[position][0].species for position in neighbours(sequence)[0].tolist()}
        near |= {(min(a, b), max(a, b)) for a in species for b in others if a != b}

    def groups(pairs: Iterable[tuple[str, str]]) -> list[dict]:
        chained = {tuple(sorted(group)) for group in connected(pairs).values()}
        return [
            {"species": list(group), "records": [count[name] for name in group]}
            for group in sorted(chained, key=lambda group: (-len(group), group))
        ]

    return {
        "margin": MARGIN,
        "species": len(count),
        "species_identical": len({name for pair in identical for name in pair}),
        "species_near": len({name for pair in near for name in pair}),
        "identical": groups(identical),
        "near": groups(near),
    }


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
    record : ReferenceRecord
        With its true names.
    candidates : list of Candidate
    call : Call or None
        None before it was decided.
    """

    way: str
    left_out: str
    length: int | None
    group: int
    haplotype: int
    record: ReferenceRecord
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
    options: ValidationOptions,
    *,
    threads: int = 1,
    progress: Advance = no_progress,
) -> tuple[list[Trial], list[Sample]]:
    """Return undecided trials, and the samples from which calibrations are to be learnt.

    One haplotype of every species is drawn first, then a second, and so on. Samples are drawn as the library's own
    calibration drew them; none where the library decides by the plain rule.
    """
    index = library.index(locus)
    tasks = deal(index, options)
    trials: list[Trial] = []
    look_up = partial(_trials_of, index)
    for done, (_task, own) in enumerate(map_in_threads(look_up, tasks, threads=threads), 1):
        trials.extend(own)
        progress(done, len(tasks))
    if library.calibration(locus) is None:
        return trials, []
    relations = relations_of(index, backbone=library.backbone) if library.backbone else None
    return trials, take_samples(index, relations=relations, threads=threads)


def deal(index: Index, options: ValidationOptions) -> list[_Task]:
    """Return what is drawn: species, haplotype, and the place of every piece."""
    generator = random.Random(options.seed)
    shortest = find_locus(index.locus).minimum_length
    tasks: list[_Task] = []
    for species, haplotype in in_turns(index.haplotypes_by_species(), generator):
        own = index.positions_at(haplotype, species)[0]
        if not index.record(own).species:
            continue  # its true species is not known
        whole = index.lengths[haplotype]
        starts = tuple(
            (length, generator.randrange(whole - length + 1) if length else 0)
            for length in LENGTHS
            if length is None
            or (shortest <= length < whole and len(tasks) < max(1, _WITH_PIECES * options.samples))
        )
        tasks.append(_Task(species, haplotype, starts, generator.random() < 0.5))
        if len(tasks) == options.samples:
            break
    return tasks


def _trials_of(index: Index, task: _Task) -> list[Trial]:
    species, of_genus = _members(index)
    same_haplotype = index.positions_at(task.haplotype, task.species)
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
    sequence = index.sequence(task.haplotype)
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
                        record=record,
                        candidates=candidates_of(index, hits, without=frozenset(without)),
                    )
                )
    return trials


@lru_cache(maxsize=1)
def _members(index: Index) -> tuple[dict[int, list[int]], dict[str, set[int]]]:
    """Return the records of every species and the species of every genus."""
    species: dict[int, list[int]] = defaultdict(list)
    genera: dict[str, set[int]] = defaultdict(set)
    for position in range(index.record_count):
        number = index.species_at(position)
        species[number].append(position)
        genera[index.record(position).genus].add(number)
    return species, genera


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
        fitted.append(learnt._replace(samples=whole))
    return fitted


def run_trials(
    trials: list[Trial],
    samples: list[Sample],
    options: ValidationOptions,
    *,
    coverage: Coverage | None = None,
    units: Collection[Unit] = (),
) -> tuple[list[Trial], bool]:
    """Decide the trials, each with a calibration that saw none of its species.

    Parameters
    ----------
    trials : list of Trial
    samples : list of Sample
        Of `take_trials`; without any the plain rule is tried.
    options : ValidationOptions
        The folds follow from its seed.
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
        folds = fold_of({s.group for s in samples} | {t.group for t in trials}, options.seed)
        fitted = cross_fit(samples, folds, coverage=coverage)
    decided = []
    for trial in trials:
        calibration = fitted[folds[trial.group]] if fitted else None
        if calibration and coverage and trial.left_out in ("genus", "species"):
            left = coverage.without(trial.record.genus, whole=trial.left_out == "genus")
            calibration = calibration._replace(coverage=left)
        call = decide(
            trial.candidates,
            calibration=calibration,
            confidence=options.confidence,
            in_library=options.in_library_prior,
            units=units,
        )
        decided.append(replace(trial, call=call))
    return decided, fitted is not None


FORMAT = 1
# Narrow where calls are made.
EDGES = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1)
# A taxon with fewer trials says too little to stand by itself: with none wrong of 20 the
# upper limit is still 16 %.
TAXON_TRIALS = 20
_ONE_PER_CENT = 0.01
_NOT_NAMES = ("none", "unlisted")


def validate(
    library: Library,
    options: ValidationOptions | None = None,
    *,
    criteria: Sequence[Criterion] = CRITERIA,
    known: dict | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> dict:
    """Try every locus of a library on itself; return what the page and the JSON say, as plain values.

    Parameters
    ----------
    library : Library
    options : ValidationOptions, optional
    criteria : sequence of Criterion
        Stated before the run.
    known : dict, optional
        Score of the laboratory's own specimens (`forensics.barcode.validating.validation`).
    jobs : int
        Threads; they change nothing but the time.
    progress : callable
        Is called with the locus, the records done, and all records.
    """
    options = options or ValidationOptions()
    return {
        "format": FORMAT,
        "kind": "library validation",
        **made_by(),
        "time": utc_now(),
        "library": library.description,
        "parameters": {**options.parameters(), "folds": FOLDS},
        "criteria": [to_stored(criterion) for criterion in criteria],
        "loci": {
            locus: _validate_locus(library, locus, options, criteria, jobs, progress)
            for locus in library.loci
        },
        "known": known,
    }


def _validate_locus(
    library: Library,
    locus: str,
    options: ValidationOptions,
    criteria: Sequence[Criterion],
    threads: int,
    progress: Progress,
) -> dict:
    index = library.index(locus)
    drawn, samples = take_trials(
        library, locus, options, threads=threads, progress=partial(progress, locus)
    )
    own = library.calibration(locus)
    trials, cross_fitted = run_trials(
        drawn,
        samples,
        options,
        coverage=own.coverage if own else None,
        units=library.units(locus),
    )
    lengths = {
        "full" if length is None else str(length): _of_length(
            [t for t in trials if t.length == length], options.in_library_prior
        )
        for length in LENGTHS
    }
    records = library.records(locus)
    return {
        "records": index.record_count,
        "haplotypes": index.size,
        "species": len({r.species for r, _s in records} - {""}),
        "sampled": len({(t.group, t.haplotype) for t in trials}),
        "calibrated": own is not None,
        "cross_fitted": cross_fitted,
        "lengths": lengths,
        "taxa": _of_taxa([t for t in trials if t.length is None]),
        "confusable": confusable(records, locus),
        "criteria": judge(criteria, lengths),
    }


# -- what came of a trial ---------------------------------------------------------------


def _outcomes(trial: Trial) -> dict[str, bool]:
    call = trial.decided
    species = call.species
    genus = call.taxon if call.rank == "genus" else None
    if species:
        genus = next((c.genus for c in trial.candidates if c.species == species), "") or None
    elif genera := genera_of(call.members):  # of a unit
        genus = genera.pop() if len(genera) == 1 else None
    return {
        "species_right": species == trial.record.species,
        "species_wrong": species is not None and species != trial.record.species,
        "no_species": species is None,
        "genus_right": genus is not None and genus == trial.record.genus,
        "genus_wrong": genus is not None and genus != trial.record.genus,
        "no_genus": genus is None,
        "nothing_near": call.status == "nothing_near",
    }


def _rates(trials: Sequence[Trial]) -> dict:
    """Return the rate of every outcome; records of a species are a cluster."""
    clusters: dict[int, list[dict]] = {}
    for trial in trials:
        clusters.setdefault(trial.group, []).append(_outcomes(trial))
    names = _outcomes(trials[0]) if trials else ()
    return {
        "trials": len(trials),
        "species": len(clusters),
        **{
            name: clustered_rate(
                [[o[name] for o in outcomes] for outcomes in clusters.values()]
            ).to_dict()
            for name in names
        },
    }


def _of_length(trials: Sequence[Trial], in_library: float) -> dict:
    by_way = {way: [t for t in trials if t.way == way] for way in WAYS}
    rates = {way: _rates(of_way) for way, of_way in by_way.items()}
    rates["known_by_left_out"] = {
        out: _rates([t for t in by_way["known"] if t.left_out == out])
        for out in ("record", "haplotype")
    }
    # Known and novel with weights as if `in_library` of all questions were known.
    mixed = [
        (trial, share / len(by_way[way]))
        for way, share in (("known", in_library), ("species_out", 1 - in_library))
        for trial in by_way[way]
    ]
    reliable = _reliability(mixed)
    return {
        "rates": rates,
        "reliability": reliable,
        "metrics": _metrics(rates, mixed, reliable or {}),
    }


def _reliability(mixed: list[tuple[Trial, float]]) -> dict | None:
    """Return the bins of the most probable name, at species and genus."""
    ways = {trial.way for trial, _weight in mixed}
    if ways != {"known", "species_out"} or any(t.decided.probabilities is None for t, _w in mixed):
        return None
    result = {}
    for rank in ("species", "genus"):
        rows = []
        for trial, weight in mixed:
            named = {
                name: p for name, p in trial.decided.shares(rank).items() if name not in _NOT_NAMES
            }
            if named:
                name, probability = max(named.items(), key=lambda item: (item[1], item[0]))
                rows.append((probability, name == getattr(trial.record, rank), weight))
        if not rows:
            return None
        stated, true, weights = zip(*rows)
        bins = reliability(stated, true, weights, edges=EDGES)
        limit = threshold(stated, true, weights, wrong=_ONE_PER_CENT)
        above = [row for row in rows if limit is not None and row[0] >= limit]
        wrong = 1 - sum(w for _p, y, w in above if y) / (sum(w for *_r, w in above) or 1)
        size = effective_size(w for *_row, w in above)
        result[rank] = {
            "bins": [vars(each) for each in bins],
            "calibration_error": calibration_error(bins),
            "one_per_cent_wrong_at": limit,
            "calls_from_there": len(above),
            "wrong_from_there": max(0.0, wrong) if above else None,
            "wrong_from_there_high": wilson(max(0.0, wrong), size)[1],
        }
    return result


def _metrics(rates: dict, mixed: list[tuple[Trial, float]], reliable: dict) -> dict:
    """Return what criteria may ask for: value and interval."""

    def rate(way: str, name: str) -> dict:
        measured = rates[way].get(name)
        if measured is None:
            return {"value": None, "low": 0.0, "high": 1.0, "n": 0}
        return {
            "value": measured["share"],
            "low": measured["low"],
            "high": measured["high"],
            "n": measured["total"],
        }

    named = [(_outcomes(t)["species_wrong"], w) for t, w in mixed if t.decided.rank == "species"]
    weight = sum(w for _wrong, w in named)
    share = sum(w for wrong, w in named if wrong) / weight if named else None
    low, high = wilson(share or 0.0, effective_size(w for _wrong, w in named))
    error = reliable.get("species", {}).get("calibration_error")
    tested = rates["known"]["species"]
    return {
        "wrong_per_species_call": {"value": share, "low": low, "high": high, "n": len(named)},
        "wrong_species_known": rate("known", "species_wrong"),
        "species_named_species_out": rate("species_out", "species_wrong"),
        "genus_named_genus_out": rate("genus_out", "genus_wrong"),
        "excluded_known": rate("known", "nothing_near"),
        "named_known": rate("known", "species_right"),
        "calibration_error": {"value": error, "low": error, "high": error, "n": len(mixed)},
        "species_tested": {"value": tested, "low": tested, "high": tested, "n": tested},
    }


def _of_taxa(trials: Sequence[Trial]) -> list[dict]:
    """Return the rates of every class and order, else genus, with enough trials."""
    higher = any(trial.record.class_ or trial.record.order for trial in trials)
    ranks = ("class_", "order") if higher else ("genus",)
    rows = []
    for rank in ranks:
        known = Counter(getattr(t.record, rank) for t in trials if t.way == "known")
        for name, count in sorted(known.items()):
            if not name or count < TAXON_TRIALS:
                continue
            own = [t for t in trials if getattr(t.record, rank) == name]
            rows.append(
                {
                    "rank": rank.rstrip("_"),
                    "taxon": name,
                    "class": own[0].record.class_,
                    **{way: _rates([t for t in own if t.way == way]) for way in WAYS},
                }
            )
    return sorted(rows, key=lambda row: (row["class"], row["rank"] == "order", row["taxon"]))


OUTCOMES = ("right", "right_genus", "wrong", "unassigned")
_SPECIMEN = Column("specimen", TEXT, ("query", "sample", "id"), filled=True)
_TRUTH = Column("truth", TEXT, ("true species", "true"), required=False)
_CALLED = Column("called", TEXT, ("called taxon", "taxon"), required=False)
_GROUP = Column("group", TEXT, required=False)
_RANK = Column("rank", TEXT, required=False)
_UNASSIGNED = {
    "", "-", "na", "n/a", "none", "unassigned", "inconclusive", "unusable",
    "not in the library", "not in library", "nothing_near", "nothing near",
}  # fmt: skip
# A mixture has several true species: "Fictus albus + Fictus niger".
_AND = re.compile(r"\s*[+|/]\s*")
_FAMILY = re.compile(r"(?:idae|aceae)$")


@dataclass(frozen=True)
class Specimen:
    """A specimen whose species is known, and what was called."""

    name: str
    truth: tuple[str, ...]
    group: str
    called: str
    rank: str

    def outcome(self) -> str:
        """Return one of `OUTCOMES`."""
        if self.called.casefold() in _UNASSIGNED:
            return "unassigned"
        if self.rank == "family" or _FAMILY.search(self.called):
            return "unassigned"  # no name that these counts are about
        parsed = parse_name(self.called)
        if parsed.species and self.rank != "genus":
            return "right" if parsed.species in self.truth else "wrong"
        genera = {name.split()[0] for name in self.truth}
        return "right_genus" if parsed.genus in genera else "wrong"


def read_known(paths: Sequence[AnyPath]) -> list[Specimen]:
    """Read tables of specimens; truth and calls may stand in one table or in two.

    Columns ``specimen``, ``true species``, ``called taxon``, and where wanted ``group``
    (repeat, dilution, tissue, mixture). The CSV of ``forensics identify`` serves as the
    table of calls; its ``query`` is the specimen.

    Raises
    ------
    InputError
        With file, line and column of what is wrong.
    """
    truths: dict[str, tuple[tuple[str, ...], str]] = {}
    calls: dict[str, tuple[str, str]] = {}
    for path in paths:
        table = read_table(Path(path), no_rows=True)
        wrong = partial(InputError, source=str(path))
        if not table.has(_SPECIMEN) or not (table.has(_TRUTH) or table.has(_CALLED)):
            raise wrong(
                _(
                    "found the columns {found}; expected specimen, true species, called taxon."
                ).format(found=", ".join(table.header)),
                line=1,
            )
        for row in table.records(_SPECIMEN, _TRUTH, _CALLED, _GROUP, _RANK):
            name = row[_SPECIMEN]
            if table.has(_TRUTH):
                if name in truths:
                    raise wrong(
                        _(
                            "column 'specimen': {name} occurs twice; give repeats their own names."
                        ).format(name=name),
                        line=row.line,
                    )
                species = tuple(parse_name(part).species for part in _AND.split(row[_TRUTH]))
                if not all(species):
                    raise wrong(
                        _("column 'true species': {found!r} is not a species name.").format(
                            found=row[_TRUTH]
                        ),
                        line=row.line,
                    )
                truths[name] = species, row[_GROUP]
            if table.has(_CALLED):
                if name in calls:
                    raise wrong(
                        _("column 'called taxon': {name} was called twice.").format(name=name),
                        line=row.line,
                    )
                calls[name] = row[_CALLED], row[_RANK]
    wrong = partial(InputError, source=", ".join(map(str, paths)))
    if not truths:
        raise wrong(_("No table has the true species; expected columns: specimen, true species."))
    if missing := [name for name in truths if name not in calls]:
        raise wrong(
            _(
                "Nothing was called for {number} specimens, first {name}; expected a column "
                "'called taxon', or the CSV of 'forensics identify' as a second --known."
            ).format(number=len(missing), name=missing[0])
        )
    return [Specimen(name, *known, *calls[name]) for name, known in truths.items()]


def score(specimens: Iterable[Specimen], paths: Sequence[AnyPath] = ()) -> dict:
    """Return how many were called right, right to the genus, wrong or not, with intervals.

    Specimens of one species are a cluster (`forensics.stats.clustered_rate`).
    """
    known_specimens = list(specimens)
    groups = sorted({specimen.group for specimen in known_specimens})

    def rates(chosen: list[Specimen]) -> dict:
        clusters: dict[tuple[str, ...], list[str]] = {}
        for specimen in chosen:
            clusters.setdefault(specimen.truth, []).append(specimen.outcome())
        return {
            "specimens": len(chosen),
            "species": len(clusters),
            **{
                name: clustered_rate([[o == name for o in c] for c in clusters.values()]).to_dict()
                for name in OUTCOMES
            },
        }

    return {
        "files": [{"file": Path(path).name, "sha256": sha256(Path(path))} for path in paths],
        "all": rates(known_specimens),
        "groups": [
            {"group": g, **rates([s for s in known_specimens if s.group == g])} for g in groups if g
        ],
        "wrong": [
            {"specimen": s.name, "true": " + ".join(s.truth), "called": s.called, "group": s.group}
            for s in known_specimens
            if s.outcome() == "wrong"
        ],
    }
