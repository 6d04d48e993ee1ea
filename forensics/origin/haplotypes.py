"""Mitochondrial haplotypes: which localities have one, and what that is worth.

That a haplotype was seen at one of forty localities says where it can be from; it does not say
that the other thirty-nine lack it. What a locality lacks in its sample it may still have, the
more so the fewer animals were typed there, and localities that nobody sampled remain possible.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from forensics.core.provenance import make_provenance
from forensics.core.result import Result
from forensics.core.stored import to_stored
from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.geography import Grid
from forensics.origin.globe import check_places, great_circle, spherical_mean
from forensics.stats.choice import greatest, ranked

__all__ = [
    "ELSEWHERE",
    "HaplotypeOrigin",
    "HaplotypeReference",
    "LocalityShare",
    "estimate_frequencies",
    "haplotype_log_likelihood",
    "haplotype_reference",
    "match_haplotype",
]

# Probability beforehand that the animal is from a locality that was not sampled. A stated
# choice, shown with the result.
ELSEWHERE = 0.1
# The concentrations of a locality's frequencies around those of all, and the widths of
# smoothing as shares of the greatest distance, that are tried by leaving out localities.
CONCENTRATIONS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
WIDTHS = (0.01, 0.03, 0.08, 0.2, 0.5)


@dataclass(frozen=True, eq=False)
class HaplotypeReference:
    """Haplotypes counted by locality.

    Attributes
    ----------
    localities : tuple of str, length G
    latitudes, longitudes : numpy.ndarray of float64, shape (G,)
    haplotypes : tuple of str, length H
    counts : numpy.ndarray of float64, shape (G, H)
    concentration : float
        Of a locality's frequencies around those of all localities; by leaving out localities.
    width_km : float
        Of the smoothing on a grid; by leaving out localities.
    """

    localities: tuple[str, ...]
    latitudes: np.ndarray
    longitudes: np.ndarray
    haplotypes: tuple[str, ...]
    counts: np.ndarray
    concentration: float
    width_km: float

    @property
    def unseen(self) -> float:
        """Frequency of all haplotypes never seen, over all localities.

        Good's estimate, haplotypes seen once by animals, with one more animal of an unseen
        haplotype, so that it is never 0.
        """
        total = self.counts.sum(axis=0)
        return float(((total == 1).sum() + 1) / (total.sum() + 1))

    def base(self) -> np.ndarray:
        """Return the frequencies over all localities; the last is all unseen ones; (H + 1,)."""
        return _base_frequencies(self.counts)

    def fingerprint(self) -> str:
        """Return the SHA-256 of localities, haplotypes and counts, as hexadecimal digits."""
        digest = hashlib.sha256(json.dumps([self.localities, self.haplotypes]).encode())
        for array in (self.latitudes, self.longitudes, self.counts):
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def column(self, haplotype: str) -> int:
        """Return the column of a haplotype; H for one never seen."""
        known = self.haplotypes
        return known.index(haplotype) if haplotype in known else len(known)


@dataclass(frozen=True)
class LocalityShare:
    """A locality and what the haplotype says of it.

    Attributes
    ----------
    locality : str
        "" for localities that were not sampled.
    probability : float
        Posterior.
    seen, sampled : int
        Animals with the haplotype, of animals typed there.
    frequency : float
        Estimated frequency of the haplotype there.
    """

    locality: str
    probability: float
    seen: int
    sampled: int
    frequency: float


@dataclass(frozen=True, kw_only=True)
class HaplotypeOrigin(Result):
    """Where a haplotype is known from.

    Attributes
    ----------
    sample : str
        "" where the haplotype alone was given.
    haplotype : str
    shares : tuple of LocalityShare
        The most probable first; among them localities not sampled.
    seen_at, localities : int
        Localities with the haplotype, of localities sampled.
    elsewhere : float
        Probability beforehand of a locality not sampled.
    provenance : Provenance
        ``library`` has the SHA-256 of the reference.
    """

    NOTICE_KINDS: ClassVar = notices.KINDS
    KEYS: ClassVar = (
        "sample", "result", "haplotype", "shares", "seen_at", "localities", "elsewhere",
        "explanation", "warnings", "provenance",
    )  # fmt: skip

    haplotype: str
    shares: tuple[LocalityShare, ...]
    seen_at: int
    localities: int
    elsewhere: float

    def headline(self) -> str:
        """Return at how many localities the haplotype was seen."""
        animals = sum(share.sampled for share in self.shares)
        if not self.seen_at:
            return _(
                "haplotype {name} was never seen in the reference ({animals} animals of {count} "
                "localities); the reference does not tell where it is from"
            ).format(name=self.haplotype, animals=animals, count=self.localities)
        return _(
            "haplotype {name} was seen at {where} of {count} sampled localities, in {seen} of "
            "{animals} animals"
        ).format(
            name=self.haplotype,
            where=self.seen_at,
            count=self.localities,
            seen=sum(share.seen for share in self.shares),
            animals=animals,
        )

    def details(self) -> list[tuple[str, str]]:
        """Return nothing: the localities are a table."""
        return []

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a locality."""
        return [{"haplotype": self.haplotype, **to_stored(share)} for share in self.shares]


