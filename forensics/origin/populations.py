"""The kind of model that assigns to reference populations: trained, stored, applied.

What is decided: the population whose posterior reaches the confidence, or else the reporting unit;
but first whether the animal can be of any reference population at all. A posterior compares the
populations of the reference with each other and nothing else, so that an animal from elsewhere may
get 0.99; the exclusion test is what can tell.
"""

from collections.abc import Mapping

import numpy as np

from forensics.core.provenance import Provenance
from forensics.errors import ModelError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _, ngettext
from forensics.origin.assignment import MIN_LOCI, assign
from forensics.origin.baseline import MIN_ANIMALS, Baseline, build_baseline, small_populations
from forensics.origin.defaults import CONFIDENCE
from forensics.origin.exclusion import LEVEL, Fit, exclude, fit_exclusion, fit_in_words
from forensics.origin.results import Origin, Origins, OriginWarning
from forensics.result import shown_probability

__all__ = ["CONFIDENCE", "METHOD", "assign_populations", "packed", "trained", "unpacked"]

METHOD = "shrunk"
# A population of fewer reference animals than this is never assigned alone: its frequencies are
# hardly known (a stated choice; Guinand et al. 2004 advise 50).
LEAST_ANIMALS = 10
# Of the model's loci; the card's figures are of animals with nearly all of them.
FEW_LOCI = 0.5
# Populations shown to people; JSON has them all.
_SHOWN = 5


def trained(genotypes: Genotypes, *, method: str = METHOD) -> tuple[Baseline, Fit]:
    """Return baseline and exclusion of a reference."""
    baseline = build_baseline(genotypes, method=method)
    return baseline, fit_exclusion(genotypes, baseline)


def packed(baseline: Baseline, fit: Fit) -> tuple[dict, dict, dict]:
    """Return labels, arrays and parameters of a model, as `forensics.origin.models` stores them.

    Names of animals are not stored: a result can be computed without them.
    """
    labels = {
        "populations": list(baseline.populations),
        "units": None if baseline.units is None else list(baseline.units),
        "loci": list(baseline.loci),
        "alleles": [list(one) for one in baseline.alleles],
    }
    arrays = {
        "offsets": baseline.offsets,
        "counts": baseline.counts,
        "animals": baseline.animals,
        "single": baseline.single,
        "double": baseline.double,
        "fit_own": fit.own,
        "fit_z": fit.z,
    }
    if baseline.concentration is not None:
        arrays["concentration"] = baseline.concentration
    return labels, arrays, {"method": baseline.method, "temperature": baseline.temperature}


