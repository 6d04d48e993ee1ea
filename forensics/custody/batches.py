"""Many acts at once, or many things in one: tables, and lists of scanned labels.

All rows are read and checked first. What is wrong is reported with file, line and what to do, for all
rows; and then nothing is recorded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forensics.custody.appending import BatchRefusedError, Receipt
from forensics.custody.budgets import MAX_DOCUMENT_BYTES
from forensics.custody.canonical import nfc
from forensics.custody.fields import MAX_ITEMS, TIME, Field, read_time
from forensics.custody.ledger import Ledger, NewAct
from forensics.custody.paper import read_field, read_scan
from forensics.custody.registry import TYPES
from forensics.custody.rules import EventType
from forensics.custody.state import State
from forensics.errors import ForensicsError, InputError, UsageError
from forensics.io.files import AnyPath, Budget, read_limited
from forensics.io.tables import Source, choose_sheet, read_sheets
from forensics.messages import _

MAX_FILE = 32 * 2**20
MAX_ACTS = MAX_ITEMS
_BUDGET = Budget(max_bytes=MAX_DOCUMENT_BYTES, max_rows=MAX_ITEMS)


def read_rows(path: AnyPath, parts: Sequence[Field], state: State) -> list[dict[str, Any]]:
    """Return the rows of a table as records of these fields.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab; UTF-8 or Windows-1252) or XLSX with one sheet that is not
        empty. The first row names the columns, as the fields are called; a cell with several values
        separates them by semicolons, or by commas where no semicolon is in it.
    state : State
        For the names of things: labels may have been scanned.

    Raises
    ------
    InputError
        Naming file and line of what is wrong: every row is right, or none is taken.
    """
    path = Path(path)
    (line, columns), *rows = _read_table(path)
    known = {part.name: part for part in parts}
    _check_list_columns(columns, known, path, line)
    records: list[dict[str, Any]] = []
    for line, cells in rows:
        try:
            records.append(_record(columns, cells, known, state))
        except UsageError as error:
            raise InputError(str(error), source=str(path), line=line) from None
    return records


def _read_table(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a table that are not empty, each with its line; the first are names of fields."""
    rows: list[tuple[int, list[str]]] = []
    with Source(BytesIO(read_limited(path, MAX_FILE)), str(path), budget=_BUDGET) as source:
        for row in choose_sheet(read_sheets(source), source)[0]:
            try:
                cells = [nfc(cell).strip() for cell in row.cells]
            except InputError as error:
                raise InputError(error.message, source=str(path), record=row.line) from None
            if any(cells):
                rows.append((row.line, cells))
    if len(rows) < 2:
        raise InputError(_("The table has no rows."), source=str(path))
    columns = [cell.lower().replace(" ", "_").replace("-", "_") for cell in rows[0][1]]
    while not columns[-1]:
        columns.pop()
    return [(rows[0][0], columns), *rows[1:]]


def _check_list_columns(columns: list[str], known: dict[str, Any], path: Path, line: int) -> None:
    strange = [name for name in columns if name not in known]
    missing = [part.name for part in known.values() if part.required and part.name not in columns]
    if strange or missing or len(set(columns)) < len(columns):
        raise InputError(
            _(
                "The columns are {found}; expected, each once: {expected} (required: {required})."
            ).format(
                found=", ".join(columns),
                expected=", ".join(known),
                required=", ".join(part.name for part in known.values() if part.required),
            ),
            source=str(path),
            line=line,
        )


def _record(
    columns: list[str], cells: list[str], known: dict[str, Field], state: State
) -> dict[str, Any]:
    row = {}
    for name, cell in _by_column(columns, cells).items():
        given = _split(cell, ";" if ";" in cell else ",") if known[name].kind.many else cell
        row[name] = read_field(known[name], given, state)
    for part in known.values():
        if part.required and part.name not in row:
            raise UsageError(_("{name} is missing").format(name=part.name))
    return row


_MAX_TOLD = 20
BY_THEMSELVES = frozenset(
    "init enrol rotate reenrol authorise erase disclose tally finding report".split()
)
"""Acts that show what is signed, need something made for them, or come with a result."""
_ACT, _AT, _ATTACH = "act", "at", "attach"


@dataclass(frozen=True, slots=True)
class BatchAct:
    """An act of a batch, and where it stands.

    Attributes
    ----------
    line : int
        Line of the file, counted from 1.
    """

    line: int
    act: NewAct


