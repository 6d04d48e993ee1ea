"""The single-file verifier: passes what is whole, and nothing else."""

import ast
import base64
import copy
import hashlib
import json
import random
import re
import shutil
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from bundles import dishonest, fault_of, signed_anew
from hypothesis import given
from hypothesis import strategies as st
from json_values import json_values
from signature_vectors import SMALL_ORDER, VECTORS
from simulated_ledger import CASE, SimulatedLedger, simulated_ledger, write_bundle

from forensics.custody import disclosure, verify_bundle
from forensics.custody.canonical import canonical
from forensics.custody.disclosure import disclose
from forensics.custody.keys import PrivateKey, PublicKey
from forensics.custody.proofs import Tree
from forensics.custody.storage import seal_event
from forensics.errors import InputError

VERIFIER = Path(verify_bundle.__file__)
P, ORDER = verify_bundle.P, verify_bundle.ORDER


# -- primitives, against published vectors and the package ------------------------------


@pytest.mark.parametrize("secret, public, message, signature", VECTORS)
def test_it_takes_the_signatures_of_rfc_8032(secret, public, message, signature):
    public, message, signature = map(bytes.fromhex, (public, message, signature))
    assert verify_bundle.ed25519_is_valid(public, message, signature)
    for position in (0, 31, 32, 63):
        changed = bytearray(signature)
        changed[position] ^= 1
        assert not verify_bundle.ed25519_is_valid(public, message, bytes(changed))
    assert not verify_bundle.ed25519_is_valid(public, message + b"\x00", signature)


def openssl_takes(public, message, signature):
    """Return what the package says: OpenSSL, after the check of the key."""
    try:
        return PublicKey(public).verify(signature, message)
    except InputError:
        return False


def scalar_times(number, point):
    result = verify_bundle.NEUTRAL
    while number:
        if number & 1:
            result = verify_bundle.point_add(result, point)
        point, number = verify_bundle.point_double(point), number >> 1
    return result


def small_points():
    """Return the points whose order divides 8, by multiplying any point by the group's order."""
    found, y = {}, 2
    while len(found) < 8:
        point = verify_bundle.point_read(y.to_bytes(32, "little"))
        if point:
            point = scalar_times(ORDER, point)
            found[verify_bundle.point_write(point)] = point
        y += 1
    return found


def challenge(r, public, message):
    """Return k of RFC 8032, section 5.1.7."""
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")


def signatures(random_, number):
    """Yield public key, message and signature: good ones, damaged ones and every known trick."""
    small = list(small_points().items())
    base = verify_bundle.BASE[1]
    for _ in range(number):
        seed, message = random_.randbytes(32), random_.randbytes(random_.randrange(80))
        key = PrivateKey(seed)
        public, good = key.public.raw, key.sign(message)
        r, s = good[:32], int.from_bytes(good[32:], "little")
        yield public, message, good
        damaged = bytearray(good)
        damaged[random_.randrange(64)] ^= 1 << random_.randrange(8)
        yield public, message, bytes(damaged)
        yield public, message + b"x", good
        yield PrivateKey(random_.randbytes(32)).public.raw, message, good
        for more in range(1, 16):
            if s + more * ORDER < 2**256:
                yield public, message, r + (s + more * ORDER).to_bytes(32, "little")
        yield public, message, r + (ORDER - s).to_bytes(32, "little")
        yield (
            public,
            message,
            r + random_.choice([0, ORDER - 1, ORDER, 2**256 - 1]).to_bytes(32, "little"),
        )
        yield public, message, r[:31] + bytes([r[31] ^ 0x80]) + good[32:]
        yield public, message, random_.randbytes(64)
        yield public, message, good[:63]
        yield public, message, good + b"\x00"

        # With the secret scalar in hand, as a dishonest signer has it.
        digest = hashlib.sha512(seed).digest()
        a = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
        spelling, point = random_.choice(small)
        # R of small order: R = T, S = k*a; good only where T is the neutral point.
        yield (
            public,
            message,
            spelling + (challenge(spelling, public, message) * a % ORDER).to_bytes(32, "little"),
        )
        # The neutral point as R in a spelling above p.
        other = (P + 1).to_bytes(32, "little")
        yield (
            public,
            message,
            other + (challenge(other, public, message) * a % ORDER).to_bytes(32, "little"),
        )
        # A of mixed order: A + T, good where k is a multiple of the order of T.
        mixed = verify_bundle.point_write(
            verify_bundle.point_add(verify_bundle.point_read(public), point)
        )
        nonce = random_.randrange(ORDER)
        r = verify_bundle.point_write(scalar_times(nonce, base))
        yield (
            mixed,
            message,
            r + ((nonce + challenge(r, mixed, message) * a) % ORDER).to_bytes(32, "little"),
        )
        # A of small order, R = S*B - k*A: OpenSSL takes it, nobody may.
        s = random_.randrange(ORDER)
        for _attempt in range(8):
            r = verify_bundle.point_write(
                verify_bundle.point_add(scalar_times(s, base), random_.choice(small)[1])
            )
            yield spelling, message, r + s.to_bytes(32, "little")
        # Not a point at all; a point in another spelling.
        yield random_.randbytes(32), message, good
        yield (P + random_.randrange(19)).to_bytes(32, "little"), message, good


