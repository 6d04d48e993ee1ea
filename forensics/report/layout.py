"""A statement as a front page and sections, in the order of the template, whatever it is written as."""

from dataclasses import dataclass

from forensics.core.stored import day_in_words
from forensics.messages import N_, _
from forensics.report.blocks import Section, Text
from forensics.report.labels import translated
from forensics.report.law import notices_of_law
from forensics.report.sections import SECTIONS
from forensics.report.statement import Statement
from forensics.report.template import Template


def lay_out(statement: Statement, template: Template) -> list[Section]:
    """Return the sections of a report that have something to say."""
    oath = template.declaration.get(statement.report.language or "en")
    sections = []
    for name in template.sections:
        blocks = tuple(SECTIONS[name].write(statement))
        if name == "declaration" and oath:
            blocks = (Text((oath,)), *blocks)
        if blocks:
            sections.append(Section(name, translated(SECTIONS[name].heading), blocks))
    return sections


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
        title=statement.report.title or _("Report of forensic examination"),
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
