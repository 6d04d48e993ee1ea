"""An origin within a range map: the file is attached, read again, and a changed one is noticed."""

import csv
import gzip
import json
import shutil

import pytest
from training_case import as_person

import forensics
from forensics.custody import open_ledger, record_origin
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.origin.models import open_model
from forensics.origin.polygons import read_range_map
from forensics.origin.predict import assign_with
from forensics.reanalysis.comparison import reproduce
from forensics.reanalysis.recorded import AttachmentAltered

WEST = [[-14, 3], [10, 3], [10, 13], [-14, 13], [-14, 3]]


@pytest.fixture(scope="module")
def exhibit(tmp_path_factory):
    path = tmp_path_factory.mktemp("exhibit") / "exhibit.csv"
    table = folder("models") / "data" / "simulated_range.csv.gz"
    with gzip.open(table, "rt", encoding="utf-8") as stream:
        row = next(csv.DictReader(stream))
    columns = ["animal", *(name for name in row if name.startswith("SIM"))]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerow(row)
    return path


def recorded(place, exhibit, inputs=(), **options):
    """Return a ledger with an origin of the exhibit, and the event."""
    ledgers = shutil.copytree(place, exhibit.parent / f"case{len(list(exhibit.parent.iterdir()))}")
    result = assign_with("simulated-range", read_genotypes(exhibit), **options)[0]
    with as_person(ledgers, "bruno") as bruno:
        receipt = record_origin(bruno, "S1", result, runs=["SEQ-7"], inputs=[exhibit, *inputs])
    return ledgers / "laboratory.db", receipt.seq


def again(ledger, event):
    with open_ledger(ledger) as opened:
        return reproduce(
            opened, event, [], forensics.identify, models=lambda: [open_model("simulated-range")]
        )


def test_a_range_map_is_read_again_and_another_one_is_noticed(_made, exhibit, tmp_path):
    path = tmp_path / "west.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [WEST]}), encoding="utf-8")
    range_map = read_range_map(path)
    ledger, event = recorded(_made[0], exhibit, [path], range_map=range_map)
    found = again(ledger, event)
    assert found.same and not found.differences and not found.environment
    copy = next(ledger.parent.rglob(range_map.sha256))
    kept = copy.read_bytes()
    copy.chmod(0o600)
    copy.write_bytes(kept.replace(b"-14", b"-12"))
    with pytest.raises(AttachmentAltered):
        again(ledger, event)
    copy.write_bytes(kept)
    assert again(ledger, event).same


def test_an_origin_beyond_the_range_is_computed_again_beyond_it(_made, exhibit):
    ledger, event = recorded(_made[0], exhibit, beyond_range=True)
    assert again(ledger, event).same
