"""Learns from a library what two linked loci add to each other (`forensics.barcode.calling.linkage`).

Of species that the library has at both loci an individual is looked up at both: once as *known* (its own sequences
are left out), once as *novel* (its species is left out). The two sequences are of one voucher where records say so,
else of one accession (a mitochondrial genome), else only of one species. Every calibration has seen none of the
species that it is asked about.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from forensics.barcode.calling.calibration import MINIMUM_SPECIES, Calibration, calibrate_from
from forensics.barcode.calling.joint import MIN_PROBABILITY, NONE
from forensics.barcode.calling.linkage import Linkage, LinkedPair
from forensics.barcode.calling.sampling import take_samples
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search

if TYPE_CHECKING:
    from forensics.barcode.reference.relations import NameRelations

__all__ = [
    "MAX_SPECIES",
    "PairedLookup",
    "PairedSample",
    "fit_weight",
    "learn_linkage",
    "take_pairs",
]

MAX_SPECIES = 300
"""Species of a pair that are looked up at most."""
_PER_SPECIES = 2  # individuals of a species
_FOLDS = 2
_STEPS = 100
# Where the likelihood falls by so much, the interval of 95 % ends (half the quantile of chi-squared).
_FALL = 1.92
_JOINED = ("specimen", "accession", "species")


@dataclass(frozen=True, slots=True)
class PairedSample:
    """Two sequences of one species, and by what they belong together.

    Attributes
    ----------
    species : str
    positions : tuple of int
        Record of each locus.
    joined : str
        ``specimen``, ``accession`` or ``species``.
    """

    species: str
    positions: tuple[int, int]
    joined: str


@dataclass(frozen=True, slots=True)
class PairedLookup:
    """What two calibrations say of a pair whose truth is known.

    Attributes
    ----------
    species : str
    known : bool
        Whether the library still held the species.
    evidence : tuple of float
        Of each locus: log likelihood ratio of the library's species against one that it lacks.
    """

    species: str
    known: bool
    evidence: tuple[float, float]


def learn_linkage(
    indexes: Mapping[str, Index],
    *,
    relations: "Mapping[str, NameRelations] | None" = None,
    seed: int = 1,
    minimum: int = MINIMUM_SPECIES,
    progress: Callable[[str, int, int], object] = lambda loci, done, total: None,
) -> Linkage:
    """Return the weights of the pairs of linked loci that have enough species for it.

    Parameters
    ----------
    indexes : mapping of str to Index
        Of the loci that are calibrated.
    relations : mapping of str to NameRelations, optional
        Of each locus: other names and twins of a species are left out with it, and doubted records are not drawn.
    seed : int
        What is drawn follows from it and the indexes alone.
    minimum : int
        Species that must be looked up as known, and as novel.
    progress : callable
        Called with the pair, the species that are looked up, and how many there are.
    """
    related = relations or {}
    doubts = {n: related[n].doubts if n in related else frozenset() for n in indexes}
    drawn: dict[tuple[str, str], list[PairedSample]] = {}
    for pair in combinations(sorted(indexes), 2):
        first, second = pair
        if find_locus(first).linkage != find_locus(second).linkage:
            continue
        pairs = take_pairs(
            indexes[first], indexes[second], seed=seed, without=(doubts[first], doubts[second])
        )
        if len(pairs) >= minimum:
            drawn[pair] = pairs
    wanted = sorted({locus for pair in drawn for locus in pair})
    calibrations: dict[str, _Folds] = {}
    for locus in wanted:
        if (folds := _Folds.learn(indexes[locus], related.get(locus))) is not None:
            calibrations[locus] = folds
    learnt = []
    for pair, samples in drawn.items():
        if not calibrations.keys() >= set(pair):
            continue
        of_pair = (indexes[pair[0]], indexes[pair[1]])
        folds_of_pair = (calibrations[pair[0]], calibrations[pair[1]])
        lookups: list[PairedLookup] = []
        for done, sample in enumerate(samples, 1):
            lookups += _looked_up(sample, of_pair, folds_of_pair, [related.get(n) for n in pair])
            progress("+".join(pair), done, len(samples))
        counts = Counter(sample.joined for sample in samples)
        fitted = fit_weight(lookups, minimum=minimum)
        if fitted is not None:
            learnt.append(
                LinkedPair(
                    pair,
                    *fitted,
                    species=len({lookup.species for lookup in lookups if lookup.known}),
                    samples=len(samples),
                    joined={how: counts[how] for how in _JOINED if counts[how]},
                )
            )
    return Linkage(tuple(learnt))


def take_pairs(
    first: Index,
    second: Index,
    *,
    seed: int = 1,
    without: tuple[Collection[int], Collection[int]] = ((), ()),
) -> list[PairedSample]:
    """Return pairs of sequences of the species that both loci have, joined as closely as records allow.

    Parameters
    ----------
    first, second : Index
    seed : int
    without : tuple of collections of int
        Records of each that are not drawn.
    """
    records = [
        _records_of(index, left_out)
        for index, left_out in zip((first, second), without, strict=True)
    ]
    both = sorted(records[0].keys() & records[1].keys())
    generator = random.Random(seed)
    pairs: list[PairedSample] = []
    for species in generator.sample(both, min(MAX_SPECIES, len(both))):
        pairs += _pairs_of(species, [known[species] for known in records], generator)
    return pairs


def _records_of(index: Index, without: Collection[int]) -> dict[str, list[tuple[str, str, int]]]:
    """Return voucher, accession and position of the records of each species."""
    records: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for position in range(index.record_count):
        record = index.record(position)
        if record.species and position not in without:
            accession = record.accession.partition(".")[0]
            records[record.species].append((record.voucher, accession, position))
    return records


def _pairs_of(
    species: str, records: Sequence[Sequence[tuple[str, str, int]]], generator: random.Random
) -> Iterator[PairedSample]:
    for place, joined in enumerate(_JOINED[:2]):
        of_key = [
            {record[place]: record[2] for record in known if record[place]} for known in records
        ]
        if shared := sorted(of_key[0].keys() & of_key[1].keys()):
            for key in generator.sample(shared, min(_PER_SPECIES, len(shared))):
                yield PairedSample(species, (of_key[0][key], of_key[1][key]), joined)
            return
    for _number in range(min(_PER_SPECIES, *map(len, records))):
        first, second = (generator.choice(known)[2] for known in records)
        yield PairedSample(species, (first, second), _JOINED[2])


class _Folds:
    """Calibrations of a locus, of which each has not seen a part of the species."""

    def __init__(self, calibrations: Sequence[Calibration]) -> None:
        self._calibrations = calibrations

    @classmethod
    def learn(cls, index: Index, relations: "NameRelations | None" = None) -> "_Folds | None":
        samples = take_samples(index, relations=relations)
        calibrations = []
        for fold in range(_FOLDS):
            others = [sample for sample in samples if _fold_of(sample.species) != fold]
            learnt = calibrate_from(others, minimum=MINIMUM_SPECIES // _FOLDS)
            if learnt is None:
                return None
            calibrations.append(learnt)
        return cls(calibrations)

    def evidence(self, species: str, candidates: Sequence[Candidate]) -> float:
        """Return the log likelihood ratio of the library's species against one that it lacks."""
        calibration = self._calibrations[_fold_of(species)]
        none = calibration.probabilities(candidates, 0.5)["species"][NONE]
        none = min(max(none, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
        return math.log((1 - none) / none)


def _fold_of(species: str) -> int:
    return random.Random(species).randrange(_FOLDS)  # the same at every locus


def _looked_up(
    sample: PairedSample,
    indexes: tuple[Index, Index],
    folds: tuple[_Folds, _Folds],
    relations: "Sequence[NameRelations | None]",
) -> Iterator[PairedLookup]:
    found: dict[bool, list[float]] = {True: [], False: []}
    for index, position, fold, related in zip(
        indexes, sample.positions, folds, relations, strict=True
    ):
        number = index.species_at(position)
        same = {number, *(related.related(number) if related else ())}
        haplotype = index.haplotype_at(position)
        own = [p for p in index.positions(haplotype) if index.species_at(p) == number]
        members = index.positions_of(number)
        missing = [p for species in sorted(same) for p in index.positions_of(species)]
        hits = search(index, index.sequence(haplotype).decode("ascii"), exclude_species=same).hits
        # As where the calibration samples: copies of one sequence go together where the species has more.
        without = own if len(own) < len(members) else [position]
        for known, left_out in ((True, without), (False, missing)):
            if known and len(without) == len(members):
                continue
            candidates = candidates_of(index, hits, without=frozenset(left_out))
            found[known].append(fold.evidence(sample.species, candidates))
    for known, evidence in found.items():
        if len(evidence) == 2:
            yield PairedLookup(sample.species, known, (evidence[0], evidence[1]))


def fit_weight(
    lookups: Sequence[PairedLookup], *, minimum: int = MINIMUM_SPECIES
) -> tuple[float, float, float] | None:
    """Return the weight of the weaker of two loci: lower end of the interval, estimate, upper end.

    The likelihood is that of a logistic fusion. Every species weighs the same, known and novel half each; the
    interval is as wide as the smaller half has species.

    Parameters
    ----------
    lookups : sequence of PairedLookup
    minimum : int
        Species that must be among the known, and among the novel; else None.

    Examples
    --------
    >>> apart = [PairedLookup(f"a{n}", True, (3.0, 3.0)) for n in range(200)]
    >>> apart += [PairedLookup(f"b{n}", False, (-3.0, -3.0)) for n in range(200)]
    >>> fit_weight(apart)[1]
    1.0
    """
    taken = Counter((lookup.species, lookup.known) for lookup in lookups)
    species = Counter(known for _species, known in taken)
    if min(species[True], species[False]) < minimum:
        return None
    size = min(species[True], species[False])

    def likelihood(weight: float) -> float:
        total = 0.0
        for lookup in lookups:
            weaker, stronger = sorted(lookup.evidence, key=abs)
            agree = weaker * stronger > 0
            joined = stronger + (weight if agree else 1.0) * weaker
            share = size / (taken[lookup.species, lookup.known] * species[lookup.known])
            total -= share * math.log1p(math.exp(-joined if lookup.known else joined))
        return total

    grid = [step / _STEPS for step in range(_STEPS + 1)]
    values = [likelihood(weight) for weight in grid]
    best = max(values)
    inside = [weight for weight, value in zip(grid, values, strict=True) if value >= best - _FALL]
    return inside[0], grid[values.index(best)], inside[-1]
