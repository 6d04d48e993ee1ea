"""Comparisons of profiles and of measurements, computed again from the attached tables."""

from typing import TYPE_CHECKING, Any

from forensics.messages import _
from forensics.reanalysis.attachments import Attachments, CannotRecompute
from forensics.reanalysis.recorded import (
    Recorded,
    Sources,
    is_checked,
    numbers_of,
    read_attached_genotypes,
    result_of_sample,
)

if TYPE_CHECKING:
    from forensics.genetics.genotypes import Genotypes
    from forensics.individual.captive.results import Husbandry
    from forensics.individual.network_results import Network
    from forensics.individual.pairs import LaboratoryErrors
    from forensics.individual.results import Individual, Kinship, Parentage
    from forensics.individual.theta import Theta

__all__ = [
    "recompute_captive",
    "recompute_claim",
    "recompute_kinship",
    "recompute_match",
    "recompute_network",
]

_RATES = ("dropout", "mistyping")


def recompute_match(
    recorded: Recorded, attachments: Attachments, _sources: Sources
) -> "Individual":
    """Return the matches of the finding's sample in the database."""
    from forensics.individual.results import individuals_of

    (questioned, database), reference = _read_tables(recorded, attachments)
    results = individuals_of(
        questioned,
        database,
        reference,
        theta=_theta(recorded),
        errors=_errors(recorded),
    )
    return result_of_sample(results, recorded.sample)


def recompute_kinship(recorded: Recorded, attachments: Attachments, _sources: Sources) -> "Kinship":
    """Return the kinship of all pairs of a table."""
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import SIMULATED, all_pairs, by_chance
    from forensics.individual.results import kinship_result, kinship_rows, provenance_of

    parameters = recorded.parameters
    (genotypes,), reference = _read_tables(recorded, attachments)
    frequencies = frequencies_of(reference, also=[genotypes])
    rates = {**_rates(recorded), "mutation": float(parameters["mutation"])}
    names, limit = tuple(parameters["relationships"]), float(parameters["limit"])
    pairs = all_pairs(
        frequencies, frequencies.genotypes_of(genotypes), relationships=names, limit=limit, **rates
    )
    simulated = int(next(iter(recorded.result["by_chance"].values()))["simulated"])
    if not 1 <= simulated <= SIMULATED:  # before memory and time are given to what a hand wrote
        raise CannotRecompute(
            _("cannot be recomputed: {found} simulated pairs are recorded; expected are 1 to {most}").format(
                found=simulated, most=SIMULATED
            )
        )  # fmt: skip
    chance = by_chance(
        frequencies, names, profiles=len(genotypes), limit=limit, seed=int(parameters["seed"]),
        simulated=simulated, **rates,
    )  # fmt: skip
    used = _theta(recorded).parameters()
    used |= numbers_of(parameters, *_RATES, "mutation", "limit", "seed")
    used["relationships"] = list(names)
    return kinship_result(
        recorded.sample,
        kinship_rows(genotypes, pairs),
        chance,
        provenance_of(frequencies, reference, [genotypes], used),
        profiles=len(genotypes),
    )


def recompute_claim(recorded: Recorded, attachments: Attachments, _sources: Sources) -> "Parentage":
    """Return whether a claim of parentage holds."""
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import check_claim, exclusion_power
    from forensics.individual.results import claim_result, provenance_of

    parameters = recorded.parameters
    tables, reference = _read_tables(recorded, attachments)
    frequencies = frequencies_of(reference, also=tables)
    dam: Genotypes | None
    sire: Genotypes | None
    if len(tables) == 2:  # which of the two parents was declared stands in the result
        young, parent = tables
        declared = recorded.result["claim"]["pairs"][0]
        dam, sire = (parent, None) if declared["dam"] else (None, parent)
    else:
        young, dam, sire = tables
    (claim,) = check_claim(
        young, dam, sire, frequencies, mutation=float(parameters["mutation"]),
        seed=int(parameters["seed"]), **_rates(recorded),
    )  # fmt: skip
    used = _theta(recorded).parameters() | numbers_of(parameters, *_RATES, "mutation", "seed")
    return claim_result(
        recorded.sample,
        claim,
        exclusion_power(frequencies),
        provenance_of(frequencies, reference, tables, used),
    )