def compare_signatures(number):
    taken = refused = 0
    mixed = set()
    for public, message, signature in signatures(random.Random(8032), number):
        expected = openssl_takes(public, message, signature)
        found = verify_bundle.ed25519_is_valid(public, message, signature)
        assert found == expected, (public.hex(), message.hex(), signature.hex())
        taken, refused = taken + found, refused + (not found)
        point = verify_bundle.point_read(public)
        if point and not verify_bundle.has_small_order(point) and scalar_times(ORDER, point)[0]:
            mixed.add(found)
    assert mixed == {True, False}  # keys of mixed order occurred, and both ways
    return taken, refused


def test_it_takes_the_signatures_that_openssl_takes():
    taken, refused = compare_signatures(12)
    assert taken > 12 and refused > 200


@pytest.mark.slow
def test_it_takes_the_signatures_that_openssl_takes_in_thousands():
    taken, refused = compare_signatures(300)
    assert taken > 350 and refused > 5000


@pytest.mark.parametrize("y", SMALL_ORDER)
def test_the_keys_that_the_package_refuses_are_those_of_small_order(y):
    spellings = {int.from_bytes(text, "little") % 2**255 for text in small_points()}
    assert y in spellings
    assert spellings == set(SMALL_ORDER)
    assert verify_bundle.key_table(y.to_bytes(32, "little")) is None


@given(json_values())
def test_it_writes_the_canonical_json_of_the_package(value):
    assert verify_bundle.json_bytes(value) == canonical(value)
    assert verify_bundle.json_read(canonical(value), "it") == value


@pytest.mark.parametrize(
    "value, fault", [("\ud800", "half a character"), ({"\ud800": 1}, "half a character")]
)
def test_a_text_that_has_no_canonical_form_is_a_fault(value, fault):
    with pytest.raises(verify_bundle.Fault, match=fault):
        verify_bundle.json_bytes(value)


# -- the file ---------------------------------------------------------------------------


def test_it_imports_the_standard_library_only_and_is_python_3_8():
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):  # annotations, which Python 3.8 does not evaluate
            assert node.level == 0
            names.add(node.module.partition(".")[0])
    assert names <= sys.stdlib_module_names
    assert not {"socket", "ssl", "urllib", "subprocess", "pickle", "ctypes"} & names


def run_verifier(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-I", *map(str, arguments)], capture_output=True, **options
    )


def test_a_good_bundle_is_verified_with_the_copy_in_it_and_nothing_else(good, tmp_path):
    with zipfile.ZipFile(good) as archive:
        archive.extract("verify_bundle.py", tmp_path)
    found = run_verifier(tmp_path / "verify_bundle.py", good, cwd=tmp_path)
    text = found.stdout.decode()
    assert (found.returncode, found.stderr) == (0, b""), text
    assert text.startswith("VERIFIED.")
    assert re.search(r" 8 .* receive by bakary \(number 2 of the case\)\n +case: 2026-17\n", text)
    assert "description: Écailles, un sac" in text
    assert "not disclosed: name" in text
    assert "NOT" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["verify_bundle.py"]


def test_it_says_what_it_did_not_check(good):
    text = run_verifier(VERIFIER, good).stdout.decode()
    after = text[text.index("Not checked:") :]
    for part in ("what the events say is true", "no two events have", "witnesses are who they say"):
        assert part in after


