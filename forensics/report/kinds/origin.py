"""The words of an assignment to an origin: populations, places on a map, isotopes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from forensics.barcode.ratio import NoRatio, supported_at
from forensics.messages import N_, _, numeral
from forensics.origin.areas import Territory
from forensics.origin.regions import RegionAnswer
from forensics.origin.results import (
    CountryShare,
    ExclusionTest,
    IsotopeOrigin,
    MappedOrigin,
    Origin,
    PlaceOrigin,
    PopulationOrigin,
    SecondPrior,
)
from forensics.report.blocks import Table, decimal, percent, probability, significant, whole
from forensics.report.kinds.base import (
    MAX_ROWS,
    Narrator,
    Part,
    parts_of,
    propositions,
    strength,
    support,
    weigh,
)
from forensics.report.reported import NOT_EXCLUDED
from forensics.report.statement import Finding, Question
from forensics.verbal import OTHER

_RANKS = {
    "population": N_("reference population"),
    "unit": N_("reporting unit"),
    "state": N_("country"),
    "region": N_("reporting region"),
}
_STATUSES: dict[str, Callable[[], str]] = {
    "inconclusive": lambda: _("Inconclusive: no single origin reaches the confidence."),
    "none_of_the_reference": lambda: _(
        "It fits no origin of the reference: no origin can be given."
    ),
    "no_fit": lambda: _(
        "The samples and the reference do not fit each other: no origin can be given."
    ),
    "unusable": lambda: _("The sample could not be examined."),
}
_PRIORS: dict[str, Callable[[], str]] = {
    "populations": lambda: _("every reference population is equally likely a priori"),
    "units": lambda: _("every reporting unit is equally likely a priori"),
    "training": lambda: _("each population is as frequent as in the reference"),
    "area": lambda: _("areas of the range of equal size are equally likely a priori"),
    "sampling": lambda: _("places with more reference animals are likelier a priori"),
}


def _parts(finding: Finding, result: Origin) -> Iterator[Part]:
    """Yield what is said of an origin."""
    options = finding.options
    return parts_of(
        finding,
        question=[
            _("Where does the animal of sample {sample} come from?").format(sample=finding.sample)
        ],
        propositions=_propositions(finding, result),
        method=[_method(result)],
        found=[*_results(result, options), *_tables(result)],
        strength=weigh(
            finding,
            lambda question: _weighed(finding, result, question),
            _(
                "No likelihood ratio is stated: no propositions were recorded for this item. The result is a "
                "posterior, with the prior stated below."
            ),
        ),
        prior=_prior(result),
        assumed=_assumptions(result),
        open=_not_excluded(result, options),
        backing=support(finding, _("Model")),
    )


def _headline(finding: Finding, result: Origin) -> str:
    if result.status != "assigned":
        return _STATUSES[result.status]()
    return _("{origin} ({rank}), among the origins of the reference").format(
        origin=result.answer(), rank=_rank(result.rank)
    )


def _rank(name: str | None) -> str:
    return _(_RANKS[name or ""])


def _propositions(finding: Finding, result: Origin) -> tuple[str, str]:
    if finding.weighed:  # the ratio below is of these two, and of no others
        first = finding.weighed[0]
        return propositions(
            _("The animal comes from {origin}.").format(origin=first.named),
            _("The animal comes from {origin}.").format(origin=_second(first)),
        )
    if result.status != "assigned":
        return propositions(
            _("The animal comes from one of the origins that the reference covers."),
            _("It comes from elsewhere."),
        )
    return propositions(
        _("The animal comes from {origin}.").format(origin=result.answer()),
        _("It comes from another origin that the reference covers, or from elsewhere."),
    )


_METHODS: dict[str, Callable[[], str]] = {
    "populations": lambda: _(
        "The genotype at {used} loci was compared with the allele frequencies of the reference "
        "populations. A test showed whether it is as unlike all of them as only few of their own "
        "animals are."
    ),
    "classifier": lambda: _(
        "The genotype at {used} loci was given to a classifier trained on the reference "
        "populations; its probabilities were calibrated on animals that it had not seen. A test "
        "showed whether the genotype is as unlike all of them as only few of their own animals "
        "are."
    ),
    "places": lambda: _(
        "The genotype at {used} loci was placed on a map of allele frequencies. A test showed "
        "whether it is as unlike all reference sites as only few of their own animals are."
    ),
    "isotopes": lambda: _(
        "The values of {used} isotopes were compared with a map of their values in such tissue."
    ),
}


def _method(result: Origin) -> str:
    return _METHODS[result.kind]().format(used=result.used)


def _results(result: Origin, options: Mapping[str, Any]) -> Iterator[str]:
    if result.status == "assigned":
        yield _(
            "Result: {origin}, named as {rank}. Criterion met: a posterior of at least {confidence}."
        ).format(
            origin=result.answer(),
            rank=_rank(result.rank),
            confidence=numeral(options.get("confidence", "?")),
        )
    else:
        yield _STATUSES[result.status]()
    if (test := _exclusion_of(result)) is not None and not math.isnan(test.p_any):
        text = (
            _(
                "Test of fit: {p} of animals like those of the nearest reference would be as unlike it or "
                "more so (level {level}): excluded from all of the reference."
            )
            if test.excluded
            else _(
                "Test of fit: {p} of animals like those of the nearest reference would be as unlike it or "
                "more so (level {level}): not excluded."
            )
        )
        yield text.format(p=percent(test.p_any, 1), level=numeral(test.level))
        if not test.excluded:
            yield test.worth()
        if test.p_place is not None:
            yield _(
                "It fits its place on the map nevertheless: {p} of animals of sites that were left out of the map "
                "fit theirs no better. It may be of a site that was not sampled."
            ).format(p=percent(test.p_place, 1))
    if isinstance(result, MappedOrigin) and (middle := result.median) is not None:
        yield _(
            "Middle of the posterior: about {latitude} degrees of latitude, {longitude} of longitude; a cell of "
            "the map is {cell} km wide."
        ).format(
            latitude=decimal(middle.latitude, 1),
            longitude=decimal(middle.longitude, 1),
            cell=whole(result.cell_km),
        )
    if isinstance(result, PlaceOrigin) and (answer := result.reporting) is not None:
        yield (
            _("The posterior of the reporting regions is not calibrated, so none is named.")
            if answer.measured is None
            else _("Measured performance of the reporting regions: {figures}.").format(
                figures=answer.measured.in_words()
            )
        )
    if isinstance(result, IsotopeOrigin):
        for name, value in result.values.items():
            yield _("Measured: {name} {value} ‰.").format(name=name, value=decimal(value, 1))


def _tables(result: Origin) -> Iterator[Table]:
    if isinstance(result, PopulationOrigin):
        yield _populations(result)
    if isinstance(result, MappedOrigin) and result.regions is not None:
        yield _regions(result)
    if isinstance(result, PlaceOrigin) and result.reporting is not None:
        yield _reporting_regions(result.reporting)
    if isinstance(result, PlaceOrigin) and (territories := result.other_territories()):
        yield _territories(territories)
    if isinstance(result, IsotopeOrigin) and result.countries:
        yield Table(
            (_("Country"), _("Posterior"), _("In the 95 % region")),
            tuple(
                (country.title, probability(country.probability),
                 _("yes") if country.in_region else _("no"))
                for country in result.countries[:MAX_ROWS]
            ),
            (0.5, 0.2, 0.3),
        )  # fmt: skip
    if isinstance(result, PlaceOrigin) and result.listings is not None:
        yield Table(
            (_("Listing"), _("Remains possible")),
            tuple(
                (listing or _("no listing found"), _("yes")) for listing in result.listings.possible
            ),
            (0.7, 0.3),
        )


def _populations(result: PopulationOrigin) -> Table:
    posteriors, p_values = result.probabilities, _p_values_of(result)
    likelihoods = {
        name: value for name, value in result.log_likelihoods.items() if not math.isinf(value)
    }
    best = max(likelihoods.values(), default=0.0)
    order = sorted(posteriors, key=lambda name: -posteriors[name])
    return Table(
        (_("Reference population"), _("log10 of the likelihood, the best set to 0"), _("Posterior"),
         _("Its animals at least as unlike it")),
        tuple(
            (
                name,
                decimal((likelihoods[name] - best) / math.log(10), 1)
                if name in likelihoods else "–",
                probability(posteriors[name]),
                percent(p_values[name], 1) if name in p_values else "–",
            )
            for name in order[:MAX_ROWS]
        ),
        (0.34, 0.24, 0.17, 0.25),
    )  # fmt: skip


def _regions(result: MappedOrigin) -> Table:
    second = _second_of(result)
    others = {region.level: region.area_km2 for region in second.regions} if second else {}
    head = [_("Posterior of the region"), _("Area, km²")]
    if second and others:
        head.append(_("Area under the prior “{prior}”, km²").format(prior=second.prior))
    return Table(
        tuple(head),
        tuple(
            (
                percent(region.level, 0),
                significant(region.area_km2, 2),
                *([significant(others.get(region.level), 2)] if others else []),
            )
            for region in result.regions or ()
        ),
    )


def _reporting_regions(answer: RegionAnswer) -> Table:
    return Table(
        (_("Reporting region"), _("Posterior"), _("Prior"), _("Reference animals"),
         _("In the smallest set of {confidence}").format(confidence=numeral(answer.confidence))),
        tuple(
            (
                answer.title_of(region.name),
                probability(region.probability) if region.assessable else _("not assessable"),
                probability(region.prior),
                whole(region.animals),
                _("yes") if region.named else _("no"),
            )
            for region in answer.shares[:MAX_ROWS]
        ),
        (0.34, 0.16, 0.16, 0.16, 0.18),
    )  # fmt: skip


def _territories(territories: Sequence[Territory]) -> Table:
    return Table(
        (_("Country"), _("Posterior"), _("Under the second prior"), _("Reference animals"),
         _("Nearest reference site, km")),
        tuple(
            (
                country.title,
                probability(country.probability) if country.assessable else _("not assessable"),
                probability(country.second) if country.assessable else "–",
                whole(country.animals),
                significant(None if math.isinf(country.nearest_km) else country.nearest_km, 2),
            )
            for country in territories[:MAX_ROWS]
        ),
        (0.28, 0.18, 0.18, 0.18, 0.18),
    )  # fmt: skip


def _second(question: Question) -> str:
    if question.against == OTHER:
        return _("another origin of the reference")
    return question.against


def _supported(finding: Finding, stated: float) -> float:
    """Return the largest ratio that the evaluation of the model supports, for an animal with this posterior."""
    if not finding.reliability:
        raise NoRatio(_("No evaluation of the model was at hand, so no ratio is supported."))
    bins = [(float(each.stated), each.animals, each.right) for each in finding.reliability]
    if (limit := supported_at(bins, stated)) <= 1:
        raise NoRatio(_("The evaluation of the model supports no ratio above 1 for such animals."))
    return limit


def _weighed(finding: Finding, result: Origin, question: Question) -> Iterator[str]:
    """Yield the ratio of the two origins that a question names."""
    if not isinstance(result, PopulationOrigin) or result.prior != "populations":
        # Posteriors have the ratio of the likelihoods only where priors are equal.
        raise NoRatio(_("The result is a posterior whose prior is not the same for each origin."))
    if result.status not in ("assigned", "inconclusive"):
        raise NoRatio(_STATUSES[result.status]())
    shares, named = result.probabilities, question.named
    others = [name for name in shares if name != named]
    rivals = others if question.against == OTHER else [question.against]
    if unknown := [name for name in (named, *rivals) if name not in shares]:
        raise NoRatio(
            _("{name} is no population of the reference: {known}.").format(
                name=unknown[0], known=", ".join(sorted(shares)[:MAX_ROWS])
            )
        )
    against = sum(shares[name] for name in rivals) / len(rivals)
    if not (against > 0 and shares[named] > 0):
        raise NoRatio(_("The likelihood of one of them is too small to count."))
    log10 = math.log10(shares[named] / against)
    most = math.log10(_supported(finding, max(shares.values())))
    yield from strength(
        max(-most, min(most, log10)),
        _("the animal comes from {name}").format(name=named),
        _("it comes from {name}").format(name=_second(question)),
        least=abs(log10) > most,
    )
    if abs(log10) > most:
        yield _(
            "The model gives a larger ratio; the evaluation of the model, with {n} animals, supports no larger one."
        ).format(n=whole(sum(each.animals for each in finding.reliability)))
    yield _(
        "The ratio compares reference populations, as the model was calibrated. It does not cover populations that "
        "the reference lacks."
    )


def _prior_text(name: str) -> str:
    text = _PRIORS.get(name)
    return text() if text else name


def _prior(result: Origin) -> Iterator[str]:
    if result.status not in ("assigned", "inconclusive"):
        return
    assert isinstance(result, (PopulationOrigin, MappedOrigin))
    prior = result.prior
    if result.probability is not None:
        yield _(
            "Posterior: {p}, with the prior that {prior}, and only if the animal comes from an origin "
            "of the reference."
        ).format(p=probability(result.probability), prior=_prior_text(prior))
    else:
        yield _("The posteriors have the prior that {prior}.").format(prior=_prior_text(prior))
    if second := _second_of(result):
        yield _("The second prior, also shown in the tables: {prior}.").format(
            prior=_prior_text(second.prior)
        )


def _assumptions(result: Origin) -> Iterator[str]:
    yield _(
        "That the sample is of one animal, that its genotype or values are right, and that the "
        "reference is of the same species as the sample."
    )
    if isinstance(result, IsotopeOrigin):
        yield _("That the tissue formed where the animal lived, from food of that place.")
    else:
        yield _("That the loci are inherited independently of each other in each population.")


def _not_excluded(result: Origin, options: Mapping[str, Any]) -> Iterator[str]:
    posteriors = result.probabilities if isinstance(result, PopulationOrigin) else {}
    others = [name for name, p in posteriors.items() if p >= NOT_EXCLUDED]
    if isinstance(result, PlaceOrigin) and result.reporting is not None:
        others += [
            result.reporting.title_of(region.name)
            for region in result.reporting.shares
            if region.mass >= NOT_EXCLUDED
        ]
    others += [country.title for country in _countries_of(result) if country.in_region]
    others = [name for name in others if name != result.answer()]
    if others and result.status in ("assigned", "inconclusive"):
        yield _("By the posterior: {names}.").format(names=", ".join(dict.fromkeys(others)))
    level = test.level if (test := _exclusion_of(result)) else 0.0
    fitting = [name for name, p in _p_values_of(result).items() if p > level]
    if fitting and level and test is not None and not test.excluded:
        yield _("By the test of fit at {level}: {names}.").format(
            level=numeral(options.get("exclusion_level", level)), names=", ".join(fitting)
        )
    yield _(
        "An origin that the reference lacks is never excluded; its animals may be assigned to "
        "the nearest origin in the reference."
    )


def _exclusion_of(result: Origin) -> ExclusionTest | None:
    """Return the test of fit; None of isotopes, which have none."""
    return result.exclusion if isinstance(result, (PopulationOrigin, PlaceOrigin)) else None


def _p_values_of(result: Origin) -> dict[str, float]:
    """Return the p-value of each population of which there is one."""
    test = _exclusion_of(result)
    return {name: p for name, p in ((test and test.p_values) or {}).items() if not math.isnan(p)}


def _second_of(result: Origin) -> SecondPrior | None:
    """Return the posterior under the other prior, where there is one."""
    return result.second if isinstance(result, PlaceOrigin) else None


def _countries_of(result: Origin) -> Sequence[Territory | CountryShare]:
    """Return the countries on the map of the result, the most probable first."""
    if isinstance(result, PlaceOrigin):
        return result.territories or ()
    if isinstance(result, IsotopeOrigin):
        return result.countries or ()
    return ()


NARRATOR: Narrator[Origin] = Narrator(_parts, _headline)
