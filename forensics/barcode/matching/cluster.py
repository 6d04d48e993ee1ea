"""Many searches on the machines of a Dask cluster (extra ``cluster``).

Each worker holds a part of the index, which it makes from the library's own file; the library must lie
under the same path on every machine. Where a worker is lost, Dask makes its part anew on
another and asks again what was not answered; the answers are those of one machine.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import forensics
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.processes import Asked
from forensics.barcode.matching.search import Search, search
from forensics.barcode.matching.sharding import merged, shard
from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.resources import sha256

__all__ = ["search_all"]

_LOT = 32
_AHEAD = 3
# Seconds until a scheduler that does not answer is given up, and how often a task is tried again
# where its worker was lost.
_PATIENCE = 20
_RETRIES = 5


def search_all(
    queries: Iterable[Asked], index_of: Callable[[str], Index], *, floor: float, scheduler: str
) -> Iterator[tuple[object, dict[str, Search]]]:
    """Yield what was asked for with its search at every locus, in the order of the queries.

    Parameters
    ----------
    queries : iterable of (object, str, sequence of str)
        Read no further than is worked at.
    index_of : callable
        From the name of a locus to its index, which must have been opened from a file.
    floor : float
        Identity under which nothing is a neighbour, 0-1.
    scheduler : str
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ForensicsError
        If Dask is not installed, the scheduler does not answer, has no workers, or these have
        another version of this package or another library.
    """
    client = _connected(scheduler)
    try:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        parts: dict[str, list] = {}
        queries, waiting = iter(queries), deque()
        while lot := list(islice(queries, _LOT)):
            asked: dict[str, list[str]] = {}
            for _item, sequence, loci in lot:
                for locus in loci:
                    asked.setdefault(locus, []).append(sequence)
            answers = {}
            for locus, sequences in asked.items():
                if locus not in parts:
                    parts[locus] = _parts(client, index_of(locus), workers)
                answers[locus] = [
                    client.submit(_answer, one, sequences, floor, retries=_RETRIES, pure=False)
                    for one in parts[locus]
                ]
            waiting.append((lot, answers))
            if len(waiting) > _AHEAD:
                yield from _told(*waiting.popleft(), index_of, floor)
        while waiting:
            yield from _told(*waiting.popleft(), index_of, floor)
    finally:
        client.close()


def _connected(scheduler: str):
    try:
        from distributed import Client
    except ImportError as error:
        raise ForensicsError(
            _("--scheduler needs Dask: pip install 'wildlife-forensics[cluster]'.")
        ) from error
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ForensicsError(
            _("The scheduler {address} does not answer: {error}.").format(
                address=scheduler, error=error
            )
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
        found = set(client.run(_version).values())
    except Exception as error:  # of the workers' own kind, where they lack this package
        client.close()
        raise ForensicsError(
            _(
                "The workers of {address} cannot be used: {error}. Start them where this package is "
                "installed."
            ).format(address=scheduler, error=error)
        ) from error
    if found != {forensics.__version__}:
        client.close()
        raise ForensicsError(
            _("The workers have version {found} of this package; expected is {expected}.").format(
                found=", ".join(sorted(found)), expected=forensics.__version__
            )
        )
    return client


def _parts(client, index: Index, workers: int) -> list:
    """Return the parts of an index as they will be on the workers."""
    number = max(1, min(workers, index.size))
    path, digest = str(Path(index.path).resolve()), sha256(Path(index.path))
    return [
        client.submit(_part, path, digest, part, number, retries=_RETRIES, pure=True)
        for part in range(number)
    ]


def _told(lot: list, answers: dict, index_of: Callable[[str], Index], floor: float) -> Iterator:
    told: dict[str, list[list[Search]]] = {}
    for locus, futures in answers.items():
        try:
            told[locus] = [future.result() for future in futures]
        except ForensicsError:
            raise
        except Exception as error:
            raise ForensicsError(
                _("The cluster gave no answer: {error}.").format(error=error)
            ) from error
    places = dict.fromkeys(told, 0)
    for item, sequence, loci in lot:
        found = {}
        for locus in loci:
            searches = [part[places[locus]] for part in told[locus]]
            places[locus] += 1
            found[locus] = merged(index_of(locus), sequence, searches, floor=floor)
        yield item, found


# -- on the workers ---------------------------------------------------------------

_MOST_OPENED = 16  # loci, and parts that came from lost workers
_opened: dict[int, tuple[bytes, Index]] = {}


def _version() -> str:
    return forensics.__version__


def _part(path: str, digest: str, part: int, parts: int) -> bytes:
    if sha256(Path(path)) != digest:
        raise ForensicsError(
            _("{path} is another file on this worker; copy the library there again.").format(
                path=path
            )
        )
    return shard(Index.open(Path(path)), part, parts)


def _answer(data: bytes, sequences: list[str], floor: float) -> list[Search]:
    # The bytes stay the same object as long as the worker holds them.
    if id(data) not in _opened:
        if len(_opened) >= _MOST_OPENED:
            _opened.clear()
        _opened[id(data)] = data, Index.loaded(data)
    index = _opened[id(data)][1]
    return [search(index, sequence, floor=floor) for sequence in sequences]
