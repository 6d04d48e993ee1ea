"""A reviewer's own interpretation of the raw data beside what is reported, and where both differ."""

from collections.abc import Callable

from forensics.messages import _
from forensics.origin.country_names import names_in_languages
from forensics.report.finding import Finding, Review
from forensics.report.reported import (
    candidates_of,
    is_of_taxa,
    relate_to_reported,
    reported_groups,
)
from forensics.report.statement import Statement
from forensics.taxonomy.mentions import Relation, contains_name, find_mentions, relate

__all__ = ["describe_difference", "name_difference"]


# How a reviewer's own interpretation differs from what is reported: in short, and with both names.
_FURTHER = (
    lambda: _("the own interpretation goes further than the finding"),
    lambda: _(
        "The own interpretation of {name} goes further than the finding: it names {own}, and "
        "reported is {reported}."
    ),
)
_OTHER = (
    lambda: _("the own interpretation differs from the finding"),
    lambda: _(
        "The own interpretation of {name} differs from what is reported: it names {own}, and "
        "reported is {reported}."
    ),
)
_Difference = tuple[Callable[[], str], Callable[[], str]]


def name_difference(statement: Statement, finding: Finding, review: Review) -> str:
    """Return how the own interpretation of a reviewer differs in taxon, rank or origin from what is reported.

    Of every kind of finding the taxa that the interpretation names are compared, by lineage, with those
    reported of the same item; of an origin the origins are compared, too.

    Parameters
    ----------
    statement : Statement
    finding : Finding
        Of it.
    review : Review
        Of the finding.

    Returns
    -------
    str
        In short; "" where nothing differs, or the reviewer wrote no interpretation of their own.
    """
    difference, _own, _reported = _compare(statement, finding, review)
    return difference[0]() if difference else ""


def describe_difference(statement: Statement, finding: Finding, review: Review) -> str:
    """Return `name_difference` as a sentence with both names."""
    difference, own, reported = _compare(statement, finding, review)
    if difference is None:
        return ""
    return difference[1]().format(
        name=review.reviewer_name,
        own=_(" and ").join(sorted(own)) or _("no name that is known here"),
        reported=_(" and ").join(sorted(reported)) or _("no name"),
    )


def _compare(
    statement: Statement, finding: Finding, review: Review
) -> tuple[_Difference | None, set[str], set[str]]:
    """Return how an interpretation differs, what it names, and what is reported."""
    text = (review.interpretation or "").strip()
    if not text:
        return None, set(), set()
    if (groups := reported_groups(statement, [finding])) is not None:
        own, reported = _taxa(finding, text, groups), {name for group in groups for name in group}
        relations = {relate_to_reported(name, groups, own) for name in own}
        if Relation.BELOW in relations or (own and not reported):
            return _FURTHER, own, reported
        # Where no taxon is named, a finding of something else says nothing of it.
        if own != reported and (own or is_of_taxa(finding)):
            return _OTHER, own, reported
    own, reported = _origins(finding, text)
    return (_OTHER if own != reported else None), own, reported


def _taxa(finding: Finding, text: str, groups: list[tuple[str, ...]]) -> set[str]:
    """Return the taxa that an interpretation names, without those that contain another of them."""
    reported = [name for group in groups for name in group]
    named = {
        mention.taxon for mention in find_mentions(text, [*candidates_of([finding]), *reported])
    }
    named |= {name for name in reported if contains_name(text, name)}
    # "Balaenoptera, a whale" names one taxon; what contains it is not another.
    return {
        name for name in named if not any(relate(other, name) is Relation.BELOW for other in named)
    }


def _origins(finding: Finding, text: str) -> tuple[set[str], set[str]]:
    """Return the origins that an interpretation names, and the one that is reported."""
    result = finding.result or {}
    if finding.kind != "origin" or "status" not in result:
        return set(), set()
    known = {*(result.get("probabilities") or {}), result.get("origin")}
    shares = (result.get("reporting") or {}).get("shares") or ()
    known |= {
        place["name"]
        for places in (result.get("territories"), result.get("countries"), shares)
        for place in places or ()
    }
    named = {
        name
        for name in known - {None, ""}
        if any(contains_name(text, variant) for variant in names_in_languages(name))
    }
    # "North Gabon" is not "Gabon" as well.
    own = {name for name in named if not any(name != o and contains_name(o, name) for o in named)}
    assigned = result["status"] == "assigned" and result.get("origin")
    return own, {result["origin"]} if assigned else set()
