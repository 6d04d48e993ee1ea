"""NCBI's E-utilities, by way of Biopython's Entrez.

A search is kept on NCBI's history server; from there the accessions with their versions are
read, page by page, and compared with the number that the search gave. From then on that list is
what is asked for, batch by batch, so that neither a new record nor the end of the session on the
server can change the set. A record that NCBI no longer gives, or gives in another version, is
named.

References
----------
Sayers, A General Introduction to the E-utilities, NCBI Bookshelf NBK25497: history server,
e-mail and API key, three requests a second without a key and ten with one.
Cock et al. 2009, Biopython, doi:10.1093/bioinformatics/btp163.
"""

import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request
from xml.etree import ElementTree

from forensics.barcode.fetching.flatfile import entry_of, read_taxonomy, records_in, version_of
from forensics.barcode.fetching.genes import gene_of
from forensics.barcode.fetching.http import (
    FetchError,
    Line,
    Refused,
    UnknownTaxon,
    Unusable,
    base_url,
    printable,
)
from forensics.barcode.reference.panels import require_taxon_name
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["NCBI", "Entrez", "Search", "query_of"]

#: Address of the E-utilities.
NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
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
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Search:
    """A search as NCBI understood it.

    Attributes
    ----------
    query : str
        As it was sent.
    understood : str
        ``QueryTranslation`` of the answer.
    count : int
        Records that it finds.
    environment, key : str
        Where the history server keeps it.
    """

    query: str
    understood: str
    count: int
    environment: str
    key: str


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
        gene = gene_of(locus)
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
    line : Line
    email : str
        Whom NCBI writes to before it blocks an address; NCBI requires one.
    api_key : str, optional
        Allows ten requests a second instead of three.
    server : str, optional
        Another address that behaves the same.
    """

    def __init__(
        self, line: Line, *, email: str, api_key: str | None = None, server: str = NCBI
    ) -> None:
        if not _EMAIL.fullmatch(email or ""):
            raise UsageError(
                _("{email!r} is not an e-mail address; NCBI requires yours (--email).").format(
                    email=email or ""
                )
            )
        if api_key is not None and not _KEY.fullmatch(api_key):
            raise UsageError(_("The API key is not one: letters and digits alone are expected."))
        self._line, self._server = line, base_url(server)
        self._says = {"email": email, "api_key": api_key, "tool": _TOOL}

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
            lambda: self._call("esearch", term=query, usehistory="y", retmax=0, idtype="acc"),
            lambda body: _searched(query, body),
        )

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
                        _("{found!r} is not an accession").format(found=printable(name, most=60))
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
            lambda: self._call(
                "efetch", db=_DATABASE, query_key=search.key, WebEnv=search.environment,
                rettype="acc", retmode="text", retstart=start, retmax=expected,
            ),
            check,
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
                absent[accession] = _("withdrawn since the search ({reason})").format(reason=error)
                continue
            if accession in alone:
                by_accession[accession] = alone[accession]
            elif alone:
                absent[accession] = _("now {version}").format(version=", ".join(sorted(alone)))
            else:
                absent[accession] = _("withdrawn since the search (nothing comes)")
        return "".join(by_accession[name] for name in accessions if name in by_accession), absent

    def _batch(self, accessions: Sequence[str]) -> dict[str, str]:
        what = _("the batch of {number} records from {first}").format(
            number=len(accessions), first=accessions[0]
        )
        several = len(accessions) > 1
        try:
            return self._line.ask(
                what,
                lambda: self._call(
                    "efetch", db=_DATABASE, id=",".join(accessions), rettype="gbwithparts",
                    retmode="text", retmax=len(accessions),
                ),
                lambda body: _flatfiles(body, accessions),
            )  # fmt: skip
        except Refused as error:
            if several and error.code in (400, 404):
                return {}  # each is asked for alone then
            if several:
                raise FetchError(_refused(what, error)) from error
            if error.code in (401, 403):
                raise FetchError(_refused(what, error)) from error
            raise

    def taxonomy(self, taxids: Sequence[str]) -> bytes:
        """Return the XML of NCBI's taxonomy for taxon ids."""

        def check(body: bytes) -> bytes:
            try:
                lineages = read_taxonomy(body)
            except ValueError as error:
                raise Unusable(
                    _("this is not the XML that was asked for ({error})").format(
                        error=printable(error)
                    )
                ) from error
            missing = [taxid for taxid in taxids if taxid not in lineages]
            if missing:
                raise Unusable(
                    _("taxon {missing} is not in it").format(missing=", ".join(missing[:5]))
                )
            return body

        return self._ask(
            _("the taxonomy of {number} taxa").format(number=len(taxids)),
            lambda: self._call(
                "efetch", db="taxonomy", id=",".join(taxids), retmode="xml", retmax=len(taxids)
            ),
            check,
        )

    def _ask(self, what: str, call, check):
        try:
            return self._line.ask(what, call, check)
        except Refused as error:
            raise FetchError(_refused(what, error)) from error

    def _call(self, utility: str, **says) -> bytes:
        from Bio import Entrez as entrez

        says = {"db": _DATABASE, **says, **self._says}
        database = says.pop("db")
        with self._on_this_line(entrez):
            handle = getattr(entrez, utility)(database, **says)
            # Of plain text Biopython makes letters; whether the bytes are text is judged here.
            return getattr(handle, "buffer", handle).read()

    @contextmanager
    def _on_this_line(self, entrez) -> Iterator[None]:
        """Let Biopython send over this line.

        Its functions know neither a time limit, nor another server, nor a cut-off answer; the
        name under which it opens addresses is ours for the time of one call. It keeps NCBI's
        limits of requests a second itself.
        """

        def send(request: Request):
            address = request.full_url
            if not address.startswith(NCBI):
                raise FetchError(
                    _("Biopython asks {address} instead of {expected}").format(
                        address=printable(address.partition("?")[0]), expected=NCBI
                    )
                )
            request.full_url = self._server + address.removeprefix(NCBI)
            return self._line.open(request)

        with _LOCK:
            before = entrez.urlopen, entrez.max_tries
            entrez.urlopen, entrez.max_tries = send, 1
            try:
                yield
            finally:
                entrez.urlopen, entrez.max_tries = before


