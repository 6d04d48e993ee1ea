"""In which series an event counts, about which exhibits it is, and what a case rests on."""

import pytest

from forensics.custody import ordinals
from forensics.custody.rules import Act
from forensics.custody.state import Finding, Item, Series, State
from forensics.errors import RefusedError


@pytest.fixture
def state():
    state = State(seq=9, ledger="ab" * 16)
    for name, root in (("C1/1", "C1/1"), ("S1", "C1/1"), ("C1/2", "C1/2"), ("BOX", "BOX")):
        state.things[name] = Item("exhibit", "C1", 1, root)
    state.findings[8] = Finding("bruno", "S1", "C1", ("R1",))
    state.series["case C1"] = Series(count=4)
    return state


def act_of(kind, *, seq=10, events=None, **fields):
    fields = {"type": kind, "actor": "amina", **fields}
    return Act(seq, "ab" * 16, "k", "2026-03-02T12:00:00.000000Z", fields, (events or {}).get)


def assigned(state, kind, **fields):
    """Return the number of the event, and that of each exhibit."""
    act = act_of(kind, **fields)
    ordinals.assign(state, act)
    exhibits = act.get("exhibit_ordinals")
    return act.get("ordinal"), exhibits and {one["exhibit"]: one["ordinal"] for one in exhibits}


SERIES = {
    "case C1": ("hold", {"case": "C1"}),
    "keys": ("enrol", {"person": "x"}),
    "policy": ("policy", {}),
    "run R1": ("run", {"run": "R1"}),
    "run R2": ("control", {"run": "R2"}),
    "run R3": ("deviation", {"run": "R3"}),
    "library L": ("validate", {"library": "L"}),
    "competence bruno": ("competence", {"person": "bruno"}),
}


@pytest.mark.parametrize("name", SERIES)
def test_an_event_is_the_next_of_its_series_and_the_first_of_a_new_one(name):
    kind, fields = SERIES[name]
    state = State()
    assert assigned(state, kind, **fields)[0] == 1
    ordinals.count(state, act_of(kind, **fields))
    assert state.series.keys() == {name} and assigned(state, kind, **fields)[0] == 2
    state.series[name].count = 6
    assert assigned(state, kind, **fields)[0] == 7


@pytest.mark.parametrize("kind", ["init", "enrol", "rotate", "reenrol", "revoke"])
def test_events_about_keys_count_among_the_keys(kind):
    state = State()
    ordinals.count(state, act_of(kind))
    assert state.series.keys() == {"keys"}


def test_what_only_the_laboratory_needs_counts_nowhere(state):
    assert assigned(state, "location", location="safe") == (None, None)
    before = dict(state.series)
    ordinals.count(state, act_of("location", location="safe"))
    assert state.series == before


def test_a_correction_without_a_case_counts_where_what_it_corrects_counts(state):
    events = {
        3: {"type": "run", "run": "R1"}, 4: {"type": "enrol", "person": "x"},
        5: {"type": "correct", "event": 3}, 6: {"type": "location"},
    }  # fmt: skip
    state.series["run R1"], state.series["keys"] = Series(count=2), Series(count=5)
    state.series_corrected[5] = "run R1"
    for kind in ("correct", "erase"):
        assert assigned(state, kind, event=3, events=events)[0] == 3
        assert assigned(state, kind, event=5, events=events)[0] == 3
        # Names of persons, who may have no part in a case, and what is in no series.
        for event in (4, 6, 7):
            assert assigned(state, kind, event=event, events=events)[0] is None
    assert assigned(state, "authorise", event=3, events=events)[0] is None
    ordinals.count(state, act_of("correct", seq=11, event=3, events=events))
    assert state.series_corrected[11] == "run R1" and state.series["run R1"].events == [11]


def test_a_sample_counts_as_its_exhibit_and_a_container_for_itself(state):
    state.exhibit_events["C1/1"] = 3
    assert assigned(state, "hold", case="C1", things=["S1", "C1/1", "gone"]) == (5, {"C1/1": 4})
    assert assigned(state, "pack", case="C1", things=["C1/2"], container="BOX") == (
        5, {"C1/2": 1, "BOX": 1},
    )  # fmt: skip
    rows = [{"exhibit": "C1/8"}, {"exhibit": "C1/9"}]
    assert assigned(state, "receive", case="C1", exhibits=rows)[1] == {"C1/8": 1, "C1/9": 1}
    assert assigned(state, "load", loaded=[{"thing": "S1"}], run="R1")[1] is None  # of no case


