"""The embedded library: archives are opened with care, and what is shipped is what is said."""

import csv
import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

pytest.importorskip("openpyxl")

from forensics.barcode.reference.library import open_library  # noqa: E402
from forensics.barcode.reference.records import COLUMNS, ReferenceRecord  # noqa: E402
from forensics.barcode.sequence import reverse_complement  # noqa: E402
from forensics.taxonomy.backbone import Backbone  # noqa: E402
from reference_sequences import build as library_build  # noqa: E402
from reference_sequences.batches import scrambled_runs, unconfirmed  # noqa: E402
from reference_sequences.genomes import cut_region  # noqa: E402
from reference_sequences.packages import (  # noqa: E402
    PACKAGES,
    Package,
    PackageError,
    check_workbook,
    open_package,
)
from reference_sequences.sources import (  # noqa: E402
    HCO2198,
    LCO1490,
    iso_date,
    read_bats_and_lakes,
    trim_primers,
)

NAMES = Backbone({})
HERE = ROOT / "reference_sequences"
LOCI = sorted(p.parent.name for p in HERE.glob("*/manifest.json"))


# -- opening packages ---------------------------------------------------------------


def sdist(*members: tuple[str, bytes | tarfile.TarInfo]) -> bytes:
    buffer = io.BytesIO()
    # The time would stand in the archive, and so in the name of a test that takes one.
    zipped = gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0)
    with zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, contents in members:
            if isinstance(contents, tarfile.TarInfo):
                archive.addfile(contents)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(contents)
                archive.addfile(info, io.BytesIO(contents))
    return buffer.getvalue()


def deb(data: bytes, name: str = "data.tar.gz") -> bytes:
    out = b"!<arch>\n"
    for member, contents in (("debian-binary", b"2.0\n"), (name, data)):
        header = (
            f"{member:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(contents):<10}".encode() + b"`\n"
        )
        out += header + contents + b"\n" * (len(contents) % 2)
    return out


def pinned(
    tmp_path: Path, data: bytes, kind: str = "sdist", inside: str = "p-1/data.fa"
) -> Package:
    package = Package(
        "p", "1", "p-1.tar.gz", hashlib.sha256(data).hexdigest(), kind, "MIT", (("data", inside),)
    )
    (tmp_path / package.file).write_bytes(data)
    return package


def link(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return info


def test_members_are_read(tmp_path):
    assert open_package(tmp_path, pinned(tmp_path, sdist(("p-1/data.fa", b">a\nAC\n")))) == {
        "data": b">a\nAC\n"
    }
    inner = sdist(("./usr/data.fa", b">b\nAC\n"))
    assert open_package(tmp_path, pinned(tmp_path, deb(inner), "deb", "./usr/data.fa")) == {
        "data": b">b\nAC\n"
    }


def test_a_missing_package_says_how_to_get_it(tmp_path):
    for package in PACKAGES:
        with pytest.raises(PackageError) as caught:
            open_package(tmp_path, package)
        command = (
            "pip download --no-deps --no-binary :all:"
            if package.kind == "sdist"
            else "apt-get download"
        )
        assert (
            command in str(caught.value)
            and package.version in str(caught.value)
            and package.file in str(caught.value)
        )


def test_a_differing_package_is_refused(tmp_path):
    package = pinned(tmp_path, sdist(("p-1/data.fa", b"AC")))
    (tmp_path / package.file).write_bytes(b"other")
    with pytest.raises(PackageError, match="sha256"):
        open_package(tmp_path, package)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sdist(("p-1/data.fa", link("p-1/data.fa"))), "not a plain file"),
        (sdist(("p-1/other.fa", b"AC")), "lacks"),
        (sdist(("p-1/../p-1/data.fa", b"AC")), "lacks"),
        (b"no archive at all", "cannot be read"),
        (sdist(("p-1/data.fa", b"AC" * 1000))[:60], "cannot be read"),
    ],
)
def test_odd_archives_are_refused(tmp_path, data, message):
    with pytest.raises(PackageError, match=message):
        open_package(tmp_path, pinned(tmp_path, data))


