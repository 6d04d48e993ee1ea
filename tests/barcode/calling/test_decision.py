"""Decision: the lowest rank that reaches the confidence, and never a forced name."""

from dataclasses import dataclass

import pytest

from forensics.barcode.calling.decision import check_shares, decide
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import Hit
from forensics.errors import UsageError


def candidate(species, identity, records=3, family="Fictidae"):
    genus = species.split()[0]
    hit = Hit(0, identity, round((1 - identity) * 658), 658, 1.0, "+", "whole")
    return Candidate(
        species, genus, family, not species.endswith("."), identity, 1.0, hit.edits, 658,
        "SIM1", records, 1, hit,
    )  # fmt: skip


@dataclass
class Stated:
    """Stands in for a calibration: probabilities as a test states them, by prior."""

    shares: dict
    at_even: dict | None = None

    def probabilities(self, candidates, in_library):
        return self.at_even if in_library == 0.5 and self.at_even else self.shares


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
    assert (call.status, call.taxon, call.probability) == ("not_in_library", None, 0.97)


def test_where_nothing_reaches_the_confidence_it_is_inconclusive():
    call = decide(TWO, calibration=stated({"Fictus albus": 0.5, "Fictus niger": 0.2, "none": 0.3}))
    assert (call.status, call.probability) == ("inconclusive", None)


def test_without_candidates_nothing_is_named():
    call = decide([], calibration=stated({"none": 0.7}))
    assert (call.status, call.probability) == ("not_in_library", 0.7)


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
        ([], "not_in_library", None, None),
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


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("floor", (0.0, -0.1, 1.01)),
        ("confidence", (0.5, 0.4, -0.2, 1.0, 1.2)),
        ("in_library_prior", (0.0, -0.1, 1.0, 1.1)),
    ],
)
def test_a_share_at_which_no_call_can_be_made_is_refused(name, values):
    shares = {"floor": 1.0, "confidence": 0.51, "in_library_prior": 0.99}
    check_shares(**shares)
    for value in values:
        with pytest.raises(UsageError, match=name.rpartition("_")[2]):
            check_shares(**shares | {name: value})


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
