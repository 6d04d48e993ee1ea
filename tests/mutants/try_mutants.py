"""Change the modules of `modules.toml` one condition at a time, and list the changes that no test notices.

``make mutants`` runs it. Options limit it to some modules and to some minutes; what was left out
stands in the list, so a part of the mutants never looks like all of them.
"""

import argparse
import difflib
import importlib
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code, use_mutation
from operators import OPERATORS

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SURVIVORS = HERE / "survivors.txt"
UNJUDGED = "not judged yet"
# Seconds of the processor for the tests of a mutant: so many, and so many times what they take unchanged.
MIN_SECONDS = 10
TIMES_BASELINE = 4
MAX_BASELINE = 1800
MAX_WAIT = 20  # seconds of the clock for each of the processor, before a mutant counts as one that waits for ever
NOT_THE_COPY = 99  # exit code of a child
PRELOADED = (
    "pytest", "hypothesis.strategies", "numpy", "pandas", "scipy.stats", "scipy.sparse.csgraph",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
)  # fmt: skip
MAX_MEMORY = 8 << 30  # a mutant may loop for ever and collect


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    module : str
    operator : str
        Key of `OPERATORS`.
    occurrence : int
        Place among those where the operator applies.
    name : str
        Module, function, and the lines before and after: the same as long as these are.
    tests : tuple of str
    """

    module: str
    operator: str
    occurrence: int
    name: str
    tests: tuple[str, ...]


def list_mutants(module: str, tests: tuple[str, ...]) -> Iterator[Mutant]:
    """Yield the mutants of a module, equal changes once."""
    source = (ROOT / module).read_text(encoding="utf-8")
    names: Counter[str] = Counter()
    texts = {source}
    for name, operator in OPERATORS.items():
        nodes = [
            node for node in ast_nodes(get_ast(source)) for _ in operator.mutation_positions(node)
        ]
        for occurrence, node in enumerate(nodes):
            mutated = mutate_code(source, operator, occurrence)
            if mutated in texts:
                continue
            texts.add(mutated)
            place = f"{module} {_definition(node)}: {_change(source, mutated)}"
            names[place] += 1
            if names[place] > 1:
                place += f" (number {names[place]})"
            yield Mutant(module, name, occurrence, place, tests)


def _definition(node) -> str:
    parts = []
    while node is not None:
        if node.type in ("funcdef", "classdef"):
            parts.append(node.name.value)
        node = node.parent
    return ".".join(reversed(parts)) or "module"


def _change(source: str, mutated: str) -> str:
    before, after = [], []
    for line in difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""):
        if line[:3] not in ("---", "+++"):
            (before if line[0] == "-" else after if line[0] == "+" else []).append(line[1:].strip())
    return f"{' '.join(before)}  ->  {' '.join(after)}"


def copy_project(folder: Path) -> None:
    """Lay a copy of the project, in which modules are changed; the project itself never is."""
    for entry in ROOT.iterdir():
        if entry.name in ("forensics", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(entry, folder / entry.name, ignore=ignored)
        elif not entry.name.startswith(".") or entry.name == ".ci":
            (folder / entry.name).symlink_to(entry)


def run_tests(tests: tuple[str, ...], seconds: int) -> float | None:
    """Run tests in a process of their own that has third parties loaded.

    Parameters
    ----------
    tests : tuple of str
    seconds : int
        Of the processor: a mutant that goes on for ever is noticed by it, a busy host is not.

    Returns
    -------
    float or None
        Seconds that the tests took; None where one of them failed.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            import pytest

            options = ["-x", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist"]
            code = int(pytest.main([*options, f"--rootdir={os.getcwd()}", *tests]))
            import forensics

            if not Path(forensics.__file__).is_relative_to(os.getcwd()):
                code = NOT_THE_COPY
        finally:
            os._exit(code)
    end = time.monotonic() + MAX_WAIT * seconds
    while time.monotonic() < end:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code == NOT_THE_COPY:
                raise RuntimeError("the tests did not load the copy of the package")
            return used.ru_utime + used.ru_stime if code == 0 else None
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)  # it waits for something that does not come
    os.waitpid(child, 0)
    return None


def _prepare(folders: multiprocessing.Queue, deadline: float) -> None:
    global _deadline
    _deadline = deadline
    folder = folders.get()
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True


def _try(given: tuple[Mutant, int]) -> tuple[Mutant, str]:
    mutant, seconds = given
    if time.monotonic() > _deadline:
        return mutant, "not run"
    operator = OPERATORS[mutant.operator]
    with use_mutation(Path(mutant.module), operator, mutant.occurrence) as (_before, mutated):
        try:
            compile(mutated, mutant.module, "exec")
        except SyntaxError:
            return mutant, "no program"
        return mutant, "noticed" if run_tests(mutant.tests, seconds) is None else "survived"


