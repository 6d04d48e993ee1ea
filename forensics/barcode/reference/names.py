"""The names of a library's records: made to mean one thing, and compared with their sequences.

Four rules, in the order in which a build applies them:

1. `apply_taxdump`: the lineages and accepted names of NCBI's taxonomy. A record is looked for by its species, else by
   its deposited name, else by its genus; NCBI's number decides where it has one and several taxa bear the name, and
   stands for a name that is not found. What the dump lacks stays as it was; a name that several taxa bear, none of
   which fits, changes nothing.
2. `reconcile_names`: a record whose species is a synonym in a backbone takes the accepted name, and a subspecies
   that is accepted as a species becomes it. Ranks that a record does not say are filled in, where those that it says
   are the same.
3. `rename`: the accepted names of a laboratory's own table of synonyms.
4. `reconcile_proven`: names that `forensics.barcode.reference.relations` proves to be of one species at a
   mitochondrial locus, and at no such locus contradicts, become one name: the one that the backbone accepts, else
   the one with the most records.

Of a species that the CITES Appendices name, theirs is the accepted name (`forensics.taxonomy.synonyms.prefer_cites_names`). But
for a laboratory's own table, a name is never changed into one that would say less of a specimen (`says_less`): names
that the Appendices accept stay, so do names that the package's table of domestic forms keeps apart (*Canis
familiaris*, *C. lupus*), and those under which the Appendices list a species more strictly.

The deposited name stays in the record, and ``renamed.tsv`` says what was changed and why. Where the epithet is
another, so that two species may have become one, it asks a person to check that.

A name may be misspelt, or an old one, so that one species counts as two:

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

A name and its sequence may disagree. There is no list of known errors to look up: the records are compared with one
another.  A record that sits inside another genus, family or order, while its own
kin lie elsewhere, bears the wrong name or the wrong sequence (tubes and wells are
swapped, a parasite yields its host).  Which of two is wrong is decided by support:
independent records on either side.  Where support does not decide, both are
suspects, because a wrong reference names a wrong species in court and a missing
one only says "nothing near".

=====================  ======  ============================================================
MISLABELLED            drop    sits in another genus, family or order; support is there
MISLABELLED_SPECIES    drop    sits in another species of its genus, its own lies elsewhere
IDENTICAL_OTHER_GENUS  drop    identical to another genus, nothing tells which is wrong
NEAR_OTHER_GENUS       look    as near to another genus, family or order as `AGAINST` says
                               (98, 95, 92 %), not identical; nothing tells which is wrong
NEAR_OTHER_GENUS       drop    98 % or more to another family or order; likewise
FAR_FROM_OWN           drop    alone and far from records of its species that agree
HUMAN                  drop    the sequence is human, the name is not
SYNONYM                keep    same epithet and sequence under two genera
SHARED_HAPLOTYPE       keep    species share a sequence and nothing speaks of an error
=====================  ======  ============================================================

The score is the identity to the nearest record of the other name, 0-1.

What it cannot find: a swap between two species of which the library has no other
record; a species all of whose records bear one wrong name; a true record that stands
alone among several of one wrong name (it is blamed in their place); a wrong human
record (human names are taken as true, since human DNA gets everywhere).

References
----------
Ratnasingham & Hebert 2013, PLoS ONE 8:e66213, doi:10.1371/journal.pone.0066213.
Kozlov et al. 2016 (mislabels from the data themselves), doi:10.1093/nar/gkw396.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from forensics.barcode.contamination import human
from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.neighbours import Neighbours
from forensics.barcode.locus import MITOCHONDRIAL, find_locus, reverse_complement
from forensics.barcode.matching.kernel import identities, identity
from forensics.barcode.reference.library import connected
from forensics.barcode.reference.records import RANK_FIELDS, ByLocus, Pair, ReferenceRecord
from forensics.barcode.reference.relations import (
    AGAINST,
    BESIDE,
    FAR_APART,
    FLOOR,
    SPECIES_SUPPORT,
    NameProof,
    prove_names,
)
from forensics.core.grouping import grouped
from forensics.core.progress import Advance, no_progress
from forensics.messages import _
from forensics.taxonomy.names import Backbone, genus_of, lineages
from forensics.taxonomy.spelling import (
    Likeness,
    epithet_stem,
    one_letter,
    one_letter_apart,
    same_but_ending,
)
from forensics.taxonomy.synonyms import Synonyms, cites_accepted_names, keys_of, same_epithet
from forensics.taxonomy.taxdump import read_taxdump

if TYPE_CHECKING:
    import numpy as np


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
    accepted = replace(record, species=name, genus=genus_of(name))
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
            # In a dump the names of the Appendices may be synonyms; the backbone that is made of it has them as its own.
            own = record.species in cites_accepted_names()
            accepted = record.species if own else _kept(record, taxon.species)
            record, change = _accept(record, accepted, _noted(source, record.species, accepted))
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


def _kept(record: ReferenceRecord, accepted: str) -> str:
    """Return the accepted name of a record's species, or its own where the accepted one would say less."""
    less = accepted != record.species and says_less(accepted, record.species, record.family)
    return record.species if less else accepted


