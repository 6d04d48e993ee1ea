"""What a GenBank record says of its specimen, its deposit and its taxonomy.

References
----------
The DDBJ/ENA/GenBank Feature Table Definition; the structure ``institution:collection:specimen``
of ``/specimen_voucher`` is its rule.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from forensics.barcode.fetching.sources import RANKS, Fetched
from forensics.barcode.reading.reads import genbank_entries
from forensics.errors import InputError
from forensics.io.inputs import read_limited
from forensics.messages import _

__all__ = [
    "entry_of",
    "fetched_of",
    "read_taxonomies",
    "read_taxonomy",
    "records_in",
    "taxid_of",
    "version_of",
]

# Nothing in a record comes before it; a byte-order mark or blank lines may stand before the first.
_START = "LOCUS "
_END = "//"
# With its length, against which the sequence is counted.
_LOCUS = re.compile(r"^LOCUS\s.*\s\d+ bp\b")
_VERSION = re.compile(r"^VERSION {5}\s*(\S+)", re.MULTILINE)
_SUBMITTED = re.compile(r"^Submitted \([^)]*\)\s*")
_TAXID = re.compile(r"^taxon:(\d+)$")
_TAXID_LINE = re.compile(r'^ +/db_xref="taxon:(\d+)"$', re.MULTILINE)
# A record longer than this is neither a gene nor an organelle genome; it is not held in memory.
_MAX_RECORD_SIZE = 64 * 2**20


def records_in(stream: Iterator[str] | io.TextIOBase, source: str) -> Iterator[str]:
    """Yield the records of a flat file, each as it stands from LOCUS to ``//``.

    Raises
    ------
    InputError
        If something else stands between them, or the last has no end.
    """
    lines: list[str] = []
    size = number = 0
    for line in stream:
        line = line.rstrip("\r\n")
        if not lines:
            line = line.lstrip("\ufeff")
            if not line.strip():
                continue
            if not line.startswith(_START):
                raise InputError(
                    _("found {start!r}, expected LOCUS: this is not a GenBank flat file").format(
                        start=line[:40]
                    ),
                    source=source,
                    record=number + 1,
                )
        lines.append(line)
        size += len(line) + 1
        if size > _MAX_RECORD_SIZE:
            raise InputError(
                _("the record is longer than {most} letters").format(most=_MAX_RECORD_SIZE),
                source=source,
                record=number + 1,
            )
        if line.rstrip() == _END:
            number += 1
            yield "\n".join(lines) + "\n"
            lines, size = [], 0
    if lines:
        raise InputError(
            _("the last record has no end (//): the file was cut off; get it again"),
            source=source,
            record=number + 1,
        )


def version_of(text: str) -> str:
    """Return the accession with version of a record, or an empty string."""
    version = _VERSION.search(text)
    return version.group(1) if version else ""


def taxid_of(text: str) -> str:
    """Return the NCBI taxon id of a record, or an empty string."""
    taxid = _TAXID_LINE.search(text)
    return taxid.group(1) if taxid else ""


def entry_of(text: str, source: str = ""):
    """Return a record as Biopython reads it, and its sequence (empty where it has none).

    Raises
    ------
    InputError
        If it is not one whole record.
    """
    if not _LOCUS.match(text):
        raise InputError(
            _("record {accession} does not say its length (LOCUS … bp)").format(
                accession=version_of(text) or "?"
            ),
            source=source or None,
        )
    try:
        entries = list(genbank_entries(io.StringIO(text), source))
    # Biopython's parser raises what its inner steps raise when a stranger's file breaks them.
    except (ValueError, AssertionError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise InputError(
            _("record {accession} cannot be read: {error}").format(
                accession=version_of(text) or "?", error=" ".join(str(error).split())
            ),
            source=source or None,
        ) from error
    if len(entries) != 1:
        raise InputError(
            _("found {number} records where one is expected").format(number=len(entries)),
            source=source or None,
        )
    return entries[0]


def fetched_of(text: str, entry, taxonomy: dict[str, tuple[tuple[str, str], ...]]) -> Fetched:
    """Return what a record says.

    Parameters
    ----------
    text : str
        As it arrived.
    entry : Bio.SeqRecord.SeqRecord
        The same, read.
    taxonomy : dict of str to tuple of (rank, name)
        Lineages by NCBI taxon id, from `read_taxonomy`; without them only family and order
        are known, where their ending tells.
    """
    source = next((feature for feature in entry.features if feature.type == "source"), None)
    qualifiers = source.qualifiers if source else {}

    def first(*names: str) -> str:
        values = (qualifiers[name][0] for name in names if qualifiers.get(name))
        return _plain(next(values, ""))

    references = (_TAXID.match(reference) for reference in qualifiers.get("db_xref", ()))
    taxid = next((values.group(1) for values in references if values), "")
    names = tuple(_plain(name) for name in entry.annotations.get("taxonomy", ()))
    lineage = taxonomy.get(taxid, ())
    ranks = tuple((rank, name) for rank, name in lineage if rank in RANKS) or _by_endings(names)
    voucher = first("specimen_voucher", "bio_material", "culture_collection")
    code = voucher.split(":")[0] if ":" in voucher else ""
    publication, submitter = _references(entry)
    return Fetched(
        accession=entry.id,
        name=_plain(entry.annotations.get("organism", "")),
        taxonomy=tuple(name for _rank, name in lineage) or names,
        ranks=ranks,
        taxid=taxid,
        voucher=voucher,
        identifier=first("identified_by"),
        institution=_plain(code),
        country=first("geo_loc_name", "country"),
        date=first("collection_date"),
        coordinates=first("lat_lon"),
        collector=first("collected_by"),
        publication=publication,
        submitter=submitter,
        title=_plain(entry.description),
        deposited=_plain(entry.annotations.get("date", "")),
        source="GenBank",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def read_taxonomy(body: bytes) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return lineages by taxon id from the XML of NCBI's taxonomy database.

    Ids that were merged into another lead to it.

    Raises
    ------
    ValueError
        If it is no such XML.
    """
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    if root.tag != "TaxaSet":
        raise ValueError(_("found <{tag}>, expected <TaxaSet>").format(tag=root.tag))
    lineages = {}
    for taxon in root.findall("Taxon"):
        above = [(_text_of(t, "Rank"), _text_of(t, "ScientificName")) for t in taxon.iter("Taxon")]
        # The first of them is the taxon itself; it belongs at the end.
        lineage = tuple((rank, name) for rank, name in [*above[1:], above[0]] if name)
        others = [_plain(other.text or "") for other in taxon.findall("AkaTaxIds/TaxId")]
        for taxid in (_text_of(taxon, "TaxId"), *others):
            if taxid:
                lineages[taxid] = lineage
    return lineages


