"""The words of an age: radiocarbon, a series of it, methylation."""

from collections.abc import Iterator

from forensics.messages import _, numeral
from forensics.report.blocks import Table
from forensics.report.kinds.form import Part, backing, fit_text, noted, part, propositions
from forensics.report.numbers import decimal, percent, probability, significant, whole

__all__ = ["headline", "parts"]


def parts(finding: dict) -> Iterator[Part]:
    """Yield what is said of an age."""
    result, asked = finding["result"], finding["parameters"] or {}
    of_clock = result["method"] == "methylation"
    yield from part("question", [_question(finding)])
    if not of_clock:
        yield from part("propositions", _propositions(asked))
    yield from part("method", [_method(result)])
    if of_clock:
        yield from part("found", [headline(finding)], _measured_age(result))
    else:
        yield from part(
            "found", [headline(finding), fit_text(result), *_said(result)], *_dated(result)
        )
    yield from part("strength", [_no_ratio(of_clock)])
    yield from part("assumed", _assumed(result, asked))
    yield from part("open", _open(result))
    role = _("Clock") if of_clock else _("Calibration curve")
    yield from part("backing", [*backing(finding, role), *_trained(result)])
    yield from noted(finding)


def headline(finding: dict) -> str:
    """Return the result in a line."""
    result = finding["result"]
    if result["method"] == "methylation":
        if not result["interval"]:
            return _("{age} years; how far that may be off is not known.").format(
                age=decimal(result["age"], 1)
            )
        low, high = result["interval"]
        return _("{age} years ({low} to {high}, {level} prediction interval).").format(
            age=decimal(result["age"], 1), low=decimal(low, 1), high=decimal(high, 1),
            level=percent(result["level"], 0),
        )  # fmt: skip
    held = _ranges(result, 0.95)
    if not held:
        if result["method"] == "series":
            return _("No date: no year and growth rate explain these samples together.")
        return _("No year before the seizure explains this value.")
    ranges = _(" or ").join(f"{decimal(a, 1)}–{decimal(b, 1)}" for a, b, _p in held)
    text = (
        _("The tissue that formed last did so in {ranges} ({level} of the posterior).")
        if result["method"] == "series"
        else _("The tissue that was sampled formed in {ranges} ({level} of the posterior).")
    )
    return text.format(ranges=ranges, level=percent(0.95, 0))


def _question(finding: dict) -> str:
    if finding["result"]["method"] == "methylation":
        return _("How old was the animal of sample {sample} when the tissue was taken?").format(
            sample=finding["sample"]
        )
    return _("When did the tissue of sample {sample} form?").format(sample=finding["sample"])


def _propositions(asked: dict) -> tuple[str, ...]:
    days = list(asked.get("dates") or ())
    if not days:
        return propositions(
            _("The tissue formed in the years stated below."), _("It formed in another year.")
        )
    return propositions(
        _("The tissue formed after {days}.").format(days=_(" or ").join(days)),
        _("It formed on that day or before."),
    )


_METHODS = {
    "radiocarbon": lambda: _(
        "Radiocarbon: the F14C that was measured was compared with the curve of what living things "
        "had in each year."
    ),
    "series": lambda: _(
        "Radiocarbon of several samples along one object, dated together by the distances between them."
    ),
    "methylation": lambda: _(
        "Methylation of DNA: the shares measured at the sites of a clock were summed with its weights."
    ),
}


def _method(result: dict) -> str:
    return _METHODS[result["method"]]()


def _ranges(result: dict, level: float) -> list[tuple[float, float, object]]:
    """Return the ranges of a level: from, to, posterior."""
    name = "last_formed" if result["method"] == "series" else "ranges"
    if any(one["code"] == "NO_YEAR_FITS" for one in result.get("warnings") or ()):
        return []  # findings of older versions record ranges that nobody may state
    for one in result.get(name) or ():
        if abs(float(one["level"]) - level) < 1e-9:
            return [(r["from"], r["to"], r["probability"]) for r in one["ranges"]]
    return []


