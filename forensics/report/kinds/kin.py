"""The words of a search for kin."""

from collections.abc import Iterator

from forensics.individual.kinship import RELATIONSHIPS
from forensics.individual.results import Kinship
from forensics.messages import _
from forensics.report.blocks import Table, decimal, expected, whole
from forensics.report.kinds.base import MAX_ROWS, propositions, strength
from forensics.report.kinds.genotypes import Comparison
from forensics.report.statement import Finding


def _question(finding: Finding) -> str:
    return _("Which of the animals compared are kin?")


def _propositions(result: Kinship) -> tuple[str, str]:
    return propositions(_("Two animals are related as the table says."), _("They are unrelated."))


def _headline(result: Kinship) -> str:
    return _("Pairs that reach the limit: {n} of {all}").format(
        n=whole(len({(pair.first, pair.second) for pair in result.pairs})),
        all=whole(result.compared),
    )


def _results(result: Kinship) -> Iterator[str]:
    yield _("{profiles} profiles were compared, each with every other: {pairs} pairs.").format(
        profiles=whole(result.profiles), pairs=whole(result.compared)
    )
    if len(result.pairs) > MAX_ROWS:
        yield _("The table has the first {n} of {all}; all are in the finding.").format(
            n=MAX_ROWS, all=len(result.pairs)
        )


def _tables(result: Kinship) -> Iterator[Table]:
    counts = dict.fromkeys(result.by_chance, 0)
    for pair in result.pairs:
        counts[pair.relationship] = counts.get(pair.relationship, 0) + 1
    yield Table(
        (_("Relationship"), _("Pairs found"), _("Expected by chance"), _("95 % interval")),
        tuple(
            (
                _relationship(name), whole(counts[name]), expected(chance.expected),
                f"{expected(chance.low)} – {expected(chance.high)}",
            )
            for name, chance in result.by_chance.items()
        ),
        (0.4, 0.18, 0.2, 0.22),
    )  # fmt: skip
    yield Table(
        (_("First"), _("Second"), _("Relationship"), _("Loci"), _("log10 LR, against unrelated"),
         _("Explained best by")),
        tuple(
            (pair.first, pair.second, _relationship(pair.relationship), whole(pair.loci),
             decimal(pair.log10_lr, 1), _relationship(pair.best))
            for pair in result.pairs[:MAX_ROWS]
        ),
        (0.16, 0.16, 0.22, 0.08, 0.16, 0.22),
    )  # fmt: skip


def _strength(result: Kinship) -> Iterator[str]:
    if not result.pairs:
        yield _("No pair reached the limit.")
        return
    best = max(result.pairs, key=lambda pair: pair.log10_lr)
    yield from strength(
        best.log10_lr,
        _("they are “{relationship}”").format(relationship=_relationship(best.relationship)),
        _("they are unrelated"),
        of=_("The pair with the greatest ratio, {first} and {second}").format(
            first=best.first, second=best.second
        ),
    )
    yield _(
        "Many pairs were compared: the table has how many unrelated ones would reach the limit by chance."
    )


def _not_excluded(result: Kinship) -> list[str]:
    return [
        _("Other relationships than those that were asked for, which may explain a pair as well.")
    ]


def _relationship(name: str) -> str:
    text = RELATIONSHIPS[name].name
    return _(text)


KIN = Comparison(
    question=_question, propositions=_propositions, headline=_headline, results=_results,
    tables=_tables, strength=_strength, not_excluded=_not_excluded,
)  # fmt: skip
