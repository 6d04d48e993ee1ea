"""NCBI: its E-utilities, and what a GenBank record says of its specimen, its deposit and its taxonomy.

The history server keeps a search; the list of its accessions, with their versions, is read once and
must be as long as the search said. From then on records are asked for by accession and version,
batch by batch, so that neither a new record nor the end of the session on the server can change the
set. A record that NCBI no longer gives, or gives in another version, is named.

References
----------
Sayers, A General Introduction to the E-utilities, NCBI Bookshelf NBK25497: history server,
e-mail and API key, three requests a second without a key and ten with one.
The DDBJ/ENA/GenBank Feature Table Definition; the structure ``institution:collection:specimen``
of ``/specimen_voucher`` is its rule.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree import ElementTree

from forensics.barcode.fetch.extract import RANKS, Fetched, extract_loci
from forensics.barcode.fetch.request import (
    Arrivals,
    FetchError,
    Item,
    Refused,
    Report,
    Request,
    Search,
    StagingFolder,
    UnknownTaxon,
    Unusable,
    one_line,
    refuse_more,
    search_taxa,
    text_of,
)
from forensics.barcode.locus import find_locus
from forensics.barcode.reading.reads import MAX_ENTRY, genbank_entries
from forensics.barcode.reference.annotated import ranks_by_ending, said_by, taxon_of
from forensics.barcode.reference.panels import PanelTaxon, require_taxon_name
from forensics.errors import InputError, UsageError
from forensics.io.files import open_input, read_limited, report_damage, unpack
from forensics.messages import _

if TYPE_CHECKING:
    from Bio.SeqRecord import SeqRecord

    from forensics.barcode.fetch.server import Server

T = TypeVar("T")
Lineages = dict[str, tuple[tuple[str, str], ...]]
"""Rank and name of each taxon from above, by NCBI taxon id."""

#: Address of the E-utilities.
NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
#: Seconds between two requests, without a key and with one, as NCBI wants it.
GAP, GAP_WITH_KEY = 1 / 3, 0.1
#: Records that are asked for at a time; with more ids than this NCBI wants them posted.
BATCH = 200
#: Accessions a page of the list.
PAGE = 5000
#: Shortest and longest record that is asked for, in bases: plastid genomes stay under 250 kb,
#: and what is longer is a chromosome.
MIN_LENGTH, MAX_LENGTH = 30, 300_000
_TOOL = "wildlife-forensics"
_DATABASE = "nucleotide"
_ACCESSION = re.compile(r"[A-Za-z0-9_]+(\.\d+)?")
_KEY = re.compile(r"[0-9A-Za-z]{10,64}")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+|[^@\s,]+@localhost")
# A search that changes while it is read is made again so many times.
_SEARCHES = 3
_SHOWN = 10  # accessions named in a message
_TAXA = 200  # taxon ids a request
# What NCBI answers where one of the records that were asked for is not there.
_GONE = (400, 404)


def query_of(taxa: Sequence[str], loci: Sequence[str]) -> str:
    """Return the search for the records of taxa at loci.

    Raises
    ------
    UsageError
        If a name cannot be one of a taxon.

    Examples
    --------
    >>> print(query_of(["Manidae"], ["matK"]))
    ("Manidae"[Organism]) AND ("matK"[Gene Name] OR "maturase K"[Title] OR \
"maturase K"[Protein Name] OR "maturase-like protein"[Title] OR \
"maturase-like protein"[Protein Name]) AND 30:300000[Sequence Length]
    """
    for taxon in taxa:
        require_taxon_name(taxon)
    words: dict[str, None] = {}
    for locus in loci:
        gene = find_locus(locus).gene
        words.update((f'"{symbol}"[Gene Name]', None) for symbol in gene.symbols)
        for product in gene.products:
            words.update({f'"{product}"[Title]': None, f'"{product}"[Protein Name]': None})
    organisms = " OR ".join(f'"{taxon}"[Organism]' for taxon in taxa)
    lengths = f"{MIN_LENGTH}:{MAX_LENGTH}[Sequence Length]"
    return f"({organisms}) AND ({' OR '.join(words)}) AND {lengths}"


class Entrez:
    """NCBI's E-utilities.

    Parameters
    ----------
    server : Server
        NCBI's, or one that behaves the same.
    email : str
        Whom NCBI writes to before it blocks an address; NCBI requires one.
    api_key : str, optional
        Allows ten requests a second instead of three.
    """

    def __init__(self, server: "Server", *, email: str, api_key: str | None = None) -> None:
        if not _EMAIL.fullmatch(email or ""):
            raise UsageError(
                _("{email!r} is not an e-mail address; NCBI requires yours (--email).").format(
                    email=email or ""
                )
            )
        if api_key is not None and not _KEY.fullmatch(api_key):
            raise UsageError(_("The API key is not one: letters and digits alone are expected."))
        self.server = server
        self._says = {"email": email, "tool": _TOOL}
        if api_key:
            self._says["api_key"] = api_key

    def find(self, taxon: PanelTaxon) -> Search:
        """Search for the records of a taxon at its loci; see `search`."""
        return self.search(query_of(taxon.names, taxon.loci))

    def gather(
        self,
        request: Request,
        staging: StagingFolder,
        *,
        most: int,
        report: Report,
    ) -> Arrivals:
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

        def search(taxon: PanelTaxon, answer: dict) -> None:
            answer |= {"query": query_of(taxon.names, taxon.loci), "accessions": []}
            found, answer["accessions"] = self.accessions(answer["query"])
            answer |= {"understood": found.understood, "count": found.count}

        searches = search_taxa(request, staging, search, report)
        listed = list(dict.fromkeys(a for search in searches for a in search["accessions"]))
        refuse_more(len(listed), most)
        absent: dict[str, str] = {}
        names = []
        for start in range(0, len(listed), BATCH):
            batch = [a for a in listed[start : start + BATCH] if a not in request.without]
            name = f"records-{start // BATCH + 1:05d}.gb"
            if batch and staging.get(name) is None:
                text, missing = self.records(batch)
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

        def records() -> Iterator[tuple[str, str]]:
            for name in names:
                for record in records_in(staging.lines(name), name):
                    yield name, record

        taxids = {
            match.group(1) for _name, text in records() if (match := _TAXID_LINE.search(text))
        }
        ordered = sorted(taxids, key=int)
        lineages: Lineages = {}
        for start in range(0, len(ordered), _TAXA):
            name = f"taxonomy-{start // _TAXA + 1:05d}.xml"
            body = staging.get(name)
            if body is None:
                body = self.taxonomy(ordered[start : start + _TAXA])
                staging.put(name, body)
            lineages.update(read_taxonomy(body))
        return Arrivals(items_of(records(), lineages), searches, set(listed))

    def search(self, query: str) -> Search:
        """Search and leave the result on the history server.

        Raises
        ------
        FetchError
            If NCBI gives no whole answer.
        UnknownTaxon
            If it knows none of the names.
        """
        return self._ask(
            _("the search"),
            "esearch",
            lambda body: _searched(query, body),
            term=query, usehistory="y", retmax=0, idtype="acc",
        )  # fmt: skip

    def accessions(self, query: str) -> tuple[Search, list[str]]:
        """Return a search and the accessions with versions that it finds, each once.

        Raises
        ------
        FetchError
            If fewer come than the search said.
        """
        for _attempt in range(_SEARCHES):
            search = self.search(query)
            names: list[str] = []
            while len(names) < search.count:
                names += self._page(search, len(names))
            if len(set(names)) == len(names) == search.count:
                return search, names
        raise FetchError(
            _(
                "The search found {count} records, but its list names {found} different ones, "
                "{attempts} times: the database is being changed. Run the command again later."
            ).format(count=search.count, found=len(set(names)), attempts=_SEARCHES)
        )

    def _page(self, search: Search, start: int) -> list[str]:
        expected = min(PAGE, search.count - start)

        def check(body: bytes) -> list[str]:
            names = body.decode("ascii", "replace").split()
            for name in names:
                if not _ACCESSION.fullmatch(name):
                    raise Unusable(
                        _("{found!r} is not an accession").format(found=one_line(name, most=60))
                    )
            if len(names) != expected:
                raise Unusable(
                    _("{found} of {expected} accessions came").format(
                        found=len(names), expected=expected
                    )
                )
            return names

        return self._ask(
            _("the list of accessions from number {start}").format(start=start + 1),
            "efetch",
            check,
            query_key=search.place[1], WebEnv=search.place[0],
            rettype="acc", retmode="text", retstart=start, retmax=expected,
        )  # fmt: skip

    def records(self, accessions: Sequence[str]) -> tuple[str, dict[str, str]]:
        """Return the flat files of records, and what is wrong with those that did not come.

        Returns
        -------
        text : str
            The records, in the order of `accessions`.
        absent : dict of str to str
            Accession and reason of each record that NCBI does not give any longer, or gives in
            another version.
        """
        by_accession: dict[str, str] = {}
        absent: dict[str, str] = {}
        for _attempt in range(2):  # an answer may have been cut off between two records
            missing = [name for name in accessions if name not in by_accession]
            if len(missing) > 1:
                by_accession.update(self._batch(missing))
        for accession in accessions:
            if accession in by_accession:
                continue
            # Asked for alone, NCBI says what became of it.
            try:
                alone = self._batch([accession])
            except Refused as error:
                if error.code not in _GONE:
                    raise
                absent[accession] = _("withdrawn since the search ({reason})").format(
                    reason=error.reason
                )
                continue
            if accession in alone:
                by_accession[accession] = alone[accession]
            elif alone:
                absent[accession] = _("now {version}").format(version=", ".join(sorted(alone)))
            else:
                absent[accession] = _("withdrawn since the search (nothing comes)")
        return "".join(by_accession[name] for name in accessions if name in by_accession), absent

    def _batch(self, accessions: Sequence[str]) -> dict[str, str]:
        try:
            return self._ask(
                _("the batch of {number} records from {first}").format(
                    number=len(accessions), first=accessions[0]
                ),
                "efetch",
                lambda body: _flatfiles(body, accessions),
                id=",".join(accessions), rettype="gbwithparts", retmode="text",
                retmax=len(accessions),
            )  # fmt: skip
        except Refused as error:
            if len(accessions) > 1 and error.code in _GONE:
                return {}  # each is asked for alone then
            raise

    def taxonomy(self, taxids: Sequence[str]) -> bytes:
        """Return the XML of NCBI's taxonomy for taxon ids."""

        def check(body: bytes) -> bytes:
            try:
                lineages = read_taxonomy(body)
            except ValueError as error:
                reason = _("this is not the XML that was asked for ({error})")
                raise Unusable(reason.format(error=one_line(error))) from error
            missing = [taxid for taxid in taxids if taxid not in lineages]
            if missing:
                raise Unusable(
                    _("taxon {missing} is not in it").format(missing=", ".join(missing[:5]))
                )
            return body

        return self._ask(
            _("the taxonomy of {number} taxa").format(number=len(taxids)),
            "efetch",
            check,
            db="taxonomy", id=",".join(taxids), retmode="xml", retmax=len(taxids),
        )  # fmt: skip

    def _ask(self, what: str, utility: str, check: Callable[[bytes], T], **says: object) -> T:
        fields = {"db": _DATABASE, **says, **self._says}
        return self.server.ask(what, f"{utility}.fcgi", fields, check, method="POST")


