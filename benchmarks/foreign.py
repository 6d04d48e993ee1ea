"""How often is a sequence said not to be of its locus, wrongly, and how often is a foreign one seen?

    python benchmarks/foreign.py
    python benchmarks/foreign.py --sequences 100 --foreign FILE ...

Genuine: distinct sequences of the evaluation data, whole and one piece of 150 bases of each, on a random
strand, against the packaged exemplars without those of their order, or, where that is not known, of their genus
(leave-order-out): no library could know less of them. Foreign: random sequences, shuffled ones, low complexity, the
other loci, bacterial and plastid ribosomal RNA, and the sequences of further files (vectors, for one). The tests are those
of `forensics.barcode.recognition`.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation import wilson
from loci import LOCI, SEED, distinct, pieces, sequences_of

from forensics.barcode.locus import reverse_complement
from forensics.barcode.recognition import NO_LOCUS, Recogniser, judge_scores, packaged_exemplars
from forensics.taxonomy.names import packaged_backbone

PIECE = 150
RANDOM = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=300, help="of each locus")
    parser.add_argument("--foreign", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--loci", nargs="+", default=LOCI)
    parser.add_argument("--scores", type=Path, help="write the scores of genuine sequences there")
    options = parser.parse_args()
    exemplars = packaged_exemplars()
    recogniser = Recogniser(exemplars)
    sets = {locus: distinct(locus, options.sequences) for locus in options.loci}
    genera = {genus for pairs in sets.values() for genus, _sequence in pairs}
    genera |= {exemplar.species.split()[0] for exemplar in exemplars}
    backbone = packaged_backbone(genera, set())
    group_of = {g: backbone.ranks_of(g).get("order", "") or g for g in genera}
    print("| genuine | bases | sequences | said to be foreign | Wilson 95 % | as what |")
    print("|---|---|---|---|---|---|")
    lines = []
    for locus, pairs in sets.items():
        for length in (0, PIECE):
            said: Counter[str] = Counter()
            for genus, sequence in genuine(locus, pairs, length):
                scores = [
                    (exemplar, bits)
                    for exemplar, bits in recogniser.similar(sequence)
                    if group_of[exemplar.species.split()[0]] != group_of[genus]
                ]
                judged = judge_scores(scores, sequence, (locus,))
                said[judged.kind if judged else ""] += 1
                own = max((bits for e, bits in scores if e.locus == locus), default=0.0)
                lines.append(f"{locus}\t{len(sequence)}\t{genus}\t{own:.1f}\t{judged}\n")
            print_row(f"{locus}", length, said)
    if options.scores:
        options.scores.write_text("".join(lines))
    print("\n| foreign | against | bases | sequences | seen | Wilson 95 % | as what |")
    print("|---|---|---|---|---|---|---|")
    for name, sequences in foreign(options.foreign, sets):
        for length in (PIECE, 600):
            for locus in ("COI", "16S"):
                if name == locus:
                    continue
                said = Counter()
                for sequence in list(pieces(sequences, length))[: options.sequences]:
                    judged = judge_scores(recogniser.similar(sequence), sequence, (locus,))
                    said[judged.kind if judged else ""] += 1
                if said:
                    print_row(f"{name} | {locus}", length, said)


def genuine(locus: str, pairs: Sequence[tuple[str, str]], length: int) -> Iterator[tuple[str, str]]:
    """Yield genus and sequence, or a piece of it, on a random strand."""
    rng = random.Random(f"{SEED} {locus} {length}")
    for genus, sequence in pairs:
        if length:
            if len(sequence) < length:
                continue
            start = rng.randrange(len(sequence) - length + 1)
            sequence = sequence[start : start + length]
        yield genus, reverse_complement(sequence) if rng.random() < 0.5 else sequence


def foreign(
    files: Sequence[Path], sets: dict[str, list[tuple[str, str]]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield sets of sequences that are of no locus, or of another."""
    rng = random.Random(SEED)
    yield "random", ["".join(rng.choices("ACGT", k=600)) for _ in range(RANDOM)]
    motifs = ["A", "AT", "CA", "GAA", "GATA", "AACCCT"]
    yield "low complexity", [(motif * 600)[:600] for motif in motifs]
    for locus, pairs in sets.items():
        drawn = rng.sample(pairs, min(len(pairs), 60))
        yield f"{locus}, shuffled", ["".join(rng.sample(s, len(s))) for _genus, s in drawn]
    for locus, pairs in sets.items():
        yield locus, [s for _genus, s in rng.sample(pairs, min(len(pairs), 60))]
    ribosomal = [e.sequence for e in packaged_exemplars() if e.locus == NO_LOCUS]
    yield "bacterial and plastid rRNA", ribosomal
    for path in files:
        yield path.name, list(sequences_of(path))


def print_row(name: str, length: int, said: Counter[str]) -> None:
    total = said.total()
    yes = total - said[""]
    low, high = wilson(yes, total)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(said.items()) if kind)
    print(
        f"| {name} | {length or 'whole'} | {total} | {yes} ({yes / max(1, total):.2%}) | "
        f"{low:.2%}-{high:.2%} | {kinds} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
