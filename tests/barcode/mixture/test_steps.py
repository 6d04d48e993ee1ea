import json

import pytest

from forensics.barcode.mixture.denoising import open_workplace
from forensics.errors import UsageError


def make(folder):
    (folder / "made.txt").write_text("made")
    return {"count": 3, "pair": (1, 2)}


def never(folder):
    raise AssertionError("it was done before")


def step(place, made=make, **changed):
    asked = {"inputs": {"a": "1" * 64}, "parameters": {"p": (1, 2)}, "program": "x 1"} | changed
    return place.step("one", made, **asked)


def test_a_step_is_done_once_and_its_counts_are_kept(tmp_path):
    with open_workplace(tmp_path / "work") as place:
        first = step(place)
    with open_workplace(tmp_path / "work") as place:
        again = step(place, never)
    assert not first.resumed and again.resumed
    assert first.counts == again.counts == {"count": 3, "pair": [1, 2]}
    assert first.made == again.made and (again.folder / "made.txt").read_text() == "made"


@pytest.mark.parametrize(
    "changed", [{"inputs": {"a": "2" * 64}}, {"parameters": {"p": 2}}, {"program": "x 2"}]
)
def test_it_is_done_again_where_something_changed(tmp_path, changed):
    with open_workplace(tmp_path / "work") as place:
        step(place)
        assert not step(place, **changed).resumed


@pytest.mark.parametrize("damage", ["cut", "gone", "record", "more"])
def test_it_is_done_again_where_what_it_made_was_damaged(tmp_path, damage):
    with open_workplace(tmp_path / "work") as place:
        folder = step(place).folder
        if damage == "gone":
            (folder / "made.txt").unlink()
        elif damage == "record":
            (folder / "step.json").write_text("[]")
        else:
            (folder / ("made.txt" if damage == "cut" else "other")).write_text("ma")
        again = step(place)
    assert not again.resumed
    assert (again.folder / "made.txt").read_text() == "made"


def test_a_step_that_is_broken_off_leaves_nothing_half_done(tmp_path):
    def broken(folder):
        (folder / "made.txt").write_text("ma")
        raise KeyboardInterrupt

    with open_workplace(tmp_path / "work") as place:
        with pytest.raises(KeyboardInterrupt):
            step(place, broken)
        assert list((tmp_path / "work" / "steps").iterdir()) == []
        assert not list((tmp_path / "work").glob("partial-*"))


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    with open_workplace(tmp_path / "work"):
        pass
    (tmp_path / "work" / "partial-1234").mkdir()
    (tmp_path / "work" / "partial-1234" / "made.txt").write_text("ma")
    with open_workplace(tmp_path / "work"):
        assert not list((tmp_path / "work").glob("partial-*"))


def test_a_folder_with_other_things_is_not_touched(tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match="holds other things"), open_workplace(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_two_runs_do_not_work_in_one_folder(tmp_path):
    with open_workplace(tmp_path / "work"):
        with pytest.raises(UsageError, match="Another run"), open_workplace(tmp_path / "work"):
            pass
    with open_workplace(tmp_path / "work"):
        pass


def test_a_record_of_another_form_is_no_record(tmp_path):
    with open_workplace(tmp_path / "work") as place:
        folder = step(place).folder
        record = json.loads((folder / "step.json").read_text())
        (folder / "step.json").write_text(json.dumps(record | {"made": "x"}))
        assert not step(place).resumed
