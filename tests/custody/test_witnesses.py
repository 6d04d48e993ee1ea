"""Whose key a witness's is: what nobody enrolled or named proves nothing, nor what cannot be in time."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime

import pytest
from click.testing import CliRunner
from simulated_ledger import simulated_ledger
from tampering import tampering

from forensics.cli import main
from forensics.custody import PrivateKey, keys, verify, verify_bundle
from forensics.custody.canonical import canonical
from forensics.custody.disclosure import disclose, disclose_case
from forensics.custody.heads import countersign, sign_head
from forensics.custody.paper import scan_text, write_label
from forensics.custody.review import review
from forensics.custody.timeline import anchors
from forensics.custody.witnesses import enrolment_request, read_pin, write_head
from forensics.errors import InputError, UsageError, VerificationError


def witnessed(lab, key, *, time=None, signed=None, name="District Court"):
    """Keep a head of the ledger as it is, countersigned."""
    signed = signed or lab.amina.sign_head()
    found = countersign(signed, key, name=name, seen=0, time=time or lab.clock())
    lab.amina.keep_head(found)
    return found


def codes(lab, **options):
    return {point.code for point in review(lab.amina, "C1", **options)}


def standing_of(lab, **options):
    """Return what verification says of the only countersignature."""
    report = verify(lab.path, clock=lab.clock, **options)
    assert report.ok, report.problems
    (found,) = report.witnesses
    (note,) = (note for note in report.notes if str(found) in note)
    assert found.witness.public_key.id in note
    return found


def test_a_forged_witness_anchors_nothing_and_is_told(lab):
    """The laboratory makes a key and calls it a court's."""
    forged = PrivateKey.generate()
    witnessed(lab, forged)
    found = standing_of(lab)
    assert (found.how, found.counts) == ("unknown", False)
    assert "unknown key: proves nothing" in str(found)
    assert anchors(lab.amina) == []
    assert {"UNWITNESSED", "WITNESS-VOID"} <= codes(lab)


def test_a_forged_witness_does_not_borrow_the_name_of_one_that_was_enrolled(lab):
    lab.court()
    witnessed(lab, PrivateKey.generate())
    assert standing_of(lab).how == "unknown" and anchors(lab.amina) == []


def test_a_key_that_was_named_counts_and_one_that_was_not_does_not(lab):
    court = PrivateKey.generate()
    size = witnessed(lab, court).head.size
    found = standing_of(lab, witness_keys=[court.id])
    assert found.how == "pinned" and found.counts and "--witness-key" in str(found)
    assert anchors(lab.amina, witness_keys=[court.id]) == [(size, found.not_later_than)]
    assert codes(lab, witness_keys=[court.id]).isdisjoint(
        {"UNWITNESSED", "WITNESS-VOID", "WITNESS-UNPROVED"}
    )
    other = PrivateKey.generate().id
    assert standing_of(lab, witness_keys=[other]).how == "unknown"
    notes = verify(lab.path, witness_keys=[other]).notes
    assert any(f"no head is countersigned with the key {other}" in note for note in notes)


def test_an_enrolled_witness_counts_as_the_laboratorys_word(lab):
    court = lab.court()
    enrolled = lab.size
    witnessed(lab, court)
    found = standing_of(lab)
    assert found.how == "enrolled" and found.counts
    assert f"enrolled by the laboratory itself in event {enrolled} as court of District Court" in (
        str(found)
    )
    assert len(anchors(lab.amina)) == 1
    assert "WITNESS-UNPROVED" in codes(lab) and "UNWITNESSED" not in codes(lab)


def test_a_witness_that_is_enrolled_afterwards_proves_nothing_of_before(lab):
    court = PrivateKey.generate()
    signed = witnessed(lab, court)
    lab.court(key=court)
    found = standing_of(lab)
    assert not found.counts and "enrolled only after" in str(found)
    assert anchors(lab.amina) == [] and "UNWITNESSED" in codes(lab)
    later = witnessed(lab, court)
    assert later.head.size > signed.head.size
    assert [size for size, _time in anchors(lab.amina)] == [later.head.size]


