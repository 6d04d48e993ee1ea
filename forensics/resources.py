"""Finds what the project ships beside its code: models and reference sequences.

In a wheel both folders lie inside the package; in a checkout (and in some
editable installs, where ``importlib.resources`` cannot see mapped folders)
they lie beside it.
"""

import hashlib
from pathlib import Path

from forensics.errors import LibraryError
from forensics.messages import _

FOLDERS = ("models", "reference_sequences")

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder ``name``, installed or in the checkout.

    Parameters
    ----------
    name : str
        One of `FOLDERS`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    LibraryError
        If the folder is in neither place.
    """
    if name not in FOLDERS:
        raise ValueError(f"no such resource folder: {name!r}; there are {', '.join(FOLDERS)}")
    places = [_PACKAGE / name]
    # Beside an installed package lie other people's folders; only a checkout has ours.
    if (_PACKAGE.parent / "setup.cfg").is_file():
        places.append(_PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise LibraryError(
        _(
            "The folder {name} was found neither in {installed} nor in {checkout}. "
            "The installation is incomplete: install the package again."
        ).format(name=name, installed=_PACKAGE, checkout=_PACKAGE.parent)
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
