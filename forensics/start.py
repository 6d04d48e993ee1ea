"""Where the command ``forensics`` begins: what must be settled before click is imported.

A technician's one sample takes less than a tenth of a second, and a seventh of that went by while click and
the standard library imported what a run seldom uses: reading of source code, addresses, random identifiers.
They are put off until they are used. Only the command does so; who imports the library
keeps Python as it is. Figures: docs/decisions/0013-speed.md.
"""

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["PUT_OFF", "main", "put_off"]

PUT_OFF = ("inspect", "urllib.parse", "uuid")
"""Modules that click, pathlib and dataclasses import; some 15 others come with them."""

# New objects after which Python looks for garbage; its own number is 700. A command of one sample makes a
# hundred thousand objects that nearly all stay.
_NEW_OBJECTS = 50_000


def main() -> None:
    """Run the command line, and end the process.

    Who catches its SystemExit and goes on ends with the exit code of the command all the same; scripts
    call `forensics.cli.main`.
    """
    gc.set_threshold(_NEW_OBJECTS)
    ending = _Ending()
    # The first to be registered is the last to be called; where somebody came before, Python ends as ever.
    if getattr(atexit, "_ncallbacks", lambda: 1)() == 0:
        atexit.register(ending.leave)
    try:
        with put_off(*PUT_OFF):
            import dataclasses  # noqa: F401 - what `forensics.frozen` has it do asks nothing of inspect

            from forensics.cli import main as command
        command(prog_name="forensics")
    except KeyboardInterrupt:  # before click is there to tell it
        print("Aborted!", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        ending.code = end.code
        raise


class _Ending:
    """Leaves the process when all is done; to take it apart, object by object, takes 3 ms.

    Threads have ended by then, and what others registered for the end was called. After an
    exception or a signal, and where the last output cannot be written, Python ends as ever.
    """

    code: object = ""

    def leave(self) -> None:
        if self.code is not None and not isinstance(self.code, int):
            return
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except (OSError, ValueError):
            return
        os._exit(self.code or 0)


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Import modules of the standard library not now, but when something of them is used.

    Modules that are imported meanwhile get a stand-in and keep it. What they call or ask of it is called or
    asked of the module, which is then imported. Only what a module takes from it by name while it is
    imported is fixed: a stand-in that calls the function or class of that name. So this serves
    for modules of which it is known that they take no class to ask ``isinstance`` for.

    Parameters
    ----------
    *names : str
        Those that are imported already stay as they are.
    """
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    if "inspect" in stand_ins:
        stand_ins["inspect"].cleandoc = _cleaned
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, one in stand_ins.items():
            one.taken_by_name = False
            if sys.modules.get(name) is one:
                del sys.modules[name]  # who imports it from now on gets the module


class _StandIn(ModuleType):
    taken_by_name = True

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        if self.taken_by_name:
            return _caller(self.__name__, name)
        return getattr(_module(self.__name__), name)


def _cleaned(text: str) -> str:
    """Do for one line what ``inspect.cleandoc`` does: click asks for it for each option."""
    return _module("inspect").cleandoc(text) if "\n" in text else text.expandtabs().lstrip()


def _caller(module: str, name: str) -> Callable:
    def call(*values, **named):
        return getattr(_module(module), name)(*values, **named)

    return call


def _module(name: str) -> ModuleType:
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return importlib.import_module(name)
