"""Estimators of scikit-learn as bytes, and back, without pickle: the format of skops.

A file of a model is not trusted. skops names the types that a file would make; only those that it
trusts itself (scikit-learn, NumPy, SciPy), and `TRUSTED`, are made, and whether their arrays fit together is
checked (`forensics.learning.consistency`).
"""

import io
import zipfile
from typing import Any

from forensics.errors import ModelError, importing
from forensics.io.inputs import open_archive
from forensics.learning.consistency import check_fitted
from forensics.messages import _

__all__ = ["MAX_BYTES", "TRUSTED", "estimator_bytes", "estimator_from_bytes"]

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
                "The estimator has types that are not trusted: {names}. Trusted are those of "
                "scikit-learn that skops lists."
            ).format(names=", ".join(unknown))
        )
