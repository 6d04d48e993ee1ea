"""CITES listings: which Appendix applies to a taxon, a population, a kind of specimen, on a day.

``lookup``        `listing_of`: every answer that stands
``table``         the Appendices as a table of the project's own, with dates (``animals.tsv``, ``plants.tsv``)
``annotations``   which specimens a listing covers, evaluated (``annotations.toml``)
``nomenclature``  the names of CITES, taxa above and below, misspelt names
``places``        countries, their parts, regions: populations of a listing
``kinds``         kinds of specimen: the trade terms of CITES
``hybrids``       animals to the fourth generation, plants as their parents
``remarks``       what a reader must know besides the answers
``results``       an answer, and what it rests on
``national``      schedules of national law
``official``      the Index of CITES Species and the History of CITES Listings
"""

import importlib

__all__ = ["Listing", "ListingResult", "listing_of", "read_official", "read_schedule"]

_PLACES = {
    "Listing": "table",
    "ListingResult": "results",
    "listing_of": "lookup",
    "read_official": "official",
    "read_schedule": "national",
}


def __getattr__(name: str):
    if name in _PLACES:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
