"""An example plug-in: the locus ND2, EMBL files, and the command ``forensics birds``."""

from collections.abc import Iterator
from io import TextIOWrapper
from typing import TYPE_CHECKING, BinaryIO

from forensics.barcode.locus import MITOCHONDRIAL, AnnotatedGene, Locus, Primer, clean
from forensics.barcode.reading.reads import Query, SequenceReader
from forensics.io.files import Format
from forensics.plugins import Plugin

if TYPE_CHECKING:
    import click

_HACKETT = "Hackett 1996, doi:10.1006/mpev.1996.0022"
_SORENSON = "Sorenson et al. 1999, doi:10.1006/mpev.1998.0602"

ND2 = Locus(
    name="ND2",
    synonyms=("NADH2", "MT-ND2"),
    expected_length=1041,
    minimum_length=100,
    source="347 codons in birds, without the stop codon; the least length is that of COI",
    genome=MITOCHONDRIAL,
    maximum_length=1200,
    gene=AnnotatedGene(
        ("ND2", "NADH2", "MT-ND2"), ("NADH dehydrogenase subunit 2",), ("CDS", "gene")
    ),
    genetic_codes=(2,),
    primers=(
        Primer("L5215", "TATCGGGCCCATACCCCGAATAT", "+", _HACKETT),
        Primer("H6313", "CTCTTATTTAAGGCTTTGAAGGC", "-", _SORENSON),
    ),
)


def _read_embl(stream: BinaryIO, label: str) -> Iterator[Query]:
    from Bio import SeqIO  # not loaded where other formats are read

    for record in SeqIO.parse(TextIOWrapper(stream, "utf-8"), "embl"):
        yield Query(record.id, clean(str(record.seq)), description=record.description)


def _commands() -> "dict[str, click.Command]":
    from forensics_example_plugin.command import birds

    return {"birds": birds}


PLUGIN = Plugin(
    loci=[ND2],
    readers=[SequenceReader(Format("embl", "sequences", (b"ID   ",)), _read_embl)],
    commands=_commands,
)
