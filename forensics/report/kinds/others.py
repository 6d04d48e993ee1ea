"""The words of what people examined themselves, and of results whose form is not known here."""

from collections.abc import Iterator

from forensics.messages import _
from forensics.report.kinds.form import Part, as_recorded, part

__all__ = ["headline", "parts"]


def parts(finding: dict) -> Iterator[Part]:
    """Yield what was recorded, as it was recorded."""
    yield from part("found", [finding["explanation"] or finding["text"]])
    if not finding["result"]:
        yield from part(
            "assumed",
            [
                _(
                    "This is what the examiner wrote down. No figures and no error rate are on record; "
                    "the method of the report says how it was examined."
                )
            ],
        )
    else:
        yield from part("backing", [as_recorded(finding)])


def headline(finding: dict) -> str:
    """Return the result in a line."""
    result = finding["result"] or {}
    return str(result.get("result") or finding["explanation"] or finding["text"] or "")
