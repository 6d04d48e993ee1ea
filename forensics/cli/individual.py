"""``forensics individual``: which individual, which kin, a breeder's claim."""

import click

from forensics.cli.custody_findings import recording
from forensics.cli.individual_captive import captive
from forensics.cli.individual_network import network
from forensics.cli.individual_options import (
    MUTATION,
    RATES,
    SEED,
    alone,
    laboratory_errors,
    read_all,
    read_reference,
    theta_of,
    write_rows,
)
from forensics.cli.numbers import NUMBER
from forensics.cli.origin_options import READING, apply
from forensics.cli.printing import CONTROL, print_lines
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["individual"]


@click.group(
    help=_(
        "Say which individual a sample is of, and who is kin.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 "
        "--mistyping 0.002"
    )
)
def individual() -> None:
    pass


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

    from forensics.individual.results import individuals_of

    questioned, held = read_all((samples, database), options)
    given = read_reference(reference, options) or held
    theta = theta_of(given, theta)
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        alone(questioned, samples)
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, given.sha256, "individual"
        )
    results = individuals_of(
        questioned, held, given, theta=theta, errors=laboratory_errors(dropout, mistyping)
    )
    if style == "json":
        write_rows([result.to_dict() for result in results], style)
    elif style == "csv":
        write_rows(
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
            print_lines(result.lines())
    unsaid = [one.sample.translate(CONTROL) for one in results if one.status == "not_assessable"]
    if unsaid:
        click.echo(
            _("Note: {}").format(
                _("not assessable: too few loci in common with the database ({samples})").format(
                    samples=", ".join(unsaid[:_SHOWN]) + (" …" if unsaid[_SHOWN:] else "")
                )
            ),
            err=True,
        )
    if recorder:
        given_files = (samples, database, reference, options["places"])
        used = dict.fromkeys(one for one in given_files if one)
        recorder.add(results[0], inputs=[Path(one) for one in used])


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
    "--limit", type=NUMBER, default=3.0, show_default=True, help=_("Least log10 LR that is shown.")
)
@MUTATION
@SEED
@recording
def _kinship(
    samples, reference, theta, dropout, mistyping, style, limit, mutation, seed,
    ledger_path, sample, runs, key_path, person_, passphrase_fd, **options,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import all_pairs, by_chance
    from forensics.individual.pairs import RELATIONSHIPS
    from forensics.individual.results import kinship_result, kinship_rows, provenance_of

    (held,) = read_all([samples], options)
    given = read_reference(reference, options) or held
    theta = theta_of(given, theta)
    frequencies = frequencies_of(given, also=[held])
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, given.sha256,
            "individual",
        )  # fmt: skip
    names = ("same", "parent", "full_sibs")
    common = {
        "theta": theta.value, "mutation": mutation, "errors": laboratory_errors(dropout, mistyping)
    }  # fmt: skip
    found = all_pairs(
        frequencies, frequencies.genotypes_of(held), relationships=names, limit=limit, **common
    )
    rows = kinship_rows(held, found)
    write_rows(rows, style)
    pairs = len(held) * (len(held) - 1) // 2
    chance = by_chance(
        frequencies, names, profiles=len(held), limit=limit, seed=seed, **common
    )  # fmt: skip
    for name in names:
        click.echo(
            _(
                "{name}: by chance {expected:.3g} of {pairs} unrelated pairs would reach the limit "
                "(95% interval {low:.3g}-{high:.3g}; {simulated} simulated, all loci typed)"
            ).format(name=_(RELATIONSHIPS[name].name), pairs=pairs, **chance[name]),
            err=True,
        )
    if recorder:
        parameters = {
            **theta.parameters(), "dropout": dropout, "mistyping": mistyping, "mutation": mutation,
            "limit": limit, "seed": seed, "relationships": list(names),
        }  # fmt: skip
        provenance = provenance_of(frequencies, given, [held], parameters)
        result = kinship_result(sample, rows, chance, provenance, profiles=len(held))
        used = (samples, reference, options["places"])
        recorder.add(result, inputs=[Path(one) for one in used if one])


_SHOWN = 5  # names in a note


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
@MUTATION
@SEED
@recording
def _parentage(
    offspring, dams, sires, reference, theta, dropout, mistyping, style, mutation, seed,
    ledger_path, sample, runs, key_path, person_, passphrase_fd, **options,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import STATUSES, check_claim, exclusion_power
    from forensics.individual.results import claim_result, provenance_of

    if not dams and not sires:
        raise UsageError(_("Give the declared dams, the declared sires, or both."))
    if not reference:
        raise UsageError(
            _(
                "Give --reference: animals of the population that other parents would come from. "
                "The breeder's own stock is no such reference."
            )
        )
    young, mothers, fathers = read_all((offspring, dams, sires), options)
    given = read_reference(reference, options)
    theta = theta_of(given, theta)
    also = [one for one in (young, mothers, fathers) if one is not None]
    frequencies = frequencies_of(given, also=also)
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        alone(young, offspring)
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, given.sha256, "individual"
        )
    claims = check_claim(
        young, mothers, fathers, frequencies, theta=theta.value, mutation=mutation, seed=seed,
        errors=laboratory_errors(dropout, mistyping),
    )  # fmt: skip
    if style == "json":
        write_rows([claim.to_dict() for claim in claims], style)
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
                    "log10_sib": best and round(min(best.log10_sib.values()), 2),
                }
            )
        write_rows(rows, style)
    power = exclusion_power(frequencies)
    click.echo(
        _(
            "One mismatch excludes, of unrelated animals: {one:.4%} without, {second:.4%} with the "
            "other parent known, {pair:.4%} of pairs."
        ).format(**power),
        err=True,
    )
    if recorder:
        parameters = {
            **theta.parameters(), "dropout": dropout, "mistyping": mistyping, "mutation": mutation,
            "seed": seed,
        }  # fmt: skip
        provenance = provenance_of(frequencies, given, also, parameters)
        used = (offspring, dams, sires, reference, options["places"])
        recorder.add(
            claim_result(sample, claims[0], power, provenance),
            inputs=[Path(one) for one in used if one],
        )


for _command, _name in ((_match, "match"), (_kinship, "kinship"), (_parentage, "parentage")):
    _made = apply(_command, *RATES, *READING)
    _made.name = _name
    individual.add_command(_made)
individual.add_command(captive)
individual.add_command(network)
