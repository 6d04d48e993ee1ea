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
from types import MappingProxyType

from forensics.barcode.identification import Identification
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.cluster import Cluster, reached
from forensics.barcode.mixture.amplicons import Amplicon, amplicons_of
from forensics.barcode.mixture.denoising import Denoised, Settings, denoise, uniques
from forensics.barcode.mixture.limits import FALLBACK_SHARE, PCRS_NEEDED
from forensics.barcode.mixture.pairs import OFFSETS, first_name
from forensics.barcode.mixture.program import Program, find_program
from forensics.barcode.mixture.results import Mixtures
from forensics.barcode.mixture.sheet import Pcr
from forensics.barcode.mixture.sorting import file_name, groups_of, sort_reads
from forensics.barcode.mixture.steps import Done, Workplace, workplace
from forensics.barcode.mixture.weighing import Part, results_of
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.provenance import Provenance, make_provenance
from forensics.errors import UsageError
from forensics.io.inputs import open_input
from forensics.messages import _
from forensics.resources import sha256

__all__ = ["Identify", "Progress", "examine"]

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
    work: str | os.PathLike | None = None,
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
        See `forensics.barcode.mixture.amplicons.amplicons_of`.
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
        Told what is being done, how much of it is done, and of how much.
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
    amplicons = amplicons_of(primers, locus=locus)
    program = program or find_program()
    tell = progress or (lambda *_told: None)
    groups = groups_of(pcrs)
    every = [pcr for _files, members in groups for pcr in members]
    _check(every)
    with reached(scheduler) as cluster, _folder(work) as place:
        sums = _sums(groups, tell)
        sorted_ = [
            _sort(place, number, files, members, amplicons, offset, sums, tell)
            for number, (files, members) in enumerate(groups)
        ]
        counts = {
            pcr.name: done.counts.get(pcr.name, {})
            for (_files, members), done in zip(groups, sorted_)
            for pcr in members
        }
        lost = [done.counts[""] for done in sorted_]
        parts = [
            _amplify(place, number, amplicon, groups, sorted_, program, settings, tell)
            for number, amplicon in enumerate(amplicons)
        ]
        asked = {**identification, "library": library, "one_sample": True}
        asked |= {"jobs": jobs, "scheduler": cluster}
        found = [_identified(amplicon, *part, identify, asked, tell) for amplicon, part in parts]
    provenance = _provenance(
        found, library, identification, program, settings, amplicons, offset, every,
        [{"file": file, "sha256": sums[file]} for files, _members in groups for file in files],
    )  # fmt: skip
    return results_of(every, counts, lost, found, provenance)


def _check(pcrs: Sequence[Pcr]) -> None:
    """Refuse mates that were given as replicates, and PCRs of one name."""
    names = Counter(pcr.name for pcr in pcrs)
    if twice := [name for name, count in names.items() if count > 1]:
        raise UsageError(
            _("PCR {name} is given twice; number the replicates.").format(name=twice[0])
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
def _folder(work: str | os.PathLike | None) -> Iterator[Workplace]:
    if work is not None:
        with workplace(work) as place:
            yield place
        return
    with tempfile.TemporaryDirectory(prefix="forensics-mixture-") as folder:
        with workplace(folder) as place:
            yield place


def _sums(groups, tell: Progress) -> dict[str, str]:
    """Return the SHA-256 of every read file."""
    files = [file for given, _members in groups for file in given]
    sums = {}
    for number, file in enumerate(files):
        tell(_("Hashing"), number, len(files))
        with open_input(file, file):
            sums[file] = sha256(file)
    return sums


def _sort(
    place: Workplace, number: int, files, members, amplicons, offset: int, sums, tell: Progress
) -> Done:
    total = os.path.getsize(files[0])
    return place.step(
        f"{number}-sorted",
        lambda folder: sort_reads(
            files, members, amplicons, folder, offset=offset,
            progress=lambda at: tell(_("Sorting reads"), at, total),
        ),
        inputs={str(mate): sums[file] for mate, file in enumerate(files)},
        parameters={
            "offset": offset,
            "primers": [(one.forward, one.reverse) for one in amplicons],
            "pcrs": [(pcr.name, pcr.tags) for pcr in members],
        },
    )  # fmt: skip


def _amplify(place, number: int, amplicon: Amplicon, groups, sorted_, program, settings, tell):
    """Return the sequences of an amplicon, and the reads examined of each PCR."""
    parts = {}
    total = sum(len(members) for _files, members in groups)
    for group, ((files, members), source) in enumerate(zip(groups, sorted_)):
        for row, pcr in enumerate(members):
            tell(_("Merging and filtering"), len(parts), total)
            parts[pcr.name] = uniques(
                place,
                f"{group}-{row}-{number}-uniques",
                source,
                [file_name(row, number, mate) for mate in range(1, len(files) + 1)],
                program,
                settings,
            )
    tell(_("Denoising"), 0, 1)
    sequences, _done = denoise(place, f"{number}-denoised", parts, program, settings)
    return amplicon, ({name: part.counts["examined"] for name, part in parts.items()}, sequences)


def _identified(
    amplicon: Amplicon,
    examined,
    sequences: list[Denoised],
    identify: Identify,
    asked,
    tell: Progress,
) -> Part:
    kept = [one for one in sequences if not one.chimera]
    queries = (
        Query(one.digest, one.sequence, source=amplicon.name, sha256=one.digest) for one in kept
    )
    calls = []
    for call in identify(queries, locus=amplicon.locus, **asked):
        calls.append(call)
        tell(_("Identifying"), len(calls), len(kept))
    return Part(amplicon, examined, sequences, list(zip(kept, calls, strict=True)))


def _loci_of(amplicons: Sequence[Amplicon]) -> list[str] | None:
    """Return the loci that amplicons are compared with; None where one is compared with all."""
    names = [one.locus for one in amplicons]
    return None if "auto" in names else [find_locus(name).name for name in dict.fromkeys(names)]


def _provenance(
    found, library: Library, identification, program, settings, amplicons, offset, pcrs, files
) -> Provenance:
    """Return how the results were reached."""
    made = next((call.provenance for part in found for _one, call in part.identified), None)
    parameters = {
        **asdict(settings),
        "quality_offset": offset,
        "primers": [(one.forward, one.reverse) for one in amplicons if one.forward],
        "loci": [one.locus for one in amplicons],
        "pcrs": [
            {"pcr": pcr.name, "role": pcr.role, "files": list(pcr.files), "tags": list(pcr.tags)}
            for pcr in pcrs
        ],
        "fallback_share": FALLBACK_SHARE,
        "pcrs_needed": PCRS_NEEDED,
        # As identification has it, or, where there was nothing to identify, what was asked for.
        "identification": made.parameters if made else dict(identification),
    }
    return make_provenance(
        dependencies=(made.dependencies if made else {}) | {"vsearch": program.version},
        library=library.identity(_loci_of(amplicons)),
        tables=made.tables if made else {},
        parameters=parameters,
        input={"files": files},
    )
