import hashlib
import io
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from laboratory import Laboratory

from forensics.age import known_ages_of, read_table, save_trained, train_clock
from forensics.cli import main
from forensics.errors import InputError, RefusedError, UsageError


def run(*arguments):
    return CliRunner().invoke(main, ["age", *map(str, arguments)])


@pytest.fixture
def curve(tmp_path):
    """A made curve: 1.0 until 1955, up to 1.8 in 1965, down to 1.05 in 2015."""
    path = tmp_path / "made.csv"
    rows = [(y, 1.0 if y <= 1955 else 1.0 + 0.08 * (y - 1955) if y <= 1965 else
             1.8 - 0.015 * (y - 1965)) for y in range(1900, 2016)]  # fmt: skip
    path.write_text("year,F14C,sd\n" + "".join(f"{y},{v:.4f},0.002\n" for y, v in rows))
    return path


def dated(curve, *more):
    return run("radiocarbon", "--curve", curve, "--seized", "2014-03-01", *more)


def test_a_sample_without_position_gets_no_word_on_death_before_a_date(curve):
    found = dated(curve, 1.2, "--sd", 0.003, "--after", "1990-01-18")
    assert found.exit_code == 0, found.output
    text = " ".join(found.stdout.split())
    assert "Nothing is stated on death before it" in text and "formed last: death" not in text
    assert "separate times" in text and "not of the animal's death" in text


def test_json_has_everything_that_a_defence_expert_asks_for(curve):
    found = dated(
        curve, 1.2, "--sd", 0.003, "--after", "1990-01-18", "--position", "last_formed",
        "--format", "json",
    )  # fmt: skip
    held = json.loads(found.stdout)
    assert held["provenance"]["library"]["files"][0]["file"] == str(curve)
    assert len(held["provenance"]["library"]["sha256"]) == 64
    assert held["provenance"]["parameters"]["position"] == "last_formed"
    (said,) = held["statements"]
    assert said["date"] == "1990-01-18" and said["formed_after"] > 0.7
    assert said["died_before"] == pytest.approx(1 - said["formed_after"])


def test_a_14c_age_is_taken_as_well(curve):
    one = json.loads(dated(curve, "--age", -1465, "--sd", 20, "--format", "json").stdout)
    assert one["f14c"] == pytest.approx(1.2, abs=0.001)


def test_a_series_is_dated_jointly(curve, tmp_path):
    table = tmp_path / "tusk.csv"
    table.write_text(
        "sample;distance;F14C;sd\na;0;1,2;0,003\nb;100;1,275;0,003\nc;200;1,35;0,003\n"
    )
    found = dated(curve, "--series", table, "--slowest", 5, "--fastest", 80, "--format", "json")
    assert found.exit_code == 0, found.output
    held = json.loads(found.stdout)
    assert held["growth_rate_mean"] == pytest.approx(20, rel=0.15)
    (one,) = held["last_formed"][1]["ranges"]
    assert one["from"] < 2005 < one["to"]


@pytest.mark.parametrize(
    "more",
    [(1.2,), ("--sd", 0.003), (1.2, "--age", 5, "--sd", 1), (1.2, "--sd", 0.003, "--slowest", 2),
     (1.2, "--sd", 0.003, "--after", "3/4/1990"), (1.2, "--sd", 0.003, "--ledger", "x.db")],
)  # fmt: skip
def test_options_that_do_not_fit_together_leave_with_2(curve, more):
    assert dated(curve, *more).exit_code == 2


