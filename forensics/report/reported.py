"""Which taxon a report reports, the most cautious call under all priors, by finding and by item; and what the law says of it.

Opinions, comments, plans and a reviewer's own interpretation of the raw data are compared with it. Of the law,
national law comes first, then CITES.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from forensics.barcode.reference.library import UNIT, unit_members
from forensics.core.stored import day_in_words
from forensics.messages import _
from forensics.origin.outlines import names_in_languages
from forensics.report.statement import Finding, Listing, Review, Statement
from forensics.stored_results import find_kind
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.results import Protection
from forensics.taxonomy.listings.table import above
from forensics.taxonomy.mentions import Relation, contains_name, find_mentions, relate
from forensics.taxonomy.names import genus_of

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


NOT_EXCLUDED = 0.01
"""A species, or an origin, counts as not excluded from this probability on. No standard sets it; the choice
is ours: a name with one chance in a hundred left is stated."""


MAX_CANDIDATES = 5
"""Species, the nearest first, whose records a report prints; all are in the finding."""


# From the least that can be said to the most.
_CAUTION = (None, "family", "genus", UNIT, "species")

# How a reviewer's own interpretation differs from what is reported: in short, and with both names.
_FURTHER = (
    lambda: _("the reviewer's own interpretation is more specific than the finding"),
    lambda: _(
        "The interpretation by {name} is more specific than the finding: it names {own}; "
        "the report names {reported}."
    ),
)
_OTHER = (
    lambda: _("the reviewer's own interpretation differs from the finding"),
    lambda: _(
        "The interpretation by {name} differs from the report: it names {own}; the report names "
        "{reported}."
    ),
)
_Difference = tuple[Callable[[], str], Callable[[], str]]
_BASES = {
    "seizure": lambda: _("day of the seizure"),
    "receipt": lambda: _("day of the receipt"),
    "finding": lambda: _("day of the finding"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """What a call says: `rank` and `taxon` are None where it gives no name."""

    status: str
    rank: str | None
    taxon: str | None


_DEPENDS = Call("depends", None, None)


def kind_of(finding: Finding) -> str:
    """Return what kind of result a finding has: the name of its `ResultKind`; "" where a person wrote it."""
    kind = find_kind(finding.result, finding.kind)
    return kind.name if kind else ""


def is_call(finding: Finding) -> bool:
    """Return whether a finding is the identification of one sequence."""
    return kind_of(finding) == "identification"


def conservative_call(finding: Finding) -> Call:
    """Return the most cautious call under all priors shown.

    That of the finding is among them. Where one of them gives no name, none is reported; where two
    have different names at the rank that is left, none is either.

    Parameters
    ----------
    finding : Finding
        For which `is_call` is true.
    """
    result = finding.result or {}
    calls = [
        Call(call.status, call.rank, call.taxon) for call in finding.priors or () if call.status
    ]
    calls.append(Call(result.get("status", ""), result.get("rank"), result.get("taxon")))
    least = min(calls, key=lambda call: _CAUTION.index(call.rank))
    if least.rank is None:
        # "Nothing near enough" would be untrue if another prior gives a name.
        return least if {call.status for call in calls} == {least.status} else _DEPENDS
    names = {call.taxon for call in calls if call.rank == least.rank}
    if least.rank == "genus":  # a species of another genus contradicts it, too
        names |= {genus_of(name) for call in calls for name in _members_of(call)}
    if least.rank == UNIT:  # and a species that is not of the unit contradicts that
        inside = set(unit_members(least.taxon or ""))
        names |= {name for call in calls for name in _members_of(call) if name not in inside}
    if len(names) > 1:  # two names at one rank: neither can be reported
        return _DEPENDS
    return least


def _members_of(call: Call) -> tuple[str, ...]:
    """Return the species that a call names: one, or those of a unit."""
    if call.rank == UNIT:
        return unit_members(call.taxon or "")
    return (call.taxon,) if call.rank == "species" and call.taxon else ()


def not_excluded(result: Mapping[str, Any]) -> list[str]:
    """Return the species beside the one called that a result does not exclude."""
    named = {result.get("taxon"), *(result.get("members") or ())}
    species = []
    for candidate in result.get("candidates") or ():
        probability = candidate["probability"]
        if candidate["species"] not in named and (
            probability is None or float(probability) >= NOT_EXCLUDED
        ):
            species.append(candidate["species"])
    return species


def is_of_taxa(finding: Finding) -> bool:
    """Return whether a finding answers of which taxon something is."""
    return kind_of(finding) in ("identification", "mixture")


def reported_taxa(finding: Finding) -> list[tuple[str, str]]:
    """Return rank and name of the taxa that a finding reports, each once."""
    if is_call(finding):
        call = conservative_call(finding)
        if call.rank == UNIT:  # each of them is reported, with its listing
            return [("species", name) for name in unit_members(call.taxon or "")]
        return [(call.rank, call.taxon)] if call.taxon and call.rank else []
    if finding.read.kind == "mixture":
        taxa = ((taxon.rank, taxon.name) for taxon in finding.read.result.present)
        return list(dict.fromkeys((rank, name) for rank, name in taxa if rank and name))
    return []


def reported_groups(
    statement: Statement, findings: Sequence[Finding]
) -> list[tuple[str, ...]] | None:
    """Return the taxa reported of the items of findings; several in one group where which of them is open.

    Returns
    -------
    list of tuple of str, or None
        Of these findings, and of others of the same items. None where none of them says of which taxon
        something is: then there is nothing to compare with.
    """
    items = {finding.exhibit for finding in findings}
    concerned = [finding for finding in statement.findings if finding.exhibit in items]
    groups = [group for finding in concerned for group in _groups_of(finding)]
    if not groups and not any(map(is_of_taxa, concerned)):
        return None
    return list(dict.fromkeys(groups))


def _groups_of(finding: Finding) -> Iterator[tuple[str, ...]]:
    names = [name for _rank, name in reported_taxa(finding)]
    if is_call(finding) and conservative_call(finding).rank == UNIT:
        yield tuple(names)
    else:
        yield from ((name,) for name in names)
    for text in filter(None, [finding.text]):  # a morphology that somebody wrote down
        yield from ((mention.taxon,) for mention in find_mentions(text))
    if is_call(finding) and conservative_call(finding).status == "nothing_near":
        far = (finding.result or {}).get("placement") or {}
        if taxon := far.get("taxon"):  # records further away speak for it, and the report says so
            yield (taxon,)


def relate_to_reported(
    taxon: str, groups: Sequence[tuple[str, ...]], named: Collection[str]
) -> Relation:
    """Return how a taxon that somebody names stands to what is reported.

    Parameters
    ----------
    taxon : str
    groups : sequence of tuple of str
        From `reported_groups`.
    named : collection of str
        All taxa that the text names: one species of a group alone says more than the group.
    """
    relations = []
    for group in groups:
        of_group = {relate(taxon, one) for one in group}
        if of_group == {Relation.WITHIN} or set(group) <= {*named} and taxon in group:
            return Relation.WITHIN
        relations.append(Relation.OTHER if of_group == {Relation.OTHER} else Relation.BELOW)
    return Relation.BELOW if Relation.BELOW in relations else Relation.OTHER


def candidates_of(findings: Sequence[Finding]) -> list[str]:
    """Return the names that findings mention beside what they report: candidates, and what is not excluded."""
    return list(dict.fromkeys(name for finding in findings for name in _candidates(finding)))


def _candidates(finding: Finding) -> Iterator[str]:
    result = finding.result or {}
    calls = [
        (result.get("rank"), result.get("taxon")),
        *((c.rank, c.taxon) for c in finding.priors or ()),
    ]
    for rank, taxon in calls:
        if taxon:
            yield from unit_members(taxon) if rank == UNIT else (taxon, *above(taxon)[:1])
    for candidate in result.get("candidates") or ():
        yield from (candidate["species"], genus_of(candidate["species"]))
    for call in finding.priors or ():
        yield from call.not_excluded
    if finding.read.kind == "mixture":
        yield from (taxon.name for taxon in finding.read.result.taxa if taxon.name)


# Names without an author, a sign of a hybrid or a code.
_PLAIN_NAME = re.compile(r"[A-Z][a-z-]+(?: [a-z-]+){0,2}")


def italic_names(findings: Sequence[Finding]) -> list[str]:
    """Return the names of species and genera that findings mention, those that contain others first."""
    species = [name for name in candidates_of(findings) if " " in name]
    for finding in findings:
        species += [name for rank, name in reported_taxa(finding) if rank != "family"]
        species += (finding.result or {}).get("missing_congeners") or ()
        for call in finding.priors or ():
            species += call.missing
    names = {*species, *(genus_of(name) for name in species)}
    plain = [name for name in names if _PLAIN_NAME.fullmatch(name)]
    return sorted(plain, key=lambda name: (-len(name), name))


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
    if kind_of(finding) != "origin":
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


# -- the law ---------------------------------------------------------------------------


def add_listings(
    statement: Statement,
    national: Sequence[Protection] = (),
    law: "Law | Official | None" = None,
    accepted: Mapping[str, int] = MappingProxyType({}),
) -> Statement:
    """Return a statement with what protects each reported taxon, on the day of the seizure.

    Kind of specimen and population are those of the exhibit. Where they matter and were not recorded, every
    answer is given with what must be true for it.

    Parameters
    ----------
    statement : Statement
    national : sequence of Protection
        Rows of national schedules.
    law : Law or Official, optional
        The law package, or an official list of Appendices alone.
    accepted : mapping of str to int
        Events in which managers accepted packages, by SHA-256.
    """
    exhibits = {exhibit.exhibit: exhibit for exhibit in statement.exhibits}

    def listings(finding: Finding) -> Iterator[Listing]:
        at, basis, kind, population = finding.found_at, "finding", None, None
        if exhibit := exhibits.get(finding.exhibit):
            kind, population = exhibit.kind, exhibit.population
            at, basis = exhibit.received_at, "receipt"
            if exhibit.seized_at:
                at, basis = exhibit.seized_at, "seizure"
        day = at[:10]
        for _rank, taxon in reported_taxa(finding):
            listing = listing_of(
                taxon, kind=kind, population=population, date=day, national=national,
                law=law, spelling=False,
            )  # fmt: skip
            yield Listing(
                taxon=taxon,
                day=day,
                basis=basis,
                as_of=listing.as_of.isoformat(),
                appendices=tuple(listing.appendices),
                lines=tuple(listing.coded_lines(on_paper=True)),
            )

    return replace(
        statement,
        findings=tuple(
            replace(finding, listings=tuple(listings(finding))) for finding in statement.findings
        ),
        official_list=None
        if law is None
        else law.to_dict() | {"accepted": accepted.get(law.sha256)},
    )


def notices_of_law(statement: Statement) -> list[str]:
    """Return what the first page says of a list of Appendices that is older than the day asked for."""
    outdated = dict.fromkeys(
        (listing.as_of, listing.basis, listing.day)
        for finding in statement.findings
        for listing in finding.listings
        if date.fromisoformat(listing.as_of) < date.fromisoformat(listing.day)
    )
    return [
        _(
            "The Appendices of CITES are stated as of {as_of}, but the {basis}, {day}, is later. "
            "Amendments between these days are not in this report; the official list of that day "
            "decides."
        ).format(as_of=day_in_words(as_of), basis=_BASES[basis](), day=day_in_words(day))
        for as_of, basis, day in outdated
    ]
