"""The deposited name stays beside the accepted one wherever a candidate is shown."""

import json
import random
from pathlib import Path

import pytest

from forensics.barcode.identification import Identification
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.examination import identify

_SEQUENCE = "".join(random.Random(5).choices("ACGT", k=600))
_OTHER = "".join(random.Random(6).choices("ACGT", k=600))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Identification:
    records = [
        (ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE),
        (ReferenceRecord.named("A2", "Panthera tigris altaica", locus="COI"), _OTHER),
    ]
    folder: Path = tmp_path_factory.mktemp("library") / "library"
    library = build_library(records, folder, screening=False, calibration=False).library
    return identify(f">q\n{_SEQUENCE}\n", library=library)[0]


def test_json_names_what_was_accepted_and_beside_it_what_was_deposited(
    result: Identification,
) -> None:
    candidate = json.loads(result.to_json())["candidates"][0]
    assert candidate["species"] == "Ardenna bulleri"
    assert candidate["deposited"] == "Puffinus bulleri"
    assert result.taxon == "Ardenna bulleri"


def test_rows_and_lines_for_people_show_both(result: Identification) -> None:
    assert result.to_row()["best_species"] == "Ardenna bulleri"
    assert result.to_row()["deposited"] == "Puffinus bulleri"
    best = dict(result.lines())["Best match"]
    assert best.startswith("Ardenna bulleri (deposited as Puffinus bulleri), ")


def test_it_is_read_back(result: Identification) -> None:
    read = Identification.from_json(result.to_json())
    assert read == result
    assert read.candidates[0].deposited == "Puffinus bulleri"


def test_a_subspecies_and_an_accepted_name_were_deposited_as_they_are() -> None:
    assert ReferenceRecord.named("A2", "Panthera tigris altaica").deposited == ""
    assert ReferenceRecord.named("A3", "Ardenna bulleri").deposited == ""
    assert ReferenceRecord.named("A4", "Ardenna sp.").deposited == ""


def test_the_library_says_what_was_renamed_and_why(result: Identification, tmp_path: Path) -> None:
    records = [(ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE)]
    build = build_library(records, tmp_path / "library", screening=False, calibration=False)
    assert [(c.name, c.accepted) for c in build.renamed or ()] == [
        ("Puffinus bulleri", "Ardenna bulleri")
    ]
    assert "NCBI Taxonomy" in (tmp_path / "library" / "renamed.tsv").read_text(encoding="utf-8")
    kept = build_library(
        records, tmp_path / "other", screening=False, calibration=False, reconcile=False
    )
    assert kept.species == {"Puffinus bulleri"}
    assert kept.renamed is None
    assert kept.library.backbone is not None


def test_a_library_brings_its_backbone_and_verifies_it(tmp_path: Path) -> None:
    from forensics.errors import VerificationError

    records = [(ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE)]
    library = build_library(
        records, tmp_path / "library", screening=False, calibration=False
    ).library
    library.verify()
    assert library.backbone is not None
    assert library.backbone.known_species("Ardenna") >= 6
    assert library.backbone.ranks_of("Ardenna")["class"] == "Aves"
    path = tmp_path / "library" / "backbone.tsv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("bulleri", "bullerii"), encoding="utf-8"
    )
    from forensics.barcode.reference.library import open_library

    with pytest.raises(VerificationError, match=r"backbone\.tsv"):
        open_library(tmp_path / "library").verify()
