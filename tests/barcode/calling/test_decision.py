"""Decision: the lowest rank that reaches the confidence, and never a forced name."""

import math
import random
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from neighbourhoods import changed
from simulation import SPECIES, far_sequence, mutate, query, random_sequence, reference_records

from forensics.barcode import chimera
from forensics.barcode.calling import decision, spread
from forensics.barcode.calling.calibration import (
    CEILINGS,
    MIN_RECORDS,
    Calibration,
    Curve,
    Trees,
    genus_support_of,
)
from forensics.barcode.calling.combine import combine
from forensics.barcode.calling.decision import (
    Call,
    Caveats,
    apply_caveats,
    apply_far_caveats,
    at_genus,
    at_rank,
    decide,
    index_notices,
    search_notices,
    widen_to_lineage,
)
from forensics.barcode.calling.spread import (
    distance_outside,
    nearest_other,
    some_of,
    spread_of,
)
from forensics.barcode.identification import Identification, ListingContext, listing_of_call
from forensics.barcode.locus import FEW_AMBIGUOUS, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    MARGIN,
    Candidate,
    Hit,
    candidates_of,
    exhaustive_search,
    search,
)
from forensics.barcode.options import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.barcode.reading.reads import Query
from forensics.barcode.recognition import packaged_exemplars
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.library import IndexState, Library, Unit, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.barcode.tabular import sintax_line
from forensics.barcode.verdict import Outcome, make_verdict
from forensics.core.notice import NoticeKind, Severity
from forensics.core.stored import to_stored
from forensics.examination import identify
from forensics.notices import calls as notices
from forensics.report.reported import Call as ReportedCall
from forensics.report.reported import conservative_call
from forensics.report.statement import Finding, PriorCall


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

    def weigh(self, candidates, _nearest):
        return self

    def probabilities(self, in_library):
        return self.at_even if in_library == 0.5 and self.at_even else self.shares

    def interval(self, in_library):
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


def test_a_species_has_an_interval_and_other_calls_have_none():
    named = decide(TWO, calibration=stated({"Fictus albus": 0.98, "none": 0.02}))
    missing = decide(TWO, calibration=stated({"Fictus albus": 0.01, "none": 0.99}))
    assert named.interval == pytest.approx((0.9, 0.99))
    assert missing.interval is None
    assert at_rank(named, "genus", "Fictus").interval is None


@pytest.mark.parametrize("albus, niger, genus, family, expected", [
    (0.96, 0.01, None, None, ("identified", "species", "Fictus albus", 0.96, ("Fictus albus",))),
    (0.9499, 0.02, 0.99, None,
     ("identified", "genus", "Fictus", 0.99, ("Fictus albus", "Fictus niger"))),
    (0.02, 0.01, 0.96, None, ("identified", "genus", "Fictus", 0.96, ())),
    (0.02, 0.01, 0.9, 0.98, ("identified", "family", "Fictidae", 0.98, ())),
    (0.02, 0.01, 0.5, None, ("nothing_near", None, None, 0.97, ())),
    (0.5, 0.2, None, None, ("inconclusive", None, None, None, ())),
])  # fmt: skip
def test_the_lowest_rank_that_reaches_the_confidence_is_called(
    albus, niger, genus, family, expected
):
    call = decide(
        TWO,
        calibration=stated(
            {"Fictus albus": albus, "Fictus niger": niger, "none": 1 - albus - niger},
            genus and {"Fictus": genus, "none": 1 - genus},
            family and {"Fictidae": family, "none": 1 - family},
        ),
    )
    found = call.status, call.rank, call.taxon, call.probability, call.not_excluded
    assert found == (*expected[:3], pytest.approx(expected[3]), expected[4])
    assert ("SEVERAL_SPECIES" in codes(call)) is (len(expected[4]) > 1 and bool(call.rank))


