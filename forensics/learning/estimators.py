"""Estimators of scikit-learn by their names, and as bytes without pickle; importing this module imports scikit-learn.

A file of a model is not trusted. It is one of skops, which names the types that a file would make; only those that
skops trusts itself (scikit-learn, NumPy, SciPy), and `TRUSTED`, are made, and whether their arrays fit together is
checked. Compiled code of scikit-learn follows indexes and counts without a look at the arrays they lead into, and NumPy
repeats a row or a column that is alone. So the axes of each array are declared here; what is not declared cannot
be checked and is refused.
"""

import importlib
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier

from forensics.errors import InputError, ModelError, UsageError, importing
from forensics.io.files import open_archive
from forensics.messages import _

# Objects that are looked through; a forest of 1000 trees has some 10,000.
_MAX_OBJECTS = 2_000_000
# Axes of the arrays of each class. F: columns that it is given; C: classes; D: classes but one; P: pairs of classes;
# R: rows of a linear model, one for two classes. Other letters are what they are where they are first met, those in
# brackets for each array of a list. "i" in front: whole numbers; "n": any numbers; "b": truth values; "o": objects;
# "?": may be empty.
_SPECS = {
    "SVC NuSVC SVR NuSVR": "i support_: V; support_vectors_: V F; i _n_support: C; dual_coef_: D V;"
    "_dual_coef_: D V; intercept_: P; _intercept_: P; ?_probA: P; ?_probB: P; class_weight_: C;"
    "i _num_iter: P; i n_iter_: P",
    "LogisticRegression LinearSVC RidgeClassifier Ridge LinearRegression LinearSVR Lasso ElasticNet"
    " SGDClassifier Perceptron": "coef_: R F, F; intercept_: R; singular_: *; n n_iter_: *;"
    "dual_gap_: *; _expanded_class_weight: C",
    "KernelRidge": "dual_coef_: N, N o; X_fit_: N F",
    "GaussianNB MultinomialNB BernoulliNB ComplementNB": "theta_: C F; var_: C F; class_count_: C;"
    "class_prior_: C; feature_count_: C F; feature_log_prob_: C F; class_log_prior_: C; feature_all_: F",
    "LinearDiscriminantAnalysis": "priors_: C; means_: C F; xbar_: F; explained_variance_ratio_: k;"
    "scalings_: F k; coef_: R F; intercept_: R; covariance_: F F",
    "QuadraticDiscriminantAnalysis": "priors_: C; means_: C F; scalings_: C [r]; rotations_: C [F r]",
    "KNeighborsClassifier KNeighborsRegressor": "n _y: N, N o; _fit_X: N F",
    "NearestCentroid": "class_prior_: C; centroids_: C F; within_class_std_dev_: F; deviations_: C F",
    "MLPClassifier MLPRegressor": "coefs_: M [h h+]; intercepts_: M [h+]; _best_coefs: M [h h+];"
    "_best_intercepts: M [h+]",
    "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler SimpleImputer": "mean_: F; var_: F;"
    "scale_: F; min_: F; data_min_: F; data_max_: F; data_range_: F; max_abs_: F; center_: F;"
    "statistics_: F",
    "PCA": "mean_: F; components_: k F; explained_variance_: k; explained_variance_ratio_: k;"
    "singular_values_: k",
    "GenotypeEncoder": "b haploid_: L; means_: A; categories_: L [a]",
    "DummyClassifier": "class_prior_: C",
    "DummyRegressor": "constant_: 1 o",
    "HistGradientBoostingClassifier HistGradientBoostingRegressor": "_baseline_prediction: 1 R;"
    "train_score_: *; validation_score_: *",
    "GradientBoostingClassifier GradientBoostingRegressor": "o estimators_: E R; train_score_: *",
    "AdaBoostClassifier AdaBoostRegressor": "estimator_weights_: *; estimator_errors_: *",
    "BaggingClassifier BaggingRegressor": "i estimators_features_: E [f]; i _seeds: E",
    "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor"
    " RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor Pipeline"
    " MultiOutputRegressor TransformedTargetRegressor FunctionTransformer PolynomialFeatures"
    " LabelBinarizer LabelEncoder": "",
}
_AXES = {
    name: dict(re.findall(r"(\w+): ([^;]+)", spec))
    for names, spec in _SPECS.items()
    for name in names.split()
}
_KINDS = {
    name: {attribute: kind for kind, attribute in re.findall(r"([inbo?]) ?(\w+):", spec)}
    for names, spec in _SPECS.items()
    for name in names.split()
}
# What a search was chosen by, and bins of which the trees know the edges: no prediction reads it.
_NOT_READ = ("GridSearchCV", "RandomizedSearchCV", "_BinMapper")


