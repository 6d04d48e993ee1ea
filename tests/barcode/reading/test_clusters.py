import random

import pytest
from simulation import mutate, nanopore_reads, random_sequence

from forensics.barcode.matching.kernel import identity
from forensics.barcode.reading.amplicon import MIN_READS, clusters_of
from forensics.barcode.reading.consensus import Read
from forensics.barcode.sequence import reverse_complement

TRUTH = random_sequence(random.Random(11), 300)


def simulated(truth, count, seed=1):
    pairs = nanopore_reads(random.Random(seed), truth, count)
    return [Read(sequence, (0.9,) * len(sequence), 0.1) for sequence, _qualities in pairs]


def found(*groups):
    reads = sorted((read for group in groups for read in group), key=lambda read: read.sequence)
    return clusters_of(reads)


def is_of(cluster, truth):
    draft = cluster.draft.sequence
    return max(identity(draft, truth), identity(reverse_complement(draft), truth)) > 0.985


@pytest.mark.parametrize("seed", range(4))
def test_reads_of_one_sequence_on_both_strands_are_one_cluster(seed):
    clusters, strangers = found(simulated(TRUTH, 30, seed))
    assert [len(cluster.reads) for cluster in clusters] == [30 - strangers]
    assert strangers <= 1
    assert is_of(clusters[0], TRUTH)


@pytest.mark.parametrize("differences", [60, 21])
def test_two_sequences_are_two_clusters_in_their_shares(differences):
    other = mutate(random.Random(3), TRUTH, substitutions=differences)
    clusters, _strangers = found(simulated(TRUTH, 40), simulated(other, 16, 2))
    assert len(clusters) == 2
    assert is_of(clusters[0], TRUTH)
    assert is_of(clusters[1], other)
    assert abs(len(clusters[1].reads) - 16) <= 1


def test_sequences_nearer_than_reads_err_are_told_apart_by_what_goes_together():
    # Every 25th base differs: 4 %, where a read has 10 % errors.
    swap = str.maketrans("ACGT", "CATG")
    other = "".join(
        base.translate(swap) if place % 25 == 12 else base for place, base in enumerate(TRUTH)
    )
    clusters, _strangers = found(simulated(TRUTH, 40), simulated(other, 20, 2))
    assert len(clusters) == 2
    assert is_of(clusters[0], TRUTH)
    assert is_of(clusters[1], other)


def test_too_few_reads_of_another_sequence_are_strangers():
    other = mutate(random.Random(3), TRUTH, substitutions=60)
    clusters, strangers = found(simulated(TRUTH, 30), simulated(other, MIN_READS - 1, 2))
    assert len(clusters) == 1
    assert strangers >= MIN_READS - 1


def test_reads_of_nothing_in_common_are_no_cluster():
    reads = [random_sequence(random.Random(n), 300) for n in range(12)]
    assert found([Read(read, (0.9,) * 300, 0.1) for read in reads]) == ([], 12)


def test_no_read_no_cluster():
    assert clusters_of([]) == ([], 0)
