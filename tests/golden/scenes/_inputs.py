"""What several groups are given: simulated sequences, a simulated library, genotypes."""

import csv
import gzip
import io
import shutil
from pathlib import Path

from simulation import (
    SPECIES,
    ab1,
    fastq,
    genbank,
    mutate,
    nanopore_reads,
    query,
    random_sequence,
    reference_records,
)

from forensics.io.files import folder as resource

__all__ = ["SPECIES", "ab1", "fasta", "fastq", "genbank", "make_library", "mutate", "nanopore_reads", "packaged",
           "query", "random_sequence", "reference_records", "rows_of", "table"]  # fmt: skip


def make_library(net, target="library", records=None, **options):
    """Write a library of simulated sequences into the folder of the scenes."""
    from forensics.barcode.reference.writing import write_library

    options = {"name": "simulated", "title": "Simulated library", **options}
    write_library(net.folder / target, records or reference_records(), **options)
    return target


def fasta(net, name, *records):
    """Write named sequences."""
    return net.write(name, "".join(f">{title}\n{sequence}\n" for title, sequence in records))


def packaged(net, *parts, room="reference_sequences", name=None):
    """Copy a packaged file into the folder of the scenes."""
    source = resource(room).joinpath(*parts)
    name = name or source.name
    shutil.copyfile(source, net.folder / name)
    return Path(name)


def rows_of(name, **wanted):
    """Return rows of a packaged table of genotypes."""
    with gzip.open(resource("models") / "data" / name, "rt", encoding="utf-8") as stream:
        return [
            row for row in csv.DictReader(stream) if all(row[k] in v for k, v in wanted.items())
        ]


def table(net, name, rows, columns=None, delimiter=","):
    """Write rows as a table."""
    stream = io.StringIO()
    writer = csv.DictWriter(
        stream,
        columns or list(rows[0]),
        extrasaction="ignore",
        delimiter=delimiter,
        lineterminator="\n",
    )
    writer.writeheader()
    writer.writerows(rows)
    return net.write(name, stream.getvalue())
