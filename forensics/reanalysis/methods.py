"""Findings other than identifications, computed again from what the ledger keeps of them.

What was read is attached to the finding, how it was read stands with its input, and how it was
computed in its parameters; the reads of a mixture lie elsewhere (`mixture`). What a finding does
not record, such as which column of a table names the classes, cannot be
guessed: then the error says why, and what to do by hand. A finding that was not computed again is never
called the same.

Ages, computed again: single radiocarbon measurements, series along a tusk, and methylation.

Comparisons of profiles and of measurements, computed again from the attached tables.

A mixture in the ledger, examined again from its read files.

Read files are too large for the ledger, which has their SHA-256: they are looked for by that in the
folders that are given. All of the run is examined again, with its controls: limits are set from them.

An assignment to an origin, computed again from the attached samples and the model that it used.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.core.result import Result
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.custody.storage import base_name
from forensics.errors import ForensicsError, UsageError
from forensics.io.files import sha256 as sha256_of
from forensics.messages import _, available, language, name_some, speak
from forensics.reanalysis.recorded import (
    Attachments,
    CannotRecompute,
    Computed,
    Recorded,
    Sources,
    copy_attachments,
    files_read,
    find_library,
    numbers_of,
    provenance_of,
    read_attached_genotypes,
    read_recorded,
    result_of_sample,
)
from forensics.stored_results import find_kind

if TYPE_CHECKING:
    from forensics.age.radiocarbon import Curve
    from forensics.age.results import Age, MethylationAge, RadiocarbonAge, SeriesAge
    from forensics.barcode.mixture.results import Mixture
    from forensics.barcode.mixture.sheet import Pcr
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.captive.results import Husbandry
    from forensics.individual.frequencies import Theta
    from forensics.individual.network import Network
    from forensics.individual.results import Individual, Kinship, Parentage
    from forensics.origin.areas import RegionSet
    from forensics.origin.models import Model
    from forensics.origin.polygons import RangeMap
    from forensics.origin.results import Origin


def recompute_radiocarbon(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "RadiocarbonAge":
    """Return the date of a single measurement."""
    from forensics.age.radiocarbon import calibrate, f14c_of_age
    from forensics.age.results import radiocarbon_result

    parameters = recorded.parameters
    numbers = numbers_of(parameters, "f14c", "sd", "since", "age", "age_sd")
    if "age" in numbers:
        value, error = map(float, f14c_of_age(numbers["age"], numbers["age_sd"]))
    else:
        value, error = numbers["f14c"], numbers["sd"]
    calibration = calibrate(
        value,
        error,
        _curve(recorded, attachments),
        until=_until(parameters),
        since=numbers["since"],
        position=parameters["position"],
    )
    entered = {name: numbers[name] for name in ("age", "age_sd") if name in numbers}
    return radiocarbon_result(
        calibration,
        parameters["dates"],
        sample=recorded.sample,
        parameters=entered | _seized(parameters),
    )


def recompute_series(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "SeriesAge":
    """Return the dates of a series of measurements along a tusk."""
    from forensics.age.options import GrowthOptions
    from forensics.age.results import date_series
    from forensics.age.tables import read_table

    parameters = recorded.parameters
    table = read_table(attachments.require(recorded.input["sha256"], _("the table of the series")))
    return date_series(
        table,
        _curve(recorded, attachments),
        GrowthOptions.of_record(recorded.parameters),
        parameters["dates"],
        until=_until(parameters),
        since=numbers_of(parameters, "since")["since"],
        position=parameters["position"],
        sample=recorded.sample,
        parameters=_seized(parameters),
    )


def recompute_methylation(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "MethylationAge":
    """Return the age by an epigenetic clock."""
    from forensics.age.methylation import read_clock
    from forensics.age.options import LifeHistory
    from forensics.age.results import age_of_sample
    from forensics.age.tables import methylation_of, read_table, typical_of

    parameters = recorded.parameters
    clock = read_clock(
        attachments.require(recorded.library["sha256"], _("the clock")),
        transform=parameters["transform"],
    )
    table = read_table(attachments.require(recorded.input["sha256"], _("the table of methylation")))
    samples = methylation_of(table, list(clock.coefficients))
    sample = recorded.sample
    if sample not in samples and len(samples) == 1:  # the laboratory names it otherwise
        (sample,) = samples
    if sample not in samples:
        raise CannotRecompute(
            _("cannot be recomputed: the attached table has no sample {name}").format(name=sample)
        )
    life, typical = parameters["life_history"], None
    if isinstance(parameters["typical"], dict):
        path = attachments.require(
            parameters["typical"]["sha256"], _("the table of typical values")
        )
        typical = typical_of(read_table(path), list(clock.coefficients))
    level = {"level": float(parameters["level"])} if clock.card else {}
    return age_of_sample(
        clock, table, sample, samples[sample], typical=typical, **level,
        life=life and LifeHistory(**numbers_of(life, *LifeHistory.specs())),
    )  # fmt: skip


def recompute_age(recorded: Recorded, attachments: Attachments, sources: Sources) -> "Age":
    """Return the age by the method that the finding names."""
    methods: dict[object, Callable[[Recorded, Attachments, Sources], Age]] = {
        "radiocarbon": recompute_radiocarbon,
        "series": recompute_series,
        "methylation": recompute_methylation,
    }
    if (recompute := methods.get(recorded.result["method"])) is None:
        raise _form_unknown()
    return recompute(recorded, attachments, sources)


def _curve(recorded: Recorded, attachments: Attachments) -> "Curve":
    from forensics.age.radiocarbon import joined, read_curve

    return joined(
        read_curve(attachments.require(file["sha256"], _("a calibration curve")))
        for file in recorded.library["files"]
    )


def _seized(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in ("seized",) if name in parameters}


def _until(parameters: dict[str, Any]) -> float:
    """Return the latest year: of the day of the seizure where that is recorded."""
    from forensics.age.results import end_of

    return end_of(parameters["seized"]) if "seized" in parameters else float(parameters["until"])


def recompute_match(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "Individual":
    """Return the matches of the finding's sample in the database."""
    from forensics.individual.options import RateOptions
    from forensics.individual.results import individuals_of

    (questioned, database), reference = _read_tables(recorded, attachments)
    results = individuals_of(
        questioned,
        database,
        reference,
        RateOptions.of_record(recorded.parameters),
        theta=_theta(recorded),
    )
    return result_of_sample(results, recorded.sample)


