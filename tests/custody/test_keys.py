"""Keys: published vectors, and a file that gives its key to the passphrase only."""

import base64
import json
import os
import pickle
import stat
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signature_vectors import PRIME, SMALL_ORDER, VECTORS

from forensics.custody import keys
from forensics.custody.canonical import canonical
from forensics.custody.keys import Cost, PrivateKey, PublicKey
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.io import files

CHEAP = Cost(19 * 1024, 2, 1)
GOOD, OTHER = (lambda: "correct horse battery"), (lambda: "another horse battery")


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "mary.key"
    key = PrivateKey.generate()
    keys.write_key(path, key, GOOD, cost=CHEAP)
    return path, key


@pytest.mark.parametrize("secret, public, message, signature", VECTORS)
def test_signatures_are_those_of_rfc_8032(secret, public, message, signature):
    key, message = PrivateKey(bytes.fromhex(secret)), bytes.fromhex(message)
    assert key.public.raw.hex() == public
    assert key.sign(message).hex() == signature
    assert key.public.verify(bytes.fromhex(signature), message)
    assert not key.public.verify(bytes.fromhex(signature), message + b"x")
    assert not key.public.verify(bytes.fromhex(signature)[:63], message)


def test_the_key_id_is_the_beginning_of_the_hash_of_the_public_key():
    key = PublicKey(bytes.fromhex(VECTORS[0][1]))
    assert key.id == "21fe31dfa154a261626bf854046fd227"
    assert PublicKey.from_text(key.text) == key


@pytest.mark.parametrize("y", [*SMALL_ORDER, *range(PRIME, 2**255)])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_that_can_sign_anything_is_refused(y, sign):
    with pytest.raises(InputError, match="accepts forged signatures"):
        PublicKey((y | sign << 255).to_bytes(32, "little"))


def test_such_a_key_would_have_been_taken_without_the_check():
    # The neutral element as key and as R, with s = 0: OpenSSL finds it good for every message.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    neutral = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything at all")


@pytest.mark.parametrize("text", [None, 5, "", "AAAA", "A" * 43, "A" * 42 + "B=", "A" * 43 + "=\n"])
def test_a_public_key_in_another_spelling_is_refused(text):
    with pytest.raises(InputError):
        PublicKey.from_text(text)


def test_a_private_key_is_neither_shown_nor_pickled():
    key = PrivateKey.generate()
    assert repr(key) == f"<PrivateKey {key.id}>"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_key_file_gives_its_key_to_the_passphrase_only(key_file):
    path, key = key_file
    assert keys.public_key_of(path) == key.public
    again = keys.open_key(path, GOOD)
    assert again.sign(b"x") == key.sign(b"x")
    with pytest.raises(VerificationError, match="the passphrase is wrong"):
        keys.open_key(path, OTHER)
    assert key._key.private_bytes_raw() not in path.read_bytes()
    assert base64.b64encode(key._key.private_bytes_raw()) not in path.read_bytes()


