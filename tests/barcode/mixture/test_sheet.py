import os

import pytest

from forensics.barcode.mixture.sheet import BLANK, SAMPLE, UNUSED, pair_files, read_sheet
from forensics.errors import InputError, UsageError


def sheet(tmp_path, text):
    path = tmp_path / "run.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "first, second",
    [
        ("R1.fastq.gz", "R2.fastq.gz"),
        ("a_R1.fastq.gz", "a_R2.fastq.gz"),
        ("a_S1_L001_R1_001.fastq.gz", "a_S1_L001_R2_001.fastq.gz"),
        ("a_1.fq", "a_2.fq"),
        ("a.r1.FASTQ", "a.r2.FASTQ"),
        ("a_F.fastq", "a_R.fastq"),
    ],
)
def test_mates_are_put_together_by_their_names(tmp_path, first, second):
    files = [str(tmp_path / name) for name in (first, second)]
    (pcr,) = pair_files(files)
    assert pcr.files == tuple(files) and pcr.role == SAMPLE


def test_the_sample_is_called_as_the_file_without_mate_and_ending():
    assert pair_files(["run/a_S1_R1_001.fastq.gz", "run/a_S1_R2_001.fastq.gz"])[0].sample == "a_S1"
    assert pair_files(["horn.fq"])[0].sample == "horn"
    assert pair_files(["R1.fastq", "R2.fastq"])[0].sample == "R1"


def test_every_pair_is_a_replicate_and_every_control_a_sample_of_its_own():
    pcrs = pair_files(
        ["a_R1.fq", "a_R2.fq", "b_R1.fq", "b_R2.fq"], blanks=["c.fq", "d.fq"], unused=["e.fq"]
    )
    assert [(p.sample, p.replicate, p.role) for p in pcrs] == [
        ("a", "1", SAMPLE), ("a", "2", SAMPLE), ("c", "1", BLANK), ("d", "1", BLANK),
        ("e", "1", UNUSED),
    ]  # fmt: skip


@pytest.mark.parametrize("files", [["a_R1.fq"], ["a_R2.fq"], ["a_R1.fq", "b_R2.fq"], ["a_F.fq"]])
def test_half_a_pair_is_refused(files):
    with pytest.raises(UsageError, match="one of two mates"):
        pair_files(files)


def test_numbers_without_a_mate_may_be_those_of_replicates():
    assert len(pair_files(["pcr_1.fq", "pcr_3.fq"])) == 2


@pytest.mark.parametrize(
    "files, blanks, message",
    [
        ([], [], "No files"),
        ([], ["b.fq"], "No files"),
        (["a.fq", "a.fq"], [], "given twice"),
        (["a.fq"], ["a.fq"], "given twice"),
        (["-"], [], "more than once"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(files, blanks, message):
    with pytest.raises(UsageError, match=message):
        pair_files(files, blanks=blanks)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_as_it_can_be_read_only_once(tmp_path):
    os.mkfifo(tmp_path / "a.fq")
    with pytest.raises(UsageError, match="more than once"):
        pair_files([tmp_path / "a.fq"])


def test_a_sheet_gives_files_roles_replicates_and_tags(tmp_path):
    path = sheet(
        tmp_path,
        "\ufeffFile1;file2;sample;Role;tag_forward;tag_reverse\n"
        "x_R1.fq;x_R2.fq;soup;;acgt;ACGA\nx_R1.fq;x_R2.fq;soup;sample;acga;acgt\n"
        "x_R1.fq;x_R2.fq;water;BLANK;tttt;tttt\n",
    )
    first, second, blank = read_sheet(path)
    assert first.files == (str(tmp_path / "x_R1.fq"), str(tmp_path / "x_R2.fq"))
    assert first.tags == ("ACGT", "ACGA") and (first.replicate, second.replicate) == ("1", "2")
    assert blank.role == BLANK and blank.control and not first.control


@pytest.mark.parametrize(
    "text, error, message",
    [
        ("file1,sample\n", InputError, "the table has no rows"),
        ("sample\nsoup\n", InputError, "the columns file1 are missing"),
        ("file1,sample,rolle\na.fq,soup,blank\n", InputError, "rolle"),
        ("file1,sample,sample\na.fq,soup,blank\n", InputError, "each once"),
        ("file1,sample\na.fq,\n", InputError, "line 2: the cell sample is empty"),
        ("file1,sample,role\na.fq,soup,blanc\n", InputError, "'blanc'; expected one of sample, blank"),
        ("file1,sample,tag_forward\na.fq,soup,acgt\n", InputError, "both ends have one"),
        ("file1,sample,tag_forward,tag_reverse\na.fq,soup,acgn,ac\n", InputError, "letters A, C"),
        ("file1,sample,role\na.fq,b,blank\n", UsageError, "no sample"),
        ("file1,sample,role\na.fq,b,blank\nc.fq,b,\n", UsageError, "b is a blank in one row"),
        ("file1,sample,replicate\na.fq,b,1\nc.fq,b,1\n", UsageError, "number the replicates"),
        ("file1,file2,sample\na.fq,a.fq,b\n", UsageError, "given twice"),
        ("file1,sample,tag_forward,tag_reverse\na.fq,b,ac,ac\na.fq,c,,\n", UsageError, "some have none"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_wrong_is_refused_with_its_place(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        read_sheet(sheet(tmp_path, text))
