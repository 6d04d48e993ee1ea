"""The words of an age: radiocarbon, a series of it, methylation."""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from forensics.age.radiocarbon import Range
from forensics.age.results import Age, MethylationAge, RadiocarbonAge, SeriesAge, Statement
from forensics.messages import _, numeral
from forensics.notices import age as notices
from forensics.report.blocks import Table, decimal, percent, probability, significant, whole
from forensics.report.kinds.base import (
    Narrator,
    Part,
    fit_text,
    parts_of,
    propositions,
    support,
)
from forensics.report.statement import Finding

Dated = RadiocarbonAge | SeriesAge


def _parts(finding: Finding, result: Age) -> Iterator[Part]:
    """Return what is said of an age."""
    if isinstance(result, MethylationAge):
        return _methylation_parts(finding, result)
    if isinstance(result, (RadiocarbonAge, SeriesAge)):
        return _dated_parts(finding, result)
    raise _no_words(result)


def _headline(finding: Finding, result: Age) -> str:
    if isinstance(result, MethylationAge):
        return _age_text(result)
    if isinstance(result, (RadiocarbonAge, SeriesAge)):
        return _date_text(result)
    raise _no_words(result)


def _no_words(result: Age) -> TypeError:
    """Return the error of a method that was added without words here; a report never leaves it out."""
    return TypeError(f"reports have no words for ages by the method {result.METHOD!r}")


_METHODS: dict[str, Callable[[], str]] = {
    "radiocarbon": lambda: _(
        "Radiocarbon: the measured F14C was compared with the F14C of living things in each year."
    ),
    "series": lambda: _(
        "Radiocarbon of several samples along one object, dated together by the distances between them."
    ),
    "methylation": lambda: _(
        "DNA methylation: the levels measured at the sites of a clock were summed with its weights."
    ),
}

# -- methylation ------------------------------------------------------------------------


def _methylation_parts(finding: Finding, result: MethylationAge) -> Iterator[Part]:
    return parts_of(
        finding,
        question=[
            _("How old was the animal of sample {sample} when the tissue was taken?").format(
                sample=finding.sample
            )
        ],
        method=[_METHODS[result.method]()],
        found=[_age_text(result), _age_table(result)],
        strength=[
            _(
                "No likelihood ratio is stated: the result is an estimate with its interval, and "
                "no propositions were compared."
            )
        ],
        assumed=_methylation_assumptions(result),
        open=[_other_ages(result)],
        backing=[*support(finding, _("Clock")), *_training(result)],
    )


def _age_text(result: MethylationAge) -> str:
    if result.interval is None:
        return _("{age} years; the error of this age is not known.").format(
            age=decimal(result.age, 1)
        )
    low, high = result.interval
    return _("{age} years ({low} to {high}, {level} prediction interval).").format(
        age=decimal(result.age, 1), low=decimal(low, 1), high=decimal(high, 1),
        level=percent(result.level or 0.0, 0),
    )  # fmt: skip


def _age_table(result: MethylationAge) -> Table:
    low, high = result.interval or (None, None)
    return Table(
        (_("Age, years"), _("From"), _("To"), _("Level"), _("Sites not measured")),
        (
            (
                decimal(result.age, 1), decimal(low, 1), decimal(high, 1),
                percent(result.level, 0) if result.level else "–",
                whole(len(result.missing)),
            ),
        ),
    )  # fmt: skip


def _methylation_assumptions(result: MethylationAge) -> Iterator[str]:
    yield _("That species, tissue and array are like those of the clock.")
    if result.missing:
        yield _("Typical values replace {n} sites that were not measured.").format(
            n=whole(len(result.missing))
        )


def _other_ages(result: MethylationAge) -> str:
    if result.interval is None:
        return _("Any other age, because the errors of this clock are not known.")
    return _("Ages outside the interval: {share} of animals are expected there.").format(
        share=percent(1 - (result.level or 0.0), 0)
    )


def _training(result: MethylationAge) -> Iterator[str]:
    if result.species is not None:
        yield _("The clock was trained on {animals} animals: {species}, {tissue}.").format(
            animals=result.animals, species=result.species, tissue=result.tissue
        )


# -- radiocarbon ------------------------------------------------------------------------


def _dated_parts(finding: Finding, result: Dated) -> Iterator[Part]:
    return parts_of(
        finding,
        question=[_("When did the tissue of sample {sample} form?").format(sample=finding.sample)],
        propositions=_date_propositions(finding.options),
        method=[_METHODS[result.method]()],
        found=[
            _date_text(result),
            fit_text(result.fit),
            *(text for statement in result.statements for text in _statement_texts(statement)),
            *_measurement_tables(result),
            _ranges_table(result),
        ],
        strength=[
            _(
                "No likelihood ratio is stated: the result is a posterior of years, which is "
                "stated with its prior."
            )
        ],
        assumed=_date_assumptions(result, finding.options),
        open=_other_dates(result),
        backing=support(finding, _("Calibration curve")),
    )


