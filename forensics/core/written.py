"""What a stored result says otherwise than this version would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """Where a stored result differs from what its fields give now.

    Sentences were written in the language of the run, by the version of the run. A result that was read back
    is stored as it was.

    Attributes
    ----------
    values : tuple of (str, object)
        Keys with the values that the record has.
    """

    values: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def compare(cls, record: Mapping[str, Any], now: Mapping[str, Any]) -> "Written":
        """Return how a record differs from what would be stored now."""
        return cls(
            tuple(
                (key, value)
                for key, value in record.items()
                if key not in now or not _is_same(value, now[key])
            )
        )

    def apply(self, now: dict[str, Any]) -> dict[str, Any]:
        """Return what is stored now as the record has it."""
        return now | dict(self.values)


def _is_same(recorded: Any, now: Any) -> bool:
    """Return whether a recorded value is what would be stored now; the ledger holds numbers as text."""
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        return recorded.keys() == now.keys() and all(
            _is_same(recorded[key], now[key]) for key in now
        )
    if isinstance(recorded, (list, tuple)) and isinstance(now, (list, tuple)):
        return len(recorded) == len(now) and all(map(_is_same, recorded, now))
    if isinstance(recorded, str) and isinstance(now, float):
        return recorded == repr(now)
    return bool(recorded == now) and isinstance(recorded, bool) == isinstance(now, bool)
