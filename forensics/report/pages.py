"""A statement as a file: JSON, a page of HTML, or a PDF; the same bytes for the same statement.

HTML is made from ``templates/html/page.html``, without a script or anything from elsewhere; PDF by Typst from the page
of the template. A PDF has its statement inside, as JSON, and prints the SHA-256 of that.
"""

import base64
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template as Page
from tempfile import TemporaryDirectory
from typing import Any, Literal

from forensics import paper
from forensics.custody.heads import in_groups
from forensics.custody.paper import code_of
from forensics.custody.verify_bundle import FILE_IN_PDF
from forensics.errors import ForensicsError, importing
from forensics.messages import _, language
from forensics.report.blocks import Block, Facts, Figure, Notice, Section, Signatures, Table, Text
from forensics.report.layout import FrontPage, Template, lay_out, lay_out_front
from forensics.report.sections import MAX_PIXELS, count_pixels
from forensics.report.statement import Statement, read_statement

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
        sections=_with_italics("\n".join(written), front.italics),
        end=paper.escaped(front.end),
    )


# Of a sequence, in blocks of ten.
_BASES = r"[ACGTRYKMSWBDHVN-]{10}(?: [ACGTRYKMSWBDHVN-]{1,10})*"


def _with_italics(page: str, names: str) -> str:
    """Return a page with its scientific names in italics and its sequences in letters of one width; tags stay."""
    return re.sub(
        rf"(<[^>]*>)|({_BASES})|({names or '(?!)'})",
        lambda m: m[1] or (f"<code>{m[2]}</code>" if m[2] else f"<i>{m[3]}</i>"),
        page,
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


STATEMENT = "statement.json"
"""Name of the statement inside a report in PDF."""
BUNDLE = FILE_IN_PDF
"""Name of the bundle inside it."""

# For archives, with files inside, and for readers who cannot see: both are checked while it is written.
_STANDARDS: tuple[Literal["a-3a"], Literal["ua-1"]] = ("a-3a", "ua-1")
# Behind the page of any template, so that none can leave a file out.
_ATTACHING = """
#for file in json("data.json").files {
  pdf.attach(file.name, relationship: file.relationship, mime-type: file.kind, description: file.about)
}
"""


def write_pdf(
    statement: Statement,
    front: FrontPage,
    sections: list[Section],
    template: Template,
    bundle: bytes | None = None,
) -> bytes:
    """Return a report as PDF, with its statement and its bundle inside.

    Raises
    ------
    ForensicsError
        If Typst or segno is not installed, or Typst cannot write the page of the template.
    """
    with importing("report", instead=_("Or write the report as .html.")):
        import typst

    with TemporaryDirectory() as folder:
        root = Path(folder)
        data = _data_of(statement, front, sections, template)
        _write_pictures(data, root)
        _write_files(
            data, root, {STATEMENT: write_json(statement)} | ({BUNDLE: bundle} if bundle else {})
        )
        if template.logo:
            data["logo"] = f"logo.{template.logo_kind}"
            (root / data["logo"]).write_bytes(template.logo)
        (root / "report.typ").write_text(template.page + _ATTACHING, encoding="utf-8")
        try:
            return _compile_with(data, root)
        except typst.TypstError as first:
            error = first
            if _replace_unfit_pictures(data, root):
                try:
                    return _compile_with(data, root)
                except typst.TypstError as second:
                    error = second
            raise ForensicsError(
                _(
                    "The page cannot be written: {error}. If the fonts of the template lack a "
                    "character, write the report as .html."
                ).format(error=error.message)
            ) from error


def _data_of(
    statement: Statement, front: FrontPage, sections: list[Section], template: Template
) -> dict[str, Any]:
    """Return what the page reads as data.json."""
    people = [finding.analyst_name for finding in statement.findings]
    # Archives ask for a date; without a day of issue it is that of the last event.
    day = statement.report.issued or statement.timeline[-1].recorded_at
    return {
        "day": [int(day[:4]), int(day[5:7]), int(day[8:10])],
        "title": front.title,
        "language": statement.shown_in,
        "number": statement.report.number or _("without a number"),
        "authors": list(dict.fromkeys(people)),
        "colour": template.colour,
        "footer": template.footer,
        "letterhead": list(front.letterhead),
        "logo": None,
        "laboratory": {"name": front.laboratory, "lines": list(front.address)},
        "mark": front.mark,
        "head": list(front.facts),
        "notices": list(front.notices),
        "italics": front.italics,
        "sections": [section.to_dict() for section in sections],
        "words": {
            "page": _("Page {page} of {pages}"),
            "end": front.end,
            "date": _("Date:"),
        },
    }


def _write_pictures(data: dict[str, Any], root: Path) -> None:
    """Write the pictures of the sections as files, and put their names in their places."""
    for block in _figures_in(data):
        content = base64.b64decode(block.pop("base64"))
        if (size := count_pixels(content)) > MAX_PIXELS:
            _make_notice(block, _("it has {n} million pixels").format(n=size // 10**6))
            continue
        block["file"] = f"figure{len(list(root.iterdir()))}.{block['image']}"
        (root / block["file"]).write_bytes(content)


def _write_files(data: dict[str, Any], root: Path, files: Mapping[str, bytes]) -> None:
    """Write what is attached to the PDF, and the code of the statement's hash; describe them in the data."""
    known = {
        STATEMENT: ("data", "application/json", _("Everything that this report says")),
        BUNDLE: ("supplement", "application/zip", _("Bundle of the ledger's events of the case")),
    }
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    for name, content in files.items():
        (root / name).write_bytes(content)
    data["files"] = [
        {"name": name, "relationship": relationship, "kind": kind, "about": about}
        for name, (relationship, kind, about) in known.items()
        if name in files
    ]
    code = io.BytesIO()
    code_of(hashes[STATEMENT]).save(code, kind="svg", xmldecl=False, border=1)
    (root / "code.svg").write_bytes(code.getvalue())
    data["proof"] = {
        "text": _(
            "Everything that this report says is inside the PDF as the file {name}, too. The square "
            "is a QR code of its SHA-256."
        ).format(name=STATEMENT),
        "rows": [(name, in_groups(digits)) for name, digits in hashes.items()],
        "code": "code.svg",
        "alternative": _("Code of the SHA-256 of {name}: {digits}").format(
            name=STATEMENT, digits=hashes[STATEMENT]
        ),
    }


def _figures_in(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        block
        for section in data["sections"]
        for block in section["blocks"]
        if block["kind"] == "figure"
    ]


def _compile_with(data: dict[str, Any], root: Path) -> bytes:
    text = json.dumps(data, ensure_ascii=False)
    (root / "data.json").write_text(text, encoding="utf-8")
    return _compile(root, "report.typ")


def _compile(root: Path, page: str) -> bytes:
    import typst

    # No font of this machine: elsewhere the same report must have the same bytes.
    compiler = typst.Compiler(root / page, root=root, ignore_system_fonts=True)
    content = compiler.compile(format="pdf", pdf_standards=list(_STANDARDS))
    assert isinstance(content, bytes)  # of one document
    return content


def _replace_unfit_pictures(data: dict[str, Any], root: Path) -> bool:
    """Put a notice in the place of each picture that no page can show; return whether there is any.

    What is attached to a finding cannot be taken away, and must not make its report impossible.
    """
    import typst

    page, is_changed = root / "picture.typ", False
    for block in _figures_in(data):
        # The name of the file is ours, from a number and a known ending.
        page.write_text(f'#set document(title: "x")\n#image("{block["file"]}", alt: "x")')
        try:
            _compile(root, page.name)
        except typst.TypstError as error:
            _make_notice(block, error.message)
            is_changed = True
    return is_changed


def _make_notice(block: dict[str, Any], reason: str) -> None:
    """Make a notice of the block of a picture."""
    text = _("{caption} It is attached, and cannot be shown on a page: {why}.").format(
        caption=block["caption"].rstrip(".") + ".", why=reason
    )
    block.clear()
    block.update(kind="notice", text=text)


FORMATS = (".pdf", ".html", ".json")


def write_json(statement: Statement | Mapping[str, Any]) -> bytes:
    """Return a report in JSON."""
    values = statement.to_dict() if isinstance(statement, Statement) else statement
    text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return text.encode("utf-8")


def render(
    statement: Statement | Mapping[str, Any],
    template: Template,
    kind: str,
    bundle: bytes | None = None,
) -> bytes:
    """Return a report as the content of a file.

    Parameters
    ----------
    statement : Statement or mapping
        Of a mapping, as it is read from a report in JSON.
    template : Template
    kind : str
        One of `FORMATS`.
    bundle : bytes, optional
        The bundle that a PDF has inside.

    Raises
    ------
    ForensicsError
        If the PDF needs what is not installed, or the template's page is wrong.
    """
    if kind == ".json":
        return write_json(statement)
    if not isinstance(statement, Statement):
        statement = read_statement(statement)
    front, sections = lay_out_front(statement, template), lay_out(statement, template)
    if kind == ".html":
        return write_html(front, sections, template).encode("utf-8")
    return write_pdf(statement, front, sections, template, bundle)
