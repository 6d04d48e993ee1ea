"""A file into the store: whole or not at all, every row kept, every doubt told.

>>> from forensics.trade.importing import import_file
>>> report = import_file(store, "seizures.xlsx", dry_run=True)             # doctest: +SKIP
>>> report.account, report.flagged                                         # doctest: +SKIP
"""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from forensics.io.files import AnyPath
from forensics.io.numbers import fold
from forensics.io.tables import Row
from forensics.messages import _
from forensics.trade.linking import Links
from forensics.trade.mapping import Choice, ColumnMapping, choose_sheets
from forensics.trade.problems import RECORD, TOTAL, Problem, Problems
from forensics.trade.reading import ReadRow, RowReader
from forensics.trade.record import ASIDE, COUNTED, STANDINGS, WAITING, number_text
from forensics.trade.sheets import Sheet, read_sheets
from forensics.trade.store import Store
from forensics.trade.vocabulary import country_of, term_of, unit_of

MIN_ADDENDS = 3
MIN_ADDENDS_BARE = 2
"""Rows that a sum is of at least; a row without date and reference needs fewer, as a total has neither."""
MIN_DIGITS = 3
"""Significant digits that a sum needs in a row with a date or a reference, and before a total may be rounded: 1, 1,
1 and 3 are four seizures as often as not."""
_BINARY = Decimal("1e-9")
"""Part of a sum by which one that a spreadsheet added up in binary may differ."""
_NOT_LABELS = frozenset(["information", "law", "quantity", "quantity_text", "text", "description"])
"""Fields whose text may speak of a total without the row being one."""

# Words for a total in English, French, Spanish and Portuguese, folded.
_WORDS = frozenset(
    ["total", "totals", "subtotal", "subtotals", "sum", "overall"]
    + ["totaux", "somme", "ensemble", "soustotal", "soustotaux"]
    + ["totales", "suma", "subtotales", "grantotal"]
    + ["totais", "soma", "somatorio", "somatoria", "subtotais"]
)
_BEFORE = frozenset(["grand", "gran", "sub", "sous", "the", "le", "el", "o", "a", "la"])
_BESIDE = frozenset(
    [
        "general",
        "generale",
        "generaux",
        "geral",
        "gerais",
        "generales",
        "global",
        "final",
        "overall",
    ]
    + ["annual", "annuel", "annuelle", "anual", "cumulative", "cumule", "acumulado", "total", "sum"]
    + [
        "for",
        "of",
        "in",
        "the",
        "pour",
        "de",
        "du",
        "des",
        "del",
        "do",
        "da",
        "dos",
        "das",
        "en",
        "em",
    ]
    + ["year", "annee", "an", "ano", "month", "mois", "mes", "seizures", "saisies", "incautaciones"]
    + [
        "decomisos",
        "apreensoes",
        "quantity",
        "quantite",
        "cantidad",
        "quantidade",
        "weight",
        "poids",
    ]
    + ["peso", "and", "et", "y", "e", "all", "records"]
)


# Part of each of these words; most cells have none and are not looked at closely.
_HINT = re.compile("tot|s[uo]m|ensemble|overall", re.IGNORECASE)


def _words_from_total(cell: str) -> list[str]:
    """Return the words of a cell from the one for a total on, if it begins with one."""
    if not _HINT.search(cell):
        return []
    words = re.findall(r"[^\W_]+", fold(cell))
    while words and words[0] in _BEFORE:
        words = words[1:]
    return words if words and words[0] in _WORDS else []


def is_total_word(cell: str) -> bool:
    """Return whether a cell says that its row is a total, and nothing else.

    What stands beside the word may be a year, a country, a kind of specimen or a unit.

    Examples
    --------
    >>> is_total_word("Sous-total 2025 :"), is_total_word("TOTAL GERAL"), is_total_word("Total Kenya")
    (True, True, True)
    >>> is_total_word("Total petrol station, Douala"), is_total_word("summit")
    (False, False)
    """
    words = _words_from_total(cell)
    if not words:
        return False
    rest = [word for word in words[1:] if word not in _BESIDE and not word.isdigit()]
    text = " ".join(rest)
    return not rest or any(read(text) for read in (country_of, term_of, unit_of))


@dataclass
class _Sum:
    """Numbers that were added up, exactly, as they are written in decimals."""

    total: Decimal = Decimal(0)
    count: int = 0

    def add(self, amount: float) -> None:
        self.total += Decimal(repr(amount))
        self.count += 1


