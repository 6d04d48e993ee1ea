"""Templates that a laboratory changes, and a statement as a front page and sections in the order of one.

A template is a folder with letterhead, order of sections and oath. ``template.toml`` is text that needs no
programming; ``report.typ`` is the page, for those who want to change that too. ``forensics report template DIR``
copies the packaged one.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from forensics.core.stored import day_in_words
from forensics.errors import InputError, UsageError
from forensics.io.files import MAX_TOML, AnyPath, load_toml, read_limited
from forensics.messages import N_, _
from forensics.report.blocks import Section, Text
from forensics.report.labels import translated
from forensics.report.reported import italic_names, notices_of_law
from forensics.report.sections import SECTIONS
from forensics.report.statement import Statement

STANDARD = Path(__file__).with_name("templates") / "standard"

_KNOWN = {
    "name": str, "version": str, "colour": str, "letterhead": list, "logo": str, "footer": str,
    "sections": list, "declaration": dict,
}  # fmt: skip
_LOGOS = {".png": "png", ".svg": "svg", ".jpg": "jpg", ".jpeg": "jpg"}
_MAX_LOGO = 2 * 2**20  # bytes of a logo

# Of reports; another language is named by its code.
_LANGUAGES = {
    "en": N_("English"),
    "es": N_("Spanish"),
    "fr": N_("French"),
    "pt": N_("Portuguese"),
}


@dataclass(frozen=True)
class Template:
    """What was read.

    Attributes
    ----------
    name, version : str
    sha256 : str
        Of all its files, in the order of their names.
    colour : str
        Of headings, ``#rrggbb``.
    letterhead : tuple of str
        Lines above the title.
    logo : bytes
    logo_kind : str
        ``png``, ``svg`` or ``jpg``; empty without a logo.
    footer : str
    sections : tuple of str
    declaration : dict of str to str
        Oath by language.
    page : str
        The source of the page.
    """

    name: str
    version: str
    sha256: str
    colour: str
    letterhead: tuple[str, ...]
    logo: bytes
    logo_kind: str
    footer: str
    sections: tuple[str, ...]
    declaration: dict[str, str]
    page: str


def read_template(folder: AnyPath = STANDARD) -> Template:
    """Read a template.

    Raises
    ------
    UsageError
        If a file is missing, or holds what is not understood.
    """
    folder = Path(folder)
    path = folder / "template.toml"
    try:
        content = read_limited(path, MAX_TOML)
        page = read_limited(folder / "report.typ", MAX_TOML)
        settings = load_toml(content)
        text = page.decode("utf-8-sig")
    except InputError as error:
        raise UsageError(
            _(
                "{path} cannot be read ({error}). A template is a folder with template.toml and "
                "report.typ; make one with forensics report template DIR."
            ).format(path=error.source, error=error.message)
        ) from error
    except ValueError as error:
        raise UsageError(
            _("{path} is not TOML in UTF-8: {error}.").format(path=path, error=error)
        ) from error
    for name, value in settings.items():
        if not isinstance(value, _KNOWN.get(name, ())):
            raise _wrong(path, name, ", ".join(_KNOWN))
    sections = tuple(map(str, settings.get("sections", SECTIONS)))
    if unknown := [section for section in sections if section not in SECTIONS]:
        raise _wrong(path, f"sections: {unknown[0]}", ", ".join(SECTIONS))
    if len(set(sections)) < len(sections):
        raise _wrong(path, "sections", _("each section once"))
    colour = settings.get("colour", "#1d4e89")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise _wrong(path, f"colour: {colour}", "#rrggbb")
    logo, kind = _logo(folder, path, settings.get("logo", ""))
    digest = hashlib.sha256()
    for part in (content, page, logo):
        digest.update(hashlib.sha256(part).digest())
    return Template(
        name=settings.get("name", folder.name),
        version=settings.get("version", ""),
        sha256=digest.hexdigest(),
        colour=colour,
        letterhead=tuple(map(str, settings.get("letterhead", ()))),
        logo=logo,
        logo_kind=kind,
        footer=settings.get("footer", ""),
        sections=sections,
        declaration={str(k): str(v) for k, v in settings.get("declaration", {}).items()},
        page=text,
    )


def _logo(folder: Path, path: Path, name: str) -> tuple[bytes, str]:
    if not name:
        return b"", ""
    kind = _LOGOS.get(Path(name).suffix.lower())
    # A name alone: a template does not reach out of its folder.
    if kind is None or Path(name).name != name:
        raise _wrong(
            path,
            f"logo: {name}",
            _("a file in the folder: {kinds}").format(kinds=", ".join(_LOGOS)),
        )
    try:
        content = read_limited(folder / name, _MAX_LOGO)
    except InputError as error:
        raise UsageError(
            _("{path} cannot be read ({error}).").format(path=folder / name, error=error.message)
        ) from error
    return content, kind


def _wrong(path: Path, found: str, expected: str) -> UsageError:
    return UsageError(
        _("{path}: {found} is not known. Expected: {expected}.").format(
            path=path, found=found, expected=expected
        )
    )


# -- a statement in the order of a template --------------------------------------------


def lay_out(statement: Statement, template: Template) -> list[Section]:
    """Return the sections of a report that have something to say."""
    oath = template.declaration.get(statement.report.language or statement.shown_in)
    sections = []
    for name in template.sections:
        blocks = tuple(SECTIONS[name].write(statement))
        if name == "declaration" and oath:
            blocks = (Text((oath,)), *blocks)
        if blocks:
            sections.append(Section(name, translated(SECTIONS[name].heading), blocks))
    return sections


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
    italics : str
        Pattern of the scientific names that are set in italics; "" where there are none.
    """

    title: str
    letterhead: tuple[str, ...]
    laboratory: str
    address: tuple[str, ...]
    mark: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    end: str
    italics: str


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
        italics=rf"\b(?:{'|'.join(names)})\b"
        if (names := italic_names(statement.findings))
        else "",
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
        notices.append(_("Draft; do not rely on it: {why}").format(why=" ".join(statement.draft)))
    authoritative = statement.report.language
    if authoritative and authoritative != statement.shown_in:
        notices.append(
            _("This is a translation; the authoritative version is in {language}.").format(
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
