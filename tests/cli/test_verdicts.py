"""The table of a run: aligned, as wide as the terminal, with marks and words; colours only where they are seen."""

import io
import re

import pytest
from click.testing import CliRunner
from command_line import records, typed
from simulation import SPECIES, far_sequence, query

from forensics.barcode.verdict import Outcome, Verdict
from forensics.cli import main
from forensics.cli.output import Writer, cut_in_middle, display_width, padded
from forensics.cli.verdicts import VerdictTable, _Layout, _shortened

MARKS = {"✔", "▲", "✖", "○", "!"}


class Screen(io.StringIO):
    """A terminal, or a pipe, of an encoding."""

    def __init__(self, *, is_terminal=True, encoding="utf-8"):
        super().__init__()
        self._is_terminal, self._encoding = is_terminal, encoding

    def isatty(self):
        return self._is_terminal

    @property
    def encoding(self):
        return self._encoding


@pytest.fixture
def identify(library, tmp_path):
    """Return a function that identifies sequences by their names."""

    def identify(sequences, options="", *, columns=100, **more):
        path = tmp_path / "run.fasta"
        text = "".join(f">{name}\n{sequence}\n" for name, sequence in sequences)
        path.write_text(text, encoding="utf-8")
        asked = f"identify --library {library.path} {options}"
        return typed(asked, path, COLUMNS=str(columns), **more)

    return identify


FOUR = (
    ("good", query()),
    ("far", far_sequence()),
    ("empty", "N" * 500),
    ("other", query(SPECIES[3])),
)


@pytest.fixture
def four(identify):
    """Return a function that identifies four, of which one is unusable."""
    return lambda options="", expect=3, **more: identify(FOUR, options, expect=expect, **more)


def table_of(text):
    return [line for line in text.splitlines() if line[:1] in MARKS]


@pytest.mark.parametrize("columns", [100, 140, 200])
def test_each_sample_is_a_line_and_the_doubtful_ones_stand_first(four, columns):
    lines = table_of(four(columns=columns).stdout)
    assert [line.split()[1] for line in lines] == ["empty", "far", "good", "other"]
    assert all(display_width(line) <= columns for line in lines)
    assert [line.index(name) for line, name in zip(lines[2:], (SPECIES[0], SPECIES[3]))] == [
        lines[0].index("UNUSABLE")
    ] * 2
    assert len({line.index("species") for line in lines[2:]}) == 1


def test_a_narrow_terminal_gets_lines_that_fit(four):
    text = four(columns=60).stdout
    assert all(display_width(line) <= 60 for line in text.splitlines())
    assert len(table_of(text)) == 4


def test_the_head_names_what_the_run_was_made_with_and_counts_the_samples(four):
    head = four().stdout.splitlines()[0]
    assert head.startswith("library: ") and "confidence 0.95" in head and "prior 0.9" in head
    assert head.endswith("4 samples") and display_width(head) == 100


def test_details_of_one_sample_are_shown_on_demand(four):
    text = four("--show far").stdout
    assert len(table_of(text)) == 5  # the line of the sample stands before its details, too
    assert "NOTHING NEAR" in text and "Best match" not in text
    assert "Best match" in four("-v").stdout


def test_a_sample_that_is_not_in_the_run_is_told_after_the_results(four):
    result = four("--show gud", expect=2)
    assert len(table_of(result.stdout)) == 4
    assert "called 'gud'; its samples are good" in result.stderr


@pytest.mark.parametrize("option", ["-v", "--show good"])
def test_details_are_for_people_alone(four, option):
    assert not four(f"{option} --format csv", expect=2).stdout


def test_one_sample_has_its_line_then_why_and_no_notes(identify):
    text = identify([("a", query())]).stdout
    (line,) = table_of(text)
    assert SPECIES[0] in line and "Note " not in text
    assert text.index(line) < text.index("How sure") < text.index("CITES listing")
    assert "1 sample" not in text
    full = identify([("a", query())], "-v").stdout
    assert "(RECORDS_NOT_COMPARED)" in full or "(ONE_LINEAGE)" in full


def test_names_that_are_given_twice_are_told_apart(identify):
    text = identify([("a", query()), ("a", query(SPECIES[3]))]).stdout
    assert "a #1" in text and "a #2" in text


def test_results_before_an_error_are_not_lost(four, monkeypatch):
    add = VerdictTable.add

    def fail_at_third(self, result, *more):
        if result.index == 3:
            raise KeyboardInterrupt
        add(self, result, *more)

    monkeypatch.setattr(VerdictTable, "add", fail_at_third)
    lines = table_of(four(expect=1).stdout)
    assert [line.split()[1] for line in lines] == ["far", "good"]


# -- colours and marks --------------------------------------------------------------------

VERDICTS = [
    Verdict(outcome, f"S{n}", n, "Manis" if n > 2 else "NO NAME", rank="genus" if n > 2 else "")
    for n, outcome in enumerate(Outcome)
]