def recompute_kinship(recorded: Recorded, attachments: Attachments, _sources: Sources) -> "Kinship":
    """Return the kinship of all pairs of a table."""
    from forensics.individual.kinship import SIMULATED
    from forensics.individual.options import KinshipOptions
    from forensics.individual.results import kinship_of

    (genotypes,), reference = _read_tables(recorded, attachments)
    simulated = int(next(iter(recorded.result["by_chance"].values()))["simulated"])
    if not 1 <= simulated <= SIMULATED:  # before memory and time are given to what a hand wrote
        raise CannotRecompute(
            _("cannot be recomputed: {found} simulated pairs are recorded; expected are 1 to {most}").format(
                found=simulated, most=SIMULATED
            )
        )  # fmt: skip
    return kinship_of(
        genotypes, reference, KinshipOptions.of_record(recorded.parameters), theta=_theta(recorded),
        relationships=tuple(recorded.parameters["relationships"]), sample=recorded.sample,
        simulated=simulated,
    )  # fmt: skip


def recompute_parentage(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "Parentage":
    """Return whether a claim of parentage holds."""
    from forensics.individual.options import ParentageOptions
    from forensics.individual.results import claims_of

    tables, reference = _read_tables(recorded, attachments)
    dam: Genotypes | None
    sire: Genotypes | None
    if len(tables) == 2:  # which of the two parents was declared stands in the result
        young, parent = tables
        declared = recorded.result["claim"]["pairs"][0]
        dam, sire = (parent, None) if declared["dam"] else (None, parent)
    else:
        young, dam, sire = tables
    (result,) = claims_of(
        young, dam, sire, reference, ParentageOptions.of_record(recorded.parameters), theta=_theta(recorded),
        sample=recorded.sample,
    )  # fmt: skip
    return result


def recompute_network(recorded: Recorded, attachments: Attachments, _sources: Sources) -> "Network":
    """Return the network of seizures of a table."""
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network, seizures_of
    from forensics.individual.options import NetworkOptions

    seizures = recorded.parameters.get("seizures")
    if not seizures:
        raise CannotRecompute(
            _("cannot be recomputed: the finding does not record which column names the seizures"),
            _(
                "By hand: forensics individual network with the attached tables, --seizure and the "
                "parameters, and --format json; compare with the finding"
            ),
        )
    (genotypes,), reference = _read_tables(recorded, attachments)
    return seizure_network(
        genotypes,
        seizures_of(genotypes, seizures),
        frequencies_of(reference, also=[genotypes]),
        NetworkOptions.of_record(recorded.parameters),
        reference=reference,
        theta=_theta(recorded),
        sample=recorded.sample,
    )


def recompute_captive(
    recorded: Recorded, attachments: Attachments, sources: Sources
) -> "Husbandry":
    """Return whether the finding's sample was wild or captive."""
    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements
    from forensics.individual.options import CaptiveOptions

    parameters, read = recorded.parameters, recorded.input
    reference_file = read["reference"]
    if not (reference_file.get("read_with") or {}).get("classes"):
        raise CannotRecompute(
            _(
                "cannot be recomputed: the finding does not record which columns name classes and groups"
            ),
            _(
                "By hand: forensics individual captive with the attached tables, --class-column, "
                "--group-column and the parameters, and --format json; compare with the finding"
            ),
        )
    questioned = read_measurements(
        attachments.require(read["sha256"], _("the table of samples")), set_aside=True,
        **(read.get("read_with") or {}),
    )  # fmt: skip
    reference = read_measurements(
        attachments.require(recorded.library["sha256"], _("the table of samples of known class")),
        **reference_file["read_with"],
    )
    prior = {name: float(value) for name, value in parameters["prior"].items()}
    results = examine(
        questioned,
        reference,
        CaptiveOptions.of_record({"without_suspects": False, **parameters}),
        prior="equal" if len(set(prior.values())) == 1 else prior,
    )
    return result_of_sample(results, recorded.sample)


def _read_tables(
    recorded: Recorded, attachments: Attachments
) -> tuple[list["Genotypes"], "Genotypes"]:
    """Return the tables that were compared, in their order, and the reference of frequencies."""
    files = recorded.input["files"]
    tables = [
        read_attached_genotypes(file, attachments, _("a table of genotypes")) for file in files
    ]
    reference = recorded.input["reference"]
    for file, table in zip(files, tables):
        if file["sha256"] == reference["sha256"] and (
            "read_with" not in reference or file.get("read_with") == reference["read_with"]
        ):
            return tables, table
    what = _("the reference of the frequencies")
    return tables, read_attached_genotypes(reference, attachments, what)


def _theta(recorded: Recorded) -> "Theta":
    """Return the recorded theta with its source, so that it is recorded again as it was."""
    from forensics.individual.frequencies import theta_of_parameters

    return theta_of_parameters(recorded.parameters)


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
    from forensics.barcode.mixture.denoising import find_program
    from forensics.barcode.mixture.options import ReadSetOptions
    from forensics.barcode.mixture.running import examine
    from forensics.barcode.mixture.sorting import read_primers

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
            _("cannot be recomputed: the program that processes the reads is not available"), str(error)
        ) from error  # fmt: skip
    paths = _find_read_files(recorded.input["files"], attachments, sources.reads)
    names = list(dict.fromkeys(reads["amplicon"] for reads in result["reads"]))
    pairs, locus = _primers(parameters, names)
    mixtures = examine(
        _pcrs(parameters["pcrs"], paths),
        sources.identify,
        library,
        ReadSetOptions.of_record(parameters, locus=locus, trimmed=not pairs),
        primers=pairs,
        identification=_identification(identification),
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
                "cannot be recomputed: {missing} of the {all} read files with the SHA-256 in the "
                "finding are not available ({names}); reads are too large for the ledger"
            ).format(
                missing=len(missing), all=len(files),
                names=name_some(missing),
            ),
            _("Give their folder with --reads"),
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
    from forensics.barcode.mixture.sorting import read_primers

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


