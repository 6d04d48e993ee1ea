"""What a library holds, and what it holds of the taxa that are most seized."""

import csv
from collections import Counter

from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.messages import _
from forensics.resources import folder

__all__ = ["read_targets", "summary", "target_table"]


def summary(library: Library) -> list[dict]:
    """Return one row a locus: records, species, vouchered records, institutions, countries."""
    rows = []
    for locus in library.loci:
        library.manifest(locus)  # says so where it is not the one that the library names
        records = [record for record, _sequence in library.records(locus)]
        rows.append({"locus": locus, **_counts(records)})
    return rows


def read_targets() -> list[dict[str, str]]:
    """Return the packaged list of the taxa most seized, one dictionary a row.

    ``also`` holds the other names that count, separated by ``;``: synonyms, names that
    older records bear, and the genera of a subfamily, a rank that records do not have.
    """
    path = folder("reference_sequences") / "targets.tsv"
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def target_table(library: Library) -> list[dict]:
    """Return one row a target taxon: what the library holds of it, and what is missing."""
    by_locus = {
        locus: [record for record, _sequence in library.records(locus)] for locus in library.loci
    }
    rows = []
    for target in read_targets():
        names = {target["taxon"], *target.get("also", "").split(";")} - {""}
        records_of = {
            locus: [record for record in records if _belongs(record, names)]
            for locus, records in by_locus.items()
        }
        all_records = [record for records in records_of.values() for record in records]
        counts = _counts(all_records)
        rows.append(
            {
                "group": target["group"],
                "taxon": target["taxon"],
                "records": " ".join(
                    f"{locus}:{len(records)}" for locus, records in records_of.items() if records
                )
                or "-",
                "species": counts["species"],
                "vouchered": counts["vouchered"],
                "institutions": counts["institutions"],
                "countries": counts["countries"],
                "missing": _missing(all_records),
            }
        )
    return rows


def _counts(records: list[ReferenceRecord]) -> dict[str, int]:
    return {
        "records": len(records),
        "species": len({record.species for record in records if record.species}),
        "vouchered": sum(bool(record.voucher) for record in records),
        "institutions": len({record.institution for record in records if record.institution}),
        "countries": len({record.country for record in records if record.country}),
    }


def _belongs(record: ReferenceRecord, names: set[str]) -> bool:
    ranks = (
        record.species, record.genus, record.family, record.order, record.class_, record.phylum
    )  # fmt: skip
    return not names.isdisjoint(ranks)


def _missing(records: list[ReferenceRecord]) -> str:
    """Say in words what a curator would still need."""
    if not records:
        return _("everything")
    faults = []
    species = Counter(record.species for record in records if record.species)
    if single := sum(count == 1 for count in species.values()):
        faults.append(_("{} species with one record").format(single))
    if not any(record.voucher for record in records):
        faults.append(_("vouchers"))
    if not any(record.country for record in records):
        faults.append(_("countries"))
    return ", ".join(faults) or "-"
