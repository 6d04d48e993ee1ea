"""docs/formats.md names the keys that are written, and no other."""

import csv
import json
import re

import pytest
from click.testing import CliRunner

import forensics
from forensics.cli import main
from forensics.origin.predict import assign_with
from forensics.training.rounds import new_code, seal


@pytest.fixture(scope="module")
def keys(root):
    """Return what gives the names in the first column of the table below a heading."""

    def keys(heading, page="formats.md"):
        text = (root / "docs" / page).read_text(encoding="utf-8")
        section = text.partition(f" {heading}\n")[2]
        section = re.split(r"^#", section, flags=re.MULTILINE)[0]
        cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.MULTILINE)
        return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]

    return keys


def test_of_a_library(keys, root):
    place = root / "reference_sequences"
    manifest = place / "COI" / "manifest.json"
    calibration = place / "COI" / "calibration.json"
    assert set(keys("`library.json`")) == set(json.loads((place / "library.json").read_text()))
    assert set(keys("`COI/manifest.json`")) == set(json.loads(manifest.read_text()))
    assert keys("`COI/calibration.json`") == list(json.loads(calibration.read_text()))
    with open(place / "COI" / "records.tsv", encoding="utf-8", newline="") as handle:
        columns = next(csv.reader(handle, delimiter="\t"))
    assert sorted(keys("`COI/records.tsv`")) == sorted(columns)


def test_of_an_identification(keys, root, embedded):
    place = root / "reference_sequences" / "demonstration" / "scale.fasta"
    told = forensics.identify(place, library=embedded, locus="COI")[0].to_dict()
    written = keys("Identify JSON")
    # Of a piece of a genome, of a unit, of a region, of what nothing is near to, and of a header with more than a name.
    others = {"part", "members", "missing_in_region", "placement", "description"}
    assert [key for key in written if key not in others] == list(told)
    genome = place.with_name("elephant_mitogenome.fasta.gz")
    part = forensics.identify(genome, library=embedded)[0].to_dict()
    assert [key for key in written if key in part] == list(part)
    assert "part" in part


def test_of_a_model_and_an_origin(keys, root, tmp_path):
    model = json.loads((root / "models" / "microbov-breeds" / "model.json").read_text())
    assert set(keys("`model.json`")) == set(model)
    import gzip

    with gzip.open(root / "models" / "data" / "microbov.csv.gz", "rt", encoding="utf-8") as handle:
        rows = [next(handle) for _row in range(2)]
    (tmp_path / "one.csv").write_text("".join(rows), encoding="utf-8")
    told = list(assign_with("microbov-breeds", tmp_path / "one.csv"))[0].to_dict()
    text = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    added = re.search(r"\*populations\* adds (.*?);", text, re.DOTALL)[1]
    assert set(keys("Origin JSON")) | set(re.findall(r"`(\w+)`", added)) == set(told)


def test_of_sealed_answers(keys):
    assert set(keys("`sealed.json`")) == set(json.loads(seal({"S01": "x"}, new_code())))


def test_of_a_report(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(main, ["training", "case", "case"])
    assert made.exit_code == 0, made.output
    arguments = "report build T-2026-001 --details case/details.toml --output report.json".split()
    environment = {"FORENSICS_LEDGER": "case/laboratory.db"}
    built = CliRunner().invoke(main, arguments, env=environment)
    assert built.exit_code == 0, built.output
    text = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    section = re.search(r"Keys of the first level: (.*?)\.\s", text, re.DOTALL)[1]
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(re.findall(r"`(\w+)`", section)) == set(told)
