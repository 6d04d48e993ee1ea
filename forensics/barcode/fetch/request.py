"""What is asked for, what may come of it, and the folder in which what arrived outlives a killed run.

Beside the file that is to be made lies ``FILE.part``: what was asked for (``request.json``) and
each answer that arrived, with its SHA-256 in a file of its own that is written after it. An
answer without its sum, or with another, counts as not arrived. A second process that wants the
same folder is refused.
"""

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from forensics.barcode.fetch.extract import Fetched, Piece
from forensics.barcode.locus import find_locus
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.panels import Panel, PanelTaxon
from forensics.errors import ForensicsError, InputError, UsageError
from forensics.io.files import making_folder, replace_file, working_alone
from forensics.io.numbers import printable
from forensics.messages import _

Report = Callable[[str], None]
#: Records of one request at most, unless another number is given: a family of insects has more,
#: and was not meant.
MAX_RECORDS = 100_000
_REQUEST, _LOCK_FILE, _SUM = "request.json", ".held", ".sha256"
# What differs between two runs of one request without changing what is asked for.
_STARTED = "started"
_REPLY = 300  # letters of an error page that are shown


class FetchError(ForensicsError):
    """What was asked for did not arrive whole; nothing was written but the unfinished batches."""


class UnknownTaxon(FetchError):
    """The server knows none of the names of a taxon."""


class Refused(FetchError):
    """A request that the server does not accept; `code` is the status, `reason` its words."""

    def __init__(self, what: str, code: int, reason: str) -> None:
        super().__init__(
            _("{what}: {reason}. Repeating the request would not help; check the options.").format(
                what=what, reason=reason
            )
        )
        self.code, self.reason = code, reason


class Unusable(Exception):
    """An answer that may be better when it is asked for again."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    source : str
        ``ncbi`` or ``bold``.
    panel : Panel
        Of a record those loci are taken that its taxa are wanted at.
    without : tuple of str
        Records that are left out because the user says so.
    """

    source: str
    panel: Panel
    without: tuple[str, ...] = ()

    @property
    def taxa(self) -> tuple[PanelTaxon, ...]:
        """The taxa that are wanted."""
        return self.panel.taxa

    @property
    def loci(self) -> tuple[str, ...]:
        """The loci of all taxa, each once."""
        return self.panel.loci


def loci_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return loci by their names in this project, each once.

    Raises
    ------
    UsageError
        If one is not known.
    """
    return tuple(dict.fromkeys(find_locus(name.strip()).name for name in names))


@dataclass(frozen=True)
class Search:
    """A search as the server understood it.

    Attributes
    ----------
    query : str
        In the server's terms.
    count : int
        Records that it finds.
    place : tuple of str
        Where the server keeps the result: environment and key of NCBI's history, the token of BOLD.
    understood : str
        What NCBI made of the query (``QueryTranslation``).
    """

    query: str
    count: int
    place: tuple[str, ...] = ()
    understood: str = ""


@dataclass(frozen=True)
class Item:
    """A record as it arrived.

    Attributes
    ----------
    file, number
        Where it lies.
    key : str
        Its name: the accession of NCBI, process id and marker of BOLD.
    sha256 : str
    record : Fetched or None
        None where it cannot be read.
    cut : callable
        From loci and the library of what is known to the pieces, and of each locus why there is
        none; both are empty where the record is of another locus.
    """

    file: str
    number: int
    key: str
    sha256: str
    record: Fetched | None
    cut: Callable[[Sequence[str], Library], tuple[list[Piece], dict[str, str]]]


@dataclass
class Arrivals:
    """Records that were brought together.

    Attributes
    ----------
    items : iterable of Item
        Read once.
    searches : list of dict
        What each search said; a taxon that the source does not know has ``unknown``, the reason.
    only : set of str, optional
        Records that count; without it, those of the taxa that are wanted.
    """

    items: Iterable[Item]
    searches: list[dict] = field(default_factory=list)
    only: set[str] | None = None

    @cached_property
    def found_by(self) -> dict[str, set[str]]:
        """The taxa whose searches found a record, by its accession; a search knows synonyms."""
        found: dict[str, set[str]] = defaultdict(set)
        for search in self.searches:
            for accession in search.get("accessions", ()):
                found[accession].add(search["taxon"])
        return found


class StagingFolder:
    """The folder of an unfinished fetch; made by `open_staging`.

    Attributes
    ----------
    path : pathlib.Path
    started : str
        When the request was first made, UTC, ISO 8601.
    """

    def __init__(self, path: Path, started: str) -> None:
        self.path, self.started = path, started

    def get(self, name: str) -> bytes | None:
        """Return an answer that arrived whole, or None."""
        try:
            content = (self.path / name).read_bytes()
            expected = (self.path / (name + _SUM)).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return content if hashlib.sha256(content).hexdigest() == expected else None

    def lines(self, name: str) -> list[str]:
        """Return the lines of an answer."""
        return (self.get(name) or b"").decode().split("\n")

    def put(self, name: str, content: bytes) -> None:
        """Keep an answer."""
        replace_file(self.path / name, content)
        digest = hashlib.sha256(content).hexdigest()
        replace_file(self.path / (name + _SUM), f"{digest}\n".encode("ascii"))

    def forget(self) -> None:
        """Throw away every answer: the same request then asks anew."""
        for name in self.names():
            (self.path / (name + _SUM)).unlink(missing_ok=True)
            (self.path / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of the answers that are kept, in order."""
        return sorted(
            path.name.removesuffix(_SUM) for path in self.path.iterdir() if path.name.endswith(_SUM)
        )

    def copy_to(self, folder: Path) -> None:
        """Copy every answer into a folder, whole or not at all."""
        with making_folder(folder) as partial:
            for name in self.names():
                shutil.copy2(self.path / name, partial / name)


