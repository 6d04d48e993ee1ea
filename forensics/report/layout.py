"""A statement as sections of blocks, in the language of the reader and the order of the template.

Events of custody in the words of the reader.

The ledger has codes, and a reader of English gets them as they are, so that a report can be held
against it. In every other language they are translated; the number of an event leads back.

Captions of pictures, and what they show for those who cannot see them.

What stands before the sections of a report, whatever it is written as.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forensics.barcode.identification import label_part
from forensics.clock import day_in_words
from forensics.custody.timeline import sentence_of
from forensics.messages import N_, _, language, numeral
from forensics.report.blocks import (
    Block,
    Facts,
    Figure,
    Notice,
    Section,
    Signatures,
    Table,
    Text,
    decimal,
    significant,
    whole,
)
from forensics.report.collecting import (
    annotate_event,
    describe_difference,
    list_corrections,
    name_difference,
    notices_of_law,
    plan_blocks,
)
from forensics.report.labels import (
    BASES,
    HEADINGS,
    KINDS,
    OPINIONS,
    OUTCOMES,
    REVIEWS,
    ROLES,
    translated,
)
from forensics.report.narrative import headline, in_words, parts, subject_of
from forensics.report.statement import Exhibit, Finding, Picture, Review, Sample, Statement
from forensics.report.template import Template
from forensics.verbal import SCALE, scale_steps

EVENTS = {
    "init": N_("beginning of the ledger"),
    "policy": N_("change of the policy"),
    "enrol": N_("enrolment of a person"),
    "rotate": N_("change of a key"),
    "reenrol": N_("new enrolment"),
    "revoke": N_("revocation of a key"),
    "roles": N_("change of roles"),
    "competence": N_("competence"),
    "case": N_("opening of the case"),
    "authorise": N_("authorisation"),
    "hold": N_("legal hold"),
    "release": N_("end of a legal hold"),
    "plan": N_("sampling plan"),
    "attach": N_("attachment"),
    "tally": N_("count of the events"),
    "disclose": N_("disclosure"),
    "receive": N_("receipt"),
    "merge": N_("entry from a field ledger"),
    "split": N_("taking of samples"),
    "container": N_("new container"),
    "dispose": N_("disposal"),
    "consume": N_("consumption"),
    "return": N_("return of what was left"),
    "measure": N_("measurement of the quantity"),
    "seal": N_("sealing"),
    "open": N_("opening of a seal"),
    "pack": N_("packing"),
    "unpack": N_("unpacking"),
    "offer": N_("offer of a hand-over"),
    "accept": N_("acceptance of a hand-over"),
    "refuse": N_("refusal of a hand-over"),
    "lost": N_("loss"),
    "found": N_("recovery of what was lost"),
    "location": N_("new location"),
    "store": N_("storing"),
    "retrieve": N_("taking out of storage"),
    "run": N_("laboratory run"),
    "load": N_("loading of a run"),
    "control": N_("result of a control"),
    "deviation": N_("approved deviation"),
    "validate": N_("acceptance of a validation"),
    "finding": N_("finding (event)"),
    "reviewed": N_("review of a finding"),
    "report": N_("report (event)"),
    "deposit": N_("deposit in a library"),
    "correct": N_("correction"),
    "erase": N_("erasure"),
    "discrepancy": N_("discrepancy"),
}
"""Code of every type of event to what it is."""

WORDS = {
    # Runs and their controls.
    "extraction": N_("extraction"),
    "amplification": N_("amplification"),
    "sequencing": N_("sequencing"),
    "opinions": N_("opinions"),  # a competence
    "blank": N_("blank"),
    "negative": N_("negative"),
    "positive": N_("positive"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    # Findings.
    "identification": N_("identification"),
    "origin": N_("origin"),
    "individual": N_("individual"),
    "sex": N_("sex"),
    "age": N_("age"),
    "morphology": N_("morphology"),
    "other": N_("other"),
}
"""Codes that stand in fields, to words; English has one word for both."""


def event_name(code: str) -> str:
    """Return what an event was."""
    return code if language() == "en" else _(EVENTS.get(code, code))


def word(code: str | None) -> str | None:
    """Return the word for a code of a field; what is not a code, somebody's own words, stays."""
    return code and _(WORDS.get(code, code))


MAX_PIXELS = 200_000_000
"""Of a picture in a PDF. A page of A4 at 1200 dpi has 139 million; a file of some kB may unpack to
more than a computer can hold."""


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


