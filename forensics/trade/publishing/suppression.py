"""Tables of counts in which no small cell can be found out: primary and secondary suppression.

A table of counts over two dimensions is published with its totals. Rows and columns whose total is small
are put together first, so that every total may be shown. Cells that are small are hidden (primary), and
then others (secondary), until each small cell could have another value that agrees with all that is
shown [1]_.

Two such tables that share one dimension, and that alone, protect each other's cells no less than
their own: with equal totals over the shared dimension any two solutions fit together (their model is
decomposable [2]_). A third table over the other two dimensions would break this, and is not made.

References
----------
.. [1] Hundepool A et al. (2012) Statistical Disclosure Control. Wiley. doi:10.1002/9781118348239
.. [2] Dobra A, Fienberg SE (2000) Bounds for cell entries in contingency tables given marginal totals
   and decomposable graphs. PNAS 97:11885-11892. doi:10.1073/pnas.97.22.11885
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forensics.core.grouping import gathered
from forensics.errors import ForensicsError, UsageError
from forensics.messages import _

Cell = tuple[str, str]  # row and column
Node = tuple[int, str]  # 0 and a row, or 1 and a column

MIN_SEIZURES = 3
"""Seizures that a count needs at least to be shown: the usual minimum of the handbook (section 4.2.1)."""
OTHER = "other"
"""Row or column in which small ones are put together."""


@dataclass(frozen=True)
class CountTable:
    """Counts over two dimensions, with what is hidden.

    Attributes
    ----------
    cells : mapping of (str, str) to int
        Those above 0, hidden ones too.
    hidden : frozenset of (str, str)
    rows, columns : mapping of str to int
        Totals; all are shown.
    row_of, column_of : mapping of str to str
        Under which name a row or a column is shown.
    """

    cells: Mapping[tuple[str, str], int]
    hidden: frozenset[tuple[str, str]]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    row_of: Mapping[str, str] = field(default_factory=dict)
    column_of: Mapping[str, str] = field(default_factory=dict)


def tabulate(
    pairs: Iterable[tuple[str, str, int]], *, fewest: int = MIN_SEIZURES, columns: Mapping[str, str]
) -> CountTable:
    """Count, put small rows together, and hide what must be.

    Parameters
    ----------
    pairs : iterable of (str, str, int)
        Row, column and id of the seizure, one for each record. A seizure counts once in a cell for
        each record, but many records of few seizures are still a small cell.
    fewest : int
    columns : mapping of str to str
        Column, or the one it is put into; see `merged`. The same for all tables that share it.

    Raises
    ------
    UsageError
        If `fewest` is below 2: nothing would be protected.
    """
    if fewest < 2:
        raise UsageError(
            _("At least {found} seizures a cell; expected 2 or more.").format(found=fewest)
        )
    triples = [(row, columns[column], seizure) for row, column, seizure in pairs]
    rows = merged(((row, seizure) for row, _column, seizure in triples), fewest=fewest)
    triples = [(rows[row], column, seizure) for row, column, seizure in triples]
    counts = Counter((row, column) for row, column, _seizure in triples)
    seizures: dict[tuple[str, str], set[int]] = {}
    for row, column, seizure in triples:
        seizures.setdefault((row, column), set()).add(seizure)
    small = {cell for cell, members in seizures.items() if len(members) < fewest}
    table = protect(dict(counts), small, fewest=fewest)
    return replace(table, row_of=rows, column_of=columns)


def merged(keys: Iterable[tuple[str, int]], *, fewest: int = MIN_SEIZURES) -> dict[str, str]:
    """Return under which name each row (or column) is shown, so that every total is large enough.

    Small ones become `OTHER`, together with the next larger while they are one alone or few.
    """
    members: dict[str, set[int]] = {}
    for key, seizure in keys:
        members.setdefault(key, set()).add(seizure)
    order = sorted(members, key=lambda key: (len(members[key]), key))
    pooled: list[str] = []
    together: set[int] = set()
    for key in order:
        enough = len(pooled) >= 2 and len(together) >= fewest
        if len(members[key]) >= fewest and (not pooled or enough):
            break
        pooled.append(key)
        together |= members[key]
    return {key: OTHER if key in pooled else key for key in members}


def protect(
    cells: Mapping[tuple[str, str], int],
    small: Iterable[tuple[str, str]],
    *,
    fewest: int = MIN_SEIZURES,
) -> CountTable:
    """Hide small cells, and others until no small one can be worked out.

    A small cell that `determined` tells gets a ring of hidden cells, the one that costs the smallest
    counts; and what is hidden in its row and in its column adds up to `fewest` or more.

    Raises
    ------
    ForensicsError
        If all cells are hidden and the totals alone tell a small one. Totals of `fewest` or more,
        as `tabulate` has them, never do.
    """
    sensitive = set(small)
    hidden = set(sensitive)
    lines: tuple[Counter[Any], Counter[Any]] = (Counter(), Counter())
    for cell, count in cells.items():
        for axis in (0, 1):
            lines[axis][cell[axis]] += count
    while True:
        for cell in sorted(determined(cells, hidden, sensitive)):
            if determined(cells, hidden, {cell}):  # what was hidden for another may do for it
                hidden |= _ring(cells, hidden, cell, lines)
        thin = _thin(cells, hidden, sensitive, fewest)
        if not thin:
            break
        hidden |= thin
        sensitive |= thin  # one that is known again does not add to what is not
    return CountTable(dict(cells), frozenset(hidden), dict(lines[0]), dict(lines[1]))


def _ring(
    cells: Mapping[Cell, int],
    hidden: Collection[Cell],
    cell: Cell,
    lines: tuple[Collection[str], ...],
) -> set[Cell]:
    """Return what must be hidden for a cell to have another value, at the least loss of counts."""
    row, column = cell
    best: tuple[Any, ...] = ()
    for other_row in lines[0]:
        for other_column in lines[1]:
            corners = (row, other_column), (other_row, column), (other_row, other_column)
            first, two, far = (cells.get(corner, 0) for corner in corners)
            # One more here is one less in its row and column, and one more at the far corner.
            possible = (first and two) or (cells.get(cell, 0) and far)
            if other_row == row or other_column == column or not possible:
                continue
            shown = [corner for corner in corners if corner not in hidden]
            candidate = (sum(cells.get(corner, 0) for corner in shown), len(shown), shown)
            if not best or candidate < best:
                best = candidate
    if best:
        return set(best[2])
    shown = [(r, c) for r in lines[0] for c in lines[1] if (r, c) not in hidden]
    if not shown:
        raise ForensicsError(_("The totals reveal cells that must stay hidden."))
    return set(shown)


def _thin(
    cells: Mapping[Cell, int], hidden: Collection[Cell], sensitive: Iterable[Cell], fewest: int
) -> set[Cell]:
    """Return what else must be hidden, so that the hidden ones of a line add up to enough."""
    more = set()
    for axis in (0, 1):
        for name in {cell[axis] for cell in sensitive}:
            line = [cell for cell in cells if cell[axis] == name]
            shown = [cell for cell in line if cell not in hidden]
            if shown and sum(cells[cell] for cell in line if cell in hidden) < fewest:
                more.add(min(shown, key=lambda cell: (cells[cell], cell)))
    return more


def determined(
    cells: Mapping[tuple[str, str], int],
    hidden: Iterable[tuple[str, str]],
    sensitive: Iterable[tuple[str, str]],
) -> set[tuple[str, str]]:
    """Return the hidden cells that someone can work out who knows all totals and all other cells.

    A hidden cell is a whole number, 0 among them. It can be another one if there is a ring of hidden
    cells along which one is added and taken away in turn: a directed cycle in the graph of rows and
    columns, where a cell of 0 cannot be lessened. So the test is exact.

    Returns
    -------
    set of (str, str)
        Of `sensitive`.
    """
    ahead: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for row, column in hidden:
        ahead.setdefault((0, row), set()).add((1, column))  # one more
        if cells.get((row, column), 0):
            ahead.setdefault((1, column), set()).add((0, row))  # one less
    certain = set()
    for row, column in sensitive:
        more = _reaches(ahead, (1, column), (0, row))
        less = cells.get((row, column), 0) > 0 and _reaches(ahead, (0, row), (1, column))
        if not more and not less:
            certain.add((row, column))
    return certain


def told_by_change(
    before: CountTable, after: CountTable, changed: Collection[tuple[str, str, int]], *, fewest: int
) -> set[int]:
    """Return the seizures of which two publications together tell the row, the column or the cell.

    Who has both can subtract them: the table of what changed has its totals and every cell that both
    show. It is held against the rule of one table: a total or a cell on which fewer than `fewest` seizures
    rest must not be shown, and the rest must not tell it.

    Parameters
    ----------
    before, after : CountTable
        As `tabulate` made them.
    changed : collection of (str, str, int)
        Row, column and id of the seizure of each record that only one of them counts.
    fewest : int
    """
    rows = _joined(before.row_of, after.row_of)
    columns = _joined(before.column_of, after.column_of)
    hidden = {
        (rows[row], columns[column])
        for table in (before, after)
        for row, column in (
            (name, year)
            for name, shown in table.row_of.items()
            for year, shown_year in table.column_of.items()
            if (shown, shown_year) in table.hidden
        )
    }
    parts: dict[Cell, set[int]] = {}
    counts: Counter[Cell] = Counter()
    lines: dict[Node, set[int]] = {}
    for row, column, seizure in changed:
        cell = (rows.get(row, row), columns.get(column, column))
        parts.setdefault(cell, set()).add(seizure)
        counts[cell] += 1
        for axis in (0, 1):
            lines.setdefault((axis, cell[axis]), set()).add(seizure)
    small = {cell for cell, seizures in parts.items() if len(seizures) < fewest}
    told = (small - hidden) | determined(counts, hidden, small & hidden)
    alone = [seizures for seizures in lines.values() if len(seizures) < fewest]
    return set().union(*alone, *(parts[cell] for cell in told))


def _joined(*shown: Mapping[str, str]) -> dict[str, str]:
    """Return for each name the smallest set, by one of its names, that both publications put together."""
    of = {name: name for names in shown for name in names}
    for names in shown:
        for members in gathered((group, name) for name, group in names.items()).values():
            joined = {of[name] for name in members}
            of = {name: min(joined) if block in joined else block for name, block in of.items()}
    return of


def _reaches(ahead: Mapping[Node, Iterable[Node]], start: Node, end: Node) -> bool:
    """Whether there is a way from `start` to `end` that is not the one step between them."""
    seen, waiting = {start}, deque([start])
    while waiting:
        here = waiting.popleft()
        for there in ahead.get(here, ()):
            if here == start and there == end:
                continue
            if there == end:
                return True
            if there not in seen:
                seen.add(there)
                waiting.append(there)
    return False
