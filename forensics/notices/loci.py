"""Notices of several loci of one sample, taken together."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

LOCI_CONFLICT = NoticeKind(
    "LOCI_CONFLICT",
    Severity.BLOCKS,
    N_(
        "The loci exclude each other ({one}; {other}). A mix-up, a mixture, a nuclear "
        "copy of a mitochondrial gene, a hybrid or a mislabelled record may be the "
        "reason; no species is called."
    ),
    meaning=N_("Two loci exclude each other's species. No species is called."),
    advice=N_(
        "Look for a mix-up, a mixture, a nuclear copy, a hybrid, a mislabelled record. Do not "
        "choose one."
    ),
)
MEMBER_DOUBTED = NoticeKind(
    "MEMBER_DOUBTED",
    Severity.BLOCKS,
    N_("{query} was left out ({codes}). It is of the same sample, and not explained."),
    meaning=N_(
        "A sequence of the sample was left out because it is human, a chimera, mixed, or reads "
        "like a nuclear copy. The message names its codes. It blocks the report."
    ),
    advice=N_(
        "Follow the advice for that code; the other sequences of the sample may be contaminated, "
        "too."
    ),
)
LINKED_LOCI = NoticeKind(
    "LINKED_LOCI",
    Severity.INFORMS,
    {
        "once": N_(
            "All loci lie on one molecule and count once; the evidence of {locus} was taken."
        ),
        "strongest": N_(
            "All loci lie on one molecule: their agreement is not counted twice. For the species speaks "
            "{locus}, the strongest; against it each of them."
        ),
    },
    meaning=N_("All loci lie on one molecule, so their agreement counts once."),
    advice=N_("Sequence a nuclear locus for evidence of its own."),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
