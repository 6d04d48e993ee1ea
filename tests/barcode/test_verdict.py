"""The verdict on a sequence in one line: nothing that is not in the result, the doubtful ones first."""

from dataclasses import replace

import pytest
from simulation import SPECIES, far_sequence, query

import forensics
from forensics.barcode.verdict import (
    Outcome,
    RunSummary,
    detail_lines,
    make_verdict,
    say_once,
    weighty_notices,
)
from forensics.core.notice import NoticeKind, Severity
from forensics.messages import speak
from forensics.notices import SEQUENCE_SUBJECTS, Kinds


@pytest.fixture(scope="module")
def results(library):
    """A species, something that is in no library, and something that cannot be examined."""
    texts = [query(), far_sequence(), "N" * 500]
    return [
        forensics.identify(f">q{n}\n{text}\n", library=library)[0] for n, text in enumerate(texts)
    ]


def notice(code, sentence=""):
    kind = Kinds(*SEQUENCE_SUBJECTS).get(code) or NoticeKind(code, Severity.LIMITS)
    return kind.worded(sentence or f"{code} said.")


def with_notices(result, *codes, probability=0.979):
    call = result.call._replace(probability=probability)
    return replace(result, call=call, warnings=tuple(notice(code) for code in codes))


def test_a_species_is_named_with_its_distance_and_the_next_species(results):
    own = replace(results[0].candidates[0], mismatches=3, length=658)
    other = replace(own, species="Fictus niger", mismatches=39)
    result = replace(with_notices(results[0]), candidates=(own, other))
    verdict = make_verdict(result)
    assert (verdict.outcome, verdict.call, verdict.rank) == (Outcome.NAMED, SPECIES[0], "species")
    assert verdict.evidence == (
        "3 of 658 differ; next Fictus niger 39",
        "3 of 658 differ; next F. niger 39",
        "3/658; next 39",
    )
    assert (verdict.codes, verdict.advice) == ((), "")
    alone = make_verdict(replace(result, candidates=(replace(own, mismatches=1),)))
    assert alone.evidence[0] == "1 of 658 differs; no other within 8%"


def test_a_genus_is_abbreviated_only_where_the_line_names_it(results):
    own = replace(results[0].candidates[0], mismatches=3, length=658)
    other = replace(own, species="Exemplum primum", genus="Exemplum", mismatches=60)
    named = make_verdict(replace(with_notices(results[0]), candidates=(own, other)))
    assert not any("E. primum" in text for text in named.evidence)
    call = results[0].call._replace(status="inconclusive", rank=None, taxon=None)
    unnamed = make_verdict(replace(results[0], call=call, candidates=(own, other)))
    assert unnamed.evidence[0] == "3 of 658 differ from Fictus albus"
    assert not any("F. albus" in text for text in unnamed.evidence)
    genus = call._replace(status="identified", rank="genus", taxon="Fictus")
    of_genus = make_verdict(replace(results[0], call=genus, candidates=(own,))).evidence
    assert "3/658: F. albus" in of_genus


def test_a_listing_that_was_reported_alone_is_not_said_to_be_none(results):
    call = results[0].call._replace(rank="species", taxon="Okapia johnstoni")
    own = replace(results[0].candidates[0], species="Okapia johnstoni", genus="Okapia")
    result = replace(results[0], call=call, candidates=(own,))
    assert make_verdict(result).appendices == "I?"
    summary = RunSummary()
    summary.add(result)
    summary.add(result)
    (listings,) = (line for line in summary.lines() if "CITES" in line)
    assert "?: not covered, or reported alone" in listings and "no listing found" not in listings
    genus = call._replace(rank="genus", taxon="Okapia")
    assert make_verdict(replace(result, call=genus)).appendices == "I?/?"


