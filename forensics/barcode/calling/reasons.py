"""Why a call is what it is: the facts behind it as values, and in sentences.

What stands behind a species in a library are its records, their vouchers and institutions, and its congeners.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

from forensics.barcode.calling.diagnostics import (
    Diagnostics,
    diagnostics_of,
    haplotypes_of,
    species_number,
)
from forensics.barcode.calling.spread import NearestOther, Spread, nearest_other, spread_of
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.library import Congeners, names_in_region
from forensics.core.stored import from_stored, not_stored, reported, stored
from forensics.messages import _, name_some, ngettext
from forensics.taxonomy.names import genus_of, parse_name


class SpeciesSupport(NamedTuple):
    """The records of a species at one locus.

    Attributes
    ----------
    records : int
        Their number.
    vouchered : int
        Those with a voucher.
    institutions, countries : tuple of str
        Different ones, as the records spell them, in alphabetical order. Records without
        one are not counted as another.
    """

    records: int
    vouchered: int
    institutions: tuple[str, ...]
    countries: tuple[str, ...]


def species_support_of(index: Index, candidate: Candidate) -> SpeciesSupport:
    """Count what stands behind the species of a candidate."""
    number = species_number(index, candidate)
    records = [index.record(position) for position in index.positions_of(number)]
    return SpeciesSupport(
        records=len(records),
        vouchered=sum(bool(record.voucher) for record in records),
        institutions=tuple(sorted({r.institution for r in records if r.institution})),
        # INSDC writes regions after a colon: "Canada: Ontario" is Canada.
        countries=tuple(sorted({c for r in records if (c := r.country.partition(":")[0].strip())})),
    )


@dataclass(frozen=True)
class Match:
    """A species beside the query: its best record.

    Attributes
    ----------
    identity : float
        0-1.
    edits, length : int
        Bases that differ, and bases compared.
    deposited : str or None
        Name under which the record was deposited, where that is another species' name.
    """

    species: str
    accession: str
    identity: float
    edits: int
    length: int
    deposited: str | None = field(default=None, metadata=stored(omit_none=True))


@dataclass(frozen=True)
class Reasons:
    """The reasons for a call; its stored form is the key ``reasons`` of the JSON output.

    Attributes
    ----------
    called : bool
        Whether the evidence called the subject.
    subject : Match
        The called species or, where none is called, the nearest.
    other : Match or None
        The closest other species of the query.
    gap : float
        By how much the identity of `other` is lower; without one, at least so much.
    diagnostics : Diagnostics or None
        None without an `other`, or where nothing could be aligned.
    locus, genus : str
        Of the subject; its genus is "" where none is known.
    """

    KEYS: ClassVar[tuple[str, ...]] = (
        "species", "called", "best", "closest_other", "gap", "backing", "spread",
        "nearest_other_in_library", "congeners", "diagnostics", "sentences",
    )  # fmt: skip

    called: bool
    subject: Match = field(metadata=stored("best"))
    other: Match | None = field(metadata=stored("closest_other"))
    gap: float
    backing: SpeciesSupport
    spread: Spread
    nearest: NearestOther = field(metadata=stored("nearest_other_in_library"))
    congeners: Congeners
    diagnostics: Diagnostics | None
    locus: str = field(default="", metadata=not_stored())
    genus: str = field(default="", metadata=not_stored())

    @property
    @reported("species")
    def species(self) -> str:
        """The species of the subject."""
        return self.subject.species

    @classmethod
    def from_stored(cls, record: Mapping[str, Any], locus: str) -> "Reasons":
        """Return the reasons that were stored of a query at a locus.

        Raises
        ------
        InputError
            If they are no such reasons.
        """
        known = from_stored(cls, record, place="reasons")
        named = parse_name(known.species).species == known.species
        genus = genus_of(known.species) if named else ""
        return replace(known, locus=locus, genus=genus)

    # -- for people -------------------------------------------------------------------

    def behind(self) -> str:
        """Return in a line what stands behind the species."""
        support = self.backing
        return ", ".join(
            [
                ngettext("{number} record", "{number} records", support.records),
                ngettext(
                    "{vouchered} with a voucher", "{vouchered} with a voucher", support.vouchered
                ),
                ngettext(
                    "{institutions} institution",
                    "{institutions} institutions",
                    len(support.institutions),
                ),
                ngettext("{countries} country", "{countries} countries", len(support.countries)),
            ]
        ).format(
            number=support.records,
            vouchered=support.vouchered,
            institutions=len(support.institutions) or _("no known"),
            countries=len(support.countries) or _("no known"),
        )

    def gap_line(self) -> str:
        """Return in a line the spread of the species and its nearest other species."""
        spread = self.spread
        if spread.largest is None:
            within = _("spread unknown, there is one haplotype")
            if spread.compared > 1:
                within = _("spread unknown, no two haplotypes could be compared")
        else:
            within = _("up to {largest:.2%} within the species").format(largest=spread.largest)
        if self.nearest.species is None:
            between = _("no other species within {limit:.0%}").format(limit=1 - FLOOR)
        else:
            between = _("{distance:.2%} to {species}").format(
                distance=self.nearest.distance, species=self.nearest.species
            )
        inside = {
            True: _("the query is within that spread"),
            False: _("the query is outside that spread"),
            None: "",
        }
        return _("; ").join(filter(None, (within, between, inside[spread.inside])))

    @reported("sentences")
    def sentences(self) -> list[str]:
        """Return the reasons as sentences."""
        behind = _("Behind {species} at {locus}: {facts}.").format(
            species=self.species, locus=self.locus, facts=self.behind()
        )
        return [
            *_of_identity(self),
            behind,
            *_of_gap(self),
            *(_of_diagnostics(self.species, self.diagnostics) if self.diagnostics else ()),
            *_of_congeners(self),
        ]


def reasons_of(
    query: str,
    subject: Candidate,
    candidates: Sequence[Candidate],
    *,
    called: bool,
    index: Index,
    congeners: Congeners,
    proved_to: float = FLOOR,
) -> Reasons:
    """Collect the reasons for a call.

    Parameters
    ----------
    query : str
        The clean questioned sequence.
    subject : Candidate
        The called species or, where none is called, the nearest.
    candidates : sequence of Candidate
        Best first.
    called : bool
        Whether the subject is the called species.
    index : Index
        Where they come from.
    congeners : Congeners
        Of the subject.
    proved_to : float
        No species beside the candidates reaches this identity.
    """
    other = next((c for c in candidates if c is not subject), None)
    best = subject.hit.haplotype
    number = species_number(index, subject)
    haplotypes = haplotypes_of(index, [subject])
    return Reasons(
        locus=index.locus,
        genus=subject.genus,
        subject=_match(subject),
        called=called,
        other=_match(other) if other else None,
        gap=subject.identity - (other.identity if other else proved_to),
        backing=species_support_of(index, subject),
        congeners=congeners,
        spread=spread_of(index, haplotypes, query, best),
        nearest=nearest_other(index, haplotypes, number, best),
        diagnostics=diagnostics_of(query, [subject], other, index) if other else None,
    )


def _match(candidate: Candidate) -> Match:
    return Match(
        candidate.species,
        candidate.accession,
        candidate.identity,
        candidate.mismatches,
        candidate.length,
        candidate.deposited or None,
    )


# -- sentences --------------------------------------------------------------------------


def _of_identity(reasons: Reasons) -> Iterator[str]:
    own, other = reasons.subject, reasons.other
    for match in (own, other) if other else (own,):
        yield ngettext(
            "{species}: {identity:.2%} of {length} bases, {edits} difference ({accession}).",
            "{species}: {identity:.2%} of {length} bases, {edits} differences ({accession}).",
            match.edits,
        ).format(
            species=match.species,
            identity=match.identity,
            length=match.length,
            edits=match.edits,
            accession=match.accession,
        )
    if other:
        yield _("{other} is by {gap:.2%} farther from the query than {species}.").format(
            other=other.species, gap=reasons.gap, species=own.species
        )
    else:
        yield _("Every other species compared is at least {gap:.2%} farther.").format(
            gap=reasons.gap
        )


def _of_gap(reasons: Reasons) -> Iterator[str]:
    spread = reasons.spread
    yield _("Barcoding gap in the library: {facts}.").format(facts=reasons.gap_line())
    if spread.compared < spread.haplotypes:
        yield _(
            "{compared} of {haplotypes} haplotypes were compared; the spread may be larger."
        ).format(compared=spread.compared, haplotypes=spread.haplotypes)
    if spread.apart:
        yield ngettext(
            "{pairs} pair of haplotypes of this species is more than {limit:.0%} apart or hardly "
            "overlaps: a record may be mislabelled.",
            "{pairs} pairs of haplotypes of this species are more than {limit:.0%} apart or hardly "
            "overlap: a record may be mislabelled.",
            spread.apart,
        ).format(pairs=spread.apart, limit=1 - FLOOR)
    if spread.compared > 1 and spread.query_farthest is not None:
        yield _(
            "The query is {nearest:.2%} to {farthest:.2%} from the records of {species}."
        ).format(
            nearest=spread.query_nearest,
            farthest=spread.query_farthest,
            species=reasons.species,
        )


def _of_diagnostics(species: str, diagnostics: Diagnostics) -> Iterator[str]:
    yield _(
        "Diagnostic positions that separate query and {species} from {other}: {fixed} where all "
        "records compared have the query's base, {variable} where not all have it."
    ).format(
        species=species,
        other=diagnostics.other,
        fixed=diagnostics.fixed,
        variable=diagnostics.variable,
    )
    if diagnostics.positions:
        yield _("In {accession}, query and other species: {positions}.").format(
            accession=diagnostics.reference,
            positions=name_some(
                [f"{p.position} {p.query}/{p.other}" for p in diagnostics.positions]
            ),
        )
    if diagnostics.against:
        yield ngettext(
            "Against it: at {number} position the query has a base of {other} that no record of "
            "{species} has.",
            "Against it: at {number} positions the query has a base of {other} that no record of "
            "{species} has.",
            diagnostics.against,
        ).format(number=diagnostics.against, other=diagnostics.other, species=species)


def _of_congeners(reasons: Reasons) -> Iterator[str]:
    congeners = reasons.congeners
    genus, locus = reasons.genus, reasons.locus
    if not genus:
        return
    if not congeners.sources:
        yield _(
            "Which species of {genus} have no record at {locus} is not known: the library names "
            "no species of the genus elsewhere."
        ).format(genus=genus, locus=locus)
        return
    if congeners.unsampled:
        yield _(
            "Known species of {genus} without a record at {locus}, which are not excluded: {names}."
        ).format(genus=genus, locus=locus, names=name_some(names_in_region(congeners.where)))
    else:
        yield _("No known species of {genus} lacks a record at {locus}.").format(
            genus=genus, locus=locus
        )
    yield _(
        "Known from: {sources}. Species that these sources do not name cannot be listed."
    ).format(sources=", ".join(congeners.sources))
