"""Options of the reads of a mixture, with their defaults and bounds."""

from forensics.barcode.options import MAX_EXPECTED_ERRORS, MIN_MIXTURE_LENGTH, MIN_MIXTURE_READS
from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_


@option_class
class ReadSetOptions(Options):
    """What the reads of a mixture must be."""

    maximum_errors: float = option(
        default=MAX_EXPECTED_ERRORS,
        above=0,
        help=N_("Wrong bases expected of a merged read, at most."),
    )
    minimum_length: int = option(
        default=MIN_MIXTURE_LENGTH,
        at_least=1,
        help=N_("Bases of a merged read without primers, at least."),
    )
    least_reads: int = option(
        default=MIN_MIXTURE_READS,
        at_least=1,
        group=Group.DECIDE,
        help=N_("Reads in all of the run from which on a sequence can be told from errors."),
    )
