import json
import random
from dataclasses import replace
from html import escape
from types import SimpleNamespace

import pytest
from simulation import SPECIES, ancestors, mutate, query, random_sequence

import forensics
from forensics.barcode.calling import diagnostics as module
from forensics.barcode.calling.diagnostics import (
    Diagnostics,
    Position,
    diagnose,
    possible_congener,
    species_number,
)
from forensics.barcode.calling.reasons import (
    Congeners,
    Match,
    Reasons,
    SpeciesSupport,
    species_support_of,
)
from forensics.barcode.calling.spread import NearestOther, Spread
from forensics.barcode.identification import Identification
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.library import Congeners as LibraryCongeners
from forensics.barcode.reference.library import Library, open_library, unit_name
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.barcode.verdict import Outcome, make_verdict
from forensics.core.stored import to_stored
from forensics.examination import identify
from forensics.messages import speak
from forensics.taxonomy.names import packaged_backbone, species_in_table


@pytest.fixture(scope="module")
def near(tmp_path_factory):
    """A simulated library with two species of a genus 3 % apart."""
    rng = random.Random("near")
    ancestor = ancestors("COI")[SPECIES[0]]
    sister = mutate(rng, ancestor, substitutions=20)
    pairs = []
    for number, (name, sequence) in enumerate(((SPECIES[0], ancestor), (SPECIES[1], sister))):
        for copy in range(3):
            record = ReferenceRecord.named(
                f"SIM{number}{copy}", name, locus="COI", voucher=f"V{copy}", country="Nowhere"
            )
            pairs.append((record, mutate(rng, sequence, substitutions=copy)))
        other = ReferenceRecord.named(f"SIM12S{number}", name, locus="12S")
        pairs.append((other, ancestors("12S")[name]))
    path = tmp_path_factory.mktemp("near") / "library"
    write_library(path, pairs, name="near", calibrated=False)
    return open_library(path)


@pytest.fixture(scope="module")
def result(near):
    (result,) = identify(query(), library=near, reasons=True)
    return result


def test_they_are_given_only_when_asked(near, result):
    (plain,) = identify(query(), library=near)
    assert plain.reasons is None and plain.to_dict()["reasons"] is None
    assert "Gap" not in dict(plain.lines())
    assert (plain.call, plain.candidates) == (result.call, result.candidates)


def test_json_has_every_reason(result):
    found = json.loads(result.to_json())["reasons"]
    assert list(found) == [
        "species", "called", "best", "closest_other", "gap", "backing", "spread",
        "nearest_other_in_library", "congeners", "diagnostics", "sentences",
    ]  # fmt: skip
    assert (found["species"], found["called"]) == (SPECIES[0], True)
    best, other = result.candidates[:2]
    assert found["best"]["identity"] == best.identity
    assert found["closest_other"]["species"] == other.species
    assert found["gap"] == pytest.approx(best.identity - other.identity)
    assert found["backing"] == {
        "records": 3, "vouchered": 3, "institutions": [], "countries": ["Nowhere"],
    }  # fmt: skip
    assert found["spread"]["haplotypes"] == 3
    # The records are 1 and 2 substitutions from the ancestor.
    assert found["spread"]["largest"] == pytest.approx(3 / 658)
    assert found["nearest_other_in_library"]["species"] == other.species
    assert found["congeners"]["unsampled"] == []
    assert found["congeners"]["sources"] == ["12S"]
    assert found["diagnostics"]["other"] == other.species
    assert found["diagnostics"]["fixed"] > 10


def test_people_get_two_more_lines(result):
    lines = dict(result.lines())
    assert lines["Behind it"] == "3 records, 3 with a voucher, no known institutions, 1 country"
    assert lines["Gap"].startswith("up to 0.46% within the species; ")
    for label in ("Behind it", "Gap"):
        assert escape(lines[label]) in result._repr_html_()


