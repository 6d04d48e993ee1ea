"""CITES listings: which Appendix applies to a taxon, a population, a kind of specimen, on a day.

``lookup``        `listing_of`: every answer that stands
``table``         the Appendices as a table of the project's own, with dates (``animals.tsv``, ``plants.tsv``)
``annotations``   which specimens a listing covers, evaluated (``annotations.toml``)
``nomenclature``  the names of CITES, taxa above and below, misspelt names
``places``        countries, their parts, regions: populations of a listing
``kinds``         kinds of specimen: the trade terms of CITES
``hybrids``       animals to the fourth generation, plants as their parents
``remarks``       what a reader must know besides the answers
``doubts``        first days and families that are not sure (``delays.tsv``, ``placements.tsv``)
``reports``       amendments that were reported after the day of the table (``reported.tsv``)
``results``       every answer that stands, and what it rests on; ``stored_listing`` reads it back
``answers``       an answer; a provision of national law
``national``      schedules of national law
``official``      the Index of CITES Species and the History of CITES Listings
"""

from forensics.lazily import lazily

_PUBLIC = {
    "Listing": "table",
    "ListingResult": "results",
    "listing_of": "lookup",
    "read_official": "official",
    "read_schedule": "national",
}

__all__ = [*_PUBLIC]  # noqa: PLE0604

__getattr__, __dir__ = lazily(__name__, _PUBLIC)
