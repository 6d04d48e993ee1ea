"""Probabilities of several loci of one individual: likelihood ratios, with one prior.

A locus gives its evidence as a likelihood ratio, taken relative to the prior that it was called with:

* how much it speaks for *a* species of the library against one that the library lacks,
  ``x = log((1 - none) / p) - log(none / (1 - p))``;
* how each of its species fits beside the best, ``log(P(s) / P(best))``, at least log(1/1000).

A species that the library does not hold at a locus is neither supported nor excluded by it. Loci of different
molecules are independent given the species, and their evidence is added. Linked loci have one history, and where one
is deceived the others often are: of their evidence the strongest in favour and the strongest against count, and a
species fits as the locus says that it fits worst. What one locus excludes, the other does not bring back, and does not
exclude a second time.

The prior counts once: ``P(s) ~ prior(s) * exp(joined)``, ``P(none) ~ 1 - p``. It is shared by the species in
proportion to their fits, so that one locus alone gives back its own probabilities.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from forensics.barcode.calling.decision import NONE, RANKS, with_units
from forensics.barcode.identification import Identification
from forensics.barcode.reference.units import UNIT, Unit, unit_members

__all__ = ["MIN_PROBABILITY", "LocusEvidence", "joint_probabilities"]

# A record may be mislabelled and a calibration is learnt from at most some thousand
# samples (`forensics.barcode.calling.sampling.SAMPLES`), so no locus may say less than one in a thousand.
MIN_PROBABILITY = 1e-3


@dataclass(frozen=True, eq=False)  # one query is one piece of evidence, whatever it says
class LocusEvidence:
    """The evidence of one query.

    Attributes
    ----------
    result : Identification
    name : str
        The locus.
    linkage : str
        The molecule: ``mitochondrial``, ``plastid``, or the name of a nuclear locus.
    smallest : tuple of str
        The smallest set of species that holds the confidence; empty where none does.
    held : collection of str or None
        What the library holds at the locus; None where it is not known.
    """

    result: Identification
    name: str
    linkage: str
    smallest: tuple[str, ...]
    held: Collection[str] | None

    @property
    def species(self) -> Mapping[str, float]:
        """Probabilities of species, and of none."""
        known = self.result.call.probabilities
        return {k: p for k, p in known["species"].items() if k != "unlisted"} if known else {}

    @property
    def is_calibrated(self) -> bool:
        """Whether it has probabilities."""
        return self.result.call.probabilities is not None

    @property
    def is_firm(self) -> bool:
        """Whether what is outside its set is excluded."""
        return bool(self.smallest) and (self.is_calibrated or bool(self.result.call.members))

    def holds(self, species: str) -> bool:
        """Return whether the library has the species; unknown counts as no."""
        return species in self.species or species in (self.held or ())

    def novelty(self, prior: float) -> float:
        """Return the log likelihood ratio of the library's species against one that it lacks."""
        none = min(max(self.species[NONE], MIN_PROBABILITY), 1 - MIN_PROBABILITY)
        return math.log((1 - none) / prior) - math.log(none / (1 - prior))

    def fit(self, species: str) -> float:
        """Return the logarithm of how well a species that it holds fits beside the best, at most 0."""
        best = max((p for name, p in self.species.items() if name != NONE), default=0.0)
        fit = self.species.get(species, 0.0) / best if best else 0.0
        return math.log(max(fit, MIN_PROBABILITY))


