"""The one writer: forms of results, their files."""

import csv
import io
import json

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from simulation import query

from forensics.cli import main
from forensics.cli.options import Command
from forensics.cli.output import RECORDS, View, Writer, written
from forensics.errors import InputError, UsageError, VerificationError


class Result:
    """As results are."""

    def __init__(self, sample: str, value: float | None) -> None:
        self.sample, self.value = sample, value

    def to_dict(self) -> dict:
        return {"sample": self.sample, "value": self.value}

    def to_row(self) -> dict:
        return self.to_dict()

    def lines(self) -> list[tuple[str, str]]:
        return [("Value", str(self.value))]


VIEW = View(columns=("sample", "value"))


def text_of(form, results, view=VIEW):
    stream = io.StringIO()
    Writer(form, stream).write_all(results, view)
    return stream.getvalue()


def test_a_result_has_a_form_for_people_programs_and_spreadsheets():
    results = [Result("=a", 1.5), Result("b", None)]
    assert text_of("table", results) == "=a\n  Value  1.5\n\nb\n  Value  None\n\n"
    assert text_of("json", results) == (
        '{"sample": "=a", "value": 1.5}\n{"sample": "b", "value": null}\n'
    )
    assert text_of("csv", results) == "sample,value\n'=a,1.5\nb,\n"
    assert text_of("tsv", results) == "sample\tvalue\n'=a\t1.5\nb\t\n"


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_the_head_does_not_depend_on_the_results(form):
    assert text_of(form, []) == ("sample,value\n" if form == "csv" else "sample\tvalue\n")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=4))
def test_rows_are_read_back_as_they_were_written(cells):
    columns = [str(number) for number in range(len(cells))]
    stream = io.StringIO()
    Writer("tsv", stream).plain_rows([dict(zip(columns, cells))], columns)
    head, row = csv.reader(io.StringIO(stream.getvalue()), delimiter="\t")
    assert head == columns
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]


def test_a_number_that_json_does_not_know_is_a_mistake_of_the_program():
    with pytest.raises(ValueError):
        text_of("json", [Result("a", float("nan"))])


def test_rows_for_people_are_columns_and_steer_no_terminal():
    stream = io.StringIO()
    Writer("table", stream).plain_rows([{"name": "a\x1b[2J", "n": None}, {"name": "bb", "n": 2}])
    assert stream.getvalue() == "name   n\na\ufffd[2J\nbb     2\n"


@click.command(cls=Command)
@click.option("--end", default="well")
@written()
def command(end: str, writer: Writer) -> None:
    writer.write(Result("é", 1.0), VIEW)
    if end == "exit":
        click.get_current_context().exit(InputError.exit_code)
    if end == "verification":
        writer.finish()
    if end in ("verification", "altered"):
        raise VerificationError("not what it was")
    if end == "usage":
        raise UsageError("no")


@pytest.mark.parametrize("end", ["well", "exit", "verification"])
def test_results_go_to_a_new_file_which_stays_where_they_are_whole(tmp_path, end):
    path = tmp_path / "x.json"
    found = CliRunner().invoke(command, ["--format", "json", "--output", str(path), "--end", end])
    assert found.exit_code == {"well": 0, "exit": 3, "verification": 1}[end]
    assert json.loads(path.read_text("utf-8")) == {"sample": "é", "value": 1.0}
    assert found.stdout == ""


@pytest.mark.parametrize("end, error", [("usage", UsageError), ("altered", VerificationError)])
def test_an_error_leaves_no_file_behind(tmp_path, end, error):
    path = tmp_path / "x.csv"
    found = CliRunner().invoke(command, ["--output", str(path), "--end", end])
    assert isinstance(found.exception, error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(2, "No such file or directory", "x.fasta"), ConnectionResetError(104, "x")],
)
def test_an_error_of_another_file_is_not_said_of_the_file_of_the_results(tmp_path, error):
    @click.command()
    @written()
    def fails(writer: Writer) -> None:
        writer.text("one of two")
        raise error

    done = CliRunner().invoke(fails, ["--output", str(tmp_path / "x.csv")], standalone_mode=False)
    assert done.exception is error
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_of_the_file_of_the_results(tmp_path):
    @click.command()
    @written()
    def fails(writer: Writer) -> None:
        raise OSError(28, "No space left on device")

    done = CliRunner().invoke(fails, ["--output", str(tmp_path / "x.csv")])
    assert isinstance(done.exception, InputError) and "x.csv" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_never_overwritten(tmp_path):
    path = tmp_path / "exhibit.fasta"
    path.write_text("kept")
    found = CliRunner().invoke(command, ["--output", str(path)])
    assert isinstance(found.exception, UsageError) and path.read_text() == "kept"


def test_a_command_without_rows_has_no_form_of_rows():
    @click.command()
    @written(forms=RECORDS)
    def records(writer: Writer) -> None:
        writer.text(writer.form)

    assert CliRunner().invoke(records, ["--format", "csv"]).exit_code == 2
    assert CliRunner().invoke(records, ["--format", "json"]).stdout == "json\n"


def test_a_dash_is_standard_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.fasta").write_text(f">a\n{query()}\n")
    run = CliRunner().invoke(
        main, ["identify", "x.fasta", "--format", "csv", "--output", "-"], catch_exceptions=False
    )
    assert run.stdout.startswith("query,index") and not (tmp_path / "-").exists()
