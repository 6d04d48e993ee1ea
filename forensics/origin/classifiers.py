"""Populations and scikit-learn: our assignment as a classifier, and any classifier as a kind of model.

``PopulationAssigner`` is a classifier like any other; any other works through
``make_pipeline(GenotypeEncoder(), LogisticRegression())``. Importing this module imports scikit-learn.

As a kind of model a classifier is fitted, stored and applied. It sees the doses of alleles
(`forensics.genetics.encoder.GenotypeEncoder`). Its scores are made probabilities by what it says of animals that it
has not seen: a temperature (Guo et al. 2017, https://proceedings.mlr.press/v70/guo17a.html) and a share that goes to
all populations alike, so that nothing is surer than that number of animals can show.

A classifier always has a likeliest population, also for an animal from elsewhere. So the model holds a
second thing beside it: the populations with the exclusion test, whose conformal p-values say whether
the animal fits any of them at all, and whether it fits the one that the classifier points to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from forensics.core.provenance import Provenance
from forensics.errors import ModelError, UsageError
from forensics.genetics.encoder import GenotypeEncoder, allele_codes
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes
from forensics.learning.estimators import (
    estimator_bytes,
    estimator_from_bytes,
    prepare_estimator,
    scores_of,
)
from forensics.messages import _
from forensics.origin import populations
from forensics.origin.assignment import (
    Baseline,
    assign,
    build_baseline,
    code_animals,
    log_likelihoods,
    posteriors,
    prior_of,
)
from forensics.origin.exclusion import ExclusionFit, evaluate_exclusion, exclude
from forensics.origin.models import Model, Reference, TrainedModel, arrays_below
from forensics.origin.options import AssignmentOptions
from forensics.origin.populations import (
    PopulationEvaluation,
    folds_of,
    known_reference,
    summarise_posteriors,
)
from forensics.origin.results import Origins
from forensics.origin.sample_fit import check_samples
from forensics.stats import greatest

# Name of the prior: populations are as frequent as in the reference.
PRIOR = "training"
FOLDS = 5
_TEMPERATURES = np.geomspace(0.05, 20, 61)
_SHARES = 15
# Genotypes drawn from the alleles of the reference, whose scores are stored: a stored estimator that
# gives other scores (another version of scikit-learn) is not used.
PROBES = 16
_PREFIX = "reference_"  # before the names of the exclusion's arrays


# -- our assignment as a classifier ----------------------------------------------------


def genotypes_from_array(
    pairs: np.ndarray, *, haploid: np.ndarray | None = None, **known: Any
) -> Genotypes:
    """Return genotypes of allele codes.

    Parameters
    ----------
    pairs : numpy.ndarray of float64, shape (n, L, copies)
        Codes, of one or two copies; any numbers, NaN where missing.
    haploid : numpy.ndarray of bool, shape (L,), optional
        Loci with one copy, of two; by default those without any second copy.
    **known
        Other attributes of `Genotypes`.

    Raises
    ------
    UsageError
        If a locus has more alleles than can be coded.
    """
    copies = pairs.shape[2]
    codes = np.full((len(pairs), pairs.shape[1], 2), MISSING, dtype=np.int16)
    if copies == 1:
        codes[:, :, 1] = ABSENT
    alleles = []
    for locus in range(pairs.shape[1]):
        values = np.unique(pairs[:, locus])
        values = values[~np.isnan(values)]
        if len(values) > np.iinfo(np.int16).max:
            raise UsageError(
                _("locus {locus}: {count} different alleles; is it a locus?").format(
                    locus=locus + 1, count=len(values)
                )
            )
        alleles.append(tuple(repr(float(value)) for value in values))
        places = np.searchsorted(values, np.nan_to_num(pairs[:, locus]))
        codes[:, locus, :copies] = np.where(np.isnan(pairs[:, locus]), MISSING, places)
    if copies == 2:
        if haploid is None:
            second = (codes[:, :, 1] != MISSING).any(axis=0)
            haploid = ~second & (codes[:, :, 0] != MISSING).any(axis=0)
        codes[:, haploid & (codes[:, :, 1] == MISSING).all(axis=0), 1] = ABSENT
        low, high = codes[:, :, 0].copy(), codes[:, :, 1].copy()
        swap = ((low > high) & (high >= 0)) | ((low == MISSING) & (high >= 0))
        codes[:, :, 0], codes[:, :, 1] = np.where(swap, high, low), np.where(swap, low, high)
    return Genotypes(
        tuple(str(row) for row in range(len(pairs))),
        tuple(f"x{locus}" for locus in range(pairs.shape[1])),
        tuple(alleles),
        codes,
        **known,
    )


class PopulationAssigner(ClassifierMixin, BaseEstimator):
    """Assign animals to populations; a classifier for scikit-learn.

    Parameters
    ----------
    ploidy : {None, 2, 1}
        Columns a locus in `X`, and what its cells may be, as in `GenotypeEncoder`.
    method : {"rannala_mountain", "shrunk"}
        See `build_baseline`.
    prior : {"populations", "animals"} or dict of label to float
        Prior probability of each class; equal by default.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (P,)

    References
    ----------
    Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197.
    """

    def __init__(
        self,
        ploidy: int | None = None,
        method: str = "rannala_mountain",
        prior: str | Mapping[Any, float] = "populations",
    ) -> None:
        self.ploidy = ploidy
        self.method = method
        self.prior = prior

    def fit(self, X: ArrayLike, y: ArrayLike) -> "PopulationAssigner":
        """Count the alleles of each population.

        Parameters
        ----------
        X : array-like of float or str, shape (n, ploidy * L)
            Allele codes, NaN where missing; or cells of a table of genotypes.
        y : array-like, shape (n,)
            Population of each animal.
        """
        if y is None:
            raise ValueError(
                "This PopulationAssigner estimator requires y to be passed, but the target y is "
                "None."
            )
        from sklearn.utils import check_consistent_length, column_or_1d

        pairs = allele_codes(self, X, reset=True)
        y = column_or_1d(y, warn=True)
        check_consistent_length(pairs, y)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: {self.classes_[0]!r}"
            )
        width = len(str(len(self.classes_)))
        names = [f"{place:0{width}d}" for place in range(len(self.classes_))]
        genotypes = genotypes_from_array(pairs, populations=tuple(names[place] for place in places))
        self.haploid_ = genotypes.haploid
        self.baseline_ = build_baseline(genotypes, method=self.method)
        if isinstance(self.prior, str):
            self.prior_, _name = prior_of(self.baseline_, self.prior)
        else:
            given = {
                names[place]: self.prior[label]
                for place, label in enumerate(self.classes_)
                if self.prior.get(label) is not None
            }
            if not len(self.prior) == len(given) == len(names):
                raise UsageError(_("the prior must name every population once"))
            self.prior_, _name = prior_of(self.baseline_, given)
        return self

    def log_likelihoods(self, X: ArrayLike) -> np.ndarray:
        """Return the log-likelihood in each class; float64, shape (n, P)."""
        check_is_fitted(self)
        pairs = allele_codes(self, X, reset=False)
        genotypes = genotypes_from_array(pairs, haploid=self.haploid_)
        return log_likelihoods(code_animals(genotypes, self.baseline_), self.baseline_)

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return posteriors; float64, shape (n, P)."""
        values = self.log_likelihoods(X)
        return posteriors(values, self.prior_, temperature=self.baseline_.temperature)

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Return logarithms of posteriors; float64, shape (n, P)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the class with the greatest posterior of each animal."""
        best = greatest(self.predict_proba(X), axis=1)
        return np.asarray(self.classes_[best])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # before scikit-learn 1.6
        return {"allow_nan": True, "X_types": ["2darray", "string"]}


# -- any classifier as a kind of model -------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoreCalibration:
    """From scores to probabilities.

    Attributes
    ----------
    temperature : float
        By which scores are divided.
    shared : float
        Share of the probability that goes to all populations alike.
    """

    temperature: float
    shared: float

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities of scores; both float64, shape (n, P)."""
        alike = self.shared / scores.shape[1]
        return np.asarray((1 - self.shared) * _shares(scores, self.temperature) + alike)


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """A classifier of genotypes with its calibration.

    Attributes
    ----------
    pipeline : estimator of scikit-learn
        Takes allele codes, as `Genotypes.to_array` of genotypes coded as the reference.
    evaluation : PopulationEvaluation
        Of animals that were left out.
    """

    pipeline: Any
    calibration: ScoreCalibration
    evaluation: PopulationEvaluation


