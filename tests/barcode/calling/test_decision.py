"""Decision: the lowest rank that reaches the confidence, and never a forced name."""

from dataclasses import dataclass, replace

import pytest

from forensics.barcode.calling.decision import Call, at_genus, at_rank, decide
from forensics.barcode.matching.search import MARGIN, Candidate, Hit
from forensics.barcode.options import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.core.notice import NoticeKind, Severity


def candidate(species, identity, records=3, family="Fictidae"):
    genus = species.split()[0]
    hit = Hit(0, identity, round((1 - identity) * 658), 658, 1.0, "+", "whole")
    return Candidate(
        species, genus, family, not species.endswith("."), identity, 1.0, hit.edits, 658,
        "SIM1", records, hit,
    )  # fmt: skip


@dataclass
class Stated:
    """Stands in for a calibration: probabilities as a test states them, by prior."""

    shares: dict
    at_even: dict | None = None

    def probabilities(self, candidates, in_library):
        return self.at_even if in_library == 0.5 and self.at_even else self.shares

    def interval(self, candidates, in_library):
        return 0.9, 0.99


def stated(species, genus=None, family=None, **more):
    shares = {"species": species}
    if genus:
        shares["genus"] = genus
    if family:
        shares["family"] = family
    return Stated(shares, **more)


def codes(call):
    return {warning.code for warning in call.warnings}


TWO = [candidate("Fictus albus", 1.0), candidate("Fictus niger", 0.97)]


def test_one_species_that_reaches_the_confidence_is_named():
    call = decide(
        TWO, calibration=stated({"Fictus albus": 0.96, "Fictus niger": 0.01, "none": 0.03})
    )
    assert (call.status, call.rank, call.taxon) == ("identified", "species", "Fictus albus")
    assert call.probability == 0.96
    assert call.not_excluded == ("Fictus albus",)


def test_a_species_has_an_interval_and_other_calls_have_none():
    named = decide(TWO, calibration=stated({"Fictus albus": 0.98, "none": 0.02}))
    missing = decide(TWO, calibration=stated({"Fictus albus": 0.01, "none": 0.99}))
    assert named.interval == pytest.approx((0.9, 0.99))
    assert missing.interval is None
    assert at_rank(named, "genus", "Fictus").interval is None


def test_just_under_the_confidence_no_species_is_named():
    shares = {"Fictus albus": 0.9499, "Fictus niger": 0.02, "none": 0.0301}
    call = decide(TWO, calibration=stated(shares, {"Fictus": 0.99, "none": 0.01}))
    assert (call.rank, call.taxon, call.probability) == ("genus", "Fictus", 0.99)
    assert call.not_excluded == ("Fictus albus", "Fictus niger")
    assert "SEVERAL_SPECIES" in codes(call)


def test_a_lower_confidence_names_what_a_higher_one_does_not():
    shares = stated({"Fictus albus": 0.85, "Fictus niger": 0.02, "none": 0.13})
    assert decide(TWO, calibration=shares, confidence=0.8).rank == "species"
    assert decide(TWO, calibration=shares, confidence=0.95).status == "inconclusive"


def test_a_missing_species_of_a_known_genus_is_that_genus():
    call = decide(
        TWO,
        calibration=stated(
            {"Fictus albus": 0.02, "Fictus niger": 0.01, "none": 0.97},
            {"Fictus": 0.96, "none": 0.04},
        ),
    )
    assert (call.status, call.rank, call.taxon) == ("identified", "genus", "Fictus")
    assert call.not_excluded == ()


def test_the_family_is_named_where_no_genus_reaches_it():
    call = decide(
        TWO,
        calibration=stated(
            {"Fictus albus": 0.02, "Fictus niger": 0.01, "none": 0.97},
            {"Fictus": 0.9, "none": 0.1},
            {"Fictidae": 0.98, "none": 0.02},
        ),
    )
    assert (call.rank, call.taxon) == ("family", "Fictidae")


def test_where_none_reaches_the_confidence_and_no_rank_does_it_is_not_in_the_library():
    call = decide(
        TWO,
        calibration=stated(
            {"Fictus albus": 0.02, "Fictus niger": 0.01, "none": 0.97},
            {"Fictus": 0.5, "none": 0.5},
        ),
    )
    assert (call.status, call.taxon, call.probability) == ("nothing_near", None, 0.97)


