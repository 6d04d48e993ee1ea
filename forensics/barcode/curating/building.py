"""The screening of records before a library is made of them: what is kept, flagged, left out.

==========  =====================================================================
left out    the screening suggests to drop it and is sure of it without a person (see below)
flagged     kept, but something was found: somebody should look at it
kept        nothing was found
==========  =====================================================================

Where a curator has decided about the findings (``--decisions``), the decisions hold, and screening
itself only flags; own vouchers still speak, unless a decision says to keep the record.

Without a person, records are left out for faults of their sequence; as human where the embedded human
records agree, whatever the file calls human; and under another name (``MISLABELLED…``) where the
species keeps a record at the locus. Which of two names is wrong (``FAR_FROM_OWN``,
``IDENTICAL_OTHER_GENUS``) is only flagged, to be looked at: two wrong records must not remove the one
that is right. So no record is kept with the suggestion to drop it, unless somebody decided to keep it.

Own vouchers are weighed first (`forensics.barcode.curating.vouchers`): what they speak against has
no voice about the names of others.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.misnamed import FLOOR, HUMAN, screen_human
from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.curating.screening import NAMED_LOCI, embedded_witnesses, screen_records
from forensics.barcode.curating.vouchers import OVERRULED, weigh_own_records
from forensics.barcode.reference.build_steps import BuildStep, Progress, no_progress, progress_of
from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.reference.references import NameFlag
from forensics.messages import _

__all__ = [
    "FLAGGED",
    "KEPT",
    "LEFT_OUT",
    "OF_NAMES",
    "Outcome",
    "Screened",
    "outcome_table",
    "screen_build",
]

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
_COLUMNS = (
    "locus",
    "accession",
    "name",
    "outcome",
    "code",
    "score",
    "evidence",
    "suggested_action",
)

_Pair = tuple[ReferenceRecord, str]


@dataclass(frozen=True)
class Outcome:
    """What became of a record, and one finding about it; the fields are columns of the table.

    Attributes
    ----------
    locus, accession, name : str
    outcome : str
        `KEPT`, `FLAGGED` or `LEFT_OUT`.
    code, score, evidence, action : str
        Of a finding; empty where nothing was found.
    """

    locus: str
    accession: str
    name: str
    outcome: str
    code: str = ""
    score: str = ""
    evidence: str = ""
    action: str = ""


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
    """

    records: list[_Pair]
    left_out: list[LeftOut]
    outcomes: list[Outcome]

    def count(self, outcome: str) -> int:
        """Return how many records had that outcome."""
        return len({(row.locus, row.accession) for row in self.outcomes if row.outcome == outcome})


