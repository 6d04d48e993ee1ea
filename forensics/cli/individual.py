"""``forensics individual``: which individual, which kin, a breeder's claim."""

import csv
import json
import sys

import click

from forensics.cli.custody_findings import recording
from forensics.cli.origin_options import READING, apply, read
from forensics.cli.printing import CONTROL, print_lines
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["individual"]

# National Research Council 1996, The Evaluation of Forensic DNA Evidence, recommendation 4.3 for
# small, isolated groups; few wildlife populations have an estimate of their own.
THETA = 0.03

_RATES = (
    click.option(
        "--reference",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help=_("Unrelated animals from which allele frequencies are counted."),
    ),
    click.option(
        "--theta",
        type=click.FloatRange(0, 1, max_open=True),
        default=THETA,
        show_default=True,
        help=_("FST of the local population; 0.03 is advised for small, isolated ones."),
    ),
    click.option(
        "--dropout",
        type=click.FloatRange(0, 1, max_open=True),
        required=True,
        help=_("The laboratory's rate of allelic dropout for such samples, of a heterozygote."),
    ),
    click.option(
        "--mistyping",
        type=click.FloatRange(0, 1, max_open=True),
        required=True,
        help=_("The laboratory's rate of alleles that are read as another one."),
    ),
    click.option(
        "--format",
        "style",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help=_("Form of the results."),
    ),
)
_MUTATION = click.option(
    "--mutation",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.001,
    show_default=True,
    help=_("Mutation rate of an allele a generation; 0.001 is usual for microsatellites."),
)
_SEED = click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))


@click.group(
    help=_(
        "Say which individual a sample is of, and who is kin.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 "
        "--mistyping 0.002"
    )
)
def individual() -> None:
    pass


def _errors(dropout, mistyping):
    from forensics.individual.pairs import LaboratoryErrors

    return LaboratoryErrors(dropout, mistyping)


def _read_all(files, options):
    """Read several files with the same options."""
    return [read(file, dict(options)) if file else None for file in files]


def _write(rows, style) -> None:
    """Print rows (dicts) as JSON lines, CSV or columns."""
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, allow_nan=False))
    elif rows and style == "csv":
        from forensics.spreadsheets import defused

        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(defused(row) for row in rows)
    elif rows:
        from forensics.cli.library import print_columns

        print_columns(
            [
                {
                    name: ("" if one is None else str(one)).translate(CONTROL)
                    for name, one in row.items()
                }
                for row in rows
            ]
        )


@click.command(
    help=_(
        "Look for questioned profiles in a database.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 "
        "--mistyping 0.002\n\n"
        "A match is stated from a likelihood ratio of 1,000 against full sibs on. Without "
        "--reference the database gives the allele frequencies."
    )
)
@click.argument("samples", type=click.Path())
@click.argument("database", type=click.Path())
@recording
def _match(
    samples, database, reference, theta, dropout, mistyping, style,
    ledger_path, sample, runs, key_path, person_, passphrase_fd, **options,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.matching import LEAST_LOCI, LEAST_LOG10, match_database
    from forensics.individual.results import individual_of

    questioned, held, given = _read_all((samples, database, reference), options)
    given = given or held
    frequencies = frequencies_of(given, also=[questioned, held])
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        if len(questioned) != 1:
            raise UsageError(
                _(
                    "{count} samples in {file}, and --sample names one of the ledger; give a file "
                    "with that sample alone."
                ).format(count=len(questioned), file=samples)
            )
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, given.sha256, "individual"
        )
    found = match_database(
        questioned, held, frequencies, theta=theta, errors=_errors(dropout, mistyping)
    )
    parameters = {
        "theta": theta, "dropout": dropout, "mistyping": mistyping,
        "least_log10": LEAST_LOG10, "least_loci": LEAST_LOCI,
    }  # fmt: skip
    results = [
        individual_of(
            name,
            matches,
            frequencies,
            questioned=questioned,
            database=held,
            reference=given,
            parameters=parameters,
        )  # fmt: skip
        for name, matches in zip(questioned.animals, found)
    ]
    if style == "json":
        _write([result.to_dict() for result in results], style)
    elif style == "csv":
        _write(
            [
                {**match.to_dict(), "unlike": " ".join(match.unlike)}
                for result in results
                for match in result.matches
            ],
            style,
        )
    else:
        for result in results:
            click.echo(result.sample.translate(CONTROL))
            lines = [(_("Result"), result.headline())]
            for match in result.found or result.matches[:1]:
                lines.append(
                    (
                        match.other,
                        _(
                            "{loci} loci, {unlike} unlike; random match probability {rmp:.2g}; "
                            "log10 LR {sibs:.2f} against full sibs"
                        ).format(
                            loci=match.loci,
                            unlike=match.mismatches,
                            rmp=match.rmp,
                            sibs=match.log10_sibs,
                        ),
                    )
                )
            print_lines(lines)
    if recorder:
        recorder.add(results[0], inputs=[Path(one) for one in (samples, database)])


