"""A sample's way through the house.

``identify``: read -> check -> search every locus -> candidates -> call -> result. What is
only done when it is asked for, criteria, reasons and tree, follows the call.
"""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import edlib

import forensics
from forensics.barcode.calling.calibration import Calibration
from forensics.barcode.calling.decision import CONFIDENCE, IN_LIBRARY_PRIOR, Call, decide
from forensics.barcode.calling.lineage import as_set
from forensics.barcode.calling.reservations import (
    doubts_of,
    of_search,
    with_reservations,
    without_candidates,
)
from forensics.barcode.checking.contamination import (
    Human,
    human,
    human_warning,
    reagent_contaminants,
)
from forensics.barcode.checking.haplotypes import Batch
from forensics.barcode.identification import Identification, Identifications
from forensics.barcode.locus import LONGEST_GENE, find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of, shown
from forensics.barcode.matching.search import (
    FLOOR,
    HORIZON,
    MARGIN,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    Search,
    search,
)
from forensics.barcode.quality import MAXIMUM_LENGTH, QueryWarning, sequence_warnings
from forensics.barcode.reading.reads import Query, as_queries
from forensics.barcode.reference.library import EMBEDDED, Library, open_library
from forensics.case import Provenance
from forensics.clock import utc_now
from forensics.errors import UsageError
from forensics.messages import _
from forensics.resources import sha256

if TYPE_CHECKING:
    from forensics.barcode.calling.criteria import Evaluation
    from forensics.barcode.calling.profile import Profile
    from forensics.barcode.matching.index import Index

__all__ = ["identify", "identify_each"]


def identify(
    inputs: object,
    *,
    library: Library | str | os.PathLike = EMBEDDED,
    locus: str = "auto",
    confidence: float = CONFIDENCE,
    in_library_prior: float = IN_LIBRARY_PRIOR,
    floor: float = FLOOR,
    criteria: str | os.PathLike = "none",
    reasons: bool = False,
    tree: bool = False,
    compare_with: Sequence[str | os.PathLike] = (),
    elimination: str | os.PathLike | None = None,
    one_sample: bool = False,
) -> Identifications:
    """Identify sequences.

    Parameters
    ----------
    inputs : path, str, Bio.Seq.Seq, Bio.SeqRecord.SeqRecord, pandas.DataFrame or iterable of them
        See `forensics.barcode.reading.reads.as_queries`.
    library : Library, str or path
        An opened library, its folder, or ``embedded``.
    locus : str
        A locus, or ``auto`` to compare with all loci of the library.
    confidence : float
        Probability that a call must reach, between 0.5 and 1.
    in_library_prior : float
        How likely it is beforehand that the library holds the species, between 0 and 1.
    floor : float
        Identity under which nothing is a neighbour, 0-1.
    criteria : str or path
        What a call to species must meet: ``none``, ``casework``, or the file of a profile.
    reasons : bool
        Whether to collect the reasons for each call (`forensics.barcode.calling.reasons`).
    tree : bool
        Whether to grow a tree of each query and its nearest records
        (`forensics.barcode.calling.tree`).
    compare_with : sequence of path
        Files of controls and recent cases; a query with a haplotype of theirs is told.
    elimination : path, optional
        The file of the staff elimination set; a query that matches it is not examined.
    one_sample : bool
        Whether all sequences are of one sample, and may therefore be the same.

    Returns
    -------
    Identifications
        One for every sequence, in their order.

    Raises
    ------
    InputError
        If an input cannot be read.
    LibraryError
        If the library cannot be opened.
    UsageError
        If the library lacks the locus, the floor is no share, or the criteria are no profile.

    Examples
    --------
    >>> from forensics.resources import folder
    >>> query = folder("reference_sequences") / "demonstration" / "fin_whale_COI.fasta"
    >>> identify(query)[0].taxon
    'Balaenoptera physalus'
    """
    return Identifications(
        identify_each(
            as_queries(inputs),
            library=library,
            locus=locus,
            confidence=confidence,
            in_library_prior=in_library_prior,
            floor=floor,
            criteria=criteria,
            reasons=reasons,
            tree=tree,
            compare_with=compare_with,
            elimination=elimination,
            one_sample=one_sample,
        )
    )


