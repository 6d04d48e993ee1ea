import hashlib
import zipfile
from dataclasses import replace

import pytest
from simulation import SPECIES, query, reference_records

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.transfer import compare_libraries, export_library, import_library
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError, LibraryError, UsageError, VerificationError


@pytest.fixture
def exported(tmp_path, library):
    path = tmp_path / "exported.zip"
    export_library(library, path)
    return path


def rewrite(path, change):
    """Let `change` edit the names and contents of an archive; its sums are made anew."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sums = {}
    for line in files.pop("SHA256SUMS").decode().splitlines():
        digest, name = line.split("  ")
        sums[name] = digest
    change(files, sums)
    text = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("SHA256SUMS", text)


def refused(path, target, error, part):
    before = sorted(target.parent.rglob("*"))
    with pytest.raises(error) as caught:
        import_library(path, target)
    assert part in str(caught.value)
    assert sorted(target.parent.rglob("*")) == before


def digest_of(content):
    return hashlib.sha256(content).hexdigest()


def test_a_library_arrives_as_it_was_sent(tmp_path, library, exported):
    arrived = import_library(exported, tmp_path / "there")
    assert arrived.sha256 == library.sha256
    arrived.verify()
    for locus in library.loci:
        assert arrived.records(locus) == library.records(locus)
        arrived.index(locus)
    assert not arrived.built_in_memory


def test_exporting_twice_gives_the_same_bytes(tmp_path, library, exported):
    digest = export_library(library, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == exported.read_bytes()
    assert digest == digest_of(exported.read_bytes())


def test_an_existing_file_is_not_overwritten(library, exported):
    with pytest.raises(UsageError, match="already exists and is not overwritten"):
        export_library(library, exported)


def test_a_folder_that_is_not_there_is_named_by_the_file_that_was_given(tmp_path, library):
    with pytest.raises(InputError, match=r"The file cannot be written: No such file") as raised:
        export_library(library, tmp_path / "none" / "x.zip")
    assert str(raised.value).startswith(str(tmp_path / "none" / "x.zip"))


def test_a_library_that_was_tampered_with_is_not_exported(tmp_path, library_folder):
    path = library_folder / "COI" / "records.tsv"
    path.write_text(path.read_text().replace("albus", "niger", 1))
    with pytest.raises(VerificationError):
        export_library(open_library(library_folder), tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_an_import_replaces_a_library_and_nothing_else(tmp_path, exported, library_folder):
    import_library(exported, library_folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("x")
    refused(exported, other, LibraryError, "exists and is not a library")


def test_a_changed_file_is_found(tmp_path, exported):
    def change(files, sums):
        files["COI/records.tsv"] += b"x"

    rewrite(exported, change)
    refused(exported, tmp_path / "t" / "library", VerificationError, "COI/records.tsv")


def test_a_changed_file_with_a_changed_sum_is_found(tmp_path, exported):
    def change(files, sums):
        files["COI/records.tsv"] = files["COI/records.tsv"].replace(b"albus", b"niger")
        sums["COI/records.tsv"] = digest_of(files["COI/records.tsv"])

    rewrite(exported, change)
    refused(exported, tmp_path / "library", VerificationError, "its manifest names")


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "/evil", "COI/../../evil", "..\\evil", "C:evil", "COI/deep/evil", "COI/..",
        "folder/", "./../evil",
    ],
)  # fmt: skip
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, exported, name):
    def change(files, sums):
        files[name] = b"evil"
        sums[name] = digest_of(b"evil")

    rewrite(exported, change)
    refused(exported, tmp_path / "t" / "library", LibraryError, "is not a file name of a library")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("listed", [True, False])
def test_files_and_list_must_agree(tmp_path, exported, listed):
    def change(files, sums):
        if listed:
            sums["missing"] = "0" * 64
        else:
            files["unlisted"] = b"x"

    rewrite(exported, change)
    refused(exported, tmp_path / "library", VerificationError, "not those that it lists")


def test_too_many_files_are_refused(tmp_path, exported):
    def change(files, sums):
        for number in range(1001):
            files[f"x{number}"] = b""
            sums[f"x{number}"] = digest_of(b"")

    rewrite(exported, change)
    refused(exported, tmp_path / "library", LibraryError, "unpacks to too much")


def test_a_bomb_is_refused(tmp_path, exported, monkeypatch):
    monkeypatch.setattr("forensics.barcode.reference.transfer._MAX_BYTES", 1 << 20)

    def change(files, sums):
        files["bomb"] = bytes(2 << 20)
        sums["bomb"] = digest_of(files["bomb"])

    rewrite(exported, change)
    refused(exported, tmp_path / "library", LibraryError, "which is too much for data")


def test_a_list_that_is_a_bomb_is_refused(tmp_path, exported):
    def change(files, sums):
        sums["x" * (2 << 20)] = "0" * 64

    rewrite(exported, change)
    refused(exported, tmp_path / "library", LibraryError, "unpacks to too much")


def test_damaged_files_are_refused(tmp_path, exported):
    whole = exported.read_bytes()
    for kept in (0, 30, len(whole) // 2, len(whole) - 30):
        exported.write_bytes(whole[:kept])
        refused(exported, tmp_path / "t" / "library", LibraryError, "damaged or not an exported")
    middle = whole.index(b"records.fasta.gz") + 400
    exported.write_bytes(whole[:middle] + bytes(8) + whole[middle + 8 :])
    with pytest.raises((LibraryError, VerificationError)):
        import_library(exported, tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_wrong_files_are_refused(tmp_path):
    target = tmp_path / "t" / "library"
    target.parent.mkdir()
    refused(tmp_path / "missing.zip", target, LibraryError, "does not exist")
    refused(tmp_path, target, LibraryError, str(tmp_path))
    (tmp_path / "x.fasta").write_text(">a\nACGT\n")
    refused(tmp_path / "x.fasta", target, LibraryError, "not an exported library")
    with zipfile.ZipFile(tmp_path / "x.docx", "w") as archive:
        archive.writestr("word/document.xml", "<xml/>")
    refused(tmp_path / "x.docx", target, LibraryError, "not an exported library")


def test_an_encrypted_archive_is_refused(tmp_path, exported):
    content = bytearray(exported.read_bytes())
    for magic, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = 0
        while (start := content.find(magic, start)) >= 0:
            content[start + place] |= 1
            start += 4
    exported.write_bytes(content)
    refused(exported, tmp_path / "library", LibraryError, "encrypted")


# -- What one library has that another has not. The libraries are SIMULATED


@pytest.fixture
def built(tmp_path):
    def build(name, records):
        write_library(tmp_path / name, records, calibrated=False, name=name)
        return open_library(tmp_path / name)

    return build


def changes(found):
    return [
        (c.change, c.locus, c.old_accession, c.old_name, c.new_accession, c.new_name, c.by)
        for c in found.records
    ]


def test_equal_libraries_do_not_differ(built):
    one, other = built("one", reference_records()), built("one", reference_records())
    found = compare_libraries(one, other)
    assert found.same
    assert (found.records, found.species_gained, found.species_lost) == ((), (), ())
    assert [row["old_records"] for row in found.loci] == [16, 16]


def test_records_are_gained_lost_renamed_changed_and_moved(built):
    old = [pair for pair in reference_records() if pair[0].locus == "COI"]
    by = {record.accession: (record, sequence) for record, sequence in old}
    new = dict(by)
    lost = new.pop("SIMCOI40")[0]  # one of three of its species
    for accession in ("SIMCOI30", "SIMCOI31", "SIMCOI32"):  # a whole species
        del new[accession]
    record, sequence = new["SIMCOI00"]
    new["SIMCOI00"] = (replace(record, species="Novus albus", genus="Novus"), sequence)
    record, sequence = new["SIMCOI11"]
    new["SIMCOI11"] = (record, sequence[:-9])
    record, sequence = new.pop("SIMCOI21")
    new["MOVED"] = (replace(record, accession="MOVED"), sequence)
    record, sequence = new.pop("SIMCOI22")
    new["OTHER"] = (
        replace(record, accession="OTHER", name="Fictus ater", species="Fictus ater"),
        sequence,
    )
    new["NEW"] = (ReferenceRecord.named("NEW", "Novus novus", locus="COI"), query("Fictus niger"))
    found = compare_libraries(built("old", old), built("new", list(new.values())))
    assert changes(found) == [
        ("gained", "COI", "", "", "NEW", "Novus novus", ""),
        ("lost", "COI", lost.accession, lost.label, "", "", ""),
        *(("lost", "COI", f"SIMCOI3{n}", SPECIES[3], "", "", "") for n in range(3)),
        ("renamed", "COI", "SIMCOI22", SPECIES[2], "OTHER", "Fictus ater", "sequence"),
        ("renamed", "COI", "SIMCOI00", SPECIES[0], "SIMCOI00", "Novus albus", "accession"),
        ("changed", "COI", "SIMCOI11", SPECIES[1], "SIMCOI11", SPECIES[1], "accession"),
        ("moved", "COI", "SIMCOI21", SPECIES[2], "MOVED", SPECIES[2], "sequence"),
    ]
    assert found.species_gained == ("Fictus ater", "Novus albus", "Novus novus")
    assert found.species_lost == (SPECIES[3],)
    assert found.loci[0] == {
        "locus": "COI", "old_records": 16, "new_records": 13,
        "gained": 1, "lost": 4, "renamed": 2, "changed": 1, "moved": 1,
    }  # fmt: skip


def test_another_version_of_an_accession_is_the_same_record(built):
    one = ReferenceRecord.named("MN1.1", "Fictus albus", locus="COI")
    other = replace(one, accession="MN1.2", species="Fictus niger", name="Fictus niger")
    found = compare_libraries(built("old", [(one, query())]), built("new", [(other, query()[:-5])]))
    assert [(c.change, c.by) for c in found.records] == [("renamed", "version")]


def test_a_locus_that_is_new_is_gained_whole(built):
    records = reference_records()
    old = [pair for pair in records if pair[0].locus == "COI"]
    found = compare_libraries(built("old", old), built("new", records))
    assert {c.change for c in found.records} == {"gained"}
    assert {c.locus for c in found.records} == {"12S"}
    assert (found.species_gained, found.species_lost) == ((), ())


def test_records_that_were_tampered_with_are_not_compared(built):
    one, other = built("one", reference_records()), built("two", reference_records())
    table = other.path / "COI" / "records.tsv"
    table.write_text(table.read_text().replace("albus", "niger", 1))
    with pytest.raises(VerificationError, match="is not the file that its manifest names"):
        compare_libraries(one, other)
