"""A statement as sections of blocks, in the language of the reader and the order of the template."""

from collections.abc import Callable, Iterator

from forensics.clock import day_in_words
from forensics.messages import _, numeral
from forensics.report.blind import difference
from forensics.report.blocks import (
    Block,
    Facts,
    Notice,
    Section,
    Signatures,
    Table,
    Text,
)
from forensics.report.bounds import plan_blocks
from forensics.report.events import about_event, event_name, word
from forensics.report.figures import figure_of
from forensics.report.remarks import all_corrections, remarks
from forensics.report.template import Template
from forensics.report.wording import KINDS, headline, in_words, kind_of, parts, translated
from forensics.report.words import BASES, HEADINGS, OPINIONS, OUTCOMES, REVIEWS, ROLES
from forensics.verbal import SCALE, scale_steps

__all__ = ["lay_out", "title_of"]


def lay_out(statement: dict, template: Template) -> list[Section]:
    """Return the sections of a report that have something to say.

    Parameters
    ----------
    statement : dict
        From `forensics.report.collecting.collect`.
    template : Template
    """
    sections = []
    for name in template.sections:
        blocks = tuple(_PARTS[name](statement, template))
        if blocks:
            sections.append(Section(name, _(HEADINGS[name]), blocks))
    return sections


def title_of(statement: dict) -> str:
    """Return the title of a report."""
    return statement["report"]["title"] or _("Report of forensic examination")


# -- sections ---------------------------------------------------------------------------


def _summary(statement: dict, template: Template) -> Iterator[Block]:
    if statement["ledger"]["kind"] == "training":
        yield Notice(_("Training: nothing in this report is casework."))
    for one in statement["findings"]:
        if (one["library"] or {}).get("demonstration"):
            yield Notice(
                _("Finding {n} rests on demonstration data, which casework must not use.").format(
                    n=one["event"]
                )
            )
    rows = [
        (one["exhibit"], one["sample"], translated(KINDS[kind_of(one)]), headline(one))
        for one in statement["findings"]
    ]
    if rows:
        yield Table(
            (_("Item"), _("Sample"), _("Question"), _("Result")),
            tuple(rows),
            (0.2, 0.15, 0.2, 0.45),
        )
    else:
        yield Text((_("No finding is reported."),))
    for one in statement["omitted"]:
        outcomes = ", ".join(translated(OUTCOMES[r["outcome"]]) for r in one["reviews"])
        yield Notice(
            _(
                "The case has a finding that is not in this report: event {n}, {kind}, sample {sample}, reviews: {reviews}."
            ).format(
                n=one["event"],
                kind=translated(KINDS[one["kind"]]),
                sample=one["sample"],
                reviews=outcomes or _("none"),
            )
        )
    if replaced := statement["report"]["replaces"]:
        yield Notice(
            _("This report replaces {number}. Reason: {reason}").format(
                number=replaced, reason=statement["report"]["reason"] or _("not stated")
            )
        )


def _request(statement: dict, template: Template) -> Iterator[Block]:
    case, request = statement["case"], statement["request"]
    yield Facts(
        _stated(
            (_("Customer"), statement["customer"]["name"]),
            (_("Address"), statement["customer"]["address"]),
            (_("Contact"), statement["customer"]["contact"]),
            (_("Case"), case["id"]),
            (_("Agency"), case["agency"]),
            (_("Its reference"), case["reference"]),
            (_("Question asked"), request["question"]),
            (_("Information given to the analyst"), request["information_given"]),
        )
    )
    if request["propositions"]:
        yield Text(
            tuple(f"{n}. {text}" for n, text in enumerate(request["propositions"], 1)),
            _("Propositions considered"),
        )


