"""Builds the embedded library from the packed sequences beside this file.

::

    python reference_sequences/build.py              # ten minutes on two processors
    python reference_sequences/build.py --indexes    # where the format of the index has changed

`packed/` has one file a locus, FASTA packed with xz. A header is ``accession|name|locus|where from``; SOURCES.md
explains the last. They are built, screened and calibrated as ``forensics library build`` does it with anybody's
records. The questioned sequences of `demonstration/` are withheld first. The same files give the same bytes
on processors of one kind.
"""

import argparse
import csv
import io
import json
import lzma
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from Bio.SeqIO.FastaIO import SimpleFastaParser  # noqa: E402

from forensics.barcode.reference.building import LibraryBuild, build_library  # noqa: E402
from forensics.barcode.reference.library import (  # noqa: E402
    DESCRIPTION,
    MANIFEST,
    read_json,
    write_json,
)
from forensics.barcode.reference.records import ReferenceRecord  # noqa: E402
from forensics.barcode.reference.writing import (  # noqa: E402
    name_index,
    write_description,
    write_index,
)

HERE = ROOT / "reference_sequences"
SAYS = {
    "name": "embedded",
    "title": "Embedded demonstration library",
    "version": "2026.12",
    "demonstration": True,
    "statement": (
        "A demonstration set, not for casework. It holds public sequences of wildlife in trade, of its "
        "look-alikes and its relatives, each with its INSDC or BOLD accession. They were gathered from public "
        "repositories and not compared with INSDC or BOLD. Many trafficked taxa are missing. Casework needs a "
        "library that the laboratory has built from vouchered records and validated."
    ),
}
#: Licence of a record by the mark of where it is from (SOURCES.md); all others are INSDC's.
LICENCES = {"b1": "Apache-2.0"}
#: Why the record of an exhibit is left out.
QUESTIONED = "questioned, in demonstration/"
Pair = tuple[ReferenceRecord, str]


@dataclass(frozen=True)
class Exhibit:
    """A questioned sequence of the demonstration.

    Attributes
    ----------
    query : str
        Name of the exhibit.
    locus, species : str
        The record is the last of its species (as deposited) at the locus, in the order of accessions, where there is
        one without ambiguous bases and not of RefSeq, whose records repeat others. Nothing of that specimen stays in the library.
    absent : bool
        Whether nothing of its species stays.
    accession : str
        The specimen, where it is chosen: the tusk's, whose whole genome is shown, too, and the bead's, so that two
        forest elephants stay at COI.
    """

    query: str
    locus: str
    species: str
    absent: bool = False
    accession: str = ""


EXHIBITS = (
    Exhibit("scale", "COI", "Manis temminckii"),
    Exhibit("tusk", "COI", "Loxodonta africana", accession="KY616982"),
    Exhibit("bead", "cytb", "Loxodonta cyclotis", accession="AY741079"),
    Exhibit("tooth", "COI", "Panthera leo"),
    Exhibit("skin", "COI", "Panthera pardus"),
    Exhibit("feather", "COI", "Psittacus erithacus"),
    Exhibit("bushmeat", "COI", "Cercopithecus mitis"),
    Exhibit("fillet", "COI", "Sphyrna lewini"),
    Exhibit("caviar", "COI", "Huso huso"),
    Exhibit("leaf", "ITS", "Paphiopedilum glanduliferum"),
    Exhibit("carving", "COI", "Bos taurus"),
    Exhibit("biltong", "COI", "Tragelaphus strepsiceros", absent=True),
)


def packed_records(folder: Path = HERE / "packed") -> Iterator[Pair]:
    """Yield the packed records with their sequences."""
    for path in sorted(folder.glob("*.fasta.xz")):
        with lzma.open(path, "rt", encoding="ascii") as handle:
            for header, sequence in SimpleFastaParser(handle):
                accession, name, locus, source = header.split("|")
                licence = LICENCES.get(source, "INSDC")
                yield (
                    ReferenceRecord.named(
                        accession, name, locus=locus, source=source, licence=licence
                    ),
                    sequence,
                )


def specimen(record: ReferenceRecord) -> str:
    """Return the accession of the whole record that a sequence is from, without version and place."""
    return record.accession.partition(":")[0].partition(".")[0]