def _noted(source: str, name: str, accepted: str) -> str:
    """Return who says that a name is another one, with a request where two species may become one by it."""
    if name in cites_accepted_names().get(accepted, ()):
        return _("the name that the CITES Appendices list")
    if same_epithet(name, accepted):
        return source
    return _("{source}; the epithet is another: check that both are one species").format(
        source=source
    )


_NAMES_AND_RANKS = ("name", "species", "genus", *RANK_FIELDS.values())
_names_and_ranks = attrgetter(*_NAMES_AND_RANKS)
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
        subspecies, *species = keys_of(record.name) or [""]
        name = subspecies if record.species in species else record.species
        accepted = _kept(record, backbone.accepted(name))
        genus = genus_of(accepted) or record.genus
        ranks = backbone.ranks_of(genus, known=set(says.values()) - {""})
        # Another class, or where it says none another order or family.
        said = next((r for r in ("class", "order", "family") if says[r] and ranks.get(r)), None)
        if said and says[said] != ranks[said]:
            return record, None
        change = None
        missing = {RANK_FIELDS[rank]: name for rank, name in ranks.items() if not says[rank]}
        if accepted != record.species or (accepted and missing):
            said_by = _noted(source, name, accepted)
            record, change = _accept(record, accepted, said_by, synonym=name)
        return (replace(record, **missing) if missing else record), change

    known: dict[tuple[str, ...], _Named] = {}

    def as_the_first(record: ReferenceRecord) -> _Named:
        """Reconcile a record as the first one that says the same of its name and ranks."""
        says = _names_and_ranks(record)
        if says not in known:
            known[says] = reconciled(record)
        first, change = known[says]
        becomes = _names_and_ranks(first)
        if becomes != says:
            record = replace(record, **dict(zip(_NAMES_AND_RANKS, becomes)))
        return record, change and replace(change, accession=record.accession, locus=record.locus)

    return _apply(as_the_first, records)


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
    loci = grouped(records, lambda pair: pair[0].locus)
    proofs: dict[frozenset[str], NameProof] = {}
    contradicted: set[frozenset[str]] = set()
    for locus, pairs in loci.items():
        if find_locus(locus).genome != MITOCHONDRIAL:
            continue
        for proof in prove_names(pairs, backbone=backbone):
            names = frozenset((proof.name, proof.other))
            if proof.is_proven:
                proofs.setdefault(names, proof)
            elif proof.identity < FAR_APART:
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


#: A majority of this many to one decides between two names that both have company.
MAJORITY = 2.0
#: Own species farther than this is elsewhere, for `MISLABELLED_SPECIES`: beyond the 2 % that
#: is usual within a species, by half.
SPECIES_APART = 0.97
#: Undecided pairs of genera within a family count only from here: some genera that are
#: sound (dolphins, for one) differ by less than 2 %.
PAIR_IDENTITY = 0.99
#: Mitochondrial DNA of corals and sponges evolves 10-100 times more slowly (Shearer et al. 2002,
#: doi:10.1046/j.1365-294X.2002.01652.x; Huang et al. 2008, doi:10.1007/s00239-008-9069-5), so
#: that among them only a neighbour of another order, nearly identical, tells of an error.
SLOW = frozenset(
    {
        "Anthozoa",
        "Hexacorallia",
        "Octocorallia",
        "Porifera",
        "Demospongiae",
        "Calcarea",
        "Homoscleromorpha",
    }
)
SLOW_ORDER_IDENTITY = 0.98
#: Agreeing records of its own species that a lone, far record is measured against.
AGREEING = 2
#: The genus of the commonest contaminant.
HUMAN = "Homo"
#: Identity from which a sequence is human whatever its name: human populations differ by far less.
HUMAN_IDENTITY = 0.97
#: Fewer bases than the shortest mini-barcodes may be human by chance.
MIN_HUMAN = 100
#: Their slow ribosomal loci may be as near to human ones as two humans are to each other.
APES = frozenset({"Pan", "Gorilla", "Pongo", "Hylobates", "Symphalangus", "Nomascus", "Hoolock"})
#: In shorter genera one letter makes another genus.
MIN_GENUS_LENGTH = 6
#: Rounds of screening: each sets aside what it is sure of, so that errors stop voting.
ROUNDS = 6

