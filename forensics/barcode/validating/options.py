"""Options of a validation, with their defaults and bounds."""

from forensics.barcode.defaults import VALIDATION_SAMPLES
from forensics.barcode.options import ProbabilityOptions
from forensics.core.options import SeedOptions, option, option_class
from forensics.messages import N_

__all__ = ["ValidationOptions"]


@option_class
class ValidationOptions(SeedOptions, ProbabilityOptions):
    """How a library is tried on itself."""

    samples: int = option(
        default=VALIDATION_SAMPLES, at_least=1, help=N_("Records to try at most, a locus.")
    )
