"""An answer to what the Appendices say of a specimen, and a provision of national law."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from forensics.messages import N_, _
from forensics.taxonomy.listings.table import EXCEPTED, Listing, Reservation

__all__ = [
    "NOT_KNOWN",
    "NO_LISTING",
    "STRICTNESS",
    "Answer",
    "Protection",
    "in_force_since",
    "iso_day",
    "strictest",
]

NO_LISTING = N_("no listing found")
"""Never "not protected": national law, other treaties and a later amendment may protect it."""
NOT_KNOWN = N_("not known")
# Ranks of the table, for translators.
_RANKS = (
    N_("order"), N_("family"), N_("subfamily"), N_("genus"), N_("species"), N_("subspecies"),
)  # fmt: skip
STRICTNESS = {"I": 0, "II": 1, "III": 2, NOT_KNOWN: 3, NO_LISTING: 4}


@dataclass(frozen=True, slots=True)
class Protection:
    """A provision of national law on a taxon, from a schedule that the laboratory gave.

    Attributes
    ----------
    since, until : datetime.date or None
    file : str
        Name of the schedule.
    line : int
        Line of it.
    sha256 : str
        Of the schedule.
    """

    taxon: str
    country: str
    law: str
    category: str
    article: str
    since: date | None
    until: date | None
    file: str
    line: int
    sha256: str

    def in_words(self) -> str:
        """Return it for a reader."""
        place = f"{self.country}: " if self.country else ""
        article = _("article {number}").format(number=self.article) if self.article else ""
        parts = [self.law, article, self.category]
        return f"{place}{', '.join(part for part in parts if part)} ({self.taxon})"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "taxon": self.taxon,
            "country": self.country,
            "law": self.law,
            "category": self.category,
            "article": self.article,
            "since": iso_day(self.since),
            "until": iso_day(self.until),
            "file": self.file,
            "line": self.line,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that stands.

    Attributes
    ----------
    appendix : str
        That applies to this specimen: ``I``, ``II``, ``III``, `NO_LISTING` or `NOT_KNOWN`.
    listing : Listing or None
        The row that it rests on.
    deemed : bool
        Whether the population stands in another Appendix than the one that applies to this
        specimen: "population in II, this specimen deemed I".
    conditions : tuple of str
        What must be true for this answer; empty where nothing is left open.
    annotation : str
        Text of the annotation of the listing.
    reason : str
        Why, where it is not the listing alone.
    member : str
        The listed taxon, within the one that was asked for, that it must be for this answer.
    """

    appendix: str
    listing: Listing | None = None
    deemed: bool = False
    conditions: tuple[str, ...] = ()
    annotation: str = ""
    reason: str = ""
    member: str = ""

    @property
    def population_appendix(self) -> str:
        """The Appendix in which the taxon or population stands, whatever the specimen."""
        if self.listing is None or self.listing.appendix == EXCEPTED:
            return self.appendix
        return self.listing.appendix

    @property
    def annotation_key(self) -> str:
        """Keys of the annotations of the listing; of an official list none."""
        return " ".join(self.listing.annotations) if self.listing else ""

    @property
    def heading(self) -> str:
        """In a few words: ``Appendix I``."""
        if self.appendix not in ("I", "II", "III"):
            return _(self.appendix)
        if self.deemed:
            return _("in Appendix {population}, this specimen deemed {specimen}").format(
                population=self.population_appendix, specimen=self.appendix
            )
        text = _("Appendix {number}").format(number=self.appendix)
        if self.listing and self.listing.party:
            text += f" ({self.listing.party})"
        return text

    def all_conditions(self, members: tuple[str, ...] = ()) -> list[str]:
        """Return all that must be true for it, with the taxon that it must be."""
        names = members or ((self.member,) if self.member else ())
        conditions = [_("it is {taxon}").format(taxon=_(" or ").join(names))] if names else []
        return conditions + list(self.conditions)

    def in_words(self, members: tuple[str, ...] = ()) -> str:
        """Return what it rests on, for a reader; `members`: of all answers that are the same."""
        parts = []
        conditions = self.all_conditions(members)
        if conditions:
            parts.append(_("If {conditions}.").format(conditions=_("; and ").join(conditions)))
        if self.reason and len(members) < 2:
            parts.append(self.reason)
        listing = self.listing if len(members) < 2 else None
        if listing is not None and listing.appendix != EXCEPTED:
            parts.append(
                _("Listed: {taxon} ({rank}), {populations}, {since}{source}.").format(
                    taxon=listing.taxon,
                    rank=_(listing.rank),
                    populations=listing.populations.in_words(),
                    since=in_force_since(listing),
                    source=f" [{listing.source}]" if listing.source else "",
                )
            )
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        listing = self.listing
        return {
            "appendix": self.appendix,
            "population_appendix": self.population_appendix,
            "deemed": self.deemed,
            "taxon": listing.taxon if listing else None,
            "rank": listing.rank if listing else None,
            "party": (listing.party or None) if listing else None,
            "populations": listing.populations.text if listing else None,
            "annotation": {"key": self.annotation_key, "text": self.annotation}
            if self.annotation
            else None,
            "conditions": self.all_conditions(),
            "reason": self.reason,
            "since": iso_day(listing.since) if listing else None,
            "until": iso_day(listing.until) if listing else None,
            "source": listing.source if listing else "",
        }


def strictest(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Return answers, the strictest first."""
    return tuple(sorted(answers, key=lambda answer: STRICTNESS[answer.appendix]))


def in_force_since(entry: Listing | Reservation) -> str:
    """Return since when a listing or a reservation is in force, for a reader."""
    if entry.since is None:
        return _("in force")
    return _("in force since {day}").format(day=entry.since.isoformat())


def iso_day(day: date | None) -> str | None:
    """Return a day as ISO 8601; None for none."""
    return day.isoformat() if day else None
