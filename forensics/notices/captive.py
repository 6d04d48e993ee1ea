"""Notices of wild or captive: what the measurements of a sample support."""

from forensics.core.notice import NoticeKind, Plural, Severity, index_kinds
from forensics.messages import N_

CONSIGNMENT = NoticeKind(
    "CONSIGNMENT",
    Severity.LIMITS,
    N_(
        "Alone, the sample would support {name}; all samples of consignment {consignment} "
        "together do not. Some samples of a place that the reference lacks look like one of "
        "its classes by chance, so nothing is stated of this one."
    ),
    meaning="Alone the sample would support a class; all samples of its consignment together do not.",
    advice="State what the consignment supports, and nothing of this sample alone.",
)
NOT_MEASURED = NoticeKind(
    "NOT_MEASURED",
    Severity.LIMITS,
    N_(
        "Not measured: {missing}. The sample is compared by {columns} alone; the classes "
        "were learned anew from these."
    ),
    meaning="Some measurements of the reference were not made of this sample.",
    advice="Measure them, if there is material left.",
)
INCOMPLETE_REFERENCE = NoticeKind(
    "INCOMPLETE_REFERENCE",
    Severity.CONTEXT,
    N_(
        "{count} of {total} samples of the reference lack one of these measurements and were "
        "left out."
    ),
    meaning="Samples of the reference lack a measurement of this sample and were left out.",
    advice="Use a reference that has them.",
)
NO_SCALE = NoticeKind(
    "NO_SCALE",
    Severity.CONTEXT,
    N_(
        "No header names the scale of {columns} (such as VPDB, VSMOW, AIR). Both tables must "
        "be on one scale; nobody checked that."
    ),
    meaning="No header of the tables names the scale of the measurements.",
    advice="Make sure that both tables are on one scale, and name it in the header.",
)
NO_GROUPS = NoticeKind(
    "NO_GROUPS",
    Severity.CONTEXT,
    N_(
        "No column of groups was named: samples of different names count as independent. "
        "Where several are of one animal or one facility, all figures here are too good."
    ),
    meaning="The reference names no groups, so samples of one animal or facility may count as "
    "independent.",
    advice="Name the column of groups with `--group-column`.",
)
SUSPECT_LABELS = NoticeKind(
    "SUSPECT_LABELS",
    Severity.CONTEXT,
    {
        "left_out": Plural(
            "The measurements of {count} reference sample contradict its label; {expected} such "
            "groups are expected where all labels are right (p = {p}): {shown}. They were left out: "
            "the result holds only if these labels are wrong.",
            "The measurements of {count} reference samples contradict their labels; {expected} such "
            "groups are expected where all labels are right (p = {p}): {shown}. They were left out: "
            "the result holds only if these labels are wrong.",
        ),
        "used": Plural(
            "The measurements of {count} reference sample contradict its label; "
            "{expected} such groups are expected where all labels are right (p = {p}): "
            "{shown}. They take away what the reference can support.",
            "The measurements of {count} reference samples contradict their labels; "
            "{expected} such groups are expected where all labels are right (p = {p}): "
            "{shown}. They take away what the reference can support.",
        ),
    },
    meaning="Samples of the reference whose label their own measurements contradict.",
    advice="Look up where they came from; `--without-suspects` leaves them out.",
)
FEW_FOR_CONFIDENCE = NoticeKind(
    "FEW_FOR_CONFIDENCE",
    Severity.CONTEXT,
    N_(
        "Left-out samples of this reference support no posterior above: {names}. The "
        "confidence is {confidence:g}, which no sample can reach for these classes."
    ),
    meaning="No sample can reach the confidence for some classes of this reference.",
    advice="Use a larger reference.",
)
OUT_OF_RANGE = NoticeKind(
    "OUT_OF_RANGE",
    Severity.LIMITS,
    N_(
        "The sample lies out of the range of {name}, the nearest class, so that class is not "
        "supported."
    ),
    meaning="The sample lies out of the range of the nearest class.",
    advice="Do not report that class. Ask whether the reference holds animals of that place and "
    "diet.",
)
PRIOR_SENSITIVE = NoticeKind(
    "PRIOR_SENSITIVE",
    Severity.LIMITS,
    N_(
        "With a prior of 0.5 the posterior of {name} would be below the confidence: the "
        "answer rests on the prior, too."
    ),
    meaning="The answer rests on the prior, too.",
    advice="Say so, and report the likelihood ratio.",
)
UNTESTED = NoticeKind(
    "UNTESTED",
    Severity.LIMITS,
    N_(
        "With its own group left out, no sample of {name} is supported: how often this "
        "answer is right is not known."
    ),
    meaning="No left-out sample of the class was supported, so how often this answer is right is not "
    "known.",
    advice="Report the likelihood ratio, not the posterior.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
