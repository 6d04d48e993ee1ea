import random

import pytest
from simulation import mutate

from forensics.barcode.calling.combine import combine
from forensics.barcode.calling.decision import Call, lineage_warnings, widen_to_lineage
from forensics.barcode.locus import LOCI
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.examination import identify


def species(name, probability=0.97, **other):
    genus = name.split()[0]
    known = {
        "species": {name: probability, "none": 1 - probability},
        "genus": {genus: 0.99, "none": 0.01},
        "family": {"Familia": 0.995, "none": 0.005},
    }
    return Call("identified", "species", name, probability, known, (name,), **other)


def codes(warnings):
    return [warning.code for warning in warnings]


@pytest.mark.parametrize("locus", [locus.name for locus in LOCI])
def test_every_call_from_an_organelle_says_that_it_is_one_lineage(locus):
    found = codes(lineage_warnings(species("Fictus albus"), locus))
    assert found == ([] if locus == "ITS" else ["ONE_LINEAGE"])
    genus = Call("identified", "genus", "Fictus", 0.99)
    assert codes(lineage_warnings(genus, locus)) == found


def test_what_is_not_called_says_nothing():
    for call in (Call("unusable"), Call("nothing_near"), Call("inconclusive")):
        assert lineage_warnings(call, "COI") == []
    assert lineage_warnings(Call("identified", "family", "Fictidae", 0.99), "COI") == []
    assert lineage_warnings(species("Fictus albus"), None) == []


def test_plastids_and_mitochondria_are_told_apart_in_words():
    (plastid,) = lineage_warnings(species("Fictus albus"), "rbcL")
    (mitochondrial,) = lineage_warnings(species("Fictus albus"), "COI")
    assert plastid.message.startswith("Plastids")
    assert mitochondrial.message.startswith("Mitochondria")


def test_a_wolf_is_a_wolf_or_a_dog_and_the_genus_is_called():
    call = widen_to_lineage(species("Canis lupus"), "cytb")
    assert (call.status, call.rank, call.taxon) == ("identified", "genus", "Canis")
    assert call.probability == 0.99
    assert call.not_excluded == ("Canis lupus", "Canis familiaris")
    assert codes(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]
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
    assert codes(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]


def test_a_line_that_crossed_a_border_is_the_set():
    call = widen_to_lineage(species("Ursus maritimus"), "CR")
    assert (call.rank, call.taxon) == ("genus", "Ursus")
    assert call.not_excluded == ("Ursus maritimus", "Ursus arctos")
    assert codes(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]
    brown = widen_to_lineage(species("Ursus arctos"), "CR", is_apart=lambda *_asked: True)
    assert (brown.taxon, codes(brown.warnings)) == ("Ursus arctos", ["ONE_LINEAGE"])


def test_what_may_bear_a_borrowed_line_is_the_set_until_the_library_shows_its_own():
    asked = []
    widen_to_lineage(
        species("Ursus arctos"), "CR", is_apart=lambda *names: bool(asked.append(names))
    )
    assert set(asked) == {("Ursus arctos", ("Ursus maritimus", "Thalarctos maritimus"))}
    call = widen_to_lineage(species("Ursus arctos"), "CR")
    assert (call.rank, call.taxon) == ("genus", "Ursus")
    assert call.not_excluded == ("Ursus arctos", "Ursus maritimus")
    assert codes(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]
    assert call.warnings[1].message.startswith(
        "Ursus arctos is known to carry the lineage of Ursus maritimus as well, and this library does not show"
    )


def test_a_set_that_is_widened_anyway_is_not_said_twice():
    wolf = widen_to_lineage(species("Canis lupus"), "cytb")  # coyotes lend it their line, too
    assert codes(wolf.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]
    elephant = widen_to_lineage(species("Loxodonta africana"), "cytb")
    assert codes(elephant.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]


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
    assert codes(call.warnings) == ["ONE_LINEAGE", "KNOWN_HYBRIDISATION"]


def test_a_genus_or_an_open_call_leads_there_by_what_it_does_not_exclude():
    for status, rank, taxon in (("identified", "genus", "Canis"), ("inconclusive", None, None)):
        call = Call(status, rank, taxon, 0.99, None, ("Canis familiaris", "Canis lupus"))
        found = widen_to_lineage(call, "COI")
        assert (found.status, found.rank, found.taxon) == (status, rank, taxon)
        assert found.not_excluded == call.not_excluded
        assert "DOMESTIC_FORM" in codes(found.warnings)


def test_a_genus_leads_to_no_set_of_another_genus():
    mammoth = Call(
        "identified",
        "genus",
        "Mammuthus",
        0.96,
        None,
        ("Mammuthus primigenius", "Loxodonta africana"),
    )
    assert codes(widen_to_lineage(mammoth, "COI").warnings) == ["ONE_LINEAGE"]


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
    assert codes(call.warnings) == ["ONE_LINEAGE", "DOMESTIC_FORM"]


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
    assert codes(widen_to_lineage(beside, "ITS").warnings) == []
    absent = Call("nothing_near", probability=0.99, not_excluded=("Canis lupus",))
    assert codes(widen_to_lineage(absent, "ITS").warnings) == []


def test_the_species_called_is_the_first_of_its_set():
    call = Call("identified", "species", "Canis lupus", 0.97, None, ("Fictus albus",))
    assert widen_to_lineage(call, "ITS").not_excluded == (
        "Canis lupus",
        "Fictus albus",
        "Canis familiaris",
    )
    genus = Call("identified", "genus", "Canis", 0.97, None, ("Canis lupus",))
    assert widen_to_lineage(genus, "ITS").not_excluded == ("Canis lupus", "Canis familiaris")
