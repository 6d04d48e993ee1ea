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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from forensics.barcode.identification import Identification
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.cluster import Cluster, reached
from forensics.barcode.mixture.denoising import (
    Bench,
    Denoised,
    Done,
    Program,
    Workplace,
    find_program,
    open_workplace,
)
from forensics.barcode.mixture.options import ReadSetOptions
from forensics.barcode.mixture.presence import FALLBACK_SHARE, PCRS_NEEDED
from forensics.barcode.mixture.results import AmpliconSequences, Mixtures, weigh_samples
from forensics.barcode.mixture.sheet import Pcr, check_pcrs, first_name
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
from forensics.core.progress import Progress, no_progress
from forensics.core.provenance import make_provenance
from forensics.errors import UsageError
from forensics.io.files import AnyPath, open_input, sha256
from forensics.messages import _

Identify = Callable[..., Iterable[Identification]]

_DEFAULTS = ReadSetOptions()


def examine(
    pcrs: Sequence[Pcr],
    identify: Identify,
    library: Library,
    options: ReadSetOptions = _DEFAULTS,
    *,
    primers: Sequence[Sequence[str]] = (),
    identification: Mapping[str, object] = MappingProxyType({}),
    work: AnyPath | None = None,
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
    options : ReadSetOptions
    primers : sequence of (str, str)
        See `forensics.barcode.mixture.sorting.read_primers`.
    identification : mapping
        Further parameters of `identify`, such as ``confidence``.
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
    if bool(primers) == options.trimmed:
        raise UsageError(
            _(
                "Give --primers once per primer pair, or --trimmed if the primers are already "
                "cut off."
            )
        )
    if options.trimmed and any(pcr.tags for pcr in pcrs):
        raise UsageError(_("Tags are found by the primers that follow them; give --primers."))
    amplicons = read_primers(primers, locus=options.locus)
    program = program or find_program()
    groups = group_pcrs(pcrs)
    all_pcrs = check_pcrs([pcr for _files, members in groups for pcr in members])
    _refuse_mates(all_pcrs)
    report = progress or no_progress
    with reached(scheduler) as cluster, _open_folder(work) as place:
        run = _Run(Bench(place, program, options), groups, amplicons, report)
        sums = run.hash_files()
        sorted_groups = [run.sort(number, sums) for number in range(len(groups))]
        denoised = [run.denoise(number, sorted_groups) for number in range(len(amplicons))]
        identified = []
        for amplicon, (examined, sequences) in zip(amplicons, denoised):
            kept = [sequence for sequence in sequences if not sequence.chimera]
            queries = (
                Query(
                    sequence.digest, sequence.sequence, source=amplicon.name, sha256=sequence.digest
                )
                for sequence in kept
            )
            calls = []
            for call in identify(
                queries, locus=amplicon.locus, **identification, library=library,
                one_sample=True, jobs=jobs, scheduler=cluster,
            ):  # fmt: skip
                calls.append(call)
                report(_("Identifying"), len(calls), len(kept))
            pairs = list(zip(kept, calls, strict=True))
            identified.append(AmpliconSequences(amplicon, examined, sequences, pairs))
    of_call = next(
        (call.provenance for part in identified for _sequence, call in part.identified), None
    )
    loci = [amplicon.locus for amplicon in amplicons]
    provenance = make_provenance(
        dependencies=(of_call.dependencies if of_call else {}) | {"vsearch": program.version},
        library=library.identity(
            None if "auto" in loci else [find_locus(name).name for name in dict.fromkeys(loci)]
        ),
        tables=of_call.tables if of_call else {},
        parameters={
            **options.parameters(),
            "quality_offset": int(options.quality_offset),
            "primers": [(one.forward, one.reverse) for one in amplicons if one.forward],
            "loci": loci,
            "pcrs": [
                {
                    "pcr": pcr.name,
                    "role": pcr.role,
                    "files": list(pcr.files),
                    "tags": list(pcr.tags),
                }
                for pcr in all_pcrs
            ],
            "fallback_share": FALLBACK_SHARE,
            "pcrs_needed": PCRS_NEEDED,
            # As identification has it, or, where there was nothing to identify, as it was given.
            "identification": of_call.parameters if of_call else dict(identification),
        },
        input={"files": [{"file": file, "sha256": sha256} for file, sha256 in sums.items()]},
    )
    counts = {
        pcr.name: done.counts.get(pcr.name, {})
        for (_files, members), done in zip(groups, sorted_groups)
        for pcr in members
    }
    lost = [done.counts[""] for done in sorted_groups]
    return weigh_samples(all_pcrs, counts, lost, identified, provenance)


def _refuse_mates(pcrs: Sequence[Pcr]) -> None:
    """Refuse mates that were given as replicates: a read would confirm itself."""
    first: dict[str, str] = {}
    for file in dict.fromkeys(pcr.files[0] for pcr in pcrs if len(pcr.files) == 1):
        read = first_name(file)
        if read and first.setdefault(read, file) != file:
            raise UsageError(
                _(
                    "{file} and {other} begin with the same read: they are mates, or copies. "
                    "Name mates alike except for R1 and R2, or list them in a sheet (--sheet)."
                ).format(file=first[read], other=file)
            )


@contextmanager
def _open_folder(work: AnyPath | None) -> Iterator[Workplace]:
    """Open the working folder; without one, a temporary folder."""
    if work is not None:
        with open_workplace(work) as place:
            yield place
        return
    with tempfile.TemporaryDirectory(prefix="forensics-mixture-") as folder:
        with open_workplace(folder) as place:
            yield place


@dataclass(frozen=True)
class _Run:
    """The steps of a run that are done by files and PCRs."""

    bench: Bench
    groups: Sequence[PcrGroup]
    amplicons: Sequence[Amplicon]
    report: Progress

    def hash_files(self) -> dict[str, str]:
        """Return the SHA-256 of every read file."""
        files = [file for group_files, _members in self.groups for file in group_files]
        sums = {}
        for number, file in enumerate(files):
            self.report(_("Hashing"), number, len(files))
            with open_input(file, file):
                sums[file] = sha256(Path(file))
        return sums

    def sort(self, number: int, sums: Mapping[str, str]) -> Done:
        """Sort the reads of a set of files by PCR and amplicon."""
        files, members = self.groups[number]
        total = os.path.getsize(files[0])
        offset = int(self.bench.options.quality_offset)
        return self.bench.place.step(
            f"{number}-sorted",
            lambda folder: sort_reads(
                files, members, self.amplicons, folder, offset=offset,
                progress=lambda position: self.report(_("Sorting reads"), position, total),
            ),
            inputs={str(mate): sums[file] for mate, file in enumerate(files)},
            parameters={
                "offset": offset,
                "primers": [(amplicon.forward, amplicon.reverse) for amplicon in self.amplicons],
                "pcrs": [(pcr.name, pcr.tags) for pcr in members],
            },
        )  # fmt: skip

    def denoise(
        self, number: int, sorted_groups: Sequence[Done]
    ) -> tuple[dict[str, int], list[Denoised]]:
        """Return of an amplicon the reads of each PCR that were examined, and the sequences."""
        uniques: dict[str, Done] = {}
        total = sum(len(members) for _files, members in self.groups)
        for group, ((files, members), source) in enumerate(zip(self.groups, sorted_groups)):
            for row, pcr in enumerate(members):
                self.report(_("Merging and filtering"), len(uniques), total)
                uniques[pcr.name] = self.bench.find_uniques(
                    f"{group}-{row}-{number}-uniques",
                    source,
                    [file_name(row, number, mate) for mate in range(1, len(files) + 1)],
                )
        self.report(_("Denoising"), 0, 1)
        examined = {name: done.counts["examined"] for name, done in uniques.items()}
        return examined, self.bench.denoise(f"{number}-denoised", uniques)
