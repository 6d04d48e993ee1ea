"""Notices of individuals: matches, kin, parentage, networks of seizures."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

__all__ = [
    "FEW_HETEROZYGOTES",
    "KINDS",
    "NAMES_ALIKE",
    "NOT_ASSESSABLE",
    "NO_FIT",
]

NOT_ASSESSABLE = NoticeKind(
    "NOT_ASSESSABLE",
    Severity.BLOCKS,
    N_(
        "Not assessable: too few loci in common with the database (at most {loci}; {least} are "
        "needed)."
    ),
    meaning="Too few loci are typed in the sample and in the profiles that it is compared with.",
    advice="Type more loci.",
)

NAMES_ALIKE = NoticeKind(
    "NAMES_ALIKE",
    Severity.INFORMS,
    N_(
        "Counted as different seizures, though the names differ in case or blanks alone: "
        "{names}. Where they are one, write them alike."
    ),
    meaning="Names of seizures that differ in case or blanks alone.",
    advice="Write them alike where they are one.",
)
NO_FIT = NoticeKind(
    "NO_FIT",
    Severity.BLOCKS,
    meaning="The allele frequencies of the reference do not describe these animals, so no network is "
    "stated.",
    advice="Use a reference of the population that these animals come from.",
)
FEW_HETEROZYGOTES = NoticeKind(
    "FEW_HETEROZYGOTES",
    Severity.LIMITS,
    meaning="Fewer heterozygotes than the frequencies and theta let expect.",
    advice="Look for null alleles and dropout; give a greater `--theta`.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
