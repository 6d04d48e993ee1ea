"""Kin without frequencies: the estimator of KING-robust, and where the network falls back on it. All SIMULATED."""

import json

import numpy as np
import pytest
from command_line import typed
from individual_simulation import structured

from forensics.individual import robust
from forensics.individual.robust import MIN_SNPS, indicate_kin, robust_kinship

DEGREES = {0.5: "same", 0.25: "first", 0.125: "second"}


def shown(genotypes):
    """Return the degree of each pair of animals that is shown, and the result; each animal is a seizure."""
    result = indicate_kin(genotypes, genotypes.animals)
    place = {name: row for row, name in enumerate(genotypes.animals)}
    pairs = {tuple(sorted((place[p.first], place[p.second]))): p.degree for p in result.pairs}
    return pairs, result


def related(kinship):
    """Return the degree of each pair that is kin by the pedigree."""
    pairs = np.argwhere(np.triu(kinship, 1) > 0).tolist()
    return {(a, b): DEGREES.get(float(kinship[a, b]), "third") for a, b in pairs}


def test_the_estimator_is_that_of_the_publication():
    """Equation 11 of Manichaikul et al. 2010, counted genotype by genotype."""
    random = np.random.default_rng(1)
    doses = random.integers(-1, 3, size=(5, 400)).astype(np.int8)
    kinship, _error, common = robust_kinship(doses[:2], doses)
    for one in range(2):
        for other in range(5):
            x, y = doses[one], doses[other]
            x, y = (codes[(x >= 0) & (y >= 0)] for codes in (x, y))
            mine, theirs = (x == 1).sum(), (y == 1).sum()
            less = min(mine, theirs)
            both, opposite = ((x == 1) & (y == 1)).sum(), (np.abs(x - y) == 2).sum()
            expected = (both - 2 * opposite) / (2 * less) + 0.5 - (mine + theirs) / (4 * less)
            assert kinship[one, other] == pytest.approx(expected)
            assert common[one, other] == len(x)


@pytest.mark.parametrize(
    "snps, found", [(1_000, {"same", "first"}), (10_000, {"same", "first", "second"})]
)
def test_two_populations_have_no_false_kin_and_their_families_are_found(snps, found):
    genotypes, kinship = structured(snps, seed=7)
    pairs, result = shown(genotypes)
    kin, count = related(kinship), len(genotypes)
    assert pairs.keys() <= kin.keys() and result.compared == count * (count - 1) / 2
    assert all(pairs.get(pair) == degree for pair, degree in kin.items() if degree in found)
    assert all(pair.low <= pair.kinship <= pair.high for pair in result.pairs)


def test_frequencies_of_both_populations_together_would_show_kin_everywhere():
    """What the estimator is for: against pooled frequencies animals of one population look related."""
    genotypes, _kinship = structured(2_000, seed=8, missing=0)
    doses = genotypes.codes.sum(axis=2).astype(float)
    p = doses.mean(axis=0) / 2
    centred = doses - 2 * p
    pooled = centred @ centred.T / (4 * p * (1 - p)).sum()
    inside = pooled[4:30, 4:30][np.triu_indices(26, 1)]  # unrelated founders of one population
    robustly = robust_kinship(doses[4:30].astype(np.int8), doses[4:30].astype(np.int8))[0]
    robustly = robustly[np.triu_indices(26, 1)]
    assert inside.mean() > 0.04 and abs(robustly.mean()) < 0.01


def test_its_error_counts_linked_snps_once():
    """Each SNP twice, side by side, tells no more than once."""
    doses = np.random.default_rng(2).integers(0, 3, size=(2, 1_000)).astype(np.int8)
    once, twice = (
        robust_kinship(codes[:1], codes[1:])[1][0, 0]
        for codes in (doses, np.repeat(doses, 2, axis=1))
    )
    assert twice == pytest.approx(once, rel=0.05)


def test_the_interval_is_corrected_for_all_pairs(monkeypatch):
    """Uncorrected, unrelated animals look like kin at few SNPs: the correction is needed."""
    genotypes, kinship = structured(300, seed=9, missing=0.1)
    corrected, _result = shown(genotypes)
    monkeypatch.setattr(robust, "_quantile", lambda pairs: 0.0)
    uncorrected, _result = shown(genotypes)
    kin = related(kinship).keys()
    assert corrected.keys() <= kin and not uncorrected.keys() <= kin


def test_pairs_of_one_seizure_are_not_compared():
    genotypes, kinship = structured(1_000, seed=7, twice=0)
    seizures = ["PQ"[row >= len(genotypes) / 2] for row in range(len(genotypes))]
    assert (kinship > 0).sum() > len(genotypes)  # every family is in one
    assert indicate_kin(genotypes, seizures).pairs == ()


@pytest.mark.parametrize(
    "alleles, snps", [(("100", "102", "104"), 1_000), (("A", "G"), MIN_SNPS - 1)]
)
def test_microsatellites_and_few_snps_are_refused_with_the_reason(alleles, snps):
    genotypes, _kinship = structured(snps, seed=1, founders=4, alleles=alleles)
    result = indicate_kin(genotypes, genotypes.animals)
    assert (result.compared, result.pairs) == (0, ())
    ((_label, text),) = result.lines()
    assert f"needs {MIN_SNPS} SNPs" in text and "frequencies that describe" in text


@pytest.mark.slow
def test_the_network_indicates_kin_where_the_reference_does_not_describe_the_animals(tmp_path):
    """Through the command: a reference of another population. No FST can be counted either, which JSON says as null."""
    genotypes, kinship = structured(300, seed=12, founders=8, missing=0)
    frame = genotypes.to_frame()
    frame["shipment"] = [f"Z{row % 4}" for row in range(len(frame))]
    foreign, _kinship = structured(300, seed=99, missing=0)
    tables = {name: tmp_path / f"{name}.csv" for name in ("seizures", "foreign")}
    for name, table in zip(tables, (frame, foreign.to_frame())):
        table.to_csv(tables[name], index=False)
    line = "individual network --seizure shipment --dropout 0.001 --mistyping 0.001 --reference"
    refused = typed(line, tables["foreign"], tables["seizures"])
    assert "no network" in refused.stdout and "no likelihood ratio" in " ".join(
        refused.stdout.split()
    )
    assert "first degree, kinship 0." in refused.stdout
    stored = json.loads(
        typed(line, tables["foreign"], "--format", "json", tables["seizures"]).stdout
    )
    assert stored["links"] == [] and stored["robust"]["pairs"]
    assert stored["differentiation"]["fst"] is None
    place = {name: row for row, name in enumerate(genotypes.animals)}
    for pair in stored["robust"]["pairs"]:
        assert DEGREES[kinship[place[pair["first"]], place[pair["second"]]]] == pair["degree"]
        assert pair["first_seizure"] != pair["second_seizure"]