@contextmanager
def open_staging(
    path: Path, request: Mapping[str, object], *, now: str, restart: bool = False
) -> Iterator[StagingFolder]:
    """Yield the folder of a request, begun before or not; it stays where the block fails.

    Parameters
    ----------
    path : pathlib.Path
    request : mapping
        What is asked for; anything that JSON can say.
    now : str
        The time, for a request that was not begun before.
    restart : bool
        Whether to throw away what was begun.

    Raises
    ------
    UsageError
        If another request was begun there, or another process works there.
    """
    done, staging = False, None
    try:
        with working_alone(path, _LOCK_FILE):
            if restart:
                for entry in path.iterdir():
                    if entry.name != _LOCK_FILE and entry.is_file():
                        entry.unlink()
            staging = StagingFolder(path, _begun(path, dict(request), now))
            yield staging
            done = True
    finally:
        if done or (staging and not staging.names()):  # what holds no answer helps nobody
            shutil.rmtree(path, ignore_errors=True)


def _begun(path: Path, request: dict[str, object], now: str) -> str:
    """Return when the request was begun; it is written down where it was not."""
    place = path / _REQUEST
    request = json.loads(json.dumps(request))
    if not place.exists():
        foreign = [entry.name for entry in path.iterdir() if entry.name != _LOCK_FILE]
        if foreign:
            raise UsageError(
                _(
                    "{path} exists and is not the folder of an unfinished fetch; move it away."
                ).format(path=path)
            )
        replace_file(place, (json.dumps({_STARTED: now, **request}, indent=1) + "\n").encode())
        return now
    try:
        before = json.loads(place.read_bytes())
        started = str(before.pop(_STARTED))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            _("this file does not state the request; give --restart to start again"),
            source=str(place),
        ) from error
    if before != request:
        raise UsageError(
            _(
                "{path} has the beginning of another request. Finish that one, or discard it "
                "with --restart."
            ).format(path=path)
        )
    return started


def search_taxa(
    request: Request,
    staging: StagingFolder,
    search: Callable[[PanelTaxon, dict], None],
    report: Report,
) -> list[dict]:
    """Return what the searches for the taxa say, from `staging` where they were made before.

    Parameters
    ----------
    request : Request
    staging : StagingFolder
    search : callable
        Adds what the source says of a taxon to its answer; a taxon that is not known is asked for
        again the next time.
    report : callable

    Raises
    ------
    UnknownTaxon
        If the source knows none of the taxa.
    """
    searches: list[dict] = []
    for number, taxon in enumerate(request.taxa, 1):
        name = f"search-{number:04d}.json"
        stored = staging.get(name)
        answer: dict = json.loads(stored) if stored else {"taxon": taxon.taxon, "count": 0}
        if not stored:
            try:
                search(taxon, answer)
            except UnknownTaxon as error:
                answer["unknown"] = str(error)
            else:
                staging.put(name, (json.dumps(answer, indent=1) + "\n").encode())
        searches.append(answer)
        counted = _("{taxon}: {count} records").format(taxon=taxon.taxon, count=answer["count"])
        report(answer.get("unknown", counted))
    if all("unknown" in answer for answer in searches):
        raise UnknownTaxon(searches[0]["unknown"])
    return searches


def refuse_more(count: int, most: int) -> None:
    """Refuse more records than were meant."""
    if count > most:
        raise UsageError(
            _(
                "The searches find {count} records, more than {most}. Ask for smaller taxa, or "
                "give --most {count} if all of them are meant."
            ).format(count=count, most=most)
        )


def text_of(body: bytes) -> str:
    """Return an answer as text.

    Raises
    ------
    Unusable
        If it is not UTF-8.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(_("the answer is not a text")) from error


def one_line(text: object, *, most: int = _REPLY) -> str:
    """Return what a server said as one line without control characters."""
    return printable(" ".join(str(text).split()), most=most)
