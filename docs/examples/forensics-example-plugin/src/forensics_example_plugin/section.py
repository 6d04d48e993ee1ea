"""What a report says of an age by growth layers."""

from collections.abc import Iterator

from forensics.report.blocks import Table
from forensics.report.finding import Finding
from forensics.report.kinds import Narrator, Part
from forensics.report.kinds.base import make_part, noted_part, propositions, support
from forensics_example_plugin.layers import LayerAge

__all__ = ["SECTION"]


def _parts(finding: Finding, result: LayerAge) -> Iterator[Part]:
    yield from make_part(
        "question", [f"How old was the animal of sample {finding.sample} when it died?"]
    )
    yield from make_part(
        "propositions",
        propositions("The animal was of the age stated below.", "It was of another age."),
    )
    yield from make_part("method", ["The growth layers of a section of a tooth were counted."])
    rows = tuple((str(number), f"{count:g}") for number, count in enumerate(result.counts, 1))
    yield from make_part("found", [_headline(finding, result)], Table(("Count", "Layers"), rows))
    yield from make_part(
        "strength",
        ["No likelihood ratio is stated: the result is an estimation with its interval."],
    )
    yield from make_part(
        "assumed", ["That the species lays down as many layers a year as the reference says."]
    )
    yield from make_part("open", ["Ages outside the interval: 5 % of animals are expected there."])
    yield from make_part("backing", support(finding, "Reference"))
    yield from noted_part(finding)


def _headline(finding: Finding, result: LayerAge) -> str:
    return (
        f"The animal was about {result.age:.1f} years old ({result.low:.1f} to {result.high:.1f})."
    )


SECTION = Narrator(_parts, _headline)
