"""The CITES listings of the candidates of a query, and the one that all of them share.

Kind of specimen, population and source are not known to a sequence: where they matter, all Appendices
that may apply are told. ``forensics listing`` answers with them.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.decision import Call
from forensics.barcode.matching.candidates import ReportedCandidate
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official

__all__ = [
    "RecordedListings",
    "common_listing",
    "listing_line",
    "listings_of",
    "recorded_listing_line",
]


@dataclass(frozen=True, slots=True)
class RecordedListings:
    """The listings of a result that was read back: those of the tables, and the list, of its time.

    Attributes
    ----------
    entries : tuple of dict
        Of each candidate, as `listings_of` gives them.
    common : dict or None
        As `common_listing` gives it.
    """

    entries: tuple[dict[str, Any], ...]
    common: dict[str, Any] | None


@functools.lru_cache(maxsize=10_000)
def _of(taxon: str, family: str, day: str, official: "Official | None"):
    # Loaded when the first result is told: `forensics --help` and a library's build need no table.
    from forensics.taxonomy.listings import listing_of

    # The names of a library are not a technician's slip of the pen.
    return listing_of(
        taxon,
        lineage=(family,) if family else (),
        date=day,
        official=official,
        spelling=False,
    )


@functools.lru_cache(maxsize=10_000)
def _entry(taxon: str, family: str, day: str, official: "Official | None") -> dict:
    return _of(taxon, family, day, official).entry()


def listings_of(
    candidates: Sequence[ReportedCandidate], day: str, official: "Official | None" = None
) -> list[dict]:
    """Return the entry of each candidate: ``species, appendix, taxon, as_of, annotation``.

    Parameters
    ----------
    candidates : sequence of ReportedCandidate
    day : str
        Day of the examination, ISO 8601.
    official : Official, optional
        The official list, which counts where the packaged table differs.
    """
    return [{**_entry(one.species, one.family, day, official)} for one in candidates]


def common_listing(
    call: Call,
    candidates: Sequence[ReportedCandidate],
    day: str,
    official: "Official | None" = None,
) -> dict | None:
    """Return the entry that all candidates share, and all known members of what was called.

    Returns
    -------
    dict or None
        None where they differ, or where kind of specimen or population decide.
    """
    if not candidates:
        return None
    from forensics.taxonomy.listings.results import shared_entry

    results = [_of(one.species, one.family, day, official) for one in candidates]
    if call.taxon and call.rank != "species":
        # A family is its own: a name that a library has is placed.
        family = candidates[0].family if call.rank == "genus" else call.taxon
        results.append(_of(call.taxon, family, day, official))
    return shared_entry(results)


def listing_line(
    call: Call,
    candidates: Sequence[ReportedCandidate],
    day: str,
    official: "Official | None" = None,
) -> str:
    """Return the listing in a line for people: of what was called, else of all candidates."""
    if call.taxon:
        known = (c.family for c in candidates if call.taxon in (c.species, c.genus, c.family))
        family = next(known, "")
        found, about = [_of(call.taxon, family, day, official)], call.taxon
    else:
        found = [_of(one.species, one.family, day, official) for one in candidates]
        about = _("the candidates")
    as_of = found[0].as_of.isoformat()
    appendices = list(dict.fromkeys(one for result in found for one in result.appendices))
    return _line(about, appendices, as_of)


def recorded_listing_line(call: Call, listings: RecordedListings) -> str:
    """Return the recorded listings in a line for people: of what was called where they say it, else of all candidates.

    They say it of a species, and of a genus or family all whose members have one listing.
    """
    entries = [entry for entry in listings.entries if entry["species"] == call.taxon]
    if call.rank == "species" and entries:
        about = str(call.taxon)
    elif call.taxon and listings.common:
        about, entries = call.taxon, [listings.common]
    else:
        about, entries = _("the candidates"), list(listings.entries)
    appendices = [name for entry in entries for name in entry["appendix"].split("/")]
    return _line(about, list(dict.fromkeys(appendices)), entries[0]["as_of"])


def _line(about: str, appendices: Sequence[str], as_of: str) -> str:
    shown = _(" or ").join(
        _("Appendix {number}").format(number=one) if one in ("I", "II", "III") else _(one)
        for one in appendices
    )
    text = _("{about}: {appendices} (Appendices of {day})").format(
        about=about, appendices=shown, day=as_of
    )
    if len(appendices) > 1:
        return text + _("; which one: forensics listing")
    if appendices[0] not in ("I", "II", "III"):
        return text + _("; it may be protected all the same")
    return text