def test_where_nothing_reaches_the_confidence_it_is_inconclusive():
    call = decide(TWO, calibration=stated({"Fictus albus": 0.5, "Fictus niger": 0.2, "none": 0.3}))
    assert (call.status, call.probability) == ("inconclusive", None)


def test_without_candidates_nothing_is_named():
    call = decide([], calibration=stated({"none": 0.7}))
    assert (call.status, call.probability) == ("nothing_near", 0.7)


def test_a_record_that_names_no_species_gives_none():
    found = [candidate("Fictus sp.", 1.0)]
    call = decide(
        found, calibration=stated({"Fictus sp.": 0.99, "none": 0.01}, {"Fictus": 1.0, "none": 0.0})
    )
    assert (call.rank, call.taxon) == ("genus", "Fictus")
    assert "NO_SPECIES_NAME" in codes(call)


def test_a_call_that_rests_on_the_prior_says_so():
    shares = {"species": {"Fictus albus": 0.98, "Fictus niger": 0.0, "none": 0.02}}
    even = {"species": {"Fictus albus": 0.9, "Fictus niger": 0.0, "none": 0.1}}
    assert "PRIOR_SENSITIVE" in codes(decide(TWO, calibration=Stated(shares, even)))
    assert "PRIOR_SENSITIVE" not in codes(decide(TWO, calibration=Stated(shares, shares)))


def test_a_species_with_a_single_record_says_so():
    found = [candidate("Fictus albus", 1.0, records=1)]
    call = decide(found, calibration=stated({"Fictus albus": 0.99, "none": 0.01}))
    assert "SINGLE_RECORD" in codes(call)


@pytest.mark.parametrize(
    ("found", "status", "rank", "taxon"),
    [
        ([], "nothing_near", None, None),
        ([candidate("Fictus albus", 0.995)], "identified", "species", "Fictus albus"),
        ([candidate("Fictus albus", 0.98)], "identified", "genus", "Fictus"),
        ([candidate("Fictus albus", 0.96)], "inconclusive", None, None),
        (
            [candidate("Fictus albus", 0.999), candidate("Fictus niger", 0.99)],
            "identified", "genus", "Fictus",
        ),
        (
            [candidate("Fictus albus", 0.999), candidate("Exemplum primum", 0.992)],
            "inconclusive", None, None,
        ),
        ([candidate("Fictus sp.", 1.0)], "identified", "genus", "Fictus"),
    ],
)  # fmt: skip
def test_the_plain_rule_stands_in_and_says_so(found, status, rank, taxon):
    call = decide(found)
    assert (call.status, call.rank, call.taxon) == (status, rank, taxon)
    assert call.probability is None
    assert call.probabilities is None
    assert "UNCALIBRATED" in codes(call)


def test_a_species_without_a_name_that_alone_is_left_is_not_called_several():
    shares = {"Fictus sp.": 0.97, "none": 0.03}
    genera = {"Fictus": 0.99, "none": 0.01}
    call = decide([candidate("Fictus sp.", 1.0)], calibration=stated(shares, genera))
    assert call.rank == "genus" and call.not_excluded == ("Fictus sp.",)
    assert "SEVERAL_SPECIES" not in codes(call)


def test_of_a_species_that_just_reaches_the_confidence_no_other_is_named_beside_it():
    call = decide(
        TWO,
        calibration=stated({"Fictus albus": 0.95, "Fictus niger": 0.05, "none": 0.0}),
        confidence=0.95,
    )
    assert (call.taxon, call.not_excluded) == ("Fictus albus", ("Fictus albus",))


def test_six_names_of_a_set_are_cut_after_five():
    names = [f"Fictus {letter * 4}us" for letter in "abcdef"]
    several = [candidate(name, 1.0) for name in names]
    for count, cut in ((5, False), (6, True)):
        shares = dict.fromkeys(names[:count], 1 / count) | {"none": 0.0}
        call = decide(several[:count], calibration=stated(shares, {"Fictus": 1.0, "none": 0.0}))
        (warning,) = [one for one in call.warnings if one.code == "SEVERAL_SPECIES"]
        assert ("…" in warning.message) is cut
        assert names[4] in warning.message and names[-1] not in warning.message


