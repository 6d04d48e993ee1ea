"""Options of the indicators, with their defaults and bounds; no NumPy is imported for them."""

from typing import Literal

from forensics.core.options import Group, Options, SeedOptions, option, option_class
from forensics.messages import N_
from forensics.trade.indicators.defaults import (
    CRITERIA,
    KEYS,
    MEASURES,
    PERMUTATIONS,
    PIKE_CHAINS,
    PIKE_DRAWS,
    PIKE_WARM_UP,
    TARGETS,
    TOP,
    WINDOW,
)

__all__ = [
    "CRITERIA",
    "CountOptions",
    "HotspotOptions",
    "PikeOptions",
    "PriorityOptions",
    "YearOptions",
]


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
    """What seizures are counted by."""

    by: tuple[str, ...] = option(
        default=(), choices=KEYS, help=N_("Count by this; may be repeated. Default: year.")
    )
    base: int | None = option(
        default=None, metavar="YEAR", help=N_("Year in which an index is 100.")
    )
    measure: str = option(
        default="seizures",
        choices=("seizures", *MEASURES),
        group=Group.OUTPUT,
        help=N_("What a figure of counts shows."),
    )


@option_class
class HotspotOptions(SeedOptions):
    """Of the scan for hotspots."""

    period: Literal["year", "month"] = option(default="year", help=N_("Unit of time."))
    permutations: int = option(
        default=PERMUTATIONS,
        at_least=19,
        at_most=10**5,
        help=N_("Permuted data sets that hotspots are compared with."),
    )


@option_class
class PriorityOptions(SeedOptions):
    """How targets are put in order."""

    kind: tuple[str, ...] = option(
        default=(),
        choices=TARGETS,
        group=Group.EXAMINE,
        help=N_("Kind of target; may be repeated. Default: all."),
    )
    weight: tuple[str, ...] = option(
        default=(),
        metavar="CRITERION=NUMBER",
        help=N_(
            "Weight of a criterion; those that are not named weigh nothing. Default: all alike."
        ),
    )
    window: int = option(
        default=WINDOW,
        at_least=1,
        at_most=100,
        metavar="YEARS",
        help=N_("Last years that are looked at."),
    )
    top: int = option(
        default=TOP,
        at_least=1,
        at_most=1000,
        help=N_("Ranks that count as on top; a table shows twice as many of each kind."),
    )
    measure: str | None = option(
        default=None, choices=MEASURES, help=N_("Of amounts. Default: what most rows have.")
    )
