import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Reply, barcode, flat, genome, mitogenome

from forensics.barcode.fetch.ncbi import (
    Entrez,
    entry_of,
    fetched_of,
    query_of,
    read_taxonomy,
    records_in,
    version_of,
)
from forensics.barcode.fetch.request import FetchError
from forensics.barcode.locus import LOCI
from forensics.errors import InputError, UsageError

QUERY = query_of(["Fictidae"], ["COI"])


def of(utility, **says):
    """Return a test whether a request is of a utility with such parameters."""

    def fits(path, found):
        return path.endswith(f"/{utility}.fcgi") and says.items() <= found.items()

    return fits


def first(fits, reply):
    """Return a fault that answers the first request that fits."""
    return lambda path, says: reply if fits(path, says) else None


LIST = of("efetch", rettype="acc")
RECORDS = of("efetch", rettype="gbwithparts")


def test_the_query_names_taxon_and_every_synonym_of_the_gene():
    query = query_of(["Manidae", "Manis tricuspis"], ["COI", "cytb"])
    assert query.startswith('("Manidae"[Organism] OR "Manis tricuspis"[Organism]) AND (')
    for word in (
        '"COX1"[Gene Name]',
        '"cytochrome c oxidase subunit I"[Title]',
        '"cob"[Gene Name]',
    ):
        assert word in query


@pytest.mark.parametrize("locus", [locus.name for locus in LOCI])
def test_every_locus_can_be_searched(locus):
    assert f'"{locus}"[Gene Name]' in query_of(["Manidae"], [locus])


@pytest.mark.parametrize("name", ["", 'Manis" OR "Homo', "Manis[Organism]", "-x", "a\nb"])
def test_a_taxon_that_would_change_the_query_is_refused(name):
    with pytest.raises(UsageError, match="cannot be the name of a taxon"):
        query_of([name], ["COI"])


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@c.d", "a@b.c,d@e.f"])
def test_an_email_is_required(asked, ncbi, email):
    with pytest.raises(UsageError, match="NCBI requires"):
        Entrez(asked(ncbi.url), email=email)


def test_an_odd_key_is_refused_without_being_shown(asked, ncbi):
    with pytest.raises(UsageError) as found:
        Entrez(asked(ncbi.url), email="a@b.example", api_key="not a key\n")
    assert "not a key" not in str(found.value)


def test_requests_name_tool_email_and_key(entrez, ncbi):
    entrez.search(QUERY)
    ((_path, says),) = ncbi.requests
    assert (says["tool"], says["email"]) == ("wildlife-forensics", "doe@lab.example")
    assert says["api_key"] == "0123456789abcdef"
    assert says["term"] == QUERY


def test_the_list_is_read_page_by_page(entrez, ncbi, small_batches):
    search, accessions = entrez.accessions(QUERY)
    assert search.count == 7
    assert accessions == ncbi.listed
    pages = [says for path, says in ncbi.requests if LIST(path, says)]
    assert [(p["retstart"], p["retmax"]) for p in pages] == [("0", "3"), ("3", "3"), ("6", "1")]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<eSearchResult><Count>7</Cou", kind="text/xml"),
        Reply(b"<eSearchResult><ERROR>Database is down</ERROR></eSearchResult>", kind="text/xml"),
        Reply(b"<eSearchResult><Count>7</Count></eSearchResult>", kind="text/xml"),
        Reply(b"<eSearchResult><Count>many</Count></eSearchResult>", kind="text/xml"),
        Reply(b"<html>maintenance</html>", kind="text/html"),
        Reply(b"not XML"),
        Reply(b"", 500),
        Reply(b'{"error":"API rate limit exceeded"}', 429),
    ],
)
def test_a_search_that_is_broken_is_made_again(entrez, ncbi, reply):
    ncbi.faults = [first(of("esearch"), reply)]
    assert entrez.search(QUERY).count == 7
    ncbi.faults = [first(of("esearch"), reply)] * 3
    with pytest.raises(FetchError, match="the search was not received completely in 3 attempts"):
        entrez.search(QUERY)


def test_external_entities_of_an_answer_are_not_opened(entrez, ncbi, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("7")
    body = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        "<eSearchResult><Count>&e;</Count></eSearchResult>"
    )
    ncbi.faults = [first(of("esearch"), Reply(body.encode(), kind="text/xml"))] * 3
    with pytest.raises(FetchError, match="was not received completely"):
        entrez.search(QUERY)


def test_a_taxon_that_ncbi_does_not_know_is_told(entrez):
    with pytest.raises(FetchError, match="does not know the taxon 'Nusquam'"):
        entrez.search(query_of(["Nusquam"], ["COI"]))


@pytest.mark.parametrize(
    "body", [b"", b"FA000001.1\n", b"<html>x</html>\n", b"FA1.1\n\x1b[2J\nx!\n"]
)
def test_a_short_or_broken_list_is_never_taken(entrez, ncbi, body):
    ncbi.faults = [first(LIST, Reply(body))]
    assert entrez.accessions(QUERY)[1] == ncbi.listed
    ncbi.faults = [first(LIST, Reply(body))] * 3
    with pytest.raises(
        FetchError, match="list of accessions from number 1 was not received completely"
    ):
        entrez.accessions(QUERY)