def unpacked(labels: Mapping, arrays: Mapping[str, np.ndarray], parameters: Mapping):
    """Return baseline and exclusion of a stored model.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    try:
        loci = tuple(labels["loci"])
        populations = tuple(labels["populations"])
        alleles = tuple(tuple(one) for one in labels["alleles"])
        units = labels["units"]
        baseline = Baseline(
            populations=populations,
            units=None if units is None else tuple(units),
            loci=loci,
            alleles=alleles,
            offsets=arrays["offsets"].astype(np.intp),
            counts=arrays["counts"].astype(np.float64),
            animals=arrays["animals"].astype(np.int64),
            single=arrays["single"].astype(bool),
            double=arrays["double"].astype(bool),
            method=str(parameters["method"]),
            concentration=arrays.get("concentration"),
            temperature=float(parameters["temperature"]),
        )
        own, z = arrays["fit_own"].astype(np.intp), arrays["fit_z"].astype(np.float64)
        expected = np.concatenate(([0], np.cumsum([len(one) for one in alleles])))
        if not (
            np.array_equal(baseline.offsets, expected)
            and baseline.counts.shape == (len(populations), expected[-1])
            and len(populations) > 1
            and (baseline.counts >= 0).all()
            and np.isfinite(baseline.counts).all()
            and baseline.animals.shape == (len(populations),)
            and baseline.single.shape == baseline.double.shape == (len(loci),)
            and (units is None or len(units) == len(populations))
            and (baseline.concentration is None) == (baseline.method == "rannala_mountain")
            and (baseline.concentration is None or baseline.concentration.shape == (len(loci),))
            and baseline.temperature > 0
            and own.shape == z.shape
            and own.size
            and ((own >= 0) & (own < len(populations))).all()
        ):
            raise ValueError("shapes")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error
    return baseline, Fit(tuple(f"#{number + 1}" for number in range(len(own))), own, z)


def assign_populations(
    genotypes: Genotypes,
    baseline: Baseline,
    fit: Fit,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    prior: str | Mapping[str, float] = "populations",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = 1,
) -> Origins:
    """Assign animals to populations, and say which come from none of them.

    Parameters
    ----------
    genotypes : Genotypes
    baseline, fit
        Of `unpacked` or `trained`.
    provenance : Provenance
    limits : tuple of str
        Of the model's card.
    prior : {"populations", "units"} or mapping
        See `forensics.origin.assignment.prior_of`.
    confidence : float
        Posterior from which on a population or a unit is assigned, above 0.5.
    level : float
        Of the exclusion: of animals of the reference at most this share is excluded.
    seed : int
        Of the simulated genotypes.

    Raises
    ------
    UsageError
        If the confidence is not between 0.5 and 1.
    """
    if not 0.5 < confidence < 1:
        raise UsageError(_("The confidence lies above 0.5 and below 1."))
    found = assign(genotypes, baseline, prior=prior)
    tested = exclude(genotypes, baseline, fit, level=level, seed=seed)
    few = set(small_populations(baseline))
    results = []
    for row, name in enumerate(found.animals):
        posterior, units = found.posterior[row], found.unit_posterior[row]
        order = np.argsort(-posterior, kind="stable")
        used = int(found.loci_typed[row])
        best = int(order[0])
        status = "inconclusive"
        rank: str | None = None
        origin: str | None = None
        probability: float | None = float(posterior[best])
        if used < MIN_LOCI:
            status, probability = "unusable", None
        elif tested.excluded[row]:
            # What is from none of them has no posterior among them that may be reported.
            status, probability = "none_of_the_reference", None
        elif posterior[best] >= confidence and baseline.animals[best] >= LEAST_ANIMALS:
            status, rank, origin = "assigned", "population", baseline.populations[best]
        elif len(found.units) and units.max() >= confidence and _known(baseline, found, units):
            place = int(units.argmax())
            status, rank, origin = "assigned", "unit", found.units[place]
            probability = float(units[place])
        together = order[: int(np.searchsorted(np.cumsum(posterior[order]), confidence)) + 1]
        warnings = [
            OriginWarning(caution.code, caution.message)
            for caution in found.cautions
            if caution.animal in ("", name) and caution.code != "SMALL_POPULATIONS"
        ]
        thin = sorted(few & {baseline.populations[place] for place in together})
        if thin and status in ("assigned", "inconclusive"):
            warnings.append(
                OriginWarning(
                    "SMALL_POPULATIONS",
                    _(
                        "Fewer than {least} reference animals in: {names}. Their frequencies are "
                        "not well known."
                    ).format(least=MIN_ANIMALS, names=", ".join(thin)),
                )
            )
        if MIN_LOCI <= used < FEW_LOCI * len(baseline.loci):
            warnings.append(
                OriginWarning(
                    "FEW_LOCI",
                    _(
                        "{used} of {loci} loci typed; the figures of the model's card are of animals "
                        "with more."
                    ).format(used=used, loci=len(baseline.loci)),
                )
            )
        if status == "inconclusive" and posterior[best] >= confidence:
            warnings.append(
                OriginWarning(
                    "TOO_FEW_ANIMALS",
                    _(
                        "{name} has {animals} reference animals; from {least} on it may be assigned."
                    ).format(
                        name=baseline.populations[best],
                        animals=int(baseline.animals[best]),
                        least=LEAST_ANIMALS,
                    ),
                )
            )
        details = {
            "probabilities": {
                baseline.populations[place]: float(posterior[place]) for place in order
            },
            "units": {found.units[place]: float(units[place]) for place in np.argsort(-units)},
            "together": [baseline.populations[place] for place in together],
            "prior": found.prior_name,
            "log_likelihoods": {
                baseline.populations[place]: float(found.log_likelihoods[row, place])
                for place in order
            },
            "exclusion": {
                "level": level,
                "excluded": bool(tested.excluded[row]),
                "p_any": float(tested.p_any[row]),
                "p_values": {
                    baseline.populations[place]: float(tested.p_values[row, place])
                    for place in order
                },
            },
        }
        results.append(
            Origin(
                name, row + 1, "populations", status, rank, origin, probability, used,
                tuple(_lines(status, rank, probability, details, used, len(baseline.loci))),
                details, tuple(warnings), limits, provenance,
            )
        )  # fmt: skip
    return Origins(results)


def _lines(status, rank, probability, details, used, loci):
    if status == "unusable":
        yield (
            _("Loci"),
            ngettext(
                "{used} of the {loci} loci is typed; at least {least} are needed",
                "{used} of the {loci} loci are typed; at least {least} are needed",
                used,
            ).format(used=used, loci=loci, least=MIN_LOCI),
        )
        return
    test = details["exclusion"]
    yield (
        _("Fits"),
        fit_in_words(test["p_any"], test["level"], len(test["p_values"])),
    )
    if status == "none_of_the_reference":
        nearest = max(test["p_values"], key=test["p_values"].get)
        yield (
            _("Nearest"),
            _("{name}, p = {p:.3g}; this is no assignment").format(
                name=nearest, p=test["p_values"][nearest]
            ),
        )
        return
    if status == "assigned":
        yield (
            _("How sure"),
            _(
                "posterior {probability}, under the prior '{prior}' and if it comes from one of the "
                "reference populations"
            ).format(probability=shown_probability(probability), prior=details["prior"]),
        )
    shown = list(details["probabilities"].items())[:_SHOWN]
    yield _("Populations"), ", ".join(f"{name} {shown_probability(value)}" for name, value in shown)
    if status == "inconclusive":
        yield (
            _("Together"),
            _("the confidence is reached by: {names}").format(names=", ".join(details["together"])),
        )
    if rank == "unit" or (details["units"] and status == "inconclusive"):
        units = list(details["units"].items())[:_SHOWN]
        yield _("Units"), ", ".join(f"{name} {shown_probability(value)}" for name, value in units)
    yield _("Loci"), _("{used} of {loci}").format(used=used, loci=loci)


def _known(baseline: Baseline, found, units: np.ndarray) -> bool:
    """Whether the most probable unit has animals enough to be assigned."""
    name = found.units[int(units.argmax())]
    own = [count for unit, count in zip(baseline.units or (), baseline.animals) if unit == name]
    return sum(own) >= LEAST_ANIMALS
