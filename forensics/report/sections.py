"""The sections of a report with their pictures, in the language of the reader; `section` declares one."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forensics.barcode.identification import label_part
from forensics.core.stored import day_in_words
from forensics.custody.timeline import sentence_of
from forensics.messages import N_, _, language, numeral, thousands
from forensics.report.blocks import (
    Block,
    Facts,
    Figure,
    Notice,
    Signatures,
    Table,
    Text,
    decimal,
    significant,
    whole,
)
from forensics.report.corrections import annotate_event, list_corrections
from forensics.report.kinds.base import proposed
from forensics.report.kinds.identification import annex_sequence
from forensics.report.labels import (
    BASES,
    KINDS,
    OPINIONS,
    OUTCOMES,
    REVIEWS,
    ROLES,
    event_name,
    translated,
    word,
)
from forensics.report.narrative import headline, in_words, not_said, parts, subject_of, sure
from forensics.report.reported import describe_difference, name_difference, reported_taxa
from forensics.report.sampling import plan_blocks
from forensics.report.statement import Exhibit, Finding, Picture, Review, Sample, Statement
from forensics.taxonomy.listings.kinds import kind_in_words
from forensics.taxonomy.listings.results import LABELS
from forensics.taxonomy.listings.table import place_in_words
from forensics.taxonomy.mentions import vernacular_of
from forensics.verbal import SCALE, scale_steps

MAX_PIXELS = 200_000_000
"""Of a picture in a PDF. A page of A4 at 1200 dpi has 139 million; a file of some kB may unpack to
more than a computer can hold."""

Writer = Callable[[Statement], Iterator[Block]]


@dataclass(frozen=True, slots=True)
class SectionKind:
    """A section that a report may have; it is left out where it has nothing to say."""

    heading: str
    write: Writer


SECTIONS: dict[str, SectionKind] = {}
"""In the order of a template that gives none."""


def section(heading: str) -> Callable[[Writer], Writer]:
    """Declare a section under the name of the function that writes it: `_summary` is ``summary``."""

    def declare(write: Writer) -> Writer:
        SECTIONS[write.__name__.lstrip("_")] = SectionKind(heading, write)
        return write

    return declare


@section(N_("Conclusions"))
def _summary(statement: Statement) -> Iterator[Block]:
    yield from _warnings(statement)
    for exhibit in statement.exhibits:
        findings = [each for each in statement.findings if each.exhibit == exhibit.exhibit]
        if findings:
            yield Text(
                (), _("Item {item}: {what}").format(item=exhibit.exhibit, what=exhibit.description)
            )
        for finding in findings:
            yield Facts(_concluded(statement, finding))
    if not statement.findings:
        yield Text((_("No finding is reported."),))
    yield from _open_questions(statement)


def _warnings(statement: Statement) -> Iterator[Block]:
    """Yield what must be known before any conclusion."""
    demonstrations = [
        str(statement.number_of(finding.event))
        for finding in statement.findings
        if finding.is_demonstration
    ]
    texts = [
        _("Training: nothing in this report is casework.") if statement.is_training else "",
        _("Findings on demonstration data, which casework must not use: {numbers}.").format(
            numbers=", ".join(demonstrations)
        )
        if demonstrations
        else "",
    ]
    if any(texts):
        yield Notice(" ".join(filter(None, texts)))
    if replaced := statement.report.replaces:
        yield Notice(
            _("This report replaces {number}. Reason: {reason}").format(
                number=replaced, reason=statement.report.reason or _("not stated")
            )
        )


def _concluded(statement: Statement, finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return what the first page says of a finding: the result, how sure, what protects it, what is not excluded."""
    protected = [
        _("{taxon}: {text}").format(taxon=listing.taxon, text=text)
        if len(finding.listings) > 1
        else text
        for listing in finding.listings
        for code, text in listing.lines
        if code in ("cites", "national")
    ]
    day = finding.listings[0].day if finding.listings else ""  # the same of all its taxa
    return _stated(
        (
            _("Finding {n}: {kind}, sample {sample}").format(
                n=statement.number_of(finding.event),
                kind=subject_of(finding),
                sample=finding.sample,
            ),
            _named(finding),
        ),
        (_("How sure"), " ".join(sure(finding))),
        (_("Protected, {day}").format(day=day and day_in_words(day)), " ".join(protected)),
        (_("Not excluded"), " ".join(not_said(finding))),
    )


