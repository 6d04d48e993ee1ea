"""The CITES listings of the candidates of a query, and the one that all of them share.

Kind of specimen, population and source are not known to a sequence: where they matter, all Appendices
that may apply are reported. ``forensics listing`` answers with them.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.decision import Call
from forensics.barcode.matching.candidates import ReportedCandidate
from forensics.barcode.reference.units import UNIT
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official


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
    # Loaded when the first result is reported: `forensics --help` and a library's build need no table.
    from forensics.taxonomy.listings import listing_of

    # The names of a library are not a technician's slip of the pen.
    return listing_of(
        taxon,
        # By its own name a family is not placed: the table knows the members of some families alone.
        lineage=(family,) if family and family != taxon else (),
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
    return [
        {**_entry(candidate.species, candidate.family, day, official)} for candidate in candidates
    ]


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

    results = [_of(candidate.species, candidate.family, day, official) for candidate in candidates]
    if call.taxon and call.rank == UNIT:
        # Of a member that is not a candidate too; the family of a candidate is that of its unit, or unknown.
        results += [_of(name, _family_of(name, candidates), day, official) for name in call.members]
    elif call.taxon and call.rank != "species":
        # A family is its own: a name that a library has is placed.
        family = candidates[0].family if call.rank == "genus" else call.taxon
        results.append(_of(call.taxon, family, day, official))
    return shared_entry(results)


@dataclass(frozen=True, slots=True)
class ListedCall:
    """The Appendices that may apply to what was called, else to any candidate.

    Attributes
    ----------
    about : str or None
        Name of what was called; None: the candidates.
    appendices : tuple of str
        ``I``, ``II``, ``III``, ``not known`` or ``no listing found``, each once, in this order.
    as_of : str
        Day of the Appendices, ISO 8601.
    warnings : tuple of str
        What an official list that was given says otherwise, or that it lacks the name.
    """

    about: str | None
    appendices: tuple[str, ...]
    as_of: str
    warnings: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the listing in a line for people."""
        shown = _(" or ").join(
            _("Appendix {number}").format(number=name) if name in ("I", "II", "III") else _(name)
            for name in self.appendices
        )
        text = _("{about}: {appendices} (Appendices of {day})").format(
            about=self.about or _("the candidates"), appendices=shown, day=self.as_of
        )
        if len(self.appendices) > 1:
            text += _("; which one: forensics listing")
        elif self.appendices[0] not in ("I", "II", "III"):
            text += _("; it may be protected all the same")
        return ". ".join((text, *self.warnings))


def listing_of_call(
    call: Call,
    candidates: Sequence[ReportedCandidate],
    day: str,
    official: "Official | None" = None,
) -> ListedCall:
    """Return the listing of what was called, else those of all candidates; parameters as of `listings_of`."""
    if call.rank == UNIT:
        results = [_of(name, _family_of(name, candidates), day, official) for name in call.members]
    elif call.taxon:
        # Those that were found stand for members of a genus or family that the table does not know.
        members = [c for c in candidates if call.taxon in (c.species, c.genus, c.family)]
        results = [_of(call.taxon, next((c.family for c in members), ""), day, official)]
        if call.rank != "species":
            results += [_of(each.species, each.family, day, official) for each in members]
    else:
        results = [_of(each.species, each.family, day, official) for each in candidates]
    return _listed_call(call.taxon, [result.entry() for result in results])


def _listed_call(about: str | None, entries: Sequence[Mapping[str, Any]]) -> ListedCall:
    from forensics.taxonomy.listings.results import STRICTNESS

    names = {name for entry in entries for name in entry["appendix"].split("/")}
    ordered = sorted(names, key=lambda name: STRICTNESS.get(name, len(STRICTNESS)))
    warnings = (each["message"] for entry in entries for each in entry.get("warnings", ()))
    oldest = min(entry["as_of"] for entry in entries)
    return ListedCall(about, tuple(ordered), oldest, tuple(dict.fromkeys(warnings)))


def _family_of(species: str, candidates: Sequence[ReportedCandidate]) -> str:
    """Return the family of a species, else that of a candidate of its genus; empty where it is unknown."""
    of_genus = [c for c in candidates if c.genus == species.partition(" ")[0]]
    own = [c for c in of_genus if c.species == species]
    return next((candidate.family for candidate in own or of_genus), "")


def recorded_listing_of_call(call: Call, listings: RecordedListings) -> ListedCall:
    """Return the recorded listing of what was called where the record says it, else those of all candidates.

    It says it of a species, and of a genus or family all whose members have one listing.
    """
    about = call.taxon
    entries = [entry for entry in listings.entries if entry["species"] in call.members]
    if len(entries) < len(call.members) or not entries:
        if call.taxon and listings.common:
            entries = [listings.common]
        else:
            about, entries = None, list(listings.entries)
    return _listed_call(about, entries)
