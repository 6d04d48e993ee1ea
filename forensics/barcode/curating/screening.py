"""The screening of a library: everything that may be wrong with its records, with evidence.

There is no list of known errors to look up.  Five things are asked of the records:

- of each by itself: accession, length, ambiguous bases, reading frame
  (`forensics.barcode.curating.checks`);
- does it read like the others of a coding locus (`forensics.barcode.curating.frames`);
- is it of its locus, and on its strand (`forensics.barcode.curating.wrong_locus`);
- does it lie among records of its own name (`forensics.barcode.curating.misnamed`);
- is its name spelt as others spell it, and the accepted one (`forensics.barcode.curating.misspelt`).

The tables of those modules say what each code means and what its score is.  Nothing is changed
here.  What is suggested:

======  ===============================================================================
drop    leave the record out: that it is wrong, or of no use, is likelier than not
look    it may be right or wrong, or another's fault: somebody must decide
turn    take the other strand
cut     cut the record to its locus
rename  give the record the other name (`library build --synonyms`)
keep    it is sound, but calls will be wider than a species because of it
======  ===============================================================================
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from forensics.barcode.curating.checks import ScreeningFinding, check_sequences
from forensics.barcode.curating.frames import screen_frames
from forensics.barcode.curating.misnamed import FLOOR, HUMAN, screen_human, screen_names
from forensics.barcode.curating.misspelt import screen_old_names, screen_spelling
from forensics.barcode.curating.neighbours import Neighbours, all_neighbours
from forensics.barcode.curating.wrong_locus import screen_loci
from forensics.barcode.reference.build_steps import BuildStep, Progress, no_progress, progress_of
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.taxonomy.synonyms import Synonyms

__all__ = [
    "ACTIONS",
    "NAMED_LOCI",
    "embedded_witnesses",
    "screen",
    "screen_library",
    "screen_records",
]

#: What may be suggested; what asks for most comes first.
ACTIONS = ("drop", "turn", "rename", "cut", "look", "keep")
#: Loci at which names are compared.  At the plant loci and their mini-barcodes genera share
#: sequences without error, so neighbours prove nothing there.
NAMED_LOCI = ("COI", "cytb", "12S", "16S", "CR")
#: Findings that say nothing of the name: where they were made, it is examined all the same.
_NAMED = frozenset({"OTHER_STRAND", "STOP_CODON", "FRAME_SHIFT"})


def screen(
    records: Sequence[tuple[ReferenceRecord, str]],
    neighbours: Neighbours | None,
    *,
    lengths: tuple[int, int] | None = None,
    known: Sequence[ScreeningFinding] = (),
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> list[ScreeningFinding]:
    """Screen the sequences and the names of one locus.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Records of one locus with their sequences.
    neighbours : callable or None
        With None only the sequences are checked.
    lengths : (int, int), optional
        See `check_sequences`.
    known : sequence of ScreeningFinding
        What was found before (`screen_loci`); it is returned too.
    progress : callable
        See `screen_names`.

    Returns
    -------
    list of ScreeningFinding
        Of the sequences, then of the names.  Records whose sequence is poor or of another
        locus have no vote on the names of others.
    """
    first = [*known, *check_sequences(records, lengths=lengths)]
    if neighbours is not None:
        bad = {f.accession for f in first if f.action in ("drop", "look") and f.code != "DUPLICATE"}
        silent, seen = set(), set()
        for i, (record, _) in enumerate(records):
            # Of an accession that occurs twice, the first entry speaks.
            if record.accession in bad or record.accession in seen:
                silent.add(i)
            seen.add(record.accession)
        first += screen_names(records, neighbours, without_vote=silent, progress=progress)
    # A sequence of another locus, or a human one, says nothing more; of one that reads wrongly the
    # stop codons were told.
    settled = {f.accession for f in known if f.code not in _NAMED}
    read = {f.accession for f in known}
    return [
        *known,
        *(
            f
            for f in first[len(known) :]
            if f.accession not in (read if f.code == "STOP_CODON" else settled)
        ),
    ]


def screen_records(
    loci: Mapping[str, Sequence[tuple[ReferenceRecord, str]]],
    neighbours: Callable[[str], Neighbours],
    *,
    synonyms: Synonyms | None = None,
    witnesses: Mapping[str, Sequence[tuple[ReferenceRecord, str]]] | None = None,
    progress: Progress = no_progress,
) -> list[ScreeningFinding]:
    """Screen records of any number of loci.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        With clean sequences.
    neighbours : callable
        From one of `NAMED_LOCI` to the neighbours of its sequences (`all_neighbours`, with
        `forensics.barcode.curating.misnamed.FLOOR`).
    synonyms : Synonyms, optional
        See `screen_old_names`.
    witnesses : mapping, optional
        See `screen_loci`.
    progress : callable
        Called with the step, how much of it is done, and of how much: the names of each locus.

    Returns
    -------
    list of ScreeningFinding
        Locus by locus, in the order of the records; what is of the names of all loci, last.
    """
    known = screen_loci(loci, witnesses=witnesses)
    known += screen_human(loci, witnesses or {})
    findings = []
    strays = {f.accession for f in known}
    for records in loci.values():
        known += screen_frames(records, exclude=strays)
    for locus, records in loci.items():
        near = neighbours(locus) if locus in NAMED_LOCI else None
        findings += screen(
            records,
            near,
            known=[f for f in known if f.locus == locus],
            progress=progress_of(progress, BuildStep.NAMES, locus),
        )
    return findings + screen_spelling(loci) + screen_old_names(loci, synonyms=synonyms)


def screen_library(
    library: Library,
    *,
    synonyms: Synonyms | None = None,
    processes: int | None = None,
    progress: Callable[[str, int, int], object] = lambda locus, done, total: None,
) -> list[ScreeningFinding]:
    """Screen a built library; nothing in it is changed.

    For loci that the library lacks, the records of the embedded one say what they look like.

    Parameters
    ----------
    library : Library
    synonyms : Synonyms, optional
        See `screen_old_names`.
    processes : int, optional
        See `all_neighbours`.
    progress : callable
        Called with a locus and the numbers of its distinct sequences done and in all.

    Returns
    -------
    list of ScreeningFinding
        See `screen_records`.
    """
    loci = {locus: library.records(locus) for locus in library.loci}

    def neighbours(locus: str) -> Neighbours:
        return all_neighbours(
            [sequence for _, sequence in loci[locus]],
            locus,
            floor=FLOOR,
            processes=processes,
            progress=partial(progress, locus),
        )

    witnesses = embedded_witnesses(library.loci)
    return screen_records(loci, neighbours, synonyms=synonyms, witnesses=witnesses)


def embedded_witnesses(
    loci: Collection[str],
) -> dict[str, list[tuple[ReferenceRecord, str]]]:
    """Return what the embedded library knows beside a library of some loci.

    Of other loci all its records, of those loci the human ones: the commonest contaminant.
    """
    embedded = open_library()
    return {
        locus: [
            (record, sequence)
            for record, sequence in embedded.records(locus)
            if locus not in loci or record.genus == HUMAN
        ]
        for locus in embedded.loci
    }
