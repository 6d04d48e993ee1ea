"""The error that was observed in validation among calls like the one that is reported.

A laboratory accepts a library with the report of its validation attached (``custody validate``).
Where ``validation.json`` of ``library validate`` is among the files, k of n is read from it. Where
it is not, nothing is said, and the linter asks for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forensics.barcode.locus import find_locus
from forensics.custody.reader import Event, Reader
from forensics.errors import UsageError
from forensics.io.files import load_json, read_limited, sha256
from forensics.report.statement import ErrorRate, SpeciesError, Way
from forensics.stats import LEVEL, binomial_upper

# From this share of the expected length on a query counts as whole. No standard sets it; the choice
# is ours: records of the whole barcode lack as much at their ends.
_WHOLE = 0.9
_MAX_SIZE = 64 * 2**20  # bytes of a validation.json; the embedded library's has 0.2 MB


def observed_error(
    ledger: Reader,
    events: Sequence[Event],
    library: str | None,
    result: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> ErrorRate | None:
    """Return k of n of calls at the same rank in the accepted validation of a library.

    Species in the library and species left out of it stand for one half each: a mix in which
    more is wrong than where most species are known.

    Parameters
    ----------
    ledger : Reader
    events : sequence of Event
        All events.
    library : str or None
        SHA-256 of the library of the finding.
    result : mapping
        The finding's, with ``locus``, ``length`` and ``rank``.
    parameters : mapping
        The finding's: a validation at another confidence or prior says nothing of it.

    Returns
    -------
    ErrorRate or None
        None where no such validation is attached.
    """
    accepted = [
        event
        for event in events
        if event.type == "validate" and event.fields.get("library") == library
    ]
    for event in reversed(accepted):
        for entry in event.fields.get("attachments") or ():
            validation = _read_validation(ledger, entry, library)
            if validation is None or not _is_alike(validation, parameters):
                continue
            if rate := _rate_of(validation, result, event.seq):
                return rate
    return None


def _read_validation(
    ledger: Reader, entry: Mapping[str, Any], library: str | None
) -> dict[str, Any] | None:
    path = ledger.files / entry["sha256"]
    if not entry["name"].endswith(".json") or not path.is_file():
        return None
    if path.stat().st_size > _MAX_SIZE or sha256(path) != entry["sha256"]:
        return None
    try:
        read: dict[str, Any] = load_json(read_limited(path, _MAX_SIZE))
        same = read["kind"] == "library validation" and read["library"]["sha256"] == library
    except (ValueError, KeyError, TypeError):
        return None  # another file that ends in .json
    return read if same else None


def _is_alike(validation: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    """Return whether calls were made as in the finding."""
    try:
        validated = validation["parameters"]
        return all(
            float(parameters[name]) == float(validated[name])
            for name in ("confidence", "in_library_prior")
        )
    except (KeyError, TypeError, ValueError):
        return False


def _rate_of(
    validation: Mapping[str, Any], result: Mapping[str, Any], event: int
) -> ErrorRate | None:
    """Return the counts at the locus and the longest length tried that the query reaches.

    Nine tenths of what is expected of the locus count as whole. What is shorter than all that was
    tried has no rate.
    """
    try:
        lengths = validation["loci"][result["locus"]]["lengths"]
        tried = sorted((int(name) for name in lengths if name != "full"), reverse=True)
        length = int(result["length"])
        whole = length >= _WHOLE * find_locus(result["locus"]).expected_length
        name = "full" if whole else str(next(bases for bases in tried if bases <= length))
        known, out = (lengths[name]["rates"][way] for way in ("known", "species_out"))
        rank = result["rank"]
        ways = (_way("known", known, rank), _way("species_out", out, rank))
    except (KeyError, TypeError, ValueError, StopIteration, UsageError):
        return None
    wrong, calls = sum(way.wrong for way in ways), sum(way.calls for way in ways)
    by_call = binomial_upper(wrong, calls)
    by_species = _error_by_species(ways)
    return ErrorRate(
        event=event,
        rank=rank,
        locus=result["locus"],
        length=name,
        wrong=wrong,
        calls=calls,
        species=max(known["species"], out["species"]),
        ways=ways,
        by_call=by_call,
        by_species=by_species,
        upper=max(by_call, by_species.upper),
        level=LEVEL,
    )


def _way(name: str, counts: Mapping[str, Any], rank: str) -> Way:
    """Return k of n of one way of trying: species in the library, or species taken out of it."""
    wrong = int(counts[f"{rank}_wrong"]["count"])
    calls = wrong + int(counts[f"{rank}_right"]["count"])
    return Way(
        way=name,
        wrong=wrong,
        calls=calls,
        trials=int(counts["trials"]),
        species=int(counts["species"]),
        upper=binomial_upper(wrong, calls),
    )


def _error_by_species(ways: Sequence[Way]) -> SpeciesError:
    """Return of how many species at least one call was wrong, taken as badly as it can be.

    A validation counts calls and not species. Each wrong call is taken as of another species; of
    species with a call there are at least as many as the way with the most of them has, for the
    same species are tried in both ways. Where a species was tried several times, its calls count as
    one: calls x species / trials.
    """
    called = [way.calls * way.species // max(way.trials, 1) for way in ways]
    wrong = sum(way.wrong for way in ways)
    # No more species can have a wrong call than have a call at all.
    species = max(*called, wrong)
    return SpeciesError(wrong, species, binomial_upper(wrong, species))
