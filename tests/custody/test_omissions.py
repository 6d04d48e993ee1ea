"""An event that a laboratory leaves out of a bundle is missed by whoever gets it."""

import base64
import json

import pytest
from bundles import dishonest, opened_in, parts_of, write_signed
from laboratory import Laboratory
from simulated_ledger import CASE, simulated_ledger

from forensics.custody import appending, ordinals, verify_bundle
from forensics.custody.canonical import canonical
from forensics.custody.disclosure import Withheld, disclose, disclose_case
from forensics.custody.rules import Act
from forensics.errors import VerificationError


@pytest.fixture(scope="module")
def disclosed(tmp_path_factory):
    """A laboratory with a long case, and the bundle of it."""
    folder = tmp_path_factory.mktemp("disclosed")
    (folder / "lab").mkdir()
    lab = Laboratory.founded(folder / "lab")
    lab.story()
    made = disclose_case(
        lab.amina, "C1", folder / "b.zip", recipient="x",
        withheld=Withheld(fields=("seizure_place",), why="x"),
    )[0]  # fmt: skip
    lab.close()
    return lab, made.path


def leave_out(bundle, *numbers):
    """Take events out of a bundle with all that only they name."""
    bundle = json.loads(canonical(bundle))
    gone = [one for one in bundle["events"] if one["envelope"]["seq"] in numbers]
    for element in gone:
        bundle["events"].remove(element)
        withheld = bundle["withheld"]
        withheld["events"] -= not element["openings"]
        withheld["fields"] -= len(element["envelope"]["fields"]) - len(element["openings"])
        for opening in element["openings"]:
            if opening["name"] == "public_key":
                del bundle["keys"][verify_bundle.key_id(base64.b64decode(opening["value"]))]
    named = {
        entry["sha256"]
        for element in bundle["events"]
        for opening in element["openings"]
        if opening["name"] == "attachments"
        for entry in opening["value"]
    }
    bundle["attachments"] = {k: v for k, v in bundle["attachments"].items() if k in named}
    bundle["withheld"]["attachments"] = [k for k in bundle["withheld"]["attachments"] if k in named]
    return bundle


def verdict(path):
    """Return ``VERIFIED`` or the first fault."""
    try:
        verify_bundle.check(path)
    except verify_bundle.Fault as fault:
        return str(fault)
    return "VERIFIED"


def without_each(path, key, folder):
    """Return the verdict on a bundle without each of its events, by number."""
    parts = parts_of(path)
    bundle = json.loads(parts["bundle.json"])
    found = {}
    for element in bundle["events"]:
        seq = element["envelope"]["seq"]
        made = write_signed(folder / f"{seq}.zip", parts, leave_out(bundle, seq), key)
        found[seq] = verdict(made)
    return found


def test_no_event_can_be_left_out_of_a_bundle(disclosed, tmp_path):
    lab, path = disclosed
    found = without_each(path, lab.keys["amina"], tmp_path)
    assert len(found) > 28
    assert [seq for seq, what in found.items() if what == "VERIFIED"] == []


def test_the_verifier_says_where_events_are_missing(disclosed, tmp_path):
    lab, path = disclosed
    parts = parts_of(path)
    bundle = json.loads(parts["bundle.json"])
    opened = opened_in(path)
    split, finding, run, validate, tally = (
        next(seq for seq, fields in opened.items() if fields["type"] == kind)
        for kind in ("split", "finding", "run", "validate", "tally")
    )
    before = max(seq for seq in opened if seq < split and "case" in opened[seq])

    def without(*numbers):
        return verdict(
            write_signed(tmp_path / "b.zip", parts, leave_out(bundle, *numbers), lab.keys["amina"])
        )

    assert f"1 is missing, after event {before} or earlier" in without(split)
    assert "2 are missing" in without(split, split - 1)
    assert f"Event {validate} is not in the bundle" in without(validate)
    assert "is not in the bundle: the case rests on it" in without(run)
    assert "no tally" in without(tally)
    # The end of the case, with the tally: what is left is whole, and does not say so.
    assert "no tally" in without(*(seq for seq in opened if seq >= finding))


@pytest.mark.parametrize("name", ["type", "case", "ordinal", "authorisation", "rests_on"])
def test_what_shows_a_hole_cannot_be_closed(disclosed, tmp_path, name):
    lab, path = disclosed
    parts = parts_of(path)
    bundle = json.loads(parts["bundle.json"])
    element = next(
        one
        for one in reversed(bundle["events"])
        if name in one["envelope"]["fields"] and "attachments" not in one["envelope"]["fields"]
    )
    element["openings"] = [one for one in element["openings"] if one["name"] != name]
    bundle["withheld"]["fields"] += 1
    found = verdict(write_signed(tmp_path / "b.zip", parts, bundle, lab.keys["amina"]))
    assert found == f"Event {element['envelope']['seq']}: {name} is withheld."


def test_a_format_that_is_yet_to_come_is_named(lab, monkeypatch):
    monkeypatch.setattr("forensics.custody.storage.EVENT_FORMAT", "forensics-event-3")
    monkeypatch.setattr(appending.Addition, "check_event", lambda self, _seq: self.report)
    lab.amina.hold(case="C1", order="1", reason="r")
    monkeypatch.undo()
    lab.close()
    with pytest.raises(VerificationError, match="format 'forensics-event-3'.* newer version"):
        lab.amina.state  # noqa: B018
    assert "forensics-event-2" in lab.verify().first.what


