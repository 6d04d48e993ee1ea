"""Whatever a script has at hand becomes questioned sequences: files, text, tables, objects of Biopython.

The name of a sample is what a result is filed under, so it is kept wherever it stands: in a column,
in the index, in the keys. Where it cannot be told which of several is meant, the input is refused.
"""

import hashlib
import io
import os
import warnings
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sized
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from forensics.barcode.locus import IUPAC, clean
from forensics.barcode.reading.reads import (
    Query,
    checked,
    describe_record,
    fasta_queries,
    letters_of,
)
from forensics.barcode.reading.samples import read_sample, samples_of, unreadable
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.messages import _

if TYPE_CHECKING:
    import pandas


SEQUENCE_COLUMN = "sequence"
# Columns that name a sample, the first that is there; capitals, blanks and hyphens do not matter.
NAME_COLUMNS = (
    "query", "id", "name", "sample", "sample_id", "sample_name", "exhibit", "specimen", "specimen_id",
    "accession", "label",
)  # fmt: skip
# How the names of files end that hold sequences.
_ENDINGS = (
    ".fasta", ".fas", ".fa", ".fna", ".fastq", ".fq", ".gb", ".gbk", ".ab1", ".abi", ".scf", ".txt", ".gz",
)  # fmt: skip
# What joins the levels of an index that has several.
_JOINT = "|"


def read_table(
    table: "pandas.DataFrame", *, name_column: str | None = None, sequence_column: str | None = None
) -> Iterator[Query]:
    """Yield the rows of a pandas table with a column of sequences.

    The sequences stand in the column ``sequence``, else in the only column whose name means that
    (`forensics.barcode.reference.references`). The name is that of the first of `NAME_COLUMNS`, else
    that of the index. Rows of a table with neither are ``row_1``, ``row_2`` …, and so are single
    rows without a name. All other columns, and the levels of the index that have a name, are kept
    in `Query.sample_columns`.

    Parameters
    ----------
    table : pandas.DataFrame
    name_column, sequence_column : str, optional
        The columns, where they are to be others.

    Raises
    ------
    InputError
        If a column is missing or stands there twice; if the index is only a count, and names may stand
        in a column that is not known as one.
    """
    columns = list(table.columns)
    sequences = _find_sequences(columns) if sequence_column is None else sequence_column
    for column in (sequences, name_column):
        if column is not None:
            _require_column(columns, column)
    names: Iterable[object] = (
        _names_of(table, sequences) if name_column is None else table[name_column]
    )
    queries = _rows(names, table[sequences])
    for query, own in zip(queries, _own_columns(table, sequences), strict=True):
        yield query._replace(sample_columns=own)


def _find_sequences(columns: list[Hashable]) -> Hashable:
    """Return the column of sequences: by its name, else the only one with a name of that meaning."""
    if SEQUENCE_COLUMN in columns:
        return SEQUENCE_COLUMN
    from forensics.barcode.reference.references import SEQUENCE, find_columns

    meanings = find_columns(map(str, columns))
    known = [columns[place] for place, names in meanings.items() if SEQUENCE in names]
    if len(known) > 1:
        raise _several(SEQUENCE_COLUMN)
    return known[0] if known else SEQUENCE_COLUMN


def _several(name: Hashable) -> InputError:
    return InputError(
        _("the table has several columns '{name}'; keep one of them").format(name=name)
    )


def _require_column(columns: list[Hashable], name: Hashable) -> None:
    if name not in columns:
        raise InputError(
            _("the table has no column '{name}'; its columns are: {columns}").format(
                name=name, columns=", ".join(map(str, columns))
            )
        )
    if columns.count(name) > 1:
        raise _several(name)


def _names_of(table: "pandas.DataFrame", sequences: Hashable) -> Iterable[object]:
    """Return the names of the rows: of a column, else of the index; None where there are none."""
    columns = list(table.columns)
    others = [name for name in columns if name != sequences]
    naming = _naming({_folded(name): name for name in reversed(others)})
    if naming is not None:
        _require_column(columns, naming)
        return table[naming]
    if not _counts(table.index):
        return table.index
    texts = [str(name) for name in others if any(isinstance(cell, str) for cell in table[name])]
    if texts:
        raise InputError(
            _(
                "the table has no column of names ({known}), and {columns} may be one; call it 'name', or "
                "give the column 'sequence' alone"
            ).format(known=", ".join(NAME_COLUMNS), columns=", ".join(texts))
        )
    return [None] * len(table)


def _own_columns(table: "pandas.DataFrame", sequences: Hashable) -> Iterator[dict[str, object]]:
    """Yield what each row says beside its sequence: named levels of the index, then other columns."""
    levels = {
        str(name): table.index.get_level_values(place)
        for place, name in enumerate(table.index.names)
        if name is not None
    }
    others = {
        str(name): table.iloc[:, place]
        for place, name in enumerate(table.columns)
        if name != sequences
    }
    own = {**levels, **others}
    if not own:
        yield from ({} for _row in range(len(table)))
        return
    for values in zip(*own.values(), strict=True):
        yield dict(zip(own, values, strict=True))


