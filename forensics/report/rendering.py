"""A statement as a file: JSON, a page of HTML, or a PDF; the same bytes for the same statement."""

import json
from collections.abc import Mapping
from typing import Any

from forensics.report.front_page import lay_out_front
from forensics.report.html_page import write_html
from forensics.report.layout import lay_out
from forensics.report.pdf_page import write_pdf
from forensics.report.statement import Statement, read_statement
from forensics.report.template import Template

__all__ = ["FORMATS", "render"]

FORMATS = (".pdf", ".html", ".json")


def render(statement: Statement | Mapping[str, Any], template: Template, kind: str) -> bytes:
    """Return a report as the content of a file.

    Parameters
    ----------
    statement : Statement or mapping
        Of a mapping, as it is read from a report in JSON.
    template : Template
    kind : str
        One of `FORMATS`.

    Raises
    ------
    ForensicsError
        If the PDF needs what is not installed, or the template's page is wrong.
    """
    if kind == ".json":
        values = statement.to_dict() if isinstance(statement, Statement) else statement
        text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        return text.encode("utf-8")
    if not isinstance(statement, Statement):
        statement = read_statement(statement)
    front, sections = lay_out_front(statement, template), lay_out(statement, template)
    if kind == ".html":
        return write_html(front, sections, template).encode("utf-8")
    return write_pdf(statement, front, sections, template)
