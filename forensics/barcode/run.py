"""The results of a run: a sequence of identifications, which becomes a table, JSON, or a page of a notebook."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from forensics.barcode.identification import CSV_COLUMNS, Identification

if TYPE_CHECKING:
    import pandas

__all__ = ["INTEGER_COLUMNS", "Identifications"]

INTEGER_COLUMNS = ("index", "length", "mismatches", "records")
"""Columns of `Identifications.to_frame` with whole numbers; where there is none they hold ``<NA>``."""
_CLASH = "sample_"  # before the name of a sample's column that is one of ours


class Identifications(Sequence[Identification]):
    """Identifications in the order of their queries.

    Slices and sums are `Identifications` too. Two are equal where the same would be stored of both.

    Parameters
    ----------
    results : iterable of Identification

    Examples
    --------
    >>> len(Identifications([]))
    0
    """

    def __init__(self, results: Iterable[Identification]) -> None:
        self._results = tuple(results)

    @classmethod
    def from_stored(cls, records: Iterable[Mapping[str, Any]]) -> "Identifications":
        """Return the identifications that `Identification.to_dict` wrote.

        Raises
        ------
        InputError
            If a record is not one of an identification.
        """
        return cls(map(Identification.from_stored, records))

    @classmethod
    def from_json(cls, text: str) -> "Identifications":
        """Return the identifications that `to_json` wrote, one a line.

        Raises
        ------
        InputError
            If a line is not JSON, or not the record of an identification.
        """
        return cls(Identification.from_json(line) for line in text.splitlines() if line.strip())

    @overload
    def __getitem__(self, position: int) -> Identification: ...

    @overload
    def __getitem__(self, position: slice) -> "Identifications": ...

    def __getitem__(self, position: int | slice) -> "Identification | Identifications":
        if isinstance(position, slice):
            return Identifications(self._results[position])
        return self._results[position]

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Identification]:
        return iter(self._results)

    def __add__(self, other: object) -> "Identifications":
        if not isinstance(other, Identifications):
            return NotImplemented
        return Identifications((*self._results, *other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Identifications):
            return NotImplemented
        return self._results == other._results

    __hash__ = None  # type: ignore[assignment]  # as of an identification

    def __repr__(self) -> str:
        return "\n".join(f"{result.label}: {result.headline()}" for result in self._results)

    def to_json(self) -> str:
        """Return one JSON object a line."""
        return "".join(result.to_json() + "\n" for result in self._results)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the results as a table with a row a query.

        Returns
        -------
        pandas.DataFrame
            The columns of the CSV output (`CSV_COLUMNS`; those of `INTEGER_COLUMNS` are Int64), and the
            columns that the samples had in the DataFrame that was given to `forensics.identify`. One of
            these whose name is taken has ``sample_`` before it.
        """
        import pandas

        rows = [result.to_row() for result in self._results]
        frame = pandas.DataFrame(rows, columns=list(CSV_COLUMNS))
        frame = frame.astype(dict.fromkeys(INTEGER_COLUMNS, "Int64"))
        own = dict.fromkeys(name for result in self._results for name in result.sample_columns)
        for name in own:
            values = [result.sample_columns.get(name, pandas.NA) for result in self._results]
            series = pandas.Series(values, index=frame.index)
            if series.dtype == object:  # whole numbers of some rows stay whole
                series = series.astype(pandas.array(values).dtype)
            frame[_CLASH + name if name in CSV_COLUMNS else name] = series
        return frame

    def plot(self, axes: Any = None) -> Any:
        """Draw a row a query: the identities of the nearest species and of the next one.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        UsageError
            If there are more than `forensics.barcode.plots.MAX_ROWS`.
        ForensicsError
            If matplotlib is not installed.
        """
        from forensics.barcode.plots import plot_identifications

        return plot_identifications(self, axes)

    def _repr_html_(self) -> str:
        from forensics.barcode.notebook import run_html

        return run_html(self)
