"""A round of blind samples: drawn from reference records, and written to a folder with sealed answers.

::

    README.txt      what the trainee does
    samples.csv     a row a sample: its file, and what the label on the bag says
    samples/        a FASTA file a sample
    blank.fasta     what the blank of the extraction gave
    custody.csv     who had each sample, and under which seal
    answers.csv     the sheet to fill in
    library/        the library of the round, without the samples' own records
    sealed.json     the right answers

All is drawn from the records and a seed. With learners each has a folder of that kind with other
samples, drawn with a seed of its own, of the round's seed and its name; library and sealed file
are those of all.

The sequences are real; what is done to some of them, and the whole record of custody, is
simulated. **What is true of a sample is known from how it was made**, and `identify` is not asked.
So it may be wrong, and in some kinds is meant to be: a species that the library lacks, a record
that bears another's name, a sample that gave what the blank gave, an exhibit under a seal that is
not its own. Whoever only repeats its default result loses there.

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
import random
import re
import secrets
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import forensics
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.core.stored import from_stored, to_stored, utc_now
from forensics.custody.canonical import canonical, parse_json
from forensics.custody.keys import PassphraseSource
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import AnyPath, folder, making_folder, read_limited, sha256
from forensics.io.numbers import RowWriter, printable
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import N_, _
from forensics.training.workshop import workshop_library

WHOLE = 600
"""Bases of a record that is taken as a whole barcode: 500 are asked of one (Ratnasingham & Hebert
2007, doi:10.1111/j.1471-8286.2007.01678.x), and halves must still be halves."""
SHORT = 130
"""Bases of a short sample: a mini-barcode (Meusnier et al. 2008, doi:10.1186/1471-2164-9-214)."""
LEFT = 2
"""Records of a species that the library must keep when one is taken as a sample."""
TWIN = 100
"""Two species of a genus are twins where not more than one base in so many differs: 1 %."""
_WORD = 20  # bases; of a whole barcode with 1 % of differences, one word in five at most has one
MAX_IN_GENUS = 12
"""Records of a genus that is left out whole; with more the library would lose its calibration."""
MAX_MISLABELLED = 3
"""Records that bear the name of another species, all of one species."""
_AMBIGUITY = {
    frozenset(pair): code
    for pair, code in (("AG", "R"), ("CT", "Y"), ("CG", "S"), ("AT", "W"), ("GT", "K"), ("AC", "M"))
}
Entry = tuple[ReferenceRecord, str]
LOCUS = "COI"
_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
ORDERS = frozenset(_TABLE["orders"])
KINDS: dict[str, Any] = _TABLE["kinds"]
"""The kinds of samples, and what is true of each: a table, which says what its columns are."""
SIZE = 14
"""Samples of a learner."""
SPARE = 6
"""For so many learners samples of each kind are drawn, where the records hold as many."""
# The human barcode: where the 658 bases of a mammal's lie best in the packaged genome.
_HUMAN = slice(5950, 6608)
_MAX_SEED = 2**53 - 1  # the largest number that the sealed file holds
_SEALED, _LIBRARY, _SAMPLES = "sealed.json", "library", "samples"
_LABELS, _BLANK, _CUSTODY = "samples.csv", "blank.fasta", "custody.csv"
_EVENT = ("time", "event", "sample", "seal", "person")
_PERSON = ReferenceRecord.named(
    "human_mitogenome", "Homo sapiens", genus="Homo", family="Hominidae", order="Primates"
)
_OF_ONE = ("species", "genus", "family")
_SAMPLE, _LABEL = Column("sample", TEXT), Column("label", TEXT)
_NAME = re.compile(r"[^\W_][\w .'’\u0300-\u036f-]*")  # of a learner; a folder is called so
_FORMAT = "forensics-training-round-2"
# Of the library; not translated, so that a seed makes the same library in every language.
_SAYS: dict[str, Any] = {
    "title": "Library of a training round",
    "statement": "For this exercise alone: records were taken out, and some names are wrong.",
}
CONCLUSIONS = ("identified", "inconclusive", "nothing_near", "unusable")
"""The statuses of `forensics.identify`."""
RECORDS = ("whole", "broken")
"""What may be said of the record of custody of a sample."""
NEXT = ("report", "other_locus", "references", "repeat", "clarify")
"""What may be done next with a sample."""
ANSWER_COLUMNS = ("sample", "conclusion", "taxon", "record", "next", "remarks")
# -- the seal ---------------------------------------------------------------------------

FORMAT = "forensics-training-seal-1"
MAX_BYTES = 4 * 2**20
"""Of a sealed file: a learner takes some 25 kB."""
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 5, 5
_SALT, _NONCE = 16, 12  # bytes; RFC 5869, 3.1; RFC 8439, 2.8
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of a sample.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    label : str
        What the submitting office wrote on the bag. No evidence, and not always true.
    species, genus, family, order : str
        Empty for what is of two species.
    components, made_of : tuple of str
        The species in it, and the accessions of the records that it was made of.
    not_excluded : tuple of str
        Its species and its twins in the library; empty where it has none.
    learner, sample : str
        Whose it is, and its number, such as ``S03``; empty as long as it is only drawn.
    """

    kind: str
    sequence: str
    label: str
    species: str
    genus: str
    family: str
    order: str
    components: tuple[str, ...]
    made_of: tuple[str, ...]
    not_excluded: tuple[str, ...] = ()
    learner: str = ""
    sample: str = ""

    @classmethod
    def of(cls, kind: str, sequence: str, *records: ReferenceRecord) -> "Truth":
        """Return a sample of one record or two, with the name of the first on the label."""
        first = records[0]
        alone = len(records) == 1
        of_one: dict[str, Any] = {n: getattr(first, n) if alone else "" for n in _OF_ONE}
        return cls(
            kind=kind,
            sequence=sequence,
            label=first.species,
            **of_one,
            order=first.order,
            made_of=tuple(record.accession for record in records),
            components=tuple(record.species for record in records),
        )

    @property
    def missing(self) -> bool:
        """Whether the library of the round has no record under the name of the species."""
        return bool(KINDS[self.kind]["missing"])

    @property
    def supported(self) -> str:
        """The narrowest rank that the evidence supports, or ``set``; empty where it is no name."""
        return "set" if self.not_excluded else KINDS[self.kind]["supports"]

    @property
    def record(self) -> str:
        """What is true of the record of custody: one of `RECORDS`."""
        return str(KINDS[self.kind]["record"])

    @property
    def next(self) -> list[str]:
        """What may be done next, the best first."""
        return list(KINDS[self.kind]["next"])


