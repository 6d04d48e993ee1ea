"""What `species_calls` counts: right and wrong names, at any threshold, and true probabilities."""

import math
import random
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from evaluation import Query

__all__ = [
    "MIXES",
    "Counts",
    "Name",
    "at_the_recall_of",
    "chance_error",
    "drawn_again",
    "sets",
    "truth",
]

MIXES = (0.1, 0.5, 0.9)  # share of queries whose species is in the reference
BINS = 10  # equal widths, of the calibration error (Guo et al. 2017, arXiv:1706.04599)
SURE = 0.95  # calls that are promised to be right 95 times in 100

Name = tuple[str | None, str | None]  # species, genus; None where the tool says nothing


@dataclass
class Counts:
    """What a tool said on one split."""

    known: int = 0
    novel: int = 0
    correct: int = 0
    wrong: int = 0
    over_called: int = 0
    genus_correct: int = 0
    genus_wrong: int = 0
    novel_genus_correct: int = 0
    novel_genus_wrong: int = 0

    @classmethod
    def of(cls, queries: Sequence[Query], names: Sequence[Name]) -> "Counts":
        counts = cls()
        for query, (species, genus) in zip(queries, names):
            if query.known:
                counts.known += 1
                counts.correct += species == query.species
                counts.wrong += species not in (None, query.species)
                counts.genus_correct += genus == query.genus
                counts.genus_wrong += genus not in (None, query.genus)
            else:
                counts.novel += 1
                counts.over_called += species is not None
                counts.novel_genus_correct += genus == query.genus
                counts.novel_genus_wrong += genus not in (None, query.genus)
        return counts

    @classmethod
    def by_species(cls, queries: Sequence[Query], names: Sequence[Name]) -> dict[str, "Counts"]:
        """Return the counts of each species; they are drawn again for the intervals."""
        found: dict[str, list[tuple[Query, Name]]] = {}
        for query, name in zip(queries, names):
            found.setdefault(query.species, []).append((query, name))
        return {species: cls.of(*zip(*pairs)) for species, pairs in sorted(found.items())}

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(sum, zip(astuple(self), astuple(other))))

    def wrong_per_call(self, mix: float) -> float:
        """Return the share of species calls that are wrong where `mix` of the queries are known."""
        return _share(
            (mix * self.wrong / self.known, (1 - mix) * self.over_called / self.novel),
            (mix * self.correct / self.known,),
        )

    def genus_wrong_per_call(self, mix: float) -> float:
        """Return the share of calls to genus or species whose genus is wrong."""
        wrong = mix * self.genus_wrong / self.known, (1 - mix) * self.novel_genus_wrong / self.novel
        right = mix * self.genus_correct / self.known
        return _share(wrong, (right, (1 - mix) * self.novel_genus_correct / self.novel))

    def accuracy(self, mix: float) -> float:
        """Return the correct over all known and the over-called."""
        over = (1 - mix) / mix * self.over_called / self.novel
        return self.correct / self.known / (1 + over)


REPEATS = 400


def drawn_again(splits: Sequence[dict[str, Counts]]) -> list[Counts]:
    """Return the counts of all splits, then those of as many species drawn with replacement, `REPEATS` times.

    A species that several splits ask for is drawn with all of them: its sequences are not independent.
    """
    species = sorted(set().union(*splits))
    of_species = [
        astuple(sum((split[name] for split in splits if name in split), Counts()))
        for name in species
    ]
    generator = random.Random(1)
    draws = [of_species, *(generator.choices(of_species, k=len(species)) for _ in range(REPEATS))]
    return [Counts(*map(sum, zip(*drawn))) for drawn in draws]


def _share(wrong: Sequence[float], right: Sequence[float]) -> float:
    total = sum(wrong) + sum(right)
    return sum(wrong) / total if total else math.nan


def at_the_recall_of(queries, counts, answers, bound, natural) -> dict[str, dict]:
    """Return, for each peer's setting, our wrong per call at its recall, and that of hindsight."""
    if not answers:
        return {}
    curves = {prior: _curve(queries, answers[prior]) for prior in answers}
    best_curve = _curve(queries, bound)
    result = {}
    for setting, peer in counts.items():
        if setting.startswith("ours"):
            continue
        rows = {}
        for label, mix in (*((str(m), m) for m in MIXES), ("natural", natural)):
            own = round(natural, 4) if label == "natural" else mix
            even = _at_recall(curves[0.5], peer.correct)
            told = _at_recall(curves[own], peer.correct)
            best = _at_recall(best_curve, peer.correct)
            rows[label] = {
                "peer": peer.wrong_per_call(mix),
                "ours": even[0].wrong_per_call(mix) if even else math.nan,
                "confidence": even[1] if even else math.nan,
                "ours_told_the_mix": told[0].wrong_per_call(mix) if told else math.nan,
                "hindsight": best[0].wrong_per_call(mix) if best else math.nan,
            }
        result[setting] = rows
    return result


