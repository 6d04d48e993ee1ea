import atexit
import gc
import inspect
import json
import os
import re
import signal
import subprocess
import sys

import click
import pytest
from command_line import every_command, typed
from patience import PATIENCE, wait_until
from simulation import SPECIES, query

from forensics.barcode.matching import search
from forensics.barcode.options import CallOptions
from forensics.cli import COMMANDS, main

ALL = dict(every_command())


def test_the_commands_are_those_of_the_table():
    context = click.Context(main)
    assert main.list_commands(context) == list(COMMANDS)
    assert main.get_command(context, "nothing") is None


@pytest.mark.skipif(not hasattr(click, "NoSuchCommand"), reason="click suggests names from 8.4 on")
@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("idntify", "identify"),
        ("custody recieve", "receive"),
        ("trade imprt", "import"),
        ("library buidl", "build"),
    ],
)
def test_a_mistyped_command_gets_a_suggestion(mistyped, meant):
    said = typed(mistyped, expect=2).stderr
    assert f"Did you mean '{meant}'?" in said or f"Did you mean one of: '{meant}'" in said


@pytest.mark.parametrize(("arguments", "own"), [(None, True), (["--version"], False)])
def test_cycles_are_looked_for_less_often_where_the_process_is_the_commands_own(
    monkeypatch, arguments, own
):
    asked, at_end = [], []
    monkeypatch.setattr(sys, "argv", ["forensics", "--version"])
    monkeypatch.setattr(gc, "set_threshold", asked.append)
    monkeypatch.setattr(atexit, "register", at_end.append)
    with pytest.raises(SystemExit):
        main(arguments)
    assert bool(asked) == own and (gc.freeze in at_end) == own


def test_the_help_has_two_blocks_the_daily_commands_first():
    text = typed("--help").stdout
    daily, others = text.split("Daily work:\n")[1].split("Other groups:\n")
    names = [[line.split()[0] for line in block.splitlines() if line] for block in (daily, others)]
    assert names[0] == ["identify", "chromatogram", "library", "custody", "report"]
    assert sorted(sum(names, [])) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("identify --libary x", "--library"),
        ("custody receive --exibit x", "--exhibit"),
        ("age radiocarbon --curv x", "--curve"),
        ("trade export --outptu csv", "--output"),
    ],
)
def test_a_mistyped_option_gets_a_suggestion(mistyped, meant):
    assert meant in typed(mistyped, expect=2).stderr.split("No such option")[1]


@pytest.mark.parametrize("name", ALL)
def test_help_opens_with_an_example(name):
    result = typed(f"{name.removeprefix('forensics')} -h")
    assert result.stderr == ""
    before_options = result.stdout.split("Options:")[0]
    assert "Example" in before_options
    assert re.search(
        rf"^ *(Example: |cat .*\| )?{name} ?", before_options.split("Example", 1)[1], re.M
    ) or (f"Example: {name}" in before_options)


@pytest.mark.parametrize("name", ALL)
def test_every_option_says_what_it_is_for(name):
    typed(f"{name.removeprefix('forensics')} -h")  # which sets the texts of the first group
    for parameter in (*ALL[name].params, *getattr(ALL[name], "shared", ())):
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name in ("output", "style"), (name, parameter.name)


def test_defaults_of_options_are_those_of_the_functions():
    defaults = inspect.signature(search.search).parameters
    assert CallOptions.specs()["floor"].default == search.FLOOR == defaults["floor"].default


