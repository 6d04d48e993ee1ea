"""A call is worded in one way; of calls that differ by prior the most cautious is reported."""

import pytest

from forensics.report.wording import cautious_call, headline, not_excluded, sentences


@pytest.fixture
def finding(statement):
    return statement["findings"][0]


def call(rank, taxon, status="identified", prior="0.5", probability="0.97"):
    return {"prior": prior, "status": status, "rank": rank, "taxon": taxon,
            "probability": probability, "none": None, "not_excluded": []}  # fmt: skip


SPECIES = call("species", "Manis javanica")


@pytest.mark.parametrize("calls, expected", [
    ([SPECIES], ("species", "Balaenoptera physalus")),
    ([call("species", "Balaenoptera physalus")], ("species", "Balaenoptera physalus")),
    ([call("genus", "Balaenoptera")], ("genus", "Balaenoptera")),
    ([call("genus", "Balaenoptera"), call("family", "Balaenopteridae")],
     ("family", "Balaenopteridae")),
    ([call(None, None, "inconclusive")], (None, None)),
    ([call(None, None, "not_in_library"), call("genus", "Balaenoptera")], (None, None)),
])  # fmt: skip
def test_the_most_cautious_call_is_reported(finding, calls, expected):
    if calls == [SPECIES]:
        expected = (None, None)  # two species at one rank: neither
    finding["priors"] = calls
    found = cautious_call(finding)
    assert (found["rank"], found["taxon"]) == expected
    if expected[1]:
        assert expected[1] in headline(finding)
    else:
        assert "No name" in headline(finding) or "no name" in headline(finding)


def test_the_sentences_of_a_call_stand_in_their_order(finding):
    texts = list(sentences(finding))
    begin = ["The questioned sequence", "Result:", "Criterion met:", "Observed error:",
             "Not excluded:", "Posterior under several priors", "The calls differ"]  # fmt: skip
    assert [text[: len(start)] for text, start in zip(texts, begin)] == begin
    assert len(texts) == len(begin)


def test_the_error_is_k_of_n_with_its_bound(finding):
    error = finding["errors"]["genus"]
    text = next(t for t in sentences(finding) if t.startswith("Observed error"))
    assert f"{error['wrong']} of {error['calls']} calls" in text
    assert f"(event {error['event']})" in text and "upper 95\u00a0% bound" in text


def test_a_posterior_never_stands_without_its_prior_and_no_verbal_scale_on_it(finding):
    for text in sentences(finding):
        assert "osterior" not in text or "prior 0.1: " in text
        assert "support" not in text
    finding["priors"] = [one for one in finding["priors"] if one["rank"] == "species"]
    texts = [text for text in sentences(finding) if "osterior" in text]
    assert len(texts) == 2 and "with a prior of 0.9" in texts[0]


def test_probabilities_are_never_rounded_to_0_or_1(finding):
    finding["priors"][0].update(probability="0.99999", none="0.0000001")
    text = " ".join(sentences(finding))
    assert "> 0.999" in text and "< 0.001" in text and "1.000" not in text


def test_species_without_a_probability_are_not_excluded():
    candidates = [{"species": s, "probability": p} for s, p in
                  (("A a", "0.9"), ("A b", "0.05"), ("A c", "0.0001"), ("A d", None))]  # fmt: skip
    assert not_excluded({"taxon": "A a", "candidates": candidates}) == ["A b", "A d"]


def test_other_findings_say_what_they_say():
    finding = {"kind": "age", "result": {"result": "1990"}, "explanation": "Formed after 1990.",
               "text": None}  # fmt: skip
    assert list(sentences(finding)) == ["Formed after 1990."] and headline(finding) == "1990"
    finding = {"kind": "morphology", "result": None, "explanation": None, "text": "a horn"}
    assert list(sentences(finding)) == ["a horn"] and headline(finding) == "a horn"


def test_a_figure_of_what_is_not_reported_does_not_stand_out(finding):
    texts = list(sentences(finding))
    assert any(text.startswith("Result: Balaenoptera, called") for text in texts)
    assert not any(text.startswith("Posterior probability") for text in texts)


def test_what_is_not_excluded_is_told_for_every_prior(finding):
    finding["priors"][0]["not_excluded"] = ["Balaenoptera edeni"]
    text = next(text for text in sentences(finding) if text.startswith("Not excluded"))
    assert "Balaenoptera edeni" in text
    assert all(f"with a prior of {one['prior']}" in text for one in finding["priors"])


def test_a_species_of_another_genus_at_another_prior_leaves_no_name(finding):
    finding["priors"] = [call("genus", "Balaenoptera"), call("species", "Megaptera novaeangliae")]
    assert cautious_call(finding)["taxon"] is None
