"""Other processors, as far as this one can pretend to be one: the same computed with other instructions.

OpenBLAS takes its kernels from ``OPENBLAS_CORETYPE``, numpy leaves out what ``NPY_DISABLE_CPU_FEATURES`` names. Both
read it when they are loaded, so each setting needs a process. ``python tests/processors.py CORE …`` runs the fast
tests of what is computed with linear algebra (`TESTS`) under each setting.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

# With a flag that a processor needs to run the kernels.
CORES = {"Prescott": "pni", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}
TESTS = ("tests/origin", "tests/individual", "tests/age")


def why_not(core: str) -> str:
    """Return why this machine cannot run a setting, or nothing."""
    if platform.machine() not in ("x86_64", "AMD64") or not Path("/proc/cpuinfo").exists():
        return "the settings are those of x86-64 under Linux"
    if CORES[core] not in Path("/proc/cpuinfo").read_text().split():
        return f"this processor cannot run the kernels of {core}"
    return ""


def environment(core: str) -> dict[str, str]:
    """Return the environment of a setting; with the oldest kernels numpy leaves out all that it can."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    found = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]
    disabled = {"NPY_DISABLE_CPU_FEATURES": " ".join(found)} if core == "Prescott" and found else {}
    return os.environ | {"OPENBLAS_CORETYPE": core} | disabled


def run(core: str, module: str, *arguments: object) -> str:
    """Run a module of the tests under a setting; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=environment(core) | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def main(cores: list[str]) -> None:
    """Run the tests under each setting that this machine can run."""
    for core in cores:
        if reason := why_not(core):
            print(f"{core}: not run: {reason}")
            continue
        print(f"{core}:", flush=True)
        command = "pytest --quiet --numprocesses auto --dist worksteal -m".split()
        subprocess.run(
            [sys.executable, "-m", *command, "not slow", *TESTS],
            env=environment(core),
            cwd=Path(__file__).parent.parent,
            check=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
