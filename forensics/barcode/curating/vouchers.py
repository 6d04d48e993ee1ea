"""A laboratory's own vouchers weighed against deposited records.

The laboratory has its specimens: somebody saw them, and they can be looked at again.  So where an
own record and a deposited one disagree about a name, the deposited one goes, never the own one.

====================  ========  ==============================================================
OWN_VOUCHER           left out  `NEAR` or more to an own record of another species, and farther
                                from every own record of its own name; or likewise to one of
                                another genus where the laboratory has none of its name
NEAR_OWN_VOUCHER      flagged   `NEAR` or more to an own record of another species of its genus,
                                and the laboratory has none of its name: species may share that
FAR_FROM_OWN_VOUCHER  flagged   under `FAR` to every own record of its name: another lineage of
                                the species, or another species
====================  ========  ==============================================================

An own record that other findings of names speak against is flagged and kept; a fault of its
sequence (stop codons, another locus, human) counts as for any record.  How sequences are matched
and calls are made does not know of own records: they are weighed here, once, at build.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.misnamed import AGAINST, SPECIES_APART
from forensics.barcode.curating.neighbours import Neighbours
from forensics.barcode.reference.records import ReferenceRecord
from forensics.messages import _
from forensics.taxonomy.spelling import epithet_stem

__all__ = ["FAR", "NEAR", "OVERRULED", "weigh_own_records"]

#: Identity from which two records are of one species, as BOLD names one (see `AGAINST`).
NEAR = AGAINST["species"]
#: Identity under which records of one name lie apart (see `SPECIES_APART`).
FAR = SPECIES_APART
#: The code of what leaves a deposited record out.
OVERRULED = "OWN_VOUCHER"

_Pair = tuple[ReferenceRecord, str]
_Best = tuple[float, str]


def weigh_own_records(
    records: Sequence[_Pair], own: Collection[str], neighbours: Neighbours
) -> list[ScreeningFinding]:
    """Return what own records say against deposited ones of one locus.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus.
    own : collection of str
        Accessions of the laboratory's own records.
    neighbours : callable
        See `forensics.barcode.curating.neighbours.all_neighbours`.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; never about an own one.
    """
    # For each deposited record the nearest own one of every name.
    best: dict[int, dict[str, _Best]] = defaultdict(dict)
    named = set()
    for record, sequence in records:
        if record.accession not in own or not record.species:
            continue
        named.add(record.species)
        for place, identity in neighbours(sequence):
            if records[place][0].accession not in own:
                nearest = best[place].get(record.species, (0.0, ""))
                best[place][record.species] = max(nearest, (identity, record.accession))
    findings = []
    for place, (record, _sequence) in enumerate(records):
        if record.accession in own:
            continue
        finding = _weigh(record, best.get(place, {}), record.species in named)
        if finding:
            findings.append(finding)
    return findings


def _weigh(
    record: ReferenceRecord, best: dict[str, _Best], has_own: bool
) -> ScreeningFinding | None:
    others = {name: nearest for name, nearest in best.items() if not _same(record, name)}
    mine = max((nearest for name, nearest in best.items() if name not in others), default=(0.0, ""))
    name, (identity, accession) = max(
        others.items(), key=lambda item: item[1], default=("", (0.0, ""))
    )
    against = _("{identity:.1%} to the own record {accession}, {name}").format(
        identity=identity, accession=accession, name=name
    )
    if identity >= NEAR and identity > mine[0]:
        if has_own:
            # Below the floor of the search nothing is known but that it is farther.
            aside = _("farther from every own record of its name")
            return ScreeningFinding.of(
                record, "OWN_VOUCHER", identity, f"{against}; {aside}", "drop"
            )
        if name.partition(" ")[0] != record.genus:
            return ScreeningFinding.of(record, OVERRULED, identity, against, "drop")
        if record.species:
            return ScreeningFinding.of(record, "NEAR_OWN_VOUCHER", identity, against, "look")
    if has_own and mine[0] < FAR:
        far = _("under {far:.0%} to every own record of its name").format(far=FAR)
        return ScreeningFinding.of(record, "FAR_FROM_OWN_VOUCHER", mine[0], far, "look")
    return None


def _same(record: ReferenceRecord, name: str) -> bool:
    """Return whether a record may be of the species of that name, under an older genus too."""
    if not record.species:
        return name.partition(" ")[0] == record.genus
    return record.species == name or epithet_stem(record.species) == epithet_stem(name)
