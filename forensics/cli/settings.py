"""``forensics settings``: what a laboratory or a person sets once."""

import json
import sys
from pathlib import Path

import click

from forensics.cli.options import (
    LABORATORY,
    SETTINGS,
    USER,
    check_text,
    command,
    near_keys,
    option,
    read_settings,
    settings_files,
)
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.io.files import MAX_TOML, read_limited
from forensics.messages import _


@command(
    help=_(
        "Set defaults for the options of commands.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics settings                     (each setting, and the files that are read)\n"
        "  forensics settings library my_library\n"
        "  forensics settings confidence 0.98 --laboratory\n"
        "  forensics settings library --unset\n\n"
        "Options override settings, and your own settings those of the laboratory. --no-settings "
        "before a command, or FORENSICS_NO_SETTINGS, ignores all of them. Comments and other lines "
        "of the file are kept."
    ),
)
@click.argument("key", required=False)
@click.argument("value", required=False)
@option(
    "--unset",
    "is_unset",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("Remove the setting from the file."),
)
@option(
    "--laboratory",
    "is_of_laboratory",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("The laboratory's file, which FORENSICS_SETTINGS names; default: your own."),
)
@written(to_file=False)
def settings(
    key: str | None, value: str | None, is_unset: bool, is_of_laboratory: bool, writer: Writer
) -> None:
    if is_unset and (key is None or value is not None):
        raise UsageError(_("Give KEY --unset, without a value."))
    if value is None and is_of_laboratory and not is_unset:
        raise UsageError(
            _("{option} needs {other}.").format(option="--laboratory", other="VALUE, --unset")
        )
    if is_unset:
        _unset(key or "", is_of_laboratory)
    elif key is not None and value is not None:
        _set(key, value, is_of_laboratory)
    else:
        _show(key, writer)


def _show(key: str | None, writer: Writer) -> None:
    """Write each setting, or one, and where it comes from."""
    if key is not None and key not in SETTINGS:
        message = " ".join((_("There is no setting {key!r}.").format(key=key), *near_keys(key)))
        raise UsageError(message)
    held = read_settings()
    rows = []
    for name in SETTINGS if key is None else [key]:
        kind, found = SETTINGS[name], held.get(name)
        rows.append(
            {
                "setting": name,
                "value": found.value if found else None,
                "of": found.of if found else None,
                "file": str(found.file) if found else None,
                "meaning": _(kind.meaning) if writer.is_table else kind.meaning,
            }
        )
    writer.plain_rows(rows)
    if writer.is_table and key is None:
        for of, file in settings_files().items():
            there = "" if file.is_file() else " " + _("(no such file)")
            click.echo(f"{of}: {file}{there}")


def _set(key: str, value: str, is_of_laboratory: bool) -> None:
    """Write a setting into the file."""
    path = _file(is_of_laboratory)
    number: float | None = None
    if key in ("confidence", "prior"):
        from forensics.cli.options import NUMBER

        number = NUMBER.convert(value, None, None)
    elif (
        key in SETTINGS
        and SETTINGS[key].is_path
        and value.strip()
        and value not in SETTINGS[key].words
    ):
        # A path that is typed counts from where it is typed; in the file, from the folder of the file.
        if Path.cwd() != path.absolute().parent:
            value = str(Path(value).expanduser().absolute())
    lines = [line for line in _lines(path) if not _is_of(line, key)]
    _write(
        path,
        [*lines, f"{key} = {json.dumps(value, ensure_ascii=False) if number is None else number}"],
    )
    click.echo(f"{path}: {key} = {value}")


def _unset(key: str, is_of_laboratory: bool) -> None:
    """Take a setting out of the file."""
    path = _file(is_of_laboratory)
    lines = _lines(path)
    rest = [line for line in lines if not _is_of(line, key)]
    if rest == lines:
        raise UsageError(_("{path} does not set {key!r}.").format(path=path, key=key))
    _write(path, rest)


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
