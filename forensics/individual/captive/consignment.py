"""One statement for a consignment: what the measurements of all its samples support together.

Animals of one consignment may share a farm or a place, and nobody knows. Then they are no independent
witnesses: forty of one farm say little more than one of it, and a product of forty likelihood ratios
would be far too sure. So the consignment counts as **one group**: the mean of its samples is compared
with the means of the groups of the reference, by the same classifier as a single sample, with the
same bounds. If its animals are in truth of many farms, this is too cautious, and never too sure.

Two checks come first (`forensics.fit`):

``range``
    Whether any class has groups with such a mean.
``scatter``
    Whether any class has samples as scattered as these: a consignment of wild and captive animals
    is more scattered than either, and its mean is that of nothing.

Where one fails there is no joint statement. The rows of a consignment keep a statement of their own
only where it agrees with the joint one, or where the samples are too scattered for one group: those of
one place that the reference lacks would else be called captive one by one, by chance of their own scatter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, TypedDict

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.result import Result
from forensics.core.stored import not_stored, reported, stored
from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic, predictive_p
from forensics.individual.captive.calls import CONFIDENCE, LEVEL
from forensics.individual.captive.examining import examine
from forensics.individual.captive.measurements import Measurements
from forensics.individual.captive.results import Husbandry
from forensics.messages import _, numeral
from forensics.notices import captive as notices
from forensics.stats.choice import by_value

__all__ = ["MIN_SAMPLES", "Consignment", "examine_consignments"]

MIN_SAMPLES = 2  # fewer have no scatter
REPLICATES = 999
_SEED = 1


@dataclass(frozen=True, kw_only=True)
class Consignment(Result):
    """What all samples of a consignment support together.

    Attributes
    ----------
    sample : str
        Name of the consignment.
    status : str
        ``supported``, ``inconclusive``, ``neither`` (no class has groups with such a mean) or
        ``scattered`` (no class has samples as scattered).
    scatter : dict of str to float
        Of each class the p-value of the scatter of these samples.
    samples : tuple of str
        Names of its samples; `examine_consignments` gives the result of each.
    joint : Husbandry
        Of the mean of its samples, as one group among the groups of the reference.
    provenance : Provenance
        That of `joint`.
    """

    KEYS: ClassVar = (
        "consignment", "status", "supported", "result", "explanation", "fit", "scatter",
        "dependence", "samples", "mean",
    )  # fmt: skip

    sample: str = field(metadata=stored("consignment"))
    notices: tuple[Notice, ...] = field(default=(), metadata=not_stored())
    provenance: Provenance = field(init=False, metadata=not_stored())
    status: Literal["supported", "inconclusive", "neither", "scattered"]
    fit: Fit
    scatter: dict[str, float]
    samples: tuple[str, ...]
    joint: Husbandry = field(metadata=stored("mean"))

    def __post_init__(self) -> None:
        """Take the provenance of the joint result."""
        object.__setattr__(self, "provenance", self.joint.provenance)

    @property
    @reported("supported")
    def supported(self) -> str | None:
        """The class that is supported; None unless the status is ``supported``."""
        return self.joint.supported if self.status == "supported" else None

    @property
    @reported("dependence")
    def dependence(self) -> str:
        """How many groups its samples count as."""
        return "one group"

    def headline(self) -> str:
        """Return the joint result in one sentence."""
        shown = {"count": len(self.samples), **self.fit.shown()}
        if self.status == "supported":
            return _("all {count} samples together: {statement}").format(
                statement=self.joint.headline(), **shown
            )
        if self.status == "neither":
            return _(
                "this reference does not describe these animals: no class has groups like the mean of "
                "the {count} samples (p = {p}, must be above {level})"
            ).format(**shown)
        if self.status == "scattered":
            return _(
                "no joint statement: the {count} samples are more scattered than samples of any class "
                "(p = {p}, must be above {level}); they may be of several classes"
            ).format(**shown)
        return _("inconclusive: the {count} samples together settle none of the classes").format(
            **shown
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        has_evidence = self.status in ("supported", "inconclusive")
        dependence = _(
            "The animals may share a farm or a place, so all count as one group: their mean is "
            "compared with the means of the groups of the reference. Were they known to be "
            "independent, the ratio would be greater."
        )
        scatter = _("; ").join(
            _("as samples of {name}: p = {p}").format(name=name, p=numeral(p, ".2g"))
            for name, p in self.scatter.items()
        )
        return [
            *(self.joint.evidence() if has_evidence else ()),
            (_("Dependence"), dependence),
            (_("Scatter"), scatter),
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return the row of the joint result, under the name and the status of the consignment."""
        (row,) = self.joint.rows()
        return [row | {"sample": self.sample, "status": self.status, "supported": self.supported}]