# -- reading ----------------------------------------------------------------------------


def read_batch(path: AnyPath, ledger: Ledger) -> list[BatchAct]:
    """Return the acts of a table.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab) or XLSX with one sheet that is not empty. The column ``act`` names
        the type of each row; the others are called as the fields, ``at`` and ``attach``. A cell with
        several values separates them by semicolons. Files of ``attach`` lie beside the table.
    ledger : Ledger
        For the cases of things.

    Raises
    ------
    InputError
        Naming file and line of everything that is wrong.
    """
    path = Path(path)
    (line, columns), *rows = _read_table(path)
    _check_columns(columns, path, line)
    return _all_right(
        path,
        rows,
        _RowReader(ledger, path.parent, lambda cells: _by_column(columns, cells)),
    )


def read_scans(
    path: AnyPath, ledger: Ledger, type_name: str, values: Mapping[str, str]
) -> list[BatchAct]:
    """Return the acts that are done to the things of a scanner's list, one for each case.

    Parameters
    ----------
    path : path
        Text: a name, or what a scanner typed of a label, on each line.
    type_name : str
        Type of the acts.
    values : mapping of str to str
        Their other fields, as they are typed.

    Raises
    ------
    InputError
        Naming file and line of everything that is wrong.
    UsageError
        If the act is not about things.
    """
    path = Path(path)
    kind = _type(type_name)
    place = next((f.name for f in kind.fields if f.name in ("things", "thing")), None)
    if place is None:
        raise UsageError(
            _("“{type}” cannot be recorded from a list; use a table (--help).").format(
                type=kind.name
            )
        )
    lines = _scanned(path, ledger)
    if place == "things":
        groups: dict[str, list[tuple[int, str]]] = {}
        for line, name in lines:
            item = ledger.state.things.get(name)
            groups.setdefault(item.case if item else "", []).append((line, name))
        rows = [(names[0][0], [name for _line, name in names]) for names in groups.values()]
    else:
        rows = [(line, [name]) for line, name in lines]
    return _all_right(
        path,
        rows,
        _RowReader(
            ledger,
            path.parent,
            lambda names: {_ACT: type_name, place: ";".join(names), **values},
        ),
    )


def _scanned(path: Path, ledger: Ledger) -> list[tuple[int, str]]:
    """Return the names in a scanner's list, each once, with its line."""
    text = read_limited(path, MAX_FILE).decode("utf-8-sig", "replace")
    names: dict[str, int] = {}
    problems = []
    for line, written in enumerate(text.splitlines(), 1):
        scan = nfc(written).strip()
        # A label made by itself has three lines in its code: name, ledger, fingerprint.
        if not scan or scan == ledger.state.ledger or _is_fingerprint(scan):
            continue
        try:
            names.setdefault(read_scan(scan, ledger.state.ledger, ledger.state.things), line)
        except UsageError as error:
            problems.append((line, str(error)))
    if problems:
        raise _refused(path, problems)
    if not names:
        raise InputError(_("The list is empty."), source=str(path))
    if len(names) > MAX_ACTS:
        raise InputError(
            _("More than {most} rows; split the list.").format(most=MAX_ACTS), source=str(path)
        )
    return [(line, name) for name, line in names.items()]


def _is_fingerprint(text: str) -> bool:
    from forensics.custody.heads import Fingerprint

    try:
        Fingerprint.parse(text)
    except InputError:
        return False
    return True


def _check_columns(columns: list[str], path: Path, line: int) -> None:
    """Refuse a column that is neither a field of some type nor one of our own."""
    known = {_ACT, _AT, _ATTACH}
    for kind in TYPES.values():
        known |= {field.name for field in kind.typed}
        known |= {part.name for part in (kind.table.kind.parts if kind.table else ())}
    strange = [name for name in columns if not known.intersection(_spellings(name))]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if strange or twice or _ACT not in columns:
        raise InputError(
            _(
                "The columns are {found}. Expected: “act”, “case”, “at”, “attach” and names of fields, each "
                "once; not known or twice: {strange}."
            ).format(found=", ".join(columns), strange=", ".join((*strange, *twice)) or _("none")),
            source=str(path),
            line=line,
        )


