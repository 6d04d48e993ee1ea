"""What linked loci add to each other: joining, learning, storing."""

import json
import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_evidence import HELD, A, B, C, codes, found
from simulation import random_sequence

from forensics.barcode.calling.combination import Combination
from forensics.barcode.calling.linkage import Linkage, LinkedPair, join_evidence
from forensics.barcode.calling.linkage_training import (
    PairedLookup,
    fit_weight,
    learn_linkage,
    take_pairs,
)
from forensics.barcode.calling.multilocus import combine
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.library import open_library, write_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import LibraryError, VerificationError


def linkage(weight, *, species=1000, loci=("12S", "COI")):
    return Linkage((LinkedPair(loci, weight, weight, 1.0, species, species, {"species": species}),))


# -- joining ------------------------------------------------------------------------------


def test_one_locus_is_what_it_says():
    assert join_evidence({"COI": 1.7}, linkage(0.5)) == 1.7
    assert join_evidence({"COI": -1.7}, linkage(0.5)) == -1.7
    assert join_evidence({}, linkage(0.5)) == 0


@pytest.mark.parametrize("weight, joined", [(0.0, 2.0), (0.25, 2.25), (1.0, 3.0)])
def test_of_the_weaker_that_agrees_its_weight_counts(weight, joined):
    assert join_evidence({"COI": 2.0, "12S": 1.0}, linkage(weight)) == joined
    assert join_evidence({"COI": -2.0, "12S": -1.0}, linkage(weight)) == -joined


def test_what_contradicts_counts_whole():
    assert join_evidence({"COI": 2.0, "12S": -1.5}, linkage(0.0)) == 0.5


def test_a_pair_of_which_nothing_was_learnt_counts_once():
    assert join_evidence({"COI": 2.0, "cytb": 1.0}, linkage(0.5)) == 2.0


def test_of_three_the_least_weight_beside_a_stronger_one_counts():
    known = Linkage(
        (*linkage(0.5).pairs, *linkage(0.2, loci=("12S", "cytb")).pairs, *linkage(0.8, loci=("COI", "cytb")).pairs)
    )  # fmt: skip
    assert join_evidence({"COI": 3.0, "cytb": 2.0, "12S": 1.0}, known) == pytest.approx(
        3.0 + 0.8 * 2.0 + 0.2 * 1.0
    )


EVIDENCE = st.floats(-6, 6, allow_nan=False)


@given(
    st.dictionaries(st.sampled_from(["COI", "cytb", "16S"]), EVIDENCE, min_size=1),
    EVIDENCE,
    st.floats(0, 1),
)
def test_a_further_locus_that_agrees_never_lowers_and_one_that_contradicts_never_raises(
    evidence, further, weight
):
    pairs = [(a, b) for a in ("12S", "16S", "COI") for b in ("16S", "COI", "cytb") if a < b]
    known = Linkage(tuple(linkage(weight, loci=pair).pairs[0] for pair in pairs))
    before = join_evidence(evidence, known)
    after = join_evidence({**evidence, "12S": further}, known)
    if further >= 0:
        assert after >= before - 1e-9
    else:
        assert after <= before + 1e-9


# -- calls ---------------------------------------------------------------------------------

SHARES = st.floats(0.02, 0.98)


def call_of(*loci, weight=0.3, prior=0.9):
    return combine(loci, held=HELD, linkage=linkage(weight), confidence=0.95).call


@given(SHARES, SHARES, SHARES, SHARES, st.floats(0, 1))
def test_counterfactual_a_second_locus_that_agrees_never_lowers_a_call(a, b, c, d, weight):
    first = found("COI", {A: a * 0.99, B: (1 - a) * 0.98 * b}, genus={"Fictus": 0.99})
    second = found("12S", {A: c * 0.99, C: (1 - c) * 0.98 * d}, genus={"Fictus": 0.99})
    for locus, own, rival in ((first, a * 0.99, B), (second, c * 0.99, C)):
        shares = locus.call.probabilities["species"]
        if shares[A] < shares[rival] or shares["none"] > 0.1 or own < 0.5:
            return  # it does not agree, or speaks for none
    both = combine([first, second], held=HELD, linkage=linkage(weight), confidence=0.9)
    if "LOCI_CONFLICT" in codes(both):
        return
    joined = both.call.probabilities
    for locus in (first, second):
        assert joined["species"][A] >= locus.call.probabilities["species"][A] - 1e-9
        assert joined["species"]["none"] <= locus.call.probabilities["species"]["none"] + 1e-9


