"""Where an animal was found: degrees as people write them, and what is odd about them."""

import numpy as np

from forensics.errors import InputError
from forensics.genetics.cells import broken
from forensics.io.cells import printable
from forensics.io.coordinates import LETTERS, Axis, parse_degrees
from forensics.messages import _, ngettext

__all__ = ["MISSING_COORDINATES", "SWAP_DISTANCE", "degrees", "located"]

# Cells that say "no coordinate", compared without case and blanks. Codes of missing alleles such as -9 and -99 are
# not among them: both are coordinates.
MISSING_COORDINATES = frozenset(
    ["", "na", "n/a", "nan", "none", "null", "nd", ".", "?", "??", "-", "--", "n", "nn"]
)
# Numbers that no coordinate can be, by which programs and people say "missing" (SCAT: -999).
_MISSING_NUMBERS = frozenset([999.0, 9999.0, 99999.0])
# The code of a missing allele of STRUCTURE and PLINK; as both coordinates it is a place in the South Atlantic.
_ALLELE_CODE = -9.0

# A place farther from the middle of the others than this, in degrees of latitude plus longitude,
# that comes at least four times nearer when its two numbers change places.
SWAP_DISTANCE = 20.0
_SWAP_RATIO = 4.0


def degrees(text: str, *, most: float, animal: str, column: str, source: str | None) -> float:
    """Return degrees; NaN where the cell is empty or one of `MISSING_COORDINATES`.

    Decimal points and commas, a sign or a letter (``12.5 S``); minutes are refused. 999, 9999 and 99999 of
    either sign count as missing.

    Raises
    ------
    InputError
        With the animal and the column, if it is no such number or beyond `most`.
    """
    text = text.strip()
    if text.casefold() in MISSING_COORDINATES:
        return np.nan
    axis: Axis = "latitude" if most == 90 else "longitude"
    try:
        if broken(text):
            raise ValueError(text)
        value = parse_degrees(text, axis)
    except ValueError:
        raise InputError(
            _(
                "animal {animal}, column {column}: {found} is not decimal degrees. Write it like "
                "-12.3456 or 12.3456 {letter}, without minutes and seconds"
            ).format(
                animal=printable(animal),
                column=printable(column),
                found=repr(printable(text)),
                letter=LETTERS[axis][1],
            ),
            source=source,
        ) from None
    if abs(value) in _MISSING_NUMBERS:
        return np.nan
    if abs(value) > most:
        raise InputError(
            _(
                "animal {animal}, column {column}: {found} is beyond {most} degrees. Are latitude "
                "and longitude exchanged, or are these metres of a projection? Degrees (WGS 84) "
                "are expected; if it is not a coordinate, name the right columns with the options "
                "latitude and longitude"
            ).format(
                animal=printable(animal),
                column=printable(column),
                found=printable(text),
                most=int(most),
            ),
            source=source,
        )
    return value


def located(
    latitudes: np.ndarray, longitudes: np.ndarray, animals: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return coordinates of which both are known, and notes on what is odd.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    animals : tuple of str, length n
    """
    notes = []
    half = np.isnan(latitudes) != np.isnan(longitudes)
    if half.any():
        notes.append(
            ngettext(
                "{count} animal has only one of its two coordinates; it counts as without a "
                "place: {names}",
                "{count} animals have only one of their two coordinates; they count as without a "
                "place: {names}",
                int(half.sum()),
            ).format(count=int(half.sum()), names=_names(animals, half))
        )
    unknown = np.isnan(latitudes) | np.isnan(longitudes)
    latitudes = np.where(unknown, np.nan, latitudes)
    longitudes = np.where(unknown, np.nan, longitudes)
    zero = (latitudes == 0) & (longitudes == 0)
    if zero.any():
        notes.append(
            ngettext(
                "{count} animal lies at latitude 0, longitude 0, in the sea: is its place "
                "unknown? {names}",
                "{count} animals lie at latitude 0, longitude 0, in the sea: are their places "
                "unknown? {names}",
                int(zero.sum()),
            ).format(count=int(zero.sum()), names=_names(animals, zero))
        )
    coded = (latitudes == _ALLELE_CODE) & (longitudes == _ALLELE_CODE)
    if coded.any():
        notes.append(
            ngettext(
                "{count} animal lies at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
                "place, leave these cells empty: {names}",
                "{count} animals lie at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
                "place, leave these cells empty: {names}",
                int(coded.sum()),
            ).format(count=int(coded.sum()), names=_names(animals, coded))
        )
    if not unknown.all():
        middle = np.nanmedian(latitudes), np.nanmedian(longitudes)
        here = np.abs(latitudes - middle[0]) + np.abs(longitudes - middle[1])
        there = np.abs(longitudes - middle[0]) + np.abs(latitudes - middle[1])
        with np.errstate(invalid="ignore"):
            swapped = (here > SWAP_DISTANCE) & (there * _SWAP_RATIO < here) & ~zero
        if swapped.any():
            notes.append(
                ngettext(
                    "{count} animal lies far from the others, and near them with latitude and "
                    "longitude exchanged: {names}",
                    "{count} animals lie far from the others, and near them with latitude and "
                    "longitude exchanged: {names}",
                    int(swapped.sum()),
                ).format(count=int(swapped.sum()), names=_names(animals, swapped))
            )
    return latitudes, longitudes, tuple(notes)


def _names(animals: tuple[str, ...], which: np.ndarray, most: int = 5) -> str:
    rows = np.flatnonzero(which)
    shown = ", ".join(printable(animals[row]) for row in rows[:most])
    return shown + (" …" if len(rows) > most else "")