def test_a_witness_whose_key_ended_or_expired_proves_nothing(lab):
    ended = lab.court("ended")
    signed = lab.amina.sign_head()
    lab.amina.revoke(person="ended", reason="lost")
    for head in (signed, lab.amina.sign_head()):
        witnessed(lab, ended, signed=head)
    expired = lab.court("expired", key_expires=lab.in_hours(1))
    lab.clock.forward(hours=2)
    witnessed(lab, expired)
    report = lab.verify()
    assert [one.counts for one in report.witnesses] == [False] * 3
    assert [word in str(one) for one, word in zip(report.witnesses, ("ended", "ended", "expired"))]
    assert anchors(lab.amina) == []


def test_a_key_of_our_own_is_no_witness(lab):
    for key in (lab.keys["bruno"], lab.keys["amina"], lab.keys["dora"]):
        witnessed(lab, key)
    report = lab.verify()
    assert [one.how for one in report.witnesses] == ["own"] * 3
    assert "the key of bruno of this ledger" in str(report.witnesses[0])
    assert anchors(lab.amina) == []


def test_a_time_before_the_events_under_the_head_fixes_nothing(lab):
    court = lab.court()
    last = lab.amina.recorded_by([lab.size])[lab.size]
    back = last[:17] + "00.000000Z" if last[17:19] > "00" else lab.in_hours(-2)
    witnessed(lab, court, time=back)
    for options in ({}, {"witness_keys": [court.id]}):
        found = standing_of(lab, **options)
        assert not found.counts and "cannot be right" in str(found)
        assert anchors(lab.amina, **options) == []
        assert {"UNWITNESSED", "WITNESS-VOID"} <= codes(lab, **options)
    witnessed(lab, court)
    assert len(anchors(lab.amina)) == 1


def test_a_time_far_after_the_clock_fixes_nothing(lab):
    court = lab.court()
    witnessed(lab, court, time=lab.in_hours(25))
    found = standing_of(lab, witness_keys=[court.id])
    assert not found.counts and "is in the future" in str(found)
    assert anchors(lab.amina, witness_keys=[court.id]) == []
    lab.clock.forward(hours=2)  # the time comes nearer, so that it may be one clock or the other
    assert len(anchors(lab.amina, witness_keys=[court.id])) == 1


def test_a_countersigned_head_that_is_given_is_told_as_well(lab):
    forged = countersign(lab.amina.sign_head(), PrivateKey.generate(), name="Court", seen=0)
    report = lab.verify(forged)
    assert report.ok and [one.how for one in report.witnesses] == ["unknown"]


def test_a_countersigned_head_that_is_kept_and_given_is_told_once(lab):
    found = witnessed(lab, lab.court())
    report = lab.verify(found, found)
    assert report.ok and len(report.witnesses) == 1
    assert sum("enrolled by the laboratory itself" in note for note in report.notes) == 1


def test_the_name_of_a_witness_cannot_fool_a_terminal(lab):
    witnessed(lab, PrivateKey.generate(), name="\x1b[2JCourt\n")
    (note,) = lab.verify().notes
    assert note.isprintable() and "Court" in note
    assert all(str(point).isprintable() for point in review(lab.amina, "C1"))


# -- keys that are named ------------------------------------------------------------------


def test_a_key_is_named_by_its_id_a_key_file_or_a_request(tmp_path):
    key = PrivateKey.generate()
    grouped = " ".join(key.id[n : n + 4] for n in range(0, 32, 4)).upper()
    request = tmp_path / "court.request"
    request.write_bytes(canonical(enrolment_request("0" * 32, "court", key)))
    assert {read_pin(key.id), read_pin(grouped), read_pin(request)} == {key.id}
    assert verify_bundle.read_witness_key(grouped) == key.id
    assert verify_bundle.read_witness_key(str(request)) == key.id
    assert verify_bundle.read_witness_key(key.public.text) == key.id


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"public_key":"AAAA"}', b"\xff" * 10])
def test_what_states_no_key_is_told(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError, match="x"):
        read_pin(path)
    with pytest.raises(verify_bundle.Fault):
        verify_bundle.read_witness_key(str(path))
    for text in ("", "03d5", str(tmp_path / "none")):
        with pytest.raises(UsageError):
            read_pin(text)
        with pytest.raises(verify_bundle.Fault):
            verify_bundle.read_witness_key(text)


