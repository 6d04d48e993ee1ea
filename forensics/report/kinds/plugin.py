"""The words of results that methods of plug-ins made: those of its report section, or of the result itself."""

from collections.abc import Iterator
from typing import Any

from forensics.core.result import Result
from forensics.messages import _
from forensics.plugins import REPORT_SECTIONS, Plugin, find_plugin, methods_of, named_errors
from forensics.report.finding import Finding
from forensics.report.kinds.base import Narrator, Part, make_part, noted_part, support

__all__ = ["NARRATOR"]


def _section_of(finding: Finding) -> tuple[Plugin, Narrator[Any]] | None:
    """Return the report section of the method that made a finding; None where it has none.

    Raises
    ------
    PluginError
        If it cannot be used.
    """
    (method, *_more) = methods_of(finding.plugins)
    plugin = find_plugin(REPORT_SECTIONS, method.name)
    return None if plugin is None else (plugin, plugin.load(Narrator))


def _parts(finding: Finding, result: Result) -> Iterator[Part]:
    """Yield the parts; the first says which plug-in made the finding."""
    (method, *_more) = methods_of(finding.plugins)
    made_by = _("A plug-in of this program made this finding: {plugin}.").format(plugin=method)
    yield from make_part("method", [made_by])
    section = _section_of(finding)
    if section is None:
        details = [f"{label}: {text}" for label, text in result.details()]
        yield from make_part("found", [result.headline(), *details])
        yield from make_part("backing", support(finding, _("Reference")))
        yield from noted_part(finding)
        return
    plugin, narrator = section
    with named_errors(plugin):
        yield from narrator.parts(finding, result)


def _headline(finding: Finding, result: Result) -> str:
    section = _section_of(finding)
    if section is None:
        return result.headline()
    plugin, narrator = section
    with named_errors(plugin):
        return narrator.headline(finding, result)


NARRATOR = Narrator(_parts, _headline)
