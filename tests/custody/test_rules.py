"""Every rule refuses what it is there for, leaves nothing behind, and is found when forced in."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from custody.refusals import SCENES

from forensics.custody import appending, registry, verification
from forensics.custody.acts import common
from forensics.custody.fields import ERASED
from forensics.custody.rules import DEFAULT_POLICY, POLICY, RULES, Act, laxer, refusal
from forensics.custody.state import Authorisation, Case, Item, Key, Person, State
from forensics.errors import RefusedError

NAMES = [f"{code}-{name}" for code, name, _steps in SCENES]


def test_every_rule_has_a_scene():
    assert set(RULES) == {code for code, *_rest in SCENES}
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("code, name, steps", SCENES, ids=NAMES)
def test_a_refused_act_names_its_rule_and_leaves_nothing(code, name, steps, lab, monkeypatch):
    recorded = []
    insert = appending._insert
    monkeypatch.setattr(
        appending, "_insert", lambda *given: (recorded.append(given[1]), insert(*given))
    )
    before = lab.size
    *good, wrong = steps
    for step in good:
        step(lab)
    with pytest.raises(RefusedError) as caught:
        wrong(lab)
    assert caught.value.rule == code
    assert caught.value.exit_code == 5
    # What is verified was written, and is taken back.
    assert lab.size == before + len(recorded) - (code == "VERIFIES")
    assert not list(lab.folder.rglob("*.partial"))
    report = lab.verify()
    assert report.ok, report.problems
    assert not report.notes  # no file without its event


@pytest.mark.parametrize("code, name, steps", SCENES, ids=NAMES)
def test_an_act_that_was_forced_in_is_found(code, name, steps, lab, monkeypatch):
    """The last act of the scene is written as by software that knows no rules."""

    def force(state, act, **options):
        try:
            registry.check(state, act, **options)
        except RefusedError:
            act.fields["actor"] = act.fields.get("actor") or "amina"
            forced.append(act.seq)

    def change(state, act):
        if not forced:
            registry.change(state, act)

    class Careless(verification.Addition):
        def check_event(self, seq):
            if not super().check_event(seq).ok and not forced:
                forced.append(seq)
            self.report.problems.clear()
            return self.report

    def catch_up(ledger, connection):
        if not forced:
            replayed(ledger, connection)

    def check_bundles(ledger, *of_acts):
        if not forced:
            checked(ledger, *of_acts)

    forced, replayed = [], appending.Appender._catch_up
    checked = appending.Appender._check_bundles
    monkeypatch.setattr(appending, "Addition", Careless)
    monkeypatch.setattr(appending.Appender, "_check_bundles", check_bundles)
    monkeypatch.setattr(appending.Appender, "_catch_up", catch_up)
    monkeypatch.setattr(
        appending, "registry", SimpleNamespace(check=force, change=change, TYPES=registry.TYPES)
    )
    try:
        for step in steps:
            step(lab)
    except RefusedError as error:  # refused before the table of rules was asked
        assert error.rule == "KEY-UNKNOWN"
        pytest.skip("the ledger itself knows no such key")
    report = lab.verify()
    assert not report.ok
    if name == "erasing what rules need":
        # What was erased is missed where it stood, before the event that erased it.
        assert "exhibits" in report.first.what and report.first.seq < forced[0]
        return
    if name == "attaching again what was erased":
        assert "should have been erased" in report.first.what and report.first.seq < forced[0]
        return
    assert report.first.seq == forced[0]
    assert code == "VERIFIES" or any(
        code in one.what for one in report.problems if one.seq == forced[0]
    )


# -- bounds and messages of the rules that many types share, on a state without a ledger -------


def state_of(**more):
    """Return a state in which amina, custodian, has the key k."""
    state = State(seq=1, ledger="0" * 32, policy=dict(DEFAULT_POLICY), **more)
    state.people["amina"] = Person(frozenset(["custodian"]), 1, ["k"])
    state.keys["k"] = Key("amina", "", 1)
    return state


def act_of(kind="case", *, at="2026-03-02T12:00:00.000000Z", seq=2, earlier=None, **fields):
    fields = {"type": kind, "actor": "amina", "occurred_at": at, **fields}
    return Act(seq, "0" * 32, "k", at, fields, (earlier or {}).get)


@pytest.mark.parametrize("ahead, refused", [
    ("12:05:00.000000", False), ("12:05:00.000001", True),
])  # fmt: skip
def test_clocks_may_differ_by_five_minutes_and_no_more(ahead, refused):
    act = act_of(occurred_at=f"2026-03-02T{ahead}Z")
    with pytest.raises(RefusedError, match="TIME-FUTURE") if refused else nullcontext():
        common.times(state_of(), act)


@pytest.mark.parametrize("second, late", [("00.000000", False), ("01.000000", True)])
def test_a_reason_is_asked_for_after_the_hours_of_the_policy(second, late):
    begin = "2026-03-02T12:00:00.000000Z"
    act = act_of(at=f"2026-03-03T12:00:{second}Z", occurred_at=begin, case="C1")
    state = state_of()
    assert state.policy["late_hours"] == 24 and common.is_late(state, act) == late
    with pytest.raises(RefusedError, match="LATE-REASON") if late else nullcontext():
        common.times(state, act)
    act.fields["late_reason"] = "power cut"
    common.times(state, act)
    registry.change(state, act)
    assert [flag.code for flag in state.flags] == ["LATE"] * late


@pytest.mark.parametrize("expires, reached, refused", [
    ("12:00:00", "11:00:00", ""), ("11:59:59", "11:00:00", "two other people must enrol a new one"),
    ("12:00:00", "12:00:01", "was the clock set back"), ("12:00:00", "12:00:00", ""),
    ("12:30:00", "12:30:01", "was the clock set back"),
])  # fmt: skip
def test_a_key_is_good_until_the_second_in_which_it_expires(expires, reached, refused):
    state = state_of(recorded_at=f"2026-03-02T{reached}.000000Z")
    state.keys["k"].expires = f"2026-03-02T{expires}.000000Z"
    act = act_of()
    valid = common.valid_key(state, "k", common.latest(state, act))
    assert valid == (not refused)
    with pytest.raises(RefusedError, match=refused) if refused else nullcontext():
        common.signer(state, act, ("custodian",))


def test_a_key_that_is_unknown_or_ended_is_not_valid():
    state = state_of()
    assert common.valid_key(state, "k", "2026-03-02T12:00:00.000000Z")
    assert not common.valid_key(state, "other", "2026-03-02T12:00:00.000000Z")
    state.keys["k"].ended = 1
    assert not common.valid_key(state, "k", "2026-03-02T12:00:00.000000Z")


def test_an_act_is_about_the_things_of_its_rows_each_once():
    rows = [{"thing": "C1/2"}, {"thing": "C1/1"}, {"thing": "C1/2"}]
    assert common.items_of(act_of(sealed=rows)) == ["C1/2", "C1/1"]
    assert common.items_of(act_of(loaded=rows)) == ["C1/2", "C1/1"]
    assert common.items_of(act_of(thing="C1/1")) == ["C1/1"]
    assert common.items_of(act_of(things=["C1/1", "C1/2"])) == ["C1/1", "C1/2"]
    assert common.items_of(act_of()) == []


def test_the_first_event_is_the_beginning_and_no_other():
    with pytest.raises(RefusedError, match="FIRST.*first event of a ledger is init"):
        registry.check(State(), act_of(case="C1"))


@pytest.mark.parametrize("kind", [["case"], 7, None, "teleport"])
def test_a_type_that_is_no_name_is_refused(kind):
    with pytest.raises(RefusedError, match="TYPE"):
        registry.check(state_of(), act_of(kind))


def test_times_in_the_order_of_the_events_are_not_flagged_and_the_latest_counts():
    noon, before = "2026-03-02T12:00:00.000000Z", "2026-03-02T11:00:00.000000Z"
    state = state_of(recorded_at=noon)
    state.things["C1/1"] = Item("exhibit", "C1", 1, "C1/1", last=noon)
    registry.change(state, act_of("lost", case="C1", things=["C1/1"]))
    assert [flag.code for flag in state.flags] == ["LOST"] and state.things["C1/1"].last == noon
    registry.change(state, act_of("lost", at=before, seq=3, case="C1", things=["C1/1"]))
    assert {"CLOCK-BACK", "TIME-ORDER"} < {flag.code for flag in state.flags if flag.seq == 3}
    assert state.things["C1/1"].last == noon == state.recorded_at


def authorised(state, act, **more):
    """Let chen authorise the act, then return the rule's message."""
    given = {"by": "chen", "act": act.type, "case": "C1", "things": frozenset(), "person": "",
             "subject": "", **more}  # fmt: skip
    state.authorisations[5] = Authorisation(**given)
    act.fields.update(case="C1", authorisation=5)
    with pytest.raises(RefusedError) as caught:
        common.authorised(state, act)
    return str(caught.value)


