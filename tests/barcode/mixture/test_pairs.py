import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.mixture.sheet import first_name, read_pairs
from forensics.errors import IncompleteInputError, InputError

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