def figure_of(finding: Finding, picture: Picture) -> Figure | Notice:
    """Return a picture that was attached to a finding, with its words; a notice where it is lost.

    Those that are drawn when a finding is recorded (`forensics.pictures`) are known by their names;
    of another one only the name is known.
    """
    if not picture.base64:
        return Notice(
            _(
                "The picture {name} of finding {n} is not shown: its file beside the ledger is missing, or is "
                "not the one that was recorded."
            ).format(name=picture.name, n=finding.event)
        )
    stem = picture.name.rsplit(".", 1)[0]
    describe = _DESCRIPTIONS.get(stem)
    described = describe(finding.result or {}) if describe else None
    caption, alternative = described or (
        picture.name,
        _("Figure {name} of finding {n}; what it shows is said in the text.").format(
            name=picture.name, n=finding.event
        ),
    )
    return Figure(
        picture.name,
        picture.kind,
        picture.base64,
        _("Finding {n}: {name}").format(n=finding.event, name=caption),
        alternative,
    )


def _chromatogram(result: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("Chromatogram. Curves and called bases; bars: quality; shaded: what was cut off."),
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
            "Tree in which the questioned sequence {query} stands beside the records of {species}, from the "
            "nearest of which it differs at {n} bases."
        ).format(query=_query(result), species=nearest["species"], n=nearest["mismatches"]),
    )


def _map(result: Mapping[str, Any]) -> tuple[str, str] | None:
    if "median" not in result:
        return None
    area = next((region for region in result["regions"] if float(region["level"]) == 0.90), None)
    return (
        _("Map of the posterior: regions that hold 50, 90 and 95 per cent of it. Prior: {prior}.").format(
            prior=result["prior"]
        ),
        _(
            "Map on which the posterior lies around {latitude} degrees of latitude and {longitude} of "
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
            "The measured F14C of {value} as a band, the calibration curve that crosses it, and under both the "
            "years that fit."
        ).format(value=decimal(result["f14c"], 4)),
    )  # fmt: skip


_DESCRIPTIONS: dict[str, Callable[[Mapping[str, Any]], tuple[str, str] | None]] = {
    "chromatogram": _chromatogram,
    "tree": _tree,
    "map": _map,
    "calibration": _calibration,
}


def lay_out(statement: Statement, template: Template) -> list[Section]:
    """Return the sections of a report that have something to say.

    Parameters
    ----------
    statement : Statement
    template : Template
    """
    sections = []
    for name in template.sections:
        blocks = tuple(_SECTIONS[name](statement, template))
        if blocks:
            sections.append(Section(name, translated(HEADINGS[name]), blocks))
    return sections


def title_of(statement: Statement) -> str:
    """Return the title of a report."""
    return statement.report.title or _("Report of forensic examination")


# -- sections ---------------------------------------------------------------------------


def _summary(statement: Statement, template: Template) -> Iterator[Block]:
    if statement.is_training:
        yield Notice(_("Training: nothing in this report is casework."))
    for finding in statement.findings:
        if finding.is_demonstration:
            yield Notice(
                _("Finding {n} rests on demonstration data, which casework must not use.").format(
                    n=finding.event
                )
            )
    rows = [
        (finding.exhibit, finding.sample, subject_of(finding), headline(finding))
        for finding in statement.findings
    ]
    if rows:
        yield Table(
            (_("Item"), _("Sample"), _("Question"), _("Result")),
            tuple(rows),
            (0.2, 0.15, 0.2, 0.45),
        )
    else:
        yield Text((_("No finding is reported."),))
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
    if replaced := statement.report.replaces:
        yield Notice(
            _("This report replaces {number}. Reason: {reason}").format(
                number=replaced, reason=statement.report.reason or _("not stated")
            )
        )


def _request(statement: Statement, template: Template) -> Iterator[Block]:
    case, request = statement.case, statement.request
    yield Facts(
        _stated(
            (_("Customer"), statement.customer.name),
            (_("Address"), statement.customer.address),
            (_("Contact"), statement.customer.contact),
            (_("Case"), case.id),
            (_("Agency"), case.agency),
            (_("Its reference"), case.reference),
            (_("Question asked"), request.question),
            (_("Information given to the analyst"), request.information_given),
        )
    )
    if request.propositions:
        yield Text(
            tuple(f"{n}. {text}" for n, text in enumerate(request.propositions, 1)),
            _("Propositions considered"),
        )


def _items(statement: Statement, template: Template) -> Iterator[Block]:
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
                (_("Condition on receipt"), exhibit.condition),
                (_("Seals on receipt"), seals or _("none")),
                (_("Received"), f"{_day(exhibit.received_at)}, {exhibit.received_by}"),
                (_("Received from"), exhibit.received_from),
                (_("Seized"), exhibit.seized_at and _day(exhibit.seized_at)),
                (_("Seizing agency"), exhibit.seizing_agency),
                (_("Place of seizure"), exhibit.seizure_place),
                (_("Corrected"), annotate_event(statement, exhibit.event, exhibit.exhibit)),
            )
        )
    if statement.exhibits:
        text = _(
            "Descriptions and conditions are as the items were declared or looked on receipt; they are no results."
        )
        yield Text((_("The results relate only to the items examined."), text))