def test_a_scope_that_differs_is_shown_with_what_was_authorised_and_attempted():
    message = authorised(state_of(), act_of("dispose"), subject="a\nb", person="bruno")
    assert (
        "Authorised: subject: a b; person: bruno. Attempted: subject: none; person: amina."
        in message
    )


@pytest.mark.parametrize("length, shown", [(500, "x" * 500 + "."), (501, "x" * 500 + "….")])
def test_a_long_value_in_a_message_is_cut(length, shown):
    message = authorised(state_of(), act_of("dispose"), subject="x" * length)
    assert f"Authorised: subject: {shown}" in message


def test_content_other_than_approved_is_shown_beside_what_was_approved():
    content = {"method": {"salt": "00" * 32, "value": "burnt"}}
    act = act_of("dispose", earlier={5: {"content": content}}, order="O-1")
    message = authorised(state_of(), act, approved={"method": "ab" * 32})
    assert "AUTHORISATION-CONTENT" in message
    assert (
        "Approved: method: burnt; order: not stated. Attempted: method: not stated; order: O-1."
        in message
    )
    act = act_of("dispose", earlier={5: {"content": ERASED}}, order="O-1")
    message = authorised(state_of(), act, approved={"method": "ab" * 32})
    assert "Approved: method: (erased by order); order: not stated." in message


