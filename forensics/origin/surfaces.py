"""What is told of a posterior over the map, whatever it was made of."""

from collections.abc import Sequence

from forensics.messages import _
from forensics.origin.defaults import CONFIDENCE, POINT_ESTIMATE
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.territories import Territory
from forensics.result import thousands

__all__ = ["CONFIDENCE", "state_of", "surface_details", "surface_lines"]

# Countries shown to people; JSON has all.
_SHOWN = 6


def surface_details(surface: Surface) -> dict:
    """Return best places and regions as plain values."""
    named = {"mode": surface.mode(), "mean": surface.mean(), "median": surface.median()}
    return {
        **{
            name: {"latitude": latitude, "longitude": longitude}
            for name, (latitude, longitude) in named.items()
        },
        "regions": [
            {"level": level, "area_km2": surface.region_area(level)} for level in sorted(LEVELS)
        ],
        "cell_km": surface.grid.cell_km(),
    }


def state_of(territories: Sequence[Territory], confidence: float) -> Territory | None:
    """Return the country that may be named: it reaches the confidence and holds the whole region.

    Where the 95 % region crosses a border, or a country in it cannot be assessed, none is named.
    """
    reached = [one for one in territories if one.in_region]
    if len(reached) != 1 or not reached[0].assessable:
        return None
    return reached[0] if (reached[0].probability or 0.0) >= confidence else None


def surface_lines(details: dict, territories: Sequence[Territory]) -> list[tuple[str, str]]:
    """Return label and text of what a person should read of a map."""
    point = details[POINT_ESTIMATE]
    lines = [
        (
            _("Place"),
            _("about {latitude:.1f}, {longitude:.1f} (middle of the posterior)").format(**point),
        ),
        (
            _("Regions"),
            ", ".join(
                _("{level:.0%}: {area} km²").format(
                    level=one["level"], area=thousands(one["area_km2"])
                )
                for one in details["regions"]
            ),
        ),
    ]
    reached = [one for one in territories if one.in_region]
    if reached:
        names = ", ".join(
            _("{name} {probability:.1%} ({animals} reference animals)").format(
                name=one.name, probability=one.probability, animals=one.animals
            )
            if one.assessable
            else _("{name} not assessable (no reference animals)").format(name=one.name)
            for one in reached[:_SHOWN]
        )
        if len(reached) > _SHOWN:  # a country in the region is never left out in silence
            names = _("{names} and {count} more").format(names=names, count=len(reached) - _SHOWN)
        lines.append((_("Countries"), names))
    return lines
