"""A round of blind samples: drawn from reference records, and written to a folder with sealed answers.

::

    README.txt      what the trainee does
    samples.csv     a row a sample: its file, and what the label on the bag says
    samples/        a FASTA file a sample
    answers.csv     the sheet to fill in
    library/        the library of the round, without the samples' own records
    sealed.json     the right answers

All is drawn from the records and a seed. The sequences are real; what is done to some of them
(`Kind.SHORT` is a piece of one, `Kind.DOUBLE` and `Kind.CHIMERA` are put together from two) is a
simulation and is called so in the answers.

More samples are drawn than are used (`SPARE`): those that nobody could answer rightly from the library are sorted
out.

What may be expected of an answer is the **reference result**: the same sample, identified with the
library of the round at the default confidence. A drawn sample whose reference result is not true
is not used: from that library nobody could have answered it rightly. So a round says nothing of how
often the program errs; that is measured elsewhere (benchmarks/README.md).

Only the trainer's code opens the sealed file, and no byte of it can be changed. The code is random, 125 bits in
letters and digits that are not taken for one another; HKDF-SHA256 makes a key of it, ChaCha20-Poly1305 seals the
answers, and all else that the file says is authenticated with them. The seal does not bind the trainer, who could
seal others: against that the SHA-256 of the file is made known before the answers come in. And it keeps no secret
that can be had without it: who knows the seed can make the round again, and the sequences themselves are public.

References
----------
H. Krawczyk, P. Eronen (2010) HMAC-based key derivation function. RFC 5869. doi:10.17487/RFC5869
Y. Nir, A. Langley (2018) ChaCha20 and Poly1305. RFC 8439. doi:10.17487/RFC8439
D. Crockford, Base 32. https://www.crockford.com/base32.html
"""

import base64
import binascii
import gzip
import hashlib
import io
import os
import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import forensics
from forensics.barcode.identification import Identification
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.core.stored import from_stored, to_stored, utc_now
from forensics.custody.canonical import canonical, parse_json
from forensics.custody.keys import PassphraseSource
from forensics.errors import InputError, UsageError, VerificationError
from forensics.examination import identify
from forensics.io.files import folder, making_folder, read_limited, sha256
from forensics.io.numbers import RowWriter
from forensics.messages import _

WHOLE = 600
"""Bases of a record that is taken as a whole barcode: 500 are asked of one (Ratnasingham & Hebert
2007, doi:10.1111/j.1471-8286.2007.01678.x), and halves must still be halves."""
SHORT = 130
"""Bases of a short sample: a mini-barcode (Meusnier et al. 2008, doi:10.1186/1471-2164-9-214)."""
LEFT = 2
"""Records of a species that the library must keep when one is taken as a sample."""
TWIN = 6
"""Differences in a whole barcode up to which two species of a genus are taken for twins: 1 %."""
MAX_IN_GENUS = 12
"""Records of a genus that is left out whole; with more the library would lose its calibration."""
_AMBIGUITY = {
    frozenset(pair): code
    for pair, code in (("AG", "R"), ("CT", "Y"), ("CG", "S"), ("AT", "W"), ("GT", "K"), ("AC", "M"))
}
Entry = tuple[ReferenceRecord, str]
LOCUS = "COI"
# What is seized most, and few enough of the embedded library that a round is made in seconds.
ORDERS = frozenset(
    {
        "Acipenseriformes",
        "Anguilliformes",
        "Artiodactyla",
        "Carcharhiniformes",
        "Carnivora",
        "Crocodylia",
        "Falconiformes",
        "Lamniformes",
        "Perissodactyla",
        "Pholidota",
        "Primates",
        "Proboscidea",
        "Psittaciformes",
        "Squamata",
        "Testudines",
    }
)
SIZE = 12
"""Samples of a round."""
# The human barcode: where the 658 bases of a mammal's lie best in the packaged genome.
_HUMAN = slice(5950, 6608)
_MAX_SEED = 2**53 - 1  # the largest number that the sealed file holds
_SEALED, _LIBRARY, _SAMPLES = "sealed.json", "library", "samples"
_FORMAT = "forensics-training-round-1"
# Of the library; not translated, so that a seed makes the same library in every language.
_SAYS: dict[str, Any] = {
    "title": "Library of a training round",
    "statement": "For this exercise alone: records of the samples were taken out.",
}
CONCLUSIONS = ("identified", "inconclusive", "nothing_near", "unusable")
"""The statuses of `forensics.identify`."""
ANSWER_COLUMNS = ("sample", "conclusion", "taxon", "remarks")
# -- the seal ---------------------------------------------------------------------------

