import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import time

import pytest
from simulation import LENGTHS, query, reference_records

from forensics.barcode.matching.index import FORMAT, Index
from forensics.barcode.packaged import check_tables, digest_tables
from forensics.barcode.reference import writing as module
from forensics.barcode.reference.library import (
    MAX_BYTES_ALWAYS_CHECKED,
    MIN_QUERIES_CHECKED,
    IndexState,
    check_recordable,
    is_cheap,
    open_library,
    written,
)
from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.reference.writing import new_folder, write_library
from forensics.errors import LibraryError, UsageError, VerificationError
from forensics.examination import identify
from forensics.io.files import sha256
from forensics.taxonomy import names


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listing(folder):
    return sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in [*folder.rglob("*"), folder]
    )


def test_what_was_written_is_read_again(library):
    assert library.loci == tuple(sorted(LENGTHS))
    for locus in library.loci:
        expected = sorted(
            ((r, s) for r, s in reference_records() if r.locus == locus),
            key=lambda pair: (pair[0].label, pair[0].accession),
        )
        assert library.records(locus) == expected
        assert library.manifest(locus)["records"] == len(expected)
        assert library.index(locus).record_count == len(expected)
    library.verify()


def test_building_twice_gives_the_same_bytes(tmp_path, library_folder):
    shuffled = reference_records()
    random.Random(5).shuffle(shuffled)
    write_library(tmp_path / "again", shuffled, name="simulated", title="Simulated library")
    assert files_of(tmp_path / "again") == files_of(library_folder)


def test_a_large_library_is_packed_faster_and_says_the_same(tmp_path, library, monkeypatch):
    monkeypatch.setattr(module, "_MANY", 2)
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    write_library(tmp_path / "large", reference_records(), calibrated=False, name="x")
    large = open_library(tmp_path / "large")
    large.verify()
    for locus in library.loci:
        assert large.records(locus) == library.records(locus)
        packed = (tmp_path / "large" / locus / "records.fasta.gz").read_bytes()
        assert packed != (library.path / locus / "records.fasta.gz").read_bytes()


def test_what_was_left_out_is_listed(tmp_path):
    left = LeftOut("x.fasta", 3, "A1", "Fictus\talbus", "too\nshort")
    write_library(tmp_path / "library", reference_records(), left_out=[left], name="x")
    rows = (tmp_path / "library" / "left_out.tsv").read_text().splitlines()
    assert rows == [
        "file\trecord\taccession\tname\treason",
        "x.fasta\t3\tA1\tFictus albus\ttoo short",
    ]


@pytest.mark.parametrize("before", [False, True], ids=["new", "over an old one"])
def test_a_failed_build_leaves_the_old_library_or_none(
    tmp_path, monkeypatch, library_folder, before
):
    target = library_folder if before else tmp_path / "new" / "library"
    old = files_of(target) if before else None

    def fail(*_arguments, **_options):
        raise LibraryError("no")

    monkeypatch.setattr(module, "write_index", fail)
    with pytest.raises(LibraryError, match="^no$"):
        write_library(target, reference_records(), name="x")
    assert target.exists() is before
    assert old is None or files_of(target) == old
    assert [path.name for path in target.parent.iterdir()] == ([target.name] if before else [])


