"""Findings of every kind have their own words, from their figures, and none that is refused."""

import copy
import json
import math
import re

import every_kind
import pytest
from click.testing import CliRunner
from read_set_simulation import FORWARD, REVERSE, insert, needs_vsearch, pairs, write_pairs
from simulation import SPECIES
from training_case import FINDING, as_person, built
from typed_reports import as_finding, as_statement, headline, parts, sentences

from forensics.age.results import Age
from forensics.cli import main
from forensics.custody.findings import canonical_value
from forensics.messages import speak
from forensics.report import narrative
from forensics.report.blocks import Table, ratio, significant, times
from forensics.report.kinds import age
from forensics.report.layout import read_template
from forensics.report.linter import check
from forensics.report.pages import render
from forensics.report.reported import add_listings
from forensics.report.sampling import add_bounds


@pytest.fixture(scope="module")
def made(_made, tmp_path_factory):
    return every_kind.results(every_kind.files(tmp_path_factory.mktemp("files")))


@pytest.fixture
def findings(made, statement):
    """The findings of a statement as `collect` would make them of the results."""
    base = statement["findings"][0]
    found = {}
    for number, (name, (result, _attached)) in enumerate(made.items(), 31):
        held = json.loads(json.dumps(canonical_value(result.to_dict())))
        provenance = held.pop("provenance")
        kind = {"populations": "origin", "places": "origin", "radiocarbon": "age", "series": "age",
                "methylation": "age"}.get(name, "individual")  # fmt: skip
        found[name] = copy.deepcopy(base) | {
            "event": number, "kind": kind, "result": held, "text": None,
            "explanation": held.get("explanation"), "library": provenance["library"],
            "parameters": provenance["parameters"], "errors": {}, "priors": None, "noted": None, "listings": [], "asked": [],
            "accepted": None, "again": None, "again_missing": "its file is not at hand",
        }  # fmt: skip
    return found


def test_every_form_is_there(findings):
    assert tuple(findings) == every_kind.FORMS


@pytest.mark.parametrize("name", every_kind.FORMS)
def test_a_kind_says_everything_that_a_court_asks(findings, name):
    found = {part.name: part for part in parts(findings[name])}
    wanted = {"question", "method", "found", "strength", "assumed", "open", "backing"}
    assert wanted <= set(found)
    if name != "methylation":  # an estimation has no propositions
        first, second = found["propositions"].paragraphs
        assert first.startswith("1. ") and second.startswith("2. ")
    assert found["found"].tables and all(isinstance(t, Table) for t in found["found"].tables)
    for table in found["found"].tables:
        assert all(len(row) == len(table.head) for row in table.rows)
        assert not table.widths or len(table.widths) == len(table.head)
    assert headline(findings[name]) and "None" not in headline(findings[name])
    assert any("not computed again" in text for text in found["backing"].paragraphs)


def test_an_age_by_a_method_without_words_is_not_left_out_silently(findings):
    class Layers(Age):
        METHOD = "layers"

        def headline(self):
            return ""

        def details(self):
            return []

    with pytest.raises(TypeError, match="no words for ages by the method 'layers'"):
        list(age.NARRATOR.parts(findings["methylation"], Layers.__new__(Layers)))
    with pytest.raises(TypeError, match="no words for ages by the method 'layers'"):
        age.NARRATOR.headline(findings["methylation"], Layers.__new__(Layers))


def test_a_claim_has_the_ratio_against_a_full_sib_beside_the_greater_one(findings):
    claim = findings["claim"]["result"]["claim"]
    said = " ".join(next(p for p in parts(findings["claim"]) if p.name == "strength").paragraphs)
    least = min(float(value) for value in claim["pairs"][0]["log10_sib"].values())
    assert least < float(claim["log10"]) and "as if a full sib of one of them" in said
    assert f"{times(least)} as probable" in said and "use the second ratio" in said


