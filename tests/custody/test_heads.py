"""Heads and witnesses: a ledger that was cut or rewritten is not countersigned."""

import base64
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.custody import heads, witnesses
from forensics.custody.canonical import canonical, now, parse_time
from forensics.custody.heads import Fingerprint, SignedHead
from forensics.custody.keys import PrivateKey
from forensics.custody.proofs import Tree, leaf_hash
from forensics.custody.witnesses import HeadFile
from forensics.errors import InputError, UsageError, VerificationError

LEDGER = "0123456789abcdef" * 2
KEEPER, WITNESS, STRANGER = (PrivateKey(bytes([n]) * 32) for n in (1, 2, 3))
TREE = Tree(leaf_hash(b"%d" % n) for n in range(50))
FORK = Tree(leaf_hash(b"%d" % (n if n != 7 else 99)) for n in range(50))


def head_file(size, *, tree=TREE, proofs_from=(), ledger=LEDGER, key=KEEPER):
    signed = heads.sign_head(key, ledger=ledger, size=size, root=tree.root(size))
    proofs = {old: tree.consistency_proof(old, size) for old in proofs_from}
    return HeadFile(signed, key.public, proofs)


def witnessed(size, **options):
    return witnesses.witness_head(head_file(size, **options), (), WITNESS, name="Court of Abidjan")


def test_a_head_is_signed_over_what_the_format_says():
    signed = head_file(5).signed
    message = b"forensics-head-1\x00" + canonical(signed.to_dict()["head"])
    assert KEEPER.public.verify(signed.signature, message)
    assert signed.verify(KEEPER.public)
    assert not signed.verify(STRANGER.public)


def test_a_witness_signs_over_what_the_format_says():
    signed = witnessed(5)
    found = signed.to_dict()
    message = b"forensics-witness-1\x00" + canonical(
        [found["head"], "Court of Abidjan", found["witness"]["time"], 0]
    )
    assert WITNESS.public.verify(base64.b64decode(found["witness"]["signature"]), message)
    assert SignedHead.from_dict(found) == signed


@pytest.mark.parametrize(
    "change", [{"size": 6}, {"root": bytes(32)}, {"ledger": "f" * 32}, {"time": now()}]
)
def test_a_changed_head_is_not_signed(change):
    signed = witnessed(5)
    head = dataclasses.replace(signed.head, **change)
    assert not dataclasses.replace(signed, head=head).verify(KEEPER.public)
    assert not signed.witness.verify(head)


@pytest.mark.parametrize("change", [{"seen": 3}, {"name": "Court"}, {"time": now()}])
def test_a_changed_witness_is_not_signed(change):
    signed = witnessed(5)
    changed = dataclasses.replace(signed, witness=dataclasses.replace(signed.witness, **change))
    assert not changed.verify(KEEPER.public)


def test_a_fingerprint_goes_on_paper_and_back():
    printed = str(head_file(50).signed.head.fingerprint)
    assert printed == f"50 · {' '.join(TREE.root().hex()[n : n + 4] for n in range(0, 32, 4))}"
    typed = Fingerprint.parse(printed.upper().replace("·", "-").replace(" ", "  "))
    assert typed.size == 50
    assert typed.matches(TREE.root())
    assert not typed.matches(FORK.root())
    assert Fingerprint.parse(printed.replace(" ·", "")) == typed  # no keyboard has the sign


@given(
    st.integers(1, 10**15),
    st.text("0123456789abcdef", min_size=32, max_size=32),
)
def test_every_fingerprint_is_read_back(size, digits):
    assert Fingerprint.parse(str(Fingerprint(size, digits))) == Fingerprint(size, digits)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "9f3c 02ab 77de 41c0 8812",
        "0 · 9f3c 02ab 77de 41c0 8812",
        "12 · 9f3c 02ab 77de 41c0 881",
        "12 · 9f3c 02ab 77de 41c0 88123",
        "12 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f",
        "12 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f71",
        "12 · 9f3c 02ab 77de 41c0 881g",
        "١٢ · 9f3c 02ab 77de 41c0 8812",
        "9" * 5000 + " · 9f3c 02ab 77de 41c0 8812",
    ],
)
def test_what_is_no_fingerprint_is_refused(text):
    with pytest.raises(InputError, match="fingerprint"):
        Fingerprint.parse(text)


def test_a_witness_signs_what_continues_what_it_saw(tmp_path):
    path = tmp_path / "seen.json"
    for size, before in ((5, 0), (20, 5), (20, 20), (50, 20)):
        seen = witnesses.read_seen(path)
        found = head_file(size, proofs_from=[before] if before else [])
        signed = witnesses.witness_head(found, seen, WITNESS, name="Court")
        assert signed.verify(KEEPER.public)
        assert signed.witness.seen == before
        witnesses.write_seen(path, (*seen, signed))
    assert [signed.head.size for signed in witnesses.read_seen(path)] == [5, 20, 20, 50]


@pytest.mark.parametrize(
    "size, options, proof, error, words",
    [
        (19, {}, None, VerificationError, "Rollback"),
        (20, {"tree": FORK}, None, VerificationError, "Fork"),
        (30, {"tree": FORK, "proofs_from": [20]}, None, VerificationError, "Fork"),
        (30, {"tree": FORK}, TREE.consistency_proof(20, 30), VerificationError, "Fork"),
        (30, {"proofs_from": [5]}, None, InputError, "proof from 20 events"),
    ],
)
def test_what_does_not_continue_what_it_saw_is_not_signed(size, options, proof, error, words):
    found = head_file(size, **options)
    if proof:  # that of the true history
        found = dataclasses.replace(found, consistency={20: proof})
    with pytest.raises(error, match=words):
        witnesses.witness_head(found, [witnessed(5), witnessed(20)], WITNESS, name="Court")


