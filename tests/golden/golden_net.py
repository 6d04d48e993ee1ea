"""The golden net: commands and calls in one process, written down as text that can be compared.

A group of scenes (``scenes/<group>.py``) is played in an empty folder, in order, with a fixed clock, fixed random
tokens and the language of each command; what each scene printed, its exit code and the files that it wrote become
one section of ``net/<group>.txt``.

What is compared are values:

* Decimal numbers agree within `TOLERANCE`, said there; whole numbers and all words exactly (`same`).
* Arrays are loaded, archives and spreadsheets opened, what is compressed is unpacked, databases are shown by their
  tables and numbers of rows: nothing compressed is compared by its size or its SHA-256.
* A SHA-256 in a text is shown as the name of the file that has it: another processor, zlib or version of a library
  gives another sum, and still it has to be the sum of that file.
* Of long texts the head, and a summary by value of the whole (``limit=``, `_summary`); pictures of lines as well.

What is not compared, all of it here:

* `_versions`: versions of Python and of libraries, number of processors. The version of this program is set to
  `VERSION`.
* `_paths`: temporary folders and the folder of the project.
* `Net.masked`: where a group says so, SHA-256 sums of no file, and fingerprints: heads of ledgers whose events name
  versions of libraries.
* Helps and errors of usage, which click words, are compared only with the series of click of the golden file.
* Of PNG the size and the mean shade, of PDF the pages; that and the summary of an SVG only with the versions of the
  libraries with which they were recorded.
* Of pages pictures and style are left out, and a part is put on each line (`_page`).

Pages of HTML are also read for what no page may have: `faults_of_page`.

JSON is shown over several lines; its form is said in the heading of the text (``json lines``, ``indent 1``).
"""

import csv
import datetime
import difflib
import functools
import gzip
import hashlib
import importlib
import importlib.metadata
import importlib.util
import io
import itertools
import json
import math
import os
import random
import re
import secrets
import shlex
import shutil
import sqlite3
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from unittest import mock

GOLDEN = Path(__file__).resolve().parent
ROOT = GOLDEN.parent.parent
STORED = GOLDEN / "net"
for folder in (ROOT, GOLDEN.parent, GOLDEN):  # the package, what the tests share, the scenes
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

VERSION = "9.9.9"
EPOCH = 1772438400  # 2026-03-02T08:00:00Z
LIMIT = 5000
# The greatest difference between decimal numbers that agree, as a part of the greater one. Processors add the terms of
# a sum in another order, which leaves some 1e-12 of a likelihood of hundreds of terms, and fits of some hundred steps
# multiply that; nothing that the program prints for people has more than six digits. Where a scene says `digits`, for
# a fit that ends when it no longer gains, it is one of the last of these digits.
TOLERANCE = 1e-6
SKIPPED = "skipped"
PASSPHRASE = "correct horse battery"
GROUPS = tuple(
    path.stem for path in sorted((GOLDEN / "scenes").glob("*.py")) if path.stem[0] != "_"
)
_HEADING = "=== "
_IGNORED = ("-wal", "-shm", ".lock", ".turn")
_TEXTS = {
    ".csv",
    ".fasta",
    ".fastq",
    ".geojson",
    ".graphml",
    ".html",
    ".json",
    ".md",
    ".toml",
    ".tsv",
    ".txt",
}
_LIBRARIES = {"pdf": "typst", "png": "matplotlib", "svg": "matplotlib"}


# -- the world outside: clock, chance, environment ---------------------------------------------


class _Clock:
    """Simulated time: a minute goes by with every scene; within a scene it stands."""

    def __init__(self) -> None:
        self.time = datetime.datetime.fromtimestamp(EPOCH, datetime.UTC)

    def datetime(self) -> type:
        clock = self

        class Simulated(datetime.datetime):
            @classmethod
            def now(cls, tz=None):
                return clock.time.astimezone(tz) if tz else clock.time.replace(tzinfo=None)

        return Simulated


