"""From two tables to results: which class of a reference the measurements of each sample support.

**Missing measurements.** A sample is compared by what was measured of it: the classifier learns anew
from those columns, and from the reference samples that have all of them. So nothing stands in for a
measurement, and the figures beside the result are those of these columns.

>>> from forensics.individual.captive.examining import examine
>>> from forensics.individual.captive.measurements import read_measurements
>>> known = read_measurements("known.csv", classes="origin", groups="farm")   # doctest: +SKIP
>>> examine(read_measurements("exhibit.csv"), known)                          # doctest: +SKIP

**A consignment** gets one statement: what the measurements of all its samples support together. Animals of one
consignment may share a farm or a place, and nobody knows. Then they are no independent witnesses: forty of one farm
say little more than one of it, and a product of forty likelihood ratios would be far too sure. So the consignment
counts as **one group**: the mean of its samples is compared with the means of the groups of the reference, by the
same classifier as a single sample, with the same bounds. If its animals are in truth of many farms, this is too
cautious, and never too sure.

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

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np

from forensics.core.grouping import gathered
from forensics.core.notice import Figure, Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.result import Result
from forensics.core.stored import not_stored, reported, stored
from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic, predictive_p
from forensics.individual.captive.classifier import (
    HusbandryClassifier,
    Suspect,
    evaluate,
    find_suspects,
    label_check,
)
from forensics.individual.captive.densities import posteriors_of
from forensics.individual.captive.measurements import (
    PER_MIL,
    Measurements,
    check_columns,
    check_tables,
)
from forensics.individual.captive.results import (
    BETWEEN_LEVEL,
    Husbandry,
    HusbandryCall,
    SuspectLabel,
    call_samples,
    with_prior,
)
from forensics.individual.options import CAPTIVE_DEFAULTS, CaptiveOptions
from forensics.io.numbers import printable
from forensics.messages import _, numeral
from forensics.notices import captive as notices
from forensics.stats import by_value, reaches

_MAX_NAMED = 10  # suspects that are named in one sentence; all stand in the JSON


def examine(
    questioned: Measurements,
    reference: Measurements,
    options: CaptiveOptions = CAPTIVE_DEFAULTS,
    *,
    prior: str | Mapping[str, float] = "equal",
) -> list[Husbandry]:
    """Say which class of a reference the measurements of each sample support.

    Parameters
    ----------
    questioned : Measurements
        With the columns of the reference.
    reference : Measurements
        Samples of known class. Without groups, samples of one name are a group.
    options : CaptiveOptions
        Reference samples whose label their own measurements contradict are named whether they are left
        out or not, see `forensics.individual.captive.classifier`.
    prior : "equal" or mapping of class to float

    Raises
    ------
    InputError
        If the tables do not fit each other, or the reference has too few groups in a class, one
        class only, columns that say the same, or a questioned sample itself.
    UsageError
        If the prior does not fit.
    """
    check_tables(questioned, reference)
    results: dict[int, Husbandry] = {}
    measured = ~np.isnan(questioned.values)
    for pattern in np.unique(measured, axis=0):
        comparison = _Comparison(questioned, reference, pattern, prior, options)
        rows = np.flatnonzero((measured == pattern).all(axis=1))
        results.update(zip(rows.tolist(), comparison.results(rows)))
    return [results[row] for row in range(len(questioned))]


class _Comparison:
    """Samples that were measured in the same columns, compared by these columns."""

    def __init__(
        self,
        questioned: Measurements,
        reference: Measurements,
        pattern: np.ndarray,
        prior: str | Mapping[str, float],
        options: CaptiveOptions,
    ) -> None:
        self.options, self.prior = options, prior
        self.questioned, self.reference, self.pattern = questioned, reference, pattern
        self.columns = [name for name, measured in zip(reference.columns, pattern) if measured]
        self.complete = np.flatnonzero(~np.isnan(reference.values[:, pattern]).any(axis=1))
        values = reference.values[np.ix_(self.complete, pattern)]
        classes = np.array(reference.classes)[self.complete]
        check_columns(reference, self.columns, values, classes)
        groups = np.array(reference.groups or reference.names)[self.complete]
        self.model = self._fit_model(values, classes, groups)
        suspects = find_suspects(self.model.reference_)
        self.suspects = tuple(self._name_suspects(suspects))
        self.labels = label_check(suspects, self.model.reference_)
        if options.without_suspects and suspects:
            keep = np.setdiff1d(np.arange(len(values)), [suspect.place for suspect in suspects])
            self.complete = self.complete[keep]
            self.model = self._fit_model(values[keep], classes[keep], groups[keep])
        self.names = tuple(map(str, self.model.classes_))
        self.performance = evaluate(
            self.model,
            [reference.names[row] for row in self.complete],
            options,
        )
        self.notices = tuple(self._notices_of_all())

    def _fit_model(
        self, values: np.ndarray, classes: np.ndarray, groups: np.ndarray
    ) -> HusbandryClassifier:
        try:
            return HusbandryClassifier(self.prior).fit(values, classes, groups=groups)
        except ValueError as error:
            raise InputError(
                _("{columns}: {error}").format(columns=", ".join(self.columns), error=error),
                source=self.reference.source,
            ) from error

    def _name_suspects(self, suspects: Sequence[Suspect]) -> Iterator[SuspectLabel]:
        classes, groups = self.model.classes_, self.reference.groups
        for suspect in suspects:
            row = self.complete[suspect.place]
            yield SuspectLabel(
                self.reference.names[row],
                None if groups is None else groups[row],
                str(classes[suspect.label]),
                str(classes[suspect.likelier]),
                suspect.probability,
            )

    def results(self, rows: np.ndarray) -> list[Husbandry]:
        """Return the results of some questioned samples."""
        model, names = self.model, self.names
        values = self.questioned.values[np.ix_(rows, self.pattern)]
        ratios = model.log_ratios(values)
        posteriors = posteriors_of(ratios, model.prior_)
        tails, calibrated, between = model.p_values(values)
        beyond = model.calibration_.tails.is_beyond(tails)
        calls = call_samples(posteriors, ratios, tails, calibrated, between, self.options)
        p_values = np.maximum(tails, calibrated)
        provenance = self._provenance()
        results = []
        for place, (row, call) in enumerate(zip(rows.tolist(), calls)):
            shares = [None] * len(names) if call.outside else posteriors[place].tolist()
            bound = model.calibration_.bounds[call.likeliest, call.next]
            result = Husbandry(
                sample=self.questioned.names[row],
                status=call.status,
                supported=names[call.best] if call.status == "supported" else None,
                fit=self._fit(p_values[place]),
                beyond=_select(names, beyond[place]),
                suspects=self.suspects,
                values=dict(zip(self.columns, values[place].tolist())),
                units=self._units(),
                posteriors=dict(zip(names, shares)),
                prior=dict(zip(names, model.prior_.tolist())),
                p_values=dict(zip(names, p_values[place].tolist())),
                excluded=_select(names, call.excluded),
                level=self.options.exclusion_level,
                log10_lr=call.log10,
                likeliest=names[call.likeliest],
                next=names[call.next],
                log10_bound=float(bound) / math.log(10),
                notices=(*self._notices_of_sample(call, posteriors[place]), *self.notices),
                performance=self.performance,
                provenance=provenance,
            )
            results.append(result)
        return results

    def _fit(self, p_values: np.ndarray) -> Fit:
        """Return whether any class of the reference describes a sample."""
        best = float(p_values.max())
        return Fit((FitStatistic("range", best, 0.5, best),), self.options.exclusion_level)

    def _units(self) -> dict[str, str]:
        """Return the unit of each column, from whichever header says more."""
        both = zip(self.questioned.units, self.reference.units)
        units = [max(pair, key=len) for pair in both]
        return dict(zip(self.columns, np.array(units)[self.pattern].tolist()))

    def _notices_of_all(self) -> Iterator[Notice]:
        """Yield what must be known of every result of this comparison."""
        reference = self.reference
        if not self.pattern.all():
            missing = [name for name in reference.columns if name not in self.columns]
            yield notices.NOT_MEASURED(missing=", ".join(missing), columns=", ".join(self.columns))
        if left_out := len(reference) - len(self.complete):
            yield notices.INCOMPLETE_REFERENCE(count=left_out, total=len(reference))
        if unscaled := [name for name, unit in self._units().items() if unit == PER_MIL]:
            yield notices.NO_SCALE(columns=", ".join(unscaled))
        if reference.groups is None:
            yield notices.NO_GROUPS()
        if self.suspects:
            yield self._suspect_notice()
        # What so small a reference cannot support.
        calibration, prior, confidence = (
            self.model.calibration_, self.model.prior_, self.options.confidence
        )  # fmt: skip
        short = []
        for place, name in enumerate(self.names):
            others = np.delete(prior * np.exp(-calibration.bounds[place]), place).sum()
            max_posterior = prior[place] / (prior[place] + others)
            if not reaches(max_posterior, confidence):
                short.append(f"{name} {numeral(max_posterior, '.3f')}")
        if short:
            yield notices.FEW_FOR_CONFIDENCE(names=_("; ").join(short), confidence=confidence)

    def _suspect_notice(self) -> Notice:
        shown = _("; ").join(
            _("{name} (labelled {label}, looks like {likelier})").format(
                name=printable(suspect.sample), label=suspect.label, likelier=suspect.likelier
            )
            for suspect in self.suspects[:_MAX_NAMED]
        )
        return notices.SUSPECT_LABELS(
            "left_out" if self.options.without_suspects else "used",
            count=len(self.suspects),
            expected=Figure(self.labels.expected, ".2g"),
            p=Fit((self.labels,)).parameters()["p"],
            shown=shown + (" …" if len(self.suspects) > _MAX_NAMED else ""),
        )

    def _notices_of_sample(self, call: HusbandryCall, posterior: np.ndarray) -> list[Notice]:
        name, p = self.names[call.best], float(posterior[call.best])
        if call.outside and call.status != "neither":
            return [notices.OUT_OF_RANGE(name=name)]
        if call.between:
            return [notices.BETWEEN_CLASSES(name=name, level=BETWEEN_LEVEL)]
        if call.status != "supported":
            return []
        result = []
        even = with_prior(p, float(self.model.prior_[call.best]), 0.5)
        if not reaches(even, self.options.confidence):
            result.append(notices.PRIOR_SENSITIVE(name=name))
        # One group less, and the bound is below the confidence: no left-out sample was called.
        if not self.performance.classes[name].right.share:
            result.append(notices.UNTESTED(name=name))
        return result

    def _provenance(self) -> Provenance:
        import scipy
        import sklearn

        questioned, reference = self.questioned, self.reference
        return make_provenance(
            dependencies={
                "numpy": np.__version__,
                "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__,
            },
            library={
                "name": reference.source,
                "version": "",
                "sha256": reference.sha256,
                "demonstration": False,
            },
            parameters={
                "columns": self.columns,
                "prior": dict(zip(self.names, self.model.prior_.tolist())),
                "grouped": reference.groups is not None,
                **{name: value for name, value in self.options.parameters().items() if value},
            },
            # With how both were read: who computes it again must read the same columns.
            input={
                "file": questioned.source,
                "sha256": questioned.sha256,
                "read_with": dict(questioned.read_with),
                "reference": {
                    "file": reference.source,
                    "sha256": reference.sha256,
                    "read_with": dict(reference.read_with),
                },
            },
        )


def _select(names: Sequence[str], chosen: Iterable[bool]) -> tuple[str, ...]:
    return tuple(name for name, is_chosen in zip(names, chosen) if is_chosen)


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


def examine_consignments(
    questioned: Measurements,
    consignments: Sequence[str],
    reference: Measurements,
    options: CaptiveOptions = CAPTIVE_DEFAULTS,
    *,
    prior: str | Mapping[str, float] = "equal",
) -> tuple[list[Husbandry], list[Consignment]]:
    """Examine samples, and those of each consignment together.

    Parameters
    ----------
    consignments : sequence of str, length n
        The consignment of each sample; "" for none.
    reference, options, prior
        As for `examine`.

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
    if len(consignments) != len(questioned):
        raise UsageError(
            _("{count} consignments of {samples} samples").format(
                count=len(consignments), samples=len(questioned)
            )
        )
    results = examine(questioned, reference, options, prior=prior)
    if options.without_suspects and results and results[0].suspects:
        suspects = {suspect.sample for suspect in results[0].suspects}
        reference = _select_rows(
            reference, [row for row, name in enumerate(reference.names) if name not in suspects]
        )
    joint_options = replace(options, without_suspects=False)  # they are left out already
    rows_of = {
        name: [row for row, consignment in enumerate(consignments) if consignment == name]
        for name in sorted(set(consignments) - {""})
    }
    by_columns = gathered(
        (_columns_of_all(questioned, name, rows), name)
        for name, rows in rows_of.items()
        if len(rows) >= MIN_SAMPLES
    )
    joint: list[Consignment] = []
    for columns, names in by_columns.items():
        rows_here = {name: rows_of[name] for name in names}
        joint += _examine_jointly(questioned, rows_here, columns, reference, joint_options, prior)
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
            source=questioned.source,
        )
    return tuple(places.tolist())


def _examine_jointly(
    questioned: Measurements,
    rows_of: Mapping[str, list[int]],
    columns: tuple[int, ...],
    reference: Measurements,
    options: CaptiveOptions,
    prior: str | Mapping[str, float],
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
    joints = examine(means, _group_means(reference), options, prior=prior)
    return [
        _make_consignment(
            joint,
            values[joint.sample],
            reference,
            tuple(questioned.names[row] for row in rows_of[joint.sample]),
            options.exclusion_level,
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
    rows_of = gathered((key, row) for row, key in enumerate(zip(reference.classes or (), groups)))
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
