"""Why a call is what it is: the facts behind it as values, and in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.diagnostics import Diagnostics, diagnose
from forensics.barcode.calling.species_support import (
    Congeners,
    SpeciesSupport,
    congeners_of,
    species_number,
    species_support_of,
)
from forensics.barcode.calling.spread import (
    SPREAD_HAPLOTYPES,
    NearestOther,
    Spread,
    nearest_other,
    some_of,
    spread_of,
)
from forensics.barcode.matching.candidates import Candidate, ReportedCandidate, reported_candidate
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import FLOOR
from forensics.core.stored import from_stored
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.taxonomy.backbone import Backbone

__all__ = ["Reasons", "reasons_of"]

_NAMED = 5  # names that a sentence gives before it stops


@dataclass(frozen=True)
class Reasons:
    """The reasons for a call; `to_dict` is the key ``reasons`` of the JSON output.

    Attributes
    ----------
    locus : str
    subject : ReportedCandidate
        The called species or, where none is called, the nearest.
    called : bool
        Whether the evidence called it.
    other : ReportedCandidate or None
        The closest other species of the query.
    gap : float
        By how much the identity of `other` is lower; without one, at least so much.
    backing : SpeciesSupport
    congeners : Congeners
    spread : Spread
    nearest : NearestOther
    diagnostics : Diagnostics or None
        None without an `other`, or where nothing could be aligned.
    """

    locus: str
    subject: ReportedCandidate
    called: bool
    other: ReportedCandidate | None
    gap: float
    backing: SpeciesSupport
    congeners: Congeners
    spread: Spread
    nearest: NearestOther
    diagnostics: Diagnostics | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "species": self.subject.species,
            "called": self.called,
            "best": _match(self.subject),
            "closest_other": self.other and _match(self.other),
            "gap": self.gap,
            "backing": self.backing.to_dict(),
            "spread": self.spread.to_dict(),
            "nearest_other_in_library": self.nearest.to_dict(),
            "congeners": self.congeners.to_dict(),
            "diagnostics": self.diagnostics and self.diagnostics.to_dict(),
            "sentences": list(self.sentences()),
        }

    @classmethod
    def from_stored(cls, record: Mapping[str, Any], locus: str) -> "Reasons":
        """Return the reasons that `to_dict` wrote of a query at a locus.

        Raises
        ------
        InputError
            If they are no such reasons.
        """
        known = from_stored(_StoredReasons, record, place="reasons")
        return cls(
            locus=locus,
            subject=known.best.candidate(),
            called=known.called,
            other=None if known.closest_other is None else known.closest_other.candidate(),
            gap=known.gap,
            backing=known.backing,
            congeners=known.congeners,
            spread=known.spread,
            nearest=known.nearest_other_in_library,
            diagnostics=known.diagnostics,
        )

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
            True: "; " + _("the query lies inside that spread"),
            False: "; " + _("the query lies outside that spread"),
            None: "",
        }
        return f"{within}; {between}{inside[spread.inside]}"

    def sentences(self) -> Iterator[str]:
        """Yield the reasons as sentences."""
        yield from _of_identity(self)
        yield _("Behind {species} at {locus}: {facts}.").format(
            species=self.subject.species, locus=self.locus, facts=self.behind()
        )
        yield from _of_gap(self)
        if self.diagnostics:
            yield from _of_diagnostics(self.subject.species, self.diagnostics)
        yield from _of_congeners(self)


@dataclass(frozen=True)
class _StoredMatch:
    """What is stored of a candidate among the reasons."""

    species: str
    accession: str
    identity: float
    edits: int
    length: int
    deposited: str = ""

    def candidate(self) -> ReportedCandidate:
        """Return the candidate, as far as it is stored."""
        return reported_candidate(
            self.species,
            identity=self.identity,
            mismatches=self.edits,
            length=self.length,
            accession=self.accession,
            deposited=self.deposited,
        )


@dataclass(frozen=True)
class _StoredReasons:
    """What is stored of `Reasons`."""

    called: bool
    best: _StoredMatch
    closest_other: _StoredMatch | None
    gap: float
    backing: SpeciesSupport
    spread: Spread
    nearest_other_in_library: NearestOther
    congeners: Congeners
    diagnostics: Diagnostics | None


def reasons_of(
    query: str,
    subject: Candidate,
    candidates: Sequence[Candidate],
    *,
    called: bool,
    index: Index,
    elsewhere: Sequence[Index] = (),
    backbone: "Backbone | None" = None,
    proved_to: float = FLOOR,
    checklist: Mapping[str, Sequence[str]] | None = None,
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
    elsewhere : sequence of Index
        The library's other loci.
    backbone : Backbone, optional
        Its names.
    proved_to : float
        No species beside the candidates reaches this identity.
    checklist : mapping of str to sequence of str, optional
        Binomials by genus; see `forensics.barcode.calling.species_support.congeners_of`.
    """
    other = next((c for c in candidates if c is not subject), None)
    best = subject.hit.haplotype
    number = species_number(index, best, subject.species)
    positions = index.positions_of(number)
    haplotypes = sorted({index.haplotype_at(position) for position in positions})
    diagnostics = None
    if other:
        rival = species_number(index, other.hit.haplotype, other.species)
        theirs = sorted({index.haplotype_at(p) for p in index.positions_of(rival)})
        diagnostics = diagnose(
            query,
            _sequence(index, best),
            [_sequence(index, h) for h in some_of(haplotypes, SPREAD_HAPLOTYPES, best)],
            [_sequence(index, h) for h in some_of(theirs, SPREAD_HAPLOTYPES, other.hit.haplotype)],
            accession=subject.accession,
            other=other.species,
        )
    return Reasons(
        locus=index.locus,
        subject=subject,
        called=called,
        other=other,
        gap=subject.identity - (other.identity if other else proved_to),
        backing=species_support_of(index, positions),
        congeners=congeners_of(
            subject.species,
            subject.genus,
            here=index,
            elsewhere=elsewhere,
            backbone=backbone,
            checklist=checklist,
        ),
        spread=spread_of(index, haplotypes, query, best),
        nearest=nearest_other(index, haplotypes, number, best),
        diagnostics=diagnostics,
    )


