import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.mixture.sheet import (
    BLANK,
    SAMPLE,
    UNUSED,
    first_name,
    pair_files,
    read_pairs,
    read_sheet,
)
from forensics.errors import IncompleteInputError, InputError, UsageError


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
        ("file1,sample,tag_forward\na.fq,soup,acgt\n", InputError, "both ends need one"),
        ("file1,sample,tag_forward,tag_reverse\na.fq,soup,acgn,ac\n", InputError, "letters A, C"),
        ("file1,sample,role\na.fq,b,blank\n", UsageError, "Only controls were given"),
        ("file1,sample,role\na.fq,b,blank\nc.fq,b,\n", UsageError, "b is a blank in one row"),
        ("file1,sample,replicate\na.fq,b,1\nc.fq,b,1\n", UsageError, "number the replicates"),
        ("file1,file2,sample\na.fq,a.fq,b\n", UsageError, "given twice"),
        ("file1,sample,tag_forward,tag_reverse\na.fq,b,ac,ac\na.fq,c,,\n", UsageError, "some have none"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_wrong_is_refused_with_its_place(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        read_sheet(sheet(tmp_path, text))


GOOD = "@a/1\nACGT\n+\nIIII\n@b/1\nAC\n+\nI#\n"
MATE = GOOD.replace("/1", "/2")


def written(tmp_path, *texts):
    files = []
    for number, text in enumerate(texts):
        content = text if isinstance(text, bytes) else text.encode("latin-1")
        path = tmp_path / f"{number}.fastq"
        path.write_bytes(content)
        files.append(path)
    return files


def test_mates_come_side_by_side(tmp_path):
    found = list(read_pairs(written(tmp_path, GOOD, MATE)))
    assert [(one.sequence, two.sequence) for one, two in found] == [("ACGT", "ACGT"), ("AC", "AC")]


def test_packed_and_plain_wrapped_and_dos_lines_are_read_alike(tmp_path):
    wrapped = "@a\r\nAC\r\nGT\r\n+a\r\nII\r\nII\r\n"
    plain = "@a\nACGT\n+\nIIII\n"
    texts = [wrapped, plain, gzip.compress(plain.encode())]
    assert len({tuple(read_pairs([f])) for f in written(tmp_path, *texts)}) == 1


def test_letters_become_the_five_that_a_sequencer_calls_and_qualities_41_at_most(tmp_path):
    ((read, mate),) = read_pairs(written(tmp_path, "@a\nacgurn.\n+\nIIIII~!\n"))
    assert mate is None
    assert read.sequence == "ACGTNNN" and read.qualities == "IIIIIJ!"


def test_qualities_of_the_old_offset_are_turned_and_not_taken_for_the_new_one(tmp_path):
    old = "@a\nACGT\n+\nhhfB\n"
    (file,) = written(tmp_path, old)
    ((read, _),) = read_pairs([file], offset=64)
    assert read.qualities == "IIG#"
    with pytest.raises(InputError, match="--quality-offset 64"):
        list(read_pairs([file]))
    with pytest.raises(InputError, match="offset 64"):
        list(read_pairs(written(tmp_path, GOOD), offset=64))


def test_reads_of_no_length_are_read(tmp_path):
    assert next(read_pairs(written(tmp_path, "@a\n\n+\n\n")))[0].sequence == ""


def test_an_empty_file_is_a_fault_unless_it_may_be_empty(tmp_path):
    (file,) = written(tmp_path, gzip.compress(b""))
    with pytest.raises(InputError, match="the file is empty"):
        list(read_pairs([file]))
    assert list(read_pairs([file], may_be_empty=True)) == []


@pytest.mark.parametrize(
    "texts, error, message",
    [
        ((GOOD, MATE.replace("@b", "@c")), InputError, "record 2.*mate of 'b' is called 'c'"),
        ((GOOD, "@a/2\nACGT\n+\nIIII\n"), InputError, "record 2: this read has no mate"),
        ((GOOD[: GOOD.index("@b")], MATE), InputError, "record 2: this read has no mate"),
        (("@a\nACGT\n+\nIII\n",), IncompleteInputError, "ends inside this record"),
        (("@a\nACGT\n",), IncompleteInputError, "ends inside this record"),
        (("@a\nACGT\n+\nIIIII\n",), InputError, "5 qualities for 4 bases"),
        (("@a\nACJT\n+\nIIII\n",), InputError, "'J' is not a base"),
        (("@a\nAC\n+\nI\x7f\n",), InputError, "not a quality"),
        ((">a\nACGT\n",), InputError, "expected '@'"),
        ((b"PK\x03\x04\0\0\0",), InputError, "expected '@'"),
        ((gzip.compress(GOOD.encode() * 900)[:60],), IncompleteInputError, "ends too early"),
        ((gzip.compress(GOOD.encode())[:-6] + b"\0\0\0\0\0\0",), InputError, "damaged"),
        ((b"\x1f\x8b garbage that is no gzip",), InputError, "damaged"),
        (("@a\n" + "A" * 3_000_000,), InputError, "longer than any locus"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(tmp_path, texts, error, message):
    files = written(tmp_path, *texts)
    with pytest.raises(error, match=message) as caught:
        list(read_pairs(files))
    assert "fastq" in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.fastq", tmp_path):
        with pytest.raises(InputError):
            list(read_pairs([path]))


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_read_or_be_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.fastq"
    path.write_bytes(content)
    try:
        found = list(read_pairs([path], may_be_empty=True))
    except InputError:
        return
    assert all(len(read.sequence) == len(read.qualities) for read, _mate in found)


def test_the_first_name_is_the_one_that_mates_share(tmp_path):
    one, two, none = written(tmp_path, GOOD, "@a 2:N:0\nA\n+\nI\n", "")
    assert first_name(one) == first_name(two) == "a" and first_name(none) == ""
