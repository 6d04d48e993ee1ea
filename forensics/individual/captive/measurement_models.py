"""Models that class samples by measurements with a laboratory's own classifier: trained, stored, opened.

A model holds its reference, so that the p-values that guard the classifier are those of a comparison with the table.
Importing this module imports scikit-learn.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensics.clock import utc_now
from forensics.core.provenance import made_by_text
from forensics.errors import InputError, ModelError
from forensics.genetics.sources import printable
from forensics.individual.captive.calls import CONFIDENCE, LEVEL
from forensics.individual.captive.checks import check_reference
from forensics.individual.captive.evaluation import evaluate
from forensics.individual.captive.guarded import (
    FOLDS,
    GuardedClassifier,
    ScoreLine,
    fit_guarded,
    restore_guarded,
)
from forensics.individual.captive.measurements import Measurements
from forensics.learning.estimator_files import estimator_bytes, estimator_from_bytes
from forensics.learning.estimators import prepare_estimator
from forensics.learning.model_folders import (
    damaged,
    read_model_folder,
    write_model_folder,
)
from forensics.messages import _

__all__ = [
    "FORMAT",
    "ModelCard",
    "TrainedMeasurements",
    "open_measurement_model",
    "train_measurements",
]

FORMAT = "forensics measurement model 1"
# Samples of the reference whose scores are compared with those that were stored.
_PROBES = 16
_MAX_NAMED = 10  # samples in a message


@dataclass(frozen=True)
class ModelCard:
    """What only a person can say of a model.

    Attributes
    ----------
    use : str
        What it is for.
    limits : tuple of str
        What it is not for; what the reference lacks.
    licence : str
        Of the data.
    """

    use: str = ""
    limits: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True, eq=False)
class TrainedMeasurements:
    """A model as it was stored.

    Attributes
    ----------
    estimator_name : str
        Class of the estimator; of a pipeline those of its steps.
    reference : Measurements
        With classes; groups are those that were left out together.
    card : dict
        Content of ``model.json`` without arrays.
    """

    name: str
    version: str
    sha256: str
    estimator_name: str
    reference: Measurements
    card: Mapping[str, Any]
    _estimator: Any
    _logs: np.ndarray
    _line: ScoreLine

    @property
    def limits(self) -> tuple[str, ...]:
        """What it cannot know, from its card."""
        return tuple(str(limit) for limit in self.card["limits"])

    def identity(self) -> dict[str, Any]:
        """Return name, version, sha256 and ``demonstration``, as results name it."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "demonstration": False,
        }

    def classifier(self, prior: str | Mapping[str, float] = "equal") -> GuardedClassifier:
        """Return the classifier under a prior.

        Raises
        ------
        ValueError, UsageError
            See `HusbandryClassifier.fit`.
        """
        known = self.reference
        return restore_guarded(
            self._estimator,
            known.values,
            np.array(known.classes),
            np.array(known.groups),
            self._logs,
            self._line,
            prior=prior,
        )


