"""What a finding records of how it was computed: its result, parameters, input and library."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from forensics.core.result import Result
from forensics.custody.reader import Event
from forensics.messages import _
from forensics.reanalysis.attachments import Attachments, CannotRecompute

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.genetics.genotypes import Genotypes
    from forensics.origin.models import Model

__all__ = [
    "Computed",
    "Identify",
    "Recorded",
    "Sources",
    "find_library",
    "is_checked",
    "numbers_of",
    "read_attached_genotypes",
    "read_recorded",
    "result_of_sample",
]


class Computed(str):
    """A number that was computed, written as the ledger has it; another text there may be a name."""


R = TypeVar("R", bound=Result)

Identify = Callable[..., Any]
"""`forensics.identify`, or a function like it: inputs, ``library`` and its parameters give results."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What findings are computed from besides the files that are attached to them.

    Attributes
    ----------
    identify : callable
        `forensics.identify`.
    libraries : sequence of Library
        Among which that of a finding is looked for by its SHA-256.
    models : callable
        Returns the models of origin among which that of a finding is looked for; called where one is needed.
    reads : sequence of path
        Files and folders in which the read files of a mixture are looked for by their SHA-256.
    """

    identify: Identify
    libraries: Sequence["Library"] = ()
    models: Callable[[], Sequence["Model"]] = tuple
    reads: Sequence[str | PathLike[str]] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a finding records of its result and of how it was reached, as the ledger has it.

    Attributes
    ----------
    event : Event
    sample : str
        As the laboratory names it, whatever the result says.
    result, parameters, input, library : dict
        Numbers are texts there.
    """

    event: Event
    sample: str
    result: dict[str, Any]
    parameters: dict[str, Any]
    input: dict[str, Any]
    library: dict[str, Any]


def read_recorded(event: Event) -> Recorded:
    """Return what a finding records.

    Raises
    ------
    CannotRecompute
        If its result or its provenance was erased, or is not of this package.
    """
    result = event.fields.get("result")
    if not isinstance(result, dict) or not result:
        raise CannotRecompute(
            _("cannot be recomputed: the result is erased or no result of this package")
        )
    provenance = event.fields.get("provenance")
    if not isinstance(provenance, dict) or not isinstance(provenance.get("parameters"), dict):
        raise CannotRecompute(
            _("cannot be recomputed: how it was reached is erased or not in the ledger")
        )
    read, library = provenance.get("input"), provenance.get("library")
    return Recorded(
        event,
        str(event.fields.get("thing")),
        result,
        provenance["parameters"],
        read if isinstance(read, dict) else {},
        library if isinstance(library, dict) else {},
    )


def find_library(event: Event, sha256: object, libraries: Sequence["Library"]) -> "Library":
    """Return the library of this SHA-256.

    Raises
    ------
    CannotRecompute
        If it was not given.
    """
    for library in libraries:
        if library.sha256 == sha256:
            return library
    raise CannotRecompute(
        _("cannot be recomputed: it used the library {sha256}, which is not at hand").format(
            sha256=sha256
        ),
        _("Give it with --library"),
    )


def is_checked(result: Mapping[str, object]) -> bool:
    """Return whether a finding records a check of fit; those of older versions do not.

    They are computed again as they were: without the check nothing was withheld.
    """
    return "fit" in result


def numbers_of(parameters: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return recorded parameters of these names, as far as they are recorded, as the numbers that they were.

    Others are left out, so that they show as different where they take part in the computation.
    """

    def as_number(value: object) -> object:
        try:
            return float(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return {name: as_number(parameters[name]) for name in names if name in parameters}


def read_attached_genotypes(
    entry: Mapping[str, Any], attachments: Attachments, what: str
) -> "Genotypes":
    """Return the genotypes of an attached file, read as it was the first time as far as that is recorded."""
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(
        attachments.require(entry["sha256"], what), **_options_of(entry, attachments)
    )


def _options_of(entry: Mapping[str, Any], attachments: Attachments) -> dict[str, Any]:
    """Return the options with which a file was read; the tables beside it as files."""
    options = dict(entry.get("read_with") or {})
    for table, title in (
        ("places", _("the second table, of places")),
        ("bim", _("the table of loci (.bim)")),
        ("fam", _("the table of animals (.fam)")),
    ):
        if table in options:
            options[table] = attachments.require(options[table]["sha256"], title)
    return options


def result_of_sample(results: Sequence[R], sample: str) -> R:
    """Return the result of a sample; of a table with one sample the only result, whatever its name.

    Raises
    ------
    CannotRecompute
        If there is none.
    """
    for result in results:
        if result.sample == sample:
            return result
    if len(results) == 1:  # the laboratory names it otherwise than the table
        return results[0]
    raise CannotRecompute(
        _("cannot be recomputed: the attached table has no sample {name}").format(name=sample)
    )
