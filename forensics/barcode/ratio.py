"""How much more probable what was seen is if one proposition on the taxon is true than if another one is.

For a species the calibration of the library gives the ratio. At an even prior that the library holds the species, the
posteriors of two species, or of a species and of "one that the library lacks", have the ratio of the likelihoods.
Where the alternative has several members (another species of the genus, any other species), the ratio is that
against the member which explains the sequence best. Whatever weights its members have, the ratio against all of
them together is no smaller.

A calibration may state odds that no validation can show. So no ratio is larger than the share of right calls in the
accepted validation, over the upper limit of the share of wrong ones. For a genus that quotient itself is stated: the
evidence is then the call.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from forensics.barcode.calling.decision import NONE
from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.stats import binomial_upper
from forensics.taxonomy.names import genus_of
from forensics.verbal import CONGENER, MISSING, OTHER


class NoRatio(ForensicsError):
    """No likelihood ratio of two propositions can be stated; the message says why."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A likelihood ratio of the first of two propositions against the second.

    Attributes
    ----------
    log10 : float
    low, high : float or None
        Logarithms of the bounds that the calibration gives, 95 %; None where it gives none.
    limited : bool
        Whether the validation supports no larger one, while the calibration gives it.
    """

    log10: float
    low: float | None = None
    high: float | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """Trials of a validation whose answer was known.

    Attributes
    ----------
    right, wrong, trials : int
        Calls at the rank in question, and all trials, those without a call as well.
    """

    right: int
    wrong: int
    trials: int


def supported_ratio(known: Tried, other: Tried) -> float:
    """Return the largest ratio that a validation supports.

    Parameters
    ----------
    known : Tried
        With the taxon in the library: how often the call is right.
    other : Tried
        Where the second proposition is true: how often it is wrong.

    Returns
    -------
    float
        The share of right calls over the upper 95 % limit (Clopper & Pearson 1934,
        doi:10.1093/biomet/26.4.404) of the share of wrong ones; 0 where no call was right.
    """
    if not known.trials:
        return 0.0
    return known.right / known.trials / binomial_upper(other.wrong, other.trials)


def supported_at(bins: Sequence[tuple[float, int, int]], stated: float) -> float:
    """Return the largest ratio that an evaluation supports for what has a posterior of `stated`.

    Parameters
    ----------
    bins : sequence of (float, int, int)
        Mean of the posteriors of a bin; what was tried in it, and how much of it was right. Not empty.
    stated : float
        The bin that this falls into, and those above it, count as alike.

    Returns
    -------
    float
        As of `supported_ratio`: of all trials those that were alike and right, over the limit of those that were
        alike and wrong.
    """
    ordered = sorted(bins)
    first = max((at for at, each in enumerate(ordered) if each[0] <= stated), default=0)
    alike = ordered[first:]
    right = sum(each[2] for each in alike)
    tried = Tried(right, sum(each[1] for each in alike) - right, sum(each[1] for each in ordered))
    return supported_ratio(tried, tried)


def species_ratio(
    shares: Mapping[str, float],
    named: str,
    against: str,
    *,
    missing: Collection[str],
    limits: Mapping[str, float],
    interval: Sequence[float] | None = None,
) -> Ratio:
    """Return the likelihood ratio of a species against an alternative.

    Parameters
    ----------
    shares : mapping of str to float
        Posterior of each species that was compared, and of ``none`` of the library, at an even prior.
    named : str
        Species of the first proposition.
    against : str
        Species of the second, or one of `forensics.verbal.ALTERNATIVES`.
    missing : collection of str
        Known species of the genus that the library lacks.
    limits : mapping of str to float
        What a validation supports (`supported_ratio`) against a species of the library (``known``), and against one
        that it lacks (``species_out``).
    interval : pair of float, optional
        Of the posterior of `named`, 95 %.

    Returns
    -------
    Ratio
        Against the member of the alternative that explains the sequence best, and no larger than `limits` allow.

    Raises
    ------
    NoRatio
        If a species was not compared, or the validation supports none.

    References
    ----------
    Aitken & Taroni 2004, doi:10.1002/0470011238; ENFSI guideline for evaluative reporting, version 3.0, 2015.

    Examples
    --------
    >>> shares = {"Manis javanica": 0.96, "Manis pentadactyla": 0.01, "none": 0.03}
    >>> limits = {"known": 300.0, "species_out": 20.0}
    >>> found = species_ratio(shares, "Manis javanica", "missing", missing=["Manis crassicaudata"], limits=limits)
    >>> round(10**found.log10), found.limited
    (20, True)
    """
    if named not in shares:
        raise NoRatio(
            _("{name} is not among the species of the library that were compared.").format(
                name=named
            )
        )
    rivals = _rivals(shares, named, against, missing)
    nearest = max(rivals, key=lambda name: shares[name])
    limit = min(limits["species_out" if name == NONE else "known"] for name in rivals)
    if limit <= 1:
        raise NoRatio(_("The accepted validation supports no ratio above 1 for such calls."))
    log10 = math.log10(shares[named] / shares[nearest])
    low = high = None
    if nearest == NONE and interval is not None:
        # Bounds are of the odds that the library has the species; which of its species it is stays as it is.
        own = shares[named] / (1 - shares[NONE])
        low, high = (math.log10(own) + _odds(bound / own) for bound in interval)
    most = math.log10(limit)
    if log10 > most:
        return Ratio(most, limited=True)
    return Ratio(log10, low, high)


def _odds(share: float) -> float:
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log10(share / (1 - share))


def _rivals(
    shares: Mapping[str, float], named: str, against: str, missing: Collection[str]
) -> list[str]:
    """Return the species, and ``none``, that the second proposition may mean."""
    others = [name for name in shares if name not in (named, NONE)]
    if against == OTHER:
        return [*others, NONE]
    if against == MISSING or against in missing:
        return [NONE]
    if against == CONGENER:
        rivals = [name for name in others if genus_of(name) == genus_of(named)]
        rivals += [NONE] if missing else []
        if not rivals:
            raise NoRatio(
                _("The library lacks no known species of the genus, and it compared no other one.")
            )
        return rivals
    if against not in shares:
        raise NoRatio(
            _("{name} is not among the species of the library that were compared.").format(
                name=against
            )
        )
    return [against]


def genus_ratio(known: Tried, out: Tried) -> Ratio:
    """Return the ratio that the validation of a library gives for a call of a genus.

    Parameters
    ----------
    known, out : Tried
        With the species in the library, and with it taken out; in both the genus is right or wrong. The smaller share
        of right calls counts, and the larger limit of the wrong ones.

    Raises
    ------
    NoRatio
        If it supports none.
    """
    limit = min(supported_ratio(right, wrong) for right in (known, out) for wrong in (known, out))
    if limit <= 1:
        raise NoRatio(_("The accepted validation supports no ratio above 1 for such calls."))
    return Ratio(math.log10(limit))
