"""The packaged tables of listings: taxa at the rank at which they are listed, dates, places, names.

``animals.tsv`` and ``plants.tsv`` hold a row a listing. The Appendix is ``I``, ``II``, ``III`` or ``-``: the
taxon is left out by name of a listing of a taxon above it. An empty ``since`` means: in force on
`COMPLETE_SINCE`, and since when is not recorded here.

A listing may speak of the population of a place. A place is an ISO 3166-1 code (``BW``), a part of one (ISO 3166-2 as
``AR-Y``, or a name of our own in lower case where a listing speaks of an area that has no code: ``GL-west``), or a
name of a country.

CITES lists under names of its own adopted references (Resolution Conf. 12.11). They are kept apart from those of NCBI
and of a library: *Loxodonta cyclotis* is a species to others, and covered as *L. africana* by CITES.

``delays.tsv`` has every amendment of CoP18 and CoP19 whose entry into force was put off, each with its source.
Where a delay could not be read in any text, ``earliest`` has the day without it: between the two days both
answers stand. ``placements.tsv`` has genera of which it is not sure that a listed family holds them.
"""

import functools
import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, TypeVar

from forensics.core.notice import Notice
from forensics.core.options import Options, option, option_class
from forensics.errors import UsageError
from forensics.messages import N_, _, language
from forensics.notices import listings as notices
from forensics.taxonomy.names import genus_of, parse_name

_FOLDER = Path(__file__).parent
# A listing that names a region: "African populations".
_REGION = "@"
# The names of regions.toml.
REGION_NAMES = (
    N_("Africa"), N_("Asia"), N_("Central and North America"), N_("Americas"), N_("Neotropics"),
)  # fmt: skip
# Of the columns of countries.tsv.
_LANGUAGES = ("en", "fr", "pt", "es")


@functools.cache
def _country_rows() -> tuple[list[str], ...]:
    text = (_FOLDER / "countries.tsv").read_text(encoding="utf-8")
    return tuple(line.split("\t") for line in text.splitlines()[1:])


@functools.cache
def country_names() -> dict[str, tuple[str, ...]]:
    """Return the names of countries by ISO 3166-1 alpha-2 code, in the order of `_LANGUAGES`."""
    return {code: tuple(names) for code, *names, _alpha3 in _country_rows()}


@functools.cache
def countries() -> dict[str, str]:
    """Return the English names of countries by ISO 3166-1 alpha-2 code."""
    return {code: names[0] for code, names in country_names().items()}


def place_in_words(place: str) -> str:
    """Return the name of a country or region in the reader's language, for its code; any other text as it is.

    Examples
    --------
    >>> place_in_words("BW"), place_in_words("@Africa"), place_in_words("AR-Y")
    ('Botswana', 'Africa', 'AR-Y')
    """
    if place.startswith(_REGION):
        return _(place.removeprefix(_REGION).replace("_", " "))
    names = country_names().get(place)
    if names is None:
        return place
    reader = language()
    return names[_LANGUAGES.index(reader) if reader in _LANGUAGES else 0]


@functools.cache
def _by_name() -> dict[str, str]:
    """Return the alpha-2 codes of countries by alpha-3 code and by name in every language, without accents."""
    rows = reversed(_country_rows())
    return {_folded(name): code for code, *names in rows for name in names if name}


def _folded(name: str) -> str:
    """Return a name as it is compared: without accents, case and kinds of apostrophes."""
    import unicodedata  # a species is listed whole, as a rule, and no country looked up

    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("-", " ").casefold())
    return " ".join(
        "".join(character for character in plain if not unicodedata.combining(character)).split()
    )


@functools.cache
def regions() -> dict[str, frozenset[str]]:
    """Return the codes of the countries of each region that a listing names."""
    import tomllib  # three milliseconds, and few listings name a region

    text = (_FOLDER / "regions.toml").read_text(encoding="utf-8")
    return {name: frozenset(codes.split()) for name, codes in tomllib.loads(text).items()}


def given(value: object) -> str:
    """Return a text that was given; nothing for what a table has where nothing is known.

    Raises
    ------
    UsageError
        If it is something else.
    """
    # NaN is not a text and unlike itself; pandas' own NA and NaT cannot be asked.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, float) and value != value:
        return ""
    if not isinstance(value, str):
        raise UsageError(_("Expected is a text; found {found!r}.").format(found=value))
    return value.strip()


