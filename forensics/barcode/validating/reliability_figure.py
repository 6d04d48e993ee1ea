"""Reliability diagrams as SVG text, drawn without any package."""

from collections.abc import Sequence

from forensics.messages import _, numeral

__all__ = ["reliability_svg"]

_SIDE, _LEFT, _TOP, _BELOW = 150, 34, 20, 34
_DOT = "#1d4e89"


def reliability_svg(bins: Sequence[dict], title: str) -> str:
    """Return a diagram: stated probability across, share that was right up, with intervals.

    Parameters
    ----------
    bins : sequence of dict
        `forensics.stats.calibration.Bin` as plain values.
    title : str
        Plain text, already escaped.
    """
    width, height = _LEFT + _SIDE + 8, _TOP + _SIDE + _BELOW

    def x(value: float) -> float:
        return _LEFT + value * _SIDE

    def y(value: float) -> float:
        return _TOP + (1 - value) * _SIDE

    # Written out here: what translators are given is taken from no f-string.
    stated, share = _("stated"), _("share right")
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">',
        f'<text x="{x(0.5)}" y="12" text-anchor="middle" class="title">{title}</text>',
        f'<rect x="{x(0)}" y="{y(1)}" width="{_SIDE}" height="{_SIDE}" class="frame"/>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" class="diagonal"/>',
    ]
    for tick in (0, 0.5, 1):
        parts += [
            f'<text x="{x(tick)}" y="{y(0) + 13}" text-anchor="middle">{numeral(tick, "g")}</text>',
            f'<text x="{x(0) - 4}" y="{y(tick) + 3}" text-anchor="end">{numeral(tick, "g")}</text>',
        ]
    parts += [
        f'<text x="{x(0.5)}" y="{height - 5}" text-anchor="middle">{stated}</text>',
        f'<text transform="translate(10 {y(0.5)}) rotate(-90)" text-anchor="middle">{share}</text>',
    ]
    for group in bins:
        low, high = group["interval"]
        at = x(group["stated"])
        radius = 1.6 + 2.6 * group["weight"] ** 0.5
        parts += [
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}" class="bar"/>',
            f'<circle cx="{at:.1f}" cy="{y(group["observed"]):.1f}" r="{radius:.1f}" fill="{_DOT}"/>',
        ]
    return "".join([*parts, "</svg>"])
