"""Where samples came from, on the screen: a line a sample, the doubtful ones first; what all share stands once."""

import csv
import gzip
import json

import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.io.files import folder

MARKS = "✔▲✖!"


def table_of(name):
    with gzip.open(folder("models") / "data" / name, "rt", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.fixture
def samples(tmp_path):
    """A Salers, a Borgou, one with an allele of each at every locus, and one typed at a single locus."""
    head, *rows = table_of("microbov.csv.gz")
    salers = next(row for row in rows if row[1] == "Salers" and all(row))
    borgou = next(row for row in rows if row[1] == "Borgou" and all(row))
    cross = [f"{a.split('/')[0]}/{b.split('/')[0]}" for a, b in zip(salers[3:], borgou[3:])]
    lines = [
        ["animal", *head[3:]],
        ["clear", *salers[3:]],
        ["also clear", *borgou[3:]],
        ["odd\x1b[31m", *cross],
        ["few", salers[3], *[""] * (len(head) - 4)],
    ]
    path = tmp_path / "samples.csv"
    path.write_text("".join(",".join(line) + "\n" for line in lines))
    return path


def run(*arguments, columns=100):
    return CliRunner().invoke(main, ["origin", *map(str, arguments)], env={"COLUMNS": str(columns)})


def lines_of(output):
    return [line for line in output.splitlines() if line and line[0] in MARKS]


def test_each_sample_has_a_line_and_the_doubtful_ones_stand_first(samples):
    result = run("assign", "microbov-breeds", samples)
    marks = [line[0] for line in lines_of(result.output)]
    assert len(marks) == 4 and marks == sorted(marks, key="!✖▲✔".index)
    assert marks[0] == "!" and "few" in lines_of(result.output)[0]
    clear = next(line for line in lines_of(result.output) if " clear" in line)
    assert "Salers" in clear and "reference population" in clear
    assert result.exit_code == 3  # one is unusable


def test_what_all_samples_share_stands_once(samples):
    result = run("assign", "microbov-breeds", samples)
    assert result.output.count("This test detects") == 1
    assert "For all samples:" in result.output
    assert result.output.count("A demonstration for training and tests") == 1


def without(path, *names):
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if line.split(",")[0] not in names) + "\n")


def test_what_holds_of_one_sample_is_not_said_of_all(samples):
    # One of the two was examined: what is true of it is shown as its own.
    without(samples, "also clear", "odd\x1b[31m")
    output = run("assign", "microbov-breeds", samples).output
    assert len(lines_of(output)) == 2 and "For all samples" not in output
    assert "\nclear\n" in output and output.count("A demonstration for training and tests") == 1


def test_what_all_share_that_are_not_excluded_is_said_beside_an_excluded_sample(tmp_path):
    head, *rows = table_of("simulated_range.csv.gz")
    odd = [*rows[2][:5], *("997/998" for _genotype in rows[2][5:])]
    odd[0] = "odd"
    path = tmp_path / "samples.csv"
    path.write_text("\n".join(",".join(row) for row in [head, *rows[:2], odd]) + "\n")
    output = run("assign", "simulated-range", path).output
    assert lines_of(output)[0].startswith("✖ odd")
    _lines, _title, shared = output.partition("For all samples that are not excluded:")
    assert "Measured" in shared and output.count("Measured") == 1


def test_details_are_shown_of_the_samples_that_are_named(samples):
    result = run("assign", "microbov-breeds", samples, "--show", "clear")
    assert result.output.count("How sure") == 1 and "\nclear\n" in result.output
    everything = run("assign", "microbov-breeds", samples, "-v").output
    assert everything.count("  Result ") == 4 and "Details: -v" not in everything


def test_a_sample_that_is_not_there_is_an_error_after_the_results(samples):
    result = run("assign", "microbov-breeds", samples, "--show", "cleer")
    assert result.exit_code == 2 and len(lines_of(result.output)) == 4
    assert "No sample of this run is called 'cleer'; its samples are clear" in result.output


def test_details_are_refused_where_json_has_everything(samples):
    result = run("assign", "microbov-breeds", samples, "--format", "json", "-v")
    assert result.exit_code == 2 and "the other formats contain everything" in result.output


def test_names_do_not_steer_the_terminal(samples):
    output = run("assign", "microbov-breeds", samples, "-v").output
    assert "\x1b" not in output and "odd\ufffd[31m" in output


def test_a_single_sample_is_shown_in_detail(samples):
    lines = samples.read_text().splitlines()
    samples.write_text("\n".join(lines[:2]) + "\n")
    output = run("assign", "microbov-breeds", samples).output
    assert output.startswith("clear\n") and "For all samples" not in output


@pytest.mark.parametrize("columns", [40, 60, 100, 200])
def test_lines_are_as_wide_as_the_terminal(samples, columns):
    output = run("assign", "microbov-breeds", samples, columns=columns).output
    assert all(len(line) <= columns for line in output.splitlines() if line[:4] == "    ")


def test_what_is_not_settled_names_the_set_that_reaches_the_confidence(tmp_path):
    table = table_of("simulated_range.csv.gz")
    chosen = (table[0][0], "SIM-FAR-11", "SIM-KED-02")
    path = tmp_path / "samples.csv"
    path.write_text("\n".join(",".join(row) for row in table if row[0] in chosen) + "\n")
    output = run("assign", "simulated-range", path, columns=300).output
    records = run("assign", "simulated-range", path, "--format", "json").output.splitlines()
    record = next(each for each in map(json.loads, records) if each["sample"] == "SIM-FAR-11")
    named = [share for share in record["reporting"]["shares"] if share["named"]]
    line = next(line for line in lines_of(output) if record["sample"] in line)
    assert record["status"] == "inconclusive" and named[0]["name"] in line
    assert f"{sum(share['mass'] for share in named):.4f}" in line
    assert f"near {record['median']['latitude']:.1f}, {record['median']['longitude']:.1f}" in line
