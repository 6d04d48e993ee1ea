"""The rules of a seizure record, by code, and what is wrong with records, however much of it.

Rules 1 to 26 follow the 26 checks that UNEP-WCMC's upload of annual reports makes of legal trade (SAPI,
``validation_rules``), adapted: a seizure has a place, and not an importing Party; its date is a day; what it
lacks is often not known to anybody. The others are our own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

from forensics.messages import N_
from forensics.store.connections import open_temporary

SEVERITIES = ERROR, WARNING, NOTE = "error", "warning", "note"
TOTAL = "ROW_TOTAL"
"""Code of a row that looks like a total."""
RECORD = "record"
"""In the place of a field: whether the record as a whole counts."""


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes
    ----------
    code : str
        Stable: it is never given another meaning.
    severity : str
        ``error``, ``warning`` or ``note``.
    text : str
        What it asks and why; translated where it is shown.
    follows : str
        The check of legal trade that it adapts; empty for our own.
    """

    code: str
    severity: str
    text: str
    follows: str = ""


_FOUND = (
    Rule("COUNTRY_MISSING", ERROR,
         N_("The country of the seizure is stated."), "presence trading_partner"),
    Rule("TERM_MISSING", ERROR, N_("The kind of specimen is stated."), "presence term_code"),
    Rule("TAXON_MISSING", ERROR,
         N_("A scientific name is stated, at the lowest taxon that is known."), "presence taxon_name"),
    Rule("APPENDIX_MISSING", NOTE,
         N_("The Appendix is stated; where the listings leave one only on that day, it is "
            "proposed."), "presence appendix"),
    Rule("QUANTITY_MISSING", ERROR, N_("A quantity is stated."), "presence quantity"),
    Rule("DATE_MISSING", ERROR, N_("The date of the seizure is stated."), "presence year"),
    Rule("QUANTITY_NOT_NUMBER", ERROR,
         N_("The quantity is a number above 0, with one reading."), "numericality quantity"),
    Rule("DATE_NOT_A_DATE", ERROR,
         N_("The date is a date, with one reading."), "numericality year"),
    Rule("DATE_INCOMPLETE", WARNING,
         N_("The date is a day: on it depends which listing was in force."), "format year"),
    Rule("TERM_UNKNOWN", ERROR,
         N_("The kind of specimen is a term of the CITES guidelines."), "inclusion term_code"),
    Rule("SOURCE_UNKNOWN", ERROR,
         N_("The source is a code of Resolution Conf. 12.3."), "inclusion source_code"),
    Rule("PURPOSE_UNKNOWN", ERROR,
         N_("The purpose is a code of Resolution Conf. 12.3."), "inclusion purpose_code"),
    Rule("UNIT_UNKNOWN", ERROR, N_("The unit is one of the list of units."), "inclusion unit_code"),
    Rule("COUNTRY_UNKNOWN", ERROR,
         N_("Countries are of ISO 3166-1: of the seizure, export, transit, destination, "
            "offenders."), "inclusion trading_partner"),
    Rule("ORIGIN_UNKNOWN", ERROR,
         N_("The alleged country of origin is of ISO 3166-1, or XX."), "inclusion country_of_origin"),
    Rule("TAXON_UNKNOWN", ERROR,
         N_("The name is not one that differs from a known one as misspelt names do."), "inclusion taxon_name"),
    Rule("APPENDIX_UNKNOWN", ERROR, N_("The Appendix is I, II or III."), "inclusion appendix"),
    Rule("APPENDIX_NOT_IN_FORCE", ERROR,
         N_("The Appendix is one that applied to the taxon on the day of the seizure, for that "
            "origin and kind of specimen."), "taxon_concept_appendix_year"),
    Rule("TERM_UNIT", WARNING,
         N_("The unit is the preferred or an alternative one of the term."), "inclusion term_code|unit_code"),
    Rule("TERM_PURPOSE", WARNING,
         N_("The purpose is one that such specimens serve: a zoo keeps nothing but what lives."), "inclusion term_code|purpose_code"),
    Rule("TERM_TAXON", ERROR,
         N_("The taxon has such a thing: no pangolin has tusks."), "inclusion taxon_concept_id|term_code"),
    Rule("ORIGIN_NOT_RANGE_STATE", WARNING,
         N_("The alleged origin is a range State of the species, unless it was bred. Where the "
            "range is not held here, nothing is said."), "inclusion taxon_concept_id|country_of_origin"),
    Rule("DEPARTURE_NOT_RANGE_STATE", NOTE,
         N_("Where no origin is stated, the country of export is a range State; else an origin "
            "or a transit is missing."), "inclusion taxon_concept_id|exporter"),
    Rule("ROUTE_ORIGIN_TWICE", WARNING,
         N_("The country of origin is not a country of transit; in a trade report it is not the "
            "exporter."), "distinct exporter|country_of_origin"),
    Rule("ROUTE_RETURNS", WARNING,
         N_("The destination is neither a country of transit nor, after a transit, where it set "
            "out."), "distinct exporter|importer"),
    Rule("TAXON_SOURCE", ERROR,
         N_("The source fits the kingdom: A is of plants; C, F and R are of animals."), "taxon_concept_id|source_code"),
    Rule("DATE_OUT_OF_RANGE", ERROR,
         N_("The date is not in the future, not before the Convention, and in the year of the "
            "report.")),
    Rule("COUNTRY_FORMER", WARNING, N_("The code of a country is one still in use.")),
    Rule("COUNTRY_UNSPECIFIC", WARNING,
         N_("A seizure happened in a country: no XX, no continent.")),
    Rule("TAXON_NOT_HELD", WARNING,
         N_("The name, or its genus, is one that the listings hold; else it is not listed, or "
            "wrong.")),
    Rule("TAXON_NOT_STANDARD", WARNING,
         N_("The name is that of the standard nomenclature of CITES.")),
    Rule("QUANTITY_NOT_WHOLE", WARNING, N_("A count is a whole number.")),
    Rule("QUANTITY_OUTLYING", WARNING,
         N_("The quantity is not far beyond all others of its kind; a wrong unit or point looks "
            "so.")),
    Rule("DUPLICATE_RECORD", WARNING,
         N_("No other seizure has the same day, place, taxon, kind and quantity.")),
    Rule("REFERENCE_MISSING", WARNING,
         N_("A reference is stated, by which the authority finds the case.")),
    Rule("DUPLICATE_REFERENCE", WARNING, N_("No other seizure has the same reference.")),
    Rule("VALUE_NOT_IN_LIST", WARNING,
         N_("Agency, transport, concealment, detection, sanction, disposal and reason come from "
            "their lists, most of which are proposals and not official.")),
    Rule("BASIS_UNKNOWN", ERROR,
         N_("The basis is a seizure or a trade report; with another one nobody knows whether "
            "the record is of a seizure, and it is not counted.")),
    Rule("CURRENCY_UNKNOWN", WARNING,
         N_("The currency is from ISO 4217, and is given with an amount.")),
    Rule("COORDINATES_IN_PAIRS", WARNING,
         N_("Latitude and longitude are both stated, or neither.")),
)  # fmt: skip

