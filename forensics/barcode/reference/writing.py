"""Writing libraries: records, index, calibration and manifest of each locus, and the description.

A new library takes the place of an old one, whole or not at all, also where a build is killed.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from forensics.barcode.locus import known_loci, plugins_of_loci
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.library import (
    BACKBONE,
    BESIDE,
    CALIBRATION,
    DESCRIPTION,
    FASTA,
    INDEX,
    LEFT_OUT,
    MANIFEST,
    OF_A_LOCUS,
    TABLE,
    index_entry,
    read_json,
    read_locus,
    write_json,
)
from forensics.barcode.reference.records import COLUMNS, LeftOut, Pair, ReferenceRecord, tsv_of
from forensics.core.grouping import grouped
from forensics.core.progress import Advance, Progress, no_progress
from forensics.errors import LibraryError, VerificationError
from forensics.io.files import sha256
from forensics.messages import N_, _
from forensics.plugins import record_plugins

if TYPE_CHECKING:
    from forensics.barcode.curating.neighbours import NeighbourTable
    from forensics.barcode.reference.relations import NameRelations
    from forensics.taxonomy.names import Backbone


class BuildStep(StrEnum):
    """A step of a build, in its order."""

    READING = N_("reading")
    """Of files."""
    SCREENING = N_("screening")
    """Of the distinct sequences of a locus that are compared with all others."""
    NAMES = N_("screening of names")
    """Of the records of a locus whose names are compared with those of their neighbours."""
    INDEX = N_("index")
    """Of the records of a locus."""
    CALIBRATION = N_("calibration")
    """Of the records of a locus that are looked up without themselves."""


def progress_of(progress: Progress, step: BuildStep, locus: str = "") -> Advance:
    """Return what is called with done and total of one step."""
    name = _(str(step))
    return partial(progress, _("{locus}: {step}").format(locus=locus, step=name) if locus else name)


_LOCK = ".lock"


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of `path` when the block ends without error.

    What a killed process left behind beside `path` is removed (`_sweep`).

    Raises
    ------
    LibraryError
        If `path` is not a library, holds what is not of one, or cannot be moved aside; it is as it was then.
    """
    free = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    if not free and not (path / DESCRIPTION).is_file():
        raise LibraryError(
            _("{path} exists and is not a library; give a new folder.").format(path=path)
        )
    if foreign := _foreign(path):
        raise LibraryError(
            _(
                "{path} would be replaced, but has files that are not of a library: {names}. "
                "Move it away, or give a new folder."
            ).format(path=path, names=", ".join(foreign[:5]))
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    lock = FileLock(partial / _LOCK)
    try:
        lock.acquire()  # says that somebody still works here, as long as this process lives
        yield partial
        lock.release()
        (partial / _LOCK).unlink(missing_ok=True)
        partial.chmod(0o755)
        if path.exists():
            # A folder cannot be replaced in one step; the old one is kept until the new one stands.
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            _exchange(path, old / path.name, partial)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(partial, path)
    finally:
        lock.release()
        shutil.rmtree(partial, ignore_errors=True)


def _exchange(path: Path, aside: Path, new: Path) -> None:
    """Put the old library aside and the new one in its place, or leave everything as it was.

    Windows moves no folder in which a program has a file open, and an index is open as long as
    somebody searches it.
    """
    try:
        os.replace(path, aside)
        try:
            os.replace(new, path)
        except OSError:
            os.replace(aside, path)
            raise
    except OSError as error:
        if not any(aside.parent.iterdir()):
            aside.parent.rmdir()
        raise LibraryError(
            _(
                "{path} cannot be replaced ({error}); the old library is kept. Close any program "
                "that has it open, and build again."
            ).format(path=path, error=error.strerror or error)
        ) from error


def _sweep(path: Path) -> None:
    """Remove unfinished folders of this target whose process has died.

    A process holds a lock on a file in its folder until its end, however that comes. A
    folder without that file is left: it is not known whose it is. What was put aside for a
    new library goes once one stands.
    """
    unfinished = re.compile(re.escape(f".{path.name}.") + "[a-z0-9_]{8}")
    aside = re.compile(re.escape(f".{path.name}.old.") + "[a-z0-9_]{8}")
    for entry in path.parent.iterdir():
        if aside.fullmatch(entry.name) and (path / DESCRIPTION).is_file():
            shutil.rmtree(entry, ignore_errors=True)
        if not unfinished.fullmatch(entry.name) or not (entry / _LOCK).is_file():
            continue
        lock = FileLock(entry / _LOCK)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # somebody works there, or it is somebody else's
            continue
        lock.release()
        shutil.rmtree(entry, ignore_errors=True)


def _foreign(path: Path) -> list[str]:
    """Return what somebody has put into the folder of a library."""
    if not path.is_dir():
        return []
    loci = {locus.name for locus in known_loci()}
    foreign = []
    for entry in path.iterdir():
        if entry.is_dir() and entry.name in loci:
            foreign += [
                f"{entry.name}/{e.name}" for e in entry.iterdir() if e.name not in OF_A_LOCUS
            ]
        elif entry.name not in BESIDE:
            foreign.append(entry.name)
    return sorted(foreign)


# Packing as well as can be takes five times as long as usual, for 4 % of the size: of a million
# records more than a minute.
_MANY, _BEST, _USUAL = 50_000, 9, 6
_AT_ONCE = 1000  # records packed at once: one by one takes longer, all need memory


def _amend(folder: Path, **more: object) -> None:
    """Say more in the manifest of a locus; `write_description` follows, since this changes it."""
    write_json(folder / MANIFEST, read_json(folder / MANIFEST) | more)


def _write_records(path: Path, locus: str, records: Iterable[Pair]) -> list[Pair]:
    """Write the records of one locus and its manifest, and return them as `read_locus` gives them back.

    The same records give the same bytes.
    """
    import gzip

    # Related sequences beside each other compress better.
    ordered = sorted(
        (_changed(pair, pair[0].at_locus(locus)) for pair in records),
        key=lambda pair: (pair[0].order, pair[0].family, pair[0].label, pair[0].accession),
    )
    ordered = [_changed(pair, pair[0].plain()) for pair in ordered]
    path.mkdir(parents=True, exist_ok=True)
    with open(path / TABLE, "wb") as handle:
        handle.write(("\t".join(COLUMNS) + "\n").encode())
        handle.writelines((record.plain_row + "\n").encode() for record, _sequence in ordered)
    level = _BEST if len(ordered) < _MANY else _USUAL
    with open(path / FASTA, "wb") as file:
        with gzip.GzipFile("", "wb", level, file, mtime=0) as handle:
            for first in range(0, len(ordered), _AT_ONCE):
                some = ordered[first : first + _AT_ONCE]
                text = "".join(f">{record.accession}\n{sequence}\n" for record, sequence in some)
                handle.write(text.encode("ascii"))
    manifest = {
        "locus": locus,
        "records": len(ordered),
        "species": len({record.species for record, _s in ordered if record.species}),
        "files": {name: sha256(path / name) for name in (FASTA, TABLE)},
        "calibration": None,
    }
    write_json(path / MANIFEST, manifest)
    return ordered


def _changed(pair: Pair, record: ReferenceRecord) -> Pair:
    """Return a pair with this record; the same one, where it has it (memory of a million)."""
    return pair if record is pair[0] else (record, pair[1])


def write_index(path: Path, records: list[Pair] | None = None) -> None:
    """Write the index of a locus beside its records; whole or not at all.

    A manifest that names none yet (`name_index`) stays as it is. `records` are those of the folder,
    where they are in memory already.

    Raises
    ------
    VerificationError
        If the manifest names another index: then neither is kept.
    """
    manifest = read_json(path / MANIFEST)
    records = records or read_locus(path)
    parts = Index.parts(records, locus=manifest["locus"], source=manifest["files"])
    partial = path / f"{INDEX}.{os.getpid()}.partial"
    try:
        with open(partial, "wb") as handle:
            handle.writelines(parts)
        entry = index_entry(partial)
        named = manifest.get("index", entry)
        if named["format"] == entry["format"] and named != entry:
            raise VerificationError(
                _(
                    "This machine makes another index of the records in {path} than the one that "
                    "their manifest names. Please report this, with your Python, NumPy and "
                    "platform."
                ).format(path=path)
            )
        os.replace(partial, path / INDEX)
    finally:
        partial.unlink(missing_ok=True)


def name_index(path: Path) -> None:
    """Name the index of a locus, which must be there, in its manifest; `write_description` follows."""
    _amend(path, index=index_entry(path / INDEX))


def _calibrate(
    path: Path,
    index: Index,
    *,
    relations: "NameRelations",
    threads: int,
    progress: Advance,
) -> None:
    """Learn from the index of a locus, and name the result in its manifest."""
    from forensics.barcode.calling.far import learn_far_placement
    from forensics.barcode.calling.learning import SAMPLES, calibrate, samples_for

    learnt = calibrate(index, relations=relations, threads=threads, progress=progress)
    if learnt is not None:
        (path / CALIBRATION).write_text(learnt.to_json(), encoding="utf-8", newline="\n")
        sampled = samples_for(index.size)
        _amend(
            path,
            calibration=sha256(path / CALIBRATION),
            **({"sampled": sampled} if sampled < SAMPLES else {}),
        )
    if far := learn_far_placement(index):
        _amend(path, far_placement=far.to_dict())


def write_description(path: Path, loci: Sequence[str], **says: object) -> None:
    """Write ``library.json`` for the loci that lie in the folder, with the plug-ins that they come from."""
    manifests = {locus: sha256(path / locus / MANIFEST) for locus in loci}
    if plugins := record_plugins(plugins_of_loci(loci)):
        says = {**says, "plugins": plugins}
    write_json(path / DESCRIPTION, {**says, "loci": manifests})


def write_library(
    path: Path,
    records: Iterable[Pair],
    *,
    left_out: Iterable[LeftOut] = (),
    beside: Mapping[str, str] | None = None,
    backbone: "Backbone | None" = None,
    doubted: Mapping[str, Collection[str]] | None = None,
    neighbours: "Mapping[str, NeighbourTable] | None" = None,
    calibrated: bool = True,
    threads: int = 1,
    progress: Progress = no_progress,
    **says: object,
) -> None:
    """Write a library with its indexes; the folder appears whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The folder; one that holds a library is replaced, anything else is refused.
    records : iterable of (ReferenceRecord, str)
        With their loci set and clean sequences.
    left_out : iterable of LeftOut
        Records that were not taken; they are listed in ``left_out.tsv``.
    beside : mapping of str to str, optional
        Name and text of further files, such as ``renamed.tsv``.
    backbone : Backbone, optional
        Names that are accepted and species that are known; it is written beside the loci, unless it knows nothing.
    doubted : mapping of str to collection of str, optional
        By locus, accessions of records whose names screening doubts.
    neighbours : mapping of str to NeighbourTable, optional
        By locus, what a screening found to be near to each record, among others that are not taken.
    calibrated : bool
        Whether to calibrate every locus that is large enough.
    threads : int
        That take part in it; they change nothing but the time.
    progress : callable
        Called with the step, how much of it is done, and of how much: the indexes and the calibrations.
    **says
        ``name``, ``title``, ``version``, ``statement``, ``demonstration``.

    Raises
    ------
    LibraryError
        If the folder holds something else, or there are no records.
    """
    by_locus = grouped(records, lambda pair: pair[0].locus)
    if not by_locus:
        raise LibraryError(_("No record can be used for a library."))
    from forensics.barcode.reference.relations import relations_of

    loci = sorted(by_locus)
    with new_folder(path) as partial:
        for locus in loci:
            folder = partial / locus
            pairs = _write_records(
                folder, locus, by_locus.pop(locus)
            )  # a large library fills the memory
            indexed = progress_of(progress, BuildStep.INDEX, locus)
            indexed(0, len(pairs))
            write_index(folder, pairs)
            indexed(len(pairs), len(pairs))
            del pairs
            index = Index.open(folder / INDEX)
            relations = relations_of(
                index,
                backbone=backbone,
                doubted=(doubted or {}).get(locus, ()),
                neighbours=(neighbours or {}).get(locus),
                threads=threads,
            )
            if calibrated:
                _calibrate(
                    folder,
                    index,
                    relations=relations,
                    threads=threads,
                    progress=progress_of(progress, BuildStep.CALIBRATION, locus),
                )
            if relations.units:
                _amend(folder, units=[list(unit.members) for unit in relations.units])
            name_index(folder)
        if backbone is not None and backbone.genera:
            (partial / BACKBONE).write_bytes(backbone.to_text().encode())
            says["backbone"] = {
                "sha256": sha256(partial / BACKBONE),
                "source": dict(backbone.source),
                "genera": len(backbone.genera),
                "families": len(backbone.families),
                "synonyms": len(backbone.synonyms),
            }
        write_description(partial, loci, **says)
        for name, content in {LEFT_OUT: tsv_of(LeftOut, left_out), **(beside or {})}.items():
            (partial / name).write_bytes(content.encode())
