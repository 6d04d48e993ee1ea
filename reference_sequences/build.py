"""Rebuild the embedded reference library from registry packages.

::

    python reference_sequences/build.py --packages DIR [--output reference_sequences]
    python reference_sequences/build.py --indexes        # where the format of the index has changed

The packages are pinned in ``packages.py``; an error names the command that gets a
missing one.  The same packages give the same bytes on one machine.  Needs openpyxl
(extra ``test``) besides the core.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from forensics.barcode.curating.checks import ScreeningFinding, count_stops  # noqa: E402
from forensics.barcode.curating.misnamed import FLOOR  # noqa: E402
from forensics.barcode.curating.neighbours import Neighbours, all_neighbours  # noqa: E402
from forensics.barcode.curating.screening import NAMED_LOCI, screen  # noqa: E402
from forensics.barcode.locus import find_locus  # noqa: E402
from forensics.barcode.reference.locus_files import DESCRIPTION, MANIFEST, write_json  # noqa: E402
from forensics.barcode.reference.reconciling import reconcile_proven  # noqa: E402
from forensics.barcode.reference.renaming import renamed_table  # noqa: E402
from forensics.barcode.reference.writing import (  # noqa: E402
    name_index,
    write_description,
    write_index,
    write_loci,
)
from forensics.taxonomy.backbone import Backbone, packaged_backbone  # noqa: E402
from reference_sequences.batches import scrambled_runs, unconfirmed  # noqa: E402
from reference_sequences.drops import Drop, Pair  # noqa: E402
from reference_sequences.genomes import (  # noqa: E402
    GENOME_PRIMERS,
    WITNESSES,
    contradicted,
    cut_region,
    genome_of,
)
from reference_sequences.packages import PACKAGES, PackageError, open_package  # noqa: E402
from reference_sequences.sources import all_records  # noqa: E402

__all__ = ["build", "hold_out", "main", "name_indexes", "screen_locus", "unique", "write_records"]

VERSION = "2026.12"
TITLE = "Embedded demonstration library"
STATEMENT = (
    "A demonstration set, not for casework. It holds what registry packages happen to ship: Dutch "
    "animals, slipper orchids, pythons and the references of published examples. Most protected "
    "species are not in it, so 'nothing near' is the right answer to most seizures. Casework "
    "needs a library that the laboratory has built from vouchered records and validated."
)

#: COI is cut to the 658-bp barcode; insertions of a few codons occur.
COI_LENGTHS = (find_locus("COI").record_lengths[0], 680)
#: Findings that say the name is wrong, or one of two is.
WRONG_NAME = frozenset(
    {
        "MISLABELLED",
        "MISLABELLED_SPECIES",
        "IDENTICAL_OTHER_GENUS",
        "NEAR_OTHER_GENUS",
        "FAR_FROM_OWN",
        "HUMAN",
    }
)

#: Withheld for demonstration: one record each of species that keep others in the library
#: (the last accession in alphabetical order) ...
HELD_OUT_ONE = (
    ("COI", "Turdus merula"),
    ("COI", "Strix aluco"),
    ("COI", "Falco tinnunculus"),
    ("COI", "Phocoena phocoena"),
    ("COI", "Polistes dominula"),
    ("COI", "Andrena haemorrhoa"),
    ("COI", "Bledius terebrans"),
    ("ITS", "Paphiopedilum glanduliferum"),
    ("cytb", "Morelia viridis"),
)
#: ... and all records of these species, which are therefore truly absent.
HELD_OUT_ALL = (
    ("COI", "Asio flammeus"),
    ("COI", "Bombus hortorum"),
    ("ITS", "Paphiopedilum niveum"),
)

Progress = Callable[[str, int, int], object]


def unique(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Drop]]:
    """Keep the longest record of each accession of a locus (two primer pairs, one deposit)."""
    kept: dict[tuple[str, str], Pair] = {}
    drops = []
    for pair in pairs:
        key = pair[0].locus, pair[0].accession
        other = kept.get(key)
        if other is None:
            kept[key] = pair
            continue
        winner, loser = (pair, other) if len(pair[1]) > len(other[1]) else (other, pair)
        kept[key] = winner
        evidence = (
            f"{len(loser[1])} bases; the {len(winner[1])} bases of the same accession are kept"
        )
        drops.append(Drop.of(loser[0], "DUPLICATE_ACCESSION", evidence))
    return list(kept.values()), drops


def screen_locus(
    records: Sequence[Pair], locus: str, progress: Callable[[int, int], object]
) -> list[ScreeningFinding]:
    """Screen the records of one locus."""
    neighbours = None
    if locus in NAMED_LOCI:
        sequences = [sequence for _, sequence in records]
        neighbours = all_neighbours(sequences, locus, floor=FLOOR, progress=progress)
    findings = screen(records, neighbours, lengths=COI_LENGTHS if locus == "COI" else None)
    if neighbours is not None:
        findings += screen_runs(records, findings, neighbours)
    return findings


def screen_runs(
    records: Sequence[Pair], findings: Sequence[ScreeningFinding], neighbours: Neighbours
) -> list[ScreeningFinding]:
    """Find what is left of scrambled plates and confirmed by nothing outside them."""
    dropped = {f.accession for f in findings if f.action != "keep"}
    runs = scrambled_runs(
        (record.accession for record, _ in records),
        {f.accession for f in findings if f.code in WRONG_NAME},
    )
    lost = set(unconfirmed(records, runs, neighbours, dropped=dropped))
    found = []
    for record, _ in records:
        if record.accession in lost and record.species not in WITNESSES:  # a genome judges those
            bad, of = runs[record.accession]
            evidence = (
                f"{bad} of {of} records with neighbouring process ids bear wrong names, and no "
                "record of its species elsewhere confirms this one"
            )
            found.append(ScreeningFinding.of(record, "SCRAMBLED_RUN", bad / of, evidence))
    return found


def screen_all(
    pairs: Sequence[Pair], members: dict[str, dict[str, bytes]], progress: Progress
) -> tuple[list[Pair], list[Drop], list[ScreeningFinding]]:
    """Screen locus by locus; return what stays, what is dropped, and what was kept but noted."""
    kept: list[Pair] = []
    drops: list[Drop] = []
    noted: list[ScreeningFinding] = []
    for locus in sorted({record.locus for record, _ in pairs}):
        # The order of the records is the order of the findings.
        here = sorted((p for p in pairs if p[0].locus == locus), key=lambda p: p[0].accession)
        findings = screen_locus(here, locus, lambda done, of, at=locus: progress(at, done, of))
        records = {record.accession: record for record, _ in here}
        drops += [
            Drop.of(records[f.accession], f.code, f"{locus}: {f.evidence}")
            for f in findings
            if f.action != "keep"  # what is shipped has nobody to look at it
        ]
        noted += [f for f in findings if f.action == "keep"]
        gone = {f.accession for f in findings if f.action != "keep"}
        for record, sequence in here:
            if record.accession in gone:
                continue
            identity = contradicted(record, sequence, members)
            if identity is None:
                kept.append((record, sequence))
                continue
            evidence = (
                f"{locus}: {identity:.1%} to a mitochondrial genome of {record.species} of another "
                "package"
            )
            drops.append(Drop.of(record, "CONTRADICTED", evidence))
    return kept, drops, noted


def hold_out(pairs: Sequence[Pair]) -> tuple[list[Pair], list[tuple[Pair, str]], list[Drop]]:
    """Set records aside for demonstration.

    Returns
    -------
    kept : list of (ReferenceRecord, str)
    held : list of ((ReferenceRecord, str), str)
        With ``species in library`` or ``species not in library``.
    drops : list of Drop
        One for each record withheld, at whatever locus.
    """
    held: list[tuple[Pair, str]] = []
    gone: set[tuple[str, str]] = set()
    drops = []
    for (locus, species), whole in [(x, False) for x in HELD_OUT_ONE] + [
        (x, True) for x in HELD_OUT_ALL
    ]:
        own = sorted((p for p in pairs if p[0].species == species), key=lambda p: p[0].accession)
        here = [pair for pair in own if pair[0].locus == locus]
        if not here or (not whole and len(here) < 2):
            raise PackageError(f"{species} cannot be held out at {locus}: {len(here)} records")
        shown = here[-1]
        held.append((shown, f"species {'not ' if whole else ''}in library"))
        for record, _ in own if whole else [shown]:
            gone.add((record.locus, record.accession))
            why = "its species is to be absent"
            if record == shown[0]:
                why = "demonstration/held_out.fasta"
            drops.append(Drop.of(record, "KEPT_OUT", why))
    return [p for p in pairs if (p[0].locus, p[0].accession) not in gone], held, drops


# -- writing ------------------------------------------------------------------------


def write_records(pairs: Iterable[Pair], output: Path, *, backbone: Backbone) -> dict[str, int]:
    """Write every locus, what is learnt from it, and the description; return the number of records per locus.

    The indexes are named in the manifests and not committed: they are made again, the same to the
    byte, when the package is built.
    """
    by_locus: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_locus.setdefault(pair[0].locus, []).append(pair)
    counts = {locus: len(group) for locus, group in sorted(by_locus.items())}
    learnt = write_loci(output, by_locus, backbone=backbone)
    write_description(
        output,
        list(counts),
        name="embedded",
        title=TITLE,
        version=VERSION,
        demonstration=True,
        statement=STATEMENT,
        **learnt,
    )
    return counts


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


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write tab-separated UTF-8; blanks inside fields are single spaces."""
    lines = [columns, *([" ".join(str(value).split()) for value in row] for row in rows)]
    path.write_bytes("".join("\t".join(line) + "\n" for line in lines).encode())