class _Tokens:
    """Tokens that depend on the scene and on how many were drawn before in it; names of files apart from salts."""

    def __init__(self) -> None:
        self.start("")

    def start(self, scene: str) -> None:
        self._bytes, self._names = random.Random(f"bytes {scene}"), random.Random(f"names {scene}")

    def token_bytes(self, size: int = 32) -> bytes:
        return self._bytes.randbytes(size)

    def token_hex(self, size: int = 32) -> str:
        return self._names.randbytes(size).hex()

    def randbelow(self, limit: int) -> int:
        return self._bytes.randrange(limit)

    def choice(self, values):
        return self._bytes.choice(values)


def _replace_in_package(stack: ExitStack, name: str, old: object, new: object) -> None:
    """Replace what loaded modules of the package imported under a name."""
    for key, module in list(sys.modules.items()):
        if key.split(".")[0] == "forensics" and vars(module).get(name) is old:
            stack.enter_context(mock.patch.object(module, name, new))


@contextmanager
def simulated_world(folder: Path) -> Iterator[tuple[_Clock, _Tokens]]:
    """Work in a folder with a simulated clock, simulated tokens, cheap keys and no settings from outside."""
    import forensics
    import forensics.cli
    import forensics.custody.ledger
    from forensics.custody import canonical, keys

    clock, tokens, before = _Clock(), _Tokens(), Path.cwd()
    settings = [name for name in os.environ if name.startswith("FORENSICS_") or name in (
        "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "FORCE_COLOR", "COLUMNS")]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ))
        for name in settings:
            del os.environ[name]
        os.environ |= {
            "FORENSICS_NO_SETTINGS": "1",
            "XDG_CONFIG_HOME": str(folder / "config"),  # where settings are written
            "LANGUAGE": "en",
            "SOURCE_DATE_EPOCH": str(EPOCH),
        }
        _replace_in_package(stack, "datetime", datetime.datetime, clock.datetime())
        assert canonical.now() == "2026-03-02T08:00:00.000000Z", (
            "the clock of the ledger is not the simulated one"
        )
        _replace_in_package(stack, "__version__", forensics.__version__, VERSION)
        for name in ("token_bytes", "token_hex", "randbelow", "choice"):
            stack.enter_context(mock.patch.object(secrets, name, getattr(tokens, name)))
        # The least that the rules for a passphrase allow.
        cheap = (19 * 1024, 2, 1)
        stack.enter_context(mock.patch.object(keys.Cost.__init__, "__defaults__", cheap))
        stack.enter_context(mock.patch.object(keys, "_derived", functools.cache(keys._derived)))
        os.chdir(folder)
        try:
            yield clock, tokens
        finally:
            os.chdir(before)


# -- commands of a language ------------------------------------------------------------------


_loaded: dict[str, dict[str, object]] = {}


def _of_command_line() -> dict[str, object]:
    return {
        name: module
        for name, module in sys.modules.items()
        if name.startswith("forensics.cli") and name.removeprefix("forensics.cli")[:1] in ("", ".")
    }


def _load_all() -> None:
    """Import every command: helps are translated when they are imported."""
    import click

    from forensics.cli import main

    def visit(command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                visit(command.get_command(context, name))

    visit(main)


@contextmanager
def command_line(language: str) -> Iterator[object]:
    """Give the command line as a process that speaks a language from the start has it."""
    import forensics
    from forensics.messages import speak

    with ExitStack() as stack:
        before, attribute = _of_command_line(), forensics.cli
        stack.enter_context(mock.patch.dict(os.environ, {"LANGUAGE": language}))
        speak()
        try:
            for name in before:
                del sys.modules[name]
            sys.modules.update(_loaded.get(language, {}))
            forensics.cli = importlib.import_module("forensics.cli")
            if language not in _loaded:
                _load_all()
                _loaded[language] = _of_command_line()
            yield forensics.cli.main
        finally:
            for name in _of_command_line():
                del sys.modules[name]
            sys.modules.update(before)
            forensics.cli = attribute
            os.environ["LANGUAGE"] = "en"
            speak()


# -- what a scene leaves ------------------------------------------------------------------------


class Net:
    """Play scenes in a folder and keep what they leave, scene by scene.

    Attributes
    ----------
    folder : Path
        The working folder of the scenes.
    sections : dict
        Heading of each scene to the text that is compared.
    masked : bool
        Whether SHA-256 sums are left out from now on.
    digits_of : dict
        Heading of each scene to the significant digits of its decimal numbers.
    faults : list of str
        What no page of HTML may have, of the pages that the scenes printed and wrote.
    whole, fast : bool
        Whether texts are kept in full length; whether slow scenes are left out.
    """

    def __init__(
        self,
        folder: Path,
        clock: _Clock,
        tokens: _Tokens,
        *,
        whole: bool = False,
        fast: bool = False,
    ) -> None:
        self.folder, self.clock, self.tokens = folder, clock, tokens
        self.sections: dict[str, str] = {}
        self.digits_of: dict[str, int] = {}
        self.faults: list[str] = []
        self.masked = False
        self.digits = 9
        self.whole = whole
        self.fast = fast
        self.environment: dict[str, str] = {}
        self.hidden: dict[
            str, str
        ] = {}  # texts of this run, such as a port, to what stands for them
        self._seen: dict[str, str] = {}
        self._sums: dict[tuple, str] = {}  # name and state of each file, to its SHA-256
        self._named: dict[str, str] = {}  # SHA-256 of each file that was seen, to its name

    # -- scenes --

    def run(
        self,
        *arguments: object,
        language: str = "en",
        text: str | bytes | None = None,
        signs: str | bool = False,
        new: str | bool = False,
        limit: int = LIMIT,
        note: str = "",
        slow: bool = False,
        digits: int = 9,
    ) -> str:
        """Run a command; return its standard output.

        Parameters
        ----------
        *arguments : str or path
            As they are typed after ``forensics``: words of a command line, then single arguments.
        language : str
            Given as ``--lang`` where it is not English.
        text : str or bytes, optional
            Standard input.
        signs, new : str or bool
            Passphrase of ``--passphrase-fd`` and ``--new-passphrase-fd``; True: the usual one.
        limit : int
            Characters of a text that are kept.
        note : str
            What the scene is for; part of the heading.
        slow : bool
            Left out of the fast tests; nothing that comes after may rest on it.
        digits : int
            Significant digits of decimal numbers, fewer for what is trained by a library.
        """
        self.digits = digits
        from click.testing import CliRunner

        typed = [str(argument) for argument in arguments]
        typed[:1] = shlex.split(typed[0]) if typed else []
        if language != "en":
            typed += ["--lang", language]
        if slow and self.fast:
            self.sections[self._start(_command(typed), note)] = SKIPPED
            return ""
        given = list(typed)
        with ExitStack() as stack:
            for option, wanted in (("--passphrase-fd", signs), ("--new-passphrase-fd", new)):
                if wanted:
                    phrase = PASSPHRASE if wanted is True else wanted
                    read, write = os.pipe()
                    os.write(write, f"{phrase}\n".encode())
                    os.close(write)
                    given += [option, str(read)]
                    typed += [option, "FD"]
            heading = self._start(_command(typed), note)
            main = stack.enter_context(command_line(language))
            result = CliRunner().invoke(
                main, given, input=text, env=dict(self.environment), prog_name="forensics"
            )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise AssertionError(f"{heading}: crashed") from result.exception
        parts = [f"exit {result.exit_code}"]
        for name, said in (("stdout", result.stdout), ("stderr", result.stderr)):
            if said:
                parts.append(self._shown(name, said, limit))
        self._end(heading, parts, limit)
        return result.stdout

    def call(
        self, name: str, function: Callable[[], object], *, limit: int = LIMIT, digits: int = 9
    ) -> object:
        """Call something of the library; a text is kept as it is, anything else as JSON."""
        self.digits = digits
        heading = self._start(f"call {name}", "")
        try:
            value = function()
        except Exception as error:
            from forensics.errors import ForensicsError

            if not isinstance(error, ForensicsError):
                raise
            self._end(heading, [f"{type(error).__name__} {error.exit_code}: {error}"], limit)
            return None
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) + "\n"
        self._end(heading, [self._shown("returned", text, limit)], limit)
        return value

    def chdir(self, name: str) -> None:
        """Work in a folder below from now on."""
        self.folder /= name
        os.chdir(self.folder)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write an input; it is no part of what is compared."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Path(name)

    # -- inside --

    def _start(self, command: str, note: str) -> str:
        heading = self._normal(command) + (f"   # {note}" if note else "")
        number = 2
        while heading in self.sections:
            heading = re.sub(r"   \(\d+\)$", "", heading) + f"   ({number})"
            number += 1
        self.sections[heading], self.digits_of[heading] = "", self.digits
        self.clock.time += datetime.timedelta(minutes=1)
        self.tokens.start(heading)
        self._seen = self._files()
        return heading

    def _end(self, heading: str, parts: list[str], limit: int) -> None:
        before, after = self._seen, self._files()
        written = [name for name in after if after[name] != before.get(name)]
        parts += [
            self._file(name, "changed" if name in before else "wrote", limit)
            for name in sorted(written, key=self._normal)  # names of attachments are their SHA-256
        ]
        parts += [f"removed {self._normal(name)}" for name in sorted(before.keys() - after)]
        self.sections[heading] = "\n".join(parts) + "\n"

    def _files(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.name.endswith(_IGNORED):
                name, state = path.relative_to(self.folder).as_posix(), path.stat()
                key = name, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
                if key not in self._sums:
                    self._sums[key] = hashlib.sha256(path.read_bytes()).hexdigest()
                found[name] = self._sums[key]
                if not _SUM.search(name):
                    self._named.setdefault(found[name], name)
        return found

    def _file(self, name: str, what: str, limit: int) -> str:
        path = self.folder / name
        data = path.read_bytes()
        heading = f"{what} {self._normal(name)}"
        if data.startswith(b"SQLite format 3\0"):
            return f"{heading}: {_tables(path)}"
        if path.suffix == ".xlsx":
            return self._shown(f"{heading}, cells", _cells(path), limit)
        return self._content(heading, path.suffix, data, limit)

    def _content(self, heading: str, suffix: str, data: bytes, limit: int) -> str:
        """Return what is compared of a file, or of a member of an archive."""
        if kind := _picture(suffix, data):
            drawn = self._summary(_svg(data.decode())) if kind == "svg" else _drawn(kind, data)
            library = _LIBRARIES[kind]
            version = importlib.metadata.version(library)
            return f"{heading}: {kind} by {library} {version}; {drawn}"
        if suffix == ".gz":
            data = gzip.decompress(data)
            heading += ", unpacked"
        if data.startswith(b"\x93NUMPY"):
            return self._shown(heading, _array(data), limit)
        if data.startswith(b"PK\3\4"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [(name, archive.read(name)) for name in sorted(archive.namelist())]
            for name, member in members:
                if not _SUM.search(name):
                    self._named.setdefault(hashlib.sha256(member).hexdigest(), name)
            shown = [
                self._content(f"member {self._normal(name)}", Path(name).suffix, member, limit)
                for name, member in members
            ]
            return "\n".join([f"{heading}, members", *shown])
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return f"{heading}: {len(data)} bytes, sha256 {self._sum(data)}"
        if suffix in _TEXTS or len(text) < limit:
            return self._shown(heading, text, limit)
        return f"{heading}: {len(text)} characters; {self._summary(text)}"

    def _sum(self, data: bytes) -> str:
        """Return the SHA-256 of what no library compressed and no processor computed: of integers, of random bytes."""
        return "…" if self.masked else hashlib.sha256(data).hexdigest()

    def _summary(self, text: str) -> str:
        """Return the SHA-256 of the words of a text, and of its decimal numbers how many and the sum of logarithms.

        Each logarithm has a sign by its place, so that numbers that change places are noticed.
        """
        words, numbers = _split(self._normal(text))
        total = sum(
            (1 if hashlib.sha256(str(place).encode()).digest()[0] % 2 else -1)
            * math.log(abs(number))
            for place, number in enumerate(map(float, numbers))
            if number
        )
        digest = hashlib.sha256("#".join(words).encode()).hexdigest()
        return f"words sha256 {digest[:16]}, {len(numbers)} decimal numbers {total:.6f}"

    def _shown(self, name: str, text: str, limit: int) -> str:
        if _is_page(text):
            self.faults += [f"{name}: {fault}" for fault in faults_of_page(text)]
        form, readable = _readable(text)
        lines = self._normal(readable)
        # As if decimal numbers were of one length: where a text is cut must not depend on their last digits.
        length = itertools.accumulate(
            len(_NUMBER.sub("0.00000", line)) + 1 for line in lines.split("\n")
        )
        kept = sum(so_far <= limit for so_far in length)
        if not self.whole and kept < (more := lines.count("\n")):
            head = lines.split("\n")[:kept]
            lines = "\n".join([*head, f"… {more - kept} lines more; all: {self._summary(lines)}\n"])
        ends = "" if lines.endswith("\n") or not lines else "   (no end of line)"
        head = f"--- {name}" + (f" ({form})" if form else "") + ends
        body = "\n".join(
            f" {line}" if line else "" for line in lines.removesuffix("\n").split("\n")
        )
        return f"{head}\n{body}"

    def _normal(self, text: str) -> str:
        for old, new in self.hidden.items():
            text = text.replace(old, new)
        text = _numbers(_versions(_paths(text, self.folder)), self.digits)
        text = _SUM.sub(self._name_of, text)
        if self.masked:
            text = re.sub(r"(?<=· )[0-9a-f]{4}(?: [0-9a-f]{4}){7}", "<fingerprint>", text)
            text = _SHORT_SUM.sub("<start of a sha256>", text)
        return text

    def _name_of(self, match: re.Match) -> str:
        """Return the file that has a SHA-256; without one the sum itself, where it is compared."""
        if name := self._named.get(match[0]):
            return f"<sha256 of {name}>"
        return "<sha256>" if self.masked else match[0]


def _command(arguments: list[str]) -> str:
    return " ".join(["forensics", *map(shlex.quote, arguments)])


def _paths(text: str, folder: Path) -> str:
    for path, name in ((folder.resolve(), "<folder>"), (folder, "<folder>"), (ROOT, "<project>")):
        text = text.replace(str(path), name)
    return re.sub(rf"{re.escape(tempfile.gettempdir())}/forensics-\w+", "<temporary>", text)


_SUM = re.compile(r"\b[0-9a-f]{64}\b")
_SHORT_SUM = re.compile(r"\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{12}\b")
_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.]*\d)")
_DEPENDENCY = re.compile(
    r'("(?:biopython|cffi|click|cryptography|datasette|filelock|matplotlib|networkx|numpy|pandas|pip|python|scikit-learn'
    r'|scipy|sqlite|sqlite-utils|typst|vcfpy|vsearch|zlib)"\s*:\s*)"[^"]*"'
)
_PROCESSORS = re.compile(r'("(?:processors|cpus|jobs|threads)"\s*:\s*)\d+')


def _numbers(text: str, digits: int) -> str:
    def rounded(match: re.Match) -> str:
        written = match[0].split("e")[0].replace(".", "").lstrip("0")
        if len(written) <= digits:
            return match[0]
        short = f"{float(match[0]):.{digits}g}"
        return short if {".", "e"} & set(short) else f"{short}.0"  # it is no whole number for that

    return _NUMBER.sub(rounded, text)


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return what stands between the decimal numbers of a text, and these."""
    return _NUMBER.split(text), _NUMBER.findall(text)


_SUMMED = re.compile(r"words sha256 [0-9a-f]{16}, (\d+) decimal numbers (-?\d+\.\d+)")


def same(old: str, new: str, digits: int = 9) -> bool:
    """Return whether two texts have the same words and, within the tolerance, the same decimal numbers."""
    if old == new:
        return True
    tolerance = max(TOLERANCE, 10.0 ** (1 - digits))
    sums, sums_now = _SUMMED.findall(old), _SUMMED.findall(new)
    (words, numbers), (words_now, numbers_now) = (
        _split(_SUMMED.sub(_words, old)),
        _split(_SUMMED.sub(_words, new)),
    )
    return (
        words == words_now
        and all(
            map(
                functools.partial(math.isclose, rel_tol=tolerance),
                map(float, numbers),
                map(float, numbers_now),
            )
        )
        and all(
            # Each of the logarithms may be off by the tolerance, and they are off in both directions.
            abs(float(total) - float(now)) <= tolerance * max(1, math.sqrt(int(count)))
            for (count, total), (_count, now) in zip(sums, sums_now)
        )
    )


def _svg(text: str) -> str:
    """Return the words of a drawing with how often each occurs, then its coordinates as decimal numbers without signs.

    Last digits depend on the processor. matplotlib makes ids from all digits of what it names, writes a coordinate that
    is whole but for them without a point, and one next to nothing as -0, and begins or goes on with a line at the edge
    of what is seen.
    """
    numbers = [f"{abs(float(number)):.4f}" for number in _SVG_NUMBER.findall(text)]
    words = re.sub(r"\b[MLQCz]\b", " ", _SVG_NUMBER.sub(" ", _SVG_ID.sub("id", text)))
    counted = Counter(" ".join(part.split()) for part in words.split("<"))
    return "\n".join([*(f"{count} {part}" for part, count in sorted(counted.items())), *numbers])


_SVG_ID = re.compile(r"\b(?:(?:[hmp]|C\w+_)[0-9a-f]{10}|DejaVu[\w-]+)\b")
_SVG_NUMBER = re.compile(r"(?<=[\s\"(,])-?\d+(?:\.\d+)?(?=[\s\"),])")


def _words(match: re.Match) -> str:
    return match[0].rpartition(" ")[0]


def _versions(text: str) -> str:
    text = _DEPENDENCY.sub(r'\1"<version>"', text)
    return _PROCESSORS.sub(r"\1<number>", text)


_FORMS = [
    (f"{ascii_}{name}".strip(), {"ensure_ascii": bool(ascii_), **options})
    for ascii_ in ("", "ascii, ")
    for name, options in (
        ("", {}),
        ("compact", {"separators": (",", ":")}),
        ("indent 1", {"indent": 1}),
        ("indent 2", {"indent": 2}),
        ("indent 4", {"indent": 4}),
    )
]


def _readable(text: str) -> tuple[str, str]:
    """Return the form of a text, and the text with marks in the place of signs that are not seen."""
    if text.lstrip()[:1] in ("{", "["):
        for kind, parts in (("json", [text]), ("json lines", text.splitlines())):
            try:
                values = [json.loads(part) for part in parts]
            except ValueError:
                continue
            form = next(
                (
                    name
                    for name, options in _FORMS
                    if _dumped(values, options) == text.removesuffix("\n")
                ),
                "another form",
            )
            shown = "\n".join(_laid_out(value) for value in values)
            return f"{kind}{', ' if form else ''}{form}", shown + "\n" * text.endswith("\n")
    if _is_page(text):
        text = _page(text)
    text = (
        text.replace("\r", "\\r")
        .replace("\ufeff", "\\ufeff")
        .replace("\u00a0", "~")
        .replace("\u202f", "~")
    )
    return "", re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda match: repr(match[0])[1:-1], text)


def _dumped(values: list, options: dict) -> str:
    return "\n".join(json.dumps(value, **options) for value in values)


def _is_page(text: str) -> bool:
    return text.lstrip()[:14].lower() == "<!doctype html"


class _Reader(HTMLParser):
    """Read what a page shows: its title, its headings, its other texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.title: str | None = None
        self.headings: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "title" and "svg" not in self.open:
            self.title = ""
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append((tag, ""))
        if tag in ("title", "style", "script", "svg") or re.fullmatch(r"h[1-6]", tag):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_data(self, data):
        within = self.open[-1] if self.open else ""
        if within in ("style", "script"):
            return
        self.texts.append(data)
        if within == "title" and "svg" not in self.open:
            self.title = (self.title or "") + data
        elif self.headings and within == self.headings[-1][0]:
            self.headings[-1] = (within, self.headings[-1][1] + data)


_MARKUP = re.compile(
    r"</?(?:a|abbr|b|br|code|dd|div|dl|dt|em|figure|h[1-6]|hr|i|img|li|ol|p|pre|section|small|span|strong|sub|sup|svg|table"
    r"|td|th|tr|ul)\b[^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\w+);"
)


def faults_of_page(text: str) -> list[str]:
    """Return what no page may have: markup as visible text, an empty heading, a title that is not of its page.

    A title is plain text, and the first heading says the same or is a part of it.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    found = [
        f"markup as text: {shown.strip()[:100]}" for shown in reader.texts if _MARKUP.search(shown)
    ]
    found += [f"an empty heading: <{tag}>" for tag, said in reader.headings if not said.strip()]
    title = " ".join((reader.title or "").split())
    first = " ".join((reader.headings[0][1] if reader.headings else "").split())
    if not title:
        found.append("no title")
    if title and first and first not in title and title not in first:
        found.append(f"the title {title!r} is not that of the first heading, {first!r}")
    return found


_TAG = re.compile(r"(?<!\n)(?=<(?:h\d|p|tr|li|dt|table|figure|section|style)\b)")


def _page(text: str) -> str:
    """Return a page with a part on each line, without pictures and rules of style."""
    text = re.sub(r"<style>.*?</style>", "<style>…</style>", text, flags=re.DOTALL)
    text = re.sub(r"data:image/[\w+]+;base64,[\w+/=]+", "data:image…", text)
    return _TAG.sub("\n", text)


def _laid_out(value: object, depth: int = 0) -> str:
    """Return JSON over several lines where it is long."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + depth <= 110 or not isinstance(value, dict | list) or not value:
        return short
    margin = " " * (depth + 1)
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(k, ensure_ascii=False)}: {_laid_out(v, depth + 1)}"
            for k, v in value.items()
        ]
        return "{\n" + ",\n".join(margin + part for part in parts) + "\n" + " " * depth + "}"
    if all(not isinstance(part, dict | list) for part in value) and not any(
        isinstance(part, str) and len(part) > 60 for part in value
    ):
        return short
    return (
        "[\n"
        + ",\n".join(margin + _laid_out(v, depth + 1) for v in value)
        + "\n"
        + " " * depth
        + "]"
    )