@pytest.mark.parametrize(
    "version",
    ["3.8", "3.13", *(pytest.param(v, marks=pytest.mark.slow) for v in ("3.9", "3.10", "3.12"))],
)
def test_it_runs_on_older_and_newer_pythons(good, version):
    python = shutil.which(f"python{version}")
    if not python or subprocess.run([python, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no python{version} here")
    found = subprocess.run([python, "-I", VERIFIER, good], capture_output=True)
    assert found.returncode == 0, found.stderr
    assert found.stdout == run_verifier(VERIFIER, good).stdout


def test_output_in_ascii_does_not_fail(good):
    found = subprocess.run(
        [sys.executable, VERIFIER, good],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert found.returncode == 0
    assert b"\\xc9cailles" in found.stdout


# -- a bundle inside a PDF --------------------------------------------------------------


def pdf_with(bundle, name=b"bundle.zip", *, packed=True, more=b"", trailer=b"", times=1):
    """Return a PDF that has a file inside and nothing else."""
    content = zlib.compress(bundle) if packed else bundle
    head = b"/Filter/FlateDecode" if packed else b""
    objects = [
        b"<</Type/Catalog/Names<</EmbeddedFiles 2 0 R>>>>",
        b"<</Names[%b]%b>>" % (b"(%b)3 0 R" % name * times, more),
        b"<</Type/Filespec/F(%b)/EF<</F 4 0 R>>>>" % name,
        b"<</Length 5 0 R%b>>\nstream\n%b\nendstream" % (head, content),
        b"%d" % len(content),
    ]
    made, places = b"%PDF-1.7\n% a comment\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 6\n0000000000 65535 f \n%btrailer\n<</Size 6/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, trailer, len(made))
    )


@pytest.mark.parametrize("packed", [True, False])
def test_a_bundle_inside_a_pdf_is_verified_as_by_itself(good, tmp_path, packed):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_with(good.read_bytes(), packed=packed))
    alone, inside = (run_verifier(VERIFIER, one).stdout.decode() for one in (good, path))
    digest = hashlib.sha256(good.read_bytes()).hexdigest()
    assert f"The bundle is the file bundle.zip inside the PDF, SHA-256 {digest}" in inside
    assert "  - the pages of the PDF, its other files and its signature" in inside
    assert set(alone.splitlines()) <= set(inside.splitlines())
    shown = pdf_with(good.read_bytes()[:-1] + b"x")
    path.write_bytes(shown)
    assert fault_of(path)


@pytest.mark.parametrize(
    "made, fault",
    [
        (lambda bundle: pdf_with(bundle, b"other.zip"), "has no bundle inside"),
        (
            lambda bundle: pdf_with(bundle, trailer=b"/Encrypt 4 0 R"),
            "it is encrypted. Save the attached",
        ),
        (
            lambda bundle: pdf_with(bundle, trailer=b"/XRefStm 9"),
            "its tables of objects are packed",
        ),
        (lambda bundle: pdf_with(bundle, trailer=b"/Prev 9"), "tables of objects"),
        (lambda bundle: pdf_with(bundle, more=b"/Kids[]"), "in parts"),
        (lambda bundle: pdf_with(bundle).replace(b"/Length 5 0 R", b"/Length 3 0 R"), "is damaged"),
        (
            lambda bundle: pdf_with(bundle).replace(b"/FlateDecode", b"/LZWDecode  "),
            "in a way that is not read",
        ),
        (lambda bundle: pdf_with(bundle, times=2), "attached twice"),
        (lambda bundle: pdf_with(bundle)[:-8], "cut off"),
        (lambda bundle: b"%PDF-1.5\n", "cut off"),
    ],
)
def test_a_pdf_that_it_cannot_read_is_told_and_never_passed(good, tmp_path, made, fault):
    path = tmp_path / "report.pdf"
    path.write_bytes(made(good.read_bytes()))
    assert fault in fault_of(path)


def test_a_stream_that_unpacks_to_more_than_the_limit_is_a_fault(tmp_path, monkeypatch):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_with(bytes(2 * 2**20)))
    monkeypatch.setattr(verify_bundle, "MAX_PDF_BYTES", 2**20)
    assert "unpacks to more than 1048576 bytes" in fault_of(path)


REFERENCE = verify_bundle.Reference


@pytest.mark.parametrize(
    "text, value",
    [
        (b"(a\\(b\\051 (c)\\\nd\\\\)", b"a(b) (c)d\\"), (b"<4a4B 5>", b"JKP"), (b"/A#20b", "/A b"),
        (b"[1 0 R 2 3 R/x<<>>]", [REFERENCE(1), REFERENCE(2), "/x", {}]), (b"<</a 1/b[true]>>", {"/a": 1, "/b": [b"true"]}),
    ],
)  # fmt: skip
def test_values_of_a_pdf_are_read_as_the_standard_says(text, value):
    pdf = object.__new__(verify_bundle.Pdf)
    pdf.data, pdf.left = text, 1000
    assert pdf.value(0) == (value, len(text))


ODD = "is not stored as in a bundle"


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_bundle_that_was_packed_anew_is_refused(parts, tmp_path, compression):
    """What is packed can hold more than it unpacks to."""
    assert ODD in fault_of(write_bundle(tmp_path / "b.zip", parts, compression))


@pytest.mark.parametrize("name", ["README.txt", "bundle.json", "attachments/"])
def test_no_bytes_hide_behind_the_end_of_a_packed_entry(parts, tmp_path, name):
    """zipfile, and the programs of most readers, stop where the stream ends."""
    name = next(part for part in parts if part.startswith(name))
    hidden = b"what is in no list and in no signature " * 28
    packed = zlib.compress(parts[name], wbits=-15) + hidden
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            entry = disclosure._entry(part)
            if part == name:
                archive.writestr(entry, packed)
                entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(data)
                entry.CRC = zlib.crc32(data)
            else:
                archive.writestr(entry, data)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(name)
        at = entry.header_offset
        data[at + 8 : at + 10] = b"\x08\x00"
        data[at + 14 : at + 18] = struct.pack("<L", entry.CRC)
        data[at + 22 : at + 26] = struct.pack("<L", entry.file_size)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and archive.read(name) == parts[name]
    assert hidden in path.read_bytes()
    assert ODD in fault_of(path)


