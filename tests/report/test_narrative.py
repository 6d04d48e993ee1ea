"""A call is worded in one way; of calls that differ by prior the most cautious is reported."""

import pytest
from typed_reports import as_finding, headline, parts, sentences

from forensics.report.reported import conservative_call, not_excluded


@pytest.fixture
def finding(statement):
    return statement["findings"][0]


def call(rank, taxon, status="identified", prior="0.5", probability="0.97"):
    return {"prior": prior, "status": status, "rank": rank, "taxon": taxon,
            "probability": probability, "none": None, "not_excluded": [],
            "reported": None}  # fmt: skip


def cells(finding):
    """Everything that stands in the tables of a finding."""
    return [cell for part in parts(finding) for table in part.tables
            for row in table.rows for cell in row]  # fmt: skip


SPECIES = call("species", "Manis javanica")


@pytest.mark.parametrize("calls, expected", [
    ([SPECIES], ("species", "Manis temminckii")),
    ([call("species", "Manis temminckii")], ("species", "Manis temminckii")),
    ([call("genus", "Manis")], ("genus", "Manis")),
    ([call("genus", "Manis"), call("family", "Manidae")],
     ("family", "Manidae")),
    ([call(None, None, "inconclusive")], (None, None)),
    ([call(None, None, "nothing_near"), call("genus", "Manis")], (None, None)),
])  # fmt: skip
def test_the_most_cautious_call_is_reported(finding, calls, expected):
    if calls == [SPECIES]:
        expected = (None, None)  # two species at one rank: neither
    finding["priors"] = calls
    call_reported = conservative_call(as_finding(finding))
    assert (call_reported.rank, call_reported.taxon) == expected
    if expected[1]:
        assert expected[1] in headline(finding)
    else:
        assert "No name" in headline(finding) or "no name" in headline(finding)


def test_the_sentences_of_a_call_stand_in_their_order(finding):
    assert [part.name for part in parts(finding)] == [
        "question", "propositions", "method", "found", "strength", "prior", "assumed", "open", "backing",
        "noted_anew", "records", "primers", "sequence", "differences",
    ]  # fmt: skip
    texts = iter(sentences(finding))
    for begin in ("To which taxon", "1. The sequence is of Manis.", "2. The sequence is of another",
                  "The questioned sequence", "Result:", "Criterion met:", "The findings are at least", "The table gives the call",
                  "The calls differ", "Manis temminckii; a species that the library lacks", "Observed error in"):  # fmt: skip
        assert any(text.startswith(begin) for text in texts), begin


def test_no_probability_is_said_to_be_reached_where_the_library_is_not_calibrated(finding):
    finding["result"]["probabilities"] = finding["result"]["probability"] = None
    texts = " ".join(sentences(finding))
    assert "reached a probability" not in texts
    assert "A plain rule made the call: a species from 99% identity and a genus from 97%" in texts


def test_criteria_that_were_applied_are_named(finding):
    finding["result"]["criteria"] = {
        "standard": "x", "species": "Manis temminckii", "met": True, "criteria": [],
        "profile": {"name": "pangolins", "version": "2", "sha256": "ab"},
    }  # fmt: skip
    assert any(
        text.endswith("The criteria “pangolins” were applied.") for text in sentences(finding)
    )


def test_the_call_under_every_prior_stands_beside_what_is_reported(finding):
    (table,) = next(part for part in parts(finding) if part.name == "prior").tables
    assert [row[0] for row in table.rows] == ["0.1", "0.5", "0.9"]
    assert [row[1] for row in table.rows] == [
        "Manis (genus)", "Manis temminckii (species)", "Manis temminckii (species)"
    ]  # fmt: skip
    # Of what is reported, the genus, each prior has a posterior, also where it named the species. It rests on
    # few species and records, so the less likely the library has the species, the lower its ceiling presses it.
    assert [row[3] for row in table.rows] == ["0.976", "0.994", "0.997"]


def test_a_prior_that_nobody_gave_a_reason_for_is_told_and_a_reason_is_printed(finding):
    assert any("The case states no reason for it, so" in text for text in sentences(finding))
    finding["prior_reason"] = "All pangolins of the region are in the library."
    texts = list(sentences(finding))
    assert not any("The case states no reason" in text for text in texts)
    assert any(text.endswith("region are in the library.") for text in texts)


def test_a_name_under_one_prior_and_none_under_another_is_told_as_what_it_is(finding):
    finding["priors"] = [call(None, None, "nothing_near")]
    assert conservative_call(as_finding(finding)).status == "depends"
    assert headline(finding) == "No name is reported, because the call depends on the prior."
    finding["result"].update(status="nothing_near", rank=None, taxon=None, candidates=[])
    assert "has nothing near enough" in headline(finding)