def test_reasons_do_not_depend_on_the_strand(near, result):
    (turned,) = identify(reverse_complement(query()), library=near, reasons=True)
    assert turned.reasons == result.reasons


@pytest.mark.parametrize(
    "sequence", [">a\nMTNIRKTHPLLKIINDAFIDL\n", random_sequence(random.Random(3), 650)]
)
def test_where_nothing_is_near_there_are_none(library, sequence):
    (found,) = identify(sequence, library=library, reasons=True, tree=True, criteria="casework")
    assert (found.reasons, found.tree, found.criteria) == (None, None, None)
    assert json.loads(found.to_json())["reasons"] is None


def test_a_species_alone_has_no_spread_and_no_neighbour(tmp_path):
    record = ReferenceRecord.named("A1", SPECIES[0], locus="COI")
    write_library(tmp_path / "one", [(record, ancestors("COI")[SPECIES[0]])], name="one")
    (found,) = identify(query(), library=open_library(tmp_path / "one"), reasons=True)
    reasons = found.to_dict()["reasons"]
    assert reasons["closest_other"] is reasons["diagnostics"] is None
    assert reasons["gap"] == pytest.approx(found.candidates[0].identity - found.proved_to)
    assert dict(found.lines())["Gap"] == (
        "spread unknown, there is one haplotype; no other species within 10%"
    )
    assert "is not known" in reasons["sentences"][-1]


def test_a_record_far_from_its_species_is_told(tmp_path):
    rng = random.Random(11)
    sequence = ancestors("COI")[SPECIES[0]]
    records = [
        (ReferenceRecord.named(f"A{n}", SPECIES[0], locus="COI"), s)
        for n, s in enumerate((sequence, mutate(rng, sequence, substitutions=150)))
    ]
    write_library(tmp_path / "far", records, name="far")
    (found,) = identify(query(), library=open_library(tmp_path / "far"), reasons=True)
    assert "may be mislabelled" in "\n".join(found.reasons.sentences())
    assert "no two haplotypes could be compared" in dict(found.lines())["Gap"]


# -- sentences, from facts as a test states them ------------------------------------------


OWN = Match("Fictus albus", "SIM1", 0.99, 6, 658)
OTHER = Match("Fictus niger", "SIM2", 0.96, 1, 658)


def reasons(**more):
    """Return reasons in which nothing is remarkable but what is given."""
    facts = {
        "locus": "COI", "genus": "Fictus", "subject": OWN, "called": True, "other": None, "gap": 0.03,
        "backing": SpeciesSupport(1, 0, (), ()), "congeners": Congeners((), (), ("12S",)),
        "spread": Spread(2, 2, 0.02, 0, 0.01, 0.02), "nearest": NearestOther(1, None, None, None),
        "diagnostics": None,
    }  # fmt: skip
    return Reasons(**facts | more)


def said(**more):
    return list(reasons(**more).sentences())


def test_who_stands_behind_is_counted():
    assert reasons().behind() == (
        "1 record, 0 with a voucher, no known institutions, no known countries"
    )
    many = SpeciesSupport(2, 1, ("A", "B"), ("X",))
    assert reasons(backing=many).behind() == (
        "2 records, 1 with a voucher, 2 institutions, 1 country"
    )


@pytest.mark.parametrize("spread, within, inside", [
    (Spread(1, 1, None, 0, 0.01, 0.01), "spread unknown, there is one haplotype", ""),
    (Spread(2, 2, None, 1, 0.01, 0.01), "spread unknown, no two haplotypes could be compared", ""),
    (Spread(2, 2, 0.02, 0, 0.01, 0.02), "up to 2.00% within", "the query is within that spread"),
    (Spread(2, 2, 0.02, 0, 0.01, 0.0201), "up to 2.00% within", "the query is outside that spread"),
    (Spread(2, 2, 0.02, 0, None, None), "up to 2.00% within", ""),
])  # fmt: skip
def test_the_gap_is_said_with_what_is_known_of_it(spread, within, inside):
    line = reasons(spread=spread).gap_line()
    assert line.startswith(within) and "no other species within 10%" in line
    assert inside in line and ("the query is" in line) == bool(inside)
    near = NearestOther(1, "Fictus niger", "SIM2", 0.03)
    assert "; 3.00% to Fictus niger" in reasons(spread=spread, nearest=near).gap_line()
    speak("fr")
    try:
        assert "\u00a0; 3,00" in reasons(spread=spread, nearest=near).gap_line()
    finally:
        speak("en")


