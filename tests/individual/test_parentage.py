"""A breeder's claim, on simulated families."""

import numpy as np
import pytest
from individual_simulation import frequencies, profiles, seen
from scipy.stats import binom

from forensics.errors import UsageError
from forensics.individual.options import LaboratoryErrors
from forensics.individual.parentage import (
    EXCLUSION_LEVEL,
    MIN_CLAIM_LOG10,
    STATUSES,
    check_claim,
    exclusion_power,
    tail,
)
from forensics.stats import wilson

ERRORS = LaboratoryErrors(0.05, 0.005)


@pytest.fixture(scope="module")
def held():
    return frequencies(loci=20)


@pytest.fixture(scope="module")
def family(held):
    """Three dams (0-2), three sires (3-5), 20 offspring of theirs and 20 wild animals."""
    pairs = [(n % 3, 3 + n % 3) for n in range(20)]
    codes = profiles(held, [None] * 6 + pairs + [None] * 20, seed=4)
    names = ["D0", "D1", "D2", "S0", "S1", "S2"]
    names += [f"bred{n}" for n in range(20)] + [f"wild{n}" for n in range(20)]
    return seen(held, codes, names, dropout=0.05, missing=0.03, seed=5)


@pytest.fixture(scope="module")
def claims(held, family):
    return check_claim(
        family.take(range(6, 46)), family.take(range(3)), family.take(range(3, 6)), held,
        theta=0.01, errors=ERRORS, mutation=0.001,
    )  # fmt: skip


def test_offspring_of_declared_parents_are_accepted_with_the_right_pair(claims):
    bred = claims[:20]
    accepted = [claim for claim in bred if claim.status == "accepted"]
    assert len(accepted) >= 17
    assert not any(claim.status == "excluded" for claim in bred)
    for number, claim in enumerate(bred):
        if claim.status == "accepted":
            assert (claim.pairs[0].dam, claim.pairs[0].sire) == (f"D{number % 3}", f"S{number % 3}")
            assert claim.log10 >= MIN_CLAIM_LOG10


def test_wild_animals_are_excluded_and_none_is_accepted(claims):
    wild = claims[20:]
    assert sum(claim.status == "excluded" for claim in wild) >= 18
    assert not any(claim.status == "accepted" for claim in wild)


def test_an_offspring_of_one_declared_parent_is_not_accepted(held):
    codes = profiles(held, [None] * 3 + [(0, 2)] * 20, seed=6)  # row 2 is no declared animal
    animals = seen(held, codes, [str(n) for n in range(23)])
    found = check_claim(
        animals.take(range(3, 23)), animals.take([0]), animals.take([1]), held,
        theta=0.01, errors=ERRORS, mutation=0.001,
    )  # fmt: skip
    assert not any(claim.status == "accepted" for claim in found)
    assert all(claim.pairs[0].dam_mismatches == 0 for claim in found)


def test_true_parents_are_excluded_no_more_often_than_stated(held):
    """Simulated: 60 families with a tenth of dropout, more than is usual."""
    count = 60
    codes = profiles(
        held, [None] * 2 * count + [(2 * n, 2 * n + 1) for n in range(count)], seed=7
    )  # fmt: skip
    animals = seen(held, codes, [str(n) for n in range(3 * count)], dropout=0.1, seed=8)
    excluded = mismatches = 0
    for n in range(count):
        (claim,) = check_claim(
            animals.take([2 * count + n]), animals.take([2 * n]), animals.take([2 * n + 1]), held,
            theta=0.0, errors=LaboratoryErrors(dropout=0.1),
        )  # fmt: skip
        excluded += claim.status == "excluded"
        mismatches += claim.pairs[0].mismatches
    assert mismatches > count  # so that a count of mismatches alone would exclude
    # Of 60 two would be too many at a rate of 0.001; benchmarks/individual.py has 2,000.
    assert wilson(excluded / count, count)[0] <= EXCLUSION_LEVEL


@pytest.mark.slow
def test_the_ratio_against_a_sib_of_the_dam_is_that_of_simulated_sisters():
    """A ratio of likelihoods has the mean 1 where its denominator is true."""
    held = frequencies(loci=4, alleles=4, seed=3)
    count = 800
    # Grandparents, dam, her sister, sire, young of the sister.
    rows = []
    for n in range(0, 6 * count, 6):
        rows += [None, None, (n, n + 1), (n, n + 1), None, (n + 3, n + 4)]
    animals = seen(
        held, profiles(held, rows, seed=11), [str(n) for n in range(len(rows))], dropout=0.1
    )  # fmt: skip
    ratios = []
    for n in range(0, len(rows), 6):
        (claim,) = check_claim(
            animals.take([n + 5]), animals.take([n + 2]), animals.take([n + 4]), held,
            theta=0.0, errors=LaboratoryErrors(dropout=0.1),
        )  # fmt: skip
        (pair,) = claim.pairs
        if pair.loci == 4:
            ratios.append(10 ** pair.log10_sib["dam"])
        # Half of what such a sib passes on is a copy: at most a factor of 2 a locus.
        assert pair.log10_sib["dam"] <= 4 * np.log10(2) + 1e-9
    assert np.mean(ratios) == pytest.approx(1, abs=4 * np.std(ratios) / np.sqrt(len(ratios)))
    assert np.std(ratios) / np.sqrt(len(ratios)) < 0.06


