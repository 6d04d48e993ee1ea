"""Turns gathered records into pieces, and says of each that is not taken why."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from forensics.barcode.fetching.agree import agreeing
from forensics.barcode.fetching.asking import printable
from forensics.barcode.fetching.bold import fetched_of_row, locus_of, raw_key
from forensics.barcode.fetching.cut import cut, unlikely
from forensics.barcode.fetching.flatfile import entry_of, fetched_of
from forensics.barcode.fetching.gather import Gathered
from forensics.barcode.fetching.lock import digest
from forensics.barcode.fetching.packages import Row
from forensics.barcode.fetching.sources import Fetched, Piece
from forensics.barcode.fetching.wanted import Request
from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import LeftOut
from forensics.barcode.sequence import clean
from forensics.messages import _

__all__ = ["Made", "make"]

# Names of other taxa in a message.
_NAMES_SHOWN = 5
_FAMILIES = ("idae", "aceae")
_PLANTS = {"Viridiplantae", "Plantae", "Streptophyta", "Tracheophyta", "Magnoliophyta"}


@dataclass(frozen=True)
class Made:
    """What became of the records.

    Attributes
    ----------
    pieces : tuple of Piece
    left_out : tuple of LeftOut
    records : dict of str to str
        Name and SHA-256 of every record that counted, also of those that were left out.
    passed_over : int
        Records of other taxa, and rows of other loci.
    other_taxa, other_loci : int
        How many of them for which reason.
    taxa_seen : tuple of str
        The commonest names among those of other taxa.
    """

    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]
    records: dict[str, str]
    passed_over: int
    other_taxa: int = 0
    other_loci: int = 0
    taxa_seen: tuple[str, ...] = ()

    @property
    def came(self) -> int:
        """How many records came, whatever became of them."""
        return len(self.records) + self.passed_over


class _Passed(Enum):
    """Why a record is passed over."""

    UNASKED = "left out by name, or not of the lock"
    TAXON = "of another taxon"
    LOCUS = "of another locus"


def make(gathered: Gathered, request: Request, library: Library) -> Made:
    """Cut and check what was gathered.

    Parameters
    ----------
    gathered : Gathered
    request : Request
    library : Library
        Known records for the comparison; the embedded library.
    """
    turn = _row_pieces if request.source == "bold" else _record_pieces
    pieces: list[Piece] = []
    left_out: list[LeftOut] = []
    records: dict[str, str] = {}
    seen: dict[tuple[str, str], str] = {}
    passed: Counter[_Passed] = Counter()
    strangers: Counter[str] = Counter()
    places: dict[str, tuple[str, int]] = {}
    for file, number, item in gathered.items:
        found = turn(item, request, library, gathered)
        if isinstance(found, tuple) and isinstance(found[0], _Passed):
            passed[found[0]] += 1
            if found[0] is _Passed.TAXON:
                strangers[printable(found[1], most=60)] += 1
            continue
        key, total, record, cut_out, reasons = found
        accession, name = (record.accession, record.name) if record else (printable(key), "")
        if key in records and request.source == "ncbi":
            left_out.append(LeftOut(file, number, accession, name, _("the record occurs twice")))
            continue
        records[key] = total
        places[accession] = (file, number)
        for locus, reason in reasons.items():
            text = f"{locus}: {reason}" if locus else reason
            left_out.append(LeftOut(file, number, accession, name, text))
        for piece in cut_out:
            if not _has_genus(record):
                reason = _("the name {name!r} holds no genus").format(name=name)
            elif (piece.locus, accession) in seen:
                same = seen[(piece.locus, accession)] == piece.sequence
                reason = (
                    _("the sequence occurs twice") if same
                    else _("another sequence of the same accession was taken")
                )  # fmt: skip
            else:
                seen[(piece.locus, accession)] = piece.sequence
                pieces.append(piece)
                continue
            left_out.append(LeftOut(file, number, accession, name, f"{piece.locus}: {reason}"))
    kept, refused = agreeing(pieces, library)
    for piece, reason in refused:
        file, number = places[piece.record.accession]
        left_out.append(
            LeftOut(file, number, piece.record.accession, piece.record.name,
                    f"{piece.locus}: {reason}")
        )  # fmt: skip
    for accession in request.without:
        left_out.append(LeftOut("", 0, accession, "", _("left out by name (--without)")))
    return Made(
        tuple(kept), tuple(left_out), records, passed.total(),
        other_taxa=passed[_Passed.TAXON], other_loci=passed[_Passed.LOCUS],
        taxa_seen=tuple(name for name, _number in strangers.most_common(_NAMES_SHOWN) if name),
    )  # fmt: skip


def _has_genus(record: Fetched) -> bool:
    """Return whether the name begins with a genus, and not with a family or what is above it."""
    genus = record.reference().genus
    above = {name for rank, name in record.ranks if rank != "genus"}
    return bool(genus) and genus not in above and not genus.endswith(_FAMILIES)


def _loci(request: Request, record: Fetched) -> tuple[str, ...]:
    if not request.by_kingdom:
        return request.loci
    plant = not _PLANTS.isdisjoint({*record.taxonomy, *(name for _rank, name in record.ranks)})
    return tuple(
        locus for locus in request.loci if plant != (find_locus(locus).genome == MITOCHONDRIAL)
    )


def _record_pieces(text: str, request: Request, library: Library, gathered: Gathered):
    entry, sequence = entry_of(text)
    record = fetched_of(text, entry, gathered.taxonomy)
    if record.accession in request.without:
        return _Passed.UNASKED, record.name
    if gathered.only is not None:
        if record.accession not in gathered.only:
            return _Passed.UNASKED, record.name
    elif not record.belongs_to(request.names):
        return _Passed.TAXON, record.name
    pieces, reasons = cut(record, entry, sequence, _loci(request, record), library)
    return record.accession, record.sha256, record, pieces, reasons


def _row_pieces(row: Row, request: Request, library: Library, gathered: Gathered):
    key = raw_key(row)
    record, marker, sequence, problem = fetched_of_row(row)
    if problem:
        name = key if key.strip("|") else _("row {number}").format(number=row.number)
        return name, digest(row.text), None, [], {"": problem}
    if record.accession in request.without:
        return _Passed.UNASKED, record.name
    if gathered.only is not None:
        if key not in gathered.only:
            return _Passed.UNASKED, record.name
    elif not record.belongs_to(request.names):
        return _Passed.TAXON, record.name
    if not sequence:
        return key, record.sha256, record, [], {"": _("it has no sequence")}
    if not marker and len(request.loci) == 1:  # a FASTA whose headers name no marker
        marker = request.loci[0]
    locus = locus_of(marker)
    if locus not in _loci(request, record):
        if locus:
            return _Passed.LOCUS, record.name
        reason = _("unknown locus {locus!r}").format(locus=printable(marker, most=40))
        return key, record.sha256, record, [], {"": reason}
    piece = Piece(record, locus, clean(sequence), way="whole")
    if reason := unlikely(piece):
        return key, record.sha256, record, [], {locus: reason}
    return key, record.sha256, record, [piece], {}
