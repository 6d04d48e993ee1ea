"""Commitments: bound to name and value, and telling nothing of either."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.custody.canonical import canonical
from forensics.custody.proofs import SALT_BYTES, Opening, commit, matches, new_salt
from forensics.errors import InputError

SALT = bytes(range(32))


def test_a_commitment_is_what_the_format_says():
    by_hand = hashlib.sha256(b"forensics-field-1\x00" + SALT + b'["name","M. Diallo"]').hexdigest()
    assert commit("name", "M. Diallo", SALT) == by_hand


@pytest.mark.parametrize(
    "other",
    [
        Opening("names", "M. Diallo", SALT),
        Opening("name", "M. Dialla", SALT),
        Opening("name", ["M. Diallo"], SALT),
        Opening("name", "M. Diallo", SALT[::-1]),
    ],
)
def test_another_name_value_or_salt_does_not_match(other):
    commitment = commit("name", "M. Diallo", SALT)
    assert matches(Opening("name", "M. Diallo", SALT), commitment)
    assert not matches(other, commitment)


@given(st.text('ab[],"', max_size=6), st.text('ab[],"', max_size=6))
def test_name_and_value_cannot_be_shifted_into_one_another(name, value):
    assert commit(name, value, SALT) != commit(name + value, "", SALT) or value == ""


def test_every_opening_draws_its_own_salt():
    salts = {Opening("name", "x").salt for _ in range(100)} | {new_salt() for _ in range(100)}
    assert len(salts) == 200
    assert {len(salt) for salt in salts} == {SALT_BYTES}


@pytest.mark.parametrize("salt", [b"", b"x" * 31, b"x" * 33])
def test_a_salt_of_another_length_is_refused(salt):
    with pytest.raises(InputError, match="salt"):
        commit("name", "x", salt)


# What a party that must not know would try: every name of a list, every point of a grid.
NAMES = [f"{first} {last}" for first in "Awa Binta Moussa Fatou Issa".split()
         for last in "Diallo Traoré Keita Cissé Ndiaye Sow".split()]  # fmt: skip


def grid(latitude, longitude, side_km=10, step_m=100):
    """Yield the places of a square on a grid of 100 m, to three decimals of a degree."""
    for north in range(-side_km * 500 // step_m, side_km * 500 // step_m):
        for east in range(-side_km * 500 // step_m, side_km * 500 // step_m):
            yield {"lat": f"{latitude + north / 1000:.3f}", "lon": f"{longitude + east / 1000:.3f}"}


def attack(name, commitment, guesses, salts):
    """Return the guess that gives `commitment` with one of the salts that an attacker has."""
    for guess in guesses:
        body = canonical([name, guess])
        for salt in salts:
            if hashlib.sha256(b"forensics-field-1\x00" + salt + body).hexdigest() == commitment:
                return guess
    return None


def derived_salts(others):
    """Return the salts that can be tried: none, zeros, those opened, and what follows from them."""
    seeds = [b"", bytes(32), *(opening.salt for opening in others)]
    seeds += [hashlib.sha256(opening.commitment.encode()).digest() for opening in others]
    seeds += [hashlib.sha256(opening.name.encode()).digest() for opening in others]
    return [*seeds, *(hashlib.sha256(seed).digest() for seed in seeds)]


@pytest.mark.parametrize(
    "name, secret, guesses",
    [
        ("received_from", "Fatou Keita", NAMES),
        ("place", {"lat": "5.981", "lon": "-3.021"}, list(grid(5.98, -3.02))),
    ],
)
def test_a_withheld_value_is_not_found_with_a_dictionary(name, secret, guesses):
    assert secret in guesses
    opened = [Opening("type", "receive"), Opening("case", "2026-17")]
    salts = derived_salts(opened)
    hidden = Opening(name, secret)
    assert attack(name, hidden.commitment, guesses, salts) is None
    # The attack is a real one: it finds the value where a scheme has no salt or uses one again.
    for weak in (b"", bytes(32), opened[0].salt, hashlib.sha256(opened[1].salt).digest()):
        planted = hashlib.sha256(b"forensics-field-1\x00" + weak + canonical([name, secret]))
        assert attack(name, planted.hexdigest(), guesses, salts) == secret
