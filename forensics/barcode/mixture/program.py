"""VSEARCH, which merges, filters, dereplicates, denoises and finds chimeras: found and run.

References
----------
Rognes et al. 2016, PeerJ 4:e2584, doi:10.7717/peerj.2584.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired

from forensics.core.children import find_in_path, run, start
from forensics.errors import ForensicsError
from forensics.messages import _

__all__ = ["MIN_VERSION", "Program", "find_program"]

# The first release with --derep_smallmem.
MIN_VERSION = (2, 22, 0)
_VERSION = re.compile(r"vsearch v(\d+)\.(\d+)\.(\d+)")
_MAX_WORDS = 600  # letters of the output that an error repeats


@dataclass(frozen=True)
class Program:
    """VSEARCH on this machine.

    Attributes
    ----------
    path : str
    version : str
    threads : int
        That it may use; they change no result.
    """

    path: str
    version: str
    threads: int = 1

    @property
    def name(self) -> str:
        """Name and version, as records have it."""
        return f"vsearch {self.version}"

    def run(self, arguments: Sequence[object], folder: Path) -> None:
        """Run a command in a folder.

        Raises
        ------
        ForensicsError
            If it fails; its last words are repeated.
        """
        command = [self.path, *map(str, arguments), "--threads", str(self.threads)]
        log_path = folder / "vsearch.log"
        try:
            with open(log_path, "wb") as log:
                with start(command, cwd=folder, stdin=DEVNULL, stdout=log, stderr=log) as running:
                    try:
                        code = running.wait()
                    except BaseException:  # Ctrl-C: nothing goes on behind our back
                        running.kill()
                        running.wait()
                        raise
        except OSError as error:
            raise ForensicsError(
                _("{program} cannot be run ({error}).").format(
                    program=self.path, error=error.strerror or error
                )
            ) from error
        words = log_path.read_bytes()[-_MAX_WORDS:].decode("utf-8", "replace")
        log_path.unlink()
        if code:
            raise ForensicsError(
                _("vsearch {command} failed (code {code}): {words}").format(
                    command=arguments[0],
                    code=code,
                    words=" ".join("".join(c if c.isprintable() else " " for c in words).split()),
                )
            )


def find_program(path: str | os.PathLike | None = None, *, threads: int = 1) -> Program:
    """Return VSEARCH, from `path` or the places where programs are.

    Raises
    ------
    ForensicsError
        If it is not there, is something else, or is too old.
    """
    program_path = find_in_path(path or "vsearch")
    advice = _(
        "Install VSEARCH {least} or later (Debian and Ubuntu: apt install vsearch; conda install "
        "-c bioconda vsearch; Homebrew: brew install vsearch; Windows: unpack the release of "
        "torognes/vsearch), or name it with --vsearch."
    ).format(least=".".join(map(str, MIN_VERSION)))
    if not program_path:
        raise ForensicsError(
            _("The program {name} was not found. {advice}").format(
                name=path or "vsearch", advice=advice
            )
        )
    try:
        completed = run([program_path, "--version"], capture_output=True, stdin=DEVNULL, timeout=60)
    except (OSError, TimeoutExpired) as error:
        raise ForensicsError(
            _("{program} cannot be run ({error}).").format(program=program_path, error=error)
        ) from error
    words = (completed.stdout + completed.stderr).decode("utf-8", "replace")
    version = _VERSION.search(words)
    if not version:
        raise ForensicsError(
            _("{program} does not say that it is VSEARCH. {advice}").format(
                program=program_path, advice=advice
            )
        )
    if tuple(map(int, version.groups())) < MIN_VERSION:
        raise ForensicsError(
            _("{program} is VSEARCH {version}, too old. {advice}").format(
                program=program_path, version=".".join(version.groups()), advice=advice
            )
        )
    return Program(program_path, ".".join(version.groups()), threads)
