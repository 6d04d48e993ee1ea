"""Answers as people fill them in, against what is known of each sample, and the round as a whole."""

from dataclasses import replace

import pytest
from workbooks import workbook

from forensics.errors import InputError
from forensics.training.grading import Answer, Category, Evaluation, evaluate, grade, read_answers
from forensics.training.rounds import Kind, Truth

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
        Answer("S03", "inconclusive", (), "two peaks"),
    ]


def test_the_sheet_is_read_as_spreadsheet_programs_write_it(read):
    text = "Remarks;TAXON;Conclusion;Sample\r\nétable;larus fuscus;Identified;s02\r\n;;Nothing near;S01\r\n"
    found = read(text, "cp1252")
    assert found[0].conclusion == "nothing_near"
    assert found[1] == Answer("S02", "identified", ("Larus fuscus",), "étable")


def test_several_species_are_a_set(read):
    found = read("sample,conclusion,taxon\nS01,identified,Larus fuscus; Larus argentatus\n")
    assert found[0].taxa == ("Larus fuscus", "Larus argentatus")


def test_a_workbook_is_read_too(tmp_path):
    rows = ["sample", "conclusion", "taxon"], ["S01", "unusable", None]
    path = workbook(tmp_path / "answers.xlsx", *rows)
    assert read_answers(path, SAMPLES, NAMES)[0].conclusion == "unusable"


@pytest.mark.parametrize(
    "row, said",
    [
        ("S09,inconclusive,", "no sample 'S09'; expected S01 to S03"),
        ("S01,perhaps,", "'perhaps' is not a conclusion; write one of identified"),
        ("S01,identified,", "Identified as what"),
        ("S01,inconclusive,Larus fuscus", "is given with 'inconclusive'"),
        ("S01,identified,Larus fuscas", "is it Larus fuscus"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, row, said):
    with pytest.raises(InputError, match=said) as caught:
        read(f"sample,conclusion,taxon\n{row}\n")
    assert caught.value.line == 2


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
    sample="S01", kind=Kind.KNOWN, label="Larus fuscus", species="Larus fuscus", genus="Larus",
    family="Laridae", order="Charadriiformes", missing=False, components=("Larus fuscus",),
    made_of=("A1",), status="identified", rank="species", taxon="Larus fuscus", not_excluded=(),
    file="samples/S01.fasta", sha256="0" * 64,
)  # fmt: skip
TWO = ("Larus argentatus", "Larus fuscus")
TWIN = replace(KNOWN, kind=Kind.TWIN, rank="genus", taxon="Larus", not_excluded=TWO)
MISSING = replace(TWIN, kind=Kind.SPECIES_MISSING, missing=True, not_excluded=TWO[:1])
NOTHING_NEAR = replace(MISSING, status="nothing_near", rank=None, taxon=None, not_excluded=())
OPEN = replace(NOTHING_NEAR, status="inconclusive")
UNUSABLE = replace(KNOWN, status="unusable", rank=None, taxon=None)
MIXED = replace(
    UNUSABLE, kind=Kind.DOUBLE, species="", genus="", family="",
    components=("Larus fuscus", "Uria aalge"),
)  # fmt: skip
HUMAN = replace(
    UNUSABLE, kind=Kind.HUMAN, species="Homo sapiens", genus="Homo", family="Hominidae",
    order="Primates", missing=True, components=("Homo sapiens",),
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
        (MISSING, "identified", ["Larus"], Category.CORRECT),
        (MISSING, "identified", ["Larus fuscus"], Category.UNSUPPORTED),
        (MISSING, "identified", ["Larus argentatus"], Category.FALSE_NAME),
        (MISSING, "nothing_near", [], Category.HIGHER_RANK),
        (MISSING, "inconclusive", [], Category.INCONCLUSIVE),
        (NOTHING_NEAR, "nothing_near", [], Category.CORRECT),
        (NOTHING_NEAR, "inconclusive", [], Category.CORRECT),
        (NOTHING_NEAR, "identified", ["Laridae"], Category.UNSUPPORTED),
        (OPEN, "nothing_near", [], Category.CORRECT),
        (OPEN, "inconclusive", [], Category.CORRECT),
        (OPEN, "unusable", [], Category.INCONCLUSIVE),
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
    truth = replace(KNOWN, label="Uria aalge", kind=Kind.EXCHANGED)
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


RIGHT = [grade(KNOWN, Answer("S01", "identified", ("Larus fuscus",)))] * 9


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