def _spellings(name: str) -> tuple[str, ...]:
    """Return how a field may be called in a table: in the singular and in the plural."""
    return name, f"{name}s", name.removesuffix("s")


def _by_column(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if any(cells[len(columns) :]):
        raise UsageError(_("More cells than columns."))
    return {name: cell for name, cell in zip(columns, cells) if cell}


def _type(name: str) -> EventType:
    kind = TYPES.get(name)
    if kind is None:
        raise UsageError(_("There is no type of event {name!r}.").format(name=name))
    if name in BY_THEMSELVES:
        raise UsageError(
            _("“{type}” cannot be recorded in a batch; use forensics custody {type}.").format(
                type=name
            )
        )
    return kind


class _RowReader:
    """Makes acts of rows; it knows what earlier rows will have made."""

    def __init__(self, ledger: Ledger, folder: Path, values: Any) -> None:
        self._ledger, self._folder, self._values = ledger, folder, values
        self._made: dict[str, str] = {}  # thing of an earlier row -> its case

    def read(self, cells: Sequence[str]) -> NewAct:
        """Return the act of a row, or raise what is wrong with it."""
        values: dict[str, str] = self._values(cells)
        kind = _type(values.pop(_ACT, ""))
        at = values.pop(_AT, None)
        attachments = [self._folder / name for name in _split(values.pop(_ATTACH, ""))]
        for file in attachments:
            # A table of somebody else must not fetch what lies elsewhere on this computer.
            if not file.resolve().is_relative_to(self._folder.resolve()):
                raise InputError(
                    _("Put the files to attach beside the table, or in a folder there."),
                    source=str(file),
                )
            if not file.is_file():
                raise InputError(_("The file to attach does not exist."), source=str(file))
        fields = self._fields(kind, values)
        occurred_at = read_time(at) if at else None
        if occurred_at and (problem := TIME.problem(occurred_at)):
            text = f"{_AT}: {problem}"
            raise UsageError(text)
        add_what_follows(self._ledger, kind, fields, occurred_at, made=self._made)
        self._remember(fields)
        return NewAct(kind.name, fields, occurred_at, attachments)

    def _fields(self, kind: EventType, values: Mapping[str, str]) -> dict[str, Any]:
        table = kind.table
        parts = {part.name: part for part in table.kind.parts} if table else {}
        known = {field.name: field for field in kind.typed if field is not table}
        fields: dict[str, Any] = {}
        record: dict[str, Any] = {}
        for name, text in values.items():
            field = next(
                (
                    own[spelt]
                    for own in (known, parts)
                    for spelt in _spellings(name)
                    if spelt in own
                ),
                None,
            )
            if field is None:
                raise UsageError(
                    _("“{type}” has no field {name}.").format(type=kind.name, name=name)
                )
            target = fields if field is known.get(field.name) else record
            given = _split(text) if field.kind.many else text
            target[field.name] = read_field(field, given, self._ledger.state)
        if table is not None and record:
            fields[table.name] = [record]
        return fields

    def _remember(self, fields: Mapping[str, Any]) -> None:
        case = fields.get("case", "")
        for key, part in (("exhibits", "exhibit"), ("samples", "sample")):
            self._made |= {row[part]: case for row in fields.get(key, ()) if part in row}
        if "container" in fields:
            self._made.setdefault(fields["container"], case)


def _split(text: str, separator: str = ";") -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _all_right(
    path: Path, rows: Iterable[tuple[int, Sequence[str]]], reader: _RowReader
) -> list[BatchAct]:
    acts, problems = [], []
    for line, cells in rows:
        try:
            acts.append(BatchAct(line, reader.read(cells)))
        except ForensicsError as error:
            problems.append((line, str(error)))
    if problems:
        raise _refused(path, problems)
    return acts


def _refused(path: Path, problems: Sequence[tuple[int, str]]) -> InputError:
    return InputError(_lines(path, problems))


def _lines(path: Path, problems: Sequence[tuple[int, str]]) -> str:
    told = [
        _("{path}, line {line}: {problem}").format(path=path, line=line, problem=problem)
        for line, problem in problems[:_MAX_TOLD]
    ]
    if len(problems) > _MAX_TOLD:
        told.append(_("… and {number} more").format(number=len(problems) - _MAX_TOLD))
    return "\n".join((_("Nothing was recorded."), *told))


# -- recording --------------------------------------------------------------------------


def record_batch(
    ledger: Ledger,
    acts: Sequence[BatchAct],
    path: AnyPath,
    *,
    dry_run: bool = False,
) -> list[Receipt]:
    """Record all acts of a batch, or none of them.

    Raises
    ------
    BatchRefusedError
        Naming file and line of each act that a rule refuses.
    """
    try:
        return ledger.add_all([entry.act for entry in acts], dry_run=dry_run)
    except BatchRefusedError as error:
        problems = [
            (acts[place].line, _described(acts[place].act, str(reason)))
            for place, reason in error.refusals
        ]
        text = _lines(Path(path), problems)
        if len(problems) > 1:
            text += "\n" + _("Correct the first one first; the others may follow from it.")
        raise BatchRefusedError(error.refusals, error.number, text) from None


def _described(act: NewAct, reason: str) -> str:
    names = act.fields.get("things") or [act.fields.get("thing") or act.fields.get("case") or ""]
    about = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return _("{type} {about}: {reason}").format(type=act.type, about=about, reason=reason)


# -- what follows from the rest ---------------------------------------------------------


def add_what_follows(
    ledger: Ledger,
    kind: EventType,
    fields: dict[str, Any],
    occurred_at: str | None,
    *,
    made: Mapping[str, str] = MappingProxyType({}),
    said: str | None = None,
) -> None:
    """Add to the fields of an act the case of what it is about, and the deadline of an offer, where they are not said.

    Parameters
    ----------
    made : mapping of str to str
        Things that earlier acts of a batch make, and their cases.
    said : str, optional
        The case, where somebody says it.
    """
    names = {field.name for field in kind.fields} - set(fields)
    if "deadline" in names:
        begin = datetime.fromisoformat(occurred_at or ledger.clock())
        hours = ledger.state.policy["transit_hours"]
        fields["deadline"] = read_time((begin + timedelta(hours=hours)).isoformat())
    if "case" in names and (case := said or _case_of(ledger, fields, made)):
        fields["case"] = case


def _case_of(ledger: Ledger, fields: Mapping[str, Any], made: Mapping[str, str]) -> str | None:
    """Return the case that things, findings or events belong to; refuse a thing that is not known."""
    things = ledger.state.things
    names = [*fields.get("things", ()), fields.get("thing")]
    names += [row.get("thing") for key in ("sealed", "loaded") for row in fields.get(key, ())]
    for name in filter(None, names):
        if name not in made:
            ledger.state.find_thing(name)
    for name in filter(None, (*names, fields.get("container"))):
        if name in things:
            return things[name].case
        if made.get(name):
            return made[name]
    for seq in (fields.get("finding"), *fields.get("findings", ()), fields.get("event")):
        if isinstance(seq, int):
            case: str | None = ledger.event(seq).fields.get("case")
            return case
    return None


def by_case(state: State, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of an act on things of several cases as those of an act for each case.

    Parameters
    ----------
    fields : mapping
        With ``things`` and without ``case``. Seals that were read go with the things that bear them.

    Returns
    -------
    list of dict
        With ``case``; one that is empty of cases where all things are of one case, or not known.

    Raises
    ------
    UsageError
        If a seal was read that no thing bears: it cannot be said of which case it is.
    """
    names = fields.get("things", ())
    cases = dict.fromkeys(state.things[name].case for name in names if name in state.things)
    if len(cases) < 2:
        return [dict(fields)]
    acts = []
    left = set(fields.get("seals", ()))
    for case in cases:
        own = [name for name in names if name in state.things and state.things[name].case == case]
        act = {**fields, "case": case, "things": own}
        if "seals" in fields:
            borne = {seal for name in own for seal in state.things[name].seals}
            act["seals"] = [seal for seal in fields["seals"] if seal in borne]
            left -= borne
        acts.append(act)
    unknown = [name for name in names if name not in state.things]
    if unknown:
        acts[0]["things"] += unknown  # the rules say that nobody recorded them
    if left or any("seals" in act and not act["seals"] for act in acts):
        raise UsageError(
            _(
                "The seals read are not those in the ledger ({seals}), and the things are of "
                "several cases ({cases}). Record the act for each case separately, so that it is "
                "clear which case is affected."
            ).format(seals=", ".join(sorted(left)) or _("none read"), cases=", ".join(cases))
        )
    return acts
