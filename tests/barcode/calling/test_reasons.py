import json
import random
from html import escape

import pytest
from simulation import SPECIES, ancestors, mutate, query, random_sequence

from forensics.barcode.calling.decision import NearestOther, Spread
from forensics.barcode.calling.reasons import (
    Congeners,
    Diagnostics,
    Match,
    Position,
    Reasons,
    SpeciesSupport,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.examination import identify


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


def test_sentences_say_the_same(result):
    text = "\n".join(result.reasons.sentences())
    for part in (SPECIES[0], "1 difference (", "Barcoding gap", "Diagnostic positions", "12S"):
        assert part in text
    assert "{" not in text


def test_reasons_do_not_depend_on_the_strand(near, result):
    (turned,) = identify(reverse_complement(query()), library=near, reasons=True)
    assert turned.reasons == result.reasons


def test_without_a_call_they_are_those_of_the_nearest(library):
    (found,) = identify(query(SPECIES[1], substitutions=40), library=library, reasons=True)
    assert found.rank != "species"
    assert found.reasons.species == found.candidates[0].species
    assert found.reasons.called is False


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
