"""Notices of the checks before a call: what speaks against a name."""

from forensics.core.notice import NoticeKind, Plural, Severity, index_kinds
from forensics.messages import N_

STOP_CODON = NoticeKind(
    "STOP_CODON",
    Severity.LIMITS,
    {
        "codons": Plural(
            "{number} stop codon in the reading frame, at base {base} (genetic code {code}, "
            "{name}): a nuclear copy (NUMT) or a sequencing error.",
            "{number} stop codons in the reading frame, the first at base {base} (genetic "
            "code {code}, {name}): a nuclear copy (NUMT) or sequencing errors.",
            number="number",
        ),
        "frame": Plural(
            "No reading frame of {locus} is open under any genetic code; the best has "
            "{number} stop codon. A nuclear copy (NUMT), sequencing errors, or another locus.",
            "No reading frame of {locus} is open under any genetic code; the best has "
            "{number} stop codons. A nuclear copy (NUMT), sequencing errors, or another "
            "locus.",
            number="number",
        ),
    },
    meaning=N_(
        "The sequence has stop codons where its gene has none, or no open reading frame. A "
        "nuclear copy (NUMT) or sequencing errors. No species is named; the genus at most."
    ),
    advice=N_(
        "Look at the chromatogram at that base. Amplify with other primers, or from RNA; "
        "sequence another locus. Do not report a species."
    ),
)
FRAMESHIFT = NoticeKind(
    "FRAMESHIFT",
    Severity.LIMITS,
    {
        "in_run": N_(
            "One base more or less than in {accession} shifts the reading frame at base "
            "{base}, in the run {run}: rather a sequencing error there than a nuclear "
            "copy (NUMT)."
        ),
        "several": N_(
            "Insertions or deletions against {accession} shift the reading frame, the first at base "
            "{base}: a nuclear copy (NUMT) or a sequencing error."
        ),
    },
    meaning=N_(
        "Bases are missing or too many, so that the reading frame shifts. In a run of one base "
        "rather a sequencing error, else a nuclear copy as likely. The genus at most is named."
    ),
    advice=N_(
        "Look at the chromatogram at that base. Amplify with other primers, or from RNA; sequence another locus. Do not report a species. Sequence the other strand: an error is seldom there too."
    ),
)
UNEXPECTED_TRANSLATION = NoticeKind(
    "UNEXPECTED_TRANSLATION",
    Severity.LIMITS,
    {
        "seldom": N_(
            "{number} amino acids are of a kind that no other of {records} records has at places "
            "where these agree: a nuclear copy (NUMT) or sequencing errors."
        ),
        "replaced": N_(
            "{number} of the {differences} bases that differ from the nearest record change an amino acid, as they "
            "seldom do in a gene under selection: a nuclear copy (NUMT) or sequencing errors."
        ),
    },
    meaning=N_(
        "Amino acids that no other record has, at places where all agree; or many differences from the nearest "
        "record that change an amino acid. A nuclear copy or sequencing errors. The genus at most is named."
    ),
    advice=N_(
        "Look at the chromatogram at these places. Amplify with other primers, or from RNA; sequence another locus. Do not report a species."
    ),
)
MIXED_READS = NoticeKind(
    "MIXED_READS",
    Severity.BLOCKS,
    N_(
        "The sample holds another sequence of this locus: {others}. It may be a mixture or "
        "contaminated."
    ),
    meaning=N_(
        "The reads hold a second sequence of the same locus, by at least 3 % of the reads of "
        "both. Nothing is named."
    ),
    advice=N_(
        "A mixture, contamination, a nuclear copy? Look at both results and at the blanks. "
        "Repeat from the exhibit."
    ),
)
WEAK_CONSENSUS = NoticeKind(
    "WEAK_CONSENSUS",
    Severity.BLOCKS,
    N_(
        "For a call to species a consensus needs {least} reads and at most {most:.1%} "
        "expected errors; this one has {depth} and {share:.1%}."
    ),
    meaning=N_(
        "A consensus of fewer than 50 reads, or with more than 0.5 % wrong bases expected. "
        "Nothing is named."
    ),
    advice=N_("Sequence longer; [errors by depth](reads.md#how-often-is-it-wrong)."),
)
CHIMERA = NoticeKind(
    "CHIMERA",
    Severity.BLOCKS,
    {
        "rest": N_(
            "Bases {start} to {end} are of {genus} ({identity:.1%}), not of {other} as the rest "
            "({there:.1%} there): a chimera of two animals, or two reads of different samples."
        ),
        "another_part": N_(
            "Bases {start} to {end} are of {genus} ({identity:.1%}), another part is of {other}: a "
            "chimera of two animals, or two reads of different samples."
        ),
        "two_species": N_(
            "Up to base {base} it reads like {left}, from there on like {right} (differences left: {unexplained}; "
            "by one species alone: {single}): a chimera of two animals, or two reads of different samples."
        ),
    },
    meaning=N_(
        "A part fits another genus, or another species of the genus, clearly better than the rest. Nothing is named."
    ),
    advice=N_(
        "Look at the bases that the message names in the chromatograms, at both reads. Amplify "
        "again with fewer cycles; look for a mixture. Do not cut out one part and report it."
    ),
)
POSSIBLY_HUMAN = NoticeKind(
    "POSSIBLY_HUMAN",
    Severity.BLOCKS,
    {
        "no_record": N_(
            "{identity:.1%} like a human sequence, no record of the library is nearer, "
            "and the piece does not tell human from other apes; no name is given."
        ),
        "nearest": N_(
            "The nearest record is human, but an ape that the library lacks is not "
            "excluded; no name is given."
        ),
    },
    meaning=N_(
        "Human is not excluded and apes are not either, or the nearest record of the library is "
        "human. Nothing is named."
    ),
    advice=N_(
        "Sequence a longer or a faster piece (COI, the control region). Treat the file as "
        "personal data until it is settled."
    ),
)
REAGENT_CONTAMINANT = NoticeKind(
    "REAGENT_CONTAMINANT",
    Severity.LIMITS,
    N_(
        "{species} occurs in reagents ({source}); the extraction blank and the negative "
        "control show whether it came from there."
    ),
    meaning=N_("What was called, or is nearest, is an animal whose DNA occurs in reagents."),
    advice=N_("Compare with the extraction blank and the negative control."),
)
SAME_HAPLOTYPE_IN_RUN = NoticeKind(
    "SAME_HAPLOTYPE_IN_RUN",
    Severity.LIMITS,
    N_(
        "Identical over {length} bases with what came before in this run, {names}: one "
        "animal, one maternal line, or contamination."
    ),
    meaning=N_(
        "Identical over the overlap with an earlier sequence of the run. The report waits until "
        "it is explained."
    ),
    advice=N_(
        "One animal, one maternal line, or carry-over? Look at the order of extraction, repeat "
        "from another sub-sample."
    ),
)
SAME_HAPLOTYPE_AS = NoticeKind(
    "SAME_HAPLOTYPE_AS",
    Severity.LIMITS,
    N_(
        "Identical with {name} of {file} over {length} bases: one animal, one maternal "
        "line, or contamination."
    ),
    meaning=N_(
        "Identical over the overlap with a sequence given with `--compare-with`, a control or a "
        "recent case. The report waits until it is explained."
    ),
    advice=N_(
        "One animal, one maternal line, or carry-over? Look at the order of extraction, repeat from another sub-sample."
    ),
)

KINDS = index_kinds(globals())
"""All of them, by code."""
