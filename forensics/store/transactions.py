"""Transactions: all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from forensics.store import Connection

__all__ = ["transaction"]


@contextmanager
def transaction(
    connection: Connection,
    *,
    mode: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE",
    dry_run: bool = False,
) -> Iterator[None]:
    """Do everything within, or nothing of it, whatever ends it: an error, a refusal or Ctrl-C.

    Parameters
    ----------
    connection : Connection
        In autocommit mode.
    mode : {"IMMEDIATE", "EXCLUSIVE"}
        Whether others may go on reading.
    dry_run : bool
        Take everything back at the end.
    """
    connection.execute(f"BEGIN {mode}")
    try:
        yield
        connection.execute("ROLLBACK" if dry_run else "COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite may have ended it itself, as on a full disk
            connection.execute("ROLLBACK")
        raise
