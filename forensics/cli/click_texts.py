"""The texts of click itself that people can see, so that the catalogues have them.

click looks its texts up with gettext; `forensics.cli.options` binds our catalogue for it. Nothing
imports this module when a command runs: it is for extraction, and for the test that compares it
with the click that is installed. Texts of 8.1 to 8.5 stand here, for an old click is allowed, too.
"""

from forensics.messages import N_, ngettext

SEEN = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Show this message and exit."),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("required"),
    N_("(dynamic)"),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("Error: {e.message}"),
    N_("Aborted!"),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing {param_type}"),
    N_("Missing parameter: {param_name}"),
    N_("Choose from:\n\t{choices}"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("No such option: {name}"),
    N_("Option {name!r} does not take a value."),
    N_("Argument {name!r} takes {nargs} values."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not a valid boolean."),
    N_("{value!r} is not a valid boolean. Recognized values: {states}"),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} '{filename}' is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("{name} {filename!r} is not executable."),
    N_("Could not open file {filename!r}: {message}"),
    N_("unknown error"),
    N_("Windows error: {error}"),
    N_("Repeat for confirmation"),
    N_("Error: The two entered values do not match."),
    N_("Error: The value you entered was invalid."),
    N_("Error: invalid input"),
    N_("d"),  # days, in the time that is left
)

COUNTED = (
    "Did you mean {possibility}?",
    "Got unexpected extra argument ({args})",
    "Option {name!r} requires an argument.",
    "Takes {nargs} values but 1 was given.",
    "{value!r} is not {choice}.",
)
"""Texts of one thing, of those that have another text for many."""

NOT_SEEN = (
    # For who writes a program with click.
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Could not determine name for option with declarations {decls!r}",
    "Invalid start character for option ({option})",
    "Name '{name}' defined twice",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
    "Did you mean to pass '--{name}'?",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
    "Value must be an iterable.",
    "{len_type} values are required, but {len_value} was given.",
    # Of what no command of ours has: a version in click's words, commands and options that go out
    # of use, an editor, a pause, a question with yes or no, choices without a list, dates, UUIDs.
    "%(prog)s, version %(version)s",
    "Show the version and exit.",
    "(Deprecated) {text}",
    "{text} {deprecated_message}",
    "deprecated",
    "DeprecationWarning: The command {name!r} is deprecated.",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "{editor}: Editing failed",
    "{editor}: Editing failed: {e}",
    "Press any key to continue...",
    "Confirm the action without prompting.",
    "Do you want to continue?",
    "Choice({choices})",
    "{value!r} does not match the format {format}.",
    "{value!r} is not a valid UUID.",
    # Of completion in a shell, while it is installed.
    "Couldn't detect Bash version, shell completion is not supported.",
    "Shell completion is not supported for Bash versions older than 4.4.",
)
"""Texts that nobody sees who uses our commands; they stay English."""


def counted(number: int) -> tuple[str, ...]:
    """Return the texts that depend on a number, in the language of the reader."""
    return (
        ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", number),
        ngettext(
            "Got unexpected extra argument ({args})",
            "Got unexpected extra arguments ({args})",
            number,
        ),
        ngettext(
            "Option {name!r} requires an argument.",
            "Option {name!r} requires {nargs} arguments.",
            number,
        ),
        ngettext(
            "Takes {nargs} values but 1 was given.",
            "Takes {nargs} values but {len} were given.",
            number,
        ),
        ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", number),
    )
