"""Genotype files: how much of one is read, and options that do not fit one."""

from collections.abc import Sequence

from forensics.errors import UsageError
from forensics.io.inputs import Budget
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.io.tables import open_source as open_any
from forensics.messages import N_, _

# Unpacked. 100,000 loci of 1,000 animals as "138/140" are 0.8 GB.
MAX_BYTES = 4 * 2**30
# Characters of a line: a million loci of nine characters, with room.
MAX_LINE = 16 * 2**20
# Animals of a table; each row costs 100 bytes beside its cells.
MAX_ANIMALS = 1_000_000
MAX_LOCI = 1_000_000
# Four bytes a cell while it is read: 2 GB.
MAX_CELLS = 500_000_000
BUDGET = Budget(
    max_bytes=MAX_BYTES,
    max_line=MAX_LINE,
    max_rows=MAX_ANIMALS,
    max_columns=2 * MAX_LOCI,
    max_cells=MAX_CELLS,
    too_long=N_(
        "unpacked, the file is longer than {most} bytes; is it a genotype file? Divide it by loci and read the parts"
    ),
    line_too_long=N_("a line of more than {most} characters; is it a genotype file?"),
)


class OptionError(UsageError):
    """An option that does not fit a file; who has other names for options says it anew.

    Parameters
    ----------
    option : str
        As Python calls it.
    text : str
        With fields in braces, of which ``{option}`` may be one.
    source : str or None
        The file.
    values : dict
        Of the other fields.
    """

    def __init__(self, option: str, text: str, source: str | None, **values: object) -> None:
        self.option, self.text, self.source, self.values = option, text, source, values
        message = text.format(option=option, **values)
        super().__init__(f"{source}: {message}" if source else message)

    def called(self, option: str) -> "OptionError":
        """Return it with another name of the option, such as ``--population``."""
        return OptionError(option, self.text, self.source, **self.values)


def open_source(source: object, *, max_bytes: int = MAX_BYTES) -> Source:
    """Open a genotype file: see `forensics.io.tables.open_source`."""
    from dataclasses import replace

    return open_any(source, budget=replace(BUDGET, max_bytes=max_bytes))


def unknown_locus(option: str, pattern: str, known: Sequence[str], source: Source) -> OptionError:
    """Return the error of an option that names a locus which a file does not have."""
    return OptionError(
        option,
        _("option {option}: no locus is called {name}. Loci: {found}"),
        source.label,
        name=printable(pattern),
        found=", ".join(map(printable, known[:5])) + (" …" if len(known) > 5 else ""),
    )
