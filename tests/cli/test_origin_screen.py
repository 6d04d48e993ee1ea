"""Where samples came from, on the screen: a line a sample, the doubtful ones first; figures of an evaluation."""

import csv
import gzip
import io

import pytest
from command_line import records, typed

from forensics import messages
from forensics.cli.origin_screen import show_evaluation
from forensics.cli.output import Writer
from forensics.io.files import folder

MARKS = "✔▲✖!"


def table_of(name):
    with gzip.open(folder("models") / "data" / name, "rt", encoding="utf-8") as file:
        return list(csv.reader(file))


def write(path, rows):
    path.write_text("".join(",".join(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """A Salers, a Borgou, one with an allele of each at every locus, and one typed at a single locus."""
    head, *rows = table_of("microbov.csv.gz")
    salers = next(row for row in rows if row[1] == "Salers" and all(row))
    borgou = next(row for row in rows if row[1] == "Borgou" and all(row))
    cross = [f"{a.split('/')[0]}/{b.split('/')[0]}" for a, b in zip(salers[3:], borgou[3:])]
    lines = [
        ["animal", *head[3:]],
        ["clear", *salers[3:]],
        ["also clear", *borgou[3:]],
        ["odd\x1b[31m", *cross],
        ["few", salers[3], *[""] * (len(head) - 4)],
    ]
    return write(tmp_path_factory.mktemp("samples") / "samples.csv", lines)


@pytest.fixture
def some(four, tmp_path):
    """Return a function that gives the table of those lines alone."""
    lines = four.read_text().splitlines(keepends=True)

    def some(*numbers):
        path = tmp_path / "samples.csv"
        path.write_text("".join(lines[number] for number in (0, *numbers)))
        return path

    return some


def assign(samples, options="", *, model="microbov-breeds", columns=100, **more):
    return typed(f"origin assign {model} {options}", samples, COLUMNS=str(columns), **more)


def lines_of(output):
    return [line for line in output.splitlines() if line and line[0] in MARKS]


def test_each_sample_has_a_line_the_doubtful_ones_first_and_what_all_share_stands_once(four):
    output = assign(four, expect=3).output  # one is unusable
    lines = lines_of(output)
    marks = [line[0] for line in lines]
    assert len(marks) == 4 and marks == sorted(marks, key="!✖▲✔".index)
    assert marks[0] == "!" and "few" in lines[0]
    clear = next(line for line in lines if " clear" in line)
    assert "Salers" in clear and "reference population" in clear
    assert "For all samples:" in output
    assert output.count("This test detects") == 1
    assert output.count("A demonstration for training and tests") == 1


def test_what_holds_of_one_sample_is_not_said_of_all(some):
    output = assign(some(1, 4), expect=3).output  # one of the two was examined
    assert len(lines_of(output)) == 2 and "For all samples" not in output
    assert "\nclear\n" in output and output.count("A demonstration for training and tests") == 1


def test_what_all_share_that_are_not_excluded_is_said_beside_an_excluded_sample(tmp_path):
    head, *rows = table_of("simulated_range.csv.gz")
    odd = ["odd", *rows[2][1:5], *("997/998" for _genotype in rows[2][5:])]
    path = write(tmp_path / "samples.csv", [head, *rows[:2], odd])
    output = assign(path, model="simulated-range").output
    assert lines_of(output)[0].startswith("✖ odd")
    _lines, _title, shared = output.partition("For all samples that are not excluded:")
    assert "Measured" in shared and output.count("Measured") == 1


def test_details_are_shown_of_the_samples_that_are_named(four):
    output = assign(four, "--show clear", expect=3).output
    assert output.count("How sure") == 1 and "\nclear\n" in output
    everything = assign(four, "-v", expect=3).output
    assert everything.count("  Result ") == 4 and "Details: -v" not in everything
    # Names do not steer the terminal.
    assert "\x1b" not in everything and "odd\ufffd[31m" in everything


def test_a_sample_that_is_not_there_is_an_error_after_the_results(four):
    result = assign(four, "--show cleer", expect=2)
    assert len(lines_of(result.output)) == 4
    assert "No sample of this run is called 'cleer'; its samples are clear" in result.output


def test_details_are_refused_where_json_has_everything(four):
    result = assign(four, "--format json -v", expect=2)
    assert "the other formats contain everything" in result.output


def test_a_single_sample_is_shown_in_detail(some):
    output = assign(some(1)).output
    assert output.startswith("clear\n") and "For all samples" not in output


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_lines_are_as_wide_as_the_terminal(four, columns):
    output = assign(four, columns=columns, expect=3).output
    assert all(len(line) <= columns for line in output.splitlines() if line[:4] == "    ")


def test_what_is_not_settled_names_the_set_that_reaches_the_confidence(tmp_path):
    table = table_of("simulated_range.csv.gz")
    chosen = (table[0][0], "SIM-FAR-11", "SIM-KED-02")
    path = write(tmp_path / "samples.csv", [row for row in table if row[0] in chosen])
    output = assign(path, model="simulated-range", columns=300).output
    found = records(assign(path, "--format json", model="simulated-range"))
    record = next(each for each in found if each["sample"] == "SIM-FAR-11")
    named = [share for share in record["reporting"]["shares"] if share["named"]]
    line = next(line for line in lines_of(output) if record["sample"] in line)
    assert record["status"] == "inconclusive" and named[0]["name"] in line
    assert f"{sum(share['mass'] for share in named):.4f}" in line
    assert f"near {record['median']['latitude']:.1f}, {record['median']['longitude']:.1f}" in line


# -- figures of an evaluation --------------------------------------------------------------

RATE = {"count": 9, "total": 10, "share": 0.9, "low": 0.596, "high": 0.982, "effective_size": 10.0}
EVALUATION = {
    "leave-one-site-out": {
        "scheme": "site",
        "median_km": 380.523,
        "coverage": {"0.9": RATE},
        "by_site": [{"site": f"S{number}", "median_km": 1.0} for number in range(13)],
    },
    "exclusion": {"groups": 3, "by level": [{"level": 0.05, "noticed": 0.31234, "low": None}]},
    "note": "not a scheme",
}


@pytest.fixture
def shown():
    """Return a function that shows them in a language."""

    def shown(language="en"):
        messages.speak(language)
        stream = io.StringIO()
        show_evaluation(EVALUATION, Writer("table", stream))
        return stream.getvalue()

    yield shown
    messages.speak("en")


def test_figures_have_their_names_and_rates_their_intervals(shown):
    text = shown()
    assert "Whole sites left out\n" in text
    assert "median error, km" in text and "380.5" in text
    assert "90.0% (59.6% to 98.2%) of 10" in text and "effective_size" not in text
    french = shown("fr")
    assert "erreur médiane, km" in french and "90,0" in french


def test_a_long_table_is_left_to_json_and_a_short_one_has_rounded_numbers(shown):
    text = shown()
    assert "by_site: 13 rows, in --format json" in text and "S12" not in text
    assert "0.31234" not in text
    row = next(line for line in text.splitlines() if line.startswith("0.05"))
    assert row.split() == ["0.05", "0.312", "-"]
