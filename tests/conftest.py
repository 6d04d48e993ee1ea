"""What the tests share. Nothing here reaches the network."""

import functools
import gc
import importlib
import json
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Messages are looked up when the package is imported; the tests read the English ones.
os.environ["LANGUAGE"] = "en"
os.environ.pop("SOURCE_DATE_EPOCH", None)
os.environ.pop("NO_COLOR", None)
os.environ["FORENSICS_NO_SETTINGS"] = "1"  # nobody's own settings decide about a test
os.environ.pop("FORENSICS_SETTINGS", None)
# Several processes share the processors: threads of linear algebra would wait for one another, at three times the work.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Bytecode is kept also where the environment says otherwise: hundreds of processes import the package,
# and each would compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.path.insert(0, str(Path(__file__).parent))  # for simulation.py

from click.testing import CliRunner
from filelock import FileLock
from hypothesis import settings
from patience import PATIENCE, wait_until
from simulation import query, reference_records

import forensics
from forensics.barcode.reference import library as module_of_libraries
from forensics.barcode.reference.library import Library, open_library, state_of_file
from forensics.barcode.reference.writing import write_library
from forensics.cli import main
from forensics.custody import keys, verify_bundle
from forensics.errors import LibraryError
from forensics.selftest import EXPECTED, expected_results
from forensics.store import connections

sys.dont_write_bytecode = False  # see above; of this process
ROOT = Path(__file__).resolve().parent.parent
SOME_ORDERS = frozenset({"Psittaciformes", "Squamata"})
"""Of those that a round is made from: few enough to be quick, and enough for one of every kind of sample."""


