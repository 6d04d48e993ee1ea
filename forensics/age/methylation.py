"""Age from DNA methylation, with coefficient files of published clocks.

A clock is a sum of coefficients times methylation (beta, 0-1) at CpG sites; a transform turns the
sum into years. The three universal mammalian clocks (Lu et al. 2023,
doi:10.1038/s43587-023-00462-6) are

1. ``age = exp(y) - 2``
2. relative age ``r = exp(-exp(-y))``, ``age = r (1.3 M + G) - G`` (without the 1.3 for man and mouse)
3. with ``m = 5 (G / A)^0.38``, ``x = m (y + 1)`` for y >= 0 and ``m exp(y)`` below,
   ``age = x (A + G) - G``

where M is the species' maximum lifespan, G its gestation and A its age at sexual maturity, in years.

**Training** on animals of known age: elastic net, with honest intervals. Penalty and mixing are chosen by an inner
cross-validation, errors are measured in an outer one on animals that took no part in either (nested cross-validation;
Varma & Simon 2006, doi:10.1186/1471-2105-7-91). The prediction interval is conformal: the quantile of the absolute
errors of the outer folds, on the scale of the transform (Vovk 2015, Cross-conformal predictors,
doi:10.1007/s10472-013-9368-4). Of an animal with several samples the greatest error counts, once: they tell as much
as one animal does. The interval is for animals like those of the training; for others nothing is promised.

A trained clock is one file of JSON: coefficients, what is known of its errors, and what it was
trained on. So one SHA-256 says which clock it was, with its intervals.

Importing this module imports scikit-learn, whose interface `ClockRegressor` has.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from forensics.age.options import (
    INNER_FOLDS,
    OUTER_FOLDS,
    TRAINABLE,
    TRANSFORMS,
    LifeHistory,
)
from forensics.age.tables import coefficients_of, read_table
from forensics.errors import InputError, UsageError
from forensics.genetics.encoder import checked
from forensics.io.files import AnyPath, load_json, read_limited, read_start, shown_name, write_new
from forensics.io.tables import is_frame
from forensics.messages import _
from forensics.stats import LEVEL

if TYPE_CHECKING:
    import pandas


# Man and mouse have lifespans that are known well; those of others are taken 1.3 times as long
# (Lu et al. 2023, methods).
_LIFESPAN_FACTOR = 1.3
_WELL_KNOWN = ("Homo sapiens", "Mus musculus")
# A clock was fitted with all of its sites. With more than this share missing no age is given.
MAX_MISSING = 0.05


@dataclass(frozen=True)
class Clock:
    """A clock as it stands in its file.

    Attributes
    ----------
    coefficients : dict of str to float
        Of CpG sites.
    transform : str
        One of `TRANSFORMS`.
    sha256 : str
        Of the file.
    card : dict or None
        Of a clock that was trained here, what its file holds. ``intercept`` and ``coefficients``;
        ``errors``: the greatest absolute error of each animal left out, ascending, on the scale of the
        transform; ``typical``: mean methylation of the sites; ``animals``, ``samples``, ``sites``
        (offered to it), ``youngest``, ``oldest``, ``mae``, ``median_error``, ``correlation`` (of animals
        left out), ``spread`` (mean distance of the ages from their mean, the error without a clock),
        ``alpha``, ``l1_ratio``, ``seed``, ``species``, ``tissue``, ``sources`` (file and SHA-256 of the
        tables).
    """

    name: str
    intercept: float
    coefficients: Mapping[str, float]
    transform: str
    sha256: str
    card: Mapping[str, Any] | None = None

    def margin(self, level: float) -> float:
        """Return half of the prediction interval of a trained clock, on the scale of the transform.

        The conformal quantile: the ceil((n + 1) level)-th smallest error.

        Raises
        ------
        UsageError
            If the training had too few animals for the level.
        """
        errors = self.card["errors"] if self.card else ()
        # NaN is not between 0 and 1 either.
        rank = math.ceil((len(errors) + 1) * level) if 0 < level < 1 else math.inf
        if rank > len(errors):
            raise UsageError(
                _("{count} animals left out give no interval of {level:g}.").format(
                    count=len(errors), level=level
                )
            )
        return float(errors[int(rank) - 1])


@dataclass(frozen=True)
class AgeEstimate:
    """The age of one sample by one clock.

    Attributes
    ----------
    age : float
        Years since birth; below 0 is before it.
    linear : float
        The sum before the transform.
    missing : tuple of str
        Sites of the clock that the sample does not have; typical values stand for them.
    interval : tuple of float or None
        Prediction interval, where the clock has known errors; None says that there is none.
    level : float or None
        Share of animals whose age it should hold.
    """

    age: float
    linear: float
    missing: tuple[str, ...]
    interval: tuple[float, float] | None = None
    level: float | None = None


def read_clock(path: "AnyPath | pandas.DataFrame", *, transform: str | None = None) -> Clock:
    """Read a clock that was trained here, or a table of coefficients.

    Parameters
    ----------
    path : path or pandas.DataFrame
        JSON that `save_trained` wrote; or a column of sites and, as the last one, their coefficients, as
        `forensics.age.tables.read_table` reads it.
    transform : str, optional
        Of a table, one of `TRANSFORMS`; a trained clock has its own.

    Raises
    ------
    InputError
        If it cannot be read, or as `forensics.age.tables.coefficients_of`.
    UsageError
        If the transform of a table is missing or unknown.
    """
    if not is_frame(path) and read_start(path, 64).lstrip()[:1] == b"{":
        return _read_trained(path)
    if transform is None:
        raise UsageError(_("Give --transform with a table of coefficients."))
    _check_transform(transform, TRANSFORMS)
    table = read_table(path)
    intercept, coefficients = coefficients_of(table)
    return Clock(
        shown_name(Path(table.source or "").stem), intercept, coefficients, transform, table.sha256
    )


def _check_transform(transform: str, known: Sequence[str]) -> None:
    if transform not in known:
        raise UsageError(
            _("{value!r} is not a transform; expected one of {known}.").format(
                value=transform, known=", ".join(known)
            )
        )


def age_of(
    clock: Clock,
    methylation: Mapping[str, float],
    *,
    life: LifeHistory | None = None,
    typical: Mapping[str, float] | None = None,
    level: float = LEVEL,
) -> AgeEstimate:
    """Return the age that a clock gives for the methylation of a sample.

    Parameters
    ----------
    methylation : mapping of str to float
        Beta values of CpG sites, 0-1; a site that was not measured is left out or NaN.
    life : LifeHistory, optional
        Needed by the second and the third universal clock.
    typical : mapping of str to float, optional
        What stands for sites that were not measured, such as the means of the laboratory's own
        animals of this species and tissue; a trained clock has its own. Without it a missing site is
        refused: to leave it out of the sum would say that it is not methylated at all.
    level : float
        Of the prediction interval of a trained clock.

    Raises
    ------
    InputError
        If a value is none of 0-1, a site is missing that `typical` does not have, or more than
        `MAX_MISSING` of the clock's sites are missing.
    UsageError
        If the transform needs a life history, or the training had too few animals for the level.
    """
    typical = clock.card["typical"] if clock.card else typical or {}
    missing = []
    linear = clock.intercept
    for site, coefficient in clock.coefficients.items():
        value = methylation.get(site)
        if value is None or math.isnan(value):
            missing.append(site)
            value = typical.get(site)
            if value is None:
                continue
        if not 0.0 <= value <= 1.0:
            raise InputError(
                _("{site}: methylation {value:g}; beta values must be between 0 and 1.").format(
                    site=site, value=value
                )
            )
        linear += coefficient * value
    unknown = [site for site in missing if site not in typical]
    if unknown or len(missing) > MAX_MISSING * len(clock.coefficients):
        text = _(
            "{count} of the {total} sites of clock {clock} are missing ({some}). Give typical "
            "values of this species and tissue for at most {most:.0%} of them, or no age."
        )
        if not unknown:
            text = _(
                "{count} of the {total} sites of clock {clock} are missing ({some}); with more than "
                "{most:.0%} no age is given. Measure them."
            )
        raise InputError(
            text.format(
                count=len(missing),
                total=len(clock.coefficients),
                clock=clock.name,
                some=", ".join((unknown or missing)[:3]),
                most=MAX_MISSING,
            )
        )
    years = years_of(linear, clock.transform, life)
    if not clock.card:
        return AgeEstimate(years, linear, tuple(missing))
    margin = clock.margin(level)
    low, high = (
        max(0.0, years_of(end, clock.transform)) for end in (linear - margin, linear + margin)
    )
    return AgeEstimate(years, linear, tuple(missing), (low, high), level)


def years_of(y: float, transform: str, life: LifeHistory | None = None) -> float:
    """Return the age that a clock's sum stands for, years.

    Raises
    ------
    InputError
        If it is not an age of any animal: the values are not those of this clock.
    UsageError
        If the transform needs a life history.
    """
    try:
        years = _transformed(y, transform, life)
    except OverflowError:
        years = math.inf
    if not abs(years) <= _OLDEST:
        raise InputError(
            _(
                "The clock's sum is {value:g}, which is not an age. Are these beta values, and is this "
                "the transform of the clock?"
            ).format(value=y)
        )
    return years


# Years; no animal with a clock is older (ocean quahog, 507).
_OLDEST = 1000.0


def _transformed(y: float, transform: str, life: LifeHistory | None) -> float:
    if transform == "none":
        return y
    if transform == "universal1":
        return math.exp(y) - 2.0
    if life is None:
        raise UsageError(
            _("This clock needs the species' gestation, age at maturity and maximum lifespan.")
        )
    if transform == "universal2":
        factor = 1.0 if life.species in _WELL_KNOWN else _LIFESPAN_FACTOR
        relative = math.exp(-math.exp(-y))
        return relative * (factor * life.lifespan + life.gestation) - life.gestation
    tuned = 5.0 * (life.gestation / life.maturity) ** 0.38
    adult = tuned * (y + 1.0) if y >= 0 else tuned * math.exp(y)
    return adult * (life.maturity + life.gestation) - life.gestation


FORMAT = "wildlife-forensics clock 1"
# Fewer animals give no 95 % interval from (n + 1) quantiles, and no clock that anybody should use.
MIN_ANIMALS = 20
_MIXING = (0.1, 0.5, 0.9)
_PENALTIES = 40
_SEED = 1
_MAX_BYTES = 8 * 2**20


def train_clock(
    methylation: np.ndarray,
    ages: Sequence[float],
    sites: Sequence[str],
    *,
    name: str,
    species: str,
    tissue: str,
    animals: Sequence[str] | None = None,
    transform: str = "none",
    seed: int = _SEED,
    sources: Sequence[Mapping[str, Any]] = (),
    progress: Callable[[], None] | None = None,
) -> Clock:
    """Train a clock.

    Parameters
    ----------
    methylation : numpy.ndarray of float64, shape (n, k)
        Beta values, 0-1, none missing.
    ages : sequence of float, length n
        Known ages, years.
    sites : sequence of str, length k
    name, species, tissue : str
        For the card.
    animals : sequence of str, length n, optional
        Whose samples they are. All samples of one animal stay together in each fold; by default
        each sample is of another one.
    transform : str
        One of `TRAINABLE`: the scale on which ages are fitted.
    seed : int
        Of the folds.
    sources : sequence of mapping
        ``file`` and ``sha256`` of the tables, for the card.
    progress : callable, optional
        Is called `STEPS` times, after each fit.

    Raises
    ------
    InputError
        If shapes do not fit, values are no beta values or ages, or animals are too few.
    UsageError
        If the transform cannot be trained with, or a name is empty.
    """
    from sklearn.model_selection import GroupKFold
    from sklearn.utils import check_random_state

    _check_transform(transform, TRAINABLE)
    for option, text in (("name", name), ("species", species), ("tissue", tissue)):
        if not text.strip():
            raise UsageError(
                _("{option} is empty, but it is stated with every age.").format(option=option)
            )
    values, known = np.asarray(methylation, np.float64), np.asarray(ages, np.float64)
    names = [str(name) for name in (animals if animals is not None else range(len(known)))]
    _check(values, known, names, sites)
    target = known if transform == "none" else np.log(known + 2.0)
    # Groups in an order drawn by the seed; GroupKFold itself fills folds by size alone.
    order = sorted(set(names))
    drawn = check_random_state(seed).permutation(len(order))
    place = {animal: int(drawn[number]) for number, animal in enumerate(order)}
    groups = np.array([place[animal] for animal in names])
    errors, predicted = np.empty(len(target)), np.empty(len(target))
    for train, test in GroupKFold(OUTER_FOLDS).split(values, target, groups):
        weights, intercept, _chosen = fit_net(values[train], target[train], groups[train])
        predicted[test] = values[test] @ weights + intercept
        errors[test] = np.abs(predicted[test] - target[test])
        if progress:
            progress()
    weights, intercept, (alpha, ratio) = fit_net(values, target, groups)
    if progress:
        progress()
    used = np.flatnonzero(weights).tolist()
    if not used:
        raise InputError(_("No site goes with age in these samples; no clock can be trained."))
    years = np.array([years_of(float(linear), transform) for linear in predicted])
    card = {
        "format": FORMAT,
        "name": name,
        "species": species,
        "tissue": tissue,
        "transform": transform,
        "samples": len(known),
        "animals": len(order),
        "sites": len(sites),
        "youngest": float(known.min()),
        "oldest": float(known.max()),
        "alpha": float(alpha),
        "l1_ratio": float(ratio),
        "seed": seed,
        "outer_folds": OUTER_FOLDS,
        "inner_folds": INNER_FOLDS,
        "mae": float(np.abs(years - known).mean()),
        "median_error": float(np.median(np.abs(years - known))),
        "correlation": float(np.corrcoef(years, known)[0, 1]) if np.ptp(years) > 0 else None,
        "spread": float(np.abs(known - known.mean()).mean()),
        "errors": sorted(float(errors[groups == number].max()) for number in range(len(order))),
        "typical": {str(sites[column]): float(values[:, column].mean()) for column in used},
        "intercept": float(intercept),
        "coefficients": {str(sites[column]): float(weights[column]) for column in used},
        "sources": [dict(source) for source in sources],
    }
    return _of_card(card, _content(card))


def save_trained(clock: Clock, path: AnyPath) -> None:
    """Write a trained clock to a new file, whose SHA-256 is that of the clock.

    Raises
    ------
    UsageError
        If the file exists.
    """
    write_new(path, _content(clock.card or {}))


def _read_trained(path: Any) -> Clock:
    content = read_limited(path, _MAX_BYTES)
    try:
        card = load_json(content)
        wrong = [name for name, accepts in _FIELDS.items() if not accepts(card[name])]
        if not wrong and set(card["typical"]) != set(card["coefficients"]):
            wrong = ["typical"]
    except KeyError as error:
        wrong = [str(error.args[0])]
    except (ValueError, TypeError, OverflowError, RecursionError):
        wrong = ["format"]
    if wrong:
        raise InputError(
            _(
                "this is not a trained clock ({name} is missing or wrong); expected a file of "
                "save_trained (forensics.age), unchanged"
            ).format(name=wrong[0]),
            source=str(path),
        )
    card["errors"] = sorted(map(float, card["errors"]))
    return _of_card(card, content)


def _content(card: Mapping[str, Any]) -> bytes:
    return (json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _of_card(card: Mapping[str, Any], content: bytes) -> Clock:
    return Clock(
        card["name"],
        float(card["intercept"]),
        {site: float(weight) for site, weight in card["coefficients"].items()},
        card["transform"],
        hashlib.sha256(content).hexdigest(),
        card,
    )


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_age(value: object) -> bool:
    return isinstance(value, (int, float)) and _is_finite(value) and value >= 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


# What a trained clock needs to be used and described; the rest of its file is for readers.
_FIELDS: dict[str, Callable[[object], bool]] = {
    "format": lambda value: value == FORMAT,
    "transform": lambda value: value in TRAINABLE,
    **dict.fromkeys(("name", "species", "tissue"), _is_text),
    **dict.fromkeys(("animals", "samples", "sites"), _is_count),
    **dict.fromkeys(("youngest", "oldest", "mae", "median_error"), _is_age),
    "intercept": _is_finite,
    "coefficients": lambda value: (
        isinstance(value, dict) and len(value) > 0 and all(map(_is_finite, value.values()))
    ),
    "errors": lambda value: isinstance(value, list) and len(value) > 0 and all(map(_is_age, value)),
    "typical": lambda value: (
        isinstance(value, dict)
        and all(_is_finite(share) and 0 <= share <= 1 for share in value.values())
    ),
}


def _check(
    values: np.ndarray, known: np.ndarray, names: Sequence[str], sites: Sequence[str]
) -> None:
    if values.ndim != 2 or values.shape != (len(known), len(sites)) or len(names) != len(known):
        raise InputError(
            _(
                "Methylation of shape {shape}, {ages} ages, {animals} animals, {sites} sites; expected "
                "a row a sample and a column a site."
            ).format(shape=values.shape, ages=len(known), animals=len(names), sites=len(sites))
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(_("Beta values must be between 0 and 1, and none may be missing."))
    if not (np.isfinite(known).all() and (known >= 0).all()):
        raise InputError(_("Ages are 0 years or more, and none may be missing."))
    if len(set(sites)) != len(sites):
        raise InputError(_("A site occurs twice."))
    if len(set(names)) < MIN_ANIMALS:
        raise InputError(
            _("{count} animals; a clock needs {least} or more.").format(
                count=len(set(names)), least=MIN_ANIMALS
            )
        )


def fit_net(
    values: np.ndarray, target: np.ndarray, groups: np.ndarray, *, folds: int = INNER_FOLDS
) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Return weights, intercept, and the penalty and mixing chosen by cross-validation.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, k)
    target : numpy.ndarray of float64, shape (n,)
        Ages, on the scale of the transform.
    groups : numpy.ndarray of int64, shape (n,)
        Animal of each sample; there are at least as many as `folds`.
    folds : int
        Of the cross-validation.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import ElasticNetCV
    from sklearn.model_selection import GroupKFold
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values)
    parts = list(GroupKFold(folds).split(values, target, groups))
    net = ElasticNetCV(
        l1_ratio=list(_MIXING), alphas=_PENALTIES, eps=1e-2, cv=parts, max_iter=20_000, tol=1e-3
    )
    with warnings.catch_warnings():
        # The smallest penalties of the path need not converge; cross-validation judges them.
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(scaler.transform(values), target)
    weights = net.coef_ / scaler.scale_
    return weights, float(net.intercept_ - weights @ scaler.mean_), (net.alpha_, net.l1_ratio_)


class ClockRegressor(RegressorMixin, BaseEstimator):
    """Predict ages from methylation by an elastic net; a regressor for scikit-learn.

    It fits what `forensics.age.methylation.train_clock` fits. A clock for casework is trained by that
    function, which measures prediction intervals on animals left out and writes the clock with its card.

    Parameters
    ----------
    age_transform : {"none", "universal1"}
        Scale on which ages are fitted: years, or log(years + 2).
    folds : int
        Of the cross-validation that chooses penalty and mixing.

    Attributes
    ----------
    coef_ : numpy.ndarray of float64, shape (k,)
        Weights of the sites, on the scale of the transform.
    intercept_ : float
    alpha_, l1_ratio_ : float
        Penalty and mixing that were chosen.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> ages = np.arange(30.0)
    >>> methylation = np.column_stack([0.2 + 0.01 * ages, 0.9 - 0.02 * ages])
    >>> model = ClockRegressor().fit(methylation, ages)
    >>> bool(abs(model.predict([[0.35, 0.6]])[0] - 15) < 1)
    True
    """

    def __init__(self, age_transform: str = "none", folds: int = INNER_FOLDS) -> None:
        self.age_transform = age_transform
        self.folds = folds

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> "ClockRegressor":
        """Choose penalty and mixing, and fit the weights of all sites.

        Parameters
        ----------
        X : array-like of float, shape (n, k)
            Beta values; none may be missing.
        y : array-like of float, shape (n,)
            Ages, years.
        groups : array-like, shape (n,), optional
            Animal of each sample; samples of one animal stay together in each fold. By default each
            sample is of another animal.

        Raises
        ------
        ValueError
            If values are missing, or there are fewer animals than folds.
        UsageError
            If the transform cannot be trained with.
        """
        if y is None:
            raise ValueError(
                "This ClockRegressor estimator requires y to be passed, but the target y is None."
            )
        _check_transform(self.age_transform, TRAINABLE)
        values = checked(self, X, reset=True, missing=False)
        ages = np.asarray(column_or_1d(y, warn=True), dtype=np.float64)
        check_consistent_length(values, ages, groups)
        if not np.isfinite(ages).all():
            raise ValueError("Input y contains NaN or infinity.")
        animals = np.arange(len(ages))
        if groups is not None:
            animals = np.unique(column_or_1d(groups), return_inverse=True)[1]
        count = len(np.unique(animals))
        if count < self.folds:
            raise ValueError(
                f"{count} animals (n_samples = {len(ages)}); a clock needs as many as there are "
                f"folds, {self.folds}."
            )
        target = ages
        if self.age_transform != "none":
            if not (ages >= 0).all():
                raise ValueError("Ages are 0 years or more.")
            target = np.log(ages + 2.0)
        self.coef_, self.intercept_, (self.alpha_, self.l1_ratio_) = fit_net(
            values, target, animals, folds=self.folds
        )
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return ages in years; float64, shape (n,).

        Raises
        ------
        InputError
            If a sum of the clock is not an age of any animal.
        """
        check_is_fitted(self)
        linear = checked(self, X, reset=False, missing=False) @ self.coef_ + self.intercept_
        return np.array([years_of(float(value), self.age_transform) for value in linear])
