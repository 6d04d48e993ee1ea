"""A bundle cannot stop or crash the verifier, nor carry what is in no list."""

import io
import json
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from bundles import fault_of, signed_anew
from simulated_ledger import CASE, simulated_ledger, write_bundle

from forensics.custody import disclosure, verify_bundle
from forensics.custody.canonical import canonical
from forensics.custody.disclosure import disclose

ODD = "is not stored as in a bundle"
TEXTS = ("bundle.json", "signature.json", "README.txt", "verify_bundle.py")


def changed(good, path, change):
    data = bytearray(good.read_bytes())
    path.write_bytes(change(data))
    return path


def end_of(data):
    return len(data) - 22


def place_of_directory(data):
    return struct.unpack("<L", data[-6:-2])[0]


# -- the ZIP around a bundle ------------------------------------------------------------


def test_nothing_stands_before_the_entries(good, tmp_path):
    for front in (b"x", b"#!/bin/sh\nexit 0\n", bytes(100)):
        path = changed(good, tmp_path / "b.zip", lambda data, front=front: front + data)
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None  # to other programs it is a good ZIP
        assert "or before them" in fault_of(path)

    def moved(data):
        """The same with the places put right, as a program that opens itself has it."""
        place = place_of_directory(data)
        out = bytearray(b"x" * 10 + data)
        out[-6:-2] = struct.pack("<L", place + 10)
        at = place + 10
        while out[at : at + 4] == b"PK\x01\x02":
            old = struct.unpack("<L", out[at + 42 : at + 46])[0]
            out[at + 42 : at + 46] = struct.pack("<L", old + 10)
            at += 46 + sum(struct.unpack("<3H", out[at + 28 : at + 34]))
        return out

    path = changed(good, tmp_path / "c.zip", moved)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    assert ODD in fault_of(path)


def test_nothing_follows_the_end(good, tmp_path):
    path = changed(good, tmp_path / "b.zip", lambda data: data + b"x")
    assert "something follows it" in fault_of(path)


