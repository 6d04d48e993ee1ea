"""A query's way to its result: prepare -> search every locus -> candidates -> call -> what may change the call."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.caveats import index_notices, search_notices
from forensics.barcode.calling.decision import Call, decide
from forensics.barcode.calling.steps import (
    FAR_STEPS,
    NEAR_STEPS,
    CallContext,
    align_candidates,
    choose_calibration,
    collect_reasons,
    evaluate_criteria,
    grow_query_tree,
    recognise_far_query,
)
from forensics.barcode.checking.contamination import reagent_contaminants
from forensics.barcode.checking.haplotypes import Batch
from forensics.barcode.identification import Identification
from forensics.barcode.locus import MAX_GENE_LENGTH, find_locus
from forensics.barcode.matching.candidates import Candidate, candidates_of, shown
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    HORIZON,
    MARGIN,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    Search,
    search,
)
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.preparation import (
    PreparedQuery,
    Progress,
    check_library_first,
    prepare_queries,
    progress_of,
    too_short,
)
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import EMBEDDED, IndexState, Library, open_library
from forensics.barcode.sequence import sequence_warnings
from forensics.core.notice import Notice
from forensics.errors import UsageError
from forensics.io.numbers import printable
from forensics.messages import _
from forensics.notices import calls as notices
from forensics.resources import sha256

if TYPE_CHECKING:
    from forensics.barcode.calling.criteria import Profile
    from forensics.barcode.calling.far import FarPlacement
    from forensics.barcode.matching.cluster import Cluster
    from forensics.taxonomy.listings.official import Official

# Up to so many queries starting processes takes longer than it saves: each takes a fifth of a
# second, a search some milliseconds.
PARALLEL_THRESHOLD = 100


@dataclass(frozen=True, slots=True)
class FinishedQuery:
    """A query whose result an earlier run has left.

    Attributes
    ----------
    name : str
    number : int
        Its place in the run, from 1.
    sha256 : str
        Of its file; of merged ones with `` + `` between them.
    is_unusable : bool
        Whether it was not examined.
    part : str
        Locus of a piece of a genome; "" of others.
    """

    name: str
    number: int
    sha256: str
    is_unusable: bool
    part: str = ""

    def is_of(self, prepared: PreparedQuery) -> bool:
        """Return whether it is the result of a query."""
        query = prepared.query
        return (self.name, self.part, self.number, self.sha256) == (
            query.name,
            query.part,
            prepared.number,
            query.sha256,
        )


class Examination:
    """The identification of queries with one library and one set of options.

    Parameters
    ----------
    library : Library, str or path
        An opened library, its folder, or ``embedded``.
    options : IdentifyOptions
    compare_with, elimination, one_sample, official
        As of `identify`.

    Raises
    ------
    LibraryError
        If the library cannot be opened.
    InputError
        If a file to compare with cannot be read.
    UsageError
        If the library lacks the locus, or the criteria are not a profile.
    """

    def __init__(
        self,
        library: Library | str | os.PathLike[str] = EMBEDDED,
        options: IdentifyOptions | None = None,
        *,
        compare_with: Sequence[str | os.PathLike[str]] = (),
        elimination: str | os.PathLike[str] | None = None,
        one_sample: bool = False,
        official: "Official | None" = None,
    ) -> None:
        self.library = library if isinstance(library, Library) else open_library(library)
        self.options = options or IdentifyOptions()
        self.loci = _loci_to_compare(self.library, self.options.locus)
        self._profile = _read_profile(self.options.criteria)
        self._batch = Batch(compare_with, elimination, one_sample=one_sample)
        self._official = official
        self._parameters = self._record_parameters(compare_with, elimination is not None)

    def _record_parameters(
        self, compare_with: Sequence[str | os.PathLike[str]], has_elimination: bool
    ) -> dict[str, object]:
        """Return the parameters as provenance records them."""
        options = self.options
        parameters = {
            "locus": "auto" if options.locus == "auto" else self.loci[0],
            "confidence": options.confidence,
            "in_library_prior": options.in_library_prior,
            "floor": options.floor,
            "horizon": HORIZON,
            "margin": MARGIN,
            "minimum_coverage": MINIMUM_COVERAGE,
            "partial_floor": PARTIAL_FLOOR,
            "criteria": self._profile and self._profile.to_dict(),
            "compared_with": [
                {"file": os.fspath(path), "sha256": sha256(Path(path))} for path in compare_with
            ],
            "elimination": has_elimination,
        }
        if self._official is not None:
            parameters["official_list"] = self._official.to_dict()
        return parameters

    def describe_settings(self) -> dict[str, object]:
        """Return what decides the results beside the queries, in plain values."""
        return {
            **self._parameters,
            "library": self.library.sha256,
            "reasons": self.options.reasons,
        }

    def run(
        self,
        queries: Iterable[Query],
        *,
        jobs: int = 1,
        scheduler: "str | Cluster | None" = None,
        check_library: bool = False,
        progress: Progress | None = None,
        finished: Sequence[FinishedQuery] = (),
    ) -> Iterator[Identification]:
        """Yield the result of each query, or of each piece that a genome is cut into, in their order.

        Parameters
        ----------
        queries : iterable of Query
        jobs, scheduler, check_library
            As of `identify`.
        progress : callable, optional
            See `forensics.barcode.preparation.Progress`.
        finished : sequence of FinishedQuery
            The first queries, whose results are there: they are read and compared with the others as always,
            and not searched.

        Raises
        ------
        UsageError
            If one of `finished` is another query now.
        VerificationError
            If the index is not the index that the library's SHA-256 stands for.
        """
        checked = check_library_first(queries, self.library, self.loci, check_library)
        prepared = prepare_queries(
            checked, self.library, self.loci, self._parameters, self._batch, progress
        )
        prepared = self._pass_over(prepared, finished)
        for query, searches in self._search(prepared, jobs, scheduler, progress):
            yield self._identify(query, searches)

    def _pass_over(
        self, prepared: Iterator[PreparedQuery], finished: Sequence[FinishedQuery]
    ) -> Iterator[PreparedQuery]:
        """Yield the queries after those that are finished; those are remembered, as others are compared with them."""
        for earlier in finished:
            query = next(prepared, None)
            if query is None or not earlier.is_of(query):
                raise UsageError(
                    _(
                        "Result {number} of the earlier run is of {name}, and not of what is given now. Give the "
                        "same files in the same order."
                    ).format(number=earlier.number, name=printable(earlier.name))
                )
            if not earlier.is_unusable:
                self._batch.warnings(query.query.name, query.number, query.query.sequence)
        yield from prepared

    def _search(
        self,
        prepared: Iterator[PreparedQuery],
        jobs: int,
        scheduler: "str | Cluster | None",
        progress: Progress | None,
    ) -> Iterator[tuple[PreparedQuery, dict[str, Search]]]:
        """Yield queries with their searches; the first queries, and of a short run all, without processes."""
        library, floor = self.library, self.options.floor
        if scheduler is not None:
            from forensics.barcode.matching.cluster import reached

            tasks = ((each, each.query.sequence, each.searchable_loci) for each in prepared)
            with reached(scheduler) as cluster:
                assert cluster is not None
                yield from cluster.search_all(tasks, library.index, floor=floor)
            return
        for done, query in enumerate(prepared):
            if jobs > 1 and done == PARALLEL_THRESHOLD and self._has_index_files():
                from forensics.core.parallel import map_in_order

                waiting = chain([query], prepared)
                searches = (
                    (
                        each,
                        (each.query.sequence, {n: library.index(n) for n in each.searchable_loci}),
                    )
                    for each in waiting
                )
                yield from map_in_order(partial(_search_loci, floor), searches, processes=jobs)
                return
            yield query, self._search_here(query, progress)

    def _search_here(self, query: PreparedQuery, progress: Progress | None) -> dict[str, Search]:
        """Search the loci of a query in this process."""
        report, steps = progress_of(query.query, progress), 2 * len(query.loci)
        searches = {}
        for number, name in enumerate(query.searchable_loci):
            report(len(query.loci) + number, steps)
            index = self.library.index(name)
            searches[name] = search(index, query.query.sequence, floor=self.options.floor)
        report(steps, steps)
        return searches

    def _has_index_files(self) -> bool:
        """Return whether other processes can open the indexes."""
        return all(self.library.index(name).path for name in self.library.loci)

    def _identify(self, prepared: PreparedQuery, searches: dict[str, Search]) -> Identification:
        """Return the result of a query after its search."""
        query, loci, searchable = prepared.query, prepared.loci, prepared.searchable_loci
        if prepared.problem:
            return _unusable(prepared, prepared.problem)
        # The locus of a query is the locus where it has the nearest record.
        near = {name: result for name, result in searches.items() if result.hits}
        if not near and len(searchable) < len(loci):  # the others were not searched
            return _unusable(prepared, too_short(query, tuple(set(loci) - set(searchable))))
        nearest = min(near, key=lambda name: near[name].hits[0].order) if near else None
        candidates = self._candidates(nearest, searches)
        locus, recognised = nearest, None  # also where nothing is near, if it is recognised
        if not near:
            far = recognise_far_query(query.sequence, self.library, searchable)
            if far.problem and not any(result.short for result in searches.values()):
                return _unusable(prepared, far.problem)
            locus, recognised = far.locus, far.recognised
        calibration, uncalibrated = choose_calibration(
            self.library, locus, recognised, self.options.floor
        )
        warnings = list(prepared.warnings)
        if calibration and locus and (count := self.library.sampled(locus)):
            warnings.append(_sampled_calibration(count))
        decided = decide(
            candidates,
            calibration=calibration,
            confidence=self.options.confidence,
            in_library=self.options.in_library_prior,
            uncalibrated=uncalibrated,
            units=self.library.units(locus) if locus else (),
        )
        context = CallContext(
            query, self.library, self.options, self._profile, prepared.base_fields["provenance"],
            searches, locus, candidates, prepared.human_match, decided,
        )  # fmt: skip
        call = decided
        for step in NEAR_STEPS if candidates else FAR_STEPS:
            call = step(context, call)
        added: dict[str, Any] = {}
        if candidates:
            added["alignments"] = align_candidates(context, shown(candidates))
            added["reasons"] = collect_reasons(context)
            added["tree"] = grow_query_tree(context)
            call, added["criteria"] = evaluate_criteria(context, call)
        if call.status == "nothing_near" and locus and not call.doubted:
            added["placement"] = self._place_far(locus, query.sequence)
        warnings += sequence_warnings(query.sequence)
        warnings += call.warnings
        warnings += search_notices(self.library, searches, nearest, candidates, query.sequence)
        warnings += index_notices(IndexState(context.provenance.library["index"]))
        warnings += self._batch.warnings(query.name, prepared.number, query.sequence)
        if candidates:
            warnings += reagent_contaminants(call.taxon, candidates[0])
        return Identification(
            **prepared.base_fields,
            locus=locus,
            strand=candidates[0].hit.strand if candidates else None,
            call=call,
            candidates=shown(candidates),
            # A locus for which the query is too short was not searched; a record too short to be
            # compared may be nearer all the same.
            search_exhaustive=len(searchable) == len(loci)
            and not any(r.short for n, r in searches.items() if nearest in (None, n)),
            proved_to=searches[nearest].proved_to if nearest else self.options.floor,
            warnings=tuple(warnings),
            official=self._official,
            recognised=recognised,
            **added,
        )

    def _place_far(self, locus: str, sequence: str) -> "FarPlacement | None":
        """Return the higher ranks that far records speak for; None where the library does not say how far they can be trusted."""
        calibration = self.library.far_placement(locus)
        if calibration is None or len(sequence) > MAX_GENE_LENGTH:
            return None
        from forensics.barcode.calling.far import place_far  # seldom needed

        return place_far(
            sequence, self.library.far_index(locus), calibration, confidence=self.options.confidence
        )

    def _candidates(self, locus: str | None, searches: dict[str, Search]) -> list[Candidate]:
        if locus is None:
            return []
        index, hits = self.library.index(locus), searches[locus].hits
        return candidates_of(index, hits, floor=self.options.floor)


def _search_loci(floor: float, task: tuple[str, dict[str, Index]]) -> dict[str, Search]:
    sequence, indexes = task
    return {name: search(index, sequence, floor=floor) for name, index in indexes.items()}


def _loci_to_compare(library: Library, locus: str) -> tuple[str, ...]:
    """Return the loci that queries are compared at.

    Raises
    ------
    UsageError
        If the library lacks the locus.
    LibraryError
        If it has loci of a plug-in that is not installed here.
    """
    loci = library.loci if locus == "auto" else (find_locus(locus).name,)
    library.check_plugins()
    if missing := set(loci) - set(library.loci):
        raise UsageError(
            _("Library {name} holds no {locus}; it holds {loci}.").format(
                name=library.name, locus=", ".join(missing), loci=", ".join(library.loci)
            )
        )
    return loci


def _read_profile(criteria: str) -> "Profile | None":
    """Return the profile of criteria; None where none was asked for."""
    if criteria == "none":  # what reads profiles is not loaded for nothing
        return None
    from forensics.barcode.calling.criteria import read_profile

    return read_profile(criteria)


def _sampled_calibration(count: int) -> Notice:
    return notices.SAMPLED_CALIBRATION(count=count)


def _unusable(prepared: PreparedQuery, problem: Notice) -> Identification:
    return Identification(
        **prepared.base_fields,
        locus=None,
        strand=None,
        call=Call("unusable"),
        candidates=(),
        search_exhaustive=False,
        proved_to=1.0,
        warnings=(problem, *prepared.warnings),
    )
