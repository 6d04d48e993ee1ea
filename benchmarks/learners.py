"""Simulated learners of four kinds in one training round: does it test people, or the program?

    python benchmarks/learners.py [--learners 20] [--seed 1] [--folder DIR] [--library DIR|NAME]

One round is made with ``new_round``; each kind answers the sheets of all learners, so the kinds have the same samples.
A learner has what the folder holds (samples, labels, blank, record of custody, library) and the commands. The sealed
answers are opened for grading alone.

pastes    writes down what ``identify`` says at its defaults, and its advice
careless  takes the name of the best match for the species, reports everything, and passes over one sample in ten
careful   identifies the blank in the same run, compares seals, checks the library (``library check``), identifies each
          half of a sequence by itself, asks again with a prior of 0.5, distrusts a name whose next relatives are of
          another family, and names a species only where the best match is within `NEAR` of it
guesses   believes half of the labels, and draws every other answer

Printed are mean points, as a share of all, with the 95 % interval of Student's t over learners; how many learners are
satisfactory; how many results would have gone out falsely; and the mean points of each kind of sample.
"""

import argparse
import csv
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from scipy.stats import t as student

import forensics
from forensics.barcode.curating.screening import screen_library
from forensics.barcode.reference.library import Library, open_library
from forensics.training.grading import Graded, grade_round
from forensics.training.rounds import ANSWER_COLUMNS, CONCLUSIONS, KINDS, NEXT, RECORDS, new_round

NEAR = 0.01
"""Difference to the best match up to which the careful name a species: that of most pairs of one species (Hebert et al.
2003, doi:10.1098/rspb.2002.2218, took 3 % as the limit of insects; 1 % leaves room for sisters)."""
NEEDED = 200
"""Bases of a half that is identified by itself."""
ADVISED = {
    "identified": "report",
    "unusable": "repeat",
    "inconclusive": "other_locus",
    "nothing_near": "references",
}
"""What the last column of ``identify`` advises, as a choice of the sheet."""


class Desk(NamedTuple):
    """What a learner has on the desk: the folder, and what the commands print."""

    labels: dict[str, str]
    default: dict[str, forensics.Identification]
    cautious: dict[str, forensics.Identification]
    in_two: set[str]
    like_blank: set[str]
    broken: set[str]
    doubtful: dict[str, str]


