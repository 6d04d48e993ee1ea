"""What persons decide: which records count, and which proposed corrections are put in.

A record is never deleted. What is set aside is left out of counts, reports and publications, stands in their notes,
and keeps its rows, its history and the reason. What a correction replaced is kept in the history.

>>> from forensics.trade.decisions import accept, fix
>>> fix(store, accept(validation.problems, codes=["COUNTRY_FORMER"]), decided_by="amina")  # doctest: +SKIP
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.numbers import fold
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.trade.problems import READING, RECORD, RULES, Problem
from forensics.trade.reading import read_value
from forensics.trade.record import (
    ASIDE,
    COUNTED,
    WAITING,
    Fix,
    Seizure,
    Specimen,
    quantity_text,
    stated,
)
from forensics.trade.sheets import clean
from forensics.trade.store import Store, chosen_of
from forensics.trade.vocabulary import FIELDS


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A kind of specimens that is not counted, and the decision by which it is not.

    Attributes
    ----------
    seizure, specimen : int
        Ids in the store.
    reference, date, species, quantity, unit, file : str
    row : int
        In the file.
    standing : str
        `record.WAITING` or `record.ASIDE`.
    code, decided_by, reason, at : str
        Of the last decision.
    """

    seizure: int
    specimen: int
    reference: str
    date: str
    species: str
    quantity: str
    unit: str
    file: str
    row: int
    standing: str
    code: str
    decided_by: str
    reason: str
    at: str


def uncounted(store: Store) -> Iterator[Uncounted]:
    """Yield what is not counted, in the order in which it came."""
    last = {
        (decision["seizure"], decision["specimen"]): decision
        for decision in store.table("decisions")
    }
    for seizure in store.seizures(everything=True):
        whole = last.get((seizure.id, None))
        for specimen in seizure.specimens:
            if specimen.standing == COUNTED:
                continue
            decision = last.get((seizure.id, specimen.id))
            if whole and whole["standing"] == specimen.standing or decision is None:
                decision = whole or {}
            yield Uncounted(
                seizure.id, specimen.id, seizure.text("reference"),
                seizure.text("date"), specimen.text("species"),
                quantity_text(specimen.values), specimen.text("unit"), specimen.file,
                specimen.row, specimen.standing,
                *(str(decision.get(name, "")) for name in ("code", "decided_by", "reason", "at")),
            )  # fmt: skip


def decide(
    store: Store,
    seizure: int,
    standing: str,
    *,
    specimen: int | None = None,
    decided_by: str,
    reason: str,
    dry_run: bool = False,
) -> int:
    """Set a record aside, or count it again.

    Parameters
    ----------
    store : Store
    seizure : int
        Its id.
    standing : str
        `record.ASIDE` or `record.COUNTED`.
    specimen : int, optional
        Id of the specimens that are meant; default: the seizure with all of them.
    decided_by, reason : str
        Who, and why; both stay in the store.
    dry_run : bool

    Returns
    -------
    int
        Kinds of specimens whose standing changed.

    Raises
    ------
    UsageError
        If nobody decided or no reason is given, there is no such record, or it stands so already.
    """
    if standing not in (ASIDE, COUNTED):
        raise ValueError(f"{standing!r} is not a decision")
    if not decided_by.strip():
        raise UsageError(_("Name the person who decided: --by NAME."))
    if not reason.strip():
        raise UsageError(_("Give the reason: --reason TEXT. It stays with the record."))
    record, chosen = store.find(seizure, specimen)
    changed = [record for record in chosen if record.standing != standing]
    if not changed and (specimen or record.standing == standing):
        raise UsageError(
            _("Seizure {seizure} with specimens {specimen} is {standing} already.").format(
                seizure=seizure, specimen=specimen or "-", standing=_(standing)
            )
        )
    standings = store.standings()
    if specimen and standing == COUNTED and standings.get((seizure, None), COUNTED) != COUNTED:
        raise UsageError(
            _("The whole seizure {seizure} is set aside; give it without --specimen.").format(
                seizure=seizure
            )
        )
    keys: list[int | None] = [record.id for record in changed]
    if specimen is None:
        # Of each kind of specimens as far as it had a decision of its own; the others follow the seizure.
        keys = [None, *(key for key in keys if standings.get((seizure, key), standing) != standing)]
    with store.changing(dry_run=dry_run):
        for key in keys:
            store.add_decision(
                seizure, key, standing, code="", decided_by=decided_by, reason=reason
            )
    return len(changed)


ACCEPT = "accept"
"""Column of the table of problems in which a person writes ``yes``."""
_YES = {"yes", "y", "x", "1", "true", "oui", "sim"}
_NO = {"", "no", "n", "0", "false", "non", "nao"}
_DECISION = tuple(
    Column(name, TEXT)
    for name in (ACCEPT, "seizure", "specimen", "code", "field", "found", "suggestion")
)
"""Columns of a table of problems that a decision needs."""


def accept(problems: Iterable[Problem], codes: Sequence[str]) -> list[Fix]:
    """Return the proposals of all problems with one of these codes.

    Raises
    ------
    UsageError
        If there is no such code.
    """
    for code in codes:
        if code not in RULES:
            raise UsageError(
                _("No rule is called {code}; docs/trade.md lists the rules.").format(code=code)
            )
    return [
        Fix(problem.seizure, _level(problem.field, problem.specimen), problem.field,
            problem.found, problem.suggestion, problem.code)
        for problem in problems
        if problem.code in codes and problem.suggestion and problem.field in (RECORD, *FIELDS)
    ]  # fmt: skip


