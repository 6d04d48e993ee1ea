"""What the law says of the taxon that is reported: national law first, then CITES."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from forensics.messages import _
from forensics.report.reported import reported_taxa
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.results import Protection

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official

__all__ = ["add_listings", "notices_of_law"]


def add_listings(
    statement: dict,
    national: Sequence[Protection] = (),
    official: "Official | None" = None,
) -> None:
    """Put into a statement what protects each reported taxon, on the day of the seizure.

    The kind of specimen and its population are not known to a sequence: where they matter, every answer
    that stands is told with what must be true for it.

    Parameters
    ----------
    statement : dict
        Is changed: ``listings`` of each finding, one a taxon that is reported; ``official_list`` where
        one is given.
    national : sequence of Protection
        Rows of national schedules.
    official : Official, optional
        The official list of Appendices.
    """
    if official is not None:
        statement["official_list"] = official.to_dict()
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
        for rank, taxon in reported_taxa(finding):
            lineage = (taxon,) if rank == "family" else ()
            found = listing_of(
                taxon, lineage=lineage, date=day, national=national, official=official,
                spelling=False,
            )  # fmt: skip
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


_BASES = {
    "seizure": lambda: _("day of the seizure"),
    "receipt": lambda: _("day of the receipt"),
    "finding": lambda: _("day of the finding"),
}


def notices_of_law(statement: dict) -> list[str]:
    """Return what the first page says of a list of Appendices that is older than the day asked for."""
    told = dict.fromkeys(
        (one["as_of"], one["basis"], one["day"])
        for finding in statement["findings"]
        for one in finding["listings"]
        if date.fromisoformat(one["as_of"]) < date.fromisoformat(one["day"])
    )
    return [
        _(
            "The Appendices of CITES are stated as of {as_of}, and the {basis}, {day}, is later: what was "
            "amended between these days is not in this report. The official list of that day decides."
        ).format(as_of=as_of, basis=_BASES[basis](), day=day)
        for as_of, basis, day in told
    ]