def _said(result: dict) -> Iterator[str]:
    for one in result.get("statements") or ():
        if one["formed_after"] is None:
            yield _("After {day}: nothing is said, since no year fits.").format(day=one["date"])
            continue
        yield _(
            "After {day}: posterior {p} that the tissue formed after it, with a prior by which every year up to "
            "the seizure is equally likely; so death after it has at least this posterior."
        ).format(day=one["date"], p=probability(one["formed_after"]))
        if one["died_before"] is None:
            yield _("Of death before {day} nothing is said.").format(day=one["date"])
        else:
            yield _(
                "The tissue formed last: with the same prior, the posterior of death before {day} is {p}."
            ).format(day=one["date"], p=probability(one["died_before"]))


def _dated(result: dict) -> Iterator[Table]:
    if "f14c" in result:
        yield Table(
            (_("Measured"), _("Value"), _("Standard error")),
            ((_("F14C (no unit)"), decimal(result["f14c"], 4), decimal(result["sd"], 4)),),
        )
    if "growth_rate_mean" in result:
        yield Table(
            (_("Sample, from the last formed"), _("Years before the last"), _("Misfit, standard errors")),
            tuple(
                (str(place), decimal(years, 1), decimal(misfit, 2))
                for place, (years, misfit) in enumerate(
                    zip(result["years_before_last"], result["misfits"]), 1
                )
            ),
        )  # fmt: skip
    yield Table(
        (_("Region of the posterior"), _("From, year"), _("To, year"), _("Posterior in it")),
        tuple(
            (percent(level, 0), decimal(start, 1), decimal(end, 1), probability(p))
            for level in (0.68, 0.95)
            for start, end, p in _ranges(result, level)
        ),
    )


def _measured_age(result: dict) -> Table:
    low, high = result["interval"] or (None, None)
    return Table(
        (_("Age, years"), _("From"), _("To"), _("Level"), _("Sites not measured")),
        (
            (
                decimal(result["age"], 1), decimal(low, 1), decimal(high, 1),
                percent(result["level"], 0) if result["level"] else "–",
                whole(len(result["missing"])),
            ),
        ),
    )  # fmt: skip


def _no_ratio(of_clock: bool) -> str:
    if of_clock:
        return _(
            "No likelihood ratio is stated: the result is an estimation with its interval, and no proposition "
            "was put to it."
        )
    return _(
        "No likelihood ratio is stated: the result is a posterior of years, and its prior stands beside it."
    )


def _assumed(result: dict, asked: dict) -> Iterator[str]:
    if result["method"] == "methylation":
        yield _("That species, tissue and array are like those of the clock.")
        if result["missing"]:
            yield _("Typical values stand for {n} sites that were not measured.").format(
                n=whole(len(result["missing"]))
            )
        return
    if seized := asked.get("seized"):
        yield _(
            "Every year up to the seizure ({day}) is equally likely beforehand, and none after it."
        ).format(day=seized)
    if result["method"] == "series":
        yield _(
            "Growth was even but for 5 % of each sample's time, at {slowest} to {fastest} units of distance a "
            "year; found: {rate}."
        ).format(
            slowest=numeral(asked.get("slowest", "?")), fastest=numeral(asked.get("fastest", "?")),
            rate=significant(result["growth_rate_mean"], 2),
        )  # fmt: skip
    if result.get("position") == "unknown":
        yield _("Where in the object the sample was taken is not known.")
    yield _("That nothing but the object's own carbon was measured.")


def _open(result: dict) -> Iterator[str]:
    if result["method"] == "methylation":
        if not result["interval"]:
            yield _("Any other age: this clock comes without known errors.")
        else:
            yield _("Ages outside the interval: {share} of animals are expected there.").format(
                share=percent(1 - float(result["level"]), 0)
            )
        return
    held = _ranges(result, 0.95)
    if not held:
        yield _("Any year: what was measured does not fit the curve and what was assumed.")
        return
    if len(held) > 1:
        yield _(
            "The value fits {n} separate times; the measurement does not tell them apart."
        ).format(n=len(held))
    yield _("Years outside the ranges have the rest of the posterior: {rest}.").format(
        rest=probability(max(0.0, 1 - sum(float(str(p)) for _a, _b, p in held)))
    )


def _trained(result: dict) -> Iterator[str]:
    if "species" in result:
        yield _("The clock was trained on {animals} animals: {species}, {tissue}.").format(
            animals=result["animals"], species=result["species"], tissue=result["tissue"]
        )
