"""Options of commands, made from the options of a method."""

import ast
import enum
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_line import every_command, typed

from forensics.cli.options import (
    Command,
    CommandGroup,
    GroupedOption,
    Section,
    apply,
    is_rare,
    option,
    options_of,
    shared,
    together_of,
)
from forensics.core.options import Group, Options, SeedOptions, option_class
from forensics.core.options import option as option_of
from forensics.errors import UsageError


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


@option_class
class Example(SeedOptions):
    rate: float = option_of(at_least=0, below=1, help="The rate.")
    level: float | None = option_of(default=None, above=0, shown_default="0.95", help="The level.")
    colours: tuple[Colour, ...] = option_of(default=(Colour.RED,), help="The colours.")
    count: int = option_of(default=3, at_least=1, help="How many.")
    file: Path | None = option_of(default=None, group=Group.EXAMINE, help="The file.")
    quick: bool = option_of(default=False, group=Group.ADVANCED, help="Not so well.")


@option_class
class Pair(Options):
    first: str = option_of(help="First.")
    second: float = option_of(help="Second.")


@click.command(cls=Command)
@click.argument("name", default="-")
@options_of(Example, "options", flags={"colours": "--colour"})
@together_of(Pair, "pair", "--first and --second go together.")
def command(name: str, options: Example, pair) -> None:
    click.echo(repr(options.parameters()))
    click.echo(repr(pair.get()))


def run(*arguments):
    return CliRunner().invoke(command, arguments)


def test_a_command_gets_one_object_with_the_values_in_their_types():
    found = run("--rate", "0,25", "--colour", "red", "--colour", "dark blue", "--file", "a.csv")
    assert found.output.splitlines() == [
        "{'seed': 1, 'rate': 0.25, 'level': None, 'colours': ['red', 'dark blue'], 'count': 3, "
        "'file': 'a.csv', 'quick': False}",
        "None",
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "Missing option '--rate'"),
        (["--rate", "1"], "'--rate': 1.0 is not in the range 0<=x<1."),
        (["--rate", "x"], "'--rate': 'x' is not a finite number."),
        (["--rate", "0", "--count", "0"], "'--count': 0 is not in the range x>=1."),
        (["--rate", "0", "--count", "x"], "'--count': 'x' is not a valid integer."),
        (["--rate", "0", "--colour", "green"], "'green' is not one of 'red', 'dark blue'."),
        (["--rate", "0", "--seed", "-1"], "'--seed': -1 is not in the range x>=0."),
    ],
)
def test_a_wrong_value_is_refused_by_the_flag_as_a_script_is_by_the_name(arguments, text):
    found = run(*arguments)
    assert found.exit_code == 2 and text in found.output


def test_options_that_go_together_are_given_all_or_none():
    assert run("--rate", "0", "--first", "a", "--second", "2").output.endswith(
        "Pair(first='a', second=2.0)\n"
    )
    found = run("--rate", "0", "--first", "a")
    assert isinstance(found.exception, UsageError)
    assert str(found.exception) == "--first and --second go together."


def test_the_help_shows_groups_in_order_and_each_default_once():
    text = run("--help-all").output
    sections = [line.rstrip(":") for line in text.splitlines() if line.endswith(":")]
    assert sections == ["What to examine", "How to decide", "Advanced", "Options"]
    assert "[default: 0.95; x>0]" in text and "(0.95)" not in text
    assert "[default: red]" in text and text.count("default: 3") == 1
    assert "NAME" not in text.split("Options:")[1]  # an argument is no option


@click.command(cls=Command)
@option("--usual", group=Group.OUTPUT, help="Usual.")
@option("--rare", group=Group.OUTPUT, is_rare=True, help="Rare.")
@option("--needed", group=Group.ADVANCED, required=True, help="Needed.")
@option("--advanced", group=Group.ADVANCED, help="Advanced.")
def with_rare(usual, rare, needed, advanced) -> None:
    click.echo((usual, rare, needed, advanced))


