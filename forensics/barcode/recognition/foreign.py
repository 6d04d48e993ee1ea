"""Whether a sequence that is near to no record is of the loci that were searched at all.

A sequence that is of no locus of a library is neither in the library nor missing from it, and no probability holds for
it. In this order it is

``low_complexity``  where it says next to nothing: the entropy of its triplets is below `MIN_ENTROPY`;
``ribosomal``       where it is like bacterial or plastid ribosomal RNA, as surely as a locus is recognised;
``other_locus``     where it is recognised as a locus that was not searched;
``no_locus``        where it is like none of the loci that were searched, and every one of them is `TELLING`: its genuine
                    sequences are alike across orders, so that they would be recognised.

How often genuine sequences are taken for foreign, without all that the exemplars know of their order, and how many foreign
ones are seen, is in docs/loci.md (benchmarks/foreign.py).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2

from forensics.barcode.recognition.exemplars import NO_LOCUS, Exemplar
from forensics.barcode.recognition.recognise import (
    MAX_LENGTH,
    MIN_LEAD,
    Recognised,
    decide_locus,
    needed_bits,
    recogniser_of,
)
from forensics.barcode.reference.library import Library

__all__ = ["MIN_ENTROPY", "TELLING", "Foreign", "find_foreign", "judge_scores"]

#: Bits of the distribution of triplets, of which 6 are the most. Barcodes have 4.3 and more, also pieces of 100
#: bases of the control region; a repeat of two bases has 1, of four 2.
MIN_ENTROPY = 3.5
#: Loci of which genuine sequences of every order measured are recognised, and the bases from which on they are.
TELLING = {"COI": 150, "cytb": 150, "12S": 150, "16S": 150, "rbcL": 150}
#: Share of the bits by which a locus is recognised (`needed_bits`) below which a sequence is unlike it.
UNLIKE = 0.6


#: Bits a base that ribosomal RNA must reach where ITS is searched, whose ends are ribosomal RNA: of 52 genuine sequences
#: none came above 0.11; the RNA of other bacteria comes to 0.5 and more.
RIBOSOMAL_BITS_BESIDE_ITS = 0.3


@dataclass(frozen=True, slots=True)
class Foreign:
    """Why a sequence is not of the loci that were searched.

    Attributes
    ----------
    kind : str
        ``low_complexity``, ``ribosomal``, ``other_locus`` or ``no_locus``.
    likeness : str
        The species whose ribosomal RNA it is like; else empty.
    recognised : Recognised or None
        The other locus.
    entropy : float
        Bits of its triplets.
    """

    kind: str
    likeness: str = ""
    recognised: Recognised | None = None
    entropy: float = 0.0


def find_foreign(sequence: str, library: Library, loci: Sequence[str]) -> Foreign | None:
    """Return why a sequence is not of the loci that were searched; None where it may be.

    Parameters
    ----------
    sequence : str
        Clean, and near to no record.
    library : Library
        Some of its records are exemplars beside the packaged ones.
    loci : sequence of str
        That were searched.
    """
    entropy = triplet_entropy(sequence)
    if entropy < MIN_ENTROPY:
        return Foreign("low_complexity", entropy=entropy)
    if len(sequence) > MAX_LENGTH:
        return None
    return judge_scores(recogniser_of(library).similar(sequence), sequence, loci)


def judge_scores(
    scores: Iterable[tuple[Exemplar, float]], sequence: str, loci: Sequence[str]
) -> Foreign | None:
    """Return the same from the scores of exemplars, in bits."""
    entropy = triplet_entropy(sequence)
    if entropy < MIN_ENTROPY:
        return Foreign("low_complexity", entropy=entropy)
    best: dict[str, tuple[float, str]] = {}
    scores = list(scores)
    for exemplar, bits in scores:
        best[exemplar.locus] = max((bits, exemplar.species), best.get(exemplar.locus, (0.0, "")))
    own = max((best[locus][0] for locus in loci if locus in best), default=0.0)
    length = len(sequence)
    ribosomal, species = best.get(NO_LOCUS, (0.0, ""))
    others = max((bits for locus, (bits, _s) in best.items() if locus != NO_LOCUS), default=0.0)
    least = needed_bits(NO_LOCUS, length)
    if "ITS" in loci:
        least = max(least, RIBOSOMAL_BITS_BESIDE_ITS * length)
    if ribosomal >= least and ribosomal - others >= MIN_LEAD:
        return Foreign("ribosomal", species, entropy=entropy)
    recognised = decide_locus(scores, length)
    if recognised is not None and recognised.locus not in loci:
        return Foreign("other_locus", recognised=recognised, entropy=entropy)
    telling = all(locus in TELLING and length >= TELLING[locus] for locus in loci)
    if telling and own < UNLIKE * min(needed_bits(locus, length) for locus in loci):
        return Foreign("no_locus", entropy=entropy)
    return None


def triplet_entropy(sequence: str) -> float:
    """Return the entropy of the triplets of a sequence in bits, 0-6.

    Examples
    --------
    >>> triplet_entropy("A" * 60), round(triplet_entropy("AT" * 60), 2)
    (0.0, 1.0)
    """
    counts = Counter(sequence[place : place + 3] for place in range(len(sequence) - 2))
    total = counts.total()
    return abs(sum(count / total * log2(total / count) for count in counts.values()))