_RANKS = ("order", "family", "genus")
_MEMBERS = ("species", "genus", "family", "order")


def screen_names(
    records: Sequence[Pair],
    neighbours: Neighbours,
    *,
    without_vote: Collection[int] = (),
    progress: Advance = no_progress,
) -> list[ScreeningFinding]:
    """Find the records whose neighbours bear other names.

    Parameters
    ----------
    records : sequence of (record, str)
        Records of one locus with their sequences.
    neighbours : callable
        See `Neighbours`; the record itself may be among them. What is near to a record has it among its own.
    without_vote : collection of int
        Positions that are examined but say nothing about others: their sequences are poor.
    progress : callable
        Called with the records that are judged in the last round, and how many there are.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """

    library = _Library(records, neighbours)
    library.out[list(without_vote)] = True
    certain: dict[int, ScreeningFinding] = {}

    def judge(among: Iterable[int], *, pairs: bool) -> dict[int, ScreeningFinding]:
        library.pairs, findings = pairs, {}
        for i in among:
            if i not in certain and (finding := _judge(library, i)):
                findings[i] = finding
            if pairs:
                progress(i + 1, len(records))
        return findings

    progress(0, len(records))
    among: Collection[int] = range(len(records))
    for _round in range(ROUNDS):
        # What is certain is set aside before the next round, so that errors stop voting.
        judged = judge(among, pairs=False)
        drops = {i: f for i, f in judged.items() if f.suggested_action == "drop"}
        certain.update(drops)
        among = library.silence(drops)
        if not among:
            break
    certain.update(judge(range(len(records)), pairs=True))
    return [f for _, f in sorted(certain.items())]


def screen_human(
    loci: ByLocus,
    witnesses: ByLocus,
) -> list[ScreeningFinding]:
    """Find human sequences under other names, by the human genome that the package has.

    Where the library itself has no human record, by those of another library, too; where it has, the
    screening of names finds what is like that.

    Parameters
    ----------
    loci : mapping of str to sequence of (ReferenceRecord, str)
        All records of a library by locus.
    witnesses : mapping of the same
        Human records of another library, among others.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """
    findings = []
    for locus, records in loci.items():
        people = [text for record, text in witnesses.get(locus, ()) if record.genus == HUMAN]
        if any(record.genus == HUMAN for record, _ in records):
            people = []
        people += [reverse_complement(text) for text in people]
        for record, sequence in records:
            named_human = record.genus == HUMAN
            if not record.genus or named_human or _ape(record) or len(sequence) < MIN_HUMAN:
                continue
            near = max(identities(sequence, people, least=HUMAN_IDENTITY), default=0.0)
            # A record of a library is of another piece of the locus than this one, or there is none.
            if not near and (likeness := human(sequence)) and likeness.sure:
                near = likeness.identity
            if near:
                findings.append(_human(record, near))
    return findings


def _ape(record: ReferenceRecord) -> bool:
    return record.order == "Primates" or record.family == "Hominidae" or record.genus in APES


def _human(record: ReferenceRecord, near: float) -> ScreeningFinding:
    evidence = f"{near:.1%} identical to a human record"
    return ScreeningFinding.of(record, "HUMAN", near, evidence)


class _Near(NamedTuple):
    """The neighbours of a record that have a voice, or some of them: their positions, ascending, and identities."""

    positions: "np.ndarray"
    identities: "np.ndarray"

    def where(self, chosen: "np.ndarray") -> "_Near":
        """Return some of them."""
        return _Near(self.positions[chosen], self.identities[chosen])

    def from_identity(self, least: float) -> "_Near":
        """Return those that are so near."""
        return self.where(self.identities >= least)


