"""Records held against the rules: what each says, and what records say together.

A check of one record is a function from values to findings. It yields what it found: rule, field, what stands there,
what is expected, and a value that may be put in its place where one is sure enough to be proposed.

>>> from forensics.trade.checks import validate
>>> validation = validate(store)                                           # doctest: +SKIP
>>> validation.counts["TERM_TAXON"]                                        # doctest: +SKIP
"""

import difflib
import functools
import math
import re
import statistics
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from forensics.core.grouping import gathered
from forensics.core.stored import utc_now
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.numbers import day_of, fold, read_date, year_of
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.taxonomy.names import genus_of
from forensics.trade.listing import Appendices, Listings, Name, name_of
from forensics.trade.problems import (
    COLUMNS,
    ERROR,
    NOTE,
    RECORD,
    TOGETHER,
    WARNING,
    Problem,
    Problems,
)
from forensics.trade.record import (
    ASIDE,
    COUNTED,
    WAITING,
    Seizure,
    Specimen,
    counted_part,
    is_trade_report,
    quantity_text,
)
from forensics.trade.store import Store
from forensics.trade.vocabulary import (
    FIELDS,
    Field,
    countries,
    country_of,
    is_country,
    names_of,
    range_states,
    term_of,
    terms,
    unit_meant,
    unit_of,
    units,
    values,
    vernaculars,
)

if TYPE_CHECKING:
    import pandas

    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


# Early downloads have the underscore in UTF-7.
_INDEX_NAME = Column("FullName", TEXT, also=("scientific_name", "full name"), several="first")
_INDEX_CODES = Column(
    "All_DistributionISOCodes", TEXT, also=("All+AF8-DistributionISOCodes",), several="first"
)


def read_ranges(path: AnyPath) -> dict[str, frozenset[str]]:
    """Return the countries in which each species occurs or occurred.

    Parameters
    ----------
    path : path
        ``Index_of_CITES_Species.csv`` of the Checklist of CITES Species, exported with ISO codes.

    Raises
    ------
    InputError
        If it has no such columns, or no species.
    """
    table = read_table(path, narrow_rows=True)
    ranges = {}
    for record in table.records(_INDEX_NAME, _INDEX_CODES):
        codes = frozenset(re.findall(r"\b[A-Z]{2}\b", record[_INDEX_CODES]))
        if codes and " " in record[_INDEX_NAME]:
            ranges[record[_INDEX_NAME]] = codes
    if not ranges:
        raise InputError(_("The index has no species with countries."), source=table.source)
    return ranges


# Leather and feather, which are two things, are alike by 0.86.
_NEAR = 0.87
_MOST_KEPT = 50_000
"""Combinations of values of which it is kept what a check found."""
_WHEN = "when"
"""In the place of a column: the time in which no listing changed; see `Listings.first_day`."""
# The Convention entered into force then: no illegal trade in its sense is older.
_IN_FORCE = date(1975, 7, 1)
# What each purpose of Resolution Conf. 12.3 can be served by: the house's reading of its words.
_LIVING = frozenset({"LIV", "EGL", "FIG", "PUP", "CUL", "GRS", "ROO", "STE", "SEE"})
_PURPOSES = {
    "Z": _LIVING,
    "Q": _LIVING,
    "N": _LIVING,
    "G": _LIVING | {"DPL", "FLO", "FRU", "LVS"},
    "B": _LIVING | {"EGG", "SPE"},
    "H": frozenset(
        ["TRO", "BOD", "SKI", "SKU", "SKE", "HOR", "TUS", "TEE", "CLA", "FOO", "EAR", "TAI", "TRU"]
        + ["BON", "HAI", "MEA", "GEN", "FEA", "LPL", "LPS", "SKP", "CAP"]
    ),
}
# A lineage that reaches its class is whole: what it lacks, the taxon does not belong to.
_CLASSES = frozenset(
    ["Mammalia", "Aves", "Reptilia", "Amphibia", "Actinopteri", "Elasmobranchii", "Bivalvia"]
    + ["Gastropoda", "Anthozoa", "Insecta", "Arachnida"]
)
_COUNTED = frozenset({"LIV", "BOD", "TUS", "SKI", "SKU", "SKE", "TRO", "EGL", "EGG", "HOR", "CLA"})


