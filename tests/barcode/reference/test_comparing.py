"""What one library has that another has not. The libraries are SIMULATED."""

from dataclasses import replace

import pytest
from simulation import SPECIES, query, reference_records

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.transfer import compare_libraries
from forensics.barcode.reference.writing import write_library
from forensics.errors import VerificationError


@pytest.fixture
def built(tmp_path):
    def build(name, records):
        write_library(tmp_path / name, records, calibrated=False, name=name)
        return open_library(tmp_path / name)

    return build


def changes(found):
    return [
        (c.change, c.locus, c.old_accession, c.old_name, c.new_accession, c.new_name, c.by)
        for c in found.records
    ]


def test_equal_libraries_do_not_differ(built):
    one, other = built("one", reference_records()), built("one", reference_records())
    found = compare_libraries(one, other)
    assert found.same
    assert (found.records, found.species_gained, found.species_lost) == ((), (), ())
    assert [row["old_records"] for row in found.loci] == [16, 16]


def test_records_are_gained_lost_renamed_changed_and_moved(built):
    old = [pair for pair in reference_records() if pair[0].locus == "COI"]
    by = {record.accession: (record, sequence) for record, sequence in old}
    new = dict(by)
    lost = new.pop("SIMCOI40")[0]  # one of three of its species
    for accession in ("SIMCOI30", "SIMCOI31", "SIMCOI32"):  # a whole species
        del new[accession]
    record, sequence = new["SIMCOI00"]
    new["SIMCOI00"] = (replace(record, species="Novus albus", genus="Novus"), sequence)
    record, sequence = new["SIMCOI11"]
    new["SIMCOI11"] = (record, sequence[:-9])
    record, sequence = new.pop("SIMCOI21")
    new["MOVED"] = (replace(record, accession="MOVED"), sequence)
    record, sequence = new.pop("SIMCOI22")
    new["OTHER"] = (
        replace(record, accession="OTHER", name="Fictus ater", species="Fictus ater"),
        sequence,
    )
    new["NEW"] = (ReferenceRecord.named("NEW", "Novus novus", locus="COI"), query("Fictus niger"))
    found = compare_libraries(built("old", old), built("new", list(new.values())))
    assert changes(found) == [
        ("gained", "COI", "", "", "NEW", "Novus novus", ""),
        ("lost", "COI", lost.accession, lost.label, "", "", ""),
        *(("lost", "COI", f"SIMCOI3{n}", SPECIES[3], "", "", "") for n in range(3)),
        ("renamed", "COI", "SIMCOI22", SPECIES[2], "OTHER", "Fictus ater", "sequence"),
        ("renamed", "COI", "SIMCOI00", SPECIES[0], "SIMCOI00", "Novus albus", "accession"),
        ("changed", "COI", "SIMCOI11", SPECIES[1], "SIMCOI11", SPECIES[1], "accession"),
        ("moved", "COI", "SIMCOI21", SPECIES[2], "MOVED", SPECIES[2], "sequence"),
    ]
    assert found.species_gained == ("Fictus ater", "Novus albus", "Novus novus")
    assert found.species_lost == (SPECIES[3],)
    assert found.loci[0] == {
        "locus": "COI", "old_records": 16, "new_records": 13,
        "gained": 1, "lost": 4, "renamed": 2, "changed": 1, "moved": 1,
    }  # fmt: skip


def test_another_version_of_an_accession_is_the_same_record(built):
    one = ReferenceRecord.named("MN1.1", "Fictus albus", locus="COI")
    other = replace(one, accession="MN1.2", species="Fictus niger", name="Fictus niger")
    found = compare_libraries(built("old", [(one, query())]), built("new", [(other, query()[:-5])]))
    assert [(c.change, c.by) for c in found.records] == [("renamed", "version")]


def test_a_locus_that_is_new_is_gained_whole(built):
    records = reference_records()
    old = [pair for pair in records if pair[0].locus == "COI"]
    found = compare_libraries(built("old", old), built("new", records))
    assert {c.change for c in found.records} == {"gained"}
    assert {c.locus for c in found.records} == {"12S"}
    assert (found.species_gained, found.species_lost) == ((), ())


def test_records_that_were_tampered_with_are_not_compared(built):
    one, other = built("one", reference_records()), built("two", reference_records())
    table = other.path / "COI" / "records.tsv"
    table.write_text(table.read_text().replace("albus", "niger", 1))
    with pytest.raises(VerificationError, match="is not the file that its manifest names"):
        compare_libraries(one, other)
