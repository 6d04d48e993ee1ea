"""Notices of what could not be examined: the result is ``unusable``."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

UNREADABLE = NoticeKind(
    "UNREADABLE",
    Severity.BLOCKS,
    "{reason}",  # the message of an error, which is translated already
    meaning=N_(
        "In Python, of several inputs: this file cannot be read, and the others were examined. "
        "The message says why. The command names it on standard error and leaves with 3."
    ),
    advice=N_(
        'Get the file again; look at the message. `identify(..., errors="raise")` stops instead.'
    ),
)
EMPTY = NoticeKind(
    "EMPTY",
    Severity.BLOCKS,
    N_("There is no sequence, only N or nothing."),
    meaning=N_("There is no sequence, or only N and gaps."),
    advice=N_("Look at the file; export it again."),
)
NOT_NUCLEOTIDE = NoticeKind(
    "NOT_NUCLEOTIDE",
    Severity.BLOCKS,
    {
        "": N_("{letter!r} at base {position} is not a nucleotide. {advice}"),
        "in_line": N_("line {number}: {message}"),
    },
    meaning=N_(
        "A letter is no nucleotide and no IUPAC code. The message names letter and place. Often "
        "a protein."
    ),
    advice=N_("Give the nucleotide sequence."),
)
TOO_SHORT = NoticeKind(
    "TOO_SHORT",
    Severity.BLOCKS,
    {
        "loci": N_("{length} bases are too few for {loci}."),
        "any": N_("Only {length} bases are left; at least {needed} are needed."),
    },
    meaning=N_(
        "Too few bases for any locus (30 for trnL, 73 for 12S, 100 for the others), or for the "
        "locus that you named."
    ),
    advice=N_("Sequence a longer piece."),
)
TOO_LONG = NoticeKind(
    "TOO_LONG",
    Severity.BLOCKS,
    N_("The sequence is longer than {limit} bases."),
    meaning=N_("More than 1,000,000 bases."),
    advice=N_("Give the locus or the organelle genome, not a nuclear chromosome."),
)
TOO_AMBIGUOUS = NoticeKind(
    "TOO_AMBIGUOUS",
    Severity.BLOCKS,
    N_(
        "{share:.1%} of the bases are ambiguous; at most {limit:.0%} can be examined, "
        "because an ambiguous base matches several others."
    ),
    meaning=N_(
        "More than 5 % of the bases are IUPAC codes such as N or R. They match several bases and "
        "could hide the difference between species."
    ),
    advice=N_(
        "Look at the chromatogram; sequence again. A mixture of two species looks like this, too."
    ),
)
LOW_QUALITY = NoticeKind(
    "LOW_QUALITY",
    Severity.BLOCKS,
    {
        "read": N_(
            "By its qualities {share:.0%} of the bases are wrong; at most {limit:.0%} can be "
            "examined."
        ),
        "chromatogram": N_("No stretch of good bases is left."),
    },
    meaning=N_(
        "Quality trimming left nothing of the chromatogram, or more than a tenth of a FASTQ read "
        "is wrong by its own qualities."
    ),
    advice=N_("Sequence the sample again."),
)
NOT_THIS_LOCUS = NoticeKind(
    "NOT_THIS_LOCUS",
    Severity.BLOCKS,
    {
        "low_complexity": N_(
            "The sequence repeats itself and is no barcode: its triplets hold {entropy:.1f} of 6 bits."
        ),
        "ribosomal": N_(
            "The sequence is not of {loci}: it is like ribosomal RNA of bacteria or plastids ({species})."
        ),
        "other_locus": N_("The sequence is not of {loci}: it is of {locus}."),
        "no_locus": N_(
            "The sequence is not of {loci}: it is like no sequence of it on either strand, however far apart "
            "the species."
        ),
    },
    meaning=N_(
        "The sequence is near to no record, and it is [of no locus](loci.md#not-of-the-locus) that was searched: it "
        "repeats itself, is ribosomal RNA of bacteria or plastids, is recognised as another locus, or is like no sequence "
        "of the locus. It is neither in the library nor missing from it, and there is no probability."
    ),
    advice=N_(
        "Ask what was amplified: bacteria, a vector, a nuclear sequence, another locus. Give the right `--locus` or library; "
        "amplify again with other primers."
    ),
)
READS_DISAGREE = NoticeKind(
    "READS_DISAGREE",
    Severity.BLOCKS,
    {
        "copies": N_(
            "{one} and {other} are one and the same read, which cannot confirm itself. "
            "One of them may have been saved under the name of its mate."
        ),
        "short_overlap": N_(
            "{name} and {others} have {overlap} bases in common; at least {least} are "
            "needed to see that they are of one sample."
        ),
        "bases_differ": N_(
            "{name} and {others} do not fit each other: {differing} of {compared} bases "
            "that both read well differ. They may be of two samples, and were not merged."
        ),
        "strands": N_(
            "By their bases {one} and {other} are {found}, by their names they are not. "
            "One of them may be named wrongly, or of another sample; they were not "
            "merged."
        ),
    },
    meaning=N_(
        "The chromatograms that were put together do not fit each other: their good bases "
        "differ, they hardly overlap, they are of other strands than their names say, or one is "
        "a copy of another. They were not merged and nothing was searched."
    ),
    advice=N_(
        "Are they of one sample? Look for a mix-up of tubes or plates. `--no-pair` examines each "
        "alone, `--pair` says which belong together."
    ),
)
HUMAN = NoticeKind(
    "HUMAN",
    Severity.BLOCKS,
    {
        "whole": N_("human. The sequence is not searched further and is not shown."),
        "part": N_(
            "human: a part of the sequence is. It is not searched further and is not shown."
        ),
    },
    meaning=N_(
        "The sequence, or a third of it, is human ([how it is told](checks.md#human-dna)). It "
        "was not searched and is not shown or exported."
    ),
    advice=N_(
        "Deal with the file as your rules on personal data say. Find the way it took: handling, "
        "extraction, blanks. Take another sample of the exhibit."
    ),
)
ELIMINATION_MATCH = NoticeKind(
    "ELIMINATION_MATCH",
    Severity.BLOCKS,
    N_(
        "matches the elimination set of the staff. The sequence is not searched further and "
        "is not shown."
    ),
    meaning=N_(
        "The sequence is in the staff elimination set that you gave. Nobody is named, and "
        "nothing was searched."
    ),
    advice=N_(
        "Deal with the file as your rules on personal data say; the person who keeps the set looks further."
    ),
)
NO_CONSENSUS = NoticeKind(
    "NO_CONSENSUS",
    Severity.BLOCKS,
    (
        N_("No {least} reads are of one sequence."),
        N_("Of {reads} reads are left out: {reasons}."),
    ),
    meaning=N_(
        "With `--consensus`: no five reads are of one sequence. The message counts the reads by "
        "what was wrong with them."
    ),
    advice=N_("Were the reads demultiplexed and basecalled well? Sequence longer, or again."),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