_READING = (
    Rule("ROW_WIDER", ERROR, N_("Every cell of the row is below the name of a column.")),
    Rule("ROW_EMPTY", ERROR, N_("The row states what was seized.")),
    Rule(TOTAL, ERROR, N_("A row is a seizure, and no total of the rows above it.")),
    Rule("ROW_UNIDENTIFIED", ERROR,
         N_("The row names its seizure, by a reference or a date.")),
    Rule("SEIZURE_DIFFERS", WARNING, N_("Rows of one reference say the same of the seizure.")),
    Rule("DATE_AMBIGUOUS", ERROR, N_("A date of day and month up to 12 has two readings.")),
    Rule("QUANTITY_AMBIGUOUS", ERROR,
         N_("A separator before three digits may be decimal or of thousands.")),
    Rule("QUANTITY_APPROXIMATE", WARNING,
         N_("The quantity was estimated, or has one bound; it is recorded so.")),
    Rule("QUANTITY_CONTRADICTORY", ERROR, N_("Figure and words state one quantity.")),
    Rule("QUANTITY_SEVERAL", ERROR, N_("A row states one quantity.")),
    Rule("QUANTITY_UNREADABLE", ERROR, N_("The quantity is a number, or words for one.")),
    Rule("QUANTITY_ELSEWHERE", ERROR, N_("The quantity is in a column that a field takes.")),
    Rule("QUANTITY_MORE_TEXT", WARNING, N_("The cell of a quantity contains nothing else.")),
    Rule("UNIT_CONTRADICTORY", ERROR, N_("The unit in the quantity is that of its own column.")),
    Rule("NUMBER_AMBIGUOUS", ERROR, N_("A number has one reading.")),
    Rule("NUMBER_UNREADABLE", ERROR, N_("A number is a number.")),
    Rule("TEXT_REPEATED", WARNING, N_("An entry occurs once in a text.")),
    Rule("TEXT_SEVERAL_KINDS", WARNING, N_("An entry of a text is of one kind.")),
    Rule("TAXON_VERNACULAR", WARNING,
         N_("A taxon has a scientific name; what a word is used of is proposed.")),
)  # fmt: skip