def test_a_sister_of_the_declared_dam_is_less_refuted_than_a_stranger(claims):
    for claim in claims[:20]:
        best = claim.pairs[0]
        assert set(best.log10_sib) == {"dam", "sire"}
        if claim.status == "accepted":
            assert 0 < best.log10_sib["dam"] < best.log10["sire"]
            assert claim.to_dict()["pairs"][0]["log10_sib"]["dam"] == best.log10_sib["dam"]


def test_one_mismatch_never_excludes(held):
    codes = profiles(held, [None, None, (0, 1)], seed=9)
    other = next(k for k in range(8) if k not in codes[:2, 0])
    codes[2, 0] = other  # as a mutation would leave it
    animals = seen(held, codes, ["dam", "sire", "young"])
    (claim,) = check_claim(
        animals.take([2]), animals.take([0]), animals.take([1]), held, theta=0.0,
        errors=LaboratoryErrors(),
    )  # fmt: skip
    assert claim.pairs[0].mismatches == 1
    assert claim.status == "not_excluded"
    assert claim.to_dict()["pairs"][0]["impossible"]


def test_one_sex_alone_and_too_few_loci(held, family):
    (claim,) = check_claim(
        family.take([6]), family.take(range(3)), None, held, theta=0.01, errors=ERRORS
    )
    assert claim.pairs[0].dam == "D0" and claim.pairs[0].sire is None
    assert set(claim.pairs[0].log10) == {"neither"}
    assert set(claim.pairs[0].log10_sib) == {"dam"}
    few = family.take([6])
    few.codes[:, 4:] = -1
    (claim,) = check_claim(few, family.take(range(3)), None, held, theta=0.01, errors=ERRORS)
    assert claim.status == "not_assessable" and claim.log10 is None


def test_what_is_kept_for_the_next_call_changes_no_result(held, family):
    def checked(errors, seed=1):
        (claim,) = check_claim(
            family.take([6]), family.take([0]), family.take([3]), held, theta=0.01, errors=errors,
            seed=seed,
        )  # fmt: skip
        return claim

    one, other = checked(ERRORS), checked(LaboratoryErrors(0.2, 0.01))
    assert one.log10 != other.log10 and one.pairs[0].expected < other.pairs[0].expected
    assert checked(ERRORS, seed=2).pairs[0].expected != one.pairs[0].expected
    assert checked(ERRORS) == one


def test_a_claim_without_parents_is_an_error(held, family):
    with pytest.raises(UsageError):
        check_claim(family, None, family.take([]), held, theta=0.0, errors=ERRORS)


def test_candidates_beyond_the_first_are_still_found(held):
    codes = profiles(held, [None] * 30 + [(14, 29)], seed=10)
    animals = seen(held, codes, [str(n) for n in range(31)])
    (claim,) = check_claim(
        animals.take([30]), animals.take(range(15)), animals.take(range(15, 30)), held,
        theta=0.0, errors=ERRORS,
    )  # fmt: skip
    assert (claim.pairs[0].dam, claim.pairs[0].sire) == ("14", "29")
    assert claim.tried == 225
    assert claim.log10 == pytest.approx(claim.pairs[0].least - np.log10(225))


def test_the_tail_of_unequal_events_by_hand():
    assert tail(np.array([0.1, 0.2, 0.3]), 0) == 1
    assert tail(np.array([0.1, 0.2, 0.3]), 3) == pytest.approx(0.006)
    assert tail(np.array([0.0, 0.0]), 1) == 0
    assert tail(np.full(100, 0.01), 60) == pytest.approx(binom.sf(59, 100, 0.01), rel=1e-9)


def test_exclusion_power_grows_with_loci():
    few, many = exclusion_power(frequencies(loci=4)), exclusion_power(frequencies(loci=14))
    assert few["one"] < few["second"] < few["pair"] < 1
    assert all(many[name] > few[name] for name in few)


def test_statuses_are_those_that_the_texts_know(claims):
    assert {claim.status for claim in claims} <= set(STATUSES)
