"""Runs of ``forensics identify`` that are broken off and gone on with, and what they show meanwhile."""

import io
import itertools
import json

import pytest
from command_line import typed
from simulation import SPECIES, query

from forensics.barcode.calling.learning import take_samples
from forensics.barcode.identification import CSV_COLUMNS
from forensics.barcode.reading import samples
from forensics.cli.output import Bar, FilesBar
from forensics.cli.resuming import PartialFile
from forensics.errors import InputError, UsageError

FORMS = ["json", "csv", "tsv"]
FINISHED = 4


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Sequences with one that is unusable, one that is twice there, and a file that cannot be read."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    (tmp_path / "one.fasta").write_text(
        f">a horn, no. 1\n{query()}\n>short\nACGT\n>=a\n{query(SPECIES[1])}\n"
    )
    (tmp_path / "two.fasta").write_text(
        f">twice\n{query()}\n>b\n{query(SPECIES[2])}\n>twice\n{query(SPECIES[1])}\n"
    )
    (tmp_path / "three.fasta").write_text("\n")
    return [str(tmp_path / f"{name}.fasta") for name in ("one", "two", "three")]


@pytest.fixture
def identify(library, files):
    def run(options="", *more, inputs=files, **expected):
        return typed(f"identify --library {library.path} {options}", *more, *inputs, **expected)

    return run


@pytest.fixture
def output(tmp_path):
    return tmp_path / "r.json"


@pytest.fixture
def stopped(identify, stop, output, tmp_path):
    """Break a run off, and return what is kept of it."""
    stop(FINISHED)
    identify("--format json --output", output, expect=1)
    stop(-1)
    return tmp_path / "r.json.partial"


@pytest.fixture
def stop(monkeypatch):
    """Return a function that lets Ctrl-C come when so many sequences are read, or never."""

    def after(number):
        read, read_queries = 0, stop_original

        def interrupted(source, **more):
            nonlocal read
            for sequence in read_queries(source, **more):
                if read == number:
                    raise KeyboardInterrupt
                read += 1
                yield sequence

        monkeypatch.setattr(samples, "read_queries", interrupted)

    stop_original = samples.read_queries
    return after


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".fasta"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("flags", ["", "--resume"])
def test_a_run_that_is_stopped_keeps_what_is_finished_and_another_goes_on(
    identify, stop, tmp_path, form, flags
):
    whole, output = tmp_path / "whole", tmp_path / "results"
    identify(f"--format {form} --output", whole, expect=3)
    stop(FINISHED)
    said = identify(f"--format {form} {flags} --output", output, expect=1).stderr
    assert f"Stopped. {FINISHED} results are kept in {output}.partial" in said
    assert "--resume" in said
    assert names(tmp_path) == ["results.partial", "results.partial.json", "whole"]
    stop(-1)
    identify(f"--format {form} --resume --output", output, expect=3)  # of its first part too
    assert output.read_bytes() == whole.read_bytes()
    assert names(tmp_path) == ["results", "whole"]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_written_last_may_be_half_a_line(identify, stop, tmp_path, form):
    whole, output = tmp_path / "whole", tmp_path / "results"
    identify(f"--format {form} --output", whole, expect=3)
    stop(FINISHED)
    identify(f"--format {form} --resume --output", output, expect=1)
    stop(-1)
    partial, settings = tmp_path / "results.partial", tmp_path / "results.partial.json"
    content, chosen = partial.read_bytes(), settings.read_bytes()
    for length in (0, 7, len(content) // 2, len(content) - 1):
        partial.write_bytes(content[:length])
        identify(f"--format {form} --resume --output", output, expect=3)
        assert output.read_bytes() == whole.read_bytes()
        output.unlink()
        settings.write_bytes(chosen)


def test_a_line_end_in_a_cell_ends_no_row(tmp_path):
    path = tmp_path / "x.csv.partial"
    rows = [
        {"query": name, "index": index, "status": "identified", "input_file": file}
        for name, index, file in (("a", 1, '"one\nfile"'), ("b", 2, '"two\n'))
    ]
    lines = [
        ",".join(CSV_COLUMNS),
        *(",".join(str(row.get(c, "")) for c in CSV_COLUMNS) for row in rows),
    ]
    text = "\n".join(lines)
    path.write_bytes(text[: text.rindex("two\n") + 4].encode())
    with path.open("r+b") as stream:
        (kept,) = PartialFile(tmp_path / "x.csv", "csv").read_kept(stream)
    assert kept.name == "a" and b'"one\nfile"' in path.read_bytes()
    assert b'"two' not in path.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--confidence 0.9", "confidence: 0.95 then, 0.9 now"),
        ("--locus COI", "locus: auto then, COI now"),
        ("--reasons", "reasons: False then, True now"),
        ("--lang fr", "language"),
    ],
)
def test_other_settings_are_refused_and_named(identify, stopped, output, options, message):
    kept = stopped.read_bytes()
    refused = identify(f"{options} --format json --resume --output", output, expect=2)
    assert message in refused.stderr
    assert stopped.read_bytes() == kept and not output.exists()


def test_other_files_are_refused(identify, stopped, output, files):
    asked = ("--format json --resume --output", output)
    refused = identify(*asked, inputs=[files[1], files[0]], expect=2)
    assert "Result 1 of the earlier run is for a," in refused.stderr
    with open(files[0], "a") as file:
        file.write(f">c\n{query(SPECIES[2])}\n")
    assert "same files in the same order" in identify(*asked, expect=2).stderr
    assert not output.exists() and stopped.exists()


