"""From read files to what is in each sample.

>>> from forensics import open_library
>>> from forensics.examination import identify_each
>>> from forensics.barcode.mixture.running import examine
>>> from forensics.barcode.mixture.sheet import read_sheet
>>> library = open_library("my_library")                              # doctest: +SKIP
>>> examine(read_sheet("run.csv"), identify_each, library,
...         primers=[("12S-V5-F", "12S-V5-R1")])                      # doctest: +SKIP


"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forensics.barcode.identification import Identification
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.cluster import Cluster, reached
from forensics.barcode.mixture.denoising import (
    Denoised,
    Done,
    Program,
    Settings,
    Workplace,
    denoise,
    find_program,
    find_uniques,
    open_workplace,
)
from forensics.barcode.mixture.presence import FALLBACK_SHARE, PCRS_NEEDED
from forensics.barcode.mixture.results import AmpliconSequences, Mixtures, weigh_samples
from forensics.barcode.mixture.sheet import OFFSETS, Pcr, first_name
from forensics.barcode.mixture.sorting import (
    Amplicon,
    PcrGroup,
    file_name,
    group_pcrs,
    read_primers,
    sort_reads,
)
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.provenance import Provenance, make_provenance
from forensics.errors import UsageError
from forensics.io.inputs import open_input
from forensics.messages import _
from forensics.resources import sha256

Identify = Callable[..., Iterable[Identification]]
Progress = Callable[[str, int, int], None]

_SETTINGS = Settings()


def examine(
    pcrs: Sequence[Pcr],
    identify: Identify,
    library: Library,
    *,
    primers: Sequence[Sequence[str]] = (),
    trimmed: bool = False,
    locus: str = "auto",
    identification: Mapping[str, object] = MappingProxyType({}),
    settings: Settings = _SETTINGS,
    offset: int = 33,
    work: str | os.PathLike[str] | None = None,
    program: Program | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    scheduler: str | Cluster | None = None,
) -> Mixtures:
    """Say what is in the samples of a run.

    Parameters
    ----------
    pcrs : sequence of Pcr
        From `forensics.barcode.mixture.sheet`.
    identify : callable
        `forensics.examination.identify_each`.
    library : Library
    primers : sequence of (str, str)
        See `forensics.barcode.mixture.sorting.read_primers`.
    trimmed : bool
        Say so where the reads have no primers any more.
    locus : str
        Locus to compare with; ``auto`` takes that of the primers, as far as it is known.
    identification : mapping
        Further parameters of `identify`, such as ``confidence``.
    settings : Settings
    offset : int
        Of the qualities, 33 or 64.
    work : path, optional
        Working folder. What was done in it is not done again. Without one, nothing is kept.
    program : Program, optional
        VSEARCH; looked for where it is not given.
    progress : callable, optional
        Called with what is being done, how much of it is done, and of how much.
    jobs, scheduler
        Who searches for the sequences, as of `forensics.examination.identify`; they change no
        result. The scheduler is reached before anything is done.

    Returns
    -------
    Mixtures
        One for each sample and positive control, in the order of the PCRs.

    Raises
    ------
    InputError
        If a read file is not what it should be.
    UsageError
        If there are neither primers nor trimmed reads, or both; or tags and no primers.
    ForensicsError
        If VSEARCH is missing or fails.
    """
    if bool(primers) == trimmed:
        raise UsageError(
            _(
                "Give --primers as often as there are pairs of them, or --trimmed where they are cut "
                "off already."
            )
        )
    if trimmed and any(pcr.tags for pcr in pcrs):
        raise UsageError(_("Tags are found by the primers behind them; give --primers."))
    if offset not in OFFSETS:
        raise UsageError(_("The offset of qualities is 33 or 64, found {}.").format(offset))
    amplicons = read_primers(primers, locus=locus)
    program = program or find_program()
    report = progress or _report_nothing
    groups = group_pcrs(pcrs)
    all_pcrs = [pcr for _files, members in groups for pcr in members]
    _check_pcrs(all_pcrs)
    with reached(scheduler) as cluster, _open_folder(work) as place:
        sums = _hash_files(groups, report)
        sorted_groups = [
            _sort_group(place, number, files, members, amplicons, offset, sums, report)
            for number, (files, members) in enumerate(groups)
        ]
        counts = {
            pcr.name: done.counts.get(pcr.name, {})
            for (_files, members), done in zip(groups, sorted_groups)
            for pcr in members
        }
        lost = [done.counts[""] for done in sorted_groups]
        denoised = [
            _denoise_amplicon(place, number, groups, sorted_groups, program, settings, report)
            for number in range(len(amplicons))
        ]
        parameters = {
            **identification, "library": library, "one_sample": True, "jobs": jobs,
            "scheduler": cluster,
        }  # fmt: skip
        identified = [
            _identify_sequences(amplicon, examined, sequences, identify, parameters, report)
            for amplicon, (examined, sequences) in zip(amplicons, denoised)
        ]
    provenance = _make_provenance(
        identified, library, identification, program, settings, amplicons, offset, all_pcrs,
        [{"file": file, "sha256": sums[file]} for files, _members in groups for file in files],
    )  # fmt: skip
    return weigh_samples(all_pcrs, counts, lost, identified, provenance)


def _report_nothing(_stage: str, _done: int, _total: int) -> None:
    """Take the place of a progress that nobody sees."""


def _check_pcrs(pcrs: Sequence[Pcr]) -> None:
    """Refuse mates that were given as replicates, and PCRs of one name."""
    names = Counter(pcr.name for pcr in pcrs)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise UsageError(
            _("PCR {name} is given twice; number the replicates.").format(name=repeated[0])
        )
    single = dict.fromkeys(pcr.files[0] for pcr in pcrs if len(pcr.files) == 1)
    first: dict[str, str] = {}
    for file in single:
        read = first_name(file)
        # A read cannot come out of two PCRs; its mate would confirm it as if it had.
        if read and first.setdefault(read, file) != file:
            raise UsageError(
                _(
                    "{file} and {other} begin with the same read: they are mates, or copies. Mates "
                    "are named alike but for R1 and R2, or stand in a sheet (--sheet)."
                ).format(file=first[read], other=file)
            )


@contextmanager
def _open_folder(work: str | os.PathLike[str] | None) -> Iterator[Workplace]:
    """Open the working folder; without one, a temporary folder."""
    if work is not None:
        with open_workplace(work) as place:
            yield place
        return
    with tempfile.TemporaryDirectory(prefix="forensics-mixture-") as folder:
        with open_workplace(folder) as place:
            yield place


def _hash_files(groups: Sequence[PcrGroup], report: Progress) -> dict[str, str]:
    """Return the SHA-256 of every read file."""
    files = [file for group_files, _members in groups for file in group_files]
    sums = {}
    for number, file in enumerate(files):
        report(_("Hashing"), number, len(files))
        with open_input(file, file):
            sums[file] = sha256(Path(file))
    return sums


def _sort_group(
    place: Workplace,
    number: int,
    files: Sequence[str],
    members: Sequence[Pcr],
    amplicons: Sequence[Amplicon],
    offset: int,
    sums: Mapping[str, str],
    report: Progress,
) -> Done:
    """Sort the reads of a set of files by PCR and amplicon."""
    total = os.path.getsize(files[0])
    return place.step(
        f"{number}-sorted",
        lambda folder: sort_reads(
            files, members, amplicons, folder, offset=offset,
            progress=lambda position: report(_("Sorting reads"), position, total),
        ),
        inputs={str(mate): sums[file] for mate, file in enumerate(files)},
        parameters={
            "offset": offset,
            "primers": [(amplicon.forward, amplicon.reverse) for amplicon in amplicons],
            "pcrs": [(pcr.name, pcr.tags) for pcr in members],
        },
    )  # fmt: skip


def _denoise_amplicon(
    place: Workplace,
    number: int,
    groups: Sequence[PcrGroup],
    sorted_groups: Sequence[Done],
    program: Program,
    settings: Settings,
    report: Progress,
) -> tuple[dict[str, int], list[Denoised]]:
    """Return of an amplicon the reads of each PCR that were examined, and the sequences."""
    uniques: dict[str, Done] = {}
    total = sum(len(members) for _files, members in groups)
    for group, ((files, members), source) in enumerate(zip(groups, sorted_groups)):
        for row, pcr in enumerate(members):
            report(_("Merging and filtering"), len(uniques), total)
            uniques[pcr.name] = find_uniques(
                place,
                f"{group}-{row}-{number}-uniques",
                source,
                [file_name(row, number, mate) for mate in range(1, len(files) + 1)],
                program,
                settings,
            )
    report(_("Denoising"), 0, 1)
    sequences, _done = denoise(place, f"{number}-denoised", uniques, program, settings)
    return {name: done.counts["examined"] for name, done in uniques.items()}, sequences


def _identify_sequences(
    amplicon: Amplicon,
    examined: dict[str, int],
    sequences: list[Denoised],
    identify: Identify,
    parameters: Mapping[str, Any],
    report: Progress,
) -> AmpliconSequences:
    """Identify the sequences of an amplicon that are no chimeras."""
    kept = [sequence for sequence in sequences if not sequence.chimera]
    queries = (
        Query(sequence.digest, sequence.sequence, source=amplicon.name, sha256=sequence.digest)
        for sequence in kept
    )
    calls = []
    for call in identify(queries, locus=amplicon.locus, **parameters):
        calls.append(call)
        report(_("Identifying"), len(calls), len(kept))
    return AmpliconSequences(amplicon, examined, sequences, list(zip(kept, calls, strict=True)))


def _loci_of(amplicons: Sequence[Amplicon]) -> list[str] | None:
    """Return the loci that amplicons are compared with; None where one is compared with all."""
    names = [amplicon.locus for amplicon in amplicons]
    return None if "auto" in names else [find_locus(name).name for name in dict.fromkeys(names)]


def _make_provenance(
    identified: Sequence[AmpliconSequences],
    library: Library,
    identification: Mapping[str, object],
    program: Program,
    settings: Settings,
    amplicons: Sequence[Amplicon],
    offset: int,
    pcrs: Sequence[Pcr],
    files: Sequence[Mapping[str, str]],
) -> Provenance:
    """Return how the results were reached."""
    of_call = next(
        (call.provenance for part in identified for _sequence, call in part.identified), None
    )
    parameters = {
        **asdict(settings),
        "quality_offset": offset,
        "primers": [
            (amplicon.forward, amplicon.reverse) for amplicon in amplicons if amplicon.forward
        ],
        "loci": [amplicon.locus for amplicon in amplicons],
        "pcrs": [
            {"pcr": pcr.name, "role": pcr.role, "files": list(pcr.files), "tags": list(pcr.tags)}
            for pcr in pcrs
        ],
        "fallback_share": FALLBACK_SHARE,
        "pcrs_needed": PCRS_NEEDED,
        # As identification has it, or, where there was nothing to identify, as it was given.
        "identification": of_call.parameters if of_call else dict(identification),
    }
    return make_provenance(
        dependencies=(of_call.dependencies if of_call else {}) | {"vsearch": program.version},
        library=library.identity(_loci_of(amplicons)),
        tables=of_call.tables if of_call else {},
        parameters=parameters,
        input={"files": files},
    )
