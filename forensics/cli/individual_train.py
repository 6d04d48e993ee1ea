"""``forensics individual train``: a laboratory's own classifier on measurements, stored as a model."""

from pathlib import Path

import click

from forensics.cli.individual_captive import TABLE, describe_other_sheets, split_names
from forensics.cli.options import MODEL_FOLDER, Command, class_column, option, options_of
from forensics.core.options import Group
from forensics.individual.captive.options import ModelOptions
from forensics.messages import _

__all__ = ["train"]


@click.command(
    cls=Command,
    help=_(
        "Train a classifier of scikit-learn on measurements of known class.\n\n"
        "\b\n"
        "Example: forensics individual train known.csv --class-column origin\n"
        "  --group-column farm --estimator sklearn.ensemble:RandomForestClassifier\n"
        "  --output forest\n\n"
        "It is evaluated and calibrated on groups that are left out, and guarded by the p-values of "
        "'individual captive', which takes the model with --model. It is stored without pickle (extra "
        "'skops')."
    ),
)
@click.argument("reference", type=click.Path())
@option(
    "--estimator",
    required=True,
    metavar="MODULE:CLASS",
    group=Group.DECIDE,
    help=_("Classifier of scikit-learn, such as sklearn.ensemble:RandomForestClassifier."),
)
@class_column(required=True)
@TABLE
@MODEL_FOLDER
@options_of(ModelOptions, "options")
def train(
    reference: str, estimator: str, class_column: str, group_column: str | None,
    sample_column: str | None, columns: str | None, missing: tuple[str, ...], output: Path,
    options: ModelOptions,
) -> None:  # fmt: skip
    from forensics.individual.captive.measurement_models import ModelCard, train_measurements
    from forensics.individual.captive.measurements import read_measurements
    from forensics.learning.estimators import load_estimator

    loaded = load_estimator(estimator, seed=options.seed)
    known = read_measurements(
        reference, columns=split_names(columns), sample=sample_column, classes=class_column,
        groups=group_column, missing=missing,
    )  # fmt: skip
    describe_other_sheets(known)
    model = train_measurements(
        known,
        loaded,
        output,
        name=options.name or output.name,
        version=options.model_version,
        card=ModelCard(options.use, options.limit, options.licence),
        seed=options.seed,
    )
    click.echo(
        _("{path}: model {name} {version} ({kind}), sha256 {sha256}").format(
            path=output,
            name=model.name,
            version=model.version,
            kind=model.estimator_name,
            sha256=model.sha256,
        )
    )
    click.echo(_("Its card is {path}.").format(path=output / "README.md"), err=True)