@dataclass
class Totals:
    """What the rows of a table have added up to so far.

    Sums are kept for each unit, over all rows and since the last row that looked like a total; a row without
    a unit is compared with the sum of all numbers.
    """

    _all: dict[str, _Sum] = field(default_factory=dict)
    _since: dict[str, _Sum] = field(default_factory=dict)
    _labelled: bool = False

    def suspect(
        self,
        cells: Mapping[str, str],
        seizure: Mapping[str, object],
        specimens: Iterable[Mapping[str, object]],
    ) -> str:
        """Return why a row looks like a total of the rows above; empty where it does not.

        Parameters
        ----------
        cells : mapping of str to str
            Text of the row by field; columns that no field takes by names of their own.
        seizure : mapping
            Columns of the seizure that were read.
        specimens : iterable of mapping
            Columns of its specimens.
        """
        labels = []
        if _HINT.search("\n".join(cells.values())):
            labels = [cell for name, cell in cells.items() if name not in _NOT_LABELS]
        reference = str(seizure.get("reference") or "")
        bare = not seizure.get("date") and (not reference or bool(_words_from_total(reference)))
        says = is_total_word if not bare else _words_from_total
        word = next((cell for cell in labels if says(cell)), "")
        amounts = [
            (str(specimen.get("unit") or ""), float(str(specimen["quantity_low"])))
            for specimen in specimens
            if specimen.get("quantity_low") is not None
            and specimen.get("quantity_low") == specimen.get("quantity_high")
        ]
        sums = [self._count_addends(unit, amount, bare=bare) for unit, amount in amounts]
        added = min(sums, default=0)
        why = []
        if word:
            why.append(_("it says {word!r}").format(word=word[:60]))
        if added:
            why.append(_("its quantity is the sum of {count} rows above").format(count=added))
        if why:
            self._since.clear()
        else:
            for unit, amount in amounts:
                for sums_of in (self._all, self._since):
                    for key in {unit, ""}:
                        sums_of.setdefault(key, _Sum()).add(amount)
            self._labelled = self._labelled or not bare
        return "; ".join(why)

    def _count_addends(self, unit: str, amount: float, *, bare: bool) -> int:
        """Return of how many rows a number is the sum; 0 where of none, or where chance may do it."""
        text = number_text(amount)
        digits = len(text.replace(".", "").strip("0"))
        if not amount or (bare and not self._labelled) or (not bare and digits < MIN_DIGITS):
            return 0
        least = MIN_ADDENDS_BARE if bare else MIN_ADDENDS
        decimals = len(text.partition(".")[2])
        rounding = Decimal(5).scaleb(-decimals - 1) if bare and digits >= MIN_DIGITS else Decimal(0)
        for sums_of in (self._since, self._all):
            addends = sums_of.get(unit, _Sum())
            allowed = max(rounding, addends.total * _BINARY)
            if addends.count >= least and abs(addends.total - Decimal(repr(amount))) <= allowed:
                return addends.count
        return 0


@dataclass(frozen=True)
class Account:
    """What became of the rows that were read: each counts as a record, waits, or was set aside.

    Attributes
    ----------
    read : int
        Rows that are not empty, above the names of the columns and below.
    recorded : int
        That are records, and count.
    waiting : int
        That look like a total, or cannot be taken as a seizure: a person decides.
    aside : int
        That are no records: above the names of the columns, or these names again, or nothing but dashes.
    """

    read: int
    recorded: int
    waiting: int
    aside: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do.

    Attributes
    ----------
    file, mapping : str
    account : Account
        Of all rows; the store has each of them, with how it stands.
    seizures, specimens : int
        Made of them.
    parsed : int
        Records whose quantities, dates and numbers all have one reading.
    flagged : int
        Rows with something that a person must look at.
    unmapped : tuple of str
        Columns that no field takes; they are kept in the original rows.
    problems : Problems
    dry_run : bool
    sheets : tuple of str
        Of a workbook with several sheets, those that were read.
    unread : tuple of (str, str)
        Its sheets that are not empty and do not hold records, each with the reason.
    skipped : tuple of (str, str)
        Its sheets that were imported before, or were not asked for.
    """

    file: str
    mapping: str
    account: Account
    seizures: int
    specimens: int
    parsed: int
    flagged: int
    unmapped: tuple[str, ...]
    problems: Problems
    dry_run: bool
    sheets: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "file": self.file, "mapping": self.mapping, "rows": asdict(self.account),
            "seizures": self.seizures, "specimens": self.specimens, "parsed": self.parsed,
            "flagged": self.flagged, "unmapped": list(self.unmapped),
            "dry_run": self.dry_run, "sheets": list(self.sheets),
            "unread_sheets": [{"sheet": name, "reason": why} for name, why in self.unread],
            "skipped_sheets": [{"sheet": name, "reason": why} for name, why in self.skipped],
            "problems": [problem.to_dict() for problem in self.problems],
        }  # fmt: skip


def import_file(
    store: Store,
    path: AnyPath,
    *,
    mapping: AnyPath | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    sheets: Sequence[str] = (),
    links: Links | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file, with all sheets of a workbook that hold records.

    Parameters
    ----------
    store : Store
    path : path
        CSV, XLSX, or GeoJSON as this package writes it.
    mapping : str or path, optional
        Name of a packaged mapping, or a file; default: the one that fits the columns.
    date_order, decimal : str, optional
        Instead of those of the mapping; see `TableOptions`.
    sheets : sequence of str
        Titles of the sheets of a workbook that are meant; default: all whose columns say when or under
        which reference something was seized, and what. The others are named in the report.
    links : Links, optional
        Of a ledger, in which cases, exhibits and findings of the file are looked up.
    dry_run : bool
        Do everything, tell it, and leave the store as it was.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If no mapping fits, the content was imported before, or there is no such sheet.
    """
    from forensics.trade.sheets import json_sheet

    json_records = json_sheet(path)
    choice = choose_sheets(
        store, path, (json_records,) if json_records else read_sheets(path), mapping, sheets
    )
    parts = tuple(
        (
            sheet,
            replace(
                taken, date_order=date_order or taken.date_order, decimal=decimal or taken.decimal
            ),
        )
        for sheet, taken in choice.sheets
    )
    return import_sheets(store, replace(choice, sheets=parts), links=links, dry_run=dry_run)