def identify_each(
    queries: Iterator[Query],
    *,
    library: Library | str | os.PathLike = EMBEDDED,
    locus: str = "auto",
    confidence: float = CONFIDENCE,
    in_library_prior: float = IN_LIBRARY_PRIOR,
    floor: float = FLOOR,
    criteria: str | os.PathLike = "none",
    reasons: bool = False,
    tree: bool = False,
    compare_with: Sequence[str | os.PathLike] = (),
    elimination: str | os.PathLike | None = None,
    one_sample: bool = False,
) -> Iterator[Identification]:
    """Identify queries one by one as they come; see `identify`."""
    _check_shares(floor=floor, confidence=confidence, in_library_prior=in_library_prior)
    opened = library if isinstance(library, Library) else open_library(library)
    loci = opened.loci if locus == "auto" else (find_locus(locus).name,)
    if missing := set(loci) - set(opened.loci):
        raise UsageError(
            _("Library {name} holds no {locus}; it holds {loci}.").format(
                name=opened.name, locus=", ".join(missing), loci=", ".join(opened.loci)
            )
        )
    asked = _Asked(
        reasons=reasons,
        tree=tree,
        profile=_profile(criteria),
        batch=Batch(compare_with, elimination, one_sample=one_sample),
    )
    parameters = {
        "locus": locus if locus == "auto" else loci[0],
        "confidence": confidence,
        "in_library_prior": in_library_prior,
        "floor": floor,
        "horizon": HORIZON,
        "margin": MARGIN,
        "minimum_coverage": MINIMUM_COVERAGE,
        "partial_floor": PARTIAL_FLOOR,
        "criteria": asked.profile and asked.profile.to_dict(),
        "compared_with": [
            {"file": os.fspath(path), "sha256": sha256(Path(path))} for path in compare_with
        ],
        "elimination": elimination is not None,
    }
    seen: dict[str, int] = {}
    for number, (query, its_loci) in enumerate(_cut(queries, opened, loci), 1):
        first = seen.setdefault(query.name, number)
        warnings = list(query.notes)
        if first != number:
            warnings.append(_duplicate(query.name, first))
        yield _examine(query, number, warnings, opened, its_loci, parameters, asked)


def _cut(
    queries: Iterator[Query], library: Library, loci: tuple[str, ...]
) -> Iterator[tuple[Query, tuple[str, ...]]]:
    """Yield the queries, genomes cut into their loci, and the loci to compare each with."""
    for query in queries:
        if query.problem or len(query.sequence) <= LONGEST_GENE or _of_person(query):
            yield query, loci
        else:
            from forensics.barcode.reading.cutting import pieces

            yield from pieces(query, library, loci)


def _of_person(query: Query) -> bool:
    likeness = _likeness(query)
    return likeness is not None and likeness.sure


def _likeness(query: Query) -> Human | None:
    """Return how near a query, or a read that it was made of, is to a human sequence."""
    for read in query.members:  # what does not fit together leaves no sequence of its own
        likeness = human(read.sequence)
        if likeness and likeness.sure:
            return likeness
    return human(query.sequence) if len(query.sequence) <= MAXIMUM_LENGTH else None


@dataclass(frozen=True)
class _Asked:
    """What was asked for beside the call."""

    reasons: bool
    tree: bool
    profile: "Profile | None"
    batch: Batch


def _profile(criteria: str | os.PathLike) -> "Profile | None":
    if criteria == "none":  # what reads profiles is not loaded for nothing
        return None
    from forensics.barcode.calling.profile import read_profile

    return read_profile(criteria)