def test_a_record_withdrawn_between_two_pages_of_the_list_is_noticed(entrez, ncbi, small_batches):
    # After the first page the list moves up by one: the last page is short.
    def withdraw(path, says):
        if LIST(path, says) and says["retstart"] == "3" and len(ncbi.listed) == 7:
            del ncbi.listed[0]
        return None

    ncbi.faults = [withdraw]
    with pytest.raises(
        FetchError, match="from number 7 was not received completely.*0 of 1 accessions"
    ):
        entrez.accessions(QUERY)


def test_a_list_that_names_a_record_twice_is_asked_for_again(entrez, ncbi, small_batches):
    twice = "".join(f"{a}\n" for a in ncbi.listed[2:5])  # as if one had been put in before
    ncbi.faults = [first(of("efetch", rettype="acc", retstart="3"), Reply(twice.encode()))]
    assert entrez.accessions(QUERY)[1] == ncbi.listed
    assert sum(path.endswith("esearch.fcgi") for path, _says in ncbi.requests) == 2


def test_records_come_as_they_were_asked_for(entrez, ncbi, flat_files):
    names = ["FA000004.1", "FA000001.1"]
    text, absent = entrez.records(names)
    assert not absent
    assert [line.split()[1] for line in text.splitlines() if line.startswith("VERSION")] == names


def test_many_ids_are_all_sent(entrez, ncbi):
    names = [f"XX{n:06d}.1" for n in range(250)]  # more than an address would hold
    sent = []
    ncbi.faults = [lambda path, says: sent.append(says["id"])]
    entrez.records(names)
    assert sent[0] == ",".join(names)


@pytest.mark.parametrize("cut", ["in a record", "between records", "empty"])
def test_a_batch_that_was_cut_off_is_never_taken_as_it_is(entrez, ncbi, flat_files, cut):
    names = ["FA000004.1", "FA000005.2", "FA000006.1"]
    whole = "".join(flat_files[name] for name in names)
    body = {
        "in a record": whole[: len(whole) // 2],
        "between records": flat_files[names[0]],
        "empty": "",
    }[cut]
    ncbi.faults = [first(RECORDS, Reply(body.encode()))]
    text, absent = entrez.records(names)
    assert (text, absent) == (whole, {})


@pytest.mark.parametrize(
    "body",
    [
        b"<?xml version='1.0'?><eEfetchResult><ERROR>Unable to obtain query</ERROR></eEfetchResult>",
        b"Error: F+W:Cannot process\n",
        b"\xff\xfe\x00",
        b"LOCUS       X\nVERSION     FA000004.1\nORIGIN\n//\n",
    ],
)
def test_a_malformed_batch_is_asked_for_again_and_never_taken(entrez, ncbi, flat_files, body):
    names = ["FA000004.1", "FA000006.1"]
    ncbi.faults = [first(RECORDS, Reply(body))]
    assert entrez.records(names)[0] == "".join(flat_files[name] for name in names)
    ncbi.faults = [first(RECORDS, Reply(body))] * 3
    with pytest.raises(FetchError, match="batch of 2 records from FA000004.1 was not received"):
        entrez.records(names)


def test_a_record_that_was_not_asked_for_is_not_taken(entrez, ncbi, flat_files):
    body = flat_files["FA000004.1"] + flat_files["FA000007.1"]
    ncbi.faults = [first(RECORDS, Reply(body.encode()))] * 3
    with pytest.raises(FetchError, match="'FA000007.1' was not asked for"):
        entrez.records(["FA000004.1", "FA000006.1"])


def test_a_withdrawn_record_is_named_and_the_others_are_kept(entrez, ncbi, flat_files):
    del ncbi.records["FA000005.2"]
    text, absent = entrez.records(["FA000004.1", "FA000005.2", "FA000006.1"])
    assert list(absent) == ["FA000005.2"]
    assert "withdrawn since the search" in absent["FA000005.2"]
    assert text == flat_files["FA000004.1"] + flat_files["FA000006.1"]


def test_a_changed_version_is_named(entrez, ncbi, flat_files):
    new = flat_files["FA000005.2"].replace("FA000005.2", "FA000005.3")
    ncbi.records["FA000005.3"] = new
    ncbi.versions["FA000005.2"] = "FA000005.3"
    _text, absent = entrez.records(["FA000004.1", "FA000005.2"])
    assert absent == {"FA000005.2": "now FA000005.3"}


def test_a_key_that_is_not_accepted_is_told_and_not_shown(entrez, ncbi):
    ncbi.faults = [first(RECORDS, Reply(b'{"error":"API key invalid"}', 403))]
    with pytest.raises(FetchError, match="API key invalid") as found:
        entrez.records(["FA000004.1", "FA000006.1"])
    assert "0123456789abcdef" not in str(found.value)


def test_the_taxonomy_must_name_every_taxon(entrez, ncbi):
    fits = of("efetch", db="taxonomy")
    for body in (b"<TaxaSet></TaxaSet>", b"<TaxaSet><Taxon>", b"<html/>", b""):
        ncbi.faults = [first(fits, Reply(body, kind="text/xml"))]
        assert b"Fictidae" in entrez.taxonomy(["9000001"])
        ncbi.faults = [first(fits, Reply(body, kind="text/xml"))] * 3
        with pytest.raises(FetchError, match="the taxonomy of 1 taxa was not received completely"):
            entrez.taxonomy(["9000001"])


# -- flat files ------------------------------------------------------------------


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
