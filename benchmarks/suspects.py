"""The suspects of `forensics library check` among real records, held against independent ones.

    python benchmarks/suspects.py barcode_validator-2.0.10.tar.gz

NLVRT, 1,243 COI records of vertebrates from Dutch collections, is built into a library as it was
deposited and screened. Each record whose name is doubted is then looked up in the evaluation
data's COI, without the records that NLVRT itself deposited:

confirmed       nearer to records of another species than to all of its own there, by `MARGIN`
                at least; where the doubt is about the genus, of another genus than its own
refuted         at least as near to records of its own species (genus)
undecided       nearer to others, by less
not there       its species (genus) has no record there, or nothing there is at `FLOOR`

The same is asked of the records that are not suspected: what is contradicted there was missed.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation import ROOT, Record, read_set, synonyms, wilson

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.screening import screen_library
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import open_library, write_library

sys.path.insert(0, str(ROOT))

from reference_sequences.packages import PACKAGES, PackageError, open_package
from reference_sequences.sources import accessions, read_bold

PACKAGE, PROJECT = "barcode_validator", "NLVRT"
LOCUS = "COI"
# Lowest identity that is looked for; below it an independent record says nothing but "far".
FLOOR = 0.90
# Two species must differ by so much for one to be nearer: 1 % is within which BOLD names a species
# (Ratnasingham & Hebert 2007, doi:10.1111/j.1471-8286.2007.01678.x).
MARGIN = 0.01
# Doubts about the name, and the rank that they are about.
RANKS = {
    "MISLABELLED": "genus",
    "IDENTICAL_OTHER_GENUS": "genus",
    "NEAR_OTHER_GENUS": "genus",
    "HUMAN": "genus",
    "FAR_FROM_OWN": "species",
    "MISLABELLED_SPECIES": "species",
}
VERDICTS = ("confirmed", "refuted", "undecided", "not there")
COLUMNS = ("accession", "name", "code", "action", "score", "verdict", "own", "other", "evidence")


@dataclass(frozen=True)
class Verdict:
    """What independent records say; identities are 0 where nothing reaches the floor."""

    verdict: str
    own: float
    other: float
    name: str

    def said(self) -> str:
        if not (self.own or self.other):
            return f"nothing at {FLOOR:.0%}"
        own = f"own {self.own:.1%}" if self.own else f"own below {FLOOR:.0%}"
        return f"{own}, *{self.name}* {self.other:.1%}" if self.other else own


class Independent:
    """Records of the evaluation data that NLVRT has not deposited itself."""

    def __init__(self, besides: set[str]) -> None:
        read = read_set(LOCUS)
        self.records = [
            (record, text) for record, text in read if record.accession.split(".")[0] not in besides
        ]
        self.left_out = len(read) - len(self.records)
        self.held = {
            rank: {getattr(record, rank) for record, _text in self.records}
            for rank in ("genus", "species")
        }
        self.index = Index.build(self.records, locus=LOCUS)

    def judge(self, record, text: str) -> dict[str, Verdict]:
        """Return what is said of the genus and of the species of a record."""
        own, other = {"genus": 0.0, "species": 0.0}, {"genus": 0.0, "species": 0.0}
        name = {"genus": "", "species": ""}
        for hit in search(self.index, text, floor=FLOOR, down_to_floor=True).hits:
            for held in self.index.records(hit.haplotype):
                for rank in own:
                    if getattr(held, rank) == getattr(record, rank):
                        own[rank] = max(own[rank], hit.identity)
                    elif hit.identity > other[rank]:
                        other[rank], name[rank] = hit.identity, held.species
        return {
            rank: Verdict(
                self._verdict(rank, getattr(record, rank), own[rank], other[rank]),
                own[rank],
                other[rank],
                name[rank],
            )
            for rank in own
        }

    def _verdict(self, rank: str, called: str, own: float, other: float) -> str:
        if called not in self.held[rank] or not (own or other):
            return "not there"
        if own >= other:
            return "refuted"
        return "confirmed" if other - own >= MARGIN else "undecided"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sdist", type=Path, help="barcode_validator-2.0.10.tar.gz")
    parser.add_argument("--output", type=Path, metavar="TSV", help="the suspects, a line each")
    options = parser.parse_args()
    records, deposited = read_raw(options.sdist)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / PROJECT
        write_library(path, records, name=PROJECT, calibrated=False)
        findings = screen_library(open_library(path))
    independent = Independent(deposited)
    print(
        f"{len(records)} records of {PROJECT}; {len(independent.records)} independent records "
        f"({independent.left_out} were of {PROJECT} and are left out)\n"
    )
    told = Counter(f"{f.code} ({f.action})" for f in findings)
    print("Findings: " + ", ".join(f"{n} {what}" for what, n in sorted(told.items())) + ".\n")
    rows = suspects(records, findings, independent)
    report(rows)
    if options.output:
        with open(options.output, "w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    missed(records, {f.accession for f in findings if f.code in RANKS}, independent)


def read_raw(sdist: Path) -> tuple[list[Record], set[str]]:
    """Return the records under accepted names, and every identifier that is theirs."""
    (package,) = (p for p in PACKAGES if p.name == PACKAGE)
    try:
        members = open_package(sdist.parent, replace(package, file=sdist.name))
    except PackageError as error:
        sys.exit(f"{sdist}: {error}")
    workbook = members[f"{PROJECT}.xlsx"]
    records, _drops = read_bold(
        members[f"{PROJECT}_BOLD.fas"], workbook, PROJECT, package.label, package.licence,
        aligned=True,
    )  # fmt: skip
    accepted = synonyms()
    named = [
        (
            replace(r, species=accepted[r.species], genus=accepted[r.species].split()[0])
            if r.species in accepted
            else r,
            text,
        )
        for r, text in records
    ]
    return named, {record.accession for record, _text in records} | accessions(workbook, PROJECT)


def suspects(
    records: Sequence[Record], findings: Sequence[ScreeningFinding], independent: Independent
) -> list[tuple]:
    pairs = {record.accession: (record, text) for record, text in records}
    rows = []
    for f in findings:
        if f.code in RANKS:
            found = independent.judge(*pairs[f.accession])[RANKS[f.code]]
            rows.append((f.accession, f.name, f.code, f.action, f.score, found.verdict,
                         f"{found.own:.4f}", found.said(), f.evidence))  # fmt: skip
    return rows


def report(rows: Sequence[tuple]) -> None:
    print(
        "| code | suspects | " + " | ".join(VERDICTS) + " | confirmed of those that can be held |"
    )
    print("|---|---|" + "---|" * len(VERDICTS) + "---|")
    counts: dict[str, Counter] = defaultdict(Counter)
    for row in rows:
        counts[f"{row[2]} ({row[3]})"][row[5]] += 1
        counts["all"][row[5]] += 1
    for code in sorted(counts, key=lambda code: (code == "all", code)):
        found = counts[code]
        held = sum(found[v] for v in ("confirmed", "refuted", "undecided"))
        low, high = wilson(found["confirmed"], held)
        said = f"{found['confirmed'] / held:.0%} ({low:.0%}-{high:.0%})" if held else "-"
        cells = " | ".join(str(found[verdict]) for verdict in VERDICTS)
        print(f"| {code} | {found.total()} | {cells} | {said} |")
    print("\n| suspect | named | code | score | independent records | |\n|---|---|---|---|---|---|")
    for row in sorted(rows, key=lambda row: (row[2], row[0])):
        print(f"| {row[0]} | *{row[1]}* | {row[2]} | {row[4]:.3f} | {row[7]} | {row[5]} |")


def missed(records: Sequence[Record], suspected: set[str], independent: Independent) -> None:
    """Print what independent records say of the records that are not suspected."""
    found = {"genus": Counter(), "species": Counter()}
    names: dict[str, list[str]] = {"genus": [], "species": []}
    for record, text in records:
        if record.accession in suspected or not record.species:
            continue
        for rank, verdict in independent.judge(record, text).items():
            found[rank][verdict.verdict] += 1
            if verdict.verdict == "confirmed":
                names[rank].append(f"{record.accession} *{record.species}* ({verdict.said()})")
    for rank, counts in found.items():
        said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS)
        print(f"\nNot suspected, against another {rank}: {said}.\n")
        for name in names[rank]:
            print(f"- {name}")


if __name__ == "__main__":
    main()
