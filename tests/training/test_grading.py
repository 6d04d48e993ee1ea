"""Answers as people fill them in, against what is known of each sample, and the round as a whole."""

from dataclasses import replace

import pytest
from workbooks import workbook

from forensics.errors import InputError
from forensics.training.grading import (
    MOST,
    Answer,
    Category,
    Evaluation,
    evaluate,
    grade,
    read_answers,
)
from forensics.training.rounds import KINDS, NEXT, RECORDS, SIZE, Truth

SAMPLES = ("S01", "S02", "S03")
NAMES = {"Larus fuscus", "Larus argentatus", "Larus", "Laridae"}


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "answers.csv"
        path.write_bytes(text.encode(encoding))
        return read_answers(path, SAMPLES, NAMES)

    return read


def test_answers_come_in_the_order_of_the_samples_and_what_has_no_row_is_unanswered(read):
    text = "sample,conclusion,taxon,remarks\nS03,inconclusive,,two peaks\nS01,identified,Larus,\n"
    assert read(text) == [
        Answer("S01", "identified", ("Larus",)),
        Answer("S02"),
        Answer("S03", "inconclusive", (), remarks="two peaks"),
    ]


def test_the_sheet_is_read_as_spreadsheet_programs_write_it(read):
    text = "Remarks;TAXON;Conclusion;Sample\r\nétable;larus fuscus;Identified;s02\r\n;;Nothing near;S01\r\n"
    found = read(text, "cp1252")
    assert found[0].conclusion == "nothing_near"
    assert found[1] == Answer("S02", "identified", ("Larus fuscus",), remarks="étable")


def test_several_species_are_a_set(read):
    found = read("sample,conclusion,taxon\nS01,identified,Larus fuscus; Larus argentatus\n")
    assert found[0].taxa == ("Larus fuscus", "Larus argentatus")


def test_the_species_of_a_unit_are_read_as_a_result_writes_them(read):
    found = read("sample,conclusion,taxon\nS01,identified,Larus argentatus / fuscus\n")
    assert found[0].taxa == ("Larus argentatus", "Larus fuscus")


def test_what_is_said_of_the_record_and_of_the_next_step_is_read(read):
    text = "sample,conclusion,taxon,record,next\nS01,identified,Larus,Broken,other locus\n"
    assert read(text)[0] == Answer("S01", "identified", ("Larus",), "broken", "other_locus")


def test_a_workbook_is_read_too(tmp_path):
    rows = ["sample", "conclusion", "taxon"], ["S01", "unusable", None]
    path = workbook(tmp_path / "answers.xlsx", *rows)
    assert read_answers(path, SAMPLES, NAMES)[0].conclusion == "unusable"