def place_of(text: str | None) -> str | None:
    """Return the code of a place by ISO 3166-1 alpha-2 or 3166-2; None stands for "not known".

    Raises
    ------
    UsageError
        If it is not a country that is known.

    Examples
    --------
    >>> place_of("bw"), place_of("BWA"), place_of("Botswana"), place_of("AR-Y"), place_of(None)
    ('BW', 'BW', 'BW', 'AR-Y', None)
    """
    clean = " ".join(given(text).split())
    if not clean:
        return None
    head, dash, part = clean.partition("-")
    if head.upper() in countries() and (not dash or part):
        return f"{head.upper()}{dash}{part if part.islower() else part.upper()}"
    if code := _by_name().get(_folded(clean)):
        return code
    raise UsageError(
        _(
            "The country {found!r} is not known; give its ISO 3166-1 code, such as BW, or its part "
            "by ISO 3166-2, such as AR-Y."
        ).format(found=text)
    )


class Specimen(TypedDict, total=False):
    """The fields of `SpecimenOptions` that are known."""

    kind: str
    population: str


@option_class
class SpecimenOptions(Options):
    """Kind of specimen and population, as `forensics.listing_of` reads them.

    Attributes
    ----------
    kind, population : str or None
        None where it is not known; then every answer that it may decide is given.
    """

    kind: str | None = option(
        default=None,
        key=None,
        help=N_("Kind of specimen: trade term code of CITES (TUS) or a word (raw ivory)."),
    )
    population: str | None = option(
        default=None,
        key=None,
        metavar="PLACE",
        help=N_("Country where the specimen lived: ISO 3166 code (BW, AR-Y) or English name."),
    )

    def check(self) -> None:
        """Refuse a kind or a country that is not known, before any work."""
        if self.kind or self.population:
            from forensics.taxonomy.listings.kinds import kinds_of

            kinds_of(self.kind)
            place_of(self.population)

    def specimen(self) -> Specimen:
        """Return what is known, by name."""
        return known_specimen(vars(self))


def known_specimen(row: Mapping[str, Any]) -> Specimen:
    """Return what a row or a record has of a specimen, by name."""
    known = Specimen()
    if kind := row.get("kind"):
        known["kind"] = kind
    if population := row.get("population"):
        known["population"] = population
    return known


class Populations(NamedTuple):
    """The populations that a listing speaks of.

    Attributes
    ----------
    codes : frozenset of str
        Codes of places; empty for the whole world.
    excepting : bool
        Whether they are those that the listing leaves out.
    text : str
        As the table has it.
    """

    codes: frozenset[str] = frozenset()
    excepting: bool = False
    text: str = ""

    @classmethod
    @functools.cache  # most cells are one of a few
    def from_text(cls, text: str) -> "Populations":
        """Read a cell of the table: ``BW NA``, ``not BW NA``, ``@Africa``, or nothing.

        Raises
        ------
        ValueError
            If a code is not known.
        """
        words = text.split()
        excepting = bool(words) and words[0] == "not"
        codes: set[str] = set()
        for word in words[excepting:]:
            if word.startswith(_REGION):
                codes |= regions()[word.removeprefix(_REGION)]
            elif word.partition("-")[0] in countries():
                codes.add(word)
            else:
                raise ValueError(f"{word!r} is not a code of a place")
        return cls(frozenset(codes), excepting, text)

    def covers(self, place: str | None) -> bool | None:
        """Return whether the population of a place is meant; None where that is not known.

        Examples
        --------
        >>> limited = Populations.from_text("AR-Y CL PE")
        >>> limited.covers("PE"), limited.covers("BR"), limited.covers("AR"), limited.covers(None)
        (True, False, None, None)
        """
        if not self.codes:
            return True
        if place is None:
            return None
        if any(place == code or place.startswith(f"{code}-") for code in self.codes):
            return not self.excepting
        if any(code.startswith(f"{place}-") for code in self.codes):
            return None
        return self.excepting

    def in_words(self) -> str:
        """Return them for a reader."""
        if not self.codes:
            return _("all populations")
        words = [word for word in self.text.split() if word != "not"]
        names = ", ".join(map(place_in_words, words))
        if self.excepting:
            return _("all populations but those of {places}").format(places=names)
        return _("the populations of {places}").format(places=names)


