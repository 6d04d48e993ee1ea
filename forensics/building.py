"""Steps of the package's build: compiles the kernel and the catalogues, makes the indexes of the embedded library.

Both are derived, and bound to this version, so they are not committed: a wheel gets them when it is built, a
checkout when it is installed in editable mode.
"""

import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from setuptools import Command
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

_ROOT = Path(__file__).resolve().parent.parent
_CATALOGUES = "locale/*/LC_MESSAGES/*.po"


class Build(build):
    """The build with two steps more."""

    sub_commands = [*build.sub_commands, ("build_catalogues", None), ("build_indexes", None)]


class BuildKernel(build_ext):
    """Leaves the kernel out where the compiler or Python's headers are missing; a fault of the sources ends the build."""

    def build_extension(self, ext) -> None:
        ext.optional = not self._can_compile()
        super().build_extension(ext)

    def _can_compile(self) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "empty.c")
            source.write_text("#include <Python.h>\n")
            try:
                self.compiler.compile([str(source)], folder, include_dirs=self.include_dirs)
            except (BaseError, CCompilerError):
                return False
        return True


class _Step(Command, ABC):
    """A sub-command as setuptools describes them."""

    user_options: ClassVar[list[tuple[str, str | None, str]]] = []
    build_lib: str | None
    editable_mode: bool

    def initialize_options(self) -> None:
        self.build_lib = None
        self.editable_mode = False

    def finalize_options(self) -> None:
        self.set_undefined_options("build", ("build_lib", "build_lib"))

    def get_source_files(self) -> list[str]:
        return []

    def get_outputs(self) -> list[str]:
        return [] if self.editable_mode else [str(path) for path in self.made()]

    def get_output_mapping(self) -> dict[str, str]:
        return {}

    @abstractmethod
    def made(self) -> list[Path]:
        """Return the files that the step makes."""

    def folder(self, name: str, checkout: Path) -> Path:
        """Return a folder of the package, where it is built or in the checkout."""
        if self.editable_mode:
            return checkout
        assert self.build_lib is not None  # `finalize_options` set it
        return Path(self.build_lib) / "forensics" / name


class BuildCatalogues(_Step):
    """Compiles the catalogue of every language."""

    description = "compile the catalogues of messages"

    def run(self) -> None:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for source, target in self._pairs():
            with open(source, "rb") as file:
                catalogue = read_po(file, domain=source.stem)
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as file:
                write_mo(file, catalogue)

    def get_source_files(self) -> list[str]:
        return [str(source.relative_to(_ROOT)) for source, _target in self._pairs()]

    def made(self) -> list[Path]:
        return [target for _source, target in self._pairs()]

    def _pairs(self) -> list[tuple[Path, Path]]:
        package = _ROOT / "forensics"
        built = self.folder("", package)
        sources = sorted(package.glob(_CATALOGUES))
        return [(path, built / path.relative_to(package).with_suffix(".mo")) for path in sources]


class BuildIndexes(_Step):
    """Makes the index of every locus."""

    description = "make the indexes of the reference sequences"

    def run(self) -> None:
        # The build's own interpreter does not have the checkout on its path.
        sys.path.insert(0, str(_ROOT))
        from forensics.barcode.reference.library import Library
        from forensics.barcode.reference.writing import write_index

        target = self._target()
        for locus in Library(target).loci:
            write_index(target / locus)

    def made(self) -> list[Path]:
        return sorted(self._target().glob("*/index.bin"))

    def _target(self) -> Path:
        return self.folder("reference_sequences", _ROOT / "reference_sequences")
