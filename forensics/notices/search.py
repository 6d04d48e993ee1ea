"""Notices of a search among the records of a library."""

from forensics.core.notice import NoticeKind, Plural, Severity, index_kinds
from forensics.messages import N_

PARTIAL_OVERLAP = NoticeKind(
    "PARTIAL_OVERLAP",
    Severity.INFORMS,
    N_(
        "Query and best record overlap only in part; {length} bases were compared and what "
        "sticks out was not."
    ),
    meaning=N_("Query and best record overlap only in part. What sticks out was not compared."),
    advice=N_("Use references of the same fragment if there are any."),
)
PART_COMPARED = NoticeKind(
    "PART_COMPARED",
    Severity.LIMITS,
    N_(
        "The best record covers {compared} of the {length} bases; the rest was not compared "
        "and may be of anything."
    ),
    meaning=N_(
        "The best record covers less than nine tenths of the query; the rest was not compared, and "
        "does not read as the locus."
    ),
    advice=N_(
        "Cut the query to the barcode and ask what the rest is: a longer amplicon, an adapter, "
        "another animal."
    ),
)
REST_OF_LOCUS = NoticeKind(
    "REST_OF_LOCUS",
    Severity.CONTEXT,
    N_(
        "Where the best record is shorter than the sequence, the rest was not compared; it reads as "
        "{locus}, too."
    ),
    meaning=N_(
        "The best record covers less than nine tenths of the query. The whole query reads as one gene "
        "of the locus, as when a whole gene is held against barcodes: the name rests on the part that "
        "was compared."
    ),
    advice=N_("Nothing. Records of the whole gene would let more be compared."),
)
RECORDS_NOT_COMPARED = NoticeKind(
    "RECORDS_NOT_COMPARED",
    Severity.CONTEXT,
    Plural(
        "{number} record is too short to be compared with the query.",
        "{number} records are too short to be compared with the query.",
        number="number",
    ),
    meaning=N_("So many records are too short to be compared with this query."),
    advice=N_(
        "Nothing, unless the group you suspect is among them: see `records.tsv` of the library."
    ),
)
SHORT_RECORD_AS_NEAR = NoticeKind(
    "SHORT_RECORD_AS_NEAR",
    Severity.INFORMS,
    {
        "no_candidate": N_(
            "A record that is too short to be compared fits the query; nothing can be excluded."
        ),
        "record": N_(
            "{accession} of {species} is too short to be compared ({length} bp), but fits "
            "the query at least as well as the best match."
        ),
    },
    meaning=N_(
        "A record that is too short to be compared fits the query at least as well as the best "
        "match. The call falls to the genus, or to inconclusive."
    ),
    advice=N_(
        "Look at that record; sequence the same piece, or get a longer record of the species."
    ),
)
NO_LOCUS = NoticeKind(
    "NO_LOCUS",
    Severity.LIMITS,
    N_("The locus was not recognised, so there is no probability."),
    meaning=N_(
        "Nothing is near at any locus and the locus was not [recognised](loci.md#which-locus), "
        "so no calibration can be chosen and there is no probability."
    ),
    advice=N_("Give `--locus` if you know it."),
)
LOCUS_NOT_IN_LIBRARY = NoticeKind(
    "LOCUS_NOT_IN_LIBRARY",
    Severity.LIMITS,
    N_(
        "The sequence is of {locus}, of which this library has no record, so there is no "
        "probability."
    ),
    meaning=N_(
        "Nothing is near, and the sequence was recognised as one of a locus of which the library "
        "has no record. There is no probability."
    ),
    advice=N_("Use a library with that locus."),
)
INDEX_BUILT_IN_MEMORY = NoticeKind(
    "INDEX_BUILT_IN_MEMORY",
    Severity.CONTEXT,
    N_("The index of {loci} is absent or out of date and was built for this run alone."),
    meaning=N_(
        "The library has no index, or one of other records. It was built for this run and not kept."
    ),
    advice=N_(
        "Run `forensics library build` again. In a checkout, `make demo` builds the index of the "
        "embedded library."
    ),
)
INDEX_NOT_CHECKED = NoticeKind(
    "INDEX_NOT_CHECKED",
    Severity.CONTEXT,
    N_(
        "The index of this library is large and was not compared with its SHA-256 in a "
        "run of so few sequences. Of a result that a ledger records it is always "
        "compared."
    ),
    meaning=N_(
        "The index of the library is larger than 56 MiB, and the run had fewer than 150 "
        "sequences: it was not compared with its SHA-256. The ledger does not take such a result."
    ),
    advice=N_("Nothing for a look; for a finding use `--ledger`, or `check_library=True`."),
)
DEMONSTRATION_LIBRARY = NoticeKind(
    "DEMONSTRATION_LIBRARY",
    Severity.CONTEXT,
    N_("{title}: for training, not for casework."),
    meaning=N_("The library says of itself that it is not for casework."),
    advice=N_("Use it to learn. For casework [build your own](library.md)."),
)
ENDS_DO_NOT_FIT = NoticeKind(
    "ENDS_DO_NOT_FIT",
    Severity.BLOCKS,
    N_(
        "The middle of the sequence is near {accession} ({identity:.1%}), bases {start} "
        "to {stop} are not ({there:.1%}): primers, adapters, bad ends or a chimera."
    ),
    meaning=N_(
        "No record is near to the whole sequence. One is near to its middle, and an end differs "
        "from that record more often than the middle does, by more than chance and uneven "
        "evolution give. The result is inconclusive."
    ),
    advice=N_("Trim primers, adapters and bad ends, and look for a chimera."),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
