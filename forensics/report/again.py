"""Findings other than identifications, computed again from what the ledger keeps of them.

What was read is attached to the finding, and how it was computed stands in its parameters. What a
finding does not record, such as which column of a table names the classes, cannot be guessed: then
the reason is told, and what to do by hand. A finding is never called the same that was not computed.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from forensics.custody.attachments import file_sha256
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.custody.recomputing import CannotRecompute
from forensics.errors import ForensicsError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.origin.models import Model

__all__ = ["READ_BY_DEFAULT", "Attached", "form_of", "recompute_other"]

READ_BY_DEFAULT = ("origin", "match", "kinship", "claim")
"""Forms whose tables are read with the default options, which the finding does not record."""


class Attached:
    """The files that were attached to a finding, under their names in a folder of their own."""

    def __init__(self, ledger: Reader, event: Event, folder: Path) -> None:
        self._folder, self._paths = folder, {}
        held = event.fields.get("attachments")
        for number, entry in enumerate(held if isinstance(held, list) else ()):
            source = ledger.files / entry["sha256"]
            if not source.is_file() or file_sha256(source)[0] != entry["sha256"]:
                continue  # told when it is needed
            place = folder / str(number)
            place.mkdir()
            # A name that came from elsewhere must not lead out of the folder.
            name = entry["name"].replace("\\", "/").rsplit("/", 1)[-1] or "file"
            self._paths[entry["sha256"]] = Path(shutil.copyfile(source, place / name))

    def __call__(self, sha256: object, what: str) -> Path:
        """Return the file of this sum.

        Raises
        ------
        CannotRecompute
            If it is not attached, or its copy is missing or changed.
        """
        if sha256 not in self._paths:
            raise CannotRecompute(
                _(
                    "cannot be recomputed: {what} (SHA-256 {sha256}) is not among the attached files, or "
                    "its copy beside the ledger is missing or changed"
                ).format(what=what, sha256=sha256)
            )
        return self._paths[sha256]


@contextmanager
def _attached(ledger: Reader, event: Event) -> Iterator[Attached]:
    with TemporaryDirectory() as folder:
        yield Attached(ledger, event, Path(folder))


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


def recompute_other(ledger: Reader, event: Event, models: Sequence["Model"]) -> dict:
    """Return what a finding that is no identification gives again, as the ledger would hold it.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
    models : sequence of Model
        Of origin, among which that of the finding is looked for by its SHA-256.

    Raises
    ------
    CannotRecompute
        If what is needed is missing or was not recorded; with what to do by hand.
    """
    form = form_of(event)
    if form in _BY_HAND:
        raise CannotRecompute(_BY_HAND[form]())
    if form not in _AGAIN:
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
    with _attached(ledger, event) as attached:
        try:
            result = _AGAIN[form](event.fields["result"], provenance, attached, models)
        except CannotRecompute:
            raise
        except (ForensicsError, KeyError, TypeError, ValueError, IndexError) as error:
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
        return canonical_value(result.to_dict())


_BY_HAND: dict[str, Callable[[], str]] = {
    "mixture": lambda: _(
        "cannot be recomputed: the reads of a mixture are too large for the ledger, which keeps their "
        "SHA-256. By hand: forensics mixture with the files of these sums, the primers and the settings "
        "among the parameters, and --format json; compare with the finding"
    ),
    "network": lambda: _(
        "cannot be recomputed: the finding does not record which column names the seizures. By hand: "
        "forensics individual network with the attached tables, --seizure and the parameters, and "
        "--format json; compare with the finding"
    ),
    "captive": lambda: _(
        "cannot be recomputed: the finding does not record which columns name classes and groups. By "
        "hand: forensics individual captive with the attached tables, --class-column, --group-column and "
        "the parameters, and --format json; compare with the finding"
    ),
}


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
    path = attached(provenance["input"]["sha256"], _("the table of samples"))
    more = {} if model.kind == "isotopes" else {"level": float(asked["exclusion_level"])}
    if asked["prior"] != "default":
        more["prior"] = asked["prior"]
    found = assign_with(
        model, path, confidence=float(asked["confidence"]), seed=int(asked["seed"]), **more
    )
    return _named(found, result)


def _named(found: Sequence, result: dict) -> object:
    """Return the one of the sample that was recorded."""
    for one in found:
        if one.sample == result["sample"]:
            return one
    raise CannotRecompute(
        _("cannot be recomputed: the attached table has no sample {name}").format(
            name=result["sample"]
        )
    )


# -- individual -------------------------------------------------------------------------


def _tables(provenance: dict, attached: Attached):
    """Return the tables that were compared, in their order, and the reference of frequencies."""
    from forensics.genetics.reading import read_genotypes

    read = [read_genotypes(attached(one["sha256"], _("a table of genotypes")))
            for one in provenance["input"]["files"]]  # fmt: skip
    sha256 = provenance["library"]["sha256"]
    given = next((one for one in read if one.sha256 == sha256), None)
    if given is None:
        given = read_genotypes(attached(sha256, _("the reference of the frequencies")))
    return read, given


def _rates(asked: dict) -> dict:
    from forensics.individual.pairs import LaboratoryErrors

    return {
        "theta": float(asked["theta"]),
        "errors": LaboratoryErrors(float(asked["dropout"]), float(asked["mistyping"])),
    }


def _as_recorded(asked: dict) -> dict:
    """Return recorded parameters as the numbers that they were."""

    def number(value: object) -> object:
        try:
            return float(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return {name: number(value) for name, value in asked.items()}


def _match(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.matching import count_not_assessable, match_database
    from forensics.individual.results import individual_of

    asked = provenance["parameters"]
    (questioned, held), given = _tables(provenance, attached)
    frequencies = frequencies_of(given, also=[questioned, held])
    found = match_database(questioned, held, frequencies, **_rates(asked))
    poor = count_not_assessable(questioned, held, frequencies)
    return _named(
        [
            individual_of(
                name, matches, frequencies, questioned=questioned, database=held, reference=given,
                parameters=_as_recorded(asked), not_assessable=int(few),
            )
            for name, matches, few in zip(questioned.animals, found, poor)
        ],
        result,
    )  # fmt: skip


def _kinship(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import all_pairs, simulated_ratios
    from forensics.individual.pairs import RELATIONSHIPS
    from forensics.individual.results import kinship_result, kinship_rows, provenance_of
    from forensics.statistics import wilson

    asked = provenance["parameters"]
    (held,), given = _tables(provenance, attached)
    frequencies = frequencies_of(given, also=[held])
    common = {**_rates(asked), "mutation": float(asked["mutation"])}
    names, limit = tuple(asked["relationships"]), float(asked["limit"])
    found = all_pairs(
        frequencies, frequencies.genotypes_of(held), relationships=names, limit=limit, **common
    )
    simulated = int(next(iter(result["by_chance"].values()))["simulated"])
    chance = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], tested={n: RELATIONSHIPS[n] for n in names},
        pairs=simulated, seed=int(asked["seed"]), **common,
    )  # fmt: skip
    pairs, by_chance = len(held) * (len(held) - 1) // 2, {}
    for name in names:
        share = float((chance[name] >= limit).mean())
        low, high = wilson(share, simulated)
        by_chance[name] = {
            "expected": share * pairs, "low": low * pairs, "high": high * pairs,
            "simulated": simulated,
        }  # fmt: skip
    return kinship_result(
        result["sample"], kinship_rows(held, found), by_chance,
        provenance_of(frequencies, given, [held], _as_recorded(asked)), profiles=len(held),
    )  # fmt: skip


def _claim(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import check_claim, exclusion_power
    from forensics.individual.results import claim_result, provenance_of

    asked = provenance["parameters"]
    read, given = _tables(provenance, attached)
    frequencies = frequencies_of(given, also=read)
    young, *parents = read
    if len(parents) == 1:  # which of the two was declared stands in the result
        declared = result["claim"]["pairs"][0]
        parents = [parents[0], None] if declared["dam"] else [None, parents[0]]
    (claim,) = check_claim(
        young, *parents, frequencies, mutation=float(asked["mutation"]), seed=int(asked["seed"]),
        **_rates(asked),
    )  # fmt: skip
    return claim_result(
        result["sample"], claim, exclusion_power(frequencies),
        provenance_of(frequencies, given, read, _as_recorded(asked)),
    )  # fmt: skip


# -- age --------------------------------------------------------------------------------


def _curve(provenance: dict, attached: Attached):
    from forensics.age.curves import joined, read_curve

    files = provenance["library"]["files"]
    return joined(read_curve(attached(one["sha256"], _("a calibration curve"))) for one in files)


def _radiocarbon(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import radiocarbon_result

    asked = _as_recorded(provenance["parameters"])
    dates = provenance["parameters"]["dates"]
    found = calibrate(
        asked["f14c"], asked["sd"], _curve(provenance, attached), until=asked["until"],
        since=asked["since"], position=asked["position"],
    )  # fmt: skip
    known = ("f14c", "sd", "until", "since", "position", "dates")
    more = {name: value for name, value in asked.items() if name not in known}
    return radiocarbon_result(found, dates, sample=result["sample"], parameters=more)


def _series(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.age.curves import f14c_of_age
    from forensics.age.results import series_result
    from forensics.age.series import calibrate_series
    from forensics.age.tables import read_table, series_of

    asked = _as_recorded(provenance["parameters"])
    dates = provenance["parameters"]["dates"]
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
        found, curve, dates, sample=result["sample"],
        parameters={name: value for name, value in asked.items() if name != "dates"},
        source={"file": table.source, "sha256": table.sha256},
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
    if result["sample"] not in held:
        raise CannotRecompute(
            _("cannot be recomputed: the attached table has no sample {name}").format(
                name=result["sample"]
            )
        )
    life = asked["life_history"]
    life = life and LifeHistory(life["species"], *(
        float(life[name]) for name in ("gestation", "maturity", "lifespan")))  # fmt: skip
    stand_in = None
    if isinstance(asked["typical"], dict):
        typical = read_table(attached(asked["typical"]["sha256"], _("the table of typical values")))
        stand_in = next(iter(methylation_of(typical, list(clock.coefficients)).values()))
    values = held[result["sample"]]
    if trained:
        found = trained.age_of(values, level=float(asked["level"]))
    else:
        found = age_of(clock, values, life=life, typical=stand_in)
    known = {name: asked[name] for name in ("life_history", "typical")}
    level = asked["level"]
    return methylation_result(
        found, clock, sample=result["sample"], card=trained and trained.card, life=life,
        parameters={**known, "level": level and float(level)},
        source={"file": table.source, "sha256": table.sha256},
    )  # fmt: skip


_AGAIN: dict[str, Callable] = {
    "origin": _origin,
    "match": _match,
    "kinship": _kinship,
    "claim": _claim,
    "radiocarbon": _radiocarbon,
    "series": _series,
    "methylation": _methylation,
}
