"""A whole store held against the rules: what each record says, and what records say together.

>>> from forensics.trade.validating import validate
>>> validation = validate(store)                                           # doctest: +SKIP
>>> validation.counts["TERM_TAXON"]                                        # doctest: +SKIP
"""

import math
import statistics
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from forensics.clock import utc_now
from forensics.errors import UsageError
from forensics.io.dates import year_of
from forensics.messages import _
from forensics.trade.checks import Breach, Checks, Knowledge
from forensics.trade.listing import Listings
from forensics.trade.problems import Problems
from forensics.trade.record import (
    ASIDE,
    COUNTED,
    WAITING,
    Problem,
    Seizure,
    Specimen,
    is_trade_report,
    quantity_text,
)
from forensics.trade.rules import ERROR, NOTE, READING, RECORD, RULES, WARNING
from forensics.trade.store import Store
from forensics.trade.vocabulary import fold, units

if TYPE_CHECKING:
    import pandas

    from forensics.taxonomy.listings.official import Official

__all__ = ["OUTLYING", "Validation", "find_faults", "validate", "validate_records"]

OUTLYING = 3.5
"""Robust standard deviations of the logarithm beyond which a quantity is reported (Iglewicz & Hoaglin 1993, How to
Detect and Handle Outliers). Logarithms, since quantities of seizures are skewed over decades."""
MIN_GROUP = 20
"""Quantities of one kind and unit below which none is called outlying."""
# What is within a factor of ten of the median is never told, however alike the others are.
_MIN_SPREAD = math.log(10) / OUTLYING