def _baseline(tests: tuple[str, ...]) -> float | None:
    return run_tests(tests, MAX_BASELINE)


def read_reasons(path: Path) -> dict[str, str]:
    """Return what the list says of each survivor, by the name of the mutant."""
    reasons, name = {}, ""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("    ") and name:
                reasons[name] = line.strip()
            name = line if line.startswith("forensics/") else ""
    return reasons


def _preload() -> None:
    """Load what the tests need and no mutant changes, once."""
    for name in PRELOADED:
        importlib.import_module(name)


def main() -> int:
    """Try the mutants, write the list, and return 1 where a survivor has no reason yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="modules whose path has such a text"
    )
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="begin none after these"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument(
        "--sample", type=int, help="at most so many of each module, drawn at random"
    )
    parser.add_argument("--again", action="store_true", help="only those that the list has")
    options = parser.parse_args()
    groups = tomllib.loads((HERE / "modules.toml").read_text(encoding="utf-8"))["group"]
    mutants, random_, listed = [], random.Random(1), read_reasons(SURVIVORS)
    names: dict[str, set[str]] = {}  # of all mutants of a module
    for group in groups:
        for module in group["modules"]:
            if options.again and not any(name.startswith(f"{module} ") for name in listed):
                continue
            if any(text in module for text in options.only):
                several = list(list_mutants(module, tuple(group["tests"])))
                names[module] = {mutant.name for mutant in several}
                if options.again:
                    several = [mutant for mutant in several if mutant.name in listed]
                if options.sample and len(several) > options.sample:
                    several = random_.sample(several, options.sample)
                mutants += several
    _preload()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        folders: multiprocessing.Queue = multiprocessing.get_context("fork").Queue()
        for number in range(options.workers):
            path = Path(folder, str(number))
            path.mkdir()
            copy_project(path)
            folders.put(str(path))
        results = _try_all(mutants, folders, options)
    _write(results, names, again=options.again)
    unjudged = [name for name, reason in read_reasons(SURVIVORS).items() if reason == UNJUDGED]
    print(f"{len(unjudged)} survivors are not judged yet; see {SURVIVORS.relative_to(ROOT)}")
    return 1 if unjudged else 0


def _try_all(mutants: list[Mutant], folders, options) -> list[tuple[Mutant, str]]:
    deadline = time.monotonic() + options.minutes * 60
    results = []
    context = multiprocessing.get_context("fork")
    with context.Pool(options.workers, _prepare, (folders, deadline)) as pool:
        sets = list(dict.fromkeys(mutant.tests for mutant in mutants))
        taken = dict(zip(sets, pool.imap(_baseline, sets)))
        for tests, seconds in taken.items():
            if seconds is None:
                raise SystemExit(f"without any change, tests fail: {' '.join(tests)}")
        jobs = [
            (mutant, int(MIN_SECONDS + TIMES_BASELINE * taken[mutant.tests])) for mutant in mutants
        ]
        for mutant, outcome in pool.imap_unordered(_try, jobs):
            results.append((mutant, outcome))
            if outcome == "survived":
                print(f"{len(results)} of {len(jobs)}: {mutant.name}", flush=True)
    return results


def _write(
    results: list[tuple[Mutant, str]], names_of: dict[str, set[str]], *, again: bool
) -> None:
    """Write the list: figures of each module, then survivors, with the reasons that stood there.

    A survivor that was not tried stays as long as its module has such a mutant.
    """
    reasons, figures = read_reasons(SURVIVORS), _read_figures(SURVIVORS)
    date = datetime.now(UTC).date().isoformat()
    survivors = {mutant.name for mutant, outcome in results if outcome == "survived"}
    done = {mutant.name for mutant, outcome in results if outcome in ("survived", "noticed")}
    for module, names in names_of.items():
        tried = len(done & names)
        if tried and not again:
            figures[module] = f"{date}: {tried} of {len(names)} mutants tried"
        survivors |= {name for name in reasons.keys() & names if name not in done}
    survivors |= {name for name in reasons if name.split()[0] not in names_of}
    lines = [HEAD.rstrip(), ""]
    for module in sorted(figures):
        left = sum(name.startswith(f"{module} ") for name in survivors)
        lines.append(f"{module} | {figures[module]} | {left} left")
    for name in sorted(survivors):
        lines += ["", name, f"    {reasons.get(name, UNJUDGED)}"]
    SURVIVORS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read_figures(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    rows = [line.split(" | ") for line in path.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[0].endswith(".py")}


HEAD = """\
Changes of the code that no test notices. Written by `make mutants`; the line under each survivor is
written by hand and kept: why it changes nothing that a person sees, or what test is missing.
Modules of modules.toml without a line of figures have not been tried.
"""

if __name__ == "__main__":
    sys.exit(main())
