"""The screening of a library: what may be wrong with its records, and which are kept, flagged or left out.

There is no list of known errors to look up.  Five things are asked of the records:

- of each by itself: accession, length, ambiguous bases, reading frame
  (`forensics.barcode.curating.checks`);
- does it read like the others of a coding locus (`forensics.barcode.curating.checks`);
- is it of its locus, and on its strand (`forensics.barcode.curating.checks`);
- does it lie among records of its own name (`forensics.barcode.reference.names`);
- is its name spelt as others spell it, and the accepted one (`forensics.barcode.reference.names`).

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

Own vouchers. The laboratory has its specimens: somebody saw them, and they can be looked at again.  So where an
own record and a deposited one disagree about a name, the deposited one goes, never the own one.

====================  ========  ==============================================================
OWN_VOUCHER           left out  `NEAR` or more to an own record of another species, and farther
                                from every own record of its own name; or likewise to one of
                                another genus where the laboratory has none of its name
NEAR_OWN_VOUCHER      flagged   `NEAR` or more to an own record of another species of its genus,
                                and the laboratory has none of its name: species may share that
FAR_FROM_OWN_VOUCHER  flagged   under `FAR` to every own record of its name: another lineage of
                                the species, or another species
====================  ========  ==============================================================

An own record that other findings of names speak against is flagged and kept; a fault of its
sequence (stop codons, another locus, human) counts as for any record.  How sequences are matched
and calls are made does not know of own records: they are weighed here, once, at build.

At build, the findings and a curator's decisions about them say what becomes of a record:

==========  ======================================================================================
left out    the screening suggests to drop it and is sure of it without a person (see below)
flagged     kept, but something was found: somebody should look at it
kept        nothing was found that anybody must decide; what is sound and makes calls wider is listed
==========  ======================================================================================

Where a curator has decided about the findings (``--decisions``), the decisions hold, and screening
itself only flags; own vouchers still speak, unless a decision says to keep the record.

Without a person, records are left out for faults of their sequence; as human where the embedded human
records agree, whatever the file calls human; and under another name (``MISLABELLED…``) where the
species keeps a record at the locus. Which of two names is wrong (``FAR_FROM_OWN``,
``IDENTICAL_OTHER_GENUS``) is only flagged, to be looked at: two wrong records must not remove the one
that is right. So no record is kept with the suggestion to drop it, unless somebody decided to keep it.

Own vouchers are weighed first: what they speak against has no voice about the names of others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from pathlib import Path

from forensics.barcode.curating.checks import (
    ScreeningFinding,
    check_sequences,
    screen_frames,
    screen_loci,
)
from forensics.barcode.curating.neighbours import Neighbours, NeighbourTable, all_neighbours
from forensics.barcode.locus import MITOCHONDRIAL, find_locus, reverse_complement
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.names import (
    HUMAN,
    SPECIES_APART,
    screen_human,
    screen_names,
    screen_old_names,
    screen_spelling,
)
from forensics.barcode.reference.records import ByLocus, Key, LeftOut, Pair, ReferenceRecord
from forensics.barcode.reference.references import Noted
from forensics.barcode.reference.relations import AGAINST, FLOOR, MAX_SEARCHED
from forensics.barcode.reference.writing import BuildStep, progress_of
from forensics.core.grouping import grouped
from forensics.core.progress import Advance, Progress, no_progress
from forensics.core.provenance import made_by
from forensics.core.stored import utc_now
from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import N_, _, numeral, thousands
from forensics.paper import document, escaped, facts, heading, paragraph, table
from forensics.taxonomy.names import genus_of
from forensics.taxonomy.spelling import epithet_stem
from forensics.taxonomy.synonyms import Synonyms

#: Identity from which two records are of one species, as BOLD names one (see `AGAINST`).
NEAR = AGAINST["species"]
#: Identity under which records of one name lie apart (see `SPECIES_APART`).
FAR = SPECIES_APART
#: The code of what leaves a deposited record out.
OVERRULED = "OWN_VOUCHER"

_Best = tuple[float, str]


def weigh_own_records(
    records: Sequence[Pair], own: Collection[str], neighbours: Neighbours
) -> list[ScreeningFinding]:
    """Return what own records say against deposited ones of one locus.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus.
    own : collection of str
        Accessions of the laboratory's own records.
    neighbours : callable
        See `forensics.barcode.curating.neighbours.all_neighbours`.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; never about an own one.
    """
    # For each deposited record the nearest own one of every name.
    best: dict[int, dict[str, _Best]] = defaultdict(dict)
    named = set()
    for record, sequence in records:
        if record.accession not in own or not record.species:
            continue
        named.add(record.species)
        for place, identity in zip(*(values.tolist() for values in neighbours(sequence))):
            if records[place][0].accession not in own:
                nearest = best[place].get(record.species, (0.0, ""))
                best[place][record.species] = max(nearest, (identity, record.accession))
    findings = []
    for place, (record, _sequence) in enumerate(records):
        if record.accession in own:
            continue
        finding = _weigh(record, best.get(place, {}), record.species in named)
        if finding:
            findings.append(finding)
    return findings


def _weigh(
    record: ReferenceRecord, best: dict[str, _Best], has_own: bool
) -> ScreeningFinding | None:
    others = {name: nearest for name, nearest in best.items() if not _same(record, name)}
    mine = max((nearest for name, nearest in best.items() if name not in others), default=(0.0, ""))
    name, (identity, accession) = max(
        others.items(), key=lambda item: item[1], default=("", (0.0, ""))
    )
    against = _("{identity:.1%} to the own record {accession}, {name}").format(
        identity=identity, accession=accession, name=name
    )
    if identity >= NEAR and identity > mine[0]:
        if has_own:
            # Below the floor of the search nothing is known but that it is farther.
            aside = _("farther from every own record of its name")
            return ScreeningFinding.of(
                record, "OWN_VOUCHER", identity, f"{against}; {aside}", "drop"
            )
        if genus_of(name) != record.genus:
            return ScreeningFinding.of(record, OVERRULED, identity, against, "drop")
        if record.species:
            return ScreeningFinding.of(record, "NEAR_OWN_VOUCHER", identity, against, "look")
    if has_own and mine[0] < FAR:
        far = _("under {far:.0%} to every own record of its name").format(far=FAR)
        return ScreeningFinding.of(record, "FAR_FROM_OWN_VOUCHER", mine[0], far, "look")
    return None


def _same(record: ReferenceRecord, name: str) -> bool:
    """Return whether a record may be of the species of that name, under an older genus too."""
    if not record.species:
        return genus_of(name) == record.genus
    return record.species == name or epithet_stem(record.species) == epithet_stem(name)


#: What can be decided; blank means that nothing is.
DECISIONS = ("drop", "turn", "keep")
_LOCUS, _ACCESSION = Column("locus", TEXT), Column("accession", TEXT)
_DECISION, _CODE = Column("decision", TEXT), Column("code", TEXT, required=False)
_DECISION_COLUMNS = (_LOCUS, _ACCESSION, _DECISION)
Decisions = Mapping[Key, tuple[str, str]]
"""Decision and code by locus and accession."""


def read_decisions(path: Path) -> Decisions:
    """Read the table of `forensics library check` with its column ``decision`` filled in.

    Parameters
    ----------
    path : pathlib.Path
        CSV, TSV or .xlsx; see `forensics.io.tables.read_table`.

    Returns
    -------
    dict of (str, str) to (str, str)
        Decision and code by locus and accession; rows without a decision are passed over.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, says what cannot be done, or says two
        things of one record; with the line.
    """
    table = read_table(path, narrow_rows=True, no_rows=True)
    if missing := [column.name for column in _DECISION_COLUMNS if not table.has(column)]:
        raise InputError(
            _(
                "lacks the columns {missing}; expected the table of 'forensics library check'."
            ).format(missing=", ".join(missing)),
            source=str(path),
            line=1,
        )
    decisions: dict[Key, tuple[str, str]] = {}
    for record in table.records(*_DECISION_COLUMNS, _CODE):
        decision = record[_DECISION].casefold()
        if not decision:
            continue
        wrong = partial(InputError, source=str(path), line=record.line)
        if decision not in DECISIONS:
            raise wrong(
                _(
                    "column 'decision': found {found!r}; expected drop, turn, keep or nothing. Names "
                    "are changed by a table of synonyms."
                ).format(found=decision)
            )
        key = record[_LOCUS], record[_ACCESSION]
        if decisions.get(key, (decision,))[0] != decision:
            raise wrong(
                _("{accession} is to be {one} and {other}; decide once.").format(
                    accession=key[1], one=decisions[key][0], other=decision
                )
            )
        decisions[key] = decision, record[_CODE]
    return decisions


def apply_decisions(
    records: Iterable[Pair], decisions: Decisions, *, file: str
) -> tuple[list[Pair], list[LeftOut]]:
    """Return the records with those decisions carried out, and the records that are left out.

    Raises
    ------
    InputError
        If a decision is about a record that is not there: it may have been made on another
        library.
    """
    kept, left_out, met = [], [], set()
    for number, (record, sequence) in enumerate(records, 1):
        key = record.key
        decision, code = decisions.get(key, ("keep", ""))
        met.add(key)
        if decision == "drop":
            reason = _("dropped by decision: {code}").format(code=code or "-")
            left_out.append(LeftOut(file, number, record.accession, record.name, reason))
        else:
            turned = decision == "turn"
            kept.append((record, reverse_complement(sequence) if turned else sequence))
    if absent := sorted(decisions.keys() - met):
        raise InputError(
            _("decides on {accession} at {locus}, which is not among the records.").format(
                locus=absent[0][0], accession=absent[0][1]
            ),
            source=file,
        )
    return kept, left_out


#: What may be suggested; what asks for most comes first.
ACTIONS = ("drop", "turn", "rename", "cut", "look", "keep")
#: Findings that say nothing of the name: where they were made, it is examined all the same.
_NAMED = frozenset({"OTHER_STRAND", "STOP_CODON", "FRAME_SHIFT"})


def screen(
    records: Sequence[Pair],
    neighbours: Neighbours | None,
    *,
    lengths: tuple[int, int] | None = None,
    known: Sequence[ScreeningFinding] = (),
    progress: Advance = no_progress,
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
        bad = {
            f.accession
            for f in first
            if f.suggested_action in ("drop", "look") and f.code != "DUPLICATE"
        }
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


def _names_are_compared(locus: str) -> bool:
    """Return whether neighbours prove something: at the plant loci and ITS genera share sequences without error."""
    return find_locus(locus).genome == MITOCHONDRIAL


def screen_records(
    loci: ByLocus,
    neighbours: Callable[[str], Neighbours],
    *,
    synonyms: Synonyms | None = None,
    witnesses: ByLocus | None = None,
    progress: Progress = no_progress,
) -> list[ScreeningFinding]:
    """Screen records of any number of loci.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        With clean sequences.
    neighbours : callable
        From a locus at which names are compared to the neighbours of its sequences (`all_neighbours`, with
        `forensics.barcode.reference.names.FLOOR`).
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
        near = neighbours(locus) if _names_are_compared(locus) else None
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
    progress: Progress = no_progress,
) -> list[ScreeningFinding]:
    """Screen a built library; nothing in it is changed.

    For loci that the library lacks, the records of the embedded one say what they look like.

    Parameters
    ----------
    library : Library
    synonyms : Synonyms, optional
        See `screen_old_names`.
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
            progress=partial(progress, locus),
        )

    witnesses = embedded_witnesses(library.loci)
    return screen_records(loci, neighbours, synonyms=synonyms, witnesses=witnesses)


def embedded_witnesses(
    loci: Collection[str],
) -> dict[str, list[Pair]]:
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


KEPT, FLAGGED, LEFT_OUT = "kept", "flagged", "left_out"
#: Findings about a record's name, which own vouchers stand above.
OF_NAMES = frozenset(
    {
        "MISLABELLED", "MISLABELLED_SPECIES", "IDENTICAL_OTHER_GENUS", "NEAR_OTHER_GENUS",
        "FAR_FROM_OWN",
    }
)  # fmt: skip
#: Findings that say that one of two is wrong, not which.
_UNDECIDED = frozenset({"FAR_FROM_OWN", "IDENTICAL_OTHER_GENUS", "NEAR_OTHER_GENUS"})
_MISLABELLED = frozenset({"MISLABELLED", "MISLABELLED_SPECIES"})


@dataclass(frozen=True)
class Outcome:
    """What became of a record, and one finding about it; the fields are the columns of ``screening.tsv``.

    Attributes
    ----------
    locus, accession, name : str
    outcome : str
        `KEPT`, `FLAGGED` or `LEFT_OUT`.
    code, score, evidence, suggested_action : str
        Of a finding; empty where nothing was found.
    """

    locus: str
    accession: str
    name: str
    outcome: str
    code: str = ""
    score: str = ""
    evidence: str = ""
    suggested_action: str = ""


@dataclass(frozen=True)
class Screened:
    """Records after screening.

    Attributes
    ----------
    records : list of (ReferenceRecord, str)
        Those that a library is made of.
    left_out : list of LeftOut
    outcomes : list of Outcome
        A row for each finding, and one for each record without any.
    neighbours : mapping of str to NeighbourTable
        By locus, what is near to each record; of loci at which names are compared, and of up to `MAX_SEARCHED`
        sequences (memory).
    """

    records: list[Pair]
    left_out: list[LeftOut]
    outcomes: list[Outcome]
    neighbours: Mapping[str, NeighbourTable] = field(default_factory=dict, repr=False)

    def count(self, outcome: str) -> int:
        """Return how many records had that outcome."""
        return len({(row.locus, row.accession) for row in self.outcomes if row.outcome == outcome})


def screen_build(
    records: Sequence[Pair],
    *,
    own: Collection[str] = (),
    keep: Collection[Key] = (),
    decided: bool = False,
    noted: Noted | None = None,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> Screened:
    """Screen records and tell what is kept, flagged and left out.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        With their loci set and clean sequences.
    own : collection of str
        Accessions of the laboratory's own vouchers.
    keep : collection of (str, str)
        Locus and accession of records that somebody decided to keep.
    decided : bool
        Whether somebody decided about the findings; then screening only flags.
    noted : Noted, optional
        What reading noted of the records: names that its rules flag, and places; without it a record that is left
        out is given by its source and its place among `records`.
    threads
        See `forensics.barcode.curating.screening.screen_library`.
    progress : callable
        Called with the step, how much of it is done, and of how much.
    """
    loci = grouped(records, lambda pair: pair[0].locus)
    near = {
        locus: all_neighbours(
            [sequence for _record, sequence in pairs],
            locus,
            floor=FLOOR,
            threads=threads,
            progress=progress_of(progress, BuildStep.SCREENING, locus),
        )
        for locus, pairs in loci.items()
        if _names_are_compared(locus)
    }
    findings: list[ScreeningFinding] = []
    if own:
        for locus, neighbours in near.items():
            findings += weigh_own_records(loci[locus], own, neighbours)
    gone = {f.key for f in findings if f.suggested_action == "drop"} - set(keep)
    left, staying = {}, {}
    for locus, pairs in loci.items():
        staying[locus] = [place for place, (r, _text) in enumerate(pairs) if r.key not in gone]
        left[locus] = [pairs[place] for place in staying[locus]]
    witnesses = embedded_witnesses(tuple(loci))
    findings += screen_records(
        {locus: pairs for locus, pairs in left.items() if pairs},
        lambda locus: near[locus].among(staying[locus]),
        witnesses=witnesses,
        progress=progress,
    )
    reasons = [
        finding
        for finding in findings
        if finding.suggested_action == "drop"
        and finding.key not in keep
        and not (finding.accession in own and finding.code in OF_NAMES)
        and not (decided and finding.code != OVERRULED)
    ]
    sure = _sure(reasons, loci, witnesses)
    # What stays in the library without a person's decision is not what screening would drop.
    unsure = {id(finding) for finding in reasons} - {id(finding) for finding in sure}
    findings = [replace(f, suggested_action="look") if id(f) in unsure else f for f in findings]
    kept = {locus: table for locus, table in near.items() if len(table) <= MAX_SEARCHED}
    return replace(_describe_outcomes(records, findings, sure, noted or Noted()), neighbours=kept)


def _sure(
    reasons: Sequence[ScreeningFinding],
    loci: ByLocus,
    witnesses: ByLocus,
) -> list[ScreeningFinding]:
    """Return the findings that leave a record out without a person; the others flag it."""
    asked = {finding.key for finding in reasons if finding.code == "HUMAN"}
    others = {
        locus: [pair for pair in pairs if pair[0].key in asked and pair[0].genus != HUMAN]
        for locus, pairs in loci.items()
    }
    human = {finding.key for finding in screen_human(others, witnesses)}
    sure = [
        finding
        for finding in reasons
        if finding.code not in _UNDECIDED and (finding.code != "HUMAN" or finding.key in human)
    ]
    gone = {finding.key for finding in sure}
    species = {
        record.key: (locus, record.species)
        for locus, pairs in loci.items()
        for record, _sequence in pairs
    }
    staying = {name for key, name in species.items() if key not in gone}
    return [
        finding
        for finding in sure
        if finding.code not in _MISLABELLED or species[finding.key] in staying
    ]


def _describe_outcomes(
    records: Sequence[Pair],
    findings: Iterable[ScreeningFinding],
    reasons: Iterable[ScreeningFinding],
    noted: Noted,
) -> Screened:
    """Return what becomes of each record; `reasons` are the findings that leave one out."""
    by_record, against = (grouped(each, attrgetter("key")) for each in (findings, reasons))
    kept, left_out, outcomes = [], [], []
    for number, (record, sequence) in enumerate(records, 1):
        key = record.key
        of_record, rule = by_record.get(key, []), noted.flags.get(key)
        asked = rule or any(f.suggested_action != "keep" for f in of_record)
        outcome = LEFT_OUT if key in against else FLAGGED if asked else KEPT
        head = (*key, record.name, outcome)
        outcomes += [
            Outcome(*head, f.code, f"{f.score:g}", f.evidence, f.suggested_action)
            for f in of_record
        ]
        if rule:
            outcomes.append(Outcome(*head, rule.code, "", rule.text(), "look"))
        if not of_record and not rule:
            outcomes.append(Outcome(*head))
        if outcome == LEFT_OUT:
            evidence = "; ".join(f"{f.code}: {f.evidence}" for f in against[key])
            reason = _("screening: {found}").format(found=evidence)
            file, place = noted.places.get(key, (record.source, number))
            left_out.append(LeftOut(file, place, record.accession, record.name, reason))
        else:
            kept.append((record, sequence))
    return Screened(kept, left_out, outcomes)


#: What each code means and what to do; in the order in which a curator had best go.
CODES = {
    "WRONG_LOCUS": N_(
        "The sequence is of another locus than the record says. Drop it, or build it again under the "
        "locus that the evidence names."
    ),
    "HUMAN": N_("The sequence is human. Drop it; look for other records of the same plate."),
    "MISLABELLED": N_(
        "The record groups with another genus, family or order, away from its own relatives: the "
        "name or the sequence is another's. Look for the record that it was swapped with."
    ),
    "MISLABELLED_SPECIES": N_(
        "The record groups with another species of its genus, away from its own species. A "
        "hybrid or an old introgression looks the same. Check the voucher."
    ),
    "IDENTICAL_OTHER_GENUS": N_(
        "Two genera share the sequence, and nothing shows which name is wrong. Keep one only if "
        "its voucher confirms it; otherwise every call to it will be a set of both."
    ),
    "NEAR_OTHER_GENUS": N_(
        "Another genus is as near as the record's own should be, but not identical, and nothing "
        "shows which is wrong. Within one family, both may be right; two families or orders at "
        "the distance of one species mean that one is wrong. Check both vouchers."
    ),
    "FAR_FROM_OWN": N_(
        "The record is far from the others of its species, which agree. It may be another "
        "species, a nuclear copy, or a distinct lineage."
    ),
    "OTHER_STRAND": N_("The record is the reverse complement of its locus. Turn it round."),
    "UNLIKE_LOCUS": N_(
        "The record resembles no known locus, while its relatives resemble theirs. It may be "
        "another part of the gene, another gene, a vector, or not DNA of this animal."
    ),
    "STOP_CODON": N_("The gene has stop codons: a nuclear copy or reading errors."),
    "FRAME_SHIFT": N_(
        "A base is lost or read twice, or it is a nuclear copy. Look at the chromatogram."
    ),
    "AMBIGUOUS": N_("Enough bases are ambiguous to change a call."),
    "OUTLYING_LENGTH": N_("Shorter than any barcode of the locus, or longer than the whole of it."),
    "DUPLICATE": N_("The accession occurs twice at the locus."),
    "MISSPELT": N_(
        "The name differs from another by one letter or its ending, so one species may count as "
        "two. If so, add it to the table of synonyms and build again."
    ),
    "OLD_NAME": N_(
        "A table has another name for it. Build with --synonyms, so that one species has one name."
    ),
    "SYNONYM": N_(
        "The same epithet and sequence occur under two genera: one species under two names. Add "
        "the old name to the table of synonyms and build again."
    ),
    "SHARED_HAPLOTYPE": N_(
        "Species share the sequence, and nothing suggests an error. Keep them: a call will name "
        "them all."
    ),
}
_ACTIONS = {
    "drop": N_("drop"),
    "turn": N_("turn round"),
    "rename": N_("rename"),
    "cut": N_("cut"),
    "look": N_("look"),
    "keep": N_("keep"),
}
_STYLE = """
.name { white-space: nowrap } .box { display: block; border: 1px solid #777; width: 15mm;
  height: 5.5mm; border-radius: 1mm }
