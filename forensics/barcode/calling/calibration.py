"""How far the calls of a library can be trusted, as a locus of it says: probabilities of a query's candidates.

What is asked of a query was learnt from the library alone (`forensics.barcode.calling.learning`):

``novelty``  is the species missing from the library?
``choice``   if it is not missing, is it this candidate?
``genus``, ``family``  if it is missing, does it belong to this genus, this family?

`Weighed.probabilities` puts them together. Where a backbone of names says which species there are, the first
question also takes into account how complete the library is for the genus: a query that lies within 1 % of a species
of a genus of which the library has every known species is of that species; where half of the genus is missing, it may
be of a missing one.

Gradient-boosted trees and a line are kept as plain numbers and evaluated without scikit-learn. Importing it costs more
than a second, and its pickles would run code.

What is looked at is the neighbourhood of a query in numbers, by the same functions in training and call. Differences
are in per cent of the bases compared; a species that the search did not reach counts as `_FAR` away, so that what lies
beyond the horizon of the search is the same for every query. Every feature but the number of congeners may act in one
direction only, so that one more record of the called species, a nearer record of it or a rival that is farther away
never lowers its probability.

A species that the library lacks is placed in a genus by the records of that genus that are near to it. The trees of a
small library may state a high probability for a genus of which one record is near at 94 %, although they have seen few
such genera. What such a genus is worth was measured on held-out species of a large library, and nothing above that is
stated (`Support`).

Of the species that were left out, few have another species so near that the two look alike. A probability of 97 %
rests on those few. So the odds of the trees are corrected by species that they did not see: by a curve that only
rises, one for pieces and one for whole sequences, whose standard error says between which bounds a probability may
lie (`Curve`).
"""

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.barcode.matching.search import HORIZON, Candidate
from forensics.barcode.options import FLOOR
from forensics.core.stored import to_stored
from forensics.errors import LibraryError
from forensics.io.files import load_json
from forensics.messages import _

if TYPE_CHECKING:
    from random import Random

#: Of a normal distribution, 95 % lie so many standard deviations about the mean.
_DEVIATES = 1.96
# No library has the samples to tell one in a million from never.
_MAX_LOG_ODDS = math.log(1e6)
#: Significant digits that are stored: sums of one processor agree with those of another in the first twelve or so.
_DIGITS = 9


class Trees(NamedTuple):
    """A line and a sum of trees, a calibration of both, and so a probability.

    Attributes
    ----------
    base : float
        Log-odds before the first tree.
    slope, shift : float
        The log-odds are ``slope * sum + line . features + shift``.
    line : list of float
        Weights of the leading features.
    trees : list of list
        A node is ``[feature, threshold, left, right]`` or ``[value]``; a sample goes left
        where its feature is at most the threshold.
    """

    base: float
    slope: float
    shift: float
    line: list
    trees: list

    def margin(self, features: list[float]) -> float:
        """Return the sum of the trees for one sample."""
        total = self.base
        for nodes in self.trees:
            node = nodes[0]
            while len(node) > 1:
                node = nodes[node[2] if features[node[0]] <= node[1] else node[3]]
            total += node[0]
        return total

    def log_odds(self, features: list[float]) -> float:
        """Return the logarithm of the odds of one sample."""
        straight = sum(weight * value for weight, value in zip(self.line, features))
        logarithm = self.slope * self.margin(features) + straight + self.shift
        return max(-_MAX_LOG_ODDS, min(_MAX_LOG_ODDS, logarithm))

    def odds(self, features: list[float]) -> float:
        """Return the odds of one sample."""
        return math.exp(self.log_odds(features))

    def probability(self, features: list[float]) -> float:
        """Return the probability of one sample; never 0 or 1."""
        return _share(self.odds(features))


_FAR = 100 * (1 - HORIZON)

# Names of the features and the sign of their effect on the probability: +1 it may only
# rise with the feature, -1 only fall, 0 free. A call that grew less certain when its hit
# came nearer could not be explained to a court.
NOVELTY = {
    "difference": +1,
    "lead": -1,
    "second_difference": -1,
    "third_difference": -1,
    "species_within_1": +1,
    "species_within_2": +1,
    "genera_within_3": +1,
    "length": -1,
}
CHOICE = {
    "behind": -1,
    "lead": +1,
    "difference": -1,
    "length": +1,
}
RANK = {
    "difference": -1,
    "lead": +1,
    "species": 0,
    "others_within_2": -1,
    "length": 0,
}


def _difference(identity: float | None) -> float:
    return _FAR if identity is None else min(_FAR, 100 * (1 - identity))