def import_sheets(
    store: Store, choice: Choice, *, links: Links | None = None, dry_run: bool = False
) -> ImportReport:
    """Import sheets of one file, all or none; rows of one reference may stand in several of them."""
    made = _Made(store)
    with store.changing(dry_run=dry_run):
        files = [made.add_sheet(sheet, mapping, links) for sheet, mapping in choice.sheets]
        held = store.row_standings(files)
        if made.read != sum(held.values()):
            raise AssertionError(
                f"{made.read} rows read, and the store holds {held}: a row is lost"
            )
    return ImportReport(
        choice.sheets[0][0].name,
        ", ".join(dict.fromkeys(mapping.name for _sheet, mapping in choice.sheets)),
        Account(made.read, *(held.get(standing, 0) for standing in STANDINGS)),
        len(made.said), made.specimens, made.parsed, made.flagged,
        tuple(dict.fromkeys(made.unmapped)), made.problems, dry_run,
        tuple(sheet.title for sheet, _mapping in choice.sheets if sheet.title), choice.unread,
        choice.skipped,
    )  # fmt: skip


class _Above(NamedTuple):
    """The seizure of the last record, with which a row that names none may go on."""

    seizure: int
    values: dict[str, Any]
    line: int


class _Made:
    """What was made of the rows so far."""

    def __init__(self, store: Store) -> None:
        self.problems = Problems()
        self.read = self.specimens = self.parsed = self.flagged = 0
        self.unmapped: list[str] = []
        self._store = store
        self._above: _Above | None = None
        # Of each seizure, from the first on: hash of what was said of it, and its kinds of specimens.
        self.said, self._kinds = array("q"), array("L")
        self._first = 0
        # The seizure by its reference, and those of which other rows of the reference say something else.
        self._of_reference: dict[str, int] = {}
        self._others: dict[tuple[str, int], int] = {}

    def add_sheet(self, sheet: Sheet, mapping: ColumnMapping, links: Links | None) -> int:
        """Add a sheet, every row of it, and return its id."""
        reader = RowReader(sheet.header, mapping, sheet.label)
        self.unmapped += reader.untaken.values()
        named = {place: name for name, place in reader.places.items()}
        names = [named.get(place, f"#{place}") for place in range(len(sheet.header))]
        totals = None if sheet.machine else Totals()
        asked = not sheet.machine and bool(_NAMING & reader.places.keys())
        self._above = None
        file = self._store.add_file(sheet, mapping=mapping.name, mapping_sha256=mapping.sha256)
        for row in sheet.above:
            self._keep(file, row, ASIDE)
        for row in sheet.rows:
            read = reader.read(row)
            if read.aside:
                self._keep(file, row, ASIDE)
                continue
            told = list(read.problems)
            if not read.specimens:
                expected = _("something that was seized. It is not counted until somebody decides")
                told.append(Problem("ROW_EMPTY", RECORD, "", expected))
            why, goes_on = "", None
            if totals:
                kinds = [values for values, _about in read.specimens]
                why = totals.suspect(dict(zip(names, row.cells)), read.seizure, kinds)
            if why:
                expected = _(
                    "a record of its own; it looks like a total: {why}. It is not counted until "
                    "somebody decides"
                ).format(why=why)
                told.append(Problem(TOTAL, RECORD, _shown(row), expected, ASIDE))
            elif asked and not _names_seizure(read, row):
                if self._above and read.seizure.items() <= self._above.values.items():
                    goes_on = self._above
                told.append(_unidentified(row, read, goes_on))
            self._add_row(file, row, sheet, read, told, goes_on, links)
        return file

    def _keep(self, file: int, row: Row, standing: str) -> int:
        self.read += 1
        return self._store.add_row(file, row, standing)

    def _add_row(
        self, file: int, row: Row, sheet: Sheet, read: ReadRow, told: list[Problem],
        goes_on: _Above | None, links: Links | None,
    ) -> None:  # fmt: skip
        waits = next((problem for problem in told if problem.field == RECORD), None)
        key = self._keep(file, row, WAITING if waits else COUNTED)
        seizure = goes_on.seizure if goes_on else self._seizure_of(read, told)
        if waits is None:
            self._above = _Above(seizure, read.seizure, row.line)
        elif goes_on is None:
            self._above = None
        if links or read.links:
            (links or Links()).tie(self._store, seizure, read.links, row.line, sheet.label)
        codes = set()
        for values, about in read.specimens or (({}, ()),):
            self._kinds[seizure - self._first] += 1
            self.specimens += 1
            specimen = self._store.add_specimen(
                seizure, self._kinds[seizure - self._first], key, values
            )
            if waits:
                self._store.add_decision(
                    seizure, specimen, WAITING, code=waits.code, decided_by="forensics",
                    reason=waits.expected,
                )  # fmt: skip
            for problem in (*told, *about):
                self._store.add_problem(key, specimen, problem)
                self.problems.add(
                    replace(
                        problem, file=sheet.label, row=row.line, seizure=seizure,
                        specimen=specimen, reference=read.seizure.get("reference", ""),
                    )
                )  # fmt: skip
                codes.add(problem.code)
            told = []
        self.flagged += bool(codes)
        self.parsed += not any(code.endswith(_UNREAD) for code in codes)

    def _seizure_of(self, read: ReadRow, told: list[Problem]) -> int:
        """Return the seizure of a row: that of rows which say the same of it, or a new one."""
        reference = read.seizure.get("reference", "")
        name = reference or (f"\x1f{read.key}" if read.key else "")
        said = hash((read.key, *read.seizure.items()))
        first = self._of_reference.get(name) if name else None
        if first is not None:
            known = (
                first if self.said[first - self._first] == said else self._others.get((name, said))
            )
            if known is not None:
                return known
        seizure = self._store.add_seizure(read.seizure)
        self._first = self._first or seizure
        self.said.append(said)
        self._kinds.append(0)
        if first is not None:
            self._others[name, said] = seizure
            if reference:
                expected = _(
                    "rows of one reference that say the same of the seizure; kept as a seizure of its own"
                )
                told.append(Problem("SEIZURE_DIFFERS", "reference", reference, expected))
        elif name:
            self._of_reference[name] = seizure
        return seizure


