"""Reads questioned sequences: FASTA and FASTQ by itself, the rest with Biopython.

FASTA and FASTQ have a reader of their own because one sample must be identified
without importing Biopython, which alone costs more time than the whole search.
The format is recognised by content, compression by the first bytes.
"""

import hashlib
import io
import math
import os
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from forensics.barcode.locus import IUPAC, MAXIMUM_LENGTH, Cut, check_sequence, clean
from forensics.barcode.reading.primers import trim_primers
from forensics.core.notice import Notice
from forensics.errors import IncompleteInputError, InputError
from forensics.io.files import (
    FORMATS,
    STDIN,
    AnyPath,
    Format,
    open_input,
    recognise,
    report_damage,
    shown_name,
    unpack,
)
from forensics.messages import _
from forensics.notices import unusable as notices
from forensics.plugins import Package, load_plugins

if TYPE_CHECKING:
    from Bio.SeqRecord import SeqRecord

    from forensics.barcode.reading.chromatogram import Chromatogram
    from forensics.barcode.reading.sanger import AssemblyReport


class FastqEntry(NamedTuple):
    """A record as it stands in the file; `line` is that of its header, without ``@`` here."""

    header: str
    sequence: str
    qualities: str
    line: int

    def clean_qualities(self) -> str:
        """Return the qualities of the bases that `clean` leaves of the sequence."""
        left = len(clean(self.sequence))
        if left == len(self.sequence):
            return self.qualities
        # `clean` drops gaps everywhere and N at the ends.
        pairs = [
            (base, quality)
            for base, quality in zip(self.sequence, self.qualities)
            if clean(f"A{base}A") != "AA"
        ]
        outer = next((place for place, (base, _quality) in enumerate(pairs) if base not in "Nn"), 0)
        return "".join(quality for _base, quality in pairs[outer : outer + left])


def fastq_entries(lines: Iterable[tuple[int, str]], label: str) -> Iterator[FastqEntry]:
    """Read the records of FASTQ, whose sequences and qualities may be wrapped.

    Parameters
    ----------
    lines : iterable of (int, str)
        Numbered lines without their ends.
    label : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        Where a record is no FASTQ.
    IncompleteInputError
        Where the file ends inside a record.
    """
    lines = ((number, line) for number, line in lines if line)
    record = 0

    def fault(message: str, number: int, kind=InputError) -> InputError:
        return kind(message, source=label, record=record, line=number)

    cut_off = _("the file ends inside this record; copy it again")
    for first, header in lines:
        record += 1
        if not header.startswith("@"):
            raise fault(
                _("found {found!r}, expected '@' and a name").format(found=header[:20]), first
            )
        sequence, length, number = [], 0, first
        for number, line in lines:
            if line.startswith("+"):
                break
            length += len(line)
            if length > MAXIMUM_LENGTH:
                raise fault(_("the read is longer than any locus; is this FASTQ?"), number)
            sequence.append(line)
        else:
            raise fault(cut_off, number, IncompleteInputError)
        qualities, count = [], 0
        while count < length:
            following = next(lines, None)
            if following is None:
                raise fault(cut_off, number, IncompleteInputError)
            number, line = following
            count += len(line)
            qualities.append(line)
        if count != length:
            raise fault(
                _("found {found} qualities for {bases} bases; the file is damaged").format(
                    found=count, bases=length
                ),
                number,
            )
        yield FastqEntry(header[1:], "".join(sequence), "".join(qualities), first)


# Expected share of wrong bases from which a read is refused: as much as the floor of the
# search allows between two species' neighbours, so that nothing could be concluded.
MAX_ERRORS = 0.10
# Probability that a base of a quality is wrong, by its letter.
ERROR = {chr(33 + quality): 10 ** (-quality / 10) for quality in range(94)}


_NO_COLUMNS: Mapping[str, object] = {}


