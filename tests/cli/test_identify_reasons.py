"""``forensics identify --reasons --criteria --tree``."""

import json
import sys

import pytest
from click.testing import CliRunner
from simulation import SPECIES, far_sequence, query

from forensics.cli import main

ONE = query()


@pytest.fixture
def identify(library):
    def identify(*arguments):
        given = ["identify", "--library", str(library.path), *map(str, arguments)]
        return CliRunner().invoke(main, given)

    return identify


@pytest.fixture
def written(tmp_path):
    def written(*names, sequence=ONE):
        path = tmp_path / "x.fasta"
        path.write_text("".join(f">{name}\n{sequence}\n" for name in names))
        return path

    return written


def test_reasons_are_two_lines_more_in_the_table(identify, written):
    plain, asked = identify(written("a")), identify(written("a"), "--reasons")
    assert "Behind it" not in plain.stdout
    for label in ("Behind it", "Gap"):
        assert label in asked.stdout


def test_json_has_reasons_and_criteria_only_when_asked(identify, written):
    path = written("a")
    plain = json.loads(identify(path, "--format", "json").stdout)
    assert plain["reasons"] is plain["criteria"] is None
    options = ("--format", "json", "--reasons", "--criteria", "casework")
    asked = json.loads(identify(path, *options).stdout)
    assert asked["reasons"]["species"] == asked["criteria"]["species"] == SPECIES[0]
    assert asked["rank"] == "genus"  # the simulated records name no institution
    assert "CRITERIA_NOT_MET" in [warning["code"] for warning in asked["warnings"]]
    assert asked["provenance"]["parameters"]["criteria"]["name"] == "casework"


def test_a_profile_that_is_none_leaves_with_2(identify, written, tmp_path):
    result = identify(written("a"), "--criteria", tmp_path / "missing.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "missing.toml cannot be read" in result.stderr


def test_one_query_has_the_tree_that_was_named(identify, written, tmp_path):
    result = identify(written("a"), "--tree", tmp_path / "tree.nwk")
    assert (result.exit_code, [p.name for p in tmp_path.glob("*.nwk")]) == (0, ["tree.nwk"])
    assert "QUERY a" in (tmp_path / "tree.nwk").read_text()


def test_several_queries_have_a_tree_each_that_has_their_name(identify, written, tmp_path):
    result = identify(written("a/..", "b", "B", "b"), "--tree", tmp_path / "tree.nwk")
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("*.nwk")) == [
        "tree.B.3.nwk", "tree.a_...nwk", "tree.b.4.nwk", "tree.b.nwk",
    ]  # fmt: skip


def test_a_query_without_a_tree_is_told(identify, written, tmp_path):
    result = identify(written("a", sequence=far_sequence()), "--tree", tmp_path / "tree.nwk")
    assert result.exit_code == 0
    assert "a: no tree" in result.stderr
    assert not (tmp_path / "tree.nwk").exists()


def test_a_tree_that_cannot_be_written_is_told_before_the_work(
    identify, written, tmp_path, monkeypatch
):
    result = identify(written("a"), "--tree", tmp_path / "tree.pdf")
    assert (result.exit_code, result.stdout) == (2, "")
    assert ".svg, .png, .nwk" in result.stderr
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = identify(written("a"), "--tree", tmp_path / "tree.svg")
    assert (result.exit_code, result.stdout) == (1, "")
    assert 'pip install "matplotlib>=' in result.stderr


def test_a_folder_that_is_missing_is_told(identify, written, tmp_path):
    result = identify(written("a"), "--tree", tmp_path / "none" / "tree.nwk")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
