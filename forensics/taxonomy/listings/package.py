"""The law package: a dated folder of the tables that a laboratory answers by, and what they cover.

A package has the official lists of CITES as they were downloaded, amendments that were entered by hand with their
source, and schedules of national law; each part is optional. ``law.json`` names the files with their SHA-256. Its own
SHA-256 is that of the package: a manager accepts it in the ledger, and results and reports state it.

Where a package covers nothing, the packaged tables answer, and that is said.
"""

import hashlib
import json
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from forensics.core.stored import to_plain
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import AnyPath, Budget, load_json, making_folder, read_limited, sha256
from forensics.io.tables import DAY, TEXT, Column, read_table
from forensics.messages import _
from forensics.taxonomy.listings.lookup import ACTIONS, BY_HAND
from forensics.taxonomy.listings.official import (
    MAX_BYTES,
    Official,
    OfficialTaxon,
    read_official,
    read_schedule,
    taxon_in,
)
from forensics.taxonomy.listings.results import ListingResult, Protection, Report
from forensics.taxonomy.listings.table import Populations

MANIFEST = "law.json"
_FORMAT = 1
_MAX_MANIFEST = 1 << 20
_NEEDED = ("taxon", "action", "source")
_COLUMNS = tuple(
    Column(
        name, DAY if name == "since" else TEXT, filled=name in _NEEDED, required=name in _NEEDED,
        several="first",
    )
    for name in (*_NEEDED, "before", "after", "populations", "what", "adopted", "since")
)  # fmt: skip
_BUDGET = Budget(max_bytes=64 * 2**20)


class LawFile(NamedTuple):
    """A file of a package.

    Attributes
    ----------
    role : str
        ``index`` or ``history`` of CITES, ``amendments`` or ``national``.
    rows : int
        Taxa of an official list, rows of the others.
    """

    name: str
    role: str
    sha256: str
    rows: int


