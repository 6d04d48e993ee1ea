"""A map as one page of HTML that works with no network: samples are chosen in a list.

The page holds a drawing in SVG, and some lines of script that show one sample at a time. Without
script all samples are shown, one below the other, so that it can be printed.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from forensics.messages import _, numeral
from forensics.origin.figures import BORDER, COLOURS, LAND, POINT, SEA, SITE, shade_levels, view_of
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.map_results import MappedOrigin, PlaceOrigin
from forensics.origin.outlines import countries
from forensics.origin.results import Origin
from forensics.paper import document, escaped, facts, heading, paragraph, table
from forensics.result import thousands

__all__ = ["map_page"]

_WIDTH = 760.0  # pixels of the drawing

_STYLE = f"""
.map {{ width: 100%; height: auto; border: 1px solid #999; background: {SEA} }}
.key span {{ margin-right: 5mm; white-space: nowrap }}
.key i {{ display: inline-block; width: 5mm; height: 3.5mm; margin-right: 1.5mm;
  border: .5px solid #777; vertical-align: middle }}
select {{ font-size: 11pt; margin: 2mm 0 }} .off {{ display: none }}
@media print {{ select, label {{ display: none }} .off {{ display: block }} }}
"""
# No text of a file enters the script; it only shows and hides.
_SCRIPT = """<script>
const choice = document.getElementById("choice"), parts = document.querySelectorAll("section");
function show() { parts.forEach((part, n) => part.classList.toggle("off", n !== +choice.value)); }
if (choice) { choice.addEventListener("change", show); show(); }
</script>"""


def map_page(
    results: Sequence[Origin],
    *,
    sites: tuple[Sequence[float], Sequence[float]] = ((), ()),
    title: str = "",
) -> str:
    """Return the page.

    Parameters
    ----------
    results : sequence of Origin
    sites : latitudes and longitudes, degrees
        Of the reference animals or known-origin samples.
    title : str
        Model and version.
    """
    parts = []
    if len(results) > 1:
        options = "".join(
            f'<option value="{number}">{escaped(result.sample)}: {escaped(result.headline())}</option>'
            for number, result in enumerate(results)
        )
        label = escaped(_("Sample"))
        parts.append(
            f'<p><label for="choice">{label}</label> <select id="choice">{options}</select></p>'
        )
    for result in results:
        shown = [heading(2, result.sample)]
        if result.surface is not None:
            shown += [_drawing(result.sample, result.surface, sites), _key()]
        shown += [facts(*result.lines()), *_regions(result), *_territories(result)]
        parts.append("<section>" + "\n".join(shown) + "</section>")
    made = results[0].provenance if results else None
    if made:
        parts.append(
            paragraph(
                _("Model {name} {version}, sha256 {sha256}. Software {software} {number}.").format(
                    name=made.library["name"],
                    version=made.library["version"],
                    sha256=made.library["sha256"],
                    software=made.software,
                    number=made.version,
                )
            )
        )
    parts += [
        paragraph(
            _(
                "Outlines: Natural Earth 1:110 million, coarse; they say nothing about borders in law."
            )
        ),
        _SCRIPT,
    ]
    return document(title or _("Origin"), parts, style=_STYLE)


def _drawing(sample: str, surface: Surface, sites: tuple[Sequence[float], Sequence[float]]) -> str:
    west, east, south, north = view_of(surface)
    # Equal degrees look too wide away from the equator; the height is stretched instead.
    stretch = 1 / max(0.1, float(np.cos(np.radians((south + north) / 2))))
    scale = _WIDTH / (east - west)
    height = (north - south) * scale * stretch

    def x(longitude: float) -> float:
        return (longitude - west) * scale

    def y(latitude: float) -> float:
        return (north - latitude) * scale * stretch

    name = _("Map of {sample}").format(sample=sample)
    parts = [
        f'<svg class="map" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{escaped(name)}">'
    ]
    for turn in (-360.0, 0.0, 360.0):
        for country in countries():
            rings = [ring + (turn, 0.0) for ring in country.rings]
            near = [
                ring
                for ring in rings
                if ring[:, 0].max() >= west
                and ring[:, 0].min() <= east
                and ring[:, 1].max() >= south
                and ring[:, 1].min() <= north
            ]
            if near:
                path = "".join(
                    "M" + "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in ring) + "Z" for ring in near
                )
                parts.append(
                    f'<path d="{path}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" '
                    f'stroke-width=".6"><title>{escaped(country.name)}</title></path>'
                )
    shades = shade_levels(surface)
    # Without crisp edges, rows of cells would show thin lines between them.
    parts.append('<g shape-rendering="crispEdges" fill-opacity=".8" pointer-events="none">')
    down, across = surface.grid.steps
    for row, latitude in enumerate(surface.grid.latitudes):
        for first, last, level in _runs(shades[row]):
            left = x(surface.grid.longitudes[first] - across / 2)
            right = x(surface.grid.longitudes[last] + across / 2)
            top = y(latitude + down / 2)
            parts.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
                f'height="{down * scale * stretch:.1f}" fill="{COLOURS[level]}"/>'
            )
    parts.append("</g>")
    for latitude, longitude in zip(*sites):
        longitude += 360.0 * np.ceil((west - longitude) / 360.0)
        parts.append(
            f'<circle cx="{x(longitude):.1f}" cy="{y(latitude):.1f}" r="2.2" fill="{SITE}"/>'
        )
    latitude, longitude = surface.point()
    longitude += 360.0 * np.ceil((west - longitude) / 360.0)
    a, b = x(longitude), y(latitude)
    parts.append(
        f'<path d="M{a - 6:.1f} {b - 6:.1f}l12 12m0 -12l-12 12" stroke="{POINT}" stroke-width="2.4"/>'
    )
    return "".join([*parts, "</svg>"])


def _runs(levels: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Yield first and last place and level of cells side by side that are of one level under 1."""
    edges = np.flatnonzero(np.diff(levels)) + 1
    for first, end in zip([0, *edges], [*edges, len(levels)]):
        if levels[first] < 1.0:
            yield int(first), int(end) - 1, float(levels[first])


def _key() -> str:
    parts = []
    for level in sorted(LEVELS):
        name = escaped(_("{level:.0%} region").format(level=level))
        parts.append(f'<span><i style="background:{COLOURS[level]}"></i>{name}</span>')
    point, site = escaped(_("middle of the posterior")), escaped(_("reference site"))
    parts += [f"<span>× {point}</span>", f'<span style="color:{SITE}">● {site}</span>']
    return f'<p class="key">{"".join(parts)}</p>'


def _regions(result: Origin) -> list[str]:
    rows = [
        (numeral(region.level, ".0%"), thousands(region.area_km2))
        for region in (result.regions or () if isinstance(result, MappedOrigin) else ())
    ]
    return [table((_("region"), "km²"), rows, numbers=(1,))] if rows else []


def _territories(result: Origin) -> list[str]:
    rows = [
        (
            escaped(territory.name),
            escaped(
                _("not assessable")
                if territory.probability is None
                else numeral(territory.probability, ".1%")
            ),
            str(territory.animals),
            str(territory.sites),
        )
        for territory in (result.territories or () if isinstance(result, PlaceOrigin) else ())
    ]
    if not rows:
        return []
    head = (_("country"), _("probability"), _("reference animals"), _("reference sites"))
    return [table(head, rows, numbers=(1, 2, 3))]
