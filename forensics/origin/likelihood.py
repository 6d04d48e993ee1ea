r"""How probable each genotype is in each reference population.

With counts ``x``, pseudo-copies ``a`` and ``y = x + a``, ``n`` the sum of ``y`` over the alleles
of a locus, an animal that is not a part of the reference has

====================  ==========================================
homozygote ``ii``     ``y_i (y_i + 1) / (n (n + 1))``
heterozygote ``ij``   ``2 y_i y_j / (n (n + 1))``
one copy ``i``        ``y_i / n``
====================  ==========================================

(Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197, the compound Dirichlet-multinomial). Loci
are multiplied. A genotype that is not complete is left out, both copies, as rubias does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.baseline import Baseline

__all__ = ["CodedAnimals", "code_animals", "log_likelihoods", "own_rows"]

# Values of one chunk's greatest array; 32 MB of float64.
CHUNK_VALUES = 4_000_000
# Of more loci than this the probabilities of some are multiplied before their logarithm is taken; those
# of 8 genotypes do not fall below 1e-200.
_MANY_LOCI, _MULTIPLIED = 500, 8


@dataclass(frozen=True, eq=False)
class CodedAnimals:
    """Animals in the codes of a baseline.

    Attributes
    ----------
    animals : tuple of str, length n
    codes : numpy.ndarray of int16, shape (n, L, 2)
        Codes from K(l) on are alleles that the reference does not have.
    typed : numpy.ndarray of bool, shape (n, L)
        Complete genotypes.
    copies : numpy.ndarray of int8, shape (n, L)
        Copies of complete genotypes: 0, 1 or 2.
    unseen : numpy.ndarray of bool, shape (n, L)
        Complete genotypes with an allele that the reference does not have.
    ignored : tuple of str
        Loci that the reference does not have.
    """

    animals: tuple[str, ...]
    codes: np.ndarray
    typed: np.ndarray
    copies: np.ndarray
    unseen: np.ndarray
    ignored: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.animals)

    def doses(self, rows: slice, baseline: Baseline) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of each allele and copies of each locus, without unseen alleles.

        Returns
        -------
        doses : numpy.ndarray of float64, shape (r, A)
        copies : numpy.ndarray of float64, shape (r, L)
        """
        codes, use = self.codes[rows], self.typed[rows] & ~self.unseen[rows]
        width = int(baseline.offsets[-1])
        result = np.zeros(len(codes) * width)
        first = np.arange(len(codes))[:, None] * width + baseline.offsets[:-1]
        for copy in range(2):  # each column once a copy
            there = use & (codes[:, :, copy] >= 0)
            result[(first + codes[:, :, copy])[there]] += 1.0
        return result.reshape(len(codes), width), np.where(use, self.copies[rows], 0).astype(
            np.float64
        )


def code_animals(genotypes: Genotypes, baseline: Baseline) -> CodedAnimals:
    """Return the animals in the codes of the baseline.

    Raises
    ------
    InputError
        If no locus is common to both, or a locus has one copy in one and two in the other.
    """
    known, ignored = genotypes.coded_as(baseline.loci, baseline.alleles)
    typed = known.typed
    coded = CodedAnimals(
        animals=known.animals,
        codes=known.codes,
        typed=typed,
        copies=np.where(typed, (known.codes >= 0).sum(axis=2), 0).astype(np.int8),
        unseen=typed & (known.codes >= baseline.allele_numbers[:, None]).any(axis=2),
        ignored=ignored,
    )
    wrong = (coded.copies == 2) & ~baseline.double
    wrong |= (coded.copies == 1) & ~baseline.single
    if wrong.any():
        row, locus = np.argwhere(wrong)[0]
        raise InputError(
            _(
                "animal {animal}, locus {locus}: {found} copies were typed, the reference has "
                "{expected}; write the genotype as in the reference"
            ).format(
                animal=coded.animals[row],
                locus=baseline.loci[locus],
                found=int(coded.copies[row, locus]),
                expected=2 if baseline.double[locus] else 1,
            ),
            source=genotypes.source or None,
        )
    return coded


def own_rows(genotypes: Genotypes, baseline: Baseline) -> np.ndarray:
    """Return the place of each animal's own population, -1 where it is none; intp, shape (n,)."""
    place = {name: number for number, name in enumerate(baseline.populations)}
    names = genotypes.populations or ("",) * len(genotypes)
    return np.array([place.get(name, -1) for name in names], dtype=np.intp)


def log_likelihoods(
    coded: CodedAnimals, baseline: Baseline, *, own: np.ndarray | None = None
) -> np.ndarray:
    """Return the log-likelihood of each animal in each population.

    Parameters
    ----------
    coded : CodedAnimals
        n animals.
    baseline : Baseline
    own : numpy.ndarray of intp, shape (n,), optional
        Population in which each animal was counted, -1 for none: its own copies are taken out
        (leave one out), for "shrunk" out of the frequencies of the whole reference as well.

    Returns
    -------
    numpy.ndarray of float64, shape (n, P)
        Natural logarithms; 0 for an animal without any typed locus.
    """
    result = np.zeros((len(coded), len(baseline.populations)))
    whole = own is not None and baseline.concentration is not None
    columns = int(baseline.offsets[-1])
    if whole:
        columns = max(columns, len(baseline.loci) * len(baseline.populations))
    for rows in _chunks(len(coded), columns):
        if whole and own is not None:
            result[rows] = _all_left_out(coded, baseline, rows, own[rows])
        else:
            result[rows] = _by_products(coded, baseline, rows)
            if own is not None:
                _leave_out(coded, baseline, rows, own[rows], result)
    for row, locus in zip(*np.nonzero(coded.unseen)):
        result[row] += _with_unseen(coded, baseline, row, locus)
    return result


