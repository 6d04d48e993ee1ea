"""The packaged sequences that stand for each locus (``reference_sequences/exemplars``)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import LibraryError
from forensics.messages import _
from forensics.resources import folder

#: In place of a locus: what is related to one and is none of them, as bacterial ribosomal RNA.
NO_LOCUS = "-"
_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A sequence that stands for a locus.

    Attributes
    ----------
    name : str
        Accession, or genome and gene.
    locus : str
        Name in the table of loci, or `NO_LOCUS`.
    species : str
    sequence : str
        Clean, on the strand of the gene.
    """

    name: str
    locus: str
    species: str
    sequence: str


#: Files of exemplars; the second is under the GPL (``SOURCES.md`` beside them).
_FILES = ("exemplars.fasta", "last-align.fasta")


def exemplar_files() -> list[Path]:
    """Return the packaged files of exemplars; results bear their SHA-256."""
    return [folder("reference_sequences") / "exemplars" / name for name in _FILES]


def packaged_exemplars() -> list[Exemplar]:
    """Return the packaged exemplars."""
    exemplars: list[Exemplar] = []
    for path in exemplar_files():
        exemplars += read_exemplars(_read(path).decode("utf-8").splitlines(), path)
    return exemplars


def read_exemplars(lines: Iterable[str], path: Path) -> Iterator[Exemplar]:
    """Yield the exemplars of a FASTA file with headers ``name|locus|species|source``.

    Raises
    ------
    LibraryError
        If the file has another form.
    """
    head: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(">") and not head and line.count("|") == _FIELDS - 1:
            head = line[1:].split("|")
        elif head and line and not line.startswith(">"):
            name, locus, species, _source = head
            yield Exemplar(name, locus, species, line)
            head = []
        else:
            raise LibraryError(
                _(
                    "{path} is damaged in line {line}: name, locus, species and source, and the "
                    "sequence in the next line, are expected. Install the package again."
                ).format(path=path, line=number)
            )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LibraryError(
            _("{path} cannot be read ({error}). Install the package again.").format(
                path=path, error=error.strerror
            )
        ) from error