class Knowledge(NamedTuple):
    """What the checks go by.

    Attributes
    ----------
    today : datetime.date
    year : int or None
        Year of the report.
    ranges : mapping of str to frozenset of str
        Countries by species.
    listings : Listings
    """

    today: date
    year: int | None
    ranges: Mapping[str, frozenset[str]]
    listings: Listings


@functools.cache
def _currencies() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "currencies.txt"
    return frozenset(path.read_text(encoding="ascii").split())


@functools.lru_cache(maxsize=4096)
def _nearest(text: str, codes: str) -> str:
    """Return the code of a list whose name is most like a text, if one alone is like it."""
    names = {
        fold(name): code
        for code, others in names_of(codes).items()
        for name in filter(None, (code, *others))
    }
    folded = fold(text)
    if codes in values():
        within = {code for name, code in names.items() if len(name) > 3 and name in folded}
        if len(within) == 1:
            return within.pop()
    near = {names[name] for name in difflib.get_close_matches(folded, names, 3, _NEAR)}
    return near.pop() if len(near) == 1 else ""


# -- of a seizure -----------------------------------------------------------------------


def _reference(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    if not seizure.get("reference") and not is_trade_report(seizure):
        yield Problem("REFERENCE_MISSING", "reference", "", _("a reference of the authority"))


def _date(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    text = seizure.get("date")
    if not text:
        yield Problem("DATE_MISSING", "date", "", _("YYYY-MM-DD"))
        return
    read = read_date(text)
    if read != text:
        suggestion = read if isinstance(read, str) else ""
        yield Problem("DATE_NOT_A_DATE", "date", text, _("YYYY-MM-DD"), suggestion)
        return
    day, year = day_of(text), int(text[:4])
    if day is None and not is_trade_report(seizure):
        yield Problem("DATE_INCOMPLETE", "date", text, _("the day: YYYY-MM-DD"))
    if year < _IN_FORCE.year or (day and day < _IN_FORCE):
        yield Problem("DATE_OUT_OF_RANGE", "date", text, _("1975-07-01 or later"))
    elif year > known.today.year or (day and day > known.today):
        yield Problem(
            "DATE_OUT_OF_RANGE", "date", text, _("not after {today}").format(today=known.today)
        )
    elif known.year and year != known.year:
        yield Problem("DATE_OUT_OF_RANGE", "date", text, _("in {year}").format(year=known.year))


_COUNTRY_FIELDS = tuple(
    field for field in FIELDS.values() if field.list == "country" and field.level == "seizure"
)


def _countries(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    trade = is_trade_report(seizure)
    if not seizure.get("country") and not trade:
        yield Problem("COUNTRY_MISSING", "country", "", _("a code of ISO 3166-1"))
    for column in _COUNTRY_FIELDS:
        text = seizure.text(column.name)
        codes = seizure.codes(column.name) if column.kind == "codes" or not text else [text]
        for code in codes:
            for problem in _country(column.name, code, "COUNTRY_UNKNOWN"):
                whole = [problem.suggestion if entry == code else entry for entry in codes]
                yield replace(
                    problem, found=text, suggestion="; ".join(whole) if problem.suggestion else ""
                )
    country = countries().get(seizure.text("country"))
    if country and country.kind == "cites" and not trade:
        yield Problem(
            "COUNTRY_UNSPECIFIC", "country", country.code, _("the country of the seizure")
        )
    yield from _route(seizure)


def _country(name: str, code: str, rule: str) -> Iterator[Problem]:
    country = countries().get(code)
    if country is None:
        suggestion = country_of(code) or _nearest(code, "country")
        yield Problem(rule, name, code, _("a code of ISO 3166-1"), suggestion)
    elif country.kind == "former":
        yield Problem("COUNTRY_FORMER", name, code, _("a code still in use"), country.now)


def _route(seizure: Seizure) -> Iterator[Problem]:
    transit, destination = seizure.codes("transit"), seizure.get("destination")
    departure = seizure.get("departure")
    if destination and destination in transit:
        yield Problem("ROUTE_RETURNS", "destination", destination, _("a country after the transit"))
    elif destination and destination == departure and (transit or is_trade_report(seizure)):
        yield Problem("ROUTE_RETURNS", "destination", destination, _("another than that of export"))


def _coordinates(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    if (seizure.get("latitude") is None) != (seizure.get("longitude") is None):
        lacking = "longitude" if seizure.get("longitude") is None else "latitude"
        yield Problem("COORDINATES_IN_PAIRS", lacking, "", _("both, or neither"))


# -- of a specimen ----------------------------------------------------------------------


def _term(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    text, purpose = specimen.get("term"), specimen.get("purpose")
    if not text:
        yield Problem("TERM_MISSING", "term", "", _("a term code, such as TUS or LIV"))
        return
    term = terms().get(text)
    if term is None:
        suggestion = term_of(text) or _nearest(text, "term")
        yield Problem(
            "TERM_UNKNOWN", "term", text, _("a term code, such as TUS or LIV"), suggestion
        )
        return
    if purpose in _PURPOSES and text not in _PURPOSES[purpose]:
        yield Problem("TERM_PURPOSE", "purpose", purpose, _("a purpose that {term} serves").format(
            term=term.names[0]
        ))  # fmt: skip


def _quantity(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    low, high, unit = specimen.low, specimen.high, specimen.text("unit")
    text = quantity_text(specimen.values)
    bound = low if high is None else high
    if bound is None:
        if text:
            yield Problem("QUANTITY_NOT_NUMBER", "quantity", text, _("a number with its unit"))
        else:
            yield Problem("QUANTITY_MISSING", "quantity", "", _("a number with its unit"))
    elif bound <= 0:
        yield Problem("QUANTITY_NOT_NUMBER", "quantity", text, _("a number above 0"))
    measure = unit_meant(unit)
    if measure is None:
        yield Problem("UNIT_UNKNOWN", "unit", unit, ", ".join(units()), _unit_like(unit))
        return
    term = terms().get(specimen.text("term"))
    if term and (unit or bound is not None) and measure.code not in term.units:
        # What differs by a factor only can be told in the preferred unit exactly.
        same = [
            candidate
            for candidate in term.units
            if units()[candidate].dimension == measure.dimension
        ]
        if not same:
            yield Problem("TERM_UNIT", "unit", unit, ", ".join(term.units))
    whole = all(value is None or float(value).is_integer() for value in (low, high))
    if measure.dimension == "count" and not whole and (not term or term.code in _COUNTED):
        yield Problem("QUANTITY_NOT_WHOLE", "quantity", text, _("a whole number, or a weight"))


def _unit_like(text: str) -> str:
    if unit := unit_of(text):
        return unit
    return "t" if fold(text) in ("ton", "tons") else ""


def _taxon(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    name = _name(seizure, specimen)
    if name is None:
        yield Problem("TAXON_MISSING", "species", "", _("a scientific name"))
        return
    yield from _source(specimen, name)
    text = specimen.get("species")
    if not name.levels:
        yield Problem("TAXON_UNKNOWN", "species", text, _("a scientific name, its genus in full"))
        return
    if name.suggestions and not _plausible(name) and name.name not in _unlisted_names():
        suggestion = name.suggestions[0] if len(name.suggestions) == 1 else ""
        yield Problem(
            "TAXON_UNKNOWN", "species", text,
            _("a name of the listings; it is like {names}").format(names=", ".join(name.suggestions)),
            suggestion,
        )  # fmt: skip
        return
    if not name.known:
        yield Problem(
            "TAXON_NOT_HELD", "species", text, _("a name of the listings, or of their genera")
        )
        return
    plain = text.removesuffix(" spp.").removesuffix(" sp.").strip()
    if name.name != plain:
        yield Problem("TAXON_NOT_STANDARD", "species", text, name.name, name.name)
    term = terms().get(specimen.text("term"))
    if not term:
        return
    if term.kingdom and name.kingdom and term.kingdom != name.kingdom:
        yield Problem("TERM_TAXON", "term", term.code, _("a term that is used of {kingdom}").format(
            kingdom=name.kingdom
        ))  # fmt: skip
    elif term.taxa and not term.taxa & set(name.levels) and _CLASSES & set(name.levels):
        yield Problem(
            "TERM_TAXON", "term", term.code,
            _("{term} is of {taxa}").format(term=term.names[0], taxa=", ".join(sorted(term.taxa))),
        )  # fmt: skip


def _name(seizure: Seizure, specimen: Specimen) -> Name | None:
    species = specimen.get("species")
    return name_of(species, day_of(seizure.get("date"))) if species else None


@functools.cache
def _unlisted_names() -> frozenset[str]:
    """Return good names that no listing holds: *Saltator similis* is not a misspelt *Salvator*."""
    return frozenset(taxon for words in vernaculars().values() for taxon in words.values())


def _plausible(name: Name) -> bool:
    """Whether an unknown name of a known genus may be a good name: a species that is not listed."""
    return name.known and not any(genus_of(suggestion) == genus_of(name.name) and
                                  " " in suggestion for suggestion in name.suggestions)  # fmt: skip


def _source(specimen: Specimen, name: Name) -> Iterator[Problem]:
    source = specimen.get("source")
    if (source == "A" and name.kingdom == "animals") or (
        source in ("C", "F", "R") and name.kingdom == "plants"
    ):
        expected = _("a source of {kingdom}").format(kingdom=name.kingdom)
        suggestion = {"A": "", "C": "A", "F": "A", "R": ""}[source]
        yield Problem("TAXON_SOURCE", "source", source, expected, suggestion)


def _origin(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    name = _name(seizure, specimen)
    origin = specimen.text("origin")
    if origin:
        yield from _country("origin", origin, "ORIGIN_UNKNOWN")
        if origin in seizure.codes("transit"):
            yield Problem("ROUTE_ORIGIN_TWICE", "transit", "; ".join(seizure.codes("transit")),
                        _("countries other than the origin {origin}").format(origin=origin))  # fmt: skip
        elif is_trade_report(seizure) and origin == seizure.get("departure"):
            yield Problem(
                "ROUTE_ORIGIN_TWICE", "origin", origin, _("blank where it is the exporter")
            )
    if name is None or specimen.get("source") in ("A", "C", "D", "F", "R", "X"):
        return
    range_states = known.ranges.get(name.name) or known.ranges.get(" ".join(name.name.split()[:2]))
    if not range_states:
        return
    departure = seizure.text("departure")
    if is_country(origin):
        if origin not in range_states:
            yield Problem(
                "ORIGIN_NOT_RANGE_STATE", "origin", origin, " ".join(sorted(range_states))
            )
    elif not origin and is_country(departure):
        if departure not in range_states:
            yield Problem(
                "DEPARTURE_NOT_RANGE_STATE", "departure", departure, " ".join(sorted(range_states))
            )


def _appendix(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    name = _name(seizure, specimen)
    stated = specimen.get("appendix")
    if stated and stated not in values()["appendix"]:
        yield Problem("APPENDIX_UNKNOWN", "appendix", stated, "I, II, III")
        return
    answers = _possible(seizure, specimen, known.listings) if name and name.known else None
    if not stated:
        if answers is None:
            yield Problem("APPENDIX_MISSING", "appendix", "", "I, II, III")
        elif answers.possible or not answers.unlisted:
            suggestion = answers.possible[0] if answers.certain and answers.possible else ""
            yield Problem("APPENDIX_MISSING", "appendix", "", answers.text, suggestion)
        return
    if answers is None or not answers.judged or stated in answers.possible:
        return
    suggestion = answers.possible[0] if answers.certain and answers.possible else ""
    yield Problem("APPENDIX_NOT_IN_FORCE", "appendix", stated, answers.text, suggestion)


def _possible(seizure: Seizure, specimen: Specimen, listings: Listings) -> Appendices | None:
    """Return what may apply on the day, or on the first and last of the year."""
    text = seizure.text("date")
    if read_date(text) != text:
        return None
    day = day_of(text)
    days = (day,) if day else (date(int(text[:4]), 1, 1), date(int(text[:4]), 12, 31))
    appendices = [listings.of_specimen(specimen, moment) for moment in days]
    return appendices[0].joined(appendices[-1])


def _worth(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
    currency, value = specimen.get("currency"), specimen.get("value")
    if currency and currency not in _currencies():
        yield Problem(
            "CURRENCY_UNKNOWN", "currency", currency, _("a code of ISO 4217, such as USD")
        )
    elif value is not None and not currency:
        yield Problem("CURRENCY_UNKNOWN", "currency", "", _("a code of ISO 4217, such as USD"))


# -- all of them ------------------------------------------------------------------------

_Find = Callable[[Seizure, Specimen, Knowledge], Iterator[Problem]]
_OWN_RULE = {"basis": "BASIS_UNKNOWN", "source": "SOURCE_UNKNOWN", "purpose": "PURPOSE_UNKNOWN"}
"""Rules of fields for a value that is not in their list; of the others it is VALUE_NOT_IN_LIST."""


def _list_checks(level: str) -> tuple[tuple[_Find, tuple[str, ...]], ...]:
    """Return a check for each field of a level whose values are of a list; `_appendix` is one of its own."""
    return tuple(
        (_list_check(field), (field.name,))
        for field in FIELDS.values()
        if field.level == level and field.list in values() and field.name != "appendix"
    )


def _list_check(field: Field) -> _Find:
    def find(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Problem]:
        record = seizure if field.level == "seizure" else specimen
        text, known_values = record.text(field.name), values()[field.list]
        if text and text not in known_values:
            yield Problem(
                _OWN_RULE.get(field.name, "VALUE_NOT_IN_LIST"), field.name, text,
                ", ".join(known_values), _nearest(text, field.list),
            )  # fmt: skip

    return find


_SEIZURE_CHECKS: tuple[tuple[_Find, tuple[str, ...]], ...] = (
    (_reference, ()),
    (_date, ("date", "basis")),
    (_countries, (*(field.name for field in _COUNTRY_FIELDS), "basis")),
    *_list_checks("seizure"),
    (_coordinates, ()),
)
"""Checks of a seizure, each with the columns that it reads; none: of few records they are the same."""
_SPECIMEN_CHECKS: tuple[tuple[_Find, tuple[str, ...]], ...] = (
    (_quantity, ()),
    (_term, ("term", "purpose")),
    (_taxon, (_WHEN, "species", "term", "source")),
    *_list_checks("specimen"),
    (_origin, (_WHEN, "transit", "departure", "basis", "species", "origin", "source")),
    (_appendix, (_WHEN, "species", "appendix", "origin", "term", "source")),
    (_worth, ()),
)
"""Checks of a specimen, each with the columns that it reads, of its seizure too."""


class Checks:
    """The checks of single records, made once for each combination of the values that they read.

    Parameters
    ----------
    known : Knowledge
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._made: dict[_Find, dict[tuple[object, ...], tuple[Problem, ...]]] = {
            find: {} for find, _reads in (*_SEIZURE_CHECKS, *_SPECIMEN_CHECKS)
        }

    def of_seizure(self, seizure: Seizure) -> Iterator[Problem]:
        """Yield what is wrong with a seizure, whatever its specimens."""
        return self._look(_SEIZURE_CHECKS, seizure, Specimen({}))

    def of_specimen(self, seizure: Seizure, specimen: Specimen) -> Iterator[Problem]:
        """Yield what is wrong with a specimen of a seizure."""
        return self._look(_SPECIMEN_CHECKS, seizure, specimen)

    def _look(
        self, checks: Iterable[tuple[_Find, tuple[str, ...]]], seizure: Seizure, specimen: Specimen
    ) -> Iterator[Problem]:
        text = seizure.get("date")
        day = day_of(text)
        # What the listings make of a date: of all days between two changes the same.
        when = self._known.listings.first_day(day) if day else text
        get = {**seizure.values, **specimen.values, _WHEN: when}.get
        for find, reads in checks:
            if not reads:
                yield from find(seizure, specimen, self._known)
                continue
            made, key = self._made[find], tuple(map(get, reads))
            if key not in made:
                if len(made) >= _MOST_KEPT:
                    made.clear()
                made[key] = tuple(find(seizure, specimen, self._known))
            yield from made[key]


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

        return pandas.DataFrame([problem.to_dict() for problem in self.problems], columns=COLUMNS)


def validate(
    store: Store,
    *,
    year: int | None = None,
    ranges: Mapping[str, frozenset[str]] | None = None,
    law: "Law | Official | None" = None,
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
    law : Law or Official, optional
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
            if (part := counted_part(seizure)) is not None:
                yield part

    def reading() -> Iterator[Problem]:
        for problem in store.reading_problems():
            waits = problem.field == RECORD and (problem.specimen, WAITING) in told
            if waits or (problem.specimen, COUNTED) in told:
                yield problem

    validation = validate_records(
        counted(), year=year, ranges=ranges, law=law, reported=reported, reading=reading()
    )
    return replace(validation, waiting=standings[WAITING], aside=standings[ASIDE])


def find_faults(
    store: Store, *, year: int | None = None, severities: Collection[str] = (ERROR,)
) -> dict[int, list[Problem]]:
    """Return what is wrong with the records that count, by seizure; with a year, also with those without one."""
    return gathered(
        (problem.seizure, problem)
        for problem in validate(store, year=year).problems
        if problem.severity in severities and problem.field != RECORD
    )


def validate_records(
    seizures: Iterable[Seizure],
    *,
    year: int | None = None,
    ranges: Mapping[str, frozenset[str]] | None = None,
    law: "Law | Official | None" = None,
    reported: Collection[tuple[int, str]] = frozenset(),
    reading: Iterable[Problem] = (),
) -> Validation:
    """Hold records against the rules, one or a million; see `validate`.

    Parameters
    ----------
    seizures : iterable of Seizure
        Passed through once.
    year, ranges, law
        See `validate`.
    reported : collection of (int, str)
        Specimens and fields of which reading has told, and more plainly.
    reading : iterable of Problem
        What was told then; taken after the records were passed through.
    """
    if year is not None and not 1975 <= year <= 9999:
        raise UsageError(_("The year of a report has four digits; found {year}.").format(year=year))
    known = Knowledge(
        date.fromisoformat(utc_now()[:10]),
        year,
        range_states() if ranges is None else ranges,
        Listings(law),
    )
    checks, problems = Checks(known), Problems()
    set_of_all = _Together(problems)
    undated = []
    seizure_count = specimen_count = 0
    for seizure in seizures:
        seizure_count += 1
        specimen_count += len(seizure.specimens)
        if year is not None and year_of(seizure.get("date")) is None:
            undated.append((seizure.id, seizure.text("reference"), seizure.text("date")))
        first = seizure.specimens[0] if seizure.specimens else Specimen({})
        of_seizure = ((0, first, found) for found in checks.of_seizure(seizure))
        of_specimens = (
            (specimen.id, specimen, found)
            for specimen in seizure.specimens
            for found in checks.of_specimen(seizure, specimen)
        )
        for number, specimen, found in chain(of_seizure, of_specimens):
            asked = found.code in _REPORTED_BY_READING and (specimen.id, found.field) in reported
            if not asked:
                problems.add(_placed(found, seizure, specimen, number))
        set_of_all.add(seizure)
    problems.extend(reading)
    set_of_all.compare()
    flagged = set_of_all.count_flagged()
    problems.sort(
        f"CASE severity WHEN '{ERROR}' THEN 0 WHEN '{WARNING}' THEN 1 ELSE 2 END, "
        "seizure, specimen, code"
    )
    return Validation(
        problems, seizure_count, specimen_count, flagged, dict(problems.counts), tuple(undated)
    )


_REPORTED_BY_READING = frozenset(
    ["QUANTITY_NOT_NUMBER", "DATE_NOT_A_DATE", "TAXON_MISSING", "DATE_MISSING"]
)


def _placed(problem: Problem, seizure: Seizure, specimen: Specimen, number: int) -> Problem:
    """Return what was found with the record in which it was; `number` is 0 where it is of the seizure."""
    return replace(
        problem, file=specimen.file, row=specimen.row, seizure=seizure.id, specimen=number,
        reference=seizure.text("reference"),
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
        reference = seizure.text("reference")
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
        if len(self._rows) >= TOGETHER:
            self._write()

    def _within(self, seizure: Seizure, reference: str) -> None:
        within: dict[tuple[object, ...], Specimen] = {}
        for specimen in seizure.specimens:
            same = tuple(sorted((name, str(value)) for name, value in specimen.values.items()))
            if same and within.setdefault(same, specimen) is not specimen:
                found = Problem(
                    "DUPLICATE_RECORD", "reference", reference,
                    _("other specimens; those of row {row} are the same").format(
                        row=within[same].row or within[same].number),
                )  # fmt: skip
                self._problems.add(_placed(found, seizure, specimen, specimen.id))

    def _kind_of(self, specimen: Specimen) -> tuple[str, str, str, float] | None:
        """Return term, dimension and taxon of a quantity, and its logarithm in the base unit."""
        unit = unit_meant(specimen.text("unit"))
        high = specimen.high if specimen.high is not None else specimen.low
        term, species = specimen.get("term"), specimen.text("species")
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
            f"SELECT number, other, file, row, seizure, {'0' if whole else 'specimen'}, reference FROM "
            "(SELECT *, first_value(seizure) OVER same AS number, "
            "first_value(reference) OVER same AS other "
            f"FROM looked WHERE {column} IS NOT NULL "
            f"WINDOW same AS (PARTITION BY {column} ORDER BY rowid)) WHERE number <> seizure"
        ).fetchall()
        for number, other, *place in found:
            text = expected.format(number=number, reference=other or "-")
            self._problems.add(Problem(code, "reference", place[-1], text, "", *place))

    def _outlying(self) -> None:
        """Tell of quantities that lie far from the others of their kind, on the scale of logarithms."""
        middles = {
            kind: _spread(logs) for kind, logs in self._logs.items() if len(logs) >= MIN_GROUP
        }
        found = self._problems.database.execute(
            "SELECT term, dimension, species, log, shown, file, row, seizure, specimen, reference "
            "FROM looked WHERE log IS NOT NULL"
        )
        outlying = []
        for term, dimension, species, log, shown, *place in found:
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
                outlying.append(
                    Problem("QUANTITY_OUTLYING", "quantity", shown, expected, "", *place)
                )
        self._problems.extend(outlying)

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


def _spread(logs: Sequence[float]) -> tuple[float, float]:
    """Return the median of logarithms, and their robust standard deviation."""
    middle = statistics.median(logs)
    # 1.4826: the median absolute deviation of a normal distribution, as its standard deviation.
    spread = 1.4826 * statistics.median(abs(value - middle) for value in logs)
    return middle, max(spread, _MIN_SPREAD)


def _likeness(seizure: Seizure, specimen: Specimen) -> str | None:
    """Return what two records of one event have in common; None where too little is known."""
    what = specimen.get("species") or specimen.get("description")
    if not what or len(seizure.text("date")) < 10:
        return None
    if specimen.low is None and specimen.high is None:
        return None
    parts = (
        seizure.get("date"), seizure.get("country"), fold(seizure.text("place")), fold(what),
        specimen.get("term"), quantity_text(specimen.values), specimen.get("unit"),
        fold(specimen.text("description")),
    )  # fmt: skip
    return "\x1f".join("" if part is None else part for part in parts)
