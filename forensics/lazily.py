"""Public names that are imported when they are first used, and old names (PEP 562)."""

import importlib
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

__all__ = ["lazily", "renamed"]


def lazily(
    package: str, places: Mapping[str, str], modules: Collection[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    places : mapping of str to str
        Public name to the module, below the package, that holds it.
    modules : collection of str
        Modules and subpackages that are imported when they are first used as attributes.

    Examples
    --------
    >>> get, names = lazily("forensics.custody", {"verify": "verification"})
    >>> get("verify").__name__
    'verify'
    """

    def get(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)  # the next time it is simply there
        return value

    def names() -> list[str]:
        return sorted(sys.modules[package].__all__)

    return get, names


def renamed(module: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Return ``__getattr__`` of a module whose names were renamed: the old ones work for one version.

    Parameters
    ----------
    module : str
        Its ``__name__``.
    places : mapping of str to str
        Old name to the new one, with its module.

    Examples
    --------
    >>> import warnings
    >>> get = renamed("forensics.errors", {"Fault": "forensics.errors.InputError"})
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     get("Fault").__name__, str(caught[0].message)
    ('InputError', 'forensics.errors.Fault is now forensics.errors.InputError')
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        import warnings

        place = places[name]
        warnings.warn(f"{module}.{name} is now {place}", DeprecationWarning, stacklevel=2)
        holder, _dot, new_name = place.rpartition(".")
        return getattr(importlib.import_module(holder), new_name)

    return get
