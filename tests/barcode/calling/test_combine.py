import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_evidence import HELD, A, B, C, D, candidate, codes, found
from simulation import SPECIES, mutate, query

from forensics import notices
from forensics.barcode.calling.combine import (
    MIN_PROBABILITY,
    Combination,
    Member,
    combine,
    species_held,
)
from forensics.barcode.calling.decision import Call, lineage_warnings, widen_to_lineage
from forensics.barcode.identification import Identification, lacking_beside
from forensics.barcode.locus import DECIDING, LOCI
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.core.notice import NoticeKind, Severity
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.examination import identify


def plain(locus, names, *, status="identified", rank="species"):
    made = Provenance("f", "0", {}, {"in_library_prior": 0.9, "confidence": 0.95}, {}, "")
    taxon = {"species": names[0], "genus": names[0].split()[0]}.get(rank) if names else None
    call = Call(status, rank, taxon, not_excluded=tuple(names))
    candidates = tuple(candidate(name) for name in names)
    return Identification(
        f"q{locus}", 1, 600, locus, "+", call, candidates, True, 0.9, 0.9, (), made
    )


def total(combination, rank="species"):
    return sum(combination.call.probabilities[rank].values())


def test_one_locus_gives_back_its_own():
    one = found("COI", {A: 0.96, B: 0.01}, genus={"Fictus": 0.99})
    both = combine([one], held=HELD)
    assert both.call.probabilities == one.call.probabilities
    assert (both.status, both.rank, both.taxon, both.call.probability) == (
        "identified",
        "species",
        A,
        0.96,
    )


def test_of_one_molecule_what_a_locus_excludes_stays_excluded():
    broad, narrow = found("12S", {A: 0.5, B: 0.47}), found("cytb", {A: 0.97, B: 0.01})
    both = combine([broad, narrow], held=HELD)
    assert (both.taxon, both.call.probability) == (A, pytest.approx(0.97))
    assert {(voice.linkage, voice.locus) for voice in both.voices} == {
        ("mitochondrial", "cytb"), ("mitochondrial", "12S"),
    }  # fmt: skip
    assert both.compared == ()


def test_two_linked_loci_tell_apart_what_neither_does_alone():
    first, second = found("12S", {A: 0.49, B: 0.49}), found("COI", {A: 0.49, C: 0.49})
    both = combine([first, second], held=HELD)
    assert (both.taxon, both.rank) == (A, "species")
    assert both.call.probability == pytest.approx(0.98, abs=0.005)


def test_of_two_that_agree_the_surer_is_taken():
    for both in ([0.99, 0.96], [0.96, 0.99]):
        loci = [found(locus, {A: p}) for locus, p in zip(("COI", "cytb"), both)]
        assert combine(loci, held=HELD).call.probability == pytest.approx(0.99)


def test_molecules_that_agree_say_more_together():
    organelle, nuclear = found("rbcL", {A: 0.6, B: 0.37}), found("ITS", {A: 0.7, C: 0.27})
    both = combine([organelle, nuclear], held=HELD)
    assert (both.rank, both.taxon) == ("species", A)
    assert both.call.probability > 0.95
    assert total(both) == pytest.approx(1)
    assert codes(both) == []


def test_evidence_is_taken_relative_to_the_prior():
    """What each says of "none" is its prior: so do both."""
    both = combine([found("rbcL", {A: 0.9}), found("ITS", {A: 0.9})], held=HELD)
    assert both.call.probabilities["species"]["none"] == pytest.approx(0.1)
    doubted = [found(locus, {A: 0.8}) for locus in ("rbcL", "ITS")]
    none = combine(doubted, held=HELD).call.probabilities["species"]["none"]
    # odds 1/9 * ((0.2 / 0.8) / (1/9)) ** 2
    assert none / (1 - none) == pytest.approx(1 / 9 * (0.25 * 9) ** 2)


def test_a_library_does_not_exclude_what_it_lacks():
    organelle, nuclear = found("rbcL", {A: 0.6, B: 0.35}), found("ITS", {B: 0.3})
    without_a = {**HELD, "ITS": {B, C, D}}
    with_a = combine([organelle, nuclear], held=HELD).call.probabilities["species"]
    lacking = combine([organelle, nuclear], held=without_a).call.probabilities["species"]
    assert with_a[A] < 0.1 < 0.8 < lacking[A]
    unknown = combine([organelle, nuclear]).call.probabilities["species"]
    assert unknown == lacking


def test_nothing_is_ever_excluded_by_one_molecule_altogether():
    both = combine([found("rbcL", {A: 0.6, B: 0.39}), found("ITS", {A: 0.99})], held=HELD)
    assert 0 < both.call.probabilities["species"][B] < 0.01


@pytest.mark.parametrize("loci", [("COI", "cytb"), ("rbcL", "ITS")])
def test_loci_that_exclude_each_other_are_a_conflict_and_no_species(loci):
    genus = {"Fictus": 0.99}
    one, other = found(loci[0], {A: 0.97}, genus=genus), found(loci[1], {B: 0.96}, genus=genus)
    both = combine([one, other], held=HELD)
    assert (both.status, both.rank, both.taxon) == ("identified", "genus", "Fictus")
    assert both.call.probabilities is None
    assert both.call.not_excluded == (A, B)
    assert "LOCI_CONFLICT" in codes(both)
    apart = combine([found(loci[0], {A: 0.97}), found(loci[1], {D: 0.96})], held=HELD)
    assert (apart.status, apart.rank, apart.taxon) == ("inconclusive", None, None)


def test_a_locus_that_holds_the_species_and_is_sure_of_none_is_a_conflict():
    sure, none = found("cytb", {A: 0.97}), found("COI", {A: 0.01, B: 0.01})
    assert "LOCI_CONFLICT" in codes(combine([sure, none], held=HELD))
    lacking = combine([sure, found("COI", {B: 0.01})], held={**HELD, "COI": {B}})
    assert (lacking.taxon, codes(lacking)[:1]) == (A, ["LINKED_LOCI"])


