"""Scores a laboratory's own blind vouchered specimens: what they are, and what was called."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.resources import sha256
from forensics.stats.intervals import clustered_rate
from forensics.taxonomy.names import parse_name

OUTCOMES = ("right", "right_genus", "wrong", "unassigned")
_SPECIMEN = Column("specimen", TEXT, ("query", "sample", "id"), filled=True)
_TRUTH = Column("truth", TEXT, ("true species", "true"), required=False)
_CALLED = Column("called", TEXT, ("called taxon", "taxon"), required=False)
_GROUP = Column("group", TEXT, required=False)
_RANK = Column("rank", TEXT, required=False)
_UNASSIGNED = {
    "", "-", "na", "n/a", "none", "unassigned", "inconclusive", "unusable",
    "not in the library", "not in library", "nothing_near", "nothing near",
}  # fmt: skip
# A mixture has several true species: "Fictus albus + Fictus niger".
_AND = re.compile(r"\s*[+|/]\s*")
_FAMILY = re.compile(r"(?:idae|aceae)$")


@dataclass(frozen=True)
class Specimen:
    """A specimen whose species is known, and what was called."""

    name: str
    truth: tuple[str, ...]
    group: str
    called: str
    rank: str

    def outcome(self) -> str:
        """Return one of `OUTCOMES`."""
        if self.called.casefold() in _UNASSIGNED:
            return "unassigned"
        if self.rank == "family" or _FAMILY.search(self.called):
            return "unassigned"  # no name that these counts are about
        parsed = parse_name(self.called)
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
    truths: dict[str, tuple[tuple[str, ...], str]] = {}
    calls: dict[str, tuple[str, str]] = {}
    for path in paths:
        table = read_table(Path(path), no_rows=True)
        wrong = partial(InputError, source=str(path))
        if not table.has(_SPECIMEN) or not (table.has(_TRUTH) or table.has(_CALLED)):
            raise wrong(
                _(
                    "found the columns {found}; expected specimen, true species, called taxon."
                ).format(found=", ".join(table.header)),
                line=1,
            )
        for row in table.records(_SPECIMEN, _TRUTH, _CALLED, _GROUP, _RANK):
            name = row[_SPECIMEN]
            if table.has(_TRUTH):
                if name in truths:
                    raise wrong(
                        _(
                            "column 'specimen': {name} occurs twice; give repeats their own names."
                        ).format(name=name),
                        line=row.line,
                    )
                species = tuple(parse_name(part).species for part in _AND.split(row[_TRUTH]))
                if not all(species):
                    raise wrong(
                        _("column 'true species': {found!r} is not a species name.").format(
                            found=row[_TRUTH]
                        ),
                        line=row.line,
                    )
                truths[name] = species, row[_GROUP]
            if table.has(_CALLED):
                if name in calls:
                    raise wrong(
                        _("column 'called taxon': {name} was called twice.").format(name=name),
                        line=row.line,
                    )
                calls[name] = row[_CALLED], row[_RANK]
    wrong = partial(InputError, source=", ".join(map(str, paths)))
    if not truths:
        raise wrong(_("No table has the true species; expected columns: specimen, true species."))
    if missing := [name for name in truths if name not in calls]:
        raise wrong(
            _(
                "Nothing was called for {number} specimens, first {name}; expected a column "
                "'called taxon', or the CSV of 'forensics identify' as a second --known."
            ).format(number=len(missing), name=missing[0])
        )
    return [Specimen(name, *known, *calls[name]) for name, known in truths.items()]


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
