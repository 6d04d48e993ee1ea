"""From sorted reads to sequences with their counts: VSEARCH does the work, in steps of a folder.

Of each PCR and amplicon reads are merged, filtered and dereplicated. The unique sequences of all
PCRs of the run, controls among them, are then denoised together and freed of chimeras, so that
the same animal has the same sequence in all of them.

A step is done once, done again where something changed, and never half done::

    .forensics-mixture         marks the folder as one of these
    steps/NAME/…               what a step made
    steps/NAME/step.json       from what, with which parameters and program; sums of what it made

It is made in a folder of another name, which gets its name when all is there. So a power cut or
Ctrl-C costs the step that was being made, and no other.

References
----------
VSEARCH: Rognes et al. 2016, PeerJ 4:e2584, doi:10.7717/peerj.2584.
Merging and expected errors: Edgar & Flyvbjerg 2015, doi:10.1093/bioinformatics/btv401.
Denoising: Edgar 2016, UNOISE2, doi:10.1101/081257. Chimeras: Edgar 2016, UCHIME2,
doi:10.1101/074252.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired

from forensics.barcode.mixture.options import ReadSetOptions
from forensics.core.children import find_in_path, run, start
from forensics.errors import ForensicsError, UsageError
from forensics.io.files import AnyPath, sha256, working_alone
from forensics.messages import _

# The first release with --derep_smallmem.
MIN_VERSION = (2, 22, 0)
_VERSION = re.compile(r"vsearch v(\d+)\.(\d+)\.(\d+)")
_MAX_WORDS = 600  # letters of the output that an error repeats


@dataclass(frozen=True)
class Program:
    """VSEARCH on this machine.

    Attributes
    ----------
    path : str
    version : str
    threads : int
        That it may use; they change no result.
    """

    path: str
    version: str
    threads: int = 1

    @property
    def name(self) -> str:
        """Name and version, as records have it."""
        return f"vsearch {self.version}"

    def run(self, arguments: Sequence[object], folder: Path) -> None:
        """Run a command in a folder.

        Raises
        ------
        ForensicsError
            If it fails; its last words are repeated.
        """
        command = [self.path, *map(str, arguments), "--threads", str(self.threads)]
        log_path = folder / "vsearch.log"
        try:
            with open(log_path, "wb") as log:
                with start(command, cwd=folder, stdin=DEVNULL, stdout=log, stderr=log) as running:
                    try:
                        code = running.wait()
                    except BaseException:  # Ctrl-C: nothing goes on behind our back
                        running.kill()
                        running.wait()
                        raise
        except OSError as error:
            raise ForensicsError(
                _("{program} cannot be run ({error}).").format(
                    program=self.path, error=error.strerror or error
                )
            ) from error
        words = log_path.read_bytes()[-_MAX_WORDS:].decode("utf-8", "replace")
        log_path.unlink()
        if code:
            raise ForensicsError(
                _("vsearch {command} failed (code {code}): {words}").format(
                    command=arguments[0],
                    code=code,
                    words=" ".join("".join(c if c.isprintable() else " " for c in words).split()),
                )
            )


def find_program(path: AnyPath | None = None, *, threads: int = 1) -> Program:
    """Return VSEARCH, from `path` or the places where programs are.

    Raises
    ------
    ForensicsError
        If it is not there, is something else, or is too old.
    """
    program_path = find_in_path(path or "vsearch")

    def refusal(text: str, **facts: object) -> ForensicsError:
        advice = _(
            "Install VSEARCH {least} or later (Debian and Ubuntu: apt install vsearch; conda install "
            "-c bioconda vsearch; Homebrew: brew install vsearch; Windows: unpack the release of "
            "torognes/vsearch), or name it with --vsearch."
        ).format(least=".".join(map(str, MIN_VERSION)))
        return ForensicsError(text.format(program=program_path, advice=advice, **facts))

    if not program_path:
        raise refusal(_("The program {name} was not found. {advice}"), name=path or "vsearch")
    try:
        completed = run([program_path, "--version"], capture_output=True, stdin=DEVNULL, timeout=60)
    except (OSError, TimeoutExpired) as error:
        raise refusal(_("{program} cannot be run ({error})."), error=error) from error
    words = (completed.stdout + completed.stderr).decode("utf-8", "replace")
    version = _VERSION.search(words)
    if not version:
        raise refusal(_("{program} does not say that it is VSEARCH. {advice}"))
    number = ".".join(version.groups())
    if tuple(map(int, version.groups())) < MIN_VERSION:
        raise refusal(_("{program} is VSEARCH {version}, too old. {advice}"), version=number)
    return Program(program_path, number, threads)


# Changed whenever a step makes something else of the same things.
FORMAT = 1
_MARK, _RECORD, _PARTIAL = ".forensics-mixture", "step.json", "partial-"


@dataclass(frozen=True)
class Done:
    """A step that is done.

    Attributes
    ----------
    folder : Path
    made : dict of str to str
        SHA-256 of each file in it.
    counts : dict
        What was counted on the way.
    resumed : bool
        Whether it was done before.
    """

    folder: Path
    made: dict[str, str]
    counts: dict
    resumed: bool


class Workplace:
    """An opened working folder; made by `open_workplace`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._steps = folder / "steps"
        self._steps.mkdir(exist_ok=True)
        for left in folder.glob(_PARTIAL + "*"):  # of a run that was killed
            shutil.rmtree(left)

    def step(
        self,
        name: str,
        make: Callable[[Path], dict],
        *,
        inputs: Mapping[str, str],
        parameters: Mapping[str, object],
        program: str = "",
    ) -> Done:
        """Do a step, unless the same was done of the same.

        Parameters
        ----------
        name : str
            Name of a folder.
        make : callable
            Writes files into the folder that it is given, and returns what it counted.
        inputs : mapping of str to str
            SHA-256 of everything that it reads.
        parameters : mapping
            Everything else that can change what it makes.
        program : str
            Name and version of the program that does it, where it is not this one.
        """
        settings = {
            "format": FORMAT,
            "program": program,
            "parameters": dict(parameters),
            "inputs": dict(inputs),
        }
        # As JSON has it: lists for tuples.
        settings = json.loads(json.dumps(settings))
        place = self._steps / name
        known = _record(place)
        if known and known["asked"] == settings and known["made"] == _sums(place):
            return Done(place, known["made"], known["counts"], resumed=True)
        partial = self.folder / f"{_PARTIAL}{secrets.token_hex(4)}"
        try:
            partial.mkdir()
            counts = make(partial)
            made = _sums(partial)
            text = json.dumps({"asked": settings, "made": made, "counts": counts}, indent=1)
            (partial / _RECORD).write_text(text + "\n", encoding="utf-8")
            if place.exists():  # a folder cannot be replaced by another at once
                shutil.rmtree(place)
            os.replace(partial, place)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return Done(place, made, json.loads(json.dumps(counts)), resumed=False)


