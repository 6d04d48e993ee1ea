import random
from functools import cache

import pytest
from simulation import fastq, mutate, nanopore_reads, random_sequence

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reading import amplicon
from forensics.barcode.reading.amplicon import MIN_READS, clusters_of, consensus_of
from forensics.barcode.reading.consensus import Read
from forensics.barcode.reading.reads import Query, read_queries
from forensics.errors import InputError

TRUTH = random_sequence(random.Random(21), 260)
OTHER = mutate(random.Random(22), TRUTH, substitutions=50)


@cache
def reads(truth, count, seed=1):
    pairs = nanopore_reads(random.Random(seed), truth, count)
    return tuple(Query(f"{seed}_{n}", s, qualities=q) for n, (s, q) in enumerate(pairs))


def codes(found):
    return [warning.code for warning in found]


@pytest.fixture(scope="module")
def mixed():
    return consensus_of([*reads(TRUTH, 60), *reads(OTHER, 12, 2)])


def test_a_file_of_one_sequence_gives_one_consensus_and_no_doubt():
    found = consensus_of(reads(TRUTH, 60))
    (query,) = found.queries()
    assert max(identity(query.sequence, s) for s in (TRUTH, reverse_complement(TRUTH))) > 0.985
    assert codes(query.notes)[0] == "CONSENSUS"
    assert query.problem is None


def test_the_same_reads_in_another_order_give_the_same(mixed):
    shuffled = random.Random(5).sample([*reads(TRUTH, 60), *reads(OTHER, 12, 2)], 72)
    assert consensus_of(shuffled).consensuses == mixed.consensuses


def test_a_second_sequence_of_the_locus_forbids_a_confident_call_of_both(mixed):
    one, two = mixed.queries()
    assert "MIXED_READS" in codes(one.doubts)
    assert "MIXED_READS" in codes(two.doubts)
    assert mixed.consensuses[0].rivals == ((2, pytest.approx(12 / 72, abs=0.02)),)


def test_a_consensus_of_few_reads_is_doubted():
    (query,) = consensus_of(reads(TRUTH, 12)).queries()
    assert codes(query.doubts) == ["WEAK_CONSENSUS"]


def test_another_locus_is_told_and_is_no_mixture():
    unlike = random_sequence(random.Random(23), 260)
    one, two = consensus_of([*reads(TRUTH, 55), *reads(unlike, 52, 3)]).queries()
    for query in (one, two):
        assert "MIXED_READS" not in codes(query.doubts)
        assert "OTHER_CONSENSUS" in codes(query.notes)


def test_every_read_is_counted_once():
    good = reads(TRUTH, 20)
    short = Query("short", "ACGT" * 10, qualities="5" * 40)
    long = Query("long", "ACGT" * 1500, qualities="5" * 6000)
    bad = Query("bad", "ACGT" * 50, qualities="%" * 200)
    ambiguous = Query("n", "ACGTN" * 50 + "A", qualities="5" * 251)
    strange = Query("strange", random_sequence(random.Random(9), 260), qualities="+" * 260)
    found = consensus_of([*good, short, long, bad, ambiguous, strange, good[3]])
    assert found.reads == 26
    assert sum(found.left_out.values()) + sum(c.depth for c in found.consensuses) == 26
    for reason in ("too_short", "too_long", "low_quality", "ambiguous", "repeated"):
        assert found.left_out[reason] == 1
    (query,) = found.queries()
    (told,) = (w.message for w in query.notes if w.code == "READS_LEFT_OUT")
    assert "Left out of 26 reads" in told
    assert "1 shorter than 100 bases" in told
    assert "1 given twice" in told


def test_of_many_reads_a_fixed_number_is_drawn_whatever_their_order(monkeypatch):
    monkeypatch.setattr(amplicon, "DRAWN", 20)
    found = consensus_of(reads(TRUTH, 40))
    assert (found.drawn, found.left_out["not_drawn"]) == (20, 20)
    assert consensus_of(reads(TRUTH, 40)[::-1]) == found


def test_without_five_reads_of_one_sequence_there_is_no_consensus():
    alone = [
        Query(f"r{n}", random_sequence(random.Random(n), 200), qualities="+" * 200)
        for n in range(7)
    ]
    for given in (alone, []):
        (query,) = consensus_of(given).queries()
        assert query.problem.code == "NO_CONSENSUS"


