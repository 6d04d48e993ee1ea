"""The result of identifying one query, and what a person reads of it: the call, what it rests on, what to do.

Its CITES listings are those of the candidates, and that of what was called. Where kind of specimen and
population matter and were not given, all Appendices that may apply are reported.
"""

import functools
import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.barcode.calling.decision import Call, genera_of
from forensics.barcode.locus import DECIDING
from forensics.barcode.matching.search import NearestRecord, ReportedCandidate
from forensics.barcode.options import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.barcode.reference.library import UNIT, Where, names_in_region
from forensics.core.notice import Notice, Severity
from forensics.core.provenance import Provenance
from forensics.core.stored import StoredResult, to_plain
from forensics.messages import N_, _, ngettext, numeral
from forensics.taxonomy.listings.table import known_specimen
from forensics.taxonomy.names import genus_of

if TYPE_CHECKING:
    from forensics.barcode.calling.criteria import Evaluation
    from forensics.barcode.calling.far import FarPlacement
    from forensics.barcode.calling.reasons import Reasons
    from forensics.barcode.calling.trees import QueryTree
    from forensics.barcode.matching.search import AlignedHit
    from forensics.barcode.recognition import Recognised
    from forensics.core.stored import Written
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


class ListingContext(NamedTuple):
    """What listings are asked of: a day (ISO 8601), the law beside the packaged tables, and what is known of a specimen."""

    day: str
    law: "Law | Official | None" = None
    kind: str | None = None
    population: str | None = None


@functools.lru_cache(maxsize=10_000)
def _of(taxon: str, family: str, asked: ListingContext) -> dict[str, Any]:
    # Loaded when the first result is reported: `forensics --help` and a library's build need no table.
    from forensics.taxonomy.listings import listing_of

    # The names of a library are not a technician's slip of the pen.
    return listing_of(
        taxon,
        # By its own name a family is not placed: the table knows the members of some families alone.
        lineage=(family,) if family and family != taxon else (),
        date=date.fromisoformat(asked.day),
        law=asked.law,
        kind=asked.kind,
        population=asked.population,
        spelling=False,
    ).entry()


def listings_of(
    candidates: Sequence[ReportedCandidate], asked: ListingContext
) -> list[dict[str, Any]]:
    """Return the entry of each candidate: ``species, appendix, taxon, as_of, annotation``.

    Parameters
    ----------
    candidates : sequence of ReportedCandidate
    asked : ListingContext
    """
    return [dict(_of(each.species, each.family, asked)) for each in candidates]