def test_loci_that_are_sure_of_different_genera_are_a_conflict():
    one = found("COI", {A: 0.6, B: 0.2}, genus={"Fictus": 0.97})
    for other in (found("ITS", {D: 0.97}), found("ITS", {D: 0.6}, genus={"Exemplum": 0.96})):
        assert "LOCI_CONFLICT" in codes(combine([one, other], held=HELD))
    assert "LOCI_CONFLICT" not in codes(combine([one, found("ITS", {B: 0.97})], held=HELD))
    vague = plain("ITS", [D], rank="genus")
    assert "LOCI_CONFLICT" in codes(combine([one, vague], held=HELD))


def test_nothing_near_anywhere_is_not_in_the_library_at_any_prior():
    both = combine([found("COI", {}, prior=0.99)], held=HELD)
    assert both.status == "nothing_near"
    far = found("COI", {"unlisted": 0.3}), found("ITS", {"unlisted": 0.3})
    for loci in (far[:1], far):
        both = combine(loci, held=HELD)
        assert (both.status, both.call.not_excluded) == ("nothing_near", ())


def test_a_locus_that_settles_nothing_may_still_exclude():
    sure, vague = found("cytb", {A: 0.97}), found("COI", {B: 0.6, C: 0.2, A: 0.01})
    assert "LOCI_CONFLICT" in codes(combine([sure, vague], held=HELD))
    assert "LOCI_CONFLICT" not in codes(combine([sure, found("COI", {B: 0.6, A: 0.2})], held=HELD))


def test_sets_that_overlap_are_no_conflict():
    both = combine([found("COI", {A: 0.5, B: 0.46}), found("ITS", {B: 0.5, C: 0.46})], held=HELD)
    assert (both.rank, both.taxon) == ("species", B) or B in both.call.not_excluded
    assert "LOCI_CONFLICT" not in codes(both)


def test_none_may_still_be_a_known_genus():
    loci = [found(locus, {A: 0.02}, genus={"Fictus": 0.98}) for locus in ("rbcL", "ITS")]
    both = combine(loci, held=HELD)
    assert (both.status, both.rank, both.taxon) == ("identified", "genus", "Fictus")
    assert total(both, "genus") == pytest.approx(1)
    assert both.call.probability <= 0.98


def test_what_says_nothing_is_left_out_and_told():
    mute = found("COI", {}, status="unusable")
    placeless = found(None, {}, status="nothing_near")
    both = combine([mute, found("ITS", {A: 0.97}), placeless], held=HELD)
    assert (both.taxon, both.left_out) == (A, ("qCOI", "qNone"))
    assert combine([mute]).status == combine([mute, placeless]).status == "unusable"
    assert combine([placeless, replace(placeless, query="b")]).status == "nothing_near"
    doubted = found("COI", {A: 0.97})
    doubted = replace(doubted, call=doubted.call._replace(doubted=True))
    assert combine([doubted]).status == "inconclusive"


@pytest.mark.parametrize("other", [{"prior": 0.5}, {"confidence": 0.8}])
def test_results_of_different_parameters_are_refused(other):
    with pytest.raises(UsageError, match="different values"):
        combine([found("COI", {A: 0.9}), found("ITS", {A: 0.9}, **other)])


def test_nothing_to_combine_is_told():
    with pytest.raises(UsageError, match="nothing to combine"):
        combine([])


def test_the_confidence_may_be_given():
    loci = [found("COI", {A: 0.9})]
    assert combine(loci).rank != "species"
    assert combine(loci, confidence=0.8).rank == "species"


def test_one_lineage_is_told_unless_a_nuclear_locus_speaks_too():
    assert "ONE_LINEAGE" in codes(combine([found("COI", {A: 0.97}), found("cytb", {A: 0.97})]))
    assert "ONE_LINEAGE" not in codes(combine([found("COI", {A: 0.97}), found("ITS", {A: 0.97})]))


def test_a_domestic_form_is_the_set_also_for_several_loci():
    wolf = {"Canis lupus": 0.98}
    both = combine([found("COI", wolf), found("cytb", wolf)])
    assert (both.rank, both.taxon) == ("genus", "Canis")
    assert "DOMESTIC_FORM" in codes(both)


def test_criteria_are_met_by_a_locus_not_by_their_sum():
    loci = [found("rbcL", {A: 0.6, B: 0.37}), found("ITS", {A: 0.7, C: 0.27})]
    for locus in loci:
        locus.provenance.parameters["criteria"] = {"name": "casework"}
    both = combine(loci, held=HELD)
    assert (both.rank, both.taxon) == ("genus", "Fictus")
    assert "CRITERIA_NOT_MET" in codes(both)
    met = replace(loci[0], call=loci[0].call._replace(rank="species", taxon=A))
    assert combine([met, loci[1]], held=HELD).rank == "species"


def test_a_wolf_and_a_dog_do_not_conflict():
    both = combine([found("COI", {"Canis lupus": 0.97}), found("cytb", {"Canis familiaris": 0.97})])
    assert "LOCI_CONFLICT" not in codes(both)
    assert (both.rank, both.taxon) == ("genus", "Canis")


# -- as far as each alone -----------------------------------------------------------------


def unit(locus, first, second, **more):
    """A locus that does not tell A from B."""
    one = found(locus, {A: first, B: second}, genus={"Fictus": 0.99}, **more)
    known = one.call.probabilities
    at_unit = {"Fictus albus / niger": first + second, "none": 1 - first - second}
    probabilities = {"species": known["species"], "unit": at_unit, "genus": known["genus"]}
    return replace(
        one, call=Call("identified", "unit", "Fictus albus / niger", first + second, probabilities)
    )


