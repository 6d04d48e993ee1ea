"""Findings other than identifications, computed again from what the ledger keeps of them.

What was read is attached to the finding, how it was read stands with its input, and how it was
computed in its parameters; the reads of a mixture lie elsewhere (`mixture_again`). What a finding does
not record, such as which column of a table names the classes in findings of older versions, cannot be
guessed: then the reason is told, and what to do by hand. A finding is never called the same that was
not computed.
"""

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.custody.recomputing import CannotRecompute
from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.report import individuals_again
from forensics.report.attached import (
    Attached,
    attached_to,
    genotypes_of,
    is_checked,
    numbers_of,
    of_sample,
)

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.origin.models import Model

__all__ = ["Computed", "form_of", "is_read_by_default", "library_of", "recompute_other"]

_BY_DEFAULT = ("origin", "match", "kinship", "claim")


class Computed(str):
    """A number that was computed, written as the ledger has it; another text there may be a name."""


def form_of(event: Event) -> str:
    """Return what a finding is a result of: a key of the functions below, or "" for none of them."""
    result = event.fields.get("result")
    if not isinstance(result, dict):
        return ""
    kind = event.fields["kind"]
    if kind == "origin":
        return "origin"
    if kind == "age":
        return str(result.get("method", ""))
    if kind == "identification" and "found" in result and "reads" in result:
        return "mixture"
    if kind == "individual":
        for name, form in (
            ("matches", "match"), ("claim", "claim"), ("links", "network"),
            ("by_chance", "kinship"), ("likelihood_ratio", "captive"),
        ):  # fmt: skip
            if name in result:
                return form
    return ""


def library_of(event: Event, sha256: object, libraries: Sequence["Library"]) -> "Library":
    """Return the library of this sum, or of the sum that it had under version 0.1.0.

    Raises
    ------
    CannotRecompute
        If it was not given.
    """
    for one in libraries:
        if one.is_known_as(sha256):
            return one
    raise CannotRecompute(
        _("Finding {seq} used the library {sha256}; give it with --library.").format(
            seq=event.seq, sha256=sha256
        )
    )


def is_read_by_default(event: Event) -> bool:
    """Return whether tables of a finding are read with the default options.

    Findings of older versions do not record with which they were read the first time.
    """
    if form_of(event) not in _BY_DEFAULT:
        return False
    provenance = event.fields.get("provenance")
    read = provenance.get("input") if isinstance(provenance, dict) else None
    read = read if isinstance(read, dict) else {}
    files = read.get("files") or [read]
    return not all(isinstance(one, dict) and "read_with" in one for one in files)


def recompute_other(
    ledger: Reader,
    event: Event,
    models: Sequence["Model"],
    *,
    libraries: Sequence["Library"] = (),
    identify: Callable[..., object] | None = None,
    reads: Sequence[str | os.PathLike] = (),
) -> dict:
    """Return what a finding that is no identification gives again, as the ledger would hold it.

    Numbers that the ledger has as texts are `Computed`.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
    models : sequence of Model
        Of origin, among which that of the finding is looked for by its SHA-256.
    libraries : sequence of Library
        Among which that of a mixture is looked for.
    identify : callable, optional
        `forensics.identify`; needed for a mixture alone.
    reads : sequence of path
        Files and folders, in which the read files of a mixture are looked for by their SHA-256.

    Raises
    ------
    CannotRecompute
        If what is needed is missing or was not recorded; with what to do by hand.
    """
    form = form_of(event)
    if form != "mixture" and form not in _AGAIN:
        raise CannotRecompute(
            _(
                "cannot be recomputed: a person wrote this finding, or its form is not known here; "
                "another person examines the item again and records a finding of their own"
            )
        )
    provenance = event.fields.get("provenance")
    if not isinstance(provenance, dict) or not isinstance(provenance.get("parameters"), dict):
        raise CannotRecompute(
            _("cannot be recomputed: how it was reached is erased or not in the ledger")
        )
    # Which sample it is of is not for the result to say.
    result = {**event.fields["result"], "sample": event.fields["thing"]}
    with attached_to(ledger, event) as attached:
        try:
            if form == "mixture":
                made = _mixture(event, result, provenance, attached, libraries, identify, reads)
            else:
                made = _AGAIN[form](result, provenance, attached, models).to_dict()
        except CannotRecompute:
            raise
        except _UNFIT as error:
            # Of the copies, which lie in another folder each time, the names alone are told.
            told = re.sub(re.escape(os.fspath(attached.folder)) + r"[/\\]\d+[/\\]", "", str(error))
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=told)) from error
        return canonical_value(made, Computed)


# What a record that a hand made, or a file that does not fit it, may lead to.
_UNFIT = (
    ForensicsError, ArithmeticError, AttributeError, IndexError, KeyError, MemoryError, TypeError,
    ValueError,
)  # fmt: skip


def _mixture(
    event: Event, result: dict, provenance: dict, attached: Attached, libraries, identify, reads
) -> dict:
    from forensics.report.mixture_again import examine_again

    library = library_of(event, provenance["library"]["sha256"], libraries)
    return examine_again(
        result, provenance, attached.find, attached.folder, library=library,
        identify=identify, reads=reads,
    )  # fmt: skip


# -- origin -----------------------------------------------------------------------------