def check_fitted(estimator: object) -> None:
    """Refuse an estimator whose arrays do not fit together, or of which nobody can say so.

    Raises
    ------
    ModelError
        If it has a part, or an array, of which nobody can say it.
    ValueError
        If an array does not fit.
    """
    for part, columns in _find_parts(estimator):
        if type(part).__name__ in ("Tree", "TreePredictor"):
            _check_tree(part, columns)
        elif hasattr(part, "get_params") and type(part).__name__ not in _NOT_READ:
            try:
                _check_arrays(part)
            except (AttributeError, IndexError, KeyError, TypeError) as error:
                raise ValueError(f"{type(part).__name__}: {error}") from error


def _not_known(name: str) -> ModelError:
    return ModelError(
        _(
            "A model cannot store {name}, because nothing could check that its arrays fit "
            "together. Use one of {known}."
        ).format(name=name, known=", ".join(sorted(_AXES, key=str.lower)))
    )


def _check_arrays(part: Any) -> None:
    name = type(part).__name__
    if name not in _AXES:
        raise _not_known(name)
    sizes = _sizes_of(part)
    own = part.get_params(deep=False)
    for attribute, value in vars(part).items():
        if attribute in own or attribute == "classes_":
            continue
        items = list(value) if isinstance(value, (list, tuple)) else [value]
        if not any(isinstance(one, np.ndarray) or hasattr(one, "tocsr") for one in items):
            continue
        where, kind = f"{name}.{attribute}", _KINDS[name].get(attribute, "f")
        if attribute not in _AXES[name]:
            raise _not_known(where)
        if kind == "?" and not value.size:
            continue
        for item in items:
            wanted = {"i": "iu", "n": "iuf", "b": "b", "o": "O"}.get(kind, "f")
            if not isinstance(item, np.ndarray) or item.dtype.kind not in wanted:
                raise ValueError(f"{where} has {getattr(item, 'dtype', type(item).__name__)}")
            if item.dtype.kind == "f" and not np.isfinite(item).all():
                raise ValueError(f"{where} has what is not a number")
        outer, _bracket, inner = _AXES[name][attribute].partition("[")
        if inner:
            _match(where, (len(items),), outer, sizes)
            for number, item in enumerate(items):
                numbered = (
                    f"{axis[0]}{number + axis.endswith('+')}" if axis[0].islower() else axis
                    for axis in inner.strip("] ").split()
                )
                _match(where, item.shape, " ".join(numbered), sizes)
        else:
            _match(where, value.shape, outer, sizes)
    _check_values(part, sizes)


