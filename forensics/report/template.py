"""Templates: a folder with letterhead, order of sections and oath, which a laboratory changes.

``template.toml`` is text that needs no programming; ``report.typ`` is the page, for those who want to
change that too. ``forensics report template DIR`` copies the packaged one.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.io.files import MAX_TOML, load_toml, read_limited
from forensics.messages import _
from forensics.report.sections import SECTIONS

STANDARD = Path(__file__).with_name("templates") / "standard"

_KNOWN = {
    "name": str, "version": str, "colour": str, "letterhead": list, "logo": str, "footer": str,
    "sections": list, "declaration": dict,
}  # fmt: skip
_LOGOS = {".png": "png", ".svg": "svg", ".jpg": "jpg", ".jpeg": "jpg"}
_MAX_LOGO = 2 * 2**20  # bytes of a logo


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


def read_template(folder: str | os.PathLike[str] = STANDARD) -> Template:
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
                "report.typ; forensics report template DIR makes one."
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
        _("{path}: {found} is not understood. Expected are: {expected}.").format(
            path=path, found=found, expected=expected
        )
    )