class Query(NamedTuple):
    """A questioned sequence as it was read.

    Attributes
    ----------
    name : str
        First word of the header; for a chromatogram the name of the file.
    sequence : str
        Clean sequence (`forensics.barcode.locus.clean`).
    source : str
        File it came from.
    sha256 : str
        Of that file as it lay on disk, or of the text given.
    record, line : int
        Place in the file, counted from 1.
    problem : Notice or None
        Why it cannot be examined.
    notes : tuple of Notice
        What reading found worth saying.
    doubts : tuple of Notice
        What reading found that forbids a confident call, such as a mixed chromatogram.
    qualities : str
        Of a FASTQ read: a letter for each base, as in the file (Phred + 33).
    chromatogram : Chromatogram or None
        Where it was read from one.
    members : tuple of Query
        The reads that it was merged from.
    description : str
        What follows the first word of the header, unchanged.
    sample_columns : dict of str to object
        Of a row of a DataFrame: its other columns and its named index, as they were.
    cut : Cut or None
        Of a piece of a longer record, where it lies there; its name is that of the record.
    reader : Package or None
        The plug-in that read its format, where that is not built in.
    """

    name: str
    sequence: str
    source: str = ""
    sha256: str = ""
    record: int = 1
    line: int = 1
    problem: Notice | None = None
    notes: tuple[Notice, ...] = ()
    doubts: tuple[Notice, ...] = ()
    qualities: str = ""
    chromatogram: "Chromatogram | None" = None
    members: "tuple[Query, ...]" = ()
    description: str = ""
    sample_columns: Mapping[str, object] = _NO_COLUMNS
    cut: Cut | None = None
    reader: Package | None = None

    @property
    def part(self) -> str:
        """The locus that it was cut as; "" of what was not cut."""
        return self.cut.part if self.cut else ""

    @property
    def readers(self) -> tuple[Package, ...]:
        """The plug-ins that it, or the reads that it was merged from, were read by."""
        read = (self, *self.members)
        return tuple(dict.fromkeys(query.reader for query in read if query.reader))

    @property
    def input(self) -> dict:
        """What it was read from, for the provenance: ``file`` and ``sha256``.

        Of a chromatogram also ``run``; of merged reads a list of all that as ``files``.
        """
        if self.members:
            return {"files": [member.input for member in self.members]}
        run = {"run": dict(self.chromatogram.run)} if self.chromatogram else {}
        return {"file": self.source, "sha256": self.sha256, **run}


def read_queries(
    source: AnyPath, *, report_position: Callable[[int], object] | None = None
) -> Iterator[Query]:
    """Read the questioned sequences of a file.

    Parameters
    ----------
    source : str or path
        A file, or ``-`` for standard input.
    report_position : callable, optional
        Called before each query with the bytes of the file that are read by then; of a packed file they are
        packed bytes.

    Yields
    ------
    Query
        In the order of the file. One that cannot be examined has a `problem`.

    Raises
    ------
    InputError
        If the file is missing or is not what it should be. What was read before
        a fault in the middle of a file has been yielded.
    """
    label = _("standard input") if os.fspath(source) == STDIN else shown_name(source)
    with open_input(source, label) as opened:
        raw = cast("io.BufferedReader", opened)  # a file, or a spool that reads like one
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
        raw.seek(0)
        with report_damage(label):
            for query in _parsed(raw, label):
                if report_position is not None:
                    report_position(raw.tell())
                yield checked(query._replace(source=label, sha256=digest))


# -- recognising ------------------------------------------------------------------


