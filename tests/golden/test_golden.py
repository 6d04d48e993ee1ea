"""Every command prints, writes and ends as recorded; ``golden_net`` says what is compared.

After a change on purpose: ``python tests/golden/record.py``, and the diff into the commit.
"""

import shlex
import sys
from pathlib import Path

import click
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import golden_net
from golden_net import GROUPS


def compare(group, folder, *, fast):
    if missing := golden_net.missing_needs(group):
        pytest.skip(f"not installed: {', '.join(missing)}")
    played = golden_net.play(group, folder.resolve(), fast=fast)
    if found := golden_net.differences(group, golden_net.stored(group), played):
        where = f"tests/golden/net/{group}.txt"
        pytest.fail(f"not as recorded in {where}:\n{found[:30_000]}", pytrace=False)


# Reports name the versions of Python and NumPy, and gzip and SQLite write other bytes elsewhere.
recorded_here = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11),
    reason="recorded with Python 3.11 and the versions of its lock; others are named in what is printed",
)


@recorded_here
@pytest.mark.parametrize("group", [name for name in GROUPS if not golden_net.is_slow(name)])
def test_commands_and_calls_give_what_was_recorded(group, tmp_path):
    compare(group, tmp_path, fast=True)


@recorded_here
@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_slow_scenes_give_what_was_recorded(group, tmp_path):
    compare(group, tmp_path, fast=False)


def leaves(command, path=()):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from leaves(command.get_command(context, name), (*path, name))
    else:
        yield path


def test_every_command_is_run_in_a_scene_and_not_only_its_help():
    from forensics.cli import main

    scenes = [
        shlex.split(heading)[1:]
        for group in GROUPS
        for heading in golden_net.stored(group)
        if heading.startswith("forensics ") and "--help" not in heading
    ]
    missing = [
        " ".join(path)
        for path in leaves(main)
        if not any(tuple(s[: len(path)]) == path for s in scenes)
    ]
    assert not missing


def test_the_net_is_small_enough_to_be_read():
    assert sum(path.stat().st_size for path in golden_net.STORED.iterdir()) < 1_500_000


def test_no_golden_file_is_without_scenes():
    assert {path.stem for path in golden_net.STORED.iterdir()} == set(GROUPS)
