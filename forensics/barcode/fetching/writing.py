"""Writes what was fetched: FASTA, table, what was left out, lock. All of them, or none.

The FASTA has the header ``accession|name|locus|source``, which `forensics library build` reads,
and the table says more of each accession. The same pieces give the same bytes.
"""

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from forensics.barcode.fetching.sources import COLUMNS, Piece
from forensics.barcode.reference.records import LeftOut
from forensics.errors import UsageError
from forensics.io.cells import defused
from forensics.messages import _

__all__ = ["fasta_text", "left_out_text", "paths_of", "table_text", "write_all"]

_FASTA = (".fasta", ".fa", ".fas", ".fna")
_SUFFIXES = {"table": ".tsv", "left_out": ".left_out.tsv", "lock": ".lock.json",
             "report": ".report.json"}  # fmt: skip


def paths_of(output: Path) -> dict[str, Path]:
    """Return the files that belong to a FASTA: ``fasta``, ``table``, ``left_out``, ``lock``, ``report``.

    Raises
    ------
    UsageError
        If the name is not that of a FASTA, or one of the files exists.
    """
    if output.suffix.lower() not in _FASTA:
        raise UsageError(
            _("{path}: the output is FASTA; give a name that ends in .fasta").format(path=output)
        )
    paths = {"fasta": output}
    paths |= {kind: output.with_suffix(suffix) for kind, suffix in _SUFFIXES.items()}
    for path in paths.values():
        if path.exists():
            raise UsageError(_("{path} exists; give a new file.").format(path=path))
    return paths


def fasta_text(pieces: Iterable[Piece]) -> str:
    """Return the sequences as FASTA, by locus and accession."""
    lines = []
    for piece in _ordered(pieces):
        record = piece.record
        name = record.name.replace("|", " ")
        lines.append(
            f">{record.accession}|{name}|{piece.locus}|{record.source}\n{piece.sequence}\n"
        )
    return "".join(lines)


def table_text(pieces: Iterable[Piece], *, date: str) -> str:
    """Return what is known of the records as TSV, one line an accession.

    Parameters
    ----------
    pieces : iterable of Piece
    date : str
        Of the taxonomy: when the records were fetched.
    """
    loci: dict[str, list[str]] = {}
    records = {}
    for piece in _ordered(pieces):
        origin = ", ".join(part for part in (piece.way, piece.place, piece.agrees) if part)
        loci.setdefault(piece.record.accession, []).append(f"{piece.locus} ({origin})")
        records[piece.record.accession] = piece.record
    rows: list[dict[str, object]] = [dict.fromkeys(COLUMNS, "") for _record in records]
    for row, (accession, record) in zip(rows, sorted(records.items())):
        reference = record.reference()
        for column in COLUMNS:
            name = "class_" if column == "class" else column
            row[column] = getattr(reference, name, None) or getattr(record, name, "")
        row["loci"] = "; ".join(loci[accession])
        row["taxonomy"] = "; ".join(record.taxonomy)
        row["taxonomy_date"] = date
    return _tsv(COLUMNS, rows)


def left_out_text(left_out: Iterable[LeftOut]) -> str:
    """Return the records and loci that were not taken as TSV, with their reasons."""
    columns = tuple(field.name for field in fields(LeftOut))
    return _tsv(columns, [dict(zip(columns, astuple(entry))) for entry in left_out])


def write_all(contents: Mapping[Path, str]) -> None:
    """Write files that belong together; the first of them appears last.

    A name that is there means that everything it belongs to is there: the FASTA comes first in
    `contents`, so it is the last to get its name.
    """
    partials: list[tuple[Path, Path]] = []
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
            partials.append((partial, path))
            with open(partial, "wb") as handle:
                handle.write(text.encode())
                handle.flush()
                os.fsync(handle.fileno())
        for partial, path in reversed(partials):
            os.replace(partial, path)
    finally:
        for partial, _path in partials:
            partial.unlink(missing_ok=True)


def _ordered(pieces: Iterable[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.locus, piece.record.accession))


def _tsv(columns: Sequence[str], rows: Iterable[dict[str, object]]) -> str:
    text = io.StringIO()
    text.write("\t".join(columns) + "\n")
    for row in rows:
        # No quoting: a table of records is read by other programs than spreadsheets, too.
        cells = {name: " ".join(str(value).split()) for name, value in row.items()}
        text.write("\t".join(str(value) for value in defused(cells).values()) + "\n")
    return text.getvalue()
