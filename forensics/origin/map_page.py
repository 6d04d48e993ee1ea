"""A map as one page of HTML that works with no network: samples are chosen in a list.

The page holds a drawing in SVG, and some lines of script that show one sample at a time. Without
script all samples are shown, one below the other, so that it can be printed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from forensics.messages import _, numeral
from forensics.origin.map_layout import (
    BORDER,
    FRAME,
    LAND,
    LEVEL_STYLES,
    NAME,
    POINT,
    RAMP,
    RANGE,
    SEA,
    SITE,
    MapLayout,
    View,
    lay_out,
    legend_texts,
)
from forensics.origin.map_results import CountryShare, IsotopeOrigin, PlaceOrigin
from forensics.origin.map_sheet import cannot_be_said
from forensics.origin.results import Origin
from forensics.paper import document, escaped, facts, heading, paragraph, table
from forensics.result import thousands

__all__ = ["map_page"]

_WIDTH = 760.0  # pixels of the drawing
_LEFT, _BELOW = 44, 20  # pixels beside and below it, for the degrees

_STYLE = f"""
body {{ max-width: 210mm }}
.map {{ width: 100%; height: auto; max-height: 70vh }}
.map text {{ font: 10px "DejaVu Sans", Arial, sans-serif }}
.map .name {{ fill: {NAME}; text-anchor: middle; paint-order: stroke; stroke: #fff;
  stroke-width: 2px; stroke-opacity: .75; pointer-events: none }}
