"""Each event is checked for itself: what is changed in one is named, and nothing else is."""

from types import SimpleNamespace

import pytest

from forensics.custody import PrivateKey, registry
from forensics.custody.canonical import canonical
from forensics.custody.fields import ERASED
from forensics.custody.ordinals import assign
from forensics.custody.proofs import Opening
from forensics.custody.rules import RULES, Act
from forensics.custody.state import State
from forensics.custody.storage import FIRST_PREVIOUS, StoredEvent
from forensics.custody.verification import MAX_PROBLEMS, LedgerReport, Replay

KEY, OTHER = PrivateKey(bytes([1]) * 32), PrivateKey(bytes([2]) * 32)


class Chain:
    """Events that follow each other; what is given with the last may make it another one."""

    def __init__(self):
        self.state, self.rows, self.previous = State(), [], FIRST_PREVIOUS
        self.add(
            "init", laboratory="x", rules="1", person="amina", name="x",
            roles=["administrator", "custodian", "manager"], public_key=KEY.public.text,
        )  # fmt: skip

    def add(self, kind, *, key=KEY, change=None, openings=None, signed=None, rowed=None, **fields):
        """Add an event.

        `change` is called with its envelope before it is signed, `openings` with what opens its
        fields; `signed` gives the signature in the place of the right one, `rowed` the row.
        """
        seq = self.state.seq + 1
        when = f"2026-03-02T08:{seq:02}:00.000000Z"
        fields = {"type": kind, "actor": "amina", "occurred_at": when, **fields}
        act = Act(seq, "ab" * 16, key.id, when, fields, lambda seq: None)
        assign(self.state, act)
        opened = [Opening(name, value) for name, value in fields.items()]
        envelope = {
            "format": "forensics-event-2", "ledger": "ab" * 16, "seq": seq,
            "previous": self.previous.hex(), "recorded_at": when, "key": key.id,
            "fields": {one.name: one.commitment for one in opened},
        }  # fmt: skip
        if change:
            change(envelope)
        data = canonical(envelope)
        form = envelope.get("format") if isinstance(envelope, dict) else ""
        signature = (signed or key.sign)(str(form).encode() + b"\x00" + data)
        event = StoredEvent(data, signature, ())
        row = (data, signature, event.hash)
        parts = [(one.name, one.salt, canonical(one.value)) for one in opened]
        self.rows.append(
            (seq, rowed(row) if rowed else row, openings(parts) if openings else parts)
        )
        self.previous = event.hash
        if not (change or openings or signed or rowed):
            registry.change(self.state, act)

    def replay(self, rows=None):
        """Return the replay and what it says, as (number of event, text)."""
        replay = Replay(None, LedgerReport("ledger.db"))
        replay.said = replay.report.problems
        for row in rows or self.rows:
            replay.event(*row)
        replay.tell_signatures()
        return replay

    def problems(self, **options):
        """Return what is said of one more event."""
        self.add("case", **{"case": "C1", **options})
        replay = self.replay()
        assert all(problem.seq == len(self.rows) for problem in replay.said)
        return [problem.what for problem in replay.said], replay


@pytest.fixture
def chain():
    return Chain()


def test_events_as_they_were_signed_have_no_problem(chain):
    chain.add("case", case="C1", title="Horn")
    said, replay = chain.problems(case="C2")
    assert said == [] and not replay.report.notes and replay.replaying
    assert replay.state.cases.keys() == {"C1", "C2"}
    assert replay.state.recorded_at == replay.recorded and not replay.missing


