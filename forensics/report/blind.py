"""A reviewer's own interpretation of the raw data beside what is reported, and where both differ."""

from forensics.messages import _
from forensics.origin.country_names import names_in_languages
from forensics.report.finding import Finding, Review
from forensics.report.reported import candidates_of, is_of_taxa, reported_of
from forensics.report.statement import Statement
from forensics.taxonomy.listings.nomenclature import above
from forensics.taxonomy.mentions import contains_name, find_mentions

__all__ = ["describe_difference"]


def describe_difference(statement: Statement, finding: Finding, review: Review) -> str:
    """Return how the own interpretation of a reviewer differs in taxon, rank or origin from what is reported.

    Of every kind of finding the taxa that the interpretation names are compared with those reported of
    the same item; of an origin the origins are compared, too.

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
        Empty where nothing differs, or the reviewer wrote no interpretation of their own.
    """
    text = review.interpretation or ""
    if not text.strip():
        return ""
    for own, reported in (_taxa(statement, finding, text), _origins(finding, text)):
        if own != reported:
            return _(
                "The own interpretation of {name} differs from what is reported: it names {own}, and "
                "reported is {reported}."
            ).format(
                name=review.reviewer_name,
                own=_(" and ").join(sorted(own)) or _("no name that is known here"),
                reported=_(" and ").join(sorted(reported)) or _("no name"),
            )
    return ""


def _taxa(statement: Statement, finding: Finding, text: str) -> tuple[set[str], set[str]]:
    """Return the taxa that an interpretation names, and those that are reported."""
    taxa = reported_of(statement, [finding])
    if taxa is None:
        return set(), set()
    reported = {name for _rank, name in taxa}
    named = {
        mention.taxon for mention in find_mentions(text, [*candidates_of([finding]), *reported])
    }
    # "Balaenoptera, a whale" names one taxon; what stands above it is not another.
    own = {name for name in named if not any(name in above(other) for other in named)}
    own -= {name for name in own if any(other.startswith(f"{name} ") for other in named)}
    if not own and not is_of_taxa(finding):
        return set(), set()  # an origin or an age says nothing of the taxon
    if not own and any(contains_name(text, name) for name in reported):
        return reported, reported
    return own, reported


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