.map .east, .map .scale {{ text-anchor: middle }} .map .north {{ text-anchor: end }}
.map .scale {{ paint-order: stroke; stroke: #fff; stroke-width: 2px }}
.map .line {{ stroke: #9fb3c1; stroke-width: .5 }}
.map .site {{ fill: {SITE}; stroke: #fff; stroke-width: .6 }}
.verdict {{ font-size: 12.5pt; font-weight: 600; color: #5e210d; margin: 1mm 0 2mm }}
.key {{ font-size: 9pt; margin: 1mm 0 2mm }}
.key span {{ margin-right: 4mm; white-space: nowrap; display: inline-block }}
.key svg {{ vertical-align: middle }}
.key i {{ display: inline-block; width: 4mm; height: 3.2mm; vertical-align: middle }}
.limits li {{ margin: .6mm 0 }} .limits h3 {{ color: #7a1c14 }}
select {{ font-size: 11pt; margin: 2mm 0 }} .off {{ display: none }}
@media print {{ select, label {{ display: none }} .off {{ display: block }}
  section {{ break-after: page }} }}
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
        shown = [heading(2, result.sample), f'<p class="verdict">{escaped(result.headline())}</p>']
        if result.surface is not None:
            layout = lay_out(result.surface, sites)
            shown += [_key(layout), _drawing(result.sample, layout)]
        shown += [facts(*result.details()), *_reporting(result), *_territories(result)]
        limits = "".join(f"<li>{escaped(text)}</li>" for text in cannot_be_said(result))
        limits = heading(3, _("What cannot be said")) + f"<ul>{limits}</ul>"
        shown.append(f'<div class="limits">{limits}</div>')
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


def _drawing(sample: str, layout: MapLayout) -> str:
    """Return the map as SVG, with its inset if it has one."""
    view = layout.view
    high = _height(view, _WIDTH)
    name = _("Map of {sample}").format(sample=sample)
    parts = [
        f'<svg class="map" viewBox="{-_LEFT} 0 {_WIDTH + _LEFT:.0f} {high + _BELOW:.0f}" role="img" '
        f'aria-label="{escaped(name)}">',
        f'<svg x="0" y="0" width="{_WIDTH:.0f}" height="{high:.1f}" overflow="hidden">',
        *_view(layout, _WIDTH),
    ]
    place = _placer(view, _WIDTH)
    if layout.inset is not None:
        part = layout.inset.view
        (x, y), (right, down) = place(part.west, part.north), place(part.east, part.south)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{down - y:.1f}" fill="none" '
            f'stroke="{FRAME}" stroke-width="1.4"/>'
        )
        left, bottom, wide, tall = layout.inset_box
        wide_px, tall_px = wide * _WIDTH, tall * high
        top_px = high - bottom * high - tall_px
        parts += [
            f'<svg x="{left * _WIDTH:.1f}" y="{top_px:.1f}" width="{wide_px:.1f}" height="{tall_px:.1f}" '
            'overflow="hidden">',
            *_view(layout.inset, wide_px),
            "</svg>",
            f'<rect x="{left * _WIDTH:.1f}" y="{top_px:.1f}" width="{wide_px:.1f}" height="{tall_px:.1f}" '
            f'fill="none" stroke="{FRAME}" stroke-width="1.6"/>',
        ]
    parts.append("</svg>")
    parts.append(f'<rect width="{_WIDTH:.0f}" height="{high:.1f}" fill="none" stroke="#555"/>')
    for line in layout.meridians:
        x, _y = place(line.degrees, 0)
        parts.append(
            f'<text x="{x:.1f}" y="{high + 13:.1f}" class="east">{escaped(line.label)}</text>'
        )
    for line in layout.parallels:
        _x, y = place(0, line.degrees)
        parts.append(f'<text x="-4" y="{y + 3.5:.1f}" class="north">{escaped(line.label)}</text>')
    return "".join([*parts, "</svg>"])


def _placer(view: View, width: float) -> Callable[[float, float], tuple[float, float]]:
    """Return what turns longitude and latitude into pixels of a drawing of this width."""
    scale = width / (view.east - view.west)

    def place(east: float, north: float) -> tuple[float, float]:
        return (east - view.west) * scale, (view.north - north) * scale / view.shrink

    return place


def _height(view: View, width: float) -> float:
    """Return the height of a view: equal degrees look too wide away from the equator."""
    return (view.north - view.south) * width / (view.east - view.west) / view.shrink


def _view(layout: MapLayout, width: float) -> list[str]:
    """Return what a view shows as elements of SVG."""
    view, place = layout.view, _placer(layout.view, width)
    high = _height(view, width)
    parts = [f'<rect width="100%" height="100%" fill="{SEA}"/>']
    for country, rings in layout.lands:
        parts.append(
            f'<path d="{_path(rings, place)}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" '
            f'stroke-width=".6"><title>{escaped(country)}</title></path>'
        )
    parts.append(_cells(layout, place))
    parts += [
        f'<path d="M{x:.1f} 0V{high:.1f}" class="line"/>'
        for x in (place(line.degrees, 0)[0] for line in layout.meridians)
    ]
    parts += [
        f'<path d="M0 {y:.1f}H{width:.0f}" class="line"/>'
        for y in (place(0, line.degrees)[1] for line in layout.parallels)
    ]
    parts.append(
        f'<path d="{_path([ring for rings in layout.range for ring in rings], place)}" fill="none" '
        f'stroke="{RANGE}" stroke-width="1.4" stroke-dasharray="2 2"/>'
    )
    for level, polygons in layout.regions.items():
        parts.append(
            f'<path d="{_path([ring for rings in polygons for ring in rings], place)}" fill="none" '
            f"{_stroke(level)}/>"
        )
    for country, east, north in layout.names:
        x, y = place(east, north)
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="name">{escaped(country)}</text>')
    for east, north in layout.sites:
        x, y = place(east, north)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" class="site"/>')
    if layout.point is not None:
        x, y = place(*layout.point)
        cross = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
        parts.append(f'<path d="{cross}" stroke="#fff" stroke-width="5"/>')
        parts.append(f'<path d="{cross}" stroke="{POINT}" stroke-width="2.4"/>')
    parts.append(_scale_bar(layout, width / (view.east - view.west), high))
    return parts


def _path(rings: Iterable[np.ndarray], place: Callable[[float, float], tuple[float, float]]) -> str:
    """Return rings as the data of a path of SVG."""
    return "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*place(*corner)) for corner in ring.tolist()) + "Z"
        for ring in rings
    )


def _stroke(level: float) -> str:
    colour, width, dashes = LEVEL_STYLES[level]
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'stroke="{colour}" stroke-width="{width * 1.3:.1f}"{dash}'


def _cells(layout: MapLayout, place: Callable[[float, float], tuple[float, float]]) -> str:
    """Return the shaded cells, those of one shade side by side as one rectangle."""
    down, across = layout.grid.steps
    # Without crisp edges, rows of cells would show thin lines between them.
    parts = ['<g shape-rendering="crispEdges" fill-opacity=".85" pointer-events="none">']
    for row, latitude in enumerate(layout.grid.latitudes.tolist()):
        for first, last, shade in _runs(layout.shades[row]):
            left, top = place(layout.grid.longitudes[first] - across / 2, latitude + down / 2)
            right, bottom = place(layout.grid.longitudes[last] + across / 2, latitude - down / 2)
            parts.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
                f'height="{bottom - top:.1f}" fill="{RAMP[shade]}"/>'
            )
    return "".join([*parts, "</g>"])


def _runs(shades: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield first and last place and shade of cells side by side that have one shade."""
    edges = np.flatnonzero(np.diff(shades)) + 1
    for first, end in zip([0, *edges], [*edges, len(shades)]):
        if shades[first] >= 0:
            yield int(first), int(end) - 1, int(shades[first])


def _scale_bar(layout: MapLayout, scale: float, high: float) -> str:
    kilometres, degrees = layout.scale
    left, top, half = 14.0, high - 16.0, degrees * scale / 2
    text = _("{distance} km").format(distance=thousands(kilometres))
    return (
        f'<rect x="{left}" y="{top:.1f}" width="{2 * half:.1f}" height="5" fill="#fff" stroke="#000"/>'
        f'<rect x="{left}" y="{top:.1f}" width="{half:.1f}" height="5" fill="#000"/>'
        f'<text x="{left + half:.1f}" y="{top - 4:.1f}" class="scale">{escaped(text)}</text>'
    )


def _key(layout: MapLayout) -> str:
    """Return the legend."""
    texts = {name: escaped(text) for name, text in legend_texts(layout.point).items()}
    ramp = "".join(f'<i style="background:{colour}"></i>' for colour in RAMP)
    parts = [f'<span class="ramp">0 {ramp} 1&ensp;{texts["density"]}</span>']
    for level in sorted(LEVEL_STYLES):
        parts.append(
            f'<span><svg width="26" height="8"><path d="M0 4H26" {_stroke(level)}/></svg> '
            f"{texts[f'{level:g}']}</span>"
        )
    parts.append(
        f'<span><svg width="26" height="8"><path d="M0 4H26" stroke="{RANGE}" stroke-width="1.6" '
        f'stroke-dasharray="2 2"/></svg> {texts["range"]}</span>'
    )
    parts += [
        f'<span><b style="color:{POINT}">×</b> {texts["point"]}</span>',
        f'<span><b style="color:{SITE}">●</b> {texts["site"]}</span>',
    ]
    if layout.inset is not None:
        parts.append(
            f'<span><svg width="16" height="12"><rect x="2" y="1" width="12" height="10" fill="none" '
            f'stroke="{FRAME}" stroke-width="1.4"/></svg> {texts["inset"]}</span>'
        )
    return f'<p class="key">{"".join(parts)}</p>'


def _reporting(result: Origin) -> list[str]:
    """Return the table of the reporting regions."""
    answer = result.reporting if isinstance(result, PlaceOrigin) else None
    if answer is None:
        return []
    rows = [
        (
            escaped(answer.title_of(region.name)),
            escaped(
                _("not assessable")
                if region.probability is None
                else numeral(region.probability, ".1%")
            ),
            numeral(region.prior, ".1%"),
            str(region.animals),
            str(region.sites),
        )
        for region in answer.shares
    ]
    head = (
        _("reporting region"), _("probability"), _("beforehand"), _("reference animals"),
        _("reference sites"),
    )  # fmt: skip
    return [table(head, rows, numbers=(1, 2, 3, 4))]


def _territories(result: Origin) -> list[str]:
    if isinstance(result, IsotopeOrigin):
        return _countries(result.countries or ())
    rows = [
        (
            escaped(territory.title),
            escaped(
                _("not assessable")
                if territory.probability is None
                else numeral(territory.probability, ".1%")
            ),
            str(territory.animals),
            str(territory.sites),
        )
        for territory in (result.other_territories() if isinstance(result, PlaceOrigin) else ())
    ]
    if not rows:
        return []
    head = (_("country"), _("probability"), _("reference animals"), _("reference sites"))
    return [table(head, rows, numbers=(1, 2, 3))]


def _countries(shares: Sequence[CountryShare]) -> list[str]:
    """Return the table of the countries that the posterior reaches, the most probable first."""
    if not shares:
        return []
    rows = [
        (escaped(share.title), numeral(share.probability, ".1%"), escaped(_("yes") if share.in_region else _("no")))
        for share in shares
    ]  # fmt: skip
    head = (_("country"), _("probability"), _("In the 95 % region"))
    return [table(head, rows, numbers=(1,))]