def _named(finding: Finding) -> str:
    """Return the result with the common names of what is reported."""
    names = dict.fromkeys(
        vernacular_of(taxon, language()) for _rank, taxon in reported_taxa(finding)
    )
    common = ", ".join(filter(None, names))
    if not common:
        return headline(finding)
    return _("{label}: {text}").format(label=common, text=headline(finding))


def _open_questions(statement: Statement) -> Iterator[Block]:
    """Yield what is not answered: differing interpretations, findings that are left out, questions without one."""
    for finding in statement.findings:
        for review in finding.reviews:
            if not review.comment and (text := describe_difference(statement, finding, review)):
                yield Notice(text)
    for omitted in statement.omitted:
        outcomes = ", ".join(translated(OUTCOMES[review.outcome]) for review in omitted.reviews)
        yield Notice(
            _(
                "The case has a finding that is not in this report: event {n}, {kind}, sample {sample}, reviews: {reviews}."
            ).format(
                n=omitted.event,
                kind=translated(KINDS[omitted.kind]),
                sample=omitted.sample,
                reviews=outcomes or _("none"),
            )
        )
    for question in statement.unanswered:
        yield Notice(
            _("No finding answers the question on {thing}: {text}").format(
                thing=question.thing, text=question.question
            )
        )


@section(N_("Request and question"))
def _request(statement: Statement) -> Iterator[Block]:
    case, request = statement.case, statement.request
    yield Facts(
        _stated(
            (_("Customer"), statement.customer.name),
            (_("Address"), statement.customer.address),
            (_("Contact"), statement.customer.contact),
            (_("Case"), case.id),
            (_("Agency"), case.agency),
            (_("Its reference"), case.reference),
            (_("Information given to the analyst"), request.information_given),
        )
    )
    rows = [
        (
            question.thing,
            question.asked_by or _("(erased by order)"),
            question.question,
            _("{named}, or {against}").format(
                named=proposed(question.named), against=proposed(question.against)
            )
            if question.named
            else "–",
        )
        for question in statement.questions
    ]
    if rows:
        yield Table(
            (_("Item or sample"), _("Asked by"), _("Question"), _("Propositions")),
            tuple(rows), (0.2, 0.22, 0.33, 0.25),
        )  # fmt: skip


@section(N_("Items received"))
def _items(statement: Statement) -> Iterator[Block]:
    for exhibit in statement.exhibits:
        seals = ", ".join(
            _("{seal} (broken)").format(seal=seal) if seal in exhibit.broken_seals else seal
            for seal in exhibit.seals
        )
        yield Facts(
            _stated(
                (_("Item"), exhibit.exhibit),
                (_("Description"), exhibit.description),
                (_("Quantity"), _amount(exhibit)),
                (_("Kind of specimen"), exhibit.kind and kind_in_words(exhibit.kind)),
                (_("Population"), exhibit.population and place_in_words(exhibit.population)),
                (_("Condition on receipt"), exhibit.condition),
                (_("Seals on receipt"), seals or _("none")),
                (_("Received"), f"{day_in_words(exhibit.received_at)}, {exhibit.received_by}"),
                (_("Received from"), exhibit.received_from),
                (_("Seized"), exhibit.seized_at and day_in_words(exhibit.seized_at)),
                (_("Seizing agency"), exhibit.seizing_agency),
                (_("Place of seizure"), exhibit.seizure_place),
                (_("Corrected"), annotate_event(statement, exhibit.event, exhibit.exhibit)),
            )
        )
    if statement.exhibits:
        text = _(
            "Descriptions and conditions are those declared, or seen on receipt; they are not "
            "results."
        )
        yield Text((_("The results relate only to the items examined."), text))