def test_an_authorisation_is_used_by_the_act_that_names_it_and_no_other_is_missed():
    state = state_of()
    state.authorisations[5] = Authorisation("chen", "dispose", "C1", frozenset(), "", "")
    for seq in (None, ERASED, 6):
        common.use_authorisation(state, act_of("dispose", authorisation=seq))
    common.use_authorisation(state, act_of("dispose"))
    assert not state.authorisations[5].used
    common.use_authorisation(state, act_of("dispose", seq=9, authorisation=5))
    assert state.authorisations[5].used == 9


@pytest.mark.parametrize("fields, message", [
    ({}, "AUTHORISATION: .*This takes two people: a manager must record “authorise dispose” first"),
    ({"authorisation": 6}, "AUTHORISATION: .*Event 6 is not an authorisation"),
])  # fmt: skip
def test_who_has_no_authorisation_is_told_how_to_get_it(fields, message):
    with pytest.raises(RefusedError, match=message.replace(": ", ".*")):
        common.authorised(state_of(), act_of("dispose", case="C1", **fields))


def test_persons_and_cases_that_are_not_named_are_not_asked_for():
    state = state_of()
    state.cases["C1"] = Case(1)
    rule = common.person_known("to")
    for act in (act_of("location"), act_of(to="amina", case="C1")):
        rule(state, act)
        common.case_known(state, act)
    with pytest.raises(RefusedError, match="PERSON-UNKNOWN.*nobody is not enrolled"):
        rule(state, act_of(to="nobody"))
    with pytest.raises(RefusedError, match="CASE-UNKNOWN.*no case C2"):
        common.case_known(state, act_of(case="C2"))


def test_who_does_not_hold_a_thing_is_told_who_does_or_where_it_is():
    state = state_of()
    state.things["A"] = Item("exhibit", "C1", 1, "A", holder="bruno")
    state.things["B"] = Item("exhibit", "C1", 1, "B", location="safe")
    state.things["C"] = Item("exhibit", "C1", 1, "C", container="BOX")
    state.things["D"] = Item("exhibit", "C1", 1, "D", holder="amina")
    for name, message in (
        ("A", "HELD-BY.*A is with bruno, not with amina"), ("B", "HELD-BY.*B is with safe"),
        ("C", "PACKED.*C is in container BOX"),
    ):  # fmt: skip
        with pytest.raises(RefusedError, match=message):
            common.with_the_actor(state, act_of("open", thing=name))
    common.with_the_actor(state, act_of("open", thing="D"))
    common.with_the_actor(state, act_of("offer", thing="A", on_behalf_of="bruno"))


def test_a_refusal_by_a_rule_that_does_not_exist_is_a_fault_of_ours():
    assert refusal("HOLD", "x").rule == "HOLD"
    with pytest.raises(KeyError, match="NO-SUCH-RULE"):
        refusal("NO-SUCH-RULE", "x")


LAXER = {
    "tolerance_share": ("0.01", "0.02"),
    "tolerance_mass": ("0.002", "0.0021"),
    "tolerance_volume": ("0.002", "1"),
    "use_share": ("0.5", "0.50001"),
    "keep_share": ("0.25", "0.2"),
    "storage_witness": (True, False),
    "transit_hours": (72, 73),
    "late_hours": (24, 100),
    "extraction_controls": (["blank"], ["negative"]),
    "amplification_controls": (["negative", "positive"], ["negative"]),
    "sequencing_controls": (["positive"], ["blank", "negative"]),
    "review": (True, False),
}


def test_a_direction_is_known_for_every_part():
    assert set(LAXER) | {"kind"} == {part.name for part in POLICY.parts}
    for name, value in DEFAULT_POLICY.items():
        assert not laxer(name, value, value)
    with pytest.raises(KeyError):
        laxer("colour", "red", "blue")


@pytest.mark.parametrize("name", LAXER)
def test_it_is_laxer_in_one_direction_only(name):
    strict, lax = LAXER[name]
    assert laxer(name, strict, lax)
    if not name.endswith("_controls"):
        assert not laxer(name, lax, strict)
    assert not laxer(name, strict, strict)


def test_numbers_are_compared_as_numbers():
    assert not laxer("use_share", "0.5", "0.50")
    assert not laxer("keep_share", "0.25", "0.250")
    assert laxer("tolerance_mass", "0.9", "0.10") is False


def test_more_controls_in_another_order_are_not_laxer():
    assert not laxer(
        "amplification_controls", ["negative", "positive"], ["positive", "blank", "negative"]
    )
    assert not laxer("sequencing_controls", None, ["blank"])
