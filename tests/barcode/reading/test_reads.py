import gzip
import hashlib
import io
import os
import random
import string
import sys
import threading
from pathlib import Path

import pandas
import pytest
from Bio.Seq import MutableSeq, Seq
from Bio.SeqRecord import SeqRecord
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from simulation import ab1, genbank, query, random_sequence

from forensics.barcode.locus import clean
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reading.reads import FastqEntry, fastq_entries, read_queries
from forensics.errors import IncompleteInputError, InputError

ONE, OTHER = query("Fictus albus"), query("Exemplum primum")
NAMES = st.text(string.ascii_letters + string.digits + "._-|:=éü", min_size=1, max_size=15)
LETTERS = "ACGT" * 6 + "RYSWKMBDHVN"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def found(source):
    return [(q.name, q.sequence) for q in read_queries(source)]


@examples(80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(
        st.tuples(NAMES, st.text(LETTERS, min_size=100, max_size=300)), min_size=1, max_size=4
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    width=st.integers(1, 400),
    lower=st.booleans(),
    rna=st.booleans(),
    gaps=st.booleans(),
    bom=st.booleans(),
    last=st.booleans(),
    zipped=st.booleans(),
    blank=st.booleans(),
)
def test_fasta_is_read_however_it_was_written(
    tmp_path, records, end, width, lower, rna, gaps, bom, last, zipped, blank
):
    lines = []
    for name, sequence in records:
        written = sequence.replace("T", "U") if rna else sequence
        written = written.lower() if lower else written
        written = written[:7] + "--" + written[7:] + "-." if gaps else written
        lines.append(f">{name} and more")
        lines += [written[i : i + width] for i in range(0, len(written), width)]
        lines += [""] if blank else []
    text = ("\ufeff" if bom else "") + end.join(lines) + (end if last else "")
    content = gzip.compress(text.encode()) if zipped else text.encode()
    path = write(tmp_path / "x.fasta", content)
    queries = list(read_queries(path))
    assert [(q.name, q.sequence) for q in queries] == [(n, clean(s)) for n, s in records]
    assert [q.record for q in queries] == list(range(1, len(records) + 1))
    assert {q.source for q in queries} == {str(path)}
    assert {q.sha256 for q in queries} == {hashlib.sha256(content).hexdigest()}
    from_text = [(q.name, q.sequence) for q in as_queries(text)]
    assert from_text == [(n, clean(s)) for n, s in records]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_in_names_survive(tmp_path, encoding):
    path = write(tmp_path / "x.fa", f">pièce_à_conviction_ü n° 1\n{ONE}\n".encode(encoding))
    assert found(path) == [("pièce_à_conviction_ü", ONE)]


def test_the_line_of_a_record_is_that_of_its_header_and_comments_are_no_sequence(tmp_path):
    path = write(tmp_path / "x.fa", f"; a comment\n\n>a\n;comment\n{ONE}\n\n>b\n{OTHER}\n")
    assert [(q.name, q.line, q.sequence) for q in read_queries(path)] == [
        ("a", 3, ONE),
        ("b", 7, OTHER),
    ]


def test_a_record_without_name_gets_its_number(tmp_path):
    path = write(tmp_path / "x.fa", f">a\n{ONE}\n>\n{OTHER}\n> \n{ONE}\n")
    assert [name for name, _sequence in found(path)] == ["a", "record_2", "record_3"]


def test_duplicates_are_read_one_by_one(tmp_path):
    path = write(tmp_path / "x.fa", f">a\n{ONE}\n>a\n{OTHER}\n>a\n{ONE}\n")
    assert found(path) == [("a", ONE), ("a", OTHER), ("a", ONE)]


def fastq(name, sequence, end="\n"):
    return f"@{name} x{end}{sequence}{end}+{end}{'I' * len(sequence)}{end}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_fastq(tmp_path, end):
    path = write(tmp_path / "x.fq", fastq("a", ONE, end) + fastq("b", OTHER, end))
    assert found(path) == [("a", ONE), ("b", OTHER)]


def test_wrapped_fastq(tmp_path):
    halves = f"{ONE[:300]}\n{ONE[300:]}"
    content = f"@a\n{halves}\n+\n{'@' * 300}\n{'+' * (len(ONE) - 300)}\n" + fastq("b", OTHER)
    assert found(write(tmp_path / "x.fq", content)) == [("a", ONE), ("b", OTHER)]


def test_what_precedes_a_fault_in_fastq_is_kept(tmp_path):
    path = write(tmp_path / "x.fq", fastq("a", ONE) + fastq("b", OTHER)[:-50])
    queries = read_queries(path)
    assert next(queries).name == "a"
    with pytest.raises(IncompleteInputError, match=r"x\.fq, record 2, line 8: .*copy it again"):
        next(queries)


def test_genbank(tmp_path):
    text = genbank("SIM1", "Fictus albus", ONE) + genbank("SIM2", "Exemplum primum", OTHER)
    assert found(write(tmp_path / "x.gb", text)) == [("SIM1.1", ONE), ("SIM2.1", OTHER)]
    assert found(write(tmp_path / "x.gb.gz", gzip.compress(text.encode())))[1][0] == "SIM2.1"


def test_what_follows_the_name_in_a_header_is_kept(tmp_path):
    def descriptions(name, content):
        return [read.description for read in read_queries(write(tmp_path / name, content))]

    assert descriptions("x.fa", f">a horn 7, box  2 \n{ONE}\n>b\n{OTHER}\n") == [
        "horn 7, box  2",
        "",
    ]
    assert descriptions("x.fq", f"@r1 runid=7 ch=2\n{ONE}\n+\n{'I' * len(ONE)}\n") == [
        "runid=7 ch=2"
    ]
    assert descriptions("x.gb", genbank("SIM1", "Fictus albus", ONE)) != [""]
    record = SeqRecord(Seq(ONE), id="a", description="a of a tusk")
    assert [read.description for read in as_queries(record)] == ["of a tusk"]
    assert [read.description for read in as_queries(SeqRecord(Seq(ONE), id="a"))] == [""]


def damaged_flat_files():
    second = genbank("SIM2", "Exemplum primum", OTHER)
    lines = second.splitlines(keepends=True)
    # Biopython looks at the letter after the 21st of a line that is a feature.
    source = next(n for n, line in enumerate(lines) if line.startswith("     source"))
    yield (
        "a feature without its location",
        "".join([*lines[:source], f"     {'x' * 16}\n", *lines[source + 1 :]]),
    )
    yield "a qualifier without its feature", "".join([*lines[:source], *lines[source + 1 :]])
    yield "a location that is none", second.replace("1..658", "1...(58")
    yield "a qualifier that never ends", second.replace('"MUS 1"', '"MUS 1')
    yield "no sequence", second[: second.index("ORIGIN")]
    rng = random.Random(3)
    for number in range(60):
        content = list(second)
        for _change in range(3):
            place = rng.randrange(len("LOCUS"), len(content))
            content[place : place + rng.randrange(40)] = rng.choice(
                ["", "\n", " ", "\t", '"', "..", "é"]
            )
        yield f"at random {number}", "".join(content)


@pytest.mark.parametrize("kind, second", list(damaged_flat_files()))
def test_a_damaged_genbank_file_is_an_input_error_with_its_record(tmp_path, kind, second):
    path = write(tmp_path / "x.gb", genbank("SIM1", "Fictus albus", ONE) + second)
    queries = read_queries(path)
    assert next(queries).name == "SIM1.1"
    try:
        rest = list(queries)
    except InputError as error:
        assert error.source == str(path) and error.record == 2 and str(error)
    else:
        assert kind.startswith(("at random", "a qualifier", "no sequence")), rest


@pytest.mark.parametrize("kind", ["a feature without its location", "a location that is none"])
def test_what_the_parser_stumbles_over_is_told(tmp_path, kind):
    path = write(tmp_path / "x.gb", dict(damaged_flat_files())[kind])
    with pytest.raises(InputError, match=r"x\.gb, record 1: not a whole GenBank flat file"):
        list(read_queries(path))


def test_chromatograms_are_named_after_their_file_and_say_what_was_trimmed(tmp_path):
    content = ab1(ONE, [4] * 20 + [40] * (len(ONE) - 20))
    for name, data in (("x_F.ab1", content), ("x_F.ab1.gz", gzip.compress(content))):
        (read,) = read_queries(write(tmp_path / name, data))
        assert (read.name, read.sequence) == ("x_F", ONE[20:])
        assert [note.code for note in read.notes] == ["TRIMMED", "NO_CURVES", "ONE_READ"]
        assert f"21 to {len(ONE)} of {len(ONE)}" in read.notes[0].message


def test_a_chromatogram_without_good_bases_is_a_problem_of_the_query(tmp_path):
    (read,) = read_queries(write(tmp_path / "x.ab1", ab1(ONE, [3] * len(ONE))))
    assert read.problem.code == "LOW_QUALITY"


class _Stdin:
    def __init__(self, content):
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize("spool", [100, 1 << 20])  # large input goes to disk
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(monkeypatch, pack, spool):
    monkeypatch.setattr("forensics.io.files._SPOOL", spool)
    content = pack(f">a\n{ONE}\n>b\n{OTHER}\n".encode())
    monkeypatch.setattr(sys, "stdin", _Stdin(content))
    read, second = read_queries("-")
    assert (read.name, read.sequence, read.source) == ("a", ONE, "standard input")
    assert (second.name, second.sequence) == ("b", OTHER)
    assert read.sha256 == hashlib.sha256(content).hexdigest()


def test_what_precedes_the_end_of_a_cut_off_gzip_is_kept(tmp_path):
    rng = random.Random(4)
    text = "".join(f">r{i}\n{random_sequence(rng, 600)}\n" for i in range(200))
    path = write(tmp_path / "x.fa.gz", gzip.compress(text.encode())[:-4000])
    names = []
    with pytest.raises(IncompleteInputError, match="ends too early; copy or download it again"):
        names.extend(query.name for query in read_queries(path))
    names = []
    try:
        for read in read_queries(path):
            names.append(read.name)
    except IncompleteInputError:
        pass
    assert names == [f"r{i}" for i in range(len(names))]
    assert 100 < len(names) < 200


def test_a_line_without_end_does_not_fill_the_memory(tmp_path):
    path = write(tmp_path / "x.fa", b">a\n" + b"A" * 5_000_000 + f"\n>b\n{ONE}\n".encode())
    first, second = read_queries(path)
    assert first.problem.code == "TOO_LONG"
    assert len(first.sequence) <= 3_000_000
    assert (second.name, second.sequence, second.problem) == ("b", ONE, None)


# -- what scripts have ------------------------------------------------------------------


def test_scripts_may_give_paths_text_and_objects(tmp_path):
    path = write(tmp_path / "x.fa", f">a\n{ONE}\n")
    everything = [
        path,
        str(path),
        ONE,
        f">b\n{OTHER}\n",
        f"\ufeff>b\n{OTHER}\n",
        Seq(ONE),
        MutableSeq(ONE),
        SeqRecord(Seq(OTHER), id="c"),
        pandas.DataFrame({"id": ["d", "e"], "sequence": [ONE, OTHER]}),
        (ONE,),
    ]
    assert [(q.name, q.sequence) for q in as_queries(everything)] == [
        ("a", ONE), ("a", ONE), ("sequence", ONE), ("b", OTHER), ("b", OTHER), ("sequence", ONE),
        ("sequence", ONE), ("c", OTHER), ("d", ONE), ("e", OTHER), ("sequence", ONE),
    ]  # fmt: skip


def test_a_query_is_taken_as_it_is(tmp_path):
    (read,) = as_queries(f">a\n{ONE}\n")
    assert list(as_queries(read)) == [read]


def test_a_file_whose_name_spells_a_sequence_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "ACAT", f">a\n{ONE}\n")
    assert [q.name for q in as_queries("ACAT")] == ["a"]


