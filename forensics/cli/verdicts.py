"""The results of a run for people: a line a sample, the doubtful ones first; what is true of the run once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from forensics.barcode.verdict import (
    Outcome,
    RunSummary,
    Verdict,
    detail_lines,
    join_parts,
    make_verdict,
    say_once,
)
from forensics.cli.output import (
    CONTROL,
    Mark,
    Writer,
    cut_in_middle,
    display_width,
    encodable,
    padded,
    screen_width,
    unknown_sample,
    wrapped,
)
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.barcode.identification import Identification


MARKS = {
    Outcome.NAMED: Mark("✔", "+", "green"),
    Outcome.LIMITED: Mark("▲", "~", "yellow"),
    Outcome.NO_NAME: Mark("✖", "x", "red"),
    Outcome.NOTHING_NEAR: Mark("○", "o", "cyan"),
    Outcome.UNUSABLE: Mark("!", "!", "magenta"),
}
_GAP = "  "
# Of one column each, where the encoding of the output lacks them.
_PLAIN = {0xA0: " ", 0x202F: " ", ord("…"): "~"}
_INDENT = "    "
_MAX_NAME = 32
_NARROW = 100
"""Columns below which the name of the list of Appendices is left to the last line."""
_MAX_REASON = 64
"""Columns of a reason; of a longer one the first clause stands in the line."""
_ROOM_FOR_WORDS = 32
"""Columns from which on the evidence is a sentence."""


class VerdictTable:
    """Gathers the results of a run and writes them when all are there.

    Parameters
    ----------
    writer : Writer
    verbose : bool
        Whether to write the details of each result, with all notices.
    shown : iterable of str
        Names of samples whose details are written.
    """

    def __init__(self, writer: Writer, *, verbose: bool = False, shown: Iterable[str] = ()) -> None:
        self._writer, self._verbose = writer, verbose
        self._shown = dict.fromkeys(shown, False)
        self._verdicts: list[Verdict] = []
        self._details: dict[int, list[str]] = {}
        self._summary = RunSummary()
        self._first: Identification | None = None

    def add(self, result: "Identification", _writer: Writer | None = None) -> None:
        """Take in one result; of those that are not shown in detail only the line is kept."""
        self._summary.add(result)
        self._verdicts.append(make_verdict(result))
        self._first = self._first or result
        asked = self._shown.keys() & {result.query, result.label}
        if self._verbose or asked:
            self._details[result.index] = self._details_of(result, every_notice=True)
        self._shown.update(dict.fromkeys(asked, True))

    def write(self) -> None:
        """Write what was gathered."""
        if not self._verdicts:
            return
        self._write_head()
        below = list(self._summary.lines())
        if len(self._verdicts) == 1:
            self._write_one()
        else:
            verdicts, shared = say_once(
                sorted(self._verdicts, key=lambda verdict: verdict.order), below
            )
            self._write_lines(verdicts)
            below = shared + below
            for verdict in self._verdicts:
                if verdict.index in self._details:
                    self._text()
                    self._write_details(verdict)
        self._text()
        for line in below:
            self._paragraph(line)
        if not self._details:
            self._text(
                _("All notices: -v.")
                if len(self._verdicts) == 1
                else _("Details: -v, or --show {name}.").format(
                    name=min(self._verdicts, key=lambda verdict: verdict.order).query.translate(
                        CONTROL
                    )
                )
            )

    def unknown_sample(self) -> str:
        """Return what is wrong with the samples that were to be shown, in words; "" where all are there."""
        missing = [name for name, is_there in self._shown.items() if not is_there]
        return unknown_sample(missing, (v.label.translate(CONTROL) for v in self._verdicts))

    # -- parts of the output ----------------------------------------------------------------

    def _write_head(self) -> None:
        separator = " · " if encodable("·", self._writer.stream) else " | "
        head = separator.join(self._summary.head()).translate(CONTROL)
        if len(self._verdicts) == 1:
            self._paragraph(head)
            self._text()
            return
        number = ngettext("{number} sample", "{number} samples", len(self._verdicts)).format(
            number=len(self._verdicts)
        )
        blanks = screen_width() - display_width(head) - display_width(number)
        if blanks >= 2:
            self._text(head + " " * blanks + number)
        else:
            self._paragraph(head)
            self._text(number)
        self._text()

    def _write_one(self) -> None:
        assert self._first is not None
        verdict = self._verdicts[0]
        self._write_lines([verdict])
        details = self._details.get(verdict.index)
        if details is None:
            details = self._details_of(self._first, every_notice=False)
        if details:
            self._text()
        for line in details:
            self._text(line)

    def _write_details(self, verdict: Verdict) -> None:
        self._write_lines([verdict])
        for line in self._details[verdict.index]:
            self._text(line)

    def _details_of(self, result: "Identification", *, every_notice: bool) -> list[str]:
        facts = [
            _("{} bp").format(result.length),
            result.locus,
            result.strand and f"({result.strand})",
        ]
        sequence = (_("Sequence"), " ".join(fact for fact in facts if fact))
        return list(wrapped([sequence, *detail_lines(result, every_notice=every_notice)]))

    def _write_lines(self, verdicts: list[Verdict]) -> None:
        layout = _Layout(verdicts, screen_width(), self._names(), self._style)
        for verdict in verdicts:
            for line in layout.lines_of(verdict):
                self._text(line)

    def _names(self) -> dict[int, str]:
        """Return how each sample is called by its index; one of several of a name with its place in the run."""
        given = Counter(verdict.label for verdict in self._verdicts)
        return {
            verdict.index: (
                f"{verdict.label} #{verdict.index}" if given[verdict.label] > 1 else verdict.label
            ).translate(CONTROL)
            for verdict in self._verdicts
        }

    def _style(self, verdict: Verdict) -> tuple[str, Callable[[str], str]]:
        """Return the mark of a verdict, and what colours a part of its line."""
        return MARKS[verdict.outcome].style(self._writer.stream)

    def _paragraph(self, text: str) -> None:
        import textwrap

        for line in textwrap.wrap(text.translate(CONTROL), screen_width(), break_on_hyphens=False):
            self._text(line)

    def _text(self, text: str = "") -> None:
        if not encodable(text, self._writer.stream):
            text = text.translate(_PLAIN)
        self._writer.text(text)


class _Layout:
    """Columns of verdicts, as wide as the terminal: one line each, or a second one where it is narrow."""

    def __init__(
        self,
        verdicts: list[Verdict],
        width: int,
        names: dict[int, str],
        style: Callable[[Verdict], tuple[str, Callable[[str], str]]],
    ) -> None:
        self._width, self._style = width, style
        self._is_narrow = width < _NARROW
        named = [verdict for verdict in verdicts if verdict.rank]
        unnamed = [verdict for verdict in verdicts if not verdict.rank]
        self._names = _shortened(names, min(_MAX_NAME, max(width // 5 - 1, 8)))
        self._name = _widest(self._names[verdict.index] for verdict in verdicts)
        self._call = _widest(verdict.call for verdict in verdicts)
        self._rank = _widest(verdict.rank for verdict in named)
        self._probability = _widest(verdict.probability for verdict in named)
        self._cites = _widest(map(self._cites_of, named))
        others = (self._name, self._call, self._rank, self._probability, self._cites)
        self._room = width - 2 - sum(others) - len(_GAP) * len(others)
        self._evidence = _widest(self._evidence_of(verdict)[0] for verdict in named)
        self._plan_unnamed(unnamed)

    def _plan_unnamed(self, verdicts: list[Verdict]) -> None:
        """Choose where the reasons of unnamed samples stand, so that what to do follows on the line."""
        for call in (self._call, _widest(verdict.call for verdict in verdicts)):
            self._unnamed_call = call
            self._rest = self._width - 2 - self._name - call - 2 * len(_GAP)
            self._reasons = {verdict.index: self._reason_of(verdict) for verdict in verdicts}
            if all(self._has_room(verdict) for verdict in verdicts):
                break
        self._reason = _widest(
            self._reasons[verdict.index] for verdict in verdicts if self._has_room(verdict)
        )

    def _has_room(self, verdict: Verdict) -> bool:
        reason = self._reasons[verdict.index]
        return display_width(reason + _GAP + verdict.advice) <= self._rest

    def _evidence_of(self, verdict: Verdict) -> tuple[str, str]:
        """Return the longest evidence that fits, and what is left for a line below."""
        codes = " ".join(verdict.codes)
        # Where there is little room, all have the short form, so that they can be compared.
        forms = verdict.evidence if self._room >= _ROOM_FOR_WORDS else verdict.evidence[2:]
        for evidence in forms:
            text = join_parts(evidence, codes)
            if display_width(text) <= self._room:
                return text, ""
        for evidence in forms:
            if display_width(evidence) <= self._room:
                return evidence, codes
        return "", join_parts(verdict.evidence[0], codes)

    def _cites_of(self, verdict: Verdict) -> str:
        return verdict.appendices if self._is_narrow else f"CITES {verdict.appendices}"

    def lines_of(self, verdict: Verdict) -> Iterator[str]:
        """Yield the line of a verdict, and a second one where it is too long."""
        mark, colour = self._style(verdict)
        start = f"{colour(mark)} {padded(self._names[verdict.index], self._name)}{_GAP}"
        if verdict.rank:
            yield from self._named(verdict, start + colour(padded(verdict.call, self._call)))
        else:
            call = padded(verdict.call, self._unnamed_call)
            yield from self._unnamed(verdict, start + colour(call))

    def _named(self, verdict: Verdict, start: str) -> Iterator[str]:
        evidence, below = self._evidence_of(verdict)
        yield _GAP.join(
            (
                start,
                padded(verdict.rank, self._rank),
                verdict.probability.rjust(self._probability),
                padded(evidence, self._evidence),
                self._cites_of(verdict),
            )
        ).rstrip()
        yield from self._below(below)

    def _unnamed(self, verdict: Verdict, start: str) -> Iterator[str]:
        reason = self._reasons[verdict.index]
        aligned = f"{padded(reason, self._reason)}{_GAP}{verdict.advice}"
        close = f"{reason}{_GAP}{verdict.advice}"
        if display_width(close) <= self._rest:
            fits = display_width(aligned) <= self._rest
            yield f"{start}{_GAP}{aligned if fits else close}".rstrip()
        elif display_width(reason) <= self._rest:
            yield f"{start}{_GAP}{reason}".rstrip()
            yield from self._below(verdict.advice)
        else:
            yield start.rstrip()
            yield from self._below(join_parts(reason, verdict.advice))

    def _reason_of(self, verdict: Verdict) -> str:
        """Return the longest reason that leaves room for the advice, else the shortest."""
        for reason in verdict.evidence:
            if display_width(reason) > _MAX_REASON:
                continue
            if display_width(reason + _GAP + verdict.advice) <= self._rest:
                return reason
        return verdict.evidence[-1]

    def _below(self, text: str) -> Iterator[str]:
        if text:
            import textwrap

            yield from textwrap.wrap(
                text,
                self._width,
                initial_indent=_INDENT,
                subsequent_indent=_INDENT,
                break_on_hyphens=False,
            )


def _widest(texts: Iterable[str]) -> int:
    return max(map(display_width, texts), default=0)


def _shortened(names: dict[int, str], width: int) -> dict[int, str]:
    """Return names in at most so many columns, cut in the middle; as they are where two would be alike."""
    short = {index: cut_in_middle(name, width) for index, name in names.items()}
    return short if len(set(short.values())) == len(set(names.values())) else names