FORMAT = "forensics-training-seal-1"
MAX_BYTES = 4 * 2**20
"""A round of a hundred samples takes some 60 kB."""
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 5, 5
_SALT, _NONCE = 16, 12  # bytes; RFC 5869, 3.1; RFC 8439, 2.8
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class Kind(StrEnum):
    """What a sample is."""

    KNOWN = "known"  # the library has other records of the species
    EXCHANGED = "exchanged"  # so too, and its label is that of another sample
    SHORT = "short"  # a piece of a known one, as degraded tissue gives
    TWIN = "twin"  # a species that has next to the same sequence as another of its genus
    SPECIES_MISSING = "species_missing"  # the library has its genus
    GENUS_MISSING = "genus_missing"  # the library has its family
    DOUBLE = "double"  # two species read as one, double bases where they differ: SIMULATED
    CHIMERA = "chimera"  # the first half of one, the second of another: SIMULATED
    HUMAN = "human"  # of whoever handled the exhibit


SPARE = MappingProxyType(
    {
        # Twins first: few genera have them.
        Kind.TWIN: 4,
        Kind.GENUS_MISSING: 5,
        Kind.SPECIES_MISSING: 6,
        Kind.KNOWN: 8,
        Kind.EXCHANGED: 10,
        Kind.SHORT: 5,
        Kind.DOUBLE: 2,
        Kind.CHIMERA: 4,
        Kind.HUMAN: 1,
    }
)
"""How many of each kind are drawn."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What is true of a sample.

    Attributes
    ----------
    label : str
        What the submitting office wrote on the bag. No evidence, and not always true.
    species, genus, family, order : str
        Empty for what is of two species.
    missing : bool
        Whether the library of the round has no record of the species.
    components, made_of : tuple of str
        The species in it, and the accessions of the records that it was made of.
    """

    kind: Kind
    label: str
    species: str
    genus: str
    family: str
    order: str
    missing: bool
    components: tuple[str, ...]
    made_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Draft(Sample):
    """A sample before it has a number."""

    sequence: str

    @classmethod
    def of(cls, kind: Kind, sequence: str, *records: ReferenceRecord) -> "Draft":
        """Return a sample of one record or two, with the name of the first on the label."""
        first = records[0]
        alone = len(records) == 1
        return cls(
            kind=kind,
            sequence=sequence,
            label=first.species,
            species=first.species if alone else "",
            genus=first.genus if alone else "",
            family=first.family if alone else "",
            order=first.order,
            missing=kind in (Kind.SPECIES_MISSING, Kind.GENUS_MISSING),
            made_of=tuple(record.accession for record in records),
            components=tuple(record.species for record in records),
        )


def draw(records: Sequence[Entry], human: str, *, seed: int) -> tuple[list[Draft], list[Entry]]:
    """Draw samples.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus, in any order.
    human : str
        A human sequence of the same locus.
    seed : int
        The same records and seed give the same samples.

    Returns
    -------
    drafts : list of Draft
        `SPARE` of each kind, or fewer where the records do not hold as many.
    left : list of (ReferenceRecord, str)
        The records that make the library: without those of the samples, and without any of the
        species and genera that are to be missing.
    """
    return _Drawing(records, seed).run(human)


