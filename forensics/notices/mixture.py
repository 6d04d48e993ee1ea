"""Notices of a mixture."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

NO_BLANKS = NoticeKind(
    "NO_BLANKS",
    Severity.CONTEXT,
    N_(
        "There are no blanks: contamination of this run is not known. {share:.0%} of the "
        "reads of a PCR stands in for a limit; it was not set from the run."
    ),
    meaning="The run has no blanks; 1 % of the reads of a PCR stands in for a limit.",
    advice="Do not report what is rare. Sequence blanks in the same run.",
)
JUMPS_UNKNOWN = NoticeKind(
    "JUMPS_UNKNOWN",
    Severity.CONTEXT,
    N_(
        "There are neither blanks nor unused tag pairs: how many reads jumped between "
        "samples is not known."
    ),
    meaning="There are neither blanks nor unused tag pairs: how many reads jumped between samples is "
    "not known.",
    advice="Do not report what is rare. Sequence blanks in the same run.",
)
EMPTY_CONTROL = NoticeKind(
    "EMPTY_CONTROL",
    Severity.CONTEXT,
    N_(
        "There is not one read in the file of {pcrs}. It counts as clean; a file that was"
        " not copied whole would look the same."
    ),
    meaning="The file of a control holds not one read. It counts as clean.",
    advice="Make sure that it was copied whole, and that the control was sequenced.",
)
ONE_PCR = NoticeKind(
    "ONE_PCR",
    Severity.LIMITS,
    N_("There is one PCR of this sample, and nothing that confirms what is in it."),
    meaning="The sample has one PCR, and nothing confirms what is in it.",
    advice="Amplify again, from another extract.",
)
FEW_READS = NoticeKind(
    "FEW_READS",
    Severity.LIMITS,
    N_("Fewer than {least} reads count in {pcrs}: what is rare may be missed."),
    meaning="Fewer than 1,000 reads count in a PCR; what is rare may be missed.",
    advice="Sequence deeper before you say that something is not there.",
)
READS_LOST = NoticeKind(
    "READS_LOST",
    Severity.INFORMS,
    N_(
        "Many reads were lost: {without} of {given} of the run have not both primers, or "
        "unknown tags; of {ready} of this sample {examined} could be merged and are good "
        "enough."
    ),
    meaning="More than half of the reads have not both primers, have unknown tags, could not be "
    "merged or are bad.",
    advice="Are primers, tags and the offset of qualities right? Is the amplicon too long to be "
    "merged?",
)
READS_NOT_TOLD = NoticeKind(
    "READS_NOT_TOLD",
    Severity.INFORMS,
    N_(
        "{count} of {examined} reads are in no sequence that can be told from errors: they "
        "have errors, or are of what is rare in all of the run."
    ),
    meaning="Less than half of the good reads are in sequences that can be told from errors.",
    advice="The library was of low quality or hardly repeated; sequence deeper.",
)
TAXON_IN_BLANK = NoticeKind(
    "TAXON_IN_BLANK",
    Severity.LIMITS,
    N_("Also in a blank: {taxa}. Nothing was subtracted."),
    meaning="Taxa of the sample that are also in a blank. Nothing was subtracted.",
    advice="Look at both counts. Report the taxon with those of the blank, or not at all.",
)
HUMAN_READS = NoticeKind(
    "HUMAN_READS",
    Severity.INFORMS,
    N_("{count} reads are human; they are not shown and not searched further."),
    meaning="Reads are human. They are counted, and not shown.",
    advice="Usual in mixtures that people handle. Deal with the working folder as your rules on "
    "personal data say.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