def written(screen, monkeypatch, **environment):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    table = VerdictTable(Writer("table", screen))
    table._verdicts = VERDICTS
    table._write_lines(VERDICTS)
    return screen.getvalue()


def test_a_terminal_shows_each_outcome_in_its_colour_with_a_mark_and_a_word(monkeypatch):
    lines = written(Screen(), monkeypatch, TERM="xterm").splitlines()
    codes = [re.search(r"\x1b\[(\d+)m", line)[1] for line in lines]
    assert len(set(codes)) == len(lines) == len(Outcome)
    plain = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    assert {line[0] for line in plain} == MARKS
    assert all("Manis" in line or "NO NAME" in line for line in plain)


@pytest.mark.parametrize(
    ("screen", "environment"),
    [
        (Screen(), {"NO_COLOR": "1", "TERM": "xterm"}),
        (Screen(), {"TERM": "dumb"}),
        (Screen(is_terminal=False), {"TERM": "xterm"}),
    ],
)
def test_there_are_no_colours_where_nobody_sees_or_wants_them(screen, environment, monkeypatch):
    assert "\x1b" not in written(screen, monkeypatch, **environment)


@pytest.mark.parametrize(
    ("screen", "environment"),
    [
        (Screen(encoding="ascii"), {}),
        (Screen(encoding="latin-1"), {}),
        (Screen(), {"TERM": "dumb"}),
    ],
)
def test_marks_are_ascii_where_others_cannot_be_shown(screen, environment, monkeypatch):
    text = re.sub(r"\x1b\[[\d;]*m", "", written(screen, monkeypatch, **environment))
    assert text.isascii()
    assert {line[0] for line in text.splitlines()} == set("+~xo!")


# -- columns ------------------------------------------------------------------------------


def test_wide_and_combining_characters_are_counted_as_they_are_shown():
    assert [display_width(text) for text in ("Manis", "穿山甲", "e\u0301", "\u200b")] == [
        5,
        6,
        1,
        0,
    ]
    assert padded("穿山甲", 8) == "穿山甲  "


def test_samples_with_wide_names_stay_aligned():
    rows = [
        Verdict(Outcome.NAMED, name, n, "Manis", rank="genus", probability="99.0%")
        for n, name in enumerate(("穿山甲", "S1", "échantillon"))
    ]
    layout = _Layout(rows, 100, {row.index: row.query for row in rows}, lambda _v: ("+", str))
    lines = [line for row in rows for line in layout.lines_of(row)]
    assert len({display_width(line[: line.index("Manis")]) for line in lines}) == 1


def test_long_names_lose_their_middle_and_stay_different():
    assert cut_in_middle("exhibit_12_F", 8) == "exhi…2_F"
    assert cut_in_middle("short", 8) == "short"
    names = {1: "a" * 30 + "1", 2: "a" * 30 + "2"}
    layout_names = _shortened(names, 10)
    assert len(set(layout_names.values())) == 2 and max(map(len, layout_names.values())) <= 10
    alike = {1: "a" * 20 + "1" + "a" * 20, 2: "a" * 20 + "2" + "a" * 20}
    assert _shortened(alike, 10) == alike


def test_a_stranger_steers_neither_the_terminal_nor_the_direction_of_a_line(identify):
    hostile = [("a\x1b[31m\u202ez", "ACGT"), ("b\u2067", query())]
    for more, code in (("", 3), ("-v", 3), ("--show none", 2)):
        result = identify(hostile, more, expect=code)
        assert "a\ufffd[31m\ufffdz" in result.stdout
        assert not re.search("[\x1b\u202e\u2067]", result.stdout + result.stderr), more
    for_programs = records(identify(hostile, "--format json", expect=3))
    assert for_programs[0]["query"] == "a\x1b[31m\u202ez"


def test_an_encoding_without_them_gets_plain_blanks_and_cuts(library, tmp_path, monkeypatch):
    path = tmp_path / "run.fasta"
    names = (
        "a_very_long_name_of_a_sample_from_a_market",
        "b_another_long_name_of_a_sample_from_a_ship",
    )
    path.write_text("".join(f">{name}\n{query()}\n" for name in names))
    monkeypatch.setenv("COLUMNS", "80")
    run = ["identify", str(path), "--library", str(library.path), "--lang", "fr"]
    shown = CliRunner(charset="ascii").invoke(main, run).stdout_bytes.decode("ascii")
    assert "~" in shown and "\\xa0" not in shown and "\\u2026" not in shown


def test_loci_that_exclude_each_other_block_the_name_of_the_sample(identify):
    animals = [("s1", query(SPECIES[0])), ("s2", query(SPECIES[3], "12S"))]
    together = identify(animals, "--combine").stdout.partition("All sequences together")[2]
    assert re.search(r"(?m)^  Blocks +The loci exclude each other", together)
    assert "(LOCI_CONFLICT)" in " ".join(together.split()) and "  Note " not in together
    combined = records(identify(animals, "--combine --format json"))[-1]["combined"]
    assert (combined["status"], combined["taxon"]) == ("inconclusive", None)
