"""The BOLD portal's public interface, and what a row of BOLD says.

The interface in three steps: a taxon is resolved into BOLD's own terms, the terms make a query
that BOLD gives a token for, and the token gives the number of records and the records, one line
of JSON each. The number of lines must be the number that BOLD says. There is no way to ask for one
marker; what is of other loci is passed over here.

The interface before 2024 (``API_Public/combined``) has been shut down and is not asked. Its
files are read (`forensics.barcode.fetching.packages`).

References
----------
BOLD Systems, Data Portal API, https://portal.boldsystems.org/api.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from urllib.request import Request

from forensics.barcode.fetching.genes import gene_key
from forensics.barcode.fetching.http import (
    FetchError,
    Line,
    Refused,
    UnknownTaxon,
    Unusable,
    base_url,
    printable,
)
from forensics.barcode.fetching.packages import Row, json_row
from forensics.barcode.fetching.sources import RANKS, Fetched
from forensics.barcode.locus import find_locus, known_loci
from forensics.barcode.reference.panels import require_taxon_name
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["BOLD", "BoldQuery", "Portal", "fetched_of_row", "locus_of", "raw_key"]

#: Address of the portal's interface.
BOLD = "https://portal.boldsystems.org/api/"
#: Seconds between two requests; BOLD names no figure.
GAP = 1.0
#: Records of one query that BOLD gives at most, by its own documentation.
MAX_RECORDS = 1_000_000
_PROCESS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TOKEN = re.compile(r"\S{1,100000}")
# BOLD's own codes beside those that `find_locus` and the names of genes know.
_MARKERS = {"coi5pnmt1": "", "coi3p": ""}


@dataclass(frozen=True)
class BoldQuery:
    """A query as BOLD understood it.

    Attributes
    ----------
    query : str
        BOLD's terms.
    token : str
        Stands for its result for a day.
    count : int
        Records.
    """

    query: str
    token: str
    count: int


class Portal:
    """BOLD's portal.

    Parameters
    ----------
    line : Line
    server : str, optional
        Another address that behaves the same.
    """

    def __init__(self, line: Line, *, server: str = BOLD) -> None:
        self._line, self._server = line, base_url(server)

    def search(self, taxa: Sequence[str]) -> BoldQuery:
        """Make a query of taxa.

        Raises
        ------
        FetchError
            If BOLD gives no whole answer.
        UnknownTaxon
            If it knows none of them.
        """
        query = self.terms(taxa)
        token = self._json(_("the query"), "query", {"query": query, "extent": "full"}, _token)
        count = self._json(
            _("the number of records"),
            f"documents/{quote(token, safe='')}",
            {"length": "1", "start": "0"},
            _count,
        )
        if count > MAX_RECORDS:
            raise FetchError(
                _(
                    "BOLD has {count} records of {query} and gives {most} at most; ask for smaller "
                    "taxa, or read a data package with --from."
                ).format(count=count, query=query, most=MAX_RECORDS)
            )
        return BoldQuery(query, token, count)

    def terms(self, taxa: Sequence[str]) -> str:
        """Return taxa in BOLD's terms; a name of several taxa gives all of them."""
        for taxon in taxa:
            require_taxon_name(taxon)
        asked = ";".join(f"tax:{taxon}" for taxon in taxa)
        return self._json(
            _("the names of the taxa"), "query/preprocessor", {"query": asked}, _terms
        )

    def records(self, search: BoldQuery) -> bytes:
        """Return the records of a query, one JSON object a line, as many as BOLD said."""

        def check(body: bytes) -> bytes:
            try:
                lines = body.decode("utf-8").split("\n")
            except UnicodeDecodeError as error:
                raise Unusable(_("the answer is not a text")) from error
            number = 0
            for line in lines:
                if line.strip():
                    number += 1
                    row = json_row(number, line)
                    if row.problem:
                        place = _("record {}").format(number)
                        raise Unusable(f"{place}: {printable(row.problem)}")
            if number != search.count:
                raise Unusable(
                    _("{found} of {expected} records came").format(
                        found=number, expected=search.count
                    )
                )
            return body

        return self._ask(
            _("the records of {query}").format(query=search.query),
            f"documents/{quote(search.token, safe='')}/download",
            {"format": "json"},
            check,
        )

    def _json(self, what: str, path: str, says: dict[str, str], check):
        def checked(body: bytes):
            try:
                answer = json.loads(body)
            except (ValueError, RecursionError) as error:
                raise Unusable(_("the answer is not JSON ({error})").format(error=error)) from error
            if not isinstance(answer, dict):
                raise Unusable(_("the answer is not a JSON object"))
            return check(answer)

        return self._ask(what, path, says, checked)

    def _ask(self, what: str, path: str, says: dict[str, str], check):
        address = f"{self._server}{path}?{urlencode(says)}"
        request = Request(address, headers={"User-Agent": "wildlife-forensics"})
        try:
            return self._line.ask(what, lambda: self._line.open(request).read(), check)
        except Refused as error:
            raise FetchError(
                _("{what}: {reason}. Asking again would not help.").format(what=what, reason=error)
            ) from error


