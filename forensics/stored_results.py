"""Which results this program stores, and how they are read back: from JSON, one object or one a line, or of a ledger.

Each kind of result is declared once, in `KINDS`: by which keys it is known, and its class. Everything that is handed
a stored result asks here: `read_results`, the report, and what computes findings again. The class of a kind is
loaded when a result of it is read.

>>> import forensics
>>> results = forensics.read_results("results.jsonl")        # doctest: +SKIP

Nothing is read from a ledger whose chain, signatures or files do not hold: it is refused with the first event
that is wrong. The file is only read.
"""

import json
import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from forensics.core.stored import PlainResult
from forensics.errors import InputError, VerificationError
from forensics.io.files import AnyPath, open_input, read_up_to
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas

    from forensics.custody.reader import Event

# A result with its alignment has some 10 kB: 100,000 results.
_MAX_BYTES = 2**30
_SQLITE = b"SQLite format 3\0"
_UNREADABLE = (AttributeError, LookupError, TypeError, ArithmeticError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class ResultKind:
    """A kind of result that is stored.

    Attributes
    ----------
    name : str
    finding : str
        Kind of the findings of the ledger that have such a result; "" where none has.
    keys : frozenset of str
        By which such a result is known among all others. None of them is a sentence: what is said in words is
        made anew, and a result can be read without it.
    place : str
        Module and name of its class.
    """

    name: str
    finding: str
    keys: frozenset[str]
    place: str

    def read(self, record: Mapping[str, Any]) -> PlainResult:
        """Return the result that a record holds.

        Raises
        ------
        InputError
            If it is no such result.
        """
        try:
            result: PlainResult = pkgutil.resolve_name(self.place).from_stored(record)
        except InputError:
            raise
        except _UNREADABLE as error:  # a part that a reader looks into is not there
            raise InputError(
                _("this is not a stored result: {error}").format(
                    error=f"{type(error).__name__} {error}"
                )
            ) from error
        return result


KINDS = tuple(
    ResultKind(name, finding, frozenset(keys.split()), f"forensics.{place}")
    for name, finding, keys, place in (
        ("mixture", "identification", "found reads", "barcode.mixture.results:Mixture"),
        ("identification", "identification", "query search_exhaustive", "barcode.identification:Identification"),
        # The ledger has the identifications that it is made of.
        ("combination", "", "combined", "barcode.calling.combine:Combination"),
        ("listing", "other", "appendices answers", "taxonomy.listings.results:ListingResult"),
        ("origin", "origin", "kind status", "origin.results:Origin"),
        ("seizure", "origin", "number_of_places places", "origin.seizure:SeizureOrigin"),
        ("shares", "origin", "credible_level shares", "origin.seizure:SharesOfPopulations"),
        ("haplotype", "origin", "haplotype localities", "origin.haplotypes:HaplotypeOrigin"),
        ("match", "individual", "matches", "individual.results:Individual"),
        ("kinship", "individual", "by_chance", "individual.results:Kinship"),
        ("parentage", "individual", "claim", "individual.results:Parentage"),
        ("network", "individual", "links", "individual.network:Network"),
        ("captive", "individual", "likelihood_ratio p_values", "individual.captive.results:Husbandry"),
        ("consignment", "individual", "consignment dependence", "individual.captive.examining:Consignment"),
        ("age", "age", "method", "age.results:Age"),
    )
)  # fmt: skip


def find_kind(record: object, finding: str | None = None) -> ResultKind | None:
    """Return what kind of result a record holds.

    Parameters
    ----------
    record : object
        Plain values, as JSON or a finding of the ledger has them.
    finding : str, optional
        Kind of the finding that it stands in. What was recorded as something else is no result of that kind.

    Returns
    -------
    ResultKind or None
        None where a person wrote the record, or its form is not known here. A finding that says of which taxon
        something is, is an identification whatever its keys are: others rely on its call, so that what
        cannot be read of it has to be named.
    """
    if not isinstance(record, Mapping) or not record:
        return None
    known = [kind for kind in KINDS if finding in (None, kind.finding)]
    assumed = (kind for kind in known if kind.name == finding == "identification")
    return next((kind for kind in known if kind.keys <= record.keys()), next(assumed, None))


def read_result(record: Mapping[str, Any], finding: str | None = None) -> PlainResult:
    """Return the result that a record holds, whatever it is of; parameters as of `find_kind`.

    Raises
    ------
    InputError
        If it is not a result that can be read back.
    """
    if kind := find_kind(record, finding):
        return kind.read(record)
    raise InputError(
        _("this result cannot be read back; its keys are: {keys}").format(
            keys=", ".join(map(str, record))[:200] or "-"
        )
    )


def read_results(source: AnyPath | Iterable[str]) -> Sequence[PlainResult]:
    """Read results that this program wrote, whatever they are of.

    They may be of ``identify``, ``mixture``, ``origin``, ``individual``, ``age`` or ``listing``, several in one
    file.

    Parameters
    ----------
    source : path or iterable of str
        A file that ``--format json`` or ``to_json()`` gave, or its lines; ``-`` is standard input; or a ledger.
        CSV does not hold whole results and is refused; pandas reads it as a table.

    Returns
    -------
    Identifications, tuple of PlainResult, or LedgerFindings
        In their order: `forensics.barcode.run.Identifications` where all are identifications.
        They show, and store, what they did; notices have the sentences that were written. Of a ledger, which
        is verified first, the results of its findings.

    Raises
    ------
    InputError
        If it cannot be read, or is not such a file; the message has the file and the line.
    VerificationError
        If something in a ledger does not hold.

    Examples
    --------
    >>> from forensics.io.files import folder
    >>> query = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> import forensics
    >>> lines = forensics.identify(query).to_json().splitlines()
    >>> read_results(lines)
    scale: Manis temminckii (species)
    """
    if isinstance(source, (str, os.PathLike)):
        label = os.fspath(source)
        with open_input(source, label) as stream:
            data = read_up_to(stream, _MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InputError(
                _("The file is longer than {most} bytes.").format(most=_MAX_BYTES), source=label
            )
        if data.startswith(_SQLITE):  # as ledgers are
            return _read_findings(source)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = _("this is not JSON: it is not text in UTF-8")
            raise InputError(message, source=label, line=line) from error
    else:
        label, text = "", "\n".join(line.rstrip("\r\n") for line in source)
    results = []
    for number, record in _records(text, label):
        try:
            results.append(read_result(record))
        except InputError as error:
            raise InputError(error.message, source=label, line=number) from error
    return _as_identifications(results)


def _as_identifications(results: list[PlainResult]) -> Sequence[PlainResult]:
    """Return results as `Identifications` where all of them are identifications."""
    from forensics.barcode.identification import Identification
    from forensics.barcode.run import Identifications

    identifications = [result for result in results if isinstance(result, Identification)]
    if len(identifications) == len(results):
        return Identifications(identifications)
    return tuple(results)


def _records(text: str, label: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the records of a text with the lines where they begin.

    Raises
    ------
    InputError
        If it is not JSON, or holds no record.
    """
    decoder = json.JSONDecoder()
    place, line = 0, 1
    count = 0
    while True:
        start = _skip_space(text, place)
        line += text.count("\n", place, start)
        if start == len(text):
            break
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            raise InputError(_explain(text, error), source=label, line=line) from error
        for record in value if isinstance(value, list) else [value]:
            if not isinstance(record, Mapping):
                message = _("this is JSON, but not a result: {value}").format(
                    value=repr(record)[:60]
                )
                raise InputError(message, source=label, line=line)
            count += 1
            yield line, record
        line += text.count("\n", start, place)
    if not count:
        raise InputError(_("it has no result"), source=label)


def _skip_space(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _explain(text: str, error: Exception) -> str:
    """Return in words why a text is not JSON of this program."""
    from forensics.barcode.identification import CSV_COLUMNS

    head = text.partition("\n")[0]
    if head.startswith((f"{CSV_COLUMNS[0]},{CSV_COLUMNS[1]},", f"{CSV_COLUMNS[0]}\t")):
        return _(
            "these are rows for a spreadsheet, not whole results; write them with --format json"
        )
    return _("this is not JSON: {error}").format(error=error)


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


def _read_findings(path: AnyPath) -> LedgerFindings:
    """Verify a ledger and read the results of its findings back.

    Raises
    ------
    InputError
        If there is no such file.
    VerificationError
        If it is not a ledger, or something in it does not hold; the message names the first event.
    """
    from forensics.custody.reader import Reader, corrections_of
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
    corrections = corrections_of(events)
    for event in events:
        if event.type != "finding":
            continue
        sample, kind = str(event.fields["thing"]), str(event.fields["kind"])
        try:
            result = read_result(_record(event), kind)
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
        raise InputError(_("the result was erased or is not a result of this package"))
    return {**result, "provenance": provenance}
