"""The index of one locus: built once with NumPy, opened with the standard library alone.

A file of little-endian arrays that is mapped into memory, never read whole. It
holds the distinct sequences of a locus (*haplotypes*) from the shortest to the
longest, the records behind each, and a table of their k-mers.

The table says for a k-mer which haplotypes have it: a list where they are few, a
bitmap where they are many. Their numbers there are *slots*: of one length, those of one family, and in
it of one species, follow each other (``order`` has the haplotype of each slot), so that
whole groups of slots are near to a sequence, or far from it. Where a haplotype has IUPAC codes, it has the k-mers that
these can stand for; a k-mer that can stand for too many is hidden, and how many are stands beside the table.
`forensics.barcode.matching.search` counts the k-mers and so bounds the distance to every haplotype from below.
docs/decisions/search.md has the reasons.
"""

import hashlib
import json
import mmap
import os
import struct
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from forensics.barcode.matching import kernel
from forensics.barcode.reference.records import COLUMNS, Pair, ReferenceRecord
from forensics.errors import LibraryError
from forensics.io.files import load_json
from forensics.messages import _

if TYPE_CHECKING:
    import numpy as np

FORMAT = 4
# Each edit spoils at most one of the k-mers cut side by side, so a bound from them
# can exclude a record only above an identity of 1 - 1/k: 0.875 for 8, under the
# default floor of 0.90; 9 would leave 0.889, too near to it to exclude much.
K = 8

_MAGIC = b"\x89forensics-index\n"
_PREFIX = struct.Struct("<17sxHI32s")
_ALIGNMENT = 8
# The sections of the k-mer table.
_TABLE = ("kmer_counts", "kmer_offsets", "kmer_data")
# Sequences that are written at once.
_AT_ONCE = 10_000


