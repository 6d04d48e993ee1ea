"""Which individual: matches, relatives, links between seizures; wild or captive.

>>> from forensics.genetics.reading import read_genotypes
>>> from forensics.individual import LaboratoryErrors, frequencies_of, match_database
>>> database = read_genotypes("database.csv")                            # doctest: +SKIP
>>> match_database(read_genotypes("exhibit.csv"), database, frequencies_of(database),
...                theta=0.03, errors=LaboratoryErrors(0.02, 0.002))     # doctest: +SKIP

==================  ============================================================
``options``         options of the methods, without NumPy
``frequencies``     allele frequencies of a population, with a floor for rare alleles
``pairs``           the probability of two genotypes under a relationship, as a table a locus:
                    theta, dropout, mistyping and mutation enter here and nowhere else
``matching``        a profile against a database; samples grouped into individuals
``pooling``         several samples of one individual as one profile
``kinship``         likelihood ratios of relationships; all pairs of many profiles
``theta``           which theta is used: stated, estimated from the reference, or the default
``results``         matches, kinship and parentage with their words and their provenance
``stored_results``  reads results back, whatever they are of
``trios``           the probability of three genotypes: an animal and two declared parents
``parentage``       a breeder's claim: sires, dams and offspring
``false_links``     what is stated of a pair, and how often unrelated pairs are stated as linked
``heterozygotes``   whether samples look as if they were of the reference population
``reference_fit``   whether frequencies describe the animals that are compared by them
``network``         seizures joined by their animals and by kin: pairs in ``network_pairs``, values in
                    ``network_results`` and ``network_links``, files in ``network_files``, the picture
                    in ``network_figures``
``captive/``        wild, captive or neither, by measurements such as stable isotopes
==================  ============================================================
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "Frequencies": "frequencies",
    "HusbandryClassifier": "captive.classifier",
    "LaboratoryErrors": "pairs",
    "all_pairs": "kinship",
    "check_claim": "parentage",
    "choose_theta": "theta",
    "examine": "captive.examining",
    "frequencies_of": "frequencies",
    "group_samples": "matching",
    "match_database": "matching",
    "read_measurements": "captive.measurements",
    "save_network": "network_files",
    "seizure_network": "network",
}

__all__ = [
    "Frequencies",
    "HusbandryClassifier",
    "LaboratoryErrors",
    "all_pairs",
    "check_claim",
    "choose_theta",
    "examine",
    "frequencies_of",
    "group_samples",
    "match_database",
    "read_measurements",
    "save_network",
    "seizure_network",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.individual.captive.classifier import HusbandryClassifier
    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements
    from forensics.individual.frequencies import Frequencies, frequencies_of
    from forensics.individual.kinship import all_pairs
    from forensics.individual.matching import group_samples, match_database
    from forensics.individual.network import seizure_network
    from forensics.individual.network_files import save_network
    from forensics.individual.pairs import LaboratoryErrors
    from forensics.individual.parentage import check_claim
    from forensics.individual.theta import choose_theta
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