def read_series(series: "pandas.Series") -> Iterator[Query]:
    """Yield the sequences of a pandas series, named by its index; see `read_table`.

    One that is a row of a table, with a name and a sequence, is a single record.

    Raises
    ------
    InputError
        If it holds names of files.
    """
    values = list(series)
    if record := _record_of(dict(zip(series.index, values))):
        yield record
        return
    _refuse_files(zip(series.index, values))
    yield from _rows([None] * len(values) if _counts(series.index) else series.index, values)


def read_mapping(sequences: Mapping[Hashable, object]) -> Iterator[Query]:
    """Yield the sequences of a dictionary from names to sequences, named by its keys.

    One that has a sequence under ``sequence`` and its name under one of `NAME_COLUMNS` is a single record.

    Raises
    ------
    InputError
        If it holds names of files.
    """
    if record := _record_of(sequences):
        yield record
        return
    _refuse_files(sequences.items())
    yield from _rows(sequences.keys(), sequences.values())


def query_of(name: str, sequence: object) -> Query:
    """Return a query of a sequence in memory: text, or an object of Biopython."""
    text = _letters_of(sequence)
    digest = hashlib.sha256(text.encode()).hexdigest()
    query = Query(name, clean(text), source=_("text"), sha256=digest)
    return checked(query)


def _letters_of(sequence: object) -> str:
    """Return the letters of a sequence; none of a missing value, or where only the length is known."""
    sequence = getattr(sequence, "seq", sequence)
    if not isinstance(sequence, str) and not hasattr(sequence, "reverse_complement"):
        return ""  # a missing cell arrives as a float or None
    return letters_of(sequence)


def _record_of(fields: Mapping[Hashable, object]) -> Query | None:
    """Return the query of a row, such as ``{"name": "S1", "sequence": "ACGT"}``; None of others."""
    known = {_folded(key): key for key in fields}
    naming = _naming(known)
    if naming is None or SEQUENCE_COLUMN not in known:
        return None
    return query_of(_named(fields[naming]) or "row_1", fields[known[SEQUENCE_COLUMN]])


def _rows(names: Iterable[object], sequences: Iterable[object]) -> Iterator[Query]:
    for row, (name, sequence) in enumerate(zip(names, sequences), 1):
        yield query_of(_named(name) or f"row_{row}", sequence)._replace(record=row)


def _named(name: object) -> str:
    """Return a name as text; nothing where it is missing."""
    if isinstance(name, tuple):
        return _JOINT.join(filter(None, map(_named, name)))
    if name is None or str(name) == "<NA>" or name != name:  # NaN and NaT are not themselves
        return ""
    return str(name).strip()


def _naming(known: Mapping[str, Hashable]) -> Hashable:
    """Return the column that names samples, of columns by their folded names; None without one."""
    return next((known[name] for name in NAME_COLUMNS if name in known), None)


def _folded(name: object) -> str:
    return str(name).strip().casefold().replace(" ", "_").replace("-", "_")


def _counts(index: "pandas.Index") -> bool:
    """Return whether an index only counts the rows, as pandas makes it where none is given."""
    start, stop, step = (getattr(index, name, None) for name in ("start", "stop", "step"))
    return start == 0 and stop == len(index) and step == 1 and index.name is None


def _refuse_files(named: Iterable[tuple[object, object]]) -> None:
    """Refuse names of files where sequences belong: the sequences of a file have names of their own."""
    for name, value in named:
        if names_file(value):
            raise InputError(
                _(
                    "{name}: {value!r} is a file, not a sequence; give sequences under their names, or the "
                    "files in a list"
                ).format(name=_named(name), value=str(value)[-60:])
            )


def names_file(value: object) -> bool:
    """Return whether a value among sequences is the name of a file."""
    if not isinstance(value, str):
        return isinstance(value, os.PathLike)
    text = value.strip()
    return bool(text) and (text.lower().endswith(_ENDINGS) or os.path.exists(text))


def holds_files(series: "pandas.Series") -> bool:
    """Return whether a series is a list of files: nothing else in it, and no names in its index."""
    values = list(series)
    is_named = any(isinstance(label, str) for label in series.index)
    return bool(values) and all(map(names_file, values)) and not is_named


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
    AnyPath
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
        to sequences by its keys.
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
        yield query._replace(description=describe_record(inputs))
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
    elif isinstance(inputs, Iterable) and not isinstance(inputs, (bytes, io.IOBase)):
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


def _from_text(text: str, failures: list[InputError] | None) -> Iterator[Query]:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(">"):
        digest = hashlib.sha256(text.encode()).hexdigest()
        # newline=None: line ends of old Macintoshes count too.
        for query in fasta_queries(
            io.StringIO(text.removeprefix("\ufeff"), newline=None), _("text")
        ):
            yield checked(query._replace(source=_("text"), sha256=digest))
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


def _from_files(files: Iterable[AnyPath], failures: list[InputError] | None) -> Iterator[Query]:
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
            import logging  # not loaded where there is nothing to say

            failures.append(error)
            logging.getLogger(__name__).warning("left out: %s", error)
            yield unreadable(sample, error)
