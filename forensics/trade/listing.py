"""The one place where seizure records ask the package of listings: names, Appendices, lineages.

Everything that this package knows of `forensics.taxonomy.listings` stands here.
"""

import bisect
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.core.grouping import grouped
from forensics.errors import UsageError
from forensics.taxonomy.listings.kinds import kinds_of
from forensics.taxonomy.listings.lookup import SOURCES, listing_of
from forensics.taxonomy.listings.results import NO_LISTING, NOT_COVERED, is_reported
from forensics.taxonomy.listings.table import (
    APPENDIX_III_UNTIL,
    AS_OF,
    COMPLETE_SINCE,
    IN_FORCE,
    genera,
    packaged,
    synonyms,
)
from forensics.taxonomy.listings.table import __file__ as listings_folder
from forensics.taxonomy.spelling import one_letter
from forensics.trade.record import Specimen
from forensics.trade.vocabulary import higher_taxa, range_states

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


_ISO = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_APPENDICES = ("I", "II", "III")
# Notes by which the table says that it does not know what held on a day, or above that name.
_NOT_KNOWN_THEN = {"SINCE_NOT_RECORDED", "HISTORY_NOT_HELD", "NOT_PLACED", "AFTER_TABLE"}


@dataclass(frozen=True)
class Name:
    """A scientific name in the eyes of CITES.

    Attributes
    ----------
    name : str
        In the standard nomenclature.
    levels : tuple of str
        It and the taxa above it; empty where the text is not a scientific name.
    known : bool
        Whether it, its genus or a taxon above it is known here.
    suggestions : tuple of str
        Known names like it, where it is not known.
    kingdom : str
        ``animals``, ``plants`` or empty.
    """

    name: str
    levels: tuple[str, ...]
    known: bool
    suggestions: tuple[str, ...]
    kingdom: str


@dataclass(frozen=True)
class Appendices:
    """Which Appendices may apply to a specimen.

    Attributes
    ----------
    possible : tuple of str
        Of ``I``, ``II``, ``III``; what was not given is not assumed, so there may be several.
    judged : bool
        Whether the table knows what held on that day.
    unlisted : bool
        Whether "no listing found" is among the answers.
    text : str
        The answers in words.
    """

    possible: tuple[str, ...]
    judged: bool
    unlisted: bool
    text: str

    @property
    def certain(self) -> bool:
        """Whether one answer alone stands, and the table knows it for that day."""
        return self.judged and len(self.possible) + self.unlisted == 1

    def joined(self, other: "Appendices") -> "Appendices":
        """Return what may apply by the one or the other."""
        if self == other:
            return self
        return Appendices(
            tuple(
                appendix
                for appendix in _APPENDICES
                if appendix in self.possible or appendix in other.possible
            ),
            self.judged and other.judged,
            self.unlisted or other.unlisted,
            "; ".join(dict.fromkeys((self.text, other.text))),
        )


def name_of(text: str, day: date | None) -> Name:
    """Return what a name is on a day; today's nomenclature where no day is given."""
    return _name_of(text, day and _first_day(day, _turns()))


@functools.cache
def _turns() -> tuple[date, ...]:
    """Return the days from which on the packaged tables may answer otherwise than on the day before."""
    folder = Path(listings_folder).parent
    texts = (
        path.read_text(encoding="utf-8")
        for path in folder.iterdir()
        if path.suffix in (".tsv", ".toml")
    )
    written = {date.fromisoformat(text) for content in texts for text in _ISO.findall(content)}
    return _with_next({*written, AS_OF, APPENDIX_III_UNTIL, COMPLETE_SINCE, IN_FORCE})


def _with_next(days: Iterable[date]) -> tuple[date, ...]:
    """Return days and those after them: a rule says "from that day on", or "after it"."""
    return tuple(sorted({day + timedelta(days=more) for day in days for more in (0, 1)}))


def _first_day(day: date, turns: Sequence[date]) -> date:
    """Return the first day of the time in which nothing changed; all its days have one answer."""
    place = bisect.bisect_right(turns, day)
    return turns[place - 1] if place else date.min


