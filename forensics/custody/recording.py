"""The acts as methods of a ledger: ``ledger.receive(…)`` is ``ledger.add("receive", …)``.

They are made from the table of event types. For type checkers and editors ``docs/make_acts.py`` writes them into
``recording.pyi``.
"""

from collections.abc import Callable
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any

from forensics.custody import registry
from forensics.custody.fields import Field
from forensics.custody.rules import COMMON_FIELDS, ORDINALS, EventType

_NOT_GIVEN = {"type", "approved", "actor", "occurred_at", "attachments", *ORDINALS}
_OF_EVERY_ACT = {
    "actor": ("str | None", None),
    "occurred_at": ("str | None", None),
    "attachments": ("Sequence[str | os.PathLike[str]]", ()),
    "dry_run": ("bool", False),
}


class Recording:
    """A ledger with a method for each act."""


def parameters_of(kind: EventType) -> dict[str, tuple[str, object]]:
    """Return annotation and default of each keyword of an act; `Parameter.empty` where it must be given."""
    of_fields: dict[str, tuple[str, object]] = {}
    for field in _given(kind):
        annotation = field.kind.annotation
        if field.kind.many:
            annotation = f"list[{annotation}]"
        required = (annotation, Parameter.empty)
        of_fields[field.name] = required if field.required else (f"{annotation} | None", None)
    return of_fields | _OF_EVERY_ACT


def _given(kind: EventType) -> list[Field]:
    own = [field for field in (*kind.fields, *COMMON_FIELDS) if field.name not in _NOT_GIVEN]
    return sorted(own, key=lambda field: not field.required)


def _method(kind: EventType) -> Callable[..., Any]:
    def record(self: Any, **fields: Any) -> Any:
        return self.add(kind.name, **fields)

    record.__name__ = kind.name
    record.__doc__ = "\n".join(
        [
            f"{kind.summary}\n\nAll else is as of `Ledger.add`.\n\nParameters\n----------",
            *(f"{field.name}\n    {field.help or field.kind.expected}" for field in _given(kind)),
        ]
    )
    keywords = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in parameters_of(kind).items()
    ]
    self = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    record.__signature__ = Signature([self, *keywords], return_annotation="Receipt")  # type: ignore[attr-defined]
    return record


for _kind in registry.TYPES.values():
    if not iskeyword(_kind.name):  # ledger.add("return", …)
        setattr(Recording, _kind.name, _method(_kind))
