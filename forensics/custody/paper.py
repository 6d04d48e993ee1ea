"""What goes on paper: labels with QR codes, one or on sheets of A4, what a scanner types of them, and forms."""

import re
import textwrap
from collections.abc import Container, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape as escape_xml

from forensics.custody.canonical import nfc
from forensics.custody.fields import Field, plain
from forensics.custody.heads import Fingerprint
from forensics.custody.reader import Reader
from forensics.custody.state import State
from forensics.errors import UsageError, importing
from forensics.io.files import AnyPath, replace_file
from forensics.messages import _, numeral
from forensics.paper import document, escaped, table

if TYPE_CHECKING:
    import segno

_SCAN = re.compile(r"(?P<name>\S.*?) (?P<ledger>[0-9a-f]{32})(?: [1-9]\d*-[0-9a-f]{32})?")
_LIKE_A_SCAN = re.compile(r"\S.*? \S{32}(?: \S{22,})?")


def scan_text(name: str, ledger: str, fingerprint: Fingerprint | None = None) -> str:
    """Return the content of the code on a label: one line, without signs that keyboards have elsewhere.

    Parameters
    ----------
    name : str
        Of the thing.
    ledger : str
        Id of the ledger.
    fingerprint : Fingerprint, optional
        Head of the ledger when the label was made. There is no room for it on small labels.

    Examples
    --------
    >>> scan_text("2026-014/1", "0419d0afe266f38c5dd21c82e9b0e15c")
    '2026-014/1 0419d0afe266f38c5dd21c82e9b0e15c'
    """
    head = f" {fingerprint.size}-{fingerprint.digits}" if fingerprint else ""
    return f"{name} {ledger}{head}"


def read_scan(text: str, ledger: str, known: Container[str]) -> str:
    """Return the name of a thing that was typed, or scanned from a label.

    Parameters
    ----------
    text : str
        One line.
    ledger : str
        Id of the ledger, 32 hex digits.
    known : container of str
        Names of things in the ledger; one of these is taken as it is.

    Returns
    -------
    str
        What is neither a known name nor a scan comes back as it was typed: the rules refuse it.

    Raises
    ------
    UsageError
        If the label is of another ledger, or the scanner types other signs than the label has.
    """
    if text in known:
        return text
    scan = _SCAN.fullmatch(text)
    if scan is not None and scan["ledger"] == ledger:
        return scan["name"]
    if scan is not None:
        raise UsageError(
            _("{text}: this label is of another ledger, {other}; this is {ledger}.").format(
                text=scan["name"], other=scan["ledger"], ledger=ledger
            )
        )
    if _LIKE_A_SCAN.fullmatch(text):
        raise UsageError(
            _(
                "{text}: this looks like a label, read by a scanner with another keyboard "
                "layout. Set the scanner to the layout of this computer, or type the name."
            ).format(text=text)
        )
    return text


_NAMES_A_THING = frozenset({"thing", "things", "container"})


def read_field(field: Field, given: str | Sequence[str], state: State, called: str = "") -> Any:
    """Return what was typed for a field of an act; where it names things, labels may have been scanned.

    Raises
    ------
    UsageError
        As `read_scan` and `Field.read`.
    """
    if field.name in _NAMES_A_THING:
        texts = [nfc(text).strip() for text in ([given] if isinstance(given, str) else given)]
        texts = [read_scan(text, state.ledger, state.things) for text in texts]
        given = texts if field.kind.many else texts[0]
    return field.read(given, called)


_SCALE = 4
_LINE = 16
_TEXT_WIDTH = 280
_CHARACTER = 8
"""Width of a character of the label at 13 px, rounded up: the whole fingerprint must be printed."""


def label_text(ledger: Reader, name: str) -> list[str]:
    """Return the lines of a label: name, case, what it is, seals, head of the ledger.

    Raises
    ------
    UsageError
        If there is no such thing.
    """
    state = ledger.state
    item = state.find_thing(name)
    lines = [name, _("case {case}").format(case=item.case)]
    if item.parent:
        lines.append(_("taken from {parent}").format(parent=item.parent))
    if item.purpose and item.purpose != "casework":
        lines.append(item.purpose.upper())
    if item.seals:
        lines.append(_("seal {seals}").format(seals=", ".join(item.seals)))
    lines.append(str(ledger.fingerprint))
    return lines