@pytest.mark.parametrize("loci", [("COI",), ("COI", "12S"), ("COI", "ITS")])
def test_a_unit_is_combined_to_the_unit(loci):
    both = combine([unit(locus, 0.5, 0.48) for locus in loci], held=HELD)
    assert (both.rank, both.taxon) == ("unit", "Fictus albus / niger")
    assert both.call.probability == both.call.probabilities["unit"]["Fictus albus / niger"]
    assert both.call.not_excluded == (A, B)
    assert "UNIT_OF_SPECIES" in codes(both)


def test_a_locus_that_tells_the_members_of_a_unit_apart_names_the_species():
    both = combine([unit("COI", 0.5, 0.48), found("ITS", {A: 0.97, B: 0.001})], held=HELD)
    assert (both.rank, both.taxon) == ("species", A)


def test_of_units_that_overlap_the_narrowest_is_called():
    wide = found("ITS", {A: 0.4, B: 0.4, C: 0.18}, genus={"Fictus": 0.99})
    name = "Fictus albus / niger / ruber"
    wide.call.probabilities["unit"] = {name: 0.98, "none": 0.02}
    both = combine([unit("COI", 0.5, 0.48), wide], held=HELD)
    assert (both.rank, both.taxon) == ("unit", "Fictus albus / niger")
    shares = both.call.probabilities["unit"]
    assert shares["none"] == pytest.approx(1 - max(shares[name], shares["Fictus albus / niger"]))


def test_without_calibration_a_unit_stays_and_a_locus_that_excludes_a_member_names_the_other():
    one = replace(plain("COI", [A, B]), call=Call("identified", "unit", "Fictus albus / niger"))
    assert combine([one], held=HELD).taxon == "Fictus albus / niger"
    assert combine([one, plain("ITS", [A])], held=HELD).taxon == A
    vague = plain("ITS", [A, B, C], rank="genus")
    assert combine([one, vague], held=HELD).rank == "unit"


def test_a_unit_meets_the_criteria_at_a_locus_or_goes_up():
    one = unit("COI", 0.5, 0.48)
    one.provenance.parameters["criteria"] = {"name": "casework"}
    assert combine([one], held=HELD).rank == "unit"
    unmet = replace(one, call=one.call._replace(rank="genus", taxon="Fictus"))
    assert (combine([unmet]).rank, combine([unmet]).taxon) == ("genus", "Fictus")


def test_one_sequence_combined_is_called_as_it_is_alone(library):
    """Whatever forbids a species or a name forbids it here, too."""
    whole = query(A, "COI")
    ambiguous = "".join("N" if place % 25 == 5 else base for place, base in enumerate(whole))
    for text in (whole, ambiguous, ambiguous[:300], whole[:250], query(D, "12S"), "ACGT" * 150):
        for confidence in (0.6, 0.95):
            (one,) = identify(f">q\n{text}\n", library=library, confidence=confidence)
            alone = combine([one])
            assert (alone.status, alone.rank, alone.taxon) == (one.status, one.rank, one.taxon)


def test_what_forbids_a_species_at_each_locus_forbids_it_for_all():
    limited = [
        replace(one, call=one.call._replace(status="identified", rank="genus", taxon="Fictus"))
        for one in (found("COI", {A: 0.97}), found("ITS", {A: 0.97}))
    ]
    both = combine(limited, held=HELD)
    assert (both.rank, both.taxon) == ("genus", "Fictus")
    free = replace(limited[1], call=limited[1].call._replace(rank="species", taxon=A))
    assert combine([limited[0], free], held=HELD).taxon == A
    silent = replace(
        limited[0], call=limited[0].call._replace(status="inconclusive", rank=None, taxon=None)
    )
    assert combine([silent], held=HELD).status == "inconclusive"


# -- without calibration ----------------------------------------------------------------


def test_without_calibration_what_no_molecule_excludes_is_left():
    both = combine([plain("rbcL", [A, B], rank="genus"), plain("ITS", [A])], held=HELD)
    assert (both.rank, both.taxon, both.call.probability) == ("species", A, None)
    assert "UNCALIBRATED" in codes(both)


def test_without_calibration_no_species_is_named_that_no_locus_named():
    both = combine([plain("rbcL", [A, B], rank="genus"), plain("ITS", [A, C], rank="genus")])
    assert both.rank == "genus"
    open_ = plain("ITS", [A, D], status="inconclusive", rank=None)
    assert combine([plain("rbcL", [A, B], rank="genus"), open_], held=HELD).rank is None


def test_without_calibration_two_species_are_a_conflict():
    both = combine([plain("COI", [A]), plain("cytb", [B])])
    assert (both.status, both.taxon) == ("inconclusive", None)
    assert codes(both) == ["LOCI_CONFLICT", "UNCALIBRATED"]


def test_parents_of_hybrids_do_not_hide_a_conflict():
    names = ["Acipenser ruthenus", "Acipenser schrenckii"]
    loci = [
        replace(one, call=widen_to_lineage(one.call, one.locus))
        for one in (plain("COI", names[:1]), plain("cytb", names[1:]))
    ]
    assert all(set(names) <= set(one.call.not_excluded) for one in loci)
    assert "LOCI_CONFLICT" in codes(combine(loci))


def test_beside_calibrated_loci_others_are_compared_and_not_counted():
    both = combine([plain("COI", [A]), found("ITS", {A: 0.97})])
    assert (both.taxon, both.call.probability, both.compared) == (A, 0.97, ("qCOI",))
    assert "UNCALIBRATED" in codes(both)
    against = combine([plain("COI", [B]), found("ITS", {A: 0.97})])
    assert (against.taxon, codes(against)) == (None, ["LOCI_CONFLICT", "UNCALIBRATED"])
    given = [plain("COI", [B, C], rank="genus"), found("ITS", {A: 0.97})]
    assert "LOCI_CONFLICT" not in codes(combine(given))  # COI may lack the species
    assert "LOCI_CONFLICT" in codes(combine(given, held=HELD))
    far = plain("COI", [], status="nothing_near", rank=None)
    assert "LOCI_CONFLICT" in codes(combine([far, given[1]], held=HELD))
    assert "LOCI_CONFLICT" not in codes(combine([far, given[1]], held={**HELD, "COI": {B}}))


