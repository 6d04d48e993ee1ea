"""Reads the results of the findings of a ledger back, after the ledger was verified.

Nothing is read from a ledger whose chain, signatures or files do not hold: it is refused with the first event
that is wrong. The file is only read.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from forensics.core.stored import PlainResult
from forensics.errors import InputError, VerificationError
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas

    from forensics.custody.reader import Event

_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class RecordedFinding:
    """A finding of the ledger whose result was read back.

    Attributes
    ----------
    event : int
        Number of the event.
    case, sample : str
        Names in the ledger.
    kind : str
        ``identification``, ``origin`` …
    recorded_at : str
        UTC, ISO 8601.
    result : PlainResult
        As it was recorded.
    corrections : tuple of int
        Events that correct this one. A correction never changes a result; a report states it beside.
    """

    event: int
    case: str
    sample: str
    kind: str
    recorded_at: str
    result: PlainResult
    corrections: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UnreadFinding:
    """A finding whose result cannot be read back.

    Attributes
    ----------
    event : int
    sample, kind : str
    reason : str
        Why: erased by order, written by hand, of a later version.
    """

    event: int
    sample: str
    kind: str
    reason: str


class LedgerFindings(Sequence[PlainResult]):
    """The results of the findings of a verified ledger, in the order of their events.

    Attributes
    ----------
    source : str
        File.
    size : int
        Events of the ledger when it was verified.
    fingerprint : str
        Its head then, as it stands on paper: whoever keeps it can show that these are all findings.
    findings : tuple of RecordedFinding
    unread : tuple of UnreadFinding
        Findings that are not among the results.
    """

    def __init__(
        self,
        findings: Sequence[RecordedFinding],
        unread: Sequence[UnreadFinding] = (),
        *,
        source: str = "",
        size: int = 0,
        fingerprint: str = "",
    ) -> None:
        self.findings, self.unread = tuple(findings), tuple(unread)
        self.source, self.size, self.fingerprint = source, size, fingerprint

    @overload
    def __getitem__(self, position: int) -> PlainResult: ...

    @overload
    def __getitem__(self, position: slice) -> tuple[PlainResult, ...]: ...

    def __getitem__(self, position: int | slice) -> PlainResult | tuple[PlainResult, ...]:
        if isinstance(position, slice):
            return tuple(finding.result for finding in self.findings[position])
        return self.findings[position].result

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[PlainResult]:
        return (finding.result for finding in self.findings)

    def __repr__(self) -> str:
        text = ngettext(
            "<{count} finding of {path}", "<{count} findings of {path}", len(self)
        ).format(count=len(self), path=self.source)
        if self.unread:
            text += _("; not read: {events}").format(
                events=", ".join(str(finding.event) for finding in self.unread)
            )
        return text + ">"

    def to_frame(self) -> "pandas.DataFrame":
        """Return a row a finding, those that were not read too: event, case, sample, kind, time, the result in a sentence."""
        import pandas

        rows: list[dict[str, Any]] = [
            {
                "event": finding.event,
                "case": finding.case,
                "sample": finding.sample,
                "kind": finding.kind,
                "recorded_at": finding.recorded_at,
                "result": dict(finding.result.lines())[_("Result")],
                "corrections": " ".join(map(str, finding.corrections)),
                "unread": None,
            }
            for finding in self.findings
        ]
        rows += [
            {
                "event": finding.event,
                "sample": finding.sample,
                "kind": finding.kind,
                "unread": finding.reason,
            }
            for finding in self.unread
        ]
        columns = [
            "event",
            "case",
            "sample",
            "kind",
            "recorded_at",
            "result",
            "corrections",
            "unread",
        ]
        frame = pandas.DataFrame(rows, columns=columns).astype({"event": "Int64"})
        return frame.sort_values("event", ignore_index=True)


def is_ledger(start: bytes) -> bool:
    """Return whether a file that begins so is a database, as ledgers are."""
    return start.startswith(_SQLITE)


def read_findings(
    path: str | os.PathLike[str], read: Callable[[Mapping[str, Any]], PlainResult]
) -> LedgerFindings:
    """Verify a ledger and read the results of its findings back.

    Parameters
    ----------
    path : path
    read : callable
        Returns the result that a record holds; raises InputError where it holds none.

    Raises
    ------
    InputError
        If there is no such file.
    VerificationError
        If it is not a ledger, or something in it does not hold; the message names the first event.
    """
    from forensics.custody.reader import Reader
    from forensics.custody.verification import verify

    report = verify(path).require()
    findings: list[RecordedFinding] = []
    unread: list[UnreadFinding] = []
    with Reader(path, most=report.size) as ledger:
        if str(ledger.fingerprint) != str(report.fingerprint):
            raise VerificationError(
                _("{path} was changed while it was verified; try again.").format(path=path)
            )
        ledger.check_openings()
        events = list(ledger.events())
    corrections: dict[int, list[int]] = {}
    for event in events:
        if event.type == "correct":
            corrections.setdefault(event.fields["event"], []).append(event.seq)
    for event in events:
        if event.type != "finding":
            continue
        sample, kind = str(event.fields["thing"]), str(event.fields["kind"])
        try:
            result = read(_record(event))
        except InputError as error:
            unread.append(
                UnreadFinding(event.seq, sample, kind, getattr(error, "message", str(error)))
            )
            continue
        findings.append(
            RecordedFinding(
                event.seq,
                str(event.fields["case"]),
                sample,
                kind,
                event.recorded_at,
                result,
                tuple(corrections.get(event.seq, ())),
            )
        )
    return LedgerFindings(
        findings,
        unread,
        source=os.fspath(path),
        size=report.size,
        fingerprint=str(report.fingerprint),
    )


def _record(event: "Event") -> dict[str, Any]:
    """Return the record of a finding as its result was stored.

    Raises
    ------
    InputError
        If it was erased, or a hand wrote it.
    """
    result, provenance = event.fields.get("result"), event.fields.get("provenance")
    if not isinstance(result, dict) or not isinstance(provenance, dict):
        raise InputError(_("the result is erased or no result of this package"))
    return {**result, "provenance": provenance}
