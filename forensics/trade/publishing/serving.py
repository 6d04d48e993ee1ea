"""Start Datasette on a published folder."""

import os
import secrets
from pathlib import Path

from forensics.core.children import python
from forensics.errors import ForensicsError, InputError, importing
from forensics.io.cells import printable
from forensics.io.inputs import read_limited
from forensics.messages import _
from forensics.trade.publishing.accounts import read_accounts
from forensics.trade.publishing.writing import ACCOUNTS_VARIABLE, code_files

__all__ = ["command", "environment", "need_datasette"]


def need_datasette() -> None:
    """Check that Datasette is there.

    Raises
    ------
    ForensicsError
    """
    with importing("publish"):
        import datasette.version
    if tuple(map(int, datasette.version.__version__.split(".")[:2])) < (0, 65):
        raise ForensicsError(_("Datasette is too old; expected 0.65.5 or later."))


def command(
    folder: str | os.PathLike[str], *, host: str, port: int
) -> list[str | os.PathLike[str]]:
    """Return the command that starts Datasette.

    Raises
    ------
    InputError
        If the folder was not written by `forensics.trade.publishing.writing`.
    """
    folder = Path(folder)
    code = code_files()
    there = {
        path.relative_to(folder).as_posix(): path
        for name in ("plugins", "templates", "static")
        for path in folder.joinpath(name).rglob("*")
    }
    for name in sorted({*code, *there}):
        path = there.get(name)
        if path is None or name not in code or read_limited(path, 2**24) != code[name]:
            raise InputError(
                _(
                    "This is not a folder that this version of forensics trade publish wrote ({name} "
                    "differs), and Datasette would run what is in it. Publish it again."
                ).format(name=printable(name)),
                source=str(folder),
            )
    datasette = "from datasette.cli import cli; cli()"
    return python(datasette, "serve", folder, "--host", host, "--port", str(port))


def environment(accounts: str | os.PathLike[str] | None) -> dict[str, str]:
    """Return the environment for it: accounts of a file, and a new secret where there is none.

    With a new secret all sessions end when the server does.
    """
    variables = dict(os.environ)
    if accounts is not None:
        try:
            variables[ACCOUNTS_VARIABLE] = read_limited(accounts, 2**20).decode()
        except UnicodeDecodeError as error:
            raise InputError(
                _("The accounts cannot be read: {error}").format(error=error), source=str(accounts)
            ) from error
    read_accounts(variables.get(ACCOUNTS_VARIABLE, ""))
    variables.setdefault("DATASETTE_SECRET", secrets.token_hex(32))
    return variables
