"""How often is the genus of a species that the library lacks right, by what it rests on?

    python benchmarks/genera.py --half 0       the ceilings of forensics/barcode/calling/calibration.py
    python benchmarks/genera.py --half 1       the half that they were not taken from

Species are taken out of the library of the evaluation data and looked up in the rest, whole or as
a piece (`take_samples`). Each is decided by a calibration that has not seen it (five folds). Genera
are split in two halves by the CRC-32 of the nearest genus. With ``--embedded`` the species that the
embedded library lacks are looked up in it instead, whole, and all of its genera are reported.
"""

import argparse
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation import read_set

from forensics.barcode.calling.calibration import CEILINGS, Calibration, Support, genus_support_of
from forensics.barcode.calling.decision import decide
from forensics.barcode.calling.learning import take_samples
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate, candidates_of, search
from forensics.barcode.reference.library import open_library
from forensics.barcode.validating.validation import cross_fit, fold_of
from forensics.stats import wilson

SAMPLES = 4000  # all 2,765 species of COI, and a second haplotype of some


@dataclass(frozen=True, slots=True)
class Row:
    """A query whose species is missing: its genus, what the nearest rests on, and the call."""

    genus: str
    support: Support
    named: str | None
    probability: float | None

    @property
    def right(self) -> bool:
        """Whether the nearest genus is the true one."""
        return self.genus == self.support.genus


def rows_of(locus: str, samples: int) -> Iterator[Row]:
    """Yield a row for each species taken out of the library of the evaluation data."""
    taken = take_samples(Index.build(read_set(locus), locus=locus), samples=samples)
    folds = fold_of({sample.group for sample in taken}, 1)
    fitted = cross_fit(taken, folds)
    for sample in taken:
        if not sample.known and sample.candidates:
            yield _row(sample.genus, sample.candidates, fitted[folds[sample.group]])


def rows_of_embedded(locus: str) -> Iterator[Row]:
    """Yield a row for each species of the evaluation data that the embedded library lacks."""
    library = open_library()
    index, calibration = library.index(locus), library.calibration(locus)
    held = {
        index.record(position).species
        for haplotype in range(index.size)
        for position in index.positions(haplotype)
    }
    missing: dict[str, list] = {}
    for record, sequence in read_set(locus):
        if record.species not in held:
            missing.setdefault(record.species, []).append((record.genus, sequence))
    generator = random.Random(1)
    for species in sorted(missing):
        genus, sequence = generator.choice(missing[species])
        found = candidates_of(index, search(index, sequence).hits)
        if found:
            yield _row(genus, found, calibration)


def _row(genus: str, candidates: list[Candidate], calibration: Calibration | None) -> Row:
    call = decide(candidates, calibration=calibration)
    named = call.taxon if call.rank == "genus" else None
    return Row(genus, genus_support_of(candidates, candidates[0].genus), named, call.probability)


def shown(right: int, count: int) -> str:
    """Return a count with its share and the interval of 95 %."""
    low, high = wilson(right / count, count) if count else (0.0, 1.0)
    share = f"{right / count:.1%}" if count else "-"
    return f"{right}/{count} {share} ({low:.1%}-{high:.1%})"


def report(rows: list[Row]) -> None:
    """Print both tables."""
    print("| Support | Identity | nearest genus right | genus named right | stated, mean |")
    print("|---|---|---|---|---|")
    for few in (True, False):
        high = 1.01
        for least in (*(least for least, _ceiling in CEILINGS), None):
            own = [
                row
                for row in rows
                if row.support.few == few
                and (least is None or least <= row.support.identity < high)
            ]
            high = least
            named = [row for row in own if row.named]
            stated = sum(row.probability or 0.0 for row in named) / len(named) if named else 0.0
            print(
                f"| {'few' if few else 'more'} | {'all' if least is None else f'from {least:.2f}'} "
                f"| {shown(sum(row.right for row in own), len(own))} "
                f"| {shown(sum(row.named == row.genus for row in named), len(named))} "
                f"| {stated:.3f} |"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locus", default="COI")
    parser.add_argument("--half", type=int, choices=(0, 1), help="of the genera; default: both")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--embedded", action="store_true")
    options = parser.parse_args()
    rows = list(
        rows_of_embedded(options.locus)
        if options.embedded
        else rows_of(options.locus, options.samples)
    )
    if options.half is not None:
        rows = [r for r in rows if zlib.crc32(r.support.genus.encode()) % 2 == options.half]
    report(rows)


if __name__ == "__main__":
    main()
