"""Brings records together: from NCBI, from BOLD, or from files that are there already."""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from forensics.barcode.fetching.bold import BoldQuery, Portal
from forensics.barcode.fetching.flatfile import (
    read_taxonomies,
    read_taxonomy,
    records_in,
    taxid_of,
)
from forensics.barcode.fetching.http import FetchError, UnknownTaxon
from forensics.barcode.fetching.ncbi import BATCH, Entrez, query_of
from forensics.barcode.fetching.packages import Row, json_row, rows_in
from forensics.barcode.fetching.request import MAX_RECORDS, Request
from forensics.barcode.fetching.staging import StagingFolder
from forensics.errors import InputError, UsageError
from forensics.io.inputs import open_input, report_damage, unpack
from forensics.messages import _

__all__ = ["Gathered", "gather_bold", "gather_files", "gather_ncbi"]

_SHOWN = 10  # accessions named in a message
_TAXA = 200  # taxon ids a request

Report = Callable[[str], None]


@dataclass
class Gathered:
    """Records that were brought together.

    Attributes
    ----------
    items : iterable of (str, int, str or Row)
        File, number in it, and the record as it arrived; read once.
    searches : list of dict
        What each search said; a taxon that the source does not know has ``unknown``, the reason.
    taxonomy : dict
        Lineages by NCBI taxon id.
    only : set of str, optional
        Records that count; without it, those of the taxa that are wanted.
    """

    items: Iterable[tuple[str, int, str | Row]]
    searches: list[dict] = field(default_factory=list)
    taxonomy: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    only: set[str] | None = None

    @cached_property
    def found_by(self) -> dict[str, set[str]]:
        """The taxa whose searches found a record, by its accession; a search knows synonyms."""
        found: dict[str, set[str]] = defaultdict(set)
        for search in self.searches:
            for accession in search.get("accessions", ()):
                found[accession].add(search["taxon"])
        return found


def gather_ncbi(
    request: Request,
    entrez: Entrez,
    staging: StagingFolder,
    *,
    most: int = MAX_RECORDS,
    report: Report = print,
) -> Gathered:
    """Fetch what NCBI has of a request into `staging`, or what of it is not there yet.

    Raises
    ------
    FetchError
        If a record of the searches does not come; each is named.
    UnknownTaxon
        If NCBI knows none of the taxa.
    UsageError
        If there are more than `most`.
    """
    searches: list[dict] = []
    for number, taxon in enumerate(request.taxa, 1):
        name = f"search-{number:04d}.json"
        answer = _stored(staging, name)
        if answer is None:
            query = query_of(taxon.names, taxon.loci)
            answer = {"taxon": taxon.taxon, "query": query}
            try:
                search, accessions = entrez.accessions(query)
            except UnknownTaxon as error:
                answer |= {"count": 0, "accessions": [], "unknown": str(error)}
            else:
                answer |= {
                    "understood": search.understood,
                    "count": search.count,
                    "accessions": accessions,
                }
                staging.put(name, _as_bytes(answer))
        searches.append(answer)
        _report_search(answer, report)
    _refuse_unknown(searches)
    listed = list(dict.fromkeys(a for search in searches for a in search["accessions"]))
    _refuse_more(len(listed), most)
    absent: dict[str, str] = {}
    names = []
    for start in range(0, len(listed), BATCH):
        batch = [a for a in listed[start : start + BATCH] if a not in request.without]
        name = f"records-{start // BATCH + 1:05d}.gb"
        if batch and staging.get(name) is None:
            text, missing = entrez.records(batch)
            absent.update(missing)
            if missing:
                continue
            staging.put(name, text.encode())
            report(
                _("{done} of {total} records").format(
                    done=min(start + BATCH, len(listed)), total=len(listed)
                )
            )
        if batch:
            names.append(name)
    if absent:
        raise FetchError(_explain_absent(absent))
    taxonomy = _taxonomy(staging, names, entrez)
    return Gathered(
        _flat_items(staging, names), searches, taxonomy, set(listed) - set(request.without)
    )


def _as_bytes(answer: dict) -> bytes:
    return (json.dumps(answer, indent=1) + "\n").encode()


def _stored(staging: StagingFolder, name: str) -> dict | None:
    """Return what a search said; of a taxon that is not known nothing is kept, and it is asked for again."""
    stored = staging.get(name)
    return None if stored is None else json.loads(stored)


def _report_search(search: dict, report: Report) -> None:
    counted = _("{taxon}: {count} records").format(taxon=search["taxon"], count=search["count"])
    report(search.get("unknown", counted))


