"""A whole store held against the rules: what each record says, and what records say together.

>>> from forensics.trade.validating import validate
>>> validation = validate(store)                                           # doctest: +SKIP
>>> validation.counts["TERM_TAXON"]                                        # doctest: +SKIP
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from forensics.clock import utc_now
from forensics.errors import UsageError
from forensics.io.dates import year_of
from forensics.messages import _
from forensics.trade.checks import Breach, Knowledge, of_seizure, of_specimen
from forensics.trade.listing import Listings
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
    problems : tuple of Problem
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

    problems: tuple[Problem, ...]
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
    everything = list(store.seizures(year=year, undated=True, everything=True))
    specimens = [specimen for seizure in everything for specimen in seizure.specimens]
    standings = Counter(specimen.standing for specimen in specimens)
    keys = {specimen.id for specimen in specimens if specimen.standing == COUNTED}
    waiting = {specimen.id for specimen in specimens if specimen.standing == WAITING}
    reading = [
        problem
        for problem in store.reading_problems()
        if problem.specimen in keys or (problem.specimen in waiting and problem.field == RECORD)
    ]
    validation = validate_records(
        store.seizures(year=year, undated=True), year=year, ranges=ranges, official=official,
        reading=reading,
    )  # fmt: skip
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
    reading: Iterable[Problem] = (),
) -> Validation:
    """Hold records against the rules; see `validate`."""
    if year is not None and not 1975 <= year <= 9999:
        raise UsageError(_("The year of a report has four digits; found {year}.").format(year=year))
    seizures = list(seizures)
    known = Knowledge.packaged(date.fromisoformat(utc_now()[:10]), year)
    if ranges is not None:
        known = known._replace(ranges=ranges)
    if official is not None:
        known = known._replace(listings=Listings(official))
    problems = []
    for problem in reading:
        severity = WARNING if problem.code in _READING_WARNINGS else ERROR
        problems.append(_with(problem, severity))
    reported = {(problem.specimen, problem.field) for problem in problems}
    for seizure in seizures:
        first = seizure.specimens[0] if seizure.specimens else Specimen({})
        for breach in of_seizure(seizure, known):
            if (first.id, breach.field) not in reported or breach.code not in _REPORTED_BY_READING:
                problems.append(_problem(breach, seizure, first, whole=True))
        for specimen in seizure.specimens:
            for breach in of_specimen(seizure, specimen, known):
                # Reading has told it already, and more plainly.
                if (specimen.id, breach.field) in reported and breach.code in _REPORTED_BY_READING:
                    continue
                problems.append(_problem(breach, seizure, specimen))
    problems += _duplicates(seizures)
    problems += _outlying(seizures)
    order = {ERROR: 0, WARNING: 1, NOTE: 2}
    problems.sort(
        key=lambda problem: (
            order[problem.severity],
            problem.seizure,
            problem.specimen,
            problem.code,
        )
    )
    bad = {(problem.seizure, problem.specimen) for problem in problems if problem.severity != NOTE}
    flagged = sum(
        (seizure.id, specimen.id) in bad or (seizure.id, 0) in bad
        for seizure in seizures
        for specimen in seizure.specimens
    )
    return Validation(
        tuple(problems),
        len(seizures),
        sum(len(record.specimens) for record in seizures),
        flagged,
        dict(Counter(problem.code for problem in problems)),
        ()
        if year is None
        else tuple(
            (record.id, str(record.get("reference") or ""), str(record.get("date") or ""))
            for record in seizures
            if year_of(record.get("date")) is None
        ),
    )


_READING_WARNINGS = frozenset(
    ["QUANTITY_APPROXIMATE", "QUANTITY_MORE_TEXT", "TEXT_REPEATED", "TEXT_SEVERAL_KINDS"]
    + ["TAXON_VERNACULAR", "SEIZURE_DIFFERS"]
)
_REPORTED_BY_READING = frozenset(
    ["QUANTITY_NOT_NUMBER", "DATE_NOT_A_DATE", "TAXON_MISSING", "DATE_MISSING"]
)
assert _READING_WARNINGS <= READING.keys() and _REPORTED_BY_READING <= RULES.keys()


def _with(problem: Problem, severity: str) -> Problem:
    values = problem.to_dict() | {"severity": severity}
    return Problem(**values)


def _problem(
    breach: Breach, seizure: Seizure, specimen: Specimen, *, whole: bool = False
) -> Problem:
    return Problem(
        breach.code, breach.field, breach.value, breach.expected, breach.suggestion,
        RULES[breach.code].severity, specimen.file, specimen.row, seizure.id,
        0 if whole else specimen.id, seizure.get("reference") or "",
    )  # fmt: skip


def _duplicates(seizures: list[Seizure]) -> Iterator[Problem]:
    """Yield seizures that are like one before them."""
    references: dict[str, Seizure] = {}
    seen: dict[tuple[Any, ...], tuple[Seizure, Specimen]] = {}
    for seizure in seizures:
        if is_trade_report(seizure):
            continue  # importer and exporter both report a shipment
        first = seizure.specimens[0] if seizure.specimens else Specimen({})
        reference = seizure.get("reference")
        other = references.setdefault(fold(reference), seizure) if reference else seizure
        if other is not seizure:
            breach = Breach(
                "DUPLICATE_REFERENCE", "reference", reference,
                _("one of its own; seizure {number} has it too").format(number=other.id),
            )  # fmt: skip
            yield _problem(breach, seizure, first, whole=True)
        within: dict[tuple[Any, ...], Specimen] = {}
        for specimen in seizure.specimens:
            same = tuple(sorted((name, str(value)) for name, value in specimen.values.items()))
            if same and within.setdefault(same, specimen) is not specimen:
                breach = Breach(
                    "DUPLICATE_RECORD", "reference", reference or "",
                    _("other specimens; those of row {row} are the same").format(
                        row=within[same].row or within[same].number),
                )  # fmt: skip
                yield _problem(breach, seizure, specimen)
            key = _likeness(seizure, specimen)
            if key is None:
                continue
            before, _same = seen.setdefault(key, (seizure, specimen))
            if before is not seizure:
                breach = Breach(
                    "DUPLICATE_RECORD", "reference", reference or "",
                    _("another seizure; seizure {number}, {reference}, has the same day, place, taxon, "
                      "kind and quantity").format(
                        number=before.id, reference=before.get("reference") or "-"),
                )  # fmt: skip
                yield _problem(breach, seizure, specimen)


def _likeness(seizure: Seizure, specimen: Specimen) -> tuple[Any, ...] | None:
    """Return what two records of one event have in common; None where too little is known."""
    what = specimen.get("species") or specimen.get("description")
    if not what or not seizure.get("date") or len(seizure.get("date")) < 10:
        return None
    if specimen.low is None and specimen.high is None:
        return None
    return (
        seizure.get("date"), seizure.get("country"), fold(seizure.get("place") or ""), fold(what),
        specimen.get("term"), quantity_text(specimen.values), specimen.get("unit"),
        fold(specimen.get("description") or ""),
    )  # fmt: skip


def _outlying(seizures: list[Seizure]) -> Iterator[Problem]:
    """Yield quantities that lie far from the others of their kind, on the scale of logarithms."""
    groups: dict[tuple[Any, ...], list[tuple[float, Seizure, Specimen]]] = defaultdict(list)
    for seizure in seizures:
        for specimen in seizure.specimens:
            unit = units().get(specimen.get("unit") or "")
            high = specimen.high if specimen.high is not None else specimen.low
            if unit and unit.factor and high and specimen.get("term"):
                member = (math.log(high * unit.factor), seizure, specimen)
                kind = (specimen.get("term"), unit.dimension)
                groups[*kind, specimen.get("species") or ""].append(member)
                groups[*kind, None].append(member)
    for (term, dimension, species), members in groups.items():
        if species is None:  # what is too rare to be judged among its own species
            members = [
                member for member in members
                if len(groups[term, dimension, member[2].get("species") or ""]) < MIN_GROUP
            ]  # fmt: skip
            others = groups[term, dimension, None]
        else:
            others = members
        if len(others) < MIN_GROUP:
            continue
        logs = [value for value, _seizure, _specimen in others]
        middle = statistics.median(logs)
        # 1.4826: the median absolute deviation of a normal distribution, as its standard deviation.
        spread = 1.4826 * statistics.median(abs(value - middle) for value in logs)
        spread = max(spread, _MIN_SPREAD)
        for value, seizure, specimen in members:
            far = value - middle if dimension == "count" else abs(value - middle)  # 1 is no outlier
            if far > OUTLYING * spread:
                breach = Breach(
                    "QUANTITY_OUTLYING", "quantity",
                    f"{quantity_text(specimen.values)} {specimen.get('unit')}",
                    _("about {middle:.3g}, as {count} others (median in the base unit)").format(
                        middle=math.exp(middle), count=len(others) - 1),
                )  # fmt: skip
                yield _problem(breach, seizure, specimen)
