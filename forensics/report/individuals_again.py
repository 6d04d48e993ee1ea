"""Comparisons of profiles and of measurements, computed again from the attached tables."""

from forensics.custody.recomputing import CannotRecompute
from forensics.messages import _
from forensics.report.attached import Attached, genotypes_of, is_checked, numbers_of, of_sample

__all__ = ["AGAIN"]


def _tables(provenance: dict, attached: Attached):
    """Return the tables that were compared, in their order, and the reference of frequencies."""
    files = provenance["input"]["files"]
    read = [genotypes_of(one, attached, _("a table of genotypes")) for one in files]
    wanted = provenance["input"].get("reference") or {"sha256": provenance["library"]["sha256"]}
    for one, held in zip(files, read):
        if one["sha256"] == wanted["sha256"] and (
            "read_with" not in wanted or one.get("read_with") == wanted["read_with"]
        ):
            return read, held
    return read, genotypes_of(wanted, attached, _("the reference of the frequencies"))


_RATES = ("dropout", "mistyping")


def _rates(asked: dict) -> dict:
    """Return theta, as a number, and the rates of the laboratory."""
    return {"theta": _theta(asked).value, "errors": _errors(asked)}


def _theta(asked: dict):
    """Return the recorded theta with its source, so that it is recorded again as it was."""
    from forensics.individual.theta import theta_of_parameters

    return theta_of_parameters(asked)


def _errors(asked: dict):
    from forensics.individual.pairs import LaboratoryErrors

    return LaboratoryErrors(float(asked["dropout"]), float(asked["mistyping"]))


def _match(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.results import individuals_of

    (questioned, held), given = _tables(provenance, attached)
    asked = provenance["parameters"]
    found = individuals_of(questioned, held, given, theta=_theta(asked), errors=_errors(asked))
    return of_sample(found, result)


def _kinship(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.kinship import SIMULATED, all_pairs, by_chance
    from forensics.individual.results import kinship_result, kinship_rows, provenance_of

    asked = provenance["parameters"]
    (held,), given = _tables(provenance, attached)
    frequencies = frequencies_of(given, also=[held])
    common = {**_rates(asked), "mutation": float(asked["mutation"])}
    names, limit = tuple(asked["relationships"]), float(asked["limit"])
    found = all_pairs(
        frequencies, frequencies.genotypes_of(held), relationships=names, limit=limit, **common
    )
    simulated = int(next(iter(result["by_chance"].values()))["simulated"])
    if not 1 <= simulated <= SIMULATED:  # before memory and time are given to what a hand wrote
        raise CannotRecompute(
            _("cannot be recomputed: {found} simulated pairs are recorded; expected are 1 to {most}").format(
                found=simulated, most=SIMULATED
            )
        )  # fmt: skip
    chance = by_chance(
        frequencies, names, profiles=len(held), limit=limit, seed=int(asked["seed"]),
        simulated=simulated, **common,
    )  # fmt: skip
    used = _theta(asked).parameters() | numbers_of(asked, *_RATES, "mutation", "limit", "seed")
    used["relationships"] = list(names)
    return kinship_result(
        result["sample"], kinship_rows(held, found), chance,
        provenance_of(frequencies, given, [held], used), profiles=len(held),
    )  # fmt: skip


def _claim(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.parentage import check_claim, exclusion_power
    from forensics.individual.results import claim_result, provenance_of

    asked = provenance["parameters"]
    read, given = _tables(provenance, attached)
    frequencies = frequencies_of(given, also=read)
    young, *parents = read
    if len(parents) == 1:  # which of the two was declared stands in the result
        declared = result["claim"]["pairs"][0]
        parents = [parents[0], None] if declared["dam"] else [None, parents[0]]
    (claim,) = check_claim(
        young, *parents, frequencies, mutation=float(asked["mutation"]), seed=int(asked["seed"]),
        **_rates(asked),
    )  # fmt: skip
    return claim_result(
        result["sample"], claim, exclusion_power(frequencies),
        provenance_of(
            frequencies, given, read,
            _theta(asked).parameters() | numbers_of(asked, *_RATES, "mutation", "seed"),
        ),
    )  # fmt: skip


def _network(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network, seizures_of

    asked = provenance["parameters"]
    if not asked.get("seizures"):
        raise CannotRecompute(
            _(
                "cannot be recomputed: the finding does not record which column names the seizures. By hand: "
                "forensics individual network with the attached tables, --seizure and the parameters, and "
                "--format json; compare with the finding"
            )
        )
    (held,), given = _tables(provenance, attached)
    return seizure_network(
        held, seizures_of(held, asked["seizures"]), frequencies_of(given, also=[held]),
        reference=given, mutation=float(asked["mutation"]), kinds=asked["kinds"],
        seed=int(asked["seed"]), sample=result["sample"], check=is_checked(result), theta=_theta(asked), errors=_errors(asked),
        **{name: float(asked[name]) for name in ("limit", "match_limit", "group_limit")},
    )  # fmt: skip


def _captive(result: dict, provenance: dict, attached: Attached, models) -> object:
    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements

    asked, read = provenance["parameters"], provenance["input"]
    known = read.get("reference") or {}
    if not (known.get("read_with") or {}).get("classes"):
        raise CannotRecompute(
            _(
                "cannot be recomputed: the finding does not record which columns name classes and groups. By "
                "hand: forensics individual captive with the attached tables, --class-column, --group-column "
                "and the parameters, and --format json; compare with the finding"
            )
        )
    questioned = read_measurements(
        attached(read["sha256"], _("the table of samples")), set_aside=True,
        **(read.get("read_with") or {}),
    )  # fmt: skip
    reference = read_measurements(
        attached(provenance["library"]["sha256"], _("the table of samples of known class")),
        **known["read_with"],
    )
    prior = {name: float(value) for name, value in asked["prior"].items()}
    return of_sample(
        examine(
            questioned, reference, prior="equal" if len(set(prior.values())) == 1 else prior,
            confidence=float(asked["confidence"]), level=float(asked["level"]),
            without_suspects=bool(asked.get("without_suspects")), check=is_checked(result),
        ),
        result,
    )  # fmt: skip


AGAIN = {
    "match": _match,
    "kinship": _kinship,
    "claim": _claim,
    "network": _network,
    "captive": _captive,
}
"""What computes each form of finding again: its result, provenance, attached files, and models."""