def _origin(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.origin.assigning import assign_with

    asked, library = provenance["parameters"], provenance["library"]
    for name in ("range_map", "listings"):
        if asked.get(name):
            raise CannotRecompute(
                _(
                    "cannot be recomputed: the file of {name} is not in the ledger, only its SHA-256. By "
                    "hand: forensics origin assign with the attached samples, that file and the parameters"
                ).format(name=name.replace("_", " "))
            )
    model = next((one for one in models if one.sha256 == library["sha256"]), None)
    if model is None:
        raise CannotRecompute(
            _("cannot be recomputed: it used the model {name}, SHA-256 {sha256}; give it with --model").format(
                name=library.get("name"), sha256=library["sha256"]
            )
        )  # fmt: skip
    read = provenance["input"]
    if model.kind == "isotopes":
        samples = attached(read["sha256"], _("the table of samples"))
        more = dict(read.get("read_with") or {})
    else:
        samples = genotypes_of(read, attached, _("the table of samples"))
        more = {"level": float(asked["exclusion_level"])}
    if asked["prior"] != "default":
        more["prior"] = asked["prior"]
    found = assign_with(
        model, samples, confidence=float(asked["confidence"]), seed=int(asked["seed"]), **more
    )
    return of_sample(found, result)


# -- age --------------------------------------------------------------------------------


def _curve(provenance: dict, attached: Attached):
    from forensics.age.curves import joined, read_curve

    files = provenance["library"]["files"]
    return joined(read_curve(attached(one["sha256"], _("a calibration curve"))) for one in files)


def _seized(given: dict) -> dict:
    return {name: given[name] for name in ("seized",) if name in given}


def _until(given: dict) -> float:
    """Return the latest year: of the day of the seizure where that is recorded."""
    from forensics.age.results import end_of

    return end_of(given["seized"]) if "seized" in given else float(given["until"])


def _radiocarbon(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.age.curves import f14c_of_age
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import radiocarbon_result

    given = provenance["parameters"]
    asked = numbers_of(given, "f14c", "sd", "since", "age", "age_sd")
    if "age" in asked:
        value, error = map(float, f14c_of_age(asked["age"], asked["age_sd"]))
    else:
        value, error = asked["f14c"], asked["sd"]
    found = calibrate(
        value, error, _curve(provenance, attached), until=_until(given), since=asked["since"],
        position=given["position"],
    )  # fmt: skip
    more = {name: asked[name] for name in ("age", "age_sd") if name in asked} | _seized(given)
    return radiocarbon_result(
        found, given["dates"], sample=result["sample"], parameters=more, withhold=is_checked(result)
    )


def _series(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.age.curves import f14c_of_age
    from forensics.age.results import series_result
    from forensics.age.series import calibrate_series
    from forensics.age.tables import read_table, series_of

    given = provenance["parameters"]
    asked = numbers_of(given, "slowest", "fastest", "since") | {
        "until": _until(given), "position": given["position"],
    }  # fmt: skip
    table = read_table(attached(provenance["input"]["sha256"], _("the table of the series")))
    held, curve = series_of(table), _curve(provenance, attached)
    values, errors = held.values, held.errors
    if held.is_age:
        values, errors = f14c_of_age(values, errors)
    found = calibrate_series(
        values, errors, held.distances, curve, slowest=asked["slowest"], fastest=asked["fastest"],
        until=asked["until"], since=asked["since"], has_last=asked["position"] == "last_formed",
    )  # fmt: skip
    return series_result(
        found, curve, given["dates"], sample=result["sample"], parameters=asked | _seized(given),
        source={"file": table.source, "sha256": table.sha256}, withhold=is_checked(result),
    )  # fmt: skip


def _methylation(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.age.clock_training import is_trained, read_trained
    from forensics.age.methylation import LifeHistory, age_of, read_clock
    from forensics.age.results import methylation_result
    from forensics.age.tables import methylation_of, read_table

    asked = provenance["parameters"]
    path = attached(provenance["library"]["sha256"], _("the clock"))
    trained = read_trained(path) if is_trained(path) else None
    clock = trained.clock if trained else read_clock(path, transform=asked["transform"])
    table = read_table(attached(provenance["input"]["sha256"], _("the table of methylation")))
    held = methylation_of(table, list(clock.coefficients))
    sample = result["sample"]
    if sample not in held and len(held) == 1:  # the laboratory names it otherwise than the table
        (sample,) = held
    if sample not in held:
        raise CannotRecompute(
            _("cannot be recomputed: the attached table has no sample {name}").format(name=sample)
        )
    life = asked["life_history"]
    life = life and LifeHistory(life["species"], *(
        float(life[name]) for name in ("gestation", "maturity", "lifespan")))  # fmt: skip
    stand_in, stood_in = None, "clock" if trained else None
    if isinstance(asked["typical"], dict):
        typical = read_table(attached(asked["typical"]["sha256"], _("the table of typical values")))
        stand_in = next(iter(methylation_of(typical, list(clock.coefficients)).values()))
        stood_in = {"file": typical.source, "sha256": typical.sha256}
    values = held[sample]
    if trained:
        found = trained.age_of(values, level=float(asked["level"]))
    else:
        found = age_of(clock, values, life=life, typical=stand_in)
    used = {
        "life_history": None if life is None else vars(life), "typical": stood_in,
        "level": float(asked["level"]) if trained else None,
    }  # fmt: skip
    return methylation_result(
        found, clock, sample=sample, card=trained and trained.card, life=life, parameters=used,
        source={"file": table.source, "sha256": table.sha256},
    )  # fmt: skip


_AGAIN: dict[str, Callable] = {
    "origin": _origin,
    **individuals_again.AGAIN,
    "radiocarbon": _radiocarbon,
    "series": _series,
    "methylation": _methylation,
}