def test_rare_options_stand_in_the_whole_help_alone_and_work_all_the_same():
    short, whole = (
        CliRunner().invoke(with_rare, [flag]).output for flag in ("--help", "--help-all")
    )
    for flag in ("--usual", "--needed"):  # what is required is always shown
        assert flag in short and flag in whole
    for flag in ("--rare", "--advanced "):
        assert flag not in short and flag in whole
    assert "--help-all" in short
    found = CliRunner().invoke(with_rare, ["--needed", "1", "--rare", "2", "--advanced", "3"])
    assert found.output == "(None, '2', '1', '3')\n"


LABEL = option("--label", group=Group.RECORD, help="The label.")
PLACE = option("--place", group=Group.RECORD, required=True, envvar="EXAMPLE_PLACE", help="Where.")
TAG = option("--tag", "tags", group=Group.RECORD, multiple=True, help="A tag.")


@click.group(cls=CommandGroup, shares=lambda: (LABEL, PLACE, TAG), help="Things.")
def things() -> None:
    pass


@things.group(cls=CommandGroup, help="Below.")
def below() -> None:
    pass


def put(colour, label, place, tags) -> None:
    click.echo((colour, label, place, tags))


for _group in (things, below):
    _own = option("--colour", group=Group.RECORD, help="The colour.")
    _group.command("put", help="Put.")(apply(put, _own, shared(LABEL, PLACE, TAG)))


@things.command(help="Look.")
@shared(PLACE)
def look(place) -> None:
    click.echo(place)


def on_things(*arguments, place=None):
    return CliRunner().invoke(things, arguments, env={"EXAMPLE_PLACE": place})


@pytest.mark.parametrize("way", [("put",), ("below", "put")])
def test_a_shared_option_stands_before_the_command_or_after_it(way):
    after = on_things(*way, "--place", "a", "--label", "b")
    assert after.output == "(None, 'b', 'a', ())\n"
    assert on_things("--place", "a", "--label", "b", *way).output == after.output
    between = on_things("--place", "a", *way[:-1], "--label", "b", way[-1])
    assert between.output == after.output
    # What stands after the command goes before, the environment last; of many all are meant.
    found = on_things("--place", "a", "--tag", "1", *way, "--place", "c", "--tag", "2", place="d")
    assert found.output == "(None, None, 'c', ('1', '2'))\n"
    assert on_things("--place", "a", *way, place="d").output == "(None, None, 'a', ())\n"
    assert on_things(*way, place="d").output == "(None, None, 'd', ())\n"


def test_a_shared_option_is_missed_only_where_a_command_takes_it():
    assert "Missing option '--place'" in on_things("put").output
    found = on_things("--place", "a", "--label", "b", "look")
    assert found.exit_code == 2 and "--label cannot be used with look." in found.output
    assert on_things("--place", "a", "look").output == "a\n"


def test_shared_options_are_described_once_by_the_group():
    whole, own = (on_things(*way, "--help").output for way in ((), ("below", "put")))
    assert "Where." in whole and "The label." in whole and "The colour." not in whole
    assert "Where." not in own and "The label." not in own and "The colour." in own
    assert own.endswith("  --label, --place, --tag: see things --help\n")
    assert [each.name for each in things.commands["put"].params] == ["colour"]


@pytest.mark.parametrize("way", [(), ("put",), ("below",), ("below", "put")])
def test_shared_options_are_completed_and_suggested(way):
    from click.shell_completion import ShellComplete

    found = ShellComplete(things, {}, "things", "_").get_completions(list(way), "--")
    assert {"--label", "--place", "--tag"} <= {each.value for each in found}
    assert "Did you mean '--place'?" in on_things(*way, "--palce", "a").output


def test_a_command_without_rare_options_has_no_second_help():
    assert "--help-all" not in typed("explain --help").output
    typed("explain --help-all", expect=2)