def test_a_file_that_is_no_curve_leaves_with_3(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\x00\x1b[2J")
    found = dated(path, 1.2, "--sd", 0.003)
    assert found.exit_code == 3 and "\x1b" not in found.output


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_figure_is_drawn(curve, tmp_path, kind):
    pytest.importorskip("matplotlib", reason="the extra plot is not installed")
    path = tmp_path / f"x.{kind}"
    assert dated(curve, 1.2, "--sd", 0.003, "--figure", path).exit_code == 0
    assert path.read_bytes()[:5] == {"png": b"\x89PNG\r", "svg": b"<?xml"}[kind]
    assert dated(curve, 1.2, "--sd", 0.003, "--figure", path).exit_code == 2


def test_ages_by_a_clock_and_a_sample_that_cannot_be_read(tmp_path):
    clock, samples = tmp_path / "clock.csv", tmp_path / "x.csv"
    clock.write_text("var,beta\nIntercept,1\ncg1,2\ncg2,4\n")
    samples.write_text("sample,cg1,cg2\na,0.5,0.25\nb,0.5,\n")
    found = run("methylation", samples, "--clock", clock, "--transform", "none", "--format", "json")
    assert found.exit_code == 3 and "b: 1 of the 2 sites" in found.stderr
    held = json.loads(found.stdout)
    assert held["age"] == pytest.approx(3.0) and held["interval"] is None
    assert [one["code"] for one in held["warnings"]] == ["NO_INTERVAL"]


def simulated_animals(folder, *, animals=30, across=False):
    """Write simulated beta values of six sites, three of which go with age, and a sheet of ages."""
    rng = np.random.default_rng(1)
    ages = rng.uniform(0, 40, animals)
    slope = np.array([0.008, -0.007, 0.006, 0, 0, 0])
    values = np.clip(0.5 + (ages[:, None] - 20) * slope + rng.normal(0, 0.03, (animals, 6)), 0, 1)
    frame = pd.DataFrame(
        values, [f"s{n}" for n in range(animals)], [f"cg{n}" for n in range(6)]
    ).round(4)  # fmt: skip
    betas, sheet = folder / "betas.csv", folder / "animals.csv"
    (frame.T if across else frame).to_csv(betas, index_label="site" if across else "sample")
    pd.DataFrame({"sample": frame.index, "age": ages.round(2)}).to_csv(sheet, index=False)
    return betas, sheet


def train(betas, sheet, output):
    """Train a clock on the tables of `simulated_animals`, as docs/age.md does."""
    tables = read_table(betas), read_table(sheet)
    known = known_ages_of(tables[1], tables[0])
    trained = train_clock(
        known.methylation, known.ages, known.sites, name="mine", species="Fictus albus",
        tissue="skin (simulated)", animals=known.animals,
        sources=[{"file": table.source, "sha256": table.sha256} for table in tables],
    )  # fmt: skip
    save_trained(trained, output)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A clock of simulated animals, and the table that it was trained on."""
    folder = tmp_path_factory.mktemp("clock")
    betas, sheet = simulated_animals(folder)
    train(betas, sheet, folder / "mine.json")
    return folder / "mine.json", betas


def test_a_clock_is_trained_and_applied(made, tmp_path):
    path, betas = made
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    card = json.loads(path.read_text())
    assert (card["samples"], card["animals"]) == (30, 30) and card["mae"] < card["spread"] / 2
    assert [one["file"] for one in card["sources"]] == [
        str(betas), str(betas.with_name("animals.csv")),
    ]  # fmt: skip
    samples = tmp_path / "x.csv"
    samples.write_text("\n".join(betas.read_text().splitlines()[:2]) + "\n")
    one = json.loads(run("methylation", samples, "--clock", path, "--format", "json").stdout)
    assert one["provenance"]["library"] == {"name": "mine", "version": "", "sha256": sha256}
    assert one["interval"][0] <= one["age"] <= one["interval"][1]
    assert one["species"] == "Fictus albus" and one["warnings"] == []


def test_samples_may_be_rows_or_columns(made, tmp_path):
    train(*simulated_animals(tmp_path, across=True), tmp_path / "mine.json")
    one, other = (json.loads(path.read_text()) for path in (made[0], tmp_path / "mine.json"))
    assert one["coefficients"] == other["coefficients"]


def test_an_age_beyond_the_training_is_told(made, tmp_path):
    samples = tmp_path / "x.csv"
    samples.write_text("sample,cg0,cg1,cg2,cg3,cg4,cg5\nold,1,0,1,0.5,0.5,0.5\n")
    one = json.loads(run("methylation", samples, "--clock", made[0], "--format", "json").stdout)
    assert [said["code"] for said in one["warnings"]] == ["OUTSIDE_TRAINING"]


def test_a_site_that_is_missing_somewhere_is_left_out(tmp_path):
    betas, sheet = simulated_animals(tmp_path)
    lines = betas.read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ",NA"
    betas.write_text("\n".join(lines) + "\n")
    train(betas, sheet, tmp_path / "mine.json")
    assert json.loads((tmp_path / "mine.json").read_text())["sites"] == 5


@pytest.mark.parametrize(
    ("sheet", "error", "said"),
    [
        ("sample,age\nunknown,3\n", InputError, "unknown"),
        ("sample,age\ns1,3\ns1,4\n", InputError, "twice"),
        ("sample,age\ns1,young\n", InputError, "line 2"),
        ("sample,age\ns1,\n", InputError, "line 2"),
        ("sample,born\ns1,1990\n", InputError, "age"),
        ("sample,age\ns1,3\ns2,4\n", InputError, "20 or more"),
    ],
)
def test_a_sheet_that_does_not_fit_is_an_error(tmp_path, sheet, error, said):
    betas, path = simulated_animals(tmp_path)
    path.write_text(sheet)
    with pytest.raises(error, match=said):
        train(betas, path, tmp_path / "mine.json")
    assert not (tmp_path / "mine.json").exists()


def test_a_clock_is_not_overwritten_and_takes_no_transform(made):
    path, betas = made
    with pytest.raises(UsageError):
        train(betas, betas.with_name("animals.csv"), path)
    assert run("methylation", betas, "--clock", path, "--transform", "none").exit_code == 2


def test_a_casework_age_needs_an_accepted_curve_or_clock(curve, made, tmp_path):
    from forensics.age.methylation import age_of, read_clock
    from forensics.age.radiocarbon import calibrate, read_curve
    from forensics.age.results import methylation_result, radiocarbon_result
    from forensics.custody import record_finding

    (tmp_path / "lab").mkdir()
    lab = Laboratory.founded(tmp_path / "lab")
    try:
        lab.sampled()
        lab.run(NTC="passed", POS="passed")
        clock = read_clock(made[0])
        aged = age_of(clock, {f"cg{n}": 0.5 for n in range(6)})
        dated = calibrate(1.2, 0.003, read_curve(curve), until=2014.2)
        for result, used in (
            (radiocarbon_result(dated, ["1990-01-18"], sample="S1"), curve),
            (methylation_result(aged, clock, sample="S1"), made[0]),
        ):
            sha256 = hashlib.sha256(used.read_bytes()).hexdigest()
            held = {"kind": "age", "runs": ["R1"], "inputs": [used]}
            before = lab.size
            with pytest.raises(RefusedError, match=f"VALIDATION.*{sha256}"):
                record_finding(lab.as_("bruno"), "S1", result, **held)
            assert lab.size == before
            lab.amina.validate(
                library=sha256, name=used.name, scope="none", attachments=[lab.photo("v.pdf")]
            )
            event = lab.amina.event(record_finding(lab.as_("bruno"), "S1", result, **held).seq)
            assert event.fields["library"] == sha256
            assert event.fields["provenance"]["library"]["name"] == used.stem
            assert event.fields["attachments"][0]["sha256"] == sha256
        assert lab.verify().ok
    finally:
        lab.close()


COEFFICIENTS = "var;beta\nIntercept;1,5\ncg1;2\ncg2;4,25\n"


@pytest.mark.parametrize(
    "content",
    [COEFFICIENTS.encode(), COEFFICIENTS.encode("utf-16"), COEFFICIENTS.encode("utf-16-be"),
     f"é;{COEFFICIENTS}".replace("\n", "\né;").encode("cp1252").rpartition(b"\n")[0],
     COEFFICIENTS.replace(";", "\t").encode("utf-8-sig")],
    ids=["semicolons", "utf-16", "utf-16 without a mark", "cp1252", "tabulators"],
)  # fmt: skip
def test_coefficients_are_read_as_other_tables_are(tmp_path, content):
    clock, samples = tmp_path / "clock.csv", tmp_path / "x.csv"
    clock.write_bytes(content)
    samples.write_text("sample;cg1;cg2\na;0,5;0,25\n")
    found = run("methylation", samples, "--clock", clock, "--transform", "none", "--format", "json")
    if content[:2] == "v".encode("utf-16-be"):  # nothing says what it is
        assert found.exit_code == 3 and "\0" not in found.output
        return
    assert found.exit_code == 0, found.output
    held = json.loads(found.stdout)
    assert held["age"] == pytest.approx(1.5 + 1.0 + 1.0625)
    assert held["provenance"]["library"]["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.fixture
def published(tmp_path):
    clock, samples = tmp_path / "clock.csv", tmp_path / "x.csv"
    clock.write_text("var,beta\nIntercept,8\ncg1,2\ncg2,4\n")
    samples.write_text("sample,cg1,cg2\n=a,0.5,0.25\nb,0.5,0.5\n")
    return samples, "--clock", clock


def test_a_level_needs_a_clock_that_was_trained(published, made, tmp_path):
    found = run("methylation", *published, "--transform", "none", "--level", "0.9")
    assert found.exit_code == 2 and "--level" in found.stderr
    for text in ("nan", "inf", "1"):
        found = run("methylation", made[1], "--clock", made[0], "--level", text)
        assert found.exit_code == 2 and "Traceback" not in found.output
    found = run("methylation", made[1], "--clock", made[0], "--level", "0,8", "--format", "json")
    assert json.loads(found.stdout.splitlines()[0])["level"] == 0.8
    found = run("methylation", made[1], "--clock", made[0], "--lifespan", "65")
    assert found.exit_code == 2 and "life history" in found.stderr


def test_spreadsheets_read_a_row_a_sample(published):
    found = run("methylation", *published, "--transform", "none", "--format", "csv")
    assert found.exit_code == 0, found.output
    frame = pd.read_csv(io.StringIO(found.stdout))
    assert frame["sample"].tolist() == ["'=a", "b"]
    assert frame["age"].tolist() == pytest.approx([10.0, 11.0])
    assert frame["warnings"].tolist() == ["NO_INTERVAL"] * 2 and frame["low"].isna().all()


def test_spreadsheets_read_the_interval_of_a_trained_clock(made):
    frame = pd.read_csv(
        io.StringIO(run("methylation", made[1], "--clock", made[0], "--format", "csv").stdout)
    )
    assert len(frame) == 30 and (frame["low"] <= frame["age"]).all()
    assert (frame["age"] <= frame["high"]).all()


def test_an_age_beyond_the_lifespan_is_told(published):
    life = ("--species", "Loxodonta africana", "--gestation", 1.76, "--maturity", 9)
    ages = ("methylation", *published, "--transform", "universal3", *life, "--format", "json")
    for lifespan, told in ((65, True), (400, False)):
        found = run(*ages, "--lifespan", lifespan)
        one = json.loads(found.stdout.splitlines()[0])
        assert (one["age"] > lifespan) is told
        assert ("BEYOND_LIFESPAN" in [said["code"] for said in one["warnings"]]) is told


def test_a_trained_clock_does_not_ask_for_typical_values(made, tmp_path):
    samples = tmp_path / "x.csv"
    samples.write_text("sample,cg0\na,0.5\n")
    found = run("methylation", samples, "--clock", made[0])
    assert found.exit_code == 3 and "are missing" in found.stderr
    assert "typical" not in found.stderr