@pytest.mark.parametrize("name", every_kind.FORMS)
def test_the_words_are_formed_anew_and_not_taken_from_the_recording(findings, name):
    findings[name]["result"]["result"] = findings[name]["result"]["explanation"] = "RECORDED"
    findings[name]["explanation"] = "RECORDED"
    shown = [*sentences(findings[name]), headline(findings[name])]
    assert not any("RECORDED" in text for text in shown)


def test_a_ratio_has_numbers_words_and_what_it_favours_and_no_posterior_has_a_scale(findings):
    for name, finding in findings.items():
        for part in parts(finding):
            for text in part.paragraphs:
                assert "enfsi" not in text or part.name == "strength", name
        assert narrative.in_words(as_finding(finding)) == (
            name in ("match", "claim")  # of the others nobody asked for a pair
        ), name
    texts = " ".join(sentences(findings["match"]))
    sibs = float(findings["match"]["result"]["matches"][0]["log10_sibs"])
    assert f"{times(sibs)} as probable if they are of one individual" in texts
    assert "extremely strong support. Supported proposition: they are of one individual." in texts


def test_the_random_match_probability_stands_beside_matches_alone_in_words_of_a_court(findings):
    matches = findings["match"]["result"]["matches"]
    assert {bool(one["matches"]) for one in matches} == {True, False}
    (table,) = next(part for part in parts(findings["match"]) if part.name == "found").tables
    for row, one in zip(table.rows, matches):
        chance = f"1 in {ratio(-math.log10(float(one['rmp'])))}"
        assert row[-1] == (chance if one["matches"] else "–")
        assert "e-" not in row[-1] and "^" not in row[-1]


def asked(named, against, beside=None, event=5):
    """Return a question with two propositions, as a statement has it."""
    return {"event": event, "thing": "S1", "kind": "origin", "asked_by": "Customs", "question": "Which?",
            "named": named, "against": against, "beside": beside}  # fmt: skip


def strength_of(finding):
    found = {part.name: part.paragraphs for part in parts(finding)}
    return " ".join(found["strength"]), found["propositions"]


EVALUATION = [
    {"stated": 0.6, "animals": 100, "right": 60},
    {"stated": 0.999, "animals": 900, "right": 900},
]


@pytest.mark.parametrize("status", ["assigned", "inconclusive", "none_of_the_reference"])
def test_the_ratio_of_an_origin_is_of_the_pair_that_was_asked_for(findings, status):
    finding = findings["populations"]
    finding["result"]["status"] = status
    posterior = {name: float(p) for name, p in finding["result"]["probabilities"].items()}
    best, *_others, last = sorted(posterior, key=lambda name: (posterior[name], name), reverse=True)
    assert "no propositions were recorded" in strength_of(finding)[0]
    finding["asked"] = [asked(last, best)]
    assert "No likelihood ratio is stated. No evaluation of the model was at hand" in strength_of(
        finding
    )[0] or (status == "none_of_the_reference")
    finding["reliability"] = EVALUATION
    said, pair = strength_of(finding)
    assert pair == (f"1. The animal comes from {last}.", f"2. The animal comes from {best}.")
    if status == "none_of_the_reference":
        assert "No likelihood ratio is stated. It fits no origin" in said
    else:  # told the other way about: it speaks for the second
        assert f"if it comes from {best} as if the animal comes from {last}" in said


def test_the_ratio_of_an_origin_is_no_larger_than_the_evaluation_of_its_model_supports(findings):
    finding = findings["populations"] | {"reliability": EVALUATION}
    posterior = {name: float(p) for name, p in finding["result"]["probabilities"].items()}
    best, next_ = sorted(posterior, key=lambda name: posterior[name], reverse=True)[:2]
    finding["asked"] = [asked(best, next_)]
    posterior = finding["result"]["probabilities"]
    posterior.update(dict.fromkeys(posterior, "1e-12") | {best: "0.9999"})
    # 900 of 1,000 animals were named with such a posterior and right, and none wrong: 3 of 1,000 may be.
    assert "at least 300 times" in strength_of(finding)[0]
    assert "with 1\u00a0000 animals, supports no larger one" in strength_of(finding)[0]
    finding["asked"] = [asked(best, "other")]
    assert "at least 300 times" in strength_of(finding)[0]
    finding["asked"] = [asked(best, "Atlantis")]
    assert "Atlantis is no population of the reference" in strength_of(finding)[0]


