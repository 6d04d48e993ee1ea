"""A model in a folder: its description, arrays of numbers, and the file of an estimator; opened without running any code.

::

    MODEL/
      model.json        what it is, what it learned from, how well it does, the sha256 of its other files
      arrays.npz        numbers only
      estimator.skops   of some kinds: an estimator of scikit-learn, without pickle
      README.md         the card, for people; written from model.json
"""

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensics.errors import InputError, ModelError
from forensics.io.inputs import load_json, open_archive, read_limited
from forensics.learning.card import card_of
from forensics.messages import _

__all__ = [
    "DESCRIPTION",
    "NOT_OF_THE_CARD",
    "STORED_ESTIMATOR",
    "ModelFolder",
    "damaged",
    "read_model_folder",
    "write_model_folder",
]

DESCRIPTION = "model.json"
_ARRAYS, _CARD, _ESTIMATOR = "arrays.npz", "README.md", "estimator.skops"
STORED_ESTIMATOR = "stored estimator"
"""Key of the description with the sum of the estimator's file."""
NOT_OF_THE_CARD = frozenset(
    {"format", "name", "version", "kind", "labels", "arrays", STORED_ESTIMATOR}
)
"""Keys of the description that say what a model is, and nothing of it to people."""
# A model of 10,000 SNPs in 100 populations has 16 MB; what is greater by far is not a model.
_MAX_BYTES = 512 * 2**20
_MAX_ARRAYS = 64
_MAX_DESCRIPTION = 64 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, eq=False)
class ModelFolder:
    """What a folder of a model holds; its sums were checked.

    Attributes
    ----------
    description : dict
        Content of ``model.json``.
    arrays : dict of str to numpy.ndarray
        Numbers and booleans only; read-only.
    estimator : bytes
        Empty where there is none.
    sha256 : str
        Of ``model.json``.
    """

    description: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    estimator: bytes
    sha256: str


def write_model_folder(
    path: str | os.PathLike[str],
    description: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    *,
    estimator: bytes = b"",
) -> None:
    """Write a model into a new folder, whole or not at all.

    Parameters
    ----------
    description : mapping
        Plain values, with ``name`` and ``format``; the sums of the other files are added.
    arrays : mapping of str to numpy.ndarray

    Raises
    ------
    ModelError
        If the folder exists and is not empty, or the name will not do.
    InputError
        If it cannot be written.
    """
    path, name = Path(path), str(description["name"])
    if not _NAME.fullmatch(name):
        raise ModelError(
            _("{name!r} is not a name for a model; use letters, digits, '.', '-' and '_'.").format(
                name=name
            )
        )
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
        **description,
        "arrays": {"file": _ARRAYS, "sha256": hashlib.sha256(packed.getvalue()).hexdigest()},
    }
    if estimator:
        description[STORED_ESTIMATOR] = {
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
            (DESCRIPTION, text.encode()),
            (_CARD, card_of(description).encode()),
            (_ESTIMATOR, estimator),
        ):
            if content:
                (partial / file).write_bytes(content)
        partial.chmod(0o755)
        if path.exists():
            path.rmdir()
        os.replace(partial, path)
    except OSError as error:  # with the folder that was given, not the temporary one
        raise InputError(
            _("The file cannot be written: {error}").format(error=error.strerror or error),
            source=str(path),
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def read_model_folder(path: str | os.PathLike[str], form: str) -> ModelFolder:
    """Open a model and check it; nothing in it is trusted.

    Parameters
    ----------
    form : str
        The ``format`` that its description must have.

    Raises
    ------
    ModelError
        If there is none, or it is damaged, of another format, or holds what no model holds.
    """
    path = Path(path)
    content = _read(path / DESCRIPTION, _MAX_DESCRIPTION)
    try:
        description = load_json(content)
        stored_format = description.get("format")
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    if stored_format != form:
        raise ModelError(
            _(
                "{path} has format {found!r}; this version reads {expected!r}. "
                "Train the model again, or use the version that made it."
            ).format(path=path, found=stored_format, expected=form)
        )
    packed = _read(path / _ARRAYS, _MAX_BYTES)
    try:
        expected = description["arrays"]["sha256"]
        estimator_sum = None
        if STORED_ESTIMATOR in description:
            estimator_sum = description[STORED_ESTIMATOR]["sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    _check_sum(path / _ARRAYS, packed, expected)
    estimator = b""
    if estimator_sum is not None:
        estimator = _read(path / _ESTIMATOR, _MAX_BYTES)
        _check_sum(path / _ESTIMATOR, estimator, estimator_sum)
    return ModelFolder(
        description, _arrays(path / _ARRAYS, packed), estimator, hashlib.sha256(content).hexdigest()
    )


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
        with (
            open_archive(io.BytesIO(packed), _MAX_BYTES),
            np.load(io.BytesIO(packed), allow_pickle=False) as stored,
        ):
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise ModelError(damaged(path, error)) from error
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise ModelError(damaged(path, f"{name}: {array.dtype}"))
        array.setflags(write=False)
    return arrays


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        return read_limited(path, max_bytes)
    except InputError as error:
        raise ModelError(damaged(path, error.message)) from error


def damaged(path: Path, why: object) -> str:
    """Return in words that a file of a model is not what it should be."""
    return _("{path} is not a model of this format, or damaged: {why}.").format(path=path, why=why)
