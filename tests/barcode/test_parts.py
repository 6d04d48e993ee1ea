"""A record that is cut into its loci keeps its name; the parts stand beside it, everywhere."""

import csv
import json
import random

import pytest
from click.testing import CliRunner
from simulation import SPECIES, query, random_sequence

import forensics
from forensics.barcode.calling.combine import Combination, combine
from forensics.barcode.examination import Examination, FinishedQuery
from forensics.barcode.identification import Identification
from forensics.barcode.locus import Cut, reverse_complement
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.run import Identifications
from forensics.barcode.tabular import blast_lines, sintax_line
from forensics.barcode.verdict import RunSummary, make_verdict
from forensics.cli import main
from forensics.errors import UsageError


def make_genome(seed: int = 4) -> str:
    """Return a record that holds COI and 12S of one species between random bases."""
    rng = random.Random(seed)
    spacers = [random_sequence(rng, 900) for _ in range(3)]
    return spacers[0] + query(SPECIES[0], "12S") + spacers[1] + query() + spacers[2]


GENOME = make_genome()


@pytest.fixture(scope="module")
def results(library):
    return forensics.identify(f">long one\n{GENOME}\n>short\n{query()}\n", library=library)


@pytest.fixture
def genome_file(tmp_path):
    path = tmp_path / "long.fasta"
    path.write_text(f">long one\n{GENOME}\n>short\n{query()}\n")
    return path


def run(library, *arguments):
    return CliRunner().invoke(
        main, ["identify", *map(str, arguments), "--library", str(library.path)]
    )


def test_the_name_is_that_of_the_record_and_the_part_stands_beside_it(results):
    assert [(r.query, r.part, r.locus) for r in results] == [
        ("long", "12S", "12S"), ("long", "COI", "COI"), ("short", "", "COI"),
    ]  # fmt: skip
    assert [result.label for result in results] == ["long 12S", "long COI", "short"]
    assert repr(results[1]).startswith("<Identification long COI: ")


def test_json_has_the_key_where_there_is_a_part_and_reads_it_back(results):
    whole = [json.loads(line) for line in results.to_json().splitlines()]
    assert [record.get("part") for record in whole] == ["12S", "COI", None]
    assert list(whole[0])[:2] == ["query", "part"] and "part" not in whole[2]
    again = Identifications.from_json(results.to_json())
    assert list(again) == list(results)
    assert [result.part for result in again] == ["12S", "COI", ""]


def test_two_parts_of_one_record_are_not_equal(results):
    first = Identification.from_stored(results[1].to_dict())
    assert first == results[1]
    assert Identification.from_stored(results[1].to_dict() | {"part": "cytb"}) != results[1]


def test_a_frame_has_a_column_of_parts(results):
    frame = results.to_frame()
    assert list(frame["query"]) == ["long", "long", "short"]
    assert list(frame["part"]) == ["12S", "COI", ""]


def test_a_column_of_the_samples_that_is_called_part_stays(library):
    import pandas

    samples = pandas.DataFrame({"sample": ["a"], "sequence": [query()], "part": ["horn"]})
    frame = forensics.identify(samples, library=library).to_frame()
    assert (frame["part"][0], frame["sample_part"][0]) == ("", "horn")


def test_one_name_twice_is_told_of_records_and_not_of_parts(library, results):
    assert not any("DUPLICATE_NAME" in result.codes for result in results)
    twice = f">long\n{GENOME}\n>long\n{make_genome(5)}\n"
    told = [
        (r.index, r.part)
        for r in forensics.identify(twice, library=library)
        if "DUPLICATE_NAME" in r.codes
    ]
    assert told == [(3, "12S"), (4, "COI")]


def test_a_verdict_and_the_summary_say_which_part(results):
    verdict = make_verdict(results[1])
    assert (verdict.query, verdict.part, verdict.label) == ("long", "COI", "long COI")
    summary = RunSummary()
    for result in results:
        summary.add(result)
    shown = " ".join(summary.lines())
    assert "long_" not in shown


def test_blast_counts_bases_in_the_record_on_either_strand(library):
    rows = {}
    for strand, text in (("+", GENOME), ("-", reverse_complement(GENOME))):
        examination = Examination(library, IdentifyOptions(alignments=True))
        for result in examination.run(as_queries(f">long\n{text}\n")):
            row = next(blast_lines(result)).split("\t")
            assert row[0] == "long"
            first, last = int(row[6]), int(row[7])
            assert first < last
            bases = text[first - 1 : last]
            wanted = query() if result.part == "COI" else query(SPECIES[0], "12S")
            assert bases in (wanted, reverse_complement(wanted))
            rows[strand, result.part] = [int(value) for value in row[8:10]]
    assert len(rows) == 4
    for part in ("COI", "12S"):
        assert rows["+", part] == rows["-", part][::-1]


