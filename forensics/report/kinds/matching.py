"""The words of a profile compared with a database."""

import math
from collections.abc import Iterator

from forensics.individual.matching import Match
from forensics.individual.results import Individual
from forensics.messages import _
from forensics.report.blocks import Table, decimal, power_of_ten, whole, words_of
from forensics.report.kinds.base import MAX_ROWS, propositions, strength
from forensics.report.kinds.genotypes import Comparison, finite
from forensics.report.statement import Finding


def _question(finding: Finding) -> str:
    return _(
        "Is the profile of sample {sample} of an individual whose profile is in the database?"
    ).format(sample=finding.sample)


def _propositions(result: Individual) -> tuple[str, str]:
    return propositions(
        _("Both profiles are of one individual."),
        _("They are of two individuals, which may be as near as full sibs."),
    )


def _headline(result: Individual) -> str:
    if result.status == "not_assessable":
        return _("Not assessable: too few loci in common with the profiles compared.")
    if not result.found:
        return _("No match among the profiles compared.")
    best = result.found[0]
    words, _sentence = words_of(best.log10_sibs)
    return _("{sample} and {other}: {words} for one individual rather than full sibs").format(
        sample=result.sample, other=best.other, words=words.text
    )


def _results(result: Individual) -> Iterator[str]:
    yield _headline(result) + ("" if result.status != "match" else ".")
    if result.not_assessable:
        yield _("Profiles with too few loci in common, not compared: {n}.").format(
            n=whole(result.not_assessable)
        )


def _tables(result: Individual) -> Iterator[Table]:
    yield Table(
        (_("Profile compared"), _("Loci typed in both"), _("Unlike"), _("log10 LR, against full sibs"),
         _("log10 LR, against unrelated"), _("Random match probability")),
        tuple(
            (
                match.other, whole(match.loci), whole(match.mismatches),
                decimal(finite(match.log10_sibs), 1), decimal(finite(match.log10_unrelated), 1),
                # Beside a profile that does not match it would be read as the chance of a match.
                power_of_ten(match.rmp) if match.matches else "–",
            )
            for match in result.matches[:MAX_ROWS]
        ),
        (0.24, 0.14, 0.11, 0.17, 0.17, 0.17),
    )  # fmt: skip


def _strength(result: Individual) -> Iterator[str]:
    stated = result.found or result.matches[:1]
    for match in stated:
        yield from _match_strength(match)
    if stated:
        yield _(
            "Full sibs are the nearest that two animals can be, so this is the more cautious ratio; that "
            "against unrelated animals is in the table."
        )
    yield _(
        "Profiles searched: {n}. The ratio is of two profiles; the more are searched, the more often "
        "one agrees by chance, and that is not in it."
    ).format(n=whole(result.searched))


def _match_strength(match: Match) -> Iterator[str]:
    if math.isinf(match.log10_sibs):
        yield _("{other}: the genotypes cannot be of one individual at the stated rates.").format(
            other=match.other
        )
    elif match.assessable:
        yield from strength(
            match.log10_sibs,
            _("they are of one individual"),
            _("they are of two full sibs"),
            of=_("{first} and {second}").format(first=match.sample, second=match.other),
        )


def _not_excluded(result: Individual) -> list[str]:
    return [
        _("Identical twins and clones, which no genotype tells apart."),
        _("Animals nearer than full sibs by inbreeding beyond the stated FST."),
    ]


MATCH = Comparison(
    question=_question, propositions=_propositions, headline=_headline, results=_results,
    tables=_tables, strength=_strength, not_excluded=_not_excluded,
)  # fmt: skip
