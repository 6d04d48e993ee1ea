"""A report as a page of HTML, from the template ``templates/html/page.html``: no script, nothing from elsewhere."""

import base64
from functools import cache
from html import escape
from pathlib import Path
from string import Template as Page

from forensics import paper
from forensics.messages import language
from forensics.report.blocks import Block, Facts, Figure, Notice, Section, Signatures, Table, Text
from forensics.report.front_page import FrontPage
from forensics.report.template import Template

__all__ = ["write_html"]

_MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg"}


@cache
def _page() -> Page:
    path = Path(__file__).with_name("templates") / "html" / "page.html"
    return Page(path.read_text(encoding="utf-8"))


def write_html(front: FrontPage, sections: list[Section], template: Template) -> str:
    """Return the page of a report."""
    lines = [
        paper.paragraph(line) for line in (*front.letterhead, front.laboratory, *front.address)
    ]
    if template.logo:
        logo = base64.b64encode(template.logo).decode("ascii")
        lines.insert(0, _image(template.logo_kind, logo, "", height=20))
    before = [f'<p class="mark">{paper.escaped(front.mark)}</p>'] if front.mark else []
    before.append(paper.facts(*front.facts))
    before += map(_notice, front.notices)
    written = []
    for section in sections:
        written.append(paper.heading(2, section.heading))
        written += map(_write_block, section.blocks)
    return _page().substitute(
        language=language(),
        title=escape(front.title),
        paper=paper.STYLE,
        colour=template.colour,
        letterhead="\n".join(lines),
        front="\n".join(before),
        sections="\n".join(written),
        end=paper.escaped(front.end),
    )


def _write_block(block: Block) -> str:
    match block:
        case Text():
            label = paper.heading(block.level, block.label) if block.label else ""
            return label + "".join(map(paper.paragraph, block.paragraphs))
        case Facts():
            return paper.facts(*block.rows)
        case Table():
            return paper.table(block.head, [tuple(map(paper.escaped, row)) for row in block.rows])
        case Notice():
            return _notice(block.text)
        case Figure():
            image = _image(block.image, block.base64, block.alternative)
            caption = paper.escaped(block.caption)
            return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
        case Signatures():
            return "".join(
                f'<div class="sign">{paper.escaped(", ".join(filter(None, (name, title, about))))}</div>'
                for title, name, about in block.rows
            )
    raise TypeError(type(block).__name__)


def _notice(text: str) -> str:
    return f'<p class="notice">{paper.escaped(text)}</p>'


def _image(kind: str, content: str, alternative: str, height: int | None = None) -> str:
    size = f' style="height:{height}mm"' if height else ""
    source = f"data:{_MEDIA_TYPES[kind]};base64,{content}"
    return f'<img alt="{paper.escaped(alternative)}"{size} src="{source}">'