def test_the_ratio_of_kin_and_of_a_match_is_of_the_pair_that_was_asked_for(findings):
    pair = findings["kinship"]["result"]["pairs"][0]
    finding = findings["kinship"] | {"sample": pair["first"]}
    assert "no pair and relationship were recorded" in strength_of(finding)[0]
    question = asked(pair["relationship"], "unrelated", pair["second"]) | {"thing": pair["first"]}
    finding["asked"] = [question]
    assert times(float(pair["log10_lr"])) in strength_of(finding)[0]
    finding["asked"] = [question | {"beside": "nobody"}]
    assert "did not reach the limit" in strength_of(finding)[0]
    match = findings["match"]["result"]["matches"][0]
    finding = findings["match"]
    for against, key in (("unrelated", "log10_unrelated"), ("full_sibs", "log10_sibs")):
        finding["asked"] = [asked("same", against, match["other"])]
        assert times(abs(float(match[key]))) in strength_of(finding)[0]
    finding["asked"] = [asked("same", "half_sibs", match["other"])]
    assert "no ratio against" in strength_of(finding)[0]


def test_a_match_says_how_many_profiles_were_searched_with_its_strength(findings):
    def strength(finding):
        return next(part for part in parts(finding) if part.name == "strength").paragraphs[-1]

    assert findings["match"]["result"]["searched"] == 11  # those of the database
    assert strength(findings["match"]).startswith("Profiles searched: 11. The ratio compares two")


def test_a_ratio_below_one_is_told_the_other_way_about(findings):
    finding = findings["match"]
    finding["result"]["matches"] = finding["result"]["matches"][1:2]
    finding["result"]["status"] = "no_match"
    text = next(text for text in sentences(finding) if "times as probable" in text)
    assert "if they are of two full sibs as if they are of one individual" in text
    assert "No match" in headline(finding)


def test_the_report_with_findings_of_every_kind_has_no_fault_of_words(findings, statement):
    asked = {**statement["findings"][0]["asked"][0], "named": "", "against": "", "beside": None}
    statement["findings"] += [each | {"asked": [asked]} for each in findings.values()]
    assert [one for one in check(statement, read_template()) if one.refuses] == []
    page = render(statement, read_template(), ".html").decode()
    assert "Scale enfsi-2015" in page
    assert not re.search(r">None<|\bnan\b", page)


def test_a_finding_says_whether_it_was_computed_again_and_what_was_noted(findings, statement):
    def forms():
        found = check(as_statement(statement), read_template())
        return {one.field for one in found if one.code == "FORM" and one.refuses}

    finding = findings["match"]
    statement["findings"] = [statement["findings"][0], finding]
    assert forms() == set()
    del finding["again_missing"]
    assert forms() == {"findings.1.again"}
    finding["again"] = "same"
    assert forms() == {"findings.1.noted"}
    finding["noted"] = []
    assert forms() == set()


@pytest.mark.parametrize("name", every_kind.FORMS)
def test_every_number_has_the_form_of_the_language(findings, name):
    def numbers():
        for part in parts(findings[name]):
            if part.name not in ("noted", "backing"):  # as recorded; names with a version
                yield from part.paragraphs
                for table in part.tables:
                    yield from (cell for row in (table.head, *table.rows) for cell in row)

    assert any(re.search(r"\d\.\d", text) for text in numbers())
    speak("es")
    try:
        assert [text for text in numbers() if re.search(r"\d\.\d", text)] == []
    finally:
        speak()


def test_the_scale_is_not_printed_where_no_ratio_is_in_words(statement):
    assert "Scale enfsi-2015" in render(statement, read_template(), ".html").decode()
    statement["findings"][0]["asked"] = []
    assert "Scale enfsi-2015" not in render(statement, read_template(), ".html").decode()