EVERYWHERE = Populations()
"""All populations."""


def whole(parts: Iterable[Populations]) -> bool:
    """Return whether these populations together are the whole world.

    Examples
    --------
    >>> whole([Populations.from_text("BW"), Populations.from_text("not BW")]), whole([Populations.from_text("BW")])
    (True, False)
    """
    parts = list(parts)
    named = frozenset().union(*(part.codes for part in parts if not part.excepting))
    return any(not part.codes or (part.excepting and part.codes <= named) for part in parts)


AS_OF = date(2023, 11, 25)
"""Day whose Appendices the packaged table states: CoP19, with its delayed entries."""
COMPLETE_SINCE = date(2017, 1, 2)
"""From this day (CoP17 in force) on every change of Appendices I and II is meant to be in the table."""
APPENDIX_III_UNTIL = date(2017, 1, 3)
"""Until this day Appendix III was compared with a full list; later additions may be missing."""
IN_FORCE = date(1975, 7, 1)
"""Day on which the Convention entered into force: nothing was listed before."""
EXCEPTED = "-"
"""Appendix of a row that leaves a taxon out."""
# File to kingdom.
_FILES = {"animals.tsv": "animals", "plants.tsv": "plants"}


def is_in_force(entry: Any, day: date) -> bool:
    """Return whether a listing, reservation, synonym or provision is in force on a day.

    It is from `since` until the day before `until`; where no bound is recorded, there is none.
    """
    return (entry.since is None or entry.since <= day) and (
        entry.until is None or day < entry.until
    )


