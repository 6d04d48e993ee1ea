"""Opinions and comments that say more than the findings: a taxon below the reported rank, a person of the case.

The names are compared exactly with the ledger and with the tables (`forensics.taxonomy.mentions`). A text
that says more in other words gets past; reviewers read the report all the same.
"""

from collections.abc import Iterator, Sequence

from forensics.report.conservative_call import conservative_call, is_call
from forensics.report.finding import Finding
from forensics.report.persons import persons_named
from forensics.report.reported import candidates_of, reported_of
from forensics.report.statement import Statement
from forensics.taxonomy.listings.nomenclature import above
from forensics.taxonomy.mentions import RANKS, Mention, find_mentions

__all__ = ["find_overreach"]

BELOW_RANK, PERSON = "BELOW_RANK", "PERSON"


def find_overreach(statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Yield code, place and words of everything that goes beyond the findings.

    Parameters
    ----------
    statement : Statement

    Yields
    ------
    code : str
        ``BELOW_RANK`` or ``PERSON``.
    place : str
        Such as ``opinions.0.text``.
    words : str
    """
    by_event = {finding.event: finding for finding in statement.findings}
    for number, opinion in enumerate(statement.opinions):
        place, text = f"opinions.{number}.text", opinion.text or ""
        findings = [by_event[seq] for seq in opinion.findings or () if seq in by_event]
        for mention in _taxa_below(text, statement, findings or statement.findings):
            yield BELOW_RANK, place, mention.text
        for person in persons_named(text, statement):
            yield PERSON, place, person
    for number, finding in enumerate(statement.findings):
        for which, review in enumerate(finding.reviews):
            place, text = f"findings.{number}.reviews.{which}.comment", review.comment or ""
            for mention in _taxa_below(text, statement, [finding]):
                # A comment is on controls and repeats, too: only what would sharpen the result counts.
                if _sharpens(mention, statement, finding):
                    yield BELOW_RANK, place, mention.text
            for person in persons_named(text, statement):
                yield PERSON, place, person


def _taxa_below(text: str, statement: Statement, findings: Sequence[Finding]) -> Iterator[Mention]:
    """Yield the taxa in a text that are below the rank that is reported of the same items."""
    reported = reported_of(statement, findings)
    if reported is None or not text:
        return
    names = {name for _rank, name in reported} | {*_far_taxa(findings)}
    # Of several ranks the most cautious holds; where no name is reported every taxon is too much.
    least = max((RANKS.index(rank) for rank, _name in reported), default=len(RANKS))
    for mention in find_mentions(text, candidates_of(findings)):
        if mention.taxon not in names and RANKS.index(mention.rank) < least:
            yield mention


def _far_taxa(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the taxa that records further away speak for, where nothing is near and the report says so."""
    for finding in findings:
        if is_call(finding) and conservative_call(finding).status == "nothing_near":
            far = (finding.result or {}).get("placement") or {}
            if taxon := far.get("taxon"):
                yield taxon


def _sharpens(mention: Mention, statement: Statement, finding: Finding) -> bool:
    """Return whether a taxon is within what is reported, or is one that the finding considered."""
    within = {mention.taxon, *above(mention.taxon), mention.taxon.split(" ")[0]}
    reported = {name for _rank, name in reported_of(statement, [finding]) or ()}
    return bool(within & reported) or mention.taxon in candidates_of([finding])
