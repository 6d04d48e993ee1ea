import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.reading.reads import FastqEntry, fastq_entries
from forensics.barcode.sequence import clean
from forensics.errors import IncompleteInputError, InputError


def entries(text):
    return list(fastq_entries(enumerate(text.splitlines(), 1), "f.fastq"))


def test_a_record_keeps_its_qualities_and_its_line():
    one, two = entries("@a x\nACGT\n+\n!!II\n\n@b\nAC\nGT\n+b\n@I\n+I\n")
    assert one == FastqEntry("a x", "ACGT", "!!II", 1)
    assert two == FastqEntry("b", "ACGT", "@I+I", 6)


@given(st.lists(st.tuples(st.sampled_from("ACGTNnacgu-.R"), st.sampled_from("!5I"))))
def test_every_clean_base_keeps_its_own_quality(pairs):
    sequence = "".join(base for base, _quality in pairs)
    # A quality that is unique to its base shows where each one went.
    marks = "".join(chr(0x100 + place) for place in range(len(pairs)))
    kept = FastqEntry("x", sequence, marks, 1).clean_qualities()
    found = "".join(sequence[ord(mark) - 0x100] for mark in kept)
    assert found.upper().replace("U", "T") == clean(sequence)


@pytest.mark.parametrize("text", ["@a\nACGT\n", "@a\nACGT\n+\n", "@a\nACGT\n+\nII\n"])
def test_a_file_that_ends_inside_a_record_is_incomplete(text):
    with pytest.raises(IncompleteInputError, match=r"f\.fastq, record 1"):
        entries(text)


def test_more_qualities_than_bases_are_a_fault_of_that_record():
    with pytest.raises(InputError, match="record 2, line 8: found 5 qualities for 4 bases"):
        entries("@a\nACGT\n+\nIIII\n@b\nACGT\n+\nIIIII\n")
