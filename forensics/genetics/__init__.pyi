from .counts import AlleleCounts as AlleleCounts
from .counts import count_alleles as count_alleles
from .encoder import GenotypeEncoder as GenotypeEncoder
from .genotypes import Genotypes as Genotypes
from .genotypes import genotypes_from_labels as genotypes_from_labels
from .quality import quality_report as quality_report
from .reading import read_genotypes as read_genotypes
