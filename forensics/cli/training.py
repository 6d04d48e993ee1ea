"""``forensics training``: exercises for those who learn."""

from contextlib import nullcontext
from pathlib import Path

import click

from forensics.cli.options import (
    CommandGroup,
    file_path,
    folder_path,
    option,
    output_option,
    path_option,
)
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _

training = CommandGroup(
    "training",
    help=_(
        "Make exercises, and evaluate the answers.\n\n"
        "Example: forensics training new --output round_1"
    ),
)


@training.command(
    help=_(
        "Make a round of blind samples in a new folder.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics training new --output round_1\n"
        "  forensics training new --learners names.txt --output round_2\n"
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
    "--learners",
    metavar="FILE|N",
    help=_("How many learners, or a file with a name a line; each gets other samples."),
)
@option(
    "--library",
    metavar="DIR|NAME",
    help=_("Library to draw from; default: that of the workshop, or else 'embedded'."),
)
@output_option(
    folder=True,
    required=True,
    help=_("Folder of the round; must not exist yet, or be empty."),
)
def new(seed: int | None, learners: str | None, library: str | None, output: Path) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.training.rounds import new_round

    made = new_round(
        output,
        seed=seed,
        learners=_names(learners or ""),
        source=open_library(library) if library else None,
        tell=lambda text: click.echo(text, err=True),
    )
    for name in made.learners:
        click.echo(
            _("{path}: {number} samples; give this folder to the trainee").format(
                path=made.path / name, number=made.samples
            )
        )
    click.echo(_("Code of the sealed answers (for the trainer): {code}").format(code=made.code))
    click.echo(_("SHA-256 of the sealed file (for everybody): {sha256}").format(sha256=made.sha256))


def _names(learners: str) -> list[str]:
    """Return the names of learners: of a number, or the lines of a file."""
    if learners.isdecimal():
        return [f"{number:02}" for number in range(1, int(learners) + 1)]
    from forensics.io.files import MAX_TOML, read_limited
    from forensics.io.numbers import decoded

    text = decoded(read_limited(learners, MAX_TOML)) if learners else ""
    return [line.strip() for line in text.splitlines() if line.strip()]


@training.command(
    help=_(
        "Evaluate the answers to a round as a proficiency test would.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics training grade round_1 --pages feedback\n"
        "  forensics training grade round_1 answers.xlsx --format csv > evaluation.csv\n\n"
        "Without ANSWERS the sheets are answers.csv in the folder of each learner. The code of "
        "the sealed answers is asked for. The exit code is 4 if the code is wrong, or if the "
        "sealed file, a label, a sample, the record of custody or the library was changed."
    )
)
@click.argument("folder", metavar="DIR", type=folder_path())
@click.argument("answers", type=file_path(), required=False)
@path_option(
    "--pages",
    folder=True,
    group=Group.OUTPUT,
    help=_("New folder for pages of HTML: one for each learner, and one for the trainer."),
)
@option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    group=Group.CUSTODY,
    help=_("File descriptor to read the code from; default: ask for it."),
)
@written()
def grade(
    folder: Path,
    answers: Path | None,
    pages: Path | None,
    passphrase_fd: int | None,
    writer: Writer,
) -> None:
    from forensics.cli.custody_options import source
    from forensics.io.files import making_folder
    from forensics.training.grading import grade_round
    from forensics.training.pages import learner_page, trainer_page

    ask = source(passphrase_fd, _("Code of the sealed answers in {path}").format(path=folder))
    with making_folder(pages) if pages else nullcontext(Path()) as partial:
        graded = grade_round(folder, ask, answers)
        made = {f"{one.learner or 'learner'}.html": learner_page(one) for one in graded}
        for name, page in {**made, "_trainer.html": trainer_page(graded)}.items():
            if pages:
                (partial / name).write_text(page, encoding="utf-8", newline="\n")
    for one in graded:
        if writer.is_json:
            writer.record(one)
        elif writer.has_rows:
            writer.plain_rows(one.rows())
        else:
            for marked in one.grades if len(graded) == 1 else ():
                writer.lines(one.sample_lines(marked))
            writer.lines([(_("Learner"), one.learner)][: bool(one.learner)] + one.lines())


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
