"""The verifier in a bundle, value by value: what each bound lets pass, and the first that it does not."""

import base64
import json
import re
import zipfile
from datetime import timedelta

import pytest
from bundles import (
    bundle_of,
    dishonest,
    parts_of,
    signed_anew,
)
from simulated_ledger import SimulatedLedger, simulated_ledger, write_bundle

from forensics.custody import heads
from forensics.custody import verify_bundle as verifier
from forensics.custody.canonical import time_text
from forensics.custody.disclosure import disclose
from forensics.custody.keys import PrivateKey

TIME = "2026-11-02T09:00:00.000000Z"
EARLIER, LATER = "2026-11-02T08:59:59.999999Z", "2026-11-02T09:00:00.000001Z"


@pytest.mark.parametrize(
    "read, good, bad",
    [
        (lambda v: verifier.an_object(v, ("a", "b"), "it", ("c",)),
         [{"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}],
         [None, [], "ab", {"a": 1}, {"a": 1, "b": 2, "d": 3}, {"a": 1, "c": 3}]),
        (lambda v: verifier.a_list(v, "it"), [[], [1]], [None, {}, "x", 1, (1,)]),
        (lambda v: verifier.a_text(v, "it"), ["x"], ["", None, 1, ["x"], True]),
        (lambda v: verifier.a_number(v, 2, "it"), [2, 3], [1, 0, -2, True, "2", None, [2]]),
        (lambda v: verifier.a_hex(v, 4, "it"), ["00ff"], ["00f", "00ff0", "00FF", "00fg", 15, None, ""]),
        (lambda v: verifier.a_proof(v, "it"), [[], ["0" * 64], ["0" * 64] * 64],
         [["0" * 64] * 65, ["0" * 63], [1], {}, None, "0" * 64]),
        (lambda v: verifier.a_base64(v, 2, "it"), ["AAA="],
         ["AAA", "AAAA", "AAB=", "AA==", "AAA=\n", "A-A=", "", 1, None]),
        (lambda v: verifier.a_time(v, "it"), [TIME, "2024-02-29T23:59:59.999999Z"],
         ["2026-02-29T09:00:00.000000Z", "2026-11-02T24:00:00.000000Z", "2026-11-02T09:00:60.000000Z",
          "2026-11-02T09:00:61.000000Z", "2026-11-02T09:00:00Z", TIME[:-1], TIME + "\n",
          TIME.replace("T", " "), "2026-13-02T09:00:00.000000Z", None, 7, ["2026"], ""]),
    ],
    ids=["object", "list", "text", "number", "hex", "proof", "base64", "time"],
)  # fmt: skip
def test_a_value_has_its_shape_or_is_a_fault(read, good, bad):
    for value in good:
        read(value)
    for value in bad:
        with pytest.raises(verifier.Fault, match=r"^it "):
            read(value)


def test_numbers_are_those_that_every_program_reads_alike():
    for number in (0, 7, 2**53 - 1, -(2**53 - 1)):
        assert verifier.json_read(b"%d" % number, "it") == number
    for text in (b"%d" % 2**53, b"-%d" % 2**53, b"9" * 5000):
        with pytest.raises(verifier.Fault, match=r"too large"):
            verifier.json_read(text, "it")
    for text in (b"1.5", b"1e3", b"NaN", b"-Infinity"):
        with pytest.raises(verifier.Fault, match="is not a whole number"):
            verifier.json_read(text, "it")


def test_a_point_has_one_spelling():
    for y in (*range(verifier.P, 2**255), 1 | 1 << 255, (verifier.P - 1) | 1 << 255, 2):
        assert verifier.point_read(y.to_bytes(32, "little")) is None, y
    assert verifier.point_read((1).to_bytes(32, "little")) == verifier.NEUTRAL


def test_bounds_that_no_bundle_reaches_are_those_of_python_and_of_the_package():
    assert verifier.LARGEST_IN_32 == zipfile.ZIP64_LIMIT
    assert verifier.FAR_AHEAD == heads.FAR_AHEAD.total_seconds()
    assert verifier.FINGERPRINT_DIGITS == heads.FINGERPRINT_DIGITS


def keys_with(**known):
    """Return keys of which each is [person, enrolled, ended, expires]; no event is read yet."""
    keys = verifier.Keys("0" * 32, {})
    keys.known = {name: ["amina", *value] for name, value in known.items()}
    keys.stated = dict.fromkeys(known, b"")
    return keys


@pytest.mark.parametrize(
    "known, fault",
    [
        ((5, None, None), None),
        ((6, None, None), "was not enrolled then"),
        ((1, 6, None), None),
        ((1, 5, None), "had ended"),
        ((1, None, TIME), None),
        ((1, None, EARLIER), "had expired"),
    ],
)
def test_a_head_of_five_events_is_signed_by_a_key_that_was_valid_after_the_fifth(
    monkeypatch, known, fault
):
    monkeypatch.setattr(verifier, "ed25519_is_valid", lambda *_: True)
    keys = keys_with(a=known)
    keys.numbers, keys.signers, keys.times = [1, 5, 6], ["a"] * 3, [EARLIER, TIME, LATER]
    head = {"size": 5, "time": TIME, "key": "a"}
    signature = base64.b64encode(bytes(64)).decode()
    if fault is None:
        keys.check_head(head, signature, "it")
    else:
        with pytest.raises(verifier.Fault, match=f"it: its key {fault}"):
            keys.check_head(head, signature, "it")
    if known == (1, None, TIME):  # the head is dated back, and the key had expired by the sixth
        with pytest.raises(verifier.Fault, match="had expired"):
            keys.check_head({**head, "size": 6}, signature, "it")
    if known == (5, None, None):
        with pytest.raises(verifier.Fault, match="dated before events"):
            keys.check_head({**head, "time": EARLIER}, signature, "it")
        with pytest.raises(verifier.Fault, match="was not enrolled then"):
            keys.check_head({**head, "key": "b"}, signature, "it")
    monkeypatch.setattr(verifier, "ed25519_is_valid", lambda *_: False)
    with pytest.raises(verifier.Fault):
        keys.check_head(head, signature, "it")


def test_an_event_after_a_head_is_signed_by_a_key_that_had_not_expired_then():
    keys = keys_with(a=(1, None, None), b=(1, None, TIME), c=(1, None, LATER))
    keys.numbers, keys.signers = [1, 2, 3, 4, 5, 6], ["a", "a", "c", "b", "b", "a"]
    keys.times = [EARLIER] * 6
    for size, time_ in ((1, TIME), (4, TIME), (5, LATER), (6, LATER)):
        keys.check_later({"size": size, "time": time_}, "it")
    for size, number in ((1, 4), (3, 4), (4, 5)):
        with pytest.raises(verifier.Fault, match=rf"^Event {number}: its key b had expired"):
            keys.check_later({"size": size, "time": LATER}, "it")


WITNESS = PrivateKey(bytes(31) + b"\x07").public


@pytest.mark.parametrize(
    "known, roles, changes, how, words",
    [
        (None, None, {}, "unproved", "unknown key"),
        ((1, None, None), None, {}, "unproved", "unknown key"),
        ((1, None, None), ["analyst"], {}, "unproved", "of this ledger, no witness"),
        ((1, None, None), ["witness"], {"key": WITNESS.id}, "unproved", "no witness"),
        ((1, None, None), ["witness"], {}, "enrolled", "in event 1 as court of High Court; compare"),
        ((5, None, None), ["witness"], {}, "enrolled", "in event 5"),
        ((6, None, None), ["witness"], {}, "unproved", "only in event 6, after this head"),
        ((1, 5, None), ["witness"], {}, "unproved", "ended with event 5"),
        ((1, 6, None), ["witness"], {}, "enrolled", "in event 1"),
        ((1, 6, None), ["witness"], {"ended": EARLIER}, "unproved", "ended with event 6"),
        ((1, None, TIME), ["witness"], {}, "enrolled", "in event 1"),
        ((1, None, EARLIER), ["witness"], {}, "unproved", "expired on"),
        ((1, None, TIME), ["witness"], {"head": LATER}, "unproved", "expired on"),
        ((1, None, None), ["witness"], {"recorded": LATER}, "unproved", "recorded later, up to"),
        ((1, None, None), ["witness"], {"clock": 24 * 3600}, "enrolled", "in event 1"),
        ((1, None, None), ["witness"], {"clock": 24 * 3600 + 1}, "unproved", "lies after the clock"),
        (None, None, {"given": True}, "given", "the key that you gave"),
        ((6, 5, EARLIER), ["analyst"], {"given": True}, "given", "the key that you gave"),
        (None, None, {"given": True, "recorded": LATER}, "unproved", "you gave; but events under"),
    ],
)  # fmt: skip
def test_what_a_countersignature_is_worth_to_the_moment(known, roles, changes, how, words):
    """Of a head of five events, countersigned at nine."""
    keys = keys_with(**({WITNESS.id: known} if known else {}))
    if known:
        keys.known[WITNESS.id][0] = "court"
        keys.roles = {"court": (roles, "High Court")} if roles else {}
        keys.ended_at = {WITNESS.id: changes.get("ended", TIME)}
    keys.numbers, keys.signers, keys.times = [5], ["a"], [changes.get("recorded", TIME)]
    head = {"size": 5, "time": changes.get("head", TIME), "key": changes.get("key", "a")}
    found = verifier.standing_of(
        {"time": TIME}, WITNESS.raw, head, keys, frozenset({WITNESS.id} if "given" in changes else ()),
        verifier.seconds(TIME) - changes.get("clock", 0),
    )  # fmt: skip
    assert found[0] == how and words in found[1]


def test_a_witness_without_an_agency_is_named_without():
    keys = keys_with(**{WITNESS.id: (1, None, None)})
    keys.roles = {"amina": (["witness"], "")}
    keys.numbers, keys.times = [5], [TIME]
    head = {"size": 5, "time": TIME, "key": "a"}
    words = verifier.standing_of({"time": TIME}, WITNESS.raw, head, keys, frozenset(), 2e9)[1]
    assert words.startswith("enrolled by the laboratory itself in event 1 as amina; compare")


@pytest.mark.parametrize(
    "given, enrolled, unproved, note",
    [
        (0, 0, 0, "no witness signed: the laboratory could"),
        (0, 0, 2, "no witness that is known signed: the laboratory could"),
        (0, 1, 1, "only the laboratory says whose the witnesses' keys are"),
        (1, 0, 1, None),
        (1, 1, 0, None),
    ],
)
def test_how_many_witnesses_are_known_is_said(given, enrolled, unproved, note):
    report = verifier.Report()
    counted = {verifier.GIVEN: given, verifier.ENROLLED: enrolled, verifier.UNPROVED: unproved}
    verifier.report_witnesses(counted, ["ab"], report)
    assert report.checked[0].endswith(f"it only grew: {given + enrolled + unproved}")
    assert report.notes[-1] == "no witness signed with the key ab that you gave"
    assert (
        [one.startswith(note) for one in report.notes[:-1]] == [True]
        if note
        else len(report.notes) == 1
    )


@pytest.mark.parametrize(
    "text, fault",
    [
        ("5 · " + "ab" * 16, None),
        ("5 " + "ab " * 16, None),
        ("5:" + "AB" * 16, None),
        ("5 · " + "ab" * 15 + "ac", "is not that of this ledger"),
        ("5 · " + "ab" * 10, "is not a fingerprint"),
        ("6 · " + "ab" * 16, "proves nothing about the ledger at 6 events"),
        ("05 · " + "ab" * 16, "is not a fingerprint"),
        ("5 · " + "ab" * 11, "is not a fingerprint"),
        ("5 · " + "ab" * 17, "is not a fingerprint"),
        ("5 · ", "is not a fingerprint"),
        ("", "is not a fingerprint"),
        ("ab" * 16, "is not a fingerprint"),
    ],
)
def test_a_fingerprint_is_of_a_size_and_all_its_digits(text, fault):
    report, roots = verifier.Report(), {5: b"\xab" * 32}
    if fault:
        with pytest.raises(verifier.Fault, match=fault):
            verifier.check_fingerprint(text, roots, report)
        assert not report.checked
    else:
        verifier.check_fingerprint(text, roots, report)
        assert len(report.checked) == 1


def event_of(seq, *, case="C", kind="note", ordinal=None, names=(), **fields):
    """Return an event as `check_none_missing` sees it."""
    said = {"type": kind, "ordinal": ordinal, "case": case, **fields}
    said = {name: value for name, value in said.items() if value is not None}
    return verifier.Seen({"seq": seq, "fields": {**dict.fromkeys(names), **said}}, said, "amina")


@pytest.mark.parametrize(
    "ordinals, unplaced, fault",
    [
        ([1, 2, 3], [], None),
        ([None, 2, 3], [], None),
        ([2], [], "Event 10 is number 2 of it, and 1 are here up to it: 1 is missing, before it"),
        (
            [1, 3],
            [],
            "Event 20 is number 3 of it, and 2 are here up to it: 1 is missing, after event 10",
        ),
        ([1, 4], [], "2 are missing, after event 10"),
        ([1, 1], [], "Event 20 is number 1 of it, and 2 are here up to it.$"),
        ([1, 3], [15], None),  # what is closed may be of this series
        ([1, 3], [25], "1 is missing"),
        ([1, 4], [15], "1 is missing"),
    ],
)
def test_the_events_of_a_series_are_counted(ordinals, unplaced, fault):
    events = [event_of(10 * place, ordinal=one) for place, one in enumerate(ordinals, 1)]
    closed = [event_of(seq) for seq in unplaced]
    if fault is None:
        verifier.check_series(events, "it", closed)
    else:
        with pytest.raises(verifier.Fault, match=fault):
            verifier.check_series(events, "it", closed)


@pytest.mark.parametrize(
    "rows, good",
    [
        ([[("E", 1)], [("E", 2)]], True),
        ([[("E", 1), ("F", 1)], [("F", 2)], [("E", 2)]], True),
        ([[("E", 2)]], False),
        ([[("E", 1)], [("E", 1)]], False),
        ([[("E", 1)], [("E", 3)]], False),
        ([[("E", 1)], "closed", [("E", 3)]], True),
        ([[("E", 1)], "closed", [("E", 2)]], True),
        ([[("E", 1)], "closed", [("E", 4)]], False),
        (["closed", [("E", 2)]], True),
        (["closed", [("E", 3)]], False),
        (["none", [("E", 2)]], False),
        ([[("E", 1)], "closed", [("E", 3)], [("E", 5)]], False),  # what was closed counts once
    ],
)
def test_the_events_about_an_exhibit_are_counted(rows, good):
    events = []
    for seq, row in enumerate(rows, 1):
        if isinstance(row, str):
            names = ("exhibit_ordinals",) if row == "closed" else ()
            events.append(event_of(seq, names=names))
        else:
            said = [{"exhibit": name, "ordinal": number} for name, number in row]
            events.append(event_of(seq, exhibit_ordinals=said))
    if good:
        verifier.check_exhibits(events)
    else:
        with pytest.raises(verifier.Fault, match="one is missing"):
            verifier.check_exhibits(events)


def test_an_event_is_of_the_series_in_which_it_is_numbered():
    placed = {3: "run R", 4: "case C"}
    known = {
        1: event_of(1, case=None, kind="enrol"),
        3: event_of(3, case=None, kind="run"),
        4: event_of(4),
    }

    def series(seq=9, **fields):
        return verifier.series_of(event_of(seq, **{"case": None, **fields}), known, placed)

    assert series(kind="note", case="C") == "case C"
    assert series(kind="correct", case="C", event=3) == "case C"
    assert [series(kind=kind, event=3) for kind in ("correct", "erase")] == ["run R"] * 2
    assert series(kind="correct", event=4) == "case C"
    for number in (None, "3", True, 5, 9, 10, 1):  # closed, none, later, about keys
        assert series(kind="correct", event=number) is None, number
    assert series(seq=3, kind="correct", event=3) is None
    assert series(kind="revoke") == "the keys" and series(kind="policy") == "the policy"
    assert (
        series(kind="control", run="R") == "run R"
        and series(kind="validate", library="L") == "library L"
    )
    assert series(kind="competence", person="P") == "person P"
    assert series(kind="control") is None and series(kind=None, run="R") is None


def test_a_value_is_shown_in_words():
    value = {"b": [True, False, None, "x\n"], "a": {"c": 1}}
    assert verifier.shown(value) == "a c 1, b yes; no; None; x\\n"


# -- a whole bundle ---------------------------------------------------------------------


def signed(good, path, key, **changes):
    """Write a bundle in which something else is said, signed by a key of the laboratory."""
    parts = parts_of(good)
    return write_bundle(
        path, signed_anew(parts, {**json.loads(parts["bundle.json"]), **changes}, key)
    )


NOW = verifier.seconds("2026-11-03T00:00:00.000000Z")


def test_the_report_of_a_bundle_says_what_was_checked_and_what_is_to_be_known(good):
    report = verifier.check(good, clock=NOW)
    assert report.checked == [
        "events that are as they were signed, each by a key enrolled and valid then: 16",
        "of these in the ledger of the head: all; of the case: 7",
        "the head is signed by a key that was valid then",
        "events of the case, each with its number, up to the tally (event 18) by amina: 7",
        "events outside the case on which it rests, all that the tally names: 9",
        "exhibits and containers, the events about each with their numbers: 1",
        "heads that witnesses signed, between which and this one it only grew: 2",
        "of these by a key that you gave: 0; by one that only the laboratory enrolled: 0; by an unknown "
        "one, or at an impossible time: 2",
        "attachments that have the bytes that were attached: 1",
    ]
    assert report.notes == [
        "no witness that is known signed: the laboratory could have rewritten its whole ledger",
        "attachments that are named by events and withheld: 1",
        "events of the ledger that are not in the bundle: 2",
        "fields that are not disclosed: 8; events of which none is: 0",
        "stated reason for this: Names of staff.",
    ]
    assert report.not_checked == [*verifier.NOT_CHECKED, verifier.TWO_OF_A_NUMBER]
    assert report.facts[1].startswith("Head: 18 events, root ")
    assert report.facts[1].endswith(", of 2026-11-02T10:07:00.000000Z")


def test_a_bundle_at_its_limits_is_verified_and_one_above_is_not(good, monkeypatch):
    with zipfile.ZipFile(good) as archive:
        entries = archive.infolist()
    directory = sum(46 + len(entry.filename) for entry in entries)
    largest = max(
        entry.file_size for entry in entries if entry.filename in ("README.txt", "verify_bundle.py")
    )
    for name, most in (
        ("MAX_ZIP_ENTRIES", len(entries)),
        ("MAX_ZIP_DIRECTORY_BYTES", directory),
        ("MAX_OTHER_BYTES", largest),
        ("MAX_BUNDLE_JSON_BYTES", archive.getinfo("bundle.json").file_size),
        ("MAX_WITNESSES", 2),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(verifier, name, most)
            verifier.check(good, clock=NOW)
            patch.setattr(verifier, name, most - 1)
            with pytest.raises(verifier.Fault):
                verifier.check(good, clock=NOW)


def test_earlier_roots_are_no_more_than_events_and_witnesses(ledger, good, tmp_path, monkeypatch):
    monkeypatch.setattr(verifier, "MAX_WITNESSES", 2)
    earlier, key = bundle_of(good)["earlier"] * 18, ledger.keys["amina"]
    verifier.check(signed(good, tmp_path / "a.zip", key, earlier=earlier[:18]), clock=NOW)
    with pytest.raises(verifier.Fault, match="more than 18 earlier roots"):
        verifier.check(signed(good, tmp_path / "b.zip", key, earlier=earlier[:19]), clock=NOW)


def test_times_that_are_equal_are_in_order(ledger, good, tmp_path):
    at_head = "2026-11-02T10:07:00.000000Z"
    path = signed(good, tmp_path / "b.zip", ledger.keys["amina"], made_at=at_head)
    assert not any("before its head" in note for note in verifier.check(path, clock=NOW).notes)
    again = simulated_ledger()
    again.add("david", "consume", case="2026-17", thing="E1-S1", quantity="0.01", at=again.time)
    again.tally(at=again.time, occurred_at=time_text(again.time + timedelta(microseconds=1)))
    disclose(**again.disclosing(tmp_path / "files", head=again.head(time=time_text(again.time))),
             output=tmp_path / "c.zip")  # fmt: skip
    notes = verifier.check(tmp_path / "c.zip", clock=NOW).notes
    assert not any("ran backwards" in note for note in notes)
    assert [note for note in notes if "happened after" in note] == [
        "event 20: is said to have happened after it was recorded"
    ]


def test_a_head_that_lies_ahead_of_the_clock_by_more_than_a_day_is_told(good):
    at = verifier.seconds("2026-11-02T10:07:00.000000Z")
    words = "the head is dated after the clock of this computer"
    assert words not in verifier.check(good, clock=at - 24 * 3600).notes
    assert words in verifier.check(good, clock=at - 24 * 3600 - 1).notes


def test_another_verifier_in_the_bundle_is_told(ledger, good, tmp_path):
    parts = parts_of(good)
    other = parts["verify_bundle.py"] + b"\n"
    bundle = json.loads(parts["bundle.json"])
    files = {**bundle["files"], "verify_bundle.py": verifier.sha256(other).hex()}
    path = signed(good, tmp_path / "a.zip", ledger.keys["amina"], files=files)
    parts = parts_of(path)
    write_bundle(tmp_path / "b.zip", {**parts, "verify_bundle.py": other})
    words = "the verifier in the bundle is not the one that you are running"
    assert verifier.check(tmp_path / "b.zip", clock=NOW).notes[-1] == words


def test_a_ledger_begins_with_the_key_of_its_first_signer(tmp_path, monkeypatch):
    begun = SimulatedLedger()
    begun.keys["amina"] = begun.new_key()
    begun.add("amina", "case", case="2026-17", title="x")
    begun.key_event("amina", "enrol", "bakary")
    said = dishonest(begun, tmp_path, monkeypatch)
    assert re.fullmatch(r"Event 1: its key [0-9a-f]{32} was not enrolled before\.", said)


def test_a_reenrolment_names_an_authorisation_and_nothing_else(tmp_path, monkeypatch):
    again = simulated_ledger()
    offer = next(n for n, e in enumerate(again.events, 1)
                 if any((o.name, o.value) == ("type", "offer") for o in e.openings))  # fmt: skip
    again.key_event("amina", "reenrol", "david", authorisation=offer)
    said = dishonest(again, tmp_path, monkeypatch)
    assert "the authorisation by a second person is not in the bundle, or was used" in said


def test_a_key_file_of_a_witness_is_small(tmp_path):
    path, text = tmp_path / "court.request", f'{{"public_key":"{WITNESS.text}"}}'
    for size in (65536, 65537):
        path.write_text(text.ljust(size))
        if size == 65536:
            assert verifier.read_witness_key(str(path)) == WITNESS.id
        else:
            with pytest.raises(verifier.Fault, match="neither 32 hex digits nor"):
                verifier.read_witness_key(str(path))