class Index:
    """An opened index.

    Made by `Index.open` or `Index.build`; not changed afterwards.

    Attributes
    ----------
    path : pathlib.Path or None
        The file that is mapped; None where the index is in memory alone.
    locus : str
        Name of the locus.
    size : int
        Number of haplotypes, numbered from 0, shortest first.
    record_count : int
        Number of records behind them.
    species_count : int
        Number of different labels (`ReferenceRecord.label`).
    k : int
        Length of the k-mers in bases.
    lengths : sequence of int
        Length of each haplotype in bases, ascending.
    """

    def __init__(
        self, data: "mmap.mmap | bytes", header: dict, start: int, path: Path | None = None
    ) -> None:
        self.path = path
        self._data = data
        self._start = start
        self._view = memoryview(data)
        self._sections = header["sections"]
        self.source: dict[str, str] = header["source"]
        self.locus: str = header["locus"]
        self.k: int = header["k"]
        self.size: int = header["haplotypes"]
        self.record_count: int = header["records"]
        self.species_count: int = header["species"]
        self._sequence_offsets = self._numbers("sequence_offsets", "Q")
        self._record_offsets = self._numbers("record_offsets", "I")
        self._row_offsets = self._numbers("row_offsets", "Q")
        self._species = self._numbers("species", "I")
        self._species_offsets = self._numbers("species_offsets", "I")
        self.lengths = self._numbers("lengths", "I")
        self._check_ends()

    @cached_property
    def tables(self) -> tuple[memoryview, ...]:
        """The sections that `forensics.barcode.matching.kernel` reads, in its order."""
        return (
            *(self._numbers(name, "I") for name in _TABLE),
            self.lengths, self._section("hidden_planes"), self._numbers("order", "I"),
            self._sequence_offsets, self._section("sequences"), self._record_offsets, self._species,
            self._section("pieces"),
        )  # fmt: skip

    # -- making one ---------------------------------------------------------------

    @classmethod
    def open(cls, path: Path) -> "Index":
        """Map an index file.

        Format version, size, the SHA-256 of the header, and whether the sections are as long as it
        says, are checked, not the whole file, which would cost more than the search. What is
        read later is checked as it is read: what contradicts itself is a `LibraryError`.

        Raises
        ------
        LibraryError
            If the file is not an index, is damaged or cut off, or has another format.
        """
        if sys.byteorder != "little":
            raise LibraryError(_("Index files are little-endian; this machine is not."))
        with open(path, "rb") as handle:
            length = os.fstat(handle.fileno()).st_size
            if not length:  # cannot be mapped
                raise LibraryError(_not_an_index(path))
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(data, *_read_header(data, length, str(path)), Path(path))

    def __reduce__(self) -> tuple:
        """Hand an index to another process by its file, which is mapped there once."""
        assert self.path is not None
        return opened, (self.path,)

    @classmethod
    def loaded(cls, data: bytes) -> "Index":
        """Return an index from the bytes of its file, as `serialise` gives them."""
        return cls(data, *_read_header(data, len(data), "index"))

    @classmethod
    def build(
        cls,
        records: Sequence[Pair],
        *,
        locus: str,
        source: dict[str, str] | None = None,
    ) -> "Index":
        """Build an index in memory.

        Parameters
        ----------
        records : sequence of (ReferenceRecord, str)
            Records as their rows give them back (`ReferenceRecord.plain`), with their clean sequences
            (`forensics.barcode.locus.clean`).
        locus : str
            Name of the locus.
        source : dict of str to str, optional
            SHA-256 of the files that the records came from, by file name.

        Raises
        ------
        LibraryError
            If there is no record.
        """
        return cls.loaded(cls.serialise(records, locus=locus, source=source))

    @staticmethod
    def serialise(
        records: Sequence[Pair],
        *,
        locus: str,
        source: dict[str, str] | None = None,
    ) -> bytes:
        """Return the bytes of an index file; see `Index.build`."""
        return b"".join(Index.parts(records, locus=locus, source=source))

    @staticmethod
    def parts(
        records: Sequence[Pair],
        *,
        locus: str,
        source: dict[str, str] | None = None,
    ) -> Iterator["bytes | memoryview"]:
        """Yield the bytes of an index file in parts, to be written one after the other."""
        if not records:
            raise LibraryError(_("No reference record is left for locus {}.").format(locus))
        import numpy as np

        # Records of one haplotype beside each other, the shortest first.
        ordered = sorted(
            records, key=lambda pair: (len(pair[1]), pair[1], pair[0].label, pair[0].accession)
        )
        labels = sorted({record.label for record, _sequence in ordered})
        number = {label: position for position, label in enumerate(labels)}
        species = np.fromiter((number[record.label] for record, _s in ordered), "<u4", len(ordered))
        rows = [record.plain_row.encode() for record, _sequence in ordered]
        of_genus: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for place, (record, _sequence) in enumerate(ordered):
            if record.genus:
                of_genus[record.genus].setdefault((record.species, record.family), place)
        families = np.unique([record.family for record, _s in ordered], return_inverse=True)[1]
        haplotypes: list[str] = []
        firsts: list[int] = []
        for position, (_record, sequence) in enumerate(ordered):
            if not haplotypes or sequence != haplotypes[-1]:
                haplotypes.append(sequence)
                firsts.append(position)
        del ordered
        lengths = np.fromiter(map(len, haplotypes), "<u4", len(haplotypes))
        order = np.lexsort((species[firsts], families[firsts], lengths)).astype("<u4")
        related = [haplotypes[number] for number in order]
        widths = np.fromiter(map(len, rows), np.uint64, len(rows))
        # Parts of a section that is long are made when they are written.
        sections: dict[str, tuple[int, Iterable[bytes | memoryview]]] = {
            "lengths": _whole(lengths.tobytes()),
            "sequence_offsets": _whole(_cumulated(lengths, "<u8")),
            "sequences": (int(lengths.sum(dtype=np.uint64)), _encoded(haplotypes)),
            "record_offsets": _whole(np.array([*firsts, len(rows)], "<u4").tobytes()),
            "row_offsets": _whole(_cumulated(widths, "<u8")),
            "rows": (int(widths.sum()), rows),
            "species": _whole(species.tobytes()),
            "species_offsets": _whole(_cumulated(np.bincount(species), "<u4")),
            "of_species": _whole(np.argsort(species, kind="stable").astype("<u4").tobytes()),
            "order": _whole(order.tobytes()),
            "labels": _whole(_listing({label: [place] for label, place in number.items()})),
            "genera": _whole(_listing({name: of.values() for name, of in of_genus.items()})),
        }
        *table, hidden = kernel.kmer_table(related, K)
        sections.update(zip(_TABLE, map(_whole, table)))
        sections["hidden_planes"] = _whole(_bit_planes(np.frombuffer(hidden, "<u4")))
        pieces = sections["sequences"][0] // K + len(haplotypes)
        sections["pieces"] = 2 * pieces, _pieces(haplotypes)
        header: dict[str, Any] = {
            "columns": COLUMNS,
            "haplotypes": len(haplotypes),
            "k": K,
            "locus": locus,
            "records": len(records),
            "sections": {},
            "source": source or {},
            "species": len(labels),
        }
        offset = 0
        for name, (length, _parts) in sections.items():
            header["sections"][name] = [offset, length]
            offset += _padded(length)
        header["length"] = offset
        text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
        yield _PREFIX.pack(_MAGIC, FORMAT, len(text), hashlib.sha256(text).digest())
        yield text
        yield bytes(_padded(_PREFIX.size + len(text)) - _PREFIX.size - len(text))
        for length, parts in sections.values():
            yield from parts
            yield bytes(_padded(length) - length)

    def digest(self) -> str:
        """Return the SHA-256 of the whole index as it lies in memory, which is what answers."""
        return hashlib.sha256(self._data).hexdigest()

    # -- asking it ----------------------------------------------------------------

    def sequence(self, haplotype: int) -> str:
        """Return the sequence of a haplotype."""
        start = self._start + self._sections["sequences"][0]
        offsets = self._sequence_offsets
        sequence = self._data[start + offsets[haplotype] : start + offsets[haplotype + 1]]
        # Letters alone, of which there is one at least.
        if not sequence.isalpha() or len(sequence) != self.lengths[haplotype]:
            raise self._contradiction()
        return sequence.decode()

    def positions(self, haplotype: int) -> range:
        """Return the numbers of the records that have this haplotype."""
        first, end = self._record_offsets[haplotype], self._record_offsets[haplotype + 1]
        if not first < end <= self.record_count:
            raise self._contradiction()
        return range(first, end)

    def positions_at(self, haplotype: int, species: int) -> list[int]:
        """Return the numbers of the records of a species that have this haplotype."""
        return [at for at in self.positions(haplotype) if self.species_at(at) == species]

    def record(self, position: int) -> ReferenceRecord:
        """Return a record by its number."""
        start = self._start + self._sections["rows"][0]
        offsets = self._row_offsets
        row = self._data[start + offsets[position] : start + offsets[position + 1]]
        try:
            values = row.decode().split("\t")
        except UnicodeDecodeError as error:
            raise self._contradiction() from error
        if len(values) != len(COLUMNS):
            raise self._contradiction()
        return ReferenceRecord(*values)

    def first_columns(self, names: Sequence[str]) -> tuple[list[list[str]], memoryview]:
        """Return the values that some columns of the first records of haplotypes have, and by haplotype which of them.

        The columns follow each other in a row, and are not the last.
        """
        first = COLUMNS.index(names[0])
        try:
            texts, numbers = kernel.first_columns(
                self._section("rows"), self._row_offsets, self._record_offsets, len(COLUMNS),
                first, first + len(names),
            )  # fmt: skip
            values = [text.decode().split("\t") for text in texts]
        except ValueError as error:  # also where it is not UTF-8
            raise self._contradiction() from error
        return values, memoryview(numbers).cast("I")

    def records(self, haplotype: int) -> list[ReferenceRecord]:
        """Return the records that have this haplotype."""
        return [self.record(position) for position in self.positions(haplotype)]

    def first_record(self, haplotype: int) -> ReferenceRecord:
        """Return the first of the records that have this haplotype."""
        return self.record(self.positions(haplotype)[0])

    def species_at(self, position: int) -> int:
        """Return the number of the species of a record."""
        species = self._species[position]
        if species >= self.species_count:
            raise self._contradiction()
        return species

    def positions_of(self, species: int) -> list[int]:
        """Return the numbers of the records of a species, ascending."""
        first, end = self._species_offsets[species], self._species_offsets[species + 1]
        positions = self._numbers("of_species", "I")[first:end].tolist()
        if not positions or max(positions) >= self.record_count:
            raise self._contradiction()
        if any(self._species[at] != species for at in positions):
            raise self._contradiction()
        return positions

    def haplotype_at(self, position: int) -> int:
        """Return the number of the haplotype of a record."""
        haplotype = bisect_right(self._record_offsets, position) - 1
        if not 0 <= haplotype < self.size:
            raise self._contradiction()
        return haplotype

    def positions_labelled(self, label: str) -> list[int]:
        """Return the numbers of the records that count under a label (`ReferenceRecord.label`), ascending."""
        numbers = self._listed("labels", label, self.species_count)
        return sorted(chain.from_iterable(map(self.positions_of, numbers)))

    def species_in(self, genus: str) -> list[ReferenceRecord]:
        """Return a record of each species of a genus, and of each family that its records state."""
        records = [self.record(n) for n in self._listed("genera", genus, self.record_count)]
        if any(record.genus != genus for record in records):
            raise self._contradiction()
        return records

    def species(self, haplotype: int) -> list[int]:
        """Return the numbers of the species of the records of a haplotype, ascending."""
        positions = self.positions(haplotype)
        numbers = sorted(set(self._species[positions.start : positions.stop]))
        if numbers[-1] >= self.species_count:
            raise self._contradiction()
        return numbers

    def haplotypes_by_species(self) -> dict[int, list[int]]:
        """Return the numbers of the haplotypes of every species, ascending."""
        haplotypes: dict[int, list[int]] = defaultdict(list)
        for haplotype in range(self.size):
            for species in self.species(haplotype):
                haplotypes[species].append(haplotype)
        return haplotypes

    def species_records(self, species: int) -> int:
        """Return how many records of the locus bear the label of this number."""
        return self._species_offsets[species + 1] - self._species_offsets[species]

    def records_below(self, haplotype: int) -> int:
        """Return how many records stand behind the haplotypes before this one."""
        return self._record_offsets[haplotype]

    # -- inside -------------------------------------------------------------------

    def _contradiction(self) -> LibraryError:
        return LibraryError(damaged(self.path or self.locus))

    def _check_ends(self) -> None:
        """Refuse what does not begin and end where its header says."""
        sections, lengths = self._sections, self.lengths
        for offsets, end in (
            (self._sequence_offsets, sections["sequences"][1]),
            (self._record_offsets, self.record_count),
            (self._species_offsets, self.record_count),
            (self._row_offsets, sections["rows"][1]),
        ):
            if offsets[0] or offsets[-1] != end:
                raise self._contradiction()
        if not 0 < lengths[0] <= lengths[-1]:
            raise self._contradiction()
        # Listings are lines; only of genera there may be none.
        labels, genera = (self._section(name)[-1:].tobytes() for name in ("labels", "genera"))
        if labels != b"\n" or genera.strip(b"\n"):
            raise self._contradiction()

    def _listed(self, section: str, name: str, below: int) -> list[int]:
        """Return the numbers that a listing has for a name, each below a limit; none where it lacks the name."""
        low = self._start + self._sections[section][0]
        high = low + self._sections[section][1]
        wanted, data = name.encode(), self._data
        while low < high:
            middle = (low + high) // 2
            first = max(low, data.rfind(b"\n", low, middle) + 1)
            end = data.find(b"\n", middle, high)
            found, _tab, numbers = data[first:end].partition(b"\t")
            if end < 0:
                raise self._contradiction()
            if found == wanted:
                return self._checked(numbers, below)
            low, high = (end + 1, high) if found < wanted else (low, first)
        return []

    def _checked(self, numbers: bytes, below: int) -> list[int]:
        try:
            found = [int(number) for number in numbers.split()]
        except ValueError as error:
            raise self._contradiction() from error
        if not found or not 0 <= min(found) <= max(found) < below:
            raise self._contradiction()
        return found

    def _section(self, name: str) -> memoryview:
        offset, length = self._sections[name]
        return self._view[self._start + offset : self._start + offset + length]

    def _numbers(self, name: str, kind: Literal["I", "Q"]) -> memoryview:
        return self._section(name).cast(kind)