@given(st.floats(0.5, 0.98), st.floats(0.0, 0.4), st.floats(0, 1))
def test_counterfactual_a_second_locus_that_contradicts_lowers_a_call(own, other, weight):
    first = found("COI", {A: own, B: 0.001})
    second = found("12S", {A: other * 0.5, B: 0.95 - other})
    both = combine([first, second], held=HELD, linkage=linkage(weight), confidence=0.99)
    if both.call.probabilities is None:
        assert "LOCI_CONFLICT" in codes(both)
    elif other * 0.5 < 0.95 - other:
        assert both.call.probabilities["species"][A] < own


def test_counterfactual_a_second_locus_that_speaks_for_none_lowers_a_call():
    first, second = found("COI", {A: 0.9}), found("12S", {A: 0.6})
    assert call_of(first, second).probabilities["species"][A] < 0.9


def test_the_genus_does_not_lose_by_a_second_locus_that_agrees():
    first = found("COI", {A: 0.46, B: 0.46}, genus={"Fictus": 0.96})
    second = found("12S", {A: 0.46, B: 0.46}, genus={"Fictus": 0.93})
    joined = call_of(first, second).probabilities["genus"]["Fictus"]
    assert joined >= 0.96 - 1e-9


def test_novelty_has_one_prior():
    """Two loci that say nothing beyond the prior leave the prior; squared it would be 0.988."""
    first, second = found("COI", {A: 0.9}), found("ITS", {A: 0.9})
    assert combine([first, second], held=HELD).call.probabilities["species"]["none"] == (
        pytest.approx(0.1)
    )


def test_agreement_leads_no_further_than_the_species_that_it_was_learnt_from():
    first, second = found("COI", {A: 0.94}), found("12S", {A: 0.94})
    few = combine([first, second], held=HELD, linkage=linkage(1.0, species=60)).call
    many = combine([first, second], held=HELD, linkage=linkage(1.0, species=6000)).call
    assert few.probabilities["species"]["none"] == pytest.approx(0.05)
    assert many.probabilities["species"]["none"] < 0.04
    assert sum(few.probabilities["species"].values()) == pytest.approx(1)


def test_a_bound_of_agreement_takes_nothing_from_a_locus_that_is_surer():
    first, second = found("COI", {A: 0.99}), found("12S", {A: 0.91})
    call = combine([first, second], held=HELD, linkage=linkage(1.0, species=40)).call
    assert call.probabilities["species"][A] >= 0.99 - 1e-9


def test_the_notice_says_how_linked_loci_counted():
    loci = found("COI", {A: 0.94}), found("12S", {A: 0.92})
    plain = combine(loci, held=HELD)
    weighed = combine(loci, held=HELD, linkage=linkage(0.25))
    messages = [
        next(n.message for n in each.notices if n.code == "LINKED_LOCI")
        for each in (plain, weighed)
    ]
    assert "speaks COI" in messages[0] and "25%" in messages[1]


def test_the_weights_that_were_used_are_stored_and_read_back():
    both = combine(
        [found("COI", {A: 0.94}), found("12S", {A: 0.92})], held=HELD, linkage=linkage(0.25)
    )
    (stored,) = both.to_dict()["combined"]["linked"]
    assert stored["loci"] in (["12S", "COI"], ("12S", "COI")) and stored["weight"] == 0.25
    again = Combination.from_json(both.to_json())
    assert again.linked == both.linked and again.to_json() == both.to_json()


# -- learning ------------------------------------------------------------------------------


def lookups(generator, number, dependence):
    """Return evidence of two loci that share a part of their noise, calibrated each by itself."""
    made = []
    for known in (True, False):
        mean = 1.0 if known else -1.0
        for n in range(number):
            shared = generator.gauss(0, 1)
            values = [
                math.sqrt(dependence) * shared + math.sqrt(1 - dependence) * generator.gauss(0, 1)
                for _ in range(2)
            ]
            # Normal scores with means 1 and -1 and variance 1: the log likelihood ratio is 2 x.
            made.append(PairedLookup(f"{known}{n}", known, tuple(2 * (mean + v) for v in values)))
    return made


def test_independent_loci_have_a_high_weight_and_the_same_locus_twice_has_none():
    low, estimate, _high = fit_weight(lookups(random.Random(1), 800, 0.0))
    assert estimate > 0.8 and low > 0.5
    low, estimate, high = fit_weight(lookups(random.Random(1), 800, 1.0))
    assert low == 0 and estimate < 0.1 and high < 0.4