def _shares(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return scores as probabilities; rows sum to 1."""
    return posteriors(scores, np.ones(scores.shape[1]), temperature=temperature)


def fit_score_calibration(scores: np.ndarray, own: np.ndarray) -> ScoreCalibration:
    """Return the calibration with the greatest likelihood of what is true.

    Parameters
    ----------
    scores : numpy.ndarray of float64, shape (n, P)
        Of animals that the estimator has not seen.
    own : numpy.ndarray of intp, shape (n,)
    """
    least = 1 / (len(own) + 1)  # what n animals that were all right can show
    shares = np.geomspace(least, max(0.5, least), _SHARES)
    best = (-np.inf, 1.0, 1.0)
    for temperature in _TEMPERATURES:
        true = _shares(scores, temperature)[np.arange(len(own)), own]
        for share in shares:
            score = float(np.log((1 - share) * true + share / scores.shape[1]).mean())
            best = max(best, (score, float(temperature), float(share)))
    return ScoreCalibration(best[1], best[2])


def fit_classifier(genotypes: Genotypes, estimator: Any, *, seed: int = 1) -> TrainedClassifier:
    """Fit, calibrate and evaluate a classifier on animals of known population.

    Parameters
    ----------
    genotypes : Genotypes
        With populations; with sites (a field ``site``), whole sites are left out where every population
        has two or more.
    estimator : classifier of scikit-learn
        It is copied; what it has learned before has no part.
    seed : int
        Of the folds and of the estimator.

    Raises
    ------
    InputError
        If there is no reference.
    UsageError
        If it is not a classifier.
    """
    estimator = prepare_estimator(estimator, seed=seed)
    known, whole, own = known_reference(genotypes)
    X = _codes(known, whole)
    pipeline = Pipeline([("encoder", GenotypeEncoder(ploidy=2)), ("estimator", estimator)])
    scheme, parts = left_out_parts(known, own, seed)
    count = len(whole.populations)
    scores = np.empty((len(own), count))
    for test in parts:
        train = np.setdiff1d(np.arange(len(own)), test)
        fitted = clone(pipeline).fit(X[train], own[train])
        scores[test] = scores_of(fitted, X[test], count)
    posterior = np.empty_like(scores)
    for test in parts:  # the calibration of each part by the others, so that the figures are true
        train = np.setdiff1d(np.arange(len(own)), test)
        posterior[test] = fit_score_calibration(scores[train], own[train]).apply(scores[test])
    evaluation = summarise_posteriors(
        known, whole, own, posterior, scheme=scheme, method=type(estimator).__name__,
        prior_name=PRIOR,
    )  # fmt: skip
    return TrainedClassifier(pipeline.fit(X, own), fit_score_calibration(scores, own), evaluation)


def draw_probes(alleles: Sequence[Sequence[str]], *, seed: int) -> np.ndarray:
    """Return allele codes of animals that are drawn; float64, shape (PROBES, 2 L)."""
    random = np.random.default_rng(seed)
    sizes = np.maximum([len(names) for names in alleles], 1)
    codes = random.integers(np.repeat(sizes, 2), size=(PROBES, 2 * len(sizes)))
    return codes.astype(np.float64)


def _codes(genotypes: Genotypes, baseline: Baseline) -> np.ndarray:
    """Return allele codes as the pipeline takes them; alleles that are unknown have no dose."""
    return genotypes.coded_as(baseline.loci, baseline.alleles)[0].to_array()


def left_out_parts(
    genotypes: Genotypes, own: np.ndarray, seed: int
) -> tuple[str, Sequence[np.ndarray]]:
    """Return the name of the scheme, and the rows of each part that is left out."""
    sites = np.array(genotypes.fields.get("site", [""] * len(own)), dtype=np.object_)
    of_population = [set(sites[own == place]) for place in np.unique(own)]
    if all(len(names) > 1 for names in of_population) and "" not in set(sites):
        parts = [np.flatnonzero(sites == site) for site in sorted(set(sites))]
        return "leave-one-site-out", parts
    folds = min(FOLDS, len(own))
    return f"{folds}-fold", list(folds_of(own, folds, seed=seed))


@dataclass(frozen=True, eq=False)
class StoredClassifier:
    """What a model of this kind holds.

    Attributes
    ----------
    pipeline : estimator of scikit-learn
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


def train(reference: Reference, *, is_evaluated: bool) -> TrainedModel:
    """Return a model of a classifier; what the reference has of an estimator is fitted."""
    genotypes, seed = reference.genotypes, reference.options.seed
    trained = fit_classifier(genotypes, reference.estimator, seed=seed)
    baseline, fit = populations.train_model(genotypes, method="rannala_mountain")
    labels, arrays, parameters, estimator = pack_model(trained, baseline, fit, seed=seed)
    limits = populations.limits_of_reference(baseline)
    if not trained.evaluation.scheme.startswith("leave"):
        limits.append(
            _(
                "Animals of one place were on both sides of the evaluation, so fewer calls are "
                "right for animals from a place that the reference lacks."
            )
        )
    return TrainedModel(
        labels=labels,
        arrays=arrays,
        parameters=parameters,
        limits=limits,
        evaluation=_figures(genotypes, trained.evaluation) if is_evaluated else {},
        calibrated_on=len(fit.z),
        estimator=estimator,
    )


def evaluate(reference: Reference) -> dict[str, Any]:
    """Return leave-one-site-out where every population has two sites or more, else folds."""
    seed = reference.options.seed
    trained = fit_classifier(reference.genotypes, reference.estimator, seed=seed)
    return _figures(reference.genotypes, trained.evaluation)


def _figures(genotypes: Genotypes, evaluation: PopulationEvaluation) -> dict[str, Any]:
    return {
        evaluation.scheme: evaluation.to_dict(),
        "exclusion": evaluate_exclusion(genotypes),
    }


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


def unpack_model(model: Model) -> StoredClassifier:
    """Return what `pack_model` took apart.

    Raises
    ------
    ModelError
        If the parts do not belong together, the estimator is not trusted, or it gives other scores than
        it gave when it was trained.
    """
    import sklearn

    arrays, parameters = model.arrays, model.card["parameters"]
    baseline, fit = populations.unpack_reference(
        model.labels, arrays_below(arrays, _PREFIX), parameters
    )
    pipeline = estimator_from_bytes(model.estimator)
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


def assign_samples(
    model: Model,
    samples: Genotypes,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...],
) -> Origins:
    """Assign samples to populations by a classifier, and say which come from none of them."""
    classifier = unpack_model(model)
    baseline = classifier.baseline
    compared = assign(samples, baseline)  # its notices and loci are those of this model, too
    posterior = classifier.posteriors(samples)
    assignment = replace(
        compared,
        posterior=posterior,
        unit_posterior=posterior @ baseline.membership,
        prior_name=PRIOR,
    )
    tested = exclude(
        samples, baseline, classifier.fit, level=options.exclusion_level, seed=options.seed
    )
    unfit = check_samples(samples, baseline, classifier.fit, tested)[1]
    return populations.assign_posteriors(
        assignment,
        tested,
        baseline,
        estimator=classifier.name,
        confidence=options.confidence,
        provenance=provenance,
        limits=limits,
        unfit=unfit,
    )
