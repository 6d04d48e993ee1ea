"""The words of comparisons of genotypes: a match, kin, a breeder's claim, a network of seizures."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from forensics.barcode.ratio import NoRatio
from forensics.individual.kinship import RELATIONSHIPS
from forensics.individual.links import KINDS
from forensics.individual.matching import Match
from forensics.individual.network import Network
from forensics.individual.parentage import Pair
from forensics.individual.results import Individual, Kinship, Parentage
from forensics.messages import N_, _, numeral
from forensics.report.blocks import (
    Table,
    decimal,
    one_in,
    percent,
    ratio,
    significant,
    whole,
    words_of,
)
from forensics.report.kinds.base import (
    MAX_ROWS,
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


def _parts(
    finding: Finding,
    *,
    question: str,
    propositions: tuple[str, str],
    found: Iterable[str | Table],
    strength: Iterable[str],
    open: Iterable[str],
) -> Iterator[Part]:
    """Yield what is said of a comparison: what is true of all of them beside what is said of one."""
    return parts_of(
        finding,
        question=[question],
        propositions=propositions,
        method=[_method(finding)],
        found=found,
        strength=strength,
        assumed=_assumptions(),
        open=open,
        backing=support(finding, _("Allele frequencies of")),
    )


def finite(log10: float) -> float | None:
    """Return the logarithm of a ratio; None where the ratio is 0."""
    return None if math.isinf(log10) else log10


def _method(finding: Finding) -> str:
    options = finding.options
    text = _(
        "Genotypes were compared locus by locus. Rates of the laboratory: dropout {dropout}, mistyping "
        "{mistyping}. FST (theta): {theta}."
    ).format(
        dropout=numeral(options.get("dropout", "?")),
        mistyping=numeral(options.get("mistyping", "?")),
        theta=numeral(options.get("theta", "?")),
    )
    if options.get("theta_source") == "reference":
        text += " " + _("It was estimated from the populations of the reference.")
    if "mutation" in options:
        text += " " + _("Mutation rate of an allele a generation: {rate}.").format(
            rate=numeral(options["mutation"])
        )
    return text


def _assumptions() -> Iterator[str]:
    yield _(
        "That the allele frequencies of the reference hold for the animals compared, that the "
        "loci are inherited independently, and that the stated rates hold for such samples."
    )
    yield _(
        "That no samples were mixed up. No ratio includes handling errors, which are more "
        "frequent than the rare chance agreement that a large ratio expresses."
    )


def _match_parts(finding: Finding, result: Individual) -> Iterator[Part]:
    return _parts(
        finding,
        question=_(
            "Is the profile of sample {sample} of an individual whose profile is in the database?"
        ).format(sample=finding.sample),
        propositions=_asked(finding)
        or propositions(
            _("Both profiles are of one individual."),
            _("They are of two individuals, which may be as near as full sibs."),
        ),
        found=[*_match_results(finding, result), *_match_tables(result)],
        strength=[
            *weigh(finding, lambda question: _weighed_match(result, question)),
            *_match_strength(result),
        ],
        open=[
            _("Identical twins and clones, which no genotype distinguishes."),
            _("Animals closer than full sibs, through inbreeding beyond the stated FST."),
        ],
    )


def _asked(finding: Finding) -> tuple[str, str] | None:
    """Return the propositions that were recorded; None where none were."""
    if not finding.weighed:
        return None
    question = finding.weighed[0]
    pair = _("{first} and {second}").format(first=question.thing, second=question.beside)
    return propositions(
        *(
            _("{pair}: {relationship}.").format(pair=pair, relationship=proposed(name))
            for name in (question.named, question.against)
        )
    )


def _weighed_match(result: Individual, question: Question) -> Iterator[str]:
    """Yield the ratio of one individual against what a question names."""
    match = next((each for each in result.matches if each.other == question.beside), None)
    if match is None or question.named != "same":
        raise NoRatio(_("The finding compares other profiles, or for another relationship."))
    log10 = {"unrelated": match.log10_unrelated, "full_sibs": match.log10_sibs}.get(
        question.against
    )
    yield from _weighed(question, log10)


def _weighed_kin(result: Kinship, question: Question) -> Iterator[str]:
    """Yield the ratio of the pair and the relationships that a question names."""
    pairs = [
        pair
        for pair in result.pairs
        if {pair.first, pair.second} == {question.thing, question.beside}
    ]
    against = {pair.relationship: pair.log10_lr for pair in pairs} | {"unrelated": 0.0}
    if not pairs or question.named not in against:
        raise NoRatio(_("The pair did not reach the limit of this relationship."))
    other = against.get(question.against)
    yield from _weighed(question, None if other is None else against[question.named] - other)


def _weighed(question: Question, log10: float | None) -> Iterator[str]:
    if log10 is None or math.isinf(log10):
        raise NoRatio(
            _("The finding has no ratio against “{name}”.").format(name=proposed(question.against))
        )
    yield from strength(
        log10,
        _("they are “{relationship}”").format(relationship=proposed(question.named)),
        _("they are “{relationship}”").format(relationship=proposed(question.against)),
        of=_("{first} and {second}").format(first=question.thing, second=question.beside),
    )


def _match_headline(_finding: Finding, result: Individual) -> str:
    if result.status == "not_assessable":
        return _("Not assessable: too few loci in common with the profiles compared.")
    if not result.found:
        return result.headline()
    best = result.found[0]
    words, _sentence = words_of(best.log10_sibs)
    return _("{sample} and {other}: {words} for one individual rather than full sibs").format(
        sample=result.sample, other=best.other, words=words.text
    )


def _match_results(finding: Finding, result: Individual) -> Iterator[str]:
    yield _match_headline(finding, result) + ("" if result.status != "match" else ".")
    if result.not_assessable:
        yield _("Profiles with too few loci in common, not compared: {n}.").format(
            n=whole(result.not_assessable)
        )


def _match_tables(result: Individual) -> Iterator[Table]:
    yield Table(
        (_("Profile compared"), _("Loci typed in both"), _("Unlike"), _("LR, against full sibs"),
         _("LR, against unrelated"), _("Random match probability")),
        tuple(
            (
                match.other, whole(match.loci), whole(match.mismatches),
                ratio(finite(match.log10_sibs)), ratio(finite(match.log10_unrelated)),
                # Beside a profile that does not match it would be read as the chance of a match.
                one_in(match.rmp) if match.matches else "–",
            )
            for match in result.matches[:MAX_ROWS]
        ),
        (0.24, 0.14, 0.11, 0.17, 0.17, 0.17),
    )  # fmt: skip


def _match_strength(result: Individual) -> Iterator[str]:
    stated = result.found or result.matches[:1]
    for match in stated:
        yield from _one_match_strength(match)
    if stated:
        yield _(
            "Full sibs are the closest relatives, so this ratio is the more cautious one; the "
            "ratio against unrelated animals is in the table."
        )
    yield _(
        "Profiles searched: {n}. The ratio compares two profiles. The more profiles are "
        "searched, the more often one matches by chance; the ratio does not include that."
    ).format(n=whole(result.searched))


def _one_match_strength(match: Match) -> Iterator[str]:
    if math.isinf(match.log10_sibs):
        yield _("{other}: at the stated rates, the genotypes cannot be of one individual.").format(
            other=match.other
        )
    elif match.assessable:
        yield from strength(
            match.log10_sibs,
            _("they are of one individual"),
            _("they are of two full sibs"),
            of=_("{first} and {second}").format(first=match.sample, second=match.other),
        )


def _kin_parts(finding: Finding, result: Kinship) -> Iterator[Part]:
    return _parts(
        finding,
        question=_("Which of the animals compared are kin?"),
        propositions=_asked(finding)
        or propositions(_("Two animals are related as the table says."), _("They are unrelated.")),
        found=[*_kin_results(result), *_kin_tables(result)],
        strength=[
            *weigh(
                finding,
                lambda question: _weighed_kin(result, question),
                _(
                    "No likelihood ratio is stated: no pair and relationship were recorded as a question. The table "
                    "has the pairs that reached the limit."
                ),
            ),
            *_kin_strength(result),
        ],
        open=[_("Relationships that were not tested, which may explain a pair as well.")],
    )


def _kin_headline(_finding: Finding, result: Kinship) -> str:
    return _("Pairs that reach the limit: {n} of {all}").format(
        n=whole(len({(pair.first, pair.second) for pair in result.pairs})),
        all=whole(result.compared),
    )


def _kin_results(result: Kinship) -> Iterator[str]:
    yield _("{profiles} profiles were compared in all {pairs} pairs.").format(
        profiles=whole(result.profiles), pairs=whole(result.compared)
    )
    if len(result.pairs) > MAX_ROWS:
        yield _("The table has the first {n} of {all}; all are in the finding.").format(
            n=MAX_ROWS, all=len(result.pairs)
        )


def _kin_tables(result: Kinship) -> Iterator[Table]:
    counts = dict.fromkeys(result.by_chance, 0)
    for pair in result.pairs:
        counts[pair.relationship] = counts.get(pair.relationship, 0) + 1
    yield Table(
        (_("Relationship"), _("Pairs found"), _("Expected by chance"), _("95 % interval")),
        tuple(
            (
                _relationship(name), whole(counts[name]), significant(chance.expected),
                f"{significant(chance.low)} – {significant(chance.high)}",
            )
            for name, chance in result.by_chance.items()
        ),
        (0.4, 0.18, 0.2, 0.22),
    )  # fmt: skip
    yield Table(
        (_("First"), _("Second"), _("Relationship"), _("Loci"), _("LR, against unrelated"),
         _("Best explained by")),
        tuple(
            (pair.first, pair.second, _relationship(pair.relationship), whole(pair.loci),
             ratio(pair.log10_lr), _relationship(pair.best))
            for pair in result.pairs[:MAX_ROWS]
        ),
        (0.16, 0.16, 0.22, 0.08, 0.16, 0.22),
    )  # fmt: skip


def _kin_strength(result: Kinship) -> Iterator[str]:
    if not result.pairs:
        yield _("No pair reached the limit.")
        return
    yield _(
        "Many pairs were compared: the table has how many unrelated ones would reach the limit by chance."
    )


def _relationship(name: str) -> str:
    return _(RELATIONSHIPS[name].name)


_CLAIM_STATUSES = {
    "accepted": N_("The declared parents explain the genotypes best: the claim is supported."),
    "not_excluded": N_("The genotypes do not settle the claim."),
    "excluded": N_(
        "The animal was not bred as declared: excluded. Of a pair, one may still be a parent."
    ),
    "not_assessable": N_("Too few loci: nothing can be stated."),
}


def _claim_parts(finding: Finding, result: Parentage) -> Iterator[Part]:
    pairs = result.claim.pairs
    return _parts(
        finding,
        question=_("Was the animal of sample {sample} bred from the declared parents?").format(
            sample=finding.sample
        ),
        propositions=propositions(
            _("{offspring} is an offspring of {parents}.").format(
                offspring=result.claim.offspring,
                parents=_parent_names(pairs[0]) if pairs else _("the declared animals"),
            ),
            _(
                "One of them, or neither, is a parent; the other parents are of the population of "
                "the reference."
            ),
        ),
        found=[*_claim_results(finding, result), *_claim_tables(result)],
        strength=_claim_strength(result),
        open=_claim_not_excluded(result),
    )


def _parent_names(pair: Pair) -> str:
    return _(" and ").join(name for name in (pair.dam, pair.sire) if name)


def _claim_headline(_finding: Finding, result: Parentage) -> str:
    return _(_CLAIM_STATUSES[result.claim.status])


def _claim_results(finding: Finding, result: Parentage) -> Iterator[str]:
    yield _claim_headline(finding, result)
    yield _("Pairs of declared parents that were tried: {n}.").format(n=whole(result.claim.tried))


def _claim_tables(result: Parentage) -> Iterator[Table]:
    yield Table(
        (_("Declared parents"), _("Loci"), _("Mismatches"), _("Expected of true parents"),
         _("LR, least"), _("LR, against a full sib of one")),
        tuple(
            (
                _parent_names(pair), whole(pair.loci), whole(pair.mismatches), decimal(pair.expected, 1),
                _least_ratio(pair.log10), _least_ratio(pair.log10_sib),
            )
            for pair in result.claim.pairs[:MAX_ROWS]
        ),
        (0.28, 0.1, 0.14, 0.16, 0.14, 0.18),
    )  # fmt: skip


def _least_ratio(ratios: dict[str, float]) -> str:
    if any(map(math.isinf, ratios.values())):
        return _("impossible")
    return ratio(min(ratios.values(), default=None))


def _claim_strength(result: Parentage) -> Iterator[str]:
    claim = result.claim
    if claim.log10 is None:
        yield _("No likelihood ratio is stated.")
        return
    best = claim.pairs[0]
    parents = _("{parents} are the parents").format(parents=_parent_names(best))
    yield from strength(claim.log10, parents, _("the likeliest of the other explanations is true"))
    # Who launders a wild animal has its kin at hand: the most cautious ratio is against a full sib.
    sibs = [each for each in best.log10_sib.values() if not math.isinf(each)]
    if sibs:
        yield from strength(
            min(sibs) - math.log10(claim.tried), parents,
            _("a full sib of one of them is a parent in its place"),
        )  # fmt: skip
        yield _("If close relatives of the declared parents are possible, use the second ratio.")
    if claim.tried > 1:
        yield _("The ratio was divided by the {n} pairs that were tried.").format(
            n=whole(claim.tried)
        )


def _claim_not_excluded(result: Parentage) -> Iterator[str]:
    yield _(
        "A full sib of a declared parent, which passes far more often than an unrelated animal. "
        "The last column of the table gives the ratio against it."
    )
    power = {
        name: percent(max(1 - result.exclusion_power[name], 1e-12), 4)
        for name in ("one", "second", "pair")
    }
    yield _(
        "Unrelated animals that one mismatch would not exclude: {one} with no other parent "
        "known, {second} with the other parent known, {pair} of pairs."
    ).format(**power)


def _network_parts(finding: Finding, result: Network) -> Iterator[Part]:
    return _parts(
        finding,
        question=_("Are the seizures linked by parts of one animal, or by kin?"),
        propositions=propositions(
            _("Two seizures hold parts of one animal, or of kin."),
            _("All their animals are unrelated, and every apparent link is due to chance."),
        ),
        found=[*_network_results(finding, result), *_network_tables(result)],
        strength=_network_strength(result),
        open=[_("Kin of one population whose parts entered both seizures independently.")],
    )


def _network_headline(_finding: Finding, result: Network) -> str:
    if not result.is_stated:
        return _("No network: the allele frequencies do not describe these animals")
    return _("Pairs of seizures linked beyond chance: {n} of {all}").format(
        n=len(result.found), all=result.seizure_pairs
    )


def _network_results(finding: Finding, result: Network) -> Iterator[str]:
    yield _network_headline(finding, result) + "."
    yield fit_text(result.fit)
    if not result.is_stated:
        return
    yield _("Individuals: {individuals}, in {samples} samples of {seizures} seizures.").format(
        individuals=whole(len(result.members)),
        samples=whole(sum(seizure.samples for seizure in result.seizures)),
        seizures=whole(len(result.seizures)),
    )


def _network_tables(result: Network) -> Iterator[Table]:
    rows = [
        (
            _("{first} and {second}").format(first=link.first, second=link.second),
            _link_kind(kind), whole(evidence.pairs), significant(evidence.expected),
            ratio(evidence.best_log10), significant(link.p_corrected, 2),
        )
        for link in result.links
        for kind, evidence in link.evidence.items()
        if evidence.pairs
    ]  # fmt: skip
    yield Table(
        (_("Seizures"), _("Linked by"), _("Pairs"), _("Expected by chance"), _("LR, greatest"),
         _("Probability by chance, corrected")),
        tuple(rows[:MAX_ROWS]), (0.26, 0.2, 0.1, 0.14, 0.14, 0.16),
    )  # fmt: skip


def _link_kind(name: str) -> str:
    return _(KINDS[name])


def _network_strength(result: Network) -> Iterator[str]:
    if not result.is_stated:
        yield _("Nothing is stated on links.")
        return
    yield _(
        "No likelihood ratio of the link is stated. The probability given is that of such a link "
        "by chance if all animals were unrelated, corrected for all comparisons."
    )


NARRATORS: dict[str, Narrator[Any]] = {
    "match": Narrator(_match_parts, _match_headline),
    "kinship": Narrator(_kin_parts, _kin_headline),
    "parentage": Narrator(_claim_parts, _claim_headline),
    "network": Narrator(_network_parts, _network_headline),
}
