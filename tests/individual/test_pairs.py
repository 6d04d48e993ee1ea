"""Tables of two genotypes: sums, symmetry, published formulae."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kin_sets import TABLE_5

from forensics.errors import UsageError
from forensics.individual import kinship
from forensics.individual.frequencies import Frequencies
from forensics.individual.kinship import (
    RELATIONSHIPS,
    LaboratoryErrors,
    Relationship,
    genotype_index,
    joint_table,
    ratio_tables,
    typed_given_true,
)

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
    table = joint_table(
        p, RELATIONSHIPS[name], theta=theta, mutation=mutation, first=errors, second=errors
    )
    assert table.sum() == pytest.approx(1, abs=1e-9)
    assert (table >= 0).all()
    assert np.allclose(table, table.T, atol=1e-12)


@given(populations, rates, st.sampled_from(sorted(RELATIONSHIPS)))
def test_every_relationship_leaves_the_same_genotypes_in_the_population(p, theta, name):
    margin = joint_table(p, RELATIONSHIPS[name], theta=theta).sum(axis=1)
    assert np.allclose(margin, joint_table(p, RELATIONSHIPS["same"], theta=theta).sum(axis=1))


@given(st.integers(1, 6), rates, rates)
def test_what_is_typed_sums_to_1(alleles, dropout, mistyping):
    table = typed_given_true(alleles, LaboratoryErrors(dropout, mistyping))
    assert np.allclose(table.sum(axis=0), 1) and (table >= 0).all()


def test_parent_and_offspring_that_share_the_second_allele():
    # The published script of the best-known study of seizures gives 5.0, as allele 1 is second.
    p = [0.1, 0.2, 0.3, 0.4]
    for one in ((1, 0), (0, 1)):
        for two in ((0, 2), (2, 0)):
            assert ratio(p, "parent", one, two) == pytest.approx(2.5)
            assert ratio(p, "parent", two, one) == pytest.approx(2.5)


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


def test_a_lost_allele_is_no_exclusion_and_a_rate_of_0_makes_it_one():
    p = np.array([0.3, 0.3, 0.4])
    exact = joint_table(p, RELATIONSHIPS["same"])
    assert exact[number(0, 1), number(0, 0)] == 0
    errors = LaboratoryErrors(dropout=0.1)
    table = joint_table(p, RELATIONSHIPS["same"], first=errors, second=errors)
    # By hand: true 0/1 (0.18), one seen whole, the other dropped to 0/0.
    assert table[number(0, 1), number(0, 0)] == pytest.approx(0.18 * 0.9 * 0.05)


def test_mistyping_changes_one_allele_by_hand():
    table = typed_given_true(3, LaboratoryErrors(mistyping=0.1))
    assert table[number(0, 1), number(0, 1)] == pytest.approx(0.9**2 + 0.05**2)
    assert table[number(0, 2), number(0, 1)] == pytest.approx(0.9 * 0.05 + 0.05 * 0.05)
    assert table[number(0, 1), number(0, 0)] == pytest.approx(2 * 0.9 * 0.05)


def test_mutation_lets_a_parent_have_an_offspring_without_a_common_allele():
    p = np.array([0.25] * 4)
    table = joint_table(p, RELATIONSHIPS["parent"], mutation=0.001)
    assert 0 < table[number(0, 1), number(2, 3)] < 1e-4
    assert joint_table(p, RELATIONSHIPS["parent"])[number(0, 1), number(2, 3)] == 0


def test_shares_that_do_not_sum_to_1_and_rates_of_1_are_refused():
    with pytest.raises(UsageError):
        Relationship("odd", 0.5, 0.5, 0.5)
    with pytest.raises(UsageError):
        LaboratoryErrors(dropout=1)
    with pytest.raises(UsageError):
        joint_table(np.array([0.5, 0.5]), RELATIONSHIPS["same"], theta=1.0)
    with pytest.raises(UsageError, match="alleles"):
        joint_table(np.full(100, 0.01), RELATIONSHIPS["same"])


@pytest.mark.parametrize("rate", [-0.01, 1.0, 1.5, float("nan")])
def test_each_rate_lies_from_0_to_below_1(rate):
    p, same = np.array([0.5, 0.5]), RELATIONSHIPS["same"]
    for wrong in (
        lambda: LaboratoryErrors(dropout=rate),
        lambda: LaboratoryErrors(mistyping=rate),
        lambda: joint_table(p, same, theta=rate),
        lambda: joint_table(p, same, mutation=rate),
    ):
        with pytest.raises(UsageError, match="to below 1"):
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
    first, second = LaboratoryErrors(*rates), LaboratoryErrors(rates[0] / 2, rates[1])
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
        for left, share in read_as(one, count, first).items():
            for right, other in read_as(two, count, second).items():
                expected[left, right] += chance * share * other
    table = joint_table(
        np.array(p), kin, theta=theta, mutation=mutation, first=first, second=second
    )
    assert table == pytest.approx(expected, abs=1e-14) and table.sum() == pytest.approx(1)


def test_more_alleles_than_a_table_can_be_made_of_are_refused(monkeypatch):
    monkeypatch.setattr(kinship, "MAX_ALLELES", 3)
    assert joint_table(np.full(3, 1 / 3), RELATIONSHIPS["same"]).sum() == pytest.approx(1)
    with pytest.raises(UsageError, match="4 alleles at one locus; at most 3"):
        joint_table(np.full(4, 1 / 4), RELATIONSHIPS["same"])


def test_shares_may_miss_1_by_rounding_only():
    Relationship("x", 0.1, 0.2, 0.7)
    Relationship("x", 0.0, 0.0, 1.0)
    for change in (1e-8, -1e-8):
        with pytest.raises(UsageError, match="sum to 1; found 0.1, 0.2, 0.7"):
            Relationship("x", 0.1, 0.2, 0.7 + change)


@pytest.mark.parametrize("each", [False, True])
def test_ratios_take_one_rate_for_all_loci_or_one_for_each(each):
    p = np.array([0.2, 0.3, 0.5])
    frequencies = Frequencies("", ("L1", "L2"), ((), ()), (p, p), (p, p), np.array([8.0, 8.0]))
    none, high = LaboratoryErrors(), LaboratoryErrors(0.2, 0.1)
    tables = ratio_tables(frequencies, RELATIONSHIPS["same"], errors=(none, high) if each else high)
    for table, rate in zip(tables, (none, high) if each else (high, high)):
        same, other = (
            joint_table(p, RELATIONSHIPS[name], first=rate, second=rate)
            for name in ("same", "unrelated")
        )
        assert np.exp(table) == pytest.approx(same / other)