_NAMING = frozenset(["reference", "date", "seizure"])
"""Columns any of which says of which seizure a row is."""


def _names_seizure(read: ReadRow, row: Row) -> bool:
    """Whether a row says of which seizure it is; words without any number are names of columns, or a note."""
    if read.key:
        return True
    named = read.seizure.get("reference") or read.seizure.get("date")
    return bool(named) and any(map(_has_digit, row.cells))


_has_digit = re.compile(r"\d").search


_UNREAD = (
    "_ELSEWHERE",
    "_AMBIGUOUS",
    "_UNREADABLE",
    "_SEVERAL",
    "_CONTRADICTORY",
    "_KINDS",
    "_WIDER",
    "_EMPTY",
    "_UNIDENTIFIED",
)


def _unidentified(row: Row, read: ReadRow, goes_on: _Above | None) -> Problem:
    has_amount = any(
        values.get("quantity_text") or values.get("quantity_low")
        for values, _about in read.specimens
    )
    suggestion = "" if has_amount else ASIDE
    expected = _(
        "a reference or a date; it may be a second row of names of columns, or a note. "
        "It is not counted until somebody decides"
    )
    if goes_on:
        expected = _(
            "a reference or a date; it may go on with the seizure of row {line}, which 'counted' says. "
            "It is not counted until somebody decides"
        ).format(line=goes_on.line)
        suggestion = suggestion or COUNTED
    return Problem("ROW_UNIDENTIFIED", RECORD, _shown(row), expected, suggestion)


def _shown(row: Row) -> str:
    return " | ".join(cell.strip() for cell in row.cells if cell.strip())[:200]
