"""What each rule asks of one record, in functions from values to findings.

A check yields what it found: rule, field, what stands there, what is expected, and a value that may be put in
its place where one is sure enough to be proposed.
"""

import difflib
import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from forensics.io.dates import day_of, read_date
from forensics.messages import _
from forensics.trade.listing import Appendices, Listings, Name, name_of
from forensics.trade.record import Seizure, Specimen, is_trade_report, quantity_text, stated
from forensics.trade.vocabulary import (
    FIELDS,
    countries,
    country_of,
    fold,
    range_states,
    term_of,
    terms,
    unit_of,
    units,
    values,
    vernaculars,
)

__all__ = ["Breach", "Checks", "Knowledge"]

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
    for field, code in (("source", "SOURCE_UNKNOWN"), ("purpose", "PURPOSE_UNKNOWN")):
        text = specimen.get(field)
        if text and text not in values()[field]:
            yield Breach(code, field, text, ", ".join(values()[field]), _nearest(text, field))


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