def test_the_order_of_the_entries_says_nothing(parts, tmp_path):
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in reversed(parts):
            archive.writestr(disclosure._entry(name), parts[name])
    assert "not in their order" in fault_of(path)


def test_the_fingerprint_on_a_paper_is_compared(ledger, good):
    right = str(ledger.head(12).head.fingerprint)
    found = run_verifier(VERIFIER, good, "--fingerprint", right)
    assert found.returncode == 0
    verify_bundle.check(good, [right.replace(" ·", "")])  # no keyboard has the sign
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    found = run_verifier(VERIFIER, good, "--fingerprint", wrong)
    assert found.returncode == 4
    assert b"is not that of this ledger" in found.stdout
    assert "proves nothing about the ledger at 10 events" in fault_of(
        good, str(ledger.head(10).head.fingerprint)
    )
    assert "is not a fingerprint" in fault_of(good, "12 · 9f3c")


def test_without_arguments_it_says_how_it_is_used():
    found = run_verifier(VERIFIER)
    assert found.returncode == 2
    assert b"usage" in found.stderr


# -- mutations --------------------------------------------------------------------------


def places(value, path=()):
    """Yield the path of every value inside a value."""
    yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def changed_text(text, random_):
    if not text:
        return "x"
    place = random_.randrange(len(text))
    letter = random_.choice("0123456789abcdefXYZ=é")
    return random_.choice(
        [
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text + letter,
            "",
            None,
            0,
        ]
    )


def changed_value(value, random_):
    """Return something else of the same kind, most often."""
    if isinstance(value, str):
        return changed_text(value, random_)
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int):
        return random_.choice([value + 1, value - 1, -value, 0, 2**53 - 1, str(value)])
    if isinstance(value, list):
        value = list(value)
        if len(value) > 1 and random_.random() < 0.4:
            one, two = random_.sample(range(len(value)), 2)
            value[one], value[two] = value[two], value[one]
        elif value and random_.random() < 0.5:
            del value[random_.randrange(len(value))]
        else:
            value.append(value[-1] if value else "x")
        return value
    value = dict(value)
    if value and random_.random() < 0.5:
        del value[random_.choice(sorted(value))]
    else:
        value["extra"] = 1
    return value


def mutations(bundle, random_, number, allowed=lambda path, old, new: True):
    """Yield bundles that say something else at one place, and that place."""
    everywhere = [path for path in places(bundle) if path]
    while number:
        path = random_.choice(everywhere)
        mutant = copy.deepcopy(bundle)
        parent = mutant
        for step in path[:-1]:
            parent = parent[step]
        old = parent[path[-1]]
        parent[path[-1]] = changed_value(old, random_)
        if canonical(mutant) == canonical(bundle) or not allowed(path, old, parent[path[-1]]):
            continue
        number -= 1
        yield mutant, path


def survivors(parts, mutants, path):
    found = []
    for mutant, where in mutants:
        try:
            verify_bundle.check(write_bundle(path, mutant))
        except verify_bundle.Fault:
            continue
        found.append(where)
    return found


