"""Tables in memory: which column is what, and what comes back beside the result."""

import logging
import subprocess
import sys

import pandas
import pytest
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from simulation import SPECIES, query

import forensics
from forensics.barcode.reading.inputs import as_queries, count_sequences, read_table
from forensics.barcode.run import follow
from forensics.errors import InputError, UsageError

ONE = query()


def names(table, **columns):
    return [read.name for read in read_table(table, **columns)]


def test_the_only_column_of_that_meaning_holds_the_sequences():
    for column in ("sequence", "Séquence", "nuc", "DNA"):
        assert names(pandas.DataFrame({"sample": ["a"], column: [ONE]})) == ["a"]
    with pytest.raises(InputError, match="several columns 'sequence'"):
        names(pandas.DataFrame({"sample": ["a"], "nuc": [ONE], "dna": [ONE]}))
    with pytest.raises(InputError, match="no column 'sequence'; found: sample, other"):
        names(pandas.DataFrame({"sample": ["a"], "other": [ONE]}))


def test_columns_are_named_where_others_would_be_taken():
    table = pandas.DataFrame({"id": [7], "bag": ["B1"], "sequence": ["NNN"], "second": [ONE]})
    assert names(table) == ["7"]
    (read,) = read_table(table, name_column="bag", sequence_column="second")
    assert (read.name, read.sequence) == ("B1", ONE)
    with pytest.raises(InputError, match="no column 'bags'; its columns are: id, bag"):
        names(table, name_column="bags")
    with pytest.raises(UsageError, match="for a DataFrame, found str"):
        list(as_queries(ONE, name_column="bag"))


def test_other_columns_and_a_named_index_stay_with_the_sample():
    table = pandas.DataFrame({"sequence": [ONE, ONE], "mass": [3, 4]}, index=["a", "b"])
    first, _second = read_table(table.rename_axis("exhibit"))
    assert (first.name, dict(first.sample_columns)) == ("a", {"exhibit": "a", "mass": 3})
    first, _second = read_table(table)
    assert dict(first.sample_columns) == {"mass": 3}
    table.index = pandas.MultiIndex.from_tuples([("C1", 1), ("C1", 2)], names=["case", "item"])
    first, _second = read_table(table)
    assert first.name == "C1|1"
    assert dict(first.sample_columns) == {"case": "C1", "item": 1, "mass": 3}


def test_how_many_there_are_is_known_of_what_is_in_memory(tmp_path):
    table = pandas.DataFrame({"sample": ["a", "b"], "sequence": [ONE, ONE]})
    assert count_sequences(table) == 2
    assert count_sequences({"a": ONE, "b": ONE}) == 2
    assert count_sequences([SeqRecord(Seq(ONE), id="a")]) == 1
    for inputs in (tmp_path, "x.fasta", ["x.fasta"], {"name": "a", "sequence": ONE}, iter([ONE])):
        assert count_sequences(inputs) is None


def test_progress_is_told_after_each_result(library):
    steps = []
    forensics.identify({"a": ONE, "b": ONE}, library=library, progress=lambda *s: steps.append(s))
    assert steps == [(1, 2), (2, 2)]
    steps.clear()
    forensics.identify(f">a\n{ONE}\n", library=library, progress=lambda *s: steps.append(s))
    assert steps == [(1, None)]


def test_without_a_terminal_the_log_says_how_far_a_run_has_come(caplog):
    with caplog.at_level(logging.INFO, logger="forensics"):
        assert list(follow(iter("ab"), True, 2)) == ["a", "b"]
    assert [(r.name, r.getMessage()) for r in caplog.records] == [
        ("forensics.examination", "identified 2 of 2 sequences")
    ]


def test_a_file_that_is_left_out_is_logged(library, tmp_path, caplog):
    good, bad = tmp_path / "good.fasta", tmp_path / "bad.fasta"
    good.write_text(f">a\n{ONE}\n")
    bad.write_text("")
    results = forensics.identify([good, bad], library=library)
    assert [result.status for result in results] == ["identified", "unusable"]
    (record,) = caplog.records
    assert record.name.startswith("forensics.") and "bad.fasta" in record.getMessage()


def test_no_file_is_left_open(library, tmp_path, root):
    import gzip

    plain, packed = tmp_path / "a.fasta", tmp_path / "b.fasta.gz"
    plain.write_text(f">a\n{ONE}\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    traces = root / "reference_sequences" / "demonstration"
    script = (
        "import forensics, gc, pathlib\n"
        f"inputs = [{str(plain)!r}, {str(packed)!r}, *map(str, pathlib.Path({str(traces)!r}).glob('*.ab1.gz'))]\n"
        f"results = forensics.identify(inputs, library={str(library.path)!r}, tree=True, reasons=True)\n"
        "assert len(results) >= 3, results\n"
        f"path = pathlib.Path({str(tmp_path)!r}) / 'results.jsonl'\n"
        "path.write_text(results.to_json(), encoding='utf-8')\n"
        "assert len(forensics.read_results(path)) == len(results)\n"
        f"assert results[0].taxon == {SPECIES[0]!r}\n"
        "gc.collect()\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", script],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
