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
import os
import re
import statistics
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from forensics.clock import utc_now
from forensics.errors import InputError, UsageError
from forensics.io.numbers import day_of, fold, read_date, year_of
from forensics.messages import _
from forensics.trade.listing import Appendices, Listings, Name, name_of
from forensics.trade.problems import ERROR, NOTE, READING, RECORD, RULES, WARNING, Problems
from forensics.trade.record import (
    ASIDE,
    COUNTED,
    WAITING,
    Problem,
    Seizure,
    Specimen,
    is_trade_report,
    quantity_text,
    stated,
)
from forensics.trade.sheets import read_sheet
from forensics.trade.store import Store
from forensics.trade.vocabulary import (
    FIELDS,
    countries,
    country_of,
    range_states,
    term_of,
    terms,
    unit_of,
    units,
    values,
    vernaculars,
)

if TYPE_CHECKING:
    import pandas

    from forensics.taxonomy.listings.official import Official


# Early downloads have the underscore in UTF-7.
_UTF7_UNDERSCORE = "+af8-"
_NAMES = ("fullname", "scientific_name", "full name")
_CODES = "all_distributionisocodes"


def read_ranges(path: str | os.PathLike[str]) -> dict[str, frozenset[str]]:
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
    sheet = read_sheet(path)
    columns = [name.lower().replace(_UTF7_UNDERSCORE, "_") for name in sheet.header]
    name = next((columns.index(column) for column in _NAMES if column in columns), None)
    if name is None or _CODES not in columns:
        raise InputError(
            _(
                "This is not an Index of CITES Species with ISO codes: expected the columns FullName and "
                "All_DistributionISOCodes, found {columns}."
            ).format(columns=", ".join(sheet.header[:12])),
            source=sheet.name,
        )
    place = columns.index(_CODES)
    ranges = {}
    for row in sheet.rows:
        if len(row.cells) <= max(name, place) or " " not in row.cells[name].strip():
            continue
        codes = frozenset(re.findall(r"\b[A-Z]{2}\b", row.cells[place]))
        if codes:
            ranges[row.cells[name].strip()] = codes
    if not ranges:
        raise InputError(_("The index has no species with countries."), source=sheet.name)
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


class Breach(NamedTuple):
    """A rule that a record breaks.

    Attributes
    ----------
    code : str
        One of `rules.RULES`.
    field : str
    value : str
        As the record has it.
    expected, suggestion : str
    """

    code: str
    field: str
    value: str
    expected: str
    suggestion: str = ""


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

    @classmethod
    def packaged(cls, today: date, year: int | None = None) -> "Knowledge":
        """Return what the package knows."""
        return cls(today, year, range_states(), Listings())


@functools.cache
def _currencies() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "currencies.txt"
    return frozenset(path.read_text(encoding="ascii").split())


@functools.lru_cache(maxsize=4096)
def _nearest(text: str, kind: str) -> str:
    """Return the code whose name is most like a text, if one alone is like it."""
    if kind == "country":
        names = {
            fold(name): country.code
            for country in countries().values()
            for name in country.names
            if name
        }
    elif kind == "term":
        names = {fold(n): term.code for term in terms().values() for n in (term.name, *term.words)}
    else:
        entries = values()[kind].values()
        names = {
            fold(n): entry.value for entry in entries for n in (entry.value, *entry.names) if n
        }
    folded = fold(text)
    if kind not in ("country", "term"):
        within = {code for name, code in names.items() if len(name) > 3 and name in folded}
        if len(within) == 1:
            return within.pop()
    near = difflib.get_close_matches(folded, names, 3, _NEAR)
    codes = {names[name] for name in near}
    return codes.pop() if len(codes) == 1 else ""


# -- of a seizure -----------------------------------------------------------------------


def _reference(seizure: Seizure, known: Knowledge) -> Iterator[Breach]:
    if not seizure.get("reference") and not is_trade_report(seizure):
        yield Breach("REFERENCE_MISSING", "reference", "", _("a reference of the authority"))