def mutants_of_content(parts, number):
    """Yield ZIPs that are whole as ZIPs, in which something else is said or stands."""
    random_ = random.Random(200)
    bundle = json.loads(parts["bundle.json"])
    for mutant, path in mutations(bundle, random_, number // 2):
        yield {**parts, "bundle.json": canonical(mutant)}, path
    for _ in range(number - number // 2):
        name = random_.choice(sorted(parts))
        data = bytearray(parts[name])
        place = random_.randrange(len(data))
        kind = random_.randrange(3)
        if kind == 0:
            data[place] ^= 1 << random_.randrange(8)
        elif kind == 1:
            del data[place]
        else:
            data.insert(place, random_.randrange(256))
        yield {**parts, name: bytes(data)}, (name, place)


def test_every_bundle_that_says_something_else_fails(parts, tmp_path):
    assert survivors(parts, mutants_of_content(parts, 60), tmp_path / "m.zip") == []


@pytest.mark.slow
def test_every_bundle_that_says_something_else_fails_in_hundreds(parts, tmp_path):
    assert survivors(parts, mutants_of_content(parts, 600), tmp_path / "m.zip") == []


# What the laboratory may say otherwise when it signs the bundle: these are its own words, and
# what it chooses to hand over. Everything else must be found even under its signature.
OWN_WORDS = {("made_at",), ("withheld", "why")}
CHOICES = {("events",), ("witnesses",), ("earlier",)}


def forged(path, old, new):
    if path in OWN_WORDS:
        return False
    if path in CHOICES:  # leaving out, in the same order, is a choice; adding and swapping is not
        return [item for item in old if item in new] != new if path != ("witnesses",) else False
    return True


def forgeries(ledger, parts, number):
    """Yield bundles that were changed and then signed by a key of the laboratory."""
    bundle = json.loads(parts["bundle.json"])
    for mutant, path in mutations(bundle, random.Random(201), number, forged):
        yield signed_anew(parts, mutant, ledger.keys["amina"]), path


def test_a_forger_with_a_key_of_the_laboratory_cannot_change_what_others_said(
    ledger, parts, tmp_path
):
    verify_bundle.check(
        write_bundle(
            tmp_path / "same.zip",
            signed_anew(parts, json.loads(parts["bundle.json"]), ledger.keys["amina"]),
        )
    )
    assert survivors(parts, forgeries(ledger, parts, 40), tmp_path / "m.zip") == []


@pytest.mark.slow
def test_a_forger_with_a_key_of_the_laboratory_fails_in_hundreds(ledger, parts, tmp_path):
    assert survivors(parts, forgeries(ledger, parts, 600), tmp_path / "m.zip") == []


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_every_byte_of_every_entry_counts(good, tmp_path, seed):
    """Bytes of the ZIP itself, in the regions where the entries' content lies."""
    data, random_ = good.read_bytes(), random.Random(seed)
    with zipfile.ZipFile(good) as archive:
        regions = [
            (entry.header_offset + 30 + len(entry.filename), entry.file_size)
            for entry in archive.infolist()
        ]
    for _ in range(40 + 260 * seed):
        start, size = random_.choice(regions)
        place = start + random_.randrange(size)
        changed = bytearray(data)
        changed[place] ^= 1 << random_.randrange(8)
        path = tmp_path / "m.zip"
        path.write_bytes(changed)
        assert verify_bundle.main([str(path)]) == 4


@pytest.mark.parametrize("length", [0, 1, 21, 1000, 50_000, -1, -22, -2000])
def test_a_cut_bundle_fails(good, tmp_path, length, capsys):
    path = tmp_path / "cut.zip"
    path.write_bytes(good.read_bytes()[:length])
    assert verify_bundle.main([str(path)]) == 4
    assert capsys.readouterr().out.startswith("NOT VERIFIED")


# -- what a dishonest laboratory could try ----------------------------------------------


def first_key(ledger, seq):
    """Return the key that event `seq` enrolled."""
    text = next(o.value for o in ledger.events[seq - 1].openings if o.name == "public_key")
    return next(key for key in ledger.every_key if key.public.text == text)


def without_proof(ledger):
    return {"person": "x", "public_key": ledger.new_key().public.text}


FORCED = {
    "a stranger signs": (
        lambda ledger: ledger.add("zoe", "note", key=ledger.new_key(), case=CASE),
        "was not enrolled before"),
    "a revoked key signs": (
        lambda ledger: ledger.add("chen", "note", case=CASE), "had ended with event 16"),
    "the key of somebody else": (
        lambda ledger: ledger.add("amina", "note", key=ledger.keys["david"], case=CASE),
        "with the key of david"),
    "a second beginning": (
        lambda ledger: ledger.add("amina", "init", **without_proof(ledger)),
        "begins with event 1 only"),
    "a key rotated by another": (
        lambda ledger: ledger.key_event("amina", "rotate", "david"), "key of somebody else"),
    "a key enrolled twice": (
        lambda ledger: ledger.key_event("amina", "enrol", "x", new=ledger.keys["david"]),
        "enrolled before"),
    "a key of small order": (
        lambda ledger: ledger.add(
            "amina", "enrol", person="x", public_key=base64.b64encode(bytes(32)).decode()),
        "can sign anything"),
    "an authorisation used twice": (
        lambda ledger: ledger.key_event("amina", "reenrol", "david", authorisation=12),
        "authorisation by a second person is not in the bundle, or was used"),
    "a key without proof": (
        lambda ledger: ledger.add("amina", "enrol", **without_proof(ledger)),
        "proof that the person has the key"),
    "a proof that is another's": (
        lambda ledger: ledger.add(
            "amina", "enrol", **without_proof(ledger),
            proof=base64.b64encode(ledger.keys["david"].sign(b"x")).decode()),
        "did not prove to have the key"),
    "the key that was rotated signs": (
        lambda ledger: ledger.add("bakary", "note", key=first_key(ledger, 2), case=CASE),
        "had ended with event 10"),
    "the key that was given again signs": (
        lambda ledger: ledger.add("david", "note", key=first_key(ledger, 4), case=CASE),
        "had ended with event 13"),
    "a proof for another person": (
        lambda ledger: ledger.add("amina", "enrol", **{
            one.name: one.value for one in ledger.events[3].openings
            if one.name in ("public_key", "proof")
        }, person="x"),
        "enrolled before"),
    "a key revoked for the wrong person": (
        lambda ledger: ledger.add(
            "amina", "revoke", person="david", revoked_key=ledger.keys["amina"].id),
        "not that person's"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORCED)
def test_a_forced_event_is_found_and_named(tmp_path, monkeypatch, name):
    change, fault = FORCED[name]
    ledger = simulated_ledger()
    change(ledger)
    if name == "a key of small order":
        with pytest.raises(InputError, match="accepts forged signatures"):
            dishonest(ledger, tmp_path, monkeypatch)
        return
    text = dishonest(ledger, tmp_path, monkeypatch)
    assert text.startswith(f"Event {len(simulated_ledger().events) + 1}: ")
    assert fault in text


def test_a_reenrolment_takes_two_others(tmp_path, monkeypatch):
    for folder, consenting, subject, fault in (
        ("a", "amina", "david", "two persons"),
        ("b", "david", "david", "two persons"),
        ("c", "bakary", "chen", "for something else"),
    ):
        (tmp_path / folder).mkdir()
        ledger = simulated_ledger()
        ledger.reenrol("david", agreed_by=consenting, subject=subject)
        assert fault in dishonest(ledger, tmp_path / folder, monkeypatch)


def test_a_reenrolment_is_of_the_key_that_was_approved(tmp_path, monkeypatch):
    later = "2027-11-01T00:00:00.000000Z"
    for folder, approved, more, fault in (
        ("a", "another", {}, "its public_key is not what the second person approved"),
        ("b", "unsaid", {}, "what the second person approved is not in the bundle"),
        ("c", "same", {"key_expires": later}, "its key_expires is not what the second person"),
        ("d", "unsalted", {}, "its public_key is not what the second person approved"),
    ):
        (tmp_path / folder).mkdir()
        ledger = simulated_ledger()
        new, salts = ledger.new_key(), {}
        if approved == "unsaid":
            consent = ledger.add("bakary", "authorise", act="reenrol", subject="david", reason="x")
        else:
            key = ledger.new_key() if approved == "another" else new
            consent, salts = ledger.consent("bakary", "david", {"public_key": key.public.text})
        ledger.key_event(
            "amina", "reenrol", "david", new=new, authorisation=consent,
            salts=None if approved == "unsalted" else salts, **more,
        )  # fmt: skip
        assert fault in dishonest(ledger, tmp_path / folder, monkeypatch)


def ledger_with_expiry():
    ledger = SimulatedLedger()
    ledger.key_event("amina", "init", "amina", name="Amina Koné", roles=["administrator"])
    ledger.enrol("bakary", "Bakary Traoré", key_expires="2026-11-02T09:00:00.000000Z")
    ledger.add("bakary", "note", case=CASE)
    return ledger


def test_a_key_signs_until_it_expires_and_not_after(tmp_path, monkeypatch):
    expiry = ledger_with_expiry().time.replace(hour=9, minute=0)
    ledger = ledger_with_expiry()
    ledger.add("bakary", "note", case=CASE, at=expiry)
    disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "good.zip")
    ledger.add("bakary", "note", case=CASE, at=expiry.replace(microsecond=1))
    assert re.fullmatch(
        "Event 6: its key .* had expired.", dishonest(ledger, tmp_path, monkeypatch)
    )


def test_a_head_is_not_signed_by_an_expired_key(tmp_path, monkeypatch):
    ledger = ledger_with_expiry()
    late = ledger.head(signer="bakary", time="2026-11-02T09:00:00.000001Z")
    text = dishonest(ledger, tmp_path, monkeypatch, head=late)
    assert text == "The head: its key had expired"


@pytest.mark.parametrize("name", ["public_key", "key_expires", "proof", "person", "actor", "type"])
def test_what_makes_a_key_valid_cannot_be_closed(ledger, parts, tmp_path, name):
    bundle = json.loads(parts["bundle.json"])
    element = bundle["events"][1]  # bakary's enrolment
    kept = [opening for opening in element["openings"] if opening["name"] != name]
    assert len(kept) == len(element["openings"]) - 1
    element["openings"] = kept
    bundle["withheld"]["fields"] += 1
    path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, ledger.keys["amina"]))
    assert re.match("Event [28]: ", fault_of(path))


