"""Frozen dataclasses that cost next to nothing to define.

``dataclasses.dataclass(frozen=True)`` writes and compiles the source of six methods for each class. A
technician's one sample needs some fifty classes and waits for that longer than for its search (figures:
docs/decisions/0013-speed.md). `frozen` gives the same dataclass with methods that are shared instead. ``dataclasses.fields``, ``replace`` and ``asdict``
know its classes: what they ask of one is made when they ask. Modules that ``forensics identify`` imports for one sample use it; elsewhere the
standard decorator does as well.
"""

from collections.abc import Callable
from dataclasses import (
    KW_ONLY,
    MISSING,
    Field,
    FrozenInstanceError,
    InitVar,
    dataclass,
    fields,
    replace,
)
from operator import attrgetter
from typing import ClassVar, dataclass_transform

__all__ = ["frozen"]


@dataclass_transform(frozen_default=True)
def frozen(cls: type | None = None, *, eq: bool = True) -> type | Callable[[type], type]:
    """Make a class a dataclass whose instances are not changed.

    Parameters
    ----------
    cls : type
    eq : bool
        Whether instances are equal where their fields are; otherwise each equals itself alone.

    Examples
    --------
    >>> @frozen
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1) == Point(1, y=0)
    (Point(x=1, y=0), True)
    >>> Point(1).x = 2
    Traceback (most recent call last):
    dataclasses.FrozenInstanceError: 'Point' is frozen: 'x' cannot be set
    """
    return _made(cls, eq) if cls is not None else lambda one: _made(one, eq)


def _made(cls: type, eq: bool) -> type:
    own, simple = vars(cls), _simple(cls)
    if simple is None:
        _be_dataclass(cls)
        found = fields(cls)
        names = tuple(one.name for one in found)
        defaults = {one.name: one.default for one in found if one.default is not MISSING}
        factories = [
            (one.name, one.default_factory) for one in found if one.default_factory is not MISSING
        ]
        compared = tuple(one.name for one in found if one.compare)
    else:
        names, defaults = simple
        compared, factories = names, []
        cls.__dataclass_fields__ = _Fields(cls)
        cls.__match_args__ = names
    cls.__signature__ = _Signature()
    cls.__init__ = _init_of(cls, names, defaults, factories)
    cls.__setattr__, cls.__delattr__, cls.__replace__ = _not_set, _not_deleted, _replaced
    if "__repr__" not in own:
        cls.__repr__ = _repr
    if eq:
        cls.__eq__, cls.__hash__ = _comparison_of(compared)
    return cls


def _be_dataclass(cls: type) -> None:
    dataclass(init=False, repr=False, eq=False)(cls)
    # So that the standard decorator lets a frozen dataclass inherit from it.
    cls.__dataclass_params__.frozen = True


def _simple(cls: type) -> tuple[tuple[str, ...], dict] | None:
    """Return names and defaults where all fields are the class's own and plain; else None."""
    if any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__):
        return None
    own, annotations = vars(cls), cls.__dict__.get("__annotations__", {})
    if any(isinstance(own.get(name), Field) for name in annotations):
        return None
    if any(map(_is_no_field, annotations.values())):
        return None
    defaults = {name: own[name] for name in annotations if name in own}
    if any(type(one).__hash__ is None for one in defaults.values()):
        return None  # a list as a default, which dataclasses refuse
    return tuple(annotations), defaults


def _is_no_field(kind: object) -> bool:
    if isinstance(kind, str):
        return any(word in kind for word in ("ClassVar", "InitVar", "KW_ONLY"))
    return kind in (KW_ONLY, InitVar) or isinstance(kind, InitVar) or _origin(kind) is ClassVar


def _origin(kind: object) -> object:
    return getattr(kind, "__origin__", kind)


class _Fields:
    """The fields of a class as dataclasses know them, made when they ask."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def __get__(self, instance, owner):
        # Not a dataclass twice: what asks meanwhile finds the first answer.
        if isinstance(vars(self._cls)["__dataclass_fields__"], _Fields):
            _be_dataclass(self._cls)
        return vars(self._cls)["__dataclass_fields__"]


def _init_of(cls: type, names: tuple[str, ...], defaults: dict, factories: list) -> Callable:
    optional = {*defaults, *(name for name, _make in factories)}
    for before, name in zip(names, names[1:]):
        if before in optional and name not in optional:
            raise TypeError(f"non-default argument {name!r} follows default argument {before!r}")
    # After so many values by place, these may be given by name.
    by_name: dict[int, frozenset[str]] = {}
    after, put = getattr(cls, "__post_init__", None), object.__setattr__

    def __init__(self, *args, **kwargs):
        count = len(args)
        if kwargs or count != len(names):
            if count not in by_name:
                by_name[count] = frozenset(names[count:])
            if count > len(names) or not by_name[count].issuperset(kwargs):
                _refused(type(self), args, kwargs)
            given = {**defaults, **kwargs}
            for name, make in factories:
                if name not in kwargs:
                    given[name] = make()
            try:
                args += tuple([given[name] for name in names[count:]])
            except KeyError:
                _refused(type(self), args, kwargs)
        # One by one: an instance whose __dict__ is asked for takes twice the memory.
        for name, value in zip(names, args):
            put(self, name, value)
        if after is not None:
            after(self)

    return __init__


def _refused(cls: type, args: tuple, kwargs: dict) -> None:
    cls.__signature__.bind(*args, **kwargs)  # TypeError, in Python's own words
    raise AssertionError(cls)  # it was called as it should be


class _Signature:
    """What ``inspect.signature`` and ``help`` show of a class, made when they ask."""

    def __get__(self, instance, owner):
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    one.name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    annotation=one.type,
                    default=_shown_default(one),
                )
                for one in fields(owner)
            ]
        )


def _shown_default(field):
    from inspect import Parameter

    if field.default is not MISSING:
        return field.default
    return Parameter.empty if field.default_factory is MISSING else field.default_factory()


def _refuse(done: str) -> Callable:
    def refuse(self, name, *_value):
        raise FrozenInstanceError(f"{type(self).__name__!r} is frozen: {name!r} cannot be {done}")

    return refuse


_not_set, _not_deleted = _refuse("set"), _refuse("deleted")


def _replaced(self, /, **changes):
    return replace(self, **changes)


def _comparison_of(names: tuple[str, ...]) -> tuple[Callable, Callable]:
    compared = attrgetter(*names)

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return compared(self) == compared(other)

    def __hash__(self):
        return hash(compared(self))

    return __eq__, __hash__


def _repr(self):
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"