def _searched(query: str, body: bytes) -> Search:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise Unusable(_("the XML is broken ({error})").format(error=error)) from error
    problem = root.findtext("ERROR") or root.findtext(".//ErrorList/Error")
    if root.tag != "eSearchResult" or problem:
        raise Unusable(
            _("the search failed: {reason}").format(reason=one_line(problem or root.tag))
        )
    taxa = re.findall(r'"([^"]*)"\[Organism\]', query)
    not_found = {
        re.sub(r"\[[^\]]*\]$", "", phrase.text or "").strip('" ').casefold()
        for phrase in root.iterfind("ErrorList/PhraseNotFound")
    }
    # A synonym that NCBI does not know it passes over.
    if taxa and not_found.issuperset(name.casefold() for name in taxa):
        raise UnknownTaxon(
            _("NCBI does not know the taxon {name!r}; look its name up in NCBI's taxonomy.").format(
                name=taxa[0]
            )
        )
    count, *place = (root.findtext(tag) or "" for tag in ("Count", "WebEnv", "QueryKey"))
    if not count.isascii() or not count.isdigit() or (int(count) and not all(place)):
        raise Unusable(_("the answer has no count or no place on the history server"))
    understood = one_line(root.findtext("QueryTranslation") or "", most=20_000)
    return Search(query, int(count), tuple(place), understood)


