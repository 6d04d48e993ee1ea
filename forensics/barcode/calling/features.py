"""What a decision looks at: the neighbourhood of a query in numbers.

The same functions serve the training and the call. Differences are in per cent of the
bases compared; a species that the search did not reach counts as `_FAR` away, so that
what lies beyond the horizon of the search is the same for every query.

Every feature but the number of congeners may act in one direction only, so that one more record of the
called species, a nearer record of it or a rival that is farther away never lowers its probability.
"""

import math
from collections.abc import Sequence

from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import HORIZON

__all__ = ["CHOICE", "NOVELTY", "RANK", "choice", "novelty", "rank"]

_FAR = 100 * (1 - HORIZON)
_MAX_RECORDS = 20  # more records say nothing more of a species' spread

# Names of the features and the sign of their effect on the probability: +1 it may only
# rise with the feature, -1 only fall, 0 free. A call that grew less certain when its hit
# came nearer could not be explained to a court.
NOVELTY = {
    "difference": +1,
    "lead": -1,
    "second_difference": -1,
    "third_difference": -1,
    "records": -1,
    "species_within_1": +1,
    "species_within_2": +1,
    "genera_within_3": +1,
    "length": -1,
}
CHOICE = {
    "behind": -1,
    "lead": +1,
    "difference": -1,
    "records": +1,
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


def _records(candidate: Candidate) -> float:
    return math.log1p(min(candidate.records, _MAX_RECORDS))


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
        _records(best),
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
        _records(own),
        math.log(own.length),
    ]


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
