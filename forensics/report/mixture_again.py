"""A mixture in the ledger, examined again from its read files.

Read files are too large for the ledger, which has their SHA-256: they are looked for by that in the
folders that are given. All of the run is examined again, with its controls: limits are set from them.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from forensics.barcode.reference.library import Library
from forensics.custody.attachments import base_name, file_sha256
from forensics.custody.findings import canonical_value
from forensics.custody.recomputing import CannotRecompute
from forensics.errors import ForensicsError, UsageError
from forensics.messages import _, available, language, speak

__all__ = ["examine_again"]

_SHOWN = 5  # names of files in a message
# What reads were compared with besides the library; the ledger has hashes of it at most.
_NOT_KEPT = ("elimination", "compared_with")


def examine_again(
    result: Mapping,
    provenance: Mapping,
    held: Callable[[str], Path | None],
    folder: Path,
    *,
    library: Library,
    identify: Callable[..., object],
    reads: Sequence[str | os.PathLike] = (),
) -> dict:
    """Return what the read files of a mixture give again, as plain values.

    Parameters
    ----------
    result, provenance : mapping
        As the ledger has them.
    held : callable
        Returns the attached file of a SHA-256, or None.
    folder : path
        For what has to be written.
    library : Library
        The one that was used.
    identify : callable
        `forensics.identify`.
    reads : sequence of path
        Files, and folders with all below them, among which read files are looked for by their sums.

    Raises
    ------
    CannotRecompute
        If read files, VSEARCH, or what they were compared with is not at hand.
    ForensicsError
        If the examination fails.
    """
    from forensics.barcode.mixture.amplicons import amplicons_of
    from forensics.barcode.mixture.denoising import Settings
    from forensics.barcode.mixture.program import find_program
    from forensics.barcode.mixture.running import examine

    asked = provenance["parameters"]
    identification = asked["identification"]
    for name in _NOT_KEPT:
        if identification.get(name):
            raise CannotRecompute(
                _(
                    "cannot be recomputed: its reads were compared with further files ({name}) that the "
                    "ledger does not keep. By hand: forensics mixture with the read files, those files and "
                    "the parameters, and --format json; compare with the finding"
                ).format(name=name)
            )
    try:
        program = find_program(threads=os.cpu_count() or 1)
    except ForensicsError as error:
        raise CannotRecompute(
            _("cannot be recomputed: the program that works on the reads is not at hand: {error}").format(
                error=error
            )
        ) from error  # fmt: skip
    paths = _read_files(provenance["input"]["files"], held, folder, reads)
    names = list(dict.fromkeys(one["amplicon"] for one in result["reads"]))
    pairs, locus = _primers(asked, names)
    found = examine(
        _pcrs(asked["pcrs"], paths),
        identify,
        library,
        primers=pairs,
        trimmed=not pairs,
        locus=locus,
        identification=_identification(identification),
        settings=Settings(**{
            one.name: (int if isinstance(one.default, int) else float)(asked[one.name])
            for one in fields(Settings)
        }),
        offset=int(asked["quality_offset"]),
        program=program,
    )  # fmt: skip
    ours = [one for one in found if one.role == result["role"]]
    if len(ours) > 1:  # of one alone the laboratory may have another name
        ours = [one for one in ours if one.sample == result["sample"]]
    if not ours:
        raise CannotRecompute(
            _("cannot be recomputed: its recorded PCRs have no sample {name}").format(
                name=result["sample"]
            )
        )
    made = ours[0].to_dict()
    # Files lay elsewhere, under other names; their sums are what was compared.
    labels = {path: label for label, path in paths.items()}
    for pcr in made["provenance"]["parameters"]["pcrs"]:
        pcr["files"] = [labels[path] for path in pcr["files"]]
    again = [one.name for one in amplicons_of(pairs, locus=locus)]
    said = _said(names, lambda: [one.name for one in amplicons_of(pairs, locus=locus)])
    _rename(made, dict(zip(again, said)))
    _relabel(made, result, ours[0])
    return made


def _read_files(recorded, held, folder: Path, reads) -> dict[str, str]:
    """Return the path of each recorded file; those of one content get paths of their own."""
    wanted = {one["sha256"]: base_name(one["file"]) for one in recorded}
    known = {sha256: path for sha256 in wanted if (path := held(sha256))}
    # Those of a recorded name are read first: others are hashed only where a file was renamed.
    at_hand = sorted(_below(reads), key=lambda path: (path.name not in wanted.values(), path))
    for path in at_hand:
        if len(known) == len(wanted):
            break
        sha256 = file_sha256(path)[0]
        if sha256 in wanted:
            known.setdefault(sha256, path)
    missing = [wanted[one["sha256"]] for one in recorded if one["sha256"] not in known]
    if missing:
        raise CannotRecompute(
            _(
                "cannot be recomputed: {missing} of {all} read files are not at hand, of the SHA-256 that "
                "the finding names ({names}). Reads are too large for the ledger; give the folder that "
                "holds them with --reads"
            ).format(
                missing=len(missing), all=len(recorded),
                names=", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else ""),
            )
        )  # fmt: skip
    paths: dict[str, str] = {}
    for number, one in enumerate(recorded):
        path = os.fspath(known[one["sha256"]])
        if path in paths.values():  # such as two blanks without a read
            path = os.fspath(shutil.copyfile(path, folder / f"copy-{number}"))
        paths[one["file"]] = path
    return paths


def _below(given) -> Iterator[Path]:
    """Yield the files that were given, and those in given folders."""
    for one in map(Path, given):
        if one.is_dir():
            yield from (path for path in one.rglob("*") if path.is_file())
        else:
            yield one


def _pcrs(recorded, paths: Mapping[str, str]) -> list:
    """Return the PCRs as they were given, with the files that are at hand."""
    from forensics.barcode.mixture.sheet import UNUSED, Pcr

    pcrs = []
    for one in recorded:
        tags = tuple(one["tags"])
        if one["role"] == UNUSED and tags and not tags[1]:
            continue  # made of the others while reads are sorted, and made again
        sample, _slash, replicate = one["pcr"].rpartition("/")
        files = tuple(paths[file] for file in one["files"])
        pcrs.append(Pcr(sample, replicate, one["role"], files, tags))
    return pcrs


def _primers(asked: Mapping, names: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs of primers as they were given, and the locus that was asked for.

    Raises
    ------
    CannotRecompute
        If no locus that can be asked for gives the recorded ones.
    """
    from forensics.barcode.mixture.amplicons import amplicons_of

    pairs = []
    for number, pair in enumerate(asked["primers"]):
        # Names of primers hold no blanks.
        words = names[number].split(" ") if number < len(names) else []
        try:
            (known,) = amplicons_of([words]) if len(words) == 2 else (None,)
        except UsageError:  # no names of primers: they were given as sequences
            known = None
        same = known is not None and [known.forward, known.reverse] == list(pair)
        pairs.append(tuple(words if same else pair))
    loci = [str(one) for one in asked["loci"]]
    for locus in dict.fromkeys(["auto", *loci]):
        if [one.locus for one in amplicons_of(pairs, locus=locus)] == loci:
            return pairs, locus
    raise CannotRecompute(
        _("cannot be recomputed: the recorded loci ({loci}) do not fit the recorded primers").format(
            loci=", ".join(loci)
        )
    )  # fmt: skip


