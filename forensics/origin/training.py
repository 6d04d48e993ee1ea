"""From a reference table to a model with its card, and from a model to results.

``train_genotypes`` and ``train_isotopes`` make models; ``evaluate_genotypes`` says how well one does
on animals that it has not seen; ``assign_with`` applies any model to samples.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import forensics
from forensics.case import Provenance
from forensics.clock import utc_now
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _, ngettext
from forensics.origin import isotope_models, places, populations
from forensics.origin.baseline import MIN_ANIMALS
from forensics.origin.exclusion import LEVEL
from forensics.origin.models import Model, open_model, save_model
from forensics.origin.results import Origins

__all__ = [
    "Card",
    "assign_with",
    "evaluate_genotypes",
    "kind_of",
    "place_together",
    "read_isotope_table",
    "sites_on_map",
    "train_genotypes",
    "train_isotopes",
]

SEED = 1
# Folds of the evaluation that builds the reference anew, beside leave-one-out.
FOLDS = 5
# Rows of by-site and by-population tables that the card shows; all are in the evaluation.
_WIDE = 200


@dataclass(frozen=True)
class Card:
    """What only a person can say of a model.

    Attributes
    ----------
    use : str
        What it is for.
    limits : tuple of str
        What it is not for; what the reference lacks. Every result repeats them.
    licence : str
        Of the data.
    replaces : str
        Name and version of an earlier model.
    """

    use: str = ""
    limits: tuple[str, ...] = ()
    licence: str = ""
    replaces: str = ""


def kind_of(genotypes: Genotypes) -> str:
    """Return the kind of model that a reference allows: a map where every animal has a place."""
    placed = (
        genotypes.latitudes is not None
        and np.isfinite(genotypes.latitudes).all()
        and np.isfinite(genotypes.longitudes).all()
    )
    return "places" if placed else "populations"


def train_genotypes(
    genotypes: Genotypes,
    output: str | os.PathLike,
    *,
    name: str,
    version: str,
    kind: str = "auto",
    method: str = populations.METHOD,
    card: Card = Card(),
    seed: int = SEED,
    evaluated: bool = True,
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

    Raises
    ------
    InputError, RefusedError
        If the reference does not allow such a model.
    ModelError
        If the folder exists.
    """
    kind = kind_of(genotypes) if kind == "auto" else kind
    limits = list(card.limits)
    if kind == "populations":
        baseline, fit = populations.trained(genotypes, method=method)
        labels, arrays, parameters = populations.packed(baseline, fit)
        limits.append(
            _("The reference has animals of {names} only.").format(
                names=_listed(baseline.populations)
            )
        )
        limits.append(
            _(
                "Nothing here looks for crosses between populations: a hybrid may be assigned to one "
                "of its parents' populations."
            )
        )
    elif kind == "places":
        _placed(genotypes)
        spatial, baseline, fit = places.trained(genotypes, seed=seed)
        labels, arrays, parameters = places.packed(spatial, baseline, fit)
        parameters = {
            **parameters,
            **{
                key: value
                for key, value in labels["spatial"].items()
                if isinstance(value, (int, float))
            },
        }
        limits.append(
            _(
                "The reference has animals of {count} sites, between {south:.1f} and {north:.1f} "
                "degrees of latitude and {west:.1f} and {east:.1f} degrees of longitude, and none "
                "from elsewhere."
            ).format(
                count=len(spatial.sites),
                south=spatial.field.latitudes.min(),
                north=spatial.field.latitudes.max(),
                west=spatial.field.longitudes.min(),
                east=spatial.field.longitudes.max(),
            )
        )
    else:
        raise UsageError(
            _("{kind!r} is no kind of model; expected auto, populations or places.").format(
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
    alike, told = _duplicates(genotypes)
    limits += told
    evaluation = (
        evaluate_genotypes(genotypes, kind=kind, method=method, seed=seed) if evaluated else {}
    )
    return save_model(
        output,
        name=name,
        version=version,
        kind=kind,
        labels=labels,
        arrays=arrays,
        card={
            **_made(card, limits, {**parameters, "seed": seed}, evaluation),
            "data": {
                "file": genotypes.source,
                "sha256": genotypes.sha256,
                "animals": len(genotypes),
                "loci": len(genotypes.loci),
                "missing genotypes": f"{1 - genotypes.typed.mean():.1%}",
                "populations": len({one for one in genotypes.populations or () if one}),
                "pairs of animals with one genotype": alike,
            },
        },
    )


def evaluate_genotypes(
    genotypes: Genotypes,
    *,
    kind: str = "auto",
    method: str = populations.METHOD,
    seed: int = SEED,
) -> dict:
    """Return how well a reference does on animals that were left out, as plain values.

    Of populations: leave-one-out, and folds for which everything is fitted anew; each with
    intervals, reliability and a row a population. Of places: leave-one-out and leave-one-site-out.
    """
    kind = kind_of(genotypes) if kind == "auto" else kind
    if kind == "places":
        from forensics.origin.spatial_evaluation import evaluate_spatial

        _placed(genotypes)
        found = evaluate_spatial(genotypes, seed=seed)
        return {
            {"site": "leave-one-site-out", "animal": "leave-one-out"}[scheme]: one.to_dict()
            for scheme, one in found.items()
        }
    from forensics.origin.population_evaluation import evaluate

    result = {}
    for folds in (None, FOLDS):
        one = evaluate(genotypes, method=method, folds=folds, seed=seed)
        result[one.scheme] = {
            "method": one.method,
            "prior": one.prior_name,
            "population": one.population.to_dict(),
            **({"unit": one.unit.to_dict()} if one.unit else {}),
            "reliability": [
                {
                    "stated": bin_.stated,
                    "right": bin_.observed,
                    "low": bin_.interval[0],
                    "high": bin_.interval[1],
                    "animals": bin_.count,
                }
                for bin_ in one.reliability
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
                for row in one.rows[:_WIDE]
            ],
        }
    return result


def train_isotopes(
    frame,
    isoscapes: Sequence,
    output: str | os.PathLike,
    *,
    name: str,
    version: str,
    source: str = "table",
    sha256: str = "",
    card: Card = Card(),
    evaluated: bool = True,
    **options,
) -> Model:
    """Calibrate isoscapes by known-origin samples and write the model with its card.

    Parameters
    ----------
    frame : pandas.DataFrame
        Known-origin samples; see `forensics.origin.isotope_fitting.fit_isotopes`, which takes
        `options` too.
    isoscapes : sequence of Isoscape
    output, name, version, card, evaluated
        As in `train_genotypes`.
    source, sha256 : str
        Of the table.
    """
    from forensics.origin.isotope_evaluation import leave_one_out
    from forensics.origin.isotope_fitting import fit_isotopes

    model = fit_isotopes(frame, isoscapes, source=source, **options)
    labels, arrays, parameters = isotope_models.packed(model)
    evaluation = {}
    if evaluated:
        evaluation = {"leave-one-site-out": leave_one_out(frame, isoscapes, **options).to_json()}
    limits = [
        *card.limits,
        _(
            "Isotopes tell a band of climate, not a place: everything in the region is possible, and "
            "nothing is said of places outside the map."
        ),
    ]
    lines = [
        {
            "isotope": line.isotope,
            "slope": line.slope,
            "intercept": line.intercept,
            "residual sd": line.residual_sd,
            "R2": line.r_squared,
            "samples": line.samples,
            "sites": line.sites,
        }
        for line in model.calibrations
    ]
    return save_model(
        output,
        name=name,
        version=version,
        kind="isotopes",
        labels=labels,
        arrays=arrays,
        card={
            **_made(card, limits, {**parameters, "calibration": lines}, evaluation),
            "data": {
                "file": source,
                "sha256": sha256,
                "samples": len(frame),
                "isoscapes": [Path(one.source).name for one in model.isoscapes],
            },
        },
    )


def assign_with(
    model: Model | str | os.PathLike,
    samples: object,
    *,
    prior: str | Mapping[str, float] | None = None,
    confidence: float = populations.CONFIDENCE,
    level: float = LEVEL,
    range_map: object = None,
    listings: object = None,
    sample_column: str | None = None,
    seed: int = SEED,
) -> Origins:
    """Say where samples come from.

    Parameters
    ----------
    model : Model, path or name of a packaged model
    samples : Genotypes; of isotopes, path or pandas.DataFrame
        Anything else that `forensics.genetics.reading.read_genotypes` takes is read.
    prior : str or mapping, optional
        Of the kind of model; each has its stated default.
    confidence : float
        Posterior that an assignment must reach.
    level : float
        Of the exclusion.
    range_map : RangeMap, optional
        Of maps: cells outside it are impossible.
    listings : optional
        Of maps: see `forensics.origin.places.assign_places`.
    sample_column : str, optional
        Of isotopes: the column with the names of samples.
    seed : int

    Raises
    ------
    InputError, UsageError, ModelError
    """
    model = model if isinstance(model, Model) else open_model(model)
    limits = tuple(map(str, model.card.get("limits", ())))
    parameters = {"confidence": confidence, "prior": prior or "default", "seed": seed}
    if model.kind == "isotopes":
        if range_map is not None or prior is not None or listings is not None:
            raise UsageError(
                _(
                    "The prior and the range map of an isotope model are set when it is trained, and it "
                    "knows no listings."
                )
            )
        frame, source, digest = read_isotope_table(samples)
        column = sample_column or next(
            (one for one in ("sample", "Sample_ID", "animal", "id") if one in frame.columns), None
        )
        return isotope_models.assign_isotopes(
            frame,
            isotope_models.unpacked(model.labels, model.arrays, model.card["parameters"]),
            provenance=_provenance(model, {**parameters}, source, digest),
            limits=limits,
            name=column,
            source=source,
            confidence=confidence,
        )
    genotypes = samples if isinstance(samples, Genotypes) else _read(samples)
    parameters["exclusion_level"] = level
    if range_map is not None:
        parameters["range_map"] = {
            "source": getattr(range_map, "source", ""),
            "sha256": _fingerprint(range_map),
        }
    if listings is not None:
        parameters["listings"] = {"sha256": _fingerprint(listings)}
    provenance = _provenance(model, parameters, genotypes.source, genotypes.sha256)
    options = {
        "provenance": provenance,
        "limits": limits,
        "confidence": confidence,
        "level": level,
        "seed": seed,
    }
    if prior is not None:
        options["prior"] = prior
    if model.kind == "populations":
        if range_map is not None or listings is not None:
            raise UsageError(
                _("This model has populations and no map; a range map or listings do not fit.")
            )
        baseline, fit = populations.unpacked(model.labels, model.arrays, model.card["parameters"])
        return populations.assign_populations(genotypes, baseline, fit, **options)
    parts = places.unpacked(model.labels, model.arrays, model.card["parameters"])
    if range_map is not None:
        from forensics.origin.spatial import allowed_grid

        grid = allowed_grid(parts[0], None)
        range_map = range_map.mask(grid) & grid.inside
    return places.assign_places(
        genotypes, *parts, range_map=range_map, listings=listings, **options
    )


def place_together(
    model: Model | str | os.PathLike, samples: object, *, range_map: object = None, seed: int = SEED
):
    """Place the samples of one seizure together.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``places``.
    samples : Genotypes, or what `read_genotypes` takes
        At least two; parts of one animal are one sample (match them first).
    range_map : RangeMap, optional
    seed : int

    Returns
    -------
    joint : forensics.origin.joint.Joint
    provenance : Provenance

    Raises
    ------
    UsageError
        If the model has no map.
    """
    from forensics.origin.joint import locate_together
    from forensics.origin.spatial import allowed_grid

    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "places":
        raise UsageError(
            _("{name} is a model of {kind}; samples are placed together on a map.").format(
                name=model.name, kind=model.kind
            )
        )
    genotypes = samples if isinstance(samples, Genotypes) else _read(samples)
    spatial, _baseline, _fit = places.unpacked(model.labels, model.arrays, model.card["parameters"])
    if range_map is not None:
        grid = allowed_grid(spatial, None)
        range_map = range_map.mask(grid) & grid.inside
    provenance = _provenance(
        model, {"seed": seed, "together": True}, genotypes.source, genotypes.sha256
    )
    return locate_together(spatial, genotypes, seed=seed, range_map=range_map), provenance


def sites_on_map(model: Model) -> tuple[Sequence[float], Sequence[float]]:
    """Return latitudes and longitudes of the reference sites that a map shows."""
    if model.kind == "places":
        return model.arrays["site_latitudes"], model.arrays["site_longitudes"]
    return (), ()


def _duplicates(genotypes: Genotypes) -> tuple[int | None, list[str]]:
    """Return how many pairs of the reference have one genotype, and what is to be said of it.

    An animal that stands in a reference twice is left out once only: figures and exclusion look
    better than they are.
    """
    from forensics.genetics.duplicates import find_duplicates

    if len(genotypes) > _MOST_COMPARED:
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
_MOST_COMPARED = 10_000


def _fingerprint(given: object) -> str:
    """Return the sha256 of a range map or of listings, whatever file they came from."""
    digest = hashlib.sha256()

    def add(value: object) -> None:
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value, dtype="<f8").tobytes())
        elif isinstance(value, Mapping):
            add(sorted(value.items()))
        elif isinstance(value, (list, tuple)):
            digest.update(f"[{len(value)}".encode())
            for part in value:
                add(part)
        elif hasattr(value, "polygons"):
            add(value.polygons)
        elif hasattr(value, "rings"):
            add((value.name, value.listing, value.rings))
        else:
            digest.update(f"{value}\0".encode())

    add(given)
    return digest.hexdigest()


