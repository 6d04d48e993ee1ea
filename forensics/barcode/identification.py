"""The result of identifying one query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.decision import Call
from forensics.barcode.cites import (
    ListedCall,
    RecordedListings,
    common_listing,
    listing_of_call,
    listings_of,
    recorded_listing_of_call,
)
from forensics.barcode.matching.candidates import ReportedCandidate
from forensics.barcode.parts import label_part
from forensics.barcode.reference.units import UNIT
from forensics.core.notice import Notice
from forensics.core.plain import PlainResult
from forensics.core.provenance import Provenance
from forensics.messages import N_

if TYPE_CHECKING:  # loaded where they are asked for
    from forensics.barcode.calling.criteria import Evaluation
    from forensics.barcode.calling.far_placement import FarPlacement
    from forensics.barcode.calling.phylogeny import QueryTree
    from forensics.barcode.calling.reasons import Reasons
    from forensics.barcode.matching.alignment import AlignedHit
    from forensics.barcode.recognition.recognise import Recognised
    from forensics.core.written import Written
    from forensics.taxonomy.listings.official import Official

__all__ = ["CSV_COLUMNS", "RANKS", "UNNAMED", "Identification"]

# As json.dumps, which makes an encoder each time.
_in_json = json.JSONEncoder(ensure_ascii=False).encode
RANKS: dict[str | None, str] = {
    "species": N_("species"),
    "unit": N_("unit"),
    "genus": N_("genus"),
    "family": N_("family"),
    "order": N_("order"),
    "class": N_("class"),
}
UNNAMED = {
    "inconclusive": N_("inconclusive: no name can be given"),
    "nothing_near": N_("nothing near: no name can be given"),
    "unusable": N_("unusable: the sequence cannot be examined"),
}
"""Statuses without a name, for people."""

# One line a query, for spreadsheets; JSON has everything.
CSV_COLUMNS = (
    "query", "index", "length", "locus", "strand", "status", "rank", "taxon", "probability", "none_in_library",
    "best_species", "identity", "coverage", "mismatches", "accession", "records",
    "closest_other_species", "closest_other_identity", "search_exhaustive", "floor", "warnings",
    "input_file", "input_sha256", "library", "library_sha256", "version", "time", "description", "part",
    "deposited", "placement_rank", "placement_taxon", "placement_probability",
    "appendices", "listing", "listing_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Identification(PlainResult):
    """What was found for one query; `to_dict` has the keys of the JSON output.

    Attributes
    ----------
    query : str
        First word of the header, unchanged, also of a piece of a genome.
    index : int
        Place in the run, counted from 1.
    length : int
        Bases examined.
    locus, strand : str or None
        None where nothing was near enough and the locus was not recognised.
    call : Call
        The decision.
    candidates : tuple of ReportedCandidate
        At most `MAXIMUM_CANDIDATES`, and all ties, best first.
    search_exhaustive : bool
        Whether it is proved that no record of the library is nearer than the first
        candidate (or, without candidates, that none reaches the floor); also those too
        short for the minimum coverage, placed whole in the query, are not.
    floor : float
        Identity under which nothing is a neighbour.
    proved_to : float
        No other species of the library reaches this identity.
    warnings : tuple of Notice
    provenance : Provenance
    reasons : Reasons or None
        Why the call is what it is; None where nobody asked, or nothing was near.
    criteria : Evaluation or None
        The criteria that were asked for, one by one; None as above.
    tree : QueryTree or None
        With the nearest records; None as above. It is not a part of `to_dict`.
    recognised : Recognised or None
        How the locus of a query that is near to nothing was recognised; None where a record is near,
        one locus was searched alone, or it was not recognised.
    official : Official or None
        The official list of Appendices that was given; the parameters have what it is.
    alignments : tuple of AlignedHit
        With the best record of each candidate, where they were asked for; no part of `to_dict`.
    description : str
        What follows the first word of the header, unchanged; empty where nothing does, and of what is of
        a person.
    sample_columns : dict of str to object
        Other columns of the row of the DataFrame that the sequence stood in. They are not stored;
        `Identifications.to_frame` has them.
    part : str
        Locus that the query was cut as from a longer record; "" of what was not cut.
    placement : FarPlacement or None
        The family, order and class that records further away than the floor speak for, where the query is not in
        the library; None elsewhere, and where the library does not say how far they can be trusted.
    listings : RecordedListings or None
        Of a result that was read back; None where they are looked up.
    written : Written or None
        Of a result that was read back, how the record differs from what would be stored now.
    """

    query: str
    index: int
    length: int
    locus: str | None
    strand: str | None
    call: Call
    candidates: tuple[ReportedCandidate, ...]
    search_exhaustive: bool
    floor: float
    proved_to: float
    warnings: tuple[Notice, ...]
    provenance: Provenance
    reasons: "Reasons | None" = None
    criteria: "Evaluation | None" = None
    tree: "QueryTree | None" = None
    recognised: "Recognised | None" = None
    official: "Official | None" = None
    alignments: "tuple[AlignedHit, ...]" = ()
    description: str = ""
    sample_columns: Mapping[str, object] = field(default_factory=dict)
    part: str = ""
    listings: RecordedListings | None = None
    placement: "FarPlacement | None" = None
    written: "Written | None" = None

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "Identification":
        """Return the identification that `to_dict` wrote, from its JSON or from the ledger.

        What a record does not hold is unknown: families of candidates, what else the call does not
        exclude (`Call.not_excluded`), the tree.

        Raises
        ------
        InputError
            If it is not such a record.
        """
        from forensics.barcode.stored_identification import read_identification

        return read_identification(record)

    @classmethod
    def from_json(cls, text: str) -> "Identification":
        """Return the identification that `to_json` wrote.

        Raises
        ------
        InputError
            If it is not JSON, or not such a record.
        """
        from forensics.barcode.stored_identification import parse_record

        return cls.from_stored(parse_record(text))

    @property
    def label(self) -> str:
        """The query as a person tells it from others: its name and, of a piece, the part."""
        return label_part(self.query, self.part)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of it; `warnings` under the name that all results have."""
        return self.warnings

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return frozenset(notice.code for notice in self.warnings)

    @property
    def status(self) -> str:
        """``identified``, ``inconclusive``, ``nothing_near`` or ``unusable``."""
        return self.call.status

    @property
    def rank(self) -> str | None:
        """Rank of the call."""
        return self.call.rank

    @property
    def taxon(self) -> str | None:
        """Name of what was identified."""
        return self.call.taxon

    @property
    def probability(self) -> float | None:
        """Probability of the call at its rank, 0-1; None where the library is not calibrated."""
        return self.call.probability

    @property
    def _day(self) -> str:
        """Day of the examination, whose Appendices are asked."""
        return self.provenance.time[:10]

    @property
    def closest_other_species(self) -> ReportedCandidate | None:
        """The nearest species beside the best one; None where none reaches the floor."""
        return self.candidates[1] if len(self.candidates) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the documentation; one that was read back as it was stored."""
        other, recorded = self.closest_other_species, self._recorded()
        values = {
            "query": self.query,
            **({"part": self.part} if self.part else {}),
            "index": self.index,
            "length": self.length,
            "locus": self.locus,
            "strand": self.strand,
            "status": self.status,
            "rank": self.rank,
            "taxon": self.taxon,
            **({"members": list(self.call.members)} if self.rank == UNIT else {}),
            "probability": self.call.probability,
            **({"probability_interval": list(interval)} if (interval := self._interval) else {}),
            "probabilities": self.call.probabilities,
            "candidates": [
                {
                    "species": candidate.species,
                    "identity": candidate.identity,
                    "coverage": candidate.coverage,
                    "mismatches": candidate.mismatches,
                    "accession": candidate.accession,
                    "records": candidate.records,
                    "probability": self._probability(candidate),
                    **({"deposited": candidate.deposited} if candidate.deposited else {}),
                }
                for candidate in self.candidates
            ],
            "closest_other_species": other
            and {
                "species": other.species,
                "identity": other.identity,
                "accession": other.accession,
                **({"deposited": other.deposited} if other.deposited else {}),
            },
            "search_exhaustive": self.search_exhaustive,
            "floor": self.floor,
            "listings": list(recorded.entries),
            "listing_common": recorded.common,
            "warnings": [{"code": w.code, "message": w.message} for w in self.warnings],
            "provenance": self.provenance.to_dict(),
            "reasons": self.reasons and self.reasons.to_dict(),
            "criteria": self.criteria and self.criteria.to_dict(),
            "locus_recognised": self.recognised and self.recognised.to_dict(),
        }
        if self.description:
            values["description"] = self.description
        if self.placement:
            values["placement"] = self.placement.to_dict()
        return values if self.written is None else self.written.apply(values)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return _in_json(self.to_dict())

    def to_row(self) -> dict[str, Any]:
        """Return the values of `CSV_COLUMNS`."""
        best = self.candidates[0] if self.candidates else None
        other = self.closest_other_species
        made, far = self.provenance, self.placement
        # Of what is stored: a result that was read back has the same row.
        listed = best and recorded_listing_of_call(self.call, self._recorded())
        return {
            **{name: getattr(self, name) for name in CSV_COLUMNS[:8]},
            "probability": self.call.probability,
            "none_in_library": self.call.probabilities
            and self.call.probabilities["species"]["none"],
            "best_species": best and best.species,
            "identity": best and best.identity,
            "coverage": best and best.coverage,
            "mismatches": best and best.mismatches,
            "accession": best and best.accession,
            "records": best and best.records,
            "closest_other_species": other and other.species,
            "closest_other_identity": other and other.identity,
            "search_exhaustive": self.search_exhaustive,
            "floor": self.floor,
            "warnings": " ".join(warning.code for warning in self.warnings),
            "input_file": " + ".join(read["file"] for read in made.files),
            "input_sha256": " + ".join(read["sha256"] for read in made.files),
            "library": made.library["name"],
            "library_sha256": made.library["sha256"],
            "version": made.version,
            "time": made.time,
            "description": self.description,
            "part": self.part,
            "deposited": best and best.deposited,
            "placement_rank": far and far.rank,
            "placement_taxon": far and far.taxon,
            "placement_probability": far and far.probability,
            "appendices": listed and "/".join(listed.appendices),
            "listing": listed and listed.line(),
            "listing_date": listed and listed.as_of,
        }

    def _recorded(self) -> RecordedListings:
        """Return the listings by CITES as they are stored."""
        return self.listings or RecordedListings(
            tuple(listings_of(self.candidates, self._day, self.official)),
            common_listing(self.call, self.candidates, self._day, self.official),
        )

    @property
    def _interval(self) -> tuple[float, float] | None:
        """That of the probability, where a species was called."""
        return self.call.interval if self.call.species else None

    def _probability(self, candidate: ReportedCandidate) -> float | None:
        known = self.call.probabilities
        return known["species"].get(candidate.species) if known else None

    def __repr__(self) -> str:
        return f"<Identification {self.label}: {self.headline()}>"

    # -- for people -------------------------------------------------------------------

    def headline(self) -> str:
        """Return the result in one sentence."""
        from forensics.barcode.wording import headline_of

        return headline_of(self)

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        from forensics.barcode.wording import lines_of

        return lines_of(self)

    def evidence_lines(self) -> list[tuple[str, str]]:
        """Return label and text of what the call rests on: how sure, nearest species, listing."""
        from forensics.barcode.wording import evidence_of

        return evidence_of(self)

    def listed_call(self) -> ListedCall:
        """Return the listing of what was called, else those of the candidates, of which there is one at least."""
        if self.listings is None:
            return listing_of_call(self.call, self.candidates, self._day, self.official)
        return recorded_listing_of_call(self.call, self.listings)

    def advice(self) -> str:
        """Return what to do about the result; "" where nothing needs to be done."""
        from forensics.barcode.wording import advice_of

        return advice_of(self)

    def plot(self, axes: Any = None) -> Any:
        """Draw the candidates with their probabilities, and that of none of the library.

        Of a library that is not calibrated, identities are drawn.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        from forensics.barcode.plots import plot_identification

        return plot_identification(self, axes)

    def __eq__(self, other: object) -> bool:
        """Return whether the same would be stored; so a result equals what was read back of it."""
        if not isinstance(other, Identification):
            return NotImplemented
        if self is other:
            return True
        # Listings need not be looked up to know that two queries are not the same.
        if (self.query, self.part, self.index) != (other.query, other.part, other.index):
            return False
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # what is stored holds lists

    def _repr_html_(self) -> str:
        from forensics.barcode.notebook import result_html

        return result_html(self)
