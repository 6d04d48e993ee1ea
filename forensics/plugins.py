"""Plug-ins: loci, readers of sequences and commands that other installed packages add.

A package declares an entry point of the group ``forensics``, whose object is a `Plugin`. Plug-ins are looked for
where a name or a format is not built in, and where all are listed. They add names and replace none. One that
cannot be used is then an error, which names its package.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.errors import ForensicsError, PluginError
from forensics.messages import _

if TYPE_CHECKING:
    import click

GROUP = "forensics"


class Plugin(NamedTuple):
    """What the entry point of a package gives.

    Attributes
    ----------
    loci : sequence of forensics.barcode.locus.Locus
    readers : sequence of forensics.barcode.reading.reads.SequenceReader
        Formats of questioned sequences.
    commands : callable
        Returns commands of Click by name: a function, so that they are imported only where one is called or listed.
    """

    loci: Sequence[Any] = ()
    readers: Sequence[Any] = ()
    commands: "Callable[[], Mapping[str, click.Command]]" = dict


class Package(NamedTuple):
    """An installed package with a plug-in; ``value`` is the object, as its entry point declares it."""

    name: str
    version: str
    value: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def error(self, reason: str) -> PluginError:
        """Return the error that names it."""
        text = _("The plug-in {plugin} cannot be used: {reason}.")
        return PluginError(text.format(plugin=self, reason=reason.rstrip(".")))

    @contextmanager
    def named_errors(self, *passed: type[Exception]) -> Iterator[None]:
        """Name it in errors of its code, except those of this program and `passed`.

        Raises
        ------
        PluginError
        """
        try:
            yield
        except Exception as error:
            if isinstance(error, (ForensicsError, *passed)):
                raise
            import logging  # not loaded where nothing fails

            logging.getLogger(__name__).debug("%s", self, exc_info=True)
            raise self.error(f"{type(error).__name__}: {error}") from error

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Name it in every provenance that is made meanwhile."""
        token = _in_use.set((*_in_use.get(), self))
        try:
            yield
        finally:
            _in_use.reset(token)


_in_use: ContextVar[tuple[Package, ...]] = ContextVar("plugins", default=())


@cache
def find_packages() -> tuple[Package, ...]:
    """Return the installed packages with a plug-in.

    A package in the working directory is not installed: ``python -m forensics`` would find one that somebody has
    put beside the data.
    """
    from importlib.metadata import entry_points  # takes longer than what most commands do

    here = os.path.realpath(os.curdir)
    found = {
        Package(point.dist.name, point.dist.version, point.value)
        for point in entry_points(group=GROUP)
        if point.dist and os.path.realpath(str(point.dist.locate_file(""))) != here
    }
    return tuple(sorted(found))


@cache
def load_plugins() -> Mapping[Package, Plugin]:
    """Return all plug-ins.

    Raises
    ------
    PluginError
        If one cannot be imported, or is not a `Plugin`.
    """
    from importlib.metadata import EntryPoint

    plugins = {}
    for package in find_packages():
        with package.named_errors():
            plugin = EntryPoint("", package.value, GROUP).load()
            if not isinstance(plugin, Plugin):
                raise TypeError(f"{package.value} is of {type(plugin)}, expected {Plugin}")
        plugins[package] = plugin
    return plugins


def record_plugins(packages: Iterable[Package]) -> dict[str, str]:
    """Return packages, and those in use, as provenance has them: version by name."""
    return {package.name: package.version for package in sorted({*_in_use.get(), *packages})}