@pytest.mark.parametrize(
    "cut, position, place",
    [
        (Cut("COI", 5, 9, "+", 10), 1, 5),
        (Cut("COI", 9, 2, "+", 10), 3, 1),
        (Cut("COI", 5, 9, "-", 10), 1, 9),
        (Cut("COI", 9, 2, "-", 10), 3, 10),
    ],
)
def test_bases_of_a_piece_have_their_place_in_the_record_also_over_the_ends(cut, position, place):
    assert cut.place(position) == place


def test_sintax_has_the_name_of_the_record(results):
    assert [sintax_line(result).split("\t")[0] for result in results] == ["long", "long", "short"]


def test_rows_on_the_command_line_have_both(library, genome_file):
    rows = list(csv.DictReader(run(library, genome_file, "--format", "csv").stdout.splitlines()))
    assert [(row["query"], row["part"]) for row in rows] == [
        ("long", "12S"), ("long", "COI"), ("short", ""),
    ]  # fmt: skip


def test_the_table_shows_parts_and_any_of_the_names_asks_for_details(library, genome_file):
    table = run(library, genome_file).stdout
    assert "long 12S" in table and "long COI" in table and "long_" not in table
    for name, shown in (("long", 2), ("long COI", 1)):
        outcome = run(library, genome_file, "--show", name)
        assert outcome.exit_code == 0
        assert outcome.stdout.count("How sure") == shown, name
    assert run(library, genome_file, "--show", "long_COI").exit_code == 2


@pytest.mark.parametrize("form", ["json", "csv", "tsv"])
def test_a_run_goes_on_behind_a_part(library, genome_file, tmp_path, form, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    output = tmp_path / f"r.{form}"
    partial = tmp_path / f"r.{form}.partial"
    asked = (genome_file, "--format", form, "--output", output, "--resume")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forensics.cli.resuming.PartialFile.publish", lambda self: None)
        run(library, *asked)
    lines = partial.read_text().splitlines(keepends=True)
    kept = "".join(lines[: 2 if form == "json" else 3])
    partial.write_text(kept)
    outcome = run(library, *asked)
    assert outcome.exit_code == 0, outcome.output
    text = output.read_text()
    assert text == kept + lines[-1]


def test_rows_without_the_column_of_parts_are_not_gone_on_with(library, genome_file, tmp_path):
    output, partial = tmp_path / "r.csv", tmp_path / "r.csv.partial"
    asked = (genome_file, "--format", "csv", "--output", output, "--resume")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forensics.cli.resuming.PartialFile.publish", lambda self: None)
        run(library, *asked)
    rows = partial.read_text().splitlines()
    partial.write_text("".join(line.rpartition(",")[0] + "\n" for line in rows))
    outcome = run(library, *asked)
    assert outcome.exit_code != 0 and "delete it" in outcome.stderr


def test_a_result_of_another_part_is_not_that_of_a_query(library):
    def go_on(name, part):
        examination = Examination(library)
        read = as_queries(f">long\n{GENOME}\n")
        first = next(examination.run(as_queries(f">long\n{GENOME}\n")))
        digest = first.provenance.input["sha256"]
        return list(
            examination.run(read, finished=[FinishedQuery(name, 1, digest, "identified", part)])
        )

    assert [result.part for result in go_on("long", "12S")] == ["COI"]
    for name, part in (("long", ""), ("long", "COI"), ("long_12S", ""), ("long_12S", "12S")):
        with pytest.raises(UsageError, match="Result 1 of the earlier run"):
            go_on(name, part)


def test_trees_are_written_a_file_a_part(library, genome_file, tmp_path):
    outcome = run(library, genome_file, "--tree", tmp_path / "t.nwk")
    assert outcome.exit_code == 0
    assert {path.name for path in tmp_path.glob("t*.nwk")} == {
        "t.long_12S.nwk", "t.long_COI.nwk", "t.short.nwk",
    }  # fmt: skip
    assert "QUERY long COI" in (tmp_path / "t.long_COI.nwk").read_text()


def test_a_combination_says_what_became_of_each_part(results):
    combination = combine(results[:2])
    assert combination.queries == ("long", "long")
    assert {(m.query, m.part, m.locus) for m in combination.members} == {
        ("long", "12S", "12S"), ("long", "COI", "COI"),
    }  # fmt: skip
    assert "long 12S, long COI" in repr(combination)
    again = Combination.from_json(combination.to_json())
    assert again.members == combination.members
    assert again.to_dict() == combination.to_dict()
