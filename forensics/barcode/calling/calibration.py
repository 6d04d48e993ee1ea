"""Learns from a library alone how far its calls can be trusted.

Of sampled records, each looked up in the rest of the library
(`forensics.barcode.calling.sampling`), the truth is known. From their neighbourhoods grow:

``novelty``  is the species missing from the library?
``choice``   if it is not missing, is it this candidate?
``genus``, ``family``  if it is missing, does it belong to this genus, this family?

`Calibration.probabilities` puts them together for a query. Where a backbone of names says which species there
are, the first question also takes into account how complete the library is for the genus
(`forensics.barcode.calling.coverage`).

Two things are left out, since they would mislead: a species that stays in the library under another name, and
records whose name is doubted (`forensics.barcode.reference.relations`). Twins stay in: without them the
probability of a species whose twin is missing would be too high (docs/decisions/calls.md).
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.calling import features
from forensics.barcode.calling.coverage import COVERAGE, DRAWS, Coverage, coverage_of
from forensics.barcode.calling.genus_support import genus_support_of
from forensics.barcode.calling.gradient_boosting import (
    LARGE,
    SMALL,
    Growth,
    Trees,
    grow_and_try,
)
from forensics.barcode.calling.tail import Tail, count_tail
from forensics.errors import LibraryError
from forensics.io.inputs import load_json
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.calling.sampling import Sample
    from forensics.barcode.matching.candidates import Candidate
    from forensics.barcode.matching.index import Index
    from forensics.barcode.reference.relations import NameRelations

__all__ = ["MINIMUM_SPECIES", "Calibration", "calibrate", "calibrate_from"]

# With fewer species that can be left out and still be looked up, nothing can be learnt:
# the share of wrong calls that 30 samples cannot exclude is 10 % (rule of three).
MINIMUM_SPECIES = 30
#: From so many samples on larger trees are grown. The bound was not tuned: larger trees were measured on COI with some
#: 13,000 samples (docs/decisions/calls.md), smaller ones with up to 4,000.
MANY_SAMPLES = 2000
_RANKS = ("genus", "family")
FORMAT = 3


@dataclass(frozen=True, slots=True)
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
    tail : Tail
        Known and missing species by the odds that they were given unseen.
    coverage : Coverage or None
        How complete the library is for each genus; None where no backbone of names says it.
    """

    novelty: Trees
    choice: Trees
    ranks: dict[str, Trees]
    absent: dict[str, float]
    samples: int
    tail: Tail
    coverage: Coverage | None = None

    def probabilities(
        self, candidates: "Sequence[Candidate]", in_library: float
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
        ratio = odds * self.novelty.odds(self._novelty(candidates))
        none = ratio / (1 + ratio)
        shares = _exclusive(
            [
                self.choice.odds(features.choice(candidates, place))
                for place in range(len(candidates))
            ]
        )
        species = {c.species: share * (1 - none) for c, share in zip(candidates, shares)}
        result: dict[str, dict[str, float]] = {"species": {**species, "none": none}}
        for level, trees in self.ranks.items():
            named = sorted({getattr(c, level) for c in candidates} - {""})
            within = {
                name: trees.probability(features.rank(candidates, name, level)) for name in named
            }
            if level == "genus":  # no more than so few records of it are worth
                within = {
                    name: min(share, genus_support_of(candidates, name).ceiling)
                    for name, share in within.items()
                }
            # Of a missing species no more than one genus can be true.
            crowd = max(1.0, sum(within.values()))
            at_level = {
                name: none * share / crowd
                + sum(species[c.species] for c in candidates if getattr(c, level) == name)
                for name, share in within.items()
            }
            ordered = sorted(at_level.items(), key=lambda item: (-item[1], item[0]))
            result[level] = {**dict(ordered), "none": max(0.0, 1 - sum(at_level.values()))}
        return {level: self._bounded(shares) for level, shares in result.items()}

    def interval(
        self, candidates: "Sequence[Candidate]", in_library: float
    ) -> tuple[float, float] | None:
        """Return between which bounds the probability lies that a species of the library is true.

        None without candidates.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first.
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        if not candidates:
            return None
        stated = self.novelty.odds(self._novelty(candidates))
        lower, upper = self.tail.odds(math.log(stated))
        prior = (1 - in_library) / in_library
        bounds = (prior * min(lower, stated), prior * max(upper, stated))
        shares = [self._bounded({"none": odds / (1 + odds)})["none"] for odds in bounds]
        return 1 - shares[1], 1 - shares[0]

    def _novelty(self, candidates: "Sequence[Candidate]") -> list[float]:
        row = features.novelty(candidates)
        return row + self.coverage.features(candidates[0].genus) if self.coverage else row

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
                **({"coverage": self.coverage.to_dict()} if self.coverage else {}),
                "tail": self.tail.to_dict(),
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
        content = load_json(text)
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
            coverage=Coverage.from_dict(content["coverage"]) if "coverage" in content else None,
            tail=Tail.from_dict(content["tail"]),
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


def calibrate(
    index: "Index",
    *,
    relations: "NameRelations | None" = None,
    processes: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Calibration | None:
    """Learn from an index; None where it is too small.

    Parameters
    ----------
    index : Index
    relations : NameRelations, optional
        What the names of the index are to one another, and the backbone of names.
    processes, progress
        As in `forensics.barcode.calling.sampling.take_samples`.
    """
    from forensics.barcode.calling.sampling import take_samples  # not for who only asks

    taken = take_samples(index, relations=relations, processes=processes, progress=progress)
    return calibrate_from(taken, coverage=coverage_of(index, relations))


def calibrate_from(
    taken: "Sequence[Sample]",
    *,
    minimum: int = MINIMUM_SPECIES,
    coverage: Coverage | None = None,
) -> Calibration | None:
    """Learn from samples; None where they are of too few species.

    Parameters
    ----------
    taken : sequence of Sample
        Of `take_samples`, or part of them: a calibration that is to be judged must not
        have seen the species that it is judged by (`forensics.barcode.validating.trials`).
    minimum : int
        Species that must be among the known, and among the novel.
    coverage : Coverage, optional
        How complete the library is for its genera.
    """
    known = [sample for sample in taken if sample.known]
    novel = [sample for sample in taken if not sample.known]
    if min(len({s.group for s in known}), len({s.group for s in novel})) < minimum:
        return None
    weighed = [*_weighed(known), *_weighed(novel)]
    near = [(sample, weight) for sample, weight in weighed if sample.candidates]
    novelty_rows = list(_novelty_rows(near, coverage))
    novelty, unseen = _grow_and_try(
        features.NOVELTY if coverage is None else features.NOVELTY | COVERAGE,
        novelty_rows,
        LARGE if len(near) >= MANY_SAMPLES else SMALL,
    )
    return Calibration(
        novelty=novelty,
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
        coverage=coverage,
        tail=count_tail(
            unseen,
            [missing for _row, missing, _weight, _group in novelty_rows],
            [weight for _row, _missing, weight, _group in novelty_rows],
            (len({s.group for s in known}), len({s.group for s in novel})),
        ),
    )


def _weighed(samples: "list[Sample]"):
    """Yield samples with weights: every species weighs the same, and all together 1.

    Otherwise a few species with many records would be most of what a small library teaches.
    """
    taken = Counter(sample.group for sample in samples)
    for sample in samples:
        yield sample, 1 / (taken[sample.group] * len(taken))


def _novelty_rows(near: "list[tuple[Sample, float]]", coverage: Coverage | None):
    from random import Random  # not for who only asks

    for number, (sample, weight) in enumerate(near):
        row = features.novelty(sample.candidates)
        if coverage is None:
            yield row, not sample.known, weight, sample.group
            continue
        genus = sample.candidates[0].genus
        generator = Random(number)
        for _draw in range(DRAWS):
            drawn = coverage.draw(
                genus,
                left_out=not sample.known and sample.genus == genus,
                generator=generator,
            )
            yield row + drawn, not sample.known, weight / DRAWS, sample.group


def _rank_rows(near: "list[tuple[Sample, float]]", level: str):
    for sample, weight in near:
        truth = getattr(sample, level)
        if sample.known or not truth:
            continue
        for name in sorted({getattr(c, level) for c in sample.candidates} - {""}):
            row = features.rank(sample.candidates, name, level)
            yield row, name == truth, weight, sample.group


def _absent(samples: "list[Sample]") -> float:
    """Return the share of species without a neighbour, by Laplace's rule."""
    species = len({sample.group for sample in samples})
    share = sum(weight for sample, weight in _weighed(samples) if not sample.candidates)
    return (share * species + 1) / (species + 2)


def _grow(names: dict[str, int], rows: list) -> Trees:
    return _grow_and_try(names, rows)[0]


def _grow_and_try(
    names: dict[str, int], rows: list, growth: Growth = SMALL
) -> tuple[Trees, list[float]]:
    x, y, weights, groups = map(list, zip(*rows))
    return grow_and_try(x, y, weights, groups, list(names.values()), growth=growth)
