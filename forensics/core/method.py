"""A method that a plug-in adds, with all that the program asks of a method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forensics.core.result import Result
from forensics.errors import PluginError
from forensics.messages import _
from forensics.plugins import METHODS, Plugin, find_plugin, methods_of, named_errors, using_plugin

if TYPE_CHECKING:
    import click

__all__ = ["KINDS", "LoadedMethod", "Method", "find_method", "method_of_record"]

KINDS = ("age", "individual", "morphology", "origin", "other", "sex")
"""Kinds of findings that a plug-in may record. A species is named by one rule (docs/decision-rule.md), so
``identification`` is not among them: plug-ins bring loci, formats and libraries to that rule."""


@dataclass(frozen=True, slots=True)
class Method:
    """What the entry point of a method gives.

    Its functions import what they need when they are called: the method is loaded to list commands, too.

    Attributes
    ----------
    kind : str
        Of its findings in the ledger: one of `KINDS`.
    command : callable
        Returns the `click.Command`. It records with `forensics.cli.custody_findings.recording`.
    read : callable
        Takes what the result stores (`Result.to_dict`) and returns the `Result`; usually its ``from_stored``.
    recompute : callable
        Computes a recorded finding again: takes what is recorded
        (`forensics.reanalysis.recorded.Recorded`), the files that are attached
        (`forensics.reanalysis.attachments.Attachments`) and other sources
        (`forensics.reanalysis.recorded.Sources`), returns a `Result`.
    """

    kind: str
    command: "Callable[[], click.Command]"
    read: Callable[[Mapping[str, Any]], Result]
    recompute: Callable[[Any, Any, Any], Result]


@dataclass(frozen=True, slots=True)
class LoadedMethod:
    """A method with the plug-in that it comes from; errors of its code name the plug-in."""

    plugin: Plugin
    method: Method = field(repr=False)

    def read(self, record: Mapping[str, Any]) -> Result:
        """Return the result that was stored."""
        with named_errors(self.plugin):
            return self._checked(self.method.read(record))

    def recompute(self, recorded: Any, attachments: Any, sources: Any) -> Result:
        """Return a recorded finding, computed again."""
        with using_plugin(self.plugin), named_errors(self.plugin):
            return self._checked(self.method.recompute(recorded, attachments, sources))

    def _checked(self, result: object) -> Result:
        if not isinstance(result, Result):
            raise self.plugin.error(
                _("it gives {found}, expected {expected}").format(
                    found=type(result).__name__, expected=Result.__name__
                )
            )
        return result


def find_method(name: str) -> LoadedMethod | None:
    """Return the method of that name; None where there is none.

    Raises
    ------
    PluginError
        If it cannot be used.
    """
    plugin = find_plugin(METHODS, name)
    if plugin is None:
        return None
    method = plugin.load(Method)
    if method.kind not in KINDS:
        raise plugin.error(
            _("its findings are of the kind {kind!r}; expected one of {known}").format(
                kind=method.kind, known=", ".join(KINDS)
            )
        )
    return LoadedMethod(plugin, method)


def method_of_record(plugins: object) -> LoadedMethod | None:
    """Return the method by which a result was made; None where that is built in.

    Parameters
    ----------
    plugins : object
        Of its provenance the value of ``plugins``.

    Raises
    ------
    PluginError
        If the plug-in is not installed here, or cannot be used; the message names it.
    """
    for recorded in methods_of(plugins):
        loaded = find_method(recorded.name)
        if loaded is None or loaded.plugin.package != recorded.package:
            raise PluginError(
                _(
                    "it was made by the plug-in {plugin}, which is not installed here; install it, in "
                    "this version if possible"
                ).format(plugin=recorded)
            )
        return loaded
    return None
