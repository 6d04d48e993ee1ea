"""Reference records whose name may be misspelt, or is an old one, so that one species counts as two.

========  ======  =========================================================================
MISSPELT  rename  one letter, or the ending, from a name with more records; an identical sequence
MISSPELT  look    the same, but no identical sequence, or both names have as many records: two
                  species may truly be called so
OLD_NAME  rename  the synonym table that was given has another accepted name
OLD_NAME  look    a packaged table has both names for one species, and so has the library
========  ======  =========================================================================

The score of MISSPELT is the mean of two shares: that of the records which bear the other
name, and how near the nearest sequences of the two names are (0 at `APART` or below, 1 where they are
identical; a half where none can be compared). That of OLD_NAME is 1.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.misnamed import AGAINST
from forensics.barcode.matching.pairwise import identity
from forensics.barcode.reference.records import ReferenceRecord
from forensics.taxonomy.lineages import lineages
from forensics.taxonomy.spelling import Likeness, one_letter_apart, same_but_ending
from forensics.taxonomy.synonyms import Synonyms

__all__ = ["APART", "packaged_names", "screen_old_names", "screen_spelling"]

#: Identity of sequences at which names of two families are compared at all: the bound between
#: genera of `forensics.barcode.curating.misnamed`. It does not make one species of two: the siskins
#: *Carduelis pinus* and *C. spinus* are 98.3 % identical, so only an identical sequence renames.
ONE_GENUS = AGAINST["genus"]
#: Identity at which they speak for neither.
APART = 0.90
#: So many different sequences of a name are compared, a locus.
COMPARED = 10

_Pair = tuple[ReferenceRecord, str]


@dataclass(frozen=True)
class _Name:
    """What a library holds under a species name."""

    records: tuple[ReferenceRecord, ...]
    sequences: Mapping[str, tuple[str, ...]]  # by locus, different ones

    @property
    def families(self) -> set[str]:
        return {record.family for record in self.records} - {""}


def screen_spelling(loci: Mapping[str, Sequence[_Pair]]) -> list[ScreeningFinding]:
    """Find records whose species name is one letter, or the ending, from another.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        All records of a library by locus.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each, that with the highest score. Names of
        two genera are compared only where no family speaks against it.
    """
    names = _names(loci)
    counts = {name: len(entry.records) for name, entry in names.items()}
    misspelt: dict[str, tuple[float, str, str]] = {}
    for like in (*one_letter_apart(counts), *same_but_ending(counts)):
        few, many = names[like.name], names[like.like]
        nearest = _nearest(few, many)
        genera = {like.name.partition(" ")[0], like.like.partition(" ")[0]}
        strangers = few.families and many.families and not few.families & many.families
        if len(genera) > 1 and strangers and (nearest or 0.0) < ONE_GENUS:
            continue
        near = 0.5 if nearest is None else max(0.0, (nearest - APART) / (1 - APART))
        sure = nearest == 1.0 and not like.even
        for name, other, own, theirs in (
            (like.name, like.like, like.records, like.like_records),
            (like.like, like.name, like.like_records, like.records),
        ):
            if name == like.like and not like.even:
                break  # the name with more records is taken to be right
            score = (theirs / (own + theirs) + near) / 2
            evidence = _evidence(like, name, other, own, theirs, nearest)
            if name not in misspelt or score > misspelt[name][0]:
                misspelt[name] = score, evidence, "rename" if sure else "look"
    return [
        ScreeningFinding.of(record, "MISSPELT", *misspelt[record.species])
        for records in loci.values()
        for record, _sequence in records
        if record.species in misspelt
    ]


def screen_old_names(
    loci: Mapping[str, Sequence[_Pair]], *, synonyms: Synonyms | None = None
) -> list[ScreeningFinding]:
    """Find records under names that a synonym table, or a packaged table, has another name for.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        All records of a library by locus.
    synonyms : Synonyms, optional
        The laboratory's own table. The packaged ones speak only where the library has both
        names, since which of them is accepted is for the laboratory to say.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """
    present = {record.species for records in loci.values() for record, _sequence in records}
    packaged = packaged_names()
    findings = []
    for records in loci.values():
        for record, _sequence in records:
            if not record.species:
                continue
            if synonyms:
                synonym, accepted = synonyms.find(record.name)
                if not accepted:
                    synonym, accepted = synonyms.find(record.species)
                if accepted and accepted != record.species:
                    source = synonyms.sources.get(synonym) or synonyms.file
                    evidence = f"{synonym} is {accepted} according to {source}"
                    finding = ScreeningFinding.of(record, "OLD_NAME", 1.0, evidence, "rename")
                    findings.append(finding)
                    continue
            other, table = packaged.get(record.species, ("", ""))
            if other and other in present:
                evidence = f"the same species as {other}, which the library has too ({table})"
                findings.append(ScreeningFinding.of(record, "OLD_NAME", 1.0, evidence, "look"))
    return findings


def packaged_names() -> dict[str, tuple[str, str]]:
    """Return, by species name, the first name that a packaged table has for it, and the table."""
    names: dict[str, tuple[str, str]] = {}
    for lineage in lineages():
        for first, *others in lineage.members:
            for name in others:
                names.setdefault(name, (first, "taxonomy/lineages.tsv"))
    return names


def _names(loci: Mapping[str, Sequence[_Pair]]) -> dict[str, _Name]:
    records: dict[str, list[ReferenceRecord]] = defaultdict(list)
    sequences: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for locus, pairs in loci.items():
        for record, sequence in pairs:
            if record.species:
                records[record.species].append(record)
                sequences[record.species][locus][sequence] += 1
    return {
        name: _Name(
            tuple(of_name),
            {
                locus: tuple(sequence for sequence, _count in counts.most_common(COMPARED))
                for locus, counts in sequences[name].items()
            },
        )
        for name, of_name in records.items()
    }


def _nearest(name: _Name, other: _Name) -> float | None:
    """Return the highest identity of a sequence of one and one of the other; None without any."""
    values = [
        identity(a, b)
        for locus in name.sequences.keys() & other.sequences.keys()
        for a in name.sequences[locus]
        for b in other.sequences[locus]
        if a and b
    ]
    return max(values, default=None)


def _evidence(
    like: Likeness, name: str, other: str, own: int, theirs: int, nearest: float | None
) -> str:
    likeness = (
        "no locus in common" if nearest is None else f"nearest sequences {nearest:.1%} identical"
    )
    return f"{name} ({own}) and {other} ({theirs} records) differ by {like.change}; {likeness}"
