"""Options of training and applying models of origin, with defaults and bounds; no NumPy is imported for them.

Choices and defaults of the methods of this package; the command line imports them without NumPy.
"""

from forensics.core.options import Group, SeedOptions, option, option_class
from forensics.messages import N_

# As for names of species: a population or a country is assigned from this posterior on.
CONFIDENCE = 0.95
# Level of a stated exclusion, as in Paetkau et al. 2004, doi:10.1111/j.1365-294X.2004.02008.x.
LEVEL = 0.01
# The one place that a map is summed up by, on the screen, in CSV, on figures and in reports: the geometric
# median, whose expected distance to the truth is least. JSON has mode and mean beside it.
POINT_ESTIMATE = "median"
# What a model says of a sample: its population, a place on a map, a place by isotopes, its population by
# a classifier of scikit-learn.
KINDS = ("populations", "places", "isotopes", "classifier")
# How allele frequencies are estimated; the first is the default.
METHODS = ("shrunk", "rannala_mountain")


_RANGE_DISTANCE = N_(
    "Maps without --range-map: places farther than this from every reference site are "
    "impossible, km. Default: derived from the distances between the sites."
)


@option_class
class AssignmentOptions(SeedOptions):
    """Of an assignment by a model."""

    confidence: float = option(
        default=CONFIDENCE, above=0.5, below=1, help=N_("Posterior that an assignment must reach.")
    )
    prior: str | None = option(
        default=None,
        help=N_(
            "Populations: 'populations' (default) or 'units', each equally likely. Maps: 'area' "
            "(default) or 'sampling'."
        ),
    )
    exclusion_level: float = option(
        default=LEVEL,
        above=0,
        below=1,
        help=N_("Share of animals of the reference that may be excluded wrongly."),
    )
    beyond_range: bool = option(
        default=False, help=N_("Maps: allow places outside the range of the model.")
    )


@option_class
class SeizureOptions(SeedOptions):
    """Of the samples of one seizure, placed together."""

    confidence: float = option(
        default=CONFIDENCE, above=0.5, below=1,
        help=N_("Posterior from which on a reporting region is named."),
    )  # fmt: skip


@option_class
class _MethodOptions(SeedOptions):
    """Base of the options of whoever fits a model."""

    method: str = option(
        default=METHODS[0],
        choices=METHODS,
        help=N_("Of populations: how counts become frequencies."),
    )
    markers: int | None = option(
        default=None,
        at_least=5,
        metavar="NUMBER",
        group=Group.EXAMINE,
        help=N_(
            "Number of loci to use, evenly along the file: those typed in most animals and most "
            "variable. Where the animals are from plays no part. Default: all."
        ),
    )
    estimator: str | None = option(
        default=None,
        metavar="MODULE:CLASS",
        help=N_(
            "Classifier of scikit-learn that assigns to populations, such as "
            "sklearn.ensemble:RandomForestClassifier."
        ),
    )


@option_class
class EvaluationOptions(_MethodOptions):
    """Of the evaluation of a reference."""

    kind: str = option(default="auto", choices=("auto", *KINDS[:2]), help=N_("Kind of model."))
    range_distance: float | None = option(default=None, above=0, help=_RANGE_DISTANCE)


@option_class
class TrainingOptions(_MethodOptions):
    """Of a model that is trained."""

    kind: str = option(default="auto", choices=("auto", *KINDS[:3]), help=N_("Kind of model."))
    range_distance: float | None = option(default=None, above=0, help=_RANGE_DISTANCE)
    isoscape_error: float | None = option(
        default=None,
        group=Group.EXAMINE,
        help=N_("Standard error of an isoscape that has no band for it, per mil."),
    )
    name: str | None = option(
        default=None,
        group=Group.OUTPUT,
        help=N_("Name of the model; default: that of the folder."),
    )
    model_version: str = option(default="1", group=Group.OUTPUT, help=N_("Version of the model."))
    use: str = option(
        default="", group=Group.OUTPUT, help=N_("What the model is for; the card says so.")
    )
    limit: tuple[str, ...] = option(
        default=(),
        group=Group.OUTPUT,
        help=N_("What it is not for, or lacks; every result repeats it."),
    )
    licence: str = option(default="", group=Group.OUTPUT, help=N_("Licence of the data."))
    no_evaluation: bool = option(
        default=False,
        group=Group.ADVANCED,
        help=N_("Leave the figures out; the card then says that there are none."),
    )
