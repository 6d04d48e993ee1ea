"""Pictures of a finding: their captions, and what they show for those who cannot see them."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from forensics.barcode.identification import label_part
from forensics.messages import _
from forensics.report.blocks import Figure, Notice, decimal, significant, whole
from forensics.report.statement import Finding, Picture

MAX_PIXELS = 200_000_000
"""Of a picture in a PDF. A page of A4 at 1200 dpi has 139 million; a file of some kB may unpack to
more than a computer can hold."""


def is_recorded(picture: Picture) -> bool:
    """Return whether the picture of a statement is the one whose SHA-256 stands beside it."""
    content = base64.b64decode(picture.base64 or "", validate=True)
    return hashlib.sha256(content).hexdigest() == picture.sha256


def count_pixels(content: bytes) -> int:
    """Return how many pixels the head of a PNG or JPEG announces; 0 where it is neither."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        # Of the frames C0 to CF three are none: tables, an extension, arithmetic coding.
        if 0xC0 <= content[at + 1] <= 0xCF and content[at + 1] not in (0xC4, 0xC8, 0xCC):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(height, "big") * int.from_bytes(width, "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0


def figure_of(finding: Finding, picture: Picture) -> Figure | Notice:
    """Return a picture that was attached to a finding, with its words; a notice where it is lost.

    Those that are drawn when a finding is recorded (`forensics.pictures`) are known by their names;
    of another one only the name is known.
    """
    if not picture.base64:
        return Notice(
            _(
                "The picture {name} of finding {n} is not shown: its file beside the ledger is missing, or is "
                "not the one that was recorded."
            ).format(name=picture.name, n=finding.event)
        )
    stem = picture.name.rsplit(".", 1)[0]
    describe = _DESCRIPTIONS.get(stem)
    described = describe(finding.result or {}) if describe else None
    caption, alternative = described or (
        picture.name,
        _("Figure {name} of finding {n}; what it shows is said in the text.").format(
            name=picture.name, n=finding.event
        ),
    )
    return Figure(
        picture.name,
        picture.kind,
        picture.base64,
        _("Finding {n}: {name}").format(n=finding.event, name=caption),
        alternative,
    )


def _chromatogram(result: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("Chromatogram. Curves and called bases; bars: quality; shaded: what was cut off."),
        _("Curves of the chromatogram of {query}, with {length} bases called and examined.").format(
            query=_query(result), length=result.get("length", "?")
        ),
    )


def _query(result: Mapping[str, Any]) -> str:
    return label_part(str(result.get("query", "?")), result.get("part"))


def _tree(result: Mapping[str, Any]) -> tuple[str, str] | None:
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
        ).format(query=_query(result), species=nearest["species"], n=nearest["mismatches"]),
    )


def _map(result: Mapping[str, Any]) -> tuple[str, str] | None:
    if "median" not in result:
        return None
    area = next((region for region in result["regions"] if float(region["level"]) == 0.90), None)
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


def _calibration(result: Mapping[str, Any]) -> tuple[str, str] | None:
    if "f14c" not in result:
        return None
    return (
        _("Calibration. Curve, measured value with its standard error, and the posterior of years below."),
        _(
            "The measured F14C of {value} as a band, the calibration curve that crosses it, and under both the "
            "years that fit."
        ).format(value=decimal(result["f14c"], 4)),
    )  # fmt: skip


_DESCRIPTIONS: dict[str, Callable[[Mapping[str, Any]], tuple[str, str] | None]] = {
    "chromatogram": _chromatogram,
    "tree": _tree,
    "map": _map,
    "calibration": _calibration,
}
