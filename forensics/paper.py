"""Pages of HTML to read and print: no script, nothing from the network, fit for A4."""

from collections.abc import Iterable
from html import escape

from forensics.messages import language

STYLE = """
@page { size: A4; margin: 16mm 14mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.4 "DejaVu Sans", Arial, sans-serif; color: #1a1a1a; max-width: 190mm;
  margin: 8mm auto; padding: 0 4mm }
h1 { font-size: 17pt; margin: 0 0 2mm } h2 { font-size: 13.5pt; margin: 9mm 0 2mm;
  border-bottom: 1.5px solid #1d4e89; padding-bottom: 1mm } h3 { font-size: 11pt; margin: 5mm 0 1mm }
h2, h3 { break-after: avoid } p { margin: 1.5mm 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 3mm; font-size: 8.5pt }
th, td { text-align: left; vertical-align: top; padding: 1mm 1.6mm; border-bottom: .5px solid #bbb }
thead th { border-bottom: 1px solid #555; background: #eef2f7 } thead { display: table-header-group }
tr, svg { break-inside: avoid } th.n, td.n { text-align: right }
.facts { width: auto } .facts th { white-space: nowrap; font-weight: 600 }
.facts td { overflow-wrap: anywhere }
.small { color: #555; font-size: 8pt; white-space: nowrap }
.warn { border: 1.5px solid #a3161b; padding: 2mm 3mm; margin: 3mm 0 }
@media print { body { margin: 0; max-width: none; padding: 0 } }
"""
"""Style sheet of every page."""


def document(title: str, parts: Iterable[str], *, style: str = "") -> str:
    """Return a page of these parts under its title; `style` is CSS of its own."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="' + language() + '"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *parts,
            "</body></html>\n",
        ]
    )


def escaped(value: object) -> str:
    """Escape; control characters of a stranger's names are made visible."""
    # A no-break space, which French has before its colons, is not printable to Python.
    return escape(
        "".join(c if c.isprintable() or c in "\u00a0\u202f" else "\ufffd" for c in str(value))
    )


def heading(level: int, text: str) -> str:
    """Return a heading."""
    return f"<h{level}>{escaped(text)}</h{level}>"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escaped(text)}</p>"


def facts(*pairs: tuple[str, object]) -> str:
    """Return a table of labels and values."""
    rows = "".join(f"<tr><th>{escaped(k)}</th><td>{escaped(v)}</td></tr>" for k, v in pairs)
    return f'<table class="facts">{rows}</table>'


def table(head: Iterable[str], rows: Iterable[tuple], numbers: Iterable[int] = ()) -> str:
    """Return a table; its cells are HTML, those in the columns `numbers` stand on the right."""
    numbers = set(numbers)
    top = "".join(
        f'<th class="n">{escaped(cell)}</th>' if place in numbers else f"<th>{escaped(cell)}</th>"
        for place, cell in enumerate(head)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="n">{cell}</td>' if place in numbers else f"<td>{cell}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
