"""Disclosure: the other party gets the case, the keys, and nothing that it must not see."""

import hashlib
import os
import zipfile
from dataclasses import replace

import pytest
from bundles import bundle_of, opened_in, parts_of
from simulated_ledger import CASE, OTHER_CASE, simulated_ledger

from forensics.custody import disclosure, verify_bundle
from forensics.custody.disclosure import NEVER_WITHHELD, disclose
from forensics.custody.storage import StoredEvent
from forensics.errors import InputError, UsageError, VerificationError


@pytest.fixture
def arguments(ledger, tmp_path):
    return ledger.disclosing(tmp_path / "files")


def refused(arguments, folder, kind=VerificationError, match=None, **change):
    """Ask for a bundle that cannot be; nothing of it is left."""
    with pytest.raises(kind, match=match):
        disclose(**{**arguments, **change}, output=folder / "b.zip")
    assert [path.name for path in folder.iterdir()] == ["files"]


def test_the_case_and_all_events_about_keys_are_in_the_bundle(arguments, tmp_path):
    found = disclose(**arguments, output=tmp_path / "b.zip")
    events = opened_in(tmp_path / "b.zip")
    kinds = [fields["type"] for fields in events.values()]
    assert kinds == ["init", "enrol", "enrol", "enrol", "enrol", "case", "receive", "rotate",
                     "split", "authorise", "reenrol", "offer", "accept", "revoke",
                     "finding", "tally"]  # fmt: skip
    assert found.events == len(events)
    assert all(fields.get("case") in (None, CASE) for fields in events.values())
    content = (tmp_path / "b.zip").read_bytes()
    assert not any(text in content for text in (b'"2026-18"', b"Ivory in luggage", b'"E2"'))
    assert events[8]["seizure_place"] == {"lat": "5.2843", "lon": "-4.0127"}
    verify_bundle.check(tmp_path / "b.zip")


def test_the_same_input_gives_the_same_bytes(arguments, tmp_path):
    for name in ("a.zip", "b.zip"):
        disclose(**arguments, output=tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_withheld_fields_are_not_in_the_bundle_and_their_commitments_are(arguments, tmp_path):
    found = disclose(
        **arguments, withhold=["name", "seizure_place"], why="Protected.", output=tmp_path / "b.zip"
    )
    content = (tmp_path / "b.zip").read_bytes()
    for text in ("Amina Koné", "Bakary", "Efua Boateng", "5.2843", "-4.0127"):
        assert text.encode() not in content
    bundle = bundle_of(tmp_path / "b.zip")
    events = {element["envelope"]["seq"]: element for element in bundle["events"]}
    assert "seizure_place" in events[8]["envelope"]["fields"]
    assert bundle["withheld"]["fields"] == found.fields_withheld
    assert bundle["withheld"]["why"] == "Protected."
    report = verify_bundle.check(tmp_path / "b.zip")
    assert any("not disclosed: name" in line for line in report.timeline)


def test_of_persons_who_have_no_part_in_the_case_only_the_key_is_shown(tmp_path):
    ledger = simulated_ledger()
    ledger.tally(case=OTHER_CASE)
    arguments = ledger.disclosing(tmp_path / "files", case=OTHER_CASE)
    disclose(**arguments, output=tmp_path / "b.zip")
    content = (tmp_path / "b.zip").read_bytes()
    assert b"David Mensah" in content
    assert b"Chen Li" not in content
    enrolment = opened_in(tmp_path / "b.zip")[3]
    assert enrolment["person"] == "chen"
    assert set(enrolment) <= NEVER_WITHHELD


def test_whose_key_a_witness_has_is_shown_in_every_case(tmp_path):
    ledger = simulated_ledger()
    ledger.key_event("amina", "enrol", "court", roles=["witness"], agency="District Court")
    number = len(ledger.events)
    disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "b.zip")
    assert opened_in(tmp_path / "b.zip")[number]["agency"] == "District Court"


def test_further_events_can_be_included(tmp_path):
    ledger = simulated_ledger()
    ledger.tally(more=[9])
    disclose(**ledger.disclosing(tmp_path / "files"), include=[9], output=tmp_path / "b.zip")
    assert opened_in(tmp_path / "b.zip")[9]["case"] == OTHER_CASE


@pytest.mark.parametrize("name", sorted(NEVER_WITHHELD))
def test_what_verification_needs_cannot_be_withheld(arguments, tmp_path, name):
    refused(arguments, tmp_path, UsageError, name, withhold=[name])


@pytest.mark.parametrize(
    "change",
    [
        {"withhold": ["name", "seizure_plcae"]},
        {"withhold_events": [9]},
        {"withhold_attachments": ["0" * 64]},
        {"case": "2026-99"},
        {"earlier": [0]},
        {"earlier": [10**6]},
    ],
)
def test_what_is_not_in_the_ledger_is_not_disclosed_by_accident(arguments, tmp_path, change):
    refused(arguments, tmp_path, UsageError, **change)


def test_attachments_are_in_the_bundle_by_their_hash(ledger, arguments, tmp_path):
    found = disclose(**arguments, output=tmp_path / "b.zip")
    assert found.attachments == 2
    parts = parts_of(tmp_path / "b.zip")
    assert all(parts[f"attachments/{name}"] == data for name, data in ledger.files.items())


def test_a_field_of_attachments_that_is_withheld_takes_the_files_with_it(arguments, tmp_path):
    found = disclose(**arguments, withhold=["attachments"], output=tmp_path / "b.zip")
    assert (found.attachments, found.attachments_withheld) == (0, 0)
    verify_bundle.check(tmp_path / "b.zip")


