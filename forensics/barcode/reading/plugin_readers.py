"""Readers of questioned sequences that plug-ins add: formats that are not read by this package."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from forensics.barcode.reading.reads import Query
from forensics.errors import PluginError
from forensics.io.formats import FORMATS, Format
from forensics.messages import _
from forensics.plugins import READERS, Plugin, find_plugin, installed_plugins, named_errors

__all__ = ["LoadedReader", "SequenceReader", "find_reader", "open_reader"]


@dataclass(frozen=True, slots=True)
class SequenceReader:
    """What the entry point of a reader gives.

    Attributes
    ----------
    format : Format
        Its name, which is that of the entry point, what it ``holds`` (``sequences``), and the first bytes by
        which it is recognised. Files that this package reads are never shown to it.
    read : callable
        Takes the file, open in binary form and unpacked, and its label for messages; yields a `Query` for
        each sequence, cleaned by `forensics.barcode.sequence.clean`. File and SHA-256 are set afterwards.
    """

    format: Format
    read: Callable[[BinaryIO, str], Iterable[Query]]


@dataclass(frozen=True, slots=True)
class LoadedReader:
    """A reader with the plug-in that it comes from; errors of its code name the plug-in."""

    plugin: Plugin
    reader: SequenceReader = field(repr=False)

    def read(self, stream: BinaryIO, label: str) -> Generator[Query, None, None]:
        """Yield the queries of a file; each says what read it."""
        with named_errors(self.plugin):
            for query in self.reader.read(stream, label):
                if not isinstance(query, Query):
                    raise TypeError(f"{type(query).__name__}, not a Query")
                yield replace(query, reader=self.plugin)


def find_reader(start: bytes) -> LoadedReader | None:
    """Return the reader of a file that begins so; None where no plug-in reads it.

    Raises
    ------
    PluginError
        If two read it, or none does and one cannot be used: it may have been the one.
    """
    errors: list[PluginError] = []
    readers = []
    for reader in _readers(errors):
        if reader.reader.format.matches(start):
            readers.append(reader)
    if len(readers) > 1:
        raise PluginError(
            _("Two plug-ins read this format: {plugins}. Uninstall one of them.").format(
                plugins=", ".join(str(reader.plugin) for reader in readers)
            )
        )
    if not readers and errors:
        raise errors[0]
    return readers[0] if readers else None


def _readers(errors: list[PluginError]) -> Iterator[LoadedReader]:
    """Yield the readers that can be used; why others cannot enters `errors`."""
    for name in dict.fromkeys(each.name for each in installed_plugins() if each.group == READERS):
        try:
            yield open_reader(name)
        except PluginError as error:
            errors.append(error)


def open_reader(name: str) -> LoadedReader:
    """Return the reader that a plug-in adds under this name.

    Raises
    ------
    PluginError
        If it cannot be used.
    """
    plugin = find_plugin(READERS, name)
    if plugin is None:
        raise PluginError(_("No plug-in reads the format {name!r}.").format(name=name))
    reader = plugin.load(SequenceReader)
    known = reader.format
    if name in {each.name for each in FORMATS}:
        raise plugin.error(_("the name {name!r} is taken").format(name=name))
    if known.name != name or known.holds != "sequences" or not all(known.starts or ("",)):
        raise plugin.error(_("wrong in its format: name, holds or starts"))
    return LoadedReader(plugin, reader)
