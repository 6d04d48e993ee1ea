"""Sanger chromatograms: read with Biopython, trimmed by quality."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.messages import _

__all__ = ["Chromatogram", "read_chromatogram", "trim"]

# Error probability at which a base is worth nothing; phred's own default, and Biopython's.
_CUTOFF = 0.05


@dataclass(frozen=True)
class Chromatogram:
    """The called bases of a chromatogram and what trimming left of them.

    Attributes
    ----------
    sequence : str
        All called bases.
    start, end : int
        The part that trimming keeps is ``sequence[start:end]``.
    """

    sequence: str
    start: int
    end: int

    @property
    def trimmed(self) -> str:
        """The bases that are worth examining; empty where none are."""
        return self.sequence[self.start : self.end]


def read_chromatogram(content: bytes, *, source: str) -> Chromatogram:
    """Read an ABI chromatogram (.ab1).

    Trimmed by `trim`.

    Parameters
    ----------
    content : bytes
        The whole file.
    source : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If the file is damaged, cut off or holds no called bases.
    """
    from Bio import SeqIO

    try:
        whole = SeqIO.read(io.BytesIO(content), "abi")
    except Exception as error:  # Biopython's parser of this format fails in many ways
        raise InputError(
            _(
                "the chromatogram is damaged or cut off ({error}); copy it again from the instrument"
            ).format(error=error or type(error).__name__),
            source=source,
        ) from error
    bases = str(whole.seq).upper()
    if not bases:
        raise InputError(_("the chromatogram holds no called bases"), source=source)
    if "phred_quality" not in whole.letter_annotations:
        raise InputError(
            _("the chromatogram holds no base qualities; call its bases again"), source=source
        )
    return Chromatogram(bases, *trim(whole.letter_annotations["phred_quality"]))


def trim(qualities: Sequence[int]) -> tuple[int, int]:
    """Return start and end of the stretch of good bases.

    Mott's algorithm: the stretch with the largest sum of 0.05 minus the error probability
    of each base. Biopython's ``abi-trim`` is not used, because it starts at the first good
    base of the file, however many bad ones follow.

    Parameters
    ----------
    qualities : sequence of int
        Phred quality of each base.

    Returns
    -------
    (int, int)
        The stretch is ``[start:end]``; ``(0, 0)`` where there is none.

    Examples
    --------
    >>> trim([40, 2, 2, 2, 40, 40, 40, 2])
    (4, 7)
    """
    best, found = 0.0, (0, 0)
    total, start = 0.0, 0
    for position, quality in enumerate(qualities):
        total += _CUTOFF - 10 ** (quality / -10)
        if total <= 0:
            total, start = 0.0, position + 1
        elif total > best:
            best, found = total, (start, position + 1)
    return found
