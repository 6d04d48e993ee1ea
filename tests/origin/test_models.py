"""Models are folders that run no code, name every number and are never changed."""

import errno
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from spatial_simulation import simulated_animals

from forensics.errors import InputError, ModelError
from forensics.io.files import folder
from forensics.learning.models import card_of
from forensics.origin.models import open_model, packaged_models, save_model
from forensics.origin.training import train_genotypes


@pytest.fixture
def made(tmp_path):
    return save_model(
        tmp_path / "m",
        name="m",
        version="1",
        kind="populations",
        card={"use": "tests", "limits": ["none"], "licence": "BSD-3-Clause", "parameters": {}},
        labels={"populations": ["A"]},
        arrays={"counts": np.arange(6.0).reshape(2, 3)},
    )


def test_what_is_saved_is_what_is_opened(made, tmp_path):
    opened = open_model(tmp_path / "m")
    assert opened.identity() == made.identity()
    assert opened.labels == {"populations": ["A"]}
    assert np.array_equal(opened.arrays["counts"], np.arange(6.0).reshape(2, 3))
    assert "tests" in (tmp_path / "m" / "README.md").read_text()


def test_a_model_of_the_package_is_a_demonstration_wherever_it_lies(made, tmp_path):
    assert made.identity()["demonstration"] is False
    for name in packaged_models():
        assert open_model(name).identity()["demonstration"] is True
    copy = shutil.copytree(folder("models") / "microbov-breeds", tmp_path / "our_own")
    assert open_model(copy).demonstration


def test_packaged_models_have_every_array_of_a_model_that_is_trained_now(tmp_path):
    """Else a test that a newer version makes, such as the guard against crosses, would be silent in them."""
    animals = simulated_animals(seed=5, sites=8, animals=5, loci=6)
    for name in packaged_models():
        packaged = open_model(name)
        now = tmp_path / packaged.kind
        if not now.exists():
            train_genotypes(
                animals, now, name="now", version="1", kind=packaged.kind, evaluated=False
            )
        assert set(open_model(now).arrays) <= set(packaged.arrays), name
        assert any(array.endswith("fit_crossed") for array in packaged.arrays), name


def test_arrays_of_an_opened_model_cannot_be_changed(made):
    with pytest.raises(ValueError):
        made.arrays["counts"][0, 0] = 9


def test_a_model_is_never_replaced(made, tmp_path):
    with pytest.raises(ModelError, match="never changed"):
        save_model(
            tmp_path / "m", name="m", version="2", kind="places", card={}, labels={}, arrays={}
        )
    assert open_model(tmp_path / "m").sha256 == made.sha256


def test_nothing_is_left_when_saving_fails(tmp_path):
    with pytest.raises(ValueError):
        save_model(
            tmp_path / "m", name="m", version="1", kind="places", card={"x": float("nan")},
            labels={}, arrays={},
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_the_folder_and_leaves_nothing(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="cannot be written: No space left") as raised:
        save_model(
            tmp_path / "m", name="m", version="1", kind="places", card={}, labels={}, arrays={}
        )
    assert str(tmp_path / "m") in str(raised.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["model.json", "arrays.npz"])
def test_any_changed_byte_is_found_or_changes_the_name(made, tmp_path, file):
    path = tmp_path / "m" / file
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), max(1, len(content) // 40)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        try:
            assert open_model(tmp_path / "m").sha256 != made.sha256
        except ModelError:
            pass
    path.write_bytes(content)
    assert open_model(tmp_path / "m").sha256 == made.sha256


def test_pickled_arrays_are_refused(made, tmp_path):
    folder = tmp_path / "m"
    packed = io.BytesIO()
    np.savez(packed, evil=np.array([{"a": 1}], dtype=object))
    (folder / "arrays.npz").write_bytes(packed.getvalue())
    description = json.loads((folder / "model.json").read_text())
    import hashlib

    description["arrays"]["sha256"] = hashlib.sha256(packed.getvalue()).hexdigest()
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match="damaged"):
        open_model(folder)


def test_an_archive_that_swells_is_refused(made, tmp_path, monkeypatch):
    monkeypatch.setattr("forensics.learning.models._MAX_BYTES", 2**20)
    folder = tmp_path / "m"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("counts.npy", bytes(2**22))
    (folder / "arrays.npz").write_bytes(packed.getvalue())
    description = json.loads((folder / "model.json").read_text())
    import hashlib

    description["arrays"]["sha256"] = hashlib.sha256(packed.getvalue()).hexdigest()
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match="which is too much for data"):
        open_model(folder)


def test_another_format_says_what_to_do(made, tmp_path):
    path = tmp_path / "m" / "model.json"
    path.write_text(path.read_text().replace("origin model 1", "origin model 9"))
    with pytest.raises(ModelError, match="Train the model again"):
        open_model(tmp_path / "m")


def test_what_is_no_model_names_the_packaged_ones():
    with pytest.raises(ModelError, match="microbov-breeds"):
        open_model("no such model")


def test_names_of_strangers_do_not_shape_the_card(tmp_path):
    model = save_model(
        tmp_path / "m", name="m", version="1", kind="populations",
        card={"limits": ["<script>x</script> | a\n# b"]}, labels={}, arrays={},
    )  # fmt: skip
    text = (tmp_path / "m" / "README.md").read_text()
    assert "<script>" not in text
    assert "\n# b" not in text
    assert model.name == "m"


@pytest.mark.parametrize("name", packaged_models())
def test_packaged_models_have_a_card_and_figures(name):
    model = open_model(name)
    assert model.card["limits"]
    assert isinstance(model.card["evaluation"], dict)
    assert model.card["data"]["animals"] > 100
    if name != "simulated-range":
        assert "GPL" in model.card["licence"]
    else:
        assert "SIMULATED" in model.card["use"]


def test_the_manifest_names_every_packaged_file():
    from forensics.io.files import folder, sha256

    models = folder("models")
    held = json.loads((models / "manifest.json").read_text())
    files = {
        path.relative_to(models).as_posix()
        for path in models.rglob("*")
        if path.is_file() and path.parent != models and "__pycache__" not in path.parts
    }
    assert set(held) == files
    assert all(sha256(models / name) == value for name, value in held.items())


def test_the_card_says_how_the_model_is_used_and_what_it_is_not_for():
    text = (folder("models") / "microbov-breeds" / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# microbov-breeds")
    assert "forensics origin assign microbov-breeds" in text
    assert "## What it is not for" in text
    assert "| given to their own population | 0.95" in text
    assert "| 0.05 | 0.447" in text


def test_what_a_stranger_wrote_shapes_no_card():
    evil = "yes\n---\n# A | title <script>"
    text = card_of({"name": "m", "version": "1.0", "kind": "places", "use": evil,
                    "licence": evil, "limits": [evil], "data": {"file": evil}})  # fmt: skip
    assert text.count("yes --- # A / title ‹script>") == 4
    assert "<script>" not in text and "\n---\n" not in text


def test_the_card_of_a_model_without_figures_says_so():
    text = card_of({"name": "m", "version": "1", "kind": "places", "evaluation": "Not evaluated."})
    assert "Not evaluated." in text


@pytest.mark.parametrize("name", packaged_models())
def test_the_card_is_what_model_json_says(name):
    path = folder("models") / name
    description = json.loads((path / "model.json").read_text(encoding="utf-8"))
    assert card_of(description) == (path / "README.md").read_text(encoding="utf-8")
