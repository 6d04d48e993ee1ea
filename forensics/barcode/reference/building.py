"""Builds a library from reference records: read, name, screen, write.

`build_library` does what ``forensics library build`` does, from files or from what a script has in memory.
"""

import gc
import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensics.barcode.curating.screening import (
    OF_NAMES,
    Decisions,
    Outcome,
    Screened,
    apply_decisions,
    read_decisions,
    screen_build,
)
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.names import (
    Renamed,
    apply_taxdump,
    reconcile_names,
    reconcile_proven,
    rename,
)
from forensics.barcode.reference.records import LeftOut, Pair, ReferenceRecord, tsv_of
from forensics.barcode.reference.references import (
    FRAME,
    Noted,
    Reference,
    gather,
    read_references,
)
from forensics.barcode.reference.writing import (
    BuildStep,
    progress_of,
    write_library,
)
from forensics.core.progress import Progress, no_progress
from forensics.errors import InputError, LibraryError, UsageError
from forensics.io.files import AnyPath, shown_name
from forensics.messages import _
from forensics.taxonomy.names import Backbone, packaged_backbone
from forensics.taxonomy.synonyms import Synonyms, read_synonyms

_log = logging.getLogger(__name__)
# Reasons that are shown where no record is left.
_MAX_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryBuild:
    """A library that was built, and what became of every record.

    Attributes
    ----------
    path : pathlib.Path
        Folder of the library.
    records : tuple of ReferenceRecord
        Those that are in the library.
    left_out : tuple of LeftOut
        Those that are not, each with its reason; also in ``left_out.tsv``.
    screening : Screened or None
        Outcome of the screening, also in ``screening.tsv``; None where there was none.
    renamed : tuple of Renamed or None
        Records that got another name, also in ``renamed.tsv``; None where no names were given and none was changed.
    not_in_taxdump : int or None
        Records that NCBI's taxonomy does not know; None where it was not given.
    synonyms : Synonyms or None
        The table of synonyms that was applied.
    """

    path: Path
    records: tuple[ReferenceRecord, ...]
    left_out: tuple[LeftOut, ...]
    screening: Screened | None = None
    renamed: tuple[Renamed, ...] | None = None
    not_in_taxdump: int | None = None
    synonyms: Synonyms | None = None

    @property
    def library(self) -> Library:
        """The library, opened."""
        return open_library(self.path)

    @property
    def loci(self) -> tuple[str, ...]:
        """Loci of the records, sorted."""
        return tuple(sorted({record.locus for record in self.records}))

    @property
    def species(self) -> frozenset[str]:
        """Species of the records."""
        return frozenset(record.species for record in self.records if record.species)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Collect no cycles meanwhile: the collector would look through millions of records again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_collection()