def _kept(**changes):
    record = {"query": "a", "index": 1, "status": "identified"}
    record["provenance"] = {"input": {"file": "x", "sha256": "ab"}}
    return json.dumps({**record, **changes}).encode() + b"\n"


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("json", b"[" * 100_000 + b"\n"),
        ("json", _kept(provenance={"input": []})),
        ("json", _kept(index=float("inf"))),
        ("json", _kept(status=["identified"])),
        ("json", _kept(status="certain")),
        ("json", _kept(query=5)),
        ("csv", b"query,index,input_sha256,status\n" + b"a" * 200_000 + b",1,ab,identified\n"),
        ("csv", b"query,index,input_sha256,status\na\n"),
    ],
)
def test_a_partial_file_that_somebody_altered_is_refused(tmp_path, form, content):
    partial = PartialFile(tmp_path / "r", form)
    with pytest.raises(InputError, match="r.partial: this is not a file of results"):
        partial.read_kept(io.BytesIO(content))


@pytest.mark.parametrize("content", ["[]", "1", "null", "[" * 100_000])
def test_altered_settings_are_refused(tmp_path, content):
    partial = PartialFile(tmp_path / "r", "json")
    partial.path.write_bytes(_kept())
    partial.settings_path.write_text(content)
    with pytest.raises((InputError, UsageError), match=r"r\.partial"):
        partial.require_same_settings({"form": "json"})


def test_the_partial_file_without_its_settings_is_refused(identify, output, tmp_path):
    (tmp_path / "r.json.partial").write_text("{}\n")
    refused = identify("--format json --resume --output", output, expect=2)
    assert "r.json.partial.json is missing" in refused.stderr


@pytest.mark.parametrize(
    "options",
    [
        "--resume",
        "--resume --output r.txt",
        "--resume --output r.b6 --format blast6",
        "--resume --output r.json --format json --combine",
        "--resume --output r.json --format json --tree t.svg",
        "--resume --output r.json --format json --locus nonsense",
        "--format blast6 --combine",
        "--format sintax --combine",
    ],
)
def test_what_cannot_be_gone_on_with_or_combined_is_refused_and_leaves_nothing(
    identify, tmp_path, monkeypatch, options
):
    monkeypatch.chdir(tmp_path)
    identify(options, expect=2)
    assert names(tmp_path) == []


def test_a_run_without_a_file_says_how_many_are_done(identify, stop):
    stop(FINISHED)
    said = identify("--format csv", expect=1).stderr
    assert f"Stopped after {FINISHED} sequences" in said and "--output" in said


def test_results_of_a_run_that_was_broken_off_are_not_lost_by_beginning_anew(
    identify, stopped, output
):
    kept = stopped.read_bytes()
    refused = identify("--format json --output", output, expect=2)
    assert "an interrupted run; continue with --resume, or delete it" in refused.stderr
    assert stopped.read_bytes() == kept and not output.exists()


# -- the bar ------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def show(monkeypatch, files, positions, *, is_hidden=False):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("forensics.cli.output._PAUSE_SECONDS", 0)
    clock = itertools.count(1_750_000_000.0, 2.0)
    monkeypatch.setattr(
        "time.time", lambda: next(clock)
    )  # click shows no time left in the first second
    with FilesBar("Identifying", files, is_hidden=is_hidden) as bar:
        for position in positions:
            bar.report_position(position)
            bar.count()
        bar.finish_files(files)
    return terminal.getvalue()


def test_the_bar_counts_bytes_and_says_rate_and_time_left(monkeypatch, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_bytes(b"x" * 1000)
    shown = show(monkeypatch, [path], [250, 500, 1000])
    assert " 25%" in shown and " 50%" in shown and "100%" in shown
    assert "2 sequences, " in shown and " a second" in shown and "00:00:" in shown


def test_the_bar_of_a_pipe_has_no_total(monkeypatch):
    shown = show(monkeypatch, ["-"], [250, 500])
    assert "2 sequences, " in shown and "%" not in shown


def test_no_bar_is_shown_where_nobody_looks_or_no_file_is_there(monkeypatch, tmp_path):
    assert show(monkeypatch, [tmp_path], [1], is_hidden=True) == ""
    assert show(monkeypatch, [tmp_path / "missing.fasta"], [0]) == ""


def test_a_message_stands_on_a_line_of_its_own_above_the_bar(monkeypatch, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_bytes(b"x" * 1000)
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with FilesBar("Identifying", [path], is_hidden=False) as bar:
        bar.echo("Error: x.fasta: this is a picture")
    assert "\r\x1b[KError: x.fasta: this is a picture\n" in terminal.getvalue()


def test_reading_reports_how_far_it_is(tmp_path):
    path = tmp_path / "many.fasta"
    path.write_text("".join(f">q{number}\n{query()}\n" for number in range(200)))
    positions = []
    list(samples.read_queries(path, report_position=positions.append))
    assert positions == sorted(positions) and len(set(positions)) > 5
    assert positions[-1] == path.stat().st_size


def test_a_bar_says_how_much_of_each_thing_is_done(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    bar = Bar()
    for label in ("COI", "cytb"):
        for done in (1, 2, 4):
            bar.show(label, done, 4)
    shown = terminal.getvalue()
    assert "COI" in shown and "cytb" in shown and shown.count("4/4") >= 2 and "2/4" in shown
    assert shown.count("\n") == 2  # a line each


def test_taking_samples_reports_each_record(library):
    index, reported = library.index("COI"), []
    taken = take_samples(index, progress=lambda done, total: reported.append((done, total)))
    assert taken == take_samples(index)
    number = reported[-1][1]
    assert reported == [(done, number) for done in range(1, number + 1)]
