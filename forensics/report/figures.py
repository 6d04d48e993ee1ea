"""Captions of pictures, and what they show for those who cannot see them."""

from forensics.messages import _
from forensics.report.blocks import Figure
from forensics.report.numbers import decimal, significant, whole

__all__ = ["figure_of"]


def figure_of(finding: dict, figure: dict) -> Figure:
    """Return a picture that was attached to a finding, with its words.

    Those that are drawn when a finding is recorded (`forensics.pictures`) are known by their names;
    of another one only the name is known.
    """
    stem = figure["name"].rsplit(".", 1)[0]
    known = _SHOWN.get(stem)
    said = known(finding["result"] or {}) if known else None
    caption, alternative = said or (
        figure["name"],
        _("Figure {name} of finding {n}; what it shows is said in the text.").format(
            name=figure["name"], n=finding["event"]
        ),
    )
    return Figure(
        figure["name"],
        figure["kind"],
        figure["base64"],
        _("Finding {n}: {name}").format(n=finding["event"], name=caption),
        alternative,
    )


def _chromatogram(result: dict) -> tuple[str, str]:
    return (
        _("Chromatogram. Curves and called bases; bars: quality; shaded: what was cut off."),
        _("Curves of the chromatogram of {query}, with {length} bases called and examined.").format(
            query=result.get("query", "?"), length=result.get("length", "?")
        ),
    )


def _tree(result: dict) -> tuple[str, str] | None:
    nearest = next(iter(result.get("candidates") or ()), None)
    if nearest is None:
        return None
    return (
        _(
            "Tree of the questioned sequence and its nearest records (neighbour joining, p-distance). It "
            "illustrates the call and takes no part in it."
        ),
        _(
            "Tree in which the questioned sequence {query} stands beside the records of {species}, from the "
            "nearest of which it differs at {n} bases."
        ).format(
            query=result.get("query", "?"), species=nearest["species"], n=nearest["mismatches"]
        ),
    )


def _map(result: dict) -> tuple[str, str] | None:
    if "median" not in result:
        return None
    area = next((one for one in result["regions"] if float(one["level"]) == 0.90), None)
    return (
        _("Map of the posterior: regions that hold 50, 90 and 95 per cent of it. Prior: {prior}.").format(
            prior=result["prior"]
        ),
        _(
            "Map on which the posterior lies around {latitude} degrees of latitude and {longitude} of "
            "longitude; the region with 90 per cent of it has {area} square kilometres."
        ).format(
            latitude=decimal(result["median"]["latitude"], 1),
            longitude=decimal(result["median"]["longitude"], 1),
            area=significant(area["area_km2"]) if area else whole(None),
        ),
    )  # fmt: skip


def _calibration(result: dict) -> tuple[str, str] | None:
    if "f14c" not in result:
        return None
    return (
        _("Calibration. Curve, measured value with its standard error, and the posterior of years below."),
        _(
            "The measured F14C of {value} as a band, the calibration curve that crosses it, and under both the "
            "years that fit."
        ).format(value=decimal(result["f14c"], 4)),
    )  # fmt: skip


_SHOWN = {
    "chromatogram": _chromatogram,
    "tree": _tree,
    "map": _map,
    "calibration": _calibration,
}
