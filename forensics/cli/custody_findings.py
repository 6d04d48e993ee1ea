"""Recording what ``forensics identify`` finds: its options and what they do."""

import functools
import os
import sys
from pathlib import Path

import click

from forensics.cli.custody_options import SIGNING, apply, open_for_writing, print_flags
from forensics.errors import UsageError
from forensics.io.inputs import STDIN
from forensics.messages import _

__all__ = ["Recorder", "recording"]

_ENVIRONMENT = "FORENSICS_LEDGER"
_OPTIONS = (
    click.option(
        "--ledger",
        "ledger_path",
        type=click.Path(path_type=Path, dir_okay=False),
        help=_(
            "Record each result as a finding in this ledger of custody; needs --sample. With "
            "--sample alone: FORENSICS_LEDGER."
        ),
    ),
    click.option("--sample", help=_("Sample in the ledger that was examined.")),
    click.option(
        "--run",
        "runs",
        multiple=True,
        help=_("Run in the ledger that the sequence comes from; may be repeated."),
    ),
    *SIGNING,
)


def recording(command):
    """Put the options on a command that say where its results are recorded.

    Whoever names a sample means to record: the ledger is then that of the environment, where none is
    given, and without either the command is refused. A finding that was silently not recorded
    would be missed in court.
    """

    @functools.wraps(command)
    def checked(*arguments, ledger_path, sample, runs, key_path, person_, passphrase_fd, **more):
        if ledger_path is None and sample and os.environ.get(_ENVIRONMENT):
            ledger_path = Path(os.environ[_ENVIRONMENT])
        if ledger_path is None and (sample or runs or key_path or person_):
            raise UsageError(
                _(
                    "--sample, --run, --key and --as are for recording: name the ledger, too "
                    "(--ledger, or {name} with --sample). Nothing was examined."
                ).format(name=_ENVIRONMENT)
            )
        return command(
            *arguments,
            ledger_path=ledger_path,
            sample=sample,
            runs=runs,
            key_path=key_path,
            person_=person_,
            passphrase_fd=passphrase_fd,
            **more,
        )

    return apply(checked, *_OPTIONS)


class Recorder:
    """Records results as findings on one sample; rules are asked before the work begins."""

    def __init__(
        self, ledger_path, sample, runs, key_path, person, descriptor, library, kind
    ) -> None:
        if not sample:
            raise UsageError(_("Give --sample with --ledger: what was examined."))
        self._sample, self._runs, self._kind = sample, runs, kind
        self._ledger = open_for_writing(ledger_path, key_path, person, descriptor)
        # Whoever closes last takes in the write-ahead log: none is left beside the ledger.
        click.get_current_context().call_on_close(self._ledger.close)
        thing = self._ledger.state.things.get(sample)
        if thing is None:
            raise UsageError(
                _("There is no exhibit, sample or container {name}.").format(name=sample)
            )
        self._ledger.add(
            "finding",
            case=thing.case,
            thing=sample,
            kind=kind,
            runs=list(runs) or None,
            library=library,
            result="",
            dry_run=True,
        )

    @property
    def can_draw(self) -> bool:
        """Whether pictures can be attached."""
        from forensics.pictures import can_draw

        return can_draw()

    def add(self, result, inputs=(), **drawn_with) -> None:
        """Record a result, with the files that it was read from and the pictures of it.

        Standard input and pipes are gone when they were read: their SHA-256 is in the finding.
        `drawn_with` is what `forensics.pictures.pictures_of` takes.
        """
        from forensics.custody import record_finding
        from forensics.pictures import pictures_of

        sys.stdout.flush()  # the result stands before what is said of it
        gone = [one for one in inputs if str(one) == STDIN or Path(one).is_fifo()]
        for one in gone:
            click.echo(
                _(
                    "Note: {path} is no file and is not attached; the finding has its SHA-256."
                ).format(path=one),
                err=True,
            )
        inputs = [one for one in inputs if one not in gone]
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
