"""From two tables to results: which class of a reference the measurements of each sample support.

**Missing measurements.** A sample is compared by what was measured of it: the classifier learns anew
from those columns, and from the reference samples that have all of them. So nothing stands in for a
measurement, and the figures beside the result are those of these columns.

>>> from forensics.individual.captive.examining import examine
>>> from forensics.individual.captive.measurements import read_measurements
>>> known = read_measurements("known.csv", classes="origin", groups="farm")   # doctest: +SKIP
>>> examine(read_measurements("exhibit.csv"), known)                          # doctest: +SKIP
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from forensics.core.notice import Figure, Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.errors import InputError, UsageError
from forensics.fit import Fit, FitStatistic
from forensics.genetics.sources import printable
from forensics.individual.captive.calibration import posteriors_of
from forensics.individual.captive.calls import CONFIDENCE, LEVEL, HusbandryCall, call_samples
from forensics.individual.captive.checks import check_columns, check_tables
from forensics.individual.captive.classifier import HusbandryClassifier
from forensics.individual.captive.evaluation import evaluate
from forensics.individual.captive.measurements import PER_MIL, Measurements
from forensics.individual.captive.results import (
    Husbandry,
    SuspectLabel,
    with_prior,
)
from forensics.individual.captive.suspects import Suspect, find_suspects, label_check
from forensics.messages import _, numeral
from forensics.notices import captive as notices
from forensics.stats.choice import reaches

__all__ = ["examine"]

_MAX_NAMED = 10  # suspects that are named in one sentence; all stand in the JSON


def examine(
    questioned: Measurements,
    reference: Measurements,
    *,
    prior: str | Mapping[str, float] = "equal",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    without_suspects: bool = False,
    check: bool = True,
) -> list[Husbandry]:
    """Say which class of a reference the measurements of each sample support.

    Parameters
    ----------
    questioned : Measurements
        With the columns of the reference.
    reference : Measurements
        Samples of known class. Without groups, samples of one name are a group.
    prior : "equal" or mapping of class to float
    confidence : float
        Posterior that a supported class has, above 0.5.
    level : float
        Share of samples of a class that may be excluded wrongly.
    without_suspects : bool
        Whether reference samples whose label their own measurements contradict are left out, see
        `forensics.individual.captive.suspects`. They are named in either case.
    check : bool
        False only where a finding of an older version, which made no check of fit and did not look
        for suspects, is computed again.

    Raises
    ------
    InputError
        If the tables do not fit each other, or the reference has too few groups in a class, one
        class only, columns that say the same, or a questioned sample itself.
    UsageError
        If options do not fit.
    """
    if not 0.5 < confidence < 1 or not 0 < level < 1:
        raise UsageError(
            _("confidence {confidence}, level {level}; expected 0.5-1 and 0-1").format(
                confidence=confidence, level=level
            )
        )
    check_tables(questioned, reference)
    results: dict[int, Husbandry] = {}
    measured = ~np.isnan(questioned.values)
    for pattern in np.unique(measured, axis=0):
        comparison = _Comparison(
            questioned, reference, pattern, prior=prior, confidence=confidence, level=level,
            without_suspects=without_suspects, check=check,
        )  # fmt: skip
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
        *,
        prior: str | Mapping[str, float],
        confidence: float,
        level: float,
        without_suspects: bool,
        check: bool,
    ) -> None:
        self.check, self.without_suspects = check, without_suspects
        self.questioned, self.reference, self.pattern = questioned, reference, pattern
        self.columns = [name for name, measured in zip(reference.columns, pattern) if measured]
        self.confidence, self.level = confidence, level
        self.complete = np.flatnonzero(~np.isnan(reference.values[:, pattern]).any(axis=1))
        values = reference.values[np.ix_(self.complete, pattern)]
        classes = np.array(reference.classes)[self.complete]
        check_columns(reference, self.columns, values, classes)
        groups = np.array(reference.groups or reference.names)[self.complete]
        self.model = self._fit_model(prior, values, classes, groups)
        self.suspects: tuple[SuspectLabel, ...] = ()
        self.labels: FitStatistic | None = None
        if check:
            suspects = find_suspects(self.model.reference_)
            self.suspects = tuple(self._name_suspects(suspects))
            self.labels = label_check(suspects, self.model.reference_)
            if without_suspects and suspects:
                keep = np.setdiff1d(np.arange(len(values)), [suspect.place for suspect in suspects])
                self.complete = self.complete[keep]
                self.model = self._fit_model(prior, values[keep], classes[keep], groups[keep])
        self.names = tuple(map(str, self.model.classes_))
        self.performance = evaluate(
            self.model,
            [reference.names[row] for row in self.complete],
            confidence=confidence,
            level=level,
            extended=check,
        )
        self.notices = self._notices_of_all()

    def _fit_model(
        self,
        prior: str | Mapping[str, float],
        values: np.ndarray,
        classes: np.ndarray,
        groups: np.ndarray,
    ) -> HusbandryClassifier:
        try:
            return HusbandryClassifier(prior).fit(values, classes, groups=groups)
        except ValueError as error:
            raise InputError(
                _("{columns}: {error}").format(columns=", ".join(self.columns), error=error),
                source=self.reference.source or None,
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
        tails, calibrated = model.p_values(values, extended=self.check)
        beyond = model.calibration_.tails.is_beyond(tails)
        calls = call_samples(
            posteriors, ratios, tails, calibrated, confidence=self.confidence, level=self.level
        )
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
                fit=self._fit(p_values[place]) if self.check else None,
                beyond=_select(names, beyond[place]) if self.check else None,
                suspects=self.suspects if self.check else None,
                values=dict(zip(self.columns, values[place].tolist())),
                units=self._units(),
                posteriors=dict(zip(names, shares)),
                prior=dict(zip(names, model.prior_.tolist())),
                p_values=dict(zip(names, p_values[place].tolist())),
                excluded=_select(names, call.excluded),
                level=self.level,
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
        return Fit((FitStatistic("range", best, 0.5, best),), self.level)

    def _units(self) -> dict[str, str]:
        """Return the unit of each column, from whichever header says more."""
        both = zip(self.questioned.units, self.reference.units)
        units = [max(pair, key=len) for pair in both]
        return dict(zip(self.columns, np.array(units)[self.pattern].tolist()))

    def _notices_of_all(self) -> list[Notice]:
        """Return what must be known of every result of this comparison."""
        result, reference = [], self.reference
        if not self.pattern.all():
            missing = [name for name in reference.columns if name not in self.columns]
            result.append(
                notices.NOT_MEASURED(missing=", ".join(missing), columns=", ".join(self.columns))
            )
        if len(self.complete) < len(reference):
            result.append(
                notices.INCOMPLETE_REFERENCE(
                    count=len(reference) - len(self.complete), total=len(reference)
                )
            )
        unscaled = [name for name, unit in self._units().items() if unit == PER_MIL]
        if unscaled:
            result.append(notices.NO_SCALE(columns=", ".join(unscaled)))
        if reference.groups is None:
            result.append(notices.NO_GROUPS())
        if self.suspects:
            result.append(self._suspect_notice())
        return result + self._notices_of_size()

    def _suspect_notice(self) -> Notice:
        assert self.labels is not None  # suspects come from the check of labels
        shown = _("; ").join(
            _("{name} (labelled {label}, looks like {likelier})").format(
                name=printable(suspect.sample), label=suspect.label, likelier=suspect.likelier
            )
            for suspect in self.suspects[:_MAX_NAMED]
        )
        return notices.SUSPECT_LABELS(
            "left_out" if self.without_suspects else "used",
            count=len(self.suspects),
            expected=Figure(self.labels.expected, ".2g"),
            p=Fit((self.labels,)).parameters()["p"],
            shown=shown + (" …" if len(self.suspects) > _MAX_NAMED else ""),
        )

    def _notices_of_size(self) -> list[Notice]:
        """Return what so small a reference cannot support."""
        result, calibration, prior = [], self.model.calibration_, self.model.prior_
        min_share = 1 / (calibration.tails.groups + 1)
        if not self.check and min_share > self.level:
            result.append(
                notices.FEW_FOR_EXCLUSION(
                    groups=calibration.tails.groups, least=min_share, level=self.level
                )
            )
        short = []
        for place, name in enumerate(self.names):
            others = np.delete(prior * np.exp(-calibration.bounds[place]), place).sum()
            max_posterior = prior[place] / (prior[place] + others)
            if not reaches(max_posterior, self.confidence):
                short.append(f"{name} {numeral(max_posterior, '.3f')}")
        if short:
            result.append(
                notices.FEW_FOR_CONFIDENCE(names=_("; ").join(short), confidence=self.confidence)
            )
        return result

    def _notices_of_sample(self, call: HusbandryCall, posterior: np.ndarray) -> list[Notice]:
        name, p = self.names[call.best], float(posterior[call.best])
        if call.outside and call.status != "neither":
            return [notices.OUT_OF_RANGE(name=name)]
        if call.status != "supported":
            return []
        result = []
        even = with_prior(p, float(self.model.prior_[call.best]), 0.5)
        if not reaches(even, self.confidence):
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
                "confidence": self.confidence,
                "level": self.level,
                **({"without_suspects": True} if self.without_suspects else {}),
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
