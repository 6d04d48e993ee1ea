r"""How probable the reads of an animal are in each reference population.

With few reads a genotype is not known, only how likely the reads are under each. With two alleles

.. math:: P(reads \mid population) = \sum_g P(reads \mid g) \, P(g \mid population)

over the three genotypes, with the probabilities of `forensics.origin.likelihood`. Loci are multiplied.
Where one genotype alone is possible, the result is that of the called genotype.

References
----------
DeSaix M. G., Rodriguez M. D., Ruegg K. C. & Anderson E. C. (2024). Population assignment from genotype
likelihoods for low-coverage whole-genome sequencing data. Methods in Ecology and Evolution 15, 493-510.
doi:10.1111/2041-210X.14286
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forensics.errors import InputError
from forensics.genetics.likelihoods import GENOTYPES, GenotypeLikelihoods
from forensics.messages import _
from forensics.origin.baseline import Baseline

__all__ = [
    "CodedLikelihoods",
    "allele_probabilities",
    "chunk_rows",
    "code_likelihoods",
    "genotype_probabilities",
    "read_log_likelihoods",
]

# Values of one chunk's greatest array; 32 MB of float64.
_CHUNK_VALUES = 4_000_000
# Reads that favour a genotype with an allele that the reference lacks so many times are noted.
_FAVOURED = 100.0


@dataclass(frozen=True, eq=False)
class CodedLikelihoods:
    """Likelihoods of animals at the loci of a baseline.

    Attributes
    ----------
    animals : tuple of str, length n
    logs : numpy.ndarray of float32, shape (n, M, 3)
        As in `GenotypeLikelihoods`, of the loci that the reference has.
    informative : numpy.ndarray of bool, shape (n, M)
    loci : numpy.ndarray of intp, shape (M,)
        Their places in the reference.
    codes : numpy.ndarray of intp, shape (M, 2)
        Places of both alleles among those of the locus; from K(l) on where the reference lacks them.
    ignored : tuple of str
        Loci that the reference does not have.
    """

    animals: tuple[str, ...]
    logs: np.ndarray
    informative: np.ndarray
    loci: np.ndarray
    codes: np.ndarray
    ignored: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.animals)

    def unseen(self, baseline: Baseline) -> np.ndarray:
        """Return which loci have an allele that the reference lacks; bool, shape (M,)."""
        return np.asarray((self.codes >= baseline.allele_numbers[self.loci, None]).any(axis=1))

    def favours_unseen(self, baseline: Baseline) -> np.ndarray:
        """Return where the reads speak for an allele that the reference lacks; bool, shape (n, M)."""
        strange = self.codes >= baseline.allele_numbers[self.loci, None]
        with_strange = np.stack([strange[:, list(pair)].any(axis=1) for pair in GENOTYPES], axis=1)
        logs = self.logs.astype(np.float64)
        known = np.where(with_strange, -np.inf, logs).max(axis=2)
        other = np.where(with_strange, logs, -np.inf).max(axis=2)
        return np.asarray(other > known + np.log(_FAVOURED))


def code_likelihoods(samples: GenotypeLikelihoods, baseline: Baseline) -> CodedLikelihoods:
    """Return the likelihoods at the loci of the baseline.

    A locus that ANGSD calls ``chr1_7`` is the one that a VCF without names calls ``chr1:7``.

    Raises
    ------
    InputError
        If no locus is common to both, or a locus has one copy in the reference.
    """
    place = {name: number for number, name in enumerate(baseline.loci)}
    chosen: dict[int, int] = {}
    ignored = []
    for number, name in enumerate(samples.loci):
        at = place.get(name, place.get(":".join(name.rsplit("_", 1))))
        if at is None or at in chosen:
            ignored.append(name)
        else:
            chosen[at] = number
    if not chosen:
        raise InputError(
            _(
                "none of the {count} loci is in the reference. Found: {found}. "
                "Expected: {expected}. Check the column names."
            ).format(
                count=len(samples.loci),
                found=", ".join(samples.loci[:5]),
                expected=", ".join(baseline.loci[:5]),
            ),
            source=samples.source or None,
        )
    loci = np.array(sorted(chosen), dtype=np.intp)
    if not baseline.double[loci].all():
        raise InputError(
            _(
                "locus {locus} has one copy in the reference; likelihoods of genotypes are of two"
            ).format(locus=baseline.loci[int(loci[~baseline.double[loci]][0])]),
            source=samples.source or None,
        )
    columns = np.array([chosen[int(at)] for at in loci], dtype=np.intp)
    codes = np.empty((len(loci), 2), dtype=np.intp)
    for row, (at, column) in enumerate(zip(loci, columns)):
        known = {label: code for code, label in enumerate(baseline.alleles[at])}
        for copy, label in enumerate(samples.alleles[column]):
            codes[row, copy] = known.setdefault(label, len(known))
    logs = samples.logs[:, columns]
    return CodedLikelihoods(
        samples.animals, logs, (logs != 0).any(axis=2), loci, codes, tuple(ignored)
    )


def allele_probabilities(coded: CodedLikelihoods, baseline: Baseline) -> np.ndarray:
    """Return the probability of each of both alleles in each population; float64, shape (P, M, 2).

    0 of an allele that the reference lacks.
    """
    y, n = _pseudo_counts(coded, baseline)
    return np.asarray(y / n[:, :, None])


def _pseudo_counts(coded: CodedLikelihoods, baseline: Baseline) -> tuple[np.ndarray, np.ndarray]:
    """Return copies and pseudo-copies of both alleles, shape (P, M, 2), and of the locus, (P, M)."""
    y = baseline.counts + baseline.pseudocopies()
    n = np.add.reduceat(y, baseline.offsets[:-1], axis=1)[:, coded.loci]
    seen = coded.codes < baseline.allele_numbers[coded.loci, None]
    columns = baseline.offsets[coded.loci][:, None] + np.where(seen, coded.codes, 0)
    return np.where(seen, y[:, columns], 0.0), n


def genotype_probabilities(coded: CodedLikelihoods, baseline: Baseline) -> np.ndarray:
    """Return the probability of each genotype in each population.

    Parameters
    ----------
    coded : CodedLikelihoods
    baseline : Baseline

    Returns
    -------
    numpy.ndarray of float64, shape (P, M, 3)
        In the order of `GENOTYPES`. They sum to less than 1 at a locus with more alleles.
    """
    y, n = _pseudo_counts(coded, baseline)
    result = _pair_probabilities(y, n)
    for place in np.flatnonzero(coded.unseen(baseline)):
        for genotype, pair in enumerate(GENOTYPES):
            codes = [int(coded.codes[place, copy]) for copy in pair]
            locus = int(coded.loci[place])
            if max(codes) >= baseline.allele_numbers[locus]:
                result[:, place, genotype] = _unseen_probabilities(baseline, locus, codes)
    return result


def _pair_probabilities(y: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the probabilities of the three genotypes; shape (..., 3)."""
    first, second = y[..., 0], y[..., 1]
    pairs = np.stack(
        [first * (first + 1.0), 2.0 * first * second, second * (second + 1.0)], axis=-1
    )
    return np.asarray(pairs / (n * (n + 1.0))[..., None])


