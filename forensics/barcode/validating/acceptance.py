"""Acceptance criteria of a validation: what must be shown, said before it is tried."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from forensics.errors import InputError
from forensics.io.inputs import MAX_TOML, load_json, load_toml, read_limited
from forensics.messages import N_, _

__all__ = ["CRITERIA", "METRICS", "Criterion", "judge", "read_criteria"]

METRICS = {
    "wrong_per_species_call": N_("wrong species among all species calls"),
    "wrong_species_known": N_("wrong species, where the library holds the species"),
    "species_named_species_out": N_("a species named, where the library lacks the species"),
    "genus_named_genus_out": N_("a genus named, where the library lacks the genus"),
    "excluded_known": N_("'nothing near', where the library holds the species"),
    "named_known": N_("right species, where the library holds the species"),
    "calibration_error": N_("expected calibration error of the species probabilities"),
    "species_tested": N_("species of which a record could be left out and another remained"),
}
_WITHOUT_INTERVAL = ("calibration_error", "species_tested")
_LENGTHS = ("full", "300", "150", "100")


@dataclass(frozen=True)
class Criterion:
    """One acceptance criterion.

    Attributes
    ----------
    metric : str
        One of `METRICS`.
    limit : float
        What the metric may not exceed; with `at_least`, what it must reach.
    reason : str
        Why this limit.
    at_least : bool
    lengths : tuple of str
        ``full``, ``300``, ``150``, ``100``: where it is asked.
    """

    metric: str
    limit: float
    reason: str
    at_least: bool = False
    lengths: tuple[str, ...] = _LENGTHS

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {**asdict(self), "lengths": list(self.lengths)}


# A laboratory sets its own with --criteria; these are for a library that casework would use.
CRITERIA = (
    Criterion(
        "species_tested",
        60,
        N_(
            "With 59 trials and no error the upper limit of an error rate is 6 %, with fewer "
            "it is higher: nothing is shown (rule of three, doi:10.1001/jama.1983.03330370053031)."
        ),
        at_least=True,
        lengths=("full",),
    ),
    Criterion(
        "wrong_per_species_call",
        0.05,
        N_("A call at the confidence of 0.95 promises that at most 5 in 100 are wrong."),
    ),
    Criterion(
        "wrong_species_known",
        0.02,
        N_(
            "A wrong name convicts or frees the wrong person. No more than one in fifty is "
            "accepted before the further criteria of casework are applied."
        ),
    ),
    Criterion(
        "species_named_species_out",
        0.10,
        N_(
            "The default prior takes one question in ten to be of a species that the library "
            "lacks; a name in one in ten of those is a wrong name in one in a hundred of all."
        ),
    ),
    Criterion(
        "genus_named_genus_out",
        0.10,
        N_("As for species: whole genera of seized animals and plants have no record."),
    ),
    Criterion(
        "excluded_known",
        0.05,
        N_(
            "'Nothing near' may be read as 'not protected'; it must not be said of a "
            "species that is there."
        ),
    ),
    Criterion(
        "calibration_error",
        0.02,
        N_(
            "A stated probability may be off by two in a hundred on average; fewer than some "
            "thousand trials cannot tell less from chance."
        ),
        lengths=("full",),
    ),
)


def judge(criteria: Sequence[Criterion], lengths: dict) -> list[dict]:
    """Return for each criterion and length whether it is ``met``, ``not met`` or ``not shown``.

    A criterion with an interval is met where the whole interval keeps the limit; where
    only the rate itself does, too few samples were tried to show it.
    """
    rows = []
    for criterion in criteria:
        for length in criterion.lengths:
            measured = lengths[length]["metrics"][criterion.metric]
            rows.append(
                {
                    "metric": criterion.metric,
                    "length": length,
                    "limit": criterion.limit,
                    "at_least": criterion.at_least,
                    **measured,
                    "outcome": _outcome(criterion, measured),
                }
            )
    return rows


def _outcome(criterion: Criterion, measured: dict) -> str:
    value = measured["value"]
    if value is None:
        return "not shown"
    sign = -1 if criterion.at_least else 1
    if sign * value > sign * criterion.limit:
        return "not met"
    edge = measured["low"] if criterion.at_least else measured["high"]
    if criterion.metric in _WITHOUT_INTERVAL or sign * edge <= sign * criterion.limit:
        return "met"
    return "not shown"


def read_criteria(path: str | os.PathLike) -> tuple[Criterion, ...]:
    """Read a laboratory's own criteria from TOML or JSON.

    ``[[criterion]]`` tables with ``metric``, ``limit``, ``reason`` and, where wanted,
    ``at_least`` and ``lengths``; in JSON a list of such objects under ``criterion``.

    Raises
    ------
    InputError
        If the file cannot be read or asks for something unknown.
    """
    path = Path(path)
    try:
        text = read_limited(path, MAX_TOML)
        content = load_json(text) if path.suffix == ".json" else load_toml(text)
        entries = list(content["criterion"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            _("These criteria cannot be read ({error}); give TOML with [[criterion]].").format(
                error=error
            ),
            source=str(path),
        ) from error
    return tuple(_read(entry, str(path), number) for number, entry in enumerate(entries, 1))


def _read(entry: object, source: str, number: int) -> Criterion:
    def fault(message: str) -> InputError:
        return InputError(message, source=source, record=number)

    if not isinstance(entry, dict):
        raise fault(_("A criterion has metric, limit and reason."))
    if entry.get("metric") not in METRICS:
        raise fault(
            _("Unknown metric {found!r}; known: {known}.").format(
                found=entry.get("metric"), known=", ".join(METRICS)
            )
        )
    limit, reason = entry.get("limit"), entry.get("reason")
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit < 0:
        raise fault(_("The limit is {found!r}; expected a number.").format(found=limit))
    if not isinstance(reason, str) or not reason.strip():
        raise fault(_("A criterion needs its reason."))
    lengths = tuple(map(str, entry.get("lengths", _LENGTHS)))
    if unknown := set(lengths) - set(_LENGTHS):
        raise fault(
            _("Unknown length {found}; known: {known}.").format(
                found=", ".join(sorted(unknown)), known=", ".join(_LENGTHS)
            )
        )
    return Criterion(entry["metric"], limit, reason, entry.get("at_least") is True, lengths)
