"""FST and theta beside brute force over all pairs of copies, and on simulated drift."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from forensics.errors import UsageError
from forensics.genetics.counts import (
    choose_markers,
    choose_places,
    estimate_differentiation,
    estimate_theta_among,
    matching_within,
    score_loci,
)
from forensics.genetics.genotypes import MISSING, Genotypes
from forensics.genetics.reading import read_genotypes

OFFSETS = np.array([0, 3, 5])


def drawn(shares, animals, random):
    """Return copies of alleles of simulated animals; shape (animals, A)."""
    return np.concatenate([random.multinomial(2, p, size=animals) for p in shares], axis=1).astype(
        float
    )


def brute_matching(animals, offsets, pairs):
    """Return matching of copies of pairs of animals, one after the other."""
    result = []
    for start, stop in itertools.pairwise(offsets):
        same = sum(float(animals[a, start:stop] @ animals[b, start:stop]) for a, b in pairs)
        all_ = sum(animals[a, start:stop].sum() * animals[b, start:stop].sum() for a, b in pairs)
        result.append(same / all_)
    return np.array(result)


@pytest.fixture(scope="module")
def animals():
    random = np.random.default_rng(1)
    held = drawn([[0.5, 0.3, 0.2], [0.6, 0.4]], 9, random)
    held[4, :3] = 0  # a locus that was not typed
    return held


def test_matching_is_that_of_all_pairs_of_different_animals(animals):
    pairs = list(itertools.combinations(range(9), 2))
    assert matching_within(animals, OFFSETS) == pytest.approx(
        brute_matching(animals, OFFSETS, pairs)
    )


def test_pairs_of_one_cluster_and_kin_are_left_out(animals):
    clusters, related = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), (np.array([0, 3]), np.array([5, 4]))
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(9), 2)
        if clusters[a] != clusters[b] and (a, b) not in {(0, 5), (3, 4)}
    ]
    found = matching_within(animals, OFFSETS, clusters=clusters, related=related)
    assert found == pytest.approx(brute_matching(animals, OFFSETS, pairs))


def test_without_a_pair_of_animals_there_is_no_estimate(animals):
    assert np.isnan(matching_within(animals[:1], OFFSETS)).all()
    found = estimate_differentiation(animals[:1], animals.sum(axis=0), OFFSETS)
    assert np.isnan(found.fst) and found.loci == 0


@pytest.mark.parametrize("theta", [0.0, 0.05, 0.2])
def test_simulated_drift_is_found_again(theta):
    random, offsets = np.random.default_rng(3), np.arange(0, 301, 6)
    base = [random.dirichlet(np.full(6, 2.0)) for _locus in range(50)]
    own = base if not theta else [random.dirichlet(p * (1 - theta) / theta) for p in base]
    animals, reference = drawn(own, 200, random), drawn(base, 100, random)
    found = estimate_differentiation(animals, reference.sum(axis=0), offsets)
    assert found.loci == 50
    assert found.theta == pytest.approx(theta, abs=4 * found.theta_error)
    assert found.fst == pytest.approx(theta / 2, abs=4 * found.fst_error)
    assert found.theta_error < 0.03 and found.fst_error < 0.015


def test_theta_among_populations_of_a_structured_reference():
    random, offsets, theta = np.random.default_rng(4), np.arange(0, 601, 6), 0.1
    base = [random.dirichlet(np.full(6, 2.0)) for _locus in range(100)]
    counts = np.array([
        drawn([random.dirichlet(p * (1 - theta) / theta) for p in base], 60, random).sum(axis=0)
        for _population in range(8)
    ])  # fmt: skip
    found = estimate_theta_among(counts, offsets)
    assert found.theta == pytest.approx(theta, abs=0.02)
    assert np.isnan(estimate_theta_among(counts[:1], offsets).theta)


# -- Some loci of many: evenly along the file, by typed share and heterozygosity, blind to places


ANIMALS, LOCI = 60, 200


def draw_genotypes(seed=1, animals=ANIMALS, loci=LOCI):
    """Return SNP of three sites that differ, some untyped, in every tenth locus one allele alone."""
    generator = np.random.default_rng(seed)
    sites = np.arange(animals) % 3
    shares = generator.uniform(0.02, 0.98, (3, loci))
    shares[:, ::10] = 0.0
    codes = (generator.random((animals, loci, 2)) < shares[sites][:, :, None]).astype(np.int16)
    codes.sort(axis=2)
    codes[generator.random((animals, loci)) < generator.uniform(0, 0.4, loci)] = MISSING
    return Genotypes(
        tuple(f"N{row}" for row in range(animals)),
        tuple(f"snp{locus}" for locus in range(loci)),
        (("A", "C"),) * loci,
        codes,
        populations=tuple(f"site {site}" for site in sites),
        latitudes=1.0 * sites,
        longitudes=2.0 * sites,
    )


def test_of_each_run_of_neighbours_the_locus_of_the_greatest_score_is_chosen():
    genotypes = draw_genotypes()
    chosen = choose_markers(genotypes, 20)
    scores = score_loci(genotypes)
    expected = [
        f"snp{start + int(scores[start : start + 10].argmax())}" for start in range(0, 200, 10)
    ]
    assert list(chosen.loci) == expected
    assert "20 of 200 loci were chosen" in chosen.notes[0]
    for locus in chosen.loci[:5]:
        place = genotypes.loci.index(locus)
        assert np.array_equal(chosen.codes[:, chosen.loci.index(locus)], genotypes.codes[:, place])


def test_the_score_is_the_typed_share_times_the_expected_heterozygosity():
    codes = np.array([[[0, 0], [0, 1]], [[0, 1], [MISSING, MISSING]]], dtype=np.int16)
    genotypes = Genotypes(("a", "b"), ("one", "two"), (("A", "C"),) * 2, codes)
    assert score_loci(genotypes) == pytest.approx([1 - 0.75**2 - 0.25**2, 0.5 * 0.5])


def test_the_choice_does_not_see_where_the_animals_are_from():
    genotypes = draw_genotypes()
    order = np.random.default_rng(7).permutation(ANIMALS)
    exchanged = replace(
        genotypes,
        populations=tuple(genotypes.populations[row] for row in order),
        latitudes=genotypes.latitudes[order],
        longitudes=genotypes.longitudes[order],
    )
    assert choose_markers(exchanged, 20).loci == choose_markers(genotypes, 20).loci


def test_the_choice_does_not_see_how_much_the_sites_differ():
    """Genotypes of each locus are exchanged between all animals: no difference between sites is left."""
    genotypes = draw_genotypes()
    generator = np.random.default_rng(8)
    codes = genotypes.codes.copy()
    for locus in range(LOCI):
        codes[:, locus] = codes[generator.permutation(ANIMALS), locus]
    mixed = replace(genotypes, codes=codes)
    assert choose_markers(mixed, 20).loci == choose_markers(genotypes, 20).loci


def test_a_run_without_a_locus_that_varies_gives_none():
    scores = np.array([0.0, 0.0, 0.3, 0.1, 0.2, 0.4, 0.0, 0.0, 0.1, 0.2])
    assert choose_places(scores, 5).tolist() == [2, 5, 9]


def test_no_more_loci_than_are_wanted_all_stay():
    genotypes = draw_genotypes()
    assert choose_markers(genotypes, LOCI) is genotypes


def test_too_few_markers_are_refused():
    with pytest.raises(UsageError, match="4 markers are too few"):
        choose_markers(draw_genotypes(), 4)


def test_what_was_chosen_stands_with_how_the_file_was_read(tmp_path):
    path = tmp_path / "snp.csv"
    draw_genotypes().to_frame().to_csv(path, index=False)
    read = read_genotypes(path, markers=20)
    assert len(read.loci) == 20
    assert read.read_with["markers"] == 20
    assert read_genotypes(path, **read.read_with).loci == read.loci


def write_plink(folder, genotypes):
    bed_reader = pytest.importorskip("bed_reader")
    doses = np.where(genotypes.codes[:, :, 0] < 0, -127, genotypes.codes.sum(axis=2)).astype(
        np.int8
    )
    bed_reader.to_bed(
        folder / "set.bed",
        doses,
        properties={
            "fid": ["F"] * len(genotypes),
            "iid": list(genotypes.animals),
            "sid": list(genotypes.loci),
            "chromosome": ["1"] * len(genotypes.loci),
            "bp_position": list(range(1, len(genotypes.loci) + 1)),
            "allele_1": ["C"] * len(genotypes.loci),
            "allele_2": ["A"] * len(genotypes.loci),
        },
    )
    return folder / "set.bed"


def test_loci_of_plink_are_chosen_in_blocks_as_of_any_file(tmp_path, monkeypatch):
    genotypes = draw_genotypes()
    path = write_plink(tmp_path, genotypes)
    monkeypatch.setattr("forensics.genetics.formats.plink._BLOCK_GENOTYPES", ANIMALS * 7)
    read, expected = read_genotypes(path, markers=20), choose_markers(genotypes, 20)
    assert read.loci == expected.loci
    assert np.array_equal(read.codes, expected.codes)
    assert read.notes[0] == expected.notes[0]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_loci_of_plink(tmp_path):
    """2,000 animals x 60,000 SNP would be 480 MB of codes; 500 of them are 4 MB."""
    path = write_plink(tmp_path, draw_genotypes(animals=2000, loci=60_000))
    code = (
        "import sys, resource; from forensics.genetics.reading import read_genotypes; "
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "read = read_genotypes(sys.argv[1], markers=500); assert len(read.loci) == 500; "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, check=True, text=True
    ).stdout
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(output) * unit < 700e6