def test_erasing_openings_and_an_attachment_leaves_a_bundle_that_verifies(
    ledger, arguments, tmp_path
):
    erased = ("name", "received_from", "seizure_place", "note")
    events = [
        StoredEvent(
            event.envelope,
            event.signature,
            tuple(opening for opening in event.openings if opening.name not in erased),
        )
        for event in ledger.events
    ]
    assert [event.hash for event in events] == [event.hash for event in ledger.events]
    name = next(iter(ledger.files))
    (tmp_path / "files" / name).unlink()
    disclose(
        **{**arguments, "events": events}, withhold_attachments=[name], output=tmp_path / "b.zip"
    )
    assert "received_from" not in opened_in(tmp_path / "b.zip")[8]
    verify_bundle.check(tmp_path / "b.zip")


def test_a_bundle_is_no_longer_than_its_readers_take(arguments, tmp_path, monkeypatch):
    disclose(**arguments, output=tmp_path / "a.zip")
    size = len(parts_of(tmp_path / "a.zip")["bundle.json"])
    (tmp_path / "a.zip").unlink()
    monkeypatch.setattr(disclosure, "MAX_BUNDLE_JSON_BYTES", size - 1)
    words = f"would have {size} bytes of events; at most {size - 1}"
    refused(arguments, tmp_path, UsageError, words)
    monkeypatch.setattr(disclosure, "MAX_BUNDLE_JSON_BYTES", size)
    disclose(**arguments, output=tmp_path / "b.zip")


def test_a_missing_attachment_is_an_error_and_nothing_is_written(ledger, arguments, tmp_path):
    (tmp_path / "files" / next(iter(ledger.files))).unlink()
    refused(arguments, tmp_path, match="missing")


@pytest.mark.parametrize("change", [lambda data: data + b"x", lambda data: b"x" + data[1:]])
def test_a_changed_attachment_is_an_error_and_nothing_is_written(
    ledger, arguments, tmp_path, change
):
    path = tmp_path / "files" / next(iter(ledger.files))
    path.write_bytes(change(path.read_bytes()))
    refused(arguments, tmp_path, match=path.name)


def test_an_existing_file_is_not_overwritten(arguments, tmp_path):
    (tmp_path / "b.zip").write_bytes(b"mine")
    with pytest.raises(UsageError, match="not overwritten"):
        disclose(**arguments, output=tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == b"mine"


def test_a_ledger_that_is_not_that_of_the_head_is_not_disclosed(ledger, arguments, tmp_path):
    for events in (ledger.events[:-1], [*ledger.events[:-3], ledger.events[-1], *ledger.events[-3:-1]],
                   [*simulated_ledger(1).events[:1], *ledger.events[1:]]):  # fmt: skip
        refused(arguments, tmp_path, match="is missing|is not of these events", events=events)
    other = simulated_ledger(1)
    refused(arguments, tmp_path, head=other.head())
    for witness in (other.witnessed(), ledger.head()):
        refused(arguments, tmp_path, UsageError, "countersigned", witnesses=[witness])


def test_an_event_that_was_changed_in_the_database_is_not_disclosed(ledger, arguments, tmp_path):
    event, events = ledger.events[7], list(ledger.events)
    openings = tuple(
        replace(one, value="11.50") if one.name == "quantity" else one for one in event.openings
    )
    events[7] = StoredEvent(event.envelope, event.signature, openings)
    refused(
        arguments, tmp_path, match="Event 8: field quantity is not what was signed", events=events
    )


def test_a_head_signed_by_a_key_that_had_ended_is_not_disclosed(ledger, arguments, tmp_path):
    refused(arguments, tmp_path, match="ended", head=ledger.head(signer="chen"))


def test_a_key_that_is_not_valid_at_the_head_cannot_sign_a_bundle(ledger, arguments, tmp_path):
    for person in ("chen", "nobody"):
        key = ledger.keys.get(person) or ledger.new_key()
        refused(arguments, tmp_path, match="The bundle: its key", key=key)


def test_events_after_the_head_are_left_out(tmp_path):
    ledger = simulated_ledger()
    arguments = ledger.disclosing(tmp_path / "files")
    ledger.add("david", "consume", case=CASE, thing="E1-S1", quantity="0.01")
    disclose(**arguments, output=tmp_path / "b.zip")
    assert max(opened_in(tmp_path / "b.zip")) == len(ledger.events) - 1
    with pytest.raises(VerificationError, match="no tally of the case"):
        disclose(**{**arguments, "head": ledger.head()}, output=tmp_path / "c.zip")


def test_witnesses_and_old_papers_can_be_compared_with_the_bundle(ledger, arguments, tmp_path):
    disclose(
        **arguments,
        witnesses=[ledger.witnessed(9), ledger.witnessed(seen=9)],
        earlier=[1, 5, 12, len(ledger.events)],
        output=tmp_path / "b.zip",
    )
    for size in (1, 5, 8, 9, 11, 12, 14, len(ledger.events)):
        paper = str(ledger.head(size).head.fingerprint)
        report = verify_bundle.check(tmp_path / "b.zip", [paper])
        assert any(paper in line for line in report.checked)


def test_the_verifier_in_the_bundle_is_the_one_of_the_package(arguments, tmp_path):
    disclose(**arguments, output=tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        copied = hashlib.sha256(archive.read("verify_bundle.py")).hexdigest()
        assert "verify_bundle.py" in archive.read("README.txt").decode()
    with open(verify_bundle.__file__, "rb") as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == copied


@pytest.mark.skipif(os.name == "nt", reason="a folder is made unwritable by permissions")
def test_a_disk_that_is_full_leaves_nothing(arguments, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    refused(arguments, tmp_path, InputError, "No space left")