@pytest.mark.parametrize(
    ("found", "status", "rank", "taxon"),
    [
        ([], "nothing_near", None, None),
        (
            [candidate("Fictus albus", 0.999), candidate("Fictus niger", 0.99)],
            "identified", "genus", "Fictus",
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


def test_a_record_without_a_species_name_gives_none_and_is_not_called_several():
    shares = {"Fictus sp.": 0.97, "none": 0.03}
    genera = {"Fictus": 0.99, "none": 0.01}
    call = decide([candidate("Fictus sp.", 1.0)], calibration=stated(shares, genera))
    assert (call.rank, call.taxon, call.not_excluded) == ("genus", "Fictus", ("Fictus sp.",))
    assert "NO_SPECIES_NAME" in codes(call) and "SEVERAL_SPECIES" not in codes(call)


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


@pytest.mark.parametrize("albus, single", [(1, True), (2, False)])
def test_a_species_with_a_single_record_of_its_own_says_so(albus, single):
    near = [
        candidate("Fictus niger", 1.0, records=1),
        candidate("Fictus albus", 1.0, records=albus),
    ]
    call = decide(near, calibration=stated({"Fictus albus": 0.99, "none": 0.01}))
    assert call.taxon == "Fictus albus" and ("SINGLE_RECORD" in codes(call)) is single


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
    assert at_rank(call._replace(probability=None), "genus", "Fictus").probability == 0.99
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


# -- What stands against a call beside the candidates; every case was found by an attack


@pytest.fixture(scope="module")
def with_a_short_record(tmp_path_factory):
    """A library with a short record of another genus that is a piece of the query."""
    path = tmp_path_factory.mktemp("short") / "library"
    piece = query(SPECIES[0])[100:500]
    short = ReferenceRecord.named("SIMSHORT", "Exemplum breve", locus="COI")
    records = [r for r in reference_records() if r[0].locus == "COI"]
    write_library(path, [*records, (short, piece)], name="simulated", calibrated=False)
    return open_library(path)


def test_a_record_too_short_to_compare_that_is_nearer_forbids_a_species(with_a_short_record):
    result = identify(query(SPECIES[0]), library=with_a_short_record)[0]
    assert result.rank != "species"
    assert not result.search_exhaustive
    assert "SHORT_RECORD_AS_NEAR" in codes(result)
    assert "Exemplum breve" in result.call.not_excluded


def test_without_candidates_a_short_record_that_fits_forbids_not_in_the_library(
    with_a_short_record,
):
    rng = random.Random(4)
    piece = query(SPECIES[0])[100:500]
    hidden = random_sequence(rng, 129) + piece + random_sequence(rng, 129)
    result = identify(hidden, library=with_a_short_record)[0]
    assert result.status == "inconclusive"
    assert not result.search_exhaustive
    assert "SHORT_RECORD_AS_NEAR" in codes(result)


def test_ends_of_another_molecule_are_no_absence(library):
    rng = random.Random(5)
    middle = query(SPECIES[0])[150:450]
    result = identify(
        random_sequence(rng, 60) + middle + random_sequence(rng, 60), library=library, locus="COI"
    )[0]
    assert result.status == "inconclusive"
    assert "ENDS_DO_NOT_FIT" in codes(result)


def test_a_middle_above_the_floor_by_chance_says_nothing_of_the_ends(library):
    rng = random.Random(8)
    base = query(SPECIES[0])
    quarter = len(base) // 4
    inner = range(quarter, len(base) - quarter)
    outer = [place for place in range(len(base)) if place not in inner]
    letters = list(base)
    # 9.4 % of the middle differs, and 11.5 % of the ends.
    for place in [
        *rng.sample(inner, len(inner) * 94 // 1000),
        *rng.sample(outer, len(outer) * 115 // 1000),
    ]:
        letters[place] = rng.choice([letter for letter in "ACGT" if letter != letters[place]])
    result = identify("".join(letters), library=library)[0]
    assert result.candidates == ()
    assert "ENDS_DO_NOT_FIT" not in codes(result)


def test_a_sequence_of_a_far_animal_is_not_in_the_library(library):
    result = identify(far_sequence(), library=library)[0]
    assert result.status == "nothing_near"
    assert not codes(result) & {"ENDS_DO_NOT_FIT", "SHORT_RECORD_AS_NEAR"}


def test_many_ambiguous_bases_forbid_a_species(library):
    clear, mixed = query(SPECIES[0]), mutate(random.Random(7), query(SPECIES[0]), codes=12)
    assert identify(clear, library=library)[0].rank == "species"
    result = identify(mixed, library=library)[0]
    assert result.rank == "genus"
    assert "AMBIGUOUS_BASES" in codes(result)


def test_another_floor_has_no_probability(library):
    result = identify(query(SPECIES[0]), library=library, floor=0.85)[0]
    assert result.call.probability is None
    assert "FLOOR_CHANGED" in codes(result)


def test_a_whole_gene_beside_barcodes_is_no_warning_and_two_barcodes_in_one_are(tmp_path):
    gene = {
        exemplar.species: exemplar.sequence
        for exemplar in packaged_exemplars()
        if exemplar.locus == "COI" and len(exemplar.sequence) > 1500
    }
    hen, whale = gene["Gallus gallus"], gene["Balaenoptera physalus"]
    barcode = ReferenceRecord.named("SIM1", "Gallus gallus", locus="COI")
    write_library(tmp_path / "l", [(barcode, hen[50:708])], name="simulated", calibrated=False)
    library = open_library(tmp_path / "l")
    for whole in (hen, reverse_complement(hen)):
        (result,) = identify(whole, library=library, locus="COI")
        assert result.candidates[0].length == 658
        assert "PART_COMPARED" not in codes(result)
        (notice,) = (w for w in result.warnings if w.code == "REST_OF_LOCUS")
        assert notice.severity is Severity.CONTEXT and "reads as COI" in notice.message
    for other in (hen[50:708] + whale[50:708], hen[:708] + whale[50:708], hen[:708] + whale[:300]):
        assert "PART_COMPARED" in codes(identify(other, library=library, locus="COI")[0])


def test_a_piece_too_short_for_some_loci_is_not_said_to_be_absent():
    result = identify(random_sequence(random.Random(9), 60))[0]  # trnL alone takes 60 bases
    assert result.status == "unusable"
    assert "TOO_SHORT" in codes(result)
    assert "COI" in result.warnings[0].message


# -- doubts about the query itself ------------------------------------------------------


MIXED = NoticeKind("SIMULATED_DOUBT", Severity.LIMITS).worded("two animals")


def doubted(sequence, *, name="a"):
    return Query(name, sequence, doubts=(MIXED,))


def test_what_forbids_a_name_makes_any_call_inconclusive(library):
    near, far = query(SPECIES[0]), far_sequence()
    for sequence, without in ((near, "identified"), (far, "nothing_near")):
        assert identify(Query("a", sequence), library=library)[0].status == without
        (result,) = identify(doubted(sequence), library=library)
        assert (result.status, result.taxon, result.call.probability) == (
            "inconclusive",
            None,
            None,
        )
        assert "SIMULATED_DOUBT" in codes(result)


def test_what_forbids_a_species_leaves_the_genus(library):
    index = library.index("COI")
    found = search(index, query(SPECIES[0]))
    candidates = candidates_of(index, found.hits)
    call = decide(candidates)
    copy = Caveats(limit=(NoticeKind("STOP_CODON", Severity.LIMITS).worded("a stop"),))
    limited = apply_caveats(call, query(SPECIES[0]), (), candidates[0], index, copy)
    assert (call.rank, limited.rank, limited.taxon) == ("species", "genus", "Fictus")
    assert limited.doubted and not call.doubted
    again = apply_caveats(limited, query(SPECIES[0]), (), candidates[0], index, copy)
    assert (again.rank, again.taxon) == ("genus", "Fictus")


@pytest.mark.parametrize("status", ["identified", "inconclusive", "nothing_near"])
@pytest.mark.parametrize("rank", ["species", "genus", "family"])
@pytest.mark.parametrize("forbids", [True, False])
def test_no_doubt_makes_a_call_narrower_or_more_probable(library, status, rank, forbids):
    index = library.index("COI")
    subject = candidates_of(index, search(index, query(SPECIES[0])).hits)[0]
    called = status == "identified"
    taxon = {"species": SPECIES[0], "genus": "Fictus", "family": "Fictidae"}[rank]
    call = Call(status, rank if called else None, taxon if called else None, 0.96)
    kind = "forbid" if forbids else "limit"
    found = apply_caveats(call, query(SPECIES[0]), (), subject, index, Caveats(**{kind: (MIXED,)}))
    order = ["species", "genus", "family", None]
    assert order.index(found.rank) >= order.index(call.rank)
    assert found.status in (status, "inconclusive")
    if forbids:
        assert (found.status, found.probability) == ("inconclusive", None)
    else:
        assert found.probability in (None, 0.96)


def test_a_doubted_sequence_bears_no_witness_beside_another_locus(library):
    clear = Query("clear", query(SPECIES[1], "12S"))
    results = identify([doubted(query(SPECIES[0])), clear], library=library, one_sample=True)
    combined = combine(results)
    assert combined.left_out == ("a",)
    assert combined.call.taxon == SPECIES[1]
    alone = combine(results[:1])
    assert (alone.call.status, alone.call.taxon) == ("inconclusive", None)


# -- bounds, on calls and searches as a test states them -----------------------------------


HIT = Hit(0, 0.99, 6, 300, 1.0, "+", "whole")
SUBJECT = Candidate(
    "Fictus albus", "Fictus", "Fictidae", True, 0.99, 1.0, 6, 658, "S", 1, HIT
)  # fmt: skip


class Short:
    """Records of an index that are too short to be compared."""

    def __init__(self, *species, family):
        self._species = species
        self._family = family

    def records(self, haplotype):
        return [
            ReferenceRecord.named(f"R{n}", name, family=self._family)
            for n, name in enumerate(self._species)
        ]


def reserved(call, *species, sequence="ACGT" * 25, family="Fictidae", **more):
    short = [HIT] if species else []
    return apply_caveats(call, sequence, short, SUBJECT, Short(*species, family=family), **more)


def test_short_records_of_the_same_species_say_nothing_and_others_once():
    call = Call("identified", "species", "Fictus albus", 0.97, None, ("Fictus albus",))
    assert reserved(call, "Fictus albus") == call
    found = reserved(call, "Fictus albus", "Fictus niger", "Fictus niger")
    assert [one.code for one in found.warnings] == ["SHORT_RECORD_AS_NEAR"]
    assert "R1 of Fictus niger is too short to be compared (300 bp)" in found.warnings[0].message
    assert (found.rank, found.taxon) == ("genus", "Fictus")
    assert found.not_excluded == ("Fictus albus", "Fictus niger")
    assert reserved(call, "Exemplum primum").rank is None


@pytest.mark.parametrize("status", ["inconclusive", "nothing_near"])
def test_where_nothing_is_called_a_short_record_leaves_it_open(status):
    found = reserved(Call(status, probability=0.97), "Fictus niger")
    assert (found.status, found.probability, found.not_excluded) == ("inconclusive", None, ())


@pytest.mark.parametrize(
    ("family", "status", "rank"),
    [("Fictidae", "identified", "family"), ("Exemplidae", "inconclusive", None)],
)
def test_what_stands_against_a_call_never_makes_it_narrower(family, status, rank):
    """A short record of the best candidate's genus must not turn a family into that genus."""
    found = reserved(Call("identified", "family", "Fictidae", 0.97), "Fictus niger", family=family)
    assert (found.status, found.rank) == (status, rank)


@pytest.mark.parametrize("bases, rank", [(100, "species"), (99, "genus")])
def test_one_ambiguous_base_in_a_hundred_is_few(bases, rank):
    assert FEW_AMBIGUOUS == 0.01
    call = Call("identified", "species", "Fictus albus", 0.97)
    assert reserved(call, sequence="N" + "A" * (bases - 1)).rank == rank
    genus = Call("identified", "genus", "Fictus", 0.97)
    assert reserved(genus, sequence="N" * bases) == genus


def test_a_doubt_is_of_this_sequence():
    call = Call("identified", "genus", "Fictus", 0.97, doubted=True)
    assert not reserved(call).doubted
    limited = reserved(call, caveats=Caveats(limit=(MIXED,)))
    assert limited.doubted and limited.warnings == (MIXED,)
    assert not reserved(Call("identified", "genus", "Fictus"), "Fictus niger").doubted


def of(candidates=(), locus=None, *, length=658, compared=None, **library):
    """Return what is said of a search, by code."""
    facts = {"built_in_memory": set(), "demonstration": False, "title": "Simulated", **library}
    searches = {
        name: SimpleNamespace(not_compared=number)
        for name, number in (compared or {"COI": 0, "12S": 0}).items()
    }
    sequence = "A" * length
    found = search_notices(SimpleNamespace(**facts), searches, locus, list(candidates), sequence)
    return {warning.code: warning.message for warning in found}


def test_what_a_search_did_not_compare_is_said():
    assert of() == {} == of([SUBJECT])
    part = replace(SUBJECT, hit=HIT._replace(placement="left"), length=500)
    assert of([part], length=500).keys() == {"PARTIAL_OVERLAP"}
    assert of([SUBJECT, part]) == {}  # the best record alone counts
    assert "500 bases were compared" in of([part], length=500)["PARTIAL_OVERLAP"]
    assert of([replace(SUBJECT, length=90)], "COI", length=100) == {}
    assert (
        "covers 89 of the 100 bases"
        in of([replace(SUBJECT, length=89)], "COI", length=100)["PART_COMPARED"]
    )
    assert "1 record is" in of(compared={"COI": 1, "12S": 0})["RECORDS_NOT_COMPARED"]
    assert "3 records are" in of(compared={"COI": 1, "12S": 2})["RECORDS_NOT_COMPARED"]
    assert "2 records are" in of(locus="12S", compared={"COI": 1, "12S": 2})["RECORDS_NOT_COMPARED"]
    assert of(locus="12S", compared={"COI": 1, "12S": 0}) == {}


def test_what_is_remarkable_about_a_library_is_said():
    built = of(built_in_memory={"COI", "12S", "CR"})
    assert "The index of 12S, COI is missing" in built["INDEX_BUILT_IN_MEMORY"]
    assert of(built_in_memory={"CR"}) == {}
    assert of(demonstration=True) == {
        "DEMONSTRATION_LIBRARY": "Simulated: for training, not for casework."
    }


def test_an_index_that_was_not_compared_with_its_library_is_told():
    told = {state: [one.code for one in index_notices(state)] for state in IndexState}
    assert told.pop(IndexState.NOT_CHECKED) == ["INDEX_NOT_CHECKED"]
    assert set(map(tuple, told.values())) <= {()} and told


def far(sequence, *loci, locus=None, short=()):
    """Return the call of a sequence that nothing is near to, and the loci that its ends were held against."""
    checked = []
    library = SimpleNamespace(index=lambda name: name)
    searches = {name: SimpleNamespace(short=short) for name in loci}

    def check(sequence, index, floor):
        checked.append(index)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chimera, "check_ends", check)
        patch.setattr(decision, "of_two_genera", lambda sequence, index: None)
        call = apply_far_caveats(
            Call("nothing_near", probability=0.99), Query("a", sequence), library, searches, 0.9,
            locus=locus,
        )  # fmt: skip
    return call, checked


@pytest.mark.parametrize("length, looked_at", [
    (199, False), (200, True), (10_000, True), (10_001, False),
])  # fmt: skip
def test_ends_are_looked_at_where_a_barcode_has_any(length, looked_at):
    open_frame = ("GCA" * 3334)[:length]
    call, checked = far(open_frame, "COI", "12S")
    assert checked == (["COI", "12S"] if looked_at else [])
    assert (call.status, call.doubted) == ("nothing_near", False)
    assert far(open_frame, "COI", "12S", locus="12S")[1] == (["12S"] if looked_at else [])
    call, checked = far(open_frame, "COI", short=(HIT,))
    assert checked == [] and call.status == "inconclusive" and not call.doubted


def test_a_sequence_is_read_as_the_one_locus_that_it_may_be():
    stops = "TAGCTAA" * 47  # in every frame of both strands
    call, _checked = far(stops, "COI")
    assert (call.status, call.doubted) == ("inconclusive", True)
    assert far(stops, "COI", "12S", locus="COI")[0].status == "inconclusive"
    assert far(stops, "COI", "12S")[0].status == "nothing_near"


# -- A genus rests on records and species near the query; on few of them it is worth what trials
# gave


def sure(probability: float) -> Trees:
    """Return trees that give every sample the same probability."""
    return Trees(math.log(probability / (1 - probability)), 1.0, 0.0, [], [])


@pytest.fixture
def calibration() -> Calibration:
    """SIMULATED: the species is missing as good as surely, and every genus near is stated as 99 %."""
    return Calibration(
        novelty=sure(0.999),
        choice=sure(0.5),
        ranks={"genus": sure(0.99), "family": sure(0.99)},
        far=sure(0.9),
        samples=4000,
        curve=Curve((-9.0, 9.0), (5.0, 6.0), (-9.0, 9.0), (-9.0, 9.0), ((0.1, 0.1), (0.1, 0.1))),
    )


def rests_on(call):
    return message(call, "GENUS_RESTS_ON_FEW")


@pytest.mark.parametrize("records, said", [(1, "1 record of"), (40, "40 records of")])
def test_a_genus_is_not_named_for_a_missing_species_by_one_species_at_94_per_cent(
    calibration, records, said
):
    call = decide([candidate("Fictus albus", 0.938, records=records)], calibration=calibration)
    assert (call.rank, call.taxon) == ("family", "Fictidae")
    assert call.probabilities["genus"]["Fictus"] < 0.6
    assert f"{said} 1 species" in rests_on(call) and "93.8%" in rests_on(call)
    for shares in call.probabilities.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_a_genus_with_several_species_and_records_near_is_unchanged(calibration):
    near = [
        candidate("Fictus albus", 0.938, records=3),
        candidate("Fictus niger", 0.93, records=3),
    ]
    call = decide(near, calibration=calibration)
    assert (call.rank, call.taxon) == ("genus", "Fictus")
    assert call.probability > 0.98
    assert "GENUS_RESTS_ON_FEW" not in codes(call)


def test_species_further_off_than_the_window_do_not_count():
    near = [
        candidate("Fictus albus", 0.96, records=9),
        candidate("Fictus niger", 0.93, records=9),
    ]
    support = genus_support_of(near, "Fictus")
    assert (support.records, support.species, support.few) == (9, 1, True)


def test_fewer_records_than_the_minimum_are_few_in_two_species_too():
    near = [
        candidate("Fictus albus", 0.96, records=1),
        candidate("Fictus niger", 0.96, records=1),
    ]
    assert genus_support_of(near, "Fictus").few
    assert MIN_RECORDS > 2


def test_a_ceiling_never_falls_as_the_record_comes_nearer():
    ceilings = [
        genus_support_of([candidate("Fictus albus", per_mille / 1000)], "Fictus").ceiling
        for per_mille in range(900, 1001)
    ]
    assert ceilings == sorted(ceilings)
    assert {ceiling for _least, ceiling in CEILINGS} == set(ceilings)


def test_a_species_that_is_named_is_not_held_back_by_its_genus(calibration):
    known = calibration._replace(novelty=sure(0.001), choice=sure(0.999))
    call = decide([candidate("Fictus albus", 1.0, records=1)], calibration=known)
    assert call.rank == "species"
    assert "GENUS_RESTS_ON_FEW" not in codes(call)


def test_the_plain_rule_says_what_a_genus_rests_on():
    call = decide([candidate("Fictus albus", 0.98, records=2)])
    assert call.rank == "genus"
    assert "2 records of 1 species" in rests_on(call)


def test_a_genus_without_a_record_near_has_no_support():
    with pytest.raises(ValueError, match="Fictus"):
        genus_support_of([], "Fictus")


BASE = random_sequence(random.Random("spread"), 600)


def built(*pairs):
    """Return an index of (species, sequence), and for each species its number and haplotypes."""
    records = [
        (ReferenceRecord.named(f"A{n}", name), sequence) for n, (name, sequence) in enumerate(pairs)
    ]
    index = Index.build(records, locus="COI")
    found = {}
    for position in range(index.record_count):
        name = index.record(position).label
        number, haplotypes = found.setdefault(name, (index.species_at(position), []))
        haplotypes.append(index.haplotype_at(position))
    return index, {name: (number, sorted(set(h))) for name, (number, h) in found.items()}


ONE, TWO_APART, THREE = BASE, changed(BASE, 10, 100, 200), changed(BASE, 10, 300)


def haplotype(index, sequence):
    return next(h for h in range(index.size) if index.sequence(h) == sequence)


def test_the_spread_is_the_largest_distance_and_places_the_query():
    index, species = built(*(("Fictus albus", s) for s in (ONE, TWO_APART, THREE)))
    haplotypes = species["Fictus albus"][1]
    best = haplotype(index, ONE)
    inside = spread_of(index, haplotypes, ONE, best)
    assert (inside.haplotypes, inside.compared, inside.apart) == (3, 3, 0)
    assert inside.largest == pytest.approx(3 / 600)  # 10 is shared: ONE-TWO 3, TWO-THREE 3
    assert (inside.query_nearest, inside.query_farthest) == (0, pytest.approx(3 / 600))
    assert inside.inside is True
    outside = spread_of(index, haplotypes, changed(ONE, 400, 401), best)
    assert outside.query_farthest == pytest.approx(5 / 600)
    assert outside.inside is False
    assert to_stored(outside)["query_inside"] is False


@pytest.mark.parametrize("seed", range(40))
def test_a_query_is_outside_where_no_two_are_as_far_apart(seed):
    """The oracle compares all pairs."""
    rng = random.Random(seed)
    sequences = [
        mutate(rng, BASE, substitutions=rng.choice((0, 2, 5, 90))) for _ in range(seed % 5 + 1)
    ]
    index, species = built(*(("Fictus albus", sequence) for sequence in sorted(set(sequences))))
    haplotypes, query = (
        species["Fictus albus"][1],
        mutate(rng, BASE, substitutions=rng.choice((0, 3, 7))),
    )
    spread = spread_of(index, haplotypes, query, haplotypes[0])
    distances = [1 - hit.identity for hit in exhaustive_search(index, query, among=haplotypes).hits]
    distance, largest = distance_outside(index, haplotypes, query, haplotypes[0])
    assert (largest is None) == (spread.largest is None)
    farthest = max(distances, default=0)
    if spread.largest is None or farthest > spread.largest + 1e-9:
        assert distance == max(distances, default=None) and largest == spread.largest
    else:
        assert distance is None and farthest <= largest + 1e-9 <= spread.largest + 2e-9


def test_one_haplotype_has_no_spread():
    index, species = built(("Fictus albus", ONE), ("Fictus albus", ONE))
    found = spread_of(index, species["Fictus albus"][1], ONE, 0)
    assert (found.haplotypes, found.largest, found.inside) == (1, None, None)


def test_haplotypes_too_far_apart_are_counted():
    index, species = built(
        ("Fictus albus", ONE), ("Fictus albus", random_sequence(random.Random(2), 600))
    )
    found = spread_of(index, species["Fictus albus"][1], ONE, haplotype(index, ONE))
    assert (found.largest, found.apart) == (None, 1)
    assert (found.query_nearest, found.query_farthest, found.inside) == (0, None, None)


def test_no_more_than_the_stated_number_is_compared(monkeypatch):
    rng = random.Random(3)
    pairs = {mutate(rng, BASE, substitutions=6) for _ in range(9)}
    index, species = built(*(("Fictus albus", sequence) for sequence in sorted(pairs)))
    monkeypatch.setattr(spread, "SPREAD_HAPLOTYPES", 4)
    found = spread_of(index, species["Fictus albus"][1], ONE, 5)
    assert (found.haplotypes, found.compared) == (9, 4)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 20])
def test_some_are_chosen_evenly_and_the_first_always(most):
    chosen = some_of([3, 5, 7, 9, 11, 13], most, 7)
    assert chosen[0] == 7
    assert len(chosen) == len(set(chosen)) == min(most, 6)
    assert set(chosen) <= {3, 5, 7, 9, 11, 13}


def test_the_nearest_other_species_is_that_of_any_haplotype():
    far, near = changed(ONE, *range(0, 120, 4)), changed(TWO_APART, *range(400, 410))
    index, species = built(
        ("Fictus albus", ONE),
        ("Fictus albus", TWO_APART),
        ("Fictus niger", far),
        ("Fictus ruber", near),
    )
    number, haplotypes = species["Fictus albus"]
    found = nearest_other(index, haplotypes, number, haplotype(index, ONE))
    assert (found.species, found.accession, found.searched) == ("Fictus ruber", "A3", 2)
    assert found.distance == pytest.approx(10 / 600)


def test_none_is_near():
    index, species = built(
        ("Fictus albus", ONE), ("Fictus niger", random_sequence(random.Random(4), 600))
    )
    number, haplotypes = species["Fictus albus"]
    found = nearest_other(index, haplotypes, number, haplotype(index, ONE))
    assert (found.species, found.accession, found.distance) == (None, None, None)


# -- Calls of a named unit: species that a locus does not tell apart, called together


_UNIT = Unit(("Fictus albus", "Fictus niger"))
_NAME = "Fictus albus / niger"


_CANDIDATES = [
    candidate("Fictus albus", 1.0),
    candidate("Fictus niger", 1.0),
    candidate("Fictus ruber", 0.97),
]


def _decided(albus: float, niger: float, **options: float) -> Call:
    species = {"Fictus albus": albus, "Fictus niger": niger, "none": 1 - albus - niger}
    calibration = stated(species, {"Fictus": 0.99, "none": 0.01})
    return decide(_CANDIDATES, calibration=calibration, units=[_UNIT], **options)


def test_members_that_reach_the_confidence_together_and_not_alone_are_called_as_the_unit() -> None:
    call = _decided(0.55, 0.42)
    assert (call.status, call.rank, call.taxon) == ("identified", "unit", _NAME)
    assert call.probability == pytest.approx(0.97)
    assert call.members == ("Fictus albus", "Fictus niger")
    assert call.species is None
    assert call.probabilities is not None
    assert list(call.probabilities) == ["species", "unit", "genus"]
    assert sum(call.probabilities["unit"].values()) == pytest.approx(1)
    assert "UNIT_OF_SPECIES" in {notice.code for notice in call.warnings}


def test_a_unit_is_asked_of_members_that_are_near_and_reach_it_together() -> None:
    assert _decided(0.96, 0.02).taxon == "Fictus albus"
    assert (_decided(0.5, 0.3).rank, _decided(0.5, 0.3).taxon) == ("genus", "Fictus")
    calibration = stated({"Fictus albus": 0.7, "none": 0.3}, {"Fictus": 0.99, "none": 0.01})
    call = decide([candidate("Fictus albus", 1.0)], calibration=calibration, units=[_UNIT])
    assert call.rank == "genus"
    assert "unit" not in call.probabilities


def test_without_a_calibration_species_of_one_unit_that_are_as_near_are_the_unit() -> None:
    call = decide(_CANDIDATES, units=[_UNIT])
    assert (call.rank, call.taxon, call.probability) == ("unit", _NAME, None)
    assert decide(_CANDIDATES).rank == "genus"
    assert (
        decide([*_CANDIDATES[:2], candidate("Fictus ruber", 0.995)], units=[_UNIT]).rank == "genus"
    )


def test_a_unit_of_more_species_than_a_name_can_have_is_not_called() -> None:
    many = Unit((*_UNIT.members, "Fictus a", "Fictus b", "Fictus c", "Fictus d"))
    assert decide(_CANDIDATES, units=[many]).rank == "genus"


def test_what_forbids_a_species_forbids_a_unit() -> None:
    limit = Caveats(limit=(notices.UNCALIBRATED("library"),))
    limited = apply_caveats(_decided(0.55, 0.42), "ACGT" * 160, (), _CANDIDATES[0], None, limit)
    assert (limited.rank, limited.taxon) == ("genus", "Fictus")


def test_a_unit_with_a_domestic_form_that_it_lacks_goes_up_to_the_genus() -> None:
    call = Call(
        "identified", "unit", "Canis latrans / lupus", 0.97, None, ("Canis latrans", "Canis lupus")
    )
    assert widen_to_lineage(call, "COI", family="Canidae").rank == "genus"
    both = Call("identified", "unit", "Canis familiaris / lupus", 0.97)
    assert widen_to_lineage(both, "COI", family="Canidae").rank == "unit"


# -- from a library to a report ---------------------------------------------------------------


def _sequence(seed: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=600))


@pytest.fixture(scope="module")
def library_of_units(tmp_path_factory: pytest.TempPathFactory) -> Library:
    names = ["Lampornis calolaemus", "Lampornis castaneoventris"] * 2 + ["Lampornis clemenciae"]
    records = [
        (
            ReferenceRecord.named(f"A{number}", name, locus="COI", family="Trochilidae"),
            _sequence(1 if number < 4 else 2),
        )
        for number, name in enumerate(names)
    ]
    folder: Path = tmp_path_factory.mktemp("library") / "library"
    build_library(records, folder, screening=False, calibration=False)
    return open_library(folder)


@pytest.fixture(scope="module")
def result(library_of_units: Library) -> Identification:
    return identify(f">q\n{_sequence(1)}\n", library=library_of_units)[0]


def test_a_library_keeps_the_units_of_its_loci(library_of_units: Library) -> None:
    assert library_of_units.manifest("COI")["units"] == [
        ["Lampornis calolaemus", "Lampornis castaneoventris"]
    ]
    assert [unit.name for unit in library_of_units.units("COI")] == [
        "Lampornis calolaemus / castaneoventris"
    ]
    library_of_units.verify()


def test_a_result_says_the_unit_its_members_and_each_listing(result: Identification) -> None:
    values = result.to_dict()
    assert (values["rank"], values["taxon"]) == ("unit", "Lampornis calolaemus / castaneoventris")
    assert values["members"] == ["Lampornis calolaemus", "Lampornis castaneoventris"]
    assert "a unit: one of these species" in result.headline()
    assert result.listed_call().appendices == ("II",)
    assert values["listing_of_call"]["appendices"] == ["II"]
    assert "each with its listing" in result.advice()


def test_the_line_of_a_unit_is_limited(result: Identification) -> None:
    verdict = make_verdict(result)
    assert (verdict.outcome, verdict.rank) == (Outcome.LIMITED, "unit")
    assert verdict.call == "Lampornis calolaemus / castaneoventris"


def test_a_unit_is_read_back(result: Identification) -> None:
    read = Identification.from_json(result.to_json())
    assert read == result
    assert read.call.members == result.call.members
    assert read.listed_call().appendices == ("II",)


def test_a_line_of_sintax_goes_down_to_the_genus(result: Identification) -> None:
    assert sintax_line(result).split("\t")[3] == "f:Trochilidae,g:Lampornis"


def test_members_with_other_listings_are_told_with_both() -> None:
    call = Call("identified", "unit", "Manis javanica / Canis latrans")
    candidates = [candidate("Manis javanica", 1.0), candidate("Canis latrans", 1.0)]
    assert set(listing_of_call(call, candidates, ListingContext("2024-01-01")).appendices) == {
        "I",
        "not covered",
    }


# -- the most cautious call of a report --------------------------------------------------------


def _reported(*calls: tuple[str, str | None]) -> ReportedCall:
    rank, taxon = calls[0]
    finding = object.__new__(Finding)
    priors = tuple(PriorCall(0.5, "identified", r, t, None, None, None) for r, t in calls[1:])
    values = {"result": {"status": "identified", "rank": rank, "taxon": taxon}, "priors": priors}
    for name, value in values.items():
        object.__setattr__(finding, name, value)
    return conservative_call(finding)


def test_a_species_at_one_prior_and_its_unit_at_another_are_reported_as_the_unit() -> None:
    assert _reported(("species", "Fictus albus"), ("unit", _NAME)).taxon == _NAME
    assert _reported(("unit", _NAME), ("genus", "Fictus")).taxon == "Fictus"


def test_a_species_outside_the_unit_at_another_prior_leaves_no_name() -> None:
    assert _reported(("species", "Fictus ruber"), ("unit", _NAME)).taxon is None
    assert _reported(("unit", _NAME), ("genus", "Exemplum")).taxon is None
