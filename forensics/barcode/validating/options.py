"""Options of validations, with their defaults and bounds; the command line imports them without the modules that use them."""

from forensics.barcode.options import ProbabilityOptions
from forensics.core.options import SeedOptions, option, option_class
from forensics.messages import N_

# Of `forensics library validate`. Records a locus; with so many trials and no error the upper limit of an error rate is
# 0.4 %, and the embedded library takes less than four minutes.
VALIDATION_SAMPLES = 1000


@option_class
class ValidationOptions(SeedOptions, ProbabilityOptions):
    """How a library is tried on itself."""

    samples: int = option(
        default=VALIDATION_SAMPLES,
        at_least=1,
        help=N_("Maximum number of records to test per locus."),
    )
