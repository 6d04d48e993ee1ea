"""The state that is kept beside a ledger spares a replay, and nothing can be told by it that the events do not say."""

import errno
import json
import os

import msgspec
import pytest
from tampering import tampering

from forensics.custody import PrivateKey, checked, open_ledger, registry
from forensics.custody.acts import people
from forensics.custody.agent import sockets
from forensics.custody.proofs import Frontier
from forensics.errors import ForensicsError, RefusedError, VerificationError

ERASURE = {"erased": ["received_from"], "order": "Court order 7/2026", "reason": "protection"}


@pytest.fixture
def kept(lab, monkeypatch):
    """Return a laboratory beside whose ledger a state is kept after every act."""
    monkeypatch.setattr(checked, "EVERY", 1)
    lab.sampled()
    lab.close()
    return lab


@pytest.fixture
def replayed(monkeypatch):
    """Return the numbers of the events that were replayed since."""
    seen = []
    step = registry.step

    def noted(state, act):
        seen.append(act.seq)
        step(state, act)

    monkeypatch.setattr(registry, "step", noted)
    return seen


def test_a_ledger_begins_with_the_state_that_is_kept(kept, replayed, monkeypatch):
    size = kept.size
    assert not replayed
    monkeypatch.setattr(checked, "EVERY", 1000)
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    kept.close()
    assert kept.size == size + 1
    assert replayed == [size + 1]


def test_acts_and_rules_are_those_of_a_replay(kept, replayed):
    checked.forget(kept.path)
    with open_ledger(kept.path) as ledger:
        whole = ledger.state
    assert replayed
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    kept.close()
    replayed.clear()
    with pytest.raises(RefusedError, match="rule HELD-BY"):
        kept.amina.store(case="C1", things=["C1/1"], location="safe")
    assert not replayed
    assert kept.state.things == whole.things


def test_a_state_is_kept_again_only_after_many_events(lab, monkeypatch):
    monkeypatch.setattr(checked, "EVERY", lab.size + 2)
    lab.close()
    file = checked.state_file(lab.path)
    lab.amina.discrepancy(case="C1", kind="other", description="x")
    assert not file.exists()
    lab.amina.discrepancy(case="C1", kind="other", description="x")
    first = file.read_bytes()
    lab.amina.discrepancy(case="C1", kind="other", description="x")
    assert file.read_bytes() == first


def test_a_dry_run_keeps_nothing(lab, monkeypatch):
    monkeypatch.setattr(checked, "EVERY", 1)
    lab.amina.add("discrepancy", case="C1", kind="other", description="x", dry_run=True)
    assert not checked.state_file(lab.path).exists()


@pytest.mark.parametrize(
    "show",
    [
        lambda ledger: ledger.check_openings(),
        lambda ledger: list(ledger.events(case="C1")),
        lambda ledger: list(ledger.stored_events()),
    ],
)
def test_what_is_shown_is_replayed_from_the_first_event_and_once(kept, replayed, show):
    with open_ledger(kept.path) as ledger:
        assert ledger.size and not replayed
        show(ledger)
        show(ledger)
        assert replayed == list(range(1, ledger.size + 1))


def test_no_event_is_shown_of_a_chain_that_is_broken_before_the_state(kept):
    with tampering(kept.path) as connection:
        connection.execute(
            "UPDATE events SET envelope = replace(envelope, '-03-', '-04-') WHERE seq = 3"
        )
    with open_ledger(kept.path) as ledger, pytest.raises(VerificationError, match="event 3"):
        list(ledger.events())


def test_a_key_agent_signs_states():
    sockets.check_domain(checked._message(b"{}"))


def test_the_ledger_as_it_was_is_not_begun_with_a_later_state(kept):
    from forensics.custody.reader import Reader

    with Reader(kept.path, most=5) as ledger:
        assert ledger.size == 5


def rewrite(path, change, key=None):
    """Change the state that is kept, and sign it again if there is a key."""
    file = json.loads(checked.state_file(path).read_bytes())
    change(file["checked"])
    content = json.dumps(file["checked"], separators=(",", ":")).encode()
    if key is not None:
        signature = key.sign(checked._message(content))
        file = {
            "key": key.id,
            "signature": msgspec.to_builtins(signature),
            "checked": file["checked"],
        }
    checked.state_file(path).write_text(json.dumps(file, separators=(",", ":")))


def promote(content):
    content["state"]["people"]["dora"]["roles"] = ["administrator"]


