import pytest

from forensics.barcode.reference.records import parse_header


@pytest.mark.parametrize(
    "text, accession, name, locus, source",
    [
        ("AB1.1|Manis javanica|COI|GenBank", "AB1.1", "Manis javanica", "COI", "GenBank"),
        ("AB1.1 | Manis_javanica | cytb | x", "AB1.1", "Manis javanica", "cytb", "x"),
        ("BBTST1-10|Manis javanica|COI-5P|AB1", "BBTST1-10", "Manis javanica", "COI-5P", "AB1"),
        ("AB1|Manis javanica", "AB1", "Manis javanica", "", ""),
        ("AB1.1 Manis javanica voucher 1 cytochrome b", "AB1.1", "Manis javanica", "", ""),
        ("AB1.1", "AB1.1", "", "", ""),
    ],
)
def test_plain_styles(text, accession, name, locus, source):
    header = parse_header(text)
    assert (header.accession, header.name) == (accession, name)
    assert (header.locus, header.source) == (locus, source)


def test_sintax():
    header = parse_header(
        "AB1;tax=k:Animalia,p:Chordata,c:Mammalia,o:Pholidota,f:Manidae,g:Manis,s:Manis_javanica;"
    )
    assert (header.accession, header.name) == ("AB1", "Manis javanica")
    assert header.ranks == {
        "phylum": "Chordata",
        "class_": "Mammalia",
        "order": "Pholidota",
        "family": "Manidae",
        "genus": "Manis",
    }


def test_sintax_with_the_epithet_alone():
    assert parse_header("AB1;tax=g:Manis,s:javanica;").name == "Manis javanica"


def test_sintax_without_species_keeps_the_genus():
    assert parse_header("AB1;tax=f:Manidae,g:Manis;").name == "Manis"


def test_dada2():
    header = parse_header("Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis javanica;")
    assert (header.accession, header.name) == ("", "Manis javanica")
    assert header.ranks["family"] == "Manidae"
    assert header.ranks["phylum"] == "Chordata"


def test_dada2_without_species_keeps_the_genus():
    assert parse_header("Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;").name == "Manis"


@pytest.mark.parametrize("text", ["", " ", "|", "||||", ";;;;;;", ";tax=;", "tax=s:", "\t"])
def test_headers_without_content_say_nothing(text):
    header = parse_header(text)
    assert header.name == ""
