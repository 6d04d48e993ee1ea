"""The index that answers is bound to the SHA-256 that a finding names."""

import json
import os

import pytest
from simulation import query

from forensics.barcode.matching.index import FORMAT, Index
from forensics.barcode.packaged import check_tables, digest_tables
from forensics.barcode.reference.library import (
    MAX_BYTES_ALWAYS_CHECKED,
    MIN_QUERIES_CHECKED,
    IndexState,
    check_recordable,
    is_cheap,
    open_library,
    written,
)
from forensics.errors import LibraryError, UsageError, VerificationError
from forensics.examination import identify
from forensics.io.files import sha256
from forensics.taxonomy import names


def replace_in(path, old, new):
    """Replace bytes by as many, in the place where they lie and without a new file."""
    content = path.read_bytes()
    assert len(old) == len(new) and old in content
    with open(path, "r+b") as handle:
        handle.write(content.replace(old, new))


def swap_names(folder):
    """Give the records of one species in the index the name of another; the records stay."""
    index = folder / "COI" / "index.bin"
    replace_in(index, b"Fictus albus", b"Fictus niger")


def codes(result):
    return {warning.code for warning in result.warnings}


def test_a_name_changed_in_the_index_is_noticed_before_an_answer(library_folder):
    swap_names(library_folder)
    with pytest.raises(VerificationError, match=r"index\.bin is not the index that its manifest"):
        identify(query(), library=library_folder)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9, 0.999])
def test_any_changed_byte_of_an_index_is_noticed(library_folder, place):
    path = library_folder / "12S" / "index.bin"
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(VerificationError, match=r"index\.bin"):
        open_library(library_folder).check_indexes()
    with pytest.raises(VerificationError, match=r"index\.bin"):
        open_library(library_folder).verify()


def test_an_index_and_its_manifest_changed_together_give_another_identity(library_folder):
    before = open_library(library_folder).sha256
    swap_names(library_folder)
    path = library_folder / "COI" / "manifest.json"
    entry = json.loads(path.read_bytes())
    entry["index"]["sha256"] = Index.open(library_folder / "COI" / "index.bin").digest()
    path.write_bytes(written(entry))
    with pytest.raises(VerificationError, match="not the one that library.json names"):
        identify(query(), library=library_folder)
    description = json.loads((library_folder / "library.json").read_bytes())

    description["loci"]["COI"] = sha256(path)
    (library_folder / "library.json").write_bytes(written(description))
    assert open_library(library_folder).sha256 != before
    # Nothing but the records shows that this index was not made from them.
    with pytest.raises(VerificationError, match="not the index of its records"):
        open_library(library_folder).verify()


def test_a_library_that_changes_while_it_is_open_is_compared_again(library_folder):
    opened = open_library(library_folder)
    (first,) = identify(query(), library=opened)
    assert first.provenance.library["index"] == "checked"
    os.utime(library_folder / "COI" / "index.bin", ns=(1, 1))
    identify(query(), library=opened)  # touched, and the same
    swap_names(library_folder)
    with pytest.raises(VerificationError, match=r"index\.bin"):
        identify(query(), library=opened)


def test_what_was_compared_is_not_read_again(library_folder, monkeypatch):
    opened = open_library(library_folder)
    opened.check_indexes()

    def fail(_index):
        raise AssertionError("hashed twice")

    monkeypatch.setattr(Index, "digest", fail)
    opened.check_indexes()
    identify(query(), library=opened)


def test_a_build_names_the_index_and_its_format(library):
    for locus in library.loci:
        entry = library.manifest(locus)["index"]
        assert entry == {"format": FORMAT, "sha256": library.index(locus).digest()}


def test_a_check_is_cheap_in_small_libraries_and_long_runs():
    assert is_cheap(MAX_BYTES_ALWAYS_CHECKED, queries=0)
    assert not is_cheap(MAX_BYTES_ALWAYS_CHECKED + 1, queries=MIN_QUERIES_CHECKED - 1)
    assert is_cheap(MAX_BYTES_ALWAYS_CHECKED + 1, queries=MIN_QUERIES_CHECKED)


