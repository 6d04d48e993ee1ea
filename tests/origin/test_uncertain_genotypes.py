"""Assignment by likelihoods of genotypes, against loops, and against called genotypes where they are certain."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.genetics.likelihoods import GenotypeLikelihoods
from forensics.notices import origin as notices
from forensics.origin.assignment import assign
from forensics.origin.baseline import build_baseline
from forensics.origin.exclusion import exclude, fit_exclusion
from forensics.origin.mixture import estimate_mixture
from forensics.origin.predict import assign_with, compare_crosses, share_populations
from forensics.origin.training import train_genotypes
from forensics.origin.uncertain_exclusion import (
    count_reads,
    exclude_uncertain,
    information_of,
    prepare_hypothesis,
    standardise,
)
from forensics.origin.uncertain_genotypes import (
    code_likelihoods,
    genotype_probabilities,
    read_log_likelihoods,
)

ALLELES = ("A", "G")
LOCI = 30


def draw_reference(*, loci=LOCI, animals=15, seed=3):
    """Return genotypes of three populations that differ, with what is not typed."""
    generator = np.random.default_rng(seed)
    frequencies = generator.uniform(0.05, 0.95, size=(3, loci))
    codes = np.sort(
        (generator.random((3, animals, loci, 2)) < frequencies[:, None, :, None]).astype(np.int16), axis=3
    ).reshape(3 * animals, loci, 2)  # fmt: skip
    codes[generator.random(codes.shape[:2]) < 0.05] = -1
    return Genotypes(
        tuple(f"N{row}" for row in range(3 * animals)),
        tuple(f"s:{locus}" for locus in range(loci)),
        (ALLELES,) * loci,
        codes,
        populations=tuple(name for name in "PQR" for _animal in range(animals)),
    )


def certain(genotypes):
    """Return the likelihoods of genotypes that are known."""
    logs = np.full((*genotypes.codes.shape[:2], 3), -np.inf, dtype=np.float32)
    dose = (genotypes.codes == 1).sum(axis=2)
    np.put_along_axis(logs, dose[:, :, None], 0.0, axis=2)
    logs[~genotypes.typed] = 0.0
    return GenotypeLikelihoods(
        genotypes.animals,
        genotypes.loci,
        genotypes.alleles,
        logs,
        populations=genotypes.populations,
    )


def draw_reads(genotypes, depth, *, seed=1, error=0.01):
    """Return likelihoods of simulated reads."""
    generator = np.random.default_rng(seed)
    dose = np.where(genotypes.typed, (genotypes.codes == 1).sum(axis=2), 0)
    share = np.array([error, 0.5, 1 - error])
    depths = generator.poisson(depth, size=dose.shape)
    alternative = generator.binomial(depths, share[dose])
    logs = alternative[..., None] * np.log(share) + (depths - alternative)[..., None] * np.log(
        1 - share
    )
    logs -= logs.max(axis=2, keepdims=True)
    return GenotypeLikelihoods(
        genotypes.animals, genotypes.loci, genotypes.alleles, logs.astype(np.float32),
        populations=genotypes.populations,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["rannala_mountain", "shrunk"])
def baseline(request):
    return build_baseline(draw_reference(), method=request.param)


def pseudo_count(code, counts, pooled, number, baseline, locus):
    """Return copies and pseudo-copies of an allele; of one that is not in `counts`, too."""
    own = counts[code] if code < len(counts) else 0.0
    if baseline.concentration is None:
        return own + 1.0 / number
    everywhere = pooled[code] if code < len(counts) else 0.0
    return own + baseline.concentration[locus] * (everywhere + 1.0 / number) / (pooled.sum() + 1.0)


def by_loops(logs, codes, baseline, population):
    """Return the log-likelihood of one animal, written out; codes are places of alleles at each locus."""
    total = 0.0
    for locus, likelihoods in enumerate(np.exp(logs.astype(float))):
        if (logs[locus] == 0).all():
            continue
        alleles = slice(baseline.offsets[locus], baseline.offsets[locus + 1])
        counts, pooled = (
            baseline.counts[population, alleles],
            baseline.counts[:, alleles].sum(axis=0),
        )
        n = counts.sum() + baseline.mass[locus]
        probability = 0.0
        for genotype, pair in enumerate(combinations_with_replacement(codes[locus], 2)):
            number = len(counts) + len({code for code in pair if code >= len(counts)})
            first, second = (
                pseudo_count(code, counts, pooled, number, baseline, locus) for code in pair
            )
            if pair[0] == pair[1]:
                of_genotype = first * (first + 1) / (n * (n + 1))
            else:
                of_genotype = 2 * first * second / (n * (n + 1))
            probability += likelihoods[genotype] * of_genotype
        total += np.log(probability)
    return total


def test_the_likelihood_of_reads_is_the_sum_over_genotypes(baseline):
    samples = draw_reads(draw_reference(seed=8), 1.5)
    coded = code_likelihoods(samples, baseline)
    values = read_log_likelihoods(coded, genotype_probabilities(coded, baseline))
    codes = [(0, 1)] * LOCI
    expected = [
        [by_loops(logs, codes, baseline, place) for place in range(3)] for logs in samples.logs
    ]
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def test_alleles_that_the_reference_lacks_make_the_locus_greater(baseline):
    samples = draw_reads(draw_reference(seed=8), 2.0)
    alleles = (("A", "T"), ("T", "C"), ("G", "A"), *samples.alleles[3:])
    samples = GenotypeLikelihoods(samples.animals, samples.loci, alleles, samples.logs)
    coded = code_likelihoods(samples, baseline)
    values = read_log_likelihoods(coded, genotype_probabilities(coded, baseline))
    codes = [(0, 2), (2, 3), (1, 0), *[(0, 1)] * (LOCI - 3)]
    expected = [
        [by_loops(logs, codes, baseline, place) for place in range(3)] for logs in samples.logs
    ]
    np.testing.assert_allclose(values, expected, rtol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["rannala_mountain", "shrunk"]))
def test_certain_likelihoods_give_what_called_genotypes_give(seed, method):
    reference = draw_reference(loci=8, animals=6, seed=seed)
    baseline = build_baseline(reference, method=method)
    fit = fit_exclusion(reference, baseline)
    samples = draw_reference(loci=8, animals=3, seed=seed + 1)
    called, read = assign(samples, baseline), assign(certain(samples), baseline)
    np.testing.assert_allclose(read.log_likelihoods, called.log_likelihoods, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(read.posterior, called.posterior, atol=1e-9)
    assert read.loci_typed.tolist() == called.loci_typed.tolist()
    coded = code_likelihoods(certain(samples), baseline)
    if not coded.unseen(baseline).any():
        tested = exclude_uncertain(coded, baseline, fit, level=0.2)
        expected = exclude(samples, baseline, fit, level=0.2)
        np.testing.assert_allclose(tested.z, expected.z, atol=1e-6)
        np.testing.assert_allclose(tested.calibrated, expected.calibrated)
        np.testing.assert_allclose(tested.p_any, expected.p_any)
        np.testing.assert_allclose(tested.cross_p, expected.cross_p)


def test_the_order_of_alleles_and_the_spelling_of_a_locus_do_not_matter():
    baseline = build_baseline(draw_reference())
    samples = draw_reads(draw_reference(seed=8), 1.0)
    turned = GenotypeLikelihoods(
        samples.animals,
        tuple(name.replace(":", "_") for name in samples.loci),
        (("G", "A"),) * LOCI,
        samples.logs[:, :, ::-1],
    )
    np.testing.assert_allclose(
        assign(turned, baseline).log_likelihoods, assign(samples, baseline).log_likelihoods
    )


def test_loci_that_are_not_in_the_reference_are_named_and_others_needed():
    baseline = build_baseline(draw_reference())
    samples = draw_reads(draw_reference(seed=8), 1.0)
    named = GenotypeLikelihoods(
        samples.animals, ("other", *samples.loci[1:]), samples.alleles, samples.logs
    )
    assert assign(named, baseline).notices[0] == notices.IGNORED_LOCI(loci="other")
    none = GenotypeLikelihoods(
        samples.animals, tuple(f"x{n}" for n in range(LOCI)), samples.alleles, samples.logs
    )
    with pytest.raises(InputError, match="none of the 30 loci is in the reference"):
        assign(none, baseline)


def test_a_locus_of_one_copy_is_refused():
    reference = genotypes_from_labels(
        ["a", "b", "c", "d"], ["m", "s"],
        [[["A"], ["A", "G"]], [["G"], ["G", "G"]], [["A"], ["A", "A"]], [["G"], ["A", "G"]]],
        populations=("P", "P", "Q", "Q"),
    )  # fmt: skip
    samples = GenotypeLikelihoods(("x",), ("m",), (ALLELES,), np.zeros((1, 1, 3), dtype=np.float32))
    with pytest.raises(InputError, match="locus m has one copy in the reference"):
        assign(samples, build_baseline(reference))


def test_standardised_statistics_have_mean_0_and_variance_1_whatever_the_depth():
    generator = np.random.default_rng(5)
    frequency = generator.uniform(0.1, 0.9, size=400)
    prior = np.stack([(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2], axis=1)
    dose = (generator.random((600, 400, 2)) < frequency[:, None]).sum(axis=2)
    genotypes = Genotypes(
        tuple(map(str, range(600))), tuple(map(str, range(400))), (ALLELES,) * 400,
        np.stack([dose == 2, dose >= 1], axis=2).astype(np.int16),
    )  # fmt: skip
    for depth in (0.5, 2.0, 20.0):
        samples = draw_reads(genotypes, depth)
        result = standardise(
            samples.logs, samples.informative, prepare_hypothesis(prior, np.log(prior))
        )
        assert abs(result.z.mean()) < 0.15  # 600 draws: standard error 0.04
        assert 0.85 < result.z.std() < 1.15
        assert (result.share > 0).all() and (result.share <= 1).all()


def test_information_grows_with_depth_and_is_whole_for_certain_genotypes():
    reference = draw_reference(loci=200)
    baseline = build_baseline(reference)
    samples = reference
    shares = [
        information_of(code_likelihoods(draw_reads(samples, depth), baseline), baseline).mean()
        for depth in (0.5, 2.0, 8.0)
    ]
    assert shares == sorted(shares) and shares[0] < 0.4 and shares[2] > 0.8
    known = information_of(code_likelihoods(certain(samples), baseline), baseline)
    np.testing.assert_allclose(known, samples.typed.mean(axis=1), atol=0.04)


def test_few_reads_of_animals_of_the_reference_are_assigned_rightly_and_not_excluded():
    reference = draw_reference(loci=300, animals=30)
    baseline = build_baseline(reference)
    fit = fit_exclusion(reference, baseline)
    generator = np.random.default_rng(11)
    chosen = generator.choice(len(reference), 40, replace=False)
    samples = draw_reads(reference.take(chosen), 0.5, seed=2)
    result = assign(samples, baseline)
    assert reference.populations is not None
    truth = [reference.populations[row] for row in chosen]
    assert np.mean([name == right for name, right in zip(result.best(), truth)]) > 0.95
    tested = exclude_uncertain(code_likelihoods(samples, baseline), baseline, fit, level=0.05)
    assert tested.excluded.mean() <= 0.1
    strange = draw_reads(draw_reference(loci=300, animals=10, seed=77), 2.0, seed=4)
    coded = code_likelihoods(strange, baseline)
    assert exclude_uncertain(coded, baseline, fit, level=0.05).excluded.mean() > 0.9


def test_reads_are_counted_from_their_likelihoods():
    share = np.array([0.01, 0.5, 0.99])
    for first, second in ((0, 0), (1, 0), (0, 4), (1, 1), (3, 2)):
        logs = second * np.log(share) + first * np.log(1 - share)
        assert count_reads(logs - logs.max()) == pytest.approx(first + second)
    assert count_reads(np.array([0.0, -np.inf, -np.inf])) == 20


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    reference = draw_reference(loci=120, animals=25)
    return train_genotypes(
        reference, folder / "m", name="m", version="1", kind="populations", evaluated=False
    )


def test_a_model_of_populations_takes_likelihoods_and_says_what_the_reads_hold(model):
    samples = draw_reads(draw_reference(loci=120, animals=25), 3.0).take([0, 30, 60])
    results = assign_with(model, samples, level=0.05)
    assert [result.origin for result in results] == ["P", "Q", "R"]
    for result in results:
        (notice,) = [known for known in result.notices if known.code == "UNCERTAIN_GENOTYPES"]
        assert 0.3 < notice.parameters["share"] < 0.9
        assert "hold" in str(notice) and "%" in str(notice)
        assert result.exclusion.power is None  # measured on certain genotypes


def test_shares_of_a_mixture_come_from_likelihoods(model):
    samples = draw_reads(draw_reference(loci=120, animals=25), 2.0).take(range(5, 35))
    shares = {share.name: share for share in share_populations(model, samples).shares}
    assert shares["P"].low < 20 / 30 < shares["P"].high
    assert shares["R"].mean < 0.1
    baseline = build_baseline(draw_reference())
    certain_samples = draw_reference(seed=12)
    known, read = (
        estimate_mixture(animals, baseline, sweeps=50, burn_in=5)
        for animals in (certain_samples, certain(certain_samples))
    )
    np.testing.assert_allclose(read.mean, known.mean, atol=1e-9)


def test_what_needs_genotypes_refuses_likelihoods(model, tmp_path):
    reference = draw_reference(loci=120, animals=25)
    samples = draw_reads(reference, 2.0).take([0, 1])
    with pytest.raises(UsageError, match="needs genotypes, and these are likelihoods"):
        compare_crosses(model, samples, ("P", "Q"))
    with pytest.raises(UsageError, match="left out of a reference of genotypes"):
        assign(samples, build_baseline(reference), leave_one_out=True)
    with pytest.raises(UsageError, match="a reference needs genotypes"):
        train_genotypes(samples, tmp_path / "x", name="x", version="1", kind="populations")
