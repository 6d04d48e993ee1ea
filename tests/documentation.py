"""The code blocks of the documentation, and how they are run.

A page's blocks are run in their order, in one folder that is empty at first. Kinds of block:

``console``
    Commands after ``$``, and what they print; ``…`` stands for what is left out. A command that
    fails shows its error, or is followed by ``$ echo $?``.
``python``
    Run in one namespace a page; with ``>>>`` as a doctest.
``toml``, ``json``
    Read.
``sh``, and every indented block
    Commands whose file names stand for the reader's own. Not run; commands and options are held
    against the command line.
``text``
    No code: a layout, a format, a scheme, what something prints.

Comments of HTML, which a reader does not see, say what else is needed: ``files: NAME = PATH`` puts
a file of the project there under the name of the example (PICTURE: what stands for a photograph; ``PATH:30`` its first 30 lines), ``not run: REASON`` goes before a block,
``run by: TEST`` before one that another test runs, ``slow: REASON`` says of a page that only ``make
test-all`` runs it, ``left out: TEXT`` that lines beginning with it are printed and stand only where the page shows them.

``python tests/documentation.py`` counts them.
"""

import contextlib
import doctest
import gzip
import io
import json
import os
import re
import shlex
import shutil
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click
from click.testing import CliRunner
from sources import module_at

from forensics.cli import main

__all__ = [
    "KINDS",
    "OWN_CODE",
    "Block",
    "Session",
    "arguments_of",
    "blocks_of",
    "checked",
    "pages",
    "slow",
]

OWN_CODE = module_at(Path(__file__).resolve().parents[1] / "docs" / "make_french.py").OWN_CODE
KINDS = ("console", "python", "toml", "json", "sh", "text")
PASSPHRASE = "for training only, no secret"
_FENCE = re.compile(r"^( *)```(.*)$")
_COMMENT = re.compile(r"^ *<!-- (files|not run|run by|slow|left out): (.*?) -->$")
_LEFT_OUT = "…"
# How a photograph begins; no picture of an exhibit is in the project.
_PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


