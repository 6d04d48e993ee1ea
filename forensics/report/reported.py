"""Which taxa a report reports, by finding and by item: with them opinions, comments and reviews are compared."""

from collections.abc import Collection, Iterator, Sequence

from forensics.barcode.mixture.results import Mixture
from forensics.barcode.reference.units import UNIT, unit_members
from forensics.report.conservative_call import conservative_call, is_call, is_mixture
from forensics.report.finding import Finding
from forensics.report.statement import Statement
from forensics.taxonomy.listings.nomenclature import above
from forensics.taxonomy.mentions import Relation, find_mentions, relate

__all__ = ["candidates_of", "is_of_taxa", "relate_to_reported", "reported_groups", "reported_taxa"]


def is_of_taxa(finding: Finding) -> bool:
    """Return whether a finding answers of which taxon something is."""
    return is_call(finding) or is_mixture(finding)


def reported_taxa(finding: Finding) -> list[tuple[str, str]]:
    """Return rank and name of the taxa that a finding reports, each once."""
    if is_call(finding):
        call = conservative_call(finding)
        if call.rank == UNIT:  # each of them is reported, with its listing
            return [("species", name) for name in unit_members(call.taxon or "")]
        return [(call.rank, call.taxon)] if call.taxon and call.rank else []
    result = finding.read.result
    if isinstance(result, Mixture):
        taxa = ((taxon.rank, taxon.name) for taxon in result.present)
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
        yield from (candidate["species"], candidate["species"].split(" ")[0])
    for call in finding.priors or ():
        yield from call.not_excluded
    if isinstance(finding.read.result, Mixture):
        yield from (taxon.name for taxon in finding.read.result.taxa if taxon.name)
