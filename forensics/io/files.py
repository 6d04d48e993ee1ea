"""Files: opened within a budget, recognised by their content, written whole or not at all.

`FORMATS` says what a file is, by its content and never by its name. A new format is one entry of `FORMATS` and one
reader in the table of the subpackage that reads it (`forensics.barcode.reading.reads`, `forensics.genetics.formats`,
`forensics.origin.isoscape`). Formats that people give by mistake have entries too, with what to do about them.

The gate: whatever people give is opened here, by one `Budget`; files, pipes, standard input, packed or not.
No other module opens a file of a stranger (`tests/io/test_gate.py` looks for it). What a file costs follows
from what its bytes can become: so a packed file may not swell beyond reason, and JSON, TOML and archives are
looked at before they are read.

`folder` finds what the project ships beside its code, models and reference sequences.
In a wheel both folders lie inside the package; in a checkout (and in some
editable installs, where ``importlib.resources`` cannot see mapped folders)
they lie beside it.
"""

import hashlib
import io
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, TypeAlias, cast

from forensics.errors import IncompleteInputError, InputError, LibraryError, UsageError
from forensics.messages import N_, _

if TYPE_CHECKING:
    import zipfile


AnyPath: TypeAlias = str | os.PathLike[str]
"""A path as a script has it."""


class Writing(NamedTuple):
    """A file that is being written.

    Attributes
    ----------
    path : Path
        Where it is for the time being.
    stream : BinaryIO
        Can also be read and sought in.
    """

    path: Path
    stream: BinaryIO


def check_folder(path: AnyPath) -> None:
    """Check, before any work, that the folder of a new file is there and may be written to.

    Raises
    ------
    UsageError
    """
    folder = Path(path).parent
    if not folder.is_dir():
        raise UsageError(
            _("{path}: the folder {folder} does not exist; make it first.").format(
                path=path, folder=folder
            )
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            _("{path}: you may not write to the folder {folder}.").format(path=path, folder=folder)
        )


def check_new(*paths: AnyPath) -> None:
    """Check, before any work, that nothing has these names, and that their folders may be written to.

    Raises
    ------
    UsageError
    """
    for path in paths:
        check_folder(path)
        if os.path.exists(path):  # it may be an exhibit
            raise _taken(path)


