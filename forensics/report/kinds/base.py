"""A part of what a report says of a finding, sentences that all kinds share, and the words of what people examined
themselves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from forensics.barcode.ratio import NoRatio
from forensics.fit import Fit
from forensics.individual.kinship import RELATIONSHIPS
from forensics.messages import N_, _
from forensics.report.blocks import Table, decimal, ratio, times, words_of
from forensics.report.statement import Finding, Question
from forensics.verbal import ALTERNATIVES

LABELS = {
    "question": N_("Question"),
    "propositions": N_("Propositions"),
    "method": N_("Method"),
    "found": N_("Results"),
    "strength": N_("Strength of the evidence"),
    "prior": N_("Probability, and the prior it rests on"),
    "assumed": N_("Assumptions"),
    "open": N_("Not excluded"),
    "backing": N_("Reference and validation"),
    "records": N_("Records and vouchers"),
    "primers": N_("Primers"),
    "sequence": N_("Questioned sequence"),
    "differences": N_("Differences from the records"),
    "noted": N_("Limits and warnings of this finding, as they were recorded"),
    "noted_anew": N_("Limits and warnings of this finding, derived again from its figures"),
}
MAX_ROWS = 12
"""Of a table; a longer one is for the attachments of the finding."""


R = TypeVar("R")


@dataclass(frozen=True)
class Part:
    """What is said under one label.

    Attributes
    ----------
    name : str
        One of `LABELS`.
    paragraphs : tuple of str
    tables : tuple of Table
    """

    name: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def label(self) -> str:
        """The label in the language of the reader."""
        return _(LABELS[self.name])


@dataclass(frozen=True, slots=True)
class Narrator(Generic[R]):
    """What puts the results of one kind into words.

    Attributes
    ----------
    parts : callable
        Takes a finding and its result, as `forensics.report.statement` reads it back; yields the
        parts in their order.
    headline : callable
        Takes both, too; returns the result in a line.
    sure : callable, optional
        Takes both, too; yields how sure it is. Default: the first two sentences of the part ``strength``.
    """

    parts: Callable[[Finding, R], Iterator[Part]]
    headline: Callable[[Finding, R], str]
    sure: Callable[[Finding, R], Iterator[str]] | None = None


def make_part(name: str, contents: Iterable[str | Table | None]) -> Iterator[Part]:
    """Yield a part of the sentences and tables that are not empty; nothing where nothing is left."""
    said = list(contents)
    texts = tuple(each for each in said if each and isinstance(each, str))
    tables = tuple(each for each in said if isinstance(each, Table) and each.rows)
    if texts or tables:
        yield Part(name, texts, tables)


def parts_of(finding: Finding, **contents: Iterable[str | Table | None]) -> Iterator[Part]:
    """Yield the parts of a finding in the order in which they are given, and last what it warns of itself.

    Parameters
    ----------
    **contents : iterable of str, Table or None
        By the name of the part, one of `LABELS`.
    """
    for name, said in contents.items():
        yield from make_part(name, said)
    yield from noted_part(finding)


def propositions(first: str, second: str) -> tuple[str, str]:
    """Return both propositions, numbered: sentences on the strength name them by number."""
    return f"1. {first}", f"2. {second}"


def strength(
    log10: float,
    first: str,
    second: str,
    *,
    of: str = "",
    least: bool = False,
    interval: tuple[float, float] | None = None,
) -> Iterator[str]:
    """Yield a likelihood ratio as a sentence on the evidence, its words, and what it supports.

    Parameters
    ----------
    log10 : float
        Of the ratio of the first proposition against the second.
    first, second : str
        What must be true, as it stands after "if".
    of : str
        What the ratio is of where there are several, such as the names of two samples.
    least : bool
        Whether it may be larger.
    interval : tuple of (float, float), optional
        Logarithms of the bounds, 95 %.
    """
    words, sentence = words_of(log10)
    if log10 < 0:  # said the other way about, so that nobody reads a small number as a large one
        first, second = second, first
    if words.favours == "neither":
        text = _(
            "The findings are about as probable if {first} as if {second} (likelihood ratio {ratio})."
        )
    else:
        text = _("The findings are {times} as probable if {first} as if {second}.")
    stated = text.format(
        ratio=decimal(10 ** abs(log10), 1),
        times=times(abs(log10), least=least),
        first=first,
        second=second,
    )
    if interval is not None:
        bounds = sorted(interval) if log10 >= 0 else sorted(-bound for bound in interval)
        stated += " " + _("95 % interval of the ratio: {low} to {high}.").format(
            low=ratio(bounds[0]), high=ratio(bounds[1])
        )
    yield f"{of}: {stated}" if of else stated
    yield sentence
    if words.favours != "neither":
        yield _("Supported proposition: {first}.").format(first=first)


_PROPOSED = {**ALTERNATIVES, **{code: kin.name for code, kin in RELATIONSHIPS.items()}}
"""What a proposition may name besides a taxon, an origin or a relationship."""


def proposed(name: str) -> str:
    """Return what a proposition names, in the language of the reader."""
    return _(_PROPOSED.get(name, name))


def asked(finding: Finding) -> Iterator[str]:
    """Yield the questions that a finding answers; one that was recorded after it says so."""
    for question in finding.asked:
        yield _("{name} asks (event {event}): {text}").format(
            name=question.asked_by or _("(erased by order)"),
            event=question.event,
            text=question.question,
        )
        if question.event > finding.event:
            yield _(
                "This question was recorded after the finding, so its propositions may have been chosen to fit it."
            )


def weigh(
    finding: Finding, state: Callable[[Question], Iterable[str]], default: str = ""
) -> Iterator[str]:
    """Yield the ratio of each question that was put, or why there is none.

    The pair of propositions is that of the question, and never one that was chosen after the finding was seen.

    Parameters
    ----------
    finding : Finding
    state : callable
        Takes a question and returns the sentences on its ratio.
    default : str
        Said where no question was put.
    """
    for question in finding.weighed:
        try:
            yield from state(question)
        except NoRatio as why:
            yield _("No likelihood ratio is stated. {why}").format(why=why)
    if not finding.weighed and default:
        yield default


def fit_text(fit: Fit) -> str:
    """Return what came of the check of fit."""
    text = (
        _("The data fit the model (check of fit: p = {p}, must be above {level}).")
        if fit.passed
        else _(
            "The data do not fit the model (check of fit: p = {p}, must be above {level}), so "
            "nothing is stated from it."
        )
    )
    return text.format(**fit.shown())


def noted_part(finding: Finding) -> Iterator[Part]:
    """Yield what the finding itself warns of and limits.

    Where it was computed again and came out the same, as that run formed it; else as it was recorded.
    """
    if finding.noted is not None:
        yield from make_part("noted_anew", finding.noted)
        return
    result = finding.result or {}
    warnings = [str(warning["message"]) for warning in result.get("warnings") or ()]
    limits = result.get("limits")  # of a mixture they are figures
    texts = [str(limit) for limit in limits] if isinstance(limits, (list, tuple)) else []
    yield from make_part("noted", dict.fromkeys([*texts, *warnings]))


def support(finding: Finding, role: str) -> Iterator[str]:
    """Yield what a finding was compared with, and whether the laboratory accepted it.

    Parameters
    ----------
    finding : Finding
    role : str
        What the library of the finding is, such as "Model".
    """
    library = finding.library or {}
    if library:
        name = " ".join(str(library[key]) for key in ("name", "version") if library.get(key))
        yield _(
            "{role}: {name}; its SHA-256 is given in the section on how each finding was reached."
        ).format(role=role, name=name)
    if accepted := finding.accepted:
        text = _(
            "This laboratory accepted it in event {event} of the ledger, for: {scope}. Files "
            "attached there: {files}."
        )
        if finding.again is None:
            text = _(
                "This laboratory accepted, in event {event} of the ledger, a reference whose "
                "SHA-256 the finding names, for: {scope}. Files attached there: {files}. It was "
                "not checked whether the result was computed from it."
            )
        yield text.format(
            event=accepted.event,
            scope=accepted.scope or _("not stated"),
            files=", ".join(accepted.files) or _("nothing"),
        )
    else:
        yield _(
            "The ledger has no acceptance of it by this laboratory, so no rate of wrong results "
            "is on record here."
        )
    yield recomputation_text(finding)


def recomputation_text(finding: Finding) -> str:
    """Return what came of computing a finding again, or that it was not and why."""
    how_read = ""
    if finding.again_by_default:
        how_read = " " + _(
            "Its tables were read with the default options, because the finding does not record "
            "the options of the first reading."
        )
    if finding.again == "same":
        return (
            _(
                "Its figures were computed again from the record when this report was built, and "
                "were the same."
            )
            + how_read
        )
    if finding.again == "differs":
        if how_read:
            how_read += " " + _(
                "Other options in the first reading may be the reason. If the finding is "
                "recorded again, it will be computed with its own options."
            )
        return (
            _(
                "Its figures were computed again when this report was built, and DIFFERED from "
                "those recorded: {places}. They must not be relied on."
            ).format(places=", ".join((finding.differs or ())[:MAX_ROWS]))
            + how_read
        )
    if reason := finding.again_missing:
        return _(
            "Its figures are given as recorded; they were not computed again when this report "
            "was built: {reason}."
        ).format(reason=reason.rstrip("."))
    return _(
        "Its figures are given as recorded; they were not computed again when this report was "
        "built."
    )


def _parts(finding: Finding, _result: object) -> Iterator[Part]:
    """Yield what was recorded, as it was recorded."""
    yield from make_part("found", [finding.explanation or finding.text])
    if not finding.result:
        yield from make_part(
            "assumed",
            [
                _(
                    "These are the examiner's own words. No figures and no error rate are on "
                    "record; the method section of the report describes the examination."
                )
            ],
        )
    else:
        yield from make_part("backing", [recomputation_text(finding)])


def _headline(finding: Finding, _result: object) -> str:
    return str((finding.result or {}).get("result") or finding.explanation or finding.text or "")


AS_RECORDED: Narrator[object] = Narrator(_parts, _headline)