def test_identity_is_said_of_the_nearest_other_species_too():
    alone = said()
    assert alone[0] == "Fictus albus: 99.00% of 658 bases, 6 differences (SIM1)."
    assert alone[1].startswith("Every other species compared is at least 3.00%")
    both = said(other=OTHER)
    assert both[1] == "Fictus niger: 96.00% of 658 bases, 1 difference (SIM2)."
    assert both[2] == "Fictus niger is by 3.00% farther from the query than Fictus albus."
    assert not any("Every other" in text for text in both)


@pytest.mark.parametrize("spread, present", [
    (Spread(2, 2, 0.02, 0, 0.01, 0.02), {"The query is 1.00% to"}),
    (Spread(3, 2, 0.02, 0, 0.01, 0.02), {"haplotypes were compared", "The query is 1.00% to"}),
    (Spread(1, 1, None, 0, 0.01, 0.01), set()),
    (Spread(2, 2, 0.02, 0, None, None), set()),
    (Spread(2, 2, None, 1, None, None), {"1 pair of haplotypes of this species is"}),
    (Spread(3, 3, 0.02, 2, None, None), {"2 pairs of haplotypes of this species are"}),
])  # fmt: skip
def test_a_spread_is_explained_as_far_as_it_needs_it(spread, present):
    text = "\n".join(said(spread=spread))
    parts = {
        "The query is 1.00% to", "haplotypes were compared", "1 pair of haplotypes of this species is",
        "2 pairs of haplotypes of this species are",
    }  # fmt: skip
    assert {part for part in parts if part in text} == present


def test_diagnostic_positions_are_listed_and_what_speaks_against_is_said():
    def found(count, against):
        several = tuple(Position(n, "A", "A", "C", True) for n in range(count))
        return Diagnostics("SIM1", "Fictus niger", 2, 2, count, 0, against, several)

    text = "\n".join(said(diagnostics=found(0, 0)))
    assert "In SIM1" not in text and "Against it" not in text
    text = "\n".join(said(diagnostics=found(5, 1)))
    assert "4 A/C." in text and "…" not in text and "at 1 position the query" in text
    text = "\n".join(said(diagnostics=found(6, 2)))
    assert "4 A/C …." in text and "5 A/C" not in text and "at 2 positions the query" in text
    assert not any("Diagnostic positions" in text for text in said())


def test_congeners_are_named_as_far_as_they_are_known():
    assert "lacks a record at COI" in said()[-2] and "Known from: 12S." in said()[-1]
    unsampled = said(congeners=Congeners((), ("Fictus viridis",), ("12S", "checklist")))
    assert unsampled[-2].endswith("which are not excluded: Fictus viridis.")
    assert "Known from: 12S, checklist." in unsampled[-1]
    nothing = said(congeners=Congeners((), (), ()))
    assert nothing[-1].startswith("Which species of Fictus have no record at COI is not known")
    nameless = said(genus="")
    assert not any("species of" in text and "record at" in text for text in nameless)


BASE = "".join("A" if base in "AC" else base for base in random_sequence(random.Random(1), 300))


def put(sequence, **bases):
    """Return the sequence with bases at places that count from 1: p10="C"."""
    letters = list(sequence)
    for place, base in bases.items():
        letters[int(place[1:]) - 1] = base
    return "".join(letters)


