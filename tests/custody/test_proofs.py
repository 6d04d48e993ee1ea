"""Merkle trees, against published vectors, the RFC's definition and another implementation; commitments."""

import time
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.custody import proofs
from forensics.custody.canonical import canonical
from forensics.custody.proofs import (
    EMPTY_ROOT,
    SALT_BYTES,
    Frontier,
    Opening,
    Tree,
    commit,
    leaf_hash,
    matches,
    new_salt,
    node_hash,
)
from forensics.custody.verify_bundle import grew, root_with_leaf
from forensics.errors import InputError

# The eight leaves and the roots that implementations of RFC 6962 test with (Certificate
# Transparency's reference implementation, merkle_tree_test).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def verify_inclusion(leaf, index, size, proof, root):
    """As the other party does, who has `forensics.custody.verify_bundle` alone."""
    return 0 <= index < size and root_with_leaf(leaf, index, size, proof) == root


def verify_consistency(first, size, old, new, proof):
    """As the package and that party both do."""
    found = proofs.verify_consistency(first, size, old, new, proof)
    assert grew(first, old, size, new, proof) is found
    return found


def leaves(size):
    return [leaf_hash(str(number).encode()) for number in range(size)]


def test_the_roots_are_those_of_the_published_vectors():
    hashes = [leaf_hash(data) for data in LEAVES]
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Tree().root() == Frontier().root == Tree(hashes).root(0) == EMPTY_ROOT
    for size, root in enumerate(ROOTS, 1):
        assert Tree(hashes[:size]).root().hex() == root
        assert Tree(hashes).root(size).hex() == root
        assert Frontier(hashes[:size]).root.hex() == root


# Definitions of RFC 9162, section 2.1, word for word: slow, and plainly right.
def half(size):
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def mth(hashes):
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = half(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m, hashes):
    if len(hashes) == 1:
        return []
    k = half(len(hashes))
    if m < k:
        return path(m, hashes[:k]) + [mth(hashes[k:])]
    return path(m - k, hashes[k:]) + [mth(hashes[:k])]


def subproof(m, hashes, whole):
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = half(len(hashes))
    if m <= k:
        return subproof(m, hashes[:k], whole) + [mth(hashes[k:])]
    return subproof(m - k, hashes[k:], False) + [mth(hashes[:k])]


def test_every_small_tree_has_the_proofs_that_the_rfc_defines_and_they_verify():
    hashes = leaves(33)
    tree = Tree(hashes)
    for size in range(1, 34):
        root = mth(hashes[:size])
        assert tree.root(size) == root
        for index in range(size):
            proof = tree.inclusion_proof(index, size)
            assert proof == path(index, hashes[:size])
            assert verify_inclusion(hashes[index], index, size, proof, root)
        for first in range(1, size + 1):
            proof = tree.consistency_proof(first, size)
            assert proof == subproof(first, hashes[:size], True)
            assert verify_consistency(first, size, tree.root(first), root, proof)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100, 257])
