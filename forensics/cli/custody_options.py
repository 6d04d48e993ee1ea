"""Options by which a command names a ledger and who acts in it, and by which it records what it finds as findings."""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from forensics.cli.options import apply, current_settings, option, path_option
from forensics.cli.output import RECORDS, Writer, note, tell, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.io.files import STDIN
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.custody.agent import AgentKey
    from forensics.custody.keys import PassphraseSource, PrivateKey
    from forensics.custody.ledger import Ledger


def _ledger(*, required: bool) -> Callable[[Any], Any]:
    return path_option(
        "--ledger",
        "ledger_path",
        envvar="FORENSICS_LEDGER",
        required=required,
        show_envvar=True,
        group=Group.CUSTODY,
        help=_("Ledger; its keys are in LEDGER.keys."),
    )


LEDGER, LEDGER_OR_NONE = _ledger(required=True), _ledger(required=False)
PASSPHRASE = option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    group=Group.CUSTODY,
    is_rare=True,
    help=_("File descriptor to read the passphrase from; default: ask for it."),
)
SIGNING = (
    path_option(
        "--key",
        "key_path",
        group=Group.CUSTODY,
        is_rare=True,
        help=_("Key file to sign with; default: that of --as, or the only one in LEDGER.keys."),
    ),
    option(
        "--as",
        "person_",
        metavar="PERSON",
        group=Group.CUSTODY,
        help=_("Person who acts, with the key LEDGER.keys/PERSON.key."),
    ),
    PASSPHRASE,
)

BY_PASSPHRASE = frozenset({"authorise", "reenrol", "rotate"})
"""Acts that an unlocked key does not sign: who only sits at the computer of a person must neither
approve as that person what takes two, nor take the key over with a passphrase of their own."""


class Signer(NamedTuple):
    """Who acts, and where the passphrase of the key comes from.

    Attributes
    ----------
    key : Path, optional
        The key file, where it was named.
    person : str, optional
        Who acts, where that was said.
    passphrase_fd : int, optional
        File descriptor of the passphrase; None: it is asked for.
    """

    key: Path | None
    person: str | None
    passphrase_fd: int | None

    @property
    def is_named(self) -> bool:
        """Whether somebody said who acts."""
        return bool(self.key or self.person)

    def key_file(self, ledger: Path) -> Path:
        """Return the key file that is meant.

        Raises
        ------
        UsageError
            If that is not certain.
        """
        if self.key:
            return self.key
        folder = keys_folder(ledger)
        if self.person:
            return folder / f"{self.person}.key"
        held = current_settings()
        if "key" in held:
            return Path(held["key"].value)
        if "person" in held:
            return folder / f"{held['person'].value}.key"
        keys = sorted(folder.glob("*.key")) if folder.is_dir() else []
        if len(keys) == 1:
            return keys[0]
        raise UsageError(
            _(
                "Name the person who acts: --as PERSON or --key FILE ({number} keys in {folder})."
            ).format(number=len(keys), folder=folder)
        )

    def open(self, ledger: Path, *, dry_run: bool = False, act: str = "") -> "Ledger":
        """Return the ledger with the key of who acts.

        A key that was unlocked (``custody unlock``) signs in its agent, and whose key it was is said;
        otherwise the passphrase is asked for when the key is used.

        Parameters
        ----------
        dry_run : bool
            Whether nothing will be recorded, so that nobody signs.
        act : str
            What will be recorded: for some acts the passphrase is asked for although the key is
            unlocked (`BY_PASSPHRASE`).
        """
        from forensics.custody import open_ledger

        path = self.key_file(ledger)
        by_passphrase = act in BY_PASSPHRASE and not dry_run
        unlocked = None if by_passphrase else self._unlocked(path)
        if unlocked is not None:
            opened = open_ledger(ledger, key=unlocked)
            if not dry_run:
                unlocked.on_signed = _Announcement(opened)
            return opened
        return open_ledger(ledger, key=path, passphrase=self.passphrase_of(path))

    def passphrase_of(self, path: Path) -> "PassphraseSource":
        """Return where the passphrase of a key file comes from."""
        return source(self.passphrase_fd, _("Passphrase of {path}").format(path=path))

    def _unlocked(self, path: Path) -> "AgentKey | None":
        """Return the key in its agent, where there is one; a passphrase that is given goes before."""
        if self.passphrase_fd is not None or not path.is_file():
            return None
        from forensics.custody.agent import StaleAgent, find_agent
        from forensics.custody.keys import public_key_of

        try:
            public = public_key_of(path)
        except InputError:
            return None  # opening it says what is wrong with it
        try:
            return find_agent(public)
        except StaleAgent as error:
            note(error)
            return None


