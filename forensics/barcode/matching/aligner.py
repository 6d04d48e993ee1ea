"""Which aligner counts edits: edlib, or `forensics.barcode.matching.columns` where it has no wheel.

Every module that aligns two sequences takes `align` from here. Both give the same answers
(docs/decisions/0018-without-edlib.md), so nothing else knows which one it is; the provenance of a
result does.

`FORENSICS_PURE` in the environment leaves out edlib and the project's own compiled modules, on any
system: to see what a computer without them does.
"""

import importlib
import os
import sys
from types import ModuleType

from forensics.messages import _

__all__ = ["INTERFACES", "PURE", "align", "compiled", "edlib_version"]

#: Whether the environment asks for no compiled aligner.
PURE = bool(os.environ.get("FORENSICS_PURE"))

#: What Python calls and gets of the project's own modules in C, by a number that stands in their
#: sources, too, and is raised with each change of it.
INTERFACES = {"_bounds": 2, "_placing": 2}

_edlib = None
if not PURE:
    try:
        import edlib as _edlib
    except ImportError:  # no wheel for this system, and no compiler: see setup.cfg
        pass
if _edlib is None:
    from forensics.barcode.matching.columns import align
else:
    align = _edlib.align


def compiled(name: str) -> ModuleType | None:
    """Return one of the project's own modules in C; None if there is none, or none is wanted.

    Neither is one of another build, as it is left where the sources were renewed and the package was
    not installed again. What stands in gives the same answers; that it takes longer is warned of.

    Parameters
    ----------
    name : str
        Such as ``_placing``.
    """
    if PURE:
        return None
    try:
        module = importlib.import_module(f"forensics.barcode.matching.{name}")
    except ImportError:  # built without a compiler
        return None
    if getattr(module, "INTERFACE", 0) != INTERFACES[name]:
        _warn_of_other_build()
        return None
    return module


_FIRST = "MainProcess"
_warned = False


def _warn_of_other_build() -> None:
    """Warn once of all modules; not in the processes that another one started, which has warned."""
    global _warned
    processes = sys.modules.get("multiprocessing.process")  # loaded in every one that was started
    if _warned or (processes and processes.current_process().name != _FIRST):
        return
    _warned = True
    import warnings

    text = _(
        "The compiled modules are of another version of this package than its other files, and are "
        "left out: the results are the same, but searches take several times as long. Install the "
        "package again (in a checkout: pip install -e .)."
    )
    # Of no line of the source: nobody who reads it is to look there.
    warnings.warn_explicit(text, RuntimeWarning, "<forensics>", 1)


def edlib_version() -> str | None:
    """Return the version of edlib, by whose edits results are told; None without it."""
    if _edlib is None:
        return None
    # importlib.metadata would tell, too, but costs 30 ms, a third of a whole run.
    beside = os.listdir(os.path.dirname(_edlib.__file__))
    start, end = "edlib-", ".dist-info"
    versions = (
        name[len(start) : -len(end)]
        for name in beside
        if name.startswith(start) and name.endswith(end)
    )
    return next(versions, "unknown")
