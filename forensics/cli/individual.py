"""``forensics individual``: which individual, which kin, a breeder's claim."""

from typing import TYPE_CHECKING

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.individual_captive import captive
from forensics.cli.individual_network import network
from forensics.cli.individual_options import (
    REFERENCE,
    alone,
    choose_theta_of,
    laboratory_errors,
    read_animals,
    read_reference,
)
from forensics.cli.options import CommandGroup, option, options_of
from forensics.cli.origin_options import READING, files_of, read
from forensics.cli.output import View, Writer, written
from forensics.cli.printing import CONTROL
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import (
    STATED_RELATIONSHIPS,
    KinshipOptions,
    ParentageOptions,
    RateOptions,
)
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.individual.parentage import Claim
    from forensics.individual.results import Individual

__all__ = ["individual"]

_FORM = _("Form of the results.")
_MATCHES: "View[Individual]" = View(
    columns=(
        "sample", "other", "loci", "mismatches", "log10_unrelated", "log10_sibs", "unlike", "rmp",
        "matches", "status",
    ),
    rows=lambda result: result.rows(),
    record=lambda result: result.to_dict(),
)  # fmt: skip
_PAIR_COLUMNS = ("relationship", "first", "second", "loci", "log10_lr", "best")
_CLAIM_COLUMNS = (
    "offspring", "status", "dam", "sire", "loci", "mismatches", "expected", "log10_lr", "log10_sib",
)  # fmt: skip


@click.group(
    cls=CommandGroup,
    help=_(
        "Say which individual a sample is of, and who is kin.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 "
        "--mistyping 0.002"
    ),
)
def individual() -> None:
    pass