def joint_probabilities(loci: Sequence[LocusEvidence], prior: float) -> dict[str, dict[str, float]]:
    """Return the probabilities of several loci, in the form of a call.

    Parameters
    ----------
    loci : sequence of LocusEvidence
        Calibrated ones, each locus once.
    prior : float
        That the library holds the species.

    Returns
    -------
    dict
        ``{rank: {name: probability, …, "none": probability}}``.
    """
    if len(loci) == 1:
        return dict(loci[0].result.call.probabilities or {})
    molecules: dict[str, list[LocusEvidence]] = {}
    for locus in loci:
        molecules.setdefault(locus.linkage, []).append(locus)
    names = {name for locus in loci for name in locus.species} - {NONE}
    weights, fits = {}, {}
    for name in names:
        parts = [_join(name, group, prior) for group in molecules.values()]
        fits[name] = sum(fit for _novelty, fit in parts)
        weights[name] = math.exp(sum(novelty + fit for novelty, fit in parts))
    # Where all fit badly together the prior is not blown up to fill the gap: "none" gains.
    share = prior / max(1.0, sum(map(math.exp, fits.values())))
    species = {name: share * weight for name, weight in weights.items()}
    species[NONE] = 1 - prior
    total = sum(species.values())
    species = {name: value / total for name, value in species.items()}
    if len(molecules) == 1:  # linked loci that agree lead no further than the surest of them
        missing = max(species[NONE], min(locus.species[NONE] for locus in loci))
        rest = 1 - species[NONE]
        scale = (1 - missing) / rest if rest else 0.0
        species = {name: missing if name == NONE else p * scale for name, p in species.items()}
    ordered = sorted(species, key=lambda name: (name == NONE, -species[name], name))
    result = {"species": {name: species[name] for name in ordered}}
    for rank in RANKS:
        if at_rank := _at_rank(rank, loci, result["species"]):
            result[rank] = at_rank
    named = {name for v in loci for name in (v.result.call.probabilities or {}).get(UNIT, {})}
    return with_units(result, [Unit(unit_members(name)) for name in sorted(named - {NONE})])


def _join(species: str, group: Sequence[LocusEvidence], prior: float) -> tuple[float, float]:
    """Return what the loci of one molecule say of a species: for novelty, and its fit; both logarithms."""
    holding = [locus for locus in group if locus.holds(species)]
    if not holding:
        return 0.0, 0.0
    novelty = [locus.novelty(prior) for locus in holding]
    joined = max(0.0, *novelty) + min(0.0, *novelty)
    return joined, min(locus.fit(species) for locus in holding)


def _at_rank(
    rank: str, loci: Sequence[LocusEvidence], species: Mapping[str, float]
) -> dict[str, float] | None:
    """Return the probabilities at a higher rank.

    Of the part that falls to "none", a taxon gets the least share that any locus gives which knows the taxon; where
    it is the first of all loci that know one, the greatest.
    """
    names = {name for locus in loci for name in locus.species} - {NONE}
    of_species = {name: name.partition(" ")[0] for name in names} if rank == "genus" else {}
    of_species |= {c.species: getattr(c, rank) for v in loci for c in v.result.candidates}
    given = [shares for locus in loci if (shares := _shares_of(locus, rank, of_species))]
    taxa = {taxon for known in given for taxon in known} | set(of_species.values()) - {""}
    if not taxa:
        return None
    leading = {max(shares, key=lambda taxon: (shares[taxon], taxon)) for shares in given}
    shares = {}
    for taxon in sorted(taxa):
        own = [known[taxon] for known in given if taxon in known] or [0.0]
        shares[taxon] = max(own) if leading == {taxon} else min(own)
    crowd = max(1.0, sum(shares.values()))
    probabilities = {
        taxon: species[NONE] * share / crowd
        + sum(p for name, p in species.items() if of_species.get(name) == taxon)
        for taxon, share in shares.items()
    }
    ordered = dict(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))
    return {**ordered, NONE: max(0.0, 1 - sum(probabilities.values()))}


def _shares_of(locus: LocusEvidence, rank: str, of_species: Mapping[str, str]) -> dict[str, float]:
    """Return what a locus gives to each taxon of the part that falls to "none"."""
    known = (locus.result.call.probabilities or {}).get(rank, {})
    none = max(locus.species[NONE], 1e-12)
    shares = {}
    for taxon, probability in known.items():
        if taxon != NONE:
            within = sum(p for name, p in locus.species.items() if of_species.get(name) == taxon)
            shares[taxon] = min(max((probability - within) / none, 0.0), 1.0)
    return shares
