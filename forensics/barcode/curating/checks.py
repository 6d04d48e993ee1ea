"""Reference records looked at one by one: accession, length, ambiguous bases, reading frame, locus.

What is found is reported, with the number that was measured; nothing is dropped here.
`forensics.barcode.curating.screening` compares the records with one another.

===============  ======  ==================================================================
STOP_CODON       drop    no reading frame is open (pseudogene, frame shift, other strand)
OUTLYING_LENGTH  drop    shorter than any barcode of the locus
OUTLYING_LENGTH  cut     longer than the whole gene or spacer: its neighbours came with it
AMBIGUOUS        drop    too many ambiguous bases
DUPLICATE        drop    the accession occurs before
===============  ======  ==================================================================

The score is the number that was measured: stop codons, bases, share of ambiguous bases; 1 for
a duplicate.

Reading frame. Which of the three frames a gene is read in shows in its codons, whatever animal it is of: every
locus has codons that it uses, and others that occur only where it is read out of frame. This is
learnt from the records of the library that have one open frame. It tells the frame of a record
without aligning it, and where the frame changes.

===========  ====  ======================================================================
STOP_CODON   drop  stop codons in the frame that its codons are those of, though another frame
                   may be open
FRAME_SHIFT  drop  one part reads in one frame and the rest in another: a base was lost or
                   read twice, or it is a nuclear copy
===========  ====  ======================================================================

The score is the number of stop codons, or by how much two frames explain the record better than one
(natural logarithm of the likelihood ratio).

Locus and strand. Sequences of one locus are alike across orders of animals; sequences of two loci are no more alike
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

import functools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.locus import MITOCHONDRIAL, ambiguous_count, find_locus, reverse_complement
from forensics.barcode.matching.kernel import identities, identity
from forensics.barcode.reference.records import ByLocus, Key, Pair, ReferenceRecord
from forensics.barcode.translation import mitochondrial_code, stops

if TYPE_CHECKING:
    import numpy as np

# BOLD bins no sequence with 1 % or more ambiguous bases (Ratnasingham & Hebert 2013,
# doi:10.1371/journal.pone.0066213).
MAX_AMBIGUOUS = 0.01


@dataclass(frozen=True, slots=True)
class ScreeningFinding:
    """One thing found about one record.

    Attributes
    ----------
    locus, accession, name : str
        Of the record.
    code : str
        See the tables of this module and of `forensics.barcode.curating.screening`.
    score : float
        For names: identity to the nearest record of the other name, 0-1. For
        sequences: the number measured (stop codons, bases, share of ambiguous bases).
    evidence : str
        A sentence with the numbers on both sides.
    suggested_action : str
         one of `forensics.barcode.curating.screening.ACTIONS`.
    """

    locus: str
    accession: str
    name: str
    code: str
    score: float
    evidence: str
    suggested_action: str

    @property
    def key(self) -> Key:
        """Locus and accession of the record."""
        return self.locus, self.accession

    @classmethod
    def of(
        cls, record: ReferenceRecord, code: str, score: float, evidence: str, action: str = "drop"
    ) -> "ScreeningFinding":
        """Make a finding about a record, its score rounded to four places."""
        return cls(
            record.locus, record.accession, record.name, code, round(score, 4), evidence, action
        )


def genetic_code(record: ReferenceRecord) -> int | None:
    """Return the NCBI number of the code of a record at its locus, None where that is not coding."""
    locus = find_locus(record.locus)
    if not locus.genetic_codes:
        return None
    if locus.genome == MITOCHONDRIAL:
        return mitochondrial_code(record.phylum, record.class_)
    return locus.genetic_codes[0]


#: Codons are numbered with five digits, A, C, G, T and any other letter; so many there are.
_CODONS = 5**3
_DIGITS = bytes("ACGT".find(chr(letter)) % 5 for letter in range(256))


def _number_codons(sequence: str) -> "np.ndarray":
    """Return the number of the codon that begins at each base; those of a frame are every third."""
    import numpy as np

    digits = np.frombuffer(sequence.encode("ascii").translate(_DIGITS), np.uint8)
    return (5 * digits[:-2] + digits[1:-1]) * 5 + digits[2:]


def _number_codon(codon: str) -> int:
    return int(_number_codons(codon)[0])


@functools.cache
def _closing(code: int) -> "np.ndarray":
    """Return which codons, by their numbers, are stop codons."""
    import numpy as np

    closing = np.zeros(_CODONS, bool)
    closing[[_number_codon(codon) for codon in stops(code)]] = True
    return closing


def _count_stops(numbers: "np.ndarray", code: int, frame: int) -> int:
    """Count stop codons of genetic code `code` in a frame of numbered codons.

    The last whole codon does not count: it may be the end of the gene, behind which a record may have a base or two.
    """
    return int(_closing(code)[numbers[frame::3][:-1]].sum())


def open_frame(sequence: str, code: int) -> tuple[int, int]:
    """Return (stops, frame) of the forward frame with the fewest stop codons."""
    numbers = _number_codons(sequence)
    return min((_count_stops(numbers, code, frame), frame) for frame in range(3))


def check_sequences(
    records: Sequence[Pair], *, lengths: tuple[int, int] | None = None
) -> list[ScreeningFinding]:
    """Check every record of a locus by itself.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        With their loci set and clean sequences.
    lengths : (int, int), optional
        Least and greatest number of bases, both allowed; default: those of the locus.

    Returns
    -------
    list of ScreeningFinding
        At most one a record, the first that applies.
    """
    findings, seen = [], set()
    for record, sequence in records:
        locus = find_locus(record.locus)
        least, most = lengths or (locus.minimum_length, locus.maximum_length)
        ambiguous = ambiguous_count(sequence) / max(1, len(sequence))
        if record.accession in seen:
            evidence = "the accession occurs before at this locus"
            findings.append(ScreeningFinding.of(record, "DUPLICATE", 1.0, evidence))
        elif not least <= len(sequence) <= most:
            evidence = f"{len(sequence)} bases, expected {least} to {most}"
            action = "drop" if len(sequence) < least else "cut"
            length = float(len(sequence))
            findings.append(
                ScreeningFinding.of(record, "OUTLYING_LENGTH", length, evidence, action)
            )
        elif ambiguous >= MAX_AMBIGUOUS:
            evidence = f"{ambiguous:.1%} ambiguous bases, limit {MAX_AMBIGUOUS:.0%}"
            findings.append(ScreeningFinding.of(record, "AMBIGUOUS", ambiguous, evidence))
        elif (table := genetic_code(record)) and (count := open_frame(sequence, table)[0]):
            evidence = (
                f"{count} stop codons under genetic code {table} in the best of the three forward "
                "frames"
            )
            if not open_frame(reverse_complement(sequence), table)[0]:
                evidence += "; the other strand is open"
            findings.append(ScreeningFinding.of(record, "STOP_CODON", float(count), evidence))
        seen.add(record.accession)
    return findings


#: Fewer records with one open frame teach nothing, and more nothing new.
MIN_RECORDS, MAX_RECORDS = 50, 2000
#: So much must the best frame of a record be ahead of the second for its stop codons to count.
#: Of 1,000 COI records each of the evaluation data and of the embedded library, and 1,000 of cytb,
#: none was ahead by less than 73.
SURE = 40.0
#: So much must two frames explain better than one. Of those records none reached 31; of the
#: same without one base in the middle half (simulated) 99 % exceeded 87, 73 and 36.
SHIFTED = 40.0

_Scores = dict[str, float]


def learn_codons(records: Sequence[Pair]) -> _Scores:
    """Learn which codons tell the reading frame of a locus.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one coding locus.

    Returns
    -------
    dict of str to float
        By codon the logarithm of its share in the frame over that out of frame; empty where
        fewer than `MIN_RECORDS` records have one open frame.
    """
    import numpy as np

    # One is added to each, so that what was never seen is not impossible.
    within, without = np.ones(_CODONS, int), np.ones(_CODONS, int)
    taught = 0
    step = max(1, len(records) // MAX_RECORDS)
    for record, sequence in records[::step]:
        numbers, code = _number_codons(sequence), genetic_code(record)
        open_frames = [f for f in range(3) if code and not _count_stops(numbers, code, f)]
        if len(open_frames) == 1:
            taught += 1
            for frame in range(3):
                counts = within if frame == open_frames[0] else without
                counts += np.bincount(numbers[frame::3], minlength=_CODONS)
    if taught < MIN_RECORDS:
        return {}
    triplets = {a + b + c: _number_codon(a + b + c) for a in "ACGT" for b in "ACGT" for c in "ACGT"}
    plain = list(triplets.values())
    return {
        triplet: math.log(within[number] / within[plain].sum())
        - math.log(without[number] / without[plain].sum())
        for triplet, number in triplets.items()
    }


def screen_frames(
    records: Sequence[Pair], *, exclude: Collection[str] = ()
) -> list[ScreeningFinding]:
    """Find stop codons and changes of the reading frame.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus; of one that is not coding nothing is found.
    exclude : collection of str
        Accessions that are passed over: of another locus, or on the other strand.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """
    import numpy as np

    readable = [
        (record, code, sequence)
        for record, sequence in records
        if (code := genetic_code(record)) and record.accession not in exclude
    ]
    scores = learn_codons([(record, sequence) for record, _code, sequence in readable])
    if not scores:
        return []
    score_of = np.zeros(_CODONS)
    score_of[[_number_codon(codon) for codon in scores]] = list(scores.values())
    findings = []
    for record, code, sequence in readable:
        numbers = _number_codons(sequence)
        scored = (score_of[numbers[frame::3]] for frame in range(3))
        sums = [np.concatenate([[0.0], np.cumsum(values)]) for values in scored]
        totals = sorted((values[-1], frame) for frame, values in enumerate(sums))
        (second, _other), (best, frame) = totals[1], totals[2]
        gain, place = _shift(sums, frame)
        number = _count_stops(numbers, code, frame)
        if gain >= SHIFTED:
            evidence = (
                f"reads in another frame from about base {place} on (logarithm of the likelihood "
                f"ratio {gain:.0f}, limit {SHIFTED:.0f}); {_counted(number)} in the longer part's frame"
            )
            findings.append(ScreeningFinding.of(record, "FRAME_SHIFT", gain, evidence))
        elif number and best - second >= SURE:
            evidence = (
                f"{_counted(number)} under genetic code {code} in the frame that "
                f"its codons are those of (from base {frame + 1})"
            )
            findings.append(ScreeningFinding.of(record, "STOP_CODON", float(number), evidence))
    return findings


def _shift(sums: "Sequence[np.ndarray]", frame: int) -> tuple[float, int]:
    """Return by how much two frames are better than one, and the base where they meet.

    One of the two is the frame that is best alone.
    """
    last = min(map(len, sums)) - 1
    best, gain_and_place = sums[frame], (0.0, 0)
    for other in (*sums[:frame], *sums[frame + 1 :]):
        for first, second in ((best, other), (other, best)):
            # Before codon n in frame one, from there on in frame two.
            gains = first[:last] - second[:last]
            number = int(gains.argmax())
            if (gain := gains[number] + second[last] - best[last]) > gain_and_place[0]:
                gain_and_place = float(gain), 3 * number + 1
    return gain_and_place


def _counted(number: int) -> str:
    return f"{number} stop codon{'' if number == 1 else 's'}"


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
# Members that a member is compared with at once, until enough are alike.
_AT_ONCE = 32
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
        compared = [
            pair
            for pair in sorted(self.members, key=lambda pair: -_kinship(record, pair[0]))
            if pair[0].accession != record.accession and len(pair[1]) >= MINIMUM <= len(sequence)
        ]
        values = identities(sequence, [other for _member, other in compared], least=UNLIKE)
        for (member, _other), value in zip(compared, values):
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
    least = math.ceil(max(1, AGREEING * (len(drawn) - 1)))

    def agrees(place: int) -> bool:
        others = [other for number, (_r, other) in enumerate(drawn) if number != place]
        alike = 0
        for first in range(0, len(others), _AT_ONCE):
            some = identities(drawn[place][1], others[first : first + _AT_ONCE], least=UNLIKE)
            alike += sum(value > 0 for value in some)
            if alike >= least:
                return True
        return False

    kept = [pair for place, pair in enumerate(drawn) if agrees(place)]
    uniform = len(kept) >= max(MIN_PANEL, len(drawn) / 2)
    return Panel(locus, tuple(kept if uniform else drawn), uniform)


def screen_loci(loci: ByLocus, *, witnesses: ByLocus | None = None) -> list[ScreeningFinding]:
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

    @functools.cache  # compares hundreds of records, and few suspects need one
    def foreign_panel(locus: str) -> Panel:
        return make_panel(locus, known[locus], most=FOREIGN_PANEL)

    findings = []
    for locus, records in loci.items():
        own = make_panel(locus, records)
        if len(own.members) < MIN_PANEL:
            continue
        suspects = _unlike(own, records)
        if not suspects:
            continue
        odd = {(record.accession, sequence) for record, sequence in suspects}
        sound = _Relatives(pair for pair in records if (pair[0].accession, pair[1]) not in odd)
        for record, sequence in suspects:
            foreign = (foreign_panel(other) for other in known if other != locus)
            finding = _judge(record, sequence, own, foreign, sound.of(record))
            if finding:
                findings.append(finding)
    return findings


def _judge(
    record: ReferenceRecord,
    sequence: str,
    own: Panel,
    foreign: Iterable[Panel],
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
