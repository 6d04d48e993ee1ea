"""Learns from a library alone how far its calls can be trusted.

Each sampled record is taken out of the library and looked up in the rest, once as a
*known* (its haplotype is left out of its species, so that what is left is another), once as
a *novel* (its whole species is left out). From these neighbourhoods, whose truth is known, grow:

``novelty``  is the species missing from the library?
``choice``   if it is not missing, is it this candidate?
``genus``, ``family``  if it is missing, does it belong to this genus, this family?

`Calibration.probabilities` puts them together for a query.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.calling import features
from forensics.barcode.calling.trees import Trees, grow
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.errors import LibraryError
from forensics.messages import _

if TYPE_CHECKING:
    import random

__all__ = [
    "MINIMUM_SPECIES",
    "SAMPLES",
    "Calibration",
    "Sample",
    "calibrate",
    "calibrate_from",
    "take_samples",
]

# So many records are sampled at most, one of each species first. On COI of 2,500 species
# 3,000 and 4,000 gave no better calls than 2,000, and 1,000 worse (docs/decisions/0007).
SAMPLES = 2000
# This share of the samples is looked up whole, the rest as a piece of a length between
# the shortest that is examined and the whole, so that degraded DNA is calibrated too.
_WHOLE = 0.5
# With fewer species that can be left out and still be looked up, nothing can be learnt:
# the share of wrong calls that 30 samples cannot exclude is 10 % (rule of three).
MINIMUM_SPECIES = 30
_RANKS = ("genus", "family")
FORMAT = 2


@dataclass(frozen=True)
class Calibration:
    """What was learnt from one locus of a library.

    Attributes
    ----------
    novelty, choice : Trees
    ranks : dict of str to Trees
        For ``genus`` and ``family``, as far as the library knows them.
    absent : dict
        Of queries without any neighbour above the floor: how many were ``known`` and how
        many ``novel``, out of how many each.
    samples : int
        Species that were sampled as known, and as novel, added up.
    """

    novelty: Trees
    choice: Trees
    ranks: dict[str, Trees]
    absent: dict[str, float]
    samples: int

    def probabilities(
        self, candidates: Sequence[Candidate], in_library: float
    ) -> dict[str, dict[str, float]]:
        """Return ``{rank: {name: probability, …, "none": probability}}``, each adding up to 1.

        Without candidates ``unlisted`` is the probability that the species is in the
        library all the same, too far away to be listed.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first; may be empty.
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        # The samples were weighed half known, half novel; another prior shifts the odds
        # (Saerens et al. 2002, doi:10.1162/089976602753284446).
        odds = (1 - in_library) / in_library
        if not candidates:
            ratio = odds * self.absent["novel"] / self.absent["known"]
            none = ratio / (1 + ratio)
            # What is left are species of the library that lie beyond the floor.
            return {"species": self._bounded({"unlisted": 1 - none, "none": none})}
        ratio = odds * self.novelty.odds(features.novelty(candidates))
        none = ratio / (1 + ratio)
        shares = _exclusive(
            [
                self.choice.odds(features.choice(candidates, place))
                for place in range(len(candidates))
            ]
        )
        species = {c.species: share * (1 - none) for c, share in zip(candidates, shares)}
        result = {"species": {**species, "none": none}}
        for level, trees in self.ranks.items():
            named = sorted({getattr(c, level) for c in candidates} - {""})
            within = {
                name: trees.probability(features.rank(candidates, name, level)) for name in named
            }
            # Of a missing species no more than one genus can be true.
            crowd = max(1.0, sum(within.values()))
            shares = {
                name: none * share / crowd
                + sum(species[c.species] for c in candidates if getattr(c, level) == name)
                for name, share in within.items()
            }
            ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
            result[level] = {**dict(ordered), "none": max(0.0, 1 - sum(shares.values()))}
        return {level: self._bounded(shares) for level, shares in result.items()}

    def _bounded(self, shares: dict[str, float]) -> dict[str, float]:
        """Return probabilities that claim no more than the samples can support.

        What was never seen in n samples may still happen in 3 of n (rule of three, Hanley &
        Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031).
        """
        # Every species is sampled twice, as known and as novel.
        unseen = min(0.5, 3 / (max(2, self.samples) / 2))
        none = unseen + (1 - 2 * unseen) * shares["none"]
        rest = 1 - shares["none"]
        scale = (1 - none) / rest if rest else 0.0
        return {**{name: p * scale for name, p in shares.items() if name != "none"}, "none": none}

    def to_json(self) -> str:
        """Return the calibration as JSON, the same text for the same calibration."""
        return json.dumps(
            {
                "format": FORMAT,
                "samples": self.samples,
                "absent": self.absent,
                "novelty": self.novelty.to_dict(),
                "choice": self.choice.to_dict(),
                "ranks": {level: trees.to_dict() for level, trees in self.ranks.items()},
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Calibration":
        """Read what `to_json` wrote.

        Raises
        ------
        LibraryError
            If it was written in another format.
        """
        content = json.loads(text)
        if content.get("format") != FORMAT:
            raise LibraryError(
                _(
                    "The calibration has format {found}; this version reads format {expected}. "
                    "Build the library again: forensics library build."
                ).format(found=content.get("format"), expected=FORMAT)
            )
        return cls(
            novelty=Trees(**content["novelty"]),
            choice=Trees(**content["choice"]),
            ranks={level: Trees(**trees) for level, trees in content["ranks"].items()},
            absent=content["absent"],
            samples=content["samples"],
        )


def _exclusive(odds: list[float]) -> list[float]:
    """Return probabilities that add up to 1 of candidates of which one alone is true.

    Each was judged by itself. That just it is true and the others are not is as likely as
    its odds say; of that it gets what it was judged to deserve, and the rest goes to the
    others. So many candidates that are far behind do not wear away the one in front.
    """
    if len(odds) == 1:
        return [1.0]
    total = sum(odds)
    alone = [value / total for value in odds]
    own = [value / (1 + value) for value in odds]
    sure = [a * p for a, p in zip(alone, own)]
    others = [(1 - a) * p for a, p in zip(alone, own)]
    left = (1 - sum(sure)) / sum(others)
    return [s + left * o for s, o in zip(sure, others)]


@dataclass(frozen=True)
class Sample:
    """A record looked up without itself: its truth and what was found."""

    group: int
    species: str
    genus: str
    family: str
    known: bool
    candidates: list[Candidate]


def calibrate(index: Index, *, samples: int = SAMPLES, seed: int = 1) -> Calibration | None:
    """Learn from an index; None where it is too small.

    Parameters
    ----------
    index : Index
    samples : int
        Records to sample at most.
    seed : int
        What is sampled follows from it alone.
    """
    return calibrate_from(take_samples(index, samples=samples, seed=seed))


def take_samples(index: Index, *, samples: int = SAMPLES, seed: int = 1) -> list[Sample]:
    """Return the samples that `calibrate` learns from."""
    return list(_samples(index, samples, seed))


def calibrate_from(
    taken: Sequence[Sample], *, minimum: int = MINIMUM_SPECIES
) -> Calibration | None:
    """Learn from samples; None where they are of too few species.

    Parameters
    ----------
    taken : sequence of Sample
        Of `take_samples`, or part of them: a calibration that is to be judged must not
        have seen the species that it is judged by (`forensics.barcode.validating.trials`).
    minimum : int
        Species that must be among the known, and among the novel.
    """
    known = [sample for sample in taken if sample.known]
    novel = [sample for sample in taken if not sample.known]
    if min(len({s.group for s in known}), len({s.group for s in novel})) < minimum:
        return None
    weighed = [*_weighed(known), *_weighed(novel)]
    near = [(sample, weight) for sample, weight in weighed if sample.candidates]
    return Calibration(
        novelty=_grow(
            features.NOVELTY,
            [(features.novelty(s.candidates), not s.known, weight, s.group) for s, weight in near],
        ),
        choice=_grow(
            features.CHOICE,
            [
                (features.choice(s.candidates, place), c.species == s.species, weight, s.group)
                for s, weight in near
                if s.known
                for place, c in enumerate(s.candidates)
            ],
        ),
        ranks={
            level: _grow(features.RANK, rows)
            for level in _RANKS
            if (rows := list(_rank_rows(near, level)))
        },
        absent={"known": _absent(known), "novel": _absent(novel)},
        samples=len({(s.group, s.known) for s in taken}),
    )


def _samples(index: Index, samples: int, seed: int):
    """Yield samples: a haplotype of every species, then a second of each, and so on."""
    of_species: dict[int, list[int]] = {}
    for haplotype in range(index.size):
        for species in index.species(haplotype):
            of_species.setdefault(species, []).append(haplotype)
    everything: dict[int, list[int]] = {
        species: [
            position
            for haplotype in haplotypes
            for position in index.positions(haplotype)
            if index.species_at(position) == species
        ]
        for species, haplotypes in of_species.items()
    }
    import random  # not for who only asks a calibration

    generator = random.Random(seed)
    turns = []
    for species, haplotypes in sorted(of_species.items()):
        order = generator.sample(haplotypes, len(haplotypes))
        turns += [(turn, generator.random(), species, h) for turn, h in enumerate(order)]
    for _turn, _random, species, haplotype in sorted(turns)[:samples]:
        sequence = _piece(index.sequence(haplotype).decode("ascii"), index.locus, generator)
        hits = search(index, sequence, besides=species).hits
        own = [p for p in index.positions(haplotype) if index.species_at(p) == species]
        record = index.record(own[0])
        if not record.species:
            continue  # its true species is not known
        facts = {
            "group": species,
            "species": record.species,
            "genus": record.genus,
            "family": record.family,
        }
        # Copies of one sequence are often of one animal or one collecting, and teach that a
        # known species is always met exactly; so they go together where the species has more.
        without = own if len(own) < len(everything[species]) else own[:1]
        if len(without) < len(everything[species]):
            found = candidates_of(index, hits, without=frozenset(without))
            yield Sample(**facts, known=True, candidates=found)
        found = candidates_of(index, hits, without=frozenset(everything[species]))
        yield Sample(**facts, known=False, candidates=found)


def _piece(sequence: str, locus: str, generator: "random.Random") -> str:
    shortest = find_locus(locus).minimum_length
    if generator.random() < _WHOLE or len(sequence) <= shortest:
        return sequence
    length = round(math.exp(generator.uniform(math.log(shortest), math.log(len(sequence)))))
    start = generator.randrange(len(sequence) - length + 1)
    return sequence[start : start + length]


def _weighed(samples: list[Sample]):
    """Yield samples with weights: every species weighs the same, and all together 1.

    Otherwise a few species with many records would be most of what a small library teaches.
    """
    taken = Counter(sample.group for sample in samples)
    for sample in samples:
        yield sample, 1 / (taken[sample.group] * len(taken))


def _rank_rows(near: list[tuple[Sample, float]], level: str):
    for sample, weight in near:
        truth = getattr(sample, level)
        if sample.known or not truth:
            continue
        for name in sorted({getattr(c, level) for c in sample.candidates} - {""}):
            row = features.rank(sample.candidates, name, level)
            yield row, name == truth, weight, sample.group


def _absent(samples: list[Sample]) -> float:
    """Return the share of species without a neighbour, by Laplace's rule."""
    species = len({sample.group for sample in samples})
    share = sum(weight for sample, weight in _weighed(samples) if not sample.candidates)
    return (share * species + 1) / (species + 2)


def _grow(names: dict[str, int], rows: list) -> Trees:
    x, y, weights, groups = map(list, zip(*rows))
    return grow(x, y, weights, groups, list(names.values()))