# -- the result -------------------------------------------------------------------------


def test_real_identifications_combine(library):
    held = species_held(library)
    assert held.keys() == set(library.loci)
    assert set(SPECIES) < held["COI"]
    results = [identify(query(A, locus), library=library)[0] for locus in ("COI", "12S")]
    both = combine(results, held=held)
    assert both.taxon == A
    assert both.voices[0].linkage == "mitochondrial"
    mixed = [identify(query(*which), library=library)[0] for which in ((A, "COI"), (D, "12S"))]
    assert "LOCI_CONFLICT" in codes(combine(mixed, held=held))


def test_of_one_locus_the_longest_speaks_however_sure_a_piece_is():
    whole = replace(found("COI", {A: 0.5, B: 0.47}), query="whole", length=658)
    piece = replace(found("COI", {A: 0.97, B: 0.01}, index=2), query="piece", length=150)
    for results in ([whole, piece], [piece, whole]):
        both = combine(results, held=HELD)
        assert [voice.query for voice in both.voices] == ["whole"]
        assert both.rank != "species" and both.compared == ("piece",)


def test_of_two_as_long_of_one_locus_the_less_sure_speaks():
    one = replace(found("COI", {A: 0.99}), query="one")
    two = replace(found("COI", {A: 0.96}, index=2), query="two")
    for results in ([one, two], [two, one]):
        assert combine(results, held=HELD).call.probability == 0.96


def test_a_piece_that_excludes_the_whole_is_a_conflict():
    whole = replace(found("COI", {A: 0.97}), query="whole", length=658)
    piece = replace(found("COI", {D: 0.97}, index=2), query="piece", length=150)
    assert "LOCI_CONFLICT" in codes(combine([whole, piece], held=HELD))


def test_the_combination_says_how_it_was_reached():
    inputs = [{"file": "a.fasta", "sha256": "1"}, {"file": "b.fasta", "sha256": "2"}]
    results = [
        replace(one, provenance=replace(one.provenance, input=made, library={"sha256": "L"}))
        for one, made in zip([found("COI", {A: 0.97}), found("cytb", {A: 0.97})], inputs)
    ]
    made = combine(results, held=HELD).to_dict()["combined"]["provenance"]
    assert made["input"] == {"files": inputs} and made["library"] == {"sha256": "L"}
    assert made["parameters"]["combined"] == 2 and made["software"] == "f"
    same = combine([results[0], results[0]], held=HELD, confidence=0.8)
    assert same.provenance.input == {"files": inputs[:1]}
    assert same.provenance.parameters["confidence"] == 0.8
    other = replace(results[1], provenance=replace(results[1].provenance, library={"sha256": "M"}))
    both = combine([results[0], other], held=HELD).provenance
    assert both.library == {"libraries": [{"sha256": "L"}, {"sha256": "M"}]}
    reads = [*inputs, {"file": "F.ab1", "sha256": "3", "run": {"model": "3730"}}]
    merged = replace(results[1], provenance=replace(results[1].provenance, input={"files": reads}))
    assert combine([results[0], merged], held=HELD).provenance.input == {"files": reads}


@pytest.mark.parametrize("call, headline", [
    (Call("identified", "species", A, 0.9995), f"{A} (species), probability over 99.9%"),
    (Call("identified", "species", A, 0.9994), f"{A} (species), probability 99.9%"),
    (Call("identified", "genus", "Fictus"), "Fictus (genus)"),
    (Call("identified", "family", "Fictidae", 0.96), "Fictidae (family), probability 96.0%"),
    (Call("inconclusive"), "inconclusive: no name can be given"),
    (Call("nothing_near", probability=0.99), "nothing near: no name can be given"),
    (Call("unusable"), "unusable: no locus is informative"),
])  # fmt: skip
def test_the_headline_says_what_was_called_and_never_claims_certainty(call, headline):
    both = combine([found("COI", {A: 0.97})], held=HELD)
    assert replace(both, call=call).headline() == headline


def test_the_lines_say_what_spoke_and_only_what_there_is():
    both = combine([found("COI", {A: 0.97})], held=HELD)
    bare = replace(both, call=Call("inconclusive", not_excluded=(A,)))
    assert bare.lines() == [("Result", bare.headline()), ("Evidence", "COI of qCOI")]
    more = replace(
        bare,
        members=tuple(
            Member(query, None, None, role)
            for query, role in (("q1", "compared"), ("q2", "compared"), ("q3", "left_out"))
        ),
        call=Call("inconclusive", not_excluded=(A, B), warnings=(NoticeKind("X", Severity.LIMITS).worded("why"),)),
    )  # fmt: skip
    assert more.lines()[2:] == [
        ("Compared only", "q1, q2"), ("Uninformative", "q3"), ("Not excluded", f"{A}, {B}"),
        ("Note", "why"),
    ]  # fmt: skip


def test_a_row_and_a_frame_have_what_is_known():
    both = combine([found("COI", {B: 0.01, A: 0.97}), found("ITS", {A: 0.97, B: 0.01})], held=HELD)
    row = both.to_row()
    assert (row["locus"], row["taxon"]) == ("COI+ITS", A)
    assert row["none_in_library"] == both.call.probabilities["species"]["none"]
    assert list(both.to_frame()["species"]) == [A, "none", B]
    plainly = combine([plain("COI", [A])])
    assert plainly.to_row()["none_in_library"] is None and plainly.to_frame().empty
    flat = replace(both, call=both.call._replace(probabilities={"species": {B: 0.5, A: 0.5}}))
    assert list(flat.to_frame()["species"]) == [A, B]  # as likely: by name


