"""Layers of evidence on one grid: how much likelier an observation is in a cell than anywhere.

Each layer is the log of a gain, posterior over prior, for every cell that is allowed: of nuclear
genotypes as the map is calibrated, of a haplotype by its smoothed frequency, of isotopes by the
posterior on the isoscape's own cells, brought to this grid.
"""

from dataclasses import dataclass

import numpy as np

from forensics.errors import UsageError
from forensics.messages import _
from forensics.origin.geography import Grid, Surface
from forensics.origin.globe import great_circle
from forensics.origin.haplotypes import HaplotypeReference, haplotype_log_likelihood
from forensics.stats.choice import greatest

__all__ = [
    "HAPLOTYPE",
    "ISOTOPES",
    "NUCLEAR",
    "Layer",
    "calibrate_haplotype_weight",
    "haplotype_gains",
    "isotope_gains",
    "multiply_layers",
    "surface_gains",
]

NUCLEAR, HAPLOTYPE, ISOTOPES = "nuclear", "haplotype", "isotopes"
# Powers of a haplotype's evidence that are tried by leaving out localities.
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class Layer:
    """Evidence of one kind on the cells of a grid.

    Attributes
    ----------
    name : str
        `NUCLEAR`, `HAPLOTYPE` or `ISOTOPES`.
    gains : numpy.ndarray of float64, shape (cells,)
        Log of posterior over prior of each allowed cell; the prior-weighted mean of the gains is 1.
    weight : float
        Power of its evidence.
    observed : str
        What was observed.
    """

    name: str
    gains: np.ndarray
    weight: float
    observed: str


def multiply_layers(layers: list[Layer], prior: np.ndarray) -> np.ndarray:
    """Return the posterior of the allowed cells by all layers; float64, sums to 1.

    Parameters
    ----------
    layers : list of Layer
    prior : numpy.ndarray of float64, shape (cells,)
        Sums to 1.

    Raises
    ------
    UsageError
        If no cell is possible under all of them.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(prior)
    for layer in layers:
        if layer.weight:
            logs = logs + layer.weight * layer.gains
    if not np.isfinite(logs.max()):
        raise UsageError(_("no cell of the grid is possible under this evidence"))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def surface_gains(surface: Surface, prior: np.ndarray) -> np.ndarray:
    """Return log gains of a posterior under a prior of its allowed cells."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(surface.probabilities[surface.grid.inside]) - np.log(prior))


def haplotype_gains(
    reference: HaplotypeReference, haplotype: str, grid: Grid, prior: np.ndarray
) -> np.ndarray:
    """Return log gains of a haplotype: its frequency in a cell over its mean under the prior."""
    logs = haplotype_log_likelihood(reference, haplotype, grid)
    return np.asarray(logs - np.log(prior @ np.exp(logs)))


def calibrate_haplotype_weight(reference: HaplotypeReference) -> tuple[float, float]:
    """Return the power of a haplotype's evidence, and its mean score on left-out localities.

    Each locality is left out in turn; of its animals the gain at their own locality against all
    localities is scored. The power with the best mean (each locality counts once) is taken: 0 where
    haplotypes of other localities do not show where a sample is from.

    Returns
    -------
    weight : float
        One of `WEIGHTS`.
    score : float
        Mean log gain, nats.
    """
    counts = reference.counts
    typed = np.flatnonzero(counts.sum(axis=1) > 0)
    apart = great_circle(
        reference.latitudes[:, None], reference.longitudes[:, None],
        reference.latitudes, reference.longitudes,
    )  # fmt: skip
    scores = np.zeros(len(WEIGHTS))
    for out in typed:
        kept = typed[typed != out]
        others = counts[kept]
        near = np.exp(-apart[np.ix_(typed, kept)] / reference.width_km)
        total = others.sum(axis=0)
        unseen = min(float(((total == 1).sum() + 1) / (total.sum() + 1)), 0.5)
        base = np.append((1 - unseen) * total / total.sum(), unseen)
        pseudo = reference.concentration
        seen = np.column_stack([near @ others, np.zeros(len(typed))])
        frequency = (seen + pseudo * base) / ((near @ others.sum(axis=1))[:, None] + pseudo)
        own = np.append(np.where(total > 0, counts[out], 0.0), counts[out][total == 0].sum())
        place = int(np.flatnonzero(typed == out)[0])
        logs = np.log(np.maximum(frequency, 1e-12))
        for number, weight in enumerate(WEIGHTS):
            powered = weight * logs
            mean = np.log(np.exp(powered).mean(axis=0))
            scores[number] += float(own @ (powered[place] - mean) / own.sum())
    best = int(greatest(scores, are_logs=True))
    return WEIGHTS[best], float(scores[best] / len(typed))


def isotope_gains(
    surface: Surface, own_prior: np.ndarray, grid: Grid, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return log gains of a posterior on other cells, brought to a grid, and what they do not cover.

    A cell has the mean gain of the isoscape's cells with their centre in it; without one, the gain of
    that in which its own centre lies. Where the isoscape has no value nothing is known: gain 1.

    Parameters
    ----------
    surface : Surface
        Posterior on the isoscape's cells.
    own_prior : numpy.ndarray of float64, shape (R, C)
        Prior of these.
    grid : Grid
    prior : numpy.ndarray of float64, shape (cells,)
        Of its allowed cells.

    Returns
    -------
    gains : numpy.ndarray of float64, shape (cells,)
    uncovered : float
        Share of the prior in cells where the isoscape has no value.
    """
    known = surface.grid.inside & (own_prior > 0)
    ratio = np.where(known, surface.probabilities / np.where(known, own_prior, 1.0), np.nan)
    north, east = surface.grid.coordinates()
    rows, columns = grid.cell_of(north[known], east[known])
    within = rows >= 0
    size = grid.inside.size
    cells = rows[within] * grid.inside.shape[1] + columns[within]
    total = np.bincount(cells, ratio[known][within], minlength=size)
    count = np.bincount(cells, minlength=size)
    with np.errstate(invalid="ignore"):
        mean = (total / count).reshape(grid.inside.shape)[grid.inside]
    own_rows, own_columns = (
        places[grid.inside] for places in surface.grid.cell_of(*grid.coordinates())
    )
    nearest = np.where(own_rows >= 0, ratio[own_rows, own_columns], np.nan)
    gains = np.where(np.isfinite(mean), mean, nearest)
    is_known = np.isfinite(gains)
    if not is_known.any():
        raise UsageError(_("the isoscape has no value where the map has cells"))
    # Beside the cells of unknown value, whose gain is 1, the others keep their mean of 1.
    gains = gains / float((prior[is_known] @ gains[is_known]) / prior[is_known].sum())
    gains = np.where(is_known, gains, 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(gains)), float(prior[~is_known].sum())
