"""The kind of model that assigns by a classifier of scikit-learn: trained, stored, applied.

A classifier always has a likeliest population, also for an animal from elsewhere. So the model holds a
second thing beside it: the populations with the exclusion test, whose conformal p-values say whether
the animal fits any of them at all, and whether it fits the one that the classifier points to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.core.provenance import Provenance
from forensics.errors import ModelError
from forensics.genetics.genotypes import Genotypes
from forensics.learning.estimator_files import estimator_bytes, estimator_from_bytes
from forensics.learning.estimators import scores_of
from forensics.messages import _
from forensics.origin import populations
from forensics.origin.assignment import assign
from forensics.origin.baseline import Baseline
from forensics.origin.classifiers import (
    PRIOR,
    ScoreCalibration,
    TrainedClassifier,
    draw_probes,
    fit_classifier,
)
from forensics.origin.defaults import CONFIDENCE, LEVEL
from forensics.origin.exclusion import ExclusionFit, exclude
from forensics.origin.results import Origins

__all__ = ["StoredClassifier", "assign_classes", "pack_model", "train_model", "unpack_model"]

_PREFIX = "reference_"  # before the names of the exclusion's arrays


@dataclass(frozen=True, eq=False)
class StoredClassifier:
    """What a model of this kind holds.

    Attributes
    ----------
    pipeline : estimator of scikit-learn
    calibration : ScoreCalibration
    baseline : Baseline
    fit : ExclusionFit
    name : str
        Of the class of the estimator.
    """

    pipeline: Any
    calibration: ScoreCalibration
    baseline: Baseline
    fit: ExclusionFit
    name: str

    def posteriors(self, genotypes: Genotypes) -> np.ndarray:
        """Return the calibrated posterior of each population; float64, shape (n, P)."""
        coded, _ignored = genotypes.coded_as(self.baseline.loci, self.baseline.alleles)
        count = len(self.baseline.populations)
        return self.calibration.apply(scores_of(self.pipeline, coded.to_array(), count))


def train_model(
    genotypes: Genotypes, estimator: Any, *, seed: int
) -> tuple[TrainedClassifier, Baseline, ExclusionFit]:
    """Return the classifier of a reference with its figures, and its exclusion test."""
    trained = fit_classifier(genotypes, estimator, seed=seed)
    baseline, fit = populations.train_model(genotypes, method="rannala_mountain")
    return trained, baseline, fit


def pack_model(
    trained: TrainedClassifier, baseline: Baseline, fit: ExclusionFit, *, seed: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], bytes]:
    """Return labels, arrays, parameters and the file of the estimator, as they are stored."""
    import sklearn

    labels, arrays, parameters = populations.pack_model(baseline, fit)
    probes = draw_probes(baseline.alleles, seed=seed)
    estimator = trained.pipeline.named_steps["estimator"]
    return (
        labels,
        {
            **{_PREFIX + name: array for name, array in arrays.items()},
            "probes": probes,
            "probe_scores": scores_of(trained.pipeline, probes, len(baseline.populations)),
        },
        {
            **parameters,
            "estimator": type(estimator).__name__,
            "estimator parameters": " ".join(repr(estimator).split()),
            "score temperature": trained.calibration.temperature,
            "shared probability": trained.calibration.shared,
            "scikit-learn": sklearn.__version__,
        },
        estimator_bytes(trained.pipeline),
    )


def unpack_model(
    labels: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    parameters: Mapping[str, Any],
    estimator: bytes,
) -> StoredClassifier:
    """Return what `pack_model` took apart.

    Raises
    ------
    ModelError
        If the parts do not belong together, the estimator is not trusted, or it gives other scores than
        it gave when it was trained.
    """
    import sklearn

    own = {
        name.removeprefix(_PREFIX): array
        for name, array in arrays.items()
        if name.startswith(_PREFIX)
    }
    baseline, fit = populations.unpack_model(labels, own, parameters)
    pipeline = estimator_from_bytes(estimator)
    try:
        calibration = ScoreCalibration(
            float(parameters["score temperature"]), float(parameters["shared probability"])
        )
        name, version = str(parameters["estimator"]), str(parameters["scikit-learn"])
        expected = arrays["probe_scores"]
        scores = scores_of(pipeline, arrays["probes"], len(baseline.populations))
        sound = calibration.temperature > 0 and 0 < calibration.shared <= 1
        same = scores.shape == expected.shape and np.allclose(scores, expected, atol=1e-6)
    except Exception as error:  # a made-up estimator may do anything but run code
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error
    if not sound or not same:
        raise ModelError(
            _(
                "The stored estimator does not give the scores that it gave when it was trained, with "
                "scikit-learn {trained} (here: {here}). Train the model again, or use that version."
            ).format(trained=version, here=sklearn.__version__)
        )
    return StoredClassifier(pipeline, calibration, baseline, fit, name)


def assign_classes(
    genotypes: Genotypes,
    classifier: StoredClassifier,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = 1,
) -> Origins:
    """Assign animals to populations by a classifier, and say which come from none of them.

    Parameters
    ----------
    genotypes : Genotypes
    classifier : StoredClassifier
    provenance, limits, confidence, level, seed
        As in `forensics.origin.populations.assign_populations`.
    """
    baseline = classifier.baseline
    compared = assign(genotypes, baseline)  # its notices and loci are those of this model, too
    posterior = classifier.posteriors(genotypes)
    assignment = replace(
        compared,
        posterior=posterior,
        unit_posterior=posterior @ baseline.membership,
        prior_name=PRIOR,
    )
    tested = exclude(genotypes, baseline, classifier.fit, level=level, seed=seed)
    return populations.assign_posteriors(
        assignment,
        tested,
        baseline,
        estimator=classifier.name,
        provenance=provenance,
        limits=limits,
        confidence=confidence,
    )
