"""Samples of one individual: match probabilities, a database, samples sorted into individuals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from individual_simulation import frequencies, profiles, seen

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import genotypes_from_labels
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import Frequencies, frequencies_of
from forensics.individual.kinship import (
    RELATIONSHIPS,
    all_pairs,
    joint_table,
    log10_ratio,
    ratio_tables,
    simulated_ratios,
)
from forensics.individual.matching import (
    MIN_LOCI,
    Match,
    count_not_assessable,
    group_samples,
    match_database,
    random_match_probability,
)
from forensics.individual.options import MIN_MATCH_LOG10, LaboratoryErrors
from forensics.stats import wilson


@pytest.fixture(scope="module")
def held():
    return frequencies(loci=14)


def test_dropout_of_a_tenth_makes_no_false_exclusion_beyond_the_stated_rate(held):
    """Simulated: 500 animals typed twice, one allele of a heterozygote lost in a tenth."""
    animals = profiles(held, [None] * 500, seed=3)
    names = [f"a{n}" for n in range(500)]
    first = held.genotypes_of(seen(held, animals, names, dropout=0.1, seed=4))
    second = held.genotypes_of(seen(held, animals, names, dropout=0.1, seed=5))
    assert (first != second).any(axis=1).mean() > 0.5  # most pairs have an unlike locus
    rates = LaboratoryErrors(dropout=0.1)
    tables = ratio_tables(
        held, RELATIONSHIPS["same"], against=RELATIONSHIPS["full_sibs"], errors=rates
    )
    found = log10_ratio(tables, first, second)
    stated = simulated_ratios(
        held, RELATIONSHIPS["same"], tested={"same": RELATIONSHIPS["same"]}, pairs=20_000, seed=1,
        errors=rates,
    )["same"]  # fmt: skip
    unrelated = ratio_tables(held, RELATIONSHIPS["same"], errors=rates)
    missed = (log10_ratio(unrelated, first, second) < 3).mean()
    assert np.isfinite(found).all()  # never impossible
    assert missed <= wilson(float((stated < 3).mean()), 500)[1]
    exact = ratio_tables(held, RELATIONSHIPS["same"])
    assert np.isneginf(log10_ratio(exact, first, second)).mean() > 0.5  # with a rate of 0


def test_the_rate_of_false_positives_is_that_of_simulated_unrelated_pairs(held):
    animals = profiles(held, [None] * 400, seed=8)
    names = [f"a{n}" for n in range(400)]
    codes = held.genotypes_of(seen(held, animals, names))
    pairs = 400 * 399 // 2
    for name, limit in (("parent", 1.0), ("full_sibs", 1.0)):
        found = all_pairs(held, codes, relationships=(name,), limit=limit)[name]
        chance = simulated_ratios(
            held, RELATIONSHIPS["unrelated"], tested={name: RELATIONSHIPS[name]}, pairs=200_000,
            seed=2,
        )[name]  # fmt: skip
        expected = float((chance >= limit).mean())
        assert expected > 0
        # Pairs share animals, so the interval of 400 / 2 independent pairs is taken.
        low, high = wilson(len(found.log10) / pairs, 200)
        assert low <= expected <= high
        # A likelihood ratio of x is reached by at most 1 / x of what is not so.
        assert expected <= 10**-limit


def test_all_pairs_equal_one_pair_at_a_time(held):
    animals = profiles(held, [None] * 30 + [(0, 1), (0, 1), (2, 3)], seed=2)
    codes = held.genotypes_of(
        seen(held, animals, [f"a{n}" for n in range(33)], missing=0.2, seed=3)
    )
    found = all_pairs(held, codes, relationships=("full_sibs",), limit=-50, theta=0.02)
    found = found["full_sibs"]
    assert len(found.first) == 33 * 32 // 2
    tables = ratio_tables(held, RELATIONSHIPS["full_sibs"], theta=0.02)
    by_hand = [
        sum(
            tables[n][codes[a, n], codes[b, n]]
            for n in range(14)
            if codes[a, n] >= 0 and codes[b, n] >= 0
        )
        / np.log(10)
        for a, b in zip(found.first, found.second)
    ]
    assert np.allclose(found.log10, by_hand)


def test_a_profile_is_found_in_a_database_and_its_sib_is_no_match(held):
    animals = profiles(held, [None] * 60 + [(0, 1), (0, 1)], seed=5)
    names = [f"a{n}" for n in range(62)]
    database = seen(held, animals, names, dropout=0.05, seed=6)
    questioned = seen(held, animals[[60]], ["exhibit"], dropout=0.05, seed=7)
    (found,) = match_database(
        questioned, database, held, theta=0.02, errors=LaboratoryErrors(0.05, 0.005)
    )
    assert [match.other for match in found if match.matches] == ["a60"]
    assert found[0].log10_sibs >= MIN_MATCH_LOG10 and found[0].rmp < 1e-6
    sib = next((match for match in found if match.other == "a61"), None)
    assert sib is None or not sib.matches


def beside(**changed):
    """Return a profile of a database that matches, and what is changed of it."""
    values = {
        "sample": "exhibit", "other": "a1", "loci": 12, "mismatches": 0, "log10_unrelated": 9.0,
        "log10_sibs": 4.0, "unlike": (), "rmp": 1e-9,
    }  # fmt: skip
    return Match(**values | changed)


def test_a_match_is_stated_on_the_ratio_against_full_sibs():
    below = float(np.nextafter(MIN_MATCH_LOG10, 0))
    assert beside(log10_sibs=MIN_MATCH_LOG10, log10_unrelated=0.0).status == "match"
    assert beside(log10_sibs=below, log10_unrelated=30.0).status == "no_match"
    assert beside(loci=MIN_LOCI).status == "match"
    assert beside().matches and beside().to_dict()["matches"] is True
    assert not beside(log10_sibs=below).matches
    few = beside(loci=MIN_LOCI - 1)
    assert few.status == "not_assessable" and not few.matches  # whatever the ratio
    assert few.to_dict()["matches"] is None
    assert beside(log10_sibs=below).to_dict()["matches"] is False


def test_the_same_genotype_at_few_loci_may_be_that_of_a_sib():
    """Six loci all alike: rare among unrelated animals, and not among full sibs."""
    few = frequencies(loci=6, alleles=5, seed=2)
    animals = profiles(few, [None], seed=3)
    exhibit, database = (seen(few, animals, [name]) for name in ("exhibit", "a0"))
    options = {"theta": 0.0, "errors": LaboratoryErrors()}
    ((found,),) = match_database(exhibit, database, few, **options)
    codes = few.genotypes_of(exhibit)
    same, sibs = RELATIONSHIPS["same"], RELATIONSHIPS["full_sibs"]
    for value, against in (
        (found.log10_unrelated, RELATIONSHIPS["unrelated"]),
        (found.log10_sibs, sibs),
    ):
        by_hand = sum(
            np.log10(joint_table(p, same)[code, code] / joint_table(p, against)[code, code])
            for p, code in zip(few.values, codes[0])
        )
        assert value == pytest.approx(by_hand)
    assert found.log10_unrelated > MIN_MATCH_LOG10 > found.log10_sibs
    assert found.mismatches == 0 and found.status == "no_match"


def test_the_random_match_probability_is_that_of_the_loci_compared(held):
    animals = profiles(held, [None], seed=5)
    exhibit, whole = seen(held, animals, ["exhibit"]), seen(held, animals, ["a0"])
    codes = whole.codes.copy()
    codes[0, 9:] = -1  # the database has nine of the fourteen loci
    partial = replace(whole, codes=codes)
    options = {"theta": 0.02, "errors": LaboratoryErrors(0.01, 0.001)}
    ((full,),) = match_database(exhibit, whole, held, **options)
    ((found,),) = match_database(exhibit, partial, held, **options)
    chance = random_match_probability(held, exhibit, theta=0.02)[0]
    assert found.loci == 9 and full.loci == 14
    assert found.rmp == pytest.approx(np.prod(chance[:9]))
    assert full.rmp == pytest.approx(np.prod(chance)) and full.rmp < found.rmp / 10


def test_samples_are_grouped_into_their_animals(held):
    animals = profiles(held, [None] * 25 + [(0, 1), (0, 1)], seed=6)
    rows = [n for n in range(27) for _copy in range(3)]
    names = [f"{n}-{copy}" for n in range(27) for copy in range(3)]
    samples = seen(held, animals[rows], names, dropout=0.1, missing=0.1, seed=9)
    groups = group_samples(samples, held, theta=0.0, errors=LaboratoryErrors(0.1, 0.01))
    assert all(len({name.split("-")[0] for name in group.samples}) == 1 for group in groups)
    assert len(groups) == 27


def test_a_group_says_how_weak_its_weakest_pair_is(held):
    animals = profiles(held, [None] * 2, seed=6)
    samples = seen(held, animals[[0, 0, 0, 1]], ["a", "b", "c", "alone"], dropout=0.1, seed=9)
    rates = LaboratoryErrors(0.1, 0.01)
    groups = group_samples(samples, held, theta=0.0, errors=rates)
    assert [group.samples for group in groups] == [("a", "b", "c"), ("alone",)]
    codes = held.genotypes_of(samples)
    tables = ratio_tables(
        held, RELATIONSHIPS["same"], against=RELATIONSHIPS["full_sibs"], errors=rates
    )
    pairs = [log10_ratio(tables, codes[a], codes[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert groups[0].weakest == pytest.approx(min(pairs))
    assert groups[0].doubtful == () and groups[0].loci == 14
    assert groups[1].weakest is None and groups[1].assignable
    (pair,) = group_samples(samples.take([0, 1]), held, theta=0.0, errors=rates)
    assert pair.samples == ("a", "b") and pair.weakest == pytest.approx(pairs[0])


def test_two_samples_that_speak_against_each_other_are_named_once(held):
    animals = profiles(held, [None], seed=1)
    samples = seen(held, animals[[0] * 4], list("abcd"), dropout=0.5, missing=0.2, seed=1)
    (group,) = group_samples(samples, held, theta=0.0, errors=LaboratoryErrors(0.2, 0.01))
    assert group.doubtful == (("a", "c"),) and group.weakest < 0


def test_two_samples_without_common_loci_do_not_speak_against_each_other(held):
    animals = profiles(held, [None], seed=1)
    samples = seen(held, animals[[0] * 3], ["left", "right", "whole"])
    codes = samples.codes.copy()
    codes[0, 7:] = codes[1, :7] = -1
    samples = replace(samples, codes=codes)
    (group,) = group_samples(samples, held, theta=0.0, errors=LaboratoryErrors(0.01, 0.001))
    assert group.samples == ("left", "right", "whole")
    assert group.doubtful == () and group.weakest > 0
    (alone,) = group_samples(samples.take([0]), held, theta=0.0, errors=LaboratoryErrors())
    assert alone.loci == 7 and alone.weakest is None


def test_loci_in_common_are_those_typed_in_both_also_with_the_first_genotype(held):
    animals = np.zeros_like(
        profiles(held, [None], seed=1)
    )  # at each locus the genotype of number 0
    exhibit, database = (seen(held, animals, [name]) for name in ("exhibit", "a0"))
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.01, 0.001)}
    ((found,),) = match_database(exhibit, database, held, **options)
    assert found.loci == 14 and found.rmp < 1e-6
    codes = exhibit.codes.copy()
    codes[0, 4:] = -1
    ((few,),) = match_database(replace(exhibit, codes=codes), database, held, **options)
    assert (few.loci, few.mismatches, few.status) == (4, 0, "not_assessable")
    assert few.rmp > found.rmp
    ((few,),) = match_database(database, replace(exhibit, codes=codes), held, **options)
    assert (few.loci, few.mismatches, few.status) == (4, 0, "not_assessable")
    assert count_not_assessable(exhibit, database, held).tolist() == [0]
    both = seen(held, animals[[0, 0]], ["a", "b"])
    (group,) = group_samples(both, held, **options)
    assert group.samples == ("a", "b") and group.loci == 14
    assert group.weakest == pytest.approx(found.log10_sibs)
    assert len(group_samples(both, held, least_loci=14, **options)) == 1
    assert len(group_samples(both, held, least_loci=15, **options)) == 2


@pytest.mark.parametrize("most", [1, 2, 3, 4, 10])
def test_as_many_profiles_are_kept_as_were_asked_for_and_every_match(held, most):
    animals = profiles(held, [None] * 12, seed=5)
    rows = [0, 0, 0, *range(1, 12)]  # three samples of the questioned animal
    database = seen(held, animals[rows], [f"a{n}" for n in range(14)])
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.01, 0.001)}
    (found,) = match_database(seen(held, animals[[0]], ["q"]), database, held, most=most, **options)
    assert sum(match.matches for match in found) == 3
    assert len(found) == max(most, 3)


def test_the_nearest_profile_is_kept_where_none_matches(held):
    animals = profiles(held, [None] * 4, seed=5)
    database = seen(held, animals[1:], ["a1", "a2", "a3"])
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.01, 0.001)}
    ((nearest,),) = match_database(
        seen(held, animals[[0]], ["q"]), database, held, most=1, **options
    )
    (ranked,) = match_database(seen(held, animals[[0]], ["q"]), database, held, **options)
    assert nearest == ranked[0] and nearest.status == "no_match"


def test_nothing_to_group_is_an_error(held):
    empty = seen(held, profiles(held, [None]), ["a"]).take([])
    with pytest.raises(UsageError):
        group_samples(empty, held, theta=0.0, errors=LaboratoryErrors())


def test_profiles_with_too_few_loci_in_common_come_last_and_are_counted(held):
    animals = profiles(held, [None] * 12, seed=5)
    names = [f"a{n}" for n in range(12)]
    database = seen(held, animals, names)
    codes = database.codes.copy()
    codes[:3, MIN_LOCI - 1 :] = -1  # the true one is among them
    codes[3, MIN_LOCI:] = -1  # just enough
    database = replace(database, codes=codes)
    questioned = seen(held, animals[[0, 5]], ["first", "second"])
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.01, 0.001)}
    poor, whole = match_database(questioned, database, held, most=20, **options)
    assert [one.status for one in poor[-3:]] == ["not_assessable"] * 3
    assert {one.other for one in poor[-3:]} == {"a0", "a1", "a2"}
    assert all(one.status == "no_match" and one.assessable for one in poor[:-3])
    ratios = [one.log10_sibs for one in poor[:-3]]
    assert ratios == sorted(ratios, reverse=True) and poor[-4].other != "a3"
    assert max(poor[-3:], key=lambda one: one.log10_sibs).to_dict()["matches"] is None
    assert whole[0].status == "match" and whole[0].other == "a5"
    assert count_not_assessable(questioned, database, held).tolist() == [3, 3]


def test_a_limit_that_is_no_number_is_refused(held):
    codes = held.genotypes_of(seen(held, profiles(held, [None] * 2, seed=1), ["a", "b"]))
    with pytest.raises(UsageError, match="limit is a number"):
        all_pairs(held, codes, limit=float("nan"))


def common_heterozygotes(typed):
    """Return frequencies of 14 loci with two common alleles, and samples typed at some, all 0/1."""
    p = (np.array([0.5, 0.5]),) * 14
    names = tuple(f"L{n}" for n in range(14))
    known = Frequencies(names, (("100", "102"),) * 14, p, p, np.full(14, 400.0))
    codes = np.tile([0, 1], (len(typed), 14, 1))
    samples = seen(known, codes, [f"s{n}" for n in range(len(typed))])
    codes = samples.codes.copy()
    for row, loci in enumerate(typed):
        codes[row, [n for n in range(14) if n not in loci]] = -1
    return known, replace(samples, codes=codes)


def test_what_two_samples_leave_open_at_few_loci_a_third_joins():
    """The middle one has three loci in common with each of the others, too few by themselves."""
    both = set(range(6, 14))
    known, samples = common_heterozygotes([{0, 1, 2} | both, {0, 1, 2, 3, 4, 5}, {3, 4, 5} | both])
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.01, 0.001)}
    (group,) = group_samples(samples, known, **options)
    assert group.samples == ("s0", "s1", "s2")
    assert len(group_samples(samples.take([0, 1]), known, **options)) == 2


def test_a_group_of_hundreds_of_poor_samples_is_one():
    """What explains them all has a likelihood below the smallest number: only proportions count."""
    known, samples = common_heterozygotes([set(range(14))] * 190)
    (group,) = group_samples(samples, known, theta=0.0, errors=LaboratoryErrors(0.99, 0.0))
    assert len(group.samples) == 190


def test_two_samples_with_just_enough_loci_are_joined_down_to_the_limit():
    known, samples = common_heterozygotes([set(range(5))] * 2)
    codes = samples.codes.copy()
    codes[1, 0] = codes[1, 0, 0]  # one allele was lost
    samples, options = replace(samples, codes=codes), {"theta": 0.0}
    options["errors"] = LaboratoryErrors(0.02, 0.0)
    (group,) = group_samples(samples, known, limit=-1.0, **options)
    assert -1 < group.weakest < 0 and group.loci == 5 and group.assignable
    assert len(group_samples(samples, known, **options)) == 2
    few = replace(samples, codes=np.where(np.arange(14)[:, None] == 4, -1, codes))
    assert len(group_samples(few, known, limit=-1.0, **options)) == 2
    assert not group_samples(few.take([0]), known, **options)[0].assignable


def test_samples_of_which_nothing_can_be_said_are_not_joined_and_do_not_speak_against_each_other():
    p = (np.array([1.0]),) * MIN_LOCI  # loci of one allele: every ratio is 1
    names = tuple(f"L{n}" for n in range(MIN_LOCI))
    known = Frequencies(names, (("100",),) * MIN_LOCI, p, p, np.full(MIN_LOCI, 400.0))
    samples = seen(known, np.zeros((2, MIN_LOCI, 2), dtype=int), ["a", "b"])
    options = {"theta": 0.0, "errors": LaboratoryErrors()}
    assert len(group_samples(samples, known, **options)) == 2
    (group,) = group_samples(samples, known, limit=-1.0, **options)
    assert group.weakest == 0 and group.doubtful == ()


def simple(*pairs):
    return genotypes_from_labels([f"a{n}" for n in range(len(pairs))], ["L"], [[p] for p in pairs])


@pytest.mark.parametrize("theta", [0.0, 0.01, 0.05])
def test_random_match_probability_is_that_of_balding_and_nichols(theta):
    reference = simple(*[("1", "2")] * 10, *[("2", "3")] * 10)
    held = frequencies_of(reference)
    p = dict(zip(held.alleles[0], held.values[0]))
    below = (1 + theta) * (1 + 2 * theta)
    mixed, pure, first = random_match_probability(
        held, simple(("1", "2"), ("2", "2"), ("1", "1")), theta=theta
    ).ravel()
    assert mixed == pytest.approx(
        2 * (theta + (1 - theta) * p["1"]) * (theta + (1 - theta) * p["2"]) / below
    )
    assert pure == pytest.approx(
        (2 * theta + (1 - theta) * p["2"]) * (3 * theta + (1 - theta) * p["2"]) / below
    )
    assert first == pytest.approx(  # the genotype of number 0
        (2 * theta + (1 - theta) * p["1"]) * (3 * theta + (1 - theta) * p["1"]) / below
    )


def test_no_random_match_probability_of_many_loci_is_0():
    held = frequencies(loci=700)
    sample = seen(held, profiles(held, [None]), ["a"])
    ((match,),) = match_database(sample, sample, held, theta=0.0, errors=LaboratoryErrors())
    assert 0 < match.rmp <= 1e-300 and match.log10_unrelated > 300


def test_what_is_not_typed_has_no_match_probability_and_an_unknown_allele_is_refused():
    held = frequencies_of(simple(("1", "2"), ("2", "2")))
    assert np.isnan(random_match_probability(held, simple((None, None)), theta=0.01)).all()
    with pytest.raises(InputError, match="9"):
        held.genotypes_of(simple(("9", "9")))


def test_rare_and_unseen_alleles_get_five_copies():
    reference = simple(*[("1", "1")] * 49, ("1", "2"))
    held = frequencies_of(reference, also=[simple(("3", "3"))])
    raised = np.array([99, 5, 5]) / 100
    assert np.allclose(held.values[0], raised / raised.sum())
    assert held.raw[0].tolist() == [0.99, 0.01, 0.0]


def test_frequencies_are_counted_of_a_dataframe_too():
    import forensics.individual

    frame = pd.DataFrame({"id": ["a", "b"], "L1": ["100/102", "102/102"], "L2": ["90/92", ""]})
    also = pd.DataFrame({"id": ["q"], "L1": ["100/104"], "L2": ["90/90"]})
    one = forensics.individual.frequencies_of(frame, also=[also])
    other = frequencies_of(read_genotypes(frame), also=[read_genotypes(also)])
    assert one.alleles == other.alleles and one.loci == ("L1", "L2")
    assert all((a == b).all() for a, b in zip(one.values, other.values))