@pytest.mark.parametrize("way", ["cli.py", "python -m forensics"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_bare_checkout_works_from_inside_and_outside(run, root, tmp_path, library, way, inside):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    start = [root / "cli.py"] if way == "cli.py" else ["-m", "forensics"]
    options = {"cwd": root} if inside else {}
    environment = {"PYTHONPATH": ""} if way == "cli.py" or inside else {}
    found = run(
        *start, "identify", path, "--library", library.path, "--format", "json",
        PYTHONDONTWRITEBYTECODE="1", **options, **environment,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["taxon"] == SPECIES[0]
    if inside:
        usage = run(*start, "--help", **options, **environment)
        assert usage.stdout.startswith("Usage: forensics ")


@pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="this system has no device that is full"
)
@pytest.mark.parametrize("arguments", [["--help"], ["listing", "--help"], ["listing", "Manis"]])
def test_a_full_disk_is_told_and_no_traceback(arguments):
    with open("/dev/full", "w", encoding="utf-8") as full:
        found = subprocess.run(
            [sys.executable, "-m", "forensics", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ | {"LANGUAGE": "en"},
        )  # fmt: skip
    assert found.returncode == 1
    assert found.stderr.startswith("Error: the disk is full") and "Traceback" not in found.stderr


def test_names_with_accents_pass_through_a_plain_c_locale(run, tmp_path, library):
    path = tmp_path / "pièce.fasta"
    path.write_text(f">échantillon\n{query()}\n", encoding="utf-8")
    for style in ("table", "json", "csv"):
        found = run(
            "-m", "forensics", "identify", path, "--library", library.path, "--format", style,
            LC_ALL="C", LANG="C",
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        assert "échantillon" in found.stdout


# -- how a run ends -----------------------------------------------------------------


def start(*arguments, **options):
    """Start the command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "forensics", *map(str, arguments)],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "LANGUAGE": "en"}, **options,
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_run_that_is_ended_leaves_no_part_of_its_results(library, tmp_path, name):
    output, pipe = tmp_path / "results.json", tmp_path / "sequences.fasta"
    os.mkfifo(pipe)  # so that the run waits for its second sequence
    run = start(
        "identify", pipe, "--library", library.path, "--format", "json", "--output", output,
        # What runs the tests may ignore a signal, as nohup does; a program that it starts then does, too.
        preexec_fn=lambda: signal.signal(getattr(signal, name), signal.SIG_DFL),
    )  # fmt: skip
    with pipe.open("w") as sequences:
        sequences.write(f">a\n{query()}\n>b\n")
        sequences.flush()
        assert wait_until(lambda: len(list(tmp_path.iterdir())) == 3)  # the claimed name, the part
        number = getattr(signal, name)
        # Repeated, as one that comes just before a program waits is seen only when it wakes.
        assert wait_until(lambda: run.send_signal(number) or run.poll() is not None)
        _nothing, messages = run.communicate(timeout=PATIENCE)
    assert run.returncode == -number
    assert "Traceback" not in messages
    assert [path.name for path in tmp_path.iterdir()] == [pipe.name]


@pytest.mark.skipif(os.name != "posix", reason="a shell closes it there")
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_closed_standard_output_ends_in_no_traceback(library, tmp_path, form):
    sequence = tmp_path / "a.fasta"
    sequence.write_text(f">a\n{query()}\n")
    run = start(
        "identify", sequence, "--library", library.path, "--format", form,
        preexec_fn=lambda: os.close(1),
    )  # fmt: skip
    _nothing, messages = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0 and "Traceback" not in messages


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_reader_that_has_seen_enough_ends_the_run_quietly(library, tmp_path, form):
    sequences = tmp_path / "many.fasta"
    sequences.write_text("".join(f">q{number}\n{query()}\n" for number in range(90)))
    # A table is written at the end, in one go; with details it is more than a pipe holds.
    more = ["-v"] if form == "table" else []
    run = start(
        "identify", sequences, "--library", library.path, "--format", form, *more,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout.readline()
    run.stdout.close()
    messages = run.stderr.read()
    assert run.wait(timeout=PATIENCE) == 1 and messages == ""


@pytest.mark.parametrize("name", ALL)
def test_every_example_of_a_help_is_a_command_that_there_is(name):
    """Commands and options of the examples are held against the command line; a few are run in the documentation."""
    from documentation import arguments_of, checked

    # As it is shown: a line that goes on in the next one ends in a backslash.
    text = typed(f"{name.removeprefix('forensics')} --help").stdout.split("Options:")[0]
    examples = re.sub(r"^ *Example: ", "", text.replace("\\\n", " "), flags=re.M)
    lines = [line.strip().split("| ")[-1] for line in examples.splitlines()]
    found = [arguments for line in lines for arguments in arguments_of(line)]
    assert found, name
    for arguments in found:
        assert not checked(arguments), (name, arguments, checked(arguments))
