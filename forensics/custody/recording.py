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
from forensics.custody.rules import COMMON_TYPED, EventType

_Parameters = dict[str, tuple[str, object]]
"""Annotation and default by name; `Parameter.empty` for what must be given."""


class Recording:
    """A ledger with a method for each act."""


def _parameters(fields: list[Field]) -> _Parameters:
    parameters: _Parameters = {}
    for field in sorted(fields, key=lambda field: not field.required):
        annotation = f"list[{field.kind.annotation}]" if field.kind.many else field.kind.annotation
        required = (annotation, Parameter.empty)
        parameters[field.name] = required if field.required else (f"{annotation} | None", None)
    return parameters


OF_EVERY_ACT = _parameters([*COMMON_TYPED]) | {
    "actor": ("str | None", None),
    "occurred_at": ("str | None", None),
    "attachments": ("Sequence[str | os.PathLike[str]]", ()),
    "dry_run": ("bool", False),
}
"""Keywords that every act takes."""


def parameters_of(kind: EventType) -> _Parameters:
    """Return the keywords of an act beside `OF_EVERY_ACT`."""
    return _parameters([field for field in kind.typed if field not in COMMON_TYPED])


def _method(kind: EventType) -> Callable[..., Any]:
    def record(self: Any, **fields: Any) -> Any:
        return self.add(kind.name, **fields)

    own = parameters_of(kind)
    record.__name__ = kind.name
    record.__doc__ = "\n".join(
        [
            f"{kind.summary}\n\nAll else is as of `Ledger.add`.\n\nParameters\n----------",
            *(
                f"{name}\n    {kind.known[name].help or kind.known[name].kind.expected}"
                for name in own
            ),
        ]
    )
    keywords = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in (own | OF_EVERY_ACT).items()
    ]
    self = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    record.__signature__ = Signature([self, *keywords], return_annotation="Receipt")  # type: ignore[attr-defined]
    return record


for _kind in registry.TYPES.values():
    if not iskeyword(_kind.name):  # ledger.add("return", …)
        setattr(Recording, _kind.name, _method(_kind))
