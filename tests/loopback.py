"""Servers on the loopback that behave as NCBI's and BOLD's interfaces are documented to.

Nothing here was recorded from the real services, which cannot be reached from where the tests
run. Records are made: their organisms (family Fictidae) are not, their sequences are those of the
packaged elephant's mitochondrial genome with simulated changes, and their annotation was written
by hand for these tests.
"""

import gzip
import io
import json
import random
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqFeature import CompoundLocation, Reference, SeqFeature, SimpleLocation
from Bio.SeqRecord import SeqRecord

from forensics.barcode.reference.records import ReferenceRecord

GENOME_FILE = (
    Path(__file__).parent.parent / "reference_sequences/demonstration/elephant_mitogenome.fasta.gz"
)
# Where the genes lie in the elephant, counted from 0, as KY616982.1 is annotated.
GENES = {"12S": (71, 1031), "16S": (1100, 2664), "COI": (5328, 6876), "cytb": (14147, 15284)}
_FEATURES = {
    "12S": ("rRNA", {"product": ["12S ribosomal RNA"]}),
    "16S": ("rRNA", {"product": ["16S ribosomal RNA"]}),
    "COI": ("CDS", {"gene": ["COX1"], "product": ["cytochrome c oxidase subunit I"]}),
    "cytb": ("CDS", {"gene": ["CYTB"], "product": ["cytochrome b"]}),
}
LINEAGE = ("Eukaryota", "Metazoa", "Chordata", "Mammalia", "Fictiformes", "Fictidae")
RANKS = ("superkingdom", "kingdom", "phylum", "class", "order", "family")


def genome() -> str:
    """Return the packaged elephant's mitochondrial genome."""
    text = gzip.decompress(GENOME_FILE.read_bytes()).decode()
    return "".join(text.splitlines()[1:])


def changed(sequence: str, share: float, seed: int) -> str:
    """Return a sequence with a share of its bases replaced (simulated)."""
    rng = random.Random(seed)
    bases = list(sequence)
    for place in rng.sample(range(len(bases)), int(share * len(bases))):
        bases[place] = rng.choice("ACGT".replace(bases[place], ""))
    return "".join(bases)


def location(start: int, end: int, size: int, strand: int = 1):
    """Return a location on a circle; `end` may lie past the origin."""
    if end <= size:
        return SimpleLocation(start, end, strand)
    parts = [SimpleLocation(start, size, strand), SimpleLocation(0, end - size, strand)]
    return CompoundLocation(parts if strand == 1 else parts[::-1])


def record(
    accession: str, name: str, sequence: str, features, *, organelle="mitochondrion",
    taxid=9000001, title="", keywords=(), voucher="", **qualifiers,
) -> SeqRecord:  # fmt: skip
    """Make a record; features are (type, location, qualifiers)."""
    found = SeqRecord(
        Seq(sequence), id=accession, name=accession.partition(".")[0],
        description=title or f"{name} made record",
    )  # fmt: skip
    found.annotations = {
        "molecule_type": "DNA", "topology": "linear", "organism": name, "source": name,
        "taxonomy": [*LINEAGE, name.split()[0]], "date": "01-JAN-2020",
        "keywords": list(keywords) or [""], "data_file_division": "MAM",
    }  # fmt: skip
    paper, deposit = Reference(), Reference()
    paper.authors, paper.title, paper.journal = "Doe,J.", "A made paper", "J. Made 1, 1-2 (2020)"
    paper.pubmed_id = "12345"
    deposit.authors, deposit.title = "Doe,J.", "Direct Submission"
    deposit.journal = "Submitted (01-JAN-2020) Museum of Made Things, Nowhere"
    found.annotations["references"] = [paper, deposit]
    source = {"organism": [name], "db_xref": [f"taxon:{taxid}"], **qualifiers}
    if organelle:
        source["organelle"] = [organelle]
    if voucher:
        source["specimen_voucher"] = [voucher]
    found.features = [SeqFeature(SimpleLocation(0, len(sequence), 1), "source", qualifiers=source)]
    found.features += [SeqFeature(loc, kind, qualifiers=q) for kind, loc, q in features]
    return found


