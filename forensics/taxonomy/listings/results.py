"""What the Appendices say of a specimen: every answer that stands, what each rests on, and provisions of national
law."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.stored import StoredResult, Written, to_plain
from forensics.messages import N_, _
from forensics.taxonomy.listings.table import (
    EXCEPTED,
    NOMENCLATURE_AS_OF,
    Listing,
    Populations,
    Reservation,
    Taxon,
    table_sha256,
)

if TYPE_CHECKING:
    import pandas


NO_LISTING = N_("no listing found")
"""Never "not protected": national law, other treaties and a later amendment may protect it."""
NOT_COVERED = N_("not covered")
"""Outside what the table, or the official list, answers for: another time, another kingdom, a family unknown."""
_REPORTED = "reported "
_DELETED = "none"
# Ranks of the table, for translators.
_RANKS = (
    N_("order"), N_("family"), N_("subfamily"), N_("genus"), N_("species"), N_("subspecies"),
)  # fmt: skip
STRICTNESS = {
    name: place
    for place, name in enumerate((
        "I", "reported I", "II", "reported II", "III", "reported III", "reported none",
        NOT_COVERED, NO_LISTING,
    ))
}  # fmt: skip
"""What an answer can be, the strictest first. ``reported II``: by an amendment that was reported and read in no text of
CITES; ``reported none``: taken out of the Appendices by such a one."""


LABELS = {
    "national": N_("National law"),
    "name": N_("CITES name"),
    "cites": N_("CITES"),
    "decided": N_("Decided by"),
    "before": N_("Before"),
    "annotation": N_("Annotation"),
    "reservation": N_("Reservation"),
    "meant": N_("Did you mean"),
    "as_of": N_("As of"),
    "law": N_("Law"),
    "official": N_("Official list"),
    "note": N_("Note"),
}
"""Labels of the texts of a result, by their codes."""


def is_reported(appendix: str) -> bool:
    """Return whether an Appendix rests on a report alone."""
    return appendix.startswith(_REPORTED)


def appendices_in_words(appendices: Iterable[str], source: str = "") -> str:
    """Return Appendices for a reader, as one phrase.

    Parameters
    ----------
    appendices : iterable of str
    source : str
        On paper, where what was reported was read; on screen empty.

    Examples
    --------
    >>> appendices_in_words(["I", "II"]), appendices_in_words(["reported II"])
    ('Appendix I or Appendix II', 'reported: Appendix II, check against the official list')
    """
    known: list[str] = []
    reported: list[str] = []
    for name in appendices:
        number = name.removeprefix(_REPORTED)
        words = reported if is_reported(name) else known
        if number == _DELETED:
            words.append(_("in no Appendix any more"))
        elif number in ("I", "II", "III"):
            words.append(_("Appendix {number}").format(number=number))
        else:
            words.append(_(name))
    if reported:
        text = (
            _("{appendices} as reported in {source}; not verified against the official list")
            if source
            else _("reported: {appendices}, check against the official list")
        )
        known.append(text.format(appendices=_(" or ").join(reported), source=source))
    return _(" or ").join(known)


class Protection(NamedTuple):
    """A provision of national law on a taxon, from a schedule that the laboratory gave.

    Attributes
    ----------
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


