"""``forensics origin train | evaluate | quality``: from a reference table to a model."""

import json
from pathlib import Path

import click

from forensics.cli.numbers import NUMBER
from forensics.cli.origin_options import READING, apply, read
from forensics.errors import UsageError
from forensics.messages import _
from forensics.origin.defaults import KINDS, METHODS

__all__ = ["evaluate", "quality", "train"]

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True
)
_SEED = click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))


@click.command(
    help=_(
        "Train a model on animals of known origin.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin train reference.csv --output my_model\n"
        "  forensics origin train feathers.csv --kind isotopes --isoscape d2H=rain.tif "
        "--output feathers\n\n"
        "The kind is a map where every animal has coordinates, else populations. The model's card "
        "gets figures on animals that were left out; that takes longer than the training itself."
    )
)
@click.argument("reference", type=click.Path())
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False),
              help=_("New folder for the model."))  # fmt: skip
@click.option("--kind", type=click.Choice(["auto", *KINDS]), default="auto", show_default=True,
              help=_("Kind of model."))  # fmt: skip
@click.option("--name", help=_("Name of the model; default: that of the folder."))
@click.option("--model-version", default="1", show_default=True, help=_("Version of the model."))
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True,
              help=_("Of populations: how counts become frequencies."))  # fmt: skip
@click.option("--isoscape", "isoscapes", multiple=True, metavar="ISOTOPE=FILE",
              help=_("Isoscape, GeoTIFF or NetCDF; band 1 the mean, band 2 its standard error."))  # fmt: skip
@click.option("--isoscape-error", type=NUMBER,
              help=_("Standard error of an isoscape that has no band for it, per mil."))  # fmt: skip
@click.option("--range-map", type=click.Path(dir_okay=False),
              help=_("GeoJSON or shapefile of where the species lives; isotopes only."))  # fmt: skip
@click.option("--use", default="", help=_("What the model is for; it stands in the card."))
@click.option("--limit", "limits", multiple=True,
              help=_("What it is not for, or lacks; every result repeats it."))  # fmt: skip
@click.option("--licence", default="", help=_("Licence of the data."))
@click.option("--no-evaluation", is_flag=True,
              help=_("Leave the figures out; the card then says that there are none."))  # fmt: skip
@_SEED
def _train(
    reference, output, kind, name, model_version, method, isoscapes, isoscape_error, range_map, use,
    limits, licence, no_evaluation, seed, **options,
) -> None:  # fmt: skip
    from forensics.origin.training import Card, train_genotypes, train_isotopes

    card = Card(use=use, limits=tuple(limits), licence=licence)
    shared = {
        "name": name or output.name,
        "version": model_version,
        "card": card,
        "evaluated": not no_evaluation,
    }
    if kind == "isotopes":
        from forensics.origin.assigning import read_isotope_table
        from forensics.origin.range_map import read_range_map

        maps = _isoscapes(isoscapes, isoscape_error)
        frame, source, sha256 = read_isotope_table(reference)
        columns = {name: options[name] for name in ("latitude", "longitude") if options[name]}
        if range_map:
            columns["range_map"] = read_range_map(range_map)
        model = train_isotopes(
            frame, maps, output, source=source, sha256=sha256, **columns, **shared
        )
    else:
        if isoscapes or range_map:
            raise UsageError(
                _("--isoscape and --range-map are for --kind isotopes; a range map of genotypes is "
                  "given when samples are assigned.")
            )  # fmt: skip
        genotypes = read(reference, options)
        kind = _chosen(kind, genotypes)
        model = train_genotypes(genotypes, output, kind=kind, method=method, seed=seed, **shared)
    click.echo(
        _("{path}: model {name} {version} ({kind}), sha256 {sha256}").format(
            path=output,
            name=model.name,
            version=model.version,
            kind=model.kind,
            sha256=model.sha256,
        )
    )
    click.echo(_("Its card is {path}.").format(path=output / "README.md"), err=True)


train = apply(_train, *READING)
train.name = "train"


def _chosen(kind: str, genotypes) -> str:
    """Return the kind of model; where it was left to the program, say which it is, and why."""
    from forensics.origin.training import kind_of, reason_of_kind

    if kind != "auto":
        return kind
    click.echo(_("Kind of model: {reason}.").format(reason=reason_of_kind(genotypes)), err=True)
    return kind_of(genotypes)


def _isoscapes(given, error) -> list:
    """Return the isoscapes of --isoscape."""
    from forensics.origin.isoscape import read_isoscape

    if not given:
        raise UsageError(_("Give --isoscape ISOTOPE=FILE with --kind isotopes."))
    found = []
    for one in given:
        isotope, _sign, file = one.partition("=")
        if not isotope or not file:
            raise UsageError(
                _("--isoscape {found}; expected ISOTOPE=FILE, such as d2H=rain.tif.").format(
                    found=one
                )
            )
        bands = {} if error is None else {"error_band": None, "error": error}
        found.append(read_isoscape(file, name=isotope, **bands))
    return found


@click.command(
    help=_(
        "Say how well a reference does on animals that it has not seen.\n\n"
        "Example: forensics origin evaluate reference.csv\n\n"
        "Populations: each animal left out, and folds for which everything is fitted anew. Maps: "
        "each animal left out, and each site; the second is what counts for a sample from a place "
        "where nobody has sampled."
    )
)
@click.argument("reference", type=click.Path())
@click.option("--kind", type=click.Choice(["auto", *KINDS[:2]]), default="auto", show_default=True,
              help=_("Kind of model."))  # fmt: skip
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True,
              help=_("Of populations: how counts become frequencies."))  # fmt: skip
@_FORMAT
@_SEED
def _evaluate(reference, kind, method, style, seed, **options) -> None:
    from forensics.origin.card import shown
    from forensics.origin.training import evaluate_genotypes

    genotypes = read(reference, options)
    kind = _chosen(kind, genotypes)
    found = evaluate_genotypes(genotypes, kind=kind, method=method, seed=seed)
    click.echo(
        json.dumps(found, ensure_ascii=False) if style == "json" else "\n".join(shown(found))
    )


evaluate = apply(_evaluate, *READING)
evaluate.name = "evaluate"


@click.command(
    help=_(
        "Check genotypes before they are used: Hardy-Weinberg, linkage, null alleles, duplicates.\n\n"
        "Example: forensics origin quality reference.csv"
    )
)
@click.argument("reference", type=click.Path())
@_FORMAT
@_SEED
def _quality(reference, style, seed, **options) -> None:
    from forensics.genetics.quality import quality_report
    from forensics.origin.card import shown

    found = quality_report(read(reference, options), seed=seed).to_dict()
    click.echo(
        json.dumps(found, ensure_ascii=False) if style == "json" else "\n".join(shown(found))
    )


quality = apply(_quality, *READING)
quality.name = "quality"
