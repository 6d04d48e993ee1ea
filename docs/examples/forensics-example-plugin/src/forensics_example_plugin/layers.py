"""The age of an animal by the growth layers of a tooth: options, result, function, recomputation.

The layers of a section are counted several times, without knowing the earlier counts. A reference table says how
many layers the species lays down a year, and how far counts of one section scatter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from forensics.core.method import Method
from forensics.core.notice import NoticeKind, Severity
from forensics.core.options import Options, option, option_class
from forensics.core.provenance import make_provenance
from forensics.core.result import Result
from forensics.core.stored import reported
from forensics.errors import InputError
from forensics.io.tables import NUMBER, TEXT, Column, Table, read_table
from forensics.plugins import METHODS, find_plugin

if TYPE_CHECKING:
    import click

    from forensics.reanalysis.attachments import Attachments
    from forensics.reanalysis.recorded import Recorded, Sources

__all__ = ["METHOD", "LayerAge", "LayerOptions", "LayerReference", "age_by_layers", "read_counts"]

_SAMPLE, _COUNT = Column("sample", TEXT, filled=True), Column("count", NUMBER, filled=True)
_SPECIES, _RATE = (
    Column("species", TEXT, filled=True),
    Column("layers_per_year", NUMBER, filled=True),
)
_SD = Column("sd", NUMBER, filled=True)

ONE_COUNT = NoticeKind(
    "ONE_COUNT",
    Severity.LIMITS,
    "The layers were counted once only: a mistake of that count would not be seen.",
)


@option_class
class LayerOptions(Options):
    """Of an age by growth layers."""

    species: str = option(help="Scientific name, as the reference has it.")


@dataclass(frozen=True, slots=True)
class LayerReference:
    """What is known of the layers of a species.

    Attributes
    ----------
    species : str
    layers_per_year : float
    sd : float
        Standard deviation of one count, in layers.
    file, sha256 : str
        Of the table.
    """

    species: str
    layers_per_year: float
    sd: float
    file: str
    sha256: str

    @classmethod
    def read(cls, path: str, species: str) -> "LayerReference":
        """Read the row of a species from a table with ``species``, ``layers_per_year`` and ``sd``.

        Raises
        ------
        InputError
            If it has no such row, or values that cannot be.
        """
        table = read_table(path)
        for record in table.records(_SPECIES, _RATE, _SD):
            if record[_SPECIES].casefold() == species.casefold():
                if record[_RATE] <= 0 or record[_SD] <= 0:
                    raise InputError(
                        "layers_per_year and sd are above 0", source=path, line=record.line
                    )
                return cls(
                    record[_SPECIES], record[_RATE], record[_SD], table.source or "", table.sha256
                )
        raise InputError(f"it has no row for {species}", source=path)


@dataclass(frozen=True, kw_only=True)
class LayerAge(Result):
    """How old an animal was by the layers of its tooth.

    Attributes
    ----------
    age : float
        Years, from the mean of the counts.
    low, high : float
        95 % interval, by the scatter of counts alone; years.
    counts : tuple of float
        Layers.
    """

    NOTICE_KINDS: ClassVar = {ONE_COUNT.code: ONE_COUNT}
    KEYS: ClassVar = (
        "sample", "method", "result", "age", "low", "high", "counts", "explanation", "warnings",
        "limits", "provenance",
    )  # fmt: skip

    age: float
    low: float
    high: float
    counts: tuple[float, ...]

    @property
    @reported("method")
    def method(self) -> str:
        """``layers``."""
        return "layers"

    def headline(self) -> str:
        """Return the result in one sentence."""
        return f"{self.age:.1f} years ({self.low:.1f} to {self.high:.1f}, 95 % interval)"

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        return [("Counts", ", ".join(f"{count:g}" for count in self.counts))]

    def limits(self) -> list[str]:
        """Return what this method cannot say."""
        return ["Layers that the tooth has lost, or had not laid down yet, are not counted."]


def read_counts(path: str) -> tuple[Table, dict[str, list[float]]]:
    """Read a table of counts: columns ``sample`` and ``count``, a row a count; counts by sample."""
    table = read_table(path)
    counts: dict[str, list[float]] = {}
    for record in table.records(_SAMPLE, _COUNT):
        if record[_COUNT] < 0:
            raise InputError("a count is not below 0", source=path, line=record.line)
        counts.setdefault(record[_SAMPLE], []).append(record[_COUNT])
    return table, counts


def age_by_layers(
    counts: Sequence[float],
    reference: LayerReference,
    *,
    sample: str = "",
    table: Table | None = None,
) -> LayerAge:
    """Return the age of an animal.

    Parameters
    ----------
    counts : sequence of float
        Layers, one value a count.
    reference : LayerReference
    sample : str
    table : Table, optional
        That the counts were read from.

    Returns
    -------
    LayerAge
    """
    mean = sum(counts) / len(counts)
    half = 1.96 * reference.sd / math.sqrt(len(counts))
    plugin = find_plugin(METHODS, "age.layers")  # for scripts; the command names it by itself
    return LayerAge(
        sample=sample,
        age=mean / reference.layers_per_year,
        low=max(0.0, mean - half) / reference.layers_per_year,
        high=(mean + half) / reference.layers_per_year,
        counts=tuple(counts),
        notices=(ONE_COUNT(),) if len(counts) == 1 else (),
        provenance=make_provenance(
            library={"name": reference.species, "version": "", "sha256": reference.sha256},
            parameters={"species": reference.species},
            input={} if table is None else {"file": table.source, "sha256": table.sha256},
            plugins=[plugin] if plugin else [],
        ),
    )


def _command() -> "click.Command":
    from forensics_example_plugin.command import layers

    return layers


def _recompute(recorded: "Recorded", attachments: "Attachments", _sources: "Sources") -> Any:
    counts_file = attachments.require(recorded.input["sha256"], "the table of counts")
    reference_file = attachments.require(recorded.library["sha256"], "the reference table")
    reference = LayerReference.read(str(reference_file), recorded.parameters["species"])
    table, counts = read_counts(str(counts_file))
    (values,) = counts.values()
    return age_by_layers(values, reference, sample=recorded.sample, table=table)


METHOD = Method(kind="age", command=_command, read=LayerAge.from_stored, recompute=_recompute)
