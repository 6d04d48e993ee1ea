"""Which Appendix applies: by taxon, population, kind of specimen, source and date.

From the taxon upwards: the rows of the lowest taxon that is listed claim the populations that they name; what
they leave goes to the next taxon above. Listed taxa below the name (subspecies of a species) may be meant and stand
as answers with that condition. Then the annotation of each row says what holds for this specimen.

Notices name what a reader must know besides: gaps of the table, names, sources, amendments to come.

That the table is silent says something only of animals, from `COMPLETE_SINCE` to its last day, and where it knows the
family. Elsewhere the answer is "not covered".

Amendments that were reported after the day of the table stand in ``reported.tsv``, gathered from public pages; no text
of CITES was read. Where a report concerns the whole of what was asked for, and its day has come, its answer comes
first as one that was *reported*, and that of the table is kept as what was before. Where it concerns a part, both stand.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from forensics.core.notice import Notice
from forensics.core.stored import utc_now
from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.notices import listings as notices
from forensics.taxonomy.listings.results import (
    NO_LISTING,
    NOT_COVERED,
    Answer,
    ListingResult,
    Protection,
    Report,
    strictest,
)
from forensics.taxonomy.listings.table import (
    APPENDIX_III_UNTIL,
    AS_OF,
    EXCEPTED,
    IN_FORCE,
    Homonym,
    Listing,
    Placement,
    Populations,
    Reservation,
    Table,
    Taxon,
    complete,
    day,
    delay_of,
    given,
    is_in_force,
    is_within,
    kingdom_of,
    may_be_above_genera,
    meetings,
    members,
    note_on_dates,
    packaged,
    place_of,
    placement_of,
    reported,
    reservations,
    scientific,
    standard_name,
    suggestions,
    taxon_of,
    unsure,
    whole,
)
from forensics.taxonomy.names import genus_of

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


# Between the adoption of an amendment and its entry into force lie 90 days; some were put off, by at
# most 24 months (the trees of CoP19 in ``delays.tsv``).
_MAX_DELAY = timedelta(days=731)
_HIGHER = ("genus", "subfamily", "family", "order")


def of_history(
    taxon: Taxon, standing: list[tuple[Listing, tuple[str, ...]]], day: date, table: Table
) -> list[Notice]:
    """Return where the table does not know what was before, and what is adopted already."""
    notes = []
    undated = any(row.since is None and row.appendix != EXCEPTED for row, _conditions in standing)
    if undated and day < table.complete_since:
        notes.append(notices.SINCE_NOT_RECORDED(day=table.complete_since.isoformat()))
    for level in (*taxon.levels, *members(taxon.name, table)):
        begun = unknown_until(level, day, table)
        if begun:
            notes.append(notices.HISTORY_NOT_HELD(taxon=level, day=begun.isoformat()))
        for since, row in _later(level, day, table):
            meeting = next(
                (candidate for candidate in meetings() if candidate.name == row.source), None
            )
            if meeting and meeting.closed <= day and since - day <= _MAX_DELAY:
                notes.append(
                    notices.ADOPTED_NOT_IN_FORCE(taxon=level, appendix=row.appendix, meeting=meeting.name, day=since.isoformat())
                )  # fmt: skip
    return notes


def unknown_until(taxon: str, day: date, table: Table) -> date | None:
    """Return the first day since which the table knows a taxon; None where it knows it on `day`."""
    if day >= table.complete_since or not (later := _later(taxon, day, table)):
        return None
    if any(is_in_force(row, day) for row in table.of(taxon)):
        return None
    beginning = later[0][0]
    if any(row.first for since, row in later if since == beginning):
        return None
    return beginning


def _later(taxon: str, day: date, table: Table) -> list[tuple[date, Listing]]:
    """Return the listings that begin after a day, each with its first day, in their order."""
    dated = [(row.since, row) for row in table.of(taxon) if row.since and row.since > day]
    return sorted(dated, key=lambda pair: pair[0])


def of_result(result: ListingResult) -> list[Notice]:
    """Return what must be known of a result."""
    notes = []
    if result.suggestions:
        notes.append(
            notices.MISSPELT(name=result.taxon.given, others=", ".join(result.suggestions))
        )
    listed = [
        answer.listing
        for answer in result.answers
        if answer.listing and answer.appendix != NO_LISTING
    ]
    above = next((row for row in listed if row.rank in _HIGHER), None)
    if any(row.taxon == result.taxon.name for row in listed):  # of some populations alone
        above = None
    if above and " " in result.taxon.name and " x " not in result.taxon.name:
        notes.append(notices.BY_HIGHER_TAXON(name=result.taxon.name, taxon=above.taxon))
    if not result.taxon.placed:
        notes.append(notices.NOT_PLACED(name=result.taxon.name))
    official = result.of_official_list
    if NO_LISTING in result.appendices:
        notes.append(notices.NOT_LISTED_IS_NOT_UNPROTECTED())
        if result.day > APPENDIX_III_UNTIL and not official:
            notes.append(notices.APPENDIX_III_INCOMPLETE(day=APPENDIX_III_UNTIL.isoformat()))
    if result.day > result.as_of:
        notes.append(
            notices.AFTER_TABLE("official" if official else "table", as_of=result.as_of.isoformat())
        )
    notes += _source_notes(result)
    if any(answer.appendix == "III" for answer in result.answers):
        notes.append(notices.APPENDIX_III())
    return notes


def _source_notes(result: ListingResult) -> Iterable[Notice]:
    if not any(answer.appendix in ("I", "II", "III") for answer in result.answers):
        return
    if result.source == "O":
        yield notices.PRE_CONVENTION()
    elif result.source in ("A", "C"):
        yield notices.BRED()
    elif result.source == "I":
        yield notices.SEIZED()


SOURCES = frozenset("ACDFIORUWXY")
"""Source codes of CITES (Resolution Conf. 12.3): A, C, D, F bred or propagated, I confiscated, O
pre-Convention, R ranched, U unknown, W wild, X taken at sea, Y assisted production."""
# More names than these are not told in a condition.
_MAX_MEMBERS = 4


def listing_of(
    taxon: str,
    *,
    population: str | None = None,
    kind: str | None = None,
    source: str | None = None,
    date: date | str | None = None,
    generation: int | None = None,
    lineage: Iterable[str] = (),
    national: Iterable[Protection] = (),
    law: "Law | Official | None" = None,
    table: Table | None = None,
    spelling: bool = True,
) -> ListingResult:
    """Return what the Appendices of CITES, and national law if given, say of a specimen.

    Parameters
    ----------
    taxon : str
        Scientific name of any rank, in any nomenclature; or the parents of a hybrid, as in
        ``Felis catus x Prionailurus bengalensis``.
    population : str, optional
        Country in which the animal or plant lived: ISO 3166 code or English name.
    kind : str, optional
        Kind of specimen: term code of CITES (``TUS``) or a word (``raw ivory``).
    source : str, optional
        Source code of CITES, one of `SOURCES`.
    date : datetime.date or str, optional
        Day on which it is asked, such as that of the seizure; default: today.
    generation : int, optional
        Of a hybrid: how many generations ago its nearest ancestor of a listed species lived; 1 is
        a parent.
    lineage : str or iterable of str, optional
        Family, order and the like, where they are known; a genus of which the table knows
        nothing is placed by them.
    national : iterable of Protection, optional
        Rows of national schedules, of `national.read_schedule`.
    law : Law or Official, optional
        A law package; or the official index or history of listings alone. They count where the packaged table
        differs.
    table : Table, optional
        Instead of the packaged one.
    spelling : bool
        Whether names are looked for that may have been meant, where this one is not listed.

    Returns
    -------
    ListingResult
        With every answer that stands: what was not given is not assumed.

    Raises
    ------
    UsageError
        If the taxon is not a scientific name, or a country, kind, source, date or generation is not
        what it should be.

    References
    ----------
    Convention on International Trade in Endangered Species of Wild Fauna and Flora, Articles II,
    VII, XV, XVI and XXIII; Resolutions Conf. 9.21, 10.17, 11.11, 12.11 and 12.3 as revised.

    Examples
    --------
    >>> found = listing_of("Loxodonta cyclotis", population="GA", date="2020-05-01")
    >>> found.taxon.name, [answer.appendix for answer in found.answers]
    ('Loxodonta africana', ['I'])
    >>> found = listing_of(
    ...     "Loxodonta africana", population="BW", kind="TUS", source="I", date="2020-05-01"
    ... )
    >>> [answer.heading for answer in found.answers]
    ['in Appendix II, this specimen deemed I']
    """
    place, codes, day = place_of(population), _codes_of(kind), day_of(date)
    source = _source(source)
    taxon = scientific(taxon)
    lineage = tuple(
        scientific(higher) for higher in ((lineage,) if isinstance(lineage, str) else lineage)
    )
    if generation is not None and not (isinstance(generation, int) and generation >= 1):
        raise UsageError(_("A generation is 1 (a parent) or more; found {n}.").format(n=generation))
    table = table or packaged()
    parents = parents_of(taxon)
    if generation is not None and not parents:
        raise UsageError(
            _("A generation is that of a hybrid; {taxon} is none. Give both parents.").format(
                taxon=taxon
            )
        )
    answer_for = functools.partial(
        _answered, place=place, codes=codes, source=source, day=day, table=table
    )
    if parents:
        of_parents = [
            answer_for(taxon_of(parent, day, table, lineage=lineage)) for parent in parents
        ]
        name = Taxon(" ".join(taxon.split()), " x ".join(parents), tuple(
            dict.fromkeys(level for answered in of_parents for level in answered[0].levels)
        ), None, all(answered[0].placed for answered in of_parents))  # fmt: skip
        answers, notes = _of_hybrid(of_parents, generation)
    else:
        name, answers, notes = answer_for(taxon_of(taxon, day, table, lineage=lineage))
    result = ListingResult(
        taxon=name,
        day=day,
        as_of=table.as_of,
        table_as_of=table.as_of,
        population=place,
        kind=given(kind) or None,
        source=source,
        answers=strictest(answers),
        notes=tuple(dict.fromkeys(notes)),
        national=tuple(
            row
            for row in (*national, *(law.national if law else ()))
            if _protects(row, name, day, table)
        ),
        suggestions=tuple(suggestions(name, table)) if spelling and not parents else (),
        generation=generation,
        time=utc_now(),
    )  # fmt: skip
    if law:
        result = law.applied(result)
    if not (parents and generation and generation > RECENT_LINEAGE):
        result = _within_what_is_covered(result, table)
    # Remarks are made of the answers that count: those of the official list where there is one.
    result = replace(
        result,
        reservations=_reservations(result),
        notes=tuple(dict.fromkeys((*result.notes, *of_result(result)))),
    )
    if result.day > result.as_of:
        result = with_reports(result, table, law.amendments if law else ())
    if result.suggestions:
        # "Panthera tigirs" would be any cat: what is found for it holds only if it is not a slip.
        result = replace(
            result,
            answers=tuple(
                answer._replace(
                    conditions=(_("the name is right as it is spelt"), *answer.conditions)
                )
                for answer in result.answers
            ),
        )
    return result


def _within_what_is_covered(result: ListingResult, table: Table) -> ListingResult:
    """Return a result in which "no listing found" stands only where the table, or the official list, covers it."""
    reason = _uncovered(result, table)
    if not reason:
        return result
    return replace(
        result,
        answers=strictest(
            answer._replace(appendix=NOT_COVERED, reason=reason)
            if answer.appendix == NO_LISTING and answer.listing is None and not answer.reason
            else answer
            for answer in result.answers
        ),
    )


def _uncovered(result: ListingResult, table: Table) -> str:
    """Return why the silence of the table, or of the official list, says nothing; empty where it says something."""
    if result.day < IN_FORCE:
        return ""
    if not result.of_official_list:
        if not result.taxon.placed:
            return _("The table does not know its family.")
        # A listing that names populations says itself that the others are not in it.
        named = (row for level in result.taxon.levels for row in table.of(level))
        if kingdom_of(result.taxon, table) not in table.compared and not any(
            is_in_force(row, result.day) for row in named
        ):
            return _("Of plants the table has what is listed; it was compared with no full list.")
        if result.day < table.complete_since:
            return _(
                "In no Appendix as far as the table goes back; it is complete from {day} on."
            ).format(day=table.complete_since.isoformat())
    if result.day > result.as_of:
        return _("In no Appendix of {as_of}, the last day that is covered.").format(
            as_of=result.as_of.isoformat()
        )
    return ""


def _reservations(result: ListingResult) -> tuple[Reservation, ...]:
    """Return the reservations in force that concern an answer."""
    levels = result.taxon.levels
    listed = {answer.population_appendix for answer in result.answers}
    return tuple(
        reservation
        for reservation in reservations()
        if reservation.taxon in levels
        and reservation.appendix in listed
        and is_in_force(reservation, result.day)
    )


def _answered(
    taxon: Taxon, *, place: str | None, codes: tuple[str, ...], source: str | None, day: date,
    table: Table,
) -> tuple[Taxon, list[Answer], list[Notice]]:  # fmt: skip
    """Return the answers for a taxon that is not a hybrid."""
    if day < IN_FORCE:
        note = notices.BEFORE_CONVENTION()
        return taxon, [Answer(NO_LISTING)], [note]
    of_day = functools.partial(_on, place=place, codes=codes, source=source, table=table)
    answers, notes = of_day(taxon, day=day)
    if delay := delay_of(taxon, day, table):
        # Whether the amendment was in force is not sure: both answers stand.
        name = delay.taxon
        before = _("the listing of {taxon} was not in force yet").format(taxon=name)
        after = _("the listing of {taxon} was in force already").format(taxon=name)
        answers = [
            answer._replace(conditions=(*answer.conditions, text))
            for text, moment in ((before, delay.day_before), (after, delay.since))
            for answer in of_day(taxon, day=moment)[0]
        ]
        notes.append(note_on_dates(delay))
    elif delay := next(filter(None, (unsure(answer.listing) for answer in answers)), None):
        notes.append(note_on_dates(delay))
    if placement := placement_of(taxon):
        answers = _of_placement(placement, answers)
        if len(answers) > 1:
            notes.append(placement.note())
    return taxon, _distinct(answers), notes


def _on(
    taxon: Taxon, *, day: date, place: str | None, codes: tuple[str, ...], source: str | None,
    table: Table,
) -> tuple[list[Answer], list[Notice]]:  # fmt: skip
    """Return the answers of a day."""
    if not any(map(table.of, taxon.levels)) and not members(taxon.name, table):  # most taxa
        return [Answer(NO_LISTING)], []
    standing, closed = upwards(taxon, place, day, table)
    below = _downwards(taxon, place, day, table)
    for number, (row, bounds) in enumerate(below):
        if inner := [one for one in below if one[0].taxon.startswith(f"{row.taxon} ")]:
            below[number] = row, (*bounds, _no_member(inner))
    if _each_listed(taxon.name, day, table):  # nothing is left for the genus or family itself
        standing, closed = [], True
        below = [(row, c) for row, c in below if not _each_listed(row.taxon, day, table)]
    elif below:
        no_other = (_no_member(below),)
        standing = [(row, conditions + no_other) for row, conditions in standing]
    gap = _gap(taxon, standing, day, table)
    if gap:
        no_gap = (_("{taxon} was not listed by itself on that day").format(taxon=gap),)
        standing = [(row, conditions + no_gap) for row, conditions in standing]
    answers = [
        answer
        for row, conditions in standing
        for answer in _of_specimen(row, conditions, codes, source, place, taxon)
    ]
    answers += [
        answer._replace(member=row.taxon)
        for row, conditions in below
        for answer in _of_specimen(row, conditions, codes, source, place, taxon)
    ]
    notes = of_history(taxon, standing + below, day, table)
    if closed and gap:
        answers.append(
            Answer(
                NOT_COVERED,
                conditions=(_("{taxon} was listed by itself on that day").format(taxon=gap),),
            )
        )
    elif not closed:
        certain = not any(note.code == "HISTORY_NOT_HELD" for note in notes)
        conditions: tuple[str, ...] = (_no_member(below),) if below else ()
        if standing:
            conditions += (_("it is of another population"),)
        answers.append(Answer(NO_LISTING if certain else NOT_COVERED, conditions=conditions))
    return _distinct(_of_homonym(taxon.homonym, answers)), notes


def _of_homonym(homonym: Homonym | None, answers: list[Answer]) -> list[Answer]:
    """Return answers for a genus whose name others bear too: they hold for one of them."""
    if homonym is None or all(answer.appendix == NO_LISTING for answer in answers):
        return answers
    this = _("it is the genus {genus} of the {family}").format(
        genus=homonym.genus, family=homonym.meant
    )
    other = _("it is the genus {genus} of the {family}").format(
        genus=homonym.genus, family=_(" or ").join(homonym.others)
    )
    return [
        *(answer._replace(conditions=(this, *answer.conditions)) for answer in answers),
        Answer(NO_LISTING, conditions=(other,)),
    ]


def _of_placement(placement: Placement, answers: list[Answer]) -> list[Answer]:
    """Return answers for a genus of which it is not sure that a listed family holds it."""
    if all(
        answer.listing is None or answer.listing.taxon != placement.family for answer in answers
    ):
        return answers
    within = _("{genus} is of the {family}").format(genus=placement.genus, family=placement.family)
    without = _("{genus} is of the {family}").format(genus=placement.genus, family=placement.other)
    return [
        *(
            answer._replace(conditions=(within, *answer.conditions))
            if answer.listing is not None and answer.listing.taxon == placement.family
            else answer
            for answer in answers
        ),
        Answer(NO_LISTING, conditions=(without,)),
    ]


def _gap(taxon: Taxon, standing: "_Standing", day: date, table: Table) -> str:
    """Return a taxon below those that are listed of which the table does not know that day."""
    listed = {row.taxon for row, _conditions in standing}
    for level in taxon.levels:
        if level in listed:
            return ""
        if unknown_until(level, day, table):
            return level
    return ""


_Standing = list[tuple[Listing, tuple[str, ...]]]


def upwards(taxon: Taxon, place: str | None, day: date, table: Table) -> tuple[_Standing, bool]:
    """Return the rows that may claim the specimen, and whether one of them must."""
    standing: _Standing = []
    for level in taxon.levels:
        rows = [row for row in table.of(level) if is_in_force(row, day)]
        covering = [(row, row.populations.covers(place)) for row in rows]
        others = (_("it is of another population"),) if standing else ()
        for row, covers in covering:
            if covers is None:
                text = _("it is of {populations}").format(populations=row.populations.in_words())
                standing.append((row, (text,)))
            elif covers:
                standing.append((row, others))
        if any(covers for _row, covers in covering) or whole(row.populations for row in rows):
            return standing, True
    return standing, False


def _downwards(taxon: Taxon, place: str | None, day: date, table: Table) -> _Standing:
    """Return rows of taxa within the one that is named, which may be meant."""
    standing: _Standing = []
    for name in members(taxon.name, table):
        for row in table.of(name):
            covers = is_in_force(row, day) and row.populations.covers(place)
            if covers is False:
                continue
            text = _("it is of {populations}").format(populations=row.populations.in_words())
            standing.append((row, (text,) if covers is None else ()))
    return standing


def _each_listed(name: str, day: date, table: Table) -> bool:
    """Return whether every species of a taxon is listed by itself on a day."""
    if name not in complete():
        return False
    species = [
        member
        for member in members(name, table)
        if member.count(" ") == 1 and any(is_in_force(row, day) for row in table.of(member))
    ]
    return len(species) == complete()[name]


def _no_member(below: _Standing) -> str:
    # One that is listed for some populations alone is here with these.
    names = sorted(
        {
            f"{row.taxon} ({row.populations.in_words()})"
            if conditions
            and not whole(one.populations for one, _c in below if one.taxon == row.taxon)
            else row.taxon
            for row, conditions in below
        }
    )
    if len(names) <= _MAX_MEMBERS:
        return _("it is not {taxa}").format(taxa=_(" nor ").join(names))
    return _("it is none of the {n} taxa that are listed by themselves").format(n=len(names))


def _of_specimen(
    row: Listing,
    conditions: tuple[str, ...],
    codes: tuple[str, ...],
    source: str | None,
    place: str | None,
    taxon: Taxon,
) -> Iterable[Answer]:
    """Yield what a row says of this kind of specimen from this source."""
    if row.appendix != EXCEPTED and not row.annotations:
        yield _by_article_vii(Answer(row.appendix, row, False, conditions), source)
        return
    # Read where a listing has one: most have none, and an identification waits for it.
    from forensics.taxonomy.listings.law import DEEMED_I, NOT_SUBJECT, annotations, together

    known = [annotations()[key] for key in row.annotations]
    text = " ".join(annotation.text for annotation in known)
    if row.appendix == EXCEPTED:
        reason = (
            _("People are in no Appendix: the Convention is one on wild fauna and flora.")
            if "people" in row.annotations
            else _("{taxon} is left out of the Appendices by name.").format(taxon=row.taxon)
        )
        yield Answer(NO_LISTING, row, conditions=conditions, annotation=text, reason=reason)
        return
    evaluated = together(known)
    if evaluated is None:
        yield _by_article_vii(Answer(row.appendix, row, False, conditions, text), source)
        return
    for outcome in evaluated.outcomes(codes, source, place, taxon):
        whole_conditions = conditions + outcome.conditions
        if outcome.follows == NOT_SUBJECT:
            reason = _("The annotation does not cover this specimen: it is not subject to it.")
            yield Answer(NO_LISTING, row, False, whole_conditions, text, reason)
        elif outcome.follows == DEEMED_I:
            reason = _("The annotation deems it a specimen of a species in Appendix I.")
            yield Answer("I", row, True, whole_conditions, text, reason)
        else:
            yield _by_article_vii(Answer(row.appendix, row, False, whole_conditions, text), source)


def _by_article_vii(answer: Answer, source: str | None) -> Answer:
    if answer.appendix == "I" and source == "D":
        return answer._replace(
            appendix="II",
            deemed=True,
            reason=_(
                "Bred or propagated for commercial purposes, in a registered operation: deemed to "
                "be of a species in Appendix II (Article VII, paragraph 4)."
            ),
        )
    return answer


# -- hybrids -----------------------------------------------------------------------------

RECENT_LINEAGE = 4
"""Generations before a hybrid animal in which an ancestor in Appendix I or II makes it subject to the
Convention (Resolution Conf. 10.17)."""
_CROSS = r"\s*×\s*|\s+[xX]\s+"
_HYBRID = r"(?i)\s+hybrids?\.?$"
# One of them is in every name of a hybrid; to compile the patterns takes longer than the answer for another.
_MARKS = ("×", " x ", "hybr")


def parents_of(text: str) -> list[str]:
    """Return the parents of a hybrid as far as its name tells them; nothing for other names.

    Examples
    --------
    >>> parents_of("Felis catus x Prionailurus bengalensis")
    ['Felis catus', 'Prionailurus bengalensis']
    >>> parents_of("Falco rusticolus x F. cherrug"), parents_of("Aloe × spinosissima")
    (['Falco rusticolus', 'Falco cherrug'], ['Aloe'])
    >>> parents_of("Falco cherrug"), parents_of("Ursus hybrid")
    ([], ['Ursus'])
    """
    clean = " ".join(text.replace("_", " ").split())
    if not any(mark in clean.casefold() for mark in _MARKS):
        return []
    if re.search(_HYBRID, clean):
        return [re.sub(_HYBRID, "", clean)]
    parts = [part for part in re.split(_CROSS, clean) if part]
    if len(parts) == 1 and parts[0] != clean:  # ×Brassocattleya
        return parts
    if len(parts) < 2:
        return []
    genus = genus_of(parts[0])
    parents = [parts[0]]
    for part in parts[1:]:
        first, _space, rest = part.partition(" ")
        if first[:1].islower() and " " in parts[0]:  # Canis lupus x familiaris
            parents.append(f"{genus} {part}")
        elif first[:1].islower():  # a name of its own for the hybrid: Aloe × spinosissima
            parents.append(genus)
        elif rest and first.rstrip(".") == genus[: len(first.rstrip("."))]:
            parents.append(f"{genus} {rest}")
        else:
            parents.append(part)
    return list(dict.fromkeys(parents))


def _of_hybrid(
    of_parents: Sequence[tuple[Taxon, list[Answer], list[Notice]]], generation: int | None
) -> tuple[list[Answer], list[Notice]]:
    """Return the answers for a hybrid of these parents: animals to the fourth generation, plants as their parents.

    Parameters
    ----------
    of_parents : list of (Taxon, list of Answer, list of Notice)
    generation : int or None
        How many generations ago the nearest ancestor of a listed species lived.

    References
    ----------
    Resolution Conf. 10.17 (Rev. CoP14), animals: "recent lineage" is the previous four generations.
    Resolution Conf. 11.11 (Rev. CoP18), plants: subject where a parent is, unless an annotation excludes them.
    """
    notes = [note for _taxon, _answers, own in of_parents for note in own]
    plants = any(
        answer.listing and answer.listing.kingdom == "plants"
        for _taxon, answers, _own in of_parents
        for answer in answers
    )
    if len(of_parents) == 1:
        # A hybrid of a genus has two parents: a taxon that is left out by name is but one of them.
        taxon, answers, own = of_parents[0]
        kept = [
            candidate
            for candidate in answers
            if candidate.listing is None or candidate.listing.appendix != EXCEPTED
        ]
        of_parents = [(taxon, kept or answers, own)]
    ranked = [strictest(answers) for _taxon, answers, _own in of_parents]
    # The parent in the strictest Appendix decides; an ancestor in Appendix III makes no hybrid listed.
    decisive = min(ranked, key=lambda answers: "I II III".split().index(answers[0].appendix)
                   if answers[0].appendix in ("I", "II", "III") else 3)  # fmt: skip
    listed = [answer for answer in decisive if answer.appendix in ("I", "II")]
    if not listed:
        return [Answer(NO_LISTING)], notes
    if plants:
        notes.append(notices.HYBRID_PLANT())
        return list(decisive), notes
    notes.append(notices.HYBRID_ANIMAL())
    beyond = Answer(
        NO_LISTING,
        reason=_("No ancestor in Appendix I or II in the previous four generations."),
    )
    if generation is not None:
        return (list(decisive) if generation <= RECENT_LINEAGE else [beyond]), notes
    within = _("an ancestor of it in Appendix I or II lived in the previous four generations")
    before = _("no such ancestor lived in the previous four generations")
    answers_within = [
        candidate._replace(conditions=(within, *candidate.conditions)) for candidate in decisive
    ]
    return [*answers_within, Answer(NO_LISTING, conditions=(before,), reason=beyond.reason)], notes


# -- what was asked for ----------------------------------------------------------------------


def _protects(protection: Protection, taxon: Taxon, day: date, table: Table) -> bool:
    """Whether a provision is of this taxon: by the name in the schedule, or by that of CITES."""
    names = {taxon.given, *taxon.levels}
    is_of_taxon = protection.taxon in names or taxon_of(protection.taxon, day, table).name in names
    return is_of_taxon and is_in_force(protection, day)


def _distinct(answers: list[Answer]) -> list[Answer]:
    return list(dict.fromkeys(answers))


def day_of(text: date | str | None) -> date:
    """Return a day; today where none is given, UsageError where it is none."""
    if text is None or type(text).__name__ in ("NAType", "NaTType"):
        return date.fromisoformat(utc_now()[:10])
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    from forensics.io.numbers import parse_day  # an identification gives a day

    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageError(
            _("{found!r} is not a date; give year, month and day, such as 2016-03-01.").format(
                found=text
            )
        ) from error


def _codes_of(kind: str | None) -> tuple[str, ...]:
    if not given(kind):
        return ()
    from forensics.taxonomy.listings.kinds import kinds_of

    return kinds_of(kind)


def _source(text: str | None) -> str | None:
    code = given(text).upper()
    if not code:
        return None
    if code not in SOURCES:
        raise UsageError(
            _("{found!r} is not a source code of CITES; there are {codes}.").format(
                found=text, codes=", ".join(sorted(SOURCES))
            )
        )
    return code


# The confidence of a report, for translators.
_CONFIDENCE = (
    N_("several independent reports"),
    N_("one report"),
    N_("conflicting"),
    N_("an official text, not of CITES"),
)
ACTIONS = ("include", "transfer", "delete", "annotation")
"""What an amendment that is entered by hand does."""
BY_HAND = "by hand"
"""The confidence of an amendment of a law package."""
_REFUSED, _NOMENCLATURE = "rejected", "nomenclature"
_ACTIONS = {
    "include": lambda report: _("inclusion in Appendix {after}").format(after=report.after),
    "transfer": lambda report: _("transfer from Appendix {before} to Appendix {after}").format(
        before=report.before, after=report.after
    ),
    "delete": lambda report: _("deletion from Appendix {before}").format(before=report.before),
    "annotation": lambda report: _("another annotation in Appendix {after}").format(
        after=report.after
    ),
    _NOMENCLATURE: lambda report: _("a species of its own, in Appendix {after}").format(
        after=report.after
    ),
    _REFUSED: lambda report: _("a proposal that was refused"),
}


@functools.cache
def reports() -> tuple[Report, ...]:
    """Return the reports of the packaged table."""
    return tuple(
        Report(
            taxon=row["taxon"],
            action=row["action"],
            before=row["before"] or None,
            after=row["after"] or None,
            populations=Populations.from_text(row["populations"]),
            what=row["what"],
            adopted=row["adopted"] or None,
            since=day(row["since"]),
            confidence=row["confidence"],
            doubt=row["doubt"],
            sources=tuple(row["sources"].split()),
        )
        for row in reported()
    )


def reports_of(taxon: Taxon, table: Table, amendments: Sequence[Report] = ()) -> list[Report]:
    """Return the reports that concern a taxon: of it, of a taxon above it, or of one within it.

    Amendments of a law package come first, and stand in the place of the packaged reports of the same taxon and action.
    """
    own = _concerning(amendments, taxon, table.as_of)
    replaced = {(report.taxon, report.action) for report in own}
    known = _reported_names(table.as_of)
    is_concerned = may_be_above_genera(taxon.name) or not known.isdisjoint(
        (taxon.given, *taxon.levels)
    )
    packaged_reports = _concerning(reports(), taxon, table.as_of) if is_concerned else []
    return own + [r for r in packaged_reports if (r.taxon, r.action) not in replaced]


@functools.lru_cache(maxsize=8)
def _reported_names(day: date) -> frozenset[str]:
    """Return the names that the packaged reports are of, and those of species and genera that these begin with."""
    names: set[str] = set()
    for report in reports():
        words = report.taxon.split(" ")
        names.add(standard_name(report.taxon, day))
        names.update(" ".join(words[:count]) for count in range(1, len(words) + 1))
    return frozenset(names)


def _concerning(reports: Sequence[Report], taxon: Taxon, day: date) -> list[Report]:
    names = {taxon.given, *taxon.levels}
    return [
        report
        for report in reports
        if report.taxon in names
        or is_within(report.taxon, taxon.name)
        # A species that was set up by a report would be read as the one that it was part of.
        or (report.action != _NOMENCLATURE and standard_name(report.taxon, day) in names)
    ]


def with_reports(
    result: ListingResult, table: Table, amendments: Sequence[Report] = ()
) -> ListingResult:
    """Return a result for a day after the one that its list states, with what was reported since then.

    Parameters
    ----------
    result : ListingResult
        Of the table, or of the official list where that counts.
    amendments : sequence of Report
        Of a law package; each stands in the place of the packaged reports of the same taxon and action.

    Returns
    -------
    ListingResult
        With `reports`, and with what they say where they may be in force on the day: instead of the answers of
        the list, kept in `before`, or beside them where a report is of a part alone.
    """
    relevant = [
        report
        for report in reports_of(result.taxon, table, amendments)
        if _earliest(report) > result.as_of
        and report.populations.covers(result.population) is not False
    ]
    if not relevant:
        return result
    changed = [report for report in relevant if _may_change(report, result)]
    whole = [report for report in changed if _is_whole(report, result)]
    answers, before = result.answers, result.before
    if whole:
        levels = (result.taxon.given, *result.taxon.levels)
        nearest = min(whole, key=lambda report: _level(report, levels))
        changed = [nearest, *(report for report in changed if report not in whole)]
        answers, before = (), answers
    elif changed:
        unchanged = _("no amendment that was reported after {as_of} changed it").format(
            as_of=result.as_of.isoformat()
        )
        answers = tuple(
            answer._replace(conditions=(*answer.conditions, unchanged)) for answer in answers
        )
    return replace(
        result,
        answers=strictest((*answers, *(_as_reported(report, result) for report in changed))),
        before=before,
        reports=tuple(relevant),
        notes=(*result.notes, *map(_note, relevant)),
    )


def _earliest(report: Report) -> date:
    """Return the first day on which an amendment may be in force, where the day itself was not reported."""
    of_meeting = (each.in_force for each in meetings() if each.name == report.adopted)
    return report.since or next(of_meeting, AS_OF + timedelta(days=1))


def _level(report: Report, levels: Sequence[str]) -> int:
    """Return how far above the taxon a report speaks: it, its genus, its family."""
    names = (report.taxon, standard_name(report.taxon, AS_OF))
    return min((levels.index(name) for name in names if name in levels), default=len(levels))


def _may_change(report: Report, result: ListingResult) -> bool:
    """Return whether the Appendix that was reported may be in force on the day, for the population asked about.

    A species that became one of its own stays where it was. Another annotation says something of the Appendix only
    where it is of all that was asked for, and none of today decides on the kind of specimen.
    """
    if report.action in (_NOMENCLATURE, _REFUSED) or _earliest(report) > result.day:
        return False
    if report.action == "annotation":
        return _is_whole(report, result) and not any(
            answer.depends_on_kind for answer in result.answers
        )
    return True


def _is_whole(report: Report, result: ListingResult) -> bool:
    """Return whether a report is of all that was asked for; of a hybrid it is of one parent."""
    return (
        " x " not in result.taxon.name
        and not is_within(report.taxon, result.taxon.name)
        and report.populations.covers(result.population) is True
    )


def _as_reported(report: Report, result: ListingResult) -> Answer:
    """Return what an amendment says that was reported."""
    conditions = []
    if is_within(report.taxon, result.taxon.name):
        conditions.append(_("it is {taxon}").format(taxon=report.taxon))
    if report.populations.covers(result.population) is None:
        conditions.append(
            _("it is of {populations}").format(populations=report.populations.in_words())
        )
    appendix = f"reported {report.after or 'none'}"
    listing = Listing(
        taxon=report.taxon, rank="", appendix=appendix, party="", populations=report.populations,
        annotations=(), since=report.since, until=None, first=False,
        source=report.sources[0], kingdom="",
    )  # fmt: skip
    reason = _("{what}, {since}.").format(what=in_words(report), since=_since(report))
    return Answer(
        appendix, listing, conditions=tuple(conditions), reason=reason[:1].upper() + reason[1:]
    )


def _since(report: Report) -> str:
    if report.since is None:
        return _("since when is not known")
    return _("in force since {day} as far as reported").format(day=report.since.isoformat())


def in_words(report: Report) -> str:
    """Return in a few words what was reported."""
    words = _ACTIONS[report.action](report)
    return f"{words} ({report.what})" if report.what else words


def _parts(report: Report) -> Iterator[str]:
    text = (
        _("Entered by hand in the law package: {taxon}, {what}{meeting}.")
        if report.confidence == BY_HAND
        else _("Reported, and read in no text of CITES: {taxon}, {what}{meeting}.")
    )
    yield text.format(
        taxon=report.taxon,
        what=in_words(report),
        meeting=f" [{report.adopted}]" if report.adopted else "",
    )
    if report.action != _REFUSED:
        since = _since(report)
        yield since[:1].upper() + since[1:] + "."
    confidence = report.confidence
    if confidence != BY_HAND:
        yield _("How sure: {confidence}.").format(confidence=_(confidence))
    if report.doubt:
        yield report.doubt.rstrip(".") + "."
    more = len(report.sources) - 1
    if report.sources:
        source = report.sources[0]
        yield (
            _("Source: {source} and {n} more.").format(source=source, n=more)
            if more
            else _("Source: {source}.").format(source=source)
        )
    yield _("The official list decides.")


def _note(report: Report) -> Notice:
    is_refused = report.action == _REFUSED
    kind = notices.REFUSAL_REPORTED if is_refused else notices.AMENDMENT_REPORTED
    return kind.worded(" ".join(_parts(report)))