def draw(records: Sequence[Entry], human: str, *, seed: int) -> tuple[list[Truth], list[Entry]]:
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
    drafts : list of Truth
        For `SPARE` learners of each kind, or fewer where the records do not hold as many.
    left : list of (ReferenceRecord, str)
        The records that make the library: without those of the samples, without any of the
        species and genera that are to be missing, and some under another name.
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
        # Of a genus one sample at most: no sample may depend on what another took out.
        self.taken: set[str] = set()
        self.out: set[str] = set()
        self.renamed: dict[str, ReferenceRecord] = {}

    def run(self, human: str) -> tuple[list[Truth], list[Entry]]:
        drafts: dict[str, list[Truth]] = {kind: [] for kind in KINDS}
        make: dict[str, Callable[[str, str], Truth | None]] = {
            "genus_missing": self._missing,
            "species_missing": self._missing,
            "mislabelled": self._mislabelled,
            "contaminated": self._contaminated,
            "human": lambda species, kind: replace(Truth.of(kind, human, _PERSON), label=species),
            "double": partial(self._of_two, join=_double),
            "chimera": partial(self._of_two, join=_halves),
        }
        # By turns: a small library has little of some kinds.
        for times in range(1, SPARE + 1):
            for kind, entry in KINDS.items():
                for species in self._shuffled():
                    if len(drafts[kind]) >= times * max(entry["count"], 1):
                        break
                    if self.genus_of(species) not in self.taken:
                        draft = make.get(kind, self._single_record)(species, kind)
                        drafts[kind] += [draft] if draft else []
        left = [
            (self.renamed.get(record.accession, record), sequence)
            for record, sequence in self.records
            if record.accession not in self.out
        ]
        return [draft for of_kind in drafts.values() for draft in of_kind], left

    def genus_of(self, species: str) -> str:
        return self.whole[species][0][0].genus

    def _shuffled(self) -> list[str]:
        names = sorted(self.whole)
        self.random.shuffle(names)
        return names

    def _single_record(self, species: str, kind: str) -> Truth | None:
        """Return a species whose genus the library has other species of: so it can be called."""
        if self.count[species] <= LEFT or len(self.genera[self.genus_of(species)]) < 2:
            return None
        record, sequence = self.random.choice(self.whole[species])
        if kind == "short":
            start = self.random.randrange(len(sequence) - SHORT + 1)
            sequence = sequence[start : start + SHORT]
        near = self._near(record, sequence)
        if species not in near or (kind != "short" and (len(near) > 1) != (kind == "twin")):
            return None
        draft = self._take(kind, sequence, (record, sequence))
        return replace(draft, not_excluded=tuple(sorted(near))) if len(near) > 1 else draft

    def _near(self, record: ReferenceRecord, sequence: str) -> set[str]:
        """Return the species of the genus with another record that is next to the same."""
        return {
            other.species
            for other, text in self.records
            if other.genus == record.genus
            and other.species
            and other.accession not in {record.accession, *self.out}
            and _are_twins(sequence, text)
        }

    def _missing(self, species: str, kind: str) -> Truth | None:
        """Take a species, or its genus, out of the library; of a mislabelled one its name alone."""
        genus, entry = self.genus_of(species), self.random.choice(self.whole[species])
        near = self._near(*entry)
        fits = len(self.genera[genus]) > 1
        if kind == "genus_missing":
            family = self.families[self.family_of[genus]]
            fits = self.in_genus[genus] <= MAX_IN_GENUS and not family <= self.taken | {genus}
        if not fits or near - {species} or (kind == "mislabelled" and not near):
            return None
        gone = {"genus_missing": genus, "species_missing": species}.get(kind)
        self.out |= {r.accession for r, _sequence in self.records if gone in (r.genus, r.species)}
        return self._take(kind, entry[1], entry)

    def _mislabelled(self, species: str, kind: str) -> Truth | None:
        """Give the other records of a species the name of one of another family."""
        others = self._foreign(self.whole[species][0][0])
        few = 1 < self.count[species] <= 1 + MAX_MISLABELLED
        draft = self._missing(species, kind) if few and others else None
        if draft:
            other = self.random.choice(others)[0]
            self.taken.add(other.genus)
            names = {name: getattr(other, name) for name in ("name", *_OF_ONE)}
            for record, _sequence in self.records:
                if record.species == species and record.accession not in self.out:
                    self.renamed[record.accession] = replace(record, **names)
        return draft

    def _foreign(self, first: ReferenceRecord) -> list[Entry]:
        """Return what there is of the same order and another family."""
        return [
            (record, sequence)
            for name in sorted(self.whole)
            for record, sequence in self.whole[name]
            if record.order == first.order
            and record.family != first.family
            and record.genus not in self.taken
            and self.count[name] > LEFT
        ]

    def _contaminated(self, species: str, kind: str) -> Truth | None:
        """Let a sample of one species give the sequence of another, which the blank gives, too."""
        draft = self._single_record(species, "known")
        own = next((n for n in self._shuffled() if self.genus_of(n) not in self.taken), None)
        if not (draft and own):
            return None
        self.taken.add(self.genus_of(own))
        record = self.whole[own][0][0]
        return replace(Truth.of(kind, draft.sequence, record), made_of=draft.made_of)

    def _of_two(self, species: str, kind: str, join: Callable[[str, str], str]) -> Truth | None:
        """Join two records of different families and the same length."""
        if self.count[species] <= LEFT:
            return None
        first = self.random.choice(self.whole[species])
        others = [entry for entry in self._foreign(first[0]) if len(entry[1]) == len(first[1])]
        if not others:
            return None
        other = self.random.choice(others)
        return self._take(kind, join(first[1], other[1]), first, other)

    def _take(self, kind: str, sequence: str, *entries: Entry) -> Truth:
        """Return the sample of records, which leave the library, with their genera for other samples."""
        records = [record for record, _sequence in entries]
        self.taken |= {record.genus for record in records}
        self.out |= {record.accession for record in records}
        return Truth.of(kind, sequence, *records)