def _examine(
    query: Query,
    number: int,
    warnings: list[QueryWarning],
    library: Library,
    loci: tuple[str, ...],
    parameters: dict,
    asked: _Asked,
) -> Identification:
    provenance = Provenance(
        software="forensics",
        version=forensics.__version__,
        dependencies=_dependencies(of_chromatogram=bool(query.members or query.chromatogram)),
        library={
            "name": library.name,
            "version": library.version,
            "sha256": library.sha256,
            "demonstration": library.demonstration,
        },
        parameters=parameters,
        input=query.input,
        time=utc_now(),
    )
    found = {
        "query": query.name,
        "index": number,
        "length": len(query.sequence),
        "floor": parameters["floor"],
        "provenance": provenance,
    }
    # Before anything is searched or told of it: what is of a person goes no further.
    likeness = _likeness(query)
    of_person = [human_warning(likeness)] if likeness and likeness.sure else []
    if matched := asked.batch.of_staff(query.sequence):
        of_person.append(matched)
    if of_person:
        return _unusable(found, of_person[0], of_person[1:])
    fitting = [name for name in loci if find_locus(name).minimum_length <= len(query.sequence)]
    problem = query.problem or (None if fitting else _too_short(query, loci))
    if problem:
        return _unusable(found, problem, warnings)
    searches = {
        name: search(library.index(name), query.sequence, floor=parameters["floor"])
        for name in fitting
    }
    # The locus of a query is the one where it has the nearest record.
    near = {name: result for name, result in searches.items() if result.hits}
    if not near and len(fitting) < len(loci):  # the others were never asked
        return _unusable(found, _too_short(query, tuple(set(loci) - set(fitting))), warnings)
    locus = min(near, key=lambda name: near[name].hits[0].order) if near else None
    candidates = []
    if locus:
        candidates = candidates_of(
            library.index(locus), searches[locus].hits, floor=parameters["floor"]
        )
    calibration, why = _calibration(library, locus, fitting, parameters["floor"])
    call = decide(
        candidates,
        calibration=calibration,
        confidence=parameters["confidence"],
        in_library=parameters["in_library_prior"],
        uncalibrated=why,
    )
    more = {}
    if not candidates:
        call = without_candidates(call, query, library, searches, parameters["floor"], likeness)
    else:
        named = call.taxon if call.rank == "species" else None
        subject = next((c for c in candidates if c.species == named), candidates[0])
        more = _explain(query, subject, named, candidates, library, searches[locus], locus, asked)
        index = library.index(locus)
        doubts = doubts_of(query, searches[locus].hits, index, likeness)
        call = with_reservations(
            call, query.sequence, searches[locus].short, subject, index, doubts
        )
        call = as_set(call, locus, family=subject.family if named else "")
        # After the lineage, which may lead further up than the criteria do.
        if asked.profile:
            call, more["criteria"] = _by_criteria(
                call, subject, candidates, library, locus, provenance, asked.profile
            )
    warnings += sequence_warnings(query.sequence)
    warnings += call.warnings
    warnings += of_search(library, searches, locus, candidates, len(query.sequence))
    warnings += asked.batch.warnings(query.name, number, query.sequence)
    if candidates:
        warnings += reagent_contaminants(call.taxon, candidates[0])
    return Identification(
        **found,
        locus=locus or (fitting[0] if len(fitting) == 1 else None),
        strand=candidates[0].hit.strand if candidates else None,
        call=call,
        candidates=shown(candidates),
        # A locus for which the query is too short was not searched; a record too short to be
        # compared may be nearer all the same.
        search_exhaustive=len(fitting) == len(loci)
        and not any(r.short for n, r in searches.items() if locus in (None, n)),
        proved_to=searches[locus].proved_to if locus else parameters["floor"],
        warnings=tuple(warnings),
        **more,
    )


def _unusable(
    found: dict, problem: QueryWarning, warnings: Sequence[QueryWarning]
) -> Identification:
    return Identification(
        **found,
        locus=None,
        strand=None,
        call=Call("unusable"),
        candidates=(),
        search_exhaustive=False,
        proved_to=1.0,
        warnings=(problem, *warnings),
    )


def _explain(
    query: Query,
    subject: Candidate,
    named: str | None,
    candidates: Sequence[Candidate],
    library: Library,
    found: Search,
    locus: str,
    asked: _Asked,
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


def _by_criteria(
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


def _calibration(
    library: Library, locus: str | None, fitting: list[str], floor: float
) -> tuple[Calibration | None, QueryWarning | None]:
    """Return the calibration that holds for a query; without one, why, if not for its want."""
    if floor != FLOOR:
        return None, QueryWarning(
            "FLOOR_CHANGED",
            _(
                "With a floor other than {floor} the calibration does not hold; a plain rule decides "
                "and there is no probability."
            ).format(floor=FLOOR),
        )
    if locus or len(fitting) == 1:
        return library.calibration(locus or fitting[0]), None
    return None, QueryWarning(
        "NO_LOCUS",
        _("No locus could be told, so there is no probability; give --locus if you know it."),
    )


def _check_shares(*, floor: float, confidence: float, in_library_prior: float) -> None:
    if not 0 < floor <= 1:
        raise UsageError(
            _("The floor is an identity above 0 and at most 1, found {}.").format(floor)
        )
    # At one half two names could both reach it.
    if not 0.5 < confidence < 1:
        raise UsageError(
            _("The confidence lies above 0.5 and below 1, found {}.").format(confidence)
        )
    if not 0 < in_library_prior < 1:
        raise UsageError(
            _("The prior lies above 0 and below 1, found {}.").format(in_library_prior)
        )


def _too_short(query: Query, loci: tuple[str, ...]) -> QueryWarning:
    return QueryWarning(
        "TOO_SHORT",
        _("{length} bases are too few for {loci}.").format(
            length=len(query.sequence), loci=", ".join(sorted(loci))
        ),
    )


def _duplicate(name: str, first: int) -> QueryWarning:
    return QueryWarning(
        "DUPLICATE_NAME",
        _(
            "Sequence {first} of this run has the same name, {name}; the index tells them apart."
        ).format(first=first, name=name),
    )


@cache
def _dependencies(*, of_chromatogram: bool) -> dict[str, str]:
    """Return the versions of what every number comes from."""
    # importlib.metadata would tell, too, but costs 30 ms, a third of a whole run.
    beside = Path(edlib.__file__).parent.glob("edlib-*.dist-info")
    version = next((path.stem.partition("-")[2] for path in beside), "unknown")
    versions = {"edlib": version, "python": platform.python_version()}
    if of_chromatogram:
        import Bio  # was loaded to read it

        versions["biopython"] = Bio.__version__
    return versions
