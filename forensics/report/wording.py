"""What a report says of a finding, from fixed templates; each kind has its own (`kinds`).

Nothing here is taken from a text that a program wrote when the finding was made: the words are
formed anew from its figures, in the language of the reader.
"""

from collections.abc import Iterator

from forensics.messages import N_, _
from forensics.report.cautious import PRIORS, cautious_call, is_call, is_mixture, not_excluded
from forensics.report.kinds import age, captive, identification, individual, mixture, origin, others
from forensics.report.kinds.form import Part
from forensics.verbal import SCALE

__all__ = [
    "KINDS",
    "PRIORS",
    "cautious_call",
    "headline",
    "in_words",
    "is_call",
    "is_mixture",
    "kind_of",
    "not_excluded",
    "parts",
    "sentences",
    "translated",
]

KINDS = {
    "identification": N_("Species"),
    "mixture": N_("Species in a mixture"),
    "origin": N_("Geographic origin"),
    "individual": N_("Individual and kin"),
    "captive": N_("Wild or captive"),
    "sex": N_("Sex"),
    "age": N_("Age"),
    "morphology": N_("Morphology"),
    "other": N_("Other findings"),
}


def translated(text: str) -> str:
    """Translate a text that stands in a table.

    Under a name of its own: a key in the brackets would be taken for a text to be translated.
    """
    return _(text)


def kind_of(finding: dict) -> str:
    """Return the key of `KINDS` that a finding is of; the ledger puts some of them together."""
    result = finding["result"] or {}
    if is_mixture(finding):
        return "mixture"
    if finding["kind"] == "individual" and "likelihood_ratio" in result and "p_values" in result:
        return "captive"
    return finding["kind"]


def _words(finding: dict):
    """Return the module that words a finding."""
    result = finding["result"] or {}
    known = {
        "identification": (identification, is_call(finding)),
        "mixture": (mixture, True),
        "origin": (origin, "status" in result and "kind" in result),
        "individual": (individual, bool({"matches", "claim", "links", "by_chance"} & set(result))),
        "captive": (captive, True),
        "age": (age, "method" in result),
    }
    module, fits = known.get(kind_of(finding), (others, True))
    return module if fits else others


def parts(finding: dict) -> Iterator[Part]:
    """Yield what a report says of a finding, part by part.

    Parameters
    ----------
    finding : dict
        Of a statement (`forensics.report.collecting.collect`).
    """
    yield from _words(finding).parts(finding)


def in_words(finding: dict) -> bool:
    """Return whether a finding uses the words of the verbal scale, which is then printed."""
    return any(
        SCALE in text
        for part in parts(finding)
        if part.name == "strength"
        for text in part.paragraphs
    )


def sentences(finding: dict) -> Iterator[str]:
    """Yield the sentences of a finding, in their order, without its tables."""
    for part in parts(finding):
        yield from part.paragraphs


def headline(finding: dict) -> str:
    """Return the result in a line, for a summary."""
    return _words(finding).headline(finding)
