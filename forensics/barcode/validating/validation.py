"""The in-silico part of what a laboratory must validate before casework.

Acceptance criteria are stated before the run; trials (`forensics.barcode.validating.trials`) give
error rates and the reliability of the stated probabilities; every criterion is then met,
not met, or not shown, where too few samples could have shown it. docs/validation.md says
what the figures mean and what none of this can show.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from forensics.barcode.calling.decision import CONFIDENCE, IN_LIBRARY_PRIOR
from forensics.barcode.defaults import VALIDATION_SAMPLES
from forensics.barcode.reference.library import Library
from forensics.barcode.validating.acceptance import Criterion, judge
from forensics.barcode.validating.confusable import confusable
from forensics.barcode.validating.trials import FOLDS, LENGTHS, WAYS, Trial, run_trials, take_trials
from forensics.core.provenance import made_by
from forensics.stats.calibration import calibration_error, reliability, threshold
from forensics.stats.intervals import clustered_rate, effective_size, wilson

__all__ = ["EDGES", "FORMAT", "SAMPLES", "length_name", "validate", "validate_locus"]

FORMAT = 1
SAMPLES = VALIDATION_SAMPLES
# Narrow where calls are made.
EDGES = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1)
# A taxon with fewer trials says too little to stand by itself: with none wrong of 20 the
# upper limit is still 16 %.
TAXON_TRIALS = 20
_ONE_PER_CENT = 0.01
_NOT_NAMES = ("none", "unlisted")

Progress = Callable[[str, int, int], object]


def length_name(length: int | None) -> str:
    """Return the key of a length in the results."""
    return "full" if length is None else str(length)


def validate(
    library: Library,
    *,
    criteria: Sequence[Criterion],
    time: str,
    confidence: float = CONFIDENCE,
    in_library_prior: float = IN_LIBRARY_PRIOR,
    samples: int = SAMPLES,
    seed: int = 1,
    known: dict | None = None,
    workers: int = 1,
    progress: Progress = lambda what, done, total: None,
) -> dict:
    """Try every locus of a library on itself; return what the page and the JSON say.

    Parameters
    ----------
    library : Library
    criteria : sequence of Criterion
        Stated before the run.
    time : str
        UTC, ISO 8601; enters the result.
    confidence, in_library_prior : float
        As in `forensics.identify`.
    samples : int
        Records to try at most, a locus.
    seed : int
        Of everything that is drawn.
    known : dict, optional
        Score of the laboratory's own specimens (`forensics.barcode.validating.known`).
    workers : int
        Processes; they change nothing but the time.
    progress : callable
        Is called with the locus, the records done, and all records.

    Returns
    -------
    dict
        Plain values, ready for JSON.
    """
    loci = {
        locus: validate_locus(
            library,
            locus,
            criteria=criteria,
            confidence=confidence,
            in_library=in_library_prior,
            samples=samples,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        for locus in library.loci
    }
    return {
        "format": FORMAT,
        "kind": "library validation",
        **made_by(),
        "time": time,
        "library": {
            "name": library.name,
            "title": library.title,
            "version": library.version,
            "sha256": library.sha256,
            "demonstration": library.demonstration,
            "statement": library.statement,
        },
        "parameters": {
            "confidence": confidence,
            "in_library_prior": in_library_prior,
            "samples": samples,
            "seed": seed,
            "folds": FOLDS,
        },
        "criteria": [criterion.to_dict() for criterion in criteria],
        "loci": loci,
        "known": known,
    }


def validate_locus(
    library: Library,
    locus: str,
    *,
    criteria: Sequence[Criterion],
    confidence: float = CONFIDENCE,
    in_library: float = IN_LIBRARY_PRIOR,
    samples: int = SAMPLES,
    seed: int = 1,
    workers: int = 1,
    progress: Progress = lambda what, done, total: None,
) -> dict:
    """Try one locus of a library on itself; see `validate`."""
    index = library.index(locus)
    trials, drawn = take_trials(
        library,
        locus,
        samples=samples,
        seed=seed,
        workers=workers,
        progress=lambda done, total: progress(locus, done, total),
    )
    own = library.calibration(locus)
    trials, cross_fitted = run_trials(
        trials,
        drawn,
        confidence=confidence,
        in_library=in_library,
        seed=seed,
        coverage=own.coverage if own else None,
        units=library.units(locus),
    )
    lengths = {
        length_name(length): _of_length([t for t in trials if t.length == length], in_library)
        for length in LENGTHS
    }
    return {
        "records": index.record_count,
        "haplotypes": index.size,
        "species": len({r.species for r, _s in library.records(locus)} - {""}),
        "sampled": len({(t.group, t.haplotype) for t in trials}),
        "calibrated": own is not None,
        "cross_fitted": cross_fitted,
        "lengths": lengths,
        "taxa": _of_taxa([t for t in trials if t.length is None]),
        "confusable": confusable(library.records(locus), locus),
        "criteria": judge(criteria, lengths),
    }


# -- what came of a trial ---------------------------------------------------------------


def _outcomes(trial: Trial) -> dict[str, bool]:
    call = trial.decided
    species = call.species
    genus = call.taxon if call.rank == "genus" else None
    if species:
        genus = next((c.genus for c in trial.candidates if c.species == species), "") or None
    elif genera := {name.partition(" ")[0] for name in call.members}:  # of a unit
        genus = genera.pop() if len(genera) == 1 else None
    return {
        "species_right": species == trial.species,
        "species_wrong": species is not None and species != trial.species,
        "no_species": species is None,
        "genus_right": genus is not None and genus == trial.genus,
        "genus_wrong": genus is not None and genus != trial.genus,
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
    mixed = _mixed(by_way, in_library)
    return {"rates": rates, "reliability": _reliability(mixed), "metrics": _metrics(rates, mixed)}


def _mixed(by_way: dict[str, list[Trial]], in_library: float) -> list[tuple[Trial, float]]:
    """Return known and novel with weights as if `in_library` of all questions were known."""
    mixed = []
    for way, share in (("known", in_library), ("species_out", 1 - in_library)):
        mixed += [(trial, share / len(by_way[way])) for trial in by_way[way]]
    return mixed


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
                name: p
                for name, p in (trial.decided.probabilities or {}).get(rank, {}).items()
                if name not in _NOT_NAMES
            }
            if named:
                name, probability = max(named.items(), key=lambda item: (item[1], item[0]))
                rows.append((probability, name == getattr(trial, rank), weight))
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


def _metrics(rates: dict, mixed: list[tuple[Trial, float]]) -> dict:
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
    reliable = _reliability(mixed) or {}
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
    higher = any(trial.class_ or trial.order for trial in trials)
    ranks = ("class_", "order") if higher else ("genus",)
    rows = []
    for rank in ranks:
        known = Counter(getattr(t, rank) for t in trials if t.way == "known")
        for name, count in sorted(known.items()):
            if not name or count < TAXON_TRIALS:
                continue
            own = [t for t in trials if getattr(t, rank) == name]
            rows.append(
                {
                    "rank": rank.rstrip("_"),
                    "taxon": name,
                    "class": own[0].class_,
                    **{way: _rates([t for t in own if t.way == way]) for way in WAYS},
                }
            )
    return sorted(rows, key=lambda row: (row["class"], row["rank"] == "order", row["taxon"]))
