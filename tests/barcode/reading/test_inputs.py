"""Names of samples in memory are kept or refused; a file that cannot be read does not lose the others."""

import gzip
import logging
import subprocess
import sys

import numpy as np
import pandas
import pandas as pd
import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from simulation import SPECIES, ab1, genbank, query

import forensics
from forensics.barcode.reading.inputs import as_queries, count_sequences, read_table
from forensics.barcode.run import follow
from forensics.errors import InputError, UsageError

ONE, OTHER = query("Fictus albus"), query("Exemplum primum")
EXPECTED = [("S1", ONE), ("S2", OTHER)]


def read(inputs, **options):
    return [(q.name, q.sequence) for q in as_queries(inputs, **options)]


def frame(**columns):
    return pd.DataFrame(columns | {"sequence": [ONE, OTHER]})


@pytest.mark.parametrize(
    "inputs",
    [
        frame(name=["S1", "S2"]),
        frame(Sample_ID=["S1", "S2"]),
        frame(**{"sample id": ["S1", "S2"]}),
        frame(species=["a", "b"], exhibit=["S1", "S2"]),
        frame().set_index(pd.Index(["S1", "S2"])),
        frame(species=["a", "b"]).set_index(pd.Index(["S1", "S2"], name="bag")),
        frame(name=["S1", "S2"]).set_index("name"),
        frame().set_index(pd.Index(["S1", "S2"])).sequence,
        pd.Series([ONE, OTHER], index=["S1", "S2"]),
        pd.Series([Seq(ONE), Seq(OTHER)], index=["S1", "S2"]),
        {"S1": ONE, "S2": OTHER},
        {"S1": Seq(ONE), "S2": SeqRecord(Seq(OTHER), id="another")},
        [{"name": "S1", "sequence": ONE}, {"name": "S2", "sequence": OTHER}],
        [row for _number, row in frame(name=["S1", "S2"]).iterrows()],
        [{"S1": ONE}, {"S2": OTHER}],
    ],
)
def test_names_in_memory_are_kept_wherever_they_stand(inputs):
    assert read(inputs) == EXPECTED


@pytest.mark.parametrize("table, expected", [
    (frame().set_index(pd.MultiIndex.from_tuples([("C1", "S1"), ("C1", "S2")])), ["C1|S1", "C1|S2"]),
    (pd.DataFrame({"sequence": [ONE, "ACGT", OTHER]}).iloc[[0, 2]], ["0", "2"]),  # chosen rows
    (frame(length=[1, 2]), ["row_1", "row_2"]),
    (frame().sequence, ["row_1", "row_2"]),
    (frame(name=["S1", np.nan]), ["S1", "row_2"]),
    (frame(name=pd.array([1, None], dtype="Int64")), ["1", "row_2"]),
])  # fmt: skip
def test_names_of_rows_are_those_of_the_index_or_are_counted(table, expected):
    assert [name for name, _sequence in read(table)] == expected


def test_a_table_whose_names_cannot_be_told_is_refused():
    with pytest.raises(InputError, match="no column of names.*evidence_bag, species may be one"):
        read(frame(evidence_bag=["S1", "S2"], species=["a", "b"]))
    table = pd.DataFrame([["S1", "S2", ONE]], columns=["name", "name", "sequence"])
    with pytest.raises(InputError, match="several columns 'name'"):
        read(table)
    with pytest.raises(InputError, match="several columns 'sequence'"):
        read(pd.DataFrame([[ONE, ONE]], columns=["sequence", "sequence"]))


def test_the_table_of_another_library_is_refused():
    class Frame:
        columns = ["name", "sequence"]

        def __iter__(self):
            yield from (["S1"], [ONE])

    with pytest.raises(InputError, match=r"those of pandas; convert this one \(.*Frame\)"):
        read(Frame())


def test_missing_and_foreign_values_are_problems_of_their_own_sequence():
    queries = list(as_queries({"S1": ONE, "S2": None, "S3": float("nan"), "S4": "", "S5": "MTNI!"}))
    assert [(q.name, q.problem and q.problem.code) for q in queries] == [
        ("S1", None), ("S2", "EMPTY"), ("S3", "EMPTY"), ("S4", "EMPTY"), ("S5", "NOT_NUCLEOTIDE"),
    ]  # fmt: skip


def test_the_lines_of_an_open_file_are_not_sequences(tmp_path):
    (tmp_path / "x.fasta").write_text(f">a\n{ONE}\n{ONE}\n")
    with open(tmp_path / "x.fasta") as file, pytest.raises(InputError, match="TextIOWrapper; give"):
        read(file)