# -- bounds -------------------------------------------------------------------------------


def test_a_genus_that_just_reaches_the_confidence_is_sure():
    one = found("COI", {A: 0.6, B: 0.2}, genus={"Fictus": 0.95})
    assert "LOCI_CONFLICT" in codes(combine([one, found("ITS", {D: 0.97})], held=HELD))
    assert combine([one], held=HELD).taxon == "Fictus"
    less = found("COI", {A: 0.6, B: 0.2}, genus={"Fictus": 0.9499})
    assert "LOCI_CONFLICT" not in codes(combine([less, found("ITS", {D: 0.97})]))
    assert combine([less], held=HELD).rank is None


def test_a_name_that_every_locus_is_just_sure_of_stands_in_a_conflict():
    loci = [
        found("rbcL", {A: 0.97}, genus={"Fictus": 0.95}),
        found("ITS", {B: 0.97}, genus={"Fictus": 0.99}),
    ]
    both = combine(loci, held=HELD)
    assert (both.rank, both.taxon, both.call.probability) == ("genus", "Fictus", 0.95)
    less = [loci[0], found("ITS", {B: 0.97}, genus={"Fictus": 0.9499})]
    assert combine(less, held=HELD).rank is None


def test_a_conflict_says_what_each_locus_names():
    both = combine([found("COI", {A: 0.97}), found("ITS", {D: 0.97})], held=HELD)
    (warning,) = [one for one in both.call.warnings if one.code == "LOCI_CONFLICT"]
    assert f"(COI: {A}; ITS: {D})" in warning.message
    none = combine([found("cytb", {A: 0.97}), found("COI", {A: 0.01})], held=HELD)
    (warning,) = [one for one in none.call.warnings if one.code == "LOCI_CONFLICT"]
    assert f"(cytb: {A}; COI: none of the library)" in warning.message
    genus = combine(
        [found("COI", {A: 0.6}, genus={"Fictus": 0.97}), found("ITS", {D: 0.97})], held=HELD
    )
    (warning,) = [one for one in genus.call.warnings if one.code == "LOCI_CONFLICT"]
    assert "(COI: Fictus; ITS:" in warning.message


def test_none_that_just_reaches_the_confidence_is_not_in_the_library():
    assert combine([found("COI", {A: 0.05})], confidence=0.95).status == "nothing_near"
    assert combine([found("COI", {A: 0.0501})], confidence=0.95).status == "inconclusive"


def test_linked_loci_are_told_of_one_molecule_only():
    assert "LINKED_LOCI" not in codes(combine([found("COI", {A: 0.97})]))
    two = [found("COI", {A: 0.97}), found("ITS", {A: 0.97})]
    assert "LINKED_LOCI" not in codes(combine(two))
    three = [found("COI", {A: 0.97}), found("cytb", {A: 0.97}), found("ITS", {A: 0.97})]
    assert "LINKED_LOCI" not in codes(combine(three))
    conflict = combine([found("COI", {A: 0.97}), found("cytb", {B: 0.97})])
    assert codes(conflict)[0] == "LOCI_CONFLICT" and "LINKED_LOCI" not in codes(conflict)


def test_of_two_as_long_of_one_locus_that_speaks_which_settles_nothing():
    sure = replace(found("COI", {A: 0.97}), query="sure")
    open_ = replace(found("COI", {A: 0.5, B: 0.2}, index=2), query="open")
    for results in ([sure, open_], [open_, sure]):
        assert [voice.query for voice in combine(results).voices] == ["open"]


def test_none_of_the_library_is_never_the_name_that_stands_in_a_conflict():
    loci = [found("cytb", {A: 0.97}, genus={}), found("COI", {A: 0.01, B: 0.01}, genus={})]
    both = combine(loci, held=HELD)
    assert "LOCI_CONFLICT" in codes(both) and (both.rank, both.taxon) == (None, None)


def test_without_calibration_a_library_does_not_exclude_what_it_lacks():
    loci = [plain("rbcL", [A]), plain("ITS", [B, C], rank="genus")]
    assert combine(loci, held={**HELD, "ITS": {B, C}}).taxon == A
    assert combine(loci, held=HELD).taxon != A


def test_a_member_is_told_as_doubted_where_it_was_left_out_and_not_where_it_speaks():
    warned = NoticeKind(sorted(DECIDING)[0], Severity.LIMITS).worded("x")
    one = found("COI", {A: 0.97})
    speaks = replace(one, warnings=(warned,))
    assert "MEMBER_DOUBTED" not in codes(combine([speaks, found("ITS", {A: 0.97})]))
    mute = replace(speaks, call=speaks.call._replace(doubted=True))
    assert "MEMBER_DOUBTED" in codes(combine([mute, found("ITS", {A: 0.97})]))


def test_where_all_fit_badly_together_none_gains():
    """The formula of the module's head, by hand: nothing fits both, so the prior is not shared out."""
    loci = [found("rbcL", {A: 0.6, B: 0.2}), found("ITS", {B: 0.6, C: 0.2})]
    known = combine(loci, held=HELD).call.probabilities["species"]
    fits = {A: 1.0 * 1e-3, B: 0.2 / 0.6, C: 1e-3 * 0.2 / 0.6}
    weights = {name: 0.9 * fit * ((1 - 0.2) / 0.9) ** 2 for name, fit in fits.items()}
    weights["none"] = 0.1 * (0.2 / 0.1) ** 2
    for name, weight in weights.items():
        assert known[name] == pytest.approx(weight / sum(weights.values()))


# -- What linked loci say together: the strongest counts, and what contradicts it


SHARES = st.floats(0.02, 0.98)
_LEAST_SHARES = 2 * MIN_PROBABILITY  # of the two rivals


