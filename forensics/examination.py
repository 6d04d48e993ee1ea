"""A sample's way through the house.

``identify``: read -> check -> search every locus -> candidates -> call -> result. What is
only done when it is asked for, criteria, reasons and tree, follows the call. ``examine`` does
that for samples of a case and records what was found, with the listings, in the ledger; the
report is built from there (`forensics.report.building`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.barcode.calling.asked import Asked, by_criteria, explain, profile_of
from forensics.barcode.calling.basis import choose_calibration, recognise_far_query
from forensics.barcode.calling.decision import (
    CONFIDENCE,
    IN_LIBRARY_PRIOR,
    Call,
    check_shares,
    decide,
)
from forensics.barcode.calling.lineage import as_set
from forensics.barcode.calling.reservations import (
    doubts_of,
    of_index,
    of_search,
    with_reservations,
    without_candidates,
)
from forensics.barcode.checking.contamination import (
    reagent_contaminants,
)
from forensics.barcode.checking.haplotypes import Batch
from forensics.barcode.identification import Identification, Identifications
from forensics.barcode.locus import find_locus
from forensics.barcode.matching.candidates import candidates_of, shown
from forensics.barcode.matching.search import (
    FLOOR,
    HORIZON,
    MARGIN,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    Search,
    search,
)
from forensics.barcode.preparation import (
    Prepared,
    Progress,
    prepared,
    progress_of,
    too_short,
    with_checked_library,
)
from forensics.barcode.quality import QueryWarning, sequence_warnings
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.binding import IndexState
from forensics.barcode.reference.library import EMBEDDED, Library, open_library
from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.resources import sha256

if TYPE_CHECKING:
    from forensics.barcode.matching.cluster import Cluster
    from forensics.barcode.reading.samples import Sample
    from forensics.custody.ledger import Ledger, Receipt
    from forensics.taxonomy.listings.official import Official

__all__ = ["FEW", "Examined", "examine", "identify", "identify_each"]

# Up to so many queries starting processes takes longer than it saves: each takes a fifth of a
# second, a search some milliseconds.
FEW = 100


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
    official: "Official | None" = None,
    jobs: int = 1,
    scheduler: "str | Cluster | None" = None,
    check_library: bool = False,
    errors: str = "report",
) -> Identifications:
    """Identify sequences.

    Parameters
    ----------
    inputs : path, str, Bio.Seq.Seq, Bio.SeqRecord.SeqRecord, pandas.DataFrame, pandas.Series, mapping \