def test_another_ledger_is_not_compared():
    found = head_file(3, ledger="f" * 32)
    assert witnesses.witness_head(found, [witnessed(20)], WITNESS, name="C").witness.seen == 0


def test_a_head_signed_by_another_key_is_refused():
    found = dataclasses.replace(head_file(5), public_key=STRANGER.public)
    with pytest.raises(VerificationError, match="not signed"):
        witnesses.witness_head(found, (), WITNESS, name="Court")


def test_a_head_file_is_read_back(tmp_path):
    found = head_file(50, proofs_from=[1, 5, 20])
    witnesses.write_head(tmp_path / "head.json", found)
    again = witnesses.read_head(tmp_path / "head.json")
    assert again.signed == found.signed
    assert {size: list(proof) for size, proof in again.consistency.items()} == found.consistency
    countersigned = witnesses.witness_head(again, [witnessed(20)], WITNESS, name="Court")
    witnesses.write_head(tmp_path / "back.json", dataclasses.replace(found, signed=countersigned))
    assert witnesses.read_head(tmp_path / "back.json").signed.witness.seen == 20


def damaged(content, change):
    content = json.loads(canonical(content))
    change(content)
    return content


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format="forensics-head-file-2"),
        lambda c: c.update(extra=1),
        lambda c: c.pop("public_key"),
        lambda c: c.update(public_key="AAAA"),
        lambda c: c.update(signed=[]),
        lambda c: c["signed"].update(extra=1),
        lambda c: c["signed"].update(signature="x"),
        lambda c: c["signed"].update(witness={}),
        lambda c: c["signed"]["head"].update(size="5"),
        lambda c: c["signed"]["head"].update(size=True),
        lambda c: c["signed"]["head"].update(size=0),
        lambda c: c["signed"]["head"].update(root="AB" * 32),
        lambda c: c["signed"]["head"].update(time="2026-11-25T08:15:30Z"),
        lambda c: c["signed"]["head"].update(time="2026-02-30T08:15:30.000000Z"),
        lambda c: c["signed"]["head"].update(extra=1),
        lambda c: c.update(consistency=[]),
        lambda c: c.update(consistency={"-1": []}),
        lambda c: c.update(consistency={"5": "x"}),
        lambda c: c.update(consistency={"5": ["x"]}),
    ],
)
def test_a_malformed_head_file_is_refused_by_name(tmp_path, change):
    path = tmp_path / "head.json"
    witnesses.write_head(path, head_file(5))
    path.write_bytes(canonical(damaged(json.loads(path.read_bytes()), change)))
    with pytest.raises(InputError) as found:
        witnesses.read_head(path)
    assert str(path) in str(found.value)


def test_a_head_file_with_a_wrong_signature_is_refused(tmp_path):
    path = tmp_path / "head.json"
    witnesses.write_head(path, dataclasses.replace(head_file(5), public_key=STRANGER.public))
    with pytest.raises(VerificationError, match="not signed"):
        witnesses.read_head(path)


@given(data=st.binary(max_size=100))
def test_garbage_is_no_head_file(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "garbage.json"
    path.write_bytes(data)
    for read in (witnesses.read_head, witnesses.read_seen):
        with pytest.raises(InputError):
            read(path)


def test_a_witness_that_saw_nothing_yet_has_no_file(tmp_path):
    assert witnesses.read_seen(tmp_path / "none") == ()


def test_a_changed_file_of_seen_heads_is_found(tmp_path):
    path = tmp_path / "seen.json"
    witnesses.write_seen(path, [witnessed(5), witnessed(20)])
    content = json.loads(path.read_bytes())
    content["heads"][1]["head"]["size"] = 21
    path.write_bytes(canonical(content))
    with pytest.raises(VerificationError, match="record 2"):
        witnesses.read_seen(path)
    content["heads"][1].pop("witness")
    path.write_bytes(canonical(content))
    with pytest.raises(VerificationError, match="record 2"):
        witnesses.read_seen(path)
    content["heads"] = {}
    path.write_bytes(canonical(content))
    with pytest.raises(InputError):
        witnesses.read_seen(path)


def test_a_head_without_events_or_of_no_ledger_is_not_signed():
    for options in ({"size": 0}, {"ledger": "x"}, {"time": "yesterday"}):
        with pytest.raises(InputError):
            heads.sign_head(KEEPER, **{"ledger": LEDGER, "size": 1, "root": bytes(32), **options})


def test_times_sort_as_they_are_written_and_know_their_zone():
    first, second = now(), now()
    assert first <= second
    assert parse_time(first) <= parse_time(second)
    assert parse_time(first).utcoffset().total_seconds() == 0
    for text in (None, 5, "", "2026-11-25", first[:-1], first.replace("Z", "+00:00"), first + "\n"):
        with pytest.raises(InputError):
            parse_time(text)


@pytest.mark.parametrize("size", [-1, 0, 10**6])
def test_a_head_of_more_events_than_there_are_is_not_signed(lab, size):
    kept = len(lab.amina.heads())
    with pytest.raises(UsageError, match=f"not {size}"):
        lab.amina.sign_head(size)
    assert len(lab.amina.heads()) == kept