def _chunks(animals: int, columns: int) -> Iterator[slice]:
    size = max(1, CHUNK_VALUES // max(1, columns))
    for start in range(0, animals, size):
        yield slice(start, min(start + size, animals))


def _by_products(coded: CodedAnimals, baseline: Baseline, rows: slice) -> np.ndarray:
    """Return log-likelihoods by products of doses and logarithms."""
    doses, copies = coded.doses(rows, baseline)
    y = baseline.counts + baseline.pseudocopies()
    n = np.add.reduceat(y, baseline.offsets[:-1], axis=1)
    pairs = (copies == 2).astype(np.float64)
    homozygous = (doses == 2).astype(np.float64)
    heterozygous = pairs.sum(axis=1) - homozygous.sum(axis=1)
    result: np.ndarray = (
        doses @ np.log(y).T
        + homozygous @ np.log1p(1 / y).T
        - (copies > 0).astype(np.float64) @ np.log(n).T
        - pairs @ np.log1p(n).T
        + heterozygous[:, None] * np.log(2)
    )
    return result


def _leave_out(
    coded: CodedAnimals, baseline: Baseline, rows: slice, own: np.ndarray, result: np.ndarray
) -> None:
    """Replace each animal's log-likelihood in its own population by the one without it."""
    inside = np.flatnonzero(own >= 0)
    if not len(inside):
        return
    doses, copies = coded.doses(rows, baseline)
    doses, copies = doses[inside], copies[inside]
    y = (baseline.counts + baseline.pseudocopies())[own[inside]] - doses
    n = np.add.reduceat(y, baseline.offsets[:-1], axis=1)
    pairs = copies == 2
    homozygous = doses == 2
    values = (doses * np.log(y)).sum(axis=1) + np.where(homozygous, np.log1p(1 / y), 0).sum(axis=1)
    values -= np.where(copies > 0, np.log(n), 0).sum(axis=1)
    values -= np.where(pairs, np.log1p(n), 0).sum(axis=1)
    values += np.log(2) * (pairs.sum(axis=1) - homozygous.sum(axis=1))
    result[rows.start + inside, own[inside]] = values


def _all_left_out(
    coded: CodedAnimals, baseline: Baseline, rows: slice, own: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods with each animal taken out of its population and of the pool.

    Only the alleles that the animal has are looked at: arrays of shape (r, L, P).
    """
    doses, copies = coded.doses(rows, baseline)
    left = np.where(own[:, None] >= 0, doses, 0.0)
    numbers, start = baseline.allele_numbers, baseline.offsets[:-1]
    pool = baseline.pseudocopies(baseline.counts.sum(axis=0) - left)
    codes = coded.codes[rows]
    use = copies[:, :, None] > np.arange(2)
    columns = start[:, None] + np.where(use & (codes < numbers[:, None]), codes, 0)
    flat = columns.reshape(len(codes), -1)
    prior = np.take_along_axis(pool, flat, axis=1).reshape(columns.shape)
    mine = np.take_along_axis(left, flat, axis=1).reshape(columns.shape)
    pairs = copies == 2
    same = pairs & (codes[:, :, 0] == codes[:, :, 1])
    own_copies = np.where((own >= 0)[:, None], copies, 0.0)
    inside = np.flatnonzero(own >= 0)
    n = np.repeat((baseline.totals + baseline.mass).T[None], len(codes), axis=0)  # (r, L, P)
    n[inside, :, own[inside]] -= own_copies[inside]
    by_allele = np.ascontiguousarray(baseline.counts.T)
    terms = by_allele[columns[:, :, 0]] + prior[:, :, :1]
    terms[inside, :, own[inside]] -= mine[inside, :, 0]
    terms /= n
    second = by_allele[columns[:, :, 1]] + (prior[:, :, 1] + same)[:, :, None]
    second[inside, :, own[inside]] -= mine[inside, :, 1]
    n += 1.0
    second /= n
    second[~pairs] = 1.0
    terms *= second
    terms[~use[:, :, 0]] = 1.0
    doubled = np.log(2) * (pairs & ~same).sum(axis=1)
    if terms.shape[1] > _MANY_LOCI:  # the logarithm of the product of some is that of each, summed
        starts = np.arange(0, terms.shape[1], _MULTIPLIED)
        terms = np.multiply.reduceat(terms, starts, axis=1)
    return np.asarray(np.log(terms, out=terms).sum(axis=1) + doubled[:, None])


def _with_unseen(coded: CodedAnimals, baseline: Baseline, row: int, locus: int) -> np.ndarray:
    """Return the terms of a genotype with alleles that the reference lacks; shape (P,).

    The locus is taken to have these alleles too, so K is greater for this genotype.
    """
    codes = [code for code in coded.codes[row, locus] if code >= 0]
    known = int(baseline.allele_numbers[locus])
    number = known + len({int(code) for code in codes if code >= known})
    start = baseline.offsets[locus]
    counts = baseline.counts[:, start : start + known]
    mass = baseline.mass[locus]
    pooled = counts.sum()

    def y(code: int) -> np.ndarray:
        own = counts[:, code] if code < known else np.zeros(len(counts))
        if baseline.concentration is None:
            return np.asarray(own + mass / number)
        return np.asarray(own + mass * (own.sum() + 1.0 / number) / (pooled + 1.0))

    n = counts.sum(axis=1) + mass
    result: np.ndarray = np.log(y(codes[0]) / n)
    if len(codes) == 2:
        same = codes[0] == codes[1]
        result += np.log((y(codes[1]) + same) / (n + 1.0)) + (0.0 if same else np.log(2))
    return result
