"""A mixture in the ledger, examined again from its read files.

Read files are too large for the ledger, which has their SHA-256: they are looked for by that in the
folders that are given. All of the run is examined again, with its controls: limits are set from them.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.custody.attachments import base_name
from forensics.custody.findings import canonical_value
from forensics.errors import ForensicsError, UsageError
from forensics.messages import _, available, language, speak
from forensics.reanalysis.attachments import Attachments, CannotRecompute
from forensics.reanalysis.recorded import Recorded, Sources, find_library
from forensics.resources import sha256 as sha256_of

if TYPE_CHECKING:
    from forensics.barcode.mixture.denoising import Settings
    from forensics.barcode.mixture.results import Mixture
    from forensics.barcode.mixture.sheet import Pcr

__all__ = ["recompute_mixture"]

_MAX_NAMES = 5  # names of files in a message
# What reads were compared with apart from the library; the ledger has hashes of it at most.
_NOT_KEPT = ("elimination", "compared_with")


def recompute_mixture(
    recorded: Recorded, attachments: Attachments, sources: Sources
) -> dict[str, Any]:
    """Return what the read files of a mixture give again, as plain values.

    Raises
    ------
    CannotRecompute
        If the library, read files, VSEARCH, or what they were compared with is not at hand.
    ForensicsError
        If the examination fails.
    """
    from forensics.barcode.mixture.amplicons import read_primers
    from forensics.barcode.mixture.program import find_program
    from forensics.barcode.mixture.running import examine

    library = find_library(recorded.event, recorded.library["sha256"], sources.libraries)
    parameters, result = recorded.parameters, recorded.result
    identification = parameters["identification"]
    for name in _NOT_KEPT:
        if identification.get(name):
            raise CannotRecompute(
                _(
                    "cannot be recomputed: its reads were compared with further files ({name}) that the "
                    "ledger does not keep"
                ).format(name=name),
                _(
                    "By hand: forensics mixture with the read files, those files and the parameters, and "
                    "--format json; compare with the finding"
                ),
            )
    try:
        program = find_program(threads=os.cpu_count() or 1)
    except ForensicsError as error:
        raise CannotRecompute(
            _("cannot be recomputed: the program that works on the reads is not at hand"), str(error)
        ) from error  # fmt: skip
    paths = _find_read_files(recorded.input["files"], attachments, sources.reads)
    names = list(dict.fromkeys(reads["amplicon"] for reads in result["reads"]))
    pairs, locus = _primers(parameters, names)
    mixtures = examine(
        _pcrs(parameters["pcrs"], paths),
        sources.identify,
        library,
        primers=pairs,
        trimmed=not pairs,
        locus=locus,
        identification=_identification(identification),
        settings=_settings(parameters),
        offset=int(parameters["quality_offset"]),
        program=program,
    )
    mixture = _mixture_of_sample(mixtures, recorded)
    made: dict[str, Any] = mixture.to_dict()
    # Files lay elsewhere, under other names; their SHA-256 were compared.
    labels = {path: label for label, path in paths.items()}
    for pcr in made["provenance"]["parameters"]["pcrs"]:
        pcr["files"] = [labels[path] for path in pcr["files"]]

    def amplicon_names() -> list[str]:
        return [amplicon.name for amplicon in read_primers(pairs, locus=locus)]

    _rename(made, dict(zip(amplicon_names(), _as_recorded(names, amplicon_names))))
    _relabel(made, result, mixture)
    return made


def _mixture_of_sample(mixtures: Sequence["Mixture"], recorded: Recorded) -> "Mixture":
    """Return the mixture of the finding's sample; where only one has its role, that one."""
    of_role = [mixture for mixture in mixtures if mixture.role == recorded.result["role"]]
    if len(of_role) > 1:  # of a single one the laboratory may have another name
        of_role = [mixture for mixture in of_role if mixture.sample == recorded.sample]
    if not of_role:
        raise CannotRecompute(
            _("cannot be recomputed: its recorded PCRs have no sample {name}").format(
                name=recorded.sample
            )
        )
    return of_role[0]


def _find_read_files(
    files: Sequence[Mapping[str, Any]], attachments: Attachments, reads: Sequence[Any]
) -> dict[str, str]:
    """Return the path of each recorded file; those of one content get paths of their own."""
    names = {file["sha256"]: base_name(file["file"]) for file in files}
    known = {sha256: path for sha256 in names if (path := attachments.find(sha256))}
    # Those of a recorded name are read first: others are hashed only where a file was renamed.
    at_hand = sorted(_files_in(reads), key=lambda path: (path.name not in names.values(), path))
    for path in at_hand:
        if len(known) == len(names):
            break
        sha256 = sha256_of(path)
        if sha256 in names:
            known.setdefault(sha256, path)
    missing = [names[file["sha256"]] for file in files if file["sha256"] not in known]
    if missing:
        raise CannotRecompute(
            _(
                "cannot be recomputed: {missing} of {all} read files are not at hand, of the SHA-256 that "
                "the finding names ({names}); reads are too large for the ledger"
            ).format(
                missing=len(missing), all=len(files),
                names=", ".join(missing[:_MAX_NAMES]) + (" …" if len(missing) > _MAX_NAMES else ""),
            ),
            _("Give the folder that holds them with --reads"),
        )  # fmt: skip
    paths: dict[str, str] = {}
    for number, file in enumerate(files):
        path_text = os.fspath(known[file["sha256"]])
        if path_text in paths.values():  # such as two blanks without a read
            path_text = os.fspath(shutil.copyfile(path_text, attachments.folder / f"copy-{number}"))
        paths[file["file"]] = path_text
    return paths