class _Options(TypedDict):
    """What `examine` is given of the options of a run."""

    prior: str | Mapping[str, float]
    confidence: float
    level: float


def examine_consignments(
    questioned: Measurements,
    consignments: Sequence[str],
    reference: Measurements,
    *,
    prior: str | Mapping[str, float] = "equal",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    without_suspects: bool = False,
) -> tuple[list[Husbandry], list[Consignment]]:
    """Examine samples, and those of each consignment together.

    Parameters
    ----------
    consignments : sequence of str, length n
        The consignment of each sample; "" for none.
    reference, prior, confidence, level, without_suspects
        As for `forensics.individual.captive.examining.examine`.

    Returns
    -------
    samples : list of Husbandry, length n
    joint : list of Consignment
        Of each consignment of two samples or more, in the order of their names.

    Raises
    ------
    InputError, UsageError
        As `examine`; or if samples of a consignment have no measurement in common.
    """
    options: _Options = {"prior": prior, "confidence": confidence, "level": level}
    if len(consignments) != len(questioned):
        raise UsageError(
            _("{count} consignments of {samples} samples").format(
                count=len(consignments), samples=len(questioned)
            )
        )
    results = examine(questioned, reference, without_suspects=without_suspects, **options)
    if without_suspects and results and results[0].suspects:
        suspects = {suspect.sample for suspect in results[0].suspects}
        reference = _select_rows(
            reference, [row for row, name in enumerate(reference.names) if name not in suspects]
        )
    rows_of = {
        name: [row for row, consignment in enumerate(consignments) if consignment == name]
        for name in sorted(set(consignments) - {""})
    }
    by_columns: dict[tuple[int, ...], list[str]] = {}
    for name, rows in rows_of.items():
        if len(rows) >= MIN_SAMPLES:
            columns = _columns_of_all(questioned, name, rows)
            by_columns.setdefault(columns, []).append(name)
    joint: list[Consignment] = []
    for columns, names in by_columns.items():
        rows_here = {name: rows_of[name] for name in names}
        joint += _examine_jointly(questioned, rows_here, columns, reference, options)
    for consignment in joint:
        for row in rows_of[consignment.sample]:
            results[row] = _limit_by_consignment(results[row], consignment)
    return results, sorted(joint, key=lambda consignment: consignment.sample)


def _columns_of_all(questioned: Measurements, name: str, rows: list[int]) -> tuple[int, ...]:
    """Return the places of the measurements that were made of all samples of a consignment."""
    places = np.flatnonzero(~np.isnan(questioned.values[rows]).any(axis=0))
    if not len(places):
        raise InputError(
            _("consignment {name}: no measurement was made of all its samples").format(name=name),
            source=questioned.source or None,
        )
    return tuple(places.tolist())


def _examine_jointly(
    questioned: Measurements,
    rows_of: Mapping[str, list[int]],
    columns: tuple[int, ...],
    reference: Measurements,
    options: _Options,
) -> list[Consignment]:
    """Return the joint results of consignments that were measured in the same columns."""
    places = np.array(columns)
    is_complete = ~np.isnan(reference.values[:, places]).any(axis=1)
    reference = _select_rows(reference, np.flatnonzero(is_complete).tolist())
    reference = _select_columns(reference, places)
    values = {
        name: questioned.values[np.ix_(np.array(rows), places)] for name, rows in rows_of.items()
    }
    means = replace(
        _select_columns(_select_rows(questioned, [rows[0] for rows in rows_of.values()]), places),
        names=tuple(rows_of),
        values=np.array([of_samples.mean(axis=0) for of_samples in values.values()]),
    )
    joints = examine(means, _group_means(reference), **options)
    return [
        _make_consignment(
            joint,
            values[joint.sample],
            reference,
            tuple(questioned.names[row] for row in rows_of[joint.sample]),
            options["level"],
        )
        for joint in joints
    ]