@dataclass(frozen=True, eq=False)
class Law:
    """A law package, as it was read.

    Attributes
    ----------
    name : str
        Of its folder.
    as_of : datetime.date
        Day for which it was made.
    sha256 : str
        Of its manifest, which has those of its files.
    lists : tuple of Official
        Index and History of CITES listings.
    amendments : tuple of Report
        Entered by hand; they answer as what was reported does.
    declared : tuple of str
        Orders, families or genera that the lists are declared to hold whole.
    kingdoms, classes : tuple of str
        Of which the silence of a list counts: it has nine tenths of what the packaged table lists in them. A class of
        which only a taxon is declared has that behind it: ``Aves (Psittaciformes)``.
    """

    name: str
    as_of: date
    sha256: str
    files: tuple[LawFile, ...]
    lists: tuple[Official, ...]
    amendments: tuple[Report, ...]
    national: tuple[Protection, ...]
    declared: tuple[str, ...]
    kingdoms: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def taxa(self) -> Mapping[str, OfficialTaxon]:
        """The taxa of its official lists."""
        return ChainMap(*(dict(each.taxa) for each in self.lists))

    def to_dict(self) -> dict[str, Any]:
        """Return what a result or a report states of it."""
        return {
            "kind": "law",
            "file": self.name,
            "sha256": self.sha256,
            "as_of": self.as_of.isoformat(),
        }

    def record(self) -> dict[str, Any]:
        """Return everything that ``law info`` shows, as plain values."""
        names = ("files", "declared", "kingdoms", "classes")
        return self.to_dict() | {name: to_plain(getattr(self, name)) for name in names}

    def applied(self, result: ListingResult) -> ListingResult:
        """Return a result with what its official list says: the index of today, the history of earlier days."""
        result = replace(result, law=self.to_dict())
        suited = [each for each in self.lists if each.kind == "history" or result.day >= self.as_of]
        chosen = min(suited or self.lists, key=lambda each: each.kind == "history", default=None)
        return result if chosen is None else chosen.applied(result)

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of what it is and what it covers."""
        of_lists = ", ".join((*self.kingdoms, *self.declared))
        has_history = any(each.kind == "history" for each in self.lists)
        lines = [
            (_("Law"), _("{name}, as of {day}").format(name=self.name, day=self.as_of.isoformat())),
            (_("SHA-256"), self.sha256),
            *(
                (
                    _("File"),
                    _("{name} ({role}), rows: {rows}, SHA-256 {sha256}").format(**file._asdict()),
                )
                for file in self.files
            ),
            (_("Covers"), of_lists or _("no kingdom and no taxon as a whole")),
        ]
        if self.classes:
            lines.append((_("Classes"), ", ".join(self.classes)))
        if self.lists:
            days = (
                _("until {day}") if has_history else _("{day}; of earlier days the packaged table")
            )
            lines.append((_("Days"), days.format(day=self.as_of.isoformat())))
        if self.national:
            laws = dict.fromkeys(f"{row.country} {row.law}".strip() for row in self.national)
            lines.append((_("National law"), "; ".join(laws)))
        lines.append((_("Elsewhere"), _("The packaged table answers, and says so.")))
        return lines

    def scope(self) -> str:
        """Return what it covers in a line, for its acceptance."""
        return "; ".join(f"{label}: {text}" for label, text in self.lines()[2:])


def build_law(
    folder: AnyPath,
    *,
    as_of: date,
    official: Sequence[AnyPath] = (),
    amendments: Sequence[AnyPath] = (),
    national: Sequence[AnyPath] = (),
    covers: Iterable[str] = (),
) -> Law:
    """Make a law package in a new folder.

    Parameters
    ----------
    folder : path
        Must not exist yet, or be empty.
    as_of : datetime.date
        Day of the download; the files do not say it.
    official : sequence of path
        Index of CITES Species, History of CITES Listings, or both: CSV as downloaded.
    amendments : sequence of path
        CSV, TSV or .xlsx with the columns ``taxon, action, before, after, populations, what, adopted, since,
        source``; ``action`` is one of ``include, transfer, delete, annotation``.
    national : sequence of path
        Schedules of national law (`forensics.taxonomy.listings.read_schedule`).
    covers : iterable of str
        Orders, families or genera that the official lists hold whole, where they are a part.

    Raises
    ------
    UsageError
        If there is nothing to pack, two files have one name, or what is declared is not held.
    InputError
        If a file cannot be read, with the line.
    """
    given = [Path(path) for path in (*official, *amendments, *national)]
    if not given:
        raise UsageError(
            _("A law package needs a file: an official list, amendments or national law.")
        )
    names = [path.name for path in given]
    if twice := next((name for name in names if names.count(name) > 1 or name == MANIFEST), None):
        raise UsageError(
            _("Two files of a law package cannot be called {name}.").format(name=twice)
        )
    declared = tuple(dict.fromkeys(covers))
    if declared and not official:
        raise UsageError(_("{option} needs {other}.").format(option="--covers", other="--official"))
    lists = [read_official(path, as_of=as_of) for path in official]
    if len({each.kind for each in lists}) < len(lists):
        raise UsageError(_("A law package has one index and one history at most."))
    for each in lists:
        each.require(declared)
    lists = [replace(each, declared=frozenset(declared)) for each in lists]
    roles = [
        *((path, each.kind, len(each.taxa)) for path, each in zip(map(Path, official), lists)),
        *((Path(path), "amendments", len(read_amendments(path))) for path in amendments),
        *((Path(path), "national", len(read_schedule(path))) for path in national),
    ]
    with making_folder(folder) as partial:
        files = []
        for path, role, rows in roles:
            (partial / path.name).write_bytes(read_limited(path, MAX_BYTES))
            files.append(LawFile(path.name, role, sha256(partial / path.name), rows))
        manifest = {
            "format": _FORMAT,
            "as_of": as_of.isoformat(),
            "declared": list(declared),
            "kingdoms": sorted({name for each in lists for name in each.kingdoms()}),
            "classes": sorted({name for each in lists for name in each.classes()}),
            "files": [file._asdict() for file in files],
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (partial / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return open_law(folder)


def open_law(folder: AnyPath) -> Law:
    """Read a law package, every file of which must be as it was when it was made.

    Raises
    ------
    InputError
        If it is not a law package, or a file cannot be read.
    VerificationError
        If a file was changed or is missing.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    content = read_limited(path, _MAX_MANIFEST)
    try:
        manifest = load_json(content)
        if manifest["format"] != _FORMAT:
            raise ValueError(manifest["format"])
        as_of = date.fromisoformat(manifest["as_of"])
        files = tuple(LawFile(**entry) for entry in manifest["files"])
        declared, kingdoms, classes = (
            tuple(map(str, manifest[name])) for name in ("declared", "kingdoms", "classes")
        )
        if any(Path(file.name).name != file.name for file in files):
            raise ValueError(files)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            _("This is not a law package of this version."), source=str(path)
        ) from error
    lists: list[Official] = []
    amendments: list[Report] = []
    national: list[Protection] = []
    for file in files:
        of_file = folder / file.name
        if not of_file.is_file() or sha256(of_file) != file.sha256:
            raise VerificationError(
                _("{path}: the file is missing, or not the one of this law package.").format(
                    path=of_file
                )
            )
        if file.role == "amendments":
            amendments += read_amendments(of_file)
        elif file.role == "national":
            national += read_schedule(of_file)
        else:
            read = read_official(of_file, as_of=as_of)
            lists.append(replace(read, declared=frozenset(declared)))
    return Law(
        folder.resolve().name, as_of, hashlib.sha256(content).hexdigest(), files, tuple(lists),
        tuple(amendments), tuple(national), declared, kingdoms, classes,
    )  # fmt: skip


def read_amendments(path: AnyPath) -> list[Report]:
    """Read amendments that were entered by hand, each with its source; columns as of `build_law`.

    Raises
    ------
    InputError
        If a row has no taxon or source, another action than `ACTIONS`, or no Appendix where it needs one; with the
        line.
    """
    source = str(path)
    table = read_table(Path(path), budget=_BUDGET, narrow_rows=True, no_rows=True)
    reports = []
    for record in table.records(*_COLUMNS, pass_blank=True):
        cells = {column.name: record[column] for column in _COLUMNS}
        action, before, after = cells["action"], cells["before"], cells["after"]
        problem = ""
        if action not in ACTIONS:
            problem = _("{found!r} is not an action; expected {known}").format(
                found=action, known=", ".join(ACTIONS)
            )
        elif {before, after} - {"", "I", "II", "III"} or not (
            before if action == "delete" else after and (before or action != "transfer")
        ):
            problem = _("an Appendix (before, after) is missing, or is not I, II or III")
        try:
            populations = Populations.from_text(cells["populations"])
        except (KeyError, ValueError) as error:
            problem = str(error)
        if problem:
            raise InputError(problem, source=source, line=record.line)
        reports.append(
            Report(
                taxon_in(cells["taxon"], source, record.line), action, before or None,
                None if action == "delete" else after, populations, cells["what"],
                cells["adopted"] or None, cells["since"], BY_HAND, "", (cells["source"],),
            )
        )  # fmt: skip
    return reports