def test_a_comment_is_refused(good, tmp_path):
    path = tmp_path / "b.zip"
    shutil.copy(good, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"see page 7"
    assert "something follows it, such as a comment" in fault_of(path)

    def counted(data):
        # The end of a ZIP inside the comment of another: programs differ in which they take.
        inner = bytes(data[end_of(data) :])
        data[-2:] = struct.pack("<H", len(inner))
        return data + inner

    assert "or before them" in fault_of(changed(good, tmp_path / "c.zip", counted))
    path = changed(good, tmp_path / "d.zip", lambda data: data[:-2] + b"\x01\x00")
    assert "it has a comment" in fault_of(path)


@pytest.mark.parametrize(
    "change",
    [
        {"comment": b"see page 7"},
        {"extra": b"\x55\x54\x01\x00\x00"},
        {"extra": b"x"},
        {"extra": struct.pack("<2H8s", 1, 8, b"see here")},
        {"date_time": (1984, 4, 4, 13, 0, 0)},
        {"external_attr": 0o100644 << 16 | 7},
        {"internal_attr": 7},
        {"create_system": 7},
        {"create_version": 21},
        {"extract_version": 21},
        {"reserved": 7},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_carries_nothing_beside_its_bytes(parts, tmp_path, change):
    assert ODD in fault_of(write_bundle(tmp_path / "b.zip", parts, **change))


def test_nothing_stands_between_the_entries(parts, tmp_path):
    path = tmp_path / "b.zip"
    with path.open("wb") as stream, zipfile.ZipFile(stream, "w") as archive:
        for number, (name, data) in enumerate(parts.items()):
            archive.writestr(disclosure._entry(name), data)
            if number == 1:
                stream.write(b"what is in no list")
                archive.start_dir = stream.tell()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    assert ODD in fault_of(path)


def test_nothing_stands_between_the_last_entry_and_the_directory(good, tmp_path):
    def filled(data):
        place = place_of_directory(data)
        data[-6:-2] = struct.pack("<L", place + 5)
        return data[:place] + b"xxxxx" + data[place:]

    path = changed(good, tmp_path / "b.zip", filled)
    assert "between its entries and its directory" in fault_of(path)


def test_two_names_of_the_same_bytes_overlap(parts, tmp_path):
    """One entry that is listed many times fills a disk; here, two lists of one."""
    path = write_bundle(tmp_path / "b.zip", parts)
    data = bytearray(path.read_bytes())
    place = place_of_directory(data)
    first = struct.unpack("<L", data[place + 42 : place + 46])[0]
    length = 46 + sum(struct.unpack("<3H", data[place + 28 : place + 34]))
    data[place + length + 42 : place + length + 46] = struct.pack("<L", first)
    path.write_bytes(data)
    assert ODD in fault_of(path)


def test_sizes_after_the_bytes_are_refused(parts, tmp_path):
    class NoSeeking(io.RawIOBase):
        def __init__(self, stream):
            self.stream = stream

        def writable(self):
            return True

        def write(self, data):
            return self.stream.write(data)

    path = tmp_path / "b.zip"
    with path.open("wb") as stream:
        write_bundle(NoSeeking(stream), parts)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    assert ODD in fault_of(path)


@pytest.mark.slow
def test_a_zip_of_many_gigabytes_is_of_another_shape_and_as_good(ledger, tmp_path, monkeypatch):
    """ZIP64, as `disclose` writes it where a size or a place has more than 31 bits; here, more than 1,000."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    monkeypatch.setattr(verify_bundle, "LARGEST_IN_32", 1000)
    ledger = simulated_ledger()
    for size in (952, 953, 970, 1000, 1001):  # Python writes an extra field from 1000 / 1.05 on
        ledger.add("amina", "attach", case=CASE, description="x",
                   attachments=[ledger.attach("x.bin", bytes(size))])  # fmt: skip
    path = tmp_path / "b.zip"
    disclose(**ledger.disclosing(tmp_path / "files"), output=path)
    data = path.read_bytes()
    assert data.count(struct.pack("<2H", 1, 16)) >= 5 and b"PK\x06\x06" in data
    verify_bundle.check(path)
    every_byte_is_looked_at(data, tmp_path)


def every_byte_is_looked_at(data, tmp_path):
    """Change each byte that is not of the content of an entry."""
    path = tmp_path / "changed.zip"
    path.write_bytes(data)
    around = set(range(len(data)))
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            front = data[entry.header_offset : entry.header_offset + 30]
            begin = entry.header_offset + 30 + sum(struct.unpack("<2H", front[26:]))
            around -= set(range(begin, begin + entry.file_size))
    for number in sorted(around):
        path.write_bytes(data[:number] + bytes([data[number] ^ 1]) + data[number + 1 :])
        assert fault_of(path), number
    return len(around)


def test_every_byte_around_the_entries_is_looked_at(good, tmp_path):
    """Times, versions and permissions, too: bytes can be hidden there."""
    assert every_byte_is_looked_at(good.read_bytes(), tmp_path) > 500


# -- what it costs ----------------------------------------------------------------------


def limited(path):
    """Run the verifier as its reader does; return exit code, words, CPU seconds and megabytes."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("the memory of a process is read from /proc")
    script = (
        "import re, runpy, sys, time\n"
        "sys.argv = ['verify_bundle.py', sys.argv[1]]\n"
        f"try: runpy.run_path({verify_bundle.__file__!r}, run_name='__main__')\n"
        "finally:\n"
        "    memory = re.search('VmHWM: *([0-9]+)', open('/proc/self/status').read().replace('\\t', ''))\n"
        "    print(time.process_time(), memory.group(1), file=sys.stderr)\n"
    )
    found = subprocess.run([sys.executable, "-I", "-c", script, path], capture_output=True)
    assert b"Traceback" not in found.stderr, found.stderr
    seconds, size = map(float, found.stderr.split()[-2:])
    return found.returncode, found.stdout.decode(), seconds, size / 1024


BOMBS = {
    "lists": b'{"a":[' + b"[]," * 20_000_000 + b"0]}",
    "numbers": b"[" + b"1," * 30_000_000 + b"1]",
    "texts": b"[" + b'"",' * 20_000_000 + b'""]',
    "names": b'{"a":1' + b',"a":1' * 10_000_000 + b"}",
    "brackets": b"[" * 60_000_000,
    "quotes": b'"\\' * 30_000_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_file_does_not_take_gigabytes(parts, tmp_path, kind):
    """64 MiB of lists that hold nothing took 2.5 GB."""
    path = write_bundle(tmp_path / "b.zip", {**parts, "bundle.json": BOMBS[kind]})
    code, text, seconds, megabytes = limited(path)
    assert code == 4 and "NOT VERIFIED" in text, text
    assert megabytes < 600, megabytes
    assert seconds < 60, seconds


@pytest.mark.slow
def test_more_openings_cost_as_much_more(parts, ledger, tmp_path):
    """Comparing each with all before it, 40,000 took a minute."""
    bundle = json.loads(parts["bundle.json"])
    element = next(e for e in bundle["events"] if e["envelope"]["seq"] == 8)
    element["openings"] = [
        {"name": f"a{number:06d}", "salt": "00" * 32, "value": 1} for number in range(40_000)
    ]
    element["envelope"]["fields"] = {
        one["name"]: verify_bundle.sha256(
            b"forensics-field-1\0" + bytes(32) + canonical([one["name"], 1])
        ).hex()
        for one in element["openings"]
    }
    path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, ledger.keys["amina"]))
    start = time.process_time()
    assert fault_of(path).startswith("Event 8")
    assert time.process_time() - start < 20


def test_a_proof_longer_than_any_tree_is_refused(parts, ledger, tmp_path):
    bundle = json.loads(parts["bundle.json"])
    bundle["events"][0]["inclusion"] = ["00" * 32] * 100_000
    path = write_bundle(tmp_path / "b.zip", signed_anew(parts, bundle, ledger.keys["amina"]))
    assert "longer than any tree is high" in fault_of(path)


def test_a_check_that_takes_too_long_ends_with_a_sentence(good, monkeypatch):
    monkeypatch.setattr(verify_bundle, "MAX_BUNDLE_SECONDS", 0)
    assert fault_of(good) == "it takes longer than 0 s to check"


def test_a_sparse_file_is_no_bundle(tmp_path):
    path = tmp_path / "b.zip"
    with path.open("wb") as stream:
        try:
            stream.truncate(2**40)
        except OSError:
            pytest.skip("no file can be so long here")
    start = time.process_time()
    assert "it is not a ZIP file" in fault_of(path)
    assert time.process_time() - start < 5


def test_expiries_are_compared_with_heads_in_one_pass(ledger):
    """Of 10,000 heads and 20,000 events, each pair took a quarter of an hour."""
    keys = verify_bundle.Keys("0" * 32, {})
    early, late = "2026-01-01T00:00:00.000000Z", "2026-06-01T00:00:00.000000Z"
    keys.known = {"a": ["amina", 1, None, None], "b": ["bruno", 1, None, late]}
    keys.numbers = [*range(1, 20_001)]
    keys.signers = ["a"] * 19_999 + ["b"]
    keys.times = [early] * 20_000
    start = time.process_time()
    for size in range(1, 10_001):
        keys.check_later({"size": size, "time": early}, "it")
    assert time.process_time() - start < 5
    with pytest.raises(verify_bundle.Fault, match=r"^Event 20000: its key b had expired"):
        keys.check_later({"size": 5, "time": "2026-07-01T00:00:00.000000Z"}, "it")
    keys.check_later({"size": 20_000, "time": "2026-07-01T00:00:00.000000Z"}, "it")
