"""How often an allele fails to appear, from repeated typings of the same animals.

Without repeats it cannot be estimated: a heterozygote of which one allele failed looks like a
homozygote. Faeces, ivory and horn need repeats.

References
----------
Broquet T., Petit E. (2004). Quantifying genotyping errors in noninvasive population genetics.
Molecular Ecology 13, 3601-3608. doi:10.1111/j.1365-294X.2004.02352.x
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _

__all__ = ["Dropout", "allelic_dropout"]


@dataclass(frozen=True)
class Dropout:
    """Errors at one locus, or at all of them (`locus` is "").

    Attributes
    ----------
    heterozygote_typings, dropouts : int
        Typings of animals whose consensus is heterozygous, and those that show one allele of it.
    homozygote_typings, false_alleles : int
        Typings of animals whose consensus is homozygous, and those that show another allele.
    """

    locus: str
    heterozygote_typings: int
    dropouts: int
    homozygote_typings: int
    false_alleles: int

    @property
    def dropout_rate(self) -> float:
        """Broquet & Petit's p; NaN without heterozygotes."""
        return self.dropouts / self.heterozygote_typings if self.heterozygote_typings else np.nan

    @property
    def false_allele_rate(self) -> float:
        """Broquet & Petit's f, of homozygotes; NaN without them."""
        return self.false_alleles / self.homozygote_typings if self.homozygote_typings else np.nan


def allelic_dropout(genotypes: Genotypes, animals: Sequence[str]) -> tuple[Dropout, ...]:
    """Estimate dropout and false alleles from repeats.

    The consensus of an animal at a locus has the alleles that at least two of its typings show. It
    needs two complete typings, and one or two such alleles.

    Parameters
    ----------
    genotypes : Genotypes
        A row a typing.
    animals : sequence of str, length n
        The animal of each typing; "" leaves it out.

    Returns
    -------
    tuple of Dropout
        A locus each, and all of them at the end. Empty where no animal was typed twice.

    Raises
    ------
    UsageError
        If `animals` has another length.
    """
    if len(animals) != len(genotypes):
        raise UsageError(
            _("{found} names of animals for {expected} typings; one each is expected").format(
                found=len(animals), expected=len(genotypes)
            )
        )
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(animals):
        if name:
            rows.setdefault(name, []).append(row)
    repeated = [typings for typings in rows.values() if len(typings) > 1]
    if not repeated:
        return ()
    result = []
    for locus, name in enumerate(genotypes.loci):
        if genotypes.haploid[locus]:
            continue
        hets = drops = homs = false = 0
        for typings in repeated:
            pairs = [
                {int(code) for code in genotypes.codes[row, locus]}
                for row in typings
                if genotypes.typed[row, locus]
            ]
            if len(pairs) < 2:
                continue
            shown = [code for pair in pairs for code in pair]
            consensus = {code for code in shown if shown.count(code) >= 2}
            if len(consensus) == 2:
                hets += len(pairs)
                drops += sum(len(pair) == 1 and pair < consensus for pair in pairs)
            elif len(consensus) == 1:
                homs += len(pairs)
                false += sum(bool(pair - consensus) for pair in pairs)
        result.append(Dropout(name, hets, drops, homs, false))
    sums = [sum(getattr(dropout, part) for dropout in result) for part in _PARTS]
    return (*result, Dropout("", *sums))


_PARTS = ("heterozygote_typings", "dropouts", "homozygote_typings", "false_alleles")
