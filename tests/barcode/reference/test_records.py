from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.reference.records import COLUMNS, ReferenceRecord

TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=12)


def test_columns_are_the_fields():
    assert [name.rstrip("_") for name in (f.name for f in fields(ReferenceRecord))] == list(COLUMNS)


@given(st.lists(TEXT, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_a_record_is_one_line_whatever_is_in_it(values):
    row = ReferenceRecord(*values).to_row()
    assert len(row.split("\t")) == len(COLUMNS)
    assert len(row.splitlines()) <= 1
    again = ReferenceRecord.from_row(row)
    assert again.to_row() == row


def test_a_name_sets_genus_and_species():
    record = ReferenceRecord.named("A1", "Panthera tigris altaica", country="Russia")
    assert (record.name, record.genus, record.species) == (
        "Panthera tigris altaica", "Panthera", "Panthera tigris",
    )  # fmt: skip
    assert record.label == "Panthera tigris"
    assert record.country == "Russia"


def test_a_name_that_reaches_no_species_counts_as_it_stands():
    assert ReferenceRecord.named("A1", "Panthera sp. 2").label == "Panthera sp. 2"