def test_a_code_that_every_name_of_a_long_run_bears_is_said_once(results):
    short = make_verdict(with_notices(results[0], "SHORT_QUERY", "KNOWN_HYBRIDISATION"))
    others = [make_verdict(with_notices(results[0], "SHORT_QUERY"))] * 19
    left, said = say_once([short, *others, make_verdict(results[2])], [])
    assert left[0].codes == ("KNOWN_HYBRIDISATION",) and left[1].codes == ()
    assert {verdict.outcome for verdict in left[:-1]} == {Outcome.LIMITED}
    assert said[0] == "Every name has SHORT_QUERY (forensics explain SHORT_QUERY)."
    few, nothing = say_once([short, *others[1:]], [])
    assert few[1].codes == ("SHORT_QUERY",) and nothing == []
    one = make_verdict(with_notices(results[0]))
    assert say_once([short, *others, one], [])[0][0].codes == short.codes


def test_certainty_is_never_claimed(results):
    sure = replace(results[0], call=results[0].call._replace(probability=0.99999))
    assert make_verdict(sure).probability == ">99.9%"
    unknown = replace(results[0], call=results[0].call._replace(probability=None))
    assert make_verdict(unknown).probability == "-"


@pytest.mark.parametrize("codes, probability, outcome, said", [
    (("SAME_HAPLOTYPE_IN_RUN", "TRIMMED"), 0.979, Outcome.LIMITED, ("SAME_HAPLOTYPE_IN_RUN",)),
    ((), None, Outcome.LIMITED, ()),
    (("PRIOR_SENSITIVE", "ONE_LINEAGE"), 0.979, Outcome.NAMED, ()),  # true of the run
    (("NOT_KNOWN_YET",), 0.979, Outcome.LIMITED, ("NOT_KNOWN_YET",)),  # of a later version
])  # fmt: skip
def test_a_species_with_a_notice_that_limits_is_marked_and_bears_its_code(
    results, codes, probability, outcome, said
):
    verdict = make_verdict(with_notices(results[0], *codes, probability=probability))
    assert (verdict.outcome, verdict.codes) == (outcome, said)


def test_a_genus_says_what_it_differs_from(results):
    call = results[0].call._replace(rank="genus", taxon=SPECIES[0].split()[0])
    verdict = make_verdict(replace(results[0], call=call, warnings=()))
    assert verdict.outcome is Outcome.LIMITED
    assert verdict.evidence[0].endswith(f" from {SPECIES[0]}")
    assert "next" not in verdict.evidence[0]


def test_where_nothing_is_named_the_line_says_why_and_what_to_do(results):
    far, empty = make_verdict(results[1]), make_verdict(results[2])
    assert (far.outcome, far.call) == (Outcome.NOTHING_NEAR, "NOTHING NEAR")
    assert (far.evidence[0], far.advice) == ("nothing within 10%", "try another library or locus")
    assert (empty.outcome, empty.call) == (Outcome.UNUSABLE, "UNUSABLE")
    assert empty.evidence == ("The sequence is empty or has only N",)
    assert empty.advice == "export the file again"


def test_what_blocks_a_name_stands_before_the_nearest_record(results):
    call = results[0].call._replace(status="inconclusive", rank=None, taxon=None, probability=None)
    mixed = notice("MIXED_CHROMATOGRAM", "More than one template: 11 double peaks. A mixture.")
    nothing = replace(results[0], call=call, warnings=(notice("DISTANT"), mixed))
    verdict = make_verdict(nothing)
    assert (verdict.outcome, verdict.call) == (Outcome.NO_NAME, "NO NAME")
    assert verdict.evidence == (
        "More than one template: 11 double peaks",
        "More than one template",
    )
    assert verdict.advice == "amplify again with other primers"
    without = make_verdict(replace(nothing, warnings=()))
    assert without.evidence[0].endswith(f"from {SPECIES[0]}")


def test_verdicts_are_sorted_with_the_doubtful_ones_first(results):
    verdicts = [make_verdict(result) for result in results]
    assert [v.query for v in sorted(verdicts, key=lambda v: v.order)] == ["q2", "q1", "q0"]


