"""Stretches that a query shares with exemplars: found by words, extended without gaps, chained.

As BLAST does it (Altschul et al. 1990, doi:10.1016/S0022-2836(05)80360-2; 1997,
doi:10.1093/nar/25.17.3389): a word that both have is extended to both sides as long as the score does
not fall by more than a limit below its highest. Proteins need two words on one diagonal. Segments of
one exemplar that follow each other are chained, at a price for the shift between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

__all__ = ["AMINO", "AMINO_OF_FEW", "BASES", "Alphabet", "WordIndex", "best_chain"]

# BLOSUM62 (Henikoff & Henikoff 1992, doi:10.1073/pnas.89.22.10915), lower triangle in this order.
_AMINO_ACIDS = "ARNDCQEGHILKMFPSTWYV"
_BLOSUM62 = (
    "4",
    "-1 5",
    "-2 0 6",
    "-2 -2 1 6",
    "0 -3 -3 -3 9",
    "-1 1 0 0 -3 5",
    "-1 0 0 2 -4 2 5",
    "0 -2 0 -1 -3 -2 -2 6",
    "-2 0 1 -1 -3 0 0 -2 8",
    "-1 -3 -3 -3 -1 -3 -3 -4 -3 4",
    "-1 -2 -3 -4 -1 -2 -3 -4 -3 2 4",
    "-1 2 0 -1 -3 1 1 -2 -1 -3 -2 5",
    "-1 -1 -2 -3 -1 0 -2 -3 -2 1 2 -1 5",
    "-2 -3 -3 -3 -2 -3 -3 -3 -1 0 0 -3 0 6",
    "-1 -2 -2 -1 -3 -1 -1 -2 -2 -3 -3 -1 -2 -4 7",
    "1 -1 1 0 -1 0 0 0 -1 -2 -2 0 -1 -2 -1 4",
    "0 -1 0 -1 -1 -1 -1 -2 -2 -1 -1 -1 -1 -2 -1 1 5",
    "-3 -3 -4 -4 -2 -2 -3 -2 -2 -3 -2 -3 -1 1 -4 -3 -2 11",
    "-2 -2 -2 -3 -2 -1 -2 -3 2 -1 -1 -2 -1 3 -3 -2 -2 2 7",
    "0 -3 -3 -3 -1 -2 -2 -3 -3 3 1 -2 1 -1 -2 -2 0 -3 -1 4",
)
# A stop, or what no table knows, with anything.
_UNLIKE = -4


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What sequences are written in, and how their letters score.

    Attributes
    ----------
    scores : mapping of str to int
        Of two letters written after each other.
    word : int
        Letters of a word.
    words : int
        Words that must lie on one diagonal, with at most `window` letters between them.
    window : int
    drop : int
        How far the score may fall below its highest before an extension ends.
    least : int
        Score of a segment that may enter a chain.
    shift, letter : int
        Price of a shift between two segments, and of each letter of it.
    """

    scores: Mapping[str, int]
    word: int
    words: int
    window: int
    drop: int
    least: int
    shift: int
    letter: int


def _blosum() -> dict[str, int]:
    letters = _AMINO_ACIDS + "*X"
    scores = dict.fromkeys((a + b for a in letters for b in letters), _UNLIKE)
    scores |= dict.fromkeys((pair for pair in scores if "X" in pair), -1)
    for amino, row in zip(_AMINO_ACIDS, _BLOSUM62, strict=True):
        for other, score in zip(_AMINO_ACIDS, row.split()):
            scores[amino + other] = scores[other + amino] = int(score)
    return scores


def _bases() -> dict[str, int]:
    letters = "ACGTRYSWKMBDHVN"
    scores = {a + b: -4 for a in letters for b in letters}
    scores |= {a + b: 0 for a in letters for b in letters if a not in "ACGT" or b not in "ACGT"}
    return scores | {base * 2: 5 for base in "ACGT"}