@section(N_("Seals, quantities and remainders"))
def _custody(statement: Statement) -> Iterator[Block]:
    rows = [
        (exhibit.exhibit, "–", _amount(exhibit), _remainder(exhibit))
        for exhibit in statement.exhibits
    ] + [
        (sample.sample, sample.source, _amount(sample), _remainder(sample))
        for sample in statement.samples
    ]
    if rows:
        yield Table(
            (_("Item or sample"), _("Taken from"), _("Quantity"), _("Remaining")), tuple(rows)
        )
    for text in list_corrections(statement):
        yield Notice(text)
    flags = [
        (str(moment.event), flag.code, flag.about)
        for moment in statement.timeline
        for flag in moment.flags
    ]
    if flags:
        yield Table((_("Event"), _("Flag"), _("About")), tuple(flags), (0.15, 0.3, 0.55))


def _amount(item: Exhibit | Sample) -> str:
    return f"{numeral(item.quantity)} {item.unit}"


def _remainder(item: Exhibit | Sample) -> str:
    return f"{numeral(item.remaining)} {item.unit}" if item.remaining is not None else "–"


@section(N_("Method"))
def _method(statement: Statement) -> Iterator[Block]:
    method = statement.method
    yield Facts(
        _stated(
            (_("Method"), method.name),
            (_("Reference"), method.reference),
            (_("Deviations, additions, exclusions"), method.deviations),
            (_("Measurement uncertainty"), method.uncertainty),
            (_("Place of the work"), _("; ").join(statement.laboratory.sites or ())),
        )
    )


@section(N_("Laboratory runs and controls"))
def _runs(statement: Statement) -> Iterator[Block]:
    for run in statement.runs:
        controls = _("; ").join(
            _("{label}: {text}").format(
                label=f"{control.control} ({word(control.kind)})",
                text=word(control.result) or _("open"),
            )
            for control in run.controls
        )
        yield Facts(
            _stated(
                (_("Run"), f"{run.run} ({word(run.kind)})"),
                (_("Performed"), day_in_words(run.performed_at)),
                (_("Protocol"), run.protocol),
                (_("Instrument"), run.instrument),
                (_("Outside provider"), run.provider),
                (_("Controls"), controls or _("none recorded")),
                (_("Missing or failed"), ", ".join(run.missing_or_failed)),
                (_("Approved deviation"), run.deviation),
                (_("Corrected"), annotate_event(statement, run.event)),
            )
        )


@section(N_("Findings"))
def _findings(statement: Statement) -> Iterator[Block]:
    for finding in statement.findings:
        yield Text(
            (),
            _("Finding {n}: {kind}, sample {sample}").format(
                n=statement.number_of(finding.event),
                kind=subject_of(finding),
                sample=finding.sample,
            ),
        )
        for part in parts(finding):
            yield Text(part.paragraphs, part.label, 4)
            yield from part.tables
        for picture in finding.figures:
            yield figure_of(finding, picture, statement.number_of(finding.event))
        for listing in finding.listings:
            yield Text(
                tuple(
                    _("{label}: {text}").format(label=translated(LABELS[code]), text=text)
                    for code, text in listing.lines
                ),
                translated(BASES[listing.basis]).format(
                    taxon=listing.taxon, day=day_in_words(listing.day)
                ),
                4,
            )
        yield Text(
            (
                _("Made by {name} on {day}.").format(
                    name=finding.analyst_name, day=day_in_words(finding.found_at)
                ),
                *(
                    (_review_text(statement, finding, review) for review in finding.reviews)
                    if finding.reviews
                    else (_("Not reviewed yet."),)
                ),
            ),
            _("Analyst and review"),
            4,
        )
        for review in finding.reviews:
            if text := describe_difference(statement, finding, review):
                yield Notice(text)
        events = (finding.event, *(review.event for review in finding.reviews))
        corrected = " ".join(filter(None, (annotate_event(statement, seq) for seq in events)))
        if corrected:
            yield Text((corrected,), _("Corrected"), 4)


