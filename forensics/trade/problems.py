"""What is wrong with records, however much of it: on disk, not in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, overload

from forensics.store.connections import open_temporary
from forensics.trade.record import Problem

__all__ = ["Problems"]

_COLUMNS = tuple(field.name for field in fields(Problem))
_TOGETHER = 5000


class Problems(Sequence[Problem]):
    """Problems in the order in which they were added, or in one of their columns.

    A million of them are a file of some hundred megabytes, which ends with the program.

    Attributes
    ----------
    counts : Counter of str
        By code.
    database : Connection
        Of that file; it may hold what is compared, too.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.database = open_temporary()
        kinds = {"row": "INTEGER", "seizure": "INTEGER", "specimen": "INTEGER"}
        columns = ", ".join(f'"{name}" {kinds.get(name, "TEXT")}' for name in _COLUMNS)
        self.database.execute(f"CREATE TABLE problems (place INTEGER PRIMARY KEY, {columns})")
        self._pending: list[tuple[Any, ...]] = []
        self._place = 0

    def add(self, problem: Problem) -> None:
        """Add a problem."""
        self.counts[problem.code] += 1
        self._place += 1
        self._pending.append((self._place, *(getattr(problem, name) for name in _COLUMNS)))
        if len(self._pending) >= _TOGETHER:
            self.write()

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems."""
        for problem in problems:
            self.add(problem)

    def write(self) -> None:
        """Write what was added into the file."""
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        pending, self._pending = self._pending, []
        self.database.executemany(f"INSERT INTO problems VALUES ({marks})", pending)

    def sort(self, order: str) -> None:
        """Put them into an order, in SQL; what is equal stays as it was added."""
        self.write()
        self.database.execute(
            f"CREATE TABLE sorted AS SELECT * FROM problems ORDER BY {order}, place"
        )
        self.database.execute("DROP TABLE problems")
        self.database.execute("ALTER TABLE sorted RENAME TO problems")

    def keep(self, severities: Collection[str]) -> None:
        """Forget those of other severities."""
        self.write()
        marks = ", ".join("?" * len(severities))
        self.database.execute(
            f"DELETE FROM problems WHERE severity NOT IN ({marks})", tuple(severities)
        )
        counts = self.database.execute("SELECT code, count(*) FROM problems GROUP BY code")
        self.counts = Counter(dict(counts.fetchall()))

    def __len__(self) -> int:
        return self.counts.total()

    def __iter__(self) -> Iterator[Problem]:
        return self._select("")

    @overload
    def __getitem__(self, place: int) -> Problem: ...
    @overload
    def __getitem__(self, place: slice) -> list[Problem]: ...
    def __getitem__(self, place: int | slice) -> Problem | list[Problem]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            taken = list(self._select(f"LIMIT {max(0, stop - start)} OFFSET {start}"))
            return taken[::step]
        return self[place : place + 1 or None][0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _select(self, where: str) -> Iterator[Problem]:
        self.write()
        names = ", ".join(f'"{name}"' for name in _COLUMNS)
        for row in self.database.execute(f"SELECT {names} FROM problems ORDER BY rowid {where}"):
            yield Problem(*row)
