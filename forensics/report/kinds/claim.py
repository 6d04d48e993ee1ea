"""The words of a breeder's claim."""

import math
from collections.abc import Iterator

from forensics.individual.parentage import Pair
from forensics.individual.results import Parentage
from forensics.messages import N_, _
from forensics.report.blocks import Table, decimal, significant, whole
from forensics.report.kinds.base import MAX_ROWS, propositions, strength
from forensics.report.kinds.genotypes import Comparison
from forensics.report.statement import Finding

_STATUSES = {
    "accepted": N_("The declared parents explain the genotypes best: the claim is supported."),
    "not_excluded": N_("The genotypes do not settle the claim."),
    "excluded": N_("It was bred from none of the declared parents that were tested: excluded."),
    "not_assessable": N_("Too few loci: nothing can be said."),
}


def _question(finding: Finding) -> str:
    return _("Was the animal of sample {sample} bred from the declared parents?").format(
        sample=finding.sample
    )


def _propositions(result: Parentage) -> tuple[str, str]:
    pairs = result.claim.pairs
    names = _names(pairs[0]) if pairs else _("the declared animals")
    return propositions(
        _("{offspring} is an offspring of {parents}.").format(
            offspring=result.claim.offspring, parents=names
        ),
        _(
            "One of them, or neither, is a parent; who else is, is of the population of the reference."
        ),
    )


def _names(pair: Pair) -> str:
    return _(" and ").join(name for name in (pair.dam, pair.sire) if name)


def _headline(result: Parentage) -> str:
    text = _STATUSES[result.claim.status]
    return _(text)


def _results(result: Parentage) -> Iterator[str]:
    yield _headline(result)
    yield _("Pairs of declared parents that were tried: {n}.").format(n=whole(result.claim.tried))


def _tables(result: Parentage) -> Iterator[Table]:
    yield Table(
        (_("Declared parents"), _("Loci"), _("Mismatches"), _("Expected of true parents"),
         _("log10 LR, least"), _("log10 LR, against a full sib of one")),
        tuple(
            (
                _names(pair), whole(pair.loci), whole(pair.mismatches), decimal(pair.expected, 1),
                _least(pair.log10), _least(pair.log10_sib),
            )
            for pair in result.claim.pairs[:MAX_ROWS]
        ),
        (0.28, 0.1, 0.14, 0.16, 0.14, 0.18),
    )  # fmt: skip


def _least(ratios: dict[str, float]) -> str:
    if any(map(math.isinf, ratios.values())):
        return _("impossible")
    return decimal(min(ratios.values()), 1) if ratios else "–"


def _strength(result: Parentage) -> Iterator[str]:
    claim = result.claim
    if claim.log10 is None:
        yield _("No likelihood ratio is stated.")
        return
    best = claim.pairs[0]
    parents = _("{parents} are the parents").format(parents=_names(best))
    yield from strength(claim.log10, parents, _("the likeliest of the other explanations is true"))
    # Who launders a wild animal has its kin at hand: the most cautious ratio is against a full sib.
    sibs = [ratio for ratio in best.log10_sib.values() if not math.isinf(ratio)]
    if sibs:
        yield from strength(
            min(sibs) - math.log10(claim.tried), parents,
            _("a full sib of one of them is a parent in its place"),
        )  # fmt: skip
        yield _("Where kin of the declared parents come into question, the second ratio counts.")
    if claim.tried > 1:
        yield _("The ratio was divided by the {n} pairs that were tried.").format(
            n=whole(claim.tried)
        )


def _not_excluded(result: Parentage) -> Iterator[str]:
    yield _(
        "A full sib of a declared parent: it passes far more often than an unrelated animal. The last "
        "column of the table has the ratio against it."
    )
    power = {
        name: significant(100 * (1 - result.exclusion_power[name]), 2) + "\u00a0%"
        for name in ("one", "second", "pair")
    }
    yield _(
        "Unrelated animals that one mismatch would not exclude: {one} without and {second} with the other "
        "parent known; of pairs {pair}."
    ).format(**power)


CLAIM = Comparison(
    question=_question, propositions=_propositions, headline=_headline, results=_results,
    tables=_tables, strength=_strength, not_excluded=_not_excluded,
)  # fmt: skip