def _sizes_of(part: Any) -> dict[str, int]:
    """Return the lengths of axes that are known beforehand."""
    sizes = {"1": 1}
    if hasattr(part, "n_features_in_"):
        sizes["F"] = sizes["h0"] = int(part.n_features_in_)
    if hasattr(part, "n_outputs_"):
        sizes["o"] = int(part.n_outputs_)
    classes = getattr(part, "classes_", None)
    if classes is not None:
        if (
            not isinstance(classes, np.ndarray)
            or classes.ndim != 1
            or classes.dtype.kind not in "biufU"
        ):
            raise ValueError(f"{type(part).__name__}.classes_ is not a list of classes")
        if len(np.unique(classes)) != len(classes) or not len(classes):
            raise ValueError(f"{type(part).__name__}.classes_ has a class twice, or none")
        sizes |= {"C": len(classes), "R": 1 if len(classes) == 2 else len(classes)}
    elif hasattr(part, "support_vectors_"):
        sizes["C"] = 2  # of a regression: above the line and below
    elif getattr(getattr(part, "coef_", None), "ndim", 0) == 1 or hasattr(
        part, "_baseline_prediction"
    ):
        sizes["R"] = 1
    if "C" in sizes:
        sizes |= {"D": sizes["C"] - 1, "P": sizes["C"] * (sizes["C"] - 1) // 2}
    return sizes


def _match(where: str, shape: tuple[int, ...], alternatives: str, sizes: dict[str, int]) -> None:
    """Compare a shape with its axes; letters that are new get their lengths from it."""
    for axes in (text.split() for text in alternatives.split(",")):
        if axes == ["*"]:
            return
        if len(axes) == len(shape) and (
            0 not in shape or "V" in axes
        ):  # no support vectors: a constant
            if all(sizes.setdefault(axis, length) == length for axis, length in zip(axes, shape)):
                return
            break
    expected = " x ".join(str(sizes.get(axis, axis)) for axis in axes)
    raise ValueError(f"{where} is {' x '.join(map(str, shape))}, expected {expected}")


def _check_values(part: Any, sizes: dict[str, int]) -> None:
    """Check what is counted or leads somewhere."""
    name = type(part).__name__
    wrong = ""
    if hasattr(part, "support_vectors_"):
        counts = part._n_support
        of_classes = counts.sum() == sizes["V"] and (counts >= 0).all()
        if part._sparse or not (of_classes if "R" in sizes else (counts == sizes["V"]).all()):
            wrong = "_n_support"
        if part.support_.min(initial=0) < 0 or not np.isfinite(part._gamma):
            wrong = "support_"
    if name.startswith("MLP") and sizes[f"h{sizes['M']}"] != part.n_outputs_:
        wrong = "n_outputs_"
    if (
        name == "KNeighborsClassifier"
        and "N" in sizes
        and not (0 <= part._y.min() and part._y.max() < sizes["C"] and part._y.ndim == 1)
    ):
        wrong = "_y"
    if name.startswith("KNeighbors") and "N" in sizes:
        if part.n_samples_fit_ != sizes["N"] or part.n_neighbors > sizes["N"]:
            wrong = "n_samples_fit_"
    if name == "GenotypeEncoder" and (
        sizes["F"] != sizes["L"] * part.ploidy_ or sizes["A"] != sum(map(len, part.categories_))
    ):
        wrong = "categories_"
    if name.startswith("Bagging"):
        for inner, features in zip(part.estimators_, part.estimators_features_, strict=True):
            if not (0 <= features.min() and features.max() < sizes["F"]):
                wrong = "estimators_features_"
            if inner.n_features_in_ != len(features):
                wrong = "estimators_"
    if hasattr(part, "tree_"):
        outputs = sizes.get("C", 1), int(part.n_outputs_)
        if part.tree_.value.shape != (part.tree_.node_count, outputs[1], outputs[0]):
            wrong = "tree_"
    if wrong:
        raise ValueError(f"{name}.{wrong} does not fit the rest")


def _check_tree(tree: Any, columns: int) -> None:
    """Refuse a tree that leads out of its nodes or columns, or back to a node above."""
    nodes = getattr(tree, "nodes", None)
    if nodes is None:
        left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
        feature, leaf = np.asarray(tree.feature), left < 0
        edges, values = np.asarray(tree.threshold), np.asarray(tree.value)
    else:
        left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        feature, leaf = nodes["feature_idx"].astype(np.int64), nodes["is_leaf"].astype(bool)
        edges, values = nodes["num_threshold"], nodes["value"]
        if nodes["is_categorical"].any():
            raise ValueError("a tree with categories")
    if not len(left):
        raise ValueError("a tree without nodes")
    if np.isnan(edges).any() or not np.isfinite(values).all():  # an edge may be infinite
        raise ValueError("a tree has what is not a number")
    places = np.arange(len(left))[~leaf]
    for child in (left[~leaf], right[~leaf]):
        if ((child <= places) | (child >= len(left))).any():
            raise ValueError("a tree leads out of its nodes")
    if ((feature[~leaf] < 0) | (feature[~leaf] >= columns)).any():
        raise ValueError("a tree asks for a column that it does not get")


def _find_parts(estimator: object) -> Iterator[tuple[Any, int]]:
    """Yield trees and whatever has attributes, wherever it is, and how many columns it is sure to get.

    An estimator compares the columns that it is given with its ``n_features_in_``; an ensemble does so
    for its trees.
    """
    from sklearn.ensemble import BaseEnsemble

    stack: list[tuple[Any, int]] = [(estimator, 0)]
    seen: set[int] = set()
    while stack:
        part, columns = stack.pop()
        if id(part) in seen or isinstance(part, (str, bytes, int, float, type(None))):
            continue
        seen.add(id(part))
        if len(seen) > _MAX_OBJECTS:
            raise ValueError("too many parts")
        if type(part).__name__ in ("Tree", "TreePredictor"):
            yield part, columns
        elif isinstance(part, dict):
            stack += [(value, columns) for value in part.values()]
        elif isinstance(part, (list, tuple, set)):
            stack += [(value, columns) for value in part]
        elif isinstance(part, np.ndarray):
            if part.dtype == object:
                stack += [(value, columns) for value in part.ravel().tolist()]
        elif hasattr(part, "__dict__") and not isinstance(part, type):
            yield part, columns
            inside = _count_columns(part, columns, BaseEnsemble)
            stack += [(value, inside) for value in vars(part).values()]


def _count_columns(part: Any, columns: int, ensemble: type) -> int:
    """Return how many columns the parts of an object are sure to get; 0 where it is not known."""
    own = getattr(part, "n_features_in_", None)
    if own is None:
        return columns
    if hasattr(part, "tree_"):  # where an ensemble was given the columns, its trees compare nothing
        return min(int(own), columns or int(own))
    is_ensemble = isinstance(part, ensemble) or type(part).__name__.startswith(
        "HistGradientBoosting"
    )
    return int(own) if is_ensemble else 0


# A probability below this is taken as this, since many classifiers say 0 of what they have not seen.
_MIN_PROBABILITY = 1e-6


def load_named(name: str) -> Any:
    """Return the estimator of ``module:Class``, or of ``module:name`` of an estimator or of a function
    that makes one; a classifier or not.

    Raises
    ------
    UsageError
        If there is no such thing.
    """
    module, _sign, attribute = name.partition(":")
    try:
        estimator = importlib.import_module(module)
        for part in attribute.split("."):
            estimator = getattr(estimator, part)
        if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
            estimator = estimator()  # type: ignore[operator]
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            _(
                "{name} is not an estimator ({why}); expected module:Class, such as {example}."
            ).format(name=name, why=error, example="sklearn.ensemble:RandomForestClassifier")
        ) from error
    return estimator