@individual.command(
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
@REFERENCE
@options_of(RateOptions, "rates")
@written(_FORM)
@recording
@READING
def match(
    samples: str, database: str, reference: str | None, rates: RateOptions, writer: Writer,
    recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.results import individuals_of

    questioned, known = read(samples, reading), read(database, reading)
    given = read_reference(reference, reading) or known
    theta = choose_theta_of(given, rates)
    if recording.is_asked:
        alone(questioned, samples)
    recorder = recording.open(given.sha256, "individual")
    results = individuals_of(questioned, known, given, theta=theta, errors=laboratory_errors(rates))
    writer.write_all(results, _MATCHES)
    unsaid = [
        result.sample.translate(CONTROL) for result in results if result.status == "not_assessable"
    ]
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
        writer.flush()
        recorder.add(results[0], files_of(samples, database, reference, reading.places))


@individual.command(
    help=_(
        "Compare every profile with every other one: same individual, parent, full sibs.\n\n"
        "Example: forensics individual kinship seizures.csv --reference range.csv --dropout 0.02 "
        "--mistyping 0.002\n\n"
        "The rate of unrelated pairs that reach the limit by chance is simulated and printed."
    )
)
@click.argument("samples", type=click.Path())
@REFERENCE
@options_of(KinshipOptions, "options")
@written(_FORM)
@recording
@READING
def kinship(
    samples: str, reference: str | None, options: KinshipOptions, writer: Writer,
    recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import all_pairs, by_chance
    from forensics.individual.pairs import RELATIONSHIPS
    from forensics.individual.results import kinship_result, kinship_rows, provenance_of

    names = STATED_RELATIONSHIPS
    profiles = read(samples, reading)
    given = read_reference(reference, reading) or profiles
    theta = choose_theta_of(given, options)
    frequencies = frequencies_of(given, also=[profiles])
    recorder = recording.open(given.sha256, "individual")
    errors = laboratory_errors(options)
    pairs_of = all_pairs(
        frequencies, frequencies.genotypes_of(profiles), relationships=names, limit=options.limit,
        theta=theta.value, mutation=options.mutation, errors=errors,
    )  # fmt: skip
    rows = kinship_rows(profiles, pairs_of)
    parameters = {**theta.parameters(), **options.parameters(), "relationships": list(names)}
    provenance = provenance_of(frequencies, given, [profiles], parameters)
    if writer.is_json:
        rows_of_json = [{**row, "provenance": provenance.to_dict()} for row in rows]
        writer.plain_rows(rows_of_json)
    else:
        writer.plain_rows(rows, _PAIR_COLUMNS)
    pairs = len(profiles) * (len(profiles) - 1) // 2
    chance = by_chance(
        frequencies, names, profiles=len(profiles), limit=options.limit, seed=options.seed,
        theta=theta.value, mutation=options.mutation, errors=errors,
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
        result = kinship_result(
            recording.sample or "", rows, chance, provenance, profiles=len(profiles)
        )
        recorder.add(result, files_of(samples, reference, reading.places))


_SHOWN = 5  # names in a note


@individual.command(
    help=_(
        "Check a breeder's claim: bred here, from these parents.\n\n"
        "Example: forensics individual parentage young.csv --dams dams.csv --sires sires.csv "
        "--reference wild.csv --dropout 0.02 --mistyping 0.002\n\n"
        "Accepted, not excluded or excluded; what each asks for is in docs/individual.md. A "
        "relative of a true parent can pass for it."
    )
)
@click.argument("offspring", type=click.Path())
@option("--dams", type=click.Path(dir_okay=False), group=Group.EXAMINE, help=_("Declared mothers."))
@option(
    "--sires", type=click.Path(dir_okay=False), group=Group.EXAMINE, help=_("Declared fathers.")
)
@REFERENCE
@options_of(ParentageOptions, "options")
@written(_FORM)
@recording
@READING
def parentage(
    offspring: str, dams: str | None, sires: str | None, reference: str | None,
    options: ParentageOptions, writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import check_claim, exclusion_power
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
    young = read(offspring, reading)
    mothers = read(dams, reading) if dams else None
    fathers = read(sires, reading) if sires else None
    given = read_animals(reference, reading)
    theta = choose_theta_of(given, options)
    also = [profiles for profiles in (young, mothers, fathers) if profiles is not None]
    frequencies = frequencies_of(given, also=also)
    if recording.is_asked:
        alone(young, offspring)
    recorder = recording.open(given.sha256, "individual")
    claims = check_claim(
        young, mothers, fathers, frequencies, theta=theta.value, mutation=options.mutation,
        seed=options.seed, errors=laboratory_errors(options),
    )  # fmt: skip
    parameters = {**theta.parameters(), **options.parameters()}
    provenance = provenance_of(frequencies, given, also, parameters)
    if writer.is_json:
        for claim in claims:
            writer.record({**claim.to_dict(), "provenance": provenance.to_dict()})
    else:
        writer.plain_rows(
            [_claim_row(claim, in_words=writer.is_table) for claim in claims], _CLAIM_COLUMNS
        )
    power = exclusion_power(frequencies)
    click.echo(
        _(
            "One mismatch excludes, of unrelated animals: {one:.4%} without, {second:.4%} with the "
            "other parent known, {pair:.4%} of pairs."
        ).format(**power),
        err=True,
    )
    if recorder:
        recorder.add(
            claim_result(recording.sample or "", claims[0], power, provenance),
            files_of(offspring, dams, sires, reference, reading.places),
        )


def _claim_row(claim: "Claim", *, in_words: bool) -> dict[str, object]:
    from forensics.individual.parentage import STATUSES

    best = claim.pairs[0] if claim.pairs else None
    return {
        "offspring": claim.offspring,
        "status": _(STATUSES[claim.status]) if in_words else claim.status,
        "dam": best and best.dam,
        "sire": best and best.sire,
        "loci": best and best.loci,
        "mismatches": best and best.mismatches,
        "expected": best and round(best.expected, 2),
        "log10_lr": None if claim.log10 is None else round(claim.log10, 2),
        "log10_sib": best and round(min(best.log10_sib.values()), 2),
    }


individual.add_command(captive)
individual.add_command(network)
