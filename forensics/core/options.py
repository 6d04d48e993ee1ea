"""Options of a method: declared once, for scripts, for the command line and for provenance.

A class of options is a frozen dataclass with `option` in the place of `dataclasses.field`:

>>> @option_class
... class SearchOptions(Options):
...     floor: float = option(default=0.9, above=0, at_most=1, help=N_("Least identity."))
...     locus: str = option(help=N_("Locus to search."))
>>> SearchOptions(locus="COI").parameters()
{'floor': 0.9, 'locus': 'COI'}
>>> SearchOptions(locus="COI", floor=2)
Traceback (most recent call last):
    ...
forensics.errors.UsageError: floor: 2.0 is not in the range 0<x<=1.

A script calls the class, the command line makes its options from the same class
(`forensics.cli.options.options_of`), and `parameters` is what provenance records. So a default, a bound
and a help text stand in one place each. Modules of options stand beside their method and import no
NumPy, since a help text needs them.
"""

import math
import numbers
import os
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import (
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    NoReturn,
    Self,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from forensics.errors import UsageError
from forensics.messages import N_, _, ngettext

_KEY = "forensics.option"
_KINDS = (bool, int, float, str, Path)

T = TypeVar("T")
ClassT = TypeVar("ClassT", bound="type[Options]")


class Group(Enum):
    """Groups of options, in the order in which a help shows them; the values are their titles."""

    EXAMINE = N_("What to examine")
    RECORD = N_("What is recorded")
    DECIDE = N_("How to decide")
    OUTPUT = N_("Output")
    CUSTODY = N_("Custody")
    ADVANCED = N_("Advanced")


class Spec(NamedTuple):
    """What is known of one option.

    Attributes
    ----------
    name : str
        Name of the field, which is its name in a script.
    kind : type
        Of a value: bool, int, float, str, Path, or a class of `enum.Enum`.
    default : object
        `dataclasses.MISSING` where the option is required.
    many : bool
        Whether it takes several values; it then is a tuple.
    is_optional : bool
        Whether it may be None.
    at_least, above, at_most, below : float, optional
        Bounds of a number.
    choices : tuple of str
        The values that there are; empty where any is taken.
    help : str
        Not translated yet.
    group : Group
        Where a help shows it.
    is_rare : bool
        Whether only the whole help shows it.
    metavar : str, optional
        What a help writes in the place of a value.
    shown_default : str or callable, optional
        What a help shows as default where that is not the default itself.
    refused : str
        Text for a value that is out of bounds, not translated yet; ``{}`` is the value.
    key : str, optional
        Name in `Options.parameters`; None: it is not recorded.
    setting : str
        The setting of a laboratory or person that is the default of the command line
        (``forensics settings``); "": none.
    """

    name: str
    kind: type = str
    default: object = MISSING
    many: bool = False
    is_optional: bool = False
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    group: Group = Group.DECIDE
    is_rare: bool = False
    metavar: str | None = None
    shown_default: str | Callable[[], str] | None = None
    refused: str = ""
    key: str | None = None
    setting: str = ""

    @property
    def is_required(self) -> bool:
        """Whether there is no default."""
        return self.default is MISSING

    @property
    def has_bounds(self) -> bool:
        """Whether a number may be out of bounds."""
        return any(
            bound is not None for bound in (self.at_least, self.above, self.at_most, self.below)
        )

    def is_within(self, value: float) -> bool:
        """Return whether a number lies within the bounds; NaN lies within none."""
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
            and not math.isnan(value)
        )

    def range(self) -> str:
        """Return the bounds as a help shows them, such as ``0<=x<1``."""
        has_low = self.at_least is not None or self.above is not None
        has_high = self.at_most is not None or self.below is not None
        if has_low and not has_high:
            return f"x>={self.at_least}" if self.above is None else f"x>{self.above}"
        low = f"{self.above}<" if self.above is not None else f"{self.at_least}<="
        high = f"<{self.below}" if self.below is not None else f"<={self.at_most}"
        return f"{low if has_low else ''}x{high}"

    def checked(self, value: object) -> Any:
        """Return a value in its type: of a number the float, of a member's value the member.

        Raises
        ------
        UsageError
            If it is of another type, out of bounds, or none of the choices. Names the option.
        """
        if value is None and self.is_optional:
            return None
        if not self.many:
            return self._check_value(value)
        if isinstance(value, (list, tuple)):
            return tuple(self._check_value(part) for part in value)
        self._refuse(value, number_type=f"list of {self.kind.__name__}")

    def _check_value(self, value: object) -> Any:
        if issubclass(self.kind, Enum):
            if isinstance(value, self.kind):
                return value
            if value not in self.choices:
                self._refuse_choice(value)
            return self.kind(value)
        given = value
        if not isinstance(value, bool):
            # Numbers of NumPy, too; an integer is a number, a number is not an integer.
            if self.kind is float and isinstance(value, numbers.Real):
                value = float(value)
            elif self.kind is int and isinstance(value, numbers.Integral):
                value = int(value)
        if self.kind is bool and _is_numpy_bool(value):
            value = bool(value)
        if self.kind is Path and isinstance(value, str):
            value = Path(value)
        elif self.kind is str and isinstance(value, os.PathLike):
            value = os.fspath(value)
        is_bool = isinstance(value, bool)
        if not isinstance(value, self.kind) or is_bool != (self.kind is bool):
            self._refuse(value)
        if self.choices and value not in self.choices:
            self._refuse_choice(value)
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(value, _("{value!r} is not a finite number.").format(value=value))
        if isinstance(value, (int, float)) and self.has_bounds and not self.is_within(value):
            if self.refused:
                raise UsageError(_(self.refused).format(given))
            text = _("{value} is not in the range {range}.")
            self._refuse(value, text.format(value=value, range=self.range()))
        return value

    def _refuse_choice(self, value: object) -> NoReturn:
        text = ngettext(
            "{value!r} is not {choice}.", "{value!r} is not one of {choices}.", len(self.choices)
        )
        choices = ", ".join(map(repr, self.choices))
        self._refuse(value, text.format(value=value, choice=choices, choices=choices))

    def _refuse(self, value: object, text: str = "", number_type: str = "") -> NoReturn:
        text = text or _("{value!r} is not a valid {number_type}.").format(
            value=value, number_type=number_type or self.kind.__name__
        )
        message = f"{self.name}: {text}"
        raise UsageError(message)