def test_a_weight_of_few_species_is_uncertain_and_its_lower_end_counts():
    few = fit_weight(lookups(random.Random(2), 35, 0.2))
    many = fit_weight(lookups(random.Random(2), 1500, 0.2))
    assert few[0] < many[0] and few[2] - few[0] > many[2] - many[0]


def test_of_too_few_species_no_weight_is_learnt():
    assert fit_weight(lookups(random.Random(3), 29, 0.2)) is None


def test_many_individuals_of_a_species_weigh_as_one():
    base = lookups(random.Random(4), 100, 0.3)
    assert fit_weight(base + [each for each in base for _ in range(3)]) == fit_weight(base)


def changed(generator, sequence, share):
    return "".join(
        generator.choice("ACGT".replace(base, "")) if generator.random() < share else base
        for base in sequence
    )


@pytest.fixture(scope="module")
def two_loci():
    """Records of 70 species at two loci, three individuals each; the first two share an accession."""
    generator = random.Random(11)
    records = []
    for genus in range(14):
        roots = {"COI": random_sequence(generator, 600), "12S": random_sequence(generator, 380)}
        for species in range(5):
            name = f"Genus{chr(97 + genus)} species{chr(97 + species)}"
            own = {locus: changed(generator, root, 0.06) for locus, root in roots.items()}
            for individual in range(3):
                for locus, sequence in own.items():
                    suffix = "" if individual < 2 else locus
                    record = ReferenceRecord.named(
                        f"A{genus}x{species}x{individual}{suffix}", name, locus=locus,
                        voucher=f"V{genus}{species}" if individual == 1 and genus == 0 else "",
                    )  # fmt: skip
                    records.append((record, changed(generator, sequence, 0.004)))
    return records


def index_of(records, locus):
    return Index.build([pair for pair in records if pair[0].locus == locus], locus=locus)


def test_pairs_are_joined_by_specimen_then_accession_then_species(two_loci):
    first, second = index_of(two_loci, "12S"), index_of(two_loci, "COI")
    pairs = take_pairs(first, second)
    assert len({pair.species for pair in pairs}) == 70
    for pair in pairs:
        records = [i.record(p) for i, p in zip((first, second), pair.positions, strict=True)]
        assert {record.species for record in records} == {pair.species}
        if pair.species.startswith("Genusa "):
            assert pair.joined == "specimen" and len({r.voucher for r in records}) == 1
        else:
            assert pair.joined == "accession" and len({r.accession for r in records}) == 1
    apart = [(replace(r, accession=f"{r.accession}{r.locus}", voucher=""), s) for r, s in two_loci]
    pairs = take_pairs(index_of(apart, "12S"), index_of(apart, "COI"))
    assert {pair.joined for pair in pairs} == {"species"}
    assert take_pairs(first, second) == take_pairs(first, second)


@pytest.mark.slow
def test_a_library_with_two_linked_loci_learns_what_they_add(two_loci, tmp_path):
    write_library(tmp_path / "l", two_loci, name="linked")
    library = open_library(tmp_path / "l")
    (pair,) = library.linkage.pairs
    assert pair.loci == ("12S", "COI") and pair.species == 70
    assert 0 <= pair.weight <= pair.estimate <= pair.upper <= 1
    assert pair.joined["specimen"] and pair.joined["accession"]
    library.verify()
    path = library.path / "linkage.json"
    path.write_text(path.read_text().replace('"format":1', '"format": 1'))
    with pytest.raises(VerificationError):
        open_library(library.path).verify()


def test_a_library_of_few_species_learns_nothing(two_loci, tmp_path):
    few = [pair for pair in two_loci if pair[0].genus in ("Genusa", "Genusb")]
    write_library(tmp_path / "l", few, name="few")
    library = open_library(tmp_path / "l")
    assert library.linkage == Linkage() and not (library.path / "linkage.json").exists()


def test_nothing_is_learnt_of_loci_of_different_molecules(two_loci):
    assert learn_linkage({"COI": index_of(two_loci, "COI"), "ITS": index_of(two_loci, "12S")}) == (
        Linkage()
    )


def test_a_linkage_is_read_back_and_one_of_another_format_refused():
    known = linkage(0.25)
    assert Linkage.from_json(known.to_json()) == known
    other = json.dumps(json.loads(known.to_json()) | {"format": 2})
    with pytest.raises(LibraryError, match="Build the library again"):
        Linkage.from_json(other)
