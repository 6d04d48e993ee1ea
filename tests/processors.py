"""Other processors, as far as this one can pretend to be one: the same computed with other instructions.

OpenBLAS takes its kernels from ``OPENBLAS_CORETYPE``, numpy leaves out what ``NPY_DISABLE_CPU_FEATURES`` names. Both
read it when they are loaded, so each setting needs a process.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

# With a flag that a processor needs to run the kernels.
CORES = {"Prescott": "pni", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}


def setting(core: str) -> dict[str, str]:
    """Return the variables of a setting; the test is skipped where this machine cannot run it.

    With the oldest kernels numpy leaves out all that it can.
    """
    if platform.machine() not in ("x86_64", "AMD64") or not Path("/proc/cpuinfo").exists():
        pytest.skip("the settings are those of x86-64 under Linux")
    if CORES[core] not in Path("/proc/cpuinfo").read_text().split():
        pytest.skip(f"this processor cannot run the kernels of {core}")
    variables = {"OPENBLAS_CORETYPE": core}
    if core == "Prescott" and (found := dispatched()):
        variables["NPY_DISABLE_CPU_FEATURES"] = " ".join(found)
    return variables


def dispatched() -> list[str]:
    """Return the features of this processor of which numpy makes use where it finds them."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def run(core: str, module: str, *arguments: object) -> str:
    """Run a module of the tests under a setting; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=os.environ | setting(core) | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