@pytest.mark.parametrize(
    "change, fault",
    [
        (lambda there, closed: [closed, there], "in order"),
        (lambda there, closed: [closed, closed], "in order"),
        (lambda there, closed: sorted([closed, there]), "as withheld, and is there"),
        (lambda there, closed: sorted([closed, "0" * 64]), "is named by no event"),
        (lambda there, closed: [], "neither there nor listed as withheld"),
    ],
)
def test_the_list_of_withheld_attachments_must_be_true(ledger, parts, tmp_path, change, fault):
    bundle = json.loads(parts["bundle.json"])
    there, closed = min(ledger.files), max(ledger.files)
    assert bundle["withheld"]["attachments"] == [closed]
    wrong = change(there, closed)
    bundle["withheld"]["attachments"] = wrong
    path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, ledger.keys["amina"]))
    assert fault in fault_of(path)


def test_an_attachment_that_no_event_names_is_refused_even_if_listed(ledger, parts, tmp_path):
    bundle = json.loads(parts["bundle.json"])
    name = hashlib.sha256(b"x").hexdigest()
    bundle["attachments"][name] = {"name": "x", "size": 1, "media_type": "text/plain"}
    changed = signed_anew(parts, bundle, ledger.keys["amina"])
    path = write_bundle(tmp_path / "b.zip", {**changed, f"attachments/{name}": b"x"})
    assert "is named by no event" in fault_of(path)