def _flatfiles(body: bytes, accessions: Sequence[str]) -> dict[str, str]:
    """Return the records of an answer by accession; those that were not asked for, too."""
    text = text_of(body)
    several = len(accessions) > 1
    by_accession: dict[str, str] = {}
    try:
        for record in records_in(io.StringIO(text), _("answer")):
            entry_of(record)
            by_accession[version_of(record)] = record
    except InputError as error:
        raise Unusable(one_line(error)) from error
    if several and not by_accession:
        raise Unusable(_("nothing came"))
    # Another version of a record is not an answer to this question; asked alone, it is reported.
    stems = {name.partition(".")[0] for name in accessions}
    for name in by_accession:
        if name.partition(".")[0] not in stems:
            raise Unusable(_("{name!r} was not asked for").format(name=one_line(name)))
    return {name: text for name, text in by_accession.items() if not several or name in accessions}


def _explain_absent(absent: dict[str, str]) -> str:
    shown = "; ".join(f"{name}: {why}" for name, why in list(absent.items())[:_SHOWN])
    if len(absent) > _SHOWN:
        shown += "; …"
    return _(
        "{number} records that the search found did not come: {shown}. Nothing was written; what "
        "arrived is kept. Give --restart to search again, or leave them out by name with --without "
        "{first}."
    ).format(number=len(absent), shown=shown, first=" --without ".join(list(absent)[:3]))


