"""Text of the ledger is read alike by every Python, whatever its tables of Unicode are."""

import hashlib
import random
import unicodedata

import pytest
from unicode_table import table_rows

from forensics.custody import canonical, verify
from forensics.custody.batches import read_rows
from forensics.custody.canonical import (
    check_text,
    is_assigned,
    is_word,
    nfc,
    nfc_text,
    split_assigned,
)
from forensics.custody.fields import IDENTIFIER, reads_alike
from forensics.custody.keys import Cost, PrivateKey, open_key, write_key
from forensics.custody.proofs import Opening
from forensics.custody.state import State
from forensics.custody.storage import FIRST_PREVIOUS, seal_event
from forensics.errors import InputError, UsageError

STRANGE = "A\U0001e08f\u0323"
"""NFC by the tables of Unicode 14.0 (Python 3.11), and not by those of 15.0 (Python 3.12)."""
PROPERTIES = "ec4dbef56ebfef4e45f91c5eb2ec57464a3811f69c888315bccc9bf9e32ba002"
"""SHA-256 over combining class and normal forms of every character in the table, by Python 3.11."""


def points():
    for first, last, _kind in canonical._ranges():
        yield from range(first, last + 1)


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0",
    reason="the tables of this Python are of another version",
)
def test_the_table_is_that_of_unicode_14():
    lines = canonical._TABLE.read_text(encoding="ascii").splitlines()
    assert [line for line in lines if not line.startswith("#")] == table_rows()


def test_no_character_of_the_table_is_normalised_otherwise_by_this_python():
    digest = hashlib.sha256()
    for point in points():
        sign = chr(point)
        # Not `decomposition`: from Python 3.14 on it tells the parts of Hangul syllables, too.
        forms = [unicodedata.normalize(form, sign) for form in ("NFD", "NFKD", "NFC")]
        parts = [" ".join(f"{ord(part):x}" for part in form) for form in forms]
        digest.update(f"{point:x} {unicodedata.combining(sign)} {parts}\n".encode())
    assert digest.hexdigest() == PROPERTIES


def test_every_character_is_in_the_table_or_not_by_every_way_of_asking():
    assigned = set(points())
    words = {
        point
        for first, last, kind in canonical._ranges()
        if kind == "w"
        for point in range(first, last + 1)
    }
    for point in random.Random(1).sample(range(0x110000), 20_000):
        sign = chr(point)
        assert is_assigned(sign) == (point in assigned)
        assert is_assigned("\U0001f98f" + sign) == (point in assigned)
        assert is_word(sign) == (point in words)


def test_a_text_is_put_into_form_nfc():
    assert nfc("e\u0301caille") == "écaille"
    assert nfc_text({"e\u0301": ["e\u0301", 1, None]}) == {"é": ["é", 1, None]}
    check_text({"é": ["é", 1, None]})


@pytest.mark.parametrize("value", ["e\u0301", ["e\u0301"], {"e\u0301": 1}, {"a": {"b": "e\u0301"}}])
def test_another_form_is_refused_where_an_event_is_made(value):
    with pytest.raises(InputError, match="NFC"):
        check_text(value)
    with pytest.raises(InputError, match="NFC"):
        seal_event(
            [Opening("note", value)], PrivateKey.generate(), ledger="0" * 32, seq=1,
            previous=FIRST_PREVIOUS, recorded_at="2026-11-25T08:15:30.123456Z",
        )  # fmt: skip


@pytest.mark.parametrize("text", [STRANGE, "\U0001e08f", "\u0378", "\uffff", "\U0010ffff"])
def test_a_character_that_unicode_14_does_not_have_is_refused_and_named(text):
    point = next(sign for sign in text if not is_assigned(sign))
    for write in (nfc, check_text, lambda text: nfc_text({"a": [text]})):
        with pytest.raises(
            InputError, match=rf"the character U\+{ord(point):04X}, which Unicode 14\.0"
        ):
            write(text)


def test_it_is_refused_in_every_field_of_an_event_and_nothing_is_recorded(lab):
    size = lab.size
    for fields in (
        {"description": STRANGE},
        {"description": "label", "note": STRANGE},
        {"description": "label", "attachments": [lab.photo(f"{STRANGE}.jpg")]},
    ):
        with pytest.raises(InputError, match=r"U\+1E08F"):
            lab.amina.discrepancy(case="C1", kind="other", **fields)
    assert lab.size == size
    assert not list(lab.amina.files.glob("*.partial"))


def test_it_is_refused_in_a_table_with_its_line(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"thing\nS1\n{STRANGE}\n", encoding="utf-8")
    from forensics.custody.fields import Field

    with pytest.raises(InputError, match=r"list\.csv.*3.*U\+1E08F"):
        read_rows(path, (Field("thing", IDENTIFIER),), State())


CHEAP = Cost(memory_kib=19 * 1024, iterations=2, lanes=1)


def test_a_new_passphrase_with_it_is_refused_and_not_shown(tmp_path):
    with pytest.raises(UsageError, match=r"Unicode 14\.0") as refused:
        write_key(
            tmp_path / "a.key",
            PrivateKey.generate(),
            lambda: STRANGE + "long enough it is",
            cost=CHEAP,
        )
    assert "long enough" not in str(refused.value)
    assert not (tmp_path / "a.key").exists()


def test_a_key_that_was_sealed_with_such_a_passphrase_opens_still(tmp_path, monkeypatch):
    passphrase, key = STRANGE + "long enough it is", PrivateKey.generate()
    monkeypatch.setattr("forensics.custody.keys.is_assigned", lambda text: True)
    write_key(tmp_path / "a.key", key, lambda: passphrase, cost=CHEAP)
    monkeypatch.undo()
    assert open_key(tmp_path / "a.key", lambda: passphrase).id == key.id
    if unicodedata.unidata_version == "14.0.0":
        # As a newer Python sees it: another form.
        monkeypatch.setattr(
            "forensics.custody.keys.unicodedata.normalize",
            lambda form, text: text.replace("\U0001e08f\u0323", "\u0323\U0001e08f"),
        )
        assert open_key(tmp_path / "a.key", lambda: passphrase).id == key.id


def test_how_a_name_looks_is_not_asked_of_this_pythons_tables():
    assert split_assigned("a\U0001e08fÉ\u0378") == ["a", "\U0001e08f", "É", "\u0378", ""]
    # A capital and a small letter of Unicode 16.0: alike by its tables, and by none before.
    assert reads_alike("A\U00010d50") == "a\U00010d50" != reads_alike("A\U00010d70")
    assert reads_alike("Écaille") == "écaille"


def test_an_identifier_is_one_in_every_python():
    assert IDENTIFIER.accepts("Écaille/1") and IDENTIFIER.accepts("サンプル 1")
    assert not IDENTIFIER.accepts("É\u2028") and not IDENTIFIER.accepts("É?")
    assert IDENTIFIER.accepts("É" * 80) and not IDENTIFIER.accepts("É" * 81)
    assert not IDENTIFIER.accepts("É/") and not IDENTIFIER.accepts(".É")
    assert not IDENTIFIER.accepts("\U00010d50")  # a letter since Unicode 16.0


def test_verification_puts_no_text_into_another_form(lab, monkeypatch):
    lab.amina.discrepancy(case="C1", kind="other", description="e\u0301caille")

    def never(form, text):
        raise AssertionError(f"normalised while verifying: {text!a}")

    with monkeypatch.context() as patched:
        for name in ("normalize", "is_normalized"):
            patched.setattr(unicodedata, name, never)
        report = verify(lab.path)
    assert report.ok
