"""A report computes its findings again and says what came of it; a fabricated one is refused."""

import copy
import shutil

import every_kind
import pytest
from training_case import FINDING, as_person, built, compared
from typed_reports import as_statement, sentences

from forensics.custody import record_finding
from forensics.report.layout import lay_out, read_template
from forensics.report.linter import check


class Forged:
    """A result as somebody would record it who wants it to say something else."""

    def __init__(self, result, change):
        self._result, self._change = result, change

    def to_dict(self):
        made = copy.deepcopy(self._result.to_dict())
        self._change(made)
        return made


def forged_network(result):
    result["links"][0]["p_corrected"] = 1e-9


def forged_captive(result):
    result["likelihood_ratio"]["log10"] = 3.9


def forged_match(result):
    result["matches"][0]["log10_sibs"] += 3


class Borrowed(Forged):
    """One that names a library which the laboratory accepted and nothing was computed from."""

    def __init__(self, result, accepted):
        super().__init__(result, lambda made: made["provenance"]["library"].update(sha256=accepted))


FORGED = {"network": forged_network, "captive": forged_captive, "match": forged_match}


@pytest.fixture(scope="module")
def stated(_made, embedded, tmp_path_factory):
    """What a report says of true and of fabricated findings; and how it is made again."""
    place = tmp_path_factory.mktemp("stated")
    case = shutil.copytree(_made[0], place / "case")
    (place / "given").mkdir()
    results = every_kind.results(every_kind.files(place / "given"))
    with as_person(case, "bruno") as bruno:

        def record(name, result, attached):
            kind = "origin" if name == "places" else "individual"
            return record_finding(
                bruno, "S1", result, kind=kind, runs=["SEQ-7"], inputs=attached
            ).seq

        seqs = {name: record(name, *results[name]) for name in (*FORGED, "places")}
        seqs |= {
            f"forged {name}": record(name, Forged(results[name][0], change), results[name][1])
            for name, change in FORGED.items()
        }
        seqs["borrowed"] = record("match", Borrowed(results["match"][0], embedded.sha256),
                                  results["match"][1])  # fmt: skip
        seqs["lost"] = record("captive", results["captive"][0], results["captive"][1][:1])

    def make(**more):
        asked = [FINDING, *seqs.values()]
        return built(case, [embedded], findings=asked, draft=True, **more).to_dict()

    statement = make()
    return dict(zip(["call", *seqs], statement["findings"])), statement, make, case


@pytest.mark.parametrize("name", FORGED)
def test_a_report_says_that_a_true_finding_was_computed_again(stated, name):
    finding = stated[0][name]
    assert (finding["again"], finding["differs"]) == ("same", [])
    said = " ".join(sentences(finding))
    assert "were computed again" in said and "were the same" in said
    assert "not computed again" not in said


@pytest.mark.parametrize("name, place", [
    ("network", "links.0.p_corrected"), ("captive", "likelihood_ratio.log10"),
    ("match", "matches.0.log10_sibs"),
])  # fmt: skip
def test_a_report_with_a_fabricated_finding_is_refused(stated, name, place):
    number = list(stated[0]).index(f"forged {name}")
    finding = stated[0][f"forged {name}"]
    assert finding["again"] == "differs" and finding["differs"][0] == place
    problems = [(one.code, one.field) for one in check(stated[1], read_template())]
    assert ("REPRODUCED", f"findings.{number}.differs") in problems
    assert f"DIFFERED from those recorded: {place}" in " ".join(sentences(finding))


def test_true_findings_are_not_refused_and_those_not_computed_again_stand_under_limits(stated):
    named, statement = stated[0], stated[1]
    refused = {one.field for one in check(statement, read_template()) if one.code == "REPRODUCED"}
    assert len(refused) == len(FORGED) + 1
    lost = named["lost"]
    assert lost["again"] is None and "samples of known class" in lost["again_missing"]
    assert "not computed again when this report was built" in " ".join(sentences(lost))
    (section,) = [
        one for one in lay_out(as_statement(statement), read_template()) if one.id == "limits"
    ]
    text = " ".join(text for block in section.blocks for text in block.paragraphs)
    assert (
        f"findings {statement['findings'].index(lost) + 1}. A figure recorded wrongly would appear here"
        in text
    )


def test_nobody_accepted_a_library_for_what_was_not_computed_from_it(stated, ledger):
    (event,) = [one for one in ledger.events() if one.type == "validate"][:1]
    assert stated[0]["call"]["accepted"]["event"] == event.seq
    borrowed = stated[0]["borrowed"]
    assert borrowed["library"]["sha256"] == event.fields["library"]
    assert {"library", "library.sha256"} <= set(borrowed["differs"])
    assert borrowed["accepted"] is None
    assert f"accepted it in event {event.seq}" not in " ".join(sentences(borrowed))


def test_what_is_not_computed_again_is_told_by_the_check_and_refuses_nothing(stated):
    number = list(stated[0]).index("lost")
    (told,) = [one for one in check(stated[1], read_template()) if one.code == "AGAIN"]
    assert told.field == f"findings.{number}.again" and "samples of known class" in told.found
    assert not told.refuses


def test_a_model_of_the_package_is_told_as_demonstration_whatever_the_finding_says(stated):
    assert stated[0]["places"]["library"]["demonstration"] is True
    statement = copy.deepcopy(stated[1])
    statement["ledger"]["kind"] = "casework"
    number = list(stated[0]).index("places")
    codes = {(one.code, one.field) for one in check(statement, read_template())}
    assert ("DEMONSTRATION", f"findings.{number}.library") in codes


def test_limits_in_a_report_are_those_of_now(stated):
    finding = stated[0]["network"]
    assert finding["noted"] == finding["result"]["limits"]
    changed = copy.deepcopy(finding)
    changed["result"]["limits"] = ["No known limit."]
    said = " ".join(sentences(changed))
    assert "No known limit." not in said and finding["noted"][0] in said
    assert stated[0]["forged network"]["noted"] is None  # as it was recorded, and refused


def test_a_finding_that_was_read_otherwise_says_what_may_be_the_reason(stated):
    said = " ".join(sentences(stated[0]["forged match"] | {"again_by_default": True}))
    assert (
        "DIFFERED" in said
        and "Other options in the first reading may be the reason. If the finding is recorded again"
        in said
    )
    assert "Other options" not in " ".join(sentences(stated[0]["forged match"]))


def test_what_comes_out_otherwise_is_told_and_what_was_altered_or_left_out(stated, embedded):
    statement, _make, case = stated[1:]
    altered = copy.deepcopy(statement)
    altered["findings"][1]["result"]["links"][0]["p_corrected"] = "0.5"
    del altered["findings"][1]["noted"]
    forged = list(stated[0]).index("forged captive")
    altered["findings"][forged]["again"] = "same"
    problems = compared(case, [embedded], altered)
    of_one, of_forged = (
        {one.field for one in problems if one.field.startswith(f"findings.{number}.")}
        for number in (1, forged)
    )
    assert {"findings.1.result.links.0.p_corrected", "findings.1.noted"} <= of_one
    assert of_forged == {f"findings.{forged}.again"}
    assert len(problems) == len(of_one) + len(of_forged)  # all else is the same
    assert {one.code for one in problems} == {"FALSE"}


def test_a_report_names_the_models_that_it_needs_to_compute_an_origin_again(stated):
    assert stated[0]["places"]["again"] == "same"  # with the packaged ones
    without = stated[2](models=list)["findings"][list(stated[0]).index("places")]
    assert without["again"] is None and "is not available" in without["again_missing"]
