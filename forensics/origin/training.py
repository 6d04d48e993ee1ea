"""From a reference table to a model with its card.

``train_genotypes`` and ``train_isotopes`` make models; ``evaluate_genotypes`` says how well one does
on animals that it has not seen. `forensics.origin.predict` applies any model to samples.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.counts import MIN_MARKERS
from forensics.genetics.genotypes import Genotypes
from forensics.io.numbers import printable
from forensics.messages import _, ngettext
from forensics.origin import places, populations
from forensics.origin.baseline import MIN_ANIMALS, Baseline
from forensics.origin.exclusion import ExclusionFit, describe_power, evaluate_exclusion
from forensics.origin.models import Card, Model, describe_training, list_names, save_model
from forensics.origin.options import LEVEL
from forensics.origin.spatial import exchange_in_words, span_of

if TYPE_CHECKING:
    from forensics.origin.areas import RegionSet
    from forensics.origin.population_evaluation import PopulationEvaluation
    from forensics.origin.ranges import Range
    from forensics.origin.regions import LeftOutPosteriors
    from forensics.origin.spatial_evaluation import Progress

SEED = 1
# Animals x loci that a map is made of: 10,000 animals of 6,000 SNP take some 5 GB.
MAX_GENOTYPES = 60_000_000
# Folds of the evaluation that builds the reference anew, beside leave-one-out.
FOLDS = 5
# Rows of by-site and by-population tables that the card shows; all are in the evaluation.
_WIDE = 200


def kind_of(genotypes: Genotypes) -> str:
    """Return the kind of model that a reference allows: a map where every animal has a place."""
    return "populations" if _without_place(genotypes).any() else "places"


def reason_of_kind(genotypes: Genotypes) -> str:
    """Return in one sentence why `kind_of` chose that kind of model."""
    if genotypes.latitudes is None:
        return _("populations, because the table has no columns of latitude and longitude")
    without = _without_place(genotypes)
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


def _without_place(genotypes: Genotypes) -> np.ndarray:
    """Return which animals lack a coordinate, as a boolean array of shape (animals,)."""
    if genotypes.latitudes is None or genotypes.longitudes is None:
        return np.ones(len(genotypes), dtype=bool)
    return np.asarray(~(np.isfinite(genotypes.latitudes) & np.isfinite(genotypes.longitudes)))


def train_genotypes(
    genotypes: Genotypes,
    output: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    kind: str = "auto",
    method: str = populations.METHOD,
    card: Card = Card(),
    seed: int = SEED,
    evaluated: bool = True,
    estimator: Any = None,
    range_: "Range | None" = None,
    regions: "RegionSet | None" = None,
    progress: "Progress | None" = None,
) -> Model:
    """Train a model on animals of known origin and write it with its card.

    Parameters
    ----------
    genotypes : Genotypes
        With populations, or with latitudes and longitudes.
    output : path
        A new folder.
    name, version : str
    kind : {"auto", "populations", "places"}
    method : str
        Of `forensics.origin.baseline.METHODS`; of populations only.
    card : Card
    seed : int
    evaluated : bool
        Whether the card gets its figures; without them it says that there are none.
    estimator : classifier of scikit-learn, optional
        It is fitted on the doses of alleles and assigns to populations; the kind is ``classifier``. What
        a fitted one has learned before is left behind.
    range_ : Range, optional
        Of places only: where animals may come from; by default the land within a distance of the
        sites that is derived from them.
    regions : RegionSet, optional
        Of places only: the reporting regions that the model answers with; by default each country.

    progress : callable, optional
        Of places: called with the sites that the evaluation left out so far, and with how many it
        will.

    Raises
    ------
    InputError, RefusedError
        If the reference does not allow such a model, or the regions do not fit its sites.
    ModelError
        If the folder exists, or the estimator cannot be stored without pickle.
    UsageError
        If the estimator is not a classifier, or `kind` does not fit it.
    """
    kind = _kind_for(genotypes, kind, estimator)
    limits = list(card.limits)
    stored, evaluation = b"", {}
    if kind == "classifier":
        from forensics.origin import classifiers

        trained, baseline, fit = classifiers.train_model(genotypes, estimator, seed=seed)
        labels, arrays, parameters, stored = classifiers.pack_model(
            trained, baseline, fit, seed=seed
        )
        if evaluated:
            evaluation = {
                trained.evaluation.scheme: _plain_evaluation(trained.evaluation),
                "exclusion": evaluate_exclusion(genotypes),
            }
        limits += _limits_of_populations(baseline)
        if not trained.evaluation.scheme.startswith("leave"):
            limits.append(
                _(
                    "Animals of one place were on both sides of the evaluation: of animals from a place "
                    "that the reference lacks, fewer are right."
                )
            )
    elif kind == "populations":
        baseline, fit = populations.train_model(genotypes, method=method)
        labels, arrays, parameters = populations.pack_model(baseline, fit)
        limits += _limits_of_populations(baseline)
    elif kind == "places":
        _check_places(genotypes)
        spatial, baseline, fit = places.train_model(genotypes, seed=seed, range_=range_)
        labels, arrays, parameters = places.pack_model(spatial, baseline, fit)
        parameters = {
            **parameters,
            **{
                key: value
                for key, value in labels["spatial"].items()
                if isinstance(value, (int, float))
            },
            "engine": labels["spatial"]["engine"],
            "range": spatial.range.in_words(),
        }
        if regions is not None:
            from forensics.origin.regions import pack_regions

            regions.label_sites(spatial.known_sites)  # refuses what does not fit
            labels["regions"], region_arrays = pack_regions(regions)
            arrays.update(region_arrays)
        if evaluated:
            evaluation, left_out = _evaluate_places(
                genotypes, seed=seed, range_=range_, regions=regions, progress=progress,
                exclusion=(baseline, fit),
            )  # fmt: skip
            arrays.update(left_out.to_arrays())
        limits.append(
            _("Places outside the range are taken as impossible. The range: {range}.").format(
                range=spatial.range.in_words()
            )
        )
        if warning := exchange_in_words(genotypes):
            limits.append(warning)
        west, east = span_of(spatial.field.longitudes)
        limits.append(
            _(
                "The reference has animals of {count} sites, between {south:.1f} and {north:.1f} "
                "degrees of latitude and {west:.1f} and {east:.1f} degrees of longitude, and none "
                "from elsewhere."
            ).format(
                count=len(spatial.sites),
                south=spatial.field.latitudes.min(),
                north=spatial.field.latitudes.max(),
                west=west,
                east=east,
            )
        )
    else:
        raise UsageError(
            _("{kind!r} is not a kind of model; expected auto, populations or places.").format(
                kind=kind
            )
        )
    if 1 > LEVEL * len(fit.z):  # the smallest p-value is 1 / animals, see `exclude`
        limits.append(
            _(
                "The exclusion rests on {count} animals: below a level of {least:.3f} nothing can "
                "be excluded, and the usual level of {level:g} is refused."
            ).format(count=len(fit.z), least=1 / len(fit.z), level=LEVEL)
        )
    alike, notes = _find_duplicates(genotypes)
    limits += notes
    if evaluated and not evaluation:
        evaluation = evaluate_genotypes(genotypes, kind=kind, method=method, seed=seed)
    return save_model(
        output,
        name=name,
        version=version,
        kind=kind,
        labels=labels,
        arrays=arrays,
        estimator=stored,
        card={
            **describe_training(card, limits, {**parameters, "seed": seed}, evaluation),
            "data": {
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
        },
    )


def evaluate_genotypes(
    genotypes: Genotypes,
    *,
    kind: str = "auto",
    method: str = populations.METHOD,
    seed: int = SEED,
    estimator: Any = None,
    range_: "Range | None" = None,
    regions: "RegionSet | None" = None,
    progress: "Progress | None" = None,
) -> dict[str, Any]:
    """Return how well a reference does on animals that were left out, as plain values.

    Of a classifier: leave-one-site-out where every population has two sites or more, else folds. Of
    populations: leave-one-out, and folds for which everything is fitted anew; each with intervals,
    reliability and a row a population. Of places: leave-one-out, leave-one-site-out, and the
    reporting regions: countries and those that are given. Of each kind the exclusion: how many animals
    of removed populations, units or sites it notices.
    """
    kind = _kind_for(genotypes, kind, estimator)
    if kind == "classifier":
        from forensics.origin.classifiers import evaluate_classifier

        figures = evaluate_classifier(genotypes, estimator, seed=seed)
        return {
            figures.scheme: _plain_evaluation(figures),
            "exclusion": evaluate_exclusion(genotypes),
        }
    if kind == "places":
        _check_places(genotypes)
        return _evaluate_places(
            genotypes, seed=seed, range_=range_, regions=regions, progress=progress
        )[0]
    from forensics.origin.population_evaluation import evaluate

    result: dict[str, Any] = {}
    for folds in (None, FOLDS):
        evaluation = evaluate(genotypes, method=method, folds=folds, seed=seed)
        result[evaluation.scheme] = _plain_evaluation(evaluation)
    result["exclusion"] = evaluate_exclusion(genotypes)
    return result


def _kind_for(genotypes: Genotypes, kind: str, estimator: Any) -> str:
    """Return the kind of model: a classifier of scikit-learn assigns to populations.

    Raises
    ------
    UsageError
        If the estimator is not a classifier, or another kind was asked for.
    """
    if estimator is None:
        return kind_of(genotypes) if kind == "auto" else kind
    from forensics.learning.estimators import check_kind

    check_kind(estimator, kind)
    return "classifier"


def _evaluate_places(
    genotypes: Genotypes,
    *,
    seed: int,
    range_: "Range | None",
    regions: "RegionSet | None",
    progress: "Progress | None" = None,
    exclusion: tuple[Baseline, ExclusionFit] | None = None,
) -> "tuple[dict[str, Any], LeftOutPosteriors]":
    """Return the figures of a map, and the posteriors of animals by models without their sites.

    The exclusion of the sites is that of the trained model where there is one.
    """
    from forensics.origin.areas import country_regions, sites_of_reference
    from forensics.origin.regions import LeftOutCollector, evaluate_regions
    from forensics.origin.spatial import sites_of
    from forensics.origin.spatial_evaluation import evaluate_spatial

    collector = LeftOutCollector()
    evaluations = evaluate_spatial(
        genotypes, seed=seed, range_=range_, observe=collector, progress=progress
    )
    result: dict[str, Any] = {
        {"site": "leave-one-site-out", "animal": "leave-one-out"}[scheme]: evaluation.to_dict()
        for scheme, evaluation in evaluations.items()
    }
    if exclusion is None:
        result["exclusion"] = evaluate_exclusion(genotypes, sites=True)
    else:
        baseline, fit = exclusion
        result["exclusion"] = describe_power(fit, baseline.populations, removed="site")
    left_out = collector.collect()
    assert left_out is not None  # `evaluate_spatial` leaves sites out, or refuses
    sites = sites_of_reference(genotypes, sites_of(genotypes))
    figures = [
        evaluate_regions(left_out, known, sites)
        for known in (country_regions(), regions)
        if known is not None
    ]
    if any(figures):
        result["reporting regions"] = {known.pop("regions"): known for known in figures if known}
    return result, left_out


def _plain_evaluation(evaluation: "PopulationEvaluation") -> dict[str, Any]:
    """Return the figures of populations as plain values, for the card."""
    return {
        "method": evaluation.method,
        "prior": evaluation.prior_name,
        "population": evaluation.population.to_dict(),
        **({"unit": evaluation.unit.to_dict()} if evaluation.unit else {}),
        "reliability": [
            {
                "stated": bin_.stated,
                "right": bin_.observed,
                "low": bin_.interval[0],
                "high": bin_.interval[1],
                "animals": bin_.count,
            }
            for bin_ in evaluation.reliability
        ],
        "populations": [
            {
                "population": row.population,
                "animals": row.animals,
                "right": row.right.share,
                "low": row.right.low,
                "high": row.right.high,
                "small": f"< {MIN_ANIMALS}" if row.small else "",
            }
            for row in evaluation.rows[:_WIDE]
        ],
    }


def _limits_of_populations(baseline: Baseline) -> list[str]:
    """Return what no model of populations knows."""
    return [
        _("The reference has animals of {names} only.").format(
            names=list_names(baseline.populations)
        ),
        _(
            "A cross of two populations is noticed only where the markers tell; else it may be assigned to "
            "one of them."
        ),
    ]


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
        return None, [_("Animals that stand in the reference twice were not looked for.")]
    least = max(1, len(genotypes.loci) // 2)
    _some, count = find_duplicates(genotypes, mismatches=0, min_loci=least)
    if not count:
        return 0, []
    return count, [
        ngettext(
            "{count} pair of reference animals has one genotype, so that the figures look better "
            "than they are; see 'forensics origin quality'.",
            "{count} pairs of reference animals have one genotype, so that the figures look better "
            "than they are; see 'forensics origin quality'.",
            count,
        ).format(count=count)
    ]


# Pairs of more animals than this take minutes.
_MAX_COMPARED = 10_000


def _check_places(genotypes: Genotypes) -> None:
    """Raise an `InputError` where there is no map of these animals, or too much of it to be made."""
    animals, loci = len(genotypes), len(genotypes.loci)
    if animals * loci > MAX_GENOTYPES:
        raise InputError(
            _(
                "{animals} animals x {loci} loci are more than a map is made of ({most} genotypes). "
                "Choose some of the loci with --markers {number} (in Python: read_genotypes(…, "
                "markers={number}))"
            ).format(
                animals=animals, loci=loci, most=MAX_GENOTYPES,
                number=max(MIN_MARKERS, MAX_GENOTYPES // animals // 1000 * 1000),
            ),
            source=genotypes.source or None,
        )  # fmt: skip
    if kind_of(genotypes) == "places":
        return
    missing = int(_without_place(genotypes).sum())
    raise InputError(
        _(
            "{count} of {all} animals have no latitude and longitude; a map needs them of all. "
            "Add them, leave these animals out, or train populations."
        ).format(count=missing, all=len(genotypes)),
        source=genotypes.source or None,
    )
