"""PLINK's binary files: read whole and in blocks, written by hand and by bed-reader, damaged in every way."""

import gzip
import io
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.genetics.reading import read_genotypes

bed_reader = pytest.importorskip("bed_reader")

MAGIC = b"\x6c\x1b\x01"
FAM = "F1 N1 0 0 1 -9\nF1 N2 0 0 2 1\nF2 N3 N1 N2 0 -9\nF2 N4 0 0 0 -9\nF2 N5 0 0 0 -9\n"
BIM = "1\trs1\t0\t10\tA\tG\n1\t.\t0\t12\tc\tt\nMT\trs3\t0\t7\t0\tT\n"
# Two bits a genotype, the first animal lowest: 00 A1/A1, 10 A1/A2, 11 A2/A2, 01 not typed.
BED = MAGIC + bytes([0b01_11_10_00, 0b11, 0b00_00_11_10, 0b01, 0b11_11_11_11, 0b01])
LABELS = [
    ["A/A", "T/C", "T/T"],
    ["G/A", "T/T", "T/T"],
    ["G/G", "C/C", "T/T"],
    ["", "C/C", "T/T"],
    ["G/G", "", ""],
]


def write(folder, bed=BED, bim=BIM, fam=FAM):
    for suffix, content in ((".bed", bed), (".bim", bim), (".fam", fam)):
        data = content.encode() if isinstance(content, str) else content
        (folder / f"set{suffix}").write_bytes(data)
    return folder / "set.bed"


def labels(genotypes):
    return [
        [genotypes.label(row, locus) for locus in range(len(genotypes.loci))]
        for row in range(len(genotypes))
    ]


def test_a_bed_is_read_with_the_tables_beside_it(tmp_path):
    genotypes = read_genotypes(write(tmp_path))
    assert genotypes.animals == ("N1", "N2", "N3", "N4", "N5")
    assert genotypes.loci == ("rs1", "1:12", "rs3")
    assert genotypes.alleles == (("G", "A"), ("T", "C"), ("T",))
    assert labels(genotypes) == LABELS
    assert genotypes.populations is None
    assert genotypes.fields["father"] == ("0", "0", "N1", "0", "0")
    assert set(genotypes.fields) == {"family", "father", "mother", "sex", "phenotype"}


def test_what_was_read_can_be_read_again_from_its_files_by_other_names(tmp_path):
    first = read_genotypes(write(tmp_path))
    assert first.read_with is not None
    assert [first.read_with[name]["file"] for name in ("bim", "fam")] == ["set.bim", "set.fam"]
    for old, new in (("set.bed", "a"), ("set.bim", "b"), ("set.fam", "c")):
        (tmp_path / old).rename(tmp_path / new)
    again = read_genotypes(tmp_path / "a", bim=tmp_path / "b", fam=tmp_path / "c")
    assert labels(again) == LABELS
    assert [again.read_with[name]["sha256"] for name in ("bim", "fam")] == [
        first.read_with[name]["sha256"] for name in ("bim", "fam")
    ]


@pytest.mark.parametrize("end", ["\r\n", "\n\n", "\r"])
def test_line_ends_of_all_systems_and_blank_lines_are_read(tmp_path, end):
    path = write(tmp_path, bim=BIM.replace("\n", end), fam=FAM.replace("\n", end))
    assert labels(read_genotypes(path)) == LABELS


def test_families_are_populations_where_that_is_said(tmp_path):
    path = write(tmp_path, fam=FAM.replace("F1 N2", "0 N2"))
    assert read_genotypes(path, population="family").populations == ("F1", "", "F2", "F2", "F2")
    with pytest.raises(UsageError, match="breed is not a column of a .fam that names populations"):
        read_genotypes(path, population="breed")


def test_populations_and_places_come_from_a_second_table(tmp_path):
    table = "id,breed,lat,lon\n" + "".join(f"N{n},P{n % 2},{n},{-n}\n" for n in range(1, 6))
    genotypes = read_genotypes(write(tmp_path), places=io.StringIO(table), population="breed")
    assert genotypes.populations == ("P1", "P0", "P1", "P0", "P1")
    assert genotypes.latitudes is not None and genotypes.latitudes.tolist() == [1, 2, 3, 4, 5]


def test_chosen_loci_are_read_alone(tmp_path):
    genotypes = read_genotypes(write(tmp_path), loci=["rs*"])
    assert genotypes.loci == ("rs1", "rs3")
    assert labels(genotypes) == [[row[0], row[2]] for row in LABELS]
    with pytest.raises(UsageError, match="no locus is called SNP7. Loci: rs1, 1:12, rs3"):
        read_genotypes(tmp_path / "set.bed", loci=["rs1", "SNP7"])


def test_loci_of_one_copy_are_named_and_others_of_such_chromosomes_noted(tmp_path):
    (note,) = read_genotypes(write(tmp_path)).notes
    assert "chromosomes MT are read with two copies" in note
    genotypes = read_genotypes(tmp_path / "set.bed", haploid=["rs3", "rs1"])
    assert genotypes.haploid.tolist() == [True, False, True]
    assert [row[0] for row in labels(genotypes)] == ["A", "", "G", "", "G"]
    assert genotypes.notes == ("1 heterozygote at a locus of one copy counts as not typed",)