class _Library:
    """Records with their neighbours and the members of every name."""

    def __init__(self, records: Sequence[Pair], neighbours: Neighbours) -> None:
        import numpy as np

        self.records = [record for record, _ in records]
        self._sequences = [sequence for _, sequence in records]
        self._ask = neighbours
        #: A flag for each record that has no voice.
        self.out = np.zeros(len(records), bool)
        #: Whether what support alone does not decide is judged, too.
        self.pairs = False
        self.members: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, record in enumerate(self.records):
            for rank in _MEMBERS:
                self.members[rank, getattr(record, rank)].append(i)
        numbers = {key: number for number, key in enumerate(self.members, 1)}
        self._genus_of = {
            n: name for (rank, name), n in numbers.items() if rank == "genus" and name
        }
        #: By rank a number for the name of each record, 0 where it has none.
        self.names = {
            rank: np.array(
                [(name := getattr(r, rank)) and numbers[rank, name] or 0 for r in self.records], int
            )
            for rank in _MEMBERS
        }
        self.human = np.array([record.genus == HUMAN for record in self.records], bool)

    def near(self, i: int) -> _Near:
        """Return the neighbours of a record that have a voice."""
        positions, identities = self._ask(self._sequences[i])
        kept = ~self.out[positions] & (positions != i) & (identities >= FLOOR)
        return _Near(positions[kept], identities[kept])

    def silence(self, positions: Collection[int]) -> list[int]:
        """Take their voice from some records, and return those of which something else may now be found, ascending."""
        changed = [i for i in positions if not self.out[i]]
        self.out[changed] = True
        kin = {
            rank: {
                j
                for i in changed
                if (name := getattr(self.records[i], rank))
                for j in self.members[rank, name]
            }
            for rank in ("species", "genus")
        }
        # Where one of a species is near, the others of its species are counted, too.
        about = kin["species"].union(changed)
        near = (self._ask(self._sequences[i])[0].tolist() for i in about)
        return sorted(about.union(kin["genus"], *near))

    def are_one_genus(self, i: int, positions: "np.ndarray") -> "np.ndarray":
        """Return which records have the record's genus, or one a letter apart within a family (Quistadrilus, Quistradrilus)."""
        import numpy as np

        genera, families, me = self.names["genus"], self.names["family"], self.records[i]
        theirs = genera[positions]
        same = theirs == genera[i]
        if len(me.genus) >= MIN_GENUS_LENGTH:
            for number in np.unique(theirs[~same & (families[positions] == families[i])]).tolist():
                genus = self._genus_of.get(number, "")
                if len(genus) >= MIN_GENUS_LENGTH and _one_letter_apart(me.genus, genus):
                    same |= (theirs == number) & (families[positions] == families[i])
        return same

    def are_kin(self, i: int, positions: "np.ndarray", rank: str) -> "np.ndarray":
        """Return which records have the record's name at a rank (or below it)."""
        mine = self.names[rank][i]
        kin = self.are_one_genus(i, positions)
        return kin | (self.names[rank][positions] == mine) if mine else kin

    def differ(self, i: int, positions: "np.ndarray", rank: str) -> "np.ndarray":
        """Return which names exclude the record's at a rank; unknown ranks and one genus never do."""
        mine, theirs = self.names[rank][i], self.names[rank][positions]
        differ = (theirs != mine) & (theirs != 0) & (mine != 0)
        if rank != "species" and differ.any():
            differ[differ] = ~self.are_one_genus(i, positions[differ])
        return differ

    def elsewhere(self, i: int, rank: str, near: Collection[int]) -> int:
        """Count other records with the record's name at a rank that are not among `near`."""
        name = getattr(self.records[i], rank)
        return (
            sum(j != i and j not in near and not self.out[j] for j in self.members[rank, name])
            if name
            else 0
        )


@functools.lru_cache(maxsize=100_000)
def _one_letter_apart(genus: str, other: str) -> bool:
    return bool(one_letter(genus, other))


def _judge(library: _Library, i: int) -> ScreeningFinding | None:
    me = library.records[i]
    near = library.near(i)
    if me.genus == HUMAN:
        # The commonest contaminant: what a human record shares with another animal is human,
        # however many tubes it got into.
        return None
    human = near.identities[library.human[near.positions]]
    if me.genus and not _ape(me) and len(human) and human.max() >= HUMAN_IDENTITY:
        return _human(me, float(human.max()))
    slow = me.class_ in SLOW or me.phylum in SLOW
    genera = library.names["genus"]
    is_among_kin = (genera[near.positions] == genera[i]).all()  # one genus differs at no rank
    for rank in () if is_among_kin else ("order",) if slow else _RANKS:
        least = SLOW_ORDER_IDENTITY if slow else AGAINST[rank]
        finding = _judge_rank(library, i, near, rank, least)
        if finding:
            return finding
    return _judge_species(library, i, near) if me.species and not slow else None