def _read_header(data: "mmap.mmap | bytes", length: int, name: str) -> tuple[dict, int]:
    if length < _PREFIX.size:
        raise LibraryError(_not_an_index(name))
    magic, version, size, digest = _PREFIX.unpack_from(data)
    if magic != _MAGIC:
        raise LibraryError(_not_an_index(name))
    if version != FORMAT:
        raise LibraryError(
            _(
                "{name} has index format {found}; this version reads format {expected}. "
                "Build the index again: forensics library build."
            ).format(name=name, found=version, expected=FORMAT)
        )
    text = data[_PREFIX.size : _PREFIX.size + size]
    start = _padded(_PREFIX.size + size)
    if hashlib.sha256(text).digest() != digest:
        raise LibraryError(damaged(name))
    try:
        header = load_json(text)
        fits = _fits(header, length - start)
    # No JSON, nested without end, without a name that is needed, or other things than objects and lists.
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise LibraryError(damaged(name)) from error
    if not fits:
        raise LibraryError(damaged(name))
    return header, start


def _fits(header: dict, length: int) -> bool:
    """Return whether a header agrees with itself, and its sections lie in what follows it."""
    size, records, species = header["haplotypes"], header["records"], header["species"]
    sections = header["sections"]
    numbers = [size, records, species, header["length"], *chain(*sections.values())]
    if set(map(type, numbers)) != {int} or min(numbers) < 0:
        return False
    if header["length"] != length or not 0 < size <= records or not 0 < species <= records:
        return False
    if header["k"] != K or header["columns"] != list(COLUMNS):
        return False
    if type(header["locus"]) is not str or type(header["source"]) is not dict:
        return False
    _offset, letters = sections["sequences"]
    expected = {
        "lengths": 4 * size,
        "order": 4 * size,
        "sequence_offsets": 8 * (size + 1),
        "record_offsets": 4 * (size + 1),
        "row_offsets": 8 * (records + 1),
        "species": 4 * records,
        "of_species": 4 * records,
        "species_offsets": 4 * (species + 1),
        "pieces": 2 * (letters // K + size),
        **dict.fromkeys(_TABLE[:2], 4 * 4**K),
    }
    planes = (size + 7) >> 3  # bytes of a bitmap of the haplotypes
    units = {
        **dict.fromkeys(("sequences", "rows", "labels", "genera"), 1),
        "kmer_data": 4, "hidden_planes": planes,
    }  # fmt: skip
    for name, (offset, width) in sections.items():
        if offset % _ALIGNMENT or offset + width > length:
            return False
        if width != expected.get(name, width) or width % units.get(name, 1):
            return False
    return sections.keys() == expected.keys() | units.keys()


def _not_an_index(name: object) -> str:
    return _("{name} is not an index file of this package.").format(name=name)


def damaged(name: object) -> str:
    """Return what is said of an index that contradicts itself."""
    return _(
        "{name} is damaged or cut off: its header does not agree with its content. "
        "Build the index again: forensics library build."
    ).format(name=name)


@cache
def opened(path: Path) -> Index:
    """Return an index that stays open as long as the process lives, which opens it once."""
    return Index.open(path)


def _padded(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _whole(content: "bytes | memoryview") -> "tuple[int, list[bytes | memoryview]]":
    """Return a section that is made already: its length, and its parts."""
    return len(content), [content]


def _cumulated(lengths: "np.ndarray", kind: str) -> bytes:
    """Return where each of so many lengths begins, and where the last ends."""
    import numpy as np

    places = np.zeros(len(lengths) + 1, kind)
    np.cumsum(lengths, out=places[1:])
    return places.tobytes()


def _listing(numbers: Mapping[str, Iterable[int]]) -> bytes:
    """Return lines of a name and its numbers, in the order of the names' bytes."""
    lines = ((name.encode(), " ".join(map(str, each)).encode()) for name, each in numbers.items())
    return b"".join(b"%s\t%s\n" % line for line in sorted(lines))


def _bit_planes(counters: "np.ndarray") -> bytes:
    """Return the bit planes of counters, least significant first, each in whole bytes."""
    import numpy as np

    return b"".join(
        np.packbits((counters >> plane & 1).astype(np.uint8), bitorder="little").tobytes()
        for plane in range(int(counters.max(initial=0)).bit_length())
    )


def _pieces(haplotypes: list[str]) -> Iterator[bytes]:
    start = 0
    for first in range(0, len(haplotypes), _AT_ONCE):
        some = haplotypes[first : first + _AT_ONCE]
        yield kernel.pieces_of(some, start)
        start += sum(map(len, some))


def _encoded(haplotypes: Sequence[str]) -> Iterator[bytes]:
    for first in range(0, len(haplotypes), _AT_ONCE):
        yield "".join(haplotypes[first : first + _AT_ONCE]).encode("ascii")