class _Drawing:
    def __init__(self, records: Sequence[Entry], seed: int) -> None:
        self.records = sorted(records, key=lambda entry: entry[0].accession)
        self.random = random.Random(seed)
        self.whole: dict[str, list[Entry]] = defaultdict(list)
        self.count: dict[str, int] = defaultdict(int)
        self.genera: dict[str, set[str]] = defaultdict(set)
        self.families: dict[str, set[str]] = defaultdict(set)
        self.in_genus: dict[str, int] = defaultdict(int)
        self.family_of: dict[str, str] = {}
        for record, sequence in self.records:
            self.in_genus[record.genus] += 1
            self.family_of.setdefault(record.genus, record.family)
            if not (record.species and record.genus and record.family):
                continue
            self.count[record.species] += 1
            self.genera[record.genus].add(record.species)
            self.families[record.family].add(record.genus)
            if len(sequence) >= WHOLE and not set(sequence) - set("ACGT"):
                self.whole[record.species].append((record, sequence))
        # Of a genus or a family one sample at most: no sample may depend on what another took out.
        self.taken: set[str] = set()
        self.out: set[str] = set()

    def run(self, human: str) -> tuple[list[Draft], list[Entry]]:
        drafts: list[Draft] = []
        make: dict[Kind, Callable[[str, Kind], Draft | None]] = {
            Kind.TWIN: self._twin,
            Kind.GENUS_MISSING: self._genus_missing,
            Kind.SPECIES_MISSING: self._species_missing,
            Kind.SHORT: self._short,
            Kind.DOUBLE: partial(self._of_two, join=_double),
            Kind.CHIMERA: partial(self._of_two, join=_halves),
        }
        for kind, number in SPARE.items():
            if kind is Kind.HUMAN:
                continue
            accepted: list[Draft] = []
            for species in self._shuffled():
                if len(accepted) == number:
                    break
                if self.genus_of(species) in self.taken:
                    continue
                draft = make.get(kind, self._single_record)(species, kind)
                if draft:
                    accepted.append(draft)
            drafts += accepted
        labels = [name for name in self._shuffled() if self.genus_of(name) not in self.taken]
        drafts.append(
            Draft(
                kind=Kind.HUMAN,
                sequence=human,
                label=labels[0] if labels else "",
                species="Homo sapiens",
                genus="Homo",
                family="Hominidae",
                order="Primates",
                missing=True,
                made_of=("human_mitogenome",),
                components=("Homo sapiens",),
            )
        )
        left = [entry for entry in self.records if entry[0].accession not in self.out]
        return drafts, left

    def genus_of(self, species: str) -> str:
        return self.whole[species][0][0].genus

    def _shuffled(self) -> list[str]:
        names = sorted(self.whole)
        self.random.shuffle(names)
        return names

    def _single_record(self, species: str, kind: Kind) -> Draft | None:
        if self.count[species] <= LEFT:
            return None
        return self._take_one(kind, self.whole[species])

    def _twin(self, species: str, kind: Kind) -> Draft | None:
        relatives = [
            sequence
            for other in sorted(self.genera[self.genus_of(species)] - {species})
            for _record, sequence in self.whole.get(other, ())
        ]
        entries = [
            entry
            for entry in self.whole[species]
            if any(_differences(entry[1], other) <= TWIN for other in relatives)
        ]
        if self.count[species] <= LEFT or not entries:
            return None
        return self._take_one(kind, entries)

    def _species_missing(self, species: str, kind: Kind) -> Draft | None:
        if len(self.genera[self.genus_of(species)]) < 2:
            return None
        self.out |= {r.accession for r, _s in self.records if r.species == species}
        return self._take_one(kind, self.whole[species])

    def _genus_missing(self, species: str, kind: Kind) -> Draft | None:
        genus = self.genus_of(species)
        family = self.family_of[genus]
        rest = self.families[family] - self.taken - {genus}
        if not rest or self.in_genus[genus] > MAX_IN_GENUS:
            return None
        self.taken |= self.families[family]
        self.out |= {r.accession for r, _s in self.records if r.genus == genus}
        return self._take_one(kind, self.whole[species])

    def _short(self, species: str, kind: Kind) -> Draft | None:
        draft = self._single_record(species, kind)
        if draft is None:
            return None
        start = self.random.randrange(len(draft.sequence) - SHORT + 1)
        return replace(draft, sequence=draft.sequence[start : start + SHORT])

    def _of_two(self, species: str, kind: Kind, join: Callable[[str, str], str]) -> Draft | None:
        """Join two records of different families and the same length."""
        if self.count[species] <= LEFT:
            return None
        first = self.random.choice(self.whole[species])
        others = [
            entry
            for name in sorted(self.whole)
            for entry in self.whole[name]
            if len(entry[1]) == len(first[1])
            and entry[0].order == first[0].order
            and entry[0].family != first[0].family
            and entry[0].genus not in self.taken
            and self.count[name] > LEFT
        ]
        if not others:
            return None
        other = self.random.choice(others)
        return self._take(kind, join(first[1], other[1]), first, other)

    def _take_one(self, kind: Kind, entries: Sequence[Entry]) -> Draft:
        entry = self.random.choice(entries)
        return self._take(kind, entry[1], entry)

    def _take(self, kind: Kind, sequence: str, *entries: Entry) -> Draft:
        """Return the sample of records, which leave the library, with their genera for other samples."""
        records = [record for record, _sequence in entries]
        self.taken |= {record.genus for record in records}
        self.out |= {record.accession for record in records}
        return Draft.of(kind, sequence, *records)


