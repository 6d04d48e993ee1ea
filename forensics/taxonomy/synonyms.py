"""Synonym tables: which name of a species is the accepted one.

A table has the columns ``name``, ``accepted`` and ``source`` (others are passed over), in
TSV or CSV, UTF-8 or Windows-1252. The laboratory chooses the checklist; none is packaged.
"""

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forensics.errors import InputError
from forensics.io.cells import decoded
from forensics.messages import _
from forensics.taxonomy.names import parse_name

__all__ = ["Synonyms", "read_synonyms"]

_COLUMNS = {
    "name": "name",
    "synonym": "name",
    "accepted": "accepted",
    "accepted_name": "accepted",
    "valid_name": "accepted",
    "source": "source",
    "reference": "source",
}
# A third word that is an epithet: a subspecies may be a synonym of its own.
_EPITHET = re.compile(r"^[a-zà-ÿ]+(-[a-zà-ÿ]+)*$")
# Name changes follow one another; no name has changed so often.
_LONGEST_CHAIN = 100


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
        for key in _keys(name):
            if key in self.accepted:
                return key, self.accepted[key]
        return "", ""


def read_synonyms(path: Path) -> Synonyms:
    """Read a synonym table.

    Parameters
    ----------
    path : pathlib.Path
        TSV or CSV (comma or semicolon), plain or gzipped.

    Returns
    -------
    Synonyms

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, gives one name two accepted names, or
        leads from a name back to itself; with the line.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        text = decoded(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)
    except FileNotFoundError as error:
        raise InputError(_("there is no such file"), source=str(path)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            _("it cannot be read: {error}").format(error=error), source=str(path)
        ) from error
    targets, sources, ignored = _rows(text, str(path))
    return Synonyms(
        accepted=_resolved(targets, str(path)),
        sources=sources,
        ignored=tuple(ignored),
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
    )


_Targets = dict[str, dict[str, int]]


def _rows(text: str, path: str) -> tuple[_Targets, dict[str, str], list[tuple[int, str]]]:
    """Return accepted names with their lines by name, sources by name, and what is passed over."""
    first = next(iter(text.splitlines()), "")
    delimiter = max("\t;,", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, str] = {}
    for column in reader.fieldnames or ():
        key = _COLUMNS.get(column.strip().casefold().replace(" ", "_"))
        if key:
            columns.setdefault(key, column)
    if not {"name", "accepted"} <= columns.keys():
        raise InputError(
            _("a synonym table needs the columns 'name' and 'accepted'; found: {columns}").format(
                columns=", ".join(reader.fieldnames or ()) or "-"
            ),
            source=path,
            line=1,
        )
    targets: _Targets = {}
    sources: dict[str, str] = {}
    ignored = []
    for row in reader:
        cells = {key: (row[column] or "").strip() for key, column in columns.items()}
        if not any(cells.values()):
            continue
        for key in ("name", "accepted"):
            if not cells[key]:
                raise InputError(
                    _("the column '{column}' is empty").format(column=columns[key]),
                    source=path,
                    line=reader.line_num,
                )
        names = _keys(cells["name"])
        accepted = parse_name(cells["accepted"]).species
        if not names or not accepted:
            reason = _("{name!r} is not the name of a species").format(
                name=cells["accepted"] if names else cells["name"]
            )
            ignored.append((reader.line_num, reason))
            continue
        targets.setdefault(names[0], {}).setdefault(accepted, reader.line_num)
        sources.setdefault(names[0], cells.get("source", ""))
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
            agreed = [other for other in further if _leads(other, here, targets)]
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
        if further[0] in chain[:-1] or len(chain) > _LONGEST_CHAIN:
            raise InputError(
                _("the table leads in a circle: {chain}; say which name is accepted").format(
                    chain=" > ".join(chain)
                ),
                source=path,
                line=line,
            )


def _leads(name: str, here: Iterable[str], targets: _Targets) -> bool:
    """Return whether every other name of `here` is said to be a synonym of this one."""
    return all(other == name or name in targets.get(other, {}) for other in here)


def _keys(name: str) -> list[str]:
    """Return the names under which a deposited name is looked up, the narrowest first."""
    parsed = parse_name(name)
    if not parsed.species:
        return []
    words = [word for word in parsed.text.split(" ") if not word.startswith("(")]
    words = words[2:3] if len(words) > 2 and _EPITHET.match(words[2]) else []
    return [" ".join([parsed.species, *words]), parsed.species] if words else [parsed.species]