def _sequence(index: Index, haplotype: int) -> str:
    return index.sequence(haplotype).decode("ascii")


def _match(candidate: ReportedCandidate) -> dict[str, Any]:
    return {
        "species": candidate.species,
        "accession": candidate.accession,
        "identity": candidate.identity,
        "edits": candidate.mismatches,
        "length": candidate.length,
        **({"deposited": candidate.deposited} if candidate.deposited else {}),
    }


# -- sentences --------------------------------------------------------------------------


def _of_identity(reasons: Reasons) -> Iterator[str]:
    own, other = reasons.subject, reasons.other
    for candidate in (own, other) if other else (own,):
        yield ngettext(
            "{species}: {identity:.2%} of {length} bases, {edits} difference ({accession}).",
            "{species}: {identity:.2%} of {length} bases, {edits} differences ({accession}).",
            candidate.mismatches,
        ).format(
            species=candidate.species,
            identity=candidate.identity,
            length=candidate.length,
            edits=candidate.mismatches,
            accession=candidate.accession,
        )
    if other:
        yield _("{other} is by {gap:.2%} farther from the query than {species}.").format(
            other=other.species, gap=reasons.gap, species=own.species
        )
    else:
        yield _(
            "Every other species whose records were compared is by {gap:.2%} farther, or more."
        ).format(gap=reasons.gap)


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
            species=reasons.subject.species,
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
            positions=_some([f"{p.position} {p.query}/{p.other}" for p in diagnostics.positions]),
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
    if not reasons.subject.genus:
        return
    genus, locus = reasons.subject.genus, reasons.locus
    if not congeners.sources:
        yield _(
            "Which species of {genus} have no record at {locus} is not known: nothing else in this "
            "library names any."
        ).format(genus=genus, locus=locus)
        return
    if congeners.unsampled:
        yield _(
            "Known species of {genus} without a record at {locus}, which are not excluded: {names}."
        ).format(genus=genus, locus=locus, names=_some(list(congeners.unsampled)))
    else:
        yield _("No known species of {genus} lacks a record at {locus}.").format(
            genus=genus, locus=locus
        )
    yield _("Known from: {sources}. A species that these do not name cannot be listed.").format(
        sources=", ".join(congeners.sources)
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
