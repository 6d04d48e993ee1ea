import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.reference.headers import (
    GENUS,
    KEPT,
    LEFT_OUT,
    RULES,
    judge_name,
    leading_name,
    marks_of,
    parse_header,
)
from forensics.barcode.reference.records import COLUMNS, ReferenceRecord
from forensics.taxonomy.names import parse_name

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


@pytest.mark.parametrize(
    "text, name",
    [
        ("AB1;tax=g:Manis,s:javanica;", "Manis javanica"),
        ("AB1;tax=f:Manidae,g:Manis;", "Manis"),
        ("Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;", "Manis"),
    ],
)
def test_a_lineage_gives_the_epithet_its_genus_and_without_one_the_genus(text, name):
    assert parse_header(text).name == name


@pytest.mark.parametrize("text", ["", " ", "|", "||||", ";;;;;;", ";tax=;", "tax=s:", "\t"])
def test_headers_without_content_say_nothing(text):
    header = parse_header(text)
    assert header.name == ""


# -- Rules of names: what is left out, what counts for its genus, what is flagged


NAMES = [
    ("Manis javanica", "SPECIES"),
    ("Manis_javanica", "SPECIES"),
    ("Panthera tigris altaica", "SPECIES"),
    ("TPA: Manis javanica", "THIRD_PARTY"),
    ("Manis", "NO_SPECIES"),
    ("Manis sp.", "NO_SPECIES"),
    ("Manis sp. 2 ABC-2010", "NO_SPECIES"),
    ("Manis sp. BOLD:AAA1234", "NO_SPECIES"),
    ("Manis cf. javanica", "DOUBTED"),
    ("Manis aff. javanica", "DOUBTED"),
    ("Manis nr. javanica", "DOUBTED"),
    ("Manis javanica?", "DOUBTED"),
    ("Manis javanica-like", "DOUBTED"),
    ("Bombus (Bombus) lucorum complex", "WIDE"),
    ("Rana gr. esculenta", "WIDE"),
    ("Manis javanica s.l.", "WIDE"),
    ("Falco rusticolus x cherrug", "HYBRID"),
    ("Falco rusticolus x F. cherrug", "HYBRID"),
    ("Falco rusticolus × Falco cherrug", "HYBRID"),
    ("Phytophthora × alni", "HYBRID"),
    ("Falco hybrid", "HYBRID"),
    ("Cairina moschata x Anas platyrhynchos", "HYBRID_GENERA"),
    ("× Cupressocyparis leylandii", "HYBRID_GENERA"),
    ("C.irapeanum", "ABBREVIATED"),
    ("P. leo", "ABBREVIATED"),
    ("Manidae", "NO_GENUS"),
    ("Manidae sp. 1", "NO_GENUS"),
    ("sp.", "NO_GENUS"),
    ("", "NO_GENUS"),
    ("uncultured fungus", "ENVIRONMENTAL"),
    ("uncultured Glomus", "ENVIRONMENTAL"),
    ("fish environmental sample", "ENVIRONMENTAL"),
    ("freshwater metagenome", "ENVIRONMENTAL"),
    ("UNVERIFIED: Manis javanica", "UNVERIFIED"),
]


@pytest.mark.parametrize("name, code", NAMES)
def test_every_name_falls_under_its_rule_and_reaches_a_species_where_it_is_kept(name, code):
    rule = judge_name(name)
    assert rule.code == code
    species = parse_name(marks_of(name)[0]).species
    assert bool(species) <= (rule.action == KEPT or rule.action == LEFT_OUT)
    assert (rule.action == KEPT) <= bool(species)


@pytest.mark.parametrize(
    "marks, code",
    [
        ("UNVERIFIED: Manis javanica cytochrome b (cytb) gene", "UNVERIFIED"),
        ("UNVERIFIED_ORG: Manis javanica", "UNVERIFIED"),
        ("Manis javanica numt", "NUCLEAR_COPY"),
        ("Manis javanica cytochrome b pseudogene, partial sequence", "NUCLEAR_COPY"),
        ("environmental_sample", "ENVIRONMENTAL"),
        ("Manis javanica isolate x", "SPECIES"),
    ],
)
def test_what_a_record_says_of_itself_counts(marks, code):
    assert judge_name("Manis javanica", marks).code == code


@pytest.mark.parametrize(
    "description, name",
    [
        ("Falco rusticolus x Falco cherrug isolate 7", "Falco rusticolus x Falco cherrug"),
        ("Falco rusticolus x cherrug voucher X", "Falco rusticolus x cherrug"),
        ("Falco rusticolus x F. cherrug mitochondrion", "Falco rusticolus x F. cherrug"),
        ("Manis cf. javanica AB 2", "Manis cf. javanica"),
        ("Manis sp. 1 COI", "Manis sp."),
        ("Bubo bubo hybrid isolate 3", "Bubo bubo hybrid"),
        ("Manis javanica isolate x", "Manis javanica"),
        ("Manis", "Manis"),
        ("", ""),
    ],
)
def test_a_description_does_not_hide_a_hybrid_or_a_doubt(description, name):
    assert leading_name(description.split()) == name


def test_every_rule_is_documented_as_it_is(root):
    text = (root / "docs" / "library.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| [^|]+\| ([^|]+) \|$", text, re.MULTILINE))
    words = {LEFT_OUT: "left out", GENUS: "genus", KEPT: "species"}
    for rule in RULES:
        said = words[rule.action] + (", flagged" if rule.flagged else "")
        assert rows.get(rule.code) == said, rule.code