# -- flat files ------------------------------------------------------------------

# Nothing in a record comes before it; a byte-order mark or blank lines may stand before the first.
_START = "LOCUS "
_END = "//"
# With its length, against which the sequence is counted.
_LOCUS = re.compile(r"^LOCUS\s.*\s\d+ bp\b")
_VERSION = re.compile(r"^VERSION {5}\s*(\S+)", re.MULTILINE)
_SUBMITTED = re.compile(r"^Submitted \([^)]*\)\s*")
_TAXID_LINE = re.compile(r'^ +/db_xref="taxon:(\d+)"$', re.MULTILINE)


def records_in(stream: Iterable[str], source: str) -> Iterator[str]:
    """Yield the records of a flat file, each as it stands from LOCUS to ``//``.

    Raises
    ------
    InputError
        If something else stands between them, one is longer than `MAX_ENTRY`, or the last has no end.
    """
    lines: list[str] = []
    size, number = 0, 1

    def fault(text: str) -> InputError:
        return InputError(text, source=source, record=number)

    for line in stream:
        line = line.rstrip("\r\n")
        if not lines:
            line = line.lstrip("\ufeff")
            if not line.strip():
                continue
            if not line.startswith(_START):
                raise fault(
                    _("found {start!r}, expected LOCUS: this is not a GenBank flat file").format(
                        start=line[:40]
                    )
                )
        lines.append(line)
        size += len(line) + 1
        if size > MAX_ENTRY:
            raise fault(_("the record is longer than {most} letters").format(most=MAX_ENTRY))
        if line.rstrip() == _END:
            yield "\n".join(lines) + "\n"
            lines, size, number = [], 0, number + 1
    if lines:
        raise fault(_("the last record has no end (//): the file was cut off; get it again"))


def version_of(text: str) -> str:
    """Return the accession with version of a record, or an empty string."""
    version = _VERSION.search(text)
    return version.group(1) if version else ""


def entry_of(text: str) -> "tuple[SeqRecord, str]":
    """Return a record as Biopython reads it, and its sequence (empty where it has none).

    Raises
    ------
    InputError
        If it is not one whole record.
    """
    accession = version_of(text) or "?"
    if not _LOCUS.match(text):
        raise InputError(
            _("record {accession} does not say its length (LOCUS … bp)").format(accession=accession)
        )
    try:
        entries = list(genbank_entries(io.StringIO(text), ""))
    except ValueError as error:
        raise InputError(
            _("record {accession} cannot be read: {error}").format(
                accession=accession, error=one_line(error)
            )
        ) from error
    if len(entries) != 1:
        raise InputError(
            _("found {number} records where one is expected").format(number=len(entries))
        )
    return entries[0]


def items_of(records: Iterable[tuple[str, str]], lineages: Lineages) -> Iterator[Item]:
    """Yield what the records of files say.

    Parameters
    ----------
    records : iterable of (str, str)
        File and text; the records of a file follow one another.
    lineages : dict
        As of `read_taxonomy`.
    """
    for file, texts in groupby(records, key=itemgetter(0)):
        for number, (_file, text) in enumerate(texts, 1):
            entry, sequence = entry_of(text)
            record = fetched_of(text, entry, lineages)
            cut = partial(extract_loci, record, entry, sequence)
            yield Item(file, number, record.accession, record.sha256, record, cut)