def _head(path: Path, lines: int) -> bytes:
    """Return the first lines of a file, which may be packed."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return b"".join(islice(stream, lines))


@dataclass(frozen=True)
class Block:
    """A code block: its page, first line, kind, text, and what a comment before it says."""

    page: str
    line: int
    kind: str
    text: str
    not_run: str = ""
    run_by: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages(root: Path) -> list[Path]:
    """Return the pages whose blocks are held to be true."""
    french = [root / "docs" / "fr" / name for name in OWN_CODE]
    return [root / "README.md", *sorted((root / "docs").glob("*.md")), *french]


def slow(page: Path) -> bool:
    """Tell whether a page says that it takes too long for the fast tests."""
    return any(
        (found := _COMMENT.match(line)) and found[1] == "slow"
        for line in page.read_text(encoding="utf-8").splitlines()
    )


def files_of(page: Path) -> dict[str, str]:
    """Return the files that stand for those of the examples, by name."""
    found = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        comment = _COMMENT.match(line)
        if comment and comment[1] == "files":
            for part in comment[2].split(", "):
                name, _is, path = part.partition(" = ")
                found[name] = path
    return found


def left_out(page: Path) -> tuple[str, ...]:
    """Return how the printed lines begin that a page leaves out."""
    lines = page.read_text(encoding="utf-8").splitlines()
    comments = filter(None, map(_COMMENT.match, lines))
    return tuple(comment[2] for comment in comments if comment[1] == "left out")


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, fenced and indented."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found, said, number = [], {}, 0
    while number < len(lines):
        line = lines[number]
        fence, comment = _FENCE.match(line), _COMMENT.match(line)
        first = number + 1
        if fence:
            body = []
            number += 1
            while not _FENCE.match(lines[number]):
                body.append(lines[number].removeprefix(fence[1]))
                number += 1
            found.append(_block(page, first, fence[2], body, said))
            said = {}
        elif comment:
            said[comment[1]] = comment[2]
        elif line.startswith("    ") and not (number and lines[number - 1].strip()):
            # A paragraph of a list is indented by two; a block of code by four or more.
            body = []
            while number < len(lines) and (lines[number].startswith("    ")):
                body.append(lines[number].strip())
                number += 1
            found.append(_block(page, first, "sh", body, said))
            said = {}
            continue
        elif line.strip():
            said = {}
        number += 1
    return found


def _block(page: Path, line: int, kind: str, body: list[str], said: dict) -> Block:
    text = "".join(f"{part}\n" for part in body)
    return Block(page.name, line, kind, text, said.get("not run", ""), said.get("run by", ""))


# -- blocks that are run ----------------------------------------------------------


class Session:
    """A reader who goes through a page: a folder, an environment, a namespace of Python."""

    def __init__(self, page: Path, root: Path, folder: Path, environment: dict) -> None:
        # The pages were written at the widest that results are printed.
        self.folder, self.environment = folder, {"COLUMNS": "100", **environment}
        self.namespace: dict = {}
        self.code = 0
        self.passphrase = PASSPHRASE
        self.left_out = left_out(page)
        self.asked: list[str] = []  # for passphrases
        for name, path in files_of(page).items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if path == "PICTURE":
                target.write_bytes(_PICTURE)
            elif lines := re.search(r":(\d+)$", path):
                target.write_bytes(_head(root / path[: lines.start()], int(lines[1])))
            else:
                shutil.copy(root / path, target)

    def run(self, block: Block) -> None:
        """Run a block; an AssertionError says what it printed, and what it should have."""
        getattr(self, f"_{block.kind}")(block)

    def _console(self, block: Block) -> None:
        parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        assert not parts[0].strip(), f"{block}: begins with something else than $"
        for number, part in enumerate(parts[1:], 1):
            command, expected = _command(part)
            printed = self._command(command)
            for beginning in self.left_out:
                if beginning not in expected:
                    printed = re.sub(
                        f"^{re.escape(beginning)}.*\n", "", printed, flags=re.MULTILINE
                    )
            assert alike(expected, printed), (
                f"{block}: $ {command}\nprints\n{printed}\nand not\n{expected}"
            )
            asked = number + 1 < len(parts) and parts[number + 1].startswith("echo $?")
            told = "Error:" in expected or asked or command.startswith("echo")
            assert self.code == 0 or told, f"{block}: $ {command}\nfails ({self.code}) unsaid"

    def _command(self, command: str) -> str:
        words = shlex.split(command, comments=True)
        target = None
        if len(words) > 2 and words[-2] == ">":
            target, words = words[-1], words[:-2]
        name, *arguments = (part for word in words for part in self._globbed(word))
        if name == "forensics":
            result = CliRunner().invoke(main, arguments, env=self.environment)
            self.code = result.exit_code
            if result.exception and not isinstance(result.exception, SystemExit):
                raise result.exception
            if sealed := re.search(r"(?:sealed answers|réponses scellées).*: (\S+)", result.output):
                self.passphrase = sealed[1]  # the trainer has written it down
            if target:
                Path(target).write_text(result.stdout, encoding="utf-8")
                return result.stderr
            return result.output
        return getattr(self, f"_do_{name}")(*arguments)

    def _globbed(self, word: str) -> list[str]:
        if "*" not in word:
            return [word]
        return sorted(path.as_posix() for path in Path().glob(word)) or [word]

    def _do_cd(self, place: str) -> str:
        os.chdir(place)
        return ""

    def _do_export(self, setting: str) -> str:
        name, _is, value = setting.partition("=")
        self.environment[name] = value
        return ""

    def _do_echo(self, what: str) -> str:
        assert what == "$?", what
        text, self.code = f"{self.code}\n", 0
        return text

    def _do_ls(self, place: str = ".") -> str:
        names = sorted(path.name for path in Path(place).iterdir())
        return "  ".join(name for name in names if not name.startswith(".")) + "\n"

    def _do_cat(self, path: str) -> str:
        return Path(path).read_text(encoding="utf-8")

    def _do_cp(self, source: str, target: str) -> str:
        shutil.copy(source, target)
        return ""

    def _python(self, block: Block) -> None:
        if ">>>" not in block.text:
            exec(compile(block.text, str(block), "exec"), self.namespace)
            return
        text = block.text.replace(_LEFT_OUT, "...")
        test = doctest.DocTestParser().get_doctest(
            text, self.namespace, str(block), block.page, block.line
        )
        wrong = io.StringIO()
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        runner = doctest.DocTestRunner(optionflags=flags)
        with contextlib.redirect_stderr(io.StringIO()):
            runner.run(test, out=wrong.write, clear_globs=False)
        self.namespace.update(test.globs)
        assert not runner.failures, wrong.getvalue()

    def _toml(self, block: Block) -> None:
        tomllib.loads(block.text)

    def _json(self, block: Block) -> None:
        json.loads(block.text)


def _command(part: str) -> tuple[str, str]:
    """Take a command, with the lines on which it goes on, from what it prints."""
    lines = part.split("\n")
    command = lines.pop(0)
    while command.endswith("\\"):
        command = command[:-1].rstrip() + " " + lines.pop(0).strip()
    return command, "\n".join(lines)


def alike(expected: str, printed: str) -> bool:
    """Compare what is printed with what the page says; ``…`` is anything.

    >>> alike("2 files; … left", "2 files; 1 left")
    True
    >>> alike("2 files", "3 files")
    False
    """
    tidy = (
        "\n".join(line.rstrip() for line in text.strip().split("\n"))
        for text in (expected, printed)
    )
    expected, printed = tidy
    pattern = ".*?".join(map(re.escape, expected.split(_LEFT_OUT)))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


# -- blocks that are read ---------------------------------------------------------


def arguments_of(text: str) -> list[list[str]]:
    """Return the arguments of each ``forensics`` in lines that a shell would read.

    >>> arguments_of('.venv/bin/forensics identify "a b.fasta" > out.csv  # all')
    [['identify', 'a b.fasta']]
    """
    found = []
    for line in re.sub(r"\\\n\s*", " ", text).split("\n"):
        if not re.match(r"(\$ )?(\w+=\S+ )*(\.venv/bin/|python -m )?forensics ", line):
            continue
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.wordchars += "…:,@%#[]+=^"
        lexer.commenters = ""
        words = []
        for word in lexer:
            if word == "#" or set(word) <= set("|>&;<"):
                break
            words.append(word)
        while "=" in words[0]:
            words.pop(0)
        start = next(n for n, word in enumerate(words) if word.endswith("forensics"))
        found.append(words[start + 1 :])
    return found


def checked(arguments: list[str]) -> str:
    """Hold a command against the command line; return what is wrong, or nothing."""
    command, context, rest = main, click.Context(main), list(arguments)
    while isinstance(command, click.Group):
        if rest and rest[0].startswith("["):
            return ""  # a synopsis
        try:
            _given, rest, _order = command.make_parser(context).parse_args(list(rest))
        except click.UsageError as error:
            return error.format_message()
        if not rest:
            return ""  # --help, --version
        command = command.get_command(context, name := rest.pop(0))
        if command is None:
            return f"no command {name}"
        context = click.Context(command, parent=context, info_name=name)
    if "--help" in rest or "…" in rest or any(word.startswith("[") for word in rest):
        return ""  # a synopsis, or what is left out
    try:
        given, _rest, _order = command.make_parser(context).parse_args(rest)
    except click.UsageError as error:
        return error.format_message()
    missing = [
        parameter.name
        for parameter in (*command.params, *getattr(command, "shared", ()))
        if parameter.required and not given.get(parameter.name) and not parameter.envvar
    ]
    return f"not given: {', '.join(missing)}" if missing else ""


def _counts(root: Path) -> None:
    kinds: Counter = Counter()
    for page in pages(root):
        for block in blocks_of(page):
            if block.not_run:
                kinds[f"not run: {block.not_run}"] += 1
            elif block.run_by:
                kinds["run by another test"] += 1
            else:
                kinds[f"{block.kind}{', slow tests' if slow(page) else ''}"] += 1
    for kind, number in sorted(kinds.items()):
        print(f"{number:4} {kind}")


if __name__ == "__main__":
    _counts(Path(__file__).resolve().parents[1])
    sys.exit()
