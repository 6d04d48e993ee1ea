"""Models of origin in a folder: arrays, labels and a card, opened without running any code.

::

    MODEL/
      model.json   what it is, what it learned from, how well it does, the sha256 of its arrays
      arrays.npz   numbers only
      estimator.skops   of the kind ``classifier``: a classifier of scikit-learn, without pickle
      README.md    the card, for people; written from model.json

The sha256 of a model is that of its ``model.json``, which holds those of the other files; so a result
that names it names every number of the model.
"""

import hashlib
import io
import json
import logging
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import InputError, ModelError, PluginError
from forensics.io.files import read_limited
from forensics.messages import _
from forensics.origin.card import card_of
from forensics.origin.defaults import KINDS
from forensics.plugins import MODELS, Plugin, find_plugin, installed_plugins, named_errors
from forensics.resources import folder

__all__ = ["KINDS", "Model", "open_known_models", "open_model", "packaged_models", "save_model"]

FORMAT = "forensics origin model 1"
_DESCRIPTION, _ARRAYS, _CARD = "model.json", "arrays.npz", "README.md"
_ESTIMATOR = "estimator.skops"

_STORED_ESTIMATOR = "stored estimator"
_NOT_OF_THE_CARD = frozenset(
    {"format", "name", "version", "kind", "labels", "arrays", _STORED_ESTIMATOR}
)
# A model of 10,000 SNPs in 100 populations has 16 MB; what is greater by far is no model.
_MAX_BYTES = 512 * 2**20
_MAX_ARRAYS = 64
_MAX_DESCRIPTION = 64 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


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
        The file of a classifier of scikit-learn (`forensics.origin.estimator_files`); of other kinds
        empty.
    plugin : Plugin or None
        That it came with.
    """

    name: str
    version: str
    kind: str
    card: dict[str, Any]
    labels: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    sha256: str
    estimator: bytes = b""
    plugin: Plugin | None = None

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
    path = Path(path)
    if not _NAME.fullmatch(name):
        raise ModelError(
            _("{name!r} is no name for a model; use letters, digits, '.', '-' and '_'.").format(
                name=name
            )
        )
    if kind not in KINDS:
        raise ValueError(f"kind is one of {KINDS}, not {kind!r}")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ModelError(
            _(
                "{path} exists already. A model is never changed, since results name it: "
                "give a new folder."
            ).format(path=path)
        )
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    description = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "kind": kind,
        **card,
        "labels": dict(labels),
        "arrays": {"file": _ARRAYS, "sha256": hashlib.sha256(packed.getvalue()).hexdigest()},
    }
    if estimator:
        description[_STORED_ESTIMATOR] = {
            "file": _ESTIMATOR,
            "sha256": hashlib.sha256(estimator).hexdigest(),
        }
    text = json.dumps(description, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        for file, content in (
            (_ARRAYS, packed.getvalue()),
            (_DESCRIPTION, text.encode()),
            (_CARD, card_of(description).encode()),
            (_ESTIMATOR, estimator),
        ):
            if content:
                (partial / file).write_bytes(content)
        partial.chmod(0o755)
        if path.exists():
            path.rmdir()
        os.replace(partial, path)
    except OSError as error:  # told with the folder that was asked for, not the temporary one
        raise InputError(
            _("The file cannot be written: {error}").format(error=error.strerror or error),
            source=str(path),
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
    return open_model(path)


def packaged_models() -> list[str]:
    """Return the names of the models that come with the package."""
    return sorted(
        entry.name for entry in folder("models").iterdir() if (entry / _DESCRIPTION).is_file()
    )


def open_known_models() -> list[Model]:
    """Open all models that come with the package and with plug-ins, except those that cannot be used."""
    models = [open_model(name) for name in packaged_models()]
    names = {each.name for each in installed_plugins() if each.group == MODELS}
    for name in sorted(names.difference(packaged_models())):
        try:
            models.append(open_model(name))
        except (ModelError, PluginError) as error:
            logging.getLogger(__name__).warning("left out: %s", error)
    return models


def _open_plugin_model(plugin: Plugin) -> Model:
    """Open the model of a plug-in, whose entry point is a function that returns its folder.

    Raises
    ------
    PluginError
        If there is no model of that name in it.
    """
    function: Any = plugin.load(object)
    with named_errors(plugin):
        path = Path(function())
    if not (path / _DESCRIPTION).is_file():
        raise plugin.error(_("{path} is not the folder of a model").format(path=path))
    model = open_model(path)
    if model.name != plugin.name:
        raise plugin.error(_("its model is called {name!r}").format(name=model.name))
    return replace(model, plugin=plugin)


@cache
def _packaged_sums() -> frozenset[str]:
    return frozenset(
        hashlib.sha256((folder("models") / name / _DESCRIPTION).read_bytes()).hexdigest()
        for name in packaged_models()
    )


def open_model(which: str | os.PathLike[str]) -> Model:
    """Open a model and check it.

    Parameters
    ----------
    which : path or str
        A folder, or the name of a model that comes with the package or with a plug-in.

    Raises
    ------
    ModelError
        If there is none, or it is damaged, of another format, or holds what no model holds.
    """
    path = Path(which)
    if not (path / _DESCRIPTION).is_file():
        if str(which) not in packaged_models() and (plugin := find_plugin(MODELS, str(which))):
            return _open_plugin_model(plugin)
        if str(which) not in packaged_models():
            raise ModelError(
                _(
                    "{which} is neither the folder of a model nor the name of a packaged one "
                    "({names}). Make a model with 'forensics origin train'."
                ).format(which=which, names=", ".join(packaged_models()) or "-")
            )
        path = folder("models") / str(which)
    content = _read(path / _DESCRIPTION, _MAX_DESCRIPTION)
    try:
        description = json.loads(content)
        stored_format = description.get("format")
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(_damaged(path / _DESCRIPTION, error)) from error
    if stored_format != FORMAT:
        raise ModelError(
            _(
                "{path} has format {found!r}; this version reads {expected!r}. "
                "Train the model again, or use the version that made it."
            ).format(path=path, found=stored_format, expected=FORMAT)
        )
    packed = _read(path / _ARRAYS, _MAX_BYTES)
    try:
        expected = description["arrays"]["sha256"]
        model = Model(
            name=_text(description["name"]),
            version=_text(description["version"]),
            kind=_text(description["kind"]),
            card={key: value for key, value in description.items() if key not in _NOT_OF_THE_CARD},
            labels=dict(description["labels"]),
            arrays={},
            sha256=hashlib.sha256(content).hexdigest(),
        )
        estimator_sum = None
        if model.kind == "classifier":
            estimator_sum = description[_STORED_ESTIMATOR]["sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(_damaged(path / _DESCRIPTION, error)) from error
    if model.kind not in KINDS:
        raise ModelError(_damaged(path / _DESCRIPTION, model.kind))
    _check_sum(path / _ARRAYS, packed, expected)
    estimator = b""
    if estimator_sum is not None:
        estimator = _read(path / _ESTIMATOR, _MAX_BYTES)
        _check_sum(path / _ESTIMATOR, estimator, estimator_sum)
    return replace(model, arrays=_arrays(path / _ARRAYS, packed), estimator=estimator)


def _check_sum(path: Path, content: bytes, expected: object) -> None:
    """Raise a `ModelError` if a file is not the one that ``model.json`` names."""
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(
            _(
                "{path} is not the file that model.json names: the model is damaged or was changed. "
                "Get it again from where it came from."
            ).format(path=path)
        )


def _arrays(path: Path, packed: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ file, which is not trusted: no pickles, nothing that swells."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            if (
                len(members) > _MAX_ARRAYS
                or sum(member.file_size for member in members) > _MAX_BYTES
            ):
                raise ValueError("too much in it")
        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise ModelError(_damaged(path, error)) from error
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise ModelError(_damaged(path, f"{name}: {array.dtype}"))
        array.setflags(write=False)
    return arrays


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        return read_limited(path, max_bytes)
    except InputError as error:
        raise ModelError(_damaged(path, error.message)) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _damaged(path: Path, why: object) -> str:
    return _("{path} is no model of this format, or damaged: {why}.").format(path=path, why=why)
