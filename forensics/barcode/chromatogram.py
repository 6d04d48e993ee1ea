"""Sanger chromatograms: read with Biopython, trimmed by quality."""

import io
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.messages import _

__all__ = ["Chromatogram", "read_chromatogram"]


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

    Trimming is Mott's algorithm as Biopython's ``abi-trim`` has it: the stretch with the
    largest sum of 0.05 minus the error probability of each base.

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
        kept = SeqIO.read(io.BytesIO(content), "abi-trim")
    except Exception as error:  # Biopython's parser of this format fails in many ways
        raise InputError(
            _(
                "the chromatogram is damaged or cut off ({error}); copy it again from the instrument"
            ).format(error=error or type(error).__name__),
            source=source,
        ) from error
    bases, good = str(whole.seq).upper(), str(kept.seq).upper()
    if not bases:
        raise InputError(_("the chromatogram holds no called bases"), source=source)
    if "phred_quality" not in whole.letter_annotations:
        raise InputError(
            _("the chromatogram holds no base qualities; call its bases again"), source=source
        )
    # Biopython returns the kept stretch, not where it lay; a stretch of 20 and more good
    # bases occurs once.
    start = bases.find(good) if good else 0
    return Chromatogram(bases, start, start + len(good))
