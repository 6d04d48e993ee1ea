"""The verdict on a questioned sequence in one line, and what is true of a whole run.

A `Verdict` has the parts of that line: the call, its rank and probability, what stands behind it, what to do. It says
nothing that is not in the result. How wide a line is, and in which colours, is the business of the command line.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from forensics.barcode.identification import (
    RANK_NAMES,
    Identification,
    label_part,
    missing_in_words,
    placement_in_words,
)
from forensics.barcode.locus import DECIDING
from forensics.barcode.matching.search import ReportedCandidate
from forensics.barcode.options import EVEN_PRIOR
from forensics.barcode.reference.library import names_in_region
from forensics.core.notice import Notice, Severity
from forensics.messages import N_, _, ngettext, numeral
from forensics.notices import calls as notices
from forensics.taxonomy.names import genus_of


class Outcome(StrEnum):
    """What a verdict comes to; in this order a table shows them, the doubtful ones first."""

    UNUSABLE = "unusable"
    NOTHING_NEAR = "nothing near"
    NO_NAME = "no name"
    LIMITED = "limited"
    """A name above the species, or a species without a probability or with a notice that limits what may be stated."""
    NAMED = "named"
    """A species with its probability, and without such a notice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The parts of the line of one sample.

    Attributes
    ----------
    outcome : Outcome
    query : str
        Name of the sequence, as it was given.
    index : int
        Place in the run, counted from 1.
    part : str
        Locus of a piece of a genome; "" of others.
    call : str
        The name that may be given, or in capitals that there is none.
    rank, probability : str
        Empty where nothing is named.
    evidence : tuple of str
        The same in several lengths, the longest first.
    codes : tuple of str
        Codes of notices that block or limit and are not said by the other parts.
    advice : str
        What to do where nothing is named; "" elsewhere.
    appendices : str
        Of CITES, such as ``I/II``; ``-`` where no listing was found, ``?`` where it is not known, ``*`` behind it
        where the official list that was given says otherwise than the packaged table, or lacks the name; "" where
        nothing is named.
    """

    outcome: Outcome
    query: str
    index: int
    call: str
    rank: str = ""
    probability: str = ""
    evidence: tuple[str, ...] = ("",)
    codes: tuple[str, ...] = ()
    advice: str = ""
    appendices: str = ""
    part: str = ""

    @property
    def label(self) -> str:
        """The name of the sequence and, of a piece, its part."""
        return label_part(self.query, self.part)

    @property
    def order(self) -> tuple[int, int]:
        """What verdicts are sorted by."""
        return list(Outcome).index(self.outcome), self.index


_UNNAMED = {
    "inconclusive": (Outcome.NO_NAME, N_("NO NAME")),
    "nothing_near": (Outcome.NOTHING_NEAR, N_("NOTHING NEAR")),
    "unusable": (Outcome.UNUSABLE, N_("UNUSABLE")),
}
# Notices that the probability of a line says already.
_SAID = frozenset({"UNCALIBRATED"})
# Why a call stands above the species, or nothing is named: the call has been lowered by what they say.
_REASONS = frozenset(
    {"SEVERAL_SPECIES", "GENUS_RESTS_ON_FEW", "DISTANT", "NO_SPECIES_NAME", "SHORT_RECORD_AS_NEAR"}
)
# Of so many samples on, what more than this share of them would say is said once below their lines.
_MANY = 20
_MAX_SHARED = 0.1
_MISSING_NAMED = 3  # congeners that the library lacks, on the line of a sample
_SENTENCE_END = r"\.(?=\s+[^\W\d_a-z]|$)"
_CLAUSE_END = r"\s*[;:](?=\s)|\.(?=\s+[^\W\d_a-z]|$)"


def weighty_notices(result: Identification) -> list[Notice]:
    """Return the notices that block or limit a result: the gravest first, then what decides."""
    order = (Severity.BLOCKS, Severity.LIMITS)
    return sorted(
        (notice for notice in result.notices if notice.severity in order),
        key=lambda notice: (order.index(notice.severity), notice.code not in DECIDING),
    )


def make_verdict(result: Identification) -> Verdict:
    """Return the verdict on one sequence."""
    notices = weighty_notices(result)
    if result.status != "identified":
        outcome, call = _UNNAMED[result.status]
        return Verdict(
            outcome, result.query, result.index, _(call),
            evidence=_reasons(result, notices), advice=_first_sentence(result.advice()),
            part=result.part,
        )  # fmt: skip
    is_limited = result.rank != "species" or result.probability is None or bool(notices)
    return Verdict(
        Outcome.LIMITED if is_limited else Outcome.NAMED,
        result.query,
        result.index,
        result.taxon or "",
        rank=_(RANK_NAMES[result.rank]),
        probability=_percent(result.probability),
        evidence=_evidence(result),
        codes=tuple(dict.fromkeys(n.code for n in notices if n.code not in _SAID)),
        appendices=_appendices(result),
        part=result.part,
    )


def say_once(verdicts: Sequence[Verdict], said: Collection[str]) -> tuple[list[Verdict], list[str]]:
    """Return verdicts without what many of them share, and that once each: sentences, and codes that all names have.

    Parameters
    ----------
    verdicts : sequence of Verdict
    said : collection of str
        Sentences of the run (`RunSummary.lines`); what stands in them is not said again.
    """
    unnamed = [verdict for verdict in verdicts if not verdict.rank]
    counts = Counter(text for each in unnamed for text in {each.evidence[0], each.advice})
    most = _MAX_SHARED * len(verdicts) if len(verdicts) >= _MANY else len(verdicts)
    often = {text for text, count in counts.items() if text and count > most}
    shared = Counter(
        (each.call, text) for each in unnamed for text in (each.evidence[0], each.advice)
    )
    named = [set(verdict.codes) for verdict in verdicts if verdict.rank]
    of_all = set.intersection(*named) if len(named) >= _MANY else set()
    left = [
        replace(
            verdict,
            evidence=("",) if verdict.evidence[0] in often else verdict.evidence,
            advice="" if verdict.advice in often else verdict.advice,
            codes=tuple(code for code in verdict.codes if code not in of_all),
        )
        for verdict in verdicts
    ]
    every = [
        _("Every name has {code} (forensics explain {code}).").format(code=code)
        for code in sorted(of_all)
    ]
    return left, every + [
        ngettext(
            "{call} ({number} sample): {text}.", "{call} ({number} samples): {text}.", number
        ).format(call=call, number=number, text=text)
        for (call, text), number in shared.items()
        if text in often and not any(text in line for line in said)
    ]


def join_parts(*parts: str) -> str:
    """Return parts of a line with semicolons between them, as the reader's language writes these; empty ones are left out."""
    text = ""
    for part in filter(None, parts):
        text = _("{first}; {second}").format(first=text, second=part) if text else part
    return text


