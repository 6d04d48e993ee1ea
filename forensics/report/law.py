"""What the law says of the taxon that is reported: national law first, then CITES."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from forensics.messages import _
from forensics.report.reported import reported_taxa
from forensics.report.statement import Finding, Listing, Statement
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.results import Protection

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official


def add_listings(
    statement: Statement,
    national: Sequence[Protection] = (),
    official: "Official | None" = None,
) -> Statement:
    """Return a statement with what protects each reported taxon, on the day of the seizure.

    The kind of specimen and its population are not known to a sequence: where they matter, every answer
    is given with what must be true for it.

    Parameters
    ----------
    statement : Statement
    national : sequence of Protection
        Rows of national schedules.
    official : Official, optional
        The official list of Appendices.
    """
    days = {
        exhibit.exhibit: (exhibit.seized_at, "seizure")
        if exhibit.seized_at
        else (exhibit.received_at, "receipt")
        for exhibit in statement.exhibits
    }

    def listings(finding: Finding) -> Iterator[Listing]:
        at, basis = days.get(finding.exhibit, (finding.found_at, "finding"))
        day = at[:10]
        for _rank, taxon in reported_taxa(finding):
            listing = listing_of(
                taxon, date=day, national=national, official=official, spelling=False
            )
            yield Listing(
                taxon=taxon,
                day=day,
                basis=basis,
                as_of=listing.as_of.isoformat(),
                appendices=tuple(listing.appendices),
                lines=tuple(listing.lines()),
            )

    return replace(
        statement,
        findings=tuple(
            replace(finding, listings=tuple(listings(finding))) for finding in statement.findings
        ),
        official_list=official.to_dict() if official is not None else None,
    )


_BASES = {
    "seizure": lambda: _("day of the seizure"),
    "receipt": lambda: _("day of the receipt"),
    "finding": lambda: _("day of the finding"),
}


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
            "The Appendices of CITES are stated as of {as_of}, and the {basis}, {day}, is later: what was "
            "amended between these days is not in this report. The official list of that day decides."
        ).format(as_of=as_of, basis=_BASES[basis](), day=day)
        for as_of, basis, day in outdated
    ]