def desk_of(folder: Path, library: Library, doubtful: dict[str, str]) -> Desk:
    """Look at everything in the folder of a learner."""
    files = [*sorted((folder / "samples").iterdir()), folder / "blank.fasta"]
    default = {r.query: r for r in forensics.identify(files, library=library)}
    cautious = {
        r.query: r for r in forensics.identify(files, library=library, in_library_prior=0.5)
    }
    bases = {path.stem: path.read_text().split("\n")[1] for path in files}
    blank = bases.pop("blank")
    halves = {
        f"{sample}.{part}": sequence[part * len(sequence) // 2 :][: len(sequence) // 2]
        for sample, sequence in bases.items()
        for part in (0, 1)
        if len(sequence) > 2 * NEEDED
    }
    fasta = "".join(f">{name}\n{sequence}\n" for name, sequence in halves.items())
    families = defaultdict(set)
    for result in forensics.identify(fasta, library=library):
        if result.candidates and 1 - result.candidates[0].identity <= NEAR:
            families[result.query.split(".")[0]].add(result.candidates[0].family)
    seals = defaultdict(set)
    for row in _rows(folder / "custody.csv"):
        seals[row["sample"]].add(row["seal"])
    return Desk(
        {row["sample"]: row["label"] for row in _rows(folder / "samples.csv")},
        default,
        cautious,
        {sample for sample, found in families.items() if len(found) > 1},
        {sample for sample, sequence in bases.items() if blank in sequence},
        {sample for sample, found in seals.items() if len(found) > 1},
        doubtful,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


Said = tuple[str, str, str, str]
"""Conclusion, taxon, record, next."""


def pastes(desk: Desk, sample: str, _chance: random.Random) -> Said:
    """Write down what the program says."""
    result = desk.default[sample]
    taxon = result.taxon or "" if result.status == "identified" else ""
    return result.status, taxon, "whole", ADVISED[result.status]


def careless(desk: Desk, sample: str, chance: random.Random) -> Said:
    """Take the first name for the species."""
    result = desk.default[sample]
    if chance.random() < 0.1:
        return "", "", "", ""
    if not result.candidates:
        return "unusable", "", "whole", "repeat"
    return "identified", result.candidates[0].species, "whole", "report"


def careful(desk: Desk, sample: str, _chance: random.Random) -> Said:
    """Look at blank, seals and library before the name, and ask with another prior."""
    conclusion, taxon, _whole, then = pastes(desk, sample, _chance)
    result, record = desk.default[sample], "broken" if sample in desk.broken else "whole"
    best = result.candidates[0] if result.candidates else None
    accessions = {a for candidate in result.candidates[:1] for a in [candidate.accession]}
    beside = result.candidates[1] if len(result.candidates) > 1 else best
    if sample in desk.like_blank or sample in desk.in_two:
        conclusion, taxon, then = "unusable", "", "repeat"
    elif accessions & set(desk.doubtful):
        taxon, then = desk.doubtful[accessions.pop()], "references"
        conclusion = "identified" if taxon else "inconclusive"
    elif best and result.rank == "species" and best.family != beside.family:
        conclusion, taxon, then = "inconclusive", "", "references"
    elif result.status == "identified" and best and 1 - best.identity > NEAR:
        if result.rank == "species":
            cautious = desk.cautious[sample]
            taxon = taxon.split()[0] if cautious.rank == "species" else cautious.taxon or ""
            conclusion = "identified" if taxon else "inconclusive"
        then = "references"
    if record == "broken":
        then = "clarify"
    return conclusion, taxon, record, then


def guesses(desk: Desk, sample: str, chance: random.Random) -> Said:
    """Believe half of the labels, and draw all else."""
    conclusion = "identified" if chance.random() < 0.5 else chance.choice(CONCLUSIONS[1:])
    taxon = desk.labels[sample] if conclusion == "identified" else ""
    return conclusion, taxon, chance.choice(RECORDS), chance.choice(NEXT)


LEARNERS: tuple[Callable[[Desk, str, random.Random], Said], ...] = (
    pastes,
    careless,
    careful,
    guesses,
)


def doubtful_records(library: Library) -> dict[str, str]:
    """Return the records that ``library check`` finds mislabelled or far from their own, with the genus that its evidence names."""
    return {
        finding.accession: (re.findall(r"of genus (\w+)", finding.evidence) or [""])[0]
        for finding in screen_library(library)
        if finding.suggested_action == "drop" or finding.code == "FAR_FROM_OWN"
    }


def grades_of(folder: Path, code: str, desks: dict[str, Desk], kind, seed: int) -> list[Graded]:
    """Let one kind fill in all sheets, and grade them."""
    for learner, desk in desks.items():
        chance = random.Random(f"{seed} {kind.__name__} {learner}")
        with open(folder / learner / "answers.csv", "w", encoding="utf-8", newline="") as handle:
            sheet = csv.writer(handle)
            sheet.writerow(ANSWER_COLUMNS)
            sheet.writerows((sample, *kind(desk, sample, chance), "") for sample in desk.labels)
    return grade_round(folder, code)


def interval(values: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean, by Student's t."""
    half = student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return fmean(values) - half, fmean(values) + half


def shown(name: str, graded: list[Graded]) -> Iterable[str]:
    """Yield the lines of one kind of learner."""
    shares = [one.points / one.most for one in graded]
    low, high = interval(shares)
    passed = sum(str(one.evaluation) == "satisfactory" for one in graded)
    false = fmean(sum(grade.is_unsafe for grade in one.grades) for one in graded)
    yield f"{name:9} {fmean(shares):6.1%}  {low:.1%} to {high:.1%}  {passed:3} satisfactory  {false:.1f} false"
    for kind in KINDS:
        own = [grade for one in graded for grade in one.grades if grade.truth.kind == kind]
        if own:
            mean, unsafe = fmean(g.points for g in own), sum(g.is_unsafe for g in own)
            right = sum(str(g.category) == "correct" for g in own)
            yield f"    {kind:16} {len(own):4} samples  {mean:.2f} points  {right:4} correct  {unsafe:4} false"


def main() -> None:
    """Make the round, answer it and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the round here")
    parser.add_argument("--library", default="embedded")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary) / "round"
        names = [f"{number:02}" for number in range(1, asked.learners + 1)]
        source = open_library(asked.library)
        made = new_round(folder, seed=asked.seed, learners=names, source=source)
        library = open_library(folder / "library")
        doubtful = doubtful_records(library)
        desks = {name: desk_of(folder / name, library, doubtful) for name in names}
        for kind in LEARNERS:
            graded = grades_of(folder, made.code, desks, kind, asked.seed)
            print(*shown(kind.__name__, graded), sep="\n")


if __name__ == "__main__":
    main()
