"""Step of the package's build: makes the indexes of the embedded library.

They are derived from the records, large, and bound to the format of this version, so
they are not committed: a wheel gets them when it is built, a checkout when it is
installed in editable mode.
"""

import sys
from pathlib import Path

from setuptools import Command
from setuptools.command.build import build

__all__ = ["Build", "BuildIndexes"]

_ROOT = Path(__file__).resolve().parent.parent


class Build(build):
    """The build with one step more."""

    sub_commands = [*build.sub_commands, ("build_indexes", None)]


class BuildIndexes(Command):
    """Make the index of every locus; a sub-command as setuptools describes them."""

    description = "make the indexes of the reference sequences"
    user_options = []

    def initialize_options(self) -> None:
        self.build_lib = None
        self.editable_mode = False

    def finalize_options(self) -> None:
        self.set_undefined_options("build", ("build_lib", "build_lib"))

    def run(self) -> None:
        # The build's own interpreter does not have the checkout on its path.
        sys.path.insert(0, str(_ROOT))
        from forensics.barcode.reference.library import Library, write_index

        target = self._folder()
        for locus in Library(target).loci:
            write_index(target / locus)

    def get_source_files(self) -> list[str]:
        return []

    def get_outputs(self) -> list[str]:
        return [] if self.editable_mode else [str(p) for p in self._folder().glob("*/index.bin")]

    def get_output_mapping(self) -> dict[str, str]:
        return {}

    def _folder(self) -> Path:
        if self.editable_mode:
            return _ROOT / "reference_sequences"
        return Path(self.build_lib) / "forensics" / "reference_sequences"
