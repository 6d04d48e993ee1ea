"""Merging what was recorded offline: a field ledger goes into the laboratory's whole, as it was signed.

The field ledger keeps its own numbers and keys. Its copy is attached to the event that takes its
exhibits in, and verified with the ledger ever after.
"""

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from forensics.custody.appending import Receipt
from forensics.custody.database import LEDGER_DATABASE, files_folder
from forensics.custody.fields import plain
from forensics.custody.ledger import Ledger, open_ledger
from forensics.custody.state import State
from forensics.custody.verification import verify
from forensics.errors import UsageError
from forensics.io.files import sha256
from forensics.messages import _
from forensics.store.copies import private_copy


def merge(
    ledger: Ledger, field: str | os.PathLike[str], *, dry_run: bool = False, **fields: Any
) -> Receipt:
    """Take the exhibits of a field ledger into `ledger`; who signs receives them.

    Parameters
    ----------
    ledger : Ledger
        With the key of the custodian who receives the exhibits.
    field : path
        The field ledger, with its files beside it. It is of one case, which `ledger` has too.
    dry_run : bool
        Check everything and record nothing.
    **fields
        Further fields of the event, such as ``received_from``.

    Returns
    -------
    Receipt
        `Receipt.left_out` names exhibits that were not taken in, since the ledger has other things of
        their names.

    Raises
    ------
    VerificationError
        If the field ledger does not hold.
    UsageError
        If it is of several cases, or has no exhibit that is not in `ledger` yet.
    RefusedError
        If a rule refuses it.
    """
    with tempfile.TemporaryDirectory(prefix="forensics-") as folder:
        copy = Path(folder) / f"{Path(field).name}"
        # What is looked at is the copy: the original may go on growing, and is not changed.
        with private_copy(field, LEDGER_DATABASE) as private, open_ledger(private.path) as source:
            source.copy_database(copy)
        report = verify(copy, files=files_folder(field)).require()
        with open_ledger(copy) as source:
            described = {
                row["exhibit"]: row
                for event in source.events()
                if event.type == "receive"
                for row in event.fields["exhibits"]
            }
            case, rows = _exhibits(source.state, described, set(ledger.state.things))
            attached = {entry["sha256"] for event in source.events() for entry in event.attachments}
        left_out = _taken_names(ledger, report.ledger, described)
        digest = sha256(copy)
        stored = [files_folder(field) / name for name in sorted(attached)]
        receipt = ledger.add(
            "merge",
            case=case,
            exhibits=rows,
            field_ledger=report.ledger,
            size=report.size,
            root=report.root,
            copy=digest,
            attachments=[copy, *(path for path in stored if path.is_file())],
            dry_run=dry_run,
            **fields,
        )
        return replace(receipt, left_out=left_out)


def _taken_names(
    ledger: Ledger, field_ledger: str, described: dict[str, dict[str, Any]]
) -> tuple[str, ...]:
    """Return the exhibits of a field ledger whose names are those of other things."""
    merged = {
        row["exhibit"]
        for event in ledger.events()
        if event.type == "merge" and event.fields["field_ledger"] == field_ledger
        for row in event.fields["exhibits"]
    }
    return tuple(name for name in described if name in ledger.state.things and name not in merged)


def _exhibits(
    state: State, described: dict[str, dict[str, Any]], known: set[str]
) -> tuple[str, list[dict[str, Any]]]:
    """Return the case of a field ledger, and its exhibits that are not known yet."""
    if len(state.cases) != 1:
        raise UsageError(
            _("A field ledger is of one case; this one has {number}.").format(
                number=len(state.cases)
            )
        )
    others = [name for name, item in state.things.items() if item.kind != "exhibit"]
    if others:
        raise UsageError(
            _("Only exhibits are taken from a field ledger; it has also {names}.").format(
                names=", ".join(others[:5])
            )
        )
    rows = []
    for name, row in described.items():
        item = state.things[name]
        if name in known or item.gone:
            continue
        # What it is, as it was said then; quantity and seals, as they are now.
        row = {
            key: row[key] for key in ("exhibit", "description", "unit", "condition") if key in row
        }
        row["quantity"] = plain(item.balance)
        if item.seals:
            row["seals"] = list(item.seals)
        rows.append(row)
    if not rows:
        raise UsageError(_("The field ledger has no exhibit that is not in this one yet."))
    (case,) = state.cases
    return case, rows
