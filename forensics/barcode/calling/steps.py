"""What may change a call after the candidates decided it, in order.

What may change a call after the candidates decided it, in order, and what is added to it.

A step takes the context and the call, and returns the call as far as it still stands. A call never becomes
narrower or more probable here.

What a call is decided from: the query, its searches and candidates, and the options of the run.

What a call rests on where no record is near: the locus of the query, and the calibration that holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from forensics import notices
from forensics.barcode.calling.caveats import (
    apply_caveats,
    apply_far_caveats,
    find_caveats,
    is_of_another_line,
    widen_to_lineage,
)
from forensics.barcode.calling.decision import Call
from forensics.barcode.checking.contamination import Human
from forensics.barcode.identification import label_part
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import Search
from forensics.barcode.options import FLOOR, IdentifyOptions
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance

if TYPE_CHECKING:
    from forensics.barcode.calling.calibration import Calibration
    from forensics.barcode.calling.criteria import Evaluation, Profile
    from forensics.barcode.calling.reasons import Reasons
    from forensics.barcode.calling.trees import QueryTree
    from forensics.barcode.matching.alignment import AlignedHit
    from forensics.barcode.matching.index import Index
    from forensics.barcode.recognition.recognise import Foreign, Recognised


@dataclass(frozen=True, slots=True)
class CallContext:
    """A query after its search, with everything that may change its call.

    Attributes
    ----------
    query : Query
    library : Library
    options : IdentifyOptions
    profile : Profile or None
        Criteria that a call to species must meet.
    provenance : Provenance
    searches : mapping of str to Search
        By locus.
    locus : str or None
        That of the nearest record; where none is near, the locus that was recognised.
    candidates : sequence of Candidate
        All species that the search proved, best first.
    human_match : Human or None
        How near the query is to a human sequence.
    decided : Call
        The call that the candidates alone support.
    """

    query: Query
    library: Library
    options: IdentifyOptions
    profile: "Profile | None"
    provenance: Provenance
    searches: Mapping[str, Search]
    locus: str | None
    candidates: Sequence[Candidate]
    human_match: Human | None
    decided: Call

    @property
    def species(self) -> str | None:
        """The species that the candidates alone support; None where they support none."""
        return self.decided.species

    @property
    def subject(self) -> Candidate:
        """The candidate of that species, else the nearest; only where there are candidates."""
        of_species = (each for each in self.candidates if each.species == self.species)
        return next(of_species, self.candidates[0])

    @property
    def search(self) -> Search:
        """The search at the locus of the nearest record; only where there are candidates."""
        assert self.locus is not None
        return self.searches[self.locus]

    @property
    def index(self) -> "Index":
        """The index of that locus."""
        assert self.locus is not None
        return self.library.index(self.locus)

    @property
    def other_indexes(self) -> "list[Index]":
        """The indexes of the library's other loci."""
        return [self.library.index(name) for name in self.library.loci if name != self.locus]


@dataclass(frozen=True, slots=True)
class FarQuery:
    """What a query is of that is near to no record.

    Attributes
    ----------
    locus : str or None
        None where it is not recognised, or the library lacks it.
    recognised : Recognised or None
        How the locus was recognised; None where it was not, or one locus was searched alone.
    problem : Notice or None
        Why it is not of the loci that were searched, so that nothing can be said of it.
    """

    locus: str | None = None
    recognised: "Recognised | None" = None
    problem: Notice | None = None


def recognise_far_query(sequence: str, library: Library, fitting: Sequence[str]) -> FarQuery:
    """Return what a query is of that is near to nothing.

    Parameters
    ----------
    sequence : str
    library : Library
    fitting : sequence of str
        Loci that were searched. Where there is only one, it is the answer, unless the sequence is of another
        locus or of none (`forensics.barcode.recognition.recognise`).
    """
    from forensics.barcode.recognition.recognise import (
        find_foreign,  # seldom needed
        recognise_locus,
    )

    if len(fitting) > 1 and (recognised := recognise_locus(sequence, library)):
        return FarQuery(recognised.locus if recognised.locus in fitting else None, recognised)
    foreign = find_foreign(sequence, library, fitting)
    if foreign is None:
        return FarQuery(fitting[0] if len(fitting) == 1 else None)
    if foreign.recognised is not None and foreign.recognised.locus not in library.loci:
        return FarQuery(recognised=foreign.recognised)
    return FarQuery(problem=_not_this_locus(foreign, ", ".join(fitting)))


