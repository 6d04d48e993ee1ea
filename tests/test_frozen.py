"""Frozen dataclasses without compiled methods behave as those of the standard library do."""

import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.frozen import frozen
from tests.examples import examples


def _plain(name, decorate):
    @decorate
    class Made:
        """Of both kinds."""

        first: int
        second: str
        third: float = 0.5
        fourth: list = field(default_factory=list, compare=False)
        fifth: tuple = field(default=(), repr=False)

    Made.__qualname__ = name
    return Made


Ours = _plain("Made", frozen)
Theirs = _plain("Made", dataclass(frozen=True))


@frozen
class Picklable:
    """At the top of the module, where pickle finds it."""

    value: int


ARGUMENTS = st.tuples(
    st.lists(st.sampled_from([1, "a", 2.0]), max_size=6),
    st.dictionaries(
        st.sampled_from(["first", "second", "third", "fifth", "sixth"]), st.integers(0, 2)
    ),
)


@examples(200)
@given(ARGUMENTS, ARGUMENTS)
def test_it_takes_and_refuses_what_the_standard_decorator_does(one, other):
    def made(cls, arguments):
        try:
            return cls(*arguments[0], **arguments[1])
        except TypeError:
            return None

    ours, theirs = [[made(cls, a) for a in (one, other)] for cls in (Ours, Theirs)]
    assert [repr(a) for a in ours] == [repr(a) for a in theirs]
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])
    for a, b in zip(ours, theirs, strict=True):
        if a is not None:
            assert dataclasses.asdict(a) == dataclasses.asdict(b)
            assert hash(a) == hash(b)


@pytest.mark.parametrize("arguments", [{}, {"first": 1}, {"first": 1, "second": "", "sixth": 2}])
def test_a_wrong_call_is_a_type_error_that_names_the_field(arguments):
    with pytest.raises(TypeError, match="first|second|sixth"):
        Ours(**arguments)


def test_a_field_that_is_given_twice_is_refused():
    with pytest.raises(TypeError, match="first"):
        Ours(1, "a", first=2)


@pytest.mark.parametrize(
    "change", [lambda o: setattr(o, "first", 2), lambda o: delattr(o, "first")]
)
def test_nothing_is_changed(change):
    made = Ours(1, "a")
    with pytest.raises(FrozenInstanceError, match="'Made' is frozen: 'first'"):
        change(made)
    assert made.first == 1


def test_each_has_a_list_of_its_own():
    one, other = Ours(1, "a"), Ours(1, "a")
    one.fourth.append(1)
    assert other.fourth == []


def test_replace_and_fields_and_pickle_know_it():
    assert dataclasses.replace(Ours(1, "a"), second="b") == Ours(1, "b")
    assert [one.name for one in dataclasses.fields(Ours)][:2] == ["first", "second"]
    assert pickle.loads(pickle.dumps(Picklable(3))) == Picklable(3)


def test_its_signature_is_that_of_the_fields():
    parameters = inspect.signature(Ours).parameters
    assert list(parameters) == [one.name for one in dataclasses.fields(Ours)]
    assert parameters["third"].default == 0.5
    assert parameters["first"].default is inspect.Parameter.empty


def test_without_eq_each_equals_itself_alone():
    made = frozen(eq=False)(type("Made", (), {"__annotations__": {"value": int}}))
    one = made(1)
    assert one == one and one != made(1)


def test_what_comes_after_is_asked_and_may_refuse():
    @frozen
    class Checked:
        value: int

        def __post_init__(self):
            if self.value < 0:
                raise ValueError("negative")

    assert Checked(1).value == 1
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


def test_a_standard_frozen_dataclass_may_inherit_from_it():
    @dataclass(frozen=True)
    class Wider(Ours):
        sixth: int = 6

    assert Wider(1, "a").sixth == 6


def _made_of(annotations, **more):
    return frozen(type("Made", (), {"__annotations__": annotations, "__doc__": "x", **more}))


@pytest.mark.parametrize("kind", [ClassVar[int], "ClassVar[int]"])
def test_what_is_of_the_class_is_no_field(kind):
    made = _made_of({"first": int, "shared": kind}, shared=3)
    assert [one.name for one in dataclasses.fields(made)] == ["first"]
    assert made(1).shared == 3 and repr(made(1)) == "Made(first=1)"
    with pytest.raises(TypeError):
        made(1, 2)


def test_a_list_as_a_default_is_refused():
    with pytest.raises(ValueError, match="mutable default"):
        _made_of({"first": list}, first=[])


def test_a_field_without_a_default_after_one_with_it_is_refused():
    with pytest.raises(TypeError, match="'second' follows default"):
        _made_of({"first": int, "second": int}, first=1)


def test_fields_are_told_of_a_class_below_that_is_no_dataclass_of_its_own():
    made = _made_of({"first": int})
    below = type("Below", (made,), {})
    assert dataclasses.is_dataclass(below(1)) and dataclasses.asdict(below(1)) == {"first": 1}
    assert [one.name for one in dataclasses.fields(made)] == ["first"]


def test_it_is_matched_by_place():
    match Picklable(3):
        case Picklable(value):
            assert value == 3
