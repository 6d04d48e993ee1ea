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
from forensics.trade.record import Problem

ERROR, WARNING, NOTE = "error", "warning", "note"
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
    follows : str
        The check of legal trade that it adapts; empty for our own.
    text : str
        What it asks and why; translated where it is shown.
    """

    code: str
    severity: str
    follows: str
    text: str


_ALL = (
    Rule("COUNTRY_MISSING", ERROR, "presence trading_partner",
         N_("The country of the seizure is stated.")),
    Rule("TERM_MISSING", ERROR, "presence term_code", N_("The kind of specimen is stated.")),
    Rule("TAXON_MISSING", ERROR, "presence taxon_name",
         N_("A scientific name is stated, at the lowest taxon that is known.")),
    Rule("APPENDIX_MISSING", NOTE, "presence appendix",
         N_("The Appendix is stated; where the listings leave one only on that day, it is proposed.")),
    Rule("QUANTITY_MISSING", ERROR, "presence quantity", N_("A quantity is stated.")),
    Rule("DATE_MISSING", ERROR, "presence year", N_("The date of the seizure is stated.")),
    Rule("QUANTITY_NOT_NUMBER", ERROR, "numericality quantity",
         N_("The quantity is a number above 0, with one reading.")),
    Rule("DATE_NOT_A_DATE", ERROR, "numericality year", N_("The date is a date, with one reading.")),
    Rule("DATE_INCOMPLETE", WARNING, "format year",
         N_("The date is a day: on it depends which listing was in force.")),
    Rule("TERM_UNKNOWN", ERROR, "inclusion term_code",
         N_("The kind of specimen is a term of the CITES guidelines.")),
    Rule("SOURCE_UNKNOWN", ERROR, "inclusion source_code",
         N_("The source is a code of Resolution Conf. 12.3.")),
    Rule("PURPOSE_UNKNOWN", ERROR, "inclusion purpose_code",
         N_("The purpose is a code of Resolution Conf. 12.3.")),
    Rule("UNIT_UNKNOWN", ERROR, "inclusion unit_code", N_("The unit is one of the list of units.")),
    Rule("COUNTRY_UNKNOWN", ERROR, "inclusion trading_partner",
         N_("Countries are of ISO 3166-1: of the seizure, export, transit, destination, offenders.")),
    Rule("ORIGIN_UNKNOWN", ERROR, "inclusion country_of_origin",
         N_("The alleged country of origin is of ISO 3166-1, or XX.")),
    Rule("TAXON_UNKNOWN", ERROR, "inclusion taxon_name",
         N_("The name is not one that differs from a known one as misspelt names do.")),
    Rule("APPENDIX_UNKNOWN", ERROR, "inclusion appendix", N_("The Appendix is I, II or III.")),
    Rule("APPENDIX_NOT_IN_FORCE", ERROR, "taxon_concept_appendix_year",
         N_("The Appendix is one that applied to the taxon on the day of the seizure, for that origin "
            "and kind of specimen.")),
    Rule("TERM_UNIT", WARNING, "inclusion term_code|unit_code",
         N_("The unit is the preferred or an alternative one of the term.")),
    Rule("TERM_PURPOSE", WARNING, "inclusion term_code|purpose_code",
         N_("The purpose is one that such specimens serve: a zoo keeps nothing but what lives.")),
    Rule("TERM_TAXON", ERROR, "inclusion taxon_concept_id|term_code",
         N_("The taxon has such a thing: no pangolin has tusks.")),
    Rule("ORIGIN_NOT_RANGE_STATE", WARNING, "inclusion taxon_concept_id|country_of_origin",
         N_("The alleged origin is a range State of the species, unless it was bred. Where the range is "
            "not held here, nothing is said.")),
    Rule("DEPARTURE_NOT_RANGE_STATE", NOTE, "inclusion taxon_concept_id|exporter",
         N_("Where no origin is stated, the country of export is a range State; else an origin or a "
            "transit is missing.")),
    Rule("ROUTE_ORIGIN_TWICE", WARNING, "distinct exporter|country_of_origin",
         N_("The country of origin is not a country of transit; in a trade report it is not the exporter.")),
    Rule("ROUTE_RETURNS", WARNING, "distinct exporter|importer",
         N_("The destination is neither a country of transit nor, after a transit, where it set out.")),
    Rule("TAXON_SOURCE", ERROR, "taxon_concept_id|source_code",
         N_("The source fits the kingdom: A is of plants; C, F and R are of animals.")),
    Rule("DATE_OUT_OF_RANGE", ERROR, "",
         N_("The date is not in the future, not before the Convention, and in the year of the report.")),
    Rule("COUNTRY_FORMER", WARNING, "", N_("The code of a country is one still in use.")),
    Rule("COUNTRY_UNSPECIFIC", WARNING, "",
         N_("A seizure happened in a country: no XX, no continent.")),
    Rule("TAXON_NOT_HELD", WARNING, "",
         N_("The name, or its genus, is one that the listings hold; else it is not listed, or wrong.")),
    Rule("TAXON_NOT_STANDARD", WARNING, "",
         N_("The name is that of the standard nomenclature of CITES.")),
    Rule("QUANTITY_NOT_WHOLE", WARNING, "", N_("What is counted is a whole number.")),
    Rule("QUANTITY_OUTLYING", WARNING, "",
         N_("The quantity is not far beyond all others of its kind; a wrong unit or point looks so.")),
    Rule("DUPLICATE_RECORD", WARNING, "",
         N_("No other seizure has the same day, place, taxon, kind and quantity.")),
    Rule("REFERENCE_MISSING", WARNING, "",
         N_("A reference is stated, by which the authority finds the case.")),
    Rule("DUPLICATE_REFERENCE", WARNING, "", N_("No other seizure has the same reference.")),
    Rule("VALUE_NOT_IN_LIST", WARNING, "",
         N_("Agency, transport, concealment, detection, sanction, disposal and reason are of their "
            "lists, most of which are proposals and not official.")),
    Rule("BASIS_UNKNOWN", ERROR, "",
         N_("The basis is a seizure or a trade report; with another one nobody knows whether the record "
            "is of a seizure, and it is not counted.")),
    Rule("CURRENCY_UNKNOWN", WARNING, "", N_("The currency is of ISO 4217, and stands with an amount.")),
    Rule("COORDINATES_IN_PAIRS", WARNING, "", N_("Latitude and longitude are both stated, or neither.")),
)  # fmt: skip

RULES = {rule.code: rule for rule in _ALL}
"""Rules by code, the 26 adapted ones first."""

READING = {
    "ROW_WIDER": N_("Every cell of the row stands below the name of a column."),
    "ROW_EMPTY": N_("The row says what was seized."),
    TOTAL: N_("A row is a seizure, and no total of the rows above it."),
    "ROW_UNIDENTIFIED": N_("The row says of which seizure it is, by a reference or a date."),
    "SEIZURE_DIFFERS": N_("Rows of one reference say the same of the seizure."),
    "DATE_AMBIGUOUS": N_("A date of day and month up to 12 has two readings."),
    "QUANTITY_AMBIGUOUS": N_("A separator before three digits may be decimal or of thousands."),
    "QUANTITY_APPROXIMATE": N_("The quantity was estimated, or has one bound; it is recorded so."),
    "QUANTITY_CONTRADICTORY": N_("Figure and words state one quantity."),
    "QUANTITY_SEVERAL": N_("A row states one quantity."),
    "QUANTITY_UNREADABLE": N_("The quantity is a number, or words for one."),
    "QUANTITY_ELSEWHERE": N_("The quantity is in a column that a field takes."),
    "QUANTITY_MORE_TEXT": N_("Nothing else stands in the cell of a quantity."),
    "UNIT_CONTRADICTORY": N_("The unit in the quantity is that of its own column."),
    "NUMBER_AMBIGUOUS": N_("A number has one reading."),
    "NUMBER_UNREADABLE": N_("A number is a number."),
    "TEXT_REPEATED": N_("An entry of a text stands there once."),
    "TEXT_SEVERAL_KINDS": N_("An entry of a text is of one kind."),
    "TAXON_VERNACULAR": N_("A taxon has a scientific name; what a word is used of is proposed."),
}
"""What is reported when a file is read, by code."""


_COLUMNS = tuple(field.name for field in fields(Problem))
_TOGETHER = 5000


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
        columns = ", ".join(f'"{name}" {kinds.get(name, "TEXT")}' for name in _COLUMNS)
        self.database.execute(f"CREATE TABLE problems (place INTEGER PRIMARY KEY, {columns})")
        self._pending: list[tuple[Any, ...]] = []
        self._place = 0

    def add(self, problem: Problem) -> None:
        """Add a problem."""
        self.counts[problem.code] += 1
        self._place += 1
        self._pending.append((self._place, *(getattr(problem, name) for name in _COLUMNS)))
        if len(self._pending) >= _TOGETHER:
            self.write()

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems."""
        for problem in problems:
            self.add(problem)

    def write(self) -> None:
        """Write what was added into the file."""
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
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
        names = ", ".join(f'"{name}"' for name in _COLUMNS)
        for row in self.database.execute(f"SELECT {names} FROM problems ORDER BY rowid {where}"):
            yield Problem(*row)