REFERENCE = put(BASE, p10="A", p50="A", p90="A", p200="A", p250="A")
DIFFERENT = put(REFERENCE, p10="C", p50="C", p200="C")


def run(query=REFERENCE, own=(REFERENCE,), others=(DIFFERENT,)):
    return diagnose(query, REFERENCE, own, others, accession="A1", other="Fictus niger")


def places(found):
    return [(p.position, p.query, p.own, p.other, p.fixed) for p in found.positions]


def test_fixed_positions_come_first_and_variable_ones_after():
    found = run(
        own=(REFERENCE, put(REFERENCE, p10="C")),
        others=(DIFFERENT, put(DIFFERENT, p200="G")),
    )
    assert places(found) == [
        (50, "A", "A", "C", True),
        (200, "A", "A", "CG", True),
        (10, "A", "AC", "C", False),
    ]
    assert (found.fixed, found.variable, found.against) == (2, 1, 0)
    assert (found.own_haplotypes, found.other_haplotypes) == (2, 2)
    assert to_stored(found)["positions"][0] == {
        "position": 50, "query": "A", "own": "A", "other": "C", "fixed": True,
    }  # fmt: skip


@pytest.mark.parametrize("query, others, positions, fixed, against", [
    (REFERENCE, (DIFFERENT, put(DIFFERENT, p50="A")), [10, 200], 2, 0),  # one of the other has it, too
    (put(REFERENCE, p10="C"), (DIFFERENT,), [50, 200], 2, 1),  # what speaks against it is counted
    (put(REFERENCE, p10="M"), (put(DIFFERENT, p50="N"),), [200], 1, 0),  # codes prove nothing
])  # fmt: skip
def test_a_position_is_diagnostic_where_all_of_one_differ_from_all_of_the_other(
    query, others, positions, fixed, against
):
    found = run(query=query, others=others)
    assert sorted(place for place, *_bases in places(found)) == positions
    assert (found.fixed, found.against) == (fixed, against)


@pytest.mark.parametrize("turned", [False, True])
def test_positions_are_those_of_the_reference_whatever_is_cut_or_turned(turned):
    query = REFERENCE[20:280]
    if turned:
        query = reverse_complement(query)
    found = run(query=query, others=("ACGTTGCA" + DIFFERENT + "TTGACA",))
    assert [p.position for p in found.positions] == [50, 200]


def test_gaps_do_not_shift_positions():
    gapped = REFERENCE[:120] + REFERENCE[121:]
    inserted = DIFFERENT[:150] + "C" + DIFFERENT[150:]
    found = run(query=gapped, others=(inserted,))
    assert [p.position for p in found.positions if p.position in (10, 50, 200)] == [10, 50, 200]


def test_what_cannot_be_placed_is_left_out():
    stranger = random_sequence(random.Random(2), 300)
    assert run(others=(stranger,)) is None
    assert run(query=stranger) is None
    assert run(others=(stranger, DIFFERENT)).other_haplotypes == 1


def test_the_list_is_capped_and_the_number_is_not(monkeypatch):
    monkeypatch.setattr(module, "MAXIMUM_POSITIONS", 2)
    found = run()
    assert (len(found.positions), found.fixed) == (2, 3)


def index(locus, *records):
    """Return an index of simulated records: (species, institution, country, voucher)."""
    rng = random.Random(locus)
    made = [
        (
            ReferenceRecord.named(
                f"{locus}{number}", species, institution=where, country=country, voucher=voucher
            ),
            random_sequence(rng, 300),
        )
        for number, (species, where, country, voucher) in enumerate(records)
    ]
    return Index.build(made, locus=locus)


def species(locus, *names):
    return index(locus, *((name, "", "", "") for name in names))


def candidate(species, haplotype):
    """Return what these functions ask of a candidate."""
    return SimpleNamespace(species=species, hit=SimpleNamespace(haplotype=haplotype))


