"""What may change a call after the candidates decided it, in order, and what is added to it.

A step takes the context and the call, and returns the call as far as it still stands. A call never becomes
narrower or more probable here.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from forensics.barcode.calling.caveats import apply_caveats, apply_far_caveats, find_caveats
from forensics.barcode.calling.context import CallContext
from forensics.barcode.calling.decision import Call
from forensics.barcode.calling.lineage import is_of_another_line, widen_to_lineage
from forensics.barcode.parts import label_part

if TYPE_CHECKING:
    from forensics.barcode.calling.criteria import Evaluation
    from forensics.barcode.calling.phylogeny import QueryTree
    from forensics.barcode.calling.reasons import Reasons
    from forensics.barcode.matching.alignment import AlignedHit
    from forensics.barcode.matching.candidates import Candidate

__all__ = [
    "FAR_STEPS",
    "NEAR_STEPS",
    "Step",
    "align_candidates",
    "collect_reasons",
    "evaluate_criteria",
    "grow_query_tree",
]

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
    from forensics.barcode.calling.phylogeny import grow_tree

    query = context.query
    return grow_tree(
        label_part(query.name, query.part),
        query.sequence,
        context.index,
        context.search.hits,
        context.subject,
    )
