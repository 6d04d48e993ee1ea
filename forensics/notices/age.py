"""Notices of an age: radiocarbon, a series of it, methylation."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

NO_YEAR_FITS = NoticeKind(
    "NO_YEAR_FITS",
    Severity.BLOCKS,
    N_(
        "No year before the seizure explains this value: the nearest is {distance:.1f} "
        "standard deviations away. A wrong zone, contamination, diet from the sea, or a "
        "date of seizure that is not right may be the reason; no year is given."
    ),
    meaning="Every year up to the seizure is more than 3 standard deviations away.",
    advice="Give no year. Check the zone of the curve, the pretreatment, the diet and the day of the seizure.",
)
NO_FIT = NoticeKind(
    "NO_FIT",
    Severity.BLOCKS,
    {
        "joint": N_(
            "No year and growth rate between the bounds explain these samples together (check of fit: "
            "p = {p}, must be above {level}), so no date is given. Distances counted from the wrong end, another "
            "zone, a sample of another object or a wrong bound of growth may be the reason."
        ),
        "direction": N_(
            "Distances counted from the other end explain these samples far better (check"
            " of fit: p = {p}, must be above {level}), so no date is given."
        ),
    },
    meaning="The [check of fit](age.md#radiocarbon) refuses the series, so no date is given.",
    advice="Look up from which end the distances were measured, the zone, the bounds of growth, and whether "
    "all samples are of one object.",
)
CURVE_ENDS = NoticeKind(
    "CURVE_ENDS",
    Severity.LIMITS,
    N_(
        "The curve ends in {end:.1f}, the seizure is of {until:.1f}: years between them could "
        "not be considered."
    ),
    meaning="The curve ends before the seizure.",
    advice="Use a curve that reaches the seizure, if there is one.",
)
AFTER_CURVE = NoticeKind(
    "AFTER_CURVE",
    Severity.LIMITS,
    N_(
        "This tissue may have formed after the end of the curve. What is said of "
        "formation after a date is then a lower bound, and nothing is said of death "
        "before a date."
    ),
    meaning="The value is near to that at the end of the curve.",
    advice="Use a curve that reaches the seizure, if there is one.",
)
POSITION_UNKNOWN = NoticeKind(
    "POSITION_UNKNOWN",
    Severity.LIMITS,
    N_(
        "Where in the object the sample was taken is not recorded: nothing can be said about "
        "death before a date."
    ),
    meaning="`--position` was not given.",
    advice="Look up where the sample was taken; only of tissue that formed last anything is said about death before a date.",
)
SAMPLE_OFF = NoticeKind(
    "SAMPLE_OFF",
    Severity.LIMITS,
    N_(
        "Sample {number} lies {distance:.1f} standard deviations from the best joint fit: "
        "uneven growth, another object, or a wrong distance."
    ),
    meaning="One sample of the series does not lie where the others place it.",
    advice="Check its distance and its label.",
)
RATE_AT_BOUND = NoticeKind(
    "RATE_AT_BOUND",
    Severity.LIMITS,
    N_("The growth rate lies at the bound that was given; the bound decides the result."),
    meaning="The likeliest growth rate is `--slowest` or `--fastest`.",
    advice="Ask whether growth can be slower or faster than that bound.",
)
OUTSIDE_TRAINING = NoticeKind(
    "OUTSIDE_TRAINING",
    Severity.LIMITS,
    N_(
        "The clock was trained on animals of {youngest:.1f} to {oldest:.1f} years; of "
        "others its interval says nothing."
    ),
    meaning="The animal is older or younger than all that the clock was trained on.",
    advice="Do not report the interval.",
)
BEYOND_LIFESPAN = NoticeKind(
    "BEYOND_LIFESPAN",
    Severity.LIMITS,
    N_(
        "The age is beyond the maximum lifespan on record, {lifespan:g} years. Clock, "
        "transform or life history may be of other samples than these."
    ),
    meaning="The age is beyond the `--lifespan` that was given.",
    advice="Check clock, transform and life history.",
)
NO_INTERVAL = NoticeKind(
    "NO_INTERVAL",
    Severity.LIMITS,
    N_(
        "This clock comes without known errors: how far the age may be off is not "
        "known. Test it on animals of known age of this species and tissue."
    ),
    meaning="A published clock has no prediction interval.",
    advice="Test it on animals of known age, or [train a clock](age.md#a-clock-of-your-own).",
)
SITES_MISSING = NoticeKind(
    "SITES_MISSING",
    Severity.INFORMS,
    N_("Typical values stand for {count} sites that were not measured."),
    meaning="Sites of the clock were not measured.",
    advice="Say so in the report.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
