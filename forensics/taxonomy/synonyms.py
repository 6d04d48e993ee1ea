"""Which name of a species is the accepted one: by a laboratory's own table, and by the law.

A table has the columns ``name``, ``accepted`` and ``source`` (others are passed over), in
TSV or CSV, UTF-8 or Windows-1252. The laboratory chooses the checklist; none is packaged.

The names of the CITES Appendices go before those of a backbone (`prefer_cites_names`): of a species that the
Appendices name otherwise theirs is the accepted name, and no two names that they accept are of one species. Whether
the two mean one species follows from their epithets, or the standard nomenclature says so itself; else the name of
the Appendices is that of a species of its own.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, Table, read_table
from forensics.messages import _
from forensics.taxonomy.listings import table as listings
from forensics.taxonomy.names import genus_of, parse_name
from forensics.taxonomy.spelling import epithet_stem, one_letter

_NAME = Column("name", TEXT, ("synonym",), filled=True, several="first")
_ACCEPTED = Column("accepted", TEXT, ("accepted_name", "valid_name"), filled=True, several="first")
_SOURCE = Column("source", TEXT, ("reference",), required=False, several="first")
# A third word that is an epithet: a subspecies may be a synonym of its own.
_EPITHET = re.compile(r"^[a-zà-ÿ]+(-[a-zà-ÿ]+)*$")
# Name changes follow one another; no name has changed so often.
_MAX_CHAIN = 100


@dataclass(frozen=True)
class Synonyms:
    """A synonym table with its chains resolved.

    Attributes
    ----------
    accepted : mapping of str to str
        Accepted binomial by name; names that are accepted themselves are left out.
    sources : mapping of str to str
        What the table gives as the source of each row.
    ignored : tuple of (int, str)
        Line and reason of rows that say nothing of a species.
    file, sha256 : str
        Name and SHA-256 of the file.
    """

    accepted: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[tuple[int, str], ...] = ()
    file: str = ""
    sha256: str = ""

    def find(self, name: str) -> tuple[str, str]:
        """Return the row that fits a deposited name and the accepted name; else two blanks.

        A row for the subspecies goes before one for the species.

        Examples
        --------
        >>> table = Synonyms({"Neovison vison": "Neogale vison"})
        >>> table.find("Neovison vison energumenos")
        ('Neovison vison', 'Neogale vison')
        """
        for key in keys_of(name):
            if key in self.accepted:
                return key, self.accepted[key]
        return "", ""


def read_synonyms(path: Path) -> Synonyms:
    """Read a synonym table.

    Parameters
    ----------
    path : pathlib.Path
        CSV, TSV or .xlsx, plain or gzipped; see `forensics.io.tables.read_table`.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, gives one name two accepted names, or
        leads from a name back to itself; with the line.
    """
    path = Path(path)
    table = read_table(path, narrow_rows=True, no_rows=True)
    targets, sources, ignored = _rows(table, str(path))
    return Synonyms(
        accepted=_resolved(targets, str(path)),
        sources=sources,
        ignored=tuple(ignored),
        file=path.name,
        sha256=table.sha256,
    )


_Targets = dict[str, dict[str, int]]


def _rows(table: Table, path: str) -> tuple[_Targets, dict[str, str], list[tuple[int, str]]]:
    """Return accepted names with their lines by name, sources by name, and what is passed over."""
    if not (table.has(_NAME) and table.has(_ACCEPTED)):
        raise InputError(
            _("a synonym table needs the columns 'name' and 'accepted'; found: {columns}").format(
                columns=", ".join(table.header) or "-"
            ),
            source=path,
            line=table.line,
        )
    targets: _Targets = {}
    sources: dict[str, str] = {}
    ignored = []
    for record in table.records(_NAME, _ACCEPTED, _SOURCE, pass_blank=True):
        names = keys_of(record[_NAME])
        accepted = parse_name(record[_ACCEPTED]).species
        if not names or not accepted:
            reason = _("{name!r} is not the name of a species").format(
                name=record[_ACCEPTED] if names else record[_NAME]
            )
            ignored.append((record.line, reason))
            continue
        targets.setdefault(names[0], {}).setdefault(accepted, record.line)
        sources.setdefault(names[0], record[_SOURCE])
    return targets, sources, ignored


def _resolved(targets: _Targets, path: str) -> dict[str, str]:
    accepted = {}
    for name in targets:
        final = _final(name, targets, path)
        if final != name:
            accepted[name] = final
    return accepted


def _final(name: str, targets: _Targets, path: str) -> str:
    """Follow a name to the one that is accepted."""
    chain, line = [name], 0
    while True:
        here = targets.get(chain[-1], {})
        further = [other for other in here if other != chain[-1]]
        if not further:
            return chain[-1]
        if len(here) > 1:
            # Two rows may still agree where one of the names is a synonym of the other.
            agreed = [
                other
                for other in further
                if all(name == other or other in targets.get(name, {}) for name in here)
            ]
            if len(agreed) != 1 or chain[-1] in here:
                raise InputError(
                    _("{name} has two accepted names: {names}; keep one row").format(
                        name=chain[-1],
                        names=", ".join(
                            _("{name} (line {line})").format(name=other, line=here[other])
                            for other in here
                        ),
                    ),
                    source=path,
                    line=max(here.values()),
                )
            further = agreed
        line = here[further[0]]
        chain.append(further[0])
        if further[0] in chain[:-1] or len(chain) > _MAX_CHAIN:
            raise InputError(
                _("the table leads in a circle: {chain}; say which name is accepted").format(
                    chain=" > ".join(chain)
                ),
                source=path,
                line=line,
            )


def keys_of(name: str) -> list[str]:
    """Return the names under which a deposited name is looked up, that of a subspecies first; none of an open name."""
    parsed = parse_name(name)
    if not parsed.species:
        return []
    words = [word for word in parsed.text.split(" ") if not word.startswith("(")]
    words = words[2:3] if len(words) > 2 and _EPITHET.match(words[2]) else []
    return [" ".join([parsed.species, *words]), parsed.species] if words else [parsed.species]


# Slips of NCBI's taxonomy in names that are not listed, and the names as they were published.
_SLIPS = {"Epinephelus quoyans": "Epinephelus quoyanus"}


@functools.cache
def cites_accepted_names() -> Mapping[str, frozenset[str]]:
    """Return the species that the CITES Appendices accept, each with other names that lead to it.

    They are those that are listed by name, and those for which the standard nomenclature has other names.
    """
    others: dict[str, set[str]] = defaultdict(set)
    for name in (*listings.packaged().listings, *listings.synonyms()):
        accepted = listings.standard_name(name, listings.NOMENCLATURE_AS_OF)
        others[accepted].add(name)
    return {name: frozenset(led - {name}) for name, led in others.items() if name.count(" ") == 1}


def same_epithet(name: str, other: str) -> bool:
    """Return whether the epithets of two names are the same but for their gender or one letter."""
    first, second = (one.rpartition(" ")[2] for one in (name, other))
    return epithet_stem(f" {first}") == epithet_stem(f" {second}") or bool(
        one_letter(first, second)
    )


def prefer_cites_names(
    accepted: Collection[str], synonyms: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the accepted names and the synonyms of a taxonomy in which those of the CITES Appendices go first.

    Parameters
    ----------
    accepted : collection of str
        Binomials that the taxonomy accepts.
    synonyms : mapping of str to str
        The accepted name of each other one.

    Returns
    -------
    accepted : dict of str to str
        With each name the one that the taxonomy accepts for the species, or for the one that it was part of; the
        name itself where the taxonomy has no other.
    synonyms : dict of str to str

    Examples
    --------
    >>> accepted, synonyms = prefer_cites_names(
    ...     {"Felis silvestris", "Physeter catodon"}, {"Felis bieti": "Felis silvestris"}
    ... )
    >>> accepted["Felis bieti"], accepted["Physeter macrocephalus"], synonyms["Physeter catodon"]
    ('Felis silvestris', 'Physeter catodon', 'Physeter macrocephalus')
    """
    by_law = _cites_names(accepted, synonyms)
    now = {name: name for name in accepted}
    leading: dict[str, str] = {}
    parted: dict[str, list[str]] = defaultdict(list)
    for name, others in by_law.items():
        theirs = synonyms.get(name, name)
        led = others & now.keys()
        candidates = (led | {theirs} - {name}) - by_law.keys()
        same = {other for other in candidates if same_epithet(other, name)}
        if not same and name not in accepted and candidates == led and len(led) == 1:
            same = led  # the standard nomenclature itself says so, and nothing else may be meant
        same -= leading.keys()
        leading |= dict.fromkeys(same, name)
        if name not in accepted:
            parted[theirs].append(name)
            now[name] = min(same, default=theirs)
    for other in leading:
        del now[other]
    for name in synonyms.keys() - now.keys():
        into = synonyms[name]
        apart = [other for other in parted[into] if same_epithet(name, other)]
        kept = not apart or same_epithet(name, into)
        leading[name] = leading.get(into, into) if kept else apart[0]
    for name, others in by_law.items():
        for other in others:
            genus, *epithets = other.split(" ")
            is_one = len(epithets) == 2 or same_epithet(other, name)
            if is_one and f"{genus} {epithets[-1]}" not in now:
                leading[other] = name
    return now, dict(sorted(leading.items()))


def _cites_names(accepted: Collection[str], synonyms: Mapping[str, str]) -> dict[str, set[str]]:
    """Return `cites_accepted_names`, and what the Appendices have in another genus where the taxonomy knows that name.

    A name that it does not know could have the epithet in a wrong gender.
    """
    by_law = {name: set(others) for name, others in cites_accepted_names().items()}
    by_law |= {name: {slip} for slip, name in _SLIPS.items()}
    for species in accepted:
        if genus_of(species) in listings.synonyms():
            name = listings.standard_name(species, listings.NOMENCLATURE_AS_OF)
            if name in by_law or synonyms.get(name) == species:
                by_law.setdefault(name, set()).add(species)
    return {name: others - {name} for name, others in sorted(by_law.items())}
