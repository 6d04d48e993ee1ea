"""Every text of a report, checked for words that none may have: what people wrote, and what the pages will say.

What a program wrote is looked at like what a person did: warnings as they were recorded, the sentences of
the templates in the language of the reader, headings, tables and the oath.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import replace

from forensics.report.banned_phrases import find_faults
from forensics.report.blocks import Block
from forensics.report.layout import lay_out, title_of
from forensics.report.narrative import sentences
from forensics.report.problems import Problem
from forensics.report.statement import Statement
from forensics.report.template import SECTIONS, Template

__all__ = ["check_declaration", "check_texts"]

# A number in a table has its meaning from the head of its column.
_NUMBER = re.compile(r"[<>≈–\s\u00a0\u202f\d.,+e-]*%?")


def check_texts(statement: Statement, template: Template) -> Iterator[Problem]:
    """Yield the faults of every text that people wrote, and then those that the pages alone have."""
    seen = set()
    for place, text in _recorded_texts(statement):
        for problem in _check_text(place, text):
            seen.add((problem.code, problem.found))
            yield problem
    for place, text in _printed_texts(statement, template):
        for problem in _check_text(place, text):
            if (problem.code, problem.found) not in seen:
                seen.add((problem.code, problem.found))
                yield problem


def check_declaration(template: Template) -> Iterator[Problem]:
    """Yield the faults of the oath of a template, in each language."""
    for name, text in template.declaration.items():
        yield from _check_text(f"template.declaration.{name}", text)


def _check_text(place: str, text: str | None) -> Iterator[Problem]:
    for code, words in _faults_of(text or ""):
        yield Problem(code, place, words)


@functools.lru_cache(maxsize=4096)
def _faults_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the faults of a text; most stand in the record and on a page, or on many pages."""
    return tuple(find_faults(text))


def _printed_texts(statement: Statement, template: Template) -> Iterator[tuple[str, str]]:
    """Yield every text of the pages, with its section."""
    yield "report.title", title_of(statement)
    yield "template.footer", template.footer
    for line in template.letterhead:
        yield "template.letterhead", line
    for section in lay_out(statement, replace(template, sections=SECTIONS)):
        yield section.id, section.heading
        for block in section.blocks:
            for text in _texts_of(block):
                yield section.id, text


def _texts_of(block: Block) -> Iterator[str]:
    values = block.to_dict()
    for name in ("label", "text", "caption", "alternative"):
        yield values.get(name) or ""
    yield from values.get("paragraphs", ())
    for row in (values.get("head", ()), *values.get("rows", ())):
        yield from (cell for cell in row if not _NUMBER.fullmatch(cell))


def _recorded_texts(statement: Statement) -> Iterator[tuple[str, str | None]]:
    """Yield everything that people wrote or templates made, with its place."""
    report, request, method = statement.report, statement.request, statement.method
    yield "report.title", report.title
    yield "report.reason", report.reason
    yield "request.question", request.question
    yield "request.information_given", request.information_given
    for name in ("name", "reference", "deviations", "uncertainty", "limits", "prior"):
        yield f"method.{name}", getattr(method, name)
    for number, text in enumerate(request.propositions or ()):
        yield f"request.propositions.{number}", text
    for number, opinion in enumerate(statement.opinions):
        yield f"opinions.{number}.text", opinion.text
    for number, work in enumerate(statement.outside):
        yield f"outside.{number}.work", work.work
    for number, exhibit in enumerate(statement.exhibits):
        yield f"exhibits.{number}.description", exhibit.description
        yield f"exhibits.{number}.condition", exhibit.condition
    for number, plan in enumerate(statement.plans):
        yield f"plans.{number}.grouping", plan.grouping
        yield f"plans.{number}.method", plan.method
    for number, run in enumerate(statement.runs):
        yield f"runs.{number}.deviation", run.deviation
    for number, correction in enumerate(statement.corrections):
        yield f"corrections.{number}.reason", correction.reason
    for number, finding in enumerate(statement.findings):
        place, result = f"findings.{number}", finding.result or {}
        for text in sentences(finding):
            yield place, text
        for limit in result.get("limits") or ():
            yield f"{place}.result.limits", str(limit)
        # As they were recorded, too: in JSON they stand beside those that were formed anew.
        for warning in result.get("warnings") or ():
            yield f"{place}.result.warnings", str(warning["message"])
        for which, review in enumerate(finding.reviews):
            yield f"{place}.reviews.{which}.comment", review.comment
            yield f"{place}.reviews.{which}.interpretation", review.interpretation
