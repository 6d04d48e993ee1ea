"""Corrections in the ledger: applied to everything that a report states, and told beside it."""

import functools

import pytest
from training_case import as_person, built

from forensics.barcode.reading.samples import samples_of
from forensics.custody import open_ledger
from forensics.custody.fields import ERASED
from forensics.custody.reader import Event
from forensics.examination import examine
from forensics.report.corrections import (
    annotate_event,
    apply_corrections,
    changes,
    list_corrections,
)
from forensics.report.layout import read_template
from forensics.report.linter import check
from forensics.report.pages import render

CASE = "T-2026-001"
ROW = {"exhibit": "C1/1", "quantity": "5", "unit": "g"}


def events(*more):
    kinds = [
        {"type": "receive", "actor": "a", "exhibits": [ROW], "seizure_place": "Quay 4"},
        {"type": "finding", "actor": "a", "thing": "S1", "kind": "age", "result": {"x": "1"}},
        {"type": "run", "actor": "a", "run": "R1", "kind": "pcr", "protocol": "SOP-1"},
        *({"type": "correct", "actor": "b", "reason": "r", **one} for one in more),
    ]
    return [Event(n, "", "", fields) for n, fields in enumerate(kinds, 1)]


def correction(event, field, old, new):
    return {"event": event, "field": field, "old": old, "new": new}


def test_a_correction_is_applied_and_the_original_stays():
    before = events(correction(1, "seizure_place", "Quay 4", "Quay 5"))
    after, applied = apply_corrections(before)
    assert after[0].fields["seizure_place"] == "Quay 5" and applied == {4}
    assert before[0].fields["seizure_place"] == "Quay 4" and after[1] is before[1]


def test_the_last_correction_counts_and_one_of_a_correction_reaches_its_target():
    after, _applied = apply_corrections(events(
        correction(3, "protocol", "SOP-1", "SOP-2"), correction(3, "protocol", "SOP-1", "SOP-3"),
    ))  # fmt: skip
    assert after[2].fields["protocol"] == "SOP-3"
    after, applied = apply_corrections(events(
        correction(3, "protocol", "SOP-1", "SOP-2"), correction(4, "new", "SOP-2", "SOP-4"),
        correction(5, "new", "SOP-4", "SOP-5"),
    ))  # fmt: skip
    assert after[2].fields["protocol"] == "SOP-5" and applied == {4, 5, 6}
    # A correction that was itself corrected twice: the last one counts there, too.
    after, applied = apply_corrections(events(
        correction(3, "protocol", "SOP-1", "SOP-2"), correction(4, "new", "SOP-2", "SOP-4"),
        correction(4, "new", "SOP-2", "SOP-6"),
    ))  # fmt: skip
    assert after[2].fields["protocol"] == "SOP-6" and applied == {4, 5, 6}


@pytest.mark.parametrize("one", [
    correction(2, "result", {"x": "1"}, {"x": "2"}),       # found anew, and not corrected
    correction(2, "thing", "S1", "S2"),                     # the ledger goes by names
    correction(1, "exhibits", [ROW], [{**ROW, "exhibit": "C1/2"}]),
    correction(1, "exhibits", [ROW], []),
    correction(1, "exhibits", [ROW], "one"),
    correction(1, "seizure_place", "Quay 4", 4),
    correction(1, "seizure_place", "Quay 4", ERASED),
])  # fmt: skip
def test_what_a_report_cannot_state_instead_is_not_applied(one):
    before = events(one)
    after, applied = apply_corrections(before)
    assert after == before and applied == frozenset()


def test_of_a_list_of_items_only_what_changed_is_told():
    other = {**ROW, "exhibit": "C1/2"}
    found = list(changes([ROW, other], [ROW, {**other, "quantity": "7", "unit": "kg"}], "exhibits"))
    assert found == [("C1/2", "quantity", "5", "7"), ("C1/2", "unit", "g", "kg")]
    assert list(changes([ROW], [ROW, other], "exhibits"))[0][:2] == ("", "exhibits")


@pytest.fixture
def correct(case):
    """Correct a field of the training case as two of its people do; return what it then says."""

    def correct(type_, field, change, reason="misread", *, in_case=True):
        with open_ledger(case / "laboratory.db") as ledger:
            event = next(e for e in ledger.events() if e.type == type_)
        old = event.fields[field]
        said = {"field": field, "old": old, "new": change(old), "reason": reason}
        about = {"case": CASE} if in_case else {}
        with as_person(case, "chen") as chen:
            agreed = chen.authorise(
                act="correct", person="amina", subject=str(event.seq), content=said,
                reason="agreed", **about,
            ).seq  # fmt: skip
        with as_person(case, "amina") as amina:
            seq = amina.correct(event=event.seq, authorisation=agreed, **said, **about).seq
        return event.seq, seq

    return correct


@pytest.fixture
def say(case, embedded):
    return functools.partial(built, case, [embedded])


def test_a_report_states_the_corrected_value_with_the_original_and_the_reason(correct, say):
    heavier = lambda rows: [{**rows[0], "quantity": "84.2", "description": "scales, cleaned"}]  # noqa: E731
    event, seq = correct("receive", "exhibits", heavier, "scale read wrongly")
    correct("split", "method", lambda old: "cut with a new blade")
    correct("run", "protocol", lambda old: "SOP-EX-05", in_case=False)
    said = say()
    (item,) = said.exhibits
    assert (item.quantity, item.description) == ("84.2", "scales, cleaned")
    assert said.samples[0].method == "cut with a new blade"
    assert said.runs[0].protocol == "SOP-EX-05"
    assert [correction.applied for correction in said.corrections] == [True] * 3
    text = annotate_event(said, event, item.exhibit)
    assert f"quantity: first recorded as “48.2”, corrected in event {seq}: scale read" in text
    page = render(said, read_template(), ".html").decode()
    assert "48.2 → 84.2" in page and "scale read wrongly" in page and "SOP-EX-04" in page
    assert "The remaining quantity was calculated from the quantity first recorded" in page
    assert f"[corrected in event {seq}]" in page


def test_a_name_of_a_person_is_corrected_wherever_it_stands(correct, say):
    correct("enrol", "name", lambda old: "Bruno Saa", "letter missing", in_case=False)
    said = say()
    assert said.findings[0].analyst_name == "Bruno Saa"
    assert "Bruno Saa" in {person.name for person in said.people}
    assert any("letter missing" in text for text in list_corrections(said))


def test_a_result_that_a_hand_corrected_is_refused_and_not_stated(correct, say):
    correct("finding", "result", lambda old: {**old, "taxon": "Ovis aries"})
    said = say()
    assert said.findings[0].result["taxon"] == "Manis temminckii"
    found = {problem.code for problem in check(said)}
    assert "HAND_CORRECTED" in found
    (told,) = list_corrections(said)
    assert "The report states the original value; read it with this correction" in told


def test_a_sample_is_examined_with_the_corrected_kind_of_its_exhibit(case, correct, embedded):
    correct("receive", "exhibits", lambda rows: [{**rows[0], "kind": "skins"}])
    (sample,) = samples_of([case / "S1.fasta"]).samples
    with as_person(case, "bruno") as bruno:
        (one,) = examine(bruno, {"S1": sample}, library=embedded, runs=["SEQ-7"], rerun=True)
    assert one.result.provenance.parameters["kind"] == "skins"
