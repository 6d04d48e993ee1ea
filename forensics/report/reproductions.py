"""Findings computed again for a report: calls under other priors, and whether figures come out the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forensics.custody.reader import Reader
from forensics.messages import _
from forensics.reanalysis.comparison import Reproduction, compare_with_recorded, recompute
from forensics.reanalysis.comparison import reproduce as reproduce
from forensics.reanalysis.identification import recompute_identification
from forensics.reanalysis.recorded import CannotRecompute, Sources
from forensics.report.reported import conservative_call, is_call, not_excluded
from forensics.report.statement import Finding, PriorCall, Statement

if TYPE_CHECKING:
    pass

PRIORS = (0.1, 0.5, 0.9)
"""Priors that the library holds the species, under which a call is shown."""


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


def add_priors(statement: Statement, ledger: Reader, sources: Sources) -> Statement:
    """Return a statement with the calls at `PRIORS` of each identification, or why there are none."""
    return replace(
        statement,
        findings=tuple(
            _with_priors(finding, ledger, sources) if is_call(finding) else finding
            for finding in statement.findings
        ),
    )


def _with_priors(finding: Finding, ledger: Reader, sources: Sources) -> Finding:
    recorded_library = finding.library or {}
    sha256 = recorded_library.get("sha256")
    library = next((each for each in sources.libraries if each.sha256 == sha256), None)
    if library is None:
        return replace(finding, priors_missing=_("the library that it used was not given"))
    # What it is, and not what a hand may have written into the finding.
    finding = replace(finding, library={**recorded_library, "demonstration": library.demonstration})
    event = ledger.event(finding.event)
    try:
        computed = recompute_identification(ledger, event, library, sources.identify)
        recorded_prior = float(computed["provenance"]["parameters"]["in_library_prior"])
        calls = [
            computed
            if prior == recorded_prior
            else recompute_identification(
                ledger, event, library, sources.identify, in_library_prior=prior
            )
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


def add_reproductions(statement: Statement, ledger: Reader, sources: Sources) -> Statement:
    """Return a statement with what findings of other kinds give when they are computed again.

    Of each finding with figures that is not an identification `again` is ``same`` or ``differs``, or None with
    the reason in `again_missing`.
    """

    def compute(finding: Finding) -> Finding:
        try:
            # Pictures have a check of their own.
            reproduction = recompute(ledger, ledger.event(finding.event), sources)
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
