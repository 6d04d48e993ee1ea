import json

import pytest
from click.testing import CliRunner
from laboratory import Laboratory

from forensics.cli import age as commands
from forensics.cli import main


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


def test_constants_are_those_of_the_package():
    from forensics.age import fetching, methylation, radiocarbon

    assert commands.POSITIONS == tuple(radiocarbon.POSITIONS) or set(commands.POSITIONS) == set(
        radiocarbon.POSITIONS
    )
    assert commands.TRANSFORMS == methylation.TRANSFORMS
    assert commands.CURVES == tuple(fetching.CURVES) and commands.SERVER == fetching.SERVER


def test_a_sample_without_position_gets_no_word_on_death_before_a_date(curve):
    found = dated(curve, 1.2, "--sd", 0.003, "--after", "1990-01-18")
    assert found.exit_code == 0, found.output
    text = " ".join(found.stdout.split())
    assert "Of death before it nothing is said" in text and "formed last: death" not in text
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


def test_a_result_becomes_a_finding_in_the_ledger(curve, tmp_path):
    from forensics.age.curves import read_curve
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import radiocarbon_result
    from forensics.custody import record_finding

    (tmp_path / "lab").mkdir()
    lab = Laboratory.founded(tmp_path / "lab")
    try:
        lab.found()
        result = radiocarbon_result(
            calibrate(1.2, 0.003, read_curve(curve), until=2014.2), ["1990-01-18"], sample="S1"
        )
        receipt = record_finding(
            lab.as_("bruno"), "S1", result, kind="age", runs=["R1"], inputs=[curve]
        )
        assert receipt.seq in lab.state.findings
    finally:
        lab.close()
