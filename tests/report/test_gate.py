"""A text that says more than the findings is refused, in whatever field it stands; an honest one is left alone."""

import copy
import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from training_case import FINDING

from forensics.report.layout import read_template
from forensics.report.linter import check

CORPUS = Path(__file__).with_name("gate_corpus.tsv")
# What the gate finds of the corpus, and what it refuses wrongly. The held-out part was written before the gate was
# tuned on the other one, and is never looked at to change a rule: a change of the gate may move its two numbers. The
# second part was looked at in a later round, the third was not.
RATES = {
    ("tuned", "over"): (66, 67),
    ("tuned", "honest"): (0, 69),
    ("held", "over"): (37, 40),
    ("held", "honest"): (1, 41),
    ("second", "over"): (29, 30),
    ("second", "honest"): (0, 30),
    ("third", "over"): (26, 30),
    ("third", "honest"): (0, 30),
}


# The corpus is of a genus with many species and many names; the training case is of one with few.
OF_A_WHALE = {
    "Manis temminckii": "Balaenoptera physalus",
    "Manis": "Balaenoptera",
    "Manidae": "Balaenopteridae",
    "pangolin": "whale",
    "scale": "meat",
    "1,554": "658",
    "1554": "658",
}


@pytest.fixture
def statement(statement):
    """The report of the training case, were it of a whale."""
    text = json.dumps(statement, ensure_ascii=False)
    for of_the_scale, of_a_whale in OF_A_WHALE.items():
        text = text.replace(of_the_scale, of_a_whale)
    statement = json.loads(text)
    statement["findings"][0]["priors"][1] |= {
        "rank": "genus", "taxon": "Balaenoptera", "probability": "0.984", "reported": "0.984",
    }  # fmt: skip
    return statement


def problems(statement):
    return {(one.code, one.field, one.found) for one in check(statement)}


def codes(statement):
    return {problem.code for problem in check(statement)}


def put(statement, field, text):
    """Return a statement with a text in a field."""
    changed = table = copy.deepcopy(statement)
    *path, last = (int(name) if name.isdigit() else name for name in field.split("."))
    for name in path:
        table = table[name]
    table[last] = text
    return changed


def refused(statement, template=None):
    return {
        problem.code
        for problem in check(statement, template)
        if problem.refuses and problem.code in ("TAXON", "PERSON", "ODDS")
    }