def _custody(statement: Statement, template: Template) -> Iterator[Block]:
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
    ledger = statement.ledger
    yield Text(
        (
            _(
                "Ledger of custody {id}: {size} events. Fingerprint: {fingerprint}. A later ledger "
                "of this laboratory can be checked against it."
            ).format(id=ledger.id, size=ledger.size, fingerprint=ledger.fingerprint),
        )
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


def _method(statement: Statement, template: Template) -> Iterator[Block]:
    method = statement.method
    yield Facts(
        _stated(
            (_("Method"), method.name),
            (_("Reference"), method.reference),
            (_("Deviations, additions, exclusions"), method.deviations),
            (_("Measurement uncertainty"), method.uncertainty),
            (_("Where it was done"), _("; ").join(statement.laboratory.sites or ())),
        )
    )


def _runs(statement: Statement, template: Template) -> Iterator[Block]:
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
                (_("Performed"), _day(run.performed_at)),
                (_("Protocol"), run.protocol),
                (_("Instrument"), run.instrument),
                (_("Outside provider"), run.provider),
                (_("Controls"), controls or _("none recorded")),
                (_("Missing or failed"), ", ".join(run.missing_or_failed)),
                (_("Approved deviation"), run.deviation),
                (_("Corrected"), annotate_event(statement, run.event)),
            )
        )


def _findings(statement: Statement, template: Template) -> Iterator[Block]:
    for finding in statement.findings:
        yield Text(
            (),
            _("Finding {n}: {kind}, sample {sample}").format(
                n=finding.event, kind=subject_of(finding), sample=finding.sample
            ),
        )
        for part in parts(finding):
            yield Text(part.paragraphs, part.label, 4)
            yield from part.tables
        for picture in finding.figures:
            yield figure_of(finding, picture)
        for listing in finding.listings:
            yield Text(
                tuple(
                    _("{label}: {text}").format(label=label, text=text)
                    for label, text in listing.lines
                ),
                translated(BASES[listing.basis]).format(taxon=listing.taxon, day=_day(listing.day)),
                4,
            )
        yield Text(
            (
                _("Made by {name} on {day}.").format(
                    name=finding.analyst_name, day=_day(finding.found_at)
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
        name=review.reviewer_name, day=_day(review.at), outcome=_("; ").join(filter(None, outcomes))
    )
    if review.interpretation:
        text += _("; own interpretation of the raw data: {text}").format(text=review.interpretation)
    if review.blind:
        text += _(" (written down before the call was seen)")
    if review.comment:
        text += f"; {review.comment}"
    return text.rstrip(".") + "."


def _sampling(statement: Statement, template: Template) -> Iterator[Block]:
    yield from plan_blocks(statement)


def _opinions(statement: Statement, template: Template) -> Iterator[Block]:
    for opinion in statement.opinions:
        based = ", ".join(map(str, opinion.findings or ()))
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


def _outside(statement: Statement, template: Template) -> Iterator[Block]:
    rows = [
        (work.provider or "", work.work or "", ", ".join(map(str, work.findings or ())))
        for work in statement.outside
    ] + [
        (run.provider, _("run {run}").format(run=run.run), ", ".join(
            str(finding.event) for finding in statement.findings if run.run in finding.runs))
        for run in statement.runs if run.provider
    ]  # fmt: skip
    if rows:
        yield Table((_("Provider"), _("Work"), _("Findings")), tuple(rows), (0.35, 0.45, 0.2))


def _limits(statement: Statement, template: Template) -> Iterator[Block]:
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
                    "Not computed again when this report was built, so that a figure that was recorded "
                    "wrongly would stand here as it was recorded: findings {numbers}. Why stands with each "
                    "of them."
                ).format(numbers=", ".join(map(str, not_computed))),
            )
        )


def _scale(statement: Statement, template: Template) -> Iterator[Block]:
    """Print the scale where a likelihood ratio is reported."""
    is_used = any(opinion.kind == "likelihood_ratio" for opinion in statement.opinions)
    if not is_used and not any(map(in_words, statement.findings)):
        return
    steps = scale_steps(SCALE)
    yield Text((_("Scale {name}: {title}.").format(name=SCALE, title=steps["title"]),))
    yield Table(
        (_("Likelihood ratio from"), _("In words")),
        tuple(
            (f"{step['from']:,}".replace(",", "\u00a0"), translated(step["text"]))
            for step in steps["steps"]
        ),
        (0.3, 0.7),
    )


