"""The words of wild or captive, by measurements such as isotopes."""

from collections.abc import Iterator, Mapping
from typing import Any

from forensics.barcode.ratio import NoRatio
from forensics.individual.captive.results import Husbandry
from forensics.messages import _, numeral
from forensics.report.blocks import Table, decimal, percent, probability, significant, whole
from forensics.report.kinds.base import (
    Narrator,
    Part,
    fit_text,
    parts_of,
    proposed,
    propositions,
    strength,
    support,
    weigh,
)
from forensics.report.statement import Finding, Question


def _parts(finding: Finding, result: Husbandry) -> Iterator[Part]:
    """Yield what is said of wild or captive."""
    return parts_of(
        finding,
        question=[
            _(
                "Which kind of keeping do the measurements of sample {sample} support: {classes}?"
            ).format(sample=finding.sample, classes=", ".join(result.p_values))
        ],
        propositions=propositions(
            *(
                _("The sample is of the class {name}.").format(name=name)
                for name in _pair(finding, result)
            ),
        ),
        method=[
            _(
                "The measurements were compared with samples of known class, by a classifier "
                "trained only on these."
            ),
        ],
        found=[
            _headline(finding, result) + ".",
            fit_text(result.fit),
            _measurements(result),
            _classes(result),
        ],
        strength=weigh(
            finding,
            lambda question: _weighed(result, question),
            _("No likelihood ratio is stated: no propositions were recorded for this item."),
        ),
        prior=_priors(result, finding.options),
        assumed=[
            _(
                "That both tables were measured on one scale, and that the tissue is of the same "
                "kind."
            ),
            _(
                "That diet and water, which isotopes show, differed between the classes where this "
                "animal lived."
            ),
        ],
        open=_not_excluded(result),
        backing=[
            *support(finding, _("Samples of known class")),
            *_performance(result),
            _errors(result),
        ],
    )


def _headline(finding: Finding, result: Husbandry) -> str:
    """Return the result in a line; the posterior stands with its prior in the text."""
    if result.status == "supported":
        return _("The measurements support {name} rather than {other}").format(
            name=result.supported, other=result.next
        )
    if result.status == "neither":
        return _(
            "This reference does not describe the sample: the measurements fit none of its classes"
        )
    return _("Inconclusive: the measurements settle none of the classes")


def _measurements(result: Husbandry) -> Table:
    return Table(
        (_("Measured"), _("Value"), _("Unit")),
        tuple(
            (name, decimal(value, 1), result.units.get(name) or _("not stated"))
            for name, value in result.values.items()
        ),
    )


def _classes(result: Husbandry) -> Table:
    return Table(
        (_("Class"), _("Prior"), _("Posterior"), _("Samples of it as far out or farther"),
         _("Excluded at {level}").format(level=numeral(result.level))),
        tuple(
            (
                name, numeral(result.prior[name], "g"), probability(result.posteriors[name]),
                percent(p, 1), _("yes") if name in result.excluded else _("no"),
            )
            for name, p in result.p_values.items()
        ),
        (0.24, 0.14, 0.16, 0.26, 0.2),
    )  # fmt: skip


def _pair(finding: Finding, result: Husbandry) -> tuple[str, str]:
    """Return the classes of the propositions: those that were recorded, else the two likeliest."""
    if finding.weighed:
        question = finding.weighed[0]
        return proposed(question.named), proposed(question.against)
    return result.likeliest, result.next


def _weighed(result: Husbandry, question: Question) -> Iterator[str]:
    """Yield the ratio of the two classes that a question names."""
    if result.log10_lr is None:
        raise NoRatio(_("The sample is out of the range of {name}.").format(name=result.likeliest))
    if {question.named, question.against} != {result.likeliest, result.next}:
        raise NoRatio(
            _("The finding has the ratio of {first} and {second} alone.").format(
                first=result.likeliest, second=result.next
            )
        )
    yield from strength(
        result.log10_lr if question.named == result.likeliest else -result.log10_lr,
        _("the sample is of the class {name}").format(name=question.named),
        _("it is of the class {name}").format(name=question.against),
    )
    if result.at_bound:
        yield _(
            "The ratio was capped there, because the reference has too few samples for a "
            "greater one."
        )


def _priors(result: Husbandry, options: Mapping[str, Any]) -> Iterator[str]:
    under_priors = result.under_other_priors()
    if not under_priors:
        yield _("No posterior is stated: the sample is out of the range of the classes.")
        return
    best = max(result.posteriors, key=lambda name: result.posteriors[name] or 0.0)
    yield _("Posterior of {name} if it is of one of the classes: {shown}.").format(
        name=best,
        shown=_("; ").join(
            _("{p} with a prior of {prior}").format(p=probability(posterior), prior=numeral(prior))
            for prior, posterior in under_priors.items()
        ),
    )
    least = float(options.get("confidence", 0))
    below = [prior for prior, posterior in under_priors.items() if posterior < least]
    if below and result.status == "supported":
        yield _(
            "With a prior of {priors} the posterior would not reach the required {confidence}, "
            "so the result depends on the prior."
        ).format(priors=", ".join(map(numeral, below)), confidence=numeral(options["confidence"]))


def _not_excluded(result: Husbandry) -> Iterator[str]:
    fitting = [name for name in result.p_values if name not in result.excluded]
    if fitting:
        yield _("By the range of its samples: {names}.").format(names=", ".join(fitting))
    yield _(
        "A kind of keeping or a place that the reference lacks, which may look like one of its "
        "classes. Isotopes do not show who bred the animal."
    )


def _performance(result: Husbandry) -> Iterator[str]:
    performance = result.performance
    rate = performance.accuracy
    yield _(
        "Tested on its own {samples} samples ({groups} groups), each left out with its group, "
        "the classifier had {count} of {total} right ({low} to {high}, 95 % interval). Cost of "
        "its ratios (Cllr): {cllr}; 0 is perfect, 1 is uninformative."
    ).format(
        samples=whole(performance.samples), groups=whole(performance.groups), count=rate.count,
        total=rate.total, low=percent(rate.low, 1), high=percent(rate.high, 1),
        cllr=significant(performance.cllr, 2),
    )  # fmt: skip


def _errors(result: Husbandry) -> Table:
    return Table(
        (_("True class"), _("Right"), _("Wrong"), _("Inconclusive"), _("Neither"), _("Of"),
         _("Wrong, upper limit")),
        tuple(
            (
                name, whole(figures.right.count), whole(figures.wrong.count),
                whole(figures.inconclusive.count), whole(figures.neither.count),
                whole(figures.wrong.total), percent(figures.wrong.high, 1),
            )
            for name, figures in result.performance.classes.items()
        ),
    )  # fmt: skip


NARRATOR: Narrator[Husbandry] = Narrator(_parts, _headline)
