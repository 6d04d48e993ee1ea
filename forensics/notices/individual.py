"""Notices of individuals: matches, kin, parentage, networks of seizures."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

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
    N_("Counted as different seizures, though the names differ in case or blanks alone: {names}."),
    meaning="Names of seizures that differ in case or blanks alone.",
    advice="Write them alike where they are one.",
)
NO_FIT = NoticeKind(
    "NO_FIT",
    Severity.BLOCKS,
    {
        "fst": N_(
            "The reference does not describe these animals: FST between both is "
            "{observed}, and {expected} is expected (check of fit: p = {p}, must be above"
            " {level}). Animals of one place then look like kin or like one individual."
        ),
        "heterozygotes": N_(
            "The frequencies do not describe these animals: a share of {observed} of their genotypes "
            "is heterozygous, and {expected} is expected (check of fit: p = {p}, must be above {level}). "
            "They are of several populations, of an inbred one or of another than the reference, or "
            "more alleles dropped out than was stated. Animals of one place then look like kin or "
            "like one individual."
        ),
    },
    meaning="The allele frequencies of the reference do not describe these animals, so no network is stated.",
    advice="Use a reference of the population that these animals come from (`--reference`), or a theta that holds for them.",
)
FEW_HETEROZYGOTES = NoticeKind(
    "FEW_HETEROZYGOTES",
    Severity.LIMITS,
    N_(
        "{observed:.1%} of the genotypes are heterozygous; the frequencies, theta and "
        "dropout let expect {expected:.1%}. The samples are of several populations, of an"
        " inbred one, or of another than the reference. Animals of one place then look "
        "like kin or like one individual, and chance makes more links than is said here. "
        "A theta of about {theta:.2f} would explain it."
    ),
    meaning="Fewer heterozygotes than the frequencies and theta let expect.",
    advice="Look for null alleles and dropout; give animals of their own population with `--reference`, or a greater `--theta`.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