"""


def screening_page(findings: Sequence[ScreeningFinding], library: Library) -> str:
    """Return the page of what was found in a library."""
    title = _("Records of {name} to look at").format(name=library.name)
    return document(title, [*_head(findings, library), *_sections(findings)], style=_STYLE)


def _head(findings: Sequence[ScreeningFinding], library: Library) -> Iterable[str]:
    made = made_by()
    records = sum(library.manifest(locus)["records"] for locus in library.loci)
    yield facts(
        (_("Library"), f"{library.name} {library.version}".strip()),
        (_("SHA-256 of the library"), library.sha256),
        (_("Records"), thousands(records)),
        (_("Software"), f"{made['software']} {made['version']}"),
        (_("Time (UTC)"), utc_now()),
    )
    yield paragraph(
        _(
            "The records were compared with one another; no list of known errors was used. "
            "Nothing was changed. Write your decision for each record into this page or into the "
            "column 'decision' of the table, and build the library again. A record that is not "
            "listed may still be wrong: a swap between two species without other records cannot "
            "be seen."
        )
    )
    counts = Counter((f.code, f.suggested_action) for f in findings)
    rows = [
        (escaped(code), escaped(_(_ACTIONS[action])), thousands(counts[code, action]))
        for code in CODES
        for action in ACTIONS
        if counts[code, action]
    ]
    if rows:
        yield table((_("code"), _("suggested"), _("records")), rows, numbers=(2,))
    else:
        yield paragraph(_("Nothing was found."))


def _sections(findings: Sequence[ScreeningFinding]) -> Iterable[str]:
    for code, meaning in CODES.items():
        of_code = [f for f in findings if f.code == code]
        if not of_code:
            continue
        yield heading(2, code)
        yield paragraph(_(meaning))
        of_code.sort(
            key=lambda f: (
                ACTIONS.index(f.suggested_action),
                f.locus,
                -f.score,
                f.name,
                f.accession,
            )
        )
        yield table(
            (
                _("locus"),
                _("accession"),
                _("name"),
                _("score"),
                _("evidence"),
                _("suggested"),
                _("decision"),
            ),
            (
                (
                    escaped(f.locus),
                    f'<span class="name">{escaped(f.accession)}</span>',
                    f"<i>{escaped(f.name)}</i>",
                    numeral(f.score, ".3f") if 0 < f.score < 1 else numeral(f.score, ".0f"),
                    escaped(f.evidence),
                    escaped(_(_ACTIONS[f.suggested_action])),
                    '<span class="box"></span>',
                )
                for f in of_code
            ),
            numbers=(3,),
        )