class Answer(NamedTuple):
    """One answer that stands.

    Attributes
    ----------
    appendix : str
        That applies to this specimen, one of `STRICTNESS`.
    listing : Listing or None
        The row that it rests on; of a report what it says, with its first source.
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
        if self.listing is None or self.listing.appendix == EXCEPTED or self.is_reported:
            return self.appendix
        return self.listing.appendix

    @property
    def reported_in(self) -> str:
        """Where what was reported was read: the site; the report has the address."""
        if self.listing is None or not self.is_reported:
            return ""
        _scheme, slashes, address = self.listing.source.partition("://")
        return address.partition("/")[0] if slashes else self.listing.source

    @property
    def depends_on_kind(self) -> bool:
        """Whether an annotation of its listing says which specimens are meant."""
        if not self.annotation_key:
            return False
        from forensics.taxonomy.listings.law import annotations

        return any(annotations()[key].evaluated for key in self.annotation_key.split())

    @property
    def annotation_key(self) -> str:
        """Keys of the annotations of the listing; of an official list none."""
        return " ".join(self.listing.annotations) if self.listing else ""

    @property
    def is_reported(self) -> bool:
        """Whether it rests on a report alone."""
        return is_reported(self.appendix)

    @property
    def heading(self) -> str:
        """In a few words: ``Appendix I``."""
        return self.headed(on_paper=False)

    def headed(self, *, on_paper: bool) -> str:
        """Return the heading, on paper with where what was reported was read."""
        if self.deemed:
            return _("in Appendix {population}, this specimen deemed {specimen}").format(
                population=self.population_appendix, specimen=self.appendix
            )
        text = appendices_in_words([self.appendix], self.reported_in if on_paper else "")
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
        listing = None if len(members) > 1 or self.is_reported else self.listing
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
            "since": to_plain(listing and listing.since),
            "until": to_plain(listing and listing.until),
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


# From so many answers of one listing on they are one text: a rule with its exceptions.
_MANY = 3


def _of_one_listing(answers: Sequence[Answer]) -> str:
    """Return the answers of one listing as one text: what all need, each exception, and what else applies."""
    common = [
        text for text in answers[0].conditions if all(text in each.conditions for each in answers)
    ]
    cases: dict[str, list[str]] = {}
    for answer in answers:
        own = [text for text in answer.conditions if text not in common]
        cases.setdefault(answer.heading, []).append(_("; and ").join(own))
    otherwise = _("no exception that the annotation names applies")
    ordered = sorted(cases.items(), key=lambda case: otherwise in case[1])
    parts = [_("If {conditions}.").format(conditions=_("; and ").join(common))] if common else []
    for heading, texts in ordered:
        if texts == [otherwise]:
            parts.append(_("Otherwise: {heading}.").format(heading=heading))
        else:
            numbered = " ".join(f"({number}) {text}." for number, text in enumerate(texts, 1))
            parts.append(_("{heading}, where {cases}").format(heading=heading, cases=numbered))
    first = answers[0]._replace(conditions=(), reason="")
    parts.append(first.in_words())
    parts.append(_("Annotation {key}.").format(key=first.annotation_key))
    return " ".join(parts)


LISTED, DEPENDS, REPORTED = "listed", "depends", "reported"


class Report(NamedTuple):
    """An amendment that was reported after the day of the table, and read in no text of CITES.

    Attributes
    ----------
    action : str
        ``include``, ``transfer``, ``delete``, ``annotation``, ``nomenclature`` or ``rejected``.
    before, after : str or None
        Appendix; None where it is none or not stated.
    populations : Populations
        That it is about.
    what : str
        What else it is about, in English.
    adopted : str or None
        Meeting of the Conference of the Parties; None for Appendix III.
    since : datetime.date or None
        First day in force as far as reported.
    confidence, doubt : str
        How sure the report is, and what speaks against it.
    sources : tuple of str
        Addresses.
    """

    taxon: str
    action: str
    before: str | None
    after: str | None
    populations: Populations
    what: str
    adopted: str | None
    since: date | None
    confidence: str
    doubt: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListingResult(StoredResult):
    """What applies to a specimen on a day.

    Attributes
    ----------
    taxon : Taxon
        The name, and what it is in the standard nomenclature.
    day : datetime.date
        On which it is asked.
    as_of : datetime.date
        Day whose Appendices the table, or the official index, states.
    table_as_of : datetime.date
        That of the table alone.
    population, kind, source : str or None
        As they were given.
    answers : tuple of Answer
        Every answer that stands, the strictest first; never empty.
    before : tuple of Answer
        Those of the table, or of the official list, that an amendment which was reported later replaces.
    national : tuple of Protection
        National law, which comes first.
    reservations : tuple of Reservation
        In force on the day.
    suggestions : tuple of str
        Names that may have been meant.
    generation : int or None
        As it was given.
    time : str
        When it was asked, UTC, ISO 8601.
    official : dict or None
        ``kind``, ``file``, ``sha256`` and ``as_of`` of an official list that was looked at, too.
    law : dict or None
        ``kind``, ``file``, ``sha256`` and ``as_of`` of the law package that was given.
    reports : tuple of Report
        Amendments that were reported after `as_of` and are in no list that answered.
    recorded : Provenance or None
        Of a listing that was read back, how it was reached.
    written : Written
        Of a listing that was read back, how the record differs from what would be stored now.
    """

    taxon: Taxon
    day: date
    as_of: date
    table_as_of: date
    population: str | None
    kind: str | None
    source: str | None
    answers: tuple[Answer, ...]
    generation: int | None
    time: str
    national: tuple[Protection, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    notes: tuple[Notice, ...] = ()
    suggestions: tuple[str, ...] = ()
    official: dict[str, Any] | None = None
    reports: tuple[Report, ...] = ()
    before: tuple[Answer, ...] = ()
    law: dict[str, Any] | None = None
    recorded: Provenance | None = None
    written: Written = field(default=Written(), repr=False, compare=False)

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "ListingResult":
        """Return the listing that `to_dict` wrote.

        What is not stored is unknown: the taxa above the one that was asked for, and the member that an
        answer is of, which stands among the conditions of the answer.

        Raises
        ------
        InputError
            If it is not such a record, or its status does not follow from its answers.
        """
        from forensics.taxonomy.listings.stored_listing import read_listing

        return read_listing(record)

    @property
    def provenance(self) -> Provenance:
        """How it was reached; an identification does not ask, and the digest takes as long as the answer."""
        if self.recorded is not None:
            return self.recorded
        library = {
            "name": "CITES listings",
            "version": self.table_as_of.isoformat(),
            "nomenclature": NOMENCLATURE_AS_OF.isoformat(),
            "sha256": table_sha256(),
            "demonstration": False,
        }
        return make_provenance(
            library=library
            | {
                name: value
                for name, value in (("official", self.official), ("law", self.law))
                if value
            },
            parameters={
                "population": self.population,
                "kind": self.kind,
                "source": self.source,
                "date": self.day.isoformat(),
                "generation": self.generation,
            },
            input={},
            time=self.time,
        )

    @property
    def of_official_list(self) -> bool:
        """Whether an official list answered for the day, and not the packaged table alone."""
        unasked = {"INDEX_HAS_NO_DATES", "OFFICIAL_NOT_ASKED", "NOT_IN_OFFICIAL_LIST"}
        return self.official is not None and unasked.isdisjoint(n.code for n in self.notes)

    @property
    def disagreement(self) -> Notice | None:
        """That official list and packaged table differ, or that the list, a part, lacks the name; None where they agree."""
        codes = ("OFFICIAL_DIFFERS", "NOT_IN_OFFICIAL_LIST")
        return next((note for note in self.notes if note.code in codes), None)

    @property
    def sample(self) -> str:
        """The name that was asked for."""
        return self.taxon.given

    @property
    def appendices(self) -> tuple[str, ...]:
        """The different Appendices that may apply, the strictest first."""
        return tuple(dict.fromkeys(answer.appendix for answer in self.answers))

    @property
    def status(self) -> str:
        """`LISTED`, `REPORTED`, `DEPENDS` (answers differ), `NO_LISTING` or `NOT_COVERED`."""
        if len(self.appendices) > 1:
            return DEPENDS
        if is_reported(self.appendices[0]):
            return REPORTED
        return LISTED if self.appendices[0] in ("I", "II", "III") else self.appendices[0]

    def _grouped(self) -> list[tuple[Answer, tuple[str, ...]]]:
        """Return answers, those of several members that are the same as one."""
        groups: dict[tuple[Any, ...], list[Answer]] = {}
        for answer in self.answers:
            excepted = answer.listing is not None and answer.listing.appendix == EXCEPTED
            reason = "" if answer.member and excepted else answer.reason
            key = (
                answer.heading,
                answer.conditions,
                answer.annotation,
                reason,
                bool(answer.member),
            )
            groups.setdefault(key if answer.member else (*key, id(answer)), []).append(answer)
        return [
            (answers[0], tuple(dict.fromkeys(answer.member for answer in answers if answer.member)))
            for answers in groups.values()
        ]

    def _of_populations(self) -> dict[Populations, list[Answer]]:
        """Return the answers by the populations that their listings name; nothing where one names none."""
        groups: dict[Populations, list[Answer]] = {}
        for answer in self.answers:
            if self.population or answer.listing is None or not answer.listing.populations.codes:
                return {}
            groups.setdefault(answer.listing.populations, []).append(answer)
        return groups if len(groups) > 1 else {}

    def _rule(self, *, on_paper: bool) -> str:
        """Return in a sentence which Appendices there are: by population where that decides."""

        def in_words(answers: Iterable[Answer]) -> str:
            sites = dict.fromkeys(each.reported_in for each in answers) if on_paper else {}
            names = dict.fromkeys(each.appendix for each in answers)
            return appendices_in_words(names, _(" and ").join(filter(None, sites)))

        groups = self._of_populations()
        wide = next((each for each in groups if each.excepting), None)
        if wide is None:
            return _("depends on what is not known: {appendices}").format(
                appendices=in_words(self.answers)
            )
        others = (
            f"{populations.in_words()}: {in_words(answers)}"
            for populations, answers in groups.items()
            if populations != wide
        )
        return _("{appendices}, but {others}.").format(
            appendices=in_words(groups[wide]), others="; ".join(others)
        )

    def _open(self) -> str:
        """Return what would decide."""
        options = []
        if not self.population and any(
            answer.listing and answer.listing.populations.codes for answer in self.answers
        ):
            options.append(_("the population"))
        if not self.kind and any(answer.depends_on_kind for answer in self.answers):
            options.append(_("the kind of specimen"))
        return _(", then ").join(options)

    def _paragraphs(self, *, on_paper: bool) -> Iterator[str]:
        """Yield the answers in words; those of one listing with many exceptions as one text."""
        by_listing: dict[Listing | None, list[Answer]] = {}
        for answer in self.answers:
            by_listing.setdefault(answer.listing, []).append(answer)
        many = {
            listing: answers
            for listing, answers in by_listing.items()
            if listing and len(answers) >= _MANY and not any(each.member for each in answers)
        }
        for answer, members in self._grouped():
            if answer.listing not in many:
                text, words = answer.headed(on_paper=on_paper), answer.in_words(members)
                if answer.all_conditions(members):  # "Appendix I, if …"
                    text = f"{text}, {words[0].lower()}{words[1:]}"
                else:
                    text = f"{text}. {words}".strip()
                key = answer.annotation_key if answer.annotation else ""
                yield f"{text} " + _("Annotation {key}.").format(key=key) if key else text
            elif answers := many[answer.listing]:
                yield _of_one_listing(answers)
                many[answer.listing] = []

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of docs/listings.md; one that was read back as it was stored."""
        values = {
            "query": self.taxon.given,
            "taxon": self.taxon.name,
            "nomenclature": self.taxon.synonym,
            "date": self.day,
            "as_of": self.as_of,
            "population": self.population,
            "kind": self.kind,
            "source": self.source,
            "status": self.status,
            "appendices": self.appendices,
            "national": self.national,
            "answers": self.answers,
            "reservations": self.reservations,
            "suggestions": self.suggestions,
            "reports": self.reports,
            "before": self.before,
            "warnings": self.notes,
            "provenance": self.provenance,
        }
        return self.written.apply(to_plain(values))

    def rows(self) -> list[dict[str, Any]]:
        """Return an answer a row, as CSV has them."""
        return [
            {
                "query": self.taxon.given,
                "taxon": self.taxon.name,
                "date": self.day.isoformat(),
                "as_of": self.as_of.isoformat(),
                "status": self.status,
                "appendix": answer.appendix,
                "population_appendix": answer.population_appendix,
                "deemed": answer.deemed,
                "listed": answer.listing.taxon if answer.listing else "",
                "party": answer.listing.party if answer.listing else "",
                "populations": answer.listing.populations.text if answer.listing else "",
                "annotation": answer.annotation_key,
                "conditions": "; ".join(answer.all_conditions()),
                "since": to_plain(answer.listing and answer.listing.since) or "",
                "source": answer.listing.source if answer.listing else "",
                "national": "; ".join(law.in_words() for law in self.national),
                "warnings": " ".join(note.code for note in self.notes),
            }
            for answer in self.answers
        ]

    def to_frame(self) -> "pandas.DataFrame":
        """Return `rows` as a pandas table."""
        import pandas

        return pandas.DataFrame(self.rows())

    def entry(self) -> dict[str, Any]:
        """Return the entry of ``listings`` in the JSON of ``forensics identify``.

        Its ``appendix`` is the one that applies whatever the population and kind of specimen; where
        they matter, all that may apply, as ``I/II``. Its ``warnings`` are there where an official list was given and
        the packaged table says something else, or the list is a part without the name.
        """
        first = self.answers[0]
        entry: dict[str, Any] = {
            "species": self.taxon.given,
            "appendix": "/".join(self.appendices),
            "taxon": first.listing.taxon if first.listing else None,
            "as_of": self.as_of.isoformat(),
            "annotation": first.annotation or None,
        }
        if disagreement := self.disagreement:
            entry["warnings"] = [disagreement.to_dict()]
        return entry

    def lines(self, *, on_paper: bool = False) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, national law first; see `coded_lines`."""
        return [(_(LABELS[code]), text) for code, text in self.coded_lines(on_paper=on_paper)]

    def coded_lines(self, *, on_paper: bool = False) -> list[tuple[str, str]]:
        """Return the code of each text (a key of `LABELS`), and the text.

        Parameters
        ----------
        on_paper : bool
            Whether for a report, which names the source and advises nobody.
        """
        lines = [("national", protection.in_words()) for protection in self.national]
        if self.taxon.synonym:
            lines.append(
                (
                    "name",
                    _("{name} ({reference})").format(
                        name=self.taxon.name, reference=self.taxon.synonym.reference
                    ),
                )
            )
        if self.disagreement:
            lines.append(("cites", self.disagreement.message))
        if self.status == DEPENDS:
            lines.append(("cites", self._rule(on_paper=on_paper)))
            if not on_paper and (decisive := self._open()):
                lines.append(("decided", decisive))
        lines += [("cites", text) for text in self._paragraphs(on_paper=on_paper)]
        lines += [
            ("before", f"{answer.heading}. {answer.in_words()}".strip()) for answer in self.before
        ]
        texts = {
            answer.annotation_key: answer.annotation for answer in self.answers if answer.annotation
        }
        lines += [
            ("annotation", _("{key}: {text}").format(key=key, text=text))
            for key, text in texts.items()
        ]
        for reservation in self.reservations:
            lines.append(
                (
                    "reservation",
                    _("{party} on {taxon}, {since}. {note}")
                    .format(
                        party=reservation.party,
                        taxon=reservation.taxon,
                        since=in_force_since(reservation),
                        note=reservation.note,
                    )
                    .strip(),
                )
            )
        if self.suggestions:
            lines.append(("meant", ", ".join(self.suggestions)))
        lines.append(
            (
                "as_of",
                _("Asked for {day}; the Appendices as of {as_of}.").format(
                    day=self.day.isoformat(), as_of=self.as_of.isoformat()
                ),
            )
        )
        if self.law:
            lines.append(
                (
                    "law",
                    _("{file}, as of {as_of}, SHA-256 {sha256}.").format(**self.law),
                )
            )
        if self.official:
            lines.append(
                (
                    "official",
                    _("{kind}, {file}, as of {as_of}, SHA-256 {sha256}.").format(**self.official),
                )
            )
        return lines + [("note", note.message) for note in self.notes if note != self.disagreement]
