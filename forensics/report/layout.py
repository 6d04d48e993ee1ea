"""A statement as sections of blocks, in the language of the reader and the order of the template."""

from collections.abc import Callable, Iterator

from forensics.messages import _
from forensics.report.blocks import (
    Block,
    Facts,
    Figure,
    Notice,
    Section,
    Signatures,
    Table,
    Text,
)
from forensics.report.template import Template
from forensics.report.wording import KINDS, headline, sentences, translated
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
        (one["exhibit"], one["sample"], translated(KINDS[one["kind"]]), headline(one))
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
                (_("Quantity"), f"{one['quantity']} {one['unit']}"),
                (_("Condition on receipt"), one["condition"]),
                (_("Seals on receipt"), seals or _("none")),
                (_("Received"), f"{_day(one['received_at'])}, {one['received_by']}"),
                (_("Received from"), one["received_from"]),
                (_("Seized"), one["seized_at"] and _day(one["seized_at"])),
                (_("Seizing agency"), one["seizing_agency"]),
                (_("Place of seizure"), one["seizure_place"]),
            )
        )
    if statement["exhibits"]:
        yield Text((_("The results relate only to the items examined."),))


def _custody(statement: dict, template: Template) -> Iterator[Block]:
    rows = [
        (one["exhibit"], "–", f"{one['quantity']} {one['unit']}", _left(one))
        for one in statement["exhibits"]
    ] + [
        (one["sample"], one["from"], f"{one['quantity']} {one['unit']}", _left(one))
        for one in statement["samples"]
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
    for one in statement["corrections"]:
        yield Notice(
            _(
                "Event {corrects} was corrected in event {event}: {field}, {old} → {new} ({reason})."
            ).format(**{k: v if v is not None else _("(erased by order)") for k, v in one.items()})
        )
    flags = [
        (str(moment["event"]), flag["code"], flag["about"])
        for moment in statement["timeline"]
        for flag in moment["flags"]
    ]
    if flags:
        yield Table((_("Event"), _("Flag"), _("About")), tuple(flags), (0.15, 0.3, 0.55))


def _left(one: dict) -> str:
    return f"{one['remaining']} {one['unit']}" if one["remaining"] is not None else "–"


def _method(statement: dict, template: Template) -> Iterator[Block]:
    said = statement["method"]
    yield Facts(
        _stated(
            (_("Method"), said["name"]),
            (_("Reference"), said["reference"]),
            (_("Deviations, additions, exclusions"), said["deviations"]),
            (_("Measurement uncertainty"), said["uncertainty"]),
            (_("Where it was done"), "; ".join(statement["laboratory"]["sites"] or ())),
        )
    )


def _runs(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["runs"]:
        controls = "; ".join(
            f"{c['control']} ({c['kind']}): " + (c["result"] or _("open")) for c in one["controls"]
        )
        yield Facts(
            _stated(
                (_("Run"), f"{one['run']} ({one['kind']})"),
                (_("Performed"), _day(one["performed_at"])),
                (_("Protocol"), one["protocol"]),
                (_("Instrument"), one["instrument"]),
                (_("Outside provider"), one["provider"]),
                (_("Controls"), controls or _("none recorded")),
                (_("Missing or failed"), ", ".join(one["missing_or_failed"])),
                (_("Approved deviation"), one["deviation"]),
            )
        )


def _findings(statement: dict, template: Template) -> Iterator[Block]:
    for one in statement["findings"]:
        yield Text(
            tuple(sentences(one)),
            _("Finding {n}: {kind}, sample {sample}").format(
                n=one["event"], kind=translated(KINDS[one["kind"]]), sample=one["sample"]
            ),
        )
        if one["listing"]:
            yield Text(
                tuple(f"{label}: {text}" for label, text in one["listing"]["lines"]),
                translated(BASES[one["listing"]["basis"]]).format(**one["listing"]),
            )
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
            )
        )
        for figure in one["figures"]:
            yield Figure(
                figure["name"], figure["kind"], figure["base64"],
                _("Finding {n}: {name}").format(n=one["event"], name=figure["name"]),
                _("Figure {name} of finding {n}; what it shows is said in the text.").format(
                    name=figure["name"], n=one["event"]
                ),
            )  # fmt: skip


def _sampling(statement: dict, template: Template) -> Iterator[Block]:
    for plan in statement["plans"]:
        yield Facts(
            _stated(
                (_("There were"), str(plan["population"])),
                (_("Grouped"), plan["grouping"]),
                (_("Chosen"), f"{plan['chosen']} ({plan['method']}; {plan['chosen_by']})"),
                (_("Guideline"), plan["reference"]),
            )
        )
        for bound in plan["bounds"]:
            yield Text(
                (
                    _(
                        "Of {of} chosen, {named} were reported as {taxon}. If they were chosen at random "
                        "and every one of these calls is right, then at a confidence of {level:.0%} at "
                        "least {at_least} of the {population} are {taxon} (hypergeometric bound; the error "
                        "of the calls is not in it). This follows for items not examined; the results "
                        "above relate to those examined."
                    ).format(population=plan["population"], **bound),
                )
            )


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
    said = [
        text for one in statement["findings"] for text in (one["result"] or {}).get("limits") or ()
    ]
    noted = [
        f"{one['event']}: {w['message']}"
        for one in statement["findings"]
        for w in (one["result"] or {}).get("warnings") or ()
    ]
    own = [statement["method"]["limits"]] if statement["method"]["limits"] else []
    found = tuple(dict.fromkeys([*own, *said, *noted]))
    if found:
        yield Text(found)


def _scale(statement: dict, template: Template) -> Iterator[Block]:
    """Print the scale where a likelihood ratio is reported."""
    ratio = any(one.get("kind") == "likelihood_ratio" for one in statement["opinions"])
    if not ratio and not any(one["kind"] == "individual" for one in statement["findings"]):
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
            "; ".join(f"{c[0]} ({c[1][:10]} – {c[2][:10]})" for c in one["competences"]) or "–",
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
            one["type"],
            _about(one["about"]) + "".join(f" [{flag['code']}]" for flag in one["flags"]),
        )
        for one in statement["timeline"]
    ]
    if rows:
        yield Table(
            (_("Event"), _("When (UTC)"), _("Who"), _("What"), _("About")),
            tuple(rows), (0.09, 0.19, 0.2, 0.12, 0.4),
        )  # fmt: skip


def _about(fields: dict) -> str:
    def text(value: object) -> str:
        if isinstance(value, list):
            return ", ".join(map(text, value))
        if isinstance(value, dict):
            return " ".join(f"{name} {text(part)}" for name, part in value.items())
        return str(value)

    return "; ".join(f"{name} {text(value)}" for name, value in fields.items())


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
    return time[:10]


def _moment(time: str) -> str:
    return f"{time[:10]} {time[11:16]}"