@pytest.fixture
def large(monkeypatch):
    """Let every index count as a large one."""
    monkeypatch.setattr("forensics.barcode.reference.library.MAX_BYTES_ALWAYS_CHECKED", 1)
    monkeypatch.setattr("forensics.barcode.reference.library.MIN_QUERIES_CHECKED", 3)
    monkeypatch.setattr("forensics.barcode.examination.MIN_QUERIES_CHECKED", 3)


def test_a_short_run_on_a_large_library_says_that_it_was_not_compared(library_folder, large):
    results = identify([query(), query()], library=library_folder)
    for result in results:
        assert result.taxon == "Fictus albus" and "INDEX_NOT_CHECKED" in codes(result)
        assert result.provenance.library["index"] == IndexState.NOT_CHECKED
        with pytest.raises(UsageError, match="not compared with the SHA-256"):
            check_recordable(result.provenance.library)


def test_a_long_run_on_a_large_library_is_compared_and_complete(library_folder, large):
    results = identify([query()] * 4, library=library_folder)
    assert len(results) == 4
    assert {result.provenance.library["index"] for result in results} == {"checked"}
    assert not any("INDEX_NOT_CHECKED" in codes(result) for result in results)
    swap_names(library_folder)
    with pytest.raises(VerificationError, match=r"index\.bin"):
        identify([query()] * 3, library=library_folder)


def test_what_is_to_be_signed_is_always_compared(library_folder, large):
    (result,) = identify(query(), library=library_folder, check_library=True)
    check_recordable(result.provenance.library)
    swap_names(library_folder)
    with pytest.raises(VerificationError, match=r"index\.bin"):
        identify(query(), library=library_folder, check_library=True)


def test_an_index_in_memory_is_of_records_that_were_hashed(library_folder):
    (library_folder / "COI" / "index.bin").unlink()
    (result,) = identify(query(), library=library_folder, locus="COI", check_library=True)
    assert result.provenance.library["index"] == "checked"


@pytest.mark.parametrize(
    "entry",
    [None, [], "x", {}, {"format": 1}, {"format": 1, "sha256": 3}, {"format": 2, "sha256": "ab"}],
)
def test_an_entry_that_names_no_index_is_refused(library_folder, entry):
    path = library_folder / "COI" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["index"] = entry
    path.write_bytes(written(manifest))
    description = json.loads((library_folder / "library.json").read_bytes())

    description["loci"]["COI"] = sha256(path)
    (library_folder / "library.json").write_bytes(written(description))
    with pytest.raises(LibraryError, match="which index belongs to its records"):
        identify(query(), library=library_folder)


# -- the packaged library, and packaged tables ------------------------------------------


def test_the_packaged_manifests_name_the_indexes_that_this_machine_builds(embedded):
    """Where the format of the index has changed: python reference_sequences/build.py --indexes."""
    for locus in embedded.loci:
        assert embedded.manifest(locus)["index"]["format"] == FORMAT
    embedded.check_indexes()
    assert embedded.index_state() is IndexState.CHECKED


def test_a_result_names_the_packaged_tables_that_it_consulted(library_folder):
    (result,) = identify(query(), library=library_folder)
    tables = result.to_dict()["provenance"]["tables"]
    assert set(tables) == {"listings", "lineages", "contaminants", "exemplars"}
    assert tables == digest_tables()  # else: make tables


def test_a_packaged_table_that_was_changed_is_noticed(tmp_path, monkeypatch):
    check_tables()
    changed = tmp_path / "lineages.tsv"
    changed.write_bytes(names.TABLE.read_bytes() + b"\n")
    monkeypatch.setattr(names, "TABLE", changed)
    with pytest.raises(VerificationError, match="lineages"):
        check_tables()
