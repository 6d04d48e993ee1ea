"""What is asked for: taxa, each at its loci."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from forensics.barcode.locus import find_locus
from forensics.barcode.reference.panels import Panel, PanelTaxon

__all__ = ["MAX_RECORDS", "SOURCES", "Request", "loci_of"]

SOURCES = ("ncbi", "bold")
#: Records of one request at most, unless another number is given: a family of insects has more,
#: and was not meant.
MAX_RECORDS = 100_000


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    source : str
        One of `SOURCES`.
    panel : Panel
        Of a record those loci are taken that its taxa are wanted at.
    without : tuple of str
        Records that are left out because the user says so.
    """

    source: str
    panel: Panel
    without: tuple[str, ...] = ()

    @property
    def taxa(self) -> tuple[PanelTaxon, ...]:
        """The taxa that are wanted."""
        return self.panel.taxa

    @property
    def loci(self) -> tuple[str, ...]:
        """The loci of all taxa, each once."""
        return self.panel.loci

    def as_json(self) -> dict:
        """Return the request as JSON says it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict) -> "Request":
        """Read what `as_json` gave."""
        taxa = tuple(
            PanelTaxon(**{**taxon, "loci": loci_of(taxon["loci"]), "also": tuple(taxon["also"])})
            for taxon in record["panel"]["taxa"]
        )
        return cls(record["source"], Panel(record["panel"]["name"], taxa), tuple(record["without"]))


def loci_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return loci by their names in this project, each once.

    Raises
    ------
    UsageError
        If one is not known.
    """
    return tuple(dict.fromkeys(find_locus(name.strip()).name for name in names))
