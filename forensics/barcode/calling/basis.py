"""What a call rests on where no record is near: the locus of the query, and the calibration that holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forensics.barcode.defaults import FLOOR
from forensics.barcode.reference.library import Library
from forensics.core.notice import Notice
from forensics.notices.calls import FLOOR_CHANGED
from forensics.notices.search import LOCUS_NOT_IN_LIBRARY, NO_LOCUS

if TYPE_CHECKING:
    from forensics.barcode.calling.calibration import Calibration
    from forensics.barcode.recognition.recognise import Recognised

__all__ = ["choose_calibration", "recognise_far_query"]


def recognise_far_query(
    sequence: str, library: Library, fitting: Sequence[str]
) -> "tuple[str | None, Recognised | None]":
    """Return the locus of a query that is near to nothing, and how it was recognised.

    Parameters
    ----------
    sequence : str
    library : Library
    fitting : sequence of str
        Loci that were searched. Where there is only one, it is the answer.

    Returns
    -------
    locus : str or None
        None where it is not recognised, or the library lacks it.
    recognised : Recognised or None
    """
    if len(fitting) == 1:
        return fitting[0], None
    from forensics.barcode.recognition.recognise import recognise_locus  # seldom needed

    recognised = recognise_locus(sequence, library)
    if recognised and recognised.locus in fitting:
        return recognised.locus, recognised
    return None, recognised


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
        Both as `recognise_far_query` returns them.
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