def _unseen_probabilities(baseline: Baseline, locus: int, codes: list[int]) -> np.ndarray:
    """Return the probability of a genotype with alleles that the reference lacks; shape (P,).

    As in `forensics.origin.likelihood`: the locus is taken to have these alleles too.
    """
    known = int(baseline.allele_numbers[locus])
    number = known + len({code for code in codes if code >= known})
    start = baseline.offsets[locus]
    counts = baseline.counts[:, start : start + known]
    mass, pooled = baseline.mass[locus], counts.sum()

    def y(code: int) -> np.ndarray:
        own = counts[:, code] if code < known else np.zeros(len(counts))
        if baseline.concentration is None:
            return np.asarray(own + mass / number)
        return np.asarray(own + mass * (own.sum() + 1.0 / number) / (pooled + 1.0))

    n = counts.sum(axis=1) + mass
    same = codes[0] == codes[1]
    return np.asarray(y(codes[0]) * (y(codes[1]) + same) * (1.0 if same else 2.0) / (n * (n + 1.0)))


def read_log_likelihoods(coded: CodedLikelihoods, probabilities: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of the reads of each animal in each population.

    Parameters
    ----------
    coded : CodedLikelihoods
        n animals.
    probabilities : numpy.ndarray of float64, shape (P, M, 3)
        Of `genotype_probabilities`.

    Returns
    -------
    numpy.ndarray of float64, shape (n, P)
        Natural logarithms, relative to the likeliest genotype at each locus; 0 for an animal of whose
        loci nothing was read.
    """
    result = np.zeros((len(coded), len(probabilities)))
    for rows in chunk_rows(coded):
        likelihoods = np.exp(coded.logs[rows].astype(np.float64))
        use = coded.informative[rows]
        for place, probability in enumerate(probabilities):
            terms = np.log(np.einsum("nmg,mg->nm", likelihoods, probability))
            result[rows, place] = np.where(use, terms, 0.0).sum(axis=1)
    return result


def chunk_rows(coded: CodedLikelihoods) -> Iterator[slice]:
    """Yield animals by chunks that bound the memory."""
    size = max(1, _CHUNK_VALUES // (3 * len(coded.loci)))
    for start in range(0, len(coded), size):
        yield slice(start, min(start + size, len(coded)))
