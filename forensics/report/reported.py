"""Which taxa a report reports, by finding and by item: what opinions, comments and reviews are held against."""

from collections.abc import Iterator

from forensics.report.cautious import cautious_call, is_call, is_mixture
from forensics.report.kinds.mixture import present
from forensics.taxonomy.listings.nomenclature import above

__all__ = ["candidates_of", "is_of_taxa", "reported_of", "reported_taxa"]


def is_of_taxa(finding: dict) -> bool:
    """Return whether a finding answers of which taxon something is."""
    return is_call(finding) or is_mixture(finding)


def reported_taxa(finding: dict) -> list[tuple[str, str]]:
    """Return rank and name of the taxa that a finding reports, each once."""
    if is_call(finding):
        call = cautious_call(finding)
        return [(call["rank"], call["taxon"])] if call["taxon"] else []
    if is_mixture(finding):
        found = present(finding["result"])
        return list(dict.fromkeys((one["rank"], one["taxon"]) for one in found if one["taxon"]))
    return []


def reported_of(statement: dict, findings: list[dict]) -> list[tuple[str, str]] | None:
    """Return rank and name of the taxa reported of the items of findings.

    Returns
    -------
    list of (str, str), or None
        Of these findings, and of others of the same items. None where none of them asked of which
        taxon something is: then there is nothing to compare with.
    """
    items = {one["exhibit"] for one in findings}
    concerned = [
        one for one in statement["findings"] if one["exhibit"] in items and is_of_taxa(one)
    ]
    if not concerned:
        return None
    return list(dict.fromkeys(taxon for one in concerned for taxon in reported_taxa(one)))


def candidates_of(findings: list[dict]) -> list[str]:
    """Return the names that findings mention beside what they report: candidates, and what is not excluded."""
    return list(dict.fromkeys(name for one in findings for name in _candidates(one)))


def _candidates(finding: dict) -> Iterator[str]:
    result = finding["result"] or {}
    if result.get("taxon"):
        yield from (result["taxon"], *above(result["taxon"])[:1])
    for one in result.get("candidates") or ():
        yield from (one["species"], one["species"].split(" ")[0])
    for one in finding["priors"] or ():
        yield from one["not_excluded"]
        if one["taxon"]:
            yield one["taxon"]
    if is_mixture(finding):
        yield from (one["taxon"] for one in result["found"] if one["taxon"])
