"""The sites of a reference: which animals were taken at one place, and where it lies."""

import numpy as np

from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _, ngettext
from forensics.origin.globe import check_places, great_circle, spherical_mean, wrap_longitude
from forensics.origin.outlines import COAST_KM, countries_of

__all__ = ["SITE_KM", "centres_of", "coordinates_of", "exchange_in_words", "sites_of", "span_of"]

# Animals without a population belong to one site if they are within this distance of each other
# in a chain; below it a grid of a State does not tell places apart.
SITE_KM = 1.0


def coordinates_of(genotypes: Genotypes) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude of each animal, degrees; float64, shape (n,) each.

    Raises
    ------
    InputError
        If there are no coordinates.
    """
    if genotypes.latitudes is None or genotypes.longitudes is None:
        raise InputError(
            _(
                "the reference has no coordinates. Expected: columns latitude and longitude in "
                "decimal degrees (WGS 84)"
            ),
            source=genotypes.source or None,
        )
    return genotypes.latitudes, genotypes.longitudes


def sites_of(genotypes: Genotypes, *, within_km: float = SITE_KM) -> tuple[str, ...]:
    """Return the site of each animal.

    That of the column of sites where there is one; else the population where every animal has one; else
    places within `within_km` of each other, in a chain, are one site, named by its mean latitude and
    longitude.

    Raises
    ------
    InputError
        If there are no coordinates or an animal has none, or none in the column of sites.
    """
    latitudes, longitudes = coordinates_of(genotypes)
    missing = ~np.isfinite(latitudes + longitudes)
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise InputError(
            _(
                "animal {animal} has no coordinates; each reference animal needs latitude and "
                "longitude. Leave it out or fill them in"
            ).format(animal=genotypes.animals[row]),
            source=genotypes.source or None,
        )
    check_places(latitudes, longitudes)
    if (sites := genotypes.fields.get("site")) is not None:
        if "" in sites:
            raise InputError(
                _(
                    "animal {animal} has no site, and there is a column of sites. Fill it in, leave the animal "
                    "out, or name another column with the option site"
                ).format(animal=genotypes.animals[sites.index("")]),
                source=genotypes.source or None,
            )
        return sites
    if genotypes.populations is not None and all(genotypes.populations):
        return genotypes.populations
    places, which = np.unique(np.column_stack([latitudes, longitudes]), axis=0, return_inverse=True)
    group = np.full(len(places), -1)
    for first in range(len(places)):
        if group[first] >= 0:
            continue
        group[first], edge = first, [first]
        while edge:
            current = edge.pop()
            free = np.flatnonzero(group < 0)
            near = free[great_circle(*places[current], *places[free].T) <= within_km]
            group[near] = first
            edge.extend(near.tolist())
    names = {}
    for number in np.unique(group):
        latitude, longitude = spherical_mean(*places[group == number].T)
        names[number] = f"{latitude:.4f} {longitude:.4f}"
    return tuple(names[group[number]] for number in which.ravel())


def centres_of(
    latitudes: np.ndarray, longitudes: np.ndarray, site_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude of the mean place of each site; float64, shape (S,) each."""
    centres = [
        spherical_mean(latitudes[site_of == site], longitudes[site_of == site])
        for site in range(int(site_of.max()) + 1)
    ]
    return np.array([north for north, _east in centres]), np.array(
        [east for _north, east in centres]
    )


def span_of(longitudes: np.ndarray) -> tuple[float, float]:
    """Return the westernmost and the easternmost of longitudes, degrees.

    The widest gap between them is left out, so that places on both sides of the antimeridian do not
    span the globe: the western bound is then the greater number, as in RFC 7946.
    """
    ordered = np.sort(wrap_longitude(longitudes))
    gaps = np.diff(np.append(ordered, ordered[0] + 360.0))
    last = int(gaps.argmax())
    return float(ordered[(last + 1) % len(ordered)]), float(ordered[last])


def exchange_in_words(genotypes: Genotypes) -> str:
    """Return a warning where latitudes and longitudes seem to be exchanged; "" where they do not.

    They do where places lie at sea that would all be on land if the two columns were exchanged.
    """
    if genotypes.latitudes is None or genotypes.longitudes is None:
        return ""
    places = np.column_stack([genotypes.latitudes, genotypes.longitudes])
    places = np.unique(places[np.isfinite(places).all(axis=1)], axis=0)
    if not len(places) or (np.abs(places) > 90).any():
        return ""
    at_sea = int((countries_of(*places.T, near_km=COAST_KM)[0] < 0).sum())
    if not at_sea or (countries_of(*places[:, ::-1].T, near_km=COAST_KM)[0] < 0).any():
        return ""
    return ngettext(
        "{count} of {all} places lies more than {km:g} km from land; with latitude and longitude "
        "exchanged all would be on land. Are the two columns exchanged?",
        "{count} of {all} places lie more than {km:g} km from land; with latitude and longitude "
        "exchanged all would be on land. Are the two columns exchanged?",
        at_sea,
    ).format(count=at_sea, all=len(places), km=COAST_KM)