def test_reads_without_qualities_are_refused_with_their_place():
    with pytest.raises(InputError, match=r"f\.fasta, record 3, line 5: .*FASTQ"):
        consensus_of([Query("x", TRUTH, source="f.fasta", record=3, line=5)])


def test_primers_are_cut_off_the_consensus(tmp_path):
    folmer = "GGTCAACAAATCATAAAGATATTGG" + TRUTH + "TGATTTTTTGGTCACCCTGAAGTTTA"
    path = tmp_path / "tusk 7.fastq.gz"
    path.write_text(fastq([(folmer, "I" * len(folmer))] * 6))
    (query,) = consensus_of(read_queries(path)).queries()
    assert query.name == "tusk 7_1"
    assert query.sequence == TRUTH
    assert query.sha256


@pytest.mark.slow
def test_the_real_reads_give_an_open_reading_frame_of_the_barcode_s_length(evaluation_data):
    from Bio.Seq import Seq

    path = evaluation_data / "barcodes" / "nanopore_coi_280_reads.fastq.gz"
    found = consensus_of(read_queries(path))
    (one,) = found.consensuses
    assert (found.reads, one.depth, len(one.sequence)) == (280, 252, 658)
    # Vertebrate mitochondria; the Folmer region begins at the third base of a codon.
    assert "*" not in Seq(one.sequence[1:]).translate(2)
    assert found.left_out["too_short"] == 14
    assert found.left_out["alone"] == 13


ONE_TRUTH = random_sequence(random.Random(11), 300)


def simulated(truth, count, seed=1):
    pairs = nanopore_reads(random.Random(seed), truth, count)
    return [Read(sequence, (0.9,) * len(sequence), 0.1) for sequence, _qualities in pairs]


def found(*groups):
    reads = sorted((read for group in groups for read in group), key=lambda read: read.sequence)
    return clusters_of(reads)


def is_of(cluster, truth):
    draft = cluster.draft.sequence
    return max(identity(draft, truth), identity(reverse_complement(draft), truth)) > 0.985


@pytest.mark.parametrize("seed", range(2))
def test_reads_of_one_sequence_on_both_strands_are_one_cluster(seed):
    clusters, strangers = found(simulated(ONE_TRUTH, 30, seed))
    assert [len(cluster.reads) for cluster in clusters] == [30 - strangers]
    assert strangers <= 1
    assert is_of(clusters[0], ONE_TRUTH)


@pytest.mark.parametrize("differences", [60, 21])
def test_two_sequences_are_two_clusters_in_their_shares(differences):
    other = mutate(random.Random(3), ONE_TRUTH, substitutions=differences)
    clusters, _strangers = found(simulated(ONE_TRUTH, 30), simulated(other, 12, 2))
    assert len(clusters) == 2
    assert is_of(clusters[0], ONE_TRUTH)
    assert is_of(clusters[1], other)
    assert abs(len(clusters[1].reads) - 12) <= 1


def test_sequences_nearer_than_reads_err_are_told_apart_by_what_goes_together():
    # Every 25th base differs: 4 %, where a read has 10 % errors.
    swap = str.maketrans("ACGT", "CATG")
    other = "".join(
        base.translate(swap) if place % 25 == 12 else base for place, base in enumerate(ONE_TRUTH)
    )
    clusters, _strangers = found(simulated(ONE_TRUTH, 40), simulated(other, 20, 2))
    assert len(clusters) == 2
    assert is_of(clusters[0], ONE_TRUTH)
    assert is_of(clusters[1], other)


def test_too_few_reads_of_another_sequence_are_strangers():
    other = mutate(random.Random(3), ONE_TRUTH, substitutions=60)
    clusters, strangers = found(simulated(ONE_TRUTH, 30), simulated(other, MIN_READS - 1, 2))
    assert len(clusters) == 1
    assert strangers >= MIN_READS - 1


def test_reads_of_nothing_in_common_are_no_cluster():
    reads = [random_sequence(random.Random(n), 300) for n in range(12)]
    assert found([Read(read, (0.9,) * 300, 0.1) for read in reads]) == ([], 12)
    assert clusters_of([]) == ([], 0)
