"""Genotypes of pairs and of trios against full counts and published formulae, and pairs that reach a limit by chance."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kin_sets import TABLE_5

from forensics.errors import UsageError
from forensics.genetics.reading import read_genotypes
from forensics.individual import kinship
from forensics.individual.frequencies import Frequencies, frequencies_of
from forensics.individual.kinship import (
    HYPOTHESES,
    RELATIONSHIPS,
    Relationship,
    TrioLocus,
    by_chance,
    exclusion_probabilities,
    genotype_count,
    genotype_index,
    joint_table,
    log10_ratio,
    pairs_above,
    ratio_tables,
    simulated_ratios,
)
from forensics.individual.options import LaboratoryErrors, RateOptions
from forensics.individual.results import individuals_of

rates = st.floats(0, 0.4)
populations = st.lists(st.floats(0.05, 1), min_size=1, max_size=5).map(
    lambda held: np.array(held) / sum(held)
)


def number(first, second):
    return int(genotype_index(min(first, second), max(first, second)))


def ratio(p, relationship, one, two, **options):
    table = joint_table(np.asarray(p), RELATIONSHIPS[relationship], **options)
    other = joint_table(np.asarray(p), RELATIONSHIPS["unrelated"], **options)
    place = number(*one), number(*two)
    return table[place] / other[place]


@given(populations, st.sampled_from(sorted(RELATIONSHIPS)), rates, rates, rates, rates)
def test_tables_sum_to_1_and_are_symmetric(p, name, theta, mutation, dropout, mistyping):
    errors = LaboratoryErrors(dropout, mistyping)
    table = joint_table(p, RELATIONSHIPS[name], theta=theta, mutation=mutation, errors=errors)
    assert table.sum() == pytest.approx(1, abs=1e-9)
    assert (table >= 0).all()
    assert np.allclose(table, table.T, atol=1e-12)


@given(populations, rates, st.sampled_from(sorted(RELATIONSHIPS)))
def test_every_relationship_leaves_the_same_genotypes_in_the_population(p, theta, name):
    margin = joint_table(p, RELATIONSHIPS[name], theta=theta).sum(axis=1)
    assert np.allclose(margin, joint_table(p, RELATIONSHIPS["same"], theta=theta).sum(axis=1))


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # parent-offspring with theta: Evett & Weir 1998 / Ayres 2000, genotypes ii, ij
        ((0, 0), (0, 0), lambda p, t: (1 + 2 * t) / (3 * t + (1 - t) * p[0])),
        ((0, 0), (0, 1), lambda p, t: (1 + 2 * t) / (2 * (2 * t + (1 - t) * p[0]))),
        ((0, 1), (0, 2), lambda p, t: (1 + 2 * t) / (4 * (t + (1 - t) * p[0]))),
        (
            (0, 1),
            (0, 1),
            lambda p, t: (
                (1 + 2 * t)
                * (2 * t + (1 - t) * (p[0] + p[1]))
                / (4 * (t + (1 - t) * p[0]) * (t + (1 - t) * p[1]))
            ),
        ),
    ],
)
@pytest.mark.parametrize("theta", [0.0, 0.03])
def test_parent_and_offspring_with_theta_follow_the_published_formulae(one, two, expected, theta):
    p = [0.1, 0.2, 0.7]
    assert ratio(p, "parent", one, two, theta=theta) == pytest.approx(expected(p, theta))


def test_full_sibs_of_the_published_case():
    """Presciuttini et al. 2002, table 5; frequencies are printed with three digits."""
    total = 0.0
    for marker, one, two, known, published in TABLE_5:
        labels = sorted({*one.split("/"), *two.split("/")})
        free = [label for label in labels if label not in known]
        # Alleles that the two do not share do not enter; what is left is given to them.
        left = 1 - sum(known.values())
        p = [known.get(label, left / (len(free) + 1)) for label in labels]
        p = np.array([*p, 1 - sum(p)])
        pairs = [[labels.index(label) for label in text.split("/")] for text in (one, two)]
        found = ratio(p, "full_sibs", *pairs)
        # A frequency of 0.009 may be 0.0085-0.0095: 6 % of the ratio.
        assert found == pytest.approx(published, rel=0.06 if marker == "FGA" else 0.02), marker
        total += np.log10(found)
    assert total == pytest.approx(6.47, abs=0.03)


@pytest.mark.parametrize("rate", [-0.01, 1.0, 1.5, float("nan")])
def test_each_rate_lies_from_0_to_below_1(rate):
    p, same = np.array([0.5, 0.5]), RELATIONSHIPS["same"]
    for wrong in (
        lambda: LaboratoryErrors(dropout=rate),
        lambda: LaboratoryErrors(mistyping=rate),
        lambda: joint_table(p, same, theta=rate),
        lambda: joint_table(p, same, mutation=rate),
    ):
        with pytest.raises(UsageError, match="at least 0 and below 1"):
            wrong()


def test_no_share_of_a_relationship_is_below_0():
    for shares in ((-0.5, 1.0, 0.5), (1.0, -0.5, 0.5), (0.5, 1.0, -0.5)):
        with pytest.raises(UsageError, match="0 or more"):
            Relationship("odd", *shares)
    assert Relationship("twins", 0.0, 0.0, 1.0).k2 == 1


def drawn(p, theta, seen, allele):
    """Probability that the next allele of a population is this one, given those seen (Balding & Nichols)."""
    return (seen.count(allele) * theta + (1 - theta) * p[allele]) / (1 + (len(seen) - 1) * theta)


def read_as(alleles, count, errors):
    """Return the probability of each genotype that may be typed of two alleles."""
    first, second = alleles
    lost = errors.dropout if first != second else 0.0
    result = dict.fromkeys(range(count * (count + 1) // 2), 0.0)
    for seen, share in (
        ((first, second), 1 - lost), ((first, first), lost / 2), ((second, second), lost / 2),
    ):  # fmt: skip
        for typed in itertools.product(range(count), repeat=2):
            chance = share
            for true, read in zip(seen, typed):
                missed = errors.mistyping / (count - 1) if count > 1 else 0.0
                right = 1 - errors.mistyping if count > 1 else 1.0
                chance *= right if true == read else missed
            result[number(*typed)] += chance
    return result


@pytest.mark.parametrize("p", [[1.0], [0.3, 0.7], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("name", sorted(RELATIONSHIPS))
@pytest.mark.parametrize("theta, mutation, rates", [
    (0.0, 0.0, (0.0, 0.0)), (0.05, 0.02, (0.1, 0.03)), (0.05, 0.02, (0.1, 0.0)),
    (0.0, 0.02, (0.0, 0.03)),
])  # fmt: skip
def test_every_table_is_that_of_counting_four_alleles(p, name, theta, mutation, rates):
    count, kin = len(p), RELATIONSHIPS[name]
    errors = LaboratoryErrors(*rates)
    true = {}

    def add(one, two, chance):
        true[one, two] = true.get((one, two), 0.0) + chance

    for a, b, c, d in itertools.product(range(count), repeat=4):
        two = p[a] * drawn(p, theta, [a], b)
        three = two * drawn(p, theta, [a, b], c)
        four = three * drawn(p, theta, [a, b, c], d)
        add((a, b), (c, d), kin.k0 * four)
        if d == 0:  # each draw of three once
            stays = 1 - mutation if count > 1 else 1.0
            add((a, b), (a, c), kin.k1 * three * stays)
            for other in set(range(count)) - {a}:
                changed = kin.k1 * three * mutation / (count - 1) / 2
                add((a, b), (other, c), changed)  # which of the two changed is not known
                add((other, c), (a, b), changed)
        if c == d == 0:
            add((a, b), (a, b), kin.k2 * two)
    expected = np.zeros((number(count - 1, count - 1) + 1,) * 2)
    for (one, two), chance in true.items():
        for left, share in read_as(one, count, errors).items():
            for right, other in read_as(two, count, errors).items():
                expected[left, right] += chance * share * other
    table = joint_table(np.array(p), kin, theta=theta, mutation=mutation, errors=errors)
    assert table == pytest.approx(expected, abs=1e-14) and table.sum() == pytest.approx(1)


def test_more_alleles_than_a_table_can_be_made_of_are_refused(monkeypatch):
    monkeypatch.setattr(kinship, "MAX_ALLELES", 3)
    assert joint_table(np.full(3, 1 / 3), RELATIONSHIPS["same"]).sum() == pytest.approx(1)
    with pytest.raises(UsageError, match="4 alleles at one locus; the maximum is 3"):
        joint_table(np.full(4, 1 / 4), RELATIONSHIPS["same"])


def test_shares_may_miss_1_by_rounding_only():
    Relationship("x", 0.1, 0.2, 0.7)
    Relationship("x", 0.0, 0.0, 1.0)
    for change in (1e-8, -1e-8):
        with pytest.raises(UsageError, match="sum to 1; found 0.1, 0.2, 0.7"):
            Relationship("x", 0.1, 0.2, 0.7 + change)


P = np.array([0.1, 0.2, 0.3, 0.4])


def trio_ratio(theta, child, dam, sire, against="dam"):
    locus = TrioLocus(P, theta=theta)
    found = locus.likelihoods(number(*child), number(*dam), number(*sire))
    return found[0] / found[HYPOTHESES.index(against)]


@pytest.mark.parametrize("theta", [0.0, 0.03])
def test_paternity_index_with_theta_follows_evett_and_weir(theta):
    p = P[1]
    assert trio_ratio(theta, (0, 1), (0, 0), (1, 1)) == pytest.approx(
        (1 + 3 * theta) / (2 * theta + (1 - theta) * p)
    )
    assert trio_ratio(theta, (0, 1), (0, 0), (1, 2)) == pytest.approx(
        (1 + 3 * theta) / (2 * (theta + (1 - theta) * p))
    )
    assert trio_ratio(theta, (0, 0), (0, 0), (0, 0)) == pytest.approx(
        (1 + 3 * theta) / (4 * theta + (1 - theta) * P[0])
    )


def test_a_trio_that_mendel_forbids_is_impossible_without_errors_and_mutation():
    assert trio_ratio(0.0, (2, 3), (0, 0), (1, 1), "neither") == 0
    loose = TrioLocus(P, mutation=0.001)
    assert loose.likelihoods(number(1, 2), number(0, 0), number(1, 1))[0] > 0


@settings(max_examples=30)
@given(st.floats(0, 0.3), st.floats(0, 0.1), st.floats(0, 0.3), st.floats(0, 0.3))
def test_every_hypothesis_sums_to_1_over_all_typings(theta, mutation, dropout, mistyping):
    locus = TrioLocus(
        np.array([0.2, 0.3, 0.5]), theta, mutation, LaboratoryErrors(dropout, mistyping)
    )
    size = genotype_count(3)
    total = sum(locus.likelihoods(*one) for one in itertools.product(range(size), repeat=3))
    assert np.allclose(total, 1)


@settings(max_examples=30)
@given(st.floats(0, 0.3), st.tuples(*[st.integers(-1, 9)] * 3))
def test_dam_and_sire_can_be_exchanged(theta, trio):
    locus = TrioLocus(P, theta, 0.01, LaboratoryErrors(0.1, 0.02))
    child, dam, sire = trio
    one, two = locus.likelihoods(child, dam, sire), locus.likelihoods(child, sire, dam)
    assert np.allclose(one, two[[0, 2, 1, 3]])


def test_without_a_sire_a_trio_is_a_parent_and_its_offspring():
    from forensics.individual.kinship import RELATIONSHIPS, joint_table

    errors = LaboratoryErrors(0.1, 0.02)
    locus = TrioLocus(P, 0.02, 0.0, errors)
    pair = joint_table(P, RELATIONSHIPS["parent"], theta=0.02, errors=errors)
    none = joint_table(P, RELATIONSHIPS["unrelated"], theta=0.02, errors=errors)
    for child, dam in itertools.product(range(10), repeat=2):
        found = locus.likelihoods(child, dam, -1)
        assert found[0] == pytest.approx(pair[child, dam])
        assert found[3] == pytest.approx(none[child, dam])


def test_exclusion_probabilities_by_a_full_count():
    p = np.array([0.2, 0.3, 0.5])
    locus = TrioLocus(p)
    genotypes = [(a, b) for b in range(3) for a in range(b + 1)]
    chance = {number(a, b): p[a] * p[b] * (1 + (a != b)) for a, b in genotypes}
    one = second = pair = 0.0
    for child, dam, sire in itertools.product(chance, repeat=3):
        not_dam, _not_sire, not_both = locus.mismatches(child, dam, sire)
        random = chance[child] * chance[dam] * chance[sire]
        one += random * not_dam
        pair += random * not_both
        mother_true = locus.likelihoods(child, dam, sire)[HYPOTHESES.index("dam")]
        second += mother_true * not_both
    assert exclusion_probabilities(p) == pytest.approx((one, second, pair))


def test_mismatches_of_what_was_not_typed_are_none():
    locus = TrioLocus(P)
    assert locus.mismatches(-1, 0, 0) == (False, False, False)
    assert locus.mismatches(number(1, 2), number(0, 0), -1) == (True, False, False)
    assert locus.mismatches(number(0, 1), number(0, 1), number(2, 3)) == (False, True, True)
    # Each could be a parent, both together could not.
    assert locus.mismatches(number(0, 1), number(0, 2), number(0, 3)) == (False, False, True)


@pytest.mark.parametrize("truth, theta, mutation", [("both", 0.02, 0.01), ("neither", 0.0, 0.0)])
def test_simulated_trios_have_the_probabilities_of_the_table(truth, theta, mutation):
    locus = TrioLocus(np.array([0.4, 0.6]), theta, mutation, LaboratoryErrors(0.2, 0.05))
    count = 100_000
    trios = np.stack(locus.simulated(np.random.default_rng(1), count, truth=truth))
    for one in itertools.product(range(3), repeat=3):
        share = (trios == np.array(one)[:, None]).all(axis=0).mean()
        expected = locus.likelihoods(*one)[HYPOTHESES.index(truth)]
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / count) + 1e-6)
    some = trios[:, :500]
    counted = np.mean([locus.mismatches(*map(int, one)) for one in zip(*some)], axis=0)
    assert np.allclose(locus.mismatch_rates(*some), counted) and counted[2] > 0


def test_mismatches_of_all_trios_by_hand():
    locus, alleles = TrioLocus(P), {-1: None}
    alleles |= {number(a, b): (a, b) for b in range(4) for a in range(b + 1)}
    for trio in itertools.product(alleles, repeat=3):
        child, dam, sire = (alleles[one] for one in trio)
        if child is None:
            assert locus.mismatches(*trio) == (False, False, False)
            continue
        not_dam, not_sire = (known and not set(child) & set(known) for known in (dam, sire))
        pairs = itertools.product(dam or (), sire or ())
        not_both = dam and sire and not any(sorted(pair) == sorted(child) for pair in pairs)
        expected = tuple(map(bool, (not_dam, not_sire, not_both)))
        assert locus.mismatches(*trio) == expected, trio


def test_a_locus_of_one_allele_says_nothing():
    locus = TrioLocus(np.array([1.0]), theta=0.03, mutation=0.01)
    assert locus.likelihoods(0, 0, 0) == pytest.approx(1)
    assert locus.likelihoods(0, -1, 0) == pytest.approx(1)


def test_what_is_kept_of_trios_is_given_up_and_computed_again(monkeypatch):
    monkeypatch.setattr("forensics.individual.kinship._REMEMBERED", 2)
    locus = TrioLocus(P)
    wanted = {trio: locus._computed(*trio) for trio in itertools.product(range(2), repeat=3)}
    sizes = []
    for trio in [*wanted, *wanted]:
        assert np.array_equal(locus.likelihoods(*trio), wanted[trio])
        sizes.append(len(locus._known))
    assert max(sizes) == 2


@pytest.fixture
def held(tmp_path):
    rng = np.random.default_rng(4)
    head = "id," + ",".join(f"L{locus}_{copy}" for locus in range(6) for copy in "ab")
    rows = [f"A{n}," + ",".join(map(str, rng.integers(100, 104, 12) * 1)) for n in range(10)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return read_genotypes(path)


def test_every_pair_reaches_a_limit_below_all(held):
    found = by_chance(
        frequencies_of(held), ["parent"], profiles=10, limit=-math.inf, seed=1, simulated=500
    )
    assert found["parent"].expected == 45 == pytest.approx(found["parent"].high)
    assert found["parent"].simulated == 500 and found["parent"].low < 45


def test_the_expected_number_is_the_simulated_share_of_all_pairs(held):
    frequencies, rates = frequencies_of(held), {"theta": 0.01, "mutation": 0.001}
    found = by_chance(
        frequencies, ["same", "full_sibs"], profiles=4, limit=0.0, seed=2, simulated=400, **rates
    )
    ratios = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], pairs=400, seed=2,
        tested={name: RELATIONSHIPS[name] for name in found}, **rates,
    )  # fmt: skip
    for name, told in found.items():
        assert told.expected == pytest.approx(6 * np.mean(ratios[name] >= 0.0))
        assert told.low <= told.expected <= told.high
    assert found["full_sibs"].expected > found["same"].expected


def test_each_questioned_profile_is_compared_with_all_of_the_database(held):
    found = individuals_of(held, held, held, RateOptions(theta=0.0, dropout=0.01, mistyping=0.001))
    assert [one.sample for one in found] == list(held.animals)
    assert {one.searched for one in found} == {10}
    assert all(one.matches[0].other == one.sample for one in found)
    assert found[0].provenance.parameters["dropout"] == 0.01


def test_an_identical_profile_that_reaches_no_match_is_not_said_to_be_none(held):
    rates = RateOptions(theta=0.0, dropout=0.01, mistyping=0.001)
    found = individuals_of(held, held, held, rates)[0]
    assert found.status == "no_match" and 0 < found.matches[0].log10_sibs < 3
    assert "No match is stated, but A0 is not excluded" in found.headline()
    (other,) = individuals_of(held.take([0]), held.take([1]), held, rates)
    assert other.headline() == "No match in the database."


def test_pairs_from_a_limit_on_are_those_of_a_full_count(held):
    frequencies, rng = frequencies_of(held), np.random.default_rng(7)
    codes = rng.integers(-1, 10, (150, 6)).astype(np.int32)  # more than two blocks of rows
    codes[5] = -1  # nothing typed: its ratio is 1 with every other
    tables = {
        name: ratio_tables(frequencies, RELATIONSHIPS[name], errors=LaboratoryErrors(0.05, 0.01))
        for name in ("same", "parent")
    }
    done = []
    found = pairs_above(tables, codes, limit=0.0, progress=done.append)
    assert done == [64, 128, 150]
    for name, pairs in found.items():
        first, second = np.triu_indices(150, 1)
        ratios = log10_ratio(tables[name], codes[first], codes[second])
        wanted = {(a, b) for a, b, ratio in zip(first, second, ratios) if ratio >= 0}
        assert set(zip(pairs.first, pairs.second)) == wanted and len(pairs.first) == len(wanted)
        assert sum(5 in pair for pair in wanted) == 149
        both = ((codes[pairs.first] >= 0) & (codes[pairs.second] >= 0)).sum(axis=1)
        assert np.array_equal(pairs.loci, both) and (pairs.log10 >= 0).all()
    assert not pairs_above({"same": tables["same"]}, codes, limit=99.0)["same"].loci.size
    with pytest.raises(UsageError, match="A limit is a number"):
        pairs_above(tables, codes, limit=math.nan)


def test_ratios_are_products_over_the_loci_that_both_have(held):
    tables = [np.log(np.array([[4.0, 0.5], [0.5, 8.0]])), np.zeros((0, 0)),
              np.log(np.array([[10.0, 1.0], [1.0, 100.0]]))]  # fmt: skip
    first = np.array([[0, -1, 0], [1, -1, -1], [-1, -1, 1], [0, -1, 1]])
    second = np.array([[0, -1, 0], [1, -1, 0], [1, -1, 1], [1, -1, 1]])
    found = log10_ratio(tables, first, second)
    assert 10**found == pytest.approx([40, 8, 100, 50])


def test_simulated_pairs_reach_a_limit_that_is_reached_exactly():
    one = (np.array([1.0]),)
    frequencies = Frequencies(("L",), (("100",),), one, one, np.array([4.0]))
    found = by_chance(frequencies, ["same"], profiles=3, limit=0.0, seed=1, simulated=10)
    assert found["same"].expected == 3  # a locus of one allele: every ratio is 1


def test_simulated_ratios_of_relatives_have_the_errors_of_the_laboratory(held):
    frequencies = frequencies_of(held)
    options = {"tested": {"same": RELATIONSHIPS["same"]}, "pairs": 2000, "seed": 3}
    exact = simulated_ratios(frequencies, RELATIONSHIPS["same"], **options)["same"]
    assert np.isfinite(exact).all()
    errors = LaboratoryErrors(0.5, 0.0)
    loose = simulated_ratios(frequencies, RELATIONSHIPS["same"], errors=errors, **options)["same"]
    assert np.isfinite(loose).all() and loose.mean() < exact.mean()