def not_used(lab, caplog, replayed):
    replayed.clear()
    with open_ledger(lab.path) as ledger:
        assert ledger.state.people["dora"].roles == {"outside"}
    assert replayed[:1] == [1]
    assert "all events are replayed" in caplog.text
    assert lab.verify().ok


def test_a_state_that_somebody_changed_is_not_used(kept, caplog, replayed):
    rewrite(kept.path, promote)
    not_used(kept, caplog, replayed)


def test_a_state_that_a_stranger_signed_is_not_used(kept, caplog, replayed):
    key = PrivateKey.generate()

    def enrolled(content):
        promote(content)
        content["state"]["keys"][key.id] = {
            **content["state"]["keys"][kept.keys["dora"].id], "public_key": key.public.text,
        }  # fmt: skip

    rewrite(kept.path, enrolled, key)
    not_used(kept, caplog, replayed)


def test_a_state_signed_with_a_key_that_was_revoked_is_not_used(kept, caplog, replayed):
    kept.amina.revoke(person="bruno", reason="left")
    kept.close()
    rewrite(kept.path, promote, kept.keys["bruno"])
    not_used(kept, caplog, replayed)


def test_a_state_of_events_that_are_gone_is_not_used(kept, caplog, replayed):
    """As after an older copy of the ledger was put back."""
    older = kept.path.read_bytes()
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    kept.close()
    kept.path.write_bytes(older)
    not_used(kept, caplog, replayed)


def test_the_next_act_deletes_a_state_that_is_not_of_the_ledger(kept, monkeypatch):
    monkeypatch.setattr(checked, "EVERY", 1000)
    checked.state_file(kept.path).write_bytes(b"{}")
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    assert not checked.state_file(kept.path).exists()


def test_nothing_is_erased_while_the_state_cannot_be_deleted(kept):
    received = kept.received
    agreed = kept.authorise("erase", subject=str(received), content=ERASURE)
    kept.close()
    size = kept.size
    checked.state_file(kept.path).unlink()
    checked.state_file(kept.path).mkdir()
    with pytest.raises(ForensicsError, match="cannot be deleted: .*; nothing was recorded"):
        kept.amina.erase(case="C1", event=received, authorisation=agreed, **ERASURE)
    assert kept.amina.size == size
    assert kept.verify().erased == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\x80", b'{"key":"a"}'])
def test_a_file_that_is_no_state_is_left_alone_and_told(kept, caplog, replayed, content):
    checked.state_file(kept.path).write_bytes(content)
    not_used(kept, caplog, replayed)


def test_a_state_of_other_rules_is_replayed(kept, replayed, monkeypatch, caplog):
    monkeypatch.setattr(checked, "_SOFTWARE", f"2030.1 {people.RULES_VERSION}")
    assert kept.size == len(replayed)
    assert not caplog.text


def test_where_a_state_cannot_be_kept_the_act_stands_and_it_is_said(kept, monkeypatch, caplog):
    def full(*_arguments, **_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    size = kept.size
    monkeypatch.setattr(checked, "replace_file", full)
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    assert "the next command replays all events" in caplog.text
    kept.close()
    assert kept.size == size + 1
    assert kept.verify().ok


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_who_may_read_the_ledger_may_read_its_state(kept):
    os.chmod(kept.path, 0o660)
    kept.amina.discrepancy(case="C1", kind="other", description="x")
    assert checked.state_file(kept.path).stat().st_mode & 0o777 == 0o660


def test_an_erasure_deletes_the_state(kept, monkeypatch):
    received = kept.received
    agreed = kept.authorise("erase", subject=str(received), content=ERASURE)
    monkeypatch.setattr(checked, "EVERY", 1000)
    assert checked.state_file(kept.path).exists()
    kept.amina.erase(case="C1", event=received, authorisation=agreed, **ERASURE)
    assert not checked.state_file(kept.path).exists()


def test_somebody_who_had_the_ledger_open_during_an_erasure_replays_it(kept, replayed, monkeypatch):
    monkeypatch.setattr(checked, "EVERY", 1000)
    kept.bruno.state  # noqa: B018
    received = kept.received
    kept.erased(received, "received_from")
    replayed.clear()
    kept.bruno.state  # noqa: B018
    assert replayed == list(range(1, kept.bruno.size + 1))


def test_a_frontier_of_the_wrong_number_of_subtrees_is_none():
    hashes = [bytes([number]) * 32 for number in range(11)]
    frontier = Frontier(hashes)
    again = Frontier.of(11, frontier.subtrees)
    assert (again.size, again.root) == (11, frontier.root)
    with pytest.raises(ValueError, match="12 leaves"):
        Frontier.of(12, frontier.subtrees)