def _parsed(raw: io.BufferedReader, label: str) -> Generator[Query, None, None]:
    buffered = unpack(raw, label, checked=True)
    start = buffered.read(1 << 12)
    buffered.seek(0)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise InputError(_("the file is empty; expected sequences"), source=label)
    known = recognise(start)
    if known is None or known.not_sequences:  # no other file is shown to plug-ins
        for reader, package in find_readers().values():
            if reader.format.matches(start):
                yield from _read_by_plugin(reader, package, buffered, label)
                return
    if known and known.name == "abif":
        yield _from_chromatogram(buffered, label)
        return
    if known and known.not_sequences:
        raise InputError(
            _("this is {kind}; expected FASTA, FASTQ, GenBank or .ab1").format(
                kind=_(known.not_sequences)
            ),
            source=label,
        )
    if b"\0" in start:
        raise InputError(
            _("this is a binary file; expected FASTA, FASTQ, GenBank or .ab1"), source=label
        )
    if known and known.name in _READERS:
        handle = io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape")
        try:
            yield from _READERS[known.name](handle, label)
        finally:
            handle.detach()  # who opened the file closes it
        return
    line = text.split(b"\n", 1)[0].strip()
    if line and set(clean(line.decode("latin-1"))) <= IUPAC.keys():
        reason = _("the file begins with a bare sequence; put a line with >NAME before it")
    else:
        reason = _(
            "the file begins with {start!r}; expected '>' (FASTA), '@' (FASTQ), "
            "'LOCUS' (GenBank) or an .ab1 chromatogram"
        ).format(start=line[:40].decode("utf-8", "replace"))
    raise InputError(reason, source=label, line=1)


class SequenceReader(NamedTuple):
    """A format of questioned sequences that a plug-in reads.

    Attributes
    ----------
    format : Format
        Its name, what it ``holds`` (``sequences``), and the first bytes by which it is recognised. Files that
        this package reads are never shown to it.
    read : callable
        Takes the file, open in binary form and unpacked, and its label for messages; yields a `Query` for
        each sequence, cleaned by `forensics.barcode.locus.clean`. File and SHA-256 are set afterwards.
    """

    format: Format
    read: Callable[[BinaryIO, str], Iterable[Query]]


@cache
def find_readers() -> Mapping[str, tuple[SequenceReader, Package]]:
    """Return the readers that plug-ins add, by the names of their formats.

    Raises
    ------
    PluginError
        If a plug-in cannot be used, or its format has the name or the first bytes of another.
    """
    taken = list(FORMATS)
    readers: dict[str, tuple[SequenceReader, Package]] = {}
    for package, plugin in load_plugins().items():
        for reader in plugin.readers:
            with package.named_errors():
                added: Format = reader.format
                wrong = added.holds != "sequences" or not added.starts or not all(added.starts)
            if wrong:
                raise package.error(_("not valid in a locus: holds or starts"))
            for known in taken:
                same = any(map(known.matches, added.starts)) or any(
                    map(added.matches, known.starts)
                )
                if added.name == known.name or (same and not known.not_sequences):
                    raise package.error(_("the name {name!r} is taken").format(name=known.name))
            taken.append(added)
            readers[added.name] = reader, package
    return readers


def _read_by_plugin(
    reader: SequenceReader, package: Package, stream: BinaryIO, label: str
) -> Generator[Query, None, None]:
    with package.named_errors():
        for query in reader.read(stream, label):
            yield query._replace(reader=package)


# -- formats ----------------------------------------------------------------------


def fasta_queries(handle: io.TextIOBase, label: str) -> Generator[Query, None, None]:
    """Yield the records of FASTA as they were read: without file and SHA-256, and not checked yet."""
    lines: list[tuple[int, str]] = []
    record, first, header, length = 0, 0, "", 0
    for number, line in numbered_lines(handle):
        if line.startswith(">"):
            if record:
                yield _fasta_query(header, lines, record, first)
            record, first, header, lines, length = record + 1, number, line[1:], [], 0
        elif line and record and not line.startswith(";"):
            # One piece past the limit is kept, so that the record is refused as too long.
            if length <= MAXIMUM_LENGTH:
                lines.append((number, line))
            length += len(line)
    if record:
        yield _fasta_query(header, lines, record, first)
    else:
        raise InputError(
            _("the file has only comments, no sequence; expected lines with >NAME"), source=label
        )


