"""Some loci of many: chosen by how well they were typed and how much they vary, evenly along the file.

A map of 100,000 SNP is neither better nor worse for most of them. `choose_markers` takes as many as are
asked for. Nothing that is known of the animals plays a part, neither population nor place: a choice by
differences between sites would have seen the site that an evaluation leaves out, and its figures would
flatter. So the choice is the same however the sites are exchanged.

The loci are divided into as many runs of neighbours as markers are wanted. VCF and PLINK are sorted by
chromosome and position, so that neighbours in the file are neighbours on the chromosome, and markers of
different runs are seldom linked. Of each run the locus with the greatest product of the share of typed
animals and the expected heterozygosity is taken.

References
----------
Nei 1973, PNAS 70:3321, doi:10.1073/pnas.70.12.3321 (expected heterozygosity).
"""

from dataclasses import replace

import numpy as np

from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.stats.choice import greatest

__all__ = ["MIN_MARKERS", "choose_markers", "choose_places", "describe_choice", "score_loci"]

MIN_MARKERS = 5
"""Fewer loci than this cannot be asked for: no animal is assigned by them."""


def choose_markers(genotypes: Genotypes, number: int) -> Genotypes:
    """Return the genotypes at the loci that are chosen, in the order of the file, with a note.

    Parameters
    ----------
    number : int
        Loci that are wanted. All stay where there are no more. Runs without any locus that varies
        give none.

    Raises
    ------
    UsageError
        If fewer than `MIN_MARKERS` are wanted.
    """
    places = choose_places(score_loci(genotypes), number)
    if len(places) == len(genotypes.loci):
        return genotypes
    return replace(
        genotypes,
        loci=tuple(genotypes.loci[place] for place in places),
        alleles=tuple(genotypes.alleles[place] for place in places),
        codes=np.ascontiguousarray(genotypes.codes[:, places]),
        notes=(*genotypes.notes, describe_choice(len(places), len(genotypes.loci))),
    )


def score_loci(genotypes: Genotypes) -> np.ndarray:
    """Return the share of typed animals times the expected heterozygosity; float64, shape (L,)."""
    scores = np.zeros(len(genotypes.loci))
    for locus in range(len(scores)):
        codes = genotypes.codes[:, locus]
        counts = np.bincount(codes[codes >= 0].astype(np.intp))
        total = counts.sum()
        if total:
            typed = (codes[:, 0] >= 0).mean()
            scores[locus] = typed * (1.0 - ((counts / total) ** 2).sum())
    return scores


def choose_places(scores: np.ndarray, number: int) -> np.ndarray:
    """Return the places of the loci of the greatest score, one of each run; intp, ascending.

    Parameters
    ----------
    scores : numpy.ndarray of float64, shape (L,)
        Of loci in the order of the file; 0 of a locus that does not vary.

    Raises
    ------
    UsageError
        If fewer than `MIN_MARKERS` are wanted.
    """
    if number < MIN_MARKERS:
        raise UsageError(
            _("{number} markers are too few; at least {least} are needed").format(
                number=number, least=MIN_MARKERS
            )
        )
    if number >= len(scores):
        return np.arange(len(scores))
    edges = np.linspace(0, len(scores), number + 1).astype(np.intp)
    places = [start + int(greatest(scores[start:stop])) for start, stop in zip(edges, edges[1:])]
    return np.array([place for place in places if scores[place] > 0], dtype=np.intp)


def describe_choice(chosen: int, count: int) -> str:
    """Return in words what was chosen of how many."""
    return _(
        "{chosen} of {count} loci were chosen evenly along the file, by the share of typed animals times "
        "the expected heterozygosity; where the animals are from played no part"
    ).format(chosen=chosen, count=count)
