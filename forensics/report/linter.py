"""What a report lacks, and what it must not say.

What ISO/IEC 17025:2017 7.8 and ISO 21043-5:2025 ask of a report, each by its clause, and texts that say
more than the findings (`gate`). Both look at the statement, so that a report in
JSON can be checked by anybody (``forensics report check``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import forensics
from forensics.core.provenance import SOFTWARE
from forensics.core.stored import WrongRecord, missing_keys
from forensics.messages import _
from forensics.report.corrections import EVIDENCE
from forensics.report.gate import find_overreach
from forensics.report.layout import Template, lay_out
from forensics.report.problems import Problem
from forensics.report.reported import conservative_call, describe_difference, is_call
from forensics.report.sampling import count_named
from forensics.report.sections import SECTIONS, is_recorded
from forensics.report.statement import Finding, Review, Statement, read_statement


def check(
    statement: Statement | Mapping[str, Any], template: Template | None = None
) -> list[Problem]:
    """Return everything that a report lacks or must not say.

    Parameters
    ----------
    statement : Statement or mapping
        From `forensics.report.collecting.collect`, or as it is read from a report in JSON.
    template : Template, optional
        Whose order of sections, letterhead, footer and declaration are looked at, too.
    """
    if not isinstance(statement, Statement):
        # What stands on missing keys cannot be looked at; the codes say what they are for.
        if missing := list(missing_keys(Statement, statement)):
            return [Problem(_CODES.get(place, "FORM"), place) for place in missing]
        try:
            statement = read_statement(statement)
        except WrongRecord as error:
            return [Problem(_CODES.get(error.place, "FORM"), error.place, error.found)]
    problems: list[Problem] = []
    try:
        for find in (
            _find_missing, _find_in_findings, _find_in_law, _find_in_opinions, _find_roles,
            _find_other_software,
        ):  # fmt: skip
            problems += find(statement)
        problems += find_overreach(statement, template)
        if template:
            problems += _find_in_template(statement, template)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Every value has its type, but a recorded result has other parts than this package writes.
        problems.append(Problem("FORM", type(error).__name__, str(error)))
    return problems


def draft_reasons(statement: Statement) -> list[str]:
    """Return why a statement is but a draft, in words; nothing where it is none."""
    return [
        str(problem)
        for problem in (*_find_in_findings(statement), *_find_in_law(statement))
        if problem.code in ("REVIEWED", "DISAGREED", "CONTROLS", "LAW")
    ]


def _find_in_law(statement: Statement) -> Iterator[Problem]:
    """Yield that a law package was not accepted, or that the law is older than the day asked for and no manager signs."""
    law = statement.official_list
    if law and not law.get("accepted") and statement.ledger.kind == "casework":
        text = _("no manager accepted the law package {file}")
        yield Problem("LAW", "official_list", text.format(file=law["file"]))
    if statement.authorisation.is_manager:
        return
    for number, finding in enumerate(statement.findings):
        old = next((each for each in finding.listings if each.as_of < each.day), None)
        if old:
            text = _("the law is stated as of {as_of}, before {day}, and no manager authorises it")
            yield Problem(
                "LAW", f"findings.{number}.listings", text.format(as_of=old.as_of, day=old.day)
            )


# -- what is missing --------------------------------------------------------------------

_NEEDED: tuple[tuple[str, str], ...] = (
    ("LABORATORY", "laboratory.name"),
    ("LABORATORY", "laboratory.address"),
    ("SITES", "laboratory.sites"),
    ("NUMBER", "report.number"),
    ("CUSTOMER", "customer.name"),
    ("CUSTOMER", "customer.contact"),
    ("METHOD", "method.name"),
    ("METHOD", "method.reference"),
    ("ITEMS", "exhibits"),
    ("ISSUED", "report.issued"),
    ("RESULTS", "findings"),
    ("DEVIATIONS", "method.deviations"),
    ("UNCERTAINTY", "method.uncertainty"),
    ("AUTHORISED", "authorisation.name"),
    ("AUTHORISED", "authorisation.function"),
    ("LANGUAGE", "report.language"),
    ("LEDGER", "ledger.fingerprint"),
    ("LEDGER", "timeline"),
)
_CODES = {path: code for code, path in _NEEDED}
_OF_AN_ITEM = (
    ("ITEMS", "exhibit"),
    ("ITEMS", "description"),
    ("ITEMS", "condition"),
    ("RECEIVED", "received_at"),
    ("INTEGRITY", "quantity"),
    ("INTEGRITY", "unit"),
)


def _find_missing(statement: Statement) -> Iterator[Problem]:
    for code, path in _NEEDED:
        if not attrgetter(path)(statement):
            yield Problem(code, path)
    for number, exhibit in enumerate(statement.exhibits):
        for code, name in _OF_AN_ITEM:
            if not getattr(exhibit, name):
                yield Problem(code, f"exhibits.{number}.{name}")
    report = statement.report
    acts = [moment.at[:10] for moment in statement.timeline if moment.type != "report"]
    if report.issued and acts and report.issued < max(acts):
        yield Problem("DATED", "report.issued", f"{report.issued} < {max(acts)}")
    chief = statement.authorisation
    if chief.person and not chief.enrolled:
        yield Problem("AUTHORISED", "authorisation.person", chief.person)
    if report.replaces and not report.reason:
        yield Problem("AMENDED", "report.reason")
    yield from _find_in_runs(statement)
    for number, work in enumerate(statement.outside):
        for name in ("provider", "work", "findings"):
            if not getattr(work, name):
                yield Problem("OUTSIDE", f"outside.{number}.{name}")
    yield from _find_in_plans(statement)


def _find_in_runs(statement: Statement) -> Iterator[Problem]:
    marked = {event for work in statement.outside for event in work.findings or ()}
    for number, run in enumerate(statement.runs):
        if not run.performed_at:
            yield Problem("PERFORMED", f"runs.{number}.performed_at")
        if run.missing_or_failed and not run.deviation:
            yield Problem("CONTROLS", f"runs.{number}", ", ".join(run.missing_or_failed))
        of_run = {finding.event for finding in statement.findings if run.run in finding.runs}
        if run.provider and not of_run <= marked:
            yield Problem("OUTSIDE", "outside", run.provider)


def _find_in_plans(statement: Statement) -> Iterator[Problem]:
    examined = {finding.exhibit for finding in statement.findings}
    if len(statement.exhibits) > len(examined) > 0 and not statement.plans:
        yield Problem("SAMPLING", "plans")
    for number, plan in enumerate(statement.plans):
        for name in ("population", "method", "chosen_by"):
            if not getattr(plan, name):
                yield Problem("SAMPLING", f"plans.{number}.{name}")
        text = _("{n} of {all}")
        if not 0 < plan.chosen <= plan.population:
            counts = text.format(n=plan.chosen, all=plan.population)
            yield Problem("SAMPLING", f"plans.{number}.chosen", counts)
        elif (count := count_named(statement, plan)) > plan.chosen:
            counts = text.format(n=count, all=plan.chosen)
            yield Problem("SAMPLING", f"plans.{number}.things", counts)
        elif plan.examined > plan.chosen:
            counts = text.format(n=plan.examined, all=plan.chosen)
            yield Problem("SAMPLING", f"plans.{number}.examined", counts)


def _find_in_findings(statement: Statement) -> Iterator[Problem]:
    for number, finding in enumerate(statement.findings):
        place = f"findings.{number}"
        for name in ("event", "kind", "sample", "exhibit", "found_at", "analyst_name"):
            if not getattr(finding, name):
                yield Problem("RESULTS", f"{place}.{name}")
        if not (finding.result or finding.text):
            yield Problem("RESULTS", f"{place}.result")
        if finding.read.problem:
            yield Problem("FORM", f"{place}.result", finding.read.problem)
        if finding.read.contradicted:
            places = ", ".join(finding.read.contradicted[:5])
            yield Problem("CONTRADICTED", f"{place}.result", places)
        yield from _find_in_reviews(statement, finding, f"{place}.reviews")
        if finding.is_demonstration and statement.ledger.kind == "casework":
            name = str((finding.library or {}).get("name") or "")
            yield Problem("DEMONSTRATION", f"{place}.library", name)
        if finding.kind == "identification" and not finding.result:
            yield Problem("STRUCTURED", f"{place}.result", finding.text or "")
        if finding.differs:
            yield Problem("REPRODUCED", f"{place}.differs", ", ".join(finding.differs[:5]))
        if finding.again_missing is not None and not finding.again:
            yield Problem("AGAIN", f"{place}.again", finding.again_missing)
        for which, picture in enumerate(finding.figures):
            if not is_recorded(picture):
                yield Problem("PICTURE", f"{place}.figures.{which}", picture.name)
        for correction in statement.corrections:
            if correction.corrects == finding.event and correction.field in EVIDENCE:
                yield Problem("HAND_CORRECTED", place, f"{correction.field} ({correction.event})")
        if not finding.asked:
            yield Problem("QUESTION", f"{place}.asked")
        if late := [each for each in finding.asked if each.event > finding.event]:
            yield Problem("QUESTION_LATE", f"{place}.asked", late[0].question)
        # Every report says whether a finding was computed again, and what was noted then.
        if finding.result and not is_call(finding) and not (finding.again or finding.again_missing):
            yield Problem("FORM", f"{place}.again")
        if finding.is_computed_again and not finding.differs and finding.noted is None:
            yield Problem("FORM", f"{place}.noted")
        if is_call(finding):
            rank = conservative_call(finding).rank
            if rank in finding.errors and not finding.errors[rank]:
                yield Problem("ERROR", f"{place}.errors.{rank}")
            # Where no name is reported, too: what was not computed again may be invented.
            if not finding.priors:
                yield Problem("PRIORS", f"{place}.priors", finding.priors_missing or "")


def _find_in_reviews(statement: Statement, finding: Finding, place: str) -> Iterator[Problem]:
    technical = finding.technical_reviews
    # The last word counts: an agreement may be taken back.
    if not technical:
        yield Problem("REVIEWED", place)
    elif not finding.is_agreed:
        yield Problem("DISAGREED", place, technical[-1].reviewer_name or "")
    elif not any(review.blind and review.interpretation for review in technical):
        yield Problem("BLIND", place)
    administrative = [review for review in finding.reviews if review.stage == "administrative"]
    if not administrative or administrative[-1].outcome != "agrees":
        yield Problem("ADMINISTRATIVE", place)
    yield from _find_blind_differences(statement, finding, technical, place)
    if any(review.reviewer == finding.analyst for review in finding.reviews):
        yield Problem("REVIEWED", place, finding.analyst)


def _find_blind_differences(
    statement: Statement, finding: Finding, technical: Sequence[Review], place: str
) -> Iterator[Problem]:
    """Ask for a comment where a blind interpretation names something else than is reported."""
    for review in technical:
        if review.blind and not review.comment and describe_difference(statement, finding, review):
            yield Problem("BLIND_DIFFERS", place, review.interpretation or "")


def _roles_of(statement: Statement) -> dict[str, list[str]]:
    """Return the people who have several parts in a report that rule out each other, with these parts."""
    parts: dict[str, dict[str, None]] = {}

    def add(person: str | None, part: str) -> None:
        if person:
            parts.setdefault(person, {})[part] = None

    for finding in statement.findings:
        for review in finding.reviews:
            if review.authorised is None:
                add(review.reviewer, review.stage)
    for opinion in statement.opinions:
        add(opinion.author, "opinion")
    add(statement.authorisation.person, "authorisation")
    return {person: list(held) for person, held in parts.items() if len(held) > 1}


def _find_roles(statement: Statement) -> Iterator[Problem]:
    relaxed = statement.authorisation.relaxed
    for person, held in _roles_of(statement).items():
        if relaxed is None or relaxed[0] == person:  # nobody lets themself
            yield Problem("ROLES", "people", f"{person}: {', '.join(held)}")


def _find_other_software(statement: Statement) -> Iterator[Problem]:
    """Ask which program made a statement: this one, and no version that is yet to come.

    What made a finding may be another program; that is compared with the ledger.
    """
    name = statement.software.name
    if name != SOFTWARE:
        yield Problem("SOFTWARE", "software.name", str(name))
    stated, own = statement.software.version, forensics.__version__
    if stated != own:
        numbers = _numbers(stated)
        is_older = numbers is not None and numbers < (_numbers(own) or ())
        yield Problem(
            "VERSION" if is_older else "SOFTWARE", "software.version", f"{stated} ≠ {own}"
        )


def _numbers(version: str | None) -> tuple[int, ...] | None:
    """Return the numbers of a version, such as 0.1.0, or None where it has others than these."""
    if version is None or not re.fullmatch(r"\d{1,9}(?:\.\d{1,9}){0,3}", version, re.ASCII):
        return None
    return tuple(map(int, version.split(".")))


def _find_in_opinions(statement: Statement) -> Iterator[Problem]:
    reported = {finding.event for finding in statement.findings}
    for number, opinion in enumerate(statement.opinions):
        for name in ("author", "kind", "text", "findings"):
            if not getattr(opinion, name):
                yield Problem("OPINION", f"opinions.{number}.{name}")
        if strange := sorted(set(opinion.findings or ()) - reported):
            yield Problem("OPINION", f"opinions.{number}.findings", ", ".join(map(str, strange)))
        if not opinion.authorised:
            yield Problem("OPINION_AUTHORISED", f"opinions.{number}.author", opinion.author or "")
        weighed = {each.event for each in statement.findings if each.weighed}
        if opinion.kind == "likelihood_ratio" and not weighed & set(opinion.findings or ()):
            yield Problem("PROPOSITIONS", f"opinions.{number}.findings")


def _find_in_template(statement: Statement, template: Template) -> Iterator[Problem]:
    every = replace(template, sections=tuple(SECTIONS))
    with_text = {section.id for section in lay_out(statement, every)}
    for name in SECTIONS:
        if name in with_text and name not in template.sections:
            yield Problem("SECTION", f"template.sections.{name}")
    language = statement.report.language
    if language and language not in template.declaration:
        yield Problem("DECLARATION", f"template.declaration.{language}")
