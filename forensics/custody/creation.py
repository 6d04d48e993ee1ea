"""Making a new ledger."""

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from forensics.custody.acts.people import RULES_VERSION
from forensics.custody.database import LEDGER_DATABASE, files_folder
from forensics.custody.keys import PrivateKey
from forensics.custody.ledger import Ledger
from forensics.custody.times import now
from forensics.errors import UsageError
from forensics.io.files import write_new
from forensics.messages import _
from forensics.store.connections import new_ledger_mode, open_writer
from forensics.store.kinds import translate_errors
from forensics.store.schema import create_schema

__all__ = ["create_ledger"]


def create_ledger(
    path: str | os.PathLike[str],
    *,
    key: PrivateKey,
    laboratory: str,
    person: str,
    name: str,
    roles: Sequence[str],
    policy: dict[str, Any] | None = None,
    key_expires: str | None = None,
    clock: Callable[[], str] = now,
) -> Ledger:
    """Make a new ledger whose first event enrols its first person, and open it.

    Parameters
    ----------
    path : path
        Must not exist.
    key : PrivateKey
        Of the first person, an administrator.
    laboratory, person, name : str
        Name of the laboratory; short name and full name of the person.
    roles : sequence of str
        Of the person; see `forensics.custody.act.ROLES`.
    policy : dict, optional
        What differs from `forensics.custody.policy.DEFAULT_POLICY`.

    Raises
    ------
    UsageError
        If the file exists.
    RefusedError
        If a rule refuses the first event.
    """
    path = Path(path)
    if path.exists() or files_folder(path).exists():
        raise UsageError(
            _("{path} exists already and is not overwritten; give another name.").format(path=path)
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    write_new(path, b"")  # claims the name: of two programs one wins
    try:
        with (
            translate_errors(path, LEDGER_DATABASE),
            closing(open_writer(temporary, LEDGER_DATABASE, create=True)) as connection,
        ):
            create_schema(connection, LEDGER_DATABASE)
        with Ledger(temporary, key=key, clock=clock) as first:
            first._state.ledger = secrets.token_hex(16)
            first.add(
                "init",
                actor=person,
                laboratory=laboratory,
                rules=RULES_VERSION,
                person=person,
                name=name,
                roles=list(roles),
                public_key=key.public.text,
                key_expires=key_expires,
                policy=policy,
            )
        if os.name == "posix":
            mode = temporary.stat().st_mode
            os.chmod(temporary, new_ledger_mode(path.parent, mode & 0o666))
        os.replace(temporary, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        for end in ("", "-wal", "-shm", "-journal", ".lock", ".turn"):
            Path(f"{temporary}{end}").unlink(missing_ok=True)
    return Ledger(path, key=key, clock=clock)