class ListedCall(NamedTuple):
    """The Appendices that may apply to what was called, else to any candidate.

    Attributes
    ----------
    about : str or None
        Name of what was called; None: the candidates.
    appendices : tuple of str
        Of `forensics.taxonomy.listings.results.STRICTNESS`, each once, in this order.
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
        from forensics.taxonomy.listings.results import appendices_in_words, is_reported

        shown = appendices_in_words(self.appendices)
        text = _("{about}: {appendices} (Appendices of {day})").format(
            about=self.about or _("the candidates"), appendices=shown, day=self.as_of
        )
        if len(self.appendices) > 1:
            text += _("; which one: forensics listing")
        elif self.appendices[0] not in ("I", "II", "III") and not is_reported(self.appendices[0]):
            text += _("; it may be protected all the same")
        return ". ".join((text, *self.warnings))


def listing_of_call(
    call: Call,
    candidates: Sequence[ReportedCandidate],
    asked: ListingContext,
) -> ListedCall:
    """Return the listing of what was called, else those of all candidates; parameters as of `listings_of`."""
    if call.rank == UNIT:
        entries = [_of(name, _family_of(name, candidates), asked) for name in call.members]
    elif call.taxon:
        # Those that were found stand for members of a genus or family that the table does not know.
        members = [c for c in candidates if call.taxon in (c.species, c.genus, c.family)]
        entries = [_of(call.taxon, next((c.family for c in members), ""), asked)]
        if call.rank != "species":
            entries += listings_of(members, asked)
    else:
        entries = listings_of(candidates, asked)
    return _listed_call(call.taxon, entries)


def _listed_call(about: str | None, entries: Sequence[Mapping[str, Any]]) -> ListedCall:
    from forensics.taxonomy.listings.results import STRICTNESS

    names = {name for entry in entries for name in entry["appendix"].split("/")}
    ordered = sorted(names, key=lambda name: STRICTNESS.get(name, len(STRICTNESS)))
    warnings = (each["message"] for entry in entries for each in entry.get("warnings", ()))
    oldest = min(entry["as_of"] for entry in entries)
    return ListedCall(about, tuple(ordered), oldest, tuple(dict.fromkeys(warnings)))


def _family_of(species: str, candidates: Sequence[ReportedCandidate]) -> str:
    """Return the family of a species, else that of a candidate of its genus; empty where it is unknown."""
    of_genus = [c for c in candidates if c.genus == genus_of(species)]
    own = [c for c in of_genus if c.species == species]
    return next((candidate.family for candidate in own or of_genus), "")


class RecordedListings(NamedTuple):
    """The listings of a result that was read back: those of the tables, and the list, of its time.

    Attributes
    ----------
    entries : tuple of dict
        Of each candidate, as `listings_of` gives them.
    of_call : ListedCall or None
        As `listing_of_call` gives it; None without candidates.
    """

    entries: tuple[dict[str, Any], ...]
    of_call: ListedCall | None


def label_part(query: str, part: str | None) -> str:
    """Return the name of a query and, of a piece of a longer record, its part."""
    return f"{query} {part}" if part else query


# As json.dumps, which makes an encoder each time.
_in_json = json.JSONEncoder(ensure_ascii=False).encode
RANK_NAMES: dict[str | None, str] = {
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


class CalledResult(StoredResult):
    """What follows from the call of a result, of one query or of several loci together."""

    __slots__ = ()
    call: Call
    lacking: Where

    @property
    @abstractmethod
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of it."""

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return frozenset(notice.code for notice in self.notices)

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
    def missing_congeners(self) -> Where:
        """Of a species or unit that was called, the species of its genera that the library lacks (`lacking_beside`)."""
        return lacking_beside(self.call, self.lacking)

    def _missing(self) -> dict[str, Any]:
        """Return what is stored of the missing congeners; nothing where there are none."""
        missing = self.missing_congeners
        living = {name: list(where) for name, where in missing.items() if where}
        return {
            **({"missing_congeners": list(missing)} if missing else {}),
            **({"missing_in_region": living} if living else {}),
        }

    def _missing_lines(self) -> list[tuple[str, str]]:
        """Return label and text of the missing congeners."""
        names = names_in_region(self.missing_congeners)
        return [(_("Not in library"), missing_in_words(names, most=10))] if names else []


def lacking_beside(call: Call, lacking: Where) -> Where:
    """Return the species of the genera of a call that a library lacks, each with the countries of the region where it lives.

    Those that live in the region come first.
    """
    genera = genera_of(call.members)
    names = {name for name in lacking if genus_of(name) in genera} - {*call.members}
    return {name: lacking[name] for name in sorted(names, key=lambda n: (not lacking[n], n))}


