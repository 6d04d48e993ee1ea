"""Notices of a sequence: how it was read, put together and trimmed."""

from forensics.core.notice import NoticeKind, Plural, Severity, index_kinds
from forensics.messages import N_

# A colon after the name of a read, where there are several: no words, nothing to translate.
_OF_READ = "{name}:"
_TRIMMED = N_("Quality trimming kept bases {start} to {end} of {total}.")
_EDITED = N_("The bases were edited by hand after they were called. The edited ones are not used.")
_NO_CURVES = N_("The file holds no curves, so double peaks could not be looked for.")
_MIXED = N_(
    "More than one template was read: {reasons}. A mixture of individuals or species, a nuclear "
    "copy (NUMT) that was amplified along, or heteroplasmy; which of them the chromatogram "
    "cannot tell."
)
_CUT_FROM = N_(
    "Cut out of {query} as {locus}: bases {first} to {last} of {total}, strand {strand}."
)
_REST = N_(
    "{rest} of the {total} bases of {query} lie in none of the pieces and were not compared."
)

CONSENSUS = NoticeKind(
    "CONSENSUS",
    Severity.INFORMS,
    N_(
        "Consensus of {depth} reads, {share:.1%} of {drawn} that were compared. By the reads "
        "{errors:.1f} of its {length} bases are wrong; errors common to all reads are not "
        "seen."
    ),
    meaning=N_(
        "The sequence is the [consensus](reads.md) of so many reads. The message gives their "
        "share and the wrong bases to be expected."
    ),
    advice=N_(
        "Quote it in the report. In a run of equal bases a length may be wrong at any depth."
    ),
)
READS_LEFT_OUT = NoticeKind(
    "READS_LEFT_OUT",
    Severity.INFORMS,
    N_("Of {reads} reads are left out: {reasons}."),
    meaning=N_("How many reads of the file are in no consensus, by reason."),
    advice=N_(
        "If they are many, ask why. Reads *of a sequence of which there are fewer than 5* may be "
        "of another sample of the run."
    ),
)
OTHER_CONSENSUS = NoticeKind(
    "OTHER_CONSENSUS",
    Severity.INFORMS,
    {
        "same_locus": N_(
            "{depth} reads ({share:.1%}) give another sequence of this locus: result {n}."
        ),
        "unlike": N_(
            "{depth} reads ({share:.1%}) give a sequence unlike this one: result {n}. It "
            "may be of another locus, or foreign."
        ),
    },
    meaning=N_(
        "Other reads of the sample give another sequence, which is a result of its own: few of "
        "the same locus, or one unlike this."
    ),
    advice=N_("Look at that result: another locus that you amplified, or foreign DNA?"),
)
TRIMMED = NoticeKind(
    "TRIMMED",
    Severity.INFORMS,
    {"": _TRIMMED, "of_read": (_OF_READ, _TRIMMED)},
    meaning=N_("The bases of the chromatogram that quality trimming kept."),
    advice=N_("Check that the part fits what you see in the chromatogram."),
)
PRIMERS_TRIMMED = NoticeKind(
    "PRIMERS_TRIMMED",
    Severity.INFORMS,
    {
        "sequence": N_(
            "Cut off the primers {primers}: {first} bases at the start and {last} at the "
            "end, of {total}."
        ),
        "chromatograms": N_(
            "Cut off primers that fit {primers}; {length} bases are left, of {total}."
        ),
    },
    meaning=N_(
        "Primers stood at the ends and were cut off. The message names them and says how many "
        "bases went. See [loci](loci.md#primers-are-cut-off)."
    ),
    advice=N_(
        "Check that they are those that your laboratory used; other primers at the ends mean "
        "another fragment, or another sample."
    ),
)
CUT_FROM = NoticeKind(
    "CUT_FROM",
    Severity.INFORMS,
    {
        "by_records": _CUT_FROM,
        "by_primers": (_CUT_FROM, N_("It lies between the sites of the primers {primers}.")),
    },
    meaning=N_(
        "The query was cut out of a longer sequence, a genome or a long amplicon. The message "
        "says which bases, and the strand. See [loci](loci.md#genomes-are-cut-into-loci)."
    ),
    advice=N_("Nothing. Quote the positions in the report."),
)
REST_NOT_COMPARED = NoticeKind(
    "REST_NOT_COMPARED",
    Severity.INFORMS,
    {"all_found": _REST, "some_missing": (_REST, N_("Not found in it: {loci}."))},
    meaning=N_(
        "Beside the first piece of such a sequence: how many bases lie in no piece, and which "
        "loci of the library were not found."
    ),
    advice=N_(
        "Nothing for a genome. If a locus that must be there is missing, ask what the sequence is."
    ),
)
NOTHING_TO_CUT = NoticeKind(
    "NOTHING_TO_CUT",
    Severity.INFORMS,
    N_(
        "This is longer than any barcode, but none of {loci} was found in it; it was "
        "compared as it is."
    ),
    meaning=N_(
        "The sequence is longer than any barcode, and no locus of the library was found in it. "
        "It was compared as it is."
    ),
    advice=N_("Ask what it is: a nuclear sequence, a plasmid, bacteria. Give the barcode."),
)
READS_MERGED = NoticeKind(
    "READS_MERGED",
    Severity.INFORMS,
    N_(
        "Consensus of {reads}: {overlap} bases in common, {agreement:.2%} of {compared} plainly "
        "called ones agree; {errors:.3f} wrong bases are to be expected in {length}."
    ),
    meaning=N_(
        "The sequence is a [consensus](chromatograms.md#the-consensus) of several reads. The "
        "message says how long they overlap, how many bases agree, and how many wrong bases are "
        "to be expected."
    ),
    advice=N_("Quote it in the report."),
)
ONE_READ = NoticeKind(
    "ONE_READ",
    Severity.LIMITS,
    N_("One read, which no other strand confirms; {errors:.2f} wrong bases are to be expected."),
    meaning=N_("One read only: no other strand confirms it."),
    advice=N_("Sequence the other strand before you report."),
)
READ_LEFT_OUT = NoticeKind(
    "READ_LEFT_OUT",
    Severity.INFORMS,
    N_("{name} has no stretch of good bases that is long enough, and was left out."),
    meaning=N_(
        "A read of the sample has no stretch of good bases that is long enough; the others were "
        "examined."
    ),
    advice=N_("Sequence it again."),
)
READS_CONFLICT = NoticeKind(
    "READS_CONFLICT",
    Severity.INFORMS,
    Plural(
        "At {number} place the reads say different things: {places}.",
        "At {number} places the reads say different things: {places}.",
        number="number",
    ),
    meaning=N_(
        "Places at which the reads call different bases, or one has none. The better base was "
        "taken where it is clearly better, else the IUPAC code of both."
    ),
    advice=N_("Look at these places in the figure (`forensics chromatogram show`)."),
)
DOUBLE_PEAKS = NoticeKind(
    "DOUBLE_PEAKS",
    Severity.INFORMS,
    "{peaks}.",  # what they are is put together where they are counted
    meaning=N_(
        "A second base stands under the called one, at least a third as high. Each place is "
        "listed: those that are clear, and apart from them those that the other strand does not "
        "show or where the read is bad."
    ),
    advice=N_(
        "Look at them. A clear one may be heteroplasmy, damage, or the first sign of a mixture; "
        "nobody can tell from one read."
    ),
)
MIXED_CHROMATOGRAM = NoticeKind(
    "MIXED_CHROMATOGRAM",
    Severity.BLOCKS,
    {"": _MIXED, "of_read": (_OF_READ, _MIXED)},
    meaning=N_(
        "[More than one template](chromatograms.md#double-peaks) was read: double peaks are "
        "many, or the same low second peaks stand on both strands, or from a point on nearly all "
        "are double. Nothing is named."
    ),
    advice=N_(
        "Look for a mixture, a contamination, a nuclear copy (NUMT). Extract and amplify again, "
        "with other primers; clone or sequence in depth. Do not pick one of the two."
    ),
)
ERROR_PRONE = NoticeKind(
    "ERROR_PRONE",
    Severity.BLOCKS,
    N_("By the qualities {errors:.1f} of {length} bases are wrong, more than {limit:.0%}."),
    meaning=N_("More than 1 % of the bases are wrong by their qualities. Nothing is named."),
    advice=N_("Sequence the sample again."),
)
EDITED_BASES = NoticeKind(
    "EDITED_BASES",
    Severity.INFORMS,
    {"": _EDITED, "of_read": (_OF_READ, _EDITED)},
    meaning=N_(
        "Somebody changed called bases by hand. The edited ones are in the file and were not used."
    ),
    advice=N_("Ask who changed what, and why."),
)
NO_CURVES = NoticeKind(
    "NO_CURVES",
    Severity.INFORMS,
    {"": _NO_CURVES, "of_read": (_OF_READ, _NO_CURVES)},
    meaning=N_(
        "The file has bases and qualities but no curves, so double peaks could not be looked for."
    ),
    advice=N_("Get the instrument's own file."),
)
SHORT_QUERY = NoticeKind(
    "SHORT_QUERY",
    Severity.LIMITS,
    N_("{length} bases hold fewer species apart than a whole barcode."),
    meaning=N_("Fewer than 250 bases. Short pieces hold fewer species apart."),
    advice=N_("Sequence a longer piece if the material allows."),
)
AMBIGUOUS_BASES = NoticeKind(
    "AMBIGUOUS_BASES",
    Severity.LIMITS,
    N_(
        "{share:.1%} of the bases are ambiguous and count as matching: up to so much "
        "difference may be hidden."
    ),
    meaning=N_(
        "More than 1 % of the bases are ambiguous. They count as matching, so so much difference "
        "may be hidden."
    ),
    advice=N_("Look at the chromatogram at these places."),
)
DUPLICATE_NAME = NoticeKind(
    "DUPLICATE_NAME",
    Severity.INFORMS,
    N_("Sequence {first} of this run has the same name, {name}; the index tells them apart."),
    meaning=N_("Another sequence of this run has the same name."),
    advice=N_("Tell them apart by `index`; better, rename them."),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