def _searched(query: str, body: bytes) -> Search:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise Unusable(_("the XML is broken ({error})").format(error=error)) from error
    problem = root.findtext("ERROR") or root.findtext(".//ErrorList/Error")
    if root.tag != "eSearchResult" or problem:
        raise Unusable(
            _("the search failed: {reason}").format(reason=printable(problem or root.tag))
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
    count = root.findtext("Count") or ""
    environment, key = root.findtext("WebEnv") or "", root.findtext("QueryKey") or ""
    if not count.isascii() or not count.isdigit() or (int(count) and not (environment and key)):
        raise Unusable(_("the answer has no count or no place on the history server"))
    understood = printable(root.findtext("QueryTranslation") or "", most=20_000)
    return Search(query, understood, int(count), environment, key)


def _flatfiles(body: bytes, accessions: Sequence[str]) -> dict[str, str]:
    """Return the records of an answer by accession; those that were not asked for, too."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(_("the answer is not a text")) from error
    several = len(accessions) > 1
    by_accession: dict[str, str] = {}
    try:
        for record in records_in(io.StringIO(text), _("answer")):
            entry_of(record)
            by_accession[version_of(record)] = record
    except InputError as error:
        raise Unusable(printable(error)) from error
    if several and not by_accession:
        raise Unusable(_("nothing came"))
    # Another version of a record is not an answer to this question; asked alone, it is reported.
    stems = {name.partition(".")[0] for name in accessions}
    for name in by_accession:
        if name.partition(".")[0] not in stems:
            raise Unusable(_("{name!r} was not asked for").format(name=printable(name)))
    return {name: text for name, text in by_accession.items() if not several or name in accessions}


def _refused(what: str, error: Refused) -> str:
    return _("{what}: {reason}. Asking again would not help; look at the options.").format(
        what=what, reason=error
    )