@dataclass(frozen=True, slots=True, eq=False)
class Identification(CalledResult):
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
    law : Law, Official or None
        What the listings were looked up in beside the packaged table; the parameters have what it is.
    alignments : tuple of AlignedHit
        With the best record of each candidate, where they were asked for; no part of `to_dict`.
    sequence : str
        The query as it was examined, where alignments were asked for, else empty; no part of `to_dict`.
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
    lacking : mapping of str to tuple of str
        Species that the library knows by name and of which it has no record at the locus: of the genera of the
        candidates, each with the countries of the region where it lives. Of a result that was read back, those of the
        genera that were called. None of them is excluded.
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
    law: "Law | Official | None" = None
    alignments: "tuple[AlignedHit, ...]" = ()
    sequence: str = ""
    description: str = ""
    sample_columns: Mapping[str, object] = field(default_factory=dict)
    part: str = ""
    listings: RecordedListings | None = None
    placement: "FarPlacement | None" = None
    lacking: Where = field(default_factory=dict)
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

    @property
    def label(self) -> str:
        """The query as a person tells it from others: its name and, of a piece, the part."""
        return label_part(self.query, self.part)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of it; `warnings` under the name that all results have."""
        return self.warnings

    @property
    def _asked(self) -> ListingContext:
        """What listings are asked of: the day of the examination, and the specimen."""
        made = self.provenance
        return ListingContext(made.time[:10], self.law, **known_specimen(made.parameters))

    @property
    def closest_other_species(self) -> ReportedCandidate | None:
        """The nearest species beside the best one; None where none reaches the floor."""
        return self.candidates[1] if len(self.candidates) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the documentation; one that was read back as it was stored."""
        other, recorded = self.closest_other_species, self._recorded()
        shares = self.call.shares("species")
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
            **self._missing(),
            "probability": self.call.probability,
            **({"probability_interval": list(interval)} if (interval := self._interval) else {}),
            "probabilities": self.call.probabilities,
            "candidates": [
                _stored(each, *_OF_A_CANDIDATE, probability=shares.get(each.species))
                for each in self.candidates
            ],
            "closest_other_species": other and _stored(other, "species", "identity", "accession"),
            "search_exhaustive": self.search_exhaustive,
            "floor": self.floor,
            "listings": list(recorded.entries),
            "listing_of_call": to_plain(recorded.of_call),
            "warnings": [{"code": w.code, "message": w.message} for w in self.warnings],
            "provenance": self.provenance.to_dict(),
            "reasons": to_plain(self.reasons),
            "criteria": to_plain(self.criteria),
            "locus_recognised": to_plain(self.recognised),
        }
        if self.description:
            values["description"] = self.description
        if self.placement:
            values["placement"] = to_plain(self.placement)
        return values if self.written is None else self.written.apply(values)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return _in_json(self.to_dict())

    def to_row(self) -> dict[str, Any]:
        """Return the values of `CSV_COLUMNS`."""
        return row_of(self, COLUMNS)

    def _recorded(self) -> RecordedListings:
        """Return the listings by CITES as they are stored."""
        return self.listings or RecordedListings(
            tuple(listings_of(self.candidates, self._asked)),
            listing_of_call(self.call, self.candidates, self._asked) if self.candidates else None,
        )

    @property
    def _interval(self) -> tuple[float, float] | None:
        """That of the probability, where a species was called."""
        return self.call.interval if self.call.species else None

    def __repr__(self) -> str:
        return f"<Identification {self.label}: {self.headline()}>"

    # -- for people -------------------------------------------------------------------

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "identified":
            if self.rank == "species":
                return _("{taxon} (species)").format(taxon=self.taxon)
            if self.rank == UNIT:
                return _(
                    "{taxon} (a unit: one of these species, which the locus does not distinguish)"
                ).format(taxon=self.taxon)
            return _("{taxon} ({rank}; the species is not settled)").format(
                taxon=self.taxon, rank=_(RANK_NAMES[self.rank])
            )
        if _OF_A_PERSON & self.codes:
            return _("unusable: DNA of a person")
        if "NOT_THIS_LOCUS" in self.codes:
            return _("unusable: the sequence is not of the locus")
        if self.status == "nothing_near" and (place := placement_in_words(self.placement)):
            return _("nothing near; {place}").format(place=place)
        return _(UNNAMED[self.status])

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline()), *self.evidence_lines()]
        notes = [w for w in self.warnings if w.code not in _SAID_ELSEWHERE]
        notes.sort(key=lambda w: w.code not in DECIDING)  # what decides comes first
        lines += [(_("Note"), w.message) for w in notes]
        if advice := self.advice():
            lines.append((_("What to do"), advice))
        return lines

    def evidence_lines(self) -> list[tuple[str, str]]:
        """Return label and text of what the call rests on: how sure, nearest species, listing."""
        lines: list[tuple[str, str]] = []
        if self.candidates:
            lines += [
                (_("How sure"), _how_sure(self)),
                (_("Best match"), _match(self.candidates[0])),
                (_("Closest other"), _closest_other(self)),
            ]
            lines += self._missing_lines()
            if self.reasons:
                lines.append((_("Behind it"), self.reasons.behind()))
                lines.append((_("Gap"), self.reasons.gap_line()))
            lines.append((_("CITES listing"), self.listed_call().line()))
        elif self.status == "nothing_near":
            text = (
                _("proved: no record that is long enough to compare reaches {floor:.0%} identity")
                if self.search_exhaustive
                else _("no record that was compared reaches {floor:.0%} identity")
            )
            lines.append((_("How sure"), text.format(floor=self.floor)))
        if self.placement:
            lines.append((_("Further away"), _placement_line(self.placement)))
        return lines

    def listed_call(self) -> ListedCall:
        """Return the listing of what was called, else those of the candidates, of which there is one at least."""
        if self.listings and self.listings.of_call:
            return self.listings.of_call
        return listing_of_call(self.call, self.candidates, self._asked)

    def advice(self) -> str:
        """Return what to do about the result, the first sentence in a few words; "" where nothing needs to be done."""
        if (notice := _deciding_notice(self)) and notice.advice:
            return notice.advice
        if self.status == "nothing_near":
            if place := placement_in_words(self.placement):
                return _(
                    "Try another library or locus. Report that nothing near was found, and "
                    "{place}, but no lower name; a library of that group may go further."
                ).format(place=place)
            return _(
                "Try another library or locus. Report that nothing near was found, and give no "
                "name; 'forensics library info' lists what this library contains."
            )
        if self.status == "inconclusive":
            return _(
                "Sequence another locus. Report no name; a library with more records of the group may go further."
            )
        if self.status == "unusable":
            return _("Repair or repeat the sequence. Nothing was searched.")
        if self.rank == UNIT:
            return _(
                "Report all species of the unit, each with its listing. Sequence another locus "
                "to go further."
            )
        if self.rank != "species":
            text = _("Report no more than the {rank}. Sequence another locus to go further.")
            if {"DOMESTIC_FORM", "KNOWN_HYBRIDISATION"} & self.codes:
                text = _(
                    "Report no more than the {rank}, with the set named in the note. The nuclear "
                    "test named there could go further."
                )
            return text.format(rank=_(RANK_NAMES[self.rank]))
        return ""

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
        from forensics.barcode.run import result_html

        return result_html(self)


