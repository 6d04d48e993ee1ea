"""What lessons 4 to 7 are about: each forgery of the case is what it says, and is found by what finds it."""

import sqlite3
from contextlib import closing

import pytest

from forensics import training
from forensics.custody import open_ledger, verify
from forensics.messages import speak
from forensics.origin import assign_with, sites_on_map
from forensics.training.lessons import questions


@pytest.fixture(scope="module")
def case():
    return training.open_case()


@pytest.fixture(scope="module")
def head(case):
    with open_ledger(case.ledger, key=case.key(case.report.content.authorisation.person)) as ledger:
        return ledger.sign_head()


def received(path):
    with open_ledger(path) as ledger:
        return next(event for event in ledger.events() if event.type == "receive")


def test_the_case_is_sound_and_tells_its_story(case):
    assert verify(case.ledger).ok
    assert len(case.story.splitlines()) >= len(case.report.content.timeline)
    assert "<iframe srcdoc=" in case._repr_html_()


@pytest.mark.parametrize(
    ("how", "first", "problems"), [("weight", 14, 3), ("signature", 14, 3), ("middle", 17, None)]
)
def test_what_is_changed_inside_is_found_at_its_event(case, how, first, problems):
    found = verify(case.forge(how))
    assert found.first.seq == first
    assert problems is None or len(found.problems) == problems
    assert verify(case.ledger).ok  # only the copy was forged


@pytest.mark.parametrize("how", ["end", "all"])
def test_a_cut_end_and_a_story_written_anew_are_found_with_a_head_alone(case, head, how):
    forged = case.forge(how)
    assert verify(forged).ok
    assert len(verify(forged, [head]).problems) == 1


def test_a_forged_ledger_has_another_weight_and_its_triggers(case):
    forged = received(case.forge("weight")).fields["exhibits"][0]
    assert {**forged, "quantity": "48.2"} == received(case.ledger).fields["exhibits"][0]
    assert forged["quantity"] == "1"
    with closing(sqlite3.connect(case.forge("weight"))) as database:
        with pytest.raises(sqlite3.DatabaseError, match="never changed"):
            database.execute("UPDATE openings SET value = ''")


def test_an_unknown_forgery_is_an_error(case):
    with pytest.raises(KeyError):
        case.forge("moon")


def test_a_text_goes_through_the_gate_of_the_report(case):
    assert case.testify("The sequence is of the genus Manis.") == []
    assert {problem.code for problem in case.testify("The accused poached it.")} == {"PERSON"}
    assert case.testify("The accused poached it.")[0].found == "The accused"


def test_pictures_fit_on_a_page_of_1024_by_768_and_their_letters_can_be_read(case, head):
    training.begin("en")
    for axes in map(
        training.enlarge, (case.draw_forgeries(head), case.draw_priors(), training.draw_steps())
    ):
        wide, high = axes.figure.get_size_inches() * axes.figure.dpi
        assert wide <= 900 and high <= 600
        texts = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
        assert min(text.get_fontsize() for text in texts) >= 11


@pytest.mark.slow
def test_tusks_from_where_the_reference_has_no_animals_are_named_wrongly():
    model, tusks = training.tusks()
    results = assign_with(model, tusks)
    named = [
        (one.answer(), lived) for one, lived in zip(results, tusks.populations) if one.answer()
    ]
    assert len(named) == questions()["4.4"]["right"]
    wrong = [lived for answer, lived in named if answer != lived]
    assert wrong == ["Eastern Congo"] * 3
    assert results[7].answer() != tusks.populations[7] and results[7].probability > 0.98
    axes = training.enlarge(results[7].plot(sites=sites_on_map(model)))
    assert min(text.get_fontsize() for text in axes.texts) >= 11


def test_labels_of_pictures_are_read_in_french(case):
    speak("fr")
    try:
        labels = [text.get_text() for text in training.draw_steps().get_yticklabels()]
        labels += [text.get_text() for text in case.draw_priors().get_yticklabels()]
    finally:
        speak("en")
    assert "le tribunal : cette personne est coupable" in labels
    assert "a priori 0,1 : Manis" in labels
