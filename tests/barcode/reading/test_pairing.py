import pytest

from forensics.barcode.reading.samples import Sample, group, read_name, stem
from forensics.errors import UsageError


@pytest.mark.parametrize(
    "forward, reverse, sample",
    [
        ("x_F.ab1", "x_R.ab1", "x"),
        ("x-F.ab1", "x-R.ab1", "x"),
        ("x.F.ab1", "x.R.ab1", "x"),
        ("x_f.AB1", "X_r.ab1", "x"),
        ("x_FWD.ab1.gz", "x_REV.ab1.gz", "x"),
        ("x Forward.abi", "x Reverse.abi", "x"),
        ("x(LepF1,LepR1)_F.ab1", "x(LepF1,LepR1)_R.ab1", "x(LepF1,LepR1)"),
        (
            "BBBO400-11[RonMWASPdeg_t1,LepR1]_F.ab1.gz",
            "BBBO400-11[RonMWASPdeg_t1,LepR1]_R.ab1.gz",
            "BBBO400-11[RonMWASPdeg_t1,LepR1]",
        ),
        ("B-10[LepF1,LepR1]_F+1288144746.ab1", "B-10[LepF1,LepR1]_R+1288149881.ab1", "B-10[LepF1,LepR1]"),
        ("x_M13F.ab1", "x_M13R.ab1", "x"),
        ("x_M13F(-21).ab1", "x_M13R(-27).ab1", "x"),
        ("x_LCO1490.ab1", "x_HCO2198.ab1", "x"),
        ("x_L14724.ab1", "x_H15149.ab1", "x"),
        ("x_LepF1_F.ab1", "x_LepR1_R.ab1", "x"),
        ("tusk 7_F_A01.ab1", "tusk 7_R_B01.ab1", "tusk 7"),
        ("x_F2.ab1", "x_R2.ab1", "x"),
    ],
)  # fmt: skip
def test_two_strands_of_a_name_are_one_sample(forward, reverse, sample):
    assert read_name(forward).strand == "+"
    assert read_name(reverse).strand == "-"
    (found,) = group([reverse, forward])
    assert found == Sample(sample, (forward, reverse), ("+", "-"))


@pytest.mark.parametrize(
    "files",
    [
        ["elf.ab1", "elr.ab1"],
        ["x_F.ab1", "y_R.ab1"],
        ["x_F.ab1", "x_F2.ab1"],  # one strand twice
        ["one/x_F.ab1", "two/x_R.ab1"],  # of two runs
        ["x_LCO1490.ab1", "x_H15149.ab1"],  # primers of two loci
        ["F.ab1", "R.ab1"],  # no sample is left
        ["plate_F01.ab1", "plate_R.ab1x"],
    ],
)
def test_others_stay_alone(files):
    assert group(files) == [Sample(stem(file), (file,)) for file in files]


def test_more_than_two_reads_of_a_sample():
    (found,) = group(["x_R.ab1", "x_F2.ab1", "x_F.ab1"])
    assert found.files == ("x_F.ab1", "x_F2.ab1", "x_R.ab1")
    assert not found.fault


def test_loci_of_one_sample_are_apart():
    files = ["x_LCO1490.ab1", "x_HCO2198.ab1", "x_L14724.ab1", "x_H15149.ab1"]
    assert [sample.files for sample in group(files)] == [tuple(files[:2]), tuple(files[2:])]


def test_the_same_read_twice_is_a_fault_that_names_both():
    (found,) = group(["x_F.ab1", "x-F.ab1.gz", "x_R.ab1"])
    assert "x_F.ab1" in found.fault and "x-F.ab1.gz" in found.fault and "--pair" in found.fault


def test_what_is_no_chromatogram_is_never_merged():
    files = ["x_F.fasta", "x_R.ab1"]
    mergeable = {"x_F.fasta": False, "x_R.ab1": True}
    assert [sample.files for sample in group(files, mergeable=mergeable)] == [(f,) for f in files]


def test_pairs_that_are_given_go_before_names():
    samples = group(["x_F.ab1", "x_R.ab1", "z.ab1"], pairs=[("x_F.ab1", "odd.ab1")])
    assert [sample.files for sample in samples] == [
        ("x_F.ab1", "odd.ab1"),
        ("x_R.ab1",),
        ("z.ab1",),
    ]
    assert samples[0].name == "x_F+odd"
    assert samples[0].strands == ("", "")  # their names are not held against them


def test_pairs_that_share_a_file_are_one_sample():
    (found,) = group([], pairs=[("a.ab1", "b.ab1"), ("c.ab1", "a.ab1")])
    assert found.files == ("a.ab1", "b.ab1", "c.ab1")


def test_a_pair_of_one_file_is_refused():
    with pytest.raises(UsageError, match=r"x\.ab1 is paired with itself"):
        group([], pairs=[("x.ab1", "x.ab1")])


def test_order_is_that_of_the_first_files_and_repeated_files_are_kept():
    samples = group(["b.ab1", "x_R.ab1", "a.ab1", "x_F.ab1", "b.ab1"])
    assert [sample.name for sample in samples] == ["b", "x", "a", "b"]
