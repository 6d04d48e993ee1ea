"""How many seeded errors does the screening of a library find, and what else does it accuse?

    python benchmarks/screening.py
    python benchmarks/screening.py --set COI --seeds 2 --errors 50

Errors are SIMULATED in real records, one kind a run: sequences swapped, names misspelt,
sequences of another locus, turned round, human, with a stop codon or a lost base. Each run is
screened as `forensics library check` does it (`screen_records`). Two sets are used:

COI       the evaluation data's COI under reconciled names, not cleaned by anybody: what the
          screening accuses in it without seeding is told apart, and may be true
embedded  COI of the embedded library, which this very screening has cleaned

Only the neighbours are not asked for again in each run: those of a sequence stay the same.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from evaluation import Record, read_set, wilson

from forensics.barcode.curating.checks import ScreeningFinding, genetic_code, open_frame
from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.curating.screening import embedded_witnesses, screen_records
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.names import HUMAN
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import FLOOR
from forensics.taxonomy.spelling import MIN_LETTERS

LOCUS = "COI"
OTHER_LOCI = ("cytb", "12S", "16S", "CR")
# Findings that ask for something to be done; "look" is counted apart.
ACTS = ("drop", "turn", "rename", "cut")
# Errors are seeded in records of the usual length, in which nothing else is wrong.
LEAST = 400
LETTERS = "abcdefghijklmnopqrstuvwxyz"

HEAD = (
    "| error | seeded | recall | with a second record of the species | recall with 'look' "
    "| precision | precision with what it accuses unseeded | 'look' at sound ones | codes |\n"
    "|---|---|---|---|---|---|---|---|---|"
)

Near = dict[str, list[tuple[str, float]]]


@dataclass(frozen=True)
class Seeded:
    """Records with errors, and the numbers of those that are wrong."""

    records: list[Record]
    wrong: tuple[int, ...]


# -- errors -----------------------------------------------------------------------


def swaps(records: Sequence[Record], rng: random.Random, number: int, fits: Callable) -> Seeded:
    """Exchange the sequences of pairs of records that fit; a record is swapped once at most."""
    made, wrong = list(records), []
    places = [n for n, (_record, text) in enumerate(records) if len(text) >= LEAST]
    partners = fits(records, places)
    rng.shuffle(places)
    used: set[int] = set()
    for one in places:
        if len(used) >= 2 * number:
            break
        others = [n for n in partners(one, rng) if n not in used and n != one]
        others = [n for n in others if records[n][1] != records[one][1]]
        if one in used or not others:
            continue
        other = rng.choice(others)
        used |= {one, other}
        wrong += [one, other]
        made[one] = records[one][0], records[other][1]
        made[other] = records[other][0], records[one][1]
    return Seeded(made, tuple(wrong))


def by_rank(inside: str, outside: str) -> Callable:
    """Return a choice of partners with one name at `inside` (if any) and two at `outside`."""

    def fits(records: Sequence[Record], places: Sequence[int]) -> Callable:
        groups = defaultdict(list)
        for n in places:
            groups[getattr(records[n][0], inside) if inside else ""].append(n)

        def partners(one: int, rng: random.Random) -> list[int]:
            mine = records[one][0]
            if not getattr(mine, outside) or (inside and not getattr(mine, inside)):
                return []
            group = groups[getattr(mine, inside) if inside else ""]
            drawn = rng.sample(group, min(40, len(group)))
            return [
                n
                for n in drawn
                if getattr(records[n][0], outside)
                and getattr(records[n][0], outside) != getattr(mine, outside)
            ]

        return partners

    return fits


def neighbouring(near: Near) -> Callable:
    """Return a choice of partners of another genus whose sequences are `FLOOR` alike or more."""

    def fits(records: Sequence[Record], places: Sequence[int]) -> Callable:
        where = defaultdict(list)
        for n in places:
            where[records[n][1]].append(n)

        def partners(one: int, rng: random.Random) -> list[int]:
            record, text = records[one]
            return [
                n
                for other, _identity in near[text]
                for n in where[other]
                if records[n][0].genus != record.genus
            ]

        return partners

    return fits


def changed(records: Sequence[Record], rng: random.Random, number: int, change: Callable) -> Seeded:
    """Change so many records, drawn among those of the usual length."""
    made, wrong = list(records), []
    places = [n for n, (_record, text) in enumerate(records) if len(text) >= LEAST]
    rng.shuffle(places)
    for n in places:
        if len(wrong) == number:
            break
        altered = change(made[n], rng)
        if altered is not None:
            made[n] = altered
            wrong.append(n)
    return Seeded(made, tuple(wrong))


def misspelt(counts: Counter) -> Callable:
    """Change, leave out, double or exchange a letter of a name that another record bears too."""

    def change(pair: Record, rng: random.Random) -> Record | None:
        record, text = pair
        words = record.species.split()
        which = rng.choice((0, 1, 1))  # two in three in the epithet
        word = words[which] if len(words) == 2 else ""
        if len(word) < MIN_LETTERS + 1 or counts[record.species] < 3:
            return None
        at = rng.randrange(1, len(word) - 1)
        altered = rng.choice(
            (
                word[:at] + rng.choice(LETTERS) + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
        words[which] = altered
        name = " ".join(words)
        if name == record.species or counts[name]:
            return None
        return replace(record, name=name, species=name, genus=words[0]), text

    return change


def of_another_locus(strangers: Sequence[str]) -> Callable:
    """Take a sequence of another locus; none is taken twice."""
    left = list(strangers)

    def change(pair: Record, rng: random.Random) -> Record:
        return pair[0], left.pop(rng.randrange(len(left)))

    return change


def turned(pair: Record, rng: random.Random) -> Record:
    return pair[0], reverse_complement(pair[1])


def with_stop(pair: Record, rng: random.Random) -> Record | None:
    """Put TAA in the place of a codon of the open frame, not the last."""
    record, text = pair
    stops, frame = open_frame(text, genetic_code(record))
    if stops:
        return None
    at = frame + 3 * rng.randrange((len(text) - frame) // 3 - 1)
    return record, text[:at] + "TAA" + text[at + 3 :]


def without_base(pair: Record, rng: random.Random) -> Record | None:
    """Leave a base out in the middle half, as a bad trace or a nuclear copy would."""
    record, text = pair
    if open_frame(text, genetic_code(record))[0]:
        return None
    at = rng.randrange(len(text) // 4, 3 * len(text) // 4)
    return record, text[:at] + text[at + 1 :]


def human(people: Sequence[str]) -> Callable:
    """Take a human sequence with up to six differences, as humans have among each other."""

    def change(pair: Record, rng: random.Random) -> Record | None:
        if pair[0].genus == HUMAN:
            return None
        text = list(rng.choice(people))
        for _number in range(rng.randrange(7)):
            text[rng.randrange(len(text))] = rng.choice("ACGT")
        return pair[0], "".join(text)

    return change


# -- a run ------------------------------------------------------------------------


def base_near(records: Sequence[Record]) -> Near:
    texts = [text for _record, text in records]
    near = all_neighbours(texts, LOCUS, floor=FLOOR, progress=_bar)
    return {text: [(texts[n], x) for n, x in zip(*near(text))] for text in set(texts)}


def screened(records: Sequence[Record], near: Near, witnesses: dict) -> list[ScreeningFinding]:
    """Screen records of which only a few sequences are not in `near`."""
    positions = defaultdict(list)
    for n, (_record, text) in enumerate(records):
        positions[text].append(n)
    fresh = [text for text in positions if text not in near]
    extra: dict[str, dict[str, float]] = defaultdict(dict)
    if fresh:
        anonymous = [
            (ReferenceRecord(str(n), "-", locus=LOCUS), text) for n, text in enumerate(positions)
        ]
        index = Index.build(anonymous, locus=LOCUS)
        for text in fresh:
            for hit in search(index, text, floor=FLOOR, down_to_floor=True).hits:
                other = index.sequence(hit.haplotype)
                extra[text][other] = extra[other][text] = hit.identity

    def neighbours(text: str) -> tuple[np.ndarray, np.ndarray]:
        found = {**dict(near.get(text, ())), **extra.get(text, {}), text: 1.0}
        pairs = sorted((n, x) for other, x in found.items() for n in positions.get(other, ()))
        return np.array([n for n, _x in pairs], int), np.array([x for _n, x in pairs])

    return screen_records({LOCUS: records}, lambda locus: neighbours, witnesses=witnesses)


def kinds(records: Sequence[Record], near: Near, families: bool) -> dict[str, Callable]:
    counts = Counter(record.species for record, _text in records if record.species)
    strangers = [text for locus in OTHER_LOCI for _record, text in read_set(locus)]
    people = [text for r, text in open_library().records(LOCUS) if r.genus == HUMAN]
    found = {}
    if families:
        found["swap between orders"] = (swaps, by_rank("", "order"))
        found["swap between families of one order"] = (swaps, by_rank("order", "family"))
        found["swap between genera of one family"] = (swaps, by_rank("family", "genus"))
    else:
        found["swap between genera"] = (swaps, by_rank("", "genus"))
    found |= {
        f"swap between genera at {FLOOR:.0%} or more": (swaps, neighbouring(near)),
        "swap between species of one genus": (swaps, by_rank("genus", "species")),
        "misspelt name": (changed, misspelt(counts)),
        "sequence of another locus": (changed, of_another_locus(strangers)),
        "turned round": (changed, turned),
        "stop codon": (changed, with_stop),
        "lost base": (changed, without_base),
        "human sequence": (changed, human(people)),
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", dest="sets", nargs="+", default=["COI", "embedded"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--errors", type=int, default=100, help="swaps, or changed records, a run")
    parser.add_argument("--output", type=Path, metavar="JSONL", help="a line a run")
    options = parser.parse_args()
    rows = []
    for name in options.sets:
        rows += run_set(name, options.seeds, options.errors)
    if options.output:
        options.output.write_text("".join(json.dumps(row) + "\n" for row in rows))


def run_set(name: str, seeds: int, errors: int) -> list[dict]:
    if name == "embedded":
        records = open_library().records(LOCUS)
    else:
        records = [(record.at_locus(LOCUS), text) for record, text in read_set(LOCUS)]
    records = [pair for pair in records if pair[0].species]
    started = time.monotonic()
    near = base_near(records)
    witnesses = embedded_witnesses([LOCUS])
    base = screened(records, near, witnesses)
    told = Counter(f"{f.code} ({f.suggested_action})" for f in base)
    print(f"\n### {name}: {len(records)} records, {seeds} seeds of {errors}\n")
    print(f"Without seeding: {', '.join(f'{n} {what}' for what, n in sorted(told.items()))}.\n")
    # What is told of the same record for the same reason is no news.
    before = {(f.accession, f.code) for f in base}
    print(HEAD, flush=True)
    rows = []
    for kind, (make, how) in kinds(records, near, name == "embedded").items():
        runs = []
        for seed in range(1, seeds + 1):
            seeded = make(records, random.Random(f"{name} {kind} {seed}"), errors, how)
            findings = screened(seeded.records, near, witnesses)
            runs.append(
                {"set": name, "kind": kind, "seed": seed, **score(seeded, findings, before)}
            )
        print(line(kind, runs), flush=True)
        rows += runs
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    return rows


def score(seeded: Seeded, findings: Sequence[ScreeningFinding], before: set) -> dict:
    wrong = {seeded.records[n][0].accession: seeded.records[n][0] for n in seeded.wrong}
    held = Counter(record.species for record, _text in seeded.records)
    acts = {f.accession for f in findings if f.suggested_action in ACTS}
    looks = {f.accession for f in findings if f.suggested_action == "look"} - acts
    new = {f.accession for f in findings if (f.accession, f.code) not in before}
    alone = {name for name, record in wrong.items() if held[record.species] == 1}
    return {
        "wrong": len(wrong),
        "found": len(acts & wrong.keys()),
        "look": len(looks & wrong.keys()),
        "company": len(wrong.keys() - alone),
        "found_company": len(acts & (wrong.keys() - alone)),
        "accused": len(acts & new - wrong.keys()),
        "looked": len(looks & new - wrong.keys()),
        "before": len(acts - new - wrong.keys()),
        "codes": Counter(
            f.code for f in findings if f.accession in wrong and f.suggested_action in ACTS
        ),
    }


def line(kind: str, rows: Sequence[dict]) -> str:
    """Return the line of a table about the runs of one kind."""
    total: Counter = Counter()
    codes: Counter = Counter()
    for row in rows:
        total.update({k: v for k, v in row.items() if isinstance(v, int)})
        codes.update(row["codes"])
    said = ", ".join(f"{code} {n}" for code, n in codes.most_common(3))
    shares = (
        (total["found"], total["wrong"]),
        (total["found_company"], total["company"]),
        (total["found"] + total["look"], total["wrong"]),
        (total["found"], total["found"] + total["accused"]),
        (total["found"], total["found"] + total["accused"] + total["before"]),
    )
    cells = " | ".join(share(*pair) for pair in shares)
    return f"| {kind} | {total['wrong']} | {cells} | {total['looked']} | {said} |"


def share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits / total:.1%} ({low:.1%}-{high:.1%})" if total else "-"


def _bar(done: int, total: int) -> None:
    if sys.stderr.isatty() and (done % 200 == 0 or done == total):
        print(f"\rneighbours {done}/{total}", end="" if done < total else "\n", file=sys.stderr)


if __name__ == "__main__":
    main()