def _made(card: Card, limits, parameters, evaluation) -> dict:
    return {
        "created": utc_now(),
        "software": f"wildlife-forensics {forensics.__version__}",
        "use": card.use or _("Not stated by who trained it."),
        "limits": list(limits),
        "parameters": parameters,
        "evaluation": evaluation or _("Not evaluated: do not use it in casework."),
        "licence": card.licence or _("Not stated."),
        **({"replaces": card.replaces} if card.replaces else {}),
    }


def _provenance(model: Model, parameters: dict, source: str, digest: str) -> Provenance:
    import scipy

    return Provenance(
        software="forensics",
        version=forensics.__version__,
        dependencies={"numpy": np.__version__, "scipy": scipy.__version__},
        library=model.identity(),
        parameters=parameters,
        input={"file": source, "sha256": digest},
        time=utc_now(),
    )


def _read(samples: object) -> Genotypes:
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(samples)


def read_isotope_table(samples: object) -> tuple:
    """Return a table of isotope values (a DataFrame), the name of its file and its sha256.

    Parameters
    ----------
    samples : path or pandas.DataFrame

    Raises
    ------
    InputError
        If the file is no CSV, or too large.
    """
    import io

    import pandas as pd

    from forensics.opening import opened

    if isinstance(samples, pd.DataFrame):
        return samples, "DataFrame", ""
    name = str(samples)
    with opened(samples, name) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise InputError(
            _("the table is larger than {most} MB").format(most=_MOST_BYTES // 2**20), source=name
        )
    try:
        frame = pd.read_csv(io.BytesIO(content), sep=None, engine="python", encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise InputError(
            _("this is no table in CSV: {why}").format(why=str(error).splitlines()[0]), source=name
        ) from error
    return frame, name, hashlib.sha256(content).hexdigest()


_MOST_BYTES = 256 * 2**20


def _placed(genotypes: Genotypes) -> None:
    if kind_of(genotypes) == "places":
        return
    missing = (
        len(genotypes)
        if genotypes.latitudes is None
        else int((~np.isfinite(genotypes.latitudes) | ~np.isfinite(genotypes.longitudes)).sum())
    )
    raise InputError(
        _(
            "{count} of {all} animals have no latitude and longitude; a map needs them of all. "
            "Add them, leave these animals out, or train populations."
        ).format(count=missing, all=len(genotypes)),
        source=genotypes.source or None,
    )


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)
