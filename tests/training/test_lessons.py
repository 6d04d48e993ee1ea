"""Checks of what learners answer: right, wrong in every foreseen way, empty, of another type, in every language."""

import contextlib
import functools
import io
import os
import re
from pathlib import Path

import pytest
from sources import module_at

from forensics import training
from forensics.errors import UsageError
from forensics.messages import available, speak
from forensics.training.lessons import questions

make = module_at(Path(__file__).resolve().parents[2] / "notebooks" / "make.py")
# Of the questions whose answer is found in the lesson: what it is with the embedded library.
FOUND = {
    "1.1": 32, "1.3": "genus", "1.4": "Bovidae", "3.2": 7, "5.1": "bruno", "5.4": 14, "6.1": "genus", "7.5": "Bruno Sá",
    "6.7": "The sample is of the genus Manis; which species it is, stays open.",
    "7.3": "The sequence is at least 12 times as probable if it is of Manis as if it is of another taxon.",
    "7.4": "That I cannot say from my examination.",
}  # fmt: skip
OVERCLAIMS = {
    "TAXON": "The scale is of Temminck's pangolin.",
    "PERSON": "The accused killed a pangolin.",
    "ODDS": "That is of Manis beyond doubt.",
}
KINDS = {"choice", "choices", "number", "text", "statement"}
ASKED = sorted(questions())


CASE = functools.cache(training.open_case)


@functools.cache
def results_of(lesson: int) -> dict[str, object]:
    """Return, by question, the result that a lesson asks about; the lesson is run for it."""
    seen = {}
    source = next(path for path in make.sources() if path.stem.startswith(f"{lesson:02}"))
    cells = [cell.source for cell in make.read_source(source).cells if cell.cell_type == "code"]

    def note(question, answer, about=None):
        seen[question] = about

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        import matplotlib

        patch.setattr(training, "check", note)
        patch.setattr(training, "open_case", CASE)
        with matplotlib.rc_context({"backend": "agg"}):
            exec(compile("\n".join(cells), str(source), "exec"), {"__name__": "__main__"})
    speak("en")
    return seen


def about_of(question):
    asked = questions()[question]
    written = [asked["right"], *asked.get("hints", ())]
    found = asked["kind"] == "statement" or re.search(r"\['?\.|'\.", str([*written, ""]))
    return results_of(int(question.split(".")[0])).get(question) if found else None


def right_answer(question):
    asked = questions()[question]
    right = asked["right"]
    if question in FOUND:
        return FOUND[question]
    if asked["kind"] == "choices":
        return " ".join(right)
    return right[0] if isinstance(right, list) else right


@pytest.mark.parametrize("question", ASKED)
def test_the_right_answer_is_right_and_says_why(question):
    about = about_of(question)
    checked = training.check(question, right_answer(question), about)
    assert checked.right is True, checked
    assert checked.hint and "{" not in checked.hint
    if isinstance(right_answer(question), str):
        assert training.check(question, f" {right_answer(question).upper()}. ", about).right is True


@pytest.mark.parametrize("question", ASKED)
def test_each_foreseen_wrong_answer_has_its_hint(question):
    asked, about = questions()[question], about_of(question)
    hints = asked.get("hints", {})
    for written, hint in hints.items():
        if asked["kind"] == "statement":
            checked = training.check(question, OVERCLAIMS[written], about)
            assert checked.right is False and checked.hint.startswith(f"{hint} ("), checked
            continue
        if written.startswith("."):
            value = about
            for part in written[1:].split("."):
                value = value[int(part)] if part.isdigit() else getattr(value, part)
        else:
            value = float(written) if asked["kind"] == "number" else written
        if asked["kind"] == "choices":
            value = [*asked["right"], value]
        checked = training.check(question, value, about)
        assert checked.right is False, (question, value)
        assert checked.hint == hint
    assert asked["kind"] == "choice" or asked["hint"]


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("empty", [None, ..., "", " ", [], ()])
def test_an_empty_answer_waits_and_is_no_mistake(question, empty):
    checked = training.check(question, empty)
    assert checked.right is None and "No answer yet" in checked.hint
    assert repr(checked).startswith("☐")


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("answer", [{"a": 1}, object(), True, b"a", (0, 5), "zz top", float("nan")])
def test_an_answer_of_another_kind_gets_a_hint_and_no_exception(question, answer):
    checked = training.check(question, answer, about_of(question))
    assert checked.right is False and checked.hint


def test_a_choice_among_several_needs_all_of_them_and_no_other():
    assert training.check("1.6", "a").right is False
    assert "One more" in training.check("1.6", "a").hint
    assert "Leave b out" in training.check("1.6", "a, b, c").hint
    for way in ("c a", "A,C", ["a", "c"], {"a", "c"}, "ac"):
        assert training.check("1.6", way).right is True, way


def test_a_comma_in_a_number_and_a_letter_that_is_no_choice_are_explained():
    assert "decimal point" in training.check("1.1", (0, 95), about_of("1.1")).hint
    assert "a, b, c" in training.check("1.2", "f").hint


def test_a_question_about_a_result_that_is_not_there_says_to_run_the_cells():
    assert "Run the cells above" in training.check("1.1", 32).hint


def test_an_unknown_question_is_an_error_with_a_near_one():
    with pytest.raises(UsageError, match=r"no question '1\.77'.*1\.7"):
        training.check("1.77", "a")


def test_what_a_check_shows_is_escaped():
    checked = training.lessons.Checked("1.1", False, "<b>&")
    assert "&lt;b&gt;&amp;" in checked._repr_html_()


@pytest.mark.parametrize("language", available())
def test_checks_speak_the_language_of_the_reader_and_know_its_ranks(language):
    about = about_of("1.3")
    speak(language)
    try:
        rank = {"en": "genus", "fr": "genre", "es": "género"}[language]
        assert training.check("1.3", rank, about).right is True
        assert ("No answer yet" in training.check("1.2", None).hint) == (language == "en")
    finally:
        speak("en")


def test_the_tables_are_well_formed():
    for question, asked in questions().items():
        assert re.fullmatch(r"\d\.\d", question)
        assert asked["kind"] in KINDS
        assert set(asked) <= {"kind", "right", "tolerance", "why", "hint", "hints"}
        assert {"kind", "right", "why"} <= set(asked)
        if asked["kind"].startswith("choice"):
            letters = sorted({*asked["hints"], *asked["right"]})
            assert letters == list("abcdef"[: len(letters)]) or letters == list("acgt"), question


def test_every_exhibit_can_be_identified_and_has_its_truth():
    exhibits = training.exhibits()
    assert [*exhibits][:12] == training.truth()["query"].tolist()
    for pair in (exhibits["clean"], exhibits["mixed"]):
        assert [os.path.isfile(path) for path in pair] == [True, True]
