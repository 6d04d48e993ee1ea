"""Every command prints, writes and ends as recorded; ``golden_net`` says what is compared.

After a change on purpose: ``python tests/golden/record.py``, and the diff into the commit.
"""

import shlex
import sys
from pathlib import Path

import click
import pytest
from command_line import every_command

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
    assert not played.faults


@pytest.mark.parametrize("group", [name for name in GROUPS if not golden_net.is_slow(name)])
def test_commands_and_calls_give_what_was_recorded(group, tmp_path):
    compare(group, tmp_path, fast=True)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_slow_scenes_give_what_was_recorded(group, tmp_path):
    compare(group, tmp_path, fast=False)


@pytest.mark.parametrize(
    ("recorded", "now", "agree"),
    [
        ("p = 0.123456789", "p = 0.123456790", True),
        ("p = 0.1234", "p = 0.1235", False),
        ("LR 1.5e-07, 98.7%", "LR 1.50000001e-07, 98.7%", True),
        ("98.7% of 20", "98.7% of 21", False),
        ("written 1000000 rows", "written 1000001 rows", False),
        ("0.5 wild", "0.5 captive", False),
        ("1.0 2.0", "2.0 1.0", False),
    ],
)
def test_decimal_numbers_agree_within_the_tolerance_and_all_else_exactly(recorded, now, agree):
    assert golden_net.same(recorded, now) == agree


def test_the_summary_of_a_long_text_notices_each_number_and_each_word(tmp_path):
    def shown(numbers, word="fit"):
        with golden_net.simulated_world(tmp_path) as (clock, tokens):
            net = golden_net.Net(tmp_path, clock, tokens)
            net.call(
                "fit", lambda: "".join(f"{word} {number:.9f}\n" for number in numbers), limit=40
            )
        return net.sections["call fit"]

    values = [1 / place for place in range(2, 200)]
    text = shown(values)
    assert "lines more" in text and golden_net.same(text, shown([v * (1 + 1e-9) for v in values]))
    for other in (
        shown([*values[:-1], values[-1] * 1.0001]),
        shown([*values[:-2], *reversed(values[-2:])]),
        shown(values, "fits"),
    ):
        assert not golden_net.same(text, other)


def test_drawings_are_compared_without_the_ids_that_matplotlib_makes_of_last_digits(tmp_path):
    def shown(text):
        with golden_net.simulated_world(tmp_path) as (clock, tokens):
            net = golden_net.Net(tmp_path, clock, tokens)
            net.call("draw", lambda: path.write_text(f"<?xml?><svg>{text}</svg>") and None)
        path.unlink()
        return net.sections["call draw"]

    path = tmp_path / "a.svg"
    line = (
        '<path id="{}" d="M {} {} L 9.25 {}" style="fill: #{}"/><use xlink:href="#{}"/><!-- {} -->'
    )
    first, again = "C0_0_e74ecefecb", "C0_0_0ab520c0e8"
    drawn = shown(line.format(first, "108", "0", "7.5", "d9d9d9", first, "A"))
    same = shown(line.format(again, "108.000001", "-0", "7.500001", "d9d9d9", again, "A"))
    assert golden_net.same(drawn, same)
    for values in (
        ("109", "0", "7.5", "d9d9d9", first, "A"),
        ("108", "0", "8.5", "d9d9d9", first, "A"),
        ("108", "0", "7.5", "d9d9d8", first, "A"),
        ("108", "0", "7.5", "d9d9d9", first, "C"),
    ):
        assert not golden_net.same(drawn, shown(line.format(first, *values)))


def test_arrays_and_archives_are_compared_by_value(tmp_path):
    import numpy as np

    def shown(write):
        with golden_net.simulated_world(tmp_path) as (clock, tokens):
            net = golden_net.Net(tmp_path, clock, tokens)
            net.call("save", lambda: write(tmp_path / "arrays.npz") or "")
        (tmp_path / "arrays.npz").unlink()
        return net.sections["call save"]

    values = np.linspace(0, 1, 500).reshape(20, 25) ** 2
    stored = shown(lambda path: np.savez(path, values=values))
    assert "float64, 20 x 25" in stored
    assert stored == shown(lambda path: np.savez_compressed(path, values=values))
    assert golden_net.same(stored, shown(lambda path: np.savez(path, values=values * (1 + 1e-12))))
    assert not golden_net.same(stored, shown(lambda path: np.savez(path, values=values + 1e-3)))
    assert not golden_net.same(stored, shown(lambda path: np.savez(path, values=values.T)))


PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body><h1>{}</h1><p>{}</p></body></html>"


def test_a_page_has_no_markup_as_text_no_empty_heading_and_the_title_of_its_heading():
    assert not golden_net.faults_of_page(PAGE.format("Origin of S1", "Origin of S1", "p &lt; 0.05"))
    assert not golden_net.faults_of_page(PAGE.format("Case C1 – draft", "Case C1", "a &amp; b"))
    escaped = "&lt;h3&gt;What cannot be said&lt;/h3&gt;"  # as all maps were headed once
    for title, heading, text, fault in (
        (escaped, escaped, "", "markup as text"),
        ("Case", "Case", "1&amp;nbsp;000", "markup as text"),
        ("Case", " ", "", "an empty heading"),
        ("", "Case", "", "no title"),
        ("Map", "Case C1", "", "is not that of the first heading"),
    ):
        assert fault in " ".join(golden_net.faults_of_page(PAGE.format(title, heading, text)))


def test_every_command_is_run_in_a_scene_and_not_only_its_help():
    scenes = [
        shlex.split(heading)
        for group in GROUPS
        for heading in golden_net.stored(group)
        if heading.startswith("forensics ") and "--help" not in heading
    ]
    missing = [
        name
        for name, command in every_command()
        if not isinstance(command, click.Group)
        and not any(scene[: len(name.split())] == name.split() for scene in scenes)
    ]
    assert not missing


def test_the_net_is_small_enough_to_be_read():
    assert sum(path.stat().st_size for path in golden_net.STORED.iterdir()) < 1_500_000


def test_no_golden_file_is_without_scenes():
    assert {path.stem for path in golden_net.STORED.iterdir()} == set(GROUPS)
