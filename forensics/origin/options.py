"""Kinds of models of origin, and the options of training and applying them; no NumPy is imported for them.

A new kind of model is a module with the functions of `Adapter`, and a line in `KINDS`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from forensics.core.options import Group, SeedOptions, option, option_class
from forensics.errors import UsageError
from forensics.messages import N_, _

# As for names of species: a population or a country is assigned from this posterior on.
CONFIDENCE = 0.95
# Level of a stated exclusion, as in Paetkau et al. 2004, doi:10.1111/j.1365-294X.2004.02008.x.
LEVEL = 0.01
# The one place that a map is summed up by, on the screen, in CSV, on figures and in reports: the geometric
# median, whose expected distance to the truth is least. JSON has mode and mean beside it.
POINT_ESTIMATE = "median"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of model.

    Attributes
    ----------
    module : str
        Its adapter (`forensics.origin.models.Adapter`), which is imported when it is needed.
    by : str
        What samples are assigned by: "genotypes" or "isotopes".
    is_named : bool
        Whether ``--kind`` has it; a classifier is named by its class.
    """

    module: str
    by: str = "genotypes"
    is_named: bool = True


KINDS = {
    "populations": Kind("forensics.origin.populations"),
    "classifier": Kind("forensics.origin.classifiers", is_named=False),
    "places": Kind("forensics.origin.places"),
    "isotopes": Kind("forensics.origin.isotope_models", by="isotopes"),
}
"""By name. What a model says of a sample: its population, a place on a map, a place by isotopes, its population
by a classifier of scikit-learn."""
OF_GENOTYPES = tuple(name for name, kind in KINDS.items() if kind.by == "genotypes")
# How allele frequencies are estimated; the first is the default.
METHODS = ("shrunk", "rannala_mountain")


_RANGE_DISTANCE = N_(
    "Maps without --range-map: places farther than this from every reference site are "
    "impossible, km. Default: derived from the distances between the sites."
)


def refuse_unused(
    kind: str, given: Mapping[str, str], used_by: Mapping[str, Collection[str]]
) -> None:
    """Refuse what was given and a kind of model does not use.

    Parameters
    ----------
    given : mapping of str to str
        By name what is given, as the person who gave it calls it.
    used_by : mapping of str to collection of str
        By name the kinds that use it; what is not named is used by all.

    Raises
    ------
    UsageError
    """
    for name, called in given.items():
        if kind not in (kinds := used_by.get(name, (kind,))):
            raise UsageError(
                _(
                    "{option} is for models of the kind {kinds}, but this one is of the kind "
                    "{kind}; leave it out."
                ).format(option=called, kinds=", ".join(kinds), kind=kind)
            )


@option_class
class AssignmentOptions(SeedOptions):
    """Of an assignment by a model."""

    USED_BY: ClassVar = {
        "prior": ("populations", "places"),
        "exclusion_level": OF_GENOTYPES,
        "range_map": ("places",),
        "beyond_range": ("places",),
        "listings": ("places",),
        "regions": ("places",),
        "seed": tuple(name for name in OF_GENOTYPES if name != "places"),
    }
    """The kinds that use an option, or a file that is given with it, of those that not all use."""

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

    def recorded(self, kind: str) -> dict[str, object]:
        """Return the options as the provenance of a result by this kind of model names them."""
        values = self.parameters() | {"prior": self.prior or "default"}
        if not self.beyond_range:
            del values["beyond_range"]
        for name in ("exclusion_level", "seed"):
            if kind not in self.USED_BY[name]:
                del values[name]
        return values

    @classmethod
    def of_record(cls, parameters: Mapping[str, Any], **more: Any) -> Self:
        """Return the options that `recorded` named."""
        prior = parameters["prior"]
        specs = cls.specs()
        left_out = {
            name: specs[name].default for name in ("beyond_range", "exclusion_level", "seed")
        }
        named = {**left_out, **parameters, "prior": None if prior == "default" else prior}
        return super().of_record(named, **more)


@option_class
class SeizureOptions(SeedOptions):
    """Of the samples of one seizure, placed together."""

    confidence: float = option(
        default=CONFIDENCE, above=0.5, below=1,
        help=N_("Posterior that a reporting region must reach to be named."),
    )  # fmt: skip


@option_class
class MethodOptions(SeedOptions):
    """Of whoever fits a model."""

    USED_BY: ClassVar = {
        "isoscapes": ("isotopes",),
        "isoscape_error": ("isotopes",),
        "range_map": ("places", "isotopes"),
        "range_distance": ("places",),
        "regions": ("places",),
        "method": ("populations",),
        "markers": OF_GENOTYPES,
        "seed": OF_GENOTYPES,
    }
    """The kinds that use an option, or a file that is given with it, of those that not all use."""

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
            "variable. The origin of the animals is not used. Default: all."
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
class EvaluationOptions(MethodOptions):
    """Of the evaluation of a reference."""

    kind: str = option(
        default="auto",
        choices=("auto", *(name for name in OF_GENOTYPES if KINDS[name].is_named)),
        help=N_("Kind of model."),
    )
    range_distance: float | None = option(default=None, above=0, help=_RANGE_DISTANCE)


@option_class
class TrainingOptions(MethodOptions):
    """Of a model that is trained."""

    kind: str = option(
        default="auto",
        choices=("auto", *(name for name, kind in KINDS.items() if kind.is_named)),
        help=N_("Kind of model."),
    )
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
        default="", group=Group.OUTPUT, help=N_("Purpose of the model, stated on its card.")
    )
    limit: tuple[str, ...] = option(
        default=(),
        group=Group.OUTPUT,
        help=N_("Limits of the model, repeated with every result."),
    )
    licence: str = option(default="", group=Group.OUTPUT, help=N_("Licence of the data."))
    no_evaluation: bool = option(
        default=False,
        group=Group.ADVANCED,
        help=N_("Leave the figures out; the card then says that there are none."),
    )
