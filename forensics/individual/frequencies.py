"""Allele frequencies of a population, as likelihood ratios need them: none of them 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError
from forensics.genetics.counts import doses, offsets_of
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = ["MINIMUM_COPIES", "Frequencies", "frequencies_of"]

# An allele seen fewer times than this counts as if it had been seen so often: the 5/2N rule of
# National Research Council 1996, The Evaluation of Forensic DNA Evidence, recommendation 4.
MINIMUM_COPIES = 5.0


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Allele frequencies of one population.

    Attributes
    ----------
    loci : tuple of str, length L
    alleles : tuple of tuples of str, length L
    values : tuple of numpy.ndarray of float64, length L
        Of each locus its frequencies, above 0, with sum 1.
    raw : tuple of numpy.ndarray of float64, length L
        As counted, before the floor.
    copies : numpy.ndarray of float64, shape (L,)
        Copies counted at each locus.
    """

    population: str
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    values: tuple[np.ndarray, ...]
    raw: tuple[np.ndarray, ...]
    copies: np.ndarray

    def genotypes_of(self, genotypes: Genotypes) -> np.ndarray:
        """Return each genotype as one number; see `forensics.individual.pairs.genotype_index`.

        Returns
        -------
        numpy.ndarray of int32, shape (n, L)
            -1 where a copy was not typed.

        Raises
        ------
        InputError
            If an animal has an allele that these frequencies do not know, or a locus is haploid.
        """
        from forensics.individual.pairs import genotype_index

        coded, _ignored = genotypes.coded_as(self.loci, self.alleles)
        if coded.haploid.any():
            locus = self.loci[int(np.flatnonzero(coded.haploid)[0])]
            raise InputError(
                _("locus {locus} is haploid; match probabilities here are of diploid loci").format(
                    locus=locus
                ),
                source=genotypes.source or None,
            )
        for number, known in enumerate(self.alleles):
            strange = (coded.codes[:, number] >= len(known)).any(axis=1)
            if strange.any():
                row = int(np.flatnonzero(strange)[0])
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: allele {label} is not in the frequencies. "
                        "Make the frequencies with these samples as 'also', so that the rule for "
                        "unseen alleles gives it one."
                    ).format(
                        animal=coded.animals[row],
                        locus=self.loci[number],
                        label=coded.label(row, number),
                    ),
                    source=genotypes.source or None,
                )
        low, high = coded.codes[:, :, 0].astype(np.int32), coded.codes[:, :, 1].astype(np.int32)
        return np.where((low >= 0) & (high >= 0), genotype_index(low, high), -1)


def frequencies_of(
    reference: "Genotypes | pandas.DataFrame",
    *,
    also: "Sequence[Genotypes | pandas.DataFrame]" = (),
    population: str = "",
    minimum_copies: float = MINIMUM_COPIES,
) -> Frequencies:
    """Count allele frequencies.

    Parameters
    ----------
    reference : Genotypes or pandas.DataFrame
        Unrelated animals of the population; a DataFrame as `forensics.genetics.reading` takes it.
    also : sequence of Genotypes or of pandas.DataFrame
        Questioned samples. They are not counted; alleles that only they have get the floor.
    population : str
        Its name, for the report.
    minimum_copies : float
        An allele's frequency is at least this divided by the copies counted at its locus. The
        frequencies are then scaled to sum 1.

    Raises
    ------
    InputError
        If a locus was typed in no animal.
    """
    reference, also = _genotypes(reference), list(map(_genotypes, also))
    alleles = [list(labels) for labels in reference.alleles]
    for other in also:
        coded, _ignored = other.coded_as(reference.loci, [tuple(labels) for labels in alleles])
        alleles = [list(labels) for labels in coded.alleles]
    coded, _ignored = reference.coded_as(reference.loci, [tuple(labels) for labels in alleles])
    offsets = offsets_of(coded.alleles)
    counted = doses(coded).sum(axis=0)
    values, raw, copies = [], [], []
    for number, locus in enumerate(reference.loci):
        counts = counted[offsets[number] : offsets[number + 1]]
        total = float(counts.sum())
        if not total:
            raise InputError(
                _("locus {locus} was typed in no animal of the reference; leave it out").format(
                    locus=locus
                ),
                source=reference.source or None,
            )
        raised = np.maximum(counts, min(minimum_copies, total)) / total
        values.append(raised / raised.sum())
        raw.append(counts / total)
        copies.append(total)
    return Frequencies(
        population, reference.loci, coded.alleles, tuple(values), tuple(raw), np.array(copies)
    )


def _genotypes(given: "Genotypes | pandas.DataFrame") -> Genotypes:
    if isinstance(given, Genotypes):
        return given
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(given)
