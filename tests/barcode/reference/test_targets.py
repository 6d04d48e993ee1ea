from simulation import LENGTHS, SPECIES

from forensics.barcode.reference import targets


def test_the_summary_counts_records_species_and_vouchers(library):
    rows = targets.summary(library)
    assert [row["locus"] for row in rows] == sorted(LENGTHS)
    for row in rows:
        assert row["records"] == 3 * len(SPECIES) + 1
        assert row["species"] == len(SPECIES)
        assert row["vouchered"] == 3 * len(SPECIES)
        assert row["countries"] == 1


def test_targets_say_what_is_held_and_what_is_missing(library, monkeypatch):
    wanted = [
        {"group": "x", "taxon": "Fictus"},
        {"group": "x", "taxon": SPECIES[3]},
        {"group": "y", "taxon": "Absentia"},
    ]
    monkeypatch.setattr(targets, "read_targets", lambda: wanted)
    genus, species, absent = targets.target_table(library)
    assert genus["records"] == "12S:10 COI:10"
    assert (genus["species"], genus["countries"]) == (3, 1)
    assert species["records"] == "12S:3 COI:3"
    assert (absent["records"], absent["missing"]) == ("-", "everything")


def test_synonyms_count_for_a_target(library, monkeypatch):
    wanted = [{"group": "x", "taxon": "Newname albus", "also": f"Absentia;{SPECIES[0]}"}]
    monkeypatch.setattr(targets, "read_targets", lambda: wanted)
    (row,) = targets.target_table(library)
    assert row["records"] == "12S:3 COI:3"
