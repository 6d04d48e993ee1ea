"""Arrays of a model, declared at the fields of its classes: written, and checked when they are read.

>>> @model_part
... class Counts:
...     groups: tuple[str, ...]
...     counts: np.ndarray = array("P, A", least=0)
>>> counts = Counts(("A", "B"), np.ones((2, 3)))
>>> arrays = pack_arrays(counts)
>>> unpack(Counts, to_stored(counts), arrays).groups
('A', 'B')
>>> unpack(Counts, to_stored(counts), {"counts": -np.ones((2, 3))})
Traceback (most recent call last):
    ...
ValueError: counts: not within 0 and the largest number

Fields that are not arrays are stored as `forensics.core.stored` says. A letter is a size that must be the same
wherever it stands in a class.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, cast, dataclass_transform

import numpy as np

from forensics.core.stored import not_stored, read_fields, to_stored  # noqa: F401

T = TypeVar("T")

_KEY = "forensics.array"
MAX = float(np.finfo(np.float64).max)
ABOVE_0 = float(np.nextafter(0.0, 1.0))
"""The least number of an array whose numbers must be above 0."""


@dataclass(frozen=True, slots=True)
class _Declared:
    shape: str
    dtype: Any
    key: str
    bounds: tuple[float, float] | None


def array(
    shape: str,
    dtype: Any = np.float64,
    *,
    key: str = "",
    least: float = -MAX,
    most: float = MAX,
    has_gaps: bool = False,
    default: Any = MISSING,
) -> Any:
    """Return the field of an array.

    Parameters
    ----------
    shape : str
        Sizes with commas between them: a letter or a number each.
    key : str
        Its name in the archive; by default that of the field.
    least, most : float
        Bounds of its numbers, which must be finite.
    has_gaps : bool
        Whether its numbers may be NaN; then none is checked.
    """
    bounds = None if has_gaps or dtype is bool else (least, most)
    return field(
        default=default, metadata={**not_stored(), _KEY: _Declared(shape, dtype, key, bounds)}
    )


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(array, field))
def model_part(cls: type[T]) -> type[T]:
    """Make a frozen dataclass of a class whose fields may be arrays."""
    return dataclass(frozen=True, eq=False)(cls)


def _declared(cls: type, prefix: str) -> dict[str, tuple[str, _Declared]]:
    """Return, by field, the name in the archive and what was declared."""
    return {
        each.name: (how.key or prefix + each.name, how)
        for each in fields(cls)
        if (how := each.metadata.get(_KEY)) is not None
    }


def pack_arrays(value: Any, prefix: str = "") -> dict[str, np.ndarray]:
    """Return the arrays of a dataclass by their names in an archive; `prefix` is before those without a key."""
    return {
        key: getattr(value, name)
        for name, (key, _how) in _declared(type(value), prefix).items()
        if getattr(value, name) is not None
    }


def unpack(
    cls: type[T],
    values: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    prefix: str = "",
    **given: Any,
) -> T:
    """Return a dataclass from its plain values, its arrays and the fields that are not stored with it.

    Raises
    ------
    KeyError, ValueError, InputError
        If something is missing, of another kind or shape, or out of bounds; or if ``is_sound()`` of the
        class says that its parts do not belong together.
    """
    sizes: dict[str, int] = {}
    found = read_fields(cls, values) | given
    for name, (key, how) in _declared(cls, prefix).items():
        if key in arrays or cls.__dataclass_fields__[name].default is MISSING:  # type: ignore[attr-defined]
            found[name] = _checked(arrays[key], key, how, sizes)
    made = cast(Any, cls(**found))
    if not getattr(made, "is_sound", lambda: True)():
        raise ValueError(f"the parts of {cls.__name__} do not fit together")
    return cast(T, made)


def _checked(values: np.ndarray, key: str, how: _Declared, sizes: dict[str, int]) -> np.ndarray:
    letters = how.shape.split(", ")
    expected = [
        int(letter) if letter.isdigit() else sizes.setdefault(letter, size)
        for letter, size in zip(letters, values.shape)
    ]
    if len(letters) != values.ndim or expected != list(values.shape):
        raise ValueError(f"{key}: shape {values.shape}, not {how.shape}")
    if how.dtype is bool and values.dtype != bool:
        raise ValueError(f"{key}: {values.dtype}, not bool")
    result = values.astype(how.dtype)
    if how.bounds is not None:
        least, most = how.bounds
        if not ((result >= least) & (result <= most)).all():
            raise ValueError(
                f"{key}: not within {least:g} and {'the largest number' if most == MAX else most}"
            )
    return result
