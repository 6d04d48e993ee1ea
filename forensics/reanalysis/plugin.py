"""Findings by the method of a plug-in, computed again by what is installed here."""

from forensics.core.method import method_of_record
from forensics.core.result import Result
from forensics.custody.reader import Event
from forensics.errors import PluginError
from forensics.messages import _
from forensics.plugins import methods_of
from forensics.reanalysis.attachments import Attachments, CannotRecompute
from forensics.reanalysis.recorded import Recorded, Sources

__all__ = ["PLUGIN", "made_by_plugin", "recompute_with_plugin"]

PLUGIN = "plug-in"
"""Among the methods of findings, those of plug-ins."""


def made_by_plugin(event: Event) -> bool:
    """Return whether a finding says that a method of a plug-in made it."""
    return bool(methods_of(_plugins_of(event)))


def recompute_with_plugin(recorded: Recorded, attachments: Attachments, sources: Sources) -> Result:
    """Return a finding by the method of a plug-in, computed again.

    Raises
    ------
    CannotRecompute
        If the plug-in is not installed here, cannot be used, or fails; the message names it.
    """
    try:
        method = method_of_record(_plugins_of(recorded.event))
        if method is None:
            raise CannotRecompute(_("cannot be recomputed: it names no plug-in"))
        return method.recompute(recorded, attachments, sources)
    except PluginError as error:
        raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error


def _plugins_of(event: Event) -> object:
    provenance = event.fields.get("provenance")
    return provenance.get("plugins") if isinstance(provenance, dict) else None
