import re

import pytest

from forensics.taxonomy.names import KINDS, TESTS, find_lineages, lineages, parse_name


@pytest.mark.parametrize("lineage", lineages(), ids=lambda lineage: lineage.forms)
def test_every_row_is_whole_and_has_a_source(lineage):
    assert lineage.kind in KINDS
    assert lineage.tests and set(lineage.tests) <= TESTS.keys()
    names = [name for member in lineage.members for name in member]
    assert len(names) == len(set(names))
    for name in names:
        assert parse_name(name).species == name
    assert lineage.called and set(lineage.called) <= {member[0] for member in lineage.members}
    assert len(lineage.members) > 1 or lineage.kind == "domestic"
    for source in lineage.sources:
        assert re.fullmatch(r"doi:10\.\d{4,}/\S+|[A-Z].* \d{4}, .*\d+: \d+-\d+", source), source


def test_no_two_rows_say_the_same():
    rows = [(lineage.kind, lineage.members) for lineage in lineages()]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    "wild, tame",
    [
        ("Canis lupus", "Canis familiaris"),
        ("Felis silvestris", "Felis catus"),
        ("Sus scrofa", "Sus domesticus"),
        ("Bos mutus", "Bos grunniens"),
        ("Bubalus arnee", "Bubalus bubalis"),
        ("Capra aegagrus", "Capra hircus"),
        ("Ovis orientalis", "Ovis aries"),
        ("Equus africanus", "Equus asinus"),
    ],
)
def test_the_taxa_that_the_plan_names_are_there(wild, tame):
    for one, other in ((wild, tame), (tame, wild)):
        assert any(
            lineage.kind == "domestic" and other in lineage.others(one)
            for _name, lineage in find_lineages([one])
        )


def test_gene_flow_in_one_direction_leads_one_way():
    assert [lineage.kind for _n, lineage in find_lineages(["Canis latrans"])] == ["introgression"]
    assert [lineage.kind for _n, lineage in find_lineages(["Canis lupus"])] == ["domestic"]


def test_other_names_of_a_member_lead_to_the_set_in_their_own_genus():
    ((name, lineage), *_more) = find_lineages(["Poephagus grunniens"])
    assert name == "Poephagus grunniens"
    assert lineage.others(name) == ("Poephagus mutus",)


def test_what_is_not_in_the_table_leads_nowhere():
    assert find_lineages(["Fictus albus", "Canis", ""]) == []