CHANGED = {
    "of another ledger": (lambda e: e.update(ledger="cd" * 16), "another ledger: spliced"),
    "out of order": (lambda e: e.update(seq=7), "it claims to be event 7: out of order"),
    "not after the one before": (
        lambda e: e.update(previous="00" * 32), "does not follow the event before it (previous"),
    "by a key that was not enrolled": (lambda e: e.update(key="f" * 16), "the key ffffffffffffffff was never enrolled"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_a_member_of_the_envelope_that_is_another_is_named(chain, name):
    change, what = CHANGED[name]
    said, _replay = chain.problems(change=change)
    assert what in said[0]
    assert all("KEY-UNKNOWN" in text for text in said[1:])


WRONG = {
    "a member is missing": (lambda e: e.pop("ledger"), "not the members of an envelope"),
    "a member too many": (lambda e: e.update(more="x"), "not the members of an envelope"),
    "a format that is not read": (
        lambda e: e.update(format="forensics-event-9"), "not of format forensics-event-2"),
    "fields that are none": (lambda e: e.update(fields=[]), "not of format forensics-event-2"),
    "a ledger that is not a text": (lambda e: e.update(ledger=7), "a member is not text"),
    "a previous hash that is not a text": (lambda e: e.update(previous=7), "a member is not text"),
    "a key that is not a text": (lambda e: e.update(key=[]), "a member is not text"),
    "a commitment that is not a text": (lambda e: e["fields"].update(type=7), "a member is not text"),
    "a time that is none": (lambda e: e.update(recorded_at="noon"), "the envelope is wrong"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_envelope_that_is_none_is_said_once_and_rules_end_there(chain, name):
    change, what = WRONG[name]
    said, replay = chain.problems(change=change)
    assert len(said) == 1 and what in said[0] and "the envelope is wrong" in said[0]
    assert replay.report.notes == ["The rules could not be checked from event 2 on."]
    assert replay.previous == chain.previous and replay.frontier.size == 2


def test_an_envelope_that_is_a_list_is_none(chain):
    data = canonical(["x"])
    signature = KEY.sign(b"\x00" + data)
    event = StoredEvent(data, signature, ())
    replay = chain.replay([*chain.rows, (2, (data, signature, event.hash), [])])
    assert [problem.what.partition(":")[0] for problem in replay.said] == ["the envelope is wrong"]


@pytest.mark.parametrize("place, what", [
    (0, "envelope or signature is not valid"),
    (1, "envelope or signature is not valid"),
])  # fmt: skip
def test_a_row_of_other_kinds_is_told(chain, place, what):
    def rowed(row):
        return tuple(5 if number == place else value for number, value in enumerate(row))

    said, _replay = chain.problems(rowed=rowed)
    assert said[0] == what


def test_a_stored_hash_that_is_another_is_told(chain):
    said, _ = chain.problems(rowed=lambda row: (*row[:2], bytes(32)))
    assert said == ["the stored hash is not that of the event"]


def test_a_missing_event_is_told_with_the_number_of_the_one_before(chain):
    chain.add("case", case="C1")
    chain.add("case", case="C2")
    first, _second, third = chain.rows
    said = [problem.what for problem in chain.replay([first, third]).said]
    assert said[:2] == [
        "the event before it is number 1: events are missing",
        "it does not follow the event before it (previous hash)",
    ]


def test_a_signature_of_another_key_is_told(chain):
    said, _ = chain.problems(signed=OTHER.sign)
    assert len(said) == 1 and f"the signature is not of this event by key {KEY.id}" in said[0]


def test_the_beginning_is_signed_by_the_key_that_it_names():
    chain = Chain()
    (row,) = chain.rows
    assert not chain.replay([row]).said
    other = PrivateKey(bytes([3]) * 32)
    chain.rows, chain.state, chain.previous = [], State(), FIRST_PREVIOUS
    chain.add(
        "init", laboratory="x", rules="1", person="amina", name="x", key=other,
        roles=["administrator", "custodian", "manager"], public_key=KEY.public.text,
    )  # fmt: skip
    said = [problem.what for problem in chain.replay().said]
    assert f"the key {other.id} is not the one enrolled" in said[0]


def test_a_key_that_only_its_own_later_event_names_is_not_enrolled(chain):
    """Only the first event may bring the key by which it is signed."""
    chain.add(
        "enrol", key=OTHER, person="eve", name="x", roles=["manager"], proof="x",
        public_key=OTHER.public.text, change=lambda e: None,
    )  # fmt: skip
    said = [problem.what for problem in chain.replay().said]
    assert said[0] == f"the key {OTHER.id} was never enrolled"


def replaced(name, *, salt=None, value=None):
    def openings(parts):
        return [
            (n, salt(s) if salt and n == name else s, value if value and n == name else v)
            for n, s, v in parts
        ]

    return openings


OPENED = {
    "another value": (replaced("title", value=b'"Tusk"'), ["field title is not what was signed"]),
    "another salt": (replaced("title", salt=lambda _: bytes(32)),
                     ["field title is not what was signed"]),
    "a salt that is too short": (replaced("title", salt=lambda s: s[:31]),
                                 ["field title: its salt is wrong"]),
    "a salt that is too long": (replaced("title", salt=lambda s: s + b"x"),
                                ["field title: its salt is wrong"]),
    "a salt that is text": (replaced("title", salt=lambda s: s.hex()[:32]),
                            ["field title: its salt is wrong"]),
    "a value that is not canonical": (replaced("title", value=b' "Horn"'), ["field title: "]),
    "none": (lambda parts: [part for part in parts if part[0] != "title"], []),
}  # fmt: skip


@pytest.mark.parametrize("name", OPENED)
def test_a_field_that_is_not_opened_as_it_was_signed_is_told_and_missing(chain, name):
    openings, what = OPENED[name]
    said, replay = chain.problems(title="Horn", openings=openings)
    missing = "missing without an erasure order: title"
    assert len(said) >= len(what) + 1 and said[len(what)] == missing
    for text, expected in zip(said, what):
        assert text.startswith(expected)
    assert replay.missing == {2: {"title"}}


def test_a_field_that_the_event_does_not_have_is_told(chain):
    more = Opening("note", "x")
    said, replay = chain.problems(openings=lambda parts: [*parts, ("note", more.salt, b'"x"')])
    assert said == ["field note is not what was signed"] and not replay.missing


def test_a_field_that_a_later_event_erases_is_not_told_as_missing(chain):
    def without(parts):
        return [part for part in parts if part[0] not in ("title", "agency")]

    chain.add("case", case="C1", title="Horn", agency="Customs", openings=without)
    replay = Replay(None, LedgerReport("ledger.db"))
    replay.hinted = {2: {"title": 3}}
    for row in chain.rows:
        replay.event(*row)
    (problem,) = [one for one in replay.report.problems if "erasure" in one.what]
    assert problem.what == "missing without an erasure order: agency"
    assert replay.missing == {2: {"title", "agency"}}


def test_the_first_event_says_which_ledger_it_is():
    replay = Replay(None, LedgerReport("ledger.db"))
    replay.state.ledger = "ab" * 16
    envelope = {
        "format": "forensics-event-2", "ledger": "ab" * 16, "seq": 2, "previous": "00" * 32,
        "recorded_at": "2026-03-02T08:00:00.000000Z", "key": KEY.id, "fields": {},
    }  # fmt: skip
    assert replay.envelope(2, canonical(envelope)) == envelope
    replay.envelope(1, canonical(envelope | {"ledger": "cd" * 16, "seq": 1}))
    assert not replay.report.problems
    replay.envelope(2, canonical(envelope | {"ledger": "cd" * 16}))
    assert [one.what for one in replay.report.problems] == [
        "it is an event of another ledger: spliced"
    ]


def test_what_events_attach_erase_and_take_in_is_collected():
    replay = Replay(None, LedgerReport("ledger.db"))
    replay.collect(2, {"attachments": [{"sha256": "aa", "size": 3}, "x", {"sha256": 7}]})
    replay.collect(3, {"attachments": [{"sha256": "aa", "size": 4}, {"sha256": "bb"}]})
    replay.collect(4, {"attachments": "none", "type": "case"})
    assert replay.files == {"aa": (3, 2), "bb": (None, 3)}
    merge = {"copy": "cc", "field_ledger": "ab", "size": 5, "root": "dd"}
    replay.collect(5, {"type": "merge", **merge})
    replay.collect(6, {"type": "merge", **merge, "root": ERASED})
    replay.collect(7, {"type": "case", **merge})
    assert replay.merged == [(5, "cc", "ab", 5, "dd")]
    replay.collect(8, {"type": "erase", "event": 2, "erased": ["title"], "erased_files": ["aa"]})
    replay.collect(9, {"type": "erase", "event": 2, "erased": ["agency", 7]})
    replay.collect(10, {"type": "erase", "event": "3", "erased": ["x"], "erased_files": "bb"})
    replay.collect(11, {"type": "erase", "event": 3, "erased": "x"})
    replay.collect(12, {"type": "case", "event": 4, "erased": ["x"], "erased_files": ["ee"]})
    assert replay.erased == {2: {"title", "agency", "7"}} and replay.erased_files == {"aa"}


def test_problems_are_kept_up_to_a_number():
    replay = Replay(None, LedgerReport("ledger.db"))
    for number in range(MAX_PROBLEMS + 5):
        replay.problem(number, "x")
    assert len(replay.report.problems) == MAX_PROBLEMS == 1000


def test_rules_that_cannot_be_applied_end_and_are_said_once(chain):
    """An event without its type: no rule can be found, and later ones cannot be judged."""
    said, replay = chain.problems(
        openings=lambda parts: [part for part in parts if part[0] != "type"]
    )
    assert said[0] == "missing without an erasure order: type"
    assert any("TYPE" in text or "the rules cannot be applied" in text for text in said[1:])
    before = len(replay.said)
    chain.add("case", case="C5", change=lambda e: None)
    assert not replay.replaying
    replay.replay(3, {}, {})  # nothing is asked for any more
    replay.stop(3)
    assert len(replay.said) == before and len(replay.report.notes) == 1


def test_an_act_that_breaks_a_rule_is_told_and_applied_all_the_same(chain):
    chain.add("case", case="C1")
    chain.add("case", case="C1", change=lambda e: None)
    replay = chain.replay()
    (problem,) = replay.said
    assert problem.seq == 3 and any(code in problem.what for code in RULES)
    assert replay.replaying and replay.state.seq == 3


def test_an_earlier_event_is_read_with_what_was_erased():
    class Reader:
        def execute(self, statement, values):
            if values == (9,):
                return SimpleNamespace(fetchone=lambda: None)
            if "events" in statement:
                return SimpleNamespace(fetchone=lambda: ('{"fields":{"a":"1","b":"2"}}',))
            return [("a", '"horn"')]

    replay = Replay(Reader(), LedgerReport("ledger.db"))
    assert replay.earlier(9) is None
    assert replay.earlier(2) == {"a": "horn", "b": ERASED}


def test_after_a_beginning_that_cannot_be_read_no_event_is_called_spliced(chain):
    chain.add("case", case="C1")
    (first, row, openings), second = chain.rows
    envelope = row[0].replace(b'"format":"forensics-event-2"', b'"format":"other"')
    said = [
        one.what for one in chain.replay([(first, (envelope, *row[1:]), openings), second]).said
    ]
    assert any("the envelope is wrong" in text for text in said)
    assert not any("spliced" in text for text in said)


def test_rules_see_the_ledger_that_the_beginning_names(chain, monkeypatch):
    chain.add("case", case="C1", change=lambda envelope: envelope.update(ledger="cd" * 16))
    seen, check = [], registry.check
    monkeypatch.setattr(
        registry, "check", lambda state, act: (seen.append(act.ledger), check(state, act))
    )
    assert "spliced" in chain.replay().said[0].what and seen == ["ab" * 16] * 2