def _base_frequencies(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=0)
    unseen = ((total == 1).sum() + 1) / (total.sum() + 1)
    # Where every animal has a haplotype of its own, half is still left to those seen.
    unseen = min(float(unseen), 0.5)
    return np.append((1 - unseen) * total / total.sum(), unseen)


def haplotype_reference(
    haplotypes: Sequence[str],
    localities: Sequence[str],
    latitudes: Sequence[float],
    longitudes: Sequence[float],
    *,
    sampled: Sequence[tuple[str, float, float]] = (),
) -> HaplotypeReference:
    """Count haplotypes by locality and choose concentration and width by leaving out localities.

    Parameters
    ----------
    haplotypes, localities : sequence of str, length n
        Of each animal; names of haplotypes are compared as text.
    latitudes, longitudes : sequence of float, length n
        Of each animal; a locality lies at the spherical mean.
    sampled : sequence of (locality, latitude, longitude)
        Further localities to be reported, of which no animal is in the reference.

    Raises
    ------
    InputError
        If a name is missing, or there are fewer than two localities.
    """
    lat, lon = check_places(latitudes, longitudes)
    if not len(haplotypes) == len(localities) == len(lat):
        raise UsageError(
            _("{haplotypes} haplotypes, {localities} localities and {places} places differ").format(
                haplotypes=len(haplotypes), localities=len(localities), places=len(lat)
            )
        )
    for row, (haplotype, locality) in enumerate(zip(haplotypes, localities), 1):
        if not haplotype or not locality:
            raise InputError(
                _("each animal needs a haplotype and a locality; leave out those without"),
                record=row,
            )
    known, names = tuple(sorted(set(haplotypes))), sorted(set(localities))
    extra = [place for place in sampled if place[0] not in set(names)]
    if len(names) < 2:
        raise InputError(
            _("{count} locality; at least two are needed to compare").format(count=len(names))
        )
    counts = np.zeros((len(names) + len(extra), len(known)))
    for haplotype, locality in zip(haplotypes, localities):
        counts[names.index(locality), known.index(haplotype)] += 1
    rows = np.array(localities)
    means = [spherical_mean(lat[rows == name], lon[rows == name]) for name in names]
    centres = np.array(means + [place[1:] for place in extra], dtype=np.float64)
    reference = HaplotypeReference(
        (*names, *(place[0] for place in extra)),
        centres[:, 0],
        centres[:, 1],
        known,
        counts,
        1.0,
        1.0,
    )
    concentration, width = _choose_smoothing(reference)
    return HaplotypeReference(
        reference.localities, centres[:, 0], centres[:, 1], known, counts, concentration, width
    )


def _choose_smoothing(reference: HaplotypeReference) -> tuple[float, float]:
    """Return concentration and width that predict left-out localities best."""
    typed = np.flatnonzero(reference.counts.sum(axis=1) > 0)
    apart = great_circle(
        reference.latitudes[:, None], reference.longitudes[:, None],
        reference.latitudes, reference.longitudes,
    )  # fmt: skip
    extent = float(apart.max()) or 1.0
    scores = {}
    for width in WIDTHS:
        for concentration in CONCENTRATIONS:
            total = 0.0
            for out in typed:
                kept = typed[typed != out]
                counts = reference.counts[kept]
                near = np.exp(-apart[out, kept] / (width * extent))
                pseudo = concentration * _base_frequencies(counts)
                pseudo[:-1] += near @ counts
                left_out = reference.counts[out]
                new = left_out[counts.sum(axis=0) == 0].sum()
                seen = np.where(counts.sum(axis=0) > 0, left_out, 0.0)
                total += _log_compound(np.append(seen, new), pseudo)
            scores[concentration, width * extent] = total
    return list(scores)[int(greatest(list(scores.values()), are_logs=True))]


