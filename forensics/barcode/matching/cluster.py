"""Many searches on the machines of a Dask cluster (extra ``cluster``), for scripts.

Each worker opens the library's own indexes, which must lie under the same path on every machine. Where a
worker is lost, Dask asks again what was not answered; the answers are those of one machine.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import forensics
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Search, SearchLoci
from forensics.core.parallel import in_turn
from forensics.errors import ForensicsError, LibraryError, importing
from forensics.io.files import sha256
from forensics.messages import _

_Item = TypeVar("_Item")
SearchTask = tuple[_Item, str, Sequence[str]]
"""What it is asked for, a clean sequence, and the loci to search."""

# Queries of a task, and tasks that are asked for ahead, for each worker.
_LOT = 32
_AHEAD = 3
# Seconds until a scheduler that does not answer is given up, and how often a task is tried again
# where its worker was lost.
_PATIENCE = 20
_RETRIES = 5
# Dask tells of lost machines on standard error, with its own tracebacks. What matters of it is reported
# in an error, or mended.
_QUIET = {"distributed": "critical", "distributed.client": "critical"}


class Cluster:
    """A Dask scheduler that was reached. Made by `reached`.

    Parameters
    ----------
    scheduler : str
        Its address, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ForensicsError
        If Dask is not installed, the scheduler does not answer, has no workers, or one of these
        machines does not have this package in this version.
    """

    def __init__(self, scheduler: str) -> None:
        self._client = _connected(scheduler)
        self._files: dict[Path, tuple[str, str]] = {}

    def close(self) -> None:
        """Give up what was asked and not answered."""
        self._client.close()

    def search_all(
        self,
        queries: Iterable[SearchTask[_Item]],
        index_of: Callable[[str], Index],
        search: SearchLoci,
    ) -> Iterator[tuple[_Item, dict[str, Search]]]:
        """Yield what was asked for with its search at every locus, in the order of the queries.

        Parameters
        ----------
        queries : iterable of (object, str, sequence of str)
            Read no further than is worked at.
        index_of : callable
            From the name of a locus to its index, which must have been opened from a file.
        search : callable
            `search_loci` with its options.

        Raises
        ------
        LibraryError
            If an index is in memory alone.
        ForensicsError
            If the workers have another library, or give no answer.
        """

        def ask(lot: list[SearchTask]) -> object:
            tasks = [
                (sequence, {locus: self._file_of(index_of(locus)) for locus in loci})
                for _item, sequence, loci in lot
            ]
            return self._submit(_answer, tasks, search)

        def unpack(lot: list[SearchTask], answer: object) -> Iterator[tuple]:
            for (item, _sequence, _loci), searches in zip(lot, self._result(answer)):
                yield item, searches

        workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
        return in_turn(queries, ask, unpack, lot=_LOT, ahead=_AHEAD * max(1, workers))

    def _file_of(self, index: Index) -> tuple[str, str]:
        """Return the file of an index and its SHA-256, by which workers know that they have the same."""
        if index.path is None:
            raise LibraryError(
                _(
                    "The index of {locus} is missing or out of date, and the workers open it from its "
                    "file. Build the library again: forensics library build."
                ).format(locus=index.locus)
            )
        if index.path not in self._files:
            path = index.path.resolve()
            self._files[index.path] = str(path), sha256(path)
        return self._files[index.path]

    def _result(self, future: Any) -> list[dict[str, Search]]:
        """Wait for an answer, and for lost workers to be replaced, but not for ever."""
        without = 0
        while True:
            try:
                with _answering():
                    return future.result(timeout=_PATIENCE)
            except TimeoutError:
                workers = self._client.scheduler_info(n_workers=-1)["workers"]
                without = 0 if workers else without + 1
            if without == 2:
                raise ForensicsError(
                    _(
                        "The cluster has had no workers for {seconds} seconds; start some and "
                        "run again."
                    ).format(seconds=without * _PATIENCE)
                )

    def _submit(self, function: Callable, *arguments: object) -> object:
        with _answering():
            return self._client.submit(
                function, *arguments, forensics.__version__, retries=_RETRIES, pure=False
            )


@contextmanager
def reached(scheduler: str | Cluster | None) -> Iterator[Cluster | None]:
    """Give the cluster of an address while it is needed; one that was reached already stays open.

    Without an address there is none. Raises as `Cluster` does.
    """
    if scheduler is None or isinstance(scheduler, Cluster):
        yield scheduler
        return
    cluster = Cluster(scheduler)
    try:
        yield cluster
    finally:  # also where somebody interrupts
        cluster.close()


def _connected(scheduler: str):
    with importing("cluster"):
        import dask

        # Set when it is loaded; a program that uses Dask itself keeps what it chose.
        with dask.config.set(logging=dask.config.get("logging", _QUIET)):
            from distributed import Client
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
        # The scheduler reads what is asked, and needs the package for it, too.
        versions = {client.run_on_scheduler(_version), *client.run(_version).values()}
    except Exception as error:  # of their own kind, where they lack this package
        client.close()
        raise ForensicsError(
            _(
                "The cluster at {address} cannot be used: {error}. Start its scheduler and its workers "
                "where this package is installed."
            ).format(address=scheduler, error=str(error).strip().rstrip("."))
        ) from error
    if versions != {forensics.__version__}:
        client.close()
        raise _of_other_version(versions, forensics.__version__)
    return client


def _of_other_version(versions: Iterable[str], expected: str) -> ForensicsError:
    return ForensicsError(
        _("The cluster has version {found} of this package; expected is {expected}.").format(
            found=", ".join(sorted(versions)), expected=expected
        )
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Tell what goes wrong between the machines in words; what the workers refuse is in words already."""
    try:
        yield
    except (ForensicsError, TimeoutError):
        raise
    except Exception as error:
        raise ForensicsError(
            _("The cluster gave no answer: {error}.").format(error=str(error).strip().rstrip("."))
        ) from error


# -- on the workers ---------------------------------------------------------------


def _version() -> str:
    return forensics.__version__


def _check(version: str) -> None:
    """Refuse on a worker that joined later and has another version."""
    if version != forensics.__version__:
        raise _of_other_version([forensics.__version__], version)


@cache
def _opened(path: str, digest: str) -> Index:
    if sha256(Path(path)) != digest:
        raise ForensicsError(
            _("{path} is another file on this worker; copy the library there again.").format(
                path=path
            )
        )
    return Index.open(Path(path))


def _answer(
    tasks: list[tuple[str, dict[str, tuple[str, str]]]], search: SearchLoci, version: str
) -> list[dict[str, Search]]:
    _check(version)
    files = {locus: file for _sequence, of_query in tasks for locus, file in of_query.items()}
    return search(
        [(sequence, tuple(of_query)) for sequence, of_query in tasks],
        lambda locus: _opened(*files[locus]),
    )
