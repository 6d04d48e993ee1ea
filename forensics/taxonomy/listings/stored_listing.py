"""Reads listings back that were stored."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.stored import Written, from_stored, wrong_value
from forensics.messages import N_
from forensics.notices import listings as notices
from forensics.taxonomy.listings.results import (
    NO_LISTING,
    NOT_COVERED,
    Answer,
    ListingResult,
    Protection,
    Report,
)
from forensics.taxonomy.listings.table import (
    EVERYWHERE,
    EXCEPTED,
    Listing,
    Populations,
    Reservation,
    Synonym,
    Taxon,
)


class _Annotation(NamedTuple):
    key: str = ""
    text: str = ""


class _Answer(NamedTuple):
    """An answer with the listing that it rests on in one record, as `Answer.to_dict` writes it."""

    appendix: Literal[
        "I", "reported I", "II", "reported II", "III", "reported III", "reported none",
        "not covered", "no listing found",
    ]  # fmt: skip
    population_appendix: str
    deemed: bool
    taxon: str | None
    rank: str | None
    party: str | None
    populations: Populations | None
    annotation: _Annotation | None
    conditions: tuple[str, ...]
    reason: str
    since: date | None
    until: date | None
    source: str


class _Version(NamedTuple):
    version: date


class _Record(NamedTuple):
    query: str
    taxon: str
    nomenclature: Synonym | None
    date: datetime.date
    as_of: datetime.date
    population: str | None
    kind: str | None
    source: str | None
    status: str
    appendices: tuple[str, ...]
    answers: tuple[_Answer, ...]
    warnings: tuple[Notice, ...]
    provenance: Provenance
    national: tuple[Protection, ...]
    reservations: tuple[Reservation, ...]
    suggestions: tuple[str, ...]
    reports: tuple[Report, ...]
    before: tuple[_Answer, ...]


def _answer_of(known: _Answer) -> Answer:
    annotation = known.annotation or _Annotation()
    listing = None
    if known.taxon is not None:
        is_excepted = known.population_appendix in (NO_LISTING, NOT_COVERED)
        listing = Listing(
            taxon=known.taxon,
            rank=known.rank or "",
            appendix=EXCEPTED if is_excepted else known.population_appendix,
            party=known.party or "",
            populations=known.populations or EVERYWHERE,
            annotations=tuple(annotation.key.split()),
            since=known.since,
            until=known.until,
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


def read_listing(record: Mapping[str, Any]) -> ListingResult:
    """Return the listing that `ListingResult.to_dict` wrote; errors as of `ListingResult.from_stored`."""
    known = from_stored(_Record, record, kinds=notices)
    library = known.provenance.library
    generation = known.provenance.parameters.get("generation")
    result = ListingResult(
        taxon=Taxon(known.query, known.taxon, (), known.nomenclature, True),
        day=known.date,
        as_of=known.as_of,
        table_as_of=from_stored(_Version, library).version,
        population=known.population,
        kind=known.kind,
        source=known.source,
        answers=tuple(map(_answer_of, known.answers)),
        generation=None if generation is None else int(generation),
        time=known.provenance.time,
        national=known.national,
        reservations=known.reservations,
        notes=known.warnings,
        suggestions=known.suggestions,
        official=library.get("official"),
        law=library.get("law"),
        reports=known.reports,
        before=tuple(map(_answer_of, known.before)),
        recorded=known.provenance,
    )
    if not result.answers:
        raise wrong_value("answers", known.answers, N_("a list"))
    for name in ("status", "appendices"):
        if getattr(known, name) != getattr(result, name):
            raise wrong_value(name, getattr(known, name), str(getattr(result, name)))
    return replace(result, written=Written.compare(record, result.to_dict()))