def test_a_bundle_signed_by_a_stranger_or_a_revoked_key_fails(ledger, parts, tmp_path):
    bundle = json.loads(parts["bundle.json"])
    for key, fault in ((ledger.new_key(), "not enrolled then"), (ledger.keys["chen"], "had ended")):
        path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, key))
        assert fault in fault_of(path)


def test_a_witness_of_another_history_is_found(ledger, parts, tmp_path):
    fork = simulated_ledger()
    fork.events[8] = simulated_ledger(1).events[8]
    for size in (9, len(ledger.events)):
        found = fork.witnessed(size).to_dict()
        if size == 9:
            found["consistency"] = [
                part.hex() for part in Tree(e.hash for e in ledger.events).consistency_proof(9)
            ]
        bundle = {**json.loads(parts["bundle.json"]), "witnesses": [found]}
        path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, ledger.keys["amina"]))
        assert "Witness 1 (Tribunal of Abidjan): saw another history" in fault_of(path)


def test_events_spliced_from_another_ledger_are_found(ledger, parts, tmp_path, monkeypatch):
    other = simulated_ledger(1)
    spliced = replace(
        ledger,
        events=[*ledger.events[:8], *other.events[8:]],
        files={**ledger.files, **other.files},
    )
    text = dishonest(spliced, tmp_path, monkeypatch)
    assert text.startswith("Event 10: it is of another ledger")


@pytest.mark.parametrize(
    "position, fault", [(0, "names one before it"), (1, "does not follow event 1")]
)
def test_a_chain_that_is_broken_under_a_good_tree_is_found(tmp_path, monkeypatch, position, fault):
    ledger = simulated_ledger()
    event = ledger.events[position]
    envelope = json.loads(event.envelope)
    ledger.events[position] = seal_event(
        event.openings,
        first_key(ledger, 1),
        ledger=ledger.id,
        seq=position + 1,
        previous=bytes([7]) * 32,
        recorded_at=envelope["recorded_at"],
    )
    assert fault in dishonest(ledger, tmp_path, monkeypatch)


def test_a_clock_that_ran_backwards_is_reported(tmp_path):
    ledger = simulated_ledger()
    last = ledger.time
    ledger.add("amina", "note", case=CASE, at=ledger.time.replace(hour=1))
    ledger.time = last
    disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "b.zip")
    report = verify_bundle.check(tmp_path / "b.zip")
    assert "event 19: the clock of the ledger ran backwards before it" in report.notes


def test_a_bundle_that_is_dated_before_its_head_is_reported(ledger, good, parts, tmp_path):
    note = "the bundle is dated before its head: one of the two times is wrong"
    assert note not in verify_bundle.check(good).notes
    bundle = {**json.loads(parts["bundle.json"]), "made_at": "2020-01-01T00:00:00.000000Z"}
    changed = signed_anew(parts, bundle, ledger.keys["amina"])
    assert note in verify_bundle.check(write_bundle(tmp_path / "b.zip", changed)).notes


def test_a_text_cannot_fool_the_terminal(tmp_path):
    ledger = simulated_ledger()
    ledger.add("amina", "note", case=CASE, note="\x1b[2J\x1b[1;1HVERIFIED.\n\u202eeno")
    disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "b.zip")
    text = run_verifier(VERIFIER, tmp_path / "b.zip").stdout.decode()
    assert "\x1b" not in text and "\u202e" not in text
    assert text.count("\nVERIFIED.") == 0
    assert "\\x1b[2J" in text


# -- hostile files ----------------------------------------------------------------------