def _make_consignment(
    joint: Husbandry,
    values: np.ndarray,
    reference: Measurements,
    samples: tuple[str, ...],
    level: float,
) -> Consignment:
    scatter = _scatter(values, reference)
    range_p = max(joint.p_values.values())
    best = scatter[by_value({name: each.p for name, each in scatter.items()})[0][0]]
    fit = Fit((FitStatistic("range", range_p, 0.5, range_p), best), level)
    status: Literal["supported", "inconclusive", "neither", "scattered"] = joint.status
    if joint.supported is not None and scatter[joint.supported].p <= level / 2:
        status = "inconclusive"
    if not fit.passed:
        status = "neither" if fit.worst and fit.worst.name == "range" else "scattered"
    elif status == "neither":
        status = "inconclusive"
    return Consignment(
        sample=joint.sample,
        status=status,
        fit=fit,
        scatter={name: statistic.p for name, statistic in scatter.items()},
        samples=samples,
        joint=joint,
    )


def _limit_by_consignment(sample: Husbandry, consignment: Consignment) -> Husbandry:
    """Return a sample with what is left of its statement beside that of its consignment."""
    if (
        sample.status != "supported"
        or consignment.status == "scattered"
        or sample.supported == consignment.supported
    ):
        return sample
    notice = notices.CONSIGNMENT(name=sample.supported, consignment=consignment.sample)
    return replace(sample, status="inconclusive", supported=None, notices=(notice, *sample.notices))


def _select_rows(measurements: Measurements, rows: Sequence[int]) -> Measurements:
    rows, classes, groups = list(rows), measurements.classes, measurements.groups
    return replace(
        measurements,
        names=tuple(measurements.names[row] for row in rows),
        values=measurements.values[rows],
        classes=None if classes is None else tuple(classes[row] for row in rows),
        groups=None if groups is None else tuple(groups[row] for row in rows),
    )


def _select_columns(measurements: Measurements, places: np.ndarray) -> Measurements:
    return replace(
        measurements,
        columns=tuple(measurements.columns[place] for place in places),
        units=tuple(measurements.units[place] for place in places),
        values=measurements.values[:, places],
    )


def _group_means(reference: Measurements) -> Measurements:
    """Return a row for each group and class: the mean of its samples."""
    groups = reference.groups or reference.names
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(reference.classes or (), groups)):
        rows_of.setdefault(key, []).append(row)
    return replace(
        reference,
        names=tuple(f"{label}: {group}" for label, group in rows_of),
        values=np.array([reference.values[rows].mean(axis=0) for rows in rows_of.values()]),
        classes=tuple(label for label, _group in rows_of),
        groups=tuple(group for _label, group in rows_of),
    )


def _scatter(values: np.ndarray, reference: Measurements) -> dict[str, FitStatistic]:
    """Return of each class the scatter of the samples in its covariance, beside what is expected.

    The covariance is that of single samples of the class, between and within groups: independent
    samples are at most so scattered. It is known from as many degrees of freedom as groups; that is
    in the replicates, which are drawn from Wishart distributions.
    """
    groups = np.array(reference.groups or reference.names)
    classes = np.array(reference.classes)
    centred_samples = values - values.mean(axis=0)
    count, width = values.shape
    statistics = {}
    for name in sorted(set(classes.tolist())):
        rows = classes == name
        of_class = reference.values[rows]
        names, which, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
        weights = (1 / sizes)[which.ravel()]
        means = np.zeros((len(names), width))
        np.add.at(means, which.ravel(), of_class * weights[:, None])
        centred = of_class - means.mean(axis=0)
        freedom = len(names) - 1
        covariance = (centred * weights[:, None]).T @ centred / freedom
        observed = np.trace(np.linalg.solve(covariance, centred_samples.T @ centred_samples))
        random = np.random.default_rng([_SEED, count, freedom])
        drawn = random.standard_normal((REPLICATES, count - 1, width))
        known = random.standard_normal((REPLICATES, freedom, width))
        inside = np.einsum("rni,rnj->rij", known, known) / freedom
        traces = np.trace(
            np.linalg.solve(inside, np.einsum("rni,rnj->rij", drawn, drawn)), axis1=1, axis2=2
        )
        p = predictive_p(float(observed), traces.tolist())
        statistics[name] = FitStatistic(
            "scatter", float(observed), float(traces.mean()), p, REPLICATES
        )
    return statistics
