"""Which taxa a report reports, by finding and by item: with them opinions, comments and reviews are compared."""

from collections.abc import Iterator, Sequence

from forensics.barcode.mixture.results import Mixture
from forensics.barcode.reference.units import UNIT, unit_members
from forensics.report.conservative_call import conservative_call, is_call, is_mixture
from forensics.report.finding import Finding
from forensics.report.statement import Statement
from forensics.taxonomy.listings.nomenclature import above

__all__ = ["candidates_of", "is_of_taxa", "reported_of", "reported_taxa"]


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


def reported_of(statement: Statement, findings: Sequence[Finding]) -> list[tuple[str, str]] | None:
    """Return rank and name of the taxa reported of the items of findings.

    Returns
    -------
    list of (str, str), or None
        Of these findings, and of others of the same items. None where none of them asked of which
        taxon something is: then there is nothing to compare with.
    """
    items = {finding.exhibit for finding in findings}
    concerned = [
        finding
        for finding in statement.findings
        if finding.exhibit in items and is_of_taxa(finding)
    ]
    if not concerned:
        return None
    return list(dict.fromkeys(taxon for finding in concerned for taxon in reported_taxa(finding)))


def candidates_of(findings: Sequence[Finding]) -> list[str]:
    """Return the names that findings mention beside what they report: candidates, and what is not excluded."""
    return list(dict.fromkeys(name for finding in findings for name in _candidates(finding)))


def _candidates(finding: Finding) -> Iterator[str]:
    result = finding.result or {}
    if taxon := result.get("taxon"):
        yield from (taxon, *above(taxon)[:1])
    for candidate in result.get("candidates") or ():
        yield from (candidate["species"], candidate["species"].split(" ")[0])
    for call in finding.priors or ():
        yield from call.not_excluded
        if call.taxon:
            yield call.taxon
    if isinstance(finding.read.result, Mixture):
        yield from (taxon.name for taxon in finding.read.result.taxa if taxon.name)