def test_what_stands_behind_a_species_is_counted():
    built = index(
        "COI",
        ("Fictus albus", "Museum A", "Canada: Ontario", "V1"),
        ("Fictus albus", "Museum A", "Canada:Quebec", ""),
        ("Fictus albus", "Museum B", "", "V2"),
        ("Fictus albus", "", "Nowhere", ""),
        ("Fictus niger", "Museum C", "Elsewhere", "V3"),
    )
    found = species_support_of(built, candidate("Fictus albus", built.haplotype_at(0)))
    assert (found.records, found.vouchered) == (4, 2)
    assert found.institutions == ("Museum A", "Museum B")
    assert found.countries == ("Canada", "Nowhere")
    assert to_stored(found)["countries"] == ["Canada", "Nowhere"]


def test_a_species_is_found_among_those_that_share_a_haplotype():
    sequence = random_sequence(random.Random(1), 300)
    made = [(ReferenceRecord.named(f"A{n}", name), sequence) for n, name in enumerate(SPECIES)]
    built = Index.build(made, locus="COI")
    for name in SPECIES:
        number = species_number(built, candidate(name, 0))
        assert [built.record(p).label for p in built.positions_of(number)] == [name]
    with pytest.raises(ValueError, match="Nullus"):
        species_number(built, candidate("Nullus nullus", 0))


def library_of(path, **names_of_locus):
    """Return a library of simulated records: by locus the names that they were deposited under."""
    rng = random.Random(1)
    records = [
        (ReferenceRecord.named(f"{locus}{number}", name, locus=locus), random_sequence(rng, 300))
        for locus, names in names_of_locus.items()
        for number, name in enumerate(names)
    ]
    build_library(records, path, screening=False, calibration=False)
    return open_library(path)


def test_congeners_are_known_from_other_loci(tmp_path):
    made = library_of(
        tmp_path / "made",
        COI=["Fictus albus", "Fictus niger", "Exemplum primum", "Fictus sp. 3"],
        cytb=["Fictus ruber", "Fictus albus", "Exemplum alterum", "Fictus sp. 2"],
        CR=["Exemplum primum"],
    )
    found = made.congeners("Fictus albus", "Fictus", "COI")
    assert found == LibraryCongeners(("Fictus niger",), ("Fictus ruber",), ("cytb",))
    assert made.congeners("Fictus albus", "Fictus", "cytb").unsampled == ("Fictus niger",)


def test_congeners_are_known_from_a_checklist(tmp_path):
    made = library_of(tmp_path / "made", COI=["Fictus albus", "Fictus niger"])
    listed = {"Fictus": ["Fictus albus", "Fictus niger", "Fictus viridis"]}
    found = made.congeners("Fictus albus", "Fictus", "COI", checklists=[listed])
    assert found == LibraryCongeners(("Fictus niger",), ("Fictus viridis",), ("checklist",))


def test_congeners_are_known_from_the_names_of_the_library(tmp_path):
    made = library_of(tmp_path / "made", COI=["Smutsia temminckii"])
    found = made.congeners("Manis temminckii", "Manis", "COI")
    assert (found.sampled, found.sources) == ((), ("backbone",))
    assert found.unsampled == tuple(
        name
        for name in made.backbone.species_of("Manis", known={"Manidae"})
        if name != "Manis temminckii"
    )
    assert {"Manis gigantea", "Manis tricuspis"} <= set(found.unsampled)


@pytest.mark.parametrize("genus", ["", "Fictus"])
def test_that_nothing_is_known_is_no_claim_that_there_is_none(tmp_path, genus):
    made = library_of(tmp_path / "made", COI=["Fictus albus"])
    assert made.congeners("Fictus albus", genus, "COI") == LibraryCongeners((), (), ())


