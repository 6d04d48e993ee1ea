"""Reads the listing of a specimen back, from what ``forensics listing --format json`` printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.stored import Written, from_stored, wrong_value
from forensics.messages import N_
from forensics.notices.listings import KINDS
from forensics.taxonomy.listings.nomenclature import Synonym, Taxon
from forensics.taxonomy.listings.places import EVERYWHERE, Populations
from forensics.taxonomy.listings.results import (
    NO_LISTING,
    NOT_KNOWN,
    Answer,
    ListingResult,
    Protection,
    Report,
)
from forensics.taxonomy.listings.table import EXCEPTED, Listing, Reservation

if TYPE_CHECKING:
    pass


_APPENDICES = ("I", "II", "III", NOT_KNOWN, NO_LISTING)


@dataclass(frozen=True, slots=True)
class _Nomenclature:
    given: str
    cites_name: str
    reference: str
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class _Annotation:
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class _Answer:
    appendix: str
    population_appendix: str
    deemed: bool
    taxon: str | None
    rank: str | None
    party: str | None
    populations: str | None
    annotation: _Annotation | None
    conditions: tuple[str, ...]
    reason: str
    since: str | None
    until: str | None
    source: str


@dataclass(frozen=True, slots=True)
class _Protection:
    taxon: str
    country: str
    law: str
    category: str
    article: str
    since: str | None
    until: str | None
    file: str
    line: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Reservation:
    taxon: str
    party: str
    appendix: str
    since: str | None
    until: str | None
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class _Report:
    taxon: str
    action: str
    before: str | None
    after: str | None
    populations: str
    what: str
    adopted: str | None
    since: str | None
    confidence: str
    doubt: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Record:
    query: str
    taxon: str
    nomenclature: _Nomenclature | None
    date: str
    as_of: str
    population: str | None
    kind: str | None
    source: str | None
    status: str
    appendices: tuple[str, ...]
    answers: tuple[_Answer, ...]
    warnings: tuple[Notice, ...]
    provenance: Provenance
    national: tuple[_Protection, ...] = ()
    reservations: tuple[_Reservation, ...] = ()
    suggestions: tuple[str, ...] = ()
    reports: tuple[_Report, ...] = field(default=())


def read_listing(record: Mapping[str, Any]) -> ListingResult:
    """Return the listing that `ListingResult.to_dict` wrote.

    What is not stored is unknown: the taxa above the one that was asked for, and the member that an
    answer is of, which stands among the conditions of the answer.

    Parameters
    ----------
    record : mapping
        Plain values.

    Raises
    ------
    InputError
        If it is not such a record, or its status does not follow from its answers.
    """
    known = from_stored(_Record, record, kinds=KINDS)
    synonym = None
    if (names := known.nomenclature) is not None:
        synonym = Synonym(
            names.given,
            names.cites_name,
            names.reference,
            _day("nomenclature.since", names.since),
            _day("nomenclature.until", names.until),
        )
    library, parameters = known.provenance.library, known.provenance.parameters
    generation = parameters.get("generation")
    result = ListingResult(
        taxon=Taxon(known.query, known.taxon, (), synonym, True),
        day=_date("date", known.date),
        as_of=_date("as_of", known.as_of),
        table_as_of=_date("provenance.library.version", library.get("version")),
        population=known.population,
        kind=known.kind,
        source=known.source,
        answers=tuple(map(_answer, known.answers)),
        generation=None if generation is None else int(generation),
        time=known.provenance.time,
        national=tuple(
            Protection(**_with_days(each, "national", "since", "until")) for each in known.national
        ),
        reservations=tuple(
            Reservation(**_with_days(each, "reservations", "since", "until"))
            for each in known.reservations
        ),
        notes=known.warnings,
        suggestions=known.suggestions,
        official=library.get("official"),
        reports=tuple(map(_report, known.reports)),
        recorded=known.provenance,
    )
    if not result.answers:
        raise wrong_value("answers", known.answers, N_("a list"))
    for name in ("status", "appendices"):
        if getattr(known, name) != getattr(result, name):
            raise wrong_value(name, getattr(known, name), str(getattr(result, name)))
    return replace(result, written=Written.compare(record, result.to_dict()))


def _answer(known: _Answer) -> Answer:
    if known.appendix not in _APPENDICES:
        raise wrong_value("answers.appendix", known.appendix, ", ".join(_APPENDICES))
    annotation = known.annotation or _Annotation("", "")
    listing = None
    if known.taxon is not None:
        listing = Listing(
            taxon=known.taxon,
            rank=known.rank or "",
            appendix=EXCEPTED
            if known.population_appendix in (NO_LISTING, NOT_KNOWN)
            else known.population_appendix,
            party=known.party or "",
            populations=_populations("answers.populations", known.populations),
            annotations=tuple(annotation.key.split()),
            since=_day("answers.since", known.since),
            until=_day("answers.until", known.until),
            first=False,
            source=known.source,
            kingdom="",
        )
    return Answer(
        appendix=known.appendix,
        listing=listing,
        deemed=known.deemed,
        conditions=known.conditions,
        annotation=annotation.text,
        reason=known.reason,
    )


def _report(known: _Report) -> Report:
    values = _with_days(known, "reports", "since")
    values["populations"] = _populations("reports.populations", known.populations)
    for name in ("before", "after", "adopted"):
        values[name] = values[name] or ""
    return Report(**values)


def _with_days(known: object, place: str, *names: str) -> dict[str, Any]:
    """Return the values of a record, days as days."""
    values = {name: getattr(known, name) for name in known.__slots__}  # type: ignore[attr-defined]
    return values | {name: _day(f"{place}.{name}", values[name]) for name in names}


def _populations(place: str, text: str | None) -> Populations:
    try:
        return Populations.read(text) if text else EVERYWHERE
    except (ValueError, KeyError) as error:
        raise wrong_value(place, text, N_("codes of places")) from error


def _day(place: str, text: object) -> date | None:
    return None if text is None else _date(place, text)


def _date(place: str, text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise wrong_value(place, text, N_("a day")) from error
