"""Frozen dataclasses that cost next to nothing to define.

``dataclasses.dataclass(frozen=True)`` writes and compiles the source of six methods for each class. A
technician's one sample needs some fifty classes and waits for that longer than for its search (figures:
docs/decisions/0013-speed.md). `frozen` gives the same dataclass with methods that are shared instead. ``dataclasses.fields``, ``replace`` and ``asdict``
know its classes. Modules that ``forensics identify`` imports for one sample use it; elsewhere the
standard decorator does as well.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from typing import dataclass_transform

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
    dataclass(init=False, repr=False, eq=False)(cls)
    # So that the standard decorator lets a frozen dataclass inherit from it.
    cls.__dataclass_params__.frozen = True
    own = vars(cls)
    cls.__signature__ = _Signature()
    cls.__init__ = _init_of(cls)
    cls.__setattr__, cls.__delattr__ = _refuse("set"), _refuse("deleted")
    if "__repr__" not in own:
        cls.__repr__ = _repr
    if eq:
        cls.__eq__, cls.__hash__ = _comparison_of(cls)
    return cls


def _init_of(cls: type) -> Callable:
    found = fields(cls)
    names = tuple(one.name for one in found)
    defaults = {one.name: one.default for one in found if one.default is not MISSING}
    factories = [
        (one.name, one.default_factory) for one in found if one.default_factory is not MISSING
    ]
    # After so many values by place, these may be given by name.
    by_name = [frozenset(names[count:]) for count in range(len(names) + 1)]
    after, put = getattr(cls, "__post_init__", None), object.__setattr__

    def __init__(self, *args, **kwargs):
        count = len(args)
        if kwargs or count != len(names):
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


def _comparison_of(cls: type) -> tuple[Callable, Callable]:
    compared = attrgetter(*(one.name for one in fields(cls) if one.compare))

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