def _fasta_query(header: str, lines: list[tuple[int, str]], record: int, first: int) -> Query:
    sequence = clean("".join(line for _number, line in lines))
    word, description = _split_header(header)
    problem = check_sequence(sequence)
    if problem and problem.code == "NOT_NUCLEOTIDE":
        foreign = [number for number, line in lines if set(clean(line)) - IUPAC.keys()]
        if foreign:  # say where
            first = foreign[0]
            problem = notices.NOT_NUCLEOTIDE("in_line", number=first, message=problem)
    return Query(
        word or f"record_{record}",
        sequence,
        record=record,
        line=first,
        problem=problem,
        description=description,
    )


def _from_fastq(handle: io.TextIOBase, label: str) -> Generator[Query, None, None]:
    for record, entry in enumerate(fastq_entries(numbered_lines(handle), label), 1):
        # fsum: from Python 3.12 on sum rounds less than before, and at the limit the answer would depend on it.
        errors = math.fsum(ERROR.get(letter, 1.0) for letter in entry.qualities)
        problem = None
        if errors > MAX_ERRORS * len(entry.qualities):
            problem = notices.LOW_QUALITY(
                "read", share=errors / len(entry.qualities), limit=MAX_ERRORS
            )
        word, description = _split_header(entry.header)
        yield Query(
            word or f"record_{record}",
            clean(entry.sequence),
            record=record,
            line=entry.line,
            problem=problem,
            qualities=entry.clean_qualities(),
            description=description,
        )


def not_genbank(error: Exception, label: str, record: int) -> InputError:
    """Return the error of a GenBank flat file that cannot be read from this record on."""
    return InputError(
        _("not a whole GenBank flat file ({error}); copy or download it again").format(
            error=" ".join(str(error).split()) or type(error).__name__
        ),
        source=label,
        record=record,
    )


def _from_genbank(handle: io.TextIOBase, label: str) -> Generator[Query, None, None]:
    record = 0
    try:
        for record, (entry, sequence) in enumerate(genbank_entries(handle, label), 1):
            yield Query(
                entry.id or "",
                clean(sequence),
                record=record,
                description=describe_record(entry),
            )
    except ValueError as error:
        raise not_genbank(error, label, record + 1) from error


# What Biopython's parser raises on damaged lines, beside ValueError.
_OF_DAMAGE = (AssertionError, AttributeError, LookupError, OverflowError, RecursionError, TypeError)


# Characters of an entry: a million bases, the longest that is examined, are 1.4 million beside its
# features, and Biopython needs 40 bytes for each.
MAX_ENTRY = 4 * 2**20


def _flat_file_entries(handle: io.TextIOBase, label: str) -> Iterator[io.StringIO]:
    """Yield the text of one entry after the other.

    Raises
    ------
    InputError
        If one is too long.
    """
    lines: list[str] = []
    length, record = 0, 1
    while line := handle.readline(MAX_ENTRY + 1):
        lines.append(line)
        length += len(line)
        if length > MAX_ENTRY:
            raise InputError(
                _(
                    "the entry is longer than {most} characters; cut out the loci and give them, "
                    "or give it as FASTA"
                ).format(most=MAX_ENTRY),
                source=label or None,
                record=record,
            )
        if line.startswith("//"):
            yield io.StringIO("".join(lines))
            lines, length, record = [], 0, record + 1
    if lines:
        yield io.StringIO("".join(lines))


