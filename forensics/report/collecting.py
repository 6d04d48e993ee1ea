"""What a ledger and the details say of a case, as one statement.

Corrections are applied to all of it (`corrections`) and stated beside it; layout and linter read the
statement and nothing else.
"""

from collections.abc import Sequence

import forensics
from forensics.core.provenance import SOFTWARE
from forensics.custody.reader import Reader
from forensics.custody.timeline import timeline
from forensics.errors import UsageError
from forensics.messages import _
from forensics.report.collector import Collector, outside_work, unless_erased
from forensics.report.corrections import apply_corrections
from forensics.report.details import Details
from forensics.report.entries import Omitted
from forensics.report.statement import (
    FORMAT,
    Customer,
    Laboratory,
    LedgerMark,
    Method,
    ReportHead,
    Request,
    Software,
    Statement,
)

__all__ = ["FORMAT", "collect"]


def collect(
    ledger: Reader,
    case: str,
    details: Details,
    *,
    findings: Sequence[int] | None = None,
) -> Statement:
    """Return the statement of a case.

    Parameters
    ----------
    ledger : Reader
    case : str
    details : Details
    findings : sequence of int, optional
        Events of the findings to report; default: all of the case.

    Raises
    ------
    UsageError
        If there is no such case, or an event is not a finding of it.
    VerificationError
        If a field of the ledger is not what was signed.
    """
    ledger.check_openings()
    state = ledger.state
    if case not in state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    recorded = list(ledger.events())
    corrected, applied = apply_corrections(recorded)
    of_case = {seq for seq, finding in state.findings.items() if finding.case == case}
    chosen = sorted(of_case if findings is None else set(findings))
    if wrong := sorted(set(chosen) - of_case):
        raise UsageError(
            _("Event {seq} is not a finding of case {case}.").format(seq=wrong[0], case=case)
        )
    collector = Collector(ledger, case, details, corrected)
    stated = tuple(collector.finding(event) for event in collector.events if event.seq in chosen)
    runs = sorted({run for finding in stated for run in finding.runs})
    return Statement(
        software=Software(SOFTWARE, forensics.__version__),
        report=ReportHead(
            *details.entries(
                "report", "number", "title", "language", "issued", "replaces", "reason"
            )
        ),
        laboratory=Laboratory(
            name=unless_erased(corrected[0].fields.get("laboratory")),
            address=details.get("laboratory", "address"),
            sites=details.texts("laboratory", "sites"),
            accreditation=details.get("laboratory", "accreditation"),
        ),
        customer=Customer(*details.entries("customer", "name", "address", "contact")),
        request=Request(
            question=details.get("request", "question"),
            propositions=details.texts("request", "propositions"),
            information_given=details.get("request", "information_given"),
        ),
        method=Method(
            *details.entries(
                "method", "name", "reference", "deviations", "uncertainty", "limits", "prior"
            )
        ),
        case=collector.opened_case(),
        exhibits=tuple(collector.exhibits()),
        samples=tuple(collector.samples()),
        plans=tuple(collector.plans()),
        runs=tuple(map(collector.run, runs)),
        findings=stated,
        omitted=tuple(
            Omitted(
                event.seq, event.fields["kind"], event.fields["thing"], collector.reviews(event)
            )
            for event in collector.events
            if event.seq in of_case - set(chosen)
        ),
        opinions=tuple(map(collector.opinion, details.opinions)),
        outside=tuple(outside_work(entry) for entry in details.outside),
        authorisation=collector.authorisation(),
        timeline=tuple(map(collector.moment, timeline(ledger, case))),
        corrections=tuple(collector.corrections(recorded, applied, stated, runs)),
        people=tuple(collector.people(stated)),
        ledger=LedgerMark(state.ledger, ledger.size, str(ledger.fingerprint), state.policy["kind"]),
        details_sha256=details.sha256,
    )
