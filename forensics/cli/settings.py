"""``forensics settings``: what a laboratory or a person sets once."""

import json
import sys
from pathlib import Path

import click

from forensics.cli.options import CommandGroup, option
from forensics.cli.output import Writer, written
from forensics.cli.settings_file import (
    KEYS,
    LABORATORY,
    USER,
    check_text,
    read_settings,
    settings_files,
)
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.io.inputs import MAX_TOML, read_limited
from forensics.messages import _

__all__ = ["settings"]

_OF_LABORATORY = option(
    "--laboratory",
    "is_of_laboratory",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("The laboratory's file, which FORENSICS_SETTINGS names; default: your own."),
)


@click.group(
    cls=CommandGroup,
    help=_(
        "Set once what commands take where an option is not given.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics settings show\n"
        "  forensics settings set library my_library\n"
        "  forensics settings set confidence 0.98 --laboratory\n\n"
        "Options go before settings, your own before the laboratory's. --no-settings before a command, or "
        "FORENSICS_NO_SETTINGS, leaves all aside."
    ),
)
def settings() -> None:
    pass


@settings.command(
    help=_("Show each setting and where it comes from.\n\nExample: forensics settings show")
)
@written(to_file=False)
def show(writer: Writer) -> None:
    held = read_settings()
    rows = []
    for key, kind in KEYS.items():
        found = held.get(key)
        rows.append(
            {
                "setting": key,
                "value": found.value if found else None,
                "of": found.of if found else None,
                "file": str(found.file) if found else None,
                "meaning": _(kind.meaning) if writer.is_table else kind.meaning,
            }
        )
    writer.plain_rows(rows)


@settings.command(
    "set",
    help=_(
        "Write a setting into the file.\n\n"
        "Example: forensics settings set library my_library\n\n"
        "Comments and other lines of the file stay."
    ),
)
@click.argument("key")
@click.argument("value")
@_OF_LABORATORY
def set_(key: str, value: str, is_of_laboratory: bool) -> None:
    path = _file(is_of_laboratory)
    number: float | None = None
    if key in ("confidence", "prior"):
        from forensics.cli.numbers import NUMBER

        number = NUMBER.convert(value, None, None)
    elif key in KEYS and KEYS[key].is_path and value.strip() and value not in KEYS[key].words:
        # A path that is typed counts from where it is typed; in the file, from the folder of the file.
        if Path.cwd() != path.absolute().parent:
            value = str(Path(value).expanduser().absolute())
    lines = [line for line in _lines(path) if not _is_of(line, key)]
    _write(
        path,
        [*lines, f"{key} = {json.dumps(value, ensure_ascii=False) if number is None else number}"],
    )
    click.echo(f"{path}: {key} = {value}")


@settings.command(
    help=_("Take a setting out of the file.\n\nExample: forensics settings unset library")
)
@click.argument("key")
@_OF_LABORATORY
def unset(key: str, is_of_laboratory: bool) -> None:
    path = _file(is_of_laboratory)
    lines = _lines(path)
    rest = [line for line in lines if not _is_of(line, key)]
    if rest == lines:
        raise UsageError(_("{path} does not have {key!r}.").format(path=path, key=key))
    _write(path, rest)


@settings.command(
    help=_("Say which files are read, there or not.\n\nExample: forensics settings path")
)
def path() -> None:
    for of, file in settings_files().items():
        there = "" if file.is_file() else " " + _("(not there)")
        click.echo(f"{of}: {file}{there}")


def _file(is_of_laboratory: bool) -> Path:
    files = settings_files()
    if not is_of_laboratory:
        return files[USER]
    if LABORATORY not in files:
        raise UsageError(
            _("FORENSICS_SETTINGS names no file; set it to the laboratory's file first.")
        )
    return files[LABORATORY]


def _lines(path: Path) -> list[str]:
    content = read_limited(path, MAX_TOML) if path.is_file() else b""
    return content.decode("utf-8-sig").splitlines()


def _is_of(line: str, key: str) -> bool:
    return line.partition("=")[0].strip() == key and "=" in line


def _write(path: Path, lines: list[str]) -> None:
    """Write lines of settings that were checked; the file is replaced as a whole."""
    text = "".join(f"{line}\n" for line in lines)
    check_text(path, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".partial")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
    sys.stdout.flush()
