"""What stands against a call beside the candidates; every case was found by an attack."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from simulation import SPECIES, far_sequence, mutate, query, random_sequence, reference_records

from forensics.barcode import chimera
from forensics.barcode.calling import decision
from forensics.barcode.calling.combine import combine
from forensics.barcode.calling.decision import (
    Call,
    Caveats,
    apply_caveats,
    apply_far_caveats,
    decide,
    index_notices,
    search_notices,
)
from forensics.barcode.locus import FEW_AMBIGUOUS, reverse_complement
from forensics.barcode.matching.search import Candidate, Hit, candidates_of, search
from forensics.barcode.reading.reads import Query
from forensics.barcode.recognition import packaged_exemplars
from forensics.barcode.reference.library import IndexState, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.core.notice import NoticeKind, Severity
from forensics.errors import VerificationError
from forensics.examination import identify


def codes(result):
    return {warning.code for warning in result.warnings}


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


def test_another_floor_has_no_probability():
    result = identify(query(SPECIES[0]), floor=0.85)[0]
    assert result.call.probability is None
    assert "FLOOR_CHANGED" in codes(result)


def test_an_index_that_names_another_species_is_found(library_folder):
    path = library_folder / "COI" / "index.bin"
    content = path.read_bytes()
    assert content.count(b"Fictus albus")
    path.write_bytes(content.replace(b"Fictus albus", b"Fictus alius"))
    with pytest.raises(VerificationError, match="not the index that its manifest names"):
        open_library(library_folder).verify()


def test_what_the_best_record_does_not_cover_is_told(library):
    junk = random_sequence(random.Random(8), 400)
    result = identify(query(SPECIES[0]) + junk, library=library, locus="COI")[0]
    assert "PART_COMPARED" in codes(result)
    assert "PART_COMPARED" not in codes(identify(query(SPECIES[0]), library=library)[0])


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


@pytest.mark.parametrize(
    ("family", "status", "rank"),
    [("Fictidae", "identified", "family"), ("Exemplidae", "inconclusive", None)],
)
def test_what_stands_against_a_call_never_makes_it_narrower(library, family, status, rank):
    """A short record of the best candidate's genus must not turn a family into that genus."""
    hit = Hit(0, 1.0, 0, 200, 0.3, "+", "whole")
    subject = Candidate(
        "Fictus albus", "Fictus", "Fictidae", True, 0.92, 1.0, 50, 658, "S", 1, hit
    )  # fmt: skip

    class Short:
        def records(self, haplotype):
            return [ReferenceRecord.named("SHORT", "Fictus niger", family=family)]

    call = Call("identified", "family", "Fictidae", 0.97)
    found = apply_caveats(call, query(SPECIES[0]), [hit], subject, Short())
    assert (found.status, found.rank) == (status, rank)


# -- doubts about the query itself ------------------------------------------------------


MIXED = NoticeKind("SIMULATED_DOUBT", Severity.LIMITS).worded("two animals")


def doubted(sequence, *, name="a"):
    return Query(name, sequence, doubts=(MIXED,))


def test_what_forbids_a_name_makes_any_call_inconclusive(library):
    near, far = query(SPECIES[0]), far_sequence()
    for sequence, without in ((near, "identified"), (far, "nothing_near")):
        assert identify(Query("a", sequence), library=library)[0].status == without
        (result,) = identify(doubted(sequence), library=library)
        assert (result.status, result.rank, result.taxon) == ("inconclusive", None, None)
        assert result.call.probability is None
        assert "SIMULATED_DOUBT" in codes(result)
    assert identify(doubted(near), library=library)[0].candidates


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

    def __init__(self, *species):
        self._species = species

    def records(self, haplotype):
        return [
            ReferenceRecord.named(f"R{n}", name, family="Fictidae")
            for n, name in enumerate(self._species)
        ]


def reserved(call, *species, sequence="ACGT" * 25, **more):
    short = [HIT] if species else []
    return apply_caveats(call, sequence, short, SUBJECT, Short(*species), **more)


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
    part = replace(SUBJECT, hit=replace(HIT, placement="left"), length=500)
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
