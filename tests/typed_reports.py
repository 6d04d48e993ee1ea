"""Plain values of a report, which tests may change, read as what the report is made of."""

from forensics.core.stored import from_stored
from forensics.report import narrative
from forensics.report.statement import Finding, read_statement

__all__ = ["as_finding", "as_statement", "headline", "parts", "sentences"]

_BLANK = {
    "event": 31, "kind": "other", "sample": "S1", "exhibit": "C1/1", "found_at": "2026-03-06T10:00:00Z",
    "analyst": "bruno", "analyst_name": "Bruno", "runs": [], "result": None, "text": None,
    "explanation": None, "library": None, "parameters": None, "inputs": [],
    "software": {"software": None, "version": None}, "dependencies": None, "errors": {}, "accepted": None,
    "priors": None, "differs": None, "reviews": [], "figures": [], "prior_reason": None, "listings": [],
}  # fmt: skip

as_statement = read_statement


def as_finding(record: dict) -> Finding:
    """Return a finding, where the record leaves something out, with nothing there."""
    return from_stored(Finding, _BLANK | record)


def parts(finding: dict):
    return narrative.parts(as_finding(finding))


def sentences(finding: dict):
    return narrative.sentences(as_finding(finding))


def headline(finding: dict) -> str:
    return narrative.headline(as_finding(finding))