def _are_twins(first: str, other: str) -> bool:
    """Return whether two sequences that share half of the first are next to the same there."""
    for start in range(0, len(first) - _WORD + 1, _WORD):
        found = other.find(first[start : start + _WORD])
        if found >= 0:
            place = found - start
            pairs = list(zip(first[max(-place, 0) :], other[max(place, 0) :]))
            if 2 * len(pairs) >= len(first):
                return TWIN * sum(a != b for a, b in pairs) <= len(pairs)
    return False


def _double(first: str, other: str) -> str:
    return "".join(a if a == b else _AMBIGUITY[frozenset((a, b))] for a, b in zip(first, other))


def _halves(first: str, other: str) -> str:
    middle = len(first) // 2
    return first[:middle] + other[middle:]


# -- the round -------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A round that was made.

    Attributes
    ----------
    samples : int
        Of each learner.
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
    learners: tuple[str, ...] = ()


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
    output: AnyPath,
    *,
    seed: int | None = None,
    learners: Sequence[str] = (),
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
    learners : sequence of str
        Each gets a folder of this name with samples of its own. Default: one, without a name.
    source : Library, optional
        Default: that of `workshop_library`, or the embedded one where that has too few records.
    tell : callable
        Gets a line for each step, for people.

    Raises
    ------
    UsageError
        If the folder exists and holds something, the seed is out of range, or a name cannot be
        that of a folder or occurs twice.
    InputError
        If the source holds too few records of `ORDERS` at `LOCUS`.
    """
    output = Path(output)
    if seed is None:
        seed = secrets.randbelow(_MAX_SEED)
    if not 0 <= seed <= _MAX_SEED:
        raise UsageError(_("The seed is a whole number from 0 to {most}.").format(most=_MAX_SEED))
    names = tuple(learners) or ("",)
    folders = [_LIBRARY, *(name.casefold() for name in learners)]
    if unfit := [n for n in learners if not _NAME.fullmatch(n) or folders.count(n.casefold()) > 1]:
        raise UsageError(
            _("{name!r} cannot be the name of a learner's folder, or is there twice.").format(
                name=printable(unfit[0])
            )
        )
    given = source
    source = given or workshop_library(tell=tell)
    chosen, left, entries = _drawn(source, names, seed)
    if not chosen and given is None:  # a panel may have too little of some kind of sample
        tell(_too_few(source) + " " + _("The embedded library is taken."))
        source = open_library()
        chosen, left, entries = _drawn(source, names, seed)
    if not chosen:
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
        library_sha256 = open_library(partial / _LIBRARY).sha256
        truths: list[Truth] = []
        for name in names:
            truths += _write(partial / name, name, chosen[name])
        sealed = seal(
            {
                "format": _FORMAT,
                "seed": seed,
                "version": forensics.__version__,
                "made": utc_now(),
                "source": {"name": source.name, "sha256": source.sha256},
                "library_sha256": library_sha256,
                "truths": [to_stored(truth) for truth in truths],
                "files": _sums(partial, names),
                "names": sorted(_names(entries)),
            },
            code,
        )
        (partial / _SEALED).write_bytes(sealed)
    sha256_sealed = hashlib.sha256(sealed).hexdigest()
    return Made(output, code, seed, SIZE, sha256_sealed, names)


def open_round(path: AnyPath, code: str | PassphraseSource) -> Round:
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
        If the code is another, the sealed file was changed, or a label, a sample, the record of
        custody or the library is not the one that it names.
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
    for name, expected in answers["files"].items():
        if not (path / name).is_file() or sha256(path / name) != expected:
            raise VerificationError(_changed(path / name))
    for truth in truths:
        table = path / truth.learner / _LABELS
        rows = read_table(table).records(_SAMPLE, _LABEL)
        label = {row[_SAMPLE]: row[_LABEL] for row in rows}.get(truth.sample, "")
        if label != truth.label:
            raise VerificationError(
                _("{path}: the label of {sample} was {expected!r} and is now {found!r}.").format(
                    path=table, sample=truth.sample, expected=truth.label, found=printable(label)
                )
            )
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


# -- which of the drawn samples a learner gets ---------------------------------------------


def _drawn(
    source: Library, names: Iterable[str], seed: int
) -> tuple[dict[str, list[Truth]], list[Entry], list[Entry]]:
    """Return the samples of each learner, none where the records do not hold every kind; what is left; all records."""
    if LOCUS not in source.loci:
        return {}, [], []
    entries = [entry for entry in source.records(LOCUS) if entry[0].order in ORDERS]
    drafts, left = draw(entries, _human(), seed=seed)
    chosen = {name: _chosen(drafts, f"{seed} {name}") for name in names}
    return (chosen if all(chosen.values()) else {}), left, entries


def _chosen(drafts: Sequence[Truth], seed: str) -> list[Truth]:
    """Return the samples of a learner in their order; none where a kind is wanting."""
    order = random.Random(seed)
    pool: dict[str, list[Truth]] = defaultdict(list)
    for draft in order.sample(drafts, len(drafts)):
        pool[draft.kind].append(draft)
    mixed = [kind for kind in pool if not KINDS[kind]["count"]]
    if not mixed or any(len(pool[kind]) < KINDS[kind]["count"] for kind in KINDS):
        return []
    chosen = [pool[kind].pop() for kind in KINDS for _each in range(KINDS[kind]["count"])]
    chosen.append(pool[order.choice(mixed)].pop())
    rest = [draft for kind in KINDS if KINDS[kind]["fill"] for draft in pool[kind]]
    chosen += order.sample(rest, min(len(rest), SIZE - len(chosen)))
    # The two that have each other's label.
    first, other = (draft for draft in chosen if draft.kind == "exchanged")
    labels = {first: other.label, other: first.label}
    return [
        replace(draft, label=labels.get(draft, draft.label))
        for draft in order.sample(chosen, len(chosen))
    ]


# -- files ------------------------------------------------------------------------------


def _write(path: Path, learner: str, chosen: Sequence[Truth]) -> list[Truth]:
    """Write what a learner gets; return the truths."""
    (path / _SAMPLES).mkdir(parents=True)
    truths = []
    for number, draft in enumerate(chosen, 1):
        truth = replace(draft, learner=learner, sample=f"S{number:02}")
        truths.append(truth)
        _write_fasta(path / _file(truth), truth.sample, truth.sequence)
        if truth.kind == "contaminated":  # the blank gave less of it
            _write_fasta(path / _BLANK, "blank", truth.sequence[: len(truth.sequence) // 2])
    labels = [{"sample": t.sample, "file": _file(t), "label": t.label} for t in truths]
    _table(path / _LABELS, ("sample", "file", "label"), labels)
    _table(path / _CUSTODY, _EVENT, _events(truths))
    _table(path / "answers.csv", ANSWER_COLUMNS, [{"sample": t.sample} for t in truths])
    (path / "README.txt").write_text(
        _(_TABLE["instructions"]).format(
            number=len(truths),
            library=f"../{_LIBRARY}" if learner else _LIBRARY,
            conclusions=", ".join(CONCLUSIONS),
            records=", ".join(RECORDS),
            next=", ".join(NEXT),
        ),
        encoding="utf-8",
        newline="\n",
    )
    return truths


def _file(truth: Truth) -> str:
    return f"{_SAMPLES}/{truth.sample}.fasta"


def _write_fasta(path: Path, name: str, sequence: str) -> None:
    path.write_bytes(f">{name}\n{sequence}\n".encode("ascii"))


def _events(truths: Sequence[Truth]) -> list[dict[str, str]]:
    """Return the simulated record of custody: each sample under the seal that it was received with."""
    order = random.Random(truths[0].sequence)
    seals = [f"K-{number}" for number in order.sample(range(1000, 10000), len(truths) + 1)]
    put_on = dict(zip((truth.sample for truth in truths), seals))
    found = {truth.sample: seals[-1] for truth in truths if truth.kind == "unsealed"}
    first, other = (truth.sample for truth in truths if truth.kind == "exchanged")
    found |= {first: put_on[other], other: put_on[first]}
    acts = (
        (N_("received"), "Amina D.", put_on),
        (N_("stored"), "Bruno S.", put_on),
        (N_("opened"), "Efua M.", put_on | found),
    )
    return [
        dict(zip(_EVENT, (f"2026-03-{day:02}T09:{minute:02}Z", _(act), sample, seal, person)))
        for day, (act, person, seal_of) in enumerate(acts, 2)
        for minute, (sample, seal) in enumerate(seal_of.items())
    ]


def _sums(path: Path, learners: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of what nobody may change; labels are compared one by one."""
    return {
        file.relative_to(path).as_posix(): sha256(file)
        for name in learners
        for file in sorted((path / name).rglob("*"))
        if file.suffix == ".fasta" or file.name == _CUSTODY
    }


def _table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    RowWriter(buffer, columns).write(rows)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="\n")


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
        If the code has another form, or the answers are more than can be read again.
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
    content = canonical({**header, "sealed": base64.b64encode(sealed).decode()}) + b"\n"
    if len(content) > MAX_BYTES:
        raise InputError(_("A round of so many learners cannot be sealed; make two rounds."))
    return content


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