# -- heads that are dated back -------------------------------------------------------------


def test_no_head_is_dated_before_its_own_events(lab):
    lab.clock.forward(days=-2000)
    with pytest.raises(VerificationError, match="is dated back"):
        lab.amina.sign_head()
    assert lab.amina.heads() == []
    lab.clock.forward(days=2000)
    assert lab.amina.sign_head()


def test_no_head_is_kept_that_is_signed_with_a_key_that_ended(lab):
    """It would be wrong in every verification from then on."""
    lab.bruno.size  # noqa: B018
    lab.amina.revoke(person="bruno", reason="left")
    with pytest.raises(VerificationError, match="a key that was not valid then"):
        lab.bruno.sign_head()
    assert lab.amina.heads() == [] and lab.verify().ok


def test_no_head_of_few_events_is_kept_that_is_dated_after_a_key_of_the_others_expired(lab):
    femi(lab)
    before = lab.size
    lab.femi.case(case="C8")
    lab.clock.forward(hours=2)
    with pytest.raises(VerificationError, match="sign the head of all events"):
        lab.amina.sign_head(before)
    assert lab.amina.sign_head() and lab.verify().ok


def test_no_head_of_another_date_is_taken_in(lab):
    state, root = lab.amina.state, lab.amina.tree().root()
    for time, word in (("2020-01-01T00:00:00.000000Z", "dated back"), (lab.in_hours(30), "clock")):
        signed = sign_head(
            lab.keys["amina"], ledger=state.ledger, size=state.seq, root=root, time=time
        )
        with pytest.raises(VerificationError, match=word):
            lab.amina.keep_head(signed)
        if word == "clock":
            assert any("is dated" in note for note in verify(
                lab.path, [signed], clock=lab.clock).notes)  # fmt: skip
        else:
            assert "dated back" in str(lab.verify(signed).first)


# -- keys that expired ----------------------------------------------------------------------


def femi(lab):
    """Enrol a custodian whose key is valid for an hour."""
    lab.enrolled("femi", "custodian", "administrator", agency="x", key_expires=lab.in_hours(1))


def test_where_nothing_was_recorded_after_the_expiry_nobody_can_tell(lab):
    """This is why heads are signed often, and why a key that must end is revoked."""
    femi(lab)
    lab.clock.forward(hours=2)
    lab.clock.forward(hours=-1.5)
    lab.femi.case(case="C9")
    assert lab.verify().ok


def test_a_witness_time_is_no_time_of_what_follows(lab):
    """A court that countersigns an old head late says nothing about events after that head."""
    court = lab.court()
    femi(lab)
    signed = lab.amina.sign_head()
    lab.femi.case(case="C9")
    lab.clock.forward(hours=3)
    witnessed(lab, court, signed=signed)
    assert lab.verify().ok


# -- heads that were deleted ------------------------------------------------------------------


def test_a_disclosed_head_that_was_deleted_is_missed(lab, tmp_path):
    lab.amina.sign_head()
    _made, receipt, _closed = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")
    assert receipt.fields["head"] == 2
    assert lab.verify().ok
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute("DELETE FROM heads WHERE number = 1")
        connection.execute("UPDATE heads SET number = number - 1")
    first = lab.verify().first
    assert first.seq == receipt.seq and "heads were deleted" in first.what
    with tampering(lab.path) as connection:
        connection.execute("DELETE FROM heads")
    assert lab.verify().first == first


def test_a_deleted_head_that_no_event_names_is_not_missed(lab):
    """Rows of heads are outside the chain; only whoever kept the head finds it."""
    lab.amina.sign_head()
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute("DELETE FROM heads")
    assert lab.verify().ok and lab.verify().heads == 0


