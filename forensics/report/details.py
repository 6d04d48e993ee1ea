"""What a report says that no ledger knows: question, propositions, customer, method, opinions.

People write it in a TOML file (docs/report.md has one whole). Lines that are not understood are
refused, so that a misspelt one is never silently left out; what is missing is for the linter.
"""

import datetime
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forensics.errors import InputError
from forensics.io.inputs import MAX_TOML, load_toml, read_limited
from forensics.messages import _

__all__ = ["OPINION_KINDS", "TABLES", "Details", "read_details"]

# ISO 21043-5:2025 and ENFSI 2015 tell these apart: a probability needs its prior, a ratio its
# two propositions, an estimation its uncertainty.
OPINION_KINDS = ("likelihood_ratio", "probability", "estimation", "other")

_TEXT, _TEXTS, _DAY, _EVENTS, _KIND = "text", "list of texts", "date", "list of numbers", "kind"
TABLES: dict[str, dict[str, str]] = {
    "report": {
        "number": _TEXT,
        "title": _TEXT,
        "language": _TEXT,
        "issued": _DAY,
        "replaces": _TEXT,
        "reason": _TEXT,
    },
    "customer": {"name": _TEXT, "address": _TEXT, "contact": _TEXT},
    "laboratory": {"address": _TEXT, "sites": _TEXTS, "accreditation": _TEXT},
    "request": {"question": _TEXT, "propositions": _TEXTS, "information_given": _TEXT},
    "method": {
        "name": _TEXT,
        "reference": _TEXT,
        "deviations": _TEXT,
        "uncertainty": _TEXT,
        "limits": _TEXT,
        "prior": _TEXT,
    },
    "authorisation": {"person": _TEXT, "function": _TEXT},
    "outside": {"provider": _TEXT, "work": _TEXT, "findings": _EVENTS},
    "opinion": {"author": _TEXT, "kind": _KIND, "text": _TEXT, "findings": _EVENTS},
}
"""Tables of the file and their entries. ``outside`` and ``opinion`` may stand several times."""

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

    def entries(self, table: str, *names: str) -> tuple[Any, ...]:
        """Return several entries of a table, as of `get`."""
        return tuple(self.get(table, name) for name in names)

    def texts(self, table: str, name: str) -> tuple[str, ...] | None:
        """Return a list of texts; None where it is missing or empty."""
        value = self.get(table, name)
        return None if value is None else tuple(value)


def read_details(path: str | os.PathLike[str]) -> Details:
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
    for name, value in entries.items():
        kind = TABLES[table].get(name)
        if kind is None:
            raise _not_understood(path, f"[{table}] {name}", ", ".join(TABLES[table]))
        if not _FITS[kind](value):
            expected = " | ".join(OPINION_KINDS) if kind == _KIND else _(kind)
            raise InputError(
                _("{path}: [{table}] {name} is {found!r}; expected: {wanted}.").format(
                    path=path, table=table, name=name, found=value, wanted=expected
                )
            )
    # A date is text from here on, as everything in a statement is.
    entries.update({name: value.isoformat() for name, value in entries.items() if _is_day(value)})


def _is_day(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_list_of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(type(entry) is kind for entry in value)


_FITS: dict[str, Callable[[object], bool]] = {
    _TEXT: lambda value: isinstance(value, str),
    _TEXTS: _is_list_of(str),
    _DAY: _is_day,
    _EVENTS: _is_list_of(int),
    _KIND: lambda value: value in OPINION_KINDS,
}


def _not_understood(path: Path, found: str, expected: str) -> InputError:
    return InputError(
        _("{path}: {found} is not understood. Expected are: {expected}.").format(
            path=path, found=found, expected=expected
        )
    )