def test_wild_or_captive_is_told_apart_from_individuals(findings):
    assert [as_finding(findings[name]).read.kind for name in ("captive", "match")] == [
        "captive", "match",
    ]  # fmt: skip
    assert [narrative.subject_of(as_finding(findings[name])) for name in ("captive", "match")] == [
        "Wild or captive", "Individual and kin",
    ]  # fmt: skip
    texts = " ".join(sentences(findings["captive"]))
    assert "with a prior of 0.1" in texts and "depends on the prior" in texts


def test_an_origin_names_what_its_test_does_not_exclude(findings):
    open_ = next(part for part in parts(findings["populations"]) if part.name == "open")
    assert any(
        text.startswith("By the test of fit") and "Zebu" in text for text in open_.paragraphs
    )
    findings["populations"]["result"]["exclusion"]["excluded"] = True
    findings["populations"]["result"].update(
        status="none_of_the_reference", rank=None, origin=None, probability=None
    )
    shown = " ".join(sentences(findings["populations"]))
    assert "fits no origin of the reference" in shown and "Posterior:" not in shown
    assert "No likelihood ratio is stated" in shown


def test_what_the_laboratory_accepted_stands_with_the_finding(findings):
    finding = findings["populations"]
    assert any("no acceptance of it" in text for text in sentences(finding))
    finding["accepted"] = {"event": 12, "name": "x", "scope": "cattle", "files": ["v.pdf"]}
    text = next(text for text in sentences(finding) if "accepted, in event 12" in text)
    assert "cattle" in text and "v.pdf" in text and "was not checked" in text
    finding["again"] = "same"
    text = next(text for text in sentences(finding) if "accepted it in event 12" in text)
    assert "for: cattle" in text and "v.pdf" in text


def test_a_ledger_with_every_kind_is_collected_and_built(case, embedded, tmp_path):
    place = tmp_path / "given"
    place.mkdir()
    with as_person(case, "bruno") as bruno:
        events = every_kind.record(bruno, every_kind.files(place))
    statement = built(case, [embedded], draft=True)
    assert [finding.event for finding in statement.findings] == [FINDING, *events.values()]
    for name, finding in zip(("call", *events), statement.findings):
        assert len(list(narrative.parts(finding))) > 6, name
    content = render(statement, read_template(), ".pdf")
    assert content.startswith(b"%PDF-") and content == render(statement, read_template(), ".pdf")


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_an_opinion_may_repeat_the_figures_of_its_finding_and_no_others(
    findings, statement, language
):
    speak(language)
    try:
        for name, finding in findings.items():
            told = [text for part in parts(finding) if part.name in ("strength", "prior")
                    for text in part.paragraphs]  # fmt: skip
            statement["findings"] = [finding]
            opinion = statement["opinions"][0] | {"findings": [finding["event"]]}
            for text in told:
                statement["opinions"] = [opinion | {"text": text}]
                assert "ODDS" not in {one.code for one in check(statement)}, (name, text)
                more = re.sub(r"\S+(?= (?:times|fois|veces))", "77", text)
                statement["opinions"] = [opinion | {"text": more}]
                found = {one.code for one in check(statement)}
                assert (more == text) or "ODDS" in found, (name, more)
    finally:
        speak("en")