def build_library(
    references: "Reference | Iterable[Reference]",
    output: AnyPath,
    *,
    locus: str | None = None,
    name: str | None = None,
    own: "Reference | Iterable[Reference]" = (),
    taxdump: AnyPath | None = None,
    synonyms: Synonyms | AnyPath | None = None,
    decisions: AnyPath | None = None,
    reconcile: bool = True,
    screening: bool = True,
    calibration: bool = True,
    jobs: int = 1,
    progress: Progress | None = None,
) -> LibraryBuild:
    """Build a library from reference records.

    Records that are surely wrong are left out, doubtful ones are kept and flagged. The result says
    which; nothing is left out in silence.

    Parameters
    ----------
    references : path, pandas.DataFrame, Bio.SeqRecord.SeqRecord, (ReferenceRecord, str), or iterable of them
        Files as ``forensics library build`` takes them. The columns of a DataFrame are known by the
        names that tables have for them, such as ``accession``, ``species``, ``locus``, ``sequence``
        (`forensics.barcode.reference.references`); other columns are not read. Its index holds the
        accessions where no column does.
    output : path
        Folder of the library; one that holds a library is replaced.
    locus : str, optional
        Locus of records that do not say theirs.
    name : str, optional
        Name of the library; by default that of the folder.
    own : as `references`
        Records of the laboratory's own vouchers. Deposited records that disagree with them are left
        out or flagged.
    taxdump : path, optional
        Folder of NCBI's taxonomy: records get its lineages and accepted names, and it takes the place of the
        packaged backbone of names.
    synonyms : Synonyms or path, optional
        Table with the columns name, accepted and source: records get the accepted name.
    decisions : path, optional
        Table of ``forensics library check`` with its column decision filled in.
    reconcile : bool
        Whether records get the accepted names of the backbone, and names that screening proves to be of
        one species become one. The deposited name stays in the record.
    screening : bool
        Whether to screen the records.
    calibration : bool
        Whether to learn from the records how far calls can be trusted: up to a minute a locus.
    jobs : int
        Threads that screen and calibrate; they change no result.
    progress : callable, optional
        Called with the step that is done, such as ``12S: screening``, how much of it is done, and of how
        much (`forensics.barcode.reference.writing`).

    Returns
    -------
    LibraryBuild
        `LibraryBuild.library` is the opened library, which `forensics.identify` takes.

    Raises
    ------
    InputError
        If a file cannot be read, a table lacks a column, or something is not a reference record. The
        message names the record and the column.
    LibraryError
        If no record is left, or the folder holds something that is not a library.
    UsageError
        If records do not say their locus and none was given; if own records are given without screening.

    Examples
    --------
    >>> import pandas
    >>> table = pandas.read_csv("vouchers.csv")                                # doctest: +SKIP
    >>> build = build_library(table, "my_library", locus="COI")                # doctest: +SKIP
    >>> forensics.identify("exhibit.fasta", library=build.library)             # doctest: +SKIP
    """
    own_sources, sources = gather(own), gather(references)
    if own_sources and not screening:
        raise UsageError(_("own records are weighed by screening; give screening=True"))
    report = progress or no_progress
    if isinstance(synonyms, (str, os.PathLike)):
        synonyms = read_synonyms(Path(synonyms))
    decided: Decisions = read_decisions(Path(decisions)) if decisions is not None else {}
    keep = {key for key, (decision, _code) in decided.items() if decision == "keep"}
    noted = Noted()
    # Own records come first: of an accession that occurs twice the first is taken.
    records, left_out = read_references(
        [*own_sources, *sources],
        locus=locus,
        noted=noted,
        progress=progress_of(report, BuildStep.READING),
    )
    own_records, _own_left_out = read_references(own_sources, locus=locus)
    _require_records(records, left_out, [*own_sources, *sources])
    changes: list[Renamed] = []
    of_dump: dict[str, Any] = {}
    if taxdump is not None:
        records, changes, of_dump = apply_taxdump(records, Path(taxdump), numbers=noted.taxa)
    backbone = _backbone_of(records, taxdump)
    if taxdump is not None or reconcile:
        records, more = reconcile_names(records, backbone)
        changes += more
    if decisions is not None:
        records, dropped = apply_decisions(records, decided, file=shown_name(decisions))
        left_out += dropped
    description: dict[str, object] = {"taxdump": of_dump} if of_dump else {}
    if synonyms:
        records, more = rename(records, synonyms)
        changes += more
        description["synonyms"] = {
            "file": shown_name(synonyms.file),
            "sha256": synonyms.sha256,
            "renamed": len(more),
        }
    files: dict[str, str] = {}
    description["screening"] = screened = None
    doubted: dict[str, set[str]] = defaultdict(set)
    if screening:
        own_accessions = {record.accession for record, _sequence in own_records}
        screened = screen_build(
            records,
            own=own_accessions,
            keep=keep,
            decided=decisions is not None,
            noted=noted,
            threads=jobs,
            progress=report,
        )
        records, left_out = screened.records, [*left_out, *screened.left_out]
        _require_records(records, left_out)
        if reconcile:
            preferred = set(synonyms.accepted.values()) if synonyms else set()
            records, proven = reconcile_proven(
                records, backbone=backbone, preferred=preferred, keep=keep
            )
            changes += proven
            if proven:
                description["proven_synonyms"] = len(proven)
        files["screening.tsv"] = tsv_of(Outcome, screened.outcomes)
        description["screening"] = {
            "left_out": screened.count("left_out"),
            "flagged": screened.count("flagged"),
            "own": len(own_accessions),
        }
        for outcome in screened.outcomes:
            if outcome.code in OF_NAMES:
                doubted[outcome.locus].add(outcome.accession)
    del noted  # of a million records hundreds of megabytes
    if synonyms or taxdump is not None or changes:
        files["renamed.tsv"] = tsv_of(Renamed, changes)
    path = Path(output)
    name = name or shown_name(path.resolve().name)
    kept = tuple(record for record, _sequence in records)
    handed_over, records = (
        iter(records),
        [],
    )  # a million sequences are not kept longer than they are needed
    write_library(
        path,
        handed_over,
        left_out=left_out,
        beside=files,
        backbone=backbone,
        doubted=doubted,
        neighbours=screened.neighbours if screened else None,
        calibrated=calibration,
        progress=report,
        threads=jobs,
        name=name,
        title=name,
        demonstration=False,
        **description,
    )
    if left_out:
        _log.info("%s: %d records were left out; see left_out.tsv there", path, len(left_out))
    return LibraryBuild(
        path=path,
        records=kept,
        left_out=tuple(left_out),
        screening=screened,
        renamed=tuple(changes) if "renamed.tsv" in files else None,
        not_in_taxdump=of_dump.get("not_found"),
        synonyms=synonyms,
    )


def _backbone_of(records: list[Pair], taxdump: AnyPath | None) -> Backbone:
    """Return the names of the genera of some records and of their families."""
    genera = {record.genus for record, _sequence in records if record.genus}
    if taxdump is not None:
        from forensics.taxonomy.taxdump import backbone_of_taxdump

        return backbone_of_taxdump(Path(taxdump), genera=genera)
    families = {record.family for record, _sequence in records if record.family}
    return packaged_backbone(genera, families)


def _require_records(
    records: list[Pair], left_out: list[LeftOut], sources: Sequence[object] = ()
) -> None:
    """Refuse to make a library of nothing, with the reasons."""
    if records:
        return
    columns = getattr(sources[0], "columns", None) if len(sources) == 1 else None
    if not left_out and columns is not None:
        raise InputError(
            _("the table has no column 'sequence'; found: {columns}").format(
                columns=", ".join(map(str, columns))
            ),
            source=str(FRAME),
        )
    reasons = [
        f"{entry.file}, {entry.accession}: {entry.reason}" for entry in left_out[:_MAX_REASONS]
    ]
    raise LibraryError(
        _("No record can be used for a library. The first reasons:\n{}").format("\n".join(reasons))
    )
