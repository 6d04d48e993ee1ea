"""From a reference table to a model with its card.

``train_genotypes`` and ``train_isotopes`` make models; ``evaluate_genotypes`` says how well one does
on animals that it has not seen. `forensics.origin.predict` applies any model to samples.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.io.files import AnyPath
from forensics.io.numbers import printable
from forensics.messages import _, ngettext
from forensics.origin.models import Card, Model, Reference, adapter_of, list_names, save_trained
from forensics.origin.options import LEVEL, OF_GENOTYPES, MethodOptions
from forensics.origin.spatial import without_place

if TYPE_CHECKING:
    from forensics.origin.areas import RegionSet
    from forensics.origin.ranges import Range
    from forensics.origin.spatial import Progress


def kind_of(genotypes: Genotypes) -> str:
    """Return the kind of model that a reference allows: a map where every animal has a place."""
    return "populations" if without_place(genotypes).any() else "places"


def reason_of_kind(genotypes: Genotypes) -> str:
    """Return in one sentence why `kind_of` chose that kind of model."""
    if genotypes.latitudes is None:
        return _("populations, because the table has no columns of latitude and longitude")
    without = without_place(genotypes)
    if not without.any():
        return _("places, because every animal has a latitude and a longitude")
    names = [name for name, gone in zip(genotypes.animals, without) if gone]
    return ngettext(
        "populations, because {count} of {all} animals has no latitude and longitude, and a map needs them "
        "of all: {names}",
        "populations, because {count} of {all} animals have no latitude and longitude, and a map needs them "
        "of all: {names}",
        len(names),
    ).format(
        count=len(names), all=len(genotypes), names=list_names([printable(n) for n in names], 5)
    )


def train_genotypes(
    genotypes: Genotypes,
    output: AnyPath,
    *,
    name: str,
    version: str,
    kind: str = "auto",
    card: Card = Card(),
    evaluated: bool = True,
    **how: Any,
) -> Model:
    """Train a model on animals of known origin and write it with its card.

    Parameters
    ----------
    genotypes : Genotypes
        With populations, or with latitudes and longitudes.
    output : path
        A new folder.
    kind : {"auto", "populations", "places"}
    evaluated : bool
        Whether the card gets its figures; without them it says that there are none.
    **how
        As of `evaluate_genotypes`.

    Raises
    ------
    InputError, RefusedError
        If the reference does not allow such a model, or the regions do not fit its sites.
    ModelError
        If the folder exists, or the estimator cannot be stored without pickle.
    UsageError
        If the estimator is not a classifier, or `kind` does not fit it.
    """
    kind, reference = _reference(genotypes, kind, **how)
    trained = adapter_of(kind).train(reference, is_evaluated=evaluated)
    parameters = {**trained.parameters, "seed": reference.options.seed}
    limits, count = [], trained.calibrated_on
    if (
        count is not None and 1 > LEVEL * count
    ):  # the smallest p-value is 1 / animals, see `exclude`
        limits.append(
            _(
                "The exclusion rests on {count} animals: nothing can be excluded below a level "
                "of {least:.3f}, so the usual level of {level:g} is refused."
            ).format(count=count, least=1 / count, level=LEVEL)
        )
    alike, notes = _find_duplicates(genotypes)
    return save_trained(
        output,
        replace(trained, parameters=parameters),
        name=name,
        version=version,
        kind=kind,
        card=card,
        limits=[*limits, *notes],
        data={
            "file": genotypes.source,
            "sha256": genotypes.sha256,
            "animals": len(genotypes),
            "loci": len(genotypes.loci),
            "missing genotypes": f"{1 - genotypes.typed.mean():.1%}",
            "populations": len(
                {population for population in genotypes.populations or () if population}
            ),
            "pairs of animals with one genotype": alike,
            **_describe_markers(genotypes),
        },
    )


def evaluate_genotypes(genotypes: Genotypes, *, kind: str = "auto", **how: Any) -> dict[str, Any]:
    """Return how well a reference does on animals that were left out, as plain values.

    Of each kind the exclusion, too: how many animals of removed populations, units or sites it notices.

    Parameters
    ----------
    kind : {"auto", "populations", "places"}
    **how
        ``options``, an object of `forensics.origin.options.MethodOptions`, or its fields (``method``,
        ``seed``); ``estimator``, a classifier of scikit-learn, which assigns to populations: it is fitted
        on the doses of alleles, what a fitted one has learned before is left behind, and the kind is
        ``classifier``; of places ``range_``, a `Range` (by default the land within a distance of the sites that is
        derived from them), ``regions``, a `RegionSet` (by default each country), and ``progress``, called with the
        sites that were left out so far, and with how many will be.
    """
    kind, reference = _reference(genotypes, kind, **how)
    return adapter_of(kind).evaluate(reference)


def _reference(
    genotypes: Genotypes,
    kind: str,
    *,
    options: MethodOptions | None = None,
    estimator: Any = None,
    range_: "Range | None" = None,
    regions: "RegionSet | None" = None,
    progress: "Progress | None" = None,
    **fields: Any,
) -> tuple[str, Reference]:
    """Return the kind of model and what it learns from: a classifier of scikit-learn assigns to populations.

    Raises
    ------
    UsageError
        If the estimator is not a classifier, or another kind was asked for.
    """
    if estimator is not None:
        from forensics.learning.estimators import check_kind

        check_kind(estimator, kind)
        kind = "classifier"
    elif kind == "auto":
        kind = kind_of(genotypes)
    elif kind not in OF_GENOTYPES:
        raise UsageError(
            _("{kind!r} is not a kind of model; expected auto, populations or places.").format(
                kind=kind
            )
        )
    return kind, Reference(
        genotypes=genotypes,
        options=options or MethodOptions(**fields),
        estimator=estimator,
        range_=range_,
        regions=regions,
        progress=progress,
    )


def _describe_markers(genotypes: Genotypes) -> dict[str, Any]:
    """Return how loci were chosen among many, for the card; nothing where all were read."""
    wanted = (genotypes.read_with or {}).get("markers")
    if wanted is None:
        return {}
    rule = "one of each run of neighbouring loci, greatest typed share x expected heterozygosity"
    return {"markers wanted": wanted, "markers chosen": rule}


def _find_duplicates(genotypes: Genotypes) -> tuple[int | None, list[str]]:
    """Return how many pairs of the reference have one genotype, and what is to be said of it.

    An animal that stands in a reference twice is left out once only: figures and exclusion look
    better than they are.
    """
    from forensics.genetics.quality import find_duplicates

    if len(genotypes) > _MAX_COMPARED:
        return None, [_("The reference was not checked for animals that occur twice.")]
    least = max(1, len(genotypes.loci) // 2)
    _some, count = find_duplicates(genotypes, mismatches=0, min_loci=least)
    if not count:
        return 0, []
    return count, [
        ngettext(
            "{count} pair of reference animals has the same genotype, so the figures look better "
            "than they are; see 'forensics origin quality'.",
            "{count} pairs of reference animals have the same genotype, so the figures look "
            "better than they are; see 'forensics origin quality'.",
            count,
        ).format(count=count)
    ]


# Pairs of more animals than this take minutes.
_MAX_COMPARED = 10_000
