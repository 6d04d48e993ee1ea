"""FASTQ: the records of a file, with their qualities."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from forensics.barcode.quality import MAXIMUM_LENGTH
from forensics.barcode.sequence import clean
from forensics.errors import IncompleteInputError, InputError
from forensics.messages import _

__all__ = ["FastqEntry", "fastq_entries"]


class FastqEntry(NamedTuple):
    """A record as it stands in the file; `line` is that of its header, without ``@`` here."""

    header: str
    sequence: str
    qualities: str
    line: int

    def clean_qualities(self) -> str:
        """Return the qualities of the bases that `clean` leaves of the sequence."""
        left = len(clean(self.sequence))
        if left == len(self.sequence):
            return self.qualities
        # `clean` drops gaps everywhere and N at the ends.
        pairs = [
            (base, quality)
            for base, quality in zip(self.sequence, self.qualities)
            if clean(f"A{base}A") != "AA"
        ]
        outer = next((place for place, (base, _quality) in enumerate(pairs) if base not in "Nn"), 0)
        return "".join(quality for _base, quality in pairs[outer : outer + left])


def fastq_entries(lines: Iterable[tuple[int, str]], label: str) -> Iterator[FastqEntry]:
    """Read the records of FASTQ, whose sequences and qualities may be wrapped.

    Parameters
    ----------
    lines : iterable of (int, str)
        Numbered lines without their ends.
    label : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        Where a record is no FASTQ.
    IncompleteInputError
        Where the file ends inside a record.
    """
    lines = ((number, line) for number, line in lines if line)
    record = 0

    def fault(message: str, number: int, kind=InputError) -> InputError:
        return kind(message, source=label, record=record, line=number)

    cut_off = _("the file ends inside this record; copy it again")
    for first, header in lines:
        record += 1
        if not header.startswith("@"):
            raise fault(
                _("found {found!r}, expected '@' and a name").format(found=header[:20]), first
            )
        sequence, length, number = [], 0, first
        for number, line in lines:
            if line.startswith("+"):
                break
            length += len(line)
            if length > MAXIMUM_LENGTH:
                raise fault(_("the read is longer than any locus; is this FASTQ?"), number)
            sequence.append(line)
        else:
            raise fault(cut_off, number, IncompleteInputError)
        qualities, count = [], 0
        while count < length:
            following = next(lines, None)
            if following is None:
                raise fault(cut_off, number, IncompleteInputError)
            number, line = following
            count += len(line)
            qualities.append(line)
        if count != length:
            raise fault(
                _("found {found} qualities for {bases} bases; the file is damaged").format(
                    found=count, bases=length
                ),
                number,
            )
        yield FastqEntry(header[1:], "".join(sequence), "".join(qualities), first)
