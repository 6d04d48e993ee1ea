"""Assignment to isoscapes: where on the map an animal's isotope values are to be expected.

The density of the values ``y`` of an animal of cell c is multivariate Student t (or normal) about
the calibrated isoscapes, and Bayes' theorem gives the posterior over the cells::

    p(c | y) ~ prior(c) t_v(y; a + b x_c, V_c),   V_c[j, k] = r_jk s_cj s_ck

with ``s_cj2`` the whole prediction variance of isotope j in the cell (`TissueCalibration.predict`)
and ``r`` the correlation of the residuals of known-origin samples. The prior is equal by area
over the cells of the map, or of the range map, unless another one is given.

**Calibration** says what an isoscape's value at a place means for an animal's tissue (tissue on precipitation).
The model of sample j of site i, with the isoscape's prediction ``x_i`` and its error ``e_i``::

    y_ij = a + b (x_i + d_i) + u_i + w_ij,   d_i ~ (0, e_i2),  u_i ~ (0, S2),  w_ij ~ (0, W2)

``d`` is the error of the map, ``u`` what animals of a site share, ``w`` what differs between them,
the laboratory's error included. Assumption: ``d`` is independent of the prediction ``x`` (an error
of Berkson's kind). It holds for maps made by kriging or regression, whose predictions are smoother
than the truth; then least squares on ``x`` has no attenuation, and the residuals already hold
``b2 e2``. That part is taken out of S2 here and given back with the error of each cell of the map,
so that it is counted once. For a map of raw measurements the slope would be attenuated.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.notice import Figure, Notice
from forensics.core.stored import not_stored, to_stored
from forensics.errors import InputError, UsageError
from forensics.genetics.cells import role_of
from forensics.io.files import Budget
from forensics.io.numbers import find_decimal_sign, parse_number, plain
from forensics.io.tables import cell_text, read_table
from forensics.learning.arrays import array, model_part, pack_arrays, unpack
from forensics.messages import _, ngettext, numeral
from forensics.notices import origin as notices
from forensics.origin.geography import Grid, Surface, check_places, surface_from_log
from forensics.origin.isoscape import Isoscape

if TYPE_CHECKING:
    import pandas


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

# No delta value is farther from its standard, and no coordinate is larger.
_MAX_VALUE = 900.0
_EMPTY = frozenset(["", "NA", "NAN", "<NA>", "N/A", "#N/A", "#NA", "NULL", "NONE"])
# Of a table without the columns that are needed so many are named; of a cell so many letters.
_MAX_COLUMNS, _MAX_LETTERS = 20, 40
_BUDGET = Budget(max_bytes=256 * 2**20)
DENSITIES = ("t", "normal")
# A value farther than so many standard deviations from what every cell predicts has no place on
# the map: 0.27 % of normal values lie so far from their own place.
FAR = 3.0
# The line is extrapolated where cells lie beyond the known sites' values and hold so much.
_MAX_EXTRAPOLATED = 0.5
_FORMAT = 1


# -- calibration -----------------------------------------------------------------------


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
                "{isotope}: known samples of {sites} site are on the isoscape ({dropped} samples "
                "are where it has no value); at least {least} sites are needed",
                "{isotope}: known samples of {sites} sites are on the isoscape ({dropped} "
                "samples are where it has no value); at least {least} sites are needed",
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


# -- samples ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class IsotopeTable:
    """A table of isotope values.

    Attributes
    ----------
    frame : pandas.DataFrame
        Of text, where it was read from a file.
    names : str or None
        Column with the names of samples.
    source, sha256 : str
        Of its file.
    read_with : mapping
        How it was read.
    """

    frame: "pandas.DataFrame"
    names: str | None
    source: str
    sha256: str
    read_with: Mapping[str, object]


def read_isotope_table(samples: object, *, sample_column: str | None = None) -> IsotopeTable:
    """Return a table of isotope values.

    Parameters
    ----------
    samples : path or pandas.DataFrame
    sample_column : str, optional
        Column with the names of samples; by default one that is usual.

    Raises
    ------
    InputError
        If it cannot be read as a table, or is too large.
    """
    import pandas as pd

    if isinstance(samples, pd.DataFrame):
        frame, source, sha256 = samples, "DataFrame", ""
    else:
        table = read_table(samples, budget=_BUDGET, blanks=True)
        frame = pd.DataFrame([row.cells for row in table.rows], columns=list(table.header))
        source, sha256 = table.source or "", table.sha256
    usual = min(
        (name for name in frame.columns if role_of(str(name)) == "animal"),
        key=lambda name: "sample" not in str(name).casefold(),
        default=None,
    )
    read_with = {"sample_column": sample_column} if sample_column else {}
    return IsotopeTable(frame, sample_column or usual, source, sha256, read_with)


def is_empty(cell: object) -> bool:
    """Return whether a cell of a table is empty, as opposed to something that is not a number."""
    return cell_text(cell).strip().upper() in _EMPTY


def to_numbers(cells: Iterable[object]) -> np.ndarray:
    """Return the numbers of a column of a table; NaN where a cell is empty or not a number.

    A comma is decimal where it can be nothing else in this column (`forensics.io.numbers`). Delta
    values and degrees lie between -900 and 900, so there it has one meaning.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
    """
    texts = [plain(cell_text(cell).strip()) for cell in cells]
    decimal = find_decimal_sign(texts)
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        try:
            numbers[row] = parse_number(
                text, decimal=decimal, minimum=-_MAX_VALUE, maximum=_MAX_VALUE
            )
        except ValueError:  # the caller knows whether the cell may be empty
            continue
    return numbers


def sample_values(
    frame: "pandas.DataFrame", isotopes: Sequence[str], *, name: str | None, source: str
) -> Iterator[tuple[str, dict[str, float], dict[str, float]]]:
    """Yield of each row of a table the name, the values and the laboratory's standard deviations, per mil.

    Values of empty cells are NaN; standard deviations are of isotopes that have a column of them.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column for each isotope; laboratory standard deviations in ``d2H.sd`` and so on.
    isotopes : sequence of str
        Those of the model; at least one is needed.
    name : str or None
        Column with the names of samples; else their number in the table.
    source : str
        File, for messages.

    Raises
    ------
    InputError
        If no isotope of the model is among the columns, or a cell that is not empty is not a
        number; the row is named.
    """
    present = [isotope for isotope in isotopes if isotope in frame.columns]
    required = [] if name is None else [name]
    if not present or any(column not in frame.columns for column in required):
        raise _missing_columns(frame, [*required, *isotopes], source)
    with_sd = [isotope for isotope in present if f"{isotope}.sd" in frame.columns]
    columns = present + [f"{isotope}.sd" for isotope in with_sd]
    numbers = {column: to_numbers(frame[column]) for column in columns}
    for row in range(len(frame)):
        label = str(frame[name].iloc[row]) if name is not None else str(row + 1)
        for column in columns:
            cell = frame[column].iloc[row]
            if math.isnan(numbers[column][row]) and not is_empty(cell):
                raise InputError(
                    _("{column} of sample {name} is not a number: {found}").format(
                        column=column, name=label, found=str(cell)[:_MAX_LETTERS]
                    ),
                    source=source,
                    record=row + 1,
                )
        yield (
            label,
            {isotope: float(numbers[isotope][row]) for isotope in present},
            {isotope: float(numbers[f"{isotope}.sd"][row]) for isotope in with_sd},
        )


def known_values(
    frame: "pandas.DataFrame",
    names: Sequence[str],
    latitude: str,
    longitude: str,
    site: str | None,
    source: str,
) -> dict[str, np.ndarray]:
    """Return the columns of a table of known-origin samples as numbers; NaN where empty.

    Raises
    ------
    InputError
        If a column is missing, or a cell that is not empty is not a number; the row is named.
    """
    required = [*names, latitude, longitude] + ([site] if site is not None else [])
    missing = [column for column in required if column not in frame.columns]
    if missing:
        raise _missing_columns(frame, missing, source)
    result = {}
    sds = [f"{name}.sd" for name in names if f"{name}.sd" in frame.columns]
    for column in [*names, latitude, longitude, *sds]:
        numbers = to_numbers(frame[column])
        is_coordinate = column in (latitude, longitude)
        for row in np.flatnonzero(np.isnan(numbers)):
            cell = frame[column].iloc[row]
            if is_coordinate or not is_empty(cell):
                raise InputError(
                    _("{column} is not a number: {found}").format(
                        column=column, found=str(cell)[:_MAX_LETTERS]
                    ),
                    source=source,
                    record=int(row) + 1,
                )
        result[column] = numbers
    return result


def _missing_columns(frame: "pandas.DataFrame", names: Sequence[str], source: str) -> InputError:
    """Return the error that names the columns that are missing, and those that are there."""
    return InputError(
        _("the table has no column {names}; it has {columns}").format(
            names=", ".join(names), columns=", ".join(map(str, frame.columns[:_MAX_COLUMNS]))
        ),
        source=source,
    )


# -- assignment ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class IsotopeAssignment:
    """Where one animal may come from.

    Attributes
    ----------
    name : str
        Of the sample.
    surface : Surface
        Posterior over the map.
    values : dict of str to float
        Isotopes that were used.
    missing : tuple of str
        Isotopes of the model that the sample has no value for.
    nearest : float
        Distance of the values from what the best cell predicts, in standard deviations (of
        several isotopes: the normal distance that is exceeded as rarely).
    """

    name: str
    surface: Surface
    values: Mapping[str, float]
    missing: tuple[str, ...]
    nearest: float
    notices: tuple[Notice, ...] = ()


@model_part
class IsotopeModel:
    """Isoscapes with their calibrations (K), on one grid."""

    isoscapes: tuple[Isoscape, ...] = field(metadata=not_stored())  # all on the cells of `grid`
    calibrations: tuple[TissueCalibration, ...]
    correlation: np.ndarray = array("K, K")  # of the residuals of known-origin samples
    # Its allowed cells have a value of every isoscape and lie in the range map, if any.
    grid: Grid = field(metadata=not_stored())
    prior: np.ndarray = array("R, C")  # probability of each cell; sums to 1
    prior_name: str  # what the prior is, in words, for the result
    density: str = "t"  # one of `DENSITIES`

    def __post_init__(self) -> None:
        names = [isoscape.name for isoscape in self.isoscapes]
        if not names or names != [line.isotope for line in self.calibrations]:
            raise UsageError(_("every isoscape needs the calibration of its isotope, in order"))
        if len(set(names)) < len(names):
            raise UsageError(_("an isotope is given twice: {names}").format(names=", ".join(names)))
        if self.density not in DENSITIES:
            raise UsageError(
                _("density {found}; {known} are known").format(
                    found=self.density, known=", ".join(DENSITIES)
                )
            )
        _check_correlation(self.correlation, len(names))
        inside = self.grid.inside
        if self.prior.shape != inside.shape or not np.isfinite(self.prior).all():
            raise UsageError(_("the prior must have one finite weight for each cell of the grid"))
        if (self.prior < 0).any() or abs(self.prior[inside].sum() - 1) > 1e-6:
            raise UsageError(_("the prior must be 0 or more and sum to 1 over the allowed cells"))
        if not all(np.isfinite(isoscape.mean[inside]).all() for isoscape in self.isoscapes):
            raise UsageError(_("an allowed cell has no value of an isoscape"))

    @property
    def isotopes(self) -> tuple[str, ...]:
        """Names of the isotopes, in order."""
        return tuple(isoscape.name for isoscape in self.isoscapes)

    def assign(
        self,
        values: Mapping[str, float],
        *,
        sd: Mapping[str, float] | None = None,
        name: str = "",
    ) -> IsotopeAssignment:
        """Return where an animal may come from.

        Parameters
        ----------
        values : mapping of str to float
            Value of each isotope, per mil; one that is absent or NaN is left out.
        sd : mapping of str to float, optional
            The laboratory's standard deviations; else those of the known samples hold.

        Raises
        ------
        InputError
            If no isotope of the model has a value, a value is infinite, a standard deviation is
            negative, or an isotope is not in the model.
        """
        row = self._row(values, name)
        which = np.flatnonzero(np.isfinite(row))
        if not which.size:
            raise InputError(
                _("no value of {isotopes}; at least one is needed").format(
                    isotopes=", ".join(self.isotopes)
                ),
                source=name,
            )
        measured = row[which]
        expected, variances = self._moments(which, self._spread(sd or {}, which, name))
        distance = _distance(measured - expected, variances, self.correlation[np.ix_(which, which)])
        logs = self._log_density(distance, variances, which)
        with np.errstate(divide="ignore"):
            prior = np.log(self.prior[self.grid.inside])
        if not np.isfinite(logs + prior).any():
            raise InputError(_("no cell of the map is possible"), source=name)
        surface = surface_from_log(self.grid, logs + prior)
        nearest = _as_normal(float(distance[np.isfinite(prior)].min()), len(which))
        return IsotopeAssignment(
            name=name,
            surface=surface,
            values={self.isotopes[k]: float(value) for k, value in zip(which, measured)},
            missing=tuple(self.isotopes[k] for k in np.flatnonzero(~np.isfinite(row))),
            nearest=nearest,
            notices=tuple(self._notices(surface, nearest, which)),
        )

    def assign_table(
        self,
        frame: "pandas.DataFrame",
        *,
        name: str | None = None,
        source: str = "table",
    ) -> list[IsotopeAssignment]:
        """Return where each animal of a table may come from.

        Parameters
        ----------
        frame : pandas.DataFrame
            A column for each isotope; laboratory standard deviations in ``d2H.sd`` and so on.
        name : str, optional
            Column with the names of samples; else their number in the table.
        source : str
            File, for messages.

        Raises
        ------
        InputError
            If no isotope of the model is among the columns, or a row cannot be used; the row is
            named.
        """
        result = []
        samples = sample_values(frame, self.isotopes, name=name, source=source)
        for row, (label, values, sds) in enumerate(samples, 1):
            try:
                result.append(self.assign(values, sd=sds, name=label))
            except InputError as error:
                raise InputError(error.message, source=source, record=row) from error
        return result

    def _row(self, values: Mapping[str, float], name: str) -> np.ndarray:
        unknown = [isotope for isotope in values if isotope not in self.isotopes]
        if unknown:
            raise InputError(
                _("the model has no isotope {unknown}; it has {known}").format(
                    unknown=", ".join(unknown), known=", ".join(self.isotopes)
                ),
                source=name,
            )
        row = np.array([float(values.get(isotope, math.nan)) for isotope in self.isotopes])
        if np.isinf(row).any():
            raise InputError(_("a value is infinite"), source=name)
        return row

    def _spread(self, sd: Mapping[str, float], which: np.ndarray, name: str) -> list[float | None]:
        """Return the laboratory's standard deviations; None where there is none."""
        numbers = [sd.get(self.isotopes[k], math.nan) for k in which]
        if any(np.isinf(number) or number < 0 for number in numbers):
            raise InputError(_("a standard deviation must be 0 or more, and finite"), source=name)
        return [None if math.isnan(number) else float(number) for number in numbers]

    def _moments(
        self, which: np.ndarray, spread: Sequence[float | None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return expectations and variances; each shape (cells, K)."""
        expected, variances = [], []
        for k, sd in zip(which, spread):
            cells, isoscape = self.grid.inside, self.isoscapes[k]
            centre, variance = self.calibrations[k].predict(
                isoscape.mean[cells], isoscape.error[cells], sd=sd
            )
            expected.append(centre)
            variances.append(np.maximum(variance, 1e-12))  # the density needs a variance
        return np.column_stack(expected), np.column_stack(variances)

    def _log_density(
        self, distance: np.ndarray, variances: np.ndarray, which: np.ndarray
    ) -> np.ndarray:
        """Return log densities of the cells, without what is the same for all."""
        size = len(which)
        spread = -0.5 * np.log(variances).sum(axis=1)
        if self.density == "normal":
            return np.asarray(spread - 0.5 * distance)
        degrees = min(self.calibrations[k].degrees for k in which)
        return np.asarray(spread - 0.5 * (degrees + size) * np.log1p(distance / degrees))

    def _notices(self, surface: Surface, nearest: float, which: np.ndarray) -> Iterator[Notice]:
        """Yield what must be known of an assignment."""
        for k in which:
            yield from self.calibrations[k].notices()
        if nearest > FAR:
            yield notices.NO_PLACE(distance=Figure(nearest, ".1f"), limit=Figure(FAR, "g"))
        for k in which:
            line = self.calibrations[k]
            mean = self.isoscapes[k].mean
            with np.errstate(invalid="ignore"):
                beyond = self.grid.inside & ((mean < line.lowest) | (mean > line.highest))
            share = surface.share(beyond)
            if share > _MAX_EXTRAPOLATED:
                yield notices.EXTRAPOLATED(
                    isotope=line.isotope,
                    share=Figure(share, ".0%"),
                    low=Figure(line.lowest, ".1f"),
                    high=Figure(line.highest, ".1f"),
                )

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return arrays (for NPZ, no objects) and plain values (for JSON); see `from_arrays`."""
        arrays = pack_arrays(self) | pack_arrays(self.grid)
        for number, isoscape in enumerate(self.isoscapes):
            arrays |= {f"mean_{number}": isoscape.mean, f"error_{number}": isoscape.error}
        isoscapes = [to_stored(isoscape) for isoscape in self.isoscapes]
        return arrays, {
            "format": _FORMAT,
            "kind": "isotopes",
            "isoscapes": isoscapes,
            **to_stored(self),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]
    ) -> "IsotopeModel":
        """Return what `to_arrays` took apart.

        Raises
        ------
        KeyError, ValueError, TypeError, InputError, UsageError
            If something is missing, of another kind or does not fit.
        """
        if values["format"] != _FORMAT or values["kind"] != "isotopes":
            raise ValueError(f"format {values['format']!r}")
        isoscapes = [
            unpack(
                Isoscape, stored,
                {**arrays, "mean": arrays[f"mean_{number}"], "error": arrays[f"error_{number}"]},
            )
            for number, stored in enumerate(values["isoscapes"])
        ]  # fmt: skip
        grid = unpack(Grid, {}, arrays)
        made = unpack(cls, values, arrays, isoscapes=tuple(isoscapes), grid=grid)
        if not all(line.is_sound() for line in made.calibrations):
            raise ValueError("calibrations")
        return made


def _check_correlation(correlation: np.ndarray, size: int) -> None:
    if (
        correlation.shape != (size, size)
        or not np.isfinite(correlation).all()
        or not np.allclose(correlation, correlation.T)
        or not np.allclose(np.diag(correlation), 1)
        or np.linalg.eigvalsh(correlation).min() <= 1e-6
    ):
        raise UsageError(
            _(
                "the correlation must be a symmetric {size} x {size} matrix with ones on its "
                "diagonal, and positive definite"
            ).format(size=size)
        )


def _distance(away: np.ndarray, variances: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Return squared Mahalanobis distances; shape (cells,)."""
    scaled = away / np.sqrt(variances)
    return np.asarray(np.einsum("ij,jk,ik->i", scaled, np.linalg.inv(correlation), scaled))


def _as_normal(distance: float, size: int) -> float:
    """Return the distance of one normal value that is exceeded as rarely."""
    if size == 1:
        return math.sqrt(distance)
    from scipy.stats import chi2, norm

    return float(norm.isf(chi2.sf(distance, size) / 2)) if distance < 1e3 else math.sqrt(distance)
