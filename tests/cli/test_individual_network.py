"""``forensics individual network`` on simulated seizures."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from individual_simulation import fewer_draws, frequencies, profiles, seen

from forensics.cli import main

RATES = ("--dropout", "0.02", "--mistyping", "0.002", "--theta", "0")


def run(*arguments):
    return CliRunner().invoke(main, ["individual", "network", *map(str, arguments)])


@pytest.fixture(scope="module", autouse=True)
def _fewer_draws():
    with fewer_draws():
        yield


@pytest.fixture(scope="module")
def simulated():
    held = frequencies(loci=16)
    animals = profiles(held, [None] * 24, seed=3)
    rows = [*range(24), 0]
    names = [f"=x{n}" for n in range(24)] + ["again\x1b[2J"]
    return seen(held, animals[rows], names, seed=4), ["Lomé", "A&B <1>", "Mombasa"] * 8 + [
        "A&B <1>"
    ]


@pytest.fixture(scope="module")
def samples(simulated, tmp_path_factory):
    genotypes, seizures = simulated
    frame = genotypes.to_frame()
    frame.insert(1, "shipment", seizures)
    path = tmp_path_factory.mktemp("network") / "samples.csv"
    frame.to_csv(path, index=False)
    return path


def test_seizures_are_joined_and_written_in_every_form(samples, tmp_path):
    pytest.importorskip("matplotlib", reason="the extra plot is not installed")
    networkx = pytest.importorskip("networkx", reason="the extra network is not installed")
    paths = [tmp_path / f"x.{kind}" for kind in ("csv", "graphml", "png", "svg")]
    outputs = [part for path in paths for part in ("--output", path)]
    found = run(samples, "--seizure", "shipment", *RATES, *outputs)
    assert found.exit_code == 0, found.output
    assert (
        "1 of 3 pairs of seizures are linked beyond" in found.stdout and "\x1b" not in found.stdout
    )
    assert "A&B <1> – Lomé" in found.stdout
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO(paths[0].read_text(encoding="utf-8")))
        if row["relationship"] == "match"
    ]
    assert (row["first_seizure"], row["second_seizure"]) == ("A&B <1>", "Lomé")
    assert row["second_samples"] == "'=x0"
    graph = networkx.read_graphml(paths[1])
    assert graph.edges["A&B <1>", "Lomé"]["match_pairs"] == 1
    again = run(samples, "--seizure", "shipment", *RATES, *outputs)
    assert again.exit_code == 2 and not again.stdout  # nothing is overwritten


def test_json_has_everything_and_csv_a_row_a_link(samples):
    held = json.loads(run(samples, "--seizure", "shipment", *RATES, "--format", "json").stdout)
    assert {one["name"]: one["samples"] for one in held["seizures"]} == {
        "A&B <1>": 9, "Lomé": 8, "Mombasa": 8,
    }  # fmt: skip
    assert held["provenance"]["library"]["name"] == "samples.csv"
    found = run(samples, "--seizure", "shipment", *RATES, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert len(rows) == len(held["links"])
    assert [float(row["p"]) for row in rows] == sorted(float(row["p"]) for row in rows)
    assert rows[0]["match_pairs"] == "1" and rows[0]["beyond_chance"] == "True"


def test_populations_of_a_genepop_file_are_seizures(simulated, tmp_path):
    genotypes, seizures = simulated
    lines = ["simulated", *genotypes.loci]
    for place in sorted(set(seizures)):
        lines.append("Pop")
        for row, seizure in enumerate(seizures):
            if seizure == place:
                pairs = (genotypes.label(row, n, separator="") for n in range(len(genotypes.loci)))
                lines.append(f"{place[0]}{row} , " + " ".join(pairs))
    path = tmp_path / "x.gen"
    path.write_text("\n".join(lines) + "\n")
    found = run(path, *RATES, "--format", "json")
    assert found.exit_code == 0, found.output
    assert sorted(one["samples"] for one in json.loads(found.stdout)["seizures"]) == [8, 8, 9]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [((), 2, "--seizure COLUMN"), (("--seizure", "nothing"), 2, "nothing"),
     (("--seizure", "shipment", "--population", "shipment"), 2, "one of both"),
     (("--seizure", "shipment", "--output", "x.xlsx"), 2, ".graphml"),
     (("--seizure", "shipment", "--relationship", "cousin"), 2, "cousin")],
)  # fmt: skip
def test_options_that_do_not_fit_leave_with_2(samples, more, code, said):
    found = run(samples, *RATES, *more)
    assert found.exit_code == code and said in found.stderr, found.output
    assert not found.stdout


def test_the_seizure_may_stand_in_a_second_table(simulated, tmp_path):
    """Numbers of seizures, which alone could be a locus."""
    genotypes, seizures = simulated
    names = [f"a{n}" for n in range(len(seizures))]
    frame = genotypes.to_frame()
    frame["animal"] = names
    frame.to_csv(tmp_path / "x.csv", index=False)
    numbers = {name: str(100 + n) for n, name in enumerate(sorted(set(seizures)))}
    rows = [f"{name},{numbers[one]}" for name, one in zip(names, seizures)]
    (tmp_path / "y.csv").write_text("\n".join(["animal,seized", *rows]) + "\n")
    both = (tmp_path / "x.csv", *RATES, "--places", tmp_path / "y.csv")
    found = run(*both, "--seizure", "seized", "--format", "json")
    assert found.exit_code == 0, found.output
    assert [one["name"] for one in json.loads(found.stdout)["seizures"]] == ["100", "101", "102"]
    assert run(*both, "--seizure", "nothing").exit_code == 2
    # In the table itself, too.
    frame.insert(1, "seized", [numbers[one] for one in seizures])
    frame.to_csv(tmp_path / "z.csv", index=False)
    again = run(tmp_path / "z.csv", *RATES, "--seizure", "seized", "--format", "json")
    assert json.loads(again.stdout)["links"] == json.loads(found.stdout)["links"]


def test_a_sample_without_a_seizure_is_named(samples, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(samples.read_text(encoding="utf-8").replace("Mombasa", "", 1), encoding="utf-8")
    found = run(path, "--seizure", "shipment", *RATES)
    assert found.exit_code == 3 and "=x2 has no seizure" in found.stderr


def test_fewer_kinds_need_less_correction(samples):
    one = json.loads(
        run(
            samples, "--seizure", "shipment", *RATES, "--relationship", "match", "--format", "json"
        ).stdout
    )
    assert one["chance"]["tests"] == 3 * 2 and list(one["chance"]["pairs"]) == ["match"]


def test_a_column_that_is_not_there_is_told_with_its_option_and_file(samples):
    found = run(samples, "--seizure", "Shipmnt", *RATES)
    assert found.exit_code == 2 and not found.stdout
    assert "samples.csv" in found.stderr and "--seizure" in found.stderr
    assert "option population" not in found.stderr
    found = run(samples, "--population", "Shipmnt", *RATES)
    assert "samples.csv: option --population: 0 columns are called Shipmnt" in found.stderr


@pytest.mark.parametrize("option", ["--seizure", "--population"])
@pytest.mark.parametrize("column", [None, "shipment"])
def test_the_reference_need_not_name_seizures(simulated, samples, tmp_path, option, column):
    """Where it has such a column, of numbers too, that is not a locus."""
    frame = simulated[0].to_frame()
    frame["animal"] = [f"r{n}" for n in range(len(frame))]
    if column:
        frame[column] = [str(100 + n) for n in range(len(frame))]
    frame.to_csv(tmp_path / "range.csv", index=False)
    found = run(samples, option, "shipment", "--reference", tmp_path / "range.csv", *RATES,
                "--format", "json")  # fmt: skip
    assert found.exit_code == 0, found.output
    held = json.loads(found.stdout)
    assert len(held["seizures"]) == 3
    assert held["provenance"]["library"]["name"] == "range.csv"


def test_nothing_is_written_where_one_folder_is_missing(samples, tmp_path):
    first, second = tmp_path / "aa.csv", tmp_path / "nodir" / "x.csv"
    found = run(samples, "--seizure", "shipment", *RATES, "--output", first, "--output", second)
    assert found.exit_code == 2 and "does not exist; make it first" in found.stderr
    assert "nodir" in found.stderr and not found.stdout and not first.exists()


def test_seizures_whose_names_differ_in_case_or_blanks_alone_are_told(simulated, tmp_path):
    genotypes, seizures = simulated
    frame = genotypes.to_frame()
    alike = ["Lomé 2", " lomé  2 ", "LOMÉ2", "Mombasa"]
    frame.insert(1, "shipment", [alike[n % 4] for n in range(len(seizures))])
    frame.to_csv(tmp_path / "x.csv", index=False)
    asked = (tmp_path / "x.csv", "--seizure", "shipment", *RATES)
    held = json.loads(run(*asked, "--format", "json").stdout)
    assert len(held["seizures"]) == 4  # nothing is joined by itself
    (said,) = [one for one in held["warnings"] if one["code"] == "NAMES_ALIKE"]
    assert "'Lomé 2'" in said["message"] and "Mombasa" not in said["message"]
    assert "Counted as different seizures" in " ".join(run(*asked).stdout.split())


def test_one_individual_with_several_samples_is_one(samples):
    text = " ".join(run(samples, "--seizure", "shipment", *RATES).stdout.split())
    assert "1 has several samples" in text