# -- the verifier in the bundle ---------------------------------------------------------------

NOW = datetime.fromisoformat("2026-11-03T12:00:00+00:00").timestamp()


def bundle(lab, tmp_path, name="b.zip"):
    return disclose_case(lab.amina, "C1", tmp_path / name, recipient="Counsel")[0].path


def witness_lines(path, keys=(), clock=None):
    report = verify_bundle.check(path, witness_keys=keys, clock=clock)
    return "\n".join(fact for fact in report.facts if fact.startswith("Witness")), report


def test_a_bundle_with_a_forged_witness_says_so(lab, tmp_path):
    witnessed(lab, PrivateKey.generate())
    line, report = witness_lines(bundle(lab, tmp_path))
    assert "unknown key: proves nothing" in line
    assert any("no witness that is known signed" in note for note in report.notes)


def test_a_bundle_says_in_which_way_a_witness_is_known(lab, tmp_path):
    court = lab.court()
    witnessed(lab, court)
    path = bundle(lab, tmp_path)
    line, report = witness_lines(path)
    assert "enrolled by the laboratory itself in event" in line and "of District Court" in line
    assert any("only the laboratory says" in note for note in report.notes)
    line, report = witness_lines(path, [court.id])
    assert "the key that you gave" in line
    assert not any("rewritten" in note for note in report.notes)
    other = PrivateKey.generate().id
    assert any(other in note for note in witness_lines(path, [other])[1].notes)
    found = subprocess.run(
        [sys.executable, "-I", verify_bundle.__file__, path, "--witness-key", court.id],
        capture_output=True,
    )
    assert found.returncode == 0 and b"the key that you gave" in found.stdout
    found = subprocess.run(
        [sys.executable, "-I", verify_bundle.__file__, path, "--witness-key", "x"],
        capture_output=True,
    )
    assert found.returncode == 2


def test_a_bundle_takes_no_key_of_our_own_and_none_enrolled_later_for_a_witness(lab, tmp_path):
    witnessed(lab, lab.keys["bruno"])
    late = PrivateKey.generate()
    witnessed(lab, late)
    lab.court(key=late)
    line, report = witness_lines(bundle(lab, tmp_path))
    assert "the key of bruno of this ledger, no witness: proves nothing" in line
    assert "after this head: proves nothing" in line
    assert any("no witness that is known signed" in note for note in report.notes)


def test_a_bundle_takes_no_impossible_time_of_a_witness(lab, tmp_path):
    court = lab.court()
    witnessed(lab, court, time=lab.in_hours(-200))
    path = bundle(lab, tmp_path)
    assert "cannot be right and fixes nothing" in witness_lines(path, [court.id])[0]
    early = datetime.fromisoformat("2026-02-01T00:00:00+00:00").timestamp()
    lab.amina.case(case="C5")
    witnessed(lab, court)
    assert "lies after the clock" in witness_lines(
        bundle(lab, tmp_path, "c.zip"), [court.id], early
    )[0]  # fmt: skip


def test_a_bundle_with_an_expired_key_and_a_clock_set_back_is_refused(tmp_path):
    ledger = simulated_ledger()
    ledger.enrol("femi", "Femi", key_expires="2026-11-02T12:00:00.000000Z")
    at = datetime.fromisoformat("2026-11-02T13:00:00+00:00")
    ledger.add("amina", "attach", case="2026-17", at=at)
    ledger.add("femi", "attach", case="2026-17", at=at.replace(hour=11))
    with pytest.raises(VerificationError, match="had expired when an event before it"):
        disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "b.zip")


def test_a_bundle_with_an_expired_key_after_a_later_head_is_refused(tmp_path):
    ledger = simulated_ledger()
    ledger.enrol("femi", "Femi", key_expires="2026-11-02T12:00:00.000000Z")
    at = datetime.fromisoformat("2026-11-02T11:00:00+00:00")
    size = len(ledger.events)
    ledger.add("femi", "attach", case="2026-17", at=at)
    witness = ledger.witnessed(size, time="2026-11-02T13:00:00.000000Z")
    with pytest.raises(VerificationError, match="had expired when a head before it"):
        disclose(
            **ledger.disclosing(tmp_path / "files"), witnesses=[witness], output=tmp_path / "b.zip"
        )