or iterable of them
        See `forensics.barcode.reading.inputs.as_queries`.
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
    official : Official, optional
        The official list of Appendices (`forensics.taxonomy.listings.read_official`), which counts
        where the packaged table differs. The parameters of the result say which it was.
    jobs : int
        Processes that search, in a run of more than `FEW` queries; they change no result. A
        script that asks for more than one guards its start by ``if __name__ == "__main__"``.
    scheduler : str or Cluster, optional
        Address of a Dask scheduler whose workers search instead, or one that was reached
        (`forensics.barcode.matching.cluster`); it changes no result.
    check_library : bool
        Whether to compare the index with the SHA-256 of the library whatever that costs, as a result
        for the ledger needs it. Otherwise that is done where it takes under a fifth of the run
        (`forensics.barcode.reference.binding`), and the result says whether it was.
    errors : str
        What becomes of a file that cannot be read: with ``report`` a result of the status
        ``unusable`` with the warning ``UNREADABLE``, while the others are examined; with ``raise`` an
        `InputError`, and there are no results.

    Returns
    -------
    Identifications
        One for every sequence, in their order.

    Raises
    ------
    InputError
        If no input can be read, or one of them where `errors` is ``raise``.
    LibraryError
        If the library cannot be opened.
    VerificationError
        If the index is not the one that the library's SHA-256 stands for.
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
            as_queries(inputs, errors=errors),
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
            official=official,
            jobs=jobs,
            scheduler=scheduler,
            check_library=check_library,
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
    official: "Official | None" = None,
    jobs: int = 1,
    scheduler: "str | Cluster | None" = None,
    check_library: bool = False,
    progress: Progress | None = None,
) -> Iterator[Identification]:
    """Identify queries one by one as they come; see `identify`.

    `progress` is told how far a long sequence has come (`forensics.barcode.preparation.Progress`).
    """
    check_shares(floor=floor, confidence=confidence, in_library_prior=in_library_prior)
    opened = library if isinstance(library, Library) else open_library(library)
    loci = opened.loci if locus == "auto" else (find_locus(locus).name,)
    if missing := set(loci) - set(opened.loci):
        raise UsageError(
            _("Library {name} holds no {locus}; it holds {loci}.").format(
                name=opened.name, locus=", ".join(missing), loci=", ".join(opened.loci)
            )
        )
    asked = Asked(
        reasons=reasons,
        tree=tree,
        profile=profile_of(criteria),
        batch=Batch(compare_with, elimination, one_sample=one_sample),
        official=official,
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
    if official is not None:
        parameters["official_list"] = official.to_dict()
    queries = with_checked_library(queries, opened, loci, check_library)
    ready = prepared(queries, opened, loci, parameters, asked.batch, progress)
    for one, searches in _searched(ready, opened, floor, jobs, scheduler, progress):
        yield _examine(one, searches, opened, parameters, asked)


@dataclass(frozen=True, slots=True)
class Examined:
    """A sample of a case after its way through the house.

    Attributes
    ----------
    sample : str
        As the ledger has it.
    result : Identification or None
        None where the same was done before.
    receipt : Receipt or None
        Of the finding's event.
    before : int
        Event of the finding that has the same input and library; 0 where there is none.
    error : InputError or None
        Why its files cannot be read; the other samples are examined all the same.
    pictures_missing : tuple of str
        Why pictures for the report are not attached.
    """

    sample: str
    result: Identification | None
    receipt: "Receipt | None"
    before: int = 0
    error: InputError | None = None
    pictures_missing: tuple[str, ...] = ()


def examine(
    ledger: "Ledger",
    samples: Mapping[str, "Sample"],
    *,
    library: Library | str | os.PathLike = EMBEDDED,
    runs: Sequence[str] = (),
    again: bool = False,
    scheduler: "str | Cluster | None" = None,
    **asked: object,
) -> Iterator[Examined]:
    """Take samples of a case through the house: read, identify, list, record.

    ``report build`` follows, when another person has reviewed what was found.

    Parameters
    ----------
    ledger : Ledger
        With the key of the analyst.
    samples : mapping of str to Sample
        Name in the ledger to its files (`forensics.barcode.reading.samples.samples_of`).
    library : Library, str or path
    runs : sequence of str
        Runs in the ledger that the sequences come from.
    again : bool
        Examine what has a finding from the same files with the same library already.
    scheduler : str or Cluster, optional
        As of `identify`; it is reached once for all samples.
    **asked
        Further parameters of `identify_each`.

    Yields
    ------
    Examined
        A sequence each, when its finding is in the ledger.

    Raises
    ------
    RefusedError
        If a rule of custody refuses a finding.
    """
    from forensics.barcode.matching.cluster import reached
    from forensics.barcode.reading.samples import read_sample
    from forensics.custody import record_identification
    from forensics.custody.findings import found_before
    from forensics.pictures import can_draw, pictures_of

    asked.setdefault("tree", can_draw())  # for the report
    opened = library if isinstance(library, Library) else open_library(library)
    events = {} if again else found_before(ledger, opened)
    with reached(scheduler) as asked["scheduler"]:
        for name, sample in samples.items():
            inputs = [file for file in sample.files if os.path.isfile(file)]
            read = frozenset(sha256(Path(file)) for file in inputs)
            if before := events.get((name, read)):
                yield Examined(name, None, None, before)
                continue
            try:
                for result in identify_each(
                    read_sample(sample), library=opened, check_library=True, **asked
                ):
                    with pictures_of(result, inputs) as pictures:
                        receipt = record_identification(
                            ledger, name, result, runs=runs, inputs=[*inputs, *pictures.paths]
                        )
                    yield Examined(name, result, receipt, pictures_missing=pictures.missing)
            except InputError as error:
                yield Examined(name, None, None, error=error)


def _searched(
    ready: Iterator[Prepared],
    library: Library,
    floor: float,
    jobs: int,
    scheduler: "str | Cluster | None",
    progress: Progress | None = None,
) -> Iterator[tuple[Prepared, dict[str, Search]]]:
    """Yield queries with their searches; the first ones, and of a few all, without processes."""
    if scheduler is not None:
        from forensics.barcode.matching.cluster import reached

        asked = ((one, one.query.sequence, one.fitting) for one in ready)
        with reached(scheduler) as cluster:
            yield from cluster.search_all(asked, library.index, floor=floor)
        return
    for done, one in enumerate(ready):
        if jobs > 1 and done == FEW and all(library.index(name).path for name in library.loci):
            from forensics.barcode.matching.processes import search_all

            rest = ((one, one.query.sequence, one.fitting) for one in chain([one], ready))
            yield from search_all(rest, library.index, floor=floor, processes=jobs)
            return
        tell, steps = progress_of(one.query, progress), 2 * len(one.loci)
        found = {}
        for number, name in enumerate(one.fitting):
            tell(len(one.loci) + number, steps)
            found[name] = search(library.index(name), one.query.sequence, floor=floor)
        tell(steps, steps)
        yield one, found


def _examine(
    one: Prepared,
    searches: dict[str, Search],
    library: Library,
    parameters: dict,
    asked: Asked,
) -> Identification:
    query, loci, fitting, found = one.query, one.loci, one.fitting, one.found
    likeness, warnings = one.likeness, one.warnings
    if one.problem:
        return _unusable(found, one.problem, warnings)
    # The locus of a query is the one where it has the nearest record.
    near = {name: result for name, result in searches.items() if result.hits}
    if not near and len(fitting) < len(loci):  # the others were never asked
        return _unusable(found, too_short(query, tuple(set(loci) - set(fitting))), warnings)
    locus = min(near, key=lambda name: near[name].hits[0].order) if near else None
    candidates = []
    if locus:
        candidates = candidates_of(
            library.index(locus), searches[locus].hits, floor=parameters["floor"]
        )
    known, recognised = locus, None  # known: the locus, also where nothing is near
    if not near:
        known, recognised = recognise_far_query(query.sequence, library, fitting)
    calibration, why = choose_calibration(library, known, recognised, parameters["floor"])
    if calibration and known and (sampled := library.sampled(known)):
        warnings.append(
            QueryWarning(
                "SAMPLED_CALIBRATION",
                _(
                    "The library is large, and its calibration rests on {count} sampled records: how "
                    "often such a call is right is known less exactly."
                ).format(count=sampled),
            )
        )
    call = decide(
        candidates,
        calibration=calibration,
        confidence=parameters["confidence"],
        in_library=parameters["in_library_prior"],
        uncalibrated=why,
    )
    more = {}
    if not candidates:
        call = without_candidates(
            call, query, library, searches, parameters["floor"], likeness, known
        )
    else:
        named = call.taxon if call.rank == "species" else None
        subject = next((c for c in candidates if c.species == named), candidates[0])
        more = explain(query, subject, named, candidates, library, searches[locus], locus, asked)
        index = library.index(locus)
        doubts = doubts_of(query, searches[locus].hits, index, likeness)
        call = with_reservations(
            call, query.sequence, searches[locus].short, subject, index, doubts
        )
        call = as_set(call, locus, family=subject.family if named else "")
        # After the lineage, which may lead further up than the criteria do.
        if asked.profile:
            call, more["criteria"] = by_criteria(
                call, subject, candidates, library, locus, found["provenance"], asked.profile
            )
    warnings += sequence_warnings(query.sequence)
    warnings += call.warnings
    warnings += of_search(library, searches, locus, candidates, len(query.sequence))
    warnings += of_index(IndexState(found["provenance"].library["index"]))
    warnings += asked.batch.warnings(query.name, one.number, query.sequence)
    if candidates:
        warnings += reagent_contaminants(call.taxon, candidates[0])
    return Identification(
        **found,
        locus=known,
        strand=candidates[0].hit.strand if candidates else None,
        call=call,
        candidates=shown(candidates),
        # A locus for which the query is too short was not searched; a record too short to be
        # compared may be nearer all the same.
        search_exhaustive=len(fitting) == len(loci)
        and not any(r.short for n, r in searches.items() if locus in (None, n)),
        proved_to=searches[locus].proved_to if locus else parameters["floor"],
        warnings=tuple(warnings),
        official=asked.official,
        recognised=recognised,
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
