"""Reporting regions, and what they are calibrated on, in a model and back; what is read is checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.errors import LibraryError
from forensics.messages import _
from forensics.origin.areas import KINDS, RegionSet

__all__ = ["pack_regions", "unpack_regions"]


def pack_regions(regions: RegionSet) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return plain values (for JSON) and arrays (for NPZ)."""
    values = {
        "name": regions.name,
        "kind": regions.kind,
        "names": list(regions.names),
        "members": dict(regions.members),
        "sha256": regions.sha256,
    }
    if regions.kind != "areas":
        return values, {}
    polygons = [(place, rings) for place, own in enumerate(regions.areas) for rings in own]
    rings = [ring for _place, own in polygons for ring in own]
    polygon_of_ring = np.repeat(np.arange(len(polygons)), [len(own) for _place, own in polygons])
    return values, {
        "region_corners": np.concatenate(rings),
        "region_sizes": np.array([len(ring) for ring in rings], dtype=np.int64),
        "region_of_ring": np.array([place for place, _own in polygons], dtype=np.int64)[
            polygon_of_ring
        ],
        "region_polygon_of_ring": polygon_of_ring.astype(np.int64),
    }


def unpack_regions(values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> RegionSet:
    """Return what `pack_regions` took apart.

    Raises
    ------
    LibraryError
        If something is missing or does not fit together.
    """
    try:
        names = tuple(map(str, values["names"]))
        members = {str(name): int(place) for name, place in values["members"].items()}
        kind = str(values["kind"])
        areas: list[dict[int, list[np.ndarray]]] = [{} for _name in names]
        is_sound = kind in KINDS and bool(names)
        is_sound = is_sound and all(0 <= place < len(names) for place in members.values())
        if kind == "areas":
            corners = arrays["region_corners"].astype(np.float64)
            ends = np.cumsum(arrays["region_sizes"].astype(np.int64))
            places = arrays["region_of_ring"].astype(np.int64)
            # Older models take all rings of a region as one polygon.
            polygons = arrays.get("region_polygon_of_ring", np.zeros_like(places)).astype(np.int64)
            is_sound = (
                is_sound
                and corners.shape == (int(ends[-1]), 2)
                and bool(np.isfinite(corners).all())
                and places.shape == polygons.shape == ends.shape
                and 0 <= places.min() <= places.max() < len(names)
                and bool((np.diff(ends, prepend=0) >= 3).all())
            )
            if is_sound:
                for place, polygon, ring in zip(
                    places.tolist(), polygons.tolist(), np.split(corners, ends[:-1])
                ):
                    areas[place].setdefault(polygon, []).append(ring)
        if not is_sound:
            raise ValueError(kind)
        return RegionSet(
            str(values["name"]), kind, names, members,
            tuple(tuple(map(tuple, own.values())) for own in areas) if kind == "areas" else (),
            str(values["sha256"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise LibraryError(
            _("the reporting regions of the model are damaged: {found}").format(found=error)
        ) from error
