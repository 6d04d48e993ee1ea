"""A statement as a file: JSON, a page of HTML, or a PDF; the same bytes for the same statement."""

import base64
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from forensics import paper
from forensics.clock import day_in_words
from forensics.errors import ForensicsError
from forensics.messages import N_, _
from forensics.report.blocks import Block, Section
from forensics.report.figures import MOST_PIXELS, pixels
from forensics.report.layout import lay_out, title_of
from forensics.report.protection import notices_of_law
from forensics.report.template import Template

__all__ = ["FORMATS", "render"]

# Of reports; one that is not here is told by its code.
_LANGUAGES = {
    "en": N_("English"),
    "es": N_("Spanish"),
    "fr": N_("French"),
    "pt": N_("Portuguese"),
}

FORMATS = (".pdf", ".html", ".json")


def render(statement: dict, template: Template, kind: str) -> bytes:
    """Return a report as the content of a file.

    Parameters
    ----------
    statement : dict
        With ``draft``: reasons why it is one; empty where it is none.
    template : Template
    kind : str
        One of `FORMATS`.

    Raises
    ------
    ForensicsError
        If the PDF needs what is not installed, or the template's page is wrong.
    """
    if kind == ".json":
        text = json.dumps(statement, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        return text.encode("utf-8")
    sections = lay_out(statement, template)
    if kind == ".html":
        return _html(statement, template, sections).encode("utf-8")
    return _pdf(statement, template, sections)


def _head(statement: dict) -> list[tuple[str, str]]:
    report, ledger = statement["report"], statement["ledger"]
    rows = [
        (_("Report number"), report["number"]),
        (_("Case"), statement["case"]["id"]),
        (_("Date of issue"), report["issued"] and day_in_words(report["issued"])),
        (_("Replaces"), report["replaces"]),
        (_("Customer"), statement["customer"]["name"]),
        (_("Ledger fingerprint"), ledger["fingerprint"]),
    ]
    return [(label, value) for label, value in rows if value]


def _notices(statement: dict) -> list[str]:
    """Return what stands before everything: why it is a draft, and what language has authority."""
    found = []
    if statement["draft"]:
        found.append(
            _("Draft, not to be relied on: {why}").format(why=" ".join(statement["draft"]))
        )
    authoritative = statement["report"]["language"]
    if authoritative and authoritative != statement["shown_in"]:
        found.append(
            _("This is a translation; the authoritative version is that in “{language}”.").format(
                language=_(_LANGUAGES.get(authoritative, authoritative))
            )
        )
    return found + notices_of_law(statement)


def _mark(statement: dict) -> str:
    if statement["ledger"]["kind"] == "training":
        return _("TRAINING")
    return _("DRAFT") if statement["draft"] else ""


def _laboratory(statement: dict) -> list[str]:
    found = statement["laboratory"]
    lines = [*(found["address"] or "").splitlines()]
    if found["accreditation"]:
        lines.append(_("Accreditation: {number}").format(number=found["accreditation"]))
    return lines


# -- HTML -------------------------------------------------------------------------------

_STYLE = """
.head p { margin: 0 } .notice { border: 1.5px solid #a3161b; padding: 2mm 3mm; margin: 3mm 0 }
.mark { color: #a3161b; font-weight: 700; letter-spacing: .1em }
figure { margin: 4mm 0; break-inside: avoid } figure img { max-width: 100% } figcaption { font-size: 9pt }
.sign { margin-top: 12mm; border-top: .5px solid #1a1a1a; width: 95mm; padding-top: 1mm }
.end { text-align: center; color: #555; margin-top: 10mm }
"""


def _html(statement: dict, template: Template, sections: Sequence[Section]) -> str:
    parts = ['<div class="head">']
    if template.logo:
        parts.append(_image(template.logo_kind, base64.b64encode(template.logo).decode(), "", 20))
    name = statement["laboratory"]["name"] or ""
    parts += [paper.paragraph(line) for line in (*template.letterhead, name)]
    parts += [paper.paragraph(line) for line in _laboratory(statement)]
    parts.append("</div>")
    if mark := _mark(statement):
        parts.append(f'<p class="mark">{paper.escaped(mark)}</p>')
    parts.append(paper.facts(*_head(statement)))
    parts += [_notice(text) for text in _notices(statement)]
    for section in sections:
        parts.append(paper.heading(2, section.heading))
        parts += [_as_html(block) for block in section.blocks]
    end = paper.escaped(_("End of the report"))
    parts.append(f'<p class="end">— {end} —</p>')
    style = _STYLE + f"h1, h2 {{ color: {template.colour}; border-color: {template.colour} }}"
    return paper.document(title_of(statement), parts, style=style)


def _as_html(block: Block) -> str:
    said = block.to_dict()
    if said["kind"] == "text":
        label = paper.heading(said["level"], said["label"]) if said["label"] else ""
        return label + "".join(map(paper.paragraph, said["paragraphs"]))
    if said["kind"] == "facts":
        return paper.facts(*said["rows"])
    if said["kind"] == "table":
        rows = [tuple(map(paper.escaped, row)) for row in said["rows"]]
        return paper.table(said["head"], rows)
    if said["kind"] == "notice":
        return _notice(said["text"])
    if said["kind"] == "figure":
        image = _image(said["image"], said["base64"], said["alternative"])
        return f"<figure>{image}<figcaption>{paper.escaped(said['caption'])}</figcaption></figure>"
    return "".join(
        f'<div class="sign">{paper.escaped(", ".join(filter(None, row[1::-1] + row[2:])))}</div>'
        for row in said["rows"]
    )


def _notice(text: str) -> str:
    return f'<p class="notice">{paper.escaped(text)}</p>'


def _image(kind: str, content: str, alternative: str, height: int | None = None) -> str:
    media = {"png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg"}[kind]
    size = f' style="height:{height}mm"' if height else ""
    return f'<img alt="{paper.escaped(alternative)}"{size} src="data:{media};base64,{content}">'


# -- PDF --------------------------------------------------------------------------------

# For archives and for readers who cannot see: both are checked while it is written.
_STANDARDS = ["a-2a", "ua-1"]


def _pdf(statement: dict, template: Template, sections: Sequence[Section]) -> bytes:
    if importlib.util.find_spec("typst") is None:
        raise ForensicsError(
            _(
                "A PDF needs typst: install the extra with pip install 'wildlife-forensics[report]', "
                "or write the report as .html."
            )
        )
    import typst

    with TemporaryDirectory() as folder:
        root = Path(folder)
        data = _data(statement, template, sections)
        for section in data["sections"]:
            for block in section["blocks"]:
                if block["kind"] == "figure":
                    content = base64.b64decode(block.pop("base64"))
                    if (size := pixels(content)) > MOST_PIXELS:
                        _unfit(block, _("it has {n} million pixels").format(n=size // 10**6))
                        continue
                    block["file"] = f"figure{len(list(root.iterdir()))}.{block['image']}"
                    (root / block["file"]).write_bytes(content)
        if template.logo:
            data["logo"] = f"logo.{template.logo_kind}"
            (root / data["logo"]).write_bytes(template.logo)
        text = json.dumps(data, ensure_ascii=False)
        (root / "data.json").write_text(text, encoding="utf-8")
        (root / "report.typ").write_text(template.page, encoding="utf-8")
        try:
            return _compiled(root, "report.typ")
        except typst.TypstError as first:
            why = first
            if _without_unfit(data, root):
                text = json.dumps(data, ensure_ascii=False)
                (root / "data.json").write_text(text, encoding="utf-8")
                try:
                    return _compiled(root, "report.typ")
                except typst.TypstError as second:
                    why = second
            raise ForensicsError(
                _(
                    "The page cannot be written: {error}. If a letter has no sign in the fonts of "
                    "the template, write the report as .html."
                ).format(error=why.message)
            ) from why


def _compiled(root: Path, page: str) -> bytes:
    import typst

    # No font of this machine: elsewhere the same report must have the same bytes.
    return typst.Compiler(root / page, root=root, ignore_system_fonts=True).compile(
        format="pdf", pdf_standards=_STANDARDS
    )


def _without_unfit(data: dict, root: Path) -> bool:
    """Put a notice in the place of each picture that no page can show; return whether there is one.

    What is attached to a finding cannot be taken away, and must not make its report impossible.
    """
    import typst

    page, changed = root / "picture.typ", False
    for section in data["sections"]:
        for block in section["blocks"]:
            if block["kind"] != "figure":
                continue
            # The name of the file is ours, from a number and a known ending.
            page.write_text(f'#set document(title: "x")\n#image("{block["file"]}", alt: "x")')
            try:
                _compiled(root, page.name)
            except typst.TypstError as error:
                _unfit(block, error.message)
                changed = True
    return changed


def _unfit(block: dict, why: str) -> None:
    """Make a notice of the block of a picture."""
    text = _("{caption} It is attached, and cannot be shown on a page: {why}.").format(
        caption=block["caption"].rstrip(".") + ".", why=why
    )
    block.clear()
    block.update(kind="notice", text=text)


def _data(statement: dict, template: Template, sections: Sequence[Section]) -> dict:
    people = [one["analyst_name"] for one in statement["findings"]]
    # Archives ask for a date; without a day of issue it is that of the last event.
    day = statement["report"]["issued"] or statement["timeline"][-1]["recorded_at"]
    return {
        "day": [int(day[:4]), int(day[5:7]), int(day[8:10])],
        "title": title_of(statement),
        "language": statement["shown_in"],
        "number": statement["report"]["number"] or _("without a number"),
        "authors": list(dict.fromkeys(people)),
        "colour": template.colour,
        "footer": template.footer,
        "letterhead": list(template.letterhead),
        "logo": None,
        "laboratory": {
            "name": statement["laboratory"]["name"] or "",
            "lines": _laboratory(statement),
        },
        "mark": _mark(statement),
        "head": _head(statement),
        "notices": _notices(statement),
        "sections": [section.to_dict() for section in sections],
        "words": {
            "page": _("Page {page} of {pages}"),
            "end": _("End of the report"),
            "date": _("Date:"),
        },
    }