def _at(candidates: Sequence[Candidate], place: int) -> float:
    return _difference(candidates[place].identity if place < len(candidates) else None)


def _within(candidates: Sequence[Candidate], per_cent: float) -> list[Candidate]:
    limit = candidates[0].identity - per_cent / 100 - 1e-9
    return [candidate for candidate in candidates if candidate.identity >= limit]


def novelty(candidates: Sequence[Candidate]) -> list[float]:
    """Return the features of the question whether the library lacks the species (`NOVELTY`)."""
    best = candidates[0]
    first = 100 * (1 - best.identity)
    second, third = _at(candidates, 1), _at(candidates, 2)
    return [
        first,
        max(0.0, second - first),
        second,
        third,
        len(_within(candidates, 1)),
        len(_within(candidates, 2)),
        len({candidate.genus for candidate in _within(candidates, 3)}),
        math.log(best.length),
    ]


def choice(candidates: Sequence[Candidate], place: int) -> list[float]:
    """Return the features of the question whether this is the species, if one is (`CHOICE`)."""
    own = candidates[place]
    rival = max((c.identity for i, c in enumerate(candidates) if i != place), default=None)
    difference = 100 * (1 - own.identity)
    return [
        100 * (candidates[0].identity - own.identity),
        _difference(rival) - min(_FAR, difference),
        difference,
        math.log(own.length),
    ]


def far(identity: float) -> list[float]:
    """Return the feature of the question whether the library lacks the species, where no record reaches the floor."""
    return [math.log(1 - identity)]


def rank(candidates: Sequence[Candidate], name: str, level: str) -> list[float]:
    """Return the features of the question whether a species that the library lacks belongs here.

    Parameters
    ----------
    candidates : sequence of Candidate
        Best first.
    name : str
        Name of the genus or family.
    level : str
        ``genus`` or ``family``.
    """
    own = [c for c in candidates if getattr(c, level) == name]
    others = [c for c in candidates if getattr(c, level) != name]
    difference = 100 * (1 - own[0].identity)
    rival = _difference(others[0].identity if others else None)
    near = [c for c in others if c.identity >= own[0].identity - 0.02 - 1e-9]
    return [
        difference,
        rival - min(_FAR, difference),
        len({c.species for c in own}),
        len({getattr(c, level) for c in near}),
        math.log(own[0].length),
    ]


# Records count as near where their species lies within this of the nearest record of the genus.
WINDOW = 0.02
# Fewer of either are few. Further records of one species say little about its genus: of
# held-out species at 92-94 % identity, 65 % belonged to a genus with one record near, 62 % to
# one with three or four of one species, 49 % to one with five or more of one species.
MIN_SPECIES = 2
MIN_RECORDS = 5
# Of held-out species whose nearest genus has few records or species near, the share that
# belongs to that genus, by the identity of its nearest record: lower limit of the Wilson
# interval of 95 %. `benchmarks/genera.py --half 0`: 2,765 species of COI (12,359 records), half
# of the nearest genera; the other half is kept to report on (docs/decision-rule.md).
CEILINGS = (  # from identity, ceiling
    (0.98, 0.915),  # 173 of 181
    (0.96, 0.838),  # 138 of 154
    (0.94, 0.687),  # 166 of 222
    (0.92, 0.511),  # 134 of 233
    (0.0, 0.291),  # 72 of 204, at 90-92 %
)
_ROUNDING = 1e-9


class Support(NamedTuple):
    """Records of a genus near a query.

    Attributes
    ----------
    genus : str
    identity : float
        Of its nearest record, 0-1.
    records, species : int
        Species within `WINDOW` of that record, and their records in the library.
    """

    genus: str
    identity: float
    records: int
    species: int

    @property
    def few(self) -> bool:
        """Whether the genus rests on few records or species."""
        return self.species < MIN_SPECIES or self.records < MIN_RECORDS

    @property
    def ceiling(self) -> float:
        """Highest probability that a species which the library lacks is given for this genus, 0-1."""
        if not self.few:
            return 1.0
        return next(c for least, c in CEILINGS if self.identity >= least - _ROUNDING)


def genus_support_of(candidates: Sequence[Candidate], genus: str) -> Support:
    """Return what a genus rests on.

    Parameters
    ----------
    candidates : sequence of Candidate
        Best first.
    genus : str
        Genus of at least one of them.

    Raises
    ------
    ValueError
        If no candidate is of the genus.
    """
    own = [candidate for candidate in candidates if candidate.genus == genus]
    if not own:
        raise ValueError(f"no candidate is of the genus {genus!r}")
    nearest = max(candidate.identity for candidate in own)
    near = [c for c in own if c.identity >= nearest - WINDOW - _ROUNDING]
    return Support(genus, nearest, sum(c.records for c in near), len(near))


