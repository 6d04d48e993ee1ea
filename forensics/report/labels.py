"""Labels of a report: headings, roles, outcomes and kinds, by their codes."""

from forensics.messages import N_, _

HEADINGS = {
    "summary": N_("Summary of findings"),
    "request": N_("Request and question"),
    "items": N_("Items received"),
    "custody": N_("Seals, quantities and what remains"),
    "method": N_("Method"),
    "runs": N_("Laboratory runs and controls"),
    "findings": N_("Findings"),
    "sampling": N_("Sampling, and what follows for items not examined"),
    "opinions": N_("Opinions and interpretation"),
    "outside": N_("Work by outside providers"),
    "limits": N_("Limits"),
    "scale": N_("Verbal scale of likelihood ratios"),
    "declaration": N_("Declaration and signatures"),
    "people": N_("People"),
    "timeline": N_("Chain of custody"),
    "provenance": N_("How each finding was reached"),
}

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
        "Protection of {taxon} on {day}, the day of receipt; that of the seizure is not known"
    ),
    "finding": N_(
        "Protection of {taxon} on {day}, the day of the finding; that of the seizure is not known"
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

OPINIONS = {
    "likelihood_ratio": N_("likelihood ratio"),
    "probability": N_("probability"),
    "estimation": N_("estimation"),
    "other": N_("other"),
}


def translated(label: str) -> str:
    """Return a label in the language of the reader."""
    # Under a name of its own: a key in the brackets would be taken for a text to be translated.
    return _(label)
