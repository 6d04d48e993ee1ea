"""What is known of a query before it is searched, and what keeps it from being searched."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, islice
from typing import Any

from forensics import notices
from forensics.barcode.checking.contamination import Human, human, human_warning
from forensics.barcode.checking.haplotypes import Batch
from forensics.barcode.identification import packaged_tables
from forensics.barcode.locus import MAX_GENE_LENGTH, find_locus, plugins_of_loci
from forensics.barcode.reading.reads import Query, trimmed
from forensics.barcode.reference.library import MIN_QUERIES_CHECKED, Library, is_cheap
from forensics.barcode.sequence import MAXIMUM_LENGTH
from forensics.core.notice import Notice
from forensics.core.provenance import make_provenance

#: Called with the name of a long sequence, how many of its steps are done, and of how many: in each
#: locus it is cut, then searched.
Progress = Callable[[str, int, int], object]
# Bases from which a sequence takes long enough that somebody wants to see it move: a second.
MIN_LENGTH_SHOWN = 20_000


def progress_of(query: Query, progress: Progress | None) -> Callable[[int, int], object]:
    """Return what is called with done and total steps of a query; nothing is told of a short one."""
    if progress is None or len(query.sequence) < MIN_LENGTH_SHOWN:
        return lambda done, total: None
    return partial(progress, query.name)


@dataclass(frozen=True, slots=True)
class PreparedQuery:
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


def check_library_first(
    queries: Iterable[Query], library: Library, loci: Sequence[str], always: bool
) -> Iterator[Query]:
    """Return the queries again, after the check whether the library is what its SHA-256 stands for.

    Where the indexes are large, as many queries are read ahead as make the check cheap beside them.
    """
    waiting = iter(queries)
    if always:
        library.check_indexes(loci)
        return waiting
    size = library.index_bytes(loci)
    ahead = list(islice(waiting, 0 if is_cheap(size, queries=0) else MIN_QUERIES_CHECKED))
    if is_cheap(size, queries=len(ahead)):
        library.check_indexes(loci)
    return chain(ahead, waiting)


def prepare_queries(
    queries: Iterator[Query],
    library: Library,
    loci: tuple[str, ...],
    parameters: dict[str, object],
    batch: Batch,
    progress: Progress | None = None,
) -> Iterator[PreparedQuery]:
    """Yield the queries, or the pieces that genomes are cut into, ready to be searched.

    Parameters
    ----------
    queries : iterator of Query
    library : Library
    loci : tuple of str
        To compare a query with, where it is long enough.
    parameters : dict
        Of the run, as they enter the provenance; ``floor`` among them.
    batch : Batch
        The staff elimination set is asked; nothing is remembered.
    progress : callable, optional
        See `Progress`.
    """
    seen: dict[tuple[str, str], int] = {}
    identity = library.identity(loci)
    # Primers of built-in loci were cut off when the query was read, before it was known which library answers.
    for locus in (locus for locus in loci if plugins_of_loci([locus])):
        queries = map(partial(trimmed, locus=locus), queries)
    for number, (query, query_loci) in enumerate(_cut(queries, library, loci, progress), 1):
        first = seen.setdefault((query.name, query.part), number)
        warnings: list[Notice] = list(query.notes)
        if first != number:
            warnings.append(_duplicate(query.name, first))
        yield _prepare(query, number, warnings, identity, query_loci, parameters, batch)


def _cut(
    queries: Iterator[Query],
    library: Library,
    loci: tuple[str, ...],
    progress: Progress | None,
) -> Iterator[tuple[Query, tuple[str, ...]]]:
    """Yield the queries, genomes cut into their loci, and the loci to compare each with."""
    for query in queries:
        if query.problem or len(query.sequence) <= MAX_GENE_LENGTH or _of_person(query):
            yield query, loci
        else:
            from forensics.barcode.reading.cutting import cut_into_loci

            steps = 2 * len(loci)
            report = _report_steps(query, progress, steps)
            cut = cut_into_loci(query, library, loci, progress=report)
            if cut[0][1] != loci:  # pieces are short and searched at once
                report(steps)
            yield from cut


def _report_steps(query: Query, progress: Progress | None, steps: int) -> Callable[[int], object]:
    report = progress_of(query, progress)
    return lambda done: report(done, steps)


def _of_person(query: Query) -> bool:
    human_match = _match_human(query)
    return human_match is not None and human_match.sure


def _match_human(query: Query) -> Human | None:
    """Return how near a query, or a read that it was made of, is to a human sequence."""
    for read in query.members:  # what does not fit together leaves no sequence of its own
        human_match = human(read.sequence)
        if human_match and human_match.sure:
            return human_match
    return human(query.sequence) if len(query.sequence) <= MAXIMUM_LENGTH else None


def _prepare(
    query: Query,
    number: int,
    warnings: list[Notice],
    identity: dict[str, object],
    loci: tuple[str, ...],
    parameters: dict[str, object],
    batch: Batch,
) -> PreparedQuery:
    provenance = make_provenance(
        dependencies=_dependencies(of_chromatogram=bool(query.members or query.chromatogram)),
        library={**identity},
        tables={**packaged_tables()},
        parameters=parameters,
        input=query.input,
        plugins=(*plugins_of_loci(loci), *query.readers),
    )
    base_fields = {
        "query": query.name,
        "part": query.part,
        "index": number,
        "length": len(query.sequence),
        "floor": parameters["floor"],
        "provenance": provenance,
        "description": query.description,
        "sample_columns": query.sample_columns,
    }
    # Before anything is searched or told of it: what is of a person goes no further.
    human_match = _match_human(query)
    of_person = [human_warning(human_match)] if human_match and human_match.sure else []
    if matched := batch.match_elimination_database(query.sequence):
        of_person.append(matched)
    of_query = (query, number, loci, base_fields, human_match)
    if of_person:
        base_fields["description"] = ""  # it may name the person
        return PreparedQuery(*of_query, of_person[0], of_person[1:])
    searchable = tuple(n for n in loci if find_locus(n).minimum_length <= len(query.sequence))
    problem = query.problem or (None if searchable else too_short(query, loci))
    return PreparedQuery(*of_query, problem, warnings, () if problem else searchable)


def too_short(query: Query, loci: tuple[str, ...]) -> Notice:
    """Return the warning that a query is too short for loci."""
    return notices.unusable.TOO_SHORT(
        "loci", length=len(query.sequence), loci=", ".join(sorted(loci))
    )


def _duplicate(name: str, first: int) -> Notice:
    return notices.sequence.DUPLICATE_NAME(first=first, name=name)


@cache
def _dependencies(*, of_chromatogram: bool) -> dict[str, str]:
    """Return the versions of what every number comes from."""
    versions = {"python": sys.version.split()[0]}
    if of_chromatogram:
        import Bio  # was loaded to read it

        versions["biopython"] = Bio.__version__
    return versions
