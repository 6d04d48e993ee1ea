"""Do the samples of a file look like animals of the reference? The check of fit before an origin is stated.

The test of one animal (`exclusion`) lets a share of animals pass at its level, whatever is wrong with all of
them: another species, alleles that are sized or named otherwise than in the reference. So the samples of a
file are taken together, and compared with what the reference's own animals, each left out, show:

``excluded``
    Samples that are excluded, of those that could be examined. It is compared with the populations that the
    samples are likeliest in: of a population with ``x`` of ``n`` own animals excluded, the next have a
    beta-binomial number. The greatest p-value counts, since samples may all be of one population.
``likeness``
    The mean of the normal scores of the samples' p-values. Populations differ in theirs, so that the mean of
    many samples is no surer than that of one population: a t statistic with the variance between and within
    populations.
``alleles``
    Copies of alleles that the reference lacks. A population whose animals are not in the reference has as
    many as a population has that no other has; beta-binomial, over all populations.
``crosses``
    Heterozygous genotypes, and those that the likeliest population of each sample lets expect: crosses of
    populations have more. `MIN_EXCESS` is allowed for, and the counts of the reference leave some open.

Where the check fails no sample of the file is named or placed (`forensics.fit`). Samples that are excluded
stay excluded: a file that holds animals from elsewhere beside others can be examined without them.

References
----------
Vovk, Gammerman & Shafer 2005, Algorithmic learning in a random world (p-values of left-out animals). Skellam
1948, doi:10.1111/j.2517-6161.1948.tb00014.x (beta-binomial).
"""

import numpy as np

from forensics.core.notice import Notice
from forensics.fit import Fit, FitStatistic
from forensics.genetics.genotypes import Genotypes
from forensics.messages import numeral
from forensics.notices import origin as notices
from forensics.origin.assignment import MIN_LOCI, Baseline, CodedAnimals, code_animals
from forensics.origin.exclusion import Exclusion, ExclusionFit, Statistics
from forensics.stats import TOLERANCE

# Animals, or copies, that the rate of the whole reference weighs beside those of one population: one, as
# little as a Dirichlet prior of an unknown share usually weighs.
_WEIGHT = 1.0
# Share of heterozygotes above what is expected that says nothing: animals from between two sites have some
# more than those of either (a stated choice, below the FST of populations that can be told apart).
MIN_EXCESS = 0.02
# Fewer samples have the test of each animal alone: what is odd of one is not of the file.
MIN_SAMPLES = 5
# Loci that a notice names: a quarter of the samples, at least, has an allele there that the reference lacks.
_ODD_SHARE, _MAX_LOCI = 0.25, 8


def check_samples(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: ExclusionFit,
    tested: Exclusion,
    *,
    sites: bool = False,
) -> tuple[Fit, Notice | None]:
    """Return the check of the samples of a file, and the notice that nothing is stated where it fails.

    Parameters
    ----------
    genotypes : Genotypes
        n samples.
    baseline, fit
        Of the model.
    tested : Exclusion
        Of the same samples.
    sites : bool
        Whether the populations are sites of a map. Samples may come from between them, so they are
        compared with animals of sites that were left out as a whole.
    """
    coded = code_animals(genotypes, baseline)
    use = coded.typed.sum(axis=1) >= MIN_LOCI
    if use.sum() < MIN_SAMPLES:
        return Fit(()), None
    elsewhere = fit.elsewhere
    known = elsewhere.absent
    if not sites:
        known = elsewhere.p_values(Statistics(elsewhere.typicality, elsewhere.gain), own=True)
    likeliest = np.unique(tested.partners[use, 0])
    p_values = tested.p_any[use]
    new = coded.typed[:, :, None] & (coded.codes >= baseline.allele_numbers[:, None])
    checked = Fit(
        (
            _count_excluded(p_values, known, fit.own, likeliest, tested.level),
            _compare_scores(p_values, known, fit.own),
            _count_alleles(int(new[use].sum()), int(coded.copies[use].sum()), baseline),
            _count_heterozygotes(coded, use, baseline, tested.partners[:, 0]),
        )
    )
    worst = checked.worst
    if checked.passed or worst is None:
        return checked, None
    shown = {"count": int(use.sum()), **checked.parameters()}
    if worst.name == "crosses":
        notice = notices.NO_FIT(
            "crosses", observed=worst.observed, expected=worst.expected, **shown
        )
    elif worst.name == "alleles":
        notice = notices.NO_FIT(
            "alleles", observed=worst.observed, expected=worst.expected,
            loci=_odd_loci(coded, use, baseline), **shown,
        )  # fmt: skip
    else:
        excluded = int((p_values <= tested.level).sum())
        notice = notices.NO_FIT(
            "likeness" if worst.name == "likeness" else "excluded",
            excluded=excluded,
            expected=checked.statistics[0].expected,
            **shown,
        )
    return checked, notice


def _count_excluded(
    p_values: np.ndarray, known: np.ndarray, own: np.ndarray, likeliest: np.ndarray, level: float
) -> FitStatistic:
    """Compare how many are excluded with what populations show: `known` p-values of animals of `own`."""
    excluded, size = int((p_values <= level).sum()), len(p_values)
    counts = [((known[own == place] <= level).sum(), (own == place).sum()) for place in likeliest]
    p, expected = _beta_binomial(excluded, size, counts, float((known <= level).mean()) or level)
    return FitStatistic("excluded", excluded, expected, p)