@pytest.mark.parametrize("genotypes", [1, 5, 10])
def test_blocks_are_the_whole(tmp_path, monkeypatch, genotypes):
    monkeypatch.setattr("forensics.genetics.formats.plink._BLOCK_GENOTYPES", genotypes)
    assert labels(read_genotypes(write(tmp_path))) == LABELS


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6), st.data())
def test_what_bed_reader_writes_is_read(tmp_path_factory, animals, loci, data):
    folder = tmp_path_factory.mktemp("written")
    values = data.draw(
        st.lists(
            st.lists(st.sampled_from([0, 1, 2, -127]), min_size=loci, max_size=loci),
            min_size=animals,
            max_size=animals,
        )
    )
    names = [f"N{row}" for row in range(animals)]
    bed_reader.to_bed(
        folder / "x.bed",
        np.array(values, dtype=np.int8),
        properties={
            "iid": names,
            "sid": [f"s{locus}" for locus in range(loci)],
            "allele_1": ["A"] * loci,
            "allele_2": ["G"] * loci,
        },
    )
    genotypes = read_genotypes(folder / "x.bed")
    text = {0: "G/G", 1: "G/A", 2: "A/A", -127: ""}
    assert labels(genotypes) == [[text[value] for value in row] for row in values]
    assert genotypes.animals == tuple(names)


def test_a_name_in_two_families_gets_the_family_before_it(tmp_path):
    path = write(tmp_path, fam=FAM.replace("N4", "N1"))
    assert read_genotypes(path).animals == ("F1:N1", "F1:N2", "F2:N3", "F2:N1", "F2:N5")


@pytest.mark.parametrize("suffix", [".bim", ".fam"])
def test_a_missing_companion_is_named(tmp_path, suffix):
    path = write(tmp_path)
    (tmp_path / f"set{suffix}").unlink()
    with pytest.raises(InputError, match=f"its {suffix} is missing.*set{suffix} is not there"):
        read_genotypes(path)


@pytest.mark.parametrize("kept", range(1, len(BED)))
def test_a_bed_that_is_cut_off_anywhere_is_refused(tmp_path, kept):
    with pytest.raises(InputError):
        read_genotypes(write(tmp_path, bed=BED[:kept]), format="plink")


@pytest.mark.parametrize(
    ("bed", "message"),
    [
        (BED[:-1], "has 8 bytes, and 5 animals .* x 3 loci .* have 9; it is cut off"),
        (BED + b"\0", "has 10 bytes"),
        (b"\x6c\x1b\x00" + BED[3:], "sorted by animal, an old form; write it by locus"),
        (b"\x6c\x1b\x02" + BED[3:], "its first bytes are 6c 1b 02, expected 6c 1b 01"),
        (gzip.compress(BED, mtime=0), "is packed; unpack it"),
        (BED[:7] + b"\x00" + BED[8:], "animal N1, locus rs3: the genotype has an allele that"),
    ],
)
def test_a_damaged_bed_is_refused(tmp_path, bed, message):
    with pytest.raises(InputError, match=message):
        read_genotypes(write(tmp_path, bed=bed))


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("fam", FAM[:-3], "line 5: 5 columns; six are expected: family, name"),
        ("fam", FAM + FAM[:20] + "\n", "animal N1 of the family F1 is in the file twice"),
        ("fam", "\n", "names no animals"),
        ("fam", "", "empty"),
        (
            "bim",
            BIM + "1\trs1\t0\t10\tA\tG\n" * 2,
            "line 5: locus 1:10:G/A is in the file twice .the first is line 4",
        ),
        ("bim", BIM.replace("\t10\t", "\tten\t"), "line 1: 'ten' is not a position"),
        ("bim", BIM.replace("A\tG", "A\ta"), "line 1: locus rs1 has the same allele twice, A"),
        ("bim", BIM.replace("\t0\t12", "\t12"), "line 2: 5 columns; six are expected: chromosome"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(tmp_path, part, content, message):
    with pytest.raises(InputError, match=message):
        read_genotypes(write(tmp_path, **{part: content}))


def test_the_second_locus_of_a_name_is_called_by_place_and_alleles(tmp_path):
    path = write(tmp_path, bim=BIM.replace("MT\trs3\t0\t7\t0\tT", "1\trs1\t0\t10\tA\tC"))
    assert read_genotypes(path).loci == ("rs1", "1:12", "1:10:C/A")


def test_a_stream_is_refused_since_there_are_three_files():
    with pytest.raises(InputError, match="give the path of the .bed"):
        read_genotypes(io.BytesIO(BED))


def test_without_bed_reader_the_command_that_installs_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bed_reader", None)
    with pytest.raises(InputError, match="pip install .bed-reader>="):
        read_genotypes(write(tmp_path))