def _identification(asked: Mapping) -> dict:
    """Return the parameters of the identification as the numbers that they were."""
    found: dict[str, object] = {
        name: float(asked[name])
        for name in ("confidence", "in_library_prior", "floor")
        if asked.get(name) is not None
    }
    if criteria := asked.get("criteria"):
        found["criteria"] = str(criteria["name"])
    # As the command has it, which counts where nothing was left to identify.
    return found | {"elimination": None}


# -- names that are words of a language -------------------------------------------------


def _said(recorded: object, say: Callable[[], object]) -> object:
    """Return what was recorded if it is what is said now, in whichever language; else what is said."""
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


def _rename(made: dict, names: Mapping[str, str]) -> None:
    for one in (*made["reads"], *made["found"]):
        one["amplicon"] = names.get(one["amplicon"], one["amplicon"])
    made["limits"] = {names.get(name, name): one for name, one in made["limits"].items()}


def _relabel(made: dict, result: Mapping, mixture) -> None:
    """Give each taxon its label in the language of the recording, where it says the same."""
    from forensics.barcode.mixture.taxa import label_of

    for one, found, before in zip(made["found"], mixture.found, result["found"]):
        call = found.taxon.members[0][1]
        one["label"] = _said(
            before["label"], lambda call=call, of=found.taxon.status: label_of(of, call)
        )