def test_a_killed_build_leaves_the_old_library(tmp_path, library_folder):
    old = files_of(library_folder)
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from forensics.barcode.reference import writing\n"
        "from forensics.barcode.reference.records import ReferenceRecord\n"
        "def wait(path, records):\n"
        "    print('here', flush=True)\n"
        "    time.sleep(60)\n"
        "writing.write_index = wait\n"
        "record = ReferenceRecord.named('A1', 'Fictus albus', locus='COI')\n"
        "writing.write_library(Path(sys.argv[1]), [(record, 'ACGT' * 99)], name='x')\n"
    )
    path = os.path.dirname(os.path.dirname(os.path.dirname(module.__file__)))
    with subprocess.Popen(
        [sys.executable, "-c", script, str(library_folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdout.readline().strip() == b"here"
        process.kill()
    assert files_of(library_folder) == old
    open_library(library_folder).verify()


def test_a_library_takes_the_place_of_a_library(library_folder):
    write_library(library_folder, reference_records()[:3], name="other")
    opened = open_library(library_folder)
    assert (opened.name, opened.loci) == ("other", ("COI",))


@pytest.mark.parametrize("target", ["", "precious.txt"])
def test_a_folder_or_file_that_is_something_else_is_left_alone(tmp_path, target):
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(LibraryError, match="exists and is not a library; give a new folder"):
        write_library(tmp_path / target, reference_records(), name="x")
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
    assert (tmp_path / "precious.txt").read_text() == "x"


def test_nothing_makes_no_library(tmp_path):
    with pytest.raises(LibraryError, match="No record"):
        write_library(tmp_path / "library", [], name="x")
    assert list(tmp_path.iterdir()) == []


# -- indexes that are absent, old or damaged --------------------------------------------


def warned(folder):
    (result,) = identify(query(), library=folder, locus="COI")
    assert (result.status, result.taxon) == ("identified", "Fictus albus")
    return "INDEX_BUILT_IN_MEMORY" in [warning.code for warning in result.warnings]


def test_a_stale_index_is_built_in_memory_with_a_warning(tmp_path, library_folder):
    write_library(tmp_path / "other", reference_records()[:3], name="other")
    os.replace(tmp_path / "other" / "COI" / "index.bin", library_folder / "COI" / "index.bin")
    before = listing(library_folder)
    assert warned(library_folder)
    assert listing(library_folder) == before


@pytest.mark.parametrize("indexed", [True, False])
def test_a_read_only_library_serves(library_folder, indexed):
    if not indexed:
        (library_folder / "COI" / "index.bin").unlink()
    folders = [path for path in [library_folder, *library_folder.rglob("*")] if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    try:
        before = listing(library_folder)
        assert warned(library_folder) is not indexed
        assert listing(library_folder) == before
    finally:
        for path in folders:
            path.chmod(0o755)


def test_an_index_of_another_format_is_refused(library_folder):
    path = library_folder / "COI" / "index.bin"
    content = bytearray(path.read_bytes())
    content[18] = FORMAT + 1
    path.write_bytes(content)
    with pytest.raises(
        LibraryError, match=f"format {FORMAT + 1}; this version reads format {FORMAT}"
    ):
        open_library(library_folder).index("COI")


@pytest.mark.parametrize("kept", [0, 10, 40, 70, 500, -1])
def test_an_index_that_was_cut_off_is_refused(library_folder, kept):
    path = library_folder / "COI" / "index.bin"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(LibraryError, match=r"index\.bin is (damaged or cut off|not an index)"):
        open_library(library_folder).index("COI")


# -- libraries that are not what they claim ----------------------------------------------


def tamper_with_records(folder):
    path = folder / "COI" / "records.fasta.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(text.replace("ACG", "ACT", 1).encode(), mtime=0))


def tamper_with_names(folder):
    path = folder / "COI" / "records.tsv"
    path.write_text(path.read_text().replace("Fictus albus", "Fictus niger", 1))


@pytest.mark.parametrize("tamper", [tamper_with_records, tamper_with_names])
def test_records_that_were_changed_are_found(library_folder, tamper):
    tamper(library_folder)
    with pytest.raises(VerificationError, match="its manifest names"):
        open_library(library_folder).verify()
    (library_folder / "COI" / "index.bin").unlink()
    with pytest.raises(VerificationError, match="its manifest names"):
        identify(query(), library=library_folder)


def test_a_manifest_that_was_changed_is_found(library_folder):
    path = library_folder / "COI" / "manifest.json"
    path.write_text(path.read_text().replace('"records": ', '"records": 1'))
    for ask in (lambda opened: opened.index("COI"), lambda opened: opened.verify()):
        with pytest.raises(VerificationError, match="not the one that library.json names"):
            ask(open_library(library_folder))


@pytest.mark.parametrize("name", ["records.fasta.gz", "records.tsv", "manifest.json"])
def test_a_file_that_is_missing_is_named(library_folder, name):
    (library_folder / "COI" / name).unlink()
    with pytest.raises(LibraryError, match=f"{name} cannot be read"):
        open_library(library_folder).verify()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"name": "x"}', '{"name": "x", "loci": [1]}', "\0"]
)
def test_a_description_that_is_none_is_told(library_folder, content):
    (library_folder / "library.json").write_text(content)
    with pytest.raises(LibraryError, match=r"library\.json"):
        open_library(library_folder)


def test_a_folder_without_description_says_what_to_give(tmp_path):
    with pytest.raises(LibraryError, match="is not a library.*forensics library build"):
        open_library(tmp_path)


def test_the_digest_stands_for_the_whole(library_folder):
    opened = open_library(library_folder)
    description = json.loads((library_folder / "library.json").read_text())
    assert set(description["loci"]) == set(opened.loci)
    before = opened.sha256
    records = reference_records()
    records[0] = (records[0][0], records[0][1][:-1])
    write_library(library_folder, records, name="simulated", title="Simulated library")
    assert open_library(library_folder).sha256 != before


def test_opening_a_library_is_fast(library_folder):
    start = time.process_time()
    open_library(library_folder).index("COI")
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("place", ["case_notes.txt", "COI/photo.jpg", "folder/thing"])
def test_a_library_folder_with_files_of_somebody_is_not_replaced(library_folder, place):
    path = library_folder / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("of the case")
    with pytest.raises(LibraryError, match="Move it away"):
        write_library(library_folder, reference_records(), name="new", calibrated=False)
    assert path.read_text() == "of the case"


# -- what a killed build leaves behind ---------------------------------------------------


def hidden(parent):
    return sorted(path.name for path in parent.iterdir() if path.name.startswith("."))


def test_a_killed_build_is_cleared_away_by_the_next(tmp_path):
    target = tmp_path / "library"
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from forensics.barcode.reference.writing import new_folder\n"
        "with new_folder(Path(sys.argv[1])) as partial:\n"
        "    (partial / 'half.tsv').write_text('half')\n"
        "    os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, target])
    assert killed.returncode != 0 and len(hidden(tmp_path)) == 1
    write_library(target, reference_records(), name="x", calibrated=False)
    assert hidden(tmp_path) == []
    assert not (target / ".lock").exists()
    open_library(target).verify()


def test_a_build_that_still_runs_is_left_alone(tmp_path):
    target = tmp_path / "library"
    with new_folder(target) as partial:
        (partial / "half.tsv").write_text("half")
        write_library(tmp_path / "library", reference_records(), name="x", calibrated=False)
        assert (partial / "half.tsv").is_file()
        shutil.rmtree(target)
    assert (target / "half.tsv").is_file() and hidden(tmp_path) == []


def test_what_is_not_ours_is_left_alone(tmp_path):
    for name in (".library.notes123", ".library", ".other.abcdefgh", ".library.abcdefgh"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("mine")
    write_library(tmp_path / "library", reference_records(), name="x", calibrated=False)
    assert len(hidden(tmp_path)) == 4


def test_what_was_put_aside_goes_once_a_library_stands(tmp_path):
    aside = tmp_path / ".library.old.abcdefgh"
    (aside / "library").mkdir(parents=True)
    write_library(tmp_path / "library", reference_records(), name="x", calibrated=False)
    assert aside.is_dir()  # it might have been the only copy
    write_library(tmp_path / "library", reference_records(), name="x", calibrated=False)
    assert hidden(tmp_path) == []


def test_the_index_is_that_of_the_files_though_values_hold_line_ends(tmp_path):
    records = [
        (ReferenceRecord("S1", "Fictus  aaa", "Fictus  aaa", "Fictus", locus="COI", country="a\nb"), "ACGT" * 160),
        (ReferenceRecord("S2", "Fictus aaa", "Fictus aaa", "Fictus", locus="COI"), "ACGA" * 160),
    ]  # fmt: skip
    write_library(tmp_path / "library", records, calibrated=False, name="x")
    library = open_library(tmp_path / "library")
    library.verify()
    assert library.index("COI").species_count == 1


@pytest.mark.parametrize("step", [1, 2])
def test_where_a_folder_cannot_be_moved_the_old_library_stays(library_folder, monkeypatch, step):
    before = open_library(library_folder).sha256
    moves = []

    def move(source, target):
        if os.path.isdir(source):
            moves.append(target)
            if len(moves) == step:  # as Windows does while somebody has the index open
                raise PermissionError(13, "Access is denied")
        os.rename(source, target)

    monkeypatch.setattr("forensics.barcode.reference.writing.os.replace", move)
    with pytest.raises(LibraryError, match="the old library is kept"):
        write_library(library_folder, reference_records(), name="new", calibrated=False)
    assert open_library(library_folder).sha256 == before
    assert hidden(library_folder.parent) == []


# -- The index that answers is bound to the SHA-256 that a finding names


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
    [
        None,
        [],
        "x",
        {},
        {"format": FORMAT},
        {"format": FORMAT, "sha256": 3},
        {"format": FORMAT + 1, "sha256": "ab"},
    ],  # fmt: skip
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
