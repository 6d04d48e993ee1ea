"""What is known of a specimen beside its taxon: options of every command that looks up its listing."""

from collections.abc import Mapping
from typing import Any, TypedDict

from forensics.core.options import Options, option, option_class
from forensics.messages import N_


class Specimen(TypedDict, total=False):
    """The fields of `SpecimenOptions` that are known."""

    kind: str
    population: str


@option_class
class SpecimenOptions(Options):
    """Kind of specimen and population, as `forensics.listing_of` reads them.

    Attributes
    ----------
    kind, population : str or None
        None where it is not known; then every answer that it may decide is given.
    """

    kind: str | None = option(
        default=None,
        key=None,
        help=N_("Kind of specimen: trade term code of CITES (TUS) or a word (raw ivory)."),
    )
    population: str | None = option(
        default=None,
        key=None,
        metavar="PLACE",
        help=N_("Country where the specimen lived: ISO 3166 code (BW, AR-Y) or English name."),
    )

    def check(self) -> None:
        """Refuse a kind or a country that is not known, before any work."""
        if self.kind or self.population:
            from forensics.taxonomy.listings.kinds import kinds_of
            from forensics.taxonomy.listings.table import place_of

            kinds_of(self.kind)
            place_of(self.population)

    def specimen(self) -> Specimen:
        """Return what is known, by name."""
        return known_specimen(vars(self))


def known_specimen(row: Mapping[str, Any]) -> Specimen:
    """Return what a row or a record has of a specimen, by name."""
    known = Specimen()
    if kind := row.get("kind"):
        known["kind"] = kind
    if population := row.get("population"):
        known["population"] = population
    return known