def test_one_genus_is_read_out_of_a_table_of_names_as_out_of_the_whole():
    whole = packaged_backbone({"Manis", "Smutsia", "Ficus", "Caiman"})
    table = whole.to_text().encode()
    for genus in ("Manis", "Smutsia", "Caiman", "Ficus", "Fic", "Nullus"):
        for known in ((), ("Moraceae",), ("Manidae",), ("Ficidae",)):
            assert species_in_table(table, genus, known=known) == whole.species_of(
                genus, known=known
            )
    assert len(whole.genera["Ficus"]) > 1, "a homonym is among them"


# -- Congeners that the library lacks are named with the call, and take the tick where the query
# may be of one of them


GENE = random_sequence(random.Random(4), 600)
MISSING = ("Fictus ruber", "Fictus viridis")


def changed(sequence, *places):
    """Return a sequence with another base at each of these places."""
    bases = list(sequence)
    for place in places:
        bases[place] = {"A": "G", "G": "A", "C": "T", "T": "C"}[bases[place]]
    return "".join(bases)


# Haplotypes of one species, of which no two are more than three bases apart, and of its neighbour.
HAPLOTYPES = [
    GENE,
    changed(GENE, 100),
    changed(GENE, 200, 300),
]
NEIGHBOUR = changed(GENE, *range(50, 600, 40))


def doubt(query, *, own=HAPLOTYPES, others=(NEIGHBOUR,), missing=MISSING, unit=()):
    """Return the doubt of a call of Fictus albus; with sequences of Fictus flavus of the unit of both."""
    named = [("Fictus albus", s) for s in own] + [("Fictus niger", s) for s in others]
    named += [("Fictus flavus", s) for s in unit]
    index = Index.build(
        [
            (ReferenceRecord.named(f"A{number}", name), sequence)
            for number, (name, sequence) in enumerate(named)
        ],
        locus="COI",
    )
    found = candidates_of(index, search(index, query).hits)
    called = [each for each in found if each.species in ("Fictus albus", "Fictus flavus")]
    assert called[0] is found[0]
    other = next((each for each in found if each not in called), None)
    name = unit_name(each.species for each in called)
    return possible_congener(query, name, called, other, index, missing)


def test_a_sequence_within_the_spread_raises_no_doubt():
    assert doubt(changed(GENE, 200)) is None


def test_a_sequence_outside_the_spread_may_be_of_a_congener_that_the_library_lacks():
    found = doubt(changed(GENE, 10, 20, 30, 35))
    assert found.code == "CONGENER_POSSIBLE"
    assert "1.0% from a record of Fictus albus" in found.message  # 6 of 600 bases from the farthest
    assert "at most 0.5%" in found.message
    assert found.message.endswith("without a record at COI: Fictus ruber, Fictus viridis.")


def test_of_one_haplotype_the_spread_is_not_known_so_any_difference_raises_a_doubt():
    message = doubt(changed(GENE, 10), own=[GENE]).message
    assert "how far sequences of that species differ at COI is not known here" in message


def test_a_haplotype_that_hardly_overlaps_with_the_query_gives_no_distance():
    # A half of the gene from a third animal: it is no reason for a doubt, and no figure is made up for it.
    query, half = changed(GENE, 200)[:400], GENE[350:]
    assert doubt(query, own=[*HAPLOTYPES, half]) is None
    found = doubt(
        changed(GENE, 10, 20, 30, 35)[:400],
        own=[*HAPLOTYPES, half],
    )
    assert "differs by 1.5% from a record" in found.message  # 6 of 400 bases


def test_a_base_of_the_neighbour_that_no_record_of_the_species_has_raises_a_doubt():
    query = changed(GENE, 50)  # one base from the nearest, and within the spread
    assert "bases of Fictus niger that no record of Fictus albus has (1)" in doubt(query).message
    assert doubt(query, others=()) is None


