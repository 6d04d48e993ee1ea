"""What a call rests on where no record is near: the locus of the query, and the calibration that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.defaults import FLOOR
from forensics.barcode.reference.library import Library
from forensics.core.notice import Notice
from forensics.notices.calls import FLOOR_CHANGED
from forensics.notices.search import LOCUS_NOT_IN_LIBRARY, NO_LOCUS
from forensics.notices.unusable import NOT_THIS_LOCUS

if TYPE_CHECKING:
    from forensics.barcode.calling.calibration import Calibration
    from forensics.barcode.recognition.foreign import Foreign
    from forensics.barcode.recognition.recognise import Recognised

__all__ = ["FarQuery", "choose_calibration", "recognise_far_query"]


@dataclass(frozen=True, slots=True)
class FarQuery:
    """What a query is of that is near to no record.

    Attributes
    ----------
    locus : str or None
        None where it is not recognised, or the library lacks it.
    recognised : Recognised or None
        How the locus was recognised; None where it was not, or one locus was searched alone.
    problem : Notice or None
        Why it is not of the loci that were searched, so that nothing can be said of it.
    """

    locus: str | None = None
    recognised: "Recognised | None" = None
    problem: Notice | None = None


def recognise_far_query(sequence: str, library: Library, fitting: Sequence[str]) -> FarQuery:
    """Return what a query is of that is near to nothing.

    Parameters
    ----------
    sequence : str
    library : Library
    fitting : sequence of str
        Loci that were searched. Where there is only one, it is the answer, unless the sequence is of another
        locus or of none (`forensics.barcode.recognition.foreign`).
    """
    from forensics.barcode.recognition.foreign import find_foreign  # seldom needed
    from forensics.barcode.recognition.recognise import recognise_locus

    if len(fitting) > 1 and (recognised := recognise_locus(sequence, library)):
        return FarQuery(recognised.locus if recognised.locus in fitting else None, recognised)
    foreign = find_foreign(sequence, library, fitting)
    if foreign is None:
        return FarQuery(fitting[0] if len(fitting) == 1 else None)
    if foreign.recognised is not None and foreign.recognised.locus not in library.loci:
        return FarQuery(recognised=foreign.recognised)
    return FarQuery(problem=_not_this_locus(foreign, ", ".join(fitting)))


def _not_this_locus(foreign: "Foreign", loci: str) -> Notice:
    if foreign.kind == "low_complexity":
        return NOT_THIS_LOCUS("low_complexity", entropy=foreign.entropy)
    if foreign.kind == "ribosomal":
        return NOT_THIS_LOCUS("ribosomal", loci=loci, species=foreign.likeness)
    if foreign.recognised is not None:
        return NOT_THIS_LOCUS("other_locus", loci=loci, locus=foreign.recognised.locus)
    return NOT_THIS_LOCUS("no_locus", loci=loci)


def choose_calibration(
    library: Library, locus: str | None, recognised: "Recognised | None", floor: float
) -> "tuple[Calibration | None, Notice | None]":
    """Return the calibration that holds for a query, or a warning that says why none does.

    Both are None where the library has no calibration of the locus.

    Parameters
    ----------
    library : Library
    locus : str or None
    recognised : Recognised or None
        Both as of `recognise_far_query`.
    floor : float
        Of the search; the calibration was learnt at the default.
    """
    if floor != FLOOR:
        return None, FLOOR_CHANGED(floor=FLOOR)
    if locus:
        return library.calibration(locus), None
    if recognised:
        return None, LOCUS_NOT_IN_LIBRARY(locus=recognised.locus)
    return None, NO_LOCUS()
