"""Options of mixtures, with their defaults and bounds; the command line imports them without the modules that use them."""

from typing import Literal

from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_


@option_class
class ReadSetOptions(Options):
    """What the reads of a mixture are, and what they must be.

    Attributes
    ----------
    minimum_overlap : int
        Bases that mates must share; VSEARCH's default.
    alpha : float
        How much rarer a sequence must be than one that differs by a base, to be an error of it;
        the default of UNOISE2.
    """

    trimmed: bool = option(
        default=False,
        key=None,
        group=Group.EXAMINE,
        help=N_("The primers are cut off the reads already."),
    )
    locus: str = option(
        default="auto",
        key=None,
        metavar="auto|NAME",
        help=N_("Locus to compare with; auto takes that of the primers, if it is known."),
    )
    # At 1 the most probable number of errors is none (Edgar & Flyvbjerg 2015,
    # doi:10.1093/bioinformatics/btv401).
    maximum_errors: float = option(
        default=1.0,
        above=0,
        help=N_("Maximum number of expected errors in a merged read."),
    )
    # No locus is compared with fewer.
    minimum_length: int = option(
        default=30,
        at_least=1,
        help=N_("Minimum length of a merged read without primers, in bases."),
    )
    minimum_overlap: int = option(default=10, at_least=1)
    # The default of UNOISE2 (Edgar 2016, doi:10.1101/081257).
    least_reads: int = option(
        default=8,
        at_least=1,
        help=N_(
            "Minimum number of reads in the run for a sequence to count as real, not as an error."
        ),
    )
    alpha: float = option(default=2.0, above=0)
    quality_offset: Literal["33", "64"] = option(
        default="33",
        group=Group.ADVANCED,
        help=N_("Offset of the qualities: 33, or 64 for Illumina before 2011."),
    )