def write_demonstration(
    members: dict[str, dict[str, bytes]], held: Sequence[tuple[Pair, str]], output: Path
) -> None:
    """Write the questioned sequences that are kept out of the library."""
    output.mkdir(parents=True, exist_ok=True)
    genome = genome_of(members["emboss-test"]["fin_whale"])
    coi = cut_region(genome, *GENOME_PRIMERS["COI"])
    if count_stops(coi[1:], 2):
        raise PackageError("the fin whale's COI has stop codons under genetic code 2")
    queries = [(f"held_out_{n:02d}", *pair, what) for n, (pair, what) in enumerate(held, 1)]
    whale = "NC_001321.1_COI Balaenoptera physalus, cut from NC_001321.1, COI barcode region"
    whole = "NC_001321.1 Balaenoptera physalus mitochondrion, complete genome"
    files = {
        "fin_whale_COI.fasta": f">{whale}\n{coi}\n".encode(),
        "fin_whale_mitogenome.fasta.gz": gzip.compress(f">{whole}\n{genome}\n".encode(), mtime=0),
        "held_out.fasta": "".join(f">{name}\n{seq}\n" for name, _, seq, _ in queries).encode(),
    }
    for read in "FR":  # the brackets and commas of the package's names trouble shells
        files[f"Bombus_ignitus_{read}.ab1.gz"] = members["r-cran-bold"][f"bombus_{read}"]
        files[f"Bombus_ignitus_short_{read}.ab1.gz"] = members["r-cran-bold"][f"short_{read}"]
    for name, data in files.items():
        (output / name).write_bytes(data)
    said = ("accession", "locus", "name", "species", "genus", "family")
    write_table(
        output / "held_out.tsv",
        ("query", *said, "expected", "source", "licence"),
        (
            (query, *(getattr(r, column) for column in said), what, r.source, r.licence)
            for query, r, _, what in queries
        ),
    )