def _refuse_unknown(searches: Sequence[dict]) -> None:
    """Raise the error of the first taxon where the source knows none."""
    if all("unknown" in search for search in searches):
        raise UnknownTaxon(searches[0]["unknown"])


def _explain_absent(absent: dict[str, str]) -> str:
    shown = "; ".join(f"{name}: {why}" for name, why in list(absent.items())[:_SHOWN])
    if len(absent) > _SHOWN:
        shown += "; …"
    return _(
        "{number} records that the search found did not come: {shown}. Nothing was written; what "
        "arrived is kept. Give --restart to search anew, or leave them out by name with --without "
        "{first}."
    ).format(number=len(absent), shown=shown, first=" --without ".join(list(absent)[:3]))


def _refuse_more(count: int, most: int) -> None:
    if count > most:
        raise UsageError(
            _(
                "The searches find {count} records, more than {most}. Ask for smaller taxa, or "
                "give --most {count} if all of them are meant."
            ).format(count=count, most=most)
        )


def _flat_items(staging: StagingFolder, names: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    for name in names:
        text = (staging.get(name) or b"").decode()
        for number, record in enumerate(records_in(iter(text.split("\n")), name), 1):
            yield name, number, record


def _taxonomy(staging: StagingFolder, names: Sequence[str], entrez: Entrez) -> dict:
    """Return the lineages of the records' taxa, fetched where they are not there yet."""
    taxids: set[str] = set()
    for _name, _number, record in _flat_items(staging, names):
        taxids.add(taxid_of(record))
    ordered = sorted(taxids - {""}, key=int)
    lineages: dict[str, tuple[tuple[str, str], ...]] = {}
    for start in range(0, len(ordered), _TAXA):
        name = f"taxonomy-{start // _TAXA + 1:05d}.xml"
        body = staging.get(name)
        if body is None:
            body = entrez.taxonomy(ordered[start : start + _TAXA])
            staging.put(name, body)
        lineages.update(read_taxonomy(body))
    return lineages


def gather_bold(
    request: Request,
    portal: Portal,
    staging: StagingFolder,
    *,
    most: int = MAX_RECORDS,
    report: Report = print,
) -> Gathered:
    """Fetch what BOLD has of the taxa of a request into `staging`, or what is not there yet.

    Raises
    ------
    FetchError
        If fewer records come than BOLD says it has.
    UnknownTaxon
        If it knows none of the taxa.
    UsageError
        If there are more than `most`.
    """
    searches: list[dict] = []
    names, total = [], 0
    for number, taxon in enumerate(request.taxa, 1):
        name, records = f"search-{number:04d}.json", f"records-{number:05d}.jsonl"
        answer = _stored(staging, name)
        if answer is None or (answer["count"] and staging.get(records) is None):
            answer = {"taxon": taxon.taxon}
            try:
                bold_query: BoldQuery = portal.search(taxon.names)
            except UnknownTaxon as error:
                answer |= {"count": 0, "unknown": str(error)}
            else:
                answer |= {"query": bold_query.query, "count": bold_query.count}
                _refuse_more(total + bold_query.count, most)
                if bold_query.count:
                    staging.put(records, portal.records(bold_query))
                staging.put(name, _as_bytes(answer))
        searches.append(answer)
        _report_search(answer, report)
        if answer["count"]:
            total += answer["count"]
            names.append(records)
    _refuse_unknown(searches)

    def items() -> Iterator[tuple[str, int, Row]]:
        for name in names:
            for number, line in enumerate((staging.get(name) or b"").decode().split("\n"), 1):
                if line.strip():
                    yield name, number, json_row(number, line)

    return Gathered(items(), searches)


def gather_files(request: Request, paths: Sequence[Path]) -> Gathered:
    """Read records from files, or from the folder that ``--keep-raw`` made.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    files, taxonomy = [], {}
    pattern = "*.gb*" if request.source == "ncbi" else "records-*.jsonl*"
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.glob(pattern) if entry.is_file())
            if not inside:
                raise InputError(
                    _("the folder has no {pattern}").format(pattern=pattern), source=str(path)
                )
            files += inside
            taxonomy.update(read_taxonomies(path))
        else:
            files.append(path)

    def items() -> Iterator[tuple[str, int, str | Row]]:
        for path in files:
            if request.source == "bold":
                for row in rows_in(path):
                    yield path.name, row.number, row
            else:
                for number, record in enumerate(_flat_file(path), 1):
                    yield path.name, number, record

    return Gathered(items(), [], taxonomy)


def _flat_file(path: Path) -> Iterator[str]:
    with open_input(path, str(path)) as raw, report_damage(str(path)):
        text = io.TextIOWrapper(unpack(raw, str(path)), "utf-8", errors="replace", newline=None)
        yield from records_in(text, str(path))
