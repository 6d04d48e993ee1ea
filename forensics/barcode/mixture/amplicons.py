"""The primers of an amplicon, and where they stand in a read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from forensics.barcode.locus import LOCI
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reading.primers import MAX_ERROR_SHARE, masked
from forensics.barcode.sequence import IUPAC
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["MAX_PREFIX", "MIN_PRIMER", "Amplicon", "PrimerSite", "find_site", "read_primers"]

# Bases before a primer: spacers of up to 7, tags of up to 12, and the longest tail of an adapter
# (33, `forensics.barcode.reading.primers.TAILS`). The primers are those that the laboratory says
# it used, so they may be looked for further in than unknown ones.
MAX_PREFIX = 52
# A shorter one with an error occurs by chance: in 52 places, 15 bases with one error are expected
# in 52 * 46 / 4^15 = 2e-6 of random reads.
MIN_PRIMER = 15

_BY_NAME = {primer.name.casefold(): (locus, primer) for locus in LOCI for primer in locus.primers}


@dataclass(frozen=True)
class Amplicon:
    """A pair of primers.

    Attributes
    ----------
    name : str
        As results call it.
    forward, reverse : str
        Primers, 5' to 3' in IUPAC codes; both empty where the reads are trimmed already.
    locus : str
        Locus to compare with, or ``auto``.
    """

    name: str
    forward: str = ""
    reverse: str = ""
    locus: str = "auto"


@dataclass(frozen=True)
class PrimerSite:
    """A primer in a read: ``read[start:end]``."""

    start: int
    end: int


def read_primers(pairs: Sequence[Sequence[str]], *, locus: str = "auto") -> list[Amplicon]:
    """Return the amplicons of pairs of primers.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Forward and reverse primer of each, by name (`forensics.barcode.locus`) or as sequences
        5' to 3'. None: the reads are trimmed, and one amplicon stands for all.
    locus : str
        Locus to compare all with; ``auto``: that of the primers, as far as it is known.

    Raises
    ------
    UsageError
        If one is neither a name nor a sequence, is too short, or two pairs share both primers.

    Examples
    --------
    >>> read_primers([("12S-V5-F", "12S-V5-R1")])[0].locus
    '12S'
    """
    if not pairs:
        return [Amplicon(_("reads"), locus=locus)]
    amplicons: list[Amplicon] = []
    seen = set()
    for number, pair in enumerate(pairs, 1):
        forward, reverse = (_primer(text) for text in pair)
        if (forward[0], reverse[0]) in seen:
            raise UsageError(
                _("The primers {first} and {second} are given twice.").format(
                    first=pair[0], second=pair[1]
                )
            )
        seen.add((forward[0], reverse[0]))
        known = forward[1] if forward[1] == reverse[1] else ""
        name = f"{pair[0]} {pair[1]}" if known else _("primers {number}").format(number=number)
        amplicons.append(
            Amplicon(name, forward[0], reverse[0], locus if locus != "auto" else known or "auto")
        )
    return amplicons


def _primer(text: str) -> tuple[str, str]:
    """Return the bases of a primer and its locus, or nothing for that."""
    known = _BY_NAME.get(text.strip().casefold())
    if known:
        return known[1].sequence, known[0].name
    # Inosine pairs with any base.
    bases = text.strip().upper().replace("U", "T").replace("I", "N")
    if not bases or not set(bases) <= IUPAC.keys():
        raise UsageError(
            _(
                "{text!r} is neither a primer that is known by name nor a sequence of IUPAC codes."
            ).format(text=text[:60])
        )
    if len(bases) < MIN_PRIMER:
        raise UsageError(
            _("The primer {text} has {length} bases; at least {least} are needed.").format(
                text=text, length=len(bases), least=MIN_PRIMER
            )
        )
    for locus in LOCI:
        if any(primer.sequence == bases for primer in locus.primers):
            return bases, locus.name
    return bases, ""


def find_site(primer: str, read: str) -> PrimerSite | None:
    """Return where a primer stands near the start of a read (upper case), or None.

    As many errors are allowed as `MAX_ERROR_SHARE` of its length; the last base, from which
    the polymerase reads on, must fit.
    """
    window = read[: MAX_PREFIX + len(primer)]
    exact = _pattern(primer).search(window)
    if exact:  # most reads; an alignment is ten times slower
        return PrimerSite(exact.start(), exact.end())
    errors = int(MAX_ERROR_SHARE * len(primer))
    if len(window) < len(primer) - errors:
        return None
    _errors, places = semiglobal_placements(primer, masked(window), errors)
    fits = IUPAC[primer[-1]]
    for start, end in places:
        if window[end - 1] in fits:
            return PrimerSite(start, end)
    return None


@cache
def _pattern(primer: str) -> re.Pattern[str]:
    return re.compile("".join(f"[{IUPAC[code]}]" for code in primer))