def recompute_network(recorded: Recorded, attachments: Attachments, _sources: Sources) -> "Network":
    """Return the network of seizures of a table."""
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network, seizures_of

    parameters = recorded.parameters
    if not parameters.get("seizures"):
        raise CannotRecompute(
            _("cannot be recomputed: the finding does not record which column names the seizures"),
            _(
                "By hand: forensics individual network with the attached tables, --seizure and the "
                "parameters, and --format json; compare with the finding"
            ),
        )
    (genotypes,), reference = _read_tables(recorded, attachments)
    return seizure_network(
        genotypes,
        seizures_of(genotypes, parameters["seizures"]),
        frequencies_of(reference, also=[genotypes]),
        reference=reference,
        mutation=float(parameters["mutation"]),
        kinds=parameters["kinds"],
        seed=int(parameters["seed"]),
        sample=recorded.sample,
        check=is_checked(recorded.result),
        theta=_theta(recorded),
        errors=_errors(recorded),
        limit=float(parameters["limit"]),
        match_limit=float(parameters["match_limit"]),
        group_limit=float(parameters["group_limit"]),
    )


def recompute_captive(
    recorded: Recorded, attachments: Attachments, sources: Sources
) -> "Husbandry":
    """Return whether the finding's sample was wild or captive."""
    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements

    parameters, read = recorded.parameters, recorded.input
    reference_file = read.get("reference") or {}
    if not (reference_file.get("read_with") or {}).get("classes"):
        raise CannotRecompute(
            _(
                "cannot be recomputed: the finding does not record which columns name classes and groups"
            ),
            _(
                "By hand: forensics individual captive with the attached tables, --class-column, "
                "--group-column and the parameters, and --format json; compare with the finding"
            ),
        )
    questioned = read_measurements(
        attachments.require(read["sha256"], _("the table of samples")), set_aside=True,
        **(read.get("read_with") or {}),
    )  # fmt: skip
    reference = read_measurements(
        attachments.require(recorded.library["sha256"], _("the table of samples of known class")),
        **reference_file["read_with"],
    )
    prior = {name: float(value) for name, value in parameters["prior"].items()}
    results = examine(
        questioned,
        reference,
        prior="equal" if len(set(prior.values())) == 1 else prior,
        confidence=float(parameters["confidence"]),
        level=float(parameters["level"]),
        without_suspects=bool(parameters.get("without_suspects")),
        check=is_checked(recorded.result),
    )
    return result_of_sample(results, recorded.sample)


def _read_tables(
    recorded: Recorded, attachments: Attachments
) -> tuple[list["Genotypes"], "Genotypes"]:
    """Return the tables that were compared, in their order, and the reference of frequencies."""
    files = recorded.input["files"]
    tables = [
        read_attached_genotypes(file, attachments, _("a table of genotypes")) for file in files
    ]
    reference = recorded.input.get("reference") or {"sha256": recorded.library["sha256"]}
    for file, table in zip(files, tables):
        if file["sha256"] == reference["sha256"] and (
            "read_with" not in reference or file.get("read_with") == reference["read_with"]
        ):
            return tables, table
    what = _("the reference of the frequencies")
    return tables, read_attached_genotypes(reference, attachments, what)


def _rates(recorded: Recorded) -> dict[str, Any]:
    """Return theta, as a number, and the rates of the laboratory."""
    return {"theta": _theta(recorded).value, "errors": _errors(recorded)}


def _theta(recorded: Recorded) -> "Theta":
    """Return the recorded theta with its source, so that it is recorded again as it was."""
    from forensics.individual.theta import theta_of_parameters

    return theta_of_parameters(recorded.parameters)


def _errors(recorded: Recorded) -> "LaboratoryErrors":
    from forensics.individual.pairs import LaboratoryErrors

    dropout, mistyping = (float(recorded.parameters[name]) for name in _RATES)
    return LaboratoryErrors(dropout, mistyping)
