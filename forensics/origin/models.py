"""Models of origin in a folder: arrays, labels and a card, opened without running any code.

::

    MODEL/
      model.json   what it is, what it learned from, how well it does, the sha256 of its arrays
      arrays.npz   numbers only
      estimator.skops   where an estimator of scikit-learn assigns or places; without pickle
      README.md    the card, for people; written from model.json

The sha256 of a model is that of its ``model.json``, which holds those of the other files; so a result
that names it names every number of the model.

What the card of a model of origins says beside its figures: use, limits, licence, how it was made.

How a result of a model of origins was reached: the model, the parameters, the input, what took part.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forensics.clock import utc_now
from forensics.core.provenance import Provenance, made_by_text, make_provenance
from forensics.errors import ModelError
from forensics.learning.models import (
    DESCRIPTION,
    NOT_OF_THE_CARD,
    STORED_ESTIMATOR,
    damaged,
    read_model_folder,
    write_model_folder,
)
from forensics.messages import _
from forensics.origin.options import KINDS
from forensics.resources import folder


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


def describe_training(
    card: Card,
    limits: Iterable[str],
    parameters: Mapping[str, Any],
    evaluation: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the part of the card of a model that says how it was made, what for, and how good it is."""
    return {
        "created": utc_now(),
        "software": made_by_text(),
        "use": card.use or _("Not stated by who trained it."),
        "limits": list(limits),
        "parameters": parameters,
        "evaluation": evaluation or _("Not evaluated: do not use it in casework."),
        "licence": card.licence or _("Not stated."),
        **({"replaces": card.replaces} if card.replaces else {}),
    }


def list_names(names: Sequence[str], most: int = 20) -> str:
    """Return names for a reader: the first of many, and how many more there are."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)


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
        The file of an estimator of scikit-learn (`forensics.learning.estimators`); of models
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


def identify_range(range_map: object) -> dict[str, str]:
    """Return a range map as the parameters of a provenance name it.

    ``sha256`` is of its corners, ``file_sha256`` of the file, where it was read from one.
    """
    named = {"source": getattr(range_map, "source", ""), "sha256": fingerprint(range_map)}
    if file := getattr(range_map, "sha256", ""):
        named["file_sha256"] = file
    return named


def fingerprint(source: object) -> str:
    """Return the sha256 of a range map or of listings, whatever file they came from."""
    digest = hashlib.sha256()

    def add(value: Any) -> None:
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value, dtype="<f8").tobytes())
        elif isinstance(value, Mapping):
            add(sorted(value.items()))
        elif isinstance(value, (list, tuple)):
            digest.update(f"[{len(value)}".encode())
            for part in value:
                add(part)
        elif hasattr(value, "listing"):
            add((value.name, value.listing, value.polygons))
        elif hasattr(value, "polygons"):
            add(value.polygons)
        else:
            digest.update(f"{value}\0".encode())

    add(source)
    return digest.hexdigest()


def make_model_provenance(
    model: Model,
    parameters: dict[str, Any],
    source: str,
    digest: str,
    read_with: Mapping[str, object] | None = None,
) -> Provenance:
    """Return how a result of a model was reached."""
    import scipy

    dependencies = {"numpy": np.__version__, "scipy": scipy.__version__}
    if model.estimator:
        import sklearn

        dependencies["scikit-learn"] = sklearn.__version__
    how = {} if read_with is None else {"read_with": dict(read_with)}
    return make_provenance(
        dependencies=dependencies,
        library=model.identity(),
        parameters=parameters,
        input={"file": source, "sha256": digest, **how},
    )