def genbank_entries(handle: io.TextIOBase, label: str) -> Iterator[tuple["SeqRecord", str]]:
    """Yield the entries of a GenBank flat file with their sequences, empty where they have none.

    Raises
    ------
    ValueError
        If an entry is not whole.
    InputError
        If one is longer than `MAX_ENTRY`.
    """
    from Bio import BiopythonParserWarning, SeqIO

    entries = chain.from_iterable(
        SeqIO.parse(text, "genbank") for text in _flat_file_entries(handle, label)
    )
    while True:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=BiopythonParserWarning)
            # Warnings there, and a truncated exhibit here; the last filter goes first.
            cut_off = "Premature end|Expected sequence length"
            warnings.filterwarnings("error", cut_off, BiopythonParserWarning)
            try:
                entry = next(entries, None)
            except BiopythonParserWarning as error:
                raise ValueError(str(error)) from error
            except _OF_DAMAGE as error:
                why = str(error).partition("\n")[0][:100] or type(error).__name__
                raise ValueError(_("a line of it is damaged: {error}").format(error=why)) from error
        if entry is None:
            return
        yield entry, letters_of(entry.seq)


def _from_chromatogram(stream: BinaryIO, label: str) -> Query:
    from forensics.barcode.reading.chromatogram import CHROMATOGRAM_LIMIT, read_chromatogram
    from forensics.barcode.reading.samples import stem
    from forensics.barcode.reading.sanger import assemble_and_assess

    chromatogram = read_chromatogram(stream.read(CHROMATOGRAM_LIMIT + 1), source=label)
    name = stem(label)
    report = assemble_and_assess([chromatogram], [name])
    return query_from_assembly(name, report)._replace(chromatogram=chromatogram)


def query_from_assembly(name: str, report: "AssemblyReport") -> Query:
    """Return the query of a sample's chromatograms."""
    problem = report.problem or check_sequence(report.sequence)
    # Of what is not examined no call is doubted; all the same it must be known.
    notes = (*report.notes, *report.doubts) if problem else report.notes
    return Query(name, report.sequence, problem=problem, notes=notes, doubts=report.doubts)


#: By the formats of `forensics.io.files` that are text.
_READERS: Mapping[str, Callable[[io.TextIOBase, str], Generator[Query, None, None]]] = {
    "fasta": fasta_queries,
    "fastq": _from_fastq,
    "genbank": _from_genbank,
}


# -- every format -----------------------------------------------------------------


def checked(query: Query) -> Query:
    """Return a query without primers and with its problem, if it has one, as it was read."""
    problem = query.problem or check_sequence(query.sequence)
    if problem or query.chromatogram:  # whose primers are cut off with its quality in view
        return query._replace(problem=problem)
    return trimmed(query)


def trimmed(query: Query, *, locus: str | None = None) -> Query:
    """Return a query without primers: of the built-in loci, or of the one that is named."""
    if query.problem:
        return query
    primers = trim_primers(query.sequence, locus=locus)
    if not primers.primers:
        return query
    sequence = query.sequence[primers.start : primers.end]
    return query._replace(
        sequence=sequence,
        qualities=query.qualities[primers.start : primers.end],
        notes=(*query.notes, primers.note(len(query.sequence))),
        problem=check_sequence(sequence),
    )


def describe_record(record: Any) -> str:
    """Return the description of a record of Biopython, without its name and without the stand-in for none."""
    text = str(getattr(record, "description", "")).strip()
    return "" if text == "<unknown description>" else text.removeprefix(str(record.id)).strip()


def letters_of(sequence: object) -> str:
    """Return a sequence as text; empty where Biopython knows its length alone."""
    try:
        return str(sequence)
    except ValueError:
        return ""


# -- lines ------------------------------------------------------------------------


def numbered_lines(handle: io.TextIOBase) -> Iterator[tuple[int, str]]:
    """Yield numbered lines without their ends; a line without end comes in pieces."""
    number = 0
    while line := handle.readline(MAXIMUM_LENGTH):
        number += 1
        yield number, line.strip()


def _split_header(header: str) -> tuple[str, str]:
    """Return the first word of a header, and what follows it."""
    word, description, *_nothing = (*header.split(None, 1), "", "")
    return _decoded(word), _decoded(description)


def _decoded(word: str) -> str:
    """Read bytes that are no UTF-8, kept as surrogates so far, as Windows writes them."""
    data = word.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