def _tables(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        names = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_fts\\_%' ESCAPE '\\' ORDER BY name"
            )
        ]
        rows = [
            (name, database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for name in names
        ]
    return "tables " + ", ".join(f"{name} {count}" for name, count in rows)


def _picture(suffix: str, data: bytes) -> str:
    """Return the kind of a picture or page, by its name or, of a file that is attached, its content."""
    for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF-1.7"), ("svg", b"<?xml")):
        if suffix == f".{kind}" or (not suffix and data.startswith(start)):
            return kind
    return ""


def _drawn(kind: str, data: bytes) -> str:
    """Return the size and the mean shade of a PNG, or the number of pages of a PDF."""
    if kind == "png":
        from matplotlib.image import imread

        pixels = imread(io.BytesIO(data))
        return f"{pixels.shape[1]} x {pixels.shape[0]} pixels, mean shade {pixels.mean():.2f}"
    text = data + b"".join(
        map(_inflated, re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL))
    )
    pages = re.findall(rb"/Type */Page\b", text)
    return f"{len(pages)} pages"


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:  # another filter: a picture
        return b""


def _array(data: bytes) -> str:
    """Return type, shape and values of an array."""
    import numpy as np

    values = np.load(io.BytesIO(data), allow_pickle=False)
    rows = values.reshape(len(values) if values.ndim > 1 else 1, -1).tolist()
    lines = [f"{values.dtype}, {' x '.join(map(str, values.shape))}"]
    for row in rows:
        parts = [" ".join(map(str, row[start : start + 15])) for start in range(0, len(row), 15)]
        lines.append("\n  ".join(parts))
    return "\n".join(lines) + "\n"