def test_notices_that_block_stand_before_those_that_limit_and_others_are_left_out(results):
    result = with_notices(results[0], "TRIMMED", "SHORT_QUERY", "ONE_LINEAGE", "CHIMERA")
    assert [notice.code for notice in weighty_notices(result)] == ["CHIMERA", "SHORT_QUERY"]
    lines = detail_lines(result)
    assert [line for line in lines if line[0] in ("Blocks", "Limits", "Note")] == [
        ("Blocks", "CHIMERA said. (CHIMERA)")
    ], "where nothing may be named, there is nothing to limit"
    limited = detail_lines(with_notices(results[0], "TRIMMED", "SHORT_QUERY"))
    assert limited[-1] == ("Limits", "SHORT_QUERY said. (SHORT_QUERY)")
    notes = [text for label, text in detail_lines(result, every_notice=True) if label == "Note"]
    assert notes == ["TRIMMED said. (TRIMMED)", "ONE_LINEAGE said. (ONE_LINEAGE)"]


def test_why_a_call_stands_above_the_species_comes_before_what_to_do(results):
    result = with_notices(results[0], "DISTANT", "SEVERAL_SPECIES", "SINGLE_RECORD")
    genus = replace(result, call=result.call._replace(rank="genus", taxon="Fictus"))
    labels = [label for label, _text in detail_lines(genus)]
    assert labels[-3:] == ["Why", "Why", "What to do"]
    assert make_verdict(genus).codes == ()
    assert "Why" not in dict(detail_lines(result))  # of a species they are notes
    assert "Note" not in dict(detail_lines(result))


def test_what_is_true_of_the_run_is_said_once(results):
    summary = RunSummary()
    for codes in (("PRIOR_SENSITIVE", "ONE_LINEAGE"), ("ONE_LINEAGE",)):
        summary.add(with_notices(results[0], *codes, "SHORT_QUERY", "RECORDS_NOT_COMPARED"))
    lines = list(summary.lines())
    assert lines[0].startswith("The name of q0 rests on the assumption")
    assert lines[1:3] == [
        "ONE_LINEAGE said.",
        "Some records of the library are too short to be compared (-v says how many).",
    ]
    assert lines[3].startswith("Last column: CITES Appendices of ")
    assert len(lines) == 4
    summary.add(with_notices(results[0], "PRIOR_SENSITIVE"))
    assert next(summary.lines()).startswith("2 of 3 names rest on the assumption")
    head = summary.head()
    assert head[0].startswith("library: ") and head[-2:] == ["confidence 0.95", "prior 0.9"]


def test_of_several_that_nothing_is_near_the_run_says_the_highest_probability_of_a_far_species(
    results,
):
    summary = RunSummary()
    for unlisted in (0.01, 0.064, 0.03):
        shares = {"species": {"unlisted": unlisted, "none": 1 - unlisted}}
        call = results[0].call._replace(status="nothing_near", probabilities=shares)
        summary.add(with_notices(replace(results[0], call=call), "FAR_SPECIES_POSSIBLE"))
    (line,) = (line for line in summary.lines() if "too far away" in line)
    assert "a probability of at most 6.4% (COI) (prior 0.9)" in line


def test_a_locus_without_calibration_is_named_once(results):
    summary = RunSummary()
    for _time in range(2):
        summary.add(with_notices(results[0], "UNCALIBRATED"))
    assert [line for line in summary.lines() if "calibration" in line] == [
        "The library has no calibration for COI, so it is not known how often such a call is right."
    ]


def test_numbers_are_written_as_the_reader_writes_them(results):
    speak("fr")
    try:
        sure = replace(results[0], call=results[0].call._replace(probability=0.979))
        assert make_verdict(sure).probability == "97,9\u00a0%"
    finally:
        speak("en")