def _not_this_locus(foreign: "Foreign", loci: str) -> Notice:
    if foreign.kind == "low_complexity":
        return notices.unusable.NOT_THIS_LOCUS("low_complexity", entropy=foreign.entropy)
    if foreign.kind == "ribosomal":
        return notices.unusable.NOT_THIS_LOCUS("ribosomal", loci=loci, species=foreign.likeness)
    if foreign.recognised is not None:
        return notices.unusable.NOT_THIS_LOCUS(
            "other_locus", loci=loci, locus=foreign.recognised.locus
        )
    return notices.unusable.NOT_THIS_LOCUS("no_locus", loci=loci)


def choose_calibration(
    library: Library, locus: str | None, recognised: "Recognised | None", floor: float
) -> "tuple[Calibration | None, Notice | None]":
    """Return the calibration that holds for a query, or a warning that says why none does.

    Both are None where the library has no calibration of the locus.

    Parameters
    ----------
    library : Library
    locus : str or None
    recognised : Recognised or None
        Both as of `recognise_far_query`.
    floor : float
        Of the search; the calibration was learnt at the default.
    """
    if floor != FLOOR:
        return None, notices.calls.FLOOR_CHANGED(floor=FLOOR)
    if locus:
        return library.calibration(locus), None
    if recognised:
        return None, notices.search.LOCUS_NOT_IN_LIBRARY(locus=recognised.locus)
    return None, notices.search.NO_LOCUS()


Step = Callable[[CallContext, Call], Call]


def _heed_caveats(context: CallContext, call: Call) -> Call:
    """Take back what a chimera, a nuclear copy, a human sequence or a short record speaks against."""
    query, search, index = context.query, context.search, context.index
    caveats = find_caveats(query, search.hits, index, context.human_match)
    return apply_caveats(call, query.sequence, search.short, context.subject, index, caveats)


def _heed_lineage(context: CallContext, call: Call) -> Call:
    """Widen a species to the set of species that one lineage does not tell apart."""
    family = context.subject.family if context.species else ""

    return widen_to_lineage(
        call,
        context.locus,
        family=family,
        is_apart=partial(is_of_another_line, context.query.sequence, context.index),
    )


def _heed_far_caveats(context: CallContext, call: Call) -> Call:
    """Take back "nothing near" where something else may be why."""
    return apply_far_caveats(
        call,
        context.query,
        context.library,
        context.searches,
        context.options.floor,
        context.human_match,
        context.locus,
    )


NEAR_STEPS: tuple[Step, ...] = (_heed_caveats, _heed_lineage)
"""Where a record is near. Criteria follow (`evaluate_criteria`), since a lineage may lead further up than they do."""
FAR_STEPS: tuple[Step, ...] = (_heed_far_caveats,)
"""Where no record is near."""


def evaluate_criteria(context: CallContext, call: Call) -> "tuple[Call, Evaluation | None]":
    """Return the call that the criteria leave, and how they were evaluated; None where none were asked for."""
    if context.profile is None:
        return call, None
    from forensics.barcode.calling.criteria import examine_call

    subject = context.subject
    return examine_call(
        context.profile,
        call,
        subject,
        next((candidate for candidate in context.candidates if candidate is not subject), None),
        index=context.index,
        elsewhere=context.other_indexes,
        provenance=context.provenance,
    )


def collect_reasons(context: CallContext) -> "Reasons | None":
    """Return the reasons for the call that the candidates alone support; None where nobody asked."""
    if not context.options.reasons:
        return None
    from forensics.barcode.calling.reasons import reasons_of

    return reasons_of(
        context.query.sequence,
        context.subject,
        context.candidates,
        called=context.species is not None,
        index=context.index,
        elsewhere=context.other_indexes,
        backbone=context.library.backbone,
        proved_to=context.search.proved_to,
        checklist=context.profile.checklist if context.profile else None,
    )


def align_candidates(
    context: CallContext, candidates: "Sequence[Candidate]"
) -> "tuple[AlignedHit, ...]":
    """Return how the query lies on the best record of each candidate; nothing where nobody asked."""
    if not context.options.alignments:
        return ()
    from forensics.barcode.matching.alignment import describe_hit

    query, index, cut = context.query.sequence, context.index, context.query.cut
    described = (
        describe_hit(query, index.sequence(candidate.hit.haplotype).decode(), candidate.hit)
        for candidate in candidates
    )
    # Under the name of the whole record, bases count as they do there.
    return tuple(hit.within(cut.place, cut.strand) if cut else hit for hit in described)


def grow_query_tree(context: CallContext) -> "QueryTree | None":
    """Return a tree of the query and its nearest records; None where nobody asked."""
    if not context.options.tree:
        return None
    from forensics.barcode.calling.trees import grow_tree

    query = context.query
    return grow_tree(
        label_part(query.name, query.part),
        query.sequence,
        context.index,
        context.search.hits,
        context.subject,
    )
