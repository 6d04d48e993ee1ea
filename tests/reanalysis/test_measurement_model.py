"""A finding by a laboratory's own classifier on measurements: recorded, reported, computed again with its model."""

import shutil

import pytest
from click.testing import CliRunner
from husbandry_simulation import animals, table
from typed_reports import as_finding

import forensics
from forensics.cli import main
from forensics.custody import keys, open_ledger, record_finding
from forensics.demonstration import PASSPHRASE
from forensics.individual.captive.examining import examine_with_model
from forensics.individual.captive.measurement_models import open_measurement_model
from forensics.individual.captive.measurements import read_measurements
from forensics.reanalysis.attachments import CannotRecompute
from forensics.reanalysis.comparison import reproduce
from forensics.report import narrative

pytest.importorskip("skops")


@pytest.fixture(scope="module")
def case(_made, tmp_path_factory):
    """The training case with such a finding; its ledger, the folder of the model, and the event."""
    place = tmp_path_factory.mktemp("measured")
    ledgers = shutil.copytree(_made[0], place / "case")
    table(80, 2).to_csv(place / "known.csv", index=False)
    trained = CliRunner().invoke(
        main,
        ["individual", "train", str(place / "known.csv"), "--class-column", "origin", "--group-column",
         "farm", "--columns", "d13C,d15N", "--estimator", "sklearn.linear_model:LogisticRegression",
         "--output", str(place / "model")],
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    values, _group = animals("wild", 1, seed=21)
    exhibit = place / "exhibit.csv"
    exhibit.write_text(f"sample,d13C,d15N\nS1,{values[0, 0]},{values[0, 1]}\n")
    (result,) = examine_with_model(
        read_measurements(exhibit, columns=["d13C", "d15N"]),
        open_measurement_model(place / "model"),
    )
    assert result.supported == "wild"
    key = keys.open_key(ledgers / "laboratory.db.keys/bruno.key", lambda: PASSPHRASE)
    with open_ledger(ledgers / "laboratory.db", key=key) as bruno:
        event = record_finding(
            bruno, "S1", result, kind="individual", runs=["SEQ-7"], inputs=[exhibit]
        ).seq
    return ledgers / "laboratory.db", place / "model", event


def test_it_is_computed_again_with_its_model(case):
    ledger, model, event = case
    with open_ledger(ledger) as opened:
        again = reproduce(
            opened, event, [], forensics.identify, models=lambda: [open_measurement_model(model)]
        )
        assert again.same, again.differences
        with pytest.raises(CannotRecompute, match="SHA-256 .* Give it with --model"):
            reproduce(opened, event, [], forensics.identify)


def test_the_command_takes_the_model(case):
    ledger, model, event = case
    done = CliRunner().invoke(
        main, ["report", "reproduce", str(event), "--ledger", str(ledger), "--model", str(model)]
    )
    assert done.exit_code == 0, done.output


def test_the_report_says_whose_classifier_it_is(case):
    ledger, _model, event = case
    with open_ledger(ledger) as opened:
        fields = opened.event(event).fields
    finding = as_finding({
        "kind": "individual", "sample": "S1",
        "result": {**fields["result"], "provenance": fields["provenance"]},
    })  # fmt: skip
    text = " ".join(map(str, narrative.parts(finding)))
    assert "The classifier is the laboratory's own: LogisticRegression, of scikit-learn." in text
