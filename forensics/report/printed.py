"""A report in PDF, taken apart: what is inside it, and whether its pages print that.

The pages are written again from the statement inside. Typst gives the same bytes for the same statement, so that a
letter changed on a page, in the statement or in the bundle is a difference of bytes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import forensics
from forensics.core.stored import WrongRecord
from forensics.custody import verify_bundle
from forensics.custody.budgets import MAX_PDF_BYTES
from forensics.custody.verify_bundle import Fault, Pdf, Reference
from forensics.errors import InputError
from forensics.io.files import AnyPath, read_limited
from forensics.messages import _
from forensics.report.layout import Template
from forensics.report.pages import BUNDLE, STATEMENT, render
from forensics.report.problems import Problem

_MAX_PAGES = 5000  # of a report that is compared page by page
_MAX_NAMED = 10  # pages or objects that are named as different

# What a signature changes of the objects that were there: that there is a form, and a field on a page.
_OF_CATALOGUE = {"/AcroForm", "/Extensions", "/Perms", "/Version"}
_OF_PAGE = {"/Annots"}
_OF_FORM = {"/Fields", "/SigFlags"}
# A field without an appearance and an action, so that nothing of it is seen.
_OF_FIELD = {"/F", "/FT", "/P", "/Rect", "/Subtype", "/T", "/Type", "/V"}


@dataclass(frozen=True)
class Printed:
    """A report in PDF.

    Attributes
    ----------
    path : Path
    content : bytes
    pdf : Pdf
        Its objects as a reader of PDF shows them, after everything that was added.
    files : dict of str to bytes
        What is attached to it, by name.
    """

    path: Path
    content: bytes
    pdf: Pdf
    files: Mapping[str, bytes]

    @property
    def written(self) -> bytes:
        """The file as it was written first."""
        return self.content[: self.pdf.ends[0]]

    @cached_property
    def is_added_to(self) -> bool:
        """Whether something was added behind it, such as a signature."""
        return len(self.content) > self.pdf.ends[0]

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each attached file, by its name."""
        return {name: sha256(content).hexdigest() for name, content in self.files.items()}


def is_pdf(start: bytes) -> bool:
    """Whether a file that begins so is a PDF."""
    return start.startswith(b"%PDF-")


def read_printed(path: AnyPath) -> Printed:
    """Read a report in PDF.

    Raises
    ------
    InputError
        If it cannot be read as one: it is damaged, encrypted, too large, or has no statement inside.
    """
    content = read_limited(path, MAX_PDF_BYTES)
    try:
        pdf = Pdf(content)
        files = pdf.files()
    except Fault as fault:
        raise InputError(
            _("This PDF cannot be read as a report: {fault}").format(fault=fault), source=str(path)
        ) from fault
    if STATEMENT not in files:
        raise InputError(
            _(
                "This PDF has no file {name} inside, as reports have that were built by this software."
            ).format(name=STATEMENT),
            source=str(path),
        )
    return Printed(Path(path), content, pdf, files)


def check_printed(
    printed: Printed, statement: Mapping[str, Any], template: Template
) -> list[Problem]:
    """Return where a report in PDF is something else than the statement inside it, and its bundle does not hold.

    Parameters
    ----------
    printed : Printed
    statement : mapping
        What is inside, as it was read; `forensics.report.linter.check` found its form right.
    template : Template
        With which it was written.
    """
    strange = sorted(printed.files.keys() - {STATEMENT, BUNDLE})
    problems = [Problem("INSIDE", "files", name) for name in strange]
    if BUNDLE in printed.files:
        problems += _check_bundle(printed, statement)
    problems += find_added(printed)
    if others := list(_other_versions(statement, template)):
        return [*problems, Problem("UNCOMPARED", "pages", "; ".join(others))]
    try:
        again = render(statement, template, ".pdf", printed.files.get(BUNDLE))
    except WrongRecord as error:
        return [*problems, Problem("PRINTED", error.place, error.found)]
    if printed.written == again:
        return problems
    then, now = map(_typst_of, (printed.written, again))
    if then != now:
        return [*problems, Problem("UNCOMPARED", "pages", f"{then} ≠ {now}")]
    return [*problems, *_find_differences(printed, again)]