def train_measurements(
    reference: Measurements,
    estimator: Any,
    output: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    card: ModelCard = ModelCard(),
    seed: int = 1,
) -> TrainedMeasurements:
    """Train a classifier on samples of known class and write the model with its card.

    Parameters
    ----------
    reference : Measurements
        With classes; every sample must have every measurement. Without groups, samples of one name are
        a group.
    estimator : classifier of scikit-learn
        It is copied; what a fitted one has learned before is left behind.
    output : path
        A new folder.
    seed : int
        Takes the place of every ``random_state`` that is None.

    Raises
    ------
    InputError
        If the reference does not allow such a model.
    ModelError
        If the folder exists, or the estimator cannot be stored without pickle.
    UsageError
        If the estimator is not a classifier, or the reference has no classes.
    """
    estimator = prepare_estimator(estimator, seed=seed)
    source = reference.source or None
    missing = np.isnan(reference.values).any(axis=1)
    if missing.any():
        names = [sample for sample, gone in zip(reference.names, missing) if gone]
        raise InputError(
            _(
                "a stored classifier needs every measurement; these samples lack one: {names}. Leave them out, "
                "or name fewer measurements (--columns)"
            ).format(names=printable(", ".join(names[:_MAX_NAMED]))),
            source=source,
        )
    check_reference(reference)
    classes, groups = np.array(reference.classes), np.array(reference.groups or reference.names)
    try:
        model = fit_guarded(estimator, reference.values, classes, groups)
    except ValueError as error:
        raise InputError(str(error), source=source) from error
    performance = evaluate(model, reference.names, confidence=CONFIDENCE, level=LEVEL)
    sample_count = {str(kind): int((classes == kind).sum()) for kind in model.classes_}
    limits = [
        *card.limits,
        _("The reference has samples of {names} only.").format(names=", ".join(sample_count)),
    ]
    if reference.groups is None:
        limits.append(
            _(
                "No column names the animal or facility of a sample: samples of one name are a group, and the "
                "figures may be too good."
            )
        )
    write_model_folder(
        output,
        {
            "format": FORMAT,
            "name": name,
            "version": version,
            "kind": "measurements",
            "created": utc_now(),
            "software": made_by_text(),
            "use": card.use or _("Not stated by who trained it."),
            "limits": limits,
            "parameters": {
                "estimator": model.name,
                "estimator parameters": " ".join(repr(estimator).split()),
                "slope of scores": model.line.slope,
                "temperature": model.calibration_.temperature,
                "folds": FOLDS,
                "seed": seed,
                "scikit-learn": _scikit_learn(),
            },
            "evaluation": {
                "groups left out": {
                    "confidence": CONFIDENCE,
                    "exclusion level": LEVEL,
                    **dict(performance.lines()),
                }
            },
            "data": {
                "file": reference.source,
                "sha256": reference.sha256,
                "samples": sample_count,
                "groups": len(set(groups.tolist())),
                "measurements": list(reference.columns),
            },
            "licence": card.licence or _("Not stated."),
            "labels": {
                "samples": list(reference.names),
                "classes": list(reference.classes or ()),
                "groups": groups.tolist(),
                "grouped": reference.groups is not None,
                "columns": list(reference.columns),
                "units": list(reference.units),
                "read_with": dict(reference.read_with),
            },
        },
        {
            "values": reference.values,
            "left_out": model.reference_.left_out()[0],
            "offsets": model.line.offsets,
            "probe_scores": model.scores(reference.values[:_PROBES]),
        },
        of="measurements",
        estimator=estimator_bytes(model.estimator),
    )
    return open_measurement_model(output)


def open_measurement_model(path: str | os.PathLike[str]) -> TrainedMeasurements:
    """Open a model and check it; nothing in it is trusted.

    Raises
    ------
    ModelError
        If there is none, it is damaged or of another format, its estimator is not trusted, or gives other
        scores than it gave when it was trained.
    """
    stored = read_model_folder(path, FORMAT)
    description, arrays = stored.description, stored.arrays
    estimator = estimator_from_bytes(stored.estimator)
    try:
        labels, parameters, data = (description[key] for key in ("labels", "parameters", "data"))
        texts = {
            key: tuple(str(text) for text in labels[key])
            for key in ("samples", "classes", "groups", "columns", "units")
        }
        values = np.asarray(arrays["values"], dtype=np.float64)
        logs, offsets = (np.asarray(arrays[key], np.float64) for key in ("left_out", "offsets"))
        count = len(set(texts["classes"]))
        shapes = (values.shape, logs.shape, offsets.shape)
        samples = len(texts["samples"])
        expected = ((samples, len(texts["columns"])), (samples, count), (count,))
        if shapes != expected or not all(
            len(texts[key]) == samples for key in ("classes", "groups")
        ):
            raise ValueError(f"{shapes} != {expected}")
        if not all(np.isfinite(array).all() for array in (values, logs, offsets)):
            raise ValueError("not finite")
        line = ScoreLine(float(parameters["slope of scores"]), offsets)
        model = TrainedMeasurements(
            name=str(description["name"]),
            version=str(description["version"]),
            sha256=stored.sha256,
            estimator_name=str(parameters["estimator"]),
            reference=Measurements(
                names=texts["samples"],
                columns=texts["columns"],
                units=texts["units"],
                values=values,
                classes=texts["classes"],
                groups=texts["groups"],
                source=str(data["file"]),
                sha256=str(data["sha256"]),
                read_with=dict(labels["read_with"]),
            ),
            card=description,
            _estimator=estimator,
            _logs=logs,
            _line=line,
        )
        scores = model.classifier().scores(values[:_PROBES])
        trained_with = str(parameters["scikit-learn"])
        probes = arrays["probe_scores"]
        is_same = scores.shape == probes.shape and np.allclose(scores, probes, atol=1e-6)
    except Exception as error:  # a made-up estimator may do anything but run code
        raise ModelError(damaged(Path(path), error)) from error
    if not is_same:
        raise ModelError(
            _(
                "The stored estimator does not give the scores that it gave when it was trained, with "
                "scikit-learn {trained} (here: {here}). Train the model again, or use that version."
            ).format(trained=trained_with, here=_scikit_learn())
        )
    return model


def _scikit_learn() -> str:
    import sklearn

    return str(sklearn.__version__)
