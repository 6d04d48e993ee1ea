"""Change the modules of `modules.toml` one condition at a time, and list the changes that no test notices.

``make mutants`` runs it. Options limit it to some modules and to some minutes; what was left out
stands in the list, so a part of the mutants never looks like all of them.
"""

import argparse
import importlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from mutating import Mutant, list_mutants
from trials import try_mutants

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SURVIVORS = HERE / "survivors.txt"
UNJUDGED = "not judged yet"
PRELOADED = (
    "pytest", "hypothesis.strategies", "numpy", "pandas", "scipy.stats", "scipy.sparse.csgraph",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
)  # fmt: skip


def copy_project(folder: Path) -> None:
    """Lay a copy of the project, in which modules are changed; the project itself never is."""
    for entry in ROOT.iterdir():
        if entry.name in ("forensics", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(entry, folder / entry.name, ignore=ignored)
        elif not entry.name.startswith(".") or entry.name == ".ci":
            (folder / entry.name).symlink_to(entry)


def _try_group(given: tuple[tuple[str, ...], list[Mutant]]) -> str:
    """Try the mutants of a group in a copy of the project, and return what went wrong."""
    files, mutants = given
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy_project(Path(folder))
        os.chdir(folder)
        sys.path.insert(0, folder)
        try:
            try_mutants(files, mutants, _outcomes.put, *_limits)
        except RuntimeError as error:
            return str(error)
        finally:
            os.chdir(ROOT)
    return ""


def _prepare(outcomes, limits: tuple[float, float]) -> None:
    global _outcomes, _limits
    _outcomes, _limits = outcomes, limits


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
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="at most so many of tests for a mutant"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument(
        "--sample", type=int, help="at most so many of each module, drawn at random"
    )
    parser.add_argument("--again", action="store_true", help="only those that the list has")
    options = parser.parse_args()
    os.chdir(ROOT)
    table = tomllib.loads((HERE / "modules.toml").read_text(encoding="utf-8"))["group"]
    groups: dict[tuple[str, ...], list[Mutant]] = {}  # of the same tests
    random_, listed = random.Random(1), read_reasons(SURVIVORS)
    names: dict[str, set[str]] = {}  # of all mutants of a module
    for group in table:
        for module in group["modules"]:
            if options.again and not any(name.startswith(f"{module} ") for name in listed):
                continue
            if any(text in module for text in options.only):
                several = list(list_mutants(module))
                names[module] = {mutant.name for mutant in several}
                if options.again:
                    several = [mutant for mutant in several if mutant.name in listed]
                if options.sample and len(several) > options.sample:
                    several = random_.sample(several, options.sample)
                groups.setdefault(tuple(group["tests"]), []).extend(several)
    _preload()
    results = _try_all(groups, options)
    _write(results, names, again=options.again)
    unjudged = [name for name, reason in read_reasons(SURVIVORS).items() if reason == UNJUDGED]
    print(f"{len(unjudged)} survivors are not judged yet; see {SURVIVORS.relative_to(ROOT)}")
    return 1 if unjudged else 0


def _try_all(groups: dict[tuple[str, ...], list[Mutant]], options) -> list[tuple[Mutant, str]]:
    limits = time.monotonic() + options.minutes * 60, options.seconds
    context = multiprocessing.get_context("fork")
    outcomes, results = context.SimpleQueue(), []
    wanted = sum(map(len, groups.values()))
    with context.Pool(options.workers, _prepare, (outcomes, limits), maxtasksperchild=1) as pool:
        ended = pool.map_async(_try_group, groups.items(), chunksize=1)
        while not (ended.ready() and outcomes.empty()):
            if outcomes.empty():
                ended.wait(0.1)
                continue
            mutant, outcome = outcomes.get()
            results.append((mutant, outcome))
            if outcome.startswith("survived"):
                print(f"{len(results)} of {wanted}: {outcome}: {mutant.name}", flush=True)
        for fault in filter(None, ended.get()):
            print(fault, file=sys.stderr)
    return results


def _write(
    results: list[tuple[Mutant, str]], names_of: dict[str, set[str]], *, again: bool
) -> None:
    """Write the list: figures of each module, then survivors, with the reasons that stood there.

    A survivor that was not tried stays as long as its module has such a mutant.
    """
    reasons, figures = read_reasons(SURVIVORS), _read_figures(SURVIVORS)
    date = datetime.now(UTC).date().isoformat()
    survivors = {mutant.name for mutant, outcome in results if outcome.startswith("survived")}
    done = {
        mutant.name
        for mutant, outcome in results
        if outcome == "noticed" or outcome.startswith("survived")
    }
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
