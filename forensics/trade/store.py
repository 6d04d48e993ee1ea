"""The file in which seizure records are kept, beside the ledger of custody.

>>> from forensics.trade.store import create_store, open_store
>>> with open_store("seizures.db") as store:                               # doctest: +SKIP
...     for seizure in store.seizures():
...         print(seizure.get("reference"), len(seizure.specimens))
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics import __version__
from forensics.clock import utc_now
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.dates import year_of
from forensics.io.rows import Row
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import is_sqlite, open_memory, open_writer, require_file
from forensics.store.errors import translate_errors
from forensics.store.migration import migrate
from forensics.store.schema import check_schema, create_schema
from forensics.store.transactions import transaction
from forensics.trade import schema
from forensics.trade.database import SEIZURE_DATABASE
from forensics.trade.record import (
    COUNTED,
    Problem,
    Seizure,
    Specimen,
    standing_of,
)
from forensics.trade.sheets import Sheet, row_sha256, sheet_label
from forensics.trade.vocabulary import VERSION

if TYPE_CHECKING:
    from forensics.store.inspection import Database

__all__ = ["Store", "create_store", "memory_store", "open_store"]


def create_store(path: str | os.PathLike[str], *, ledger: str = "") -> "Store":
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
            _("{path} exists already and is not overwritten; give another name.").format(path=path)
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
    return _fill_new_store(open_memory(), Path(":memory:"), "")


def open_store(path: str | os.PathLike[str]) -> "Store":
    """Open a store; one of an earlier version is brought to the present one.

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
        raise VerificationError(_(SEIZURE_DATABASE.texts.foreign).format(path=path))
    connection = open_writer(path, SEIZURE_DATABASE)
    try:
        if check_schema(connection, path, SEIZURE_DATABASE) != SEIZURE_DATABASE.version:
            connection = migrate(connection, path, SEIZURE_DATABASE)
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
        from forensics.store.inspection import open_database

        return open_database(self._database)

    @contextmanager
    def changing(self, *, dry_run: bool = False) -> Iterator[None]:
        """Do everything within, or nothing of it; of a dry run nothing stays."""
        with (
            translate_errors(self.path, SEIZURE_DATABASE),
            transaction(self._database, dry_run=dry_run),
        ):
            yield

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
        header = json.dumps(sheet.header, ensure_ascii=False)
        return self._insert(
            "files", name=sheet.name, sha256=sheet.sha256, size=sheet.size, header=header,
            mapping=mapping, mapping_sha256=mapping_sha256, vocabulary=VERSION,
            software=__version__, imported_at=utc_now(), sheet=sheet.title,
        )  # fmt: skip

    def imported_sheets(self, sha256: str) -> dict[str, str]:
        """Return the sheets of a file that were imported, by title, each with its header (JSON)."""
        with translate_errors(self.path, SEIZURE_DATABASE):
            return dict(
                self._database.execute(
                    "SELECT sheet, header FROM files WHERE sha256 = ?", (sha256,)
                )
            )

    def add_row(self, file: int, row: Row) -> int:
        """Add a row as it stands in its file."""
        cells = json.dumps(row.cells, ensure_ascii=False)
        return self._insert("rows", file=file, number=row.line, cells=cells, sha256=row_sha256(row))

    def add_seizure(self, values: Mapping[str, object]) -> int:
        """Add a seizure; columns that have no value are left out."""
        return self._insert("seizures", **_known(values, schema.SEIZURE_COLUMNS))

    def add_specimen(
        self, seizure: int, number: int, row: int | None, values: Mapping[str, object]
    ) -> int:
        """Add a specimen to a seizure."""
        known = _known(values, schema.SPECIMEN_COLUMNS)
        return self._insert("specimens", seizure=seizure, number=number, row=row, **known)

    def add_problem(self, row: int, specimen: int | None, problem: Problem) -> None:
        """Add what was wrong when a row was read."""
        self._insert(
            "problems", row=row, specimen=specimen, field=problem.field, code=problem.code,
            found=problem.found, expected=problem.expected, suggestion=problem.suggestion,
        )  # fmt: skip

    def change(
        self, seizure: int, specimen: int | None, after: Mapping[str, object], *, field: str,
        before: str | None, code: str, decided_by: str, reason: str, shown: str,
    ) -> None:  # fmt: skip
        """Change a record and keep in its history what it was."""
        table, key = ("specimens", specimen) if specimen else ("seizures", seizure)
        columns = schema.SPECIMEN_COLUMNS if specimen else schema.SEIZURE_COLUMNS
        unknown = set(after) - set(columns)
        if unknown:
            raise ValueError(f"no columns of {table}: {unknown}")
        assignments = ", ".join(f"{name} = ?" for name in after)
        self._database.execute(
            f"UPDATE {table} SET {assignments} WHERE id = ?", (*after.values(), key)
        )
        self._insert(
            "history", seizure=seizure, specimen=specimen, field=field, before=before, after=shown,
            code=code, decided_by=decided_by, reason=reason, at=utc_now(),
        )  # fmt: skip

    def add_decision(
        self, seizure: int, specimen: int | None, standing: str, *, code: str, decided_by: str,
        reason: str,
    ) -> None:  # fmt: skip
        """Add whether a seizure, or one kind of its specimens, counts from now on."""
        self._insert(
            "decisions", seizure=seizure, specimen=specimen, standing=standing, code=code,
            decided_by=decided_by, reason=reason, at=utc_now(),
        )  # fmt: skip

    def add_conversion(self, **columns: object) -> None:
        """Add a converted quantity with its assumption; one that is there already is not doubled."""
        self._insert("conversions", or_ignore=True, **columns)

    def add_link(
        self, seizure: int, specimen: int | None, kind: str, ledger: str, name: str, checked: bool
    ) -> None:
        """Tie a seizure, or one kind of its specimens, to a case, an exhibit or a finding."""
        known = self._fetch_row(
            "SELECT id FROM links WHERE seizure = ? AND specimen IS ? AND kind = ? AND ledger = ? "
            "AND name = ?", seizure, specimen, kind, ledger, name,
        )  # fmt: skip
        if not known:
            self._insert(
                "links", seizure=seizure, specimen=specimen, kind=kind, ledger=ledger, name=name,
                checked=int(checked),
            )  # fmt: skip

    # -- reading ------------------------------------------------------------------------

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
            if everything:
                yield seizure
            elif seizure.standing == COUNTED:
                counted = tuple(
                    specimen for specimen in seizure.specimens if specimen.standing == COUNTED
                )
                yield replace(seizure, specimens=counted)

    def _records(self, year: int | None) -> Iterator[Seizure]:
        standings = self.standings()
        where = (
            "" if year is None else "WHERE seizure IN (SELECT id FROM seizures WHERE date LIKE ?)"
        )
        specimens_of: dict[int, list[Specimen]] = {}
        names = ", ".join(f"s.{name}" for name in schema.SPECIMEN_COLUMNS)
        arguments = () if year is None else (f"{int(year):04d}%",)
        with translate_errors(self.path, SEIZURE_DATABASE):
            for seizure, key, number, file, sheet, row, *values in self._database.execute(
                "SELECT s.seizure, s.id, s.number, f.name, f.sheet, r.number, "
                f"{names} FROM specimens AS s "
                'LEFT JOIN rows AS r ON r.id = s."row" LEFT JOIN files AS f ON f.id = r.file '
                f"{where} ORDER BY s.seizure, s.number",
                arguments,
            ):
                fields = _filled(schema.SPECIMEN_COLUMNS, values)
                standing = standings.get((seizure, key), COUNTED)
                specimens_of.setdefault(seizure, []).append(
                    Specimen(
                        fields, key, number, sheet_label(file or "", sheet), row or 0, standing
                    )
                )
            where = "" if year is None else "WHERE date LIKE ?"
            for key, *values in self._database.execute(
                f"SELECT id, {', '.join(schema.SEIZURE_COLUMNS)} FROM seizures {where} ORDER BY id",
                arguments,
            ):
                fields = _filled(schema.SEIZURE_COLUMNS, values)
                specimens = tuple(specimens_of.get(key, ()))
                whole = standings.get((key, None), COUNTED)
                if whole != COUNTED:
                    specimens = tuple(replace(specimen, standing=whole) for specimen in specimens)
                yield Seizure(fields, specimens, key, standing_of(whole, specimens))

    def standings(self) -> dict[tuple[int, int | None], str]:
        """Return the last decision on each seizure (specimen None) and specimen that had one."""
        with translate_errors(self.path, SEIZURE_DATABASE):
            return {
                (seizure, specimen): standing
                for seizure, specimen, standing in self._database.execute(
                    "SELECT seizure, specimen, standing FROM decisions ORDER BY id"
                )
            }

    def reading_problems(self) -> list[Problem]:
        """Return what was wrong when rows were read and was not changed since."""
        with translate_errors(self.path, SEIZURE_DATABASE):
            return [
                Problem(code, field, value, expected, suggestion, "", sheet_label(file, sheet), row,
                        seizure or 0, specimen or 0, reference or "")
                for code, field, value, expected, suggestion, file, sheet, row, seizure, specimen,
                    reference
                in self._database.execute(
                    "SELECT p.code, p.field, p.found, p.expected, p.suggestion, f.name, f.sheet, "
                    'r.number, s.seizure, p.specimen, z.reference FROM problems AS p JOIN rows AS r '
                    'ON r.id = p."row" JOIN files AS f ON f.id = r.file '
                    "LEFT JOIN specimens AS s ON s.id = p.specimen "
                    "LEFT JOIN seizures AS z ON z.id = s.seizure "
                    "WHERE NOT EXISTS (SELECT 1 FROM history AS h WHERE h.field = p.field AND "
                    "h.seizure = s.seizure AND (h.specimen IS NULL OR h.specimen = p.specimen)) "
                    "AND (p.field <> 'record' OR 'waiting' = (SELECT d.standing FROM decisions AS d "
                    "WHERE d.specimen = p.specimen ORDER BY d.id DESC LIMIT 1)) ORDER BY p.id"
                )
            ]  # fmt: skip

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
        with translate_errors(self.path, SEIZURE_DATABASE):
            cursor = self._database.execute(f"SELECT * FROM {name} ORDER BY id")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row))

    def _fetch_row(self, query: str, *arguments: object) -> Any:
        with translate_errors(self.path, SEIZURE_DATABASE):
            return self._database.execute(query, arguments).fetchone()

    def _insert(self, table: str, *, or_ignore: bool = False, **columns: Any) -> int:
        """Add a row and return its id.

        Through sqlite-utils it would be committed at once; a file is imported whole or not at all.
        """
        verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        values = f"({names}) VALUES ({marks})" if columns else "DEFAULT VALUES"
        cursor = self._database.execute(f"{verb} INTO {table} {values}", tuple(columns.values()))
        return cursor.lastrowid or 0


def _known(values: Mapping[str, object], columns: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in columns if values.get(name) is not None}


def _filled(columns: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    return {
        name: value
        for name, value in zip(columns, values)
        if value is not None and not (name == "approximate" and value == 0)
    }
