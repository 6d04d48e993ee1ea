"""The sealed file: what opens it, and that no byte of it can be changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError, VerificationError
from forensics.training.rounds import MAX_BYTES, new_code, seal, unseal

CODE = "K7QF2-3M2PX-00000-ZZZZZ-ABCDE"
ANSWERS = {"truths": [{"sample": "S01", "species": "Larus fuscus"}], "seed": 7}
SEALED = seal(ANSWERS, CODE)


def test_the_code_opens_what_it_sealed():
    assert unseal(SEALED, CODE, source="x") == ANSWERS


def test_letters_that_are_taken_for_one_another_are_read_as_one():
    assert unseal(seal(ANSWERS, CODE), "k7qf2 3m2px ooooo zzzzz abcde", source="x") == ANSWERS


def test_the_answers_cannot_be_read_in_the_file():
    assert b"Larus" not in SEALED and b"S01" not in SEALED


def test_another_code_is_told_as_such():
    with pytest.raises(VerificationError, match="not its code, or the file was changed"):
        unseal(SEALED, new_code(), source="x")


@pytest.mark.parametrize("code", ["", "K7QF2", CODE + "A", CODE.replace("A", "U")])
def test_what_is_no_code_is_refused_with_its_form(code):
    with pytest.raises(InputError, match="5 groups of 5 letters and digits"):
        unseal(SEALED, code, source="x")


@given(st.integers(0, len(SEALED) - 2), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(place, change):
    changed = bytearray(SEALED)
    changed[place] ^= change
    with pytest.raises((VerificationError, InputError)):
        unseal(bytes(changed), CODE, source="x")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "1", '"sealed"', '{"sealed": 1}', '{"sealed": ""}']
)
def test_what_is_no_sealed_file_is_refused(text):
    with pytest.raises(InputError):
        unseal(text.encode(), CODE, source="x")


def test_a_nonce_of_another_length_is_refused():
    found = json.loads(SEALED)
    found["cipher"]["nonce"] = "AAAA"
    with pytest.raises(InputError, match="not a file of sealed answers"):
        unseal(json.dumps(found).encode(), CODE, source="x")


def test_codes_differ_and_have_the_form_that_is_asked_for():
    codes = {new_code() for _each in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert unseal(seal({}, code), code, source="x") == {}


def test_what_could_not_be_read_again_is_not_sealed():
    with pytest.raises(InputError, match="make two rounds"):
        seal({"truths": "A" * MAX_BYTES}, new_code())
