"""Recording what ``forensics identify`` finds: its options and what they do."""

import functools
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from forensics.cli.custody_options import Signer, print_flags, signing
from forensics.cli.options import apply, option
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.io.inputs import STDIN
from forensics.messages import _

F = TypeVar("F", bound=Callable[..., Any])

_ENVIRONMENT = "FORENSICS_LEDGER"
_OPTIONS = (
    option(
        "--ledger",
        "ledger_path",
        type=click.Path(path_type=Path, dir_okay=False),
        group=Group.CUSTODY,
        help=_(
            "Record each result as a finding in this ledger of custody; needs --sample. Default "
            "with --sample: FORENSICS_LEDGER."
        ),
    ),
    option("--sample", group=Group.CUSTODY, help=_("Sample in the ledger that was examined.")),
    option(
        "--run",
        "runs",
        multiple=True,
        group=Group.CUSTODY,
        help=_("Run in the ledger that the sequence comes from; may be repeated."),
    ),
)


@dataclass(frozen=True, slots=True)
class Recording:
    """Where the results of a command are recorded, if they are.

    Attributes
    ----------
    ledger : Path, optional
        None where nothing is recorded.
    sample : str, optional
        Its name in the ledger.
    runs : tuple of str
        Runs in the ledger that the sequences come from.
    signer : Signer
    """

    ledger: Path | None
    sample: str | None
    runs: tuple[str, ...]
    signer: Signer

    @property
    def is_asked(self) -> bool:
        """Whether results are recorded."""
        return self.ledger is not None

    def open(self, library: str, kind: str) -> "Recorder | None":
        """Return what records results; None where nothing is recorded.

        Parameters
        ----------
        library : str
            SHA-256 of what the results rest on: library, reference, model or clock.
        kind : str
            Kind of the findings.

        Raises
        ------
        UsageError
            If no sample is named, or there is none of this name.
        RefusedError
            If a rule of custody refuses such a finding.
        """
        return None if self.ledger is None else Recorder(self.ledger, self, library, kind)


def recording(command: F) -> F:
    """Put the options on a command that say where its results are recorded; it gets a `Recording`.

    Whoever names a sample means to record: the ledger is then that of the environment, where none is
    given, and without either the command is refused. A finding that was silently not recorded
    would be missed in court.
    """

    @functools.wraps(command)
    def checked(
        *arguments: Any, ledger_path: Path | None, sample: str | None, runs: tuple[str, ...],
        signer: Signer, **more: Any,
    ) -> Any:  # fmt: skip
        if ledger_path is None and (sample or more.get("case")) and os.environ.get(_ENVIRONMENT):
            ledger_path = Path(os.environ[_ENVIRONMENT])
        if ledger_path is None and (sample or runs or signer.is_named):
            raise UsageError(
                _(
                    "--sample, --run, --key and --as are for recording: name the ledger, too "
                    "(--ledger, or {name} with --sample). Nothing was examined."
                ).format(name=_ENVIRONMENT)
            )
        return command(*arguments, recording=Recording(ledger_path, sample, runs, signer), **more)

    return apply(signing(checked), *_OPTIONS)


class Recorder:
    """Records results as findings on one sample; rules are asked before the work begins."""

    def __init__(self, ledger: Path, recording: Recording, library: str, kind: str) -> None:
        sample = recording.sample
        if not sample:
            raise UsageError(_("Give --sample with --ledger: what was examined."))
        self._sample, self._runs, self._kind = sample, recording.runs, kind
        self._ledger = recording.signer.open(ledger)
        # Whoever closes last takes in the write-ahead log: none is left beside the ledger.
        click.get_current_context().call_on_close(self._ledger.close)
        item = self._ledger.state.things.get(sample)
        if item is None:
            raise UsageError(
                _("There is no exhibit, sample or container {name}.").format(name=sample)
            )
        self._ledger.add(
            "finding",
            case=item.case,
            thing=sample,
            kind=kind,
            runs=list(recording.runs) or None,
            library=library,
            result="",
            dry_run=True,
        )

    @property
    def can_draw(self) -> bool:
        """Whether pictures can be attached."""
        from forensics.pictures import can_draw

        return can_draw()

    def add(self, result: Any, inputs: Iterable[Path] = (), **drawn_with: Any) -> None:
        """Record a result, with the files that it was read from and the pictures of it.

        Standard input and pipes are gone when they were read: their SHA-256 is in the finding.
        `drawn_with` is what `forensics.pictures.pictures_of` takes.
        """
        from forensics.custody import record_finding
        from forensics.pictures import pictures_of

        sys.stdout.flush()  # the result stands before what is said of it
        inputs = list(inputs)
        gone = [path for path in inputs if str(path) == STDIN or path.is_fifo()]
        for path in gone:
            click.echo(
                _(
                    "Note: {path} is not a file and is not attached; the finding has its SHA-256."
                ).format(path=path),
                err=True,
            )
        inputs = [path for path in inputs if path not in gone]
        with pictures_of(result, inputs, **drawn_with) as pictures:
            for text in pictures.missing:
                click.echo(_("Note: {}").format(text), err=True)
            receipt = record_finding(
                self._ledger, self._sample, result, kind=self._kind, runs=self._runs,
                inputs=[*inputs, *pictures.paths],
            )  # fmt: skip
        click.echo(
            _("event {seq} ({type}) recorded   ledger {fingerprint}").format(
                seq=receipt.seq, type="finding", fingerprint=receipt.fingerprint
            ),
            err=True,
        )
        print_flags(receipt)
