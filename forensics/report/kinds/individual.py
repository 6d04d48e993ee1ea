"""The words of a comparison of genotypes, by what was compared."""

from collections.abc import Iterator
from typing import Any

from forensics.core.result import Result
from forensics.individual.network import Network
from forensics.individual.results import Individual, Kinship, Parentage
from forensics.report.kinds.base import Narrator, Part
from forensics.report.kinds.claim import CLAIM
from forensics.report.kinds.genotypes import Comparison, comparison_parts
from forensics.report.kinds.kin import KIN
from forensics.report.kinds.matching import MATCH
from forensics.report.kinds.network import NETWORK
from forensics.report.statement import Finding

_COMPARISONS: dict[type[Result], Comparison[Any]] = {
    Individual: MATCH,
    Kinship: KIN,
    Parentage: CLAIM,
    Network: NETWORK,
}


def _parts(finding: Finding, result: Result) -> Iterator[Part]:
    return comparison_parts(finding, result, _COMPARISONS[type(result)])


def _headline(finding: Finding, result: Result) -> str:
    return _COMPARISONS[type(result)].headline(result)


NARRATOR: Narrator[Result] = Narrator(_parts, _headline)
