"""Forms that people without a key sign on paper: printed from the ledger, or blank for a power cut."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from forensics.custody.quantities import plain
from forensics.custody.reader import Reader
from forensics.errors import UsageError
from forensics.io.files import replace_file
from forensics.messages import _, numeral

__all__ = ["write_form"]

_BLANK_ROWS = 12
_STYLE = (
    "body{font:12pt sans-serif;margin:2cm}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #000;padding:6px;text-align:left;height:1.4em}"
    ".line{border-bottom:1px solid #000;display:inline-block;width:60%}p{margin:1em 0}"
)


def write_form(
    ledger: Reader, number: str, names: Sequence[str], path: str | os.PathLike[str]
) -> None:
    """Write the form of a hand-over as HTML that prints on one page.

    Parameters
    ----------
    ledger : Reader
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
        item = state.things.get(name)
        if item is None:
            raise UsageError(
                _("There is no exhibit, sample or container {name}.").format(name=name)
            )
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
    content = [
        f"<h1>{escape(title)} · {escape(number)}</h1>",
        f"<p>{escape(ledger_line)}<br><small>{escape(state.ledger)}</small></p>",
        "<table><tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>",
        *("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows),
        "</table>",
        *(f'<p>{escape(line)}: <span class="line">&nbsp;</span></p>' for line in lines),
    ]
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(number)}</title>'
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(content) + "\n</body></html>\n"
    )
    replace_file(path, page.encode())
