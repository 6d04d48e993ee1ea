"""``--output``: its ending says the form, for every command that writes results."""

import csv
import json

import click
import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.io.files import folder

SCALE = folder("reference_sequences") / "demonstration" / "scale.fasta"
SAMPLES = folder("models") / "data" / "simulated_range.csv.gz"


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """Three SIMULATED animals."""
    import gzip

    with gzip.open(SAMPLES, "rt", encoding="utf-8") as stream:
        lines = [next(stream) for _number in range(4)]
    path = tmp_path_factory.mktemp("animals") / "animals.csv"
    path.write_text("".join(lines), "utf-8")
    return path


def commands(animals):
    """Return commands of several groups by a name."""
    return {
        "identify": ["identify", SCALE],
        "listing": ["listing", "Loxodonta africana", "Panthera leo"],
        "assign": ["origin", "assign", "simulated-range", animals],
        "match": ["individual", "match", animals, animals, "--dropout", "0.02", "--mistyping", "0.002"],
    }  # fmt: skip


@pytest.fixture(params=["identify", "listing", "assign", "match"])
def command(request, animals):
    """Return a command whose results are rows of a table."""
    return commands(animals)[request.param]


def read(path):
    """Return the rows of a table of results, texts all."""
    if path.suffix == ".xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        return [
            dict(zip(head, ("" if value is None else str(value) for value in row))) for row in rows
        ]
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ","))


def test_the_ending_says_the_form(command, tmp_path):
    written = {}
    for ending in (".csv", ".tsv", ".xlsx"):
        path = tmp_path / f"results{ending}"
        found = run(*command, "--output", path)
        assert found.exit_code == 0, found.output
        written[ending] = read(path)
    assert written[".csv"] and written[".csv"][0]
    numberless = [
        [{key: value for key, value in row.items() if key != "time"} for row in rows]
        for rows in (written[".csv"], written[".tsv"])
    ]
    assert numberless[0] == numberless[1]
    assert [row.keys() for row in written[".xlsx"]] == [row.keys() for row in written[".csv"]]
    path = tmp_path / "results.JSON"
    assert run(*command, "--output", path).exit_code == 0
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert all(isinstance(record, dict) for record in records) and records
    path = tmp_path / "results.txt"
    assert run(*command, "--output", path).exit_code == 0
    assert path.read_text("utf-8").strip() == run(*command).stdout.strip()


def test_a_contradiction_is_refused(tmp_path):
    path = tmp_path / "results.csv"
    found = run("identify", SCALE, "--output", path, "--format", "json")
    assert found.exit_code == 2 and not path.exists()
    assert "ends in .csv, and --format is json" in found.stderr
    assert run("identify", SCALE, "--output", path, "--format", "csv").exit_code == 0
    tabbed = tmp_path / "results.tsv"
    assert run("identify", SCALE, "--output", tabbed, "--format", "blast6").exit_code == 0
    assert tabbed.read_text("utf-8").count("\t") % 11 == 0


def test_what_is_not_rows_is_not_written_as_a_table(tmp_path):
    found = run("origin", "info", "--output", tmp_path / "models.csv")
    assert found.exit_code == 2 and "do not fit a table" in found.stderr
    found = run("origin", "info", "microbov-breeds", "--output", tmp_path / "model.json")
    assert found.exit_code == 0, found.output
    assert json.loads((tmp_path / "model.json").read_text("utf-8"))


def test_a_workbook_needs_its_extra_before_the_work_begins(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "results.xlsx"
    found = run("identify", SCALE, "--output", path)
    assert found.exit_code == 1 and not path.exists()
    assert "excel" in found.stderr


def test_no_text_of_a_workbook_is_a_formula(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    sequences = tmp_path / "odd.fasta"
    lines = SCALE.read_text("utf-8").split("\n", 1)
    sequences.write_text(">=1+1 \x0b\n" + lines[1], "utf-8")
    path = tmp_path / "results.xlsx"
    assert run("identify", sequences, "--output", path).exit_code == 0
    head, row = openpyxl.load_workbook(path).active.iter_rows()
    cells = dict(zip((cell.value for cell in head), row))
    assert cells["query"].data_type == "s" and cells["query"].value.endswith("=1+1")
    assert cells["index"].value == 1 and cells["appendices"].value == "I"


def test_every_command_takes_its_form_from_one_place():
    """Whoever has --format and a file of results has them of `forensics.cli.output.written`."""
    context, seen = click.Context(main), 0

    def visit(command, context):
        nonlocal seen
        for name in command.list_commands(context) if isinstance(command, click.Group) else ():
            visit(command.get_command(context, name), click.Context(command, parent=context))
        options = {option.name: option for option in command.params}
        if "style" in options and "result_file" in options:
            seen += 1
            assert ".json" in (options["result_file"].help or "")

    visit(main, context)
    assert seen >= 20