def fetched_of(text: str, entry: Any, taxonomy: Lineages) -> Fetched:
    """Return what a record says.

    Parameters
    ----------
    text : str
        As it arrived.
    entry : Bio.SeqRecord.SeqRecord
        The same, read.
    taxonomy : dict of str to tuple of (rank, name)
        Lineages by NCBI taxon id, from `read_taxonomy`; without them only family and order
        are known, where their ending tells.
    """

    def first(*names: str) -> str:
        return _plain(said_by(entry, *names))

    taxid = str(taxon_of(entry) or "")
    names = tuple(_plain(name) for name in entry.annotations.get("taxonomy", ()))
    lineage = taxonomy.get(taxid, ())
    ranks = tuple((rank, name) for rank, name in lineage if rank in RANKS)
    voucher = first("specimen_voucher", "bio_material", "culture_collection")
    code = voucher.split(":")[0] if ":" in voucher else ""
    publication, submitter = _references(entry)
    return Fetched(
        accession=entry.id,
        name=_plain(entry.annotations.get("organism", "")),
        taxonomy=tuple(name for _rank, name in lineage) or names,
        ranks=ranks or tuple(ranks_by_ending(names).items()),
        taxid=taxid,
        voucher=voucher,
        identifier=first("identified_by"),
        institution=_plain(code),
        country=first("geo_loc_name", "country"),
        date=first("collection_date"),
        coordinates=first("lat_lon"),
        collector=first("collected_by"),
        publication=publication,
        submitter=submitter,
        title=_plain(entry.description),
        deposited=_plain(entry.annotations.get("date", "")),
        source="GenBank",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def read_taxonomy(body: bytes) -> Lineages:
    """Return lineages by taxon id from the XML of NCBI's taxonomy database.

    Ids that were merged into another lead to it.

    Raises
    ------
    ValueError
        If it is no such XML.
    """
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    if root.tag != "TaxaSet":
        raise ValueError(_("found <{tag}>, expected <TaxaSet>").format(tag=root.tag))
    lineages = {}
    for taxon in root.findall("Taxon"):
        above = [(_text_of(t, "Rank"), _text_of(t, "ScientificName")) for t in taxon.iter("Taxon")]
        # The first of them is the taxon itself; it belongs at the end.
        lineage = tuple((rank, name) for rank, name in [*above[1:], above[0]] if name)
        others = [_plain(other.text or "") for other in taxon.findall("AkaTaxIds/TaxId")]
        for taxid in (_text_of(taxon, "TaxId"), *others):
            if taxid:
                lineages[taxid] = lineage
    return lineages


# Lineages of 100,000 taxa.
_MAX_TAXONOMY = 256 * 2**20


def read_taxonomies(folder: Path) -> Lineages:
    """Return the lineages of every ``taxonomy-*.xml`` of a folder of raw answers."""
    lineages: Lineages = {}
    for path in sorted(folder.glob("taxonomy-*.xml")):
        try:
            lineages.update(read_taxonomy(read_limited(path, _MAX_TAXONOMY)))
        except ValueError as error:
            raise InputError(
                _("this is not NCBI's taxonomy as XML: {error}").format(error=error),
                source=str(path),
            ) from error
    return lineages


def _text_of(taxon: ElementTree.Element, tag: str) -> str:
    return _plain(taxon.findtext(tag) or "")


def _plain(text: object) -> str:
    return one_line(text, most=MAX_ENTRY)


def _references(entry: Any) -> tuple[str, str]:
    """Return the first publication, and who deposited the record."""
    publication = submitter = ""
    for reference in entry.annotations.get("references", ()):
        journal = _plain(reference.journal)
        if _SUBMITTED.match(journal):
            submitter = submitter or _SUBMITTED.sub("", journal)
        elif not publication:
            parts = [_plain(reference.authors), _plain(reference.title), journal]
            if reference.pubmed_id:
                parts.append(f"PMID {_plain(reference.pubmed_id)}")
            publication = ". ".join(part.rstrip(".") for part in parts if part)
    return publication, submitter


def records_of_file(path: Path) -> Iterator[str]:
    """Yield the records of a flat file, as they stand."""
    with open_input(path, str(path)) as raw, report_damage(str(path)):
        text = io.TextIOWrapper(unpack(raw, str(path)), "utf-8", errors="replace", newline=None)
        yield from records_in(text, str(path))