def hold_out(pairs: Sequence[Pair]) -> tuple[list[Pair], list[tuple[Exhibit, Pair]]]:
    """Return what stays in the library, and the record of each exhibit."""
    specimens, species, shown = set(), set(), []
    for exhibit in EXHIBITS:
        own = [pair for pair in pairs if pair[0].species == exhibit.species]
        here = sorted(
            (
                pair
                for pair in own
                if pair[0].locus == exhibit.locus and exhibit.accession in ("", specimen(pair[0]))
            ),
            key=lambda pair: (
                not pair[0].accession.startswith("NC_"),
                set(pair[1]) <= set("ACGT"),
                pair[0].accession,
            ),
        )
        shown.append((exhibit, here[-1]))
        specimens.add(specimen(here[-1][0]))
        if exhibit.absent:
            species.add(exhibit.species)
    return [
        pair
        for pair in pairs
        if specimen(pair[0]) not in specimens and pair[0].species not in species
    ], shown


def build(output: Path = HERE, *, packed: Path = HERE / "packed", calibration: bool = True) -> None:
    """Build the library and the questioned sequences into a folder."""
    pairs = list(packed_records(packed))
    stays, shown = hold_out(pairs)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "embedded"

        def build_of(pairs: list[Pair], calibrated: bool) -> LibraryBuild:
            return build_library(
                pairs,
                made,
                jobs=os.cpu_count() or 1,
                calibration=calibrated,
                synonyms=HERE / "synonyms.tsv",
                progress=_progress,
            )

        doubted = doubted_records(build_of(stays, False))
        final = build_of(
            [pair for pair in stays if pair[0].key not in doubted],
            calibration,
        )
        reasons = {entry.accession: entry.reason for entry in final.left_out}
        description = {**read_json(made / DESCRIPTION), **SAYS}
        loci = list(description.pop("loci"))
        write_description(made, loci, **description)
        for locus in loci:
            shutil.rmtree(output / locus, ignore_errors=True)
        (made / "screening.tsv").unlink()  # who builds it sees it
        kept = {record.key for record in final.records}
        with open(made / "left_out.tsv", "w", encoding="utf-8", newline="\n") as handle:
            print("accession", "name", "reason", sep="\t", file=handle)
            for record, _sequence in pairs:
                if (key := record.key) not in kept:
                    why = doubted.get(key) or reasons.get(record.accession, QUESTIONED)
                    print(record.accession, record.name, why, sep="\t", file=handle)
        shutil.copytree(made, output, dirs_exist_ok=True)
    write_demonstration(output / "demonstration", shown)


def doubted_records(build: LibraryBuild) -> dict[tuple[str, str], str]:
    """Return, by locus and accession, what screening doubts: what is shipped has nobody to look at it."""
    assert build.screening is not None
    return {
        (row.locus, row.accession): f"screening: {row.code}: {row.evidence}"
        for row in build.screening.outcomes
        if row.outcome == "flagged" and row.suggested_action in ("look", "rename", "turn")
    }


def write_demonstration(output: Path, shown: Sequence[tuple[Exhibit, Pair]]) -> None:
    """Write the questioned sequences, and what they are."""
    output.mkdir(exist_ok=True)
    fasta = {exhibit.query: f">{exhibit.query}\n{pair[1]}\n" for exhibit, pair in shown}
    (output / "exhibits.fasta").write_text("".join(fasta.values()), "ascii")
    (output / "scale.fasta").write_text(fasta["scale"], "ascii")
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(("query", "accession", "locus", "species", "expected", "source"))
    for exhibit, (record, _sequence) in shown:
        expected = f"species {'not ' if exhibit.absent else ''}in library"
        writer.writerow(
            (
                exhibit.query,
                record.accession,
                record.locus,
                record.species,
                expected,
                record.source,
            )
        )
    (output / "exhibits.tsv").write_text(table.getvalue(), "utf-8")


def name_indexes(output: Path) -> None:
    """Make the indexes of a library anew, and name them in its manifests and its description."""
    description = json.loads((output / DESCRIPTION).read_bytes())
    loci = list(description.pop("loci"))
    for locus in loci:
        path = output / locus / MANIFEST
        manifest = json.loads(path.read_bytes())
        manifest.pop("index", None)
        write_json(path, manifest)
        write_index(output / locus)
        name_index(output / locus)
    write_description(output, loci, **description)


def _progress(step: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{step} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description="Build the embedded library from the packed sequences."
    )
    parser.add_argument(
        "--indexes",
        action="store_true",
        help="only make the indexes anew and name them in the manifests",
    )
    parser.add_argument("--output", type=Path, default=HERE, help="where to write the library")
    options = parser.parse_args(arguments)
    if options.indexes:
        name_indexes(options.output)
    else:
        build(options.output)


if __name__ == "__main__":
    main()