def pytest_configure(config):
    """Give property tests the same examples in every run: all, or a sample without slow tests."""
    fast = "not slow" in config.option.markexpr
    settings.register_profile(
        "deterministic",
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=12 if fast else 100,
    )
    settings.load_profile("deterministic")
    # Where the tests run in the background of a shell, their processes would ignore it as well.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session):
    """Load the whole package before the first test of a large run.

    Hypothesis also draws constants of the modules that are loaded; which those are would otherwise depend
    on the tests that ran before on the same worker, and so would the examples.
    """
    if len(session.items) > 1000:
        for module in pkgutil.walk_packages(forensics.__path__, "forensics."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        # Tests and modules stay until the end: the collector need not look at half a million objects again.
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def some(pytestconfig):
    """Every nth of many cases in the fast part of the tests; all of them in `make test-all`."""
    fast = "not slow" in pytestconfig.option.markexpr
    return lambda cases, every: list(cases)[:: every if fast else 1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of real evaluation data, which lies beside the project and never in it."""
    path = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")).resolve()
    if not path.is_dir():
        pytest.skip(f"no evaluation data in {path}; set FORENSICS_EVALUATION_DATA")
    return path


@pytest.fixture(scope="session")
def _built(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("simulated") / "library"
    write_library(path, reference_records(), name="simulated", title="Simulated library")
    return path


@pytest.fixture
def library_folder(_built, tmp_path) -> Path:
    """A built library of simulated sequences that the test may damage."""
    return Path(shutil.copytree(_built, tmp_path / "library"))


@pytest.fixture(scope="session")
def _demonstrated(_built, tmp_path_factory) -> Path:
    path = Path(shutil.copytree(_built, tmp_path_factory.mktemp("demonstrated") / "library"))
    (path / "demonstration").mkdir()
    text = f">a\n{query()}\n>b\n{'ACGT' * 100}\n"
    (path / "demonstration" / "a.fasta").write_text(text)
    found = expected_results(open_library(path), path / "demonstration")
    (path / "demonstration" / EXPECTED).write_text(json.dumps(found))
    return path


@pytest.fixture
def demonstrated(_demonstrated, tmp_path) -> Path:
    """The same library with its own demonstration, which the test may damage."""
    return Path(shutil.copytree(_demonstrated, tmp_path / "demonstrated"))


@pytest.fixture(scope="session")
def library(_built):
    """The same library, opened; not to be changed."""
    return open_library(_built)


@pytest.fixture(scope="session", autouse=True)
def _verified_once():
    """Verify a library once in a process, as long as no file of it changes.

    Each command of reports verifies the one that the package ships, which takes a second.
    """
    verify, verified = Library.verify, set()

    def verify_once(library):
        files = (path for path in library.path.rglob("*") if path.suffix != ".pyc")
        state = frozenset((path, state_of_file(path)) for path in files if path.is_file())
        if state not in verified:
            verify(library)
            verified.add(state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Library, "verify", verify_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick():
    """Do not wait for the disk, ask the least of a passphrase that the rules allow, derive its key once.

    A signature is checked once, too: bundles of a test share most of them, and the function is pure.

    The tests of crashes put back what they look at; those of keys and stores give their own values.
    """
    assert connections.PRAGMAS[0] == "synchronous=FULL"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "PRAGMAS", ("synchronous=OFF", *connections.PRAGMAS[1:]))
        patch.setattr(keys.Cost.__init__, "__defaults__", (19 * 1024, 2, 1))
        patch.setattr(keys, "_derived", functools.cache(keys._derived))
        checked = functools.cache(verify_bundle.ed25519_is_valid)
        patch.setattr(verify_bundle, "ed25519_is_valid", checked)
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="session", autouse=True)
def _calibrated_once():
    """Calibrate on the samples of a reference of wild and captive animals once in a process of a large run."""
    if not (classifier := sys.modules.get("forensics.individual.captive.classifier")):
        yield
        return
    calibrate, known = classifier.calibrate, {}

    def calibrate_once(*arrays):
        key = tuple((array.dtype.str, array.shape, array.tobytes()) for array in arrays)
        if key not in known:
            known[key] = calibrate(*arrays)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "calibrate", calibrate_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_once():
    """Read the records of the library that the package ships once in a process; no test changes its files."""
    read, known = module_of_libraries.read_locus, {}

    def read_once(folder):
        if ROOT not in folder.parents:
            return read(folder)
        if folder not in known:
            known[folder] = tuple(read(folder))
        return list(known[folder])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module_of_libraries, "read_locus", read_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _countries_once():
    """Look up the countries of a grid of places once in a process of a large run: many maps have the same one."""
    if not (outlines := sys.modules.get("forensics.origin.outlines")):
        yield
        return
    find, known = outlines.find_countries, {}

    def find_once(latitudes, longitudes, countries, *, near_km=outlines.NEAR_KM):
        places = latitudes.tobytes(), longitudes.tobytes()
        key = (*places, near_km, tuple(id(country) for country in countries))
        if key not in known:
            known[key] = *find(latitudes, longitudes, countries, near_km=near_km), countries
        numbers, away, _kept = known[key]
        return numbers.copy(), away.copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlines, "find_countries", find_once)
        yield


@pytest.fixture(autouse=True)
def _screen(monkeypatch):
    """Screens of 100 columns, whatever terminal, or test before it, says otherwise."""
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def embedded():
    """The library that the package ships."""
    try:
        return open_library()
    except LibraryError as error:
        pytest.skip(f"the embedded library is not built: {error}")


@pytest.fixture(scope="module")
def _workers():
    """Address of two workers of a kind, for one file of tests: idle ones take a tenth of a processor."""
    pytest.importorskip("distributed")
    started = {}

    def address(kind):
        if kind not in started:
            process = subprocess.Popen(
                [sys.executable, ROOT / "tests/dask_workers.py", kind],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            started[kind] = process, process.stdout.readline().strip()
        told = started[kind][1]
        assert told, "no Dask workers could be started: python tests/dask_workers.py tells why"
        return told

    yield address
    for process, _address in started.values():
        process.communicate(timeout=PATIENCE)  # ends its standard input, and so the workers


@pytest.fixture(scope="session")
def training_round(tmp_path_factory, embedded):
    """Folder of a round that ``training new --seed 12`` made, and what it printed; not to be changed.

    One is made for all processes of a run, from two orders: calibrating a library of all takes half a minute.
    """
    from forensics.training import rounds

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    path, printed = base / "training" / "round 12 é", base / "training" / "printed.txt"
    with FileLock(base / "training.lock"):
        if not printed.exists():
            path.mkdir(parents=True)  # an empty folder may stand there
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(rounds, "ORDERS", SOME_ORDERS)
                found = CliRunner().invoke(
                    main, ["training", "new", "--seed", "12", "--output", str(path)]
                )
            assert found.exit_code == 0, found.output
            printed.write_text(found.stdout, encoding="utf-8")
    return path, printed.read_text(encoding="utf-8")


class Workers:
    """A Dask cluster of two workers on this machine; a process that is killed is started anew."""

    def __init__(self, client):
        self.client, self.address = client, client.scheduler.address

    def kill_one(self):
        """Kill a worker, as a system short of memory does."""
        (process,) = self.client.run(os.getpid, workers=[min(self.client.has_what())]).values()
        os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))

    def busy(self):
        """Tell whether the scheduler knows of anything to be done or held."""
        return self.client.run_on_scheduler(lambda dask_scheduler: bool(dask_scheduler.tasks))

    def forgets(self):
        """Tell whether it forgets all, however long that takes on a busy machine."""
        return wait_until(lambda: not self.busy())


@pytest.fixture
def cluster(_workers, request):
    """Both workers, whatever the test before did: processes in slow tests, else threads of one."""
    from distributed import Client

    kind = "processes" if request.node.get_closest_marker("slow") else "threads"
    with Client(_workers(kind), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        yield Workers(client)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """Run Python in a process of its own, outside the checkout, with the package on its path."""
    outside = tmp_path_factory.mktemp("outside")

    def run(*arguments, cwd=outside, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )

    return run
