"""From a ledger to a bundle: which events a case rests on, and the record that it was disclosed."""

import os
from collections.abc import Collection

from forensics.custody.attachments import file_sha256
from forensics.custody.disclosure import Disclosed, disclose
from forensics.custody.ledger import Ledger, Receipt
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["disclose_case", "related"]

_OF_RUNS = ("run", "control", "deviation")


def related(ledger: Ledger, case: str) -> list[int]:
    """Return the events without a case that one of the case rests on.

    These are the runs that its samples were in with their controls and deviations, the authorisations
    of deviations, the validations of the libraries that its findings name, and the policy.
    """
    runs: set[str] = set()
    libraries: set[str] = set()
    for event in ledger.events(case=case):
        runs.update(event.fields.get("runs", ()))
        if event.type in ("load", "consume") and "run" in event.fields:
            runs.add(event.fields["run"])
        if "library" in event.fields:
            libraries.add(event.fields["library"])
    found, needed = [], set()
    for event in ledger.events():
        fields = event.fields
        if "case" in fields:
            continue
        if event.type in _OF_RUNS and fields["run"] in runs:
            found.append(event.seq)
            if "authorisation" in fields:
                needed.add(fields["authorisation"])
        elif event.type == "validate" and fields["library"] in libraries:
            found.append(event.seq)
        elif event.type in ("policy", "competence"):
            found.append(event.seq)
    return sorted({*found, *needed})


def disclose_case(
    ledger: Ledger,
    case: str,
    output: str | os.PathLike,
    *,
    recipient: str,
    withhold: Collection[str] = (),
    why: str = "",
) -> tuple[Disclosed, Receipt]:
    """Write the bundle of a case against a head signed now, and record that it was disclosed.

    Parameters
    ----------
    ledger : Ledger
        With the key of who discloses.
    case : str
    output : path
        Must not exist.
    recipient : str
    withhold : collection of str
        Names of fields that are not opened.
    why : str
        Reason of withholding.

    Raises
    ------
    UsageError
        If there is no such case or the file exists.
    RefusedError
        If the person may not disclose; no bundle is made then.
    VerificationError
        If the bundle does not pass its own verifier.
    """
    if case not in ledger.state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    fields = {"case": case, "recipient": recipient, "withheld": why or None}
    digest = "0" * 64
    ledger.add("disclose", bundle=digest, size=1, root=digest, dry_run=True, **fields)
    signed = ledger.sign_head()
    size = signed.head.size
    witnesses = [kept for kept in ledger.heads() if kept.witness and kept.head.size <= size]
    made = disclose(
        ledger.stored_events(),
        case=case,
        head=signed,
        key=ledger.key,
        output=output,
        attachments=lambda name: path if (path := ledger.files / name).is_file() else None,
        witnesses=witnesses,
        earlier=sorted({kept.head.size for kept in ledger.heads() if kept.head.size <= size}),
        include=related(ledger, case),
        withhold=withhold,
        why=why,
    )
    digest, _bytes = file_sha256(made.path)
    receipt = ledger.add(
        "disclose", bundle=digest, size=size, root=signed.head.root.hex(), **fields
    )
    return made, receipt
