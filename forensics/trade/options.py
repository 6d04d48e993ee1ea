"""Options of reading tables of seizures."""

from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_

__all__ = ["TableOptions"]


@option_class
class TableOptions(Options):
    """How a table of seizures is read; None is what the mapping, or the table itself, says."""

    mapping: str | None = option(
        default=None,
        metavar="NAME|FILE",
        group=Group.ADVANCED,
        help=N_(
            "Which column is which field: aitr, brazil-prf, cites-shipments, etis, or a TOML file. "
            "Default: the one that fits the columns."
        ),
    )
    date_order: str | None = option(
        default=None,
        choices=("dmy", "mdy"),
        group=Group.ADVANCED,
        help=N_(
            "Order of day and month in 03/04/2019; without it such a date is reported, not guessed."
        ),
    )
    decimal: str | None = option(
        default=None,
        choices=(".", ","),
        group=Group.ADVANCED,
        help=N_("Decimal sign in 1.200; without it such a number is reported, not guessed."),
    )

    @property
    def is_given(self) -> bool:
        """Whether anything is said of a table."""
        return bool(self.mapping or self.date_order or self.decimal)
