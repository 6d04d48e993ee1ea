"""Options of searches and calls, with their defaults and bounds."""

from forensics.barcode.defaults import (
    CONFIDENCE,
    FLOOR,
    IN_LIBRARY_PRIOR,
)
from forensics.core.options import Options, option, option_class
from forensics.messages import N_

__all__ = [
    "CallOptions",
    "IdentifyOptions",
    "ProbabilityOptions",
]


@option_class
class ProbabilityOptions(Options):
    """How sure a call must be, and what is known beforehand."""

    confidence: float = option(
        default=CONFIDENCE,
        above=0.5,  # at one half two names could both reach it
        below=1,
        refused=N_("The confidence lies above 0.5 and below 1, found {}."),
        setting="confidence",
        help=N_("Probability that a call must reach; lower names more, and more often wrongly."),
    )
    in_library_prior: float = option(
        default=IN_LIBRARY_PRIOR,
        above=0,
        below=1,
        refused=N_("The prior lies above 0 and below 1, found {}."),
        setting="prior",
        help=N_(
            "How likely it is beforehand that the library holds the species. The default is for a "
            "library built for the species you meet; give 0.5 where you cannot say."
        ),
    )


@option_class
class CallOptions(ProbabilityOptions):
    """What decides how a call is made."""

    floor: float = option(
        default=FLOOR,
        above=0,
        at_most=1,
        refused=N_("The floor is an identity above 0 and at most 1, found {}."),
    )


@option_class
class IdentifyOptions(CallOptions):
    """What decides the call of a query, and what is added to it.

    Attributes
    ----------
    locus : str
        A locus, or ``auto`` to compare with all loci of the library.
    confidence : float
        Probability that a call must reach, above 0.5 and below 1.
    in_library_prior : float
        How likely it is beforehand that the library holds the species, above 0 and below 1.
    floor : float
        Identity under which nothing is a neighbour, above 0 and at most 1.
    criteria : str
        What a call to species must meet: ``none``, ``casework``, or the file of a profile.
    reasons, tree : bool
        Whether to collect the reasons for each call, and to grow a tree of each query.
    alignments : bool
        Whether to align each query with the best record of each candidate.

    Examples
    --------
    >>> IdentifyOptions(locus="COI").confidence
    0.95
    """

    locus: str = option(
        default="auto",
        metavar="auto|NAME",
        help=N_("Locus of the queries; auto compares with all loci of the library."),
    )
    criteria: str = option(
        default="none",
        metavar="none|casework|FILE",
        setting="criteria",
        help=N_("What a call to species must meet; casework, or the file of your own profile."),
    )
    reasons: bool = option(
        default=False,
        key=None,
        help=N_(
            "Give the reasons for each call: what stands behind it, barcoding gap, diagnostic "
            "positions. It takes more time."
        ),
    )
    tree: bool = option(default=False, key=None)
    alignments: bool = option(default=False, key=None)
