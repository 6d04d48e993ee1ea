"""The words of what people examined themselves, and of results whose form is not known here."""

from collections.abc import Iterator

from forensics.messages import _
from forensics.report.kinds.base import Narrator, Part, make_part, recomputation_text
from forensics.report.statement import Finding


def _parts(finding: Finding, _result: object) -> Iterator[Part]:
    """Yield what was recorded, as it was recorded."""
    yield from make_part("found", [finding.explanation or finding.text])
    if not finding.result:
        yield from make_part(
            "assumed",
            [
                _(
                    "This is what the examiner wrote down. No figures and no error rate are on record; "
                    "the method of the report says how it was examined."
                )
            ],
        )
    else:
        yield from make_part("backing", [recomputation_text(finding)])


def _headline(finding: Finding, _result: object) -> str:
    return str((finding.result or {}).get("result") or finding.explanation or finding.text or "")


NARRATOR: Narrator[object] = Narrator(_parts, _headline)
