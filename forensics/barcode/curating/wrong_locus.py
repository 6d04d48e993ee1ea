"""Reference records that are of another locus than they say, or on the other strand.

Sequences of one locus are alike across orders of animals; sequences of two loci are no more alike
than random ones. So a record is compared with a *panel* of each locus: some of its
records, spread over its taxa, and alike among themselves.

============  ====  =====================================================================
WRONG_LOCUS   drop  unlike the panel of its locus, and like that of another
OTHER_STRAND  turn  unlike the panel of its locus as it stands, and like it turned round
UNLIKE_LOCUS  look  unlike its locus on both strands and like no other, while records of
                    its genus or family are like it: an unknown locus, another part of the
                    gene, a vector, or no DNA of this animal
============  ====  =====================================================================

The score is the identity to what the record is like; of UNLIKE_LOCUS, to the nearest record of
its genus or family.

What it cannot find: strays among fewer than `MIN_PANEL` records; more strays of one kind than a
quarter of the panel; a stray at a locus whose true records are unlike each other
(UNLIKE_LOCUS), unless another locus claims it; nuclear copies, which are like their locus.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reference.records import Pair, ReferenceRecord
from forensics.barcode.sequence import reverse_complement

#: Identity from which a sequence is like another, and below which it is unlike. Measured with the
#: embedded library and the evaluation data: with other loci than their own, pieces of 100
#: bases come to 0.62 at most, of 150 to 0.60, of 200 and more to 0.59; with their own to 0.64 and
#: more wherever the locus is coding, while parts of 12S and 16S, and the control region of
#: other orders, are like nothing (0.53-0.63).
LIKE, UNLIKE = 0.66, 0.64
#: Fewer bases are like anything: 40 bases of trnL came to 0.68 with other loci.
MINIMUM = 100
#: Records of a panel at most. More orders than this are seldom so unlike as to matter.
PANEL = 24
#: The few suspects are compared with more records of the other loci.
FOREIGN_PANEL = 96
#: From here on no other locus is asked.
SETTLED = 0.75
#: A panel of fewer records says nothing against one that is unlike it.
MIN_PANEL = 4
#: Share of the other members that a member must be alike (not `UNLIKE`) to, or it may be a stray itself.
AGREEING = 0.25
#: Records of the genus or family with which a record without a locus is compared.
KIN = 5

_KINSHIP = ("genus", "family", "order", "class_", "phylum")


@dataclass(frozen=True)
class Panel:
    """Some records of a locus that stand for it.

    Attributes
    ----------
    locus : str
    members : tuple of (ReferenceRecord, str)
        Alike among themselves where the locus allows it.
    uniform : bool
        Whether at least half of those that were drawn are alike; of the control region,
        for one, orders are not.
    """

    locus: str
    members: tuple[Pair, ...]
    uniform: bool

    def nearest(
        self, record: ReferenceRecord, sequence: str, *, enough: float = 2.0
    ) -> tuple[float, ReferenceRecord]:
        """Return the highest identity to a member and that member; the first that is enough.

        The record itself does not count. Below `UNLIKE` the identity is 0.0, with the record itself.
        """
        best, closest = 0.0, record
        for member, other in sorted(self.members, key=lambda pair: -_kinship(record, pair[0])):
            if member.accession == record.accession or min(len(sequence), len(other)) < MINIMUM:
                continue
            value = identity(sequence, other, least=max(UNLIKE, best))
            if value > best:
                best, closest = value, member
            if best >= enough:
                break
        return best, closest


def make_panel(locus: str, records: Iterable[Pair], *, most: int = PANEL) -> Panel:
    """Choose records that stand for a locus.

    Parameters
    ----------
    locus : str
    records : iterable of (ReferenceRecord, str)
        Of that locus; the order does not matter.
    most : int
        Records at most.

    Returns
    -------
    Panel
        One record of each order (family, genus, where orders are unknown) in turn, the
        longest first, without those that are unlike most others.
    """
    groups: dict[str, list[Pair]] = defaultdict(list)
    for record, sequence in records:
        if len(sequence) >= MINIMUM:
            group = record.order or record.family or record.genus or record.name
            groups[group].append((record, sequence))
    for members in groups.values():
        members.sort(key=lambda pair: (-len(pair[1]), pair[0].accession))
    # The largest groups come first: what is common at a locus must be in its panel.
    queues = sorted(groups.values(), key=lambda members: (-len(members), members[0][0].accession))
    deepest = max(map(len, queues), default=0)
    turns = (queue[depth] for depth in range(deepest) for queue in queues if depth < len(queue))
    drawn = [pair for pair, _number in zip(turns, range(most))]
    alike = [
        sum(
            identity(sequence, other, least=UNLIKE) > 0
            for number, (_record, other) in enumerate(drawn)
            if number != place
        )
        for place, (_record, sequence) in enumerate(drawn)
    ]
    least = max(1, AGREEING * (len(drawn) - 1))
    kept = [pair for pair, count in zip(drawn, alike) if count >= least]
    uniform = len(kept) >= max(MIN_PANEL, len(drawn) / 2)
    return Panel(locus, tuple(kept if uniform else drawn), uniform)


def screen_loci(
    loci: Mapping[str, Sequence[Pair]], *, witnesses: Mapping[str, Sequence[Pair]] | None = None
) -> list[ScreeningFinding]:
    """Find the records that are of another locus or on the other strand.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        All records of a library by locus, with clean sequences.
    witnesses : mapping of the same, optional
        Records of other loci, with which those of the library are compared too.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """
    known = {**(witnesses or {}), **loci}
    findings = []
    for locus, records in loci.items():
        own = make_panel(locus, records)
        if len(own.members) < MIN_PANEL:
            continue
        suspects = _unlike(own, records)
        if not suspects:
            continue
        foreign = [
            make_panel(other, panel_records, most=FOREIGN_PANEL)
            for other, panel_records in known.items()
            if other != locus
        ]
        odd = {(record.accession, sequence) for record, sequence in suspects}
        sound = _Relatives(pair for pair in records if (pair[0].accession, pair[1]) not in odd)
        for record, sequence in suspects:
            finding = _judge(record, sequence, own, foreign, sound.of(record))
            if finding:
                findings.append(finding)
    return findings


def _judge(
    record: ReferenceRecord,
    sequence: str,
    own: Panel,
    foreign: Sequence[Panel],
    kin: Sequence[Pair],
) -> ScreeningFinding | None:
    """Judge a record that is unlike its panel as it stands."""
    turned = reverse_complement(sequence)
    near = max((identity(sequence, other) for _record, other in kin), default=0.0)
    if near >= UNLIKE:
        return None
    unlike = f"below {UNLIKE:.0%} to {len(own.members)} records of {own.locus}"
    if kin:
        unlike += f" and at most {near:.1%} to {len(kin)} of {_shared(record, kin)}"
    value, member = own.nearest(record, turned, enough=LIKE)
    if value >= LIKE:
        # How near it really is, for the evidence: to the nearest of its kin.
        value, member = max(
            [(value, member), *((identity(turned, other), r) for r, other in kin)],
            key=lambda pair: pair[0],
        )
        evidence = f"{unlike}; turned round, {value:.1%} to {_name_record(member)}"
        return ScreeningFinding.of(record, "OTHER_STRAND", value, evidence, "turn")
    best, where, at, strand = 0.0, record, "", ""
    for panel in foreign:
        for way, text in (("as it stands", sequence), ("turned round", turned)):
            if best >= SETTLED:
                break
            value, member = panel.nearest(record, text)
            if value > best:
                best, where, at, strand = value, member, panel.locus, way
    if best >= LIKE:
        evidence = f"{best:.1%} to {_name_record(where)} of {at}, {strand}; {unlike}"
        return ScreeningFinding.of(record, "WRONG_LOCUS", best, evidence)
    if own.uniform and len(kin) > 1:
        evidence = f"{unlike}, on the other strand too; like no other locus"
        return ScreeningFinding.of(record, "UNLIKE_LOCUS", near, evidence, "look")
    return None


def _unlike(panel: Panel, records: Iterable[Pair]) -> list[Pair]:
    """Return the records that are unlike every member of a panel; those with too few bases are not judged."""
    members = list(panel.members)
    unlike = []
    for record, sequence in records:
        if len(sequence) < MINIMUM:
            continue
        for place, (member, other) in enumerate(members):
            if (
                member.accession != record.accession
                and len(other) >= MINIMUM
                and identity(sequence, other, least=UNLIKE)
            ):
                # Whoever was like this record is likely to be like the next.
                members.insert(0, members.pop(place))
                break
        else:
            unlike.append((record, sequence))
    return unlike


class _Relatives:
    """Records that are like their locus, by genus and by family."""

    def __init__(self, records: Iterable[Pair]) -> None:
        self._by_name: dict[tuple[str, str], list[Pair]] = defaultdict(list)
        for record, sequence in records:
            if len(sequence) >= MINIMUM:
                for rank in ("genus", "family"):
                    self._by_name[rank, getattr(record, rank)].append((record, sequence))

    def of(self, record: ReferenceRecord) -> list[Pair]:
        """Return some records of the same genus, else family."""
        genus, family = (
            self._by_name.get((rank, name), ()) if (name := getattr(record, rank)) else ()
            for rank in ("genus", "family")
        )
        others = [pair for pair in family if not record.genus or pair[0].genus != record.genus]
        near = [pair for pair in (*genus, *others) if pair[0].accession != record.accession]
        return sorted(near, key=lambda pair: -_kinship(record, pair[0]))[:KIN]


def _shared(record: ReferenceRecord, kin: Sequence[Pair]) -> str:
    same = all(other.genus == record.genus for other, _sequence in kin)
    return record.genus if same else record.family


def _kinship(record: ReferenceRecord, other: ReferenceRecord) -> int:
    """Count the ranks at which two records bear one name."""
    return sum(
        bool(getattr(record, r)) and getattr(record, r) == getattr(other, r) for r in _KINSHIP
    )


def _name_record(record: ReferenceRecord) -> str:
    return f"{record.label} ({record.accession})"