#: Names of the features and the sign of their effect on the probability that the species is missing.
COVERAGE = {"missing": +1, "present": 0}
#: Share of the other species of a genus that are taken to be missing when a calibration learns. 0 and 0.3 named as many
#: on the development splits, and more of them wrongly (docs/decisions/calls.md).
MISSING_SHARE = 0.1


@dataclass(frozen=True)
class Coverage:
    """Known species of each genus that a locus of a library lacks, and that it has.

    Attributes
    ----------
    genera : mapping of str to tuple of (int or None, int)
        Missing and present species; missing is None where the backbone does not know the genus.
    """

    genera: Mapping[str, tuple[int | None, int]] = field(default_factory=dict)

    def counts(self, genus: str) -> tuple[float, float]:
        """Return the missing and the present species of a genus.

        Of a genus that the backbone does not know, as many are taken to be missing as of the others on average.
        """
        missing, present = self.genera.get(genus, (None, 1))
        return (present * self._missing_by_present if missing is None else missing), present

    @cached_property
    def _missing_by_present(self) -> float:
        """Missing species for each that is present, over the genera that the backbone knows."""
        known = [
            (missing, present) for missing, present in self.genera.values() if missing is not None
        ]
        total = sum(present for _missing, present in known)
        return sum(missing for missing, _present in known) / total if total else 1.0

    def features(self, genus: str) -> list[float]:
        """Return the features of a query whose nearest species is of this genus (`COVERAGE`)."""
        return _row(*self.counts(genus))

    def draw(self, genus: str, *, left_out: bool, generator: "Random") -> list[float]:
        """Return the features of a sample whose nearest species is of this genus.

        Parameters
        ----------
        genus : str
        left_out : bool
            Whether a species of the genus is left out; then it is one of the missing.
        generator : random.Random
            Decides which of the other species are taken to be missing.
        """
        missing, present = self.counts(genus)
        others = int(present) - 1 - left_out
        removed = sum(generator.random() < MISSING_SHARE for _species in range(others))
        return _row(missing + removed + left_out, max(1.0, present - removed - left_out))

    def without(self, genus: str, *, whole: bool = False) -> "Coverage":
        """Return the coverage of a library that lacks one more species of a genus, or the `whole` of it."""
        missing, present = self.genera.get(genus, (None, 0))
        if not present:
            return self
        removed = present if whole else 1
        counts = (None if missing is None else missing + removed, present - removed)
        return Coverage({**self.genera, genus: counts})


def _row(missing: float, present: float) -> list[float]:
    return [math.log1p(missing), math.log1p(present)]


class Curve(NamedTuple):
    """The log-odds that a species is missing, corrected for how often it was, by the length of the query, with an error.

    Linear between two knots, constant beyond the first and the last, and linear in the logarithm of the length.

    Attributes
    ----------
    knots : list of float
        Log-odds that the trees give, ascending.
    lengths : list of float
        Logarithm of the length of a piece and of a whole sequence, bases.
    piece, whole : list of float
        Log-odds at each knot, at even prior, for a query of either length.
    errors : list of list of float
        Standard errors of both.
    """

    knots: list[float]
    lengths: list[float]
    piece: list[float]
    whole: list[float]
    errors: list[list[float]]

    def at(self, log_odds: float, log_length: float) -> tuple[float, float]:
        """Return what log-odds of the trees become, and the standard error."""
        shortest, longest = self.lengths
        share = min(1.0, max(0.0, (log_length - shortest) / (longest - shortest)))
        value, error = (
            (1 - share) * self._between(of_piece, log_odds)
            + share * self._between(of_whole, log_odds)
            for of_piece, of_whole in ((self.piece, self.whole), self.errors)
        )
        return value, error

    def _between(self, values: Sequence[float], log_odds: float) -> float:
        after = bisect_right(self.knots, log_odds)
        if after in (0, len(self.knots)):
            return values[max(0, after - 1)]
        left, right = self.knots[after - 1 : after + 1]
        share = (log_odds - left) / (right - left)
        return (1 - share) * values[after - 1] + share * values[after]