def call_of(*loci):
    return combine(loci, held=HELD, confidence=0.95).call


@given(SHARES, SHARES, SHARES, SHARES)
def test_counterfactual_a_second_locus_that_agrees_never_lowers_a_call(a, b, c, d):
    first = found("COI", {A: a * 0.99, B: (1 - a) * 0.98 * b}, genus={"Fictus": 0.99})
    second = found("12S", {A: c * 0.99, C: (1 - c) * 0.98 * d}, genus={"Fictus": 0.99})
    for locus, own, rival in ((first, a * 0.99, B), (second, c * 0.99, C)):
        shares = locus.call.probabilities["species"]
        if shares[A] < shares[rival] or shares["none"] > 0.1 or own < 0.5:
            return  # it does not agree, or speaks for none
    both = combine([first, second], held=HELD, confidence=0.9)
    if "LOCI_CONFLICT" in codes(both):
        return
    joined = both.call.probabilities
    for locus in (first, second):
        # A rival keeps a thousandth of the odds of the best, which one locus may have had lower.
        assert joined["species"][A] >= locus.call.probabilities["species"][A] - _LEAST_SHARES
        assert joined["species"]["none"] <= locus.call.probabilities["species"]["none"] + 1e-9


@given(st.floats(0.5, 0.98), st.floats(0.0, 0.4))
def test_counterfactual_a_second_locus_that_contradicts_lowers_a_call(own, other):
    first = found("COI", {A: own, B: 0.001})
    second = found("12S", {A: other * 0.5, B: 0.95 - other})
    both = combine([first, second], held=HELD, confidence=0.99)
    if both.call.probabilities is None:
        assert "LOCI_CONFLICT" in codes(both)
    elif other * 0.5 < 0.95 - other:
        assert both.call.probabilities["species"][A] < own


def test_the_genus_does_not_lose_by_a_second_locus_that_agrees():
    first = found("COI", {A: 0.46, B: 0.46}, genus={"Fictus": 0.96})
    second = found("12S", {A: 0.46, B: 0.46}, genus={"Fictus": 0.93})
    joined = call_of(first, second).probabilities["genus"]["Fictus"]
    assert joined >= 0.96 - 1e-9


def test_agreement_of_linked_loci_adds_nothing_to_the_surest_and_that_of_molecules_does():
    first, second = found("COI", {A: 0.94}), found("12S", {A: 0.92})
    linked = call_of(first, second)
    assert linked.probabilities["species"][A] == pytest.approx(0.94)
    assert linked.probabilities["species"]["none"] == pytest.approx(0.06)
    apart = call_of(first, found("ITS", {A: 0.92}))
    assert apart.probabilities["species"]["none"] < 0.05
    (notice,) = (each for each in linked.warnings if each.code == "LINKED_LOCI")
    assert "only COI, the strongest" in notice.message


def test_what_a_linked_locus_says_against_a_species_counts_beside_the_strongest_for_it():
    """COI says 94:6 with a prior of 9:1, 12S says 60:40: the ratios, not the shares, are joined."""
    call = call_of(found("COI", {A: 0.94}), found("12S", {A: 0.6}))
    odds = (0.94 / 0.06) * (0.6 / 0.4) / 9
    assert call.probabilities["species"]["none"] == pytest.approx(1 / (1 + odds))


def species(name, probability=0.97, **other):
    genus = name.split()[0]
    known = {
        "species": {name: probability, "none": 1 - probability},
        "genus": {genus: 0.99, "none": 0.01},
        "family": {"Familia": 0.995, "none": 0.005},
    }
    return Call("identified", "species", name, probability, known, (name,), **other)


def codes_in(warnings):
    return [warning.code for warning in warnings]


@pytest.mark.parametrize("locus", [locus.name for locus in LOCI])
def test_every_call_from_an_organelle_says_that_it_is_one_lineage(locus):
    (*said,) = lineage_warnings(species("Fictus albus"), locus)
    assert codes_in(said) == ([] if locus == "ITS" else ["ONE_LINEAGE"])
    words = "Plastids" if locus in ("rbcL", "matK", "trnL") else "Mitochondria"
    assert all(warning.message.startswith(words) for warning in said)
    genus = Call("identified", "genus", "Fictus", 0.99)
    assert codes_in(lineage_warnings(genus, locus)) == codes_in(said)
    for call in (Call("unusable"), Call("nothing_near"), Call("inconclusive"),
                 Call("identified", "family", "Fictidae", 0.99)):  # fmt: skip
        assert lineage_warnings(call, locus) == []
    assert lineage_warnings(species("Fictus albus"), None) == []


def test_a_wolf_is_a_wolf_or_a_dog_and_the_genus_is_called():
    call = widen_to_lineage(species("Canis lupus"), "cytb")
    assert (call.status, call.rank, call.taxon) == ("identified", "genus", "Canis")
    assert call.probability == 0.99
    assert call.not_excluded == ("Canis lupus", "Canis familiaris")
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]
    message = call.warnings[1].message
    assert "Canis lupus, Canis familiaris" in message
    assert "nuclear microsatellites" in message and "doi:10.1016/j.jas.2003.10.006" in message


def test_a_probability_never_falls_by_calling_less():
    call = species("Canis lupus", 0.98)
    call.probabilities["genus"]["Canis"] = 0.97
    assert widen_to_lineage(call, "COI").probability == 0.98
    assert widen_to_lineage(Call("identified", "species", "Canis lupus"), "COI").probability is None


def test_a_set_of_two_genera_is_called_at_the_family():
    call = widen_to_lineage(species("Vicugna vicugna"), "cytb", family="Camelidae")
    assert (call.rank, call.taxon) == ("family", "Camelidae")
    assert call.not_excluded[0] == "Vicugna vicugna" and len(call.not_excluded) == 4
    unknown = widen_to_lineage(species("Vicugna vicugna"), "cytb")
    assert (unknown.status, unknown.rank, unknown.taxon) == ("inconclusive", None, None)
    assert unknown.not_excluded == call.not_excluded