def test_two_files_of_one_key_share_no_salt_nonce_or_ciphertext(tmp_path):
    key, found = PrivateKey.generate(), []
    for name in "ab":
        keys.write_key(tmp_path / name, key, GOOD, cost=CHEAP)
        found.append(json.loads((tmp_path / name).read_bytes()))
    for part in (lambda f: f["kdf"]["salt"], lambda f: f["cipher"]["nonce"], lambda f: f["sealed"]):
        assert part(found[0]) != part(found[1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_owner_may_read_a_key_file(key_file):
    path, _key = key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(key_file):
    path, _key = key_file
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not overwritten"):
        keys.write_key(path, PrivateKey.generate(), GOOD, cost=CHEAP)
    assert path.read_bytes() == before


def test_of_many_that_write_one_key_file_one_wins(tmp_path):
    path, won, lost = tmp_path / "k", [], []

    def write(text):
        try:
            files.write_new(path, text)
            won.append(text)
        except UsageError:
            lost.append(text)

    threads = [threading.Thread(target=write, args=(b"%d" % n * 1000,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert path.read_bytes() == won[0]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        keys.write_key(tmp_path / "k", PrivateKey.generate(), GOOD, cost=CHEAP)
    assert list(tmp_path.iterdir()) == []


def test_every_changed_member_of_a_key_file_is_found(key_file):
    path, _key = key_file
    whole = json.loads(path.read_bytes())
    other = PrivateKey.generate().public
    changes = [
        {"key": other.id},
        {"public_key": other.text},
        {"extra": 1},
        {"sealed": base64.b64encode(bytes(48)).decode()},
        {"kdf": {**whole["kdf"], "salt": base64.b64encode(bytes(16)).decode()}},
        {"kdf": {**whole["kdf"], "iterations": 3}},
        {"cipher": {**whole["cipher"], "nonce": base64.b64encode(bytes(12)).decode()}},
        {"cipher": {**whole["cipher"], "extra": 1}},
    ]
    for change in changes:
        path.write_bytes(canonical({**whole, **change}))
        with pytest.raises(VerificationError):
            keys.open_key(path, GOOD)


def test_a_key_file_whose_public_key_is_anothers_is_refused_even_if_sealed_so(
    tmp_path, monkeypatch
):
    key = PrivateKey.generate()
    lying = PrivateKey.generate()
    lying._key = key._key  # seals the seed of the one under the public key of the other
    keys.write_key(tmp_path / "k", lying, GOOD, cost=CHEAP)
    with pytest.raises(VerificationError, match="does not match the public key"):
        keys.open_key(tmp_path / "k", GOOD)


@pytest.mark.parametrize(
    "kdf",
    [
        {"memory_kib": 2**40},
        {"memory_kib": 8},
        {"memory_kib": True},
        {"memory_kib": "65536"},
        {"iterations": 10**9},
        {"iterations": 1},
        {"lanes": 0},
        {"lanes": 10**6},
        {"name": "md5"},
        {"unknown": 1},
        {"salt": ""},
    ],
)
def test_a_hostile_key_file_cannot_ask_for_more_than_allowed(key_file, kdf):
    path, _key = key_file
    whole = json.loads(path.read_bytes())
    path.write_bytes(canonical({**whole, "kdf": {**whole["kdf"], **kdf}}))
    with pytest.raises(InputError) as found:
        keys.open_key(path, lambda: pytest.fail("asked before the file was checked"))
    assert str(path) in str(found.value)


@given(data=st.binary(max_size=200))
def test_garbage_is_no_key_file(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "garbage.key"
    path.write_bytes(data)
    with pytest.raises(InputError):
        keys.open_key(path, GOOD)


@pytest.mark.parametrize("length", [0, 1, 50, 300, -1])
def test_a_cut_key_file_is_refused(key_file, length):
    path, _key = key_file
    path.write_bytes(path.read_bytes()[: length if length >= 0 else -3])
    with pytest.raises(InputError):
        keys.open_key(path, GOOD)


def test_a_folder_a_missing_file_and_a_huge_one_are_no_key_files(tmp_path):
    (tmp_path / "huge").write_bytes(b" " * (keys.MAX_FILE + 1))
    for name in ("", "none", "huge"):
        with pytest.raises(InputError):
            keys.open_key(tmp_path / name, GOOD)


def test_a_short_passphrase_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(UsageError, match="at least 15"):
        keys.write_key(tmp_path / "k", PrivateKey.generate(), lambda: "short", cost=CHEAP)
    with pytest.raises(UsageError):
        keys.write_key(tmp_path / "k", PrivateKey.generate(), lambda: "x" * 2000, cost=CHEAP)
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_the_same_however_its_accents_are_typed(tmp_path):
    key = PrivateKey.generate()
    keys.write_key(tmp_path / "k", key, lambda: "e\u0301le\u0301phant d'Afrique", cost=CHEAP)
    assert keys.open_key(tmp_path / "k", lambda: "éléphant d'Afrique").id == key.id


def pipe(data):
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading


@pytest.mark.parametrize(
    "data", [b"my long passphrase", b"my long passphrase\n", b"my long passphrase\r\nrest"]
)
def test_a_passphrase_is_the_first_line_of_a_descriptor(data):
    source = keys.from_descriptor(pipe(data))
    assert source() == source() == "my long passphrase"


def test_what_follows_the_line_is_left_to_others():
    descriptor = pipe(b"first\nsecond\n")
    assert keys.from_descriptor(descriptor)() == "first"
    assert keys.from_descriptor(descriptor)() == "second"


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n"])
def test_a_descriptor_without_a_passphrase_is_an_error(data):
    with pytest.raises(InputError, match="descriptor"):
        keys.from_descriptor(pipe(data))()


def test_a_descriptor_that_is_not_open_is_an_error():
    with pytest.raises(InputError, match="descriptor"):
        keys.from_descriptor(987)()


def test_a_prompt_asks_twice_for_a_new_one(monkeypatch):
    typed = ["one passphrase or", "another"]
    monkeypatch.setattr(keys.getpass, "getpass", lambda _prompt: typed.pop(0))
    with pytest.raises(UsageError, match="differ"):
        keys.from_prompt("New", confirm=True)()
    typed[:] = ["the same one", "the same one"]
    assert keys.from_prompt("New", confirm=True)() == "the same one"


def test_a_prompt_without_a_terminal_does_not_show_what_is_typed(run):
    script = (
        "from forensics.custody.keys import from_prompt\n"
        "from forensics.errors import UsageError\n"
        "import os\nos.setsid()\n"  # without a terminal of its own
        "try:\n    from_prompt('P')()\nexcept UsageError as e:\n    print(e)"
    )
    if not hasattr(os, "setsid"):
        pytest.skip("Windows asks at its console")
    assert "--passphrase-fd" in run("-c", script).stdout


def test_without_argon2id_the_error_says_what_to_install(key_file, monkeypatch):
    def missing(**_):
        raise keys.UnsupportedAlgorithm("not supported")

    monkeypatch.setattr(keys, "Argon2id", missing)
    monkeypatch.setattr(keys, "_derived", keys._derived.__wrapped__)  # not the one that remembers
    with pytest.raises(ForensicsError, match="Argon2id"):
        keys.open_key(key_file[0], GOOD)
