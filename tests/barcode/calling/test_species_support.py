import random

import pytest
from simulation import SPECIES, random_sequence

from forensics.barcode.calling.reasons import species_number, species_support_of
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.library import Congeners, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.stored import to_stored
from forensics.taxonomy.names import packaged_backbone, species_in_table


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


def test_what_stands_behind_a_species_is_counted():
    built = index(
        "COI",
        ("Fictus albus", "Museum A", "Canada: Ontario", "V1"),
        ("Fictus albus", "Museum A", "Canada:Quebec", ""),
        ("Fictus albus", "Museum B", "", "V2"),
        ("Fictus albus", "", "Nowhere", ""),
        ("Fictus niger", "Museum C", "Elsewhere", "V3"),
    )
    number = next(built.species_at(p) for p in range(5) if built.record(p).label == "Fictus albus")
    found = species_support_of(built, built.positions_of(number))
    assert (found.records, found.vouchered) == (4, 2)
    assert found.institutions == ("Museum A", "Museum B")
    assert found.countries == ("Canada", "Nowhere")
    assert to_stored(found)["countries"] == ["Canada", "Nowhere"]


def test_a_species_is_found_among_those_that_share_a_haplotype():
    sequence = random_sequence(random.Random(1), 300)
    made = [(ReferenceRecord.named(f"A{n}", name), sequence) for n, name in enumerate(SPECIES)]
    built = Index.build(made, locus="COI")
    for name in SPECIES:
        number = species_number(built, 0, name)
        assert [built.record(p).label for p in built.positions_of(number)] == [name]
    with pytest.raises(ValueError, match="Nullus"):
        species_number(built, 0, "Nullus nullus")


def library(path, **names_of_locus):
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
    made = library(
        tmp_path / "made",
        COI=["Fictus albus", "Fictus niger", "Exemplum primum", "Fictus sp. 3"],
        cytb=["Fictus ruber", "Fictus albus", "Exemplum alterum", "Fictus sp. 2"],
        CR=["Exemplum primum"],
    )
    found = made.congeners("Fictus albus", "Fictus", "COI")
    assert found == Congeners(("Fictus niger",), ("Fictus ruber",), ("cytb",))
    assert made.congeners("Fictus albus", "Fictus", "cytb").unsampled == ("Fictus niger",)


def test_congeners_are_known_from_a_checklist(tmp_path):
    made = library(tmp_path / "made", COI=["Fictus albus", "Fictus niger"])
    listed = {"Fictus": ["Fictus albus", "Fictus niger", "Fictus viridis"]}
    found = made.congeners("Fictus albus", "Fictus", "COI", checklist=listed)
    assert found == Congeners(("Fictus niger",), ("Fictus viridis",), ("checklist",))


def test_congeners_are_known_from_the_names_of_the_library(tmp_path):
    made = library(tmp_path / "made", COI=["Smutsia temminckii"])
    found = made.congeners("Smutsia temminckii", "Smutsia", "COI")
    assert found == Congeners((), ("Smutsia gigantea",), ("backbone",))
    assert found.unsampled == tuple(
        name
        for name in made.backbone.species_of("Smutsia", known={"Manidae"})
        if name != "Smutsia temminckii"
    )


@pytest.mark.parametrize("genus", ["", "Fictus"])
def test_that_nothing_is_known_is_no_claim_that_there_is_none(tmp_path, genus):
    made = library(tmp_path / "made", COI=["Fictus albus"])
    assert made.congeners("Fictus albus", genus, "COI") == Congeners((), (), ())


def test_one_genus_is_read_out_of_a_table_of_names_as_out_of_the_whole():
    whole = packaged_backbone({"Manis", "Smutsia", "Ficus", "Caiman"})
    table = whole.to_text().encode()
    for genus in ("Manis", "Smutsia", "Caiman", "Ficus", "Fic", "Nullus"):
        for known in ((), ("Moraceae",), ("Manidae",), ("Ficidae",)):
            assert species_in_table(table, genus, known=known) == whole.species_of(
                genus, known=known
            )
    assert len(whole.genera["Ficus"]) > 1, "a homonym is among them"
