"""What a report says of a finding, from fixed templates; each kind has its own (`kinds`).

Nothing here is taken from a text that a program wrote when the finding was made: the words are
formed anew from its figures, in the language of the reader.
"""

from collections.abc import Iterator
from typing import Any

from forensics.report.kinds import (
    age,
    captive,
    generic,
    genotypes,
    identification,
    mixture,
    origin,
)
from forensics.report.kinds.base import Narrator, Part
from forensics.report.labels import KINDS, translated
from forensics.report.statement import Finding, kind_of
from forensics.verbal import SCALE

NARRATORS: dict[str, Narrator[Any]] = {
    "identification": identification.NARRATOR,
    "mixture": mixture.NARRATOR,
    "origin": origin.NARRATOR,
    "individual": genotypes.NARRATOR,
    "captive": captive.NARRATOR,
    "age": age.NARRATOR,
    "other": generic.NARRATOR,
}
"""What puts the results of each kind into words."""


def subject_of(finding: Finding) -> str:
    """Return what a finding is of, in the language of the reader."""
    return translated(KINDS[kind_of(finding.kind, finding.result)])


def parts(finding: Finding) -> Iterator[Part]:
    """Yield what a report says of a finding, part by part.

    Parameters
    ----------
    finding : Finding
        Of a statement (`forensics.report.collecting.collect`).
    """
    yield from NARRATORS[finding.read.kind].parts(finding, finding.read.result)


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
    return NARRATORS[finding.read.kind].headline(finding, finding.read.result)
