"""Places a sequence of which nothing is near at a family, an order or a class, with a probability.

No record reaches the floor, so nothing is called; yet the nearest records beyond it
(`forensics.barcode.matching.far`) often say of what class or order the animal is. How often they do is learnt from
the library itself: sampled records are looked up without their genus, their family, their order and their class, a
quarter of the weight each, and only where nothing within the floor is left. So a rank may be one that the library
lacks, as it may be of a real query. From the difference of the nearest record of the taxon, its lead over the nearest
of another taxon of the rank, its share of the nearest families, and the length, a logistic regression learns whether
the rank is true; its coefficients have the sign that a person would expect, or are 0.

What was never seen in *n* samples may still happen in 3 of *n*: no probability is above that.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.barcode.matching.far import RANKS, FarIndex, FarRecord, RankVote
from forensics.barcode.options import FLOOR
from forensics.core.stored import stored
from forensics.errors import LibraryError
from forensics.messages import _

if TYPE_CHECKING:
    import numpy as np

    from forensics.barcode.matching.index import Index


FORMAT = 1
#: Records that are sampled at most, one of each family first.
SAMPLES = 400
_SEED = 1  # what is sampled follows from it and the index alone
#: Taxa of a rank that must be among the samples, or it is not learnt.
MIN_TAXA = 3
MIN_SAMPLES = 30
#: +1 the probability may only rise with it, -1 only fall.
FEATURES = {"difference": -1, "lead": +1, "share": +1, "length": +1}
_WHOLE = 0.5
_MIN_PIECE = 150
_L2 = 1e-3
_ALWAYS = 20.0


@dataclass(frozen=True, slots=True)
class FarRank:
    """A taxon that a sequence is likely to belong to.

    Attributes
    ----------
    taxon : str
    probability : float
    """

    taxon: str
    probability: float


@dataclass(frozen=True, slots=True)
class FarPlacement:
    """Where a sequence stands of which nothing is near.

    Attributes
    ----------
    rank, taxon, probability : str, str, float; or None
        The lowest rank whose taxon reaches the confidence; None where none does.
    family, order, class_ : FarRank or None
        The nearest taxon of each rank with its probability; None where it is not known.
    species, accession : str
        Of the nearest record that was found.
    identity : float
        To it. That no other record is nearer is not proved.
    """

    rank: str | None
    taxon: str | None
    probability: float | None
    species: str
    accession: str
    identity: float
    family: FarRank | None = None
    order: FarRank | None = None
    class_: FarRank | None = field(default=None, metadata=stored("class"))

    @property
    def ranks(self) -> dict[str, FarRank]:
        """The ranks that are known, the lowest first."""
        named = zip(RANKS, (self.family, self.order, self.class_))
        return {rank: of_rank for rank, of_rank in named if of_rank is not None}


class FarCalibration(NamedTuple):
    """What was learnt of the ranks of far records of a locus.

    Attributes
    ----------
    weights : mapping of str to tuple of float
        By rank the intercept and a coefficient of each of `FEATURES`.
    samples : mapping of str to int
        By rank the different records that it was learnt from.
    """

    weights: Mapping[str, tuple[float, ...]]
    samples: Mapping[str, int]

    def probability(self, rank: str, features: Sequence[float]) -> float:
        """Return the probability that the nearest taxon of a rank is the true one."""
        intercept, *slopes = self.weights[rank]
        score = intercept + sum(slope * value for slope, value in zip(slopes, features))
        unseen = min(0.5, 3 / max(1, self.samples[rank]))
        return min(1 - unseen, 1 / (1 + math.exp(-max(-50.0, min(50.0, score)))))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for the manifest of a locus."""
        return {
            "format": FORMAT,
            "weights": {rank: list(values) for rank, values in self.weights.items()},
            "samples": dict(self.samples),
        }

    @classmethod
    def from_dict(cls, content: Any) -> "FarCalibration":
        """Read what `to_dict` wrote.

        Raises
        ------
        LibraryError
            If it was written in another format.
        """
        try:
            if content["format"] != FORMAT:
                raise ValueError
            weights = {
                rank: tuple(float(value) for value in content["weights"][rank])
                for rank in RANKS
                if rank in content["weights"]
            }
            samples = {rank: int(content["samples"][rank]) for rank in weights}
            if any(len(values) != len(FEATURES) + 1 for values in weights.values()):
                raise ValueError
        except (TypeError, KeyError, ValueError) as error:
            raise LibraryError(
                _(
                    "What the library says of the placement of far sequences cannot be read by this version. "
                    "Build the library again: forensics library build."
                )
            ) from error
        return cls(weights, samples)


def place_far(
    records: Sequence[FarRecord],
    length: int,
    index: "Index",
    calibration: FarCalibration,
    *,
    confidence: float,
) -> FarPlacement | None:
    """Return where a sequence stands of which nothing is near; None where nothing is found even far away.

    Parameters
    ----------
    records : sequence of FarRecord
        What `FarIndex.nearest` found.
    length : int
        Of the sequence, bases.
    index : Index
        That was searched.
    calibration : FarCalibration
    confidence : float
        Probability that a taxon must reach to be stated, 0-1.
    """
    if not records:
        return None
    ranks: dict[str, FarRank] = {}
    for rank in calibration.weights:
        taxon, features = describe(records, rank, length)
        if taxon:
            ranks[rank] = FarRank(taxon, calibration.probability(rank, features))
    # A taxon is at least as probable as one within it, and none stands that contradicts the one above.
    stated = next((r for r in RANKS if r in ranks and ranks[r].probability >= confidence), None)
    nearest = index.first_record(records[0].haplotype)
    return FarPlacement(
        stated,
        ranks[stated].taxon if stated else None,
        ranks[stated].probability if stated else None,
        nearest.label,
        nearest.accession,
        records[0].identity,
        *(ranks.get(rank) for rank in RANKS),
    )