def _percent(probability: float | None) -> str:
    """Return a probability for a column; certainty is never claimed."""
    if probability is None:
        return "-"
    if probability >= 0.9995:
        return ">" + numeral(0.999, ".1%")
    return numeral(probability, ".1%")


def _first_sentence(advice: str) -> str:
    """Return what to do in a few words, as a part of a line."""
    first = re.split(_SENTENCE_END, advice, maxsplit=1)[0]
    return first[:1].lower() + first[1:]


def _reasons(result: Identification, notices: list[Notice]) -> tuple[str, ...]:
    """Return why nothing is named: what blocks it, else what is nearest, else what limits."""
    blocking = [n for n in notices if n.severity is Severity.BLOCKS]
    if not blocking and (result.candidates or result.status == "nothing_near"):
        distance = _distance_from(result.candidates[0], None) if result.candidates else _far(result)
        placed = placement_in_words(result.placement)
        return tuple(join_parts(placed, text) for text in distance)
    reasons = [notice for notice in result.notices if notice.code in _REASONS]
    for notice in blocking or (*notices, *reasons):
        if notice.code not in ("NO_LOCUS", "LOCUS_NOT_IN_LIBRARY", *_SAID):
            sentence = re.split(_SENTENCE_END, notice.message, maxsplit=1)[0]
            return tuple(
                dict.fromkeys((sentence, re.split(_CLAUSE_END, notice.message, maxsplit=1)[0]))
            )
    return ("",)


def _far(result: Identification) -> tuple[str, ...]:
    """Return the nearest record that was found further away; else that nothing is within the floor."""
    if (far := result.placement) is None:
        return (_nothing_within(result),)
    text = _("nearest found {species}, {identity:.1%}")
    least = _("nearest found {identity:.1%}").format(identity=far.identity)
    return text.format(species=far.species, identity=far.identity), least


def _nothing_within(result: Identification) -> str:
    text = (
        _("nothing within {limit:.0%}")
        if result.search_exhaustive
        else _("nothing within {limit:.0%} among the records compared")
    )
    return text.format(limit=1 - result.floor)


