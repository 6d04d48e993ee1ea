"""How near could anybody come? A Bayesian who knows by what law a reference was SIMULATED.

    python benchmarks/place_bound.py savannah forest [--numbers 101 102 103]

References are those of `simulated_elephants.py`. "Knows the law" is told what no laboratory knows: the base frequencies,
how far and how strongly they vary over the map, and the drift of a site. From the genotypes of the other sites it has
the posterior of the frequencies at every cell (Gaussian process of the logits, by Laplace's approximation; copies of
a site count as many as its drift leaves) and names the cell of least expected error. "Knows the frequencies" is also
told the true frequencies of all other sites. Each site is left out alone. Both are divided by the plain kernel of
`place_peers.py` on the same animals: median, 80 % quantile and mean of the error.
"""

import argparse

import numpy as np
from place_peers import plain_kernel
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax
from simulated_elephants import KINDS, SimulatedLocus, Simulation, genotypes_of, simulate

from forensics.origin.geography import great_circle, make_grid

CELLS = 45
# Frequencies drawn from their posterior at each cell.
DRAWS = 48
# Steps of Newton's method, and the change of a logit under which it ends.
STEPS, CLOSE = 40, 1e-3
# Share of genotypes that could be anything: no single one excludes a place.
ERROR = 0.01
SEED = 7


def field_of_others(
    drawn: Simulation, locus: SimulatedLocus, others: np.ndarray, drift: float, between: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mode of the other sites' logits, and the weight of what was seen of each; shape (S - 1, k)."""
    counts = np.zeros((len(drawn.latitudes), len(locus.base)))
    for copies in locus.pairs[:, ~locus.missing]:
        np.add.at(counts, (drawn.site_of[~locus.missing], copies), 1.0)
    # Copies of a site repeat each other by its drift (Dirichlet-multinomial).
    total = counts.sum(axis=1, keepdims=True)
    counts = (counts * (1 / drift) / (total + 1 / drift - 1))[others]
    total = counts.sum(axis=1, keepdims=True)
    prior, field = locus.sd**2 * between, np.zeros_like(counts)
    for _step in range(STEPS):
        shares = softmax(np.log(locus.base) + field, axis=1)
        # An upper bound of the curvature, so that no step goes too far.
        weights = total * shares + 1e-9
        pulls = weights * field + counts - total * shares
        new = np.stack(
            [
                prior @ np.linalg.solve(np.eye(len(prior)) + weights[:, [k]] * prior, pulls[:, k])
                for k in range(len(locus.base))
            ],
            axis=1,
        )
        close = np.abs(new - field).max() < CLOSE
        field = new
        if close:
            break
    shares = softmax(np.log(locus.base) + field, axis=1)
    return field, total * shares * (1 - shares) + 1e-9


def predicted(
    locus: SimulatedLocus, between: np.ndarray, to_cells: np.ndarray,
    field: np.ndarray, weights: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return mean and variance of the logits at the cells; the field is known where there are no weights."""
    means = to_cells @ np.linalg.solve(between, field)
    variances = np.empty_like(means)
    for k in range(len(locus.base)):
        noise = 0.0 if weights is None else np.diag(1 / (weights[:, k] * locus.sd**2))
        known = cho_solve(cho_factor(between + noise), to_cells.T)
        variances[:, k] = locus.sd**2 * (1 - (to_cells * known.T).sum(axis=1))
    return means, np.maximum(variances, 0.0)


def errors_of(kind: str, drawn: Simulation, *, knows_frequencies: bool) -> np.ndarray:
    """Return the error of each animal in km, its site left out."""
    _first, latitudes, longitudes, _sites, length, _strength, drift = KINDS[kind]
    grid = make_grid(np.array(latitudes), np.array(longitudes), cells=CELLS, margin_km=1)
    north, east = (places[grid.inside] for places in grid.coordinates())
    apart = great_circle(north[:, None], east[:, None], north, east)
    sites = drawn.latitudes, drawn.longitudes
    between = np.exp(-great_circle(sites[0][:, None], sites[1][:, None], *sites) / length)
    between += 1e-6 * np.eye(len(between))
    to_cells = np.exp(-great_circle(north[:, None], east[:, None], *sites) / length)
    logs = np.tile(np.log(grid.area_shares()), (len(drawn.site_of), 1))
    rng = np.random.default_rng(SEED)
    for locus in drawn.loci:
        draws = rng.normal(size=(DRAWS, len(north), len(locus.base)))
        for site in range(len(between)):
            rows = np.flatnonzero((drawn.site_of == site) & ~locus.missing)
            if not rows.size:
                continue
            others = np.arange(len(between)) != site
            near = between[np.ix_(others, others)]
            field, weights = (
                (locus.field[others], None)
                if knows_frequencies
                else field_of_others(drawn, locus, others, drift, near)
            )
            means, variances = predicted(locus, near, to_cells[:, others], field, weights)
            shares = softmax(np.log(locus.base) + means + draws * np.sqrt(variances), axis=2)
            pairs, which = np.unique(
                np.sort(locus.pairs[:, rows], axis=0).T, axis=0, return_inverse=True
            )
            for number, (first, second) in enumerate(pairs):
                one, other = shares[:, :, first], shares[:, :, second]
                likely = (
                    drift * one + (1 - drift) * one**2
                    if first == second
                    else 2 * (1 - drift) * one * other
                ).mean(axis=0)
                of_pair = rows[which.ravel() == number]
                logs[of_pair] += np.log((1 - ERROR) * likely + ERROR / len(locus.base) ** 2)
    named = (softmax(logs, axis=1) @ apart).argmin(axis=1)
    places = (degrees[drawn.site_of] for degrees in sites)
    return great_circle(*places, north[named], east[named])


def main() -> None:
    """Print a row a reference."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="of " + ", ".join(KINDS))
    parser.add_argument("--numbers", type=int, nargs="+", default=[101, 102, 103])
    chosen = parser.parse_args()
    print(
        "| | plain kernel, km | knows the law / it | knows the frequencies / it |\n|---|---|---|---|"
    )
    for kind in chosen.kinds or KINDS:
        for number in chosen.numbers:
            drawn = simulate(kind, number)
            theirs = summary(plain_kernel(genotypes_of(kind, drawn)))
            ratios = (
                summary(errors_of(kind, drawn, knows_frequencies=knows)) / theirs
                for knows in (False, True)
            )
            cells = [", ".join(f"{value:.0f}" for value in theirs)]
            cells += [", ".join(f"{value:.2f}" for value in of_them) for of_them in ratios]
            print(f"| {kind} {number} | {' | '.join(cells)} |", flush=True)


def summary(errors: np.ndarray) -> np.ndarray:
    """Return median, 80 % quantile and mean."""
    return np.array([np.median(errors), np.quantile(errors, 0.8), errors.mean()])


if __name__ == "__main__":
    main()
