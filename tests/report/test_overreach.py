"""An opinion or comment that names more than the findings report, or a person of the case, is refused."""

import copy

import pytest
from typed_reports import as_statement

from forensics.report.linter import check
from forensics.report.persons import persons_named
from forensics.report.template import read_template


def problems(statement):
    return {(one.code, one.field, one.found) for one in check(statement)}


def codes(statement):
    return {problem.code for problem in check(statement)}


def with_opinion(statement, text):
    changed = copy.deepcopy(statement)
    changed["opinions"][0]["text"] = text
    return changed


def test_an_opinion_of_a_species_under_a_reported_genus_and_of_the_accused_is_refused(statement):
    text = "The meat is of a fin whale and of no other animal; the accused imported it."
    assert problems(with_opinion(statement, text)) == {
        ("BELOW_RANK", "opinions.0.text", "fin whale"),
        ("PERSON", "opinions.0.text", "the accused"),
    }


@pytest.mark.parametrize("text", [
    "It is of Balaenoptera physalus.", "It is of B. physalus.", "It is of a finback\u00a0whale.",
    "It is of a f\u0456n whale.", "C'est un rorqual commun.", "Es un rorcual com\u00fan.",
    "The species is physalus.", "A blue whale cannot be excluded.", "It is of a humpback whale.",
])  # fmt: skip
def test_any_name_below_the_reported_rank_is_refused(statement, text):
    assert codes(with_opinion(statement, text)) == {"BELOW_RANK"}


@pytest.mark.parametrize("text", [
    "The genus Balaenoptera can be reported and the species cannot.",
    "It is of a rorqual, which is a whale, of the Balaenopteridae, Cetacea.",
    "It is of another genus than Megaptera.", "The customer suspects that it was imported.",
    "Findings of a suspected mixture were not made.", "The suspect sample was frozen.",
    "At a confidence of 95 % at least 81 of the 100 are Manis.",
])  # fmt: skip
def test_what_is_reported_and_what_stands_above_it_may_be_named(statement, text):
    assert codes(with_opinion(statement, text)) == set()


def test_a_species_that_is_reported_may_be_named_and_its_subspecies_may_not(statement):
    finding = statement["findings"][0]
    finding["priors"] = [one | {"rank": "species", "taxon": "Balaenoptera physalus"}
                         for one in finding["priors"]]  # fmt: skip
    finding["reviews"][0]["interpretation"] = "Balaenoptera physalus"
    for one in finding["listings"]:
        one["taxon"] = "Balaenoptera physalus"
    said = "It is of a fin whale, Balaenoptera physalus."
    assert "BELOW_RANK" not in codes(with_opinion(statement, said))
    said = "It is of Balaenoptera physalus quoyi, or a Bengal tiger."
    assert "BELOW_RANK" in codes(with_opinion(statement, said))


def test_where_no_name_is_reported_every_taxon_is_too_much(statement):
    finding = statement["findings"][0]
    finding["priors"][0].update(status="inconclusive", rank=None, taxon=None)
    finding["reviews"][0]["interpretation"] = "nothing that I would name"
    for text in ("It is of a whale.", "It is of the Cetacea.", "It is of Balaenoptera."):
        assert "BELOW_RANK" in codes(with_opinion(statement, text)), text
    assert "BELOW_RANK" not in codes(with_opinion(statement, "No name can be given."))


def test_without_a_finding_of_the_taxon_no_taxon_is_compared(statement):
    finding = statement["findings"][0]
    finding.update(kind="morphology", result=None, text="horn of a rhinoceros", priors=None)
    assert "BELOW_RANK" not in codes(with_opinion(statement, "It is of a white rhinoceros."))


def test_a_comment_may_name_controls_and_no_taxon_within_what_is_reported(statement):
    review = statement["findings"][0]["reviews"][0]
    for text, refused in (
        ("Repeated with Sus scrofa as the positive control.", False),
        ("I would have said fin whale.", True),
        ("Balaenoptera musculus is the next one.", True),
        ("The genus Balaenoptera is right.", False),
    ):
        review["comment"] = text
        assert ("BELOW_RANK" in codes(statement)) == refused, text


def test_persons_of_the_case_are_known_by_their_names_and_makers_of_the_report_are_none(statement):
    statement["exhibits"][0]["received_from"] = "Officer Jane Fictitious"
    statement["people"].append(
        {"person": "doe", "name": "Jos\u00e9 Mar\u00eda Prue\u0301bas", "agency": "Customs", "roles": ["officer"],
         "competences": []}
    )  # fmt: skip
    for text, named in (
        ("Officer Jane Fictitious opened it.", ["Officer Jane Fictitious"]),
        ("Fictitious opened it.", ["Officer Jane Fictitious"]),
        ("A fictitious name.", []),
        ("JOSE MARIA PRUEBAS held it.", ["Jos\u00e9 Mar\u00eda Prue\u0301bas"]),
        ("Se hicieron las pruebas.", []),
        *((f"I agree with {one['analyst_name']}.", []) for one in statement["findings"]),
    ):
        assert persons_named(text, as_statement(statement)) == named, text


@pytest.mark.parametrize("text", [
    "The defendant knew it.", "The suspect is guilty.", "This poacher shot it.",
    "L\u2019accus\u00e9 l\u2019a import\u00e9.", "La mise en cause la vendait.", "El acusado lo vendi\u00f3.",
    "Un cazador furtivo lo mat\u00f3.", "O arguido importou-o.", "Un braconnier l'a tu\u00e9.",
])  # fmt: skip
def test_what_the_law_calls_persons_is_refused(statement, text):
    assert "PERSON" in codes(with_opinion(statement, text))


def test_the_report_of_the_training_case_says_nothing_that_it_must_not(statement):
    assert check(statement, read_template()) == []


@pytest.mark.parametrize(("taxon", "found"), [("Primates", set()), (None, {"BELOW_RANK"})])
def test_what_records_further_away_speak_for_may_be_named_where_it_is_stated(
    statement, taxon, found
):
    statement = with_opinion(statement, "It is of the Primates.")
    for finding in statement["findings"]:
        if "candidates" in finding["result"]:
            far = {"rank": taxon and "order", "taxon": taxon, "probability": taxon and "0.97",
                   "species": "Papio anubis", "accession": "AB123", "identity": "0.87",
                   "family": None, "order": {"taxon": "Primates", "probability": "0.97"},
                   "class": None}  # fmt: skip
            finding["priors"] = []
            finding["result"] |= {
                "status": "nothing_near", "rank": None, "taxon": None, "placement": far,
            }  # fmt: skip
    assert codes(statement) & {"BELOW_RANK"} == found
