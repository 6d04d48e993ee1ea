"""Labels of many things on sheets of A4, as HTML that prints in its size.

The sheets are those that office suppliers sell, with the labels in the middle of the page, columns
2.54 mm apart and rows without a gap. Each label has a code that a scanner types where a thing is
asked for (`forensics.custody.scans`).
"""

import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from forensics.custody.labels import code_of, label_text
from forensics.custody.reader import Reader
from forensics.custody.scans import scan_text
from forensics.errors import UsageError
from forensics.io.files import replace_file
from forensics.messages import _

__all__ = ["SHEETS", "Sheet", "write_sheets"]

_PAGE = 210.0, 297.0
_COLUMN_GAP = 2.54
_MARGIN = 2.0
_CODE_SHARE = 0.42
"""Of the width of a label, at most, for the code."""
_LARGEST, _SMALLEST = 3.2, 1.6
"""Millimetres of type: what is read at arm's length, and the least that a laser printer prints well."""
_LETTER = 0.6
"""Width of a letter of a sans-serif type, as a share of its size, rounded up."""
_STYLE = (
    "@page{size:A4;margin:0}body{margin:0}svg{display:block;width:210mm;height:297mm;"
    "page-break-after:always;break-after:page}text{font-family:sans-serif}"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of labels of one size.

    Attributes
    ----------
    columns, rows : int
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
    path: str | os.PathLike[str],
    *,
    sheet: Sheet,
    skip: int = 0,
) -> int:
    """Write the labels of things on sheets; return how many sheets they take.

    Parameters
    ----------
    ledger : Reader
    names : sequence of str
        Things, in the order of their labels.
    path : path
        Ends in ``.html``.
    sheet : Sheet
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
        raise UsageError(_("Name the things, or the case, whose labels are to be made."))
    if not 0 <= skip < sheet.number:
        raise UsageError(
            _("This sheet has {number} labels; {skip} of them cannot have been used.").format(
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
            f"<style>{_STYLE}</style></head><body>\n{body}</body></html>\n"
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