def _compare_scores(p_values: np.ndarray, known: np.ndarray, own: np.ndarray) -> FitStatistic:
    """Compare the mean score of samples with those of populations; see the module."""
    from scipy.special import ndtri, stdtr

    # Below the least of the reference's own nothing is told apart: of many loci all of left-out sites have that.
    least = float(known.min())
    samples, scores = (
        ndtri(np.clip(p, least, 1 - 0.5 / (len(known) + 1))) for p in (p_values, known)
    )
    _names, place, sizes = np.unique(own, return_inverse=True, return_counts=True)
    means = np.bincount(place, scores) / sizes
    groups, animals = len(sizes), len(scores)
    observed, expected = float(samples.mean()), float(means.mean())
    if not 1 < groups < animals:
        return FitStatistic("likeness", observed, expected, 1.0)
    within = ((scores - means[place]) ** 2).sum() / (animals - groups)
    typical = (animals - (sizes**2).sum() / animals) / (groups - 1)
    between = (sizes * (means - scores.mean()) ** 2).sum() / (groups - 1)
    apart = max(0.0, (between - within) / typical)
    error = float(np.sqrt(apart * (1 + 1 / groups) + within * (1 / len(samples) + 1 / animals)))
    alike = error < TOLERANCE  # all are as unlike as can be told
    p = 1.0 if alike else float(stdtr(groups - 1, (observed - expected) / error))
    return FitStatistic("likeness", observed, expected, p)


def _count_alleles(lacking: int, copies: int, baseline: Baseline) -> FitStatistic:
    """Compare copies of alleles that the reference lacks with those that one population alone has."""
    alone = (baseline.counts > 0).sum(axis=0) == 1
    private = baseline.counts[:, alone].sum(axis=1)
    totals = baseline.counts.sum(axis=1)
    known = baseline.animals >= MIN_SAMPLES
    if not known.any():
        known[:] = True
    counts = list(zip(private[known], totals[known]))
    p, expected = _beta_binomial(lacking, copies, counts, float(private.sum() / totals.sum()))
    return FitStatistic("alleles", lacking / max(1, copies), expected / max(1, copies), p)


def _count_heterozygotes(
    coded: CodedAnimals, use: np.ndarray, baseline: Baseline, likeliest: np.ndarray
) -> FitStatistic:
    """Compare the share of heterozygous genotypes with that of the likeliest population of each sample."""
    from scipy.special import ndtr

    starts, numbers = baseline.offsets[:-1], baseline.allele_numbers
    sizes = np.maximum(np.add.reduceat(baseline.counts, starts, axis=1), 1.0)
    shares = baseline.counts / np.repeat(sizes, numbers, axis=1)
    same, cubes = (np.add.reduceat(shares**power, starts, axis=1) for power in (2, 3))
    expected = (1 - same) * sizes / np.maximum(sizes - 1, 1.0)
    error = 4 * (cubes - same**2) / sizes  # variance of the sum of squares
    known = (use[:, None] & (coded.copies == 2) & ~coded.unseen) & (sizes >= 2 * MIN_SAMPLES)[
        likeliest
    ]
    typed = np.zeros(shares.shape[:1] + (len(numbers),))
    np.add.at(typed, likeliest, known)
    total = float(typed.sum())
    if not total:
        return FitStatistic("crosses", 0.0, 0.0, 1.0)
    seen = float((known & (coded.codes[:, :, 0] != coded.codes[:, :, 1])).sum())
    mean = float((typed * expected).sum())
    variance = float((typed * expected * (1 - expected) + typed**2 * error).sum())
    above = seen - mean * (1 + MIN_EXCESS)
    p = float(ndtr(-above / np.sqrt(variance))) if variance > 0 else 1.0
    return FitStatistic("crosses", seen / total, mean / total, p)


def _beta_binomial(
    observed: int, size: int, counts: list[tuple[float, float]], rate: float
) -> tuple[float, float]:
    """Return how often so many or more of `size` are counted, and the expectation, at most over populations.

    Parameters
    ----------
    counts : list of (count, size)
        Of each population.
    rate : float
        Of the whole reference.
    """
    from scipy.special import betaln, gammaln

    number = np.arange(observed, size + 1)
    chosen = gammaln(size + 1) - gammaln(number + 1) - gammaln(size - number + 1)
    p = expected = 0.0
    rate = min(max(rate, 1e-4), 0.5)
    for count, total in counts:
        yes, no = count + rate * _WEIGHT, total - count + (1 - rate) * _WEIGHT
        logs = chosen + betaln(yes + number, no + size - number) - betaln(yes, no)
        p = max(p, min(1.0, float(np.exp(logs).sum())))
        expected = max(expected, size * yes / (yes + no))
    return p, expected


def _odd_loci(coded: CodedAnimals, use: np.ndarray, baseline: Baseline) -> str:
    """Return the loci at which many samples have alleles that the reference lacks, the worst first."""
    lacking, typed = coded.unseen[use].sum(axis=0), coded.typed[use].sum(axis=0)
    shares = lacking / np.maximum(typed, 1)
    order = np.argsort(-shares, kind="stable")
    odd = [place for place in order if shares[place] >= _ODD_SHARE] or order[:1].tolist()
    names = (
        f"{baseline.loci[place]} ({numeral(float(shares[place]), '.0%')})"
        for place in odd[:_MAX_LOCI]
    )
    return ", ".join(names)
