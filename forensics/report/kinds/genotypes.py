"""The words that all comparisons of genotypes share: method, assumptions, reference."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from forensics.core.result import Result
from forensics.messages import _, numeral
from forensics.report.blocks import Table
from forensics.report.kinds.base import Part, make_part, noted_part, support
from forensics.report.statement import Finding

R = TypeVar("R", bound=Result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Generic[R]):
    """What is said of one kind of comparison, part by part.

    Attributes
    ----------
    question : callable
        Takes the finding.
    propositions, results, tables, strength, not_excluded : callable
        Take the result and return the texts, or tables, of a part.
    headline : callable
        Takes the result; returns it in a line.
    """

    question: Callable[[Finding], str]
    propositions: Callable[[R], tuple[str, str]]
    headline: Callable[[R], str]
    results: Callable[[R], Iterable[str]]
    tables: Callable[[R], Iterable[Table]]
    strength: Callable[[R], Iterable[str]]
    not_excluded: Callable[[R], Iterable[str]]


def comparison_parts(finding: Finding, result: R, words: Comparison[R]) -> Iterator[Part]:
    """Yield what is said of a comparison."""
    yield from make_part("question", [words.question(finding)])
    yield from make_part("propositions", words.propositions(result))
    yield from make_part("method", [_method(finding)])
    yield from make_part("found", words.results(result), *words.tables(result))
    yield from make_part("strength", words.strength(result))
    yield from make_part("assumed", _assumptions())
    yield from make_part("open", words.not_excluded(result))
    yield from make_part("backing", support(finding, _("Allele frequencies of")))
    yield from noted_part(finding)


def finite(ratio: float) -> float | None:
    """Return the logarithm of a ratio; None where the ratio is 0."""
    return None if math.isinf(ratio) else ratio


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
        "That the allele frequencies of the reference hold for the animals compared; that the loci are "
        "inherited independently; and that the stated rates are those of such samples."
    )
    yield _(
        "That no samples were mixed up: no ratio has mistakes in handling in it, and those happen more "
        "often than the rare agreement that a large ratio speaks of."
    )