_OF_A_CANDIDATE = tuple(field.name for field in fields(NearestRecord))


def _stored(candidate: ReportedCandidate, *names: str, **more: Any) -> dict[str, Any]:
    """Return what is stored of a candidate."""
    if candidate.deposited:
        more["deposited"] = candidate.deposited
    return {name: getattr(candidate, name) for name in names} | more


def _of_best(name: str) -> Callable[[Identification], Any]:
    return lambda result: next((getattr(each, name) for each in result.candidates), None)


def _of_part(part: str, name: str) -> Callable[[Identification], Any]:
    return lambda result: getattr(getattr(result, part), name, None)


def row_of(result: CalledResult, columns: Iterable[str]) -> dict[str, Any]:
    """Return the values of some of `CSV_COLUMNS`."""
    return {name: COLUMNS[name](result) for name in columns}


def _of_inputs(name: str) -> Callable[[Identification], str]:
    return lambda result: " + ".join(read[name] for read in result.provenance.files)


def _of_listing(show: Callable[[ListedCall], str]) -> Callable[[Identification], str | None]:
    return lambda result: show(result.listed_call()) if result.candidates else None


# One line a query, for spreadsheets; JSON has everything.
COLUMNS: dict[str, Callable[[Any], Any]] = {
    **{
        name: attrgetter(name)
        for name in ("query", "index", "length", "locus", "strand", "status", "rank", "taxon")
    },
    "probability": attrgetter("probability"),
    "none_in_library": lambda result: result.call.none_in_library,
    "best_species": _of_best("species"),
    **{name: _of_best(name) for name in _OF_A_CANDIDATE[1:]},
    "closest_other_species": _of_part("closest_other_species", "species"),
    "closest_other_identity": _of_part("closest_other_species", "identity"),
    "search_exhaustive": attrgetter("search_exhaustive"),
    "floor": attrgetter("floor"),
    "warnings": lambda result: " ".join(notice.code for notice in result.notices),
    "input_file": _of_inputs("file"),
    "input_sha256": _of_inputs("sha256"),
    "library": lambda result: result.provenance.library.get("name"),
    "library_sha256": lambda result: result.provenance.library.get("sha256"),
    "version": attrgetter("provenance.version"),
    "time": attrgetter("provenance.time"),
    "description": attrgetter("description"),
    "part": attrgetter("part"),
    "deposited": _of_best("deposited"),
    **{
        f"placement_{name}": _of_part("placement", name)
        for name in ("rank", "taxon", "probability")
    },
    "appendices": _of_listing(lambda listed: "/".join(listed.appendices)),
    "listing": _of_listing(ListedCall.line),
    "listing_date": _of_listing(lambda listed: listed.as_of),
    "missing_congeners": lambda result: "; ".join(result.missing_congeners),
    "missing_in_region": lambda result: "; ".join(
        f"{name} ({', '.join(where)})" for name, where in result.missing_congeners.items() if where
    ),
}
CSV_COLUMNS = tuple(COLUMNS)


def missing_in_words(names: Sequence[str], *, most: int) -> str:
    """Return the first of the congeners that a library lacks, by name, and how many others there are."""
    others = len(names) - most
    if others <= 0:
        return join_with_or(names)
    return ngettext("{names} or {number} other", "{names} or {number} others", others).format(
        names=", ".join(names[:most]), number=others
    )