class Options:
    """Base of the classes that `option_class` makes."""

    __slots__ = ()
    _specs: ClassVar[Mapping[str, Spec]] = {}

    def __post_init__(self) -> None:
        for name, spec in self._specs.items():
            object.__setattr__(self, name, spec.checked(getattr(self, name)))
        self.check()

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__qualname__}({values})"

    def check(self) -> None:
        """Raise `UsageError` where the values do not fit together; a class may say so of its own."""

    @classmethod
    def specs(cls) -> Mapping[str, Spec]:
        """Return what is known of each option, by its name, in the order of their declaration."""
        return cls._specs

    def given(self) -> dict[str, object]:
        """Return all options in plain values, by the names of their fields."""
        return {name: _plain(getattr(self, name)) for name in self._specs}

    def parameters(self) -> dict[str, object]:
        """Return the options in plain values, as provenance records them."""
        given = self.given()
        return {spec.key: given[name] for name, spec in self._specs.items() if spec.key is not None}

    @classmethod
    def of_record(cls, parameters: Mapping[str, Any], **more: Any) -> Self:
        """Return the options that a provenance names; numbers may be texts, as the ledger holds them, and codes numbers.

        Parameters
        ----------
        parameters : mapping
            From `parameters`.
        **more
            Options that it does not name, or names otherwise.

        Raises
        ------
        KeyError
            If one is missing: what was the default then may be another one now.
        """
        values = {}
        for name, spec in cls._specs.items():
            if spec.key is not None and name not in more:
                value = parameters[spec.key]
                is_plain = type(value) in (str, int, float) and spec.kind in (str, int, float)
                values[name] = spec.kind(value) if is_plain else value
        return cls(**values | more)


@overload
def option(
    *,
    default: T,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
    help: str = "",
    group: Group = Group.DECIDE,
    is_rare: bool = False,
    metavar: str | None = None,
    shown_default: str | Callable[[], str] | None = None,
    refused: str = "",
    key: str | None = "",
    setting: str = "",
) -> T: ...


@overload
def option(
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
    help: str = "",
    group: Group = Group.DECIDE,
    is_rare: bool = False,
    metavar: str | None = None,
    shown_default: str | Callable[[], str] | None = None,
    refused: str = "",
    key: str | None = "",
    setting: str = "",
) -> Any: ...


def option(*, default: Any = MISSING, key: str | None = "", **more: Any) -> Any:
    """Return the field of an option; without `default` it is required.

    Parameters
    ----------
    default : object, optional
    key : str, optional
        Name in provenance; by default that of the field, None where it is not recorded.
    **more
        As the attributes of `Spec`.
    """
    metadata = {_KEY: {"key": key, **more}}
    return (
        field(metadata=metadata)
        if default is MISSING
        else field(default=default, metadata=metadata)
    )


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option,))
def option_class(cls: ClassT) -> ClassT:
    """Make a frozen dataclass of options from a class with annotated fields.

    Raises
    ------
    TypeError
        If a field is none of `option`, or of a type that no option has.
    """
    # `Options` has what is the same for all: each method that dataclass makes takes a compiler's time at every start.
    made: Any = dataclass(frozen=True, kw_only=True, repr=False, eq=False)(cls)
    hints = get_type_hints(cls)
    specs = {}
    for member in fields(made):
        if _KEY not in member.metadata:
            raise TypeError(f"{cls.__name__}.{member.name} is not an option")
        specs[member.name] = _spec_of(
            member.name, hints[member.name], member.default, member.metadata[_KEY]
        )
    made._specs = specs
    return cast(ClassT, made)


def _spec_of(name: str, hint: Any, default: object, more: dict[str, Any]) -> Spec:
    more, is_optional = dict(more), False
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not types.NoneType]
        is_optional = len(parts) < len(get_args(hint))
        hint = parts[0] if len(parts) == 1 else hint
    many = get_origin(hint) is tuple
    if many:
        hint, *_rest = get_args(hint)
    choices = tuple(more.pop("choices", ()))
    if get_origin(hint) is Literal:
        choices, hint = get_args(hint), str
    if isinstance(hint, type) and issubclass(hint, Enum):
        choices = tuple(str(member.value) for member in hint)
    elif hint not in _KINDS:
        raise TypeError(f"{name}: an option of type {hint} is not known")
    key = more.pop("key")
    return Spec(
        name=name, kind=hint, default=default, many=many, is_optional=is_optional, choices=choices,
        key=name if key == "" else key, **more,
    )  # fmt: skip


def _is_numpy_bool(value: object) -> bool:
    """Return whether a value is a truth value of NumPy, as a cell of a DataFrame is."""
    return getattr(value, "dtype", None) == "bool" and getattr(value, "ndim", None) == 0


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


@option_class
class SeedOptions(Options):
    """Base of the options of a method that draws random numbers."""

    seed: int = option(default=1, at_least=0, help=N_("Of what is drawn."), group=Group.ADVANCED)
