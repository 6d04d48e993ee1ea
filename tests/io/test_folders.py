"""A folder is made whole or not at all."""

import pytest

from forensics.errors import InputError, UsageError
from forensics.io.files import making_folder


def test_a_folder_is_there_when_the_block_ends_and_an_empty_one_is_taken(tmp_path):
    for name in ("new", "empty"):
        if name == "empty":
            (tmp_path / name).mkdir()
        with making_folder(tmp_path / name) as partial:
            (partial / "x.txt").write_text("x")
            assert not (tmp_path / name / "x.txt").exists()
        assert (tmp_path / name / "x.txt").read_text() == "x"
    assert {path.name for path in tmp_path.iterdir()} == {"new", "empty"}


@pytest.mark.parametrize(
    ("raised", "expected"), [(OSError("full"), InputError), (ValueError("x"), ValueError)]
)
def test_an_error_leaves_nothing(tmp_path, raised, expected):
    with pytest.raises(expected), making_folder(tmp_path / "new"):
        raise raised
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(UsageError, match="already exists"), making_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]