@pytest.mark.slow
def test_hits_and_false_alarms_are_those_that_are_stated(statement):
    statement["outside"] = [
        {"provider": "Sequencing Ltd", "work": "sequencing", "findings": [FINDING]}
    ]
    with open(CORPUS, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {row["language"] for row in rows} == {"en", "fr", "es"}
    assert len({row["field"] for row in rows}) > 20
    found, all_ = Counter(), Counter()
    for row in rows:
        kind = row["part"], row["verdict"]
        all_[kind] += 1
        found[kind] += bool(refused(put(statement, row["field"], row["text"])))
    assert {kind: (found[kind], all_[kind]) for kind in all_} == RATES


def with_opinion(statement, text):
    changed = copy.deepcopy(statement)
    changed["opinions"][0]["text"] = text
    return changed


def test_an_opinion_of_a_species_under_a_reported_genus_and_of_the_accused_is_refused(statement):
    text = "The meat is of a fin whale and of no other animal; the accused imported it."
    assert problems(with_opinion(statement, text)) == {
        ("TAXON", "opinions.0.text", "fin whale (reported: Balaenoptera)"),
        ("PERSON", "opinions.0.text", "the accused"),
    }


@pytest.mark.parametrize("text", [
    "It is of Balaenoptera physalus.", "It is of B. physalus.", "It is of a finback\u00a0whale.",
    "It is of a f\u0456n whale.", "C'est un rorqual commun.", "Es un rorcual com\u00fan.",
    "The species is physalus.", "A blue whale cannot be excluded.", "It is of a humpback whale.",
])  # fmt: skip
def test_any_name_below_the_reported_rank_is_refused(statement, text):
    assert codes(with_opinion(statement, text)) == {"TAXON"}


@pytest.mark.parametrize("text", [
    "The genus Balaenoptera can be reported and the species cannot.",
    "It is of a rorqual, which is a whale, of the Balaenopteridae, Cetacea.",
    "It is of another genus than Megaptera.", "The customer suspects that it was imported.",
    "Findings of a suspected mixture were not made.", "The suspect sample was frozen.",
    "At a confidence of 95 % at least 81 of the 100 are Balaenoptera.",
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
    assert "TAXON" not in codes(with_opinion(statement, said))
    said = "It is of Balaenoptera physalus quoyi, or a Bengal tiger."
    assert "TAXON" in codes(with_opinion(statement, said))


def test_where_no_name_is_reported_every_taxon_is_too_much(statement):
    finding = statement["findings"][0]
    finding["priors"][0].update(status="inconclusive", rank=None, taxon=None)
    finding["reviews"][0]["interpretation"] = "nothing that I would name"
    for text in ("It is of a whale.", "It is of the Cetacea.", "It is of Balaenoptera."):
        assert "TAXON" in codes(with_opinion(statement, text)), text
    assert "TAXON" not in codes(with_opinion(statement, "No name can be given."))


def test_a_morphology_is_a_finding_of_the_taxon_and_without_one_no_taxon_is_compared(statement):
    finding = statement["findings"][0]
    finding.update(kind="morphology", result=None, text="horn of a rhinoceros", priors=None)
    assert "TAXON" in codes(with_opinion(statement, "It is of a white rhinoceros."))
    assert "TAXON" not in codes(with_opinion(statement, "It is horn of the Rhinocerotidae."))
    finding["text"] = "horn"
    assert "TAXON" not in codes(with_opinion(statement, "It is of a white rhinoceros."))


def test_a_comment_may_name_controls_and_no_other_taxon(statement):
    review = statement["findings"][0]["reviews"][0]
    for text, is_refused in (
        ("Repeated with Sus scrofa as the positive control.", False),
        ("I would have said fin whale.", True),
        ("Balaenoptera musculus is the next one.", True),
        ("It is of Sus scrofa.", True),
        ("The genus Balaenoptera is right.", False),
    ):
        review["comment"] = text
        assert ("TAXON" in codes(statement)) == is_refused, text


def test_one_species_of_a_unit_says_more_than_the_unit(statement):
    finding = statement["findings"][0]
    finding["result"] |= {"rank": "unit", "taxon": "Limnesia maculata / marmorata"}
    finding["priors"] = [one | {"rank": "unit", "taxon": "Limnesia maculata / marmorata"}
                         for one in finding["priors"]]  # fmt: skip
    for text, is_refused in (
        ("It is Limnesia maculata.", True),
        (
            "It is Limnesia maculata or Limnesia marmorata, which the locus does not tell apart.",
            False,
        ),
        ("It is of the genus Limnesia.", False),
    ):
        assert ("TAXON" in codes(with_opinion(statement, text))) == is_refused, text


def test_a_question_may_name_any_taxon_and_states_nothing(statement):
    statement["opinions"] = []
    question = statement["findings"][0]["asked"][0]
    for text, is_refused in (
        ("Is the meat of a fin whale?", False),
        ("The meat is of a fin whale.", True),
    ):
        statement["findings"][0]["asked"] = [
            question | {"question": text, "named": "Balaenoptera physalus"}
        ]
        assert ("TAXON" in codes(statement)) == is_refused, text


def test_persons_of_the_case_are_known_by_their_names_and_makers_of_the_report_are_none(statement):
    statement["exhibits"][0]["received_from"] = "Officer Jane Fictitious"
    statement["people"].append(
        {"person": "doe", "name": "Jos\u00e9 Mar\u00eda Prue\u0301bas", "agency": "Customs", "roles": ["officer"],
         "competences": []}
    )  # fmt: skip
    for text, named in (
        ("Officer Jane Fictitious smuggled it.", {"Officer Jane Fictitious"}),
        ("Fictitious, who imported it, is known.", {"Officer Jane Fictitious"}),
        ("It was sold by Fictitious.", {"Officer Jane Fictitious"}),
        ("Officer Jane Fictitious opened and sealed it.", set()),
        ("A fictitious name.", set()),
        ("JOSE MARIA PRUEBAS sold it.", {"Jos\u00e9 Mar\u00eda Prue\u0301bas"}),
        ("Se hicieron las pruebas.", set()),
        *((f"{one['analyst_name']} kept it.", set()) for one in statement["findings"]),
    ):
        found = {
            one for code, _p, one in problems(with_opinion(statement, text)) if code == "PERSON"
        }
        assert found == named, text


@pytest.mark.parametrize("text", [
    "The defendant knew it.", "The suspect is guilty.", "This poacher shot it.",
    "L\u2019accus\u00e9 l\u2019a import\u00e9.", "La mise en cause la vendait.", "El acusado lo vendi\u00f3.",
    "Un cazador furtivo lo mat\u00f3.", "O arguido importou-o.", "Un braconnier l'a tu\u00e9.",
])  # fmt: skip
def test_what_the_law_calls_persons_is_refused(statement, text):
    assert "PERSON" in codes(with_opinion(statement, text))


def test_the_report_of_the_training_case_says_nothing_that_it_must_not(statement):
    assert check(statement, read_template()) == []


@pytest.mark.parametrize(("taxon", "found"), [("Primates", set()), (None, {"TAXON"})])
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
    assert codes(statement) & {"TAXON"} == found


@pytest.fixture
def ratio_statement(statement, root):
    """A statement whose finding is a match of two profiles, with a ratio of about 1200."""
    lines = (root / "tests/golden/results/individual.jsonl").read_text("utf-8").splitlines()
    held = json.loads(lines[0])["result"]
    made = held.pop("provenance")
    held["matches"] = [held["matches"][0] | {"log10_sibs": 3.08}]
    statement["findings"][0].update(
        kind="individual", result=held, library=made["library"], parameters=made["parameters"], priors=None,
        errors={},
    )  # fmt: skip
    return statement


@pytest.mark.parametrize("ratio", ["1200", "1 200", "about 1,200", "1000", "1234", "1.2 thousand"])
def test_a_ratio_that_a_finding_has_may_be_said(ratio_statement, ratio):
    text = f"The findings are {ratio} times as probable if the profiles are of one individual."
    assert refused(with_opinion(ratio_statement, text)) == set()


@pytest.mark.parametrize(
    "ratio", ["1300", "12 000", "a million", "10^9", "2000", "120", "10^999999999"]
)
def test_another_ratio_than_that_of_the_finding_is_refused(ratio_statement, ratio):
    text = f"The findings are {ratio} times as probable if the profiles are of one individual."
    assert refused(with_opinion(ratio_statement, text)) == {"ODDS"}


def test_an_opinion_on_a_ratio_needs_a_finding_that_has_one(statement):
    assert refused(put(statement, "opinions.0.kind", "likelihood_ratio")) == set()
    statement["findings"][0]["asked"] = []
    assert refused(put(statement, "opinions.0.kind", "likelihood_ratio")) == {"ODDS"}


def test_an_opinion_on_the_ratio_of_a_finding_is_right(ratio_statement):
    assert refused(put(ratio_statement, "opinions.0.kind", "likelihood_ratio")) == set()
    assert refused(put(ratio_statement, "opinions.0.kind", "probability")) == {"ODDS"}


def test_a_probability_is_that_of_the_finding(statement):
    shown = statement["findings"][0]["priors"][1]["reported"]
    for value, is_refused in ((f"{float(shown):.3f}", False), ("0.999999", True), ("0.75", True)):
        text = f"With a prior of 0.5 the probability of the genus is {value}."
        assert bool(refused(with_opinion(statement, text))) == is_refused, text


@pytest.mark.parametrize(("text", "is_refused"), [
    ("It is of Balaenoptera beyond reasonable doubt.", True), ("C'est une Balaenoptera, sans aucun doute.", True),
    ("Es Balaenoptera sin ninguna duda.", True), ("It is of Balaenoptera without a doubt.", True),
    ("Nothing here is said beyond reasonable doubt.", False), ("C'est sans doute une Balaenoptera.", False),
    ("Le laboratoire ne dit pas que c'est hors de tout doute.", False),
])  # fmt: skip
def test_what_leaves_no_doubt_is_a_certainty_that_no_finding_has(statement, text, is_refused):
    assert refused(with_opinion(statement, text)) == ({"ODDS"} if is_refused else set())


@pytest.mark.parametrize("hidden", [
    "It is of a fin\u00adwhale.", "It is of a fi\u200bn whale.", "It is of a \uff46in whale.", "The acc\u00adused imported it.",
    "It is cer\u00adtain.", "It is 10\u2076 times as probable.",
])  # fmt: skip
def test_signs_that_nobody_sees_hide_nothing(statement, hidden):
    assert len(refused(with_opinion(statement, hidden))) == 1


def test_the_texts_of_a_template_go_through_the_gate(statement):
    template = read_template()
    for bad, code in (
        (replace(template, footer="The meat is of a fin whale."), "TAXON"),
        (
            replace(template, declaration=template.declaration | {"en": "The accused did it."}),
            "PERSON",
        ),
        (replace(template, letterhead=("Results that are 100 % certain",)), "ODDS"),
    ):
        assert code in refused(statement, bad)


def test_a_text_is_read_in_every_field_and_named_where_it_stands(statement):
    text = "The accused imported it."
    for field in (
        "report.title", "report.reason", "findings.0.asked.0.question", "method.name", "method.deviations", "method.uncertainty",
        "method.limits", "method.prior", "opinions.0.text", "findings.0.reviews.0.comment",
        "findings.0.reviews.0.interpretation", "findings.0.result.limits", "samples.0.method", "runs.0.deviation",
        "timeline.6.about.condition", "customer.address", "findings.0.text",
    ):  # fmt: skip
        value = [text] if field.endswith("limits") and "result" in field else text
        found = {
            (one.code, one.field)
            for one in check(put(statement, field, value))
            if one.code == "PERSON"
        }
        place = f"{field}.0" if isinstance(value, list) else field
        assert found == {("PERSON", place)}, field
