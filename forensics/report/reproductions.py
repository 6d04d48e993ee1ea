"""What a report says of its findings computed again: calls under other priors, and whether figures came out the same."""

import math
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from forensics.custody.reader import Reader
from forensics.messages import _
from forensics.reanalysis.attachments import CannotRecompute
from forensics.reanalysis.comparison import Reproduction, compare_with_recorded, reproduce
from forensics.reanalysis.identification import recompute_identification
from forensics.reanalysis.methods import Computed
from forensics.reanalysis.recorded import Identify
from forensics.report.cautious import PRIORS, add_reported, is_call, not_excluded

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.origin.models import Model

__all__ = ["CLOSE", "add_priors", "add_reproductions"]

CLOSE = 1e-6
"""Relative difference of two numbers up to which a report takes them for the same. Other processors and
versions of what computes give other last digits, and a report prints three digits at most. The choice
is ours. 0 is near nothing but 0: chances of 1e-20 and 1e-40 differ. ``report reproduce`` names every
difference."""


def add_priors(
    statement: dict[str, Any],
    ledger: Reader,
    libraries: Sequence["Library"],
    identify: Identify,
) -> None:
    """Put into a statement the calls at `PRIORS`; nothing where a finding cannot be recomputed.

    Parameters
    ----------
    statement : dict
        Is changed: ``priors`` of each identification, ``priors_missing`` where there are none.
    ledger : Reader
    libraries : sequence of Library
        Among which that of a finding is looked for, by its SHA-256.
    identify : callable
        `forensics.identify`.
    """
    for finding in statement["findings"]:
        if not is_call(finding):
            continue
        named = (finding["library"] or {}).get("sha256")
        library = next((each for each in libraries if each.is_known_as(named)), None)
        if library is None:
            finding["priors_missing"] = _("the library that it used was not given")
            continue
        # What it is, and not what a hand may have written into the finding.
        finding["library"]["demonstration"] = library.demonstration
        event = ledger.event(finding["event"])
        try:
            again = recompute_identification(ledger, event, library, identify)
            recorded_prior = float(again["provenance"]["parameters"]["in_library_prior"])
            calls = [
                again
                if prior == recorded_prior
                else recompute_identification(
                    ledger, event, library, identify, in_library_prior=prior
                )
                for prior in PRIORS
            ]
        except CannotRecompute as error:
            finding["priors_missing"] = str(error)
            continue
        reproduction = compare_with_recorded(event, again, libraries)
        differing = [place for place, _before, _again in reproduction.differences]
        _add_reproduction(finding, reproduction, differing)
        finding["priors"] = [
            {
                "prior": str(prior),
                **{name: call[name] for name in ("status", "rank", "taxon", "probability")},
                "none": _none(call),
                "not_excluded": not_excluded(call),
            }
            for prior, call in zip(PRIORS, calls)
        ]
        add_reported(finding, [call.get("probabilities") for call in calls])


def add_reproductions(
    statement: dict[str, Any],
    ledger: Reader,
    libraries: Sequence["Library"],
    identify: Identify,
    *,
    models: Callable[[], Sequence["Model"]],
    reads: Sequence[str | os.PathLike[str]] = (),
) -> None:
    """Put into a statement what findings of other kinds give when they are computed again.

    Parameters
    ----------
    statement : dict
        Is changed: ``again`` of each finding with figures that is no identification: ``same``,
        ``differs``, or None with the reason in ``again_missing``; ``again_by_default`` where its
        tables were read with the default options; ``differs``, ``noted`` as of an identification.
    ledger : Reader
    libraries, identify, models, reads
        As of `reproduce`; models are opened where a finding needs one.
    """
    models = cache(models)
    for finding in statement["findings"]:
        if is_call(finding) or not finding["result"]:
            continue
        try:
            reproduction = reproduce(
                ledger,
                finding["event"],
                libraries,
                identify,
                models=models,
                reads=reads,
                checked=False,  # pictures have a check of their own
            )
        except CannotRecompute as error:
            finding["again"], finding["again_missing"] = None, str(error)
            continue
        differing = [
            place for place, before, now in reproduction.differences if not _is_close(before, now)
        ]
        _add_reproduction(finding, reproduction, differing)
        finding["again"] = "differs" if finding["differs"] else "same"
        finding["again_by_default"] = reproduction.by_default


def _add_reproduction(
    finding: dict[str, Any], reproduction: Reproduction, differing: list[str]
) -> None:
    """Put what came of computing a finding again into it.

    ``noted`` are its limits and warnings, formed anew; of one that came out otherwise they are none
    of it. Nobody accepted a library for a result that was not computed from it.
    """
    finding["differs"] = differing
    finding["noted"] = None if differing else list(reproduction.noted)
    if finding.get("library") and "demonstration" in reproduction.library:
        finding["library"]["demonstration"] = reproduction.library["demonstration"]
    if any(place.split(".")[0] == "library" for place in differing):
        finding["accepted"], finding["errors"] = None, dict.fromkeys(finding["errors"])


def _is_close(recorded: object, computed: object) -> bool:
    """Return whether a recorded text and a number that was computed differ in the last digits alone.

    A name may look like a number: what was computed says what is one.
    """
    if not isinstance(recorded, str) or not isinstance(computed, Computed):
        return False
    try:
        number = float(recorded)
        return repr(number) == recorded and math.isclose(number, float(computed), rel_tol=CLOSE)
    except ValueError:
        return False


def _none(call: dict[str, Any]) -> str | None:
    """Return the probability that the library lacks the species."""
    species = (call.get("probabilities") or {}).get("species") or {}
    none: str | None = species.get("none")
    return none
