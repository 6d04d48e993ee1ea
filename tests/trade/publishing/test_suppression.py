"""Small counts are hidden so that nobody can work them out."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.trade.publishing.suppression import OTHER, determined, merged, protect, tabulate

CELLS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(1, 9), min_size=1
)


def _solutions(table):
    """Return all tables that agree with what is shown, by trying (small tables only)."""
    hidden = sorted(table.hidden)
    fixed_rows, fixed_columns = dict(table.rows), dict(table.columns)
    for (row, column), count in table.cells.items():
        if (row, column) not in table.hidden:
            fixed_rows[row] -= count
            fixed_columns[column] -= count
    ranges = [range(min(fixed_rows[r], fixed_columns[c]) + 1) for r, c in hidden]
    for values in product(*ranges):
        rows, columns = dict.fromkeys(fixed_rows, 0), dict.fromkeys(fixed_columns, 0)
        for (row, column), value in zip(hidden, values):
            rows[row] += value
            columns[column] += value
        if rows == fixed_rows and columns == fixed_columns:
            yield dict(zip(hidden, values))


@settings(max_examples=60, deadline=None)
@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), st.integers(1, 4), min_size=1
    ),
    data=st.data(),
)
def test_a_cell_is_told_exactly_where_all_solutions_agree_on_it(cells, data):
    grid = sorted(product("ab", "xyz"))
    hidden = frozenset(data.draw(st.lists(st.sampled_from(grid), min_size=1, unique=True)))
    rows = {r: sum(n for (a, _), n in cells.items() if a == r) for r in "ab"}
    columns = {c: sum(n for (_, a), n in cells.items() if a == c) for c in "xyz"}

    class Told:
        pass

    table = Told()
    table.cells, table.hidden, table.rows, table.columns = cells, hidden, rows, columns
    found = list(_solutions(table))
    expected = {cell for cell in hidden if len({one[cell] for one in found}) == 1}
    assert determined(cells, hidden, hidden) == expected


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.integers(1, 60))))
def test_no_small_cell_of_a_published_table_can_be_worked_out(pairs):
    pairs = sorted(set(pairs))
    # A seizure is in one year and one country.
    pairs = list({seizure: (row, column, seizure) for row, column, seizure in pairs}.values())
    if len(pairs) < 3:
        return
    years = merged(((column, seizure) for _r, column, seizure in pairs), fewest=3)
    table = tabulate(pairs, fewest=3, columns=years)
    small = {cell for cell, count in table.cells.items() if count < 3}
    assert small <= table.hidden
    assert not determined(table.cells, table.hidden, small)
    assert all(count >= 3 for count in (*table.rows.values(), *table.columns.values()))
    assert sum(table.rows.values()) == sum(table.columns.values()) == len(pairs)


def test_a_second_cell_is_hidden_where_the_total_would_tell_the_first():
    cells = {
        ("a", "x"): 1,
        ("a", "y"): 9,
        ("b", "x"): 8,
        ("b", "y"): 7,
        ("b", "z"): 9,
        ("a", "z"): 8,
    }
    table = protect(cells, {("a", "x")}, fewest=3)
    assert ("a", "x") in table.hidden and len(table.hidden) == 4  # a ring
    assert ("a", "z") not in table.hidden  # the dearer ring stays


def test_a_cell_that_joins_two_rings_is_found_out_although_no_line_has_it_alone():
    ring = [
        ("a", "w"),
        ("a", "x"),
        ("b", "w"),
        ("b", "x"),
        ("c", "y"),
        ("c", "z"),
        ("d", "y"),
        ("d", "z"),
    ]
    bridge = ("a", "y")
    cells = dict.fromkeys([*ring, bridge], 5)
    assert determined(cells, [*ring, bridge], [bridge, ring[0]]) == {bridge}
    table = protect({**cells, ("c", "x"): 5}, {*ring, bridge}, fewest=3)
    assert not determined(table.cells, table.hidden, {bridge})


def test_small_rows_are_put_together_and_never_alone():
    keys = [("big", n) for n in range(9)] + [("mid", n) for n in range(10, 14)] + [("one", 20)]
    assert merged(keys, fewest=3) == {"big": "big", "mid": OTHER, "one": OTHER}


def test_many_records_of_one_seizure_are_still_a_small_cell():
    pairs = [("a", "x", 1)] * 9 + [("a", "y", n) for n in range(2, 9)]
    pairs += [("b", column, 20 + n) for n in range(8) for column in "xy"]
    assert ("a", "x") in tabulate(pairs, columns={"x": "x", "y": "y"}).hidden


def test_a_minimum_of_one_is_refused():
    with pytest.raises(UsageError):
        tabulate([("a", "x", 1)], fewest=1, columns={"x": "x"})
