"""Turns gathered records into pieces, and says of each that is not taken why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from forensics.barcode.fetching.bold import fetched_of_row, locus_of, raw_key
from forensics.barcode.fetching.cross_check import cross_check
from forensics.barcode.fetching.extract import extract_loci, unlikely
from forensics.barcode.fetching.flatfile import entry_of, fetched_of
from forensics.barcode.fetching.http import printable
from forensics.barcode.fetching.lock import digest
from forensics.barcode.fetching.packages import Row
from forensics.barcode.fetching.pipeline import Gathered
from forensics.barcode.fetching.request import Request
from forensics.barcode.fetching.sources import Fetched, Piece
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.panels import Coverage, PanelTaxon
from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.sequence import clean
from forensics.messages import _

__all__ = ["BuiltPieces", "build_pieces"]

# Names of other taxa in a message.
_NAMES_SHOWN = 5
_FAMILIES = ("idae", "aceae")


@dataclass(frozen=True)
class BuiltPieces:
    """What became of the records.

    Attributes
    ----------
    pieces : tuple of Piece
    left_out : tuple of LeftOut
    records : dict of str to str
        Name and SHA-256 of every record that counted, also of those that were left out.
    coverage : Coverage
        What there is of each taxon that was asked for.
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
    coverage: Coverage
    passed_over: int
    other_taxa: int = 0
    other_loci: int = 0
    taxa_seen: tuple[str, ...] = ()

    @property
    def came(self) -> int:
        """How many records came, whatever became of them."""
        return len(self.records) + self.passed_over


class _Reason(Enum):
    """Why a record is passed over."""

    UNASKED = "left out by name, or not of the lock"
    TAXON = "of another taxon"
    LOCUS = "of another locus"


@dataclass(frozen=True)
class _PassedOver:
    """A record that does not count, with the name of its organism."""

    reason: _Reason
    name: str


@dataclass(frozen=True)
class _Cut:
    """What was cut out of a record.

    Attributes
    ----------
    key : str
        Name of the record in the lock.
    sha256 : str
    record : Fetched or None
        None where it could not be read.
    taxa : tuple of PanelTaxon
        The taxa that it was asked for as.
    pieces : list of Piece
    reasons : dict of str to str
        Of each locus why nothing was cut; under "" why of the whole record.
    """

    key: str
    sha256: str
    record: Fetched | None
    taxa: tuple[PanelTaxon, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)


def build_pieces(gathered: Gathered, request: Request, library: Library) -> BuiltPieces:
    """Cut and check what was gathered.

    Parameters
    ----------
    gathered : Gathered
    request : Request
    library : Library
        Known records for the comparison; the embedded library.
    """
    pieces: list[Piece] = []
    left_out: list[LeftOut] = []
    records: dict[str, str] = {}
    seen: dict[tuple[str, str], str] = {}
    passed: Counter[_Reason] = Counter()
    strangers: Counter[str] = Counter()
    places: dict[str, tuple[str, int]] = {}
    taxa_of: dict[tuple[str, str], tuple[PanelTaxon, ...]] = {}
    for file, number, item in gathered.items:
        if isinstance(item, Row):
            turned = _cut_row(item, request, gathered)
        else:
            turned = _cut_record(item, request, library, gathered)
        if isinstance(turned, _PassedOver):
            passed[turned.reason] += 1
            if turned.reason is _Reason.TAXON:
                strangers[printable(turned.name, most=60)] += 1
            continue
        record = turned.record
        accession, name = (record.accession, record.name) if record else (printable(turned.key), "")
        if turned.key in records and request.source == "ncbi":
            left_out.append(LeftOut(file, number, accession, name, _("the record occurs twice")))
            continue
        if records.get(turned.key) == turned.sha256 and places[accession][0] != file:
            continue  # a row of two taxa that were asked for comes with each of them
        records[turned.key] = turned.sha256
        places[accession] = (file, number)
        for locus, reason in turned.reasons.items():
            text = f"{locus}: {reason}" if locus else reason
            left_out.append(LeftOut(file, number, accession, name, text))
        for piece in turned.pieces:
            if not _has_genus(piece.record):
                reason = _("the name {name!r} holds no genus").format(name=name)
            elif (piece.locus, accession) in seen:
                same = seen[(piece.locus, accession)] == piece.sequence
                reason = (
                    _("the sequence occurs twice") if same
                    else _("another sequence of the same accession was taken")
                )  # fmt: skip
            else:
                seen[(piece.locus, accession)] = piece.sequence
                taxa_of[(piece.locus, accession)] = turned.taxa
                pieces.append(piece)
                continue
            left_out.append(LeftOut(file, number, accession, name, f"{piece.locus}: {reason}"))
    kept, refused = cross_check(pieces, library)
    for piece, reason in refused:
        file, number = places[piece.record.accession]
        left_out.append(
            LeftOut(file, number, piece.record.accession, piece.record.name,
                    f"{piece.locus}: {reason}")
        )  # fmt: skip
    for accession in request.without:
        left_out.append(LeftOut("", 0, accession, "", _("left out by name (--without)")))
    return BuiltPieces(
        tuple(kept), tuple(left_out), records, _cover(request, kept, taxa_of), passed.total(),
        other_taxa=passed[_Reason.TAXON], other_loci=passed[_Reason.LOCUS],
        taxa_seen=tuple(name for name, _number in strangers.most_common(_NAMES_SHOWN) if name),
    )  # fmt: skip