class Listing(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    taxon, rank : str
        As listed.
    appendix : str
        ``I``, ``II``, ``III`` or `EXCEPTED`.
    party : str
        Of Appendix III: the country that asked for it, ISO 3166-1.
    annotations : tuple of str
        Keys of `annotations.annotations`.
    first : bool
        Whether the taxon was in no Appendix before, at this rank or above.
    source : str
        Meeting of the Conference of the Parties, or what else it rests on.
    kingdom : str
        ``animals`` or ``plants``.
    """

    taxon: str
    rank: str
    appendix: str
    party: str
    populations: Populations
    annotations: tuple[str, ...]
    since: date | None
    until: date | None
    first: bool
    source: str
    kingdom: str


@dataclass(frozen=True, eq=False)
class Table:
    """Listings by taxon, and the day whose law they state."""

    listings: Mapping[str, tuple[Listing, ...]]
    as_of: date
    complete_since: date
    compared: frozenset[str] = frozenset({"animals"})
    """Kingdoms that were compared with a full list: of others it says what is listed, and nothing by its silence."""

    def of(self, taxon: str) -> tuple[Listing, ...]:
        """Return all listings of a taxon, of any time."""
        return self.listings.get(taxon, ())

    def beginning(self, taxon: str) -> tuple[str, ...]:
        """Return the listed taxa whose names begin with this one: of a genus its species."""
        if isinstance(self.listings, OnDemand):
            return self.listings.beginning(taxon)
        return tuple(name for name in self.listings if name.startswith(f"{taxon} "))


class Meeting(NamedTuple):
    """A meeting of the Conference of the Parties: when it closed, when its amendments were in force."""

    name: str
    place: str
    closed: date
    in_force: date


class Reservation(NamedTuple):
    """A Party that is treated as no Party to the Convention for trade in a taxon."""

    taxon: str
    party: str
    appendix: str
    since: date | None
    until: date | None
    note: str
    source: str


Row = TypeVar("Row")


class OnDemand(Mapping[str, Row]):
    """Rows of packaged tables by their first column; a row is read when it is asked for.

    An identification waits for the tables, and asks for the few rows of its species.

    Parameters
    ----------
    files : str
        Names of packaged tables of the same columns.
    make : callable
        Gives the value of a key from its rows, a list of dict of str to str, each with its
        ``file``.
    """

    def __init__(self, *files: str, make: Callable[[list[dict[str, str]]], Row]) -> None:
        self._make = make
        self._made: dict[str, Row | None] = {}
        self._begun: dict[str, tuple[str, ...]] = {}
        self._texts = {file: (_FOLDER / file).read_text(encoding="utf-8") for file in files}
        self._lines = {file: text.splitlines() for file, text in self._texts.items()}

    def __getitem__(self, key: str) -> Row:
        row: Row | None = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def get(self, key: str, default: Any = None) -> Any:
        """Return the row of a key, else the default; most names have none, and an exception is slow."""
        if key not in self._made:
            matches = list(self._rows(key))
            self._made[key] = self._make(matches) if matches else None
        row = self._made[key]
        return default if row is None else row

    def _rows(self, key: str) -> Iterator[dict[str, str]]:
        for file, line in self._lines_from(f"{key}\t"):
            columns = self._lines[file][0].split("\t")
            yield {**dict(zip(columns, line.split("\t"), strict=True)), "file": file}

    def _lines_from(self, start: str) -> Iterator[tuple[str, str]]:
        """Yield the lines that begin with a text, each with its file; they are in the order of their keys."""
        for file, lines in self._lines.items():
            for at in range(bisect_left(lines, start, 1), len(lines)):
                if not lines[at].startswith(start):
                    break
                yield file, lines[at]

    def beginning(self, words: str) -> tuple[str, ...]:
        """Return the keys that begin with these words and have more."""
        if words not in self._begun:
            found = (line.partition("\t")[0] for _file, line in self._lines_from(f"{words} "))
            self._begun[words] = tuple(dict.fromkeys(found))
        return self._begun[words]

    def mention(self, word: str) -> bool:
        """Return whether a word may stand anywhere in the tables; False is sure."""
        return any(word in text for text in self._texts.values())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        lines = (line for lines in self._lines.values() for line in lines[1:])
        return iter(dict.fromkeys(line.partition("\t")[0] for line in lines))

    def __len__(self) -> int:
        return sum(1 for _key in self)


@functools.cache
def packaged() -> Table:
    """Return the packaged table."""
    return Table(OnDemand(*_FILES, make=_listings), AS_OF, COMPLETE_SINCE)


def _listings(matches: list[dict[str, str]]) -> tuple[Listing, ...]:
    return tuple(
        Listing(
            taxon=row["taxon"],
            rank=row["rank"],
            appendix=row["appendix"],
            party=row["party"],
            populations=Populations.from_text(row["populations"]),
            annotations=tuple(row["annotation"].split()),
            since=day(row["since"]),
            until=day(row["until"]),
            first=bool(row["first"]) or row["since"] == IN_FORCE.isoformat(),
            source=row["source"],
            kingdom=_FILES[row["file"]],
        )
        for row in matches
    )


@functools.cache
def meetings() -> tuple[Meeting, ...]:
    """Return the meetings of the Conference of the Parties, in their order."""
    return tuple(
        Meeting(
            row["name"], row["place"], date.fromisoformat(row["closed"]),
            date.fromisoformat(row["in_force"]),
        )
        for row in rows("meetings.tsv")
    )  # fmt: skip


@functools.cache
def reservations() -> tuple[Reservation, ...]:
    """Return the reservations that the packaged table knows."""
    return tuple(
        Reservation(
            row["taxon"], row["party"], row["appendix"], day(row["since"]), day(row["until"]),
            row["note"], row["source"],
        )
        for row in rows("reservations.tsv")
    )  # fmt: skip


@functools.cache
def reported() -> tuple[dict[str, str], ...]:
    """Return the rows of amendments that were reported after `AS_OF` (`reports.reports`): no law."""
    return tuple(rows("reported.tsv"))


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a packaged table, by the names of its columns.

    These are files of our own, without quotes: a plain split is some milliseconds faster than a
    parser of CSV, and an identification waits for it.
    """
    head, *lines = (_FOLDER / file).read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def day(text: str) -> date | None:
    """Return the day of a cell; None of an empty one."""
    return date.fromisoformat(text) if text else None


@functools.cache
def table_sha256() -> str:
    """Return the SHA-256 of the packaged files, one after the other by name."""
    paths = sorted(_FOLDER.iterdir())
    content = b"".join(p.read_bytes() for p in paths if p.suffix in (".tsv", ".toml"))
    return hashlib.sha256(content).hexdigest()


NOMENCLATURE_AS_OF = date(2022, 11, 25)
"""Resolution Conf. 12.11 as revised at CoP19."""
# Of a name that is not known, so many that are like it are reported.
_MAX_SUGGESTIONS = 3
# Two letters of a binomial of sixteen; less takes true neighbours for misspellings.
_LIKENESS = 0.88


class Synonym(NamedTuple):
    """Another name of a taxon, and the name under which CITES lists it.

    Attributes
    ----------
    reference : str
        Standard reference or meeting that decides it.
    since, until : datetime.date or None
        While the name stood so in the standard nomenclature.
    """

    given: str
    cites_name: str
    reference: str
    since: date | None
    until: date | None


class Homonym(NamedTuple):
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


class Taxon(NamedTuple):
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
    homonym = homonyms().get(genus_of(name))
    if homonym and set(lineage) & set(homonym.others):
        all_above = dict.fromkeys(higher for one in lineage for higher in (one, *_higher(one)))
        return Taxon(given_name, name, tuple(all_above), synonym, True)
    # A species that is listed by its name, or a lineage, says which of them is meant.
    if lineage or (" " in name and table.of(name)):
        homonym = None
    higher = above(name, lineage)
    # A genus of which single species are listed is in no family that is listed as a whole, or
    # it would be among the genera of that family.
    genus = genus_of(name)
    placed = bool(
        lineage
        or genus in genera()
        or name in families()
        or genus in table.listings
        or table.beginning(genus)
    )
    return Taxon(given_name, name, higher, synonym, placed, homonym)


def kingdom_of(taxon: Taxon, table: Table) -> str:
    """Return ``animals`` or ``plants``; empty where nothing says which.

    The Appendices say it of what they list, and the ending of the name of a family of others (International Code of
    Zoological Nomenclature, Article 29.2; of algae, fungi and plants, Article 18.1).
    """
    for level in taxon.levels:
        if rows := table.of(level):
            return rows[0].kingdom
        for ending, kingdom in (("idae", "animals"), ("aceae", "plants")):
            if level.endswith(ending) and " " not in level:
                return kingdom
    for member in members(genus_of(taxon.name), table):
        return table.of(member)[0].kingdom
    return ""


@functools.lru_cache(maxsize=4096)
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
    is_short = "." in name[:3] and re.match(r"\w{1,2}\.\s", name)
    if not name or is_short or not any(map(str.isalpha, name)):
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
    if words[0] not in synonyms() and not synonyms().beginning(words[0]):  # most names
        return None
    for count in range(len(words), 0, -1):
        for row in synonyms().get(" ".join(words[:count]), ()):
            if is_in_force(row, day):
                return row if count > 1 or len(words) == 1 else _of_genus(name, row, day)
    return None


def _of_genus(name: str, row: Synonym, day: date) -> Synonym:
    """Return the row of a genus as one of the whole name, which may have a synonym of its own."""
    cites_name = " ".join((row.cites_name, *name.split(" ")[1:]))
    known = _synonym(cites_name, day)
    return row._replace(given=name, cites_name=known.cites_name if known else cites_name)


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
    # A species or a genus contains what its name begins.
    found = table.beginning(taxon)
    return found if found or not may_be_above_genera(taxon) else _members(table).get(taxon, ())


def is_within(name: str, taxon: str) -> bool:
    """Return whether a taxon contains another, by the name or by the tables."""
    return name.startswith(f"{taxon} ") or may_be_above_genera(taxon) and taxon in above(name)


@functools.lru_cache(maxsize=4096)
def may_be_above_genera(taxon: str) -> bool:
    """Return whether a taxon may be a family or what contains one; False is sure, and takes microseconds."""
    return " " not in taxon and any(
        tables.mention(before + taxon) for tables in (genera(), families()) for before in "\t "
    )


@functools.lru_cache(maxsize=8)
def _members(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Return the listed taxa within each taxon."""
    from forensics.core.grouping import gathered  # here, as a call does not need it

    members_of = gathered((taxon, name) for name in table.listings for taxon in above(name))
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
    if name in by_word or name in by_word.get(name.split(" ")[0], ()):  # genus, or a whole name
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


class Delay(NamedTuple):
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


class Placement(NamedTuple):
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
    known = placements().get(genus_of(taxon.name))
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
