"""The words of a network of seizures."""

from collections.abc import Iterator

from forensics.individual.matching import KINDS
from forensics.individual.network import Network
from forensics.messages import _
from forensics.report.blocks import Table, decimal, expected, significant, whole
from forensics.report.kinds.base import MAX_ROWS, fit_text, propositions
from forensics.report.kinds.genotypes import Comparison
from forensics.report.statement import Finding


def _question(finding: Finding) -> str:
    return _("Are the seizures joined by parts of one animal, or by kin?")


def _propositions(result: Network) -> tuple[str, str]:
    return propositions(
        _("Two seizures hold parts of one animal, or of kin."),
        _("All their animals are unrelated, and what looks like a link is chance."),
    )


def _headline(result: Network) -> str:
    if not result.is_stated:
        return _("No network: the allele frequencies do not describe these animals")
    return _("Pairs of seizures joined by more than chance explains: {n} of {all}").format(
        n=len(result.found), all=result.seizure_pairs
    )


def _results(result: Network) -> Iterator[str]:
    yield _headline(result) + "."
    yield fit_text(result.fit)
    if not result.is_stated:
        return
    yield _("Individuals: {individuals}, in {samples} samples of {seizures} seizures.").format(
        individuals=whole(len(result.members)),
        samples=whole(sum(seizure.samples for seizure in result.seizures)),
        seizures=whole(len(result.seizures)),
    )


def _tables(result: Network) -> Iterator[Table]:
    rows = [
        (
            _("{first} and {second}").format(first=link.first, second=link.second),
            _kind(kind), whole(evidence.pairs), expected(evidence.expected),
            decimal(evidence.best_log10, 1), significant(link.p_corrected, 2),
        )
        for link in result.links
        for kind, evidence in link.evidence.items()
        if evidence.pairs
    ]  # fmt: skip
    yield Table(
        (_("Seizures"), _("Joined by"), _("Pairs"), _("Expected by chance"), _("log10 LR, greatest"),
         _("So much by chance, corrected")),
        tuple(rows[:MAX_ROWS]), (0.26, 0.2, 0.1, 0.14, 0.14, 0.16),
    )  # fmt: skip


def _kind(name: str) -> str:
    text = KINDS[name]
    return _(text)


def _strength(result: Network) -> Iterator[str]:
    if not result.is_stated:
        yield _("Nothing is stated of links.")
        return
    yield _(
        "No likelihood ratio of the link is stated: given is how often so much would join two seizures by "
        "chance if all animals were unrelated, corrected for all that were compared."
    )


def _not_excluded(result: Network) -> list[str]:
    return [_("Kin of one population that got into both seizures independently.")]


NETWORK = Comparison(
    question=_question, propositions=_propositions, headline=_headline, results=_results,
    tables=_tables, strength=_strength, not_excluded=_not_excluded,
)  # fmt: skip
