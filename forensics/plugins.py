"""Plug-ins: what other installed packages add, by entry points.

============================  ====================================================================
``forensics.readers``         `forensics.barcode.reading.plugin_readers.SequenceReader`: a format of
                              questioned sequences
``forensics.loci``            `forensics.barcode.locus.Locus`
``forensics.methods``         `forensics.core.method.Method`: a command, its results, their recomputation
``forensics.report_sections`` `forensics.report.kinds.Narrator`: what a report says of such results
``forensics.models``          a function that returns the folder of a model of origin
============================  ====================================================================

Nothing is looked for until a name is not built in, or somebody asks for all names. Only what an installed
distribution declares is loaded: data names a plug-in, and never a file or a module. A plug-in adds names and
replaces none. Its errors say which plug-in it is.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from forensics.errors import ForensicsError, PluginError
from forensics.messages import _

__all__ = [
    "GROUPS",
    "LOCI",
    "METHODS",
    "MODELS",
    "READERS",
    "REPORT_SECTIONS",
    "Plugin",
    "find_missing",
    "find_plugin",
    "installed_plugins",
    "methods_of",
    "named_errors",
    "plugins_in_use",
    "record_plugins",
    "using_plugin",
]

READERS = "forensics.readers"
LOCI = "forensics.loci"
METHODS = "forensics.methods"
REPORT_SECTIONS = "forensics.report_sections"
MODELS = "forensics.models"
GROUPS = (READERS, LOCI, METHODS, REPORT_SECTIONS, MODELS)
"""Groups of entry points that are looked into."""

T = TypeVar("T")

_in_use: ContextVar["tuple[Plugin, ...]"] = ContextVar("plugins", default=())


@dataclass(frozen=True, slots=True, order=True)
class Plugin:
    """An entry point of an installed distribution.

    Attributes
    ----------
    group : str
        One of `GROUPS`.
    name : str
        What it adds: the name of a locus, of a format, of a model; of a method the words by which its command
        is called, with dots between them.
    package, version : str
        Of the distribution.
    value : str
        The object, as the distribution declares it.
    """

    group: str
    name: str
    package: str
    version: str
    value: str

    @property
    def entry_point(self) -> str:
        """Group and name, as provenance has them."""
        return f"{self.group}:{self.name}"

    def __str__(self) -> str:
        return f"{self.package} {self.version} ({self.entry_point})"

    def load(self, expected: type[T]) -> T:
        """Import what it adds.

        Parameters
        ----------
        expected : type
            Of which it must be.

        Raises
        ------
        PluginError
            If it cannot be imported, or is something else.
        """
        from importlib.metadata import EntryPoint

        with named_errors(self):
            loaded = EntryPoint(self.name, self.value, self.group).load()
        if not isinstance(loaded, expected):
            raise self.error(
                _("it gives {found}, expected {expected}").format(
                    found=type(loaded).__name__, expected=expected.__name__
                )
            )
        return loaded

    def error(self, reason: object) -> PluginError:
        """Return the error that names it."""
        return PluginError(
            _("The plug-in {plugin} cannot be used: {reason}.").format(
                plugin=self, reason=str(reason).rstrip(".")
            )
        )


@contextmanager
def named_errors(plugin: Plugin) -> Iterator[None]:
    """Name the plug-in in every error of its code; errors of this package stay as they are.

    Raises
    ------
    PluginError
    """
    try:
        yield
    except ForensicsError:
        raise
    except Exception as error:
        import logging  # not loaded where nothing fails

        logging.getLogger(__name__).debug("%s", plugin, exc_info=True)
        raise plugin.error(f"{type(error).__name__}: {error}") from error


@cache
def installed_plugins() -> tuple[Plugin, ...]:
    """Return all plug-ins of the installed distributions, in the order of groups and names.

    A distribution in the working directory is not installed: ``python -m forensics`` would find one that somebody
    has put beside the data.
    """
    from importlib.metadata import entry_points  # takes longer than what most commands do

    here = os.path.realpath(os.curdir)
    plugins = set()
    for group in GROUPS:
        for point in entry_points(group=group):
            if point.dist is not None and os.path.realpath(str(point.dist.locate_file(""))) != here:
                metadata = point.dist.metadata
                name = metadata["Name"] or "-"
                plugins.add(Plugin(group, point.name, name, point.dist.version, point.value))
    return tuple(
        sorted(
            plugins, key=lambda plugin: (GROUPS.index(plugin.group), plugin.name, plugin.package)
        )
    )


def find_plugin(group: str, name: str) -> Plugin | None:
    """Return the plug-in that adds a name; None where there is none.

    Raises
    ------
    PluginError
        If two packages add it: which of them was meant cannot be known.
    """
    plugins = [each for each in installed_plugins() if (each.group, each.name) == (group, name)]
    if len(plugins) > 1:
        raise PluginError(
            _("Two plug-ins have one name: {plugins}. Uninstall one of them.").format(
                plugins=", ".join(map(str, plugins))
            )
        )
    return plugins[0] if plugins else None


@contextmanager
def using_plugin(plugin: Plugin) -> Iterator[None]:
    """Let every provenance that is made meanwhile name a plug-in."""
    token = _in_use.set((*_in_use.get(), plugin))
    try:
        yield
    finally:
        _in_use.reset(token)


def plugins_in_use() -> tuple[Plugin, ...]:
    """Return the plug-ins whose code runs now (`using_plugin`)."""
    return _in_use.get()


def record_plugins(plugins: Iterable[Plugin]) -> dict[str, dict[str, Any]]:
    """Return plug-ins as provenance has them: of each package ``version`` and ``entry_points``."""
    record: dict[str, dict[str, Any]] = {}
    for plugin in sorted(set(plugins)):
        package = record.setdefault(plugin.package, {"version": plugin.version, "entry_points": []})
        package["entry_points"].append(plugin.entry_point)
    return record


def _recorded(record: object) -> Iterator[Plugin]:
    """Yield the plug-ins that provenance names; what a hand wrote there may be of any form."""
    if not isinstance(record, Mapping):
        return
    for package, entry in record.items():
        if not isinstance(entry, Mapping) or not isinstance(
            entry.get("entry_points"), (list, tuple)
        ):
            continue
        for text in entry["entry_points"]:
            group, _colon, name = str(text).partition(":")
            yield Plugin(group, name, str(package), str(entry.get("version", "")), "")


def methods_of(record: object) -> tuple[Plugin, ...]:
    """Return the methods among the plug-ins that provenance names, as they were recorded.

    Parameters
    ----------
    record : object
        Of provenance the value of ``plugins``.
    """
    return tuple(plugin for plugin in _recorded(record) if plugin.group == METHODS)


def find_missing(record: object) -> tuple[Plugin, ...]:
    """Return the plug-ins that provenance names and that are not installed here.

    Another version of the package is no other plug-in.
    """
    installed = {(each.package, each.entry_point) for each in installed_plugins()}
    return tuple(
        plugin
        for plugin in _recorded(record)
        if (plugin.package, plugin.entry_point) not in installed
    )