def _differences(first: str, other: str) -> int:
    """Return the number of places that differ; of sequences that do not lie side by side, all."""
    if len(first) != len(other):
        return max(len(first), len(other))
    return sum(a != b for a, b in zip(first, other))


def _double(first: str, other: str) -> str:
    return "".join(a if a == b else _AMBIGUITY[frozenset((a, b))] for a, b in zip(first, other))


def _halves(first: str, other: str) -> str:
    middle = len(first) // 2
    return first[:middle] + other[middle:]


AT_LEAST = MappingProxyType(
    {
        Kind.KNOWN: 2,
        Kind.EXCHANGED: 2,
        Kind.SHORT: 1,
        Kind.TWIN: 1,
        Kind.SPECIES_MISSING: 1,
        Kind.GENUS_MISSING: 1,
        Kind.HUMAN: 1,
    }
)
"""What every round has. One more is of two species, and the rest is any but human: so who has
counted up to here still cannot tell what the others are."""
_MIXED = (Kind.DOUBLE, Kind.CHIMERA)
_REST = (Kind.KNOWN, Kind.SHORT, Kind.TWIN, Kind.SPECIES_MISSING, Kind.GENUS_MISSING)


# -- the round -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Truth(Sample):
    """What is known of a sample, and what may be expected of an answer.

    Attributes
    ----------
    sample : str
        Its number, such as ``S03``.
    status, rank, taxon : str or None
        The reference result.
    not_excluded : tuple of str
        Species that the reference result leaves open; empty where it names one.
    file, sha256 : str
        The file of the sample.
    """

    sample: str
    status: str
    rank: str | None
    taxon: str | None
    not_excluded: tuple[str, ...]
    file: str
    sha256: str


@dataclass(frozen=True)
class Made:
    """A round that was made.

    Attributes
    ----------
    code : str
        Opens the sealed file. It is kept nowhere.
    sha256 : str
        Of the sealed file: what the trainer makes known before the answers come in.
    """

    path: Path
    code: str
    seed: int
    samples: int
    sha256: str


@dataclass(frozen=True)
class Round:
    """A round that was opened with its code.

    Attributes
    ----------
    names : frozenset of str
        Species, genera, families and orders that the source holds.
    version, made : str
        The program that made it, and when (UTC).
    """

    truths: tuple[Truth, ...]
    names: frozenset[str]
    seed: int
    version: str
    made: str
    sealed_sha256: str
    library_sha256: str