def write_label(ledger: Reader, name: str, path: AnyPath) -> None:
    """Write the label of a thing; the QR code holds name, ledger id and head.

    Parameters
    ----------
    path : path
        Ends in ``.svg`` (code and text) or ``.png`` (code only).

    Raises
    ------
    UsageError
        If there is no such thing, or the name of the file ends otherwise.
    ForensicsError
        If segno is not installed.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".svg", ".png"):
        raise UsageError(
            _("A label is written as .svg or .png, found {name}.").format(name=path.name)
        )
    import io

    lines = label_text(ledger, name)
    code = code_of(scan_text(name, ledger.state.ledger, ledger.fingerprint))
    if kind == ".png":
        picture = io.BytesIO()
        code.save(picture, kind="png", scale=_SCALE)
        replace_file(path, picture.getvalue())
        return
    size = int(code.symbol_size(scale=_SCALE)[0])
    text = _texts(lines, size)
    room = max(_TEXT_WIDTH, 16 + _CHARACTER * max(map(len, lines)))
    width, height = size + room, max(size, _LINE * (len(lines) + 2))
    page = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f"{code.svg_inline(scale=_SCALE)}{text}</svg>\n"
    )
    replace_file(path, page.encode())


def code_of(text: str) -> "segno.QRCode":
    """Return the QR code of a line.

    Raises
    ------
    ForensicsError
        If segno is not installed.
    """
    with importing("report"):
        import segno
    return segno.make_qr(text, error="m", boost_error=False)


def _texts(lines: list[str], left: int) -> str:
    return "".join(
        f'<text x="{left + 8}" y="{_LINE * (number + 2)}" '
        f'font-weight="{"normal" if number else "bold"}">{escape_xml(line)}</text>'
        for number, line in enumerate(lines)
    )


_PAGE = 210.0, 297.0
_COLUMN_GAP = 2.54
_MARGIN = 2.0
_CODE_SHARE = 0.42
"""Of the width of a label, at most, for the code."""
_LARGEST, _SMALLEST = 3.2, 1.6
"""Millimetres of type: what is read at arm's length, and the least that a laser printer prints well."""
_LETTER = 0.6
"""Width of a letter of a sans-serif type, as a share of its size, rounded up."""
_SHEET_STYLE = (
    "@page{size:A4;margin:0}body{margin:0}svg{display:block;width:210mm;height:297mm;"
    "page-break-after:always;break-after:page}text{font-family:sans-serif}"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of labels of one size.

    Attributes
    ----------
    width, height : float
        Of a label, in mm.
    """

    columns: int
    rows: int
    width: float
    height: float

    @property
    def number(self) -> int:
        """How many labels it has."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Return the upper left corner of a label, in mm; they are counted by rows, from 0."""
        row, column = divmod(place, self.columns)
        left = (_PAGE[0] - self.columns * self.width - (self.columns - 1) * _COLUMN_GAP) / 2
        top = (_PAGE[1] - self.rows * self.height) / 2
        return left + column * (self.width + _COLUMN_GAP), top + row * self.height


SHEETS = {
    "65": Sheet(5, 13, 38.1, 21.2),
    "24": Sheet(3, 8, 63.5, 33.9),
    "21": Sheet(3, 7, 63.5, 38.1),
    "14": Sheet(2, 7, 99.1, 38.1),
    "10": Sheet(2, 5, 99.1, 57.0),
}
"""Sheets by how many labels they have: Avery L7651, L7159, L7160, L7163, L7173 and those of the same size."""


def write_sheets(
    ledger: Reader,
    names: Sequence[str],
    path: AnyPath,
    *,
    sheet: Sheet,
    skip: int = 0,
) -> int:
    """Write the labels of things on sheets; return how many sheets they take.

    Parameters
    ----------
    names : sequence of str
        Things, in the order of their labels.
    path : path
        Ends in ``.html``.
    skip : int
        Labels of the first sheet that were used before.

    Raises
    ------
    UsageError
        If a thing is unknown, none is named, or the name of the file ends otherwise.
    ForensicsError
        If segno is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            _("Labels of a sheet are written as .html, found {name}.").format(name=path.name)
        )
    if not names:
        raise UsageError(_("Name the things to label, or their case."))
    if not 0 <= skip < sheet.number:
        raise UsageError(
            _("This sheet has {number} labels, so {skip} of them cannot have been used.").format(
                number=sheet.number, skip=skip
            )
        )
    pages: dict[int, list[str]] = {}
    for place, name in enumerate(names, skip):
        page, on_page = divmod(place, sheet.number)
        pages.setdefault(page, []).append(_label(ledger, name, sheet, sheet.corner(on_page)))
    title = _("Labels")
    body = "".join(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_PAGE[0]:g} {_PAGE[1]:g}">'
        f"{''.join(labels)}</svg>\n"
        for labels in pages.values()
    )
    replace_file(
        path,
        (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_SHEET_STYLE}</style></head><body>\n{body}</body></html>\n"
        ).encode(),
    )
    return len(pages)


def _label(ledger: Reader, name: str, sheet: Sheet, corner: tuple[float, float]) -> str:
    """Return the drawing of a label: the code, and beside it what a person reads."""
    lines = label_text(ledger, name)
    code = code_of(scan_text(name, ledger.state.ledger))
    side = min(sheet.height - 2 * _MARGIN, _CODE_SHARE * sheet.width)
    scale = side / code.symbol_size()[0]
    left, top = corner[0] + _MARGIN, corner[1] + _MARGIN
    room = sheet.width - side - 3 * _MARGIN
    size, wrapped = _fitted(lines, room, sheet.height - 2 * _MARGIN)
    texts = "".join(
        f'<text x="{left + side + _MARGIN:.2f}" y="{top + size * 1.2 * (place + 1) - 0.2 * size:.2f}" '
        f'font-size="{size:.2f}" font-weight="{"bold" if is_name else "normal"}">{escape(line)}</text>'
        for place, (line, is_name) in enumerate(wrapped)
    )
    drawing = code.svg_inline(omitsize=True, svgclass=None, lineclass=None, scale=1)
    inner = drawing[drawing.index(">") + 1 : drawing.rindex("<")]
    return f'<g transform="translate({left:.2f} {top:.2f}) scale({scale:.4f})">{inner}</g>{texts}\n'


def _fitted(
    lines: Sequence[str], width: float, height: float
) -> tuple[float, list[tuple[str, bool]]]:
    """Return the largest type in which all lines fit, and the lines, broken where they must be.

    The name and the fingerprint must be whole; of a label that is too small for the rest, that is cut.
    """
    size = _LARGEST
    while True:
        letters = max(4, int(width / (size * _LETTER)))
        wrapped = [
            (part, number == 0)
            for number, line in enumerate(lines)
            for part in textwrap.wrap(line, letters) or [""]
        ]
        if len(wrapped) * size * 1.2 <= height or size <= _SMALLEST:
            return size, wrapped
        size -= 0.1


_BLANK_ROWS = 12
_FORM_STYLE = (
    "body,table{font-size:12pt}td,th{border:1px solid #000;padding:6px;height:1.4em}"
    ".line{border-bottom:1px solid #000;display:inline-block;width:60%}p{margin:1em 0}"
)


def write_form(ledger: Reader, number: str, names: Sequence[str], path: AnyPath) -> None:
    """Write the form of a hand-over as HTML that prints on one page.

    Parameters
    ----------
    number : str
        Number of the form; a number is used once.
    names : sequence of str
        What is handed over, with its seals; none for a blank form.
    path : path
        Ends in ``.html``.

    Raises
    ------
    UsageError
        If a thing is unknown, the number was used, or the name of the file ends otherwise.
    """
    state, path = ledger.state, Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(_("A form is written as .html, found {name}.").format(name=path.name))
    if number in state.forms:
        raise UsageError(
            _("The form {paper} was used in event {seq}.").format(
                paper=number, seq=state.forms[number]
            )
        )
    rows = []
    for name in names:
        item = state.find_thing(name)
        amount = f"{numeral(plain(item.balance))} {item.unit}" if item.unit else ""
        rows.append((name, item.case, amount, ", ".join(item.seals), ""))
    rows = rows or [("", "", "", "", "")] * _BLANK_ROWS
    heads = (
        _("item"),
        _("case"),
        _("quantity"),
        _("seals in the ledger"),
        _("seals and condition found"),
    )
    lines = (
        _("Handed over by (name, agency)"),
        _("Received by (name, agency)"),
        _("Date and time, with zone"),
        _("Signature of the giver"),
        _("Signature of the receiver"),
        _("Attested by (a second enrolled person)"),
    )
    # Not inside of the f-strings, where texts are not found to be translated on every Python.
    title = _("Hand-over of exhibits")
    ledger_line = _("Ledger {fingerprint}").format(fingerprint=ledger.fingerprint)
    content = (
        f"<p>{escaped(ledger_line)}<br><small>{escaped(state.ledger)}</small></p>",
        table(heads, (tuple(map(escaped, row)) for row in rows)),
        *(f'<p>{escaped(line)}: <span class="line">&nbsp;</span></p>' for line in lines),
    )
    page = document(f"{title} · {number}", content, style=_FORM_STYLE)
    replace_file(path, page.encode())
