"""Makes forensics/origin/coastlines/small-50m.json: islands and small countries that the coarse outlines lack.

Usage: python docs/make_small_outlines.py countries-50m.json

The file is that of the npm package world-atlas 2.0.2. Of its polygons those are kept whose corners the
outlines of 1:110 million alone give to another country, or to none: Bioko, Comoros, Singapore, Malta.
"""

import json
import sys
from pathlib import Path

import numpy as np

from forensics.origin import outlines
from forensics.origin.geography import in_rings

TARGET = Path(outlines.__file__).parent / "coastlines" / outlines.SMALL_FILE
# Degrees; about 100 m, a tenth of what generalisation to 1:50 million leaves.
DIGITS = 3
# Not a country: India holds it, Pakistan claims it.
NO_COUNTRY = "Siachen Glacier"


def main(path: str) -> None:
    """Write the polygons, by country."""
    coarse = {country.code or country.name: country for country in outlines.coarse_countries()}
    names = [country.name for country in outlines.coarse_countries()]
    kept: list[dict[str, object]] = []
    for shape in sorted(
        outlines.read_outlines(json.loads(Path(path).read_text(encoding="utf-8"))),
        key=lambda country: (country.name, country.code),
    ):
        own = coarse.get(shape.code or shape.name)
        rings = [ring for ring in shape.rings if _is_lacking(ring, shape, own, names)]
        if rings and shape.name != NO_COUNTRY:
            kept.append(
                {
                    "name": own.name if own else shape.name,
                    "code": shape.code,
                    "rings": [np.round(ring, DIGITS).tolist() for ring in rings],
                }
            )
    lines = ",\n".join(
        json.dumps(shape, ensure_ascii=False, separators=(",", ":")) for shape in kept
    )
    TARGET.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(len(kept), "countries,", sum(len(shape["rings"]) for shape in kept), "polygons")  # type: ignore[arg-type, misc]


def _is_lacking(
    ring: np.ndarray,
    shape: outlines.Country,
    own: "outlines.Country | None",
    names: list[str],
) -> bool:
    """Return whether most corners are given to another country, and no outline is crossed."""
    if np.abs(ring[:, 1]).max() > 85:
        return False
    where, _away = outlines.find_countries(ring[:, 1], ring[:, 0], outlines.coarse_countries())
    name = own.name if own else None
    right = np.array([number >= 0 and names[number] == name for number in where])
    if right.mean() >= 0.5:
        return False
    return own is None or not in_rings(ring[:, 1], ring[:, 0], own.rings).any()


if __name__ == "__main__":
    main(*sys.argv[1:])
