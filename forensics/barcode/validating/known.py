"""Scores a laboratory's own blind vouchered specimens: what they are, and what was called."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.resources import sha256
from forensics.stats.intervals import clustered_rate
from forensics.taxonomy.names import parse_name

OUTCOMES = ("right", "right_genus", "wrong", "unassigned")
_COLUMNS = (
    Column("specimen", TEXT, ("query", "sample", "id")),
    Column("truth", TEXT, ("true species", "true")),
    Column("called", TEXT, ("called taxon", "taxon")),
    Column("group", TEXT),
    Column("rank", TEXT),
)
_UNASSIGNED = {
    "", "-", "na", "n/a", "none", "unassigned", "inconclusive", "unusable",
    "not in the library", "not in library", "nothing_near", "nothing near",
}  # fmt: skip
# A mixture has several true species: "Fictus albus + Fictus niger".
_AND = re.compile(r"\s*[+|/]\s*")
_FAMILY = re.compile(r"(?:idae|aceae)$")


@dataclass(frozen=True)
class Specimen:
    """A specimen whose species is known, and what was called; `call` None while it is missing."""

    name: str
    truth: tuple[str, ...]
    called: str | None
    rank: str
    group: str
    place: str

    def outcome(self) -> str:
        """Return one of `OUTCOMES`."""
        called = self.called or ""
        if called.casefold() in _UNASSIGNED:
            return "unassigned"
        if self.rank == "family" or _FAMILY.search(called):
            return "unassigned"  # no name that these counts are about
        parsed = parse_name(called)
        if parsed.species and self.rank != "genus":
            return "right" if parsed.species in self.truth else "wrong"
        genera = {name.split()[0] for name in self.truth}
        return "right_genus" if parsed.genus in genera else "wrong"


def read_known(paths: Sequence[str | os.PathLike]) -> list[Specimen]:
    """Read tables of specimens; truth and calls may stand in one table or in two.

    Columns ``specimen``, ``true species``, ``called taxon``, and where wanted ``group``
    (repeat, dilution, tissue, mixture). The CSV of ``forensics identify`` serves as the
    table of calls; its ``query`` is the specimen.

    Raises
    ------
    InputError
        With file, line and column of what is wrong.
    """
    truths: dict[str, tuple[tuple[str, ...], str, str]] = {}
    calls: dict[str, tuple[str, str]] = {}
    for path in paths:
        for line, row in _rows(Path(path)):
            name = row.get("specimen", "")
            if not name:
                raise _fault(path, line, _("column 'specimen' is empty; give every row a name."))
            if "truth" in row:
                if name in truths:
                    raise _fault(
                        path,
                        line,
                        _(
                            "column 'specimen': {name} stands there twice; give repeats names of "
                            "their own."
                        ).format(name=name),
                    )
                truths[name] = (_species(row["truth"], path, line), row.get("group", ""), str(path))
            if "called" in row:
                if name in calls:
                    raise _fault(
                        path,
                        line,
                        _("column 'called taxon': {name} was called twice.").format(name=name),
                    )
                calls[name] = (row["called"], row.get("rank", ""))
    if not truths:
        raise InputError(
            _("No table has the true species; expected columns: specimen, true species."),
            source=", ".join(map(str, paths)),
        )
    if missing := [name for name in truths if name not in calls]:
        raise InputError(
            _(
                "Nothing was called for {number} specimens, first {name}; expected a column "
                "'called taxon', or the CSV of 'forensics identify' as a second --known."
            ).format(number=len(missing), name=missing[0]),
            source=", ".join(map(str, paths)),
        )
    return [
        Specimen(name, truth, *calls[name], group, place)
        for name, (truth, group, place) in truths.items()
    ]


def score(specimens: Iterable[Specimen], paths: Sequence[str | os.PathLike] = ()) -> dict:
    """Return how many were called right, right to the genus, wrong or not, with intervals.

    Specimens of one species are a cluster (`forensics.stats.intervals.clustered_rate`).
    """
    known_specimens = list(specimens)
    groups = sorted({specimen.group for specimen in known_specimens})

    def rates(chosen: list[Specimen]) -> dict:
        clusters: dict[tuple[str, ...], list[str]] = {}
        for specimen in chosen:
            clusters.setdefault(specimen.truth, []).append(specimen.outcome())
        return {
            "specimens": len(chosen),
            "species": len(clusters),
            **{
                name: clustered_rate([[o == name for o in c] for c in clusters.values()]).to_dict()
                for name in OUTCOMES
            },
        }

    return {
        "files": [{"file": Path(path).name, "sha256": sha256(Path(path))} for path in paths],
        "all": rates(known_specimens),
        "groups": [
            {"group": g, **rates([s for s in known_specimens if s.group == g])} for g in groups if g
        ],
        "wrong": [
            {"specimen": s.name, "true": " + ".join(s.truth), "called": s.called, "group": s.group}
            for s in known_specimens
            if s.outcome() == "wrong"
        ],
    }


def _species(text: str, path: object, line: int) -> tuple[str, ...]:
    names = tuple(parse_name(part).species for part in _AND.split(text.strip()))
    if not all(names):
        raise _fault(
            path,
            line,
            _("column 'true species': {found!r} is not a species name.").format(found=text),
        )
    return names


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    table = read_table(path, no_rows=True)
    names = [_column(cell) for cell in table.header]
    known = set(names) - {None}
    if "specimen" not in known or not known & {"truth", "called"}:
        raise InputError(
            _("found the columns {found}; expected specimen, true species, called taxon.").format(
                found=", ".join(table.header)
            ),
            source=str(path),
            line=1,
        )
    columns = [column for column in _COLUMNS if column.name in known]
    for record in table.records(*columns):
        yield record.line, {column.name: record[column] for column in columns}


def _column(cell: str) -> str | None:
    return next((column.name for column in _COLUMNS if column.matches(cell)), None)


def _fault(path: object, line: int, message: str) -> InputError:
    return InputError(message, source=str(path), line=line)
