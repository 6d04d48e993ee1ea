"""Why a call is what it is: the facts behind it as values, and in sentences.

What stands behind a species in a library are its records, their vouchers and institutions, and its congeners.

Diagnostic positions are where query and called species differ from the closest other species. Every haplotype of both
species, and the query, is aligned with one record of the called species, the best hit; its bases give the positions
their numbers. A position is *diagnostic* where the query has a base that at least the best record has too and that no
compared record of the other species has; it is *fixed* where all compared records of the called species have it. Gaps
and IUPAC codes prove nothing and are left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from forensics import notices
from forensics.barcode.calling.decision import (
    SPREAD_HAPLOTYPES,
    NearestOther,
    Spread,
    nearest_other,
    some_of,
    spread_of,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate, lay
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.library import Congeners, names_in_region
from forensics.core.notice import Notice
from forensics.core.stored import from_stored, not_stored, reported, stored
from forensics.messages import _, name_some, ngettext
from forensics.taxonomy.names import genus_of, parse_name


@dataclass(frozen=True)
class SpeciesSupport:
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


def species_number(index: Index, candidate: Candidate) -> int:
    """Return the number that the species of a candidate has in an index."""
    for position in index.positions(candidate.hit.haplotype):
        if index.record(position).label == candidate.species:
            return index.species_at(position)
    raise ValueError(f"haplotype {candidate.hit.haplotype} has no record of {candidate.species}")


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


# More positions than this tell a reader nothing more; their number is given in any case.
MAXIMUM_POSITIONS = 30


@dataclass(frozen=True)
class Position:
    """A position that separates two species.

    Attributes
    ----------
    position : int
        In the reference record, counted from 1.
    query : str
        Base of the query.
    own, other : str
        Bases of the records of the called and of the other species, such as ``A`` or ``CT``.
    fixed : bool
        Whether all records of the called species that were compared have the query's base.
    """

    position: int
    query: str
    own: str
    other: str
    fixed: bool


@dataclass(frozen=True)
class Diagnostics:
    """What separates the called species from another at the bases of a query.

    Attributes
    ----------
    reference : str
        Accession of the record whose bases are counted.
    other : str
        The other species.
    own_haplotypes, other_haplotypes : int
        Haplotypes that were aligned.
    fixed, variable : int
        Diagnostic positions where the called species has one base, and where it has several.
    against : int
        Positions where the query has a base of the other species that no compared record of
        the called one has: what speaks against the call.
    positions : tuple of Position
        Fixed ones first, at most `MAXIMUM_POSITIONS`.
    """

    reference: str
    other: str
    own_haplotypes: int
    other_haplotypes: int
    fixed: int
    variable: int
    against: int
    positions: tuple[Position, ...]


def diagnose(
    query: str,
    reference: str,
    own: Iterable[str],
    others: Iterable[str],
    *,
    accession: str,
    other: str,
) -> Diagnostics | None:
    """Find the diagnostic positions.

    Parameters
    ----------
    query : str
        The clean questioned sequence.
    reference : str
        Sequence of the best record of the called species.
    own, others : iterable of str
        Haplotypes of the called and of the other species. Those that cannot be placed whole
        within the reference, or the reference within them, are left out.
    accession : str
        Of the reference.
    other : str
        Name of the other species.

    Returns
    -------
    Diagnostics or None
        None where the query or all of a species cannot be placed.
    """
    bases_of_query = _column(reference, query)
    mine = [column for column in (_column(reference, s) for s in own) if column]
    theirs = [column for column in (_column(reference, s) for s in others) if column]
    if not bases_of_query or not mine or not theirs:
        return None
    diagnostic, against = [], 0
    for place, base in sorted(bases_of_query.items()):
        own_bases = {column[place] for column in mine if place in column}
        other_bases = {column[place] for column in theirs if place in column}
        if not own_bases or not other_bases:
            continue
        if base in other_bases and base not in own_bases:
            against += 1
        if base == reference[place] and base not in other_bases:
            diagnostic.append(
                Position(
                    position=place + 1,
                    query=base,
                    own="".join(sorted(own_bases)),
                    other="".join(sorted(other_bases)),
                    fixed=own_bases == {base},
                )
            )
    diagnostic.sort(key=lambda position: (not position.fixed, position.position))
    fixed = sum(position.fixed for position in diagnostic)
    return Diagnostics(
        reference=accession,
        other=other,
        own_haplotypes=len(mine),
        other_haplotypes=len(theirs),
        fixed=fixed,
        variable=len(diagnostic) - fixed,
        against=against,
        positions=tuple(diagnostic[:MAXIMUM_POSITIONS]),
    )


def _column(reference: str, sequence: str) -> dict[int, str]:
    """Return the plain base that stands opposite to each place of the reference."""
    for strand in (sequence, reverse_complement(sequence)):
        if laid := lay(strand, reference, least=FLOOR):
            return {place: base for place, base in enumerate(laid) if base in "ACGT"}
    return {}


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
            True: "; " + _("the query is within that spread"),
            False: "; " + _("the query is outside that spread"),
            None: "",
        }
        return f"{within}; {between}{inside[spread.inside]}"

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
    haplotypes = _haplotypes(index, [subject])
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
        diagnostics=_diagnostics_of(query, [subject], other, index) if other else None,
    )


def _haplotypes(index: Index, candidates: Sequence[Candidate]) -> list[int]:
    """Return the numbers of all haplotypes of the species of candidates, ascending."""
    numbers = [species_number(index, each) for each in candidates]
    places = (place for number in numbers for place in index.positions_of(number))
    return sorted({index.haplotype_at(place) for place in places})


def _diagnostics_of(
    query: str, own: Sequence[Candidate], other: Candidate, index: Index
) -> Diagnostics | None:
    mine, theirs = (
        [
            index.sequence(haplotype)
            for haplotype in some_of(
                _haplotypes(index, group), SPREAD_HAPLOTYPES, group[0].hit.haplotype
            )
        ]
        for group in (own, [other])
    )
    reference = index.sequence(own[0].hit.haplotype)
    return diagnose(query, reference, mine, theirs, accession=own[0].accession, other=other.species)


def possible_congener(
    query: str,
    called: str,
    own: Sequence[Candidate],
    other: Candidate | None,
    index: Index,
    missing: Sequence[str],
) -> Notice | None:
    """Return why a query may be of a congener that the library lacks rather than of the species or unit called.

    Parameters
    ----------
    query : str
        The clean questioned sequence, which differs from every sequence of what was called.
    called : str
        Name of the species or unit.
    own : sequence of Candidate
        The species called or, of a unit, those of its species that are candidates; the nearest first.
    other : Candidate or None
        The closest other species.
    index : Index
        Where they come from.
    missing : sequence of str
        Congeners without a record at the locus, as they are named.

    Returns
    -------
    Notice or None
        None where the query lies within the spread of the species, of a unit of all its species together, and has no
        base that only the other species has. Where no two haplotypes can be compared, its spread is not known, and any difference counts.
        A haplotype that cannot be compared with the query, as it hardly overlaps with it, says nothing.
    """
    said = {"species": called, "names": name_some(missing), "locus": index.locus}
    spread = spread_of(index, _haplotypes(index, own), query, own[0].hit.haplotype)
    if spread.largest is None:
        return notices.calls.CONGENER_POSSIBLE("no_spread", **said)
    if (distance := spread.distance_outside) is not None:
        return notices.calls.CONGENER_POSSIBLE(
            "spread", distance=distance, largest=spread.largest, **said
        )
    diagnostics = _diagnostics_of(query, own, other, index) if other else None
    if diagnostics and diagnostics.against:
        return notices.calls.CONGENER_POSSIBLE(
            "positions", number=diagnostics.against, other=diagnostics.other, **said
        )
    return None


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
