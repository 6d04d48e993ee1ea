"""Gives the records of a library names that mean one thing.

Four rules, in the order in which a build applies them:

1. `apply_taxdump`: the lineages and accepted names of NCBI's taxonomy. A record is looked for by its species, else by
   its deposited name, else by its genus; NCBI's number decides where it has one and several taxa bear the name, and
   stands for a name that is not found. What the dump lacks stays as it was; a name that several taxa bear, none of
   which fits, changes nothing.
2. `reconcile_names`, without such a dump: a record whose species is a synonym in a backbone takes the accepted name.
   Ranks that a record does not say are filled in, where those that it says are the same.
3. `rename`: the accepted names of a laboratory's own table of synonyms.
4. `reconcile_proven`: names that `forensics.barcode.reference.relations` proves to be of one species at a
   mitochondrial locus, and at no such locus contradicts, become one name: the one that the backbone accepts, else
   the one with the most records.

By the second and the fourth, a name is never changed into one that would say less of a specimen: names that the
package's table of domestic forms keeps apart (*Canis familiaris*, *C. lupus*) stay apart, and a name under which the
CITES Appendices list a species more strictly than under the accepted one stays, too.

The deposited name stays in the record, and ``renamed.tsv`` says what was changed and why.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.records import RANK_FIELDS, Pair, ReferenceRecord
from forensics.barcode.reference.relations import NameProof, prove_names
from forensics.barcode.reference.units import connected
from forensics.messages import _
from forensics.taxonomy.backbone import Backbone
from forensics.taxonomy.lineages import lineages
from forensics.taxonomy.synonyms import Synonyms
from forensics.taxonomy.taxdump import read_taxdump


@dataclass(frozen=True)
class Renamed:
    """A record that got another species name; the fields are the columns of ``renamed.tsv``."""

    accession: str
    locus: str
    name: str  # as deposited; it stays in the record
    synonym: str  # the name that was replaced, its chain resolved
    accepted: str
    source: str  # who says so


_Named = tuple[ReferenceRecord, Renamed | None]


def _accept(record: ReferenceRecord, name: str, source: str, *, synonym: str = "") -> _Named:
    """Return a record under a name, and what was changed; None where it counts under that name already."""
    accepted = replace(record, species=name, genus=name.partition(" ")[0])
    if name == record.species:
        return accepted, None
    return accepted, Renamed(
        record.accession, record.locus, record.name, synonym or record.species, name, source
    )


def _apply(
    rule: Callable[[ReferenceRecord], _Named], records: Iterable[Pair]
) -> tuple[list[Pair], list[Renamed]]:
    named, changes = [], []
    for record, sequence in records:
        accepted, change = rule(record)
        named.append((accepted, sequence))
        if change:
            changes.append(change)
    return named, changes


def apply_taxdump(
    records: Iterable[Pair], folder: Path, *, numbers: Mapping[str, int]
) -> tuple[list[Pair], list[Renamed], dict[str, object]]:
    """Return the records with the lineages of a dump, what was renamed, and what the library says of it.

    Parameters
    ----------
    records : iterable of (ReferenceRecord, str)
    folder : pathlib.Path
        With ``names.dmp``, ``nodes.dmp`` and, perhaps, ``merged.dmp``.
    numbers : mapping of str to int
        NCBI's numbers by accession.

    Raises
    ------
    InputError
        If the dump cannot be read.
    """

    def names(record: ReferenceRecord) -> list[str]:  # the narrowest first
        return list(filter(None, (record.species, record.name, record.genus)))

    records = list(records)
    wanted = {name for record, _text in records for name in names(record)}
    dump = read_taxdump(folder, wanted, set(numbers.values()))
    missing = 0

    def ranked(record: ReferenceRecord) -> _Named:
        nonlocal missing
        known = {getattr(record, field) for field in RANK_FIELDS.values()} - {""}
        number = numbers.get(record.accession, 0)
        # A genus is looked for by its name alone: the number is that of the species.
        found = (
            dump.find(name, number=number if " " in name else 0, known=known)
            for name in names(record)
        )
        taxon = next(filter(None, found), None)
        if taxon is None:
            missing += 1
            return record, None
        change = None
        if not record.species:
            record = replace(record, genus=taxon.ranks.get("genus", "") or record.genus)
        elif taxon.species:  # else the genus alone was found: the binomial stays whole
            source = _("NCBI taxonomy, taxon {number}").format(number=taxon.number)
            record, change = _accept(record, taxon.species, source)
        ranks = {
            RANK_FIELDS[rank]: name for rank, name in taxon.ranks.items() if rank in RANK_FIELDS
        }
        return replace(record, **ranks), change

    named, changes = _apply(ranked, records)
    says = {"sha256": dump.sha256, "renamed": len(changes), "not_found": missing}
    return named, changes, says


def find_synonym(record: ReferenceRecord, synonyms: Synonyms) -> tuple[str, str]:
    """Return the name that a table has another for, and that name; both empty where the record has it already.

    A record that names no species is left as it is: a synonym table cannot identify it any further.
    """
    # By its species, too, where a table gave the species beside the name.
    for name in (record.name, record.species) if record.species else ():
        synonym, accepted = synonyms.find(name)
        if accepted:
            return (synonym, accepted) if accepted != record.species else ("", "")
    return "", ""


def rename(records: Iterable[Pair], synonyms: Synonyms) -> tuple[list[Pair], list[Renamed]]:
    """Return the records with the accepted names of a table, and what was changed."""

    def accepted(record: ReferenceRecord) -> _Named:
        synonym, name = find_synonym(record, synonyms)
        if not name:
            return record, None
        return _accept(record, name, synonyms.sources.get(synonym, ""), synonym=synonym)

    return _apply(accepted, records)


_STRICTNESS = {"III": 1, "II": 2, "I": 3}
_LAST_DAY = "9999-12-31"  # the same records give the same library on any day


def reconcile_names(
    records: Iterable[Pair], backbone: Backbone
) -> tuple[list[Pair], list[Renamed]]:
    """Return the records with the names and ranks of a backbone, and what was renamed.

    A name is left as it is where the ranks of the record contradict those of the accepted name: it may be that of
    another species that bears the same name.
    """
    source = f"{backbone.source.get('name', '')} {backbone.source.get('version', '')}".strip()

    def reconciled(record: ReferenceRecord) -> _Named:
        says = {rank: getattr(record, field) for rank, field in RANK_FIELDS.items()}
        accepted = backbone.accepted(record.species) if record.species else ""
        if accepted != record.species and says_less(accepted, record.species, record.family):
            accepted = record.species
        genus = accepted.partition(" ")[0] or record.genus
        ranks = backbone.ranks_of(genus, known=set(says.values()) - {""})
        # Another class, or where it says none another order or family.
        said = next((r for r in ("class", "order", "family") if says[r] and ranks.get(r)), None)
        if said and says[said] != ranks[said]:
            return record, None
        change = None
        missing = {RANK_FIELDS[rank]: name for rank, name in ranks.items() if not says[rank]}
        if accepted != record.species or (accepted and missing):
            record, change = _accept(record, accepted, source)
        return (replace(record, **missing) if missing else record), change

    return _apply(reconciled, records)


def reconcile_proven(
    records: Sequence[Pair],
    *,
    backbone: Backbone | None = None,
    preferred: Collection[str] = (),
    keep: Collection[tuple[str, str]] = (),
) -> tuple[list[Pair], list[Renamed]]:
    """Return the records with one name for each species whose names are proven to be one, and what was renamed.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of all loci, without those that screening leaves out.
    backbone : Backbone, optional
    preferred : collection of str
        Names that the laboratory's own table accepts; they go before those of the backbone.
    keep : collection of (str, str)
        Locus and accession of records that somebody decided to keep as they are.
    """
    loci: dict[str, list[Pair]] = defaultdict(list)
    for pair in records:
        if find_locus(pair[0].locus).genome == MITOCHONDRIAL:
            loci[pair[0].locus].append(pair)
    proofs: dict[frozenset[str], NameProof] = {}
    contradicted: set[frozenset[str]] = set()
    for pairs in loci.values():
        for proof in prove_names(pairs, backbone=backbone):
            names = frozenset((proof.name, proof.other))
            if proof.is_proven:
                proofs.setdefault(names, proof)
            elif proof.is_contradicted:
                contradicted.add(names)
    proven = [proof for names, proof in proofs.items() if names not in contradicted]
    counts = Counter(record.species for record, _sequence in records if record.species)
    renamed = _one_name(proven, counts, backbone, frozenset(preferred))

    def under_one_name(record: ReferenceRecord) -> _Named:
        if record.species not in renamed or record.key in keep:
            return record, None
        return _accept(record, *renamed[record.species])

    return _apply(under_one_name, records)


@functools.lru_cache(maxsize=10_000)
def says_less(name: str, other: str, family: str = "") -> bool:
    """Return whether a name would say less of a specimen than another name of the species.

    Parameters
    ----------
    name : str
        The name that would be given.
    other : str
        The name that would be replaced.
    family : str, optional
        Family of the record.

    Examples
    --------
    >>> says_less("Canis lupus", "Canis familiaris"), says_less("Puma concolor", "Felis concolor")
    (True, False)
    """
    for lineage in lineages():
        member = lineage.member(name)
        if member and lineage.member(other) and other not in member:
            return True
    return _strictness(name, family) < _strictness(other, family)


def _strictness(species: str, family: str) -> int:
    """Return how strictly the Appendices list a species, 3 for Appendix I, by all that the table knows of any day."""
    from forensics.taxonomy.listings import listing_of

    lineage = (family,) if family else ()
    listing = listing_of(species, lineage=lineage, date=_LAST_DAY, spelling=False)
    return max(_STRICTNESS.get(name, 0) for name in listing.appendices)


def _one_name(
    proofs: Sequence[NameProof],
    counts: Mapping[str, int],
    backbone: Backbone | None,
    preferred: Collection[str],
) -> dict[str, tuple[str, str]]:
    """Return, by name, the name that takes its place and why."""
    groups = connected((proof.name, proof.other) for proof in proofs)
    evidence: dict[str, NameProof] = {}
    for proof in proofs:
        for name in (proof.name, proof.other):
            evidence.setdefault(name, proof)
    renamed = {}
    for name, group in groups.items():
        accepted = [other for other in sorted(group) if other in preferred]
        accepted = accepted or [o for o in sorted(group) if backbone and backbone.is_accepted(o)]
        if len(accepted) == 1:
            into, why = accepted[0], _("the accepted name")
        else:
            into = min(group, key=lambda other: (-counts[other], other))
            why = _("the name with the most records ({number})").format(number=counts[into])
        # What the Appendices list under one of the names must not be lost under another.
        for other in sorted(group):
            if says_less(into, other):
                into, why = other, _("the name that the CITES Appendices list")
        if name != into:
            proof = evidence[name]
            renamed[name] = (
                into,
                _("{name} and {other} have sequences {identity:.1%} identical at {locus}; {why}").format(
                    name=proof.name, other=proof.other, identity=proof.identity,
                    locus=proof.locus, why=why,
                ),
            )  # fmt: skip
    return renamed
