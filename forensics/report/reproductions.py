"""Findings computed again for a report: calls under other priors, and whether figures are the same.

Findings computed again for a report: calls under other priors, and whether figures come out the same.

The call that is reported: of those under all priors shown, the most cautious.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from forensics.barcode.reference.units import UNIT, unit_members
from forensics.custody.reader import Reader
from forensics.messages import _
from forensics.reanalysis.comparison import Reproduction, compare_with_recorded
from forensics.reanalysis.comparison import reproduce as reproduce
from forensics.reanalysis.identification import recompute_identification
from forensics.reanalysis.recorded import CannotRecompute, Identify
from forensics.report.statement import Finding, PriorCall, Statement, kind_of
from forensics.report.statement import reads_as_call as is_call_record

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.origin.models import Model


PRIORS = (0.1, 0.5, 0.9)
"""Priors that the library holds the species, under which a call is shown."""

NOT_EXCLUDED = 0.01
"""A species, or an origin, counts as not excluded from this probability on. No standard sets it; the choice
is ours: a name with one chance in a hundred left is stated."""

# From the least that can be said to the most.
_CAUTION = (None, "family", "genus", UNIT, "species")


@dataclass(frozen=True, slots=True)
class Call:
    """What a call says: `rank` and `taxon` are None where it gives no name."""

    status: str
    rank: str | None
    taxon: str | None


_DEPENDS = Call("depends", None, None)


def is_mixture(finding: Finding) -> bool:
    """Return whether a finding is of a mixture of reads."""
    return kind_of(finding.kind, finding.result) == "mixture"


def is_call(finding: Finding) -> bool:
    """Return whether a finding is the identification of one sequence."""
    return is_call_record(finding.kind, finding.result)


def conservative_call(finding: Finding) -> Call:
    """Return the most cautious call under all priors shown.

    That of the finding is among them. Where one of them gives no name, none is reported; where two
    have different names at the rank that is left, none is either.

    Parameters
    ----------
    finding : Finding
        For which `is_call` is true.
    """
    result = finding.result or {}
    calls = [
        Call(call.status, call.rank, call.taxon) for call in finding.priors or () if call.status
    ]
    calls.append(Call(result.get("status", ""), result.get("rank"), result.get("taxon")))
    least = min(calls, key=lambda call: _CAUTION.index(call.rank))
    if least.rank is None:
        # "Nothing near enough" would be untrue if another prior gives a name.
        return least if {call.status for call in calls} == {least.status} else _DEPENDS
    names = {call.taxon for call in calls if call.rank == least.rank}
    if least.rank == "genus":  # a species of another genus contradicts it, too
        names |= {_genus_of(name) for call in calls for name in _members_of(call)}
    if least.rank == UNIT:  # and a species that is not of the unit contradicts that
        inside = set(unit_members(least.taxon or ""))
        names |= {name for call in calls for name in _members_of(call) if name not in inside}
    if len(names) > 1:  # two names at one rank: neither can be reported
        return _DEPENDS
    return least


def _members_of(call: Call) -> tuple[str, ...]:
    """Return the species that a call names: one, or those of a unit."""
    if call.rank == UNIT:
        return unit_members(call.taxon or "")
    return (call.taxon,) if call.rank == "species" and call.taxon else ()


def _genus_of(taxon: str | None) -> str | None:
    return taxon and taxon.split(" ")[0]


def not_excluded(result: Mapping[str, Any]) -> list[str]:
    """Return the species beside the one called that a result does not exclude."""
    named = {result.get("taxon"), *(result.get("members") or ())}
    species = []
    for candidate in result.get("candidates") or ():
        probability = candidate["probability"]
        if candidate["species"] not in named and (
            probability is None or float(probability) >= NOT_EXCLUDED
        ):
            species.append(candidate["species"])
    return species


def add_reported(
    finding: Finding, probabilities: Sequence[Mapping[str, Mapping[str, Any]] | None]
) -> Finding:
    """Return a finding with the probability, under each prior, of the taxon that is reported in the end.

    Parameters
    ----------
    finding : Finding
    probabilities : sequence of mapping
        Of the call under each prior: rank to taxon to probability.
    """
    call = conservative_call(finding)
    return replace(
        finding,
        priors=tuple(
            replace(
                prior,
                reported=((of_rank or {}).get(call.rank or "") or {}).get(call.taxon)
                if call.taxon
                else None,
            )
            for prior, of_rank in zip(finding.priors or (), probabilities)
        ),
    )


def add_priors(
    statement: Statement,
    ledger: Reader,
    libraries: Sequence["Library"],
    identify: Identify,
) -> Statement:
    """Return a statement with the calls at `PRIORS` of each identification, or why there are none.

    Parameters
    ----------
    statement : Statement
    ledger : Reader
    libraries : sequence of Library
        Among which that of a finding is looked for, by its SHA-256.
    identify : callable
        `forensics.identify`.
    """
    return replace(
        statement,
        findings=tuple(
            _with_priors(finding, ledger, libraries, identify) if is_call(finding) else finding
            for finding in statement.findings
        ),
    )


def _with_priors(
    finding: Finding, ledger: Reader, libraries: Sequence["Library"], identify: Identify
) -> Finding:
    recorded_library = finding.library or {}
    sha256 = recorded_library.get("sha256")
    library = next((each for each in libraries if each.sha256 == sha256), None)
    if library is None:
        return replace(finding, priors_missing=_("the library that it used was not given"))
    # What it is, and not what a hand may have written into the finding.
    finding = replace(finding, library={**recorded_library, "demonstration": library.demonstration})
    event = ledger.event(finding.event)
    try:
        computed = recompute_identification(ledger, event, library, identify)
        recorded_prior = float(computed["provenance"]["parameters"]["in_library_prior"])
        calls = [
            computed
            if prior == recorded_prior
            else recompute_identification(ledger, event, library, identify, in_library_prior=prior)
            for prior in PRIORS
        ]
    except CannotRecompute as error:
        return replace(finding, priors_missing=error.reason)
    reproduction = compare_with_recorded(event, computed)
    finding = replace(
        _with_reproduction(finding, reproduction),
        priors=tuple(
            PriorCall(
                prior=str(prior),
                status=call["status"],
                rank=call["rank"],
                taxon=call["taxon"],
                probability=call["probability"],
                none=_probability_of_none(call),
                not_excluded=tuple(not_excluded(call)),
            )
            for prior, call in zip(PRIORS, calls)
        ),
    )
    return add_reported(finding, [call.get("probabilities") for call in calls])


def add_reproductions(
    statement: Statement,
    ledger: Reader,
    libraries: Sequence["Library"],
    identify: Identify,
    *,
    models: Callable[[], Sequence["Model"]],
    reads: Sequence[str | os.PathLike[str]] = (),
) -> Statement:
    """Return a statement with what findings of other kinds give when they are computed again.

    Of each finding with figures that is not an identification `again` is ``same`` or ``differs``, or None with
    the reason in `again_missing`.

    Parameters
    ----------
    statement : Statement
    ledger : Reader
    libraries, identify, models, reads
        As of `reproduce`; models are opened where a finding needs one.
    """
    opened = cache(models)

    def compute(finding: Finding) -> Finding:
        try:
            reproduction = reproduce(
                ledger,
                finding.event,
                libraries,
                identify,
                models=opened,
                reads=reads,
                checked=False,  # pictures have a check of their own
            )
        except CannotRecompute as error:
            return replace(finding, again=None, again_missing=error.reason)
        return replace(
            _with_reproduction(finding, reproduction),
            again="same" if reproduction.same else "differs",
            again_by_default=reproduction.by_default,
        )

    return replace(
        statement,
        findings=tuple(
            finding if is_call(finding) or not finding.result else compute(finding)
            for finding in statement.findings
        ),
    )


def _with_reproduction(finding: Finding, reproduction: Reproduction) -> Finding:
    """Return a finding with what came of computing it again.

    What is `noted` are its limits and warnings, formed anew; of a result that came out otherwise they
    say nothing. Nobody accepted a library for a result that was not computed from it.
    """
    differing = [place for place, _before, _now in reproduction.differences]
    library = finding.library
    if library and "demonstration" in reproduction.library:
        library = {**library, "demonstration": reproduction.library["demonstration"]}
    finding = replace(
        finding,
        differs=tuple(differing),
        noted=None if differing else tuple(reproduction.noted),
        library=library,
    )
    if any(place.split(".")[0] == "library" for place in differing):
        return replace(finding, accepted=None, errors=dict.fromkeys(finding.errors))
    return finding


def _probability_of_none(call: Mapping[str, Any]) -> Any:
    """Return the probability that the library lacks the species."""
    species = (call.get("probabilities") or {}).get("species") or {}
    return species.get("none")