class _Announcement:
    """Says, once a command, whose key signed, and until when it is unlocked."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger, self._is_said = ledger, False

    def __call__(self, until: str) -> None:
        if not self._is_said:
            self._is_said = True
            text = _("signed with the key of {person}, unlocked until {time}").format(
                person=self._ledger.actor or self._ledger.key.id, time=clock_time(until)
            )
            tell(text)


def clock_time(time: str) -> str:
    """Return a time of today, or of the next hours, as the clock on the wall shows it.

    Parameters
    ----------
    time : str
        In UTC, as `forensics.custody.canonical.time_text` writes it.
    """
    from forensics.custody.canonical import parse_time

    return parse_time(time).astimezone().strftime("%H:%M")


def signing(function: Any) -> Any:
    """Give a command the options that say who acts, as one `Signer`."""

    @functools.wraps(function)
    def call(*arguments: Any, key_path: Any, person_: Any, passphrase_fd: Any, **more: Any) -> Any:
        return function(*arguments, signer=Signer(key_path, person_, passphrase_fd), **more)

    return apply(call, *SIGNING)


RECEIPTS = written(forms=RECORDS, to_file=False)
"""``--format`` of what was recorded."""
DRY_RUN = option(
    "--dry-run", is_flag=True, group=Group.RECORD, help=_("Check the rules and record nothing.")
)


def trusting(function: Any) -> Any:
    """Give a command the options that say whom one trusts, as the `trust` that is passed on as keywords."""

    @functools.wraps(function)
    def call(
        *arguments: Any, tsa_roots: Path | None, witness_keys: Sequence[str], **more: Any
    ) -> Any:
        trust: dict[str, Any] = {}
        if tsa_roots is not None:
            from forensics.custody.witnesses import read_roots

            trust["tsa_roots"] = read_roots(tsa_roots)
        if witness_keys:
            from forensics.custody.witnesses import read_pins

            trust["witness_keys"] = read_pins(witness_keys)
        return function(*arguments, trust=trust, **more)

    return apply(
        call,
        path_option(
            "--tsa-roots",
            metavar="PEM",
            group=Group.CUSTODY,
            help=_(
                "Certificates of timestamp authorities that you trust, to check timestamp tokens."
            ),
        ),
        option(
            "--witness-key",
            "witness_keys",
            multiple=True,
            metavar="FILE|ID",
            group=Group.CUSTODY,
            help=_("Key that a witness gave you by other means: its id, a key file or a request."),
        ),
    )


NEW_PASSPHRASE = option(
    "--new-passphrase-fd",
    type=int,
    metavar="N",
    group=Group.CUSTODY,
    help=_("File descriptor to read the passphrase of the new key from."),
)


def keys_folder(ledger: Path) -> Path:
    """Return the folder in which the keys of a ledger lie where nothing else is said."""
    return Path(f"{ledger}.keys")


def source(descriptor: int | None, text: str, *, confirm: bool = False) -> "PassphraseSource":
    """Return where a passphrase comes from."""
    from forensics.custody.keys import from_descriptor, from_prompt

    if descriptor is None:
        return from_prompt(text, confirm=confirm)
    return from_descriptor(descriptor)


def make_key(path: Path, descriptor: int | None) -> "PrivateKey":
    """Make a key and its file; return the key."""
    from forensics.custody.keys import MINIMUM_LENGTH, PrivateKey, write_key

    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = PrivateKey.generate()
    text = _("New passphrase of {path} ({number} characters or more)")
    text = text.format(path=path, number=MINIMUM_LENGTH)
    write_key(path, made, source(descriptor, text, confirm=True))
    return made


def open_for_reading(ledger: Path):
    """Return the ledger, without a key."""
    from forensics.custody import open_ledger

    return open_ledger(ledger)


def open_checked(ledger: Path):
    """Return the ledger, without a key, when its fields are those that were signed.

    What people read of it, or hand on, must not come from a field that was changed in the database.
    """
    opened = open_for_reading(ledger)
    try:
        opened.check_openings()
    except BaseException:
        opened.close()
        raise
    return opened


def print_receipt(receipt: Any, writer: Writer, **more: object) -> None:
    """Write what was recorded, with the fingerprint that goes on paper."""
    if writer.is_json:
        record = {
            "event": receipt.seq,
            "type": receipt.fields["type"],
            "recorded": receipt.fingerprint is not None,
            "recorded_at": receipt.recorded_at,
            "fingerprint": str(receipt.fingerprint) if receipt.fingerprint else None,
            "flags": [{"code": flag.code, "about": flag.about} for flag in receipt.flags],
            **({"unsearched": list(receipt.unsearched)} if receipt.unsearched else {}),
            **({"left_out": list(receipt.left_out)} if receipt.left_out else {}),
            **more,
        }
        writer.record(record)
        return
    writer.text(receipt_line(receipt))
    print_flags(receipt)
    if receipt.unsearched:
        tell(
            _(
                "not searched for the erased values, because they are not text: {files} (check "
                "each; erase those that contain them with --erased-file)"
            ).format(files=", ".join(receipt.unsearched))
        )
    if receipt.left_out:
        tell(
            _(
                "not merged, because this ledger has other things with these names: {names} "
                "(receive them under other names)"
            ).format(names=", ".join(receipt.left_out))
        )


def receipt_line(receipt: Any) -> str:
    """Return what was recorded in one line, with the fingerprint that goes on paper."""
    if receipt.fingerprint is None:
        text = _("dry run: event {seq} ({type}) would be recorded; nothing was")
    else:
        text = _("event {seq} ({type}) recorded   ledger {fingerprint}")
    return text.format(
        seq=receipt.seq, type=receipt.fields["type"], fingerprint=receipt.fingerprint
    )


def print_flags(receipt) -> None:
    """Tell what was flagged, on standard error."""
    from forensics.custody.rules import FLAGS

    for flag in receipt.flags:
        tell(
            _("flagged {code}: {about} {text}").format(
                code=flag.code, about=flag.about, text=_(FLAGS[flag.code])
            )
        )


F = TypeVar("F", bound=Callable[..., Any])

_ENVIRONMENT = "FORENSICS_LEDGER"
_OPTIONS = (
    path_option(
        "--ledger",
        "ledger_path",
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


class Recording(NamedTuple):
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
        from forensics.custody.findings import check_finding

        sample = recording.sample
        if not sample:
            raise UsageError(_("Give --sample with --ledger: the sample that was examined."))
        self._sample, self._runs, self._kind = sample, recording.runs, kind
        self._ledger = recording.signer.open(ledger)
        # Whoever closes last takes in the write-ahead log: none is left beside the ledger.
        click.get_current_context().call_on_close(self._ledger.close)
        check_finding(self._ledger, sample, kind=kind, library=library, runs=self._runs)

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
            tell(
                _(
                    "Note: {path} is not a file and is not attached; the finding has its SHA-256."
                ).format(path=path)
            )
        inputs = [path for path in inputs if path not in gone]
        with pictures_of(result, inputs, **drawn_with) as pictures:
            for text in pictures.missing:
                note(text)
            receipt = record_finding(
                self._ledger, self._sample, result, kind=self._kind, runs=self._runs,
                inputs=[*inputs, *pictures.paths],
            )  # fmt: skip
        tell(receipt_line(receipt))
        print_flags(receipt)
