"""Options of a validation, with their defaults and bounds."""

from forensics.barcode.options import VALIDATION_SAMPLES, ProbabilityOptions
from forensics.core.options import SeedOptions, option, option_class
from forensics.messages import N_


@option_class
class ValidationOptions(SeedOptions, ProbabilityOptions):
    """How a library is tried on itself."""

    samples: int = option(
        default=VALIDATION_SAMPLES,
        at_least=1,
        help=N_("Maximum number of records to test per locus."),
    )
