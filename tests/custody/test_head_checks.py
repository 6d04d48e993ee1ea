"""Heads against a history, one bound at a time; a ledger as a whole is in test_attacks and test_witnesses."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from forensics.custody import PrivateKey, heads
from forensics.custody.canonical import canonical, parse_time, time_text
from forensics.custody.heads import FAR_AHEAD, Fingerprint
from forensics.custody.proofs import Frontier
from forensics.custody.state import Key
from forensics.custody.verification import HeadChecks, LedgerReport

LEDGER = "ab" * 16
TIME = "2026-11-02T09:00:00.000000Z"
EARLIER, LATER = "2026-11-02T08:59:59.999999Z", "2026-11-02T09:00:00.000001Z"
KEY, OTHER = PrivateKey(bytes(31) + b"\x01"), PrivateKey(bytes(31) + b"\x02")
ROOT = bytes([5]) * 32


def head(size=5, *, ledger=LEDGER, root=ROOT, time=TIME, key=KEY):
    return heads.sign_head(key, ledger=ledger, size=size, root=root, time=time)


def forged(signed):
    """Return a head with the signature of another."""
    return type(signed)(signed.head, head(time=LATER).signature)


@pytest.fixture
def checks():
    """Return the check of a history of six events, of which the fifth was recorded at nine."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE heads (number, size, document)")
        found = HeadChecks(connection, LedgerReport("x"))
        found.clock, found.state.ledger = TIME, LEDGER
        found.state.keys = {KEY.id: Key("amina", KEY.public.text, 1)}
        found.roots = {5: ROOT, 6: bytes([6]) * 32}
        found.recorded_by = {5: TIME, 6: LATER}
        yield found


def problems(checks):
    return [problem.what for problem in checks.report.problems]


@pytest.mark.parametrize(
    "signed, change, problem",
    [
        (head(), {}, None),
        (head(), {"enrolled": 5}, None),
        (head(), {"enrolled": 6}, "it is signed by a key that was not valid then"),
        (head(), {"ended": 6}, None),
        (head(), {"ended": 5}, "it is signed by a key that was not valid then"),
        (head(), {"expires": TIME}, None),
        (head(), {"expires": EARLIER}, "it is signed by a key that was not valid then"),
        (head(6, root=bytes([6]) * 32), {"expires": TIME}, "a key that was not valid then"),
        (head(6, root=bytes([6]) * 32), {}, "is dated back"),
        (head(time=LATER), {}, None),
        (head(time=EARLIER), {}, "is dated back"),
        (head(key=OTHER), {}, "it is not signed by a key of this ledger"),
        (forged(head()), {}, "it is not signed by a key of this ledger"),
        (head(), {"public_key": "x"}, "it is not signed by a key of this ledger"),
        (head(ledger="cd" * 16), {}, "it is of another ledger"),
        (head(root=bytes(32)), {}, "fork: it "),
        (head(root=bytes(32), time=EARLIER), {}, "fork: it "),
        (head(7), {}, "rollback: it "),
    ],
)
def test_a_head_is_of_this_history_and_by_a_key_that_was_valid(checks, signed, change, problem):
    for name, value in change.items():
        setattr(checks.state.keys[KEY.id], name, value)
    assert checks.check_head(signed, "it") is (problem is None)
    assert len(problems(checks)) == (problem is not None)
    assert problem is None or problem in problems(checks)[0]
    assert not checks.report.notes


def test_a_ledger_without_a_first_event_has_no_id_to_compare(checks):
    checks.state.ledger, checks.state.keys = "", {}
    assert not checks.check_head(head(), "it")
    assert problems(checks) == ["it is not signed by a key of this ledger"]


def test_a_fingerprint_is_of_this_history(checks):
    for size, root, good in ((5, ROOT, True), (5, bytes(32), False), (7, ROOT, False)):
        paper = Fingerprint.of(size, root)
        assert checks.check_size_and_root(size, paper.matches, str(paper), "it") is good
    assert [what.partition(":")[0] for what in problems(checks)] == ["fork", "rollback"]


def test_a_head_that_lies_ahead_of_the_clock_by_more_than_a_day_is_noted(checks):
    for more, notes in ((timedelta(0), 0), (timedelta(microseconds=1), 1)):
        ahead = head(time=time_text(parse_time(TIME) + FAR_AHEAD + more))
        assert checks.check_head(ahead, "it")
        assert len(checks.report.notes) == notes


@pytest.mark.parametrize(
    "size, root, number, problem",
    [
        (5, ROOT, 0, None),
        (5, ROOT, 2, None),
        (5, ROOT, 1, "heads were deleted"),
        (6, bytes([6]) * 32, 0, "heads were deleted"),
        (5, bytes(32), 2, "not of this history"),
        (4, ROOT, 2, "not of this history"),
    ],
)
def test_a_head_that_an_event_names_is_kept(checks, size, root, number, problem):
    """The ledger keeps two heads; the second is of five events."""
    kept = [head(4).head, head().head]
    checks.disclosed = [(7, size, root.hex(), number)]
    checks.check_disclosures(kept)
    assert len(problems(checks)) == (problem is not None)
    assert problem is None or problem in problems(checks)[0]


def test_an_event_names_a_head_of_events_before_it(checks):
    for seq, good in ((6, True), (5, False), (4, False)):
        checks.report.problems.clear()
        checks.disclosed = [(seq, 5, ROOT.hex(), 0)]
        checks.check_disclosures([head().head])
        assert (not problems(checks)) is good


def test_the_heads_that_are_kept_are_numbered_and_of_the_size_beside_them(checks):
    document = canonical(head().to_dict()).decode()
    for rows, wrong in (
        ([(1, 5, document), (2, 5, document)], []),
        ([(2, 5, document)], [2]),
        ([(1, 5, document), (3, 5, document), (4, 5, document)], [3]),
        ([(1, 4, document)], [1]),
        ([(1, 5, "{}"), (2, 5, document)], [1]),
    ):
        checks.reader.execute("DELETE FROM heads")
        checks.reader.executemany("INSERT INTO heads VALUES (?, ?, ?)", rows)
        checks.report.problems.clear()
        assert len(checks.read_heads()) == len(rows) - len(wrong)
        assert [what.split()[1] for what in problems(checks)] == [str(number) for number in wrong]


@pytest.mark.parametrize(
    "signed, change, taken",
    [
        (head(1), {}, True),
        (head(1, time=time_text(parse_time(TIME) + FAR_AHEAD)), {}, True),
        (head(1, time=time_text(parse_time(LATER) + FAR_AHEAD)), {}, False),
        (head(1, ledger="cd" * 16), {}, False),
        (head(1, root=bytes(32)), {}, False),
        (head(1, key=OTHER), {}, False),
        (head(1), {"ended": 1}, False),
        (head(1), {"head_time": LATER}, False),
    ],
)
def test_the_time_of_a_good_head_counts_for_what_follows(checks, signed, change, taken):
    checks.frontier = Frontier()
    checks.frontier.append(bytes([9]) * 32)
    if signed.head.root == ROOT:
        signed = head(1, ledger=signed.head.ledger, root=checks.frontier.root, time=signed.head.time,
                      key=OTHER if signed.head.key == OTHER.id else KEY)  # fmt: skip
    checks.state.keys[KEY.id].ended = change.get("ended", 0)
    checks.state.head_time = change.get("head_time", EARLIER)
    checks.reach([signed])
    assert checks.state.head_time == (
        signed.head.time if taken else change.get("head_time", EARLIER)
    )
