"""A regressor of scikit-learn in court: a finding by it is computed again from the ledger."""

import csv
import gzip
import shutil

import pytest
from sklearn.linear_model import Ridge

import forensics
from forensics.custody import keys, open_ledger, record_origin
from forensics.demonstration import PASSPHRASE
from forensics.genetics.reading import read_genotypes
from forensics.origin.predict import assign_with
from forensics.origin.training import train_genotypes
from forensics.reanalysis.attachments import CannotRecompute
from forensics.reanalysis.comparison import reproduce
from forensics.resources import folder

pytest.importorskip("skops")


def test_a_finding_by_a_regressor_is_computed_again(_made, tmp_path):
    ledgers = shutil.copytree(_made[0], tmp_path / "case")
    table = folder("models") / "data" / "simulated_range.csv.gz"
    model = train_genotypes(
        read_genotypes(table), tmp_path / "ridge", name="ridge", version="1", estimator=Ridge(),
        evaluated=False,
    )  # fmt: skip
    with gzip.open(table, "rt", encoding="utf-8") as stream:
        row = next(csv.DictReader(stream))
    columns = ["animal", *(name for name in row if name.startswith("SIM"))]
    exhibit = tmp_path / "exhibit.csv"
    with exhibit.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerow(row)
    result = assign_with(model, read_genotypes(exhibit))[0]
    assert result.estimator == "Ridge"
    key = keys.open_key(ledgers / "laboratory.db.keys/bruno.key", lambda: PASSPHRASE)
    with open_ledger(ledgers / "laboratory.db", key=key) as bruno:
        event = record_origin(bruno, "S1", result, runs=["SEQ-7"], inputs=[exhibit]).seq
    with open_ledger(ledgers / "laboratory.db") as ledger:
        assert ledger.event(event).fields["result"]["estimator"] == "Ridge"
        again = reproduce(ledger, event, [], forensics.identify, models=lambda: [model])
        assert again.same and not again.differences and not again.environment
        with pytest.raises(CannotRecompute, match="Give it with --model"):
            reproduce(ledger, event, [], forensics.identify, models=list)
