"""A table with what must be read beside it: what all indicators give."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.plain import PlainResult
from forensics.core.provenance import Provenance, make_provenance
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = ["Indicator", "plain_rows", "provenance_of"]

_DIGITS = 10  # significant digits of numbers in JSON: more than any of them is known to


@dataclass(frozen=True, eq=False)
class Indicator(PlainResult):
    """A table, and what limits it.

    Attributes
    ----------
    sample : str
        Name of the indicator.
    table : pandas.DataFrame
        A row each; columns are documented where it is made.
    notes : tuple of (str, str)
        Label and text of what must be read beside the table.
    provenance : Provenance
    """

    sample: str
    table: "pandas.DataFrame" = field(repr=False)
    notes: tuple[tuple[str, str], ...]
    provenance: Provenance = field(repr=False)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table; a copy, which may be changed."""
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "indicator": self.sample,
            "rows": plain_rows(self.table),
            "notes": [text for _label, text in self.notes],
            "provenance": self.provenance.to_dict(),
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return what must be read beside the table."""
        return [(_("Rows"), str(len(self.table))), *self.notes]

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{self.table.to_html(index=False, escape=True)}"


def plain_rows(table: "pandas.DataFrame") -> list[dict[str, Any]]:
    """Return rows as plain values; what is missing or infinite is None, lists become texts.

    Examples
    --------
    >>> import pandas
    >>> plain_rows(pandas.DataFrame({"n": [1], "p": [float("nan")], "via": [("AE", "MY")]}))
    [{'n': 1, 'p': None, 'via': 'AE;MY'}]
    """
    return [
        {name: _plain(value) for name, value in zip(table.columns, row)}
        for row in table.itertuples(index=False, name=None)
    ]


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return ";".join(str(part) for part in value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return None if value is None or value != value else str(value)


def provenance_of(
    parameters: Mapping[str, Any],
    files: Sequence[tuple[str, str]],
    *,
    dependencies: Sequence[str] = (),
) -> Provenance:
    """Return how an indicator was reached.

    Parameters
    ----------
    parameters : mapping
        All that can change it.
    files : sequence of (str, str)
        Name and SHA-256 of what was read.
    dependencies : sequence of str
        Packages, beside numpy and pandas, that it was computed with.
    """
    from importlib.metadata import version

    return make_provenance(
        dependencies={name: version(name) for name in ("numpy", "pandas", *dependencies)},
        library={},
        parameters=dict(parameters),
        input={"files": [{"file": name, "sha256": sha256} for name, sha256 in files]},
    )