def _has_genus(record: Fetched) -> bool:
    """Return whether the name begins with a genus, and not with a family or what is above it."""
    genus = record.reference().genus
    above = {name for rank, name in record.ranks if rank != "genus"}
    return bool(genus) and genus not in above and not genus.endswith(_FAMILIES)


def _cover(
    request: Request,
    pieces: Iterable[Piece],
    taxa_of: dict[tuple[str, str], tuple[PanelTaxon, ...]],
) -> Coverage:
    """Return what there is of each taxon; a submitter counts where no institution is named."""
    records: dict[str, list[ReferenceRecord]] = {taxon.taxon: [] for taxon in request.taxa}
    for piece in pieces:
        fetched = piece.record
        record = replace(
            fetched.reference(piece.locus), institution=fetched.institution or fetched.submitter
        )
        for taxon in taxa_of[(piece.locus, fetched.accession)]:
            records[taxon.taxon].append(record)
    return Coverage(request.panel, records)


def _taxa_of(
    record: Fetched, key: str, request: Request, gathered: Gathered
) -> tuple[PanelTaxon, ...]:
    """Return the taxa whose search found a record, or whose names it bears."""
    found_by = gathered.found_by.get(key, ())
    return tuple(
        taxon
        for taxon in request.taxa
        if taxon.taxon in found_by or record.belongs_to(set(taxon.names))
    )


def _loci(taxa: Iterable[PanelTaxon]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(locus for taxon in taxa for locus in taxon.loci))


def _cut_record(
    text: str, request: Request, library: Library, gathered: Gathered
) -> _Cut | _PassedOver:
    """Cut the loci out of a GenBank record."""
    entry, sequence = entry_of(text)
    record = fetched_of(text, entry, gathered.taxonomy)
    taxa = _taxa_of(record, record.accession, request, gathered)
    if passed := _pass_over(record, record.accession, taxa, request, gathered):
        return passed
    pieces, reasons = extract_loci(record, entry, sequence, _loci(taxa), library)
    return _Cut(record.accession, record.sha256, record, taxa, pieces, reasons)


def _cut_row(row: Row, request: Request, gathered: Gathered) -> _Cut | _PassedOver:
    """Take the sequence of a row of BOLD."""
    key = raw_key(row)
    record, marker, sequence, problem = fetched_of_row(row)
    if record is None:
        name = key if key.strip("|") else _("row {number}").format(number=row.number)
        return _Cut(name, digest(row.text), None, reasons={"": problem})
    taxa = _taxa_of(record, key, request, gathered)
    if passed := _pass_over(record, key, taxa, request, gathered):
        return passed
    if not sequence:
        return _Cut(key, record.sha256, record, reasons={"": _("it has no sequence")})
    if not marker and len(request.loci) == 1:  # a FASTA whose headers name no marker
        marker = request.loci[0]
    locus = locus_of(marker)
    if locus not in _loci(taxa):
        if locus:
            return _PassedOver(_Reason.LOCUS, record.name)
        reason = _("unknown locus {locus!r}").format(locus=printable(marker, most=40))
        return _Cut(key, record.sha256, record, reasons={"": reason})
    piece = Piece(record, locus, clean(sequence), way="whole")
    if reason := unlikely(piece):
        return _Cut(key, record.sha256, record, reasons={locus: reason})
    return _Cut(key, record.sha256, record, taxa, [piece])


def _pass_over(
    record: Fetched, key: str, taxa: tuple[PanelTaxon, ...], request: Request, gathered: Gathered
) -> _PassedOver | None:
    """Return why a record does not count; None where it does."""
    if record.accession in request.without:
        return _PassedOver(_Reason.UNASKED, record.name)
    if gathered.only is not None:
        return None if key in gathered.only else _PassedOver(_Reason.UNASKED, record.name)
    if not taxa:
        return _PassedOver(_Reason.TAXON, record.name)
    return None
