"""Alleles counted by group, side by side for all loci, as every likelihood needs them.

**Some loci of many.** A map of 100,000 SNP is neither better nor worse for most of them. `choose_markers`
takes as many as are asked for. Nothing that is known of the animals plays a part, neither population nor
place: a choice by differences between sites would have seen the site that an evaluation leaves out, and its
figures would flatter. So the choice is the same however the sites are exchanged. The loci are divided into
as many runs of neighbours as markers are wanted. VCF and PLINK are sorted by chromosome and position, so
that neighbours in the file are neighbours on the chromosome, and markers of different runs are seldom
linked. Of each run the locus with the greatest product of the share of typed animals and the expected
heterozygosity (Nei 1973, PNAS 70:3321, doi:10.1073/pnas.70.12.3321) is taken.

**How far animals differ from a reference.** Everything rests on matching: the probability that two copies
of a locus, drawn from different animals, are the same allele. It is estimated without bias from counts,
whatever the sample sizes.

- **theta** of some animals relative to a reference is ``(M_within - M_between) / (1 - M_between)``:
  the probability that two copies drawn among them are identical by descent where copies of the
  reference are not. It is what the theta of Balding & Nichols (1994) means in a likelihood ratio.
- **FST** between both (Hudson) is ``1 - H_within / H_between``, with ``H = 1 - M``, the mean of both
  groups within.

Sums over loci are divided, not ratios averaged; standard errors leave out one locus at a time.

References
----------
Weir & Goudet 2017, doi:10.1534/genetics.116.198424 (theta from matching). Hudson, Slatkin & Maddison
1992, Genetics 132:583-589, and Bhatia et al. 2013, doi:10.1101/gr.154831.113 (FST, ratio of sums).
Balding & Nichols 1994, doi:10.1016/0379-0738(94)90222-4.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forensics.core.stored import stored
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes, require_one_each
from forensics.messages import _
from forensics.stats import greatest

# Copies of alleles that are held at once; 32 MB of float64.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class AlleleCounts:
    """Alleles counted by group.

    Attributes
    ----------
    groups : tuple of str, length G
        Names of the groups (populations, sites), in order.
    loci : tuple of str, length L
    alleles : tuple of tuples of str, length L
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Alleles of locus ``l`` are columns ``offsets[l]:offsets[l + 1]``.
    counts : numpy.ndarray of float64, shape (G, A)
        Copies of each allele; A is the number of alleles of all loci.
    animals : numpy.ndarray of int64, shape (G,)
        Animals of each group, typed or not.
    """

    groups: tuple[str, ...]
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    offsets: np.ndarray
    counts: np.ndarray
    animals: np.ndarray

    @property
    def totals(self) -> np.ndarray:
        """Copies typed, by group and locus; float64, shape (G, L)."""
        return np.add.reduceat(self.counts, self.offsets[:-1], axis=1)

    @property
    def locus_of(self) -> np.ndarray:
        """Locus of each column of `counts`; intp, shape (A,)."""
        return np.repeat(np.arange(len(self.loci)), np.diff(self.offsets))


def offsets_of(alleles: Sequence[Sequence[str]]) -> np.ndarray:
    """Return where the alleles of each locus begin; intp, shape (L + 1,).

    A locus without any allele gets one column, so that every locus has its place.
    """
    return np.concatenate(([0], np.cumsum([max(1, len(labels)) for labels in alleles]))).astype(
        np.intp
    )


def doses(genotypes: Genotypes, *, complete: bool = True) -> np.ndarray:
    """Return how many copies of each allele each animal has; float64, shape (n, A).

    Parameters
    ----------
    complete : bool
        Leave out genotypes of which one of two copies was not typed.
    """
    offsets = offsets_of(genotypes.alleles)
    result = np.zeros((len(genotypes), offsets[-1]))
    use = genotypes.typed if complete else np.ones(genotypes.codes.shape[:2], dtype=bool)
    for copy in range(2):
        rows, loci = np.nonzero((genotypes.codes[:, :, copy] >= 0) & use)
        np.add.at(result, (rows, offsets[loci] + genotypes.codes[rows, loci, copy]), 1.0)
    return result


def count_alleles(
    genotypes: Genotypes, groups: Sequence[str], *, order: Sequence[str] | None = None
) -> AlleleCounts:
    """Return the alleles of each group.

    Parameters
    ----------
    genotypes : Genotypes
        n animals.
    groups : sequence of str, length n
        Group of each animal; "" leaves an animal out.
    order : sequence of str, optional
        The groups and their order; by default sorted.

    Raises
    ------
    UsageError
        If `groups` has another length.
    """
    require_one_each(groups, genotypes)
    names = tuple(sorted({name for name in groups if name})) if order is None else tuple(order)
    place = {name: number for number, name in enumerate(names)}
    offsets = offsets_of(genotypes.alleles)
    counts = np.zeros((len(names), offsets[-1]))
    animals = np.zeros(len(names), dtype=np.int64)
    step = max(1, _BLOCK // max(1, int(offsets[-1])))
    for start in range(0, len(genotypes), step):
        block = genotypes.take(np.arange(start, min(start + step, len(genotypes))))
        for copies, name in zip(doses(block), groups[start : start + step]):
            if name in place:
                counts[place[name]] += copies
                animals[place[name]] += 1
    return AlleleCounts(names, genotypes.loci, genotypes.alleles, offsets, counts, animals)


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


_PAIRS = 4096  # that are worked on at a time: 500 alleles are 16 MB


@dataclass(frozen=True, slots=True)
class Differentiation:
    """How far animals differ from a reference.

    Attributes
    ----------
    fst : float
        Between the animals and the reference; about 0, of either sign, where there is no difference.
    theta : float
        Of the animals, relative to the reference.
    fst_error, theta_error : float
        Their standard errors; NaN with fewer than two loci.
    loci : int
        Loci at which both could be compared; where there are none, `fst` and `theta` are NaN.
    """

    fst: float = field(metadata=stored(null=math.nan))
    theta: float = field(metadata=stored(null=math.nan))
    fst_error: float = field(metadata=stored(null=math.nan))
    theta_error: float = field(metadata=stored(null=math.nan))
    loci: int


def matching_within(
    animals: np.ndarray,
    offsets: np.ndarray,
    *,
    related: tuple[np.ndarray, np.ndarray] | None = None,
    clusters: np.ndarray | None = None,
) -> np.ndarray:
    """Return the probability that copies of different animals match.

    Parameters
    ----------
    animals : numpy.ndarray of float64, shape (n, A)
        Copies of each allele in each animal.
    offsets : numpy.ndarray of intp, shape (L + 1,)
        As of `forensics.genetics.counts.AlleleCounts`.
    related, clusters
        As in `estimate_differentiation`.

    Returns
    -------
    numpy.ndarray of float64, shape (L,)
        NaN where no two animals of different clusters were typed.

    Examples
    --------
    >>> counts = np.array([[2.0, 0.0], [1.0, 1.0]])  # two animals, one locus
    >>> matching_within(counts, np.array([0, 2])).tolist()
    [0.5]
    """
    starts = offsets[:-1]
    grouped, of = animals, np.arange(len(animals))
    if clusters is not None:
        names, of = np.unique(clusters, return_inverse=True)
        of = of.ravel()
        grouped = np.zeros((len(names), animals.shape[1]))
        np.add.at(grouped, of, animals)
    total = grouped.sum(axis=0)
    sizes = np.add.reduceat(grouped, starts, axis=1)
    same = np.add.reduceat(total**2 - (grouped**2).sum(axis=0), starts)
    pairs = sizes.sum(axis=0) ** 2 - (sizes**2).sum(axis=0)
    if related is not None:
        first, second = (np.asarray(places)[of[related[0]] != of[related[1]]] for places in related)
        copies = np.add.reduceat(animals, starts, axis=1)
        for start in range(0, len(first), _PAIRS):
            these, those = first[start : start + _PAIRS], second[start : start + _PAIRS]
            # Each pair is counted twice above.
            same = same - 2 * np.add.reduceat((animals[these] * animals[those]).sum(axis=0), starts)
            pairs = pairs - 2 * (copies[these] * copies[those]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0.5, same / pairs, np.nan)


def matching_of_copies(counts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the probability that two copies of one group match.

    Parameters
    ----------
    counts : numpy.ndarray of float64, shape (G, A)
    offsets : numpy.ndarray of intp, shape (L + 1,)

    Returns
    -------
    numpy.ndarray of float64, shape (G, L)
        NaN with fewer than two copies.
    """
    starts = offsets[:-1]
    sizes = np.add.reduceat(counts, starts, axis=1)
    pairs = sizes * (sizes - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        same = np.add.reduceat(counts**2, starts, axis=1) - sizes
        return np.where(pairs > 0, same / pairs, np.nan)


def _matching_between(first: np.ndarray, second: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the probability that copies of two groups match; of their counts, shape (A,)."""
    starts = offsets[:-1]
    pairs = np.add.reduceat(first, starts) * np.add.reduceat(second, starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, np.add.reduceat(first * second, starts) / pairs, np.nan)


def estimate_differentiation(
    animals: np.ndarray,
    reference: np.ndarray,
    offsets: np.ndarray,
    *,
    related: tuple[np.ndarray, np.ndarray] | None = None,
    clusters: np.ndarray | None = None,
) -> Differentiation:
    """Estimate how far animals differ from a reference.

    Parameters
    ----------
    animals : numpy.ndarray of float64, shape (n, A)
        Copies of each allele in each animal.
    reference : numpy.ndarray of float64, shape (A,)
        Copies of each allele in the reference.
    offsets : numpy.ndarray of intp, shape (L + 1,)
    related : two numpy.ndarray of intp, shape (m,), optional
        Places of the animals of pairs that are left out, since they look like kin.
    clusters : numpy.ndarray of intp, shape (n,), optional
        Animals of one cluster, such as a herd, are not compared with each other.

    Returns
    -------
    Differentiation
        All NaN where no locus can be compared.
    """
    within = matching_within(animals, offsets, related=related, clusters=clusters)
    of_reference = matching_of_copies(reference[None, :], offsets)[0]
    between = _matching_between(animals.sum(axis=0), reference, offsets)
    use = np.isfinite(within) & np.isfinite(of_reference) & np.isfinite(between)
    excess, apart = (within - between)[use], (1 - between)[use]
    inside = 1 - (within + of_reference)[use] / 2
    if not apart.sum() > 0:
        return Differentiation(math.nan, math.nan, math.nan, math.nan, int(use.sum()))
    return Differentiation(
        float(1 - inside.sum() / apart.sum()),
        float(excess.sum() / apart.sum()),
        jackknife_error(inside, apart),
        jackknife_error(excess, apart),
        int(use.sum()),
    )


def estimate_theta_among(counts: np.ndarray, offsets: np.ndarray) -> Differentiation:
    """Estimate theta of the populations of a structured reference, relative to pairs of populations.

    Parameters
    ----------
    counts : numpy.ndarray of float64, shape (G, A)
        Copies of each allele in each population, such as those of `count_alleles`.
    offsets : numpy.ndarray of intp, shape (L + 1,)

    Returns
    -------
    Differentiation
        ``theta`` is the mean over populations, each with the same weight; ``fst`` is the same.
        All NaN with fewer than two populations that were typed.
    """
    starts = offsets[:-1]
    inside = matching_of_copies(counts, offsets)
    typed = np.isfinite(inside)
    inside = np.where(typed, inside, 0.0)
    sizes = np.repeat(np.add.reduceat(counts, starts, axis=1), np.diff(offsets), axis=1)
    shares = np.where(
        np.repeat(typed, np.diff(offsets), axis=1), counts / np.maximum(sizes, 1.0), 0.0
    )
    number = typed.sum(axis=0)
    use = number > 1
    summed = np.add.reduceat(shares.sum(axis=0) ** 2 - (shares**2).sum(axis=0), starts)
    between = summed[use] / (number * (number - 1))[use]
    excess = inside.sum(axis=0)[use] / number[use] - between
    apart = 1 - between
    if not apart.sum() > 0:
        return Differentiation(math.nan, math.nan, math.nan, math.nan, int(use.sum()))
    theta = float(excess.sum() / apart.sum())
    error = jackknife_error(excess, apart)
    return Differentiation(theta, theta, error, error, int(use.sum()))


def jackknife_error(above: np.ndarray, below: np.ndarray) -> float:
    """Return the standard error of a ratio of sums over loci, each left out; NaN of fewer than two.

    Parameters
    ----------
    above, below : numpy.ndarray of float64, shape (L,)
    """
    count = len(above)
    if count < 2:
        return math.nan
    left = (above.sum() - above) / (below.sum() - below)
    return float(math.sqrt((count - 1) / count * ((left - left.mean()) ** 2).sum()))