def _date(seizure: Seizure, known: Knowledge) -> Iterator[Breach]:
    text = seizure.get("date")
    if not text:
        yield Breach("DATE_MISSING", "date", "", _("YYYY-MM-DD"))
        return
    read = read_date(text)
    if read != text:
        suggestion = read if isinstance(read, str) else ""
        yield Breach("DATE_NOT_A_DATE", "date", text, _("YYYY-MM-DD"), suggestion)
        return
    day, year = day_of(text), int(text[:4])
    if day is None and not is_trade_report(seizure):
        yield Breach("DATE_INCOMPLETE", "date", text, _("the day: YYYY-MM-DD"))
    if year < _IN_FORCE.year or (day and day < _IN_FORCE):
        yield Breach("DATE_OUT_OF_RANGE", "date", text, _("1975-07-01 or later"))
    elif year > known.today.year or (day and day > known.today):
        yield Breach(
            "DATE_OUT_OF_RANGE", "date", text, _("not after {today}").format(today=known.today)
        )
    elif known.year and year != known.year:
        yield Breach("DATE_OUT_OF_RANGE", "date", text, _("in {year}").format(year=known.year))


def _countries(seizure: Seizure, known: Knowledge) -> Iterator[Breach]:
    trade = is_trade_report(seizure)
    if not seizure.get("country") and not trade:
        yield Breach("COUNTRY_MISSING", "country", "", _("a code of ISO 3166-1"))
    for name in ("country", "departure", "destination"):
        if seizure.get(name):
            yield from _country(name, seizure.get(name), "COUNTRY_UNKNOWN")
    for name in ("transit", "nationality"):
        codes = seizure.codes(name)
        for code in codes:
            for breach in _country(name, code, "COUNTRY_UNKNOWN"):
                whole = [breach.suggestion if entry == code else entry for entry in codes]
                yield breach._replace(
                    value=stated(seizure.values, name),
                    suggestion="; ".join(whole) if breach.suggestion else "",
                )
    country = countries().get(seizure.get("country") or "")
    if country and country.kind == "cites" and not trade:
        yield Breach("COUNTRY_UNSPECIFIC", "country", country.code, _("the country of the seizure"))
    yield from _route(seizure)


def _country(name: str, code: str, rule: str) -> Iterator[Breach]:
    country = countries().get(code)
    if country is None:
        suggestion = country_of(code) or _nearest(code, "country")
        yield Breach(rule, name, code, _("a code of ISO 3166-1"), suggestion)
    elif country.kind == "former":
        yield Breach("COUNTRY_FORMER", name, code, _("a code still in use"), country.now)


def _route(seizure: Seizure) -> Iterator[Breach]:
    transit, destination = seizure.codes("transit"), seizure.get("destination")
    departure = seizure.get("departure")
    if destination and destination in transit:
        yield Breach("ROUTE_RETURNS", "destination", destination, _("a country after the transit"))
    elif destination and destination == departure and (transit or is_trade_report(seizure)):
        yield Breach("ROUTE_RETURNS", "destination", destination, _("another than that of export"))


def _basis(seizure: Seizure, known: Knowledge) -> Iterator[Breach]:
    basis = seizure.get("basis")
    if basis and basis not in values()["basis"]:
        suggestion = _nearest(str(basis), "basis")
        yield Breach("BASIS_UNKNOWN", "basis", basis, ", ".join(values()["basis"]), suggestion)


def _coordinates(seizure: Seizure, known: Knowledge) -> Iterator[Breach]:
    if (seizure.get("latitude") is None) != (seizure.get("longitude") is None):
        lacking = "longitude" if seizure.get("longitude") is None else "latitude"
        yield Breach("COORDINATES_IN_PAIRS", lacking, "", _("both, or neither"))


def _listed(name: str, fields: Mapping[str, object]) -> Iterator[Breach]:
    text, kind = str(fields.get(name) or ""), FIELDS[name].list
    if text and text not in values()[kind]:
        yield Breach(
            "VALUE_NOT_IN_LIST", name, text, ", ".join(values()[kind]), _nearest(text, kind)
        )


