"""A run that is asked to end (SIGTERM, SIGHUP) removes what it has not finished, and then ends as the signal asks."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# A shutdown or a time limit; a terminal that was closed.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Terminated(BaseException):
    """Raised where the program is when the signal comes, so that each file that is open is cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def end_by_signals() -> Iterator[None]:
    """Let signals that end a run pass through its ``finally`` clauses, as Ctrl-C does.

    The process still ends by the signal, so that whoever started it sees why. The same signal once more
    does not disturb the clearing up. A signal that is ignored (nohup) or that another program handles is
    left as it is.
    """
    process = os.getpid()

    def end(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != process:  # a worker has nothing of its own to remove
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        signal.signal(number, signal.SIG_IGN)
        raise _Terminated(number)

    replaced = []
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                replaced.append(number)
    except ValueError:  # handlers are set in the main thread alone
        pass
    try:
        yield
    except _Terminated as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(process, ended.number)
        raise SystemExit(
            128 + ended.number
        ) from None  # on Windows, where the line above may return
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)
