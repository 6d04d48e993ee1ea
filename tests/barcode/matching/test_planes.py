from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.matching import planes

SIZE = 70
BITMAPS = st.lists(st.integers(0, (1 << SIZE) - 1), max_size=40)
COUNTERS = st.lists(st.integers(0, 1000), min_size=SIZE, max_size=SIZE)


def read(counters: list[int]) -> list[int]:
    """Return the counters that planes hold, one by one."""
    return [sum((plane >> i & 1) << j for j, plane in enumerate(counters)) for i in range(SIZE)]


def write(values: list[int]) -> list[int]:
    """Return planes that hold `values`."""
    return [sum((value >> j & 1) << i for i, value in enumerate(values)) for j in range(10)]


@given(BITMAPS, st.lists(st.sets(st.integers(0, SIZE - 1)), max_size=20))
def test_totals_equal_a_plain_counter(bitmaps, sets):
    expected = Counter()
    for bitmap in bitmaps:
        expected.update(i for i in range(SIZE) if bitmap >> i & 1)
    for names in sets:
        expected.update(names)
    found = planes.total(bitmaps, [sorted(names) for names in sets], SIZE)
    assert read(found) == [expected[i] for i in range(SIZE)]


def test_totals_beyond_a_byte_are_right():
    found = planes.total([], [[3, 5]] * 700 + [[5]] * 80, SIZE)
    assert read(found) == [{3: 700, 5: 780}.get(i, 0) for i in range(SIZE)]


def test_nothing_counted_is_nothing():
    assert read(planes.total([], [], SIZE)) == [0] * SIZE


@given(COUNTERS, COUNTERS)
def test_sums_are_sums(one, other):
    expected = [x + y for x, y in zip(one, other)]
    assert read(planes.add(write(one), write(other))) == expected
    assert read(planes.add(write(one), [])) == one


@given(COUNTERS, COUNTERS)
def test_differences_are_differences(one, other):
    whole = [max(pair) for pair in zip(one, other)]
    part = [min(pair) for pair in zip(one, other)]
    found = planes.subtract(write(whole), write(part))
    assert read(found) == [x - y for x, y in zip(whole, part)]


@given(COUNTERS, st.integers(-5, 2000), st.integers(0, (1 << SIZE) - 1))
def test_comparisons_are_those_of_numbers(values, value, universe):
    inside = [i for i in range(SIZE) if universe >> i & 1]
    equal = planes.equal_to(write(values), value, universe)
    least = planes.at_least(write(values), value, universe)
    assert list(planes.bits(equal)) == [i for i in inside if values[i] == value]
    assert list(planes.bits(least)) == [i for i in inside if values[i] >= value]


@given(st.sets(st.integers(0, 5000)))
def test_bits_are_yielded_in_order(positions):
    assert list(planes.bits(sum(1 << position for position in positions))) == sorted(positions)