def test_a_domestic_form_of_the_same_name_leaves_the_call():
    call = widen_to_lineage(species("Columba livia"), "COI")
    assert (call.rank, call.taxon, call.not_excluded) == (
        "species",
        "Columba livia",
        ("Columba livia",),
    )
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]


def test_a_line_that_crossed_a_border_is_the_set():
    call = widen_to_lineage(species("Ursus maritimus"), "CR")
    assert (call.rank, call.taxon) == ("genus", "Ursus")
    assert call.not_excluded == ("Ursus maritimus", "Ursus arctos")
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]
    brown = widen_to_lineage(species("Ursus arctos"), "CR", is_apart=lambda *_asked: True)
    assert (brown.taxon, codes_in(brown.warnings)) == ("Ursus arctos", ["ONE_LINEAGE"])


def test_what_may_bear_a_borrowed_line_is_the_set_until_the_library_shows_its_own():
    asked = []
    widen_to_lineage(
        species("Ursus arctos"), "CR", is_apart=lambda *names: bool(asked.append(names))
    )
    assert set(asked) == {("Ursus arctos", ("Ursus maritimus", "Thalarctos maritimus"))}
    call = widen_to_lineage(species("Ursus arctos"), "CR")
    assert (call.rank, call.taxon) == ("genus", "Ursus")
    assert call.not_excluded == ("Ursus arctos", "Ursus maritimus")
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]
    assert call.warnings[1].message.startswith(
        "Ursus arctos is known to carry the lineage of Ursus maritimus as well, and this library does not show"
    )


def test_a_set_that_is_widened_anyway_is_not_said_twice():
    wolf = widen_to_lineage(species("Canis lupus"), "cytb")  # coyotes lend it their line, too
    assert codes_in(wolf.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]
    elephant = widen_to_lineage(species("Loxodonta africana"), "cytb")
    assert codes_in(elephant.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]


SAVANNAH, FOREST = "Loxodonta africana", "Loxodonta cyclotis"
_RNG = random.Random("two lines of elephants")
SAVANNAH_LINE = "".join(_RNG.choices(("ATT", "GGA", "CTA", "TTC", "ACA", "GTA"), k=219))
FOREST_LINE = mutate(_RNG, SAVANNAH_LINE, substitutions=30)
# A savannah elephant with the line of forest elephants, farther from all records of these than a per cent.
BORROWED = mutate(_RNG, FOREST_LINE, substitutions=9)


def elephants(path, forest=(6, 6, 6)):
    """Return a library of savannah elephants of both lines, and forest elephants so far from their line."""
    rng = random.Random(3)
    records = [
        (ReferenceRecord.named(f"SIMS{number}", SAVANNAH, locus="COI"), sequence)
        for number, sequence in enumerate(
            [SAVANNAH_LINE, mutate(rng, SAVANNAH_LINE, substitutions=3), BORROWED]
        )
    ]
    records += [
        (
            ReferenceRecord.named(f"SIMF{number}", FOREST, locus="COI"),
            mutate(rng, FOREST_LINE, substitutions=edits),
        )
        for number, edits in enumerate(forest)
    ]
    write_library(path, records, name="simulated", calibrated=False)
    return open_library(path)


def said(result):
    (message,) = (w.message for w in result.warnings if w.code == "KNOWN_HYBRIDISATION")
    return message


def test_the_savannah_line_is_of_savannah_elephants_and_the_forest_line_of_either(tmp_path):
    library = elephants(tmp_path / "l")
    own = mutate(random.Random(5), SAVANNAH_LINE, substitutions=1)
    (savannah,) = identify(own, library=library)
    assert (savannah.rank, savannah.taxon) == ("species", SAVANNAH)
    assert "Hybrids are known" in said(savannah)
    # The nearest record is one named savannah elephant, and there is none of another within a per cent.
    (borrowed,) = identify(BORROWED, library=library)
    assert borrowed.candidates[0].species == SAVANNAH and borrowed.candidates[0].mismatches == 0
    assert (borrowed.rank, borrowed.taxon) == ("genus", "Loxodonta")
    assert "is known to carry the lineage" in said(borrowed)
    (forest,) = identify(mutate(random.Random(2), FOREST_LINE, substitutions=3), library=library)
    assert (forest.candidates[0].species, forest.rank) == (FOREST, "genus")
    assert "The lineage of Loxodonta cyclotis is known in" in said(forest)
    assert set(forest.call.not_excluded) == {SAVANNAH, FOREST}


@pytest.mark.parametrize("forest", [(), (6,)])
def test_a_library_without_two_forest_elephants_shows_no_line(tmp_path, forest):
    (savannah,) = identify(SAVANNAH_LINE, library=elephants(tmp_path / "l", forest))
    assert (savannah.candidates[0].species, savannah.rank) == (SAVANNAH, "genus")


def test_loci_together_name_the_species_whose_own_line_one_of_them_showed(tmp_path):
    library = elephants(tmp_path / "l")
    results = identify({"one": SAVANNAH_LINE, "two": SAVANNAH_LINE[:600]}, library=library)
    assert combine(results).taxon == SAVANNAH
    borrowed = identify({"one": BORROWED, "two": BORROWED[:600]}, library=library)
    assert combine(borrowed).call.species is None


def test_where_only_hybrids_are_known_the_line_of_the_one_parent_stays_the_call():
    call = widen_to_lineage(species("Balaenoptera physalus"), "COI")
    assert (call.rank, call.taxon, call.probability) == ("species", "Balaenoptera physalus", 0.97)
    assert call.not_excluded == ("Balaenoptera physalus", "Balaenoptera musculus")
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]


