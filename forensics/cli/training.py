"""``forensics training``: exercises for those who learn."""

from pathlib import Path

import click

from forensics.cli.options import CommandGroup, file_path, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _


@click.group(
    cls=CommandGroup,
    help=_(
        "Make exercises, and evaluate the answers.\n\n"
        "Example: forensics training new --output round_1"
    ),
)
def training() -> None:
    pass


@training.command(
    help=_(
        "Make a round of blind samples in a new folder.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics training new --output round_1\n"
        "  forensics training new --seed 7 --output round_7\n\n"
        "The sequences are real and are left out of the library of the round; a sealed file "
        "names them. Its code is printed once and not stored: the trainer writes it down, and "
        "publishes the SHA-256 before the answers come in. Anyone who knows the seed can make "
        "the round again, so it is not printed either."
    )
)
@option(
    "--seed",
    type=click.IntRange(0),
    group=Group.ADVANCED,
    help=_("Number that the round is drawn with; default: random, kept in the sealed file."),
)
@option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    group=Group.OUTPUT,
    help=_("Folder of the round; must not exist yet, or be empty."),
)
def new(seed: int | None, output: Path) -> None:
    from forensics.training.rounds import new_round

    made = new_round(output, seed=seed, tell=lambda text: click.echo(text, err=True))
    click.echo(
        _("{path}: {number} samples; give this folder to the trainee").format(
            path=made.path, number=made.samples
        )
    )
    click.echo(_("Code of the sealed answers (for the trainer): {code}").format(code=made.code))
    click.echo(_("SHA-256 of the sealed file (for everybody): {sha256}").format(sha256=made.sha256))


@training.command(
    help=_(
        "Evaluate the answers to a round as a proficiency test would.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics training grade round_1 round_1/answers.csv\n"
        "  forensics training grade round_1 answers.xlsx --format csv > evaluation.csv\n\n"
        "The code of the sealed answers is asked for. The exit code is 4 if the code is wrong, "
        "or if the sealed file, a sample or the library was changed."
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("answers", type=file_path())
@option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    group=Group.CUSTODY,
    help=_("File descriptor to read the code from; default: ask for it."),
)
@written()
def grade(folder: Path, answers: Path, passphrase_fd: int | None, writer: Writer) -> None:
    from forensics.cli.custody_options import source
    from forensics.training.grading import Graded, grade, read_answers
    from forensics.training.rounds import open_round

    ask = source(passphrase_fd, _("Code of the sealed answers in {path}").format(path=folder))
    opened = open_round(folder, ask)
    samples = [truth.sample for truth in opened.truths]
    given = read_answers(answers, samples, opened.names)
    graded = Graded(
        opened, [grade(truth, answer, opened.names) for truth, answer in zip(opened.truths, given)]
    )
    if writer.is_json:
        writer.record(graded)
    elif writer.has_rows:
        writer.plain_rows(graded.rows())
    else:
        for marked in graded.grades:
            writer.lines(graded.sample_lines(marked))
        writer.lines(graded.lines())


@training.command(
    help=_(
        "Make a whole case in a new folder: from the seal to the report.\n\n"
        "Example: forensics training case case\n\n"
        "The sequences are real; people, places and times are simulated. The folder gets the ledger, "
        "the keys, the files, the details and report.pdf."
    )
)
@click.argument("folder", type=click.Path(path_type=Path))
def case(folder: Path) -> None:
    from forensics.demonstration import PASSPHRASE, make_case

    made = make_case(folder)
    click.echo(
        _("{output}: report").format(output=folder / "report.pdf")
        + "   "
        + _("ledger {fingerprint}").format(fingerprint=made.statement["ledger"]["fingerprint"])
    )
    click.echo(_("The passphrase of every key in it is: {text}").format(text=PASSPHRASE))
