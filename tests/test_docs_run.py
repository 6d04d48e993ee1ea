"""The code blocks of the documentation are run; those that cannot be are held against the code.

How a block says what it is: ``documentation``.
"""

import configparser
import importlib.metadata
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from documentation import (
    KINDS,
    OWN_CODE,
    Session,
    arguments_of,
    blocks_of,
    checked,
    pages,
    slow,
)

from forensics.custody import agent, keys

ROOT = Path(__file__).resolve().parents[1]
# The README of the top and that of docs/ have one name.
PAGES = {
    page.name
    if page.parent == ROOT or page.name not in ("README.md", *OWN_CODE)
    else page.relative_to(ROOT).as_posix(): page
    for page in pages(ROOT)
}
RUN = ("console", "python", "toml", "json")


def to_run(name):
    return [
        block
        for block in blocks_of(PAGES[name])
        if block.kind in RUN and not block.not_run and not block.run_by
    ]


def marked(name):
    return pytest.param(name, marks=[pytest.mark.slow] if slow(PAGES[name]) else [])


@pytest.fixture
def reader(tmp_path, monkeypatch, embedded):
    """Begin to read a page: in an empty folder, with a passphrase and cheap keys."""
    monkeypatch.chdir(tmp_path)
    runtime = tempfile.mkdtemp(prefix="a")  # short: paths of sockets have some hundred bytes
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)

    def begin(name):
        session = Session(PAGES[name], ROOT, tmp_path, {})

        def from_prompt(text, *, confirm=False):
            def source():
                session.asked.append(text)
                return session.passphrase

            return source

        monkeypatch.setattr(keys, "from_prompt", from_prompt)
        return session

    yield begin
    if agent.is_available():
        agent.lock()
    shutil.rmtree(runtime)


def not_installed_by_make_demo():
    """Return the modules of the extras that requirements/run.txt lacks."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = parser["options.extras_require"]
    run = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    names = {
        re.match(r"[\w-]+", line)[0]
        for extra, lines in extras.items()
        for line in lines.splitlines()
        if extra not in ("all", "docs", "mutants", "test") and re.match(r"\w", line)
    }
    missing = {name for name in names if not re.search(rf"^{name}==", run, re.MULTILINE)}
    assert "matplotlib" in missing and "typst" not in missing
    return [
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if missing & set(owners)
    ]


@pytest.mark.parametrize("name", [marked(name) for name in PAGES if to_run(name)])
def test_the_blocks_of_a_page_do_what_it_says(name, reader, monkeypatch):
    if name.endswith("README.md"):  # a reader has what the first command installed
        for module in not_installed_by_make_demo():
            monkeypatch.setitem(sys.modules, module, None)
    session = reader(name)
    for block in to_run(name):
        session.run(block)
    if name == "tutorial-technician.md":  # each person chooses a passphrase, and gives it once
        asked = [text.split(" ")[0] for text in session.asked]
        assert asked == ["New", "Passphrase", "New", "Passphrase"]


@pytest.mark.parametrize("name", PAGES)
def test_every_block_says_what_it_is(name):
    for block in blocks_of(PAGES[name]):
        assert block.kind in KINDS, f"{block}: {block.kind or 'no'} kind of block"
        if block.kind == "sh":
            python = block.text.startswith((">>> ", "import ", "from "))
            assert not python, f"{block}: Python stands in a fenced block"
        if block.run_by:
            assert (ROOT / block.run_by).is_file(), f"{block}: {block.run_by}"
            assert block.page in (ROOT / block.run_by).read_text(encoding="utf-8"), block


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_not_run_could_be(name):
    for block in blocks_of(PAGES[name]):
        for arguments in arguments_of(block.text) if block.kind in ("sh", "console") else ():
            wrong = checked(arguments)
            assert not wrong, f"{block}: forensics {' '.join(arguments)}: {wrong}"


def test_no_page_stands_for_another_of_its_name():
    assert list(PAGES.values()) == pages(ROOT)


def test_the_commands_of_the_documentation_are_seen():
    blocks = [block for name in PAGES for block in blocks_of(PAGES[name])]
    seen = [a for b in blocks if b.kind in ("sh", "console") for a in arguments_of(b.text)]
    assert len(seen) > 200
    assert {"identify", "library", "custody", "report", "trade"} <= {a[0] for a in seen}


def test_most_blocks_that_could_be_run_are():
    # What shows a session or Python is run, unless there is a reason that a reader accepts.
    could = [b for name in PAGES for b in blocks_of(PAGES[name]) if b.kind in RUN]
    not_run = [block for block in could if block.not_run]
    assert len(not_run) <= len(could) / 4, [f"{b}: {b.not_run}" for b in not_run]


def test_a_block_that_lies_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ forensics --version\nforensics, version 0.0\n```\n"
        "```python\n>>> 1 + 1\n3\n```\n"
        "```console\n$ forensics identify no.fasta\n```\n"
    )
    session = Session(page, ROOT, tmp_path, {})
    for block in blocks_of(page):
        with pytest.raises(AssertionError):
            session.run(block)


def test_a_command_that_does_not_exist_is_found():
    assert "no command" in checked(["identfy", "a.fasta"])
    assert "--librarry" in checked(["identify", "a.fasta", "--librarry", "x"])
    assert "not given" in checked(["training", "new"])
    assert not checked(["identify", "a.fasta", "--library", "x"])
