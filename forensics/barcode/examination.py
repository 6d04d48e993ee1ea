"""A query's way to its result: prepare -> search every locus -> candidates -> call -> what may change the call.

What may change a call are steps, in order: functions from the context and the call to the call as far as it still
stands. A call never becomes narrower or more probable by them.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, count, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics import notices
from forensics.barcode.calling.decision import (
    Call,
    apply_caveats,
    apply_far_caveats,
    decide,
    find_caveats,
    index_notices,
    search_notices,
    widen_to_lineage,
)
from forensics.barcode.contamination import (
    Batch,
    Human,
    human,
    human_warning,
    reagent_contaminants,
)
from forensics.barcode.identification import Identification, label_part, lacking_beside
from forensics.barcode.locus import (
    MAX_GENE_LENGTH,
    MAXIMUM_LENGTH,
    find_locus,
    plugins_of_loci,
    sequence_warnings,
)
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    HORIZON,
    MARGIN,
    MINIMUM_COVERAGE,
    OF_SPECIES,
    PARTIAL_FLOOR,
    Candidate,
    Search,
    SearchLoci,
    candidates_of,
    search_loci,
    shown,
)
from forensics.barcode.options import FLOOR, IdentifyOptions
from forensics.barcode.reading.reads import Query, trimmed
from forensics.barcode.reference.library import (
    EMBEDDED,
    MIN_QUERIES_CHECKED,
    Congeners,
    IndexState,
    Library,
    Where,
    is_cheap,
    names_in_region,
    open_library,
)
from forensics.core.notice import Notice
from forensics.core.progress import Advance, Progress, no_progress
from forensics.core.provenance import Provenance, make_provenance
from forensics.errors import UsageError
from forensics.io.files import AnyPath, sha256
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.calling.calibration import Calibration
    from forensics.barcode.calling.criteria import Evaluation, Profile
    from forensics.barcode.calling.far import FarPlacement
    from forensics.barcode.calling.reasons import Reasons
    from forensics.barcode.calling.trees import QueryTree
    from forensics.barcode.matching.cluster import Cluster
    from forensics.barcode.matching.far import FarRecord
    from forensics.barcode.matching.search import AlignedHit
    from forensics.barcode.recognition import Recognised
    from forensics.taxonomy.checklist import Checklist
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law

# Bases from which a sequence takes long enough that somebody wants to see it move: a second.
MIN_LENGTH_SHOWN = 20_000
# What threads need is loaded in some 12 ms, in which so many queries are searched for among 10,000 records.
MAX_QUERIES_ALONE = 10
# Queries that a thread searches for in one call of the kernel, after which it waits for the lock of Python.
_LOT = 8


class FinishedQuery(NamedTuple):
    """A query whose result an earlier run has left.

    Attributes
    ----------
    name : str
    number : int
        Its place in the run, from 1.
    sha256 : str
        Of its file; of merged ones with `` + `` between them.
    status : str
        Of its result.
    part : str
        Locus of a piece of a genome; "" of others.
    """

    name: str
    number: int
    sha256: str
    status: str
    part: str = ""


class PreparedQuery(NamedTuple):
    """A query before it is searched.

    Attributes
    ----------
    query : Query
    number : int
        Its place in the run, from 1.
    loci : tuple of str
        To compare it with.
    base_fields : dict
        What the result says of any query, whatever comes of it.
    human_match : Human or None
        How near it is to a human sequence.
    problem : Notice or None
        What keeps it from being searched.
    warnings : list of Notice
    searchable_loci : tuple of str
        The loci that it is long enough for; none where there is a problem.
    """

    query: Query
    number: int
    loci: tuple[str, ...]
    base_fields: dict[str, Any]
    human_match: Human | None
    problem: Notice | None
    warnings: list[Notice]
    searchable_loci: tuple[str, ...] = ()


class CallContext(NamedTuple):
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
    checklist : Checklist or None
        Which species live in the region.
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
    checklist: "Checklist | None" = None

    @property
    def subject(self) -> Candidate:
        """The candidate that the candidates alone support, else the nearest; only where there are candidates."""
        of_species = (each for each in self.candidates if each.species == self.decided.species)
        return next(of_species, self.candidates[0])

    @property
    def search(self) -> Search:
        """The search at the locus of the nearest record; only where there are candidates."""
        assert self.locus is not None
        return self.searches[self.locus]

    @property
    def locus_index(self) -> Index:
        """The index of that locus."""
        assert self.locus is not None
        return self.library.index(self.locus)

    def congeners(self, of: Candidate, *, for_criteria: bool = False) -> Congeners:
        """Return the congeners of a candidate, as `Library.congeners`; `for_criteria`: by other loci and the profile alone."""
        assert self.locus is not None
        checklist = None if for_criteria else self.checklist
        lists = [self.profile.checklist] if self.profile else []
        return self.library.congeners(
            of.species, of.genus, self.locus, backbone=not for_criteria,
            checklists=[*lists, checklist.species] if checklist else lists,
            in_region=checklist.in_region if checklist else None,
        )  # fmt: skip

    def lacking(self) -> Where:
        """Return the species that the library lacks, of the genera of its candidates: `Identification.lacking`."""
        of_genera = {candidate.genus: candidate for candidate in shown(self.candidates)}
        found = map(self.congeners, of_genera.values())
        return {name: where for each in found for name, where in each.where.items()}


class Examination:
    """The identification of queries with one library and one set of options.

    Parameters
    ----------
    library : Library, str or path
        An opened library, its folder, or ``embedded``.
    options : IdentifyOptions
    law : Law or Official, optional
        As of `forensics.identify`.

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
        library: Library | AnyPath = EMBEDDED,
        options: IdentifyOptions | None = None,
        *,
        law: "Law | Official | None" = None,
    ) -> None:
        self.library = library if isinstance(library, Library) else open_library(library)
        self.options = options or IdentifyOptions()
        self.loci = _loci_to_compare(self.library, self.options.locus)
        self._profile = _read_profile(self.options.criteria)
        self._checklist = _read_checklist(self.options, self.library)
        self._batch = Batch(
            self.options.compare_with,
            self.options.elimination,
            one_sample=self.options.one_sample,
        )
        self._law = law
        self._parameters = self._record_parameters()

    def _record_parameters(self) -> dict[str, object]:
        """Return the parameters as provenance records them: the options, and what they stand for."""
        options = self.options
        parameters = {
            "locus": "auto",
            **options.parameters(),
            "horizon": HORIZON,
            "margin": MARGIN,
            "minimum_coverage": MINIMUM_COVERAGE,
            "partial_floor": PARTIAL_FLOOR,
            "criteria": self._profile and self._profile.to_dict(),
            "compared_with": [
                {"file": path, "sha256": sha256(Path(path))} for path in options.compare_with
            ],
            "elimination": options.elimination is not None,
            **options.specimen(),
        }
        if options.locus != "auto":
            parameters["locus"] = self.loci[0]
        if self._checklist is not None:
            parameters |= self._checklist.to_dict()
        if self._law is not None:
            parameters["official_list"] = self._law.to_dict()
        return parameters

    def describe_settings(self) -> dict[str, object]:
        """Return what decides the results beside the queries, in plain values."""
        elimination, given = self.options.elimination, self.options.given()
        del given["compare_with"]  # among the parameters, with its SHA-256
        return {
            **given,
            **self._parameters,
            "elimination": elimination and sha256(Path(elimination)),
            "library": self.library.sha256,
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
            As of `forensics.identify`.
        progress : callable, optional
            See `Progress`.
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
        prepared = self._prepare_all(self._check_first(queries, check_library), progress)
        prepared = self._pass_over(prepared, finished)
        for query, searches in self._search(prepared, jobs, scheduler, progress):
            yield self._identify(query, searches)

    # -- before the search ----------------------------------------------------------------

    def _check_first(self, queries: Iterable[Query], always: bool) -> Iterator[Query]:
        """Return the queries again, after the check whether the library is what its SHA-256 stands for.

        Where the indexes are large, as many queries are read ahead as make the check cheap beside them.
        """
        waiting = iter(queries)
        if always:
            self.library.check_indexes(self.loci)
            return waiting
        size = self.library.index_bytes(self.loci)
        ahead = list(islice(waiting, 0 if is_cheap(size, queries=0) else MIN_QUERIES_CHECKED))
        if is_cheap(size, queries=len(ahead)):
            self.library.check_indexes(self.loci)
        return chain(ahead, waiting)

    def _prepare_all(
        self, queries: Iterator[Query], progress: Progress | None
    ) -> Iterator[PreparedQuery]:
        """Yield the queries, or the pieces that genomes are cut into, ready to be searched."""
        seen: dict[tuple[str, str], int] = {}
        identity = self.library.identity(self.loci)
        # Primers of built-in loci were cut off when the query was read, before it was known which library answers.
        for locus in (locus for locus in self.loci if plugins_of_loci([locus])):
            queries = map(partial(trimmed, locus=locus), queries)
        for number, (query, loci) in enumerate(self._cut(queries, progress), 1):
            first = seen.setdefault((query.name, query.part), number)
            warnings: list[Notice] = list(query.notes)
            if first != number:
                warnings.append(notices.sequence.DUPLICATE_NAME(first=first, name=query.name))
            yield self._prepare(query, number, warnings, identity, loci)

    def _cut(
        self, queries: Iterator[Query], progress: Progress | None
    ) -> Iterator[tuple[Query, tuple[str, ...]]]:
        """Yield the queries, genomes cut into their loci, and the loci to compare each with."""
        for query in queries:
            short = query.problem or len(query.sequence) <= MAX_GENE_LENGTH
            if short or ((match := _match_human(query)) and match.sure):
                yield query, self.loci
            else:
                yield from self._pieces(query, _progress_of(query, progress))

    def _pieces(self, query: Query, report: Advance) -> list[tuple[Query, tuple[str, ...]]]:
        from forensics.barcode.reading.cutting import cut_into_loci

        steps = 2 * len(self.loci)
        cut = cut_into_loci(
            query, self.library, self.loci, progress=lambda done: report(done, steps)
        )
        if cut[0][1] != self.loci:  # pieces are short and searched at once
            report(steps, steps)
        return cut

    def _prepare(
        self,
        query: Query,
        number: int,
        warnings: list[Notice],
        identity: dict[str, object],
        loci: tuple[str, ...],
    ) -> PreparedQuery:
        provenance = make_provenance(
            dependencies=_dependencies(of_chromatogram=bool(query.members or query.chromatogram)),
            library={**identity},
            tables={**packaged_tables()},
            parameters=self._parameters,
            input=query.input,
            plugins=(*plugins_of_loci(loci), *query.readers),
        )
        base_fields = {
            "query": query.name,
            "part": query.part,
            "index": number,
            "length": len(query.sequence),
            "floor": self.options.floor,
            "provenance": provenance,
            "description": query.description,
            "sample_columns": query.sample_columns,
        }
        # Before anything is searched or told of it: what is of a person goes no further.
        human_match = _match_human(query)
        of_person = [human_warning(human_match)] if human_match and human_match.sure else []
        if matched := self._batch.match_elimination_database(query.sequence):
            of_person.append(matched)
        of_query = (query, number, loci, base_fields, human_match)
        if of_person:
            base_fields["description"] = ""  # it may name the person
            return PreparedQuery(*of_query, of_person[0], of_person[1:])
        searchable = tuple(n for n in loci if find_locus(n).minimum_length <= len(query.sequence))
        problem = query.problem or (None if searchable else _too_short(query, loci))
        return PreparedQuery(*of_query, problem, warnings, () if problem else searchable)

    def _pass_over(
        self, prepared: Iterator[PreparedQuery], finished: Sequence[FinishedQuery]
    ) -> Iterator[PreparedQuery]:
        """Yield the queries after those that are finished; those are remembered, as others are compared with them."""
        for earlier in finished:
            now = next(prepared, None)
            if now is None or (earlier.name, earlier.part, earlier.number, earlier.sha256) != (
                now.query.name, now.query.part, now.number, now.query.sha256,
            ):  # fmt: skip
                from forensics.io.numbers import printable

                raise UsageError(
                    _(
                        "Result {number} of the earlier run is for {name}, which is not the "
                        "input given now. Give the same files in the same order."
                    ).format(number=earlier.number, name=printable(earlier.name))
                )
            if earlier.status != "unusable":
                self._batch.warnings(now.query.name, now.number, now.query.sequence)
        yield from prepared

    # -- the search -----------------------------------------------------------------------

    def _search(
        self,
        prepared: Iterator[PreparedQuery],
        jobs: int,
        scheduler: "str | Cluster | None",
        progress: Progress | None,
    ) -> Iterator[tuple[PreparedQuery, dict[str, Search]]]:
        """Yield queries with their searches."""
        library = self.library
        if scheduler is not None:
            from forensics.barcode.matching.cluster import reached

            tasks = ((each, each.query.sequence, each.searchable_loci) for each in prepared)
            with reached(scheduler) as cluster:
                assert cluster is not None
                yield from cluster.search_all(tasks, library.index, self._search_loci)
            return
        here = prepared if jobs < 2 else islice(prepared, MAX_QUERIES_ALONE)
        for query in here:
            yield query, self._search_here(progress, [query])[0]
        if (further := next(prepared, None)) is None:
            return
        from forensics.core.parallel import map_lots_in_threads

        # Of one thread alone is shown how far it has come.
        prepared = chain([further], prepared)
        for is_shown, some in groupby(prepared, lambda one: _is_shown(one.query, progress)):
            yield from map_lots_in_threads(
                partial(self._search_here, progress), some,
                threads=1 if is_shown else jobs, lot=1 if is_shown else _LOT,
            )  # fmt: skip

    def _search_here(
        self, progress: Progress | None, queries: Sequence[PreparedQuery]
    ) -> list[dict[str, Search]]:
        """Search the loci of queries in this process; how far it has come is told of one alone."""
        report, steps = _progress_of(queries[0].query, progress), 2 * len(queries[0].loci)
        done = count(steps // 2)

        def index_of(name: str) -> Index:
            report(next(done), steps)
            return self.library.index(name)

        searches = self._search_loci(
            [(each.query.sequence, each.searchable_loci) for each in queries], index_of
        )
        report(steps, steps)
        return searches

    @property
    def _search_loci(self) -> SearchLoci:
        # A tree tells how many more are near.
        of_species = 0 if self.options.tree else OF_SPECIES
        return partial(search_loci, floor=self.options.floor, of_species=of_species)

    # -- after the search -----------------------------------------------------------------

    def _identify(self, prepared: PreparedQuery, searches: dict[str, Search]) -> Identification:
        """Return the result of a query after its search."""
        query, loci, searchable = prepared.query, prepared.loci, prepared.searchable_loci
        if prepared.problem:
            return _unusable(prepared, prepared.problem)
        # The locus of a query is the locus where it has the nearest record.
        near = {name: result for name, result in searches.items() if result.hits}
        if not near and len(searchable) < len(loci):  # the others were not searched
            return _unusable(prepared, _too_short(query, tuple(set(loci) - set(searchable))))
        nearest = min(near, key=lambda name: near[name].hits[0].order) if near else None
        locus, recognised = nearest, None  # also where nothing is near, if it is recognised
        candidates: list[Candidate] = []
        if nearest:
            index, hits = self.library.index(nearest), near[nearest].hits
            candidates = candidates_of(index, hits, floor=self.options.floor)
        else:
            locus, recognised, problem = recognise_far_query(
                query.sequence, self.library, searchable
            )
            if problem and not any(result.short for result in searches.values()):
                return _unusable(prepared, problem)
        calibration, uncalibrated = self._choose_calibration(locus, recognised)
        warnings = list(prepared.warnings)
        if calibration and locus and (count := self.library.sampled(locus)):
            warnings.append(notices.calls.SAMPLED_CALIBRATION(count=count))
        far = [] if candidates else self._search_far(locus, query.sequence)
        decided = decide(
            candidates,
            calibration=calibration,
            confidence=self.options.confidence,
            in_library=self.options.in_library_prior,
            uncalibrated=uncalibrated,
            units=self.library.units(locus) if locus else (),
            nearest=far[0].identity if far else FLOOR,
        )
        context = CallContext(
            query, self.library, self.options, self._profile, prepared.base_fields["provenance"],
            searches, locus, candidates, prepared.human_match, decided, self._checklist,
        )  # fmt: skip
        call = decided
        for step in NEAR_STEPS if candidates else FAR_STEPS:
            call = step(context, call)
        added: dict[str, Any] = {}
        if candidates:
            added["alignments"] = _align_candidates(context, shown(candidates))
            added["reasons"] = _collect_reasons(context)
            added["tree"] = _grow_query_tree(context)
            call, added["criteria"] = _evaluate_criteria(context, call)
            lacking = added["lacking"] = context.lacking()
            missing = names_in_region(lacking_beside(call, lacking))
            call = _heed_missing_congeners(context, call, missing)
        if call.status == "nothing_near" and locus and not call.doubted:
            added["placement"] = self._place_far(locus, far, len(query.sequence))
        warnings += sequence_warnings(query.sequence)
        warnings += call.warnings
        warnings += search_notices(self.library, searches, nearest, candidates, query.sequence)
        warnings += index_notices(IndexState(context.provenance.library["index"]))
        warnings += self._checklist.notices if self._checklist else ()
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
            law=self._law,
            recognised=recognised,
            sequence=query.sequence if self.options.alignments else "",
            **added,
        )

    def _choose_calibration(
        self, locus: str | None, recognised: "Recognised | None"
    ) -> "tuple[Calibration | None, Notice | None]":
        """Return the calibration that holds for a query, or a warning that says why none does.

        Both are None where the library has no calibration of the locus.
        """
        if self.options.floor != FLOOR:  # at which it was learnt
            return None, notices.calls.FLOOR_CHANGED(floor=FLOOR)
        if locus:
            return self.library.calibration(locus), None
        if recognised:
            return None, notices.search.LOCUS_NOT_IN_LIBRARY(locus=recognised.locus)
        return None, notices.search.NO_LOCUS()

    def _search_far(self, locus: str | None, sequence: str) -> "list[FarRecord]":
        """Return the nearest records beyond the floor; none for more than a gene, or where the library says nothing of such."""
        if not locus or len(sequence) > MAX_GENE_LENGTH:
            return []
        if self.library.calibration(locus) is None and self.library.far_placement(locus) is None:
            return []
        return self.library.far_index(locus).nearest(sequence)

    def _place_far(
        self, locus: str, records: "list[FarRecord]", length: int
    ) -> "FarPlacement | None":
        """Return the higher ranks that far records speak for; None where the library does not say how far they can be trusted."""
        calibration = self.library.far_placement(locus)
        if calibration is None:
            return None
        from forensics.barcode.calling.far import place_far  # seldom needed

        return place_far(
            records, length, self.library.index(locus), calibration,
            confidence=self.options.confidence,
        )  # fmt: skip


@cache
def packaged_tables() -> dict[str, str]:
    """Return the SHA-256 of the packaged tables that an identification consults, by subject, as they were built.

    Whether the files are these tables is asked where a result is recorded (`forensics.barcode.packaged`).
    """
    return dict(json.loads(Path(__file__).with_name("packaged.json").read_bytes()))


def _progress_of(query: Query, progress: Progress | None) -> Advance:
    """Return what is called with done and total steps of a query; nothing is told of a short one."""
    return partial(progress, query.name) if progress and _is_shown(query, progress) else no_progress


def _is_shown(query: Query, progress: Progress | None) -> bool:
    return progress is not None and len(query.sequence) >= MIN_LENGTH_SHOWN


def _match_human(query: Query) -> Human | None:
    """Return how near a query, or a read that it was made of, is to a human sequence."""
    for read in query.members:  # what does not fit together leaves no sequence of its own
        human_match = human(read.sequence)
        if human_match and human_match.sure:
            return human_match
    return human(query.sequence) if len(query.sequence) <= MAXIMUM_LENGTH else None


def _too_short(query: Query, loci: tuple[str, ...]) -> Notice:
    return notices.unusable.TOO_SHORT(
        "loci", length=len(query.sequence), loci=", ".join(sorted(loci))
    )


@cache
def _dependencies(*, of_chromatogram: bool) -> dict[str, str]:
    """Return the versions of what every number comes from."""
    versions = {"python": sys.version.split()[0]}
    if of_chromatogram:
        import Bio  # was loaded to read it

        versions["biopython"] = Bio.__version__
    return versions


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
            _("Library {name} has no {locus}; it has {loci}.").format(
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


def _read_checklist(options: IdentifyOptions, library: Library) -> "Checklist | None":
    """Return the checklist of a region; None where none was given."""
    if options.checklist is None:
        return None
    from forensics.taxonomy.checklist import read_checklist

    return read_checklist(options.checklist, options.region, library.backbone)


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


def recognise_far_query(
    sequence: str, library: Library, fitting: Sequence[str]
) -> "tuple[str | None, Recognised | None, Notice | None]":
    """Return what a query is of that is near to nothing.

    Parameters
    ----------
    sequence : str
    library : Library
    fitting : sequence of str
        Loci that were searched. Where there is only one, it is the answer, unless the sequence is of another
        locus or of none (`forensics.barcode.recognition`).

    Returns
    -------
    locus : str or None
        None where it is not recognised, or the library lacks it.
    recognised : Recognised or None
        How the locus was recognised; None where it was not, or one locus was searched alone.
    problem : Notice or None
        Why it is not of the loci that were searched, so that nothing can be said of it.
    """
    from forensics.barcode.recognition import (
        find_foreign,  # seldom needed
        recognise_locus,
    )

    if len(fitting) > 1 and (recognised := recognise_locus(sequence, library)):
        return recognised.locus if recognised.locus in fitting else None, recognised, None
    foreign = find_foreign(sequence, library, fitting)
    if foreign is None:
        return fitting[0] if len(fitting) == 1 else None, None, None
    loci, other = ", ".join(fitting), foreign.recognised
    if other is not None and other.locus not in library.loci:
        return None, other, None
    if foreign.kind == "low_complexity":
        problem = notices.unusable.NOT_THIS_LOCUS("low_complexity", entropy=foreign.entropy)
    elif foreign.kind == "ribosomal":
        problem = notices.unusable.NOT_THIS_LOCUS("ribosomal", loci=loci, species=foreign.likeness)
    elif other is not None:
        problem = notices.unusable.NOT_THIS_LOCUS("other_locus", loci=loci, locus=other.locus)
    else:
        problem = notices.unusable.NOT_THIS_LOCUS("no_locus", loci=loci)
    return None, None, problem


# -- what may change a call, and what is added to it ----------------------------------------

Step = Callable[[CallContext, Call], Call]


def _heed_caveats(context: CallContext, call: Call) -> Call:
    """Take back what a chimera, a nuclear copy, a human sequence or a short record speaks against."""
    query, search, index = context.query, context.search, context.locus_index
    caveats = find_caveats(query, search.hits, index, context.human_match)
    return apply_caveats(call, query.sequence, search.short, context.subject, index, caveats)


def _heed_lineage(context: CallContext, call: Call) -> Call:
    """Widen a species to the set of species that one lineage does not tell apart."""

    def is_apart(species: str, lender: Sequence[str]) -> bool:
        from forensics.barcode.calling.spread import is_of_another_line  # seldom needed

        return is_of_another_line(context.query.sequence, context.locus_index, species, lender)

    return widen_to_lineage(
        call,
        context.locus,
        family=context.subject.family if context.decided.species else "",
        is_apart=is_apart,
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
"""Where a record is near. Criteria follow, since a lineage may lead further up than they do."""
FAR_STEPS: tuple[Step, ...] = (_heed_far_caveats,)
"""Where no record is near."""


def _evaluate_criteria(context: CallContext, call: Call) -> "tuple[Call, Evaluation | None]":
    """Return the call that the criteria leave, and how they were evaluated; None where none were asked for."""
    if context.profile is None:
        return call, None
    from forensics.barcode.calling.criteria import examine_call
    from forensics.barcode.calling.reasons import species_support_of

    subject = context.subject
    return examine_call(
        context.profile,
        call,
        subject,
        next((candidate for candidate in context.candidates if candidate is not subject), None),
        backing=species_support_of(context.locus_index, subject),
        congeners=context.congeners(subject, for_criteria=True),
        provenance=context.provenance,
    )


def _heed_missing_congeners(context: CallContext, call: Call, missing: Sequence[str]) -> Call:
    """Return the call with why the query may be of a congener that the library lacks, if it may."""
    own = [each for each in context.candidates if each.species in call.members]
    # Nothing speaks against the very sequence of what was called.
    if not missing or not own or not own[0].mismatches:
        return call
    from forensics.barcode.calling.diagnostics import possible_congener

    others = (each for each in context.candidates if each not in own)
    doubt = possible_congener(
        context.query.sequence,
        call.taxon or "",
        own,
        next(others, None),
        context.locus_index,
        missing,
    )
    return call.noted(doubt) if doubt else call


def _collect_reasons(context: CallContext) -> "Reasons | None":
    """Return the reasons for the call that the candidates alone support; None where nobody asked."""
    if not context.options.reasons:
        return None
    from forensics.barcode.calling.reasons import reasons_of

    return reasons_of(
        context.query.sequence,
        context.subject,
        context.candidates,
        called=context.decided.species is not None,
        index=context.locus_index,
        congeners=context.congeners(context.subject),
        proved_to=context.search.proved_to,
    )


def _align_candidates(
    context: CallContext, candidates: Sequence[Candidate]
) -> "tuple[AlignedHit, ...]":
    """Return how the query lies on the best record of each candidate; nothing where nobody asked."""
    if not context.options.alignments:
        return ()
    from forensics.barcode.matching.search import describe_hit

    query, index, cut = context.query.sequence, context.locus_index, context.query.cut
    described = (
        describe_hit(query, index.sequence(candidate.hit.haplotype), candidate.hit)
        for candidate in candidates
    )
    # Under the name of the whole record, bases count as they do there.
    return tuple(hit.within(cut.place, cut.strand) if cut else hit for hit in described)


def _grow_query_tree(context: CallContext) -> "QueryTree | None":
    """Return a tree of the query and its nearest records; None where nobody asked."""
    if not context.options.tree:
        return None
    from forensics.barcode.calling.trees import grow_tree

    query = context.query
    return grow_tree(
        label_part(query.name, query.part),
        query.sequence,
        context.locus_index,
        context.search.hits,
        context.subject,
    )