def new_round(
    output: str | os.PathLike[str],
    *,
    seed: int | None = None,
    source: Library | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Made:
    """Make a round of blind samples in a new folder; it appears whole or not at all.

    Parameters
    ----------
    output : path
        A folder that does not exist or is empty.
    seed : int, optional
        The same seed, program and source give the same samples and library. Whoever knows it can
        make the round again and read the answers: it is kept in the sealed file alone.
        Default: random.
    source : Library, optional
        Default: the embedded one.
    tell : callable
        Gets a line for each step, for people.

    Raises
    ------
    UsageError
        If the folder exists and holds something, or the seed is out of range.
    InputError
        If the source holds too few records of `ORDERS` at `LOCUS`.
    """
    output = Path(output)
    if seed is None:
        seed = secrets.randbelow(_MAX_SEED)
    if not 0 <= seed <= _MAX_SEED:
        raise UsageError(_("The seed is a whole number from 0 to {most}.").format(most=_MAX_SEED))
    source = source or open_library()
    if LOCUS not in source.loci:
        raise InputError(_too_few(source))
    entries = [entry for entry in source.records(LOCUS) if entry[0].order in ORDERS]
    drafts, left = draw(entries, _human(), seed=seed)
    if not _enough([draft.kind for draft in drafts]):
        raise InputError(_too_few(source))
    code = new_code()
    with making_folder(output) as partial:
        tell(
            _("Building the library of the round from {number} records …").format(number=len(left))
        )
        write_library(
            partial / _LIBRARY,
            left,
            name="training round",
            demonstration=True,
            **_SAYS,
        )
        # Its own list of what was left out is empty, and would only make people look.
        (partial / _LIBRARY / "left_out.tsv").unlink()
        tell(_("Identifying {number} drawn samples …").format(number=len(drafts)))
        library = open_library(partial / _LIBRARY)
        library_sha256, chosen = library.sha256, _chosen(drafts, library, seed)
        del library  # its index is mapped, and Windows moves no folder with a mapped file
        if chosen is None:
            raise InputError(_too_few(source))
        truths = _write(partial, chosen)
        sealed = seal(
            {
                "format": _FORMAT,
                "seed": seed,
                "version": forensics.__version__,
                "made": utc_now(),
                "source": {"name": source.name, "sha256": source.sha256},
                "library_sha256": library_sha256,
                "truths": [to_stored(truth) for truth in truths],
                "names": sorted(_names(entries)),
            },
            code,
        )
        (partial / _SEALED).write_bytes(sealed)
    return Made(output, code, seed, len(truths), hashlib.sha256(sealed).hexdigest())


def open_round(path: str | os.PathLike[str], code: str | PassphraseSource) -> Round:
    """Open the sealed answers of a round, and check that its samples and library are its own.

    Parameters
    ----------
    code : str or callable
        The code, or what returns it; it is asked once the file is known to be there.

    Raises
    ------
    InputError
        If the folder is not a round.
    VerificationError
        If the code is another, the sealed file was changed, or a sample or the library is not the
        one that it names.
    """
    path = Path(path)
    sealed = path / _SEALED
    data = read_limited(sealed, MAX_BYTES)
    answers = unseal(data, code() if callable(code) else code, source=str(sealed))
    if not isinstance(answers, dict) or answers.get("format") != _FORMAT:
        raise InputError(
            _("The sealed file is of another kind; expected {format}.").format(format=_FORMAT),
            source=str(sealed),
        )
    try:
        truths = tuple(from_stored(Truth, record) for record in answers["truths"])
    except InputError as error:
        raise VerificationError(
            _("The sealed answers are damaged: {error}").format(error=error)
        ) from error
    for truth in truths:
        file = path / truth.file
        if not file.is_file() or sha256(file) != truth.sha256:
            raise VerificationError(_changed(file))
    if open_library(path / _LIBRARY).sha256 != answers["library_sha256"]:
        raise VerificationError(_changed(path / _LIBRARY))
    return Round(
        truths=truths,
        names=frozenset(answers["names"]),
        seed=answers["seed"],
        version=answers["version"],
        made=answers["made"],
        sealed_sha256=hashlib.sha256(data).hexdigest(),
        library_sha256=answers["library_sha256"],
    )


# -- which of the drawn samples are used ------------------------------------------------

_Judged = tuple[Draft, Identification]


def _chosen(drafts: Sequence[Draft], library: Library, seed: int) -> list[_Judged] | None:
    """Return the samples of the round in their order; None where a kind is wanting."""
    fasta = "".join(f">{number}\n{draft.sequence}\n" for number, draft in enumerate(drafts))
    results = identify(fasta, library=library, locus=LOCUS)
    pool: dict[Kind, list[_Judged]] = defaultdict(list)
    for draft, result in zip(drafts, results):
        if _answerable(draft, result):
            pool[draft.kind].append((draft, result))
    # Another stream than the drawing's: how much that uses must not change the order here.
    order = random.Random(f"{seed} order")
    if not _enough([kind for kind, judged in pool.items() for _each in judged]):
        return None
    mixed = [kind for kind in _MIXED if pool[kind]]
    chosen = [pool[kind].pop(0) for kind, number in AT_LEAST.items() for _each in range(number)]
    chosen.append(pool[order.choice(mixed)].pop(0))
    rest = [judged for kind in _REST for judged in pool[kind]]
    chosen += order.sample(rest, min(len(rest), SIZE - len(chosen)))
    return _mixed_up(order.sample(chosen, len(chosen)))


def _enough(kinds: Sequence[Kind]) -> bool:
    return any(kind in kinds for kind in _MIXED) and all(
        kinds.count(kind) >= number for kind, number in AT_LEAST.items()
    )


def _mixed_up(chosen: list[_Judged]) -> list[_Judged]:
    """Exchange the labels of the two samples that are to have each other's."""
    first, other = (i for i, (draft, _r) in enumerate(chosen) if draft.kind is Kind.EXCHANGED)
    labels = {first: chosen[other][0].label, other: chosen[first][0].label}
    return [
        (replace(draft, label=labels.get(i, draft.label)), result)
        for i, (draft, result) in enumerate(chosen)
    ]


def _answerable(draft: Draft, result: Identification) -> bool:
    """Whether the reference result is true, and the sample shows what its kind is there for."""
    if draft.kind is Kind.HUMAN or draft.kind in _MIXED:
        return result.status in ("unusable", "inconclusive")
    if result.status == "unusable":
        return False
    true = {"species": draft.species, "genus": draft.genus, "family": draft.family}
    if draft.species in result.call.members:
        true["unit"] = result.taxon or ""
    if result.status == "identified" and true.get(result.rank or "") != result.taxon:
        return False
    if draft.missing:
        return result.rank != "species"
    if result.status == "nothing_near":
        return False
    if draft.kind in (Kind.KNOWN, Kind.EXCHANGED):
        return result.rank == "species"
    return draft.kind is not Kind.TWIN or result.rank in ("unit", "genus")


def _open_species(result: Identification) -> tuple[str, ...]:
    """Return the species that the reference result leaves open: those with more than 1 in 20.

    The limit is the complement of the default confidence.
    """
    if result.status != "identified" or result.rank == "species":
        return ()
    known = (result.call.probabilities or {}).get("species", {})
    limit = 1 - result.provenance.parameters["confidence"]
    left = {name for name, p in known.items() if name != "none" and p > limit}
    return tuple(sorted(left.union(result.call.members)))


# -- files ------------------------------------------------------------------------------


def _write(path: Path, chosen: Sequence[_Judged]) -> list[Truth]:
    """Write what the trainee gets, the sealed file excepted; return the truths."""
    (path / _SAMPLES).mkdir()
    truths = []
    for number, (draft, result) in enumerate(chosen, 1):
        sample = f"S{number:02}"
        file = path / _SAMPLES / f"{sample}.fasta"
        file.write_bytes(f">{sample}\n{draft.sequence}\n".encode("ascii"))
        truths.append(
            Truth(
                **{field.name: getattr(draft, field.name) for field in fields(Sample)},
                sample=sample,
                status=result.status,
                rank=result.rank,
                taxon=result.taxon,
                not_excluded=_open_species(result),
                file=f"{_SAMPLES}/{sample}.fasta",
                sha256=sha256(file),
            )
        )
    _table(
        path / "samples.csv",
        ("sample", "file", "label"),
        [{"sample": t.sample, "file": t.file, "label": t.label} for t in truths],
    )
    _table(path / "answers.csv", ANSWER_COLUMNS, [{"sample": t.sample} for t in truths])
    (path / "README.txt").write_text(_instructions(len(truths)), encoding="utf-8", newline="\n")
    return truths


def _table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    RowWriter(buffer, columns).write(rows)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="\n")