def message(call, code):
    (warning,) = [one for one in call.warnings if one.code == code]
    return warning.message


@pytest.mark.parametrize("rank, taxon", [("genus", "Fictus"), ("family", "Fictidae")])
def test_a_higher_rank_that_just_reaches_the_confidence_is_named(rank, taxon):
    shares = {"species": {"Fictus albus": 0.5, "Fictus niger": 0.1, "none": 0.4}}
    shares[rank] = {"none": 0.95, taxon: 0.95}
    call = decide(TWO, calibration=Stated(shares), confidence=0.95)
    assert (call.rank, call.taxon, call.probability) == (rank, taxon, 0.95)
    shares[rank][taxon] = 0.9499
    assert decide(TWO, calibration=Stated(shares), confidence=0.95).rank is None


def test_none_that_just_reaches_the_confidence_is_nothing_near_without_reservation():
    call = decide(TWO, calibration=stated({"Fictus albus": 0.05, "none": 0.95}), confidence=0.95)
    assert (call.status, call.probability) == ("nothing_near", 0.95)
    assert "FAR_SPECIES_POSSIBLE" not in codes(call)


def test_where_nothing_is_near_and_none_is_not_sure_a_far_species_is_possible():
    call = decide([], calibration=stated({"none": 0.7}), in_library=0.9)
    assert codes(call) == {"FAR_SPECIES_POSSIBLE"}
    text = message(call, "FAR_SPECIES_POSSIBLE")
    assert "(prior 0.9)" in text and "a probability of 30.0%" in text


def test_unlisted_species_and_none_are_in_no_set():
    shares = {"none": 0.3, "unlisted": 0.3, "Fictus niger": 0.2, "Fictus albus": 0.2}
    call = decide(TWO, calibration=stated(shares), confidence=0.6)
    assert call.not_excluded == ()
    shares = {"unlisted": 0.38, "Fictus niger": 0.31, "Fictus albus": 0.31, "none": 0.0}
    call = decide(TWO, calibration=stated(shares), confidence=0.6)
    assert call.not_excluded == ("Fictus albus", "Fictus niger")  # as probable: by name


def test_what_the_prior_decides_is_told_with_the_probability_at_even_odds():
    shares = {"species": {"Fictus albus": 0.98, "none": 0.02}}
    even = {"species": {"Fictus albus": 0.9, "none": 0.1}}
    text = message(decide(TWO, calibration=Stated(shares, even), in_library=0.9), "PRIOR_SENSITIVE")
    assert "a probability of 0.9; at 0.5, Fictus albus would have 90.0%" in text
    even = {"species": {"Fictus niger": 0.9, "none": 0.1}}
    text = message(decide(TWO, calibration=Stated(shares, even)), "PRIOR_SENSITIVE")
    assert "Fictus albus would have 0.0%" in text
    # Nothing was called: nothing rests on the prior.
    for species in ({"none": 0.99, "Fictus albus": 0.01}, {"none": 0.5, "Fictus albus": 0.5}):
        given = Stated({"species": species}, {"species": {"Fictus albus": 0.99, "none": 0.01}})
        assert "PRIOR_SENSITIVE" not in codes(decide(TWO, calibration=given))


@pytest.mark.parametrize("identity, rank, distant", [
    (0.99, "species", False), (0.9899, "genus", True), (0.97, "genus", True), (0.9699, None, True),
])  # fmt: skip
def test_the_plain_rule_has_the_bounds_of_bold(identity, rank, distant):
    call = decide([candidate("Fictus albus", identity)])
    assert call.rank == rank and call.not_excluded == ("Fictus albus",)
    assert ("DISTANT" in codes(call)) is distant
    assert (SPECIES_IDENTITY, GENUS_IDENTITY) == (0.99, 0.97)


def test_the_plain_rule_counts_a_species_at_the_margin_and_none_beyond():
    best = candidate("Fictus albus", 1.0)
    at = decide([best, candidate("Exemplum primum", 1.0 - MARGIN)])
    assert at.status == "inconclusive" and at.not_excluded == ("Fictus albus", "Exemplum primum")
    beyond = decide([best, candidate("Exemplum primum", 1.0 - MARGIN - 0.001)])
    assert beyond.rank == "species" and beyond.not_excluded == ("Fictus albus",)


