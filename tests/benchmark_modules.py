"""Benchmarks as modules, so that a small part of each can be run as a test."""

import importlib.util
import sys
from contextlib import contextmanager

__all__ = ["benchmark"]


@contextmanager
def benchmark(root, name):
    """Give the module of benchmarks/NAME.py, beside which it finds its own helpers."""
    spec = importlib.util.spec_from_file_location(
        f"{name}_benchmark", root / f"benchmarks/{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    sys.path.insert(0, str(root / "benchmarks"))
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path[:] = before
        del sys.modules[spec.name]
