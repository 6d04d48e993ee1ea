"""The words of a comparison of the classes of cross of two populations."""

import math
from collections.abc import Iterator

from forensics.messages import _, numeral
from forensics.origin.hybrid_results import HybridOrigin, class_in_words
from forensics.report.blocks import Table
from forensics.report.conservative_call import NOT_EXCLUDED
from forensics.report.finding import Finding
from forensics.report.formatting import decimal, percent, probability
from forensics.report.kinds.base import (
    Part,
    make_part,
    noted_part,
    propositions,
    strength,
    support,
)

__all__ = ["cross_headline", "cross_parts"]


def cross_parts(finding: Finding, result: HybridOrigin) -> Iterator[Part]:
    """Yield what is said of the class of cross of one sample."""
    first, second = result.parents
    yield from make_part(
        "question",
        [
            _(
                "Is the animal of sample {sample} of {first}, of {second}, or a cross of them?"
            ).format(sample=finding.sample, first=first, second=second)
        ],
    )
    yield from make_part("propositions", _propositions(result))
    yield from make_part(
        "method",
        [
            _(
                "The genotype at {used} loci was compared with what animals of both populations and their "
                "first- and second-generation crosses and backcrosses have (Anderson and Thompson 2002); and it "
                "was tested whether it fits any of these classes."
            ).format(used=result.used)
        ],
    )
    yield from make_part("found", _results(result), _classes(result))
    yield from make_part("strength", _strength(result))
    yield from make_part(
        "prior",
        [
            _(
                "A cross of any class has a prior of {prior}, shared equally by the four classes; the two "
                "populations share the rest."
            ).format(prior=numeral(result.cross_prior, ".3g"))
        ],
    )
    yield from make_part(
        "assumed",
        [
            _("That the parents' populations are those of the reference, and no third one."),
            _("That the loci are inherited independently of each other in each population."),
        ],
    )
    yield from make_part("open", _open(result))
    yield from make_part("backing", [*support(finding, _("Model"))])
    yield from noted_part(finding)


def cross_headline(result: HybridOrigin) -> str:
    """Return the result in one sentence."""
    return result.headline()


def _pair(result: HybridOrigin) -> list[str]:
    """Return the two likeliest classes; nothing where no ratio is stated."""
    if result.status not in ("assigned", "inconclusive"):
        return []
    if any(notice.code == "OTHER_POPULATION" for notice in result.notices):
        return []  # a ratio of two classes says nothing where neither is likely
    known = {name: value for name, value in result.log_likelihoods.items() if math.isfinite(value)}
    return sorted(known, key=lambda name: (-known[name], name))[:2]


def _propositions(result: HybridOrigin) -> tuple[str, str]:
    pair = _pair(result)
    if len(pair) == 2:
        best, next_ = (class_in_words(name, result.parents) for name in pair)
        return propositions(
            _("The animal is {what}.").format(what=best),
            _("The animal is {what}.").format(what=next_),
        )
    return propositions(
        _("The animal is of one of the two populations or a cross of them."),
        _("It comes from elsewhere."),
    )


def _results(result: HybridOrigin) -> Iterator[str]:
    yield _("Result: {result}.").format(result=result.headline())
    if result.status == "unusable":
        return
    yield _("Posterior of a cross of any class: {cross}.").format(cross=probability(result.cross))
    test = result.exclusion
    if not math.isnan(test.p_any):
        text = (
            _("Test of fit: {p} in the class that fits best (level {level}): it fits none of them.")
            if test.excluded
            else _("Test of fit: {p} in the class that fits best (level {level}): not excluded.")
        )
        yield text.format(p=percent(test.p_any, 1), level=numeral(test.level))


def _classes(result: HybridOrigin) -> Table:
    likelihoods = result.log_likelihoods
    best = max((value for value in likelihoods.values() if math.isfinite(value)), default=0.0)
    p_values = result.exclusion.p_values or {}
    order = sorted(result.classes, key=lambda name: -result.classes[name])
    return Table(
        (
            _("Class"),
            _("log10 of the likelihood, the best set to 0"),
            _("Posterior"),
            _("Test of fit"),
        ),
        tuple(
            (
                class_in_words(name, result.parents),
                decimal((likelihoods[name] - best) / math.log(10), 1)
                if math.isfinite(likelihoods[name])
                else "–",
                probability(result.classes[name]),
                percent(p_values[name], 1) if name in p_values else "–",
            )
            for name in order
        ),
        (0.4, 0.24, 0.18, 0.18),
    )


def _strength(result: HybridOrigin) -> Iterator[str]:
    pair = _pair(result)
    if len(pair) < 2:
        yield _("No likelihood ratio is stated: the result is a posterior, with the prior below.")
        return
    first, second = (result.log_likelihoods[name] for name in pair)
    best, next_ = (class_in_words(name, result.parents) for name in pair)
    yield from strength(
        (first - second) / math.log(10),
        _("the animal is {what}").format(what=best),
        _("the animal is {what}").format(what=next_),
    )


def _open(result: HybridOrigin) -> Iterator[str]:
    others = [
        class_in_words(name, result.parents)
        for name, value in result.classes.items()
        if value >= NOT_EXCLUDED and name != result.origin
    ]
    if others and result.status in ("assigned", "inconclusive"):
        yield _("By the posterior: {names}.").format(names="; ".join(others))
    yield _(
        "Crosses of later generations are not among the classes: they lie between them, and few loci do not "
        "tell them apart."
    )
