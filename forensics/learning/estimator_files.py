"""Estimators of scikit-learn as bytes, and back, without pickle: the format of skops.

A file of a model is not trusted. skops names the types that a file would make; only those that it
trusts itself (scikit-learn, NumPy, SciPy), and `TRUSTED`, are made. Trees are followed by compiled code
that checks no index, so each is checked before it is used.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from forensics.errors import ModelError, importing
from forensics.messages import _

__all__ = ["MAX_BYTES", "TRUSTED", "estimator_bytes", "estimator_from_bytes"]

# Types that skops does not trust by itself and that are safe here: they hold plain values, or their
# arrays are checked by `_check_trees`.
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
# Objects that are looked through for trees; a forest of 1000 trees has some 10,000.
_MAX_OBJECTS = 2_000_000


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
        If skops is not installed, the file is damaged or too large, has a type that is not trusted, or
        a tree that leads out of itself.
    """
    skops = _import_skops()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if (
                len(members) > _MAX_MEMBERS
                or sum(member.file_size for member in members) > MAX_BYTES
            ):
                raise ValueError("too much in it")
        _check_types(skops, content)
        estimator = skops.loads(content, trusted=sorted(TRUSTED))
        _check_trees(estimator)
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
                "The estimator has types that are not trusted: {names}. Trusted are those of "
                "scikit-learn that skops lists."
            ).format(names=", ".join(unknown))
        )


def _check_trees(estimator: object) -> None:
    """Refuse trees that lead out of their nodes or columns, or back to a node above."""
    for tree, columns in _find_trees(estimator):
        nodes = getattr(tree, "nodes", None)
        if nodes is None:
            left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
            feature, leaf = np.asarray(tree.feature), left < 0
        else:
            left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
            feature, leaf = nodes["feature_idx"].astype(np.int64), nodes["is_leaf"].astype(bool)
            if nodes["is_categorical"].any():
                raise ValueError("a tree with categories")
        if not len(left):
            raise ValueError("a tree without nodes")
        places = np.arange(len(left))[~leaf]
        for child in (left[~leaf], right[~leaf]):
            if ((child <= places) | (child >= len(left))).any():
                raise ValueError("a tree leads out of its nodes")
        if ((feature[~leaf] < 0) | (feature[~leaf] >= columns)).any():
            raise ValueError("a tree asks for a column that it does not get")


def _find_trees(estimator: object) -> Iterator[tuple[Any, int]]:
    """Yield what is followed by compiled code, wherever it is, and how many columns it is sure to get.

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
        elif hasattr(part, "__dict__"):
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