def _cells(path: Path) -> str:
    import openpyxl

    stream = io.StringIO()
    for sheet in openpyxl.load_workbook(path).worksheets:
        stream.write(f"sheet {sheet.title}\n")
        csv.writer(stream, lineterminator="\n").writerows(sheet.iter_rows(values_only=True))
    return stream.getvalue()


def load_scenes(group: str) -> ModuleType:
    """Return the module of a group: `play`, and where they are set `NEEDS` (programs and libraries) and `SLOW`."""
    return importlib.import_module(f"scenes.{group}")


def is_slow(group: str) -> bool:
    """Return whether a group is left out of the fast tests; nothing is imported for that."""
    return "\nSLOW = True\n" in (GOLDEN / "scenes" / f"{group}.py").read_text(encoding="utf-8")


def missing_needs(group: str) -> list[str]:
    """Return programs and libraries of a group that are not installed here."""
    needs = getattr(load_scenes(group), "NEEDS", ())
    return [name for name in needs if not (shutil.which(name) or importlib.util.find_spec(name))]


# -- groups ----------------------------------------------------------------------------------------


def play(group: str, folder: Path, *, whole: bool = False, fast: bool = False) -> Net:
    """Play a group in an empty folder; return the net with what each scene left."""
    module = load_scenes(group)
    with simulated_world(folder) as (clock, tokens):
        net = Net(folder, clock, tokens, whole=whole, fast=fast)
        try:
            module.play(net)
        except Exception as error:
            last = list(net.sections.items())[-3:]
            error.add_note("\n".join(f"{_HEADING}{heading}\n{text}" for heading, text in last))
            raise
    return net