def mitogenome(accession: str, name: str, *, turn=0, strand=1, seed=1, share=0.05, **more):
    """Make an annotated mitochondrial genome, opened elsewhere or written on the other strand."""
    sequence = changed(genome(), share, seed)
    size = len(sequence)
    sequence = sequence[turn:] + sequence[:turn]
    features = []
    for locus, (start, end) in GENES.items():
        kind, qualifiers = _FEATURES[locus]
        first = (start - turn) % size
        last = first + end - start
        if strand == -1:
            first, last = (size - last) % size, (size - last) % size + end - start
        features.append((kind, location(first, last, size, strand), qualifiers))
    if strand == -1:
        sequence = str(Seq(sequence).reverse_complement())
    title = more.pop("title", f"{name} mitochondrion, complete genome")
    return record(accession, name, sequence, features, title=title, **more)


def barcode(accession: str, name: str, *, seed=1, share=0.05, locus="COI", sequence="", **more):
    """Make a record of one gene, as laboratories deposit them."""
    start, end = GENES[locus]
    text = sequence or changed(genome()[start : min(end, start + 658)], share, seed)
    kind, qualifiers = _FEATURES[locus]
    features = [(kind, SimpleLocation(0, len(text), 1), qualifiers)]
    title = f"{name} {qualifiers['product'][0]} gene, partial cds; mitochondrial"
    return record(accession, name, text, features, **{"title": title, **more})


def flat(made: SeqRecord) -> str:
    """Return a made record as a GenBank flat file."""
    text = io.StringIO()
    SeqIO.write(made, text, "genbank")
    return text.getvalue()


def made_records() -> dict[str, str]:
    """Return seven made records of three species, by accession."""
    records = [
        mitogenome("FA000001.1", "Fictus albus", seed=1, voucher="MUS:Mamm:1"),
        mitogenome("FA000002.1", "Fictus niger", turn=6000, seed=2, taxid=9000002),
        mitogenome("FA000003.1", "Fictus ruber", turn=6500, strand=-1, seed=3, taxid=9000003),
        barcode("FA000004.1", "Fictus albus", seed=4),
        barcode("FA000005.2", "Fictus niger", seed=5, taxid=9000002),
        barcode("FA000006.1", "Fictus ruber", seed=6, locus="cytb", taxid=9000003),
        barcode("FA000007.1", "Fictus sp. 1", seed=7, taxid=9000004),
    ]
    return {record.id: flat(record) for record in records}


def witness_records() -> list[tuple[ReferenceRecord, str]]:
    """Return simulated COI and cytb of six orders, to compare with."""
    records = []
    for locus in ("COI", "cytb"):
        start, _end = GENES[locus]
        for number in range(6):
            record = ReferenceRecord.named(
                f"W{number}{locus}", f"Testis{'abcdef'[number]} primus", locus=locus,
                order=f"Order{number}", family=f"Family{number}idae",
            )  # fmt: skip
            records.append((record, changed(genome()[start : start + 658], 0.1, 100 + number)))
    return records


# -- servers ----------------------------------------------------------------------