CHECKED = {rule.code: rule for rule in _FOUND}
"""What records are held against, by code, the 26 adapted rules first."""
READING = {rule.code: rule for rule in _READING}
"""What is reported when a file is read, by code."""
RULES = {**READING, **CHECKED}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person must look at.

    Attributes
    ----------
    code : str
        Of its rule.
    field : str
        Field, or name of a column that no field takes.
    found, expected, suggestion : str
        The suggestion is a value that may be put in its place; empty where none is safe.
    file, row : str, int
        Where the record was read.
    seizure, specimen : int
        Ids in the store; 0: none (a specimen), or not in a store.
    reference : str
        Of the seizure.
    """

    code: str
    field: str
    found: str
    expected: str
    suggestion: str = ""
    file: str = ""
    row: int = 0
    seizure: int = 0
    specimen: int = 0
    reference: str = ""

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``note``, as its rule says."""
        return RULES[self.code].severity

    def to_dict(self) -> dict[str, Any]:
        """Return plain values in the order of `COLUMNS`."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = (
    "file", "row", "seizure", "specimen", "reference", "severity", "code", "field", "found", "expected",
    "suggestion",
)  # fmt: skip
"""Of a table of problems."""
_FIELDS = ", ".join(f'"{field.name}"' for field in fields(Problem))

TOGETHER = 5000
"""Rows that are written into the file of problems at once."""


class Problems(Sequence[Problem]):
    """Problems in the order in which they were added, or in one of their columns.

    A million of them are a file of some hundred megabytes, which ends with the program.

    Attributes
    ----------
    counts : Counter of str
        By code.
    database : Connection
        Of that file; it may hold what is compared, too.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.database = open_temporary()
        kinds = {"row": "INTEGER", "seizure": "INTEGER", "specimen": "INTEGER"}
        columns = ", ".join(f'"{name}" {kinds.get(name, "TEXT")}' for name in COLUMNS)
        self.database.execute(f"CREATE TABLE problems (place INTEGER PRIMARY KEY, {columns})")
        self._pending: list[tuple[Any, ...]] = []

    def add(self, problem: Problem) -> None:
        """Add a problem."""
        self.counts[problem.code] += 1
        self._pending.append((None, *problem.to_dict().values()))
        if len(self._pending) >= TOGETHER:
            self.write()

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems."""
        for problem in problems:
            self.add(problem)

    def write(self) -> None:
        """Write what was added into the file."""
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        pending, self._pending = self._pending, []
        self.database.executemany(f"INSERT INTO problems VALUES ({marks})", pending)

    def sort(self, order: str) -> None:
        """Put them into an order, in SQL; what is equal stays as it was added."""
        self.write()
        self.database.execute(
            f"CREATE TABLE sorted AS SELECT * FROM problems ORDER BY {order}, place"
        )
        self.database.execute("DROP TABLE problems")
        self.database.execute("ALTER TABLE sorted RENAME TO problems")

    def keep(self, severities: Collection[str]) -> None:
        """Forget those of other severities."""
        self.write()
        marks = ", ".join("?" * len(severities))
        self.database.execute(
            f"DELETE FROM problems WHERE severity NOT IN ({marks})", tuple(severities)
        )
        counts = self.database.execute("SELECT code, count(*) FROM problems GROUP BY code")
        self.counts = Counter(dict(counts.fetchall()))

    def __len__(self) -> int:
        return self.counts.total()

    def __iter__(self) -> Iterator[Problem]:
        return self._select("")

    @overload
    def __getitem__(self, place: int) -> Problem: ...
    @overload
    def __getitem__(self, place: slice) -> list[Problem]: ...
    def __getitem__(self, place: int | slice) -> Problem | list[Problem]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            taken = list(self._select(f"LIMIT {max(0, stop - start)} OFFSET {start}"))
            return taken[::step]
        return self[place : place + 1 or None][0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _select(self, where: str) -> Iterator[Problem]:
        self.write()
        for row in self.database.execute(f"SELECT {_FIELDS} FROM problems ORDER BY rowid {where}"):
            yield Problem(*row)
