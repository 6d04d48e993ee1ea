"""A classifier on measurements from training to court: model, command, ledger, report, computed again."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from husbandry_simulation import animals, table
from sklearn.linear_model import LinearRegression, LogisticRegression

from forensics.cli import main
from forensics.errors import InputError, ModelError, UsageError
from forensics.individual.captive.examining import examine_with_model
from forensics.individual.captive.measurement_models import (
    ModelCard,
    open_measurement_model,
    train_measurements,
)
from forensics.individual.captive.measurements import read_measurements
from forensics.individual.captive.results import Husbandry
from forensics.stored_results import read_result

pytest.importorskip("skops")


@pytest.fixture(scope="module")
def known():
    return read_measurements(
        table(80, 2), columns=["d13C", "d15N"], sample="sample", classes="origin", groups="farm"
    )


@pytest.fixture(scope="module")
def trained(known, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "logistic"
    model = train_measurements(
        known, LogisticRegression(), path, name="logistic", version="1",
        card=ModelCard(use="a test", limits=("Made up.",)),
    )  # fmt: skip
    return path, model


def samples(*kinds, each=6, seed=7):
    frame = table(each, kinds=kinds, seed=seed)
    frame["sample"] = [f"Q{row}" for row in range(len(frame))]
    return read_measurements(frame, columns=["d13C", "d15N"], sample="sample")


def test_a_stored_model_classes_samples_and_excludes_strangers(trained):
    path, _model = trained
    model = open_measurement_model(path)
    results = examine_with_model(samples("wild", "captive", each=20), model)
    supported = [result.supported for result in results]
    assert set(supported[:20]) <= {"wild", None} and set(supported[20:]) <= {"captive", None}
    assert supported.count("wild") >= 5
    strangers = examine_with_model(samples("other", each=20), model)
    assert {result.status for result in strangers} == {"neither"}
    result = results[0]
    assert result.estimator == "LogisticRegression"
    assert result.provenance.library == model.identity()
    assert result.model_limits[0] == "Made up." and "Made up." in result.limits()
    assert ("Classifier", "LogisticRegression") in result.details()


def test_results_are_read_back(trained):
    (result, *_rest) = examine_with_model(samples("wild"), trained[1])
    record = json.loads(result.to_json())
    again = read_result(record)
    assert type(again) is Husbandry and again.to_dict() == record
    assert list(record)[-3:] == ["estimator", "model_limits", "provenance"]


def test_the_card_has_figures_of_groups_that_were_left_out(trained):
    path, model = trained
    text = (path / "README.md").read_text(encoding="utf-8")
    assert "A model of measurements" in text and "LogisticRegression" in text and "Made up." in text
    figures = model.card["evaluation"]["groups left out"]
    assert figures["Reference"].startswith("320 samples in 160 groups")
    assert "random_state=1" in model.card["parameters"]["estimator parameters"]


def test_the_prior_moves_posteriors_and_not_ratios(trained):
    questioned = samples("wild")
    even = examine_with_model(questioned, trained[1])[0]
    moved = examine_with_model(questioned, trained[1], prior={"wild": 0.9, "captive": 0.1})[0]
    assert moved.log10_lr == pytest.approx(even.log10_lr)
    assert moved.posteriors["wild"] > even.posteriors["wild"]


def test_what_does_not_fit_is_refused(known, trained, tmp_path):
    with pytest.raises(UsageError, match="LinearRegression is not a classifier"):
        train_measurements(known, LinearRegression(), tmp_path / "m", name="m", version="1")
    with pytest.raises(ModelError, match="exists already"):
        train_measurements(known, LogisticRegression(), trained[0], name="m", version="1")
    frame = table(40, 2)
    frame.loc[3, "d15N"] = np.nan
    gaps = read_measurements(
        frame, columns=["d13C", "d15N"], sample="sample", classes="origin", groups="farm"
    )
    with pytest.raises(InputError, match="these samples lack one: wild 3"):
        train_measurements(gaps, LogisticRegression(), tmp_path / "m", name="m", version="1")
    with pytest.raises(InputError, match="independent groups"):
        few = read_measurements(
            table(4), columns=["d13C", "d15N"], sample="sample", classes="origin", groups="farm"
        )
        train_measurements(few, LogisticRegression(), tmp_path / "m", name="m", version="1")
    lacking = read_measurements(frame.iloc[3:4], columns=["d13C", "d15N"], sample="sample")
    with pytest.raises(InputError, match="wild 3 has no d15N"):
        examine_with_model(lacking, trained[1])


def test_a_model_that_was_changed_is_refused(trained, tmp_path):
    path = shutil.copytree(trained[0], tmp_path / "copy")
    description = json.loads((path / "model.json").read_text(encoding="utf-8"))
    for change, message in (
        ({"format": "forensics origin model 1"}, "has format"),
        ({"labels": {**description["labels"], "classes": ["wild"]}}, "not a model of this format"),
        ({"parameters": {**description["parameters"], "slope of scores": "steep"}}, "damaged"),
        ({"labels": {}}, "damaged"),
    ):
        (path / "model.json").write_text(json.dumps(description | change), encoding="utf-8")
        with pytest.raises(ModelError, match=message):
            open_measurement_model(path)
    (path / "model.json").write_text(json.dumps(description), encoding="utf-8")
    (path / "estimator.skops").write_bytes(b"something else")
    with pytest.raises(ModelError, match="is not the file that model.json names"):
        open_measurement_model(path)
    with pytest.raises(ModelError):
        open_measurement_model(tmp_path / "none")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    frame = table(80, 2)
    frame.to_csv(tmp_path / "known.csv", index=False)
    values, _group = animals("wild", 1, seed=21)
    (tmp_path / "exhibit.csv").write_text(f"sample,d13C,d15N\nS1,{values[0, 0]},{values[0, 1]}\n")
    return tmp_path


def test_the_commands_train_and_apply(files):
    trained = run(
        "individual", "train", files / "known.csv", "--class-column", "origin", "--group-column", "farm",
        "--columns", "d13C,d15N", "--estimator", "sklearn.linear_model:LogisticRegression",
        "--output", files / "model", "--limit", "Made up.",
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    assert "model model 1 (LogisticRegression), sha256 " in trained.output
    applied = run(
        "individual",
        "captive",
        files / "exhibit.csv",
        "--model",
        files / "model",
        "--format",
        "json",
    )
    assert applied.exit_code == 0, applied.output
    record = json.loads(applied.stdout.splitlines()[0])
    assert record["estimator"] == "LogisticRegression" and record["supported"] == "wild"
    for wrong in (
        ["--model", files / "model", "--reference", files / "known.csv"],
        ["--model", files / "model", "--without-suspects"],
        [],
        ["--reference", files / "known.csv"],
    ):
        refused = run("individual", "captive", files / "exhibit.csv", *wrong)
        assert refused.exit_code == 2, refused.output
