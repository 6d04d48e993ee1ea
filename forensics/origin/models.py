"""Models of origin in a folder: arrays, labels and a card, opened without running any code.

::

    MODEL/
      model.json   what it is, what it learned from, how well it does, the sha256 of its arrays
      arrays.npz   numbers only
      estimator.skops   where an estimator of scikit-learn assigns or places; without pickle
      README.md    the card, for people; written from model.json

The sha256 of a model is that of its ``model.json``, which holds those of the other files; so a result
that names it names every number of the model.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import ModelError
from forensics.learning.model_folders import (
    DESCRIPTION,
    NOT_OF_THE_CARD,
    STORED_ESTIMATOR,
    damaged,
    read_model_folder,
    write_model_folder,
)
from forensics.messages import _
from forensics.origin.defaults import KINDS
from forensics.resources import folder

__all__ = ["KINDS", "Model", "open_model", "packaged_models", "save_model"]

FORMAT = "forensics origin model 1"


@dataclass(frozen=True, eq=False)
class Model:
    """A model as it lies in its folder.

    Attributes
    ----------
    name, version : str
    kind : str
        One of `KINDS`.
    card : dict
        ``data``, ``parameters``, ``evaluation``, ``use``, ``limits``, ``licence``, ``software``,
        ``created``.
    labels : dict
        Names that belong to the arrays: groups, loci, alleles.
    arrays : dict of str to numpy.ndarray
        Numbers and booleans only.
    sha256 : str
        Of ``model.json``.
    estimator : bytes
        The file of an estimator of scikit-learn (`forensics.learning.estimator_files`); of models
        without one empty.
    """

    name: str
    version: str
    kind: str
    card: dict[str, Any]
    labels: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    sha256: str
    estimator: bytes = b""

    @property
    def demonstration(self) -> bool:
        """Whether it is one of the models of the package, which show how, and are not for casework."""
        return self.sha256 in _packaged_sums()

    def identity(self) -> dict[str, Any]:
        """Return name, kind, version, sha256 and ``demonstration``, as every result names its model."""
        return {
            "name": self.name,
            "kind": self.kind,
            "version": self.version,
            "sha256": self.sha256,
            "demonstration": self.demonstration,
        }


def save_model(
    path: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    kind: str,
    card: Mapping[str, Any],
    labels: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    estimator: bytes = b"",
) -> Model:
    """Write a model into a new folder, whole or not at all.

    Parameters
    ----------
    path : path
    name, version, kind, card, labels, arrays, estimator
        As in `Model`.

    Raises
    ------
    ModelError
        If the folder exists and is not empty, or the name will not do.
    InputError
        If it cannot be written.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {KINDS}, not {kind!r}")
    description = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "kind": kind,
        **card,
        "labels": dict(labels),
    }
    write_model_folder(path, description, arrays, estimator=estimator)
    return open_model(path)


def packaged_models() -> list[str]:
    """Return the names of the models that come with the package."""
    return sorted(
        entry.name for entry in folder("models").iterdir() if (entry / DESCRIPTION).is_file()
    )


@cache
def _packaged_sums() -> frozenset[str]:
    return frozenset(
        hashlib.sha256((folder("models") / name / DESCRIPTION).read_bytes()).hexdigest()
        for name in packaged_models()
    )


def open_model(which: str | os.PathLike[str]) -> Model:
    """Open a model and check it.

    Parameters
    ----------
    which : path or str
        A folder, or the name of a model that comes with the package.

    Raises
    ------
    ModelError
        If there is none, or it is damaged, of another format, or holds what no model holds.
    """
    path = Path(which)
    if not (path / DESCRIPTION).is_file():
        if str(which) not in packaged_models():
            raise ModelError(
                _(
                    "{which} is neither the folder of a model nor the name of a packaged one "
                    "({names}). Make a model with 'forensics origin train'."
                ).format(which=which, names=", ".join(packaged_models()) or "-")
            )
        path = folder("models") / str(which)
    stored = read_model_folder(path, FORMAT)
    description = stored.description
    try:
        model = Model(
            name=_text(description["name"]),
            version=_text(description["version"]),
            kind=_text(description["kind"]),
            card={key: value for key, value in description.items() if key not in NOT_OF_THE_CARD},
            labels=dict(description["labels"]),
            arrays=stored.arrays,
            sha256=stored.sha256,
            estimator=stored.estimator,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    if model.kind not in KINDS:
        raise ModelError(damaged(path / DESCRIPTION, model.kind))
    if model.kind == "classifier" and not model.estimator:
        raise ModelError(damaged(path / DESCRIPTION, STORED_ESTIMATOR))
    return model


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value
