"""``forensics trade``: pike, indicators, chains, routes, hotspots, priorities."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from indicator_simulation import carcass_table, etis_example, seizure_table

from forensics.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["trade", *map(str, arguments)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trade")
    for name, table in {
        "carcasses": carcass_table()[0],
        "seizures": seizure_table(),
        "etis": etis_example(),
    }.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "weights.csv").write_text("species,term,unit,weight\nManis,SCA,kg,2\n")
    return folder


QUICK = ("--draws", "100", "--warm-up", "20", "--chains", "2")


def test_pike_prints_a_trend_an_area_with_its_diagnostics(files):
    result = run(
        "analyse", "pike", files / "carcasses.csv", "--area", "East", "--area", "West", *QUICK
    )
    assert result.exit_code == 0
    assert "East" in result.output and "West" in result.output
    assert "R-hat" in result.output


def test_pike_observed_alone_as_csv(files):
    result = run("analyse", "pike", files / "carcasses.csv", "--observed", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["year"] for row in rows] == ["2000", "2001", "2002", "2003", "2004"]
    assert 0 < float(rows[0]["observed"]) < 1


def test_trends_of_several_areas_are_one_csv_table(files):
    areas = ("--area", "East", "--area", "West")
    result = run("analyse", "pike", files / "carcasses.csv", *areas, *QUICK, "--format", "csv")
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["area"] for row in rows] == ["East"] * 5 + ["West"] * 5
    assert all(float(row["mean"]) > 0 for row in rows)  # a second head would be no number
    alone = run(
        "analyse", "pike", files / "carcasses.csv", "--area", "East", *QUICK, "--format", "csv"
    )
    assert alone.stdout.splitlines()[0] == result.stdout.splitlines()[0]
    assert "West: " in result.stderr


def test_pike_as_json_is_one_object_an_area(files):
    result = run(
        "analyse", "pike", files / "carcasses.csv", *QUICK, "--format", "json", "--seed", 5
    )
    (held,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert held["provenance"]["parameters"]["seed"] == 5
    assert not held["converged"]


def test_pike_draws_no_observed_series_and_overwrites_nothing(files, tmp_path):
    result = run(
        "analyse", "pike", files / "carcasses.csv", "--observed", "--figure", tmp_path / "a.svg"
    )
    assert result.exit_code == 2
    path = tmp_path / "b.svg"
    assert run("analyse", "pike", files / "carcasses.csv", *QUICK, "--figure", path).exit_code == 0
    assert b"</svg>" in path.read_bytes()
    assert run("analyse", "pike", files / "carcasses.csv", *QUICK, "--figure", path).exit_code == 2


def test_a_table_with_a_total_is_refused_with_its_line(files, tmp_path):
    text = "reference,date,species,quantity,unit\nA,2020,Manis,300,kg\nB,2020,Manis,351,kg\n"
    for row in ("Total,2020,Manis,651,kg", ",,,651,kg"):
        (tmp_path / "t.csv").write_text(text + row + "\n")
        found = run("analyse", "counts", tmp_path / "t.csv")
        assert found.exit_code == 3 and "line 4" in found.stderr and "total" in found.stderr


def test_counts_as_table_json_and_csv_say_the_same(files):
    arguments = ("analyse", "counts", files / "seizures.csv", "--by", "species")
    table = run(*arguments)
    held = json.loads(run(*arguments, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))
    assert [row["species"] for row in rows] == [row["species"] for row in held["rows"]]
    for row in held["rows"]:
        assert f"{row['seizures']} (" in table.stdout


def test_an_index_by_own_weights_tells_whose_it_is(files):
    result = run("analyse", "counts", files / "seizures.csv", "--weights", files / "weights.csv",
                 "--base", 2016)  # fmt: skip
    assert result.exit_code == 0
    assert "own weights, 2016 = 100" in result.output
    assert "Left out" in result.output


def test_counts_and_an_index_are_not_mixed(files):
    both = run("analyse", "counts", files / "seizures.csv", "--weights", files / "weights.csv",
               "--by", "species")  # fmt: skip
    assert both.exit_code == 2 and "--by" in both.stderr
    without = run("analyse", "counts", files / "seizures.csv", "--base", 2016)
    assert without.exit_code == 2 and "--base" in without.stderr


def test_the_example_of_etis(files):
    result = run("analyse", "chains", files / "etis.csv", "--ivory", "--format", "json")
    rows = {row["country"]: row for row in json.loads(result.stdout)["rows"]}
    out = {country: row["kg_out"] for country, row in rows.items() if row["seizures_out"]}
    flow = {
        country: row["kg_out_flow"] for country, row in rows.items() if row["seizures_out_flow"]
    }
    assert out == {"UG": 200, "KE": 1000, "AE": 1000}
    assert flow == {"UG": 200, "KE": 1000, "AE": 1000, "CN": 1000}
    assert rows["SG"]["kg_in"] == 1000


def test_routes_write_a_graph_and_overwrite_nothing(files, tmp_path):
    graph = tmp_path / "routes.json"
    assert run("analyse", "routes", files / "seizures.csv", "--graph", graph).exit_code == 0
    assert json.loads(graph.read_text())["links"]
    assert run("analyse", "routes", files / "seizures.csv", "--graph", graph).exit_code == 2
    nodes = run("analyse", "routes", files / "seizures.csv", "--countries", "--format", "csv")
    assert next(csv.DictReader(io.StringIO(nodes.stdout)))["country"]


def test_hotspots_and_priorities_print(files, tmp_path):
    found = run(
        "analyse", "hotspots", files / "seizures.csv", "--permutations", 19, "--first", 2018
    )
    assert found.exit_code == 0 and "Hotspots" in found.output
    order = run("analyse", "priorities", files / "seizures.csv", "--kind", "place", "--weight", "growth=2",
                "--figure", tmp_path / "order.svg")  # fmt: skip
    assert order.exit_code == 0
    assert "countries in its chains" in order.output
    assert (tmp_path / "order.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("analyse", "counts", "SEIZURES", "--by", "year", "--weights", "w.csv"), 2),
        (("analyse", "counts", "SEIZURES", "--proxies", "p.csv"), 2),
        (("analyse", "counts", "SEIZURES", "--seizing-rate", "effort"), 2),
        (("analyse", "counts", "SEIZURES", "--base", "2015"), 2),
        (("analyse", "counts", "nothing.csv"), 3),
        (("analyse", "priorities", "SEIZURES", "--weight", "growth"), 2),
        (("analyse", "priorities", "SEIZURES", "--weight", "growth=1", "--weight", "growth=2"), 2),
        (("analyse", "chains", "SEIZURES", "--ivory"), 2),
        (("analyse", "pike", "SEIZURES"), 3),
        (("analyse", "routes", "SEIZURES", "--first", "1990", "--last", "1991"), 2),
    ],
)
def test_what_does_not_fit_is_refused_with_its_code(files, arguments, code):
    given = [str(files / "seizures.csv") if one == "SEIZURES" else one for one in arguments]
    result = run(*given)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_what_stands_below_analyse_stands_nowhere_else():
    shown = run("--help").stdout
    assert "analyse" in shown and "hotspots" not in shown
