"""Rules of names: what is left out, what counts for its genus, what is flagged."""

import re

import pytest

from forensics.barcode.reference.records import (
    GENUS,
    KEPT,
    LEFT_OUT,
    RULES,
    judge_name,
    leading_name,
    marks_of,
)
from forensics.taxonomy.names import parse_name

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
def test_every_name_falls_under_its_rule(name, code):
    assert judge_name(name).code == code


@pytest.mark.parametrize("name, code", NAMES)
def test_only_names_that_are_kept_reach_a_species(name, code):
    rule = judge_name(name)
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