@contextmanager
def open_workplace(folder: AnyPath) -> Iterator[Workplace]:
    """Open, or make, a working folder for this run alone.

    Yields
    ------
    Workplace

    Raises
    ------
    UsageError
        If it holds something else, or another run works in it.
    """
    folder = Path(folder)
    marked = (folder / _MARK).exists()
    if folder.exists() and not marked and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _(
                "{folder} is not empty and is not a working folder of this command; give a new "
                "folder."
            ).format(folder=folder)
        )
    with working_alone(folder, _MARK):  # the mark is the lock
        yield Workplace(folder)


def _sums(folder: Path) -> dict[str, str]:
    return {
        path.name: sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != _RECORD
    }


def _record(place: Path) -> dict | None:
    """Return what is written of a step; None where it is not done, or is damaged."""
    try:
        record = json.loads((place / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(record, dict) and {"asked", "made", "counts"} <= record.keys()
    return record if whole else None


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


@dataclass(frozen=True)
class Bench:
    """What the steps of VSEARCH have in common."""

    place: Workplace
    program: Program
    options: ReadSetOptions

    def step(
        self, name: str, make: Callable[[Path], dict], inputs: Mapping[str, str], **more: object
    ) -> Done:
        """Do a step; see `Workplace.step`."""
        parameters = self.options.parameters() | more
        return self.place.step(
            name, make, inputs=inputs, parameters=parameters, program=self.program.name
        )

    def find_uniques(self, name: str, source: Done, files: Sequence[str]) -> Done:
        """Merge, filter and dereplicate the reads of a PCR and amplicon; ``counts`` has ``examined``.

        Parameters
        ----------
        name : str
            Of the step.
        source : Done
            The step that sorted the reads.
        files : sequence of str
            One or two files of it; those that it did not make are empty.
        """
        present = [file for file in files if file in source.made]

        def make(folder: Path) -> dict:
            distinct, merged = folder / _UNIQUES, folder / "merged.fasta"
            if present:
                self.program.run(self._merging([source.folder / f for f in files], merged), folder)
            if not present or not merged.stat().st_size:
                distinct.touch()
            else:
                self.program.run(
                    [
                        "--derep_smallmem", merged.name, "--fastaout", distinct.name, "--sizeout",
                        "--relabel_sha1", "--minseqlength", 1, "--fasta_width", 0, "--notrunclabels",
                    ],
                    folder,
                )  # fmt: skip
            merged.unlink(missing_ok=True)
            return {"examined": sum(size for _digest, size, _sequence in _read_sized(distinct))}

        inputs = {file: source.made[file] for file in present}
        return self.step(name, make, inputs, files=list(files))

    def _merging(self, paths: Sequence[Path], merged: Path) -> list:
        options = self.options
        limits = [
            "--fastaout", merged.name, "--fastq_maxee", options.maximum_errors,
            "--fastq_maxns", 0, "--fasta_width", 0,
        ]  # fmt: skip
        if len(paths) == 1:
            return [
                "--fastx_filter", paths[0].resolve(), *limits,
                "--fastq_minlen", options.minimum_length,
            ]  # fmt: skip
        return [
            "--fastq_mergepairs", paths[0].resolve(), "--reverse", paths[1].resolve(), *limits,
            "--fastq_minmergelen", options.minimum_length,
            "--fastq_minovlen", options.minimum_overlap,
            # Mates that reach beyond each other's start are cut there: what follows is adapter.
            "--fastq_allowmergestagger",
        ]  # fmt: skip

    def denoise(self, name: str, parts: Mapping[str, Done]) -> list[Denoised]:
        """Denoise the unique sequences of all PCRs of an amplicon together.

        Parameters
        ----------
        name : str
            Of the step.
        parts : mapping of str to Done
            What `find_uniques` gave, by the name of the PCR.

        Returns
        -------
        list of Denoised
            The most frequent first, chimeras among them.
        """

        def make(folder: Path) -> dict:
            pooled, distinct = folder / "pooled.fasta", folder / "distinct.fasta"
            with open(pooled, "wb") as stream:
                for part in parts.values():
                    with open(part.folder / _UNIQUES, "rb") as distinct_of_pcr:
                        shutil.copyfileobj(distinct_of_pcr, stream)
            for file in (_SEQUENCES, _MEMBERS, _PARENTS):
                (folder / file).touch()
            least = self.options.least_reads
            if pooled.stat().st_size:
                self.program.run(
                    [
                        "--derep_smallmem", pooled.name, "--fastaout", distinct.name, "--sizein",
                        "--sizeout", "--minuniquesize", least, "--relabel_sha1",
                        "--minseqlength", 1, "--fasta_width", 0,
                    ],
                    folder,
                )  # fmt: skip
            if distinct.exists() and distinct.stat().st_size:
                self.program.run(
                    [
                        "--cluster_unoise", distinct.name, "--minsize", least,
                        "--unoise_alpha", self.options.alpha, "--sizein", "--sizeout",
                        "--minseqlength", 1, "--qmask", "none",
                        "--centroids", _SEQUENCES, "--uc", _MEMBERS, "--fasta_width", 0,
                    ],
                    folder,
                )  # fmt: skip
                self.program.run(
                    [
                        "--uchime3_denovo", _SEQUENCES, "--sizein", "--qmask", "none",
                        "--uchimeout", _PARENTS,
                    ],
                    folder,
                )  # fmt: skip
            for path in (pooled, distinct):
                path.unlink(missing_ok=True)
            return {}

        inputs = {pcr: part.made[_UNIQUES] for pcr, part in parts.items()}
        return _read_sequences(self.step(name, make, inputs).folder, parts)


def _read_sequences(folder: Path, parts: Mapping[str, Done]) -> list[Denoised]:
    """Return the sequences that VSEARCH left, with the reads of each PCR."""
    by_digest = {
        digest: Denoised(digest, sequence, False)
        for digest, _size, sequence in _read_sized(folder / _SEQUENCES)
    }
    # Of each unique sequence the one that it is an error of, or itself.
    owners = {}
    for kind, *_facts, label, owner in _read_cells(folder / _MEMBERS):
        if kind in ("S", "H"):
            owners[label] = label if kind == "S" else owner
    for pcr, part in parts.items():
        for digest, size, _sequence in _read_sized(part.folder / _UNIQUES):
            owned_by = by_digest.get(owners.get(digest, ""))
            if owned_by:
                owned_by.reads[pcr] = owned_by.reads.get(pcr, 0) + size
    for _score, digest, *parents, verdict in (
        (*cells[:4], cells[-1]) for cells in _read_cells(folder / _PARENTS)
    ):
        if verdict == "Y":
            by_digest[digest].chimera = is_chimera(
                by_digest[digest], [by_digest[parent] for parent in parents]
            )
    return sorted(by_digest.values(), key=lambda sequence: (-sequence.read_count, sequence.digest))


def _read_cells(path: Path) -> Iterator[list[str]]:
    """Yield the cells of the lines that VSEARCH wrote, labels of sequences without their numbers."""
    with open(path, encoding="ascii") as stream:
        for line in stream:
            yield [cell.partition(";")[0] for cell in line.rstrip("\n").split("\t")]


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