def test_files_under_names_are_refused_and_a_series_of_files_is_a_list(tmp_path):
    (tmp_path / "x.fasta").write_text(f">a\n{ONE}\n")
    path = str(tmp_path / "x.fasta")
    for inputs in ({"S1": path}, {"S1": tmp_path / "x.fasta"}, pd.Series([path], index=["S1"])):
        with pytest.raises(InputError, match="S1: .*is a file.*the files in a list"):
            read(inputs)
    with pytest.raises(InputError, match=r"S1: 'typo\.fasta' is a file"):
        read({"S1": "typo.fasta"})
    assert read(pd.Series([path, path])) == [("a", ONE), ("a", ONE)]


def test_records_by_name_from_biopython_are_read(tmp_path):
    (tmp_path / "x.fasta").write_text(f">S1\n{ONE}\n>S2\n{OTHER}\n")
    assert read(SeqIO.to_dict(SeqIO.parse(tmp_path / "x.fasta", "fasta"))) == EXPECTED


def test_identify_files_its_results_under_the_names_of_the_index(library):
    results = forensics.identify(pd.Series({"S1": ONE, "S2": OTHER}), library=library)
    assert [(r.query, r.taxon) for r in results] == [
        ("S1", "Fictus albus"), ("S2", "Exemplum primum"),
    ]  # fmt: skip


# -- files that cannot be read ----------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Three chromatograms, the second of them damaged, and a truncated flat file."""
    for name, content in (
        ("a.ab1", ab1(ONE, [40] * len(ONE))),
        ("b.ab1", ab1(ONE, [40] * len(ONE))[:300]),
        ("c.ab1", ab1(OTHER, [40] * len(OTHER))),
        ("d.gb", genbank("SIM1", "Fictus albus", ONE)[:-40].encode()),
    ):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_damaged_chromatogram_is_a_result_and_the_others_are_examined(folder, library):
    files = [folder / name for name in ("a.ab1", "b.ab1", "c.ab1", "d.gb")]
    results = forensics.identify(files, library=library)
    assert [(r.query, r.status) for r in results] == [
        ("a", "identified"), ("b", "unusable"), ("c", "identified"), ("d.gb", "unusable"),
    ]  # fmt: skip
    for result, name in ((results[1], "b.ab1"), (results[3], "d.gb")):
        (warning,) = [w for w in result.warnings if w.code == "UNREADABLE"]
        assert name in warning.message
        read_file = result.provenance.input
        assert read_file["file"] == str(folder / name) and len(read_file["sha256"]) == 64
    assert [r.index for r in results] == [1, 2, 3, 4]


def test_a_folder_with_a_damaged_chromatogram_is_examined(folder, library):
    (folder / "d.gb").unlink()
    results = forensics.identify(folder, library=library)
    assert [r.status for r in results] == ["identified", "unusable", "identified"]


def test_what_was_read_of_a_damaged_file_is_kept(tmp_path, library):
    path = tmp_path / "x.fq"
    path.write_text(f"@a\n{ONE}\n+\n{'I' * len(ONE)}\n@b\n{OTHER}\n+\nII")
    results = forensics.identify(path, library=library)
    assert [(r.query, r.status) for r in results] == [("a", "identified"), ("x.fq", "unusable")]


def test_an_error_is_raised_where_it_is_asked_for(folder, library):
    with pytest.raises(InputError, match=r"b\.ab1"):
        forensics.identify(folder, library=library, errors="raise")
    with pytest.raises(UsageError, match="'report' or 'raise'"):
        forensics.identify(folder, library=library, errors="ignore")


def test_where_nothing_can_be_read_the_error_is_raised(folder, library, tmp_path):
    for inputs in (folder / "b.ab1", [folder / "b.ab1", folder / "d.gb"], "no_such.fasta"):
        with pytest.raises(InputError):
            forensics.identify(inputs, library=library)


def test_every_fault_of_files_that_belong_together_is_named(tmp_path):
    content = ab1(ONE, [40] * len(ONE))
    for name in ("x_F.ab1", "x_R.ab1"):
        (tmp_path / name).write_bytes(content[:300])
    with pytest.raises(InputError, match=r"x_F\.ab1.*x_R\.ab1"):
        list(as_queries([tmp_path / "x_F.ab1", tmp_path / "x_R.ab1"]))