@dataclass
class Reply:
    """What a server answers; `promised` is the Content-Length where it is not the true one."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/plain"
    headers: dict = field(default_factory=dict)
    promised: int | None = None
    wait: float = 0.0
    chunked: bool = False


class Loopback:
    """A server in a thread.

    `faults` are functions of (path, parameters) that return a `Reply`, or None to let the
    server answer; each is asked in turn, and one that answered is done.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.faults: list = []
        self.url = ""

    def answer(self, path: str, says: dict[str, str]) -> Reply:
        raise NotImplementedError

    def reply(self, path: str, says: dict[str, str]) -> Reply:
        self.requests.append((path, says))
        for fault in list(self.faults):
            found = fault(path, says)
            if found is not None:
                self.faults.remove(fault)
                return found
        return self.answer(path, says)

    @contextmanager
    def running(self):
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self._reply(urlsplit(self.path).query)

            def do_POST(self):
                self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _reply(self, query):
                says = {key: values[0] for key, values in parse_qs(query).items()}
                reply = loopback.reply(urlsplit(self.path).path, says)
                time.sleep(reply.wait)
                try:
                    self.send_response(reply.status)
                    self.send_header("Content-Type", reply.kind)
                    for key, value in reply.headers.items():
                        self.send_header(key, value)
                    if reply.chunked:  # ... and the end never comes
                        self.send_header("Transfer-Encoding", "chunked")
                        self.end_headers()
                        self.wfile.write(f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n")
                        self.close_connection = True
                        return
                    self.send_header("Connection", "close")
                    size = len(reply.body) if reply.promised is None else reply.promised
                    self.send_header("Content-Length", str(size))
                    self.end_headers()
                    self.wfile.write(reply.body)
                    self.close_connection = True
                except OSError:
                    pass  # the client did not wait

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class NCBI(Loopback):
    """E-utilities: esearch with history, efetch of accessions, flat files and taxonomy."""

    def __init__(self, records: dict[str, str]) -> None:
        super().__init__()
        self.records = dict(records)  # what efetch gives
        self.listed = list(records)  # what esearch finds, whatever it is asked
        #: What it finds instead by the name of the organism; it knows no other names.
        self.found: dict[str, list[str]] | None = None
        self.terms: list[str] = []  # the history
        self.versions: dict[str, str] = {}  # asked for the first, it gives the second
        self.ranks = list(zip(RANKS, LINEAGE))

    def answer(self, path: str, says: dict[str, str]) -> Reply:
        if not says.get("email") or not says.get("tool"):
            return Reply(b'{"error":"no e-mail"}', 400)
        if path.endswith("/esearch.fcgi"):
            return self._search(says)
        if path.endswith("/efetch.fcgi") and says["db"] == "taxonomy":
            return self._taxonomy(says["id"].split(","))
        if path.endswith("/efetch.fcgi") and says["rettype"] == "acc":
            assert says["WebEnv"] == "MCID_made"
            listed = self._listed(self.terms[int(says["query_key"]) - 1])
            start, most = int(says["retstart"]), int(says["retmax"])
            return Reply("".join(f"{a}\n" for a in listed[start : start + most]).encode())
        if path.endswith("/efetch.fcgi"):
            assert says["retmode"] == "text" and says["rettype"] == "gbwithparts"
            wanted = [self.versions.get(a, a) for a in says["id"].split(",")]
            found = [self.records[a] for a in wanted if a in self.records]
            if not found:
                return Reply(b"Failed to retrieve sequence: " + says["id"].encode(), 400)
            return Reply("\n".join(found).encode())  # a blank line stands between records
        return Reply(b"not here", 404)

    def _listed(self, term: str) -> list[str]:
        if self.found is None:
            return self.listed
        names = [name for name in _organisms(term) if name in self.found]
        return list(dict.fromkeys(accession for n in names for accession in self.found[n]))

    def _search(self, says: dict[str, str]) -> Reply:
        assert says["usehistory"] == "y"
        names = _organisms(says["term"])
        unknown = [
            name for name in names
            if name == "Nusquam" or (self.found is not None and name not in self.found)
        ]  # fmt: skip
        errors = "".join(f'<PhraseNotFound>"{n}"[Organism]</PhraseNotFound>' for n in unknown)
        # Where it knows no organism, it searches for the rest of the query.
        count = len(self._listed(says["term"])) if unknown != names else 1_000_000
        self.terms.append(says["term"])
        body = (
            f"<eSearchResult><Count>{count}</Count><RetMax>0</RetMax><RetStart>0</RetStart>"
            f"<QueryKey>{len(self.terms)}</QueryKey><WebEnv>MCID_made</WebEnv><IdList/>"
            "<TranslationSet/><QueryTranslation>made[Organism]</QueryTranslation>"
            + (f"<ErrorList>{errors}</ErrorList>" if errors else "") + "</eSearchResult>"
        )  # fmt: skip
        doctype = (
            '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC '
            '"-//NLM//DTD esearch 20060628//EN" "https://127.0.0.1:1/esearch.dtd">\n'
        )
        return Reply((doctype + body).encode(), kind="text/xml")

    def _taxonomy(self, taxids: list[str]) -> Reply:
        above = "".join(
            f"<Taxon><TaxId>{n}</TaxId><ScientificName>{name}</ScientificName>"
            f"<Rank>{rank}</Rank></Taxon>"
            for n, (rank, name) in enumerate(self.ranks, 1)
        )
        taxa = "".join(
            f"<Taxon><TaxId>{taxid}</TaxId><ScientificName>Fictus made{taxid}</ScientificName>"
            f"<Rank>species</Rank><LineageEx>{above}</LineageEx></Taxon>"
            for taxid in taxids
        )
        return Reply(f"<?xml version='1.0'?><TaxaSet>{taxa}</TaxaSet>".encode(), kind="text/xml")


def _organisms(term: str) -> list[str]:
    return re.findall(r'"([^"]*)"\[Organism\]', term)


class BOLD(Loopback):
    """The portal's interface: preprocessor, query, documents, download."""

    def __init__(self, rows: list[dict]) -> None:
        super().__init__()
        self.rows = list(rows)
        self.total: int | None = None
        #: Taxa by token; once it is a dict, only rows of the taxa that were asked for are given.
        self.asked: dict[str, set[str]] | None = None

    def answer(self, path: str, says: dict[str, str]) -> Reply:
        def told(value, status=200):
            return Reply(json.dumps(value).encode(), status, kind="application/json")

        path = unquote(path)
        if path == "/query/preprocessor":
            names = [term.removeprefix("tax:") for term in says["query"].split(";")]
            failed = [{"submitted": name} for name in names if name == "Nusquam"]
            terms = [
                {"submitted": f"tax:na:{n}", "matched": f"tax:family:{n}"}
                for n in names if n != "Nusquam"
            ]  # fmt: skip
            return told({"successful_terms": terms, "failed_terms": failed})
        if path == "/query":
            if not says["query"].startswith("tax:family:"):
                return told({"detail": "Invalid triplet token"}, 400)
            token = "eAE/made+token=="
            if self.asked is not None:
                token += str(len(self.asked))
                names = {term.removeprefix("tax:family:") for term in says["query"].split(";")}
                self.asked[token] = names
            return told({"query_id": token})
        if path.startswith("/documents/eAE/made+token=="):
            found = self._found(path.removeprefix("/documents/").removesuffix("/download"))
            if path.endswith("/download"):
                body = "".join(json.dumps(row) + "\n" for row in found)
                return Reply(body.encode(), kind="application/x-ndjson")
            total = len(found) if self.total is None else self.total
            return told({"draw": 0, "recordsTotal": total, "data": found[:1]})
        return told({"detail": "Not Found"}, 404)

    def _found(self, token: str) -> list[dict]:
        if self.asked is None:
            return self.rows
        names = self.asked[token]
        return [row for row in self.rows if names & {str(value) for value in row.values()}]


def bold_row(process: str, name: str, *, marker="COI-5P", seed=1, **more) -> dict:
    """Make a row in BOLD's columns (BCDM)."""
    start, _end = GENES["COI"]
    return {
        "processid": process, "sampleid": f"S-{process}", "museumid": "", "inst": "Museum of Made",
        "kingdom": "Animalia", "phylum": "Chordata", "class": "Mammalia", "order": "Fictiformes",
        "family": "Fictidae", "subfamily": "", "genus": (name.split() or [""])[0], "species": name,
        "identification": name, "identified_by": "J. Doe", "collectors": "R. Roe",
        "collection_date_start": "2019-05-06", "country/ocean": "Gabon", "coord": "[-0.5, 11.2]",
        "marker_code": marker, "nuc": changed(genome()[start : start + 658], 0.05, seed),
        "nuc_basecount": 658, "insdc_acs": "", "sequence_upload_date": "2020-01-01", **more,
    }  # fmt: skip