def _evidence(result: Identification) -> tuple[str, ...]:
    """Return how far the sequence is from what was called and from the next species, and what the library lacks."""
    if not result.candidates:
        return ("",)
    if result.rank != "species":
        best = result.candidates[0]
        return _with_missing(result, best, *_distance_from(best, result.taxon))
    own = next(c for c in result.candidates if c.species == result.taxon)
    other = next((c for c in result.candidates if c is not own), None)
    distance = ngettext(
        "{edits} of {length} differs", "{edits} of {length} differ", own.mismatches
    ).format(edits=own.mismatches, length=own.length or "?")
    if other is None:
        rest = _("no other within {limit:.0%}").format(limit=1 - result.proved_to)
        return _with_missing(
            result, own, join_parts(distance, rest), distance, f"{own.mismatches}/{own.length}"
        )
    next_species = _("next {species} {edits}")
    return _with_missing(
        result,
        own,
        *(
            join_parts(distance, next_species.format(species=species, edits=other.mismatches))
            for species in (other.species, _abbreviated(other.species, result.taxon))
        ),
        _("{edits}/{length}; next {other}").format(
            edits=own.mismatches, length=own.length, other=other.mismatches
        ),
    )


def _with_missing(
    result: Identification, compared: ReportedCandidate, *texts: str
) -> tuple[str, ...]:
    """Return evidence in several lengths with the congeners that the library lacks; the last has the candidate's edits alone."""
    missing = result.missing_congeners.items()
    names = names_in_region({_abbreviated(name, result.taxon): where for name, where in missing})
    if not names:
        return texts
    long = _("or {names}, which the library lacks").format(
        names=missing_in_words(names, most=_MISSING_NAMED)
    )
    short = _("{names} missing").format(names=missing_in_words(names, most=1))
    return (
        *(join_parts(text, part) for text in texts for part in (long, short)),
        join_parts(f"{compared.mismatches}/{compared.length}", short),
    )


def _distance_from(candidate: ReportedCandidate, called: str | None) -> tuple[str, ...]:
    text = ngettext(
        "{edits} of {length} differs from {species}",
        "{edits} of {length} differ from {species}",
        candidate.mismatches,
    )
    facts = {"edits": candidate.mismatches, "length": candidate.length}
    short = _abbreviated(candidate.species, called)
    return (
        text.format(species=candidate.species, **facts),
        text.format(species=short, **facts),
        f"{candidate.mismatches}/{candidate.length}: {short}",
        f"{candidate.mismatches}/{candidate.length}",
    )


def _abbreviated(species: str, called: str | None) -> str:
    """Return a binomial with its genus abbreviated where the line calls that genus; other names as they are."""
    genus, _space, rest = species.partition(" ")
    is_called = called is not None and genus_of(called) == genus
    return f"{genus[0]}. {rest}" if rest and is_called else species


def _appendices(result: Identification) -> str:
    # Only of what is named, whose listing was looked up.
    from forensics.taxonomy.listings.results import NO_LISTING, NOT_COVERED

    listed = result.listed_call()
    short = {NO_LISTING: "-", NOT_COVERED: "?"} | {
        f"reported {name}": f"{name}?" for name in ("I", "II", "III", "none")
    }
    names = dict.fromkeys(short.get(name, name) for name in listed.appendices)
    return "/".join(names) + ("*" if listed.warnings else "")


def detail_lines(result: Identification, *, every_notice: bool = False) -> list[tuple[str, str]]:
    """Return label and text of what follows the line of a sample: why, what to do, notices.

    Parameters
    ----------
    result : Identification
    every_notice : bool
        Whether to give all notices, not only those that block or, where none does, limit.
    """
    lines = result.evidence_lines()
    weighty = weighty_notices(result)
    is_blocked = any(notice.severity is Severity.BLOCKS for notice in weighty)
    if is_blocked and not every_notice:  # where nothing may be named, there is nothing to limit
        weighty = [notice for notice in weighty if notice.severity is Severity.BLOCKS]
    reasons = []
    if result.rank != "species" and not is_blocked:
        reasons = [notice for notice in result.notices if notice.code in _REASONS]
    lines += [(_("Why"), _with_code(notice)) for notice in reasons]
    if advice := result.advice():
        lines.append((_("What to do"), advice))
    labels = {Severity.BLOCKS: _("Blocks"), Severity.LIMITS: _("Limits")}
    lines += [(labels[notice.severity], _with_code(notice)) for notice in weighty]
    if every_notice:
        rest = [n for n in result.notices if n not in weighty and n not in reasons]
        lines += [(_("Note"), _with_code(notice)) for notice in rest]
    return lines


def _with_code(notice: Notice) -> str:
    return f"{notice.message} ({notice.code})"


