"""``forensics individual``: which individual, which kin, a breeder's claim.

``forensics individual captive``: wild, captive or neither, by measurements such as isotopes.

``forensics individual network``: seizures joined by their animals.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_options import Recording, recording
from forensics.cli.genotype_options import (
    READING,
    REFERENCE,
    alone,
    choose_theta_of,
    files_of,
    read,
    read_animals,
    read_reference,
)
from forensics.cli.options import (
    CommandGroup,
    class_column,
    command,
    number,
    option,
    options_of,
    parted,
    path_option,
    shared,
)
from forensics.cli.output import (
    CONTROL,
    Bar,
    View,
    Writer,
    leave_unexamined,
    note,
    tell,
    tell_lines,
    written,
)
from forensics.core.grouping import gathered
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.individual.options import (
    CaptiveOptions,
    KinshipOptions,
    NetworkOptions,
    ParentageOptions,
    RateOptions,
)
from forensics.messages import N_, Share, _, ngettext, numeral, shown_probability

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.captive.examining import Consignment
    from forensics.individual.captive.measurements import Measurements
    from forensics.individual.captive.results import Husbandry
    from forensics.individual.network import Network
    from forensics.individual.parentage import Claim


_STATUSES = {
    "supported": N_("supported"),
    "neither": N_("fits no class"),
    "inconclusive": N_("inconclusive"),
}


def _describe_other_sheets(*tables: "Measurements") -> None:
    """Say on standard error which sheets of a workbook were not read."""
    from forensics.io.tables import describe_unread_sheets

    for given in tables:
        if given.other_sheets:
            note(f"{given.source}: {describe_unread_sheets(given.other_sheets)}")


@command(
    help=_(
        "Test whether isotopes support wild or captive origin, against the laboratory's own "
        "samples.\n\n"
        "\b\n"
        "Example: forensics individual captive exhibit.csv --reference known.csv\n"
        "  --class-column origin --group-column farm\n\n"
        "The classifier is trained on each run, and its performance on its own reference is "
        "printed with the results. Samples of one animal or one facility are one group; without "
        "--group-column the figures look too good. Both tables must be on one scale, such as "
        "VSMOW or VPDB."
    ),
)
@click.argument("questioned", type=click.Path())
@path_option(
    "--reference",
    required=True,
    is_text=True,
    help=_("Table of samples of known class."),
)
@class_column(required=True)
@option(
    "--group-column",
    metavar="COLUMN",
    help=_("Column with the animal or facility of a sample."),
)
@option(
    "--sample-column",
    metavar="COLUMN",
    help=_("Column with the names of samples."),
)
@option(
    "--columns",
    metavar="NAMES",
    help=_(
        "Measurements, separated by commas, such as d13C,d15N. Default: all isotopes of the "
        "reference."
    ),
)
@option(
    "--missing",
    multiple=True,
    metavar="TEXT",
    help=_("Text that means 'not measured'."),
)
@option(
    "--consignment",
    metavar="COLUMN",
    help=_(
        "Column of QUESTIONED with the consignment of each sample; each consignment also gets a "
        "joint statement."
    ),
)
@options_of(CaptiveOptions, "options")
@option(
    "--details",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("Print all details of each sample."),
)
@written(_("Format of the results; json has everything, one line per sample."))
@recording
def captive(
    questioned: str, reference: str, class_column: str,
    group_column: str | None, sample_column: str | None, columns: str | None, missing: tuple[str, ...],
    consignment: str | None, options: CaptiveOptions, details: bool, writer: Writer,
    recording: Recording,
) -> None:  # fmt: skip
    from forensics.individual.captive.examining import examine_consignments
    from forensics.individual.captive.measurements import read_measurements

    known = read_measurements(
        reference, columns=parted([columns or ""]) or None, sample=sample_column, classes=class_column,
        groups=group_column, missing=missing,
    )  # fmt: skip
    measured = read_measurements(
        questioned, columns=known.columns, sample=sample_column, missing=missing,
        groups=consignment, set_aside=True,
    )  # fmt: skip
    _describe_other_sheets(known, measured)
    for text in measured.unread:
        tell(_("Not examined: {reason}").format(reason=text))
    if recording.is_asked:
        alone(measured, questioned)
    recorder = recording.open(known.sha256, "individual")
    results, joint = examine_consignments(
        measured, measured.groups or [""] * len(measured), known, options,
        prior=_prior(options.class_prior),
    )  # fmt: skip
    all_results: list[Husbandry | Consignment] = [*results, *joint]
    if writer.is_table:
        _print_table(results, joint, writer, details=details)
    elif writer.is_json:
        for result in all_results:
            writer.record(result.to_dict())
    else:
        writer.plain_rows([row for result in all_results for row in result.rows()])
    if not writer.is_json:
        _print_performance(results, writer)
    if recorder:
        used = [Path(questioned), Path(reference)]
        recorder.add(results[0], inputs=[path for path in used if path.is_file()])
    if measured.unread:
        leave_unexamined()


def _print_table(
    results: "Sequence[Husbandry]", joint: "Sequence[Consignment]", writer: Writer, *, details: bool
) -> None:
    """Print consignments, then samples: of several a line each, and once what is true of all."""
    for consignment in joint:
        writer.heading(_("Consignment {name}").format(name=consignment.sample))
        # A label may be the name of a class, which is a stranger's.
        writer.lines([(label.translate(CONTROL), text) for label, text in consignment.lines()])
    if details or len(results) == 1:
        for result in results:
            writer.heading(result.sample)
            writer.lines(result.lines())
        return
    writer.columns([_short_row(result) for result in results])
    writer.text()
    notes = gathered(
        (warning.message, result.sample) for result in results for warning in result.warnings
    )
    for message, samples in notes.items():
        whose = _("All samples") if len(samples) == len(results) else _some(samples)
        writer.lines([(_("Note"), _("{samples}: {text}").format(samples=whose, text=message))])
    writer.lines([line for line in results[0].lines() if line[0] == _("Limits")])
    writer.text(_("All details of each sample: --details, or --format json."))


def _short_row(result: "Husbandry") -> dict[str, str]:
    posterior = None if result.supported is None else result.posteriors[result.supported]
    return {
        _("Sample"): result.sample,
        _("Result"): _(_STATUSES[result.status]),
        _("Class"): result.supported or "",
        _("Posterior"): "" if posterior is None else shown_probability(posterior),
        _("Best p of a class"): numeral(max(result.p_values.values()), ".2g"),
        _("Notes"): str(len(result.warnings)),
    }


def _some(samples: Sequence[str], most: int = 5) -> str:
    return ", ".join(samples[:most]) + (
        ngettext(" and {count} more", " and {count} more", len(samples) - most).format(
            count=len(samples) - most
        )
        if len(samples) > most
        else ""
    )


def _prior(given: Sequence[str]) -> str | dict[str, float]:
    if not given:
        return "equal"
    prior: dict[str, float] = {}
    for text in given:
        name, mark, value = text.rpartition("=")
        try:
            if not mark or name.strip() in prior:
                raise ValueError
            prior[name.strip()] = number(value)
        except ValueError as error:
            raise UsageError(
                _(
                    "--class-prior {text!r}: expected CLASS=PROBABILITY, such as wild=0.7, each "
                    "class once"
                ).format(text=text[:60])
            ) from error
    return prior


def _print_performance(results: "Sequence[Husbandry]", writer: Writer) -> None:
    """Print how the reference does on itself, for each set of measurements that was used.

    Beside rows it goes to standard error.
    """
    for columns, performance in {
        tuple(result.values): result.performance for result in results
    }.items():
        title = _("The reference tested on itself, with {columns}").format(
            columns=", ".join(columns)
        )
        if writer.is_table:
            writer.heading(title)
            # A label may be the name of a class, which is a stranger's.
            writer.lines([(label.translate(CONTROL), text) for label, text in performance.lines()])
        else:
            tell(title)
            tell_lines(performance.lines())


_VIEW: "View[Network]" = View(show=lambda result, writer: writer.lines(result.lines()))


@command(
    help=_(
        "Link seizures by shared individuals, parents, offspring and full sibs.\n\n"
        "\b\n"
        "Example: forensics individual network seizures.csv --seizure shipment\n"
        "  --reference range.csv --dropout 0.02 --mistyping 0.002 --output network.graphml\n\n"
        "Samples of one individual count once. Each link is printed with the number expected by "
        "chance among as many unrelated pairs, and with its probability by chance, corrected for "
        "the number of pairs of seizures."
    ),
)
@click.argument("samples", type=click.Path())
@option(
    "--seizure",
    metavar="COLUMN",
    help=_("Column with the seizure of each sample; default: the population that the file names."),
)
@REFERENCE
@options_of(NetworkOptions, "options", flags={"kinds": "--relationship"})
@path_option(
    "--output",
    "outputs",
    multiple=True,
    is_text=True,
    group=Group.OUTPUT,
    help=_(
        "New file; may be repeated: .csv (a row a pair), .json (the whole result, which is then not "
        "printed), .graphml (seizures and links), .png or .svg (picture)."
    ),
)
@written(_("Form of the results."), to_file=False)
@recording
@shared(READING)
def network(
    samples: str, seizure: str | None, reference: str | None, options: NetworkOptions,
    outputs: tuple[str, ...], writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import check_network_files, save_network, seizure_network

    check_network_files(outputs)

    def is_json(path: str) -> bool:
        return path.lower().endswith(".json")

    if seizure and reading.population:
        raise UsageError(_("--seizure names the column of --population; give one of both."))
    profiles, seizures = _with_seizures(samples, seizure, reading)
    stated = read_reference(reference, replace(reading, population=seizure or reading.population))
    # Without a reference the samples give the frequencies, and their groups are seizures, not populations.
    theta = choose_theta_of(stated or replace(profiles, populations=None), options)
    given = stated or profiles
    frequencies = frequencies_of(given, also=[profiles])
    recorder = recording.open(given.sha256, "individual")
    with Bar() as bar:
        result = seizure_network(
            profiles, seizures, frequencies, options, reference=given, theta=theta,
            sample=recording.sample or "",
            progress=lambda done: bar.show(_("Individuals"), done, len(profiles)),
        )  # fmt: skip
    if writer.has_rows:
        writer.plain_rows(result.rows())
        if not result.is_stated:
            tell(f"{result.headline()}. {result.unfit_reason}")
    elif not (writer.is_json and any(is_json(path) for path in outputs)):
        writer.write(result, _VIEW)
    unwritten = [path for path in outputs if not (result.is_stated or is_json(path))]
    for path in outputs:
        if path not in unwritten:
            save_network(result, path)
    if recorder:
        recorder.add(result, files_of(samples, reference, reading.places))
    if unwritten:
        tell(_("Not written, because there is no network: {files}").format(
            files=", ".join(unwritten)))  # fmt: skip
        leave_unexamined()


def _with_seizures(
    file: str, column: str | None, reading: ReadingOptions
) -> "tuple[Genotypes, list[str]]":
    """Read the samples; return them, and the seizure of each."""
    if column and reading.places:  # the column is in either table
        profiles = read(file, reading)
        if column not in profiles.fields:
            raise UsageError(
                _("--seizure: no column is called {name}. Columns: {found}").format(
                    name=column, found=", ".join(profiles.fields)
                )
            )
        return profiles, [text.strip() for text in profiles.fields[column]]
    from forensics.genetics.sources import OptionError

    # Named as a population, the column is never taken for a locus.
    try:
        profiles = read(file, replace(reading, population=column or reading.population))
    except OptionError as error:
        if column and error.option == "--population":
            raise error.called("--seizure") from error
        raise
    if profiles.populations is None:
        raise UsageError(
            _("{file} does not say which seizure a sample is of; give --seizure COLUMN.").format(
                file=file
            )
        )
    return profiles, list(profiles.populations)


_FORM = _("Form of the results.")
_CLAIM_COLUMNS = (
    "offspring", "status", "dam", "sire", "loci", "mismatches", "expected", "log10_lr", "log10_sib",
)  # fmt: skip


individual = CommandGroup(
    "individual",
    shares=lambda: [READING],
    help=_(
        "Match samples to individuals, and find kin.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 --mistyping "
        "0.002"
    ),
)


@individual.command(
    help=_(
        "Look for questioned profiles in a database.\n\n"
        "Example: forensics individual match exhibit.csv database.csv --dropout 0.02 --mistyping "
        "0.002\n\n"
        "A match needs a likelihood ratio of at least 1,000 against full sibs. Without "
        "--reference, the allele frequencies come from the database."
    )
)
@click.argument("samples", type=click.Path())
@click.argument("database", type=click.Path())
@REFERENCE
@options_of(RateOptions, "rates")
@written(_FORM)
@recording
@shared(READING)
def match(
    samples: str, database: str, reference: str | None, rates: RateOptions, writer: Writer,
    recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.matching import Match
    from forensics.individual.results import individuals_of

    questioned, known = read(samples, reading), read(database, reading)
    given = read_reference(reference, reading) or known
    theta = choose_theta_of(given, rates)
    if recording.is_asked:
        alone(questioned, samples)
    recorder = recording.open(given.sha256, "individual")
    results = individuals_of(questioned, known, given, rates, theta=theta)
    writer.write_all(results, View(columns=Match.KEYS))
    unsaid = [
        result.sample.translate(CONTROL) for result in results if result.status == "not_assessable"
    ]
    if unsaid:
        note(
            _("not assessable: too few loci in common with the database ({samples})").format(
                samples=", ".join(unsaid[:_SHOWN]) + (" …" if unsaid[_SHOWN:] else "")
            )
        )
    if recorder:
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
@shared(READING)
def kinship(
    samples: str, reference: str | None, options: KinshipOptions, writer: Writer,
    recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.core.stored import keys_of, to_stored
    from forensics.individual.kinship import RELATIONSHIPS
    from forensics.individual.results import KinPair, kinship_of

    profiles = read(samples, reading)
    given = read_reference(reference, reading) or profiles
    theta = choose_theta_of(given, options)
    recorder = recording.open(given.sha256, "individual")
    result = kinship_of(profiles, given, options, theta=theta, sample=recording.sample or "")
    if writer.is_json:
        for row in result.rows():
            writer.record({**row, "provenance": result.provenance.to_dict()})
    else:
        writer.plain_rows(result.rows(), keys_of(KinPair))
    for name, chance in result.by_chance.items():
        tell(
            _(
                "{name}: by chance {expected:.3g} of {pairs} unrelated pairs would reach the limit "
                "(95% interval {low:.3g}-{high:.3g}; {simulated} simulated, all loci typed)"
            ).format(name=_(RELATIONSHIPS[name].name), pairs=result.compared, **to_stored(chance))
        )
    if recorder:
        recorder.add(result, files_of(samples, reference, reading.places))


_SHOWN = 5  # names in a note


@individual.command(
    help=_(
        "Check a breeder's claim: bred here, from these parents.\n\n"
        "Example: forensics individual parentage young.csv --dams dams.csv --sires sires.csv "
        "--reference wild.csv --dropout 0.02 --mistyping 0.002\n\n"
        "The result is accepted, not excluded or excluded; docs/individual.md has the criteria. "
        "A close relative of a true parent can pass as the parent."
    )
)
@click.argument("offspring", type=click.Path())
@path_option("--dams", is_text=True, help=_("Declared mothers."))
@path_option("--sires", is_text=True, help=_("Declared fathers."))
@REFERENCE
@options_of(ParentageOptions, "options")
@written(_FORM)
@recording
@shared(READING)
def parentage(
    offspring: str, dams: str | None, sires: str | None, reference: str | None,
    options: ParentageOptions, writer: Writer, recording: Recording, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.individual.results import claims_of

    if not dams and not sires:
        raise UsageError(_("Give the declared dams, the declared sires, or both."))
    if not reference:
        raise UsageError(
            _(
                "Give --reference: animals of the population that other parents would come from. "
                "The breeder's own stock will not do."
            )
        )
    young = read(offspring, reading)
    mothers = read(dams, reading) if dams else None
    fathers = read(sires, reading) if sires else None
    given = read_animals(reference, reading)
    theta = choose_theta_of(given, options)
    if recording.is_asked:
        alone(young, offspring)
    recorder = recording.open(given.sha256, "individual")
    results = claims_of(
        young, mothers, fathers, given, options, theta=theta, sample=recording.sample or ""
    )
    if writer.is_json:
        for result in results:
            writer.record({**result.claim.to_dict(), "provenance": result.provenance.to_dict()})
    else:
        writer.plain_rows(
            [_claim_row(result.claim, in_words=writer.is_table) for result in results],
            _CLAIM_COLUMNS,
        )
    tell(
        _(
            "Unrelated animals that one mismatch excludes: {one:.4%} with no other parent known, "
            "{second:.4%} with the other parent known, {pair:.4%} of pairs."
        ).format(**{name: Share(power) for name, power in results[0].exclusion_power.items()})
    )
    if recorder:
        recorder.add(results[0], files_of(offspring, dams, sires, reference, reading.places))


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
