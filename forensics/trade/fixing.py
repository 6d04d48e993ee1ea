"""Proposed corrections that a person accepted, put in; what stood there is kept in the history.

>>> from forensics.trade.fixing import accept, fix
>>> fix(store, accept(validation.problems, codes=["COUNTRY_FORMER"]), decided_by="amina")  # doctest: +SKIP
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.trade.reading import read_value
from forensics.trade.record import (
    ASIDE,
    COUNTED,
    WAITING,
    Problem,
    Seizure,
    Specimen,
    stated,
)
from forensics.trade.rules import READING, RECORD, RULES
from forensics.trade.sheets import clean, read_sheet
from forensics.trade.store import Store
from forensics.trade.vocabulary import FIELDS, fold

__all__ = ["ACCEPT", "Fix", "accept", "fix", "read_decisions"]

ACCEPT = "accept"
"""Column of the table of problems in which a person writes ``yes``."""
_YES = {"yes", "y", "x", "1", "true", "oui", "sim"}
_NO = {"", "no", "n", "0", "false", "non", "nao"}


@dataclass(frozen=True)
class Fix:
    """A correction.

    Attributes
    ----------
    seizure, specimen : int
        Ids; specimen 0: of the seizure.
    field, before, after, code : str
        `before` is what must stand there still.
    """

    seizure: int
    specimen: int
    field: str
    before: str
    after: str
    code: str


def accept(problems: Iterable[Problem], codes: Sequence[str]) -> list[Fix]:
    """Return the proposals of all problems with one of these codes.

    Raises
    ------
    UsageError
        If there is no such code.
    """
    for code in codes:
        if code not in RULES and code not in READING:
            raise UsageError(
                _("There is no rule {code}; docs/trade.md lists them.").format(code=code)
            )
    return [
        Fix(one.seizure, _level(one.field, one.specimen), one.field, one.found, one.suggestion,
            one.code)
        for one in problems
        if one.code in codes and one.suggestion and one.field in (RECORD, *FIELDS)
    ]  # fmt: skip


def _level(field: str, specimen: int) -> int:
    return specimen if field == RECORD or FIELDS[field].level == "specimen" else 0


def read_decisions(path: str | os.PathLike) -> list[Fix]:
    """Return what a person accepted in a table of problems: rows with ``yes`` in its column ``accept``.

    The suggestion may be overwritten with a better value, or given where none was proposed.

    Raises
    ------
    InputError
        Naming the row, if something is missing or cannot be understood.
    """
    sheet = read_sheet(path)
    columns = {fold(name): place for place, name in enumerate(sheet.header)}
    needed = (ACCEPT, "seizure", "specimen", "code", "field", "found", "suggestion")
    if missing := [name for name in needed if name not in columns]:
        raise InputError(
            _("Columns are missing: {names}. Give a table of problems of trade validate.").format(
                names=", ".join(missing)
            ),
            source=sheet.name,
        )
    found = []
    for row in sheet.rows:
        cells = {
            name: clean(row.cells[columns[name]]) if columns[name] < len(row.cells) else ""
            for name in needed
        }
        answer = fold(cells[ACCEPT])
        problem = ""
        if answer in _NO:
            continue
        if answer not in _YES:
            problem = _("accept is {found!r}; expected yes or nothing").format(found=cells[ACCEPT])
        elif cells["field"] not in (RECORD, *FIELDS):
            problem = _("the field {found!r} cannot be changed").format(found=cells["field"])
        elif not cells["suggestion"]:
            problem = _("accepted, but there is no value in the column suggestion")
        elif cells["field"] == RECORD and cells["suggestion"] not in (ASIDE, COUNTED):
            problem = _("suggestion is {found!r}; expected {expected}").format(
                found=cells["suggestion"], expected=f"{ASIDE}, {COUNTED}"
            )
        elif not (cells["seizure"].isdigit() and cells["specimen"].isdigit()):
            problem = _("seizure and specimen must be the numbers of the table of problems")
        if problem:
            raise InputError(problem, source=sheet.name, line=row.number)
        found.append(
            Fix(
                int(cells["seizure"]), _level(cells["field"], int(cells["specimen"])), cells["field"],
                cells["found"], cells["suggestion"], cells["code"],
            )
        )  # fmt: skip
    return found


def fix(
    store: Store,
    fixes: Iterable[Fix],
    *,
    decided_by: str,
    reason: str = "",
    dry_run: bool = False,
) -> list[Fix]:
    """Put accepted corrections in: all of them, or none.

    Parameters
    ----------
    store : Store
    fixes : iterable of Fix
    decided_by : str
        Who accepted them.
    reason : str
    dry_run : bool
        Check them and change nothing.

    Returns
    -------
    list of Fix
        Those that changed something, with what stood there before.

    Raises
    ------
    UsageError
        If nobody decided, or a record is not there, or two corrections differ.
    InputError
        If a new value is none of its field, or another value stands there than the one that was judged.
    """
    if not decided_by.strip():
        raise UsageError(_("Say who accepted the corrections: --by NAME."))
    seizures = {one.id: one for one in store.seizures(everything=True)}
    wanted: dict[tuple[int, int, str], Fix] = {}
    for one in fixes:
        key = (one.seizure, one.specimen, one.field)
        if wanted.setdefault(key, one).after != one.after:
            raise UsageError(
                _(
                    "Seizure {seizure}, {field}: two values were accepted, {one!r} and {other!r}."
                ).format(
                    seizure=one.seizure, field=one.field, one=wanted[key].after, other=one.after
                )
            )
    done = []
    with store.changing(dry_run=dry_run):
        for one in wanted.values():
            record = _record(seizures, one)
            if one.field == RECORD:
                done.append(_decide(store, seizures[one.seizure], record, one, decided_by, reason))
                continue
            before = stated(record.values, one.field)
            if before != one.before and not _was_read_as(record, one):
                raise InputError(
                    _(
                        "Seizure {seizure}, {field}: {found!r} stands there, and {expected!r} was judged. "
                        "Validate again."
                    ).format(
                        seizure=one.seizure, field=one.field, found=before, expected=one.before
                    )
                )
            values, problem = read_value(one.field, one.after, decimal=".")
            if problem is not None or not values:
                expected = problem.expected if problem else FIELDS[one.field].kind
                raise InputError(
                    _("Seizure {seizure}, {field}: {found!r}, expected {expected}").format(
                        seizure=one.seizure, field=one.field, found=one.after, expected=expected
                    )
                )
            if one.field == "quantity":
                values.pop("quantity_text", None)  # the words of who seized it stay
                if values.get("unit") is None:
                    values.pop("unit", None)
            store.change(
                one.seizure, one.specimen or None, values, field=one.field, before=before or None,
                code=one.code, decided_by=decided_by, reason=reason, shown=one.after,
            )  # fmt: skip
            done.append(Fix(one.seizure, one.specimen, one.field, before, one.after, one.code))
    return done


def _decide(
    store: Store, seizure: Seizure, record: Seizure | Specimen, wanted: Fix, decided_by: str,
    reason: str,
) -> Fix:  # fmt: skip
    """Decide on a row that waits, with all kinds of specimens that were read from it."""
    if record.standing != WAITING or not isinstance(record, Specimen):
        raise InputError(
            _(
                "Seizure {seizure}: the record is {standing}; nothing waits for a decision. Validate again."
            ).format(seizure=wanted.seizure, standing=_(record.standing))
        )
    waited_for = {
        (one["seizure"], one["specimen"]): one["reason"] for one in store.table("decisions")
    }
    for one in seizure.specimens:
        if (one.file, one.row) == (record.file, record.row) and one.standing == WAITING:
            store.add_decision(
                seizure.id, one.id, wanted.after, code=wanted.code, decided_by=decided_by,
                reason=reason or waited_for[seizure.id, one.id],
            )  # fmt: skip
    return Fix(wanted.seizure, wanted.specimen, RECORD, WAITING, wanted.after, wanted.code)


def _record(seizures: dict[int, Seizure], one: Fix) -> Seizure | Specimen:
    seizure = seizures.get(one.seizure)
    if seizure is not None and not one.specimen:
        return seizure
    if seizure is not None:
        for specimen in seizure.specimens:
            if specimen.id == one.specimen:
                return specimen
    raise UsageError(
        _("There is no seizure {seizure} with specimens {specimen} in the store.").format(
            seizure=one.seizure, specimen=one.specimen or "-"
        )
    )


def _was_read_as(record: Seizure | Specimen, one: Fix) -> bool:
    """Whether what was judged are words of the row, and the field has nothing from them yet."""
    return one.code in READING and stated(record.values, one.field) in ("", one.before) or (
        one.field == "quantity" and one.before in (
            record.get("quantity_text"),
            f"{stated(record.values, 'quantity')} {record.get('unit')}",
        )
    )  # fmt: skip
