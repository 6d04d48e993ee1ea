"""Processes start in one place, and none of them runs a file that lies beside the data."""

import ast
import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing

import pytest
from conftest import ROOT
from patience import PATIENCE, wait_until
from simulation import query

from forensics.core import children
from forensics.custody.keys import Cost, PrivateKey, write_key

PLACE = "forensics/core/children.py"
INSTALLER = "forensics/bundle/install.py"
"""Installs the package, and so runs without it."""
STARTERS = {
    "asyncio", "concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process",
    "multiprocessing", "pdb", "pty", "runpy", "subprocess", "webbrowser", "joblib", "loky",
    "distributed.LocalCluster",
}  # fmt: skip
WORDS = {re.escape(starter.partition(".")[0]) for starter in STARTERS} | {
    "Popen",
    r"shutil\.which",
    "from os",
}
OF_OS = ("exec", "fork", "popen", "posix_spawn", "spawn", "startfile", "system")
HARMLESS = {
    f"subprocess.{name}"
    for name in ("CalledProcessError", "DEVNULL", "PIPE", "Popen", "TimeoutExpired")
}
"""Constants, exceptions, and a class as an annotation."""
AGENT = ("forensics/custody/agent/server.py", "os.fork")  # a copy of itself, started by no file


def _starts(path):
    """Yield what a module does to start processes."""
    text = path.read_text(encoding="utf-8")
    if not re.search(rf"\b(({'|'.join(WORDS)})\b|os\.({'|'.join(OF_OS)}))", text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_starter(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (name for name in names - HARMLESS if _is_starter(name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Popen":
                yield "Popen"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "os" and node.attr.startswith(OF_OS):
                yield f"os.{node.attr}"
            if ast.unparse(node) == "shutil.which":  # asks Windows' working directory
                yield "shutil.which"


def _is_starter(name):
    return any(name == starter or name.startswith(f"{starter}.") for starter in STARTERS)


def test_one_place_starts_processes():
    found = {
        (path.relative_to(ROOT).as_posix(), what)
        for path in [*(ROOT / "forensics").rglob("*.py"), ROOT / "cli.py"]
        for what in _starts(path)
    }
    assert {(name, what) for name, what in found if name not in (PLACE, INSTALLER)} == {AGENT}
    assert {what for name, what in found if name in (PLACE, INSTALLER)} == {"subprocess"}


def test_the_installer_starts_python_without_the_working_directory():
    text = (ROOT / INSTALLER).read_text(encoding="utf-8")
    assert text.count("str(python)") == text.count('"-I"') == 2
    for name in ("install.sh", "install.bat"):
        lines = (ROOT / "forensics/bundle" / name).read_text(encoding="utf-8").splitlines()
        started = [line for line in lines if "install.py" in line and not line.startswith("rem")]
        assert started and all(" -I " in line for line in started)


# -- a folder full of traps -------------------------------------------------------------

START = "from forensics.cli import main\nmain(prog_name='forensics')\n"
"""What an installer makes of ``forensics``; it lies elsewhere than the data."""
WALK = """
import importlib, pkgutil
import click
import forensics
from forensics.cli import main

for module in pkgutil.walk_packages(forensics.__path__, "forensics."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:  # an extra that is not installed
        assert not (error.name or "").startswith("forensics"), error

walked = 0
def walk(command, names):
    global walked
    walked += 1
    try:
        main(["--no-settings", *names, "--help"], prog_name="forensics")
    except SystemExit as end:
        assert not end.code, names
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            walk(command.get_command(context, name), [*names, name])

walk(main, [])
assert walked > 100, walked
"""


@pytest.fixture(scope="module")
def bait(tmp_path_factory):
    """A folder in which every module of Python, of this package and of what it needs has a namesake."""
    folder, marker = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("marker") / "ran"
    trap = f"with open({os.fspath(marker)!r}, 'a') as marker:\n    marker.write(__name__ + ' ')\n"
    names = {
        *sys.stdlib_module_names, *importlib.metadata.packages_distributions(), "forensics",
        "sitecustomize", "usercustomize", "datasette", "typst",
    }  # fmt: skip
    for name in names:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(trap)
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(trap)
    for name in ("vsearch", "python", "python3", "less", "openssl"):
        (folder / name).write_text(f"#!/bin/sh\necho {name} >> '{marker}'\n")
        (folder / name).chmod(0o755)
    return folder, marker


@pytest.fixture
def traps(bait):
    folder, marker = bait
    yield folder
    if marker.exists():
        ran = marker.read_text()
        marker.unlink()
        pytest.fail(f"was run beside the data: {ran}")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("bin") / "start.py"
    path.write_text(START)
    return path


def _run(folder, *arguments, text=None, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, input=text, capture_output=True,
        text=True, timeout=PATIENCE, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.slow
def test_every_module_and_every_command_in_a_folder_of_traps(traps, program):
    walk = program.with_name("walk.py")
    walk.write_text(WALK)
    found = _run(traps, walk)
    assert found.returncode == 0, found.stderr


def test_many_searches_in_a_folder_of_traps(traps, program, library, tmp_path):
    path = tmp_path / "many.fasta"
    path.write_text("".join(f">q{number}\n{query()}\n" for number in range(150)))
    arguments = ["identify", path, "--library", library.path, "--jobs", 2, "--format", "csv"]
    found = _run(traps, program, *arguments)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.count("\n") == 151


@pytest.mark.skipif(os.name == "nt", reason="no agents there")
def test_the_key_agent_in_a_folder_of_traps(traps, program, tmp_path):
    key = tmp_path / "amina.key"
    write_key(
        key, PrivateKey.generate(), lambda: "correct horse battery", cost=Cost(19 * 1024, 2, 1)
    )
    with tempfile.TemporaryDirectory(prefix="a") as runtime:
        unlock = ["custody", "unlock", "--key", key, "--passphrase-fd", 0]
        found = _run(
            traps, program, *unlock, text="correct horse battery\n", XDG_RUNTIME_DIR=runtime
        )
        assert found.returncode == 0, found.stderr
        locked = _run(traps, program, "custody", "lock", XDG_RUNTIME_DIR=runtime)
        assert locked.returncode == 0 and "amina" not in locked.stderr


@pytest.mark.slow
def test_a_published_site_in_a_folder_of_traps(traps, program, tmp_path):
    pytest.importorskip("datasette")
    from forensics.trade.publishing.writing import publish
    from forensics.trade.store import create_store

    with create_store(tmp_path / "store.db") as store:
        publish(store, tmp_path / "site")
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, program, "trade", "serve", tmp_path / "site", "--port", str(port)]
    with open(tmp_path / "log", "w+b") as log:
        server = subprocess.Popen(command, cwd=traps, stdout=log, stderr=log)
        try:
            assert wait_until(
                lambda: (
                    b"running on" in (tmp_path / "log").read_bytes() or server.poll() is not None
                )
            )
            assert server.poll() is None, (tmp_path / "log").read_text()
        finally:
            server.terminate()
            server.wait()


def test_a_program_of_the_folder_is_not_vsearch(traps, program, tmp_path):
    (tmp_path / "reads.csv").write_text("sample,pcr,file\nS1,P1,reads.fastq\n")
    arguments = ["mixture", tmp_path / "reads.csv", "--trimmed"]
    for path in (f"{os.pathsep}/nowhere", f".{os.pathsep}/nowhere"):
        found = _run(traps, program, *arguments, PATH=path)
        assert found.returncode == 1 and "vsearch was not found" in found.stderr, found


def test_a_program_that_is_named_is_taken_as_it_is(tmp_path, monkeypatch):
    shutil.copy(sys.executable, tmp_path / "vsearch")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{os.pathsep}{tmp_path}")
    assert children.find_in_path("./vsearch") == children.find_in_path("vsearch")
    assert children.find_in_path("vsearch") == os.fspath(tmp_path / "vsearch")
    monkeypatch.setenv("PATH", ".")
    assert children.find_in_path("vsearch") is None and children.find_in_path("./none") is None
    with pytest.raises(ValueError, match="full path"):
        children.run(["vsearch"])


def test_a_python_that_searches_the_folder_itself_hands_nothing_of_it_on(tmp_path, monkeypatch):
    """So it is with ``python -m``, with an empty entry of PYTHONPATH, and in a shell of Python."""
    for name in ("pickle", "signal", "logging", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('trap')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", ".", os.fspath(tmp_path), *sys.path])
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}{ROOT}")
    done = children.run(
        children.python("import forensics.core.parallel; print(sys.path)"),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert os.fspath(tmp_path) not in done.stdout


def test_the_module_of_the_program_leaves_the_folder_of_the_data(tmp_path):
    for name in ("click", "json", "pickle", "signal", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('trap')")
    found = _run(tmp_path, "-m", "forensics", "--version")
    assert found.returncode == 0, found.stderr
