"""Which aligner counts edits: edlib, or `forensics.barcode.matching.columns` where it has no wheel.

Every module that aligns two sequences takes `align` from here. Both give the same answers
(docs/decisions/0018-without-edlib.md), so nothing else knows which one it is; the provenance of a
result does.

`FORENSICS_PURE` in the environment leaves out edlib and the project's own compiled modules, on any
system: to see what a computer without them does.
"""

import importlib
import os
from types import ModuleType

__all__ = ["PURE", "align", "compiled", "edlib_version"]

#: Whether the environment asks for no compiled aligner.
PURE = bool(os.environ.get("FORENSICS_PURE"))

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

    Parameters
    ----------
    name : str
        Such as ``_placing``.
    """
    if PURE:
        return None
    try:
        return importlib.import_module(f"forensics.barcode.matching.{name}")
    except ImportError:  # built without a compiler
        return None


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
