"""A map and bars as SVG, with nothing that a browser would have to fetch."""

import functools
import math
from collections.abc import Mapping, Sequence
from html import escape

from forensics.messages import _

_WIDTH, _HEIGHT, _SOUTH = 960.0, 410.0, -58.0
_SHADES = ("#fde7c8", "#fbc58a", "#f39b53", "#dc6a2c", "#a8400f")
_EMPTY = "#e4e7ea"


@functools.lru_cache(maxsize=1)
def _paths() -> tuple[tuple[str, str, str], ...]:
    """Return code, name and outline of each country."""
    from forensics.origin.outlines import alpha2_of, coarse_countries

    paths = []
    for country in coarse_countries():
        rings = []
        for ring in country.rings:
            if ring[:, 1].max() < _SOUTH:
                continue
            # A ring over the antimeridian is drawn whole at both ends; the frame cuts it.
            longitudes = ring[:, 0]
            y = (84 - ring[:, 1].clip(_SOUTH, 84)) / (84 - _SOUTH) * _HEIGHT
            for turn in (-360, 0, 360):
                x = (longitudes + turn + 180) / 360 * _WIDTH
                if x.max() > 0 and x.min() < _WIDTH:
                    points = " ".join(f"{p:.1f},{q:.1f}" for p, q in zip(x.tolist(), y.tolist()))
                    rings.append(f"M{points}Z")
        code = alpha2_of(country) or ""
        if rings:
            paths.append((code, country.name, "".join(rings)))
    return tuple(paths)


def world(
    counts: Mapping[str, int], *, link: str, points: Sequence[tuple[float, float]] = ()
) -> str:
    """Return a map of the world, countries shaded by the square root of counts.

    Parameters
    ----------
    counts : mapping of str to int
        By ISO 3166-1 alpha-2 code.
    link : str
        Address of the rows of a country, to which its code is added.
    points : sequence of (float, float)
        Longitude and latitude, degrees.
    """
    most = max(counts.values(), default=1)
    shapes = []
    for code, name, outline in _paths():
        count = counts.get(code, 0)
        shade = _SHADES[_class(count, most)] if count else _EMPTY
        title = f"<title>{escape(name)}: {count}</title>" if count else ""
        path = f'<path d="{outline}" fill="{shade}">{title}</path>'
        shapes.append(f'<a href="{escape(link + code)}">{path}</a>' if count else path)
    dots = "".join(
        f'<circle cx="{(x + 180) / 360 * _WIDTH:.1f}" '
        f'cy="{(84 - y) / (84 - _SOUTH) * _HEIGHT:.1f}" r="1.8"/>'
        for x, y in points
        if _SOUTH < y < 84
    )
    label = escape(_("Map of the countries of seizure"))
    return (
        f'<svg class="world" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT + 30:.0f}" role="img" '
        f'aria-label="{label}">'
        f'<g stroke="#fff" stroke-width="0.4" fill-rule="evenodd">{"".join(shapes)}</g>'
        f'<g fill="#123a63" fill-opacity="0.55">{dots}</g>{_legend(most) if len(counts) > 1 else ""}</svg>'
    )


def _class(count: int, most: int) -> int:
    if most <= 1:
        return len(_SHADES) - 1
    place = math.sqrt(count / most) * len(_SHADES)
    return min(len(_SHADES) - 1, int(place))


def _legend(most: int) -> str:
    parts: list[str] = []
    low = 1
    for place, shade in enumerate(_SHADES):
        ends = [n for n in _ends(most, place) if n >= low]
        if not ends:
            continue
        high = ends[0]
        x, y = 10 + len(parts) * 120, _HEIGHT + 8
        text = f"{low}-{high}" if high > low else str(low)
        parts.append(
            f'<rect x="{x}" y="{y}" width="18" height="12" fill="{shade}"/>'
            f'<text x="{x + 24}" y="{y + 11}" font-size="12">{text}</text>'
        )
        low = high + 1
    return "".join(parts)


def _ends(most: int, place: int) -> list[int]:
    """Return the largest count of a shade, if it has one."""
    high = (
        most if place == len(_SHADES) - 1 else math.ceil(most * ((place + 1) / len(_SHADES)) ** 2)
    )
    while high > 0 and _class(high, most) > place:
        high -= 1
    return [high] if high > 0 and _class(high, most) == place else []


def bars(values: Sequence[tuple[str, int | None]], *, title: str) -> str:
    """Return bars over names; a hidden value (None) is a hatched mark, not a bar of length 0."""
    if not values:
        return ""
    most = max((count for _name, count in values if count), default=1)
    step = min(90.0, 880 / len(values))
    every = max(1, math.ceil(len(values) * 44 / 880))
    parts = []
    for place, (name, count) in enumerate(values):
        x = 40 + place * step
        height = 12 if count is None else 150 * count / most
        fill = "url(#hidden)" if count is None else "#2f6f9f"
        shown = _("hidden") if count is None else str(count)
        parts.append(
            f'<rect x="{x:.1f}" y="{180 - height:.1f}" width="{step * 0.8:.1f}" '
            f'height="{height:.1f}" fill="{fill}"><title>{escape(name)}: {shown}</title></rect>'
        )
        if place % every == 0:
            middle = x + step * 0.4
            parts.append(
                f'<text x="{middle:.1f}" y="196" text-anchor="middle">{escape(name)}</text>'
                f'<text x="{middle:.1f}" y="{175 - height:.1f}" text-anchor="middle">'
                f"{'' if count is None else count}</text>"
            )
    width = 60 + step * len(values)
    return (
        f'<svg class="bars" viewBox="0 0 {width:.0f} 205" style="max-width:{width:.0f}px" '
        f'role="img" aria-label="{escape(title)}" font-size="12">'
        '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0,6L6,0" stroke="#888" stroke-width="1"/></pattern></defs>'
        f'<line x1="36" x2="{width - 16:.0f}" y1="180" y2="180" stroke="#555"/>{"".join(parts)}</svg>'
    )