def _review_text(statement: Statement, finding: Finding, review: Review) -> str:
    outcomes = (translated(OUTCOMES[review.outcome]), name_difference(statement, finding, review))
    text = translated(REVIEWS[review.stage]).format(
        name=review.reviewer_name,
        day=day_in_words(review.at),
        outcome=_("; ").join(filter(None, outcomes)),
    )
    if review.interpretation:
        text += _("; own interpretation of the raw data: {text}").format(text=review.interpretation)
    if review.blind:
        text += _(" (written down before the call was seen)")
    if review.authorised is not None:
        text += _("; by the same person, as authorised in event {n}").format(n=review.authorised)
    text = text.rstrip(".") + "."
    return f"{text} {review.comment.rstrip('.')}." if review.comment else text


@section(N_("Sampling, and conclusions on unexamined items"))
def _sampling(statement: Statement) -> Iterator[Block]:
    yield from plan_blocks(statement)


@section(N_("Opinions and interpretation"))
def _opinions(statement: Statement) -> Iterator[Block]:
    for opinion in statement.opinions:
        based = _numbers(statement, opinion.findings or ())
        yield Text(
            (
                opinion.text or "",
                _("Opinion of {name} ({kind}), on findings: {findings}.").format(
                    name=opinion.author_name or _("not stated"),
                    kind=translated(OPINIONS[opinion.kind or "other"]),
                    findings=based or _("not stated"),
                ),
            )
        )
        if not opinion.authorised:
            yield Notice(
                _(
                    "The ledger has no authorisation of {name} for opinions on the day of issue."
                ).format(name=opinion.author_name or _("not stated"))
            )


@section(N_("Work by outside providers"))
def _outside(statement: Statement) -> Iterator[Block]:
    rows = [
        (work.provider or "", work.work or "", _numbers(statement, work.findings or ()))
        for work in statement.outside
    ] + [
        (run.provider, _("run {run}").format(run=run.run), _numbers(statement, (
            finding.event for finding in statement.findings if run.run in finding.runs)))
        for run in statement.runs if run.provider
    ]  # fmt: skip
    if rows:
        yield Table((_("Provider"), _("Work done"), _("Findings")), tuple(rows), (0.35, 0.45, 0.2))


@section(N_("Limits"))
def _limits(statement: Statement) -> Iterator[Block]:
    """Print what holds for all; the limits of a finding stand with it."""
    if limits := statement.method.limits:
        yield Text((limits,))
    not_computed = [
        finding.event
        for finding in statement.findings
        if finding.result and not finding.is_computed_again
    ]
    if not_computed:
        yield Text(
            (
                _(
                    "Not computed again when this report was built: findings {numbers}. A figure "
                    "recorded wrongly would appear here unchanged. Each of these findings gives "
                    "the reason."
                ).format(numbers=_numbers(statement, not_computed)),
            )
        )


@section(N_("Verbal scale of likelihood ratios"))
def _scale(statement: Statement) -> Iterator[Block]:
    """Print the scale where a likelihood ratio is reported."""
    is_used = any(opinion.kind == "likelihood_ratio" for opinion in statement.opinions)
    if not is_used and not any(map(in_words, statement.findings)):
        return
    steps = scale_steps(SCALE)
    yield Text((_("Scale {name}: {title}.").format(name=SCALE, title=steps["title"]),))
    yield Table(
        (_("Likelihood ratio from"), _("In words")),
        tuple((thousands(step["from"]), translated(step["text"])) for step in steps["steps"]),
        (0.3, 0.7),
    )


@section(N_("People"))
def _people(statement: Statement) -> Iterator[Block]:
    rows = [
        (
            person.name,
            ", ".join(translated(ROLES.get(role, role)) for role in person.roles),
            person.agency or "",
            _("; ").join(
                f"{word(name)} ({begin[:10]} – {end[:10]})"
                for name, begin, end in person.competences
            )
            or "–",
        )
        for person in statement.people
    ]
    if rows:
        yield Table(
            (_("Name"), _("Roles"), _("Agency"), _("Competences on record")),
            tuple(rows), (0.25, 0.25, 0.2, 0.3),
        )  # fmt: skip
    if relaxed := statement.authorisation.relaxed:
        _person, name, event = relaxed
        yield Notice(
            _(
                "{name} authorised (event {event}) that one person has several parts in this report."
            ).format(name=name, event=event)
        )


