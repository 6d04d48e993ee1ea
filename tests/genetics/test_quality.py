"""Tests of proportions and of independence, duplicates, null alleles, dropout."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from genotype_texts import read

from forensics.errors import UsageError
from forensics.genetics.counts import count_alleles
from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.genetics.quality import (
    adjusted,
    allelic_dropout,
    find_linkage,
    hardy_weinberg,
    hardy_weinberg_two_alleles,
    quality_report,
)


def simulated(animals, loci, frequencies, rng, missing=0.0):
    """Independent loci in Hardy-Weinberg proportions."""
    codes = np.sort(
        rng.choice(len(frequencies), size=(animals, loci, 2), p=frequencies), axis=2
    ).astype(np.int16)
    codes[rng.random((animals, loci)) < missing] = -1
    names = tuple(chr(97 + number) for number in range(len(frequencies)))
    return Genotypes(
        tuple(f"N{number}" for number in range(animals)),
        tuple(f"L{number}" for number in range(loci)),
        (names,) * loci,
        codes,
    )


def exact(rare, animals, heterozygotes):
    """The p-value in fractions, straight from the formula of Levene (1949)."""
    factorial = math.factorial
    chances = {}
    for hets in range(rare % 2, min(rare, 2 * animals - rare) + 1, 2):
        low, high = (rare - hets) // 2, (2 * animals - rare - hets) // 2
        chances[hets] = Fraction(
            factorial(animals) * 2**hets * factorial(rare) * factorial(2 * animals - rare),
            factorial(low) * factorial(hets) * factorial(high) * factorial(2 * animals),
        )
    assert sum(chances.values()) == 1
    return float(sum(p for p in chances.values() if p <= chances[heterozygotes]))


@pytest.mark.parametrize("animals", [1, 2, 7, 20])
def test_two_alleles_are_tested_exactly(animals):
    for rare in range(2 * animals + 1):
        for hets in range(rare % 2, min(rare, 2 * animals - rare) + 1, 2):
            assert hardy_weinberg_two_alleles(rare, animals, hets) == pytest.approx(
                exact(rare, animals, hets), abs=1e-12
            )


def test_many_alleles_agree_with_all_deals():
    """Four animals, three alleles: all 8! deals, counted."""
    pairs = np.array([[0, 0], [1, 1], [2, 2], [0, 1]])

    def chance(genotypes):
        genotypes = [tuple(sorted(pair)) for pair in genotypes]
        counts = [genotypes.count(pair) for pair in set(genotypes)]
        hets = sum(one != two for one, two in genotypes)
        return Fraction(2**hets, math.prod(map(math.factorial, counts)))

    observed = chance([tuple(pair) for pair in pairs])
    deals = [
        chance(list(zip(deal[::2], deal[1::2]))) <= observed
        for deal in itertools.permutations(pairs.ravel().tolist())
    ]
    rng = np.random.default_rng(1)
    p = hardy_weinberg(pairs, rng=rng, permutations=20_000)
    assert p == pytest.approx(np.mean(deals), abs=0.01)


def test_hardy_weinberg_keeps_its_level_and_finds_deficits():
    rng = np.random.default_rng(2)
    frequencies = [0.4, 0.3, 0.15, 0.1, 0.05]
    fair = [
        hardy_weinberg(rng.choice(5, size=(30, 2), p=frequencies), rng=rng, permutations=300)
        for _time in range(200)
    ]
    assert 0.01 <= np.mean(np.array(fair) < 0.05) <= 0.09
    inbred = np.repeat(rng.choice(5, size=(30, 1), p=frequencies), 2, axis=1)
    assert hardy_weinberg(inbred, rng=rng, permutations=300) < 0.01
    assert np.isnan(hardy_weinberg(np.zeros((9, 2), dtype=int), rng=rng))


@pytest.mark.parametrize("groups", [1, 6])
def test_independent_loci_are_seldom_called_dependent(groups):
    rng = np.random.default_rng(groups)
    genotypes = simulated(60, 20, [0.4, 0.3, 0.15, 0.1, 0.05], rng, missing=0.1)
    p_values = find_linkage(genotypes, np.array_split(np.arange(60), groups), rng=rng)[4]
    assert len(p_values) == 190
    assert 0.01 <= (p_values < 0.05).mean() <= 0.10


def test_the_same_locus_under_two_names_is_dependent():
    rng = np.random.default_rng(3)
    genotypes = simulated(40, 3, [0.5, 0.3, 0.2], rng)
    genotypes.codes[:, 2] = genotypes.codes[:, 0]
    report = quality_report(genotypes)
    assert (report.linkage[0].first, report.linkage[0].second) == ("L0", "L2")
    assert report.linkage[0].q < 1e-6
    assert report.linkage[1].q > 0.01


def test_adjusted_p_values_leave_out_what_was_not_tested():
    values = adjusted(np.array([0.01, np.nan, 0.04, 0.03]))
    assert values[[0, 2, 3]] == pytest.approx([0.03, 0.04, 0.04])
    assert np.isnan(values[1])


def test_a_null_allele_is_estimated_at_its_frequency():
    """Simulated: 20 % of the copies carry a null allele, and its homozygotes fail.

    Chakraborty's estimate is made for that. Brookfield's takes failures for bad DNA and is lower:
    with He = 3/4 and Ho = 1/2 it is (1/4) / (7/4).
    """
    rng = np.random.default_rng(4)
    copies = rng.choice(5, size=(1500, 2), p=[0.2, 0.2, 0.2, 0.2, 0.2])
    rows = []
    for pair in copies.tolist():
        seen = [code for code in pair if code != 4]
        rows.append([tuple(str(100 + code) for code in (seen * 2)[:2]) if seen else (None, None)])
    names = [f"N{number}" for number in range(len(rows))]
    genotypes = genotypes_from_labels(names, ["L"], rows)
    (locus,) = quality_report(genotypes, permutations=10).by_locus
    assert locus.null_brookfield == pytest.approx(1 / 7, abs=0.03)
    assert locus.null_chakraborty == pytest.approx(0.2, abs=0.03)
    assert locus.missing == pytest.approx(0.04, abs=0.02)


def test_heterozygosity_is_nei_s():
    report = quality_report(read("id,L\nN1,100/102\nN2,100/100\nN3,100/102\n"))
    (locus,) = report.by_locus
    assert locus.observed == pytest.approx(2 / 3)
    assert locus.expected == pytest.approx((1 - (4 / 6) ** 2 - (2 / 6) ** 2) * 6 / 5)


TABLE = """id,pop,L1,L2,L3,L4
N1,A,100/102,110/112,120/120,1/1
N2,A,100/100,110/110,120/120,1/1
N3,B,100/102,110/112,120/120,1/1
N4,B,104/104,110/112,NA,1/1
N5,B,100/102,110/110,120/122,NA
"""


def test_a_duplicate_in_two_populations_is_named():
    report = quality_report(read(TABLE), mismatches=0)
    (pair,) = report.duplicates
    assert pair.animals == ("N1", "N3")
    assert pair.populations == ("A", "B")
    assert (pair.loci, pair.mismatches, pair.across) == (4, 0, True)
    assert any("from two populations" in text for text in report.statements)


def test_near_duplicates_differ_at_the_loci_allowed():
    counts = [quality_report(read(TABLE), mismatches=number).duplicate_count for number in range(5)]
    genotypes = read(TABLE)
    for allowed, count in enumerate(counts):
        expected = 0
        for one, two in itertools.combinations(range(5), 2):
            both = genotypes.typed[one] & genotypes.typed[two]
            odd = (genotypes.codes[one] != genotypes.codes[two]).any(axis=1) & both
            expected += both.sum() >= 2 and odd.sum() <= allowed
        assert count == expected


def test_fixed_private_and_missing_are_told():
    report = quality_report(read(TABLE))
    assert report.fixed == ("L4",)
    private = {(one.locus, one.allele, one.population, one.copies) for one in report.private}
    assert private == {("L1", "104", "B", 2), ("L3", "122", "B", 1)}
    assert report.missing_by_animal["N4"] == 0.25
    assert report.untyped == ()


def test_dropout_without_repeats_is_said_to_be_unknown():
    report = quality_report(read(TABLE))
    assert report.dropout == ()
    assert any("allelic dropout cannot be estimated" in text for text in report.statements)


def test_dropout_is_counted_over_repeats():
    text = (
        "id,L\na1,100/102\na2,100/102\na3,100/100\na4,100/102\n"
        "b1,100/100\nb2,100/100\nb3,100/104\nc1,100/102\n"
    )
    found = allelic_dropout(read(text), ["a"] * 4 + ["b"] * 3 + ["c"])
    assert found[0] == found[1].__class__("L", 4, 1, 3, 1)
    assert found[-1].dropout_rate == 0.25
    assert found[-1].false_allele_rate == pytest.approx(1 / 3)
    for count in (lambda short: allelic_dropout(read(text), short),
                  lambda short: quality_report(read(text), groups=short),
                  lambda short: count_alleles(read(text), short)):  # fmt: skip
        with pytest.raises(UsageError, match="2 values were given; 8 are expected, one each"):
            count(["a", "b"])


def test_a_report_is_the_same_for_the_same_seed_and_is_json():
    genotypes = read(TABLE)
    one, two = quality_report(genotypes, seed=5), quality_report(genotypes, seed=5)
    assert json.dumps(one.to_dict(), allow_nan=False) == json.dumps(two.to_dict())
    assert len(one.to_frame()) == 8


def test_haploid_loci_are_not_tested():
    report = quality_report(read("id,L,mt\nN1,100/102,H1\nN2,100/102,H2\n", haploid="mt"))
    mt = report.by_locus[1]
    assert np.isnan(mt.hardy_weinberg_p)
    assert mt.expected == pytest.approx(1.0)


def test_duplicates_of_many_loci_are_those_of_all_pairs_compared(monkeypatch):
    """With many loci pairs are screened at some; the pairs that are found must be the same."""
    from forensics.genetics import quality
    from forensics.genetics.genotypes import MISSING, Genotypes

    generator = np.random.default_rng(3)
    codes = np.sort(generator.integers(0, 2, (40, 700, 2)), axis=2).astype(np.int16)
    codes[5] = codes[30]
    codes[6] = codes[31]
    codes[6, :3] = 1 - codes[6, :3, ::-1]
    codes[7, 20:] = MISSING
    genotypes = Genotypes(
        tuple(f"N{row}" for row in range(40)), tuple(f"s{n}" for n in range(700)),
        (("A", "C"),) * 700, codes,
    )  # fmt: skip
    screened = quality.find_duplicates(genotypes, mismatches=3, min_loci=15)
    monkeypatch.setattr(quality, "_SCREENED", 1000)
    assert quality.find_duplicates(genotypes, mismatches=3, min_loci=15) == screened
    assert {pair.animals for pair in screened[0]} >= {("N5", "N30"), ("N6", "N31")}


def test_what_is_equal_has_no_difference():
    """One heterozygote of three, and a third of the pairs are unlike: rounding made -4.4e-16 of it."""
    (row,) = quality_report(
        genotypes_from_labels("ABC", ["L"], [[["a", "a"]], [["a", "b"]], [["a", "a"]]])
    ).by_locus
    assert row.observed == row.expected == 1 / 3
    assert row.fis == 0 and row.null_brookfield == -1 / 23 and row.null_chakraborty == -1 / 11
