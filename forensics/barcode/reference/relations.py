"""Which species of a locus are one species under two names, which it cannot tell apart, and which records are doubted.

A calibration learns from species that are left out of a library. One that stays in it under another name, or a twin
that bears the same sequences, would teach it that a missing species is met exactly; a record under a wrong name
would teach it that a known one is not met. `relations_of` finds them from an index alone: from its names, its
sequences and, where there is one, a backbone of names.

=========  ============================================================================================
synonyms   the backbone has one accepted name for both; or, at a mitochondrial locus, where it does not
           accept both: one epithet (or its stem) in two genera of one family, or names one letter or a
           gender ending apart, with sequences as near as `SYNONYM_IDENTITY` says
twins      the locus does not tell them apart (the test is stated below)
doubted    the record lies among another genus, or among another species, while its own kin are elsewhere
=========  ============================================================================================

A record is doubted by one round of the rules that `forensics.barcode.reference.names` applies in several: enough to
keep it out of what is learnt, not to drop it from a library.

Two species are twins at a locus where all of this holds:

1. Their nearest sequences differ by no more than `MAX_DIFFERENCE`.
2. The nearest other sequence of a sequence does not show of which of the two it is. What is counted is how many
   haplotypes have one of their own species nearer than any of the other (half, where both are as near).
   The same count is made with the names dealt out anew to the haplotypes, in every way or in `PERMUTATIONS` ways at
   random: where no more than `SIGNIFICANCE` of the ways tell the names apart as well, the locus tells them apart.
3. They share a haplotype; or, with two haplotypes or more each, own ones are no nearer than chance has it.

So a species with one haplotype that no other species has is nobody's twin, however near it is: nothing shows
that the difference is not fixed. Haplotypes count and not records, since equal sequences are often of one animal
or one collecting.

Twins of twins are one unit (`forensics.barcode.reference.relations`).

References
----------
Meier et al. 2006, doi:10.1080/10635150600969864 (best close match; sequences shared between species).
Good 2005, Permutation, parametric and bootstrap tests of hypotheses, doi:10.1007/b138696.
"""

import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from forensics.barcode.curating.neighbours import NeighbourTable, all_neighbours
from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import identities, identity
from forensics.barcode.matching.search import TOLERANCE
from forensics.barcode.reference.library import Unit, connected, units_of
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.grouping import grouped
from forensics.taxonomy.names import Backbone
from forensics.taxonomy.spelling import epithet_stem, one_letter_apart, same_but_ending

#: Share of bases: 1 %, within which a species is no longer told from the next (`MARGIN` of the search).
MAX_DIFFERENCE = 0.01
#: Level at which a locus is taken to tell two names apart: the usual one.
SIGNIFICANCE = 0.05
#: Ways in which names are dealt out where there are more than so many; 999 resolve 0.05 to 0.007.
PERMUTATIONS = 999
# Of species with hundreds of haplotypes so many decide, spread evenly.
_MAX_HAPLOTYPES = 40
# Ways that are counted at once: 100 of 80 haplotypes take 5 MB.
_AT_ONCE = 100


def cannot_be_told_apart(
    haplotypes: Sequence[tuple[int, bool]], near: Callable[[int, int], float]
) -> bool:
    """Return whether two species are twins.

    Parameters
    ----------
    haplotypes : sequence of (int, bool)
        Haplotypes of the two with the species of each; a shared haplotype stands there for either.
    near : callable
        Identity of two haplotypes, 0-1; 0 where they are far apart.
    """
    entries = [
        *_some([h for h in haplotypes if not h[1]]),
        *_some([h for h in haplotypes if h[1]]),
    ]
    labels = [label for _haplotype, label in entries]
    if not any(labels) or all(labels):
        return False
    table = [
        [near(a, b) if i != j else -1.0 for j, (b, _b) in enumerate(entries)]
        for i, (a, _a) in enumerate(entries)
    ]
    between = max(table[i][j] for i, a in enumerate(labels) for j, b in enumerate(labels) if a != b)
    if between < 1 - MAX_DIFFERENCE - TOLERANCE:
        return False
    shared = {h for h, label in haplotypes if label} & {h for h, label in haplotypes if not label}
    fewest = min(sum(labels), len(labels) - sum(labels))
    if not shared and fewest < 2:
        return False
    counts = _own_nearest(table, [labels, *_dealt(labels)])
    own, by_chance = counts[0], counts[1:]
    as_well = sum(value >= own - TOLERANCE for value in by_chance) / len(by_chance)
    if as_well <= SIGNIFICANCE:
        return False
    return bool(shared) or own <= sum(by_chance) / len(by_chance) + TOLERANCE