def test_the_error_is_k_of_n_with_its_bound(finding):
    error = finding["errors"]["genus"]
    text = next(t for t in sentences(finding) if t.startswith("Observed error"))
    assert f"{error['wrong']} of {error['calls']} calls" in text
    assert f"(event {error['event']})" in text and "upper 95\u00a0% bound" in text
    assert error["upper"] == max(error["by_call"], error["by_species"]["upper"])
    assert f"{100 * error['upper']:.1f}\u00a0%" in text
    # Both bounds stand in the table, with what they are of.
    (table,) = next(part for part in parts(finding) if part.name == "backing").tables
    assert [row[1:3] for row in table.rows] == [
        *((str(way["wrong"]), str(way["calls"])) for way in error["ways"]),
        (str(error["wrong"]), str(error["calls"])),
        (str(error["by_species"]["wrong"]), str(error["by_species"]["species"])),
    ]


def test_a_posterior_never_stands_without_its_prior_and_no_verbal_scale_on_it(finding):
    finding["asked"] = []
    for text in sentences(finding):
        assert "osterior probability" not in text and "support" not in text
    finding["priors"] = [one for one in finding["priors"] if one["rank"] == "species"]
    (text,) = [text for text in sentences(finding) if "osterior probability" in text]
    assert "with a prior of 0.9" in text


def test_probabilities_are_never_rounded_to_0_or_1(finding):
    finding["priors"][0].update(probability="0.99999", none="0.0000001")
    text = " ".join([*sentences(finding), *cells(finding)])
    assert "> 0.999" in text and "< 0.001" in text and "1.000" not in text


def test_species_without_a_probability_are_not_excluded():
    candidates = [{"species": s, "probability": p} for s, p in
                  (("A a", "0.9"), ("A b", "0.05"), ("A c", "0.0001"), ("A d", None))]  # fmt: skip
    assert not_excluded({"taxon": "A a", "candidates": candidates}) == ["A b", "A d"]


def test_other_findings_say_what_they_say():
    finding = {"kind": "age", "result": {"result": "1990"}, "explanation": "Formed after 1990.",
               "text": None, "event": 31}  # fmt: skip
    said, again = sentences(finding)
    assert said == "Formed after 1990." and headline(finding) == "1990"
    assert "not computed again" in again and "forensics" not in again
    finding = {"kind": "morphology", "result": None, "explanation": None, "text": "a horn"}
    assert next(sentences(finding)) == "a horn" and headline(finding) == "a horn"
    assert any("These are the examiner's own words" in text for text in sentences(finding))


def test_a_figure_of_what_is_not_reported_does_not_stand_out(finding):
    texts = list(sentences(finding))
    assert any(text.startswith("Result: Manis, called") for text in texts)
    assert not any(text.startswith("Posterior probability") for text in texts)


def test_what_is_not_excluded_is_told_for_every_prior(finding):
    finding["priors"][0]["not_excluded"] = ["Manis gigantea"]
    (text,) = next(part for part in parts(finding) if part.name == "open").paragraphs
    assert "Manis gigantea" in text
    assert all(f"with a prior of {one['prior']}" in text for one in finding["priors"])


def test_a_species_of_another_genus_at_another_prior_leaves_no_name(finding):
    finding["priors"] = [call("genus", "Manis"), call("species", "Felis catus")]
    assert conservative_call(as_finding(finding)).taxon is None


FAR = {
    "rank": "order", "taxon": "Primates", "probability": "0.971", "species": "Papio anubis",
    "accession": "AB123", "identity": "0.871",
    "family": {"taxon": "Cercopithecidae", "probability": "0.62"},
    "order": {"taxon": "Primates", "probability": "0.971"},
    "class": {"taxon": "Mammalia", "probability": "0.98"},
}  # fmt: skip


def place_far(finding, **changed):
    finding["priors"] = [call(None, None, "nothing_near")]
    finding["result"].update(
        status="nothing_near", rank=None, taxon=None, candidates=[], placement=FAR | changed
    )


def test_what_records_further_away_speak_for_is_said_with_its_probability_and_what_it_rests_on(
    finding,
):
    place_far(finding)
    said = "More distant records support Primates (order): probability 0.971."
    assert headline(finding).endswith(f"no name can be given. {said}")
    texts = list(sentences(finding))
    assert said in texts
    assert any(
        "AB123 (Papio anubis), 87.1 % identical. It is not proved that none is nearer." in t
        for t in texts
    )
    assert any("were learnt from records of the library" in text for text in texts)
    assert ("family", "Cercopithecidae", "0.620") in [
        row for part in parts(finding) for table in part.tables for row in table.rows
    ]


def test_a_rank_that_does_not_reach_the_confidence_is_not_reported(finding):
    place_far(finding, rank=None, taxon=None, probability=None)
    assert headline(finding).endswith("no name can be given.")
    assert any(
        "no family, order or class reaches a probability of 0" in t for t in sentences(finding)
    )


def test_where_the_call_depends_on_the_prior_nothing_is_said_of_records_further_away(finding):
    place_far(finding)
    finding["priors"].append(call("genus", "Manis"))
    assert headline(finding) == "No name is reported, because the call depends on the prior."
    assert not any("further away" in text for text in sentences(finding))