def _instructions(number: int) -> str:
    return _(
        "PROFICIENCY EXERCISE\n\n"
        "{number} samples were seized and sequenced (COI). samples.csv has the\n"
        "label of each bag. The sequences and the records of the library are real; the\n"
        "seizures and the people are made up.\n\n"
        "1. Examine each sample with the library of this folder, for example\n\n"
        "       forensics identify samples/*.fasta --library library\n\n"
        "   With another library the samples may find themselves: that is no exercise.\n"
        "2. Fill in answers.csv, a row a sample:\n\n"
        "       conclusion   {conclusions}\n"
        "       taxon        with identified: a species, genus, family or order; or several\n"
        "                    species with a semicolon between them, none of which you exclude\n"
        "       remarks      free text; it is shown to the trainer and not marked\n\n"
        "3. Give answers.csv to the trainer, who has the code that opens sealed.json.\n\n"
        "A good answer is true and says as much as the evidence supports, and no more. A true\n"
        "name that the evidence does not support earns nothing; a wrong name fails.\n"
    ).format(number=number, conclusions=", ".join(CONCLUSIONS))


def _names(entries: Iterable[tuple[ReferenceRecord, str]]) -> set[str]:
    names = {
        name
        for record, _sequence in entries
        for name in (record.species, record.genus, record.family, record.order)
    }
    return names - {""}


