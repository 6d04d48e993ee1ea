"""The result of asking how old something is, with how it was reached."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from forensics.age.curves import Curve
from forensics.age.methylation import AgeEstimate, Clock, LifeHistory
from forensics.age.radiocarbon import POSITIONS, Calibration, CalibrationWarning, Range
from forensics.age.series import Series
from forensics.core.provenance import Provenance, make_provenance
from forensics.errors import UsageError
from forensics.fit import Fit
from forensics.io.dates import parse_day
from forensics.messages import N_, _, numeral
from forensics.result import Result, shown_probability

__all__ = [
    "Age",
    "day_of",
    "end_of",
    "identity_of",
    "methylation_result",
    "radiocarbon_result",
    "series_result",
]

LIMITS = {
    "radiocarbon": N_(
        "The date is that of this tissue's formation, not of the animal's death. Every year up to "
        "the seizure is taken as equally probable beforehand."
    ),
    "series": N_(
        "The date is that of the tissue that formed last, if growth was even but for "
        "5 % of each sample's time, and the distances were measured from it."
    ),
    "methylation": N_(
        "The age at the time when the tissue was taken, for species, tissue and array like those "
        "that the clock was trained on."
    ),
}


@dataclass(frozen=True)
class Age(Result):
    """What was found of one sample; `to_dict` has the keys of the JSON output.

    Attributes
    ----------
    sample : str
    method : str
        ``radiocarbon``, ``series`` or ``methylation``.
    headline : str
        The result in one sentence.
    lines_ : tuple of (str, str)
        Label and text of what a person should read after it.
    details : dict
        Everything that the method found, as plain values.
    warnings : tuple of CalibrationWarning
    provenance : Provenance
        ``library`` names the curve or the clock.
    """

    sample: str
    method: str
    headline: str
    lines_: tuple[tuple[str, str], ...]
    details: Mapping
    warnings: tuple[CalibrationWarning, ...]
    provenance: Provenance

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation."""
        return {
            "sample": self.sample,
            "method": self.method,
            "result": self.headline,
            **self.details,
            "explanation": self.explanation(),
            "warnings": [asdict(warning) for warning in self.warnings],
            "limits": [_(LIMITS[self.method])],
            "provenance": self.provenance.to_dict(),
        }

    def to_row(self) -> dict:
        """Return the values of one line of CSV: what is a list or a table is in the JSON alone."""
        made = self.provenance
        whole = {
            name: one for name, one in self.details.items() if not isinstance(one, (list, dict))
        }
        low, high = self.details.get("interval") or (None, None)
        return {
            "sample": self.sample,
            "result": self.headline,
            **whole,
            "low": low,
            "high": high,
            "warnings": " ".join(warning.code for warning in self.warnings),
            "library": made.library["name"],
            "library_sha256": made.library["sha256"],
            "version": made.version,
            "time": made.time,
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        return [
            (_("Result"), self.headline),
            *self.lines_,
            *((_("Note"), warning.message) for warning in self.warnings),
            (_("Limits"), _(LIMITS[self.method])),
        ]


def day_of(text: str) -> float:
    """Return a day as a year with decimals: its beginning.

    Raises
    ------
    UsageError
        If it is not written as year, month and day: 3/4/1990 means two days.

    Examples
    --------
    >>> day_of("1990-01-18"), day_of("2000-07-01")
    (1990.0465753424658, 2000.4972677595629)
    """
    try:
        day = parse_day(text)
    except ValueError as error:
        raise UsageError(
            _("{text!r} is no day; write year, month and day, such as 1990-01-18.").format(
                text=text[:40]
            )
        ) from error
    start = date(day.year, 1, 1)
    whole = (date(day.year + 1, 1, 1) - start).days if day.year < 9999 else 365
    return day.year + (day - start).days / whole


def end_of(text: str) -> float:
    """Return the end of a day, as `day_of` its beginning: what formed on it formed until then, at most.

    A day is taken for 1/365 of a year, as long as a day can be.
    """
    return day_of(text) + 1 / 365


def identity_of(curve: Curve) -> dict:
    """Return a curve as the ``library`` of a provenance.

    Of several files the SHA-256 is that of their SHA-256 in hexadecimal, a line each, in the order
    in which they count.
    """
    sums = [one["sha256"] for one in curve.sources]
    text = "".join(f"{one}\n" for one in sums).encode()
    return {
        "name": curve.name,
        "version": "",
        "sha256": sums[0] if len(sums) == 1 else hashlib.sha256(text).hexdigest(),
        "files": [dict(one) for one in curve.sources],
    }


def radiocarbon_result(
    found: Calibration,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping = {},
    withhold: bool = True,
) -> Age:
    """Return a calibrated date as a result.

    Parameters
    ----------
    found : Calibration
    dates : sequence of str
        Days, as for `day_of`; of each it is said what follows.
    sample : str
    parameters : mapping
        Further parameters for the provenance, such as the 14C age that was given.
    withhold : bool
        As for `series_result`.
    """
    statements = [{"date": one, **found.statements(day_of(one))} for one in dates]
    unfit = "NO_YEAR_FITS" in found.codes
    lines = [(_("Measured"), _("F14C {f14c:.4f} ± {sd:.4f}").format(f14c=found.f14c, sd=found.sd))]
    if not unfit:
        lines += _range_lines(found.ranges)
    lines.append((_("Position"), _(POSITIONS[found.position])))
    lines += [(_("After {date}").format(date=one["date"]), _said(one)) for one in statements]
    if unfit:
        headline = _("no year before the seizure explains this value")
    else:
        headline = _("this tissue formed in {ranges} (95 %)").format(
            ranges=_ranges(found.ranges(0.95))
        )
    if withhold:
        details = found.to_dict()
    else:  # as that version wrote it
        details = replace(found, fit=Fit(())).to_dict()
        del details["fit"]
    del details["warnings"]
    details["statements"] = statements
    held = {"f14c": found.f14c, "sd": found.sd, "until": found.until, "since": found.since}
    return Age(
        sample, "radiocarbon", headline, tuple(lines), details, found.warnings,
        _provenance(
            identity_of(found.curve),
            {**held, "position": found.position, "dates": list(dates), **parameters}, {},
        ),
    )  # fmt: skip


def series_result(
    found: Series,
    curve: Curve,
    dates: Sequence[str] = (),
    *,
    sample: str = "",
    parameters: Mapping = {},
    source: Mapping = {},
    withhold: bool = True,
) -> Age:
    """Return a series dated jointly as a result; parameters as for `radiocarbon_result`.

    `source` is ``file`` and ``sha256`` of the table. Where the samples do not fit, no date is
    stated. `withhold` is False only where a finding of an older version, which made no check of fit,
    is computed again: then the numbers are those of then, and the warning stands beside them.
    """
    fit = found.fit
    if not withhold:
        found = replace(
            found,
            fit=Fit(()),
            warnings=tuple(
                _unchecked(fit) if warning.code == "NO_FIT" else warning
                for warning in found.warnings
            ),
        )
    lines = []
    if found.fit.passed:
        lines += _range_lines(found.ranges)
        rate = float((found.rates * found.rate_probabilities).sum())
        lines.append((_("Growth"), _("{rate:.3g} units of distance a year").format(rate=rate)))
    lines.append((_("Fit"), _fit_text(fit)))
    statements = []
    for one in dates:
        statements.append({"date": one, **found.statements(day_of(one))})
        lines.append((_("After {date}").format(date=one), _said(statements[-1])))
    details = found.to_dict()
    del details["warnings"], details["formed_after"]
    if not withhold:  # that version did not write it
        del details["fit"]
    if found.fit.passed:
        headline = _("the tissue that formed last did so in {ranges} (95 %)").format(
            ranges=_ranges(found.ranges(0.95))
        )
    else:
        headline = _("no date: no year and growth rate explain these samples together")
    return Age(
        sample, "series", headline, tuple(lines), {**details, "statements": statements}, found.warnings,
        _provenance(identity_of(curve), {**parameters, "dates": list(dates)}, source),
    )  # fmt: skip


def methylation_result(
    found: AgeEstimate,
    clock: Clock,
    *,
    sample: str = "",
    card: Mapping | None = None,
    life: LifeHistory | None = None,
    parameters: Mapping = {},
    source: Mapping = {},
) -> Age:
    """Return an age by a clock as a result.

    Parameters
    ----------
    found : AgeEstimate
    clock : Clock
    sample : str
    card : mapping, optional
        Of a clock that was trained here: what it was trained on.
    life : LifeHistory, optional
        As it was given to the clock; an age beyond its lifespan is told.
    parameters, source : mapping
        For the provenance; `source` is ``file`` and ``sha256`` of the table.
    """
    warnings = []
    if card and not card["youngest"] <= found.age <= card["oldest"]:
        warnings.append(
            CalibrationWarning(
                "OUTSIDE_TRAINING",
                _(
                    "The clock was trained on animals of {youngest:.1f} to {oldest:.1f} years; of "
                    "others its interval says nothing."
                ).format(youngest=card["youngest"], oldest=card["oldest"]),
            )
        )
    if life and found.age > life.lifespan:
        warnings.append(
            CalibrationWarning(
                "BEYOND_LIFESPAN",
                _(
                    "The age is beyond the maximum lifespan on record, {lifespan:g} years. Are clock, "
                    "transform and life history those of these samples?"
                ).format(lifespan=life.lifespan),
            )
        )
    if found.interval is None:
        warnings.append(
            CalibrationWarning(
                "NO_INTERVAL",
                _(
                    "This clock comes without known errors: how far the age may be off is not "
                    "known. Test it on animals of known age of this species and tissue."
                ),
            )
        )
    if found.missing:
        warnings.append(
            CalibrationWarning(
                "SITES_MISSING",
                _("Typical values stand for {count} sites that were not measured.").format(
                    count=len(found.missing)
                ),
            )
        )
    headline = _("{age:.1f} years").format(age=found.age)
    if found.interval is not None:
        headline = _("{age:.1f} years ({low:.1f} to {high:.1f}, {level:.0%} interval)").format(
            age=found.age, low=found.interval[0], high=found.interval[1], level=found.level
        )
    details = {
        "age": found.age,
        "interval": list(found.interval) if found.interval else None,
        "level": found.level,
        "linear": found.linear,
        "missing": list(found.missing),
    }
    lines = [(_("Clock"), f"{clock.name} ({clock.transform})")]
    if card:
        lines.append(
            (
                _("Trained on"),
                _("{species}, {tissue}; {animals} animals").format(
                    species=card["species"], tissue=card["tissue"], animals=card["animals"]
                ),
            )
        )
        details |= {name: card[name] for name in ("species", "tissue", "animals")}
    return Age(
        sample, "methylation", headline, tuple(lines), details, tuple(warnings),
        _provenance(
            {"name": clock.name, "version": "", "sha256": clock.sha256},
            {"transform": clock.transform, **parameters}, source,
        ),
    )  # fmt: skip


def _range_lines(ranges) -> list[tuple[str, str]]:
    lines = []
    for level in (0.68, 0.95):
        held = ranges(level)
        text = _("; ").join(
            _("{start:.1f}-{end:.1f} (probability {p})").format(
                start=one.start, end=one.end, p=shown_probability(one.probability)
            )
            for one in held
        )
        lines.append((_("{level:.0%} ranges").format(level=level), text))
    if len(held) > 1:
        lines.append(
            (_("Times"), _("The value fits {count} separate times.").format(count=len(held)))
        )
    return lines


def _ranges(held: Sequence[Range]) -> str:
    return _(" or ").join(f"{numeral(one.start, '.1f')}-{numeral(one.end, '.1f')}" for one in held)


def _fit_text(fit: Fit) -> str:
    if fit.passed:
        text = _("the samples fit one year and growth rate (p = {p}, must be above {level})")
    else:
        text = _("the samples fit no year and growth rate (p = {p}, must be above {level})")
    return text.format(**fit.shown())


def _unchecked(fit: Fit) -> CalibrationWarning:
    """Return what is to be known of a finding of a version that made no check of fit."""
    return CalibrationWarning(
        "NO_FIT",
        _(
            "This finding was made without a check of fit. Made now, it fails (p = {p}, must be above "
            "{level}): no year and growth rate explain these samples together, and the date must "
            "not be relied on."
        ).format(**fit.shown()),
    )


def _said(statement: Mapping) -> str:
    if statement["formed_after"] is None:
        return _("nothing is said, since no year fits")
    text = _(
        "this tissue formed after it with probability {p}; so death after it has at least this "
        "probability."
    ).format(p=shown_probability(statement["formed_after"]))
    if statement["died_before"] is None:
        return text + " " + _("Of death before it nothing is said.")
    return (
        text
        + " "
        + _("The tissue formed last: death before it has probability {p}.").format(
            p=shown_probability(statement["died_before"])
        )
    )


def _provenance(library: Mapping, parameters: Mapping, source: Mapping) -> Provenance:
    import numpy

    return make_provenance(
        dependencies={"numpy": numpy.__version__},
        library=dict(library),
        parameters=dict(parameters),
        input=dict(source),
    )
