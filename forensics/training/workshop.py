"""The library of a workshop: of what is seized where it is held, or the embedded one."""

import sys
from collections.abc import Callable
from pathlib import Path

from forensics.barcode.reference.library import Library, open_library
from forensics.io.files import AnyPath
from forensics.messages import _

PANEL = "central-africa"
"""The packaged panel that workshops are held with."""


def workshop_library(
    path: AnyPath | None = None, *, tell: Callable[[str], None] = print
) -> Library:
    """Return the library of the panel `PANEL` where it is installed, or the embedded library.

    Parameters
    ----------
    path : path, optional
        Folder of the library. Default: ``libraries/central-africa`` of the Python environment,
        where the bundle puts it (docs/installing.md).
    tell : callable
        Is called once with a line that says which library it is.

    Raises
    ------
    LibraryError
        If there is no library in the folder `path`.
    """
    place = Path(path or Path(sys.prefix) / "libraries" / PANEL)
    if path or place.is_dir():
        library = open_library(place)
        text = _("Library: {name} {version}.")
    else:
        library = open_library()
        text = _(
            "Library: {name} {version}, for the library of the panel {panel} is not installed."
        )
    tell(text.format(name=library.name, version=library.version, panel=PANEL))
    return library
