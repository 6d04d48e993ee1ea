"""Notices of a call."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

UNCALIBRATED = NoticeKind(
    "UNCALIBRATED",
    Severity.LIMITS,
    {
        "library": N_(
            "This library has no calibration: how often such a call is right is not known."
        ),
        "loci": N_(
            "The library has no calibration for {loci}: how often such a call is right is "
            "not known."
        ),
    },
    meaning=N_(
        "The library was built without calibration, or holds too few species at this locus to "
        "learn from. How often such a call is right is not known."
    ),
    advice=N_("Report identity and differences, not a probability."),
)
UNIT_OF_SPECIES = NoticeKind(
    "UNIT_OF_SPECIES",
    Severity.INFORMS,
    N_(
        "By the records of this library the locus does not tell these {number} species apart: {names}. "
        "Which of them it is stays open."
    ),
    meaning=N_(
        "The species share sequences at this locus, or their sequences are mixed, by a test that was made when "
        "the library was built ([units](library.md#units)). The call is that it is one of them."
    ),
    advice=N_(
        "Report all of them, each with its listing. A nuclear marker or another locus may tell them apart."
    ),
)
SAMPLED_CALIBRATION = NoticeKind(
    "SAMPLED_CALIBRATION",
    Severity.CONTEXT,
    N_(
        "The library is large, and its calibration rests on {count} sampled records: how "
        "often such a call is right is known less exactly."
    ),
    meaning=N_(
        "The library has more than 60,000 haplotypes at this locus, and fewer records than usual "
        "were sampled to learn how often calls are right ([library](library.md))."
    ),
    advice=N_(
        "Say so where the probability matters; `library validate` tries the library on more of "
        "its records."
    ),
)
FLOOR_CHANGED = NoticeKind(
    "FLOOR_CHANGED",
    Severity.CONTEXT,
    N_(
        "With a floor other than {floor} the calibration does not hold; a plain rule decides "
        "and there is no probability."
    ),
    meaning=N_(
        "The calibration was learnt with the floor of 0.9; with another a plain rule decides and "
        "there is no probability."
    ),
    advice=N_("Leave `floor` as it is, unless you look for distant relatives."),
)
FAR_SPECIES_POSSIBLE = NoticeKind(
    "FAR_SPECIES_POSSIBLE",
    Severity.CONTEXT,
    N_(
        "Where nothing is near, the library may hold the species all the same, too far away to be found: with a "
        "probability of {probability:.1%} (prior {prior})."
    ),
    meaning=N_(
        "No record reaches the floor. With the prior as given the library may hold the species all the same. The "
        "probability is the same for every such sequence of the locus."
    ),
    advice=N_(
        "Write that nothing near was found. Do not write that the species is not in the library."
    ),
)
PRIOR_SENSITIVE = NoticeKind(
    "PRIOR_SENSITIVE",
    Severity.CONTEXT,
    N_(
        "The call rests on the assumption that the library holds the species with a "
        "probability of {prior}; at {even} {taxon} would have {probability:.1%}."
    ),
    meaning=N_(
        "The call rests on how likely the library was assumed to hold the species; it would not "
        "stand at even odds."
    ),
    advice=N_(
        "Ask yourself whether the library holds the species of the region; say the assumption in "
        "the report, or give `--in-library-prior 0.5`."
    ),
)
SINGLE_RECORD = NoticeKind(
    "SINGLE_RECORD",
    Severity.INFORMS,
    N_("Only one record stands behind {species}; if it is mislabelled, so is this call."),
    meaning=N_(
        "The species called has one record in the library. If that record is mislabelled, the "
        "call is wrong."
    ),
    advice=N_("Check the record's voucher; add records."),
)
SEVERAL_SPECIES = NoticeKind(
    "SEVERAL_SPECIES",
    Severity.INFORMS,
    N_("{number} species are not excluded: {names}."),
    meaning=N_("Only several species together reach the confidence. None of them is excluded."),
    advice=N_("Report them all, or the genus that they share. Sequence another locus."),
)
GENUS_RESTS_ON_FEW = NoticeKind(
    "GENUS_RESTS_ON_FEW",
    Severity.INFORMS,
    N_(
        "{genus} rests on {records} of {species} near the query, the nearest at "
        "{identity:.1%}. Of species that the library lacked in trials, at least "
        "{ceiling:.1%} with so few records near belonged to that genus; no more is claimed "
        "for it."
    ),
    meaning=N_(
        "The genus that was called, or is nearest, has fewer than 2 species or fewer than 5 "
        "records near the query. The message counts them. For a species that the library lacks "
        "[no more is claimed](decision-rule.md#what-a-genus-rests-on) for it than such genera "
        "were worth in trials."
    ),
    advice=N_(
        "Add records of the genus and of its neighbours. Quote the message where you report the "
        "genus."
    ),
)
DISTANT = NoticeKind(
    "DISTANT",
    Severity.INFORMS,
    N_(
        "The nearest record differs by {difference:.1%}: more than is usual within a "
        "species. The species itself may be missing from the library."
    ),
    meaning=N_("The nearest record differs by more than is usual within a species."),
    advice=N_("Take it that the species is missing from the library."),
)
NO_SPECIES_NAME = NoticeKind(
    "NO_SPECIES_NAME",
    Severity.INFORMS,
    N_("The nearest record, {accession}, is named only {name}."),
    meaning=N_("The nearest record has no species name (sp., cf., a hybrid)."),
    advice=N_("Report no species. Look for named records of the group."),
)
CRITERIA_NOT_MET = NoticeKind(
    "CRITERIA_NOT_MET",
    Severity.LIMITS,
    {
        "species": N_(
            "The evidence alone would name {species}; it is not called, because the criteria "
            "{profile} are not met: {why}"
        ),
        "unsampled": N_(
            "The evidence alone would name {species}; it is not called, because the criteria "
            "{profile} are not met: {why} Not excluded: {names}."
        ),
        "loci": N_("No locus by itself meets the criteria for {species}; they apply to each."),
    },
    meaning=N_(
        "The evidence alone would name a species, but the [criteria](reasons.md#criteria) that "
        "you asked for are not met. The message says which."
    ),
    advice=N_(
        "Add reference records with vouchers, from other institutions, of the species that are "
        "named as not excluded. Do not report the species."
    ),
)
ONE_LINEAGE = NoticeKind(
    "ONE_LINEAGE",
    Severity.CONTEXT,
    {
        "plastid": N_(
            "Plastids show one parental line; neither hybrid nor introgression is excluded."
        ),
        "mitochondrion": N_(
            "Mitochondria show one parental line; neither hybrid nor introgression is excluded."
        ),
    },
    meaning=N_("The locus is mitochondrial or of a plastid: the call names one parental line."),
    advice=N_("Say so in the report. See [one lineage](one-lineage.md)."),
)
DOMESTIC_FORM = NoticeKind(
    "DOMESTIC_FORM",
    Severity.LIMITS,
    {
        "one_species": N_(
            "{species} has wild and domestic animals, which this locus does not tell apart. "
            "Nuclear test: {test} ({source})."
        ),
        "several": N_(
            "Wild and domestic forms are not told apart here: {names}. Nuclear test: {test} "
            "({source})."
        ),
    },
    meaning=N_(
        "A wild species and its domestic form share this lineage. The message gives the set, the "
        "nuclear test and the source."
    ),
    advice=N_("Report the set. Make the nuclear test if the case turns on it."),
)
KNOWN_HYBRIDISATION = NoticeKind(
    "KNOWN_HYBRIDISATION",
    Severity.LIMITS,
    {
        "others": N_(
            "The line of {species} is known in others: {names} are not told apart. Nuclear "
            "test: {test} ({source})."
        ),
        "borrowed": N_(
            "{species} is known to bear the line of {lenders}, too, and this library does not show "
            "that this is its own: {names} are not told apart. Nuclear test: {test} ({source})."
        ),
        "hybrids": N_(
            "Hybrids are known of {names}, and bear the line of one parent. Nuclear test: "
            "{test} ({source})."
        ),
    },
    meaning=N_(
        "Hybrids are known, or others bear this lineage by introgression. The message gives the "
        "set, the nuclear test and the source."
    ),
    advice=N_("Report the set. Make the nuclear test if the case turns on it."),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