@section(N_("Chain of custody"))
def _timeline(statement: Statement) -> Iterator[Block]:
    results = {finding.event: headline(finding).rstrip(".") for finding in statement.findings}
    findings = {
        finding.event: _("{seq} ({thing}: {result})").format(
            seq=statement.number_of(finding.event),
            thing=finding.sample,
            result=results[finding.event],
        )
        for finding in statement.findings
    }
    rows = [
        (
            str(moment.event),
            _minute(moment.at),
            sentence_of(
                {
                    "type": moment.type,
                    "actor": moment.by,
                    "case": statement.case.id,
                    **moment.about,
                    **({"result": results[moment.event]} if moment.event in results else {}),
                },
                finding=lambda seq: findings.get(seq, str(seq)),
                noun=event_name(moment.type),
            )
            + "".join(f" [{flag.code}]" for flag in moment.flags)
            + "".join(" " + _("[corrected in event {n}]").format(n=n) for n in moment.corrected_by),
        )
        for moment in statement.timeline
    ]
    if rows:
        yield Table(
            (_("Event"), _("When (UTC)"), _("What happened")),
            tuple(rows), (0.13, 0.17, 0.7),
        )  # fmt: skip


@section(N_("Annex: how each finding was reached"))
def _provenance(statement: Statement) -> Iterator[Block]:
    ledger = statement.ledger
    yield Text(
        (
            _(
                "Ledger of custody {id}: {size} events. Fingerprint: {fingerprint}. A later ledger "
                "of this laboratory can be checked against it."
            ).format(id=ledger.id, size=ledger.size, fingerprint=ledger.fingerprint),
        )
    )
    for finding in statement.findings:
        library = finding.library or {}
        yield Facts(
            _stated(
                (
                    _("Finding"),
                    _("{n} (event {event} of the ledger)").format(
                        n=statement.number_of(finding.event), event=finding.event
                    ),
                ),
                (_("Runs"), ", ".join(finding.runs)),
                (_("Input"), "; ".join(
                    f"{file.file} (SHA-256 {file.sha256})" for file in finding.inputs)),
                (_("Reference data"), library and _(
                    "{name} {version} (SHA-256 {sha256})").format(
                        name=library.get("name"), version=library.get("version") or "",
                        sha256=library.get("sha256"))),
                (_("Software"), " ".join(
                    filter(None, (finding.software.software, finding.software.version)))),
                (_("Computed with"), ", ".join(
                    f"{name} {version}" for name, version in (finding.dependencies or {}).items())),
                (_("Plug-ins"), ", ".join(
                    f"{name} {version}" for name, version in (finding.plugins or {}).items())),
                (_("Parameters"), "; ".join(
                    f"{name} {value}" for name, value in finding.options.items()
                    if value not in (None, [], False))),
            )
        )  # fmt: skip
        if (lines := annex_sequence(finding)) is not None:
            yield Text(
                (),
                _("Questioned sequence of finding {n}").format(
                    n=statement.number_of(finding.event)
                ),
            )
            yield lines


@section(N_("Declaration and signatures"))
def _declaration(statement: Statement) -> Iterator[Block]:
    rows = []
    for number, finding in enumerate(statement.findings, 1):
        rows.append((_("Analyst"), finding.analyst_name, _("finding {n}").format(n=number)))
        for review in finding.reviews:
            title = (
                _("Technical reviewer") if review.stage == "technical"
                else _("Administrative reviewer")
            )  # fmt: skip
            rows.append((title, review.reviewer_name, _("event {n}").format(n=review.event)))
    chief = statement.authorisation
    if chief.name:
        rows.append((chief.function or _("Authorised by"), chief.name, ""))
    if rows:
        yield Signatures(tuple(dict.fromkeys(rows)))


def _numbers(statement: Statement, events: Iterable[int]) -> str:
    """Return the numbers that findings have in the report."""
    return ", ".join(str(statement.number_of(event)) for event in events)


