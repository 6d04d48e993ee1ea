"""``--output``: its ending says the form, for every command that writes results."""

import csv
import gzip
import json
import sys

import numpy
import pytest
from command_line import every_command, typed
from simulation import query
from trace_simulation import ab1_of, simulate

from forensics.io.files import folder

SCALE = folder("reference_sequences") / "demonstration" / "scale.fasta"
SAMPLES = folder("models") / "data" / "simulated_range.csv.gz"


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """Three SIMULATED animals."""
    with gzip.open(SAMPLES, "rt", encoding="utf-8") as stream:
        lines = [next(stream) for _number in range(4)]
    path = tmp_path_factory.mktemp("animals") / "animals.csv"
    path.write_text("".join(lines), "utf-8")
    return path


@pytest.fixture(params=["identify", "listing", "assign", "match"])
def command(request, animals):
    """Return a command whose results are rows of a table."""
    commands = {
        "identify": f"identify {SCALE}",
        "listing": "listing 'Loxodonta africana' 'Panthera leo'",
        "assign": f"origin assign simulated-range {animals}",
        "match": f"individual match {animals} {animals} --dropout 0.02 --mistyping 0.002",
    }
    return commands[request.param]


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
        typed(command, "--output", tmp_path / f"results{ending}")
        written[ending] = read(tmp_path / f"results{ending}")
    assert written[".csv"] and written[".csv"][0]
    timeless = [
        [{key: value for key, value in row.items() if key != "time"} for row in written[ending]]
        for ending in (".csv", ".tsv")
    ]
    assert timeless[0] == timeless[1]
    assert [row.keys() for row in written[".xlsx"]] == [row.keys() for row in written[".csv"]]
    typed(command, "--output", tmp_path / "results.JSON")
    lines = (tmp_path / "results.JSON").read_text("utf-8").splitlines()
    assert lines and all(isinstance(json.loads(line), dict) for line in lines)


def test_a_contradiction_is_refused(tmp_path):
    path, tabbed, text = (tmp_path / f"results.{ending}" for ending in ("csv", "tsv", "txt"))
    asked = f"identify {SCALE} --output"
    found = typed(asked, path, "--format", "json", expect=2)
    assert "ends in .csv, and --format is json" in found.stderr and not path.exists()
    typed(asked, path, "--format", "csv")
    typed(asked, tabbed, "--format", "blast6")
    assert tabbed.read_text("utf-8").count("\t") % 11 == 0
    typed(asked, text)
    assert text.read_text("utf-8").strip() == typed(f"identify {SCALE}").stdout.strip()


def test_what_is_not_rows_is_not_written_as_a_table(tmp_path):
    found = typed("origin info --output", tmp_path / "models.csv", expect=2)
    assert "do not fit a table" in found.stderr
    typed("origin info microbov-breeds --output", tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("line", "library", "extra"),
    [
        ("identify {sequence} --output {folder}/x.xlsx", "openpyxl", "excel"),
        ("identify {sequence} --tree {folder}/x.svg", "matplotlib", 'pip install "matplotlib>='),
        ("chromatogram show {trace} --output {folder}/x.png", "matplotlib", "matplotlib>="),
    ],
)
def test_an_extra_that_is_missing_is_named_before_the_work_begins(
    line, library, extra, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, library, None)
    trace, folder = tmp_path / "x_F.ab1", tmp_path / "made"
    trace.write_bytes(ab1_of(simulate(numpy.random.default_rng(2), [(query(), 1.0)])))
    folder.mkdir()
    found = typed(line.format(sequence=SCALE, trace=trace, folder=folder), expect=1)
    assert extra in found.stderr and not found.stdout and not list(folder.iterdir())


def test_no_text_of_a_workbook_is_a_formula(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    sequences = tmp_path / "odd.fasta"
    lines = SCALE.read_text("utf-8").split("\n", 1)
    sequences.write_text(">=1+1 \x0b\n" + lines[1], "utf-8")
    path = tmp_path / "results.xlsx"
    typed("identify", sequences, "--output", path)
    head, row = openpyxl.load_workbook(path).active.iter_rows()
    cells = dict(zip((cell.value for cell in head), row))
    assert cells["query"].data_type == "s" and cells["query"].value.endswith("=1+1")
    assert cells["index"].value == 1 and cells["appendices"].value == "I"


def test_every_command_takes_its_form_from_one_place():
    """Whoever has --format and a file of results has them of `forensics.cli.output.written`."""
    seen = 0
    for _name, command in every_command():
        options = {option.name: option for option in command.params}
        if "style" in options and "result_file" in options:
            seen += 1
            assert ".json" in (options["result_file"].help or "")
    assert seen >= 20
