"""Which reference records become blind samples of a round, and which leave its library with them.

All is drawn from the records and a seed. The sequences are real; what is done to some of them
(`Kind.SHORT` is a piece of one, `Kind.DOUBLE` and `Kind.CHIMERA` are put together from two) is a
simulation and is called so in the answers.

More samples are drawn than are used (`SPARE`): `forensics.training.rounds` sorts out those that nobody could
answer rightly from the library.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from forensics.barcode.reference.records import ReferenceRecord


class Kind(StrEnum):
    """What a sample is."""

    KNOWN = "known"  # the library has other records of the species
    EXCHANGED = "exchanged"  # so too, and its label is that of another sample
    SHORT = "short"  # a piece of a known one, as degraded tissue gives
    TWIN = "twin"  # a species that has next to the same sequence as another of its genus
    SPECIES_MISSING = "species_missing"  # the library has its genus
    GENUS_MISSING = "genus_missing"  # the library has its family
    DOUBLE = "double"  # two species read as one, double bases where they differ: SIMULATED
    CHIMERA = "chimera"  # the first half of one, the second of another: SIMULATED
    HUMAN = "human"  # of whoever handled the exhibit


SPARE = MappingProxyType(
    {
        # Twins first: few genera have them.
        Kind.TWIN: 4,
        Kind.GENUS_MISSING: 5,
        Kind.SPECIES_MISSING: 6,
        Kind.KNOWN: 8,
        Kind.EXCHANGED: 10,
        Kind.SHORT: 5,
        Kind.DOUBLE: 2,
        Kind.CHIMERA: 4,
        Kind.HUMAN: 1,
    }
)
"""How many of each kind are drawn."""

WHOLE = 600
"""Bases of a record that is taken as a whole barcode: 500 are asked of one (Ratnasingham & Hebert
2007, doi:10.1111/j.1471-8286.2007.01678.x), and halves must still be halves."""
SHORT = 130
"""Bases of a short sample: a mini-barcode (Meusnier et al. 2008, doi:10.1186/1471-2164-9-214)."""
LEFT = 2
"""Records of a species that the library must keep when one is taken as a sample."""
TWIN = 6
"""Differences in a whole barcode up to which two species of a genus are taken for twins: 1 %."""
MAX_IN_GENUS = 12
"""Records of a genus that is left out whole; with more the library would lose its calibration."""
_AMBIGUITY = {
    frozenset(pair): code
    for pair, code in (("AG", "R"), ("CT", "Y"), ("CG", "S"), ("AT", "W"), ("GT", "K"), ("AC", "M"))
}

Entry = tuple[ReferenceRecord, str]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What is true of a sample.

    Attributes
    ----------
    label : str
        What the submitting office wrote on the bag. No evidence, and not always true.
    species, genus, family, order : str
        Empty for what is of two species.
    missing : bool
        Whether the library of the round has no record of the species.
    components, made_of : tuple of str
        The species in it, and the accessions of the records that it was made of.
    """

    kind: Kind
    label: str
    species: str
    genus: str
    family: str
    order: str
    missing: bool
    components: tuple[str, ...]
    made_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Draft(Sample):
    """A sample before it has a number."""

    sequence: str

    @classmethod
    def of(cls, kind: Kind, sequence: str, *records: ReferenceRecord) -> "Draft":
        """Return a sample of one record or two, with the name of the first on the label."""
        first = records[0]
        alone = len(records) == 1
        return cls(
            kind=kind,
            sequence=sequence,
            label=first.species,
            species=first.species if alone else "",
            genus=first.genus if alone else "",
            family=first.family if alone else "",
            order=first.order,
            missing=kind in (Kind.SPECIES_MISSING, Kind.GENUS_MISSING),
            made_of=tuple(record.accession for record in records),
            components=tuple(record.species for record in records),
        )


def draw(records: Sequence[Entry], human: str, *, seed: int) -> tuple[list[Draft], list[Entry]]:
    """Draw samples.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus, in any order.
    human : str
        A human sequence of the same locus.
    seed : int
        The same records and seed give the same samples.

    Returns
    -------
    drafts : list of Draft
        `SPARE` of each kind, or fewer where the records do not hold as many.
    left : list of (ReferenceRecord, str)
        The records that make the library: without those of the samples, and without any of the
        species and genera that are to be missing.
    """
    return _Drawing(records, seed).run(human)