@needs_vsearch
def test_a_mixture_has_its_taxa_with_their_reads_and_is_no_single_call(
    statement, library, tmp_path
):
    ours = {insert(SPECIES[0]): 200, insert(SPECIES[3]): 90}
    reads = [path for n in (1, 2) for path in write_pairs(tmp_path, f"p{n}", pairs(ours, seed=n))]
    blank = write_pairs(tmp_path, "blank", pairs({insert(SPECIES[3]): 9}, errors=0, seed=3))
    command = ["mixture", *reads, "--blank", blank[0], "--blank", blank[1], "--primers", FORWARD,
               REVERSE, "--library", str(library.path), "--format", "json"]  # fmt: skip
    held = canonical_value(json.loads(CliRunner().invoke(main, command).stdout))
    made = held.pop("provenance")
    finding = statement["findings"][0] | {
        "result": held, "library": made["library"], "parameters": made["parameters"],
        "errors": {}, "priors": None, "accepted": None, "explanation": None, "figures": [],
        "again": "same", "noted": [],
    }  # fmt: skip
    statement["findings"] = [finding]
    statement["opinions"] = []
    stated = add_listings(add_bounds(as_statement(statement)))
    assert as_finding(finding).read.kind == "mixture"
    assert headline(finding).startswith("Present: Fictus albus")
    assert [listing.taxon for listing in stated.findings[0].listings] == [SPECIES[0], SPECIES[3]]
    (table,) = next(part for part in parts(finding) if part.name == "found").tables
    assert table.rows[0][0] == SPECIES[0] and table.rows[0][4] == "2 of 2"
    assert table.rows[1][5] == "9"  # reads in the blank
    assert {problem.code for problem in check(stated, read_template())} <= {"BLIND_DIFFERS"}


@pytest.mark.parametrize("log10, text", [(0.0, "1"), (1.8129, "65"), (3.664, "4\u00a0600"),
                                         (6.94, "8.7 million"), (9.3, "2 billion"),
                                         (18.99, "> 1\u00a0000 billion"), (-2.0, "1/100")])  # fmt: skip
def test_ratios_have_two_significant_digits(log10, text):
    assert ratio(log10) == text


def test_numbers_have_the_digits_that_they_deserve():
    assert [significant(x) for x in (382254.2, 0.01234, "7.76e-20", 0, None)] == [
        "380\u00a0000", "0.012", "7.8e-20", "0", "–"
    ]  # fmt: skip


@pytest.mark.parametrize("name, place, value", [
    ("match", "matches.0.matches", False), ("match", "status", "no_match"),
    ("network", "links.0.beyond_chance", False), ("captive", "likelihood_ratio.at_bound", False),
])  # fmt: skip
def test_a_record_that_says_otherwise_than_its_own_figures_is_refused(
    findings, statement, name, place, value
):
    finding = findings[name]
    assert as_finding(finding).read.contradicted == ()
    part = finding["result"]
    *path, last = place.split(".")
    for key in path:
        part = part[int(key)] if isinstance(part, list) else part[key]
    assert part[last] != value
    part[last] = value
    statement["findings"] = [finding]
    problems = [one for one in check(statement) if one.code == "CONTRADICTED"]
    assert [(one.field, one.found, one.refuses) for one in problems] == [
        ("findings.0.result", place, True)
    ]


def test_a_result_that_cannot_be_read_is_stated_as_it_was_recorded_and_refused(findings, statement):
    finding = findings["methylation"]
    finding["result"]["age"] = finding["result"]["result"] = "old"
    statement["findings"] = [finding]
    (problem,) = [one for one in check(statement) if one.code == "FORM"]
    assert problem.field == "findings.0.result" and "age is 'old'" in problem.found
    assert headline(finding) == "old"


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        ("individual", {"likelihood_ratio": "1000"}),
        ("origin", {"origin": "Gabon", "kind": "raw ivory"}),
        ("origin", {"haplotype": "H4"}),
        ("other", {"query": "S1", "search_exhaustive": True, "taxon": "Loxodonta africana"}),
    ],
)
def test_what_a_person_wrote_is_stated_as_it_was_recorded(findings, statement, kind, result):
    finding = findings["match"] | {"kind": kind, "result": result | {"result": "as I saw it"}}
    statement["findings"] = [finding]
    assert as_finding(finding).read.problem == ""
    assert headline(finding) == "as I saw it"
    assert [one for one in check(statement) if one.code == "FORM"] == []


def test_an_identification_that_cannot_be_read_is_refused_since_its_call_would_be_reported(
    findings, statement
):
    result = {"status": "identified", "rank": "species", "taxon": "Loxodonta africana"}
    statement["findings"] = [findings["match"] | {"kind": "identification", "result": result}]
    (problem,) = [one for one in check(statement) if one.code == "FORM" and one.refuses]
    assert problem.field == "findings.0.result" and "query is missing" in problem.found