def _curve(queries, answers) -> list[tuple[float, Counts]]:
    """Return our counts at every threshold, the highest first."""
    known = sum(query.known for query in queries)
    counts = Counts(known=known, novel=len(queries) - known)
    curve = [(1.0, Counts(*astuple(counts)))]
    best = sorted(
        (
            (p, name, query)
            for (_n, _p, (p, name), *_compared), query in zip(answers, queries)
            if name != "none"
        ),
        key=lambda item: -item[0],
    )
    for probability, name, query in best:
        counts.correct += query.known and name == query.species
        counts.wrong += query.known and name != query.species
        counts.over_called += not query.known
        if curve[-1][0] == probability:
            curve.pop()
        curve.append((probability, Counts(*astuple(counts))))
    return curve


def _at_recall(curve, correct: int) -> tuple[Counts, float] | None:
    """Interpolate between the thresholds beside the one that names `correct` right."""
    for (high, fewer), (low, more) in zip(curve, curve[1:]):
        if more.correct >= correct:
            step = more.correct - fewer.correct
            share = (correct - fewer.correct) / step if step else 1.0
            between = [a + share * (b - a) for a, b in zip(astuple(fewer), astuple(more))]
            return Counts(*between), high + share * (low - high)
    return None


def truth(queries, answers) -> dict[str, dict]:
    """Return bins and sure calls at the mixes, with the mix stated as the prior.

    ``of compared`` are bins in which "none" is right, too, where no record of the species could be compared with the
    query: it states that none of those compared is true.
    """
    known = sum(query.known for query in queries)
    result = {}
    for mix in MIXES if answers else ():
        # Weight, probability, right.
        bins, of_compared = ([[0.0, 0.0, 0.0] for _ in range(BINS)] for _kind in range(2))
        stated = []
        sure = Counts(known=known, novel=len(queries) - known)
        for query, (name, probability, (species_p, species), compared) in zip(
            queries, answers[mix]
        ):
            weight = mix / known if query.known else (1 - mix) / (len(queries) - known)
            right = name == (query.species if query.known else "none")
            stated.append((weight, probability))
            for of, is_right in (
                (bins, right),
                (of_compared, right or (name == "none" and not compared)),
            ):
                for position, value in enumerate((1.0, probability, is_right)):
                    of[_bin(probability)][position] += weight * value
            if species != "none" and species_p >= SURE:
                sure.correct += query.known and species == query.species
                sure.wrong += query.known and species != query.species
                sure.over_called += not query.known
        result[str(mix)] = {
            "bins": bins, "of compared": of_compared, "sure": sure, "stated": stated
        }  # fmt: skip
    return result


def _bin(probability: float) -> int:
    return min(BINS - 1, int(probability * BINS))


def chance_error(stated: Sequence[tuple[float, float]], repeats: int = 200) -> float:
    """Return the mean calibration error if every stated probability were exactly true.

    A few queries in a bin are never just as often right as they should be; no calibration
    can be seen to be better than this. Simulated; always the same for the same answers.
    """
    generator, total = random.Random(1), 0.0
    for _repeat in range(repeats):
        excess = [0.0] * BINS
        for weight, probability in stated:
            excess[_bin(probability)] += weight * (probability - (generator.random() < probability))
        total += sum(map(abs, excess))
    return total / repeats / sum(weight for weight, _probability in stated)


def sets(queries: Sequence[Query], not_excluded: Sequence[Sequence[str]]) -> dict[str, int]:
    """Count the sets of species that hold the confidence, over the known queries."""
    found = dict.fromkeys(("known", "none", "one", "several", "names", "without the truth"), 0)
    for query, species in zip(queries, not_excluded):
        if not query.known:
            continue
        found["known"] += 1
        found[("none", "one", "several")[min(len(species), 2)]] += 1
        found["names"] += len(species)
        found["without the truth"] += bool(species) and query.species not in species
    return found