@dataclass(frozen=True)
class Validation:
    """What validation found.

    Attributes
    ----------
    problems : Problems
        Errors first, then by seizure.
    seizures, specimens : int
        That were looked at.
    flagged : int
        Specimens with an error or a warning, or of a seizure with one.
    counts : dict of str to int
        Problems by code.
    undated : tuple of (int, str, str)
        With a year: number, reference and date of the seizures whose date is missing or cannot be read;
        they may be of that year, and were looked at.
    waiting, aside : int
        Kinds of specimens that wait for a decision, and that were set aside; no other rule is held to them.
    """

    problems: Problems
    seizures: int
    specimens: int
    flagged: int
    counts: Mapping[str, int] = field(default_factory=dict)
    undated: tuple[tuple[int, str, str], ...] = ()
    waiting: int = 0
    aside: int = 0

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table of problems as a DataFrame."""
        import pandas

        columns = list(Problem("", "", "", "").to_dict())
        return pandas.DataFrame([problem.to_dict() for problem in self.problems], columns=columns)


def validate(
    store: Store,
    *,
    year: int | None = None,
    ranges: Mapping[str, frozenset[str]] | None = None,
    official: "Official | None" = None,
) -> Validation:
    """Hold all records of a store against the rules.

    Parameters
    ----------
    store : Store
    year : int, optional
        Of the report: only its records are looked at, and those whose date cannot be read, since
        they may be of it.
    ranges : mapping, optional
        Countries by species, instead of the packaged ones; see `ranges.read_ranges`.
    official : Official, optional
        Index or History of listings, of `forensics.taxonomy.listings.read_official`; it counts where the
        packaged table differs or ends.
    """
    standings: Counter[str] = Counter()
    reported = {(problem.specimen, problem.field) for problem in store.reading_problems()}
    asked, told = {specimen for specimen, _field in reported}, set[tuple[int, str]]()

    def counted() -> Iterator[Seizure]:
        for seizure in store.seizures(year=year, undated=True, everything=True):
            for specimen in seizure.specimens:
                standings[specimen.standing] += 1
                if specimen.id in asked:
                    told.add((specimen.id, specimen.standing))
            if seizure.standing == COUNTED:
                kept = tuple(one for one in seizure.specimens if one.standing == COUNTED)
                yield (
                    seizure
                    if len(kept) == len(seizure.specimens)
                    else replace(seizure, specimens=kept)
                )

    def reading() -> Iterator[Problem]:
        for problem in store.reading_problems():
            waits = problem.field == RECORD and (problem.specimen, WAITING) in told
            if waits or (problem.specimen, COUNTED) in told:
                yield problem

    validation = validate_records(
        counted(), year=year, ranges=ranges, official=official, reported=reported, reading=reading()
    )
    return replace(validation, waiting=standings[WAITING], aside=standings[ASIDE])


def find_faults(
    store: Store, *, year: int | None = None, severities: Collection[str] = (ERROR,)
) -> dict[int, list[Problem]]:
    """Return what is wrong with the records that count, by seizure; with a year, also with those without one."""
    faults: dict[int, list[Problem]] = {}
    for problem in validate(store, year=year).problems:
        if problem.severity in severities and problem.field != RECORD:
            faults.setdefault(problem.seizure, []).append(problem)
    return faults


def validate_records(
    seizures: Iterable[Seizure],
    *,
    year: int | None = None,
    ranges: Mapping[str, frozenset[str]] | None = None,
    official: "Official | None" = None,
    reported: Collection[tuple[int, str]] = frozenset(),
    reading: Iterable[Problem] = (),
) -> Validation:
    """Hold records against the rules, one or a million; see `validate`.

    Parameters
    ----------
    seizures : iterable of Seizure
        Passed through once.
    year, ranges, official
        See `validate`.
    reported : collection of (int, str)
        Specimens and fields of which reading has told, and more plainly.
    reading : iterable of Problem
        What was told then; taken after the records were passed through.
    """
    if year is not None and not 1975 <= year <= 9999:
        raise UsageError(_("The year of a report has four digits; found {year}.").format(year=year))
    known = Knowledge.packaged(date.fromisoformat(utc_now()[:10]), year)
    if ranges is not None:
        known = known._replace(ranges=ranges)
    if official is not None:
        known = known._replace(listings=Listings(official))
    checks, problems = Checks(known), Problems()
    set_of_all = _Together(problems)
    undated = []
    seizure_count = specimen_count = 0
    for seizure in seizures:
        seizure_count += 1
        specimen_count += len(seizure.specimens)
        if year is not None and year_of(seizure.get("date")) is None:
            reference = str(seizure.get("reference") or "")
            undated.append((seizure.id, reference, str(seizure.get("date") or "")))
        first = seizure.specimens[0] if seizure.specimens else Specimen({})
        for breach in checks.of_seizure(seizure):
            if breach.code not in _REPORTED_BY_READING or (first.id, breach.field) not in reported:
                problems.add(_problem(breach, seizure, first, whole=True))
        for specimen in seizure.specimens:
            for breach in checks.of_specimen(seizure, specimen):
                if (
                    breach.code not in _REPORTED_BY_READING
                    or (specimen.id, breach.field) not in reported
                ):
                    problems.add(_problem(breach, seizure, specimen))
        set_of_all.add(seizure)
    for problem in reading:
        severity = WARNING if problem.code in _READING_WARNINGS else ERROR
        problems.add(replace(problem, severity=severity))
    set_of_all.compare()
    flagged = set_of_all.count_flagged()
    problems.sort(
        f"CASE severity WHEN '{ERROR}' THEN 0 WHEN '{WARNING}' THEN 1 ELSE 2 END, "
        "seizure, specimen, code"
    )
    return Validation(
        problems, seizure_count, specimen_count, flagged, dict(problems.counts), tuple(undated)
    )


_READING_WARNINGS = frozenset(
    ["QUANTITY_APPROXIMATE", "QUANTITY_MORE_TEXT", "TEXT_REPEATED", "TEXT_SEVERAL_KINDS"]
    + ["TAXON_VERNACULAR", "SEIZURE_DIFFERS"]
)
_REPORTED_BY_READING = frozenset(
    ["QUANTITY_NOT_NUMBER", "DATE_NOT_A_DATE", "TAXON_MISSING", "DATE_MISSING"]
)
assert _READING_WARNINGS <= READING.keys() and _REPORTED_BY_READING <= RULES.keys()


def _problem(
    breach: Breach, seizure: Seizure, specimen: Specimen, *, whole: bool = False
) -> Problem:
    return Problem(
        breach.code, breach.field, breach.value, breach.expected, breach.suggestion,
        RULES[breach.code].severity, specimen.file, specimen.row, seizure.id,
        0 if whole else specimen.id, seizure.get("reference") or "",
    )  # fmt: skip


class _Together:
    """What records say together: alike ones, one reference twice, quantities far from all others.

    What is compared stands in a table on disk beside the problems; in memory are only logarithms of quantities.
    """

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        problems.database.execute(f"CREATE TABLE looked ({', '.join(_LOOKED)})")
        self._rows: list[tuple[object, ...]] = []
        self._logs: dict[tuple[str, str, str | None], array[float]] = {}

    def add(self, seizure: Seizure) -> None:
        """Add a seizure with its specimens."""
        shipment = is_trade_report(seizure)  # importer and exporter both report it
        reference = seizure.get("reference") or ""
        name = fold(reference) if reference and not shipment else None
        for specimen in seizure.specimens or (Specimen({}),):
            likeness = None if shipment else _likeness(seizure, specimen)
            kind = self._kind_of(specimen)
            self._rows.append(
                (
                    seizure.id, specimen.id, specimen.file, specimen.row, reference, name, likeness,
                    *(kind or (None, None, None, None)),
                    kind and f"{quantity_text(specimen.values)} {specimen.get('unit')}",
                    bool(seizure.specimens),
                )
            )  # fmt: skip
            name = None  # of the seizure, once
        if not shipment and len(seizure.specimens) > 1:
            self._within(seizure, reference)
        if len(self._rows) >= _TOGETHER:
            self._write()

    def _within(self, seizure: Seizure, reference: str) -> None:
        within: dict[tuple[object, ...], Specimen] = {}
        for specimen in seizure.specimens:
            same = tuple(sorted((name, str(value)) for name, value in specimen.values.items()))
            if same and within.setdefault(same, specimen) is not specimen:
                breach = Breach(
                    "DUPLICATE_RECORD", "reference", reference,
                    _("other specimens; those of row {row} are the same").format(
                        row=within[same].row or within[same].number),
                )  # fmt: skip
                self._problems.add(_problem(breach, seizure, specimen))

    def _kind_of(self, specimen: Specimen) -> tuple[str, str, str, float] | None:
        """Return term, dimension and taxon of a quantity, and its logarithm in the base unit."""
        unit = units().get(specimen.get("unit") or "")
        high = specimen.high if specimen.high is not None else specimen.low
        term, species = specimen.get("term"), specimen.get("species") or ""
        if not (unit and unit.factor and high and term):
            return None
        log = math.log(high * unit.factor)
        for kind in ((term, unit.dimension, species), (term, unit.dimension, None)):
            self._logs.setdefault(kind, array("d")).append(log)
        return term, unit.dimension, species, log

    def _write(self) -> None:
        marks = ", ".join("?" * len(_LOOKED))
        self._problems.database.executemany(f"INSERT INTO looked VALUES ({marks})", self._rows)
        self._rows = []

    def compare(self) -> None:
        """Add what the records say together."""
        self._write()
        self._repeated(
            "DUPLICATE_REFERENCE",
            "name",
            _("one of its own; seizure {number} has it too"),
            whole=True,
        )
        self._repeated(
            "DUPLICATE_RECORD", "likeness",
            _("another seizure; seizure {number}, {reference}, has the same day, place, taxon, "
              "kind and quantity"),
        )  # fmt: skip
        self._outlying()

    def _repeated(self, code: str, column: str, expected: str, *, whole: bool = False) -> None:
        """Tell of seizures that are like one before them."""
        found = self._problems.database.execute(
            "SELECT seizure, specimen, file, row, reference, number, other FROM (SELECT *, "
            "first_value(seizure) OVER same AS number, first_value(reference) OVER same AS other "
            f"FROM looked WHERE {column} IS NOT NULL "
            f"WINDOW same AS (PARTITION BY {column} ORDER BY rowid)) WHERE number <> seizure"
        ).fetchall()
        for seizure, specimen, file, row, reference, number, other in found:
            text = expected.format(number=number, reference=other or "-")
            self._problems.add(
                Problem(
                    code, "reference", reference, text, "", RULES[code].severity, file, row, seizure,
                    0 if whole else specimen, reference,
                )
            )  # fmt: skip

    def _outlying(self) -> None:
        """Tell of quantities that lie far from the others of their kind, on the scale of logarithms."""
        middles = {
            kind: _spread(logs) for kind, logs in self._logs.items() if len(logs) >= MIN_GROUP
        }
        found = self._problems.database.execute(
            "SELECT seizure, specimen, file, row, reference, shown, term, dimension, species, log "
            "FROM looked WHERE log IS NOT NULL"
        )
        breaches = []
        for seizure, specimen, file, row, reference, shown, term, dimension, species, log in found:
            # What is too rare to be judged among its own species is judged among all of its kind.
            own, every = (term, dimension, species), (term, dimension, None)
            kind = own if own in middles else every
            if kind not in middles:
                continue
            middle, spread = middles[kind]
            far = log - middle if dimension == "count" else abs(log - middle)  # 1 is no outlier
            if far > OUTLYING * spread:
                expected = _(
                    "about {middle:.3g}, as {count} others (median in the base unit)"
                ).format(middle=math.exp(middle), count=len(self._logs[kind]) - 1)
                breaches.append((seizure, specimen, file, row, reference, shown, expected))
        for seizure, specimen, file, row, reference, shown, expected in breaches:
            self._problems.add(
                Problem(
                    "QUANTITY_OUTLYING", "quantity", shown, expected, "",
                    RULES["QUANTITY_OUTLYING"].severity, file, row, seizure, specimen, reference,
                )
            )  # fmt: skip

    def count_flagged(self) -> int:
        """Return how many specimens have an error or a warning, or are of a seizure with one."""
        self._problems.write()
        ((count,),) = self._problems.database.execute(
            "WITH bad AS (SELECT DISTINCT seizure, specimen FROM problems WHERE severity <> ?) "
            "SELECT count(*) FROM looked WHERE is_specimen AND ((seizure, specimen) IN bad "
            "OR (seizure, 0) IN bad)",
            (NOTE,),
        )
        return int(count)


_LOOKED = (
    "seizure", "specimen", "file", "row", "reference", "name", "likeness", "term", "dimension",
    "species", "log", "shown", "is_specimen",
)  # fmt: skip
_TOGETHER = 5000


def _spread(logs: Sequence[float]) -> tuple[float, float]:
    """Return the median of logarithms, and their robust standard deviation."""
    middle = statistics.median(logs)
    # 1.4826: the median absolute deviation of a normal distribution, as its standard deviation.
    spread = 1.4826 * statistics.median(abs(value - middle) for value in logs)
    return middle, max(spread, _MIN_SPREAD)


def _likeness(seizure: Seizure, specimen: Specimen) -> str | None:
    """Return what two records of one event have in common; None where too little is known."""
    what = specimen.get("species") or specimen.get("description")
    if not what or len(seizure.get("date") or "") < 10:
        return None
    if specimen.low is None and specimen.high is None:
        return None
    parts = (
        seizure.get("date"), seizure.get("country"), fold(seizure.get("place") or ""), fold(what),
        specimen.get("term"), quantity_text(specimen.values), specimen.get("unit"),
        fold(specimen.get("description") or ""),
    )  # fmt: skip
    return "\x1f".join("" if part is None else part for part in parts)
