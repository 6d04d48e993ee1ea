"""Labels with a QR code: what is printed lets an old label prove later that the ledger only grew."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from forensics.custody.reader import Reader
from forensics.custody.scans import scan_text
from forensics.errors import UsageError, importing
from forensics.io.files import replace_file
from forensics.messages import _

if TYPE_CHECKING:
    import segno

__all__ = ["code_of", "label_text", "write_label"]

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
    item = state.things.get(name)
    if item is None:
        raise UsageError(_("There is no exhibit, sample or container {name}.").format(name=name))
    lines = [name, _("case {case}").format(case=item.case)]
    if item.parent:
        lines.append(_("taken from {parent}").format(parent=item.parent))
    if item.purpose and item.purpose != "casework":
        lines.append(item.purpose.upper())
    if item.seals:
        lines.append(_("seal {seals}").format(seals=", ".join(item.seals)))
    lines.append(str(ledger.fingerprint))
    return lines


def write_label(ledger: Reader, name: str, path: str | os.PathLike[str]) -> None:
    """Write the label of a thing; the QR code holds name, ledger id and head.

    Parameters
    ----------
    ledger : Reader
    name : str
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
        f'font-weight="{"normal" if number else "bold"}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
