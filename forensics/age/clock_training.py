"""Trains an epigenetic clock on animals of known age: elastic net, with honest intervals.

Penalty and mixing are chosen by an inner cross-validation, errors are measured in an outer one on
animals that took no part in either (nested cross-validation; Varma & Simon 2006,
doi:10.1186/1471-2105-7-91). The prediction interval is conformal: the quantile of the absolute
errors of the outer folds, on the scale of the transform (Vovk 2015, Cross-conformal predictors).
It is written for animals like those of the training; for others nothing is promised.

A trained clock is two files: coefficients, as `read_clock` reads them, and a card in JSON.
"""

import csv
import hashlib
import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from forensics.age.methylation import AgeEstimate, Clock, age_of, read_clock, years_of
from forensics.errors import InputError, UsageError, VerificationError
from forensics.files import read_limited, write_new
from forensics.messages import _

__all__ = ["FORMAT", "TrainedClock", "read_trained", "save_trained", "train_clock"]

FORMAT = "wildlife-forensics clock 1"
# Transforms that a clock can be trained with; log(age + 2) is that of the first universal clock.
TRAINABLE = ("none", "universal1")
# Fewer animals give no 95 % interval from (n + 1) quantiles, and no clock that anybody should use.
FEWEST_ANIMALS = 20
OUTER_FOLDS, INNER_FOLDS = 10, 5
_MIXING = (0.1, 0.5, 0.9)
_PENALTIES = 40
_SEED = 1
_MOST_BYTES = 8 * 2**20


