"""Options of matches, kinship, claims, networks, and wild or captive; imported without NumPy."""

from dataclasses import dataclass

from forensics.core.options import Group, Options, SeedOptions, option, option_class
from forensics.errors import UsageError
from forensics.messages import N_, _

# National Research Council 1996, The Evaluation of Forensic DNA Evidence, recommendation 4.3 for
# small, isolated groups; few wildlife populations have an estimate of their own.
THETA = 0.03
# A match is stated from a ratio of 1,000 against full sibs on: "moderately strong" begins at 100
# and "strong" at 1,000 on the scale of ENFSI 2015; an animal's sibs share its range.
MIN_MATCH_LOG10 = 3.0
# What a link between two seizures can be, the surest first.
KINDS = ("match", "parent", "full_sibs", "half_sibs", "unresolved")
# What joins seizures if nothing else is asked for: all but half sibs, whom nothing tells from more
# distant kin.
DEFAULT_KINDS = ("match", "parent", "full_sibs", "unresolved")
# As for a match: "strong" support begins at a ratio of 1,000 on the scale of ENFSI 2015.
LIMIT = 3.0


@dataclass(frozen=True)
class LaboratoryErrors:
    """What may have happened between an animal's genotype and the one that was typed.

    Attributes
    ----------
    dropout : float
        Probability that of a heterozygote one allele only is seen; either is equally likely.
    mistyping : float
        Probability, of each of the two alleles that are read after dropout, that it is read as
        another one; the others are equally likely (the two classes of errors of Wang 2004,
        Genetics 166:1963-1979). A stutter or a neighbouring peak changes one allele and leaves
        the other as it is; a genotype replaced whole is a swapped sample, and no model of it.
    """

    dropout: float = 0.0
    mistyping: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.dropout < 1 and 0 <= self.mistyping < 1):
            raise UsageError(_("Rates of dropout and mistyping must be at least 0 and below 1."))


NO_ERRORS = LaboratoryErrors()
# Relationships that pairs are compared for where no others are asked for: nothing tells half sibs from
# more distant kin.
STATED_RELATIONSHIPS = ("same", "parent", "full_sibs")


@option_class
class RateOptions(Options):
    """What enters every likelihood ratio: structure of the population, errors of the laboratory."""

    theta: float | None = option(
        default=None,
        at_least=0,
        below=1,
        shown_default=lambda: _(
            "{theta:g}, or more where the populations of the reference show it"
        ).format(theta=THETA),
        help=N_("FST of the local population relative to the reference."),
        key=None,  # the theta that was chosen is recorded, with the reason
    )
    dropout: float = option(
        at_least=0,
        below=1,
        help=N_("The laboratory's rate of allelic dropout for such samples, of a heterozygote."),
    )
    mistyping: float = option(
        at_least=0,
        below=1,
        help=N_("The laboratory's rate of alleles that are read as another one."),
    )

    @property
    def errors(self) -> LaboratoryErrors:
        """The rates of the laboratory, as the likelihoods take them."""
        return LaboratoryErrors(self.dropout, self.mistyping)


@option_class
class _MutationOptions(Options):
    """Base of the options of methods that look for parents."""

    mutation: float = option(
        default=0.001,
        at_least=0,
        below=1,
        help=N_("Mutation rate of an allele a generation; 0.001 is usual for microsatellites."),
    )


@option_class
class ParentageOptions(SeedOptions, _MutationOptions, RateOptions):
    """Of a breeder's claim."""


@option_class
class KinshipOptions(SeedOptions, _MutationOptions, RateOptions):
    """Of all pairs of profiles."""

    limit: float = option(default=3.0, help=N_("Minimum log10 LR to show."))


@option_class
class NetworkOptions(SeedOptions, _MutationOptions, RateOptions):
    """Of seizures joined by their animals."""

    kinds: tuple[str, ...] = option(
        default=DEFAULT_KINDS,
        choices=KINDS,
        group=Group.DECIDE,
        help=N_(
            "Kind of link between seizures; may be repeated. unresolved: one individual or "
            "close kin."
        ),
    )
    limit: float = option(
        default=LIMIT,
        at_least=0,
        help=N_("Minimum log10 LR, against unrelated, of a pair that links seizures."),
    )
    match_limit: float = option(
        default=MIN_MATCH_LOG10,
        at_least=0,
        help=N_("Minimum log10 LR, against full sibs, of a match."),
    )

    def check(self) -> None:
        if not self.kinds:
            raise UsageError(
                _("No kind of link is given; give one of {known}.").format(known=", ".join(KINDS))
            )


@option_class
class CaptiveOptions(Options):
    """Of the classifier by a laboratory's own samples; confidence and level are those of populations."""

    class_prior: tuple[str, ...] = option(
        default=(),
        metavar="CLASS=P",
        help=N_("Prior probability of a class, such as wild=0.7; all of them or none (equal)."),
        key=None,  # the prior of each class is recorded, also where none is stated
    )
    confidence: float = option(
        default=0.95,
        above=0.5,
        below=1,
        help=N_("Posterior that a supported class must reach."),
    )
    exclusion_level: float = option(
        default=0.01,
        above=0,
        below=1,
        help=N_("Share of samples of a class that may be excluded wrongly."),
        key="level",
    )
    without_suspects: bool = option(
        default=False,
        group=Group.DECIDE,
        help=N_(
            "Leave out reference samples whose label their own measurements contradict; results say so."
        ),
    )


CAPTIVE_DEFAULTS = CaptiveOptions()
