"""A classifier of scikit-learn from training to court: model, ledger, computed again, words of the report."""

import csv
import gzip
import shutil

import pytest
from click.testing import CliRunner
from training_case import as_person
from typed_reports import as_finding

import forensics
from forensics.cli import main
from forensics.custody import open_ledger, record_origin
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.origin.models import open_model
from forensics.origin.predict import assign_with
from forensics.reanalysis.comparison import reproduce
from forensics.reanalysis.recorded import CannotRecompute
from forensics.report import narrative

pytest.importorskip("skops")


@pytest.fixture(scope="module")
def case(_made, tmp_path_factory):
    """The training case with a finding by a forest; its folder, the model, and the event."""
    place = tmp_path_factory.mktemp("classifier")
    ledgers = shutil.copytree(_made[0], place / "case")
    with gzip.open(folder("models") / "data" / "microbov.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    breeds = sorted({row["breed"] for row in rows})[:4]
    rows = [row for row in rows if row["breed"] in breeds]
    for name, part in (("reference.csv", rows[::2]), ("samples.csv", rows[1:60:4])):
        with (place / name).open("w", newline="", encoding="utf-8") as stream:
            columns = [
                key for key in rows[0] if name == "reference.csv" or key not in ("breed", "country")
            ]
            writer = csv.DictWriter(stream, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(part)
    trained = CliRunner().invoke(
        main,
        ["origin", "train", str(place / "reference.csv"), "--population", "breed", "--estimator",
         "sklearn.linear_model:LogisticRegression", "--output", str(place / "forest")],
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    results = assign_with(place / "forest", read_genotypes(place / "samples.csv"))
    assigned = next(result.sample for result in results if result.status == "assigned")
    lines = (place / "samples.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    exhibit = place / "exhibit.csv"
    exhibit.write_text(lines[0] + next(line for line in lines if line.startswith(f"{assigned},")))
    result = assign_with(place / "forest", read_genotypes(exhibit))[0]
    assert result.status == "assigned"
    with as_person(ledgers, "bruno") as bruno:
        event = record_origin(bruno, "S1", result, runs=["SEQ-7"], inputs=[exhibit]).seq
    return ledgers / "laboratory.db", open_model(place / "forest"), event


def test_a_finding_by_a_classifier_is_computed_again(case):
    path, model, event = case
    with open_ledger(path) as ledger:
        again = reproduce(ledger, event, [], forensics.identify, models=lambda: [model])
        assert again.same and not again.differences and not again.environment
        with pytest.raises(CannotRecompute, match="Give it with --model"):
            reproduce(ledger, event, [], forensics.identify, models=list)


def test_the_report_names_the_method_and_states_no_likelihood_ratio(case):
    path, _model, event = case
    with open_ledger(path) as ledger:
        result = ledger.event(event).fields["result"]
    finding = as_finding({"kind": "origin", "result": result})
    text = " ".join(map(str, narrative.parts(finding)))
    assert "classifier trained on the reference populations" in text
    assert "each population is as frequent as in the reference" in text
    assert "No likelihood ratio is stated" in text
    assert result["origin"] in narrative.headline(finding)