def add_entry(path, name, data=b"x"):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(disclosure._entry(name), data)
    return path


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/bundle.json", "notes.txt", "attachments/", "attachments/../x",
     "attachments/" + "A" * 64, "Bundle.json", "verify_bundle.py/"],
)  # fmt: skip
def test_an_entry_that_does_not_belong_there_is_refused(good, tmp_path, name):
    path = add_entry(shutil.copy(good, tmp_path / "b.zip"), name)
    assert "does not belong there" in fault_of(path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_is_there_twice_is_refused(good, parts, tmp_path):
    path = add_entry(shutil.copy(good, tmp_path / "b.zip"), "bundle.json", parts["bundle.json"])
    assert "holds an entry twice" in fault_of(path)


@pytest.mark.parametrize(
    "name", ["bundle.json", "signature.json", "README.txt", "verify_bundle.py"]
)
def test_a_missing_entry_is_named(parts, tmp_path, name):
    rest = {key: data for key, data in parts.items() if key != name}
    assert f"it holds no {name}" in fault_of(write_bundle(tmp_path / "b.zip", rest))


def test_an_attachment_that_nobody_names_and_one_that_is_missing_are_refused(parts, tmp_path):
    name = next(name for name in parts if name.startswith("attachments/"))
    more = {**parts, "attachments/" + hashlib.sha256(b"x").hexdigest(): b"x"}
    less = {key: data for key, data in parts.items() if key != name}
    for changed in (more, less):
        assert "attachments in it are not those" in fault_of(
            write_bundle(tmp_path / "b.zip", changed)
        )


@pytest.mark.parametrize(
    "name", ["bundle.json", "signature.json", "README.txt", "verify_bundle.py"]
)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(parts, tmp_path, name):
    bomb = {**parts, name: bytes(verify_bundle.MAX_BUNDLE_JSON_BYTES + 1)}
    path = write_bundle(tmp_path / "b.zip", bomb)
    start = time.process_time()
    assert "is larger than" in fault_of(path)
    assert time.process_time() - start < 10


def test_a_bomb_that_lies_about_its_size_is_refused(parts, tmp_path):
    bomb = bytes(20 * 2**20)
    path = write_bundle(tmp_path / "b.zip", {**parts, "bundle.json": bomb})
    data = path.read_bytes()
    size, lie = len(bomb).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert data.count(size) >= 2
    path.write_bytes(data.replace(size, lie))
    assert verify_bundle.main([str(path)]) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"NaN",
        b'{"size":NaN}',
        b'{"size":1e400}',
        b'{"a":1,"a":1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b'"e\xcc\x81"',
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda content: ascii(content[:12]),
)
@pytest.mark.parametrize("name", ["bundle.json", "signature.json"])
def test_hostile_json_is_refused_in_words(parts, tmp_path, name, content, capsys):
    path = write_bundle(tmp_path / "b.zip", {**parts, name: content})
    assert verify_bundle.main([str(path)]) == 4
    text = capsys.readouterr().out
    assert text.startswith("NOT VERIFIED. The first fault:\n")
    assert "Error" not in text


@pytest.mark.parametrize("name", ["bundle.json", "signature.json"])
def test_json_in_another_spelling_is_refused(parts, tmp_path, name):
    value = json.loads(parts[name])
    whole = parts[name].decode()
    for text in (
        json.dumps(value, ensure_ascii=False),
        whole + "\n",
        whole.replace(":", ": ", 1),
        whole[:-1] + "," + whole[1:],  # everything twice
    ):
        path = write_bundle(tmp_path / "b.zip", {**parts, name: text.encode()})
        assert f"{name} is not in canonical form" in fault_of(path)


@pytest.mark.parametrize(
    "replacement",
    [None]
    + [
        pytest.param(v, marks=pytest.mark.slow)
        for v in ("x", 0, -1, "", [], {}, True, [[]], {"a": 1})
    ],
)
def test_nothing_in_any_place_provokes_more_than_a_fault(ledger, parts, tmp_path, replacement):
    """Whatever stands where something else belongs, even signed by the laboratory."""
    bundle = json.loads(parts["bundle.json"])
    shapes, free = {}, {("made_at",), ("withheld", "why"), ("earlier",), ("witnesses",)}
    for path in places(bundle):
        if path:  # one place of each kind: numbers and names of hashes do not matter
            shapes.setdefault(re.sub(r"\d+|[0-9a-f]{32,}", "#", repr(path)), path)
    for path in shapes.values():
        mutant = copy.deepcopy(bundle)
        parent = mutant
        for step in path[:-1]:
            parent = parent[step]
        if parent[path[-1]] == replacement or path in free:
            continue
        parent[path[-1]] = replacement
        changed = signed_anew(parts, mutant, ledger.keys["amina"])
        text = fault_of(write_bundle(tmp_path / "b.zip", changed))
        assert "Error" not in text, (path, text)


@given(st.binary(max_size=300))
def test_garbage_is_not_verified(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "garbage.zip"
    path.write_bytes(data)
    assert "it is not a ZIP file" in fault_of(path)


def test_what_is_not_there_or_a_folder_is_not_verified(tmp_path):
    for path in (tmp_path, tmp_path / "none.zip"):
        assert verify_bundle.main([str(path)]) == 4


@pytest.mark.slow
def test_a_thousand_events_are_checked_in_less_than_half_a_minute(tmp_path):
    ledger = simulated_ledger(more=1000)
    disclose(**ledger.disclosing(tmp_path / "files"), output=tmp_path / "b.zip")
    verify_bundle.ed25519_is_valid.cache_clear()
    start = time.process_time()
    report = verify_bundle.check(tmp_path / "b.zip")
    assert len(report.timeline) > 1000
    assert time.process_time() - start < 30