class RunSummary:
    """What is true of a whole run, gathered result by result and said once."""

    def __init__(self) -> None:
        self.samples = 0
        self._first: Identification | None = None
        self._messages: dict[str, None] = {}
        self._named = 0
        self._on_prior: list[str] = []
        self._uncalibrated: dict[str, None] = {}
        self._has_short_records = False
        self._nothing_near: dict[str, None] = {}
        self._unlisted: dict[str, float] = {}
        self._days: set[str] = set()
        self._appendices = ""

    def add(self, result: Identification) -> None:
        """Take in one result."""
        self.samples += 1
        self._first = self._first or result
        self._named += result.status == "identified"
        for notice in result.notices:
            if notice.code == "PRIOR_SENSITIVE":
                self._on_prior.append(result.label)
            elif notice.code == "FAR_SPECIES_POSSIBLE":
                if result.status == "nothing_near" and result.call.probabilities:
                    unlisted = result.call.probabilities["species"]["unlisted"]
                    locus = result.locus or "?"
                    self._unlisted[locus] = max(unlisted, self._unlisted.get(locus, 0.0))
            elif notice.code == "RECORDS_NOT_COMPARED":
                self._has_short_records = True
            elif notice.code == "UNCALIBRATED" and result.locus:
                self._uncalibrated[result.locus] = None
            elif (
                notice.severity is Severity.CONTEXT
                and notice.code != "DEMONSTRATION_LIBRARY"  # the head says so
            ):
                self._messages[notice.message] = None
        if result.status == "nothing_near":
            near = _("no record near enough to be of the species")
            self._nothing_near[near if result.candidates else _nothing_within(result)] = None
        if result.status == "identified" and result.candidates:
            self._appendices += _appendices(result)
            self._days.add(result.listed_call().as_of)

    def head(self) -> list[str]:
        """Return what the run was made with: library, confidence, prior, criteria."""
        if self._first is None:
            return []
        library = self._first.provenance.library
        parameters = self._first.provenance.parameters
        parts = [
            _("library: {name}").format(name=f"{library['name']} {library.get('version') or ''}")
        ]
        if library.get("demonstration"):
            parts.append(_("DEMONSTRATION, not for casework"))
        for text, key in (
            (N_("confidence {value}"), "confidence"),
            (N_("prior {value}"), "in_library_prior"),
            (N_("criteria {value}"), "criteria"),
            (N_("region {value}"), "region"),
        ):
            value = parameters.get(key)
            if value not in (None, "none"):
                shown = numeral(value) if isinstance(value, float) else _parameter(value)
                parts.append(_(text).format(value=shown))
        return [part.strip() for part in parts]

    def lines(self) -> Iterator[str]:
        """Yield what is true of the run, a sentence or more each."""
        if self._on_prior and self._first is not None:
            prior = self._first.provenance.parameters["in_library_prior"]
            if len(self._on_prior) == 1:
                text = _(
                    "The name of {query} rests on the assumption that the library contains the "
                    "species (prior {prior}); with --in-library-prior {even} it would be of a "
                    "higher rank, or there would be none."
                )
            else:
                text = _(
                    "{calls} of {named} names rest on the assumption that the library contains "
                    "the species (prior {prior}); with --in-library-prior {even} they would be "
                    "of a higher rank, or there would be none."
                )
            yield text.format(
                query=self._on_prior[0], calls=len(self._on_prior), named=self._named, prior=prior,
                even=EVEN_PRIOR,
            )  # fmt: skip
        if self._uncalibrated and self.samples > 1:  # of one sample its notice says so
            yield notices.UNCALIBRATED("loci", loci=", ".join(self._uncalibrated)).message
        if self._nothing_near and self.samples > 1:  # of one sample its details say so
            text = _(" or ").join(self._nothing_near)
            yield _("{call}: {text}.").format(call=_("NOTHING NEAR"), text=text)
        if self._unlisted and self._first is not None:
            shown = ", ".join(
                f"{numeral(probability, '.1%')} ({locus})"
                for locus, probability in self._unlisted.items()
            )
            yield _(
                "If nothing is near, the library may still contain the species, too far away to "
                "be found, with a probability of at most {shown} (prior {prior})."
            ).format(
                shown=shown, prior=numeral(self._first.provenance.parameters["in_library_prior"])
            )
        yield from self._messages
        if self._has_short_records:
            yield _("Some records of the library are too short to be compared (-v says how many).")
        if self._days and self.samples > 1:
            days = _(" or ").join(sorted(self._days))
            text = _("Last column: CITES Appendices of {day}.").format(day=days)
            if "-" in self._appendices:
                text += " " + _("-: no listing found; the species may still be protected.")
            if "?" in self._appendices:
                text += " " + _("?: not covered, or reported alone; see forensics listing.")
            if "*" in self._appendices:
                text += " " + _(
                    "*: the official list given differs from the packaged table, or is incomplete "
                    "and lacks the name; -v says which."
                )
            yield text


def _parameter(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value.get("name", "")) if isinstance(value, dict) else str(value)