# Lineages of 100,000 taxa.
_MAX_TAXONOMY = 256 * 2**20


def read_taxonomies(folder: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the lineages of every ``taxonomy-*.xml`` of a folder of raw answers."""
    lineages: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in sorted(folder.glob("taxonomy-*.xml")):
        try:
            lineages.update(read_taxonomy(read_limited(path, _MAX_TAXONOMY)))
        except ValueError as error:
            raise InputError(
                _("this is not NCBI's taxonomy as XML: {error}").format(error=error),
                source=str(path),
            ) from error
    return lineages


def _text_of(taxon: ElementTree.Element, tag: str) -> str:
    return _plain(taxon.findtext(tag) or "")


def _by_endings(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    ranks = []
    for rank, endings in (("order", ("formes", "ales")), ("family", ("idae", "aceae"))):
        name = next((name for name in reversed(names) if name.endswith(endings)), "")
        if name:
            ranks.append((rank, name))
    return tuple(ranks)


def _references(entry) -> tuple[str, str]:
    """Return the first publication, and who deposited the record."""
    publication = submitter = ""
    for reference in entry.annotations.get("references", ()):
        journal = _plain(reference.journal)
        if _SUBMITTED.match(journal):
            submitter = submitter or _SUBMITTED.sub("", journal)
        elif not publication:
            parts = [_plain(reference.authors), _plain(reference.title), journal]
            if reference.pubmed_id:
                parts.append(f"PMID {_plain(reference.pubmed_id)}")
            publication = ". ".join(part.rstrip(".") for part in parts if part)
    return publication, submitter


def _plain(text: str) -> str:
    """Return text as one line without control characters; it goes into a table."""
    line = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
