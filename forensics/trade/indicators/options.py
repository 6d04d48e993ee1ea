"""Options of the indicators, with their defaults and bounds; no NumPy is imported for them."""

from forensics.core.options import Group, Options, SeedOptions, option, option_class
from forensics.messages import N_
from forensics.trade.indicators.defaults import (
    KEYS,
    MEASURES,
    PIKE_CHAINS,
    PIKE_DRAWS,
    PIKE_WARM_UP,
    TABLES,
)

__all__ = ["CountOptions", "PikeOptions", "YearOptions"]


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
class PikeOptions(SeedOptions):
    """Of the sampler behind the trend of PIKE."""

    chains: int = option(
        default=PIKE_CHAINS,
        at_least=2,
        at_most=64,
        group=Group.ADVANCED,
        help=N_("Chains of the sampler."),
    )
    warm_up: int = option(
        default=PIKE_WARM_UP,
        at_least=0,
        at_most=10**6,
        group=Group.ADVANCED,
        help=N_("Draws of each chain that are thrown away."),
    )
    draws: int = option(
        default=PIKE_DRAWS,
        at_least=4,
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