def join_with_or(names: Sequence[str]) -> str:
    """Return names with commas between them, and "or" before the last."""
    *first, last = names
    return _("{first} or {last}").format(first=", ".join(first), last=last) if first else last


def placement_in_words(placement: "FarPlacement | None") -> str:
    """Return the higher rank that is stated with its probability; "" where none is."""
    if placement is None or placement.taxon is None or placement.probability is None:
        return ""
    return _with_rank(placement.rank, placement.taxon, placement.probability)


def _with_rank(rank: str | None, taxon: str, probability: float) -> str:
    return _("{taxon} ({rank}, {probability})").format(
        taxon=taxon, rank=_(RANK_NAMES[rank]), probability=percent(probability)
    )


def _placement_line(placement: "FarPlacement") -> str:
    """Return the nearest record that was found beyond the floor, and what it says of the ranks."""
    ranks = [
        _with_rank(rank, each.taxon, each.probability) for rank, each in placement.ranks.items()
    ]
    return _(
        "{species}, {identity:.1%} ({accession}), not proved to be the nearest; {ranks}"
    ).format(
        species=placement.species,
        identity=placement.identity,
        accession=placement.accession,
        ranks=", ".join(ranks),
    )


def _closest_other(result: Identification) -> str:
    if result.closest_other_species:
        return _match(result.closest_other_species)
    return _("none within {limit:.0%} among the records compared").format(
        limit=1 - result.proved_to
    )


def _how_sure(result: Identification) -> str:
    call = result.call
    if call.probabilities is None:
        return _(
            "not known: this library is not calibrated; a plain rule names a species from "
            "{species:.0%} and a genus from {genus:.0%} identity"
        ).format(species=SPECIES_IDENTITY, genus=GENUS_IDENTITY)
    none = call.probabilities["species"]["none"]
    missing = _("{none} that the library lacks the species").format(none=percent(none))
    if call.status != "identified" or call.probability is None:
        return missing
    said = {
        "probability": percent(call.probability),
        "rank": _(RANK_NAMES[call.rank]),
        "missing": missing,
    }
    if interval := result._interval:
        lower, upper = map(percent, interval)
        return _("{probability} ({lower} to {upper}) that it is this {rank}; {missing}").format(
            lower=lower, upper=upper, **said
        )
    return _("{probability} that it is this {rank}; {missing}").format(**said)


def _deciding_notice(result: Identification) -> Notice | None:
    """Return the notice that says what to do about a result: what decides about it or blocks it; else None."""
    places = {code: place for place, code in enumerate(("NOT_THIS_LOCUS", *DECIDING))}
    telling = [
        notice
        for notice in result.notices
        if notice.severity is Severity.BLOCKS or notice.code in {*places, *_TELLING}
    ]
    return min(telling, key=lambda notice: places.get(notice.code, len(places)), default=None)


# Said in the line "How sure".
_SAID_ELSEWHERE = frozenset({"UNCALIBRATED"})
_OF_A_PERSON = frozenset({"HUMAN", "ELIMINATION_MATCH"})
# What to do about a result with one of these is what to do about them, although they do not block.
_TELLING = ("LOCUS_NOT_IN_LIBRARY", "CRITERIA_NOT_MET")


def percent(probability: float) -> str:
    """Return a probability for people; certainty is never claimed."""
    if probability >= 0.9995:
        return _("over 99.9%")
    if probability < 0.0005:
        return _("under 0.1%")
    return numeral(probability, ".1%")


def _match(candidate: ReportedCandidate) -> str:
    text = ngettext(
        "{species}, {identity:.2%} of {length} bp ({edits} difference), {accession}, {records}",
        "{species}, {identity:.2%} of {length} bp ({edits} differences), {accession}, {records}",
        candidate.mismatches,
    )
    if candidate.length is None:
        text = ngettext(
            "{species}, {identity:.2%} ({edits} difference), {accession}, {records}",
            "{species}, {identity:.2%} ({edits} differences), {accession}, {records}",
            candidate.mismatches,
        )
    return text.format(
        species=candidate.shown_name,
        identity=candidate.identity,
        length=candidate.length,
        edits=candidate.mismatches,
        accession=candidate.accession,
        records=ngettext(
            "{number} record in the library", "{number} records in the library", candidate.records
        ).format(number=candidate.records),
    )