@functools.lru_cache(maxsize=20_000)
def _name_of(text: str, day: date | None) -> Name:
    table = packaged()
    try:
        result = listing_of(text, date=day or table.as_of)
    except UsageError:  # no scientific name, such as "0", or an abbreviated genus
        return Name(text, (), False, (), "")
    taxon = result.taxon
    kingdoms = {row.kingdom for level in taxon.levels for row in table.of(level)}
    return Name(
        taxon.name,
        higher_taxa(taxon.levels),
        taxon.placed,
        tuple(result.suggestions) or _alike(taxon.given),
        kingdoms.pop() if len(kingdoms) == 1 else "",
    )


@functools.cache
def _by_letters() -> dict[tuple[str, ...], list[str]]:
    """Return known names by the letters of their words."""
    return grouped(sorted({*known_names(), *range_states()}), _letters)


def _letters(name: str) -> tuple[str, ...]:
    return tuple("".join(sorted(word.casefold())) for word in name.split())


def _alike(name: str) -> tuple[str, ...]:
    """Return known names that are this one with letters swapped, or often seized species off by one.

    A species of a genus or family that is listed as a whole is in no table by its own name.
    """
    if name in known_names() or name in range_states():
        return ()
    swapped = _by_letters().get(_letters(name), ())
    return tuple(swapped) or tuple(state for state in range_states() if one_letter(name, state))


class Listings:
    """What the packaged table, or an official list that counts before it, says of specimens.

    Parameters
    ----------
    law : Law or Official, optional
        A law package, or an official list alone.
    """

    def __init__(self, law: "Law | Official | None" = None) -> None:
        self._law = law
        self._known: dict[tuple[Any, ...], Appendices] = {}
        self._turns = _turns()
        if law is not None:
            dated = {law.as_of}
            dated.update(report.since for report in law.amendments if report.since)
            for taxon in law.taxa.values():
                dated.update(taxon.deleted)
                dated.update(day for row in taxon.listings for day in (row.since, row.until) if day)
            self._turns = _with_next({*self._turns, *dated})

    def first_day(self, day: date) -> date:
        """Return the first day of the time around a day in which no listing changed."""
        return _first_day(day, self._turns)

    def of_specimen(
        self, specimen: Specimen, day: date, *, species: str = "", origin: str = ""
    ) -> Appendices:
        """Return which Appendices may apply to a specimen that was seized on a day.

        Parameters
        ----------
        specimen : Specimen
            An origin that is not a country of the table, and a term that annotations do not know, count as
            not known.
        day : datetime.date
        species, origin : str
            Instead of those of the specimen.
        """
        key = (
            species or specimen.text("species"), self.first_day(day),
            origin or specimen.text("origin"), specimen.text("term"), specimen.text("source"),
        )  # fmt: skip
        if key not in self._known:
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def _look_up(
        self, species: str, day: date, population: str, term: str, source: str
    ) -> Appendices:
        try:
            kinds_of(term)
        except UsageError:
            term = ""
        answer_for = functools.partial(
            listing_of, species, kind=term or None, source=source if source in SOURCES else None,
            date=day, law=self._law,
        )  # fmt: skip
        try:
            result = answer_for(population=population or None)
        except UsageError:  # a code such as XX is not a population
            result = answer_for()
        appendices = {answer.appendix for answer in result.answers}
        possible = tuple(appendix for appendix in _APPENDICES if appendix in appendices)
        words = "; ".join(dict.fromkeys(answer.heading for answer in result.answers))
        unknown = {note.code for note in result.notes} & _NOT_KNOWN_THEN
        judged = not unknown and not any(a == NOT_COVERED or is_reported(a) for a in appendices)
        return Appendices(possible, judged, NO_LISTING in appendices, words)


@functools.cache
def known_names() -> frozenset[str]:
    """Return the names that the listings know: listed taxa, synonyms, genera."""
    return frozenset({*packaged().listings, *synonyms(), *genera()})
