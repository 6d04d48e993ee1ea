import random

import pytest
from simulation import SPECIES, random_sequence

from forensics.barcode.calling.reasons import (
    Congeners,
    congeners_of,
    species_number,
    species_support_of,
)
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.stored import to_stored
from forensics.taxonomy.names import packaged_backbone


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


def test_congeners_are_known_from_other_loci():
    here = species("COI", "Fictus albus", "Fictus niger", "Exemplum primum", "Fictus sp. 3")
    found = congeners_of(
        "Fictus albus",
        "Fictus",
        here=here,
        elsewhere=[
            species("12S", "Fictus ruber", "Fictus albus", "Exemplum alterum", "Fictus sp. 2"),
            species("cytb", "Exemplum primum"),
        ],
    )
    assert found == Congeners(("Fictus niger",), ("Fictus ruber",), ("12S",))


def test_congeners_are_known_from_a_checklist():
    here = species("COI", "Fictus albus", "Fictus niger")
    listed = {"Fictus": ["Fictus albus", "Fictus niger", "Fictus viridis"]}
    found = congeners_of("Fictus albus", "Fictus", here=here, checklist=listed)
    assert found == Congeners(("Fictus niger",), ("Fictus viridis",), ("checklist",))


def test_congeners_are_known_from_the_names_of_the_library():
    here = species("COI", "Smutsia temminckii")
    names = packaged_backbone({"Smutsia"})
    found = congeners_of("Smutsia temminckii", "Smutsia", here=here, backbone=names)
    assert found == Congeners((), ("Smutsia gigantea",), ("backbone",))


@pytest.mark.parametrize("genus", ["", "Fictus"])
def test_that_nothing_is_known_is_no_claim_that_there_is_none(genus):
    found = congeners_of("Fictus albus", genus, here=species("COI", "Fictus albus"))
    assert found == Congeners((), (), ())