def _human() -> str:
    path = folder("reference_sequences") / "contaminants" / "human_mitogenome.fasta.gz"
    with gzip.open(path, "rt", encoding="ascii") as handle:
        _header, *lines = handle.read().splitlines()
    return "".join(lines)[_HUMAN]


def _changed(path: Path) -> str:
    return _("{path} is not what the round was made with; get the round again.").format(path=path)


def _too_few(source: Library) -> str:
    return _(
        "Library {name} has too few records of the most seized taxa at {locus} for a round."
    ).format(name=source.name, locus=LOCUS)


def new_code() -> str:
    """Return a code of 25 characters in five groups: 125 random bits."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _place in range(_GROUP)) for _group in range(_GROUPS)
    )


def seal(answers: dict[str, Any], code: str) -> bytes:
    """Return the content of a sealed file.

    Parameters
    ----------
    answers : dict
        Text, whole numbers, truth values, None, and lists and dicts of them.
    code : str
        Of `new_code`.

    Raises
    ------
    InputError
        If the code has another form.
    """
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    header = {
        "format": FORMAT,
        "kdf": {"name": "hkdf-sha256", "salt": base64.b64encode(salt).decode()},
        "cipher": {"name": "chacha20-poly1305", "nonce": base64.b64encode(nonce).decode()},
    }
    sealed = ChaCha20Poly1305(_key(code, salt)).encrypt(
        nonce, canonical(answers), canonical(header)
    )
    return canonical({**header, "sealed": base64.b64encode(sealed).decode()}) + b"\n"


def unseal(data: bytes, code: str, *, source: str) -> dict[str, Any]:
    """Return the answers in a sealed file.

    Raises
    ------
    InputError
        If it is not a sealed file, or the code has another form.
    VerificationError
        If the code is wrong, or a byte of the file was changed: the two cannot be distinguished.
    """
    header = parse_json(data, max_bytes=MAX_BYTES, source=source)
    try:
        text = header.pop("sealed")
        sealed = base64.b64decode(text, validate=True)
        salt = base64.b64decode(header["kdf"]["salt"], validate=True)
        nonce = base64.b64decode(header["cipher"]["nonce"], validate=True)
        # Base64 can be spelt in several ways; one that is not ours was changed.
        spelt = base64.b64encode(sealed).decode() == text
        if header["format"] != FORMAT or len(nonce) != _NONCE or not spelt:
            raise ValueError(header["format"])
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        raise InputError(
            _("This is not a file of sealed answers ({format}).").format(format=FORMAT),
            source=source,
        ) from error
    try:
        answers = ChaCha20Poly1305(_key(code, salt)).decrypt(nonce, sealed, canonical(header))
    except InvalidTag:
        raise VerificationError(
            _("{path}: this is not its code, or the file was changed.").format(path=source)
        ) from None
    opened: dict[str, Any] = parse_json(answers, max_bytes=MAX_BYTES, source=source)
    return opened


def _key(code: str, salt: bytes) -> bytes:
    plain = code.strip().upper().translate(_READ_AS)
    if len(plain) != _GROUPS * _GROUP or set(plain) - set(_LETTERS):
        raise InputError(
            _("A code has {groups} groups of {size} letters and digits, such as {example}.").format(
                groups=_GROUPS, size=_GROUP, example="-".join(["AB3DE"] * _GROUPS)
            )
        )
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=FORMAT.encode()).derive(
        plain.encode()
    )