@contextmanager
def writing(path: AnyPath, *, mode: int = 0o644, new: bool = True) -> Iterator[Writing]:
    """Write a file by way of a temporary one beside it: whole, or not at all.

    Parameters
    ----------
    mode : int
        Permissions of the file, where the system has such.
    new : bool
        Whether the file must not exist yet. The name is claimed first, by an empty file, so that
        two programs cannot both win; a crash leaves the empty file or the whole one.

    Yields
    ------
    Writing
        Its stream takes the content. An exception leaves what was there before.

    Raises
    ------
    UsageError
        If the file must be new and exists.
    InputError
        If it cannot be written (permissions, a full disk).
    """
    import secrets  # here, as identify of one sample imports this module and writes no file

    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    claimed = False
    flags = os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        if new:
            os.close(os.open(path, os.O_WRONLY | flags, mode))
            claimed = True
        with open(os.open(temporary, os.O_RDWR | flags, mode), "w+b") as stream:
            yield Writing(temporary, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if claimed:
            path.unlink(missing_ok=True)
        if new and not claimed and isinstance(error, FileExistsError):
            raise _taken(path) from None
        if isinstance(error, OSError):
            raise InputError(
                _("The file cannot be written: {error}").format(error=error.strerror or error),
                source=str(path),
            ) from error
        raise


@contextmanager
def making_folder(path: AnyPath, *, mode: int = 0o755) -> Iterator[Path]:
    """Make a folder by way of a temporary one beside it: whole, or not at all.

    Parameters
    ----------
    path : path
        Does not exist, or is an empty folder.
    mode : int
        Permissions of the folder, where the system has such.

    Yields
    ------
    Path
        The temporary folder, which takes the content.

    Raises
    ------
    UsageError
        If it exists and is not empty.
    InputError
        If it cannot be written.
    """
    import shutil
    import tempfile

    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(_("{path} already exists; give a new folder.").format(path=path))
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield partial
        partial.chmod(mode)
        if path.exists():  # empty; Windows replaces no folder
            path.rmdir()
        os.replace(partial, path)
    except OSError as error:  # with the folder that was given, not the temporary one
        raise InputError(
            _("The folder cannot be written: {error}").format(error=error.strerror or error),
            source=str(path),
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def working_alone(folder: Path, mark: str) -> Iterator[None]:
    """Make a folder, and hold it for this run alone, until the block or the process ends.

    Parameters
    ----------
    folder : Path
    mark : str
        Name of the file in it that is locked; it stays.

    Raises
    ------
    UsageError
        If another run works in it.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / mark)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            _("Another run works in {folder}; wait for it, or give another folder.").format(
                folder=folder
            )
        ) from None
    try:
        yield
    finally:
        lock.release()
        (folder / mark).touch()  # the lock takes its file with it on some systems


def _taken(path: AnyPath) -> UsageError:
    return UsageError(
        _("{path} already exists and is not overwritten; give another name.").format(path=path)
    )


def replace_file(path: AnyPath, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path`: afterwards the file is whole, or what it was. See `writing`."""
    with writing(path, mode=mode, new=False) as opened:
        opened.stream.write(data)


def write_new(path: AnyPath, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to a file that must not exist yet. See `writing`."""
    with writing(path, mode=mode) as opened:
        opened.stream.write(data)


def sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where folders can be opened (not on Windows)."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def shown_name(file: AnyPath) -> str:
    """Return the name of a file as text that can be stored and printed anywhere.

    Names on old sticks and disks are not always UTF-8. Python gives the bytes that are none as lone
    surrogates, which no file, terminal or ledger takes; here they are written as in a URL.

    Examples
    --------
    >>> shown_name("pi\\udce8ce.fasta")
    'pi%E8ce.fasta'
    """
    name = os.fspath(file)
    try:
        name.encode()
    except UnicodeEncodeError:
        return "".join(map(_shown_letter, name))
    return name


def _shown_letter(letter: str) -> str:
    code = ord(letter)
    if not 0xD800 <= code <= 0xDFFF:
        return letter
    # Of a byte its number; half a character, which Windows takes in a name, as such.
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%u{code:04X}"


Content = Literal["sequences", "genotypes", "table", "map", "text", "document", "archive"]

_BOM = b"\xef\xbb\xbf"


class Format(NamedTuple):
    """A format of files.

    Attributes
    ----------
    name : str
        As readers call it.
    starts : tuple of bytes
        One of them begins the file, unpacked.
    strict : bool
        Whether nothing may stand before it; before formats of text the mark of UTF-8 and blanks may.
    not_sequences : str
        What it is, in words, where sequences are expected and it holds none that can be read.
    not_genotypes : str
        What it is and what to do, where genotypes are expected and it holds none that can be read.
    """

    name: str
    holds: Content
    starts: tuple[bytes, ...]
    strict: bool = False
    not_sequences: str = ""
    not_genotypes: str = ""

    def matches(self, start: bytes) -> bool:
        """Return whether a file that begins so is of this format."""
        if not self.strict:
            start = start.removeprefix(_BOM).lstrip()
        return start.startswith(self.starts)


FORMATS = (
    # Sequences.
    Format("abif", "sequences", (b"ABIF",)),
    Format(
        "scf",
        "sequences",
        (b".scf",),
        not_sequences=N_("an SCF chromatogram, which is not read yet (export .ab1)"),
    ),
    Format("fasta", "sequences", (b">", b";")),
    Format("fastq", "sequences", (b"@",)),
    Format("genbank", "sequences", (b"LOCUS",)),
    Format(
        "nexus",
        "sequences",
        (b"#NEXUS",),
        not_sequences=N_("a NEXUS alignment (export FASTA)"),
    ),
    Format(
        "clustal",
        "sequences",
        (b"CLUSTAL",),
        not_sequences=N_("a Clustal alignment (export FASTA)"),
    ),
    # Genotypes. GENEPOP and STRUCTURE have no first bytes; their lines are looked at.
    Format("vcf", "genotypes", (b"##fileformat=VCF", b"#CHROM\t")),
    Format(
        "bcf",
        "genotypes",
        (b"BCF",),
        strict=True,
        not_genotypes=N_("this is BCF; convert it: bcftools view -O z -o genotypes.vcf.gz FILE"),
    ),
    Format("plink", "genotypes", (b"l\x1b",), strict=True),
    Format(
        "beagle",
        "genotypes",
        (b"marker\tallele", b"marker allele"),
        not_genotypes=N_(
            "this is a BEAGLE table of likelihoods of genotypes; called genotypes are expected, such as a VCF with GT"
        ),
    ),
    # Tables.
    Format(
        "xlsx",
        "table",
        (b"PK\x03\x04",),
        not_sequences=N_("a Word, Excel or zip file"),
    ),
    Format(
        "xls",
        "table",
        (b"\xd0\xcf\x11\xe0",),
        not_sequences=N_("an old Word or Excel file"),
        not_genotypes=N_("this is an old Excel workbook (.xls); save it as .xlsx or CSV"),
    ),
    Format(
        "r",
        "table",
        (b"RDX",),
        strict=True,
        not_genotypes=N_("this is an R data file; write the table with write.csv"),
    ),
    Format(
        "pickle",
        "table",
        (b"\x80\x04",),
        strict=True,
        not_genotypes=N_("this is a Python pickle, which is never opened; save the table as CSV"),
    ),
    # Maps.
    Format("geotiff", "map", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), strict=True),
    Format("netcdf", "map", (b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF"), strict=True),
    # GeoJSON, records of events, stored results: what the object says tells which.
    Format("json", "text", (b"{", b"[")),
    Format(
        "utf-16",
        "text",
        (b"\xff\xfe", b"\xfe\xff"),
        not_sequences=N_("UTF-16 text (save it as plain text, UTF-8)"),
    ),
    Format(
        "html",
        "text",
        (b"<",),
        not_sequences=N_("a web page or XML (was the download complete?)"),
    ),
    # What people give by mistake.
    Format(
        "pdf",
        "document",
        (b"%PDF",),
        not_sequences=N_("a PDF"),
        not_genotypes=N_("this is a PDF; the table itself is needed, as CSV or .xlsx"),
    ),
    Format(
        "picture",
        "document",
        (b"\x89PNG", b"\xff\xd8\xff"),
        not_sequences=N_("a picture"),
    ),
    # Packed: gzip is unpacked before.
    Format("gzip", "archive", (b"\x1f\x8b",), strict=True),
    Format(
        "bzip2",
        "archive",
        (b"BZh",),
        not_sequences=N_("compressed with bzip2 (use gzip)"),
    ),
    Format(
        "xz",
        "archive",
        (b"\xfd7zXZ",),
        not_sequences=N_("compressed with xz (use gzip)"),
    ),
)


def recognise(start: bytes, formats: Iterable[Format] = FORMATS) -> Format | None:
    """Return the format of a file by its first bytes, unpacked; None where they say nothing.

    Examples
    --------
    >>> recognise(b"\\n>A1 Panthera leo\\nACGT\\n").name, recognise(b"id,Fca8\\n")
    ('fasta', None)
    """
    return next((known for known in formats if known.matches(start)), None)


STDIN = "-"
_SPOOL = 64 * 2**20  # bytes of standard input kept in memory before they go to disk
GZIP = b"\x1f\x8b"
# A packed file may swell to so many times its length: a VCF of 10,000 animals with rare variants packs
# 100-fold, FASTQ fivefold, and gzip can do 1,032. Below 64 MB it does not matter.
MAX_SWELLING = 250
_FREE = 64 * 2**20
# Of JSON: a range map of two million corners has six million values, each up to 100 bytes in memory.
MAX_VALUES = 8_000_000
# Of TOML, which people write by hand: 256 kB are 4,000 lines. `tomllib` takes hours for a long key.
MAX_TOML = 256 * 2**10
_LONG_KEY = r"""(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){50}"""
# Of an archive: a model of 1,000 trees has some 2,000 members.
MAX_MEMBERS = 100_000


class Budget(NamedTuple):
    """How much of a table is read, and what is said of a longer one.

    Attributes
    ----------
    max_bytes : int
        Unpacked.
    max_line : int
        Characters of a line, and of a cell.
    max_rows, max_columns, max_cells : int
        Of a sheet or a file of text.
    too_long, line_too_long : str
        With the field ``{most}``.
    """

    max_bytes: int = 256 * 2**20
    max_line: int = 16 * 2**20
    # Seizures of a country, or animals, are fewer.
    max_rows: int = 2_000_000
    # A million loci, two columns each.
    max_columns: int = 2_000_000
    # Some 60 bytes each: 1.2 GB.
    max_cells: int = 20_000_000
    too_long: str = N_("The file is longer than {most} bytes.")
    line_too_long: str = N_("a line has more than {most} characters; is it a table?")


@contextmanager
def report_damage(label: str) -> Iterator[None]:
    """Tell what goes wrong while a file is read that may be compressed.

    Raises
    ------
    IncompleteInputError
        If the compressed file ends too early; what was read before is right.
    InputError
        If it is damaged, or cannot be read any further.
    """
    try:
        yield
    except EOFError as error:
        raise IncompleteInputError(
            _("the compressed file ends too early; copy or download it again"), source=label
        ) from error
    except _damages() as error:
        raise InputError(
            _("the compressed file is damaged ({error}); copy or download it again").format(
                error=error
            ),
            source=label,
        ) from error
    except OSError as error:
        raise InputError(explain_unreadable(error), source=label) from error


def _damages() -> tuple[type[Exception], ...]:
    import gzip  # here and below: most files are plain
    import zlib

    return gzip.BadGzipFile, zlib.error


def open_input(source: AnyPath, label: str) -> IO[bytes]:
    """Open a file, pipe or standard input for reading from any place; `label` names it in messages.

    Raises
    ------
    InputError
        If it is missing, a folder, a device, or must not be read.
    """
    if os.fspath(source) == STDIN:
        return _spooled(sys.stdin.buffer)
    try:
        mode = os.stat(source).st_mode
        if stat.S_ISDIR(mode):
            raise InputError(_("this is a folder; give the files in it"), source=label)
        if stat.S_ISFIFO(mode):  # a shell's <(command); it can be read only once
            with open(source, "rb") as pipe:
                return _spooled(pipe)
        if not stat.S_ISREG(mode):  # /dev/zero never ends
            raise InputError(_("this is a device, not a file"), source=label)
        return open(source, "rb")
    except OSError as error:
        raise InputError(explain_unreadable(error), source=label) from error
    except ValueError as error:  # a NUL in the path: no file has such a name
        raise InputError(explain_unreadable(FileNotFoundError()), source=label) from error


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    import tempfile  # takes as long to import as click's half

    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    while chunk := stream.read(1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return spool


def explain_unreadable(error: OSError) -> str:
    """Return in words why a file could not be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return _("there is no such file; check its name and folder")
    if isinstance(error, IsADirectoryError):
        return _("this is a folder; give the files in it")
    if isinstance(error, PermissionError):
        return _("you may not read it; ask for read access")
    return _("it cannot be read: {error}").format(error=error.strerror or error)


def unpack(raw: IO[bytes], label: str, *, checked: bool = False) -> io.BufferedReader:
    """Return the content of an open file from its start, unpacked where it is gzipped.

    Closing it leaves the file open. Read it within `report_damage`.

    Parameters
    ----------
    raw : binary file
        Can be sought in.
    label : str
        Its name, for messages.
    checked : bool
        Unpack once to the sum at the end: of damaged data no result may be given before it.

    Raises
    ------
    InputError
        While it is read, if it swells to more than `MAX_SWELLING` times its packed length.
    """
    raw.seek(0)
    packed = raw.read(2) == GZIP
    raw.seek(0)
    content: io.BufferedReader = io.BufferedReader(
        _Unpacked(raw, label) if packed else _Kept(raw), 1 << 16
    )
    if packed and checked:
        try:
            while content.read(1 << 20):
                pass
        except EOFError:
            pass  # what precedes the place where it was cut off is kept; that is reported when reached
        content.seek(0)
    return content


class _Kept(io.RawIOBase):
    """A stream that stays open when its reader is closed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


class _Unpacked(_Kept):
    def __init__(self, raw: IO[bytes], label: str) -> None:
        import gzip  # most files are plain

        super().__init__(cast(IO[bytes], gzip.GzipFile(fileobj=raw, mode="rb")))
        self._raw, self._label = raw, label

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        length = self._stream.tell()
        if length > _FREE and length > MAX_SWELLING * self._raw.tell():
            raise InputError(
                _(
                    "unpacked, the file is more than {most} times as long as packed, which "
                    "laboratory data are not. Unpack it, check it, and give it unpacked if it is "
                    "right"
                ).format(most=MAX_SWELLING),
                source=self._label,
            )
        return count


def read_limited(path: AnyPath, max_bytes: int) -> bytes:
    """Return the content of a file of at most `max_bytes` bytes, as it is.

    Raises
    ------
    InputError
        If it cannot be read, is not a regular file, or is longer.
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would wait for ever
            raise InputError(_("this is not a file"), source=str(path))
        with path.open("rb") as stream:
            data = read_up_to(stream, max_bytes + 1)
    except OSError as error:
        raise InputError(explain_unreadable(error), source=str(path)) from error
    if len(data) > max_bytes:
        raise InputError(
            _("The file is longer than {most} bytes.").format(most=max_bytes), source=str(path)
        )
    return data


def read_up_to(stream: IO[bytes], count: int) -> bytes:
    """Return at most `count` bytes of a stream; memory follows what is there."""
    parts = []
    while count > 0 and (block := stream.read(min(count, 1 << 20))):
        parts.append(block)
        count -= len(block)
    return b"".join(parts)


def read_start(path: AnyPath, count: int = 4096) -> bytes:
    """Return the first bytes of a regular file, unpacked; none of one that cannot be read.

    Reading it whole will say why.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as raw:
            return unpack(raw, "").read(count)
    except (OSError, EOFError, ValueError):
        return b""
    except _damages():
        return b""


def load_json(content: bytes | str) -> Any:
    """Return the value of JSON that a stranger may have written.

    Raises
    ------
    ValueError
        If it is not JSON in UTF-8, is nested too deeply, or holds more than `MAX_VALUES` values.
    """
    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise ValueError(_("it holds more than {most} values").format(most=MAX_VALUES))
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(_("it is nested too deeply")) from error


def load_toml(content: bytes | str) -> dict[str, Any]:
    """Return the value of TOML that people wrote.

    Raises
    ------
    ValueError
        If it is not TOML in UTF-8, is longer than `MAX_TOML`, or is nested too deeply.
    """
    import tomllib  # only where there is a file

    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    if len(text) > MAX_TOML:
        raise ValueError(_("it is longer than {most} characters").format(most=MAX_TOML))
    if re.search(_LONG_KEY, text):
        raise ValueError(_("it is nested too deeply"))
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(_("it is nested too deeply")) from error


@contextmanager
def open_archive(source: IO[bytes] | Path, max_bytes: int) -> "Iterator[zipfile.ZipFile]":
    """Open a zip archive whose members are few and short enough, to be read.

    Raises
    ------
    zipfile.BadZipFile
        If it is not one, has more than `MAX_MEMBERS` members or `max_bytes` bytes unpacked, or one of
        them swells to more than `MAX_SWELLING` times its packed length.
    """
    import zipfile

    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        # No more than `file_size` of a member is ever unpacked.
        swollen = any(
            one.file_size > max(_FREE, MAX_SWELLING * one.compress_size) for one in members
        )
        whole = sum(one.file_size for one in members)
        if len(members) > MAX_MEMBERS or whole > max_bytes or swollen:
            raise zipfile.BadZipFile(
                _(
                    "it unpacks to {count} files of {length} bytes, which is too much for data"
                ).format(count=len(members), length=whole)
            )
        yield archive


def is_chromatogram(path: AnyPath) -> bool:
    """Whether a regular file begins as an ABIF chromatogram does, plain or gzipped."""
    known = recognise(read_start(path, 4))
    return known is not None and known.name == "abif"


FOLDERS = ("models", "reference_sequences")

_PACKAGE = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """Return the folder ``name``, installed or in the checkout.

    Parameters
    ----------
    name : str
        One of `FOLDERS`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    LibraryError
        If the folder is in neither place.
    """
    if name not in FOLDERS:
        raise ValueError(f"no such resource folder: {name!r}; there are {', '.join(FOLDERS)}")
    places = [_PACKAGE / name]
    # Beside an installed package lie other people's folders; only a checkout has ours.
    if (_PACKAGE.parent / "setup.cfg").is_file():
        places.append(_PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise LibraryError(
        _(
            "The folder {name} is neither in {installed} nor in {checkout}. The installation is "
            "incomplete; install the package again."
        ).format(name=name, installed=_PACKAGE, checkout=_PACKAGE.parent)
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
