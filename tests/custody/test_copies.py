"""What holds the value of a field, and which of its texts are sought elsewhere."""

from types import SimpleNamespace

import pytest

from forensics.custody.fields import ERASED
from forensics.custody.traces import Search, copies_of, group_of, repeats_of, texts_of


def event(seq, kind, /, **fields):
    return SimpleNamespace(seq=seq, type=kind, fields=fields)


def content(**values):
    return {name: {"salt": "00", "value": value} for name, value in values.items()}


def story(**changes):
    """Return a receipt, its correction with the approval, and a disposal with its own."""
    found = [
        event(1, "receive", received_from="Roe", note="seen"),
        event(2, "authorise", act="correct", subject="1", reason="said at night",
              content=content(field="received_from", old="Roe", new="Doe", reason="misread it")),
        event(3, "correct", event=1, field="received_from", old="Roe", new="Doe", reason="x",
              authorisation=2),
        event(4, "authorise", act="dispose", subject="1", content=content(method="burnt at dawn")),
        event(5, "dispose", method="burnt at dawn", authorisation=4),
    ]  # fmt: skip
    for one in found:
        one.fields |= changes.get(f"_{one.seq}", {})
    return {one.seq: one for one in found}


OF_NAME = {(1, "received_from"), (2, "content"), (3, "old"), (3, "new")}


@pytest.mark.parametrize(
    "place, copies",
    [
        ((1, "received_from"), OF_NAME),
        ((3, "old"), OF_NAME),
        (
            (3, "new"),
            {(3, "new"), (2, "content")},
        ),  # of the right value alone, not of the wrong one
        ((2, "content"), {(2, "content")}),
        ((2, "old"), {(2, "old")}),
        ((1, "note"), {(1, "note")}),
        ((5, "method"), {(5, "method"), (4, "content")}),
        ((9, "x"), {(9, "x")}),
    ],
)
def test_a_value_is_committed_to_by_its_correction_and_by_what_approved_it(place, copies):
    assert copies_of(story(), {place}) == copies


def test_of_an_approval_that_a_person_named_the_act_is_followed_too():
    everything = OF_NAME | {(3, "field"), (3, "reason")}
    place = (2, "content")
    assert copies_of(story(), {place}, named={place}) == everything


@pytest.mark.parametrize(
    "changes",
    [
        {"_2": {"subject": subject}} for subject in (None, ERASED, "x", "\uff11", "²", "", "7")
    ]
    + [{"_2": {"act": "erase"}}, {"_2": {"content": ERASED}},
       {"_2": {"content": {"field": "received_from"}}}, {"_2": {"content": content(field=5)}}],
)  # fmt: skip
def test_what_approves_no_correction_of_it_is_no_copy(changes):
    events = story(**changes)
    del events[3]
    assert copies_of(events, {(1, "received_from")}) == {(1, "received_from")}


@pytest.mark.parametrize(
    "change", [{"event": "1"}, {"event": 2}, {"field": ERASED}, {"field": "note"}]
)
def test_what_corrects_something_else_is_no_copy(change):
    events = story(_3=change)
    del events[2]
    assert copies_of(events, {(1, "received_from")}) == {(1, "received_from")}


def test_only_fields_that_are_there_are_copies():
    events = story()
    del events[3].fields["new"]
    assert copies_of(events, {(1, "received_from")}) == OF_NAME - {(3, "new")}
    del events[1]
    assert copies_of(events, {(3, "old")}) == {(3, "old"), (2, "content")}


@pytest.mark.parametrize(
    "place, group",
    [
        ((1, "received_from"), OF_NAME),
        ((3, "new"), OF_NAME),
        ((2, "content"), OF_NAME | {(3, "field"), (3, "reason")}),
        ((3, "reason"), {(3, "reason"), (2, "content")}),
        ((5, "method"), {(5, "method"), (4, "content")}),
        ((4, "content"), {(5, "method"), (4, "content")}),
        ((99, "old"), {(99, "old")}),
    ],
)
def test_a_group_is_followed_in_both_directions(place, group):
    assert group_of(story(), place) == group


@pytest.mark.parametrize(
    "place, texts",
    [
        ((1, "received_from"), {"Roe"}),  # of a person: three letters are enough
        ((1, "note"), {"seen"}),
        ((1, "gone"), set()),
        ((9, "note"), set()),
        ((2, "content"), {"Roe", "Doe"}),
        ((2, "reason"), {"said at night"}),
        ((3, "old"), {"Roe"}),
        ((3, "field"), set()),
        ((4, "content"), set()),  # what the act says is sought where the act is closed
        ((5, "method"), {"burnt at dawn"}),
    ],
)
def test_the_texts_of_a_field_are_sought_by_what_it_is_for(place, texts):
    assert texts_of(story(), {place}) == texts
    events = story()
    if place[0] in events:
        events[place[0]].fields[place[1]] = ERASED
        assert texts_of(events, {place}) == set()


def test_a_correction_of_a_correction_is_of_the_field_that_was_wrong():
    events = story()
    events[6] = event(6, "correct", event=3, field="new", old="Doe", new="Poe")
    events[7] = event(7, "attach", content="Taken by the informer")
    assert texts_of(events, {(6, "new")}) == {"Poe"}
    assert texts_of(events, {(7, "content")}) == {"Taken by the informer"}
    assert copies_of(events, {(1, "received_from")}) == OF_NAME | {(6, "old"), (6, "new")}
    del events[3]
    assert texts_of(events, {(6, "new")}) == {"Poe"}


@pytest.mark.parametrize(
    "kind, name, value, everywhere, texts",
    [
        ("finding", "result", "Ceratotherium", (), {"Ceratotherium"}),
        ("finding", "result", ["Ceratotherium", "white horn"], (), {"white horn"}),
        ("finding", "kind", "morphology", ("kind",), set()),
        ("store", "location", "strongroom", (), set()),
        ("store", "location", "strongroom", ("location",), {"strongroom"}),
        ("receive", "seizure_place", {"town": "Abidjan"}, (), {"Abidjan"}),
        ("receive", "exhibits", [{"description": "carved horn", "unit": "g"}], (), {"carved horn"}),
        ("receive", "exhibits", {"description": "carved horn"}, (), {"carved horn"}),
        ("receive", "exhibits", ["carved horn"], (), set()),
        ("attach", "attachments", [{"name": "Officer Roe.jpg"}], (), set()),
        ("of a later version", "x", "two words", (), {"two words"}),
        ("receive", "of a later version", "two words", (), {"two words"}),
    ],
)
def test_a_value_is_sought_by_its_kind(kind, name, value, everywhere, texts):
    events = {1: event(1, kind, **{name: value})}
    assert texts_of(events, {(1, name)}, everywhere=everywhere) == texts


def test_repeats_are_the_other_fields_in_which_a_text_stands():
    events = story().values()
    search = Search(["Roe"])
    assert repeats_of(events, search, but=()) == {
        (1, "received_from"), (2, "content"), (3, "old"),
    }  # fmt: skip
    assert repeats_of(events, search, but={(3, "old")}) == {(1, "received_from"), (2, "content")}
