"""From sorted reads to sequences with their counts: VSEARCH does the work, in steps.

Of each PCR and amplicon reads are merged, filtered and dereplicated. The unique sequences of all
PCRs of the run, controls among them, are then denoised together and freed of chimeras, so that
the same animal has the same sequence in all of them.

References
----------
Merging and expected errors: Edgar & Flyvbjerg 2015, doi:10.1093/bioinformatics/btv401.
Denoising: Edgar 2016, UNOISE2, doi:10.1101/081257. Chimeras: Edgar 2016, UCHIME2,
doi:10.1101/074252.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from forensics.barcode.defaults import MAX_EXPECTED_ERRORS, MIN_MIXTURE_LENGTH, MIN_MIXTURE_READS
from forensics.barcode.mixture.program import Program
from forensics.barcode.mixture.steps import Done, Workplace
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["CHIMERIC_PCRS", "Denoised", "Settings", "denoise", "find_uniques", "is_chimera"]

_UNIQUES, _SEQUENCES, _MEMBERS, _PARENTS = (
    "uniques.fasta",
    "sequences.fasta",
    "members.tsv",
    "parents.tsv",
)
# Share of the PCRs that have a sequence in which it must be a chimera of others, to be one: as
# DADA2 has it (isBimeraDenovoTable, minSampleFraction; Callahan et al. 2016,
# doi:10.1038/nmeth.3869). A chimera is made in a tube; what stands in one without the sequences
# that it would be made of is an animal's.
CHIMERIC_PCRS = 0.9


@dataclass(frozen=True)
class Settings:
    """What reads and sequences must be.

    Attributes
    ----------
    maximum_errors : float
        Wrong bases expected of a read, merged where it has a mate, at most. 1: the most probable
        number of errors is none (Edgar & Flyvbjerg 2015).
    minimum_length : int
        Bases without primers. No locus is compared with less than 30.
    minimum_overlap : int
        Bases that mates must share; VSEARCH's default.
    least_reads : int
        Reads of a unique sequence in all of the run, from which on it can be distinguished from errors;
        the default of UNOISE2 (Edgar 2016).
    alpha : float
        How much rarer a sequence must be than one that differs by a base, to be an error of it;
        the default of UNOISE2.
    """

    maximum_errors: float = MAX_EXPECTED_ERRORS
    minimum_length: int = MIN_MIXTURE_LENGTH
    minimum_overlap: int = 10
    least_reads: int = MIN_MIXTURE_READS
    alpha: float = 2.0

    def __post_init__(self) -> None:
        if self.maximum_errors <= 0 or self.alpha <= 0:
            raise UsageError(_("Expected errors and alpha lie above 0."))
        if min(self.minimum_length, self.least_reads, self.minimum_overlap) < 1:
            raise UsageError(_("Lengths and numbers of reads are at least 1."))


@dataclass
class Denoised:
    """A sequence that is in the run.

    Attributes
    ----------
    digest : str
        SHA-1 of the sequence.
    sequence : str
    chimera : bool
        Whether it is put together from two that are more frequent, in the PCRs that have it.
    reads : dict of str to int
        Reads of each PCR, by its name.
    """

    digest: str
    sequence: str
    chimera: bool
    reads: dict[str, int] = field(default_factory=dict)

    @property
    def read_count(self) -> int:
        """Its reads in all PCRs."""
        return sum(self.reads.values())


def find_uniques(
    place: Workplace,
    name: str,
    source: Done,
    files: Sequence[str],
    program: Program,
    settings: Settings,
) -> Done:
    """Merge, filter and dereplicate the reads of a PCR and amplicon; ``counts`` has ``examined``.

    Parameters
    ----------
    place : Workplace
    name : str
        Of the step.
    source : Done
        The step that sorted the reads.
    files : sequence of str
        One or two files of it; those that it did not make are empty.
    program : Program
    settings : Settings
    """
    present = [file for file in files if file in source.made]

    def make(folder: Path) -> dict:
        distinct, merged = folder / _UNIQUES, folder / "merged.fasta"
        if present:
            paths = [source.folder / file for file in files]
            program.run(_merging(paths, merged, settings), folder)
        if not present or not merged.stat().st_size:
            distinct.touch()
        else:
            program.run(
                [
                    "--derep_smallmem", merged.name, "--fastaout", distinct.name, "--sizeout",
                    "--relabel_sha1", "--minseqlength", 1, "--fasta_width", 0, "--notrunclabels",
                ],
                folder,
            )  # fmt: skip
        merged.unlink(missing_ok=True)
        return {"examined": sum(size for _digest, size, _sequence in _read_sized(distinct))}

    return place.step(
        name,
        make,
        inputs={file: source.made[file] for file in present},
        parameters=asdict(settings) | {"files": list(files)},
        program=program.name,
    )


def _merging(paths: Sequence[Path], merged: Path, settings: Settings) -> list:
    limits = ["--fastq_maxee", settings.maximum_errors, "--fastq_maxns", 0, "--fasta_width", 0]
    if len(paths) == 1:
        return [
            "--fastx_filter", paths[0].resolve(), "--fastaout", merged.name, *limits,
            "--fastq_minlen", settings.minimum_length,
        ]  # fmt: skip
    return [
        "--fastq_mergepairs", paths[0].resolve(), "--reverse", paths[1].resolve(),
        "--fastaout", merged.name, *limits, "--fastq_minmergelen", settings.minimum_length,
        "--fastq_minovlen", settings.minimum_overlap,
        # Mates that reach beyond each other's start are cut there: what follows is adapter.
        "--fastq_allowmergestagger",
    ]  # fmt: skip


def denoise(
    place: Workplace,
    name: str,
    parts: Mapping[str, Done],
    program: Program,
    settings: Settings,
) -> tuple[list[Denoised], Done]:
    """Denoise the unique sequences of all PCRs of an amplicon together.

    Parameters
    ----------
    place : Workplace
    name : str
        Of the step.
    parts : mapping of str to Done
        What `find_uniques` gave, by the name of the PCR.
    program : Program
    settings : Settings

    Returns
    -------
    list of Denoised
        The most frequent first, chimeras among them.
    Done
        The step.
    """

    def make(folder: Path) -> dict:
        pooled, distinct = folder / "pooled.fasta", folder / "distinct.fasta"
        with open(pooled, "wb") as stream:
            for part in parts.values():
                with open(part.folder / _UNIQUES, "rb") as distinct_of_pcr:
                    while block := distinct_of_pcr.read(1 << 20):
                        stream.write(block)
        for file in (_SEQUENCES, _MEMBERS, _PARENTS):
            (folder / file).touch()
        if pooled.stat().st_size:
            program.run(
                [
                    "--derep_smallmem", pooled.name, "--fastaout", distinct.name, "--sizein",
                    "--sizeout", "--minuniquesize", settings.least_reads, "--relabel_sha1",
                    "--minseqlength", 1, "--fasta_width", 0,
                ],
                folder,
            )  # fmt: skip
        if distinct.exists() and distinct.stat().st_size:
            program.run(
                [
                    "--cluster_unoise", distinct.name, "--minsize", settings.least_reads,
                    "--unoise_alpha", settings.alpha, "--sizein", "--sizeout",
                    "--minseqlength", 1, "--qmask", "none",
                    "--centroids", _SEQUENCES, "--uc", _MEMBERS, "--fasta_width", 0,
                ],
                folder,
            )  # fmt: skip
            program.run(
                [
                    "--uchime3_denovo", _SEQUENCES, "--sizein", "--qmask", "none",
                    "--uchimeout", _PARENTS,
                ],
                folder,
            )  # fmt: skip
        for path in (pooled, distinct):
            path.unlink(missing_ok=True)
        return {}

    done = place.step(
        name,
        make,
        inputs={pcr: part.made[_UNIQUES] for pcr, part in parts.items()},
        parameters=asdict(settings),
        program=program.name,
    )
    return _read_sequences(done, parts), done


def _read_sequences(denoised: Done, parts: Mapping[str, Done]) -> list[Denoised]:
    """Return the sequences that VSEARCH left, with the reads of each PCR."""
    by_digest = {
        digest: Denoised(digest, sequence, False)
        for digest, _size, sequence in _read_sized(denoised.folder / _SEQUENCES)
    }
    owners = _read_owners(denoised.folder / _MEMBERS)
    for pcr, part in parts.items():
        for digest, size, _sequence in _read_sized(part.folder / _UNIQUES):
            owner = by_digest.get(owners.get(digest, ""))
            if owner:
                owner.reads[pcr] = owner.reads.get(pcr, 0) + size
    for digest, parents in _read_parents(denoised.folder / _PARENTS).items():
        by_digest[digest].chimera = is_chimera(
            by_digest[digest], [by_digest[parent] for parent in parents]
        )
    return sorted(by_digest.values(), key=lambda sequence: (-sequence.read_count, sequence.digest))


def _read_owners(path: Path) -> dict[str, str]:
    """Return of each unique sequence the one that it is an error of, or itself."""
    owners = {}
    with open(path, encoding="ascii") as stream:
        for line in stream:
            cells = line.rstrip("\n").split("\t")
            label = cells[8].partition(";")[0]
            if cells[0] == "S":
                owners[label] = label
            elif cells[0] == "H":
                owners[label] = cells[9].partition(";")[0]
    return owners


def _read_parents(path: Path) -> dict[str, list[str]]:
    """Return of each sequence that may be a chimera those that it may be put together from."""
    parents = {}
    with open(path, encoding="ascii") as stream:
        for line in stream:
            cells = line.rstrip("\n").split("\t")
            if cells[-1] == "Y":
                digests = [cell.partition(";")[0] for cell in cells[1:4]]
                parents[digests[0]] = digests[1:]
    return parents


def is_chimera(sequence: Denoised, parents: Sequence[Denoised]) -> bool:
    """Return whether both parents are there, and more frequent, in the PCRs that have a sequence."""
    with_parents = sum(
        all(parent.reads.get(pcr, 0) > reads for parent in parents)
        for pcr, reads in sequence.reads.items()
    )
    return with_parents >= CHIMERIC_PCRS * len(sequence.reads)


def _read_sized(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield digest, number of reads and bases of each sequence that VSEARCH wrote."""
    with open(path, encoding="ascii") as stream:
        for header in stream:
            digest, _mark, size = header[1:].rstrip("\n").partition(";size=")
            yield digest, int(size.rstrip(";")), next(stream).rstrip("\n").upper()
