"""What the card of a model of origins says beside its figures: use, limits, licence, how it was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forensics.clock import utc_now
from forensics.core.provenance import made_by_text
from forensics.messages import _

__all__ = ["Card", "describe_training", "list_names"]


@dataclass(frozen=True)
class Card:
    """What only a person can say of a model.

    Attributes
    ----------
    use : str
        What it is for.
    limits : tuple of str
        What it is not for; what the reference lacks. Every result repeats them.
    licence : str
        Of the data.
    replaces : str
        Name and version of an earlier model.
    """

    use: str = ""
    limits: tuple[str, ...] = ()
    licence: str = ""
    replaces: str = ""


def describe_training(
    card: Card,
    limits: Iterable[str],
    parameters: Mapping[str, Any],
    evaluation: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the part of the card of a model that says how it was made, what for, and how good it is."""
    return {
        "created": utc_now(),
        "software": made_by_text(),
        "use": card.use or _("Not stated by who trained it."),
        "limits": list(limits),
        "parameters": parameters,
        "evaluation": evaluation or _("Not evaluated: do not use it in casework."),
        "licence": card.licence or _("Not stated."),
        **({"replaces": card.replaces} if card.replaces else {}),
    }


def list_names(names: Sequence[str], most: int = 20) -> str:
    """Return names for a reader: the first of many, and how many more there are."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)
