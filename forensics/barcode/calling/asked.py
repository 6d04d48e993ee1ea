"""What is only done when it is asked for: reasons, tree, and the criteria of a profile."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.calling.decision import Call
from forensics.barcode.checking.haplotypes import Batch
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import Search
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.provenance import Provenance

if TYPE_CHECKING:
    from forensics.barcode.calling.criteria import Evaluation
    from forensics.barcode.calling.profile import Profile
    from forensics.barcode.matching.index import Index
    from forensics.taxonomy.listings.official import Official

__all__ = ["Asked", "by_criteria", "explain", "profile_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for beside the call."""

    reasons: bool
    tree: bool
    profile: "Profile | None"
    batch: Batch
    official: "Official | None" = None


def profile_of(criteria: str | os.PathLike) -> "Profile | None":
    """Return the profile of criteria; None where none was asked for."""
    if criteria == "none":  # what reads profiles is not loaded for nothing
        return None
    from forensics.barcode.calling.profile import read_profile

    return read_profile(criteria)


def explain(
    query: Query,
    subject: Candidate,
    named: str | None,
    candidates: Sequence[Candidate],
    library: Library,
    found: Search,
    locus: str,
    asked: Asked,
) -> dict:
    """Return the reasons and the tree, as far as they were asked for.

    They are those of the call that the evidence alone supports.
    """
    more = {}
    index = library.index(locus)
    if asked.reasons:
        from forensics.barcode.calling.reasons import reasons_of

        more["reasons"] = reasons_of(
            query.sequence,
            subject,
            candidates,
            called=named is not None,
            index=index,
            elsewhere=_elsewhere(library, locus),
            proved_to=found.proved_to,
            checklist=asked.profile.checklist if asked.profile else None,
        )
    if asked.tree:
        from forensics.barcode.calling.tree import grow_tree

        more["tree"] = grow_tree(query.name, query.sequence, index, found.hits, subject)
    return more


def by_criteria(
    call: Call,
    subject: Candidate,
    candidates: Sequence[Candidate],
    library: Library,
    locus: str,
    provenance: Provenance,
    profile: "Profile",
) -> tuple[Call, "Evaluation"]:
    """Return the call that the criteria leave, and how they were evaluated."""
    from forensics.barcode.calling.criteria import examine_call

    return examine_call(
        profile,
        call,
        subject,
        next((candidate for candidate in candidates if candidate is not subject), None),
        index=library.index(locus),
        elsewhere=_elsewhere(library, locus),
        provenance=provenance,
    )


def _elsewhere(library: Library, locus: str) -> "list[Index]":
    return [library.index(name) for name in library.loci if name != locus]