def _check_bundle(printed: Printed, statement: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what does not hold in the bundle inside, by the verifier that goes with it."""
    try:
        bundle = verify_bundle.check(printed.path)
    except Fault as fault:
        yield Problem("INSIDE", BUNDLE, str(fault))
        return
    stated = statement["ledger"]["id"], statement["case"]["id"]
    if stated != (bundle.ledger, bundle.case):
        yield Problem("INSIDE", BUNDLE, f"{bundle.ledger}, {bundle.case}")


def _other_versions(statement: Mapping[str, Any], template: Template) -> Iterator[str]:
    """Yield what wrote a report and is another version now: for that alone its pages may differ."""
    named = _("template {name}").format(name=template.name)
    stated = (statement.get("template") or {}).get("sha256")
    for name, then, now in (
        ("forensics", statement["software"]["version"], forensics.__version__),
        (named, stated, template.sha256),
    ):
        if then != now:
            yield f"{name}: {then} ≠ {now}"


def _typst_of(content: bytes) -> str:
    """Return which version of Typst wrote a PDF, as it says itself: ``Typst 0.15.1``."""
    found = re.search(rb"<xmp:CreatorTool>([ -~]{1,60}?)</", content)
    return found[1].decode("ascii") if found else "?"


def _find_differences(printed: Printed, again: bytes) -> Iterator[Problem]:
    """Find what of a PDF differs from what the statement inside gives."""
    other = Pdf(again)
    files = other.files()
    for name in sorted(files.keys() & printed.files.keys()):
        if files[name] != printed.files[name]:
            yield Problem("INSIDE", name, sha256(printed.files[name]).hexdigest())
    try:
        was = Pdf(printed.written)
        pages = _differing(list(_pages(was)), list(_pages(other)))
        objects = [] if pages else _differing_objects(was, other)
    except Fault as fault:
        yield Problem("PRINTED", "pages", str(fault))
        return
    if pages:
        found = _("page {numbers}").format(numbers=", ".join(map(str, pages[:_MAX_NAMED])))
    elif objects:
        found = _("object {numbers}").format(numbers=", ".join(map(str, objects[:_MAX_NAMED])))
    else:
        found = _("bytes between the objects")
    yield Problem("PRINTED", "pages", found)


def _differing(one: list[bytes], other: list[bytes]) -> list[int]:
    """Return the numbers of pages that are not the same in both."""
    most = max(len(one), len(other))
    return [
        place + 1 for place in range(most) if one[place : place + 1] != other[place : place + 1]
    ]


def _pages(pdf: Pdf) -> Iterator[bytes]:
    """Yield what is drawn on each page, in their order."""
    left: list[Any] = [pdf.members(pdf.root).get("/Pages")]
    seen: set[int] = set()
    while left:
        number = left.pop()
        if not isinstance(number, Reference) or number in seen or len(seen) > _MAX_PAGES:
            raise Fault("its list of pages is damaged")
        seen.add(number)
        about = pdf.members(number)
        if about.get("/Type") == "/Page":
            drawn = about.get("/Contents")
            yield pdf.stream(drawn) if isinstance(drawn, Reference) else b""
        else:
            children = pdf.object(about.get("/Kids"))
            left += reversed(children if isinstance(children, list) else [None])


def _differing_objects(one: Pdf, other: Pdf) -> list[int]:
    """Return the numbers of objects that are not the same in both."""
    numbers = sorted({number for pdf in (one, other) for number in pdf.places if number})
    return [number for number in numbers if _object(one, number) != _object(other, number)]


def _object(pdf: Pdf, number: int) -> tuple[Any, bytes]:
    if not pdf.places.get(number):
        return None, b""
    value = pdf.object(Reference(number))
    has_stream = isinstance(value, dict) and "/Length" in value
    return value, pdf.stream(number) if has_stream else b""


def find_added(printed: Printed) -> list[Problem]:
    """Return what was added behind a PDF and is more than a signature that nobody sees.

    Whoever signs could otherwise lay another text over a page, as the picture of the signature.
    """
    return [Problem("ADDED", "signature", found) for found in dict.fromkeys(_added(printed))]


def _added(printed: Printed) -> Iterator[str]:
    if not printed.is_added_to:
        return
    try:
        was, now = Pdf(printed.written), printed.pdf
        if was.root != now.root or was.trailers[0].get("/Info") != now.trailers[-1].get("/Info"):
            yield _("another catalogue")
            return
        fields: list[Any] = []
        for number, place in was.places.items():
            if now.places.get(number) == place:
                continue
            old, new = was.members(Reference(number)), now.members(Reference(number))
            is_page = old.get("/Type") == "/Page"
            free = _OF_CATALOGUE if number == was.root else _OF_PAGE if is_page else set()
            if {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} - free:
                yield _("object {numbers}").format(numbers=number)
            if is_page:
                before, after = old.get("/Annots", []), now.object(new.get("/Annots", []))
                if after[: len(before)] != before:
                    yield _("object {numbers}").format(numbers=number)
                fields += after[len(before) :]
        form = now.members(now.members(now.root).get("/AcroForm", {}))
        if form.keys() - _OF_FORM or now.object(form.get("/Fields", [])) != fields:
            yield _("a form")
        for field in map(now.members, fields):
            if field.keys() - _OF_FIELD or field.get("/Rect") != [0, 0, 0, 0]:
                yield _("a field that is seen")
    except (Fault, TypeError) as error:
        yield str(error)