def describe(records: Sequence[FarRecord], rank: str, length: int) -> tuple[str, list[float]]:
    """Return the nearest taxon of a rank and the values of `FEATURES` for it.

    The taxon is "" where the nearest record has none.
    """
    taxon, identity = records[0].ranks[rank], records[0].identity
    vote = RankVote.of(records, rank)
    share = vote.voters.count(taxon) / len(vote.voters) if vote.voters else 0.0
    return taxon, [100 * (1 - identity), 100 * (identity - vote.rival), share, math.log(length)]


# -- learning -------------------------------------------------------------------------


def learn_far_placement(index: "Index") -> FarCalibration | None:
    """Learn from an index what its far records say of family, order and class; None where it holds too little."""
    rows = far_rows(FarIndex(index))
    weights, counts = {}, {}
    for rank in RANKS:
        of_rank = [row for row in rows if row.rank == rank]
        taxa = {row.true for row in of_rank}
        if len({row.haplotype for row in of_rank}) < MIN_SAMPLES or len(taxa) < MIN_TAXA:
            continue
        weights[rank] = fit_rows(of_rank)
        counts[rank] = len({row.haplotype for row in of_rank})
    return FarCalibration(weights, counts) if weights else None


class FarRow(NamedTuple):
    """A sampled record, looked up without its genus, family, order or class, at one rank."""

    haplotype: int
    rank: str
    left_out: str
    true: str
    is_true: bool
    features: tuple[float, ...]


def far_rows(far: FarIndex) -> list[FarRow]:
    """Look sampled records up without their genus, their family, their order, their class."""
    index, rng = far.index, random.Random(_SEED)
    members: dict[tuple[str, str], set[int]] = {}
    for haplotype in range(index.size):
        for rank, name in far.ranks(haplotype).items():
            members.setdefault((rank, name), set()).add(haplotype)
    rows = []
    for haplotype in _drawn(far, rng):
        sequence = _piece(index.sequence(haplotype), rng)
        names = far.ranks(haplotype)
        ways = [rank for rank, name in names.items() if name]
        without = (members[rank, names[rank]] for rank in ways)
        for left_out, records in zip(ways, far.nearest_without(sequence, without)):
            if not records or records[0].identity >= FLOOR:
                continue  # is called by what is near
            for rank in RANKS:
                taxon, features = describe(records, rank, len(sequence))
                if taxon and (true := names[rank]):
                    row = FarRow(haplotype, rank, left_out, true, taxon == true, tuple(features))
                    rows.append(row)
    return rows


def _drawn(far: FarIndex, rng: random.Random) -> list[int]:
    """Return haplotypes of as many families as there are, then a second of each, and so on."""
    families: dict[str, list[int]] = {}
    for haplotype, length in enumerate(far.index.lengths):
        family = far.ranks(haplotype)["family"]
        if family and length >= _MIN_PIECE:
            families.setdefault(family, []).append(haplotype)
    turns = []
    for _family, haplotypes in sorted(families.items()):
        for turn, haplotype in enumerate(rng.sample(haplotypes, min(len(haplotypes), SAMPLES))):
            turns.append((turn, rng.random(), haplotype))
    return [haplotype for _turn, _random, haplotype in sorted(turns)[:SAMPLES]]


def _piece(sequence: str, rng: random.Random) -> str:
    if rng.random() < _WHOLE or len(sequence) <= _MIN_PIECE:
        return sequence
    length = round(math.exp(rng.uniform(math.log(_MIN_PIECE), math.log(len(sequence)))))
    start = rng.randrange(len(sequence) - length + 1)
    return sequence[start : start + length]


def fit_rows(rows: Sequence[FarRow]) -> tuple[float, ...]:
    """Return intercept and coefficients of the logistic regression of some rows of one rank.

    What was looked up without the genus, without the family and so on weighs the same.
    """
    import numpy as np
    from scipy.optimize import minimize

    if (
        len({row.is_true for row in rows}) == 1
    ):  # what it may claim is bounded by the number of samples
        return (_ALWAYS if rows[0].is_true else -_ALWAYS, *(0.0 for _feature in FEATURES))
    x = np.array([row.features for row in rows])
    y = np.array([row.is_true for row in rows], float)
    kinds = [row.left_out for row in rows]
    w = np.array([1 / kinds.count(kind) for kind in kinds]) / len(set(kinds))
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    z = (x - middle) / spread

    def loss(beta: "np.ndarray") -> "tuple[float, np.ndarray]":
        score = beta[0] + z @ beta[1:]
        value = (w * (np.logaddexp(0, score) - y * score)).sum() + _L2 * (beta[1:] ** 2).sum()
        slope = w * (1 / (1 + np.exp(-score)) - y)
        gradient = np.concatenate([[slope.sum()], z.T @ slope + 2 * _L2 * beta[1:]])
        return float(value), gradient

    bounds = [(None, None), *((0, None) if s > 0 else (None, 0) for s in FEATURES.values())]
    beta = minimize(loss, np.zeros(len(bounds)), jac=True, bounds=bounds, method="L-BFGS-B").x
    slopes = beta[1:] / spread
    intercept = beta[0] - (slopes * middle).sum()
    return tuple(round(float(value), 4) for value in (intercept, *slopes))