def test_a_correction_of_what_a_case_rests_on_is_disclosed_with_it(lab, tmp_path):
    lab.found()
    run = next(event.seq for event in lab.amina.events() if event.type == "run")
    controls = lab.amina.event(run).fields["controls"]
    change = {"field": "controls", "old": controls, "new": controls[:1], "reason": "misread"}
    agreed = lab.chen.authorise(
        act="correct", subject=str(run), content=change, reason="agreed"
    ).seq
    corrected = lab.bruno.correct(event=run, authorisation=agreed, **change)
    assert corrected.fields["ordinal"] == 2
    path = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")[0].path
    there = [one["envelope"]["seq"] for one in json.loads(parts_of(path)["bundle.json"])["events"]]
    assert {run, agreed, corrected.seq} <= set(there)
    found = without_each(path, lab.keys["amina"], tmp_path)
    assert [seq for seq, what in found.items() if what == "VERIFIED"] == []


def test_a_long_chain_of_corrections_is_counted_step_by_step(lab):
    """Each corrects the one before it, in a case and outside of any."""
    lab.found()
    run = next(event.seq for event in lab.amina.events() if event.type == "run")
    received = lab.received
    state, at = lab.amina.state, lab.clock()
    fields = {"field": "reason", "old": "x", "new": "y", "reason": "r", "authorisation": 1}
    known = {seq: lab.amina.event(seq).fields for seq in (run, received)}
    for first, more, name in (
        (run, {}, "run R1"),
        (received, {"case": "C1"}, "case C1"),
    ):
        before = state.series[name].count
        last = first
        for _ in range(2000):
            seq = state.seq + 1
            known[seq] = {"type": "correct", "actor": "amina", "event": last, **fields, **more}
            known[seq]["occurred_at"] = at
            act = Act(seq, state.ledger, "", at, known[seq], known.get)
            ordinals.assign(state, act)
            ordinals.count(state, act)
            state.seq = last = seq
        assert known[last]["ordinal"] == before + 2000
    exhibits = [row["exhibit"] for row in known[last]["exhibit_ordinals"]]
    assert exhibits == ["C1/1", "C1/2"]


def test_numbers_about_exhibits_may_be_withheld(lab, tmp_path):
    lab.found()
    path = disclose_case(
        lab.amina, "C1", tmp_path / "b.zip", recipient="x",
        withheld=Withheld(fields=("exhibit_ordinals",), why="x"),
    )[0].path  # fmt: skip
    report = verify_bundle.check(path)
    assert any(
        "exhibits and containers" in line and line.endswith(": 0") for line in report.checked
    )


# -- what only a ledger of other software could say ---------------------------------------


def count_wrongly(series, by):
    def change(ledger):
        ledger.counts[series] += by
        ledger.add("david", "consume", case=CASE, thing="E1-S1", quantity="0.01")

    return change


FORGED = {
    "a number of the case is left out": (count_wrongly(CASE, 1), "1 is missing"),
    "a number of the case is given twice": (count_wrongly(CASE, -1), "is number 6 of the case, and 7 are here up to it"),
    "a number about an exhibit is left out": (
        count_wrongly(("exhibit", "E1"), 1), "number 6 about E1, the one before it here is number 4",
    ),
    "a number about an exhibit is given twice": (
        count_wrongly(("exhibit", "E1"), -1), "number 4 about E1, the one before it here is number 4",
    ),
    "a number of the keys is left out": (
        lambda ledger: (ledger.counts.update(keys=1), ledger.enrol("zoe", "Zoe")),
        "of the keys, and 9 are here up to it: 1 is missing",
    ),
    "an authorisation that is not there": (
        lambda ledger: ledger.add("david", "consume", case=CASE, thing="E1-S1", authorisation=5),
        "Event 18: the authorisation that it uses is not in the bundle.",
    ),
    "an event of the case without a number": (
        lambda ledger: numbered(ledger), "An event of the case has no number."
    ),
    "a number that is none": (
        lambda ledger: numbered(ledger, "7"), "Event 18: its number is not a number from 1",
    ),
    "a tally that does not name a key": (
        lambda ledger: ledger.loose.remove(16), "Event 16 is not among those on which the case rests",
    ),
    "a tally that names what is not there": (
        lambda ledger: ledger.loose.append(7), "Event 7 is not in the bundle",
    ),
}  # fmt: skip


def numbered(ledger, ordinal=None):
    kept, ledger.numbers = ledger.numbers, lambda said: {"ordinal": ordinal} if ordinal else {}
    ledger.add("david", "consume", case=CASE, thing="E1-S1", quantity="0.01")
    ledger.numbers = kept
    ledger.counts[CASE] += 1


@pytest.mark.parametrize("name", FORGED)
def test_what_a_dishonest_ledger_says_is_found(tmp_path, monkeypatch, name):
    change, fault = FORGED[name]
    ledger = simulated_ledger()
    ledger.events.pop()  # the tally
    ledger.counts[CASE] -= 1
    change(ledger)
    ledger.tally()
    assert fault in dishonest(ledger, tmp_path, monkeypatch)


def test_events_that_are_closed_may_be_about_an_exhibit(tmp_path):
    ledger = simulated_ledger()
    for _ in range(3):
        ledger.add("david", "consume", case=CASE, thing="E1-S1", quantity="0.01")
    ledger.tally()
    disclose(
        **ledger.disclosing(tmp_path / "files"), withhold_events=[20, 21], why="x",
        output=tmp_path / "b.zip",
    )  # fmt: skip
    assert verdict(tmp_path / "b.zip") == "VERIFIED"
