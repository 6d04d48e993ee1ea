"""Congeners that the library lacks are named with the call, and take the tick where the query may be of one of them."""

import json
import random
from dataclasses import replace

import pytest
from simulation import random_sequence

import forensics
from forensics.barcode.calling.reasons import possible_congener
from forensics.barcode.identification import Identification
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.reference.library import Congeners, Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.verdict import Outcome, make_verdict

BASE = random_sequence(random.Random(4), 600)
MISSING = ("Fictus ruber", "Fictus viridis")


def changed(sequence, *places):
    """Return a sequence with another base at each of these places."""
    bases = list(sequence)
    for place in places:
        bases[place] = {"A": "G", "G": "A", "C": "T", "T": "C"}[bases[place]]
    return "".join(bases)


# Haplotypes of one species, of which no two are more than three bases apart, and of its neighbour.
OWN = [BASE, changed(BASE, 100), changed(BASE, 200, 300)]
NEIGHBOUR = changed(BASE, *range(50, 600, 40))


def doubt(query, *, own=OWN, others=(NEIGHBOUR,), missing=MISSING):
    named = [("Fictus albus", s) for s in own] + [("Fictus niger", s) for s in others]
    index = Index.build(
        [
            (ReferenceRecord.named(f"A{number}", name), sequence)
            for number, (name, sequence) in enumerate(named)
        ],
        locus="COI",
    )
    subject, *rest = candidates_of(index, search(index, query).hits)
    assert subject.species == "Fictus albus"
    return possible_congener(query, subject, rest[0] if rest else None, index, missing)


def test_a_sequence_within_the_spread_raises_no_doubt():
    assert doubt(changed(BASE, 200)) is None


def test_a_sequence_outside_the_spread_may_be_of_a_congener_that_the_library_lacks():
    found = doubt(changed(BASE, 10, 20, 30, 35))
    assert found.code == "CONGENER_POSSIBLE"
    assert "1.0% from a record of Fictus albus" in found.message  # 6 of 600 bases from the farthest
    assert "at most 0.5%" in found.message
    assert found.message.endswith("without a record at COI: Fictus ruber, Fictus viridis.")


def test_of_one_haplotype_the_spread_is_not_known_so_any_difference_raises_a_doubt():
    message = doubt(changed(BASE, 10), own=[BASE]).message
    assert "how far sequences of that species differ at COI is not known here" in message


def test_a_haplotype_that_hardly_overlaps_with_the_query_gives_no_distance():
    # A half of the gene from a third animal: it is no reason for a doubt, and no figure is made up for it.
    query, half = changed(BASE, 200)[:400], BASE[350:]
    assert doubt(query, own=[*OWN, half]) is None
    found = doubt(changed(BASE, 10, 20, 30, 35)[:400], own=[*OWN, half])
    assert "differs by 1.5% from a record" in found.message  # 6 of 400 bases


def test_a_base_of_the_neighbour_that_no_record_of_the_species_has_raises_a_doubt():
    query = changed(BASE, 50)  # one base from the nearest, and within the spread
    assert "bases of Fictus niger that no record of Fictus albus has (1)" in doubt(query).message
    assert doubt(query, others=()) is None


def test_of_many_missing_congeners_the_first_are_named():
    missing = [f"Fictus {letter}us" for letter in "abcdefgh"]
    message = doubt(changed(BASE, 10), own=[BASE], missing=missing).message
    assert message.endswith("Fictus aus, Fictus bus, Fictus cus, Fictus dus, Fictus eus ….")


@pytest.fixture(scope="module")
def scale(root):
    text = (root / "reference_sequences/demonstration/scale.fasta").read_text(encoding="utf-8")
    return "".join(text.splitlines()[1:])


@pytest.fixture(scope="module")
def queries(scale, tmp_path_factory):
    path = tmp_path_factory.mktemp("queries") / "queries.fasta"
    # The embedded library has no COI of Smutsia gigantea. Nine changes at third positions of codons lie outside
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
    assert verdict.evidence[0].endswith("or S. gigantea, which the library lacks")
    assert verdict.evidence[-1] == "0/1554; S. gigantea missing"


def test_a_sequence_that_may_be_of_the_missing_congener_gets_no_tick(results):
    far = results["far"]
    assert far.call.species == "Smutsia temminckii"
    assert make_verdict(far).outcome is Outcome.LIMITED
    assert "CONGENER_POSSIBLE" in make_verdict(far).codes


def test_where_no_congener_is_missing_the_same_sequence_gets_its_tick(queries, monkeypatch):
    monkeypatch.setattr(Library, "congeners", lambda *_given, **_more: Congeners((), (), ()))
    far = next(each for each in forensics.identify(queries) if each.query == "far")
    assert "CONGENER_POSSIBLE" not in far.codes
    assert make_verdict(far).outcome is Outcome.NAMED
    assert "missing" not in make_verdict(far).evidence[-1]


def test_a_long_list_is_named_in_part_and_counted(results):
    names = tuple(f"Smutsia {letter}us" for letter in "abcde")
    verdict = make_verdict(replace(results["own"], missing_congeners=names))
    assert "or S. aus, S. bus, S. cus or 2 others, which the library lacks" in verdict.evidence[0]
    assert verdict.evidence[-1].endswith("S. aus or 4 others missing")


def test_json_table_and_the_result_that_is_read_back_name_them(results):
    own = results["own"]
    assert own.to_dict()["missing_congeners"] == ["Smutsia gigantea"]
    assert own.to_row()["missing_congeners"] == "Smutsia gigantea"
    back = Identification.from_stored(json.loads(own.to_json()))
    assert back == own
    assert back.missing_congeners == ("Smutsia gigantea",)
    assert ("Not in library", "Smutsia gigantea") in own.evidence_lines()
