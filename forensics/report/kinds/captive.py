"""The words of wild or captive, by measurements such as isotopes."""

from collections.abc import Iterator

from forensics.messages import _, numeral
from forensics.report.blocks import Table
from forensics.report.kinds.form import (
    Part,
    backing,
    fit_text,
    noted,
    part,
    propositions,
    strength,
)
from forensics.report.numbers import decimal, percent, probability, significant, whole

__all__ = ["headline", "parts"]


def parts(finding: dict) -> Iterator[Part]:
    """Yield what is said of wild or captive."""
    result, asked = finding["result"], finding["parameters"] or {}
    likelihood = result["likelihood_ratio"]
    yield from part(
        "question",
        [_("Which way of keeping do the measurements of sample {sample} speak for: {classes}?").format(
            sample=finding["sample"], classes=", ".join(result["p_values"]))],
    )  # fmt: skip
    yield from part(
        "propositions",
        propositions(
            _("The sample is of the class {name}.").format(name=likelihood["of"]),
            _("The sample is of the class {name}.").format(name=likelihood["against"]),
        ),
    )
    yield from part(
        "method",
        [
            _(
                "The measurements were compared with samples of known class, by a classifier trained on "
                "those alone."
            )
        ],
    )
    yield from part(
        "found", [headline(finding) + ".", fit_text(result)], _measured(result), _classes(result)
    )
    yield from part("strength", _strength(result))
    yield from part("prior", _priors(result, asked))
    yield from part(
        "assumed",
        [
            _("Both tables were measured on one scale, and the tissue is of the same kind."),
            _("That diet and water, which is what isotopes show, tell the classes apart where this animal lived."),
        ],
    )  # fmt: skip
    yield from part("open", _open(result))
    yield from part(
        "backing",
        [*backing(finding, _("Samples of known class")), *_performance(result)],
        _errors(result),
    )
    yield from noted(finding)


def headline(finding: dict) -> str:
    """Return the result in a line; the posterior stands with its prior in the text."""
    result = finding["result"]
    if result["status"] == "supported":
        return _("The measurements support {name} rather than {other}").format(
            name=result["supported"], other=result["likelihood_ratio"]["against"]
        )
    if result["status"] == "neither":
        return _(
            "This reference does not describe the sample: the measurements fit none of its classes"
        )
    return _("Inconclusive: the measurements settle none of the classes")


def _measured(result: dict) -> Table:
    return Table(
        (_("Measured"), _("Value"), _("Unit")),
        tuple(
            (name, decimal(value, 1), result["units"].get(name) or _("not stated"))
            for name, value in result["values"].items()
        ),
    )


def _classes(result: dict) -> Table:
    return Table(
        (_("Class"), _("Prior"), _("Posterior"), _("Samples of it as far out or farther"),
         _("Excluded at {level}").format(level=numeral(result["level"]))),
        tuple(
            (
                name, decimal(result["prior"][name], 2), probability(result["posteriors"][name]),
                percent(p, 1), _("yes") if name in result["excluded"] else _("no"),
            )
            for name, p in result["p_values"].items()
        ),
        (0.24, 0.14, 0.16, 0.26, 0.2),
    )  # fmt: skip


def _strength(result: dict) -> Iterator[str]:
    likelihood = result["likelihood_ratio"]
    if likelihood["log10"] is None:
        yield _("No likelihood ratio is stated: the sample is out of the range of {name}.").format(
            name=likelihood["of"]
        )
        return
    yield from strength(
        float(likelihood["log10"]),
        _("the sample is of the class {name}").format(name=likelihood["of"]),
        _("it is of the class {name}").format(name=likelihood["against"]),
    )
    if likelihood["at_bound"]:
        yield _("The ratio was cut off there: the reference has too few samples for a greater one.")


def _priors(result: dict, asked: dict) -> Iterator[str]:
    held = result["under_other_priors"]
    if not held:
        yield _("No posterior is stated: the sample is out of the range of the classes.")
        return
    best = max(result["posteriors"], key=lambda name: float(result["posteriors"][name]))
    yield _("Posterior of {name} if it is of one of the classes: {shown}.").format(
        name=best,
        shown=_("; ").join(
            _("{p} with a prior of {prior}").format(
                p=probability(one["posterior"]), prior=numeral(one["prior"])
            )
            for one in held
        ),
    )
    least = float(asked.get("confidence", 0))
    below = [one["prior"] for one in held if float(one["posterior"]) < least]
    if below and result["status"] == "supported":
        yield _(
            "With a prior of {priors} the posterior would not reach the {confidence} that was asked for: the "
            "result depends on the prior."
        ).format(priors=", ".join(map(numeral, below)), confidence=numeral(asked["confidence"]))


def _open(result: dict) -> Iterator[str]:
    left = [name for name in result["p_values"] if name not in result["excluded"]]
    if left:
        yield _("By the range of its samples: {names}.").format(names=", ".join(left))
    yield _(
        "A kind of keeping or a place that the reference lacks, which may look like one of its classes. "
        "Who bred the animal is another question."
    )


def _performance(result: dict) -> Iterator[str]:
    held = result["performance"]
    rate = held["accuracy"]
    yield _(
        "Asked about its own {samples} samples ({groups} groups), each left out with its group, the classifier "
        "had {count} of {total} right ({low} to {high}, 95 % interval). Cost of its ratios (Cllr): {cllr}; 0 "
        "is perfect, 1 says nothing."
    ).format(
        samples=whole(held["samples"]), groups=whole(held["groups"]), count=rate["count"],
        total=rate["total"], low=percent(rate["low"], 1), high=percent(rate["high"], 1),
        cllr=significant(held["cllr"], 2),
    )  # fmt: skip


def _errors(result: dict) -> Table:
    return Table(
        (_("True class"), _("Right"), _("Wrong"), _("Inconclusive"), _("Neither"), _("Of"),
         _("Wrong, upper limit")),
        tuple(
            (
                name, whole(one["right"]["count"]), whole(one["wrong"]["count"]),
                whole(one["inconclusive"]["count"]), whole(one["neither"]["count"]),
                whole(one["wrong"]["total"]), percent(one["wrong"]["high"], 1),
            )
            for name, one in result["performance"]["classes"].items()
        ),
    )  # fmt: skip
