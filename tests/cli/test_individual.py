"""``forensics individual`` on cattle that come with the project (their kinship is not known), and simulated ones."""

import csv
import gzip
import json

import pytest
from command_line import records, rows, typed
from husbandry_simulation import table as husbandry
from individual_simulation import fewer_draws, frequencies, profiles, seen

from forensics.io.files import folder

RATES = "--dropout 0.02 --mistyping 0.01"


@pytest.fixture(scope="module", autouse=True)
def _fewer_draws():
    with fewer_draws():
        yield


def table(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def cattle():
    """The loci of 50 Borgou cattle."""
    with gzip.open(folder("models") / "data" / "microbov.csv.gz", "rt", encoding="utf-8") as stream:
        held = [row for row in csv.DictReader(stream) if row["breed"] == "Borgou"]
    return [{k: v for k, v in row.items() if k not in ("breed", "country")} for row in held]


@pytest.fixture(scope="module")
def files(tmp_path_factory, cattle):
    """A reference of them, three of them sampled again, and all together."""
    place = tmp_path_factory.mktemp("individual")
    again = [{**row, "animal": f"again-{row['animal']}"} for row in cattle[:3]]
    return (
        table(place / "reference.csv", cattle),
        table(place / "again.csv", again),
        table(place / "both.csv", cattle + again),
    )


def individual(command, *files, options="", **more):
    """Compare files; the last one is the reference as well."""
    asked = f"individual {command} {RATES} {options}"
    return typed(asked, *files, "--reference", files[-1], **more)


def test_a_second_sample_matches_its_animal_and_no_other(files):
    reference, again, _both = files
    results = records(individual("match", again, reference, options="--format json"))
    assert len(results) == 3
    for result in results:
        matched = [one["other"] for one in result["matches"] if one["matches"]]
        assert matched == [result["sample"].removeprefix("again-")]


def with_few_loci(row):
    return row | dict.fromkeys(list(row)[5:], "")  # the animal and four loci stay


def test_a_profile_with_too_few_loci_is_not_assessable_rather_than_no_match(
    files, cattle, tmp_path
):
    reference = files[0]
    renamed = [{**row, "animal": f"again-{row['animal']}"} for row in cattle[:2]]
    poor = table(tmp_path / "poor.csv", [renamed[0], with_few_loci(renamed[1])])
    found = individual("match", poor, reference, options="--format json")
    whole, part = records(found)
    assert whole["status"] == "match" and part["status"] == "not_assessable"
    assert part["not_assessable"] == 50 and whole["not_assessable"] == 0
    assert {one["status"] for one in part["matches"]} == {"not_assessable"}
    assert {one["matches"] for one in part["matches"]} == {None}
    assert "at most 4; 5" in part["result"] and "No match" not in part["result"]
    assert renamed[1]["animal"] in found.stderr and "not assessable" in found.stderr
    *_whole, row = rows(individual("match", poor, reference, options="--format csv"))
    assert (row["matches"], row["status"]) == ("", "not_assessable")


def test_profiles_of_the_database_that_could_not_be_compared_are_counted(files, cattle, tmp_path):
    reference, again, _both = files
    # The animals of `again` are not among them.
    database = table(tmp_path / "database.csv", [*map(with_few_loci, cattle[3:5]), *cattle[5:]])
    found = typed(f"individual match {RATES}", again, database, "--reference", reference)
    assert found.stdout.count("No match in the database") == 3, found.output
    assert found.stdout.count("2 profiles of the database have too few loci") == 3


def test_kinship_finds_the_same_animal_and_says_which_relationship_explains_a_pair_best(files):
    reference, _again, both = files
    found = typed(f"individual kinship {RATES} --format csv", both, "--reference", reference)
    pairs = {}
    for row in rows(found):
        pairs.setdefault((row["first"], row["second"]), []).append(row)
    several = [of_one for of_one in pairs.values() if len(of_one) > 1]
    assert several
    for of_one in several:
        best = max(of_one, key=lambda row: float(row["log10_lr"]))["relationship"]
        assert {row["best"] for row in of_one} == {best}
    again = {pair: of_one for pair, of_one in pairs.items() if pair[1] == f"again-{pair[0]}"}
    assert len(again) == 3
    assert {row["best"] for of_one in again.values() for row in of_one} == {"same"}


def test_the_head_of_csv_stands_there_without_a_pair(files):
    reference, again, _both = files
    given = f"individual kinship {RATES} --limit 900 --format csv"
    found = typed(given, again, "--reference", reference).stdout
    assert found == "relationship,first,second,loci,log10_lr,best\n"


# -- a network of seizures -----------------------------------------------------------------

NO_THETA = "--dropout 0.02 --mistyping 0.002 --theta 0"


@pytest.fixture(scope="module")
def simulated():
    held = frequencies(loci=16)
    animals = profiles(held, [None] * 24, seed=3)
    names = [f"=x{n}" for n in range(24)] + ["again\x1b[2J"]
    seizures = ["Lomé", "A&B <1>", "Mombasa"] * 8 + ["A&B <1>"]
    return seen(held, animals[[*range(24), 0]], names, seed=4), seizures


@pytest.fixture
def network(simulated, tmp_path):
    """Return a function that looks for links, seizures in a column of that name."""

    def network(column, seizures, options="", *more, form="--format json", names=None, **expected):
        frame = simulated[0].to_frame()
        if names:
            frame["animal"] = names
        frame.insert(1, column, seizures)
        frame.to_csv(tmp_path / "x.csv", index=False)
        asked = f"individual network {NO_THETA} {form} {options}"
        return typed(asked, tmp_path / "x.csv", *more, **expected)

    return network


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
    (found,) = records(typed(f"individual network {NO_THETA} --format json", path))
    assert sorted(one["samples"] for one in found["seizures"]) == [8, 8, 9]


def test_the_seizure_may_stand_in_a_second_table(simulated, network, tmp_path):
    """Numbers of seizures, which alone could be a locus."""
    genotypes, seizures = simulated
    names = [f"a{n}" for n in range(len(seizures))]
    genotypes.to_frame().assign(animal=names).to_csv(tmp_path / "y.csv", index=False)
    numbers = {name: str(100 + n) for n, name in enumerate(sorted(set(seizures)))}
    lines = [f"{name},{numbers[one]}" for name, one in zip(names, seizures)]
    (tmp_path / "z.csv").write_text("\n".join(["animal,seized", *lines]) + "\n")
    given = (tmp_path / "y.csv", "--places", tmp_path / "z.csv")
    asked = f"individual network {NO_THETA} --format json --seizure"
    (found,) = records(typed(f"{asked} seized", *given))
    assert [one["name"] for one in found["seizures"]] == ["100", "101", "102"]
    typed(f"{asked} nothing", *given, expect=2)
    # In the table itself, too.
    column = [numbers[one] for one in seizures]
    (again,) = records(network("seized", column, "--seizure seized", names=names))
    assert again["links"] == found["links"]


def test_a_sample_without_a_seizure_is_named(simulated, network):
    seizures = [*simulated[1][:2], "", *simulated[1][3:]]
    told = network("shipment", seizures, "--seizure shipment", expect=3)
    assert "=x2 has no seizure" in told.stderr


def test_fewer_kinds_need_less_correction(simulated, network):
    kind = "--seizure shipment --relationship match"
    (one,) = records(network("shipment", simulated[1], kind))
    assert one["chance"]["tests"] == 3 * 2 and list(one["chance"]["pairs"]) == ["match"]


def test_a_column_that_is_not_there_is_told_with_its_option_and_file(simulated, network):
    told = network("shipment", simulated[1], "--seizure Shipmnt", expect=2)
    assert not told.stdout and "x.csv" in told.stderr and "--seizure" in told.stderr
    assert "option population" not in told.stderr
    told = network("shipment", simulated[1], "--population Shipmnt", expect=2)
    assert "x.csv: option --population: 0 columns are called Shipmnt" in told.stderr


@pytest.mark.parametrize("option", ["--seizure", "--population"])
@pytest.mark.parametrize("column", [None, "shipment"])
def test_the_reference_need_not_name_seizures(simulated, network, tmp_path, option, column):
    """Where it has such a column, of numbers too, that is not a locus."""
    frame = simulated[0].to_frame()
    frame["animal"] = [f"r{n}" for n in range(len(frame))]
    if column:
        frame[column] = [str(100 + n) for n in range(len(frame))]
    frame.to_csv(tmp_path / "range.csv", index=False)
    reference = ("--reference", tmp_path / "range.csv")
    (held,) = records(network("shipment", simulated[1], f"{option} shipment", *reference))
    assert len(held["seizures"]) == 3
    assert held["provenance"]["library"]["name"] == "range.csv"


def test_the_whole_result_is_written_to_a_json_file_and_not_printed_again(
    simulated, network, tmp_path
):
    (printed,) = records(network("shipment", simulated[1], "--seizure shipment"))
    told = network("shipment", simulated[1], "--seizure shipment", "--output", tmp_path / "n.json")
    assert not told.stdout
    assert json.loads((tmp_path / "n.json").read_text("utf-8"))["links"] == printed["links"]
    table = network(
        "shipment", simulated[1], "--seizure shipment", "--output", tmp_path / "m.json", form=""
    )
    assert "Result" in table.stdout and (tmp_path / "m.json").exists()


def test_nothing_is_written_where_one_folder_is_missing(simulated, network, tmp_path):
    first, second = tmp_path / "aa.csv", tmp_path / "nodir" / "x.csv"
    files = ("--output", first, "--output", second)
    told = network("shipment", simulated[1], "--seizure shipment", *files, expect=2)
    assert "does not exist; make it first" in told.stderr
    assert "nodir" in told.stderr and not told.stdout and not first.exists()


def test_seizures_whose_names_differ_in_case_or_blanks_alone_are_told(simulated, network):
    alike = ["Lomé 2", " lomé  2 ", "LOMÉ2", "Mombasa"]
    seizures = [alike[n % 4] for n in range(len(simulated[1]))]
    (held,) = records(network("shipment", seizures, "--seizure shipment"))
    assert len(held["seizures"]) == 4  # nothing is joined by itself
    (said,) = [one for one in held["warnings"] if one["code"] == "NAMES_ALIKE"]
    assert "'Lomé 2'" in said["message"] and "Mombasa" not in said["message"]


# -- wild or captive -------------------------------------------------------------------------


@pytest.fixture
def captive(tmp_path):
    """Return a function that compares samples with a simulated reference."""
    known = husbandry(20)
    known.to_csv(tmp_path / "known.csv", index=False)
    asked = "individual captive --class-column origin --group-column farm"

    def captive(samples, options="", **more):
        (tmp_path / "asked.csv").write_text(samples, encoding="utf-8")
        files = (tmp_path / "asked.csv", "--reference", tmp_path / "known.csv")
        return typed(f"{asked} {options}", *files, **more)

    return captive


def test_names_of_classes_do_not_steer_the_terminal(captive, tmp_path):
    samples = "sample,d13C,d15N\nA,-24.5,5\n"
    known = husbandry(12)
    known["origin"] = "\x1b[2J" + known["origin"]
    known.to_csv(tmp_path / "known.csv", index=False)
    found = captive(samples)
    assert "\x1b" not in found.output and "[2Jwild" in found.stdout


def test_texts_that_mean_not_measured_can_be_named(captive):
    samples = "sample,d13C,d15N\nA,-24.5,lost\n"
    captive(samples, expect=3)
    found = captive(samples, "--missing LOST --format json")
    assert json.loads(found.stdout)["values"] == {"d13C": -24.5}


@pytest.mark.parametrize("prior", ["wild", "wild=x", "wild=0.5", "wild=nan"])
def test_a_prior_that_is_none_is_refused(captive, prior):
    found = captive("sample,d13C,d15N\nA,-24.5,5\n", f"--class-prior {prior}", expect=2)
    assert "class" in found.stderr and not found.stdout
