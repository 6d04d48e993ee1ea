"""Words for codes: kinds of findings, roles, outcomes, events of custody.

The ledger has codes, and a reader of English gets those of events as they are, so that a report can be held against
it. In every other language they are translated; the number of an event leads back.
"""

from forensics.custody.registry import TYPES
from forensics.messages import N_, _, language

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
"""What findings are of."""


BASES = {
    "seizure": N_("Protection of {taxon} on {day}, the day of the seizure"),
    "receipt": N_(
        "Protection of {taxon} on {day}, the day of receipt; the day of the seizure is not known"
    ),
    "finding": N_(
        "Protection of {taxon} on {day}, the day of the finding; the day of the seizure is not "
        "known"
    ),
}


REVIEWS = {
    "technical": N_("Technical review by {name} on {day}: {outcome}"),
    "administrative": N_("Administrative review by {name} on {day}: {outcome}"),
}


ROLES = {
    "administrator": N_("administrator"),
    "analyst": N_("analyst"),
    "custodian": N_("custodian"),
    "manager": N_("manager"),
    "outside": N_("of another agency"),
    "reviewer": N_("reviewer"),
    "witness": N_("witness"),
}


OUTCOMES = {"agrees": N_("agrees"), "disagrees": N_("disagrees")}


# ISO 21043-5:2025 and ENFSI 2015 tell these apart: a probability needs its prior, a ratio its two propositions,
# an estimation its uncertainty.
OPINIONS = {
    "likelihood_ratio": N_("likelihood ratio"),
    "probability": N_("probability"),
    "estimation": N_("estimation"),
    "other": N_("other"),
}


WORDS = {
    # Runs and their controls.
    "extraction": N_("extraction"),
    "amplification": N_("amplification"),
    "sequencing": N_("sequencing"),
    "opinions": N_("opinions"),  # a competence
    "blank": N_("blank"),
    "negative": N_("negative"),
    "positive": N_("positive"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    # Findings.
    "identification": N_("identification"),
    "origin": N_("origin"),
    "individual": N_("individual"),
    "sex": N_("sex"),
    "age": N_("age"),
    "morphology": N_("morphology"),
    "other": N_("other"),
}
"""Codes that stand in fields, to words; English has one word for both."""


def translated(label: str) -> str:
    """Return a label in the language of the reader."""
    # Under a name of its own: a key in the brackets would be taken for a text to be translated.
    return _(label)


def event_name(code: str) -> str:
    """Return what an event was."""
    if language() == "en" or code not in TYPES:
        return code
    noun = TYPES[code].noun
    return _(noun)


def word(code: str | None) -> str | None:
    """Return the word for a code of a field; what is not a code, somebody's own words, stays."""
    return code and _(WORDS.get(code, code))
