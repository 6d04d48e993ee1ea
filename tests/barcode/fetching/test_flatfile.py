import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import barcode, flat, genome, mitogenome

from forensics.barcode.fetching.flatfile import (
    entry_of,
    fetched_of,
    read_taxonomy,
    records_in,
    version_of,
)
from forensics.errors import InputError


def read(record, taxonomy=None):
    text = flat(record)
    entry, _sequence = entry_of(text)
    return fetched_of(text, entry, taxonomy or {})


def test_what_a_record_says_of_its_specimen_is_kept():
    found = read(
        barcode(
            "FA1.1",
            "Fictus albus",
            voucher="MUS:Mamm:17",
            geo_loc_name=["Gabon: Ivindo"],
            lat_lon=["0.51 S 11.2 E"],
            collected_by=["R. Roe"],
            identified_by=["J. Doe"],
            collection_date=["06-May-2019"],
        )  # fmt: skip
    )
    assert (found.accession, found.name, found.taxid) == ("FA1.1", "Fictus albus", "9000001")
    assert (found.voucher, found.institution) == ("MUS:Mamm:17", "MUS")
    assert (found.country, found.coordinates) == ("Gabon: Ivindo", "0.51 S 11.2 E")
    assert (found.collector, found.identifier, found.date) == ("R. Roe", "J. Doe", "06-May-2019")
    assert found.publication == "Doe,J. A made paper. J. Made 1, 1-2 (2020). PMID 12345"
    assert found.submitter == "Museum of Made Things, Nowhere"
    assert found.deposited == "01-JAN-2020"
    assert dict(found.ranks) == {"order": "Fictiformes", "family": "Fictidae"}  # by their endings
    assert found.belongs_to({"Fictidae"}) and found.belongs_to({"Fictus albus"})
    assert not found.belongs_to({"Manidae"})


def test_a_voucher_without_structure_names_no_institution():
    assert read(barcode("FA1.1", "Fictus albus", voucher="tail 7")).institution == ""


def test_ranks_come_from_the_taxonomy_where_it_was_fetched():
    body = (
        b"<TaxaSet><Taxon><TaxId>9000001</TaxId><ScientificName>Fictus albus</ScientificName>"
        b"<Rank>species</Rank><AkaTaxIds><TaxId>77</TaxId></AkaTaxIds><LineageEx>"
        b"<Taxon><TaxId>1</TaxId><ScientificName>Mammalia</ScientificName><Rank>class</Rank></Taxon>"
        b"<Taxon><TaxId>2</TaxId><ScientificName>Pholidota</ScientificName><Rank>order</Rank></Taxon>"
        b"</LineageEx></Taxon></TaxaSet>"
    )
    taxonomy = read_taxonomy(body)
    assert taxonomy["77"] == taxonomy["9000001"]
    found = read(barcode("FA1.1", "Fictus albus"), taxonomy)
    assert dict(found.ranks) == {"class": "Mammalia", "order": "Pholidota"}
    assert found.taxonomy == ("Mammalia", "Pholidota", "Fictus albus")
    assert found.reference().class_ == "Mammalia"


@pytest.mark.parametrize("body", [b"", b"<x>", b"<html/>", b"\xff"])
def test_what_is_no_taxonomy_is_an_error(body):
    with pytest.raises(ValueError):
        read_taxonomy(body)


def test_records_are_split_as_they_stand(flat_files):
    text = "\n".join(flat_files.values())
    found = list(records_in(io.StringIO(text), "x"))
    assert found == list(flat_files.values())
    assert [version_of(record) for record in found] == list(flat_files)


def test_a_file_that_was_cut_off_is_an_error(flat_files):
    text = "".join(list(flat_files.values())[3:5])
    for length in (len(text) - 4, len(text) - 100, len(text) // 2 - 100, 30):
        with pytest.raises(InputError, match="cut off"):
            list(records_in(io.StringIO(text[:length]), "x"))


def test_something_else_is_no_flat_file():
    with pytest.raises(InputError, match="x, record 1: found '>A1', expected LOCUS"):
        list(records_in(io.StringIO(">A1\nACGT\n"), "x"))


def test_control_characters_do_not_reach_the_table():
    found = read(barcode("FA1.1", "Fictus albus", voucher="a\x1b[2Jb\tc"))
    assert "\x1b" not in found.voucher and "\t" not in found.voucher


@given(st.integers(0, 3000), st.sampled_from(["\n", "\0", "join(", "\x1b", ">", "é", "9" * 30]))
def test_a_mutated_record_is_read_or_told(place, junk):
    text = flat(barcode("FA1.1", "Fictus albus"))
    place = min(place, len(text) - 1)
    text = text[:place] + junk + text[place + 1 :]
    try:
        for record in records_in(io.StringIO(text), "x"):
            entry, _sequence = entry_of(record)
            fetched_of(record, entry, {})
    except InputError:
        pass


def test_a_whole_genome_is_one_record():
    entry, sequence = entry_of(flat(mitogenome("FA1.1", "Fictus albus")))
    assert len(sequence) == len(genome()) and len(entry.features) == 5
