"""The part of a report that a ledger does not hold: question, propositions, customer, method, opinions.

People write it in a TOML file (docs/report.md has one whole). Lines that are not understood are refused, so that a
misspelt one is never silently left out; what is missing is for the linter.
"""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from forensics.errors import InputError
from forensics.io.files import MAX_TOML, AnyPath, load_toml, read_limited
from forensics.messages import _
from forensics.report.labels import OPINIONS
from forensics.report.statement import (
    Authorisation,
    Customer,
    DetailKind,
    Laboratory,
    Method,
    Opinion,
    OutsideWork,
    ReportHead,
    Request,
    details_of,
)

T = TypeVar("T")

TABLES: dict[str, type] = {
    "report": ReportHead,
    "customer": Customer,
    "laboratory": Laboratory,
    "request": Request,
    "method": Method,
    "authorisation": Authorisation,
    "outside": OutsideWork,
    "opinion": Opinion,
}
"""Tables of the file; their entries are the fields of these classes that are marked so."""

_REPEATED = ("outside", "opinion")


@dataclass(frozen=True)
class Details:
    """What was read.

    Attributes
    ----------
    tables : dict of str to dict
        Every table of `TABLES` that stands once; empty where it is missing.
    outside, opinions : tuple of dict
        Work by outside providers, and opinions.
    sha256 : str
        Of the file; empty where there is none.
    """

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    outside: tuple[dict[str, Any], ...] = ()
    opinions: tuple[dict[str, Any], ...] = ()
    sha256: str = ""

    def get(self, table: str, name: str) -> Any:
        """Return an entry; None where it is missing or blank."""
        return self.tables.get(table, {}).get(name) or None

    def fill(self, table: str, cls: type[T], **more: object) -> T:
        """Return a part of the statement from its table; `more` are the fields that come from the ledger."""
        return fill_entries(self.tables.get(table, {}), cls, **more)


def fill_entries(entries: Mapping[str, Any], cls: type[T], **more: object) -> T:
    """Return a part of the statement from the entries of one table; what is missing or blank is None."""
    values = {name: entries.get(name) or None for name in details_of(cls)}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return cls(**values | lists | more)


def read_details(path: AnyPath) -> Details:
    """Read the file of details.

    Raises
    ------
    InputError
        If it cannot be read, is no TOML, or holds what is not understood.
    """
    path = Path(path)
    try:
        content = read_limited(path, MAX_TOML)
        details = load_toml(content)
    except ValueError as error:  # neither UTF-8 nor TOML
        raise InputError(
            _("{path} is not TOML in UTF-8: {error}.").format(path=path, error=error)
        ) from error
    for name, table in details.items():
        if name not in TABLES:
            raise _not_understood(path, name, ", ".join(f"[{known}]" for known in TABLES))
        is_repeated = name in _REPEATED
        if not (isinstance(table, list) if is_repeated else isinstance(table, dict)):
            heading = f"[[{name}]]" if is_repeated else f"[{name}]"
            raise InputError(
                _("{path}: write {name} as a table: {wanted}.").format(
                    path=path, name=name, wanted=heading
                )
            )
        for entries in table if is_repeated else [table]:
            _check_entries(path, name, entries)
    return Details(
        {name: details.get(name, {}) for name in TABLES if name not in _REPEATED},
        tuple(details.get("outside", ())),
        tuple(details.get("opinion", ())),
        hashlib.sha256(content).hexdigest(),
    )


def _check_entries(path: Path, table: str, entries: object) -> None:
    if not isinstance(entries, dict):
        raise _not_understood(path, f"{table}: {entries!r}", f"[[{table}]]")
    known = details_of(TABLES[table])
    for name, value in entries.items():
        if name not in known:
            raise _not_understood(path, f"[{table}] {name}", ", ".join(known))
        if not _fits(known[name], value):
            is_opinion = known[name] is DetailKind.OPINION
            wanted = " | ".join(OPINIONS) if is_opinion else _(known[name].value)
            raise InputError(
                _("{path}: [{table}] {name} is {found!r}; expected: {wanted}.").format(
                    path=path, table=table, name=name, found=value, wanted=wanted
                )
            )
        if isinstance(value, datetime.date):  # text from here on, as everything in a statement is
            entries[name] = value.isoformat()


def _fits(kind: DetailKind, value: object) -> bool:
    match kind:
        case DetailKind.TEXT:
            return isinstance(value, str)
        case DetailKind.DAY:
            return type(value) is datetime.date
        case DetailKind.OPINION:
            return value in OPINIONS
    part = str if kind is DetailKind.TEXTS else int
    return isinstance(value, list) and all(type(each) is part for each in value)


def _not_understood(path: Path, found: str, expected: str) -> InputError:
    return InputError(
        _("{path}: {found} is not known. Expected: {expected}.").format(
            path=path, found=found, expected=expected
        )
    )
