"""The file in which seizure records are kept, beside the ledger of custody, and full-text search in it.

What was imported stays as it was, what was changed has a history. Tables ``files``, ``rows``, ``history``,
``decisions``, ``releases`` and ``released`` only grow; triggers hold honest software to it. The fields of
``seizures`` and ``specimens`` are those of `vocabulary.FIELDS`. A row says how it stood when it was read.

>>> from forensics.trade.store import open_store
>>> with open_store("seizures.db") as store:                               # doctest: +SKIP
...     for seizure in store.seizures():
...         print(seizure.get("reference"), len(seizure.specimens))
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics import __version__
from forensics.core.stored import utc_now
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import AnyPath
from forensics.io.numbers import year_of
from forensics.io.tables import Row
from forensics.messages import N_, _
from forensics.store import Connection
from forensics.store.connections import (
    DatabaseKind,
    is_sqlite,
    open_temporary,
    open_writer,
    require_file,
    transaction,
    translate_errors,
)
from forensics.store.schema import check_schema, create_schema, search_texts
from forensics.trade.problems import Problem
from forensics.trade.record import COUNTED, Fix, Seizure, Specimen, counted_part, standing_of
from forensics.trade.sheets import Sheet, row_sha256, sheet_label
from forensics.trade.vocabulary import NUMBER_COLUMNS, SEIZURE_COLUMNS, SPECIMEN_COLUMNS, VERSION

if TYPE_CHECKING:
    from forensics.store.schema import Database


APPLICATION_ID = 0x57465452
"""``WFTR`` in the header of the file."""
SCHEMA_VERSION = 3
_CHECKS = {
    "quantity_low": " CHECK (quantity_low >= 0)",
    "quantity_high": " CHECK (quantity_high >= quantity_low)",
}


def _columns(names: Iterable[str]) -> str:
    """Return the columns of a record as its table declares them."""
    declared = {
        name: ("REAL" if name in NUMBER_COLUMNS else "TEXT") + _CHECKS.get(name, "")
        for name in names
    }
    if "approximate" in declared:
        declared["approximate"] = "INTEGER NOT NULL DEFAULT 0 CHECK (approximate IN (0, 1))"
    return ", ".join(f"{name} {kind}" for name, kind in declared.items())


_TABLES = f"""
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    header TEXT NOT NULL CHECK (json_valid(header)),
    mapping TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    vocabulary TEXT NOT NULL,
    software TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    sheet TEXT NOT NULL DEFAULT '',
    UNIQUE (sha256, sheet)
) STRICT;
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (id),
    number INTEGER NOT NULL,
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    sha256 TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('counted', 'waiting', 'set aside')),
    UNIQUE (file, number)
) STRICT;
CREATE TABLE seizures (
    id INTEGER PRIMARY KEY,
    {_columns(SEIZURE_COLUMNS)}
) STRICT;
CREATE TABLE specimens (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    number INTEGER NOT NULL,
    "row" INTEGER REFERENCES rows (id),
    {_columns(SPECIMEN_COLUMNS)},
    UNIQUE (seizure, number)
) STRICT;
CREATE INDEX specimens_row ON specimens ("row");
CREATE TABLE problems (
    id INTEGER PRIMARY KEY,
    "row" INTEGER NOT NULL REFERENCES rows (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    code TEXT NOT NULL,
    found TEXT NOT NULL,
    expected TEXT NOT NULL,
    suggestion TEXT NOT NULL
) STRICT;
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    before TEXT,
    after TEXT,
    code TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX history_seizure ON history (seizure);
CREATE TABLE conversions (
    id INTEGER PRIMARY KEY,
    specimen INTEGER NOT NULL REFERENCES specimens (id),
    factor TEXT NOT NULL,
    table_version TEXT NOT NULL,
    table_sha256 TEXT NOT NULL,
    assumption TEXT NOT NULL,
    source TEXT NOT NULL,
    from_low REAL,
    from_high REAL,
    from_unit TEXT NOT NULL,
    low REAL,
    middle REAL,
    high REAL,
    measure TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversions_once ON conversions (
    specimen, measure, factor, table_sha256, coalesce(from_low, -1), coalesce(from_high, -1), from_unit
);
CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    kind TEXT NOT NULL CHECK (kind IN ('case', 'exhibit', 'finding')),
    ledger TEXT NOT NULL,
    name TEXT NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    UNIQUE (seizure, specimen, kind, ledger, name)
) STRICT;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    standing TEXT NOT NULL CHECK (standing IN ('counted', 'waiting', 'set aside')),
    code TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_specimen ON decisions (specimen);
CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    fewest INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE released (
    id INTEGER PRIMARY KEY,
    publication INTEGER NOT NULL REFERENCES releases (id),
    country TEXT NOT NULL,
    taxon TEXT NOT NULL,
    year TEXT NOT NULL,
    seizure INTEGER NOT NULL REFERENCES seizures (id)
) STRICT;
"""
_GROWING = ("files", "rows", "history", "decisions", "releases", "released")
"""Tables whose rows are never changed and never deleted."""

SCRIPT = _TABLES + "".join(
    f"CREATE TRIGGER {table}_{act} BEFORE {act.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END;\n"
    for table in _GROWING
    for act in ("update", "delete")
)
"""Makes the tables, indexes and triggers of a new store."""


SEIZURE_DATABASE = DatabaseKind(
    application_id=APPLICATION_ID,
    scripts={SCHEMA_VERSION: SCRIPT},
    missing=N_("No store of seizures exists here; make one with forensics trade import --new."),
    foreign=N_("{path}: this is not a store of seizures."),
    damaged=N_("{path}: this is not a store of seizures, or it is damaged: {error}"),
    journal="DELETE",
    max_bytes=16 * 2**30,
)
"""The file of a store of seizures. It has no files beside it, so that it can be sent as it is."""


def create_store(path: AnyPath, *, ledger: str = "") -> "Store":
    """Make a store in a new file.

    Parameters
    ----------
    path : path
    ledger : str
        Id of the ledger of custody that it stands beside, if there is one.

    Raises
    ------
    UsageError
        If the file exists.
    """
    path = Path(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError as error:
        raise UsageError(
            _("{path} already exists and is not overwritten; give another name.").format(path=path)
        ) from error
    except OSError as error:
        raise InputError(
            _("The file cannot be written: {error}").format(error=error.strerror or error),
            source=str(path),
        ) from error
    try:
        return _fill_new_store(open_writer(path, SEIZURE_DATABASE), path, ledger)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def memory_store() -> "Store":
    """Return a store that ends with the program, for a file that is only checked."""
    return _fill_new_store(open_temporary(), Path(":memory:"), "")


def open_store(path: AnyPath) -> "Store":
    """Open a store.

    Raises
    ------
    InputError
        If there is no such file.
    VerificationError
        If it is not a store, is damaged, or of a version that this software does not know.
    """
    path = Path(path)
    require_file(path, SEIZURE_DATABASE)
    if not is_sqlite(path):
        raise VerificationError(_(SEIZURE_DATABASE.foreign).format(path=path))
    connection = open_writer(path, SEIZURE_DATABASE)
    try:
        check_schema(connection, path, SEIZURE_DATABASE)
    except BaseException:
        connection.close()
        raise
    return Store(connection, path)


def _fill_new_store(connection: Connection, path: Path, ledger: str) -> "Store":
    rows = [("created_at", utc_now()), ("software", __version__), ("vocabulary", VERSION)]
    if ledger:
        rows.append(("ledger", ledger))
    try:
        with translate_errors(path, SEIZURE_DATABASE):
            create_schema(connection, SEIZURE_DATABASE)
            with transaction(connection):
                connection.executemany("INSERT INTO about VALUES (?, ?)", rows)
    except BaseException:
        connection.close()
        raise
    return Store(connection, path)


class Store:
    """An open store; use `open_store`, `create_store` or `memory_store`.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, database: Connection, path: Path) -> None:
        self._database, self.path = database, path
        self._pending: dict[str, list[tuple[object, ...]]] = {}
        self._last: dict[str, int] = {}

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @property
    def about(self) -> dict[str, str]:
        """What the store says of itself: when it was made, with what, beside which ledger."""
        with translate_errors(self.path, SEIZURE_DATABASE):
            return dict(self._database.execute("SELECT name, value FROM about"))

    def database(self) -> "Database":
        """Return it as a ``sqlite_utils.Database`` for queries of one's own."""
        from forensics.store.schema import open_database

        return open_database(self._database)

    @contextmanager
    def changing(self, *, dry_run: bool = False) -> Iterator[None]:
        """Do everything within, or nothing of it; of a dry run nothing stays."""
        try:
            with (
                translate_errors(self.path, SEIZURE_DATABASE),
                transaction(self._database, dry_run=dry_run),
            ):
                yield
                self._write()
        finally:
            self._pending, self._last = {}, {}

    # -- writing, within `changing` -----------------------------------------------------

    def add_file(self, sheet: Sheet, *, mapping: str, mapping_sha256: str) -> int:
        """Add a file, or a sheet of it, and return its id.

        Raises
        ------
        UsageError
            If a file with this content, or this sheet of it, was imported before.
        """
        known = self._fetch_row(
            "SELECT name, imported_at FROM files WHERE sha256 = ? AND sheet = ?",
            sheet.sha256, sheet.title,
        )  # fmt: skip
        if known:
            raise UsageError(
                _(
                    "{file}: its content was imported before, as {name} at {time}; nothing was done."
                ).format(file=sheet.label, name=known[0], time=known[1])
            )
        return self._insert(
            "files", sheet.name, sheet.sha256, sheet.size, _json(sheet.header), mapping, mapping_sha256,
            VERSION, __version__, utc_now(), sheet.title,
        )  # fmt: skip

    def imported_sheets(self, sha256: str) -> set[str]:
        """Return the titles of the sheets of a file that were imported."""
        return {
            title for (title,) in self._read("SELECT sheet FROM files WHERE sha256 = ?", sha256)
        }

    def add_row(self, file: int, row: Row, standing: str) -> int:
        """Add a row as it stands in its file, and whether it counts (one of `record.STANDINGS`)."""
        return self._insert("rows", file, row.line, _json(row.cells), row_sha256(row), standing)

    def add_seizure(self, values: Mapping[str, object]) -> int:
        """Add a seizure; columns that have no value are left out."""
        return self._insert("seizures", *map(values.get, SEIZURE_COLUMNS))

    def add_specimen(
        self, seizure: int, number: int, row: int | None, values: Mapping[str, object]
    ) -> int:
        """Add a specimen to a seizure."""
        if values.get("approximate") is None:
            values = {**values, "approximate": 0}
        return self._insert("specimens", seizure, number, row, *map(values.get, SPECIMEN_COLUMNS))

    def add_problem(self, row: int, specimen: int | None, problem: Problem) -> None:
        """Add what was wrong when a row was read."""
        self._insert(
            "problems", row, specimen, problem.field, problem.code, problem.found, problem.expected,
            problem.suggestion,
        )  # fmt: skip

    def change(
        self, fix: Fix, values: Mapping[str, object], *, decided_by: str, reason: str
    ) -> None:
        """Change the columns of a record, and keep in its history what it was."""
        table = "specimens" if fix.specimen else "seizures"
        columns = SPECIMEN_COLUMNS if fix.specimen else SEIZURE_COLUMNS
        if unknown := set(values) - set(columns):
            raise ValueError(f"no columns of {table}: {unknown}")
        assignments = ", ".join(f"{name} = ?" for name in values)
        self._write()
        self._database.execute(
            f"UPDATE {table} SET {assignments} WHERE id = ?",
            (*values.values(), fix.specimen or fix.seizure),
        )
        self._insert(
            "history", fix.seizure, fix.specimen or None, fix.field, fix.before or None, fix.after,
            fix.code, decided_by, reason, utc_now(),
        )  # fmt: skip

    def add_decision(
        self, seizure: int, specimen: int | None, standing: str, *, code: str, decided_by: str,
        reason: str,
    ) -> None:  # fmt: skip
        """Add whether a seizure, or one kind of its specimens, counts from now on."""
        self._insert("decisions", seizure, specimen, standing, code, decided_by, reason, utc_now())

    def add_conversion(self, **columns: object) -> None:
        """Add a converted quantity with its assumption; one that is there already is not doubled."""
        marks = ", ".join("?" * len(columns))
        self._database.execute(
            f"INSERT OR IGNORE INTO conversions ({', '.join(columns)}) VALUES ({marks})",
            tuple(columns.values()),
        )

    def add_link(
        self, seizure: int, specimen: int | None, kind: str, ledger: str, name: str, checked: bool
    ) -> None:
        """Tie a seizure, or one kind of its specimens, to a case, an exhibit or a finding."""
        known = self._fetch_row(
            "SELECT id FROM links WHERE seizure = ? AND specimen IS ? AND kind = ? AND ledger = ? "
            "AND name = ?", seizure, specimen, kind, ledger, name,
        )  # fmt: skip
        if not known:
            self._insert("links", seizure, specimen, kind, ledger, name, int(checked))

    def add_release(self, fewest: int, records: Iterable[tuple[str, str, str, int]]) -> None:
        """Add what was published: country, taxon, year and seizure of each record that is in a public count."""
        key = self._insert("releases", fewest, utc_now())
        for record in records:
            self._insert("released", key, *record)

    # -- reading ------------------------------------------------------------------------

    def releases(self) -> list[tuple[int, frozenset[tuple[str, str, str, int]]]]:
        """Return what was published, in its order: fewest seizures of a count, and the records."""
        records: dict[int, set[tuple[str, str, str, int]]] = {}
        for key, *record in self._read(
            "SELECT publication, country, taxon, year, seizure FROM released"
        ):
            records.setdefault(key, set()).add(tuple(record))
        return [
            (fewest, frozenset(records.get(key, ())))
            for key, fewest in self._read("SELECT id, fewest FROM releases ORDER BY id")
        ]

    def seizures(
        self, *, year: int | None = None, undated: bool = False, everything: bool = False
    ) -> Iterator[Seizure]:
        """Yield the seizures that count, with their specimens, in the order in which they came.

        Parameters
        ----------
        year : int, optional
            Of the date of seizure; default: all, also those without a date.
        undated : bool
            With a year: also those whose date is missing or cannot be read.
        everything : bool
            Also what waits for a decision and what was set aside; its `standing` says so.
        """
        for seizure in self._records(None if undated else year):
            if year is not None:
                known = year_of(seizure.get("date"))
                if known != year and not (undated and known is None):
                    continue
            part = seizure if everything else counted_part(seizure)
            if part is not None:
                yield part

    def find(
        self, number: int, specimen: int | None = None
    ) -> tuple[Seizure, tuple[Specimen, ...]]:
        """Return a seizure, whether it counts or not, and those of its specimens that are meant: all, or one.

        Raises
        ------
        UsageError
            If there is none of these ids.
        """
        known = {one.id: one for one in self.seizures(everything=True) if one.id == number}
        record = chosen_of(known, number, specimen)
        return known[number], (record,) if isinstance(record, Specimen) else record.specimens

    def _records(self, year: int | None) -> Iterator[Seizure]:
        standings = self.standings()
        files = {
            key: sheet_label(name, sheet)
            for key, name, sheet in self._read("SELECT id, name, sheet FROM files")
        }
        of_year = "" if year is None else "WHERE date LIKE ?"
        arguments = () if year is None else (f"{int(year):04d}%",)
        within = f"WHERE s.seizure IN (SELECT id FROM seizures {of_year})" if of_year else ""
        names = ", ".join(f"s.{name}" for name in SPECIMEN_COLUMNS)
        # Both in the order of the seizures, side by side: a store may be larger than the memory.
        rows = self._read(
            f"SELECT s.seizure, s.id, s.number, r.file, r.number, {names} FROM specimens AS s "
            f'LEFT JOIN rows AS r ON r.id = s."row" {within} ORDER BY s.seizure, s.number',
            *arguments,
        )
        row = next(rows, None)
        for key, *values in self._read(
            f"SELECT id, {', '.join(SEIZURE_COLUMNS)} FROM seizures {of_year} ORDER BY id",
            *arguments,
        ):
            whole = standings.get((key, None), COUNTED)
            specimens = []
            while row is not None and row[0] == key:
                _seizure, specimen, number, file, line, *cells = row
                standing = whole if whole != COUNTED else standings.get((key, specimen), COUNTED)
                specimens.append(
                    Specimen(
                        _filled(SPECIMEN_COLUMNS, cells), specimen, number,
                        files.get(file, ""), line or 0, standing,
                    )
                )  # fmt: skip
                row = next(rows, None)
            yield Seizure(
                _filled(SEIZURE_COLUMNS, values), tuple(specimens), key,
                standing_of(whole, specimens),
            )  # fmt: skip

    def standings(self) -> dict[tuple[int, int | None], str]:
        """Return the last decision on each seizure (specimen None) and specimen that had one."""
        rows = self._read("SELECT seizure, specimen, standing FROM decisions ORDER BY id")
        return {(seizure, specimen): standing for seizure, specimen, standing in rows}

    def reading_problems(self) -> Iterator[Problem]:
        """Yield what was wrong when rows were read and was not changed since."""
        for *told, name, sheet, row, seizure, specimen, reference in self._read(
            "SELECT p.code, p.field, p.found, p.expected, p.suggestion, f.name, f.sheet, "
            "r.number, coalesce(s.seizure, 0), coalesce(p.specimen, 0), coalesce(z.reference, '') "
            "FROM problems AS p JOIN rows AS r "
            'ON r.id = p."row" JOIN files AS f ON f.id = r.file '
            "LEFT JOIN specimens AS s ON s.id = p.specimen "
            "LEFT JOIN seizures AS z ON z.id = s.seizure "
            "WHERE NOT EXISTS (SELECT 1 FROM history AS h WHERE h.field = p.field AND "
            "h.seizure = s.seizure AND (h.specimen IS NULL OR h.specimen = p.specimen)) "
            "AND (p.field <> 'record' OR 'waiting' = (SELECT d.standing FROM decisions AS d "
            "WHERE d.specimen = p.specimen ORDER BY d.id DESC LIMIT 1)) ORDER BY p.id"
        ):
            code, field, found, expected, suggestion = told
            yield Problem(
                code, field, found, expected, suggestion, sheet_label(name, sheet), row, seizure,
                specimen, reference,
            )  # fmt: skip

    def row_standings(self, files: Sequence[int]) -> dict[str, int]:
        """Return how many rows of files stood how when they were read."""
        marks = ", ".join("?" * len(files))
        return dict(
            self._read(
                f"SELECT standing, count(*) FROM rows WHERE file IN ({marks}) GROUP BY standing",
                *files,
            )
        )

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        tables = ("files", "rows", "seizures", "specimens", "problems", "history", "conversions",
                  "links", "decisions")  # fmt: skip
        return {table: self._fetch_row(f"SELECT count(*) FROM {table}")[0] for table in tables}

    def original(self, specimen: int) -> dict[str, str]:
        """Return the row that a specimen was read from, by column; columns without a name by number."""
        row = self._fetch_row(
            'SELECT f.header, r.cells FROM specimens AS s JOIN rows AS r ON r.id = s."row" '
            "JOIN files AS f ON f.id = r.file WHERE s.id = ?",
            specimen,
        )
        if not row:
            return {}
        header, cells = json.loads(row[0]), json.loads(row[1])
        header += [""] * (len(cells) - len(header))
        return {
            name or f"#{place}": cell for place, (name, cell) in enumerate(zip(header, cells), 1)
        }

    def table(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of ``history``, ``decisions``, ``conversions``, ``links``, ``files`` or ``rows``."""
        if name not in ("history", "decisions", "conversions", "links", "files", "rows"):
            raise ValueError(f"no table {name}")
        self._write()
        with translate_errors(self.path, SEIZURE_DATABASE):
            cursor = self._database.execute(f"SELECT * FROM {name} ORDER BY id")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row))

    def _fetch_row(self, query: str, *arguments: object) -> Any:
        return next(self._read(query, *arguments), None)

    def _read(self, query: str, *arguments: object) -> Iterator[Any]:
        self._write()
        with translate_errors(self.path, SEIZURE_DATABASE):
            # Not `yield from`: it would close the cursor, after the store was closed.
            for row in self._database.execute(query, arguments):  # noqa: UP028
                yield row

    def _insert(self, table: str, *values: object) -> int:
        """Add a row, all its columns in their order, and return its id; rows are written together.

        Through sqlite-utils it would be committed at once; a file is imported whole or not at all.
        """
        if table not in self._last:
            (last,) = self._fetch_row(f"SELECT coalesce(max(id), 0) FROM {table}")
            self._last[table] = last
        self._last[table] = key = self._last[table] + 1
        rows = self._pending.setdefault(table, [])
        rows.append((key, *values))
        if len(rows) >= _TOGETHER:
            self._write()
        return key

    def _write(self) -> None:
        for table in _ORDER if self._pending else ():
            if rows := self._pending.pop(table, None):
                marks = ", ".join("?" * len(rows[0]))
                self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


_TOGETHER = 5000
_ORDER = (
    "files", "rows", "seizures", "specimens", "problems", "history", "links", "decisions", "releases",
    "released",
)  # fmt: skip
"""Tables that are written row by row, none before those that it refers to."""
_json = json.JSONEncoder(ensure_ascii=False).encode


def chosen_of(
    seizures: Mapping[int, Seizure], number: int, specimen: int | None
) -> Seizure | Specimen:
    """Return a seizure, or one kind of its specimens, by their ids.

    Raises
    ------
    UsageError
        If there is none of these ids.
    """
    seizure = seizures.get(number)
    kinds = {kind.id: kind for kind in seizure.specimens} if seizure else {}
    record = kinds.get(specimen) if specimen else seizure
    if record is None:
        raise UsageError(
            _("The store has no seizure {number} with specimens {specimen}.").format(
                number=number, specimen=specimen
            )
            if specimen
            else _("The store has no seizure {number}.").format(number=number)
        )
    return record


def _filled(columns: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    return {
        name: value
        for name, value in zip(columns, values)
        if value is not None and not (name == "approximate" and value == 0)
    }


DEFAULT_LIMIT = 20
"""Most seizures that are returned where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class SeizureMatch:
    """A seizure in which all words that were searched for occur.

    Attributes
    ----------
    seizure : Seizure
    excerpt : str
        Text around the words, each between ``[`` and ``]``.
    """

    seizure: Seizure
    excerpt: str

    def to_dict(self) -> dict[str, str | int | None]:
        """Return plain values for JSON and CSV."""
        return {
            "seizure": self.seizure.id,
            "reference": self.seizure.get("reference"),
            "date": self.seizure.get("date"),
            "country": self.seizure.get("country"),
            "standing": self.seizure.standing,
            "excerpt": self.excerpt,
        }


def search_seizures(store: Store, words: str, *, limit: int = DEFAULT_LIMIT) -> list[SeizureMatch]:
    """Return the seizures in which all words occur, in any order and any case, the best first.

    Also those that wait for a decision and those that were set aside; their `standing` says so.

    Parameters
    ----------
    store : Store
    words : str
        Letters with and without accents are the same; a phrase stands in double quotes.
    limit : int
        Most seizures that are returned.

    Raises
    ------
    UsageError
        If there is no word to search for.
    """
    if not any(map(str.isalnum, words)):
        raise UsageError(_("Give a word to search for."))
    seizures = {seizure.id: seizure for seizure in store.seizures(everything=True)}
    original = _original_texts(store)
    texts = ((key, _join_texts(seizure, original[key])) for key, seizure in seizures.items())
    return [
        SeizureMatch(seizures[match.id], match.excerpt)
        for match in search_texts(texts, words, limit=limit)
    ]


def _original_texts(store: Store) -> Mapping[int, list[str]]:
    """Return the cells of the rows that seizures were read from, by seizure."""
    rows = store.database().query(
        'SELECT DISTINCT s.seizure, r.id, r.cells FROM specimens AS s JOIN rows AS r ON r.id = s."row" '
        "ORDER BY s.seizure, r.id"
    )
    texts: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        texts[row["seizure"]].extend(str(cell) for cell in json.loads(row["cells"]) if cell)
    return texts


def _join_texts(seizure: Seizure, original: list[str]) -> str:
    """Return every text of a seizure once, in the order of its fields."""
    values = [seizure.values, *(specimen.values for specimen in seizure.specimens)]
    recorded = [value for part in values for value in part.values() if isinstance(value, str)]
    return "; ".join(dict.fromkeys([*recorded, *original]))
