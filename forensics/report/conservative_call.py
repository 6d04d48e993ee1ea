"""The call that is reported: of those under all priors shown, the most cautious."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forensics.barcode.reference.units import UNIT, unit_members
from forensics.report.finding import Finding
from forensics.report.stored_results import is_call as is_call_record
from forensics.report.stored_results import kind_of

__all__ = [
    "NOT_EXCLUDED",
    "PRIORS",
    "Call",
    "add_reported",
    "conservative_call",
    "is_call",
    "is_mixture",
    "not_excluded",
]

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