def test_a_bundle_whose_head_is_dated_back_is_refused(tmp_path):
    ledger = simulated_ledger()
    arguments = ledger.disclosing(tmp_path / "files")
    arguments["head"] = ledger.head(time="2020-01-01T00:00:00.000000Z")
    with pytest.raises(VerificationError, match="dated before events"):
        disclose(**arguments, output=tmp_path / "b.zip")


# -- the commands -----------------------------------------------------------------------------


def run(*arguments, expect=0):
    result = CliRunner().invoke(main, ["custody", *map(str, arguments)])
    assert result.exit_code == expect, result.output
    return result.output


def test_a_label_shows_all_of_the_fingerprint_beside_its_code(lab, tmp_path):
    segno = pytest.importorskip("segno")
    write_label(lab.amina, "C1/1", tmp_path / "label.svg")
    text = (tmp_path / "label.svg").read_text(encoding="utf-8")
    printed = str(lab.amina.fingerprint)
    assert printed in text
    width = int(re.search(r'width="(\d+)"', text)[1])
    left = int(re.search(r'<text x="(\d+)"', text)[1])
    assert width - left >= 7.3 * len(printed)  # a digit of Helvetica at 13 px has 7.2 px
    code = segno.make(scan_text("C1/1", lab.amina.state.ledger, lab.amina.fingerprint), error="m")
    assert code.version <= 7


def test_a_witness_asks_to_be_enrolled_and_the_laboratory_does(lab, tmp_path, monkeypatch):
    words = "correct horse battery"
    keys.write_key(tmp_path / "court.key", court := PrivateKey.generate(), lambda: words)
    keys.write_key(tmp_path / "amina.key", lab.keys["amina"], lambda: words)

    def secret():
        read, write = os.pipe()
        os.write(write, words.encode() + b"\n")
        os.close(write)
        return ("--passphrase-fd", read)

    write_head(tmp_path / "a.head", lab.amina.head_file(lab.amina.sign_head()))
    shared = ("head", "--witness", tmp_path / "a.head", "--name", "District Court", "--key",
              tmp_path / "court.key", "--seen", tmp_path / "seen", "--output", tmp_path / "b.head",
              "--request", tmp_path / "court.request")  # fmt: skip
    run(*shared, expect=2)
    text = run(*shared, "--person", "court", *secret())
    assert f"key {court.id}" in text and read_pin(tmp_path / "court.request") == court.id
    run(*shared, "--person", "court", expect=2)  # nothing is overwritten
    enrol = ("person", "add", "court", "--name", "District Court", "--role", "witness", "--request",
             tmp_path / "court.request", "--key", tmp_path / "amina.key", "--ledger", lab.path)  # fmt: skip
    run(*enrol, *secret(), expect=5)
    run(*enrol, "--agency", "District Court", *secret())
    assert lab.state.people["court"].roles == {"witness"}


def test_the_commands_take_the_key_of_a_witness(lab):
    court = PrivateKey.generate()
    witnessed(lab, court)
    lab.close()
    named = ("--witness-key", court.id)
    assert "unknown key: proves nothing" in run("verify", lab.path)
    found = json.loads(run("verify", lab.path, *named, "--format", "json"))
    assert [one["known"] for one in found["witnesses"]] == ["pinned"]
    assert "UNWITNESSED" in run("review", "C1", "--ledger", lab.path)
    assert "UNWITNESSED" not in run("review", "C1", "--ledger", lab.path, *named)
    assert "witnessed by" not in run("log", "C1", "--ledger", lab.path)
    assert "witnessed by" in run("log", "C1", "--ledger", lab.path, *named)
    run("verify", lab.path, "--witness-key", "nothing", expect=2)