def _terms(answer: dict) -> str:
    failed, found = answer.get("failed_terms") or [], answer.get("successful_terms") or []
    if failed and not found:
        names = [t.get("submitted", t) if isinstance(t, dict) else t for t in failed]
        raise UnknownTaxon(
            _("BOLD does not know {names}; look the name up in its taxonomy.").format(
                names=printable(", ".join(map(str, names)))
            )
        )
    terms: dict[str, None] = {}
    for term in found:
        matched = term.get("matched") if isinstance(term, dict) else None
        if not isinstance(matched, str) or not matched.startswith("tax:"):
            raise Unusable(_("the answer names no taxon"))
        # One name may be that of several taxa: all of them are asked for.
        terms.update((part.strip(), None) for part in matched.split(",") if part.strip())
    if not terms:
        raise Unusable(_("the answer names no taxon"))
    return ";".join(terms)


def _token(answer: dict) -> str:
    token = answer.get("query_id")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Unusable(_("the answer has no query_id"))
    return token


def _count(answer: dict) -> int:
    count = answer.get("recordsTotal")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise Unusable(_("the answer has no recordsTotal, without which nothing can be counted"))
    return count


# -- what a row says --------------------------------------------------------------


def locus_of(marker: str) -> str:
    """Return the locus that a marker code stands for, or an empty string.

    Examples
    --------
    >>> locus_of("COI-5P"), locus_of("COI-3P"), locus_of("CYTB")
    ('COI', '', 'cytb')
    """
    key = gene_key(marker)
    if key in _MARKERS:
        return _MARKERS[key]
    for locus in known_loci():
        if key in {gene_key(name) for name in (*locus.gene.symbols, *locus.gene.products)}:
            return locus.name
    try:
        return find_locus(marker).name
    except UsageError:
        return ""


def raw_key(row: Row) -> str:
    """Return the name of a row in a lock: process id and marker."""
    values = row.values
    marker = _of(values, "marker_code", "markercode", "marker", "target_gene", "0000044")
    return f"{_of(values, 'processid', 'process_id', 'occurrenceid')}|{marker}"


def fetched_of_row(row: Row) -> tuple[Fetched | None, str, str, str]:
    """Return what a row says, its marker code, its sequence, and why it cannot be taken."""
    values = row.values
    process = _of(values, "processid", "process_id", "occurrenceid")
    marker = raw_key(row).partition("|")[2]
    if row.problem:
        return None, marker, "", row.problem
    if not _PROCESS_ID.fullmatch(process):
        return None, marker, "", _("{found!r} is not a process id").format(found=printable(process))
    above = {rank: _of(values, rank, f"{rank}_name") for rank in ("kingdom", *RANKS)}
    others = [_of(values, f"{rank}", f"{rank}_name") for rank in ("subfamily", "tribe", "species")]
    name = _of(
        values, "identification", "subspecies", "subspecies_name", "species", "species_name",
        "scientificname", "genus", "genus_name", "taxon_name", "taxon",
    )  # fmt: skip
    return (
        Fetched(
            accession=process,
            name=name,
            taxonomy=tuple(n for n in (*above.values(), *others) if n),
            ranks=tuple((rank, above[rank]) for rank in RANKS if above[rank]),
            taxid="",
            voucher=_of(values, "museumid", "catalognum", "catalognumber", "sampleid"),
            identifier=_of(values, "identified_by", "identification_provided_by", "identifiedby"),
            institution=_of(values, "inst", "institution_storing", "institutioncode"),
            country=_of(values, "country/ocean", "country"),
            date=_of(values, "collection_date_start", "collectiondate", "eventdate"),
            coordinates=_coordinates(values),
            collector=_of(values, "collectors", "recordedby"),
            publication="",
            submitter=_of(values, "sequence_run_site", "run_dates"),
            title="",
            deposited=_of(values, "sequence_upload_date", "processid_minted_date"),
            insdc=_of(values, "insdc_acs", "genbank_accession", "associatedsequences"),
            source="BOLD",
            licence=_of(values, "license", "licence"),
            sha256=hashlib.sha256(row.text.encode()).hexdigest(),
        ),
        marker,
        _of(values, "nuc", "nucleotides", "nucraw", "dna_sequence", "sequence"),
        "",
    )


def _of(values: dict[str, str], *names: str) -> str:
    value = next((values[name] for name in names if values.get(name)), "")
    return printable(value, most=10**6)


def _coordinates(values: dict[str, str]) -> str:
    if together := _of(values, "coord"):
        return " ".join(together.strip("[]()").replace(",", " ").split())
    latitude = _of(values, "lat", "decimallatitude")
    longitude = _of(values, "lon", "decimallongitude")
    return f"{latitude} {longitude}" if latitude and longitude else ""