def _log_compound(counts: np.ndarray, pseudo: np.ndarray) -> float:
    """Return the log-probability of counts in order under a Dirichlet distribution."""
    use = counts > 0
    total = math.lgamma(pseudo.sum()) - math.lgamma(pseudo.sum() + counts.sum())
    for count, alpha in zip(counts[use], pseudo[use]):
        total += math.lgamma(alpha + count) - math.lgamma(alpha)
    return total


def match_haplotype(
    reference: HaplotypeReference,
    haplotype: str,
    *,
    elsewhere: float = ELSEWHERE,
    sample: str = "",
) -> HaplotypeOrigin:
    """Return the localities that a haplotype can be from.

    Parameters
    ----------
    reference : HaplotypeReference
    haplotype : str
    elsewhere : float
        Probability beforehand of a locality that was not sampled, 0-1; the named localities
        share the rest equally.
    sample : str
        That has the haplotype.

    Notes
    -----
    At a locality with ``c`` of ``n`` animals the estimated frequency is
    ``(c + a base) / (n + a)``, the mean of a Dirichlet distribution with concentration ``a``
    around the frequencies of all localities; where nobody was sampled it is ``base``.
    """
    if not 0 <= elsewhere < 1:
        raise UsageError(
            _("probability {value} of elsewhere; 0 to below 1 is expected").format(value=elsewhere)
        )
    frequency, base = estimate_frequencies(reference, haplotype)
    seen, sampled = _count_seen(reference, haplotype), reference.counts.sum(axis=1)
    weights = np.append((1 - elsewhere) / len(seen) * frequency, elsewhere * base)
    weights /= weights.sum()
    shares = [
        LocalityShare(*values)
        for values in zip(
            (*reference.localities, ""),
            weights.tolist(),
            (*seen.astype(int).tolist(), 0),
            (*sampled.astype(int).tolist(), 0),
            (*frequency.tolist(), base),
        )
    ]
    shares = ranked(sorted(shares, key=attrgetter("locality")), attrgetter("probability"))
    is_seen = bool(seen.any())
    return HaplotypeOrigin(
        sample=sample,
        haplotype=haplotype,
        shares=tuple(shares),
        seen_at=int((seen > 0).sum()),
        localities=int((sampled > 0).sum()),
        elsewhere=elsewhere,
        notices=() if is_seen else (notices.HAPLOTYPE_UNSEEN(name=haplotype),),
        provenance=make_provenance(
            dependencies={"numpy": np.__version__},
            library={
                "name": "",
                "version": "",
                "sha256": reference.fingerprint(),
                "demonstration": False,
            },
            parameters={"elsewhere": elsewhere, "concentration": reference.concentration},
            input={},
        ),
    )


def estimate_frequencies(reference: HaplotypeReference, haplotype: str) -> tuple[np.ndarray, float]:
    """Return the frequency of a haplotype at each locality, and over all; see `match_haplotype`.

    Returns
    -------
    frequencies : numpy.ndarray of float64, shape (G,)
    base : float
        Over all localities; at one where nobody was sampled.
    """
    base = float(reference.base()[reference.column(haplotype)])
    pseudo = reference.concentration
    sampled = reference.counts.sum(axis=1)
    return (_count_seen(reference, haplotype) + pseudo * base) / (sampled + pseudo), base


def _count_seen(reference: HaplotypeReference, haplotype: str) -> np.ndarray:
    """Return how many animals of each locality have a haplotype; float64, shape (G,)."""
    column = reference.column(haplotype)
    if column < len(reference.haplotypes):
        return reference.counts[:, column]
    return np.zeros(len(reference.localities))


def haplotype_log_likelihood(
    reference: HaplotypeReference, haplotype: str, grid: Grid
) -> np.ndarray:
    """Return the log frequency of a haplotype at the allowed cells; float64, shape (cells,).

    ``(sum w c + a base) / (sum w n + a)`` with ``w = exp(-distance / width)``: far from all
    samples it is the frequency over all localities, and no cell is excluded.
    """
    column = reference.column(haplotype)
    near = np.exp(-grid.distances(reference.latitudes, reference.longitudes) / reference.width_km)
    seen = 0.0
    if column < len(reference.haplotypes):
        seen = near @ reference.counts[:, column]
    sampled = near @ reference.counts.sum(axis=1)
    base, concentration = reference.base()[column], reference.concentration
    return np.asarray(np.log((seen + concentration * base) / (sampled + concentration)))