def test_a_review_and_a_report_are_about_what_was_examined(state):
    assert assigned(state, "reviewed", case="C1", finding=8)[1] == {"C1/1": 1}
    assert assigned(state, "report", case="C1", findings=[8, 99])[1] == {"C1/1": 1}
    assert assigned(state, "report", case="C1", findings=[99])[1] is None


def test_a_correction_is_about_the_exhibits_of_what_it_corrects(state):
    events = {
        3: {"type": "hold", "case": "C1", "things": ["C1/2"]},
        5: {"type": "correct", "case": "C1", "event": 3},
        10: {"type": "hold", "case": "C1", "things": ["C1/1"]},
    }
    state.exhibits_corrected[5] = ("C1/1",)
    common = {"case": "C1", "events": events}
    assert assigned(state, "correct", event=3, **common)[1] == {"C1/2": 1}
    assert assigned(state, "erase", event=5, **common)[1] == {"C1/1": 1}
    assert assigned(state, "erase", event=4, **common)[1] is None
    assert assigned(state, "authorise", event=3, **common)[1] is None
    for event in (10, 11):  # itself, or what is yet to come
        assert assigned(state, "erase", event=event, **common)[1] is None
    ordinals.count(state, act_of("correct", seq=12, event=3, **common))
    assert state.exhibits_corrected[12] == ("C1/2",)
    ordinals.count(state, act_of("hold", seq=13, **common))
    assert 13 not in state.exhibits_corrected and 13 not in state.series_corrected


def test_another_number_is_refused_and_so_is_none(state):
    right = {"ordinal": 5, "exhibit_ordinals": [{"exhibit": "C1/2", "ordinal": 1}]}
    ordinals.check(state, act_of("hold", case="C1", things=["C1/2"], **right))
    for name, value in (("ordinal", 4), ("exhibit_ordinals", [])):
        with pytest.raises(RefusedError, match=f"{name}: found .*expected"):
            ordinals.check(
                state, act_of("hold", case="C1", things=["C1/2"], **right | {name: value})
            )
    with pytest.raises(RefusedError, match="ordinal: found None, expected 5"):
        ordinals.check(state, act_of("hold", case="C1", things=["C1/2"]))
    given = act_of("hold", case="C1", ordinal=4)
    ordinals.assign(state, given)
    assert given["ordinal"] == 4  # what it says of itself is checked, never replaced


def test_what_an_event_says_of_itself_counts(state):
    ordinals.count(state, act_of("hold", case="C1", things=["C1/1"]))
    assert state.series["case C1"].count == 5 and state.exhibit_events == {"C1/1": 1}
    numbers = [{"exhibit": "C1/1", "ordinal": 7}]
    ordinals.count(
        state, act_of("hold", case="C1", things=["C1/1"], ordinal=9, exhibit_ordinals=numbers)
    )
    assert state.series["case C1"].count == 9 and state.exhibit_events == {"C1/1": 7}


def test_a_case_rests_on_keys_policy_runs_libraries_and_competences():
    state = State()
    for seq, (kind, fields) in enumerate([
        ("init", {}), ("policy", {"authorisation": 40}), ("run", {"run": "R1", "actor": "bruno"}),
        ("run", {"run": "R2"}), ("run", {"run": "R3"}),
        ("validate", {"library": "L1", "actor": "chen"}), ("validate", {"library": "L2"}),
        ("competence", {"person": "bruno"}), ("competence", {"person": "chen"}),
        ("load", {"case": "C1", "run": "R2"}),
        ("finding", {"case": "C1", "runs": ["R1", "old"], "library": "L1", "authorisation": 41}),
        ("hold", {"case": "C2"}),
    ], 1):  # fmt: skip
        act = act_of(kind, seq=seq)
        act.fields.update(fields)
        ordinals.count(state, act)
    names = ordinals.related_series(state, "C1")
    # Not the competence of chen, who accepted the library and signed nothing of the case or its runs.
    assert names == {"keys", "policy", "run R1", "run R2", "library L1", "competence bruno"}
    assert ordinals.related(state, names) == {1, 2, 40, 3, 4, 6, 8}  # 41 stands in the case itself
    assert ordinals.related_series(state, "C9") == {"keys", "policy"}
    assert ordinals.related_series(State(), "C1") == set()
    assert state.series["case C1"].rests_on == {
        "competence amina", "run R1", "run R2", "run old", "library L1",
    }  # fmt: skip
    assert ordinals.related(state, {"case C1"}) == {10, 11}