@dataclass(frozen=True)
class TrainedClock:
    """A clock with what is known of its errors.

    Attributes
    ----------
    clock : Clock
    card : dict
        ``errors``: absolute errors of animals left out, ascending, on the scale of the transform;
        ``typical``: mean methylation of the sites; ``animals``, ``samples``, ``youngest``,
        ``oldest``, ``mae``, ``median_error``, ``correlation`` (of animals left out), ``alpha``,
        ``l1_ratio``, ``seed``, ``species``, ``tissue``.
    """

    clock: Clock
    card: Mapping

    def age_of(self, methylation: Mapping[str, float], *, level: float = 0.95) -> AgeEstimate:
        """Return the age of a sample with its prediction interval.

        Raises
        ------
        InputError
            As `methylation.age_of`.
        UsageError
            If the training had too few samples for the level.
        """
        found = age_of(self.clock, methylation, typical=self.card["typical"])
        margin = _margin(self.card["errors"], level)
        low, high = (
            years_of(found.linear + sign * margin, self.clock.transform) for sign in (-1, 1)
        )
        return replace(found, interval=(max(0.0, low), high), level=level)


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
) -> TrainedClock:
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

    Raises
    ------
    InputError
        If shapes do not fit, values are no beta values or ages, or animals are too few.
    UsageError
        If the transform cannot be trained with.
    """
    from sklearn.model_selection import GroupKFold
    from sklearn.utils import check_random_state

    if transform not in TRAINABLE:
        raise UsageError(
            _("{value!r} is no transform; expected one of {known}.").format(
                value=transform, known=", ".join(TRAINABLE)
            )
        )
    values, known = np.asarray(methylation, np.float64), np.asarray(ages, np.float64)
    names = [str(one) for one in (animals if animals is not None else range(len(known)))]
    _check(values, known, names, sites)
    target = known if transform == "none" else np.log(known + 2.0)
    # Groups in an order drawn by the seed; GroupKFold itself fills folds by size alone.
    order = sorted(set(names))
    drawn = check_random_state(seed).permutation(len(order))
    place = {one: int(drawn[number]) for number, one in enumerate(order)}
    groups = np.array([place[one] for one in names])
    errors, predicted = np.empty(len(target)), np.empty(len(target))
    for train, test in GroupKFold(OUTER_FOLDS).split(values, target, groups):
        weights, intercept, _chosen = _fitted(values[train], target[train], groups[train])
        predicted[test] = values[test] @ weights + intercept
        errors[test] = np.abs(predicted[test] - target[test])
    weights, intercept, (alpha, ratio) = _fitted(values, target, groups)
    used = np.flatnonzero(weights)
    if not len(used):
        raise InputError(_("No site goes with age in these samples; no clock can be trained."))
    years = np.array([years_of(float(one), transform) for one in predicted])
    coefficients = {str(sites[one]): float(weights[one]) for one in used}
    clock = Clock(name, float(intercept), coefficients, transform, "")
    clock = replace(clock, sha256=hashlib.sha256(_csv(clock)).hexdigest())
    card = {
        "format": FORMAT,
        "name": name,
        "species": species,
        "tissue": tissue,
        "transform": transform,
        "sha256": clock.sha256,
        "samples": len(known),
        "animals": len(order),
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
        "errors": sorted(float(one) for one in errors),
        "typical": {str(sites[one]): float(values[:, one].mean()) for one in used},
    }
    return TrainedClock(clock, card)


def save_trained(trained: TrainedClock, path: str | os.PathLike) -> Path:
    """Write the coefficients to `path` and the card beside it; return the path of the card.

    Raises
    ------
    UsageError
        If either exists.
    """
    path = Path(path)
    card = path.with_suffix(".json")
    if card == path or card.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=card))
    text = json.dumps(dict(trained.card), ensure_ascii=False, indent=1, sort_keys=True)
    write_new(path, _csv(trained.clock))
    try:
        write_new(card, (text + "\n").encode())
    except BaseException:
        path.unlink()
        raise
    return card


def read_trained(path: str | os.PathLike, card: str | os.PathLike) -> TrainedClock:
    """Read a clock with its card.

    Raises
    ------
    InputError
        If the card is none.
    VerificationError
        If the coefficients are not those that the card belongs to.
    """
    try:
        held = json.loads(read_limited(card, _MOST_BYTES).decode("utf-8"))
        sound = (
            held["format"] == FORMAT
            and held["transform"] in TRAINABLE
            and len(held["errors"]) >= 1
            and all(_finite(one) and one >= 0 for one in held["errors"])
            and all(_finite(one) and 0 <= one <= 1 for one in held["typical"].values())
        )
        if not sound:
            raise ValueError
        held["errors"] = sorted(map(float, held["errors"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            _("this is no card of a clock; expected the JSON that was written with it"),
            source=str(card),
        ) from error
    clock = read_clock(path, transform=held["transform"])
    if clock.sha256 != held["sha256"]:
        raise VerificationError(
            _("{path} is not the clock of {card}: their SHA-256 differ.").format(
                path=path, card=card
            )
        )
    return TrainedClock(clock, held)


def _finite(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _check(values, known, names, sites) -> None:
    if values.ndim != 2 or values.shape != (len(known), len(sites)) or len(names) != len(known):
        raise InputError(
            _(
                "Methylation of shape {shape}, {ages} ages, {animals} animals, {sites} sites; expected "
                "a row a sample and a column a site."
            ).format(shape=values.shape, ages=len(known), animals=len(names), sites=len(sites))
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(_("Beta values lie between 0 and 1, and none may be missing."))
    if not (np.isfinite(known).all() and (known >= 0).all()):
        raise InputError(_("Ages are 0 years or more, and none may be missing."))
    if len(set(sites)) != len(sites):
        raise InputError(_("A site stands twice."))
    if len(set(names)) < FEWEST_ANIMALS:
        raise InputError(
            _("{count} animals; a clock needs {least} or more.").format(
                count=len(set(names)), least=FEWEST_ANIMALS
            )
        )


def _fitted(values, target, groups) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Return weights, intercept, and the penalty and mixing chosen by cross-validation."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import ElasticNetCV
    from sklearn.model_selection import GroupKFold
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values)
    folds = list(GroupKFold(INNER_FOLDS).split(values, target, groups))
    net = ElasticNetCV(
        l1_ratio=list(_MIXING), alphas=_PENALTIES, eps=1e-2, cv=folds, max_iter=20_000, tol=1e-3
    )
    with warnings.catch_warnings():
        # The smallest penalties of the path need not converge; cross-validation judges them.
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(scaler.transform(values), target)
    weights = net.coef_ / scaler.scale_
    return weights, float(net.intercept_ - weights @ scaler.mean_), (net.alpha_, net.l1_ratio_)


def _margin(errors: Sequence[float], level: float) -> float:
    """Return the conformal quantile: the ceil((n + 1) level)-th smallest error."""
    rank = math.ceil((len(errors) + 1) * level)
    if not 0 < level < 1 or rank > len(errors):
        raise UsageError(
            _("{count} samples left out give no interval of {level:g}.").format(
                count=len(errors), level=level
            )
        )
    return errors[rank - 1]


def _csv(clock: Clock) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["var", "beta"])
    writer.writerow(["(Intercept)", repr(clock.intercept)])
    writer.writerows((site, repr(one)) for site, one in clock.coefficients.items())
    return out.getvalue().encode()