def build(
    packages: Path, output: Path, progress: Progress = lambda locus, done, total: None
) -> dict[str, int]:
    """Build everything; return the number of records per locus.

    Raises
    ------
    PackageError
        A package is missing or not as pinned.
    """
    members = {package.name: open_package(packages, package) for package in PACKAGES}
    read, drops = all_records(
        members, {p.name: p.licence for p in PACKAGES}, {p.name: p.label for p in PACKAGES}
    )
    pairs, doubled = unique(read)
    genera, families = (
        {getattr(r, rank) for r, _s in pairs} - {""} for rank in ("genus", "family")
    )
    backbone = packaged_backbone(genera, families)
    pairs, screened, noted = screen_all(pairs, members, progress)
    # Names stay as their sources have them, but for those that the sequences prove to be of one species.
    pairs, renamed = reconcile_proven(pairs, backbone=backbone)
    pairs, held, withheld = hold_out(pairs)
    drops += doubled + screened + withheld
    output.mkdir(parents=True, exist_ok=True)
    counts = write_records(pairs, output, backbone=backbone)
    (output / "renamed.tsv").write_bytes(renamed_table(renamed).encode())
    write_demonstration(members, held, output / "demonstration")
    (output / "licences").mkdir(exist_ok=True)
    for name, files in sorted(members.items()):
        if "licence" in files:
            (output / "licences" / f"{name}.txt").write_bytes(files["licence"])
    columns = [field.name for field in fields(Drop)]
    write_table(output / "dropped.tsv", columns, sorted(map(astuple, drops)))
    write_table(
        output / "noted.tsv",
        ("locus", "accession", "name", "code", "score", "evidence"),
        sorted((f.locus, f.accession, f.name, f.code, f"{f.score:.4f}", f.evidence) for f in noted),
    )
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Rebuild the embedded reference library from registry packages."
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--packages", type=Path, help="directory that holds the package files")
    source.add_argument(
        "--indexes",
        action="store_true",
        help="only make the indexes anew and name them in the manifests",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "reference_sequences",
        help="where to write the library",
    )
    options = parser.parse_args(arguments)
    if options.indexes:
        name_indexes(options.output)
        return 0
    try:
        counts = build(options.packages, options.output, _tell)
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for locus, number in sorted(counts.items()):
        print(f"{locus}\t{number}")
    return 0


def _tell(locus: str, done: int, total: int) -> None:
    if sys.stderr.isatty() and (done % 50 == 0 or done == total):
        print(f"\r{locus} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