def _stated(*rows: tuple[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the rows that have a value."""
    return tuple((label, str(value)) for label, value in rows if value)


def _minute(time: str) -> str:
    return f"{time[:10]} {time[11:16]}"


def is_recorded(picture: Picture) -> bool:
    """Return whether the picture of a statement is the one whose SHA-256 stands beside it."""
    content = base64.b64decode(picture.base64 or "", validate=True)
    return hashlib.sha256(content).hexdigest() == picture.sha256


def count_pixels(content: bytes) -> int:
    """Return how many pixels the head of a PNG or JPEG announces; 0 where it is neither."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        # Of the frames C0 to CF three are none: tables, an extension, arithmetic coding.
        if 0xC0 <= content[at + 1] <= 0xCF and content[at + 1] not in (0xC4, 0xC8, 0xCC):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(height, "big") * int.from_bytes(width, "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0


def figure_of(finding: Finding, picture: Picture, number: int) -> Figure | Notice:
    """Return a picture that was attached to a finding, with its words; a notice where it is lost.

    Those that are drawn when a finding is recorded (`forensics.pictures`) are known by their names;
    of another one only the name is known.
    """
    if not picture.base64:
        return Notice(
            _(
                "The picture {name} of finding {n} is not shown, because its file beside the "
                "ledger is missing or is not the one recorded."
            ).format(name=picture.name, n=number)
        )
    stem = picture.name.rsplit(".", 1)[0]
    describe = _DESCRIPTIONS.get(stem)
    described = describe(finding.result or {}) if describe else None
    caption, alternative = described or (
        picture.name,
        _("Figure {name} of finding {n}; the text describes what it shows.").format(
            name=picture.name, n=number
        ),
    )
    return Figure(
        picture.name,
        picture.kind,
        picture.base64,
        _("Finding {n}: {name}").format(n=number, name=caption),
        alternative,
    )


def _chromatogram(result: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("Chromatogram. Curves and called bases; bars: quality; shaded: trimmed."),
        _("Curves of the chromatogram of {query}, with {length} bases called and examined.").format(
            query=_query(result), length=result.get("length", "?")
        ),
    )


def _query(result: Mapping[str, Any]) -> str:
    return label_part(str(result.get("query", "?")), result.get("part"))


def _tree(result: Mapping[str, Any]) -> tuple[str, str] | None:
    nearest = next(iter(result.get("candidates") or ()), None)
    if nearest is None:
        return None
    return (
        _(
            "Tree of the questioned sequence and its nearest records (neighbour joining, p-distance). It "
            "illustrates the call and takes no part in it."
        ),
        _(
            "Tree of the questioned sequence {query} with the records of {species}; it differs "
            "from the nearest of them at {n} bases."
        ).format(query=_query(result), species=nearest["species"], n=nearest["mismatches"]),
    )


def _map(result: Mapping[str, Any]) -> tuple[str, str] | None:
    if "median" not in result:
        return None
    area = next((region for region in result["regions"] if float(region["level"]) == 0.90), None)
    return (
        _("Map of the posterior: regions with 50, 90 and 95 per cent of it. Prior: {prior}.").format(
            prior=result["prior"]
        ),
        _(
            "Map of the posterior, around {latitude} degrees of latitude and {longitude} of "
            "longitude; the region with 90 per cent of it has {area} square kilometres."
        ).format(
            latitude=decimal(result["median"]["latitude"], 1),
            longitude=decimal(result["median"]["longitude"], 1),
            area=significant(area["area_km2"]) if area else whole(None),
        ),
    )  # fmt: skip


def _calibration(result: Mapping[str, Any]) -> tuple[str, str] | None:
    if "f14c" not in result:
        return None
    return (
        _("Calibration. Curve, measured value with its standard error, and the posterior of years below."),
        _(
            "The measured F14C of {value} as a band, the calibration curve that crosses it, and "
            "below them the years that fit."
        ).format(value=decimal(result["f14c"], 4)),
    )  # fmt: skip


_DESCRIPTIONS: dict[str, Callable[[Mapping[str, Any]], tuple[str, str] | None]] = {
    "chromatogram": _chromatogram,
    "tree": _tree,
    "map": _map,
    "calibration": _calibration,
}