def _files_in(places: Sequence[Any]) -> Iterator[Path]:
    """Yield the files that were given, and those in given folders."""
    for place in map(Path, places):
        if place.is_dir():
            yield from (path for path in place.rglob("*") if path.is_file())
        else:
            yield place


def _pcrs(pcrs: Sequence[Mapping[str, Any]], paths: Mapping[str, str]) -> list["Pcr"]:
    """Return the PCRs as they were given, with the files that are at hand."""
    from forensics.barcode.mixture.sheet import UNUSED, Pcr

    given = []
    for pcr in pcrs:
        tags = tuple(pcr["tags"])
        if pcr["role"] == UNUSED and tags and not tags[1]:
            continue  # made of the others while reads are sorted, and made again
        sample, _slash, replicate = pcr["pcr"].rpartition("/")
        files = tuple(paths[file] for file in pcr["files"])
        given.append(Pcr(sample, replicate, pcr["role"], files, tags))
    return given


def _primers(
    parameters: Mapping[str, Any], names: Sequence[str]
) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs of primers as they were given, and the locus that was asked for.

    Raises
    ------
    CannotRecompute
        If no locus that can be asked for gives the recorded ones.
    """
    from forensics.barcode.mixture.amplicons import read_primers

    pairs: list[tuple[str, str]] = []
    for number, (forward, reverse) in enumerate(parameters["primers"]):
        # Names of primers hold no blanks.
        words = names[number].split(" ") if number < len(names) else []
        try:
            (known,) = read_primers([words]) if len(words) == 2 else (None,)
        except UsageError:  # not names of primers: they were given as sequences
            known = None
        same = known is not None and [known.forward, known.reverse] == [forward, reverse]
        pairs.append((words[0], words[1]) if same else (forward, reverse))
    loci = [str(locus) for locus in parameters["loci"]]
    for locus in dict.fromkeys(["auto", *loci]):
        if [amplicon.locus for amplicon in read_primers(pairs, locus=locus)] == loci:
            return pairs, locus
    raise CannotRecompute(
        _("cannot be recomputed: the recorded loci ({loci}) do not fit the recorded primers").format(
            loci=", ".join(loci)
        )
    )  # fmt: skip


def _settings(parameters: Mapping[str, Any]) -> "Settings":
    """Return the settings of the run as the numbers that they were."""
    from forensics.barcode.mixture.denoising import Settings

    numbers: dict[str, Any] = {
        setting.name: (int if isinstance(setting.default, int) else float)(parameters[setting.name])
        for setting in fields(Settings)
    }
    return Settings(**numbers)


def _identification(parameters: Mapping[str, Any]) -> dict[str, object]:
    """Return the parameters of the identification as the numbers that they were."""
    options: dict[str, object] = {
        name: float(parameters[name])
        for name in ("confidence", "in_library_prior", "floor")
        if parameters.get(name) is not None
    }
    if criteria := parameters.get("criteria"):
        options["criteria"] = str(criteria["name"])
    # As the command has it, which counts where nothing was left to identify.
    return options | {"elimination": None}


# -- names that are words of a language -------------------------------------------------


def _as_recorded(recorded: Any, say: Callable[[], Any]) -> Any:
    """Return what was recorded if it is what is said now in any language; else what is said now."""
    now = say()
    if now == recorded:
        return now
    before = language()
    try:
        for code in available():
            speak(code)
            if canonical_value(say()) == recorded:
                return recorded
    finally:
        speak(before)
    return now


def _rename(made: dict[str, Any], names: Mapping[str, str]) -> None:
    """Give amplicons the names that they had in the language of the recording."""
    for part in (*made["reads"], *made["found"]):
        part["amplicon"] = names.get(part["amplicon"], part["amplicon"])
    made["limits"] = {names.get(name, name): limit for name, limit in made["limits"].items()}


def _relabel(made: dict[str, Any], result: Mapping[str, Any], mixture: "Mixture") -> None:
    """Give each taxon its label in the language of the recording, where it says the same."""
    from forensics.barcode.mixture.taxa import label_taxon

    for stored, taxon, before in zip(made["found"], mixture.taxa, result["found"]):
        if taxon.weighed is not None:
            label = partial(label_taxon, taxon.status, taxon.weighed.members[0][1])
            stored["label"] = _as_recorded(before["label"], label)