def prepare_estimator(estimator: Any, *, seed: int) -> Any:
    """Return a copy that is not fitted, with the seed wherever chance has a part.

    What a fitted estimator has learned is left behind: nobody could say how well it does on animals
    that it has not seen.

    Raises
    ------
    UsageError
        If it is not a classifier of scikit-learn.
    """
    refused = UsageError(
        _("{name} is not a classifier of scikit-learn.").format(name=type(estimator).__name__)
    )
    try:
        copy = clone(estimator)
    except TypeError as error:
        raise refused from error
    has_scores = hasattr(copy, "predict_proba") or hasattr(copy, "decision_function")
    if not (is_classifier(copy) and has_scores):
        raise refused
    return copy.set_params(
        **{
            parameter: seed
            for parameter, value in copy.get_params().items()
            if value is None and parameter.split("__")[-1] == "random_state"
        }
    )


def check_kind(estimator: Any, kind: str) -> None:
    """Raise a `UsageError` if an estimator is not a classifier, or another kind of model was asked for.

    Parameters
    ----------
    estimator : estimator of scikit-learn
    kind : str
        The kind that is wanted: ``auto``, ``populations`` or ``classifier``.
    """
    if kind not in ("auto", "populations", "classifier"):
        raise UsageError(
            _("--estimator assigns to populations and cannot be used with --kind {kind}.").format(
                kind=kind
            )
        )
    prepare_estimator(estimator, seed=1)


