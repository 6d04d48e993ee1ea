"""Loci of plug-ins: read, checked, and kept apart from the built-in ones (`forensics.barcode.locus`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from forensics.barcode.locus_types import MITOCHONDRIAL, NUCLEAR, PLASTID, Locus
from forensics.errors import PluginError
from forensics.messages import _
from forensics.plugins import LOCI, Plugin, find_plugin, installed_plugins

__all__ = ["PluginLoci", "load_plugin_loci"]

_BASES = frozenset("ACGTRYSWKMBDHVN")


@dataclass(frozen=True, slots=True)
class PluginLoci:
    """The loci of the plug-ins that are installed.

    Attributes
    ----------
    loci : dict of str to (Locus, Plugin)
        By each of their names, as names are compared.
    errors : dict of str to PluginError
        By its name, why a locus cannot be used.
    """

    loci: dict[str, tuple[Locus, Plugin]] = field(default_factory=dict)
    errors: dict[str, PluginError] = field(default_factory=dict)


def load_plugin_loci(builtin: Mapping[str, Locus], key: Callable[[str], str]) -> PluginLoci:
    """Return the loci of plug-ins; those that cannot be used hinder no other.

    Parameters
    ----------
    builtin : mapping of str to Locus
        By each of their names; none of them is replaced.
    key : callable
        Returns a name as names are compared.
    """
    # Shorter sequences are examined at no locus (`forensics.barcode.quality`).
    shortest = min(locus.minimum_length for locus in builtin.values())
    added = PluginLoci()
    for name in dict.fromkeys(each.name for each in installed_plugins() if each.group == LOCI):
        try:
            plugin = find_plugin(LOCI, name)
            assert plugin is not None
            locus = _load_locus(plugin, shortest)
            keys = [key(each) for each in (locus.name, *locus.synonyms)]
            if taken := [each for each in keys if each in builtin or each in added.loci]:
                raise plugin.error(_("the name {name!r} is taken").format(name=taken[0]))
            added.loci.update(dict.fromkeys(keys, (locus, plugin)))
        except PluginError as error:
            added.errors[key(name)] = error
    return added


def _load_locus(plugin: Plugin, shortest: int) -> Locus:
    """Return the locus of a plug-in.

    Raises
    ------
    PluginError
        If it is none, has another name than its entry point, or values that no locus has.
    """
    locus = plugin.load(Locus)
    wrong = {
        # It names the folder of a locus in a library, too.
        "name": locus.name != plugin.name or not locus.name.replace("-", "").isalnum(),
        "genome": locus.genome not in (MITOCHONDRIAL, PLASTID, NUCLEAR),
        "minimum_length": not shortest <= locus.minimum_length <= locus.expected_length,
        "maximum_length": not locus.expected_length <= locus.maximum_length,
        "source": not locus.source.strip(),
        "primers": any(
            not primer.sequence or set(primer.sequence) - _BASES or primer.strand not in ("+", "-")
            for primer in locus.primers
        ),
    }
    if fields := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise plugin.error(_("wrong in its locus: {fields}").format(fields=", ".join(fields)))
    return locus
