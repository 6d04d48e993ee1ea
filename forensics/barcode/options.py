"""Options of searches and calls, with their defaults and bounds.

The command line imports them without the modules that use them.
"""

from collections.abc import Sequence
from typing import TypedDict

from forensics.core.options import Options, option, option_class
from forensics.errors import UsageError
from forensics.io.files import AnyPath
from forensics.messages import N_, _
from forensics.taxonomy.listings.table import SpecimenOptions

# Identity under which a record is not a neighbour. Chosen for the proof: k-mers of 8 can exclude
# records above 0.875. It lies far outside the spread of a species, but not outside that of a
# genus: congeners differ by 11.3 % at COI on average (Hebert et al. 2003,
# doi:10.1098/rsbl.2003.0025), so nothing above the floor does not exclude a genus.
FLOOR = 0.90

# Of the plain rule, where a library has no calibration: BOLD names a species within 1 % and a genus
# within 3 % (Ratnasingham & Hebert 2007, doi:10.1111/j.1471-8286.2007.01678.x).
SPECIES_IDENTITY = 0.99
GENUS_IDENTITY = 0.97

# The level that courts and journals are used to; what came of it is in benchmarks/README.md.
CONFIDENCE = 0.95
# How likely it is beforehand that the library holds the species. A laboratory builds its
# library for the species that it meets, so nine in ten are assumed; whoever cannot say so
# of the case at hand gives 0.5. It is an assumption, so a call that would not stand
# at even odds bears a warning.
IN_LIBRARY_PRIOR = 0.9
EVEN_PRIOR = 0.5
"""Prior at which a call is tried once more: whether it rests on the prior that was given."""


@option_class
class ProbabilityOptions(Options):
    """How sure a call must be, and what is known beforehand."""

    confidence: float = option(
        default=CONFIDENCE,
        above=0.5,  # at one half two names could both reach it
        below=1,
        refused=N_("The confidence must be above 0.5 and below 1; found {}."),
        setting="confidence",
        help=N_(
            "Probability that a call must reach. A lower one names more samples, but names more "
            "of them wrongly."
        ),
    )
    in_library_prior: float = option(
        default=IN_LIBRARY_PRIOR,
        above=0,
        below=1,
        refused=N_("The prior must be above 0 and below 1; found {}."),
        setting="prior",
        help=N_(
            "Prior probability that the library contains the species. The default suits a "
            "library built for the species you expect; give 0.5 if you cannot say."
        ),
    )


@option_class
class CallOptions(ProbabilityOptions):
    """What decides how a call is made."""

    floor: float = option(
        default=FLOOR,
        above=0,
        at_most=1,
        refused=N_("The floor must be an identity above 0 and at most 1; found {}."),
    )


@option_class
class IdentifyOptions(SpecimenOptions, CallOptions):
    """What decides the call of a query, and what is added to it.

    An option that is a field here is one of ``forensics identify``, of `forensics.identify`, of the samples of a
    case, of what provenance records and of what ``report reproduce`` and ``--resume`` read. `IdentifyArguments` has
    its name for scripts. One that is recorded otherwise than as it was given has ``key=None``
    (`forensics.barcode.examination.Examination`).

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
    compare_with : tuple of str
        Files of controls and recent cases; a query with a haplotype of theirs has a warning.
    elimination : str or None
        The file of the staff elimination set; a query that matches it is not examined.
    one_sample : bool
        Whether all sequences are of one sample, and may therefore be the same.
    region : tuple of str
        Countries where the item may be from, by ISO 3166-1 code or name; with `checklist`.
    checklist : str or None
        The file of a table of species and countries. Of the species that the library lacks, those that live in the
        region are named first; it changes neither a name nor a probability.
    kind, population : str or None
        Of the specimen, for its listings; of a sample of a case those of its exhibit, where none is given.
    reasons : bool
        Whether to collect the reasons for each call (`forensics.barcode.calling.reasons`).
    tree : bool
        Whether to grow a tree of each query and its nearest records (`forensics.barcode.calling.trees`).
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
        key=None,
        metavar="none|casework|FILE",
        setting="criteria",
        help=N_(
            "Criteria that a call to species must meet: casework, or a file with your own profile."
        ),
    )
    region: tuple[str, ...] = option(
        default=(),
        key=None,
        metavar="COUNTRY",
        setting="region",
        help=N_(
            "Country where the item may be from, such as CM; needs --checklist. Of the species that "
            "the library lacks, those that live there are named first. May be given several times."
        ),
    )
    checklist: str | None = option(
        default=None,
        key=None,
        metavar="FILE",
        setting="checklist",
        help=N_("Table of species and countries, with the columns species and country."),
    )
    reasons: bool = option(
        default=False,
        key=None,
        help=N_(
            "Give the reasons for each call: records that support it, barcoding gap, diagnostic "
            "positions. Takes longer."
        ),
    )
    compare_with: tuple[str, ...] = option(
        default=(),
        key=None,
        metavar="FILE",
        is_rare=True,
        help=N_(
            "Sequences of controls or recent cases; a query that shares a haplotype with them is "
            "reported. May be given several times."
        ),
    )
    elimination: str | None = option(
        default=None,
        key=None,
        metavar="FILE",
        is_rare=True,
        help=N_(
            "Staff elimination set, given with consent; a query that matches it is not examined."
        ),
    )
    one_sample: bool = option(default=False, key=None)
    tree: bool = option(default=False, key=None)
    alignments: bool = option(default=False, key=None)

    def check(self) -> None:
        """Refuse a region without a checklist, a checklist without a region, and a specimen of no known kind."""
        super().check()
        if bool(self.region) != bool(self.checklist):
            raise UsageError(
                _(
                    "A region and a checklist go together: give the countries (--region CM) and the "
                    "table of the species that live there (--checklist FILE), or neither."
                )
            )


class IdentifyArguments(TypedDict, total=False):
    """The fields of `IdentifyOptions` as scripts give them, one by one."""

    locus: str
    confidence: float
    in_library_prior: float
    floor: float
    criteria: AnyPath
    region: Sequence[str]
    checklist: AnyPath | None
    kind: str | None
    population: str | None
    reasons: bool
    compare_with: Sequence[AnyPath]
    elimination: AnyPath | None
    one_sample: bool
    tree: bool
    alignments: bool
