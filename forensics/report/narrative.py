"""What a report says of a finding, from fixed templates; each kind has its own (`kinds`).

Nothing here is taken from a text that a program wrote when the finding was made: the words are
formed anew from its figures, in the language of the reader.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from forensics.report.kinds import age, captive, genotypes, identification, mixture, origin
from forensics.report.kinds.base import AS_RECORDED, Narrator, Part, asked
from forensics.report.labels import KINDS, translated
from forensics.report.reported import kind_of
from forensics.report.statement import Finding
from forensics.verbal import SCALE

NARRATORS: dict[str, Narrator[Any]] = {
    "identification": identification.NARRATOR,
    "mixture": mixture.NARRATOR,
    "origin": origin.NARRATOR,
    **genotypes.NARRATORS,
    "captive": captive.NARRATOR,
    "age": age.NARRATOR,
}
"""What puts the results of each kind into words; those of others are stated as they were recorded."""


def _narrator_of(finding: Finding) -> Narrator[Any]:
    return NARRATORS.get(finding.read.kind, AS_RECORDED)


def subject_of(finding: Finding) -> str:
    """Return what a finding is of, in the language of the reader."""
    return translated(KINDS.get(kind_of(finding)) or KINDS[finding.kind])


def parts(finding: Finding) -> Iterator[Part]:
    """Yield what a report says of a finding, part by part.

    Parameters
    ----------
    finding : Finding
        Of a statement (`forensics.report.collecting.collect`).
    """
    for part in _narrator_of(finding).parts(finding, finding.read.result):
        if part.name == "question":
            part = replace(part, paragraphs=(*part.paragraphs, *asked(finding)))
        yield part


def in_words(finding: Finding) -> bool:
    """Return whether a finding uses the words of the verbal scale, which is then printed."""
    return any(
        SCALE in text
        for part in parts(finding)
        if part.name == "strength"
        for text in part.paragraphs
    )


def sentences(finding: Finding) -> Iterator[str]:
    """Yield the sentences of a finding, in their order, without its tables."""
    for part in parts(finding):
        yield from part.paragraphs


def headline(finding: Finding) -> str:
    """Return the result in a line, for a summary."""
    return _narrator_of(finding).headline(finding, finding.read.result)


def sure(finding: Finding) -> tuple[str, ...]:
    """Return how sure a finding is, for the first page."""
    narrator = _narrator_of(finding)
    if narrator.sure is not None:
        return tuple(narrator.sure(finding, finding.read.result))
    return tuple(
        text for part in parts(finding) if part.name == "strength" for text in part.paragraphs
    )[:2]


def not_said(finding: Finding) -> tuple[str, ...]:
    """Return what a finding does not exclude, for the first page."""
    return tuple(text for part in parts(finding) if part.name == "open" for text in part.paragraphs)
