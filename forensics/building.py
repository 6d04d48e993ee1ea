"""Hook of the package's build: makes the indexes of the embedded library.

They are derived from the records, large, and bound to the format of this version, so
they are not committed: a wheel gets them when it is built, a checkout when it is
installed in editable mode.
"""

import sys
from pathlib import Path

from setuptools.command.build_py import build_py

__all__ = ["BuildPy"]

_ROOT = Path(__file__).resolve().parent.parent


class BuildPy(build_py):
    """Build the package and the indexes of its reference sequences."""

    def run(self) -> None:
        """Build as ever, then write the indexes where the package lies."""
        super().run()
        # The build's own interpreter does not have the checkout on its path.
        sys.path.insert(0, str(_ROOT))
        try:
            from forensics.barcode.library import Library, write_index
        finally:
            sys.path.pop(0)
        if self.editable_mode:
            target = _ROOT / "reference_sequences"
        else:
            target = Path(self.build_lib) / "forensics" / "reference_sequences"
        for locus in Library(target).loci:
            write_index(target / locus)