class Weighed(NamedTuple):
    """What a calibration says of the candidates of a query; `Calibration.weigh` makes it.

    Attributes
    ----------
    candidates : sequence of Candidate
        Best first; may be empty.
    missing : tuple of float
        The log-odds that the species is missing, at even prior, and their standard error.
    shares : list of float
        Of each candidate, the probability that it is the species if one of them is.
    ranks : dict of str to dict
        Of each genus and family, the probability that a missing species belongs to it.
    samples : int
        As of the calibration.
    """

    candidates: Sequence[Candidate]
    missing: tuple[float, float]
    shares: list[float]
    ranks: dict[str, dict[str, float]]
    samples: int

    def probabilities(self, in_library: float) -> dict[str, dict[str, float]]:
        """Return ``{rank: {name: probability, …, "none": probability}}``, each adding up to 1.

        Without candidates ``unlisted`` is the probability that the species is in the
        library all the same, too far away to be listed.

        Parameters
        ----------
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        # The samples were weighed half known, half novel; another prior shifts the odds
        # (Saerens et al. 2002, doi:10.1162/089976602753284446).
        none = _share((1 - in_library) / in_library * math.exp(self.missing[0]))
        candidates = self.candidates
        if not candidates:
            # What is left are species of the library that lie beyond the floor.
            return {"species": self._bounded({"unlisted": 1 - none, "none": none})}
        species = {c.species: share * (1 - none) for c, share in zip(candidates, self.shares)}
        result: dict[str, dict[str, float]] = {"species": {**species, "none": none}}
        for level, within in self.ranks.items():
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

    def interval(self, in_library: float) -> tuple[float, float] | None:
        """Return between which bounds the probability lies that a species of the library is true.

        None without candidates.

        Parameters
        ----------
        in_library : float
            Prior probability that the library holds the species, 0-1.
        """
        if not self.candidates:
            return None
        stated, error = self.missing
        prior = (1 - in_library) / in_library
        bounds = (stated + _DEVIATES * error, stated - _DEVIATES * error)
        shares = [self._bounded({"none": _share(prior * math.exp(b))})["none"] for b in bounds]
        return 1 - shares[0], 1 - shares[1]

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


FORMAT = 5


class Calibration(NamedTuple):
    """What was learnt from one locus of a library.

    Attributes
    ----------
    novelty, choice : Trees
    ranks : dict of str to Trees
        For ``genus`` and ``family``, as far as the library knows them.
    far : Trees
        A line alone: of queries without any record above the floor, the odds that the species is missing, by the
        logarithm of the difference of the nearest.
    samples : int
        Species that were sampled as known, and as novel, added up.
    curve : Curve
        Corrects the odds of `novelty`.
    coverage : Coverage or None
        How complete the library is for each genus; None where no backbone of names says it.
    """

    novelty: Trees
    choice: Trees
    ranks: dict[str, Trees]
    far: Trees
    samples: int
    curve: Curve
    coverage: Coverage | None = None

    def weigh(self, candidates: Sequence[Candidate], nearest: float = FLOOR) -> "Weighed":
        """Return what the trees say of candidates, whatever the prior.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first; may be empty.
        nearest : float
            Identity of the nearest record where there is no candidate, as far as it is known, 0-1.
        """
        if not candidates:
            return Weighed((), (self.far.log_odds(far(nearest)), 0.0), [], {}, self.samples)
        row = novelty(candidates)
        if self.coverage:
            row += self.coverage.features(candidates[0].genus)
        missing = self.curve.at(self.novelty.log_odds(row), math.log(candidates[0].length))
        shares = _exclusive(
            [self.choice.odds(choice(candidates, place)) for place in range(len(candidates))]
        )
        ranks = {}
        for level, trees in self.ranks.items():
            named = sorted({getattr(c, level) for c in candidates} - {""})
            within = {name: trees.probability(rank(candidates, name, level)) for name in named}
            if level == "genus":  # no more than so few records of it are worth
                within = {
                    name: min(share, genus_support_of(candidates, name).ceiling)
                    for name, share in within.items()
                }
            ranks[level] = within
        return Weighed(candidates, missing, shares, ranks, self.samples)

    def to_json(self) -> str:
        """Return the calibration as JSON, the same text for the same samples on any processor (`_DIGITS`)."""
        return json.dumps(_rounded({"format": FORMAT, **to_stored(self)}), separators=(",", ":"))

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
        coverage = content["coverage"]
        return cls(
            **{name: Trees(**content[name]) for name in ("novelty", "choice", "far")},
            ranks={level: Trees(**trees) for level, trees in content["ranks"].items()},
            samples=content["samples"],
            coverage=coverage
            and Coverage(
                {genus: (missing, has) for genus, (missing, has) in coverage["genera"].items()}
            ),
            curve=Curve(**content["curve"]),
        )


def _rounded(value: Any) -> Any:
    """Return a stored value with its decimal numbers rounded."""
    if isinstance(value, dict):
        return {name: _rounded(of) for name, of in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _share(odds: float) -> float:
    return odds / (1 + odds)


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