def _identification(parameters: Mapping[str, Any]) -> dict[str, object]:
    """Return the parameters of the identification as the numbers that they were."""
    from forensics.barcode.options import IdentifyOptions

    criteria = parameters.get("criteria")
    stated = {name: value for name, value in parameters.items() if value is not None}
    options = IdentifyOptions.of_record(
        IdentifyOptions().parameters() | stated,
        criteria=str(criteria["name"]) if criteria else "none",
    ).given()
    # The locus is that of each amplicon. The elimination set is as the command has it, which counts where nothing was
    # left to identify.
    names = stated.keys() - {"locus"}
    return {name: value for name, value in options.items() if name in names} | {"elimination": None}


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
    from forensics.barcode.mixture.presence import label_taxon

    for stored, taxon, before in zip(made["found"], mixture.taxa, result["found"]):
        if taxon.weighed is not None:
            label = partial(label_taxon, taxon.status, taxon.weighed.members[0][1])
            stored["label"] = _as_recorded(before["label"], label)


def recompute_origin(recorded: Recorded, attachments: Attachments, sources: Sources) -> "Origin":
    """Return the assignment of the finding's sample."""
    from forensics.origin.options import KINDS, AssignmentOptions
    from forensics.origin.predict import assign_with

    parameters, read = recorded.parameters, recorded.input
    for name in ("range_map", "listings"):
        # Of what a script gave as an object there is no file.
        if parameters.get(name) and "file_sha256" not in parameters[name]:
            raise CannotRecompute(
                _(
                    "cannot be recomputed: the file of {name} is not in the ledger, only its SHA-256"
                ).format(name=name.replace("_", " ")),
                _(
                    "By hand: forensics origin assign with the attached samples, that file and the "
                    "parameters"
                ),
            )
    model = _find_model(recorded.library, sources)
    samples: Any
    files: dict[str, Any] = {}
    if KINDS[model.kind].by == "isotopes":
        samples = attachments.require(read["sha256"], _("the table of samples"))
        files |= read.get("read_with") or {}
    else:
        samples = read_attached_genotypes(read, attachments, _("the table of samples"))
        if regions := parameters.get("regions"):
            files["regions"] = _read_regions(regions, attachments)
        if range_map := parameters.get("range_map"):
            files["range_map"] = _read_range_map(range_map, attachments)
    assignments = assign_with(
        model, samples, options=AssignmentOptions.of_record(parameters), **files
    )
    return result_of_sample(assignments, recorded.sample)