# -- of a specimen ----------------------------------------------------------------------


def _term(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    text, purpose = specimen.get("term"), specimen.get("purpose")
    if not text:
        yield Breach("TERM_MISSING", "term", "", _("a term code, such as TUS or LIV"))
        return
    term = terms().get(text)
    if term is None:
        suggestion = term_of(text) or _nearest(text, "term")
        yield Breach("TERM_UNKNOWN", "term", text, _("a term code, such as TUS or LIV"), suggestion)
        return
    if purpose in _PURPOSES and text not in _PURPOSES[purpose]:
        yield Breach("TERM_PURPOSE", "purpose", purpose, _("a purpose that {term} serves").format(
            term=term.name
        ))  # fmt: skip


def _quantity(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    low, high, unit = specimen.low, specimen.high, specimen.get("unit")
    text = quantity_text(specimen.values)
    bound = low if high is None else high
    if bound is None:
        if text:
            yield Breach("QUANTITY_NOT_NUMBER", "quantity", text, _("a number with its unit"))
        else:
            yield Breach("QUANTITY_MISSING", "quantity", "", _("a number with its unit"))
    elif bound <= 0:
        yield Breach("QUANTITY_NOT_NUMBER", "quantity", text, _("a number above 0"))
    if not unit:
        return
    measure = units().get(unit)
    if measure is None:
        yield Breach("UNIT_UNKNOWN", "unit", unit, ", ".join(units()), _unit_like(unit))
        return
    term = terms().get(specimen.get("term") or "")
    if term and unit not in term.units:
        # What differs by a factor only can be told in the preferred unit exactly.
        same = [
            candidate
            for candidate in term.units
            if units()[candidate].dimension == measure.dimension
        ]
        if not same:
            yield Breach("TERM_UNIT", "unit", unit, ", ".join(term.units))
    whole = all(value is None or float(value).is_integer() for value in (low, high))
    if measure.dimension == "count" and not whole and (not term or term.code in _COUNTED):
        yield Breach("QUANTITY_NOT_WHOLE", "quantity", text, _("a whole number, or a weight"))


def _unit_like(text: str) -> str:
    if unit := unit_of(text):
        return unit
    return "t" if fold(text) in ("ton", "tons") else ""


def _taxon(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    name = _name(seizure, specimen)
    if name is None:
        yield Breach("TAXON_MISSING", "species", "", _("a scientific name"))
        return
    yield from _source(specimen, name)
    text = specimen.get("species")
    if not name.levels:
        yield Breach("TAXON_UNKNOWN", "species", text, _("a scientific name, its genus in full"))
        return
    if name.suggestions and not _plausible(name) and name.name not in _unlisted_names():
        suggestion = name.suggestions[0] if len(name.suggestions) == 1 else ""
        yield Breach(
            "TAXON_UNKNOWN", "species", text,
            _("a name of the listings; it is like {names}").format(names=", ".join(name.suggestions)),
            suggestion,
        )  # fmt: skip
        return
    if not name.known:
        yield Breach(
            "TAXON_NOT_HELD", "species", text, _("a name of the listings, or of their genera")
        )
        return
    plain = text.removesuffix(" spp.").removesuffix(" sp.").strip()
    if name.name != plain:
        yield Breach("TAXON_NOT_STANDARD", "species", text, name.name, name.name)
    term = terms().get(specimen.get("term") or "")
    if not term:
        return
    if term.kingdom and name.kingdom and term.kingdom != name.kingdom:
        yield Breach("TERM_TAXON", "term", term.code, _("a term that is used of {kingdom}").format(
            kingdom=name.kingdom
        ))  # fmt: skip
    elif term.taxa and not term.taxa & set(name.levels) and _CLASSES & set(name.levels):
        yield Breach(
            "TERM_TAXON", "term", term.code,
            _("{term} is of {taxa}").format(term=term.name, taxa=", ".join(sorted(term.taxa))),
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
    return name.known and not any(suggestion.partition(" ")[0] == name.name.partition(" ")[0] and
                                  " " in suggestion for suggestion in name.suggestions)  # fmt: skip


def _source(specimen: Specimen, name: Name) -> Iterator[Breach]:
    source = specimen.get("source")
    if (source == "A" and name.kingdom == "animals") or (
        source in ("C", "F", "R") and name.kingdom == "plants"
    ):
        expected = _("a source of {kingdom}").format(kingdom=name.kingdom)
        suggestion = {"A": "", "C": "A", "F": "A", "R": ""}[source]
        yield Breach("TAXON_SOURCE", "source", source, expected, suggestion)


def _codes(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    for name, code in (("source", "SOURCE_UNKNOWN"), ("purpose", "PURPOSE_UNKNOWN")):
        text = specimen.get(name)
        if text and text not in values()[name]:
            yield Breach(code, name, text, ", ".join(values()[name]), _nearest(text, name))


def _origin(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    name = _name(seizure, specimen)
    origin = specimen.get("origin")
    if origin:
        yield from _country("origin", origin, "ORIGIN_UNKNOWN")
        if origin in seizure.codes("transit"):
            yield Breach("ROUTE_ORIGIN_TWICE", "transit", "; ".join(seizure.codes("transit")),
                        _("countries other than the origin {origin}").format(origin=origin))  # fmt: skip
        elif is_trade_report(seizure) and origin == seizure.get("departure"):
            yield Breach(
                "ROUTE_ORIGIN_TWICE", "origin", origin, _("blank where it is the exporter")
            )
    if name is None or specimen.get("source") in ("A", "C", "D", "F", "R", "X"):
        return
    range_states = known.ranges.get(name.name) or known.ranges.get(" ".join(name.name.split()[:2]))
    if not range_states:
        return
    departure = seizure.get("departure")
    if origin and countries().get(origin) and countries()[origin].kind == "country":
        if origin not in range_states:
            yield Breach("ORIGIN_NOT_RANGE_STATE", "origin", origin, " ".join(sorted(range_states)))
    elif not origin and departure in countries() and countries()[departure].kind == "country":
        if departure not in range_states:
            yield Breach(
                "DEPARTURE_NOT_RANGE_STATE", "departure", departure, " ".join(sorted(range_states))
            )


def _appendix(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    name = _name(seizure, specimen)
    stated = specimen.get("appendix")
    if stated and stated not in values()["appendix"]:
        yield Breach("APPENDIX_UNKNOWN", "appendix", stated, "I, II, III")
        return
    answers = _possible(seizure, specimen, known.listings) if name and name.known else None
    if not stated:
        if answers is None:
            yield Breach("APPENDIX_MISSING", "appendix", "", "I, II, III")
        elif answers.possible or not answers.unlisted:
            suggestion = answers.possible[0] if answers.certain and answers.possible else ""
            yield Breach("APPENDIX_MISSING", "appendix", "", answers.text, suggestion)
        return
    if answers is None or not answers.judged or stated in answers.possible:
        return
    suggestion = answers.possible[0] if answers.certain and answers.possible else ""
    yield Breach("APPENDIX_NOT_IN_FORCE", "appendix", stated, answers.text, suggestion)


def _possible(seizure: Seizure, specimen: Specimen, listings: Listings) -> Appendices | None:
    """Return what may apply on the day, or on the first and last of the year."""
    text = seizure.get("date") or ""
    if read_date(text) != text:
        return None
    day = day_of(text)
    days = (day,) if day else (date(int(text[:4]), 1, 1), date(int(text[:4]), 12, 31))
    appendices = [
        listings.appendices_of(
            specimen.get("species"), moment, population=_population(specimen),
            term=specimen.get("term") or "", source=specimen.get("source") or "",
        )
        for moment in days
    ]  # fmt: skip
    return appendices[0].joined(appendices[-1])


def _population(specimen: Specimen) -> str:
    country = countries().get(specimen.get("origin") or "")
    return country.code if country and country.kind == "country" else ""


def _disposal(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    yield from _listed("disposal", specimen.values)


def _worth(seizure: Seizure, specimen: Specimen, known: Knowledge) -> Iterator[Breach]:
    currency, value = specimen.get("currency"), specimen.get("value")
    if currency and currency not in _currencies():
        yield Breach("CURRENCY_UNKNOWN", "currency", currency, _("a code of ISO 4217, such as USD"))
    elif value is not None and not currency:
        yield Breach("CURRENCY_UNKNOWN", "currency", "", _("a code of ISO 4217, such as USD"))


# -- of sets of them --------------------------------------------------------------------

_OfSeizure = Callable[[Seizure, Knowledge], Iterator[Breach]]
_OfSpecimen = Callable[[Seizure, Specimen, Knowledge], Iterator[Breach]]
_ROUTE = ("country", "departure", "destination", "transit", "nationality", "basis")


def _of_list(name: str) -> _OfSeizure:
    return lambda seizure, known: _listed(name, seizure.values)


_SEIZURE_CHECKS: tuple[tuple[_OfSeizure, tuple[str, ...]], ...] = (
    (_date, ("date", "basis")),
    (_countries, _ROUTE),
    *(
        (_of_list(name), (name,))
        for name in ("agency", "reason", "transport", "concealment", "detection", "sanction")
    ),
    (_basis, ("basis",)),
)
"""Checks of a seizure, each with the columns that it reads."""
_SPECIMEN_CHECKS: tuple[tuple[_OfSpecimen, tuple[str, ...], tuple[str, ...]], ...] = (
    (_term, (), ("term", "purpose")),
    (_taxon, (_WHEN,), ("species", "term", "source")),
    (_codes, (), ("source", "purpose")),
    (_origin, (_WHEN, "transit", "departure", "basis"), ("species", "origin", "source")),
    (_appendix, (_WHEN,), ("species", "appendix", "origin", "term", "source")),
    (_disposal, (), ("disposal",)),
)
"""Checks of a specimen, each with the columns of the seizure and of the specimen that it reads."""


class Checks:
    """The checks of single records, made once for each combination of the values that they read.

    Parameters
    ----------
    known : Knowledge
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._made: list[dict[tuple[object, ...], tuple[Breach, ...]]] = [
            {} for _check in (*_SEIZURE_CHECKS, *_SPECIMEN_CHECKS)
        ]

    def of_seizure(self, seizure: Seizure) -> Iterator[Breach]:
        """Yield what is wrong with a seizure, whatever its specimens."""
        yield from _reference(seizure, self._known)
        get = seizure.values.get
        for (check, fields), made in zip(_SEIZURE_CHECKS, self._made):
            key = tuple(map(get, fields))
            found = made.get(key)
            if found is None:
                found = _keep(made, key, check(seizure, self._known))
            yield from found
        yield from _coordinates(seizure, self._known)

    def of_specimen(self, seizure: Seizure, specimen: Specimen) -> Iterator[Breach]:
        """Yield what is wrong with a specimen of a seizure."""
        yield from _quantity(seizure, specimen, self._known)
        whole = {**seizure.values, _WHEN: self._when(seizure.get("date"))}.get
        get = specimen.values.get
        for (check, fields, own), made in zip(_SPECIMEN_CHECKS, self._made[len(_SEIZURE_CHECKS) :]):
            key = (*map(whole, fields), *map(get, own))
            found = made.get(key)
            if found is None:
                found = _keep(made, key, check(seizure, specimen, self._known))
            yield from found
        yield from _worth(seizure, specimen, self._known)

    def _when(self, text: str | None) -> object:
        """Return what the listings make of a date: of all days between two changes the same."""
        day = day_of(text)
        return self._known.listings.first_day(day) if day else text


def _keep(
    made: dict[tuple[object, ...], tuple[Breach, ...]],
    key: tuple[object, ...],
    found: Iterator[Breach],
) -> tuple[Breach, ...]:
    if len(made) >= _MOST_KEPT:
        made.clear()
    made[key] = result = tuple(found)
    return result


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
