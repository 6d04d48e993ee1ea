"""Writes ``forensics/custody/recording.pyi``: the acts of a ledger as type checkers and editors see them.

    python docs/make_acts.py

Made from the table of event types (``forensics.custody.registry``), as the methods themselves are.
"""

import subprocess
import sys
import textwrap
from inspect import Parameter
from pathlib import Path

from forensics.custody import recording, registry

TARGET = Path(recording.__file__).with_suffix(".pyi")
_HEAD = '''"""Made by docs/make_acts.py from the table of event types."""

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from forensics.custody.appending import Receipt

class OfEveryAct(TypedDict, total=False):
'''


def written() -> str:
    """Return the content of the stub."""
    every = recording.OF_EVERY_ACT.items()
    text = _HEAD + "".join(f"    {name}: {annotation}\n" for name, (annotation, _) in every)
    text += "\nclass Recording:\n"
    for kind in registry.TYPES.values():
        method = getattr(recording.Recording, kind.name, None)
        if method is None:  # a word of Python
            continue
        keywords = "".join(
            f", {name}: {annotation}" + ("" if default is Parameter.empty else f" = {default!r}")
            for name, (annotation, default) in recording.parameters_of(kind).items()
        )
        star = ", *" if keywords else ""
        text += (
            f"    def {kind.name}(self{star}{keywords}, **more: Unpack[OfEveryAct]) -> Receipt:\n"
        )
        text += textwrap.indent(f'"""{method.__doc__}\n"""', " " * 8) + "\n\n"
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", TARGET.name, "-"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return formatted.stdout


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