@click.command(
    help=_(
        "Compare every profile with every other one: same individual, parent, full sibs.\n\n"
        "Example: forensics individual kinship seizures.csv --reference range.csv --dropout 0.02 "
        "--mistyping 0.002\n\n"
        "The rate of unrelated pairs that reach the limit by chance is simulated and printed."
    )
)
@click.argument("samples", type=click.Path())
@click.option(
    "--limit", type=float, default=3.0, show_default=True, help=_("Least log10 LR that is shown.")
)
@_MUTATION
@_SEED
def _kinship(
    samples, reference, theta, dropout, mistyping, style, limit, mutation, seed, **options
) -> None:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import all_pairs, simulated_ratios
    from forensics.individual.pairs import RELATIONSHIPS
    from forensics.statistics import wilson

    held, given = _read_all((samples, reference), options)
    frequencies = frequencies_of(given or held, also=[held])
    names = ("same", "parent", "full_sibs")
    common = {"theta": theta, "mutation": mutation, "errors": _errors(dropout, mistyping)}
    found = all_pairs(
        frequencies, frequencies.genotypes_of(held), relationships=names, limit=limit, **common
    )
    chance = simulated_ratios(
        frequencies, RELATIONSHIPS["unrelated"], tested={n: RELATIONSHIPS[n] for n in names},
        pairs=_SIMULATED, seed=seed, **common,
    )  # fmt: skip
    _write(
        [
            {
                "relationship": name,
                "first": held.animals[first],
                "second": held.animals[second],
                "loci": int(loci),
                "log10_lr": round(float(ratio), 3),
            }
            for name in names
            for first, second, ratio, loci in sorted(
                zip(
                    found[name].first.tolist(),
                    found[name].second.tolist(),
                    found[name].log10,
                    found[name].loci,
                ),
                key=lambda row: -row[2],
            )  # fmt: skip
        ],
        style,
    )
    pairs = len(held) * (len(held) - 1) // 2
    for name in names:
        share = float((chance[name] >= limit).mean())
        low, high = wilson(share, _SIMULATED)
        click.echo(
            _(
                "{name}: by chance {expected:.3g} of {pairs} unrelated pairs would reach the limit "
                "(95% interval {low:.3g}-{high:.3g}; {simulated} simulated, all loci typed)"
            ).format(
                name=_(RELATIONSHIPS[name].name),
                expected=share * pairs,
                pairs=pairs,
                low=low * pairs,
                high=high * pairs,
                simulated=_SIMULATED,
            ),
            err=True,
        )


_SIMULATED = 100_000


@click.command(
    help=_(
        "Check a breeder's claim: bred here, from these parents.\n\n"
        "Example: forensics individual parentage young.csv --dams dams.csv --sires sires.csv "
        "--reference wild.csv --dropout 0.02 --mistyping 0.002\n\n"
        "Accepted, not excluded or excluded; what each asks for is in docs/individual.md. A "
        "relative of a true parent can pass for it."
    )
)
@click.argument("offspring", type=click.Path())
@click.option("--dams", type=click.Path(dir_okay=False), help=_("Declared mothers."))
@click.option("--sires", type=click.Path(dir_okay=False), help=_("Declared fathers."))
@_MUTATION
@_SEED
def _parentage(
    offspring, dams, sires, reference, theta, dropout, mistyping, style, mutation, seed, **options
) -> None:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import STATUSES, check_claim, exclusion_power

    if not dams and not sires:
        raise UsageError(_("Give the declared dams, the declared sires, or both."))
    if not reference:
        raise UsageError(
            _(
                "Give --reference: animals of the population that other parents would come from. "
                "The breeder's own stock is no such reference."
            )
        )
    young, mothers, fathers, given = _read_all((offspring, dams, sires, reference), options)
    also = [one for one in (young, mothers, fathers) if one is not None]
    frequencies = frequencies_of(given, also=also)
    claims = check_claim(
        young, mothers, fathers, frequencies, theta=theta, mutation=mutation, seed=seed,
        errors=_errors(dropout, mistyping),
    )  # fmt: skip
    if style == "json":
        _write([claim.to_dict() for claim in claims], style)
    else:
        rows = []
        for claim in claims:
            best = claim.pairs[0] if claim.pairs else None
            rows.append(
                {
                    "offspring": claim.offspring,
                    "status": claim.status if style == "csv" else _(STATUSES[claim.status]),
                    "dam": best and best.dam,
                    "sire": best and best.sire,
                    "loci": best and best.loci,
                    "mismatches": best and best.mismatches,
                    "expected": best and round(best.expected, 2),
                    "log10_lr": None if claim.log10 is None else round(claim.log10, 2),
                }
            )
        _write(rows, style)
    power = exclusion_power(frequencies)
    click.echo(
        _(
            "One mismatch excludes, of unrelated animals: {one:.4%} without, {second:.4%} with the "
            "other parent known, {pair:.4%} of pairs."
        ).format(**power),
        err=True,
    )


for _command, _name in ((_match, "match"), (_kinship, "kinship"), (_parentage, "parentage")):
    _made = apply(_command, *_RATES, *READING)
    _made.name = _name
    individual.add_command(_made)