#: The parameters of NCBI BLAST for proteins, and for nucleotides that are far apart. One word is
#: enough for genes of which few exemplars are at hand, so that it costs little.
AMINO = Alphabet(_blosum(), word=3, words=2, window=40, drop=16, least=20, shift=20, letter=1)
AMINO_OF_FEW = replace(AMINO, words=1)
BASES = Alphabet(_bases(), word=8, words=1, window=0, drop=40, least=40, shift=16, letter=2)


class WordIndex:
    """The words of exemplars, by which they are found in a query.

    Parameters
    ----------
    texts : sequence of str
        Exemplars.
    alphabet : Alphabet
    """

    def __init__(self, texts: Sequence[str], alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self._texts = texts
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number, text in enumerate(texts):
            for place in range(len(text) - alphabet.word + 1):
                word = text[place : place + alphabet.word]
                self._places.setdefault(word, []).append((number, place))

    def segments(self, query: str) -> dict[int, list[tuple[int, int, int, int]]]:
        """Return the segments of every exemplar: ``(start, end, shift, score)``.

        Start and end are letters of the query; the shift is the place in the exemplar less that in
        the query.
        """
        length = self.alphabet.word
        seen: dict[tuple[int, int], int] = {}  # where the last word of a diagonal ended
        extended: dict[tuple[int, int], int] = {}  # up to where a diagonal was extended
        by_member: dict[int, list[tuple[int, int, int, int]]] = {}
        for start in range(len(query) - length + 1):
            for number, place in self._places.get(query[start : start + length], ()):
                diagonal = number, place - start
                if extended.get(diagonal, -1) > start:
                    continue
                if self.alphabet.words > 1:
                    last = seen.get(diagonal)
                    if last is not None and start < last:
                        continue  # of overlapping words the first counts
                    seen[diagonal] = start + length
                    if last is None or start - last > self.alphabet.window:
                        continue
                first, end, score = self._extend(query, start, *diagonal)
                extended[diagonal] = end
                if score >= self.alphabet.least:
                    by_member.setdefault(number, []).append((first, end, diagonal[1], score))
        return by_member

    def _extend(self, query: str, start: int, number: int, shift: int) -> tuple[int, int, int]:
        """Return start, end and score of the segment around a word."""
        text, scores, drop = self._texts[number], self.alphabet.scores, self.alphabet.drop
        total = best = 0
        end = start
        for place in range(start, min(len(query), len(text) - shift)):
            total += scores[query[place] + text[place + shift]]
            if total > best:
                best, end = total, place + 1
            elif total < best - drop:
                break
        total, first = best, start
        for place in range(start - 1, max(-1, -shift - 1), -1):
            total += scores[query[place] + text[place + shift]]
            if total > best:
                best, first = total, place
            elif total < best - drop:
                break
        return first, end, best


def best_chain(
    segments: Sequence[tuple[int, int, int, int]], alphabet: Alphabet
) -> tuple[int, list[tuple[int, int]]]:
    """Return the segments that follow each other in both sequences with the highest score: that, and their places.

    Parameters
    ----------
    segments : sequence of (int, int, int, int)
        As `WordIndex.segments` has them, of one exemplar.
    alphabet : Alphabet

    Returns
    -------
    score : int
    places : list of (int, int)
        Start and end of each in the query, ascending.

    Examples
    --------
    >>> best_chain([(0, 20, 5, 80), (25, 50, 7, 90)], BASES)
    (150, [(0, 20), (25, 50)])
    """
    ordered = sorted(segments)
    reached: list[int] = []
    previous: list[int | None] = []
    for start, _end, shift, score in ordered:
        before, place = 0, None
        for number, ((_start, other_end, other_shift, _score), total) in enumerate(
            zip(ordered, reached)
        ):
            if other_end <= start and other_end + other_shift <= start + shift:
                price = alphabet.shift + alphabet.letter * abs(shift - other_shift)
                chained = total - price * (shift != other_shift)
                if chained > before:
                    before, place = chained, number
        reached.append(before + score)
        previous.append(place)
    if not reached:
        return 0, []
    best = max(reached)
    places: list[tuple[int, int]] = []
    last: int | None = reached.index(best)
    while last is not None:
        places.append(ordered[last][:2])
        last = previous[last]
    return best, places[::-1]