def _some(entries: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Return at most `_MAX_HAPLOTYPES`, spread evenly."""
    step = max(1.0, len(entries) / _MAX_HAPLOTYPES)
    return [entries[int(place * step)] for place in range(min(len(entries), _MAX_HAPLOTYPES))]


def _own_nearest(table: Sequence[Sequence[float]], dealt: Sequence[Sequence[bool]]) -> list[float]:
    """Count, for each way, the haplotypes to which their own species is nearer than the other; ties count half."""
    import numpy as np

    near, counts = np.array(table), []
    for first in range(0, len(dealt), _AT_ONCE):
        labels = np.array(dealt[first : first + _AT_ONCE], dtype=bool)
        same = labels[:, :, None] == labels[:, None, :]
        own = np.where(same, near, -1.0).max(axis=2)
        other = np.where(same, -1.0, near).max(axis=2)
        lead = own - other
        counts += (
            (lead > TOLERANCE).sum(axis=1) + 0.5 * (np.abs(lead) <= TOLERANCE).sum(axis=1)
        ).tolist()
    return counts


def _dealt(labels: Sequence[bool]) -> Iterable[list[bool]]:
    """Yield the labels dealt out in every way, or in so many ways at random, the given one first."""
    size, marked = len(labels), sum(labels)
    if math.comb(size, marked) <= PERMUTATIONS:
        for places in combinations(range(size), marked):
            chosen = set(places)
            yield [place in chosen for place in range(size)]
        return
    yield list(labels)
    generator = random.Random(size * 1000 + marked)
    for _time in range(PERMUTATIONS):
        dealt = list(labels)
        generator.shuffle(dealt)
        yield dealt


#: Sequences from here on are neighbours: the records of one species usually lie within 3 %
#: (Hebert et al. 2003, doi:10.1098/rspb.2002.2218).
NEIGHBOUR_IDENTITY = 0.97
#: Least identity at which neighbours are asked for.  Orders of animals differ at COI by
#: more than a tenth, so a neighbour of another order above it is odd: an *Alcedo atthis* with
#: the sequence of a pigeon was 93.0 % like *Columba palumbus*.
FLOOR = 0.92
#: Identity from which a neighbour of another order, family, genus or species counts against
#: a name.  Order: see `FLOOR`.  Family: congeners differ by 11.3 % on average (Hebert et al.
#: 2003, doi:10.1098/rsbl.2003.0025), so 5 % between families is odd.  Genus: 2 % is the
#: usual bound between species (idem).  Species: 1 %, within which BOLD names a species
#: (Ratnasingham & Hebert 2007, doi:10.1111/j.1471-8286.2007.01678.x).
AGAINST = {"order": FLOOR, "family": 0.95, "genus": 0.98, "species": 0.99}
#: Records within this of the nearest foreign neighbour count as standing beside it.
BESIDE = 0.01
#: Independent records of another species needed to outweigh a name within its genus, and of
#: the record's own species elsewhere: recently diverged species share haplotypes without error.
SPECIES_SUPPORT = (3, 2)
#: Identity of the nearest sequences of two names by which they are proven to be one species' names. One
#: epithet in two genera: the bound between genera. One letter apart: only an identical sequence, since the
#: siskins *Carduelis pinus* and *C. spinus* are 98.3 % identical.
SYNONYM_IDENTITY = {"genus": AGAINST["genus"], "spelling": 1.0}
#: Nearest sequences of two names that are less alike than this are of two species, whatever other loci say.
FAR_APART = 0.95
#: Shorter sequences prove nothing of two names.
MIN_LENGTH = 100
#: In shorter epithets one stem is chance: *Apus apus* and *Bubo bubo* are not known by theirs.
MIN_STEM = 4
#: Of more haplotypes neighbours are not searched for; twins are then those with a sequence in common.
MAX_SEARCHED = 60_000


@dataclass(frozen=True)
class NameRelations:
    """What the names of an index are to one another.

    Species are the numbers that the index gives them, records their positions in it.

    Attributes
    ----------
    labels : tuple of str
        Name of each species, by its number.
    synonyms, twins : mapping of int to frozenset of int
        The other names of a species; the other species that the locus does not tell from it. Species
        without any are left out.
    doubts : frozenset of int
        Records whose name is doubted.
    backbone : Backbone or None
    """

    labels: tuple[str, ...]
    synonyms: Mapping[int, frozenset[int]] = field(default_factory=dict)
    twins: Mapping[int, frozenset[int]] = field(default_factory=dict)
    doubts: frozenset[int] = frozenset()
    backbone: Backbone | None = None

    def related(self, species: int) -> frozenset[int]:
        """Return the species that must be left out together with this one: its other names, and its twins."""
        none: frozenset[int] = frozenset()
        names = self.synonyms.get(species, none) | {species}
        twins = (self.twins.get(name, none) for name in names)
        return names.union(*twins) - {species}

    def doubted(self, position: int) -> bool:
        """Return whether the name of a record is doubted."""
        return position in self.doubts

    def known_species(self, taxon: str) -> int:
        """Return how many species of a genus or family are known; 0 where there is no backbone, or it lacks the taxon."""
        return self.backbone.known_species(taxon) if self.backbone else 0

    @property
    def units(self) -> tuple[Unit, ...]:
        """The named units: sets of species that the locus does not tell apart."""
        return units_of(
            {self.labels[a]: {self.labels[b] for b in bs} for a, bs in self.twins.items()}
        )


def relations_of(
    index: Index,
    *,
    backbone: Backbone | None = None,
    doubted: Collection[str] = (),
    neighbours: NeighbourTable | None = None,
    threads: int = 1,
) -> NameRelations:
    """Find out what the names of an index are to one another.

    Parameters
    ----------
    index : Index
    backbone : Backbone, optional
        Names that are accepted, and what others are synonyms of.
    doubted : collection of str
        Accessions that a screening doubts, beside those that are found here.
    neighbours : NeighbourTable, optional
        Of all sequences of the index, down to `NEIGHBOUR_IDENTITY` or less, where it is known.
    threads : int
        See `all_neighbours`.

    Returns
    -------
    NameRelations
        Where the neighbours are not known, 12,000 records of COI take some ten seconds.
    """
    locus = _Locus(index)
    groups = connected(_synonym_pairs(locus, backbone))
    synonyms = {member: frozenset(group - {member}) for member, group in sorted(groups.items())}
    locus.same_species = synonyms
    doubts = {
        position
        for position in range(index.record_count if doubted else 0)
        if index.record(position).accession in doubted
    }
    if index.size <= MAX_SEARCHED:
        locus.search(neighbours, threads)
        doubts.update(_doubts(locus))
    twins: dict[int, set[int]] = defaultdict(set)
    for first, other in sorted(_twin_pairs(locus, doubts)):
        twins[first].add(other)
        twins[other].add(first)
    return NameRelations(
        labels=locus.labels,
        synonyms=synonyms,
        twins={species: frozenset(others) for species, others in sorted(twins.items())},
        doubts=frozenset(doubts),
        backbone=backbone,
    )


class _Locus:
    """Species, haplotypes and neighbours of an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.haplotypes = index.haplotypes_by_species()
        first = [
            index.record(index.positions_of(species)[0]) for species in range(index.species_count)
        ]
        self.labels = tuple(record.label for record in first)
        # The species that have a binomial; others have nothing to be distinguished from.
        self.named = {species: record for species, record in enumerate(first) if record.species}
        self.near: list[dict[int, float]] = [{}] * index.size
        self.same_species: Mapping[int, frozenset[int]] = {}

    def search(self, known: NeighbourTable | None, threads: int) -> None:
        """Find the neighbours of every haplotype, unless a table of all is known."""
        sequences = [self.index.sequence(haplotype) for haplotype in range(self.index.size)]
        table = known
        if table is None:
            table = all_neighbours(
                sequences, self.index.locus, floor=NEIGHBOUR_IDENTITY, threads=threads
            )
        self.near = table.within(sequences, NEIGHBOUR_IDENTITY)

    def identity(self, first: int, other: int, *, least: float) -> float:
        """Return the identity of two haplotypes, compared directly."""
        return identity(
            self.index.sequence(first),
            self.index.sequence(other),
            least=least,
        )

    def is_one(self, first: int, other: int) -> bool:
        """Return whether two species are one, perhaps under two names."""
        return first == other or other in self.same_species.get(first, ())


# -- one species under two names ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameProof:
    """Two names that may be of one species, and what a locus says of it.

    Attributes
    ----------
    name, other : str
    locus : str
    identity : float
        Of the nearest sequences of the two, 0-1; 0 where they are farther apart than `FAR_APART`.
    is_proven : bool
        Whether they are near enough for the likeness of the names: of one epithet in two genera half of the
        sequences of either name, of a misspelt name one.
    """

    name: str
    other: str
    locus: str
    identity: float
    is_proven: bool


def prove_names(
    records: Iterable[tuple[ReferenceRecord, Any]],
    *,
    backbone: Backbone | None = None,
    read: Callable[[Any], str] = str,
) -> list[NameProof]:
    """Compare the sequences of names that may be of one species.

    Parameters
    ----------
    records : iterable of (ReferenceRecord, object)
        Of one locus, each with its sequence, or with what `read` makes one of: few names are alike, and a million
        sequences fill the memory.
    backbone : Backbone, optional
        Two names that it accepts are never of one species.

    Returns
    -------
    list of NameProof
        One for each pair of names that is alike, proven or not.
    """
    of_name = grouped((pair for pair in records if pair[0].species), lambda pair: pair[0].species)
    first = {name: pairs[0][0] for name, pairs in of_name.items()}
    counts = {name: len(pairs) for name, pairs in of_name.items()}
    proofs = []
    for name, other, kind in _alike(first, counts):
        if backbone is not None and backbone.are_two_species(name, other):
            continue
        ways = [[read(s) for s in dict.fromkeys(s for _r, s in of_name[n])] for n in (name, other)]
        nearest = [_all_nearest(*ways), _all_nearest(*reversed(ways))]
        near = max(nearest[0], default=0.0)
        # One mislabelled record must not make two species one.
        least = near if kind == "spelling" else min(map(statistics.median, nearest))
        proven = least >= SYNONYM_IDENTITY[kind] - TOLERANCE
        proofs.append(NameProof(name, other, first[name].locus, near, proven))
    return proofs


def _alike(
    records: Mapping[str, ReferenceRecord], counts: Mapping[str, int]
) -> Iterable[tuple[str, str, str]]:
    """Yield pairs of names that may be of one species, with the kind of likeness."""
    for stem, group in grouped(records, epithet_stem).items():
        for name, other in combinations(group if len(stem) >= MIN_STEM else (), 2):
            a, b = records[name], records[other]
            if a.genus != b.genus and not (a.family and b.family and a.family != b.family):
                yield name, other, "genus"
    for like in (*one_letter_apart(counts), *same_but_ending(counts)):
        # Where both have as many records nothing says which is misspelt: two species may truly be called so.
        if not like.even:
            yield like.name, like.like, "spelling"


def _all_nearest(sequences: Sequence[str], others: Sequence[str]) -> list[float]:
    """Return of each sequence its highest identity with one of the others; 0.0 below `FAR_APART`.

    Sequences that are too short to prove anything are left out; where none is left, one 0.0 stands for them.
    """
    long = [sequence for sequence in sequences if len(sequence) >= MIN_LENGTH]
    others = [sequence for sequence in others if len(sequence) >= MIN_LENGTH]
    return [_nearest(sequence, others) for sequence in long] or [0.0]


def _nearest(sequence: str, others: Sequence[str]) -> float:
    if sequence in others:
        return 1.0
    return max(identities(sequence, others, least=FAR_APART), default=0.0)


def _synonym_pairs(locus: _Locus, backbone: Backbone | None) -> set[tuple[int, int]]:
    """Return the pairs of species that are one."""
    numbers = {record.species: species for species, record in locus.named.items()}
    pairs: set[tuple[int, int]] = set()
    if backbone is not None:
        for names in grouped(numbers, backbone.accepted).values():
            pairs.update((numbers[name], numbers[other]) for name, other in pairwise(names))
    if find_locus(locus.index.locus).genome == MITOCHONDRIAL:
        haplotypes = (
            (record, haplotype)
            for haplotype in range(locus.index.size)
            for position in locus.index.positions(haplotype)
            if (record := locus.named.get(locus.index.species_at(position)))
        )
        proofs = prove_names(haplotypes, backbone=backbone, read=locus.index.sequence)
        pairs.update(
            (numbers[proof.name], numbers[proof.other]) for proof in proofs if proof.is_proven
        )
    return pairs


# -- species that the locus does not tell apart --------------------------------------


def _twin_pairs(locus: _Locus, doubts: set[int]) -> Iterable[tuple[int, int]]:
    """Yield the pairs of species that the locus does not tell apart, the lower number first."""
    sound = [
        tuple(
            species
            for species in locus.index.species(haplotype)
            if species in locus.named
            and not doubts.issuperset(locus.index.positions_at(haplotype, species))
        )
        for haplotype in range(locus.index.size)
    ]
    candidates: set[tuple[int, int]] = set()
    for haplotype, here in enumerate(sound):
        around = set(here).union(
            *(
                sound[other]
                for other, near in locus.near[haplotype].items()
                if near >= AGAINST["species"] - TOLERANCE
            )
        )
        candidates.update(
            (min(first, other), max(first, other))
            for first in here
            for other in around
            if not locus.is_one(first, other)
        )
    for first, other in sorted(candidates):
        entries = [
            (haplotype, species == other)
            for species in (first, other)
            for haplotype in locus.haplotypes[species]
            if species in sound[haplotype]
        ]

        def near(a: int, b: int) -> float:
            return 1.0 if a == b else locus.near[a].get(b, 0.0)

        if cannot_be_told_apart(entries, near):
            yield first, other


# -- records whose name is doubted ---------------------------------------------------


def _doubts(locus: _Locus) -> Iterable[int]:
    for species, record in locus.named.items():
        for haplotype in locus.haplotypes[species]:
            if _is_doubted(locus, species, record, haplotype):
                yield from locus.index.positions_at(haplotype, species)


def _is_doubted(locus: _Locus, species: int, me: ReferenceRecord, haplotype: int) -> bool:
    around = [
        (other, there, near)
        for there, near in ((haplotype, 1.0), *locus.near[haplotype].items())
        for other in locus.index.species(there)
        if other in locus.named and (other != species or there != haplotype)
    ]
    own = [near for other, _there, near in around if locus.is_one(species, other)]
    names = (species, *locus.same_species.get(species, ()))
    elsewhere = [
        there
        for name in names
        for there in locus.haplotypes[name]
        if there != haplotype and there not in locus.near[haplotype]
    ]
    foreign = [
        (locus.named[other].genus == me.genus, near, other, there)
        for other, there, near in around
        if not locus.is_one(species, other)
    ]
    best = max((near for is_kin, near, *_which in foreign if not is_kin), default=0.0)
    if best >= AGAINST["genus"] - TOLERANCE:
        kin = own + [near for is_kin, near, *_which in foreign if is_kin]
        if max(kin, default=0.0) < best - BESIDE and elsewhere:
            return True
    congeners = (
        (there, other)
        for is_kin, near, other, there in foreign
        if is_kin and near >= AGAINST["species"] - TOLERANCE
    )
    apart = ((there, name) for name in names for there in elsewhere)
    if not own and all(
        sum(len(locus.index.positions_at(*at)) for at in places) >= support
        for places, support in zip((congeners, apart), SPECIES_SUPPORT)
    ):
        return True
    return not own and _is_far(locus, haplotype, elsewhere)


def _is_far(locus: _Locus, haplotype: int, elsewhere: list[int]) -> bool:
    """Return whether other haplotypes of the species agree with one another, and this one lies far from all."""
    agree = any(b in locus.near[a] for a, b in combinations(elsewhere, 2))
    return agree and not any(locus.identity(haplotype, other, least=FLOOR) for other in elsewhere)
