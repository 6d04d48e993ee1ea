"""Tissue on precipitation: what an isoscape's value at a place says of an animal's tissue.

The model of sample j of site i, with the isoscape's prediction ``x_i`` and its error ``e_i``::

    y_ij = a + b (x_i + d_i) + u_i + w_ij,   d_i ~ (0, e_i2),  u_i ~ (0, S2),  w_ij ~ (0, W2)

``d`` is the error of the map, ``u`` what animals of a site share, ``w`` what differs between them,
the laboratory's error included. Assumption: ``d`` is independent of the prediction ``x`` (an error
of Berkson's kind). It holds for maps made by kriging or regression, whose predictions are smoother
than the truth; then least squares on ``x`` has no attenuation, and the residuals already hold
``b2 e2``. That part is taken out of S2 here and given back with the error of each cell of the map,
so that it is counted once. For a map of raw measurements the slope would be attenuated.
"""

from collections.abc import Hashable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.notice import Figure, Notice
from forensics.errors import InputError, UsageError
from forensics.messages import _, ngettext, numeral
from forensics.notices import origin as notices
from forensics.origin.geography import check_places
from forensics.origin.isoscape import Isoscape

# A line has two parameters; one site more leaves one degree of freedom.
_MIN_SITES = 3
# Fewer make the line's own uncertainty dominate; assignR warns under ten samples, but samples of
# one site are no independent evidence of the slope.
MIN_RELIABLE_SITES = 10
# The slope is unproved if zero lies within so many of its standard errors (95 %).
_SLOPE_ERRORS = 1.96
# Fewer pairs within sites tell nothing of the variance within sites.
_MIN_WITHIN = 5
WEIGHTINGS = ("site", "equal", "measurement")
_ROUNDS = 50


