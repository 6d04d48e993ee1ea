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
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic, predictive_p
from forensics.individual.captive.answers import CONFIDENCE, LEVEL
from forensics.individual.captive.examining import examine
from forensics.individual.captive.measurements import Measurements
from forensics.individual.captive.results import Husbandry
from forensics.messages import _, numeral
from forensics.notices import captive as notices
from forensics.result import Result

__all__ = ["MIN_SAMPLES", "Consignment", "examine_consignments"]

# Fewer have no scatter.
MIN_SAMPLES = 2
REPLICATES = 999
_SEED = 1


@dataclass(frozen=True)
class Consignment(Result):
    """What all samples of a consignment support together.

    Attributes
    ----------
    sample : str
        Name of the consignment.
    status : str
        ``supported``, ``inconclusive``, ``neither`` (no class has groups with such a mean) or
        ``scattered`` (no class has samples as scattered).
    joint : Husbandry
        Of the mean of its samples, as one group among the groups of the reference.
    samples : tuple of Husbandry
        Of each sample; see the module for what is left of its statement.
    fit : Fit
    scatter : dict of str to float
        Of each class the p-value of the scatter of these samples.
    """

    sample: str
    status: str
    joint: Husbandry
    samples: tuple[Husbandry, ...]
    fit: Fit
    scatter: Mapping[str, float]

    @property
    def supported(self) -> str | None:
        """The class that is supported; None unless the status is ``supported``."""
        return self.joint.supported if self.status == "supported" else None

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

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline())]
        if self.status in ("supported", "inconclusive"):
            lines += [
                one
                for one in self.joint.lines()
                if one[0] in (_("Likelihood ratio"), _("Posterior"))
            ]
        lines.append(
            (
                _("Dependence"),
                _(
                    "The animals may share a farm or a place, so all count as one group: their mean is "
                    "compared with the means of the groups of the reference. Were they known to be "
                    "independent, the ratio would be greater."
                ),
            )
        )
        lines.append(
            (
                _("Scatter"),
                _("; ").join(
                    _("as samples of {name}: p = {p}").format(name=name, p=numeral(p, ".2g"))
                    for name, p in self.scatter.items()
                ),
            )
        )
        return lines

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation."""
        return {
            "consignment": self.sample,
            "status": self.status,
            "supported": self.supported,
            "result": self.headline(),
            "explanation": self.explanation(),
            "fit": self.fit.to_dict(),
            "scatter": dict(self.scatter),
            "dependence": "one group",
            "samples": [one.sample for one in self.samples],
            "mean": self.joint.to_dict(),
        }

    def to_row(self) -> dict:
        """Return the values of one line of a table."""
        return self.joint.to_row() | {
            "sample": self.sample, "status": self.status, "supported": self.supported,
        }  # fmt: skip


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
    questioned : Measurements
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
        suspects = {one.sample for one in results[0].suspects}
        reference = _rows_of(
            reference, [row for row, name in enumerate(reference.names) if name not in suspects]
        )
    rows_of = {
        name: [row for row, of in enumerate(consignments) if of == name]
        for name in sorted(set(consignments) - {""})
    }
    by_columns: dict[tuple[int, ...], list[str]] = {}
    for name, rows in rows_of.items():
        if len(rows) >= MIN_SAMPLES:
            by_columns.setdefault(_measured(questioned, name, rows), []).append(name)
    found = []
    for use, names in by_columns.items():
        found += _joint(questioned, {name: rows_of[name] for name in names}, use, reference, results,
                        options)  # fmt: skip
    for joint in found:
        for row, sample in zip(rows_of[joint.sample], joint.samples):
            results[row] = sample
    return results, sorted(found, key=lambda joint: joint.sample)


def _measured(questioned: Measurements, name: str, rows: list[int]) -> tuple[int, ...]:
    """Return the places of the measurements that were made of all samples of a consignment."""
    use = np.flatnonzero(~np.isnan(questioned.values[rows]).any(axis=0))
    if not len(use):
        raise InputError(
            _("consignment {name}: no measurement was made of all its samples").format(name=name),
            source=questioned.source or None,
        )
    return tuple(use.tolist())


def _joint(
    questioned: Measurements,
    rows_of: Mapping[str, list[int]],
    columns: tuple[int, ...],
    reference: Measurements,
    results: list[Husbandry],
    options: _Options,
) -> list[Consignment]:
    """Return the joint statements of consignments that were measured in the same columns."""
    use = np.array(columns)
    known = ~np.isnan(reference.values[:, use]).any(axis=1)
    reference = _columns_of(_rows_of(reference, np.flatnonzero(known).tolist()), use)
    values = {
        name: questioned.values[np.ix_(np.array(rows), use)] for name, rows in rows_of.items()
    }
    means = replace(
        _columns_of(_rows_of(questioned, [rows[0] for rows in rows_of.values()]), use),
        names=tuple(rows_of),
        values=np.array([one.mean(axis=0) for one in values.values()]),
    )
    joints = examine(means, _group_means(reference), **options)
    return [
        _stated(joint, values[name], reference, [results[row] for row in rows], options["level"])
        for joint, (name, rows) in zip(joints, rows_of.items())
    ]


def _stated(
    joint: Husbandry,
    values: np.ndarray,
    reference: Measurements,
    samples: list[Husbandry],
    level: float,
) -> Consignment:
    scatter = _scatter(values, reference)
    range_p = max(joint.p_values.values())
    fit = Fit(
        (
            FitStatistic("range", range_p, 0.5, range_p),
            FitStatistic("scatter", *_best(scatter)),
        ),
        level,
    )
    status = joint.status
    if joint.supported is not None and scatter[joint.supported][2] <= level / 2:
        status = "inconclusive"
    if not fit.passed:
        status = "neither" if fit.worst and fit.worst.name == "range" else "scattered"
    elif status == "neither":
        status = "inconclusive"
    supported = joint.supported if status == "supported" else None
    return Consignment(
        joint.sample,
        status,
        joint,
        tuple(_kept(sample, joint.sample, status, supported) for sample in samples),
        fit,
        {name: one[2] for name, one in scatter.items()},
    )


def _kept(sample: Husbandry, consignment: str, status: str, supported: str | None) -> Husbandry:
    """Return a sample with what is left of its statement beside that of its consignment."""
    if sample.status != "supported" or status == "scattered" or sample.supported == supported:
        return sample
    warning = notices.CONSIGNMENT(name=sample.supported, consignment=consignment)
    return replace(
        sample, status="inconclusive", supported=None, warnings=(warning, *sample.warnings)
    )


def _rows_of(of: Measurements, rows: Sequence[int]) -> Measurements:
    rows = list(rows)
    return replace(
        of,
        names=tuple(of.names[row] for row in rows),
        values=of.values[rows],
        classes=None if of.classes is None else tuple(of.classes[row] for row in rows),
        groups=None if of.groups is None else tuple(of.groups[row] for row in rows),
    )


def _columns_of(of: Measurements, use: np.ndarray) -> Measurements:
    return replace(
        of,
        columns=tuple(of.columns[place] for place in use),
        units=tuple(of.units[place] for place in use),
        values=of.values[:, use],
    )


def _group_means(reference: Measurements) -> Measurements:
    """Return a row for each group and class: the mean of its samples."""
    groups = reference.groups or reference.names
    held: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(reference.classes or (), groups)):
        held.setdefault(key, []).append(row)
    return replace(
        reference,
        names=tuple(f"{label}: {group}" for label, group in held),
        values=np.array([reference.values[rows].mean(axis=0) for rows in held.values()]),
        classes=tuple(label for label, _group in held),
        groups=tuple(group for _label, group in held),
    )


def _scatter(
    values: np.ndarray, reference: Measurements
) -> dict[str, tuple[float, float, float, int]]:
    """Return of each class: scatter of the samples in its covariance, expected, p-value, replicates.

    The covariance is that of single samples of the class, between and within groups: independent
    samples are at most so scattered. It is known from as many degrees of freedom as groups; that is
    in the replicates, which are drawn from Wishart distributions.
    """
    groups = np.array(reference.groups or reference.names)
    classes = np.array(reference.classes)
    apart = values - values.mean(axis=0)
    count, width = values.shape
    result = {}
    for name in sorted(set(classes.tolist())):
        rows = classes == name
        of, which, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
        weights = (1 / sizes)[which.ravel()]
        own = reference.values[rows]
        means = np.zeros((len(of), width))
        np.add.at(means, which.ravel(), own * weights[:, None])
        centred = own - means.mean(axis=0)
        freedom = len(of) - 1
        covariance = (centred * weights[:, None]).T @ centred / freedom
        observed = float(np.trace(np.linalg.solve(covariance, apart.T @ apart)))
        random = np.random.default_rng([_SEED, count, freedom])
        drawn = random.standard_normal((REPLICATES, count - 1, width))
        known = random.standard_normal((REPLICATES, freedom, width))
        inside = np.einsum("rni,rnj->rij", known, known) / freedom
        traces = np.trace(
            np.linalg.solve(inside, np.einsum("rni,rnj->rij", drawn, drawn)), axis1=1, axis2=2
        )
        p = predictive_p(observed, traces.tolist())
        result[name] = (observed, float(traces.mean()), p, REPLICATES)
    return result


def _best(scatter: Mapping[str, tuple[float, float, float, int]]) -> tuple:
    """Return the comparison with the class that the scatter fits best."""
    return max(scatter.values(), key=lambda one: one[2])
