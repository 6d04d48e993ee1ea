"""Assignment of animals whose genotypes are uncertain, by the likelihoods of their reads."""

from collections.abc import Mapping

import numpy as np

from forensics.core.provenance import Provenance
from forensics.genetics.likelihoods import GenotypeLikelihoods
from forensics.notices import origin as notices
from forensics.origin.assignment import (
    SampleValues,
    assign,
    describe_loci,
    notices_of_reference,
)
from forensics.origin.baseline import Baseline
from forensics.origin.exclusion import LEVEL, ExclusionFit
from forensics.origin.populations import CONFIDENCE, check_confidence, describe_origins
from forensics.origin.results import Origins
from forensics.origin.uncertain_exclusion import exclude_uncertain, information_of
from forensics.origin.uncertain_genotypes import (
    code_likelihoods,
    genotype_probabilities,
    read_log_likelihoods,
)

__all__ = ["assign_uncertain", "values_of_reads"]


def values_of_reads(samples: GenotypeLikelihoods, baseline: Baseline) -> SampleValues:
    """Return `forensics.origin.assignment.values_of` of animals whose genotypes are uncertain.

    Raises
    ------
    InputError
        If no locus is common to both, or a locus has one copy in the reference.
    """
    coded = code_likelihoods(samples, baseline)
    read = coded.informative.sum(axis=1).astype(np.int64)
    shares = information_of(coded, baseline)
    strange = coded.favours_unseen(baseline)
    animal_notices = []
    for row in range(len(coded)):
        unseen = [baseline.loci[locus] for locus in coded.loci[np.flatnonzero(strange[row])]]
        of_animal = describe_loci(int(read[row]), unseen)
        if read[row]:
            of_animal += (notices.UNCERTAIN_GENOTYPES(share=float(shares[row])),)
        animal_notices.append(of_animal)
    return SampleValues(
        coded.animals,
        read_log_likelihoods(coded, genotype_probabilities(coded, baseline)),
        read,
        notices_of_reference(coded.ignored, baseline),
        tuple(animal_notices),
    )


def assign_uncertain(
    samples: GenotypeLikelihoods,
    baseline: Baseline,
    fit: ExclusionFit,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    prior: str | Mapping[str, float] = "populations",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = 1,
) -> Origins:
    """Assign animals to populations, and say which come from none of them.

    Parameters
    ----------
    samples : GenotypeLikelihoods
    baseline, fit, provenance, limits, prior, confidence, level, seed
        As in `forensics.origin.populations.assign_populations`.
    """
    check_confidence(confidence)
    assignment = assign(samples, baseline, prior=prior)
    tested = exclude_uncertain(
        code_likelihoods(samples, baseline), baseline, fit, level=level, seed=seed
    )
    return describe_origins(
        assignment, tested, baseline, provenance=provenance, limits=limits, confidence=confidence
    )
