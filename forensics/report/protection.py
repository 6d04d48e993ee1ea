"""What the law says of the taxon that is reported: national law first, then CITES."""

from collections.abc import Sequence

from forensics.report.cautious import cautious_call, is_call, is_mixture
from forensics.report.kinds.mixture import present
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.results import Protection

__all__ = ["add_listings"]


def add_listings(statement: dict, national: Sequence[Protection] = ()) -> None:
    """Put into a statement what protects each reported taxon, on the day of the seizure.

    The kind of specimen and its population are not known to a sequence: where they matter, every answer
    that stands is told with what must be true for it.

    Parameters
    ----------
    statement : dict
        Is changed: ``listings`` of each finding, one a taxon that is reported.
    national : sequence of Protection
        Rows of national schedules.
    """
    days = {
        one["exhibit"]: (one["seized_at"], "seizure")
        if one["seized_at"]
        else (one["received_at"], "receipt")
        for one in statement["exhibits"]
    }
    for finding in statement["findings"]:
        day, basis = days.get(finding["exhibit"], (finding["found_at"], "finding"))
        day = day[:10]
        finding["listings"] = []
        for rank, taxon in _reported(finding):
            lineage = (taxon,) if rank == "family" else ()
            found = listing_of(taxon, lineage=lineage, date=day, national=national, spelling=False)
            finding["listings"].append(
                {
                    "taxon": taxon,
                    "day": day,
                    "basis": basis,
                    "as_of": found.as_of.isoformat(),
                    "appendices": list(found.appendices),
                    "lines": [list(line) for line in found.lines()],
                }
            )


def _reported(finding: dict) -> list[tuple[str, str]]:
    """Return rank and name of the taxa that a finding reports."""
    if is_call(finding):
        call = cautious_call(finding)
        return [(call["rank"], call["taxon"])] if call["taxon"] else []
    if is_mixture(finding):
        found = present(finding["result"])
        return list(dict.fromkeys((one["rank"], one["taxon"]) for one in found if one["taxon"]))
    return []