def _judge_rank(
    library: _Library,
    i: int,
    neighbours: _Near,
    rank: str,
    least: float,
) -> ScreeningFinding | None:
    me, names = library.records[i], library.names[rank]
    near = neighbours.from_identity(least)
    foreign = near.where(library.differ(i, near.positions, rank))
    if not len(foreign.positions):
        return None
    best = float(foreign.identities.max())
    beside = neighbours.from_identity(best - BESIDE).positions
    own = int(library.are_kin(i, beside, rank).sum())
    # Nearer kin of its own speak for the name, however many strangers stand a little farther off.
    nearer = neighbours.where(neighbours.identities > best + BESIDE)
    if library.are_kin(i, nearer.positions, rank).any():
        return None
    votes = Counter(
        getattr(library.records[j], rank) for j in beside[library.differ(i, beside, rank)].tolist()
    )
    name, support = max(votes.items(), key=lambda item: (item[1], item[0]))
    others = beside[names[beside] == names[library.members[rank, name][0]]].tolist()
    species = Counter(
        library.records[j].species or library.records[j].name for j in others
    ).most_common(2)
    inside = set(neighbours.positions.tolist())
    own_far = library.elsewhere(i, "species", inside)
    kin_far = library.elsewhere(i, "genus", inside)
    evidence = (
        f"{best:.1%} to {' and '.join(f'{s} ({n})' for s, n in species)}, "
        f"of {rank} {name} ({support} records beside); "
        f"of its own {rank} {getattr(me, rank)} {own} beside; elsewhere (below {FLOOR:.0%}): "
        f"own species {own_far}, own genus {kin_far}"
    )

    def flag(code: str, action: str = "drop") -> ScreeningFinding:
        return ScreeningFinding.of(me, code, best, evidence, action)

    def undecided() -> ScreeningFinding:
        if best == 1.0:
            return flag("IDENTICAL_OTHER_GENUS")
        # Of two orders or families at the distance of one species one name is wrong.
        near = rank != "genus" and best >= AGAINST["genus"]
        return flag("NEAR_OTHER_GENUS", "drop" if near else "look")

    if (
        rank == "genus"
        and me.species
        and any(
            epithet_stem(me.species) == epithet_stem(library.records[j].species) for j in others
        )
    ):
        return flag("SYNONYM", "keep") if library.pairs else None
    if own:
        if rank == "genus":
            # Within a family, a genus with company beside strangers is a matter of taxonomy,
            # unless its species lives elsewhere too and the majority here is of another name.
            their_far = library.elsewhere(others[0], "species", inside | {i})
            if own_far and (
                support >= MAJORITY * (own + 1) or (support > own + 1 and not their_far)
            ):
                return flag("MISLABELLED")
            return flag("SHARED_HAPLOTYPE", "keep") if library.pairs else None
        if support >= MAJORITY * (own + 1):
            return flag("MISLABELLED")
        if own + 1 >= MAJORITY * support:
            return None
        return undecided() if library.pairs else None
    if support >= 2:
        # No record of its genus elsewhere: nothing speaks for the name, and nothing against it.
        alone = rank == "genus" and not own_far and not kin_far
        if alone:
            return undecided()
        return flag("MISLABELLED")
    return _judge_pair(library, i, others[0], neighbours, rank, best, flag, undecided)


def _judge_pair(
    library: _Library,
    i: int,
    other: int,
    neighbours: _Near,
    rank: str,
    best: float,
    flag: Callable[[str], ScreeningFinding],
    undecided: Callable[[], ScreeningFinding],
) -> ScreeningFinding | None:
    """Judge one against one: who has kin here is at home, whose species is far is the stranger."""
    # Between families a relative within the floor is kin; within a family it must be near.
    level, least = ("genus", AGAINST["genus"]) if rank == "genus" else ("family", FLOOR)
    around = neighbours.from_identity(least).positions
    mine, theirs = (
        library.are_kin(one, around[around != other], level).any() for one in (i, other)
    )
    if mine != theirs:
        return flag("MISLABELLED") if theirs else None
    inside = set(neighbours.positions.tolist())
    own_far = library.elsewhere(i, "species", inside)
    their_far = library.elsewhere(other, "species", inside | {i})
    if (own_far > 0) != (their_far > 0):
        return flag("MISLABELLED") if own_far else None
    if rank == "genus" and best < PAIR_IDENTITY:
        return None
    return undecided() if library.pairs else None


