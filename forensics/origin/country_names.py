"""Names of the countries of the packaged outlines in the language of the reader.

What is stored, and what programs read, is the outline's own name: English, and cut short where it is
long ("Dem. Rep. Congo").
"""

from functools import cache
from importlib.resources import files

from forensics.messages import N_, _, language
from forensics.origin.outlines import Country, countries
from forensics.taxonomy.listings.places import country_names, place_of

__all__ = ["OUTSIDE", "alpha2_of", "country_in_words", "names_in_languages"]

OUTSIDE = N_("outside every territory")
"""What places outside every outline are called: stored in English, as the names of countries are."""

# Outlines whose names are cut short, or older: ISO 3166-1 numeric to alpha-2.
_SHORT = {
    "028": "AG", "070": "BA", "086": "IO", "090": "SB", "092": "VG", "136": "KY", "140": "CF",
    "180": "CD", "184": "CK", "214": "DO", "226": "GQ", "234": "FO", "238": "FK", "239": "GS",
    "248": "AX", "258": "PF", "260": "TF", "275": "PS", "334": "HM", "336": "VA", "580": "MP",
    "584": "MH", "612": "PN", "652": "BL", "654": "SH", "659": "KN", "662": "LC", "663": "MF",
    "666": "PM", "670": "VC", "678": "ST", "704": "VN", "728": "SS", "732": "EH", "780": "TT",
    "792": "TR", "796": "TC", "807": "MK", "850": "VI", "876": "WF",
}  # fmt: skip
# Columns of the names that the listings have, by language; Spanish names stand beside the outlines.
_COLUMNS = {"fr": 1, "pt": 2}


@cache
def alpha2_of(country: Country) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of an outline; None where it has none."""
    if not country.code:
        return None
    return _SHORT.get(country.code) or place_of(country.name)


@cache
def _spanish() -> dict[str, str]:
    text = files("forensics.origin").joinpath("coastlines", "spanish.tsv").read_text("utf-8")
    names = {}
    for line in text.splitlines()[1:]:
        code, name = line.split("\t")
        names[code] = name
    return names


@cache
def _codes() -> dict[str, str | None]:
    return {country.name: alpha2_of(country) for country in countries()}


def country_in_words(name: str) -> str:
    """Return the name of a country in the language of the reader.

    Parameters
    ----------
    name : str
        Of an outline, or `OUTSIDE`. Other names are returned as they are, and all are in English.

    Examples
    --------
    >>> country_in_words("Dem. Rep. Congo")
    'Dem. Rep. Congo'
    """
    if name == OUTSIDE:
        return _(OUTSIDE)
    reader = language()
    code = _codes().get(name) if reader in (*_COLUMNS, "es") else None
    if code is None:
        return name
    return _spanish()[code] if reader == "es" else country_names()[code][_COLUMNS[reader]]


def names_in_languages(name: str) -> tuple[str, ...]:
    """Return a name, and where it is of an outline's country its names in every language.

    Examples
    --------
    >>> names_in_languages("Cameroon")
    ('Cameroon', 'Cameroun', 'Camarões', 'Camerún')
    """
    code = _codes().get(name)
    names = (*country_names()[code], _spanish()[code]) if code else ()
    return tuple(dict.fromkeys((name, *names)))
