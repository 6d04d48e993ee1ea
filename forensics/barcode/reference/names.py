"""Gives the records of a library names that mean one thing.

Gives reference records the accepted names of a synonym table.

Gives the records of a library names that mean one thing: those that a backbone accepts, and one for each species.

1. By the backbone (`reconcile_names`): a record whose species is a synonym there takes the accepted name. Ranks that a
   record does not say are filled in, where those that it says are the same.
2. By the records (`reconcile_proven`): names that `forensics.barcode.reference.relations` proves to be of one species
   at a mitochondrial locus, and at no such locus contradicts, become one name: the one that the backbone accepts,
   else the one with the most records.

A name is never changed into one that would say less of a specimen: names that the package's table of domestic forms
keeps apart (*Canis familiaris*, *C. lupus*) stay apart, and a name under which the CITES Appendices list a species
more strictly than under the accepted one stays, too.

The deposited name stays in the record, and ``renamed.tsv`` says what was changed and why.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace

from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import NameProof, prove_names
from forensics.messages import _
from forensics.taxonomy.backbone import Backbone
from forensics.taxonomy.lineages import lineages
from forensics.taxonomy.synonyms import Synonyms


@dataclass(frozen=True)
class Renamed:
    """A record that got another species name; the fields are the columns of ``renamed.tsv``.

    Attributes
    ----------
    accession, locus : str
        Of the record.
    name : str
        As deposited; it stays in the record.
    synonym, accepted : str
        The row of the synonym table that was applied, its chain resolved.
    source : str
        What the table gives as its source.
    """

    accession: str
    locus: str
    name: str
    synonym: str
    accepted: str
    source: str


def rename(
    records: Iterable[tuple[ReferenceRecord, str]], synonyms: Synonyms
) -> tuple[list[tuple[ReferenceRecord, str]], list[Renamed]]:
    """Return the records with accepted species and genus, and what was changed.

    The deposited name is kept in `ReferenceRecord.name`. A record that names no species
    is left as it is: a synonym table cannot identify it any further.
    """
    renamed, changes = [], []
    for record, sequence in records:
        synonym, accepted = synonyms.find(record.name) if record.species else ("", "")
        if record.species and not accepted:  # where a table gave the species beside the name
            synonym, accepted = synonyms.find(record.species)
        if accepted and accepted != record.species:
            changes.append(
                Renamed(
                    accession=record.accession,
                    locus=record.locus,
                    name=record.name,
                    synonym=synonym,
                    accepted=accepted,
                    source=synonyms.sources.get(synonym, ""),
                )
            )
            record = replace(record, species=accepted, genus=accepted.partition(" ")[0])
        renamed.append((record, sequence))
    return renamed, changes


def renamed_table(changes: Iterable[Renamed]) -> str:
    """Return the changes as TSV."""
    rows = [tuple(field.name for field in fields(Renamed)), *map(astuple, changes)]
    return "".join("\t".join(" ".join(v.split()) for v in row) + "\n" for row in rows)


_STRICTNESS = {"III": 1, "II": 2, "I": 3}
_LAST_DAY = "9999-12-31"  # the same records give the same library on any day

_Pair = tuple[ReferenceRecord, str]
_FIELDS = {"family": "family", "order": "order", "class": "class_", "phylum": "phylum"}


def reconcile_names(
    records: Iterable[_Pair], backbone: Backbone
) -> tuple[list[_Pair], list[Renamed]]:
    """Return the records with the names and ranks of a backbone, and what was renamed.

    A name is left as it is where the ranks of the record contradict those of the accepted name: it may be that of
    another species that bears the same name.
    """
    reconciled, changes = [], []
    for record, sequence in records:
        known = {record.family, record.order, record.class_, record.phylum} - {""}
        accepted = backbone.accepted(record.species) if record.species else ""
        if accepted != record.species and says_less(accepted, record.species, record.family):
            accepted = record.species
        genus = accepted.partition(" ")[0] or record.genus
        ranks = backbone.ranks_of(genus, known=known)
        if _contradict(record, ranks):
            reconciled.append((record, sequence))
            continue
        if accepted != record.species:
            changes.append(
                Renamed(
                    accession=record.accession,
                    locus=record.locus,
                    name=record.name,
                    synonym=record.species,
                    accepted=accepted,
                    source=_source(backbone),
                )
            )
        reconciled.append((_filled(record, accepted, genus, ranks), sequence))
    return reconciled, changes


def reconcile_proven(
    records: Sequence[_Pair],
    *,
    backbone: Backbone | None = None,
    preferred: Collection[str] = (),
    keep: Collection[tuple[str, str]] = (),
) -> tuple[list[_Pair], list[Renamed]]:
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
    loci: dict[str, list[_Pair]] = defaultdict(list)
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
    reconciled, changes = [], []
    for record, sequence in records:
        accepted, reason = renamed.get(record.species, ("", ""))
        if accepted and (record.locus, record.accession) not in keep:
            changes.append(
                Renamed(
                    accession=record.accession,
                    locus=record.locus,
                    name=record.name,
                    synonym=record.species,
                    accepted=accepted,
                    source=reason,
                )
            )
            record = replace(record, species=accepted, genus=accepted.partition(" ")[0])
        reconciled.append((record, sequence))
    return reconciled, changes


def _contradict(record: ReferenceRecord, ranks: Mapping[str, str]) -> bool:
    """Return whether a record says another class, or where it says none another order or family, than a lineage does."""
    for rank in ("class", "order", "family"):
        said, known = getattr(record, _FIELDS[rank]), ranks.get(rank, "")
        if said and known:
            return bool(said != known)
    return False


def _filled(
    record: ReferenceRecord, species: str, genus: str, ranks: Mapping[str, str]
) -> ReferenceRecord:
    """Return a record with its name, and the ranks that it does not say."""
    missing = {
        _FIELDS[rank]: name for rank, name in ranks.items() if not getattr(record, _FIELDS[rank])
    }
    if not missing and species == record.species:
        return record
    return replace(record, species=species, genus=genus if species else record.genus, **missing)


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


def _source(backbone: Backbone) -> str:
    name, version = backbone.source.get("name", ""), backbone.source.get("version", "")
    return f"{name} {version}".strip()


def _one_name(
    proofs: Sequence[NameProof],
    counts: Mapping[str, int],
    backbone: Backbone | None,
    preferred: Collection[str],
) -> dict[str, tuple[str, str]]:
    """Return, by name, the name that takes its place and why."""
    groups: dict[str, set[str]] = {}
    for proof in proofs:
        joined = groups.get(proof.name, {proof.name}) | groups.get(proof.other, {proof.other})
        for name in joined:
            groups[name] = joined
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