def _judge_species(library: _Library, i: int, neighbours: _Near) -> ScreeningFinding | None:
    me = library.records[i]
    names = library.names["species"]

    def of_own(near: _Near) -> "np.ndarray":
        return names[near.positions] == names[i]

    if library.pairs and not of_own(neighbours).any():
        kin = [j for j in library.members["species", me.species] if j != i and not library.out[j]]
        around = [library.near(j) for j in kin]
        agree = max(
            (1 + int(of_own(near.from_identity(SPECIES_APART)).sum()) for near in around), default=0
        )
        # Kin that share their sequence with another genus may be the ones that are wrong.
        contested = any(
            not library.are_one_genus(i, near.from_identity(AGAINST["genus"]).positions).all()
            for near in around
        )
        if agree >= AGREEING and not contested:
            nearest = float(neighbours.identities.max(initial=0.0))
            evidence = (
                f"no other record of {me.species} at {FLOOR:.0%} or above, while {agree} of "
                f"{len(kin)} agree with one another"
            )
            if nearest:
                first = library.records[neighbours.positions[neighbours.identities.argmax()]]
                evidence += f"; nearest is {first.label} at {nearest:.1%}"
            return ScreeningFinding.of(me, "FAR_FROM_OWN", nearest, evidence)
    near = neighbours.from_identity(AGAINST["species"])
    genera = library.names["genus"]
    foreign = near.where(
        library.differ(i, near.positions, "species") & (genera[near.positions] == genera[i])
    )
    if not len(foreign.positions):
        return None
    best = float(foreign.identities.max())
    beside = foreign.from_identity(best - BESIDE).positions.tolist()
    votes = Counter(library.records[j].species for j in beside)
    name, support = max(votes.items(), key=lambda item: (item[1], item[0]))
    own = neighbours.where(of_own(neighbours)).identities.tolist()
    own_all = sum(j != i and not library.out[j] for j in library.members["species", me.species])
    apart = own_all if max(own, default=0.0) < SPECIES_APART else 0
    evidence = (
        f"{best:.1%} to {name} ({support} records beside); "
        f"{own_all} other records of {me.species}, "
        f"nearest at {f'{max(own):.1%}' if own else f'below {FLOOR:.0%}'}"
    )
    if support >= SPECIES_SUPPORT[0] and apart >= SPECIES_SUPPORT[1]:
        return ScreeningFinding.of(me, "MISLABELLED_SPECIES", best, evidence)
    if library.pairs and best == 1.0:
        return ScreeningFinding.of(me, "SHARED_HAPLOTYPE", 1.0, evidence, "keep")
    return None


#: Identity at which they speak for neither.
APART = 0.90
#: So many different sequences of a name are compared, a locus.
COMPARED = 10


@dataclass(frozen=True)
class _Name:
    """What a library holds under a species name."""

    records: tuple[ReferenceRecord, ...]
    sequences: Mapping[str, tuple[str, ...]]  # by locus, different ones

    @property
    def families(self) -> set[str]:
        return {record.family for record in self.records} - {""}


def screen_spelling(loci: ByLocus) -> list[ScreeningFinding]:
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
        genera = {genus_of(like.name), genus_of(like.like)}
        strangers = few.families and many.families and not few.families & many.families
        if len(genera) > 1 and strangers and (nearest or 0.0) < AGAINST["genus"]:
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


def screen_old_names(loci: ByLocus, *, synonyms: Synonyms | None = None) -> list[ScreeningFinding]:
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
            synonym, accepted = find_synonym(record, synonyms) if synonyms else ("", "")
            if synonyms and accepted:
                source = synonyms.sources.get(synonym) or synonyms.file
                evidence = f"{synonym} is {accepted} according to {source}"
                findings.append(ScreeningFinding.of(record, "OLD_NAME", 1.0, evidence, "rename"))
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


def _names(loci: ByLocus) -> dict[str, _Name]:
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
