"""Whatever a script has at hand becomes questioned sequences: files, text, tables, objects."""

import hashlib
import io
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import replace
from itertools import groupby
from typing import Any, Protocol, TypeAlias

from forensics.barcode.reading.in_memory import (
    holds_files,
    query_of,
    read_mapping,
    read_series,
    read_table,
)
from forensics.barcode.reading.reads import Query, checked, describe_record, fasta_queries
from forensics.barcode.reading.samples import read_sample, samples_of, unreadable
from forensics.barcode.sequence import IUPAC, clean
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["SequenceInput", "as_queries", "count_sequences"]


class _SeqRecord(Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def seq(self) -> Any: ...


class _Seq(Protocol):
    def reverse_complement(self) -> Any: ...


class _Table(Protocol):
    @property
    def columns(self) -> Any: ...
    def itertuples(self) -> Any: ...


class _Series(Protocol):
    @property
    def index(self) -> Any: ...
    def items(self) -> Any: ...


SequenceInput: TypeAlias = (
    str
    | os.PathLike[str]
    | Query
    | _SeqRecord
    | _Seq
    | _Table
    | _Series
    | Mapping[Any, Any]
    | Iterable["SequenceInput"]
)
"""Whatever a script has at hand (`as_queries`)."""


def as_queries(
    inputs: SequenceInput,
    *,
    errors: str = "raise",
    name_column: str | None = None,
    sequence_column: str | None = None,
) -> Iterator[Query]:
    """Read whatever a script has at hand.

    Parameters
    ----------
    inputs : path, str, Bio.Seq.Seq, Bio.SeqRecord.SeqRecord, pandas.DataFrame, pandas.Series, mapping \
or iterable of them
        A `str` is a sequence, FASTA text or a path, in this order of recognition. A
        table needs a column ``sequence``; names are those of a column (``query``, ``id``, ``name``,
        ``sample`` …) or of the index. A series is named by its index, a dictionary from names
        to sequences by its keys (`forensics.barcode.reading.in_memory`).
        A path may be a folder of chromatograms. Of paths that follow one another, those of one
        sample's chromatograms are merged (`forensics.barcode.reading.samples`).
    errors : str
        ``raise``, or ``report``: a file that cannot be read gives a query with a `problem`, and the
        others are read. Where nothing at all could be read, the error is raised all the same.
    name_column, sequence_column : str, optional
        Of a table, where they are not to be found by their names.

    Yields
    ------
    Query

    Raises
    ------
    InputError
        As `read_queries`; also where a table has no column ``sequence``, it cannot be told what names
        its rows, or an object is of no known kind.
    UsageError
        If `errors` is another word, or columns are named of what is not a table.
    """
    if name_column is not None or sequence_column is not None:
        if not (hasattr(inputs, "columns") and hasattr(inputs, "itertuples")):
            raise UsageError(
                _("name_column and sequence_column are for a DataFrame, found {kind}.").format(
                    kind=type(inputs).__name__
                )
            )
        yield from read_table(inputs, name_column=name_column, sequence_column=sequence_column)
        return
    if errors == "raise":
        yield from _read_any(inputs, None)
        return
    if errors != "report":
        raise UsageError(_("errors is 'report' or 'raise', found {value!r}.").format(value=errors))
    failures: list[InputError] = []
    waiting: list[Query] = []
    was_read = False
    for query in _read_any(inputs, failures):
        if not was_read and query.problem and query.problem.code == "UNREADABLE":
            waiting.append(query)  # until it is known that there are others
            continue
        was_read = True
        yield from waiting
        waiting.clear()
        yield query
    if failures and not was_read:
        raise failures[0]


def _read_any(inputs: Any, failures: list[InputError] | None) -> Iterator[Query]:
    """Yield the queries of `as_queries`; errors of files enter `failures`, where that is a list."""
    if isinstance(inputs, os.PathLike):
        yield from _from_files([inputs], failures)
    elif isinstance(inputs, str):
        yield from _from_text(inputs, failures)
    elif isinstance(inputs, Query):
        yield inputs
    elif hasattr(inputs, "seq") and hasattr(inputs, "id"):
        query = query_of(str(inputs.id), inputs)
        yield replace(query, description=describe_record(inputs))
    elif hasattr(inputs, "columns") and hasattr(inputs, "itertuples"):
        yield from read_table(inputs)
    elif hasattr(inputs, "columns"):  # of another library than pandas: its names would be lost
        raise InputError(
            _("tables are read as those of pandas; convert this one ({kind}) first").format(
                kind=f"{type(inputs).__module__}.{type(inputs).__qualname__}"
            )
        )
    elif hasattr(inputs, "reverse_complement"):
        yield query_of("sequence", inputs)
    elif isinstance(inputs, Mapping):
        yield from read_mapping(inputs)
    elif hasattr(inputs, "index") and hasattr(inputs, "items") and not holds_files(inputs):
        yield from read_series(inputs)
    elif isinstance(inputs, Iterable) and not isinstance(inputs, bytes):
        for are_files, items in groupby(inputs, _is_file):
            if are_files:
                yield from _from_files(items, failures)
            else:
                for item in items:
                    yield from _read_any(item, failures)
    else:
        raise InputError(
            _(
                "cannot read sequences from {kind}; give a path, text, Seq, SeqRecord, table "
                "or a list of them"
            ).format(kind=type(inputs).__name__)
        )


def count_sequences(inputs: object) -> int | None:
    """Return how many sequences inputs hold; None where they would have to be read to know."""
    if hasattr(inputs, "columns") and isinstance(inputs, Sized):
        return len(inputs)
    if isinstance(inputs, Mapping):
        return None if "sequence" in inputs else len(inputs)
    if isinstance(inputs, (list, tuple)):
        counts = [1 if hasattr(item, "seq") else None for item in inputs]
        return None if None in counts else len(counts)
    return None


def _log_unreadable(error: InputError) -> None:
    import logging  # not loaded where there is nothing to say

    logging.getLogger(__name__).warning("left out: %s", error)


def _from_text(text: str, failures: list[InputError] | None) -> Iterator[Query]:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(">"):
        digest = hashlib.sha256(text.encode()).hexdigest()
        # newline=None: line ends of old Macintoshes count too.
        for query in fasta_queries(
            io.StringIO(text.removeprefix("\ufeff"), newline=None), _("text")
        ):
            yield checked(replace(query, source=_("text"), sha256=digest))
    elif _is_file(text):
        yield from _from_files([text], failures)
    else:
        yield query_of("sequence", text)


def _is_file(item: object) -> bool:
    """Return whether something that a script gave is the name of a file or folder."""
    if not isinstance(item, str):
        return isinstance(item, os.PathLike)
    start = item.lstrip("\ufeff \t\r\n")
    if start.startswith(">"):
        return False
    return not start or not set(clean(item)) <= IUPAC.keys() or os.path.exists(item.strip())


def _from_files(
    files: Iterable[str | os.PathLike], failures: list[InputError] | None
) -> Iterator[Query]:
    """Read files, those of one sample's chromatograms together."""
    gathered = samples_of(files)
    for message in gathered.passed_over:
        warnings.warn(message, stacklevel=2)
    for sample in gathered.samples:
        try:
            yield from read_sample(sample)
        except InputError as error:
            if failures is None:
                raise
            failures.append(error)
            _log_unreadable(error)
            yield unreadable(sample, error)
