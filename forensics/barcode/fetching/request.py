"""What is asked for: taxa, loci, and the rules that belong to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forensics.barcode.locus import find_locus
from forensics.barcode.reference.targets import read_targets

__all__ = [
    "ANIMAL_LOCI",
    "MAX_RECORDS",
    "PLANT_LOCI",
    "SOURCES",
    "Request",
    "RequestedTaxon",
    "loci_of",
    "request_targets",
]

SOURCES = ("ncbi", "bold")
#: Loci of the target list where none are named: those that laboratories identify animals and
#: plants with (docs/loci.md).
ANIMAL_LOCI = ("COI", "cytb", "12S", "16S", "CR")
PLANT_LOCI = ("rbcL", "matK", "ITS", "trnL")
_PLANT_GROUPS = {"timber", "agarwood", "orchids", "succulents", "medicinal plants"}
#: Records of one request at most, unless another number is given: a family of insects has more,
#: and was not meant.
MAX_RECORDS = 100_000


@dataclass(frozen=True)
class RequestedTaxon:
    """A taxon that is wanted: its label, and the names that count for it."""

    label: str
    names: tuple[str, ...]
    loci: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    source : str
        One of `SOURCES`.
    taxa : tuple of RequestedTaxon
    loci : tuple of str
        The loci of all of them; of a record those of its kingdom where `by_kingdom`.
    by_kingdom : bool
    without : tuple of str
        Records that are left out because the user says so.
    """

    source: str
    taxa: tuple[RequestedTaxon, ...]
    loci: tuple[str, ...]
    by_kingdom: bool = False
    without: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """All names that count."""
        return {name for taxon in self.taxa for name in taxon.names}

    def as_json(self) -> dict:
        """Return the request as JSON says it."""
        return {
            "source": self.source,
            "wanted": [
                {"label": taxon.label, "names": list(taxon.names), "loci": list(taxon.loci)}
                for taxon in self.taxa
            ],
            "loci": list(self.loci),
            "by_kingdom": self.by_kingdom,
            "without": list(self.without),
        }

    @classmethod
    def from_json(cls, record: dict) -> "Request":
        """Read what `as_json` gave."""
        return cls(
            record["source"],
            tuple(
                RequestedTaxon(taxon["label"], tuple(taxon["names"]), tuple(taxon.get("loci", ())))
                for taxon in record["wanted"]
            ),
            loci_of(record["loci"]),
            bool(record.get("by_kingdom", False)),
            tuple(record["without"]),
        )


def loci_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return loci by their names in this project, each once.

    Raises
    ------
    UsageError
        If one is not known.
    """
    return tuple(dict.fromkeys(find_locus(name.strip()).name for name in names))


def request_targets(loci: Sequence[str] = ()) -> tuple[RequestedTaxon, ...]:
    """Return the packaged target list, with the loci of its animals and plants or with those given."""
    taxa = []
    for target in read_targets():
        also = [name for name in target.get("also", "").split(";") if name]
        usual = PLANT_LOCI if target["group"] in _PLANT_GROUPS else ANIMAL_LOCI
        # A subfamily is not a rank of BOLD's and NCBI's records alike; its genera stand for it.
        names = also if target["rank"] == "subfamily" and also else [target["taxon"], *also]
        taxa.append(RequestedTaxon(target["taxon"], tuple(names), tuple(loci) or usual))
    return tuple(taxa)