def test_another_implementation_agrees(size):
    data = [str(number).encode() for number in range(size)]
    other = pymerkle.InmemoryTree.init_from_entries(data)
    tree = Tree(map(leaf_hash, data))
    assert tree.root() == other.get_root()
    for index in range(0, size, 1 + size // 10):
        theirs = other.prove_inclusion(index + 1)
        assert theirs.path == [leaf_hash(data[index]), *tree.inclusion_proof(index)]
        pymerkle.verify_inclusion(leaf_hash(data[index]), tree.root(), theirs)
    for first in range(1, size + 1, 1 + size // 10):
        # Its proofs of consistency are longer than the RFC's; both must hold for our roots.
        theirs = other.prove_consistency(first, size)
        pymerkle.verify_consistency(tree.root(first), tree.root(), theirs)


@given(st.integers(1, 300), st.data())
def test_appending_gives_the_tree_that_building_gives(size, data):
    begin = data.draw(st.integers(0, size))
    hashes = leaves(size)
    tree, frontier = Tree(hashes[:begin]), Frontier(hashes[:begin])
    for leaf in hashes[begin:]:
        tree.append(leaf)
        frontier.append(leaf)
    built = Tree(hashes)
    assert tree.root() == built.root() == frontier.root
    assert len(tree) == frontier.size == size
    first = data.draw(st.integers(1, size))
    assert tree.consistency_proof(first) == built.consistency_proof(first)
    assert tree.inclusion_proof(first - 1) == built.inclusion_proof(first - 1)


@given(st.integers(0, 300))
def test_a_copy_of_a_frontier_grows_by_itself(size):
    frontier = Frontier(leaves(size))
    again = frontier.copy()
    again.append(leaf_hash(b"next"))
    assert (frontier.size, frontier.root) == (size, Frontier(leaves(size)).root)
    frontier.append(leaf_hash(b"next"))
    assert (again.size, again.root) == (frontier.size, frontier.root)


@given(st.integers(1, 70), st.data())
def test_a_changed_proof_of_inclusion_does_not_verify(size, data):
    hashes = leaves(size)
    tree = Tree(hashes)
    index = data.draw(st.integers(0, size - 1))
    proof, root = tree.inclusion_proof(index), tree.root()
    other = sha256(b"other").digest()
    assert not verify_inclusion(other, index, size, proof, root)
    assert not verify_inclusion(hashes[index], index, size, proof, other)
    assert not verify_inclusion(hashes[index], index, size, [*proof, other], root)
    assert not verify_inclusion(hashes[index], index, size, [other, *proof], root)
    for wrong in {data.draw(st.integers(-3, size + 3)), -1, size} - {index}:
        assert not verify_inclusion(hashes[index], wrong, size, proof, root)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(hashes[index], index, size, proof[:-1], root)
        swapped = [*proof[:place], other, *proof[place + 1 :]]
        assert not verify_inclusion(hashes[index], index, size, swapped, root)


@given(st.integers(1, 70), st.data())
def test_a_changed_proof_of_consistency_does_not_verify(size, data):
    hashes = leaves(size)
    tree = Tree(hashes)
    first = data.draw(st.integers(1, size))
    proof, old, new = tree.consistency_proof(first), tree.root(first), tree.root()
    other = sha256(b"other").digest()
    assert not verify_consistency(first, size, other, new, proof)
    assert not verify_consistency(first, size, old, other, proof)
    assert not verify_consistency(first, size, old, new, [*proof, other])
    assert not verify_consistency(0, size, EMPTY_ROOT, new, proof)
    assert not verify_consistency(size + 1, size, old, new, proof)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_consistency(first, size, old, new, proof[:-1])
        swapped = [*proof[:place], other, *proof[place + 1 :]]
        assert not verify_consistency(first, size, old, new, swapped)


@given(st.integers(1, 70), st.data())
def test_a_proof_that_goes_on_above_the_root_does_not_verify(size, data):
    """The root is made to fit: only the size says that the proof is too long (RFC 9162: fail)."""
    hashes = leaves(size)
    tree = Tree(hashes)
    above = sha256(b"above").digest()
    root = node_hash(above, tree.root())
    index = data.draw(st.integers(0, size - 1))
    assert not verify_inclusion(
        hashes[index], index, size, [*tree.inclusion_proof(index), above], root
    )
    first = data.draw(st.integers(1, size))
    proof = [*tree.consistency_proof(first), above]
    assert not verify_consistency(first, size, node_hash(above, tree.root(first)), root, proof)


def test_a_proof_that_ends_below_the_root_does_not_verify():
    """The root is made to fit: only the size says that the proof is too short."""
    hashes = leaves(7)
    tree, below = Tree(hashes), Tree(hashes[:4])
    assert verify_inclusion(hashes[2], 2, 4, below.inclusion_proof(2), below.root())
    assert not verify_inclusion(hashes[2], 2, 7, below.inclusion_proof(2), below.root())
    proof = below.consistency_proof(3)
    assert verify_consistency(3, 4, tree.root(3), below.root(), proof)
    assert not verify_consistency(3, 7, tree.root(3), below.root(), proof)
    assert not verify_consistency(3, 7, tree.root(3), tree.root(), [])
    assert not verify_consistency(3, 7, hashes[2], hashes[2], [hashes[2]])


def test_a_hash_of_another_length_is_in_no_proof():
    """The root is made to fit it."""
    (leaf, _other) = leaves(2)
    short = b"short"
    assert not proofs.verify_consistency(1, 2, leaf, node_hash(leaf, short), [short])


def test_a_tree_proves_itself_without_hashes():
    (leaf, other) = leaves(2)
    assert verify_consistency(1, 1, leaf, leaf, [])
    assert not verify_consistency(1, 1, leaf, other, [])
    assert not verify_consistency(1, 1, leaf, leaf, [other])
    assert not verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


@given(st.integers(2, 64), st.data())
def test_a_history_that_was_rewritten_has_no_proof_from_the_old_one(size, data):
    changed = data.draw(st.integers(0, size - 2))
    first = data.draw(st.integers(changed + 1, size - 1))
    hashes = leaves(size)
    old = Tree(hashes).root(first)
    hashes[changed] = leaf_hash(b"rewritten")
    forged = Tree(hashes)
    assert not verify_consistency(
        first, size, old, forged.root(), forged.consistency_proof(first, size)
    )


def test_what_is_not_there_has_no_proof():
    tree = Tree(leaves(5))
    for call, what in (
        (lambda: tree.inclusion_proof(5), "no leaf 5 among 5"),
        (lambda: tree.inclusion_proof(-1), "no leaf -1 among 5"),
        (lambda: tree.inclusion_proof(0, 6), "has 5 leaves, not 6"),
        (lambda: tree.consistency_proof(0), "no proof from 0 leaves to 5"),
        (lambda: tree.consistency_proof(4, 3), "no proof from 4 leaves to 3"),
        (lambda: tree.root(6), "has 5 leaves, not 6"),
        (lambda: tree.root(-1), "has 5 leaves, not -1"),
        (lambda: tree.append(b"short"), "32 bytes"),
        (lambda: Tree([b"short"]), "32 bytes"),
    ):
        with pytest.raises(ValueError, match=what):
            call()


def test_a_leaf_cannot_pass_for_a_node():
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_proof_among_100_000_events_takes_less_than_50_ms():
    hashes = leaves(100_000)
    tree = Tree(hashes)
    start = time.process_time()
    proof = tree.inclusion_proof(77_777)
    assert time.process_time() - start < 0.05
    assert verify_inclusion(hashes[77_777], 77_777, 100_000, proof, tree.root())


SALT = bytes(range(32))


def test_a_commitment_is_what_the_format_says():
    by_hand = sha256(b"forensics-field-1\x00" + SALT + b'["name","M. Diallo"]').hexdigest()
    assert commit("name", canonical("M. Diallo"), SALT) == by_hand


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
    commitment = Opening("name", "M. Diallo", SALT).commitment
    assert matches(Opening("name", "M. Diallo", SALT), commitment)
    assert not matches(other, commitment)


@given(st.text('ab[],"', max_size=6), st.text('ab[],"', max_size=6))
def test_name_and_value_cannot_be_shifted_into_one_another(name, value):
    one, other = Opening(name, value, SALT), Opening(name + value, "", SALT)
    assert one.commitment != other.commitment or value == ""


def test_every_opening_draws_its_own_salt():
    salts = {Opening("name", "x").salt for _ in range(100)} | {new_salt() for _ in range(100)}
    assert len(salts) == 200
    assert {len(salt) for salt in salts} == {SALT_BYTES}


@pytest.mark.parametrize("salt", [b"", b"x" * 31, b"x" * 33])
def test_a_salt_of_another_length_is_refused(salt):
    with pytest.raises(InputError, match="salt"):
        commit("name", b'"x"', salt)


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
            if sha256(b"forensics-field-1\x00" + salt + body).hexdigest() == commitment:
                return guess
    return None


def derived_salts(others):
    """Return the salts that can be tried: none, zeros, those opened, and what follows from them."""
    seeds = [b"", bytes(32), *(opening.salt for opening in others)]
    seeds += [sha256(opening.commitment.encode()).digest() for opening in others]
    seeds += [sha256(opening.name.encode()).digest() for opening in others]
    return [*seeds, *(sha256(seed).digest() for seed in seeds)]


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
    for weak in (b"", bytes(32), opened[0].salt, sha256(opened[1].salt).digest()):
        planted = sha256(b"forensics-field-1\x00" + weak + canonical([name, secret]))
        assert attack(name, planted.hexdigest(), guesses, salts) == secret