def test_a_member_over_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("reference_sequences.packages.MEMBER_LIMIT", 10)
    with pytest.raises(PackageError, match="limit"):
        open_package(tmp_path, pinned(tmp_path, sdist(("p-1/data.fa", b"A" * 11))))


@pytest.mark.parametrize(
    "data",
    [
        b"!<arch>\n" + b"x" * 60,
        deb(b"", "data.tar.zst"),
        deb(b"", "control.tar.gz"),
        b"!<arch>\n",
        b"PK",
    ],
)
def test_damaged_debian_packages_are_refused(tmp_path, data):
    with pytest.raises(PackageError):
        open_package(tmp_path, pinned(tmp_path, data, "deb"))


def test_workbook_bombs_are_refused(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", b"0" * 5000)
    check_workbook(buffer.getvalue(), "x.xlsx")
    monkeypatch.setattr("reference_sequences.packages.WORKBOOK_LIMIT", 4999)
    with pytest.raises(PackageError, match="unpacks"):
        check_workbook(buffer.getvalue(), "x.xlsx")
    with pytest.raises(PackageError, match="not an xlsx"):
        check_workbook(b"text", "x.xlsx")


def test_no_registry_host_is_named():
    for path in [*HERE.glob("*.py"), *HERE.glob("*.md")]:
        text = path.read_text("utf-8")
        assert not any(
            host in text for host in ("pypi" + ".org", "pythonhosted", "deb.debian" + ".org")
        ), path


# -- reading ------------------------------------------------------------------------


def test_primers_are_cut_off():
    barcode = "AACATTATATTTTATTTTTGG" + "ACGTTGCA" * 80
    assert trim_primers(LCO1490 + barcode + reverse_complement(HCO2198)) == barcode
    assert trim_primers("TGTAAAACGACGGCCAGT" + LCO1490 + barcode) == barcode
    assert trim_primers(barcode) == barcode


def test_a_region_is_cut_from_either_strand_and_over_the_opening():
    piece, left, right = "ACGTTGCAAC" * 10, "GGATCCAATTGGCCATACGT", "TTGACCATGGAACCTTAGCA"
    circle = "C" * 500 + left + piece + reverse_complement(right) + "G" * 500
    for genome in (circle, reverse_complement(circle), circle[550:] + circle[:550]):
        assert cut_region(genome, left, right, (100, 100)) == piece
    with pytest.raises(PackageError, match="expected"):
        cut_region(circle, left, right, (90, 99))


def test_one_header_with_several_names():
    data = (
        b">NC_1.1 Epimedium ilicifolium;NC_2.1 Epimedium chlorandrum; MK3.1 Croton\nACGTAC\n"
        b">XXX6 Apiaceae (misc)\nAC\n"
    )
    records, drops = read_bats_and_lakes(
        data, "endangered/Mini-rbcL", "rbcL", "thapbi_pict 1.0.24", "MIT"
    )
    assert {sequence for _, sequence in records} == {"ACGTAC"}
    assert [(r.accession, r.species, r.genus, r.family) for r, _ in records] == [
        ("NC_1.1", "Epimedium ilicifolium", "Epimedium", "Berberidaceae"),
        ("NC_2.1", "Epimedium chlorandrum", "Epimedium", "Berberidaceae"),
        ("MK3.1", "", "Croton", "Euphorbiaceae"),
    ]
    assert [d.reason for d in drops] == ["NO_ACCESSION"]


def test_a_scrambled_plate_takes_its_unconfirmed_records_with_it():
    plate = [f"NLCOB{n:03d}-12" for n in range(100, 120)]
    sound = [f"NLCOB{n:03d}-12" for n in range(300, 320)] + ["Z78533.1"]
    runs = scrambled_runs(plate + sound, set(plate[:8]))
    assert set(plate[:15]) <= set(runs) <= set(plate)  # the far end has fewer wrong neighbours
    assert runs[plate[9]] == (8, 19) and runs[plate[0]] == (7, 12)
    records = [
        (ReferenceRecord(accession, species, species), sequence)
        for accession, species, sequence in [
            (plate[9], "Aus bus", "ACGT"),
            (plate[10], "Cus dus", "ACGA"),
            (plate[11], "", "AC"),
            (plate[12], "Cus dus", "ACGA"),
            (sound[0], "Aus bus", "ACGT"),
        ]
    ]

    def neighbours(sequence):
        return [(n, 1.0) for n, (_, other) in enumerate(records) if other == sequence]

    # Two records of one plate do not confirm each other.
    assert unconfirmed(records, runs, neighbours) == plate[10:13]
    # What is out already confirms nothing and is not named again.
    out = {sound[0], plate[11]}
    lost = unconfirmed(records, runs, neighbours, dropped=out)
    assert lost == [plate[9], plate[10], plate[12]]
    assert scrambled_runs(sound, set(sound[:3])) == {}


def test_dates_become_iso_where_their_form_is_plain():
    assert iso_date("17-Oct-1992") == "1992-10-17"
    assert iso_date("1992") == "1992" and iso_date("17-Mai-1992") == "17-Mai-1992"


def test_of_an_accession_that_occurs_twice_the_longer_stays():
    short, long = (ReferenceRecord("A1", "Aus bus", locus="16S", source=s) for s in "ab")
    for given in ([(short, "AC"), (long, "ACG")], [(long, "ACG"), (short, "AC")]):
        kept, (drop,) = library_build.unique(given)
        assert kept == [(long, "ACG")] and drop.package == "a"
    kept, (drop,) = library_build.unique([(short, "AC"), (long, "AC")])
    assert kept == [(short, "AC")] and drop.reason == "DUPLICATE_ACCESSION"


# -- what is shipped ----------------------------------------------------------------


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def sequences(path: Path) -> dict[str, str]:
    lines = gzip.decompress(path.read_bytes()).decode("ascii").split("\n")
    return {
        header[1:]: sequence
        for header, sequence in zip(lines[::2], lines[1::2], strict=False)
        if header
    }


def test_library_json_names_every_locus():
    library = json.loads((HERE / "library.json").read_text("utf-8"))
    assert (
        library["name"] == "embedded"
        and library["demonstration"] is True
        and "not for casework" in library["statement"]
    )
    assert sorted(library["loci"]) == LOCI
    for locus, digest in library["loci"].items():
        assert hashlib.sha256((HERE / locus / "manifest.json").read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("locus", LOCI)
def test_locus(locus):
    manifest = json.loads((HERE / locus / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((HERE / locus / name).read_bytes()).hexdigest() == digest
    table, fasta = rows(HERE / locus / "records.tsv"), sequences(HERE / locus / "records.fasta.gz")
    assert tuple(table[0]) == COLUMNS
    assert [r["accession"] for r in table] == list(fasta) and len(fasta) == len(table) == manifest[
        "records"
    ]
    assert len({r["species"] for r in table} - {""}) == manifest["species"]
    assert all(
        r["locus"] == locus and r["name"] and r["genus"] and r["source"] and r["licence"]
        for r in table
    )
    assert all(set(s) <= set("ACGTRYKMSWBDHVN") and s.strip("N") == s for s in fasta.values())
    assert all(r["licence"] in {"Apache-2.0", "BSD-3-Clause", "MIT", "Biopython"} for r in table)


def test_the_size_is_bounded():
    assert (
        sum(
            p.stat().st_size
            for p in HERE.rglob("*")
            if p.is_file() and "__pycache__" not in p.parts and p.name != "index.bin"
        )
        # 5 MB of records, 1.3 MB of the names of their genera, and 0.1 MB of sequences that stand for each locus
        < 6_800_000
    )


def test_known_swaps_are_not_in_the_library():
    gone = {r["record"]: r["reason"] for r in rows(HERE / "dropped.tsv")}
    shipped = {r["accession"] for r in rows(HERE / "COI" / "records.tsv")}
    # A tern, a bullfinch and a peregrine with a fulmar's sequence; a cuckoo with an owl's; two
    # warblers exchanged.
    for accession in (
        "NLAVE170-11",
        "NLAVE122-11",
        "NLAVE726-25",
        "NLAVE082-11",
        "NLAVE283-11",
        "NLAVE304-11",
    ):
        assert gone[accession] == "MISLABELLED" and accession not in shipped
    # The one true mouse stays: it is 99.8 % identical to the mouse genome of last-align.
    assert "NLMAM111-25" in shipped


def test_the_demonstration_is_kept_out():
    demonstration = HERE / "demonstration"
    held = rows(demonstration / "held_out.tsv")
    assert len(held) >= 12 and sum(r["expected"] == "species not in library" for r in held) == 3
    species = {locus: {r["species"] for r in rows(HERE / locus / "records.tsv")} for locus in LOCI}
    for r in held:
        inside = any(r["species"] in names for names in species.values())
        assert inside == (r["expected"] == "species in library"), r
        assert r["accession"] not in sequences(HERE / r["locus"] / "records.fasta.gz")
    coi = rows(HERE / "COI" / "records.tsv")
    assert sum(r["species"] == "Balaenoptera physalus" for r in coi) == 3
    bombus = {r["species"] for r in coi if r["genus"] == "Bombus"}
    assert len(bombus) >= 9 and "Bombus ignitus" not in bombus
    header, whale, _ = (demonstration / "fin_whale_COI.fasta").read_text("ascii").split("\n")
    assert header.startswith(">NC_001321.1_COI ") and len(whale) == 658
    reads = sorted(demonstration.glob("*.ab1.gz"))
    assert [p.name for p in reads] == [
        f"Bombus_ignitus_{name}.ab1.gz" for name in ("F", "R", "short_F", "short_R")
    ]
    assert all(p.read_bytes()[:2] == b"\x1f\x8b" for p in reads)


def test_targets():
    table = rows(HERE / "panels" / "targets.tsv")
    columns = ("group", "taxon", "rank", "loci", "also", "common_name", "why", "source")
    assert tuple(table[0]) == columns
    assert all(r[column] for r in table for column in columns if column != "also")
    names = [name for r in table for name in (r["taxon"], *r["also"].split(";")) if name]
    assert len(set(names)) == len(names)
    # Records have no subfamily; its genera stand in for it.
    assert all(r["also"] for r in table if r["rank"] == "subfamily")
    assert all(len(r["taxon"].split()) == (2 if r["rank"] == "species" else 1) for r in table)
    assert len({r["taxon"] for r in table}) == len(table)
    assert {
        "elephants",
        "pangolins",
        "rhinoceroses",
        "big cats",
        "parrots",
        "timber",
        "orchids",
    } <= {r["group"] for r in table}
    assert sum(r["group"] == "pangolins" for r in table) == 8


def test_the_order_of_the_records_does_not_matter(tmp_path):
    record = ReferenceRecord("A1", "Aus bus", "Aus bus", "Aus", locus="COI", source="p 1")
    pairs = [(replace(record, accession=accession), "ACGT" * 20) for accession in ("A2", "A1")]
    for name, order in (("one", pairs), ("two", pairs[::-1])):
        assert library_build.write_records(order, tmp_path / name, backbone=NAMES) == {"COI": 2}
    written = sorted((tmp_path / "one").rglob("*.*"))
    for path in written:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_the_library_opens_and_is_what_it_says(tmp_path):
    record = ReferenceRecord("A1", "Aus bus", "Aus bus", "Aus", locus="COI", source="p 1")
    library_build.write_records([(record, "ACGT" * 20)], tmp_path, backbone=NAMES)
    library = open_library(tmp_path)
    library.verify()
    assert library.index_state() == "not checked"  # named, and not compared yet
    assert (library.name, library.demonstration, library.loci) == ("embedded", True, ("COI",))


def test_indexes_are_named_anew_without_the_packages(tmp_path):
    record = ReferenceRecord("A1", "Aus bus", "Aus bus", "Aus", locus="COI", source="p 1")
    library_build.write_records([(record, "ACGT" * 20)], tmp_path, backbone=NAMES)
    before = open_library(tmp_path).sha256
    path = tmp_path / "COI" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    assert library_build.main(["--indexes", "--output", str(tmp_path)]) == 0
    assert open_library(tmp_path).sha256 == before
    open_library(tmp_path).verify()