@dataclass(frozen=True)
class TissueCalibration:
    """A line of tissue on isoscape, with everything that a prediction is uncertain by.

    Attributes
    ----------
    covariance : tuple of three floats
        Variance of the intercept, covariance, variance of the slope.
    residual_sd : float
        Of the samples about the line, n - 2 degrees of freedom, per mil.
    between, within : float
        Variances S2 between sites and W2 within sites, per mil squared.
    measurement : float
        Mean variance of the laboratory's error of the known samples, part of `within`; 0 where
        it was not given.
    r_squared : float
        Under the weights of the fit.
    samples, sites : int
        Used.
    dropped : int
        Samples at places where the isoscape has no value.
    lowest, highest : float
        Isoscape values at the sites: beyond them the line is extrapolated.
    """

    isotope: str
    slope: float
    intercept: float
    covariance: tuple[float, float, float]
    residual_sd: float
    between: float
    within: float
    measurement: float
    r_squared: float
    samples: int
    sites: int
    dropped: int
    lowest: float
    highest: float
    weighting: str

    @property
    def degrees(self) -> int:
        """Degrees of freedom: sites less two."""
        return self.sites - 2

    def predict(
        self, mean: np.ndarray, error: np.ndarray, *, sd: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return expectation and variance of a new animal's tissue at places not sampled before.

        Parameters
        ----------
        mean, error : numpy.ndarray of float64
            The isoscape's prediction and its standard deviation.
        sd : float, optional
            The laboratory's standard deviation of the new value. It takes the place of that of
            the known samples; without it theirs is taken.

        Returns
        -------
        expectation, variance : numpy.ndarray of float64
            ``a + b x`` and ``S2 + W2 + b2 e2 + var(a) + 2 x cov(a, b) + x2 var(b)``.
        """
        a, both, b = self.covariance
        shared = self.between + self.slope**2 * error**2 + a + 2 * mean * both + mean**2 * b
        own = self.within
        if sd is not None:
            own = max(own - self.measurement, 0.0) + sd**2
        return self.slope * mean + self.intercept, shared + own

    def notices(self) -> list[Notice]:
        """Return what must be known of any result by it."""
        result = []
        if self.sites < MIN_RELIABLE_SITES:
            result.append(
                notices.FEW_SITES(isotope=self.isotope, sites=self.sites, least=MIN_RELIABLE_SITES)
            )
        error = self.covariance[2] ** 0.5
        if abs(self.slope) <= _SLOPE_ERRORS * error:
            result.append(
                notices.NO_SLOPE(
                    isotope=self.isotope,
                    slope=Figure(self.slope, ".2f"),
                    error=Figure(error, ".2f"),
                )
            )
        return result

    def is_sound(self) -> bool:
        """Return whether the values are possible, as they may not be in a model that was damaged."""
        numbers = [value for value in astuple(self) if isinstance(value, float)]
        variances = (self.between, self.within, self.covariance[2])
        return bool(
            np.isfinite([*numbers, *self.covariance]).all()
            and min(variances) >= 0
            and self.sites >= _MIN_SITES
        )


def number_places(latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
    """Return a number for each distinct place (to 0.001 degrees, about 100 m); intp, shape (n,)."""
    places = np.round(np.column_stack((latitudes, longitudes)), 3)
    return np.unique(places, axis=0, return_inverse=True)[1].ravel()


def calibrate(
    isoscape: Isoscape,
    values: ArrayLike,
    latitudes: ArrayLike,
    longitudes: ArrayLike,
    *,
    sites: Sequence[Hashable] | np.ndarray | None = None,
    sd: ArrayLike | None = None,
    weighting: str = "site",
) -> TissueCalibration:
    """Return the line of tissue on isoscape by samples of known origin.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Tissue, per mil. Missing values are left out.
    latitudes, longitudes : array_like of float, shape (n,), degrees
    sites : sequence, length n, optional
        Samples of one site share its deviation from the line. By default a site is a place.
    sd : float or array_like of float, shape (n,), optional
        The laboratory's standard deviation of each value.
    weighting : {"site", "equal", "measurement"}
        "site": generalised least squares with variances between and within sites (default);
        "equal": ordinary least squares; "measurement": 1 / sd2, as assignR does. The covariance
        of the last two is the cluster-robust one, by site.

    Raises
    ------
    InputError
        If fewer than three sites lie on the isoscape, or all have the same isoscape value.
    UsageError
        If lengths differ or an argument is not known.

    Notes
    -----
    W2 is the pooled variance within sites. S2 solves ``sum r_i2 / (S2 + W2 / n_i + b2 e_i2) =
    sites - 2`` over the means of sites (Paule & Mandel), and is 0 where the other parts already
    explain more than the residuals show.

    References
    ----------
    Wunder (2010), Using isoscapes to model probability surfaces for determining geographic
    origins, in Isoscapes, Springer, doi:10.1007/978-90-481-3354-3_12. Paule & Mandel (1982),
    Consensus values and weighting factors, J Res NBS 87:377. Carroll et al. (2006),
    Measurement error in nonlinear models, chapter 1 (Berkson's error).
    """
    y, north, east, spread, places = _check_samples(
        values, latitudes, longitudes, sd, sites, weighting
    )
    x, error = isoscape.at(north, east)
    use = np.isfinite(y) & np.isfinite(x)
    dropped = int((np.isfinite(y) & ~np.isfinite(x)).sum())
    y, x, error, spread = y[use], x[use], error[use], spread[use]
    group = np.unique(places[use], return_inverse=True)[1] if use.any() else places[use]
    count = np.bincount(group) if use.any() else np.zeros(0)
    if len(count) < _MIN_SITES:
        raise InputError(
            ngettext(
                "{isotope}: known samples of {sites} site lie on the isoscape ({dropped} samples "
                "lie where it has no value); at least {least} sites are needed",
                "{isotope}: known samples of {sites} sites lie on the isoscape ({dropped} samples "
                "lie where it has no value); at least {least} sites are needed",
                len(count),
            ).format(isotope=isoscape.name, sites=len(count), dropped=dropped, least=_MIN_SITES)
        )
    if np.ptp(x) <= 1e-9 * max(1.0, np.abs(x).max()):
        raise InputError(
            _(
                "{isotope}: the isoscape has one value, {value}, at all known sites; sites of "
                "different values are needed for a line"
            ).format(isotope=isoscape.name, value=numeral(x[0], ".6g"))
        )
    fit = _fit(y, x, error, spread, group, count, weighting)
    residuals = y - fit["intercept"] - fit["slope"] * x
    return TissueCalibration(
        isotope=isoscape.name,
        residual_sd=float(np.sqrt((residuals**2).sum() / max(len(y) - 2, 1))),
        measurement=float(np.mean(spread**2)) if np.isfinite(spread).all() else 0.0,
        samples=len(y),
        sites=len(count),
        dropped=dropped,
        lowest=float(x.min()),
        highest=float(x.max()),
        weighting=weighting,
        **fit,
    )


def _check_samples(
    values: ArrayLike,
    latitudes: ArrayLike,
    longitudes: ArrayLike,
    sd: ArrayLike | None,
    sites: Sequence[Hashable] | np.ndarray | None,
    weighting: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return values, latitudes, longitudes, standard deviations and sites as arrays of one length."""
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    latitudes, longitudes = check_places(latitudes, longitudes)
    if weighting not in WEIGHTINGS:
        raise UsageError(
            _("weighting {found}; {known} are known").format(
                found=weighting, known=", ".join(WEIGHTINGS)
            )
        )
    sites = number_places(latitudes, longitudes) if sites is None else np.asarray(sites)
    sd = np.broadcast_to(np.nan if sd is None else np.asarray(sd, dtype=np.float64), values.shape)
    if not len(values) == len(latitudes) == len(sites):
        raise UsageError(
            _("{values} values, {places} places and {sites} sites; as many of each").format(
                values=len(values), places=len(latitudes), sites=len(sites)
            )
        )
    if (sd[np.isfinite(sd)] < 0).any() or (
        weighting == "measurement" and not (sd[np.isfinite(values)] > 0).all()
    ):
        raise UsageError(
            _("standard deviations must be above 0 (weighting {weighting})").format(
                weighting=weighting
            )
        )
    return values, latitudes, longitudes, sd, sites


def _fit(
    y: np.ndarray,
    x: np.ndarray,
    error: np.ndarray,
    sd: np.ndarray,
    group: np.ndarray,
    count: np.ndarray,
    weighting: str,
) -> dict[str, Any]:
    """Return slope, intercept, covariance, variances and R2."""
    means = [np.bincount(group, weights=values) / count for values in (y, x, error**2)]
    spread = len(y) - len(count)
    within = 0.0
    if spread >= _MIN_WITHIN:
        # Samples of one site may lie at several isoscape values: only what is beside the line
        # counts, and the slope is not known yet; a site's places differ by little.
        within = float(((y - means[0][group]) ** 2).sum() / spread)
    weights = {"equal": np.ones_like(y), "measurement": 1 / sd**2}.get(weighting)
    if weights is not None:
        line, bread = _fit_line(y, x, weights)
        covariance = _cluster_covariance(y, x, weights, line, bread, group, len(count))
        between = _between_variance(means, count, within, line)
    else:
        between = 0.0
        line = _fit_line(y, x, np.ones_like(y))[0]
        for _round in range(_ROUNDS):
            before = [*line, between]
            total = between + within / count + line[1] ** 2 * means[2]
            total = np.maximum(total, 1e-12 * max(np.var(y), 1e-300))
            line, covariance = _fit_line(means[0], means[1], 1 / total)
            between = _between_variance(means, count, within, line)
            # The variances too: with as many animals at every site they leave the line alone.
            if np.allclose([*line, between], before, rtol=1e-9, atol=1e-12):
                break
        weights = (1 / total)[group] / count[group]
    fitted = line[0] + line[1] * x
    centre = (weights * y).sum() / weights.sum()
    about = (weights * (y - centre) ** 2).sum()
    r_squared = 1 - (weights * (y - fitted) ** 2).sum() / about if about > 0 else 0.0
    return {
        "intercept": float(line[0]),
        "slope": float(line[1]),
        "covariance": (
            float(covariance[0, 0]),
            float(covariance[0, 1]),
            float(covariance[1, 1]),
        ),
        "between": between,
        "within": within,
        "r_squared": float(r_squared),
    }


def _fit_line(y: np.ndarray, x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return intercept and slope, and the inverse of the weighted cross-product."""
    design = np.column_stack((np.ones_like(x), x))
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    return bread @ (design.T @ (weights * y)), bread


def _cluster_covariance(
    y: np.ndarray,
    x: np.ndarray,
    weights: np.ndarray,
    line: np.ndarray,
    bread: np.ndarray,
    group: np.ndarray,
    sites: int,
) -> np.ndarray:
    """Return the sandwich covariance, clustered by site (CR1; Cameron & Miller 2015)."""
    design = np.column_stack((np.ones_like(x), x))
    scores = (weights * (y - design @ line))[:, None] * design
    sums = np.column_stack([np.bincount(group, weights=column) for column in scores.T])
    factor = sites / (sites - 1) * (len(y) - 1) / max(len(y) - 2, 1)
    return np.asarray(factor * bread @ (sums.T @ sums) @ bread)


def _between_variance(
    means: Sequence[np.ndarray], count: np.ndarray, within: float, line: Any
) -> float:
    """Return the variance between sites by Paule & Mandel's equation, by halving."""
    residuals = (means[0] - line[0] - line[1] * means[1]) ** 2
    known = within / count + line[1] ** 2 * means[2]
    degrees = len(count) - 2

    def excess(between: float) -> float:
        total = between + known
        if (total <= 0).any():
            return np.inf
        return float((residuals / total).sum()) - degrees

    low, high = 0.0, float(residuals.sum()) + 1e-12
    if excess(low) <= 0:
        return 0.0
    for _round in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
