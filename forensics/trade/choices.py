"""Options of reading tables, of counts and of the trend of PIKE; no NumPy is imported for them."""

from forensics.core.options import Group, Options, SeedOptions, option, option_class
from forensics.messages import N_


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


# Tables that are made of seizures.
TABLES = ("counts", "routes", "countries")

# What seizures are counted by.
KEYS = ("year", "species", "term", "country", "origin", "destination", "route", "place")

# What is added up over them.
MEASURES = ("kg", "pieces", "animals")


@option_class
class YearOptions(Options):
    """Which years are taken."""

    first: int | None = option(
        default=None,
        metavar="YEAR",
        group=Group.EXAMINE,
        help=N_("First year that is taken."),
    )
    last: int | None = option(
        default=None,
        metavar="YEAR",
        group=Group.EXAMINE,
        help=N_("Last year that is taken."),
    )


@option_class
class PikeOptions(YearOptions, SeedOptions):
    """Years of the trend of PIKE, and its sampler.

    By default West Africa, the hardest of the published areas, has some 1,000 effective draws of every
    quantity, so that its means are known to a thirtieth of their posterior sd.
    """

    chains: int = option(
        default=4,
        at_least=2,
        at_most=64,
        group=Group.ADVANCED,
        help=N_("Chains of the sampler."),
    )
    warm_up: int = option(
        default=1000,
        at_least=0,
        at_most=10**6,
        group=Group.ADVANCED,
        help=N_("Draws of each chain that are thrown away."),
    )
    draws: int = option(
        default=6000,
        at_least=4,  # fewer cannot be split in halves and compared
        at_most=10**6,
        group=Group.ADVANCED,
        help=N_("Draws of each chain that are kept."),
    )


@option_class
class CountOptions(Options):
    """Which table is made of seizures, and what they are counted by."""

    table: str = option(
        default="counts",
        choices=TABLES,
        group=Group.OUTPUT,
        help=N_("Table that is made."),
    )
    by: tuple[str, ...] = option(
        default=(), choices=KEYS, help=N_("Count by this; may be repeated. Default: year.")
    )
    measure: str = option(
        default="seizures",
        choices=("seizures", *MEASURES),
        group=Group.OUTPUT,
        help=N_("What a figure of counts shows."),
    )