def _ranges_at(result: Dated, level: float) -> tuple[Range, ...]:
    """Return the ranges of a level; none where no year fits."""
    if notices.NO_YEAR_FITS.code in result.codes:
        return ()
    by_level = result.last_formed if isinstance(result, SeriesAge) else result.ranges
    return next((each.ranges for each in by_level if abs(each.level - level) < 1e-9), ())


def _date_text(result: Dated) -> str:
    ranges = _ranges_at(result, 0.95)
    is_series = isinstance(result, SeriesAge)
    if not ranges:
        if is_series:
            return _("No date: no year and growth rate explain these samples together.")
        return _("No year before the seizure explains this value.")
    text = (
        _("The tissue that formed last did so in {ranges} ({level} of the posterior).")
        if is_series
        else _("The tissue that was sampled formed in {ranges} ({level} of the posterior).")
    )
    return text.format(
        ranges=_(" or ").join(
            f"{decimal(years.start, 1)}–{decimal(years.end, 1)}" for years in ranges
        ),
        level=percent(0.95, 0),
    )


def _date_propositions(options: Mapping[str, Any]) -> tuple[str, str]:
    days = list(options.get("dates") or ())
    if not days:
        return propositions(
            _("The tissue formed in the years stated below."), _("It formed in another year.")
        )
    return propositions(
        _("The tissue formed after {days}.").format(days=_(" or ").join(days)),
        _("It formed on that day or before."),
    )


def _statement_texts(statement: Statement) -> Iterator[str]:
    if statement.formed_after is None:
        yield _("After {day}: nothing is stated, because no year fits.").format(day=statement.date)
        return
    yield _(
        "After {day}: the posterior that the tissue formed after it is {p}, with a prior by "
        "which every year up to the seizure is equally likely; so death after it has at least "
        "this posterior."
    ).format(day=statement.date, p=probability(statement.formed_after))
    if statement.died_before is None:
        yield _("Nothing is stated on death before {day}.").format(day=statement.date)
    else:
        yield _(
            "The tissue formed last: with the same prior, the posterior of death before {day} is {p}."
        ).format(day=statement.date, p=probability(statement.died_before))


def _measurement_tables(result: Dated) -> Iterator[Table]:
    if isinstance(result, RadiocarbonAge):
        yield Table(
            (_("Measured"), _("Value"), _("Standard error")),
            ((_("F14C (no unit)"), decimal(result.f14c, 4), decimal(result.sd, 4)),),
        )
    else:
        yield Table(
            (_("Sample, from the last formed"), _("Years before the last"), _("Misfit, standard errors")),
            tuple(
                (str(place), "" if years is None else decimal(years, 1), decimal(misfit, 2))
                for place, (years, misfit) in enumerate(
                    zip_longest(result.years_before_last, result.misfits), 1
                )
            ),
        )  # fmt: skip


def _ranges_table(result: Dated) -> Table:
    return Table(
        (_("Region of the posterior"), _("From, year"), _("To, year"), _("Posterior in it")),
        tuple(
            (
                percent(level, 0), decimal(years.start, 1), decimal(years.end, 1),
                probability(years.probability),
            )
            for level in (0.68, 0.95)
            for years in _ranges_at(result, level)
        ),
    )  # fmt: skip


def _date_assumptions(result: Dated, options: Mapping[str, Any]) -> Iterator[str]:
    if seized := options.get("seized"):
        yield _(
            "A priori, every year up to the seizure ({day}) is equally likely, and no year after "
            "it is possible."
        ).format(day=seized)
    if isinstance(result, SeriesAge):
        yield _(
            "Growth was even except for 5 % of each sample's time, at {slowest} to {fastest} "
            "units of distance a year; estimated rate: {rate}."
        ).format(
            slowest=numeral(options.get("slowest", "?")), fastest=numeral(options.get("fastest", "?")),
            rate=_("none") if result.growth_rate_mean is None else significant(result.growth_rate_mean, 2),
        )  # fmt: skip
    elif result.position == "unknown":
        yield _("Where in the object the sample was taken is not known.")
    yield _("That only the object's own carbon was measured.")


def _other_dates(result: Dated) -> Iterator[str]:
    ranges = _ranges_at(result, 0.95)
    if not ranges:
        yield _("Any year: the measurement does not fit the curve and the assumptions.")
        return
    if len(ranges) > 1:
        yield _(
            "The value fits {n} separate times; the measurement does not distinguish them."
        ).format(n=len(ranges))
    yield _("Years outside the ranges have the rest of the posterior: {rest}.").format(
        rest=probability(max(0.0, 1 - sum(years.probability for years in ranges)))
    )


NARRATOR: Narrator[Age] = Narrator(_parts, _headline)