@pytest.mark.parametrize(
    "row, said",
    [
        ("S09,inconclusive,", "no sample 'S09'; expected S01 to S03"),
        ("S01,perhaps,", "'perhaps' is not a choice; write one of identified"),
        ("S01,identified,", "Identified as what"),
        ("S01,inconclusive,Larus fuscus", "is given with 'inconclusive'"),
        ("S01,identified,Larus fuscas", "is it Larus fuscus"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, row, said):
    with pytest.raises(InputError, match=said) as caught:
        read(f"sample,conclusion,taxon\n{row}\n")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "column, expected", [("record", "whole, broken"), ("next", "report, other")]
)
def test_a_choice_that_there_is_not_is_told(read, column, expected):
    with pytest.raises(InputError, match=f"'perhaps' is not a choice; write one of {expected}"):
        read(f"sample,conclusion,taxon,{column}\nS01,unusable,,perhaps\n")


def test_a_second_row_for_a_sample_is_refused(read):
    with pytest.raises(InputError, match="S01 has a row already") as caught:
        read("sample,conclusion,taxon\nS01,unusable,\nS01,inconclusive,\n")
    assert caught.value.line == 3


def test_a_missing_column_is_named(read):
    with pytest.raises(InputError, match="missing: taxon"):
        read("sample,conclusion\nS01,unusable\n")


def test_a_name_that_nobody_knows_is_taken_as_it_stands(read):
    found = read("sample,conclusion,taxon\nS01,identified,Panthera tigris\n")
    assert found[0].taxa == ("Panthera tigris",)


KNOWN = Truth(
    sample="S01", kind="known", sequence="ACGT", label="Larus fuscus", species="Larus fuscus", genus="Larus",
    family="Laridae", order="Charadriiformes", components=("Larus fuscus",), made_of=("A1",),
)  # fmt: skip
TWO = ("Larus argentatus", "Larus fuscus")
TWIN = replace(KNOWN, kind="twin", not_excluded=TWO)
SPECIES_MISSING = replace(KNOWN, kind="species_missing")
MISLABELLED = replace(KNOWN, kind="mislabelled")
GENUS_MISSING = replace(KNOWN, kind="genus_missing")
CONTAMINATED = replace(KNOWN, kind="contaminated")
EXCHANGED = replace(KNOWN, kind="exchanged")
MIXED = replace(
    KNOWN, kind="double", species="", genus="", family="", components=("Larus fuscus", "Uria aalge")
)
HUMAN = replace(
    KNOWN, kind="human", species="Homo sapiens", genus="Homo", family="Hominidae", order="Primates",
    components=("Homo sapiens",),
)  # fmt: skip


def category(truth, conclusion, *taxa):
    return grade(truth, Answer(truth.sample, conclusion, taxa)).category


@pytest.mark.parametrize(
    "truth, conclusion, taxa, expected",
    [
        (KNOWN, "identified", ["Larus fuscus"], Category.CORRECT),
        (KNOWN, "identified", ["Larus fuscus graellsii"], Category.CORRECT),
        (KNOWN, "identified", ["Larus"], Category.HIGHER_RANK),
        (KNOWN, "identified", ["Larus sp."], Category.HIGHER_RANK),
        (KNOWN, "identified", ["Laridae"], Category.HIGHER_RANK),
        (KNOWN, "identified", ["Charadriiformes"], Category.HIGHER_RANK),
        (KNOWN, "identified", ["Larus fuscus", "Larus argentatus"], Category.HIGHER_RANK),
        (KNOWN, "identified", ["Larus argentatus"], Category.FALSE_NAME),
        (KNOWN, "identified", ["Larus argentatus", "Larus canus"], Category.FALSE_NAME),
        (KNOWN, "identified", ["Alcidae"], Category.FALSE_NAME),
        (KNOWN, "inconclusive", [], Category.INCONCLUSIVE),
        (KNOWN, "unusable", [], Category.INCONCLUSIVE),
        (KNOWN, "nothing_near", [], Category.FALSE_EXCLUSION),
        (KNOWN, "", [], Category.UNANSWERED),
        (TWIN, "identified", ["Larus"], Category.CORRECT),
        (TWIN, "identified", ["Larus argentatus", "Larus fuscus"], Category.CORRECT),
        (TWIN, "identified", ["Larus fuscus", "Larus canus"], Category.UNSUPPORTED),
        (TWIN, "identified", ["Larus fuscus"], Category.UNSUPPORTED),
        (TWIN, "identified", ["Larus argentatus"], Category.FALSE_NAME),
        (TWIN, "identified", ["Laridae"], Category.HIGHER_RANK),
        (SPECIES_MISSING, "identified", ["Larus"], Category.CORRECT),
        (SPECIES_MISSING, "identified", ["Laridae"], Category.HIGHER_RANK),
        (SPECIES_MISSING, "identified", ["Larus fuscus"], Category.UNSUPPORTED),
        (SPECIES_MISSING, "identified", ["Larus argentatus"], Category.FALSE_NAME),
        (SPECIES_MISSING, "nothing_near", [], Category.HIGHER_RANK),
        (SPECIES_MISSING, "inconclusive", [], Category.HIGHER_RANK),
        (SPECIES_MISSING, "unusable", [], Category.INCONCLUSIVE),
        (MISLABELLED, "identified", ["Larus"], Category.CORRECT),
        (MISLABELLED, "identified", ["Uria aalge"], Category.FALSE_NAME),
        (MISLABELLED, "inconclusive", [], Category.HIGHER_RANK),
        (GENUS_MISSING, "identified", ["Laridae"], Category.CORRECT),
        (GENUS_MISSING, "identified", ["Larus"], Category.UNSUPPORTED),
        (GENUS_MISSING, "nothing_near", [], Category.CORRECT),
        (GENUS_MISSING, "inconclusive", [], Category.CORRECT),
        (CONTAMINATED, "unusable", [], Category.CORRECT),
        (CONTAMINATED, "identified", ["Uria aalge"], Category.FALSE_NAME),
        (CONTAMINATED, "identified", ["Larus fuscus"], Category.UNSUPPORTED),
        (EXCHANGED, "identified", ["Larus fuscus"], Category.CORRECT),
        (MIXED, "unusable", [], Category.CORRECT),
        (MIXED, "inconclusive", [], Category.CORRECT),
        (MIXED, "identified", ["Uria aalge"], Category.UNSUPPORTED),
        (MIXED, "identified", ["Alca torda"], Category.FALSE_NAME),
        (MIXED, "nothing_near", [], Category.FALSE_EXCLUSION),
        (HUMAN, "unusable", [], Category.CORRECT),
        (HUMAN, "identified", ["Homo sapiens"], Category.CORRECT),
        (HUMAN, "nothing_near", [], Category.INCONCLUSIVE),
        (HUMAN, "identified", ["Larus fuscus"], Category.FALSE_NAME),
    ],
)
def test_the_category_of_an_answer(truth, conclusion, taxa, expected):
    assert category(truth, conclusion, *taxa) is expected


def test_a_forced_name_that_is_right_by_luck_earns_nothing():
    forced = grade(TWIN, Answer("S01", "identified", ("Larus fuscus",)))
    assert forced.points == 0 and "it; the answer was luck" in forced.feedback


def test_a_false_name_that_the_label_said_is_told_as_such():
    truth = replace(KNOWN, label="Uria aalge", kind="exchanged")
    assert (
        "repeats the label" in grade(truth, Answer("S01", "identified", ("Uria aalge",))).feedback
    )


def test_a_synonym_in_another_genus_is_taken_for_the_name_of_the_library():
    jackdaw = replace(
        KNOWN, species="Coloeus monedula", genus="Coloeus", components=("Coloeus monedula",)
    )
    answer = Answer("S01", "identified", ("Corvus monedula",))
    found = grade(jackdaw, answer, known={"Coloeus monedula", "Corvus corax"})
    assert found.category is Category.CORRECT
    assert "Corvus monedula was taken for Coloeus monedula" in found.feedback


def test_another_species_with_the_same_epithet_is_no_synonym():
    answer = Answer("S01", "identified", ("Sorex fuscus",))
    assert grade(KNOWN, answer, known={"Sorex fuscus"}).category is Category.FALSE_NAME


def test_what_is_said_of_the_record_and_of_the_next_step_counts():
    right = Answer("S01", "identified", ("Larus fuscus",), "whole", "report")
    assert grade(KNOWN, right).points == MOST == 2
    assert grade(KNOWN, replace(right, record="broken", next="repeat")).points == 1
    assert grade(KNOWN, replace(right, record="", next="")).points == 1


@pytest.mark.parametrize("truth", [EXCHANGED, CONTAMINATED, MIXED, MISLABELLED, HUMAN])
def test_what_may_not_be_reported_earns_nothing_when_it_is(truth):
    said = Answer("S01", "unusable", (), truth.record, "report")
    assert grade(truth, said).is_unsafe and grade(truth, said).points == 0
    for then in truth.next:
        assert grade(truth, replace(said, next=then)).points >= 1
    assert evaluate([*RIGHT, grade(truth, said)]) is Evaluation.UNSATISFACTORY


def test_a_false_name_earns_nothing_whatever_else_was_right():
    said = Answer("S01", "identified", ("Uria aalge",), "broken", "clarify")
    assert grade(EXCHANGED, said).points == 0
    assert grade(EXCHANGED, replace(said, taxa=("Larus fuscus",))).points == 2


def test_every_kind_of_sample_has_what_is_true_of_it():
    for kind, entry in KINDS.items():
        truth = replace(KNOWN, kind=kind)
        assert truth.record in RECORDS and set(truth.next) <= set(NEXT) and truth.next
        assert truth.supported in ("", "species", "genus", "family"), kind
        assert entry["text"].endswith(".") and entry["count"] >= 0
    assert sum(entry["count"] for entry in KINDS.values()) + 1 <= SIZE


RIGHT = [grade(KNOWN, Answer("S01", "identified", ("Larus fuscus",), "whole", "report"))] * 9


@pytest.mark.parametrize(
    "last, expected",
    [
        (Answer("S01", "identified", ("Larus fuscus",)), Evaluation.SATISFACTORY),
        (Answer("S01", "identified", ("Larus",)), Evaluation.SATISFACTORY),
        (Answer("S01", "inconclusive"), Evaluation.SATISFACTORY),
        (Answer("S01"), Evaluation.QUESTIONABLE),
        (Answer("S01", "nothing_near"), Evaluation.UNSATISFACTORY),
        (Answer("S01", "identified", ("Larus canus",)), Evaluation.UNSATISFACTORY),
    ],
)
def test_one_false_answer_fails_nine_right_ones_and_caution_does_not(last, expected):
    assert evaluate([*RIGHT, grade(KNOWN, last)]) is expected


def test_a_forced_name_makes_a_round_questionable():
    forced = grade(TWIN, Answer("S01", "identified", ("Larus fuscus",)))
    assert evaluate([*RIGHT, forced]) is Evaluation.QUESTIONABLE


def test_who_gives_no_name_at_all_does_not_pass():
    cautious = [grade(KNOWN, Answer("S01", "inconclusive"))] * 10
    assert evaluate(cautious) is Evaluation.QUESTIONABLE
