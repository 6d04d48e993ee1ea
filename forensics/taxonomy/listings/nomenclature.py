"""Names as the standard nomenclature of CITES has them, and the taxa above and below them.

CITES lists under names of its own adopted references (Resolution Conf. 12.11). They are kept apart from those of NCBI and
of a library: *Loxodonta cyclotis* is a species to others, and covered as *L. africana* by CITES.

What is not sure in the packaged table: first days that were put off, and families of genera.

``delays.tsv`` has every amendment of CoP18 and CoP19 whose entry into force was put off, each with its source.
Where a delay could not be read in any text, ``earliest`` has the day without it: between the two days both
answers stand. ``placements.tsv`` has genera of which it is not sure that a listed family holds them.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from forensics.core.notice import Notice
from forensics.core.stored import stored
from forensics.errors import UsageError
from forensics.messages import _
from forensics.notices import listings as notices
from forensics.taxonomy.listings.places import given
from forensics.taxonomy.listings.table import InForce, Listing, OnDemand, Table, day, packaged, rows
from forensics.taxonomy.names import parse_name

NOMENCLATURE_AS_OF = date(2022, 11, 25)
"""Resolution Conf. 12.11 as revised at CoP19."""
# Of a name that is not known, so many that are like it are reported.
_MAX_SUGGESTIONS = 3
# Two letters of a binomial of sixteen; less takes true neighbours for misspellings.
_LIKENESS = 0.88


@dataclass(frozen=True, slots=True)
class Synonym(InForce):
    """Another name of a taxon, and the name under which CITES lists it.

    Attributes
    ----------
    reference : str
        Standard reference or meeting that decides it.
    since, until : datetime.date or None
        While the name stood so in the standard nomenclature.
    """

    name: str = field(metadata=stored("given"))
    cites_name: str
    reference: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Homonym:
    """A genus of animals or plants that bears the same name as others.

    Attributes
    ----------
    meant : str
        Family of the one that the table speaks of.
    others : tuple of str
        Families of the others.
    """

    genus: str
    meant: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxon:
    """A name in the eyes of CITES.

    Attributes
    ----------
    given : str
        As it was read.
    name : str
        In the standard nomenclature.
    above : tuple of str
        Taxa that contain it, the lowest first.
    synonym : Synonym or None
        By which the one became the other.
    placed : bool
        Whether its genus, or it itself, is known here: where it is not, a listing of a family or an
        order could hold it unseen.
    homonym : Homonym or None
        Where its genus bears the name of another one, and nothing says which is meant.
    """

    given: str
    name: str
    above: tuple[str, ...]
    synonym: Synonym | None
    placed: bool
    homonym: Homonym | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """The taxon and all that contain it, the lowest first."""
        return (self.name, *self.above)


def taxon_of(text: str, day: date, table: Table, *, lineage: Iterable[str] = ()) -> Taxon:
    """Return what a name is in the standard nomenclature of CITES.

    Parameters
    ----------
    text : str
        A scientific name of any rank; ``Manis sp.`` is *Manis*.
    day : datetime.date
        Day of the nomenclature.
    table : Table
        Whose taxa are known.
    lineage : iterable of str
        Family, order and so on, where they are known to the caller.
    """
    given_name = _cleaned(scientific(text))
    synonym = _synonym(given_name, day)
    name = synonym.cites_name if synonym else given_name
    lineage = tuple(lineage)
    homonym = homonyms().get(name.split(" ")[0])
    if homonym and set(lineage) & set(homonym.others):
        all_above = dict.fromkeys(higher for one in lineage for higher in (one, *_higher(one)))
        return Taxon(given_name, name, tuple(all_above), synonym, True)
    # A species that is listed by its name, or a lineage, says which of them is meant.
    if lineage or (" " in name and table.of(name)):
        homonym = None
    higher = above(name, lineage)
    # A genus of which single species are listed is in no family that is listed as a whole, or
    # it would be among the genera of that family.
    genus = name.split(" ")[0]
    placed = bool(
        lineage
        or genus in genera()
        or name in families()
        or genus in table.listings
        or table.beginning(genus)
    )
    return Taxon(given_name, name, higher, synonym, placed, homonym)


def accepted_name(text: str, day: date) -> str:
    """Return a scientific name as the standard nomenclature of CITES has it on a day."""
    return standard_name(clean_name(text), day)


def standard_name(name: str, day: date) -> str:
    """Return a name without author and qualifier (`clean_name`) as the standard nomenclature has it on a day."""
    synonym = _synonym(name, day)
    return synonym.cites_name if synonym else name


def scientific(text: object) -> str:
    """Return a name in the case that scientific names have.

    Raises
    ------
    UsageError
        If nothing was given, it is not a text, or its genus is abbreviated.

    Examples
    --------
    >>> scientific("LOXODONTA  AFRICANA"), scientific("loxodonta africana"), scientific("Manis L.")
    ('Loxodonta africana', 'Loxodonta africana', 'Manis L.')
    """
    name = " ".join(given(text).replace("_", " ").split())
    if name.isupper() and len(name.split(" ")[0]) > 2:
        name = name.lower()
    name = name[:1].upper() + name[1:]
    if not name or re.match(r"\w{1,2}\.\s", name) or not any(letter.isalpha() for letter in name):
        raise UsageError(
            _(
                "{found!r} is not a scientific name of a taxon; give genus and species in full, such as "
                "Loxodonta africana, or a genus or family."
            ).format(found=text)
        )
    return name


def clean_name(text: str) -> str:
    """Return a name without author and qualifier, in the right case; ``Manis spp.`` is *Manis*."""
    return _cleaned(scientific(text))


def _cleaned(text: str) -> str:
    """Return a name without author, qualifier and punctuation, as far as it is one."""
    parsed = parse_name(text)
    if not parsed.species:
        return parsed.genus or parsed.text
    words = [word for word in parsed.text.split(" ") if not word.startswith("(")]
    rest = [word for word in words[2:] if word.rstrip(".") not in ("subsp", "ssp", "var", "f")]
    if rest and rest[0].isalpha() and rest[0].islower():
        return f"{parsed.species} {rest[0]}"
    return parsed.species


def _synonym(name: str, day: date) -> Synonym | None:
    """Return the row for a name; that of the species goes for its subspecies too.

    A genus that CITES does not have leads to the genus that it has, with the same epithets: *Hippotigris
    zebra* is *Equus zebra*.
    """
    words = name.split(" ")
    for count in range(len(words), 0, -1):
        for row in synonyms().get(" ".join(words[:count]), ()):
            if row.in_force(day):
                return row if count > 1 or len(words) == 1 else _of_genus(name, row, day)
    return None


def _of_genus(name: str, row: Synonym, day: date) -> Synonym:
    """Return the row of a genus as one of the whole name, which may have a synonym of its own."""
    cites_name = " ".join((row.cites_name, *name.split(" ")[1:]))
    known = _synonym(cites_name, day)
    return replace(row, name=name, cites_name=known.cites_name if known else cites_name)


@functools.cache
def synonyms() -> OnDemand[tuple[Synonym, ...]]:
    """Return the packaged synonyms by name."""
    return OnDemand(
        "nomenclature.tsv",
        make=lambda matches: tuple(
            Synonym(
                row["name"], row["cites_name"], row["reference"],
                day(row["since"]), day(row["until"]),
            )
            for row in matches
        ),
    )  # fmt: skip


@functools.cache
def genera() -> OnDemand[tuple[str, ...]]:
    """Return the families of genera that a listing of a family or an order may hold."""
    return OnDemand("genera.tsv", make=_above)


@functools.cache
def homonyms() -> OnDemand[Homonym]:
    """Return genera whose names others bear too."""
    return OnDemand(
        "homonyms.tsv",
        make=lambda matches: Homonym(
            matches[-1]["genus"], matches[-1]["meant"], tuple(matches[-1]["others"].split())
        ),
    )


@functools.cache
def families() -> OnDemand[tuple[str, ...]]:
    """Return what contains each family, as the Appendices arrange them."""
    return OnDemand("families.tsv", make=_above)


def _above(matches: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(matches[-1]["above"].split())


@functools.cache
def complete() -> Mapping[str, int]:
    """Return the number of species of taxa whose every species is listed by itself.

    Only where the standard reference has no other species of it: then what is listed of the genus
    "except for the species listed by themselves" is nothing.
    """
    return {row["taxon"]: int(row["species"]) for row in rows("complete.tsv")}


@functools.lru_cache(maxsize=4096)
def members(taxon: str, table: Table) -> tuple[str, ...]:
    """Return the listed taxa that a taxon contains."""
    # A species contains what its name begins.
    return table.beginning(taxon) if " " in taxon else _members(table).get(taxon, ())


@functools.lru_cache(maxsize=8)
def _members(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Return the listed taxa within each taxon."""
    members_of: dict[str, list[str]] = {}
    for name in table.listings:
        for taxon in above(name):
            members_of.setdefault(taxon, []).append(name)
    return {taxon: tuple(names) for taxon, names in members_of.items()}


