import json
import random
from html import escape

import pytest
from simulation import SPECIES, ancestors, mutate, query, random_sequence

from forensics.barcode.reference.library import open_library, write_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.sequence import reverse_complement
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
    assert turned.reasons.to_dict() == result.reasons.to_dict()


def test_without_a_call_they_are_those_of_the_nearest(library):
    (found,) = identify(query(SPECIES[1], substitutions=40), library=library, reasons=True)
    assert found.rank != "species"
    assert found.reasons.subject == found.candidates[0]
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
    reasons = found.reasons.to_dict()
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