def test_the_plain_rule_says_why_it_stands_in():
    why = NoticeKind("OTHER_WHY", Severity.LIMITS).worded("x")
    for found in ([], TWO):
        assert {"OTHER_WHY"} <= codes(decide(found, uncalibrated=why))
        assert "UNCALIBRATED" not in codes(decide(found, uncalibrated=why))


def test_what_is_near_and_what_is_far_is_said_of_the_nearest_record():
    shares = {"Fictus albus": 0.5, "none": 0.5}
    for identity, distant in ((0.99, False), (0.9899, True)):
        call = decide([candidate("Fictus albus", identity)], calibration=stated(shares))
        assert ("DISTANT" in codes(call)) is distant
        assert "NO_SPECIES_NAME" not in codes(call)
    assert "The nearest record differs by 1.0%" in message(call, "DISTANT")
    called = decide(
        [candidate("Fictus albus", 0.95)], calibration=stated({"Fictus albus": 0.99, "none": 0.01})
    )
    assert called.rank == "species" and "DISTANT" not in codes(called)


def test_records_behind_a_species_are_its_own():
    found = [candidate("Fictus niger", 1.0, records=1), candidate("Fictus albus", 1.0, records=2)]
    call = decide(found, calibration=stated({"Fictus albus": 0.99, "none": 0.01}))
    assert call.taxon == "Fictus albus" and "SINGLE_RECORD" not in codes(call)


def test_a_genus_that_rests_on_few_says_so_with_the_numbers():
    found = [candidate("Fictus albus", 0.96, records=1), candidate("Exemplum primum", 0.95)]
    shares = {"Fictus albus": 0.3, "Exemplum primum": 0.3, "none": 0.4}
    genus = decide(found, calibration=stated(shares, {"Fictus": 0.97, "none": 0.03}))
    text = message(genus, "GENUS_RESTS_ON_FEW")
    assert "Fictus rests on 1 record of 1 species near the query, the nearest at 96.0%" in text
    other = decide(found, calibration=stated(shares, {"Exemplum": 0.97, "none": 0.03}))
    assert "Exemplum rests on 3 records of 1 species" in message(other, "GENUS_RESTS_ON_FEW")
    # Nothing is claimed of a genus: the nearest is looked at; where nothing is near at all, none.
    family = decide(found, calibration=stated(shares, family={"Fictidae": 0.97, "none": 0.03}))
    assert "Fictus rests on 1 record" in message(family, "GENUS_RESTS_ON_FEW")
    none = decide(found, calibration=stated({"Fictus albus": 0.01, "none": 0.99}))
    assert none.status == "nothing_near" and "GENUS_RESTS_ON_FEW" not in codes(none)
    nameless = [replace(found[0], genus="")]
    assert "GENUS_RESTS_ON_FEW" not in codes(
        decide(nameless, calibration=stated({"Fictus albus": 0.5, "none": 0.5}))
    )


def test_a_call_at_a_higher_rank_is_at_least_as_probable():
    shares = {"species": {"Fictus albus": 0.96, "none": 0.04}, "genus": {"Fictus": 0.99}}
    call = Call("identified", "species", "Fictus albus", 0.96, shares)
    assert at_rank(call, "genus", "Fictus").probability == 0.99
    assert at_rank(call, "family", "Fictidae").probability == 0.96
    assert at_rank(replace(call, probability=None), "genus", "Fictus").probability == 0.99
    assert at_rank(Call("inconclusive"), "genus", "Fictus").probability is None
    assert at_rank(Call("inconclusive"), "genus", "Fictus").status == "identified"


def test_a_call_goes_back_to_one_known_genus_or_to_none():
    call = Call("identified", "species", "Fictus albus", 0.96)
    assert at_genus(call, {"Fictus"}).taxon == "Fictus"
    for genera in ({"Fictus", "Exemplum"}, {""}, set()):
        found = at_genus(call, genera)
        assert (found.status, found.rank, found.taxon, found.probability) == (
            "inconclusive", None, None, None,
        )  # fmt: skip