def test_a_genus_or_an_open_call_leads_there_by_what_it_does_not_exclude():
    for status, rank, taxon in (("identified", "genus", "Canis"), ("inconclusive", None, None)):
        call = Call(status, rank, taxon, 0.99, None, ("Canis familiaris", "Canis lupus"))
        found = widen_to_lineage(call, "COI")
        assert (found.status, found.rank, found.taxon) == (status, rank, taxon)
        assert found.not_excluded == call.not_excluded
        assert "DOMESTIC_FORM" in codes_in(found.warnings)


def test_a_genus_leads_to_no_set_of_another_genus():
    mammoth = Call(
        "identified",
        "genus",
        "Mammuthus",
        0.96,
        None,
        ("Mammuthus primigenius", "Loxodonta africana"),
    )
    assert codes_in(widen_to_lineage(mammoth, "COI").warnings) == ["ONE_LINEAGE"]


def test_a_synonym_of_a_member_is_not_added_again():
    call = Call("identified", "genus", "Felis", 1.0, None, ("Felis domesticus", "Felis catus"))
    assert widen_to_lineage(call, "COI").not_excluded == (
        "Felis domesticus",
        "Felis catus",
        "Felis silvestris",
        "Felis lybica",
    )


def test_warnings_that_were_there_stay():
    first = lineage_warnings(species("Fictus albus"), "COI")
    call = widen_to_lineage(species("Canis lupus", warnings=tuple(first)), "ITS")
    assert codes_in(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]


@pytest.mark.parametrize("name, said", [
    ("Columba livia", "Columba livia has wild and domestic animals, which this locus does not"),
    ("Canis lupus", "Wild and domestic forms are not distinguished here: Canis lupus, Canis familiaris."),
    ("Balaenoptera physalus", "Hybrids are known of Balaenoptera physalus, Balaenoptera musculus"),
    ("Ursus maritimus", "The lineage of Ursus maritimus is known in others: Ursus maritimus, Ursus arctos"),
])  # fmt: skip
def test_each_kind_of_set_is_said_in_its_own_words(name, said):
    (warning,) = lineage_warnings(species(name), "ITS")
    assert warning.message.startswith(said)


def test_a_species_leads_to_its_own_set_and_what_is_not_in_the_library_to_none():
    beside = Call("identified", "species", "Fictus albus", 0.97, None, ("Canis lupus",))
    assert codes_in(widen_to_lineage(beside, "ITS").warnings) == []
    absent = Call("nothing_near", probability=0.99, not_excluded=("Canis lupus",))
    assert codes_in(widen_to_lineage(absent, "ITS").warnings) == []


def test_the_species_called_is_the_first_of_its_set():
    call = Call("identified", "species", "Canis lupus", 0.97, None, ("Fictus albus",))
    assert widen_to_lineage(call, "ITS").not_excluded == (
        "Canis lupus",
        "Fictus albus",
        "Canis familiaris",
    )
    genus = Call("identified", "genus", "Canis", 0.97, None, ("Canis lupus",))
    assert widen_to_lineage(genus, "ITS").not_excluded == ("Canis lupus", "Canis familiaris")


def test_a_unit_of_two_genera_may_have_an_absent_member_of_either():
    call = Call("identified", "unit", "Fictus albus / Novus niger")
    lacking = {"Fictus ruber": (), "Novus albus": ("CM",), "Alter albus": (), "Novus niger": ()}
    assert lacking_beside(call, lacking) == {"Novus albus": ("CM",), "Fictus ruber": ()}
    genus = Call("identified", "genus", "Fictus")
    assert lacking_beside(genus, lacking) == {}


def at(locus, species, lacking, **more):
    """Return the result of a locus that lacks these species."""
    return replace(found(locus, species, **more), lacking=dict.fromkeys(lacking, ()))


def test_several_loci_name_a_congener_that_all_of_them_lack():
    both = combine([at("COI", {A: 0.94}, [C, B]), at("ITS", {A: 0.94}, [B, C])], held={})
    assert both.call.species == A  # neither alone
    assert both.missing_congeners == {B: (), C: ()}
    assert ("Not in library", f"{B} or {C}") in both.lines()
    assert both.to_dict()["combined"]["missing_congeners"] == [B, C]
    assert both.to_row()["missing_congeners"] == f"{B}; {C}"
    assert Combination.from_stored(both.to_dict()).missing_congeners == both.missing_congeners


def test_a_congener_that_one_of_the_loci_holds_is_not_missing():
    coi, its = at("COI", {A: 0.99}, [B, C]), at("ITS", {A: 0.99}, [C])
    assert list(combine([coi, its], held={}).missing_congeners) == [C]
    # Where no candidate is of the genus, what the library holds at the locus decides.
    silent = at("ITS", {}, [])
    assert list(combine([coi, silent], held={"ITS": ()}).missing_congeners) == [B, C]
    assert list(combine([coi, silent], held={"ITS": {B}}).missing_congeners) == [C]


def test_no_congener_is_named_beside_a_genus():
    vague = at("COI", {A: 0.5, B: 0.45}, [C], genus={"Fictus": 0.98})
    both = combine([vague], held={})
    assert both.rank == "genus"
    assert not both.missing_congeners


def test_the_doubt_of_a_locus_is_that_of_all_where_all_lack_the_congener():
    facts = {"species": A, "names": f"{B}, {C}", "locus": "COI"}
    doubt = notices.calls.CONGENER_POSSIBLE("no_spread", **facts)
    coi = replace(at("COI", {A: 0.99}, [B, C]), warnings=(doubt,))
    both = combine([coi, at("ITS", {A: 0.99}, [C])], held={})
    said = [n.message for n in both.notices if n.code == "CONGENER_POSSIBLE"]
    assert len(said) == 1
    assert said[0].endswith(f"without a record there: {C}.")
    assert not combine([coi, at("ITS", {A: 0.99}, [])], held={}).codes & {"CONGENER_POSSIBLE"}