def _declaration(statement: Statement, template: Template) -> Iterator[Block]:
    language = statement.report.language or "en"
    if text := template.declaration.get(language):
        yield Text((text,))
    rows = []
    for finding in statement.findings:
        rows.append((_("Analyst"), finding.analyst_name, _("finding {n}").format(n=finding.event)))
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


def _people(statement: Statement, template: Template) -> Iterator[Block]:
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


def _timeline(statement: Statement, template: Template) -> Iterator[Block]:
    results = {finding.event: headline(finding).rstrip(".") for finding in statement.findings}
    findings = {
        finding.event: _("{seq} ({thing}: {result})").format(
            seq=finding.event, thing=finding.sample, result=results[finding.event]
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
            tuple(rows), (0.09, 0.18, 0.73),
        )  # fmt: skip


def _provenance(statement: Statement, template: Template) -> Iterator[Block]:
    for finding in statement.findings:
        library = finding.library or {}
        yield Facts(
            _stated(
                (_("Finding"), str(finding.event)),
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


_SECTIONS: dict[str, Callable[[Statement, Template], Iterator[Block]]] = {
    "summary": _summary,
    "request": _request,
    "items": _items,
    "custody": _custody,
    "method": _method,
    "runs": _runs,
    "findings": _findings,
    "sampling": _sampling,
    "opinions": _opinions,
    "outside": _outside,
    "limits": _limits,
    "scale": _scale,
    "declaration": _declaration,
    "people": _people,
    "timeline": _timeline,
    "provenance": _provenance,
}


def _stated(*rows: tuple[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the rows that have a value."""
    return tuple((label, str(value)) for label, value in rows if value)


def _day(time: str) -> str:
    return day_in_words(time)


def _minute(time: str) -> str:
    return f"{time[:10]} {time[11:16]}"


# Of reports; another language is named by its code.
_LANGUAGES = {
    "en": N_("English"),
    "es": N_("Spanish"),
    "fr": N_("French"),
    "pt": N_("Portuguese"),
}


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What stands before the sections.

    Attributes
    ----------
    title : str
    letterhead : tuple of str
        Lines of the template.
    laboratory : str
        Its name.
    address : tuple of str
        Lines below the name.
    mark : str
        What is printed across each page of what is not a report: ``DRAFT``, ``TRAINING``; "" else.
    facts : tuple of (str, str)
        Label and value.
    notices : tuple of str
        Why it is a draft, and what language has authority.
    end : str
        Stands after the last section.
    """

    title: str
    letterhead: tuple[str, ...]
    laboratory: str
    address: tuple[str, ...]
    mark: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    end: str


def lay_out_front(statement: Statement, template: Template) -> FrontPage:
    """Return what stands before the sections of a report, in the language of the reader."""
    return FrontPage(
        title=title_of(statement),
        letterhead=template.letterhead,
        laboratory=statement.laboratory.name or "",
        address=tuple(_address(statement)),
        mark=_mark(statement),
        facts=tuple(_facts(statement)),
        notices=tuple(_notices(statement)),
        end=_("End of the report"),
    )


def _facts(statement: Statement) -> list[tuple[str, str]]:
    report = statement.report
    rows = [
        (_("Report number"), report.number),
        (_("Case"), statement.case.id),
        (_("Date of issue"), report.issued and day_in_words(report.issued)),
        (_("Replaces"), report.replaces),
        (_("Customer"), statement.customer.name),
        (_("Ledger fingerprint"), statement.ledger.fingerprint),
    ]
    return [(label, value) for label, value in rows if value]


def _notices(statement: Statement) -> list[str]:
    notices = []
    if statement.draft:
        notices.append(_("Draft, not to be relied on: {why}").format(why=" ".join(statement.draft)))
    authoritative = statement.report.language
    if authoritative and authoritative != statement.shown_in:
        notices.append(
            _("This is a translation; the authoritative version is that in “{language}”.").format(
                language=translated(_LANGUAGES.get(authoritative, authoritative))
            )
        )
    return notices + notices_of_law(statement)


def _mark(statement: Statement) -> str:
    if statement.is_training:
        return _("TRAINING")
    return _("DRAFT") if statement.draft else ""


def _address(statement: Statement) -> list[str]:
    laboratory = statement.laboratory
    lines = [*(laboratory.address or "").splitlines()]
    if laboratory.accreditation:
        lines.append(_("Accreditation: {number}").format(number=laboratory.accreditation))
    return lines