EVERY = [command for _name, command in every_command()]
LEAVES = [command for command in EVERY if not isinstance(command, click.Group)]


def test_no_help_shows_more_than_thirty_options():
    """Whoever adds one more thinks of which may be rare."""
    for child in LEAVES:
        shown = [
            p
            for p in child.params
            if isinstance(p, click.Option) and not is_rare(p) and not p.hidden
        ]
        assert len(shown) <= 30, (child.name, len(shown))


def test_every_command_shows_its_options_by_groups():
    for child in LEAVES:
        assert isinstance(child, Command), child.name
        for parameter in child.params:
            if isinstance(parameter, click.Option) and "--lang" not in parameter.opts:
                assert isinstance(parameter, GroupedOption), (child.name, parameter.name)


def test_no_flag_is_declared_twice_for_one_command():
    for child in LEAVES:
        flags = [flag for each in (*child.params, *child.shared) for flag in each.opts]
        assert len(flags) == len(set(flags)), (child.name, flags)


def test_who_records_signs_with_the_same_options_everywhere():
    texts = {}
    for child in LEAVES:
        options = {flag: each for each in (*child.params, *child.shared) for flag in each.opts}
        if {"--as", "--key", "--passphrase-fd"} <= set(options):
            for flag in ("--as", "--key", "--passphrase-fd"):
                texts.setdefault(flag, set()).add(options[flag].help)
    assert texts and all(len(helps) == 1 for helps in texts.values())


def test_a_group_makes_such_commands_without_being_told():
    @click.group(cls=CommandGroup)
    def group() -> None:
        pass

    @group.command()
    @option("--output", group=Group.OUTPUT, help="A file.")
    def child(output) -> None:
        pass

    assert isinstance(child, Command)
    assert "Output:" in CliRunner().invoke(group, ["child", "--help"]).output


SECTIONS = (Section("Daily work", ("second", "first")), Section("Keep the ledger", ("gone",)))


@click.group(cls=CommandGroup, sections=SECTIONS)
def arranged() -> None:
    pass


for _name in ("first", "second", "third"):
    arranged.add_command(Command(_name, help=f"Do the {_name}. And more."))
arranged.add_command(Command("secret", help="Hidden.", hidden=True))


def test_a_group_shows_its_commands_by_sections_and_the_rest_after_them():
    lines = CliRunner().invoke(arranged, ["--help"]).output.splitlines()
    shown = lines[lines.index("Daily work:") :]
    assert shown == [
        "Daily work:",
        "  second  Do the second.",
        "  first   Do the first.",
        "",
        "Other commands:",
        "  third  Do the third.",
    ]


def test_each_command_of_a_section_exists_and_stands_in_one_section():
    for group in (command for command in EVERY if isinstance(command, click.Group)):
        names = [name for section in group.sections for name in section.commands]
        assert len(names) == len(set(names)), group.name
        assert set(names) <= set(group.list_commands(click.Context(group))), group.name


DECLARING = ("option", "click.option", "path_option", "input_file", "output_option")


def test_no_option_is_declared_twice_in_the_same_words(root):
    """What two commands share stands once; the same flag may mean another thing in another command."""
    declared: dict[tuple[str, str], list[str]] = {}
    for path in sorted((root / "forensics" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in DECLARING:
                continue
            said = [word.value for word in node.keywords if word.arg == "help"]
            if ast.unparse(node.func) == "output_option":
                flag, said = "--output", said or node.args
            elif node.args and isinstance(node.args[0], ast.Constant):
                flag = node.args[0].value
            else:
                continue
            if said:
                place = f"{path.name}:{node.lineno}"
                declared.setdefault((flag, ast.unparse(said[0])), []).append(place)
    assert len(declared) > 190
    twice = {key: places for key, places in declared.items() if len(places) > 1}
    assert not twice
