"""``forensics trade analyse`` and ``pike``."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from indicator_simulation import carcass_table, seizure_table

from forensics.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["trade", *map(str, arguments)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trade")
    for name, table in {
        "carcasses": carcass_table()[0],
        "seizures": seizure_table(),
    }.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


QUICK = ("--draws", "100", "--warm-up", "20", "--chains", "2")


def test_pike_prints_a_trend_an_area_with_its_diagnostics(files):
    result = run("pike", files / "carcasses.csv", "--area", "East", "--area", "West", *QUICK)
    assert result.exit_code == 0
    assert "East" in result.output and "West" in result.output
    assert "R-hat" in result.output


def test_pike_observed_alone_as_csv(files):
    result = run("pike", files / "carcasses.csv", "--observed", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["year"] for row in rows] == ["2000", "2001", "2002", "2003", "2004"]
    assert 0 < float(rows[0]["observed"]) < 1


def test_trends_of_several_areas_are_one_csv_table(files):
    areas = ("--area", "East", "--area", "West")
    result = run("pike", files / "carcasses.csv", *areas, *QUICK, "--format", "csv")
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["area"] for row in rows] == ["East"] * 5 + ["West"] * 5
    assert all(float(row["mean"]) > 0 for row in rows)  # a second head would be no number
    alone = run("pike", files / "carcasses.csv", "--area", "East", *QUICK, "--format", "csv")
    assert alone.stdout.splitlines()[0] == result.stdout.splitlines()[0]
    assert "West: " in result.stderr


def test_pike_as_json_is_one_object_an_area(files):
    result = run("pike", files / "carcasses.csv", *QUICK, "--format", "json", "--seed", 5)
    (held,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert held["provenance"]["parameters"]["seed"] == 5
    assert not held["converged"]


def test_pike_draws_no_observed_series_and_overwrites_nothing(files, tmp_path):
    result = run("pike", files / "carcasses.csv", "--observed", "--figure", tmp_path / "a.svg")
    assert result.exit_code == 2
    path = tmp_path / "b.svg"
    assert run("pike", files / "carcasses.csv", *QUICK, "--figure", path).exit_code == 0
    assert b"</svg>" in path.read_bytes()
    assert run("pike", files / "carcasses.csv", *QUICK, "--figure", path).exit_code == 2


def test_a_table_with_a_total_is_refused_with_its_line(files, tmp_path):
    text = "reference,date,species,quantity,unit\nA,2020,Manis,300,kg\nB,2020,Manis,351,kg\n"
    for row in ("Total,2020,Manis,651,kg", ",,,651,kg"):
        (tmp_path / "t.csv").write_text(text + row + "\n")
        found = run("analyse", tmp_path / "t.csv")
        assert found.exit_code == 3 and "line 4" in found.stderr and "total" in found.stderr


def test_counts_as_table_json_and_csv_say_the_same(files):
    arguments = ("analyse", files / "seizures.csv", "--by", "species")
    table = run(*arguments)
    held = json.loads(run(*arguments, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))
    assert [row["species"] for row in rows] == [row["species"] for row in held["rows"]]
    for row in held["rows"]:
        assert f"{row['seizures']} (" in table.stdout


def test_routes_write_a_graph_and_overwrite_nothing(files, tmp_path):
    graph = tmp_path / "routes.json"
    assert (
        run("analyse", files / "seizures.csv", "--table", "routes", "--graph", graph).exit_code == 0
    )
    assert json.loads(graph.read_text())["links"]
    assert (
        run("analyse", files / "seizures.csv", "--table", "routes", "--graph", graph).exit_code == 2
    )
    nodes = run("analyse", files / "seizures.csv", "--table", "countries", "--format", "csv")
    assert next(csv.DictReader(io.StringIO(nodes.stdout)))["country"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("analyse", "SEIZURES", "--by", "colour"), 2),
        (("analyse", "nothing.csv"), 3),
        (("pike", "SEIZURES"), 3),
        (("analyse", "SEIZURES", "--table", "routes", "--first", "1990", "--last", "1991"), 2),
    ],
)
def test_what_does_not_fit_is_refused_with_its_code(files, arguments, code):
    given = [str(files / "seizures.csv") if one == "SEIZURES" else one for one in arguments]
    result = run(*given)
    assert result.exit_code == code
    assert "Traceback" not in result.output