def _items(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["exhibits"]:
        seals = ", ".join(
            _("{seal} (broken)").format(seal=seal) if seal in one["broken_seals"] else seal
            for seal in one["seals"]
        )
        yield Facts(
            _stated(
                (_("Item"), one["exhibit"]),
                (_("Description"), one["description"]),
                (_("Quantity"), _amount(one)),
                (_("Condition on receipt"), one["condition"]),
                (_("Seals on receipt"), seals or _("none")),
                (_("Received"), f"{_day(one['received_at'])}, {one['received_by']}"),
                (_("Received from"), one["received_from"]),
                (_("Seized"), one["seized_at"] and _day(one["seized_at"])),
                (_("Seizing agency"), one["seizing_agency"]),
                (_("Place of seizure"), one["seizure_place"]),
                (_("Corrected"), remarks(statement, one["event"], one["exhibit"])),
            )
        )
    if statement["exhibits"]:
        yield Text((_("The results relate only to the items examined."),))


def _custody(statement: dict, template: Template) -> Iterator[Block]:
    rows = [(one["exhibit"], "–", _amount(one), _left(one)) for one in statement["exhibits"]] + [
        (one["sample"], one["from"], _amount(one), _left(one)) for one in statement["samples"]
    ]
    if rows:
        yield Table(
            (_("Item or sample"), _("Taken from"), _("Quantity"), _("Remaining")), tuple(rows)
        )
    ledger = statement["ledger"]
    yield Text(
        (
            _(
                "Ledger of custody {id}: {size} events. Fingerprint: {fingerprint}. A later ledger "
                "of this laboratory can be checked against it."
            ).format(**ledger),
        )
    )
    for text in all_corrections(statement):
        yield Notice(text)
    flags = [
        (str(moment["event"]), flag["code"], flag["about"])
        for moment in statement["timeline"]
        for flag in moment["flags"]
    ]
    if flags:
        yield Table((_("Event"), _("Flag"), _("About")), tuple(flags), (0.15, 0.3, 0.55))


def _amount(one: dict) -> str:
    return f"{numeral(one['quantity'])} {one['unit']}"


def _left(one: dict) -> str:
    return f"{numeral(one['remaining'])} {one['unit']}" if one["remaining"] is not None else "–"


def _method(statement: dict, template: Template) -> Iterator[Block]:
    said = statement["method"]
    yield Facts(
        _stated(
            (_("Method"), said["name"]),
            (_("Reference"), said["reference"]),
            (_("Deviations, additions, exclusions"), said["deviations"]),
            (_("Measurement uncertainty"), said["uncertainty"]),
            (_("Where it was done"), _("; ").join(statement["laboratory"]["sites"] or ())),
        )
    )


def _runs(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["runs"]:
        controls = _("; ").join(
            _("{label}: {text}").format(
                label=f"{c['control']} ({word(c['kind'])})", text=word(c["result"]) or _("open")
            )
            for c in one["controls"]
        )
        yield Facts(
            _stated(
                (_("Run"), f"{one['run']} ({word(one['kind'])})"),
                (_("Performed"), _day(one["performed_at"])),
                (_("Protocol"), one["protocol"]),
                (_("Instrument"), one["instrument"]),
                (_("Outside provider"), one["provider"]),
                (_("Controls"), controls or _("none recorded")),
                (_("Missing or failed"), ", ".join(one["missing_or_failed"])),
                (_("Approved deviation"), one["deviation"]),
                (_("Corrected"), remarks(statement, one["event"])),
            )
        )


def _findings(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["findings"]:
        yield Text(
            (),
            _("Finding {n}: {kind}, sample {sample}").format(
                n=one["event"], kind=translated(KINDS[kind_of(one)]), sample=one["sample"]
            ),
        )
        for part in parts(one):
            yield Text(part.paragraphs, part.label, 4)
            yield from part.tables
        for figure in one["figures"]:
            yield figure_of(one, figure)
        for listing in one["listings"]:
            yield Text(
                tuple(
                    _("{label}: {text}").format(label=label, text=text)
                    for label, text in listing["lines"]
                ),
                translated(BASES[listing["basis"]]).format(
                    **listing | {"day": _day(listing["day"])}
                ),
                4,
            )
        differing = [text for r in one["reviews"] if (text := difference(statement, one, r))]
        reviews = [
            translated(REVIEWS[r["stage"]]).format(
                name=r["reviewer_name"], day=_day(r["at"]),
                outcome=translated(OUTCOMES[r["outcome"]]),
            )
            + (
                _("; own interpretation of the raw data: {text}").format(text=r["interpretation"])
                if r["interpretation"] else ""
            )
            + (_(" (written down before the call was seen)") if r["blind"] else "")
            + (f"; {r['comment']}" if r["comment"] else "")
            + "."
            for r in one["reviews"]
        ]  # fmt: skip
        yield Text(
            (
                _("Made by {name} on {day}.").format(
                    name=one["analyst_name"], day=_day(one["found_at"])
                ),
                *(reviews or (_("Not reviewed yet."),)),
            ),
            _("Analyst and review"),
            4,
        )
        for text in differing:
            yield Notice(text)
        if corrected := " ".join(
            filter(
                None,
                (
                    remarks(statement, seq)
                    for seq in (one["event"], *(r["event"] for r in one["reviews"]))
                ),
            ),
        ):
            yield Text((corrected,), _("Corrected"), 4)


def _sampling(statement: dict, template: Template) -> Iterator[Block]:
    yield from plan_blocks(statement)


def _opinions(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["opinions"]:
        based = ", ".join(map(str, one.get("findings", ())))
        yield Text(
            (
                one.get("text", ""),
                _("Opinion of {name} ({kind}), on findings: {findings}.").format(
                    name=one["author_name"] or _("not stated"),
                    kind=_(OPINIONS[one.get("kind", "other")]),
                    findings=based or _("not stated"),
                ),
            )
        )
        if not one["authorised"]:
            yield Notice(
                _(
                    "The ledger has no authorisation of {name} for opinions on the day of issue."
                ).format(name=one["author_name"] or _("not stated"))
            )


def _outside(statement: dict, template: Template) -> Iterator[Block]:
    rows = [
        (one.get("provider", ""), one.get("work", ""), ", ".join(map(str, one.get("findings", ()))))
        for one in statement["outside"]
    ] + [
        (run["provider"], _("run {run}").format(run=run["run"]), ", ".join(
            str(f["event"]) for f in statement["findings"] if run["run"] in f["runs"]))
        for run in statement["runs"] if run["provider"]
    ]  # fmt: skip
    if rows:
        yield Table((_("Provider"), _("Work"), _("Findings")), tuple(rows), (0.35, 0.45, 0.2))


def _limits(statement: dict, template: Template) -> Iterator[Block]:
    """Print what holds for all; the limits of a finding stand with it."""
    if said := statement["method"]["limits"]:
        yield Text((said,))
    taken = [
        one["event"]
        for one in statement["findings"]
        if one["result"] and not one["priors"] and not one.get("again")
    ]
    if taken:
        yield Text(
            (
                _(
                    "Not computed again when this report was built, so that a figure that was recorded "
                    "wrongly would stand here as it was recorded: findings {numbers}. Why stands with each "
                    "of them."
                ).format(numbers=", ".join(map(str, taken))),
            )
        )


def _scale(statement: dict, template: Template) -> Iterator[Block]:
    """Print the scale where a likelihood ratio is reported."""
    ratio = any(one.get("kind") == "likelihood_ratio" for one in statement["opinions"])
    if not ratio and not any(map(in_words, statement["findings"])):
        return
    steps = scale_steps(SCALE)
    yield Text((_("Scale {name}: {title}.").format(name=SCALE, title=steps["title"]),))
    yield Table(
        (_("Likelihood ratio from"), _("In words")),
        tuple(
            (f"{one['from']:,}".replace(",", "\u00a0"), _(one["text"])) for one in steps["steps"]
        ),
        (0.3, 0.7),
    )


def _declaration(statement: dict, template: Template) -> Iterator[Block]:
    language = statement["report"]["language"] or "en"
    if text := template.declaration.get(language):
        yield Text((text,))
    rows = []
    for one in statement["findings"]:
        rows.append((_("Analyst"), one["analyst_name"], _("finding {n}").format(n=one["event"])))
        for review in one["reviews"]:
            title = (
                _("Technical reviewer") if review["stage"] == "technical"
                else _("Administrative reviewer")
            )  # fmt: skip
            rows.append((title, review["reviewer_name"], _("event {n}").format(n=review["event"])))
    chief = statement["authorisation"]
    if chief["name"]:
        rows.append((chief["function"] or _("Authorised by"), chief["name"], ""))
    if rows:
        yield Signatures(tuple(dict.fromkeys(rows)))


def _people(statement: dict, template: Template) -> Iterator[Block]:
    rows = [
        (
            one["name"],
            ", ".join(_(ROLES.get(role, role)) for role in one["roles"]),
            one["agency"] or "",
            _("; ").join(f"{word(c[0])} ({c[1][:10]} – {c[2][:10]})" for c in one["competences"])
            or "–",
        )
        for one in statement["people"]
    ]
    if rows:
        yield Table(
            (_("Name"), _("Roles"), _("Agency"), _("Competences on record")),
            tuple(rows), (0.25, 0.25, 0.2, 0.3),
        )  # fmt: skip


def _timeline(statement: dict, template: Template) -> Iterator[Block]:
    rows = [
        (
            str(one["event"]),
            _moment(one["at"]),
            one["by"],
            event_name(one["type"]),
            about_event(one["about"])
            + "".join(f" [{flag['code']}]" for flag in one["flags"])
            + "".join(" " + _("[corrected in event {n}]").format(n=n) for n in one["corrected_by"]),
        )
        for one in statement["timeline"]
    ]
    if rows:
        yield Table(
            (_("Event"), _("When (UTC)"), _("Who"), _("What"), _("About")),
            tuple(rows), (0.09, 0.18, 0.17, 0.18, 0.38),
        )  # fmt: skip


def _provenance(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["findings"]:
        library = one["library"] or {}
        yield Facts(
            _stated(
                (_("Finding"), str(one["event"])),
                (_("Runs"), ", ".join(one["runs"])),
                (_("Input"), "; ".join(
                    f"{i.get('file')} (SHA-256 {i.get('sha256')})" for i in one["inputs"] if i)),
                (_("Reference data"), library and _(
                    "{name} {version} (SHA-256 {sha256})").format(
                        name=library.get("name"), version=library.get("version") or "",
                        sha256=library.get("sha256"))),
                (_("Software"), " ".join(str(v) for v in one["software"].values() if v)),
                (_("Computed with"), ", ".join(
                    f"{k} {v}" for k, v in (one["dependencies"] or {}).items())),
                (_("Parameters"), "; ".join(
                    f"{k} {v}" for k, v in (one["parameters"] or {}).items()
                    if v not in (None, [], False))),
            )
        )  # fmt: skip


_PARTS: dict[str, Callable[[dict, Template], Iterator[Block]]] = {
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


def _moment(time: str) -> str:
    return f"{time[:10]} {time[11:16]}"