def test_a_query_outside_the_spread_of_a_unit_may_be_of_a_congener_that_the_library_lacks():
    other_end = changed(GENE, 100, 120, 140, 160, 180, 220)
    # Outside what either species differs by, and inside what both do together.
    between = changed(GENE, 100, 120, 140)
    assert "differ by at most 0.2%" in doubt(between, own=HAPLOTYPES[:2]).message
    assert doubt(between, own=HAPLOTYPES[:2], unit=[other_end]) is None
    outside = changed(GENE, 10, 20, 30, 35, 40, 45, 55)
    message = doubt(outside, own=HAPLOTYPES[:2], unit=[other_end]).message
    assert "from a record of Fictus albus / flavus, whose records" in message


def test_of_many_missing_congeners_the_first_are_named():
    missing = [f"Fictus {letter}us" for letter in "abcdefgh"]
    message = doubt(changed(GENE, 10), own=[GENE], missing=missing).message
    assert message.endswith("Fictus aus, Fictus bus, Fictus cus, Fictus dus, Fictus eus ….")


# By the names of the CITES Appendices.
PANGOLINS = [
    f"Manis {epithet}"
    for epithet in "crassicaudata culionensis gigantea javanica mysteria pentadactyla tetradactyla tricuspis".split()
]


@pytest.fixture(scope="module")
def scale(root):
    text = (root / "reference_sequences/demonstration/scale.fasta").read_text(encoding="utf-8")
    return "".join(text.splitlines()[1:])


@pytest.fixture(scope="module")
def queries(scale, tmp_path_factory):
    path = tmp_path_factory.mktemp("queries") / "queries.fasta"
    # The embedded library has COI of no other pangolin. Nine changes at third positions of codons lie outside
    # what the records of the species differ by.
    far = changed(scale, *range(32, 1500, 165))
    path.write_text(f">own\n{scale}\n>far\n{far}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(queries):
    return {result.query: result for result in forensics.identify(queries)}


def test_the_line_of_a_sample_names_the_congener_that_the_library_lacks(results):
    verdict = make_verdict(results["own"])
    assert verdict.outcome is Outcome.NAMED
    assert verdict.evidence[0].endswith(
        "or M. crassicaudata, M. culionensis, M. gigantea or 5 others, which the library lacks"
    )
    assert verdict.evidence[-1] == "0/1554; M. crassicaudata or 7 others missing"


def test_a_sequence_that_may_be_of_the_missing_congener_gets_no_tick(results):
    far = results["far"]
    assert far.call.species == "Manis temminckii"
    assert make_verdict(far).outcome is Outcome.LIMITED
    assert "CONGENER_POSSIBLE" in make_verdict(far).codes


def test_where_no_congener_is_missing_the_same_sequence_gets_its_tick(queries, monkeypatch):
    monkeypatch.setattr(Library, "congeners", lambda *_given, **_more: LibraryCongeners((), (), ()))
    far = next(each for each in forensics.identify(queries) if each.query == "far")
    assert "CONGENER_POSSIBLE" not in far.codes
    assert make_verdict(far).outcome is Outcome.NAMED
    assert "missing" not in make_verdict(far).evidence[-1]


def test_a_long_list_is_named_in_part_and_counted(results):
    names = tuple(f"Manis {letter}us" for letter in "abcde")
    verdict = make_verdict(replace(results["own"], lacking=dict.fromkeys(names, ())))
    assert "or M. aus, M. bus, M. cus or 2 others, which the library lacks" in verdict.evidence[0]
    assert verdict.evidence[-1].endswith("M. aus or 4 others missing")


def test_json_table_and_the_result_that_is_read_back_name_them(results):
    own = results["own"]
    assert own.to_dict()["missing_congeners"] == PANGOLINS
    assert own.to_row()["missing_congeners"] == "; ".join(PANGOLINS)
    back = Identification.from_stored(json.loads(own.to_json()))
    assert back == own
    assert back.missing_congeners == dict.fromkeys(PANGOLINS, ())
    (named,) = (text for title, text in own.evidence_lines() if title == "Not in library")
    assert named.startswith("Manis crassicaudata, Manis culionensis, Manis gigantea")