def _click() -> str:
    """Return the series of click, which words usage, helps and some errors."""
    return ".".join(importlib.metadata.version("click").split(".")[:2])


def _by_click(heading: str, text: str) -> bool:
    return "--help" in heading or "\n Usage: " in text or "No such command" in text


def stored(group: str) -> dict[str, str]:
    """Return what was recorded, scene by scene."""
    text = (STORED / f"{group}.txt").read_text(encoding="utf-8")
    sections = {}
    for part in text.split(f"\n{_HEADING}")[1:]:
        heading, _line, body = part.partition("\n")
        sections[heading] = body
    return sections


def written(group: str, sections: dict[str, str]) -> str:
    """Return the text of a golden file."""
    head = (
        f"Recorded by tests/golden/record.py from tests/golden/scenes/{group}.py with click {_click()}; "
        "not to be changed by hand.\n"
    )
    return head + "".join(f"\n{_HEADING}{heading}\n{body}" for heading, body in sections.items())


_DRAWING = re.compile(r"by (typst|matplotlib) (\S+); ")


def differences(group: str, recorded: dict[str, str], played: Net) -> str:
    """Return a unified diff of each scene that is not as it was recorded, or nothing."""
    texts = []
    first, *_sections = (STORED / f"{group}.txt").read_text(encoding="utf-8").splitlines()
    other_click = f" with click {_click()};" not in first
    for heading in dict.fromkeys([*recorded, *played.sections]):
        old, new = recorded.get(heading, ""), played.sections.get(heading, "")
        if new == SKIPPED or (other_click and (_by_click(heading, old) or _by_click(heading, new))):
            continue
        for library, version in set(_DRAWING.findall(old)):
            if importlib.metadata.version(library) != version:
                drawn = rf"by {library} .*"  # another version draws otherwise
                old, new = (re.sub(drawn, f"by {library}", text) for text in (old, new))
        digits = played.digits_of.get(heading, 9)
        if not same(old, new, digits):
            before, now = old.splitlines(), new.splitlines()
            if len(before) == len(now):  # lines that agree are no part of the diff
                now = [a if same(a, b, digits) else b for a, b in zip(before, now)]
            lines = difflib.unified_diff(before, now, f"recorded {group}", "now", lineterm="", n=2)
            texts.append("\n".join([f"{_HEADING}{heading}", *lines]))
    if not texts and list(recorded) != list(played.sections):
        texts.append("The order of the scenes changed.")
    return "\n".join(texts)
