"""What the law says of the taxon that is reported: national law first, then CITES."""

from collections.abc import Sequence

from forensics.report.wording import cautious_call
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
        Is changed: ``listing`` of each identification that names a taxon, else None.
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
        finding["listing"] = None
        if finding["kind"] != "identification" or not finding["result"]:
            continue
        call = cautious_call(finding)
        taxon = call["taxon"]
        if taxon is None:
            continue
        day, basis = days.get(finding["exhibit"], (finding["found_at"], "finding"))
        day = day[:10]
        lineage = (taxon,) if call["rank"] == "family" else ()
        found = listing_of(taxon, lineage=lineage, date=day, national=national, spelling=False)
        finding["listing"] = {
            "taxon": taxon,
            "day": day,
            "basis": basis,
            "as_of": found.as_of.isoformat(),
            "appendices": list(found.appendices),
            "lines": [list(line) for line in found.lines()],
        }