def above(name: str, lineage: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the taxa that contain one, the lowest first."""
    words = name.split(" ")
    taxa = [" ".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
    for taxon in (name, *genera().get(words[0], ()), *lineage):
        taxa += (taxon, *_higher(taxon))
    return tuple(taxon for taxon in dict.fromkeys(taxa) if taxon != name)


def _higher(taxon: str) -> Iterable[str]:
    """Yield what contains a family or an order."""
    for higher in families().get(taxon, ()):
        yield higher
        yield from _higher(higher)


def suggestions(taxon: Taxon, table: Table) -> list[str]:
    """Return known names that differ from this one as misspelt names do, the likeliest first.

    A name of a genus or family that is known need not be listed by itself: then only names that
    differ by one letter or by the ending are reported.
    """
    from forensics.taxonomy.spelling import epithet_stem, one_letter  # not for names of a library

    name = taxon.given
    if table.of(name):
        return []
    by_word = _known(table)
    if name in by_word.get(name.split(" ")[0], ()):
        return []
    words = name.split(" ")
    if len(words) == 1:
        candidates = {other for other in by_word if " " not in other and other in by_word[other]}
    else:
        candidates = {*by_word.get(words[0], ()), *by_word.get(words[-1], ())}
    near = sorted(other for other in candidates if other.count(" ") == len(words) - 1)
    stem = epithet_stem(name)
    similar = [
        other
        for other in near
        if one_letter(name, other)
        or (words[1:] and other.split(" ")[0] == words[0] and epithet_stem(other) == stem)
    ]
    if not similar and not taxon.placed and words[1:]:
        genera_like = sorted(other for other in by_word if one_letter(words[0], other))
        similar = [
            f"{genus} {words[1]}" for genus in genera_like if genus in by_word.get(genus, ())
        ]
    if not similar and not taxon.placed:
        import difflib  # a millisecond, and most names are known

        everything = sorted({other for names in by_word.values() for other in names})
        pool = [other for other in everything if other.count(" ") == len(words) - 1]
        similar = difflib.get_close_matches(name, pool, _MAX_SUGGESTIONS, _LIKENESS)
    return similar[:_MAX_SUGGESTIONS]


@functools.lru_cache(maxsize=8)
def _known(table: Table) -> Mapping[str, frozenset[str]]:
    """Return the names that are known, by their first and their last word."""
    names_by_word: dict[str, set[str]] = {}
    for name in (*table.listings, *synonyms(), *genera(), *families()):
        for word in {name.split(" ")[0], name.split(" ")[-1]}:
            names_by_word.setdefault(word, set()).add(name)
    return {word: frozenset(names) for word, names in names_by_word.items()}


@dataclass(frozen=True, slots=True)
class Delay:
    """An amendment whose entry into force was put off.

    Attributes
    ----------
    since : datetime.date
        First day in force.
    earliest : datetime.date or None
        First day in force if there was no delay; None where the delay is sure.
    """

    taxon: str
    appendix: str
    meeting: str
    since: date
    earliest: date | None
    source: str
    doubt: str

    def is_open_on(self, day: date) -> bool:
        """Return whether it is not sure that the amendment was in force on a day."""
        return self.earliest is not None and self.earliest <= day < self.since

    @property
    def day_before(self) -> date:
        """The last day on which it was not in force in any case."""
        return (self.earliest or self.since) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placement:
    """A genus that a listed family may or may not hold.

    Attributes
    ----------
    genus, family, other : str
        Family that is listed, and that in which others place the genus.
    """

    genus: str
    family: str
    other: str
    source: str
    doubt: str

    def note(self) -> Notice:
        """Return what a reader must know of it."""
        return notices.PLACEMENT_NOT_SURE(
            family=self.family, genus=self.genus, doubt=self.doubt, source=self.source
        )


@functools.cache
def delays() -> tuple[Delay, ...]:
    """Return the amendments that were put off."""
    return tuple(
        Delay(
            row["taxon"], row["appendix"], row["meeting"], date.fromisoformat(row["since"]),
            day(row["earliest"]), row["source"], row["doubt"],
        )
        for row in rows("delays.tsv")
    )  # fmt: skip


@functools.cache
def placements() -> dict[str, Placement]:
    """Return the genera whose family is not sure, by name."""
    return {row["genus"]: Placement(**row) for row in rows("placements.tsv")}


def placement_of(taxon: Taxon) -> Placement | None:
    """Return what is not sure of the family of a taxon; None where nothing is."""
    known = placements().get(taxon.name.split(" ")[0])
    return known if known and known.family in taxon.above else None


def delay_of(taxon: Taxon, day: date, table: Table) -> Delay | None:
    """Return the delay because of which it is not sure what was in force on a day; None for none.

    Another table than the packaged one knows its own days.
    """
    if table is not packaged():
        return None
    concerned = None
    for delay in delays():
        if delay.is_open_on(day):
            if concerned is None:
                concerned = {*taxon.levels, *members(taxon.name, table)}
            if delay.taxon in concerned:
                return delay
    return None


def unsure(listing: Listing | None) -> Delay | None:
    """Return the delay because of which the first day of a listing is not sure; None for none."""
    if listing is None or listing.since is None:
        return None
    return next(
        (
            delay
            for delay in delays()
            if delay.earliest and (delay.taxon, delay.since) == (listing.taxon, listing.since)
        ),
        None,
    )


def note_on_dates(delay: Delay) -> Notice:
    """Return what a reader must know of a first day that is not sure."""
    return notices.DATE_NOT_SURE(
        taxon=delay.taxon,
        appendix=delay.appendix,
        since=delay.since.isoformat(),
        source=delay.source,
        earliest=delay.earliest.isoformat() if delay.earliest else "-",
        doubt=delay.doubt,
    )