def _find_model(identity: Mapping[str, Any], sources: Sources) -> "Model":
    """Return the model of this identity.

    Raises
    ------
    CannotRecompute
        If it was not given.
    """
    sha256 = identity["sha256"]
    for model in sources.models():
        if model.sha256 == sha256:
            return model
    raise CannotRecompute(
        _("cannot be recomputed: the model {name}, SHA-256 {sha256}, is not available").format(
            name=identity.get("name"), sha256=sha256
        ),
        _("Give it with --model"),
    )  # fmt: skip


def _read_range_map(recorded: dict[str, Any], attachments: Attachments) -> "RangeMap":
    """Return the range map that a finding names, of the attached file."""
    from forensics.origin.polygons import read_range_map

    path = attachments.require(recorded["file_sha256"], _("the file of the range map"))
    return replace(read_range_map(path), source=recorded["source"])


def _read_regions(recorded: dict[str, Any], attachments: Attachments) -> "RegionSet":
    """Return the reporting regions that a finding names: countries, or an attached file."""
    from forensics.origin.areas import country_regions
    from forensics.origin.regions import read_regions

    if not recorded["sha256"]:
        return country_regions()
    path = attachments.require(recorded["sha256"], _("the file of reporting regions"))
    return replace(read_regions(path), name=recorded["name"])


_METHODS: dict[str, Callable[[Recorded, Attachments, Sources], Result | dict[str, Any]]] = {
    "mixture": recompute_mixture,
    "origin": recompute_origin,
    "match": recompute_match,
    "kinship": recompute_kinship,
    "parentage": recompute_parentage,
    "network": recompute_network,
    "captive": recompute_captive,
    "age": recompute_age,
}
"""Of each kind of result (`forensics.stored_results.KINDS`), identifications aside, what computes it again."""
# Kinds whose tables were read with the default options where the finding does not record the options.
_READ_BY_DEFAULT = ("origin", "match", "kinship", "parentage")
# What a record that a hand made, or a file that does not fit it, may lead to.
_UNFIT = (
    ForensicsError, ArithmeticError, AttributeError, IndexError, KeyError, MemoryError, TypeError,
    ValueError,
)  # fmt: skip


def kind_of(event: Event) -> str:
    """Return what kind of result a finding has: the name of its `ResultKind`; "" where a person wrote it."""
    kind = find_kind(event.fields.get("result"), event.fields["kind"])
    return kind.name if kind else ""


def is_read_by_default(event: Event) -> bool:
    """Return whether tables of a finding are read with the default options.

    A finding does not record with which they were read the first time where a script read them itself.
    """
    if kind_of(event) not in _READ_BY_DEFAULT:
        return False
    files = files_read(provenance_of(event).get("input"))
    return not all(isinstance(file, dict) and "read_with" in file for file in files)


def _form_unknown() -> CannotRecompute:
    return CannotRecompute(
        _(
            "cannot be recomputed: a person wrote this finding, or its form is not known here; "
            "another person must examine the item again and record a new finding"
        )
    )


def recompute_finding(ledger: Reader, event: Event, sources: Sources) -> dict[str, Any]:
    """Return what a finding that is not an identification gives again, as the ledger would hold it.

    Numbers that the ledger has as texts are `Computed`.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
    sources : Sources

    Raises
    ------
    CannotRecompute
        If what is needed is missing or was not recorded; with what to do by hand.
    """
    recompute = _METHODS.get(kind_of(event))
    if recompute is None:
        raise _form_unknown()
    recorded = read_recorded(event)
    with copy_attachments(ledger, event) as attachments:
        try:
            result = recompute(recorded, attachments, sources)
            values = result if isinstance(result, dict) else result.to_dict()
        except CannotRecompute:
            raise
        except _UNFIT as error:
            # The copies lie in another folder each time: only their names are reported.
            place = re.escape(os.fspath(attachments.folder)) + r"[/\\]\d+[/\\]"
            text = re.sub(place, "", str(error))
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=text)) from error
        computed = canonical_value(values, Computed)
    assert isinstance(computed, dict)
    return computed