def test_a_gzipped_file_that_is_damaged_is_reported(tmp_path, library):
    (tmp_path / "x.fa.gz").write_bytes(b"\x1f\x8b" + gzip.compress(f">a\n{ONE}\n".encode())[9:])
    (tmp_path / "y.fa").write_text(f">a\n{ONE}\n")
    results = forensics.identify([tmp_path / "x.fa.gz", tmp_path / "y.fa"], library=library)
    assert [r.status for r in results] == ["unusable", "identified"]


SHORT = query()


def names(table, **columns):
    return [read.name for read in read_table(table, **columns)]


def test_the_only_column_of_that_meaning_holds_the_sequences():
    for column in ("sequence", "Séquence", "nuc", "DNA"):
        assert names(pandas.DataFrame({"sample": ["a"], column: [SHORT]})) == ["a"]
    with pytest.raises(InputError, match="several columns 'sequence'"):
        names(pandas.DataFrame({"sample": ["a"], "nuc": [SHORT], "dna": [SHORT]}))
    with pytest.raises(InputError, match="no column 'sequence'; its columns are: sample, other"):
        names(pandas.DataFrame({"sample": ["a"], "other": [SHORT]}))


def test_columns_are_named_where_others_would_be_taken():
    table = pandas.DataFrame({"id": [7], "bag": ["B1"], "sequence": ["NNN"], "second": [SHORT]})
    assert names(table) == ["7"]
    (read,) = read_table(table, name_column="bag", sequence_column="second")
    assert (read.name, read.sequence) == ("B1", SHORT)
    with pytest.raises(InputError, match="no column 'bags'; its columns are: id, bag"):
        names(table, name_column="bags")
    with pytest.raises(UsageError, match="for a DataFrame, found str"):
        list(as_queries(SHORT, name_column="bag"))


def test_other_columns_and_a_named_index_stay_with_the_sample():
    table = pandas.DataFrame({"sequence": [SHORT, SHORT], "mass": [3, 4]}, index=["a", "b"])
    first, _second = read_table(table.rename_axis("exhibit"))
    assert (first.name, dict(first.sample_columns)) == ("a", {"exhibit": "a", "mass": 3})
    first, _second = read_table(table)
    assert dict(first.sample_columns) == {"mass": 3}
    table.index = pandas.MultiIndex.from_tuples([("C1", 1), ("C1", 2)], names=["case", "item"])
    first, _second = read_table(table)
    assert first.name == "C1|1"
    assert dict(first.sample_columns) == {"case": "C1", "item": 1, "mass": 3}


def test_how_many_there_are_is_known_of_what_is_in_memory(tmp_path):
    table = pandas.DataFrame({"sample": ["a", "b"], "sequence": [SHORT, SHORT]})
    assert count_sequences(table) == 2
    assert count_sequences({"a": SHORT, "b": SHORT}) == 2
    assert count_sequences([SeqRecord(Seq(SHORT), id="a")]) == 1
    for inputs in (
        tmp_path,
        "x.fasta",
        ["x.fasta"],
        {"name": "a", "sequence": SHORT},
        iter([SHORT]),
    ):
        assert count_sequences(inputs) is None


def test_progress_is_told_after_each_result(library):
    steps = []
    forensics.identify(
        {"a": SHORT, "b": SHORT}, library=library, progress=lambda *s: steps.append(s)
    )
    assert steps == [(1, 2), (2, 2)]
    steps.clear()
    forensics.identify(f">a\n{SHORT}\n", library=library, progress=lambda *s: steps.append(s))
    assert steps == [(1, None)]


def test_without_a_terminal_the_log_says_how_far_a_run_has_come(caplog):
    with caplog.at_level(logging.INFO, logger="forensics"):
        assert list(follow(iter("ab"), True, 2)) == ["a", "b"]
    assert [(r.name, r.getMessage()) for r in caplog.records] == [
        ("forensics.examination", "identified 2 of 2 sequences")
    ]


def test_a_file_that_is_left_out_is_logged(library, tmp_path, caplog):
    good, bad = tmp_path / "good.fasta", tmp_path / "bad.fasta"
    good.write_text(f">a\n{SHORT}\n")
    bad.write_text("")
    results = forensics.identify([good, bad], library=library)
    assert [result.status for result in results] == ["identified", "unusable"]
    (record,) = caplog.records
    assert record.name.startswith("forensics.") and "bad.fasta" in record.getMessage()


@pytest.mark.slow
def test_no_file_is_left_open(library, tmp_path, root):
    plain, packed = tmp_path / "a.fasta", tmp_path / "b.fasta.gz"
    plain.write_text(f">a\n{SHORT}\n")
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