class _Drawing:
    def __init__(self, records: Sequence[Entry], seed: int) -> None:
        self.records = sorted(records, key=lambda entry: entry[0].accession)
        self.random = random.Random(seed)
        self.whole: dict[str, list[Entry]] = defaultdict(list)
        self.count: dict[str, int] = defaultdict(int)
        self.genera: dict[str, set[str]] = defaultdict(set)
        self.families: dict[str, set[str]] = defaultdict(set)
        self.in_genus: dict[str, int] = defaultdict(int)
        self.family_of: dict[str, str] = {}
        for record, sequence in self.records:
            self.in_genus[record.genus] += 1
            self.family_of.setdefault(record.genus, record.family)
            if not (record.species and record.genus and record.family):
                continue
            self.count[record.species] += 1
            self.genera[record.genus].add(record.species)
            self.families[record.family].add(record.genus)
            if len(sequence) >= WHOLE and not set(sequence) - set("ACGT"):
                self.whole[record.species].append((record, sequence))
        # Of a genus or a family one sample at most: no sample may depend on what another took out.
        self.taken: set[str] = set()
        self.out: set[str] = set()

    def run(self, human: str) -> tuple[list[Draft], list[Entry]]:
        drafts: list[Draft] = []
        make: dict[Kind, Callable[[str, Kind], Draft | None]] = {
            Kind.TWIN: self._twin,
            Kind.GENUS_MISSING: self._genus_missing,
            Kind.SPECIES_MISSING: self._species_missing,
            Kind.SHORT: self._short,
            Kind.DOUBLE: partial(self._of_two, join=_double),
            Kind.CHIMERA: partial(self._of_two, join=_halves),
        }
        for kind, number in SPARE.items():
            if kind is Kind.HUMAN:
                continue
            accepted: list[Draft] = []
            for species in self._shuffled():
                if len(accepted) == number:
                    break
                if self.genus_of(species) in self.taken:
                    continue
                draft = make.get(kind, self._single_record)(species, kind)
                if draft:
                    accepted.append(draft)
            drafts += accepted
        labels = [name for name in self._shuffled() if self.genus_of(name) not in self.taken]
        drafts.append(
            Draft(
                kind=Kind.HUMAN,
                sequence=human,
                label=labels[0] if labels else "",
                species="Homo sapiens",
                genus="Homo",
                family="Hominidae",
                order="Primates",
                missing=True,
                made_of=("human_mitogenome",),
                components=("Homo sapiens",),
            )
        )
        left = [entry for entry in self.records if entry[0].accession not in self.out]
        return drafts, left

    def genus_of(self, species: str) -> str:
        return self.whole[species][0][0].genus

    def _shuffled(self) -> list[str]:
        names = sorted(self.whole)
        self.random.shuffle(names)
        return names

    def _single_record(self, species: str, kind: Kind) -> Draft | None:
        if self.count[species] <= LEFT:
            return None
        return self._take_one(kind, self.whole[species])

    def _twin(self, species: str, kind: Kind) -> Draft | None:
        relatives = [
            sequence
            for other in sorted(self.genera[self.genus_of(species)] - {species})
            for _record, sequence in self.whole.get(other, ())
        ]
        entries = [
            entry
            for entry in self.whole[species]
            if any(_differences(entry[1], other) <= TWIN for other in relatives)
        ]
        if self.count[species] <= LEFT or not entries:
            return None
        return self._take_one(kind, entries)

    def _species_missing(self, species: str, kind: Kind) -> Draft | None:
        if len(self.genera[self.genus_of(species)]) < 2:
            return None
        self.out |= {r.accession for r, _s in self.records if r.species == species}
        return self._take_one(kind, self.whole[species])

    def _genus_missing(self, species: str, kind: Kind) -> Draft | None:
        genus = self.genus_of(species)
        family = self.family_of[genus]
        rest = self.families[family] - self.taken - {genus}
        if not rest or self.in_genus[genus] > MAX_IN_GENUS:
            return None
        self.taken |= self.families[family]
        self.out |= {r.accession for r, _s in self.records if r.genus == genus}
        return self._take_one(kind, self.whole[species])

    def _short(self, species: str, kind: Kind) -> Draft | None:
        draft = self._single_record(species, kind)
        if draft is None:
            return None
        start = self.random.randrange(len(draft.sequence) - SHORT + 1)
        return replace(draft, sequence=draft.sequence[start : start + SHORT])

    def _of_two(self, species: str, kind: Kind, join: Callable[[str, str], str]) -> Draft | None:
        """Join two records of different families and the same length."""
        if self.count[species] <= LEFT:
            return None
        first = self.random.choice(self.whole[species])
        others = [
            entry
            for name in sorted(self.whole)
            for entry in self.whole[name]
            if len(entry[1]) == len(first[1])
            and entry[0].order == first[0].order
            and entry[0].family != first[0].family
            and entry[0].genus not in self.taken
            and self.count[name] > LEFT
        ]
        if not others:
            return None
        other = self.random.choice(others)
        return self._take(kind, join(first[1], other[1]), first, other)

    def _take_one(self, kind: Kind, entries: Sequence[Entry]) -> Draft:
        entry = self.random.choice(entries)
        return self._take(kind, entry[1], entry)

    def _take(self, kind: Kind, sequence: str, *entries: Entry) -> Draft:
        """Return the sample of records, which leave the library, with their genera for other samples."""
        records = [record for record, _sequence in entries]
        self.taken |= {record.genus for record in records}
        self.out |= {record.accession for record in records}
        return Draft.of(kind, sequence, *records)


def _differences(first: str, other: str) -> int:
    """Return the number of places that differ; of sequences that do not lie side by side, all."""
    if len(first) != len(other):
        return max(len(first), len(other))
    return sum(a != b for a, b in zip(first, other))


def _double(first: str, other: str) -> str:
    return "".join(a if a == b else _AMBIGUITY[frozenset((a, b))] for a, b in zip(first, other))


def _halves(first: str, other: str) -> str:
    middle = len(first) // 2
    return first[:middle] + other[middle:]