@pytest.mark.parametrize("thing", [None, 3, b"ACGT"])
def test_things_of_no_known_kind_are_refused(thing):
    with pytest.raises(InputError, match=f"cannot read sequences from {type(thing).__name__}"):
        list(as_queries(thing))


def test_a_record_of_unknown_sequence_is_a_problem_of_the_query():
    (read,) = as_queries(SeqRecord(Seq(None, 600), id="a"))
    assert read.problem.code == "EMPTY"


@pytest.mark.parametrize("text", ["no_such_file.fasta", "a\0b", "x" * 5000, "MTNIRKTHPL\nLKII"])
def test_text_that_is_neither_sequence_nor_file_is_an_input_error(text):
    with pytest.raises(InputError):
        list(as_queries(text))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_device_is_refused_and_not_read_for_ever():
    with pytest.raises(InputError, match="device"):
        list(read_queries("/dev/zero"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(">a\n" + "ACGT" * 50 + "\n",))
    writer.start()
    queries = list(read_queries(pipe))
    writer.join()
    assert [(query.name, len(query.sequence)) for query in queries] == [("a", 200)]


def test_a_read_of_hopeless_quality_is_not_examined(tmp_path):
    path = tmp_path / "reads.fastq"
    path.write_text(f"@bad\n{'ACGT' * 50}\n+\n{'#' * 200}\n@good\n{'ACGT' * 50}\n+\n{'I' * 200}\n")
    bad, good = read_queries(path)
    assert bad.problem.code == "LOW_QUALITY"
    assert good.problem is None


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