def screen_build(
    records: Sequence[_Pair],
    *,
    own: Collection[str] = (),
    keep: Collection[tuple[str, str]] = (),
    decided: bool = False,
    flags: Iterable[NameFlag] = (),
    places: Mapping[tuple[str, str], tuple[str, int]] | None = None,
    processes: int | None = None,
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
    flags : iterable of NameFlag
        What the rules of names flagged.
    places : mapping of (str, str) to (str, int), optional
        File and number of each record, by locus and accession; without it a record that is left out
        is given by its source and its place among `records`.
    processes
        See `forensics.barcode.curating.screening.screen_library`.
    progress : callable
        Called with the step, how much of it is done, and of how much.
    """
    loci: dict[str, list[_Pair]] = defaultdict(list)
    for record, sequence in records:
        loci[record.locus].append((record, sequence))
    near = {
        locus: all_neighbours(
            [sequence for _record, sequence in pairs],
            locus,
            floor=FLOOR,
            processes=processes,
            progress=progress_of(progress, BuildStep.SCREENING, locus),
        )
        for locus, pairs in loci.items()
        if locus in NAMED_LOCI
    }
    findings: list[ScreeningFinding] = []
    if own:
        for locus, neighbours in near.items():
            findings += weigh_own_records(loci[locus], own, neighbours)
    gone = {(f.locus, f.accession) for f in findings if f.action == "drop"} - set(keep)
    left, staying = {}, {}
    for locus, pairs in loci.items():
        staying[locus] = [
            place for place, (r, _text) in enumerate(pairs) if (locus, r.accession) not in gone
        ]
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
        if finding.action == "drop"
        and (finding.locus, finding.accession) not in keep
        and not (finding.accession in own and finding.code in OF_NAMES)
        and not (decided and finding.code != OVERRULED)
    ]
    sure = _sure(reasons, loci, witnesses)
    # What stays in the library without a person's decision is not what screening would drop.
    unsure = {id(finding) for finding in reasons} - {id(finding) for finding in sure}
    findings = [replace(f, action="look") if id(f) in unsure else f for f in findings]
    return _describe_outcomes(records, findings, sure, flags, places or {})


def _sure(
    reasons: Sequence[ScreeningFinding],
    loci: Mapping[str, Sequence[_Pair]],
    witnesses: Mapping[str, Sequence[_Pair]],
) -> list[ScreeningFinding]:
    """Return the findings that leave a record out without a person; the others flag it."""
    human = {
        (finding.locus, finding.accession)
        for finding in screen_human(
            {
                locus: [pair for pair in pairs if pair[0].genus != HUMAN]
                for locus, pairs in loci.items()
            },
            witnesses,
        )
    }
    sure = [
        finding
        for finding in reasons
        if finding.code not in _UNDECIDED
        and (finding.code != "HUMAN" or (finding.locus, finding.accession) in human)
    ]
    gone = {(finding.locus, finding.accession) for finding in sure}
    staying = {
        (locus, record.species)
        for locus, pairs in loci.items()
        for record, _sequence in pairs
        if (locus, record.accession) not in gone
    }
    species = {
        (locus, record.accession): (locus, record.species)
        for locus, pairs in loci.items()
        for record, _sequence in pairs
    }
    return [
        finding
        for finding in sure
        if finding.code not in _MISLABELLED or species[finding.locus, finding.accession] in staying
    ]


def _describe_outcomes(
    records: Sequence[_Pair],
    findings: Iterable[ScreeningFinding],
    reasons: Iterable[ScreeningFinding],
    flags: Iterable[NameFlag],
    places: Mapping[tuple[str, str], tuple[str, int]],
) -> Screened:
    """Return what becomes of each record; `reasons` are the findings that leave one out."""
    by_record, against = _by_record(findings), _by_record(reasons)
    flagged: dict[_Key, list[NameFlag]] = defaultdict(list)
    for flag in flags:
        flagged[flag.locus, flag.accession].append(flag)
    kept, left_out, outcomes = [], [], []
    for number, (record, sequence) in enumerate(records, 1):
        key = record.locus, record.accession
        of_record, named = by_record.get(key, []), flagged.get(key, [])
        outcome = LEFT_OUT if key in against else FLAGGED if of_record or named else KEPT
        head = (*key, record.name, outcome)
        outcomes += [
            Outcome(*head, f.code, f"{f.score:g}", f.evidence, f.action) for f in of_record
        ]
        outcomes += [Outcome(*head, f.rule.code, "", f.rule.text(), "look") for f in named]
        if outcome == KEPT:
            outcomes.append(Outcome(*head))
        if outcome == LEFT_OUT:
            evidence = "; ".join(f"{f.code}: {f.evidence}" for f in against[key])
            reason = _("screening: {found}").format(found=evidence)
            file, place = places.get(key, (record.source, number))
            left_out.append(LeftOut(file, place, record.accession, record.name, reason))
        else:
            kept.append((record, sequence))
    return Screened(kept, left_out, outcomes)


_Key = tuple[str, str]


def _by_record(findings: Iterable[ScreeningFinding]) -> dict[_Key, list[ScreeningFinding]]:
    grouped: dict[_Key, list[ScreeningFinding]] = defaultdict(list)
    for finding in findings:
        grouped[finding.locus, finding.accession].append(finding)
    return grouped


def outcome_table(outcomes: Iterable[Outcome]) -> str:
    """Return the outcomes as TSV that no spreadsheet program takes for formulas."""
    from forensics.io.cells import defused

    lines = ["\t".join(_COLUMNS)]
    for row in outcomes:
        cells = (
            row.locus, row.accession, row.name, row.outcome,
            row.code, row.score, row.evidence, row.action,
        )  # fmt: skip
        safe = defused(dict(zip(_COLUMNS, cells)))
        lines.append("\t".join(" ".join(str(value).split()) for value in safe.values()))
    return "\n".join(lines) + "\n"