def scores_of(estimator: Any, X: np.ndarray, classes: int) -> np.ndarray:
    """Return a score of each class; float64, shape (n, classes).

    Logarithms of probabilities where the estimator has them, else its decision function. A class that
    the estimator has not seen gets the least score that there is.
    """
    if hasattr(estimator, "predict_proba"):
        values = np.log(np.maximum(estimator.predict_proba(X), _MIN_PROBABILITY))
    else:
        values = np.asarray(estimator.decision_function(X), dtype=np.float64)
        if values.ndim == 1:
            values = np.column_stack([-values / 2, values / 2])
    seen = np.asarray(estimator.classes_, dtype=np.intp)
    scores = np.full((len(X), classes), min(np.log(_MIN_PROBABILITY), float(values.min())))
    scores[:, seen] = values
    if not np.isfinite(scores).all():
        raise InputError(_("The estimator gave scores that are not numbers."))
    return scores


# Types that skops does not trust by itself and that are safe here: they hold plain values, or their
# arrays are checked.
TRUSTED = frozenset(
    {
        "forensics.genetics.encoder.GenotypeEncoder",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.model_selection._split.GroupKFold",
        "sklearn.model_selection._split.KFold",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)
# Of a file, and of what it unpacks to.
MAX_BYTES = 512 * 2**20
_MAX_MEMBERS = 100_000


def estimator_bytes(estimator: object) -> bytes:
    """Return a fitted estimator as a file of skops.

    Raises
    ------
    ModelError
        If skops (the extra ``skops``) is not installed, or a type of the estimator is not trusted, so
        that the file could never be opened.
    """
    skops = _import_skops()
    try:
        content = bytes(skops.dumps(estimator, compression=zipfile.ZIP_DEFLATED))
    except Exception as error:  # skops says what it cannot store in errors of many kinds
        raise ModelError(
            _("{name} cannot be stored without pickle: {why}").format(
                name=type(estimator).__name__, why=error
            )
        ) from error
    _check_types(skops, content)
    estimator_from_bytes(content)  # what is stored can be opened
    return content


def estimator_from_bytes(content: bytes) -> Any:
    """Return the estimator of a file that is not trusted.

    Raises
    ------
    ModelError
        If skops is not installed, the file is damaged or too large, has a type that is not trusted,
        or arrays that do not fit together.
    """
    skops = _import_skops()
    try:
        with open_archive(io.BytesIO(content), MAX_BYTES):
            pass
        _check_types(skops, content)
        estimator = skops.loads(content, trusted=sorted(TRUSTED))
        check_fitted(estimator)
    except ModelError:
        raise
    except Exception as error:  # whatever a made-up file leads scikit-learn to
        raise ModelError(
            _("The stored estimator is damaged: {why}").format(
                why=f"{type(error).__name__}: {error}"
            )
        ) from error
    return estimator


def _import_skops() -> Any:
    with importing("skops"):
        import skops.io
    return skops.io


def _check_types(skops: Any, content: bytes) -> None:
    """Refuse a file that has a type that is not trusted."""
    unknown = sorted(set(skops.get_untrusted_types(data=content)) - TRUSTED)
    if unknown:
        raise ModelError(
            _(
                "The estimator has types that are not trusted: {names}. Only the types of "
                "scikit-learn that skops lists are trusted."
            ).format(names=", ".join(unknown))
        )
