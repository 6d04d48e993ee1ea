"""Choices among many that every processor makes alike: the greatest, an order, a smallest set, an even sample.

Processors and builds of BLAS round sums differently: values that are equal in mathematics differ by some 1e-16
to 1e-12 of themselves, and the last bit would decide which of them is shown. Here values are equal that differ by
less than `TOLERANCE` of the greater one, and of equal values the first counts, in the order in which they are given:
populations, loci and samples as in their file, cells from north to south and from west to east, years from the
earliest, names by the alphabet.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# A thousand times what rounding was seen to do, and far less than anything that is shown.
TOLERANCE = 1e-9

Item = TypeVar("Item")


def greatest(
    values: "npt.ArrayLike", *, axis: int | None = None, are_logs: bool = False
) -> "np.ndarray":
    """Return the place of the greatest value, the first of equal ones; intp, as `numpy.argmax`.

    Parameters
    ----------
    values : array_like of float
        The negative ones of what is to be least.
    axis : int, optional
        By default the place among all values, flat.
    are_logs : bool
        Natural or common logarithms: equal where they differ by `TOLERANCE`, or by that share if they are
        above 1.

    Examples
    --------
    >>> int(greatest([0.2, 0.4, 0.4 + 1e-13]))
    1
    """
    import numpy as np

    values = np.asarray(values)
    top = values.max(axis=axis, keepdims=True)
    return np.asarray((values >= top - _apart(top, are_logs)).argmax(axis=axis))


def descending(values: "npt.ArrayLike", *, are_logs: bool = False) -> "np.ndarray":
    """Return the order from the greatest value to the least, equal ones as given; intp, as `numpy.argsort`.

    Values that differ little from their neighbours in the order are equal in a chain.

    Parameters
    ----------
    values : array_like of float, shape (..., k)
        The last axis is ordered.
    are_logs : bool
        As in `greatest`.

    Examples
    --------
    >>> descending([0.1, 0.4, 0.1 + 1e-15, 0.4 + 1e-13]).tolist()
    [1, 3, 0, 2]
    """
    import numpy as np

    values = np.asarray(values, dtype=np.float64)
    order = np.argsort(-values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    before, after = ordered[..., :-1], ordered[..., 1:]
    with np.errstate(invalid="ignore"):  # of infinite values
        is_less = ~((before == after) | (before - after <= _apart(before, are_logs)))
    group = np.zeros(order.shape, dtype=np.intp)
    np.cumsum(is_less, axis=-1, out=group[..., 1:])
    return np.take_along_axis(order, np.lexsort((order, group), axis=-1), axis=-1)


def _apart(values: "np.ndarray", are_logs: bool) -> "np.ndarray":
    """Return by how much a value may differ from these and be equal to them."""
    import numpy as np

    size = np.where(np.isfinite(values), np.abs(values), 0.0)
    return np.asarray(TOLERANCE * (np.maximum(size, 1.0) if are_logs else size))


def reaches(value: Any, level: Any) -> Any:
    """Return whether a number, or each of an array, is at least a level, but for rounding: bool, or an array of it.

    Examples
    --------
    >>> reaches(0.9499999999999999, 0.95), reaches(0.9499, 0.95)
    (True, False)
    """
    return value >= level - TOLERANCE * abs(level)


def smallest_set(
    probabilities: "np.ndarray", level: float, *, density: "np.ndarray | None" = None
) -> "np.ndarray":
    """Return the smallest set that holds a level, of the greatest values first.

    Of cells with a density those that are equal to the last one are in the set, too: where a surface or a
    date is flat, nothing prefers one cell to another.

    Parameters
    ----------
    probabilities : numpy.ndarray of float64, shape (..., k)
        The last axis sums to 1.
    level : float
        0-1.
    density : numpy.ndarray of float64, shape (..., k), optional
        What orders cells of unlike size; by default the probabilities order what is of no size.

    Returns
    -------
    numpy.ndarray of bool, shape (..., k)

    Examples
    --------
    >>> import numpy as np
    >>> smallest_set(np.array([0.1, 0.2, 0.7]), 0.9).tolist()
    [False, True, True]
    """
    import numpy as np

    order = descending(probabilities if density is None else density)
    before = np.cumsum(np.take_along_axis(probabilities, order, axis=-1), axis=-1)[..., :-1]
    is_needed = np.ones(order.shape, dtype=bool)
    is_needed[..., 1:] = ~reaches(before, level)
    result = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(result, order, is_needed, axis=-1)
    if density is not None:
        result |= reaches(density, np.where(result, density, np.inf).min(axis=-1, keepdims=True))
    return result


def by_value(values: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return names with their values, the greatest first, and equal ones by name.

    Examples
    --------
    >>> by_value({"b": 0.3, "c": 0.4, "a": 0.3 - 1e-15})
    [('c', 0.4), ('a', 0.299999999999999), ('b', 0.3)]
    """
    return ranked(sorted(values.items()), lambda item: item[1])


def ranked(items: Iterable[Item], value: Callable[[Item], float]) -> list[Item]:
    """Return items by a value of each, the greatest first, and equal ones as they are given.

    Examples
    --------
    >>> ranked(["fox", "badger", "otter", "wolverine"], len)
    ['wolverine', 'badger', 'otter', 'fox']
    """
    items = list(items)
    return [items[place] for place in descending([value(item) for item in items]).tolist()]


def evenly_spaced(count: int, most: int) -> "np.ndarray":
    """Return at most so many of `count` places, evenly spaced from the first to the last; intp.

    Examples
    --------
    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(3, 4).tolist(), evenly_spaced(0, 4).tolist()
    ([0, 3, 6, 9], [0, 1, 2], [])
    """
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.intp))