def _level(field: str, specimen: int) -> int:
    return specimen if field == RECORD or FIELDS[field].level == "specimen" else 0


def read_decisions(path: AnyPath) -> list[Fix]:
    """Return what a person accepted in a table of problems: rows with ``yes`` in its column ``accept``.

    The suggestion may be overwritten with a better value, or given where none was proposed.

    Raises
    ------
    InputError
        Naming the row, if something is missing or cannot be understood.
    """
    table = read_table(path, narrow_rows=True, no_rows=True)
    fixes = []
    for record in table.records(*_DECISION):
        answer, seizure, specimen, code, field, found, suggestion = (
            clean(record[column]) for column in _DECISION
        )
        problem = ""
        if fold(answer) in _NO:
            continue
        if fold(answer) not in _YES:
            problem = _("accept is {found!r}; expected yes or nothing").format(found=answer)
        elif field not in (RECORD, *FIELDS):
            problem = _("the field {found!r} cannot be changed").format(found=field)
        elif not suggestion:
            problem = _("accepted, but the column suggestion is empty")
        elif field == RECORD and suggestion not in (ASIDE, COUNTED):
            problem = _("suggestion is {found!r}; expected {expected}").format(
                found=suggestion, expected=f"{ASIDE}, {COUNTED}"
            )
        elif not (seizure.isdigit() and specimen.isdigit()):
            problem = _("seizure and specimen must be the numbers of the table of problems")
        if problem:
            raise InputError(problem, source=table.source, line=record.line)
        number = _level(field, int(specimen))
        fixes.append(Fix(int(seizure), number, field, found, suggestion, code))
    return fixes


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
        raise UsageError(_("Name the person who accepted the corrections: --by NAME."))
    seizures = {seizure.id: seizure for seizure in store.seizures(everything=True)}
    decided: dict[tuple[int, int, str], Fix] = {}
    for correction in fixes:
        key = (correction.seizure, correction.specimen, correction.field)
        if decided.setdefault(key, correction).after != correction.after:
            raise UsageError(
                _(
                    "Seizure {seizure}, {field}: two values were accepted, {one!r} and {other!r}."
                ).format(
                    seizure=correction.seizure,
                    field=correction.field,
                    one=decided[key].after,
                    other=correction.after,
                )
            )
    done = []
    with store.changing(dry_run=dry_run):
        for correction in decided.values():
            record = chosen_of(seizures, correction.seizure, correction.specimen or None)
            if correction.field == RECORD:
                _decide(store, seizures[correction.seizure], record, correction, decided_by, reason)
                done.append(replace(correction, before=WAITING))
                continue
            before = stated(record.values, correction.field)
            if before != correction.before and not _was_read_as(record, correction):
                text = _(
                    "the value is now {found!r}, but the decision was on {expected!r}. "
                    "Validate again."
                )
                raise _wrong(correction, text.format(found=before, expected=correction.before))
            values, problem = read_value(correction.field, correction.after, decimal=".")
            if problem is not None or not values:
                expected = problem.expected if problem else FIELDS[correction.field].kind
                text = _("{found!r}, expected {expected}")
                raise _wrong(correction, text.format(found=correction.after, expected=expected))
            if correction.field == "quantity":
                values.pop("quantity_text", None)  # the words of who seized it stay
                if values.get("unit") is None:
                    values.pop("unit", None)
            correction = replace(correction, before=before)
            store.change(correction, values, decided_by=decided_by, reason=reason)
            done.append(correction)
    return done


def _wrong(fix: Fix, text: str) -> InputError:
    return InputError(
        _("Seizure {seizure}, {field}: {text}").format(
            seizure=fix.seizure, field=fix.field, text=text
        )
    )


def _decide(
    store: Store, seizure: Seizure, record: Seizure | Specimen, fix: Fix, decided_by: str,
    reason: str,
) -> None:  # fmt: skip
    """Decide on a row that waits, with all kinds of specimens that were read from it."""
    if record.standing != WAITING or not isinstance(record, Specimen):
        text = _("it is {standing} and waits for no decision. Validate again.")
        raise _wrong(fix, text.format(standing=_(record.standing)))
    waited_for = {
        (decision["seizure"], decision["specimen"]): decision["reason"]
        for decision in store.table("decisions")
    }
    for specimen in seizure.specimens:
        if (specimen.file, specimen.row) == (
            record.file,
            record.row,
        ) and specimen.standing == WAITING:
            store.add_decision(
                seizure.id, specimen.id, fix.after, code=fix.code, decided_by=decided_by,
                reason=reason or waited_for[seizure.id, specimen.id],
            )  # fmt: skip


def _was_read_as(record: Seizure | Specimen, fix: Fix) -> bool:
    """Whether what was judged are words of the row, and the field has nothing from them yet."""
    return fix.code in READING and stated(record.values, fix.field) in ("", fix.before) or (
        fix.field == "quantity" and fix.before in (
            record.get("quantity_text"),
            f"{stated(record.values, 'quantity')} {record.get('unit')}",
        )
    )  # fmt: skip
